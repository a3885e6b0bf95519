"""Recording in a real browser: not a byte before consent, none after; what is secret never leaves the page."""

import gzip
import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.demo_house import PHONE
from tests.browser.fake_edge import STUB, until
from tests.browser.real_shop import RealShop, noted

from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.entries import Event
from omotenashi.model.ids import Instant, ProjectId, SessionId

ASKED = {"purposes": [{"name": "record", "default": "unknown"}], "recording": {"consent": "record"}}
EVERYBODY: dict[str, Any] = {"recording": {}}


class Tape:
    """What an installation keeps of one project's recordings."""

    def __init__(self, shop: RealShop, project: str) -> None:
        self.folder = shop.house.folder
        self.project = ProjectId(project)
        self.below = self.folder / "blobs" / "recordings" / project

    @property
    def files(self) -> list[str]:
        return sorted(str(file.relative_to(self.below)) for file in self.below.rglob("*.json.gz"))

    @property
    def text(self) -> str:
        """Every byte of every chunk."""
        return "\n".join(gzip.decompress((self.below / name).read_bytes()).decode() for name in self.files)

    def events(self, kind: int | None = None) -> list[dict[str, Any]]:
        told = [event for name in self.files for event in json.loads(gzip.decompress((self.below / name).read_bytes()))]
        return [event for event in told if kind in (None, event["type"])]

    @contextmanager
    def index(self) -> Generator[Recordings]:
        opened = Recordings.open(self.folder / "recordings.db")
        yield opened
        opened.close()


@contextmanager
def visiting(browser: Browser, **changes: Any) -> Generator[BrowserContext]:
    with browser.new_context(user_agent=PHONE, viewport={"width": 390, "height": 844}, **changes) as context:
        context.set_default_timeout(10_000)
        yield context


def opened(context: BrowserContext, shop: RealShop, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(shop.site.site + path)
    page.wait_for_function("window.omotenashi && omotenashi.loaded")
    return page


def recording(page: Page) -> Any:
    return page.evaluate("() => { const { recorder } = omotenashi.parts; return recorder ? recorder.id : undefined; }")


def told(page: Page, *call: Any) -> None:
    assert page.evaluate("call => omotenashi(...call)", list(call)) == {"ok": True}


def test_not_a_byte_is_recorded_before_the_grant_nor_after_the_withdrawal(browser: Browser, shop: RealShop) -> None:
    shop.put("asked", {"/": "<h1>みどり</h1><button>Tea</button>"}, project=ASKED)
    tape = Tape(shop, "asked")
    sent: list[str] = []
    with visiting(browser) as context:
        context.on("request", lambda request: sent.append(request.url))
        page = opened(context, shop)
        old = opened(context, shop)
        page.click("button")
        told(page, "track", "looked")
        told(old, "track", "looked")
        assert tape.files == []
        assert not any("/recorder.js" in url or "/v1/record" in url for url in sent)

        told(page, "consent", "record", "granted")  # on the same page, and nothing is loaded anew
        until(lambda: tape.files, 5)
        told(old, "track", "looked")
        until(lambda: len({name.split("/")[1] for name in tape.files}) == 2, 5)

        told(page, "consent", "record", "withdrawn")
        page.wait_for_function("() => omotenashi.parts.recorder.id === undefined")
        page.click("button")
        old.click("button")  # it has not heard of it, and the door refuses
        until(lambda: recording(old) is None, 8)
        kept = tape.files
        old.click("button")
        told(old, "track", "bought")
        assert tape.files == kept
    names = [entry.name for entry in shop.log("asked") if isinstance(entry, Event)]
    assert names.count("_live_record_start") == 1
    assert "bought" in names


def test_the_first_chunk_is_there_within_a_second_of_the_yes(browser: Browser, shop: RealShop) -> None:
    shop.put("prompt", {"/": "<h1>みどり</h1>"}, project=ASKED)
    tape = Tape(shop, "prompt")
    with visiting(browser) as context:
        page = opened(context, shop)
        told(page, "track", "looked")
        yes_at = page.evaluate("() => { const at = Date.now(); omotenashi('consent', 'record', 'granted'); return at; }")
        until(lambda: tape.files, 5)
    (begun,) = [entry for entry in shop.log("prompt") if isinstance(entry, Event) and entry.name == "_live_record_start"]
    assert 0 <= begun.now - yes_at <= 1_000  # the page's clock and the edge's are this machine's


def test_a_page_on_which_nothing_happens_learns_that_it_is_watched_and_sends_at_once(browser: Browser, shop: RealShop) -> None:
    shop.put("watched", {"/": "<h1>みどり</h1>"}, project=EVERYBODY)
    tape = Tape(shop, "watched")
    with visiting(browser) as context:
        page = opened(context, shop)
        with page.expect_request("**/v1/calls"):
            until(lambda: tape.files, 8)
        with tape.index() as index:
            until(lambda: index.going_on(tape.project, Instant(0)))
            (one,) = index.going_on(tape.project, Instant(0))
            index.watch(tape.project, one.id, Instant(2**50))
        page.wait_for_function("() => omotenashi.parts.recorder.isHurried()")
        with page.expect_response("**/v1/record?**") as sent:
            page.evaluate("document.querySelector('h1').textContent = 'お茶'")
        assert sent.value.json() == {"taken": True, "nextMs": 700, "watched": True}


def test_an_edge_that_is_killed_leaves_no_hole_in_what_a_browser_records(browser: Browser, shop: RealShop) -> None:
    shop.put("killed", {"/": "<ol></ol>"}, project=EVERYBODY)
    tape = Tape(shop, "killed")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: tape.files, 8)
        page.evaluate("""() => { let n = 0; setInterval(() => {
          if (n < 60) document.querySelector("ol").insertAdjacentHTML("beforeend", `<li>line ${n++}.</li>`);
        }, 50); }""")
        page.wait_for_function("document.querySelectorAll('li').length > 20")
        shop.house.kill("edge")
        page.wait_for_function("document.querySelectorAll('li').length === 60")
        until(lambda: "line 59." in tape.text, 40)
        shown = tape.text
    assert [number for number in range(60) if f"line {number}." not in shown] == []
    assert [int(name.split("/")[-1][:6]) for name in tape.files] == list(range(len(tape.files)))


