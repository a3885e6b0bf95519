"""What a rule's readings need to know beside the person, the event and the instant."""

from msgspec import Struct, field

from omotenashi.engine.calendar import Calendar
from omotenashi.model.campaigns import Project, Purpose
from omotenashi.model.rules import Lists, Segments


class Environment(Struct, frozen=True):
    """A project's calendar, segments, uploaded lists of user ids, and consent purposes by name."""

    calendar: Calendar
    segments: Segments = field(default_factory=dict)
    lists: Lists = field(default_factory=dict)
    purposes: dict[str, Purpose] = field(default_factory=dict)


def environment(project: Project, calendar: Calendar | None = None) -> Environment:
    """The environment of a configured project. ``calendar`` may be given to share its caches."""
    return Environment(
        calendar=calendar or Calendar(project.time_zone),
        segments=project.segments,
        lists={name: frozenset(users) for name, users in project.lists.items()},
        purposes={purpose.name: purpose for purpose in project.purposes},
    )
