"""The recorder beside those of others, in turns over the same visit to the demo shop: main thread, bytes sent, bytes loaded."""

import asyncio
import gzip
import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any, Final

from omotenashi.demo_shop import Shop, shop_folder

from . import pipe
from .results import Number, Part, Round
from .tag import AGENT, DIST, OTHERS, ROOT, chromium

ROUNDS: Final = 3
VISIT_SECONDS: Final = 60.0
SENT_SECONDS: Final = 6.0
"""How long what was recorded last may take to be sent."""
SETTLED_SECONDS: Final = 3.0
RECORDERS: Final = ("nothing", "omotenashi", "posthog-js", "@sentry/browser")
SCRIPTS: Final = {"omotenashi": "/edge/tag.js", "posthog-js": "/posthog-recorder.js", "@sentry/browser": "/sentry.js"}
SENT_TO: Final = {"omotenashi": "/edge/v1/record", "posthog-js": "/posthog/s/", "@sentry/browser": "/api/1/envelope/"}
ANSWERS: Final[dict[str, Any]] = {
    "/edge/v1/track": {"accepted": 1, "record": {"recording": "bench", "token": "t", "leftMs": 3_600_000}},
    "/edge/v1/record": {"taken": True, "nextMs": 5_000},
    "/posthog/": {"sessionRecording": {"endpoint": "/s/"}, "featureFlags": {}, "supportedCompression": ["gzip-js"]},
}
BUSY: Final = """() => {
  const list = document.createElement("ul");
  document.querySelector("main").append(list);
  let n = 0;
  window.busy = setInterval(() => {
    const item = document.createElement("li");
    item.textContent = `煎茶 ${++n}`;
    list.append(item);
    if (list.childElementCount > 20) list.firstChild.remove();
    document.querySelector("h1").style.opacity = String(0.9 + (n % 10) / 100);
  }, 500);
}"""


def measure(quick: bool) -> Part:
    """Every recorder in turns, each in a fresh profile; the visit without one is taken off. Raises when one sends nothing."""
    seconds = 8.0 if quick else VISIT_SECONDS
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        sizes = _built(Path(name))
        with pipe.running(chromium(), AGENT) as browser, _served(Path(name)) as (address, sent):
            for number in range(1 if quick else ROUNDS):
                for recorder in RECORDERS:
                    before = sent(recorder)
                    load_ms, visit_ms = _visit(browser, f"{address}/?{recorder}", seconds)
                    kilobytes = (sent(recorder) - before) / 1_000
                    if recorder != "nothing" and not kilobytes:
                        raise RuntimeError(f"{recorder}: expected a recording, nothing came")
                    rounds.append(
                        {
                            "round": f"{number} {recorder}",
                            "load_ms": load_ms,
                            "visit_ms": visit_ms * 60 / seconds,
                            "kilobytes": kilobytes * 60 / seconds,
                        }
                    )
    return Part("The recorder in the page", tuple(_numbers(sizes, rounds)), tuple(rounds), NOTE)


NOTE: Final = (
    f"The front page of the demo shop; {VISIT_SECONDS:g} seconds in which the pointer moves ten times a second, the page "
    "scrolls every second, somebody clicks, and two elements change twice a second, the visitor's part by the browser's own "
    "input. Milliseconds: processor time of the page's main thread (Chromium's `TaskDuration` in thread ticks), the same "
    "visit's without a recorder taken off; at the load with its first whole page, until "
    f"{SETTLED_SECONDS:g} s after it, then a minute. Kilobytes are what recordings weigh on the wire (bodies), a minute, the "
    "first whole page with them. Each is the whole thing that a site installs: the tag with its recorder, and the others' with "
    "theirs, started as their documentation begins. Medians of rounds in which every recorder has its turn."
)


def _numbers(sizes: dict[str, int], rounds: list[Round]) -> Iterator[Number]:
    def taken(recorder: str, what: str) -> list[float]:
        return [float(one[what]) for one in rounds if str(one["round"]).endswith(f" {recorder}")]

    def added(recorder: str, what: str) -> float:
        """Compared within each round: what else the machine did then was done to both."""
        pairs = zip(taken(recorder, what), taken("nothing", what), strict=True)
        return max(0.0, median(mine - nothing for mine, nothing in pairs))

    for recorder in RECORDERS[1:]:
        yield Number(f"{recorder}, loaded", sizes[recorder], "bytes")
    for what, words, unit in (
        ("load_ms", "at the load", "ms"),
        ("visit_ms", "a minute of the visit", "ms"),
    ):
        for recorder in RECORDERS[1:]:
            yield Number(f"{recorder}, {words}", added(recorder, what), unit)
    for recorder in RECORDERS[1:]:
        yield Number(f"{recorder}, sent a minute", median(taken(recorder, "kilobytes")), "kB")


