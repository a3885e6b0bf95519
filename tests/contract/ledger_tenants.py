"""The tenants that every ledger contract test runs over, and the entries they are fed. One tenant today: SQLite."""

from collections.abc import Sequence
from pathlib import Path

from omotenashi.ledger.people import People, PeopleSettings
from omotenashi.ledger.sqlite.log import Log, LogReader, LogSettings
from omotenashi.ledger.sqlite.office import Desk, Office
from omotenashi.ledger.sqlite.profiles import Profiles
from omotenashi.model.entries import Erased, Event, LogEntry, Merged
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SessionId, UserId, VisitorId
from omotenashi.model.profiles import Profile

SHOP = ProjectId("shop")


class Sqlite:
    """Files in a folder. Everything opened here is closed by the test that opened it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def log(self, settings: LogSettings = LogSettings(), vfs: str | None = None) -> Log:  # noqa: B008
        return Log.open(self.folder / "log", settings, vfs=vfs)

    def reader(self) -> LogReader:
        return LogReader(self.folder / "log")

    def rows(self, vfs: str | None = None) -> Profiles:
        return Profiles.open(self.folder / "profiles.db", vfs=vfs)

    def office(self) -> Office:
        return Office.open(self.folder / "office.db")

    def desk(self) -> Desk:
        return Desk.open(self.folder / "office.db")


TENANTS = [Sqlite]


def an_event(
    person: str, seq: int, *, name: str = "view", batch: str | None = None, row: int = -1, user: str | None = None
) -> Event:
    at = Instant(1_700_000_000_000 + seq)
    return Event(
        project=SHOP,
        person=PersonId(person),
        seq=seq,
        now=at,
        config=1,
        at=at,
        received_at=at,
        index=0,
        id=EventId(f"{person}-{seq}"),
        name=name,
        values={"n": seq},
        visitor=VisitorId(person),
        user_id=None if user is None else UserId(user),
        session=SessionId("s"),
        session_started_at=at,
        opened_session=False,
        late=False,
        source="tag",
        batch=batch,
        row=row,
    )


def a_merge(into: str, seq: int, absorbed: str, absorbed_seq: int, user: str) -> Merged:
    at = Instant(1_700_000_000_000 + seq)
    return Merged(
        project=SHOP,
        person=PersonId(into),
        seq=seq,
        now=at,
        config=1,
        at=at,
        received_at=at,
        index=0,
        id=EventId(f"{into}-{seq}"),
        absorbed=PersonId(absorbed),
        absorbed_seq=absorbed_seq,
        user_id=UserId(user),
    )


def an_erasure(people: Sequence[str], seq: int) -> Erased:
    at = Instant(1_700_000_000_000 + seq)
    return Erased(
        project=SHOP,
        person=PersonId(people[0]),
        seq=seq,
        now=at,
        config=1,
        at=at,
        received_at=at,
        index=0,
        id=EventId(f"{people[0]}-{seq}-erased"),
        people=[PersonId(person) for person in people],
    )


def folded(profile: Profile, entry: LogEntry) -> Profile:
    """A fold small enough to check by eye: counts per name, and which entries were folded, in order."""
    assert isinstance(entry, Event)
    assert entry.seq == profile.seq + 1, f"{entry.id} was folded onto seq {profile.seq}"
    profile.seq = entry.seq
    profile.accumulators[entry.name] = profile.accumulators.get(entry.name, 0) + 1
    profile.accumulators.setdefault("ids", []).append(entry.id)
    if entry.user_id is not None:
        profile.user_id = entry.user_id
    return profile


def united(into: Profile, absorbed: Profile, entry: Merged) -> Profile:
    assert entry.seq == into.seq + 1
    assert absorbed.seq == entry.absorbed_seq, f"{entry.absorbed} came with {absorbed.seq} of {entry.absorbed_seq} entries"
    into.seq = entry.seq
    into.user_id = entry.user_id
    for name, accumulator in absorbed.accumulators.items():
        into.accumulators[name] = into.accumulators[name] + accumulator if name in into.accumulators else accumulator
    return into


class Edge:
    """The ledger as the edge uses it: folds, appends, tells, waits."""

    def __init__(self, log: Log, reader: LogReader, rows: Profiles, settings: PeopleSettings = PeopleSettings()) -> None:  # noqa: B008
        self.log = log
        self.reader = reader
        self.rows = rows
        self.people = People(log, reader, rows, folded, united, settings)

    def saw(self, visitor: str, *, name: str = "view", user: str | None = None, batch: str | None = None, row: int = -1) -> int:
        """One event of a visitor, folded and appended; its position."""
        self.people.ready()
        person = self.people.resolve(SHOP, VisitorId(visitor))
        profile = self.people.get(SHOP, person)
        entry = an_event(person, profile.seq + 1, name=name, user=user, batch=batch, row=row)
        profile = folded(profile, entry)
        position = self.log.append([entry])
        self.people.touched(SHOP, profile, position)
        if user is not None:
            self.people.remember_user(SHOP, UserId(user), person, position)
        if batch is not None:
            self.people.imported(SHOP, batch, row + 1, position)
        return position

    def became(self, visitor: str, user: str) -> int:
        """A visitor turned out to be a member who is known already; the position of the merge."""
        self.people.ready()
        member = self.people.member(SHOP, UserId(user))
        assert member is not None
        absorbed = self.people.get(SHOP, self.people.resolve(SHOP, VisitorId(visitor)))
        into = self.people.get(SHOP, member)
        entry = a_merge(member, into.seq + 1, absorbed.person, absorbed.seq, user)
        into = united(into, absorbed, entry)
        position = self.log.append([entry])
        self.people.merged(SHOP, into, absorbed.person, position)
        return position

    def forgot(self, *people: str) -> int:
        """People were erased; the position of the entry."""
        self.people.ready()
        entry = an_erasure(people, self.people.get(SHOP, PersonId(people[0])).seq + 1)
        position = self.log.append([entry])
        self.people.erased(SHOP, entry.people, position)
        return position

    def what(self, visitor: str) -> dict[str, object]:
        """What the profile of a visitor says."""
        profile = self.people.get(SHOP, self.people.resolve(SHOP, VisitorId(visitor)))
        return {"seq": profile.seq, **profile.accumulators}
