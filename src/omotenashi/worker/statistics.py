"""Which statistics a configuration counts, and which of them began with it."""

from collections.abc import Iterator

from omotenashi.engine.statistics import used_by
from omotenashi.model.campaigns import Project, Variable
from omotenashi.model.ids import StatisticId
from omotenashi.model.rules import Statistic


def counted(project: Project) -> dict[StatisticId, Statistic]:
    """Every statistic that a segment, an audience or a text's variable of the project reads."""
    found: dict[StatisticId, Statistic] = {}
    for rule in project.segments.values():
        found |= used_by(rule, project.segments)
    for campaign in project.campaigns:
        found |= used_by(campaign.audience, project.segments)
    for variable in _variables(project):
        if variable.statistic is not None:
            found[variable.statistic.id] = variable.statistic
    return found


def born_in(project: Project) -> dict[StatisticId, Statistic]:
    """Those whose count begins with this version."""
    return {name: statistic for name, statistic in counted(project).items() if project.statistics.get(name) == project.version}


def _variables(project: Project) -> Iterator[Variable]:
    for campaign in project.campaigns:
        for action in campaign.actions:
            for variable in action.variables.values():
                yield variable
                if variable.key is not None:
                    yield variable.key
