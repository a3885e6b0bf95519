"""A template travels as a zip; a zip from somewhere else is read as if somebody meant harm."""

import io
import zipfile

import pytest
from tests.unit.configuration.folders import SMALL

from omotenashi.configuration import gallery, parcels
from omotenashi.configuration.problems import Refused

CARD = {
    path.rpartition("/")[2]: text.replace("title: {type: text}", "title: {type: text, example: Hi}")
    for path, text in SMALL.items()
    if path.startswith("templates/card/")
}


def zipped(files: dict[str, bytes | str], links: tuple[str, ...] = ()) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parcel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o120777 if path in links else 0o100644) << 16
            parcel.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def refused(raw: bytes) -> str:
    with pytest.raises(Refused) as told:
        parcels.unpacked(raw)
    return str(told.value)


@pytest.mark.parametrize("name", gallery.names())
def test_what_is_packed_is_what_is_unpacked_and_always_the_same(name: str) -> None:
    files = gallery.sources(name)
    raw = parcels.packed(name, files)
    assert parcels.unpacked(raw) == (name, files)
    assert parcels.packed(name, dict(reversed(files.items()))) == raw


@pytest.mark.parametrize(
    "path",
    [
        "../template.yaml",
        "/etc/passwd",
        "card/../../body.liquid",
        "card/sub/body.liquid",
        "card\\body.liquid",
        "template.yaml",
        "card/evil.sh",
        ".git/body.liquid",
        "a b/body.liquid",
    ],
)
def test_nothing_but_the_parts_of_one_template_is_taken(path: str) -> None:
    parts = {f"card/{part}": text for part, text in CARD.items()}
    assert "expected one template" in refused(zipped({**parts, path: "x"}))


def test_a_link_two_templates_or_none_are_refused() -> None:
    parts = {f"card/{part}": text for part, text in CARD.items()}
    linked = {**parts, "card/script.js": "/etc/passwd"}
    assert "card/script.js" in refused(zipped(linked, ("card/script.js",)))
    assert "expected one template; found card, other" in refused(zipped({**parts, "other/body.liquid": "x"}))
    assert "expected one template; found none" in refused(zipped({}))


def test_a_zip_that_would_fill_the_disk_is_refused_before_it_does() -> None:
    assert "expected at most 1,048,576 bytes in all, unpacked" in refused(zipped({"card/body.liquid": b"a" * 50_000_000}))
    assert "expected at most 1,048,576 bytes, found" in refused(b"PK" + b"a" * 1_048_576)


@pytest.mark.parametrize("raw", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 60, zipped({"card/body.liquid": "x"})[:-30]])
def test_what_is_no_zip_is_told(raw: bytes) -> None:
    assert "not a zip that can be read" in refused(raw)


def test_a_template_with_a_mistake_is_refused_with_its_place() -> None:
    parts: dict[str, bytes | str] = {f"card/{part}": text for part, text in CARD.items()}
    assert parcels.unpacked(zipped(parts))[0] == "card"
    broken = refused(zipped({**parts, "card/body.liquid": "{{ nobody }}"}))
    assert broken.startswith("templates/card/body.liquid: unknown variable 'nobody'")
    assert "card/style.css:2: expected UTF-8, found the byte 0xff" in refused(zipped({**parts, "card/style.css": b"a\n\xff"}))
