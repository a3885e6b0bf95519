"""SVG that may be served: rebuilt from a closed list of elements and attributes, so that nothing in it runs or loads anything."""

import re
from typing import Final
from xml.etree import ElementTree

LARGEST: Final = 1024 * 1024
"""Characters."""
_SVG: Final = "{http://www.w3.org/2000/svg}"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS: Final = _words(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan title desc linearGradient radialGradient "
    "stop clipPath mask pattern marker filter feBlend feColorMatrix feComponentTransfer feComposite feFlood feFuncA feFuncB "
    "feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset feDropShadow style"
)
_ATTRIBUTES: Final = _words(
    "id class d x y x1 x2 y1 y2 cx cy r rx ry fx fy fr dx dy width height points viewBox preserveAspectRatio transform opacity "
    "fill fill-opacity fill-rule clip-rule clip-path mask stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray "
    "stroke-dashoffset stroke-miterlimit stroke-opacity vector-effect color stop-color stop-opacity offset gradientUnits "
    "gradientTransform spreadMethod patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits "
    "markerWidth markerHeight markerUnits refX refY orient marker-start marker-mid marker-end filter filterUnits primitiveUnits "
    "in in2 result mode values type operator k1 k2 k3 k4 stdDeviation flood-color flood-opacity tableValues slope intercept "
    "amplitude exponent radius font-family font-size font-style font-weight letter-spacing text-anchor dominant-baseline "
    "text-decoration visibility display overflow style paint-order mix-blend-mode"
)
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[>]*>", re.IGNORECASE)
_DECLARED: Final = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"url\(\s*['\"]?\s*(?!#)|@|\\|expression|javascript:", re.IGNORECASE)
_LENGTH: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)(?:px)?\s*")

ElementTree.register_namespace("", _SVG[1:-1])


def clean(data: bytes) -> tuple[bytes, int, int]:
    """The drawing without anything that could act, and its width and height in pixels. Raises ``ValueError`` saying why not."""
    try:
        text = _DOCTYPE.sub("", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("expected an SVG in UTF-8") from None
    if len(text) > LARGEST:
        raise ValueError(f"expected an SVG of at most {LARGEST // 1024} KB")
    if _DECLARED.search(text):
        raise ValueError("expected an SVG that declares no document type or entities of its own")
    try:
        root = ElementTree.fromstring(text)
        if root.tag != f"{_SVG}svg":
            raise ValueError("expected an SVG: its first element is another")
        made = _rebuilt(root)
        width, height = _size(made)
        written: bytes = ElementTree.tostring(made, encoding="utf-8")
    except ElementTree.ParseError as error:
        raise ValueError(f"expected an SVG; this is not XML ({error})") from None
    except RecursionError:
        raise ValueError("expected an SVG that is not nested so deeply") from None
    return written, width, height


def _rebuilt(element: ElementTree.Element) -> ElementTree.Element:
    name = element.tag.removeprefix(_SVG)
    made = ElementTree.Element(element.tag)
    for attribute, value in element.attrib.items():
        local = "href" if attribute == _LINK else attribute
        if local == "href":
            if value.startswith("#"):
                made.set(local, value)
        elif local in _ATTRIBUTES and not _ELSEWHERE.search(value):
            made.set(local, value)
    if name in ("text", "tspan", "title", "desc") or (name == "style" and not _ELSEWHERE.search(element.text or "")):
        made.text = element.text
    for child in element:
        if isinstance(child.tag, str) and child.tag.startswith(_SVG) and child.tag.removeprefix(_SVG) in _ELEMENTS:
            below = _rebuilt(child)
            below.tail = child.tail if name in ("text", "tspan") else None
            made.append(below)
    return made


def _size(root: ElementTree.Element) -> tuple[int, int]:
    """From its width and height, else from its view box; one that says neither is drawn as large as browsers do."""
    own = [_LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if own[0] and own[1]:
        return max(1, round(float(own[0][1]))), max(1, round(float(own[1][1])))
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        width, height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        return 300, 150
    return max(1, min(round(width), 100_000)), max(1, min(round(height), 100_000))
