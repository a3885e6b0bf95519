"""What recorded pages were dressed in: style sheets, fonts and pictures, kept so that a replay shows them as they were."""

from typing import Final

from msgspec import Struct

from .ids import Instant

BLOBS: Final = "materials"
"""Below which key of the store they are."""
SHEET: Final = "text/css"


class Material(Struct, frozen=True):
    """``sha`` is SHA-256 of its bytes, in hex; ``bytes`` is how many there are. ``sha`` is "" of what could not be had."""

    sha: str
    type: str = ""
    bytes: int = 0


class Asked(Struct, frozen=True):
    """When an address was asked for last.

    ``sha`` is what stood there when it last answered, "" when it never did, and ``etag`` and ``modified`` are what it said then;
    ``why`` it did not answer the last time, "" when it did.
    """

    at: Instant
    sha: str
    etag: str = ""
    modified: str = ""
    why: str = ""


def blob_key(project: str, sha: str) -> str:
    """Where in the store a material is."""
    return f"{BLOBS}/{project}/{sha}"
