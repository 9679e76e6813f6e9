"""The bass: what it plays where."""

from __future__ import annotations

from itertools import pairwise

import pytest

from live_improv.charts.text import parse
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.band import BandPlayer
from live_improv.performance.band.bass_pitch import above, below, degrees, leading, nearest
from live_improv.performance.band.bass_tables import FIGURES
from tests.performance.band.bands import BASS, BPM, chart, notes, played


def bass(text: str, bars: int, seed: int = 1, bpm: float = BPM) -> list[Note]:
    """What the bass plays, without its last note."""
    changes = parse(text)
    said = played(changes, bars, seed, frozenset({BandPlayer.BASS}), bpm)
    return notes(said, BASS)[:-1]


def names(line: list[Note]) -> list[int]:
    return [note.pitch % 12 for note in line]


def on_beats(line: list[Note]) -> list[Note]:
    """Without skips and pickups."""
    return [note for note in line if min(note.onset % PPQ, -note.onset % PPQ) < 40]


def test_degrees_of_chords() -> None:
    assert degrees(parse_chord("C7")) == (0, 2, 4, 5, 7, 9, 10)
    assert degrees(parse_chord("CM7")) == (0, 2, 4, 5, 7, 9, 11)
    assert degrees(parse_chord("Cm7b5"))[2:5:2] == (3, 6)
    assert degrees(parse_chord("Cm7"))[:5] == (0, 2, 3, 5, 7)
    assert degrees(parse_chord("Cdim7"))[2::2] == (3, 6, 9)
    assert degrees(parse_chord("G7sus4"))[2] == 0
    assert degrees(parse_chord("C7alt"))[1] == 1


def test_pitches_above_and_below() -> None:
    assert above(0, 36) == 48
    assert above(2, 36) == 38
    assert below(0, 36) == 24
    assert below(11, 36) == 35
    assert nearest(0, 37) == 36
    assert nearest(4, None) == 40


def test_what_leads_to_a_root() -> None:
    to = parse_chord("Cm7")
    found = dict(leading(36, parse_chord("G7"), to))
    assert {35, 37, 31, 43} <= set(found)
    assert set(found) <= {34, 35, 37, 38, 31, 43}
    # The dominant's own third costs less than a note from nowhere.
    assert found[35] < found[37]


@pytest.mark.parametrize("key", FIGURES)
def test_figures_fill_their_run(key: tuple[int, int]) -> None:
    _, beats = key
    for figure in FIGURES[key]:
        assert len(figure) == beats - 1
        tail = [token in "ad" for token in figure]
        assert tail == sorted(tail), "what leads on comes last"
        assert figure.count("a") <= 1
        assert "d" not in figure or figure[-2:] == ("d", "a")


@pytest.mark.parametrize("seed", range(8))
def test_it_walks_in_quarters(seed: int) -> None:
    line = on_beats(bass("tempo: 160\nCm7 | F7 | Bbmaj7 | G7b9", 4, seed, 160))
    assert [round(note.onset / PPQ) for note in line] == list(range(16))
    assert names(line)[::4] == [0, 5, 10, 7]
    for before, after in zip(line[3::4], line[4::4], strict=False):
        step = after.pitch - before.pitch
        assert abs(step) <= 2 or step in (-7, 5)
    assert all(a.pitch != b.pitch for a, b in pairwise(line))


def test_it_plays_the_bass_that_is_written() -> None:
    line = on_beats(bass("C/E | F/C G7/B | Am7/G | D7/F#", 4))
    at = {round(note.onset / PPQ): note.pitch % 12 for note in line}
    assert [at[beat] for beat in (0, 4, 6, 8, 12)] == [4, 0, 11, 7, 6]


def test_a_pedal_stays() -> None:
    line = on_beats(bass("style: ballad\nC/G | Dm7/G | C/G | Db/G", 4, bpm=60))
    assert {note.pitch for note in line if round(note.onset / PPQ) % 4 == 0} == {31} or {
        note.pitch % 12 for note in line if round(note.onset / PPQ) % 4 == 0
    } == {7}


def test_it_plays_chords_shorter_than_a_beat() -> None:
    line = bass("tempo: 100\nC F G C Dm7 G7 | Am7", 2)
    at = {note.pitch % 12 for note in line if note.onset < 4 * PPQ - 40}
    assert {0, 5, 7, 2} <= at


def test_it_is_silent_without_a_chord() -> None:
    line = bass("C | N.C. | N.C. | F", 4)
    assert [note for note in line if 4 * PPQ <= note.onset + 20 < 12 * PPQ] == []
    assert any(note.onset >= 12 * PPQ - 20 for note in line)


def test_ballads_and_slow_tunes_begin_in_two() -> None:
    for text, bpm in (("style: ballad\n", 60.0), ("", 100.0)):
        line = bass(f"{text}Cm7 | F7 | Bbmaj7 | Ebmaj7 | Am7b5 | D7 | Gm6 | %", 8, bpm=bpm)
        assert len(on_beats(line)) < 26
    fast = bass("Cm7 | F7 | Bbmaj7 | Ebmaj7 | Am7b5 | D7 | Gm6 | %", 8, bpm=200)
    assert len(on_beats(fast)) == 32


def test_bossa_is_root_and_fifth() -> None:
    changes = chart("bossa")
    line = notes(played(changes, 16), BASS)[:-1]
    by_beat: dict[int, list[int]] = {}
    for note in line:
        place = (note.onset + 30) % 1920 // 240
        chord = changes.chord_at(Ticks(note.onset + 30))
        by_beat.setdefault(place, []).append((note.pitch - (chord.root or 0)) % 12)
    assert set(by_beat) <= {0, 3, 4, 7}
    assert set(by_beat[0]) == {0}
    assert set(by_beat[3]) <= {0, 6, 7, 8}


@pytest.mark.parametrize("seed", range(5))
def test_lines_differ_from_bar_to_bar(seed: int) -> None:
    line = bass("F7 | F7 | F7 | F7 | F7 | F7 | F7 | F7", 8, seed, 160)
    bars = [tuple(n.pitch for n in on_beats(line)[at : at + 4]) for at in range(0, 32, 4)]
    assert len(set(bars)) >= 5
    assert all(a != b for a, b in pairwise(bars))
