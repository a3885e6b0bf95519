"""The page in which a recording is drawn: rrweb's replayer, a policy of its own, and nothing of ours that it could reach."""

from typing import Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from omotenashi.console.desk import Desk

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline' https: http:; "
    "img-src 'self' data: blob: https: http:; font-src 'self' data: https: http:; media-src 'self' data: blob: https: http:; "
    "frame-src 'self'; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""What was recorded is drawn in a frame inside, which takes this over and is sandboxed besides: no script of it ever runs, and
it can send nothing but ask for pictures, styles and fonts."""
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Replay</title><meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><div id="screen"></div><script type="module" src="/replay/replay.js"></script></body></html>
"""


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The handler for ``/replay``."""

    @get("/replay", opt={"needs": "open"}, include_in_schema=False, sync_to_thread=False)
    def page() -> Response[bytes]:
        """An empty screen; the page of the console around it puts into it what it may read."""
        return Response(
            PAGE.encode(),
            media_type="text/html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=300"},
        )

    return [page]
