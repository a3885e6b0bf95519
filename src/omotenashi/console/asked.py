"""The warehouse as the console asks it: one question at a time, from whichever thread; what takes long has its own connection."""

import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager

from omotenashi.engine.calendar import Calendar
from omotenashi.engine.rules.environment import environment
from omotenashi.model.campaigns import Project
from omotenashi.model.entries import Released
from omotenashi.model.ids import CampaignId, Day, Instant, PersonId
from omotenashi.model.rules import Rule
from omotenashi.warehouse.questions import (
    daily,
    found,
    funnel,
    health,
    history,
    latest,
    named,
    overlap,
    results,
    seen,
    size,
    story,
    today,
    top_values,
    unopened,
    volume,
)
from omotenashi.warehouse.store import Store, WarehouseError

from .ports import Answer, QuestionFailed


class Warehouse:
    """``loaded`` says how far the log is in; ``patient`` is asked what goes through all of history more than once, so that nobody
    who types waits behind it. Implements ``ports.Questions``."""

    def __init__(self, store: Store, loaded: Callable[[], int], patient: Store | None = None) -> None:
        self._store = store
        self._patient = patient or store
        self._loaded = loaded
        self._locks = {one: threading.Lock() for one in (store, self._patient)}

    def story(self, project: Project, person: PersonId, limit: int, before: tuple[Instant, int] | None) -> list[story.Told]:
        with self._asking() as store:
            if before is None:
                return story.story(store, project.id, person, limit)
            return story.story(store, project.id, person, limit, before)

    def latest(self, project: Project, limit: int) -> list[tuple[PersonId, Instant]]:
        with self._asking() as store:
            return latest.latest(store, project.id, limit)

    def unopened(self, project: Project, person: PersonId, campaign: CampaignId) -> Released | None:
        with self._asking() as store:
            return unopened.unopened(store, project.id, person, campaign)

    def size(self, project: Project, rule: Rule, now: Instant) -> size.Size:
        with self._asking() as store:
            return size.size(store, rule, environment(project), project.id, now)

    def sizes(self, project: Project, rules: Mapping[str, Rule], now: Instant) -> dict[str, int]:
        with self._pondering() as store:
            return size.sizes(store, rules, environment(project), project.id, now)

    def sizes_at(self, project: Project, rule: Rule, instants: Sequence[Instant]) -> list[int]:
        env = environment(project)
        found: list[int] = []
        for instant in instants:  # somebody else may ask between two of them
            with self._pondering() as store:
                found += history.history(store, rule, env, project.id, [instant])
        return found

    def overlap(self, project: Project, rule: Rule, others: Mapping[str, Rule], now: Instant) -> dict[str, overlap.Shared]:
        with self._pondering() as store:
            return overlap.overlap(store, rule, others, environment(project), project.id, now)

    def daily(self, project: Project, event: str, where: Rule, days: Sequence[Day]) -> list[daily.Daily]:
        with self._asking() as store:
            return daily.daily(store, project.id, event, where, days, Calendar(project.time_zone))

    def seen_events(self, project: Project) -> list[seen.SeenEvent]:
        with self._asking() as store:
            return seen.seen_events(store, project.id)

    def seen_fields(self, project: Project, events: Collection[str]) -> list[seen.SeenField]:
        with self._asking() as store:
            return seen.seen_fields(store, project.id, events)

    def top_of_device(self, project: Project, fact: str, limit: int) -> list[top_values.TopValue]:
        with self._asking() as store:
            return seen.top_of_device(store, project.id, fact, limit)

    def some_people(self, project: Project, limit: int) -> list[PersonId]:
        with self._asking() as store:
            return seen.some_people(store, project.id, limit)

    def top(self, project: Project, event: str, path: tuple[str, ...], limit: int) -> list[top_values.TopValue]:
        with self._asking() as store:
            return top_values.top_values(store, project.id, event, path, top=limit)

    def funnel(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[funnel.Stage]:
        with self._asking() as store:
            return funnel.funnel(store, project.id, campaign, start, end)

    def results(self, project: Project, campaign: CampaignId, start: Instant, end: Instant) -> list[results.ArmResult]:
        calendar = Calendar(project.time_zone)
        days = [Day(day) for day in range(calendar.day(start), calendar.day(end) + 1)]
        with self._asking() as store:
            return results.results(store, project.id, campaign, days, calendar)

    def today(
        self, project: Project, before: Sequence[Instant], hours: Sequence[Instant], end: Instant, now: Instant
    ) -> today.Today:
        with self._asking() as store:
            return today.today(store, project.id, before, hours, end, now)

    def health(self, project: Project, since: Instant, month: Instant) -> list[health.Fared]:
        with self._asking() as store:
            return health.health(store, project.id, since, month)

    def volume(self, project: Project, start: Instant, before: Instant, until: Instant) -> volume.Volume:
        with self._asking() as store:
            return volume.volume(store, project.id, start, before, until)

    def people(
        self, project: Project, rule: Rule, now: Instant, limit: int | None = None, before: tuple[Instant, str] | None = None
    ) -> found.Found:
        with self._asking() as store:
            return found.found(
                store, rule, environment(project), project.id, now, limit or found.EVERY_ONE, before or found.FIRST
            )

    def named(self, project: Project, text: str) -> list[PersonId]:
        with self._asking() as store:
            return named.named(store, project.id, text)

    def ask(self, question: Callable[[Store], Answer]) -> Answer:
        with self._asking() as store:
            return question(store)

    def loaded(self) -> int:
        return self._loaded()

    @contextmanager
    def _asking(self) -> Generator[Store]:
        with self._using(self._store) as store:
            yield store

    @contextmanager
    def _pondering(self) -> Generator[Store]:
        with self._using(self._patient) as store:
            yield store

    @contextmanager
    def _using(self, store: Store) -> Generator[Store]:
        with self._locks[store]:
            try:
                yield store
            except WarehouseError as error:
                raise QuestionFailed(str(error)) from error
