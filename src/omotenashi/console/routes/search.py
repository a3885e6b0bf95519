"""The one box that finds people, campaigns, actions and segments by whatever one happens to know of them."""

from typing import Annotated, Final

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


class PersonHit(Struct):
    """Somebody found. ``label`` is what they are called, ``hint`` what else is known of them: a member id, a mail address."""

    person: str
    label: str
    hint: str
    user_id: str | None
    last_seen_at: Instant


class CampaignHit(Struct):
    """A campaign found by its id or name, or by those of one of its actions, which is then the ``hint``."""

    id: str
    name: Called
    hint: str


class SegmentHit(Struct):
    """A segment found by its id or name."""

    id: str
    name: Called


class Hits(Struct):
    """The best of each kind first. ``people_searched``: whether people were, for which one needs the right."""

    people: list[PersonHit]
    campaigns: list[CampaignHit]
    segments: list[SegmentHit]
    people_searched: bool


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
            return Hits([], [], [], may)
        names = desk.names(found)
        folded = text.casefold()
        return Hits(_people(desk, found, text) if may else [], _campaigns(found, names, folded), _segments(names, folded), may)

    return [search]


def people_called(desk: Desk, project: Project, text: str) -> list[PersonId]:
    """Whom this text names: by an id first, then by mail address, then by a part of the name."""
    by_id = desk.shelf.person(project.id, text)
    by_name = desk.questions.named(project, text) if len(text) >= SHORTEST_NAME or not text.isascii() else []
    return list(dict.fromkeys([*([by_id] if by_id is not None else []), *by_name]))


def _people(desk: Desk, project: Project, text: str) -> list[PersonHit]:
    hits: list[PersonHit] = []
    for person in people_called(desk, project, text)[:HITS]:
        packed = desk.shelf.profile(project.id, person)
        if packed is None:
            continue
        profile = profiles.unpack(packed)
        mail = next((one for one in profiles.attribute(profile, "email") if isinstance(one, str)), "")
        label = called(profile) or profile.user_id or person
        hint = " · ".join(dict.fromkeys(one for one in (profile.user_id, mail, person) if one and one != label))
        hits.append(PersonHit(person, label, hint, profile.user_id, profile.last_at))
    return hits


def _campaigns(project: Project, names: Vocabulary, text: str) -> list[CampaignHit]:
    hits = [CampaignHit(one, name, one) for one, name in names.campaigns.items() if _matches(text, one, name)]
    known = {hit.id for hit in hits}
    for campaign in project.campaigns:
        for action in campaign.actions:
            named = action.id.casefold() == text or (len(text) > 1 and text in action.name.casefold())
            if named and campaign.id not in known:
                name = names.campaigns.get(campaign.id, Called(campaign.name, campaign.name))
                hits.append(CampaignHit(campaign.id, name, f"{action.id} {action.name}"))
                known.add(campaign.id)
    return sorted(hits, key=lambda hit: _rank(text, hit.id, hit.name, hit.hint))[:HITS]


def _segments(names: Vocabulary, text: str) -> list[SegmentHit]:
    hits = [SegmentHit(one, name) for one, name in names.segments.items() if _matches(text, one, name)]
    return sorted(hits, key=lambda hit: _rank(text, hit.id, hit.name))[:HITS]


def _matches(text: str, spelled: str, name: Called) -> bool:
    return any(text in one.casefold() for one in (spelled, name.ja, name.en))


def _rank(text: str, spelled: str, name: Called, hint: str = "") -> tuple[int, str]:
    words = [spelled.casefold(), name.ja.casefold(), name.en.casefold(), hint.casefold().partition(" ")[0]]
    return (0 if text in words else 1 if any(one.startswith(text) for one in words) else 2), spelled
