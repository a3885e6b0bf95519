"""Staff find a person by the code that they read out, and cannot guess one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import House, console

LOOK = "/api/projects/shop/support-codes/look"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        assert one.apply(SMALL)[0] == 200
        one.edge.codes["012345"] = "hanako"
        yield one


def lines(house: House) -> list[Any]:
    told = house.ask("GET", "/api/projects/shop/audit")[1]
    return [line for line in told["lines"] if line["operation"] == "support.look"]


def test_the_code_leads_to_the_person_and_the_audit_log_says_so(house: House) -> None:
    assert house.ask("POST", LOOK, {"code": "012345"}) == (200, {"person": "hanako"})
    assert house.ask("POST", LOOK, {"code": "999999"}) == (200, {"person": ""})
    wrong, found = lines(house)
    assert (found["object"], wrong["object"]) == ("hanako", "")
    assert "012345" not in str(lines(house))


def test_ten_wrong_codes_are_enough_even_when_a_right_one_is_between_them(house: House) -> None:
    for number in range(10):
        assert house.ask("POST", LOOK, {"code": f"{number:06}"})[0] == 200
        assert house.ask("POST", LOOK, {"code": "012345"})[0] == (200 if number < 9 else 429)
    status, told = house.ask("POST", LOOK, {"code": "012345"})
    assert (status, told["error"]["code"]) == (429, "too_many")


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "１２３４５６", "", "012345\n"])
def test_what_is_no_code_is_refused_by_its_field(house: House, code: str) -> None:
    status, told = house.ask("POST", LOOK, {"code": code})
    assert (status, told["error"]["where"]) == (400, "code")
