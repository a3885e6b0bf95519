"""Where a template puts its values: what escaping alone would not make safe there, and what the tag would not understand."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from omotenashi.model.campaigns import Slot

_PIECE: Final = re.compile(r"\{\{-?(.*?)-?\}\}|\{%-?\s*(.*?)\s*-?%\}", re.DOTALL)
_URL_ATTRIBUTES: Final = frozenset(
    ("href", "src", "action", "formaction", "poster", "xlink:href", "background", "data", "cite", "ping")
)


ATTRIBUTES: Final = frozenset(
    ("answer", "attribute", "click", "close", "deny", "go", "grant", "later", "set", "state", "then", "title", "track", "values")
)
"""What a body may say to the tag, each with ``data-omotenashi-`` before it."""
_ASKED: Final = re.compile(r"data-omotenashi-([\w-]*)")
_STATE: Final = re.compile(r"data-omotenashi-(state|go)\s*=\s*([\"'])(.*?)\2", re.DOTALL)
_LOOP: Final = re.compile(r"for\s+(\w+)\s+in\s+([\w.]+)(?!\S)")
_WRITTEN: Final = re.compile(r"\|\s*(json|button)\b")


def states(body: str) -> frozenset[str] | None:
    """The screens of a template's body; None when some of them are only known once it is filled."""
    found = frozenset(name for what, _, name in _STATE.findall(body) if what == "state")
    return None if any("{" in name for name in found) else found


def unheard(body: str) -> list[str]:
    """What a body says to the tag that it does not know: misspelt attributes, screens that there are not."""
    attributes = sorted(set(_ASKED.findall(body)) - ATTRIBUTES)
    offered = ", ".join(sorted(ATTRIBUTES))
    found = [f"unknown attribute data-omotenashi-{name}; expected one of {offered}" for name in attributes]
    known = states(body)
    if known is not None:
        wanted = {name for what, _, name in _STATE.findall(body) if what == "go" and "{" not in name}
        screens = ", ".join(sorted(known)) or "none, there are none"
        found += [f'data-omotenashi-go="{name}": unknown state; expected one of {screens}' for name in sorted(wanted - known)]
    return found


def misplaced(body: str, slots: Mapping[str, Slot]) -> list[str]:
    """Outputs of a template's body that escaping alone would not make safe, and fields of lists that there are not.

    A value may stand in text and between the quotes of an attribute; in an address only with ``safe_url`` (or as a variable of
    type url or image); in a ``style`` attribute only as a color, number or choice; in a tag's bare words, an ``on...``
    attribute, a script or a style element never. Of an action only ``button`` may be written, and only as text; ``json`` stands
    in an attribute only between single quotes, a variable of type html in none.
    """
    found: list[str] = []
    place = _Place()
    scopes = _Scopes(slots)
    end = 0
    for piece in _PIECE.finditer(body):
        place.read(body[end : piece.start()])
        end = piece.end()
        if piece[1] is not None:
            expression = piece[1].strip()
            complaint = scopes.complaint(expression) or place.complaint(expression, scopes.type_of)
            if complaint:
                found.append(f"{{{{ {expression} }}}}: {complaint}")
            place.passed_a_value()
            continue
        tag = piece[2].strip()
        scopes.passed(tag)
        kept = _WRITTEN.search(tag)
        if kept:
            found.append(f"{{% {tag} %}}: expected the filter {kept[1]} only between {{{{ and }}}}")
    return found


class _Scopes:
    """What the names mean at one place of a body: the template's variables, and those of the loops around it."""

    def __init__(self, slots: Mapping[str, Slot]) -> None:
        self._slots = slots
        self._loops: list[tuple[str, Slot | None]] = []

    def passed(self, tag: str) -> None:
        """Takes notice of a loop's beginning or end."""
        loop = _LOOP.match(tag)
        if loop:
            self._loops.append((loop[1], self._slot(loop[2])))
        elif tag.startswith("for "):
            self._loops.append(("", None))
        elif tag == "endfor" and self._loops:
            self._loops.pop()

    def type_of(self, expression: str) -> str:
        """The type of a variable or of a loop's field; "" for anything else."""
        slot = self._slot(expression)
        return "" if slot is None else slot.type

    def complaint(self, expression: str) -> str:
        """What is wrong with a name that should be a field of a list; "" when nothing is."""
        name, dot, below = expression.partition("|")[0].strip().partition(".")
        rows = dict(self._loops).get(name)
        if rows is None or not dot or below in rows.fields or not re.fullmatch(r"\w+", below):
            return ""
        return f"unknown field {below!r}; expected one of {', '.join(rows.fields) or 'none, there are none'}"

    def _slot(self, path: str) -> Slot | None:
        name, dot, below = path.partition(".")
        if not dot:
            return self._slots.get(name) if name not in dict(self._loops) else None
        rows = dict(self._loops).get(name)
        return None if rows is None else rows.fields.get(below)


