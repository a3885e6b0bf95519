"""The whole product as `omotenashi serve` runs it, over real processes and real HTTP, in a folder of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from omotenashi import settings
from omotenashi.boot.serving import free_port, running
from omotenashi.ledger.sqlite.files import onlooker
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Desk
from omotenashi.ledger.sqlite.profiles import SYNCED
from omotenashi.model.entries import LogEntry, decode
from omotenashi.warehouse.sink import READER

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120

PROJECT = {"id": "shop", "name": "Shop", "time_zone": "Asia/Tokyo", "language": "en"}
BANNER = {
    "templates/banner/template.yaml": {"kind": "bar", "variables": {"text": {"type": "text", "default": "Hello"}}},
    "templates/banner/body.liquid": "<p>{{ text }}</p>",
    "templates/banner/style.css": "p { margin: 0 }",
}


def sources(*, project: dict[str, Any] | None = None, **folders: dict[str, Any]) -> dict[str, str]:
    """A configuration folder, text by path: ``segments={"id": {...}}`` becomes ``segments/id.yaml``. JSON is YAML."""
    files: dict[str, Any] = {"project.yaml": PROJECT | (project or {}), **(BANNER if "campaigns" in folders else {})}
    for folder, documents in folders.items():
        files |= {f"{folder}/{name}.yaml": document for name, document in documents.items()}
    return {path: text if isinstance(text, str) else msgspec.json.encode(text).decode() for path, text in files.items()}


def until(what: Callable[[], Any], wanted: str, patience: float = PATIENCE_SECONDS) -> Any:
    """The first true answer; fails with what was ``wanted``."""
    end = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < end, f"waited {patience:.0f} seconds for {wanted}"
        time.sleep(0.02)
    return found


def is_early(answer: httpx.Response) -> bool:
    """Whether the console knows nobody of this name yet: it hears of people a moment after the edge."""
    return answer.status_code == 404 and answer.json()["error"]["where"] == "person"


class House:
    """Both processes under ``serve``, which starts again whatever falls."""

    def __init__(self, folder: Path, private_hosts: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        ports = {"PORT": self.port, "INTERNAL_PORT": free_port(), "CONSOLE_PORT": free_port()}
        limits = {"VISITOR_REQUESTS_PER_MINUTE": 600_000_000, "ADDRESS_REQUESTS_PER_MINUTE": 600_000_000}
        given = {"DATA": folder, "LOG_LEVEL": "warning", "PRIVATE_HOSTS": private_hosts}
        wished = {settings.PREFIX + name: str(value) for name, value in {**given, **ports, **limits}.items()}
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), environment.get("PYTHONPATH", "")))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "omotenashi", "serve"], env=environment | wished, stdout=subprocess.DEVNULL
        )
        self._client = httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)
        for process in ("edge", "console"):
            until(lambda process=process: self._running(process), f"the {process} process")

    def _running(self, process: str) -> dict[str, Any]:
        assert self._process.poll() is None, "the server ended while starting"
        return running(self.folder, process)

    def close(self) -> None:
        self._client.close()
        self._process.terminate()
        assert self._process.wait(PATIENCE_SECONDS) == 0

    def kill(self, process: str) -> None:
        """SIGKILL to ``edge`` or ``console``; returns while it still lies there."""
        os.kill(running(self.folder, process)["pid"], signal.SIGKILL)

    # Staff

    def ask(self, path: str, body: Any = None) -> Any:
        """What the console answers, started again meanwhile if need be; a ``body`` is posted."""
        token = settings.secret(self.folder / "console.token")
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                url = running(self.folder, "console")["console"] + path
                answer = self._client.request(
                    "GET" if body is None else "POST", url, json=body, headers={"authorization": f"Bearer {token}"}
                )
            except (httpx.TransportError, KeyError):
                assert time.monotonic() < end, "the console does not answer"
                time.sleep(0.05)
                continue
            if is_early(answer) and time.monotonic() < end:
                time.sleep(0.05)
                continue
            assert answer.is_success, answer.text
            return answer.json()

    def apply(self, files: dict[str, str]) -> int:
        """Puts a configuration in force, also on the edge; its version."""
        version = int(self.ask("/api/apply", {"sources": files})["version"])
        project = msgspec.json.decode(files["project.yaml"])["id"]
        keys = self.keys(project)
        until(
            lambda: httpx.get(f"{self.edge}/v1/import?batch=any", headers=bearer(keys["secret"]), trust_env=False).is_success,
            "the edge to know the project",
        )
        return version

    def keys(self, project: str) -> dict[str, str]:
        return {key["kind"]: key["key"] for key in self.ask(f"/api/projects/{project}/keys")}

    def size(self, project: str, rule: Any) -> int:
        """How many people the warehouse finds."""
        return int(self.ask(f"/api/projects/{project}/size", {"rule": rule})["people"])

    def ready(self, project: str, version: int) -> None:
        """Returns when everything that this version counts is counted."""
        until(lambda: self.ask(f"/api/projects/{project}/backfills")["ready"] >= version, f"version {version} to be ready")

    # The world

    @property
    def edge(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, path: str, key: str, body: bytes) -> Any:
        """What the edge answers to a server."""
        answer = self._client.post(self.edge + path, content=body, headers=bearer(key) | {"content-encoding": "gzip"})
        assert answer.is_success, answer.text
        return answer.json()

    def next_row(self, batch: str, key: str) -> int:
        answer = self._client.get(f"{self.edge}/v1/import", params={"batch": batch}, headers=bearer(key))
        return int(answer.json()["nextRow"])

    # The stores

    def log(self) -> list[tuple[int, LogEntry]]:
        """The whole log with its positions, as it is on disk."""
        reader = LogReader(self.folder / "log")
        try:
            found: list[tuple[int, LogEntry]] = []
            while rows := reader.read(found[-1][0] if found else 0, 20_000):
                found += [(position, decode(body)) for position, body in rows]
            return found
        finally:
            reader.close()

    def loaded(self) -> None:
        """Returns when the warehouse has all of today's log."""
        reader, desk = LogReader(self.folder / "log"), Desk.open(self.folder / "office.db")
        try:
            last = reader.last()
            until(lambda: desk.cursor(READER) >= last, "the warehouse to catch up")
        finally:
            reader.close()
            desk.close()

    def written(self) -> None:
        """Returns when every profile is on disk with all of today's log."""
        reader, rows = LogReader(self.folder / "log"), onlooker(self.folder / "profiles.db")
        try:
            last = reader.last()
            until(lambda: rows.execute(SYNCED).fetchall()[0][0] >= last, "the profiles to be written")
        finally:
            reader.close()
            rows.close()


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


@contextmanager
def whole_house(folder: Path, private_hosts: str = "") -> Iterator[House]:
    """A running house over ``folder``, asked to stop at the end."""
    house = House(folder, private_hosts)
    try:
        yield house
    finally:
        house.close()
