"""The guard: who may come in, and how much they may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.view.guard import HEADERS, RATE, Allowance, Guard

ALONE = Guard(8123, "secret")
ROOM = Guard(8123, "secret", "192.168.1.20")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8123", "localhost:8123", "LOCALHOST:8123", "[::1]:8123"]
)
def test_our_names_are_known(host: str) -> None:
    assert ALONE.knows_host(host)
    assert ALONE.knows_origin(f"http://{host}", host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8123",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1:81230",
        "127.0.0.1:8123.evil.example",
        "evil.example#127.0.0.1:8123",
        "127.0.0.1:8123, evil.example",
        "192.168.1.20:8123",
        "0.0.0.0:8123",
    ],
)
def test_other_names_are_not(host: str | None) -> None:
    assert not ALONE.knows_host(host)


def test_an_address_in_the_room_joins_ours_when_asked_for() -> None:
    assert ROOM.knows_host("192.168.1.20:8123")
    assert ROOM.knows_host("127.0.0.1:8123")
    assert not ROOM.knows_host("192.168.1.21:8123")
    six = Guard(8123, "secret", "FE80:0::2")
    assert six.knows_host("[fe80::2]:8123")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "http://evil.example",
        "http://evil.example:8123",
        "https://127.0.0.1:8123",
        "http://127.0.0.1",
        "http://127.0.0.1:8124",
        "http://localhost:8123",  # a page of ours, but not the one at this name
        "http://127.0.0.1:8123/",
        "http://127.0.0.1:8123.evil.example",
        "file://",
    ],
)
def test_a_forged_origin_is_refused(origin: str) -> None:
    assert not ALONE.knows_origin(origin, "127.0.0.1:8123")


def test_a_name_that_was_bound_anew_is_refused_though_it_agrees_with_itself() -> None:
    assert not ALONE.knows_origin("http://evil.example:8123", "evil.example:8123")


def test_who_is_no_page_has_no_origin() -> None:
    assert ALONE.knows_origin(None, "127.0.0.1:8123")


@pytest.mark.parametrize("token", [None, "", "secre", "secrets", 7, ["secret"], "ſecret", "\ud800"])
def test_another_token_is_not_ours(token: object) -> None:
    assert not ALONE.knows_token(token)
    assert ALONE.knows_token("secret")


@given(st.lists(st.floats(0.0, 0.2), max_size=200))
def test_no_second_has_more_than_is_allowed(gaps: list[float]) -> None:
    allowance = Allowance()
    now, allowed = 0.0, []
    for gap in gaps:
        now += gap
        if allowance.allows(now):
            allowed.append(now)
    for first, later in zip(allowed, allowed[RATE:], strict=False):
        assert later - first >= 1.0


def test_who_keeps_to_the_rate_is_never_refused() -> None:
    allowance = Allowance()
    assert all(allowance.allows(i * 1.001 / RATE) for i in range(300))


def test_nobody_else_may_read_or_frame_us() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert not any(name.startswith("Access-Control") for name in HEADERS)
