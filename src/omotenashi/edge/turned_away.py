"""What was turned away lately, by project, event name and reason, so that staff can see what their site sends wrongly.

Names are what strangers typed: only so many are kept, the latest.
"""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId

KEPT: Final = 300
"""How many kinds of refusal of one project."""
PROJECTS: Final = 1_000


class TurnedAway(Struct):
    """One kind: events of ``name`` ("" when it could not be read) refused for ``code``; the latest ``at``, with its message."""

    name: str
    code: str
    where: str
    message: str
    times: int
    at: Instant


class Refusals:
    """Counted since the process began; only the loop's thread writes."""

    def __init__(self) -> None:
        self._found: OrderedDict[ProjectId, OrderedDict[tuple[str, str, str], TurnedAway]] = OrderedDict()

    def note(self, project: ProjectId, name: str, code: str, where: str, message: str, at: Instant) -> None:
        """Counts one event."""
        kinds = self._found.get(project)
        if kinds is None:
            if len(self._found) >= PROJECTS:
                self._found.popitem(last=False)
            kinds = self._found[project] = OrderedDict()
        key = (name[:128], code, where[:256])
        known = kinds.get(key)
        if known is None:
            if len(kinds) >= KEPT:
                kinds.popitem(last=False)
            kinds[key] = TurnedAway(*key, message, 1, at)
            return
        known.times += 1
        known.at = at
        known.message = message
        kinds.move_to_end(key)

    def told(self, project: ProjectId) -> list[TurnedAway]:
        """Every kind of one project, the latest first."""
        return list(reversed(self._found.get(project, {}).values()))
