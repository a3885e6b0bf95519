"""The console's pages over a large past: how long until each can be used, and how many bytes the first one loads."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Page, Response, sync_playwright

from omotenashi import settings
from omotenashi.boot.serving import running
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import read_folder
from omotenashi.engine.plan import build
from omotenashi.engine.turn import turn
from omotenashi.ledger.port import PackedProfile
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.profiles import Profile, pack, unpack
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import Store, open_store

from . import house, site, warehouse, workload
from .results import Number, Part, Round

ROOT: Final = Path(__file__).resolve().parents[1]
EVENTS: Final = 1_000_000
PEOPLE: Final = 100_000
WANTED_MS: Final = 1_000
LONG_LIVED: Final = 8
"""Whose story is opened, by their number in the workload."""
RESTS_MS: Final = 1_500
"""So long a page is looked at before it is opened anew: what it asks last is answered then."""
LARGEST_BYTES: Final = 300 * 1024
PAGES: Final = {
    "home": "",
    "now": "/now",
    "people": "/people",
    "a story": "/people/{person}",
    "segments": "/segments",
    "a segment": "/segments/{segment}",
    "campaigns": "/campaigns",
    "a campaign": "/campaigns/{campaign}",
    "a report": "/campaigns/{campaign}/report",
    "recipes": "/recipes",
    "gallery": "/gallery",
    "images": "/assets",
    "events": "/events",
    "derived events": "/derived-events",
    "content tables": "/tables",
    "settings": "/settings/site",
}
USABLE: Final = """() => {
  const main = document.querySelector("main");
  const waiting = main ? [...main.querySelectorAll(".mantine-Skeleton-root")] : [];
  return main && main.querySelector("h1") && waiting.every((one) => one.closest("[data-later]"));
}"""
"""The page has its name, and nothing on it is a skeleton any more but what lies below and is asked last."""


def measure(quick: bool) -> Part:
    """Every page in a fresh browser profile, then again. Raises when one does not become usable at all."""
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory(prefix="omotenashi-bench-") as name:
        folder = Path(name)
        parts = filled(folder, EVENTS // 20 if quick else EVENTS, PEOPLE // 20 if quick else PEOPLE)
        with house.console(folder, everywhere=True), sync_playwright() as playwright:
            address = running(folder, "console")["console"]
            chromium = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
            token = settings.secret(folder / "console.token")
            for number in range(1 if quick else 3):
                for words, path in PAGES.items():
                    context = chromium.new_context(
                        viewport={"width": 1280, "height": 900}, extra_http_headers={"Authorization": f"Bearer {token}"}
                    )
                    page, url = context.new_page(), f"{address}/p/{site.PROJECT}{path.format(**parts)}"
                    first, loaded = _opened(page, url)
                    page.wait_for_timeout(RESTS_MS)
                    page.goto("about:blank")
                    again, _ = _opened(page, url)
                    context.close()
                    rounds.append({"round": f"{number} {words}", "first_ms": first, "ms": again, "bytes": loaded})
            chromium.close()
    return Part("The console's pages", tuple(_numbers(rounds)), tuple(rounds), NOTE)


NOTE: Final = (
    f"{EVENTS:,} events of {PEOPLE:,} people in the warehouse, as many profiles, on localhost; the browser and the console share "
    "the cores. Milliseconds: from the address to the page with its heading and without a skeleton; the median of three. The "
    "first time: in a browser profile that never saw the console; then the same page opened anew in it, as staff open it every "
    "day. What a page asks last because it lies below (a segment's past, examples and overlap) is not waited for. Bytes: scripts "
    "and styles of the first time, as they came over the wire (gzip); the font, 48 KB, comes beside them."
)


def _numbers(rounds: list[Round]) -> Iterator[Number]:
    def of(words: str, what: str) -> list[float]:
        return [float(one[what]) for one in rounds if str(one["round"]).split(" ", 1)[1] == words]

    for words in PAGES:
        first = f"the first time {median(of(words, 'first_ms')):,.0f} ms and {max(of(words, 'bytes')):,.0f} bytes"
        yield Number(words, median(of(words, "ms")), "ms", WANTED_MS, at_most=True, about=first)
    yield Number("the largest first load", max(float(one["bytes"]) for one in rounds), "bytes", LARGEST_BYTES, at_most=True)


def _opened(page: Page, address: str) -> tuple[float, float]:
    """Milliseconds until it can be used, bytes of scripts and styles until then. Raises when the console could not answer."""
    loaded: list[int] = []
    broken: list[str] = []

    def arrived(response: Response) -> None:
        if response.status >= 400:
            broken.append(f"{response.status} {response.url}")
        if response.request.resource_type in ("script", "stylesheet"):
            loaded.append(int(response.headers.get("content-length", "0")))

    page.on("response", arrived)
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(USABLE, timeout=60_000)
    took = (time.perf_counter() - begun) * 1_000
    if broken:
        raise RuntimeError(f"{address}: {', '.join(broken)}")
    return took, float(sum(loaded))


def filled(folder: Path, events: int, people: int) -> dict[str, str]:
    """A data folder with the demo's configuration, a warehouse and profiles; what the addresses of pages name."""
    files = read_folder(ROOT / "demo")
    files["project.yaml"] = files["project.yaml"].replace("id: midori", f"id: {site.PROJECT}")
    project = compiled(files, None, 1, lambda kind: f"{kind}_of_the_bench_{'x' * 16}")
    folder.mkdir(parents=True, exist_ok=True)
    office = Office.open(folder / "office.db")
    office.apply(project, files, house.now())
    office.set_ready(project.id, 1)
    office.close()
    store = open_store(folder / "warehouse")
    warehouse.fill(store, events, people, house.now())
    person = _told(store, events)
    store.close()
    _profiles(folder, people, person)
    return {
        "person": person.person,
        "segment": next(iter(project.segments)),
        "campaign": project.campaigns[0].id,
    }


