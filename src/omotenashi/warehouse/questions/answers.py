"""What did people answer to a campaign's questions?"""

from collections import Counter, defaultdict
from typing import Any, Final

from msgspec import Struct

from omotenashi.model.entries import Event
from omotenashi.model.ids import CampaignId, Instant, PersonId, ProjectId
from omotenashi.model.values import Scalar
from omotenashi.warehouse.rows import read_body
from omotenashi.warehouse.store import Store

from . import sql

MOST: Final = 10_000
"""How many answers are read, the latest first."""
MOST_CHOICES: Final = 20
LATEST_TEXTS: Final = 100


class Choice(Struct, frozen=True):
    """``people`` gave this answer, ``times`` in all."""

    value: Scalar
    times: int
    people: int


class Text(Struct, frozen=True):
    at: Instant
    person: PersonId
    text: str


class Question(Struct, frozen=True):
    """One field of a form. ``choices``, most frequent first, or the latest free ``texts``: never both.

    ``times`` it was answered, by ``people``; ``mean`` of the answers when all of them are numbers.
    """

    field: str
    times: int
    people: int
    mean: float | None
    choices: tuple[Choice, ...]
    texts: tuple[Text, ...]


class Answers(Struct, frozen=True):
    """``questions`` as first answered; ``read`` answers of which ``people`` gave them; ``more`` when there were above `MOST`."""

    questions: tuple[Question, ...]
    read: int
    people: int
    more: bool


class _Given(Struct):
    at: Instant
    person: PersonId
    values: list[Scalar]


def answers(store: Store, project: ProjectId, campaign: CampaignId, start: Instant, end: Instant) -> Answers:
    """The answers within ``start`` <= at < ``end``, question by question. Tests are left out."""
    which = {"project": project, "campaign": campaign, "start": start, "end": end, "limit": MOST + 1}
    rows = store.ask(sql("answers"), which)
    found: defaultdict[str, list[_Given]] = defaultdict(list)
    people: set[str] = set()
    for person, at, body in rows[:MOST]:
        people.add(person)
        for field, value in _fields(body).items():
            if given := _given(value):
                found[field].append(_Given(Instant(int(at)), PersonId(person), given))
    questions = tuple(_question(field, given) for field, given in found.items())
    return Answers(questions, min(len(rows), MOST), len(people), len(rows) > MOST)


def _fields(body: str) -> dict[str, Any]:
    entry = read_body(body)
    told = entry.values.get("answers") if isinstance(entry, Event) else None
    return told if isinstance(told, dict) else {}


def _given(value: Any) -> list[Scalar]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str | int | float | bool) and one != ""]


def _question(field: str, given: list[_Given]) -> Question:
    times = Counter((type(value), value) for one in given for value in one.values)
    who: defaultdict[tuple[type, Scalar], set[PersonId]] = defaultdict(set)
    for one in given:
        for value in one.values:
            who[type(value), value].add(one.person)
    all_people = len({one.person for one in given})
    numbers = [value for one in given for value in one.values if isinstance(value, int | float) and not isinstance(value, bool)]
    mean = sum(numbers) / len(numbers) if numbers and len(numbers) == times.total() else None
    if _is_free(given, times):
        texts = tuple(Text(one.at, one.person, str(value)) for one in given[:LATEST_TEXTS] for value in one.values)
        return Question(field, len(given), all_people, mean, (), texts)
    ranked = sorted(times.items(), key=lambda pair: (-pair[1], str(pair[0][1])))
    choices = tuple(Choice(key[1], count, len(who[key])) for key, count in ranked)
    return Question(field, len(given), all_people, mean, choices, ())


def _is_free(given: list[_Given], times: Counter[tuple[type, Scalar]]) -> bool:
    """Whether the answers read as texts of people's own: many different ones, seldom twice the same."""
    if all(kind is not str for kind, _ in times):
        return len(times) > MOST_CHOICES
    listed = any(len(one.values) > 1 for one in given)
    return len(times) > MOST_CHOICES or (not listed and len(times) * 2 > times.total())
