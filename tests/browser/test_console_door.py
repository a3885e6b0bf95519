"""Getting into the console, in a real browser: the first account, an invitation, a second factor, a provider, being put out."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp.totp import TOTP
from tests.browser.axe import violations
from tests.browser.console_door import PASSWORD, SHOP, Door, browsing, console_door
from tests.browser.tabs import tab

SECRET = re.compile(r"^Password( \*)?$")
"""The label of the password, which has to be filled in."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with console_door(tmp_path_factory.mktemp("door")) as one:
        yield one


@contextmanager
def somebody(browser: Browser, door: Door, **options: str) -> Generator[Page]:
    """A browser of their own; an error that reaches the page fails the test."""
    context = browsing(browser, door, **options)
    expect.set_options(timeout=10_000)
    with tab(context) as page:
        yield page
    expect.set_options(timeout=5_000)


def sign_in(page: Page, mail: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("Mail address").fill(mail)
    page.get_by_label(SECRET).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_first_account_is_made_and_invites_somebody_who_may_only_look(browser: Browser, door: Door) -> None:
    with somebody(browser, door) as hanako, somebody(browser, door) as taro:
        hanako.goto("/sign-in")
        expect(hanako.get_by_role("heading", name="Nobody has an account yet")).to_be_visible()
        hanako.goto(door.link())
        hanako.get_by_label("Mail address").fill("hanako@shop.example")
        hanako.get_by_label("Name").fill("Hanako")
        hanako.get_by_label(SECRET).fill("hanako123456")
        hanako.get_by_role("button", name="Begin").click()
        expect(hanako.get_by_text("Choose a password that is harder to guess")).to_be_visible()
        assert violations(hanako, "#root") == []
        hanako.get_by_label(SECRET).fill(PASSWORD)
        hanako.get_by_role("button", name="Begin").click()
        expect(hanako.get_by_role("heading", name="A new project")).to_be_visible()
        door.ask("/api/apply", {"sources": SHOP})
        hanako.goto("/p/shop/settings/members")
        hanako.get_by_role("button", name="Invite").click()
        hanako.get_by_label("Mail address").fill("taro@shop.example")
        hanako.get_by_label("Viewer").check()
        hanako.get_by_role("button", name="Make the link").click()
        invitation = hanako.get_by_text("/invitation#").inner_text()
        expect(hanako.get_by_text("taro@shop.example")).to_be_visible()

        taro.goto(invitation)
        expect(taro.get_by_role("heading", name="You are invited to Shop")).to_be_visible()
        expect(taro.get_by_label("Mail address")).to_have_value("taro@shop.example")
        taro.get_by_label("Name").fill("Taro")
        taro.get_by_label(SECRET).fill(PASSWORD)
        taro.get_by_role("button", name="Join").click()
        expect(taro).to_have_url(re.compile("/p/shop"))
        expect(taro.get_by_role("button", name="Stop all messages")).to_have_count(0)
        expect(taro.get_by_role("link", name="People", exact=True)).to_have_count(0)
        taro.goto("/p/shop/settings/rules")
        expect(taro.get_by_label("Messages a day for one person")).to_be_disabled()

        hanako.goto("/p/shop/settings/members")
        expect(hanako.get_by_text("taro@shop.example")).to_be_visible()
        hanako.get_by_role("combobox", name="Role of Taro").click()
        hanako.get_by_role("option", name="Editor").click()
        expect(hanako.get_by_text("Taro's rights are changed.")).to_be_visible()
        taro.reload()
        expect(taro.get_by_role("button", name="Stop all messages")).to_be_visible()
        hanako.goto("/p/shop/settings/audit")
        line = hanako.get_by_role("article").filter(has_text="Hanako changed the rights of taro@shop.example")
        expect(line.locator("del").first).to_have_text("viewer")
        expect(line.locator("ins").first).to_have_text("editor")
        assert violations(hanako, "#root") == []


def test_a_session_that_was_ended_from_another_device_is_over(browser: Browser, door: Door) -> None:
    door.employ("noriko@shop.example", "Noriko")
    with (
        somebody(browser, door) as here,
        somebody(browser, door, user_agent="Mozilla/5.0 (iPhone) Version/18 Safari/605") as lost,
    ):
        sign_in(here, "noriko@shop.example")
        expect(here.get_by_role("button", name="Noriko")).to_be_visible()
        sign_in(lost, "noriko@shop.example")
        expect(lost.get_by_role("button", name="Noriko")).to_be_visible()
        here.goto("/account")
        device = here.get_by_role("listitem").filter(has_text="Safari on iPhone")
        device.get_by_role("button", name="Sign out").click()
        expect(device).to_have_count(0)
        assert violations(here, "#root") == []
        lost.goto("/account")
        expect(lost).to_have_url(re.compile(r"/sign-in\?next=%2Faccount"))
        lost.get_by_label("Mail address").fill("noriko@shop.example")
        lost.get_by_label(SECRET).fill(PASSWORD)
        lost.get_by_role("button", name="Sign in", exact=True).click()
        expect(lost).to_have_url(re.compile("/account$"))


def test_a_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(browser: Browser, door: Door) -> None:
    door.employ("kenji@shop.example", "Kenji")
    with somebody(browser, door) as page:
        sign_in(page, "kenji@shop.example")
        page.get_by_role("button", name="Kenji").click()
        page.get_by_role("menuitem", name="Account").click()
        page.get_by_role("button", name="Set up two-step sign-in").click()
        page.get_by_label(SECRET).fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
        app = TOTP(page.locator("code").inner_text())
        now = int(page.evaluate("Date.now() / 1000 | 0"))
        page.get_by_label("Six digits").fill(app.at(now))
        page.get_by_role("button", name="Turn it on").click()
        codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
        expect(codes).to_have_count(10)
        recovery = codes.first.inner_text()
        page.get_by_role("button", name="I have kept them").click()
        expect(page.get_by_text("10 recovery codes are left")).to_be_visible()
        page.get_by_role("button", name="Kenji").click()
        page.get_by_role("menuitem", name="Sign out").click()

        sign_in(page, "kenji@shop.example")
        expect(page.get_by_role("heading", name="One more thing")).to_be_visible()
        page.get_by_label("Code").fill(app.at(now))
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_text("This code is not right, or was used already")).to_be_visible()
        page.get_by_label("Code").fill(app.at(now + 30))  # a clock may be a step ahead
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("button", name="Kenji")).to_be_visible()
        page.get_by_role("button", name="Kenji").click()
        page.get_by_role("menuitem", name="Sign out").click()

        sign_in(page, "kenji@shop.example")
        page.get_by_label("Code").fill(recovery)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name="Kenji").click()
        page.get_by_role("menuitem", name="Account").click()
        expect(page.get_by_text("9 recovery codes are left")).to_be_visible()


