"""A whole product for the recipes: a real edge with a clock that a test sets, a real console, and two sites that use them.

Every project is a site of its own: ``http://PROJECT.localhost:PORT`` is the shop, or the second site, with that project's key.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.second_site.site import SecondSite
from tests.integration.edge_process import SharedClock
from tests.integration.whole_house import is_early

from omotenashi import settings
from omotenashi.boot.serving import free_port, running
from omotenashi.demo_shop import Shop, shop_folder
from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.model.entries import Config, Reserved, decode

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
MINUTE, DAY = 60_000, 86_400_000
TOKYO = 9 * 60 * MINUTE

Site = Callable[[Any, Any, Any], Awaitable[None]]


class House:
    """The running processes. ``clock`` is the edge's; it stands still until it is set, at noon in Tokyo a week ago."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = SharedClock(folder / "clock")
        today = (time.time_ns() // 1_000_000 + TOKYO) // DAY
        self.clock.set((today - 7) * DAY + 12 * 60 * MINUTE - TOKYO)
        self.sites: dict[str, Site] = {}
        self._entries: list[Any] = []
        self._position = 0
        self._processes = [self._started("tests.integration.edge_process"), self._started("omotenashi", "console")]
        self.edge = self._address("edge", self._processes[0])["public"]
        self.console = self._address("console", self._processes[1])["console"]
        self._client = httpx.Client(
            base_url=self.console,
            headers={"authorization": f"Bearer {settings.secret(folder / 'console.token')}"},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
        self._server = uvicorn.Server(uvicorn.Config(self._site, interface="asgi3", port=0, log_config=None, lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started, "the sites to be served")
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._client.close()
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(PATIENCE_SECONDS)

    def _started(self, *module: str) -> subprocess.Popen[bytes]:
        wished = {
            "DATA": str(self.folder),
            "PORT": "0",
            "INTERNAL_PORT": "0",
            "CONSOLE_PORT": str(free_port()),
            "VISITOR_REQUESTS_PER_MINUTE": "600000000",  # the clock stands still, and so do the windows
            "ADDRESS_REQUESTS_PER_MINUTE": "600000000",
            "LOG_LEVEL": "error",
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith(settings.PREFIX)}
        environment |= {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        environment |= {settings.PREFIX + name: value for name, value in wished.items()}
        return subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=environment)

    def _address(self, name: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        def found() -> dict[str, Any] | None:
            assert process.poll() is None, f"the {name} process ended while starting"
            running_at = running(self.folder, name)
            return running_at if running_at.get("pid") == process.pid else None

        return until(found, f"the {name} process to answer")

    async def _site(self, scope: Any, receive: Any, send: Any) -> None:
        host = dict(scope["headers"])[b"host"].decode().partition(".")[0]
        await self.sites[host](scope, receive, send)

    # Staff

    def ask(self, path: str, body: Any = None) -> Any:
        """What the console answers; a ``body`` is posted."""
        end = time.monotonic() + 20
        while True:
            answer = self._client.get(path) if body is None else self._client.post(path, json=body)
            if not is_early(answer) or time.monotonic() > end:
                break
            time.sleep(0.05)
        assert answer.is_success, answer.text
        return answer.json()

    def project(self, name: str, site: str = "shop", **more: Any) -> str:
        """A new project without any campaign, and its site."""
        key = f"pk_of_{name}"
        document = {"id": name, "name": name, "keys": {"public": key}, **more}
        self.ask("/api/apply", {"sources": {"project.yaml": msgspec.json.encode(document).decode()}})
        self.sites[name] = Shop(shop_folder(), key, self.edge) if site == "shop" else SecondSite(key, self.edge)
        return name

    def install(self, project: str, recipe: str, prefix: str = "", **parameters: Any) -> dict[str, Any]:
        """The recipe in the project, as the console installed it."""
        wanted = {"parameters": parameters, "prefix": prefix}
        found: dict[str, Any] = self.ask(f"/api/projects/{project}/recipes/{recipe}", wanted)
        return found

    def in_force(self, project: str) -> None:
        """Returns when the edge runs on the project's latest version and everything it counts is counted."""
        version = next(one["version"] for one in self.ask("/api/projects") if one["id"] == project)
        until(lambda: self._latest(project) >= version, f"version {version} of {project} on the edge")
        until(lambda: self.ask(f"/api/projects/{project}/backfills")["ready"] >= version, f"{project} to be ready")

    # The world

    def later(self, *, seconds: int = 0, minutes: int = 0, days: int = 0) -> None:
        """Time passes for the edge, at once."""
        self.clock.set(self.clock() + seconds * 1_000 + minutes * MINUTE + days * DAY)

    def noon(self) -> None:
        """The next noon in Tokyo."""
        local = self.clock() + TOKYO
        self.clock.set(local + (12 * 60 * MINUTE - local) % DAY - TOKYO)

    def reservations(self, visitor: str) -> list[Reserved]:
        """What this person was handed, in order."""
        return [one for one in self._log() if isinstance(one, Reserved) and one.person == visitor]

    def _latest(self, project: str) -> int:
        return max((one.config for one in self._log() if isinstance(one, Config) and one.project == project), default=0)

    def _log(self) -> list[Any]:
        reader = LogReader(self.folder / "log")
        try:
            while rows := reader.read(self._position, 10_000):
                self._entries += [decode(body) for _, body in rows]
                self._position = rows[-1][0]
        finally:
            reader.close()
        return self._entries

    @contextmanager
    def visit(self, browser: Browser, project: str, *, phone: bool = True, locale: str = "ja-JP") -> Generator["Visit"]:
        """Somebody new on the project's site; an error that reaches the page fails the test."""
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            user_agent=PHONE if phone else DESK,
            is_mobile=phone,
            locale=locale,
            timezone_id="Asia/Tokyo",
            base_url=f"http://{project}.localhost:{self.port}",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.clock.install()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield Visit(self, page)
        finally:
            context.close()
        assert errors == []


@pytest.fixture(scope="module", name="house")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One of them for all tests of a file."""
    opened = House(tmp_path_factory.mktemp("recipes"))
    yield opened
    opened.close()


class Visit:
    """One person's browser; ``message`` is what stands on the page."""

    def __init__(self, house: House, page: Page) -> None:
        self.house = house
        self.page = page
        self._known = 0

    @property
    def message(self) -> Locator:
        return self.page.locator("[data-omotenashi-message]")

    def goto(self, path: str) -> "Visit":
        """Opens the page, a little later; returns when the edge has decided."""
        self.house.later(seconds=10)
        self.page.goto(path, wait_until="domcontentloaded")
        return self.decided()

    def decided(self) -> "Visit":
        """Returns when the edge has answered everything that this page said so far."""
        self.page.wait_for_function("window.omotenashi && omotenashi.loaded")
        assert self.said("track", "test_probe") == {"ok": True}
        return self

    def said(self, verb: str, *rest: Any) -> Any:
        """What the tag answers to a call of the page's."""
        return self.page.evaluate("said => omotenashi(...said)", [verb, *rest])

    @property
    def visitor(self) -> str:
        found: str = self.page.evaluate("localStorage.getItem('_omo')")
        return found

    def handed(self) -> list[str]:
        """The campaigns that this person was handed since it was asked last."""
        found = [one.campaign for one in self.house.reservations(self.visitor)]
        fresh, self._known = found[self._known :], len(found)
        return fresh

    def stay(self, seconds: int) -> "Visit":
        """Time passes for the edge and the page, at once: what was due meanwhile happens."""
        self.house.later(seconds=seconds)
        self.page.clock.fast_forward(seconds * 1_000)
        return self.decided()

    def close(self) -> None:
        """Closes the message by its button, and waits until the edge knows."""
        self.message.locator(".close").first.click()
        expect(self.message).to_have_count(0)
        self.decided()


def until(what: Callable[[], Any], wanted: str) -> Any:
    """The first true answer; fails with what was ``wanted``."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := what()):
        assert time.monotonic() < end, f"waited {PATIENCE_SECONDS} seconds for {wanted}"
        time.sleep(0.02)
    return found


def fill_cart(visit: Visit, goods: Mapping[str, int]) -> Visit:
    """Things in the shop's cart, as the shop keeps them, and its page open."""
    visit.page.goto("/guide")
    visit.page.evaluate("goods => localStorage.setItem('midori.cart', JSON.stringify(goods))", dict(goods))
    return visit.goto("/cart")
