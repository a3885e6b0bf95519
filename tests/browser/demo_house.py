"""`omotenashi demo` as a newcomer starts it, and people who visit its shop."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page
from tests.browser.tabs import tab

ROOT = Path(__file__).resolve().parents[2]
MESSAGE = "[data-omotenashi-message]"
PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


class Demo:
    """A running demo and its command line."""

    def __init__(self, data: Path, shop: str) -> None:
        self.data = data
        self.shop = shop

    @property
    def console(self) -> str:
        """Where the staff's pages and their API are."""
        return json.loads((self.data / "running-console.json").read_text())["console"]

    def said(self, *command: str) -> str:
        """What ``omotenashi COMMAND`` prints."""
        return subprocess.run(
            [sys.executable, "-m", "omotenashi", "--data", str(self.data), *command],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout


@contextmanager
def demo_house(data: Path) -> Iterator[Demo]:
    """`omotenashi demo` over ``data`` until it is left."""
    out = data.parent / f"{data.name}.out"
    with out.open("w") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "omotenashi", "--data", str(data), "demo", "--no-crowd"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"},
            stdout=writing,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        limit = time.monotonic() + 120
        while (found := re.search(r"(http://127\.0\.0\.1:\d+)/ ", out.read_text())) is None:
            assert process.poll() is None, out.read_text()
            assert time.monotonic() < limit, f"the demo did not start: {out.read_text()}"
            time.sleep(0.1)
        yield Demo(data, found[1])
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def visiting(browser: Browser, demo: Demo, locale: str = "ja-JP", width: int = 390, height: int = 844) -> Generator[Page]:
    """Somebody new in the shop; an error that reaches the page fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        user_agent=PHONE if width < 600 else DESK,  # its own name says headless, and the edge leaves robots out
        is_mobile=width < 600,
        locale=locale,
        timezone_id="Asia/Tokyo",
        base_url=demo.shop,
    )
    context.set_default_timeout(15_000)
    with tab(context) as page:
        yield page
