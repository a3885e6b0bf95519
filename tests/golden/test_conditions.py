"""``spec/conditions.json``: what a condition means, case by case, for every reading of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.property.histories import CALENDARS, History, profile_of

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import evaluate, generate, parse
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.statistics import used_by
from omotenashi.model.campaigns import Purpose
from omotenashi.model.entries import Event
from omotenashi.model.ids import EventId, Instant, PersonId, ProjectId, SessionId, VisitorId
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import Rule

CASES = json.loads((Path(__file__).parents[2] / "spec" / "conditions.json").read_text())


def parsed(tree: Any, place: parse.Place, known: parse.Known) -> Rule:
    rule = parse.rule(tree, place, known)
    assert not isinstance(rule, list), rule
    return rule


def environment(case: dict[str, Any]) -> tuple[Environment, parse.Known]:
    calendar = CALENDARS.setdefault(case["zone"], Calendar(case["zone"]))
    purposes = {name: Purpose(name, **each) for name, each in case.get("purposes", {}).items()}
    lists = {name: frozenset(users) for name, users in case.get("lists", {}).items()}
    known = parse.Known(calendar, case.get("segments", {}), lists, purposes)
    derived = {name: (each["from"], parsed(each["where"], "filter", known)) for name, each in case.get("derived", {}).items()}
    known = parse.Known(calendar, case.get("segments", {}), lists, purposes, derived)
    segments = {name: parsed(tree, "person", known) for name, tree in case.get("segments", {}).items()}
    return Environment(calendar, segments, lists, purposes), known


def person(case: dict[str, Any], calendar: Calendar, now: int, rule: Rule, env: Environment) -> Profile:
    sessions: dict[str, int] = {}
    for each in case["history"]:
        at = calendar.parse_instant(each["at"])
        sessions[each["session"]] = min(at, sessions.get(each["session"], at))
    events = [
        Event(
            project=ProjectId("shop"),
            person=PersonId("v"),
            seq=index + 1,
            now=Instant(now),
            config=1,
            at=calendar.parse_instant(each["at"]),
            received_at=calendar.parse_instant(each["at"]),
            index=index,
            id=EventId(f"e{index}"),
            name=each["name"],
            values=each["values"],
            visitor=VisitorId("v"),
            user_id=None,
            session=SessionId(each["session"]),
            session_started_at=Instant(sessions[each["session"]]),
            opened_session=False,
            late=False,
            source="tag",
            visible_ms=each.get("visible_ms", 0),
        )
        for index, each in enumerate(case["history"])
    ]
    about = case.get("person", {})
    consents = {name: (calendar.parse_instant(at), state, "") for name, (at, state) in about.get("consents", {}).items()}
    history = History(case["zone"], now, events, about.get("user_id"), about.get("attributes", {}), consents)
    return profile_of(history, used_by(rule, env.segments).values())


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_a_condition_means_what_its_case_says(case: dict[str, Any]) -> None:
    env, known = environment(case)
    rule = parsed(case["rule"], "person", known)
    now = env.calendar.parse_instant(case["now"])
    profile = person(case, env.calendar, now, rule, env)
    assert evaluate.closure(rule, env)(profile, None, now) is case["expect"]
    assert generate.predicate(rule, env)(profile, None, now) is case["expect"]


def test_every_case_has_a_title_of_its_own() -> None:
    titles = [case["title"] for case in CASES]
    assert len(titles) >= 60
    assert len(set(titles)) == len(titles)
