"""People who ask the console: members of every role, tokens of every scope, and those who are nobody."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec
from argon2 import PasswordHasher
from tests.unit.console.consoles import TOKEN, House

from omotenashi.console.staff import entry, keys
from omotenashi.console.staff.entry import Place
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, EXTRAS, RIGHTS, Account, Extra, Grant, Right, Role, Token

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes in no time; what it keeps is verified all the same."""
PASSWORD = "a long walk to the tea house"
HERE = Place("192.0.2.7", "A browser of the tests")


@dataclass(frozen=True)
class Persona:
    """Somebody with a way to be known: headers that every request of theirs carries."""

    name: str
    headers: dict[str, str]
    grants: dict[str, frozenset[Right]]
    kind: str

    def ask(self, house: House, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        """(status, the answer's JSON)."""
        response = self.send(house, method, path, body, **query)
        return response.status_code, msgspec.json.decode(response.content) if response.content else None

    def send(self, house: House, method: str, path: str, body: Any = None, **query: Any) -> Any:
        return house.client.request(method, path, json=body, params=query, headers=self.headers)


def member(house: House, name: str, *grants: Grant) -> Persona:
    """A member of staff, signed in."""
    now = house.staff.clock()
    mail = f"{name}@shop.example"
    account = house.staff.accounts.account_of_mail(mail)
    if account is None:
        account = Account(f"staff_{name}", mail, name.title(), "en", "auto", CHEAP.hash(PASSWORD), "", 0, now, now)
        house.staff.accounts.put_account(account)
        for grant in grants:
            house.staff.accounts.put_grant(account.id, grant)
    secret = entry.begun(house.staff, account, "password", HERE)
    return Persona(name, signed_in(house, secret), {grant.project: grant.rights for grant in grants}, "member")


def signed_in(house: House, secret: str) -> dict[str, str]:
    """What a page of the console sends along in a session."""
    return {"Cookie": f"{house.staff.cookie}={secret}", "X-CSRF-Token": keys.csrf(secret)}


def token(house: House, name: str, project: str, *scopes: Right, until: int = 0) -> Persona:
    """A program with an API token."""
    key, now = keys.TOKEN_PREFIX + keys.fresh(), house.staff.clock()
    made = Token(keys.hashed(key), keys.fresh_id("tok"), project, name, scopes, "staff_owner", now, Instant(0), Instant(until))
    house.staff.accounts.put_token(made)
    return Persona(name, {"Authorization": f"Bearer {key}"}, {project: frozenset(scopes)}, "token")


def machine() -> Persona:
    """Whoever can read the data folder."""
    return Persona("machine", {"Authorization": f"Bearer {TOKEN}"}, {EVERY_PROJECT: frozenset(RIGHTS)}, "machine")


def owner(house: House) -> Persona:
    """An admin of every project, with all rights."""
    return member(house, "owner", Grant(EVERY_PROJECT, "admin", EXTRAS))


def everybody(house: House) -> list[Persona]:
    """One of each, for the project ``shop``; some belong elsewhere."""
    roles: tuple[Role, ...] = ("admin", "editor", "viewer")
    extras: tuple[Extra, ...] = EXTRAS
    return [
        machine(),
        owner(house),
        *(member(house, role, Grant("shop", role)) for role in roles),
        *(member(house, f"viewer-with-{extra}", Grant("shop", "viewer", (extra,))) for extra in extras),
        member(house, "outsider", Grant("elsewhere", "admin", EXTRAS)),
        member(house, "guest-of-none"),
        *(token(house, f"token-of-{right}", "shop", right) for right in RIGHTS),
        token(house, "token-of-all", EVERY_PROJECT, *RIGHTS),
        token(house, "token-of-elsewhere", "elsewhere", *RIGHTS),
    ]


def nobodies(house: House) -> list[Persona]:
    """Those whom nothing lets in."""
    over = member(house, "over")
    house.staff.accounts.drop_sessions("staff_over")
    return [
        Persona("anonymous", {}, {}, "nobody"),
        Persona("stranger", {"Authorization": "Bearer wrong"}, {}, "nobody"),
        Persona("no-scheme", {"Authorization": TOKEN}, {}, "nobody"),
        replace(token(house, "expired-token", "shop", *RIGHTS, until=house.staff.clock()), kind="nobody"),
        replace(over, kind="nobody"),
    ]
