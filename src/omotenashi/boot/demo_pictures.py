"""The demo's asset library: some of the shop's own pictures, with what is read aloud instead of them."""

from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from omotenashi import settings as setting
from omotenashi.settings import Settings

from .serving import Unfinished

SHOWN: Final = ("matcha-uji", "hagi-set", "kyusu-tokoname", "sencha-asatsuyu", "tenmoku", "konpeito", "yunomi-shino", "wakocha")
"""Goods whose pictures are put there."""


def hang_pictures(settings: Settings, console: str, shop: Path) -> None:
    """Uploads them, where there are none yet. Raises ``Unfinished``."""
    token = setting.secret(settings.data / "console.token")
    with httpx.Client(base_url=console, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False) as client:
        address = "/api/projects/midori/assets"
        if client.get(address).json():
            return
        for good in _goods(shop):
            name, file = good["name"], shop / "art" / f"{good['id']}.svg"
            answer = client.post(
                address,
                files={"file": (f"{name['ja']}.svg", file.read_bytes(), "image/svg+xml")},
                data={"alt_ja": name["ja"], "alt_en": name["en"]},
            )
            if not answer.is_success:
                raise Unfinished(f"the picture {file.name} was refused: {answer.text}")


def _goods(shop: Path) -> list[dict[str, Any]]:
    goods: list[dict[str, Any]] = msgspec.json.decode((shop / "goods.json").read_bytes())
    return [good for good in goods if good["id"] in SHOWN]
