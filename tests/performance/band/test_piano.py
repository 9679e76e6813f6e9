"""The piano: when it strikes, what, and for how long."""

from __future__ import annotations

import pytest

from live_improv.charts.text import parse
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import BandPlayer
from live_improv.performance.band.piano_tables import PHRASES
from tests.performance.band.bands import BPM, PIANO, chart, chords, notes, played

BAR = 1920
ALONE = frozenset({BandPlayer.PIANO})


def comping(text: str, bars: int, seed: int = 1, bpm: float = BPM) -> list[list[Note]]:
    """The chords that are struck, without the last one."""
    return chords(notes(played(parse(text), bars, seed, ALONE, bpm), PIANO))[:-1]


@pytest.mark.parametrize("seed", range(6))
def test_a_chord_before_a_change_takes_what_comes(seed: int) -> None:
    changes = parse("Dm7 | G7 | CM7 | A7b9 | Dm7 | Db7 | CM7 | A7b9")
    met = 0
    for chord in chords(notes(played(changes, 32, seed, ALONE), PIANO))[:-1]:
        onset = chord[0].onset
        if onset % BAR > BAR - PPQ // 2:
            here, coming = changes.chord_at(onset), changes.chord_at(Ticks(onset + PPQ // 2))
            pitches = {note.pitch % 12 for note in chord}
            assert pitches <= coming.pitch_classes | coming.scale
            met += not pitches <= here.pitch_classes
    assert met


def test_rhythms_come_in_phrases() -> None:
    places = [
        tuple(
            round((chord[0].onset - bar * BAR) / 240)
            for chord in comping("Dm7 | G7 | CM7 | %", 32, 3)
            if bar * BAR - 30 <= chord[0].onset < (bar + 1) * BAR - 30
        )
        for bar in range(32)
    ]
    assert len(set(places)) >= 6
    again = sum(a == b for a, b in zip(places, places[2:], strict=False))
    assert again >= 6
    assert all(set(shape) <= set("ABC") and len(shape) == 4 for shape in PHRASES)


def test_ballads_have_long_chords_where_they_change() -> None:
    struck = comping("style: ballad\nCM7 Am7 | Dm7 G7 | Em7 A7b9 | Dm7 Db7", 8, bpm=60)
    lengths = sorted(chord[0].length for chord in struck)
    assert lengths[len(lengths) // 2] > 0.9 * PPQ
    onsets = [chord[0].onset for chord in struck]
    for change in range(0, 8 * BAR, BAR // 2):
        assert any(change - PPQ // 2 <= onset < change + 60 for onset in onsets)


def test_nothing_is_struck_without_a_chord() -> None:
    struck = comping("C | N.C. | N.C. | F", 4)
    assert all(not BAR <= chord[0].onset < 3 * BAR - PPQ // 2 for chord in struck)


def test_a_chord_ends_where_it_no_longer_holds() -> None:
    for seed in range(4):
        changes = chart("rhythm_changes")
        for chord in chords(notes(played(changes, 32, seed, ALONE), PIANO))[:-1]:
            onset = Ticks(chord[0].onset + PPQ // 2)
            until, _ = changes.next_chord(onset)
            assert max(note.end for note in chord) <= until + 30


def test_the_top_voice_is_heard() -> None:
    for chord in comping("Dm7 | G7 | CM7 | A7b9", 16):
        by_pitch = sorted(chord, key=lambda note: note.pitch)
        assert by_pitch[-1].velocity == max(note.velocity for note in chord)


def test_fast_tunes_have_three_voices_and_fewer_chords() -> None:
    text = "Dm7 | G7 | CM7 | A7b9 | Em7 | A7 | Dm7 | G7"
    fast, medium = comping(text, 32, bpm=300), comping(text, 32, bpm=150)
    assert {len(chord) for chord in fast} == {3}
    assert len(fast) < len(medium)
