"""Recipes: which there are, what installing one would add, what the site does not send yet, and installing it."""

from typing import Any, Literal

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from omotenashi.configuration import documents
from omotenashi.configuration import recipe as recipes
from omotenashi.configuration.compile import compiled
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.kinds import Bilingual
from omotenashi.configuration.layout import relaid
from omotenashi.configuration.plan import Changes, plan
from omotenashi.configuration.problems import Refused
from omotenashi.configuration.recipe import Recipe, UnknownRecipe, Values
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NeedsApproval, NotFound
from omotenashi.engine.rules import parse
from omotenashi.ledger.port import Outdated
from omotenashi.model.campaigns import Project

from .rules import known


class Listed(Struct):
    """A recipe in the list of all."""

    name: str
    scenario: int
    label: Bilingual
    description: Bilingual


class Installing(Struct):
    """What the parameters are; ``prefix`` begins the ids. ``version`` is the one the plan spoke of, 0 for whichever is next.

    ``replace`` overwrites files of the same ids. ``state`` draft: its campaigns are shown to those who test, and to nobody else.
    """

    parameters: dict[str, Any] = {}
    prefix: str = ""
    replace: bool = False
    version: int = 0
    state: Literal["live", "draft"] = "live"


class Missing(Struct):
    """Something that the recipe needs and nobody has sent in the last 30 days; ``missing`` names the parts that never came."""

    event: str
    fields: tuple[str, ...]
    missing: list[str]
    why: Bilingual
    snippet: str


class Installation(Struct):
    """What installing changes, with which parameters, and what the site has to send still."""

    recipe: str
    parameters: Values
    sources: Sources
    changes: Changes
    missing: list[Missing]


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/recipes`` and ``/api/projects/{project}/recipes``."""

    def proposal(project: str, name: str, asked: Installing) -> tuple[Project, Sources, Installation]:
        """The project with the recipe in it, its files, and what that means. Raises ``Refused`` and ``NotFound``."""
        before = desk.project(project)
        wanted = _recipe(name)
        if asked.version and asked.version != before.version + 1:
            raise Outdated(f"project {before.id}: version {asked.version} cannot follow {before.version}; plan it again")
        values = recipes.filled(wanted, asked.parameters, before.language)
        added = recipes.sources(wanted, values, asked.prefix)
        if asked.state == "draft":
            added = {path: _drafted(path, text) for path, text in added.items()}
        existing = desk.office.sources(before.id, before.version)
        added = recipes.lacking(added, existing)
        if not asked.replace and (clashes := recipes.clashes(added, existing)):
            raise Refused(clashes)
        added |= _purposed(wanted, existing["project.yaml"])
        sources = {**existing, **added}
        after = compiled(sources, before, before.version + 1, desk.fresh_key)
        missing = [one for need in recipes.needed(wanted, values) if (one := not_received(after, need)).missing]
        changes = plan((before, existing), (after, sources))
        return after, sources, Installation(wanted.name, values, added, changes, missing)

    def not_received(project: Project, need: recipes.Needed) -> Missing:
        """The need, with what of it nobody has sent lately."""
        now, names = desk.clock(), known(project)
        absent: list[str] = []
        for name, rule in need.rules.items():
            parsed = parse.rule(rule, "person", names)
            if not isinstance(parsed, list) and not desk.questions.size(project, parsed, now).people:
                absent.append(name)
        return Missing(need.event, need.fields, absent, need.why, need.snippet)

    @get("/api/recipes", opt={"needs": "self"}, sync_to_thread=True)
    def listed() -> list[Listed]:
        """Every recipe, in the order of the scenarios."""
        found = [recipes.recipe(name) for name in recipes.names()]
        return [Listed(one.name, one.scenario, one.label, one.description) for one in found]

    @get("/api/recipes/{recipe:str}", opt={"needs": "self"}, sync_to_thread=True)
    def shown(recipe: FromPath[str]) -> Recipe:
        """A recipe: its parameters, what it needs, and the files it fills."""
        return _recipe(recipe)

    @post(
        "/api/projects/{project:str}/recipes/{recipe:str}/plan",
        opt={"needs": "edit", "audited": False},
        status_code=200,
        sync_to_thread=True,
    )
    def planned(project: FromPath[str], recipe: FromPath[str], data: JSONBody[Installing]) -> Installation:
        """What installing would change, and what the site does not send yet. Nothing is changed."""
        return proposal(project, recipe, data)[2]

    @post("/api/projects/{project:str}/recipes/{recipe:str}", opt={"needs": "edit"}, status_code=200, sync_to_thread=True)
    def installed(
        project: FromPath[str], recipe: FromPath[str], data: JSONBody[Installing], who: NamedDependency[Who]
    ) -> Installation:
        """Add the recipe to the project and put it in force; running edges take it over within a second."""
        with desk.publishing:
            after, sources, installation = proposal(project, recipe, data)
            harmless = data.state == "draft" and not data.replace
            if desk.project(project).approval and who.kind != "machine" and not harmless:
                raise NeedsApproval("state", "going live needs a second person's yes: install the recipe as a draft")
            if not installation.changes.is_empty:
                author = "" if who.kind == "machine" else who.name
                desk.office.apply(after, sources, desk.clock(), f"recipe {recipe}", author)
            return installation

    return [listed, shown, planned, installed]


def _purposed(wanted: Recipe, text: str) -> Sources:
    """``project.yaml`` with the purposes that the recipe needs; nothing where it has them."""
    document = documents.read("project.yaml", text, [])
    lacking = [] if document is None else recipes.lacking_purposes(wanted, document.data)
    if document is None or not lacking:
        return {}
    return {"project.yaml": relaid(text, {**document.data, "purposes": [*(document.data.get("purposes") or []), *lacking]})}


def _drafted(path: str, text: str) -> str:
    """The file of a campaign with its state turned to draft; any other as it is."""
    if not path.startswith("campaigns/"):
        return text
    document = documents.read(path, text, [])
    return text if document is None else relaid(text, {**document.data, "state": "draft"})


def _recipe(name: str) -> Recipe:
    """The recipe of this name. Raises ``NotFound``."""
    try:
        return recipes.recipe(name)
    except UnknownRecipe as error:
        raise NotFound("recipe", str(error)) from None
