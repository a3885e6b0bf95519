"""The projects that this edge serves, each compiled, replaced whole when the office says something new.

A request keeps the `Running` that it began with; the next one gets the new one. Nothing is ever half new.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

import msgspec

from omotenashi.engine.fold import fold
from omotenashi.engine.merge import absorb
from omotenashi.engine.plan import Plan, build
from omotenashi.engine.recording import Recording
from omotenashi.ledger.port import LedgerError, Switches
from omotenashi.model.campaigns import Key, Project
from omotenashi.model.entries import Config, LogEntry, Merged
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId
from omotenashi.model.profiles import Profile

from .ports import Office

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.2

Network = IPv4Network | IPv6Network


class Networks:
    """Addresses and networks in CIDR notation, asked whether they contain one. Answers are remembered."""

    __slots__ = ("_known", "_networks")

    def __init__(self, names: Iterable[str]) -> None:
        self._networks: list[Network] = [ip_network(name, strict=False) for name in names]
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str) -> bool:
        if not self._networks:
            return False
        known = self._known.get(address)
        if known is None:
            if len(self._known) >= 10_000:
                self._known.clear()
            known = self._known[address] = self._find(address)
        return known

    def _find(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._networks)


class Running:
    """One project at one version, with what each request asks of it at hand."""

    __slots__ = (
        "asked",
        "id",
        "ignored",
        "kinds",
        "measure_asked",
        "origins",
        "plan",
        "project",
        "purposes",
        "recording",
        "staff",
        "testers",
    )

    def __init__(self, project: Project, ready: int) -> None:
        self.id: ProjectId = project.id
        self.project = project
        self.plan: Plan = build(project, ready)
        self.recording = Recording(self.plan)
        self.purposes = frozenset(purpose.name for purpose in project.purposes)
        self.asked = frozenset(campaign.asks for campaign in project.campaigns if campaign.live and campaign.asks is not None)
        self.measure_asked = "measure" in self.purposes
        self.origins = frozenset(origin.rstrip("/").lower() for origin in project.origins)
        self.staff = Networks(project.staff_addresses)
        self.kinds = {key.key: key.kind for key in project.keys}
        self.testers = project.testers
        self.ignored = frozenset(project.ignored)

    def consent(self, profile: Profile, purpose: str, now: Instant) -> str:
        """The state of one purpose, for one person, at one instant."""
        return self.plan.consent(profile, purpose, now)


class Setting(msgspec.Struct, frozen=True):
    """What the office says of one project: its head, whether its bases stand, its switches."""

    project: ProjectId
    version: int
    ready: int
    switches: Switches
    keys: tuple[Key, ...]


class Projects:
    """Looks at the office five times a second and keeps `by_key` and `by_id` current.

    ``append`` writes entries to the log; ``since`` is the log's last ``now``, before which no clock starts. Each new
    version is announced in the log by a `Config` entry before the first entry that was made under it; a restart
    announces again, so the first marker of a version counts.
    """

    def __init__(
        self, office: Office, clock: Callable[[], Instant], append: Callable[[list[LogEntry]], int], since: Instant
    ) -> None:
        self._office = office
        self._clock = clock
        self._append = append
        self._settings: dict[ProjectId, Setting] = {}
        self._documents: dict[ProjectId, Project] = {}
        self._now: dict[ProjectId, Instant] = {}
        self._since = since
        self._unknown: dict[ProjectId, Plan] = {}  # in the log, but not in the office any more
        self.unannounced: set[ProjectId] = set()
        self.by_id: dict[ProjectId, Running] = {}
        self.by_key: dict[str, Running] = {}
        self.origins: frozenset[str] = frozenset()
        self.any_origin = False

    def look(self) -> None:
        """Takes over everything the office says, at once: before the people are read, and in tests."""
        self._office.changed()
        for setting in self._news():
            running = self._compiled(setting)
            if running is not None:
                self._put(setting, running)

    def fold(self, profile: Profile, entry: LogEntry) -> Profile:
        """How the ledger folds what its rows lack: as the edge did when the entry was made."""
        if profile.seq == 0:
            profile.based = {profile.person: entry.config}
        return fold(profile, entry, self._plan(entry.project))

    def merge(self, into: Profile, absorbed: Profile, entry: Merged) -> Profile:
        """The same for two people who became one."""
        for profile in (into, absorbed):
            if profile.seq == 0:
                profile.based = {profile.person: entry.config}
        return absorb(into, absorbed, entry, self._plan(entry.project))

    def _plan(self, project: ProjectId) -> Plan:
        running = self.by_id.get(project)
        if running is not None:
            return running.plan
        return self._unknown.setdefault(project, build(Project(project, project), 0))

    async def watch(self) -> None:
        """Looks for ever. Compiling happens in a thread, so that answers go on meanwhile."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                for setting in self._news() if self._office.changed() else ():
                    running = await asyncio.to_thread(self._compiled, setting)
                    if running is not None:
                        self._put(setting, running)
                if self.unannounced:
                    self.announce()
            except LedgerError as error:
                logger.warning("The projects could not be looked at: %s", error)

    def _news(self) -> list[Setting]:
        """What the office says and this edge does not do yet."""
        office = self._office
        said = [
            Setting(project, version, office.ready_version(project), office.switches(project), tuple(office.keys(project)))
            for project, version in office.heads().items()
        ]
        return [setting for setting in said if self._settings.get(setting.project) != setting]

    def _compiled(self, setting: Setting) -> Running | None:
        """The project as the office wants it; None when it cannot be compiled, so that what runs goes on."""
        document = self._documents.get(setting.project)
        if document is None or document.version != setting.version:
            document = self._office.configuration(setting.project, setting.version)
            self._documents[setting.project] = document = msgspec.structs.replace(document, version=setting.version)
        project = msgspec.structs.replace(
            document,
            messages_stopped=setting.switches.messages_stopped,
            recording_stopped=setting.switches.recording_stopped,
            keys=tuple(dict.fromkeys((*document.keys, *setting.keys))),
        )
        try:
            return Running(project, setting.ready)
        except Exception:  # whatever one project says, the others are served
            logger.exception("Version %d of project %s cannot be compiled", setting.version, setting.project)
            return None

    def _put(self, setting: Setting, running: Running) -> None:
        known = self._settings.get(setting.project)
        self._settings[setting.project] = setting
        if known is None or known.version != setting.version:
            self.unannounced.add(setting.project)
        self.by_id[setting.project] = running
        self.by_key = {key: each for each in self.by_id.values() for key in each.kinds}
        self.origins = frozenset(origin for each in self.by_id.values() for origin in each.origins)
        self.any_origin = any(not each.origins for each in self.by_id.values())

    def announce(self) -> None:
        """Writes the marker of every version that has none since the start; `Road.open` does so before it folds.

        Raises what the log raises; the rest is then announced another time.
        """
        for project in list(self.unannounced):
            now = self.at(project)
            version = self._settings[project].version
            marker = Config(
                project=project,
                person=PersonId(""),
                seq=0,
                now=now,
                config=version,
                at=now,
                received_at=now,
                index=0,
                id=EventId(f"config-{version}"),
            )
            self._append([marker])
            self.unannounced.discard(project)

    def announce_again(self) -> None:
        """After the log lost what was not on disk: every marker is to be written again."""
        self.unannounced.update(self._settings)

    def at(self, project: ProjectId) -> Instant:
        """The project's decision clock: the real one, or the last it said, whichever is later."""
        now = self._clock()
        last = self._now.get(project, self._since)
        if now < last:
            return last
        self._now[project] = now
        return now
