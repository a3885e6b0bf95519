"""Which addresses a style sheet names, and the same sheet with others in their place."""

import re
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import urljoin

Kind = Literal["sheet", "look"]
"""What is expected at an address: a style sheet, or a picture or a font."""
Put = Callable[[str, Kind], str]
"""Is told a whole address without its fragment, and answers what is to stand in its place."""

LONGEST: Final = 4096
"""Letters of an address; a longer one is left as it is."""

# Comments, namespaces and texts are passed over, so that nothing in them is taken for an address. None of the parts can be
# begun again and again over the same letters, however a text is made.
_PARTS: Final = re.compile(
    r"""
    (?=[/"'@uU]) (?:
      (?:/\*(?:.*?\*/|.*) | "[^"\\\n]*(?:\\.[^"\\\n]*)*"? | '[^'\\\n]*(?:\\.[^'\\\n]*)*'?)+
    | @[nN][aA][mM][eE][sS][pP][aA][cC][eE]\b[^;{}]*
    | (?P<at>@[iI][mM][pP][oO][rR][tT]\s*) (?:"(?P<at2>[^"\\\n]*(?:\\.[^"\\\n]*)*)"|'(?P<at1>[^'\\\n]*(?:\\.[^'\\\n]*)*)')
    | (?P<from>@[iI][mM][pP][oO][rR][tT]\s+)? (?<![\w-])[uU][rR][lL]\(\s*
      (?:"(?P<two>[^"\\\n]*(?:\\.[^"\\\n]*)*)"|'(?P<one>[^'\\\n]*(?:\\.[^'\\\n]*)*)'|(?P<bare>(?:[^()"'\s\\]|\\.){1,4096}))
      \s*\)
    )
    """,
    re.X | re.S,
)
_ESCAPED: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.S)
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_WEB: Final = re.compile(r"https?://[^/?]", re.I)
_BROKEN: Final = re.compile(r"[\x00-\x1f\ud800-\udfff]")
_CHARSETS: Final = frozenset(
    ("utf-8", "shift_jis", "euc-jp", "iso-2022-jp", "iso-8859-1", "windows-1252", "utf-16", "gbk", "euc-kr")
)
_CHARSET: Final = re.compile(rb'\A@charset "([\w-]{1,40})";')


def rewritten(text: str, base: str, put: Put) -> str:
    """The style sheet, or a part of one, with what ``put`` answers for each address. ``base`` is where relative ones begin.

    What is no address of HTTP, such as ``data:``, stays as it is; so does all else, to the letter.
    """
    if "url(" not in (small := text.lower()) and "@import" not in small:
        return text

    def replaced(found: re.Match[str]) -> str:
        raw = found["two"] or found["one"] or found["bare"] or found["at2"] or found["at1"]
        if not raw:
            return found[0]
        is_sheet = found["at"] is not None or found["from"] is not None
        address = _unescaped(raw)
        instead = placed(address, base, put, "sheet" if is_sheet else "look")
        if instead == address:
            return found[0]
        return f'{"@import " if is_sheet else ""}url("{_escaped(instead)}")'

    return _PARTS.sub(replaced, text)


def placed(address: str, base: str, put: Put, kind: Kind) -> str:
    """What stands in place of one address, with its fragment; itself when it is no address of HTTP, or too long."""
    stripped = address.strip()
    url, mark, fragment = stripped.partition("#")
    if not url:
        return address
    if not _SCHEME.match(url):
        try:
            url = urljoin(base, url) if base else ""
        except ValueError:
            return address
    if len(url) > LONGEST or not _WEB.match(url) or _BROKEN.search(url):
        return address
    return f"{put(url, kind)}{mark}{fragment}"


def text_of(body: bytes, charset: str) -> str:
    """A style sheet's bytes as text: by its mark, by what came with it or what it says of itself, else as UTF-8."""
    if body.startswith(b"\xef\xbb\xbf"):
        return body[3:].decode("utf-8", "replace")
    said = _CHARSET.match(body)
    name = charset.lower() or (said[1].decode("ascii").lower() if said else "")
    return body.decode(name if name in _CHARSETS else "utf-8", "replace")


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw

    def letter(found: re.Match[str]) -> str:
        number, line, one = found.groups()
        if number:
            return chr(int(number, 16)) if 0 < int(number, 16) < 0xD800 or 0xDFFF < int(number, 16) < 0x110000 else "\ufffd"
        return "" if line else str(one)

    return _ESCAPED.sub(letter, raw)


def _escaped(address: str) -> str:
    return address.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ")
