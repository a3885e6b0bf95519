"""The staff API, put together."""

from litestar import Litestar, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from .access import AuditTrail, guard, needs, who
from .desk import Desk
from .errors import answer
from .headers import add_security_headers
from .routes import (
    account,
    assets,
    audit,
    backfills,
    backups,
    campaigns,
    catalogue,
    config,
    consents,
    documents,
    events,
    fittings,
    health,
    heatmaps,
    home,
    live,
    members,
    now,
    people,
    people_profile,
    people_recordings,
    people_search,
    people_stream,
    preview,
    questions,
    recipes,
    recordings,
    replay,
    report,
    rules,
    search,
    segments,
    session,
    setup,
    site,
    staff,
    support,
    switches,
    tables,
    templates,
    test_links,
    theme,
    tokens,
    viewings,
)
from .speaking import Spoken
from .streams import LOOK_AGAIN_SECONDS, Streams

LARGEST_BODY = 64 * 1024 * 1024
"""A configuration folder of the largest size, as JSON."""

NOUNS = (
    config,
    documents,
    campaigns,
    home,
    now,
    people,
    people_profile,
    people_recordings,
    people_search,
    people_stream,
    consents,
    support,
    recordings,
    viewings,
    heatmaps,
    live,
    replay,
    search,
    questions,
    report,
    catalogue,
    recipes,
    templates,
    switches,
    test_links,
    fittings,
    backfills,
    events,
    backups,
    health,
    rules,
    segments,
    tables,
    preview,
    assets,
    theme,
    session,
    setup,
    account,
    members,
    tokens,
    audit,
    staff,
    site,
)


def build(desk: Desk, version: str, look_again: float = LOOK_AGAIN_SECONDS) -> Litestar:
    """The ASGI application. Raises ``ValueError`` for a route that does not say what it needs.

    Every ``look_again`` seconds it is looked whether those who listen to a stream may still.
    """
    admit = guard(desk)
    handlers: list[HTTPRouteHandler] = []
    for noun in NOUNS:
        for handler in noun.routes(desk):
            needs(handler)
            handler.opt["operation"] = f"{noun.__name__.rpartition('.')[2]}.{handler.handler_name}"
            handler.guards = [*(handler.guards or ()), admit]
            handlers.append(handler)
    return Litestar(
        [Router("/", route_handlers=handlers)],  # all methods of a path at once: one by one, the earlier ones are wrapped again
        dependencies={"who": Provide(who, sync_to_thread=False)},
        middleware=[DefineMiddleware(AuditTrail, desk=desk), DefineMiddleware(Streams, admit=admit, look_again=look_again)],
        response_class=Spoken,
        before_send=[add_security_headers],
        exception_handlers={Exception: answer},
        cors_config=CORSConfig(allow_origins=[]),
        compression_config=CompressionConfig("gzip", minimum_size=1_000, exclude=["/stream$"]),
        openapi_config=OpenAPIConfig("Omotenashi console", version, path="/openapi", render_plugins=[JsonRenderPlugin()]),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        debug=False,
    )
