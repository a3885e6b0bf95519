"""How far the past has been counted for new rules."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from omotenashi.console.desk import Desk
from omotenashi.ledger.port import Backfill


class Progress(Struct):
    """``ready``: up to this version everything is counted. ``preparing``: live campaigns that wait for the rest."""

    version: int
    ready: int
    preparing: list[str]
    backfills: list[Backfill]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/backfills``."""

    @get("/api/projects/{project:str}/backfills", opt={"needs": "read"}, sync_to_thread=True)
    def backfills(project: FromPath[str]) -> Progress:
        """The back-fills of a project, oldest first."""
        found = desk.project(project)
        plan = desk.plan(found)
        return Progress(
            found.version,
            plan.ready,
            sorted(campaign.id for campaign in found.campaigns if campaign.live and campaign.id in plan.preparing),
            [one for one in desk.office.backfills() if one.project == found.id],
        )

    return [backfills]
