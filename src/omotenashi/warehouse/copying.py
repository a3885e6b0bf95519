"""A copy of the warehouse's files while the engine has them open.

Between inserts the engine still merges parts, and unlinks those that a merge replaced. Merges are halted while the files
are copied; an unlinked part is seen as a file that vanished, and then everything is copied again. Parts never change, so a
copy in which nothing vanished is the warehouse at the moment its folders were listed.
"""

import shutil
import time
from pathlib import Path
from typing import Final

from .store import Store

_TRIES: Final = 50
_REST_S: Final = 0.2
_UNFINISHED: Final = shutil.ignore_patterns("tmp_*", "delete_tmp_*")


def copy_open(store: Store, source: Path, target: Path) -> None:
    """The warehouse in the folder ``source``, which ``store`` holds open and nobody inserts into, copied to ``target``.

    Raises ``OSError`` when the disk refuses, `WarehouseError` when the engine does.
    """
    store.run("SYSTEM STOP MERGES")
    try:
        for left in reversed(range(_TRIES)):
            try:
                shutil.copytree(source, target, symlinks=True, ignore=_UNFINISHED)
            except (shutil.Error, FileNotFoundError) as error:
                if left == 0 or not _vanished(error):
                    raise
                shutil.rmtree(target)
                time.sleep(_REST_S)
            else:
                return
    finally:
        store.run("SYSTEM START MERGES")


def _vanished(error: OSError) -> bool:
    """Whether all that is wrong is that files went away while they were copied."""
    if isinstance(error, shutil.Error):
        told: list[tuple[str, str, str]] = error.args[0]
        return all("[Errno 2]" in str(why) for _, _, why in told)
    return True
