"""The templates that ask, that guide and that run a script, in a real browser: what each does and what it reports."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.axe import violations
from tests.browser.fake_edge import FakeEdge, until
from tests.browser.gallery import MESSAGE, events, message, show

from omotenashi.configuration import gallery
from omotenashi.configuration.problems import Refused

BODY = """<main><h1>茶と器</h1><nav><a href="/tea">お茶</a></nav>
<p id="cart" style="margin-top: 500px"><a href="/cart">かご</a></p></main>"""
STEPS = [
    {"anchor": "", "title": "ようこそ", "text": "三つだけご案内します。"},
    {"anchor": "nav", "title": "品を探す"},
    {"anchor": "#cart", "title": "かごを見る"},
]


SMALL = {"width": 320, "height": 480}
OUTSIDE = """frame => [...frame.querySelectorAll("*")]
  .filter(one => one.getClientRects().length > 0 && !one.matches(".aloud, .aloud *, .light"))
  .filter(one => { const box = one.getBoundingClientRect(); return box.left < -0.5 || box.right > innerWidth + 0.5; })
  .map(one => one.outerHTML.slice(0, 120))"""
HOSTILE = '"\'><img src=x onerror="document.title=1">'


def shown(page: Page, edge: FakeEdge, name: str, texts: Mapping[str, Any] | None = None, **more: Any) -> Locator:
    """The template on a small page, visible."""
    edge.pages[more.get("path", "/")] = more.pop("body", BODY)
    frame = show(page, edge, name, texts, **more)
    expect(frame).to_be_visible()
    return frame


def states(edge: FakeEdge) -> list[str]:
    """The screens that the visitor was brought to, in order."""
    return [str(values["state"]) for values in events(edge, "_message_state_changed")]


def answered(edge: FakeEdge) -> dict[str, Any]:
    """What the one `_answer_question` says; waits for it."""
    until(lambda: events(edge, "_answer_question"))
    (said,) = events(edge, "_answer_question")
    return dict(said["answers"])


def readable(page: Page) -> None:
    """No complaint of axe, in the light and in the dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == []


# All of them


@pytest.mark.parametrize("name", ["survey", "quick_question", "score", "mail_signup", "permission", "guided_tour", "hint"])
def test_whatever_its_texts_say_it_stays_inside_a_small_window_and_is_only_text(page: Page, edge: FakeEdge, name: str) -> None:
    texts = {
        question.name: (HOSTILE + "とても長い文が入りました。" * 9)[: question.max_length or 60]
        for question in gallery.form(name).questions
        if question.type == "text"
    }
    page.set_viewport_size(SMALL)
    frame = shown(page, edge, name, texts)
    assert frame.evaluate(OUTSIDE) == []
    expect(frame.locator("img")).to_have_count(0)
    assert page.title() == "/"
    page.keyboard.press("Escape")
    until(lambda: events(edge, "_message_close") == [{"by": "escape"}])


# Survey


def press(frame: Locator, name: str) -> None:
    """Presses the button of this name."""
    frame.get_by_role("button", name=name, exact=True).click()


def test_a_survey_branches_and_sends_all_answers_at_once(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "survey")
    frame.get_by_text("贈り物").click()
    press(frame, "次へ")
    frame.locator('[data-question="ease"] label').nth(4).click()
    press(frame, "次へ")
    expect(frame.get_by_role("group", name="親しい人にすすめたいと思いますか")).to_be_visible()
    frame.locator('[data-question="recommend"] label').nth(9).click()
    press(frame, "送信")
    expect(frame.get_by_role("heading", name="ありがとうございました。")).to_be_visible()
    assert answered(edge) == {"purpose": "gift", "ease": 5, "recommend": 9}
    assert states(edge) == ["ease", "recommend", "end"]
    press(frame, "買い物に戻る")
    expect(page.locator(MESSAGE)).to_have_count(0)


