"""The road that every event takes, whoever sent it: person, admission, turn, log, answer.

A `Passage` is one request's way through. From its first event to its `close` nothing awaits, so everything a
person does is in one order, and what a decision sees is what the log will say. If anything on the way breaks,
the profiles in memory may be ahead of the log: then nobody is served until they have been folded again.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from secrets import token_hex

from omotenashi.engine.decide import shape_of
from omotenashi.engine.forget import Forgotten, forget, withdrawal
from omotenashi.engine.recent import was_seen
from omotenashi.engine.trial import Verdict
from omotenashi.engine.turn import Handed, again, lacks_bases, merge, put_bases, turn
from omotenashi.ledger.port import Busy, LedgerError, LogWriter, StorageFailed
from omotenashi.model.drafts import Draft
from omotenashi.model.entries import LogEntry
from omotenashi.model.ids import EventId, Instant, PersonId, UserId, VisitorId
from omotenashi.model.outcomes import Shown
from omotenashi.model.profiles import Profile
from omotenashi.model.reasons import Drop, Refusal, Unopened
from omotenashi.model.wire import Looked, Message, Rejected, Traced

from .admit import AFTER, BEFORE, Dropped, Facts, admit
from .identity import made_visitor, second_visitor
from .listening import HEEDED, Listening
from .metrics import Metrics
from .ports import Office, People, Writer
from .projects import Projects, Running
from .request import Refused
from .turned_away import Refusals

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1


class Road:
    """What all passages share."""

    def __init__(
        self,
        log: LogWriter,
        people: People,
        office: Office,
        projects: Projects,
        write: Writer,
        secret: bytes,
        clock: Callable[[], Instant],
        metrics: Metrics,
    ) -> None:
        self.log = log
        self.people = people
        self.office = office
        self.projects = projects
        self.write = write
        self.secret = secret
        self.clock = clock
        self.metrics = metrics
        self.refusals = Refusals()
        self.listening = Listening()
        self.began = clock()
        self.recovery: asyncio.Task[None] | None = None
        self.epoch = 0
        """Counts recoveries: positions from before one mean nothing after it."""
        self._start = token_hex(6)
        self._unused = 0

    def unused(self) -> str:
        """A number that no id of this process has had: names what came without a name."""
        self._unused += 1
        return f"{self._start}-{self._unused}"

    def open(self, running: Running) -> "Passage":
        """Begins a request. Raises ``Refused``, before anything is folded, when the log would not take it."""
        if self.recovery is not None:
            raise storage_failed()
        try:
            self.people.ready()
            if self.projects.unannounced:
                self.projects.announce()
        except Busy:
            raise Refused(Refusal.BUSY, "Too much is waiting to be written; keep it and try again.", "", RETRY_SECONDS) from None
        except LedgerError:
            self.recover()
            raise storage_failed() from None
        return Passage(self, running)

    async def on_disk(self, position: int, merged: bool = False) -> None:
        """Returns when everything up to ``position`` is on disk. Raises ``Refused`` and begins recovery if it never will be."""
        try:
            await self.log.committed(position)
            if merged:
                await self.people.settled(position)
        except LedgerError:
            self.recover()
            raise storage_failed() from None

    def recover(self) -> None:
        """Throws away what memory believes and folds it again from disk, in the background; once at a time."""
        if self.recovery is None:
            self.epoch += 1
            self.recovery = asyncio.get_running_loop().create_task(self._recover())

    async def _recover(self) -> None:
        self.metrics.recoveries += 1
        pause = 0.05
        while True:
            try:
                with suppress(StorageFailed):
                    await self.log.committed(self.log.appended)
                await self.people.reload()
                break
            except LedgerError as error:
                logger.warning("The storage does not recover yet: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
        self.projects.announce_again()
        self.recovery = None


def storage_failed() -> Refused:
    """The refusal of everybody while the log does not take anything."""
    return Refused(Refusal.STORAGE_FAILED, "The storage does not answer; keep it and try again.", "", RETRY_SECONDS)


class Passage:
    """One request on the road. ``rejected``, ``messages`` and the rest are for its answer.

    ``ahead``: a profile was changed, so that it may be ahead of the log until `close`.
    """

    __slots__ = (
        "_aliases",
        "_changed",
        "_erased",
        "_members",
        "_merges",
        "_new_members",
        "_profiles",
        "_repeated_at",
        "_road",
        "_touched",
        "accepted",
        "ahead",
        "entries",
        "messages",
        "moved_to",
        "now",
        "recheck_ms",
        "rejected",
        "running",
        "trace",
    )

    def __init__(self, road: Road, running: Running) -> None:
        self._road = road
        self.running = running
        self.now = road.projects.at(running.id)
        self.entries: list[LogEntry] = []
        self.ahead = False
        self.accepted = 0
        self.rejected: list[Rejected] = []
        self.messages: list[Message] = []
        self.recheck_ms: int | None = None
        self.moved_to: VisitorId | None = None
        self.trace: list[Traced] | None = None
        self._repeated_at = 0
        self._changed: list[Profile] = []
        self._erased = False
        self._profiles: dict[PersonId, Profile] = {}
        self._touched: dict[PersonId, Profile] = {}
        self._aliases: dict[VisitorId, PersonId] | None = None
        self._members: dict[UserId, PersonId] | None = None
        self._new_members: list[tuple[UserId, PersonId]] = []
        self._merges: list[tuple[Profile, PersonId]] = []

    # People

    def visitor(self, visitor: VisitorId) -> Profile:
        """The person behind a visitor id, known or new."""
        if self._aliases is not None and visitor in self._aliases:
            return self.person(self._aliases[visitor])
        return self.person(self._road.people.resolve(self.running.id, visitor))

    def person(self, person: PersonId) -> Profile:
        """A profile that lacks nothing: with every entry before this one and every back-filled base that is ready."""
        profile = self._profiles.get(person)
        if profile is None:
            profile = self._road.people.get(self.running.id, person)
            plan = self.running.plan
            if profile.seq == 0:
                profile.based = {person: plan.version}
            elif lacks_bases(profile, plan):
                self.ahead = True
                put_bases(profile, partial(self._road.office.bases, self.running.id), plan)
            self._profiles[person] = profile
        return profile

    def member(self, user_id: UserId) -> tuple[Profile, VisitorId]:
        """The person that has this ``user_id``, made if there is none yet, and a visitor id to log it under."""
        known = self._member(user_id)
        if known is not None:
            return self.person(known), VisitorId(known)
        visitor = made_visitor(self._road.secret, self.running.id, user_id)
        profile = self.visitor(visitor)
        self._remember(user_id, profile.person)
        return profile, visitor

    def _member(self, user_id: UserId) -> PersonId | None:
        if self._members is not None and user_id in self._members:
            return self._members[user_id]
        return self._road.people.member(self.running.id, user_id)

    def _remember(self, user_id: UserId, person: PersonId) -> None:
        if self._members is None:
            self._members = {}
        self._members[user_id] = person
        self._new_members.append((user_id, person))

    def identify(self, draft: Draft, profile: Profile, user_id: UserId) -> Profile:
        """Who this browser is from here on.

        A visitor becomes the member, or is merged into the one there is. A browser that is another member
        already goes on under a second visitor id, which ``moved_to`` tells it.
        """
        if profile.user_id == user_id:
            return profile
        if profile.user_id is not None:
            draft.visitor = self.moved_to = second_visitor(self._road.secret, self.running.id, draft.visitor, user_id)
            profile = self.visitor(draft.visitor)
            if profile.user_id == user_id:
                return profile
        known = self._member(user_id)
        if known is None or known == profile.person:
            self._remember(user_id, profile.person)
            return profile
        into = self.person(known)
        self.ahead = True
        self.entries.append(merge(into, profile, user_id, draft, max(self.now, into.now, profile.now), self.running.plan))
        self._merges.append((into, profile.person))
        self._profiles.pop(profile.person, None)
        self._touched.pop(profile.person, None)
        self._touched[into.person] = into
        if self._aliases is None:
            self._aliases = {}
        for visitor, person in self._aliases.items():
            if person == profile.person:
                self._aliases[visitor] = into.person
        self._aliases[draft.visitor] = into.person
        self._aliases[VisitorId(profile.person)] = into.person
        self._road.metrics.merges += 1
        return into

    # Events

    def admitted(self, draft: Draft, facts: Facts) -> bool:
        """Whether the draft passes the steps that need no person; if not, it is answered by its index."""
        dropped = admit(draft, facts, BEFORE)
        if dropped is None:
            return True
        self.drop(draft.index, dropped, draft.id, draft.name)
        return False

    def take(self, draft: Draft, facts: Facts, profile: Profile) -> Profile:
        """Takes an admitted draft through the rest of the road; the person whose next event it would be."""
        steps = AFTER
        if draft.user_id is not None and draft.name == "identify":
            if was_seen(profile, draft.id):
                steps = AFTER[:1]
            else:
                profile = self.identify(draft, profile, draft.user_id)
        facts.profile = profile
        dropped = admit(draft, facts, steps)
        if dropped is not None:
            if dropped.code is Drop.DUPLICATE:
                self._repeated_at = max(self._repeated_at, self._road.people.position(self.running.id, profile.person))
                if draft.fetch:
                    self._hand(again(profile, draft.id, max(self.now, profile.now), self.running.plan), draft, profile)
            self.drop(draft.index, dropped, draft.id, draft.name)
            return profile
        self.fold(draft, profile)
        return profile

    def fold(self, draft: Draft, profile: Profile) -> None:
        """Stamps, folds and decides; what comes of it is in ``entries`` and ``messages``."""
        now = self.now if self.now >= profile.now else profile.now
        self.ahead = True
        taken = turn(profile, draft, now, self.running.plan)
        if draft.name in HEEDED:
            self._changed.append(profile)
        self.entries += taken.entries
        self._touched[profile.person] = profile
        self.accepted += 1
        if taken.handed:
            self._hand(taken.handed, draft, profile)
        recheck_ms = taken.recheck_ms
        if recheck_ms is not None and (self.recheck_ms is None or recheck_ms < self.recheck_ms):
            self.recheck_ms = recheck_ms
        if draft.trial is not None:
            language = draft.language or self.running.project.language
            written = {message.reservation for message in self.messages}
            told = (traced(draft.id, each, self.running, language, written) for each in taken.verdicts)
            self.trace = [*(self.trace or ()), *told]

    def drop(self, index: int, dropped: Dropped, event_id: str = "", name: str = "") -> None:
        """Answers and counts an event that is left out."""
        self._road.metrics.dropped[dropped.code] += 1
        if dropped.code is not Drop.DUPLICATE:
            self._road.refusals.note(self.running.id, name, dropped.code, dropped.where, dropped.message, self.now)
        self.rejected.append(Rejected(index, dropped.code, dropped.message, dropped.where, event_id[:128]))

    def _hand(self, handed: list[Handed], draft: Draft, profile: Profile) -> None:
        for each in handed:
            message = self._written(each, draft)
            if message is None:
                self._give_back(each, draft, profile)
            else:
                self.messages.append(message)

    def _written(self, handed: Handed, draft: Draft) -> Message | None:
        reserved = handed.reserved
        running = self.running
        html = css = script = ""
        shape = handed.action
        if reserved.holdout:
            self._road.metrics.holdouts += 1
            campaign = running.plan.by_id.get(reserved.campaign)
            shape = shape if campaign is None else shape_of(campaign, shape)
        else:
            context = handed.context
            if "language" not in context:
                context["language"] = draft.language or running.project.language
            try:
                html, css, script = self._road.write(running.project, handed.action, context)
            except Exception:
                logger.exception("Campaign %s, action %s: its text could not be written", reserved.campaign, reserved.action)
                return None
            self._road.metrics.messages += 1
        template = running.project.templates.get(shape.template)
        return Message(
            reservation=reserved.reservation,
            campaign=reserved.campaign,
            action=reserved.action,
            kind="script" if reserved.script else "modal" if template is None else template.kind,
            until=reserved.until,
            valid_ms=max(0, reserved.until - self.now),
            display=shape.display,
            exclusive=reserved.exclusive,
            holdout=reserved.holdout,
            html=html,
            css=css,
            script=script,
            protect=running.project.protect,
        )

    def _give_back(self, handed: Handed, draft: Draft, profile: Profile) -> None:
        """A text that cannot be written leaves its place to others, and a trace in the person's story."""
        self._road.metrics.unwritten += 1
        reserved = handed.reserved
        for name, why in (("_error", {"message": "unwritten"}), ("_release", {"reason": Unopened.UNWRITTEN.value})):
            event = Draft(
                id=EventId(f"{draft.id}.{name}.{reserved.reservation}"),
                name=name,
                values={
                    "reservation": reserved.reservation,
                    "campaign": reserved.campaign,
                    "action": reserved.action,
                    **why,
                },
                at=draft.at,
                received_at=draft.received_at,
                index=draft.index,
                visitor=draft.visitor,
                user_id=draft.user_id,
                page_view=draft.page_view,
                fetch=False,
                test=draft.test,
            )
            if not was_seen(profile, event.id):
                now = max(self.now, profile.now)
                self.entries += turn(profile, event, now, self.running.plan).entries
                self._touched[profile.person] = profile

    # The end

    def close(self) -> int:
        """Appends everything at once; the position that must be on disk before the answer may leave."""
        road = self._road
        if not self.entries:
            return self._repeated_at
        forgotten = self._forget() if self._changed else []
        position = road.log.append([*self.entries, *(entry for each in forgotten for entry in (each.erased, *each.said))])
        project = self.running.id
        people = road.people
        for profile in self._touched.values():
            people.touched(project, profile, position)
        for user_id, person in self._new_members:
            people.remember_user(project, user_id, person, position)
        for into, absorbed in self._merges:
            people.merged(project, into, absorbed, position)
        for profile in self._changed:
            road.listening.wake(project, profile.streams)
        self._put_forgotten(forgotten, position)
        return position

    def _forget(self) -> list[Forgotten]:
        """Whoever has withdrawn, on this way, what all of them was collected for."""
        plan = self.running.plan
        told: list[Forgotten] = []
        changed = {profile.person: profile for profile in (self.visitor(VisitorId(one.person)) for one in self._changed)}
        for profile in changed.values():
            cause = withdrawal(profile, plan.project)
            if cause is not None and any(entry.id == cause for entry in self.entries):
                told.append(forget(profile, cause, max(self.now, profile.now), plan))
                self.messages = []
        return told

    def _put_forgotten(self, forgotten: list[Forgotten], position: int) -> None:
        """``position`` is that of the last entry; each erasure stands before what is said again behind it."""
        people, project = self._road.people, self.running.id
        at = position - sum(1 + len(each.said) for each in forgotten)
        for each in forgotten:
            people.erased(project, each.erased.people, at + 1)
            at += 1 + len(each.said)
            for profile in each.profiles:
                people.touched(project, profile, at)
        self._erased = bool(forgotten)

    @property
    def merged(self) -> bool:
        """Whether two people became one on the way, or one was forgotten; then the answer waits for more than the log."""
        return bool(self._merges) or self._erased

    def abandon(self, error: BaseException) -> Refused:
        """What is answered when the way broke off in the middle.

        When a profile may be ahead of the log, or the disk refuses, everything in memory is folded again from disk.
        """
        if isinstance(error, Refused) and not self.ahead:
            return error
        if isinstance(error, LedgerError):
            self._road.recover()
            return storage_failed()
        if self.ahead:
            self._road.recover()
        self._road.metrics.failures += 1
        logger.error("A request broke off", exc_info=error)
        return Refused(Refusal.INTERNAL, "Something broke here; it is not your fault. Keep it and try again.", "", RETRY_SECONDS)


def traced(event: EventId, verdict: Verdict, running: Running, language: str, written: set[str]) -> Traced:
    """One verdict in the words of the page's language; ``written`` are the reservations whose messages could be written."""
    gate, outcome = verdict
    ja = language.startswith("ja")
    told = Traced(event, outcome.campaign, running.plan.by_id[outcome.campaign].name, gate.name.lower(), outcome.action or "")
    if isinstance(outcome, Shown):
        if outcome.reserved.reservation in written:
            told.reservation = outcome.reserved.reservation
        else:
            told.gate = "unwritten"
        return told
    told.winner = outcome.winner or ""
    told.compared = tuple(
        Looked(row.subject_ja if ja else row.subject_en, row.wanted_ja if ja else row.wanted_en, row.found)
        for row in outcome.compared
    )
    return told
