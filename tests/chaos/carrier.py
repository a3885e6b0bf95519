"""A process that carries a log into a warehouse until it is killed, or until nothing is left; run by `test_sink_kill`."""

import sys
import threading
from pathlib import Path

from omotenashi.ledger.sqlite.log import LogReader
from omotenashi.ledger.sqlite.office import Office
from omotenashi.warehouse.sink import Sink
from omotenashi.warehouse.store import open_store
from omotenashi.worker.tail import Tail


def main(data: Path) -> None:
    office = Office.open(data / "office.db")
    store = open_store(data / "warehouse")
    sink = Sink(store, office, lambda project, config, name: ())
    tail = Tail(LogReader(data / "log"), office, sink, threading.Lock(), limit=37)
    print("carrying", flush=True)
    while tail.carry():
        pass
    print("all carried", flush=True)
    store.close()
    office.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
