"""The demo's past is the same every time, and looks like a shop's."""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from statistics import mean

from omotenashi.demo_history import PEOPLE, QUIET_MS, Town, read_goods

GOODS = read_goods(Path(__file__).resolve().parents[3] / "web" / "shop" / "goods.json")
NOW = 1_795_237_200_000
DAY = 86_400_000
JAPAN = 9 * 3_600_000


def test_the_past_is_the_same_every_time() -> None:
    assert Town(GOODS, NOW, "http://shop", people=40).past == Town(GOODS, NOW, "http://shop", people=40).past


def test_the_past_is_in_the_order_of_time_and_ends_before_now() -> None:
    times = [deed.at for deed in Town(GOODS, NOW, "http://shop").past]
    assert times == sorted(times)
    assert times[0] > NOW - 61 * 86_400_000
    assert times[-1] < NOW - QUIET_MS


def test_its_weeks_are_those_of_one_shop() -> None:
    """Weekends are busier than the days between, and the latest weeks have a few more visitors than the first."""
    visitors: dict[int, set[str]] = defaultdict(set)
    for deed in Town(GOODS, NOW, "http://shop").past:
        visitors[(deed.at + JAPAN) // DAY].add(deed.visitor)
    today = (NOW + JAPAN) // DAY
    by_day = {day: len(found) for day, found in visitors.items() if day < today}
    assert min(by_day.values()) > 8
    weekends = [count for day, count in by_day.items() if (day + 3) % 7 >= 5]
    weekdays = [count for day, count in by_day.items() if (day + 3) % 7 < 5]
    assert 1.1 < mean(weekends) / mean(weekdays) < 2
    weeks = [sum(by_day[today - ago] for ago in range(7 * week + 1, 7 * week + 8)) for week in range(8)]
    assert all(0.7 < later / earlier < 1.4 for later, earlier in pairwise(weeks))
    assert 1.05 < sum(weeks[:3]) / sum(weeks[-3:]) < 1.8


def test_there_are_visitors_members_carts_and_purchases() -> None:
    past = Town(GOODS, NOW, "http://shop").past
    names = Counter(deed.name for deed in past)
    assert set(names) == {"view", "product_view", "cart", "signup", "identify", "buy"}
    assert names["view"] > names["product_view"] > names["cart"] > names["buy"] > 50
    members = {deed.values["user_id"] for deed in past if deed.name == "identify"}
    assert "demo-0001" in members
    assert 100 < len(members) < len({deed.visitor for deed in past}) < PEOPLE


def test_a_cart_is_empty_after_its_purchase() -> None:
    in_cart: dict[str, int] = {}
    for deed in Town(GOODS, NOW, "http://shop").past:
        if deed.name == "cart":
            in_cart[deed.visitor] = deed.values["in_cart_price"]
        if deed.name == "buy":
            goods = sum(item["price"] for item in deed.values["items"])
            assert in_cart[deed.visitor] == goods
            assert deed.values["revenue"] == (goods if goods >= 5_000 else goods + 600)
            in_cart[deed.visitor] = 0


def test_somebody_who_comes_again_brings_the_cart_they_left() -> None:
    town = Town(GOODS, NOW, "http://shop", people=40)
    person = town.people[1]
    first = town.arrival(person, NOW)
    assert first[0].at == NOW
    assert {deed.visitor for deed in first} == {person.visitor}
    assert all(deed.at > NOW for deed in town.stroll(person, NOW + 30_000))
    bought = [deed for deed in town.purchase(person, NOW + 60_000) if deed.name == "buy"]
    assert len(bought) == 1
    assert person.cart == []
