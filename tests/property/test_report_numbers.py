"""Every number of a report equals plain Python over the same events, whatever they are."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.unit.configuration.folders import fresh_key
from tests.unit.console.consoles import NOON, House, console
from tests.unit.console.personas import token
from tests.unit.warehouse.made import DAY, MINUTE, Loader, event, goal, merged

from omotenashi.configuration.compile import compiled
from omotenashi.engine.calendar import Calendar
from omotenashi.model.entries import Event, Goal, LogEntry, Merged, Released, Reserved
from omotenashi.model.ids import ActionId, CampaignId, EventId, Instant, PersonId, ProjectId, ReservationId, SessionId
from omotenashi.model.outcomes import Gate
from omotenashi.warehouse.questions.stream import ORDER
from omotenashi.warehouse.schema import TABLES
from omotenashi.warehouse.store import Store, open_store

TOKYO = Calendar("Asia/Tokyo")
LAST = TOKYO.day(NOON)
FIRST = LAST - 6
START, END = TOKYO.day_start(FIRST), TOKYO.day_start(LAST + 1)
BEGUN = Instant(START + 13 * 3_600_000)
"""When the arms' shares became what they are: in the middle of a day."""
ARMS = {"a1K": False, "b1K": False, "h1K": True}
HAND = ("button", "escape", "backdrop")


def sources(share: str) -> dict[str, str]:
    """A shop with two campaigns; ``share`` is that of the first arm."""
    rest = f"{90 - int(share.removesuffix('%'))}%"
    arms = [{"name": "a", "id": "a1K", "weight": share}, {"name": "b", "id": "b1K", "weight": rest}]
    held = {"holdout": "10%", "id": "h1K"}
    welcome = {
        "name": {"ja": "ごあいさつ", "en": "Welcome"},
        "trigger": {"event": "view"},
        "goal": {"event": "buy", "within": "7 days", "value": "revenue"},
        "actions": [*({**arm, "template": "banner", "texts": {}} for arm in arms), held],
    }
    sale = {
        "name": "Sale",
        "trigger": {"event": "view"},
        "actions": [{"name": "s", "id": "s1K", "template": "banner", "texts": {}}],
    }
    documents: dict[str, Any] = {
        "project.yaml": {"id": "shop", "name": "Shop", "time_zone": "Asia/Tokyo", "language": "en"},
        "campaigns/welcome.yaml": welcome,
        "campaigns/sale.yaml": sale,
        "templates/banner/template.yaml": {"kind": "bar", "variables": {}},
        "templates/banner/body.liquid": "<p>Hello</p>",
        "templates/banner/style.css": "p { margin: 0 }",
    }
    return {path: text if isinstance(text, str) else msgspec.json.encode(text).decode() for path, text in documents.items()}


def history(dice: random.Random) -> list[LogEntry]:
    """Two weeks of everything that a report counts, and of everything that it must not."""
    entries: list[LogEntry] = []
    people = [f"p{number}" for number in range(40)]
    for person in people:
        arm = dice.choice(list(ARMS))
        earliest = START - 3 * DAY if dice.random() < 0.4 else BEGUN
        for _ in range(dice.randint(1, 12)):
            at = int(earliest + dice.random() * (END + DAY - earliest))
            more = {"test": dice.random() < 0.1, "project": ProjectId("other" if dice.random() < 0.05 else "shop")}
            campaign = "welcome" if dice.random() < 0.85 else "sale"
            action = arm if dice.random() < 0.95 else dice.choice(list(ARMS))
            told = {"campaign": campaign, "action": action, "holdout": ARMS[action], "reservation": f"r{len(entries)}"}
            entries += happened(dice, person, at, told, more)
    dice.shuffle(entries)
    others = dice.sample(people, 12)
    entries += [merged(one, other, at=NOON) for one, other in zip(others[::2], others[1::2], strict=True)]
    entries.append(merged(others[2], others[0], at=NOON + 1))
    return entries


