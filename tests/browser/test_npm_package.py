"""The npm package as a site has it: packed, unpacked, compiled with its types, bundled, and running in a page."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.fake_edge import FakeEdge, until

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "node_modules" / ".bin"
SOURCES = ("package.json", "README.md", "build.mjs", "tsconfig.json", "tsconfig.package.json", "src")

SITE = """
import { load, omotenashi, type About, type Sent } from "@omotenashi/tag";

export const started: Promise<Sent> = load({ key: "public-key", endpoint: ENDPOINT, language: "en" });
void omotenashi("identify", "u-1", { rank: "gold" });
void omotenashi("track", "cart", { in_cart_price: 4500 });
void omotenashi("consent", "record", "granted");
void omotenashi("on", "click", (about: About) => console.log(about.campaign, about.name));
void omotenashi("on", "ready", ({ visitor }) => Object.assign(window, { visitor }));
void started.then((sent) => Object.assign(window, { sent }));
"""
WRONG = """
// @ts-expect-error a key is needed
load({ endpoint: ENDPOINT });
// @ts-expect-error there is no such verb
void omotenashi("dance");
// @ts-expect-error nor such a state
void omotenashi("consent", "record", "perhaps");
// @ts-expect-error an event has a name
void omotenashi("track", { in_cart_price: 4500 });
// @ts-expect-error nor is there such a thing to listen to
void omotenashi("on", "opened", () => undefined);
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the packed package is installed."""
    folder = tmp_path_factory.mktemp("package")
    workshop = folder / "tag"
    workshop.mkdir()
    for name in SOURCES:
        source = ROOT / "web" / "tag" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, workshop / name)
    (workshop / "node_modules").symlink_to(ROOT / "node_modules")
    packed = subprocess.run(
        ["npm", "pack", "--json", "--offline", "--pack-destination", str(folder)],
        cwd=workshop,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert packed.returncode == 0, packed.stderr
    (tarball,) = folder.glob("*.tgz")
    installed = folder / "site" / "node_modules" / "@omotenashi"
    installed.mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        archive.extractall(installed, filter="data")
    (installed / "package").rename(installed / "tag")
    return folder / "site"


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tarball_holds_what_a_site_needs_and_nothing_else(site: Path) -> None:
    package = site / "node_modules" / "@omotenashi" / "tag"
    files = {str(file.relative_to(package)) for file in package.rglob("*") if file.is_file()}
    late = ("calls", "fitting", "friction", "guard", "karte", "panel", "recorder", "rrweb", "tools", "verbs")
    scripts = {f"dist/{name}.js" for name in ("tag", "package", *late)}
    assert files == {"package.json", "README.md", "dist/package.d.ts", *scripts}
    described = json.loads((package / "package.json").read_text("utf-8"))
    assert set(described["exports"]["."]) == {"types", "default"}
    assert "dependencies" not in described


@pytest.mark.parametrize("resolution", ["bundler", "node16"])
def test_its_types_know_every_verb_and_refuse_what_is_none(site: Path, resolution: str) -> None:
    (site / "package.json").write_text('{"type": "module"}')
    (site / "site.ts").write_text("declare const ENDPOINT: string;\n" + SITE + WRONG)
    module = "esnext" if resolution == "bundler" else "node16"
    run(
        site,
        *(str(TOOLS / "tsc"), "--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom"),
        *("--module", module, "--moduleResolution", resolution, "site.ts"),
    )


def test_a_bundle_says_what_was_said_before_the_tag_had_come_in_one_request(site: Path, page: Page, edge: FakeEdge) -> None:
    (site / "bundled.ts").write_text(SITE)
    run(
        site,
        *(str(TOOLS / "esbuild"), "bundled.ts", "--bundle", "--format=iife", "--outfile=bundle.js"),
        f'--define:ENDPOINT="{edge.endpoint}"',
    )
    script = (site / "bundle.js").read_text("utf-8")
    edge.pages["/"] = f"<!doctype html><html><head><title>Shop</title></head><body><script>{script}</script></body></html>"
    page.goto(edge.site)
    until(lambda: edge.requests)
    assert edge.names() == ["identify", "cart", "consent", "view"]
    assert len(edge.requests) == 1
    page.wait_for_function("window.sent && window.visitor")
    assert page.evaluate("[window.sent, window.visitor]") == [{"ok": True}, edge.requests[0]["visitor"]]


def test_on_a_server_nothing_happens(site: Path) -> None:
    (site / "server.mjs").write_text(
        'import { load, omotenashi } from "@omotenashi/tag";\n'
        'const said = [await load({ key: "k", endpoint: "https://edge.example" }), await omotenashi("track", "tea")];\n'
        'if (said.some(({ ok, code }) => ok || code !== "no_page")) throw new Error(JSON.stringify(said));\n'
    )
    run(site, "node", "server.mjs")
