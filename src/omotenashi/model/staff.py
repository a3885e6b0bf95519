"""Those who work here: what they may do, and how they are known."""

from typing import Final, Literal

from msgspec import Struct

from .ids import Instant

Right = Literal["read", "edit", "admin", "people", "recordings", "sql"]
"""What a member of staff or a token may do in a project.

``people`` is personal data, and with ``recordings`` and ``sql`` it is granted beside a role.
"""
Role = Literal["admin", "editor", "viewer"]
Extra = Literal["people", "recordings", "sql"]

ROLES: Final[dict[Role, frozenset[Right]]] = {
    "admin": frozenset(("read", "edit", "admin")),
    "editor": frozenset(("read", "edit")),
    "viewer": frozenset(("read",)),
}
EXTRAS: Final[tuple[Extra, ...]] = ("people", "recordings", "sql")
RIGHTS: Final[tuple[Right, ...]] = ("read", "edit", "admin", "people", "recordings", "sql")
EVERY_PROJECT: Final = "*"
"""Stands in a grant or a token for every project, also those to come."""

Language = Literal["ja", "en"]
Theme = Literal["auto", "light", "dark"]
How = Literal["setup", "invitation", "password", "link", "openid"]
Kind = Literal["member", "token", "machine"]


class Grant(Struct, frozen=True):
    """A role in a project, and the rights beside it."""

    project: str
    role: Role
    extra: tuple[Extra, ...] = ()

    @property
    def rights(self) -> frozenset[Right]:
        """All that it allows."""
        return ROLES[self.role] | frozenset(self.extra)


class Account(Struct, frozen=True):
    """A member of staff. ``password`` is an argon2id hash, "" when none was chosen.

    ``totp_secret`` is "" without a second factor; ``totp_step`` is the time step of the last code that was taken: none
    may be used twice.
    """

    id: str
    mail: str
    name: str
    language: Language
    theme: Theme
    password: str
    totp_secret: str
    totp_step: int
    made_at: Instant
    seen_at: Instant


class Session(Struct, frozen=True):
    """Somebody signed in on one device. ``hash`` is what is kept of its secret."""

    hash: str
    id: str
    staff: str
    how: How
    device: str
    address: str
    made_at: Instant
    seen_at: Instant


class Link(Struct, frozen=True):
    """An address that works once. An invitation says to what: ``mail`` may be "", then the invited choose it."""

    hash: str
    id: str
    kind: Literal["setup", "invitation", "sign_in"]
    staff: str
    mail: str
    project: str
    role: Role
    extra: tuple[Extra, ...]
    made_by: str
    made_at: Instant
    expires_at: Instant


class Token(Struct, frozen=True):
    """A key for programs. ``expires_at`` 0: never; ``seen_at`` 0: not used yet."""

    hash: str
    id: str
    project: str
    name: str
    scopes: tuple[Right, ...]
    made_by: str
    made_at: Instant
    seen_at: Instant
    expires_at: Instant


class Audited(Struct, frozen=True):
    """A line of the audit log. ``before`` and ``after`` are JSON, "" when there is nothing to tell."""

    number: int
    at: Instant
    project: str
    who: str
    who_name: str
    who_kind: Kind
    operation: str
    parameters: dict[str, str]
    kind: str
    object: str
    before: str
    after: str
    address: str
