"""Recipes: a scenario as parameters and the files they fill, ready to be added to a project.

A recipe's ``files`` are data, never text: ``$name`` standing alone is a parameter's value, of whatever type it has (a list
inside a list is spliced in), ``$name.ja`` one language of it, and ``own:NAME`` the id of an object of this recipe under the
prefix of this installation. So whatever somebody typed stays one value in one place.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

import msgspec
import yaml
from msgspec import UNSET, Struct, UnsetType, field

from omotenashi.model.values import admitted_number

from . import documents, liquid
from .folder import Sources
from .kinds import Bilingual, Language
from .problems import Problem, Refused

PREFIX: Final = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,23})?")
RECEIVED_DAYS: Final = 30
"""How far back a needed event is looked for."""

Type = Literal[
    "path", "page", "pages", "url", "image", "event", "field", "number", "text", "words", "phone", "time", "selector", "choice"
]  # fmt: skip
Value = str | int | float | list[str] | dict[str, str]
Values = dict[str, Value]


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the values that can be chosen."""

    value: str
    label: Bilingual


class Parameter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an installation chooses. Without a ``default`` it has to be said; a default of "" may be left empty."""

    type: Type
    label: Bilingual
    default: str | int | float | list[str] | Bilingual | UnsetType = UNSET
    help: Bilingual | UnsetType = UNSET
    min: int | float | UnsetType = UNSET
    max: int | float | UnsetType = UNSET
    choices: list[Choice] = []


class NeededField(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a needed event, or an attribute beside ``user_id``; ``example`` is how its value looks."""

    field: str
    example: Any


