"""A whole edge over a real ledger in a folder, with a clock one sets and an office on paper."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from omotenashi.edge.app import Door, Edge, EdgeSettings, Kept
from omotenashi.edge.limits import Allowance
from omotenashi.edge.projects import Projects
from omotenashi.ledger.people import People, PeopleSettings
from omotenashi.ledger.port import Switches
from omotenashi.ledger.sqlite.log import Log, LogReader, LogSettings
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.campaigns import Action, Campaign, Key, Project, Purpose, Template
from omotenashi.model.entries import Event, LogEntry, decode
from omotenashi.model.profiles import Profile

NOON = 1_763_694_000_000  # 2025-11-21 12:00 in Tokyo
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
PUBLIC, STAGING, SECRET = "public-key", "staging-key", "secret-key"
MODAL = Template("modal", "modal", "<p>{{ text }}</p>")


def visitor(name: str = "hanako") -> str:
    """A visitor id that a tag could have made."""
    return f"{name:-<22}"


def welcome(**changes: Any) -> Campaign:
    """A campaign on every view, once a session, to everyone."""
    return msgspec.structs.replace(
        Campaign("welcome", "Welcome", "view", (Action("d1K", "plain", 1000, template="modal"),)), **changes
    )


def midori(*campaigns: Campaign, **changes: Any) -> Project:
    """The shop of these tests, at version 1."""
    project = Project(
        "midori",
        "Midori",
        version=1,
        campaigns=campaigns,
        keys=(Key(PUBLIC, "public"), Key(STAGING, "staging"), Key(SECRET, "secret")),
        purposes=(Purpose("record"),),
        templates={"modal": MODAL},
    )
    return msgspec.structs.replace(project, **changes)


class PaperOffice:
    """What the console would have applied, without one."""

    def __init__(self, *projects: Project) -> None:
        self.documents = {(project.id, project.version): project for project in projects}
        self.latest = {project.id: project.version for project in projects}
        self.switched: dict[str, Switches] = {}
        self.ready: dict[str, int] = dict(self.latest)
        self.kept_bases: dict[str, list[tuple[int, str, Any]]] = {}  # by person: version, statistic, accumulator
        self.issued: list[Key] = []
        self._changed = True

    def apply(self, project: Project, ready: int | None = None) -> None:
        self.documents[(project.id, project.version)] = project
        self.latest[project.id] = project.version
        self.ready[project.id] = project.version if ready is None else ready
        self._changed = True

    def switch(self, project: str, switches: Switches) -> None:
        self.switched[project] = switches
        self._changed = True

    def changed(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def heads(self) -> dict[str, int]:
        return dict(self.latest)

    def keys(self, project: str) -> list[Key]:
        return list(self.issued)

    def configuration(self, project: str, version: int) -> Project:
        return self.documents[(project, version)]

    def switches(self, project: str) -> Switches:
        return self.switched.get(project, Switches())

    def ready_version(self, project: str) -> int:
        return self.ready[project]

    def bases(self, project: str, person: str, after_version: int, up_to_version: int) -> list[tuple[str, Any]]:
        kept = self.kept_bases.get(person, [])
        return [(name, found) for version, name, found in kept if after_version < version <= up_to_version]


class Response:
    """What an application answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


async def request(
    app: Door,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    peer: str = "203.0.113.9",
    parts: int = 1,
) -> Response:
    """One HTTP request, spoken in ASGI; ``parts``: how many pieces the body comes in."""
    size = max(1, -(-len(body) // parts))
    pieces = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    got: list[Any] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        got.append(message)

    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": where,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": (peer, 50_000),
    }
    await app(scope, receive, send)
    start = got[0]
    whole = b"".join(message.get("body", b"") for message in got[1:])
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    if start["status"] != 304 and method != "HEAD":
        assert answered["content-length"] == str(len(whole))
    return Response(start["status"], answered, whole)


class Held:
    """A request that waits for its answer. ``close`` is the visitor closing the page."""

    def __init__(self, app: Door, path: str, body: Any, headers: dict[str, str] | None = None) -> None:
        self._body = msgspec.json.encode(body)
        self._closed = asyncio.Event()
        self._read = False
        self._got: list[Any] = []
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": ("203.0.113.9", 50_000),
        }
        self._asking = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._read:
            self._read = True
            return {"type": "http.request", "body": self._body}
        await self._closed.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self._got.append(message)

    @property
    def waits(self) -> bool:
        return not self._asking.done()

    async def answer(self) -> Response:
        """What it is answered, as soon as it is."""
        async with asyncio.timeout(5):
            await self._asking
        return Response(self._got[0]["status"], {}, self._got[1]["body"])

    async def close(self) -> Response:
        self._closed.set()
        return await self.answer()


