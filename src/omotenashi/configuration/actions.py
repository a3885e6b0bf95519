"""The arms of a campaign: their shares, and the short ids that their events carry for ever."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from omotenashi.model.campaigns import Project
from omotenashi.model.ids import ActionId, CampaignId, ProjectId

WHOLE: Final = 1_000
"""All of the audience, in tenths of a percent."""
HOLDOUT: Final = "holdout"
"""The name of the arm that shows nothing."""
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Published = Mapping[tuple[CampaignId, str], ActionId]
"""Ids that were given out before, by campaign and the action's name."""


def published(project: Project | None) -> dict[tuple[CampaignId, str], ActionId]:
    """The ids that a project's actions already have."""
    if project is None:
        return {}
    return {(campaign.id, action.name): action.id for campaign in project.campaigns for action in campaign.actions}


def short_id(project: ProjectId, campaign: CampaignId, name: str, taken: set[ActionId]) -> ActionId:
    """A new id such as ``d1K``: three letters of a hash of the names, more of them as long as it is taken.

    base62 of SHA-256 over ``project/campaign/name``, least significant digit first.
    """
    number = int.from_bytes(hashlib.sha256(f"{project}/{campaign}/{name}".encode()).digest(), "big")
    text = ""
    while len(text) < 3 or ActionId(text) in taken:
        number, digit = divmod(number, len(_LETTERS))
        text += _LETTERS[digit]
    return ActionId(text)


def tenths(share: str | float) -> int | None:
    """A share as tenths of a percent: ``tenths("12.5%") == tenths(12.5) == 125``; None when finer than 0.1 % or above 100 %."""
    number = float(share.removesuffix("%")) if isinstance(share, str) else share
    scaled = round(number * 10)
    return scaled if 0 <= scaled <= WHOLE and abs(scaled - number * 10) < 1e-6 else None


def shared(weights: Sequence[int | None]) -> list[int] | None:
    """The weights, with what the given ones leave divided among those that are None; None when they exceed the whole.

    What cannot be divided evenly goes, a tenth each, to the first ones.
    """
    given = sum(weight for weight in weights if weight is not None)
    if given > WHOLE:
        return None
    open_arms = sum(weight is None for weight in weights)
    each, over = divmod(WHOLE - given, open_arms) if open_arms else (0, 0)
    result: list[int] = []
    for weight in weights:
        if weight is not None:
            result.append(weight)
        else:
            result.append(each + (over > 0))
            over -= over > 0
    return result
