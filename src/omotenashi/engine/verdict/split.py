"""Whether people were really divided as the weights say, tested at every moment at once.

A Dirichlet mixture against the configured shares (Lindon and Malek 2022, "Anytime-valid inference for multinomial count
data"): under a true division the evidence ever reaches 1/``ALPHA`` with a probability of at most ``ALPHA``.
"""

from collections.abc import Sequence
from math import exp, lgamma, log
from typing import Final

from msgspec import Struct

ALPHA: Final = 0.01
"""How many campaigns with a healthy division may ever raise the alarm."""
_CONCENTRATION: Final = 1_000.0
"""How near to the configured shares a wrong division is expected: within a few percent."""


class Split(Struct, frozen=True):
    """``expected`` people of each arm, as the weights divide all; ``p`` is always valid; ``alarm``: it is at most `ALPHA`."""

    expected: list[float]
    p: float
    alarm: bool


def split(people: Sequence[int], weights: Sequence[int]) -> Split:
    """The division of ``people`` over arms of these ``weights``, each above 0, in any unit."""
    whole, count = sum(weights), sum(people)
    shares = [weight / whole for weight in weights]
    evidence = lgamma(_CONCENTRATION) - lgamma(_CONCENTRATION + count)
    for found, share in zip(people, shares, strict=True):
        prior = _CONCENTRATION * share
        evidence += lgamma(prior + found) - lgamma(prior) - found * log(share)
    p = exp(-max(evidence, 0.0))
    return Split([count * share for share in shares], p, p <= ALPHA)
