"""The audit log: who changed what, when, from where, and what it was before."""

from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, Audited, Kind


class AuditDifference(Struct):
    """One field that changed, by its path; None stands for what was or is not there."""

    path: str
    before: Any = None
    after: Any = None


class AuditLine(Struct):
    """``operation`` names the route; ``kind`` and ``object`` what was changed, "" when the operation says it all.

    ``general``: it belongs to no project in particular.
    """

    number: int
    at: Instant
    who: str
    who_name: str
    who_kind: Kind
    operation: str
    parameters: dict[str, str]
    kind: str
    object: str
    differences: list[AuditDifference]
    address: str
    general: bool


class AuditAuthor(Struct):
    id: str
    name: str


class AuditPage(Struct):
    """``older`` is the ``before`` of the next page, 0 at the end; ``authors`` and ``kinds`` are those one can filter by."""

    lines: list[AuditLine]
    older: int
    authors: list[AuditAuthor]
    kinds: list[str]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/audit``."""

    @get("/api/projects/{project:str}/audit", opt={"needs": "admin"}, sync_to_thread=True)
    def audit(
        project: FromPath[str],
        who: NamedDependency[Who],
        by: FromQuery[str] = "",
        kind: FromQuery[str] = "",
        since: Annotated[int, QueryParameter(ge=0)] = 0,
        until: Annotated[int, QueryParameter(ge=0)] = 0,
        before: Annotated[int, QueryParameter(ge=0)] = 0,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 50,
    ) -> AuditPage:
        """What was changed in this project, newest first; admins of every project see what belongs to none, too."""
        places = (desk.project(project).id, *((EVERY_PROJECT,) if who.may("admin", EVERY_PROJECT) else ()))
        log = desk.staff.audit
        found = log.page(places, who=by, kind=kind, since=since, until=until, before=before, limit=limit)
        authors = [AuditAuthor(author, name) for author, name in log.authors(places)]
        return AuditPage(
            [_line(one) for one in found], found[-1].number if len(found) == limit else 0, authors, log.kinds(places)
        )

    return [audit]


def _line(one: Audited) -> AuditLine:
    return AuditLine(
        one.number,
        one.at,
        one.who,
        one.who_name,
        one.who_kind,
        one.operation,
        one.parameters,
        one.kind,
        one.object,
        _differences(_read(one.before), _read(one.after)),
        one.address,
        one.project == EVERY_PROJECT,
    )


def _read(text: str) -> Any:
    return msgspec.json.decode(text) if text else None


def _differences(before: Any, after: Any, path: str = "") -> list[AuditDifference]:
    """Where two values differ, field by field."""
    if before == after:
        return []
    if isinstance(before, dict) or isinstance(after, dict):
        one: dict[str, Any] = before if isinstance(before, dict) else {}
        other: dict[str, Any] = after if isinstance(after, dict) else {}
        if before in (one, None) and after in (other, None):
            names = [*one, *(name for name in other if name not in one)]
            below = ((one.get(name), other.get(name), f"{path}.{name}" if path else name) for name in names)
            return [found for was, now, place in below for found in _differences(was, now, place)]
    return [AuditDifference(path, before, after)]
