"""Heatmaps: where a page was pressed and how far down it was seen, from the recordings of those who came to it."""

from collections import Counter, OrderedDict
from typing import Annotated, Any, Final, Literal

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.console.access import Change
from omotenashi.console.desk import Desk
from omotenashi.console.heat import View, views
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.recordings import Recording

from .recordings import MONTH_MS

MOST_RECORDINGS: Final = 80
MOST_BYTES: Final = 8_000_000
"""Of chunks as they are stored, for one heatmap."""
MOST_PAGES: Final = 60
MOST_PRESSED: Final = 500
REMEMBERED: Final = 200


class HeatAsked(Struct):
    """Of which page, by the path of its address, and on which device; "" takes the page that was seen most."""

    device: Literal["phone", "tablet", "desktop"] = "desktop"
    page: Annotated[str, Meta(max_length=2_000)] = ""


class PageSeen(Struct):
    """A page that was recorded on this device, and how often."""

    path: str
    views: int


class Pressed(Struct):
    """An element, by its path in the page, and how often it was pressed."""

    path: str
    times: int


class Heatmap(Struct):
    """``presses`` are the elements pressed most first; ``seen`` says of each view how many px from the top came into sight.

    ``picture`` are two events of rrweb's that draw the page as the latest of the people saw it; [] when there is none.
    ``pages`` are all that could be asked for, of the ``recordings`` latest recordings of this device.
    """

    page: str
    recordings: int
    views: int
    presses: list[Pressed]
    seen: list[int]
    picture: list[Any]
    pages: list[PageSeen]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The handler for ``/api/projects/{project}/heatmaps``."""
    known: OrderedDict[tuple[str, str, int], list[View]] = OrderedDict()

    @post("/api/projects/{project:str}/heatmaps", opt={"needs": "recordings"}, status_code=200, sync_to_thread=True)
    def heatmap(project: FromPath[str], data: JSONBody[HeatAsked], request: Request[Any, Any, Any]) -> Heatmap:
        """Where a page was pressed and how far down it was seen, in the latest recordings of a device."""
        found = desk.project(project)
        now = desk.clock()
        kept = desk.replays.shelf.between(found.id, Instant(now - MONTH_MS), Instant(now + 1))
        told: list[View] = []
        used = size = 0
        for one in (one for one in kept if one.device == data.device):
            size += one.bytes
            if used == MOST_RECORDINGS or (used and size > MOST_BYTES):
                break
            used += 1
            told += of(found.id, one)
        pages = Counter(view.path for view in told)
        page = data.page or next((path for path, _ in pages.most_common(1)), "/")
        here = [view for view in told if view.path == page]
        presses = Counter(path for view in here for path in view.presses)
        request.state.audit = Change("heatmap", page, None, {"device": data.device, "recordings": used})
        return Heatmap(
            page=page,
            recordings=used,
            views=len(here),
            presses=[Pressed(path, times) for path, times in presses.most_common(MOST_PRESSED)],
            seen=[view.seen for view in here],
            picture=next((view.picture for view in here if view.picture), []),
            pages=[PageSeen(path, times) for path, times in pages.most_common(MOST_PAGES)],
        )

    def of(project: ProjectId, one: Recording) -> list[View]:
        """The views of a recording, read once while nothing is added to it."""
        key = (project, one.id, one.chunks)
        if key not in known:
            tabs: dict[str, list[Any]] = {}
            for chunk in sorted(desk.replays.index.chunks(project, one.id), key=lambda chunk: (chunk.tab, chunk.seq)):
                tabs.setdefault(chunk.tab, []).extend(desk.replays.events(project, chunk))
            known[key] = [view for events in tabs.values() for view in views(events)]
            while len(known) > REMEMBERED:
                known.popitem(last=False)
        return known[key]

    return [heatmap]
