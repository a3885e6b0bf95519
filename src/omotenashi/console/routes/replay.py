"""The page in which a recording is drawn: rrweb's replayer, a policy of its own, and nothing of ours that it could reach but what
the recorded page was dressed in."""

import asyncio
from typing import Annotated, Final

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter

from omotenashi.console.desk import Desk
from omotenashi.live.css import LONGEST, Kind

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; "
    "frame-src 'self'; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""What was recorded is drawn in a frame inside, which takes this over and is sandboxed besides: no script of it ever runs, and
whatever it names, nothing is asked for but of us."""
MATERIAL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""A picture may be a document (SVG); opened by itself it can do nothing either."""
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Replay</title><meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><div id="screen"></div><script type="module" src="/replay/replay.js"></script></body></html>
"""


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/replay``."""

    @get("/replay", opt={"needs": "open"}, include_in_schema=False, sync_to_thread=False)
    def page() -> Response[bytes]:
        """An empty screen; the page of the console around it puts into it what it may read."""
        return Response(
            PAGE.encode(),
            media_type="text/html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "public, max-age=300"},
        )

    @get("/replay/{project:str}/{recording:str}/material", opt={"needs": "recordings"}, include_in_schema=False)
    async def material(
        project: FromPath[str],
        recording: FromPath[str],
        u: Annotated[FromQuery[str], Parameter(max_length=LONGEST)],
        key: Annotated[FromQuery[str], Parameter(max_length=64)],
        kind: FromQuery[Kind],
    ) -> Response[bytes]:
        """A style sheet, font or picture that a recorded page showed, as it was then."""
        found = await asyncio.to_thread(desk.project, project)
        one = await asyncio.to_thread(desk.replays.one, found.id, recording)
        body, media_type = await desk.replays.material(found.id, one.id, u, kind, key)
        return Response(
            body,
            media_type=media_type,
            headers={"Content-Security-Policy": MATERIAL_POLICY, "Cache-Control": "private, max-age=86400, immutable"},
        )

    return [page, material]
