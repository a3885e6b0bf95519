"""What a message stands in the way of: the right selector, or silence."""

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page
from tests.browser.fake_edge import TAG
from tests.browser.tabs import tab

GUARD = TAG.parents[1] / "src" / "guard.ts"
ICON = '<svg width="36" height="36"><path d="M0 0h36v36z"/></svg>'
CARD = '<div style="width:300px;height:120px;background:#fff">茶</div>'

FRAMES = """action => {
  const frames = [...document.querySelectorAll("[data-omotenashi-message]")].map(host => {
    const element = host.shadowRoot.querySelector(".omo-frame");
    return { host, element, modal: element.parentElement.dataset.kind === "modal" };
  });
  const mine = frames.find(one => one.host.dataset.omotenashiMessage === action);
  return { ...mine, others: frames.filter(one => one !== mine).map(one => one.host) };
}"""
FOUND = """selectors => selectors.map(selector => {
  const [first, ...rest] = selector.split(" >>> ");
  const found = rest.reduce((host, inner) => host.shadowRoot.querySelector(inner), document.querySelector(first));
  return found instanceof Element;
})"""


class Case(Struct, frozen=True):
    """A page, a message of 300 by 120 px whose corner stands at 40, 200, and the selectors that the guard names."""

    page: str
    said: list[str]
    kind: str = "notification"
    card: str = CARD
    css: str = ""
    protect: list[str] = []


def standing(
    action: str = "r1", kind: str = "notification", card: str = CARD, css: str = "", place: str = "left:40px;top:200px"
) -> str:
    """A message as the tag puts it on a page, at a place of the test's own."""
    return f"""<div data-omotenashi-message="{action}"><template shadowrootmode="open"><style>
.omo{{position:fixed;inset:0;display:flex;pointer-events:none;z-index:2147483000}}
.omo[data-kind=modal]{{pointer-events:auto}} .omo-backdrop{{position:fixed;inset:0}}
.omo-frame{{pointer-events:auto;{f"position:fixed;{place}" if place else ""}}}{CORNERS}{css}</style>
<div class="omo" data-kind="{kind}" data-position="bottom-right">{'<div class="omo-backdrop"></div>' if kind == "modal" else ""}
<div class="omo-frame">{card}</div></div></template></div>"""


CORNERS = """
.omo-frame{margin:auto} [data-position^=top]>.omo-frame{margin-top:0} [data-position^=bottom]>.omo-frame{margin-bottom:0}
[data-position$=left]>.omo-frame{margin-left:0} [data-position$=right]>.omo-frame{margin-right:0}"""


def at(left: int, top: int, width: int = 120, height: int = 40) -> str:
    """Where something stands on the page."""
    return f"position:absolute;left:{left}px;top:{top}px;width:{width}px;height:{height}px;margin:0;box-sizing:border-box"


