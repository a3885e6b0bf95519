"""Whether all is well, for machines (``/health``) and for people (``/api/doctor``)."""

from typing import Any

from litestar import get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from omotenashi.console.desk import Desk, Fact
from omotenashi.console.ports import EdgeRefused, EdgeUnreachable

LATE = 50_000
"""How many entries the warehouse may be behind before it is worth a warning."""
CROWD = 50
"""How many requests in ten seconds are more than one person's, so that one address must stand for many."""


class Health(Struct):
    """This process answers."""

    healthy: bool = True


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/health`` and ``/api/doctor``."""

    @get("/health", opt={"needs": "open"}, sync_to_thread=False)
    def health() -> Health:
        """For a supervisor; needs no token."""
        return Health()

    @get("/api/doctor", opt={"needs": "admin"})
    async def doctor() -> list[Fact]:
        """Everything worth knowing about this installation, the bad news with advice."""
        facts = desk.facts()
        try:
            edge = await desk.edge.health()
        except (EdgeUnreachable, EdgeRefused) as error:
            facts.append(Fact("edge", "broken", str(error), "Start it with `omotenashi serve`, or look at its log."))
        else:
            facts.extend(_of_edge(edge, desk))
        for project in desk.office.heads():
            facts.extend(_of_project(desk, project))
        return facts

    return [health, doctor]


def _of_edge(edge: dict[str, Any], desk: Desk) -> list[Fact]:
    storage = str(edge.get("storage", "unknown"))
    found = [
        Fact("edge", "ok", "answers; the log takes entries")
        if edge.get("healthy")
        else Fact(
            "edge", "broken", f"refuses events: {storage}", "Free disk space or mend the disk; the edge then recovers by itself."
        )
    ]
    busiest = edge.get("busiest_address") or {}
    share = float(busiest.get("share", 0))
    if share > 0.5 and int(busiest.get("requests", 0)) >= CROWD:
        found.append(
            Fact(
                "proxies",
                "warning",
                f"{share:.0%} of all requests come from {busiest.get('address')}",
                "Is that your proxy or load balancer? Then name it in OMOTENASHI_PROXIES, so that visitors' own addresses count.",
            )
        )
    behind = int(edge.get("landed", 0)) - desk.questions.loaded()
    found.append(
        Fact("warehouse", "ok", f"{max(behind, 0):,} entries behind the log")
        if behind <= LATE
        else Fact("warehouse", "warning", f"{behind:,} entries behind the log", "Is the console process short of CPU or disk?")
    )
    return found


def _of_project(desk: Desk, project: str) -> list[Fact]:
    one = desk.project(project)
    found = [Fact(f"project {one.id}", "ok", f"version {one.version}, {len(one.campaigns)} campaigns")]
    if one.messages_stopped:
        found.append(
            Fact(f"project {one.id}", "warning", "all messages are stopped", f"`omotenashi resume {one.id}` starts them again.")
        )
    if not one.origins:
        found.append(
            Fact(
                f"project {one.id}", "warning", "pages of any origin may send events", "Name the site's origins in project.yaml."
            )
        )
    return found
