"""Every route that the OpenAPI document names, asked by everybody: who may, who may not, and for whom it does not exist."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import House, console
from tests.unit.console.personas import Persona, everybody, nobodies

from omotenashi.console.access import needs
from omotenashi.console.permissions import table
from omotenashi.model.staff import EVERY_PROJECT, Right

ROOT = Path(__file__).resolve().parents[3]
Operation = tuple[str, str, tuple[str, ...]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with console(tmp_path_factory.mktemp("permissions")) as one:
        assert one.apply(SMALL)[0] == 200
        elsewhere = {**SMALL, "project.yaml": SMALL["project.yaml"].replace("id: shop", "id: elsewhere")}
        assert one.apply(elsewhere)[0] == 200
        yield one


def operations(house: House) -> list[Operation]:
    """(method, path, what it needs) of every operation of the OpenAPI document."""
    handlers = {
        (method, route.path_format): handler
        for route in house.client.app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in getattr(handler, "http_methods", ())
    }
    document: dict[str, Any] = house.client.get("/openapi/openapi.json").json()
    return [
        (method.upper(), path, needs(handlers[method.upper(), path]))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def expected(persona: Persona, path: str, wanted: tuple[str, ...]) -> int:
    """The status with which they are refused; 0 for those who are not."""
    if "open" in wanted:
        return 0
    if persona.kind == "nobody":
        return 401
    place = "shop" if "{project}" in path else EVERY_PROJECT
    rights = persona.grants.get(place, frozenset()) | persona.grants.get(EVERY_PROJECT, frozenset())
    if place == "shop" and not {"shop", EVERY_PROJECT} & persona.grants.keys():
        return 404
    if {"member", "machine"} & {*wanted} - {persona.kind}:
        return 403
    return 403 if {*wanted} & {*get_args(Right)} - rights else 0


def address(path: str) -> str:
    """The path with the project ``shop``, and things that are not there."""
    return path.replace("{project}", "shop").replace("{", "not-").replace("}", "")


def test_the_document_names_every_route(house: House) -> None:
    served = {
        (method, route.path_format)
        for route in house.client.app.routes
        for method in getattr(route, "methods", ())
        if route.path_format.startswith("/api/") and method != "OPTIONS"
    }
    hidden = {("GET", "/api/session/openid"), ("GET", "/api/session/openid/callback")}
    named = {(method, path) for method, path, _ in operations(house)}
    assert {one for one in served if one[0] != "HEAD"} - named == hidden


def test_everybody_is_let_in_exactly_where_they_may(house: House) -> None:
    wrong: list[str] = []
    for persona in [*everybody(house), *nobodies(house)]:
        for method, path, wanted in operations(house):
            refused = expected(persona, path, wanted)
            if not refused and (path.endswith("/stream") or (method, path) == ("DELETE", "/api/session")):
                continue  # a stream does not end, and the session is needed still
            body = None if method == "GET" else {}
            response = persona.send(house, method, address(path), body)
            answer = response.json() if refused else {}
            told = answer.get("error", {}).get("where") if response.status_code == 404 else ""
            if refused and (response.status_code != refused or told not in ("", "project")):
                wrong.append(f"{persona.name} {method} {path}: expected {refused}, got {response.status_code}")
            if not refused and response.status_code in (401, 403):
                wrong.append(f"{persona.name} {method} {path}: expected to be let in, got {response.status_code} {response.text}")
    assert wrong == []


def test_another_projects_things_are_not_found_from_here(house: House) -> None:
    """Whoever may do everything in one project finds nothing of the other under its own address."""
    (outsider,) = [one for one in everybody(house) if one.name == "outsider"]
    (admin,) = [one for one in everybody(house) if one.name == "admin"]
    made = outsider.ask(house, "POST", "/api/projects/elsewhere/tokens", {"name": "Robot", "scopes": ["read"]})[1]
    invited = outsider.ask(house, "POST", "/api/projects/elsewhere/invitations", {"role": "viewer"})[1]
    for path in (f"tokens/{made['token']['id']}", f"invitations/{invited['id']}", "members/staff_outsider"):
        assert admin.ask(house, "DELETE", f"/api/projects/shop/{path}")[0] == 404
    unknown = admin.ask(house, "GET", "/api/projects/nowhere/members")
    other = admin.ask(house, "GET", "/api/projects/elsewhere/members")
    assert unknown[0] == other[0] == 404
    assert unknown[1]["error"]["message"].replace("nowhere", "elsewhere") == other[1]["error"]["message"]


def test_the_list_of_projects_is_that_of_whoever_asks(house: House) -> None:
    seen = {one.name: [project["id"] for project in one.ask(house, "GET", "/api/projects")[1]] for one in everybody(house)}
    assert seen["owner"] == seen["machine"] == seen["token-of-all"] == ["elsewhere", "shop"]
    assert seen["viewer"] == seen["token-of-read"] == ["shop"]
    assert seen["outsider"] == ["elsewhere"]
    assert seen["guest-of-none"] == []


def test_the_list_of_what_each_route_needs_is_as_it_is_written_down(house: House) -> None:
    lines = table(house.client.app)
    text = (ROOT / "docs" / "reference" / "permissions.md").read_text("utf-8")
    written = [line for line in text.splitlines() if line.startswith("| `")]
    assert written == lines, "write it anew: python -m omotenashi.console.permissions docs/reference/permissions.md"
