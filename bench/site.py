"""The site under measurement: a shop with 50 segments, 50 campaigns and one message template, as a `Project`.

20 campaigns listen to `view`, the others to a product, the cart, a search, a purchase. 45 of the 50 are live and
within their schedule, so they reach the audience gate. Four of those on `view` speak on ``/campaign/1`` to ``/4``
to nearly everybody, at most once per page view: how many answers carry a message is decided by how many
requests are views of those pages (`workload.MESSAGE_SHARE`). The others select finely, and stop early.
"""

from typing import Final

from omotenashi.engine.statistics import identified
from omotenashi.model.campaigns import (
    Action,
    Campaign,
    Display,
    Frequency,
    Gap,
    GoalRule,
    Hours,
    Key,
    Project,
    Purpose,
    Schedule,
    Stop,
    Template,
    Variable,
)
from omotenashi.model.ids import ActionId, CampaignId, ProjectId, SegmentId
from omotenashi.model.rules import (
    EVERYONE,
    Aggregate,
    All,
    AnyOf,
    Attribute,
    Compare,
    Constant,
    Fact,
    Field,
    InSegment,
    Not,
    Op,
    Period,
    Rule,
    Statistic,
    When,
)

PROJECT: Final = ProjectId("bench")
PUBLIC_KEY: Final = "bench-public-key"
SECRET_KEY: Final = "bench-secret-key-for-servers"  # the generator and the server under test know it, nobody else needs to
CATEGORIES: Final = ("tea", "matcha", "teapot", "cup", "tray", "sweets", "gift", "incense", "cloth", "lacquer", "glass", "book")
PLACES: Final = ("/sale", "/cart", "/account", "/guide", "/stores", "/gift")
DISTINCT_DAYS: Final = {"gift": 30, "sencha": 30, "iron": 7, "sale": 7, "cup": 60, "set": 60}
SPENT: Final = (1, 5_000, 10_000, 20_000, 50_000, 100_000)
SOURCES: Final = ("google", "yahoo", "line", "instagram", "newsletter", "partner")
MESSAGE_PAGES: Final = 4
ALL: Final = Period()
SESSION: Final = Period("session")
DAY_MS: Final = 86_400_000


def days(n: int) -> Period:
    return Period("days", n)


def statistic(
    event: str, aggregate: Aggregate = Aggregate.COUNT, field: str = "", period: Period = ALL, where: Rule | None = None
) -> Statistic:
    return identified(event, tuple(field.split(".")) if field else (), where, aggregate, period)


def count(event: str, op: Op, value: Constant, period: Period = ALL, where: Rule | None = None) -> Rule:
    return Compare(statistic(event, period=period, where=where), op, value)


def field(path: str, op: Op, value: Constant) -> Rule:
    return Compare(Field(tuple(path.split("."))), op, value)


def fact(name: str, op: Op, value: Constant) -> Rule:
    return Compare(Fact(name), op, value)


def attribute(name: str, op: Op, value: Constant) -> Rule:
    return Compare(Attribute((name,)), op, value)


def in_segment(name: str) -> Rule:
    return InSegment(SegmentId(name))


def segments() -> dict[SegmentId, Rule]:
    """Fifty, each of about three conditions."""
    found: dict[str, Rule] = {}
    for n, category in enumerate(CATEGORIES[:8]):
        seen = field("category", Op.EQ, category)
        found[f"likes-{category}"] = All(
            (
                count("product_view", Op.GE, 3, days((7, 14, 30, 60)[n % 4]), seen),
                count("buy", Op.EQ, 0, days((7, 30)[n % 2])),
                fact("session.page_views", Op.GE, 2),
            )
        )
    for n, low in enumerate(SPENT):
        high = SPENT[n + 1] - 1 if n + 1 < len(SPENT) else 10**9
        found[f"spent-{n}"] = All(
            (
                Compare(statistic("buy", Aggregate.SUM, "revenue"), Op.BETWEEN, (low, high)),
                Compare(statistic("buy", Aggregate.LAST_AT), Op.GE, When(ago_ms=(n + 1) * 10 * DAY_MS)),
                fact("member", Op.EQ, value=True),
            )
        )
    for n, (low, high) in enumerate(((1, 1), (2, 3), (4, 7), (8, 15), (16, 40), (41, 10_000))):
        found[f"visits-{n}"] = All(
            (
                fact("visits", Op.BETWEEN, (low, high)),
                fact("first_seen_at", Op.GE, When(ago_ms=(n + 1) * 15 * DAY_MS)),
                fact("device", Op.IN, ("phone", "tablet")),
            )
        )
    for source in SOURCES:
        found[f"from-{source}"] = All(
            (
                fact("session.utm.source", Op.EQ, source),
                AnyOf((fact("session.utm.medium", Op.IN, ("cpc", "paid-social")), fact("session.ad", Op.EXISTS, None))),
                fact("session.landing.path", Op.STARTS, "/products"),
            )
        )
    for n in range(6):
        found[f"cart-{n}"] = All(
            (
                Compare(statistic("cart", Aggregate.LAST, "in_cart_price"), Op.BETWEEN, (n * 1_500 + 1, n * 1_500 + 1_500)),
                count("cart", Op.GE, 1, SESSION),
                count("buy", Op.EQ, 0, SESSION),
            )
        )
    for n, rank in enumerate(("gold", "silver", "bronze", "none", "gold", "silver")):
        found[f"rank-{n}"] = All(
            (
                attribute("rank", Op.EQ, rank),
                attribute("points", Op.GE, n * 200),
                fact("logged_in", Op.EQ, value=True),
            )
        )
    for word in DISTINCT_DAYS:
        found[f"searched-{word}"] = All(
            (
                count("search", Op.GE, 1, ALL, field("words", Op.CONTAINS, word)),
                Compare(statistic("search", Aggregate.DISTINCT, "words", days(DISTINCT_DAYS[word])), Op.GE, 2),
                count("product_view", Op.LT, 4, SESSION),
            )
        )
    for n in range(6):
        found[f"active-{n}"] = All(
            (
                count("view", Op.GE, 5 * (n + 1), days((7, 30)[n % 2])),
                count("product_view", Op.GE, n + 1, Period("hours", (6, 24, 72)[n % 3])),
                Compare(statistic("view", Aggregate.LAST_AT, where=field("path", Op.STARTS, PLACES[n])), Op.MISSING),
            )
        )
    return {SegmentId(name): rule for name, rule in found.items()}


