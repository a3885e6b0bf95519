"""Recipes: twelve of them, right in every project, and safe against whatever is typed into them."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.configuration.folders import SMALL, fresh_key
from tests.unit.engine.person import DAY, HOUR, Person, shown

from omotenashi.configuration import documents, recipe
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.kinds import Bilingual
from omotenashi.configuration.problems import Refused
from omotenashi.configuration.recipe import Parameter, Recipe
from omotenashi.model.campaigns import Project

EMPTY = {"project.yaml": "id: shop\nname: Shop\npurposes: [{name: record, default: unknown}]\n"}
REQUIRED: dict[str, Any] = {
    "keyword_1": "抹茶",
    "title_1": "抹茶のご案内",
    "url_1": "/matcha",
    "keyword_2": "煎茶",
    "title_2": {"ja": "煎茶のご案内", "en": "Sencha"},
    "url_2": "/sencha",
    "phone": "0120-000-000",
    "code": "MIDORI500",
}
RECIPES = recipe.names()


def given_to(one: Recipe) -> dict[str, Any]:
    """What has to be said of this recipe."""
    return {name: REQUIRED[name] for name, parameter in one.parameters.items() if parameter.default is msgspec.UNSET}


def values(name: str, **more: Any) -> recipe.Values:
    one = recipe.recipe(name)
    return recipe.filled(one, given_to(one) | more, "ja")


def project(*added: dict[str, str], base: dict[str, str] = EMPTY) -> Project:
    sources = dict(base)
    for files in added:
        sources |= files
    return compiled(sources, None, 1, fresh_key)


def installed(name: str, prefix: str = "", **more: Any) -> dict[str, str]:
    return recipe.sources(recipe.recipe(name), values(name, **more), prefix)


def refused(name: str, prefix: str = "", **more: Any) -> list[str]:
    """The problems, as they are printed."""
    with pytest.raises(Refused) as told:
        installed(name, prefix, **more)
    return [str(problem) for problem in told.value.problems]


def test_there_is_one_recipe_for_each_of_the_twelve_scenarios_and_one_for_the_permission_to_record() -> None:
    assert [recipe.recipe(name).scenario for name in RECIPES] == list(range(1, 14))
    with pytest.raises(recipe.UnknownRecipe, match="welcome, ad_visitors"):
        recipe.recipe("welcom")


@pytest.mark.parametrize("name", RECIPES)
def test_every_text_of_a_recipe_stands_in_both_languages(name: str) -> None:
    one = recipe.recipe(name)
    words = [one.label, one.description, *(need.why for need in one.needs)]
    for parameter in one.parameters.values():
        words += [parameter.label, *([parameter.help] if isinstance(parameter.help, Bilingual) else [])]
        words += [choice.label for choice in parameter.choices]
    assert all(each.ja.strip() and each.en.strip() for each in words)
    assert " " not in one.description.ja
    assert "  " not in one.description.en


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_compiles_in_an_empty_project_and_again_under_a_prefix(name: str) -> None:
    one = recipe.recipe(name)
    found = project(installed(name), installed(name, "again_"))
    added = [path.partition("/")[2] for path in one.files if path.startswith("campaigns/")]
    assert {campaign.id for campaign in found.campaigns} == {*added, *(f"again_{each}" for each in added)}
    assert all(campaign.live and (campaign.script or campaign.goal is not None) for campaign in found.campaigns)


@pytest.mark.parametrize("name", RECIPES)
def test_every_parameter_of_a_recipe_is_used_and_every_name_in_it_is_a_parameter(name: str) -> None:
    one = recipe.recipe(name)
    text = json.dumps([one.files, msgspec.to_builtins(one.needs)], ensure_ascii=False)
    for parameter in one.parameters:
        assert f'"${parameter}"' in text or f'"${parameter}.' in text, parameter
    installed(name)  # a name that is no parameter raises


def test_the_permission_brings_its_purpose_where_the_project_has_none() -> None:
    wanted = recipe.recipe("live_permission")
    assert [one["name"] for one in recipe.lacking_purposes(wanted, {"id": "shop"})] == ["record"]
    assert [one["name"] for one in recipe.lacking_purposes(wanted, {"purposes": [{"name": "mail"}]})] == ["record"]
    assert recipe.lacking_purposes(wanted, {"purposes": [{"name": "record", "default": "granted"}]}) == []


def test_all_of_them_together_are_one_project() -> None:
    found = project(*(installed(name) for name in RECIPES))
    order = [campaign.id for campaign in found.campaigns]
    assert order == [
        "signup_coupon", "signup_coupon_kept", "free_shipping", "cart_return", "rank", "ad_visitors", "welcome",
        "visit_1", "visit_2", "visit_3", "product_page", "sale_not_seen", "sign_up", "brochure", "phone_support",
        "live_permission", "live_recorder", "live_recorder_at_once",
    ]  # fmt: skip
    shown = [campaign for campaign in found.campaigns if not campaign.script]
    assert [campaign.id for campaign in shown if not campaign.exclusive] == ["signup_coupon_kept"]


def test_a_reference_inside_a_recipe_follows_its_prefix() -> None:
    files = installed("signup_coupon", "spring_")
    assert "value: spring_signup_coupon" in files["segments/spring_holds_the_coupon.yaml"]
    assert "include: [spring_holds_the_coupon]" in files["campaigns/spring_signup_coupon_kept.yaml"]


def test_pages_are_spliced_into_the_list_they_stand_in() -> None:
    files = installed("sale_not_seen", sale_path="/outlet", quiet_pages="/a*, /b")
    campaign = documents.read("", files["campaigns/sale_not_seen.yaml"], [])
    assert campaign is not None
    assert campaign.data["pages"] == {"exclude": [{"rule": {"field": "path", "op": "starts", "value": "/outlet"}}, "/a*", "/b"]}


@pytest.mark.parametrize(
    ("name", "parameter", "typed", "told"),
    [
        ("welcome", "goal_event", "a b", "expected an event name"),
        ("welcome", "goal_event", 7, "found 7"),
        ("welcome", "url", "javascript:alert(1)", "expected an address"),
        ("welcome", "title", "", "expected a text"),
        ("welcome", "title", "{{ secret }}", "without {{"),
        ("welcome", "title", {"ja": "だけ"}, "one in ja and one in en"),
        ("welcome", "title", "x" * 501, "at most 500 characters"),
        ("welcome", "title", "two\nlines", "expected a text"),
        ("welcome", "priority", "soon", "expected a number, at least 0"),
        ("welcome", "priority", "-1", "at least 0"),
        ("welcome", "priority", True, "expected a number"),
        ("welcome", "quiet_pages", "cart", "expected pages such as"),
        ("welcome", "quiet_pages", ["/a", 1], "expected pages such as"),
        ("welcome", "colour", "red", "no such parameter; there are title"),
        ("brochure", "page_views", "1", "at least 2"),
        ("sale_not_seen", "sale_path", "/sale*", "without *"),
        ("free_shipping", "price_field", "cart price", "expected a field"),
        ("phone_support", "phone", "call me", "expected a telephone number"),
        ("phone_support", "opens", "9:00", "expected a time of day"),
        ("visits", "who", "nobody", "expected one of everyone, visitors, members"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(name: str, parameter: str, typed: Any, told: str) -> None:
    (problem,) = refused(name, **{parameter: typed})
    assert problem.startswith(f"recipe {name}: {parameter}: ")
    assert told in problem


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(Refused) as told:
        recipe.filled(recipe.recipe("phone_support"), {"opens": "early", "closes": "late"}, "ja")
    assert [problem.path for problem in told.value.problems] == ["closes", "opens", "phone"]


def test_two_keywords_that_are_the_same_are_refused_by_name() -> None:
    (problem,) = refused("ad_visitors", keyword_2="抹茶")
    assert problem == "recipe ad_visitors: keyword_2: expected another value; '抹茶' stands there already"


@pytest.mark.parametrize("prefix", ["1st", "a-b", "../x", "a" * 25, "あ"])
def test_a_prefix_that_could_not_begin_an_id_is_refused(prefix: str) -> None:
    (problem,) = refused("welcome", prefix)
    assert "expected up to 24 letters" in problem


def test_a_text_in_one_language_stands_for_both() -> None:
    assert values("welcome", title="やあ")["title"] == {"ja": "やあ", "en": "やあ"}
    assert values("product_page", button="")["button"] == {"ja": "", "en": ""}


HOSTILE = st.text(st.sampled_from("a{}[]:#,&*!|>%@`\"'\\ \n\t-?$<é語=/"), max_size=30)


@settings(deadline=None)
@given(HOSTILE, HOSTILE)
def test_whatever_is_typed_stays_one_value_in_one_place(typed: str, other: str) -> None:
    one = recipe.recipe("ad_visitors")
    calm = installed("ad_visitors", prefix="p")
    try:
        files = recipe.sources(one, values("ad_visitors", keyword_1=typed, title_1={"ja": other, "en": typed}), "p")
    except Refused:
        return
    assert files.keys() == calm.keys()
    table = documents.read("", files["tables/pad_messages.yaml"], [])
    assert table is not None
    assert table.data["rows"][typed.strip()] == {"title_ja": other.strip(), "title_en": typed.strip(), "url": "/matcha"}
    assert files["campaigns/pad_visitors.yaml"] == calm["campaigns/pad_visitors.yaml"]


LINE = st.text(st.characters(exclude_categories=["Cc", "Cn", "Co", "Cs", "Zl", "Zp"]), max_size=20)
TRAPS = st.sampled_from(["1e3", "1_000", "0x1f", "010", "yes", "No", "null", "~", "", "12:30", "2026-11-21", ".5", "<<", "- a"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | LINE | TRAPS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(LINE, parts, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(LINE, DATA, max_size=4))
def test_what_is_written_is_read_as_the_same_data(data: dict[str, Any]) -> None:
    problems: list[Any] = []
    document = documents.read("", recipe.written(data), problems)
    assert problems == []
    assert document is not None
    assert document.data == data


def test_a_clash_is_named_and_the_same_file_again_is_none() -> None:
    files = installed("welcome")
    assert recipe.clashes(files, SMALL) == []
    assert recipe.clashes(files, files) == []
    (problem,) = recipe.clashes(files, {"campaigns/welcome.yaml": "name: mine\n"})
    assert str(problem).startswith("campaigns/welcome.yaml: is there already")


def test_a_segment_that_is_there_already_with_the_same_rule_is_used_and_not_made_again() -> None:
    files = installed("welcome")
    mine = "# by hand\nname: Newcomers\nrule: {fact: visits, op: '=', value: 1}\nfolder: mine\n"
    assert recipe.lacking(files, {"segments/first_visit.yaml": mine}).keys() == {"campaigns/welcome.yaml"}
    another = mine.replace("value: 1", "value: 2")
    assert recipe.lacking(files, {"segments/first_visit.yaml": another}) == files


def test_a_need_says_the_line_that_sends_it() -> None:
    one = recipe.recipe("cart_return")
    cart, buy = recipe.needed(one, values("cart_return", cart_event="basket", price_field="total.yen"))
    assert cart.snippet == 'omotenashi("track", "basket", {"total": {"yen": 4500}})'
    assert list(cart.rules) == ["basket", "basket.total.yen"]
    assert buy.snippet == 'omotenashi("track", "buy", {"revenue": 4500})'
    member, _ = recipe.needed(recipe.recipe("rank"), values("rank", rank="</script>"))
    assert member.snippet == 'omotenashi("identify", {"user_id": "u-1", "rank": "\\u003c/script>"})'
    assert list(member.rules) == ["user_id", "rank"]


def test_what_a_parameter_expects_is_told_in_both_languages() -> None:
    for name in RECIPES:
        for parameter in recipe.recipe(name).parameters.values():
            assert recipe.expected(parameter, "ja") != recipe.expected(parameter, "en") or parameter.type == "number"


def test_a_default_is_a_value_its_own_parameter_admits() -> None:
    for name in RECIPES:
        for parameter in recipe.recipe(name).parameters.values():
            if not isinstance(parameter.default, msgspec.UnsetType):
                assert recipe.admitted(parameter, parameter.default, "ja") is not None
    bounded = Parameter(type="number", label=Bilingual(ja="数", en="Number"), min=1, max=3)
    assert [recipe.admitted(bounded, number, "ja") for number in (0, 1, "2.5", 4)] == [None, 1, 2.5, None]


def test_one_press_permits_recording_from_then_on_and_a_withdrawal_ends_it() -> None:
    """Seed 000 as written: two segments, a request that leaves out whoever has permitted, the recorder for those who have."""
    base = {"project.yaml": "id: shop\nname: Shop\npurposes: [{name: record, default: unknown, ask_again: {later: 3 days}}]\n"}
    hanako = Person(project(installed("live_permission"), base=base))
    taken = hanako.view()
    assert shown(taken) == ["live_permission"]
    hanako.opens(taken)
    hanako.send("consent", {"purpose": "record", "state": "granted"})
    approved = hanako.send("plugin_live_identify")
    assert shown(approved) == ["live_recorder_at_once"], "on the same page, by the event of the press itself"
    assert hanako.plan.segments_of(hanako.profile, hanako.now) == ["live_permitted"]
    assert "live_permission" not in shown(hanako.view())
    hanako.send("consent", {"purpose": "record", "state": "withdrawn"})
    assert hanako.plan.segments_of(hanako.profile, hanako.now) == ["live_not_permitted"]
    assert shown(hanako.view()) == []


def test_whoever_does_not_notice_is_asked_so_many_times_a_day_and_whoever_closes_so_many_times_is_left_in_peace() -> None:
    waits = "ask_again: {ignored: 1 hour, closed: 1 day}"
    base = {"project.yaml": f"id: shop\nname: Shop\npurposes: [{{name: record, default: unknown, {waits}}}]\n"}
    taro = Person(project(installed("live_permission", shown_per_day=2, closed_times=2), base=base))
    for _ in range(2):
        taken = taro.wait(HOUR).view()
        taro.opens(taken)
    assert shown(taro.wait(HOUR).view()) == [], "twice a day"
    for _ in range(2):
        taken = taro.wait(DAY).view()
        taro.opens(taken)
        taro.closes(taken)
    assert shown(taro.wait(30 * DAY).view()) == [], "closed twice"
