"""Which event ids a person remembers, and for how long."""

from omotenashi.engine.recent import KEPT_AT_LEAST, KEPT_AT_MOST, KEPT_MS, remember, union, was_seen
from omotenashi.model.profiles import Profile


def test_an_id_is_remembered_for_a_day_however_many_follow() -> None:
    person = Profile("hanako")
    for n in range(2_000):
        remember(person, f"e{n}", n * 1_000)
    assert all(was_seen(person, f"e{n}") for n in range(2_000))
    assert not was_seen(person, "e2000")


def test_after_a_day_the_last_512_are_still_known_and_older_ones_are_not() -> None:
    person = Profile("hanako")
    for n in range(1_000):
        remember(person, f"e{n}", 0)
    remember(person, "late", KEPT_MS + 2_000)
    assert was_seen(person, "late")
    assert [was_seen(person, f"e{n}") for n in (0, 1_000 - KEPT_AT_LEAST, 1_001 - KEPT_AT_LEAST)] == [False, False, True]


def test_a_browser_gone_wild_costs_a_bounded_memory() -> None:
    person = Profile("hanako")
    for n in range(KEPT_AT_MOST + 10):
        remember(person, f"e{n}", 0)
    assert len(person.recent) == 12 * KEPT_AT_MOST
    assert not was_seen(person, "e9")
    assert was_seen(person, "e10")


def test_two_memories_become_one_in_the_order_of_arrival() -> None:
    one, other = Profile("hanako"), Profile("taro")
    remember(one, "a", 1_000)
    remember(other, "b", 2_000)
    remember(one, "c", 3_000)
    merged = Profile("hanako", recent=union(one.recent, other.recent))
    assert all(was_seen(merged, name) for name in "abc")
    assert merged.recent == union(other.recent, one.recent)
