"""Test links: signed addresses that put one browser into test mode."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit, urlunsplit

import segno
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NotFound
from omotenashi.engine.trial import token
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import ActionId, Instant
from omotenashi.model.trials import Trial

PARAMETER = "omotenashi_test"
"""In which the tag finds the token; it takes it out of the address."""
HOUR_MS = 3_600_000
LONGEST_HOURS = 30 * 24


class Asked(Struct):
    """A page of the site, and what is to be seen there: named campaigns and actions, or with ``drafts`` every draft."""

    url: str
    campaigns: list[str] = []
    actions: list[str] = []
    drafts: bool = False
    hours: Annotated[int, Meta(ge=1, le=LONGEST_HOURS)] = 24


class Link(Struct):
    """The address to open; it works until ``until`` (ms). ``code`` is the same as an SVG, for a phone's camera."""

    url: str
    until: Instant
    code: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/test-links``."""

    @post("/api/projects/{project:str}/test-links", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def link(project: FromPath[str], data: JSONBody[Asked]) -> Link:
        """A link that shows drafts, or these campaigns, to whoever opens it, and marks what they do as a test."""
        found = desk.project(project)
        address = page_of(found, data.url)
        trial = Trial(
            drafts=data.drafts or not (data.campaigns or data.actions),
            campaigns=tuple(desk.campaign(found, campaign).id for campaign in data.campaigns),
            actions=tuple(_action(found, action) for action in data.actions),
            until=Instant(desk.clock() + data.hours * HOUR_MS),
        )
        url = linked(address, token(found.identity_secret, found.id, trial))
        return Link(url, trial.until, code_of(url))

    return [link]


def linked(address: SplitResult, said: str) -> str:
    """The address with a token in it, in the place of one that it may have had."""
    query = [part for part in address.query.split("&") if part and not part.startswith(f"{PARAMETER}=")]
    return urlunsplit(address._replace(query="&".join([*query, f"{PARAMETER}={said}"])))


def code_of(url: str) -> str:
    """The address as an SVG, for a phone's camera."""
    return segno.make(url, error="l", micro=False).svg_inline(border=2, omitsize=True)


def page_of(project: Project, url: str) -> SplitResult:
    """The address of a page of the project's site. Raises ``BadRequest``."""
    try:
        address = urlsplit(url)
    except ValueError:
        address = SplitResult("", "", "", "", "")
    if address.scheme not in ("http", "https") or not address.hostname:
        raise BadRequest("url", f"expected the address of a page, such as https://shop.example/; found {url!r}")
    origin = f"{address.scheme}://{address.netloc}".lower()
    origins = [one.rstrip("/").lower() for one in project.origins]
    if origins and origin not in origins:
        raise BadRequest("url", f"expected a page of {' or '.join(origins)}, the project's origins; found {origin}")
    return address


def _action(project: Project, action: str) -> ActionId:
    found = {one.id for campaign in project.campaigns for one in campaign.actions if not one.holdout}
    if action not in found:
        raise NotFound("actions", f"no action {action!r}; there are {', '.join(sorted(found)) or 'none yet'}")
    return ActionId(action)
