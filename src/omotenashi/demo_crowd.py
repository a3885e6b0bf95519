"""The browsers of the demo's town: they say what their people do as the tag would, and do something about each message.

In the past they are played one after the other, as fast as the edge takes it; in the present at the pace of people.
What they say is the wire of ``spec/wire.md``, and how it is carried is somebody else's business.
"""

import asyncio
import random
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from .demo_history import REGULAR, Deed, Person, Town
from .demo_screens import CHUNK_MS, FIRST_MS, Camera, Pages, Send

Answer = dict[str, Any]
Say = Callable[[bytes, str, str], Awaitable[Answer]]
"""Carries a request's body to the edge, with a user agent and a language; the answer."""
Clock = Callable[[], int]

PHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
)
DESK: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
)
CLICKED: Final = 0.24
CLOSED: Final = 0.4
PERSUADED: Final = 0.45
"""How many of those who clicked buy something that they would not have bought."""
IN_THE_WAY: Final = {"phone_support": 0.35}
"""How often a campaign's message covers something on a phone: so often that every past has some of it."""
PICTURE: Final = "main > article.product > div.picture > img"
ENLARGES: Final = 0.05
"""How many press an item's picture again and again, so that it may grow; the shop has none larger."""
FORM: Final = {"form": "main > section.desk.narrow > form.form", "last": "section.desk.narrow > form.form > label > input"}
GIVEN_UP: Final = 0.6
"""How many of those who leave the sign-up page without an account had begun to fill in its form."""
LEADS_TO: Final = {"sale_not_seen": "/sale"}
"""The page that a campaign's button opens, where that page is its goal."""
LONGEST_WAIT_MS: Final = 40_000
ROUNDS: Final = (12, 28)
"""So many times somebody of today's crowd looks around before somebody else comes in their place: about half an hour."""
RESTS_SECONDS: Final = (10, 60)
"""How long they do nothing between two times."""
NEW: Final = 0.3
"""How many of the crowd were never here before; half of the others were here within a day."""
TOGETHER_MS: Final = 100
"""What happens on a page within this is said in one request."""
AWAY_MS: Final = 20 * 60_000
"""A longer silence than people need between two things of a visit."""
LONGEST_LOOK: Final = 9
"""So many chunks of one page are filmed at most."""
PACE: Final = 0.6
"""Of the present: so much of the usual pause is made, so that there is something to see."""

_DAY: Final = 86_400_000
_encode = msgspec.json.Encoder().encode


