"""Bytes, networks, limits, identities and counters, each on paper."""

import gzip
import zlib

import pytest

from omotenashi.edge.http import Addresses
from omotenashi.edge.identity import is_signed, is_visitor_id, made_visitor, second_visitor, signature
from omotenashi.edge.limits import Allowance, Limits
from omotenashi.edge.metrics import BOUNDS, Metrics
from omotenashi.edge.projects import Networks
from omotenashi.edge.request import REQUEST_LIMIT, STATUS, Refused, inflated, track
from omotenashi.model.reasons import NotRecorded, Refusal

NOON = 1_763_694_000_000


def test_every_refusal_has_a_status() -> None:
    assert set(STATUS) == {*Refusal, *NotRecorded}


def test_gzip_is_inflated_up_to_the_limit_and_no_further() -> None:
    assert inflated(gzip.compress(b"x" * REQUEST_LIMIT)) == b"x" * REQUEST_LIMIT
    with pytest.raises(Refused) as refused:
        inflated(gzip.compress(b"x" * (REQUEST_LIMIT + 1)))
    assert refused.value.code is Refusal.REQUEST_TOO_LARGE


@pytest.mark.parametrize("body", [b"", b"plain", zlib.compress(b"not gzip"), gzip.compress(b"cut" * 99, mtime=0)[:-9]])
def test_what_is_not_whole_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        inflated(body)
    assert refused.value.code is Refusal.BAD_BODY


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"key":1}', "key"),
        (b'{"key":"k","visitor":"v"}', "events"),
        (b'{"key":"k","visitor":"v","events":{}}', "events"),
        (b'{"key":"k","visitor":"v","events":[],"sent_at":"now"}', "sent_at"),
        (b'{"key":"k","visitor":"v","events":[],"page":{"url":"x"}}', "page.id"),
        (b'{"key":"k","visitor":"v","events":[],"page":{"id":7}}', "page.id"),
        (b'{"key":"k","visitor":"v","events":[],"fetch":1}', "fetch"),
        (b"[]", ""),
    ],
)
def test_an_envelope_that_does_not_fit_names_its_field(body: bytes, where: str) -> None:
    with pytest.raises(Refused) as refused:
        track(body)
    assert (refused.value.code, refused.value.where) == (Refusal.BAD_BODY, where)


def test_made_visitor_ids_are_the_same_on_a_retry_and_differ_in_everything_else() -> None:
    one = second_visitor(b"s", "p", "v", "u")
    assert one == second_visitor(b"s", "p", "v", "u")
    assert is_visitor_id(one)
    others = {
        second_visitor(b"t", "p", "v", "u"),
        second_visitor(b"s", "q", "v", "u"),
        second_visitor(b"s", "p", "w", "u"),
        second_visitor(b"s", "p", "v", "x"),
        made_visitor(b"s", "p", "u"),
        one,
    }
    assert len(others) == 6


def test_a_signature_fits_one_member_and_one_secret() -> None:
    assert is_signed("s", "u", signature("s", "u"))
    assert is_signed("s", "u", signature("s", "u").upper())
    for wrong in (signature("s", "w"), signature("t", "u"), "", None, 7, "é"):
        assert not is_signed("s", "u", wrong)


def test_a_window_counts_visitors_and_addresses_and_then_starts_over() -> None:
    limits = Limits(Allowance(per_visitor=2, per_address=3))
    assert [limits.exceeded("v", "a", NOON) for _ in range(3)] == ["", "", "visitor"]
    assert limits.exceeded("w", "a", NOON) == "address"
    assert limits.exceeded("v", "b", NOON) == "visitor"
    assert (limits.retry_after(NOON), limits.retry_after(NOON + 9_500)) == (10, 1)
    assert limits.exceeded("v", "a", NOON + 10_000) == ""
    assert limits.exceeded("v", "a", NOON) == ""


def test_no_limit_is_no_limit() -> None:
    limits = Limits(Allowance(0, 0))
    assert {limits.exceeded("v", "a", NOON) for _ in range(1000)} == {""}


def test_the_busiest_address_is_that_of_the_last_full_window() -> None:
    limits = Limits(Allowance())
    assert limits.busiest() == ("", 0.0, 0)
    for address in ("a", "a", "a", "b"):
        limits.exceeded("v", address, NOON)
    assert limits.busiest() == ("a", 0.75, 4)
    limits.exceeded("v", "c", NOON + 10_000)
    assert limits.busiest() == ("a", 0.75, 4)


def test_networks_contain_addresses_of_both_families() -> None:
    networks = Networks(["10.0.0.0/8", "2001:db8::/32", "198.51.100.7"])
    for inside in ("10.9.8.7", "2001:db8::1", "198.51.100.7", "::ffff:10.1.1.1"):
        assert inside in networks
    for outside in ("11.0.0.1", "2001:db9::1", "198.51.100.8", "unix:", ""):
        assert outside not in networks


def test_a_client_is_the_last_address_that_no_trusted_proxy_made_up() -> None:
    addresses = Addresses(Networks(["10.0.0.0/8"]))
    assert addresses.of("203.0.113.1", b"198.51.100.1") == "203.0.113.1"
    assert addresses.of("10.0.0.1", b"") == "10.0.0.1"
    assert addresses.of("10.0.0.1", b"6.6.6.6, 198.51.100.1, 10.0.0.2") == "198.51.100.1"
    assert addresses.of("10.0.0.1", b"10.0.0.3, 10.0.0.2") == "10.0.0.3"


def test_the_histogram_is_cumulative_and_ends_at_everything() -> None:
    metrics = Metrics()
    for seconds in (0.0001, 0.003, 9.0):
        metrics.answered(seconds)
    text = metrics.text({"projects": 1})
    assert f'bucket{{le="{BOUNDS[0]}"}} 1' in text
    assert 'bucket{le="0.005"} 2' in text
    assert 'bucket{le="5.0"} 2' in text
    assert 'bucket{le="+Inf"} 3' in text
    assert "omotenashi_projects 1" in text
