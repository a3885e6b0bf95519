"""Where messages are tried out: the script that draws them as the tag does, the pictures of the examples, and what is known of
the visitors' site."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from msgspec import Struct

from omotenashi.model.campaigns import Project, Variable
from omotenashi.model.ids import Instant, ProjectId
from omotenashi.model.values import Scalar

from .ports import QuestionFailed, Questions

REMEMBERED_MS: Final = 60_000
ART: Final = "/preview/art/"
"""Where the pictures that templates give as examples are served; the examples themselves call it ``/art/``."""


class Props(Struct, frozen=True):
    """``script`` is the built preview.js; ``art`` are the pictures of the examples, SVG by name."""

    script: bytes = b""
    art: Mapping[str, bytes] = {}


class Scenery:
    """Answers what a preview needs to know and the project does not say; each answer of the warehouse is kept for a minute."""

    def __init__(self, props: Props, questions: Questions, clock: Callable[[], Instant]) -> None:
        self.props = props
        self._questions = questions
        self._clock = clock
        self._seen: dict[tuple[ProjectId, str, tuple[str, ...]], tuple[Instant, Scalar | None]] = {}

    def site(self, project: Project) -> str:
        """The visitors' site, such as ``https://shop.example/``, to which pictures' relative addresses belong; "" if unknown."""
        if project.origins:
            return f"{project.origins[0].rstrip('/')}/"
        address = urlsplit(str(self._usual(project, "view", ("url",)) or ""))
        return f"{address.scheme}://{address.netloc}/" if address.scheme in ("http", "https") and address.netloc else ""

    def value(self, project: Project, variable: Variable, event: str) -> Scalar | None:
        """What a variable of an event or a statistic most often holds; None when nothing is known."""
        if variable.source == "event" and event:
            return self._usual(project, event, variable.path)
        if variable.statistic is not None and variable.statistic.path:
            return self._usual(project, variable.statistic.event, variable.statistic.path)
        return None

    def _usual(self, project: Project, event: str, path: tuple[str, ...]) -> Scalar | None:
        asked = (project.id, event, path)
        at, value = self._seen.get(asked, (Instant(0), None))
        if at + REMEMBERED_MS < self._clock():
            try:
                found = self._questions.top(project, event, path, 1)
            except QuestionFailed:
                return value
            value = found[0].value if found else None
            if len(self._seen) > 1_000:
                self._seen.clear()
            self._seen[asked] = (self._clock(), value)
        return value


def with_art(example: Any) -> Any:
    """An example whose pictures are found in the console."""
    if isinstance(example, str):
        return ART + example.removeprefix("/art/") if example.startswith("/art/") else example
    if isinstance(example, list):
        return [with_art(one) for one in cast(list[Any], example)]
    if isinstance(example, dict):
        return {name: with_art(value) for name, value in cast(dict[str, Any], example).items()}
    return example
