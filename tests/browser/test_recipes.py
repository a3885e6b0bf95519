"""The twelve scenarios: who sees each of them, and who does not, in a real browser in front of a real edge."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.browser.recipe_house import House, Visit, fill_cart, running_house  # noqa: F401  a fixture
from tests.browser.tabs import keep

ON_THE_SHOP: dict[str, dict[str, Any]] = {
    "welcome": {"title": {"ja": "みどりへ、ようこそ", "en": "Welcome to Midori"}, "image": "/art/welcome.svg", "url": "/tea"},
    "ad_visitors": {
        "keyword_1": "抹茶",
        "title_1": "宇治の抹茶が入りました",
        "url_1": "/items/matcha-uji",
        "keyword_2": "急須",
        "title_2": "常滑の急須、焼き上がりました",
        "url_2": "/items/kyusu-tokoname",
    },
    "visits": {"url_1": "/tea", "url_2": "/small", "url_3": "https://social.example/midori"},
    "sign_up": {},
    "sale_not_seen": {"image": "/art/hagi-set.svg"},
    "brochure": {},
    "product_page": {},
    "rank": {"url": "/pottery"},
    "cart_return": {},
    "free_shipping": {"url": "/small"},
    "phone_support": {"phone": "0120-000-000"},
    "signup_coupon": {"code": "MIDORI500", "url": "/tea"},
}
CARTS = {
    3999: {"hagi-set": 1},
    4000: {"tenmoku": 1},
    4500: {"tenmoku": 1, "yokan": 1},
    4999: {"hagi-set": 1, "tea-scoop": 1},
    5000: {"tenmoku": 1, "tea-scoop": 1},
}
OPENING = 4
"""More seconds than any recipe's message waits."""

Visiting = Callable[..., Visit]


@pytest.fixture
def visiting(browser: Browser, house: House, request: pytest.FixtureRequest) -> Iterator[Visiting]:
    """Makes somebody new on the shop in which one recipe is installed; several of them, if the test wants."""
    visits = []

    def begin(name: str, **options: Any) -> Visit:
        visit = house.visit(browser, shop_with(house, name), **options)
        visits.append(visit)
        return visit.__enter__()

    yield begin
    for visit in visits:
        visit.__exit__(None, None, None)


def shop_with(house: House, name: str) -> str:
    """The shop of a project that has this recipe and nothing else; installed when it is first asked for."""
    project = f"shop-{name.replace('_', '-')}"
    if project not in house.sites:
        house.project(project)
        house.install(project, name, **ON_THE_SHOP[name])
        house.in_force(project)
    return project


def opened(visit: Visit, text: str) -> Locator:
    """The message with this text, once it is seen."""
    visit.stay(OPENING)
    frame = visit.page.locator("[data-omotenashi-message] .omo-frame").filter(has_text=text)
    expect(frame).to_be_visible()
    return frame


def sign_up(visit: Visit) -> Visit:
    visit.goto("/signup")
    visit.page.get_by_label("お名前").fill("花子")
    visit.page.get_by_label("メールアドレス").fill(f"{visit.visitor}@example.jp")
    visit.page.get_by_role("button", name="登録する", exact=True).click()
    visit.page.wait_for_url("**/signup/done")
    return visit.decided()


def buy(visit: Visit) -> Visit:
    visit.goto("/checkout")
    visit.page.get_by_label("お名前").fill("花子")
    visit.page.get_by_label("お届け先").fill("東京都中央区日本橋1-2-3")
    visit.page.get_by_role("button", name="注文を確定する").click()
    visit.page.wait_for_url("**/thanks")
    return visit.decided()


# 1


def test_a_newcomer_is_welcomed_once(visiting: Visiting) -> None:
    hanako = visiting("welcome")
    assert hanako.goto("/").handed() == ["welcome"]
    message = opened(hanako, "みどりへ、ようこそ")
    expect(message.get_by_role("link", name="おすすめを見る")).to_have_attribute("href", "/tea")
    keep(hanako.page, "recipe-welcome")
    assert hanako.goto("/tea").handed() == []


def test_a_member_and_a_returning_visitor_are_not_welcomed(visiting: Visiting, house: House) -> None:
    member = sign_up(visiting("welcome"))
    assert member.goto("/").handed() == []
    again = visiting("welcome").goto("/cart")
    house.later(days=1)
    assert again.goto("/").handed() == []
    expect(again.message).to_have_count(0)


# 2


