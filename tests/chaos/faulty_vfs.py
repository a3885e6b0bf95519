"""A disk that fails on command, for SQLite: a VFS over the real one that knows what a power cut would leave.

For each file it keeps the image that is really on the disk: what was written reaches it at a sync. A sync that fails
leaves pages that the kernel calls clean and never writes again, as Linux does. ``cut`` makes the files what the disk has:
the images, plus any part of what was written and not synced.
"""

import random
from pathlib import Path

import apsw


class Image:
    def __init__(self, path: Path) -> None:
        self.durable = bytearray(path.read_bytes() if path.exists() else b"")
        self.written: list[tuple[int, bytes | None]] = []  # (offset, data), or (size, None) for a truncation

    def apply(self, offset: int, data: bytes | None) -> None:
        if data is None:
            del self.durable[offset:]
            return
        if len(self.durable) < offset + len(data):
            self.durable.extend(bytes(offset + len(data) - len(self.durable)))
        self.durable[offset : offset + len(data)] = data


class Weather:
    """What the disk does from now on. Counts of operations until the failure; None is never."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self.writes_until_error: int | None = None
        self.writes_until_full: int | None = None
        self.syncs_until_error: int | None = None
        self.operations_until_cut: int | None = None
        self.dead = False
        self.failures = 0

    def clear(self) -> None:
        """The disk works again."""
        self.writes_until_error = self.writes_until_full = self.syncs_until_error = None

    def before_write(self) -> None:
        self._before_any()
        self.writes_until_error = self._count(self.writes_until_error, apsw.SQLITE_IOERR_WRITE)
        self.writes_until_full = self._count(self.writes_until_full, apsw.SQLITE_FULL)

    def before_sync(self, image: Image) -> None:
        self._before_any()
        try:
            self.syncs_until_error = self._count(self.syncs_until_error, apsw.SQLITE_IOERR_FSYNC)
        except apsw.Error:
            image.written.clear()  # called clean, and never on the disk
            raise

    def _before_any(self) -> None:
        if self.operations_until_cut is not None:
            self.operations_until_cut -= 1
            if self.operations_until_cut <= 0:
                self.dead = True
        if self.dead:
            self.failures += 1
            raise apsw.exception_for(apsw.SQLITE_IOERR)

    def _count(self, left: int | None, code: int) -> int | None:
        """Once the count is over the failure stays until ``clear``."""
        if left is None:
            return None
        if left <= 0:
            self.failures += 1
            raise apsw.exception_for(code)
        return left - 1

    def cut(self, dice: random.Random) -> None:
        """The power is gone: the files become what the disk has. Close every connection first."""
        for name, image in self.images.items():
            path = Path(name)
            if not path.exists():
                continue
            kept = dice.choice(["none", "first", "some"])
            upto = dice.randint(0, len(image.written))
            for place, (offset, data) in enumerate(image.written):
                if (kept == "first" and place < upto) or (kept == "some" and dice.random() < 0.5):
                    if data is not None and dice.random() < 0.2:
                        data = data[: dice.randint(0, len(data))]  # a torn write
                    image.apply(offset, data)
            path.write_bytes(image.durable)
            path.with_name(path.name + "-shm").unlink(missing_ok=True)  # memory, not disk
        self.images.clear()


class FaultyFile(apsw.VFSFile):
    def __init__(self, weather: Weather, filename: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", filename, flags)
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else (filename or "")
        self.weather = weather
        if name not in weather.images:
            weather.images[name] = Image(Path(name))
        self.image = weather.images[name]

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.weather.before_write()
        super().xWrite(data, offset)
        self.image.written.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self.weather.before_write()
        super().xTruncate(newsize)
        self.image.written.append((newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.weather.before_sync(self.image)
        super().xSync(flags)
        for offset, data in self.image.written:
            self.image.apply(offset, data)
        self.image.written.clear()


class FaultyVfs(apsw.VFS):
    """Registers itself under ``name``; unregister it when the test is over."""

    def __init__(self, name: str) -> None:
        self.weather = Weather()
        self.vfs_name = name
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return FaultyFile(self.weather, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.weather.images.pop(filename, None)
        super().xDelete(filename, syncdir)
