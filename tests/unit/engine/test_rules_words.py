"""Rules read aloud, and the rows that explain them."""

# ruff: noqa: E501  a case is a line

from typing import Any

import pytest

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules import explain, parse, words
from omotenashi.engine.rules.environment import Environment
from omotenashi.engine.rules.thresholds import thresholds
from omotenashi.model.ids import Instant, PersonId, SegmentId, SessionId
from omotenashi.model.outcomes import Compared
from omotenashi.model.profiles import Profile, Register, Session
from omotenashi.model.rules import All, Compare, Fact, Field, InSegment, Op, Rule

TOKYO = Calendar("Asia/Tokyo")
DERIVED: dict[str, tuple[str, Rule]] = {"sale_view": ("view", Compare(Field(("path",)), Op.STARTS, "/sale"))}
KNOWN = parse.Known(TOKYO, ("gold",), ("vip",), ("record",), DERIVED)
JA = words.Names({"gold": "ゴールド会員"}, {"buy": "購入", "cart": "カート", "sale_view": "セール閲覧"}, DERIVED, TOKYO)
EN = words.Names({"gold": "Gold members"}, {"buy": "Purchase", "cart": "Cart"}, DERIVED, TOKYO)


def read(tree: Any) -> Rule:
    rule = parse.rule(tree, "person", KNOWN)
    assert not isinstance(rule, list), rule
    return rule


@pytest.mark.parametrize(
    ("tree", "ja", "en"),
    [
        ([], "すべての人", "Everyone"),
        ({"event": "sale_view", "period": "7 days", "op": ">=", "value": 1}, "過去7日間に「セール閲覧」が1回以上発生した", "“sale_view” happened at least once in the last 7 days"),
        ({"event": "buy", "op": "missing"}, "「購入」が一度も発生していない", "“Purchase” has not happened"),
        ({"event": "view", "period": "session", "op": ">=", "value": 5}, "このセッションに「ページ閲覧」が5回以上発生した", "“page view” happened at least 5 times in this session"),
        ({"event": "buy", "period": "1 day", "op": "between", "value": [2, 3]}, "今日に「購入」が2回以上3回以下発生した", "“Purchase” happened 2 to 3 times today"),
        ({"event": "cart", "field": "price", "op": "between", "value": [4000, 4999]}, "「カート」の最新の「price」が4,000以上4,999以下である", "The latest “price” of “Cart” is between 4,000 and 4,999"),
        ({"event": "buy", "field": "revenue", "aggregate": "sum", "period": "60 days", "op": ">=", "value": 10000}, "過去60日間の「購入」の「revenue」の合計が10,000以上である", "The total “revenue” of “Purchase” in the last 60 days is at least 10,000"),
        ({"event": "buy", "field": "item", "op": "ever", "value": "tea"}, "「購入」（「item」が「tea」である）が1回以上発生した", "“Purchase” (where “item” is “tea”) happened at least once"),
        ({"event": "buy", "aggregate": "last_at", "op": ">=", "value": {"ago": "3 days"}}, "最新の「購入」の日時が過去3日以内である", "The time of the latest “Purchase” is within the last 3 days"),
        ({"event": "buy", "aggregate": "last_at", "op": "=", "value": {"today": -1}}, "最新の「購入」の日時が昨日である", "The time of the latest “Purchase” is yesterday"),
        ({"fact": "first_seen_at", "op": "<=", "value": {"date": "2026-11-21"}}, "初回の来訪日時が2026年11月21日以前である", "The first visit is 2026-11-21 or earlier"),
        ({"fact": "first_seen_at", "op": ">", "value": {"date": "2026-11-21T09:30"}}, "初回の来訪日時が2026年11月21日 09:30より後である", "The first visit is after 2026-11-21 09:30"),
        ([{"fact": "member", "op": "=", "value": False}, {"fact": "visits", "op": "=", "value": 1}], "会員でない、かつ、来訪回数が1である", "Is not a member, and the number of visits is 1"),
        ({"any": [{"segment": "gold"}, [{"list": "vip"}, {"fact": "session.ad", "op": "exists"}]]}, None, "Is in the segment “Gold members”, or (is in the list “vip”, and came from an advertisement in this session)"),
        ({"not": {"segment": "gold"}}, "セグメント「ゴールド会員」に含まれない", "Is not in the segment “Gold members”"),
        ({"attribute": "rank", "op": "in", "value": ["gold", "silver"]}, "属性「rank」が「gold」、「silver」のいずれかである", "The attribute “rank” is one of “gold”, “silver”"),
        ({"fact": "page.url", "op": "not_contains", "value": "cart"}, "現在のページのURLが「cart」を含まない", "The URL of the current page does not contain “cart”"),
        ({"fact": "previous_session.landing.query.plan", "op": "=", "value": "a"}, "前回のセッションの最初のページのURLパラメータ「plan」が「a」である", "The URL parameter “plan” of the landing page of the previous session is “a”"),
        ({"consent": "record", "op": "=", "value": "denied"}, "「record」への同意が「拒否」である", "The consent to “record” is denied"),
    ],
)  # fmt: skip
def test_a_rule_reads_well_in_both_languages(tree: Any, ja: str | None, en: str) -> None:
    rule = read(tree)
    assert words.sentence(rule, "en", EN) == en
    if ja is not None:
        assert words.sentence(rule, "ja", JA) == ja