@pytest.mark.parametrize(
    ("keyword", "title", "url"),
    [("抹茶", "宇治の抹茶が入りました", "/items/matcha-uji"), ("急須", "常滑の急須、焼き上がりました", "/items/kyusu-tokoname")],
)
def test_an_advertisements_keyword_chooses_the_message(visiting: Visiting, keyword: str, title: str, url: str) -> None:
    visit = visiting("ad_visitors").goto(f"/?utm_source=search&utm_medium=cpc&utm_term={keyword}")
    assert visit.handed() == ["ad_visitors"]
    expect(opened(visit, title).get_by_role("link", name="商品を見る")).to_have_attribute("href", url)
    keep(visit.page, f"recipe-ad-{url.rpartition('/')[2]}")


@pytest.mark.parametrize("landing", ["/", "/?utm_source=mail&utm_medium=email&utm_term=抹茶", "/?utm_medium=cpc&utm_term=花瓶"])
def test_without_the_advertisement_or_with_another_keyword_nothing_is_said(visiting: Visiting, landing: str) -> None:
    assert visiting("ad_visitors").goto(landing).handed() == []


# 3


def test_the_first_three_visits_hear_something_new_each_and_the_fourth_nothing(visiting: Visiting, house: House) -> None:
    visit = visiting("visits", phone=False)
    for number, title in ((1, "送料無料のご案内"), (2, "はじめてのお買い物に"), (3, "新着のお知らせを受け取れます")):
        assert visit.goto("/").handed() == [f"visit_{number}"]
        opened(visit, title)
        assert visit.goto("/tea").handed() == []
        house.later(minutes=31)
    assert visit.goto("/").handed() == []


# 4


def test_a_visitor_is_invited_to_sign_up_and_a_member_is_not(visiting: Visiting) -> None:
    visitor = visiting("sign_up")
    assert visitor.goto("/signup").handed() == []
    assert visitor.goto("/").handed() == ["sign_up"]
    expect(opened(visitor, "会員登録のご案内").get_by_role("link", name="会員登録する")).to_have_attribute("href", "/signup")
    keep(visitor.page, "recipe-sign-up")
    assert sign_up(visiting("sign_up")).goto("/").handed() == []


# 5


def test_the_sale_is_shown_to_those_who_have_not_seen_it(visiting: Visiting) -> None:
    visit = visiting("sale_not_seen", phone=False)
    assert visit.goto("/cart").handed() == []
    assert visit.goto("/tea").handed() == ["sale_not_seen"]
    expect(opened(visit, "ただいまセールを開催しています").get_by_role("link", name="セールを見る")).to_have_attribute(
        "href", "/sale"
    )
    keep(visit.page, "recipe-sale")


def test_the_sale_is_not_shown_on_itself_nor_to_those_who_have_seen_it(visiting: Visiting, house: House) -> None:
    visit = visiting("sale_not_seen")
    assert visit.goto("/sale").handed() == []
    house.later(days=1)
    assert visit.goto("/tea").handed() == []


# 6


def test_five_pages_in_one_visit_are_answered_with_the_brochure(visiting: Visiting, house: House) -> None:
    visit = visiting("brochure")
    for path in ("/", "/tea", "/pottery"):
        visit.goto(path)
    house.later(minutes=31)  # another visit begins to count anew
    for path in ("/", "/tea", "/pottery", "/small"):
        assert visit.goto(path).handed() == []
    assert visit.goto("/brochure").handed() == []  # the fifth, but on the brochure's own page
    assert visit.goto("/guide").handed() == ["brochure"]
    opened(visit, "資料をお送りします").get_by_role("link", name="資料を請求する").click()
    visit.page.wait_for_url("**/brochure")
    visit.decided()
    visit.page.get_by_label("お名前").fill("花子")
    visit.page.get_by_label("お届け先").fill("東京都中央区日本橋1-2-3")
    visit.page.get_by_role("button", name="案内帖を送ってもらう").click()
    expect(visit.page.get_by_text("承りました")).to_be_visible()
    keep(visit.page, "recipe-brochure")
    house.later(minutes=31)
    for path in ("/", "/tea", "/pottery", "/small", "/guide", "/"):
        assert visit.goto(path).handed() == []


# 7


def test_a_product_page_says_a_word_of_confidence_and_other_pages_do_not(visiting: Visiting) -> None:
    visit = visiting("product_page", phone=False)
    assert visit.goto("/tea").handed() == []
    assert visit.goto("/items/yokan").handed() == ["product_page"]
    expect(opened(visit, "安心してお選びください").get_by_role("link")).to_have_count(0)
    keep(visit.page, "recipe-product")
    assert visit.goto("/items/konpeito").handed() == []


