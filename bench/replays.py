"""Recordings: how soon one can be seen, how soon a visit is seen live, and how many visits an edge takes at once.

The recording that is opened lasts half an hour: what the recorder told of five seconds on the demo shop's front page, again and
again, with a whole picture every five minutes, as a visit on one page leaves it. Live is a real page, a real edge and a real
console on one machine. What the edge is asked to take are the same chunks, in requests that wait for nothing but their answers.
"""

import gzip
import json
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from omotenashi import settings
from omotenashi.blobs.store import folder as blobs
from omotenashi.boot.serving import free_port, running
from omotenashi.configuration.compile import compiled
from omotenashi.demo_shop import Shop, shop_folder
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.ids import Instant, PageViewId, PersonId, SessionId, VisitorId
from omotenashi.model.recordings import Chunk, Taken, blob_key
from omotenashi.warehouse.store import open_store

from . import house, site, warehouse
from .load import compiled as compiled_load
from .load import load
from .results import Number, Part, Round
from .tag import AGENT, DIST, chromium

WANTED_FIRST_MS: Final = 1_000
WANTED_LIVE_MS: Final = 1_500
KEY: Final = "public_key_of_the_bench"
CHUNK_MS: Final = 5_000
CHUNKS: Final = 360
ANEW: Final = 60
"""Chunks from one whole picture to the next."""
EVENTS: Final = 1_000_000
PEOPLE: Final = 100_000
VISITS: Final = 400
LAID_OUT: Final = 6_000
"""Chunks for one second of the load: more than an edge takes."""
CONNECTIONS: Final = 64
SITE: Final = "http://shop.example"
LONG_AGO_MS: Final = 3_600_000
SLICE: Final = """async (ms) => {
  const { begin } = omotenashi.parts.rrweb;
  const told = [];
  begin({}, (one) => told.push(one));
  const counted = document.querySelector("h1").firstChild;
  let n = 0;
  const timer = setInterval(() => { counted.data = `counted ${++n}`; }, 250);
  await new Promise((done) => setTimeout(done, ms));
  clearInterval(timer);
  return told;
}"""
"""Records this page for a while, in which its heading counts."""
FOLLOWED: Final = """() => {
  const seen = (window.seen = {});
  const look = () => {
    const frame = document.querySelector("iframe[src='/replay']");
    const inside = frame?.contentDocument?.querySelector("iframe")?.contentDocument;
    const said = inside?.querySelector("h1")?.textContent ?? "";
    if (!(said in seen)) seen[said] = Date.now();
    requestAnimationFrame(look);
  };
  look();
}"""
"""Writes down when each text of the heading was first drawn."""
DRAWN: Final = """(said) => {
  const inside = document.querySelector("iframe[src='/replay']")?.contentDocument?.querySelector("iframe")?.contentDocument;
  const heading = inside?.querySelector("h1")?.textContent ?? "";
  return said ? heading.startsWith(said) : heading !== "";
}"""


