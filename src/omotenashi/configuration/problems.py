"""What is wrong with a configuration: always all of it, each with file, place and what was expected."""

from collections.abc import Iterable

from msgspec import Struct

from .language import Message


class Problem(Struct, frozen=True, order=True, omit_defaults=True):
    """One thing to mend. ``path`` is the place inside the file, such as ``actions[1].weight``.

    ``line`` counts from 1; 0 is unknown.
    """

    file: str
    line: int
    path: str
    message: Message

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class Refused(Exception):
    """The configuration was not taken, nothing was changed; ``problems`` says everything that has to be mended."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