# 8


def test_only_members_of_the_rank_see_what_is_for_them(visiting: Visiting) -> None:
    gold = visiting("rank").goto("/signup")
    gold.said("identify", {"user_id": f"gold-{gold.visitor}", "rank": "gold"})
    assert gold.goto("/").handed() == ["rank"]
    opened(gold, "会員の皆さまへ限定のご案内")
    keep(gold.page, "recipe-rank")
    regular = sign_up(visiting("rank"))
    assert regular.goto("/").handed() == []
    visitor = visiting("rank").goto("/signup")
    visitor.said("attribute", {"rank": "gold"})
    assert visitor.goto("/").handed() == []


# 9


def test_a_cart_that_was_left_is_remembered_on_the_first_page_of_the_next_day(visiting: Visiting, house: House) -> None:
    visit = fill_cart(visiting("cart_return"), CARTS[4500])
    assert visit.goto("/tea").handed() == []
    house.later(days=1)
    assert visit.goto("/").handed() == ["cart_return"]
    expect(opened(visit, "カートにお忘れの品があります").get_by_role("link", name="カートを見る")).to_have_attribute(
        "href", "/cart"
    )
    keep(visit.page, "recipe-cart-return")
    assert visit.goto("/tea").handed() == []
    house.later(days=1)
    assert visit.goto("/tea").handed() == ["cart_return"]  # not only on the very next visit


def test_who_bought_or_emptied_the_cart_or_lands_in_it_is_not_reminded(visiting: Visiting, house: House) -> None:
    bought = buy(fill_cart(visiting("cart_return"), CARTS[4500]))
    emptied = fill_cart(visiting("cart_return"), CARTS[4000])
    emptied.page.locator("[data-remove]").click()
    expect(emptied.page.get_by_text("まだ何も入っていません")).to_be_visible()
    emptied.decided()
    never = visiting("cart_return").goto("/")
    landing = fill_cart(visiting("cart_return"), CARTS[4000])
    house.later(days=1)
    for visit, path in ((bought, "/"), (emptied, "/"), (never, "/"), (landing, "/cart")):
        assert visit.goto(path).handed() == []
    house.later(days=1)
    assert bought.goto("/").handed() == []


def test_who_bought_without_the_cart_being_told_is_not_reminded_either(visiting: Visiting, house: House) -> None:
    visit = fill_cart(visiting("cart_return"), CARTS[4500])
    visit.said("track", "buy", {"revenue": 4500})
    house.later(days=1)
    assert visit.goto("/").handed() == []
    house.later(days=1)
    assert visit.goto("/").handed() == []


# 10


@pytest.mark.parametrize(("amount", "words"), [(4000, "あと1,000円"), (4500, "あと500円"), (4999, "あと1円")])
def test_a_little_more_for_free_shipping_is_said_with_what_is_missing(visiting: Visiting, amount: int, words: str) -> None:
    visit = fill_cart(visiting("free_shipping"), CARTS[amount])
    assert visit.handed() == ["free_shipping"]
    expect(opened(visit, words).get_by_role("link", name="お求めやすい品を見る")).to_have_attribute("href", "/small")
    keep(visit.page, f"recipe-shipping-{amount}")


@pytest.mark.parametrize("amount", [3999, 5000])
def test_free_shipping_is_silent_when_it_is_far_or_already_there(visiting: Visiting, amount: int) -> None:
    assert fill_cart(visiting("free_shipping"), CARTS[amount]).handed() == []


def test_free_shipping_is_silent_elsewhere_and_after_the_purchase(visiting: Visiting) -> None:
    visit = fill_cart(visiting("free_shipping"), CARTS[4500])
    assert visit.handed() == ["free_shipping"]
    assert visit.goto("/tea").handed() == []
    assert buy(visit).goto("/cart").handed() == []
    emptied = fill_cart(visiting("free_shipping"), CARTS[4000])
    emptied.handed()
    emptied.page.locator("[data-remove]").click()
    expect(emptied.page.get_by_text("まだ何も入っていません")).to_be_visible()
    assert emptied.decided().handed() == []


# 11


def test_three_minutes_on_a_phone_bring_the_call_button_without_another_page(visiting: Visiting, house: House) -> None:
    house.noon()
    visit = visiting("phone_support").goto("/")
    assert visit.stay(170).handed() == []
    assert visit.stay(11).handed() == ["phone_support"]
    expect(opened(visit, "お電話でもご相談いただけます").get_by_role("link")).to_have_attribute("href", "tel:0120000000")
    keep(visit.page, "recipe-phone")


