"""Fittings: a message on the site itself while it is written, and which visitor of the site whoever writes it is."""

import asyncio
import hmac
from secrets import token_urlsafe
from typing import Annotated, Any, Final, cast

import msgspec
from litestar import Request, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from omotenashi.configuration import papers, previews
from omotenashi.configuration.kinds import Language
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.configuration.render import Unrendered
from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.drafting import Drafting
from omotenashi.console.errors import BadRequest, Forbidden
from omotenashi.engine.trial import introduction, token
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import CampaignId, Instant
from omotenashi.model.trials import Trial

from .people import Why, present_reason
from .preview import PreviewAsked, ShownMessage, sources_of, values_of
from .test_links import code_of, linked, page_of

LASTS_MS: Final = 2 * 3_600_000
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")
PHONE: Final = "/phone"
"""How a fitting's name ends in the link for phones: see ``edge/fittings.py``."""

VisitorId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{22,64}$", description="a visitor id")]


class Begun(Struct):
    """A page of the site, and the campaign that is not shown there as it is in force, because its draft is."""

    url: str
    campaign: Annotated[str, Meta(max_length=128)]


class FittingLink(Struct):
    """``fitting`` names it; ``url`` is the address for this browser, ``code`` an SVG of one for a phone. It ends at ``until``."""

    fitting: str
    url: str
    code: str
    until: Instant


class ActionDrawn(Struct):
    """An action as its file has it, and the event that triggers it; None: the page draws nothing.

    ``values`` stand for its variables, in the place of what is made up for them.
    """

    action: dict[str, Any] | None
    event: str = ""
    values: dict[str, Any] = {}


class FittingViewer(Struct):
    """A browser in which the link was opened. ``here``: it is there now; ``introduction`` proves to the console that
    ``visitor`` was seen under a link of whoever asks, "" for phones."""

    visitor: str
    phone: bool
    here: bool
    url: str
    seen_at: Instant
    introduction: str


class FittingTold(Struct):
    """``drawn``: the pages are given a message. ``problems`` say by their place in the action why the one before stands."""

    drawn: bool
    viewers: list[FittingViewer]
    problems: tuple[Problem, ...] = ()


class Oneself(Struct):
    """The visitor that whoever asks is on the site, and the introduction that was told with it."""

    visitor: VisitorId
    introduction: Annotated[str, Meta(max_length=64)]