def write(project: Project, action: Action, context: dict[str, object]) -> tuple[str, str, str]:
    """A writer as simple as one can be; the text ``broken`` cannot be written."""
    if action.texts.get("text") == "broken":
        raise ValueError("a template without its words")
    return f"<p>{action.name}</p>", "", ""


class House:
    """An edge that runs; `restart` is a power cut and a new process."""

    def __init__(self, folder: Path, office: PaperOffice) -> None:
        self.folder = folder
        self.office = office
        self.now = NOON
        self.count = 0
        self.settings = EdgeSettings(b"a secret", "internal-token", b"tag()", proxies=("10.0.0.0/8",), country_header="x-country")
        self.log_settings = LogSettings()
        self.people_settings = PeopleSettings()
        self.make_log: Callable[[Path, LogSettings], Log] = Log.open
        self.make_rows: Callable[[Path], Profiles] = Profiles.open
        self.recordings: Kept | None = None

    async def open(self) -> None:
        self.log = self.make_log(self.folder / "log", self.log_settings)
        self.rows = self.make_rows(self.folder / "profiles.db")
        self.source = LogReader(self.folder / "log")
        last = self.entries()[-1].now if self.entries() else 0
        projects = Projects(self.office, lambda: self.now, self.log.append, last)
        projects.look()
        self.people = People(self.log, self.source, self.rows, projects.fold, projects.merge, self.people_settings)
        await self.people.reload()
        self.edge = Edge(
            self.settings, self.log, self.people, self.office, projects, write, lambda: self.now, recordings=self.recordings
        )
        self.edge.start()

    async def close(self, *, written: bool = True) -> None:
        await self.edge.stop()
        if written:
            await self.people.close()
        self.source.close()
        self.rows.close()
        self.log.close()

    async def recovered(self) -> None:
        """Returns when the edge serves again."""
        if self.edge.road.recovery is not None:
            await self.edge.road.recovery

    async def restart(self) -> None:
        """Profiles are left as they happen to be on disk: the log alone must do."""
        await self.close(written=False)
        await self.open()

    def entries(self) -> list[LogEntry]:
        return [decode(body) for _, body in self.source.read(0, 1_000_000)]

    def events(self, name: str | None = None) -> list[Event]:
        return [entry for entry in self.entries() if isinstance(entry, Event) and name in (None, entry.name)]

    def profile(self, name: str) -> Profile:
        """The person behind a visitor id."""
        return self.people.get("midori", self.people.resolve("midori", name))

    def event(self, name: str, values: Any = None, **changes: Any) -> dict[str, Any]:
        self.count += 1
        return {"id": f"e{self.count}", "name": name, "at": self.now, "values": values or {}, **changes}

    async def track(
        self, *events: dict[str, Any], headers: dict[str, str] | None = None, peer: str = "203.0.113.9", **changes: Any
    ) -> Response:
        """What a tag would send from a visible page."""
        body = {
            "key": PUBLIC,
            "visitor": visitor(),
            "sent_at": self.now,
            "page": {"id": "page-1", "url": "https://midori.example/", "visible": True},
            "events": list(events),
            **changes,
        }
        body = {name: value for name, value in body.items() if value is not None}
        heads = {"user-agent": PHONE, "accept-language": "ja-JP,ja;q=0.9", **(headers or {})}
        return await request(self.edge.public, "POST", "/v1/track", msgspec.json.encode(body), heads, peer)

    async def secret(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        heads = {"authorization": f"Bearer {SECRET}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await request(self.edge.public, method, path, body, heads)

    async def ours(self, method: str, path: str, body: Any = None) -> Response:
        heads = {"authorization": "Bearer internal-token"}
        return await request(self.edge.internal, method, path, b"" if body is None else msgspec.json.encode(body), heads)


@asynccontextmanager
async def house(folder: Path, *projects: Project, allowance: Allowance | None = None) -> AsyncIterator[House]:
    """An open house over ``folder``, closed at the end."""
    one = House(folder, PaperOffice(*(projects or (midori(),))))
    if allowance is not None:
        one.settings = msgspec.structs.replace(one.settings, allowance=allowance)
    await one.open()
    try:
        yield one
    finally:
        await one.close()
