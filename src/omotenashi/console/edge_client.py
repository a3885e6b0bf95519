"""The edge's internal port, as the console speaks to it."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

import httpx

from omotenashi.model.ids import ProjectId

from .ports import EdgeRefused, EdgeUnreachable


class EdgeClient:
    """``address`` is asked before every request: the edge may have come back elsewhere. Implements ``ports.Edge``."""

    def __init__(self, address: Callable[[], str], token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._address = address
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False, transport=transport
        )

    async def send(self, request: dict[str, Any]) -> dict[str, Any]:
        return await self._asked("POST", "/internal/events", request)

    async def erase(self, request: dict[str, Any]) -> dict[str, Any]:
        return await self._asked("POST", "/internal/erase", request)

    async def refusals(self, project: ProjectId) -> dict[str, Any]:
        return await self._asked("GET", f"/internal/refusals?{urlencode({'project': project})}", None)

    async def fitting(self, request: dict[str, Any]) -> dict[str, Any]:
        return await self._asked("POST", "/internal/fittings", request)

    async def support_code(self, request: dict[str, Any]) -> dict[str, Any]:
        return await self._asked("POST", "/internal/support-codes", request)

    async def health(self) -> dict[str, Any]:
        return await self._asked("GET", "/internal/health", None, unwell=True)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _asked(self, method: str, path: str, body: Any, unwell: bool = False) -> dict[str, Any]:
        url = self._address()
        try:
            response = await self._client.request(method, url + path, json=body)
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EdgeUnreachable(f"the edge does not answer on {url}: {type(error).__name__}") from error
        if not response.is_success and not (unwell and "healthy" in answer):
            told = answer.get("error", {})
            raise EdgeRefused(
                response.status_code, told.get("code", "internal"), told.get("message", "no reason given"), told.get("where", "")
            )
        return cast(dict[str, Any], answer)
