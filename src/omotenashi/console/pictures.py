"""A picture that somebody uploads, made into one that may be served: upright, cropped, no larger than needed, without what a
camera wrote into it. It is always encoded anew, so that nothing that only looks like a picture gets through.
"""

from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from msgspec import Struct
from PIL import Image, ImageCms, ImageOps, ImageSequence

from .drawings import clean

LARGEST_UPLOAD: Final = 12 * 1024 * 1024
"""Bytes."""
MOST_PIXELS: Final = 48_000_000
MOST_FRAMES: Final = 240
LONGEST_SIDE: Final = 1_600
"""Pixels: twice what a message is wide, for fine screens."""
HEAVY: Final = 200 * 1024
"""Bytes. A visitor on the road waits about a second for so many."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
_QUALITY: Final = 82
_TRY_LOSSLESS: Final = 1_000_000
"""Pixels up to which a drawing is tried without loss, which is often smaller."""

Image.MAX_IMAGE_PIXELS = None  # the limit is ours, and its message too


class Unusable(Exception):
    """It cannot be made into a picture; the message says what was expected, ``where`` which part of the upload."""

    def __init__(self, message: str, where: str = "file") -> None:
        super().__init__(message)
        self.message = message
        self.where = where


class Crop(Struct, frozen=True):
    """A part of a picture in its own pixels, counted from the upper left when it stands upright."""

    x: int
    y: int
    width: int
    height: int


class Made(Struct, frozen=True):
    """A picture as it is served. ``ending`` is webp or svg."""

    data: bytes
    ending: str
    width: int
    height: int
    moving: bool


def make(data: bytes, crop: Crop | None = None, longest_side: int = LONGEST_SIDE) -> Made:
    """The uploaded bytes as a picture to serve. Raises ``Unusable``."""
    if len(data) > LARGEST_UPLOAD:
        raise Unusable(f"expected at most {LARGEST_UPLOAD // 1024 // 1024} MB; found {len(data) / 1024 / 1024:.1f} MB")
    if _is_drawing(data):
        if crop is not None:
            raise Unusable("an SVG is not cropped; crop it where it was drawn", "crop")
        text, width, height = _cleaned(data)
        return Made(text, "svg", width, height, False)
    with _opened(data) as picture:
        frames = getattr(picture, "n_frames", 1)
        if frames > MOST_FRAMES or picture.width * picture.height * frames > MOST_PIXELS:
            raise Unusable(
                f"expected at most {MOST_PIXELS:,} pixels, and {MOST_FRAMES} frames if it moves; "
                f"found {picture.width:,} x {picture.height:,} and {frames}"
            )
        shown = [_fitted(frame, crop, longest_side) for frame in ImageSequence.Iterator(picture)]
        lengths = [int(one.info.get("duration", 100)) for one in shown]
    first = shown[0]
    encoded = _moving(shown, lengths) if len(shown) > 1 else _still(first)
    return Made(encoded, "webp", first.width, first.height, len(shown) > 1)


def _is_drawing(data: bytes) -> bool:
    return data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _cleaned(data: bytes) -> tuple[bytes, int, int]:
    try:
        return clean(data)
    except ValueError as error:
        raise Unusable(str(error)) from None


@contextmanager
def _opened(data: bytes) -> Generator[Image.Image]:
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as picture:
            yield picture
    except Unusable:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError) as error:  # what Pillow says of broken files
        raise Unusable(f"expected a JPEG, PNG, WebP, AVIF, GIF or SVG picture; this is none, or a broken one ({error})") from None


def _fitted(frame: Image.Image, crop: Crop | None, longest_side: int) -> Image.Image:
    length = frame.info.get("duration", 100)
    upright = ImageOps.exif_transpose(frame)
    plain = _in_srgb(upright)
    if crop is not None:
        if crop.width < 1 or crop.height < 1 or crop.x < 0 or crop.y < 0:
            raise Unusable("expected a part of the picture of at least one pixel", "crop")
        if crop.x + crop.width > plain.width or crop.y + crop.height > plain.height:
            raise Unusable(f"expected a part inside the picture, which is {plain.width} x {plain.height}", "crop")
        plain = plain.crop((crop.x, crop.y, crop.x + crop.width, crop.y + crop.height))
    longest = max(plain.size)
    if longest > longest_side:
        scale = longest_side / longest
        wanted = (max(1, round(plain.width * scale)), max(1, round(plain.height * scale)))
        plain = plain.resize(wanted, Image.Resampling.LANCZOS)
    plain.info = {"duration": length}  # and nothing of what the camera wrote
    return plain


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    clear = "A" in picture.getbands() or "transparency" in picture.info
    if profile and not clear and picture.mode in ("RGB", "CMYK"):
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError):  # a profile that is broken says nothing
            pass
    return picture.convert("RGBA" if clear else "RGB")


def _still(picture: Image.Image) -> bytes:
    lossy = _encoded(picture, quality=_QUALITY, method=4)
    if picture.width * picture.height > _TRY_LOSSLESS:
        return lossy
    return min(lossy, _encoded(picture, lossless=True, quality=60, method=3), key=len)


def _moving(frames: list[Image.Image], lengths: list[int]) -> bytes:
    first, *others = frames
    return _encoded(first, save_all=True, append_images=others, duration=lengths, loop=0, quality=_QUALITY, method=2)


def _encoded(picture: Image.Image, **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, "WEBP", **how)
    return file.getvalue()
