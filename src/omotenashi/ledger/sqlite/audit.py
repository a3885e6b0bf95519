"""The audit log: lines are only ever added."""

from collections.abc import Sequence
from typing import Any

import msgspec

from omotenashi.model.staff import Audited

from .staff import StaffFile

PUT = """
INSERT INTO audit (at, project, who, who_name, who_kind, operation, parameters, kind, object, before, after, address)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
"""
# One page of the lines of the projects in ?1, a JSON list, newest first. An empty filter, or 0, asks for everything.
PAGE = """
SELECT number, at, project, who, who_name, who_kind, operation, parameters, kind, object, before, after, address FROM audit
WHERE project IN (SELECT value FROM json_each(?1)) AND (?2 = '' OR who = ?2) AND (?3 = '' OR kind = ?3)
  AND at >= ?4 AND (?5 = 0 OR at < ?5) AND (?6 = 0 OR number < ?6)
ORDER BY number DESC LIMIT ?7
"""
# Who stands in the lines of these projects, under their latest name.
AUTHORS = """
SELECT who, who_name, max(number) FROM audit WHERE project IN (SELECT value FROM json_each(?1))
GROUP BY who ORDER BY who_name, who
"""
KINDS = """
SELECT DISTINCT kind FROM audit WHERE project IN (SELECT value FROM json_each(?1)) AND kind <> '' ORDER BY kind
"""

_decode_parameters = msgspec.json.Decoder(dict[str, str]).decode


class Audit:
    """Who changed what. Implements the console's ``staff.ports.Audit``."""

    def __init__(self, file: StaffFile) -> None:
        self._file = file

    def put(self, line: Audited) -> None:
        """Add a line; its number is given here."""
        self._file.write(
            PUT,
            line.at,
            line.project,
            line.who,
            line.who_name,
            line.who_kind,
            line.operation,
            msgspec.json.encode(line.parameters).decode(),
            line.kind,
            line.object,
            line.before,
            line.after,
            line.address,
        )

    def page(
        self,
        projects: Sequence[str],
        *,
        who: str = "",
        kind: str = "",
        since: int = 0,
        until: int = 0,
        before: int = 0,
        limit: int,
    ) -> list[Audited]:
        """Up to ``limit`` lines of these projects, newest first, with numbers below ``before``; "" and 0 do not narrow."""
        rows = self._file.ask(PAGE, _json(projects), who, kind, since, until, before, limit)
        return [_line(row) for row in rows]

    def authors(self, projects: Sequence[str]) -> list[tuple[str, str]]:
        """(id, name) of everybody who stands in their lines."""
        return [(who, name) for who, name, _ in self._file.ask(AUTHORS, _json(projects))]

    def kinds(self, projects: Sequence[str]) -> list[str]:
        """The kinds of things that were changed there."""
        return [kind for (kind,) in self._file.ask(KINDS, _json(projects))]


def _line(row: tuple[Any, ...]) -> Audited:
    values: list[Any] = [*row]
    values[7] = _decode_parameters(row[7])
    return Audited(*values)


def _json(words: Sequence[str]) -> str:
    return msgspec.json.encode(list(words)).decode()
