"""What was recorded goes when it is too old, too short, too much, erased or withdrawn: bytes, rows and what staff left at it."""

from collections.abc import Iterator
from pathlib import Path

import obstore.store
import pytest

from omotenashi.blobs.port import BlobsFailed
from omotenashi.blobs.store import Store
from omotenashi.blobs.store import folder as blobs
from omotenashi.engine.stamp import SESSION_GAP_MS
from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.ledger.sqlite.staff import StaffFile
from omotenashi.ledger.sqlite.viewings import Viewings
from omotenashi.model.campaigns import Project, Purpose, Recorder
from omotenashi.model.ids import Instant, PageViewId, PersonId, ProjectId, SessionId, VisitorId
from omotenashi.model.profiles import Consent, Profile, pack
from omotenashi.model.recordings import Chunk, Taken, blob_key
from omotenashi.worker.recordings import DAY_MS, SWEEP_MS, RecordingKeeper, Space

MIDORI = ProjectId("midori")
NOW = Instant(1_795_237_200_000)
HOUR = 3_600_000


class Papers:
    """The office and the shelf, with one project and a few profiles."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = Recorder(consent="record")
        self.erase = True
        self.profiles: dict[PersonId, Profile] = {}

    def projects(self) -> list[Project]:
        purpose = Purpose("record", "unknown", erase=self.erase)
        return [Project(MIDORI, "Midori", recorder=self.recorder, purposes=(purpose,))]

    def profile(self, project: ProjectId, person: PersonId) -> bytes | None:
        return pack(self.profiles[person]) if project == MIDORI and person in self.profiles else None

    def person(self, project: ProjectId, name: str) -> PersonId | None:
        return PersonId(name) if project == MIDORI else None


class Kept:
    """A folder with recordings, and who keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.papers = Papers()
        self.staff = StaffFile.open(folder / "staff.db")
        self.viewings = Viewings(self.staff)
        self.blobs = blobs(folder / "blobs")
        self.index = Recordings.open(folder / "recordings.db")
        self.keeper = self.fresh(self.blobs)

    def fresh(self, store: Store) -> RecordingKeeper:
        """A keeper that remembers nothing, as after a restart."""
        return RecordingKeeper(self.index, store, self.papers, self.papers, self.viewings.forget, lambda: self.now)

    def record(self, visit: str, *, ago: int, ms: int = 60_000, size: int = 100, person: str = "hanako", chunks: int = 2) -> None:
        """A visit that ended ``ago`` ms before now and took ``ms``."""
        ended = NOW - ago
        for seq, at in enumerate((ended - ms, ended)[:chunks]):
            self.blobs.put(blob_key(MIDORI, visit, "t1", seq), bytes(size))
            chunk = Chunk(SessionId(visit), "t1", seq, PageViewId("p1"), Instant(at), Instant(at), size, 3, seq == 0)
            assert self.index.take(MIDORI, Taken(chunk, PersonId(person), VisitorId("v1")))

    @property
    def files(self) -> set[str]:
        """The visits of which anything lies in the store, be it an empty folder."""
        return {path.name for path in (self.folder / "blobs").glob("recordings/*/*")}

    @property
    def rows(self) -> set[str]:
        return {visit for (visit,) in self.index.ask("SELECT id FROM recordings UNION SELECT recording FROM chunks")}

    def close(self) -> None:
        self.index.close()
        self.staff.close()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    house = Kept(tmp_path)
    yield house
    house.close()


def answered(state: str, at: int) -> Profile:
    """Hanako, who gave this answer for the purpose ``record``."""
    profile = Profile(PersonId("hanako"))
    profile.consents = {"record": Consent((Instant(at), Instant(at), 0, "e1"), state)}
    return profile


def test_what_is_older_than_the_days_it_is_kept_goes_unless_it_is_protected(kept: Kept) -> None:
    kept.record("old", ago=30 * DAY_MS + 1)
    kept.record("kept", ago=40 * DAY_MS)
    kept.record("young", ago=30 * DAY_MS)
    kept.index.protect(MIDORI, SessionId("kept"), kept=True)
    assert not kept.keeper.tidy()
    assert kept.files == kept.rows == {"kept", "young"}
    assert kept.index.used(MIDORI) == 400


