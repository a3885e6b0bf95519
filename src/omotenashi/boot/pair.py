"""Both processes as children of one, watched and stopped together."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from typing import Any

import msgspec

from omotenashi import settings as setting
from omotenashi.settings import Settings

from .entry import link_for
from .serving import PATIENCE_SECONDS, Unfinished, log_to_stderr, running

logger = logging.getLogger(__name__)


def serve(settings: Settings) -> int:
    """Both processes, watched, until SIGINT or SIGTERM; the exit code."""
    log_to_stderr(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    children = Processes(settings)
    with until_asked_to_stop() as stop:
        try:
            for command in ("edge", "console"):
                children.start(command)
            addresses = {command: children.wait_until_answering(command) for command in ("edge", "console")}
            print(f"edge     {addresses['edge']['public']}   console  {addresses['console']['console']}", flush=True)  # noqa: T201
            if link := link_for(settings, addresses["console"]["console"]):
                print(f"Nobody has an account yet. Make the first one, within a day: {link}", flush=True)  # noqa: T201
            while not stop.wait(0.5):
                children.watch()
        except Unfinished as error:
            print(f"✗ {error}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            children.stop()
    return 0


class Processes:
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
def until_asked_to_stop() -> Generator[threading.Event]:
    """An event that SIGINT or SIGTERM sets."""
    stop = threading.Event()
    before = {which: signal.signal(which, lambda *_: stop.set()) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
