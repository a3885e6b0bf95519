"""Who works on a project: their roles and rights, and invitations that were not taken up yet."""

from typing import Any

from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, Forbidden, NotFound
from omotenashi.console.staff import entry
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, EXTRAS, Account, Extra, Grant, Role


class Member(Struct):
    """Somebody with a grant. ``everywhere``: it holds for every project, also those to come."""

    id: str
    mail: str
    name: str
    role: Role
    extra: tuple[Extra, ...]
    everywhere: bool
    two_factor: bool
    seen_at: Instant
    self: bool


class Allowing(Struct):
    """A role, and the rights beside it: people (personal data), recordings, sql."""

    role: Role
    extra: tuple[Extra, ...] = ()
    everywhere: bool = False


class Inviting(Struct):
    """``mail`` may be "": then whoever opens the link says it."""

    role: Role
    mail: str = ""
    extra: tuple[Extra, ...] = ()
    everywhere: bool = False


class Invitation(Struct):
    """An invitation that was not taken up. ``url`` is only there in the answer that made it: it is not kept."""

    id: str
    mail: str
    role: Role
    extra: tuple[Extra, ...]
    everywhere: bool
    made_at: Instant
    expires_at: Instant
    url: str = ""


class Removed(Struct):
    """``account``: it was their last grant, so the account is gone too."""

    account: bool


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/members`` and ``/invitations``."""

    def everybody(project: str) -> list[tuple[Account, Grant]]:
        """Who has a grant for this project, or for every one; the wider one of two."""
        found: list[tuple[Account, Grant]] = []
        for account in desk.staff.accounts.accounts():
            grants = {grant.project: grant for grant in desk.staff.accounts.grants(account.id)}
            grant = grants.get(EVERY_PROJECT) or grants.get(project)
            if grant is not None:
                found.append((account, grant))
        return found

    def one(project: str, member: str) -> tuple[Account, Grant]:
        """Raises ``NotFound``."""
        for account, grant in everybody(project):
            if account.id == member:
                return account, grant
        raise NotFound("member", f"nobody with the id {member!r} works on this project")

    def given(who: Who, project: str, asked: Allowing | Inviting) -> Grant:
        """What was asked for, if whoever asks may give it: nobody gives more than they have. Raises ``Forbidden``."""
        place = EVERY_PROJECT if asked.everywhere else project
        grant = Grant(place, asked.role, tuple(extra for extra in EXTRAS if extra in asked.extra))
        if missing := (grant.rights | {"admin"}) - who.rights(place):
            where = "every project" if asked.everywhere else f"project {project}"
            raise Forbidden("role", f"nobody gives what they do not have: you lack {' and '.join(sorted(missing))} for {where}")
        return grant

    def may_change(who: Who, grant: Grant) -> None:
        """Raises ``Forbidden`` when somebody's grant is wider than that of whoever wants to change it."""
        if grant.project == EVERY_PROJECT and not who.may("admin", EVERY_PROJECT):
            raise Forbidden("member", "they may work on every project; only an admin of every project can change that")

    def somebody_stays(project: str, leaving: Account, grant: Grant) -> None:
        """Raises ``BadRequest`` when nobody else could administer what this grant is for."""
        admins = [other for account, other in everybody(project) if account.id != leaving.id and other.role == "admin"]
        if grant.role == "admin" and not any(other.project in (grant.project, EVERY_PROJECT) for other in admins):
            raise BadRequest("role", "somebody has to stay an admin; make somebody else one first")

    @get("/api/projects/{project:str}/members", opt={"needs": "admin"}, sync_to_thread=True)
    def members(project: FromPath[str], who: NamedDependency[Who]) -> list[Member]:
        """Everybody who works on this project."""
        return [_member(account, grant, who) for account, grant in everybody(desk.project(project).id)]

    @put("/api/projects/{project:str}/members/{member:str}", opt={"needs": "admin"}, sync_to_thread=True)
    def allow(
        project: FromPath[str],
        member: FromPath[str],
        data: JSONBody[Allowing],
        who: NamedDependency[Who],
        request: Request[Any, Any, Any],
    ) -> Member:
        """Change somebody's role and rights; it holds from their next request on."""
        project_id = desk.project(project).id
        account, before = one(project_id, member)
        may_change(who, before)
        grant = given(who, project_id, data)
        if grant.role != "admin" or (before.project == EVERY_PROJECT and grant.project != EVERY_PROJECT):
            somebody_stays(project_id, account, before)
        if before.project != grant.project:
            desk.staff.accounts.drop_grant(account.id, before.project)
        desk.staff.accounts.put_grant(account.id, grant)
        request.state.audit = Change("member", account.mail, _told(before), _told(grant))
        return _member(account, grant, who)

    @delete("/api/projects/{project:str}/members/{member:str}", opt={"needs": "admin"}, status_code=200, sync_to_thread=True)
    def remove(
        project: FromPath[str], member: FromPath[str], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Removed:
        """Take somebody off the project, at once; without any other project their account goes too."""
        project_id = desk.project(project).id
        account, grant = one(project_id, member)
        may_change(who, grant)
        somebody_stays(project_id, account, grant)
        desk.staff.accounts.drop_grant(account.id, grant.project)
        desk.staff.accounts.drop_grant(account.id, project_id)
        gone = not desk.staff.accounts.grants(account.id)
        if gone:
            desk.staff.accounts.drop_account(account.id)
        request.state.audit = Change("member", account.mail, _told(grant), None)
        return Removed(gone)

    @get("/api/projects/{project:str}/invitations", opt={"needs": "admin"}, sync_to_thread=True)
    def invitations(project: FromPath[str], who: NamedDependency[Who]) -> list[Invitation]:
        """Invitations that were not taken up yet, the newest first."""
        now, project_id = desk.clock(), desk.project(project).id
        found = desk.staff.accounts.invitations(project_id)
        if who.may("admin", EVERY_PROJECT):
            found += desk.staff.accounts.invitations(EVERY_PROJECT)
        return [
            Invitation(link.id, link.mail, link.role, link.extra, link.project == EVERY_PROJECT, link.made_at, link.expires_at)
            for link in found
            if link.expires_at > now
        ]

    @post("/api/projects/{project:str}/invitations", opt={"needs": "admin"}, sync_to_thread=True)
    def invite(
        project: FromPath[str], data: JSONBody[Inviting], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Invitation:
        """Invite somebody: the answer has the link to hand over; it works once, within a week."""
        grant = given(who, desk.project(project).id, data)
        link, url = entry.invitation(desk.staff, data.mail, grant, who.id)
        request.state.audit = Change("invitation", link.mail, None, _told(grant))
        return Invitation(
            link.id, link.mail, link.role, link.extra, grant.project == EVERY_PROJECT, link.made_at, link.expires_at, url
        )

    @delete(
        "/api/projects/{project:str}/invitations/{invitation:str}", opt={"needs": "admin"}, status_code=200, sync_to_thread=True
    )
    def take_back(
        project: FromPath[str], invitation: FromPath[str], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> Removed:
        """Take an invitation back; its link works no more."""
        places = [desk.project(project).id, *([EVERY_PROJECT] if who.may("admin", EVERY_PROJECT) else [])]
        for place in places:
            found = next((link for link in desk.staff.accounts.invitations(place) if link.id == invitation), None)
            if found is not None and desk.staff.accounts.drop_invitation(place, invitation):
                request.state.audit = Change("invitation", found.mail, _told(Grant(place, found.role, found.extra)), None)
                return Removed(account=False)
        raise NotFound("invitation", f"there is no invitation {invitation!r}")

    return [members, allow, remove, invitations, invite, take_back]


def _member(account: Account, grant: Grant, who: Who) -> Member:
    return Member(
        account.id,
        account.mail,
        account.name,
        grant.role,
        grant.extra,
        grant.project == EVERY_PROJECT,
        bool(account.totp_secret),
        account.seen_at,
        account.id == who.id,
    )


def _told(grant: Grant) -> dict[str, Any]:
    return {"role": grant.role, "rights": list(grant.extra), "everywhere": grant.project == EVERY_PROJECT}