def test_a_row_says_what_was_looked_at_wanted_and_found() -> None:
    rule = read([{"segment": "gold"}, {"fact": "session.page_views", "op": ">=", "value": 5}])
    env = Environment(TOKYO, {SegmentId("gold"): read({"attribute": "rank", "op": "=", "value": "gold"})})
    person = Profile(PersonId("v"))
    person.attributes = {"rank": Register((1, 1, 0, ""), ["gold"])}
    person.sessions = [Session(SessionId("s"), Instant(0), Instant(0), page_views=3)]
    assert explain.compared(rule, person, None, 0, env, EN) == (
        Compared(
            "rule.all[0].segment(gold)", "属性「rank」", "the attribute “rank”", "「gold」である", "is “gold”", "gold", True
        ),
        Compared(
            "rule.all[1]",
            "このセッションの閲覧ページ数",
            "the number of pages viewed in this session",
            "5以上である",
            "is at least 5",
            3,
            False,
        ),
    )


def test_under_a_not_the_row_wants_the_opposite() -> None:
    env = Environment(TOKYO)
    rule = read({"not": {"any": [{"fact": "visits", "op": "=", "value": 0}, {"fact": "device", "op": "exists"}]}})
    rows = explain.compared(rule, Profile(PersonId("v")), None, 0, env, EN)
    assert [(row.path, row.wanted_en, row.passed) for row in rows] == [
        ("rule.not.any[0]", "not (is 0)", False),
        ("rule.not.any[1]", "is not known", True),
    ]


def test_found_sums_are_shown_as_numbers_and_lists_as_lists() -> None:
    env = Environment(TOKYO)
    rule = read(
        [
            {"event": "buy", "field": "revenue", "aggregate": "sum", "op": ">", "value": 1},
            {"attribute": "rank", "op": "=", "value": "b"},
        ]
    )
    assert isinstance(rule, All)
    person = Profile(PersonId("v"))
    person.accumulators = {rule.of[0].subject.id: 1_500_000}  # type: ignore[union-attr]
    person.attributes = {"rank": Register((1, 1, 0, ""), ["a", "c"])}
    assert [row.found for row in explain.compared(rule, person, None, 0, env, EN)] == [1.5, ["a", "c"]]


@pytest.mark.parametrize(
    ("op", "value", "edges"),
    [
        (Op.GE, 180, [180]),
        (Op.LT, 180, [180]),
        (Op.GT, 180, [181]),
        (Op.LE, 180, [181]),
        (Op.EQ, 5, [5, 6]),
        (Op.NE, 5, [5, 6]),
        (Op.BETWEEN, (5, 9), [5, 10]),
        (Op.NOT_BETWEEN, (5, 9), [5, 10]),
        (Op.IN, (5, 9), [5, 6, 9, 10]),
        (Op.EXISTS, None, []),
    ],
)
def test_a_waiting_page_knows_at_which_second_a_rule_can_change(op: Op, value: Any, edges: list[int]) -> None:
    segments = {SegmentId("long"): Compare(Fact("session.seconds"), op, value)}
    rule = All((InSegment(SegmentId("long")), Compare(Fact("visits"), Op.GE, 3)))
    assert thresholds(rule, segments) == [("session.seconds", edge) for edge in edges]
