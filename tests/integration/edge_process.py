"""A real edge, as `omotenashi edge` runs it, in a process of its own, whose only difference is a clock that a test sets.

The module is both ends: the test holds an `EdgeProcess`; run as a program it is the edge.
"""

import asyncio
import gzip
import mmap
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import msgspec
from tests.integration.edge_house import NOON, PHONE, PUBLIC, SECRET

from omotenashi import settings
from omotenashi.boot.edge import run
from omotenashi.boot.serving import running
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Office
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Event, LogEntry, Reserved, decode
from omotenashi.model.ids import Instant

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class SharedClock:
    """An instant in a file that two processes map: one sets it, the other reads it a microsecond later."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(NOON.to_bytes(8, "little"))
        with file.open("r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), 8)

    def __call__(self) -> Instant:
        return Instant(int.from_bytes(self._shared[:8], "little"))

    def set(self, now: int) -> None:
        self._shared[:8] = now.to_bytes(8, "little")


class Broken(Exception):
    """The connection ended before a whole answer came."""


class Line:
    """One connection to the edge, kept open as a browser does: plain HTTP/1.1 over a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        try:
            return cls(*await asyncio.open_connection("127.0.0.1", port))
        except OSError as error:
            raise Broken(str(error)) from error

    def send(self, path: str, body: bytes, **headers: str) -> None:
        """Only sends; whoever does not read the answer has lost it."""
        heads = {"host": "edge", "user-agent": PHONE, "content-length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in heads.items())
        self._writer.write(f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)

    async def answer(self) -> tuple[int, bytes]:
        """The next answer's status and body. Raises ``Broken``."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
            status, *fields = head.decode("latin-1").split("\r\n")
            length = next(int(field.split(":")[1]) for field in fields if field.lower().startswith("content-length:"))
            return int(status.split()[1]), await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Broken(str(error)) from error

    async def ask(self, path: str, body: bytes, **headers: str) -> Any:
        """What the edge answers with 200. Raises ``Broken``."""
        self.send(path, body, **headers)
        status, answer = await self.answer()
        assert status == 200, (status, answer)
        return msgspec.json.decode(answer)

    def close(self) -> None:
        self._writer.close()


class EdgeProcess:
    """The edge of one folder. `office` is what the console would write to; `clock` stands still until it is set."""

    def __init__(self, folder: Path, projects: Iterable[Project], wanted: dict[str, str]) -> None:
        self.folder = folder
        self.clock = SharedClock(folder / "clock")
        self.office = Office.open(folder / "office.db")
        for project in projects:
            self.apply(project)
        self._wanted = wanted
        self._process: subprocess.Popen[bytes] | None = None
        self.port = self.internal_port = 0

    def apply(self, project: Project) -> None:
        """Puts a version in force, with nothing left to back-fill."""
        self.office.apply(project, {}, self.clock())
        self.office.set_ready(project.id, project.version)

    async def start(self) -> None:
        """Returns when it answers."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
        environment |= {
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            **{
                settings.PREFIX + name.upper(): value
                for name, value in {
                    "data": str(self.folder),
                    "port": "0",
                    "internal_port": "0",
                    "visitor_requests_per_minute": "600000000",  # the clock stands still, and so do the windows
                    "address_requests_per_minute": "600000000",
                    "log_level": "error",
                    **self._wanted,
                }.items()
            },
        }
        command = [sys.executable, "-m", "tests.integration.edge_process"]
        self._process = process = await asyncio.to_thread(subprocess.Popen, command, cwd=ROOT, env=environment)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (found := running(self.folder, "edge")).get("pid") != process.pid:
                assert process.poll() is None, "the edge ended while starting"
                await asyncio.sleep(0.02)  # it says so in a file
        self.port, self.internal_port = (int(found[name].rpartition(":")[2]) for name in ("public", "internal"))

    async def stop(self) -> None:
        """SIGTERM, as a deployment does."""
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait, PATIENCE_SECONDS)
            self._process = None

    async def kill(self) -> None:
        """SIGKILL, as a power cut does."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait, PATIENCE_SECONDS)
            self._process = None

    def entries(self) -> list[LogEntry]:
        """The whole log, as it is on disk."""
        source = LogReader(self.folder / "log")
        try:
            found: list[LogEntry] = []
            position = 0
            while rows := source.read(position, 10_000):
                found += [decode(body) for _, body in rows]
                position = rows[-1][0]
            return found
        finally:
            source.close()

    def reserved(self) -> list[Reserved]:
        return [entry for entry in self.entries() if isinstance(entry, Reserved)]

    def events(self, name: str) -> list[Event]:
        return [entry for entry in self.entries() if isinstance(entry, Event) and entry.name == name]

    async def gauge(self, name: str) -> float:
        """A number of the metrics page."""
        line = await Line.open(self.internal_port)
        line.send("/metrics", b"")
        _, text = await line.answer()
        line.close()
        numbers = dict(row.split() for row in text.decode().splitlines() if not row.startswith("#"))
        return float(numbers[f"omotenashi_{name}"])

    @asynccontextmanager
    async def lines(self, count: int) -> AsyncIterator["Lines"]:
        """``count`` open connections."""
        opened = Lines([await Line.open(self.port) for _ in range(count)])
        try:
            yield opened
        finally:
            opened.close()

    async def insist(self, path: str, body: bytes) -> Any:
        """Sends the same body on new connections until it is answered with 200, as the tag does."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(Broken):
                    line = await Line.open(self.port)
                    try:
                        line.send(path, body)
                        status, answer = await line.answer()
                    finally:
                        line.close()
                    assert status in (200, 503), (status, answer)
                    if status == 200:
                        return msgspec.json.decode(answer)
                await asyncio.sleep(0.2)


