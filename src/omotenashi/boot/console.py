"""The staff process: the staff API and the worker's loops; it owns the office and the warehouse."""

import asyncio
import gc
import secrets
import shutil
import sys
import threading
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop

from omotenashi import __version__
from omotenashi import settings as setting
from omotenashi.blobs.store import folder as blobs
from omotenashi.console.app import build as build_console
from omotenashi.console.asked import Warehouse
from omotenashi.console.desk import Desk as ConsoleDesk
from omotenashi.console.desk import Fact
from omotenashi.console.edge_client import EdgeClient
from omotenashi.console.library import Library
from omotenashi.console.present import Present
from omotenashi.console.replays import Replays
from omotenashi.console.scenery import Props, Scenery
from omotenashi.console.site import Site
from omotenashi.console.staff.openid import Provider
from omotenashi.console.staff.room import Room
from omotenashi.ledger import backup as copies
from omotenashi.ledger.sqlite.accounts import Accounts
from omotenashi.ledger.sqlite.audit import Audit
from omotenashi.ledger.sqlite.drafts import Drafts
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.materials import Materials as MaterialIndex
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.profiles import ProfileShelf
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.ledger.sqlite.replays import Replays as ReplayIndex
from omotenashi.ledger.sqlite.saved import SavedThings
from omotenashi.ledger.sqlite.staff import StaffFile
from omotenashi.ledger.sqlite.viewings import Viewings
from omotenashi.live.materials import Materials
from omotenashi.live.tabs import Tabs
from omotenashi.model.entries import decode
from omotenashi.model.ids import ProjectId
from omotenashi.model.recordings import LEAST_FREE
from omotenashi.outbound.fetch import Fetcher
from omotenashi.outbound.guarded import Guarded, Place
from omotenashi.settings import Settings
from omotenashi.warehouse.copying import copy_open
from omotenashi.warehouse.sink import READER, Sink
from omotenashi.warehouse.store import open_store
from omotenashi.worker.backfill import Backfiller
from omotenashi.worker.follow import Follower
from omotenashi.worker.leftovers import Leftovers
from omotenashi.worker.loop import Loop, Loops
from omotenashi.worker.prune import Pruner
from omotenashi.worker.recording_materials import MaterialKeeper
from omotenashi.worker.recordings import RecordingKeeper, Space
from omotenashi.worker.tail import Tail, listeners

from .serving import address, asked_to_stop, clock, http_server, log_to_stderr, serving

COLLECT_AFTER: Final = (50_000, 20, 20)
"""A range of the log is a few hundred thousand objects that hold each other in no cycle: Python's own 700 looks through them
again and again, which was a sixth of what loading them cost."""


def run(settings: Settings) -> None:
    """The staff process: the staff API and the worker's loops; it owns the office and the warehouse. Returns after SIGTERM."""
    log_to_stderr(settings)
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    uvloop.run(_console(settings))


async def _console(settings: Settings) -> None:
    data = settings.data
    office = Office.open(data / "office.db")
    staff_file = StaffFile.open(data / "staff.db")
    recordings = Recordings.open(data / "recordings.db")
    bytes_by_key = blobs(data / "blobs")
    stores = [open_store(data / "warehouse") for _ in range(5)]
    readers = [LogReader(data / "log") for _ in range(3)]
    erasing = threading.Lock()
    tail = Tail(readers[0], office, Sink(stores[0], office, listeners(office)), erasing, recordings=recordings)
    present = Present(clock)
    shelf = _Shelf(data / "profiles.db")
    viewings = Viewings(staff_file)
    keeper = RecordingKeeper(recordings, bytes_by_key, office, shelf, viewings.forget, clock)
    fetcher = Fetcher(Guarded(lambda: _listed(settings)), f"Omotenashi/{__version__} (keeps what recorded pages showed)")
    material_index = MaterialIndex(recordings)
    materials = Materials(material_index, bytes_by_key, fetcher, clock, lambda project: _has_room(data, keeper, project))
    material_keeper = MaterialKeeper(material_index, Tabs(material_index, bytes_by_key), materials, clock)
    loops = Loops(
        [
            Loop("warehouse", tail.step, rest_ms=250, gathers=True),
            Loop("present", Follower(readers[2], present.hear).step, rest_ms=150),
            Loop("back-fill", Backfiller(stores[1], office, erasing).step, rest_ms=500),
            Loop("leftovers", Leftovers(stores[3]).step, rest_ms=60_000),
            Loop("recordings", keeper.step, rest_ms=5_000),
            Loop("materials", material_keeper.step, rest_ms=1_000),
            Loop("prune", Pruner(office, lambda project: _oldest_named(readers[1], project)).step, rest_ms=60_000),
        ],
        clock,
    )
    edge = EdgeClient(lambda: address(data, "edge", "internal", settings.internal_port), setting.secret(data / "internal.token"))
    questions = Warehouse(stores[2], lambda: office.cursor(READER), patient=stores[4])

    async def take_backup(target: Path) -> copies.Manifest:
        await loops.stop()  # nothing inserts into the warehouse while it is copied
        try:
            return await asyncio.to_thread(copies.backup, data, target, partial(copy_open, stores[0]))
        finally:
            loops.start()

    provider = (
        Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, clock)
        if settings.oidc_issuer
        else None
    )
    desk = ConsoleDesk(
        office=office,
        shelf=shelf,
        questions=questions,
        edge=edge,
        clock=clock,
        fresh_key=fresh_key,
        facts=lambda: _facts(data, loops, keeper),
        backup=take_backup,
        staff=Room(
            Accounts(staff_file),
            Audit(staff_file),
            clock,
            setting.secret(data / "console.token"),
            lambda: settings.console_url or address(data, "console", "console", settings.console_port),
            tuple(ip_network(proxy, strict=False) for proxy in settings.trusted_proxies),
            is_secure=settings.console_url.startswith("https://"),
            openid=provider,
        ),
        drafts=Drafts(staff_file),
        library=Library(bytes_by_key, clock),
        scenery=Scenery(_props(settings), questions, clock),
        public=lambda: settings.public_url or address(data, "edge", "public", settings.port),
        saved=SavedThings(staff_file),
        present=present,
        replays=Replays(
            recordings,
            ReplayIndex(recordings),
            viewings,
            clock,
            Tabs(material_index, bytes_by_key),
            materials,
            setting.secret(data / "console.token"),
        ),
    )
    app = Site(build_console(desk, __version__), _built_pages(settings))
    loops.start()
    try:
        async with serving({"console": http_server(app, "127.0.0.1", settings.console_port)}, data / "running-console.json"):
            await asked_to_stop()
            present.close()  # whoever follows a stream is let go
    finally:
        await loops.stop()
        await materials.close()
        await fetcher.close()
        await edge.close()
        if provider is not None:
            await provider.close()
        for reader in readers:
            reader.close()
        for store in stores:
            store.close()
        shelf.close()
        recordings.close()
        staff_file.close()
        office.close()


