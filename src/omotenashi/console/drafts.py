"""Drafts and documents as the staff API tells them."""

from typing import Any, Literal

from msgspec import Struct

from omotenashi.configuration.merging import Step
from omotenashi.configuration.names import Called
from omotenashi.configuration.papers import Kind
from omotenashi.configuration.problems import Problem
from omotenashi.configuration.saying import Edit, Said
from omotenashi.model.ids import Instant

State = Literal["open", "submitted"]


class Mark(Struct):
    """That there is a draft, in a list."""

    revision: int
    base_version: int
    author_name: str
    updated_at: Instant
    state: State


class DocumentLine(Struct):
    """A document in the list of all. ``version`` is the one that last changed it, 0 for a document that is only a draft."""

    kind: Kind
    id: str
    path: str
    name: Called
    version: int
    version_changed_at: Instant
    draft: Mark | None


class Draft(Struct):
    """What somebody is changing. ``document`` is its data, None while the text cannot be read.

    ``revision`` is what the next change has to name; ``base_version`` the version in force that it was made from.
    ``problems`` would keep it from being published. ``submitted_by`` and ``submitted_name`` are "" while it is open.
    """

    kind: Kind
    id: str
    path: str
    revision: int
    base_version: int
    document: Any
    text: str
    author: str
    author_name: str
    updated_at: Instant
    state: State
    comment: str
    submitted_by: str
    submitted_name: str
    problems: tuple[Problem, ...]
    merged: bool = False
    """Whether somebody else's change was taken in when this was saved."""


class Document(Struct):
    """A document as it is in force, ``document`` and ``text`` as of ``version``; None and "" for one that is only a draft.

    ``changed_in`` is the version that last changed it. ``approval``: publishing needs a second person's yes.
    """

    kind: Kind
    id: str
    path: str
    name: Called
    version: int
    changed_in: int
    version_changed_at: Instant
    document: Any
    text: str
    draft: Draft | None
    problems: tuple[Problem, ...]
    approval: bool


class Contested(Struct):
    """A place that two people changed, in data and in words."""

    path: str
    steps: tuple[Step, ...]
    base: Any
    mine: Any
    theirs: Any
    base_said: Said
    mine_said: Said
    theirs_said: Said


class Dispute(Struct):
    """Two people's changes that do not go together. ``document`` holds both, with mine where they clash.

    ``against``: the other is a ``draft``, to be answered with its ``revision``, or what was published as ``version`` meanwhile.
    """

    kind: Kind
    id: str
    against: Literal["draft", "version"]
    draft: Draft | None
    version: int
    document: Any
    clashes: list[Contested]


class Version(Struct):
    """A version in which a document changed. ``what`` happened to it; ``edits`` say how, against the version before."""

    version: int
    applied_at: Instant
    comment: str
    author: str
    what: Literal["add", "change", "remove"]
    edits: list[Edit]


class DocumentDiff(Struct):
    """What differs between two versions of a document. Version 0 is the draft."""

    start: int
    end: int
    edits: list[Edit]
    before: str
    after: str
