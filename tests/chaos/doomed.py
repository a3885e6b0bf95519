"""The edge or the console, as `omotenashi` runs them, but with small files and short rests; it can be doomed.

``python -m tests.chaos.doomed edge "merge half in the rows" 2``: the process kills itself, without warning, at the
second such moment. The folder and the ports come from the settings, as always.
"""

import functools
import itertools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct, structs

from omotenashi import settings
from omotenashi.boot import console as console_process
from omotenashi.boot import edge as edge_process
from omotenashi.edge import road
from omotenashi.edge.projects import Projects
from omotenashi.ledger.people import People
from omotenashi.ledger.port import Deed, MergeWritten, PeopleErased
from omotenashi.ledger.sqlite import log, office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import Store
from omotenashi.worker.backfill import Backfiller
from omotenashi.worker.tail import Tail

LOG_FILE_MEGABYTES = 0.06
ROWS_OF_BUCKET = 1_500
ROWS_OF_RANGE = 2_000


class Moment(Struct):
    """Before or after a call of ``name``, when its arguments are such."""

    owner: Any
    name: str
    when: Literal["before", "after"]
    such: Callable[..., bool] = lambda *_, **__: True


def _puts_backfill(sql: str, given: tuple[Any, ...], state: str) -> bool:
    return sql is office.PUT_BACKFILL and given[2] == state


def _merges(deeds: list[Deed]) -> bool:
    return any(isinstance(deed, MergeWritten) for deed in deeds)


EDGE = {
    "two people are one, in memory": Moment(road, "merge", "after"),
    "a merge is queued": Moment(People, "merged", "after"),
    "a merge is in the log, not in the rows": Moment(Profiles, "write", "before", lambda _, __, deeds, ___: _merges(deeds)),
    "a merge is half in the rows": Moment(Profiles, "_do", "after", lambda _, deed: isinstance(deed, MergeWritten)),
    "a merge is in the rows, not answered": Moment(Profiles, "write", "after", lambda _, __, deeds, ___: _merges(deeds)),
    "an erasure is half in the rows": Moment(Profiles, "_do", "after", lambda _, deed: isinstance(deed, PeopleErased)),
    "profiles are half written": Moment(Profiles, "_put", "after"),
    "a commit is not told": Moment(log.Log, "_commit", "after"),
    "a log file has begun": Moment(log, "run", "after", lambda _, sql, *__: sql is log.BEGIN_FILE),
    "a log file is being laid out": Moment(log, "migrate", "before", lambda _, room: room == "log"),
    "a log file is going": Moment(log.Path, "unlink", "after", lambda path, **_: path.parent.name == "log"),
    "a log file is gone": Moment(log, "_unlink", "after"),
    "rows of an import are queued": Moment(People, "imported", "after"),
    "a version is being announced": Moment(Projects, "announce", "after"),
}
CONSOLE = {
    "a range is begun": Moment(office.Office, "load_begun", "after"),
    "a range is about to be written": Moment(Store, "insert", "before", lambda _, table, *__: table == "entries"),
    "a range is written, not finished": Moment(Store, "insert", "after", lambda _, table, *__: table == "entries"),
    "aliases are written": Moment(Store, "insert", "after", lambda _, table, *__: table == "aliases"),
    "the cursor has moved": Moment(office.Office, "load_done", "after"),
    "somebody is being erased": Moment(Sink, "_erase", "after"),
    "bases of the erased are gone": Moment(office.Office, "drop_bases", "after", lambda *_, people=(), **__: bool(people)),
    "a back-fill has begun": Moment(Backfiller, "_begin", "after"),
    "a bucket is folded, not written": Moment(office.Office, "put_bases", "before"),
    "a bucket is half written": Moment(
        office.Office,
        "_ask",
        "before",
        lambda _, sql, *given: _puts_backfill(sql, given, "running") and given[3] > 0,
    ),
    "a bucket is written": Moment(office.Office, "put_bases", "after"),
    "a back-fill is half ended": Moment(
        office.Office,
        "_write",
        "after",
        lambda _, sql, *given: sql is office.PUT_READY or _puts_backfill(sql, given, "done"),
    ),
    "bases of old statistics are going": Moment(
        office.Office, "drop_bases", "after", lambda *_, statistics=(), **__: bool(statistics)
    ),
    "old versions are being forgotten": Moment(
        office.Office, "_ask", "after", lambda _, sql, *__: sql is office.DROP_CONFIGURATION
    ),
    "a version is half applied": Moment(office.Office, "_ask", "before", lambda _, sql, *__: sql is office.PUT_HEAD),
}


def doom(moment: Moment, nth: int) -> None:
    """From here on this process dies at the ``nth`` such moment."""
    real = getattr(moment.owner, moment.name)
    met = itertools.count(1)

    @functools.wraps(real)
    def doomed(*given: Any, **named: Any) -> Any:
        fatal = moment.such(*given, **named) and next(met) == nth
        if fatal and moment.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        told = real(*given, **named)
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return told

    setattr(moment.owner, moment.name, doomed)


def main(process: str, *fate: str) -> None:
    if fate:
        doom((EDGE if process == "edge" else CONSOLE)[fate[0]], int(fate[1]))
    edge_process.PRUNE_SECONDS = 0.2  # type: ignore[misc]
    console_process.Backfiller = functools.partial(Backfiller, rows_of_bucket=ROWS_OF_BUCKET)  # type: ignore[assignment,misc]
    console_process.Tail = functools.partial(Tail, limit=ROWS_OF_RANGE)  # type: ignore[assignment,misc]
    wanted = settings.read()
    if process == "edge":
        edge_process.run(structs.replace(wanted, log_file_megabytes=LOG_FILE_MEGABYTES))
    else:
        console_process.run(wanted)


if __name__ == "__main__":
    main(*sys.argv[1:])
