"""The warehouse as the archive of the log: older events of people, as they were logged, to be folded again."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from omotenashi.model.entries import Event
from omotenashi.model.ids import PersonId, ProjectId

from .rows import read_body
from .store import Store


def is_marked(store: Store, project: ProjectId, version: int) -> bool:
    """Whether the marker of a configuration version is loaded: then every entry of an older one is, too."""
    marked = store.ask(
        "SELECT count() > 0 FROM entries WHERE project = {project:String} AND name = '#config' AND config >= {version:UInt32}",
        {"project": project, "version": version},
    )
    return bool(marked[0][0])


def rows_before(store: Store, project: ProjectId, names: Sequence[str], version: int) -> int:
    """How many events of these names were logged under an older configuration than ``version``."""
    ((rows,),) = store.ask(
        "SELECT count() FROM entries PREWHERE project = {project:String} AND name IN {names:Array(String)} "
        "WHERE config < {version:UInt32}",
        {"project": project, "names": list(names), "version": version},
    )
    return int(rows)


def people_before(
    store: Store, project: ProjectId, names: Sequence[str], version: int, bucket: int, buckets: int
) -> Iterator[tuple[PersonId, list[Event]]]:
    """One bucket of the people, as logged, who have such events: each with theirs, in no particular order.

    A person is always in the same one of ``buckets``, whatever was loaded or erased meanwhile.
    """
    rows = store.ask(
        "SELECT person, body FROM entries PREWHERE project = {project:String} AND name IN {names:Array(String)} "
        "WHERE config < {version:UInt32} AND cityHash64(person) % {buckets:UInt64} = {bucket:UInt64} ORDER BY person",
        {"project": project, "names": list(names), "version": version, "bucket": bucket, "buckets": buckets},
    )
    for person, told in groupby(rows, key=lambda row: row[0]):
        events = (read_body(body) for _, body in told)
        yield PersonId(person), [event for event in events if isinstance(event, Event)]


def erase_leftovers(store: Store) -> bool:
    """Rewrites the parts that hold erased rows, so that they are gone from the disk and not only from answers.

    Returns whether there were any. The old parts are unlinked by ClickHouse within minutes.
    """
    found = store.ask(
        "SELECT DISTINCT table FROM system.parts WHERE active AND database = currentDatabase() AND has_lightweight_delete"
    )
    for (table,) in found:
        store.run(f"ALTER TABLE {table} APPLY DELETED MASK SETTINGS mutations_sync = 1")
    return bool(found)
