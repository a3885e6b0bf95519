"""Sixty days of a small shop's past: people who come back, look, put things into a cart, sign up and buy.

Made up from a seed, the same every time, as lines for ``POST /v1/import``. Nobody in it exists.
"""

import hashlib
import json
import math
import random
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

BATCH: Final = "demo-history"
"""The import's name: a second start sends nothing twice."""

REGULAR: Final = 1
"""The number of somebody who comes often and is a member, to be shown to newcomers as ``demo-0001``."""

_DAY: Final = 86_400_000
_MINUTE: Final = 60_000
_JAPAN: Final = 9 * 3_600_000
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


class _Person:
    """Somebody with a taste, a habit and a purse."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.visitor = (
            urlsafe_b64encode(hashlib.sha256(f"midori demo visitor {number}".encode()).digest()[:16]).decode().rstrip("=")
        )
        self.number = number
        self.member = False
        self.name = f"{dice.choice(_FAMILY)} {dice.choice(_GIVEN)}"
        self.taste = dice.choices(("tea", "pottery", "small"), (5, 3, 1))[0]
        self.sessions = 1 + min(24, int(dice.expovariate(0.45)))
        self.keen = dice.betavariate(2, 4)
        if number == REGULAR:
            self.sessions, self.keen = 12, 1.0
        self.cart: list[Goods] = []
        self.spent = 0
        self.rank = "regular"


class _Writing:
    def __init__(self, dice: random.Random, origin: str, goods: Sequence[Goods]) -> None:
        self.dice = dice
        self.origin = origin
        self.goods = goods
        self.events: list[tuple[int, int, str, str, dict[str, Any]]] = []
        self.orders = 0

    def event(self, at: int, person: _Person, name: str, /, **values: Any) -> None:
        self.events.append((at, len(self.events), person.visitor, name, values))

    def view(self, at: int, person: _Person, path: str, title: str, referrer: str = "") -> None:
        values: dict[str, Any] = {"url": self.origin + path, "title": title}
        if referrer:
            values["referrer"] = referrer
        self.event(at, person, "view", **values)

    def pause(self, seconds: float) -> int:
        return int(1000 * min(900.0, max(4.0, self.dice.lognormvariate(math.log(seconds), 0.8))))

    def visit(self, person: _Person, at: int, number: int) -> None:
        """One session: a landing, some looking around, and perhaps a purchase."""
        dice = self.dice
        ad = dice.choice(_ADS) if dice.random() < 0.22 else ""
        path = "/sale" if "sale" in ad else dice.choices(("/", f"/{person.taste}", "/sale"), (6, 3, 1))[0]
        self.view(at, person, path + ad, "みどり", "" if number and dice.random() < 0.6 else dice.choice(_REFERRERS))
        if number and person.cart and dice.random() < 0.3:
            person.cart.clear()
            self.carted(at + 3_000, person)
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
            if dice.random() < 0.12 + 0.35 * person.keen:
                at += self.pause(20)
                person.cart.append(item)
                self.carted(at, person)
        if not person.member and dice.random() < 0.10 + 0.25 * person.keen:
            at += self.pause(25)
            self.view(at, person, "/signup", "会員登録")
            if person.number == REGULAR or dice.random() < 0.6:
                at += self.pause(60)
                person.member = True
                self.event(at, person, "signup")
                self.known(at + 20, person)
                self.view(at + 400, person, "/signup/done", "ご登録ありがとうございます")
        if person.cart:
            at += self.pause(25)
            self.view(at, person, "/cart", "カート")
            if dice.random() < 0.25 + 0.5 * person.keen:
                self.buy(person, at)

    def carted(self, at: int, person: _Person) -> None:
        items = [{"item_id": one.id, "price": one.price, "quantity": 1} for one in person.cart]
        self.event(at, person, "cart", in_cart_price=sum(one.price for one in person.cart), items=items)

    def known(self, at: int, person: _Person) -> None:
        self.event(at, person, "identify", user_id=f"demo-{person.number:04d}", name=person.name, rank=person.rank)

    def buy(self, person: _Person, at: int) -> None:
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


def lines(
    goods: Sequence[Goods], now: int, origin: str, people: int = 400, days: int = 60, seed: int = 20_261_121
) -> Iterator[bytes]:
    """The import's lines, oldest first, rows from 0, each ending in a line break.

    ``now`` (an Instant) is where the past ends: the last event is at least an hour earlier. ``origin`` is the shop's,
    such as ``http://127.0.0.1:8700``.
    """
    dice = random.Random(seed)
    writing = _Writing(dice, origin, goods)
    today = (now + _JAPAN) // _DAY * _DAY - _JAPAN
    end = now - 3_600_000
    for number in range(people):
        person = _Person(dice, number)
        first = dice.randrange(days)
        spread = sorted(dice.sample(range(first, days), min(person.sessions, days - first)))
        for count, day in enumerate(spread):
            hour = dice.choices(range(24), _HOURS)[0]
            at = today - (days - 1 - day) * _DAY + hour * 3_600_000 + dice.randrange(60 * _MINUTE)
            writing.visit(person, at, count)
    past = sorted(event for event in writing.events if event[0] < end)
    for row, (at, number, visitor, name, values) in enumerate(past):
        line = {"row": row, "id": f"demo-{number}", "visitor": visitor, "name": name, "at": at, "values": values}
        yield json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
