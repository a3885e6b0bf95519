"""Settings into rooms, by hand, from top to bottom: the only place where rooms meet.

``run_edge`` and ``run_console`` are the two processes; ``serve`` starts and watches both; ``demo`` adds a shop.
"""

import asyncio
import contextlib
import gc
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import uvicorn
import uvloop

from . import __version__
from . import settings as setting
from .configuration.folder import read_folder
from .configuration.render import Press
from .console.app import build as build_console
from .console.asked import Warehouse
from .console.desk import Desk as ConsoleDesk
from .console.desk import Fact
from .console.edge_client import EdgeClient
from .demo_history import BATCH, lines, read_goods
from .demo_shop import Shop, shop_folder
from .edge.app import Edge, EdgeSettings
from .edge.limits import Allowance
from .edge.projects import Projects
from .ledger import backup as copies
from .ledger.people import People, PeopleSettings
from .ledger.port import LedgerError
from .ledger.sqlite.log import Log, LogReader, LogSettings
from .ledger.sqlite.office import Desk, Office
from .ledger.sqlite.profiles import Profiles, ProfileShelf
from .model.entries import decode
from .model.ids import Instant, ProjectId
from .settings import Settings
from .warehouse.copying import copy_open
from .warehouse.sink import READER, Sink
from .warehouse.store import open_store
from .worker.backfill import Backfiller
from .worker.leftovers import Leftovers
from .worker.loop import Loop, Loops
from .worker.prune import Pruner
from .worker.tail import Tail, listeners

logger = logging.getLogger(__name__)

SWITCH_SECONDS: Final = 0.0005
"""How long the commit thread waits for the interpreter while the loop is busy; Python's own 5 ms would be the p99."""
TAG_CHUNKS: Final = ("guard.js", "karte.js", "panel.js", "tools.js")
PRUNE_SECONDS: Final = 30.0
SWEEP_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 60.0
"""How long a process may take to start, or to stop."""


class Unfinished(Exception):
    """A command could not do what it was asked; the message says why, for the person who asked."""


Clock = Callable[[], Instant]


