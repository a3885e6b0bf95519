"""Which values does a field of an event have, most frequent first?"""

from typing import Final

from msgspec import Struct

from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.values import Scalar
from omotenashi.warehouse.compile import elements_of, shape
from omotenashi.warehouse.store import Store

from . import sql

BEGINNING: Final = Instant(0)
FOREVER: Final = Instant(2**62)


class TopValue(Struct, frozen=True):
    value: Scalar
    events: int
    people: int


def top_values(
    store: Store,
    project: ProjectId,
    event: str,
    path: tuple[str, ...],
    start: Instant = BEGINNING,
    end: Instant = FOREVER,
    top: int = 30,
) -> list[TopValue]:
    """The ``top`` values of a field, by people and then events, within ``start`` <= at < ``end``.

    Every element of a list counts. Kinds are kept apart: ``"1"``, ``1`` and ``true`` are three values.
    """
    elements, parameters = elements_of(shape(store, project), event, path)
    rows = store.ask(
        sql("values").replace("__elements__", elements),
        {**parameters, "project": project, "name": event, "start": start, "end": end, "top": top},
    )
    return [TopValue(_scalar(kind, number, text), int(events), int(people)) for kind, number, text, events, people in rows]


def _scalar(kind: int, number: float, text: str) -> Scalar:
    if kind == 2:
        return text
    if kind == 3:
        return number == 1
    return int(number) if number.is_integer() else number
