"""The variables of a template, and what a campaign puts into them: read from YAML, checked against type and constraints."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec
from msgspec import UNSET, UnsetType

from omotenashi.engine.calendar import Calendar
from omotenashi.model.campaigns import Act, Filling, Items, RowsOf, Slot

from . import liquid, placement, schema
from .kinds import Bilingual, ButtonSource, RowsSource, TemplateVariable
from .selectors import unfit_selector
from .values import GIVEN

Wrong = Callable[[str, str], None]
"""Says that something at a path of the file that is being read is not what was expected."""

_NEEDS: Final = {
    "open": "url",
    "call": "phone",
    "event": "event",
    "grant": "purpose",
    "deny": "purpose",
    "later": "purpose",
    "go": "state",
}
"""What an action cannot do without."""
_ALSO: Final = {
    "open": ("new_tab", "then"),
    "call": ("then",),
    "event": ("values", "then"),
    "grant": ("then",),
    "deny": ("then",),
    "later": ("then",),
}
_ONLY: Final = {
    "choices": ("choice",),
    "fields": ("list",),
    "min_items": ("list",),
    "max_items": ("list",),
    "min": ("number",),
    "max": ("number",),
    "max_length": ("text", "html"),
}
"""Constraints, and the types that they mean something for."""
_TIME: Final = "a day or minute in the project's time zone, such as 2026-11-21 or 2026-11-21T09:00"
_ADDRESS: Final = "an http, https, mailto, tel or relative address"
_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}")
_NAME_IS: Final = "a name of letters, digits, _ and $, not starting with a digit"
_PHONE: Final = re.compile(r"[+0-9][0-9 ()-]{1,31}")


class Offered(msgspec.Struct, frozen=True):
    """What a filling may name: variables, and for those that are rows the columns of their table."""

    names: frozenset[str] = GIVEN
    rows: Mapping[str, frozenset[str]] = {}


NOTHING: Final = Offered()


class Reader:
    """Reads one file's variables and fillings, and says what is wrong with them."""

    def __init__(self, calendar: Calendar, wrong: Wrong) -> None:
        self._calendar = calendar
        self._wrong = wrong

    # What a template declares

    def slot(self, path: str, described: TemplateVariable) -> Slot:
        """A variable of a template, its default read, its constraints checked."""
        kind = described.type
        if not liquid.is_nameable(path.rpartition(".")[2]):
            self._wrong(path, "expected another name; this one is a word of Liquid itself")
        for name, types in _ONLY.items():
            if kind not in types and getattr(described, name) not in (UNSET, [], {}):
                self._wrong(f"{path}.{name}", f"expected only with type {' or '.join(types)}; this one is of type {kind}")
        if kind == "choice" and not described.choices:
            self._wrong(f"{path}.choices", "is missing; type choice needs a list of {value, label}")
        values = [choice.value for choice in described.choices]
        for index, value in enumerate(values):
            if value in values[:index]:
                self._wrong(f"{path}.choices[{index}].value", f"expected a value of its own; {value!r} stands here twice")
        if kind == "list" and not described.fields:
            self._wrong(f"{path}.fields", "is missing; type list needs at least one field")
        for low, high in (("min", "max"), ("min_items", "max_items")):
            least, most = getattr(described, low), getattr(described, high)
            if least is not UNSET and most is not UNSET and least > most:
                self._wrong(f"{path}.{high}", f"expected {least:g} or more, which is `{low}`; found {most:g}")
        fields = {name: self.slot(f"{path}.fields.{name}", inner) for name, inner in described.fields.items()}
        for part in ("default", "example"):
            if getattr(described, part) is not UNSET:
                self.filling(f"{path}.{part}", getattr(described, part), described, NOTHING, is_default=True)
        default = None if described.default is UNSET else self._read(path, described.default, described, NOTHING, _silent)
        return Slot(kind, default, tuple(values), fields)

    # What a campaign fills in

    def filling(
        self, path: str, data: Any, described: TemplateVariable, offered: Offered, *, is_default: bool = False
    ) -> Filling:
        """What stands at ``path``, as this variable takes it; what is not right is said, and harmless."""
        found = self._read(path, data, described, offered, self._wrong)
        if described.required and found == "" and not is_default:
            self._wrong(path, "expected something here; this may not be left empty")
        return found

    def _read(self, path: str, data: Any, described: TemplateVariable, offered: Offered, wrong: Wrong) -> Filling:
        match described.type:
            case "list":
                return self._list(path, data, described, offered, wrong)
            case "action":
                return self._action(path, data, offered, wrong)
            case _:
                return self.text(path, data, described, offered.names, wrong)

    def text(self, path: str, data: Any, described: TemplateVariable, known: frozenset[str], wrong: Wrong) -> str:
        """A text as Liquid: in both languages at once when it is bilingual."""
        if isinstance(data, dict):
            mistakes = schema.wrong_in(Bilingual, data, path)
            for place, message in mistakes:
                wrong(place, message)
            if mistakes:
                return ""
            both = cast(dict[str, str], data)
            if described.required and any(both.values()):
                for language in (name for name, words in both.items() if not words):
                    wrong(f"{path}.{language}", "expected something here; this may not be left empty")
            ja = self.text(f"{path}.ja", both["ja"], described, known, wrong)
            en = self.text(f"{path}.en", both["en"], described, known, wrong)
            return ja if ja == en else f'{{% if language == "ja" %}}{ja}{{% else %}}{en}{{% endif %}}'
        if data is None or isinstance(data, list):
            wrong(path, f"expected {_wanted(described)}; found {'nothing' if data is None else 'a list'}")
            return ""
        written = str(data).lower() if isinstance(data, bool) else str(data)
        for message in liquid.mistakes(written, known):
            wrong(path, message)
        if liquid.is_liquid(written):
            for message in placement.misplaced(written, {}) if described.type == "html" else ():
                wrong(path, message)
            for expression in placement.unguarded(written, "json") if described.type == "code" else ():
                wrong(path, f"{{{{ {expression} }}}}: expected the filter json")
            if described.type == "name":
                wrong(path, f"expected {_NAME_IS}, the same for everybody; found {written!r}")
            return written
        if described.type == "time" and written:
            return self._time(path, written, wrong)
        expected = _unfit(described, written)
        if expected:
            wrong(path, f"expected {expected}; found {written!r}")
        return written

    def _time(self, path: str, text: str, wrong: Wrong) -> str:
        try:
            if "T" in text:
                return str(self._calendar.parse_instant(text))
            return str(self._calendar.day_start(self._calendar.parse_day(text)))
        except ValueError:
            wrong(
                path,
                f"expected a day or minute in the project's time zone, such as 2026-11-21 or 2026-11-21T09:00; found {text!r}",
            )
            return ""

    # Lists

    def _list(self, path: str, data: Any, described: TemplateVariable, offered: Offered, wrong: Wrong) -> Filling:
        if isinstance(data, dict) and "rows" in data:
            return self._rows(path, cast(dict[str, Any], data), described, offered, wrong)
        if not isinstance(data, list):
            wrong(path, f"expected a list, or {{rows: NAME}} with a variable that is rows of a table; found {data!r}")
            return Items()
        items = cast(list[Any], data)
        least, most = described.min_items, described.max_items
        if not isinstance(least, UnsetType) and len(items) < least:
            wrong(path, f"expected at least {least} items; found {len(items)}")
        if not isinstance(most, UnsetType) and len(items) > most:
            wrong(path, f"expected at most {most} items; found {len(items)}")
        return Items(tuple(self._item(f"{path}[{i}]", item, described, offered, wrong) for i, item in enumerate(items)))

    def _item(self, path: str, data: Any, described: TemplateVariable, offered: Offered, wrong: Wrong) -> dict[str, Filling]:
        names = ", ".join(described.fields)
        if not isinstance(data, dict):
            wrong(path, f"expected a mapping with {names}; found {data!r}")
            return {}
        given = cast(dict[str, Any], data)
        row: dict[str, Filling] = {}
        for name, value in given.items():
            inner = described.fields.get(name)
            if inner is None:
                wrong(f"{path}.{name}", f"unknown field; expected one of {names}")
                continue
            row[name] = self._read(f"{path}.{name}", value, inner, offered, wrong)
            if inner.required and row[name] == "":
                wrong(f"{path}.{name}", "expected something here; this may not be left empty")
        for name, inner in described.fields.items():
            if name not in given and inner.default is UNSET:
                wrong(f"{path}.{name}", "is missing; this field has no default")
        return row

    def _rows(self, path: str, data: dict[str, Any], described: TemplateVariable, offered: Offered, wrong: Wrong) -> Filling:
        mistakes = schema.wrong_in(RowsSource, data, path)
        for place, message in mistakes:
            wrong(place, message)
        if mistakes:
            return Items()
        source = msgspec.convert(data, RowsSource)
        columns = offered.rows.get(source.rows)
        if columns is None:
            known = ", ".join(sorted(offered.rows)) or "none, there are none"
            wrong(f"{path}.rows", f"unknown variable {source.rows!r} with rows of a table; expected one of {known}")
            return Items()
        for field, column in source.columns.items():
            if field not in described.fields:
                wrong(f"{path}.columns.{field}", f"unknown field; expected one of {', '.join(described.fields)}")
            if column not in columns:
                wrong(f"{path}.columns.{field}", f"unknown column {column!r}; expected one of {', '.join(sorted(columns))}")
        for field, inner in described.fields.items():
            if field not in source.columns and field not in columns and inner.default is UNSET:
                wrong(f"{path}.columns.{field}", f"is missing; the table has no column {field!r} and the field no default")
            if inner.type == "list" and (field in source.columns or field in columns):
                wrong(f"{path}.columns.{field}", "expected no column for a field that is a list itself")
        return RowsOf(source.rows, dict(source.columns))

    # Buttons

    def _action(self, path: str, data: Any, offered: Offered, wrong: Wrong) -> Act:
        if not isinstance(data, dict):
            wrong(path, f"expected an action such as {{do: open, url: /sale}} or {{do: close}}; found {data!r}")
            return Act("close")
        mistakes = schema.wrong_in(ButtonSource, data, path)
        for place, message in mistakes:
            wrong(place, message)
        if mistakes:
            return Act("close")
        source = msgspec.convert(data, ButtonSource)
        needed = _NEEDS.get(source.do, "")
        if needed and getattr(source, needed) is UNSET:
            wrong(f"{path}.{needed}", f"is missing; `do: {source.do}` needs it")
        allowed = {"do", "name", needed, *_ALSO.get(source.do, ())}
        for name in cast(dict[str, Any], data):
            if name not in allowed:
                wrong(f"{path}.{name}", f"expected nothing here beside `do: {source.do}`")
        known = offered.names
        for field, value in source.values.items():
            if isinstance(value, str):
                for message in liquid.mistakes(value, known):
                    wrong(f"{path}.values.{field}", message)
        return Act(
            source.do,
            source.name or "",
            source.then or "",
            "" if source.url is UNSET else self.text(f"{path}.url", _plain(source.url), _URL, known, wrong),
            source.new_tab,
            "" if source.phone is UNSET else self.text(f"{path}.phone", _plain(source.phone), _TELEPHONE, known, wrong),
            source.event or "",
            dict(source.values),
            source.purpose or "",
            source.state or "",
        )


