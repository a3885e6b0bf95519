"""Documents of a project's configuration, one by one: as they are in force, as drafts, as they were."""

from typing import Annotated, Any

from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, Parameter, QueryParameter
from msgspec import Struct

from omotenashi.configuration.papers import Kind
from omotenashi.configuration.plan import Changes
from omotenashi.console import access
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.drafting import DraftChange, Drafting, Named
from omotenashi.console.drafts import Document, DocumentDiff, DocumentLine, Draft, Version
from omotenashi.console.errors import ErrorAnswer, Forbidden

MOST_VERSIONS = 100


class Publishing(Struct):
    """Drafts to publish, submit or approve together, each at the revision that was looked at."""

    drafts: list[Named]
    comment: str = ""


class Restoring(Struct):
    """The version to restore, and the draft's revision that this replaces; 0 when there is none."""

    version: int
    revision: int = 0


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/documents`` and ``/drafts``, ``/publish``, ``/submit``, ``/approve``."""
    drafts = Drafting(desk)
    disputed = {409: ResponseSpec(ErrorAnswer, description="Somebody else changed the same places; or a second yes is needed.")}

    @get("/api/projects/{project:str}/documents", opt={"needs": "read"}, sync_to_thread=True)
    def documents(project: FromPath[str], kind: FromQuery[Kind | None] = None) -> list[DocumentLine]:
        """Every document, of one kind or of all, with its draft if it has one."""
        return drafts.listed(desk.project(project), kind)

    @get("/api/projects/{project:str}/documents/{kind:str}/{id:str}", opt={"needs": "read"}, sync_to_thread=True)
    def document(project: FromPath[str], kind: FromPath[Kind], id: FromPath[str], version: FromQuery[int] = 0) -> Document:
        """One document as it is in force, or was at a version, and its draft."""
        return drafts.document(desk.project(project), kind, id, version)

    @delete(
        "/api/projects/{project:str}/documents/{kind:str}/{id:str}", opt={"needs": "edit"}, status_code=200, sync_to_thread=True
    )
    def removed(
        request: Request[Any, Any, Any],
        project: FromPath[str],
        kind: FromPath[Kind],
        id: FromPath[str],
        who: NamedDependency[Who],
    ) -> Changes:
        """Take a document out of the configuration; refused while something uses it."""
        changes = drafts.remove(project, kind, id, f"{kind}/{id} removed", who)
        request.state.audit = access.Change(kind, id, "removed", None)
        return changes

    @get("/api/projects/{project:str}/documents/{kind:str}/{id:str}/history", opt={"needs": "read"}, sync_to_thread=True)
    def changes_of(
        project: FromPath[str],
        kind: FromPath[Kind],
        id: FromPath[str],
        limit: Annotated[int, Parameter(ge=1, le=1000)] = MOST_VERSIONS,
    ) -> list[Version]:
        """The versions in which a document changed, newest first, and what changed."""
        return drafts.history(desk.project(project), kind, id, limit)

    @get("/api/projects/{project:str}/documents/{kind:str}/{id:str}/diff", opt={"needs": "read"}, sync_to_thread=True)
    def diff(
        project: FromPath[str],
        kind: FromPath[Kind],
        id: FromPath[str],
        start: Annotated[int, QueryParameter(name="from", ge=0)],
        end: Annotated[int, QueryParameter(name="to", ge=0)] = 0,
    ) -> DocumentDiff:
        """What differs between two versions of a document; 0 is its draft."""
        return drafts.compared(desk.project(project), kind, id, start, end)

    @post(
        "/api/projects/{project:str}/documents/{kind:str}/{id:str}/restore",
        opt={"needs": "edit"},
        status_code=200,
        sync_to_thread=True,
    )
    def restored(
        project: FromPath[str], kind: FromPath[Kind], id: FromPath[str], data: JSONBody[Restoring], who: NamedDependency[Who]
    ) -> Draft:
        """A document as it was, as a draft."""
        return drafts.restore(desk.project(project), kind, id, data.version, data.revision, who)

    @put(
        "/api/projects/{project:str}/drafts/{kind:str}/{id:str}",
        opt={"needs": "edit", "audited": False},
        status_code=200,
        sync_to_thread=True,
        responses=disputed,
    )
    def drafted(
        project: FromPath[str],
        kind: FromPath[Kind],
        id: FromPath[str],
        data: JSONBody[DraftChange],
        who: NamedDependency[Who],
    ) -> Draft:
        """Keep a change as a draft. Nothing that visitors see changes."""
        return drafts.put(desk.project(project), kind, id, data, who)

    @delete("/api/projects/{project:str}/drafts/{kind:str}/{id:str}", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def discarded(request: Request[Any, Any, Any], project: FromPath[str], kind: FromPath[Kind], id: FromPath[str]) -> Draft:
        """Throw a draft away; the answer is what it was, to be kept again with revision 0."""
        gone = drafts.drop(desk.project(project), kind, id)
        request.state.audit = access.Change(kind, id, gone.text, None)
        return gone

    @post("/api/projects/{project:str}/publish", opt={"needs": "edit"}, status_code=200, sync_to_thread=True, responses=disputed)
    def published(
        request: Request[Any, Any, Any], project: FromPath[str], data: JSONBody[Publishing], who: NamedDependency[Who]
    ) -> Changes:
        """Put drafts in force, all or none; running edges take them over within a second. Settings need the right ``admin``."""
        _settings_are_for_admins(project, data, who)
        changes = drafts.publish(project, data.drafts, data.comment, who)
        request.state.audit = _told(data, changes)
        return changes

    @post("/api/projects/{project:str}/submit", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def submitted(project: FromPath[str], data: JSONBody[Publishing], who: NamedDependency[Who]) -> list[Draft]:
        """Ask for a second person's yes to these drafts."""
        _settings_are_for_admins(project, data, who)
        return drafts.submit(desk.project(project), data.drafts, data.comment, who)

    @post("/api/projects/{project:str}/approve", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def approved(
        request: Request[Any, Any, Any], project: FromPath[str], data: JSONBody[Publishing], who: NamedDependency[Who]
    ) -> Changes:
        """Say yes to drafts that somebody else submitted, which publishes them."""
        _settings_are_for_admins(project, data, who)
        changes = drafts.approve(project, data.drafts, data.comment, who)
        request.state.audit = _told(data, changes)
        return changes

    return [documents, document, removed, changes_of, diff, restored, drafted, discarded, published, submitted, approved]


def _settings_are_for_admins(project: str, data: Publishing, who: Who) -> None:
    """Raises ``Forbidden``."""
    if any(one.kind == "project" for one in data.drafts) and not who.may("admin", project):
        raise Forbidden("drafts", f"settings of the project need the right admin for project {project}")


def _told(asked: Publishing, changes: Changes) -> access.Change:
    """What the audit log tells of a publication: every place that changed, before and after."""
    one = asked.drafts[0]
    before = {f"{change.kind}/{change.id}": {edit.path: edit.before for edit in change.differences} for change in changes.changes}
    after = {f"{change.kind}/{change.id}": {edit.path: edit.after for edit in change.differences} for change in changes.changes}
    return access.Change(one.kind, one.id, before, after)
