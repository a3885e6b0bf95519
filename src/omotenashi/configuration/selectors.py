"""CSS selectors as people write them: enough of the grammar to find a slip before the page does, which has the last word."""

from typing import Final

_CLOSES: Final = {"(": ")", "[": "]"}


def unfit_selector(selector: str) -> str:
    """What was expected of a selector; "" when it is fine."""
    if not selector.strip():
        return "a CSS selector such as .price"
    waiting: list[str] = []
    quote = ""
    escaped = False
    for letter in selector:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _CLOSES:
            waiting.append(_CLOSES[letter])
        elif letter in ")]":
            if not waiting or waiting.pop() != letter:
                return f"a CSS selector without a {letter!r} too many"
        elif letter in "{};@<!" or ord(letter) < 32:
            return f"a CSS selector without {letter!r}"
    if quote or waiting or escaped:
        return f"a CSS selector that is closed with {quote or (waiting[-1] if waiting else 'a letter')!r}"
    parts = selector.replace(" ", "").split(",")
    if not waiting and "" in parts and "(" not in selector and "[" not in selector:
        return "a CSS selector on each side of a comma"
    return ""
