"""What a server is told from outside: environment variables, read once, each with a default and a sentence.

``docs/reference/settings.md`` is made from this module and tested against it.
"""

import os
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, Any, Final, get_type_hints

import msgspec
from msgspec import Meta, Struct

PREFIX: Final = "OMOTENASHI_"
_ELSEWHERE: Final = frozenset(f"{PREFIX}{name}" for name in ("EXAMPLES", "LONG", "KILLS", "CUTS", "SHARED"))
"""Switches of the tests."""


class BadSetting(Exception):
    """A setting is not what it should be; the message names it and says what was expected."""


class Settings(Struct, frozen=True):
    """Everything that can be set, by the lower-case name of its variable."""

    data: Annotated[Path, Meta(description="The folder that holds everything; it is made when missing.")] = Path("data")
    host: Annotated[str, Meta(description="The address on which the public port listens.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="The public port: the tag, events, imports.")] = 8700
    public_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^\s?#]+)?$",
            description="The edge's address as visitors' browsers reach it, such as https://edge.shop.example; "
            "pictures in messages begin with it.",
        ),
    ] = ""
    internal_port: Annotated[
        int,
        Meta(
            ge=0, le=65_535, description="The edge's internal port, always on 127.0.0.1: metrics, health, the console's events."
        ),
    ] = 8701
    console_port: Annotated[int, Meta(ge=0, le=65_535, description="The staff API's port, always on 127.0.0.1.")] = 8702
    console_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/\s]+)?$",
            description="The console's address as staff reach it, such as https://staff.shop.example; links begin with it, and "
            "with https its cookies are only sent encrypted.",
        ),
    ] = ""
    oidc_issuer: Annotated[
        str,
        Meta(
            pattern=r"^(https?://\S+)?$",
            description="A provider of OpenID Connect that staff may sign in with, as its discovery document names itself.",
        ),
    ] = ""
    oidc_client_id: Annotated[str, Meta(description="Our client id there.")] = ""
    oidc_client_secret: Annotated[str, Meta(description="Our client secret there.")] = ""
    tag: Annotated[Path, Meta(description="The built tag, served as /tag.js with the files beside it.")] = Path(
        "web/tag/dist/tag.js"
    )
    pages: Annotated[Path, Meta(description="The console's built pages.")] = Path("web/console/dist")
    proxies: Annotated[
        str, Meta(description="Addresses or networks, separated by commas, that may speak for a client in X-Forwarded-For.")
    ] = ""
    private_hosts: Annotated[
        str,
        Meta(
            description="Hosts as host:port, separated by commas, that may be asked for style sheets, fonts and pictures of "
            "recorded pages though their address is private or their port is neither 80 nor 443."
        ),
    ] = ""
    country_header: Annotated[str, Meta(description="The header in which a trusted proxy names the visitor's country.")] = (
        "cf-ipcountry"
    )
    hot_people: Annotated[
        int, Meta(ge=16, description="How many people are kept as objects, ready for the next event; each takes about 30 KB.")
    ] = 16_000
    packed_megabytes: Annotated[int, Meta(ge=1, description="How much memory packed profiles may take beyond them.")] = 512
    queue_entries: Annotated[int, Meta(ge=100, description="How many entries may wait for the disk before 503 is answered.")] = (
        20_000
    )
    log_file_megabytes: Annotated[int, Meta(ge=1, description="At which size a new log file is begun.")] = 64
    profile_seconds: Annotated[float, Meta(gt=0, description="How often changed profiles are written behind the log.")] = 1.0
    visitor_requests_per_minute: Annotated[int, Meta(ge=1, description="How many requests one visitor may send a minute.")] = 600
    address_requests_per_minute: Annotated[
        int, Meta(ge=1, description="How many requests one address may send a minute; carriers share addresses, so be generous.")
    ] = 60_000
    log_level: Annotated[
        str, Meta(pattern="^(debug|info|warning|error)$", description="What is logged: debug, info, warning or error.")
    ] = "info"

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """``proxies``, one by one."""
        return tuple(part.strip() for part in self.proxies.split(",") if part.strip())

    @property
    def listed_hosts(self) -> frozenset[tuple[str, int]]:
        """``private_hosts``, one by one, in small letters. Raises ``ValueError`` of what is no host with a port."""
        listed: set[tuple[str, int]] = set()
        for part in (part.strip().lower() for part in self.private_hosts.split(",") if part.strip()):
            host, _, port = part.rpartition(":")
            if not host.strip("[]") or not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
                raise ValueError(part)
            listed.add((host.strip("[]"), int(port)))
        return frozenset(listed)


def variables() -> dict[str, tuple[str, str, str]]:
    """Every variable: its type in words, its default, its sentence."""
    hints = get_type_hints(Settings, include_extras=True)
    words = {Path: "a path", str: "text", int: "a whole number", float: "a number"}
    found: dict[str, tuple[str, str, str]] = {}
    for field in msgspec.structs.fields(Settings):
        kind, meta = hints[field.name].__origin__, hints[field.name].__metadata__[0]
        found[PREFIX + field.name.upper()] = (words[kind], str(field.default), str(meta.description))
    return found


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of an environment, of this process's by default. Raises ``BadSetting``, also for an unknown name."""
    everything = os.environ if environment is None else environment
    given = {name: value for name, value in everything.items() if name.startswith(PREFIX) and name not in _ELSEWHERE}
    known = variables()
    values: dict[str, Any] = {}
    for name, value in sorted(given.items()):
        if name not in known:
            raise BadSetting(f"{name}: no such setting; there are {', '.join(known)}")
        values[name.removeprefix(PREFIX).lower()] = Path(value) if known[name][0] == "a path" else value
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        name = PREFIX + path.rstrip("`").upper()
        raise BadSetting(f"{name}: {message}; found {given.get(name)!r}") from None
    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy, strict=False)
        except ValueError:
            raise BadSetting(f"{PREFIX}PROXIES: expected addresses or networks, separated by commas; found {proxy!r}") from None
    try:
        _ = settings.listed_hosts
    except ValueError as error:
        raise BadSetting(f"{PREFIX}PRIVATE_HOSTS: expected host:port, separated by commas; found {str(error)!r}") from None
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise BadSetting(f"{PREFIX}OIDC_CLIENT_ID: expected our client id at {settings.oidc_issuer}; found nothing")
    return settings


def secret(file: Path) -> str:
    """The secret in a file that only its owner may read (mode 600); a new one of 256 bits at the first asking.

    The file is there whole or not at all, also for another process that asks at the same moment, and after a crash.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(beside, file)
        except FileExistsError:
            pass  # another process was first: its secret is ours
        finally:
            Path(beside).unlink()
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    found = file.read_text(encoding="ascii").strip()
    if len(found) < 16:
        raise BadSetting(f"{file}: expected a secret of at least 16 characters; remove the file to have a new one made")
    return found
