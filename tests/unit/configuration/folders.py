"""A small configuration folder to start from, and a compiler that makes predictable keys."""

from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.model.campaigns import Campaign, Project

SMALL: Sources = {
    "project.yaml": "id: shop\nname: Shop\ntime_zone: Asia/Tokyo\npurposes: [{name: record, default: unknown}]\n",
    "events/sale_view.yaml": (
        "from: view\nwhere: {field: path, op: starts, value: /sale}\nlabel: {ja: セール閲覧, en: Sale seen}\n"
    ),
    "segments/gold.yaml": "name: {ja: ゴールド, en: Gold}\nrule: {attribute: rank, op: '=', value: gold}\n",
    "segments/keen.yaml": "name: Keen\nrule: {event: sale_view, period: 7 days, op: '>=', value: 2}\n",
    "templates/card/template.yaml": (
        "kind: modal\nvariables:\n"
        "  title: {type: text}\n"
        "  url: {type: url, default: /}\n"
        "  accent: {type: color, default: '#27406b'}\n"
    ),
    "templates/card/body.liquid": '<h2>{{ title }}</h2><a href="{{ url }}">go</a>',
    "templates/card/style.css": ":host { --omo-accent: {{ accent }} }",
    "campaigns/hello.yaml": (
        "name: Hello\nstate: live\ntrigger: {event: view}\n"
        "actions:\n  - {name: A, weight: 50%, template: card, texts: {title: Hi}}\n  - {holdout: 10%}\n"
    ),
}


def fresh_key(kind: str) -> str:
    return f"{kind}-key-0123456789"


def with_files(**files: str) -> Sources:
    """The small folder with other files: ``segments__gold`` stands for segments/gold.yaml."""
    return {**SMALL, **{f"{name.replace('__', '/')}.yaml": text for name, text in files.items()}}


def compile_small(previous: Project | None = None, version: int = 1, **files: str) -> Project:
    return compiled(with_files(**files), previous, version, fresh_key)


def hello(previous: Project | None = None, **files: str) -> Campaign:
    """The campaign ``hello`` of the small folder."""
    (found,) = (campaign for campaign in compile_small(previous, **files).campaigns if campaign.id == "hello")
    return found


def campaign(extra: str = "", actions: str = "  - {name: A, template: card, texts: {title: Hi}}\n") -> str:
    """The text of campaigns/hello.yaml with other lines."""
    return f"name: Hello\nstate: live\ntrigger: {{event: view}}\nactions:\n{actions}{extra}"


def problems(sources: Sources, previous: Project | None = None) -> list[Problem]:
    """What is wrong with these files."""
    try:
        compiled(sources, previous, 1, fresh_key)
    except Refused as refused:
        return list(refused.problems)
    return []


def told(**files: str) -> list[str]:
    """The problems of the small folder with other files, as they are printed."""
    return [str(problem) for problem in problems(with_files(**files))]
