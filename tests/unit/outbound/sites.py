"""A web server of a test, whose pages are what the test says they are."""

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from msgspec import Struct

NOT_FOUND: Final = 404


class Page(Struct):
    """What is answered. ``held``: the body does not come before this is set."""

    body: bytes = b""
    type: str = "image/png"
    status: int = 200
    headers: Mapping[str, str] = {}
    held: threading.Event | None = None
    whole: bool = True


class Site:
    """``pages`` by their path; ``asked`` is every request: its path, and its headers in small letters."""

    def __init__(self, host: str, port: int) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                site.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer((host, port), Handler)
        self.place = (host, int(self.server.server_address[1]))
        self.url = f"http://{host}:{self.place[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        page = self.pages.get(handler.path.partition("?")[0], Page(status=NOT_FOUND))
        etag = page.headers.get("etag")
        if etag and handler.headers.get("if-none-match") == etag:
            page = Page(status=304)
        handler.send_response(page.status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        if page.status == 200:
            handler.send_header("content-type", page.type)
        if page.whole:
            handler.send_header("content-length", str(len(page.body)))
        else:
            handler.send_header("connection", "close")
        handler.end_headers()
        if page.held is not None:
            page.held.wait(20)
        try:
            handler.wfile.write(page.body)
        except OSError:
            pass  # whoever asked has heard enough
        handler.close_connection = True


@contextmanager
def site(host: str = "127.0.0.1", port: int = 0) -> Generator[Site]:
    """A site that is there while inside."""
    one = Site(host, port)
    thread = threading.Thread(target=one.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        for page in one.pages.values():
            if page.held is not None:
                page.held.set()
        one.server.shutdown()
        one.server.server_close()
        thread.join()
