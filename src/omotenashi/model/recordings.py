"""What was recorded of people's screens: one recording is one visit, in all its tabs, kept as chunks."""

from typing import Final, Literal

from msgspec import Struct

from .ids import Instant, PageViewId, PersonId, SessionId, VisitorId

State = Literal["open", "closed", "erasing"]
"""``erasing``: nothing is added any more, and the worker removes what there is."""

BLOBS: Final = "recordings"
"""Below which key of the store the chunks are."""
LARGEST_CHUNK: Final = 8 * 1024 * 1024
"""Bytes of a chunk's JSON at most."""
LEAST_FREE: Final = 256 * 1024 * 1024
"""Bytes that a recording, and what it shows, leaves free on the disk, whatever the quota is."""


class Chunk(Struct, frozen=True):
    """A few seconds of one tab: a gzipped JSON array of rrweb events. ``seq`` counts from 0 in its tab, over all its pages.

    ``from_at`` and ``to_at`` are server time: that of the first event, and of the last. ``full``: it holds a full snapshot,
    so that playing can begin here. ``bytes`` are as stored.
    """

    recording: SessionId
    tab: str
    seq: int
    page: PageViewId
    from_at: Instant
    to_at: Instant
    bytes: int
    events: int
    full: bool


class Recording(Struct, frozen=True):
    """One visit as the index knows it; ``id`` is that of the session. ``pages`` counts page views, ``device`` is a kind of one.

    ``width`` and ``height`` are the window's at the beginning. ``protected``: retention and quota leave it alone.
    """

    id: SessionId
    person: PersonId
    visitor: VisitorId
    started_at: Instant
    ended_at: Instant
    bytes: int
    chunks: int
    tabs: int
    events: int
    clicks: int
    pages: int
    first_url: str
    last_url: str
    device: str
    width: int
    height: int
    protected: bool
    state: State


class Taken(Struct, frozen=True):
    """A chunk on its way into the index, with what it tells of its recording."""

    chunk: Chunk
    person: PersonId
    visitor: VisitorId
    clicks: int = 0
    url: str = ""
    device: str = ""
    width: int = 0
    height: int = 0


def blob_key(project: str, recording: str, tab: str, seq: int) -> str:
    """Where in the store a chunk is."""
    return f"{BLOBS}/{project}/{recording}/{tab}/{seq:06d}.json.gz"


def blobs_of(project: str, recording: str) -> str:
    """Below which key all chunks of a recording are."""
    return f"{BLOBS}/{project}/{recording}"
