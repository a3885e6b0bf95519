"""API tokens: keys for programs, with scopes and an end."""

from typing import Annotated, Any

from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from omotenashi.console.access import Change, Who
from omotenashi.console.desk import Desk
from omotenashi.console.errors import BadRequest, Forbidden, NotFound
from omotenashi.console.staff import entry, keys
from omotenashi.model.ids import Instant
from omotenashi.model.staff import EVERY_PROJECT, RIGHTS, Right, Token

DAY_MS = 86_400_000
LONGEST_DAYS = 366


class TokenListed(Struct):
    """A token. ``seen_at`` 0: not used yet; ``expires_at`` 0: never; ``made_by`` is the name of whoever made it."""

    id: str
    name: str
    scopes: tuple[Right, ...]
    everywhere: bool
    made_by: str
    made_at: Instant
    seen_at: Instant
    expires_at: Instant


class TokenMaking(Struct):
    """``scopes`` are rights; ``days``: how long it works, 0 for no end; ``everywhere``: for every project."""

    name: str
    scopes: tuple[Right, ...]
    days: Annotated[int, Meta(ge=0, le=LONGEST_DAYS)] = 90
    everywhere: bool = False


class TokenMade(Struct):
    """``key`` goes into the header Authorization: Bearer. It is shown this one time."""

    token: TokenListed
    key: str


class EndedToken(Struct):
    """The token that works no more."""

    id: str


def routes(desk: Desk) -> list[HTTPRouteHandler]:
    """Handlers for ``/api/projects/{project}/tokens``."""

    def listed(token: Token) -> TokenListed:
        maker = desk.staff.accounts.account(token.made_by)
        return TokenListed(
            token.id,
            token.name,
            token.scopes,
            token.project == EVERY_PROJECT,
            maker.name if maker is not None else token.made_by,
            token.made_at,
            token.seen_at,
            token.expires_at,
        )

    def places(project: str, who: Who) -> list[str]:
        return [desk.project(project).id, *([EVERY_PROJECT] if who.may("admin", EVERY_PROJECT) else [])]

    @get("/api/projects/{project:str}/tokens", opt={"needs": "admin"}, sync_to_thread=True)
    def tokens(project: FromPath[str], who: NamedDependency[Who]) -> list[TokenListed]:
        """The project's tokens, the newest first; those that ended are listed until they are removed."""
        return [listed(token) for place in places(project, who) for token in desk.staff.accounts.tokens(place)]

    @post("/api/projects/{project:str}/tokens", opt={"needs": "admin"}, sync_to_thread=True)
    def make(
        project: FromPath[str], data: JSONBody[TokenMaking], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> TokenMade:
        """Make a token. It may do nothing that whoever makes it may not do."""
        place = EVERY_PROJECT if data.everywhere else desk.project(project).id
        name = entry.checked_name(data.name)
        scopes: tuple[Right, ...] = tuple(right for right in RIGHTS if right in data.scopes)
        if not scopes:
            raise BadRequest("scopes", f"expected at least one of {', '.join(RIGHTS)}")
        if missing := {*scopes, "admin"} - who.rights(place):
            raise Forbidden("scopes", f"nobody gives what they do not have: you lack {' and '.join(sorted(missing))}")
        key, now = keys.TOKEN_PREFIX + keys.fresh(), desk.clock()
        ends = Instant(now + data.days * DAY_MS if data.days else 0)
        token = Token(keys.hashed(key), keys.fresh_id("tok"), place, name, scopes, who.id, now, Instant(0), ends)
        desk.staff.accounts.put_token(token)
        request.state.audit = Change("token", name, None, {"scopes": scopes, "days": data.days, "everywhere": data.everywhere})
        return TokenMade(listed(token), key)

    @delete("/api/projects/{project:str}/tokens/{token:str}", opt={"needs": "admin"}, status_code=200, sync_to_thread=True)
    def end(
        project: FromPath[str], token: FromPath[str], who: NamedDependency[Who], request: Request[Any, Any, Any]
    ) -> EndedToken:
        """End a token, at once."""
        for place in places(project, who):
            found = next((one for one in desk.staff.accounts.tokens(place) if one.id == token), None)
            if found is not None and desk.staff.accounts.drop_token(place, token):
                request.state.audit = Change("token", found.name, {"scopes": found.scopes}, None)
                return EndedToken(token)
        raise NotFound("token", f"there is no token {token!r}")

    return [tokens, make, end]
