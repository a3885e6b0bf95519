"""The tag beside those of others, on the same page of the same Chromium, in turns: size, main thread, first message."""

import gzip
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any, Final

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

from omotenashi.ledger.sqlite.office import Office
from omotenashi.model.campaigns import Campaign, Frequency, Key, Project

from . import house, pipe, site
from .results import Number, Part, Round

ROOT: Final = Path(__file__).parents[1]
DIST: Final = ROOT / "web" / "tag" / "dist"
OTHERS: Final = Path(__file__).parent / "tags"
ROUNDS: Final = 9
EVENTS: Final = 50
APART_MS: Final = 20
SETTLED_MS: Final = 1_500
SENT_MS: Final = 4_000
LARGEST_BYTES: Final = 12 * 1024
LONGEST_LOAD_MS: Final = 5.0
LONGEST_EVENT_MS: Final = 2.0
FIRST_MESSAGE_MS: Final = 300.0
AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
STUB: Final = (
    "window.omotenashi=window.omotenashi||function(){var a=arguments;return new Promise(function(r)"
    "{(omotenashi.q=omotenashi.q||[]).push([a,r])})};"
)
PAGES: Final = {
    "empty": "<script>window.say=function(){}</script>",
    "omotenashi": f"<script>{STUB}omotenashi('init',{{key:'bench'}});window.say=function(n){{omotenashi('track','tea',{{n}})}}"
    "</script><script async src=/omotenashi/tag.js></script>",
    "posthog-js": "<script async src=/posthog-js.js></script>",
    "@segment/analytics-next": "<script async src=/segment.js></script>",
    "plausible-tracker": "<script async src=/plausible-tracker.js></script>",
}
SOURCES: Final = {"posthog-js": "posthog", "segment": "segment", "plausible-tracker": "plausible"}
ANSWERS: Final[dict[str, Any]] = {
    "/omotenashi/": {"accepted": 1},
    "/segment/": {"integrations": {"Segment.io": {"apiKey": "bench", "apiHost": "HOST/segment/v1", "protocol": "http"}}},
    "/posthog/": {"status": 1},
}
SAY: Final = (
    f"async () => {{ for (let n = 0; n < {EVENTS}; n++) {{ say(n); await new Promise(go => setTimeout(go, {APART_MS})) }} }}"
)
FIRST: Final = """() => new Promise(told => {
  const done = () => requestAnimationFrame(() => setTimeout(() => {
    const asked = performance.getEntriesByType("resource").find(one => one.name.endsWith("/v1/track"));
    told(performance.now() - asked.startTime);
  }));
  const shown = () => document.querySelector("[data-omotenashi-message]")?.shadowRoot.querySelector("[data-open]");
  if (shown()) return told(null);
  const look = () => shown() ? done() : requestAnimationFrame(look);
  look();
})"""
SHIFTS: Final = """window.shifts = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) shifts += one.value })
  .observe({ type: "layout-shift", buffered: true })"""


