"""The index of recordings: what a chunk adds, once, and what erasing takes away."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from omotenashi.ledger.sqlite.recordings import Recordings
from omotenashi.model.ids import Instant, PageViewId, PersonId, ProjectId, SessionId, VisitorId
from omotenashi.model.reasons import NotRecorded
from omotenashi.model.recordings import Chunk, Recording, Taken

MIDORI = ProjectId("midori")
VISIT = SessionId("s1")
HANAKO = PersonId("hanako")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Recordings]:
    opened = Recordings.open(tmp_path / "recordings.db")
    yield opened
    opened.close()


def taken(seq: int, *, tab: str = "t1", page: str = "p1", at: int = 0, url: str = "https://midori.example/") -> Taken:
    at = at or 1_000 + seq * 5_000
    chunk = Chunk(VISIT, tab, seq, PageViewId(page), Instant(at), Instant(at + 4_000), 100 + seq, 10, seq == 0)
    return Taken(chunk, HANAKO, VisitorId("v1"), 1, url, "phone", 390, 844)


def only(index: Recordings) -> Recording:
    found = index.one(MIDORI, VISIT)
    assert found is not None
    return found


def test_a_recording_is_the_sum_of_its_chunks(index: Recordings) -> None:
    assert index.take(MIDORI, taken(0))
    assert index.take(MIDORI, taken(1, page="p2", url="https://midori.example/tea"))
    assert index.take(MIDORI, taken(0, tab="t2", page="p3", at=20_000, url="https://midori.example/cart"))
    assert only(index) == Recording(
        VISIT,
        HANAKO,
        VisitorId("v1"),
        Instant(1_000),
        Instant(24_000),
        bytes=301,
        chunks=3,
        tabs=2,
        events=30,
        clicks=3,
        pages=3,
        first_url="https://midori.example/",
        last_url="https://midori.example/cart",
        device="phone",
        width=390,
        height=844,
        protected=False,
        state="open",
    )
    assert index.used(MIDORI) == 301
    assert [(chunk.tab, chunk.seq) for chunk in index.chunks(MIDORI, VISIT)] == [("t1", 0), ("t1", 1), ("t2", 0)]


def test_a_chunk_that_comes_twice_counts_once(index: Recordings) -> None:
    assert index.take(MIDORI, taken(0))
    before = only(index)
    assert not index.take(MIDORI, taken(0))
    assert only(index) == before
    assert index.used(MIDORI) == before.bytes


def test_chunks_in_any_order_make_the_same_recording(index: Recordings, tmp_path: Path) -> None:
    several = [taken(0), taken(1, page="p2", url="https://midori.example/tea"), taken(2, page="p2", url="")]
    for one in several:
        index.take(MIDORI, one)
    other = Recordings.open(tmp_path / "other.db")
    for one in reversed(several):
        other.take(MIDORI, one)
    assert other.one(MIDORI, VISIT) == only(index)
    other.close()


def test_another_project_sees_nothing(index: Recordings) -> None:
    index.take(MIDORI, taken(0))
    assert index.one(ProjectId("kura"), VISIT) is None
    assert index.chunks(ProjectId("kura"), VISIT) == []
    assert index.used(ProjectId("kura")) == 0


def test_dropping_frees_what_it_took_and_leaves_no_row(index: Recordings) -> None:
    index.take(MIDORI, taken(0))
    index.take(MIDORI, taken(1))
    index.watch(MIDORI, VISIT, Instant(99))
    assert index.drop(MIDORI, VISIT) == 201
    assert index.one(MIDORI, VISIT) is None
    assert index.chunks(MIDORI, VISIT) == []
    assert index.used(MIDORI) == 0
    assert not index.is_watched(MIDORI, VISIT, Instant(1))
    assert index.drop(MIDORI, VISIT) == 0


def test_what_is_being_erased_stays_so_until_it_is_gone(index: Recordings) -> None:
    index.take(MIDORI, taken(0))
    index.erase_person(MIDORI, HANAKO, Instant(1_000))
    index.set_state(MIDORI, VISIT, "closed")
    index.take(MIDORI, taken(1))
    assert only(index).state == "erasing"
    assert index.erasing() == [(MIDORI, VISIT)]
    assert index.oldest(MIDORI, Instant(1_000_000)) == []


def test_a_silent_visit_is_closed_and_opens_again_when_something_comes(index: Recordings) -> None:
    index.take(MIDORI, taken(0))
    index.close_silent(Instant(5_001))
    assert only(index).state == "closed"
    assert index.going_on(MIDORI, Instant(0)) == []
    index.take(MIDORI, taken(1))
    assert only(index).state == "open"
    assert [one.id for one in index.going_on(MIDORI, Instant(0))] == [VISIT]


def test_retention_takes_the_oldest_unprotected(index: Recordings) -> None:
    for visit, at in (("old", 1_000), ("older", 500), ("new", 900_000)):
        chunk = msgspec.structs.replace(taken(0).chunk, recording=SessionId(visit), from_at=Instant(at), to_at=Instant(at))
        index.take(MIDORI, msgspec.structs.replace(taken(0), chunk=chunk))
    assert [one.id for one in index.oldest(MIDORI, Instant(10_000))] == ["older", "old"]
    assert index.protect(MIDORI, SessionId("older"), kept=True)
    assert [one.id for one in index.oldest(MIDORI, Instant(10_000))] == ["old"]
    assert not index.protect(MIDORI, SessionId("none"), kept=True)


def test_watching_lasts_until_its_end_and_is_only_made_longer(index: Recordings) -> None:
    index.watch(MIDORI, VISIT, Instant(100))
    index.watch(MIDORI, VISIT, Instant(50))
    assert index.is_watched(MIDORI, VISIT, Instant(99))
    assert not index.is_watched(MIDORI, VISIT, Instant(100))


def test_refusals_are_counted_by_day_and_reason(index: Recordings) -> None:
    day = 86_400_000
    index.refuse(MIDORI, NotRecorded.NO_CONSENT, Instant(day), 2)
    index.refuse(MIDORI, NotRecorded.NO_CONSENT, Instant(2 * day))
    index.refuse(MIDORI, NotRecorded.QUOTA, Instant(2 * day + 5))
    assert index.refused(MIDORI, Instant(day)) == {"no_consent": 3, "quota": 1}
    assert index.refused(MIDORI, Instant(2 * day)) == {"no_consent": 1, "quota": 1}


def test_who_became_one_person_has_the_recordings_of_both(index: Recordings) -> None:
    index.take(MIDORI, taken(0))
    index.moved(MIDORI, HANAKO, PersonId("member"))
    assert [one.id for one in index.of_person(MIDORI, PersonId("member"))] == [VISIT]
    assert index.of_person(MIDORI, HANAKO) == []


def test_two_processes_write_the_same_file(index: Recordings, tmp_path: Path) -> None:
    console = Recordings.open(tmp_path / "recordings.db")
    index.take(MIDORI, taken(0))
    console.watch(MIDORI, VISIT, Instant(5_000))
    assert index.is_watched(MIDORI, VISIT, Instant(4_000))
    console.drop(MIDORI, VISIT)
    assert index.one(MIDORI, VISIT) is None
    console.close()
