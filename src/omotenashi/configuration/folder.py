"""The files of a configuration, read from and written to a folder. Their text is kept to the byte."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .problems import Problem, Refused

Sources = dict[str, str]
"""Text by path inside the folder, with ``/`` between names, such as ``campaigns/welcome.yaml``."""

LARGEST_FILE: Final = 4 * 1024 * 1024
LARGEST_FOLDER: Final = 32 * 1024 * 1024
_KNOWN: Final = re.compile(
    r"project\.yaml"
    r"|(?:events|segments|campaigns|tables)/[\w$-]+\.yaml"
    r"|tables/[\w$-]+\.csv"
    r"|lists/[\w$-]+\.txt"
    r"|templates/[\w$-]+/(?:template\.yaml|body\.liquid|style\.css|script\.js)"
)
_PLACES: Final = (
    "project.yaml, events/NAME.yaml, segments/ID.yaml, campaigns/ID.yaml, tables/NAME.yaml or .csv, lists/NAME.txt, "
    "templates/NAME/{template.yaml, body.liquid, style.css, script.js}"
)


def is_known(path: str) -> bool:
    """Whether a file of this path means anything here."""
    return _KNOWN.fullmatch(path) is not None


def misplaced(sources: Mapping[str, str]) -> list[Problem]:
    """A problem for every file whose path means nothing: a misspelt folder must not be silently left out."""
    return [
        Problem(path, 0, "", f"no such kind of file here; expected {_PLACES}") for path in sorted(sources) if not is_known(path)
    ]


def read_folder(folder: Path) -> Sources:
    """All files below ``folder``; hidden ones, Markdown and templates' pictures are left out.

    Raises ``Refused`` with every unreadable file.
    """
    if not (folder / "project.yaml").is_file():
        raise Refused([Problem(str(folder), 0, "", "expected a folder with a project.yaml in it")])
    sources: Sources = {}
    problems: list[Problem] = []
    size = 0
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if not file.is_file() or any(part.startswith(".") for part in inside.parts) or file.suffix in (".md", ".png"):
            continue
        path = inside.as_posix()
        raw = file.read_bytes()
        size += len(raw)
        if len(raw) > LARGEST_FILE:
            problems.append(Problem(path, 0, "", f"expected at most {LARGEST_FILE:,} bytes, found {len(raw):,}"))
            continue
        try:
            sources[path] = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            problems.append(Problem(path, line, "", f"expected UTF-8, found the byte 0x{raw[error.start]:02x}"))
    if size > LARGEST_FOLDER:
        problems.append(Problem(str(folder), 0, "", f"expected at most {LARGEST_FOLDER:,} bytes in all, found {size:,}"))
    if problems:
        raise Refused(problems)
    return sources


def write_folder(sources: Mapping[str, str], folder: Path) -> list[str]:
    """Write every source below ``folder`` and remove known files that are no longer part of it; the paths that changed.

    Files of other kinds (a README, a .git) are left alone. Raises ``Refused`` on a path that leads outside.
    """
    strangers = misplaced(sources)
    if strangers:
        raise Refused(strangers)
    changed: list[str] = []
    for path, text in sorted(sources.items()):
        file = folder / path
        raw = text.encode("utf-8")
        if file.is_file() and file.read_bytes() == raw:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
        changed.append(path)
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_file() and path not in sources and is_known(path):
            file.unlink()
            changed.append(path)
    return changed
