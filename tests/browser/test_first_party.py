"""The edge under a path of the site, through the proxies of docs/howto/first-party.md as they stand there."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.fake_edge import STUB, until
from tests.browser.real_shop import RealShop, real_shop

from omotenashi.boot.serving import free_port

HOWTO = Path(__file__).resolve().parents[2] / "docs" / "howto" / "first-party.md"
PERSON = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
PAGE = (
    f'<!doctype html><html lang="en"><head><title>Midori</title><script>{STUB}omotenashi("init",{{key:"pk_of_midori"}});</script>'
    '<script async src="/o/tag.js"></script></head><body>Tea</body></html>'
)


def installed(kind: str) -> Any:
    """The proxy, skipped where it is not installed; then no house is built for it either."""
    return pytest.param(kind, marks=pytest.mark.skipif(shutil.which(kind) is None, reason=f"{kind} is not installed"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealShop]:
    with real_shop(tmp_path_factory.mktemp("first-party")) as one:
        one.put("midori", {"/": PAGE}, project={"cookie_domain": "midori.localhost"})
        yield one


def recipe(kind: str, edge_port: int) -> str:
    """The recipe's first block of this kind, with the port of this test's edge."""
    found = re.search(rf"```{kind}\n(.*?)```", HOWTO.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1].replace("127.0.0.1:8700", f"127.0.0.1:{edge_port}")


@contextmanager
def proxied(kind: str, shop: RealShop, folder: Path) -> Iterator[str]:
    """The site and the edge behind one proxy; its address."""
    port = free_port()
    site = shop.site.site.removeprefix("http://").replace("localhost", "127.0.0.1")
    mounted = recipe(kind, shop.house.port)
    if kind == "nginx":
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{site}; }}\n{mounted} }} }}\n"
        )
        command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    else:
        (folder / "Caddyfile").write_text(
            f"{{\nadmin off\nauto_https off\n}}\n"
            f"http://:{port} {{\nbind 127.0.0.1\n{mounted}\nhandle {{\nreverse_proxy {site}\n}}\n}}\n"
        )
        command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(folder)}
    )
    try:
        until(lambda: _listens(port), 20)
        yield f"http://www.midori.localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def opened(page: Page, url: str) -> str:
    """Opens the page; the ``Set-Cookie`` of the edge's first answer."""
    with page.expect_response(lambda response: response.url.endswith("/o/v1/track")) as waiting:
        page.goto(url)
    return waiting.value.all_headers().get("set-cookie", "")


@pytest.mark.parametrize("kind", [installed("nginx"), installed("caddy")])
def test_the_recipe_makes_the_visitor_cookie_one_of_the_sites_own_server(
    kind: str, shop: RealShop, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(user_agent=PERSON)
    page = context.new_page()
    with proxied(kind, shop, tmp_path) as url:
        renewed = opened(page, f"{url}/")
        (cookie,) = context.cookies()
        assert renewed == f"_omo={cookie['value']}; Domain=midori.localhost; Path=/; Max-Age=63072000; SameSite=Lax"
        assert cookie["domain"] == ".midori.localhost"
        assert cookie["expires"] - time.time() > 390 * 24 * 3600  # browsers keep cookies for 400 days at most
        page.evaluate("localStorage.clear()")
        opened(page, f"{url}/")
        assert [one["value"] for one in context.cookies()] == [cookie["value"]]
        assert page.evaluate('fetch("/o/panel.js").then(answer => answer.status)') == 200
        page.evaluate('omotenashi("optOut")')
        assert [one["name"] for one in context.cookies()] == ["_omo_out"]
    context.close()
