"""What a person has allowed, purpose by purpose: read, told as a ledger, set by staff, and asked for now."""

import csv
import io
import secrets
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from omotenashi.configuration.names import Called
from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest
from omotenashi.engine.consents import waiting
from omotenashi.model.campaigns import Campaign, Project, Purpose
from omotenashi.model.consents import REQUESTED
from omotenashi.model.ids import Instant, PersonId
from omotenashi.model.profiles import Profile
from omotenashi.warehouse.questions.consents import consents_of

DAY_MS: Final = 86_400_000
State = Literal["granted", "denied", "withdrawn"]


class PurposeKnown(Struct):
    """One purpose of one person. ``state`` is unknown, granted, denied, withdrawn or expired; instants are ms.

    ``at``, ``policy``, ``source`` and ``text`` are those of the person's latest choice, empty while there is none; ``by_default``
    then says that the state follows from the project. ``answer`` is how the latest question ended: ignored, later, closed,
    refused or granted, "" when nobody asked. ``again_at`` is when time lets it be asked again; None when it does
    not, or when nothing stands in the way. ``campaign`` is what would ask, ``requested_until`` until when staff wish it asked.
    """

    purpose: str
    label: Called
    state: str
    by_default: bool
    at: Instant | None
    expires_at: Instant | None
    policy: str
    policy_now: str
    source: str
    text: str
    answer: str
    answered_at: Instant | None
    again_at: Instant | None
    campaign: str
    requested_until: Instant | None


class Changed(Struct):
    """One line of the ledger. ``state`` is also later, or requested when staff asked; ``by`` is who of the staff set it."""

    at: Instant
    position: int
    purpose: str
    state: str
    source: str
    policy: str
    text: str
    campaign: str
    by: str
    test: bool


class Consents(Struct):
    """All purposes in the project's order, and the changes, newest first."""

    person: PersonId
    purposes: list[PurposeKnown]
    changes: list[Changed]


class Setting(Struct):
    """What staff enter on a person's behalf, such as what was said on the telephone."""

    purpose: str
    state: State


class Asking(Struct):
    purpose: str


class Asked(Struct):
    """The campaign that will ask on the page that the person has before them, or at their next view; until when that stands."""

    campaign: str
    until: Instant


