"""A project's pictures: what staff uploaded, under ids made of their bytes, each with what is known of it beside it."""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from omotenashi.blobs import assets
from omotenashi.blobs.port import Blobs
from omotenashi.model.ids import Instant, ProjectId

from .pictures import Crop, Made, make

KEPT_MS: Final = 7 * 86_400_000
"""How long a deleted picture can be brought back; until then it is still served to pages that name it."""


class Alt(Struct, frozen=True):
    """What is read aloud instead of the picture; empty for one that only decorates."""

    ja: str = ""
    en: str = ""


class Asset(Struct, frozen=True):
    """A picture as it is kept. ``name`` is the last part of its address; ``deleted_at`` is 0 while it stands in the library."""

    id: str
    name: str
    title: str
    bytes: int
    width: int
    height: int
    moving: bool
    alt: Alt
    created_at: Instant
    created_by: str
    deleted_at: int = 0


class Library:
    """Keeps pictures in ``blobs``. Methods may raise ``BlobsFailed``."""

    def __init__(self, blobs: Blobs, clock: Callable[[], Instant]) -> None:
        self._blobs = blobs
        self._clock = clock

    def all(self, project: ProjectId) -> list[Asset]:
        """Every picture, newest first; those that were deleted long ago are removed for good."""
        found: list[Asset] = []
        for key in self._blobs.keys(f"assets/{project}"):
            if not key.endswith(f"/{assets.ABOUT}"):
                continue
            asset = self._read(key)
            if asset is None:
                continue
            if asset.deleted_at and asset.deleted_at + KEPT_MS < self._clock():
                self._forget(project, asset)
            elif not asset.deleted_at:
                found.append(asset)
        return sorted(found, key=lambda one: (-one.created_at, one.id))

    def one(self, project: ProjectId, asset: str) -> Asset | None:
        """The picture of this id, also one that was deleted a while ago; None when there is none."""
        return self._read(assets.key(project, asset, assets.ABOUT)) if re.fullmatch(r"[0-9a-f]{32}", asset) else None

    def add(self, project: ProjectId, file: str, data: bytes, alt: Alt, by: str, crop: Crop | None = None) -> Asset:
        """Takes a picture in; the same one again only takes its new description. Raises ``Unusable``."""
        return self._keep(project, make(data, crop), titled(file), alt, by)

    def crop(self, project: ProjectId, asset: Asset, crop: Crop, by: str) -> Asset:
        """A part of a picture as a picture of its own. Raises ``Unusable``."""
        data = self._blobs.get(assets.key(project, asset.id, asset.name)) or b""
        return self._keep(project, make(data, crop), asset.title, asset.alt, by)

    def file(self, project: ProjectId, asset: Asset) -> tuple[bytes, str]:
        """Its bytes and content type."""
        data = self._blobs.get(assets.key(project, asset.id, asset.name)) or b""
        return data, assets.TYPES[asset.name.rpartition(".")[2]]

    def describe(self, project: ProjectId, asset: Asset, title: str, alt: Alt) -> Asset:
        """Another title and alternative text; the address stays."""
        return self._write(project, msgspec.structs.replace(asset, title=title, alt=alt))

    def delete(self, project: ProjectId, asset: Asset) -> None:
        """Takes it out of the library; ``restore`` brings it back within ``KEPT_MS``."""
        self._write(project, msgspec.structs.replace(asset, deleted_at=self._clock()))

    def restore(self, project: ProjectId, asset: Asset) -> Asset:
        """Back into the library."""
        return self._write(project, msgspec.structs.replace(asset, deleted_at=0))

    def _keep(self, project: ProjectId, made: Made, title: str, alt: Alt, by: str) -> Asset:
        asset = assets.asset_id(made.data)
        known = self.one(project, asset)
        name = known.name if known is not None else f"{slug(title)}.{made.ending}"
        self._blobs.put(assets.key(project, asset, name), made.data)
        kept = Asset(asset, name, title, len(made.data), made.width, made.height, made.moving, alt, self._clock(), by)
        if known is not None:
            kept = msgspec.structs.replace(kept, created_at=known.created_at, created_by=known.created_by)
        return self._write(project, kept)

    def _read(self, key: str) -> Asset | None:
        said = self._blobs.get(key)
        return None if said is None else msgspec.json.decode(said, type=Asset)

    def _write(self, project: ProjectId, asset: Asset) -> Asset:
        self._blobs.put(assets.key(project, asset.id, assets.ABOUT), msgspec.json.encode(asset))
        return asset

    def _forget(self, project: ProjectId, asset: Asset) -> None:
        for name in (asset.name, assets.ABOUT):
            self._blobs.delete(assets.key(project, asset.id, name))


def titled(file: str) -> str:
    """What a file's name calls the picture: without its folder and ending."""
    name = unicodedata.normalize("NFC", file).replace("\\", "/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return re.sub(r"[\x00-\x1f\x7f]", "", stem).strip()[:120] or "picture"


def slug(title: str) -> str:
    """A title as the last part of an address."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "picture"
