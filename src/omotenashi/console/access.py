"""Who may speak to the console: whoever holds the token, until there are logins."""

import hmac
from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler


def bearer(token: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]:
    """A guard that lets a request pass when its Authorization header is ``Bearer`` and this token."""
    wanted = f"bearer {token}".encode()

    def guard(connection: ASGIConnection[Any, Any, Any, Any], route: BaseRouteHandler) -> None:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if not hmac.compare_digest(f"{scheme.lower()} {given.strip()}".encode(), wanted):
            raise NotAuthorizedException("expected the header Authorization: Bearer, and the token of DATA/console.token")

    return guard
