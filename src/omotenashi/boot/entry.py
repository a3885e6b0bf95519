"""How people get into the console of a server that was started here: links that its own token asks for."""

from typing import Any

import httpx

from omotenashi import settings as setting
from omotenashi.settings import Settings

from .serving import Unfinished


def link_for(settings: Settings, console: str, mail: str = "") -> str:
    """The address that signs a member in once; without a mail address the one that makes the first account, "" if there is one.

    Raises ``Unfinished``.
    """
    found: str = _asked(settings, console, "/api/staff/links", {"mail": mail}).json()["url"]
    return found


def employ(settings: Settings, console: str, member: dict[str, Any]) -> None:
    """Make an account, unless there is one of this mail address. Raises ``Unfinished``."""
    known = _asked(settings, console, "/api/staff").json()
    if member["mail"] not in {one["mail"] for one in known}:
        _asked(settings, console, "/api/staff", member)


def _asked(settings: Settings, console: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    token = setting.secret(settings.data / "console.token")
    method = "GET" if body is None else "POST"
    try:
        answer = httpx.request(
            method, console + path, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False
        )
    except httpx.HTTPError as error:
        raise Unfinished(f"the console does not answer on {console}: {type(error).__name__}") from error
    if not answer.is_success:
        raise Unfinished(f"the console refused {path}: {answer.text}")
    return answer
