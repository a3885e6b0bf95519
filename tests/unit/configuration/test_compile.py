"""Files become the one document the engine reads, or a list of everything that is wrong with them."""

from datetime import UTC, datetime

import pytest

from omotenashi.engine.rules.environment import environment
from omotenashi.engine.rules.evaluate import closure
from omotenashi.model.campaigns import AskAgain, Frequency, Hours, Purpose, Signals, Stop
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import All, Compare, Field, InSegment, Not, Op, Statistic

from .folders import SMALL, campaign, compile_small, hello, problems, told, with_files


def test_a_small_folder_becomes_a_project() -> None:
    project = compile_small()
    assert (project.id, project.version, project.segment_names["gold"]) == ("shop", 1, "ゴールド")
    assert project.event_names == {"sale_view": "セール閲覧"}
    assert {key.kind for key in project.keys} == {"public", "staging", "secret"}


def test_arms_have_tenths_of_a_percent_and_short_ids() -> None:
    arms = [(action.name, action.weight, action.holdout, len(action.id)) for action in hello().actions]
    assert arms == [("A", 500, False, 3), ("holdout", 100, True, 3)]


def test_actions_without_a_weight_share_what_is_left() -> None:
    text = campaign(
        actions="".join(f"  - {{name: {name}, template: card, texts: {{title: Hi}}}}\n" for name in "ABC")
        + "  - {holdout: 10%}\n"
    )
    assert [action.weight for action in hello(campaigns__hello=text).actions] == [300, 300, 300, 100]


def test_an_action_keeps_its_id_through_every_later_version() -> None:
    first = compile_small()
    given = {action.name: action.id for action in first.campaigns[0].actions}
    moved = campaign(
        actions="  - {name: B, template: card, texts: {title: Hi}}\n"
        "  - {name: A, weight: 20%, template: card, texts: {title: Ho}}\n"
    )
    second = compile_small(first, 2, campaigns__hello=moved)
    assert {action.name: action.id for action in second.campaigns[0].actions}["A"] == given["A"]


def test_an_id_of_ones_own_is_taken_and_may_stand_only_once() -> None:
    own = campaign(actions="  - {name: A, id: d1K, weight: 50%, template: card, texts: {title: Hi}}\n")
    assert hello(campaigns__hello=own).actions[0].id == "d1K"
    assert "campaigns/two.yaml:4: actions: the id d1K belongs to 'A' of hello" in told(campaigns__hello=own, campaigns__two=own)


def test_a_statistic_keeps_its_birth_while_it_is_used_and_a_new_one_is_born_now() -> None:
    first = compile_small()
    more = "name: Buyers\nrule: {event: buy, op: '>=', value: 1}\n"
    second = compile_small(first, 2, segments__buyers=more)
    assert set(second.statistics) > set(first.statistics)
    assert {second.statistics[name] for name in first.statistics} == {1}
    assert {birth for name, birth in second.statistics.items() if name not in first.statistics} == {2}
    third = compile_small(second, 3)
    assert third.statistics == first.statistics
    fourth = compile_small(third, 4, segments__buyers=more)
    assert 4 in fourth.statistics.values()


def test_keys_are_made_once_and_kept() -> None:
    first = compile_small()
    named = "id: shop\nname: Shop\nkeys: {public: our-own-key}\n"
    second = compile_small(first, 2, project=named)
    assert {key.kind: key.key for key in second.keys} == {
        "public": "our-own-key",
        "staging": first.keys[1].key,
        "secret": first.keys[2].key,
    }
    assert second.identity_secret == first.identity_secret


def test_a_derived_event_is_expanded_in_triggers_goals_and_statistics() -> None:
    text = campaign("goal: {event: sale_view, within: 7 days}\n").replace("{event: view}", "{event: sale_view}")
    found = hello(campaigns__hello=text)
    on_sale = Compare(Field(("path",)), Op.STARTS, "/sale")
    assert (found.trigger, found.where) == ("view", on_sale)
    assert found.goal is not None
    assert (found.goal.event, found.goal.where, found.goal.window, found.goal.n) == ("view", on_sale, "days", 7)
    keen = compile_small().segments["keen"]  # type: ignore[index]
    assert isinstance(keen, Compare)
    assert isinstance(keen.subject, Statistic)
    assert (keen.subject.event, keen.subject.where) == ("view", on_sale)


def test_derived_events_may_build_on_each_other_but_not_in_circles() -> None:
    tea = "from: sale_view\nwhere: {field: query.kind, op: '=', value: tea}\n"
    event, rule = compile_small(events__tea_sale_view=tea).derived["tea_sale_view"]
    assert event == "view"
    assert rule == All((Compare(Field(("path",)), Op.STARTS, "/sale"), Compare(Field(("query", "kind")), Op.EQ, "tea")))
    circle = told(
        events__sale_view=SMALL["events/sale_view.yaml"].replace("view\n", "b\n", 1), events__b="from: sale_view\nwhere: []\n"
    )
    assert [line for line in circle if "is not made from" in line] == [
        "events/b.yaml:1: from: expected an event that is not made from b itself",
        "events/sale_view.yaml:1: from: expected an event that is not made from sale_view itself",
    ]


