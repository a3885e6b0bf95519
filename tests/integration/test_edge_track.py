"""The tag's route, over a real ledger: what is taken, what is answered, and what is on disk by then."""

import asyncio
import gzip
from pathlib import Path

import msgspec
import pytest
from tests.integration.edge_house import NOON, PHONE, PUBLIC, SECRET, STAGING, house, midori, request, visitor, welcome

from omotenashi.model.campaigns import Action, Display, Embed, Frequency, Key, OnPhone
from omotenashi.model.entries import Config, Event, Released, Reserved


async def test_an_event_is_answered_when_it_is_on_disk(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(one.event("cart", {"in_cart_price": 4200}))
        assert (answer.status, answer.json) == (200, {"accepted": 1})
        marker, cart = one.entries()
        assert isinstance(marker, Config)
        assert isinstance(cart, Event)
        assert (cart.name, cart.values, cart.person) == ("cart", {"in_cart_price": 4200}, visitor())
        assert (cart.device, cart.os, cart.browser, cart.language) == ("phone", "iOS", "Safari", "ja")
        assert cart.page_view == "page-1"


async def test_a_view_is_answered_with_its_message_and_the_message_with_what_the_page_did(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        answer = await one.track(one.event("view"))
        (message,) = answer.json["messages"]
        assert (message["campaign"], message["action"], message["kind"], message["html"]) == (
            "welcome",
            "d1K",
            "modal",
            "<p>plain</p>",
        )
        assert message["validMs"] == message["until"] - one.now > 0
        opened = await one.track(one.event("_message_open", {"reservation": message["reservation"], "campaign": "forged"}))
        assert opened.json == {"accepted": 1}
        (event,) = one.events("_message_open")
        assert event.values == {
            "reservation": message["reservation"],
            "campaign": "welcome",
            "action": "d1K",
            "holdout": False,
        }
        assert one.profile(visitor()).deliveries["welcome"].shown == 1


async def test_a_view_carries_its_address_in_parts(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        page = {
            "id": "p",
            "url": "https://Midori.example/sale?utm_source=g&utm_medium=cpc&gclid=x&a.b=1",
            "title": "Sale",
            "referrer": "https://search.example/",
        }
        await one.track(one.event("view", {"url": "javascript:forged", "ad": "forged"}), page=page)
        (view,) = one.events("view")
        assert view.values == {
            "url": page["url"],
            "host": "midori.example",
            "path": "/sale",
            "query": {"utm_source": "g", "utm_medium": "cpc", "gclid": "x"},
            "title": "Sale",
            "referrer": "https://search.example/",
            "utm": {"source": "g", "medium": "cpc"},
            "ad": "gclid",
        }


async def test_a_bad_event_is_answered_by_its_index_and_does_not_sink_the_others(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(
            one.event("first"),
            one.event("no good"),
            one.event("second", {"deep": {"er": float(2**60)}}),
            {"id": "x"},
            one.event("last"),
        )
        assert answer.json["accepted"] == 2
        assert [(r["index"], r["code"], r["where"]) for r in answer.json["rejected"]] == [
            (1, "bad_name", "name"),
            (2, "bad_value", "values.deep.er"),
            (3, "bad_name", "name"),
        ]
        assert [event.name for event in one.events()] == ["first", "last"]
        assert [event.seq for event in one.events()] == [1, 2]


async def test_a_duplicate_counts_once_and_is_answered_with_its_open_reservation(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        view = one.event("view")
        first = await one.track(view)
        again = await one.track(view)
        assert again.json["accepted"] == 0
        assert [r["code"] for r in again.json["rejected"]] == ["duplicate"]
        assert again.json["messages"][0]["reservation"] == first.json["messages"][0]["reservation"]
        assert len(one.events("view")) == 1
        await one.track(one.event("_message_open", {"reservation": first.json["messages"][0]["reservation"]}))
        assert "messages" not in (await one.track(view)).json


async def test_two_events_of_one_id_in_one_request_count_once(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        cart = one.event("cart")
        answer = await one.track(cart, cart)
        assert (answer.json["accepted"], answer.json["rejected"][0]["index"]) == (1, 1)


async def test_a_duplicate_is_known_after_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        cart = one.event("cart")
        await one.track(cart)
        await one.restart()
        assert (await one.track(cart)).json["rejected"][0]["code"] == "duplicate"
        assert len(one.events("cart")) == 1


async def test_a_beacon_is_folded_and_shown_nothing(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        assert (await one.track(one.event("view"), fetch=False)).json == {"accepted": 1}
        hidden = {"id": "page-2", "url": "https://midori.example/", "visible": False}
        assert (await one.track(one.event("view"), page=hidden)).json == {"accepted": 1}
        assert one.profile(visitor()).views == 2


async def test_an_event_of_an_earlier_page_is_no_reason_to_show_something_on_this_one(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        earlier = one.event("view", page={"id": "page-0", "url": "https://midori.example/a"}, offline=True)
        assert (await one.track(earlier)).json == {"accepted": 1}


async def test_gzip_and_text_plain_are_read_like_json(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        body = {"key": PUBLIC, "visitor": visitor(), "events": [one.event("a")]}
        packed = gzip.compress(msgspec.json.encode(body))
        answer = await request(one.edge.public, "POST", "/v1/track", packed, {"content-encoding": "gzip", "user-agent": PHONE})
        assert answer.json == {"accepted": 1}
        body["events"] = [one.event("b")]
        plain = msgspec.json.encode(body)
        heads = {"content-type": "text/plain;charset=UTF-8", "user-agent": PHONE}
        assert (await request(one.edge.public, "POST", "/v1/track", plain, heads, parts=3)).json == {"accepted": 1}


async def test_a_long_answer_is_packed_for_who_takes_it_and_a_short_one_for_nobody(tmp_path: Path) -> None:
    long = welcome(frequency=Frequency("access"), actions=(Action("d1K", "Tea. " * 1_000, 1000, template="modal"),))
    async with house(tmp_path, midori(long)) as one:
        takes = {"accept-encoding": "gzip, deflate, br"}
        plain = await one.track(one.event("view"))
        packed = await one.track(one.event("view"), page={"id": "page-2", "visible": True}, headers=takes)
        assert "content-encoding" not in plain.headers
        assert packed.headers["content-encoding"] == "gzip"
        assert len(packed.body) * 10 < len(plain.body)
        message = msgspec.json.decode(gzip.decompress(packed.body))["messages"][0]
        assert message["html"] == plain.json["messages"][0]["html"]
        short = await one.track(one.event("cart"), headers=takes)
        assert "content-encoding" not in short.headers


async def test_a_gzip_bomb_is_refused_without_being_inflated(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        bomb = gzip.compress(b" " * 50_000_000)
        assert len(bomb) < 64 * 1024
        answer = await request(one.edge.public, "POST", "/v1/track", bomb, {"content-encoding": "gzip"})
        assert (answer.status, answer.error["code"], answer.error["where"]) == (413, "request_too_large", "body")


@pytest.mark.parametrize(
    ("body", "status", "code", "where"),
    [
        (b"{", 400, "bad_body", ""),
        (b'{"key":"public-key","visitor":"\xff","events":[]}', 400, "bad_body", ""),
        (b'{"key":"public-key","visitor":"v","events":[{"a":NaN}]}', 400, "bad_body", ""),
        (b'{"key":"public-key","visitor":1,"events":[]}', 400, "bad_body", "visitor"),
        (b'{"key":"public-key","events":[]}', 400, "bad_body", "visitor"),
        (b'{"key":"public-key","visitor":"v","events":[' + b"[" * 30_000 + b"]" * 30_000 + b"]}", 400, "bad_body", ""),
        (b'{"key":"public-key","visitor":"v","events":[' + b"0," * 100 + b"0]}", 413, "too_many_events", "events"),
        (b'{"key":"public-key","visitor":"short","events":[]}', 400, "bad_visitor", "visitor"),
        (b'{"key":"unknown","visitor":"v","events":[]}', 401, "unknown_key", "key"),
        (b'{"key":"secret-key","visitor":"v","events":[]}', 403, "wrong_key_kind", "key"),
        (b" " * 70_000, 413, "request_too_large", "body"),
    ],
)
async def test_a_request_that_is_not_taken_says_why_and_where(
    tmp_path: Path, body: bytes, status: int, code: str, where: str
) -> None:
    async with house(tmp_path) as one:
        answer = await request(one.edge.public, "POST", "/v1/track", body, {"user-agent": PHONE})
        assert (answer.status, answer.error["code"], answer.error.get("where", "")) == (status, code, where)
        assert answer.error["message"]
        assert answer.error["id"]
        assert one.events() == []


async def test_events_beyond_their_size_are_left_out_unread(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(one.event("a", {"t": "x" * 33_000}), one.event("b"))
        assert (answer.json["accepted"], answer.json["rejected"][0]["code"]) == (1, "event_too_large")
        assert answer.json["rejected"][0]["where"] == "events.0"


async def test_only_a_projects_origins_may_send(tmp_path: Path) -> None:
    async with house(tmp_path, midori(origins=("https://midori.example",))) as one:
        good = await one.track(one.event("a"), headers={"origin": "https://midori.example"})
        assert (good.status, good.headers["access-control-allow-origin"]) == (200, "https://midori.example")
        bad = await one.track(one.event("a"), headers={"origin": "https://evil.example"})
        assert (bad.status, bad.error["code"], bad.error["where"]) == (403, "origin_not_allowed", "origin")
        null = await one.track(one.event("a"), headers={"origin": "null"})
        assert null.status == 403


async def test_a_preflight_is_granted_to_allowed_origins_and_remembered_for_a_day(tmp_path: Path) -> None:
    async with house(tmp_path, midori(origins=("https://midori.example",))) as one:
        heads = {"origin": "https://midori.example", "access-control-request-method": "POST"}
        answer = await request(one.edge.public, "OPTIONS", "/v1/track", b"", heads)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == "https://midori.example"
        assert answer.headers["access-control-max-age"] == "86400"
        assert "content-encoding" in answer.headers["access-control-allow-headers"]
        assert (await request(one.edge.public, "OPTIONS", "/v1/track", b"", {"origin": "https://evil.example"})).status == 403


async def test_the_staging_key_marks_every_event_as_a_test(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"), key=STAGING)
        await one.track(one.event("b"))
        assert [event.test for event in one.events()] == [True, False]


async def test_who_opted_out_leaves_no_trace_but_a_count(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        assert (await one.track(one.event("a"), opted_out=True)).json == {"accepted": 0}
        assert one.events() == []
        assert one.edge.metrics.ignored == {"opted_out": 1}


async def test_bots_and_staff_are_answered_with_nothing_and_counted(tmp_path: Path) -> None:
    async with house(tmp_path, midori(staff_addresses=("198.51.100.0/24",))) as one:
        bot = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
        assert (await one.track(one.event("a"), headers=bot)).json == {"accepted": 0}
        assert (await one.track(one.event("a"), peer="198.51.100.7")).json == {"accepted": 0}
        behind = {"x-forwarded-for": "198.51.100.7"}
        assert (await one.track(one.event("a"), headers=behind, peer="10.1.2.3")).json == {"accepted": 0}
        assert (await one.track(one.event("a"), headers=behind, peer="203.0.113.1")).json == {"accepted": 1}
        assert one.edge.metrics.ignored == {"bot": 1, "staff": 2}


async def test_a_country_is_believed_only_of_a_trusted_proxy(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"), headers={"x-country": "jp"}, peer="10.0.0.1")
        await one.track(one.event("b"), headers={"x-country": "jp"})
        assert [event.country for event in one.events()] == ["JP", None]


async def test_times_are_believed_only_as_differences_and_never_of_the_future(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        wrong_clock = 1_000_000_000
        await one.track(
            one.event("a", at=wrong_clock - 5_000),
            one.event("b", at=wrong_clock + 99_000),
            sent_at=wrong_clock,
        )
        assert [event.at for event in one.events()] == [NOON - 5_000, NOON]


async def test_an_event_older_than_a_day_is_refused_and_one_of_just_a_day_is_taken(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(
            one.event("old", at=one.now - 86_400_001, offline=True), one.event("a", at=one.now - 86_400_000, offline=True)
        )
        assert (answer.json["accepted"], answer.json["rejected"][0]["code"]) == (1, "too_old")


@pytest.mark.parametrize("name", ["_message_ready", "_message_suppressed", "_mine", "_goal"])
async def test_a_public_key_cannot_forge_names_that_are_made_here(tmp_path: Path, name: str) -> None:
    async with house(tmp_path) as one:
        answer = await one.track(one.event(name))
        assert (answer.json["accepted"], answer.json["rejected"][0]["code"]) == (0, "reserved_name")


@pytest.mark.parametrize("name", ["_message_open", "_message_click", "_message_close", "_release", "_answer_question"])
async def test_nobody_reports_on_the_reservation_of_somebody_else(tmp_path: Path, name: str) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        reservation = (await one.track(one.event("view"))).json["messages"][0]["reservation"]
        values = {"reservation": reservation, "by": "button"}
        answer = await one.track(one.event(name, values), visitor=visitor("taro"))
        assert (answer.json["rejected"][0]["code"], answer.json["rejected"][0]["where"]) == (
            "unknown_reservation",
            "values.reservation",
        )
        assert (await one.track(one.event(name, values))).json["accepted"] == 1


async def test_a_place_that_was_given_back_cannot_be_opened(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        message = (await one.track(one.event("view"))).json["messages"][0]
        one.now = message["until"] + 86_400_000 + 1
        answer = await one.track(one.event("_message_open", {"reservation": message["reservation"]}))
        assert answer.json["rejected"][0]["code"] == "lease_over"


async def test_a_release_gives_the_place_back_though_it_comes_as_a_beacon(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        message = (await one.track(one.event("view"))).json["messages"][0]
        await one.track(one.event("_release", {"reservation": message["reservation"]}), fetch=False)
        assert [entry for entry in one.entries() if isinstance(entry, Released)]
        assert (await one.track(one.event("view"))).json["messages"]


async def test_a_message_that_cannot_be_written_gives_its_place_back_and_leaves_a_trace(tmp_path: Path) -> None:
    broken = (Action("d1K", "plain", 1000, template="modal", texts={"text": "broken"}),)
    async with house(tmp_path, midori(welcome(actions=broken))) as one:
        assert (await one.track(one.event("view"))).json == {"accepted": 1}
        kinds = [type(entry).__name__ for entry in one.entries()]
        assert kinds == ["Config", "Event", "Reserved", "Event", "Event", "Event", "Released"]
        assert one.events("_error")[0].values["campaign"] == "welcome"
        assert one.entries()[-1].reason == "unwritten"
        assert one.profile(visitor()).leases == []


async def test_a_holdout_is_answered_without_a_body_and_reported_like_the_others(tmp_path: Path) -> None:
    holdout = (Action("h0", "holdout", 1000, holdout=True), Action("d1K", "plain", 0, template="modal"))
    async with house(tmp_path, midori(welcome(actions=holdout))) as one:
        (message,) = (await one.track(one.event("view"))).json["messages"]
        assert message["holdout"] is True
        assert message["kind"] == "modal"
        assert "html" not in message
        await one.track(one.event("_message_open", {"reservation": message["reservation"]}))
        assert one.events("_message_open")[0].values["holdout"] is True


async def test_a_message_says_how_it_is_shown_and_what_it_may_not_cover_and_so_does_its_holdout(tmp_path: Path) -> None:
    display = Display(idle_ms=500, z_index=9, requires=(".a",), phone=OnPhone("bottom"), embed=Embed("#b", "before"))
    shown = Action("d1K", "plain", 1000, template="modal", display=display)
    held_out = (Action("h0", "holdout", 1000, holdout=True), msgspec.structs.replace(shown, weight=0))
    for actions in ((shown,), held_out):
        async with house(tmp_path / actions[0].id, midori(welcome(actions=actions), protect=("#cart",))) as one:
            (message,) = (await one.track(one.event("view"))).json["messages"]
            assert message["protect"] == ["#cart"]
            assert message["validMs"] == 30 * 60_000
            assert message["display"] == {
                "idleMs": 500,
                "zIndex": 9,
                "requires": [".a"],
                "phone": {"position": "bottom"},
                "embed": {"selector": "#b", "place": "before"},
            }


async def test_why_a_place_was_given_back_stands_in_the_log(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        (message,) = (await one.track(one.event("view"))).json["messages"]
        refused = await one.track(one.event("_release", {"reservation": message["reservation"], "reason": "bored"}))
        assert [(each["code"], each["where"]) for each in refused.json["rejected"]] == [("bad_value", "values.reason")]
        await one.track(one.event("_release", {"reservation": message["reservation"], "reason": "requires"}))
        (released,) = (entry for entry in one.entries() if isinstance(entry, Released))
        assert released.reason == "requires"


async def test_the_emergency_stop_works_at_the_next_look_while_measuring_goes_on(tmp_path: Path) -> None:
    from omotenashi.ledger.port import Switches

    async with house(tmp_path, midori(welcome())) as one:
        one.office.switch("midori", Switches(messages_stopped=True, recording_stopped=True))
        one.edge.projects.look()
        answer = await one.track(one.event("view"))
        assert answer.json == {"accepted": 1}
        assert not any(isinstance(entry, Reserved) for entry in one.entries())


async def test_a_new_version_is_announced_in_the_log_before_its_first_event(tmp_path: Path) -> None:
    async with house(tmp_path, midori()) as one:
        await one.track(one.event("a"))
        one.office.apply(midori(welcome(), version=2))
        one.edge.projects.look()
        await one.track(one.event("view"))
        assert [(type(entry).__name__, entry.config) for entry in one.entries()][:4] == [
            ("Config", 1),
            ("Event", 1),
            ("Config", 2),
            ("Event", 2),
        ]


async def test_a_version_that_cannot_be_compiled_leaves_the_one_that_runs(tmp_path: Path) -> None:
    async with house(tmp_path, midori(welcome())) as one:
        one.office.apply(midori(version=2, time_zone="Nowhere/Atall"))
        one.edge.projects.look()
        assert (await one.track(one.event("view"))).json["messages"]
        one.office.apply(midori(version=3))
        one.edge.projects.look()
        assert one.edge.projects.by_id["midori"].plan.version == 3


async def test_the_office_is_followed_while_requests_go_on(tmp_path: Path) -> None:
    async with house(tmp_path, midori()) as one:
        watching = asyncio.create_task(one.edge.watch())
        one.office.apply(midori(welcome(), version=2))
        async with asyncio.timeout(2):
            while not (await one.track(one.event("view"))).json.get("messages"):
                await asyncio.sleep(0.02)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        configs = [entry.config for entry in one.entries()]
        assert configs == sorted(configs)


async def test_a_key_that_the_office_issued_works_at_the_next_look(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        assert (await one.track(one.event("a"), key="issued")).status == 401
        one.office.issued.append(Key("issued", "public"))
        one.edge.projects.look()
        assert (await one.track(one.event("a"), key="issued")).json == {"accepted": 1}


async def test_one_visitor_and_one_address_may_only_ask_so_much(tmp_path: Path) -> None:
    from omotenashi.edge.limits import Allowance

    async with house(tmp_path, allowance=Allowance(per_visitor=2, per_address=3)) as one:
        assert [(await one.track(one.event("a"))).status for _ in range(2)] == [200, 200]
        refused = await one.track(one.event("a"))
        assert (refused.status, refused.error["code"], refused.error["where"]) == (429, "rate_limited", "visitor")
        assert int(refused.headers["retry-after"]) == 10
        assert refused.headers["access-control-expose-headers"] == "retry-after"
        assert (await one.track(one.event("a"), visitor=visitor("taro"))).error["where"] == "address"
        one.now += 10_000
        assert (await one.track(one.event("a"))).status == 200


async def test_where_measuring_wants_consent_only_the_consent_is_taken_before(tmp_path: Path) -> None:
    from omotenashi.model.campaigns import Purpose

    async with house(tmp_path, midori(purposes=(Purpose("measure", "unknown"),))) as one:
        assert (await one.track(one.event("a"))).json["rejected"][0]["code"] == "consent"
        await one.track(one.event("consent", {"purpose": "measure", "state": "granted"}))
        assert (await one.track(one.event("a"))).json == {"accepted": 1}


async def test_a_secret_key_never_reaches_the_log(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.track(one.event("a"), key=SECRET)
        assert one.events() == []


async def test_every_route_answers_errors_with_the_one_body(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        for door, method, path, status in (
            (one.edge.public, "GET", "/nowhere", 404),
            (one.edge.public, "GET", "/v1/track", 405),
            (one.edge.public, "POST", "/tag.js", 405),
            (one.edge.public, "POST", "/v1/events", 401),
            (one.edge.public, "POST", "/v1/import?batch=b", 401),
            (one.edge.public, "DELETE", "/v1/import", 405),
            (one.edge.public, "POST", "/health", 405),
            (one.edge.internal, "POST", "/internal/events", 401),
            (one.edge.internal, "POST", "/internal/erase", 401),
            (one.edge.internal, "GET", "/internal/health", 401),
            (one.edge.internal, "GET", "/internal/refusals", 401),
        ):
            answer = await request(door, method, path)
            assert answer.status == status
            assert set(answer.error) == {"code", "message", "where", "id"}


async def test_the_tag_is_served_with_a_name_and_not_sent_twice(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        first = await request(one.edge.public, "GET", "/tag.js")
        assert (first.status, first.body) == (200, b"tag()")
        assert first.headers["content-type"].startswith("text/javascript")
        assert "max-age=300" in first.headers["cache-control"]
        packed = await request(one.edge.public, "GET", "/tag.js", b"", {"accept-encoding": "gzip, br"})
        assert gzip.decompress(packed.body) == b"tag()"
        again = await request(one.edge.public, "GET", "/tag.js", b"", {"if-none-match": first.headers["etag"]})
        assert (again.status, again.body) == (304, b"")


async def test_a_page_is_told_once_a_view_that_its_trouble_is_wanted_and_only_its_own_names_are_taken(tmp_path: Path) -> None:
    async with house(tmp_path, midori(friction=True)) as one:
        assert (await one.track(one.event("view"))).json == {"accepted": 1, "friction": True}
        rage = one.event("_rage_click", {"selector": "button#buy", "clicks": 3})
        assert (await one.track(rage)).json == {"accepted": 1}
        (kept,) = one.events("_rage_click")
        assert kept.values == {"selector": "button#buy", "clicks": 3}
        refused = await one.track(one.event("_dead_clock"))
        assert refused.json["rejected"][0]["code"] == "reserved_name"


async def test_a_project_that_did_not_ask_hears_of_no_trouble(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        assert (await one.track(one.event("view"))).json == {"accepted": 1}
