"""Looking at one recording: opened (a line of the audit log each time), read chunk by chunk, noted, labelled, kept, removed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, Parameter
from litestar.response import Stream
from msgspec import Meta, Struct

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.streams import LONGEST_SECONDS, STILL_HERE, stream, told
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, SessionId
from omotenashi.model.recordings import Chunk, Recording
from omotenashi.model.viewings import Note, Viewing

from .people import Moment, moment
from .recordings import AROUND_MS, Card, cards

MOST_MOMENTS: Final = 2_000
MOST_BYTES: Final = 4 * 1024 * 1024
"""Of chunks as they are stored, in one answer."""
MOST_CHUNKS: Final = 400
MOST_LABELS: Final = 12
LOOK_SECONDS: Final = 0.15
"""How often it is looked for a chunk that came, while somebody watches live."""
SAY_SECONDS: Final = 3.0
"""How often the edge is told that somebody watches, and whoever watches how it stands."""

ViewingId = Annotated[FromQuery[str], Parameter(max_length=64)]


class ChunkTold(Struct):
    """A piece of one tab in the index. ``full``: playing can begin here."""

    seq: int
    page: str
    from_at: Instant
    to_at: Instant
    events: int
    bytes: int
    full: bool


class TabTold(Struct):
    """One tab of a visit, by its chunks."""

    tab: str
    chunks: list[ChunkTold]


class NoteTold(Struct):
    """A note; ``place`` is ms from the beginning of the recording."""

    id: str
    place: int
    text: str
    author: str
    written_at: Instant
    mine: bool


class Other(Struct):
    """A recording of the same person."""

    id: str
    started_at: Instant
    ended_at: Instant


class Opened(Struct):
    """A recording to be looked at. ``viewing`` is what its chunks are asked for with.

    ``others`` are all of the same person, this one too, oldest first. ``watchers`` are the staff who looked at it, the latest
    first. ``missing`` counts the pictures, fonts and style sheets of its pages that could not be kept.
    """

    viewing: str
    recording: Card
    tabs: list[TabTold]
    notes: list[NoteTold]
    others: list[Other]
    watchers: list[str]
    missing: int


class NewNote(Struct):
    """A note to keep at ``place``, ms from the beginning."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]
    place: Annotated[int, Meta(ge=0)] = 0


class Labels(Struct):
    """All labels of a recording."""

    labels: Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=MOST_LABELS)]


class Protection(Struct):
    """``kept``: it stays whatever retention and quota say."""

    kept: bool


