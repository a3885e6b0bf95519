"""The tables, one SQL file each, in the order they are created."""

from importlib.resources import files
from typing import Final

TABLES: Final = ("entries", "people", "sessions", "aliases", "fields")


def statements() -> tuple[str, ...]:
    """What creates every table that is missing, one statement each."""
    folder = files(__name__)
    return tuple((folder / f"{table}.sql").read_text("utf-8") for table in TABLES)
