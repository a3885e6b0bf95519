"""Fonts made here, so that a page whose font is missing looks altogether different: every letter is a box or a stack of bars."""

import struct
from collections.abc import Callable

UNIT = 1000
WIDTH = 600
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Box = tuple[int, int, int, int]


def blocks(letter: int) -> list[Box]:
    """A solid box, lower for each letter of the alphabet."""
    return [(40, 0, 560, 300 + 16 * letter)]


def bars(letter: int) -> list[Box]:
    """Four bars, wider for each letter of the alphabet."""
    return [(20, 200 * n, 100 + 18 * letter, 200 * n + 90) for n in range(4)]


def font(family: str, drawn: Callable[[int], list[Box]]) -> bytes:
    """A TrueType font with the small letters and a blank, ``drawn`` as boxes of (left, bottom, right, top), 1000 to the em."""
    glyphs = [b"", b"", *(_glyph(drawn(n)) for n in range(len(LETTERS)))]
    places = [0]
    for glyph in glyphs:
        places.append(places[-1] + len(glyph))
    count = len(glyphs)
    tables = {
        b"OS/2": _os2(),
        b"cmap": _cmap(),
        b"glyf": b"".join(glyphs),
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, UNIT, 0, 0, 0, 0, WIDTH, UNIT, 0, 8, 2, 1, 0
        ),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, 800, -200, 0, WIDTH, 0, 0, WIDTH, 1, 0, 0, 0, 0, 0, 0, 0, count),
        b"hmtx": struct.pack(">Hh", WIDTH, 0) * count,
        b"loca": struct.pack(f">{count + 1}I", *places),
        b"maxp": struct.pack(">IH13H", 0x10000, count, 16, 4, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0),
        b"name": _name(family),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    return _file(tables)


def _glyph(boxes: list[Box]) -> bytes:
    points = [point for left, low, right, high in boxes for point in ((left, low), (left, high), (right, high), (right, low))]
    across, up = [x for x, _ in points], [y for _, y in points]
    ends = struct.pack(f">{len(boxes)}H", *(4 * n + 3 for n in range(len(boxes))))
    steps = [
        b"".join(struct.pack(">h", now - before) for before, now in zip([0, *line[:-1]], line, strict=True))
        for line in (across, up)
    ]
    drawn = struct.pack(">hhhhh", len(boxes), min(across), min(up), max(across), max(up))
    whole = drawn + ends + struct.pack(">H", 0) + b"\x01" * len(points) + steps[0] + steps[1]
    return whole + b"\0" * (-len(whole) % 4)


def _cmap() -> bytes:
    first, last = ord(LETTERS[0]), ord(LETTERS[-1])
    ends, starts, deltas = (32, last, 0xFFFF), (32, first, 0xFFFF), ((1 - 32) % 65536, (2 - first) % 65536, 1)
    body = struct.pack(">HHHH3HH3H3H3H", 6, 4, 1, 2, *ends, 0, *starts, *deltas, 0, 0, 0)
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, len(body) + 6, 0) + body


def _os2() -> bytes:
    return struct.pack(
        ">HhHHHhhhhhhhhhhh10sIIII4sHHHhhhHHII",
        *(3, WIDTH, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0),
        *(bytes(10), 1, 0, 0, 0, b"none", 0x40, 32, 122, 800, -200, 0, 800, 200, 1, 0),
    ) + struct.pack(">hhHHH", 500, 700, 0, 32, 0)


def _name(family: str) -> bytes:
    said = {1: family, 2: "Regular", 3: family, 4: family, 5: "Version 1.0", 6: family}
    records, texts = b"", b""
    for name, text in said.items():
        encoded = text.encode("utf-16-be")
        records += struct.pack(">HHHHHH", 3, 1, 0x409, name, len(encoded), len(texts))
        texts += encoded
    return struct.pack(">HHH", 0, len(said), 6 + len(records)) + records + texts


def _file(tables: dict[bytes, bytes]) -> bytes:
    head = struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, len(tables) * 16 - 128)
    at = 12 + 16 * len(tables)
    listed, bodies = b"", b""
    for tag, body in tables.items():
        padded = body + b"\0" * (-len(body) % 4)
        listed += struct.pack(">4sIII", tag, _sum(padded), at + len(bodies), len(body))
        bodies += padded
    return head + listed + bodies


def _sum(padded: bytes) -> int:
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
