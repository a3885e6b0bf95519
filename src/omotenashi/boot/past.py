"""The demo's past: two months of the town's visits, taken by a real edge whose clock is put back and then runs through them.

So everything is there that a real past has: sessions, decisions with their gates, messages shown, clicked and held
out, goals. Written before the two processes start, for nobody else may write the log and the office meanwhile.
"""

import asyncio
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final

import msgspec

from omotenashi import settings as setting
from omotenashi.blobs.store import folder as blobs
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import read_folder
from omotenashi.demo_crowd import Say, Street
from omotenashi.demo_history import DAYS, QUIET_MS, Town
from omotenashi.demo_screens import Pages, Send
from omotenashi.demo_shop import Shop, shop_folder
from omotenashi.edge.app import Edge, EdgeSettings
from omotenashi.edge.limits import Allowance
from omotenashi.edge.projects import Projects
from omotenashi.ledger import backup as copies
from omotenashi.ledger.people import People
from omotenashi.ledger.port import Backfill
from omotenashi.ledger.sqlite.log import Log, LogReader
from omotenashi.ledger.sqlite.office import Desk, Office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.campaigns import Action, Project
from omotenashi.model.ids import Instant
from omotenashi.settings import Settings

from .console import fresh_key

DAY_MS: Final = 86_400_000
FILMED_MS: Final = DAY_MS
"""Of the screens, so much of the past is kept."""
TOGETHER: Final = 12
"""So many looks at a screen make a chunk: nobody watches the past live."""
ROOMY: Final = 1 << 40
WAITING: Final = 5_000
"""Entries that may wait for the disk before the past holds its breath."""


def furnish(settings: Settings, folder: Path, town: Town, now: Instant) -> None:
    """Puts the configuration of ``folder`` in force as of before the past, and lets the town's past happen.

    The folder of ``settings`` must be new. Raises ``Refused`` for a bad configuration, ``LedgerError`` by the disk.
    """
    begun = Instant(now - (DAYS + 2) * DAY_MS)
    sources = read_folder(folder)
    office = Office.open(settings.data / "office.db")
    try:
        project = compiled(sources, None, 1, fresh_key)
        office.apply(project, sources, begun, "demo")
        office.set_ready(project.id, 1)  # there is nothing older that would have to be counted
        office.put_backfill(Backfill(project.id, 1, "done", 0, 0))
    finally:
        office.close()
    public = next(key.key for key in project.keys if key.kind == "public")
    asyncio.run(_happened(settings, town, public, begun, now))


class _Hurried:
    """The log for somebody who does not wait for the disk each time: `Log`, but for ``committed``."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.append = log.append
        self.ready = log.ready
        self.recover = log.recover

    @property
    def appended(self) -> int:
        return self._log.appended

    @property
    def landed(self) -> int:
        return self._log.landed

    @property
    def recoveries(self) -> int:
        return self._log.recoveries

    @property
    def failure(self) -> str | None:
        return self._log.failure

    async def committed(self, position: int) -> None:
        if self._log.waiting > WAITING:
            await self._log.committed(position)


class _Clock:
    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> Instant:
        return Instant(self.at)

    def turn_to(self, at: int) -> None:
        self.at = max(self.at, at)


async def _happened(settings: Settings, town: Town, key: str, begun: Instant, now: Instant) -> None:
    clock = _Clock(begun)
    log = Log.open(settings.data / "log")
    rows = Profiles.open(settings.data / "profiles.db")
    source = LogReader(settings.data / "log")
    office = Desk.open(settings.data / "office.db")
    recordings = Recordings.open(settings.data / "recordings.db")
    recordings.ask("PRAGMA synchronous = OFF")  # nobody relies on a chunk of the past before all of it stands
    kept = (recordings, blobs(settings.data / "blobs"), lambda: ROOMY)
    try:
        projects = Projects(office, clock, log.append, log.last_now)
        projects.look()
        people = People(log, source, rows, projects.fold, projects.merge)
        await people.reload()
        secret = setting.secret(settings.data / copies.SECRET).encode()
        allowance = Allowance(per_visitor=0, per_address=0)
        asked = EdgeSettings(secret, "", allowance=allowance)
        edge = Edge(asked, _Hurried(log), people, office, projects, _unwritten, clock, recordings=kept)
        edge.start()
        say, film = _doors(edge)
        screens = Pages(shop_folder(), Shop(shop_folder(), key, ""))
        street = Street(town, say, key, clock, film=(screens, film), filmed_since=now - FILMED_MS, together=TOGETHER)
        street.do(town.past)
        await street.play(clock.turn_to, now - QUIET_MS)
        await log.committed(log.appended)
        await edge.stop()
        await people.close()
        recordings.ask("PRAGMA synchronous = FULL")
        recordings.ask("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        recordings.close()
        office.close()
        source.close()
        rows.close()
        log.close()


def _unwritten(project: Project, action: Action, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Nobody reads the texts of messages that are past."""
    return "", "", ""


def _doors(edge: Edge) -> tuple[Say, Send]:
    """How a browser of the past speaks to this edge, and how its screen is filmed: no socket, the same door."""

    async def asked(path: str, query: str, body: bytes, headers: list[tuple[bytes, bytes]]) -> tuple[int, dict[str, Any]]:
        heard: list[bytes] = []
        status = 0

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                heard.append(message.get("body", b""))

        scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 0),
        }
        await edge.public(scope, receive, send)
        answer: dict[str, Any] = msgspec.json.decode(b"".join(heard))
        return status, answer

    async def say(body: bytes, agent: str, language: str) -> dict[str, Any]:
        headers = [(b"user-agent", agent.encode()), (b"accept-language", language.encode())]
        status, answer = await asked("/v1/track", "", body, headers)
        if status != 200:
            raise RuntimeError(f"the edge refused what the demo's past said: {answer}")
        return answer

    async def film(query: str, body: bytes, agent: str) -> dict[str, Any]:
        status, answer = await asked("/v1/record", query, body, [(b"user-agent", agent.encode())])
        return answer if status == 200 else {}

    return say, film
