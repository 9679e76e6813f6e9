"""On which chord a tune ends."""

from __future__ import annotations

import pytest

from live_improv.charts.text import parse
from live_improv.music.timing import Ticks
from live_improv.performance.band.ending import final_chord, last_tick
from tests.performance.band.bands import chart

ENDS = {
    "blues_in_f": (12, "F7"),
    "rhythm_changes": (32, "Bb6"),
    "ballad": (32, "Eb6/9"),
    "bossa": (32, "Am9"),
    "jazz_waltz": (32, "Gmaj7"),
    "minor_tune": (32, "Gm(maj7)"),
    "minor_blues": (12, "Cm6"),
    "sus_vamp": (16, "E9sus4"),
}
FORMS = {
    "key: C\nDm7 | G7 | CM7": "CM7",
    "key: C\nCM7 | A7 | Dm7 | G7": "CM7",
    "key: C\nEm7 | A7 | Dm7 G7 | C6 E7": "C6",
    "key: F\nF7 | Bb7 | C7 | C7": "F7",
    "key: C\nAm7 | Dm7 | E7 | Am6": "Am6",
    "Dm7 | G7 | Dm7 | G7": "Dm7",
    "key: G\nN.C. | N.C.": "N.C.",
    "key: C\nDm7 | Em7 | Fm7 | G7/D": "Dm7",
}


@pytest.mark.parametrize(("name", "expected"), ENDS.items())
def test_our_charts_end(name: str, expected: tuple[int, str]) -> None:
    bars, symbol = expected
    changes = chart(name)
    assert final_chord(changes, changes.bars_ticks(bars)).symbol == symbol


@pytest.mark.parametrize(("text", "symbol"), FORMS.items())
def test_a_form_ends_on_its_tonic(text: str, symbol: str) -> None:
    changes = parse(text)
    assert final_chord(changes, changes.length).symbol == symbol


def test_the_last_chord_is_held_for_a_bar_at_most() -> None:
    assert last_tick(parse("C | F"), Ticks(3840)) == 5760
    assert last_tick(parse("time: 3/4\nC | F"), Ticks(2880)) == 4320
    assert last_tick(parse("time: 11/4\nC | F"), Ticks(10560)) == 10560 + 1920
