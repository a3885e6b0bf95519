"""`omotenashi demo`: both processes and a shop, configured, with a past and with people in it."""

import asyncio
import contextlib
import logging
import shutil
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from omotenashi import settings as setting
from omotenashi.configuration.folder import read_folder
from omotenashi.demo_crowd import Street
from omotenashi.demo_history import Town, read_goods
from omotenashi.demo_screens import Pages
from omotenashi.demo_shop import Shop, shop_folder
from omotenashi.settings import Settings

from .demo_pictures import hang_pictures
from .entry import employ, link_for
from .pair import Processes, until_asked_to_stop
from .past import furnish
from .serving import PATIENCE_SECONDS, Unfinished, clock, free_port, http_server, log_to_stderr

logger = logging.getLogger(__name__)

CROWD: Final = 6
"""People in the shop at a time."""
HANAKO: Final[dict[str, Any]] = {
    "mail": "hanako@midori.example",
    "name": "Hanako",
    "role": "admin",
    "extra": ["people", "recordings", "sql"],
}
TARO: Final[dict[str, Any]] = {"mail": "taro@midori.example", "name": "Taro", "role": "viewer"}
FURNISHED: Final = "demo-furnished"
PORTS: Final = "demo-ports.json"


def demo(settings: Settings, language: str, *, fresh: bool = False, crowd: bool = True) -> int:
    """A server and the demo shop, configured, with a past and a ``crowd``, until Ctrl-C; the exit code.

    They listen on free ports: on those of the last time, if these are.
    """
    checkout = Path(__file__).resolve().parents[3]
    if not (checkout / "demo" / "project.yaml").is_file():
        print("✗ The demo runs from a checkout: `git clone`, then `make demo`.", file=sys.stderr)  # noqa: T201
        return 1
    if fresh:
        shutil.rmtree(settings.data, ignore_errors=True)
    settings.data.mkdir(parents=True, exist_ok=True)
    port, internal_port, console_port, shop_port = _ports(settings.data / PORTS)
    settings = msgspec.structs.replace(
        settings, port=port, internal_port=internal_port, console_port=console_port, log_level="warning"
    )
    log_to_stderr(settings)
    listed = ",".join(filter(None, (settings.private_hosts, f"127.0.0.1:{shop_port}")))
    settings = msgspec.structs.replace(settings, private_hosts=listed)  # the shop's own pictures and fonts
    children = Processes(settings)
    town = Town(read_goods(shop_folder() / "goods.json"), clock(), f"http://127.0.0.1:{shop_port}")
    with until_asked_to_stop() as stop:
        try:
            _furnished(settings, checkout / "demo", town)
            for command in ("edge", "console"):
                children.start(command)
            edge = children.wait_until_answering("edge")["public"]
            console = children.wait_until_answering("console")["console"]
            key = _configured(settings, console, checkout / "demo")
            hang_pictures(settings, console, shop_folder())
            for member in (HANAKO, TARO):
                employ(settings, console, {**member, "language": language})
            shop = Shop(shop_folder(), key, edge)
            screens = Pages(shop_folder(), shop)
            with _in_thread(shop, shop_port) as shop_url, _crowded(town, screens, key, edge, CROWD if crowd else 0):
                link = link_for(settings, console, HANAKO["mail"])
                print(_welcome(language, shop_url, edge, link, settings.data), flush=True)  # noqa: T201
                while not stop.wait(0.5):
                    children.watch()
        except Unfinished as error:
            print(f"✗ {error}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            children.stop()
    return 0


def _ports(file: Path) -> list[int]:
    """Four free ports; those of the last time as far as they are, for the past and people's bookmarks have their addresses."""
    last: list[int] = msgspec.json.decode(file.read_bytes()) if file.exists() else [0, 0, 0, 0]
    ports: list[int] = []
    for wish in last:
        port = free_port(wish)
        while port in ports:
            port = free_port()
        ports.append(port)
    file.write_bytes(msgspec.json.encode(ports))
    return ports


def _furnished(settings: Settings, folder: Path, town: Town) -> None:
    """The past, once. What a start that was broken off has left is thrown away."""
    done = settings.data / FURNISHED
    if done.exists():
        return
    for left in ("log", "warehouse", "blobs/recordings"):
        shutil.rmtree(settings.data / left, ignore_errors=True)
    for left in ("office.db", "profiles.db", "recordings.db"):
        for file in settings.data.glob(f"{left}*"):
            file.unlink()
    furnish(settings, folder, town, clock())
    done.touch()


def _configured(settings: Settings, console: str, folder: Path) -> str:
    """The demo's configuration put in force as it is in the folder today; the project's public key."""
    token = setting.secret(settings.data / "console.token")
    with httpx.Client(base_url=console, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False) as client:
        applied = client.post("/api/apply", json={"sources": read_folder(folder), "comment": "demo"})
        if not applied.is_success:
            raise Unfinished(f"the demo's configuration was refused: {applied.text}")
        keys = {key["kind"]: key["key"] for key in client.get("/api/projects/midori/keys").json()}
    return str(keys["public"])


@contextlib.contextmanager
def _crowded(town: Town, screens: Pages, key: str, edge: str, people: int) -> Generator[None]:
    """``people`` of the town in the shop at any time, by a thread of this process."""
    if not people:
        yield
        return
    loop = asyncio.new_event_loop()
    strolling = loop.create_task(_strolling(town, screens, key, edge, people))

    def stroll() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(strolling)

    thread = threading.Thread(target=stroll, name="crowd", daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(strolling.cancel)
        thread.join(PATIENCE_SECONDS)
        loop.close()


async def _strolling(town: Town, screens: Pages, key: str, edge: str, people: int) -> None:
    async with httpx.AsyncClient(base_url=edge, timeout=10, trust_env=False) as client:

        async def say(body: bytes, agent: str, language: str) -> dict[str, Any]:
            headers = {"user-agent": agent, "accept-language": language, "content-type": "text/plain"}
            try:
                answer = await client.post("/v1/track", content=body, headers=headers)
            except httpx.HTTPError as error:
                logger.info("somebody in the crowd was not heard: %s", error)
                return {}
            found: dict[str, Any] = answer.json() if answer.is_success else {}
            return found

        async def film(query: str, body: bytes, agent: str) -> dict[str, Any]:
            headers = {"user-agent": agent, "content-type": "text/plain"}
            try:
                answer = await client.post(f"/v1/record?{query}", content=body, headers=headers)
            except httpx.HTTPError as error:
                logger.info("a screen of the crowd was not filmed: %s", error)
                return {}
            found: dict[str, Any] = answer.json() if answer.is_success else {}
            return found

        await Street(town, say, key, clock, seed=clock(), film=(screens, film)).live(people)


@contextlib.contextmanager
def _in_thread(app: Any, port: int) -> Generator[str]:
    """An ASGI application served by a thread of this process; its address."""
    server = http_server(app, "127.0.0.1", port)
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


def _welcome(language: str, shop: str, edge: str, link: str, data: Path) -> str:
    words = (
        (
            "おもてなしの準備ができました。",
            "お店を開く",
            "管理画面を開く（一度だけ）",
            "リンクをもう一つ",
            "タグとイベント",
            "Ctrl-C で終了",
        )
        if language == "ja"
        else (
            "Omotenashi is at your service.",
            "Open the shop",
            "Open the console, once",
            "For another link",
            "Tag and events",
            "Ctrl-C to stop",
        )
    )
    ask = f"{'.venv/bin/' if Path('.venv/bin/omotenashi').exists() else ''}omotenashi --data {data} staff link {HANAKO['mail']}"
    told = [(words[1], f"{shop}/"), (words[2], link), (words[3], ask), (words[4], edge)]
    broad = max(_columns(label) for label, _ in told)
    rows = [words[0], "", *(f"{label}{' ' * (broad - _columns(label))}  {text}" for label, text in told), "", words[5]]
    width = max(_columns(row) for row in rows)
    inside = [f"│  {row}{' ' * (width - _columns(row))}  │" for row in rows]
    return "\n".join(["╭" + "─" * (width + 4) + "╮", *inside, "╰" + "─" * (width + 4) + "╯"])


def _columns(text: str) -> int:
    """How wide the text stands in a terminal; Japanese letters take two columns."""
    return sum(2 if "\u1100" <= letter <= "\uffe6" and not "\u2500" <= letter <= "\u257f" else 1 for letter in text)
