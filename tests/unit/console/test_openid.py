"""Signing in with a provider that lies, forges, or is not there. A real one is met in the browser tests."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from omotenashi.console.staff.openid import FLOW_MS, OpenIdFailed, Provider
from omotenashi.model.ids import Instant

ISSUER = "https://id.example"
BACK = "https://staff.shop.example/api/session/openid/callback"
NOW = Instant(1_795_237_200_000)
SECONDS = NOW // 1000
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class Liar:
    """A provider whose every answer can be changed."""

    def __init__(self) -> None:
        self.key: Any = KEY
        self.keys = [KEY]
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {"sub": "hanako"}
        self.issuer = ISSUER
        self.status = 200
        self.asked: list[httpx.Request] = []
        self.now = NOW
        self.provider = Provider(ISSUER, "us", "a secret & more", lambda: self.now, httpx.MockTransport(self))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                about = {"issuer": self.issuer, "authorization_endpoint": f"{ISSUER}/auth?tenant=1", "jwks_uri": f"{ISSUER}/keys"}
                return httpx.Response(
                    200, json={**about, "token_endpoint": f"{ISSUER}/token", "userinfo_endpoint": f"{ISSUER}/me"}
                )
            case "/keys":
                return httpx.Response(200, json={"keys": [key.as_dict(private=False) for key in self.keys]})
            case "/token":
                told = {"iss": ISSUER, "aud": "us", "sub": "hanako", "exp": SECONDS + 60, "iat": SECONDS, "nonce": self.nonce}
                token = jwt.encode(self.header, {**told, **self.claims}, self.key, algorithms=[self.header["alg"]])
                return httpx.Response(self.status, json={"id_token": token, "access_token": "a"})
            case _:
                return httpx.Response(200, json=self.userinfo)

    async def began(self) -> dict[str, str]:
        """Begins a sign-in; what stands in the address of the provider's page."""
        page, state = await self.provider.begin(BACK)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        assert asked["state"] == state
        self.nonce = asked["nonce"]
        return asked

    async def finished(self) -> str:
        """A whole sign-in; the mail address that the provider vouches for."""
        asked = await self.began()
        return await self.provider.finish(asked["state"], "the code", BACK)


@pytest.fixture
def liar() -> Liar:
    return Liar()


VERIFIED = {"email": "hanako@shop.example", "email_verified": True}


async def test_a_verified_mail_address_is_taken_from_the_id_token(liar: Liar) -> None:
    liar.claims = VERIFIED
    asked = await liar.began()
    assert (asked["tenant"], asked["response_type"], asked["code_challenge_method"]) == ("1", "code", "S256")
    assert await liar.provider.finish(asked["state"], "the code", BACK) == "hanako@shop.example"
    (exchange,) = [request for request in liar.asked if request.url.path == "/token"]
    form = {name: values[0] for name, values in parse_qs(exchange.content.decode()).items()}
    assert (form["code"], form["redirect_uri"], len(form["code_verifier"]) >= 43) == ("the code", BACK, True)
    assert exchange.headers["authorization"].startswith("Basic ")


async def test_it_is_asked_for_where_the_id_token_does_not_say_it(liar: Liar) -> None:
    liar.userinfo = {"sub": "hanako", **VERIFIED}
    assert await liar.finished() == "hanako@shop.example"
    liar.userinfo = {"sub": "somebody else", **VERIFIED}
    with pytest.raises(OpenIdFailed) as failed:
        await liar.finished()
    assert failed.value.reason == "unverified"


@pytest.mark.parametrize("verified", [False, "false", None])
async def test_a_mail_address_that_nobody_verified_lets_nobody_in(liar: Liar, verified: Any) -> None:
    liar.claims = {"email": "hanako@shop.example"} | ({} if verified is None else {"email_verified": verified})
    with pytest.raises(OpenIdFailed) as failed:
        await liar.finished()
    assert failed.value.reason == "unverified"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "others"},
        {"aud": ["us", "others"]},
        {"aud": ["us", "others"], "azp": "others"},
        {"azp": "others"},
        {"exp": SECONDS - 61},
        {"iat": SECONDS + 61},
        {"nonce": "of another sign-in"},
        {"exp": "soon"},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(liar: Liar, claims: dict[str, Any]) -> None:
    liar.claims = {**VERIFIED, **claims}
    with pytest.raises(OpenIdFailed) as failed:
        await liar.finished()
    assert failed.value.reason == "refused"


async def test_a_forged_signature_is_refused(liar: Liar) -> None:
    liar.claims, liar.key = VERIFIED, OTHER
    with pytest.raises(OpenIdFailed, match="cannot be believed"):
        await liar.finished()
    liar.key, liar.header = OctKey.import_key("a secret & more"), {"alg": "HS256", "kid": "one"}
    with pytest.raises(OpenIdFailed, match="cannot be believed"):
        await liar.finished()


async def test_a_key_that_is_new_is_fetched(liar: Liar) -> None:
    liar.claims = VERIFIED
    await liar.finished()
    fresh = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    liar.key, liar.keys, liar.header = fresh, [KEY, fresh], {"alg": "RS256", "kid": "two"}
    assert await liar.finished() == "hanako@shop.example"


async def test_a_state_works_once_and_for_ten_minutes(liar: Liar) -> None:
    liar.claims = VERIFIED
    asked = await liar.began()
    await liar.provider.finish(asked["state"], "the code", BACK)
    for state in (asked["state"], "made up"):
        with pytest.raises(OpenIdFailed, match="not begun here"):
            await liar.provider.finish(state, "the code", BACK)
    late = await liar.began()
    liar.now = Instant(NOW + FLOW_MS)
    with pytest.raises(OpenIdFailed, match="too long ago"):
        await liar.provider.finish(late["state"], "the code", BACK)


async def test_a_provider_that_calls_itself_something_else_or_is_broken_is_told(liar: Liar) -> None:
    liar.status = 500
    with pytest.raises(OpenIdFailed, match="answered 500"):
        await liar.finished()
    other = Liar()
    other.issuer = "https://evil.example"
    with pytest.raises(OpenIdFailed, match="calls itself"):
        await other.began()


async def test_a_provider_that_does_not_answer_is_told() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    provider = Provider(ISSUER, "us", "secret", lambda: NOW, httpx.MockTransport(silent))
    with pytest.raises(OpenIdFailed) as failed:
        await provider.begin(BACK)
    assert failed.value.reason == "unreachable"
