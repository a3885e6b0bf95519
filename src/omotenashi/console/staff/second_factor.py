"""The second factor: six digits of an app (TOTP, RFC 6238), or one of ten recovery codes, each of which works once."""

import secrets
from typing import Final

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

from omotenashi.model.ids import Instant
from omotenashi.model.staff import Account

from . import keys
from .ports import Accounts

ISSUER: Final = "Omotenashi"
STEP_SECONDS: Final = 30
TOLERANCE: Final = 1
"""How many steps a phone's clock may be off."""
CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""


def fresh_secret() -> str:
    """A new secret for an app, in base 32."""
    return random_base32()


def uri(secret: str, mail: str) -> str:
    """What an app reads from the picture."""
    return TOTP(secret).provisioning_uri(name=mail, issuer_name=ISSUER)


def picture(secret: str, mail: str) -> str:
    """The picture as SVG, dark on light whatever the page's theme, for a camera has to read it."""
    return segno.make(uri(secret, mail), error="m").svg_inline(scale=5, border=3, dark="#1F1E1B", light="#FFFFFF", omitsize=True)


def step_of(secret: str, code: str, now: Instant) -> int | None:
    """The time step whose code this is, of those near ``now``; None when it is no code of this secret."""
    current, totp = now // 1000 // STEP_SECONDS, TOTP(secret)
    found = None
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        if keys.same(totp.generate_otp(step), code):
            found = step
    return found


def is_right(accounts: Accounts, account: Account, code: str, now: Instant) -> bool:
    """Whether the code lets them in; it is used up then."""
    plain = "".join(code.split()).replace("-", "").lower()
    if plain.isascii() and plain.isdigit():
        step = step_of(account.totp_secret, plain, now)
        return step is not None and accounts.take_step(account.id, step)
    return bool(plain) and accounts.take_code(account.id, keys.hashed(plain))


def fresh_codes() -> list[str]:
    """Ten recovery codes of about 59 bits, to be written down."""
    return ["-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(CODES)]


def kept_codes(codes: list[str]) -> list[str]:
    """What is kept of them."""
    return [keys.hashed(code.replace("-", "")) for code in codes]
