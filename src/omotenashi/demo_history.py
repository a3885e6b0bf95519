"""A small town and its shop: people who come back, look, put things into a cart, sign up and buy, for sixty days and today.

Made up from a seed, the same every time. Nobody in it exists. What they do about messages is in ``demo_crowd``.
"""

import hashlib
import math
import random
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

REGULAR: Final = 1
"""The number of somebody who comes often and is a member, to be shown to newcomers as ``demo-0001``."""
PEOPLE: Final = 1_200
DAYS: Final = 60
SEED: Final = 20_261_121
QUIET_MS: Final = 4 * 60_000
"""The past ends so long before now: whoever comes then begins a day like any other."""

_DAY: Final = 86_400_000
_MINUTE: Final = 60_000
_JAPAN: Final = 9 * 3_600_000
_OLDEST: Final = 40
"""Some people knew the shop so many days before the past that is told: on its first day it is a shop like on any other."""
_GROWTH: Final = 1.5
"""So many times as many people find the shop on the last day as on the first."""
_RETURNING: Final = 5.0
"""Days between two visits of somebody, on average."""
_LOYAL: Final = 0.07
"""How many come again and again, and buy."""
_WEEK: Final = (0.66, 0.62, 0.66, 0.7, 0.78, 1.0, 0.98)
"""How busy each day of the week is, from Monday on."""
_HOURS: Final = (2, 1, 1, 0, 0, 1, 3, 6, 8, 8, 8, 9, 12, 9, 8, 8, 8, 9, 11, 14, 18, 20, 16, 8)
"""How busy each hour of the day is, in Japan."""
_FAMILY: Final = (
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "Tanaka",
    "Miller",
    "Dubois",
    "Kim",
)
_GIVEN: Final = (
    "葵",
    "陽菜",
    "凛",
    "結衣",
    "蓮",
    "湊",
    "大翔",
    "悠真",
    "恵",
    "健一",
    "直子",
    "誠",
    "Emi",
    "Anna",
    "Claire",
    "Min",
)
_WELL_KNOWN: Final = {REGULAR: "山田 花子", REGULAR + 1: "鈴木 太郎"}
_ADS: Final = (
    "?utm_source=google&utm_medium=cpc&utm_campaign=autumn_sale&gclid=demo",
    "?utm_source=instagram&utm_medium=paid_social&utm_campaign=new_kiln",
    "?utm_source=yahoo&utm_medium=cpc&utm_campaign=brand&yclid=demo",
)
_REFERRERS: Final = (
    "https://www.google.com/",
    "https://search.yahoo.co.jp/",
    "https://www.instagram.com/",
    "https://note.com/",
    "",
)


class Goods(Struct, frozen=True):
    """One thing the shop sells; ``price`` in yen."""

    id: str
    category: str
    price: int
    name: dict[str, str]


def read_goods(file: Path) -> list[Goods]:
    """The shop's goods, as the shop itself reads them."""
    return msgspec.json.decode(file.read_bytes(), type=list[Goods])


class Deed(Struct, frozen=True):
    """One thing that one browser does at ``at`` (an Instant): an event's name and its values; of a view, the page's."""

    at: int
    visitor: str
    name: str
    values: dict[str, Any]


