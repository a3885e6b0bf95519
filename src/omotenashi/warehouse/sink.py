"""Loads the log into the warehouse: every entry once, whatever is killed when.

A range of the log is written down in the ledger before it is inserted, and after a crash it is sent again
exactly so, under the same deduplication token. The entries come last: all that is written before them can be
written twice without harm, so the entries' arrival is the range's arrival.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from omotenashi.model.entries import Config, Erased, Event, LogEntry, Merged

from .rows import COLUMNS, CampaignsOf, Rows
from .store import Store

TABLE: Final = "entries"
READER: Final = "warehouse"
"""The name of the log's reader whose cursor moves with the loads."""

_lines = msgspec.json.Encoder().encode_lines


class Loads(Protocol):
    """Where the sink writes down what it is about to load: ``ledger``'s office."""

    def load_begun(self, table: str, first: int, last: int, token: str) -> None: ...

    def load_done(self, table: str, last: int, reader: str | None = None) -> None: ...

    def open_load(self, table: str) -> tuple[int, int, str] | None: ...


class Sink:
    """The only writer of the warehouse's entries."""

    def __init__(self, store: Store, loads: Loads, campaigns_of: CampaignsOf) -> None:
        self._store = store
        self._loads = loads
        self._rows = Rows(campaigns_of)

    def interrupted(self) -> tuple[int, int] | None:
        """The range (first, last) that was begun and not finished: it must be loaded again before any other."""
        load = self._loads.open_load(TABLE)
        return None if load is None else load[:2]

    def load(
        self, first: int, last: int, entries: Sequence[tuple[int, LogEntry]], before_done: Callable[[], None] | None = None
    ) -> None:
        """Loads the entries of positions ``first`` to ``last``, both inclusive.

        ``before_done`` runs when all is written and the range still stands open; after a crash it runs again.
        Raises ``ValueError`` when an interrupted range stands open and this is not that one, and
        `WarehouseError` when ClickHouse refuses; the range then stays open.
        """
        token = f"{TABLE}:{first}-{last}"
        waiting = self.interrupted()
        if waiting is None:
            self._loads.load_begun(TABLE, first, last, token)
        elif waiting != (first, last):
            raise ValueError(f"the load of {waiting[0]}-{waiting[1]} was interrupted and must be repeated before {first}-{last}")
        self._write(token, entries)
        if before_done is not None:
            before_done()
        self._loads.load_done(TABLE, last, READER)

    def _write(self, token: str, entries: Sequence[tuple[int, LogEntry]]) -> None:
        erased = _erased(entries)
        for (project, person), position in erased.items():
            self._erase(project, person, position)
        kept = entries if not erased else [pair for pair in entries if not _gone(pair, erased)]
        of = self._rows.of
        rows = [of(position, entry) for position, entry in kept]
        people: dict[tuple[str, str], int] = {}
        sessions: dict[tuple[str, str, str], tuple[int, int]] = {}
        merges: list[tuple[int, Merged]] = []
        for position, entry in kept:
            kind = type(entry)
            if kind is Event:
                people[entry.project, entry.person] = position
                if entry.opened_session and entry.source != "engine":  # type: ignore[union-attr]
                    sessions[entry.project, entry.person, entry.session] = (entry.session_started_at, position)  # type: ignore[union-attr]
            elif kind is not Config and kind is not Erased:
                people[entry.project, entry.person] = position
                if type(entry) is Merged:
                    merges.append((position, entry))
        self._insert("fields", ("project", "name", "path", "kind", "listed"), sorted(self._rows.new_fields))
        self._insert("people", ("project", "person", "position"), ((*who, position) for who, position in people.items()))
        self._insert(
            "sessions",
            ("project", "person", "session", "started_at", "position"),
            ((*which, *when) for which, when in sessions.items()),
        )
        self._merge(merges)
        self._insert(TABLE, COLUMNS, rows, token)
        self._rows.new_fields.clear()

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], token: str = "") -> None:
        rows = list(rows)
        if rows:
            self._store.insert(table, columns, _lines(rows), token)

    def _erase(self, project: str, person: str, position: int) -> None:
        """Takes away what stands before ``position`` for this person, in every table; that they were erased remains."""
        which = {"project": project, "person": person, "position": position}
        for table, but in (("entries", " AND name != '#erased'"), ("people", ""), ("sessions", "")):
            self._store.run(
                f"DELETE FROM {table} WHERE project = {{project:String}} AND person = {{person:String}} "
                f"AND position < {{position:UInt64}}{but}",
                which,
            )
        self._store.run(
            "DELETE FROM aliases WHERE project = {project:String} AND (person = {person:String} OR root = {person:String}) "
            "AND position < {position:UInt64}",
            which,
        )

    def _merge(self, merges: Sequence[tuple[int, Merged]]) -> None:
        """Points the absorbed, and everyone absorbed by them before, to the person they are now."""
        if not merges:
            return
        roots: dict[tuple[str, str], tuple[str, int]] = {}
        by_project: dict[str, set[str]] = {}
        for _, entry in merges:
            by_project.setdefault(entry.project, set()).update((entry.absorbed, entry.person))
        for project, people in by_project.items():
            for person, root, position in self._store.ask(
                "SELECT person, root, position FROM aliases FINAL WHERE project = {project:String} "
                "AND (person IN {people:Array(String)} OR root IN {people:Array(String)})",
                {"project": project, "people": sorted(people)},
            ):
                roots[project, person] = (root, position)
        changed: dict[tuple[str, str], tuple[str, int]] = {}
        for position, entry in merges:
            moved = [who for who, (root, _) in roots.items() if who[0] == entry.project and root == entry.absorbed]
            for who in (*moved, (entry.project, entry.absorbed)):
                known = roots.get(who)
                if known is None or known[1] <= position:
                    roots[who] = changed[who] = (entry.person, position)
        self._insert(
            "aliases",
            ("project", "person", "root", "position"),
            [(project, person, root, position) for (project, person), (root, position) in changed.items()],
        )


def _erased(entries: Iterable[tuple[int, LogEntry]]) -> dict[tuple[str, str], int]:
    return {(entry.project, person): position for position, entry in entries if type(entry) is Erased for person in entry.people}


def _gone(pair: tuple[int, LogEntry], erased: dict[tuple[str, str], int]) -> bool:
    position, entry = pair
    return type(entry) is not Erased and position < erased.get((entry.project, entry.person), 0)
