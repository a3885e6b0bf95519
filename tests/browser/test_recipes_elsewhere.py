"""The same twelve on a second site, with other addresses, events, fields and amounts, and under a prefix."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.browser.recipe_house import House, Visit, running_house, until  # noqa: F401  a fixture

from omotenashi.configuration import recipe

BASKET = {"cart_event": "basket_changed", "price_field": "basket.total", "buy_event": "booked"}
ELSEWHERE: dict[str, dict[str, Any]] = {
    "welcome": {"quiet_pages": "/booking/*,/club/*", "goal_event": "booked"},
    "ad_visitors": {
        "keyword_from": "session.utm.campaign",
        "keyword_1": "autumn-kyoto",
        "title_1": "秋の京都へ",
        "url_1": "/tour/kyoto.html",
        "keyword_2": "ise",
        "title_2": "お伊勢参り",
        "url_2": "/tour/ise.html",
        "goal_event": "booked",
    },
    "visits": {"who": "visitors", "quiet_pages": "/booking/*,/club/*", "goal_event": "booked"},
    "sign_up": {"signup_page": "/club/join.html", "quiet_pages": "/club/*", "signup_event": "club_joined"},
    "sale_not_seen": {"sale_path": "/winter-offers", "quiet_pages": "/booking/*"},
    "brochure": {"page_views": 3, "brochure_path": "/catalogue", "goal_event": "catalogue_ordered"},
    "product_page": {"product_pages": "/tour/*", "goal_event": "booked"},
    "rank": {"rank_field": "club.level", "rank": "S", "quiet_pages": "/club/*", "goal_event": "booked"},
    "cart_return": {**BASKET, "cart_page": "/booking/basket.html", "quiet_pages": "/booking/done.html"},
    "free_shipping": {**BASKET, "cart_page": "/booking/basket.html", "from_amount": 15000, "free_from": 20000},
    "phone_support": {"phone": "+81 3-1234-5678", "seconds": 60, "opens": "00:00", "closes": "24:00", "goal_event": "booked"},
    "signup_coupon": {
        "done_page": "/club/joined.html",
        "code": "TABI",
        "closed_times": 1,
        "quiet_pages": "/club/*",
        "signup_event": "club_joined",
        "buy_event": "booked",
    },
    "live_permission": {"quiet_pages": "/club/*"},
}
JOIN = ["/club/join.html", "#join > /club/joined.html"]
BASKET_FILLED = ["/tour/nara.html", "#add"]
CASES: list[tuple[str, list[str], list[str]]] = [
    ("welcome", ["/"], ["/club/join.html", "31 minutes", "/"]),
    ("welcome", ["/tour/nara.html"], [*JOIN, "/"]),
    ("live_permission", ["/"], ["/club/join.html"]),
    ("ad_visitors", ["/?gclid=x&utm_campaign=autumn-kyoto"], ["/?gclid=x&utm_campaign=winter"]),
    ("ad_visitors", ["/tour/ise.html?utm_medium=cpc&utm_campaign=ise"], ["/?utm_campaign=ise"]),
    ("visits", ["/booking/basket.html", "31 minutes", "/"], [*JOIN, "31 minutes", "/"]),
    ("sign_up", ["/"], [*JOIN, "/"]),
    ("sale_not_seen", ["/"], ["/winter-offers.html", "31 minutes", "/"]),
    ("brochure", ["/", "/tour/nara.html", "/tour/ise.html"], ["/", "/tour/nara.html", "/catalogue.html"]),
    ("brochure", ["/", "/", "/"], ["/catalogue.html", "#order", "/", "/"]),
    ("product_page", ["/", "/tour/kyoto.html"], ["/", "/winter-offers.html"]),
    ("rank", [*JOIN, "/"], ["/"]),
    ("cart_return", [*BASKET_FILLED, "31 minutes", "/"], [*BASKET_FILLED, "31 minutes", "/booking/basket.html"]),
    (
        "cart_return",
        [*BASKET_FILLED, "/booking/basket.html", "#less", "31 minutes", "/"],
        [*BASKET_FILLED, "/booking/basket.html", "#book > /booking/done.html", "31 minutes", "/"],
    ),
    ("free_shipping", [*BASKET_FILLED, "/booking/basket.html"], [*BASKET_FILLED, "/"]),
    (
        "free_shipping",
        [*BASKET_FILLED, "/booking/basket.html", "#empty", "/tour/nara.html", "#add", "/booking/basket.html"],
        [*BASKET_FILLED, "/booking/basket.html", "#less", "/booking/basket.html"],
    ),
    ("phone_support", ["/", "61 seconds"], ["/", "55 seconds"]),
    ("phone_support", ["/", "30 seconds", "/tour/nara.html", "35 seconds"], [*JOIN, "/", "61 seconds"]),
    ("signup_coupon", [*JOIN], ["/club/joined.html"]),
]
IDS = {"visits": "visit_2"}
"""The campaign that a case is about, where the recipe has others too."""


def site_with(opened: House, name: str) -> str:
    """The second site with this recipe and nothing else; installed when it is first asked for."""
    project = f"kawabe-{name.replace('_', '-')}"
    if project not in opened.sites:
        opened.project(project, "second")
        opened.install(project, name, "tabi_", **ELSEWHERE[name])
        opened.in_force(project)
    return project


def walk(visit: Visit, steps: list[str]) -> list[str]:
    """What was handed out at the last of these steps: pages, ``#button``, ``#button > page it leads to``, and time."""
    for number, step in enumerate(steps, 1):
        if number == len(steps) > 1:
            visit.handed()
        if step.startswith("/"):
            visit.goto(step)
        elif waited := re.fullmatch(r"(\d+) (minutes|seconds)", step):
            if waited[2] == "minutes":
                visit.house.later(minutes=int(waited[1]))
            else:
                visit.stay(int(waited[1]))
        else:
            button, _, page = step.partition(" > ")
            visit.page.locator(button).click()
            if page:
                visit.page.wait_for_url(f"**{page}")
            visit.decided()
    return visit.handed()


