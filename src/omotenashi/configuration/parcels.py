"""A template as one file that another project can take: a zip with its parts, read as if a stranger had made it."""

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from typing import Final

from . import gallery
from .folder import Sources
from .problems import Problem, Refused
from .samples import PURPOSES, sample

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LARGEST_PARCEL: Final = 1024 * 1024
"""Of the file itself and, added up, of what is in it."""
_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)


def packed(name: str, files: Mapping[str, str]) -> bytes:
    """The template's parts as a zip; the same parts always give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parcel:
        for part in gallery.PARTS:
            if part in files:
                parcel.writestr(zipfile.ZipInfo(f"{name}/{part}", _BEGINNING), files[part].encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpacked(raw: bytes) -> tuple[str, Sources]:
    """The template's name and parts. Raises ``Refused`` with everything that is wrong with the file or the template in it."""
    if len(raw) > LARGEST_PARCEL:
        raise _refused("", f"expected at most {LARGEST_PARCEL:,} bytes, found {len(raw):,}")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parcel:
            name, files = _read(parcel)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise _refused("", f"not a zip that can be read: {error}") from None
    check(name, files)
    return name, files


def check(name: str, files: Sources) -> None:
    """Compile and render the template by itself. Raises ``Refused`` with everything that is wrong with it."""
    try:
        sample(name, files=files, project=PURPOSES)
    except Refused as refused:
        own = [problem for problem in refused.problems if problem.file.startswith("templates/")]
        raise Refused(own or refused.problems) from None


def _read(parcel: zipfile.ZipFile) -> tuple[str, Sources]:
    names: set[str] = set()
    seen: set[str] = set()
    files: Sources = {}
    problems: list[Problem] = []
    left = LARGEST_PARCEL
    for entry in parcel.infolist():
        if entry.is_dir():
            continue
        name, _, part = entry.filename.partition("/")
        if not NAME.fullmatch(name) or part not in (*gallery.PARTS, gallery.PREVIEW) or stat.S_ISLNK(entry.external_attr >> 16):
            wanted = f"NAME/{{{', '.join(gallery.PARTS)}}}"
            problems.append(Problem(entry.filename, 0, "", f"expected one template, {wanted}, and nothing else"))
            continue
        names.add(name)
        if part == gallery.PREVIEW:
            continue
        if entry.filename in seen:
            problems.append(Problem(entry.filename, 0, "", "this file stands in the zip twice"))
            continue
        seen.add(entry.filename)
        with parcel.open(entry) as stream:
            content = stream.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _refused(entry.filename, f"expected at most {LARGEST_PARCEL:,} bytes in all, unpacked")
        try:
            files[part] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            problems.append(Problem(entry.filename, line, "", f"expected UTF-8, found the byte 0x{content[error.start]:02x}"))
    if not problems and len(names) != 1:
        problems.append(Problem("", 0, "", f"expected one template; found {', '.join(sorted(names)) or 'none'}"))
    if problems:
        raise Refused(problems)
    return names.pop(), files


def _refused(file: str, message: str) -> Refused:
    return Refused([Problem(file, 0, "", message)])
