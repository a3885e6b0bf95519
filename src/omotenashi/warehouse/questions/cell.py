"""Who are the people behind a number?"""

from typing import Any, Final, Literal

from msgspec import Struct

from omotenashi.model.ids import ActionId, CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.store import Store

from . import sql
from .stream import ORDER

Passing = Literal["came", "reached", "stopped", "withheld"]
"""``came`` to a decision; ``reached`` a gate, ``stopped`` there and came no further, was ``withheld`` there at least once."""
Doing = Literal["shown", "clicked", "closed", "answered", "covered", "gave_way", "failed"]
"""``covered``: their message covered something; it ``gave_way`` to another campaign; it ``failed`` with an error."""
Proving = Literal["judged", "goal"]
"""``judged``: met one arm alone; ``goal``: and reached the goal."""

_DECIDED: Final = """
    SELECT person AS logged, at AS moment,
        indexOf({order:Array(UInt8)}, gates[indexOf(splitByChar('\\n', toString(listeners)), {campaign:String})]) AS rank
    FROM entries
    WHERE project = {project:String} AND notEmpty(gates) AND NOT test AND at >= {start:Int64} AND at < {end:Int64}
        AND has(splitByChar('\\n', toString(listeners)), {campaign:String})
"""
_HAPPENED: Final = """
    SELECT person AS logged, at AS moment
    FROM entries
    PREWHERE project = {project:String} AND name = {name:String}
    WHERE campaign = {campaign:String} AND NOT test AND __of__
        AND (name != '_message_close' OR values.by.:String IN ('button', 'escape', 'backdrop'))
        AND ({winner:String} = '' OR values.winner.:String = {winner:String})
        AND moment >= {start:Int64} AND moment < {end:Int64}
"""
_PROVED: Final = """
    SELECT person AS logged, name = '#goal' AS is_goal, action, __of__ AS here,
        if(is_goal, ifNull(values.exposed_at.:Int64, at), at) AS moment
    FROM entries
    PREWHERE project = {project:String} AND name IN ('_message_open', '#goal')
    WHERE campaign = {campaign:String} AND NOT test AND moment >= {start:Int64} AND moment < {end:Int64}
"""
_CROSSED: Final = """
    SELECT person AS logged, at AS moment, action
    FROM entries
    PREWHERE project = {project:String} AND name = '_message_open'
    WHERE campaign = {campaign:String} AND NOT test AND at < {end:Int64}
"""
_OF: Final = "({action:String} IN ('', action) AND {side:String} IN ('', if(holdout, 'holdout', 'message')))"
_NAMES: Final[dict[Doing, str]] = {
    "shown": "_message_open",
    "clicked": "_message_click",
    "closed": "_message_close",
    "answered": "_answer_question",
    "covered": "_message_conflict",
    "gave_way": "_message_suppressed",
    "failed": "_error",
}
_KEPT: Final[dict[Passing | Proving, str]] = {
    "came": "max(rank) > 0",
    "reached": "max(rank) >= {rank:UInt8}",
    "stopped": "max(rank) = {rank:UInt8}",
    "withheld": "countIf(rank = {rank:UInt8}) > 0",
    "judged": "uniqExactIf(action, NOT is_goal) = 1 AND countIf(NOT is_goal AND here) > 0",
    "goal": "uniqExactIf(action, NOT is_goal) <= 1 AND countIf(is_goal AND here) > 0",
}


class Cell(Struct, frozen=True):
    """``everybody``: how many there are; ``people`` are some of them, with the instant of the latest time, latest first."""

    everybody: int
    people: list[tuple[PersonId, Instant]]


class Of(Struct, frozen=True):
    """Of which arm: one action, or a side (all that show a message, all that hold it back), or with neither any."""

    action: ActionId | None = None
    side: Literal["", "message", "holdout"] = ""


class Page(Struct, frozen=True):
    """Which of the people: ``limit`` of them, after the first ``offset``."""

    limit: int = 100
    offset: int = 0


def at_gate(
    store: Store,
    project: ProjectId,
    campaign: CampaignId,
    what: Passing,
    gate: Gate,
    start: Instant,
    end: Instant,
    page: Page,
) -> Cell:
    """Whose decisions came to a gate, or ended there, within ``start`` <= at < ``end``. Tests are left out, here and below."""
    order = [int(one) for one in ORDER]
    more = {"order": order, "rank": order.index(gate) + 1}
    return _cell(store, _DECIDED, _KEPT[what], _which(project, campaign, start, end) | more, page)


def of_arm(
    store: Store,
    project: ProjectId,
    campaign: CampaignId,
    what: Doing,
    of: Of,
    winner: CampaignId | None,
    start: Instant,
    end: Instant,
    page: Page,
) -> Cell:
    """Whom ``what`` happened to, in an arm or any; of those who gave way, those to ``winner``, if one is named."""
    more = {"name": _NAMES[what], "action": of.action or "", "side": of.side, "winner": winner or ""}
    return _cell(store, _HAPPENED, "1", _which(project, campaign, start, end) | more, page)


def proving(
    store: Store,
    project: ProjectId,
    campaign: CampaignId,
    what: Proving,
    of: Of,
    start: Instant,
    end: Instant,
    page: Page,
) -> Cell:
    """Who is judged in `results`, or an achiever there, in an arm or any; goals by their exposure."""
    more = {"action": of.action or "", "side": of.side}
    return _cell(store, _PROVED, _KEPT[what], _which(project, campaign, start, end) | more, page)


def crossed(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant, page: Page) -> Cell:
    """Who met two arms before ``end``, the first of them not before ``start``: `judged` leaves them out."""
    kept = "uniqExact(action) > 1 AND min(moment) >= {start:Int64}"
    return _cell(store, _CROSSED, kept, _which(project, campaign, start, end), page)


def _which(project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> dict[str, Any]:
    return {"project": project, "campaign": campaign, "start": start, "end": end}


def _cell(store: Store, told: str, kept: str, which: dict[str, Any], page: Page) -> Cell:
    asked = sql("cell").replace("__told__", told).replace("__kept__", kept).replace("__of__", _OF)
    rows = store.ask(asked, which | {"limit": page.limit, "offset": page.offset})
    people = [(PersonId(person), Instant(int(latest))) for person, latest, _ in rows]
    return Cell(int(rows[0][2]) if rows else 0, people)
