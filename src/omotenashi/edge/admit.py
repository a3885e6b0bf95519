"""Which events are taken, and what is put on them: named steps in order, walked until one drops the event.

`BEFORE` needs only the request; `AFTER` also the person, whom an ``identify`` may have changed in between.
Each ``drop_*`` step answers with a `Dropped` that names the field and what was expected; a ``put_*`` step
completes the draft. A bad event never sinks the others.
"""

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from omotenashi.engine.recent import was_seen
from omotenashi.model.consents import POLICY_LENGTH, SAID_BY_PAGES, SOURCES, STATES, TEXT_LENGTH
from omotenashi.model.drafts import Draft
from omotenashi.model.ids import Instant, PageViewId, UserId
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import Drop, Unopened
from omotenashi.model.values import LARGEST_NUMBER, Value, Values, admitted_number
from omotenashi.model.wire import PageContext

from .enrich import URL_LIMIT, put_page, veiled
from .identity import USER_ID_LIMIT, is_id, is_signed
from .projects import Running

DEPTH_LIMIT: Final = 8
FIELDS_LIMIT: Final = 256
STRING_LIMIT: Final = 8_192
OLDEST_MS: Final = 24 * 3_600_000
"""How long a browser may keep an event before it is refused."""
EARLIEST: Final = 946_684_800_000
"""2000-01-01: an earlier absolute time is in seconds by mistake."""
AHEAD_MS: Final = 5 * 60_000
"""How far a server's clock may run ahead of ours."""

PUBLIC_UNDERSCORED: Final = frozenset(
    {
        "_message_open",
        "_message_click",
        "_message_close",
        "_message_state_changed",
        "_message_conflict",
        "_answer_question",
        "_error",
        "_recheck",
        "_release",
        "_visibility",
        "_rage_click",
        "_dead_click",
        "_quick_back",
        "_form_abandon",
        "_console_error",
        "_request_failed",
        "_web_vitals",
    }
)
"""All that a public key may send of the names that begin with an underscore."""
OF_A_RESERVATION: Final = frozenset({"_message_open", "_message_click", "_message_close", "_release", "_answer_question"})
CLOSED_BY: Final = ("button", "escape", "backdrop", "timer", "navigation")
UNOPENED: Final = tuple(str(reason) for reason in Unopened)
_ENDS: Final = {"_message_close": ("by", CLOSED_BY, ""), "_release": ("reason", UNOPENED, UNOPENED[0])}

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,127}").fullmatch
_names: set[str] = set()  # field and event names seen to be well-formed; starts over when full
_NAMES_LIMIT: Final = 20_000


class Dropped(Struct, frozen=True):
    """An event that is left out: ``where`` is the field, ``message`` what was expected there."""

    code: Drop
    message: str
    where: str


class Facts(Struct):
    """What the steps may know besides the draft. ``trust`` says who sent it.

    ``tag``: a public key; times are relative to ``sent_at``. ``server`` and ``import``: a secret key; times are
    absolute. ``console``: our own other process, which may also send names that begin with an underscore.
    """

    running: Running
    trust: str
    received_at: Instant
    occurred_at: int | None = None
    sent_at: int | None = None
    page: PageContext | None = None
    profile: Profile | None = None


Step = Callable[[Draft, Facts], Dropped | None]