def test_a_survey_goes_back_and_forgets_what_another_answer_leaves_out(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "survey")
    frame.get_by_text("自分で使うもの").click()
    press(frame, "次へ")
    frame.locator('[data-question="ease"] label').nth(1).click()
    press(frame, "次へ")
    frame.get_by_role("textbox").fill("検索がほしい")
    press(frame, "戻る")
    expect(frame.locator('[data-question="ease"] :checked')).to_have_value("2")
    frame.locator('[data-question="ease"] label').nth(3).click()
    press(frame, "次へ")
    frame.locator('[data-question="recommend"] label').nth(0).click()
    press(frame, "送信")
    assert answered(edge) == {"purpose": "own", "ease": 4, "recommend": 0}


def test_a_survey_asks_for_what_is_missing_and_lets_the_optional_go(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "survey")
    press(frame, "次へ")
    expect(frame.get_by_text("お答えください。")).to_be_visible()
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.name") == "purpose"
    readable(page)
    frame.get_by_text("とくに決めていない").click()
    expect(frame.get_by_text("お答えください。")).to_have_count(0)
    press(frame, "次へ")
    frame.locator('[data-question="ease"] label').nth(0).click()
    press(frame, "次へ")
    press(frame, "次へ")
    frame.locator('[data-question="recommend"] label').nth(10).click()
    press(frame, "送信")
    assert answered(edge) == {"purpose": "looking", "ease": 1, "recommend": 10}


def test_a_survey_takes_several_choices_and_several_questions_on_a_page_and_an_answer_may_end_it(
    page: Page, edge: FakeEdge
) -> None:
    questions = [
        {
            "id": "teas",
            "kind": "many",
            "question": "お好きなお茶",
            "options": [{"label": "煎茶"}, {"label": "番茶"}, {"label": "抹茶"}],
        },
        {"id": "why", "kind": "text", "question": "その理由", "together": True},
        {"id": "last", "kind": "nps", "question": "おすすめ度"},
    ]
    frame = shown(
        page, edge, "survey", {"questions": questions, "branches": [{"question": "teas", "answer": "抹茶", "go": "end"}]}
    )
    frame.get_by_label("煎茶").check()
    expect(frame.get_by_role("button", name="次へ")).to_be_visible()
    frame.get_by_label("抹茶").check()
    frame.get_by_role("textbox", name="その理由").fill(" 香り ")
    press(frame, "送信")
    assert answered(edge) == {"teas": ["煎茶", "抹茶"], "why": "香り"}


def test_a_survey_is_answered_without_a_pointer(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "survey")
    for key in ("Tab", "Tab", "Space", "Enter"):
        page.keyboard.press(key)
    expect(frame.get_by_role("group", name="探しやすさはいかがでしたか")).to_be_visible()
    for key in ("Tab", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    until(lambda: states(edge) == ["ease", "recommend"])
    readable(page)


# One question, one score


def test_a_quick_question_is_done_with_one_press(page: Page, edge: FakeEdge) -> None:
    answers = [{"label": "はい", "value": "yes"}, {"label": "いいえ"}]
    frame = shown(page, edge, "quick_question", {"id": "found", "answers": answers})
    readable(page)
    press(frame, "いいえ")
    expect(frame.get_by_role("heading", name="ありがとうございます。")).to_be_visible()
    assert answered(edge) == {"found": "いいえ"}
    assert events(edge, "_message_click") == [{"name": "answer"}]


@pytest.mark.parametrize(("score", "asked"), [(10, True), (9, True), (8, False)])
def test_a_high_score_is_asked_for_a_review(page: Page, edge: FakeEdge, score: int, asked: bool) -> None:
    frame = shown(page, edge, "score", {"review_label": "口コミを書く"})
    press(frame, str(score))
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "reason"
    readable(page)
    page.keyboard.type("包装がきれい")
    press(frame, "送信")
    expect(frame.get_by_role("heading", name="ありがとうございます。")).to_be_visible()
    assert answered(edge) == {"score": score, "reason": "包装がきれい"}
    expect(frame.get_by_role("link", name="口コミを書く")).to_be_visible(visible=asked)


def test_a_score_counts_although_the_reason_is_not_given(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "score")
    readable(page)
    press(frame, "3")
    press(frame, "閉じる")
    assert answered(edge) == {"score": 3}
    assert events(edge, "_message_close") == [{"by": "button"}]


# Mail and consent


def test_a_mail_signup_wants_an_address_and_a_consent(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "mail_signup", {"ask_name": True})
    readable(page)
    name, address = frame.get_by_label("お名前"), frame.get_by_label("メールアドレス")
    for wrong in ("", "hanako", "hanako@"):
        name.fill("花子")
        address.fill(wrong)
        press(frame, "登録する")
        assert page.evaluate("document.activeElement.shadowRoot.activeElement.id") == "email"
    address.fill("hanako@midori.example")
    press(frame, "登録する")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.type") == "checkbox"
    assert "consent" not in edge.names()
    frame.get_by_role("checkbox").check()
    press(frame, "登録する")
    expect(frame.get_by_role("heading", name="登録しました")).to_be_visible()
    until(lambda: "mail_signup" in edge.names())
    assert [name for name in edge.names() if not name.startswith("_")] == ["view", "consent", "attribute", "mail_signup"]
    assert events(edge, "consent") == [{"purpose": "mail", "state": "granted"}]
    assert events(edge, "attribute") == [{"name": "花子", "email": "hanako@midori.example"}]
    assert events(edge, "mail_signup") == [{}]


def test_a_permission_is_granted_and_thanked_for(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "permission", {"purpose": "push"})
    readable(page)
    press(frame, "承認する")
    expect(frame.get_by_role("heading", name="ありがとうございます。")).to_be_visible()
    until(lambda: events(edge, "consent") == [{"purpose": "push", "state": "granted"}])
    assert events(edge, "plugin_live_identify") == [{}]
    assert events(edge, "_message_click") == [{"name": "accept"}]


def test_a_permission_is_refused_as_easily(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "permission")
    accept, refuse = (frame.get_by_role("button", name=name, exact=True).bounding_box() for name in ("承認する", "承認しない"))
    assert accept is not None
    assert refuse is not None
    assert (accept["width"], accept["height"]) == (refuse["width"], refuse["height"])
    press(frame, "承認しない")
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: events(edge, "_message_close") == [{"by": "button"}])
    assert events(edge, "consent") == [{"purpose": "record", "state": "denied"}]


