"""A message before it is published: the page that draws it, and what a visitor's page would be sent."""

from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from omotenashi.configuration import gallery, previews
from omotenashi.configuration.gallery import PARTS, Form
from omotenashi.configuration.kinds import Language
from omotenashi.configuration.problems import Problem, Refused
from omotenashi.configuration.render import Unrendered
from omotenashi.console.access import Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import Forbidden, NotFound
from omotenashi.engine.plan import Plan, build
from omotenashi.engine.retelling import in_order, retold
from omotenashi.model.campaigns import Display, Project
from omotenashi.model.ids import PersonId
from omotenashi.model.profiles import Profile

from .people import LONGEST_STORY

POLICY: Final = (
    "sandbox allow-scripts allow-forms; default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src * data: blob:; media-src *; font-src * data:; base-uri *; form-action 'none'; frame-ancestors 'self'"
)
"""The page belongs to nobody: it has an origin of its own, no cookies, and can neither ask nor send anything."""
PAGE: Final = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><title>Preview</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light; --line: #e8e4dc; --soft: #f3f0ea; --paper: #fff; }
:root[data-omotenashi-theme=dark] { color-scheme: dark; --line: #2c2f35; --soft: #22252a; --paper: #17191d; }
body { margin: 0; background: var(--paper); font: 15px system-ui, sans-serif; }
header { display: flex; align-items: center; gap: 20px; padding: 0 24px; height: 56px; border-bottom: 1px solid var(--line); }
header b { width: 92px; height: 14px; border-radius: 7px; background: var(--line); }
nav { display: flex; gap: 14px; margin-left: auto; padding: 8px; }
nav i { width: 44px; height: 8px; border-radius: 4px; background: var(--line); }
main { padding: 24px; }
.goods { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 20px; }
.goods p { display: grid; gap: 10px; margin: 0; }
.goods p::before { content: ""; aspect-ratio: 4 / 3; border-radius: 6px; background: var(--soft); }
.goods p::after { content: ""; width: 60%; height: 8px; border-radius: 4px; background: var(--line); }
</style></head>
<body><header><b></b><nav><i></i><i></i><i></i></nav></header>
<main><div class="goods"><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p><p></p></div></main>
<script src="/preview/preview.js"></script></body></html>
"""


class PreviewAsked(Struct):
    """An action as its file has it: template, texts, variables, display.

    ``theme`` stands instead of the project's; ``files`` are the parts of the project's own template while it is being written.
    ``values`` stand for variables, ``event`` names the trigger that they come from, and with ``person`` they are theirs.
    """

    action: dict[str, Any]
    language: Language = "ja"
    theme: dict[str, Any] | None = None
    files: dict[str, str] | None = None
    values: dict[str, Any] = {}
    event: str = ""
    person: str = ""


class ShownMessage(Struct):
    """A message as a visitor's page would be sent it."""

    kind: str
    html: str
    css: str
    script: str
    display: Display


class MessagePreview(Struct):
    """``message`` is None while something is wrong, which ``problems`` says by its place in the action (``texts.title``).

    ``site`` is where pictures with a relative address are found; ``values`` are those of the variables it was drawn with.
    ``form`` is what a template asks for while it is being written, None when its description cannot be read.
    """

    message: ShownMessage | None
    problems: tuple[Problem, ...]
    site: str
    values: dict[str, Any] = {}
    form: Form | None = None


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/preview`` and ``/api/projects/{project}/preview``."""

    @get("/preview", opt={"needs": "open"}, include_in_schema=False, sync_to_thread=False)
    def page() -> Response[bytes]:
        """A page of nobody's, in which one message is drawn."""
        return Response(PAGE.encode(), media_type="text/html", headers={"Content-Security-Policy": POLICY, **_KEPT})

    @get("/preview/preview.js", opt={"needs": "open"}, include_in_schema=False, sync_to_thread=False)
    def script() -> Response[bytes]:
        """What draws it: the tag's own frame."""
        props = desk.scenery.props
        if not props.script:
            raise NotFound("path", "preview.js is not built (make setup)")
        return Response(props.script, media_type="text/javascript", headers=_KEPT)

    @get("/preview/art/{name:str}", opt={"needs": "open"}, include_in_schema=False, sync_to_thread=False)
    def art(name: FromPath[str]) -> Response[bytes]:
        """A picture of an example."""
        drawn = desk.scenery.props.art.get(name)
        if drawn is None:
            raise NotFound("name", f"no picture {name!r}")
        return Response(drawn, media_type="image/svg+xml", headers=_KEPT | {"Content-Security-Policy": "sandbox"})

    @post(
        "/api/projects/{project:str}/preview",
        opt={"needs": "read", "audited": False},
        status_code=200,
        sync_to_thread=True,
    )
    def preview(project: FromPath[str], data: JSONBody[PreviewAsked], who: NamedDependency[Who]) -> MessagePreview:
        """What a visitor's page would be sent for this action, and everything that is wrong with it."""
        found = desk.project(project)
        if data.person and not who.may("people", project):
            raise Forbidden("person", f"this needs the right people for project {project}")
        site = desk.scenery.site(found)
        form = None if data.files is None else gallery.read_form(str(data.action.get("template", "")), data.files)
        try:
            prepared = previews.prepare(sources_of(desk, found, data), data.action, data.theme)
            values = {**values_of(desk, found, data, prepared), **data.values}
            drawn = previews.draw(prepared, data.language, values)
        except Refused as refused:
            return MessagePreview(None, refused.problems, site, form=form)
        except Unrendered as unrendered:
            return MessagePreview(None, (Problem("", 0, "texts", str(unrendered)),), site, form=form)
        shown = ShownMessage(drawn.kind, drawn.html, drawn.css, drawn.script, drawn.display)
        return MessagePreview(
            shown, (), site, {name: value for name, value in values.items() if name in prepared.action.variables}, form
        )

    return [page, script, art, preview]


# the page that asks has an origin of its own, which is nobody's site
_KEPT: Final = {"Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}


def sources_of(desk: Desk, project: Project, data: PreviewAsked) -> dict[str, str]:
    """The project's files, with the template that is being written in them."""
    sources = desk.office.sources(project.id, project.version)
    if data.files is None:
        return sources
    own = f"templates/{data.action.get('template', '')}/"
    kept = {path: text for path, text in sources.items() if not path.startswith(own)}
    return {**kept, **{own + part: text for part, text in data.files.items() if part in PARTS}}


def values_of(desk: Desk, project: Project, data: PreviewAsked, prepared: previews.Prepared) -> dict[str, Any]:
    """A value for every variable: a person's own where they have one, plausible ones for the rest."""
    values = previews.stand_ins(prepared, data.language, lambda one: desk.scenery.value(project, one, data.event))
    if not data.person:
        return values
    person, profile = desk.person(project, data.person)
    plan = desk.plan(project)
    told = build(prepared.project, plan.version)
    if not told.statistics.keys() <= plan.statistics.keys():
        profile, plan = _told_again(desk, project, person, told) or profile, told
    theirs = plan.context(prepared.action, profile, {}, desk.clock())
    return {**values, **{name: value for name, value in theirs.items() if value not in (None, [])}}


def _told_again(desk: Desk, project: Project, person: PersonId, plan: Plan) -> Profile | None:
    """The person with statistics that nobody has kept yet; None when there is too much to tell, or nothing."""
    whole = desk.questions.story(project, person, LONGEST_STORY + 1, None)
    if len(whole) > LONGEST_STORY:
        return None
    told = list(retold(in_order((line.position, line.entry) for line in whole), plan))
    return told[-1][2] if told else None
