"""What is read from addresses, User-Agents and headers."""

import pytest

from omotenashi.edge.enrich import UNKNOWN, address, country, device, language, veiled


def test_an_address_is_read_in_parts() -> None:
    parts = address("https://Midori.Example:8443/sale/%E8%8C%B6?plan=a&plan=b&utm_source=news&empty=&q=%E8%8C%B6#top")
    assert (parts.host, parts.path) == ("midori.example:8443", "/sale/%E8%8C%B6")
    assert parts.query == {"plan": "a", "utm_source": "news", "empty": "", "q": "茶"}
    assert (parts.utm, parts.ad) == ({"source": "news"}, None)


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        ((), "https://m.example/a=1/b?token=t%26x&q=tea&token=u;v#token=w"),
        (("token",), "https://m.example/a=1/b?token=*&q=tea&token=*#token=*"),
        (("tok", "oken"), "https://m.example/a=1/b?token=t%26x&q=tea&token=u;v#token=w"),
        (("*",), "https://m.example/a=1/b?token=*&q=*&token=*#token=*"),
    ],
)
def test_the_values_of_private_parameters_become_stars(names: tuple[str, ...], kept: str) -> None:
    assert veiled("https://m.example/a=1/b?token=t%26x&q=tea&token=u;v#token=w", names) == kept


@pytest.mark.parametrize("url", ["", "not a url", "https://[broken", "https://x:99999999/", "//", "http://\x00"])
def test_a_broken_address_breaks_nothing(url: str) -> None:
    assert address(url).ad is None


def test_parameters_that_no_rule_could_name_stay_in_the_url_only() -> None:
    assert address("https://x/?a.b=1&c[]=2&d-e=3&=4&" + "y" * 129 + "=5").query == {"d-e": "3"}


def test_at_most_64_parameters_are_kept() -> None:
    assert len(address("https://x/?" + "&".join(f"p{i}=1" for i in range(200))).query) == 64


@pytest.mark.parametrize(
    ("query", "ad"),
    [
        ("gclid=x", "gclid"),
        ("yclid=x", "yclid"),
        ("msclkid=x", "msclkid"),
        ("fbclid=x", "fbclid"),
        ("ttclid=x", "ttclid"),
        ("twclid=x", "twclid"),
        ("utm_medium=cpc", "utm_medium"),
        ("utm_medium=PPC", "utm_medium"),
        ("utm_medium=paid_social", "utm_medium"),
        ("utm_medium=cpc&gclid=x", "gclid"),
        ("utm_medium=email", None),
        ("gclid=", None),
        ("", None),
    ],
)
def test_an_advertisement_is_known_by_its_click_id_or_its_medium(query: str, ad: str | None) -> None:
    assert address(f"https://midori.example/?{query}").ad == ad


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1", ("phone", "iOS", "Safari")),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", ("tablet", "iOS", "Safari")),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/131.0.0.0 Mobile Safari/537.36", ("phone", "Android", "Chrome")),
        ("Mozilla/5.0 (Linux; Android 15; SM-X710) Chrome/131.0.0.0 Safari/537.36", ("tablet", "Android", "Chrome")),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0 Safari/537.36 Edg/131.0", ("desktop", "Windows", "Edge")),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.1 Safari/605.1.15", ("desktop", "macOS", "Safari")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", ("desktop", "Linux", "Firefox")),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/131.0.0.0 Safari/537.36", ("desktop", "ChromeOS", "Chrome")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari Line/14.19.0", ("phone", "iOS", "LINE")),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0 Mobile", ("phone", "Android", "Samsung Internet")),
        ("something new", ("desktop", "other", "other")),
    ],
)  # fmt: skip
def test_a_user_agent_tells_device_system_and_browser(user_agent: str, expected: tuple[str, str, str]) -> None:
    known = device(user_agent.encode())
    assert (known.device, known.os, known.browser) == expected
    assert not known.bot


def test_no_user_agent_is_an_unknown_desktop() -> None:
    assert device(b"") == UNKNOWN


@pytest.mark.parametrize(
    "user_agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "facebookexternalhit/1.1",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/131.0.0.0 Safari/537.36",
        "python-requests/2.32",
        "curl/8.5.0",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
        "Mozilla/5.0 (Linux; Android 11; moto g power) Chrome-Lighthouse",
    ],
)
def test_a_bot_is_known(user_agent: str) -> None:
    assert device(user_agent.encode()).bot


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("EN", "en"), ("fil-PH", "fil"), ("*", None), ("", None), ("x" * 99, None)],
)
def test_a_language_is_its_primary_part(text: str, expected: str | None) -> None:
    assert language(text) == expected


@pytest.mark.parametrize(("text", "expected"), [(b"jp", "JP"), (b"XX", None), (b"T1", None), (b"", None), (b"JPN", None)])
def test_a_country_is_two_letters(text: bytes, expected: str | None) -> None:
    assert country(text) == expected