def test_desktops_members_and_the_night_see_no_call_button(visiting: Visiting, house: House) -> None:
    house.noon()
    desk = visiting("phone_support", phone=False).goto("/")
    assert desk.stay(190).handed() == []
    member = sign_up(visiting("phone_support"))
    assert member.stay(190).handed() == []
    house.later(minutes=8 * 60)
    night = visiting("phone_support").goto("/")
    assert night.stay(190).handed() == []


# 12


def test_the_coupon_stays_in_sight_until_it_was_closed_twice(visiting: Visiting) -> None:
    visit = sign_up(visiting("signup_coupon"))
    assert visit.handed() == ["signup_coupon"]
    opened(visit, "MIDORI500")
    keep(visit.page, "recipe-coupon")
    for path in ("/tea", "/pottery"):
        assert visit.goto(path).handed() == ["signup_coupon_kept"]
        opened(visit, "クーポン「MIDORI500」をお使いいただけます")
        visit.close()
    keep(visit.page, "recipe-coupon-closed")
    assert visit.goto("/small").handed() == []


def test_the_coupon_is_gone_after_the_purchase_and_at_the_next_visit(visiting: Visiting, house: House) -> None:
    buyer, later = (sign_up(visiting("signup_coupon")) for _ in range(2))
    for visit in (buyer, later):
        assert visit.handed() == ["signup_coupon"]
        opened(visit, "MIDORI500")
        assert visit.goto("/tea").handed() == ["signup_coupon_kept"]
    opened(buyer, "クーポン「MIDORI500」")
    keep(buyer.page, "recipe-coupon-kept")
    buy(fill_cart(buyer, CARTS[4500])).handed()
    assert buyer.goto("/pottery").handed() == []
    house.later(minutes=31)
    assert later.goto("/pottery").handed() == []


def test_who_did_not_sign_up_in_this_visit_gets_no_coupon(visiting: Visiting, house: House) -> None:
    stranger = visiting("signup_coupon")
    assert stranger.goto("/signup/done").handed() == []
    assert stranger.goto("/tea").handed() == []
    member = visiting("signup_coupon").goto("/signup")
    member.said("identify", {"user_id": f"known-{member.visitor}"})
    assert member.goto("/signup/done").handed() == []


# All of them


def test_all_twelve_at_once_meet_a_newcomer_one_a_page_in_their_order(browser: Browser, house: House) -> None:
    house.noon()
    project = house.project("shop-all")
    for name in ON_THE_SHOP:
        house.install(project, name, **ON_THE_SHOP[name])
    house.in_force(project)
    with house.visit(browser, project) as visit:

        def meets(path: str, *campaigns: str) -> None:
            """On this page these come, and are seen."""
            assert visit.goto(path).handed() == list(campaigns)
            visit.stay(OPENING)
            expect(visit.page.locator("[data-omotenashi-message] .omo-frame")).to_have_count(len(campaigns))

        meets("/", "welcome")
        meets("/tea", "visit_1")
        meets("/pottery", "sale_not_seen")
        meets("/items/yokan", "product_page")
        meets("/small", "sign_up")
        meets("/guide", "brochure")
        meets("/items/konpeito")
        assert visit.stay(181).handed() == ["phone_support"]
        assert fill_cart(visit, CARTS[4500]).handed() == ["free_shipping"]
        assert sign_up(visit).handed() == ["signup_coupon"]
        opened(visit, "MIDORI500")
        meets("/tea", "signup_coupon_kept")
        visit.said("attribute", {"rank": "gold"})
        meets("/pottery", "signup_coupon_kept", "rank")  # the bar is not exclusive: it may stand beside another
        house.later(days=1)
        meets("/", "cart_return")
        meets("/?utm_medium=cpc&utm_term=抹茶", "visit_2")  # an advertisement counts when the visit begins with it
        meets("/items/yokan", "product_page")
        meets("/tea", "sale_not_seen")
        meets("/tea")  # a member is neither invited to sign up nor offered a brochure
        house.later(minutes=31)
        meets("/?utm_medium=cpc&utm_term=抹茶", "cart_return")
        meets("/tea", "ad_visitors")
        pages = Counter(one.page_view for one in house.reservations(visit.visitor) if one.exclusive)
    assert max(pages.values()) == 1
