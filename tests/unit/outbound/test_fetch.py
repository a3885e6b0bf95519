"""Things got from a real server: what is asked, how much is taken, and where it never goes."""

import asyncio
import gzip
import threading
from collections.abc import Awaitable, Callable, Iterator

import pytest
from tests.unit.outbound.sites import Page, Site, site

from omotenashi.outbound.fetch import Answer, Fetched, Fetcher, Unchanged, Unfetched, Why
from omotenashi.outbound.guarded import Guarded, resolved

SUNDAY = "Sun, 22 Nov 2026 00:00:00 GMT"
PNG = b"\x89PNG tea"


def is_picture(kind: str) -> bool:
    return kind.startswith("image/")


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as one:
        one.pages = {"/tea.png": Page(PNG, "Image/PNG; q=1", headers={"etag": '"1"', "last-modified": SUNDAY})}
        yield one


def got(shop: Site, path: str, *, seconds: float = 10, most: int = 100_000, etag: str = "", times: int = 1) -> Answer:
    """What is got when the operator lists the shop and nothing else."""

    async def ask() -> Answer:
        fetcher = Fetcher(Guarded(lambda: {shop.place}), "Omotenashi/test", seconds=seconds, most_bytes=most)
        answers = [await fetcher.get(shop.url + path, is_picture, etag=etag) for _ in range(times)]
        await fetcher.close()
        return answers[-1]

    return asyncio.run(ask())


def test_what_stands_there_comes_with_its_marks_and_nothing_of_us_goes_out(shop: Site) -> None:
    answer = got(shop, "/tea.png")
    assert answer == Fetched(f"{shop.url}/tea.png", "image/png", "", PNG, '"1"', SUNDAY)
    (_, headers) = shop.asked[0]
    assert headers["user-agent"] == "Omotenashi/test"
    assert headers["host"] == f"127.0.0.1:{shop.place[1]}"
    assert not {"cookie", "authorization", "referer"} & headers.keys()


def test_what_has_not_changed_does_not_come_again(shop: Site) -> None:
    assert got(shop, "/tea.png", etag='"1"') == Unchanged()
    assert shop.asked[0][1]["if-none-match"] == '"1"'


def test_no_cookie_is_kept_from_one_request_to_the_next_or_over_a_redirect(shop: Site) -> None:
    shop.pages["/in"] = Page(status=302, headers={"location": "/tea.png", "set-cookie": "a=1"})
    assert isinstance(got(shop, "/in", times=2), Fetched)
    assert shop.paths == ["/in", "/tea.png"] * 2
    assert not any("cookie" in headers for _, headers in shop.asked)


def test_a_redirect_is_followed_three_times_and_told_where_it_ended(shop: Site) -> None:
    for step in range(4):
        shop.pages[f"/{step}"] = Page(status=301, headers={"location": f"/{step + 1}" if step < 3 else "/tea.png"})
    answer = got(shop, "/1")
    assert isinstance(answer, Fetched)
    assert answer.url == f"{shop.url}/tea.png"
    assert got(shop, "/0") == Unfetched(Why.REDIRECTS)


@pytest.mark.parametrize(
    "page",
    [
        Page(bytes(200_000)),
        Page(bytes(200_000), whole=False),
        Page(gzip.compress(bytes(50_000_000)), headers={"content-encoding": "gzip"}),
    ],
    ids=["large", "large without a length", "small until it is unpacked"],
)
def test_no_more_is_taken_than_is_allowed(shop: Site, page: Page) -> None:
    shop.pages["/big"] = page
    assert got(shop, "/big") == Unfetched(Why.SIZE)


def test_what_is_packed_is_unpacked_and_what_is_cut_off_is_none(shop: Site) -> None:
    packed = gzip.compress(PNG)
    shop.pages["/packed"] = Page(packed, headers={"content-encoding": "gzip"})
    shop.pages["/cut"] = Page(packed[:-4], headers={"content-encoding": "gzip"})
    shop.pages["/broken"] = Page(b"\x1f\x8b tea", headers={"content-encoding": "gzip"})
    shop.pages["/other"] = Page(PNG, headers={"content-encoding": "br"})
    answer = got(shop, "/packed")
    assert isinstance(answer, Fetched)
    assert answer.body == PNG
    assert [got(shop, path) for path in ("/cut", "/broken", "/other")] == [
        Unfetched(Why.SILENCE),
        Unfetched(Why.TYPE),
        Unfetched(Why.TYPE),
    ]


