"""Where a project's pictures are kept, and under which addresses visitors find them.

The id is made of the bytes, so what stands at an address never changes.
"""

import re
from hashlib import blake2b
from typing import Final

TYPES: Final = {"webp": "image/webp", "svg": "image/svg+xml"}
"""What is served, by the ending of a name. Whatever is uploaded becomes one of these."""
ABOUT: Final = "about.json"
"""What the console keeps of a picture, beside its bytes; no name of a picture can be it."""

_ADDRESS: Final = re.compile(r"/assets/([A-Za-z0-9_-]{1,64})/([0-9a-f]{32})/([a-z0-9][a-z0-9_-]{0,79}\.(webp|svg))")


def asset_id(data: bytes) -> str:
    """The id of these bytes: 128 bits of BLAKE2b, in hex."""
    return blake2b(data, digest_size=16).hexdigest()


def key(project: str, asset: str, name: str) -> str:
    """Where in the store it is."""
    return f"assets/{project}/{asset}/{name}"


def address(project: str, asset: str, name: str) -> str:
    """Where below the edge's own address it is served."""
    return f"/{key(project, asset, name)}"


def found(path: str) -> tuple[str, str] | None:
    """The key and the content type that a path asks for; None when no picture can have this path."""
    asked = _ADDRESS.fullmatch(path)
    return None if asked is None else (path[1:], TYPES[asked[4]])
