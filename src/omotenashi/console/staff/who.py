"""Who asks, and what was changed: the two things that routes and the staff's room both say."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from omotenashi.model.staff import EVERY_PROJECT, RIGHTS, Grant, Kind, Language, Right

MACHINE_ID: Final = "console.token"


class Who(Struct, frozen=True):
    """Whoever sends a request. ``grants`` are rights by project; ``session`` is the hash of a member's session, else ""."""

    id: str
    name: str
    kind: Kind
    language: Language
    grants: Mapping[str, frozenset[Right]]
    mail: str = ""
    session: str = ""

    def sees(self, project: str) -> bool:
        """Whether the project exists for them at all."""
        return project in self.grants or EVERY_PROJECT in self.grants

    def rights(self, project: str) -> frozenset[Right]:
        """All that they may do there. Only a grant for every project allows what belongs to no project."""
        return self.grants.get(project, frozenset()) | self.grants.get(EVERY_PROJECT, frozenset())

    def may(self, right: Right, project: str) -> bool:
        return right in self.rights(project)


class Change(Struct, frozen=True):
    """What the audit log shall tell of a request: the thing, and what it was before and after, as anything JSON can hold."""

    kind: str
    id: str
    before: Any = None
    after: Any = None


MACHINE: Final = Who(MACHINE_ID, "CLI", "machine", "en", {EVERY_PROJECT: frozenset(RIGHTS)})
"""Whoever can read the data folder, and so the token in it."""


def rights(grants: list[Grant]) -> dict[str, frozenset[Right]]:
    """Rights by project."""
    return {grant.project: grant.rights for grant in grants}