def test_a_visit_that_was_too_short_goes_when_it_is_over_and_not_before(kept: Kept) -> None:
    kept.record("going on", ago=SESSION_GAP_MS - 1, ms=1_000)
    kept.record("glance", ago=SESSION_GAP_MS + 1, ms=4_999)
    kept.record("visit", ago=SESSION_GAP_MS + 1, ms=5_000)
    kept.keeper.tidy()
    assert kept.files == kept.rows == {"going on", "visit"}


def test_the_oldest_unprotected_go_until_there_is_room_and_what_goes_on_stays(kept: Kept) -> None:
    kept.papers.recorder = Recorder(quota_megabytes=1)
    for number in range(8):
        kept.record(f"v{number}", ago=(20 - number) * HOUR, size=55_000)
    kept.record("now", ago=1_000, size=55_000)
    kept.index.protect(MIDORI, SessionId("v0"), kept=True)
    kept.keeper.tidy()
    assert kept.rows == {"v0", "v2", "v3", "v4", "v5", "v6", "v7", "now"}, "of 990,000 bytes 110,000 go: no more than need be"
    kept.keeper.tidy()
    assert len(kept.files) == len(kept.rows) == 8
    assert kept.keeper.spaces() == {MIDORI: Space(880_000, 110_000, 1_000_000)}


def test_what_is_protected_may_fill_the_quota_and_it_says_so(kept: Kept) -> None:
    kept.papers.recorder = Recorder(quota_megabytes=1)
    kept.record("dear", ago=HOUR, size=500_000)
    kept.index.protect(MIDORI, SessionId("dear"), kept=True)
    kept.keeper.tidy()
    assert kept.rows == {"dear"}
    assert kept.keeper.spaces()[MIDORI].is_full


def test_withdrawing_takes_everything_up_to_it_and_nothing_of_others(kept: Kept) -> None:
    kept.record("before", ago=3 * HOUR)
    kept.record("long ago", ago=20 * DAY_MS)
    kept.record("protected", ago=4 * HOUR)
    kept.record("after", ago=HOUR)
    kept.record("of another", ago=3 * HOUR, person="taro")
    kept.index.protect(MIDORI, SessionId("protected"), kept=True)
    kept.papers.profiles[PersonId("hanako")] = answered("withdrawn", NOW - 2 * HOUR)
    kept.keeper.tidy()
    assert kept.files == kept.rows == {"after", "of another"}


@pytest.mark.parametrize(("state", "erase"), [("withdrawn", False), ("denied", True), ("granted", True)])
def test_another_answer_and_a_purpose_that_erases_nothing_leave_everything(kept: Kept, state: str, erase: bool) -> None:
    kept.record("visit", ago=3 * HOUR)
    kept.papers.erase = erase
    kept.papers.profiles[PersonId("hanako")] = answered(state, NOW)
    kept.keeper.tidy()
    assert kept.files == kept.rows == {"visit"}


def test_an_erased_person_leaves_no_byte_no_row_and_no_label(kept: Kept) -> None:
    kept.record("hers", ago=HOUR)
    kept.record("under another name", ago=HOUR, person="visitor-7")
    kept.record("of another", ago=HOUR, person="taro")
    kept.index.protect(MIDORI, SessionId("hers"), kept=True)
    kept.viewings.set_labels(MIDORI, "hers", ["trouble"])
    kept.index.erased(MIDORI, [PersonId("hanako"), PersonId("visitor-7")], NOW)
    kept.keeper.tidy()
    assert kept.files == kept.rows == {"of another"}
    assert kept.viewings.labels(MIDORI) == {}
    assert kept.index.used(MIDORI) == 200


