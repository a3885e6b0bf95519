"""How and when the page shows an action: what it says itself, over what its template says, over what suits the kind."""

from collections.abc import Callable
from typing import Final

from msgspec import UNSET, UnsetType
from msgspec.structs import fields

from omotenashi.model.campaigns import Display, Embed, OnPhone, Position

from .actions import tenths
from .durations import milliseconds
from .kinds import DisplaySource
from .selectors import unfit_selector

Wrong = Callable[[str, str], None]
"""Says that something at a path inside ``display`` is not what was expected."""

_USUAL: Final[dict[str, Position]] = {"modal": "center", "bar": "top"}


def over(own: DisplaySource, template: DisplaySource) -> DisplaySource:
    """What the action says, and what the template says of all else."""
    said = {field.name: getattr(own, field.name) for field in fields(DisplaySource)}
    return DisplaySource(**{name: getattr(template, name) if value is UNSET else value for name, value in said.items()})


def check(source: DisplaySource, kind: str, wrong: Wrong) -> None:
    """Says what an action, or a template of this kind, may not say of its display."""
    for path, selector in _selectors(source):
        expected = unfit_selector(selector)
        if expected:
            wrong(path, f"expected {expected}; found {selector!r}")
    if not isinstance(source.scroll, UnsetType) and tenths(source.scroll) is None:
        wrong("scroll", f"expected a share between 0% and 100% in steps of 0.1%; found {source.scroll}")
    if kind != "embed" and not isinstance(source.embed, UnsetType):
        wrong("embed", f"expected only with a template of kind embed; this one is a {kind}")


def display(source: DisplaySource, kind: str, wrong: Wrong) -> Display:
    """The display of an action whose template is of this kind; `check` has said what is not right, ``wrong`` hears what lacks."""
    embed, phone = source.embed, source.phone
    if kind == "embed" and isinstance(embed, UnsetType):
        wrong("embed", "is missing; it says where in the page it stands, such as {selector: '#reviews', place: before}")
    scroll = 0 if isinstance(source.scroll, UnsetType) else round((tenths(source.scroll) or 0) / 10)
    return Display(
        position=_USUAL.get(kind, "bottom-right") if isinstance(source.position, UnsetType) else source.position,
        delay_ms=milliseconds(source.delay),
        scroll_percent=scroll,
        hide_after_ms=milliseconds(source.hide_after),
        idle_ms=milliseconds(source.idle),
        visible=source.visible or "",
        exit=source.exit is True,
        returning=source.on_return is True,
        manual=source.manual is True,
        margin=source.margin if isinstance(source.margin, int) else None,
        phone=None if isinstance(phone, UnsetType) else OnPhone(phone.position or None, _number(phone.margin)),
        z_index=_number(source.z_index),
        requires=tuple(source.requires or ()),
        forbids=tuple(source.forbids or ()),
        embed=None if isinstance(embed, UnsetType) else Embed(embed.selector, embed.place),
        guard="report" if isinstance(source.guard, UnsetType) else source.guard,
    )


def _number(value: int | UnsetType) -> int | None:
    return None if isinstance(value, UnsetType) else value


def _selectors(source: DisplaySource) -> list[tuple[str, str]]:
    found = [("visible", source.visible)] if isinstance(source.visible, str) else []
    for name, several in (("requires", source.requires), ("forbids", source.forbids)):
        if isinstance(several, list):
            found += [(f"{name}[{index}]", selector) for index, selector in enumerate(several)]
    if not isinstance(source.embed, UnsetType):
        found.append(("embed.selector", source.embed.selector))
    return found