def test_after_a_full_opt_out_nothing_at_all_is_sent(browser: Browser, shop: RealShop) -> None:
    pages = {"/": '<a href="/tea">Tea</a><form><input></form>', "/tea": "<h1>Tea</h1>"}
    shop.put("silent", pages, project=EVERYBODY | {"friction": True}, campaigns={"hello": noted("Hello", "top")})
    tape = Tape(shop, "silent")
    sent: list[str] = []
    with visiting(browser) as context:
        page = opened(context, shop)
        with page.expect_request("**/v1/calls"):
            until(lambda: tape.files, 8)
        told(page, "optOut")
        context.on("request", lambda request: sent.append(request.url) if "/v1/" in request.url else None)
        files = tape.files
        page.fill("input", "hello")
        for _ in range(4):
            page.mouse.click(200, 400)
        page.evaluate(
            "() => { history.pushState({}, '', '/x'); dispatchEvent(new Event('online')); void Promise.reject(new Error('x')); }"
        )
        assert page.evaluate("() => omotenashi('track', 'bought')") == {"ok": False, "code": "opted_out"}
        page.click("a")
        page.wait_for_url("**/tea")
        page.wait_for_function("window.omotenashi && omotenashi.loaded")
        page.reload()
        page.wait_for_function("window.omotenashi && omotenashi.loaded")
        page.mouse.click(200, 400)
        page.close()
    assert sent == []
    assert tape.files == files


def test_leaving_the_segment_ends_the_recording_in_every_tab(browser: Browser, shop: RealShop) -> None:
    few = {"recording": {"who": {"not": {"attribute": "rank", "op": "=", "value": "guest"}}}}
    shop.put("few", {"/": "<button>Tea</button>"}, project=few)
    tape = Tape(shop, "few")
    with visiting(browser) as context:
        page, old = opened(context, shop), opened(context, shop)
        until(lambda: len({name.split("/")[1] for name in tape.files}) == 2, 8)
        told(page, "attribute", {"rank": "guest"})
        page.wait_for_function("() => omotenashi.parts.recorder.id === undefined")
        kept = tape.files
        old.click("button")
        until(lambda: recording(old) is None, 8)
        page.click("button")
        assert tape.files == kept


