"""The demo's past is the same every time, and looks like a shop's."""

import json
from collections import Counter
from pathlib import Path

from omotenashi.demo_history import lines, read_goods

GOODS = read_goods(Path(__file__).resolve().parents[3] / "web" / "shop" / "goods.json")
NOW = 1_795_237_200_000


def test_the_past_is_the_same_every_time() -> None:
    assert list(lines(GOODS, NOW, "http://shop", people=40)) == list(lines(GOODS, NOW, "http://shop", people=40))


def test_rows_go_up_in_the_order_of_time_and_end_before_now() -> None:
    past = [json.loads(line) for line in lines(GOODS, NOW, "http://shop")]
    assert [line["row"] for line in past] == list(range(len(past)))
    times = [line["at"] for line in past]
    assert times == sorted(times)
    assert times[0] > NOW - 61 * 86_400_000
    assert times[-1] < NOW - 3_600_000


def test_there_are_visitors_members_carts_and_purchases() -> None:
    past = [json.loads(line) for line in lines(GOODS, NOW, "http://shop")]
    names = Counter(line["name"] for line in past)
    assert set(names) == {"view", "product_view", "cart", "signup", "identify", "buy"}
    assert names["view"] > names["product_view"] > names["cart"] > names["buy"] > 50
    members = {line["values"]["user_id"] for line in past if line["name"] == "identify"}
    assert "demo-0001" in members
    assert 40 < len(members) < len({line["visitor"] for line in past}) < 401


def test_a_cart_is_empty_after_its_purchase() -> None:
    past = [json.loads(line) for line in lines(GOODS, NOW, "http://shop")]
    in_cart: dict[str, int] = {}
    for line in past:
        if line["name"] == "cart":
            in_cart[line["visitor"]] = line["values"]["in_cart_price"]
        if line["name"] == "buy":
            goods = sum(item["price"] for item in line["values"]["items"])
            assert in_cart[line["visitor"]] == goods
            assert line["values"]["revenue"] == (goods if goods >= 5_000 else goods + 600)
            in_cart[line["visitor"]] = 0
