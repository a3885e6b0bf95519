"""Who comes to the site and what they do: people with a history, and requests of theirs, always the same for a seed.

People are drawn by Zipf's law: the k-th most active of 100,000 is met in proportion to 1/k. Requests that are
views of a message's page are spread evenly instead, because frequency rules and closed messages keep the most
active people from meeting a message a hundred times a second.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from omotenashi.engine.plan import Plan
from omotenashi.engine.turn import turn
from omotenashi.model.drafts import Draft
from omotenashi.model.ids import EventId, Instant, PageViewId, PersonId, UserId, VisitorId
from omotenashi.model.profiles import Profile, Stream, pack, unpack
from omotenashi.model.values import Values

from .site import CATEGORIES, MESSAGE_PAGES, PUBLIC_KEY, SOURCES

PEOPLE: Final = 100_000
ZIPF_EXPONENT: Final = 1.0
MESSAGE_SHARE: Final = 0.10
ORIGIN: Final = "https://shop.example"
HISTORY_DAYS: Final = 60
DAY_MS: Final = 86_400_000
WORDS: Final = ("gift set", "sencha", "iron teapot", "summer sale", "cup and saucer", "hojicha", "tea set", "matcha whisk")
APPLE: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
AGENTS: Final = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {APPLE}",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
)
DEVICES: Final = (("phone", "iOS", "Safari"), ("phone", "Android", "Chrome"), ("desktop", "Windows", "Chrome"))


def visitor_of(number: int) -> VisitorId:
    """The visitor id of one of the people: 22 characters of base64url, like any other."""
    digest = blake2b(f"visitor {number}".encode(), digest_size=16).digest()
    return VisitorId(urlsafe_b64encode(digest).decode().rstrip("="))


def zipf(generator: np.random.Generator, people: int, size: int) -> NDArray[np.int64]:
    """``size`` people, 0 the most active, each in proportion to 1 / rank ** ZIPF_EXPONENT."""
    weights = 1.0 / np.arange(1, people + 1, dtype=np.float64) ** ZIPF_EXPONENT
    edges = np.cumsum(weights) / weights.sum()
    return np.searchsorted(edges, generator.random(size)).clip(max=people - 1)


@dataclass(frozen=True)
class Deed:
    """One thing that one person does: the name, the page it happens on, what the event says."""

    person: int
    name: str
    page: str  # path and query
    values: dict[str, Any]


def deeds(people: int, size: int, seed: int) -> Iterator[Deed]:
    """What happens on the live site, in order. Nine of ten events are views and product views."""
    generator = np.random.default_rng(seed)
    who = zipf(generator, people, size)
    anyone = generator.integers(0, people, size)
    dice = generator.random(size)
    products = generator.integers(0, 240, size)
    for place in range(size):
        product = int(products[place])
        category = CATEGORIES[product % len(CATEGORIES)]
        price = 300 + product * 37 % 9_000
        roll = float(dice[place])
        person = int(who[place])
        if roll < MESSAGE_SHARE:
            yield Deed(int(anyone[place]), "view", f"/campaign/{product % MESSAGE_PAGES + 1}?utm_source=newsletter", {})
        elif roll < 0.62:
            page = (f"/products/{product}", f"/category/{category}", "/", "/sale?page=2", "/cart", "/account")[product % 6]
            yield Deed(person, "view", page, {})
        elif roll < 0.86:
            said = {"product_id": f"p{product}", "category": category, "price": price, "name": f"Product {product}"}
            yield Deed(person, "product_view", f"/products/{product}", said)
        elif roll < 0.95:
            items = [{"sku": f"p{product}", "price": price, "quantity": 1}, {"sku": "p7", "price": 559, "quantity": 2}]
            yield Deed(person, "cart", "/cart", {"in_cart_price": price + 1_118, "items": items})
        elif roll < 0.985:
            yield Deed(person, "search", "/search", {"words": WORDS[product % len(WORDS)], "hits": product % 40})
        else:
            items = [{"sku": f"p{product}", "price": price}]
            said = {"transaction_id": f"t{seed}-{place}", "revenue": price + 700, "items": items}
            yield Deed(person, "buy", "/checkout", said)


def request_bodies(done: Iterable[Deed], seed: int, sent_at: int) -> Iterator[bytes]:
    """Bodies of ``POST /v1/track`` with one event each, as the tag writes them."""
    encode = msgspec.json.Encoder().encode
    for place, deed in enumerate(done):
        view_id = f"v{seed}-{place}-{deed.person}"
        event: dict[str, Any] = {"id": f"e{seed}-{place}-{deed.person}", "name": deed.name, "at": sent_at - 40}
        if deed.values:
            event["values"] = deed.values
        yield encode(
            {
                "key": PUBLIC_KEY,
                "visitor": visitor_of(deed.person),
                "sent_at": sent_at,
                "page": {
                    "id": view_id,
                    "url": ORIGIN + deed.page,
                    "title": "Midori | tea and pottery",
                    "referrer": "https://shop.example/",
                    "visible": True,
                    "visible_ms": 0 if deed.name == "view" else 1_200,
                },
                "events": [event],
                "fetch": True,
                "language": "ja",
            }
        )


def write_requests(file: Path, people: int, size: int, seed: int, sent_at: int) -> None:
    """The file that `load` sends from: whole HTTP/1.1 requests with the headers of a browser, each behind its length."""
    _write(file, request_bodies(deeds(people, size, seed), seed, sent_at))


def write_one_each(file: Path, people: int, sent_at: int) -> None:
    """The same, with one view by each of the people."""
    _write(file, request_bodies((Deed(person, "view", "/", {}) for person in range(people)), 1, sent_at))


def _write(file: Path, bodies: Iterable[bytes]) -> None:
    heads = [
        (
            "POST /v1/track HTTP/1.1\r\nHost: edge.example\r\nConnection: keep-alive\r\n"
            "Content-Type: text/plain;charset=UTF-8\r\n"
            f"User-Agent: {agent}\r\nAccept: */*\r\nOrigin: {ORIGIN}\r\nReferer: {ORIGIN}/\r\n"
            "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: ja,en-US;q=0.9,en;q=0.8\r\nContent-Length: "
        ).encode()
        for agent in AGENTS
    ]
    with file.open("wb") as stream:
        for place, body in enumerate(bodies):
            request = heads[place % len(heads)] + str(len(body)).encode() + b"\r\n\r\n" + body
            stream.write(len(request).to_bytes(4, "little"))
            stream.write(request)


def page_values(page: str) -> Values:
    """What the edge puts on a view from its page context."""
    path, _, query = page.partition("?")
    values: Values = {"url": ORIGIN + page, "host": "shop.example", "path": path, "title": "Midori | tea and pottery"}
    if query:
        values["query"] = dict([pair.split("=") for pair in query.split("&")])
        source = values["query"].get("utm_source")
        if source:
            values["utm"] = {"source": source}
    values["referrer"] = "https://shop.example/"
    return values


def drafts(people: int, size: int, seed: int, start: Instant, per_second: int = 20_000) -> Iterator[Draft]:
    """The same deeds as the edge would hand them to the engine, ``per_second`` of them a second from ``start``."""
    for place, deed in enumerate(deeds(people, size, seed)):
        at = Instant(start + place * 1000 // per_second)
        device, os, browser = DEVICES[deed.person % 3]
        yield Draft(
            id=EventId(f"e{seed}-{place}-{deed.person}"),
            name=deed.name,
            values=page_values(deed.page) if deed.name == "view" else deed.values,
            at=at,
            received_at=at,
            index=0,
            visitor=visitor_of(deed.person),
            page_view=PageViewId(f"v{seed}-{place}-{deed.person}"),
            page_visible_ms=0 if deed.name == "view" else 1_200,
            device=device,
            os=os,
            browser=browser,
            language="ja",
        )


def history(number: int, until: Instant) -> Iterator[Draft]:
    """What one person did in the sixty days before ``until``: 1 to 8 visits, some tens of events, oldest first."""
    generator = np.random.default_rng([7, number])
    visits = int(generator.integers(2, 9))
    starts = np.sort(generator.integers(DAY_MS // 8, HISTORY_DAYS * DAY_MS, visits))[::-1]
    visitor = visitor_of(number)
    device, os, browser = DEVICES[number % 3]
    row = 0
    for start in starts:
        at = until - int(start)
        page = f"/products/{number % 240}"
        if generator.random() < 0.5:
            source = SOURCES[int(generator.integers(len(SOURCES)))]
            page += f"?utm_source={source}&utm_medium=cpc&gclid=g{number}"
        for step in range(int(generator.integers(3, 12))):
            at += int(generator.integers(4_000, 90_000))
            product = int(generator.integers(240))
            category = CATEGORIES[product % len(CATEGORIES)]
            price = 300 + product * 37 % 9_000
            roll = generator.random()
            name, said = "view", page_values(page if step == 0 else f"/products/{product}" if roll < 0.4 else "/sale")
            if step and roll > 0.55:
                name, said = "product_view", {"product_id": f"p{product}", "category": category, "price": price}
            if step and roll > 0.80:
                name, said = "cart", {"in_cart_price": price, "items": [{"sku": f"p{product}", "price": price}]}
            if step and roll > 0.90:
                name, said = "search", {"words": WORDS[product % len(WORDS)], "hits": 3}
            if step and roll > 0.95:
                name, said = "buy", {"transaction_id": f"t{number}-{row}", "revenue": price}
            if step == 1 and number % 4 == 0:
                rank = ("gold", "silver", "bronze", "none")[number // 4 % 4]
                name, said = "identify", {"user_id": f"u{number}", "rank": rank, "points": number % 2_000, "name": "Sakura"}
            yield Draft(
                id=EventId(f"h{number}-{row}"),
                name=name,
                values=said,
                at=Instant(at),
                received_at=Instant(at),
                index=0,
                visitor=visitor,
                user_id=UserId(f"u{number}") if number % 4 == 0 and step else None,
                page_view=PageViewId(f"hv{number}-{row}"),
                page_visible_ms=int(generator.integers(1_000, 60_000)),
                fetch=False,
                device=device,
                os=os,
                browser=browser,
                language="ja",
            )
            row += 1


def lived(number: int, plan: Plan, until: Instant) -> Profile:
    """One person's profile, folded by the engine from `history`."""
    profile = Profile(PersonId(visitor_of(number)))
    for draft in history(number, until):
        turn(profile, draft, draft.at, plan)
    return profile


def people(count: int, plan: Plan, until: Instant, different: int = 1_000) -> Iterator[bytes]:
    """``count`` packed profiles: ``different`` histories are folded, the others are the same under other names."""
    originals = [pack(lived(number, plan, until)) for number in range(min(different, count))]
    for number in range(count):
        profile = unpack(originals[number % len(originals)])
        visitor = visitor_of(number)
        profile.person = PersonId(visitor)
        streams: dict[VisitorId, Stream] = {}
        for stream in profile.streams.values():
            streams[visitor] = stream
        profile.streams = streams
        profile.based = {profile.person: plan.version}
        if profile.user_id is not None:
            profile.user_id = UserId(f"u{number}")
        yield pack(profile)
