"""Whatever the OpenAPI document allows, and what it does not, is sent to every route: none breaks, and all refuse in one form.

``OMOTENASHI_EXAMPLES`` asks for more examples of each route (a twentieth of it) than the few of everyday.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, TOKEN, House, console
from tests.unit.console.personas import CHEAP
from tests.unit.warehouse.made import Loader, event

from omotenashi.console.asked import Warehouse
from omotenashi.console.staff.passwords import Passwords
from omotenashi.model.profiles import Profile
from omotenashi.warehouse.store import open_store

EXAMPLES = max(4, int(os.environ.get("OMOTENASHI_EXAMPLES", "0")) // 20)
THERE = {
    "project": ["shop"],
    "campaign": ["hello"],
    "name": ["hanako", "card", "gold"],
    "kind": ["campaigns", "segments", "project", "public"],
    "id": ["hello", "gold", "shop"],
    "recipe": ["welcome"],
    "event": ["view", "buy"],
}
"""What exists, for parts of paths that nobody would guess."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    store = open_store(tmp_path_factory.mktemp("warehouse"))
    loader = Loader(store, ("hello",))
    loader.load(event("hanako", "view", {"path": "/tea"}, at=NOON), event("hanako", "buy", {"revenue": 1200}, at=NOON))
    with console(tmp_path_factory.mktemp("anything"), Warehouse(store, lambda: loader.position)) as one:
        assert one.apply(SMALL)[0] == 200
        one.staff.passwords = Passwords(CHEAP)
        one.shelf.profiles["hanako"] = Profile("hanako", first_seen_at=NOON, last_at=NOON, now=NOON)  # type: ignore[arg-type]
        yield one
    store.close()


def wrong(house: House, case: Any, there: dict[str, str]) -> str:
    """What was wrong with the answer, "" when nothing was."""
    path = case.operation.path
    for name, value in {**case.path_parameters, **{name: there[name] for name in case.path_parameters if name in there}}.items():
        path = path.replace(f"{{{name}}}", _quoted(value))
    given: dict[str, Any] = {}
    if case.body is not NOT_SET:
        given = {"content": case.body} if isinstance(case.body, bytes) else {"content": msgspec.json.encode(_plain(case.body))}
    headers = {"Authorization": f"Bearer {TOKEN}", **({"Content-Type": case.media_type} if case.media_type else {})}
    query = {name: _plain(value) for name, value in (case.query or {}).items() if _is_scalar(value)}
    answer = house.client.request(case.operation.method.upper(), path, params=query, headers=headers, **given)
    told = f"{case.operation.method.upper()} {path} {query} {str(given)[:300]}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 500:
        return told
    if answer.status_code >= 400:
        error = answer.json().get("error", {})
        if not (error.get("code") and error.get("message") and len(error.get("id", "")) == 12):
            return told
    return ""


def _quoted(value: Any) -> str:
    return quote(str(value), safe="") or "x"


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _plain(value: Any) -> Any:
    """The value as JSON has it: texts that no text can be are replaced."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_plain(name): _plain(one) for name, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case bytes():
            return value.decode("latin-1")
        case _:
            return value


def test_nothing_that_is_sent_breaks_a_route_and_every_refusal_has_the_one_form(house: House) -> None:
    schema = schemathesis.openapi.from_dict(house.client.get("/openapi/openapi.json").json())
    found: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]
        if operation.path.endswith("/stream"):
            continue  # it does not end
        both = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        )
        @given(case=both, there=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in THERE.items()}))
        def ask(case: Any, there: dict[str, str]) -> None:
            if told := wrong(house, case, there):
                found.append(told)

        ask()
    assert found == []