CASES = {
    "a button under the message": Case(f'<button id="add" style="{at(100, 240)}">Add to cart</button>', ["#add"]),
    "a button beside the message": Case(f'<button id="add" style="{at(100, 330)}">Add to cart</button>', []),
    "an icon in a button names the button": Case(
        f'<button aria-label="Search" style="{at(100, 240, 40, 40)}">{ICON}</button>',
        ['button[aria-label="Search"]'],
    ),
    "a label names its field": Case(
        f'<label for="size" style="{at(100, 240)}">Large</label><input id="size" type="radio" style="{at(500, 240)}">',
        ["#size"],
    ),
    "a label without a field is only text": Case(f'<label style="{at(100, 240)}">Large</label>', []),
    "a label around its field is told once": Case(
        f'<label style="{at(100, 240)}"><input name="gift" type="checkbox"> As a gift</label>', ['input[name="gift"]']
    ),
    "a button in an open shadow root": Case(
        f'<x-buy style="{at(100, 240)}"><template shadowrootmode="open"><button class="buy" style="width:100%;height:100%">'
        "Buy</button></template></x-buy>",
        ["x-buy >>> button.buy"],
    ),
    "an icon put into a slot of a button": Case(
        f'<x-buy style="{at(100, 240)}"><template shadowrootmode="open"><button class="buy" style="width:100%;height:100%">'
        '<slot></slot></button></template><i style="display:block;width:80px;height:20px">+</i></x-buy>',
        ["x-buy >>> button.buy"],
    ),
    "a fifth covered from above": Case(f'<button id="add" style="{at(100, 304, 120, 80)}">Add to cart</button>', []),
    "more than a third covered from above": Case(f'<button id="add" style="{at(100, 304, 120, 40)}">Add</button>', ["#add"]),
    "a link in a sticky header beneath": Case(
        '<header style="position:fixed;inset:0 0 auto;height:300px;z-index:10"><a href="/cart" '
        f'style="{at(100, 240)}">Cart</a></header>',
        ['a[href="/cart"]'],
    ),
    "a sticky header that lies above the message": Case(
        '<header style="position:fixed;inset:0 0 auto;height:300px;z-index:2147483647"><a href="/cart" '
        f'style="{at(100, 240)}">Cart</a></header>',
        [],
    ),
    "a button outside the window": Case(f'<button id="add" style="{at(100, 5000)}">Add to cart</button>', []),
    "only what is inside the window counts": Case(
        f'<button id="add" style="{at(-100, 210, 200, 40)}">Add to cart</button>', ["#add"]
    ),
    "an invisible button": Case(f'<button style="{at(100, 240)};visibility:hidden">Add</button>', []),
    "a transparent button": Case(f'<button style="{at(100, 240)};opacity:0">Add</button>', []),
    "a transparent file field over its picture": Case(
        f'<input type="file" name="photo" style="{at(100, 240)};opacity:0">', ['input[name="photo"]']
    ),
    "a button without size": Case(f'<button style="{at(100, 240, 1, 1)};padding:0;border:0;overflow:hidden">Skip</button>', []),
    "a disabled button": Case(f'<fieldset disabled><button style="{at(100, 240)}">Add</button></fieldset>', []),
    "a button that the page itself covers": Case(
        f'<button id="add" style="{at(100, 240)}">Add</button><div style="{at(0, 0, 600, 600)};background:#eee"></div>', []
    ),
    "a button cut off by what it stands in": Case(
        f'<div style="{at(60, 150, 200, 40)};overflow:hidden"><button style="{at(0, 60)}">Add</button></div>', []
    ),
    "text, pictures and headings": Case(f'<h1 style="{at(60, 210)}">Tea</h1><p style="{at(60, 260)}">Green</p>', []),
    "a place that only takes the focus by script": Case(f'<main tabindex="-1" style="{at(0, 0, 600, 600)}">Tea</main>', []),
    "the whole page with a handler": Case('<script>document.body.setAttribute("onclick", "1")</script><p>Tea</p>', []),
    "a role and a handler": Case(
        f'<p role="tab" class="tab" style="{at(60, 210)}">One</p><p onclick="1" class="row" style="{at(60, 260)}">Two</p>',
        ["p.tab", "p.row"],
    ),
    "a transparent area that lets the pointer through": Case(
        f'<button id="add" style="{at(200, 240)}">Add</button>',
        [],
        card='<div style="width:120px;height:120px;background:#fff;pointer-events:auto">茶</div>',
        css=".omo-frame{pointer-events:none}",
    ),
    "a modal over the whole page": Case(f'<button id="add" style="{at(100, 240)}">Add</button>', [], kind="modal"),
    "a modal over a protected place": Case(
        f'<button class="buy" style="{at(400, 500)}">Checkout</button>', [".buy"], kind="modal", protect=[".buy"]
    ),
    "a protected place, and first": Case(
        f'<button id="add" style="{at(60, 210)}">Add</button><div class="cookies" style="{at(60, 260, 300, 60)}">Cookies</div>',
        [".cookies", "#add"],
        protect=[".cookies", "not a selector ::"],
    ),
    "a protected place elsewhere": Case(f'<div class="cookies" style="{at(60, 400)}">Cookies</div>', [], protect=[".cookies"]),
    "a link over two lines": Case(
        f'<p style="{at(60, 210, 100, 80)}">Read <a href="/shipping">all about shipping and returns</a>.</p>',
        ['a[href="/shipping"]'],
    ),
    "a picture in a link": Case(
        f'<div style="{at(60, 210, 100, 100)}"><a class="item" href="/items/1?from=home"><svg width="90" height="90">'
        '<rect width="90" height="90"/></svg></a></div>',
        ['a[href="/items/1?from=home"]'],
    ),
    "one of many": Case(
        '<ul style="position:absolute;left:60px;top:120px;margin:0;padding:0;list-style:none">'
        + "".join(f'<li class="css-1ab2c card" style="height:110px"><button class="add">{n}</button></li>' for n in range(4))
        + "</ul>",
        ["li.card:nth-of-type(2) > button.add"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A desktop window where the guard alone is at hand: ``guard.conflicts``, ``guard.freeCorner``."""
    esbuild = shutil.which("esbuild", path=str(TAG.parents[3] / "node_modules" / ".bin"))
    assert esbuild is not None, "npm ci"
    script = tmp_path_factory.mktemp("guard") / "guard.js"
    subprocess.run([esbuild, str(GUARD), "--bundle", "--format=iife", "--global-name=guard", f"--outfile={script}"], check=True)
    with tab(browser.new_context(viewport={"width": 1200, "height": 800})) as page:
        page.add_init_script(f"{script.read_text()};window.guard = guard")
        page.goto("about:blank")
        yield page


def conflicts(page: Page, protect: list[str] | None = None, action: str = "r1") -> list[dict[str, Any]]:
    """What the guard says of a message on the page. Each of its selectors finds something there."""
    told: list[dict[str, Any]] = page.evaluate(
        f"([action, protect]) => guard.conflicts(({FRAMES})(action), document, protect)", [action, protect or []]
    )
    assert all(page.evaluate(FOUND, [one["selector"] for one in told]))
    return told


@pytest.mark.parametrize("name", CASES)
def test_the_guard_names_what_is_covered_or_is_silent(desk: Page, name: str) -> None:
    case = CASES[name]
    desk.set_content(f"<!doctype html><body>{case.page}{standing(kind=case.kind, card=case.card, css=case.css)}</body>")
    assert [one["selector"] for one in conflicts(desk, case.protect)] == case.said


def test_an_embedded_message_is_not_in_the_way_of_what_it_stands_in(desk: Page) -> None:
    flow = standing(kind="embed", css=".omo,.omo-frame{position:static}", place="")
    around = f'<div onclick="1" style="width:320px">{flow}</div><div class="shelf">{flow.replace("r1", "r2")}</div>'
    desk.set_content(f"<!doctype html><body>{around}</body>")
    assert conflicts(desk) == []
    assert conflicts(desk, [".shelf"], "r2") == []


def test_the_share_is_of_what_can_be_seen(desk: Page) -> None:
    half, whole = (
        f'<button id="half" style="{at(300, 210, 80, 40)}">A</button>',
        f'<button id="whole" style="{at(60, 270)}">B</button>',
    )
    cut = f'<div style="{at(200, 300, 120, 20)};overflow:hidden"><button id="cut" style="{at(0, 0, 120, 80)}">C</button></div>'
    desk.set_content(f"<!doctype html><body>{half}{whole}{cut}{standing()}</body>")
    assert {one["selector"]: one["share"] for one in conflicts(desk)} == {"#half": 0.5, "#whole": 1, "#cut": 1}


def test_of_two_messages_the_lower_one_is_covered_whichever_came_first(desk: Page) -> None:
    upper = standing("second", place="left:100px;top:200px", css=".omo{z-index:2147483001}")
    desk.set_content(f"<!doctype html><body>{standing('first')}{upper}</body>")
    covered = {"selector": '[data-omotenashi-message="first"]', "share": 0.8, "message": "first"}
    assert conflicts(desk, action="second") == [covered]
    assert conflicts(desk, action="first") == [
        {"selector": '[data-omotenashi-message="second"]', "share": 0.8, "message": "second"}
    ]


@pytest.mark.parametrize(
    "second", [standing("second", place="left:400px;top:200px"), standing("second", kind="modal", place="left:700px;top:200px")]
)
def test_two_messages_side_by_side_are_no_conflict(desk: Page, second: str) -> None:
    desk.set_content(f"<!doctype html><body>{standing()}{second}</body>")
    assert conflicts(desk) == []
    assert conflicts(desk, action="second") == []


FREE = f"""([kind, protect]) => {{
  const frame = ({FRAMES})("r1");
  const found = guard.freeCorner(frame, document, protect);
  return [found ?? null, frame.element.parentElement.dataset.position];
}}"""
BUY = '<button class="buy" style="position:fixed;{}:20px;{}:20px;width:200px;height:60px">Buy</button>'


@pytest.mark.parametrize(
    ("page", "kind", "found"),
    [
        (BUY.format("bottom", "right"), "notification", "bottom-left"),
        (BUY.format("bottom", "right") + BUY.format("bottom", "left"), "notification", "top-right"),
        (
            "".join(f'<a href="/{n}" style="{at(n % 12 * 100, n // 12 * 80, 90, 70)}">{n}</a>' for n in range(120)),
            "notification",
            None,
        ),
        (BUY.format("bottom", "right"), "bar", "top"),
        (BUY.format("bottom", "right") + BUY.format("top", "right"), "bar", None),
        (BUY.format("bottom", "right"), "modal", None),
    ],
)
def test_a_message_moves_to_the_first_free_place_or_stays(desk: Page, page: str, kind: str, found: str | None) -> None:
    wide = CARD.replace("300px", "1200px") if kind == "bar" else CARD
    desk.set_content(f"<!doctype html><body>{page}{standing(kind=kind, card=wide, place='')}</body>")
    assert desk.evaluate(FREE, [kind, []]) == [found, found or "bottom-right"]
