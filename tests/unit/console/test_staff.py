"""Getting in, staying in, being put out; what is written down about it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from pyotp.totp import TOTP
from tests.unit.configuration.folders import SMALL
from tests.unit.console.consoles import NOON, TOKEN, House, console
from tests.unit.console.personas import CHEAP, PASSWORD, Persona, machine, member, owner, signed_in, token

from omotenashi.console.staff import entry
from omotenashi.console.staff.attempts import OF_ACCOUNT, OF_ADDRESS, WINDOW_MS
from omotenashi.console.staff.passwords import Passwords
from omotenashi.console.staff.room import IDLE_MS, LONGEST_MS
from omotenashi.ledger.port import StorageFailed
from omotenashi.model.ids import Instant
from omotenashi.model.staff import Grant

HANAKO = {"mail": "hanako@shop.example", "name": "Hanako", "password": PASSWORD, "language": "ja"}


class Watch:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> Instant:
        return self.now

    def later(self, ms: int) -> None:
        self.now = Instant(self.now + ms)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with console(tmp_path) as one:
        one.staff.passwords = Passwords(CHEAP)
        one.apply(SMALL)
        yield one


@pytest.fixture
def watch(house: House) -> Watch:
    watch = Watch()
    house.staff.clock = watch
    house.staff.attempts = type(house.staff.attempts)(watch)
    return watch


def post(house: House, path: str, body: Any, **headers: str) -> Any:
    return house.client.post(path, json=body, headers=headers)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def behind(url: str) -> str:
    """The secret of a link."""
    return url.partition("#")[2]


def cookies(house: House, response: Any) -> str:
    """The session's secret that an answer set, and forget it on this client."""
    secret = response.cookies[house.staff.cookie]
    house.client.cookies.clear()
    return secret


# Setting up


def test_the_first_account_is_made_by_a_link_that_works_once(house: House) -> None:
    asked = machine().ask(house, "POST", "/api/staff/links", {})[1]["url"]
    assert asked.startswith("http://testserver.local/setup#")
    assert house.client.get("/api/session").json() == {"set_up": False, "openid": ""}
    answer = post(house, "/api/setup", {"link": behind(asked), **HANAKO})
    assert (answer.status_code, answer.json()["everywhere"]) == (200, ["read", "edit", "admin", "people", "recordings", "sql"])
    secret = cookies(house, answer)
    assert "Secure" not in answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    assert house.client.get("/api/me", headers=signed_in(house, secret)).json()["name"] == "Hanako"
    assert house.client.get("/api/session").json()["set_up"]
    assert code(post(house, "/api/setup", {"link": behind(asked), **HANAKO, "mail": "taro@shop.example"})) == (404, "not_found")
    assert machine().ask(house, "POST", "/api/staff/links", {})[1] == {"url": ""}


def test_a_setup_link_is_too_old_after_a_day(house: House, watch: Watch) -> None:
    link = behind(entry.setup_link(house.staff))
    watch.later(entry.SETUP_HOURS * entry.HOUR_MS)
    assert code(post(house, "/api/setup", {"link": link, **HANAKO})) == (404, "not_found")
    assert code(post(house, "/api/setup/look", {"link": link})) == (404, "not_found")


