"""Every step of admission: what it leaves out, with the field it names, and what it puts on."""

from typing import Any

import pytest

from omotenashi.edge.admit import AFTER, BEFORE, EARLIEST, Dropped, Facts, admit
from omotenashi.edge.identity import signature
from omotenashi.edge.projects import Running
from omotenashi.engine.recent import remember
from omotenashi.model.campaigns import Project, Purpose
from omotenashi.model.drafts import Draft
from omotenashi.model.profiles import Consent, Lease, Profile
from omotenashi.model.reasons import Drop, Unopened
from omotenashi.model.wire import PageContext

NOON = 1_763_694_000_000
DAY = 86_400_000
RUNNING = Running(Project("midori", "Midori", version=1, purposes=(Purpose("record"),)), 1)
SIGNED = Running(Project("midori", "Midori", version=1, require_signed_identity=True, identity_secret="s3"), 1)
ASKING = Running(Project("midori", "Midori", version=1, purposes=(Purpose("measure", "unknown"),)), 1)
MESSAGE_STEPS = ("_message_open", "_message_click", "_message_close", "_release", "_answer_question")


def draft(name: str = "cart", values: Any = None, **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "id": "e1",
        "name": name,
        "values": values,
        "at": NOON,
        "received_at": NOON,
        "index": 0,
        "visitor": "hanako",
        **changes,
    }
    return Draft(**fields)


def facts(running: Running = RUNNING, trust: str = "tag", **changes: Any) -> Facts:
    return Facts(running, trust, NOON, **changes)


def left_out(dropped: Dropped | None) -> tuple[str, str]:
    assert dropped is not None
    assert dropped.message.endswith(".")
    return dropped.code, dropped.where


def nested(depth: int) -> Any:
    """An event's values of this many levels, the event itself counted as one."""
    values: Any = {"leaf": 1}
    for _ in range(depth - 2):
        values = {"in": values}
    return values


@pytest.mark.parametrize("name", ["cart", "_error", "$pageview", "A1", "x" * 128])
def test_a_good_event_passes_every_step(name: str) -> None:
    assert admit(draft(name, {"a": 1}), facts(), BEFORE) is None


@pytest.mark.parametrize("event_id", ["", "a b", "x" * 129, "é", "a\n"])
def test_an_id_is_short_and_plain(event_id: str) -> None:
    assert left_out(admit(draft(id=event_id), facts(), BEFORE)) == (Drop.BAD_ID, "id")


@pytest.mark.parametrize("name", ["", "1a", "a.b", "a b", "カート", "x" * 129, "a\n", "a-b"])
def test_a_name_is_short_and_plain(name: str) -> None:
    assert left_out(admit(draft(name), facts(), BEFORE)) == (Drop.BAD_NAME, "name")


@pytest.mark.parametrize("name", ["", "1a", "a.b", "a b", "カート", "x" * 129, "a-b"])
def test_a_fields_name_is_short_and_plain_at_every_depth(name: str) -> None:
    assert left_out(admit(draft(values={name: 1}), facts(), BEFORE)) == (Drop.BAD_FIELD, f"values.{name[:128]}")
    inner = admit(draft(values={"items": [{"a": 1}, {name: 1}]}), facts(), BEFORE)
    assert left_out(inner) == (Drop.BAD_FIELD, f"values.items.1.{name[:128]}")


def test_an_event_that_the_project_ignores_is_left_out_whoever_sends_it() -> None:
    ignoring = Running(Project("midori", "Midori", version=1, ignored=("scroll",)), 1)
    for trust in ("tag", "server", "import", "console"):
        assert left_out(admit(draft("scroll"), facts(ignoring, trust), BEFORE)) == (Drop.IGNORED, "name")
        assert admit(draft("scrolled"), facts(ignoring, trust), BEFORE) is None


def test_only_the_closed_list_of_underscored_names_is_public() -> None:
    for trust, taken in (("tag", False), ("server", False), ("import", False), ("console", True)):
        assert (admit(draft("_message_ready"), facts(trust=trust), BEFORE) is None) == taken
    assert left_out(admit(draft("_message_open"), facts(trust="server"), BEFORE)) == (Drop.RESERVED_NAME, "name")
    assert left_out(admit(draft("_"), facts(), BEFORE)) == (Drop.RESERVED_NAME, "name")