def measure(quick: bool) -> Part:
    """Every page in turns, each in a fresh profile; the empty page is what is taken off. Raises when a tag says nothing."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        folder = Path(name)
        sizes = built(folder)
        with pipe.running(chromium(), AGENT) as alone, served(folder) as (address, heard):
            for number in range(2 if quick else ROUNDS):
                for tag in PAGES:
                    before = heard(tag)
                    worked = _work(alone, address, tag)
                    if tag != "empty" and heard(tag) == before:
                        raise RuntimeError(f"{tag}: expected it to send something, nothing came")
                    rounds.append({"round": f"{number} {tag}", **worked})
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
            first, shift = first_message(launched, folder, 3 if quick else 15)
            launched.close()
    return Part("The tag in the page", tuple(_numbers(sizes, rounds, first, shift)), tuple(rounds), NOTE)


NOTE: Final = (
    f"Bytes: minified, `gzip -9`; of what a first page view loads, without what comes later. Milliseconds: processor time of the "
    f"page's main thread (Chromium's `TaskDuration` in thread ticks), the empty page's taken off; at load until "
    f"{SETTLED_MS / 1000:g} s after it, an event as a fiftieth of {EVENTS} that come {APART_MS} ms apart, with their sending. "
    "The first load is in a profile and a process that have seen nothing: the browser compiles the script and touches each of "
    "its own parts for the first time; the later one is two pages on. No test driver listens: Playwright's watching of requests "
    "made the same pages work up to half as much again. "
    "Medians of rounds in which every tag has its turn; the others run as their documentation begins, and talk to a server that "
    "takes everything. The first message: from the start of the tag's request to the frame in which it is painted, a real edge "
    "with a disk, in a fresh profile. Layout shift: Chromium's sum, with a bar, a note and a modal on a page of text."
)


def _numbers(sizes: dict[str, int], rounds: list[Round], first: float, shift: float) -> Iterator[Number]:
    def taken(tag: str, what: str) -> list[float]:
        return [float(one[what]) for one in rounds if str(one["round"]).endswith(f" {tag}")]

    def added(tag: str, what: str) -> float:
        """Compared within each round: what else the machine did then was done to both."""
        return max(0.0, median(mine - empty for mine, empty in zip(taken(tag, what), taken("empty", what), strict=True)))

    others = [tag for tag in PAGES if tag not in ("empty", "omotenashi")]
    yield Number("the tag", sizes["omotenashi"], "bytes", LARGEST_BYTES, at_most=True)
    for tag in others:
        yield Number(tag, sizes[tag], "bytes", about=f"{sizes[tag] / sizes['omotenashi']:.1f} times the tag")
    for what, words, wanted, share in (
        ("load_ms", "at a visit's first load", LONGEST_LOAD_MS, 1),
        ("again_ms", "at a later load", LONGEST_LOAD_MS, 1),
        ("leave_ms", "on leaving", None, 1),
        ("say_ms", "an event", LONGEST_EVENT_MS, EVENTS),
    ):
        found = {tag: added(tag, what) / share for tag in PAGES}
        yield Number(f"the tag, {words}", found["omotenashi"], "ms", wanted, at_most=True)
        for tag in others:
            ratio = f"{found[tag] / found['omotenashi']:.1f} times the tag" if found["omotenashi"] else ""
            yield Number(f"{tag}, {words}", found[tag], "ms", about=ratio)
    yield Number("the first message after the tag's request", first, "ms", FIRST_MESSAGE_MS, at_most=True)
    yield Number("layout shift by messages", shift, "", 0, at_most=True)


def built(folder: Path) -> dict[str, int]:
    """Bundles everybody's script into the folder; gzipped bytes by tag. Raises ``FileNotFoundError`` without the packages."""
    if not (OTHERS / "node_modules").is_dir():
        raise FileNotFoundError(f"{OTHERS / 'node_modules'}: not there; run `npm ci --prefix bench/tags`")
    sizes = {"omotenashi": _gzipped(DIST / "tag.js")}
    for name, source in SOURCES.items():
        command = [ROOT / "node_modules" / ".bin" / "esbuild", f"{source}.js", "--bundle", "--minify", "--format=iife"]
        subprocess.run(
            [*command, "--target=es2020", "--log-level=error", f"--outfile={folder / name}.js"], cwd=OTHERS, check=True
        )
        sizes["@segment/analytics-next" if name == "segment" else name] = _gzipped(folder / f"{name}.js")
    return sizes


