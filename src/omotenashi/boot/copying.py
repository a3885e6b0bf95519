"""A backup of a stopped installation, and one made anew from it."""

from pathlib import Path

from omotenashi.ledger import backup as copies
from omotenashi.ledger.port import LedgerError
from omotenashi.settings import Settings

from .serving import Unfinished, running


def backup(settings: Settings, target: Path) -> None:
    """Copy all stores of a stopped installation. Raises ``Unfinished``; a running one is asked through its console instead."""
    if running(settings.data, "console"):
        raise Unfinished("the console process runs; it takes the backup")
    try:
        copies.backup(settings.data, target)
    except LedgerError as error:
        raise Unfinished(str(error)) from error


def restore(source: Path, settings: Settings) -> None:
    """Make the data folder anew from a backup. Raises ``Unfinished``."""
    try:
        copies.restore(source, settings.data)
    except LedgerError as error:
        raise Unfinished(str(error)) from error