def happened(dice: random.Random, person: str, at: int, told: dict[str, Any], more: dict[str, Any]) -> Iterator[LogEntry]:
    gates = bytes(dice.choice(list(Gate)) for _ in range(2))
    yield event(person, "view", at=at, gates=gates, id=EventId(f"{person}-{at}-{dice.random()}"), **more)
    if dice.random() < 0.8:
        yield event(person, "_message_open", told, at + 1, **more)
    if dice.random() < 0.4:
        yield event(person, "_message_click", {**told, "name": "go"}, at + 2, **more)
    if dice.random() < 0.4:
        yield event(person, "_message_close", {**told, "by": dice.choice([*HAND, "timer", "navigation"])}, at + 3, **more)
    if dice.random() < 0.3:
        yield event(person, "_message_suppressed", {**told, "winner": dice.choice(["sale", "coupon"])}, at + 4, **more)
    if dice.random() < 0.3:
        covered = {"selector": dice.choice(["#buy", "nav"]), "share": dice.choice([0.25, 1]), "message": dice.choice(["", "s1K"])}
        yield event(person, "_message_conflict", {**told, **covered}, at + 5, **more)
    if dice.random() < 0.2:
        yield event(person, "_error", {**told, "message": "x is not defined", "url": "https://shop.example/"}, at + 6, **more)
    if dice.random() < 0.4:
        answer = {"liked": dice.choice(["yes", "no"]), "score": dice.randint(1, 5), "why": f"because of {dice.random()}"}
        yield event(person, "_answer_question", {**told, "answers": answer}, at + 7, **more)
    if dice.random() < 0.3:
        yield reserved(person, at, told, more)
        yield released(person, at + 8, told, dice.choice(["delay", "scroll"]), more)
    if dice.random() < 0.4 and not more["test"]:
        project = more["project"]
        worth = dice.choice([None, dice.randint(1, 9_000) * 1_000_000])
        yield goal(person, told["campaign"], told["action"], at + 1, worth, project=project, holdout=told["holdout"])


def reserved(person: str, at: int, told: dict[str, Any], more: dict[str, Any]) -> Reserved:
    return Reserved(
        project=more["project"],
        person=PersonId(person),
        seq=2,
        now=Instant(at),
        config=1,
        at=Instant(at),
        received_at=Instant(at),
        index=0,
        id=EventId(f"{person}-{at}.r"),
        reservation=ReservationId(told["reservation"]),
        campaign=CampaignId(told["campaign"]),
        action=ActionId(told["action"]),
        holdout=told["holdout"],
        exclusive=True,
        script=False,
        page_view=None,
        session=SessionId("s"),
        event=EventId("e"),
        until=Instant(at + MINUTE),
        lapses_at=Instant(at + DAY),
        test=more["test"],
    )


def released(person: str, at: int, told: dict[str, Any], reason: str, more: dict[str, Any]) -> Released:
    return Released(
        project=more["project"],
        person=PersonId(person),
        seq=3,
        now=Instant(at),
        config=1,
        at=Instant(at),
        received_at=Instant(at),
        index=0,
        id=EventId(f"{person}-{at}.x"),
        reservation=ReservationId(told["reservation"]),
        campaign=CampaignId(told["campaign"]),
        reason=reason,
    )


class Counting:
    """The same numbers, counted one by one over the list of entries."""

    def __init__(self, entries: list[LogEntry]) -> None:
        roots: dict[str, str] = {}
        for entry in entries:
            if isinstance(entry, Merged):
                roots[entry.absorbed] = entry.person
        self.roots = roots
        self.tried = {one.reservation: one.test for one in entries if isinstance(one, Reserved)}
        self.arm = {one.reservation: one.action for one in entries if isinstance(one, Reserved)}
        self.entries = [one for one in entries if one.project == "shop" and not (isinstance(one, Event | Reserved) and one.test)]

    def who(self, person: str) -> str:
        while person in self.roots:
            person = self.roots[person]
        return person

    def said(self, name: str, start: int = START, end: int = END) -> list[Event]:
        return [
            one
            for one in self.entries
            if isinstance(one, Event) and one.name == name and one.values.get("campaign") == "welcome" and start <= one.at < end
        ]

    def goals(self) -> list[Goal]:
        return [one for one in self.entries if isinstance(one, Goal) and one.campaign == "welcome"]

    def people(self, entries: list[Any]) -> set[str]:
        return {self.who(one.person) for one in entries}

    def decided(self) -> list[tuple[str, Gate]]:
        told = [one for one in self.entries if isinstance(one, Event) and one.gates and START <= one.at < END]
        return [(self.who(one.person), Gate(one.gates[0])) for one in told]

    def crossed(self, opens: list[Event]) -> set[str]:
        met: defaultdict[str, set[str]] = defaultdict(set)
        for one in opens:
            met[self.who(one.person)].add(one.values["action"])
        return {person for person, arms in met.items() if len(arms) > 1}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    yield store
    store.close()