def test_depth_is_counted_from_the_event_through_objects_and_lists() -> None:
    assert admit(draft(values=nested(8)), facts(), BEFORE) is None
    assert left_out(admit(draft(values=nested(9)), facts(), BEFORE))[0] == Drop.TOO_DEEP
    deep_list: Any = 1
    for _ in range(6):
        deep_list = [deep_list]
    assert admit(draft(values={"a": deep_list}), facts(), BEFORE) is None
    assert left_out(admit(draft(values={"a": [deep_list]}), facts(), BEFORE))[0] == Drop.TOO_DEEP


def test_256_fields_are_taken_and_fields_of_a_lists_objects_count_once() -> None:
    assert admit(draft(values={f"f{i}": i for i in range(256)}), facts(), BEFORE) is None
    too_many = admit(draft(values={f"f{i}": i for i in range(257)}), facts(), BEFORE)
    assert left_out(too_many) == (Drop.TOO_MANY_FIELDS, "values")
    items = [{f"f{i}": i for i in range(20)} for _ in range(50)]
    assert admit(draft(values={"items": items}), facts(), BEFORE) is None


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**40, 1e300, float("inf"), float("nan")])
def test_a_number_out_of_range_is_named_wherever_it_stands(number: float) -> None:
    for values, where in (
        ({"n": number}, "values.n"),
        ({"a": {"n": number}}, "values.a.n"),
        ({"a": [1, number]}, "values.a.1"),
        ({"a": [{"n": number}]}, "values.a.0.n"),
    ):
        assert left_out(admit(draft(values=values), facts(), BEFORE)) == (Drop.BAD_VALUE, where)


def test_numbers_are_rounded_to_a_millionth_and_nulls_are_left_out() -> None:
    one = draft(values={"a": 1.00000049, "b": 0.1234567, "c": None, "d": [None, 2.0, {"e": None, "f": "x"}], "g": True})
    assert admit(one, facts(), BEFORE) is None
    assert one.values == {"a": 1, "b": 0.123457, "d": [2, {"f": "x"}], "g": True}
    assert type(one.values["a"]) is int
    assert one.values["g"] is True


@pytest.mark.parametrize("values", [[], "text", 7, True])
def test_values_are_an_object(values: Any) -> None:
    assert left_out(admit(draft(values=values), facts(), BEFORE)) == (Drop.BAD_VALUE, "values")


def test_a_text_of_8192_characters_is_taken_and_a_longer_one_is_not_cut() -> None:
    assert admit(draft(values={"t": "あ" * 8192}), facts(), BEFORE) is None
    assert left_out(admit(draft(values={"t": "x" * 8193}), facts(), BEFORE)) == (Drop.BAD_VALUE, "values.t")
    assert left_out(admit(draft(values={"t": ["x" * 8193]}), facts(), BEFORE)) == (Drop.BAD_VALUE, "values.t.0")


def test_a_browsers_time_is_a_difference_and_never_later_than_received() -> None:
    for occurred, sent, at in (
        (1_000, 4_000, NOON - 3_000),
        (4_000, 1_000, NOON),
        (None, 1_000, NOON),
        (1_000, None, NOON),
    ):
        one = draft()
        assert admit(one, facts(occurred_at=occurred, sent_at=sent), BEFORE) is None
        assert one.at == at


@pytest.mark.parametrize(("occurred", "sent"), [(-1, 5), (2**60, 5), (5, -1), (5, 2**60)])
def test_a_browsers_time_is_milliseconds(occurred: int, sent: int) -> None:
    assert left_out(admit(draft(), facts(occurred_at=occurred, sent_at=sent), BEFORE)) == (Drop.BAD_TIME, "at")


