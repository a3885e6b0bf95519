"""Projects and their configuration: begin, plan, apply, export, history, keys."""

from typing import Annotated, Any, Literal

import yaml
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, Parameter
from msgspec import Struct

from omotenashi.configuration.compile import compiled
from omotenashi.configuration.documents import read as read_document
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.names import Vocabulary
from omotenashi.configuration.plan import Changes, plan
from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, NeedsApproval, NotFound
from omotenashi.ledger.port import Applied
from omotenashi.model.campaigns import Project
from omotenashi.model.ids import ProjectId


class Listed(Struct):
    """A project in the list of all."""

    id: str
    name: str
    version: int
    time_zone: str
    campaigns: int
    segments: int
    messages_stopped: bool
    recording_stopped: bool


class Proposed(Struct):
    """The files of a configuration folder, text by path."""

    sources: dict[str, str]
    comment: str = ""


class Secret(Struct):
    """``kind`` is public, staging or secret, which are sent as keys, or identity, with which a server signs user ids."""

    kind: str
    key: str


class Exported(Struct):
    """The files that a version was made of, to the byte."""

    project: str
    version: int
    sources: dict[str, str]


class Beginning(Struct):
    """A new project: its site's ``origin`` such as ``https://shop.example``, or "" for any; ``id`` is for good."""

    id: str
    name: str
    origin: str = ""
    language: Literal["ja", "en"] = "ja"
    time_zone: str = "Asia/Tokyo"


class Begun(Struct):
    """The project that was begun."""

    id: str
    version: int


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects``, ``/api/plan`` and ``/api/apply``."""

    def proposal(sources: Sources) -> tuple[Project, Changes]:
        """The project that the files describe, and what it would change. Raises ``Refused``."""
        found = read_document("project.yaml", sources.get("project.yaml", ""), [])
        named = found.data.get("id") if found is not None and isinstance(found.data, dict) else None
        project_id = ProjectId(str(named))
        version = desk.office.head(project_id)
        previous = desk.project(project_id) if version else None
        project = compiled(sources, previous, version + 1, desk.fresh_key)
        before = (previous, desk.office.sources(project_id, version)) if previous is not None else None
        return project, plan(before, (project, sources))

    @get("/api/projects", opt={"needs": "self"}, sync_to_thread=True)
    def projects(who: NamedDependency[Who]) -> list[Listed]:
        """Every project that whoever asks may see, with the version in force."""
        found = [desk.project(project) for project in desk.office.heads() if who.sees(project)]
        return [
            Listed(
                one.id,
                one.name,
                one.version,
                one.time_zone,
                len(one.campaigns),
                len(one.segments),
                one.messages_stopped,
                one.recording_stopped,
            )
            for one in found
        ]

    @post("/api/projects", opt={"needs": "admin"}, status_code=200, sync_to_thread=True)
    def begun(data: JSONBody[Beginning], request: Request[Any, Any, Any], who: NamedDependency[Who]) -> Begun:
        """Begin a project: nothing but its name and its keys yet. Raises ``BadRequest`` for an id that is taken."""
        with desk.publishing:
            if data.id in desk.office.heads():
                raise BadRequest("id", f"there is a project {data.id!r} already; expected another id")
            said: dict[str, Any] = {"id": data.id, "name": data.name, "time_zone": data.time_zone, "language": data.language}
            if data.origin:
                said["origins"] = [data.origin]
            sources = {"project.yaml": yaml.safe_dump(said, allow_unicode=True, sort_keys=False)}
            project = compiled(sources, None, 1, desk.fresh_key)
            desk.office.apply(project, sources, desk.clock(), "", "" if who.kind == "machine" else who.name)
            request.state.audit = Change("project", project.id, None, said)
            return Begun(project.id, project.version)

    @post("/api/plan", opt={"needs": "admin", "audited": False}, status_code=200, sync_to_thread=True)
    def planned(data: JSONBody[Proposed]) -> Changes:
        """What applying these files would change. Nothing is changed."""
        return proposal(data.sources)[1]

    @post("/api/apply", opt={"needs": "admin"}, status_code=200, sync_to_thread=True)
    def applied(data: JSONBody[Proposed], who: NamedDependency[Who]) -> Changes:
        """Put these files in force, whole or not at all; running edges take them over within a second."""
        with desk.publishing:
            project, changes = proposal(data.sources)
            if project.id in desk.office.heads() and desk.project(project.id).approval and who.kind != "machine":
                raise NeedsApproval("sources", "this project wants a second person's yes: submit drafts, or apply on the server")
            if not changes.is_empty:
                desk.office.apply(project, data.sources, desk.clock(), data.comment, "" if who.kind == "machine" else who.name)
            return changes

    @get("/api/projects/{project:str}/export", opt={"needs": "read"}, sync_to_thread=True)
    def exported(project: FromPath[str], version: Annotated[int, Parameter(ge=0)] = 0) -> Exported:
        """The files of a version; 0 is the one in force."""
        found = desk.project(project)
        asked = version or found.version
        if asked not in {one.version for one in desk.office.history(found.id)}:
            raise NotFound("version", f"project {project} has no version {asked}")
        return Exported(found.id, asked, desk.office.sources(found.id, asked))

    @get("/api/projects/{project:str}/history", opt={"needs": "read"}, sync_to_thread=True)
    def history(project: FromPath[str]) -> list[Applied]:
        """What was applied, newest first."""
        return desk.office.history(desk.project(project).id)

    @get("/api/projects/{project:str}/keys", opt={"needs": "admin"}, sync_to_thread=True)
    def keys(project: FromPath[str]) -> list[Secret]:
        """The project's keys, the secret ones too: whoever holds the console's token may send as its servers."""
        found = desk.project(project)
        return [*(Secret(key.kind, key.key) for key in found.keys), Secret("identity", found.identity_secret)]

    @get("/api/projects/{project:str}/names", opt={"needs": "read"}, sync_to_thread=True)
    def names(project: FromPath[str]) -> Vocabulary:
        """What campaigns, segments, derived events and actions are called, in both languages."""
        return desk.names(desk.project(project))

    return [projects, begun, planned, applied, exported, history, keys, names]
