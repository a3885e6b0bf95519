"""Chromium with nobody looking over its shoulder: spoken to through a pipe, and asked for nothing but its own clock.

A test driver listens to every request and every console line, for which the page's main thread works, more for pages
that send more; here that work would be counted as the pages' own.
"""

import fcntl
import itertools
import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-pipe",
)


class Chromium:
    """A running browser. Answers of the protocol are plain dicts, as it sends them."""

    def __init__(self, orders: int, answers: int) -> None:
        self._orders = orders
        self._answers = answers
        self._numbers = itertools.count(1)
        self._read = b""

    def ask(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        """The answer to one command. Raises ``RuntimeError`` when Chromium refuses it, ``EOFError`` when it has ended."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._orders, msgspec.json.encode(command) + b"\0")
        while (told := self._next()).get("id") != number:
            pass
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        result: dict[str, Any] = told["result"]
        return result

    @contextmanager
    def page(self) -> Generator[str]:
        """A page in a profile and a process of its own; its session."""
        profile = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=profile)["targetId"]
        session: str = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Performance.enable", session, timeDomain="threadTicks")
        yield session
        self.ask("Target.disposeBrowserContext", browserContextId=profile)

    def worked(self, session: str) -> float:
        """Ms of processor time that the page's main thread has worked since the document began."""
        found = {one["name"]: one["value"] for one in self.ask("Performance.getMetrics", session)["metrics"]}
        return float(found["TaskDuration"]) * 1000

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            got = os.read(self._answers, 1 << 16)
            if not got:
                raise EOFError("Chromium has ended.")
            self._read += got
        message, _, self._read = self._read.partition(b"\0")
        told: dict[str, Any] = msgspec.json.decode(message)
        return told


@contextmanager
def running(executable: str, agent: str) -> Generator[Chromium]:
    """Starts Chromium with an empty profile, and ends it."""
    theirs_in, orders = os.pipe()
    answers, theirs_out = os.pipe()
    # the numbers that Chromium expects may be in use here: first out of the way, then into place
    theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 64) for end in (theirs_in, theirs_out)]
    for end in (theirs_in, theirs_out):
        os.close(end)

    def place() -> None:
        os.dup2(theirs[0], 3)
        os.dup2(theirs[1], 4)

    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-", ignore_cleanup_errors=True) as name:
        process = subprocess.Popen(
            [executable, *FLAGS, f"--user-data-dir={Path(name)}", f"--user-agent={agent}", "about:blank"],
            preexec_fn=place,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in theirs:
            os.close(end)
        chromium = Chromium(orders, answers)
        try:
            yield chromium
        finally:
            process.terminate()
            process.wait()
            os.close(orders)
            os.close(answers)
