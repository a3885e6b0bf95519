"""A replay shows what the page showed at that moment: the same picture, but for a hundredth of it, and the same words."""

import gzip
import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy
import pytest
from msgspec import Struct
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.browser.demo_house import DESK
from tests.browser.fake_edge import until
from tests.browser.hard_pages.site import HardSite
from tests.browser.real_shop import NOTE, RealShop, noted
from tests.browser.tabs import ARTEFACTS, FLAGS, chromium
from tests.integration.whole_house import sources

from omotenashi import settings
from omotenashi.boot.serving import running
from omotenashi.ledger.sqlite.recordings import Recordings

PROJECT: Final = "fidelity"
SIZE: Final = (1000, 760)
ALLOWED: Final = 0.01
"""The share of pixels that may differ."""
NEAR: Final = 16
"""Of 255: so far may a pixel's colours be apart and count as equal, for the edges of letters."""
SOON_MS, POINTER_MS, CANVAS_MS = 200, 700, 1_200
"""By then the recorder has told what it tells a few times a second: scrolling, where the pointer is, what is on a canvas."""
OFF_MS: Final = 2_000
SHARED: Final = Path(os.environ.get("OMOTENASHI_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SESSIONS: Final = {
    "luminous8_demo_app": "Let agents test your code",
    "rrweb_test_dialog-playback": "Dialog 1",
    "rrweb_test_iframe": "",
    "rrweb_test_input": "",
    "rrweb_test_selection": "some text between the start node",
    "rrweb_test_shadow-dom": "",
}
"""Real recordings that are not part of this project, and what can be read in each."""

STILL = """() => document.readyState === "complete" && document.fonts.status === "loaded"
  && [...document.images].every(one => one.complete || one.loading === "lazy")
  && document.getAnimations().every(one => one.playState !== "running")"""
BLOCKED = """() => [...document.querySelectorAll("[data-omotenashi-block], iframe.other")].map(one => {
  const { left, top, right, bottom } = one.getBoundingClientRect();
  return [left, top, right, bottom].map(Math.round);
})"""
READY = """() => { const inside = document.querySelector("iframe").contentDocument;
  return inside.fonts.status === "loaded" && [...inside.images].every(one => one.complete); }"""
WORDS = """(of) => {
  const words = [];
  const shown = (rects, view) => [...rects].some(one => one.width * one.height > 0
    && one.bottom > 0 && one.right > 0 && one.top < view.innerHeight && one.left < view.innerWidth);
  const walk = (node, view) => {
    if (node.nodeType === 3) {
      const range = node.ownerDocument.createRange();
      range.selectNodeContents(node);
      const seen = node.parentElement && view.getComputedStyle(node.parentElement).visibility === "visible";
      if ((seen ?? true) && shown(range.getClientRects(), view)) words.push(node.data);
    } else if (node.nodeType === 1) {
      if (node.matches("[data-omotenashi-block]")) return;
      if (["script", "style", "noscript", "head", "option", "textarea"].includes(node.localName)) {
        if (node.localName === "textarea") words.push(node.value);
        return;
      }
      if (node.localName === "select") words.push([...node.selectedOptions].map(one => one.text).join(" "));
      if (node.localName === "input") words.push(node.type, node.value, String(node.checked));
      if (node.shadowRoot) [...node.shadowRoot.childNodes].forEach(one => walk(one, view));
      if (node.localName === "iframe") {
        const below = node.contentDocument;
        if (below?.documentElement) walk(below.documentElement, node.contentWindow);
      } else [...node.childNodes].forEach(one => walk(one, view));
    }
  };
  const page = of ? document.querySelector("iframe").contentDocument : document;
  walk(page.documentElement, page.defaultView);
  return words.join(" ");
}"""


class Step(Struct, frozen=True):
    """What is done on a page; nothing but looking at it when ``does`` is None, after going there."""

    page: str
    name: str
    does: Callable[[Page], Any] | None = None
    within: int = SOON_MS
    leads: bool = False
    """To another page, or to the same anew."""

    @property
    def title(self) -> str:
        return f"{self.page.rpartition('/')[2].removesuffix('.html') or 'home'}: {self.name}"


def clicking(selector: str) -> Callable[[Page], None]:
    return lambda page: page.click(selector)


def scrolling(by: int) -> Callable[[Page], None]:
    return lambda page: page.evaluate("by => window.scrollTo(0, by)", by)


def inner(page: Page) -> Any:
    return page.frame_locator("#inner")


SHOP: Final = (
    Step("/", "it is there"),
    Step("/", "scrolled to the shelves", scrolling(900)),
    Step("/tea", "another page", clicking("nav a[href='/tea']"), leads=True),
    Step("/tea", "pointed at", lambda page: page.hover(".grid a"), POINTER_MS),
    Step("/tea", "one of the goods", clicking("a[href^='/items/']"), leads=True),
    Step("/tea", "how many", lambda page: page.select_option("select[name=quantity]", "3")),
    Step("/tea", "put into the cart", clicking("form[data-add] button")),
    Step("/tea", "the cart", clicking("a.basket"), leads=True),
    Step("/tea", "fewer of it", lambda page: page.select_option("[data-quantity]", "1"), leads=True),
    Step("/tea", "to the counter", clicking("a[href='/checkout']"), leads=True),
    Step("/tea", "a coupon", lambda page: page.type("[data-coupon]", "MIDORI500")),
    Step("/tea", "a narrow window", lambda page: page.set_viewport_size({"width": 420, "height": 760})),
    Step("/pottery", "our own message", lambda page: page.get_by_text("器の新着です").wait_for()),
)
HARD: Final = (
    Step("/hard/looks.html", "it is there"),
    Step("/hard/looks.html", "pointed at", lambda page: page.hover("#card"), POINTER_MS),
    Step("/hard/looks.html", "another site's rule", lambda page: page.hover("#elsewhere"), POINTER_MS),
    Step("/hard/looks.html", "a font of a script", clicking("#load")),
    Step("/hard/looks.html", "scrolled far", scrolling(3_000)),
    Step("/hard/looks.html", "a narrow window", lambda page: page.set_viewport_size({"width": 500, "height": 760})),
    Step("/hard/forms.html", "it is there"),
    Step("/hard/forms.html", "typed", lambda page: page.type("#name", "Hanako")),
    Step("/hard/forms.html", "ticked", clicking("#check")),
    Step("/hard/forms.html", "chosen", clicking("#radio")),
    Step("/hard/forms.html", "selected", lambda page: page.select_option("#tea", "Matcha")),
    Step("/hard/forms.html", "slid", lambda page: page.press("#strong", "End")),
    Step("/hard/forms.html", "a note", lambda page: page.fill("#note", "as it is now")),
    Step("/hard/forms.html", "edited", lambda page: page.type("#letter", "Dear all: ")),
    Step("/hard/forms.html", "opened", clicking("summary")),
    Step("/hard/forms.html", "asked", clicking("#ask")),
    Step("/hard/forms.html", "answered", clicking("#yes")),
    Step("/hard/forms.html", "popped up", clicking("#open")),
    Step("/hard/components.html", "it is there"),
    Step("/hard/components.html", "a rule put in", clicking("#insert")),
    Step("/hard/components.html", "a rule changed", clicking("#declare")),
    Step("/hard/components.html", "a sheet replaced", clicking("#replace")),
    Step("/hard/components.html", "a component later", clicking("#grow")),
    Step("/hard/frames.html", "it is there"),
    Step("/hard/frames.html", "pressed inside", lambda page: inner(page).locator("#press").click()),
    Step("/hard/frames.html", "scrolled inside", lambda page: inner(page).locator("body").evaluate("() => scrollTo(0, 600)")),
    Step("/hard/canvas.html", "it is there", within=CANVAS_MS),
    Step("/hard/canvas.html", "drawn anew", clicking("#draw"), CANVAS_MS),
    Step("/hard/list.html", "it is there"),
    Step("/hard/list.html", "scrolled to the middle", lambda page: page.evaluate("() => { list.scrollTop = 80000 }")),
    Step("/hard/list.html", "marked", lambda page: page.locator("#list div:nth-child(2600)").click()),
    Step("/hard/routes.html", "it is there"),
    Step("/hard/routes.html", "another route", clicking("text=Tea")),
    Step("/hard/routes.html", "back", lambda page: page.go_back()),
    Step("/hard/old.html", "it is there"),
    Step("/hard/dark.html", "at night"),
    Step("/hard/dark.html", "come in", clicking("#come")),
)
STEPS: Final = SHOP + HARD


class Seen(Struct):
    """What the visitor saw, and when by their clock; ``began`` is just before what they did."""

    step: Step
    began: int
    at: int
    picture: Image.Image
    words: str
    blocked: list[tuple[int, int, int, int]]


class Filmed(Struct):
    """A visit over all pages: what was seen of it, by the titles of the steps."""

    site: HardSite
    shop: RealShop
    seen: dict[str, Seen]


def recorded(shop: RealShop, project: str) -> list[dict[str, Any]]:
    """The one recording of a project, as the console hands it to the player."""
    ask = shop.house.ask
    (found,) = ask(f"/api/projects/{project}/recordings/search", {})["recordings"]
    path = f"/api/projects/{project}/recordings/{found['id']}"
    opened = ask(f"{path}/viewings", {})
    (tab,) = opened["tabs"]
    told: list[dict[str, Any]] = []
    seq = -1
    while chunks := ask(f"{path}/chunks?viewing={opened['viewing']}&tab={tab['tab']}&after={seq}"):
        seq = chunks[-1]["seq"]
        told += [event for chunk in chunks for event in chunk["events"]]
    return told


class Tape:
    """What is stored of the visit so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: dict[Path, int] = {}

    @property
    def pages(self) -> int:
        """How often a page was written down whole."""
        for file in self._folder.rglob("*.json.gz"):
            if file not in self._pages:
                self._pages[file] = sum(event["type"] == 2 for event in json.loads(gzip.decompress(file.read_bytes())))
        return sum(self._pages.values())


@pytest.fixture(scope="module")
def filmed(browser: Browser, shop: RealShop) -> Iterator[Filmed]:
    """One visit, in which everything is done that is listed."""
    key = f"pk_of_{PROJECT}"
    recording = {"minimum_seconds": 0, "canvas": True, "mask": {"inputs": "sensitive", "query": ["at"]}}
    greets = noted(
        "いらっしゃいませ。器の新着です。", "bottom-right", {"rule": {"field": "path", "op": "starts", "value": "/pottery"}}
    )
    project = {"id": PROJECT, "keys": {"public": key}, "recording": recording}
    shop.house.ready(PROJECT, shop.house.apply(sources(project=project, campaigns={"greets": greets}) | NOTE))
    site = HardSite(key, shop.house.edge, shop.spare)
    try:
        yield Filmed(site, shop, visited(browser, site, shop.house.folder))
    finally:
        site.close()


def visited(browser: Browser, site: HardSite, folder: Path) -> dict[str, Seen]:
    """Goes everywhere, looks at everything; returns when all of it is stored, and what it needs of the site is."""
    seen: dict[str, Seen] = {}
    tape = Tape(folder / "blobs" / "recordings" / PROJECT)
    with browser.new_context(user_agent=DESK, locale="ja-JP", timezone_id="Asia/Tokyo", base_url=site.url) as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        here = ""
        for step in STEPS:
            pages, began = tape.pages, page.evaluate("Date.now()")
            if step.page != here:
                page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
                page.emulate_media(color_scheme="dark" if "dark" in step.page else "light")
                if not step.leads:
                    page.goto(step.page)
                    until(lambda pages=pages: tape.pages > pages, 10)
                    pages = tape.pages
            here = step.page
            if step.does is not None:
                step.does(page)
                if step.leads:
                    until(lambda pages=pages: tape.pages > pages, 10)
            page.wait_for_function(STILL)
            page.wait_for_timeout(step.within)
            picture = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
            blocked = [(left, top, right, bottom) for left, top, right, bottom in page.evaluate(BLOCKED)]
            seen[step.title] = Seen(step, began, page.evaluate("Date.now()"), picture, words(page, inside=False), blocked)
        pages = tape.pages
        page.goto("/guide")  # sends what the page before it had no answer for
        until(lambda: tape.pages > pages, 10)
    index = Recordings.open(folder / "recordings.db")
    try:
        until(lambda: index.ask("SELECT min(looked) FROM chunks WHERE project = ?1", PROJECT) == [(1,)], 30)
    finally:
        index.close()
    return seen


class Player:
    """The console's own page for replays, with a recording in it."""

    def __init__(self, page: Page, events: list[dict[str, Any]]) -> None:
        self._page = page
        page.goto("/replay")
        page.wait_for_function("() => window.omotenashiScreen")
        page.add_style_tag(content=".replayer-mouse, .replayer-mouse-tail { display: none !important }")
        page.evaluate("events => omotenashiScreen.begin(events, { speed: 1, skip: false, playing: false })", events)

    def at(self, moment: int, size: tuple[int, int]) -> tuple[Image.Image, str]:
        """The picture and the words at a moment of the visitor's clock."""
        self._page.set_viewport_size({"width": size[0], "height": size[1]})
        self._page.evaluate("at => omotenashiScreen.seek(at)", moment)
        self._page.wait_for_function(READY)
        self._page.evaluate("() => omotenashiScreen.settled()")
        picture = Image.open(BytesIO(self._page.screenshot(animations="disabled"))).convert("RGB")
        return picture, words(self._page, inside=True)


@contextmanager
def staff(browser: Browser, shop: RealShop) -> Generator[Page]:
    """A tab of the console, of somebody who may see everything; what it asks for elsewhere, it does not get."""
    folder = shop.house.folder
    headers = {"authorization": f"Bearer {settings.secret(folder / 'console.token')}"}
    console = str(running(folder, "console")["console"])
    with browser.new_context(base_url=console, color_scheme="null", extra_http_headers=headers) as context:
        context.route(lambda url: not url.startswith(console), lambda route: route.abort())
        yield context.new_page()


@pytest.fixture(scope="module", params=["there", "gone"])
def player(request: pytest.FixtureRequest, browser: Browser, filmed: Filmed) -> Iterator[Player]:
    """Plays the visit, while the site is still there, and after all it had was taken away."""
    filmed.site.gone = request.param == "gone"
    with staff(browser, filmed.shop) as page:
        yield Player(page, recorded(filmed.shop, PROJECT))
    filmed.site.gone = False


def words(page: Page, *, inside: bool) -> str:
    """What can be read in the window, in the order of the document."""
    return " ".join(str(page.evaluate(WORDS, inside)).split())


def differing(one: Image.Image, other: Image.Image) -> float:
    """The share of pixels that differ; 1 where the sizes do."""
    if one.size != other.size:
        return 1.0
    apart = numpy.abs(numpy.asarray(one, dtype=numpy.int16) - numpy.asarray(other, dtype=numpy.int16))
    return float((apart.max(axis=2) > NEAR).mean())


@pytest.mark.parametrize("title", [step.title for step in STEPS])
def test_a_replay_shows_what_the_page_showed(filmed: Filmed, player: Player, title: str) -> None:
    seen = filmed.seen[title]
    picture, said = player.at(seen.at, seen.picture.size)
    share = differing(covered(picture, seen.blocked), covered(seen.picture, seen.blocked))
    if share > ALLOWED or said != seen.words:
        together(seen.picture, picture, title)
    assert said == seen.words
    assert share <= ALLOWED


@pytest.mark.parametrize("player", ["there"], indirect=True)
@pytest.mark.parametrize("title", [step.title for step in STEPS if step.does is not None])
def test_a_replay_that_is_two_seconds_off_does_not(filmed: Filmed, player: Player, title: str) -> None:
    seen = filmed.seen[title]
    picture, said = player.at(min(seen.at - OFF_MS, seen.began), seen.picture.size)  # whatever a slow machine took for it
    share = differing(covered(picture, seen.blocked), covered(seen.picture, seen.blocked))
    assert said != seen.words or share > ALLOWED


def covered(picture: Image.Image, boxes: list[tuple[int, int, int, int]]) -> Image.Image:
    """The picture without what is in some boxes: what is blocked on the page is hatched in its replay."""
    copy = picture.copy()
    for box in boxes:
        copy.paste("#000", box)
    return copy


def together(live: Image.Image, replayed: Image.Image, title: str) -> None:
    """Both pictures among the artefacts, the page's own on the left."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    both = Image.new("RGB", (live.width + replayed.width + 8, max(live.height, replayed.height)), "#ff00ff")
    both.paste(live, (0, 0))
    both.paste(replayed, (live.width + 8, 0))
    both.save(ARTEFACTS / f"fidelity {title.replace(': ', ' ')}.png")


@pytest.mark.parametrize("name", list(SESSIONS))
def test_what_others_recorded_plays_to_its_end(browser: Browser, shop: RealShop, name: str) -> None:
    file = SHARED / "data" / "rrweb" / f"{name}.json"
    if not file.is_file():
        pytest.skip("the sessions are not beside the project")
    events = json.loads(file.read_text("utf-8"))
    first, last = events[0]["timestamp"], events[-1]["timestamp"]
    errors: list[str] = []
    with staff(browser, shop) as page:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type in ("error", "warning") else None)
        player = Player(page, events)
        read = " ".join(player.at(at, (1280, 800))[1] for at in (first, (first + last) // 2, last + 1))
        assert SESSIONS[name] in read
        page.evaluate(
            "([events, at]) => omotenashiScreen.begin(events, {speed: 60, skip: true, playing: true, at})", [events, first]
        )
        page.evaluate("() => new Promise(done => omotenashiScreen.listen(({ ended }) => ended && done()))")
    assert [error for error in errors if "Failed to load resource" not in error and "Content Security Policy" not in error] == []


def test_bars_of_scrolling_take_the_room_they_took(browser: Browser, shop: RealShop) -> None:
    shop.put("bars", {"/": "<div style='height: 3000px'>long</div>"}, project={"recording": {"minimum_seconds": 0}})
    tape = Tape(shop.house.folder / "blobs" / "recordings" / "bars")
    room = "inside => [inside.defaultView.innerWidth, inside.documentElement.clientWidth]"
    with_bars = browser.browser_type.launch(executable_path=chromium(), args=FLAGS, ignore_default_args=["--hide-scrollbars"])
    try:
        with with_bars.new_context(user_agent=DESK, viewport={"width": 900, "height": 600}) as context:
            page = context.new_page()
            page.goto(shop.site.site)
            until(lambda: tape.pages > 0, 10)
            live = page.evaluate(f"() => ({room})(document)")
        assert live[1] < live[0] == 900
        with staff(with_bars, shop) as page:
            player = Player(page, recorded(shop, "bars"))
            player.at(2**45, (900, 600))
            assert page.evaluate(f"() => ({room})(document.querySelector('iframe').contentDocument)") == live
    finally:
        with_bars.close()
