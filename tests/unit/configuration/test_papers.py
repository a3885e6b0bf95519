"""Documents one by one: their text with other data, what changed in words, two people's changes put together."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.configuration.folders import SMALL, compile_small

from omotenashi.configuration import documents, papers
from omotenashi.configuration.layout import relaid, same
from omotenashi.configuration.merging import merged
from omotenashi.configuration.saying import Edit, Said, Speaker
from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.parse import Known
from omotenashi.engine.rules.words import Names

HAND_WRITTEN = """\
# Asked for by the tea counter.
name: { ja: 茶, en: "Tea: now" }   # both are read aloud
state: live
trigger: { event: view }

actions:
  - name: A   # the first one
    weight: 45%
    texts: { title: '09:00', until: 2026-11-21 }
  - holdout: 10%
"""


def data(text: str) -> Any:
    document = documents.read("", text, [])
    return None if document is None else document.data


def test_only_the_lines_that_changed_are_written_anew() -> None:
    document = data(HAND_WRITTEN)
    document["actions"][0]["weight"] = "40%"
    document["priority"] = 5
    assert relaid(HAND_WRITTEN, document) == HAND_WRITTEN.replace("45%", "40%") + "priority: 5\n"


def test_a_comment_stays_with_its_line_when_another_arm_goes() -> None:
    document = data(HAND_WRITTEN)
    document["actions"].pop()
    assert relaid(HAND_WRITTEN, document) == HAND_WRITTEN.replace("  - holdout: 10%\n", "")


def test_the_same_data_is_the_same_text_to_the_byte() -> None:
    assert relaid(HAND_WRITTEN, data(HAND_WRITTEN)) is HAND_WRITTEN


def test_a_text_that_is_not_yaml_is_written_anew() -> None:
    assert data(relaid("name: [", {"name": "x"})) == {"name": "x"}


tricky = st.sampled_from(
    ["no", "09:00", "1e3", "0x1F", "2026-11-21", "~", "", "a: b", "# c", "- d", "多", "x\ny", "x\n", " y", "true"]
)
scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6) | tricky
trees = st.recursive(
    scalars,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "no", "x y", "日"]), below, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "state", "actions", "trigger", "new"]), trees, max_size=4))
def test_whatever_the_data_are_the_text_reads_as_them(after: dict[str, Any]) -> None:
    for before in (HAND_WRITTEN, "", "a: 1\n"):
        assert same(data(relaid(before, after)) or {}, after)


def speaker() -> Speaker:
    project = compile_small()
    known = Known(
        calendar=Calendar("Asia/Tokyo"), derived=project.derived, segments=frozenset(project.segments), lists=frozenset()
    )
    return Speaker(known, lambda language: Names({"gold": "ゴールド" if language == "ja" else "Gold"}, {}, project.derived))


def test_a_changed_rule_is_said_as_a_sentence_in_both_languages() -> None:
    before = {"rule": {"event": "buy", "op": "exists"}}
    after = {"rule": {"segment": "gold"}}
    (edit,) = speaker().edits("segments", before, after)
    assert (edit.path, edit.before.en, edit.after.ja) == (
        "rule",
        "“buy” happened at least once",
        "セグメント「ゴールド」に含まれる",
    )


def test_arms_are_compared_by_their_names_not_by_their_places() -> None:
    arm = {"name": "A", "weight": "50%"}
    before = {"actions": [{"name": "B", "weight": "50%"}, arm]}
    after = {"actions": [arm | {"weight": "40%"}, {"holdout": "10%"}]}
    assert speaker().edits("campaigns", before, after) == [
        Edit("actions[B]", Said("name: B\nweight: 50%", "name: B\nweight: 50%"), Said("", "")),
        Edit("actions[A].weight", Said("50%", "50%"), Said("40%", "40%")),
        Edit("actions[holdout]", Said("", ""), Said("holdout: 10%", "holdout: 10%")),
    ]


def test_what_two_people_changed_in_different_places_goes_together() -> None:
    base = {"name": "a", "priority": 1, "pages": {"include": ["/"]}}
    mine = {"name": "b", "priority": 1, "pages": {"include": ["/"], "exclude": ["/cart"]}}
    theirs = {"name": "a", "pages": {"include": ["/tea"]}, "state": "paused"}
    document, clashes = merged("campaigns", base, mine, theirs)
    assert clashes == []
    assert document == {"name": "b", "pages": {"include": ["/tea"], "exclude": ["/cart"]}, "state": "paused"}


def test_what_two_people_changed_in_one_place_is_asked_for_and_the_rest_goes_together() -> None:
    base = {"rule": {"all": [{"segment": "gold"}]}, "actions": [{"name": "A", "texts": {"title": {"ja": "い", "en": "i"}}}]}
    mine = {"rule": {"all": [{"segment": "keen"}]}, "actions": [{"name": "A", "texts": {"title": {"ja": "ろ", "en": "i"}}}]}
    theirs = {"rule": {"any": [{"segment": "gold"}]}, "actions": [{"name": "A", "texts": {"title": {"ja": "い", "en": "ii"}}}]}
    document, clashes = merged("campaigns", base, mine, theirs)
    assert [(clash.path, clash.steps) for clash in clashes] == [
        ("rule", ("rule",)),
        ("actions[0].texts.title", ("actions", 0, "texts", "title")),
    ]
    assert document == mine


@settings(deadline=None)
@given(trees, trees)
def test_a_change_of_one_side_alone_never_clashes(base: Any, mine: Any) -> None:
    whole = ({"x": base}, {"x": mine}, {"x": base})
    document, clashes = merged("tables", *whole)
    assert clashes == []
    assert same(document, {"x": mine})


@pytest.mark.parametrize(
    ("kind", "id", "path"),
    [
        ("project", "", "project.yaml"),
        ("segments", "gold", "segments/gold.yaml"),
        ("templates", "card", "templates/card"),
        ("campaigns", "hello", "campaigns/hello.yaml"),
    ],
)
def test_every_document_is_found_and_put_back_as_it_was(kind: papers.Kind, id: str, path: str) -> None:
    place = papers.place(kind, id, SMALL)
    assert place in list(papers.places(SMALL))
    assert papers.place_of(path) == place == papers.Place(kind, id, path)
    text = papers.text_of(place, SMALL)
    assert text is not None
    assert papers.with_text(SMALL, place, text) == SMALL
    assert papers.text_of(place, papers.with_text(SMALL, place, None)) is None
    assert papers.text_with(place, text, papers.data_of(place, text, [])) == text


def test_a_table_of_cells_and_a_list_come_back_as_they_were() -> None:
    sources = {"tables/price.csv": 'key,yen:number\na,"1"\nb,2\n', "lists/vip.txt": "a\nb\n"}
    table, vips = papers.place("tables", "price", sources), papers.place("lists", "vip", sources)
    cells = papers.data_of(table, sources[table.path], [])
    assert cells == {"header": ["key", "yen:number"], "lines": [["a", "1"], ["b", "2"]]}
    assert papers.text_with(table, None, cells) == "key,yen:number\na,1\nb,2\n"
    assert papers.text_with(vips, None, papers.data_of(vips, sources[vips.path], [])) == "a\nb\n"


@pytest.mark.parametrize("data", [None, [], {"lines": "a"}, {"body.liquid": 1}, {"evil.sh": "x"}, 3])
def test_data_of_another_shape_are_refused(data: Any) -> None:
    for kind in ("templates", "lists"):
        assert papers.text_with(papers.place(kind, "x", {}), None, data) is None