@pytest.fixture(scope="module", params=[1, 2])
def told(
    request: pytest.FixtureRequest, opened: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, Counting]]:
    for table in TABLES:
        opened.run(f"TRUNCATE TABLE {table}")
    entries = history(random.Random(request.param))
    loader = Loader(opened)
    for first in range(0, len(entries), 97):
        loader.load(*entries[first : first + 97])
    with console(tmp_path_factory.mktemp("console")) as house:
        house.questions.store = opened
        project = None
        for version, (share, at) in enumerate((("30%", START - 9 * DAY), ("45%", BEGUN)), 1):
            files = sources(share)
            project = compiled(files, project, version, fresh_key)
            house.office.apply(project, files, Instant(at), f"{share} for a")
        yield house, Counting(entries)


def ask(house: House, path: str, **query: Any) -> Any:
    span = {"start": date.fromordinal(FIRST).isoformat(), "end": date.fromordinal(LAST).isoformat()}
    status, answer = house.ask("GET", f"/api/projects/shop/campaigns/welcome/{path}", **span, **query)
    assert status == 200, answer
    return answer


def cell(house: House, **query: Any) -> set[str]:
    """The people behind a number; the number is how many they are."""
    answer = ask(house, "people", limit=500, **query)
    people = [one["person"] for one in answer["people"]]
    assert answer["everybody"] == len(people) == len(set(people))
    return set(people)


def test_the_stream_counts_whom_each_gate_kept(told: tuple[House, Counting]) -> None:
    house, count = told
    report = ask(house, "report")
    decided = count.decided()
    farthest: dict[str, int] = {}
    for person, gate in decided:
        farthest[person] = max(farthest.get(person, -1), ORDER.index(gate))
    assert report["came"] == len(farthest)
    assert cell(house, what="came") == set(farthest)
    assert [one["gate"] for one in report["stream"]] == [gate.name.lower() for gate in ORDER if gate in {g for _, g in decided}]
    for one in report["stream"]:
        gate, place = Gate[one["gate"].upper()], ORDER.index(Gate[one["gate"].upper()])
        wanted = {
            "reached": {person for person, far in farthest.items() if far >= place},
            "stopped": {person for person, far in farthest.items() if far == place},
            "withheld": {person for person, other in decided if other is gate},
        }
        for what, people in wanted.items():
            assert one[what] == len(people), (one, what)
            if what != "reached" or gate is Gate.AUDIENCE:
                assert cell(house, what=what, gate=one["gate"]) == people
        assert one["decisions"] == sum(other is gate for _, other in decided)


def test_every_arm_is_counted_over_the_period_and_day_by_day(told: tuple[House, Counting]) -> None:
    house, count = told
    report = ask(house, "report")
    crossed = count.crossed(count.said("_message_open"))
    assert [arm["action"] for arm in report["arms"]] == ["a1K", "b1K", "h1K"]
    for arm in report["arms"]:
        for numbers in (arm["whole"], *arm["days"]):
            day = date.fromisoformat(numbers["day"]).toordinal() if numbers["day"] else None
            start, end = (START, END) if day is None else (TOKYO.day_start(day), TOKYO.day_start(day + 1))

            def said(name: str, start: int = start, end: int = end, action: str = arm["action"]) -> list[Event]:
                return [one for one in count.said(name, start, end) if one.values["action"] == action]

            opens, clicks = said("_message_open"), said("_message_click")
            goals = [one for one in count.goals() if one.action == arm["action"] and start <= one.exposed_at < end]
            own = [one for one in goals if count.who(one.person) not in crossed]
            judged, achievers = count.people(opens) - crossed, count.people(own)
            worth = sum(one.value_micros or 0 for one in own) / 1_000_000
            assert numbers == {
                "day": numbers["day"],
                "shown": len(opens),
                "people": len(count.people(opens)),
                "clicked": len(clicks),
                "clickers": len(count.people(clicks)),
                "closed": sum(one.values["by"] in HAND for one in said("_message_close")),
                "goals": len(goals),
                "judged": len(judged),
                "achievers": len(achievers),
                "click_rate": len(count.people(clicks)) / len(count.people(opens)) if opens else None,
                "goal_rate": len(achievers) / len(judged) if judged else None,
                "goal_value": worth,
                "goal_value_per_person": worth / len(judged) if judged else None,
            }
            if day is None:
                assert cell(house, what="shown", arm=arm["action"]) == count.people(opens)
                assert cell(house, what="clicked", arm=arm["action"]) == count.people(clicks)
                assert cell(house, what="judged", arm=arm["action"]) == judged
                assert cell(house, what="goal", arm=arm["action"]) == achievers


