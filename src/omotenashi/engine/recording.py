"""Whose screen is recorded: asked at every page view, and again at every chunk, of the profile as it is then.

There are two ways in: the project's own rule, and a campaign that delivers the recorder. Whoever came in by a campaign is
recorded until its audience is not true of them any more, or their visit ends.
"""

from hashlib import sha256

from msgspec import Struct

from omotenashi.model.campaigns import RECORDER, Campaign, Recorder
from omotenashi.model.ids import CampaignId, Instant, ProjectId, SessionId, VisitorId
from omotenashi.model.profiles import Profile, Stream
from omotenashi.model.reasons import NotRecorded
from omotenashi.model.rules import EVERYONE
from omotenashi.model.values import Values

from .arms import WHOLE
from .plan import Plan, born
from .rules import evaluate
from .schedule import is_open
from .stamp import SESSION_GAP_MS
from .statistics import used_by

MEASURE = "measure"


class Recorded(Struct, frozen=True):
    """This visit is recorded. ``campaign`` is "" where the project's own rule says so."""

    session: SessionId
    until: Instant  # the latest instant at which anything is taken
    campaign: CampaignId | str = ""


class Recording:
    """What a plan says of recording, made ready to be asked often."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.recorder = plan.project.recorder or Recorder(by="campaign")
        self.delivering = tuple(c for c in plan.campaigns if c.live and is_recorder(c))
        self.by_rule = self.recorder.by == "rule" and plan.project.recorder is not None
        self.is_off = not self.by_rule and not self.delivering
        self._who = evaluate.closure(plan.recorded, plan.env)
        self._pages = evaluate.closure(self.recorder.pages, plan.env)
        self._is_ready = all(born(key) <= plan.ready for key in used_by(plan.recorded, plan.segments))
        self._open = {c.id: is_open(c.schedule, plan.calendar) for c in self.delivering}

    def asked(self, p: Profile, visitor: VisitorId, page: Values | None, now: Instant) -> Recorded | NotRecorded:
        """Whether this browser's visit is recorded on a page with these values; None when the page is not known any more.

        The first reason is given, in the order in which they are looked at.
        """
        project = self.plan.project
        if project.recording_stopped:
            return NotRecorded.STOPPED
        if self.is_off:
            return NotRecorded.OFF
        if MEASURE in self.plan.env.purposes and self.plan.consent(p, MEASURE, now) != "granted":
            return NotRecorded.NO_CONSENT
        stream = p.streams.get(visitor)
        if stream is None or now - stream.last_at > SESSION_GAP_MS:
            return NotRecorded.OVER
        why = self._by_rule(p, stream, page, now) if self.by_rule else NotRecorded.AUDIENCE
        campaign: CampaignId | str = ""
        if why is not None:
            campaign = next((c.id for c in self.delivering if self._is_delivered(c, p, stream, page, now)), "")
            if not campaign:
                return why
        until = stream.started_at + self.recorder.max_minutes * 60_000
        return Recorded(stream.session, Instant(until), campaign) if now <= until else NotRecorded.TOO_LONG

    def _by_rule(self, p: Profile, stream: Stream, page: Values | None, now: Instant) -> NotRecorded | None:
        """Why the project's own rule leaves this visit out; None when it does not."""
        recorder = self.recorder
        if recorder.consent is not None and self.plan.consent(p, recorder.consent, now) != "granted":
            return NotRecorded.NO_CONSENT
        if not (self._is_ready and self._who(p, {}, now)):
            return NotRecorded.AUDIENCE
        if recorder.pages != EVERYONE and (page is None or not self._pages(p, page, now)):
            return NotRecorded.PAGE
        return None if is_sampled(self.plan.project.id, stream.session, recorder.share) else NotRecorded.SAMPLE

    def _is_delivered(self, c: Campaign, p: Profile, stream: Stream, page: Values | None, now: Instant) -> bool:
        delivery = p.deliveries.get(c.id)
        return (
            delivery is not None
            and delivery.exposed_session == stream.session
            and not delivery.exposed_holdout
            and self._open[c.id](now)
            and (c.consent is None or self.plan.consent(p, c.consent, now) == "granted")
            and c.id not in self.plan.preparing
            and self.plan.closure(c.id, "audience")(p, {}, now)
            and (c.pages == EVERYONE or (page is not None and self.plan.closure(c.id, "pages")(p, page, now)))
        )


def is_recorder(c: Campaign) -> bool:
    """Whether what the campaign delivers is the recorder."""
    return any(action.template == RECORDER for action in c.actions)


def is_sampled(project: ProjectId, session: SessionId, share: int) -> bool:
    """Whether a visit is among the ``share`` (in tenths of a percent) that is recorded: of the same visit always the same."""
    digest = sha256(f"{project}/_record/{session}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * WHOLE >> 64 < share
