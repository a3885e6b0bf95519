"""A console process of its own, where nobody has an account yet, beside a real provider of OpenID Connect."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext

from omotenashi import settings
from omotenashi.boot.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = ROOT / "web" / "console" / "tests" / "provider.mjs"
PATIENCE_SECONDS = 60
PASSWORD = "a long walk to the tea house"
SHOP = {"project.yaml": "id: shop\nname: Shop\nlanguage: en\n"}


class Door:
    """A console at ``url``; ``link`` is where the first account is made."""

    def __init__(self, data: Path, url: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {settings.secret(data / 'console.token')}"},
            timeout=30,
            trust_env=False,
        )

    def ask(self, path: str, body: Any = None) -> Any:
        """What it answers to whoever can read the data folder; a ``body`` is posted."""
        answer = self._client.request("GET" if body is None else "POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def link(self, mail: str = "") -> str:
        """A link that works once: for a member, or for the first account."""
        return str(self.ask("/api/staff/links", {"mail": mail})["url"])

    def employ(self, mail: str, name: str, **more: Any) -> None:
        """An account, made without an invitation."""
        self.ask("/api/staff", {"mail": mail, "name": name, "role": "admin", "password": PASSWORD, "language": "en", **more})

    def close(self) -> None:
        self._client.close()


@contextmanager
def console_door(folder: Path) -> Generator[Door]:
    """A console over ``folder`` that takes members of a provider, both until it is left."""
    port, provider_port = free_port(), free_port()
    url, issuer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{provider_port}"
    given = {
        "DATA": str(folder),
        "CONSOLE_PORT": str(port),
        "LOG_LEVEL": "warning",
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "omotenashi",
        "OIDC_CLIENT_SECRET": "a secret between the two",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
    environment |= {settings.PREFIX + name: value for name, value in given.items()} | {"PYTHONPATH": str(ROOT / "src")}
    provider = subprocess.Popen(
        ["node", str(PROVIDER), str(provider_port), f"{url}/api/session/openid/callback"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    console = subprocess.Popen([sys.executable, "-m", "omotenashi", "console"], env=environment)
    try:
        _answers(provider, f"{issuer}/.well-known/openid-configuration")
        _answers(console, f"{url}/health")
        door = Door(folder, url)
        yield door
        door.close()
    finally:
        for process in (provider, console):
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _answers(process: subprocess.Popen[bytes], url: str) -> None:
    """Returns when the address answers."""
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert process.poll() is None, f"what should answer at {url} ended"
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            assert time.monotonic() < limit, f"nothing answers at {url}"
            time.sleep(0.05)


def browsing(browser: Browser, door: Door, **options: Any) -> BrowserContext:
    """A browser of its own at a desk, whose pages begin at the console."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 860},
        locale="en-GB",
        timezone_id="Asia/Tokyo",
        reduced_motion="reduce",
        base_url=door.url,
        **options,
    )
    context.set_default_timeout(10_000)
    return context
