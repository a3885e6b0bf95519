"""Forgets a person who has withdrawn what everything of theirs was collected for: the purpose ``measure``, where that erases.

Nothing of them stays but their choices: those are said again for each of their browsers, so that they go on to hold for whoever
comes with it.
"""

from msgspec import Struct

from omotenashi.model.campaigns import Project
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import Erased, LogEntry
from omotenashi.model.ids import EventId, Instant, PersonId, VisitorId
from omotenashi.model.profiles import Profile

from .plan import Plan
from .recording import MEASURE
from .turn import turn


class Forgotten(Struct):
    """``erased`` and, behind it, what is ``said`` again; ``profiles`` are those of the browsers, after it."""

    erased: Erased
    said: list[LogEntry]
    profiles: list[Profile]


def withdrawal(p: Profile, project: Project) -> EventId | None:
    """The event by which the person withdrew what all of them was collected for, where that erases."""
    chosen = p.consents.get(MEASURE)
    if chosen is None or chosen.state != "withdrawn" or chosen.source == "erasure":
        return None
    erases = any(purpose.name == MEASURE and purpose.erase for purpose in project.purposes)
    return EventId(chosen.key[3]) if erases else None


def forget(p: Profile, cause: EventId, now: Instant, plan: Plan) -> Forgotten:
    """What erases the person because of the event ``cause``, under every id they were ever logged under. ``p`` is not changed."""
    people = sorted({*p.based, p.person})
    erased = Erased(
        project=plan.project.id,
        person=p.person,
        seq=p.seq + 1,
        now=now,
        config=plan.version,
        at=now,
        received_at=now,
        index=0,
        id=EventId(f"{cause}.erased"),
        people=people,
    )
    browsers = sorted({*people, *(stream for stream in p.streams if "/" not in stream)})  # with a slash: an import's own
    told = Forgotten(erased, [], [])
    for browser in browsers:
        fresh = Profile(PersonId(browser))
        fresh.based = {fresh.person: plan.version}
        for purpose, chosen in sorted(p.consents.items(), key=lambda one: one[1].key):
            values = {
                "purpose": purpose,
                "state": chosen.state,
                "policy": chosen.policy,
                "text": chosen.text,
                "source": "erasure",
            }
            draft = Draft(
                id=EventId(f"{cause}.{purpose}.{browser}"),
                name="consent",
                values=dict(values),
                at=Instant(chosen.key[0]),
                received_at=now,
                index=0,
                visitor=VisitorId(browser),
                source="console",
                fetch=False,
            )
            told.said += turn(fresh, draft, now, plan).entries
        told.profiles.append(fresh)
    return told
