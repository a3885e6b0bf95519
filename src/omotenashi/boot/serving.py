"""What both processes have in common: servers in one loop, the addresses they write down, their end."""

import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Final

import uvicorn

from omotenashi.model.ids import Instant
from omotenashi.settings import Settings

PATIENCE_SECONDS: Final = 60.0
"""How long a process may take to start, or to stop."""
FREE_PORTS: Final = (20_000, 31_999)


class Unfinished(Exception):
    """A command could not do what it was asked; the message says why, for the person who asked."""


Clock = Callable[[], Instant]


def clock() -> Instant:
    """Now, in ms since 1970."""
    return Instant(time.time_ns() // 1_000_000)


def log_to_stderr(settings: Settings) -> None:
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


def http_server(app: Any, host: str, port: int) -> uvicorn.Server:
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
async def serving(servers: Mapping[str, uvicorn.Server], note: Path) -> AsyncGenerator[None]:
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


async def asked_to_stop() -> None:
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


def address(data: Path, process: str, name: str, port: int) -> str:
    return str(running(data, process).get(name, f"http://127.0.0.1:{port}"))


def free_port(wish: int = 0) -> int:
    """A port of 127.0.0.1 that nobody listens on just now: ``wish`` if it is one.

    It lies below those that systems lend to outgoing connections, so that none of these takes it before the server does.
    """
    port = wish or random.randint(*FREE_PORTS)
    while True:
        with socket.socket() as asking, contextlib.suppress(OSError):
            asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a server has just left is free
            asking.bind(("127.0.0.1", port))
            return port
        port = random.randint(*FREE_PORTS)
