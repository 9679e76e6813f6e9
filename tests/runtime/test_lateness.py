"""How late notes go out."""

from __future__ import annotations

from live_improv.music.timing import Seconds
from live_improv.runtime.lateness import KEPT, Lateness


def test_nothing_is_known_before_the_first_note() -> None:
    assert Lateness().p99() is None


def test_one_note_in_a_hundred_may_be_later() -> None:
    lateness = Lateness()
    for i in range(100):
        lateness.add(Seconds(0.001 * i))
    assert lateness.p99() == 0.098


def test_only_the_last_ones_count() -> None:
    lateness = Lateness()
    lateness.add(Seconds(5.0))
    for _ in range(KEPT):
        lateness.add(Seconds(0.0))
    assert lateness.p99() == 0.0
