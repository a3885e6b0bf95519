"""Signing in with a provider of OpenID Connect (Core 1.0, Discovery 1.0): authorization code with PKCE (RFC 7636).

Whoever the provider vouches for is the member with the same mail address; the provider has to say that it verified it.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Meta, Struct

from omotenashi.model.ids import Instant

T = TypeVar("T")

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
"""Signatures that only the provider can make."""
KINDS: Final = ("RSA", "EC", "OKP")
FLOW_MS: Final = 10 * 60_000
"""How long somebody may stay on the provider's pages."""
FLOWS: Final = 1_000
METADATA_MS: Final = 3_600_000
LEEWAY_SECONDS: Final = 60
LARGEST: Final = 1_000_000


class OpenIdFailed(Exception):
    """Nobody can be signed in; ``reason`` is a word that the sign-in page knows: unreachable, refused or unverified."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Metadata(Struct):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: list[str] = []


class Tokens(Struct):
    """What it gives for a code."""

    id_token: str
    access_token: str = ""


class Keys(Struct):
    """The keys that it signs with (RFC 7517)."""

    keys: list[dict[str, Any]]


class Claims(Struct):
    """What it says of a person."""

    sub: str
    email: str = ""
    email_verified: bool | str = False

    @property
    def verified_mail(self) -> str:
        """The mail address, "" unless the provider verified it. Some say it with a text."""
        return self.email if self.email_verified in (True, "true") else ""


class IdClaims(Claims, kw_only=True):
    """What stands in an ID token besides."""

    iss: str
    aud: str | list[str]
    exp: Annotated[float, Meta(gt=0)]
    iat: float
    azp: str = ""
    nonce: str = ""


class Flow(Struct, frozen=True):
    """Somebody is on the provider's pages."""

    nonce: str
    verifier: str
    begun_at: Instant