def test_a_permission_left_for_later_decides_nothing(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "permission")
    press(frame, "あとで決める")
    until(lambda: events(edge, "_message_close") == [{"by": "button"}])
    assert events(edge, "_message_click") == [{"name": "later"}]
    assert events(edge, "consent") == [{"purpose": "record", "state": "later"}]


# Guiding


def lit(page: Page) -> list[float]:
    """The left, top, right and bottom of the light."""
    box = page.locator(f"{MESSAGE} .light").bounding_box()
    assert box is not None
    return [box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]]


def test_a_tour_lights_up_place_after_place(page: Page, edge: FakeEdge) -> None:
    frame = shown(page, edge, "guided_tour", {"steps": STEPS})
    expect(frame.get_by_role("heading", name="ようこそ")).to_be_visible()
    expect(frame.get_by_role("button", name="戻る")).to_be_hidden()
    readable(page)
    press(frame, "次へ")
    place = page.locator("nav").bounding_box()
    assert place is not None
    assert lit(page) == [place["x"] - 6, place["y"] - 6, place["x"] + place["width"] + 6, place["y"] + place["height"] + 6]
    press(frame, "次へ")
    readable(page)
    press(frame, "戻る")
    expect(frame.get_by_role("heading", name="品を探す")).to_be_visible()
    press(frame, "次へ")
    press(frame, "わかりました")
    expect(page.locator(MESSAGE)).to_have_count(0)
    until(lambda: events(edge, "_message_close") == [{"by": "button"}])
    assert states(edge) == ["step_2", "step_3", "step_2", "step_3"]