def test_who_include_exclude_and_rule_are_all_joined() -> None:
    text = campaign("who: members\ninclude: [gold, keen]\nexclude: [keen]\nrule: {fact: visits, op: '>=', value: 2}\n")
    audience = hello(campaigns__hello=text).audience
    assert isinstance(audience, All)
    assert len(audience.of) == 4
    assert audience.of[2] == Not(InSegment("keen"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pattern", "path", "holds"),
    [
        ("/sale", "/sale", True),
        ("/sale", "/sale/tea", False),
        ("/sale*", "/sale/tea", True),
        ("/*/tea", "/sale/tea", True),
        ("/*/tea", "/sale/tea/green", False),
        ("/a.b*c", "/axbzc", False),
        ("/a.b*c", "/a.bzc", True),
        ("*", "/anything", True),
    ],
)
def test_a_page_pattern_is_a_glob_on_the_path(pattern: str, path: str, holds: bool) -> None:
    project = compile_small(campaigns__hello=campaign(f"pages: {{include: ['{pattern}']}}\n"))
    pages = closure(project.campaigns[0].pages, environment(project))
    assert pages(Profile("p"), {"path": path, "url": f"https://x{path}"}, 0) is holds  # type: ignore[arg-type]


def test_excluded_pages_win_over_included_ones() -> None:
    project = compile_small(
        campaigns__hello=campaign("pages: {include: ['/sale*'], exclude: ['/sale/tea', {rule: {field: query.q, op: exists}}]}\n")
    )
    pages = closure(project.campaigns[0].pages, environment(project))
    asked = [{"path": "/sale"}, {"path": "/sale/tea"}, {"path": "/sale", "query": {"q": "1"}}, {"path": "/"}]
    assert [pages(Profile("p"), values, 0) for values in asked] == [True, False, False, False]  # type: ignore[arg-type]


def test_hours_past_midnight_run_into_the_next_day_and_an_end_day_is_included() -> None:
    text = campaign("schedule: {start: 2026-11-21T09:00, end: 2026-11-30, hours: [{days: [sun], from: '22:00', to: '02:00'}]}\n")
    schedule = hello(campaigns__hello=text).schedule
    assert schedule.start == datetime(2026, 11, 21, 0, tzinfo=UTC).timestamp() * 1000
    assert schedule.end == datetime(2026, 11, 30, 15, tzinfo=UTC).timestamp() * 1000
    assert schedule.hours == (Hours((6,), 22 * 60, 24 * 60), Hours((0,), 0, 120))


def test_frequency_and_stop_conditions_are_read() -> None:
    found = hello(campaigns__hello=campaign("frequency: every 3 days\nstop: {shown_per_day: 2, closed: 3, goal: true}\n"))
    assert found.frequency == Frequency("days", 3)
    assert found.stop == Stop(shown_per_day=2, closed=3, goal=True)


def test_events_are_ignored_by_name_unless_somebody_waits_for_them() -> None:
    project = "id: shop\nname: Shop\npurposes: [{name: record, default: unknown}]\n"
    assert compile_small(project=f"{project}ignore: [scroll, hover, scroll]\n").ignored == ("scroll", "hover")
    goal = campaign("goal: {event: buy, within: 7 days}\n")
    found = told(project=f"{project}ignore: [view, _error, sale_view, buy, scroll]\n", campaigns__hello=goal)
    assert found == [
        "project.yaml:4: ignore[0]: expected an event that can be ignored; view means something to Omotenashi itself",
        "project.yaml:4: ignore[1]: expected an event that can be ignored; _error means something to Omotenashi itself",
        "project.yaml:4: ignore[2]: expected an event that can be ignored; sale_view is a derived event, which nobody sends",
        "project.yaml:4: ignore[3]: expected an event that can be ignored; buy is the goal of the campaign hello",
    ]


def test_csv_columns_say_their_types() -> None:
    sources = {**SMALL, "tables/goods.csv": "sku,name,price:number,sold_out:flag\n007,Tea,1200,false\n8,Pot,,true\n"}
    from omotenashi.configuration.compile import compiled

    from .folders import fresh_key

    rows = compiled(sources, None, 1, fresh_key).tables["goods"]
    assert rows["007"] == {"sku": "007", "name": "Tea", "price": 1200, "sold_out": False}
    assert rows["8"]["price"] is None


def test_every_problem_is_told_at_once_with_file_line_and_place() -> None:
    found = told(
        project="id: shop\nname: Shop\ntime_zone: Asia/Tokio\norigins: [shop.example]\n",
        segments__bad="name: Bad\nrule: {fact: visit, op: '=', value: '1'}\n",
        campaigns__hello=campaign("include: [silver]\nfrequency: often\n"),
        campaigns__more=campaign("include: [silver]\nconsent: mail\nstop: {shown: 0}\nsurprise: 1\n"),
    )
    assert len(found) == 9
    for part in (
        "project.yaml:3: time_zone: expected a time zone name such as Asia/Tokyo; found 'Asia/Tokio'",
        "campaigns/hello.yaml:6: include[0]: unknown segment 'silver'",
        "campaigns/more.yaml:7: consent: unknown purpose",
        "project.yaml:4: origins[0]: expected an origin",
        "segments/bad.yaml:2: rule.fact: expected a fact",
        "campaigns/hello.yaml:7: frequency: expected access, session, user",
        "campaigns/more.yaml:8: stop.shown: expected a whole number, 1 or more",
        "campaigns/more.yaml:9: surprise: unknown key",
    ):
        assert any(line.startswith(part) for line in found), part


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("include: [silver]\n", "include[0]: unknown segment 'silver'; expected one of gold, keen"),
        ("consent: mail\n", "consent: unknown purpose of project.yaml 'mail'; expected one of record"),
        ("rule: {list: vip, op: in}\n", "rule.op: expected only list here"),
        ("pages: {include: ['sale?x=1']}\n", "pages.include[0]: expected a path such as /sale*"),
        ("schedule: {start: 2026-11-21, end: 2026-02-30}\n", "schedule.end: expected a day of the calendar; found '2026-02-30'"),
        ("schedule: {start: 2026-11-21, end: 2026-11-01}\n", "schedule.end: expected an end after the start"),
        ("schedule: {hours: [{from: '09:00', to: '09:00'}]}\n", "schedule.hours[0].to: expected a time that differs"),
    ],
)
def test_a_campaign_problem_names_its_place_and_what_was_expected(extra: str, message: str) -> None:
    (found,) = told(campaigns__hello=campaign(extra))
    assert message in found


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            "{name: A, template: cart, texts: {title: Hi}}",
            "actions[0].template: unknown template 'cart'; expected one of bottom_bar, ",
        ),
        ("{name: A, template: card}", "actions[0].texts.title: is missing; the template card has no default for it"),
        ("{name: A, template: card, texts: {title: Hi, colour: red}}", "actions[0].texts.colour: unknown variable"),
        ("{name: A, template: card, texts: {title: 'Hi {{ name }}'}}", "actions[0].texts.title: unknown variable 'name'"),
        ("{name: A, template: card, texts: {title: '{{ x | shout }}'}}", "actions[0].texts.title: unknown filter 'shout'"),
        ("{name: A, template: card, texts: {title: '{% if %}'}}", "actions[0].texts.title: not Liquid"),
        ("{name: A, template: card, texts: {title: Hi, url: 'javascript:alert(1)'}}", "actions[0].texts.url: expected an http"),
        ("{name: A, template: card, texts: {title: Hi, accent: 'red;}'}}", "actions[0].texts.accent: expected a CSS colour"),
        ("{name: A, weight: 12.55%, template: card, texts: {title: Hi}}", "actions[0].weight: expected a share"),
        ("{name: A, weight: 12.55, template: card, texts: {title: Hi}}", "actions[0].weight: expected a share"),
        ("{name: A, weight: 101%, template: card, texts: {title: Hi}}", "actions[0].weight: expected a share"),
        ("{template: card, texts: {title: Hi}}", "actions[0].name: is missing"),
        ("{holdout: 10%, template: card}", "actions[0].template: expected nothing else beside holdout"),
        (
            "{name: A, template: card, texts: {title: Hi}, variables: {n: {fact: visit}}}",
            "variables.n.fact: unknown fact 'visit'",
        ),
        ("{name: A, template: card, texts: {title: Hi}, variables: {n: {}}}", "variables.n: expected exactly one of event"),
        (
            "{name: A, template: card, texts: {title: Hi}, variables: {n: {table: goods}}}",
            "variables.n.table: unknown table 'goods'",
        ),
        (
            "{name: A, template: card, texts: {title: Hi}, variables: {n: {statistic: {event: buy, op: '='}}}}",
            "variables.n.statistic: expected a statistic, which is not compared",
        ),
    ],
)
def test_an_action_problem_names_its_place_and_what_was_expected(action: str, message: str) -> None:
    found = told(campaigns__hello=campaign(actions=f"  - {action}\n"))
    assert any(message in line for line in found), found