def test_one_visit_over_pages_and_tabs_is_one_recording_without_a_gap(browser: Browser, shop: RealShop) -> None:
    pages = {"/": '<a href="/tea">Tea</a>', "/tea": '<a href="/">Home</a><p id="more">Sencha</p>'}
    shop.put("walk", pages, project=EVERYBODY)
    tape = Tape(shop, "walk")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: len(tape.files) == 1, 8)
        page.evaluate("document.body.append('said at last')")
        page.click("text=Tea")  # what was told last leaves with the page
        page.wait_for_url("**/tea")
        until(lambda: "Sencha" in tape.text, 8)
        other = opened(context, shop, "/tea")
        until(lambda: len({name.split("/")[1] for name in tape.files}) == 2, 8)
        other.close()
    assert "said at last" in tape.text
    with tape.index() as index:
        (found,) = {index.one(tape.project, SessionId(name.split("/")[0])) for name in tape.files}
        assert found is not None
        assert (found.tabs, found.pages) == (2, 3)
        chunks = index.chunks(tape.project, found.id)
        for tab in {chunk.tab for chunk in chunks}:
            mine = [chunk for chunk in chunks if chunk.tab == tab]
            assert [chunk.seq for chunk in mine] == list(range(len(mine)))
            assert [chunk.full for chunk in mine if chunk.page != mine[0].page][:1] in ([], [True])


def test_a_route_of_a_single_page_begins_anew_under_its_own_page_view(browser: Browser, shop: RealShop) -> None:
    shop.put("routes", {"/": "<h1>Shop</h1>"}, project=EVERYBODY)
    tape = Tape(shop, "routes")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: len(tape.events(2)) == 1, 8)
        page.evaluate("() => { history.pushState({}, '', '/tea?id=7'); document.querySelector('h1').textContent = 'Tea'; }")
        page.mouse.move(100, 100)
        page.mouse.move(140, 160)
        until(lambda: len(tape.events(2)) == 2, 8)
    assert [event["data"]["href"].rpartition("/")[2] for event in tape.events(4)] == ["", "tea?id=*"]
    with tape.index() as index:
        (found,) = {index.one(tape.project, SessionId(name.split("/")[0])) for name in tape.files}
        assert found is not None
        assert found.pages == 2


def test_what_the_network_swallowed_is_sent_when_it_is_back(browser: Browser, shop: RealShop) -> None:
    shop.put("offline", {"/": "<p id=said></p>"}, project=EVERYBODY)
    tape = Tape(shop, "offline")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: tape.files, 8)
        context.set_offline(True)
        for n in range(3):
            page.evaluate("n => { document.querySelector('#said').textContent = `offline ${n}`; }", n)
        context.set_offline(False)
        until(lambda: "offline 2" in tape.text, 15)
    assert "offline 0" in tape.text


def test_who_opts_out_or_becomes_somebody_else_is_recorded_no_further(browser: Browser, shop: RealShop) -> None:
    shop.put("leaving", {"/": "<button>Tea</button>"}, project=EVERYBODY)
    tape = Tape(shop, "leaving")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: tape.files, 8)
        told(page, "optOut")
        page.evaluate("document.body.append('after the opt-out')")
        page.click("button")
        until(lambda: recording(page) is None, 8)
    assert "after the opt-out" not in tape.text


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_visitor_is_told_where_the_project_wants_it(browser: Browser, shop: RealShop, language: str) -> None:
    shop.put(f"sign_{language}", {"/": "<p>Tea</p>"}, project={"recording": {"indicator": True}})
    with visiting(browser) as context:
        context.add_init_script(
            f"addEventListener('DOMContentLoaded', () => {{ document.documentElement.lang = '{language}'; }})"
        )
        page = opened(context, shop)
        words = {"ja": "この画面は録画されています", "en": "This screen is being recorded"}
        expect(page.get_by_text(words[language])).to_be_visible()


