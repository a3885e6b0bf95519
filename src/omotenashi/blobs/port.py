"""What a store of bytes does, wherever it keeps them."""

from typing import Protocol


class BlobsFailed(Exception):
    """The store could not read or write; the message is its own."""


class Blobs(Protocol):
    """Bytes by key. A key is parts between slashes, such as ``assets/midori/9f86d081/tea.webp``; what is written stands whole or
    not at all. Each method may raise ``BlobsFailed``."""

    def put(self, key: str, data: bytes) -> None:
        """Keeps the bytes, instead of those that stood there."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes; None when there are none."""
        ...

    async def fetch(self, key: str) -> bytes | None:
        """As ``get``, without blocking the loop."""
        ...

    def delete(self, key: str) -> None:
        """Removes the bytes, if they are there."""
        ...

    def keys(self, below: str) -> list[str]:
        """Every key below this one, sorted."""
        ...
