"""What a request tells about itself: the page's address in parts, the advertisement, the device, the language.

Everything here is a cached function of a short text; the caches are bounded and simply start over when full.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from omotenashi.model.values import Values

CACHE_LIMIT: Final = 4_096
URL_LIMIT: Final = 8_192
QUERY_LIMIT: Final = 64

CLICK_IDS: Final = ("gclid", "yclid", "msclkid", "fbclid", "ttclid", "twclid")
"""Query parameters that advertising networks add to a landing URL."""
UTM: Final = ("source", "medium", "campaign", "term", "content")

_QUERY_NAME = re.compile(r"[A-Za-z0-9_$-]{1,128}").fullmatch


class Address(Struct, frozen=True):
    """A URL in parts, as a ``view`` carries them."""

    host: str
    path: str
    query: dict[str, str]
    utm: dict[str, str]
    ad: str | None


_addresses: dict[str, Address] = {}


def address(url: str) -> Address:
    """The parts of a URL. A broken one has an empty host and what could be read of the rest.

    The first of several parameters of one name counts. Names that could not stand in a rule (``a.b``, ``a[]``)
    are left in the URL only. ``ad`` names what made it an advertisement's landing page, None if nothing did.
    """
    known = _addresses.get(url)
    if known is None:
        if len(_addresses) >= CACHE_LIMIT:
            _addresses.clear()
        known = _addresses[url] = _parsed(url)
    return known


def _parsed(url: str) -> Address:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.port is not None:
            host = f"{host}:{parts.port}"
    except ValueError:
        return Address("", "", {}, {}, None)
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query[:URL_LIMIT], keep_blank_values=True):
        if name not in query and len(query) < QUERY_LIMIT and _QUERY_NAME(name):
            query[name] = value
    utm = {name: query[f"utm_{name}"] for name in UTM if query.get(f"utm_{name}")}
    return Address(host, parts.path or "/", query, utm, _advertisement(query, utm))


def _advertisement(query: dict[str, str], utm: dict[str, str]) -> str | None:
    for name in CLICK_IDS:
        if query.get(name):
            return name
    medium = utm.get("medium", "").lower()
    return "utm_medium" if medium in ("cpc", "ppc") or medium.startswith("paid") else None


@lru_cache(CACHE_LIMIT)
def _parameters(names: tuple[str, ...]) -> re.Pattern[str]:
    """What finds the value of a parameter, in a query or a fragment."""
    named = r"[^=&#?]*" if "*" in names else "|".join(re.escape(name) for name in names)
    return re.compile(rf"(?<=[?&#])((?:{named})=)[^&#]+")


def veiled(url: str, names: tuple[str, ...]) -> str:
    """The address with a star for the value of each of these parameters; ``"*"`` is every one."""
    return _parameters(names).sub(r"\1*", url) if names else url


def put_page(values: Values, url: str, title: str | None, referrer: str | None) -> None:
    """Writes the page into a ``view``'s values: url, host, path, query, and title, referrer, utm, ad where there are some."""
    parts = address(url)
    values["url"] = url
    values["host"] = parts.host
    values["path"] = parts.path
    values["query"] = parts.query
    values.pop("utm", None)
    values.pop("ad", None)
    if title:
        values["title"] = title
    if referrer:
        values["referrer"] = referrer
    if parts.utm:
        values["utm"] = parts.utm
    if parts.ad is not None:
        values["ad"] = parts.ad


class Device(Struct, frozen=True):
    """``device`` is phone, tablet or desktop. A bot is never measured."""

    device: str
    os: str
    browser: str
    bot: bool


_BOT = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|mediapartners|bingpreview|facebookexternalhit|embedly|quora link|"
    r"outbrain|pinterest/0|vkshare|w3c_validator|headlesschrome|phantomjs|lighthouse|pagespeed|pingdom|gtmetrix|"
    r"uptime|statuscake|datadog|site24x7|monitor|scrapy|python-requests|python-urllib|aiohttp|httpx|curl/|wget/|"
    r"go-http-client|java/|okhttp/|libwww|feedfetcher|apache-httpclient|ahrefs|semrush|dataprovider|screaming frog|"
    r"whatsapp/|telegrambot|discordbot|slackbot|linespider|yandex\.com/bots|petalbot|bytespider|gptbot|claudebot|ccbot",
    re.IGNORECASE,
).search

_OS: Final = (
    ("iOS", re.compile(r"iPhone|iPad|iPod").search),
    ("Android", re.compile(r"Android").search),
    ("Windows", re.compile(r"Windows").search),
    ("ChromeOS", re.compile(r"CrOS").search),
    ("macOS", re.compile(r"Macintosh|Mac OS X").search),
    ("Linux", re.compile(r"Linux|X11").search),
)
_BROWSERS: Final = (
    ("LINE", re.compile(r"\bLine/").search),
    ("Facebook", re.compile(r"FBA[NV]/").search),
    ("Instagram", re.compile(r"Instagram").search),
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/").search),
    ("Opera", re.compile(r"\bOPR/|Opera").search),
    ("Samsung Internet", re.compile(r"SamsungBrowser/").search),
    ("Yahoo! JAPAN", re.compile(r"YJApp|Yahoo").search),
    ("Firefox", re.compile(r"Firefox/|FxiOS/").search),
    ("Chrome", re.compile(r"Chrome/|CriOS/|Chromium/").search),
    ("Safari", re.compile(r"Safari/").search),
)

UNKNOWN: Final = Device("desktop", "other", "other", False)
_devices: dict[bytes, Device] = {}


def device(user_agent: bytes) -> Device:
    """What a User-Agent header says. An empty one is an unknown desktop."""
    known = _devices.get(user_agent)
    if known is None:
        if len(_devices) >= CACHE_LIMIT:
            _devices.clear()
        known = _devices[user_agent] = _recognised(user_agent.decode("latin-1"))
    return known


def _recognised(user_agent: str) -> Device:
    text = user_agent[:1_024]
    if not text:
        return UNKNOWN
    if "iPad" in text or ("Android" in text and "Mobile" not in text) or "Tablet" in text:
        kind = "tablet"
    elif "Mobi" in text or "iPhone" in text or "iPod" in text:
        kind = "phone"
    else:
        kind = "desktop"
    os = next((name for name, found in _OS if found(text)), "other")
    browser = next((name for name, found in _BROWSERS if found(text)), "other")
    return Device(kind, os, browser, _BOT(text) is not None)


_languages: dict[str, str | None] = {}
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_;,\s]|$)").match


def language(text: str) -> str | None:
    """The primary language of ``ja-JP`` or of an Accept-Language header, in lower case; None if it names none."""
    if text in _languages:
        return _languages[text]
    if len(_languages) >= CACHE_LIMIT:
        _languages.clear()
    found = _LANGUAGE(text)
    known = _languages[text] = found.group(1).lower() if found else None
    return known


_COUNTRY = re.compile(rb"[A-Za-z]{2}").fullmatch


def country(header: bytes) -> str | None:
    """The two letters of a trusted proxy's country header; None for ``XX``, ``T1`` and the like."""
    if not _COUNTRY(header):
        return None
    code = header.decode().upper()
    return None if code in ("XX", "ZZ") else code
