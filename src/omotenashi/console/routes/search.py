"""The one box that finds people, campaigns, actions and segments by whatever one happens to know of them."""

from typing import Annotated, Final, Literal

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, Parameter
from msgspec import Struct

from omotenashi.configuration.names import Called, Vocabulary
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.faces import called
from omotenashi.model import profiles
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import Instant, PersonId

SHORTEST_NAME: Final = 2
"""Latin letters of a person's name before names are searched; of other scripts one will do."""
HITS: Final = 8
"""Of each kind."""

Found = Literal["person", "campaign", "action", "segment"]


class Hit(Struct, omit_defaults=True):
    """One thing found. ``id`` is its own; ``campaign`` the one an action belongs to; the rest is known of people."""

    kind: Found
    id: str
    name: Called
    campaign: str = ""
    user_id: str | None = None
    mail: str = ""
    last_seen_at: Instant = Instant(0)


class Hits(Struct):
    """The best of each kind first. ``people``: whether people were searched, for which one needs the right."""

    hits: list[Hit]
    people: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/search``."""

    @get("/api/projects/{project:str}/search", opt={"needs": "read"}, sync_to_thread=True)
    def search(
        project: FromPath[str],
        q: Annotated[FromQuery[str], Parameter(min_length=1, max_length=256)],
        who: NamedDependency[Who],
    ) -> Hits:
        """By member id, mail address, visitor or person id, a person's name; a campaign, action or segment by id or name."""
        found = desk.project(project)
        text = q.strip()
        may = who.may("people", found.id)
        if not text:
            return Hits([], may)
        people = _people(desk, found, text) if may else []
        return Hits([*people, *_things(found, desk.names(found), text.casefold())], may)

    return [search]


def people_called(desk: Desk, project: Project, text: str) -> list[PersonId]:
    """Whom this text names: by an id first, then by mail address, then by a part of the name."""
    by_id = desk.shelf.person(project.id, text)
    by_name = desk.questions.named(project, text) if len(text) >= SHORTEST_NAME or not text.isascii() else []
    return list(dict.fromkeys([*([by_id] if by_id is not None else []), *by_name]))


def _people(desk: Desk, project: Project, text: str) -> list[Hit]:
    hits: list[Hit] = []
    for person in people_called(desk, project, text)[:HITS]:
        packed = desk.shelf.profile(project.id, person)
        if packed is None:
            continue
        profile = profiles.unpack(packed)
        name = called(profile)
        mail = next((one for one in profiles.attribute(profile, "email") if isinstance(one, str)), "")
        hits.append(Hit("person", person, Called(name, name), "", profile.user_id, mail, profile.last_at))
    return hits


def _things(project: Project, names: Vocabulary, text: str) -> list[Hit]:
    campaigns = [Hit("campaign", one, name) for one, name in names.campaigns.items() if _matches(text, one, name)]
    actions = [
        Hit("action", action.id, names.actions.get(action.id, Called(action.name, action.name)), campaign.id)
        for campaign in project.campaigns
        for action in campaign.actions
        if action.id.casefold() == text or (len(text) > 1 and text in action.name.casefold())
    ]
    segments = [Hit("segment", one, name) for one, name in names.segments.items() if _matches(text, one, name)]
    return [hit for kind in (campaigns, actions, segments) for hit in sorted(kind, key=lambda hit: _rank(text, hit))[:HITS]]


def _matches(text: str, spelled: str, name: Called) -> bool:
    return any(text in one.casefold() for one in (spelled, name.ja, name.en))


def _rank(text: str, hit: Hit) -> tuple[int, str]:
    spelled = [hit.id.casefold(), hit.name.ja.casefold(), hit.name.en.casefold()]
    if text in spelled:
        return 0, hit.id
    return (1 if any(one.startswith(text) for one in spelled) else 2), hit.id
