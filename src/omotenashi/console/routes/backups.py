"""A copy of all stores, taken while the servers run."""

from pathlib import Path

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.ledger.backup import Manifest


class Asked(Struct):
    """``target``: an absolute path on the server; a folder that is not there yet, or empty."""

    target: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """The handler for ``/api/backups``."""

    @post("/api/backups", opt={"needs": "admin"}, status_code=200)
    async def backups(data: JSONBody[Asked]) -> Manifest:
        """Take a backup; it answers when the copy is complete."""
        target = Path(data.target)
        if not target.is_absolute():
            raise BadRequest("target", "expected an absolute path")
        return await desk.backup(target)

    return [backups]