def test_a_browsers_event_is_taken_for_a_day_and_a_servers_for_ever() -> None:
    assert admit(draft(), facts(occurred_at=5, sent_at=5 + DAY), BEFORE) is None
    assert left_out(admit(draft(), facts(occurred_at=5, sent_at=6 + DAY), BEFORE)) == (Drop.TOO_OLD, "at")
    one = draft()
    assert admit(one, facts(trust="server", occurred_at=EARLIEST), BEFORE) is None
    assert one.at == EARLIEST


def test_a_servers_time_is_in_milliseconds_and_hardly_of_the_future() -> None:
    for occurred in (EARLIEST - 1, NOON // 1000, NOON + 300_001):
        assert left_out(admit(draft(), facts(trust="server", occurred_at=occurred), BEFORE)) == (Drop.BAD_TIME, "at")
    one = draft()
    assert admit(one, facts(trust="import", occurred_at=NOON + 300_000), BEFORE) is None
    assert one.at == NOON


@pytest.mark.parametrize(
    ("page", "code", "where"),
    [
        (PageContext("no good"), Drop.BAD_ID, "page.id"),
        (PageContext("p", visible_ms=-1), Drop.BAD_VALUE, "page.visible_ms"),
        (PageContext("p", visible_ms=2**60), Drop.BAD_VALUE, "page.visible_ms"),
        (PageContext("p", url="x" * 8193), Drop.BAD_VALUE, "page.url"),
        (PageContext("p", url="x", title="x" * 8193), Drop.BAD_VALUE, "page.title"),
        (PageContext("p", url="x", referrer="x" * 8193), Drop.BAD_VALUE, "page.referrer"),
    ],
)
def test_a_page_is_checked_field_by_field(page: PageContext, code: Drop, where: str) -> None:
    assert left_out(admit(draft("view"), facts(page=page), BEFORE)) == (code, where)


def test_a_recheck_belongs_to_a_page_view() -> None:
    assert left_out(admit(draft("_recheck"), facts(), BEFORE)) == (Drop.BAD_VALUE, "page")
    one = draft("_recheck")
    assert admit(one, facts(page=PageContext("p1", visible_ms=900)), BEFORE) is None
    assert (one.page_view, one.page_visible_ms) == ("p1", 900)


def test_a_view_without_a_page_is_read_from_its_own_url() -> None:
    one = draft("view", {"url": "https://midori.example/a?b=c", "host": "forged"})
    assert admit(one, facts(trust="server"), BEFORE) is None
    assert (one.values["host"], one.values["path"], one.values["query"]) == ("midori.example", "/a", {"b": "c"})
    assert left_out(admit(draft("view", {"url": 7}), facts(trust="server"), BEFORE)) == (Drop.BAD_VALUE, "values.url")


def test_an_identify_gives_its_user_id_and_keeps_no_signature() -> None:
    one = draft("identify", {"user_id": "u1", "signature": "x", "rank": "gold"})
    assert admit(one, facts(), BEFORE) is None
    assert (one.user_id, one.values) == ("u1", {"user_id": "u1", "rank": "gold"})
    nobody = draft("identify", {"rank": "gold"})
    assert admit(nobody, facts(), BEFORE) is None
    assert nobody.user_id is None


def test_a_signature_is_asked_of_pages_only() -> None:
    assert left_out(admit(draft("identify", {"user_id": "u1"}), facts(SIGNED), BEFORE)) == (
        Drop.BAD_IDENTITY,
        "values.signature",
    )
    good = {"user_id": "u1", "signature": signature("s3", "u1")}
    assert admit(draft("identify", good), facts(SIGNED), BEFORE) is None
    assert admit(draft("identify", {"user_id": "u1"}), facts(SIGNED, "server"), BEFORE) is None


def test_where_signatures_are_asked_but_no_secret_is_set_nobody_can_identify() -> None:
    unset = Running(Project("midori", "Midori", version=1, require_signed_identity=True), 1)
    values = {"user_id": "u1", "signature": signature("", "u1")}
    assert left_out(admit(draft("identify", values), facts(unset), BEFORE))[0] == Drop.BAD_IDENTITY


def test_a_consent_names_a_purpose_of_the_project_and_a_state() -> None:
    assert admit(draft("consent", {"purpose": "record", "state": "denied"}), facts(), BEFORE) is None
    unknown = admit(draft("consent", {"purpose": "ads", "state": "denied"}), facts(), BEFORE)
    assert left_out(unknown) == (Drop.BAD_VALUE, "values.purpose")
    for state in ("maybe", None, 1, ["granted"]):
        dropped = admit(draft("consent", {"purpose": "record", "state": state}), facts(), BEFORE)
        assert left_out(dropped) == (Drop.BAD_VALUE, "values.state")


def test_a_close_says_by_what() -> None:
    for by in ("button", "escape", "backdrop", "timer", "navigation"):
        assert admit(draft("_message_close", {"by": by}), facts(), BEFORE) is None
    for by in ("me", None, 3, ["button"]):
        assert left_out(admit(draft("_message_close", {"by": by}), facts(), BEFORE)) == (Drop.BAD_VALUE, "values.by")


def test_a_release_gives_one_of_the_known_reasons_and_an_older_tag_none() -> None:
    for reason in Unopened:
        assert admit(draft("_release", {"reason": reason.value}), facts(), BEFORE) is None
    assert admit(draft("_release", {}), facts(), BEFORE) is None
    for reason in ("bored", "", 1, ["left"], {"left": 1}):
        assert left_out(admit(draft("_release", {"reason": reason}), facts(), BEFORE)) == (Drop.BAD_VALUE, "values.reason")


def lease(**changes: Any) -> Lease:
    fields: dict[str, Any] = {
        "reservation": "r1",
        "campaign": "welcome",
        "action": "d1K",
        "holdout": False,
        "exclusive": True,
        "page_view": "p1",
        "session": "s1",
        "event": "e0",
        "reserved_at": NOON,
        "day": 1,
        "view_number": 1,
        "until": NOON + 60_000,
        "lapses_at": NOON + 60_000 + DAY,
        **changes,
    }
    return Lease(**fields)


@pytest.mark.parametrize("name", MESSAGE_STEPS)
def test_what_a_page_says_of_a_message_needs_the_visitors_own_reservation(name: str) -> None:
    holder = Profile("hanako", leases=[lease()])
    one = draft(name, {"reservation": "r1", "campaign": "forged", "holdout": True})
    assert admit(one, facts(profile=holder), AFTER) is None
    assert one.values == {"reservation": "r1", "campaign": "welcome", "action": "d1K", "holdout": False}
    for values in ({}, {"reservation": "r2"}, {"reservation": 1}):
        dropped = admit(draft(name, values), facts(profile=holder), AFTER)
        assert left_out(dropped) == (Drop.UNKNOWN_RESERVATION, "values.reservation")
    stranger = facts(profile=Profile("taro"))
    assert left_out(admit(draft(name, {"reservation": "r1"}), stranger, AFTER))[0] == Drop.UNKNOWN_RESERVATION


def test_an_unopened_place_can_be_used_until_it_is_given_back() -> None:
    over = Profile("hanako", leases=[lease(lapses_at=NOON - 1)])
    dropped = admit(draft("_message_open", {"reservation": "r1"}), facts(profile=over), AFTER)
    assert left_out(dropped) == (Drop.LEASE_OVER, "values.reservation")
    last = Profile("hanako", leases=[lease(lapses_at=NOON)])
    assert admit(draft("_message_open", {"reservation": "r1"}), facts(profile=last), AFTER) is None
    opened = Profile("hanako", leases=[lease(lapses_at=NOON - 1, opened_at=NOON - 9)])
    assert admit(draft("_message_click", {"reservation": "r1"}), facts(profile=opened), AFTER) is None


def test_an_id_that_was_taken_is_a_duplicate() -> None:
    known = Profile("hanako")
    remember(known, "e1", NOON)
    assert left_out(admit(draft(), facts(profile=known), AFTER)) == (Drop.DUPLICATE, "id")
    assert admit(draft(id="e2"), facts(profile=known), AFTER) is None


def test_measuring_waits_for_consent_only_where_a_purpose_says_so() -> None:
    silent = Profile("hanako")
    assert admit(draft(), facts(RUNNING, profile=silent), AFTER) is None
    assert left_out(admit(draft(), facts(ASKING, profile=silent), AFTER)) == (Drop.CONSENT, "")
    assert admit(draft("consent", {"purpose": "measure", "state": "granted"}), facts(ASKING, profile=silent), AFTER) is None
    willing = Profile("hanako", consents={"measure": Consent((NOON, NOON, 0, "c"), "granted")})
    assert admit(draft(), facts(ASKING, profile=willing), AFTER) is None
    unwilling = Profile("hanako", consents={"measure": Consent((NOON, NOON, 0, "c"), "denied")})
    assert left_out(admit(draft(), facts(ASKING, profile=unwilling), AFTER))[0] == Drop.CONSENT


POLICED = Running(
    Project("midori", "Midori", version=3, purposes=(Purpose("record", "unknown", policy="2026-10"),)),
    1,
)


def test_a_consent_says_how_it_came_and_under_which_policy() -> None:
    said = draft("consent", {"purpose": "record", "state": "granted"})
    assert admit(said, facts(POLICED), BEFORE) is None
    assert said.values == {"purpose": "record", "state": "granted", "source": "api", "policy": "2026-10"}
    own = draft("consent", {"purpose": "record", "state": "later", "source": "choices", "policy": "2025", "text": "a1"})
    assert admit(own, facts(POLICED), BEFORE) is None
    assert (own.values["source"], own.values["policy"], own.values["text"]) == ("choices", "2025", "a1")
    ours = draft("consent", {"purpose": "record", "state": "withdrawn"})
    assert admit(ours, facts(POLICED, "console"), BEFORE) is None
    assert ours.values["source"] == "console"


@pytest.mark.parametrize(
    ("field", "value"),
    [("source", "console"), ("source", ["api"]), ("policy", 3), ("policy", "x" * 65), ("text", {}), ("text", "x" * 65)],
)
def test_a_page_cannot_say_that_a_consent_came_through_staff_and_names_are_short(field: str, value: object) -> None:
    said = draft("consent", {"purpose": "record", "state": "granted", field: value})
    assert left_out(admit(said, facts(POLICED), BEFORE)) == (Drop.BAD_VALUE, f"values.{field}")


def test_a_consent_given_in_a_message_names_the_message_and_its_text_whatever_the_page_says() -> None:
    lease = Lease(
        "r1", "permission", "d1K", False, True, "p1", "s1", "e0", NOON, 0, 0, NOON, NOON + 1_000, asks="record", config=7
    )
    asked = Profile("hanako", leases=[lease])
    said = draft("consent", {"purpose": "record", "state": "granted", "reservation": "r1", "source": "cmp", "text": "forged"})
    assert admit(said, facts(POLICED, profile=asked), AFTER) is None
    assert said.values["source"] == "template"
    assert (said.values["text"], said.values["campaign"], said.values["action"]) == ("d1K@7", "permission", "d1K")
    other = draft("consent", {"purpose": "record", "state": "withdrawn", "reservation": "r2"}, id="e2")
    assert admit(other, facts(POLICED, profile=asked), AFTER) is None, "an answer is never lost"
    assert other.values == {"purpose": "record", "state": "withdrawn"}


def test_what_is_private_in_addresses_and_titles_is_not_kept() -> None:
    running = Running(Project("midori", "Midori", version=1, private_query=("token",), private_titles=True), 1)
    page = PageContext("p1", "https://midori.example/?token=s&q=tea", "Hanako's page", "https://midori.example/?token=r", True)
    seen = draft("view", {"title": "Hanako's page"})
    assert admit(seen, facts(running, page=page), BEFORE) is None
    assert seen.values["url"] == "https://midori.example/?token=*&q=tea"
    assert seen.values["query"] == {"token": "*", "q": "tea"}
    assert seen.values["referrer"] == "https://midori.example/?token=*"
    assert "title" not in seen.values
    clicked = draft("_error", {"url": "https://midori.example/?token=s"})
    assert admit(clicked, facts(running), BEFORE) is None
    assert clicked.values["url"] == "https://midori.example/?token=*"
