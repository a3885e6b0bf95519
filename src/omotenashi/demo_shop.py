"""Midori, the demonstration shop: a small storefront with the tag in its pages. It knows nothing of the engine."""

import json
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import parse_qs, quote

from liquid import BoundTemplate, Environment
from markupsafe import Markup

Language = Literal["ja", "en"]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]

SHELVES: Final = ("tea", "pottery", "small", "sale")
_PLAIN_PAGES: Final = {
    "/cart": ("cart", "cart_title"),
    "/signup": ("signup", "signup_title"),
    "/signup/done": ("done", "done_title"),
    "/checkout": ("checkout", "checkout_title"),
    "/thanks": ("thanks", "thanks_title"),
    "/guide": ("guide", "guide_title"),
    "/brochure": ("brochure", "brochure_title"),
}
_ON_THE_FRONT_SHELF: Final = ("tenmoku", "hagi-set", "yunomi-shino", "kohiki-cup")
_LANGUAGE_COOKIE: Final = "midori_language"
_JSON_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def shop_folder() -> Path:
    """Where the shop's pages, words and pictures are in a checkout."""
    return Path(__file__).resolve().parents[2] / "web" / "shop"


class Shop:
    """The storefront as an ASGI application.

    ``folder`` holds ``goods.json``, ``words.json``, ``pages/``, ``assets/`` and ``art/``; ``key`` is the project's
    public key and ``endpoint`` the edge's origin, such as ``http://127.0.0.1:8080``. Everything is read once.
    Raises ``OSError`` or ``ValueError`` when the folder is not a shop's.
    """

    def __init__(self, folder: Path, key: str, endpoint: str) -> None:
        self._key = key
        self._endpoint = endpoint.rstrip("/")
        self._goods: list[dict[str, Any]] = json.loads((folder / "goods.json").read_text("utf-8"))
        self._words: dict[Language, dict[str, str]] = json.loads((folder / "words.json").read_text("utf-8"))
        environment = Environment(autoescape=True)
        environment.add_filter("json", _as_json)
        environment.add_filter("thousands", _thousands)
        self._pages: dict[str, BoundTemplate] = {
            page.stem: environment.from_string(page.read_text("utf-8")) for page in (folder / "pages").glob("*.liquid")
        }
        self._files: dict[str, tuple[bytes, bytes]] = {
            f"/{kind}/{file.name}": (_content_type(file), file.read_bytes())
            for kind in ("assets", "art")
            for file in sorted((folder / kind).iterdir())
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request; the lifespan protocol is answered too."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            status, headers, body = self._answer(scope)
            headers.append((b"content-length", str(len(body)).encode()))
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _answer(self, scope: Scope) -> Answer:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return 405, [(b"allow", b"GET, HEAD")], b""
        if path in self._files:
            content_type, content = self._files[path]
            return 200, [(b"content-type", content_type), (b"cache-control", b"max-age=300")], content
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
        language = _language(asked, headers)
        status, page = self._page(path, language)
        answered: list[tuple[bytes, bytes]] = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
        if asked == language:
            answered.append((b"set-cookie", f"{_LANGUAGE_COOKIE}={language}; Path=/; Max-Age=31536000; SameSite=Lax".encode()))
        return status, answered, page.encode("utf-8")

    def page(self, path: str, language: Language) -> str:
        """The HTML of one page, as it is served."""
        return self._page(path, language)[1]

    def _page(self, path: str, language: Language) -> tuple[int, str]:
        w = self._words[language]
        goods = [_in(language, item) for item in self._goods]
        if path == "/":
            return 200, self._home(goods, w, language)
        if path in _PLAIN_PAGES:
            page, title = _PLAIN_PAGES[path]
            return 200, self._laid_out(page, w[title], self._pages[page].render(w=w, lang=language), path, goods, language)
        if path[1:] in SHELVES:
            return 200, self._shelf(path[1:], goods, w, language)
        if path.startswith("/items/"):
            item = next((item for item in goods if item["id"] == path.removeprefix("/items/")), None)
            if item is not None:
                return 200, self._item(item, goods, w, language)
        content = self._pages["missing"].render(w=w)
        return 404, self._laid_out("missing", w["missing_title"], content, path, goods, language)

    def _home(self, goods: list[dict[str, Any]], w: dict[str, str], language: Language) -> str:
        content = self._pages["home"].render(
            w=w,
            first=self._cards([item for item in goods if item.get("new") or item["id"] == "matcha-uji"][:4], w),
            second=self._cards(
                [item for item in goods if item["id"] in ("tenmoku", "hagi-set", "yunomi-shino", "kohiki-cup")], w
            ),
            third=self._cards([item for item in goods if item["category"] == "small"], w),
        )
        return self._laid_out("home", "", content, "/", goods, language)

    def _shelf(self, shelf: str, goods: list[dict[str, Any]], w: dict[str, str], language: Language) -> str:
        shown = [item for item in goods if (item.get("was") if shelf == "sale" else item["category"] == shelf)]
        content = self._pages["list"].render(page=shelf, heading=w[shelf], line=w[f"{shelf}_line"], cards=self._cards(shown, w))
        return self._laid_out(shelf, w[shelf], content, f"/{shelf}", goods, language)

    def _item(self, item: dict[str, Any], goods: list[dict[str, Any]], w: dict[str, str], language: Language) -> str:
        beside = [other for other in goods if other["category"] == item["category"] and other is not item]
        beside += [other for other in goods if other["category"] == "small" and other is not item and other not in beside]
        seen = {"item": item["id"], **{name: item[name] for name in ("name", "category", "price")}, "sale": "was" in item}
        content = self._pages["item"].render(
            w=w,
            item=item,
            how=w["how"] if item["category"] == "tea" else w[f"how_{item['category']}"],
            viewed=seen,
            more=self._cards(beside[:4], w),
        )
        return self._laid_out("item", item["name"], content, f"/items/{item['id']}", goods, language)

    def _cards(self, items: list[dict[str, Any]], w: dict[str, str]) -> Markup:
        return Markup("").join(Markup(self._pages["card"].render(item=item, w=w)) for item in items)

    def _laid_out(self, page: str, title: str, content: str, path: str, goods: list[dict[str, Any]], language: Language) -> str:
        other = "en" if language == "ja" else "ja"
        return self._pages["layout"].render(
            page=page,
            title=title,
            content=Markup(content),
            w=self._words[language],
            lang=language,
            other=other,
            other_url=f"{quote(path)}?lang={other}",
            shelves=list(SHELVES),
            goods=[{name: item[name] for name in ("id", "name", "price", "category")} for item in goods],
            key=self._key,
            endpoint=self._endpoint,
        )


def _in(language: Language, item: dict[str, Any]) -> dict[str, Any]:
    return {name: value[language] if isinstance(value, dict) else value for name, value in item.items()}


def _language(asked: str, headers: Mapping[str, str]) -> Language:
    cookie = SimpleCookie(headers.get("cookie", "")).get(_LANGUAGE_COOKIE)
    for wish in (asked, cookie.value if cookie else ""):
        if wish == "ja" or wish == "en":
            return wish
    accepted = headers.get("accept-language", "").lower()
    return "en" if accepted and not accepted.startswith("ja") else "ja"


def _content_type(file: Path) -> bytes:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8".encode() if kind.startswith("text/") else kind.encode()


def _as_json(value: object) -> Markup:
    return Markup(json.dumps(value, ensure_ascii=False).translate(_JSON_ESCAPES))


def _thousands(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


async def _live(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
