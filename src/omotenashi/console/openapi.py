"""The staff API's description, as OpenAPI, on standard output: the web application's types are made from it.

``python -m omotenashi.console.openapi``
"""

import sys
from typing import Any, cast

import msgspec

from omotenashi import __version__

from .app import build
from .desk import Desk


def document() -> dict[str, Any]:
    """What ``/openapi/openapi.json`` says, without a running console."""
    return build(cast(Desk, None), __version__).openapi_schema.to_schema()


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(document()))
