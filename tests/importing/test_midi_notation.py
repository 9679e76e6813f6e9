"""Played lines on the grid: what a long rest in one of them is to the rhythm."""

from __future__ import annotations

from time import process_time

from live_improv.corpus import Played
from live_improv.importing.midi_notation import written
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks

LATE = (9, 3, 14, 6, 11)
"""Ticks."""


def swung(first: int, count: int) -> list[Note]:
    """Eighths from a beat on, swung and a little late."""
    found = []
    for i in range(count):
        onset = first * PPQ + i // 2 * PPQ + (310 if i % 2 else 0) + LATE[i % 5]
        found.append(Note(Ticks(onset), Ticks(140), 60 + i % 7, 70 + i % 9))
    return found


def test_a_long_rest_takes_no_time_and_changes_nothing() -> None:
    found: list[list[tuple[int, int, int]]] = []
    for rest in (70, 30_000):
        begun = process_time()
        notes, played = written([*swung(2, 24), *swung(14 + rest, 24)], 140.0)
        assert process_time() - begun < 1
        assert len(notes) == len(played) == 48
        # From the rest on counted back by it: the bar is the same.
        back = [rest * PPQ if i > 23 else 0 for i in range(48)]
        assert [each.onset for each in played] == [
            each.onset for each in (*swung(2, 24), *swung(14 + rest, 24))
        ]
        found.append([(n.onset - b, n.end - b, n.pitch) for n, b in zip(notes, back, strict=True)])
        assert isinstance(played[0], Played)
    assert found[0] == found[1]
    assert found[0][:3] == [(960, 1109, 60), (1200, 1413, 61), (1440, 1594, 62)]
