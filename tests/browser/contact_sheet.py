"""Draws the gallery as it is: every built-in template, on phone and desktop, in both languages, light and dark.

``python -m tests.browser.contact_sheet`` writes ``docs/gallery/`` and each template's ``preview.png``; with names behind it, only
the pictures of these templates. The text of the sheet comes from the templates' own descriptions, and a test holds it to them.
"""

import sys
from base64 import b64decode, b64encode
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.axe import SETTLE
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.gallery import MESSAGE, deliver, message
from tests.browser.tabs import FLAGS, chromium

from omotenashi.configuration import gallery

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "docs" / "gallery"
TEMPLATES = ROOT / "src" / "omotenashi" / "configuration" / "templates"
NOON = "2026-11-21T12:00:00+09:00"
INTENTS: Final = {
    "show": "見せる / Show",
    "ask": "尋ねる / Ask",
    "consent": "許諾をいただく / Ask for consent",
    "script": "スクリプト / Script",
}
PAGE = """<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root { color-scheme: light dark; --line: light-dark(#e8e4dc, #2c2f35); --soft: light-dark(#f3f0ea, #22252a); }
body { margin: 0; background: light-dark(#fff, #17191d); font: 15px system-ui, sans-serif; }
header { display: flex; align-items: center; gap: 20px; padding: 0 24px; height: 56px; border-bottom: 1px solid var(--line); }
header b { width: 92px; height: 14px; border-radius: 7px; background: var(--line); }
nav { display: flex; gap: 14px; margin-left: auto; padding: 8px; }
nav i { width: 44px; height: 8px; border-radius: 4px; background: var(--line); }
main { padding: 24px; }
.goods { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 20px; }
.goods p { display: grid; gap: 10px; margin: 0; }
.goods p::before { content: ""; aspect-ratio: 4 / 3; border-radius: 6px; background: var(--soft); }
.goods p::after { content: ""; width: 60%; height: 8px; border-radius: 4px; background: var(--line); }
</style>
<header><b></b><nav><i></i><i></i><i></i></nav></header>
<main><div class="goods"><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p></div></main>"""
WEBP = """async ([source, quality]) => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


DRAWN = """async selector => {
  const hosts = [...document.querySelectorAll(selector)];
  const pictures = hosts.flatMap(host => [...host.shadowRoot.querySelectorAll("img")]);
  await Promise.all(pictures.map(picture => picture.decode()));
}"""


class Look(Struct, frozen=True):
    """One way to look at a template."""

    width: int
    language: Literal["ja", "en"]
    scheme: Literal["light", "dark"]


LOOKS: Final = {
    scheme: [Look(width, language, scheme) for width in (375, 760) for language in ("ja", "en")] for scheme in ("light", "dark")
}
HEIGHT: Final = 600
PREVIEW: Final = Look(760, "ja", "light")


def described(name: str) -> dict[str, Any]:
    """The template's own description."""
    said: dict[str, Any] = yaml.safe_load(gallery.sources(name)["template.yaml"])
    return said


def written() -> str:
    """The text of the sheet."""
    lines = [
        "# Gallery / テンプレート一覧",
        "",
        "Every built-in template as the tag shows it, in the neutral theme: phone and desktop, both languages, light and dark.",
        "`project.yaml`'s `theme:` restyles all of them at once. Written by `python -m tests.browser.contact_sheet`.",
        "",
        "組み込みのテンプレートを、タグが実際に表示するとおりに並べています。",
        "色・角の丸み・書体・影は、`project.yaml` の `theme:` でまとめて変えられます。",
        "",
    ]
    told = {name: described(name) for name in sorted(gallery.names())}
    for intent, heading in INTENTS.items():
        names = [name for name, said in told.items() if said["intent"] == intent]
        lines += [f"**{heading}**: " + " · ".join(f"[`{name}`](#{name})" for name in names), ""]
    for intent in INTENTS:
        for name, said in told.items():
            if said["intent"] == intent:
                lines += _entry(name, said)
    return "\n".join(lines)


