"""YAML as people expect it: ``no`` and ``09:00`` are words, dates stay text, a key stands once, places have lines.

The YAML 1.2 core schema on top of PyYAML's parser. Aliases and tags are refused: a configuration says what it says.
"""

import math
import re
from typing import Any, Final

import yaml
from msgspec import Struct

from .problems import Problem

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE: Final = frozenset(("true", "True", "TRUE"))
_FALSE: Final = frozenset(("false", "False", "FALSE"))
_INT: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_DEEPEST: Final = 40


class Document(Struct, frozen=True):
    """A file's data, and the line on which each path begins."""

    data: Any
    lines: dict[str, int]

    def line(self, path: str) -> int:
        """The line of ``path``, or of the nearest place around it."""
        while path not in self.lines and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path, 0)


def read(file: str, text: str, problems: list[Problem]) -> Document | None:
    """The document in ``text``; None when it is not YAML, which ``problems`` then says."""
    before = len(problems)
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problems.append(Problem(file, mark.line + 1 if mark else 0, "", f"not YAML: {error.problem or error.context}"))
        return None
    except (yaml.YAMLError, RecursionError) as error:
        problems.append(Problem(file, 0, "", f"not YAML: {str(error).splitlines()[0]}"))
        return None
    lines: dict[str, int] = {}
    data = None if node is None else _built(node, "", 0, lines, file, problems, set())
    return Document(data, lines) if len(problems) == before else None


def joined(path: str, key: str) -> str:
    """The path of ``key`` below ``path``."""
    return f"{path}.{key}" if path else key


def _built(
    node: yaml.Node, path: str, depth: int, lines: dict[str, int], file: str, problems: list[Problem], seen: set[int]
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(path, line)
    if id(node) in seen or depth > _DEEPEST:
        problems.append(Problem(file, line, path, "expected plain YAML without aliases, not nested deeper than 40"))
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(Problem(file, key_node.start_mark.line + 1, path, "expected a word as a key"))
                continue
            key = str(key_node.value)
            below = joined(path, key)
            if key in built:
                problems.append(Problem(file, key_node.start_mark.line + 1, below, "this key stands here twice"))
            lines[below] = key_node.start_mark.line + 1
            built[key] = _built(value_node, below, depth + 1, lines, file, problems, seen)
        return built
    if isinstance(node, yaml.SequenceNode):
        return [_built(item, f"{path}[{index}]", depth + 1, lines, file, problems, seen) for index, item in enumerate(node.value)]
    return _scalar(node, path, file, problems)


def _scalar(node: yaml.Node, path: str, file: str, problems: list[Problem]) -> Any:
    text = str(node.value)
    if isinstance(node, yaml.ScalarNode) and node.style:  # quoted, literal or folded: text; the C parser says "" for plain
        return text
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        number = float(text)
        if not math.isfinite(number):
            problems.append(Problem(file, node.start_mark.line + 1, path, "expected a finite number"))
        return number
    return text
