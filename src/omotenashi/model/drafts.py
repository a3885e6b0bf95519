"""An event that was admitted, before it is placed in one person's log."""

from msgspec import Struct

from .entries import Source
from .ids import EventId, Instant, PageViewId, UserId, VisitorId
from .trials import Trial
from .values import Values


class Draft(Struct, kw_only=True, gc=False):
    """What a request said, checked and enriched; `engine.stamp` makes an `Event` of it.

    ``at`` is already received − (sent − occurred), never later than received. ``offline`` marks an event
    that waited in the browser's queue: it may be earlier than what the person did since.
    ``page_visible_ms`` is cumulative for the page view, as the page counted it.
    """

    id: EventId
    name: str
    values: Values
    at: Instant
    received_at: Instant
    index: int
    visitor: VisitorId
    user_id: UserId | None = None
    source: Source = "tag"
    page_view: PageViewId | None = None
    page_visible_ms: int = 0
    offline: bool = False
    fetch: bool = True  # the page is visible and waits for an answer
    device: str | None = None
    os: str | None = None
    browser: str | None = None
    language: str | None = None
    country: str | None = None
    test: bool = False
    trial: Trial | None = None
    batch: str | None = None
    row: int = -1
