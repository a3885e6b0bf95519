"""A console over real papers and real profiles; the edge and the warehouse are fakes that remember what they were asked."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from litestar.testing import TestClient
from tests.unit.configuration.folders import fresh_key

from omotenashi.blobs.store import folder as blobs
from omotenashi.console.app import build
from omotenashi.console.desk import Desk, Fact
from omotenashi.console.library import Library
from omotenashi.console.ports import Answer, EdgeRefused, EdgeUnreachable, QuestionFailed, Questions
from omotenashi.console.present import Present
from omotenashi.console.replays import Replays
from omotenashi.console.scenery import Props, Scenery
from omotenashi.console.staff.room import Room
from omotenashi.ledger.backup import Manifest
from omotenashi.ledger.port import Occupied
from omotenashi.ledger.sqlite.accounts import Accounts
from omotenashi.ledger.sqlite.audit import Audit
from omotenashi.ledger.sqlite.drafts import Drafts
from omotenashi.ledger.sqlite.materials import Materials as MaterialIndex
from omotenashi.ledger.sqlite.office import Office
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.ledger.sqlite.replays import Replays as ReplayIndex
from omotenashi.ledger.sqlite.saved import SavedThings
from omotenashi.ledger.sqlite.staff import StaffFile
from omotenashi.ledger.sqlite.viewings import Viewings
from omotenashi.live.materials import Materials
from omotenashi.live.tabs import Tabs
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Released
from omotenashi.model.ids import ActionId, CampaignId, Day, Instant, PersonId, ProjectId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import Profile, pack
from omotenashi.model.rules import Rule
from omotenashi.outbound.fetch import Fetcher
from omotenashi.outbound.guarded import Guarded
from omotenashi.warehouse.questions.daily import Daily
from omotenashi.warehouse.questions.found import Found
from omotenashi.warehouse.questions.funnel import Stage
from omotenashi.warehouse.questions.health import Fared
from omotenashi.warehouse.questions.overlap import Shared
from omotenashi.warehouse.questions.results import ArmResult
from omotenashi.warehouse.questions.seen import SeenEvent, SeenField
from omotenashi.warehouse.questions.size import Size
from omotenashi.warehouse.questions.story import Told
from omotenashi.warehouse.questions.today import Numbers, Today
from omotenashi.warehouse.questions.top_values import TopValue
from omotenashi.warehouse.questions.volume import Volume
from omotenashi.warehouse.store import Store

TOKEN = "a-token-of-the-console"
NOON = Instant(1_795_237_200_000)


@dataclass
class FakeEdge:
    """Answers as the internal port does; ``trouble`` is raised instead when there is some."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    erased: list[dict[str, Any]] = field(default_factory=list)
    trouble: EdgeUnreachable | EdgeRefused | None = None
    fitted: list[dict[str, Any]] = field(default_factory=list)
    viewers: list[dict[str, Any]] = field(default_factory=list)
    turned_away: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    busiest: dict[str, Any] = field(default_factory=lambda: {"address": "", "share": 0.0, "requests": 0})

    async def send(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        self.sent.append(request)
        return {"accepted": len(request["events"])}

    async def erase(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        self.erased.append(request)
        return {"erased": [request.get("person")]}

    async def refusals(self, project: ProjectId) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        return {"since": NOON - 60_000, "refusals": self.turned_away}

    async def fitting(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        self.fitted.append(request)
        return {"mark": "drawn" if self.fitted[-1].get("drawn") else "", "viewers": self.viewers}

    async def support_code(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        return {"person": self.codes.get(request["code"], "")}

    async def health(self) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        return {"healthy": True, "storage": "writes", "landed": 12, "busiest_address": self.busiest}


@dataclass
class FakeQuestions:
    """A warehouse with a handful of answers; ``broken`` makes every question fail. ``ask`` wants a real ``store``."""

    told: list[Told] = field(default_factory=list)
    asked: list[Rule] = field(default_factory=list)
    instants: list[Instant] = field(default_factory=list)
    found: Size = field(default_factory=lambda: Size(3, 10, (PersonId("a"),)))
    broken: bool = False
    fared: list[Fared] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    store: Store | None = None

    def _answering(self) -> None:
        if self.broken:
            raise QuestionFailed("the disk is full")

    def story(self, project: Project, person: PersonId, limit: int, before: tuple[Instant, int] | None) -> list[Told]:
        self._answering()
        lines = [line for line in self.told if before is None or (line.entry.at, line.position) < before]
        return lines[:limit]

    def unopened(self, project: Project, person: PersonId, campaign: CampaignId) -> Released | None:
        self._answering()
        ends = [line.entry for line in self.told if isinstance(line.entry, Released) and line.entry.campaign == campaign]
        return ends[0] if ends else None

    def latest(self, project: Project, limit: int) -> list[tuple[PersonId, Instant]]:
        self._answering()
        return [(PersonId(name), NOON) for name in ("hanako", "nobody-on-the-shelf")][:limit]

    def size(self, project: Project, rule: Rule, now: Instant) -> Size:
        self._answering()
        self.asked.append(rule)
        return self.found

    def sizes(self, project: Project, rules: Mapping[str, Rule], now: Instant) -> dict[str, int]:
        self._answering()
        return {name: number for number, name in enumerate(rules, 1)}

    def sizes_at(self, project: Project, rule: Rule, instants: Sequence[Instant]) -> list[int]:
        self._answering()
        self.instants.extend(instants)
        return [len(instants) - place for place in range(len(instants))]

    def overlap(self, project: Project, rule: Rule, others: Mapping[str, Rule], now: Instant) -> dict[str, Shared]:
        self._answering()
        return {name: Shared(5, number) for number, name in enumerate(others)}

    def daily(self, project: Project, event: str, where: Rule, days: Sequence[Day]) -> list[Daily]:
        self._answering()
        self.asked.append(where)
        return [Daily(day, 2, 1) for day in days]

    def seen_events(self, project: Project) -> list[SeenEvent]:
        self._answering()
        return [SeenEvent("view", 40, NOON), SeenEvent("buy", 4, NOON)]

    def seen_fields(self, project: Project, events: Collection[str]) -> list[SeenField]:
        self._answering()
        return [SeenField(f"of_{event}", ("text",), False) for event in sorted(events)]

    def top_of_device(self, project: Project, fact: str, limit: int) -> list[TopValue]:
        self._answering()
        return [TopValue(f"a {fact}", 3, 2)]

    def some_people(self, project: Project, limit: int) -> list[PersonId]:
        self._answering()
        return [PersonId("hanako")]

    def top(self, project: Project, event: str, path: tuple[str, ...], limit: int) -> list[TopValue]:
        self._answering()
        return [TopValue(f"{event}.{'.'.join(path)}", limit, 2)]

    def funnel(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[Stage]:
        self._answering()
        return [Stage(Gate.AUDIENCE, 7, 5, 10), Stage(Gate.SHOWN, 3, 3, 3)]

    def results(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[ArmResult]:
        self._answering()
        action = project.campaigns[0].actions[0]
        return [ArmResult(ActionId(action.id), False, None, 10, 8, 2, 2, 1, 4, 8, 4, 12_000_000)]

    def today(self, project: Project, before: Sequence[Instant], hours: Sequence[Instant], end: Instant, now: Instant) -> Today:
        self._answering()
        some = Numbers(4, 5, 3, 1)
        return Today(some, Numbers(2, 2, 0, 0), tuple(some for _ in (*before, *hours)))

    def health(self, project: Project, since: Instant, month: Instant) -> list[Fared]:
        self._answering()
        return self.fared

    def volume(self, project: Project, start: Instant, before: Instant, until: Instant) -> Volume:
        self._answering()
        return Volume(1_000, 40, 900)

    def people(
        self, project: Project, rule: Rule, now: Instant, limit: int | None = None, before: tuple[Instant, str] | None = None
    ) -> Found:
        self._answering()
        self.asked.append(rule)
        people = [(PersonId(name), Instant(NOON - place)) for place, name in enumerate(self.names)]
        later = [one for one in people if before is None or (one[1], one[0]) < before]
        return Found(tuple(later[:limit]), len(people))

    def named(self, project: Project, text: str) -> list[PersonId]:
        self._answering()
        return [PersonId(name) for name in self.names if text in name]

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        self._answering()
        if self.store is None:
            raise QuestionFailed("nothing is loaded")
        return question(self.store)

    def loaded(self) -> int:
        return 10


class Shelf:
    """Profiles by person; names are person ids or user ids."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None:
        found = self.profiles.get(person)
        return None if found is None else pack(found)

    def person(self, project: ProjectId, name: str) -> PersonId | None:
        for person, profile in self.profiles.items():
            if name in (person, profile.user_id):
                return PersonId(person)
        return None


@dataclass
class House:
    """The console and everything around it. ``ask`` sends the token."""

    office: Office
    edge: FakeEdge
    questions: FakeQuestions
    shelf: Shelf
    client: TestClient[Any]
    staff: Room
    present: Present
    recordings: Recordings

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """(status, the answer's JSON)."""
        response = self.client.request(method, path, json=body, params=query, headers={"Authorization": f"Bearer {TOKEN}"})
        return response.status_code, msgspec.json.decode(response.content)

    def apply(self, sources: dict[str, str]) -> Any:
        return self.ask("POST", "/api/apply", {"sources": sources})


def replays_over(recordings: Recordings, viewings: Viewings, folder: Path, listed: Collection[tuple[str, int]]) -> Replays:
    """Recordings as the staff's process has them."""
    index, store = MaterialIndex(recordings), blobs(folder / "blobs")
    fetcher = Fetcher(Guarded(lambda: listed), "a test")
    materials = Materials(index, store, fetcher, lambda: NOON, lambda project: True)
    return Replays(recordings, ReplayIndex(recordings), viewings, lambda: NOON, Tabs(index, store), materials, TOKEN)


@contextmanager
def console(
    folder: Path, warehouse: Questions | None = None, listed: Collection[tuple[str, int]] = frozenset()
) -> Generator[House]:
    """A console over ``folder``; over a real ``warehouse`` where answers are counted. ``listed`` hosts may be asked."""
    office = Office.open(folder / "office.db")
    edge, questions, shelf = FakeEdge(), FakeQuestions(), Shelf()

    async def backup(target: Path) -> Manifest:
        if target.name == "full":
            raise Occupied(f"{target} is not empty; a backup goes into a folder of its own")
        return Manifest(1, 1, 12, 12, {"office.db": 4096})

    present = Present(lambda: NOON)
    staff_file = StaffFile.open(folder / "staff.db")
    recordings = Recordings.open(folder / "recordings.db")
    staff = Room(Accounts(staff_file), Audit(staff_file), lambda: NOON, TOKEN, lambda: "http://testserver.local")
    desk = Desk(
        office,
        shelf,
        warehouse or questions,
        edge,
        lambda: NOON,
        fresh_key,
        lambda: [Fact("disk", "ok", "plenty")],
        backup,
        staff,
        Drafts(staff_file),
        Library(blobs(folder / "blobs"), lambda: NOON),
        Scenery(Props(b"// preview", {"hero.svg": b"<svg/>"}), questions, lambda: NOON),
        lambda: "https://edge.shop.example",
        SavedThings(staff_file),
        present,
        replays_over(recordings, Viewings(staff_file), folder, listed),
    )
    with TestClient(build(desk, "0.0.0", look_again=0.02), raise_server_exceptions=False) as client:
        yield House(office, edge, questions, shelf, client, staff, present, recordings)
    recordings.close()
    staff_file.close()
    office.close()