def test_whichever_way_a_recording_goes_no_file_of_it_is_left(kept: Kept) -> None:
    kept.papers.recorder = Recorder(consent="record", quota_megabytes=1)
    kept.record("too old", ago=31 * DAY_MS, person="anna", chunks=1)
    kept.record("too short", ago=HOUR, ms=1_000, person="ben", chunks=1)
    kept.record("too much", ago=20 * HOUR, size=480_000, person="chie")
    kept.record("withdrawn", ago=3 * HOUR)
    kept.record("erased", ago=3 * HOUR, person="dan")
    kept.record("stays", ago=2 * HOUR, person="emi")
    kept.papers.profiles[PersonId("hanako")] = answered("withdrawn", NOW - HOUR)
    kept.index.erased(MIDORI, [PersonId("dan")], NOW)
    before = {file for file in (kept.folder / "blobs").rglob("*") if file.is_file()}
    assert len(before) == 10
    kept.keeper.tidy()
    left = {file for file in (kept.folder / "blobs").rglob("*") if file.is_file()}
    assert left == {kept.folder / "blobs" / blob_key(MIDORI, "stays", "t1", seq) for seq in (0, 1)}
    assert kept.index.used(MIDORI) == 200


def test_a_chunk_that_is_written_down_after_its_person_was_erased_goes_too_and_a_later_visit_stays(kept: Kept) -> None:
    kept.index.erased(MIDORI, [PersonId("hanako")], Instant(NOW - HOUR))
    kept.record("late", ago=HOUR)
    kept.record("later", ago=0)
    kept.keeper.tidy()
    assert kept.files == kept.rows == {"later"}
    kept.now = Instant(NOW + DAY_MS)
    kept.keeper.tidy()
    assert kept.index.ask("SELECT * FROM erasures") == []


class Doomed(Store):
    """A store whose process is killed before its n-th deletion."""

    def __init__(self, folder: Path, left: int) -> None:
        super().__init__(obstore.store.LocalStore(folder))
        self._left = left

    def delete(self, key: str) -> None:
        if self._left == 0:
            raise BlobsFailed("killed")
        self._left -= 1
        super().delete(key)


@pytest.mark.parametrize("deleted", range(4))
def test_a_kill_in_the_middle_leaves_nothing_half(kept: Kept, deleted: int) -> None:
    for visit in ("one", "two"):
        kept.record(visit, ago=HOUR)
    kept.record("of another", ago=HOUR, person="taro")
    kept.index.erased(MIDORI, [PersonId("hanako")], NOW)
    with pytest.raises(BlobsFailed):
        kept.fresh(Doomed(kept.folder / "blobs", deleted)).tidy()
    playable = kept.index.ask("SELECT id FROM recordings WHERE state <> 'erasing'")
    assert playable == [("of another",)], "whatever has begun to go can be played no more"
    kept.keeper.tidy()
    assert kept.rows == {"of another"}
    assert kept.index.used(MIDORI) == 200
    assert [key.split("/")[2] for key in kept.blobs.keys("recordings")] == ["of another", "of another"]


def test_bytes_without_a_row_go_after_a_while_and_those_that_get_one_stay(kept: Kept) -> None:
    kept.record("visit", ago=HOUR)
    lost, coming = blob_key(MIDORI, "visit", "t1", 7), blob_key(MIDORI, "new", "t1", 0)
    for key in (lost, coming):
        kept.blobs.put(key, b"bytes")
    kept.keeper.tidy()
    assert kept.files == {"visit", "new"}, "the edge may be about to write their rows"
    chunk = Chunk(SessionId("new"), "t1", 0, PageViewId("p1"), NOW, NOW, 5, 1, full=True)
    kept.index.take(MIDORI, Taken(chunk, PersonId("taro"), VisitorId("v2")))
    kept.now = Instant(NOW + SWEEP_MS)
    kept.keeper.tidy()
    assert kept.blobs.get(lost) is None
    assert kept.blobs.get(coming) == b"bytes"
    assert kept.files == kept.rows == {"visit", "new"}


def test_more_than_one_step_can_take_says_that_more_waits(kept: Kept) -> None:
    for number in range(101):
        kept.record(f"v{number}", ago=40 * DAY_MS, chunks=1, size=1)
    assert kept.keeper.tidy()
    assert not kept.keeper.tidy()
    assert kept.files == kept.rows == set()