class Standing(Struct):
    """How a visit that is watched live stands: when the last thing came, whether it may go on, how many of the staff watch."""

    ended_at: Instant
    at: Instant
    open: bool
    watchers: int


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/recordings/{recording}``."""

    def found_one(project: str, recording: str) -> tuple[Project, Recording]:
        found = desk.project(project)
        return found, desk.replays.one(found.id, recording)

    @post(
        "/api/projects/{project:str}/recordings/{recording:str}/viewings",
        opt={"needs": "recordings"},
        status_code=201,
        sync_to_thread=True,
    )
    def look(
        project: FromPath[str], recording: FromPath[str], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Opened:
        """Begin to look at a recording. Whoever does is written down, here and in the audit log."""
        found, one = found_one(project, recording)
        replays = desk.replays
        watchers = list(dict.fromkeys(viewing.name for viewing in replays.viewings.of_recording(found.id, one.id)))
        viewing = Viewing(secrets.token_urlsafe(12), one.id, who.id, who.name, desk.clock())
        replays.viewings.put_viewing(found.id, viewing)
        request.state.audit = Change("recording", one.id, None, {"person": one.person})
        tabs: dict[str, list[ChunkTold]] = {}
        for chunk in replays.index.chunks(found.id, one.id):
            tabs.setdefault(chunk.tab, []).append(_chunk(chunk))
        others = sorted(replays.index.of_person(found.id, one.person), key=lambda other: other.started_at)
        return Opened(
            viewing=viewing.id,
            recording=cards(desk, found, [one], who)[0],
            tabs=[TabTold(tab, sorted(chunks, key=lambda chunk: chunk.seq)) for tab, chunks in tabs.items()],
            notes=[_note(note, who) for note in replays.viewings.notes(found.id, one.id)],
            others=[Other(other.id, other.started_at, other.ended_at) for other in others if other.state != "erasing"],
            watchers=watchers,
            missing=replays.missing(found.id, one.id),
        )

    @get(
        "/api/projects/{project:str}/recordings/{recording:str}/chunks",
        opt={"needs": "recordings"},
        sync_to_thread=True,
    )
    def chunks(
        project: FromPath[str],
        recording: FromPath[str],
        who: NamedDependency[Who],
        viewing: ViewingId,
        tab: FromQuery[str],
        after: Annotated[FromQuery[int], Parameter(ge=-1)] = -1,
        most: Annotated[FromQuery[int], Parameter(ge=1, le=MOST_BYTES)] = MOST_BYTES,
    ) -> Response[bytes]:
        """The chunks of a tab that come after a place, in their order: `[{tab, seq, from_at, to_at, events: [...]}]`.

        As many as ``most`` bytes hold as they are stored, and at least one; `[]` at the end.
        """
        found, one = found_one(project, recording)
        desk.replays.viewed(found.id, one.id, viewing, who.id)
        told_now: list[Chunk] = []
        size = 0
        for chunk in desk.replays.shelf.after(found.id, one.id, tab, after, MOST_CHUNKS):
            size += chunk.bytes
            if told_now and size > most:
                break
            told_now.append(chunk)
        return Response(desk.replays.all_told(found.id, told_now), media_type="application/json")

    @get(
        "/api/projects/{project:str}/recordings/{recording:str}/moments",
        opt={"needs": "recordings"},
        sync_to_thread=True,
    )
    def moments(project: FromPath[str], recording: FromPath[str], who: NamedDependency[Who], viewing: ViewingId) -> list[Moment]:
        """What was told of the visit meanwhile and decided on it, oldest first."""
        found, one = found_one(project, recording)
        desk.replays.viewed(found.id, one.id, viewing, who.id)
        after_it = (Instant(one.ended_at + AROUND_MS), 0)
        lines = desk.questions.story(found, one.person, MOST_MOMENTS, after_it)
        theirs = [line for line in lines if getattr(line.entry, "session", one.id) == one.id]
        return [moment(line) for line in reversed(theirs) if line.entry.at >= one.started_at - AROUND_MS]

    @get("/api/projects/{project:str}/recordings/{recording:str}/stream", opt={"needs": "recordings"})
    async def follow(
        project: FromPath[str],
        recording: FromPath[str],
        who: NamedDependency[Who],
        viewing: ViewingId,
        after: Annotated[FromQuery[str], Parameter(max_length=4_000)] = "",
    ) -> Stream:
        """Chunks as they come (``chunk``), and how the visit stands (``standing``).

        ``after`` names what is known already, as ``tab.seq`` with commas between.
        """
        found, one = await asyncio.to_thread(found_one, project, recording)
        await asyncio.to_thread(desk.replays.viewed, found.id, one.id, viewing, who.id)
        return stream(following(found, one, _places(after)))

    async def following(project: Project, one: Recording, known: dict[str, int]) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + LONGEST_SECONDS
        say_at = 0.0
        with desk.replays.watching(project.id, one.id):
            yield STILL_HERE
            while loop.time() < end:
                if loop.time() >= say_at:
                    say_at = loop.time() + SAY_SECONDS
                    standing = await asyncio.to_thread(_standing, project, one.id)
                    if standing is None:
                        return
                    yield told("standing", standing)
                for line in await asyncio.to_thread(_newer, project, one.id, known):
                    yield b"event: chunk\ndata: %s\n\n" % line
                await asyncio.sleep(LOOK_SECONDS)

    def _newer(project: Project, recording: SessionId, known: dict[str, int]) -> list[bytes]:
        """What came since, and ``known`` says so."""
        lines: list[bytes] = []
        for tab, latest in desk.replays.shelf.latest(project.id, recording).items():
            if latest > known.get(tab, -1):
                for chunk in desk.replays.shelf.after(project.id, recording, tab, known.get(tab, -1), MOST_CHUNKS):
                    lines.append(desk.replays.told(project.id, chunk))
                    known[tab] = chunk.seq
        return lines

    def _standing(project: Project, recording: SessionId) -> Standing | None:
        try:
            one = desk.replays.one(project.id, recording)
        except NotFound:
            return None
        desk.replays.is_watched(project.id, recording)
        return Standing(one.ended_at, desk.clock(), one.state == "open", desk.replays.watchers(project.id, recording))

    @post(
        "/api/projects/{project:str}/recordings/{recording:str}/notes",
        opt={"needs": "recordings"},
        status_code=201,
        sync_to_thread=True,
    )
    def write_note(
        project: FromPath[str], recording: FromPath[str], data: JSONBody[NewNote], who: NamedDependency[Who]
    ) -> list[NoteTold]:
        """Keep a note at a moment of a recording; all of its notes."""
        found, one = found_one(project, recording)
        note = Note(secrets.token_hex(8), one.id, data.place, data.text.strip(), who.id, who.name, desk.clock())
        desk.replays.viewings.put_note(found.id, note)
        return [_note(kept, who) for kept in desk.replays.viewings.notes(found.id, one.id)]

    @delete(
        "/api/projects/{project:str}/recordings/{recording:str}/notes/{note:str}",
        opt={"needs": "recordings"},
        status_code=200,
        sync_to_thread=True,
    )
    def drop_note(
        project: FromPath[str], recording: FromPath[str], note: FromPath[str], who: NamedDependency[Who]
    ) -> list[NoteTold]:
        """Remove a note; all that are left."""
        found, one = found_one(project, recording)
        if not desk.replays.viewings.drop_note(found.id, one.id, note):
            raise NotFound("note", f"there is no note {note!r} at this recording")
        return [_note(kept, who) for kept in desk.replays.viewings.notes(found.id, one.id)]

    @put("/api/projects/{project:str}/recordings/{recording:str}/labels", opt={"needs": "recordings"}, sync_to_thread=True)
    def set_labels(
        project: FromPath[str], recording: FromPath[str], data: JSONBody[Labels], request: Request[Any, Any, Any]
    ) -> Labels:
        """Label a recording with these, and no others."""
        found, one = found_one(project, recording)
        viewings = desk.replays.viewings
        before = viewings.labels_of(found.id, one.id)
        viewings.set_labels(found.id, one.id, [label.strip() for label in data.labels if label.strip()])
        after = viewings.labels_of(found.id, one.id)
        request.state.audit = Change("recording", one.id, {"labels": before}, {"labels": after})
        return Labels(list(after))

    @put("/api/projects/{project:str}/recordings/{recording:str}/protection", opt={"needs": "recordings"}, sync_to_thread=True)
    def protect(
        project: FromPath[str], recording: FromPath[str], data: JSONBody[Protection], request: Request[Any, Any, Any]
    ) -> Protection:
        """Keep a recording whatever retention and quota say, or no longer."""
        found, one = found_one(project, recording)
        desk.replays.index.protect(found.id, one.id, kept=data.kept)
        request.state.audit = Change("recording", one.id, {"kept": one.protected}, {"kept": data.kept})
        return data

    @delete(
        "/api/projects/{project:str}/recordings/{recording:str}",
        opt={"needs": ("recordings", "edit")},
        status_code=204,
        sync_to_thread=True,
    )
    def remove(project: FromPath[str], recording: FromPath[str], request: Request[Any, Any, Any]) -> None:
        """Remove a recording for good: it is gone from here at once, and its bytes soon after."""
        found, one = found_one(project, recording)
        desk.replays.index.set_state(found.id, one.id, "erasing")
        desk.replays.viewings.forget(found.id, one.id)
        request.state.audit = Change("recording", one.id, {"person": one.person, "started_at": one.started_at}, None)

    return [look, chunks, moments, follow, write_note, drop_note, set_labels, protect, remove]


def _chunk(one: Chunk) -> ChunkTold:
    return ChunkTold(one.seq, one.page, one.from_at, one.to_at, one.events, one.bytes, one.full)


def _note(note: Note, who: Who) -> NoteTold:
    return NoteTold(note.id, note.place, note.text, note.author_name, note.written_at, note.author == who.id)


def _places(after: str) -> dict[str, int]:
    """What whoever follows knows already; a part that says nothing is passed over."""
    known: dict[str, int] = {}
    for part in after.split(","):
        tab, _, seq = part.rpartition(".")
        if tab and seq.isascii() and seq.isdigit() and len(seq) < 10:
            known[tab] = int(seq)
    return known