def test_weights_beyond_the_whole_are_refused() -> None:
    arms = "".join(f"  - {{name: {name}, weight: 60%, template: card, texts: {{title: Hi}}}}\n" for name in "AB")
    assert told(campaigns__hello=campaign(actions=arms)) == [
        "campaigns/hello.yaml:4: actions: expected weights of at most 100% in all; found 120%"
    ]


def test_a_circle_of_segments_is_refused() -> None:
    found = told(segments__a="name: A\nrule: {segment: b}\n", segments__b="name: B\nrule: {not: {segment: a}}\n")
    assert found == [
        "segments/a.yaml:2: rule: expected no circle of segments; found a → b → a",
        "segments/b.yaml:2: rule: expected no circle of segments; found b → a → b",
    ]


def test_a_file_in_the_wrong_place_is_not_silently_left_out() -> None:
    (found,) = problems({**SMALL, "campaign/hello.yaml": "name: x"})
    assert found.file == "campaign/hello.yaml"
    assert "no such kind of file" in found.message


def test_a_project_cannot_change_its_id() -> None:
    first = compile_small()
    found = problems({**SMALL, "project.yaml": "id: other\nname: Shop\n"}, first)
    assert [problem.message for problem in found] == ["expected shop, the project's id since its first version"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<a href="{{ title }}">', "expected the filter safe_url in the attribute href"),
        ("<p class={{ title }}>", "expected inside quotes"),
        ('<p onclick="{{ title }}">', "values may not stand in the attribute onclick"),
        ('<p style="color: {{ title }}">', "only variables of type color, number or choice"),
        ("<script>{{ title }}</script>", "values may not stand in a script element"),
        ("{{ title | safe }}", "unknown filter 'safe'"),
        ("{% include 'x' %}", "not Liquid"),
        ("{{ nobody }}", "unknown variable 'nobody'"),
    ],
)
def test_a_template_that_escaping_would_not_save_is_refused(body: str, message: str) -> None:
    found = problems({**SMALL, "templates/card/body.liquid": body})
    assert any(problem.file == "templates/card/body.liquid" and message in problem.message for problem in found), found


