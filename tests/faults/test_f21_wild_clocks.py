"""F21, F22: after whatever messages of a clock, a new start is followed within a bar."""

from __future__ import annotations

from tests.fuzz.checking import tried


def test_a_thousand_rows_of_messages_and_then_a_clock_that_is_followed() -> None:
    # 1,000 and not 10,000: each has up to 200 pulses, and 97 to follow, some 6 ms.
    tally = tried("clock", 1_000)
    assert tally.parsed == 1_000