def clock() -> Instant:
    """Now, in ms since 1970."""
    return Instant(time.time_ns() // 1_000_000)


# The edge


def run_edge(settings: Settings, now: Clock = clock) -> None:
    """The public process: the tag's door, the log, everybody's profile. Returns after SIGTERM or SIGINT."""
    _log_to_stderr(settings)
    sys.setswitchinterval(SWITCH_SECONDS)
    uvloop.run(_edge(settings, now))


async def _edge(settings: Settings, now: Clock) -> None:
    data = settings.data
    log = Log.open(
        data / "log",
        LogSettings(file_bytes=settings.log_file_megabytes * 1024 * 1024, waiting_entries=settings.queue_entries),
    )
    rows = Profiles.open(data / "profiles.db")
    source = LogReader(data / "log")
    office = Desk.open(data / "office.db")
    projects = Projects(office, now, log.append, log.last_now)
    projects.look()
    people = People(
        log,
        source,
        rows,
        projects.fold,
        projects.merge,
        PeopleSettings(
            hot=settings.hot_people,
            packed_bytes=settings.packed_megabytes * 1024 * 1024,
            round_s=settings.profile_seconds,
        ),
    )
    await people.reload()
    edge = Edge(
        EdgeSettings(
            secret=setting.secret(data / copies.SECRET).encode(),
            internal_token=setting.secret(data / "internal.token"),
            tag=_built_tag(settings),
            chunks=_built_chunks(settings),
            proxies=settings.trusted_proxies,
            country_header=settings.country_header,
            allowance=Allowance(
                per_visitor=max(1, settings.visitor_requests_per_minute // 6),
                per_address=max(1, settings.address_requests_per_minute // 6),
            ),
        ),
        log,
        people,
        office,
        projects,
        Press(),
        now,
    )
    edge.start()
    public = _server(edge.public, settings.host, settings.port)
    internal = _server(edge.internal, "127.0.0.1", settings.internal_port)
    beside = [asyncio.create_task(work) for work in (edge.watch(), people.run(), _pruning(log, people, office), _sweeping(log))]
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection over every hot profile would be the p99; `_sweeping` chooses its moments
    try:
        async with _serving({"public": public, "internal": internal}, data / "running-edge.json"):
            await _asked_to_stop()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await edge.stop()
        await people.close()
        office.close()
        source.close()
        rows.close()
        log.close()


async def _sweeping(log: Log) -> None:
    """Collects cycles: the newest objects often and in passing, everything in a second in which nobody came.

    What we keep has no cycles, so this is for what libraries leave behind; after six busy hours it no longer waits.
    """
    waited = 0.0
    appended = log.appended
    while True:
        for _ in range(20):
            await asyncio.sleep(SWEEP_SECONDS)
            gc.collect(0)
        waited += 20 * SWEEP_SECONDS
        if (waited > 600 and log.appended == appended) or waited > 6 * 3600:
            gc.collect()
            waited = 0.0
        appended = log.appended


def _built_tag(settings: Settings) -> bytes:
    """The tag's bytes: where the settings say, else where a checkout builds it."""
    file = _tag_file(settings)
    if file is not None:
        return file.read_bytes()
    logger.warning("there is no tag at %s; /tag.js is empty until it is built (`make setup`)", settings.tag)
    return b""


def _built_chunks(settings: Settings) -> dict[str, bytes]:
    """What the tag loads when it is needed, and the tag that takes over pages written for KARTE: beside the tag's file."""
    tag = _tag_file(settings)
    if tag is None:
        return {}
    files = [tag.with_name(name) for name in TAG_CHUNKS]
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def _tag_file(settings: Settings) -> Path | None:
    checkout = Path(__file__).resolve().parents[2] / "web" / "tag" / "dist" / "tag.js"
    return next((file for file in (settings.tag, checkout) if file.is_file()), None)


async def _pruning(log: Log, people: People, office: Desk) -> None:
    """Unlinks log files that the warehouse has and that no profile needs, as soon as there is a warehouse."""
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        try:
            readers = office.cursors()
            if READER in readers:
                await log.prune({**readers, "profiles": await people.safe_to_forget()})
        except LedgerError as error:
            logger.warning("the log could not be pruned: %s", error)


# The console


def run_console(settings: Settings) -> None:
    """The staff process: the staff API and the worker's loops; it owns the office and the warehouse. Returns after SIGTERM."""
    _log_to_stderr(settings)
    uvloop.run(_console(settings))


async def _console(settings: Settings) -> None:
    data = settings.data
    office = Office.open(data / "office.db")
    stores = [open_store(data / "warehouse") for _ in range(4)]
    readers = [LogReader(data / "log") for _ in range(2)]
    erasing = threading.Lock()
    tail = Tail(readers[0], office, Sink(stores[0], office, listeners(office)), erasing)
    loops = Loops(
        [
            Loop("warehouse", tail.step, rest_ms=250),
            Loop("back-fill", Backfiller(stores[1], office, erasing).step, rest_ms=500),
            Loop("leftovers", Leftovers(stores[3]).step, rest_ms=60_000),
            Loop("prune", Pruner(office, lambda project: _oldest_named(readers[1], project)).step, rest_ms=60_000),
        ],
        clock,
    )
    edge = EdgeClient(lambda: _address(data, "edge", "internal", settings.internal_port), setting.secret(data / "internal.token"))
    shelf = _Shelf(data / "profiles.db")

    async def take_backup(target: Path) -> copies.Manifest:
        await loops.stop()  # nothing inserts into the warehouse while it is copied
        try:
            return await asyncio.to_thread(copies.backup, data, target, partial(copy_open, stores[0]))
        finally:
            loops.start()

    desk = ConsoleDesk(
        office=office,
        shelf=shelf,
        questions=Warehouse(stores[2], lambda: office.cursor(READER)),
        edge=edge,
        clock=clock,
        fresh_key=fresh_key,
        facts=lambda: _facts(data, loops),
        backup=take_backup,
    )
    app = build_console(desk, setting.secret(data / "console.token"), __version__)
    loops.start()
    try:
        async with _serving({"console": _server(app, "127.0.0.1", settings.console_port)}, data / "running-console.json"):
            await _asked_to_stop()
    finally:
        await loops.stop()
        await edge.close()
        for reader in readers:
            reader.close()
        for store in stores:
            store.close()
        shelf.close()
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


def _facts(data: Path, loops: Loops) -> list[Fact]:
    """What ``doctor`` wants to know of this machine."""
    free = shutil.disk_usage(data).free
    facts = [
        Fact("version", "ok", f"Omotenashi {__version__}, Python {sys.version.split()[0]}"),
        Fact("disk", "ok", f"{free / 2**30:.1f} GB free")
        if free > 2 * 2**30
        else Fact("disk", "broken" if free < 2**28 else "warning", f"{free / 2**30:.2f} GB free", f"Make room where {data} is."),
    ]
    for name in ("console.token", "internal.token", copies.SECRET):
        file = data / name
        if file.exists() and file.stat().st_mode & 0o077:
            facts.append(Fact("secrets", "warning", f"{name} can be read by others", f"chmod 600 {file}"))
    for loop in loops.health():
        state = "ok" if not loop.failures else "broken" if loop.failures > 5 else "warning"
        facts.append(Fact(f"loop {loop.name}", state, loop.message or loop.state))
    return facts


# Both processes, and those around them


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)


class _Quiet(uvicorn.Server):
    """A server that leaves signals to us, because there are several in one loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _server(app: Any, host: str, port: int) -> uvicorn.Server:
    return _Quiet(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http="httptools",
            ws="none",
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,  # a visitor reads for a while between two events
            timeout_graceful_shutdown=5,
        )
    )


@contextlib.asynccontextmanager
async def _serving(servers: Mapping[str, uvicorn.Server], note: Path) -> AsyncGenerator[None]:
    """Runs the servers, and writes their addresses into ``note`` while they run. Raises ``Unfinished`` when one cannot listen."""
    tasks = {name: asyncio.create_task(_listening(server)) for name, server in servers.items()}
    try:
        while not all(server.started for server in servers.values()):
            for name, task in tasks.items():
                if task.done():
                    config = servers[name].config
                    raise Unfinished(f"cannot listen on {config.host}:{config.port} ({name}); is another server running?")
            await asyncio.sleep(0.01)
        addresses: dict[str, Any] = {name: _url(server) for name, server in servers.items()}
        _write_whole(note, json.dumps({**addresses, "pid": os.getpid()}) + "\n")
        yield
    finally:
        note.unlink(missing_ok=True)  # noqa: ASYNC240  a local file, at the very end
        for server in servers.values():
            server.should_exit = True
        await asyncio.gather(*tasks.values(), return_exceptions=True)


async def _listening(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit:  # how uvicorn says that an address is taken
        pass


def _url(server: uvicorn.Server) -> str:
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"


def _write_whole(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(text, "utf-8")
    beside.replace(file)


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    await stop.wait()


def running(data: Path, process: str) -> dict[str, Any]:
    """The addresses that a running process (``edge``, ``console``) wrote down; {} when it does not run."""
    try:
        found: dict[str, Any] = json.loads((data / f"running-{process}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _address(data: Path, process: str, name: str, port: int) -> str:
    return str(running(data, process).get(name, f"http://127.0.0.1:{port}"))


class _Processes:
    """Children that are watched, started again when they fall, and stopped together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}
        self._falls: dict[str, int] = {}

    def start(self, command: str) -> None:
        """Start ``omotenashi COMMAND`` with our settings, out of the reach of the terminal's Ctrl-C: we pass it on in order."""
        self._started_at[command] = time.monotonic()
        self._children[command] = subprocess.Popen(
            [sys.executable, "-m", "omotenashi", command],
            env={**os.environ, **_environment(self._settings)},
            start_new_session=True,
        )

    def wait_until_answering(self, command: str) -> dict[str, Any]:
        """The child's addresses, once it answers. Raises ``Unfinished`` when it falls or takes too long."""
        until = time.monotonic() + PATIENCE_SECONDS
        child = self._children[command]
        while time.monotonic() < until:
            found = running(self._settings.data, command)
            if found.get("pid") == child.pid:
                return found
            if child.poll() is not None:
                raise Unfinished(f"the {command} process ended while starting; what it said stands above")
            time.sleep(0.05)
        raise Unfinished(f"the {command} process did not answer within {PATIENCE_SECONDS:.0f} seconds")

    def watch(self) -> None:
        """Start again what fell. Raises ``Unfinished`` when one falls three times in a row right after its start."""
        for command, child in list(self._children.items()):
            if child.poll() is None:
                continue
            lived = time.monotonic() - self._started_at[command]
            self._falls[command] = self._falls.get(command, 0) + 1 if lived < 10 else 1
            if self._falls[command] >= 3:
                raise Unfinished(f"the {command} process keeps falling (exit code {child.returncode})")
            logger.error("the %s process fell (exit code %s) and is started again", command, child.returncode)
            self.start(command)

    def stop(self) -> None:
        """Stop all, the first started first; each gets time to bring its work to disk."""
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(PATIENCE_SECONDS)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        setting.PREFIX + name.upper(): str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if str(value) != "" or name == "proxies"
    }