class Lines:
    """Connections that wait to be used, each by one at a time."""

    def __init__(self, opened: list[Line]) -> None:
        self._opened = opened
        self._free: asyncio.Queue[Line] = asyncio.Queue()
        for line in opened:
            self._free.put_nowait(line)

    async def ask(self, path: str, body: bytes, **headers: str) -> Any:
        """One request over whichever connection has been free longest."""
        line = await self._free.get()
        try:
            return await line.ask(path, body, **headers)
        finally:
            self._free.put_nowait(line)

    def close(self) -> None:
        for line in self._opened:
            line.close()


@asynccontextmanager
async def edge_process(folder: Path, *projects: Project, **wanted: str) -> AsyncIterator[EdgeProcess]:
    """A running edge over ``folder``, gone at the end; ``wanted`` are settings by name."""
    edge = EdgeProcess(folder, projects, wanted)
    try:
        await edge.start()
        yield edge
    finally:
        await edge.kill()
        edge.office.close()


def said(who: str, *events: dict[str, Any], page: str | None = None, **changes: Any) -> bytes:
    """The body of a track request from a visible page view of this visitor; ``key`` among the ``changes`` is its project."""
    view = {"id": page or f"page-of-{who}", "url": "https://midori.example/", "visible": True}
    return msgspec.json.encode({"key": PUBLIC, "visitor": who, "page": view, "events": events, **changes})


def imported(lines: Iterable[dict[str, Any]]) -> bytes:
    """The body of an import."""
    return gzip.compress(b"\n".join(msgspec.json.encode(line) for line in lines), 1)


AS_SERVER = {"authorization": f"Bearer {SECRET}"}


async def crowd(count: int, each: Callable[[int], Awaitable[Any]], at_once: int = 64) -> list[Any]:
    """``each(0)`` to ``each(count - 1)``, so many at once; what they returned, in order."""
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> Any:
        async with gate:
            return await each(number)

    return await asyncio.gather(*(one(number) for number in range(count)))


if __name__ == "__main__":
    wished = settings.read()
    run(wished, SharedClock(wished.data / "clock"))
