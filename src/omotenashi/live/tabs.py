"""Recorded tabs, read chunk by chunk: each is walked with what was learnt from those before it."""

import json
import threading
import zlib
from collections import OrderedDict
from typing import Any, Final, Protocol

import msgspec

from omotenashi.blobs.port import Blobs
from omotenashi.model.ids import ProjectId, SessionId
from omotenashi.model.recordings import LARGEST_CHUNK, Chunk, blob_key

from .css import Kind, Put
from .walk import Walk

REMEMBERED: Final = 500
"""Places in tabs of which it is kept in mind what was learnt up to there."""


class Index(Protocol):
    """What it needs of the index of recordings."""

    def leading_to(self, project: ProjectId, recording: SessionId, tab: str, seq: int) -> list[Chunk]:
        """The chunks of a tab before ``seq``, from the one that holds the last full picture before it."""
        ...


class Tabs:
    """Reads chunks; several threads may, and several may be at several places of one tab.

    Chunks that are read in their order are read once each by whoever reads them.
    """

    def __init__(self, index: Index, blobs: Blobs) -> None:
        self._index = index
        self._blobs = blobs
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[ProjectId, SessionId, str, int], Walk] = OrderedDict()

    def walked(self, project: ProjectId, chunk: Chunk, put: Put) -> list[Any]:
        """The events of a chunk, with what ``put`` answers in place of each address that a replay would load.

        ``[]`` where its bytes are gone or are none.
        """
        tab = (project, chunk.recording, chunk.tab)
        with self._lock:
            known = self._known.get((*tab, chunk.seq - 1))
        walk = Walk() if known is None else known.copy()
        if known is None and chunk.seq:
            for before in self._index.leading_to(*tab, chunk.seq):
                walk.through(self._events(project, before), _nothing)
        events = self._events(project, chunk)
        walk.through(events, put)
        with self._lock:
            self._known[*tab, chunk.seq] = walk
            self._known.move_to_end((*tab, chunk.seq))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return events

    def _events(self, project: ProjectId, chunk: Chunk) -> list[Any]:
        packed = self._blobs.get(blob_key(project, chunk.recording, chunk.tab, chunk.seq))
        return [] if packed is None else unpacked(packed)


def unpacked(packed: bytes) -> list[Any]:
    """The events in a gzipped chunk; ``[]`` of what is damaged, too large or no array."""
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(packed, LARGEST_CHUNK)
        return _decoded(text) if reader.eof else []
    except (zlib.error, ValueError, RecursionError):
        return []


def encoded(told: Any) -> bytes:
    """As JSON on one line."""
    try:
        return msgspec.json.encode(told)
    except UnicodeEncodeError:
        return json.dumps(told, separators=(",", ":")).encode()


def _decoded(text: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(text, type=list[Any])
    except msgspec.ValidationError:
        return []
    except msgspec.DecodeError:  # a page may cut a letter of two halves in the middle, and JSON of a browser's can say that
        told = json.loads(text, parse_constant=_refused)
        return told if isinstance(told, list) else []


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _nothing(url: str, kind: Kind) -> str:
    return url
