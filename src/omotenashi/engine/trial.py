"""Test delivery: who tests, what they are shown regardless of who they are, and why the rest was withheld.

A test link carries a token that the project's secret has sealed. Whatever is decided for a test is marked as one:
it takes no place, counts in no cap, moves nobody into an arm and reaches no goal.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

import msgspec
from msgspec import Struct

from omotenashi.model.campaigns import Action, Campaign, Testers
from omotenashi.model.entries import Event
from omotenashi.model.ids import ActionId, CampaignId, Instant, ProjectId
from omotenashi.model.outcomes import Compared, Gate, Outcome, Shown, Withheld
from omotenashi.model.profiles import Profile, attribute
from omotenashi.model.trials import Trial
from omotenashi.model.values import Values

from .decide import Decision, arm_of, reservation, rest, soonest_recheck, winner_over
from .explain import why
from .plan import Listening, Plan
from .rules.explain import Names, compared

LONGEST_TOKEN: Final = 4_096
MOST_COMPARED: Final = 3
"""How many failed comparisons one verdict tells."""

Verdict = tuple[Gate, Outcome]
"""What became of one campaign, and the comparisons that failed."""


class _Said(Struct, frozen=True, array_like=True, omit_defaults=True):
    """What a token says. A link that is not of a fitting is as short as before there were any."""

    project: str
    campaigns: tuple[CampaignId, ...]
    actions: tuple[ActionId, ...]
    drafts: bool
    until: int
    fitting: str = ""


_body = msgspec.json.Decoder(_Said)


def token(secret: str, project: ProjectId, trial: Trial) -> str:
    """The trial as text for an address: its JSON and 128 bits of HMAC-SHA256 over it, both in base64url."""
    body = msgspec.json.encode(_Said(project, trial.campaigns, trial.actions, trial.drafts, trial.until, trial.fitting))
    return f"{_letters(body)}.{_letters(_seal(secret, body))}"


def opened(secret: str, project: ProjectId, said: str, now: Instant) -> Trial | None:
    """What the token lets its browser see; None when this project has not sealed it, or when its time is over."""
    if not secret or len(said) > LONGEST_TOKEN:
        return None
    written, _, seal = said.partition(".")
    try:
        body = _bytes(written)
        if not hmac.compare_digest(_bytes(seal), _seal(secret, body)):
            return None
        told = _body.decode(body)
    except (ValueError, msgspec.DecodeError):
        return None
    if told.project != project or told.until <= now:
        return None
    return Trial(told.drafts, told.campaigns, told.actions, Instant(told.until), told.fitting)


def introduction(secret: str, project: ProjectId, who: str, visitor: str) -> str:
    """A note that this member of staff was seen on the site as this visitor; "" where the project has no secret yet."""
    if not secret:
        return ""
    # Neither a test link's seal nor a user id's signature begins with this byte.
    return _letters(hmac.digest(secret.encode(), b"\xfe" + msgspec.json.encode((project, who, visitor)), "sha256")[:16])


def _seal(secret: str, body: bytes) -> bytes:
    # The same secret signs user ids. No user id begins with this byte, so neither signature can stand for the other.
    return hmac.digest(secret.encode(), b"\xff" + body, "sha256")[:16]


def _letters(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def _bytes(letters: str) -> bytes:
    return urlsafe_b64decode(letters + "=" * (-len(letters) % 4))


def is_tester(testers: Testers, p: Profile, visitor: str, user_id: str | None, name: str, values: Values) -> bool:
    """Whether the project names this browser, or this person, as they are or as the event at hand says they are."""
    if visitor in testers.visitors or (p.user_id if user_id is None else user_id) in testers.user_ids:
        return True
    mails = attribute(p, "email")
    if name in ("identify", "attribute"):
        mails = [*mails, values.get("email")]  # type: ignore[list-item]
    return any(type(mail) is str and mail.lower() in testers.mails for mail in mails)


def decide_on_trial(
    p: Profile, e: Event, v: Values, g: Values, plan: Plan, listening: Listening, now: Instant, trial: Trial
) -> tuple[Decision, list[Verdict]]:
    """As `decide.decide`, and the verdict on every campaign that listens, in deciding order.

    What the trial shows comes first. For it the trigger, the pages, consent, the emergency stop and one message at a time
    still hold; audience, schedule, frequency, stop, holdout, cap and gap do not.
    """
    campaigns = listening.campaigns
    gates = listening.screen(p, v, g, now)
    shown: list[Shown] = []
    suppressed: list[Withheld] = []
    verdicts: dict[int, Verdict] = {}
    for place in sorted(range(len(campaigns)), key=lambda at: not trial.shows(campaigns[at])):
        campaign = campaigns[place]
        if trial.fitting and campaign.id in trial.campaigns:
            gate, outcome = Gate.NOT_ANSWERABLE, Withheld(campaign.id, Gate.NOT_ANSWERABLE)
        elif trial.shows(campaign):
            gate, outcome = _freely(p, e, v, g, campaign, plan, now, trial, shown)
        elif gates[place]:
            gate, outcome = gates[place], Withheld(campaign.id, Gate(gates[place]))
        else:
            gate, outcome = rest(p, e, v, campaign, plan, now, shown)
        gates[place] = gate
        if isinstance(outcome, Shown):
            shown.append(outcome)
        else:
            if outcome.gate is Gate.SUPPRESSED:
                suppressed.append(outcome)
            outcome = msgspec.structs.replace(outcome, compared=_failed(p, e, v, g, campaign, plan, now, outcome.gate))
        verdicts[place] = (Gate(gate), outcome)
    recheck_ms = soonest_recheck(p, e, gates, listening, plan, now)
    return Decision(bytes(gates), shown, suppressed, recheck_ms), [verdicts[place] for place in range(len(campaigns))]


def _freely(
    p: Profile, e: Event, v: Values, g: Values, c: Campaign, plan: Plan, now: Instant, trial: Trial, shown: list[Shown]
) -> tuple[int, Outcome]:
    """The gates that hold for a test too."""
    if plan.project.messages_stopped:
        return Gate.STOPPED_BY_SWITCH, Withheld(c.id, Gate.STOPPED_BY_SWITCH)
    if not plan.closure(c.id, "where")(p, v, now):
        return Gate.TRIGGER, Withheld(c.id, Gate.TRIGGER)
    if not plan.closure(c.id, "pages")(p, g, now):
        return Gate.PAGE, Withheld(c.id, Gate.PAGE)
    if c.consent is not None and plan.consent(p, c.consent, now) != "granted":
        return Gate.CONSENT, Withheld(c.id, Gate.CONSENT)
    action = _arm(p, c, plan, trial)
    if action is None:
        return Gate.ARM, Withheld(c.id, Gate.ARM)
    if plan.missing_variable(action, p, v, now) is not None:
        return Gate.MISSING_VARIABLE, Withheld(c.id, Gate.MISSING_VARIABLE, action=action.id)
    if c.exclusive:
        winner = winner_over(p, e, now, shown)
        if winner is not None:
            return Gate.SUPPRESSED, Withheld(c.id, Gate.SUPPRESSED, winner=winner, action=action.id)
    return Gate.SHOWN, Shown(c.id, action.id, reservation(p, e, c, action, now, len(shown)))


def _arm(p: Profile, c: Campaign, plan: Plan, trial: Trial) -> Action | None:
    """The arm that was asked for, else the person's own, else the first that shows anything."""
    visible = [action for action in c.actions if not action.holdout]
    for action in visible:
        if action.id in trial.actions:
            return action
    own = arm_of(p, c, p.deliveries.get(c.id), plan)
    if own is not None and not own.holdout:
        return own
    return visible[0] if visible else None


def _failed(
    p: Profile, e: Event, v: Values, g: Values, c: Campaign, plan: Plan, now: Instant, gate: Gate
) -> tuple[Compared, ...]:
    """The first comparisons that failed at this gate, as far as they can be told."""
    project = plan.project
    names = Names(
        {str(segment): name for segment, name in project.segment_names.items()},
        project.event_names,
        project.derived,
        plan.calendar,
    )
    match gate:
        case Gate.AUDIENCE:
            rows = compared(c.audience, p, {}, now, plan.env, names)
        case Gate.TRIGGER:
            rows = compared(c.where, p, v, now, plan.env, names)
        case Gate.PAGE:
            rows = compared(c.pages, p, g, now, plan.env, names)
        case Gate.SUPPRESSED:
            rows = ()
        case _:
            told = why(p, c.id, e, g, plan, now, names)
            rows = told.compared if told.gate is gate else ()
    return tuple(row for row in rows if not row.passed)[:MOST_COMPARED]