class _Unfit(Exception):
    """A value that cannot be taken; ``path`` is collected from the inside out."""

    def __init__(self, code: Drop, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path: list[str] = []

    def dropped(self) -> Dropped:
        return Dropped(self.code, self.message, ".".join(["values", *reversed(self.path)]))


_FIELD_NAMES: Final = "A field's name has 1 to 128 characters of A-Z a-z 0-9 _ $ and does not begin with a digit."
_TEXTS: Final = f"A text has at most {STRING_LIMIT} characters."
_NUMBERS: Final = "A number is finite and between -(2^53-1) and 2^53-1."


# The draft alone


def drop_bad_id(draft: Draft, facts: Facts) -> Dropped | None:
    if is_id(draft.id):
        return None
    return Dropped(Drop.BAD_ID, "An event's id has 1 to 128 characters of A-Z a-z 0-9 _ . : / -.", "id")


def drop_bad_name(draft: Draft, facts: Facts) -> Dropped | None:
    name = draft.name
    if name in _names or _well_formed(name):
        return None
    return Dropped(
        Drop.BAD_NAME, "An event's name has 1 to 128 characters of A-Z a-z 0-9 _ $ and does not begin with a digit.", "name"
    )


def drop_reserved_name(draft: Draft, facts: Facts) -> Dropped | None:
    name = draft.name
    if name[0] != "_" or facts.trust == "console" or (facts.trust == "tag" and name in PUBLIC_UNDERSCORED):
        return None
    return Dropped(Drop.RESERVED_NAME, f"{name} is made by Omotenashi itself; names that begin with _ are reserved.", "name")


def drop_ignored(draft: Draft, facts: Facts) -> Dropped | None:
    if draft.name not in facts.running.ignored:
        return None
    return Dropped(Drop.IGNORED, f"This project ignores {draft.name}.", "name")


def put_time(draft: Draft, facts: Facts) -> Dropped | None:
    """``at`` = received - (sent - occurred) for a browser, the time itself for a server; never later than received."""
    occurred, received = facts.occurred_at, facts.received_at
    if occurred is None:
        return None
    if facts.trust == "tag":
        sent = facts.sent_at
        if sent is None:
            return None
        if not (0 <= occurred <= LARGEST_NUMBER and 0 <= sent <= LARGEST_NUMBER):
            return Dropped(Drop.BAD_TIME, "at and sent_at are milliseconds since 1970.", "at")
        if occurred < sent:
            draft.at = Instant(received - (sent - occurred))
        return None
    if occurred < EARLIEST or occurred > received + AHEAD_MS:
        return Dropped(Drop.BAD_TIME, "at is in milliseconds since 1970, from the year 2000 until now.", "at")
    draft.at = Instant(min(occurred, received))
    return None


def drop_too_old(draft: Draft, facts: Facts) -> Dropped | None:
    if facts.trust != "tag" or facts.received_at - draft.at <= OLDEST_MS:
        return None
    return Dropped(Drop.TOO_OLD, "A browser's event is taken for 24 hours.", "at")


def put_values(draft: Draft, facts: Facts) -> Dropped | None:
    """Checks every value, leaves nulls out and rounds numbers to a millionth."""
    values: Value = draft.values
    if values is None:
        draft.values = {}
        return None
    if type(values) is not dict:
        return Dropped(Drop.BAD_VALUE, "values is an object.", "values")
    try:
        count = _admit_object(values, 2)
        if count > FIELDS_LIMIT and len(_paths(values)) > FIELDS_LIMIT:
            return Dropped(Drop.TOO_MANY_FIELDS, f"An event has at most {FIELDS_LIMIT} fields.", "values")
    except _Unfit as unfit:
        return unfit.dropped()
    return None


def put_view(draft: Draft, facts: Facts) -> Dropped | None:
    """Writes the page's address into a ``view``, and the page view onto every event."""
    page = facts.page
    if page is not None:
        if not is_id(page.id):
            return Dropped(Drop.BAD_ID, "A page view's id has 1 to 128 characters of A-Z a-z 0-9 _ . : / -.", "page.id")
        draft.page_view = PageViewId(page.id)
        if not 0 <= page.visible_ms <= LARGEST_NUMBER:
            return Dropped(Drop.BAD_VALUE, "visible_ms is a number of milliseconds, 0 or more.", "page.visible_ms")
        draft.page_visible_ms = page.visible_ms
    elif draft.name == "_recheck":
        return Dropped(Drop.BAD_VALUE, "_recheck belongs to a page view.", "page")
    values = draft.values
    names = facts.running.project.private_query
    url = values.get("url")
    if draft.name != "view":
        if names and draft.name[0] == "_" and type(url) is str:
            values["url"] = veiled(url, names)
        return None
    if facts.running.project.private_titles:
        values.pop("title", None)
    if page is not None and page.url is not None:
        for text, where in ((page.url, "page.url"), (page.title, "page.title"), (page.referrer, "page.referrer")):
            if text is not None and len(text) > URL_LIMIT:
                return Dropped(Drop.BAD_VALUE, f"A text has at most {URL_LIMIT} characters.", where)
        title = None if facts.running.project.private_titles else page.title
        referrer = None if page.referrer is None else veiled(page.referrer, names)
        put_page(values, veiled(page.url, names), title, referrer)
        return None
    if type(url) is str:
        put_page(values, veiled(url, names), None, None)
    elif url is not None:
        return Dropped(Drop.BAD_VALUE, "The url of a view is a text.", "values.url")
    return None


def put_member(draft: Draft, facts: Facts) -> Dropped | None:
    """Takes ``user_id`` out of an ``identify``, and its signature away."""
    if draft.name != "identify":
        return None
    values = draft.values
    given = values.pop("signature", None)
    user_id = values.get("user_id")
    if user_id is None:
        return None
    if type(user_id) is not str or not 0 < len(user_id) <= USER_ID_LIMIT:
        return Dropped(Drop.BAD_IDENTITY, f"user_id is a text of 1 to {USER_ID_LIMIT} characters.", "values.user_id")
    if facts.trust == "tag":
        project = facts.running.project
        asked = project.require_signed_identity or (given is not None and project.identity_secret != "")
        if asked and not (project.identity_secret and is_signed(project.identity_secret, user_id, given)):
            message = "signature is the HMAC-SHA256 of user_id with the identity secret, in hex."
            return Dropped(Drop.BAD_IDENTITY, message, "values.signature")
    draft.user_id = UserId(user_id)
    return None


def put_consent(draft: Draft, facts: Facts) -> Dropped | None:
    """Writes onto a ``consent`` how it came, and under which policy it was given."""
    if draft.name != "consent":
        return None
    values = draft.values
    purpose, state = values.get("purpose"), values.get("state")
    if type(purpose) is not str or purpose not in facts.running.purposes:
        known = ", ".join(sorted(facts.running.purposes)) or "none is configured"
        return Dropped(Drop.BAD_VALUE, f"purpose is one of the project's: {known}.", "values.purpose")
    if state not in STATES:
        return Dropped(Drop.BAD_VALUE, "state is granted, denied, withdrawn or later.", "values.state")
    sources = SOURCES if facts.trust == "console" else SAID_BY_PAGES
    if values.setdefault("source", "console" if facts.trust == "console" else "api") not in sources:
        return Dropped(Drop.BAD_VALUE, f"source is one of {', '.join(sources)}.", "values.source")
    policy = values.setdefault("policy", facts.running.plan.env.purposes[purpose].policy)
    if type(policy) is not str or len(policy) > POLICY_LENGTH:
        return Dropped(Drop.BAD_VALUE, f"policy is a text of at most {POLICY_LENGTH} characters.", "values.policy")
    text = values.get("text", "")
    if type(text) is not str or len(text) > TEXT_LENGTH:
        return Dropped(Drop.BAD_VALUE, f"text is a text of at most {TEXT_LENGTH} characters.", "values.text")
    return None


def drop_bad_end(draft: Draft, facts: Facts) -> Dropped | None:
    """How a message ended is one of a closed list; an older tag gives no reason for a release."""
    ends = _ENDS.get(draft.name)
    if ends is None:
        return None
    field, known, usual = ends
    if draft.values.get(field, usual) in known:
        return None
    return Dropped(Drop.BAD_VALUE, f"{field} is one of {', '.join(known)}.", f"values.{field}")


# The draft and the person


def drop_duplicate(draft: Draft, facts: Facts) -> Dropped | None:
    profile = facts.profile
    if profile is None or not was_seen(profile, draft.id):
        return None
    return Dropped(Drop.DUPLICATE, "This event was taken before.", "id")


def put_reservation(draft: Draft, facts: Facts) -> Dropped | None:
    """Fills campaign, action and holdout from the visitor's own reservation; without one nothing of the kind is taken."""
    if facts.trust != "tag" or draft.name[0] != "_":
        return None
    values = draft.values
    reservation = values.get("reservation")
    if reservation is None and draft.name not in OF_A_RESERVATION:
        return None
    profile = facts.profile
    lease = None
    if profile is not None:
        for known in profile.leases:
            if known.reservation == reservation:
                lease = known
                break
    if lease is None:
        return Dropped(Drop.UNKNOWN_RESERVATION, "reservation is one that this visitor was handed.", "values.reservation")
    if lease.opened_at is None and facts.received_at > lease.lapses_at:
        return Dropped(Drop.LEASE_OVER, "The place that was reserved has been given back.", "values.reservation")
    values["campaign"] = lease.campaign
    values["action"] = lease.action
    values["holdout"] = lease.holdout
    if lease.test:
        draft.test = True  # also when the test has ended since
    return None


def put_asked(draft: Draft, facts: Facts) -> Dropped | None:
    """Writes onto a consent that was given in a message which one that was, and which text; an answer is taken in any case."""
    if draft.name != "consent" or facts.trust != "tag" or facts.profile is None:
        return None
    values = draft.values
    reservation = values.pop("reservation", None)
    for lease in facts.profile.leases:
        if lease.reservation == reservation:
            values["reservation"], values["campaign"], values["action"] = lease.reservation, lease.campaign, lease.action
            values["source"], values["text"] = "template", f"{lease.action}@{lease.config}"
            draft.test = draft.test or lease.test
    return None


def drop_without_consent(draft: Draft, facts: Facts) -> Dropped | None:
    """Where a purpose named ``measure`` is configured, only ``consent`` is taken of a person who has not granted it."""
    if not facts.running.measure_asked or draft.name == "consent" or facts.trust != "tag":
        return None
    profile = facts.profile
    if profile is None or facts.running.consent(profile, "measure", facts.received_at) == "granted":
        return None
    return Dropped(Drop.CONSENT, "This person has not granted the purpose measure.", "")


BEFORE: Final[tuple[Step, ...]] = (
    drop_bad_id,
    drop_bad_name,
    drop_reserved_name,
    drop_ignored,
    put_time,
    drop_too_old,
    put_values,
    put_view,
    put_member,
    put_consent,
    drop_bad_end,
)
AFTER: Final[tuple[Step, ...]] = (drop_duplicate, drop_without_consent, put_reservation, put_asked)


def admit(draft: Draft, facts: Facts, steps: tuple[Step, ...]) -> Dropped | None:
    """Walks the steps; None when the draft came through, completed."""
    for step in steps:
        dropped = step(draft, facts)
        if dropped is not None:
            return dropped
    return None


# Values


def _well_formed(name: str) -> bool:
    if not _NAME(name):
        return False
    if len(_names) >= _NAMES_LIMIT:
        _names.clear()
    _names.add(name)
    return True


def _admit_object(values: Values, depth: int) -> int:
    """Checks and completes an object in place; the number of its fields, those of inner objects included.

    ``depth`` is that of the values inside: an event is 1, its fields are 2.
    """
    if depth > DEPTH_LIMIT:
        raise _Unfit(Drop.TOO_DEEP, f"An event is at most {DEPTH_LIMIT} levels deep.")
    count = len(values)
    nulls: list[str] | None = None
    name = ""
    try:
        for name, value in values.items():
            if name not in _names and not _well_formed(name):
                raise _Unfit(Drop.BAD_FIELD, _FIELD_NAMES)
            kind = type(value)
            if kind is str:
                if len(value) > STRING_LIMIT:
                    raise _Unfit(Drop.BAD_VALUE, _TEXTS)
            elif kind is int:
                if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
                    raise _Unfit(Drop.BAD_VALUE, _NUMBERS)
            elif value is None:
                nulls = [name] if nulls is None else [*nulls, name]
            elif kind is dict:
                count += _admit_object(value, depth + 1)
            elif kind is not bool:
                values[name], inner = _admitted(value, depth)
                count += inner
    except _Unfit as unfit:
        unfit.path.append(name[:128])
        raise
    if nulls is not None:
        for name in nulls:
            del values[name]
    return count


def _admitted(value: Value, depth: int) -> tuple[Value, int]:
    kind = type(value)
    if kind is float or kind is int:
        try:
            return admitted_number(value), 0
        except ValueError:
            raise _Unfit(Drop.BAD_VALUE, _NUMBERS) from None
    if kind is list:
        return _admitted_list(value, depth)
    if kind is dict:
        return value, _admit_object(value, depth + 1)
    if kind is str and len(value) > STRING_LIMIT:
        raise _Unfit(Drop.BAD_VALUE, _TEXTS)
    return value, 0


def _admitted_list(values: list[Value], depth: int) -> tuple[list[Value], int]:
    if depth >= DEPTH_LIMIT:
        raise _Unfit(Drop.TOO_DEEP, f"An event is at most {DEPTH_LIMIT} levels deep.")
    admitted: list[Value] = []
    count = index = 0
    try:
        for index, item in enumerate(values):  # noqa: B007  (the handler reads it)
            if item is not None:
                inner, fields = _admitted(item, depth + 1)
                admitted.append(inner)
                count += fields
    except _Unfit as unfit:
        unfit.path.append(str(index))
        raise
    return admitted, count


def _paths(values: Values) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    _reach(values, (), found)
    return found


def _reach(value: Value, path: tuple[str, ...], found: set[tuple[str, ...]]) -> None:
    if type(value) is dict:
        for name, inner in value.items():
            found.add((*path, name))
            _reach(inner, (*path, name), found)
    elif type(value) is list:
        for inner in value:
            _reach(inner, path, found)