def measure(quick: bool) -> Part:
    """The player, then Live, then the edge at its limit. Raises when something is never drawn, or a chunk is refused."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name, sync_playwright() as playwright:
        folder = Path(name)
        slice_ = _recorded(playwright, 3.0 if quick else CHUNK_MS / 1_000)
        with _chromium(playwright) as browser:
            rounds += _player(folder / "player", browser, slice_, quick)
            rounds += _live(folder / "live", browser, 8 if quick else 60)
        taken = _edge(folder / "edge", folder, slice_, quick)
        rounds.append(taken)
    return Part("Recordings", tuple(_numbers(rounds, taken)), tuple(rounds), NOTE)


NOTE: Final = (
    f"A recording of {CHUNKS * CHUNK_MS // 60_000} minutes in {CHUNKS} chunks, beside {EVENTS:,} events in the warehouse. "
    "Milliseconds of the player: from a press on the recording in the list, the first in that browser profile, to the recorded "
    "page's heading in the picture; from the address in a browser that never saw the console, all of whose code comes first; and "
    "from the press on the middle of the strip to that minute. Live: from a change in the visitor's page to the "
    "same change in the watcher's picture, which is held a second behind on purpose: what comes in chunks is to be seen moving. "
    f"Visits at once: chunks a second that one core of the edge takes, durably, times {CHUNK_MS // 1_000} s. All on localhost."
)


def _numbers(rounds: list[Round], taken: Round) -> Iterator[Number]:
    def of(words: str, what: str) -> list[float]:
        return [float(one[what]) for one in rounds if str(one["round"]).endswith(words)]

    first, live = of(" player", "first_ms"), of(" live", "ms")
    pressed = of(" player", "pressed_ms")
    worst, worst_pressed = f"slowest {max(first):,.0f} ms", f"slowest {max(pressed):,.0f} ms"
    yield Number(
        "first picture of half an hour, from the list", median(pressed), "ms", WANTED_FIRST_MS, at_most=True, about=worst_pressed
    )
    yield Number(
        "the same in a browser that never saw the console", median(first), "ms", WANTED_FIRST_MS, at_most=True, about=worst
    )
    yield Number("its middle", median(of(" player", "middle_ms")), "ms")
    yield Number("live, median", median(live), "ms")
    yield Number(
        "live, 95th percentile", quantiles(live, n=20)[-1], "ms", WANTED_LIVE_MS, at_most=True, about=f"of {len(live)} changes"
    )
    yield Number("processor time of a chunk", float(taken["cost_us"]), "µs")
    yield Number("chunks taken", float(taken["per_second"]), "a second")
    yield Number("visits recorded at once by a core", float(taken["visits"]), "")
    yield Number("a chunk, as it is kept", float(taken["chunk_bytes"]), "bytes")
    yield Number("disk of a visit that never rests", float(taken["megabytes"]), "MB an hour")


# What is recorded


def _recorded(playwright: Playwright, seconds: float) -> list[dict[str, Any]]:
    """What the recorder tells of some seconds on the shop's front page, in which the pointer moves and the heading counts."""
    with _shop(SITE) as address, _chromium(playwright) as browser:
        page = browser.new_page(user_agent=AGENT, viewport={"width": 1280, "height": 800})
        page.route(f"{SITE}/**", lambda route: route.abort())
        page.goto(address + "/")
        page.add_script_tag(path=DIST / "rrweb.js")
        page.evaluate(f"window.slice = ({SLICE})({seconds * 1_000}); undefined")
        for step in range(int(seconds * 8)):
            page.mouse.move(80 + step * 31 % 900, 120 + step * 17 % 500)
            if step % 8 == 3:
                page.mouse.wheel(0, 300 if step < seconds * 4 else -300)
            page.wait_for_timeout(100)
        told: list[dict[str, Any]] = page.evaluate("window.slice")
    begun = told[0]["timestamp"]
    for one in told:
        one["timestamp"] = min(int(one["timestamp"] - begun), CHUNK_MS - 1)
    return told


def _chunk(slice_: list[dict[str, Any]], seq: int) -> list[dict[str, Any]]:
    """Chunk ``seq`` of a visit that began at 0 of the page's clock. The heading says which it is."""
    told: list[dict[str, Any]] = []
    for one in slice_:
        if one["type"] in (2, 4) and seq % ANEW:
            continue
        data = one["data"]
        if one["type"] == 3 and data["source"] == 0:
            texts = [{**text, "value": f"chunk {seq} {place}"} for place, text in enumerate(data["texts"])]
            data = {**data, "texts": texts}
        told.append({"type": one["type"], "timestamp": one["timestamp"] + seq * CHUNK_MS, "data": data})
    return told


# The houses


def _configured(folder: Path) -> None:
    """A project that records everybody."""
    source = {"id": site.PROJECT, "name": "Bench", "keys": {"public": KEY}, "recording": {"quota_megabytes": 100_000}}
    files = {"project.yaml": json.dumps(source)}
    project = compiled(files, None, 1, lambda kind: f"{kind}_of_the_bench_{'x' * 16}")
    folder.mkdir(parents=True)
    office = Office.open(folder / "office.db")
    office.apply(project, files, house.now())
    office.set_ready(project.id, 1)
    office.close()


