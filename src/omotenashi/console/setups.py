"""Since when a campaign has divided people, and judged them, as it does now: from there on its arms can be compared."""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from omotenashi.model.campaigns import Campaign, GoalRule, Project
from omotenashi.model.ids import ActionId, CampaignId, Instant, ProjectId

from .desk import Desk

Change = Literal["first", "shares", "goal"]
VERSIONS: Final = 500
"""How many versions are looked at; an older change is as if it had been at the oldest of them."""
KEPT: Final = 20_000


class Setup(Struct, frozen=True):
    """What a comparison of arms rests on: each arm's weight (tenths of a percent), the global holdout's, and the goal."""

    arms: tuple[tuple[ActionId, int], ...]
    global_holdout: int
    goal: GoalRule | None


class Begun(Struct, frozen=True):
    """The instant, and what changed then: it was the ``first`` version with this campaign, or its ``shares`` or ``goal``."""

    at: Instant
    why: Change


class Setups:
    """Reads versions of the office, each once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[tuple[ProjectId, int, CampaignId], Setup | None] = {}

    def begun(self, project: ProjectId, campaign: CampaignId, before: Instant) -> Begun:
        """When what was in force just before an instant was first put in force; the campaign is of today's version."""
        versions = self._versions(project, before)
        newest, since = next(versions)
        asked = self._setup(project, newest, campaign)
        for version, applied_at in versions:
            earlier = self._setup(project, version, campaign)
            if earlier != asked:
                return Begun(since, _changed(earlier, asked))
            since = applied_at
        return Begun(since, "first")

    def _versions(self, project: ProjectId, before: Instant) -> Iterator[tuple[int, Instant]]:
        """Newest first, from the one in force just before an instant; from the first of all when none was."""
        history = self._desk.office.history(project)
        past = [one for one in history if one.applied_at < before] or history[-1:]
        return iter([(one.version, Instant(one.applied_at)) for one in past[:VERSIONS]])

    def _setup(self, project: ProjectId, version: int, campaign: CampaignId) -> Setup | None:
        key = (project, version, campaign)
        if key not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            found = self._desk.office.configuration(project, version)
            for one in found.campaigns:
                self._known[project, version, one.id] = setup(found, one)
            self._known.setdefault(key, None)
        return self._known[key]


def setup(project: Project, campaign: Campaign) -> Setup:
    """A campaign's setup in one version of its project."""
    arms = tuple(sorted((action.id, action.weight) for action in campaign.actions))
    return Setup(arms, project.global_holdout, campaign.goal)


def _changed(earlier: Setup | None, later: Setup | None) -> Change:
    if earlier is None or later is None:
        return "first"
    return "goal" if earlier.arms == later.arms and earlier.global_holdout == later.global_holdout else "shares"