def _gzipped(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def _work(chromium: pipe.Chromium, address: str, tag: str) -> dict[str, float]:
    """Main-thread ms of a first page with the tag, of leaving it for one without, of a later one, and of saying the events."""

    def opened(page: str) -> float:
        chromium.ask("Page.navigate", session, url=f"{address}/?{page}")
        sleep(SETTLED_MS / 1000)
        return chromium.worked(session)

    with chromium.page() as session:
        load_ms = opened(tag)
        leave_ms = opened("empty")
        again_ms = opened(tag)
        chromium.ask("Runtime.evaluate", session, expression=f"({SAY})()", awaitPromise=True)
        sleep(SENT_MS / 1000)
        return {"load_ms": load_ms, "leave_ms": leave_ms, "again_ms": again_ms, "say_ms": chromium.worked(session) - again_ms}


def first_message(chromium: Browser, folder: Path, times: int) -> tuple[float, float]:
    """Median ms until the first message is painted, and the layout shift of all kinds of overlays together."""
    data = folder / "data"
    data.mkdir()
    office = Office.open(data / "office.db")
    office.set_ready(site.PROJECT, office.apply(welcoming(), {}, house.now()))
    office.close()
    took: list[float] = []
    shift = 0.0
    with house.edge(data) as (port, _):
        init = f"omotenashi('init',{{key:'{site.PUBLIC_KEY}'}})"
        html = f"<!doctype html><script>{STUB}{init}</script><script async src=/tag.js></script>{'<p>Tea.</p>' * 40}"
        for _turn in range(times):
            with chromium.new_context(user_agent=AGENT) as context:
                page = context.new_page()
                page.add_init_script(SHIFTS)
                _page_beside(page, port, html)
                if (found := page.evaluate(FIRST)) is not None:
                    took.append(float(found))
                page.wait_for_timeout(500)
                shift = max(shift, float(page.evaluate("shifts")))
    return median(took), shift


def _page_beside(page: Page, port: int, html: str) -> None:
    """A page of the edge's own origin, so that no other server stands between them."""
    address = f"http://127.0.0.1:{port}/shop"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto(address, wait_until="commit")


def welcoming() -> Project:
    """The site with nothing but three messages at each view: a note, a bar and a modal."""
    project = site.project()
    card = project.templates["card"]
    shown = msgspec.structs.replace(
        project.campaigns[0].actions[0],
        variables={},
        texts={"title": "Welcome", "body": "Tea picked this spring.", "button": "See", "url": "/tea"},
        display=msgspec.structs.replace(project.campaigns[0].actions[0].display, delay_ms=0),
        weight=1000,
    )
    campaigns = tuple(
        Campaign(
            id=f"c-{kind}",  # type: ignore[arg-type]
            name=kind,
            trigger="view",
            actions=(msgspec.structs.replace(shown, id=f"a{kind}", template=kind),),
            frequency=Frequency("access"),
            exclusive=False,
        )
        for kind in ("notification", "bar", "modal")
    )
    kinds = {kind: msgspec.structs.replace(card, name=kind, kind=kind) for kind in ("notification", "bar", "modal")}
    return msgspec.structs.replace(
        project, campaigns=campaigns, segments={}, purposes=(), templates=kinds, keys=(Key(site.PUBLIC_KEY, "public"),)
    )


@contextmanager
def served(folder: Path) -> Generator[tuple[str, Callable[[str], int]]]:
    """The pages and scripts, and every tag's server; its address, and how often a tag has spoken to it."""
    posts: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            file = DIST / path.rpartition("/")[2] if path.startswith("/omotenashi/") else folder / path[1:]
            if path == "/":
                self._say("text/html", f"<!doctype html><title>Tea</title>{PAGES[query]}<p>Tea.</p>".encode())
            elif path.endswith(".js") and file.is_file():
                self._say("text/javascript", file.read_bytes())
            else:
                self._answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            posts[self.path.split("/")[1]] = posts.get(self.path.split("/")[1], 0) + 1
            self._answer()

        def _answer(self) -> None:
            answer = next((told for start, told in ANSWERS.items() if self.path.startswith(start)), {})
            self._say("application/json", json.dumps(answer).replace("HOST", self.headers["host"]).encode())

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
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    folders = {"posthog-js": "posthog", "@segment/analytics-next": "segment", "plausible-tracker": "plausible"}
    try:
        yield f"http://127.0.0.1:{server.server_port}", lambda tag: posts.get(folders.get(tag, tag), 0)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("Chromium: not on the PATH (Debian: apt-get install chromium)")
    return found
