"""Every comparison of a rule as it happened: what was looked at, what was wanted, what was found."""

from fractions import Fraction
from typing import Final

from omotenashi.model.outcomes import Compared
from omotenashi.model.profiles import Profile
from omotenashi.model.rules import All, AnyOf, Compare, InList, InSegment, Not, Op, Rule
from omotenashi.model.values import MICRO, Scalar, Values

from . import evaluate
from .comparison import Exact
from .environment import Environment
from .words import Names, subject, wanted

__all__ = ["Names", "compared"]

_MOST_SHOWN: Final = 20  # elements of a list


def compared(
    rule: Rule, profile: Profile, values: Values | None, now: int, env: Environment, names: Names, path: str = "rule"
) -> tuple[Compared, ...]:
    """One row for each comparison, segments opened, in the rule's order; all of them, also where one would have done.

    Under a ``not`` the row says what is wanted there: the opposite. ``passed`` is about that. Raises
    `evaluate.UnknownName` as the closures do.
    """
    return tuple(_rows(rule, profile, values, now, env, names, path, wanted_true=True))


def _rows(
    rule: Rule, profile: Profile, values: Values | None, now: int, env: Environment, names: Names, path: str, *, wanted_true: bool
) -> list[Compared]:
    if isinstance(rule, All | AnyOf):
        name = "all" if isinstance(rule, All) else "any"
        return [
            row
            for index, part in enumerate(rule.of)
            for row in _rows(part, profile, values, now, env, names, f"{path}.{name}[{index}]", wanted_true=wanted_true)
        ]
    if isinstance(rule, Not):
        return _rows(rule.of, profile, values, now, env, names, f"{path}.not", wanted_true=not wanted_true)
    if isinstance(rule, InSegment):
        if rule.segment not in env.segments:
            raise evaluate.UnknownName(f"segment: there is no segment {rule.segment!r}")
        inner = env.segments[rule.segment]
        return _rows(inner, profile, values, now, env, names, f"{path}.segment({rule.segment})", wanted_true=wanted_true)
    passed = evaluate.closure(rule, env)(profile, values, now) is wanted_true
    if isinstance(rule, InList):
        return [_list_row(rule, profile, path, passed, wanted_true)]
    return [_row(rule, profile, values, now, env, names, path, passed, wanted_true)]


def _row(
    rule: Compare,
    profile: Profile,
    values: Values | None,
    now: int,
    env: Environment,
    names: Names,
    path: str,
    passed: bool,
    wanted_true: bool,
) -> Compared:
    rule = evaluate.plain_operator(rule)
    ja, en = wanted(rule, "ja", names), wanted(rule, "en", names)
    if rule.op in (Op.EXISTS, Op.MISSING) and not wanted_true:
        opposite = Compare(rule.subject, Op.MISSING if rule.op is Op.EXISTS else Op.EXISTS)
        ja, en = wanted(opposite, "ja", names), wanted(opposite, "en", names)
    elif not wanted_true:
        ja, en = f"次に当てはまらない（{ja}）", f"not ({en})"
    return Compared(
        path=path,
        subject_ja=subject(rule.subject, "ja", names),
        subject_en=subject(rule.subject, "en", names),
        wanted_ja=ja,
        wanted_en=en,
        found=_found(evaluate.found(rule.subject, env)(profile, values, now)),
        passed=passed,
    )


def _list_row(rule: InList, profile: Profile, path: str, passed: bool, wanted_true: bool) -> Compared:
    return Compared(
        path=path,
        subject_ja="会員ID",
        subject_en="the user id",
        wanted_ja=f"リスト「{rule.list}」に含まれ{'る' if wanted_true else 'ない'}",
        wanted_en=f"is{'' if wanted_true else ' not'} in the list “{rule.list}”",
        found=profile.user_id,
        passed=passed,
    )


def _found(elements: list[Exact]) -> Scalar | list[Scalar] | None:
    shown = [_shown(element) for element in elements[:_MOST_SHOWN]]
    if not shown:
        return None
    return shown[0] if len(elements) == 1 else shown


def _shown(element: Exact) -> Scalar:
    if not isinstance(element, Fraction):
        return element
    millionths = round(element * MICRO)
    return millionths // MICRO if millionths % MICRO == 0 else millionths / MICRO
