"""Rules as people write them, right and wrong."""

# ruff: noqa: E501  a case is a line

from typing import Any

import pytest

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import parse
from omotenashi.engine.statistics import identified
from omotenashi.model.ids import SegmentId
from omotenashi.model.rules import (
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Consented,
    Fact,
    Field,
    InList,
    InSegment,
    Not,
    Op,
    Period,
    Rule,
    Span,
    When,
)

TOKYO = Calendar("Asia/Tokyo")
SALE = Compare(Field(("path",)), Op.STARTS, "/sale")
KNOWN = parse.Known(
    calendar=TOKYO,
    segments=("gold", "silver"),
    lists=("vip",),
    purposes=("record",),
    derived={"sale_view": ("view", SALE)},
)


def read(tree: Any, place: parse.Place = "person") -> Rule:
    rule = parse.rule(tree, place, KNOWN)
    assert not isinstance(rule, list), rule
    return rule


def mistakes(tree: Any, place: parse.Place = "person") -> list[tuple[str, str]]:
    found = parse.rule(tree, place, KNOWN)
    assert isinstance(found, list), found
    return [(mistake.path, mistake.message) for mistake in found]


def count(where: Rule | None = None, period: Period | None = None, event: str = "view") -> Any:
    return identified(event, (), where, Aggregate.COUNT, period or Period())