class Provider:
    """``issuer`` is its address, as its discovery document says it; ``client_id`` and ``client_secret`` are ours there."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], Instant],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._http = httpx.AsyncClient(timeout=10, transport=transport, headers={"Accept": "application/json"})
        self._flows: dict[str, Flow] = {}
        self._metadata: tuple[Instant, Metadata] | None = None
        self._keys: KeySet | None = None

    @property
    def name(self) -> str:
        """What the button says: the provider's host."""
        return urlsplit(self.issuer).hostname or self.issuer

    async def begin(self, redirect_uri: str) -> tuple[str, str]:
        """(the provider's page to go to, the state to remember in that browser). Raises ``OpenIdFailed``."""
        about, now = await self._about(), self._clock()
        state, flow = secrets.token_urlsafe(32), Flow(secrets.token_urlsafe(32), secrets.token_urlsafe(48), now)
        self._flows = {name: one for name, one in self._flows.items() if one.begun_at + FLOW_MS > now}
        while len(self._flows) >= FLOWS:
            self._flows.pop(next(iter(self._flows)))
        self._flows[state] = flow
        challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        mark = "&" if "?" in about.authorization_endpoint else "?"
        return about.authorization_endpoint + mark + urlencode(query), state

    async def finish(self, state: str, code: str, redirect_uri: str) -> str:
        """The verified mail address of whoever came back with this state and code. Raises ``OpenIdFailed``."""
        flow = self._flows.pop(state, None)
        if flow is None or flow.begun_at + FLOW_MS <= self._clock():
            raise OpenIdFailed("refused", "this sign-in was not begun here, or too long ago")
        about = await self._about()
        tokens = await self._tokens(about, code, flow.verifier, redirect_uri)
        claims = await self._claims(about, tokens.id_token, flow.nonce)
        mail = claims.verified_mail
        if not mail and about.userinfo_endpoint and tokens.access_token:
            mail = await self._mail_of_userinfo(about, tokens.access_token, claims.sub)
        if not mail:
            raise OpenIdFailed("unverified", f"{self.issuer} did not vouch for a mail address")
        return mail

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def _about(self) -> Metadata:
        now = self._clock()
        if self._metadata is None or self._metadata[0] + METADATA_MS < now:
            found = await self._asked("GET", f"{self.issuer}/.well-known/openid-configuration", Metadata)
            if found.issuer.rstrip("/") != self.issuer:
                raise OpenIdFailed("refused", f"{self.issuer} calls itself {found.issuer}")
            self._metadata, self._keys = (now, found), None
        return self._metadata[1]

    async def _tokens(self, about: Metadata, code: str, verifier: str, redirect_uri: str) -> Tokens:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        if "client_secret_basic" in about.token_endpoint_auth_methods_supported:
            login = httpx.BasicAuth(_form_encoded(self._client_id), _form_encoded(self._client_secret))
            return await self._asked("POST", about.token_endpoint, Tokens, data=form, auth=login)
        form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        return await self._asked("POST", about.token_endpoint, Tokens, data=form)

    async def _claims(self, about: Metadata, id_token: str, nonce: str) -> IdClaims:
        """What the ID token says, once its signature and all that Core 1.0 §3.1.3.7 asks for are checked."""
        claims = await self._decoded(about, id_token)
        now = self._clock() / 1000
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss.rstrip("/") != self.issuer or self._client_id not in audience:
            raise OpenIdFailed("refused", "the ID token is another provider's, or for another client")
        if claims.azp not in ("", self._client_id) or (len(audience) > 1 and not claims.azp):
            raise OpenIdFailed("refused", "the ID token is for another client")
        if claims.exp + LEEWAY_SECONDS < now or claims.iat - LEEWAY_SECONDS > now:
            raise OpenIdFailed("refused", "the ID token is not of now; are both clocks right?")
        if not secrets.compare_digest(claims.nonce, nonce):
            raise OpenIdFailed("refused", "the ID token is of another sign-in")
        return claims

    async def _decoded(self, about: Metadata, id_token: str) -> IdClaims:
        known = self._keys
        if known is not None:
            try:
                return _read(id_token, known)
            except (JoseError, ValueError):
                pass  # perhaps it is signed with a key that is new
        self._keys = await self._keys_of(about)
        try:
            return _read(id_token, self._keys)
        except (JoseError, ValueError) as error:
            raise OpenIdFailed("refused", f"the ID token cannot be believed: {error}") from error

    async def _keys_of(self, about: Metadata) -> KeySet:
        found = await self._asked("GET", about.jwks_uri, Keys)
        try:
            return KeySet.import_key_set({"keys": [key for key in found.keys if key.get("kty") in KINDS]})
        except (JoseError, ValueError) as error:
            raise OpenIdFailed("refused", f"{about.jwks_uri}: {error}") from error

    async def _mail_of_userinfo(self, about: Metadata, access_token: str, sub: str) -> str:
        headers = {"Authorization": f"Bearer {access_token}"}
        claims = await self._asked("GET", about.userinfo_endpoint, Claims, headers=headers)
        return claims.verified_mail if claims.sub == sub else ""

    async def _asked(self, method: str, url: str, kind: type[T], **options: Any) -> T:
        try:
            response = await self._http.request(method, url, **options)
        except httpx.HTTPError as error:
            raise OpenIdFailed("unreachable", f"{url}: {type(error).__name__}") from error
        if not response.is_success or len(response.content) > LARGEST:
            raise OpenIdFailed("refused", f"{url} answered {response.status_code}: {response.text[:200]}")
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OpenIdFailed("refused", f"{url}: {error}") from error


def _read(id_token: str, keys: KeySet) -> IdClaims:
    """Raises ``JoseError`` for a signature that is not right, ``ValueError`` for claims that are none."""
    return msgspec.convert(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims, IdClaims)


def _form_encoded(text: str) -> str:
    """RFC 6749 §2.3.1: what stands in the header is encoded as in a form first."""
    return urlencode({"": text})[1:]
