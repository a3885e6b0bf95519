"""Kawabe Travel, a second small site: other addresses, other event names, plain HTML, and nothing in common with the shop."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGES = {
    "/": "index.html",
    "/tour/kyoto.html": "tour.html",
    "/tour/nara.html": "tour.html",
    "/tour/ise.html": "tour.html",
    "/winter-offers.html": "offers.html",
    "/booking/basket.html": "basket.html",
    "/booking/done.html": "booked.html",
    "/club/join.html": "join.html",
    "/club/joined.html": "joined.html",
    "/catalogue.html": "catalogue.html",
}


class SecondSite:
    """The site as an ASGI application, with a project's public key and its edge in every page."""

    def __init__(self, key: str, endpoint: str) -> None:
        settings = json.dumps({"key": key, "endpoint": endpoint})
        head = (HERE / "head.html").read_text("utf-8").replace("SETTINGS", settings).replace("ENDPOINT", endpoint)
        self._pages = {
            path: (HERE / file).read_text("utf-8").replace("<!-- head -->", head).encode() for path, file in PAGES.items()
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        page = self._pages.get(scope["path"])
        status, body = (200, page) if page is not None else (404, b"")
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
