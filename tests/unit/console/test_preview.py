"""Messages before they are published, themes before they are saved: what the console answers, whatever was typed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, House, console

from omotenashi.model.profiles import Profile, Register

GOODS = "rows:\n  sencha: {name: Sencha, price: 1620}\n"
CARD = {"template": "card", "texts": {"title": "Hi {{ name }}"}, "variables": {"name": {"attribute": "last_name"}}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply({**SMALL, "tables/goods.yaml": GOODS})[0] == 200
        yield one


def preview(house: House, action: dict[str, Any], **wish: Any) -> dict[str, Any]:
    status, found = house.ask("POST", "/api/projects/shop/preview", {"action": action, "language": "en", **wish})
    assert status == 200
    return found


def test_a_message_is_drawn_with_what_could_stand_in_it(house: House) -> None:
    found = preview(house, CARD)
    assert found["problems"] == []
    assert "<h2>Hi Hanako</h2>" in found["message"]["html"]
    assert found["message"]["kind"] == "modal"
    assert found["values"] == {"name": "Hanako"}
    assert "<h2>Hi Taro</h2>" in preview(house, CARD, values={"name": "Taro"})["message"]["html"]


def test_a_person_sees_their_own_values_and_nobody_elses(house: House) -> None:
    house.shelf.profiles["taro"] = Profile(
        "taro",  # type: ignore[arg-type]
        visits=2,
        now=NOON,
        attributes={"last_name": Register((1, 1, 0, "a"), ["<b>Taro</b>"])},
    )
    found = preview(house, CARD, person="taro")
    assert "<h2>Hi &lt;b&gt;Taro&lt;/b&gt;</h2>" in found["message"]["html"]
    status, said = house.ask("POST", "/api/projects/shop/preview", {"action": CARD, "person": "nobody"})
    assert (status, said["error"]["where"]) == (404, "person")


def test_what_is_wrong_is_told_and_nothing_breaks(house: House) -> None:
    found = preview(house, {"template": "card", "texts": {"title": "{% for %}", "more": 1}})
    assert found["message"] is None
    assert [problem["path"] for problem in found["problems"]] == ["texts.more", "texts.title"]
    for action in (
        {},
        {"template": 3},
        {"template": "nope"},
        {"template": "card", "texts": []},
        {"template": "../card"},
        {"x": "y"},
    ):
        found = preview(house, action)
        assert found["message"] is None, action
        assert found["problems"], action


def test_a_template_of_the_projects_own_is_seen_while_it_is_written(house: House) -> None:
    files = {"template.yaml": "kind: bar\nvariables: {text: {default: Hello}}\n", "body.liquid": "<p>{{ text }}</p>"}
    found = preview(house, {"template": "card"}, files=files)
    assert (found["message"]["kind"], found["message"]["html"]) == ("bar", "<p>Hello</p>")
    assert [question["name"] for question in found["form"]["questions"]] == ["text"]
    broken = preview(house, {"template": "card"}, files={**files, "body.liquid": "<p {{ text }}></p>"})
    assert broken["message"] is None
    assert broken["problems"][0]["file"] == "templates/card/body.liquid"
    assert broken["form"]["kind"] == "bar"
    assert preview(house, {"template": "card"}, files={**files, "template.yaml": "kind: 3"})["form"] is None


def test_a_templates_code_is_there_to_begin_with(house: House) -> None:
    status, own = house.ask("GET", "/api/projects/shop/templates/card/parts")
    assert (status, own["own"], sorted(own["files"])) == (200, True, ["body.liquid", "style.css", "template.yaml"])
    status, built_in = house.ask("GET", "/api/projects/shop/templates/coupon/parts")
    assert (status, built_in["own"]) == (200, False)
    assert "data-omotenashi-" in built_in["files"]["body.liquid"]
    assert house.ask("GET", "/api/projects/shop/templates/nope/parts")[0] == 404
    words = house.ask("GET", "/api/liquid")[1]
    assert {"thousands", "button", "upcase"} <= set(words["filters"])
    assert "for" in words["tags"]
    assert "include" not in words["tags"]


def test_pictures_with_a_relative_address_belong_to_the_site(house: House) -> None:
    assert preview(house, CARD)["site"] == ""  # the fake warehouse knows no address
    own = {**SMALL, "project.yaml": SMALL["project.yaml"] + "origins: ['https://shop.example']\n"}
    assert house.apply(own)[0] == 200
    assert preview(house, CARD)["site"] == "https://shop.example/"


def test_the_page_that_draws_belongs_to_nobody(house: House) -> None:
    page = house.client.get("/preview")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts allow-forms;")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert house.client.get("/preview/preview.js").headers["content-type"].startswith("text/javascript")
    assert house.client.get("/preview/art/hero.svg").headers["content-type"].startswith("image/svg+xml")
    assert house.client.get("/preview/art/nope.svg").status_code == 404


def test_a_sample_shows_its_pictures(house: House) -> None:
    _, found = house.ask("GET", "/api/projects/shop/templates/modal_image/sample")
    assert 'src="/preview/art/' in found["html"]
    assert house.ask("GET", "/api/projects/shop/templates/modal_image/sample")[1] == found


def test_a_theme_says_what_cannot_be_read(house: House) -> None:
    status, found = house.ask(
        "POST", "/api/projects/shop/theme", {"theme": {"accent": "#ffe9a8", "on_accent": "white", "radius": 4}}
    )
    assert (status, found["problems"], found["radius"]) == (200, [], 4)
    judged = {(one["scheme"], one["words"], one["on"]): (one["ratio"], one["readable"]) for one in found["contrasts"]}
    assert judged["light", "ink", "paper"][1]
    assert judged["light", "accent", "paper"] == (1.18, False)
    assert judged["light", "on-accent", "accent"] == (1.2, False)
    assert judged["dark", "accent", "paper"][1]


def test_a_theme_that_is_wrong_says_where(house: House) -> None:
    theme = {"accent": "red; } body { display: none", "radius": 900, "dark": {"paper": "url(x)"}}
    found = house.ask("POST", "/api/projects/shop/theme", {"theme": theme})[1]
    assert [problem["path"] for problem in found["problems"]] == ["theme.radius"]
    del theme["radius"]
    found = house.ask("POST", "/api/projects/shop/theme", {"theme": theme})[1]
    assert [problem["path"] for problem in found["problems"]] == ["theme.accent", "theme.dark.paper"]
    assert found["light"]["accent"] == "#27406b"
    assert house.ask("GET", "/api/projects/shop/theme")[1]["theme"] == {}