def _kept(folder: Path, slice_: list[dict[str, Any]]) -> SessionId:
    """A recording of half an hour in the index and the blobs."""
    index, store = Recordings.open(folder / "recordings.db"), blobs(folder / "blobs")
    visit, person = SessionId("half-an-hour"), PersonId("watched".rjust(22, "p"))
    begun = house.now() - LONG_AGO_MS
    for seq in range(CHUNKS):
        told = _chunk(slice_, seq)
        body = gzip.compress(msgspec.json.encode(told), 6)
        store.put(blob_key(site.PROJECT, visit, "tab", seq), body)
        from_at, to_at = (Instant(begun + told[place]["timestamp"]) for place in (0, -1))
        chunk = Chunk(visit, "tab", seq, PageViewId("page"), from_at, to_at, len(body), len(told), seq % ANEW == 0)
        index.take(site.PROJECT, Taken(chunk, person, VisitorId(person), 1, SITE + "/", "desktop", 1280, 800))
    index.close()
    return visit


@contextmanager
def _chromium(playwright: Playwright) -> Generator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def _staff(browser: Browser, folder: Path) -> Generator[BrowserContext]:
    token = settings.secret(folder / "console.token")
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        base_url=running(folder, "console")["console"],
        extra_http_headers={"Authorization": f"Bearer {token}"},
    )
    yield context
    context.close()


# The player