def test_two_setup_links_make_one_account(house: House) -> None:
    """A newer link replaces the older one, and whoever comes second finds the door closed."""
    older, newer = behind(entry.setup_link(house.staff)), behind(entry.setup_link(house.staff))
    assert code(post(house, "/api/setup", {"link": older, **HANAKO})) == (404, "not_found")
    assert post(house, "/api/setup", {"link": newer, **HANAKO}).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("mail", "hanako", "mail"),
        ("mail", "hanako@shop .example", "mail"),
        ("name", "  ", "name"),
        ("password", "short", "password"),
        ("password", "aaaaaaaaaaaaaaaa", "password"),
        ("password", "Password1234", "password"),
        ("password", "hanakohanako", "password"),
        ("password", "hanako123456!", "password"),
        ("password", "hanako@shop.example", "password"),
        ("password", "abcdefghijklm", "password"),
        ("password", "123456789012", "password"),
        ("password", "x" * 600, "password"),
        ("language", "fr", "language"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_named(house: House, field: str, value: str, where: str) -> None:
    answer = post(house, "/api/setup", {"link": behind(entry.setup_link(house.staff)), **HANAKO, field: value})
    assert (answer.status_code, answer.json()["error"]["where"]) == (400, where)
    assert not house.staff.accounts.anybody()


# Passwords


def test_signing_in_and_out(house: House) -> None:
    member(house, "hanako", Grant("shop", "viewer"))
    answer = post(house, "/api/session", {"mail": " Hanako@shop.example", "password": PASSWORD})
    assert [project["id"] for project in answer.json()["projects"]] == ["shop"]
    headers = signed_in(house, cookies(house, answer))
    assert house.client.get("/api/projects/shop/switches", headers=headers).status_code == 200
    assert house.client.request("DELETE", "/api/session", headers=headers).json() == {"ended": True}
    house.client.cookies.clear()
    assert code(house.client.get("/api/me", headers=headers)) == (401, "unauthorized")


def test_an_unknown_mail_address_and_a_wrong_password_look_the_same(house: House) -> None:
    member(house, "hanako")
    wrong = post(house, "/api/session", {"mail": "hanako@shop.example", "password": "x" * 12}).json()["error"]
    unknown = post(house, "/api/session", {"mail": "nobody@shop.example", "password": "x" * 12}).json()["error"]
    assert (wrong["code"], wrong["message"]) == (unknown["code"], unknown["message"])
    assert wrong["code"] == "sign_in_refused"


async def test_a_password_is_compared_for_an_unknown_mail_address_too() -> None:
    """What takes the time is done in both cases: the hash of nobody's password is verified."""
    compared: list[str] = []

    class Counting(type(CHEAP)):  # type: ignore[misc]
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            compared.append(str(hash))
            return super().verify(hash, password)

    passwords = Passwords(Counting(time_cost=1, memory_cost=8, parallelism=1))
    assert not await passwords.is_right("the password of nobody", "")
    assert len(compared) == 1


def test_an_account_that_failed_too_often_waits_and_then_may_try_again(house: House, watch: Watch) -> None:
    member(house, "hanako")
    wrong, right = ({"mail": "hanako@shop.example", "password": one} for one in ("x" * 12, PASSWORD))
    for _ in range(OF_ACCOUNT):
        assert code(post(house, "/api/session", wrong)) == (401, "sign_in_refused")
    answer = post(house, "/api/session", right)
    assert code(answer) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= WINDOW_MS // 1000 + 1
    member(house, "taro")
    assert post(house, "/api/session", {"mail": "taro@shop.example", "password": PASSWORD}).status_code == 200
    watch.later(int(answer.headers["retry-after"]) * 1000)
    assert post(house, "/api/session", right).status_code == 200


def test_an_address_that_tries_many_accounts_waits(house: House, watch: Watch) -> None:
    for number in range(OF_ADDRESS):
        post(house, "/api/session", {"mail": f"{number}@shop.example", "password": "x" * 12})
    member(house, "hanako")
    assert code(post(house, "/api/session", {"mail": "hanako@shop.example", "password": PASSWORD})) == (429, "too_many")
    watch.later(WINDOW_MS)
    assert post(house, "/api/session", {"mail": "hanako@shop.example", "password": PASSWORD}).status_code == 200


def test_a_new_password_wants_the_old_one_and_ends_all_other_sessions(house: House) -> None:
    here, elsewhere = member(house, "hanako"), member(house, "hanako")
    fresh = "another walk to the tea house"
    assert here.ask(house, "POST", "/api/me/password", {"current": "x" * 12, "password": fresh})[0] == 400
    assert here.ask(house, "POST", "/api/me/password", {"current": PASSWORD, "password": fresh}) == (200, {"sessions": 1})
    assert here.ask(house, "GET", "/api/me")[0] == 200
    assert elsewhere.ask(house, "GET", "/api/me")[0] == 401
    assert post(house, "/api/session", {"mail": "hanako@shop.example", "password": PASSWORD}).status_code == 401
    assert post(house, "/api/session", {"mail": "hanako@shop.example", "password": fresh}).status_code == 200


def test_whoever_forgot_the_password_gets_in_by_a_link_and_sets_another(house: House, watch: Watch) -> None:
    member(house, "hanako")
    asked = machine().ask(house, "POST", "/api/staff/links", {"mail": "HANAKO@shop.example"})[1]["url"]
    answer = post(house, "/api/session/link", {"link": behind(asked)})
    here = Persona("hanako", signed_in(house, cookies(house, answer)), {}, "member")
    assert here.ask(house, "POST", "/api/me/password", {"current": "", "password": "another walk to the tea house"})[0] == 200
    assert code(post(house, "/api/session/link", {"link": behind(asked)})) == (404, "not_found")
    again = machine().ask(house, "POST", "/api/staff/links", {"mail": "hanako@shop.example"})[1]["url"]
    watch.later(entry.SIGN_IN_MINUTES * 60_000)
    assert code(post(house, "/api/session/link", {"link": behind(again)})) == (404, "not_found")
    assert machine().ask(house, "POST", "/api/staff/links", {"mail": "nobody@shop.example"})[0] == 404


# Sessions


def test_a_session_ends_when_it_is_not_used_and_in_any_case_after_a_month(house: House, watch: Watch) -> None:
    idle, busy = member(house, "hanako"), member(house, "hanako")
    for _ in range(LONGEST_MS // IDLE_MS):
        watch.later(IDLE_MS)
        assert busy.ask(house, "GET", "/api/me")[0] == 200
    assert idle.ask(house, "GET", "/api/me")[0] == 401
    watch.later(1)
    assert busy.ask(house, "GET", "/api/me")[0] == 401


def test_sessions_are_listed_with_device_and_address_and_ended_one_by_one(house: House) -> None:
    here, lost, third = (member(house, "hanako") for _ in range(3))
    listed = here.ask(house, "GET", "/api/me/sessions")[1]
    assert sorted((one["device"], one["address"]) for one in listed)[0] == ("A browser of the tests", "192.0.2.7")
    assert [one["current"] for one in listed].count(True) == 1
    (lost_id,) = [one["id"] for one in lost.ask(house, "GET", "/api/me/sessions")[1] if one["current"]]
    assert here.ask(house, "DELETE", f"/api/me/sessions/{lost_id}")[0] == 200
    assert lost.ask(house, "GET", "/api/me")[0] == 401
    assert here.ask(house, "DELETE", f"/api/me/sessions/{lost_id}")[0] == 404
    assert here.ask(house, "DELETE", "/api/me/sessions") == (200, {"sessions": 1})
    assert third.ask(house, "GET", "/api/me")[0] == 401
    assert here.ask(house, "GET", "/api/me")[0] == 200


def test_nobody_ends_the_session_of_somebody_else(house: House) -> None:
    hanako, taro = member(house, "hanako"), member(house, "taro")
    (theirs,) = hanako.ask(house, "GET", "/api/me/sessions")[1]
    assert taro.ask(house, "DELETE", f"/api/me/sessions/{theirs['id']}")[0] == 404
    assert hanako.ask(house, "GET", "/api/me")[0] == 200


def test_only_hashes_of_secrets_are_kept(house: House, tmp_path: Path) -> None:
    here = owner(house)
    link = behind(entry.sign_in_link(house.staff, house.staff.accounts.accounts()[0]))
    key = here.ask(house, "POST", "/api/projects/shop/tokens", {"name": "Robot", "scopes": ["read"]})[1]["key"]
    secret = here.headers["Cookie"].partition("=")[2]
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("staff.db*"))
    assert b"owner@shop.example" in kept
    for one in (secret, link, key, PASSWORD):
        assert one.encode() not in kept


# The pages of other sites


def test_a_change_in_a_session_needs_the_header_that_only_our_pages_know(house: House) -> None:
    headers = member(house, "hanako", Grant("shop", "editor")).headers
    send = {"cookie": headers["Cookie"]}
    stop = {"messages_stopped": True}
    assert house.client.get("/api/projects/shop/switches", headers=send).status_code == 200
    for said in ({}, {"x-csrf-token": "wrong"}):
        assert code(post(house, "/api/projects/shop/switches", stop, **send, **said)) == (403, "forbidden")
    send["x-csrf-token"] = house.client.get("/api/me", headers=send).json()["csrf"]
    for said in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
    ):
        assert code(post(house, "/api/projects/shop/switches", stop, **send, **said)) == (403, "forbidden")
    assert not house.office.switches("shop").messages_stopped  # type: ignore[arg-type]
    ours = {"origin": "http://testserver.local", "sec-fetch-site": "same-origin"}
    assert post(house, "/api/projects/shop/switches", stop, **send, **ours).status_code == 200


