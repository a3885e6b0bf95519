"""One entry of the log as one row of the warehouse."""

from collections.abc import Callable
from typing import Any, Final, Literal, assert_never

import msgspec

from omotenashi.model.entries import Config, Erased, Event, Goal, LogEntry, Merged, Released, Reserved
from omotenashi.model.ids import CampaignId, ProjectId
from omotenashi.model.values import Value, Values

from .paths import spelled

Kind = Literal[1, 2, 3]
NUMBER: Final = 1
TEXT: Final = 2
FLAG: Final = 3

Element = tuple[Kind, float, str]
CampaignsOf = Callable[[ProjectId, int, str], tuple[CampaignId, ...]]
"""The campaigns that listen to an event name in a configuration version, in deciding order: whom ``Event.gates`` is about."""
FieldSeen = tuple[str, str, str, Kind, bool]
"""Project, event name, path key, kind, and whether a list led to it."""

OUTLINES_KEPT: Final = 100_000

COLUMNS: Final = (
    "position",
    "project",
    "name",
    "person",
    "at",
    "received_at",
    "place",
    "id",
    "seq",
    "config",
    "visitor",
    "user_id",
    "session",
    "session_started_at",
    "opened_session",
    "late",
    "source",
    "page_view",
    "visible_ms",
    "device",
    "os",
    "browser",
    "language",
    "country",
    "test",
    "values",
    "lists",
    "listeners",
    "gates",
    "campaign",
    "action",
    "holdout",
    "first",
    "value_micros",
    "body",
)

_body = msgspec.json.Encoder().encode
read_body: Callable[[str], LogEntry] = msgspec.json.Decoder(LogEntry).decode
"""The entry that a row's ``body`` keeps, exactly as it was logged."""


def flattened(values: Values) -> tuple[dict[str, Any], dict[str, list[Element]]]:
    """An event's scalars by path key, and apart from them those that a list led to."""
    scalars: dict[str, Any] = {}
    lists: dict[str, list[Element]] = {}
    for name, value in values.items():
        _flatten(value, spelled(name), scalars, lists)
    return scalars, lists


def _flatten(value: Value, path: str, scalars: dict[str, Any], lists: dict[str, list[Element]]) -> None:
    kind = type(value)
    if kind is dict:
        for name, inner in value.items():
            _flatten(inner, f"{path}.{spelled(name)}", scalars, lists)
    elif kind is list:
        _enlist(value, path, lists)
    elif value is not None:
        scalars[path] = value


def _enlist(value: Value, path: str, lists: dict[str, list[Element]]) -> None:
    kind = type(value)
    if kind is list:
        for inner in value:
            _enlist(inner, path, lists)
    elif kind is dict:
        for name, inner in value.items():
            _enlist(inner, f"{path}.{spelled(name)}", lists)
    elif value is not None:
        lists.setdefault(path, []).append(_element(value))


def _element(value: Value) -> Element:
    kind = type(value)
    if kind is str:
        return (TEXT, 0.0, value)
    if kind is bool:
        return (FLAG, float(value), "")
    return (NUMBER, float(value), "")


def _outline(values: Values) -> tuple[Any, ...]:
    """What makes two events alike: their names and kinds of values. Of nested objects too."""
    kinds = tuple(map(type, values.values()))
    if dict not in kinds:
        return (*values, *kinds)
    inner = [_outline(value) for value in values.values() if type(value) is dict]
    return (*values, *kinds, *inner)


def _is_plain(values: Values) -> bool:
    return all(
        value is not None and type(value) is not list and spelled(name) == name and (type(value) is not dict or _is_plain(value))
        for name, value in values.items()
    )


