"""Takes from the disk what an erasure has taken from every answer."""

from omotenashi.warehouse.archive import erase_leftovers
from omotenashi.warehouse.store import Store

from .loop import in_thread


class Leftovers:
    """Looks for erased rows that still lie in the warehouse's files. Keeps nothing in mind, so a crash costs nothing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def step(self) -> bool:
        """Rewrites what holds erased rows; there is never more to do at once."""
        await in_thread(lambda: erase_leftovers(self._store))
        return False
