"""What a page that stays open could wait for: comparisons that visible time alone can change."""

from omotenashi.model.rules import All, AnyOf, Compare, Fact, InSegment, Not, Op, Rule, Segments

Threshold = tuple[str, int | float]
"""(name of the fact, number): the rule can come out differently once the fact is at least the number."""


def thresholds(rule: Rule, segments: Segments) -> list[Threshold]:
    """Every threshold of ``session.seconds`` in the rule, also in its segments, smallest first, without repeats."""
    return sorted(set(_thresholds(rule, segments)))


def _thresholds(rule: Rule, segments: Segments) -> list[Threshold]:
    if isinstance(rule, All | AnyOf):
        return [each for part in rule.of for each in _thresholds(part, segments)]
    if isinstance(rule, Not):
        return _thresholds(rule.of, segments)
    if isinstance(rule, InSegment):
        return _thresholds(segments[rule.segment], segments) if rule.segment in segments else []
    if isinstance(rule, Compare) and isinstance(rule.subject, Fact) and rule.subject.name == "session.seconds":
        return [(rule.subject.name, number) for number in _changes(rule)]
    return []


def _changes(rule: Compare) -> list[int | float]:
    """Where a whole number that grows makes the comparison change its mind."""
    constants = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    numbers = [each for each in constants if isinstance(each, int | float) and not isinstance(each, bool)]
    if rule.op in (Op.GE, Op.LT):
        return numbers
    if rule.op in (Op.GT, Op.LE):
        return [number + 1 for number in numbers]
    if rule.op in (Op.BETWEEN, Op.NOT_BETWEEN):
        return [numbers[0], numbers[1] + 1]
    return [edge for number in numbers for edge in (number, number + 1)]