def test_another_type_and_another_status_are_none(shop: Site) -> None:
    shop.pages["/page"] = Page(b"<html>", "text/html")
    shop.pages["/gone"] = Page(PNG, status=410)
    assert got(shop, "/page") == Unfetched(Why.TYPE)
    assert got(shop, "/gone") == Unfetched(Why.STATUS)
    assert got(shop, "/nowhere") == Unfetched(Why.STATUS)


def test_a_server_that_is_slow_is_left_after_a_while_and_then_in_peace(shop: Site) -> None:
    shop.pages["/slow"] = Page(PNG, held=threading.Event())
    assert got(shop, "/slow", seconds=0.2, times=5) == Unfetched(Why.SILENCE)
    assert shop.paths == ["/slow"] * 3


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/tea.png",
        "file:///etc/passwd",
        "http://127.0.0.1:{port}@shop.example/tea.png",
        "http://me:secret@127.0.0.1:{port}/tea.png",
        "http://localhost:{port}/tea.png",
        "http://127.1:{port}/tea.png",
        "http://2130706433:{port}/tea.png",
        "http://[::ffff:127.0.0.1]:{port}/tea.png",
        "http://[::1]/tea.png",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.1/",
        "http://1.1.1.1:22/",
        "http:///tea.png",
        "/tea.png",
        "",
    ],
)
def test_what_is_inside_is_never_asked(shop: Site, url: str) -> None:
    assert asked(shop, url.replace("{port}", str(shop.place[1]))) == Unfetched(Why.ADDRESS)
    assert shop.asked == []


def asked(shop: Site, url: str, resolve: Callable[[str, int], Awaitable[list[str]]] = resolved) -> Answer:
    async def ask() -> Answer:
        fetcher = Fetcher(Guarded(lambda: {shop.place, ("shop.test", shop.place[1])}, resolve), "a test", seconds=5)
        answer = await fetcher.get(url, is_picture)
        await fetcher.close()
        return answer

    return asyncio.run(ask())


def test_a_redirect_into_the_house_goes_nowhere(shop: Site) -> None:
    with site() as inside:
        inside.pages["/secret.png"] = Page(PNG)
        shop.pages["/in"] = Page(status=302, headers={"location": f"{inside.url}/secret.png"})
        shop.pages["/out"] = Page(status=302, headers={"location": "file:///etc/passwd"})
        assert asked(shop, f"{shop.url}/in") == Unfetched(Why.ADDRESS)
        assert asked(shop, f"{shop.url}/out") == Unfetched(Why.ADDRESS)
        assert inside.asked == []


def test_a_name_of_which_one_address_is_inside_is_not_asked(shop: Site) -> None:
    async def two(name: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    assert asked(shop, "http://shop.example/tea.png", two) == Unfetched(Why.ADDRESS)


def test_a_name_is_resolved_once_and_the_connection_goes_where_was_looked(shop: Site) -> None:
    answers = iter((["127.0.0.1"], ["127.0.0.2"]))

    async def rebinding(name: str, port: int) -> list[str]:
        return next(answers)

    with site("127.0.0.2", shop.place[1]) as trap:
        assert isinstance(asked(shop, f"http://shop.test:{shop.place[1]}/tea.png", rebinding), Fetched)
        assert trap.asked == []
    assert shop.asked[0][1]["host"] == f"shop.test:{shop.place[1]}"
    assert next(answers) == ["127.0.0.2"], "nobody asked a second time"


def test_the_next_address_of_a_name_is_tried_when_the_first_does_not_answer(shop: Site) -> None:
    async def several(name: str, port: int) -> list[str]:
        return ["127.0.0.3", "127.0.0.1"]

    assert isinstance(asked(shop, f"http://shop.test:{shop.place[1]}/tea.png", several), Fetched)


def test_a_name_that_does_not_exist_is_silence(shop: Site) -> None:
    async def unknown(name: str, port: int) -> list[str]:
        raise OSError("no such name")

    assert asked(shop, "http://shop.example/tea.png", unknown) == Unfetched(Why.SILENCE)


def test_no_more_than_two_are_asked_of_one_host_at_a_time(shop: Site) -> None:
    gate = threading.Event()
    shop.pages = {f"/{n}.png": Page(PNG, held=gate) for n in range(6)}

    async def ask() -> list[Answer]:
        fetcher = Fetcher(Guarded(lambda: {shop.place}), "a test")
        waiting = [asyncio.create_task(fetcher.get(f"{shop.url}/{n}.png", is_picture)) for n in range(6)]
        while len(shop.asked) < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert len(shop.asked) == 2
        gate.set()
        answers = await asyncio.gather(*waiting)
        await fetcher.close()
        return answers

    assert all(isinstance(answer, Fetched) for answer in asyncio.run(ask()))
    assert len(shop.asked) == 6
