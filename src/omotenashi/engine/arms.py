"""Which arm a person is in: sticky, to a tenth of a percent, and the same in every language (`spec/arms.md`)."""

from hashlib import sha256

from omotenashi.model.campaigns import Action, Campaign
from omotenashi.model.ids import ActionId, PersonId, ProjectId

WHOLE = 1_000
"""Tenths of a percent in the whole."""

GLOBAL_HOLDOUT = ActionId("_g")
"""The arm of a person who belongs to the project's global holdout, in every campaign."""


def bucket(project: ProjectId, salt: str, person: PersonId) -> int:
    """0..999: the first 8 bytes of SHA-256 of ``project/salt/person``, big-endian, times 1000, over 2^64."""
    digest = sha256(f"{project}/{salt}/{person}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * WHOLE >> 64


def in_global_holdout(project: ProjectId, share: int, person: PersonId) -> bool:
    """Whether this person is never served; ``share`` is in tenths of a percent."""
    return share > 0 and bucket(project, "_global", person) < share


def arm(project: ProjectId, campaign: Campaign, person: PersonId, stored: ActionId | None) -> Action | None:
    """The person's arm: the stored one while it exists, else by the bucket; None where the weights end below 100 %."""
    actions = campaign.actions
    if stored is not None:
        for action in actions:
            if action.id == stored:
                return action
    if len(actions) == 1 and actions[0].weight >= WHOLE:
        return actions[0]
    place = bucket(project, campaign.id, person)
    for action in actions:
        if place < action.weight:
            return action
        place -= action.weight
    return None
