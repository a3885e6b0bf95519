"""What a project calls its things, in both languages: campaigns, segments, derived events, actions."""

from typing import Any

from msgspec import Struct

from omotenashi.model.campaigns import Project

from .documents import read
from .folder import Sources


class Called(Struct, frozen=True):
    """One name in each language; the same one twice where the file has only one."""

    ja: str
    en: str


class Vocabulary(Struct, frozen=True):
    """Names by id. An action is called by its name inside its campaign; a derived event without a label by its own name."""

    project: Called
    campaigns: dict[str, Called]
    segments: dict[str, Called]
    events: dict[str, Called]
    actions: dict[str, Called]


def vocabulary(project: Project, sources: Sources) -> Vocabulary:
    """The names that the files of a project in force give."""

    def by_id(folder: str, field: str) -> dict[str, Called]:
        start, end = f"{folder}/", ".yaml"
        names = {path.removeprefix(start).removesuffix(end): path for path in sources if path.startswith(start)}
        return {name: _called(sources[path], field, name) for name, path in sorted(names.items()) if path.endswith(end)}

    actions = {str(action.id): Called(action.name, action.name) for campaign in project.campaigns for action in campaign.actions}
    whole = _called(sources.get("project.yaml", ""), "name", project.name)
    return Vocabulary(whole, by_id("campaigns", "name"), by_id("segments", "name"), by_id("events", "label"), actions)


def _called(text: str, field: str, otherwise: str) -> Called:
    document = read("", text, [])
    data: Any = document.data if document is not None else None
    words: Any = data.get(field) if isinstance(data, dict) else None
    if isinstance(words, dict):
        return Called(str(words.get("ja") or otherwise), str(words.get("en") or otherwise))
    return Called(str(words or otherwise), str(words or otherwise))
