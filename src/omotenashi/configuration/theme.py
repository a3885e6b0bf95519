"""A project's theme as the CSS custom properties that every template is drawn with.

What a theme leaves out is neutral. Two things are worked out, so that one colour is enough to begin with: the colour of words on
the accent, and an accent that can be read on dark paper. A site may still override each token on its own page (``--omo-accent``).
"""

import re
from typing import Final

from msgspec import UNSET
from msgspec.structs import fields

from . import liquid
from .kinds import DarkSource, ThemeSource

LIGHT: Final = {
    "accent": "#27406b",
    "on-accent": "#fff",
    "paper": "#fffdf9",
    "ink": "#1f1e1b",
    "muted": "#6a655b",
    "line": "#e7e2d8",
    "shadow": "0 1px 2px rgba(31, 30, 27, .06), 0 12px 40px rgba(31, 30, 27, .16)",
}
DARK: Final = {
    "accent": "#8fb0e8",
    "on-accent": "#16181c",
    "paper": "#1e2126",
    "ink": "#ece9e2",
    "muted": "#a8a398",
    "line": "#33373e",
    "shadow": "0 0 0 1px #33373e, 0 12px 40px rgba(0, 0, 0, .5)",
}
RADIUS: Final = 12
FONT: Final = (
    "system-ui, -apple-system, 'Hiragino Sans', 'Hiragino Kaku Gothic ProN', 'Noto Sans JP', 'Yu Gothic UI', Meiryo, sans-serif"
)
READABLE: Final = 4.5
"""The contrast that text needs, WCAG 2 level AA."""

_HEX: Final = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_FONT: Final = re.compile(r"[\w ,'\"-]{1,300}")
_SHADOW: Final = re.compile(r"[A-Za-z0-9#%.,()/ -]{1,300}")
_FONTS: Final = "CSS font families such as 'Noto Sans JP', sans-serif"
_SHADOWS: Final = "a CSS shadow such as 0 8px 32px rgb(0 0 0 / .2)"
Rgb = tuple[int, int, int]


def unfit(theme: ThemeSource) -> list[tuple[str, str, str]]:
    """What may not stand in a style sheet: its place in project.yaml, the value, and what was expected."""
    found: list[tuple[str, str, str]] = []
    for path, part, kind in (("theme", theme, ThemeSource), ("theme.dark", theme.dark, DarkSource)):
        for field in fields(kind):
            value = getattr(part, field.name)
            if not isinstance(value, str):
                continue
            if field.name == "font":
                expected = "" if _FONT.fullmatch(value) and value.count("'") % 2 == value.count('"') % 2 == 0 else _FONTS
            elif field.name == "shadow":
                expected = "" if _SHADOW.fullmatch(value) and "url(" not in value.lower() else _SHADOWS
            else:
                expected = "" if liquid.safe_color(value) else "a CSS colour such as #27406b"
            if expected:
                found.append((f"{path}.{field.name}", value, expected))
    return found


def tokens(theme: ThemeSource) -> str:
    """The theme as CSS: light, and dark where the system or the host's ``data-theme`` asks for it."""
    light, dark = colours(theme)
    font = theme.font if isinstance(theme.font, str) and theme.font else FONT
    radius = theme.radius if isinstance(theme.radius, int) else RADIUS
    plain = _declared(light, "")
    plain += f"  --radius: var(--omo-radius, {radius}px);\n  --font: var(--omo-font, {font});\n"
    in_the_dark = _declared(dark, "-dark")
    return (
        f":host {{\n{plain}}}\n"
        f'@media (prefers-color-scheme: dark) {{\n:host(:not([data-theme="light"])) {{\n{in_the_dark}}}\n}}\n'
        f':host([data-theme="dark"]) {{\n{in_the_dark}}}\n'
    )


def colours(theme: ThemeSource) -> tuple[dict[str, str], dict[str, str]]:
    """Every token's value in the light and in the dark."""
    light, dark = dict(LIGHT), dict(DARK)
    for name in light:
        field = name.replace("-", "_")
        for chosen, given in ((light, getattr(theme, field)), (dark, getattr(theme.dark, field))):
            if isinstance(given, str) and given:
                chosen[name] = given
    if theme.accent is not UNSET and theme.dark.accent is UNSET:
        dark["accent"] = _lightened(light["accent"], dark["paper"])
    for chosen, given in ((light, theme), (dark, theme.dark)):
        if given.on_accent is UNSET:
            chosen["on-accent"] = _readable_on(chosen["accent"], chosen["on-accent"])
    return light, dark


def contrast(one: str, other: str) -> float | None:
    """The WCAG 2 contrast of two colours written in hex, 1 to 21; None when one is written otherwise."""
    first, second = _rgb(one), _rgb(other)
    if first is None or second is None:
        return None
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _declared(values: dict[str, str], suffix: str) -> str:
    return "".join(f"  --{name}: var(--omo-{name}{suffix}, {value});\n" for name, value in values.items())


def _readable_on(accent: str, usual: str) -> str:
    """White, near-black or black: the first that is read well on the accent, as one always is; ``usual`` if that is not hex."""
    return next((ink for ink in ("#fff", "#16181c", "#000") if (contrast(ink, accent) or 0) >= READABLE), usual)


def _lightened(accent: str, paper: str) -> str:
    """The accent mixed with as much white, in tenths, as it takes to be read on dark paper."""
    rgb = _rgb(accent)
    if rgb is None or contrast(accent, paper) is None:
        return accent
    for tenth in range(10):
        mixed = "#" + "".join(f"{round(part + (255 - part) * tenth / 10):02x}" for part in rgb)
        if (contrast(mixed, paper) or 0) >= READABLE:
            return mixed
    return "#ffffff"


def _rgb(colour: str) -> Rgb | None:
    if not _HEX.fullmatch(colour):
        return None
    digits = colour[1:] if len(colour) == 7 else "".join(letter * 2 for letter in colour[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in (part / 255 for part in rgb)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