SECRET = "s3cr3t"
MASKED = f"""<!doctype html><html><head><meta charset="utf-8"><title>{SECRET}-title</title>
<meta name="csrf-token" content="{SECRET}-meta"><link rel="canonical" href="/account?session={SECRET}-canonical">
<script>%s</script><script async src="%s/tag.js"></script></head><body>
<h1>Account</h1>
<input id="typed" placeholder="{SECRET}-placeholder" title="{SECRET}-tip" aria-label="{SECRET}-aria" data-mail="{SECRET}-data">
<input id="given" value="{SECRET}-value"><input type="hidden" value="{SECRET}-hidden">
<input id="filled" autocomplete="email"><input id="shown" type="password">
<label><input type="radio" name="r" value="{SECRET}-radio" checked> one</label>
<textarea id="area">{SECRET}-textarea</textarea>
<select id="chosen"><option>Tea</option><option value="{SECRET}-option" label="{SECRET}-label">{SECRET}-choice</option></select>
<datalist><option value="{SECRET}-datalist"></datalist>
<div id="editable" contenteditable title="{SECRET}-edit-title">{SECRET}-editable</div>
<div id="box" role="textbox" aria-valuetext="{SECRET}-valuetext" contenteditable="plaintext-only"></div>
<p data-omotenashi-mask title="{SECRET}-masked-title" aria-label="{SECRET}-masked-aria">Dear {SECRET}-masked <b>{SECRET}-inner</b>
<a href="/for/{SECRET}-href">link</a><img alt="{SECRET}-alt" src="/x.png"></p>
<p class="name">{SECRET}-named</p>
<section data-omotenashi-block><h2>{SECRET}-blocked</h2><img alt="{SECRET}-blocked-alt" src="/{SECRET}.png"></section>
<div class="hide"><p>{SECRET}-hidden-block</p></div>
<a href="/reset?token={SECRET}-link#{SECRET}-fragment">Reset</a><form action="/send?to={SECRET}-action"></form>
<button onclick="'{SECRET}-handler'">Plain</button><noscript><img src="/n?{SECRET}"></noscript>
<!-- {SECRET}-comment --><script type="application/json">"{SECRET}-script"</script>
<div id="host" data-omotenashi-mask></div>
<p id="open">Nothing to hide</p><p class="name shown">Midori</p>
</body></html>"""
LATER = f"""async () => {{
  const set = (id, change) => change(document.getElementById(id));
  document.title = "{SECRET}-new-title";
  set("given", it => {{ it.setAttribute("value", "{SECRET}-new-value"); it.placeholder = "{SECRET}-new-placeholder"; }});
  set("typed", it => it.setAttribute("data-now", "{SECRET}-new-data"));
  set("shown", it => {{ it.type = "text"; }});
  set("editable", it => {{ it.textContent = "{SECRET}-new-editable"; }});
  const name = document.querySelector(".name");
  name.firstChild.data = "{SECRET}-new-name";
  name.append(Object.assign(document.createElement("i"), {{ textContent: "{SECRET}-added", title: "{SECRET}-added-title" }}));
  const block = document.querySelector("[data-omotenashi-block]");
  block.append(Object.assign(document.createElement("p"), {{ textContent: "{SECRET}-into-the-block" }}));
  const root = document.getElementById("host").attachShadow({{ mode: "open" }});
  root.innerHTML = "<p>{SECRET}-shadow</p>";
  await new Promise(requestAnimationFrame);
  root.querySelector("p").firstChild.data = "{SECRET}-shadow-later";
  const option = document.createElement("option");
  Object.assign(option, {{ textContent: "{SECRET}-added-choice", value: "{SECRET}-added-option" }});
  document.getElementById("chosen").append(option);
  document.body.append(Object.assign(document.createElement("input"), {{ value: "{SECRET}-added-input", id: "late" }}));
  document.body.append(Object.assign(document.createElement("a"), {{ href: "/x?key={SECRET}-added-link", textContent: "seen" }}));
  await new Promise(requestAnimationFrame);
  document.querySelector("#late").value = "{SECRET}-set-by-script";
  document.querySelector("a[href*=reset]").href = "/reset?token={SECRET}-changed-link";
}}"""


