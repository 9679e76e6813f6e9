"""Which words ask for which groove."""

from __future__ import annotations

import pytest

from live_improv.music.timing import PPQ
from live_improv.performance.band.bass_tables import PATTERNS
from live_improv.performance.band.drum_tables import LANES
from live_improv.performance.band.piano_tables import CELLS
from live_improv.performance.band.styles import Groove, groove_of

COMPOUND = 3 * PPQ // 2
ASKED = {
    ("swing", PPQ, 140.0): Groove.SWING,
    ("", PPQ, 140.0): Groove.SWING,
    ("", PPQ, 60.0): Groove.BALLAD,
    ("Ballad", PPQ, 140.0): Groove.BALLAD,
    ("Medium Up Swing", PPQ, 200.0): Groove.SWING,
    ("Bossa Nova", PPQ, 60.0): Groove.BOSSA,
    ("bossa", PPQ, 140.0): Groove.BOSSA,
    ("samba", PPQ, 200.0): Groove.SAMBA,
    ("latin-enhanced", PPQ, 140.0): Groove.LATIN,
    ("Even 8ths", PPQ, 140.0): Groove.EVEN,
    ("Rock Pop", PPQ, 140.0): Groove.FUNK,
    ("march", PPQ, 140.0): Groove.TWO,
    ("afro", PPQ, 140.0): Groove.LATIN,
    ("afro", COMPOUND, 174.0): Groove.AFRO,
    ("slow blues", COMPOUND, 96.0): Groove.SHUFFLE,
    ("jazz waltz", PPQ, 156.0): Groove.SWING,
}


@pytest.mark.parametrize(("asked", "groove"), ASKED.items())
def test_words_meter_and_tempo_ask_for_a_groove(
    asked: tuple[str, int, float], groove: Groove
) -> None:
    assert groove_of(*asked) is groove


@pytest.mark.parametrize("groove", Groove)
def test_every_groove_is_in_every_table(groove: Groove) -> None:
    for group in (1, 2, 3, 4):
        patterns, cells = PATTERNS[groove][group], CELLS[groove][group]
        assert all(0 <= place.at < 12 * group for row in patterns for place in row)
        assert all(0 <= hit.at < 12 * group for cell in cells for bar in cell for hit in bar)
        assert {len(cell) for cell in cells} in ({1}, {2})
        assert all(row[0].at == 0 for row in patterns)
    for beats, lanes in LANES[groove].items():
        assert lanes
        for lane in lanes:
            assert lane.beats == beats
            assert {len(bar) % beats for bar in lane.bars} == {0}
            assert {len(bar) // beats for bar in lane.bars} <= {2, 3, 4}
