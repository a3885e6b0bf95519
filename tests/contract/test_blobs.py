"""What every store of bytes keeps, in a folder and in memory: the same code, as over a bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from omotenashi.blobs.port import Blobs, BlobsFailed
from omotenashi.blobs.store import Store, folder

Tenant = Callable[[Path], Blobs]


@pytest.fixture(params=[folder, lambda _: Store(MemoryStore())], ids=["folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    tenant: Tenant = request.param
    return tenant(tmp_path / "blobs")


async def test_what_was_put_is_there_until_it_is_deleted(blobs: Blobs) -> None:
    blobs.put("assets/shop/1/tea.webp", b"first")
    blobs.put("assets/shop/1/tea.webp", b"second")
    assert blobs.get("assets/shop/1/tea.webp") == b"second"
    assert await blobs.fetch("assets/shop/1/tea.webp") == b"second"
    blobs.delete("assets/shop/1/tea.webp")
    blobs.delete("assets/shop/1/tea.webp")
    assert blobs.get("assets/shop/1/tea.webp") is None
    assert await blobs.fetch("assets/shop/1/tea.webp") is None


async def test_a_folder_is_no_blob(blobs: Blobs) -> None:
    blobs.put("assets/shop/1/tea.webp", b"tea")
    assert blobs.get("assets/shop/2/tea.webp") is None
    assert await blobs.fetch("nothing/at/all") is None


def test_keys_are_listed_below_a_part_and_not_beside_it(blobs: Blobs) -> None:
    for key in ("assets/shop/2/b", "assets/shop/1/a", "assets/shopping/1/a", "other"):
        blobs.put(key, b"")
    assert blobs.keys("assets/shop") == ["assets/shop/1/a", "assets/shop/2/b"]
    assert blobs.keys("assets/nobody") == []


def test_a_key_never_leads_out_of_the_store(tmp_path: Path) -> None:
    store = folder(tmp_path / "blobs")
    (tmp_path / "secret").write_bytes(b"secret")
    for key in ("../secret", "assets/../../secret", "/../secret"):
        try:
            assert store.get(key) is None
        except BlobsFailed:
            pass


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"a file stands here")
    with pytest.raises(BlobsFailed):
        folder(tmp_path / "blobs").put("a/b", b"")
