"""The emergency stop: of all messages, or of all recording. Measuring goes on."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import Forbidden
from omotenashi.ledger.port import Switches


class Switched(Struct):
    """What to change; what is left out stays as it is."""

    messages_stopped: bool | UnsetType = UNSET
    recording_stopped: bool | UnsetType = UNSET


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/switches``."""

    @get("/api/projects/{project:str}/switches", opt={"needs": "read"}, sync_to_thread=True)
    def switches(project: FromPath[str]) -> Switches:
        """How the switches stand."""
        return desk.office.switches(desk.project(project).id)

    @post("/api/projects/{project:str}/switches", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def switched(
        project: FromPath[str], data: JSONBody[Switched], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Switches:
        """Turn them. Running edges follow within a second. Recording needs the right ``admin``."""
        project_id = desk.project(project).id
        if data.recording_stopped is not UNSET and not who.may("admin", project_id):
            raise Forbidden("recording_stopped", f"this needs the right admin for project {project_id}")
        before = desk.office.switches(project_id)
        after = Switches(
            before.messages_stopped if data.messages_stopped is UNSET else data.messages_stopped,
            before.recording_stopped if data.recording_stopped is UNSET else data.recording_stopped,
        )
        desk.office.set_switches(project_id, after)
        request.state.audit = Change("switches", project_id, before, after)
        return after

    return [switches, switched]
