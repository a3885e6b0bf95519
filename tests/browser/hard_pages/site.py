"""The site with the hard pages and the demo shop, under two names, so that one of them is another site; it can be taken away."""

import mimetypes
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.browser.fake_edge import Listening

from omotenashi.demo_shop import Shop, shop_folder

from .font import bars, blocks, font

HERE = Path(__file__).resolve().parent
FONTS = {"/hard/blocks.ttf": font("Blocks", blocks), "/hard/bars.ttf": font("Bars", bars)}
TAG = """<script>window.omotenashi=function(){var a=arguments;return new Promise(function(r){(omotenashi.q=omotenashi.q||[])
.push([a,r])})};omotenashi("init",{key:"KEY",endpoint:"EDGE"});</script><script async src="EDGE/tag.js"></script>"""


class HardSite:
    """``url`` is the site, ``other`` another one with the same files. While it is ``gone`` it has nothing."""

    def __init__(self, key: str, edge: str, port: int) -> None:
        self.gone = False
        self.asked: list[str] = []
        folder = shop_folder()
        shop = Shop(folder, key, edge)
        tag = TAG.replace("KEY", key).replace("EDGE", edge)
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                site.asked.append(path)
                kind, body = site.file(path) if not site.gone else ("", b"")
                self.send_response(200 if kind else 404)
                self.send_header("content-type", kind or "text/plain")
                self.send_header("content-length", str(len(body)))
                self.send_header("access-control-allow-origin", "*" if path.endswith(".ttf") else "null")
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is printed."""

        self._shop, self._folder, self._tag = shop, folder, tag
        self._server = Listening(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url, self.other = f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Stops listening and waits for the thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def file(self, path: str) -> tuple[str, bytes]:
        """A type and a body; the type is "" where there is nothing."""
        if path in FONTS:
            return "font/ttf", FONTS[path]
        name = path.removeprefix("/hard/")
        if name != path and (found := HERE / name).is_file() and found.suffix != ".py":
            text = found.read_text("utf-8").replace("<!--tag-->", self._tag).replace("OTHER", self.other)
            return _kind(found), text.encode()
        if path.startswith(("/assets/", "/art/")) and (found := self._folder / path[1:]).is_file():
            return _kind(found), found.read_bytes()
        if path.startswith("/hard/") or "." in path:
            return "", b""
        return "text/html; charset=utf-8", self._shop.page(path, "ja").encode()


def _kind(file: Path) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("javascript") else kind
