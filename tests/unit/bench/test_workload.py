"""The site, its people and their requests are what the measurements say of them."""

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
from bench import site, workload
from bench.engine import UNTIL

from omotenashi.engine.plan import build
from omotenashi.engine.turn import turn
from omotenashi.model.ids import PersonId
from omotenashi.model.outcomes import Gate
from omotenashi.model.profiles import unpack
from omotenashi.model.wire import TrackEvent, TrackRequest

PLAN = build(site.project(), 1)


def test_the_site_has_fifty_segments_and_fifty_campaigns_of_which_twenty_listen_to_views() -> None:
    project = site.project()
    assert len(project.segments) == 50
    assert len(project.campaigns) == 50
    assert sum(campaign.trigger == "view" for campaign in project.campaigns) == 20


def test_at_least_thirty_campaigns_reach_the_audience_gate() -> None:
    person = workload.lived(1, PLAN, UNTIL)
    reached = 0
    for listening in PLAN.listening.values():
        gates = listening.screen(person, {"path": "/"}, {"path": "/"}, UNTIL)
        reached += sum(gate == Gate.SHOWN or gate >= Gate.AUDIENCE for gate in gates)
    assert reached >= 30


def test_about_a_tenth_of_the_answers_carry_a_message() -> None:
    people = 400
    known = {profile.person: profile for packed in workload.people(people, PLAN, UNTIL, 100) for profile in [unpack(packed)]}
    carried = Counter(
        any(not handed.reserved.holdout for handed in turn(known[PersonId(draft.visitor)], draft, draft.at, PLAN).handed)
        for draft in workload.drafts(people, 4_000, 5, UNTIL)
    )
    assert 0.08 <= carried[True] / 4_000 <= 0.15


def test_everybody_has_a_name_and_a_history_of_their_own() -> None:
    profiles = [unpack(packed) for packed in workload.people(30, PLAN, UNTIL, 10)]
    assert len({profile.person for profile in profiles}) == 30
    assert all(set(profile.streams) == {profile.person} for profile in profiles)
    assert all(profile.seq > 5 and profile.visits >= 2 for profile in profiles)
    assert len({profile.seq for profile in profiles}) > 1


def test_people_come_by_zipfs_law() -> None:
    drawn = Counter(workload.zipf(np.random.default_rng(1), 1_000, 200_000).tolist())
    assert max(drawn) < 1_000
    assert 1.8 < drawn[0] / drawn[1] < 2.2
    assert 8 < drawn[0] / drawn[9] < 12


def test_the_same_seed_does_the_same_and_another_does_not() -> None:
    assert list(workload.deeds(100, 50, 3)) == list(workload.deeds(100, 50, 3))
    assert list(workload.deeds(100, 50, 3)) != list(workload.deeds(100, 50, 4))


def test_the_request_file_holds_whole_requests_with_one_event_and_ids_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "requests"
    workload.write_requests(file, 100, 200, 3, 1_795_000_000_000)
    raw = file.read_bytes()
    ids: set[str] = set()
    at = 0
    while at < len(raw):
        length = int.from_bytes(raw[at : at + 4], "little")
        head, _, body = raw[at + 4 : at + 4 + length].partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
        request = msgspec.json.decode(body, type=TrackRequest)
        (event,) = (msgspec.json.decode(each, type=TrackEvent) for each in request.events)
        assert request.key == site.PUBLIC_KEY
        assert len(request.visitor) == 22
        ids.add(event.id)
        at += 4 + length
    assert len(ids) == 200