def test_both_sides_of_the_stream_are_counted(told: tuple[House, Counting]) -> None:
    house, count = told
    report = ask(house, "report")
    opens = count.said("_message_open")
    crossed = count.crossed(opens)
    for side, held in (("message", False), ("holdout", True)):
        met = [one for one in opens if one.values["holdout"] is held]
        clicks = [one for one in count.said("_message_click") if one.values["holdout"] is held]
        goals = [one for one in count.goals() if one.holdout is held and START <= one.exposed_at < END]
        wanted = {
            "shown": count.people(met),
            "clicked": count.people(clicks),
            "judged": count.people(met) - crossed,
            "goal": count.people(goals) - crossed,
        }
        found = {**report[side], "goal": report[side]["achieved"]}
        for what, people in wanted.items():
            assert found[what] == len(people)
            assert cell(house, what=what, side=side) == people


def test_the_verdict_rests_on_whoever_was_first_shown_since_the_shares_changed(told: tuple[House, Counting]) -> None:
    house, count = told
    report = ask(house, "report")
    opens = count.said("_message_open", 0)
    first = {person: min(one.at for one in opens if count.who(one.person) == person) for person in count.people(opens)}
    new = {person for person, at in first.items() if at >= BEGUN}
    crossed = count.crossed(opens) & new
    assert report["since"] == {"at": BEGUN, "why": "shares", "people": len(new - crossed), "crossed": len(crossed)}
    assert cell(house, what="crossed") == crossed
    arm_of = {count.who(one.person): one.values["action"] for one in opens}
    reached = {count.who(one.person): one for one in count.goals() if one.at < END}
    divided = {one["action"]: one["people"] for one in report["proof"]["fairness"]["divisions"]}
    for action, people in divided.items():
        assert people == sum(arm_of[person] == action for person in new - crossed)
    main = report["proof"]["main"]
    for side, held in (("arm", False), ("base", True)):
        own = {person for person in new - crossed if ARMS[arm_of[person]] is held}
        worth = sum((one.value_micros or 0) / 1_000_000 for one in count.goals() if count.who(one.person) in own and one.at < END)
        assert main[side]["people"] == len(own)
        assert main[side]["achievers"] == len(own & set(reached))
        assert main[side]["value_per_person"] == pytest.approx(worth / len(own))
    assert sum(point["people"] for point in report["proof"]["course"][-1:]) == len(new - crossed)
    assert report["proof"]["verdict"] == "too_early"
    assert report["proof"]["headline"]["en"].startswith(f"Shown to {main['arm']['people']} people; ")


def test_troubles_and_answers_are_counted(told: tuple[House, Counting]) -> None:
    house, count = told
    troubles = ask(house, "report/troubles")
    closes = count.said("_message_close")
    assert grouped(troubles["closings"], ("action", "how")) == counted(count, closes, "action", "by")
    gave_way = count.said("_message_suppressed")
    assert grouped(troubles["suppressions"], ("winner",)) == counted(count, gave_way, "winner")
    assert cell(house, what="gave_way", winner="coupon") == count.people([w for w in gave_way if w.values["winner"] == "coupon"])
    conflicts = count.said("_message_conflict")
    assert grouped(troubles["conflicts"], ("selector", "other")) == counted(count, conflicts, "selector", "message")
    assert {one["campaign"] for one in troubles["conflicts"]} <= {"", "sale"}
    errors = sorted(count.said("_error"), key=lambda one: -one.at)
    assert [one["at"] for one in troubles["mistakes"]] == [one.at for one in errors]
    assert {one["person"] for one in troubles["mistakes"]} == count.people(errors) == cell(house, what="failed")
    given_back = [
        one
        for one in count.entries
        if isinstance(one, Released) and one.campaign == "welcome" and START <= one.at < END and not count.tried[one.reservation]
    ]
    times = Counter((count.arm[one.reservation], one.reason) for one in given_back)
    assert {(one["action"], one["how"]): one["times"] for one in troubles["releases"]} == times
    answers = ask(house, "report/answers")
    filled = count.said("_answer_question")
    assert (answers["read"], answers["people"]) == (len(filled), len(count.people(filled)))
    questions = {one["field"]: one for one in answers["questions"]}
    for field in ("liked", "score"):
        values = Counter(one.values["answers"][field] for one in filled)
        assert {one["value"]: one["times"] for one in questions[field]["choices"]} == values
    scores = [one.values["answers"]["score"] for one in filled]
    assert questions["score"]["mean"] == pytest.approx(sum(scores) / len(scores))
    assert questions["liked"]["mean"] is None
    assert sorted(one["text"] for one in questions["why"]["texts"]) == sorted(one.values["answers"]["why"] for one in filled)