class Rows:
    """Makes rows, and remembers which fields it has met: ``new_fields`` collects those not met before."""

    def __init__(self, campaigns_of: CampaignsOf) -> None:
        self._campaigns_of = campaigns_of
        self._listeners: dict[tuple[str, int, str], str] = {}
        self._known: set[FieldSeen] = set()
        self._plain: set[tuple[Any, ...]] = set()
        self.new_fields: set[FieldSeen] = set()

    def of(self, position: int, entry: LogEntry) -> list[Any]:
        """The row of an entry, in the order of `COLUMNS`."""
        match entry:
            case Event():
                return self._event(position, entry)
            case Reserved():
                return _bare(
                    position,
                    entry,
                    "#reserved",
                    session=entry.session,
                    page_view=entry.page_view or "",
                    test=entry.test,
                    campaign=entry.campaign,
                    action=entry.action,
                    holdout=entry.holdout,
                )
            case Released():
                reason = {"reason": entry.reason} if entry.reason else None
                return _bare(position, entry, "#released", campaign=entry.campaign, values=reason)
            case Goal():
                return _bare(
                    position,
                    entry,
                    "#goal",
                    campaign=entry.campaign,
                    action=entry.action,
                    holdout=entry.holdout,
                    first=entry.first,
                    value_micros=entry.value_micros,
                    values={"exposed_at": entry.exposed_at, "event": entry.event},
                )
            case Merged():
                return _bare(position, entry, "#merged", user_id=entry.user_id)
            case Erased():
                return _bare(position, entry, "#erased")
            case Config():
                return _bare(position, entry, "#config")
            case _:
                assert_never(entry)

    def _event(self, position: int, e: Event) -> list[Any]:
        outline = (e.project, e.name, _outline(e.values))
        if outline in self._plain:  # nothing to spell, nothing to take apart, nothing new
            scalars, lists = e.values, {}
        else:
            scalars, lists = flattened(e.values)
            self._meet(e, scalars, lists)
            if not lists and _is_plain(e.values):
                if len(self._plain) >= OUTLINES_KEPT:
                    self._plain.clear()
                self._plain.add(outline)
        campaign, action, holdout = "", "", False
        if e.name[0] == "_":
            values = e.values
            campaign, action = values.get("campaign", ""), values.get("action", "")
            holdout = values.get("holdout", False) is True
            if type(campaign) is not str or type(action) is not str:
                campaign = action = ""
        return [
            position,
            e.project,
            e.name,
            e.person,
            e.at,
            e.received_at,
            e.index,
            e.id,
            e.seq,
            e.config,
            e.visitor,
            e.user_id or "",
            e.session,
            e.session_started_at,
            e.opened_session,
            e.late,
            e.source,
            e.page_view or "",
            e.visible_ms,
            e.device,
            e.os,
            e.browser,
            e.language,
            e.country,
            e.test,
            scalars,
            lists,
            self._listening(e) if e.gates else "",
            list(e.gates),
            campaign,
            action,
            holdout,
            False,
            None,
            _body(e).decode(),
        ]

    def _meet(self, e: Event, scalars: dict[str, Any], lists: dict[str, list[Element]]) -> None:
        for path, value in scalars.items():
            kind: Kind = TEXT if type(value) is str else FLAG if type(value) is bool else NUMBER
            self._add((e.project, e.name, path, kind, False))
        for path, elements in lists.items():
            for kind, _, _ in elements:
                self._add((e.project, e.name, path, kind, True))

    def _add(self, seen: FieldSeen) -> None:
        if seen not in self._known:
            self._known.add(seen)
            self.new_fields.add(seen)

    def _listening(self, e: Event) -> str:
        place = (e.project, e.config, e.name)
        listeners = self._listeners.get(place)
        if listeners is None:
            listeners = self._listeners[place] = "\n".join(self._campaigns_of(*place))
        return listeners


def _bare(
    position: int,
    entry: Reserved | Released | Goal | Merged | Erased | Config,
    name: str,
    *,
    session: str = "",
    page_view: str = "",
    user_id: str = "",
    test: bool = False,
    campaign: str = "",
    action: str = "",
    holdout: bool = False,
    first: bool = False,
    value_micros: int | None = None,
    values: Values | None = None,
) -> list[Any]:
    return [
        position,
        entry.project,
        name,
        entry.person,
        entry.at,
        entry.received_at,
        entry.index,
        entry.id,
        entry.seq,
        entry.config,
        "",
        user_id,
        session,
        0,
        False,
        False,
        "engine",
        page_view,
        0,
        None,
        None,
        None,
        None,
        None,
        test,
        values or {},
        {},
        "",
        [],
        campaign,
        action,
        holdout,
        first,
        None if value_micros is None else str(value_micros),
        _body(entry).decode(),
    ]
