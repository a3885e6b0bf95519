"""What every route has at hand: the collaborators, and the few questions that several routes ask of them."""

import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from omotenashi.configuration.language import Message
from omotenashi.configuration.names import Vocabulary, vocabulary
from omotenashi.engine.plan import Plan, build
from omotenashi.engine.turn import lacks_bases, put_bases
from omotenashi.ledger.backup import Manifest
from omotenashi.model import profiles
from omotenashi.model.campaigns import Campaign, Project
from omotenashi.model.ids import Instant, PersonId, ProjectId
from omotenashi.model.profiles import Profile

from .errors import NotFound
from .library import Library
from .ports import Drafts, Edge, Office, Questions, SavedThings, Shelf
from .present import Present
from .replays import Replays
from .scenery import Scenery
from .staff.room import Room


class Fact(Struct, frozen=True):
    """One line of ``doctor``. ``state`` is ok, warning or broken; ``advice`` says what to do about it."""

    name: str
    state: str
    message: Message
    advice: Message = ""


class Desk:
    """``facts`` looks at the machine (disk, clock, versions) for ``doctor``; ``fresh_key`` makes keys of a kind;
    ``backup`` copies all stores into a folder; ``staff`` knows who works here, ``drafts`` what they have not published.
    ``library`` keeps the pictures, ``scenery`` is what they are tried out in; ``public`` is the edge's address for browsers.
    ``saved`` are searches kept under a name, ``present`` knows who is on the site, ``replays`` what was recorded of them."""

    def __init__(
        self,
        office: Office,
        shelf: Shelf,
        questions: Questions,
        edge: Edge,
        clock: Callable[[], Instant],
        fresh_key: Callable[[str], str],
        facts: Callable[[], list[Fact]],
        backup: Callable[[Path], Awaitable[Manifest]],
        staff: Room,
        drafts: Drafts,
        library: Library,
        scenery: Scenery,
        public: Callable[[], str],
        saved: SavedThings,
        present: Present,
        replays: Replays,
    ) -> None:
        self.office = office
        self.shelf = shelf
        self.questions = questions
        self.edge = edge
        self.clock = clock
        self.fresh_key = fresh_key
        self.facts = facts
        self.backup = backup
        self.staff = staff
        self.drafts = drafts
        self.library = library
        self.scenery = scenery
        self.public = public
        self.saved = saved
        self.present = present
        self.replays = replays
        self.publishing = threading.Lock()
        self._plans: dict[ProjectId, Plan] = {}
        self._names: dict[ProjectId, tuple[int, Vocabulary]] = {}

    def project(self, project: str) -> Project:
        """The project as it is in force, with its switches. Raises ``NotFound``."""
        project_id = ProjectId(project)
        version = self.office.head(project_id)
        if not version:
            raise NotFound("project", f"no project {project!r}; there are {', '.join(self.office.heads()) or 'none yet'}")
        switches = self.office.switches(project_id)
        return msgspec.structs.replace(
            self.office.configuration(project_id, version),
            version=version,
            messages_stopped=switches.messages_stopped,
            recording_stopped=switches.recording_stopped,
        )

    def plan(self, project: Project) -> Plan:
        """The compiled project, kept while neither its version, nor its switches, nor what is ready changes."""
        ready = self.office.ready_version(project.id)
        known = self._plans.get(project.id)
        if (
            known is None
            or known.ready != ready
            or (known.version, known.project.messages_stopped) != (project.version, project.messages_stopped)
        ):
            known = self._plans[project.id] = build(project, ready)
        return known

    def names(self, project: Project) -> Vocabulary:
        """What the project calls its things, in both languages."""
        known = self._names.get(project.id)
        if known is None or known[0] != project.version:
            found = vocabulary(project, self.office.sources(project.id, project.version))
            known = self._names[project.id] = (project.version, found)
        return known[1]

    def campaign(self, project: Project, campaign: str) -> Campaign:
        """The campaign of this id. Raises ``NotFound``."""
        for one in project.campaigns:
            if one.id == campaign:
                return one
        known = ", ".join(one.id for one in project.campaigns) or "none yet"
        raise NotFound("campaign", f"no campaign {campaign!r}; there are {known}")

    def person(self, project: Project, name: str) -> tuple[PersonId, Profile]:
        """The person that a person, visitor or user id names, as the edge would see them now. Raises ``NotFound``."""
        person = self.shelf.person(project.id, name)
        packed = self.shelf.profile(project.id, person) if person is not None else None
        if person is None or packed is None:
            raise NotFound("person", f"nobody is known as {name!r}; expected a user id, visitor id or person id")
        profile, plan = profiles.unpack(packed), self.plan(project)
        if lacks_bases(profile, plan):  # the edge takes them in when it meets the person again
            put_bases(profile, partial(self.office.bases, project.id), plan)
        return person, profile
