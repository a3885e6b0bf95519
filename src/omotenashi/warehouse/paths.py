"""How a dotted path of an event is spelled as a path of the JSON column.

Letters outside ``[A-Za-z0-9_$]`` become ``~`` and their code point in hexadecimal and ``~``, so that a field
named by a stranger is never read as SQL or as ClickHouse's own escapes.
"""

from functools import lru_cache

PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$")


@lru_cache(maxsize=65_536)
def spelled(name: str) -> str:
    """One name, spelled so that no two names meet: ``spelled("価格") == "~4fa1~~683c~"``."""
    if PLAIN.issuperset(name) and name:
        return name
    return "".join(letter if letter in PLAIN else f"~{ord(letter):x}~" for letter in name) or "~~"


def column(path: tuple[str, ...]) -> str:
    """The path as it stands after ``values.`` in SQL."""
    return ".".join(f"`{spelled(name)}`" for name in path)


def key(path: tuple[str, ...]) -> str:
    """The path as it stands in ``lists`` and ``fields``: spelled names joined by dots."""
    return ".".join(spelled(name) for name in path)


def read(key: str) -> tuple[str, ...]:
    """The names that a key was made of."""
    return tuple(_name(part) for part in key.split("."))


def _name(part: str) -> str:
    if "~" not in part:
        return part
    pieces = part.split("~")  # plain, code, plain, code, ..., plain
    return "".join(piece if number % 2 == 0 else chr(int(piece, 16)) if piece else "" for number, piece in enumerate(pieces))