class Testing(Struct):
    """The version in which this browser is one of the test people; ``added`` is false when it was before."""

    version: int
    added: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/fittings`` and ``/myself``."""

    @post("/api/projects/{project:str}/fittings", opt={"needs": "edit", "audited": False}, status_code=200, sync_to_thread=True)
    def begun(project: FromPath[str], data: JSONBody[Begun]) -> FittingLink:
        """A link that shows one's own browser, on the site, what is being written. What that browser does is a test."""
        found = desk.project(project)
        address = page_of(found, data.url)
        name, until = token_urlsafe(18), Instant(desk.clock() + LASTS_MS)

        def url(fitting: str) -> str:
            trial = Trial(campaigns=(CampaignId(data.campaign),) if data.campaign else (), until=until, fitting=fitting)
            return linked(address, token(found.identity_secret, found.id, trial))

        return FittingLink(name, url(name), code_of(url(name + PHONE)), until)

    @put("/api/projects/{project:str}/fittings/{fitting:str}", opt={"needs": "edit", "audited": False}, status_code=200)
    async def drawn(
        project: FromPath[str], fitting: FromPath[str], data: JSONBody[ActionDrawn], who: NamedDependency[Who]
    ) -> FittingTold:
        """Draw this action on the pages of the fitting. With problems, what they show stays as it is."""
        found = await asyncio.to_thread(desk.project, project)
        try:
            messages = await asyncio.to_thread(_messages, desk, found, data)
        except Refused as refused:
            return await _told(found, fitting, who, refused.problems)
        except Unrendered as unrendered:
            return await _told(found, fitting, who, (Problem("", 0, "texts", str(unrendered)),))
        return await _told(found, fitting, who, drawn=messages)

    @get("/api/projects/{project:str}/fittings/{fitting:str}", opt={"needs": "edit"})
    async def looked(project: FromPath[str], fitting: FromPath[str], who: NamedDependency[Who]) -> FittingTold:
        """Which browsers opened the fitting's link, and whether they are there now."""
        return await _told(await asyncio.to_thread(desk.project, project), fitting, who)

    @get("/api/projects/{project:str}/myself/why", opt={"needs": "read"}, sync_to_thread=True)
    def why(
        project: FromPath[str],
        campaign: FromQuery[str],
        visitor: FromQuery[str],
        introduction: FromQuery[str],
        who: NamedDependency[Who],
    ) -> Why:
        """Whether whoever asks would see this campaign now. Values that were found in a person need the right ``people``."""
        found = desk.project(project)
        _recognised(found, who, visitor, introduction)
        told = present_reason(desk, found, visitor, desk.campaign(found, campaign).id)
        if who.may("people", project):
            return told
        unsaid = tuple(msgspec.structs.replace(row, found=None) for row in told.compared)
        return msgspec.structs.replace(told, person="", compared=unsaid)

    @post("/api/projects/{project:str}/myself/testing", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def testing(
        project: FromPath[str], data: JSONBody[Oneself], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Testing:
        """Make one's own browser one of the project's test people, at once: it sees every draft, and counts nowhere."""
        found = desk.project(project)
        _recognised(found, who, data.visitor, data.introduction)
        if found.testers is not None and data.visitor in found.testers.visitors:
            return Testing(found.version, added=False)
        before = _testers(desk, found)
        visitors = [*cast(list[str], before.get("visitors") or []), data.visitor]
        after = {**before, "visitors": visitors}
        Drafting(desk).rewrite(project, "project", found.id, {"testers": after}, f"test people: a browser of {who.name}", who)
        request.state.audit = Change("project", found.id, {"testers": before}, {"testers": after})
        return Testing(desk.project(project).version, added=True)

    async def _told(
        found: Project,
        fitting: str,
        who: Who,
        problems: tuple[Problem, ...] = (),
        **drawn: dict[str, ShownMessage] | None,
    ) -> FittingTold:
        """What the edge tells of the fitting, to which it may be told what is ``drawn``."""
        if not 22 <= len(fitting) <= 64:
            raise BadRequest("fitting", "expected the name of a fitting, as POST /fittings told it")
        request = {"project": found.id, "fitting": fitting, **cast(dict[str, Any], msgspec.to_builtins(drawn))}
        told = await desk.edge.fitting(request)
        viewers = [
            FittingViewer(
                one["visitor"],
                one["phone"],
                one["waiting"] > 0,
                one["url"],
                Instant(one["seen_at"]),
                "" if one["phone"] else introduction(found.identity_secret, found.id, who.id, one["visitor"]),
            )
            for one in told["viewers"]
        ]
        return FittingTold(told["mark"] != "", viewers, problems)

    return [begun, drawn, looked, why, testing]


def _messages(desk: Desk, found: Project, data: ActionDrawn) -> dict[str, ShownMessage] | None:
    """The action as the edge would send it, by the page's language. Raises ``Refused`` and ``Unrendered``."""
    if data.action is None:
        return None
    asked = PreviewAsked(data.action, event=data.event)
    prepared = previews.prepare(sources_of(desk, found, asked), data.action)
    messages: dict[str, ShownMessage] = {}
    for language in LANGUAGES:
        asked.language = language
        one = previews.draw(prepared, language, {**values_of(desk, found, asked, prepared), **data.values})
        messages[language] = ShownMessage(one.kind, one.html, one.css, one.script, one.display)
    return messages


def _recognised(found: Project, who: Who, visitor: str, said: str) -> None:
    """Raises ``Forbidden`` unless this visitor was seen under a link of whoever asks."""
    wanted = introduction(found.identity_secret, found.id, who.id, visitor)
    if not wanted or not hmac.compare_digest(wanted.encode(), said.encode()):
        raise Forbidden("introduction", "expected the introduction of this visitor, as the fitting's link told it to you")


def _testers(desk: Desk, found: Project) -> dict[str, Any]:
    sources = desk.office.sources(found.id, found.version)
    place = papers.place("project", found.id, sources)
    data = papers.data_of(place, papers.text_of(place, sources) or "", [])
    testers = cast(dict[str, Any], data).get("testers") if isinstance(data, dict) else None
    return dict(cast(dict[str, Any], testers)) if isinstance(testers, dict) else {}
