"""An edge that decides nothing: it remembers what it was sent and answers what it was told to."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TAG = Path(__file__).resolve().parents[2] / "web" / "tag" / "dist" / "tag.js"
STUB = (
    "window.omotenashi=window.omotenashi||function(){var a=arguments;return new Promise(function(r)"
    "{(omotenashi.q=omotenashi.q||[]).push([a,r])})};"
)

Request = dict[str, Any]
Answer = dict[str, Any]


class FakeEdge:
    """Serves the tag's files under any path and pages at ``site``, takes ``POST /v1/track`` at ``endpoint``.

    Two origins, one server.
    ``answers`` are given in order to requests that wait for one, then ``{"accepted": n}``; an int is a failing status.
    ``answering``, when it is set, answers each of them instead.
    ``support_code`` is everybody's. ``pages`` are bodies by path; one that begins with ``<!doctype`` is the whole page.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.content_types: list[str] = []
        self.answers: list[Answer | int] = []
        self.answering: Callable[[Request], Answer] | None = None
        self.pages: dict[str, str] = {}
        self.support_code = "123456"
        self.policy = ""
        self.caching = "no-store"
        self.init = ""
        self.before_tag = ""
        self.down = False
        edge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path.endswith(".js") and (TAG.parent / path.rpartition("/")[2]).is_file():
                    self._say(200, "text/javascript", (TAG.parent / path.rpartition("/")[2]).read_bytes())
                elif path == "/favicon.ico":
                    self._say(204, "image/x-icon", b"")
                else:
                    self._say(200, "text/html; charset=utf-8", edge.page(path).encode())

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if self.path == "/v1/support-code":
                    code = {"code": edge.support_code, "leftMs": 900_000, "language": "ja", "style": ""}
                    self._say(200, "application/json", json.dumps(code).encode())
                    return
                edge.requests.append(body)
                edge.content_types.append(self.headers["content-type"])
                answer = 503 if edge.down else (edge.answers.pop(0) if edge.answers and body["fetch"] else {})
                if edge.answering is not None and body["fetch"]:
                    answer = edge.answering(body)
                if isinstance(answer, int):
                    self._say(answer, "application/json", b'{"error":{"code":"busy","message":"Busy."}}')
                else:
                    self._say(200, "application/json", json.dumps({"accepted": len(body["events"]), **answer}).encode())

            def _say(self, status: int, content_type: str, body: bytes) -> None:
                try:
                    self.send_response(status)
                    self.send_header("content-type", content_type)
                    self.send_header("content-length", str(len(body)))
                    self.send_header("access-control-allow-origin", "*")
                    self.send_header("cache-control", edge.caching)
                    if edge.policy:
                        self.send_header("content-security-policy", edge.policy)
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # the page left before the answer came

            def log_message(self, format: str, *args: object) -> None:
                """Requests are remembered, not printed."""

        self._server = Listening(("127.0.0.1", 0), Handler)
        port = self._server.server_address[1]
        self.site = f"http://localhost:{port}"
        self.endpoint = f"http://127.0.0.1:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Stops listening and waits for the thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def page(self, path: str) -> str:
        """The page at ``path``, with the snippet as a site would have it."""
        if self.pages.get(path, "").startswith("<!doctype"):
            return self.pages[path]
        init = json.dumps({"key": "public-key", "endpoint": self.endpoint})
        return (
            f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>{path}</title>'
            f'<script nonce="n0nce">{STUB}omotenashi("init",Object.assign({init},{self.init or "{}"}));{self.before_tag}</script>'
            f'<script nonce="n0nce" async src="{self.endpoint}/tag.js"></script></head>'
            f"<body>{self.pages.get(path, '<p>A page.</p>')}</body></html>"
        )

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """All events that arrived, in order, each id once; only those of ``name`` if given."""
        seen: dict[str, dict[str, Any]] = {}
        for request in list(self.requests):
            for event in request["events"]:
                seen.setdefault(event["id"], event)
        return [event for event in seen.values() if name is None or event["name"] == name]

    def names(self) -> list[str]:
        """The names of all events that arrived, in order."""
        return [event["name"] for event in self.events()]


class Listening(ThreadingHTTPServer):
    """A server of a test: its threads end with it."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is nothing to report."""


def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Waits for something to become true, outside the browser. Raises ``AssertionError`` when it does not."""
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "it did not become true in time"
        time.sleep(0.02)
