"""The built-in templates: which there are, their files, the form that each asks one to fill in, and how it looks."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from msgspec import UNSET, Struct

from . import documents
from .folder import Sources
from .kinds import TemplateSource, TemplateVariable

PARTS: Final = ("template.yaml", "body.liquid", "style.css", "script.js")
"""The files that a template is made of; the last two, and the body of a script, may be missing."""
PREVIEW: Final = "preview.png"
_HOME: Final = Path(__file__).parent / "templates"


class Choice(Struct, frozen=True):
    """One value of a question's choices, and what it is called in Japanese and English."""

    value: str
    label: dict[str, str]


class Question(Struct, frozen=True, omit_defaults=True):
    """One variable as a form asks for it: labels in both languages, constraints where there are some."""

    name: str
    type: str
    label: dict[str, str]
    help: dict[str, str] | None = None
    default: Any = None
    example: Any = None
    must_be_filled: bool = False  # there is no default, or it may not be left empty
    min: float | None = None
    max: float | None = None
    max_length: int | None = None
    choices: tuple[Choice, ...] = ()
    fields: tuple["Question", ...] = ()
    min_items: int | None = None
    max_items: int | None = None


class Form(Struct, frozen=True):
    """A template as people meet it: what it is for, and everything that can be filled in."""

    name: str
    kind: str
    intent: str
    label: dict[str, str]
    description: dict[str, str]
    display: dict[str, Any]
    questions: tuple[Question, ...]


@cache
def names() -> tuple[str, ...]:
    """Every built-in template, by name."""
    return tuple(sorted(file.parent.name for file in _HOME.glob("*/template.yaml")))


@cache
def sources(name: str) -> Sources:
    """The files of a built-in template, by part. Raises ``KeyError`` for an unknown one."""
    if name not in names():
        raise KeyError(name)
    return {part: (_HOME / name / part).read_text("utf-8") for part in PARTS if (_HOME / name / part).is_file()}


@cache
def base() -> str:
    """The style that all templates share, below the theme's tokens; it travels with each message, so without its comments."""
    text = re.sub(r"/\*.*?\*/", "", (_HOME / "base.css").read_text("utf-8"), flags=re.DOTALL)
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def form(name: str, files: Sources | None = None) -> Form:
    """The form of a built-in template, or of one whose ``files`` are given. Raises ``KeyError`` for an unknown one."""
    given = sources(name) if files is None else files
    document = documents.read("template.yaml", given["template.yaml"], [])
    source = msgspec.convert(None if document is None else document.data, TemplateSource)
    return Form(
        name,
        source.kind,
        source.intent,
        _both(source.label, name),
        _both(source.description, ""),
        cast(dict[str, Any], msgspec.to_builtins(source.display)),
        _questions(source.variables),
    )


def read_form(name: str, files: Sources) -> Form | None:
    """The form of a template that is being written; None while its description cannot be read."""
    try:
        return form(name, files)
    except (KeyError, msgspec.ValidationError):
        return None


def _questions(variables: dict[str, TemplateVariable]) -> tuple[Question, ...]:
    return tuple(_question(name, described) for name, described in variables.items())


def _question(name: str, described: TemplateVariable) -> Question:
    return Question(
        name=name,
        type=described.type,
        label=_both(described.label, name),
        help=None if described.help is UNSET else _both(described.help, ""),
        default=None if described.default is UNSET else described.default,
        example=None if described.example is UNSET else described.example,
        must_be_filled=described.required or described.default is UNSET,
        min=None if described.min is UNSET else described.min,
        max=None if described.max is UNSET else described.max,
        max_length=None if described.max_length is UNSET else described.max_length,
        choices=tuple(Choice(choice.value, _both(choice.label, choice.value)) for choice in described.choices),
        fields=_questions(described.fields),
        min_items=None if described.min_items is UNSET else described.min_items,
        max_items=None if described.max_items is UNSET else described.max_items,
    )


def _both(words: Any, otherwise: str) -> dict[str, str]:
    if isinstance(words, str):
        return {"ja": words, "en": words}
    return {"ja": otherwise, "en": otherwise} if words is UNSET else {"ja": words.ja, "en": words.en}