class Need(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the site has to send: an ``event`` with its fields, or with ``user_id`` who the member is, with attributes."""

    why: Bilingual
    event: str = ""
    user_id: bool = False
    fields: list[NeededField] = []


class Recipe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``files`` hold data by path without ``.yaml``, such as ``campaigns/welcome``.

    ``purposes`` are those that ``project.yaml`` needs; one that is there under its name stays what it is.
    """

    name: str
    scenario: int
    label: Bilingual
    description: Bilingual
    files: dict[str, Any]
    parameters: dict[str, Parameter] = {}
    needs: list[Need] = []
    purposes: list[Any] = []


class Needed(Struct, frozen=True, kw_only=True):
    """A need with its parameters filled in. ``rules`` hold, by what has to arrive, who has sent it lately."""

    event: str
    fields: tuple[str, ...]
    why: Bilingual
    snippet: str
    rules: dict[str, Any] = field(default_factory=dict)


class UnknownRecipe(Exception):
    """There is no recipe of this name; the message says which there are."""


@cache
def names() -> tuple[str, ...]:
    """Every recipe, in the order of the scenarios."""
    found = [_read(file) for file in sorted(_folder().glob("*.yaml"))]
    return tuple(one.name for one in sorted(found, key=lambda one: one.scenario))


@cache
def recipe(name: str) -> Recipe:
    """The recipe of this name. Raises ``UnknownRecipe``."""
    if name not in names():
        raise UnknownRecipe(f"no recipe {name!r}; there are {', '.join(names())}")
    return _read(_folder() / f"{name}.yaml")


def filled(recipe: Recipe, given: Mapping[str, Any], language: Language) -> Values:
    """A value for every parameter: the one that is ``given``, as JSON or as somebody typed it, else the default.

    ``language`` is the project's; a text that stands in one language only takes its default from there. Raises ``Refused``.
    """
    problems: list[Problem] = []
    values: Values = {}
    for name in given:
        if name not in recipe.parameters:
            known = ", ".join(recipe.parameters) or "none"
            problems.append(Problem(_file(recipe), 0, name, f"no such parameter; there are {known}"))
    for name, parameter in recipe.parameters.items():
        asked = given.get(name, parameter.default)
        if asked is UNSET:
            problems.append(Problem(_file(recipe), 0, name, f"is missing; expected {expected(parameter)}"))
            continue
        value = admitted(parameter, asked, language)
        if value is None:
            problems.append(Problem(_file(recipe), 0, name, f"expected {expected(parameter)}; found {_shown(asked)}"))
        else:
            values[name] = value
    if problems:
        raise Refused(problems)
    return values


def admitted(parameter: Parameter, asked: Any, language: Language) -> Value | None:
    """What was asked for as a value of this parameter; None when it cannot be one."""
    if isinstance(asked, Bilingual):
        asked = {"ja": asked.ja, "en": asked.en}
    if isinstance(asked, str):
        asked = asked.strip()
    if asked == "" and parameter.default == "":
        return {"ja": "", "en": ""} if parameter.type == "words" else ""
    if parameter.type == "number":
        return _number(parameter, asked)
    if parameter.type == "pages":
        found = [page.strip() for page in asked.split(",") if page.strip()] if isinstance(asked, str) else asked
        right = isinstance(found, list) and all(isinstance(page, str) and _is_page(page) for page in found)
        return cast(list[str], found) if right else None
    if parameter.type == "words":
        return _words(asked)
    if parameter.type == "text" and isinstance(asked, dict):
        asked = cast(dict[str, Any], asked).get(language)
    if not isinstance(asked, str):
        return None
    if parameter.type == "choice":
        return asked if asked in {choice.value for choice in parameter.choices} else None
    return asked if asked and _CHECKS[parameter.type](asked) else None


def expected(parameter: Parameter, language: Language = "en") -> str:
    """What a value of this parameter has to be, as a noun phrase."""
    ja = language == "ja"
    match parameter.type:
        case "choice":
            values = ", ".join(choice.value for choice in parameter.choices)
            return f"{values} のいずれか" if ja else f"one of {values}"
        case "number":
            least = (
                ""
                if isinstance(parameter.min, UnsetType)
                else f"、{parameter.min:,}以上"
                if ja
                else f", at least {parameter.min:,}"
            )
            most = (
                ""
                if isinstance(parameter.max, UnsetType)
                else f"、{parameter.max:,}以下"
                if ja
                else f", at most {parameter.max:,}"
            )
            return f"{'数' if ja else 'a number'}{least}{most}"
        case _:
            return _EXPECTED[parameter.type][0 if ja else 1]


def lacking_purposes(recipe: Recipe, project: Any) -> list[Any]:
    """The purposes that the recipe needs and the data of ``project.yaml`` has not."""
    kept: list[Any] = project.get("purposes") or []
    names = {one.get("name") for one in kept if isinstance(one, dict)}
    return [one for one in recipe.purposes if one["name"] not in names]


def sources(recipe: Recipe, values: Values, prefix: str = "") -> Sources:
    """The files that an installation adds, by path; ``prefix`` begins the id of each. Raises ``Refused``."""
    if not PREFIX.fullmatch(prefix):
        message = f"expected up to 24 letters, digits and _, beginning with a letter; found {_shown(prefix)}"
        raise Refused([Problem(_file(recipe), 0, "prefix", message)])
    problems: list[Problem] = []
    found: Sources = {}
    for place, data in recipe.files.items():
        kind, _, name = place.partition("/")
        path = f"{kind}/{prefix}{name}.yaml"
        try:
            found[path] = f"# {recipe.label.ja} / {recipe.label.en} (omotenashi recipe show {recipe.name})\n" + written(
                _put(data, values, prefix)
            )
        except _Twice as twice:
            problems.append(Problem(_file(recipe), 0, twice.parameter, f"expected another value; {twice} stands there already"))
    if problems:
        raise Refused(problems)
    return found


def lacking(added: Sources, existing: Mapping[str, str]) -> Sources:
    """``added`` without the segments that are there already with the same rule, whatever else is written about them."""
    return {path: text for path, text in added.items() if not _is_the_same_segment(path, text, existing.get(path))}


def clashes(added: Sources, existing: Mapping[str, str]) -> list[Problem]:
    """A problem for every file that is already there and says something else."""
    return [
        Problem(path, 0, "", "is there already; choose a prefix for the recipe's ids, or replace it")
        for path, text in sorted(added.items())
        if existing.get(path, text) != text
    ]


def needed(recipe: Recipe, values: Values) -> list[Needed]:
    """What the site has to send for this recipe to work, each with the line of JavaScript that sends it."""
    return [_needed(msgspec.convert(_put(msgspec.to_builtins(need), values, ""), Need)) for need in recipe.needs]


def written(data: Any) -> str:
    """The data as YAML that a person likes to read, and that ``documents.read`` reads as the same data again."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=1_000)


def _is_the_same_segment(path: str, text: str, there: str | None) -> bool:
    if there is None or not path.startswith("segments/"):
        return False
    mine, yours = documents.read(path, text, []), documents.read(path, there, [])
    return mine is not None and yours is not None and mine.data.get("rule") == yours.data.get("rule")


# Values


_EVENT: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}").fullmatch
_FIELD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}(\.[A-Za-z_$][A-Za-z0-9_$]{0,127}){0,7}").fullmatch
_PATH: Final = re.compile(r"/[^\s\x00-\x1f\x7f?#*]{0,499}").fullmatch
_PAGE: Final = re.compile(r"(/|\*|https?://)[^\s\x00-\x1f\x7f?#]{0,499}").fullmatch
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()-]{2,24}").fullmatch
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00").fullmatch
_LONGEST_TEXT: Final = 500
_UNSEEN: Final = frozenset(("Cc", "Cn", "Co", "Cs", "Zl", "Zp"))


def _is_page(text: str) -> bool:
    return _PAGE(text) is not None


def _is_text(text: str) -> bool:
    return len(text) <= _LONGEST_TEXT and "{{" not in text and "{%" not in text and _is_one_line(text)


def _is_one_line(text: str) -> bool:
    return not any(unicodedata.category(letter) in _UNSEEN for letter in text)


def _is_link(text: str) -> bool:
    return _is_text(text) and len(text.split()) == 1 and liquid.safe_url(text) != "#"


_CHECKS: Final[dict[Type, Callable[[str], object]]] = {
    "path": _PATH,
    "page": _PAGE,
    "url": _is_link,
    "image": _is_link,
    "event": _EVENT,
    "field": _FIELD,
    "text": _is_text,
    "phone": _PHONE,
    "time": _TIME,
    "selector": _is_text,
}
_EXPECTED: Final[dict[Type, tuple[str, str]]] = {
    "path": ("/sale のようなパス（* と ? を除く）", "a path such as /sale, without * and ?"),
    "page": (
        "/items/* のようなページ、または https://shop.example/items/* のようなアドレス",
        "a page such as /items/*, or an address such as https://shop.example/items/*",
    ),
    "pages": ("/cart*,/checkout* のようなページ", "pages such as /cart*,/checkout*"),
    "url": ("/sale や https://shop.example/sale のようなアドレス", "an address such as /sale or https://shop.example/sale"),
    "image": ("/art/sale.jpg のような画像のアドレス", "a picture's address such as /art/sale.jpg"),
    "event": (
        "イベント名（英数字、_、$。数字から始まらないもの）",
        "an event name: letters, digits, _ and $, not starting with a digit",
    ),
    "field": (
        "in_cart_price のようなフィールド名（深いところは . でつなぐ）",
        "a field such as in_cart_price, dotted when it lies deeper",
    ),
    "text": (
        f"{_LONGEST_TEXT}字までの文（{{{{ と {{% を除く）",
        f"a text of at most {_LONGEST_TEXT} characters, without {{{{ and {{%",
    ),
    "words": (
        f"{_LONGEST_TEXT}字までの文（{{{{ と {{% を除く）。ja と en に分けてもよい",
        f"a text of at most {_LONGEST_TEXT} characters, without {{{{ and {{%, or one in ja and one in en",
    ),
    "phone": ("0120-000-000 のような電話番号", "a telephone number such as 0120-000-000"),
    "time": ("09:00 のような時刻", "a time of day such as 09:00"),
    "selector": (".price のような CSS セレクター", "a CSS selector such as .price"),
}


def _number(parameter: Parameter, asked: Any) -> int | float | None:
    if isinstance(asked, bool):
        return None
    try:
        if isinstance(asked, str):
            asked = float(asked) if re.search(r"[.eE]", asked) else int(asked)
        number = admitted_number(asked)
    except (TypeError, ValueError):
        return None
    too_small = not isinstance(parameter.min, UnsetType) and number < parameter.min
    too_large = not isinstance(parameter.max, UnsetType) and number > parameter.max
    return None if too_small or too_large else number


def _words(asked: Any) -> dict[str, str] | None:
    words = {"ja": asked, "en": asked} if isinstance(asked, str) else asked
    if not isinstance(words, dict) or set(words) != {"ja", "en"}:
        return None
    texts = {str(language): str(text).strip() for language, text in cast(dict[str, Any], words).items() if isinstance(text, str)}
    return texts if len(texts) == 2 and all(text and _is_text(text) for text in texts.values()) else None


def _shown(asked: Any) -> str:
    text = json.dumps(msgspec.to_builtins(asked), ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _file(recipe: Recipe) -> str:
    return f"recipe {recipe.name}"


# Filling in


class _Twice(Exception):
    """Two parameters that name rows have the same value."""

    def __init__(self, parameter: str, value: str) -> None:
        super().__init__(repr(value))
        self.parameter = parameter


def _put(data: Any, values: Values, prefix: str) -> Any:
    """The data with every ``$name`` and ``own:NAME`` replaced. Raises ``_Twice``."""
    if isinstance(data, dict):
        filled: dict[str, Any] = {}
        for key, part in cast(dict[str, Any], data).items():
            name = str(_scalar(key, values, prefix))
            if name in filled:
                raise _Twice(key.removeprefix("$"), name)
            filled[name] = _put(part, values, prefix)
        return filled
    if isinstance(data, list):
        return [one for part in cast(list[Any], data) for one in _spliced(part, values, prefix)]
    return _scalar(data, values, prefix)


def _spliced(part: Any, values: Values, prefix: str) -> Iterator[Any]:
    put = _put(part, values, prefix)
    if isinstance(part, str) and isinstance(put, list):
        yield from cast(list[Any], put)
    else:
        yield put


def _scalar(data: Any, values: Values, prefix: str) -> Any:
    if not isinstance(data, str):
        return data
    if data.startswith("own:"):
        return prefix + data.removeprefix("own:")
    if not data.startswith("$"):
        return data
    name, _, language = data[1:].partition(".")
    value = values[name]
    return cast(dict[str, str], value)[language] if language else value


def _needed(need: Need) -> Needed:
    names = tuple(one.field for one in need.fields)
    period = f"{RECEIVED_DAYS} days"

    def arrived(event: str, name: str = "") -> dict[str, Any]:
        return {"event": event, **({"field": name} if name else {}), "period": period, "op": "exists"}

    if need.user_id:
        told = {"user_id": "u-1", **_nested(need.fields)}
        attributes = {name: {"any": [arrived("identify", name), arrived("attribute", name)]} for name in names}
        rules = {"user_id": arrived("identify", "user_id"), **attributes}
        return Needed(
            event="identify",
            fields=("user_id", *names),
            why=need.why,
            snippet=f'omotenashi("identify", {_javascript(told)})',
            rules=rules,
        )
    sent = "" if not need.fields else f", {_javascript(_nested(need.fields))}"
    rules = {need.event: arrived(need.event), **{f"{need.event}.{name}": arrived(need.event, name) for name in names}}
    return Needed(
        event=need.event,
        fields=names,
        why=need.why,
        snippet=f'omotenashi("track", {_javascript(need.event)}{sent})',
        rules=rules,
    )


def _nested(fields: list[NeededField]) -> dict[str, Any]:
    """Examples by field, a dotted field as objects inside objects."""
    told: dict[str, Any] = {}
    for one in fields:
        *way, last = one.field.split(".")
        place = told
        for step in way:
            below = place.setdefault(step, {})
            place = below if isinstance(below, dict) else place
        place[last] = one.example
    return told


def _javascript(data: Any) -> str:
    """A literal that may stand inside a script element of a page."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


# Files


def _folder() -> Path:
    return Path(__file__).resolve().parent / "recipes"


def _read(file: Path) -> Recipe:
    problems: list[Problem] = []
    document = documents.read(file.name, file.read_text("utf-8"), problems)
    if document is None:
        raise Refused(problems)
    return msgspec.convert(document.data, Recipe)


_SHORT: Final = 100


class _Writer(yaml.SafeDumper):
    """Short collections on one line; a text is quoted wherever a reader could take it for something else."""

    _depth = 0

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        with self._within(mapping) as flat:
            return super().represent_mapping(tag, mapping, flow_style=flat)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        with self._within(sequence) as flat:
            return super().represent_sequence(tag, sequence, flow_style=flat)

    @contextmanager
    def _within(self, data: Any) -> Generator[bool]:
        flat = self._depth > 0 and len(json.dumps(data, ensure_ascii=False)) <= _SHORT
        self._depth += 1
        yield flat
        self._depth -= 1


_Writer.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+[eE][-+]?[0-9]+\Z"), list("-+0123456789"))