def test_every_recipe_is_tried_on_the_second_site() -> None:
    assert {name for name, _, _ in CASES} == set(ELSEWHERE) == set(recipe.names())


@pytest.mark.parametrize(("name", "seen", "unseen"), CASES, ids=[f"{name}-{number}" for number, (name, _, _) in enumerate(CASES)])
def test_a_recipe_is_seen_and_not_seen_on_another_site_too(
    browser: Browser,
    house: House,
    name: str,
    seen: list[str],
    unseen: list[str],
) -> None:
    project = site_with(house, name)
    with house.visit(browser, project) as visit:
        assert walk(visit, seen) == [f"tabi_{IDS.get(name, name)}"]
    with house.visit(browser, project) as visit:
        assert walk(visit, unseen) == []


def test_the_coupon_of_the_second_site_is_gone_after_one_closing(browser: Browser, house: House) -> None:
    with house.visit(browser, site_with(house, "signup_coupon")) as visit:
        assert walk(visit, JOIN) == ["tabi_signup_coupon"]
        visit.stay(4)
        assert walk(visit, ["/"]) == ["tabi_signup_coupon_kept"]
        visit.stay(4)
        visit.close()
        assert walk(visit, ["/tour/nara.html"]) == []


def test_what_the_site_does_not_send_is_named_until_it_arrives(browser: Browser, house: House) -> None:
    project = house.project("kawabe-fresh", "second")

    def missing(name: str = "free_shipping") -> dict[str, str]:
        path = f"/api/projects/{project}/recipes/{name}/plan"
        found = house.ask(path, {"parameters": ELSEWHERE[name]})["missing"]
        return {name: need["snippet"] for need in found for name in need["missing"]}

    sends_basket = 'omotenashi("track", "basket_changed", {"basket": {"total": 4500}})'
    sends_booked = 'omotenashi("track", "booked", {"revenue": 4500})'
    assert missing() == {
        "basket_changed": sends_basket,
        "basket_changed.basket.total": sends_basket,
        "booked": sends_booked,
        "booked.revenue": sends_booked,
    }
    assert list(missing("rank")) == ["user_id", "club.level", "booked"]
    house.in_force(project)
    with house.visit(browser, project) as visit:
        walk(visit, [*BASKET_FILLED, *JOIN])
        visit.said("track", "booked", {"seats": 2})
    until(lambda: missing() == {"booked.revenue": sends_booked}, "the warehouse to have heard of the basket")
    assert missing("rank") == {}