class _NoLoads:
    """Nobody is interrupted here."""

    def load_begun(self, table: str, first: int, last: int, token: str) -> None: ...

    def load_done(self, table: str, last: int, reader: str | None = None) -> None: ...

    def open_load(self, table: str) -> tuple[int, int, str] | None: ...


def _told(store: Store, events: int) -> Profile:
    """Somebody whose every event is in the warehouse as the worker loads it, body and all: a story is read from the bodies."""
    plan = build(site.project(), 1)
    person = Profile(PersonId(workload.visitor_of(LONG_LIVED)))
    entries = [
        entry
        for draft in workload.history(LONG_LIVED, Instant(house.now() - 3_600_000))
        for entry in turn(person, draft, draft.at, plan).entries
    ]
    Sink(store, _NoLoads(), lambda *_: ()).load(events + 1, events + len(entries), list(enumerate(entries, events + 1)))
    return person


def _profiles(folder: Path, people: int, another: Profile) -> None:
    """Profiles of the people in the warehouse, and of another one."""
    plan = build(site.project(), 1)
    rows = Profiles.open(folder / "profiles.db")
    chunk: list[PackedProfile] = []
    for number, packed in enumerate(workload.people(people, plan, Instant(house.now() - 3_600_000), 200)):
        profile = unpack(packed)
        profile.person = PersonId(str(number).rjust(22, "p"))
        chunk.append(PackedProfile(site.PROJECT, profile.person, profile.seq, pack(profile), 0))
        if len(chunk) == house.CHUNK:
            rows.write(chunk, (), None)
            chunk = []
    chunk.append(PackedProfile(site.PROJECT, another.person, another.seq, pack(another), 0))
    rows.write(chunk, (), None)
    rows.close()


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise FileNotFoundError("chromium: not on the PATH (Debian: apt-get install chromium)")
    return found