@contextlib.contextmanager
def _until_asked_to_stop() -> Generator[threading.Event]:
    """An event that SIGINT or SIGTERM sets."""
    stop = threading.Event()
    before = {which: signal.signal(which, lambda *_: stop.set()) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def serve(settings: Settings) -> int:
    """Both processes, watched, until SIGINT or SIGTERM; the exit code."""
    _log_to_stderr(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    children = _Processes(settings)
    with _until_asked_to_stop() as stop:
        try:
            for command in ("edge", "console"):
                children.start(command)
            addresses = {command: children.wait_until_answering(command) for command in ("edge", "console")}
            print(f"edge     {addresses['edge']['public']}   console  {addresses['console']['console']}", flush=True)  # noqa: T201
            while not stop.wait(0.5):
                children.watch()
        except Unfinished as error:
            print(f"✗ {error}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            children.stop()
    return 0


# The demo


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


def demo(settings: Settings, language: str, *, fresh: bool = False) -> int:
    """A server and the demo shop on free ports, configured and with a past, until Ctrl-C; the exit code."""
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / "demo" / "project.yaml").is_file():
        print("✗ The demo runs from a checkout: `git clone`, then `make demo`.", file=sys.stderr)  # noqa: T201
        return 1
    if fresh:
        shutil.rmtree(settings.data, ignore_errors=True)
    settings.data.mkdir(parents=True, exist_ok=True)
    settings = msgspec.structs.replace(
        settings, port=free_port(), internal_port=free_port(), console_port=free_port(), log_level="warning"
    )
    _log_to_stderr(settings)
    children = _Processes(settings)
    with _until_asked_to_stop() as stop:
        try:
            for command in ("edge", "console"):
                children.start(command)
            edge = children.wait_until_answering("edge")["public"]
            console = children.wait_until_answering("console")["console"]
            key, secret = _configured(settings, console, checkout / "demo")
            shop_port = free_port()
            shop = Shop(shop_folder(), key, edge)
            with _in_thread(shop, shop_port) as shop_url:
                _imported(edge, secret, lines(read_goods(shop_folder() / "goods.json"), clock(), shop_url), settings)
                print(_welcome(language, shop_url, edge, console, settings.data), flush=True)  # noqa: T201
                while not stop.wait(0.5):
                    children.watch()
        except Unfinished as error:
            print(f"✗ {error}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            children.stop()
    return 0


def _configured(settings: Settings, console: str, folder: Path) -> tuple[str, str]:
    """The demo's configuration put in force; the project's public and secret key."""
    token = setting.secret(settings.data / "console.token")
    with httpx.Client(base_url=console, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False) as client:
        applied = client.post("/api/apply", json={"sources": read_folder(folder), "comment": "demo"})
        if not applied.is_success:
            raise Unfinished(f"the demo's configuration was refused: {applied.text}")
        keys = {key["kind"]: key["key"] for key in client.get("/api/projects/midori/keys").json()}
    return keys["public"], keys["secret"]


def _imported(edge: str, secret: str, history: Iterator[bytes], settings: Settings) -> None:
    """The shop's past, sent once."""
    headers = {"Authorization": f"Bearer {secret}"}
    done = settings.data / "history-imported"
    if done.exists():
        return
    with httpx.Client(base_url=edge, headers=headers, timeout=120, trust_env=False) as client:
        until = time.monotonic() + PATIENCE_SECONDS
        while (asked := client.get("/v1/import", params={"batch": BATCH})).status_code != 200:
            if time.monotonic() > until:
                raise Unfinished(f"the edge did not take over the demo's configuration: {asked.text}")
            time.sleep(0.1)
        answer = client.post("/v1/import", params={"batch": BATCH}, content=b"".join(history))
        if not answer.is_success or answer.json()["rejectedRows"]:
            raise Unfinished(f"the demo's history was refused: {answer.text[:500]}")
    done.touch()


@contextlib.contextmanager
def _in_thread(app: Any, port: int) -> Generator[str]:
    """An ASGI application served by a thread of this process; its address."""
    server = _server(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, name="shop", daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise Unfinished(f"cannot listen on 127.0.0.1:{port} (shop)")
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def _welcome(language: str, shop: str, edge: str, console: str, data: Path) -> str:
    words = (
        ("おもてなしの準備ができました。", "お店を開く", "タグとイベント", "スタッフ用 API", "最近の来訪者", "Ctrl-C で終了")
        if language == "ja"
        else (
            "Omotenashi is at your service.",
            "Open the shop",
            "Tag and events",
            "Staff API",
            "Who was here last",
            "Ctrl-C to stop",
        )
    )
    ask = f"{'.venv/bin/' if Path('.venv/bin/omotenashi').exists() else ''}omotenashi --data {data} people"
    told = [(words[1], f"{shop}/"), (words[2], edge), (words[3], console), (words[4], ask)]
    broad = max(_columns(label) for label, _ in told)
    rows = [words[0], "", *(f"{label}{' ' * (broad - _columns(label))}  {text}" for label, text in told), "", words[5]]
    width = max(_columns(row) for row in rows)
    inside = [f"│  {row}{' ' * (width - _columns(row))}  │" for row in rows]
    return "\n".join(["╭" + "─" * (width + 4) + "╮", *inside, "╰" + "─" * (width + 4) + "╯"])


def _columns(text: str) -> int:
    """How wide the text stands in a terminal; Japanese letters take two columns."""
    return sum(2 if "\u1100" <= letter <= "\uffe6" and not "\u2500" <= letter <= "\u257f" else 1 for letter in text)


# Copies


def backup(settings: Settings, target: Path) -> None:
    """Copy all stores of a stopped installation. Raises ``Unfinished``; a running one is asked through its console instead."""
    if running(settings.data, "console"):
        raise Unfinished("the console process runs; it takes the backup")
    try:
        copies.backup(settings.data, target)
    except LedgerError as error:
        raise Unfinished(str(error)) from error


def restore(source: Path, settings: Settings) -> None:
    """Make the data folder anew from a backup. Raises ``Unfinished``."""
    try:
        copies.restore(source, settings.data)
    except LedgerError as error:
        raise Unfinished(str(error)) from error