def test_nothing_that_is_masked_ever_leaves_the_page(browser: Browser, shop: RealShop) -> None:
    masks = {"text": [".name"], "block": [".hide"], "unmask": [".shown"], "query": ["step"]}
    private = {"query": ["token"], "titles": True}
    shop.put("secrets", {}, project={"recording": {"mask": masks}, "private": private})
    stub = f"{STUB}omotenashi('init',{json.dumps({'key': 'pk_of_secrets', 'endpoint': shop.site.endpoint})});"
    shop.site.pages = {"/account": MASKED % (stub, shop.site.endpoint)}
    tape = Tape(shop, "secrets")
    bodies: list[str] = []
    with visiting(browser) as context:
        context.on("request", lambda request: bodies.append(request.url) if "/v1/record" in request.url else None)
        page = opened(context, shop, f"/account?step=2&token={SECRET}-query#token={SECRET}-hash")
        until(lambda: tape.events(2), 8)
        page.type("#typed", f"{SECRET}-typed")
        page.type("#shown", f"{SECRET}-password")
        page.fill("#filled", f"{SECRET}-filled")
        page.type("#box", f"{SECRET}-boxed")
        page.select_option("#chosen", index=1)
        page.evaluate(LATER)
        page.type("#shown", f"{SECRET}-seen")
        page.fill("#area", f"{SECRET}-area")
        page.click("#open")
        page.evaluate("query => history.pushState({}, '', query)", f"?step=3&token={SECRET}-route")
        page.evaluate("document.querySelector('#open').textContent = 'the last word'")
        until(lambda: "the last word" in tape.text, 15)
    assert SECRET not in tape.text
    assert not any(SECRET in url for url in bodies)
    with tape.index() as index:
        assert SECRET not in repr(index.ask("SELECT * FROM recordings")) + repr(index.ask("SELECT * FROM chunks"))
    log = shop.log("secrets")
    assert SECRET not in repr(log)
    (person,) = {entry.person for entry in log if isinstance(entry, Event)}
    story = until_story(shop, "secrets", person, "_live_record_start")
    assert SECRET not in story
    for seen in ("Nothing to hide", "Midori", "Account", "step=2&token=*", "step=3&token=*", "********", "/reset?token=*"):
        assert seen in tape.text, seen


def until_story(shop: RealShop, project: str, person: str, name: str) -> str:
    """The warehouse's story of a person, once it holds this event, as the staff's API tells it."""
    found: list[str] = []

    def told_of() -> bool:
        found[:] = [json.dumps(shop.house.ask(f"/api/projects/{project}/people/{person}/story"))]
        return name in found[0]

    until(told_of, 15)
    return found[0]


def test_a_project_may_show_what_is_entered_but_never_what_is_sensitive(browser: Browser, shop: RealShop) -> None:
    page_of = """<input id=search><input id=mail type=email><input id=pass type=password><input id=card autocomplete=cc-number>
    <textarea id=note></textarea><input id=kept class=private>
    <select id=ends autocomplete=cc-exp-month><option value=first-of-ends>1<option value=second-of-ends selected>2</select>"""
    masks = {"inputs": "sensitive", "text": [".private"]}
    shop.put("sensitive", {"/": page_of}, project={"recording": {"mask": masks}})
    tape = Tape(shop, "sensitive")
    with visiting(browser) as context:
        page = opened(context, shop)
        until(lambda: tape.events(2), 8)
        page.select_option("#ends", "first-of-ends")
        for field in ("search", "mail", "pass", "card", "kept", "note"):
            page.fill(f"#{field}", f"value-of-{field}")
        until(lambda: "value-of-note" in tape.text, 15)
    assert "value-of-search" in tape.text
    for field in ("mail", "pass", "card", "kept"):
        assert f"value-of-{field}" not in tape.text
    assert "-of-ends" not in tape.text
    assert '"selected":true' not in tape.text


def test_a_campaign_that_delivers_the_recorder_records_as_long_as_its_audience_is_true(browser: Browser, shop: RealShop) -> None:
    delivers = {
        "name": "Recorder",
        "state": "live",
        "trigger": {"event": "view"},
        "rule": {"attribute": "rank", "op": "=", "value": "gold"},
        "frequency": "access",
        "actions": [{"name": "records", "template": "recorder"}],
    }
    shop.put("delivered", {"/": "<button>Tea</button>"}, campaigns={"recorder": delivers})
    tape = Tape(shop, "delivered")
    with visiting(browser) as context:
        page = opened(context, shop)
        told(page, "attribute", {"rank": "gold"})
        assert tape.files == []  # it is delivered at the next view
        page.reload()
        until(lambda: tape.files, 8)
        told(page, "attribute", {"rank": "silver"})
        page.wait_for_function("() => omotenashi.parts.recorder.id === undefined")
        kept = tape.files
        page.click("button")
        told(page, "track", "bought")
        assert tape.files == kept
