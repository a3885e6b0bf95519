"""Pictures at the edge's door: served as what they are, for good, and nothing else of the store."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from obstore.store import MemoryStore

from omotenashi.blobs.assets import address, asset_id, key
from omotenashi.blobs.store import Store
from omotenashi.edge.assets import send_asset
from omotenashi.edge.request import Refused
from omotenashi.model.reasons import Refusal

TEA = asset_id(b"tea")


def store() -> Store:
    blobs = Store(MemoryStore())
    blobs.put(key("shop", TEA, "tea.webp"), b"tea")
    blobs.put(key("shop", TEA, "leaf.svg"), b"<svg/>")
    blobs.put(key("shop", TEA, "about.json"), b"{}")
    blobs.put("secret.webp", b"secret")
    return blobs


async def asked(path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    said: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    await send_asset(store().fetch, {"path": path, "method": method}, send)
    headers = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], headers, b"".join(one.get("body", b"") for one in said[1:])


async def test_a_picture_is_served_for_good_and_as_nothing_else() -> None:
    status, headers, body = await asked(address("shop", TEA, "tea.webp"))
    assert (status, body, headers["content-type"], headers["content-length"]) == (200, b"tea", "image/webp", "3")
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].endswith("sandbox")
    assert headers["access-control-allow-origin"] == "*"
    _, headers, body = await asked(address("shop", TEA, "leaf.svg"), "HEAD")
    assert (headers["content-type"], headers["content-length"], body) == ("image/svg+xml", "6", b"")


@pytest.mark.parametrize(
    "path",
    [
        address("shop", TEA, "about.json"),
        address("other", TEA, "tea.webp"),
        address("shop", asset_id(b"coffee"), "tea.webp"),
        f"/assets/shop/{TEA}/../../../secret.webp",
        "/assets/../secret.webp",
        "/assets/secret.webp",
        f"/assets/shop/{TEA}/tea.webp/",
        f"/assets/shop/{TEA}/TEA.webp",
        "/assets/",
    ],
)
async def test_nothing_else_of_the_store_is_served(path: str) -> None:
    with pytest.raises(Refused) as refused:
        await asked(path)
    assert refused.value.code is Refusal.NOT_FOUND