class Street:
    """What is going to happen, in the order of time. ``clock`` says what time it is where it happens.

    With ``film``, the screens of those who are recorded are filmed from ``filmed_since`` on: the shop's pages, and how chunks
    are carried to the edge. What a camera sees so many times is sent ``together``.
    """

    def __init__(
        self,
        town: Town,
        say: Say,
        key: str,
        clock: Clock,
        seed: int = 1,
        film: tuple[Pages, Send] | None = None,
        filmed_since: int = 0,
        together: int = 1,
    ) -> None:
        self.town = town
        self.say = say
        self.key = key
        self.clock = clock
        self.film = film
        self.filmed_since = filmed_since
        self.together = together
        self.dice = random.Random(seed)
        self._coming: list[tuple[int, int, Callable[[], Awaitable[None]]]] = []
        self._number = count()
        self._browsers: dict[str, Browser] = {}

    def at(self, when: int, do: Callable[[], Awaitable[None]]) -> None:
        """This will happen then."""
        heappush(self._coming, (when, next(self._number), do))

    def do(self, deeds: list[Deed]) -> None:
        """These will be done in their time; after the last of a visit the person goes away."""
        after: dict[str, list[Deed]] = {}  # what each of them says next
        for deed in reversed(deeds):
            browser = self._browser(self.town.by_visitor[deed.visitor])
            next_said = after.get(deed.visitor)
            if next_said is not None and deed.at + TOGETHER_MS >= next_said[0].at and next_said[0].name != "view":
                next_said.insert(0, deed)
                continue
            if next_said is None or next_said[0].at - deed.at >= AWAY_MS:
                self.at(deed.at + self.dice.randrange(5_000, 45_000), browser.leave)
            after[deed.visitor] = said = [deed]
            self.at(deed.at, browser.doing(said))

    async def play(self, turn_to: Callable[[int], None], until: int) -> None:
        """Everything that is going to happen ``until`` then, at once; ``turn_to`` is told what time it is."""
        while self._coming and self._coming[0][0] < until:
            when, _, do = heappop(self._coming)
            turn_to(when)
            await do()

    async def live(self, crowd: int) -> None:
        """Until cancelled: about ``crowd`` people at a time, who come, look around, faster than people do, and go."""
        for person in self.town.people:
            if person.member:
                self._browser(person).remember(f"demo-{person.number:04d}")
        strollers = [asyncio.create_task(self._strolling(place)) for place in range(crowd)]
        try:
            while True:
                if not self._coming or self._coming[0][0] > self.clock():
                    await asyncio.sleep(0.1)
                    continue
                await heappop(self._coming)[2]()
        finally:
            for stroller in strollers:
                stroller.cancel()
            await asyncio.gather(*strollers, return_exceptions=True)

    async def _strolling(self, place: int) -> None:
        """One place in the crowd, taken by one person after the other. The first two are those whom examples name."""
        await asyncio.sleep(self.dice.random() * 3 * place)
        person = self.town.people[REGULAR + place] if place < 2 else self._anybody()
        while True:
            await self._walked(self.town.arrival(person, self.clock()))
            for _ in range(self.dice.randrange(*ROUNDS)):
                await asyncio.sleep(self.dice.uniform(*RESTS_SECONDS))
                await self._walked(self.town.stroll(person, self.clock()))
            await self._walked(self.town.departure(person, self.clock()))
            person = self._anybody()

    async def _walked(self, deeds: list[Deed]) -> None:
        """Lets these happen, from now on and at the pace of the present, until the last of them."""
        if deeds:
            start = self.clock()
            slowed = [msgspec.structs.replace(one, at=start + round((one.at - start) * PACE)) for one in deeds]
            self.do(slowed)
            await asyncio.sleep((slowed[-1].at - start) / 1000)

    def _anybody(self) -> Person:
        if self.dice.random() < NEW:
            return self.town.newcomer()
        now = self.clock()
        here = [one for one in self.town.people if not self._browser(one).busy_until > now]
        lately = [one for one in here if now - _DAY < one.last_at < now]
        return self.dice.choice(lately if lately and self.dice.random() < 0.5 else here)

    def _browser(self, person: Person) -> "Browser":
        known = self._browsers.get(person.visitor)
        if known is None:
            known = self._browsers[person.visitor] = Browser(self, person)
        return known


