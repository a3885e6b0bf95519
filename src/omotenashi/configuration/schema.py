"""The JSON Schema of every kind of file, made from ``kinds``; and the check that says all that is wrong at once.

Run as a module it writes the schemas that editors read: ``python -m omotenashi.configuration.schema spec``.
"""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from omotenashi.model.rules import Aggregate, Op

from .documents import Document, joined
from .kinds import KINDS, ButtonSource, RowsSource
from .problems import Problem

Schema = dict[str, Any]

_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean"]}
_RULES: Final[Schema] = {"type": "array", "items": {"$ref": "#/$defs/Rule"}}
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_WHEN: Final[Schema] = {
    "anyOf": [
        {"type": "object", "properties": {"date": _TEXT}, "required": ["date"], "additionalProperties": False},
        {"type": "object", "properties": {"ago": _TEXT}, "required": ["ago"], "additionalProperties": False},
        {"type": "object", "properties": {"today": {"type": "integer"}}, "required": ["today"], "additionalProperties": False},
    ]
}
_COMPARISON: Final[Schema] = {
    "op": {"enum": [*(op.value for op in Op), "ever"], "default": "="},
    "value": {"anyOf": [_SCALAR, {"type": "array", "items": {"anyOf": [_SCALAR, _WHEN]}}, *_WHEN["anyOf"]]},
}
_STATISTIC: Final[Schema] = {
    "event": _TEXT,
    "field": {**_TEXT, "description": "a field of the event, dotted"},
    "aggregate": {
        "enum": [aggregate.value for aggregate in Aggregate],
        "description": "count when there is no field, last when there is one",
    },
    "period": {
        "anyOf": [
            {"enum": ["all", "session", "previous_session"]},
            {"type": "string", "pattern": "^[1-9][0-9]* (hours?|days?|weeks?)$"},
            {
                "type": "object",
                "properties": {"between": {"type": "array", "items": _TEXT, "minItems": 2, "maxItems": 2}},
                "required": ["between"],
                "additionalProperties": False,
            },
        ],
        "default": "all",
    },
    "where": {"$ref": "#/$defs/Rule"},
}


def _node(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


_BY_HAND: Final[dict[str, Schema]] = {
    "Rule": {
        "title": "Rule",
        "description": "A condition; a list means all of them.",
        "anyOf": [
            _RULES,
            _node({"all": _RULES}, "all"),
            _node({"any": _RULES}, "any"),
            _node({"not": {"$ref": "#/$defs/Rule"}}, "not"),
            _node({"segment": _TEXT}, "segment"),
            _node({"list": _TEXT}, "list"),
            _node({**_STATISTIC, **_COMPARISON}, "event"),
            _node({"field": _TEXT, **_COMPARISON}, "field"),
            _node({"fact": _TEXT, **_COMPARISON}, "fact"),
            _node({"attribute": _TEXT, **_COMPARISON}, "attribute"),
            _node({"consent": _TEXT, **_COMPARISON}, "consent"),
        ],
    },
    "Pattern": {
        "title": "Pattern",
        "description": "A path such as /sale*, an address such as https://shop.example/sale*, or {rule: ...} over the page view.",
        "anyOf": [{"type": "string", "pattern": r"^(/|\*|https?://)[^?#]*$"}, _node({"rule": {"$ref": "#/$defs/Rule"}}, "rule")],
    },
    "Filling": {
        "title": "Filling",
        "description": "What is put into a template's variable: a text, a button's action, or a list; its type decides.",
        "anyOf": [
            _SCALAR,
            {"$ref": "#/$defs/Bilingual"},
            {"type": "array", "items": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Filling"}}},
            {"$ref": "#/$defs/Rows"},
            {"$ref": "#/$defs/Button"},
        ],
    },
    "Statistic": {"title": "Statistic", "description": "What is counted, summed or remembered.", **_node(_STATISTIC, "event")},
}


@cache
def definitions() -> dict[str, Schema]:
    """Every ``$defs`` entry, by name: one per kind of file (``Campaign``) and one per part of it."""
    _, components = msgspec.json.schema_components([*KINDS.values(), ButtonSource, RowsSource], ref_template="#/$defs/{name}")
    text = json.dumps(components).replace("Source", "")
    found = cast(dict[str, Schema], json.loads(text))
    for schema in found.values():
        if "description" in schema:
            schema["description"] = " ".join(str(schema["description"]).replace("``", "`").split())
    return {**found, **_BY_HAND}


def schema_of(kind: str) -> Schema:
    """The self-contained JSON Schema (draft 2020-12) of one kind of file, such as ``campaign``."""
    known = definitions()
    root = KINDS[kind].__name__.removesuffix("Source")
    needed = {root}
    waiting = [root]
    while waiting:
        for name in re.findall(r'"#/\$defs/(\w+)"', json.dumps(known[waiting.pop()])):
            if name not in needed:
                needed.add(name)
                waiting.append(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Omotenashi: {kind}",
        "$ref": f"#/$defs/{root}",
        "$defs": {name: known[name] for name in sorted(needed)},
    }


def published() -> dict[str, Schema]:
    """The files of ``spec/`` that this module writes, by name."""
    files = {f"config/{kind}.schema.json": schema_of(kind) for kind in KINDS}
    files["config.schema.json"] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Omotenashi: every kind of configuration file; point an editor at one of $defs, or at the files in config/",
        "anyOf": [{"$ref": f"#/$defs/{kind.__name__.removesuffix('Source')}"} for kind in KINDS.values()],
        "$defs": dict(sorted(definitions().items())),
    }
    return files


def printed(schema: Schema) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def check(kind: type[Struct], file: str, document: Document) -> list[Problem]:
    """Everything in ``document`` that its kind does not allow.

    What stands in rules is not looked at, nor what is put into variables: ``parse`` and ``fillings`` do.
    """
    return [Problem(file, document.line(path), path, message) for path, message in wrong_in(kind, document.data)]


def wrong_in(kind: type[Struct], data: Any, path: str = "") -> list[tuple[str, str]]:
    """What a part of a file does not allow, each with its place."""
    return list(_wrong(definitions()[kind.__name__.removesuffix("Source")], data, path))


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}
_WORDS: Final = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}


