"""People by a rule or a word: a page of them, all of them as CSV, and searches kept under a name."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable, Sequence
from csv import writer
from io import StringIO
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, Parameter
from litestar.response import Stream
from msgspec import Meta, Struct

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NotFound
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import parse
from omotenashi.engine.rules.words import Language
from omotenashi.ledger.port import Saved
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.rules import EVERYONE, Rule
from omotenashi.model.values import Scalar

from .people import Person, described_if_known
from .rules import RuleTree, known
from .search import people_called

PAGE: Final = 50
MOST: Final = 200
ROWS_AT_ONCE: Final = 500
COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "person": ("ユーザー", "Person"),
    "user_id": ("会員 ID", "Member id"),
    "visits": ("来訪回数", "Visits"),
    "views": ("閲覧ページ数", "Pages viewed"),
    "first_seen_at": ("初回来訪", "First seen"),
    "last_seen_at": ("最終来訪", "Last seen"),
    "segments": ("セグメント", "Segments"),
    "device": ("端末", "Device"),
    "os": ("OS", "System"),
    "browser": ("ブラウザ", "Browser"),
    "language": ("言語", "Language"),
    "country": ("国", "Country"),
}
"""What a column may be, besides an attribute: what heads it in each language."""
ATTRIBUTE: Final = "attribute:"
_DEVICE: Final = ("device", "os", "browser", "language", "country")
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MOST_SAVED: Final = 1_000
LARGEST_SAVED: Final = 32_768


class Looking(Struct):
    """Whom to look for: a ``rule`` as in a segment's file, or a ``text`` (an id, a mail address, a part of a name).

    With neither, everybody. ``older`` of an answer, given as ``before``, asks for the next page.
    """

    rule: RuleTree = None
    text: Annotated[str, Meta(max_length=256)] = ""
    limit: Annotated[int, Meta(ge=1, le=MOST)] = PAGE
    before: Annotated[str, Meta(max_length=300)] = ""


class PeopleFound(Struct):
    """People, the one who was here last first, of ``total`` at ``at``; ``older`` is "" at the end.

    ``total`` is None on the pages after the first.
    """

    people: list[Person]
    total: int | None
    older: str
    at: Instant


class Listing(Struct):
    """Whom to list, and in which columns: names of ``COLUMNS``, or ``attribute:`` and a path.

    ``language`` is that of the headings; whoever asks has one of their own.
    """

    columns: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=100)]
    rule: RuleTree = None
    text: Annotated[str, Meta(max_length=256)] = ""
    language: Language | None = None


class Keeping(Struct):
    """Something to keep under a name. ``document`` is whatever the page needs to ask the same again."""

    kind: Annotated[str, Meta(pattern="^[a-z_]{1,32}$")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    document: dict[str, Any]


class Kept(Struct):
    """What was kept, and by whom."""

    id: str
    kind: str
    name: str
    document: dict[str, Any]
    author: str
    created_at: Instant


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/people/search``, ``/people/csv`` and ``/saved``."""

    @post(
        "/api/projects/{project:str}/people/search",
        opt={"needs": "people", "audited": False},
        status_code=200,
        sync_to_thread=True,
    )
    def search_people(project: FromPath[str], data: JSONBody[Looking]) -> PeopleFound:
        """The people that a rule holds for, or whom a text names; who was here last comes first."""
        found = desk.project(project)
        now = desk.clock()
        rule = _rule(found, data.rule)
        if data.text.strip():
            named = people_called(desk, found, data.text.strip())
            people = [one for person in named if (one := described_if_known(desk, found, person)) is not None]
            return PeopleFound(people, len(people), "", now)
        page = desk.questions.people(found, rule, now, data.limit, _place(data.before))
        people = [one for person, _ in page.people if (one := described_if_known(desk, found, person)) is not None]
        older = f"{page.people[-1][1]}.{page.people[-1][0]}" if len(page.people) == data.limit else ""
        return PeopleFound(people, None if data.before else page.total, older, now)

    @post("/api/projects/{project:str}/people/csv", opt={"needs": "people"}, status_code=200)
    async def list_people(
        project: FromPath[str], data: JSONBody[Listing], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Stream:
        """All of them as CSV, in the columns asked for, in the language of whoever asks."""
        found = desk.project(project)
        for column in data.columns:
            if column not in COLUMNS and not (column.startswith(ATTRIBUTE) and len(column) > len(ATTRIBUTE)):
                raise BadRequest("columns", f"expected one of {', '.join(COLUMNS)}, or attribute: and its path; found {column!r}")
        rule = _rule(found, data.rule)
        people = await asyncio.to_thread(_everyone, desk, found, rule, data.text.strip())
        request.state.audit = Change("people", "csv", None, {"columns": data.columns, "people": len(people), "rule": data.rule})
        headers = {"content-disposition": f'attachment; filename="people-{found.id}.csv"', "cache-control": "no-store"}
        return Stream(
            _csv(desk, found, people, data.columns, data.language or who.language),
            media_type="text/csv; charset=utf-8",
            headers=headers,
        )

    @get("/api/projects/{project:str}/saved", opt={"needs": "read"}, sync_to_thread=True)
    def kept(
        project: FromPath[str], kind: Annotated[FromQuery[str], Parameter(pattern="^[a-z_]{1,32}$")] = "people"
    ) -> list[Kept]:
        """Everything of a kind that was kept under a name, such as searches of people."""
        found = desk.project(project)
        return [_kept(one) for one in desk.saved.of_kind(found.id, kind)]

    @post("/api/projects/{project:str}/saved", opt={"needs": "edit"}, status_code=201, sync_to_thread=True)
    def keep(project: FromPath[str], data: JSONBody[Keeping], who: NamedDependency[Who]) -> Kept:
        """Keep something under a name, for everybody who works on the project."""
        found = desk.project(project)
        if desk.saved.count(found.id) >= MOST_SAVED:
            raise BadRequest("name", f"expected at most {MOST_SAVED:,} kept things in a project; remove one first")
        one = Saved(secrets.token_hex(8), data.kind, data.name, _small(data.document), who.name, desk.clock())
        desk.saved.put(found.id, one)
        return _kept(one)

    @put("/api/projects/{project:str}/saved/{saved:str}", opt={"needs": "edit"}, sync_to_thread=True)
    def keep_again(project: FromPath[str], saved: FromPath[str], data: JSONBody[Keeping]) -> Kept:
        """Another name, or another document, for something kept."""
        found = desk.project(project)
        known_one = next((one for one in desk.saved.of_kind(found.id, data.kind) if one.id == saved), None)
        if known_one is None:
            raise NotFound("saved", f"nothing of the kind {data.kind!r} is kept as {saved!r}")
        one = msgspec.structs.replace(known_one, name=data.name, document=_small(data.document))
        desk.saved.put(found.id, one)
        return _kept(one)

    @delete("/api/projects/{project:str}/saved/{saved:str}", opt={"needs": "edit"}, status_code=204, sync_to_thread=True)
    def let_go(project: FromPath[str], saved: FromPath[str]) -> None:
        """Keep it no longer."""
        if not desk.saved.drop(desk.project(project).id, saved):
            raise NotFound("saved", f"nothing is kept as {saved!r}")

    return [search_people, list_people, kept, keep, keep_again, let_go]


def _rule(project: Project, written: Any) -> Rule:
    if written is None or written in ({}, []):
        return EVERYONE
    parsed = parse.rule(written, "person", known(project), "rule")
    if isinstance(parsed, list):
        raise BadRequest(parsed[0].path, "; ".join(f"{mistake.path}: {mistake.message}" for mistake in parsed))
    return parsed


def _place(before: str) -> tuple[Instant, str] | None:
    if not before:
        return None
    at, dot, person = before.partition(".")
    if not dot or not person or not at.isascii() or not at.isdigit() or len(at) > 16:
        raise BadRequest("before", "expected the `older` of another answer")
    return Instant(int(at)), person


def _everyone(desk: Desk, found: Project, rule: Rule, text: str) -> list[PersonId]:
    if text:
        return people_called(desk, found, text)
    return [person for person, _ in desk.questions.people(found, rule, desk.clock()).people]


async def _csv(
    desk: Desk, found: Project, people: Sequence[PersonId], columns: Sequence[str], language: Language
) -> AsyncIterator[bytes]:
    calendar = Calendar(found.time_zone)
    names = {segment: getattr(name, language) for segment, name in desk.names(found).segments.items()}
    place = 0 if language == "ja" else 1
    head = [COLUMNS[one][place] if one in COLUMNS else one.removeprefix(ATTRIBUTE) for one in columns]
    yield b"\xef\xbb\xbf" + _lines([[_safe(one) for one in head]])  # the mark by which spreadsheets know UTF-8
    for start in range(0, len(people), ROWS_AT_ONCE):
        some = people[start : start + ROWS_AT_ONCE]
        yield await asyncio.to_thread(_rows, desk, found, some, columns, names, calendar)


def _rows(
    desk: Desk, found: Project, people: Iterable[PersonId], columns: Sequence[str], names: dict[str, str], calendar: Calendar
) -> bytes:
    rows: list[list[str]] = []
    for person in people:
        one = described_if_known(desk, found, person)
        if one is not None:
            rows.append([_cell(one, column, names, calendar) for column in columns])
    return _lines(rows)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = StringIO()
    writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(one: Person, column: str, names: dict[str, str], calendar: Calendar) -> str:
    if column.startswith(ATTRIBUTE):
        return _spelled(one.attributes.get(column.removeprefix(ATTRIBUTE), []))
    if column in ("first_seen_at", "last_seen_at"):
        at: Instant = getattr(one, column)
        return calendar.local(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""
    if column == "segments":
        return _safe(" / ".join(names.get(segment, segment) for segment in one.segments))
    if column in _DEVICE:
        value = one.device[_DEVICE.index(column)] if one.device else None
        return _safe(value or "")
    value = getattr(one, column)
    return str(value) if isinstance(value, int) else _safe(value or "")


def _spelled(values: Sequence[Scalar]) -> str:
    if len(values) == 1 and isinstance(values[0], int | float) and not isinstance(values[0], bool):
        return str(values[0])
    return _safe(" / ".join(_word(value) for value in values))


def _word(value: Scalar) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _safe(text: str) -> str:
    """The text, so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_RISKY) else text


def _small(document: dict[str, Any]) -> dict[str, Any]:
    if len(msgspec.json.encode(document)) > LARGEST_SAVED:
        raise BadRequest("document", f"expected at most {LARGEST_SAVED:,} bytes")
    return document


def _kept(one: Saved) -> Kept:
    return Kept(one.id, one.kind, one.name, one.document, one.author, one.created_at)