def test_a_link_signs_in_once(browser: Browser, door: Door) -> None:
    door.employ("yuki@shop.example", "Yuki", password="")
    link = door.link("yuki@shop.example")
    with somebody(browser, door) as page, somebody(browser, door) as late:
        page.goto(link)
        expect(page.get_by_role("button", name="Yuki")).to_be_visible()
        page.goto("/account")
        expect(page.get_by_text("You have no password yet")).to_be_visible()
        late.goto(link)
        expect(late.get_by_role("heading", name="This link does not work any more")).to_be_visible()


def test_a_member_signs_in_with_the_provider_and_nobody_else_does(browser: Browser, door: Door) -> None:
    door.employ("mika@shop.example", "Mika", password="")
    door.employ("unverified@shop.example", "Unverified", password="")
    for mail, told in (
        ("mika@shop.example", ""),
        ("stranger@shop.example", "There is no account with this mail address"),
        ("unverified@shop.example", "The provider has not verified this mail address"),
    ):
        with somebody(browser, door) as page:
            page.goto("/sign-in")
            page.get_by_role("link", name="Sign in with 127.0.0.1").click()
            page.locator("input[name=login]").fill(mail)
            page.locator("input[name=password]").fill("anything")
            page.get_by_role("button", name="Sign-in").click()
            page.get_by_role("button", name="Continue").click()
            if told:
                expect(page.get_by_text(told)).to_be_visible()
                expect(page).to_have_url(re.compile("/sign-in"))
            else:
                expect(page.get_by_role("button", name="Mika")).to_be_visible()
                page.goto("/account")
                expect(page.get_by_text("OpenID Connect")).to_be_visible()


def test_too_many_failures_are_told_with_what_to_do(browser: Browser, door: Door) -> None:
    door.employ("rin@shop.example", "Rin")
    with somebody(browser, door) as page:
        sign_in(page, "rin@shop.example", "not the right password")
        expect(page.get_by_text("The mail address or the password is not right.")).to_be_visible()
        for _ in range(10):
            page.request.post("/api/session", data={"mail": "rin@shop.example", "password": "not the right password"})
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_text("Too many attempts failed")).to_be_visible()


def test_a_setting_is_in_force_in_one_press_and_back_in_another(browser: Browser, door: Door) -> None:
    door.ask("/api/apply", {"sources": {"project.yaml": SHOP["project.yaml"] + "# two a day\ncap_per_day: 2\n"}})
    door.employ("aoi@shop.example", "Aoi", password="")
    with somebody(browser, door) as page:
        page.goto(door.link("aoi@shop.example"))
        expect(page.get_by_role("button", name="Aoi")).to_be_visible()
        page.goto("/p/shop/settings/rules")
        cap = page.get_by_label("Messages a day for one person")
        expect(cap).to_have_value("2")
        cap.fill("5")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        text = door.ask("/api/projects/shop/export")["sources"]["project.yaml"]
        assert text == SHOP["project.yaml"] + "# two a day\ncap_per_day: 5\n"
        page.get_by_role("button", name="Undo").click()
        expect(cap).to_have_value("2")
        assert door.ask("/api/projects/shop/export")["sources"]["project.yaml"] == text.replace("5", "2")
        page.goto("/p/shop/settings/site")
        expect(page.get_by_text("Waiting for the first event.")).to_be_visible()
        expect(page.get_by_text('omotenashi("init"')).to_be_visible()


def test_a_token_is_shown_once_does_what_it_may_and_ends(browser: Browser, door: Door) -> None:
    door.ask("/api/apply", {"sources": SHOP})
    door.employ("sora@shop.example", "Sora", password="")
    with somebody(browser, door) as page:
        page.goto(door.link("sora@shop.example"))
        expect(page.get_by_role("button", name="Sora")).to_be_visible()
        page.goto("/p/shop/settings/tokens")
        page.get_by_role("button", name="Make a token").click()
        page.get_by_label("Name").fill("Morning report")
        page.get_by_role("button", name="Make a token").last.click()
        key = page.get_by_text(re.compile(r"^omo_")).inner_text()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=door.url, headers=headers, trust_env=False) as robot:
            assert robot.get("/api/projects/shop/switches").status_code == 200
            assert robot.post("/api/projects/shop/switches", json={}).status_code == 403
            page.reload()
            expect(page.get_by_text("Morning report")).to_be_visible()
            expect(page.get_by_text(key)).to_have_count(0)
            page.get_by_role("button", name="End it").click()
            expect(page.get_by_text('"Morning report" works no more.')).to_be_visible()
            assert robot.get("/api/projects/shop/switches").status_code == 401