class _Place:
    """Where in an HTML text one stands, read piece by piece: just enough of the HTML syntax to know what quotes mean."""

    def __init__(self) -> None:
        self.state = "text"  # text, tag, value, script, style, comment
        self.quote = ""
        self.attribute = ""
        self.value = ""
        self.word = ""
        self.tag = ""

    def read(self, text: str) -> None:
        index = 0
        while index < len(text):
            index = getattr(self, f"_{self.state}")(text, index)

    def complaint(self, expression: str, type_of: Callable[[str], str]) -> str:
        kind, of_base = type_of(expression), type_of(expression.partition("|")[0].strip())
        if self.state == "tag":
            return 'expected inside quotes, as in class="{{ ... }}"'
        if self.state in ("script", "style"):
            return f"values may not stand in a {self.state} element; use {'script.js' if self.state == 'script' else 'style.css'}"
        if of_base == "code":
            return "a variable of type code may stand only in script.js"
        if of_base == "list" and not _WRITTEN.search(expression) and not re.search(r"\|\s*size\s*\Z", expression):
            return "a list is written by a loop, as in {% for item in items %}"
        if of_base == "action" and not _WRITTEN.search(expression):
            return "expected the filter button, as in {{ primary | button: primary_label }}"
        return self._complaint_in_attribute(expression, kind, of_base) if self.state == "value" else ""

    def _complaint_in_attribute(self, expression: str, kind: str, of_base: str) -> str:
        written = _WRITTEN.search(expression)
        if self.attribute.startswith("on") or self.attribute == "srcdoc":
            return f"values may not stand in the attribute {self.attribute}"
        if of_base == "html":
            return "a variable of type html may not stand in an attribute"
        if written and written[1] == "button":
            return "the filter button writes a whole button; it may not stand in an attribute"
        if written and self.quote != "'":
            return "expected single quotes around a value with the filter json"
        if self.attribute == "style" and kind not in ("color", "number", "choice"):
            return "only variables of type color, number or choice may stand in a style attribute"
        if (
            self.attribute in _URL_ATTRIBUTES
            and not self.value.strip("\0 ")
            and kind not in ("url", "image")
            and not _ends_with(expression, "safe_url")
            and not _ends_with(expression, "tel")
        ):
            return f"expected the filter safe_url in the attribute {self.attribute}"
        return ""

    def passed_a_value(self) -> None:
        self.value += "\0"
        if self.state == "tag":
            self.word += "\0"

    def _text(self, text: str, index: int) -> int:
        start = text.find("<", index)
        if start < 0:
            return len(text)
        if text.startswith("<!--", start):
            self.state = "comment"
            return start + 4
        if text[start + 1 : start + 2].isalpha() or text[start + 1 : start + 2] in ("/", "!"):
            self.state, self.word, self.tag = "tag", "", ""
        return start + 1

    def _comment(self, text: str, index: int) -> int:
        end = text.find("-->", index)
        if end < 0:
            return len(text)
        self.state = "text"
        return end + 3

    def _tag(self, text: str, index: int) -> int:
        letter = text[index]
        if letter == ">":
            self.state = self.tag if self.tag in ("script", "style") else "text"
        elif letter in "\"'":
            self.state, self.quote, self.attribute, self.value = "value", letter, self.word.rstrip("=").lower(), ""
            self.word = ""
        elif letter.isspace():
            self.tag = self.tag or self.word.lower()
            if not self.word.endswith("="):
                self.word = ""
        else:
            self.word += letter
            if letter == "=":
                self.word = self.word.replace(" ", "")
        if letter == ">" and not self.tag and self.word.lower() in ("script", "style"):
            self.state = self.word.lower()
        return index + 1

    def _value(self, text: str, index: int) -> int:
        end = text.find(self.quote, index)
        if end < 0:
            self.value += text[index:]
            return len(text)
        self.state = "tag"
        return end + 1

    def _script(self, text: str, index: int) -> int:
        return self._raw("script", text, index)

    def _style(self, text: str, index: int) -> int:
        return self._raw("style", text, index)

    def _raw(self, name: str, text: str, index: int) -> int:
        end = text.lower().find(f"</{name}", index)
        if end < 0:
            return len(text)
        self.state, self.word, self.tag = "tag", "", "/"
        return end + len(name) + 2


def unguarded(text: str, filter_name: str) -> list[str]:
    """The outputs of ``text`` that do not end in this filter."""
    return [piece[1].strip() for piece in _PIECE.finditer(text) if piece[1] is not None and not _ends_with(piece[1], filter_name)]


def outputs(text: str) -> list[str]:
    """What stands between ``{{`` and ``}}``, in order."""
    return [piece[1].strip() for piece in _PIECE.finditer(text) if piece[1] is not None]


def _ends_with(expression: str, filter_name: str) -> bool:
    return re.search(rf"\|\s*{filter_name}\s*\Z", expression) is not None