@pytest.mark.parametrize(
    ("tree", "rule"),
    [
        ([], All(())),
        ({"all": []}, All(())),
        ({"any": [{"segment": "gold"}, {"list": "vip"}]}, AnyOf((InSegment(SegmentId("gold")), InList("vip")))),
        ({"not": {"segment": "gold"}}, Not(InSegment(SegmentId("gold")))),
        ({"fact": "visits", "op": "=", "value": 1}, Compare(Fact("visits"), Op.EQ, 1)),
        ({"attribute": "shop.plan", "op": "exists"}, Compare(Attribute(("shop", "plan")), Op.EXISTS)),
        ({"consent": "record", "op": "=", "value": "granted"}, Compare(Consented("record"), Op.EQ, "granted")),
        ({"event": "view", "op": ">=", "value": 2}, Compare(count(), Op.GE, 2)),
        ({"event": "view", "period": "4 weeks", "op": "exists"}, Compare(count(None, Period("days", 28)), Op.EXISTS)),
        ({"event": "sale_view", "op": "missing"}, Compare(count(SALE), Op.MISSING)),
        (
            {"event": "sale_view", "where": {"field": "ad", "op": "exists"}, "op": "exists"},
            Compare(count(All((SALE, Compare(Field(("ad",)), Op.EXISTS)))), Op.EXISTS),
        ),
        (
            {"event": "buy", "field": "items.sku", "op": "ever", "value": "a"},
            Compare(count(Compare(Field(("items", "sku")), Op.EQ, "a"), None, "buy"), Op.GE, 1),
        ),
        (
            {"event": "cart", "field": "price", "op": "between", "value": [4000, 4999]},
            Compare(identified("cart", ("price",), None, Aggregate.LAST, Period()), Op.BETWEEN, (4000, 4999)),
        ),
        (
            {"event": "cart", "field": "price", "aggregate": "sum", "period": {"between": ["2026-01-01", "2026-01-31"]}, "op": ">", "value": 1.0},
            Compare(identified("cart", ("price",), None, Aggregate.SUM, Period("between", 0, "2026-01-01", "2026-01-31")), Op.GT, 1),
        ),
        ({"attribute": "joined_at", "op": ">", "value": {"ago": "3 days"}}, Compare(Attribute(("joined_at",)), Op.GT, When(ago_ms=3 * 86_400_000))),
        ({"attribute": "joined_at", "op": "<=", "value": {"today": -7}}, Compare(Attribute(("joined_at",)), Op.LE, When(days=-7, last=True))),
        (
            {"fact": "first_seen_at", "op": "=", "value": {"date": "2026-11-21"}},
            Compare(
                Fact("first_seen_at"),
                Op.BETWEEN,
                Span(
                    When(at=TOKYO.parse_instant("2026-11-21T00:00")),
                    When(at=TOKYO.parse_instant("2026-11-21T23:59:59.999")),
                ),
            ),
        ),
        (
            {"fact": "first_seen_at", "op": "=", "value": {"date": "2026-11-21T09:00"}},
            Compare(Fact("first_seen_at"), Op.EQ, When(at=TOKYO.parse_instant("2026-11-21T09:00"))),
        ),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_meant(tree: Any, rule: Rule) -> None:
    assert read(tree) == rule


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        (None, "rule", "expected a condition or a list of conditions, got nothing"),
        ({"evnt": "view"}, "rule", "expected one of all, any, not, segment, list, event, field, fact, attribute, consent, got 'evnt'; did you mean 'event'?"),
        ({"any": []}, "rule.any", "expected at least one condition: none of nothing is ever true"),
        ({"all": {"segment": "gold"}}, "rule.all", "expected a list of conditions, got an object"),
        ({"segment": "gol"}, "rule.segment", "expected the name of a segment: gold, silver, got 'gol'; did you mean 'gold'?"),
        ({"fact": "visit", "op": "=", "value": 1}, "rule.fact", "expected a fact such as member, logged_in, visits, views, first_seen_at, last_seen_at, got 'visit'; did you mean 'visits'?"),
        ({"fact": "visits", "op": "starts", "value": "1"}, "rule.op", "expected one of =, !=, >, >=, <, <=, between, not_between, in, not_in, exists, missing for a number, got 'starts'"),
        ({"fact": "visits", "op": "=", "value": "1"}, "rule.value", "expected a number, got '1'"),
        ({"fact": "visits", "op": "=", "value": True}, "rule.value", "expected a number, got true"),
        ({"fact": "visits", "op": ">", "value": 2**60}, "rule.value", "expected finite and between -(2^53-1) and 2^53-1, got 1152921504606846976"),
        ({"fact": "visits", "op": "between", "value": [2, 1]}, "rule.value", "expected the lower number first, got [2, 1]"),
        ({"fact": "device", "op": "=", "value": 5}, "rule.value", "expected a text, got 5; put it in quotes: '5'"),
        ({"fact": "member", "op": "=", "value": "yes"}, "rule.value", "expected true or false, got 'yes'"),
        ({"fact": "visits", "op": "exists", "value": 1}, "rule.value", "expected no value with `exists`"),
        ({"fact": "visits", "op": "=", "valeu": 1}, "rule.valeu", "expected only fact, op, value here, got 'valeu'; did you mean 'value'?"),
        ({"event": "3x", "op": "exists"}, "rule.event", "expected an event name: letters, digits, _ and $, at most 128, no digit first, got '3x'"),
        ({"event": "buy", "aggregate": "sum", "op": ">", "value": 1}, "rule.field", "expected a field: `sum` of what?"),
        ({"event": "buy", "period": "400 days", "op": "exists"}, "rule.period", "expected 1 to 366 days, got '400 days'"),
        ({"event": "buy", "period": "73 hours", "op": "exists"}, "rule.period", "expected 1 to 72 hours, got '73 hours'"),
        ({"event": "buy", "period": {"between": ["2026-02-01", "2026-01-01"]}, "op": "exists"}, "rule.period.between", "expected [first day, last day] such as [\"2026-01-01\", \"2026-01-31\"], got ['2026-02-01', '2026-01-01']"),
        ({"event": "buy", "field": "x", "aggregate": "distinct", "op": ">", "value": 1000}, "rule.value", "expected at most 999: different values are counted up to 1000"),
        ({"attribute": "rank", "op": "matches", "value": "("}, "rule.value", "expected an RE2 regular expression: missing ): ("),
        ({"attribute": "rank", "op": "matches", "value": "(?=a)"}, "rule.value", "expected an RE2 regular expression: invalid perl operator: (?="),
        ({"attribute": "rank", "op": "=", "value": {"date": "2026-11-21"}}, "rule.value", "expected a plain value: dates go with fields and attributes named *_at (ms) or *_date (s)"),
        ({"fact": "first_seen_at", "op": ">", "value": 5}, "rule.value", 'expected {date: "2026-11-21"}, {date: "2026-11-21T09:00"}, {ago: "3 days"} or {today: -7}'),
        ({"fact": "first_seen_at", "op": "=", "value": {"ago": "3 days"}}, "rule.value", "expected a date or a day for `=`; `ago` is to the millisecond, so use < or >"),
        ({"fact": "first_seen_at", "op": ">", "value": {"date": "2026-02-30"}}, "rule.value.date", "expected a date such as \"2026-11-21\" or \"2026-11-21T09:00\", got '2026-02-30'"),
        ({"event": "buy", "where": {"field": "b_at", "op": ">", "value": {"ago": "1 day"}}, "op": "exists"}, "rule.where.value.ago", "expected a fixed date: what a filter counted cannot change as time passes"),
        ({"event": "buy", "where": {"fact": "visits", "op": "=", "value": 1}, "op": "exists"}, "rule.where.fact", "expected a field: this condition sees one event, not a person"),
        ({"field": "price", "op": "=", "value": 1}, "rule.field", "expected an event, fact, attribute, segment or list here; a field belongs to an event: {event: ..., field: ...}"),
        ({"consent": "record", "op": "=", "value": "yes"}, "rule.value", "expected one of unknown, granted, denied, withdrawn, expired, got 'yes'"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place_and_what_was_expected(tree: Any, path: str, message: str) -> None:
    assert mistakes(tree) == [(path, message)]


def test_every_mistake_is_told_at_once_with_its_own_path() -> None:
    tree = {
        "all": [
            {"segment": "nobody"},
            {"event": "buy", "where": [{"field": "a", "op": "is"}, {"field": "b", "op": "="}], "op": ">=", "value": "x"},
            {"not": {"any": [{"list": "none"}, {"fact": "visits", "op": "=", "value": 1}]}},
        ]
    }
    assert [path for path, _ in mistakes(tree)] == [
        "rule.all[0].segment",
        "rule.all[1].where[0].op",
        "rule.all[1].where[1].value",
        "rule.all[1].value",
        "rule.all[2].not.any[0].list",
    ]


def test_a_trigger_may_ask_for_relative_dates_but_not_for_a_person() -> None:
    relative = {"field": "bought_at", "op": ">", "value": {"ago": "1 day"}}
    assert read(relative, "event") == Compare(Field(("bought_at",)), Op.GT, When(ago_ms=86_400_000))
    assert mistakes({"segment": "gold"}, "event")[0][0] == "rule.segment"


def test_a_rule_without_end_is_refused_quickly() -> None:
    deep: Any = {"segment": "gold"}
    for _ in range(5000):
        deep = {"not": deep}
    assert [message for _, message in mistakes(deep)] == ["expected conditions nested at most 16 deep"]
    wide = {"any": [{"segment": "gold"}] * 5000}
    assert [message for _, message in mistakes(wide)] == ["expected at most 500 conditions in one rule"]
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    assert mistakes({"fact": "visits", "op": "=", "value": nested}) == [
        ("rule.value", "expected a number, got a list of lists or objects")
    ]