class Browser:
    """One person's browser: a page at a time, what is seen on it, and what the person does about that."""

    def __init__(self, street: Street, person: Person) -> None:
        self._street = street
        self._person = person
        self._dice = random.Random(person.number)
        self._agent = self._dice.choice(PHONE if person.phone else DESK)
        self._language = "en" if person.name.isascii() else "ja"
        self._user_id: str | None = None
        self._page: dict[str, Any] | None = None
        self._page_since = 0
        self._open: list[dict[str, Any]] = []  # messages that stand on the page
        self._mishaps = random.Random(f"what goes wrong for {person.number}")
        self._tells_trouble = False  # the edge wants to know where this page makes trouble
        self._sent_form = False
        self._camera: Camera | None = None
        if street.film is not None:
            pages, send = street.film
            who = (self._agent, person.visitor, street.key)
            self._camera = Camera(pages, send, *who, phone=person.phone, seed=person.number, together=street.together)
        self.busy_until = 0

    def remember(self, user_id: str) -> None:
        """The member is still logged in here from another day."""
        self._user_id = user_id

    def doing(self, deeds: list[Deed]) -> Callable[[], Awaitable[None]]:
        """What will be done in its time; what goes to another page stands first."""

        async def do() -> None:
            said = [(deed.name, deed.values) for deed in deeds]
            for name, values in said:
                if name == "identify":
                    self._user_id = values["user_id"]
            goes = said[0][0] == "view"
            if goes:
                if self._filming is not None:
                    await self._filming.roll(self._street.clock(), said[0][1]["url"])
                await self.leave()
                self._page = {"id": self._name(12), "visible": True, **said[0][1]}
                self._page_since = self._street.clock()
                self._tells_trouble = self._sent_form = False
                said[0] = ("view", {})
            self._sent_form = self._sent_form or any(name == "signup" for name, _ in said)
            await self._say(said)
            if goes:
                await self._film()
                self._meet_trouble()

        return do

    @property
    def _filming(self) -> Camera | None:
        """The camera, while it films: what was recorded long ago is not kept."""
        camera = self._camera
        return camera if camera is not None and camera.recording and self._street.clock() >= self._street.filmed_since else None

    async def _film(self) -> None:
        """The page that has just come, if this visit is recorded, and again every few seconds while it is there."""
        camera, page = self._filming, self._page
        if camera is None or page is None:
            return
        await camera.look(page["id"], page["url"], self._street.clock())

        async def roll(left: int) -> None:
            if self._page is page and camera.recording and left:
                await camera.roll(self._street.clock())
                self._street.at(self._street.clock() + CHUNK_MS, partial(roll, left - 1))

        self._street.at(self._street.clock() + FIRST_MS * 2, partial(roll, LONGEST_LOOK))

    def _meet_trouble(self) -> None:
        """Somebody wants to see an item larger than the shop shows it."""
        page = self._page
        if not self._tells_trouble or page is None or "/items/" not in page["url"] or self._mishaps.random() >= ENLARGES:
            return
        wait = self._mishaps.randrange(2_500, 8_000)

        async def press() -> None:
            if self._page is not page:
                return
            if self._filming is not None:
                await self._filming.hammer(self._street.clock())
            await self._tell("_rage_click", {"selector": PICTURE, "clicks": 4}, fetch=False)

        self._street.at(self._street.clock() + wait, press)

    def _trouble(self) -> list[tuple[str, dict[str, Any]]]:
        """What the page tells at its end of where it made trouble: a form that was given up, how fast the page was."""
        if not self._tells_trouble or self._page is None:
            return []
        told: list[tuple[str, dict[str, Any]]] = []
        if urlsplit(self._page["url"]).path == "/signup" and not self._sent_form and self._mishaps.random() < GIVEN_UP:
            told.append(("_form_abandon", {**FORM, "fields": self._mishaps.randint(1, 2)}))
        if self._street.clock() >= self._street.filmed_since:
            slow = self._mishaps.lognormvariate(0, 0.5) * (1.6 if self._person.phone else 1)
            ms = {"ttfb": 40, "fcp": 480, "lcp": 900, "inp": 56}
            told.append(("_web_vitals", {**{name: round(most * slow) for name, most in ms.items()}, "cls": round(slow / 60, 4)}))
        return told

    async def leave(self) -> None:
        """Away from the page: what stood on it is gone, and how long it was seen is told."""
        for message in self._open:
            await self._tell("_message_close", {"reservation": message["reservation"], "by": "navigation"})
        self._open = []
        if self._page is not None:
            if self._filming is not None:
                await self._filming.leave(self._street.clock())
            await self._say([*self._trouble(), ("_visibility", {})], fetch=False)
        self._page = None

    async def _tell(self, name: str, values: dict[str, Any], fetch: bool = True) -> None:
        await self._say([(name, values)], fetch)

    async def _say(self, said: list[tuple[str, dict[str, Any]]], fetch: bool = True) -> None:
        now = self._street.clock()
        page = {**(self._page or {}), "visible_ms": max(0, now - self._page_since)}
        request = {
            "key": self._street.key,
            "visitor": self._person.visitor,
            "sent_at": now,
            "fetch": fetch,
            "language": self._language,
            **({"user_id": self._user_id} if self._user_id else {}),
            **({"page": page} if self._page else {}),
            **({"recording": self._camera.recording} if self._camera is not None and self._camera.recording else {}),
            "events": [{"id": self._name(16), "name": name, "at": now, "values": values} for name, values in said],
        }
        answer = await self._street.say(_encode(request), self._agent, self._language)
        if self._camera is not None and answer.get("record"):
            self._camera.begin(answer["record"])
        elif self._camera is not None and answer.get("stopRecording"):
            self._camera.stop()
        self._tells_trouble = self._tells_trouble or bool(answer.get("friction"))
        for message in answer.get("messages", ()):
            self._handed(message)
        recheck_ms = answer.get("recheckMs")
        if recheck_ms is not None and recheck_ms < 15 * 60_000:
            self._later(recheck_ms + 50, "_recheck", {})

    def _handed(self, message: dict[str, Any]) -> None:
        """Shown in a while, if the person is still there and does what it waits for."""
        display = message.get("display") or {}
        waits = any(display.get(name) for name in ("scrollPercent", "idleMs", "visible", "exit", "returning", "manual"))
        wait = display.get("delayMs", 0) + self._dice.randrange(300, 1_500)
        if waits:
            wait += self._dice.randrange(2_000, LONGEST_WAIT_MS)
        page = self._page

        async def show() -> None:
            reservation = {"reservation": message["reservation"]}
            if self._page is not page:
                await self._tell("_release", {**reservation, "reason": "scroll" if waits else "left"})
                return
            await self._tell("_message_open", reservation)
            if not message.get("holdout") and message["kind"] != "script":
                self._open.append(message)
                await self._looked_at(message)

        self._street.at(self._street.clock() + wait, show)

    async def _looked_at(self, message: dict[str, Any]) -> None:
        reservation = {"reservation": message["reservation"]}
        if self._person.phone and self._dice.random() < IN_THE_WAY.get(message["campaign"], 0):
            await self._tell("_message_conflict", {**reservation, "selector": "a.to-cart", "share": 0.42})
        chance = self._dice.random()
        if chance < CLICKED:
            wait = self._dice.randrange(1_500, 7_000)
            self._later(wait, "_message_click", {**reservation, "name": "primary"}, message)
            path = LEADS_TO.get(message["campaign"])
            if path is not None:
                self._street.at(self._street.clock() + wait + 400, partial(self._followed, self._page, path))
            if self._dice.random() < PERSUADED:
                at = self._street.clock() + self._dice.randrange(30_000, 120_000)
                self._street.at(at, lambda: self._persuaded(at))
        elif chance < CLICKED + CLOSED:
            self._later(
                self._dice.randrange(1_200, 9_000),
                "_message_close",
                {**reservation, "by": self._dice.choice(("button", "button", "escape", "backdrop"))},
                message,
            )

    async def _followed(self, page: dict[str, Any] | None, path: str) -> None:
        """To where the message leads, if they are still where it stood."""
        if self._page is page:
            self._street.do(self._street.town.look(self._person, self._street.clock(), path))

    async def _persuaded(self, at: int) -> None:
        self._street.do(self._street.town.purchase(self._person, at))

    def _later(self, wait: int, name: str, values: dict[str, Any], about: dict[str, Any] | None = None) -> None:
        """In a while, unless the page is another one by then."""
        page = self._page

        async def tell() -> None:
            if self._page is not page or (about is not None and about not in self._open):
                return
            await self._tell(name, values)
            if name == "_message_close" and about is not None:
                self._open.remove(about)

        self._street.at(self._street.clock() + wait, tell)

    def _name(self, size: int) -> str:
        return urlsafe_b64encode(self._dice.randbytes(size)).decode().rstrip("=")
