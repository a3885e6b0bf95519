"""Bytes in a folder, through obstore: the same code over a bucket is another ``ObjectStore``."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from .port import BlobsFailed


def folder(path: Path) -> "Store":
    """A store in a folder, which is made when it is missing. Raises ``BlobsFailed``."""
    with _translated(str(path)):
        return Store(LocalStore(path, mkdir=True, automatic_cleanup=True))


class Store:
    """Implements ``port.Blobs`` over any store that obstore knows."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def put(self, key: str, data: bytes) -> None:
        """See ``port.Blobs``."""
        with _translated(key):
            obstore.put(self._objects, key, data)

    def get(self, key: str) -> bytes | None:
        """See ``port.Blobs``."""
        with _translated(key):
            try:
                return obstore.get(self._objects, key).bytes().to_bytes()
            except FileNotFoundError:
                return None

    async def fetch(self, key: str) -> bytes | None:
        """See ``port.Blobs``."""
        with _translated(key):
            try:
                found = await obstore.get_async(self._objects, key)
            except FileNotFoundError:
                return None
            return (await found.bytes_async()).to_bytes()

    def delete(self, key: str) -> None:
        """See ``port.Blobs``."""
        with _translated(key):
            try:
                obstore.delete(self._objects, key)
            except FileNotFoundError:
                return

    def keys(self, below: str) -> list[str]:
        """See ``port.Blobs``."""
        with _translated(below):
            return sorted(str(one["path"]) for batch in obstore.list(self._objects, below) for one in batch)


@contextmanager
def _translated(what: str) -> Generator[None]:
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise BlobsFailed(f"{what}: {error}") from error