def test_a_text_that_can_never_be_rendered_is_refused() -> None:
    found = told(campaigns__hello=campaign(actions="  - {name: A, template: card, texts: {title: '{{ 1 | divided_by: 0 }}'}}\n"))
    assert any("cannot be rendered" in line for line in found)


PURPOSES = """
purposes:
  - name: record
    label: { ja: 画面の記録, en: Recording of the screen }
    text: { ja: 使いにくいところを直すためです。, en: So that we can mend what is hard to use. }
    default: unknown
    expires_days: 365
    policy: "2026-10"
    reask: true
    ask_again: { ignored: 1 day, later: 3 days, closed: 7 days, refused: 90 days }
    erase: true
    signals: { tcf: [1, 8], google: [analytics_storage], gpc: true }
"""


def test_a_purpose_says_what_visitors_read_and_when_they_are_asked_again() -> None:
    project = "id: shop\nname: Shop\n" + PURPOSES
    (purpose,) = compile_small(project=project).purposes
    assert purpose == Purpose(
        "record",
        "unknown",
        365,
        {"ja": "画面の記録", "en": "Recording of the screen"},
        {"ja": "使いにくいところを直すためです。", "en": "So that we can mend what is hard to use."},
        "2026-10",
        True,
        AskAgain(ignored=86_400_000, later=3 * 86_400_000, closed=7 * 86_400_000, refused=90 * 86_400_000),
        True,
        Signals((1, 8), 0, ("analytics_storage",), True),
    )


def test_a_campaign_asks_for_a_purpose_of_the_project_and_needs_another_one() -> None:
    project = "id: shop\nname: Shop\n" + PURPOSES
    assert hello(project=project, campaigns__hello=campaign("asks: record\n")).asks == "record"
    for extra, where in (("asks: mail\n", "asks"), ("asks: record\nconsent: record\n", "consent")):
        found = problems(with_files(project=project, campaigns__hello=campaign(extra)))
        assert [problem.path for problem in found] == [where]


def test_two_purposes_of_one_name_are_refused() -> None:
    found = problems(with_files(project="id: shop\nname: Shop\npurposes: [{name: record}, {name: record}]\n"))
    assert [problem.path for problem in found] == ["purposes[1].name"]


def test_where_there_is_a_purpose_personalise_every_message_needs_it_but_one_that_asks_or_names_another() -> None:
    project = "id: shop\nname: Shop\npurposes: [{name: personalise, default: unknown}, {name: mail}]\n"
    needed = {
        extra: hello(project=project, campaigns__hello=campaign(extra)).consent
        for extra in ("", "asks: personalise\n", "consent: mail\n")
    }
    assert needed == {"": "personalise", "asks: personalise\n": None, "consent: mail\n": "mail"}
    assert hello().consent is None
