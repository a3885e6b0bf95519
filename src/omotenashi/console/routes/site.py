"""The site's connection: the tag's snippet, whether it was heard of, the keys, and what is kept how long."""

import json
from functools import partial
from typing import Any, Final, Literal

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from omotenashi.configuration.compile import compiled
from omotenashi.configuration.documents import read as read_document
from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.console.staff.room import IDLE_MS, LONGEST_MS
from omotenashi.model.campaigns import Key, Project
from omotenashi.model.ids import Instant
from omotenashi.warehouse.questions.kept import heard_at, kept

Secret = Literal["public", "staging", "secret", "identity"]

SNIPPET: Final = """<script>
window.omotenashi = window.omotenashi || function () { var said = arguments; return new Promise(function (heard) {
  (omotenashi.q = omotenashi.q || []).push([said, heard]); }); };
omotenashi("init", %s);
</script>
<script async src="%s/tag.js"></script>"""


class Connection(Struct):
    """``snippet`` goes into every page's head. ``heard_at``: the latest event, 0 before the first; ``as_of`` is now."""

    edge: str
    key: str
    snippet: str
    heard_at: Instant
    as_of: Instant


class Rotated(Struct):
    """The new key. The old one works no more, on running edges within a second."""

    kind: Secret
    key: str
    version: int


class KeptRecordings(Struct):
    """So long, and so much of them in all."""

    days: int
    quota_megabytes: int


class Keeping(Struct):
    """What is kept, and how long. ``events`` are those of the project, since ``oldest_at``; ``recordings`` is null where
    nothing is recorded."""

    events: int
    oldest_at: Instant
    latest_at: Instant
    session_idle_days: int
    session_days: int
    recordings: KeptRecordings | None
    as_of: Instant


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/connection``, ``/keys/{kind}/rotate`` and ``/keeping``."""

    @get("/api/projects/{project:str}/connection", opt={"needs": "read"}, sync_to_thread=True)
    def connection(project: FromPath[str]) -> Connection:
        """How the site is connected, and whether anything was heard of it."""
        found = desk.project(project)
        edge, key = desk.public().rstrip("/"), next(one.key for one in found.keys if one.kind == "public")
        heard = desk.questions.ask(partial(heard_at, project=found.id))
        options = json.dumps({"key": key, "endpoint": edge})
        return Connection(edge, key, SNIPPET % (options, edge), heard, desk.clock())

    @post("/api/projects/{project:str}/keys/{kind:str}/rotate", opt={"needs": "admin"}, status_code=200, sync_to_thread=True)
    def rotate(
        project: FromPath[str], kind: FromPath[Secret], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Rotated:
        """Make a new key of this kind in place of the old one."""
        with desk.publishing:
            found = desk.project(project)
            sources = desk.office.sources(found.id, found.version)
            if kind != "identity" and kind in _named(sources):
                raise BadRequest("kind", f"project.yaml names the {kind} key itself; change it there")
            key = desk.fresh_key(kind)
            after = compiled(sources, _with_key(found, kind, key), found.version + 1, desk.fresh_key)
            version = desk.office.apply(after, sources, desk.clock(), f"{kind} key rotated", who.name)
        request.state.audit = Change("key", kind)
        return Rotated(kind, key, version)

    @get("/api/projects/{project:str}/keeping", opt={"needs": "read"}, sync_to_thread=True)
    def keeping(project: FromPath[str]) -> Keeping:
        """What is kept of this project, and how long."""
        found = desk.project(project)
        stored = desk.questions.ask(partial(kept, project=found.id))
        day = 86_400_000
        recorder = found.recorder
        recordings = KeptRecordings(recorder.keep_days, recorder.quota_megabytes) if recorder is not None else None
        return Keeping(
            stored.events, stored.oldest_at, stored.latest_at, IDLE_MS // day, LONGEST_MS // day, recordings, desk.clock()
        )

    return [connection, rotate, keeping]


def _named(sources: dict[str, str]) -> dict[str, Any]:
    """The keys that the file itself names."""
    document = read_document("project.yaml", sources["project.yaml"], [])
    data: Any = document.data if document is not None else {}
    keys = data.get("keys")
    return keys if isinstance(keys, dict) else {}


def _with_key(project: Project, kind: Secret, key: str) -> Project:
    if kind == "identity":
        return msgspec.structs.replace(project, identity_secret=key)
    keys = tuple(Key(key, one.kind) if one.kind == kind else one for one in project.keys)
    return msgspec.structs.replace(project, keys=keys)
