"""In which visits did something happen? What recordings are found by, and what is marked on them."""

from collections.abc import Collection
from typing import Any, Final, Literal

from msgspec import Struct

from omotenashi.engine.rules.environment import Environment
from omotenashi.model.ids import CampaignId, Instant, ProjectId, SessionId
from omotenashi.model.outcomes import Gate
from omotenashi.model.rules import Rule
from omotenashi.warehouse.compile import people_where, shape, visits_where
from omotenashi.warehouse.store import Store

from . import sql
from .stream import ORDER

Meeting = Literal["audience", "saw", "clicked", "closed", "holdout", "withheld"]
"""What a visit had to do with a campaign: in its audience at a decision, its message seen, clicked, closed by hand, held out
(the moment it would have been seen), or withheld at a gate."""

_NAMES: Final[dict[Meeting, str]] = {
    "saw": "_message_open",
    "clicked": "_message_click",
    "closed": "_message_close",
    "holdout": "_message_open",
}
_MET: Final = """
    SELECT DISTINCT session
    FROM entries
    WHERE project = {project:String} AND name = {name:String} AND campaign = {campaign:String}
        AND at >= {since:Int64} AND at < {until:Int64} AND holdout = {holdout:Bool}
        AND (name != '_message_close' OR values.by.:String IN ('button', 'escape', 'backdrop'))
"""
_DECIDED: Final = """
    SELECT DISTINCT session
    FROM entries
    WHERE project = {project:String} AND notEmpty(gates) AND at >= {since:Int64} AND at < {until:Int64}
        AND has(splitByChar('\\n', toString(listeners)), {campaign:String})
        AND has({gates:Array(UInt8)}, gates[indexOf(splitByChar('\\n', toString(listeners)), {campaign:String})])
"""
_HAPPENED: Final = """
    SELECT DISTINCT session
    FROM entries
    WHERE project = {project:String} AND name IN {names:Array(String)} AND at >= {since:Int64} AND at < {until:Int64}
"""
_AT: Final = """
    SELECT DISTINCT session
    FROM entries
    WHERE project = {project:String} AND name = 'view' AND at >= {since:Int64} AND at < {until:Int64}
        AND positionCaseInsensitiveUTF8(values.url.:String, {text:String}) > 0
"""


class Span(Struct, frozen=True):
    """From ``since`` on, and before ``until``."""

    since: Instant
    until: Instant


class Mark(Struct, frozen=True):
    """``name`` happened ``times`` in a visit, about ``campaign`` if about one; ``holdout``: held out, so nothing was seen."""

    session: SessionId
    name: str
    campaign: str
    holdout: bool
    times: int


def with_event(store: Store, project: ProjectId, event: str, where: Rule, span: Span) -> set[SessionId]:
    """Visits with an event of this name for which a filter holds. Raises ``ValueError`` when it asks about a person."""
    rows = visits_where(event, where, project, shape(store, project), span.since)
    asked = f"SELECT DISTINCT session FROM ({rows.sql}) AS found WHERE at < {{until:Int64}}"
    return _sessions(store, asked, {**rows.parameters, "until": span.until})


def with_any(store: Store, project: ProjectId, names: Collection[str], span: Span) -> set[SessionId]:
    """Visits with an event of one of these names."""
    return _sessions(store, _HAPPENED, {"project": project, "names": sorted(names), "since": span.since, "until": span.until})


def at_page(store: Store, project: ProjectId, text: str, span: Span) -> set[SessionId]:
    """Visits that viewed a page whose address contains this text, in capitals or not."""
    return _sessions(store, _AT, {"project": project, "text": text, "since": span.since, "until": span.until})


def of_people(store: Store, rule: Rule, env: Environment, project: ProjectId, now: Instant, since: Instant) -> set[SessionId]:
    """Visits that began after ``since`` of the people for whom a rule holds at ``now``. Raises what `people_where` raises."""
    people = people_where(rule, env, project, now, shape(store, project))
    asked = sql("visits_of").replace("__people__", people.sql)
    return _sessions(store, asked, {**people.parameters, "project": project, "since": since})


def met(store: Store, project: ProjectId, campaign: CampaignId, how: Meeting, gate: Gate | None, span: Span) -> set[SessionId]:
    """Visits that had this to do with a campaign. ``gate``: withheld at this one, else at any."""
    which: dict[str, Any] = {"project": project, "campaign": campaign, "since": span.since, "until": span.until}
    if how in _NAMES:
        return _sessions(store, _MET, which | {"name": _NAMES[how], "holdout": how == "holdout"})
    if how == "audience":
        gates = ORDER[ORDER.index(Gate.AUDIENCE) + 1 :]
    elif gate is not None:
        gates = (gate,)
    else:
        gates = tuple(one for one in ORDER if one not in (Gate.SHOWN, Gate.HOLDOUT))
    return _sessions(store, _DECIDED, which | {"gates": [int(one) for one in gates]})


def marks(
    store: Store, project: ProjectId, sessions: Collection[SessionId], names: Collection[str], since: Instant
) -> list[Mark]:
    """What happened of these names in each of these visits, none of which began before ``since``."""
    if not sessions or not names:
        return []
    which = {"project": project, "sessions": list(sessions), "names": list(names), "since": since}
    return [
        Mark(SessionId(session), name, campaign, bool(holdout), int(times))
        for session, name, campaign, holdout, times in store.ask(sql("visit_marks"), which)
    ]


def _sessions(store: Store, asked: str, which: dict[str, Any]) -> set[SessionId]:
    return {SessionId(session) for (session,) in store.ask(asked, which) if session}