def grouped(rows: list[dict[str, Any]], by: tuple[str, ...]) -> dict[tuple[str, ...], tuple[int, int]]:
    return {tuple(row[key] for key in by): (row["times"], row["people"]) for row in rows}


def counted(count: Counting, entries: list[Event], *by: str) -> dict[tuple[str, ...], tuple[int, int]]:
    groups: defaultdict[tuple[str, ...], list[Event]] = defaultdict(list)
    for one in entries:
        groups[tuple(one.values[key] for key in by)].append(one)
    return {key: (len(own), len(count.people(own))) for key, own in groups.items()}


def test_a_report_names_the_versions_that_changed_it(told: tuple[House, Counting]) -> None:
    house, _ = told
    assert [(one["version"], one["at"], one["comment"]) for one in ask(house, "report")["versions"]] == [(2, BEGUN, "45% for a")]


def test_whoever_may_not_see_people_is_told_numbers_and_neither_names_nor_words(told: tuple[House, Counting]) -> None:
    house, _ = told
    reader, seer = token(house, "reader", "shop", "read"), token(house, "seer", "shop", "read", "people")
    for who, may in ((reader, False), (seer, True)):
        status, troubles = who.ask(house, "GET", "/api/projects/shop/campaigns/welcome/report/troubles")
        assert status == 200
        assert {bool(one["person"]) for one in troubles["mistakes"]} == {may}
        answers = who.ask(house, "GET", "/api/projects/shop/campaigns/welcome/report/answers")[1]
        texts = [text for question in answers["questions"] for text in question["texts"]]
        assert (bool(texts), answers["withheld"]) == (may, not may)
        behind = who.ask(house, "GET", "/api/projects/shop/campaigns/welcome/people", what="shown")
        assert behind[0] == (200 if may else 403)
        latest = who.ask(house, "GET", "/api/projects/shop/catalogue/view")[1]["latest"]
        assert bool(latest) == may


def test_comparing_begins_when_the_shares_or_the_goal_became_what_they_are(opened: Store, tmp_path: Path) -> None:
    noon = [Instant(TOKYO.day_start(FIRST + day) + 12 * 3_600_000) for day in range(5)]
    texts = [sources("30%"), sources("30%"), sources("30%"), sources("45%")]
    texts[0] = {**texts[0], "campaigns/welcome.yaml": texts[0]["campaigns/welcome.yaml"].replace("7 days", "3 days")}
    texts[2] = {**texts[2], "campaigns/sale.yaml": texts[2]["campaigns/sale.yaml"].replace("Sale", "Sold out")}
    with console(tmp_path) as house:
        house.questions.store = opened
        project = None
        for version, files in enumerate(texts, 1):
            project = compiled(files, project, version, fresh_key)
            house.office.apply(project, files, noon[version - 1])
        found: list[tuple[int, str]] = []
        for day in range(5):
            end = date.fromordinal(FIRST + day).isoformat()
            since = house.ask("GET", "/api/projects/shop/campaigns/welcome/report", end=end)[1]["since"]
            found.append((since["at"], since["why"]))
    assert found == [
        (noon[0], "first"),
        (noon[1], "goal"),
        (noon[1], "goal"),
        (noon[3], "shares"),
        (noon[3], "shares"),
    ]
