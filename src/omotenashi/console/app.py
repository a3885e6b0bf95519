"""The staff API, put together."""

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from .access import bearer
from .desk import Desk
from .errors import answer
from .routes import backfills, backups, config, events, health, people, questions, recipes, switches, templates, test_links

LARGEST_BODY = 64 * 1024 * 1024
"""A configuration folder of the largest size, as JSON."""

NOUNS = (config, people, questions, recipes, templates, switches, test_links, backfills, events, backups, health)


def build(desk: Desk, token: str, version: str) -> Litestar:
    """The ASGI application. Every route wants ``token`` except ``/health``."""
    handlers: list[HTTPRouteHandler] = [handler for noun in NOUNS for handler in noun.routes(desk)]
    guard = bearer(token)
    for handler in handlers:
        if not (handler.opt or {}).get("open"):
            handler.guards = [*(handler.guards or ()), guard]
    return Litestar(
        handlers,
        exception_handlers={Exception: answer},
        cors_config=CORSConfig(allow_origins=[]),
        openapi_config=OpenAPIConfig("Omotenashi console", version, path="/openapi", render_plugins=[JsonRenderPlugin()]),
        request_max_body_size=LARGEST_BODY,
        logging_config=None,
        debug=False,
    )
