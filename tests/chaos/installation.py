"""A whole installation in a folder, its edge and its console each a process that is killed and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import httpx
from tests.integration.edge_process import Broken, Line

from omotenashi import settings
from omotenashi.boot.serving import free_port, running

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180

Process = Literal["edge", "console"]


class Installation:
    """Both processes over ``folder``, on ports that stay the same. Nothing is asked of a process that is not up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("port", "internal_port", "console_port")}
        self._children: dict[Process, subprocess.Popen[bytes]] = {}
        self.said = folder / "said.txt"

    def start(self, process: Process, *fate: str) -> None:
        """Starts a process, perhaps doomed (`tests.chaos.doomed`); returns at once."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
        wanted = {
            "data": str(self.folder / "data"),
            "log_level": "warning",
            "profile_seconds": "0.1",
            "hot_people": "24",
            "visitor_requests_per_minute": "6000000",
            "address_requests_per_minute": "6000000",
            **{name: str(port) for name, port in self.ports.items()},
        }
        environment |= {settings.PREFIX + name.upper(): value for name, value in wanted.items()}
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
        with self.said.open("ab") as said:
            said.write(f"--- {process} {' '.join(fate)}\n".encode())
            said.flush()
            self._children[process] = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.doomed", process, *fate], cwd=ROOT, env=environment, stderr=said, stdout=said
            )

    def kill(self, process: Process) -> None:
        """SIGKILL, now."""
        self._children[process].send_signal(signal.SIGKILL)
        self._children[process].wait()

    def is_dead(self, process: Process) -> bool:
        """Whether it was killed. A process that ended in any other way is a failure of ours."""
        code = self._children[process].poll()
        if code is None:
            return False
        assert code == -signal.SIGKILL, f"the {process} process ended with {code}; see {self.said}:\n{self._tail()}"
        return True

    async def is_up(self, process: Process) -> bool:
        """Waits until the process answers; False when it was killed before."""
        child = self._children[process]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while running(self.folder / "data", process).get("pid") != child.pid:
                if self.is_dead(process):
                    return False
                await asyncio.sleep(0.02)
        return True

    async def stop(self, process: Process) -> None:
        """SIGTERM, as a deployment does; it must end by itself."""
        child = self._children[process]
        child.terminate()
        code = await asyncio.to_thread(child.wait, PATIENCE_SECONDS)
        assert code == 0, f"the {process} process ended with {code}; see {self.said}:\n{self._tail()}"

    def end(self) -> None:
        """Whatever still runs is killed."""
        for child in self._children.values():
            if child.poll() is None:
                child.kill()
                child.wait()

    def _tail(self) -> str:
        return "\n".join(self.said.read_text(errors="replace").splitlines()[-40:])

    def secret(self, name: str) -> str:
        return (self.folder / "data" / name).read_text().strip()

    async def ask_edge(self, path: str, body: bytes, *, internal: bool = False, **headers: str) -> tuple[int, bytes]:
        """One request on a connection of its own. Raises ``Broken``."""
        line = await Line.open(self.ports["internal_port" if internal else "port"])
        try:
            line.send(path, body, **headers)
            return await line.answer()
        finally:
            line.close()

    async def ask_console(self, method: str, path: str, body: Any = None) -> Any:
        """What the console answers. Raises ``Broken`` while it is down."""
        headers = {"authorization": f"Bearer {self.secret('console.token')}"}
        url = f"http://127.0.0.1:{self.ports['console_port']}{path}"
        try:
            async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
                answer = await client.request(method, url, headers=headers, json=body)
        except httpx.HTTPError as error:
            raise Broken(repr(error)) from error
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()
