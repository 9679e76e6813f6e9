"""F18: a key whose off never comes, a pedal that stays down, every key at once.

That one stuck key is given up after a while is `tests/listening/test_listener.py`.
"""

from __future__ import annotations

import pytest

from live_improv.music.events import ControlChange, Heard
from live_improv.music.timing import Seconds
from live_improv.performance.controls import MODES
from live_improv.performance.harmony import ChordSource
from tests.faults.invariants import check, of_session
from tests.performance.sessions import Item, Rehearsal, ons, phrase, press

LATER = 30.0

HELD: dict[str, list[Item]] = {
    "a key": [press(1.0, 60)],
    "the pedal": [
        (Seconds(1.0), Heard(Seconds(1.0), ControlChange(64, 127))),
        *phrase(1.1, [60, 62, 64, 65]),
    ],
    "every key": [press(1.0 + pitch / 1e4, pitch) for pitch in range(128)],
    "a chord in the left hand": [press(1.0, pitch) for pitch in (48, 52, 55, 58)],
}


@pytest.mark.parametrize("chords", list(ChordSource))
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("held", HELD)
def test_the_music_goes_on(held: str, mode: str, chords: ChordSource) -> None:
    """What is held is no phrase that goes on for ever: we come in again, and hear what comes."""
    rehearsal = Rehearsal(mode, trade=1, chords=chords)
    sent = rehearsal.play([*HELD[held], *phrase(LATER, [60, 62, 64, 65])], until=LATER + 15.0)
    check(of_session(sent))
    if mode != "answer":
        assert any(12.0 < each.at < LATER for each in ons(sent))
    assert any(each.at > LATER + 0.6 for each in ons(sent))