class _Shelf:
    """The profiles' file for looking, opened when the edge has made it. Implements the console's ``ports.Shelf``."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._opened: ProfileShelf | None = None

    def profile(self, project: ProjectId, person: Any) -> bytes | None:
        shelf = self._open()
        return None if shelf is None else shelf.profile(project, person)

    def person(self, project: ProjectId, name: str) -> Any:
        shelf = self._open()
        return None if shelf is None else shelf.person(project, name)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _open(self) -> ProfileShelf | None:
        with self._lock:
            if self._opened is None and self._file.exists():
                self._opened = ProfileShelf(self._file)
            return self._opened


def fresh_key(kind: str) -> str:
    """A new unguessable key; its first letters say what it is for."""
    return f"{kind[:3]}_{secrets.token_urlsafe(24)}"


def _oldest_named(reader: LogReader, project: ProjectId) -> int:
    """The configuration version of a project's first entry in the kept log; 0, which prunes nothing, when it is not near."""
    after = max(reader.first() - 1, 0)
    for _, body in reader.read(after, 5_000):
        entry = decode(body)
        if entry.project == project:
            return entry.config
    return 0


def _listed(settings: Settings) -> frozenset[Place]:
    """Where things may be had though the address is private: what the operator lists, and our own edge, which has pictures."""
    edge = urlsplit(settings.public_url or address(settings.data, "edge", "public", settings.port))
    ours = (edge.hostname or "", edge.port or (443 if edge.scheme == "https" else 80))
    return settings.listed_hosts | {ours}


def _has_room(data: Path, keeper: RecordingKeeper, project: ProjectId) -> bool:
    """Whether the disk and the project's quota leave room for what replays need."""
    return shutil.disk_usage(data).free > LEAST_FREE and keeper.has_room(project)


def _built_pages(settings: Settings) -> Path | None:
    """The console's built pages: where the settings say, else where a checkout builds them."""
    checkout = Path(__file__).resolve().parents[3] / "web" / "console" / "dist"
    return next((folder for folder in (settings.pages, checkout) if (folder / "index.html").is_file()), None)


def _props(settings: Settings) -> Props:
    """What previews are drawn with: the script beside the tag, and the demo shop's pictures, which examples show."""
    checkout = Path(__file__).resolve().parents[3] / "web"
    scripts = (tag.with_name("preview.js") for tag in (settings.tag, checkout / "tag" / "dist" / "tag.js"))
    script = next((file.read_bytes() for file in scripts if file.is_file()), b"")
    return Props(script, {file.name: file.read_bytes() for file in (checkout / "shop" / "art").glob("*.svg")})


def _facts(data: Path, loops: Loops, keeper: RecordingKeeper) -> list[Fact]:
    """What ``doctor`` wants to know of this machine."""
    free = shutil.disk_usage(data).free
    facts = [
        Fact("version", "ok", f"Omotenashi {__version__}, Python {sys.version.split()[0]}"),
        Fact("disk", "ok", f"{free / 2**30:.1f} GB free")
        if free > 2 * 2**30
        else Fact(
            "disk", "broken" if free < LEAST_FREE else "warning", f"{free / 2**30:.2f} GB free", f"Make room where {data} is."
        ),
    ]
    for name in ("console.token", "internal.token", copies.SECRET):
        file = data / name
        if file.exists() and file.stat().st_mode & 0o077:
            facts.append(Fact("secrets", "warning", f"{name} can be read by others", f"chmod 600 {file}"))
    for loop in loops.health():
        state = "ok" if not loop.failures else "broken" if loop.failures > 5 else "warning"
        facts.append(Fact(f"loop {loop.name}", state, loop.message or loop.state))
    return facts + [_of_recordings(project, space) for project, space in keeper.spaces().items()]


def _of_recordings(project: ProjectId, space: Space) -> Fact:
    said = f"{space.used / 1e6:.0f} of {space.quota / 1e6:.0f} MB, {space.protected / 1e6:.0f} MB of it protected"
    name = f"recordings {project}"
    if not space.is_full:
        return Fact(name, "ok", said)
    advice = "Nothing more is recorded. Raise recording.quota_megabytes, or release recordings that are protected."
    return Fact(name, "warning", said, advice)