def _entry(name: str, said: dict[str, Any]) -> list[str]:
    label, description = said["label"], said["description"]
    picture = f"![{label['en']}]({name}.webp)" if said["kind"] != "script" else "*何も表示しません。 / It shows nothing.*"
    return [
        f"## {name}",
        "",
        f"**{label['ja']} / {label['en']}** ({said['kind']})",
        "",
        " ".join(description["ja"].split()),
        "",
        " ".join(description["en"].split()),
        "",
        picture,
        "",
        "| variable | type | 日本語 | English |",
        "|---|---|---|---|",
        *(_row(variable, described) for variable, described in said.get("variables", {}).items()),
        "",
    ]


def _row(variable: str, said: dict[str, Any]) -> str:
    inside = ", ".join(f"`{field}`" for field in said.get("fields", {}))
    kind = f"{said['type']} of {inside}" if inside else said["type"]
    return f"| `{variable}` | {kind} | {said['label']['ja']} | {said['label']['en']} |"


def opened(browser: Browser, look: Look) -> Page:
    """A tab for one look, at a fixed time of day."""
    context = browser.new_context(
        viewport={"width": look.width, "height": HEIGHT},
        locale={"ja": "ja-JP", "en": "en-GB"}[look.language],
        timezone_id="Asia/Tokyo",
        color_scheme=look.scheme,
        reduced_motion="reduce",
        is_mobile=look.width < 600,
        has_touch=look.width < 600,
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.clock.set_fixed_time(NOON)
    return page


def shots(tabs: dict[Look, Page], edge: FakeEdge, name: str) -> dict[Look, bytes]:
    """The template in every look, as PNG."""
    edge.pages["/"] = PAGE
    at_once = {"display": {"scroll": "0%"}} if "scroll" in described(name).get("display", {}) else {}
    said = {language: message(name, language=language, **at_once) for language in ("ja", "en")}
    return {look: shot(page, edge, said[look.language], name) for look, page in tabs.items()}


def shot(page: Page, edge: FakeEdge, said: dict[str, Any], name: str) -> bytes:
    """The message in one look."""
    edge.requests.clear()
    deliver(page, edge, said)
    if name == "guided_tour":
        page.locator(MESSAGE).locator("[data-next]").click()
    if name == "support_code":
        page.locator(MESSAGE).get_by_text(f"{edge.support_code[:3]} {edge.support_code[3:]}").wait_for()
    page.evaluate(SETTLE, MESSAGE)
    page.evaluate(DRAWN, MESSAGE)
    taken = page.screenshot()
    until(lambda: "_message_open" in edge.names(), 15)  # later, it would take the next message along as its answer
    page.evaluate("localStorage.clear()")
    return taken


def strip(page: Page, taken: dict[Look, bytes]) -> bytes:
    """The looks of one template beside each other, a row for the light ones and one for the dark, as WebP."""
    rows = "".join(
        f'<div class="{scheme}">' + "".join(f'<img src="{_address(taken[look])}">' for look in looks) + "</div>"
        for scheme, looks in LOOKS.items()
    )
    page.set_content(
        "<style>body{margin:0;width:max-content}div{display:flex;gap:16px;padding:16px;background:#d9d5cc}.dark{background:#3a3d43}"
        f"img{{display:block;height:{HEIGHT * 3 // 4}px}}</style>{rows}"
    )
    page.evaluate("Promise.all([...document.images].map(picture => picture.decode()))")
    drawn = page.locator("body").screenshot()
    return b64decode(page.evaluate(WEBP, [_address(drawn), 0.8]))


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{b64encode(picture).decode()}"


def main(names: list[str]) -> None:
    """Draws the templates ``names``, all without any, and writes the sheet."""
    SHEET.mkdir(parents=True, exist_ok=True)
    with closing(FakeEdge()) as edge, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        table = browser.new_page(viewport={"width": 2400, "height": 1000})
        tabs = {look: opened(browser, look) for looks in LOOKS.values() for look in looks}
        for name in names or sorted(gallery.names()):
            taken = shots(tabs, edge, name)
            (TEMPLATES / name / "preview.png").write_bytes(taken[PREVIEW])
            if described(name)["kind"] != "script":
                (SHEET / f"{name}.webp").write_bytes(strip(table, taken))
            print(name)
        browser.close()
    (SHEET / "README.md").write_text(written())


if __name__ == "__main__":
    main(sys.argv[1:])