def _player(folder: Path, browser: Browser, slice_: list[dict[str, Any]], quick: bool) -> Iterator[Round]:
    _configured(folder)
    store = open_store(folder / "warehouse")
    warehouse.fill(store, EVENTS // 20 if quick else EVENTS, PEOPLE // 20 if quick else PEOPLE, house.now())
    store.close()
    visit = _kept(folder, slice_)
    with house.console(folder, everywhere=True):
        for number in range(2 if quick else 7):
            with _staff(browser, folder) as context:
                first, middle = _opened(context.new_page(), f"/p/{site.PROJECT}/recordings/{visit}")
            with _staff(browser, folder) as context:
                pressed = _pressed(context.new_page(), f"/p/{site.PROJECT}/recordings", visit)
            if number:  # the first warms up
                yield {"round": f"{number} player", "first_ms": first, "middle_ms": middle, "pressed_ms": pressed}


def _opened(page: Page, address: str) -> tuple[float, float]:
    """Ms until the first picture, and from a press on the middle of the strip to the picture of that minute."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(DRAWN, arg="", timeout=60_000, polling="raf")
    first = (time.perf_counter() - begun) * 1_000
    strip = page.get_by_role("slider")
    box = strip.bounding_box() or {"x": 0.0, "y": 0.0, "width": 0.0, "height": 0.0}
    begun = time.perf_counter()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(DRAWN, arg=f"chunk {CHUNKS // 2}", timeout=60_000, polling="raf")
    return first, (time.perf_counter() - begun) * 1_000


def _pressed(page: Page, address: str, visit: SessionId) -> float:
    """Ms from a press on the recording in the list to the first picture; nobody has opened one in this browser before."""
    page.goto(address)
    card = page.locator(f"a[href*='/recordings/{visit}']").first
    card.wait_for()
    page.wait_for_load_state("networkidle")
    begun = time.perf_counter()
    card.click()
    page.wait_for_function(DRAWN, arg="", timeout=60_000, polling="raf")
    return (time.perf_counter() - begun) * 1_000


# Live


def _live(folder: Path, browser: Browser, changes: int) -> Iterator[Round]:
    _configured(folder)
    random = Random(1)
    with house.edge(folder) as (port, _), house.console(folder), _shop(f"http://127.0.0.1:{port}") as address:
        visitor = browser.new_page(user_agent=AGENT, viewport={"width": 1280, "height": 800})
        visitor.goto(address + "/")
        visitor.wait_for_function("() => window.omotenashi?.parts?.recorder?.id", timeout=60_000)
        visit = visitor.evaluate("() => omotenashi.parts.recorder.id")
        with _staff(browser, folder) as context:
            watcher = context.new_page()
            _exists(folder, visit)
            watcher.goto(f"/p/{site.PROJECT}/recordings/{visit}?live=true")
            watcher.wait_for_function(DRAWN, arg="", timeout=60_000)
            watcher.evaluate(FOLLOWED)
            for number in range(changes + 3):
                done = visitor.evaluate(
                    "said => { document.querySelector('h1').textContent = said; return Date.now(); }", f"change {number}"
                )
                watcher.wait_for_function("said => said in window.seen", arg=f"change {number}", timeout=30_000)
                if number >= 3:  # the page learns that it is watched
                    yield {
                        "round": f"{number} live",
                        "ms": watcher.evaluate("said => window.seen[said]", f"change {number}") - done,
                    }
                watcher.wait_for_timeout(random.uniform(50, 900))
        visitor.close()


def _exists(folder: Path, visit: str) -> None:
    """Returns when the first chunk of a visit has come."""
    index = Recordings.open(folder / "recordings.db")
    limit = time.monotonic() + 30
    while index.one(site.PROJECT, SessionId(visit)) is None:
        if time.monotonic() > limit:
            raise RuntimeError(f"{visit}: expected a first chunk within 30 s")
        time.sleep(0.05)
    index.close()


@contextmanager
def _shop(edge: str) -> Generator[str]:
    """The demo shop over an edge; its address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(Shop(shop_folder(), KEY, edge), interface="asgi3", port=port, log_config=None, lifespan="off")  # type: ignore[arg-type]
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


# The edge


def _edge(folder: Path, work: Path, slice_: list[dict[str, Any]], quick: bool) -> Round:
    """Chunks of many visits, as fast as their answers come: what each costs, and what it takes on the disk."""
    _configured(folder)
    seconds, warmup = (1.5, 0.3) if quick else (8.0, 1.0)
    visits = VISITS // 10 if quick else VISITS
    count = int((seconds + warmup) * LAID_OUT)
    requests = work / "chunks.requests"
    with house.edge(folder) as (port, process):
        records = [_begun(port, number) for number in range(visits)]
        _write(requests, records, slice_, count)
        before = house.processor_seconds(process)
        loaded = load(
            compiled_load(work),
            port,
            requests,
            count=count,
            connections=CONNECTIONS,
            seconds=seconds,
            warmup=warmup,
            needle='"taken":true',
        )
        cost = (house.processor_seconds(process) - before) / loaded.sent
    if loaded.held_needle != loaded.measured:
        raise RuntimeError(f"the edge: expected every one of {loaded.measured} chunks to be taken, {loaded.held_needle} were")
    stored = sum(file.stat().st_size for file in (folder / "blobs").rglob("*") if file.is_file())
    indexed = (folder / "recordings.db").stat().st_size
    each = (stored + indexed) / loaded.sent
    return {
        "round": "edge",
        "per_second": loaded.per_second,
        "cost_us": cost * 1e6,
        "visits": CHUNK_MS / 1_000 / cost,
        "chunk_bytes": stored / loaded.sent,
        "megabytes": each * 3_600_000 / CHUNK_MS / 1e6,
        "p99_ms": loaded.p99_ms,
    }


def _begun(port: int, number: int) -> tuple[str, dict[str, Any]]:
    """A visitor whose first view was answered with what to record with."""
    visitor = f"bench{number:06d}".ljust(22, "x")
    view = {"id": f"view-{number}", "name": "view", "at": house.now()}
    page = {"id": f"page-{number}", "url": SITE + "/", "title": "Midori"}
    body = {"key": KEY, "visitor": visitor, "events": [view], "sent_at": house.now(), "page": page}
    answer = httpx.post(f"http://127.0.0.1:{port}/v1/track", json=body, headers={"user-agent": AGENT}, trust_env=False).json()
    if "record" not in answer:
        raise RuntimeError(f"the edge: expected to be told to record, found {answer}")
    return visitor, answer["record"]


def _write(file: Path, records: list[tuple[str, dict[str, Any]]], slice_: list[dict[str, Any]], count: int) -> None:
    """The file that `load` sends from: the chunks of all visits in turns, each visit's in their order."""
    bodies = [gzip.compress(msgspec.json.encode(_chunk(slice_, seq)), 6) for seq in range(ANEW)]
    with file.open("wb") as stream:
        for place in range(count):
            seq, number = divmod(place, len(records))
            visitor, record = records[number]
            said = {
                "key": KEY,
                "visitor": visitor,
                "recording": record["recording"],
                "token": record["token"],
                "tab": "tab",
                "seq": seq,
                "page": f"page-{number}",
                "sent_at": (seq % ANEW) * CHUNK_MS + CHUNK_MS,
            }
            body = bodies[seq % ANEW]
            head = (
                f"POST /v1/record?{urlencode(said)} HTTP/1.1\r\nHost: edge.example\r\nConnection: keep-alive\r\n"
                f"Content-Type: text/plain\r\nUser-Agent: {AGENT}\r\nAccept: */*\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            stream.write((len(head) + len(body)).to_bytes(4, "little") + head + body)