_URL: Final = TemplateVariable(type="url")
_TELEPHONE: Final = TemplateVariable(type="phone")


def _silent(path: str, message: str) -> None:
    """For what has been complained about already."""


def _plain(text: str | Bilingual) -> str | dict[str, str]:
    return {"ja": text.ja, "en": text.en} if isinstance(text, Bilingual) else text


def _wanted(described: TemplateVariable) -> str:
    return {"number": "a number", "flag": "true or false", "choice": "one of its choices"}.get(described.type, "a text")


def _unfit(described: TemplateVariable, text: str) -> str:
    """What was expected of a constant text of this variable; "" when it is fine."""
    if not isinstance(described.max_length, UnsetType) and len(text) > described.max_length:
        return f"at most {described.max_length} characters, here are {len(text)}"
    if described.type == "choice":
        choices = [choice.value for choice in described.choices]
        return "" if text in choices else f"one of {', '.join(choices)}"
    if not text:
        return ""
    match described.type:
        case "url" | "image":
            return _ADDRESS if liquid.safe_url(text) == "#" and text != "#" else ""
        case "color":
            return "" if liquid.safe_color(text) else "a CSS colour such as #27406b"
        case "number":
            return _unfit_number(described, text)
        case "flag":
            return "" if text in ("true", "false") else "true or false"
        case "phone":
            return "" if _PHONE.fullmatch(text) else "a telephone number such as 0120-000-000"
        case "selector":
            return unfit_selector(text)
        case "name":
            return "" if _NAME.fullmatch(text) else _NAME_IS
        case _:
            return ""


def _unfit_number(described: TemplateVariable, text: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return "a number"
    least, most = described.min, described.max
    if not isinstance(least, UnsetType) and float(text) < least:
        return f"{least:g} or more"
    if not isinstance(most, UnsetType) and float(text) > most:
        return f"{most:g} or less"
    return ""


def acts(fillings: Mapping[str, Filling], path: str = "") -> list[tuple[str, Act]]:
    """Every button's action among these fillings, with its place."""
    found: list[tuple[str, Act]] = []
    for name, filling in fillings.items():
        place = f"{path}.{name}" if path else name
        if isinstance(filling, Act):
            found.append((place, filling))
        elif isinstance(filling, Items):
            for index, row in enumerate(filling.rows):
                found += acts(row, f"{place}[{index}]")
    return found
