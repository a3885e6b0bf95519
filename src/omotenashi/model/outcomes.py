"""What a decision can say of a campaign, gate by gate."""

from enum import IntEnum

from msgspec import Struct

from .entries import Reserved
from .ids import ActionId, CampaignId
from .values import Scalar


class Gate(IntEnum):
    """In the order they are tried; the first that fails names itself.

    One byte each in ``Event.gates``: a number stays what it is, wherever a later gate takes its place.
    """

    SHOWN = 0
    STOPPED_BY_SWITCH = 1
    NOT_LIVE = 2
    OFF_SCHEDULE = 3
    PREPARING = 4
    AUDIENCE = 5
    TRIGGER = 6
    PAGE = 7
    CONSENT = 8
    ASKED = 18  # what it asks for is granted already, or was asked not long ago
    FREQUENCY = 9
    STOPPED = 10
    ARM = 11  # the global holdout, or arms that sum to less than the whole
    MISSING_VARIABLE = 12
    CAP = 13
    GAP = 14
    SUPPRESSED = 15
    HOLDOUT = 16  # every gate passed; the arm shows nothing
    NOT_ANSWERABLE = 17  # beacon, server call, old or hidden page: nothing could be shown


class Compared(Struct, frozen=True):
    """One comparison as it happened: ``path`` names the place in the rule, the rest is for people."""

    path: str
    subject_ja: str
    subject_en: str
    wanted_ja: str
    wanted_en: str
    found: Scalar | list[Scalar] | None
    passed: bool


class Shown(Struct, frozen=True, tag="shown"):
    campaign: CampaignId
    action: ActionId
    reserved: Reserved


class Withheld(Struct, frozen=True, tag="withheld"):
    campaign: CampaignId
    gate: Gate
    compared: tuple[Compared, ...] = ()  # filled by explain, never on the hot path
    winner: CampaignId | None = None  # of SUPPRESSED
    action: ActionId | None = None  # of HOLDOUT and MISSING_VARIABLE


Outcome = Shown | Withheld
