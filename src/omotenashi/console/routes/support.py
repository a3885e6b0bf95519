"""Whose support code is it? Asked by staff who are on the telephone with a visitor."""

from typing import Annotated, Any, Final

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.staff.attempts import Attempts

CODE: Final = r"^[0-9]{6}$"


class CodeRead(Struct):
    """The six digits that the visitor read out."""

    code: Annotated[str, Meta(pattern=CODE, max_length=6, description="six digits")]


class CodeFound(Struct):
    """``person`` is "" when it is nobody's code, or not any more."""

    person: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/support-codes``."""
    attempts = Attempts(lambda: desk.clock())

    @post("/api/projects/{project:str}/support-codes/look", opt={"needs": "people"}, status_code=200)
    async def look(
        project: FromPath[str], data: JSONBody[CodeRead], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> CodeFound:
        """The person who sees this code. Ten wrong codes in a quarter of an hour are too many; each look is audited."""
        found = desk.project(project)
        attempts.check(who.id, who.id)
        told = await desk.edge.support_code({"project": found.id, "code": data.code})
        person = str(told["person"])
        if not person:
            attempts.failed(who.id, who.id)
        request.state.audit = Change("person", person, None, {"support_code": "found" if person else "wrong"})
        return CodeFound(person)

    return [look]
