"""A plan says what would change, place by place."""

import msgspec

from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.plan import Change, Changes, Difference, plan

from .folders import SMALL, fresh_key


def between(old: Sources | None, new: Sources) -> Changes:
    before = None if old is None else (compiled(old, None, 1, fresh_key), old)
    return plan(before, (compiled(new, before[0] if before else None, 2, fresh_key), new))


def test_the_first_apply_adds_everything() -> None:
    changes = between(None, SMALL)
    assert {change.what for change in changes.changes} == {"add"}
    assert [change.kind for change in changes.changes] == ["project", "event", "segment", "segment", "campaign", "template"]
    assert changes.preparing == ()


def test_the_same_files_change_nothing() -> None:
    assert between(SMALL, SMALL).is_empty


def test_a_changed_place_is_told_with_before_and_after() -> None:
    new = {
        **SMALL,
        "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"].replace("50%", "40%").replace("state: live", "state: paused"),
    }
    assert between(SMALL, new).changes == (
        Change(
            "change", "campaign", "hello", (Difference("state", "live", "paused"), Difference("actions[0].weight", "50%", "40%"))
        ),
    )


def test_a_comment_is_a_change_of_the_files_only() -> None:
    new = {**SMALL, "segments/gold.yaml": "# our best\n" + SMALL["segments/gold.yaml"]}
    assert between(SMALL, new).changes == (Change("change", "segment", "gold", (Difference("", "", "only comments or layout"),)),)


def test_removed_objects_and_changed_texts_are_told() -> None:
    new = {path: text for path, text in SMALL.items() if path != "segments/gold.yaml"}
    new["templates/card/style.css"] += "\nh2 { margin: 0 }"
    assert between(SMALL, new).changes == (
        Change("remove", "segment", "gold"),
        Change("change", "template", "card", (Difference("style.css", "", "1 lines"),)),
    )


def test_campaigns_that_wait_for_the_past_are_named() -> None:
    new = {
        **SMALL,
        "segments/buyers.yaml": "name: Buyers\nrule: {event: buy, op: exists}\n",
        "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"] + "include: [buyers]\n",
    }
    changes = between(SMALL, new)
    assert (changes.preparing, changes.new_statistics, changes.dropped_statistics) == (("hello",), 1, 0)


def test_what_a_newer_release_changes_in_the_gallery_is_told_too() -> None:
    files = {**SMALL, "campaigns/hello.yaml": SMALL["campaigns/hello.yaml"].replace("template: card", "template: notification01")}
    before = compiled(files, None, 1, fresh_key)
    assert plan((before, files), (compiled(files, before, 2, fresh_key), files)).is_empty
    older = {
        **before.templates,
        "notification01": msgspec.structs.replace(before.templates["notification01"], body="<p>older</p>"),
    }
    stored = msgspec.structs.replace(before, templates=older, style="p{}")
    found = plan((stored, files), (compiled(files, stored, 2, fresh_key), files))
    assert [(change.kind, change.id) for change in found.changes] == [("template", "notification01"), ("project", "")]