def action(campaign: str, weight: int = 900) -> tuple[Action, ...]:
    """One arm with a personal text, and a holdout of a tenth where the weight leaves it."""
    shown = Action(
        id=ActionId(f"{campaign}a"),
        name="A",
        weight=weight,
        template="card",
        texts={
            "title": "{{ visits }} visits with us{% if category %}, and {{ category | capitalize }} on your mind{% endif %}",
            "body": "Only ¥{{ 5000 | minus: cart }} more for free shipping{% if cart > 3000 %}, nearly there{% endif %}.",
            "button": "See {{ page }}",
            "url": "https://shop.example/sale?from={{ page | url_encode }}",
        },
        variables={
            "visits": Variable("fact", ("visits",)),
            "cart": Variable("statistic", statistic=statistic("cart", Aggregate.LAST, "in_cart_price"), default=0),
            "category": Variable("statistic", statistic=statistic("product_view", Aggregate.LAST, "category"), default=""),
            "page": Variable("event", ("path",), default="/"),
        },
        display=Display(position="bottom-right", delay_ms=1_000),
    )
    if weight == 1_000:
        return (shown,)
    return (shown, Action(id=ActionId(f"{campaign}h"), name="holdout", weight=1_000 - weight, holdout=True))


def campaigns() -> tuple[Campaign, ...]:
    """Fifty, in deciding order. What a trigger's own condition, the page and the schedule leave is the audience's to say."""
    names = list(segments())
    found: list[Campaign] = []
    for number in range(50):
        name = f"c{number:02d}"
        audience: Rule = All((in_segment(names[number]), Not(in_segment(names[(number * 7 + 3) % 50]))))
        where: Rule = EVERYONE
        pages: Rule = EVERYONE
        frequency, stop = Frequency("user"), Stop(shown=3, shown_per_day=1, closed=2, goal=True)
        arms = action(name)
        if number < 20:
            trigger = "view"
            pages = All((field("path", Op.STARTS, ("/products", "/sale", "/cart", "/account")[number % 4]),))
            if number % 5 == 0:  # 0, 5, 10, 15: the four that nearly everybody meets on their own page
                audience = All((fact("visits", Op.GE, 1), Not(in_segment(names[-1])), count("view", Op.GE, 1, days(7))))
                pages = field("path", Op.EQ, f"/campaign/{number // 5 + 1}")
                frequency, stop, arms = Frequency("access"), Stop(answered=True), action(name, 1_000)
        elif number < 32:
            trigger, where = "product_view", field("price", Op.GE, 500 * (number - 19))
        elif number < 42:
            trigger, where = "cart", field("in_cart_price", Op.GE, 300 * (number - 31))
        elif number < 46:
            trigger = "search"
        else:
            trigger = "buy"
        schedule = Schedule()
        if number % 12 == 7:
            schedule = Schedule(hours=(Hours((0, 1, 2, 3, 4, 5, 6), 0, 1_440),))
        found.append(
            Campaign(
                id=CampaignId(name),
                name=f"Campaign {number}",
                trigger=trigger,
                actions=arms,
                live=number % 10 != 9,  # five of fifty are paused
                priority=100 + number,
                audience=audience,
                where=where,
                pages=pages,
                schedule=schedule,
                frequency=frequency,
                stop=stop,
                consent="personal" if number % 3 == 0 else None,
                goal=GoalRule("buy", window="days", n=7, value=("revenue",)) if number % 4 == 0 else None,
            )
        )
    return tuple(found)


STYLE: Final = "".join(
    f".card-{part}{{display:flex;gap:8px;padding:12px 16px;border-radius:var(--omo-radius,12px);color:#1c1b19;background:#fff}}\n"
    for part in ("frame", "head", "title", "body", "foot", "button", "close", "image")
)
BODY: Final = """<section class="card-frame" role="dialog" aria-label="{{ title }}">
  <header class="card-head"><h2 class="card-title">{{ title }}</h2>
    <button class="card-close" data-omotenashi-close aria-label="Close">×</button></header>
  <p class="card-body">{{ body }}</p>
  {% if button != "" %}<footer class="card-foot">
    <a class="card-button" href="{{ url }}" data-omotenashi-click="main">{{ button }}</a></footer>{% endif %}
</section>
"""


def project() -> Project:
    """The whole configuration at version 1, its statistics born with it."""
    return Project(
        id=PROJECT,
        name="Bench",
        version=1,
        language="en",
        keys=(Key(PUBLIC_KEY, "public"), Key(SECRET_KEY, "secret")),
        gap=Gap(),
        purposes=(Purpose("personal"),),
        segments=segments(),
        segment_names={},
        campaigns=campaigns(),
        templates={
            "card": Template(
                name="card",
                kind="notification",
                body=BODY,
                style=STYLE,
                defaults={"title": "", "body": "", "button": "", "url": ""},
                types={"title": "text", "body": "text", "button": "text", "url": "url"},
            )
        },
    )
