"""The difference between two arms, with an interval that stays true however often it is looked at.

A normal mixture over the size of the effect (Robbins 1970; Johari, Koomen, Pekelis, Walsh 2022; Waudby-Smith, Arbour,
Sinha, Kennedy, Ramdas 2024) bounds the estimate at every moment at once. With ``V`` the estimate's variance and ``r`` the
mixture's variance in units of ``V``:

    evidence  = exp(z² r / (2 (1 + r))) / √(1 + r),   z² = estimate² / V
    half width = √(V (1 + r) / r · ln((1 + r) / alpha²))

Without any effect the evidence ever reaches 1/alpha with a probability of at most alpha. Everything here is a number per
person between 0 and 1 (rates), or in the unit of the goal's value (worth).
"""

from collections.abc import Sequence
from math import ceil, exp, log, sqrt
from typing import Final

from msgspec import Struct

ALPHA: Final = 0.05
"""How many campaigns without any effect may ever be called better or worse."""
TUNED_FOR: Final = 5_000
"""The number of people, half in each arm, at which the interval is the narrowest that it can be."""
FEWEST_PEOPLE: Final = 100
FEWEST_ACHIEVERS: Final = 5
"""What the smaller arm must have, and be expected to have, before anything is said: below, a normal curve fits badly."""
LONGEST_DAYS: Final = 730

_SPREAD: Final = (-2 * log(ALPHA) + log(-2 * log(ALPHA) + 1)) / TUNED_FOR


class Rate(Struct, frozen=True):
    """How many ``people`` an arm has, and how many of them reached the goal."""

    people: int
    achievers: int

    @property
    def share(self) -> float:
        return self.achievers / self.people if self.people else 0.0


class Worth(Struct, frozen=True):
    """What each of an arm's ``people`` was worth: the sum, and the sum of the squares, of each person's own total."""

    people: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.people if self.people else 0.0

    @property
    def variance(self) -> float:
        """Of one person's total."""
        return max(self.squares - self.total * self.total / self.people, 0.0) / (self.people - 1) if self.people > 1 else 0.0


class Interval(Struct, frozen=True):
    low: float
    high: float


class Difference(Struct, frozen=True):
    """``estimate`` is the arm minus its base, within ``low`` and ``high``; ``confidence`` is 1 minus the always-valid p-value."""

    estimate: float
    low: float
    high: float
    confidence: float


def interval(rate: Rate) -> Interval | None:
    """Where an arm's own rate lies, with 95 % at every moment at once; None when nobody is in it."""
    if not rate.people:
        return None
    smoothed = (rate.achievers + 1) / (rate.people + 2)
    half = _half_width(smoothed * (1 - smoothed) / rate.people, _SPREAD * rate.people, ALPHA)
    return Interval(max(rate.share - half, 0.0), min(rate.share + half, 1.0))


def between_rates(arm: Rate, base: Rate, parts: float = 1) -> Difference | None:
    """How much larger the share of achievers is in ``arm``; None while it is too early to say.

    ``parts``: this comparison may use one in so many parts of ``ALPHA``, when others of the same campaign use the rest.
    """
    if not enough(arm, base):
        return None
    pooled = (arm.achievers + base.achievers + 1) / (arm.people + base.people + 2)
    shares = ((one.achievers + 1) / (one.people + 2) for one in (arm, base))
    apart = sum(share * (1 - share) / one.people for share, one in zip(shares, (arm, base), strict=True))
    together = pooled * (1 - pooled) * (1 / arm.people + 1 / base.people)
    return _difference(arm.share - base.share, max(apart, together), _equals(arm.people, base.people), parts)


def between_worths(arm: Worth, base: Worth, parts: float = 1) -> Difference | None:
    """How much more a person of ``arm`` is worth; None while either arm is too small or nobody was worth anything."""
    if min(arm.people, base.people) < FEWEST_PEOPLE:
        return None
    people = arm.people + base.people
    total = arm.total + base.total
    pooled = max(arm.squares + base.squares - total * total / people, 0.0) / (people - 1)
    if pooled <= 0:
        return None
    variance = max(
        arm.variance / arm.people + base.variance / base.people,
        pooled * (1 / arm.people + 1 / base.people),
    )
    return _difference(arm.mean - base.mean, variance, _equals(arm.people, base.people), parts)


def enough(arm: Rate, base: Rate) -> bool:
    """Whether both arms have people enough, and achievers enough for the smaller one to have some, to say anything."""
    smaller = min(arm.people, base.people)
    if smaller < FEWEST_PEOPLE:
        return False
    return smaller * (arm.achievers + base.achievers) >= FEWEST_ACHIEVERS * (arm.people + base.people)


def days_to_verdict(arm: Rate, base: Rate, days: int, parts: float = 1) -> int | None:
    """In how many more days the interval would leave zero, if the rates stay and as many people come each day as in ``days``.

    0 when it has left it; None when that is not within two years, or nothing can be said yet.
    """
    if days <= 0 or not enough(arm, base):
        return None

    def left(more: int) -> bool:
        grown = 1 + more / days
        found = between_rates(_grown(arm, grown), _grown(base, grown), parts)
        return found is not None and (found.low > 0 or found.high < 0)

    if not left(LONGEST_DAYS):
        return None
    low, high = -1, LONGEST_DAYS  # the interval only narrows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if left(middle) else (middle, high)
    return high


def running(days: Sequence[tuple[Rate, Rate]], parts: float = 1) -> list[Difference | None]:
    """The difference as it stood at the end of each day; each day is what it added to both arms."""
    arm = base = Rate(0, 0)
    found: list[Difference | None] = []
    for more, more_of_base in days:
        arm = Rate(arm.people + more.people, arm.achievers + more.achievers)
        base = Rate(base.people + more_of_base.people, base.achievers + more_of_base.achievers)
        found.append(between_rates(arm, base, parts))
    return found


def _grown(rate: Rate, times: float) -> Rate:
    return Rate(ceil(rate.people * times), round(rate.share * ceil(rate.people * times)))


def _equals(arm: int, base: int) -> float:
    """The number of people in two equal arms that would tell as much."""
    return 4 * arm * base / (arm + base)


def _difference(estimate: float, variance: float, people: float, parts: float) -> Difference:
    ratio = _SPREAD * people
    evidence = estimate * estimate / variance * ratio / (2 * (1 + ratio)) - log(1 + ratio) / 2
    half = _half_width(variance, ratio, ALPHA / parts)
    return Difference(estimate, estimate - half, estimate + half, max(0.0, 1 - parts * exp(-max(evidence, 0.0))))


def _half_width(variance: float, ratio: float, alpha: float) -> float:
    return sqrt(variance * (1 + ratio) / ratio * log((1 + ratio) / alpha**2))
