"""YAML with other data in it, in which whatever did not change stands as somebody wrote it: comments, order, quotes, braces."""

import io
import re
from difflib import SequenceMatcher
from typing import Any, Final, cast

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import LiteralScalarString

from . import documents
from .recipe import written

LARGEST: Final = 200_000
"""Longer texts are laid out anew: the careful way is slow."""
_SHORT: Final = 100
_INDENTED_LIST: Final = re.compile(r"^( *)[^ #\n-][^\n]*:[ ]*\n\1 +- ", re.MULTILINE)


class _Astray(Exception):
    """The text's tree is not the data that was read from it."""


def relaid(text: str, data: dict[str, Any]) -> str:
    """The text changed so that it reads as ``data``; all of it is laid out anew when it cannot be kept."""
    before = _read(text)
    if before is not None and same(before, data):
        return text
    if isinstance(before, dict) and len(text) <= LARGEST:
        try:
            fresh, kept = _edited(text, cast(dict[str, Any], before), data)
        except (_Astray, YAMLError, ValueError, TypeError):
            return written(data)
        for candidate in (kept, fresh):
            if same(_read(candidate), data):
                return candidate
    return written(data)


def same(one: Any, other: Any) -> bool:
    """Equal in value and type: 1 is not true, nor 1.0."""
    return msgspec.json.encode(one, order="deterministic") == msgspec.json.encode(other, order="deterministic")


def _read(text: str) -> Any:
    document = documents.read("", text, [])
    return None if document is None else document.data


def _edited(text: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    """The changed text, and the same with the lines that did not change as they stood."""
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 1_000_000
    if _INDENTED_LIST.search(text):
        writer.indent(mapping=2, sequence=4, offset=2)
    tree = writer.load(text)
    usual = _dumped(writer, tree)
    _update(tree, before, after)
    fresh = _dumped(writer, tree)
    old, common = text.splitlines(keepends=True), usual.splitlines(keepends=True)
    if len(old) != len(common):
        return fresh, fresh
    lines = fresh.splitlines(keepends=True)
    kept: list[str] = []
    for what, start, end, first, last in SequenceMatcher(None, common, lines, autojunk=False).get_opcodes():
        kept += old[start:end] if what == "equal" else lines[first:last]
    return fresh, "".join(kept)


def _dumped(writer: YAML, tree: Any) -> str:
    buffer = io.StringIO()
    writer.dump(tree, buffer)
    return buffer.getvalue()


def _update(tree: Any, before: Any, after: Any) -> None:
    if isinstance(before, dict):
        _update_mapping(tree, cast(dict[str, Any], before), cast(dict[str, Any], after))
    else:
        _update_list(tree, cast(list[Any], before), cast(list[Any], after))


def _update_mapping(tree: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    keys = {str(key): key for key in tree}
    if set(keys) != set(before):
        raise _Astray
    for name in before.keys() - after.keys():
        del tree[keys[name]]
    for name, value in after.items():
        if name not in before:
            tree[name] = _fresh(value, False)
        elif not same(before[name], value):
            tree[keys[name]] = _changed(tree[keys[name]], before[name], value)


def _update_list(tree: Any, before: list[Any], after: list[Any]) -> None:
    if len(tree) != len(before):
        raise _Astray
    start = 0
    while start < min(len(before), len(after)) and same(before[start], after[start]):
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and same(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = len(before) - start - end, len(after) - start - end
    for index in range(start, start + min(old, new)):
        tree[index] = _changed(tree[index], before[index], after[index])
    for index in range(start + old, start + new):
        tree.insert(index, _fresh(after[index], False))
    for _ in range(new, old):
        del tree[start + new]


def _changed(node: Any, before: Any, after: Any) -> Any:
    alike = isinstance(after, dict) if isinstance(before, dict) else isinstance(before, list) and isinstance(after, list)
    if alike and before and after:
        _update(node, before, after)
        return node
    return _fresh(after, False)


def _fresh(data: Any, inside_flow: bool) -> Any:
    """Data as a new part of the tree; short collections on one line."""
    if isinstance(data, dict | list):
        flat = inside_flow or len(msgspec.json.encode(data).decode()) <= _SHORT
        built: Any = CommentedMap() if isinstance(data, dict) else CommentedSeq()
        if isinstance(data, dict):
            for key, value in cast(dict[str, Any], data).items():
                built[key] = _fresh(value, flat)
        else:
            built.extend(_fresh(value, flat) for value in cast(list[Any], data))
        (built.fa.set_flow_style if flat else built.fa.set_block_style)()
        return built
    if isinstance(data, str) and "\n" in data and not inside_flow:
        return LiteralScalarString(data)
    return data