class Person:
    """Somebody with a taste, a habit and a purse. ``phone``: whether they come with one."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.visitor = (
            urlsafe_b64encode(hashlib.sha256(f"midori demo visitor {number}".encode()).digest()[:16]).decode().rstrip("=")
        )
        self.number = number
        self.member = False
        self.name = _WELL_KNOWN.get(number) or f"{dice.choice(_FAMILY)} {dice.choice(_GIVEN)}"
        self.phone = number % 5 < 3
        self.taste = dice.choices(("tea", "pottery", "small"), (5, 3, 1))[0]
        self.sessions = dice.randint(7, 16) if dice.random() < _LOYAL else 1 + min(6, int(dice.expovariate(0.6)))
        self.keen = dice.betavariate(2, 4) if self.sessions < 7 else dice.betavariate(4, 3)
        if number in _WELL_KNOWN:
            self.sessions, self.keen = 12, 1.0
        self.cart: list[Goods] = []
        self.spent = 0
        self.rank = "regular"
        self.last_at = 0


class _Diary:
    def __init__(self, dice: random.Random, origin: str, goods: Sequence[Goods]) -> None:
        self.dice = dice
        self.origin = origin
        self.goods = goods
        self.deeds: list[Deed] = []
        self.orders = 0

    def event(self, at: int, person: Person, name: str, /, **values: Any) -> None:
        self.deeds.append(Deed(at, person.visitor, name, values))
        person.last_at = max(person.last_at, at)

    def view(self, at: int, person: Person, path: str, title: str, referrer: str = "") -> None:
        values: dict[str, Any] = {"url": self.origin + path, "title": title}
        if referrer:
            values["referrer"] = referrer
        self.event(at, person, "view", **values)

    def pause(self, seconds: float) -> int:
        return int(1000 * min(900.0, max(4.0, self.dice.lognormvariate(math.log(seconds), 0.8))))

    def visit(self, person: Person, at: int, number: int) -> None:
        """One session: a landing, some looking around, and perhaps a purchase."""
        self.settle(person, self.look_around(person, self.arrive(person, at, number)))

    def arrive(self, person: Person, at: int, number: int) -> int:
        """The first page of a session, and what was left in the cart; when that was."""
        dice = self.dice
        ad = dice.choice(_ADS) if dice.random() < 0.22 else ""
        path = "/sale" if "sale" in ad else dice.choices(("/", f"/{person.taste}", "/sale"), (6, 3, 1))[0]
        self.view(at, person, path + ad, "みどり", "" if number and dice.random() < 0.6 else dice.choice(_REFERRERS))
        if number and person.cart and dice.random() < 0.3:
            person.cart.clear()
            self.carted(at + 3_000, person)
        return at

    def look_around(self, person: Person, at: int) -> int:
        """A few pages, and something for the cart; when the last of it was."""
        dice = self.dice
        for _ in range(min(14, int(dice.expovariate(0.32)))):
            at += self.pause(35)
            category = person.taste if dice.random() < 0.7 else dice.choice(("tea", "pottery", "small"))
            if dice.random() < 0.3:
                self.view(at, person, dice.choice((f"/{category}", "/sale", "/guide", "/")), "みどり")
                continue
            item = dice.choice([one for one in self.goods if one.category == category] or self.goods)
            self.view(at, person, f"/items/{item.id}", item.name["ja"])
            self.event(
                at + 50, person, "product_view", item=item.id, name=item.name["ja"], category=item.category, price=item.price
            )
            if dice.random() < 0.08 + 0.3 * person.keen:
                at += self.pause(20)
                person.cart.append(item)
                self.carted(at, person)
        return at

    def settle(self, person: Person, at: int) -> None:
        """How a session ends: somebody may become a member, and may buy."""
        dice = self.dice
        if not person.member and dice.random() < 0.10 + 0.25 * person.keen:
            at += self.pause(25)
            self.view(at, person, "/signup", "会員登録")
            if person.number in _WELL_KNOWN or dice.random() < 0.6:
                at += self.pause(60)
                person.member = True
                self.event(at, person, "signup")
                self.known(at + 20, person)
                self.view(at + 400, person, "/signup/done", "ご登録ありがとうございます")
        if person.cart:
            at += self.pause(25)
            self.view(at, person, "/cart", "カート")
            if dice.random() < 0.2 + 0.5 * person.keen:
                self.buy(person, at)

    def carted(self, at: int, person: Person) -> None:
        items = [{"item_id": one.id, "price": one.price, "quantity": 1} for one in person.cart]
        self.event(at, person, "cart", in_cart_price=sum(one.price for one in person.cart), items=items)

    def known(self, at: int, person: Person) -> None:
        member = f"demo-{person.number:04d}"
        self.event(at, person, "identify", user_id=member, name=person.name, email=f"{member}@mail.example", rank=person.rank)

    def buy(self, person: Person, at: int) -> None:
        at += self.pause(40)
        self.view(at, person, "/checkout", "ご注文手続き")
        at += self.pause(80)
        self.orders += 1
        total = sum(one.price for one in person.cart)
        items = [{"item_id": one.id, "price": one.price, "quantity": 1} for one in person.cart]
        revenue = total if total >= 5_000 else total + 600
        self.event(at, person, "buy", transaction_id=f"D{self.orders:05d}", revenue=revenue, items=items)
        person.spent += revenue
        person.cart.clear()
        self.carted(at + 30, person)
        self.view(at + 500, person, "/thanks", "ありがとうございました")
        rank = "gold" if person.spent >= 15_000 else "silver" if person.spent >= 6_000 else "regular"
        if person.member and rank != person.rank:
            person.rank = rank
            self.known(at + 900, person)


class Town:
    """Everybody, with what they have done until ``now``: ``past``, in the order of time.

    ``origin`` is the shop's, such as ``http://127.0.0.1:8700``.
    """

    def __init__(
        self, goods: Sequence[Goods], now: int, origin: str, people: int = PEOPLE, days: int = DAYS, seed: int = SEED
    ) -> None:
        dice = random.Random(seed)
        self._diary = diary = _Diary(dice, origin, goods)
        today = (now + _JAPAN) // _DAY * _DAY - _JAPAN
        self.people: list[Person] = []
        for number in range(people):
            person = Person(dice, number)
            self.people.append(person)
            for count, day in enumerate(self._days(dice, person, days, today)):
                hour = dice.choices(range(24), _HOURS)[0]
                at = today - (days - 1 - day) * _DAY + hour * 3_600_000 + dice.randrange(60 * _MINUTE)
                diary.visit(person, at, count)
        self.past = sorted((deed for deed in diary.deeds if deed.at < now - QUIET_MS), key=lambda deed: deed.at)
        self.by_visitor = {person.visitor: person for person in self.people}

    @staticmethod
    def _days(dice: random.Random, person: Person, days: int, today: int) -> list[int]:
        """The days, counted from the first that is told, on which somebody comes."""
        late = dice.random() < (_GROWTH - 1) / (_GROWTH + 1)  # a rising line is a flat one and a triangle
        day = float(dice.triangular(-_OLDEST, days, days) if late else dice.uniform(-_OLDEST, days))
        if person.number in _WELL_KNOWN:
            day = dice.uniform(0, 5)
        found: set[int] = set()
        for _ in range(person.sessions):
            while dice.random() > _WEEK[_weekday(today, days - 1 - int(day))] or int(day) in found:
                day += 1
            if 0 <= day < days:
                found.add(int(day))
            day += dice.expovariate(1 / _RETURNING)
        return sorted(found)

    def newcomer(self) -> Person:
        """Somebody who was never here."""
        person = Person(self._diary.dice, len(self.people))
        self.people.append(person)
        self.by_visitor[person.visitor] = person
        return person

    def arrival(self, person: Person, at: int) -> list[Deed]:
        """Somebody comes once more, and looks around."""
        return self._written(lambda: self._diary.look_around(person, self._diary.arrive(person, at, 1)))

    def stroll(self, person: Person, at: int) -> list[Deed]:
        """Somebody who is there looks around a little more; [] when they only stand there."""
        return self._written(lambda: self._diary.look_around(person, at))

    def departure(self, person: Person, at: int) -> list[Deed]:
        """Somebody makes up their mind; [] when they just go."""
        return self._written(lambda: self._diary.settle(person, at))

    def look(self, person: Person, at: int, path: str) -> list[Deed]:
        """One page that somebody opens."""
        return self._written(lambda: self._diary.view(at, person, path, "みどり"))

    def purchase(self, person: Person, at: int) -> list[Deed]:
        """Somebody who has been persuaded: something more into the cart, and to the checkout."""

        def shop() -> None:
            goods = [one for one in self._diary.goods if one.category == person.taste] or list(self._diary.goods)
            person.cart.append(self._diary.dice.choice(goods))
            self._diary.carted(at, person)
            self._diary.buy(person, at)

        return self._written(shop)

    def _written(self, deeds: Callable[[], object]) -> list[Deed]:
        self._diary.deeds = []
        deeds()
        return sorted(self._diary.deeds, key=lambda deed: deed.at)


def _weekday(today: int, ago: int) -> int:
    """The day of the week so many days before the one that begins at ``today`` in Japan; Monday is 0."""
    return ((today + _JAPAN) // _DAY - ago + 3) % 7
