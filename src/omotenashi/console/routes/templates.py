"""Templates as a form asks for them, and as they look in the project's theme."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from omotenashi.configuration import documents, gallery, liquid
from omotenashi.configuration.folder import Sources
from omotenashi.configuration.gallery import Form
from omotenashi.configuration.kinds import Language
from omotenashi.configuration.samples import PURPOSES, Sample, examples, sample
from omotenashi.console.desk import Desk
from omotenashi.console.errors import NotFound
from omotenashi.console.scenery import with_art
from omotenashi.model.campaigns import Project


class Parts(Struct):
    """A template as it is written: the texts of its files, by part. ``own``: it is the project's, and may be changed."""

    name: str
    own: bool
    files: dict[str, str]


class Liquid(Struct):
    """What a template's body may say: filters and tags by name."""

    filters: list[str]
    tags: list[str]


_MOST_SAMPLES = 500
"""How many drawn samples are kept: a gallery in two languages is fifty of one version."""


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/templates``."""
    samples: dict[tuple[str, int, str, str], Sample] = {}

    @get("/api/projects/{project:str}/templates", opt={"needs": "read"}, sync_to_thread=True)
    def templates(project: FromPath[str]) -> list[Form]:
        """Every template that a campaign of this project can use: its own, and the built-in ones."""
        own = _own(_sources(desk, desk.project(project)))
        return [gallery.form(name, own.get(name)) for name in sorted({*own, *gallery.names()})]

    @get("/api/projects/{project:str}/templates/{name:str}", opt={"needs": "read"}, sync_to_thread=True)
    def template(project: FromPath[str], name: FromPath[str]) -> Form:
        """One template's form."""
        return gallery.form(name, _files(_sources(desk, desk.project(project)), name))

    @get("/api/projects/{project:str}/templates/{name:str}/sample", opt={"needs": "read"}, sync_to_thread=True)
    def sampled(project: FromPath[str], name: FromPath[str], language: FromQuery[Language] = "ja") -> Sample:
        """What a visitor's page would be sent, filled with the template's examples."""
        found = desk.project(project)
        drawn = samples.get((found.id, found.version, name, language))
        if drawn is None:
            sources = _sources(desk, found)
            document = documents.read("project.yaml", sources["project.yaml"], [])
            theme = {} if document is None else document.data.get("theme", {})
            files = _files(sources, name)
            texts = with_art(examples(gallery.sources(name) if files is None else files))
            drawn = sample(name, language=language, texts=texts, project={**PURPOSES, "theme": theme}, files=files)
            if len(samples) >= _MOST_SAMPLES:
                samples.clear()
            samples[found.id, found.version, name, language] = drawn
        return drawn

    @get("/api/projects/{project:str}/templates/{name:str}/parts", opt={"needs": "read"}, sync_to_thread=True)
    def parts(project: FromPath[str], name: FromPath[str]) -> Parts:
        """A template's own code: what one's own copy of it begins with."""
        files = _files(_sources(desk, desk.project(project)), name)
        return Parts(name, files is not None, dict(gallery.sources(name) if files is None else files))

    @get("/api/liquid", opt={"needs": "self"}, sync_to_thread=False)
    def liquid_words() -> Liquid:
        """The filters and tags that texts and templates may use."""
        return Liquid(liquid.filters(), liquid.tags())

    return [templates, template, sampled, parts, liquid_words]


def _sources(desk: Desk, project: Project) -> Sources:
    return desk.office.sources(project.id, project.version)


def _own(sources: Sources) -> dict[str, Sources]:
    """The parts of the project's own templates, by name."""
    found: dict[str, Sources] = {}
    for path, text in sources.items():
        if path.startswith("templates/"):
            _, name, part = path.split("/")
            found.setdefault(name, {})[part] = text
    return found


def _files(sources: Sources, name: str) -> Sources | None:
    """The parts of the project's own template; None for a built-in one. Raises ``NotFound``."""
    own = _own(sources)
    if name not in own and name not in gallery.names():
        raise NotFound("name", f"there is no template {name}")
    return own.get(name)