def test_no_page_of_another_site_signs_anybody_in(house: House) -> None:
    member(house, "hanako")
    body = {"mail": "hanako@shop.example", "password": PASSWORD}
    assert code(post(house, "/api/session", body, origin="https://evil.example")) == (403, "forbidden")


def test_every_answer_tells_the_browser_what_to_refuse(house: House) -> None:
    for path in ("/api/me", "/api/nothing", "/health"):
        headers = house.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
    assert house.client.get("/api/me").headers["cache-control"] == "no-store"


# The second factor


def with_second_factor(house: House, hanako: Persona) -> tuple[str, list[str]]:
    """The app's secret, and the recovery codes."""
    begun = hanako.ask(house, "POST", "/api/me/second-factor", {"password": PASSWORD})[1]
    shown = TOTP(begun["secret"]).at(house.staff.clock() // 1000)
    status, told = hanako.ask(house, "PUT", "/api/me/second-factor", {"code": shown})
    assert status == 200
    return begun["secret"], told["codes"]


def test_a_second_factor_is_asked_for_once_a_code_of_it_was_confirmed(house: House, watch: Watch) -> None:
    hanako, elsewhere = member(house, "hanako"), member(house, "hanako")
    password = {"mail": "hanako@shop.example", "password": PASSWORD}
    assert hanako.ask(house, "POST", "/api/me/second-factor", {"password": "x" * 12})[0] == 400
    begun = hanako.ask(house, "POST", "/api/me/second-factor", {"password": PASSWORD})[1]
    assert begun["picture"].startswith("<svg")
    assert begun["uri"].startswith("otpauth://totp/Omotenashi:hanako%40shop.example?secret=")
    assert hanako.ask(house, "PUT", "/api/me/second-factor", {"code": "000000"})[0] == 400
    assert post(house, "/api/session", password).status_code == 200
    house.client.cookies.clear()
    secret, _ = with_second_factor(house, hanako)
    assert elsewhere.ask(house, "GET", "/api/me")[0] == 401
    assert code(post(house, "/api/session", password)) == (401, "code_needed")
    assert code(post(house, "/api/session", {**password, "code": "123456"})) == (401, "code_refused")
    watch.later(30_000)
    shown = TOTP(secret).at(watch.now // 1000)
    assert post(house, "/api/session", {**password, "code": f"{shown[:3]} {shown[3:]}"}).status_code == 200


def test_a_code_works_once_and_so_does_none_before_it(house: House, watch: Watch) -> None:
    hanako = member(house, "hanako")
    secret, _ = with_second_factor(house, hanako)
    password = {"mail": "hanako@shop.example", "password": PASSWORD}
    confirmed = TOTP(secret).at(watch.now // 1000)
    assert code(post(house, "/api/session", {**password, "code": confirmed})) == (401, "code_refused")
    earlier, later = TOTP(secret).at(watch.now // 1000 + 30), TOTP(secret).at(watch.now // 1000 + 60)
    watch.later(60_000)
    assert post(house, "/api/session", {**password, "code": later}).status_code == 200
    assert code(post(house, "/api/session", {**password, "code": later})) == (401, "code_refused")
    assert code(post(house, "/api/session", {**password, "code": earlier})) == (401, "code_refused")


def test_a_code_is_not_guessed(house: House, watch: Watch) -> None:
    hanako = member(house, "hanako")
    secret, _ = with_second_factor(house, hanako)
    watch.later(30_000)
    right = TOTP(secret).at(watch.now // 1000)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(OF_ACCOUNT):
        post(house, "/api/session", {"mail": "hanako@shop.example", "password": PASSWORD, "code": wrong})
    assert code(post(house, "/api/session", {"mail": "hanako@shop.example", "password": PASSWORD, "code": right})) == (
        429,
        "too_many",
    )


def test_ten_recovery_codes_work_once_each(house: House) -> None:
    hanako = member(house, "hanako")
    _, codes = with_second_factor(house, hanako)
    assert len(set(codes)) == 10
    password = {"mail": "hanako@shop.example", "password": PASSWORD}
    answer = post(house, "/api/session", {**password, "code": codes[0].upper()})
    assert (answer.status_code, answer.json()["recovery_codes"]) == (200, 9)
    house.client.cookies.clear()
    assert code(post(house, "/api/session", {**password, "code": codes[0]})) == (401, "code_refused")
    renewed = hanako.ask(house, "POST", "/api/me/recovery-codes", {"password": PASSWORD})[1]["codes"]
    assert code(post(house, "/api/session", {**password, "code": codes[1]})) == (401, "code_refused")
    assert post(house, "/api/session", {**password, "code": renewed[1]}).status_code == 200


def test_the_second_factor_is_dropped_by_the_password_alone_of_whoever_is_in(house: House) -> None:
    hanako = member(house, "hanako")
    _, codes = with_second_factor(house, hanako)
    assert hanako.ask(house, "POST", "/api/me/second-factor/off", {"password": "x" * 12})[0] == 400
    assert hanako.ask(house, "POST", "/api/me/second-factor/off", {"password": PASSWORD})[1]["two_factor"] is False
    password = {"mail": "hanako@shop.example", "password": PASSWORD}
    assert post(house, "/api/session", password).status_code == 200
    assert house.staff.accounts.codes("staff_hanako") == 0
    assert len(codes) == 10


# Invitations and members


def test_an_invitation_makes_an_account_with_exactly_its_rights(house: House) -> None:
    invited = owner(house).ask(
        house, "POST", "/api/projects/shop/invitations", {"mail": "Taro@shop.example", "role": "editor", "extra": ["people"]}
    )[1]
    assert invited["url"].startswith("http://testserver.local/invitation#")
    link = behind(invited["url"])
    seen = post(house, "/api/invitation/look", {"link": link}).json()
    assert (seen["project"], seen["project_name"], seen["role"], seen["mail"], seen["known"]) == (
        "shop",
        "Shop",
        "editor",
        "taro@shop.example",
        False,
    )
    taro = {"link": link, "mail": "taro@shop.example", "name": "Taro", "password": PASSWORD, "language": "en"}
    assert post(house, "/api/invitation", {**taro, "mail": "other@shop.example"}).json()["error"]["where"] == "mail"
    answer = post(house, "/api/invitation", taro)
    assert [(one["id"], one["role"], one["rights"]) for one in answer.json()["projects"]] == [
        ("shop", "editor", ["read", "edit", "people"])
    ]
    assert code(post(house, "/api/invitation", taro)) == (404, "not_found")


def test_an_invitation_for_somebody_known_wants_their_password_and_takes_nothing_away(house: House) -> None:
    member(house, "taro", Grant("shop", "admin", ("people",)))
    invited = owner(house).ask(house, "POST", "/api/projects/shop/invitations", {"mail": "taro@shop.example", "role": "viewer"})[
        1
    ]
    taro = {"link": behind(invited["url"]), "mail": "taro@shop.example", "name": "x", "language": "en"}
    assert post(house, "/api/invitation/look", {"link": behind(invited["url"])}).json()["known"]
    assert code(post(house, "/api/invitation", {**taro, "password": "x" * 12})) == (401, "sign_in_refused")
    answer = post(house, "/api/invitation", {**taro, "password": PASSWORD}).json()
    assert (answer["name"], answer["projects"][0]["role"]) == ("Taro", "admin")


def test_an_invitation_that_was_taken_back_or_is_old_works_no_more(house: House, watch: Watch) -> None:
    hanako = owner(house)
    back, old = (hanako.ask(house, "POST", "/api/projects/shop/invitations", {"role": "viewer"})[1] for _ in range(2))
    assert hanako.ask(house, "DELETE", f"/api/projects/shop/invitations/{back['id']}")[0] == 200
    assert [one["id"] for one in hanako.ask(house, "GET", "/api/projects/shop/invitations")[1]] == [old["id"]]
    assert code(post(house, "/api/invitation/look", {"link": behind(back["url"])})) == (404, "not_found")
    watch.later(entry.INVITATION_DAYS * 24 * entry.HOUR_MS)
    assert code(post(house, "/api/invitation/look", {"link": behind(old["url"])})) == (404, "not_found")


def test_nobody_gives_what_they_do_not_have(house: House) -> None:
    admin = member(house, "admin", Grant("shop", "admin"))
    member(house, "taro", Grant("shop", "viewer"))
    for body in ({"role": "viewer", "extra": ["people"]}, {"role": "viewer", "everywhere": True}):
        assert admin.ask(house, "POST", "/api/projects/shop/invitations", body)[0] == 403
        assert admin.ask(house, "PUT", "/api/projects/shop/members/staff_taro", body)[0] == 403
    assert admin.ask(house, "POST", "/api/projects/shop/tokens", {"name": "Robot", "scopes": ["sql"]})[0] == 403
    assert admin.ask(house, "PUT", "/api/projects/shop/members/staff_taro", {"role": "admin"})[0] == 200


def test_a_role_holds_from_the_next_request_on_and_a_removed_member_is_out_at_once(house: House) -> None:
    hanako, taro = owner(house), member(house, "taro", Grant("shop", "viewer"))
    assert taro.ask(house, "POST", "/api/projects/shop/switches", {})[0] == 403
    assert hanako.ask(house, "PUT", "/api/projects/shop/members/staff_taro", {"role": "editor"})[1]["role"] == "editor"
    assert taro.ask(house, "POST", "/api/projects/shop/switches", {})[0] == 200
    assert hanako.ask(house, "DELETE", "/api/projects/shop/members/staff_taro") == (200, {"account": True})
    assert taro.ask(house, "GET", "/api/me")[0] == 401
    assert [one["id"] for one in hanako.ask(house, "GET", "/api/projects/shop/members")[1]] == ["staff_owner"]


def test_somebody_always_stays_an_admin(house: House) -> None:
    hanako, admin = owner(house), member(house, "admin", Grant("shop", "admin"))
    for method, body in (("DELETE", None), ("PUT", {"role": "viewer", "everywhere": True}), ("PUT", {"role": "admin"})):
        status, answer = hanako.ask(house, method, "/api/projects/shop/members/staff_owner", body)
        assert (status, answer["error"]["where"]) == (400, "role")
    assert admin.ask(house, "DELETE", "/api/projects/shop/members/staff_owner")[0] == 403
    assert admin.ask(house, "DELETE", "/api/projects/shop/members/staff_admin")[0] == 200


# Tokens


def test_a_token_does_what_its_scopes_say_until_it_ends(house: House, watch: Watch) -> None:
    hanako = owner(house)
    made = hanako.ask(house, "POST", "/api/projects/shop/tokens", {"name": "Robot", "scopes": ["read"], "days": 1})[1]
    robot = Persona("robot", {"Authorization": f"Bearer {made['key']}"}, {}, "token")
    assert made["key"].startswith("omo_")
    assert robot.ask(house, "GET", "/api/projects/shop/switches")[0] == 200
    assert robot.ask(house, "POST", "/api/projects/shop/switches", {})[0] == 403
    assert robot.ask(house, "GET", "/api/me")[1]["name"] == "Robot"
    (listed,) = hanako.ask(house, "GET", "/api/projects/shop/tokens")[1]
    assert (listed["made_by"], listed["seen_at"], "key" in listed) == ("Owner", NOON, False)
    watch.later(86_400_000)
    assert robot.ask(house, "GET", "/api/projects/shop/switches")[0] == 401


def test_a_token_that_was_ended_works_no_more(house: House) -> None:
    hanako, robot = owner(house), token(house, "robot", "shop", "read")
    assert robot.ask(house, "GET", "/api/projects/shop/switches")[0] == 200
    (listed,) = hanako.ask(house, "GET", "/api/projects/shop/tokens")[1]
    assert hanako.ask(house, "DELETE", f"/api/projects/shop/tokens/{listed['id']}")[0] == 200
    assert robot.ask(house, "GET", "/api/projects/shop/switches")[0] == 401


# The audit log


def test_every_change_is_written_down_with_what_it_was_before(house: House) -> None:
    hanako = owner(house)
    hanako.ask(house, "POST", "/api/projects/shop/switches", {"messages_stopped": True})
    hanako.ask(house, "POST", "/api/projects/shop/switches", {"messages_stopped": "x"})
    (line, *_) = hanako.ask(house, "GET", "/api/projects/shop/audit")[1]["lines"]
    assert (line["who_name"], line["operation"], line["kind"], line["object"]) == (
        "Owner",
        "switches.switched",
        "switches",
        "shop",
    )
    assert line["differences"] == [{"path": "messages_stopped", "before": False, "after": True}]
    assert (line["at"], line["address"]) == (NOON, "testclient")


def test_what_only_asks_is_not_written_down(house: House) -> None:
    machine().ask(house, "POST", "/api/plan", {"sources": SMALL})
    machine().ask(house, "GET", "/api/projects/shop/switches")
    assert [one.operation for one in house.staff.audit.page(("*", "shop"), limit=9)] == ["config.applied"]


def test_the_log_is_filtered_by_who_kind_and_day_and_read_page_by_page(house: House, watch: Watch) -> None:
    hanako, editor = owner(house), member(house, "editor", Grant("shop", "editor"))
    for persona in (hanako, editor, hanako):
        watch.later(1_000)
        persona.ask(house, "POST", "/api/projects/shop/switches", {"messages_stopped": persona is editor})
    hanako.ask(house, "POST", "/api/projects/shop/invitations", {"role": "viewer"})

    def asked(**query: Any) -> list[tuple[str, str]]:
        lines = hanako.ask(house, "GET", "/api/projects/shop/audit", **query)[1]["lines"]
        return [(line["who_name"], line["operation"]) for line in lines]

    assert asked(by="staff_editor") == [("Editor", "switches.switched")]
    assert asked(kind="invitation") == [("Owner", "members.invite")]
    assert asked(since=NOON + 2_000, until=NOON + 3_000) == [("Editor", "switches.switched")]
    first = hanako.ask(house, "GET", "/api/projects/shop/audit", limit=3)[1]
    assert len(first["lines"]) == 3
    assert asked(before=first["older"]) == [("Owner", "switches.switched"), ("CLI", "config.applied")]
    assert {one["name"] for one in first["authors"]} == {"Owner", "Editor", "CLI"}
    assert first["kinds"] == ["invitation", "switches"]


def test_an_admin_of_one_project_does_not_read_what_happened_elsewhere(house: House) -> None:
    hanako, admin = owner(house), member(house, "admin", Grant("shop", "admin"))
    hanako.ask(house, "PATCH", "/api/me", {"name": "Hanako"})
    lines = admin.ask(house, "GET", "/api/projects/shop/audit")[1]["lines"]
    assert "account.wish" not in {line["operation"] for line in lines}
    assert "account.wish" in {line["operation"] for line in hanako.ask(house, "GET", "/api/projects/shop/audit")[1]["lines"]}


def test_a_change_that_cannot_be_written_down_is_not_answered_as_if_all_was_well(house: House) -> None:
    def full(line: Any) -> None:
        raise StorageFailed("the disk is full")

    house.staff.audit.put = full  # type: ignore[method-assign]
    answer = house.client.post("/api/projects/shop/switches", json={}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert code(answer) == (503, "storage_failed")