def _visit(browser: pipe.Chromium, address: str, seconds: float) -> tuple[float, float]:
    """Main-thread ms of the load, and of the visit after it."""
    with browser.page() as session:
        browser.ask("Page.navigate", session, url=address)
        sleep(SETTLED_SECONDS)
        load_ms = browser.worked(session)
        browser.ask("Runtime.evaluate", session, expression=f"({BUSY})()")
        started = monotonic()
        step = 0
        while monotonic() - started < seconds:
            _does(browser, session, step)
            step += 1
            sleep(max(0.0, started + step / 10 - monotonic()))
        browser.ask("Runtime.evaluate", session, expression="clearInterval(busy)")
        sleep(SENT_SECONDS)
        return load_ms, browser.worked(session) - load_ms


def _does(browser: pipe.Chromium, session: str, step: int) -> None:
    """A tenth of a second of somebody's visit."""
    x, y = 60 + step * 7 % 500, 120 + step * 5 % 400
    browser.ask("Input.dispatchMouseEvent", session, type="mouseMoved", x=x, y=y)
    if step % 10 == 0:
        delta = 240 if step // 10 % 6 < 3 else -240
        browser.ask("Input.dispatchMouseEvent", session, type="mouseWheel", x=x, y=y, deltaX=0, deltaY=delta)
    if step % 30 == 15:
        for kind in ("mousePressed", "mouseReleased"):
            browser.ask("Input.dispatchMouseEvent", session, type=kind, x=8, y=y, button="left", clickCount=1)


def _built(folder: Path) -> dict[str, int]:
    """Bundles the others' scripts into the folder; gzipped bytes of what each loads. Raises ``FileNotFoundError``."""
    if not (OTHERS / "node_modules" / "@sentry").is_dir():
        raise FileNotFoundError(f"{OTHERS / 'node_modules'}: not all there; run `npm ci --prefix bench/tags --ignore-scripts`")
    ours = ("tag.js", "recorder.js", "rrweb.js")
    sizes = {"omotenashi": sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in ours)}
    for name, source in (("posthog-js", "posthog-recorder"), ("@sentry/browser", "sentry")):
        command = [ROOT / "node_modules" / ".bin" / "esbuild", f"{source}.js", "--bundle", "--minify", "--format=iife"]
        file = folder / f"{source}.js"
        subprocess.run([*command, "--target=es2020", "--log-level=error", f"--outfile={file}"], cwd=OTHERS, check=True)
        sizes[name] = len(gzip.compress(file.read_bytes(), 9))
    return sizes


@contextmanager
def _served(folder: Path) -> Generator[tuple[str, Callable[[str], int]]]:
    """The shop with whatever recorder its address names, and everybody's server; how many bytes of recordings each has sent."""
    sizes: dict[str, int] = {}
    shops: list[Shop] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            file = DIST / path.rpartition("/")[2] if path.startswith("/edge/") else folder / path[1:]
            if path.endswith(".js") and file.is_file():
                self._say("text/javascript", file.read_bytes())
            elif path.startswith("/posthog/"):
                self._answer()
            else:
                content_type, body = asyncio.run(_of_shop(shops[0], path))
                self._say(content_type, _with(body, query) if path == "/" else body)

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length", 0))
            self.rfile.read(size)
            for recorder, start in SENT_TO.items():
                if self.path.startswith(start):
                    sizes[recorder] = sizes.get(recorder, 0) + size
            self._answer()

        def _answer(self) -> None:
            answer = next((told for start, told in ANSWERS.items() if self.path.startswith(start)), {})
            self._say("application/json", json.dumps(answer).encode())

        def _say(self, content_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed while somebody measures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    address = f"http://127.0.0.1:{server.server_port}"
    shops.append(Shop(shop_folder(), "bench", f"{address}/edge"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield address, lambda recorder: sizes.get(recorder, 0)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _with(page: bytes, recorder: str) -> bytes:
    """The shop's page with this recorder's script where its own tag stands."""
    start = page.rindex(b"<script async src=", 0, page.index(b"</head>"))
    end = page.index(b"</script>", start) + len(b"</script>")
    script = f'<script async src="{SCRIPTS[recorder]}"></script>' if recorder in SCRIPTS else ""
    return page[:start] + script.encode() + page[end:]


async def _of_shop(shop: Shop, path: str) -> tuple[str, bytes]:
    """What the shop answers: content type and body."""
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    await shop(scope, receive, send)
    content_type = dict(told[0]["headers"])[b"content-type"].decode()
    return content_type, b"".join(message.get("body", b"") for message in told[1:])