class Exporting(Struct):
    format: Literal["csv", "json"] = "csv"


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/people/{name}/consents``."""

    @get("/api/projects/{project:str}/people/{name:str}/consents", opt={"needs": "people"}, sync_to_thread=True)
    def consents(project: FromPath[str], name: FromPath[str]) -> Consents:
        """What they have allowed, and every change of it."""
        found = desk.project(project)
        person, profile = desk.person(found, name)
        return _told(desk, found, person, profile)

    @post("/api/projects/{project:str}/people/{name:str}/consents", opt={"needs": ("edit", "people")}, status_code=200)
    async def choose(
        project: FromPath[str],
        name: FromPath[str],
        data: JSONBody[Setting],
        who: NamedDependency[Who],
        request: Request[Any, Any, Any],
    ) -> dict[str, Any]:
        """Set one purpose on the person's behalf; the edge's own answer."""
        found = desk.project(project)
        person, profile = desk.person(found, name)
        purpose = _purpose(found, data.purpose)
        before = desk.plan(found).consent(profile, purpose.name, Instant(max(desk.clock(), profile.now)))
        values = {"purpose": purpose.name, "state": data.state, "by": who.name}
        sent = await desk.edge.send(_said(found, person, "consent", values))
        request.state.audit = Change("consent", person, {purpose.name: before}, {purpose.name: data.state})
        return sent

    @post("/api/projects/{project:str}/people/{name:str}/consents/ask", opt={"needs": ("edit", "people")}, status_code=200)
    async def ask(
        project: FromPath[str],
        name: FromPath[str],
        data: JSONBody[Asking],
        who: NamedDependency[Who],
        request: Request[Any, Any, Any],
    ) -> Asked:
        """Ask this person for permission, on the page before them or at their next view, whatever they answered before."""
        found = desk.project(project)
        person, profile = desk.person(found, name)
        purpose = _purpose(found, data.purpose)
        now = Instant(max(desk.clock(), profile.now))
        if desk.plan(found).consent(profile, purpose.name, now) == "granted":
            raise BadRequest("purpose", f"expected a purpose that is not granted; {purpose.name} is")
        campaign = _asking(found, purpose.name)
        if campaign is None:
            raise BadRequest("purpose", f"expected a purpose that a live campaign asks for; none asks for {purpose.name}")
        values = {"purpose": purpose.name, "campaign": campaign.id, "by": who.name}
        await desk.edge.send(_said(found, person, REQUESTED, values))
        request.state.audit = Change("consent", person, None, {"asked": purpose.name, "campaign": campaign.id})
        return Asked(campaign.id, Instant(now + DAY_MS))

    @post(
        "/api/projects/{project:str}/people/{name:str}/consents/export",
        opt={"needs": "people"},
        status_code=200,
        sync_to_thread=True,
    )
    def export(
        project: FromPath[str], name: FromPath[str], data: JSONBody[Exporting], request: Request[Any, Any, Any]
    ) -> Response[bytes]:
        """The ledger of changes as a file, to give to them."""
        found = desk.project(project)
        person, profile = desk.person(found, name)
        told = _told(desk, found, person, profile)
        request.state.audit = Change("consent", person, None, {"exported": data.format, "changes": len(told.changes)})
        body = _csv(told.changes) if data.format == "csv" else msgspec.json.format(msgspec.json.encode(told))
        kind = "text/csv; charset=utf-8" if data.format == "csv" else "application/json"
        plain = "".join(letter if (letter.isalnum() and letter.isascii()) or letter in "-_" else "-" for letter in person)[:64]
        headers = {"content-disposition": f'attachment; filename="consents-{plain}.{data.format}"', "cache-control": "no-store"}
        return Response(body, media_type=kind, headers=headers)

    return [consents, choose, ask, export]


def _purpose(project: Project, name: str) -> Purpose:
    for one in project.purposes:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in project.purposes) or "none yet"
    raise BadRequest("purpose", f"expected a purpose of the project ({known}); found {name!r}")


def _asking(project: Project, purpose: str) -> Campaign | None:
    """The campaign that asks for a purpose: the first of those that are live, by priority."""
    return next((one for one in project.campaigns if one.asks == purpose and one.live), None)


def _said(project: Project, person: PersonId, name: str, values: dict[str, Any]) -> dict[str, Any]:
    key = secrets.token_hex(12)
    return {"project": project.id, "person": person, "key": key, "events": [{"name": name, "values": values}]}


def _told(desk: Desk, project: Project, person: PersonId, profile: Profile) -> Consents:
    now = Instant(max(desk.clock(), profile.now))
    changes = [
        Changed(
            event.at,
            position,
            _text(event.values.get("purpose")),
            "requested" if event.name == REQUESTED else _text(event.values.get("state")),
            _text(event.values.get("source")) or ("console" if event.name == REQUESTED else ""),
            _text(event.values.get("policy")),
            _text(event.values.get("text")),
            _text(event.values.get("campaign")),
            _text(event.values.get("by")) if event.source == "console" else "",
            event.test,
        )
        for position, event in desk.questions.ask(lambda store: consents_of(store, project.id, person))
    ]
    return Consents(person, [_known(desk, project, one, profile, now) for one in project.purposes], changes)


def _known(desk: Desk, project: Project, purpose: Purpose, profile: Profile, now: Instant) -> PurposeKnown:
    plan = desk.plan(project)
    chosen = profile.consents.get(purpose.name)
    asked = profile.asked.get(purpose.name)
    held = waiting(profile, purpose.name, plan.env.purposes, now)
    left = None if held is None else held.left_ms(now)
    request = profile.requested.get(purpose.name)
    campaign = _asking(project, purpose.name)
    expires = chosen is not None and chosen.state == "granted" and purpose.expires_days
    return PurposeKnown(
        purpose.name,
        Called(purpose.label.get("ja") or purpose.name, purpose.label.get("en") or purpose.name),
        plan.consent(profile, purpose.name, now),
        chosen is None,
        None if chosen is None else Instant(chosen.key[0]),
        Instant(chosen.key[0] + purpose.expires_days * DAY_MS) if chosen is not None and expires else None,
        "" if chosen is None else chosen.policy,
        purpose.policy,
        "" if chosen is None else chosen.source,
        "" if chosen is None else chosen.text,
        "" if asked is None else asked.answer,
        None if asked is None else Instant(asked.key[0]),
        None if left is None else Instant(now + left),
        "" if campaign is None else campaign.id,
        request.until if request is not None and now < request.until else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


COLUMNS: Final = ("at", "purpose", "state", "source", "policy", "text", "campaign", "by", "test")


def _csv(changes: list[Changed]) -> bytes:
    """The changes as a table that spreadsheets open as it is: a byte order mark, and instants in UTC; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in changes:
        cells = [_instant(one.at), one.purpose, one.state, one.source, one.policy, one.text, one.campaign, one.by, one.test]
        writer.writerow([f"'{cell}" if str(cell)[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells])
    return ("\ufeff" + out.getvalue()).encode()


def _instant(at: Instant) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