def test_a_tour_waits_for_its_first_place_before_it_counts_as_shown(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = "<main>茶</main>"
    show(page, edge, "guided_tour", {"steps": STEPS[1:]})
    until(lambda: edge.requests)
    expect(page.locator(MESSAGE)).to_be_hidden()
    assert events(edge, "_message_open") == []
    page.evaluate("document.querySelector('main').innerHTML = '<nav>お茶</nav>'")
    expect(page.locator(MESSAGE).get_by_role("heading", name="品を探す")).to_be_visible()
    until(lambda: events(edge, "_message_open") == [{}])
    page.evaluate("document.querySelector('nav').remove()")
    expect(page.locator(f"{MESSAGE} .card")).to_be_hidden()


def test_a_tour_goes_on_where_it_was_on_the_next_page(page: Page, edge: FakeEdge) -> None:
    steps = [{**STEPS[1], "press": True}, STEPS[2]]
    said = message("guided_tour", {"steps": steps})

    def come(reservation: str) -> None:
        edge.answers = [{"messages": [{**said, "reservation": reservation}]}]
        page.evaluate("void omotenashi('track', 'asked')")

    frame = shown(page, edge, "guided_tour", {"steps": steps})
    expect(frame.get_by_role("button", name="次へ")).to_be_hidden()
    edge.pages["/tea"] = BODY
    page.get_by_role("link", name="お茶").click()
    until(lambda: edge.names().count("view") == 2)
    come("r2")
    expect(page.locator(MESSAGE).get_by_role("heading", name="かごを見る")).to_be_visible()
    press(page.locator(MESSAGE), "案内を終える")
    until(lambda: [values["by"] for values in events(edge, "_message_close")] == ["navigation", "button"])
    page.goto(f"{edge.site}/tea")
    until(lambda: edge.names().count("view") == 3)
    come("r3")
    until(lambda: events(edge, "_release") == [{"reason": "manual"}])
    expect(page.locator(MESSAGE)).to_have_count(0)


def test_a_tour_scrolls_to_what_is_out_of_sight(page: Page, edge: FakeEdge) -> None:
    body = '<nav>お茶</nav><p style="height: 3000px"></p><p id="cart">かご</p>'
    frame = shown(page, edge, "guided_tour", {"steps": STEPS[1:]}, body=body)
    page.emulate_media(reduced_motion="reduce")
    press(frame, "次へ")
    expect(page.locator("#cart")).to_be_in_viewport()
    place = page.locator("#cart").bounding_box()
    assert place is not None
    until(lambda: abs(lit(page)[1] - (place["y"] - 6)) < 1)
    expect(frame).to_be_in_viewport(ratio=1)


def test_a_hint_points_at_its_place_and_follows_it(page: Page, edge: FakeEdge) -> None:
    body = f"<nav hidden>小さな画面の目次</nav>{BODY}"
    frame = shown(page, edge, "hint", {"anchor": "nav"}, body=body.replace("<nav>", '<nav id="shown">'))
    readable(page)

    def gap() -> float:
        box, place = frame.bounding_box(), page.locator("#shown").bounding_box()
        assert box is not None
        assert place is not None
        return box["y"] - place["y"] - place["height"]

    assert gap() == 12
    page.evaluate("document.querySelector('#shown').style.marginTop = '200px'")
    until(lambda: gap() == 12)
    page.evaluate("document.querySelector('#shown').style.cssText = 'position: fixed; bottom: 0'")
    expect(frame).to_have_attribute("data-side", "above")
    page.evaluate("document.querySelector('#shown').hidden = true")
    expect(frame).to_be_hidden()
    page.evaluate("document.querySelector('#shown').hidden = false")
    press(frame, "わかりました")
    until(lambda: events(edge, "_message_close") == [{"by": "button"}])


# Scripts


def test_a_script_runs_and_shows_nothing(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BODY
    show(page, edge, "run_script", {"code": 'widget.track("script_ran", { where: "<b>&\\"" });'})
    until(lambda: events(edge, "script_ran") == [{"where": '<b>&"'}])
    assert events(edge, "_message_open") == [{}]
    assert page.locator(MESSAGE).count() == 0


def test_a_script_that_fails_is_told_and_counts_as_not_run(page: Page, edge: FakeEdge) -> None:
    edge.pages["/"] = BODY
    show(page, edge, "run_script", {"code": "missing();"})
    until(lambda: events(edge, "_release") == [{"reason": "failed"}])
    assert "missing is not defined" in events(edge, "_error")[0]["message"]
    assert events(edge, "_message_open") == []


def test_a_script_takes_nothing_from_a_visitor_into_its_code() -> None:
    with pytest.raises(Refused, match="code"):
        message("run_script", {"code": "alert({{ name }});"}, variables={"name": {"attribute": "name", "default": ""}})