def _is(data: Any, kind: str) -> bool:
    return isinstance(data, _TYPES[kind]) and not (isinstance(data, bool) and kind in ("integer", "number"))


def _shown(data: Any) -> str:
    for kind, words in _WORDS.items():
        if kind in ("object", "array") and _is(data, kind):
            return words
    text = "nothing" if data is None else json.dumps(data, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _expected(schema: Schema) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "description" in schema and schema.get("type") != "object":
        return str(schema["description"])
    if "$ref" in schema:
        return "{" + ", ".join(definitions()[schema["$ref"].rpartition("/")[2]].get("required", ["..."])) + "}"
    return _WORDS[schema["type"]]


def _wrong(schema: Schema, data: Any, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in _BY_HAND:
            yield from _wrong(definitions()[name], data, path)
        return
    if "anyOf" in schema:
        yield from _wrong_union(schema["anyOf"], data, path)
        return
    if "enum" in schema:
        if data not in schema["enum"] or isinstance(data, bool):
            yield path, f"expected {_expected(schema)}; found {_shown(data)}"
        return
    if "type" not in schema:
        return
    if not _is(data, schema["type"]):
        yield path, f"expected {_expected(schema)}; found {_shown(data)}"
    elif isinstance(data, dict):
        yield from _wrong_mapping(schema, cast(dict[str, Any], data), path)
    elif isinstance(data, list):
        items = cast(list[Any], data)
        if len(items) < schema.get("minItems", 0):
            yield path, f"expected {_expected(schema)}; found none"
        for index, item in enumerate(items):
            yield from _wrong(schema["items"], item, f"{path}[{index}]")
    elif not _fits(schema, data):
        yield path, f"expected {_expected(schema)}; found {_shown(data)}"


def _fits(schema: Schema, data: Any) -> bool:
    if isinstance(data, str):
        if not schema.get("minLength", 0) <= len(data) <= schema.get("maxLength", sys.maxsize):
            return False
        return "pattern" not in schema or (re.search(schema["pattern"], data) is not None and "\n" not in data)
    return not (data < schema.get("minimum", data) or data > schema.get("maximum", data))


def _wrong_union(choices: list[Schema], data: Any, path: str) -> Iterator[tuple[str, str]]:
    resolved = [definitions()[c["$ref"].rpartition("/")[2]] if "$ref" in c else c for c in choices]
    fitting = [choice for choice in resolved if "type" in choice and _is(data, choice["type"])]
    if not fitting:
        yield path, f"expected {' or '.join(dict.fromkeys(_expected(choice) for choice in choices))}; found {_shown(data)}"
        return
    complaints = [list(_wrong(choice, data, path)) for choice in fitting]
    if all(complaints):
        yield from complaints[0]


def _wrong_mapping(schema: Schema, data: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    properties: dict[str, Schema] = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in data:
            yield joined(path, name), "is missing"
    for name, value in data.items():
        below = joined(path, name)
        if name in properties:
            yield from _wrong(properties[name], value, below)
        elif rest is False:
            yield below, f"unknown key; expected one of {', '.join(properties)}"
        elif isinstance(rest, dict):
            names = schema.get("propertyNames")
            if names is not None and not _fits(names, name):
                yield below, f"expected {names['description']}"
            yield from _wrong(cast(Schema, rest), value, below)


def main() -> None:
    """Write the published schemas below the folder that the command line names."""
    target = Path(sys.argv[1])
    for name, schema in published().items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(printed(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
