"""The drums: time, talk and fills."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from statistics import mean

import pytest

from live_improv.charts.text import parse
from live_improv.music.events import Note
from live_improv.music.timing import PPQ
from live_improv.performance.band import BandPlayer
from live_improv.performance.band.drum_tables import (
    BELL,
    CLOSED,
    CRASH,
    FILL_DRUMS,
    FILLS,
    KICK,
    PEDAL,
    RIDE,
    RIM,
    SNARE,
)
from tests.performance.band.bands import BPM, DRUMS, chart, notes, played

BAR = 1920
ALONE = frozenset({BandPlayer.DRUMS})
TOMS = (43, 47, 50)


def drums(text: str, bars: int, seed: int = 1, bpm: float = BPM) -> list[Note]:
    end = parse(text).bars_ticks(bars)
    said = played(parse(text), bars, seed, ALONE, bpm)
    return [note for note in notes(said, DRUMS) if note.onset < end]


def eighths(line: list[Note], *drum: int, bar: int = BAR) -> Counter[int]:
    """How often a drum is struck at each eighth of a bar; the swing is taken out."""
    places = (round((note.onset - 20) / 240) for note in line if note.pitch in drum)
    return Counter(place % (bar // 240) for place in places)


def test_swing_is_ride_and_hat_on_two_and_four() -> None:
    line = drums("Cm7 | F7 | Bbmaj7 | %", 32)
    assert set(eighths(line, PEDAL)) == {2, 6}
    assert eighths(line, PEDAL)[2] == 32
    ride = eighths(line, RIDE)
    assert all(ride[quarter] >= 24 for quarter in (2, 4, 6))
    assert 20 <= ride[3] + ride[7] <= 64
    feathered = [note.velocity for note in line if note.pitch == KICK]
    assert sorted(feathered)[len(feathered) // 2] < 45


def test_the_ride_is_a_hair_ahead() -> None:
    line = drums("Cm7 | F7 | Bbmaj7 | %", 64, bpm=200)
    off = [(note.onset + 240) % PPQ - 240 for note in line if note.pitch == RIDE]
    beats = [each for each in off if abs(each) < 60]
    assert -14 < mean(beats) < -2


def test_fast_tunes_have_no_busy_skips() -> None:
    slow, fast = (
        [n for n in drums("Cm7 | F7 | Bbmaj7 | %", 32, bpm=bpm) if n.pitch == RIDE]
        for bpm in (150, 300)
    )
    assert len(fast) < 0.85 * len(slow)
    assert sum((note.onset + 60) % PPQ > 120 for note in fast) < 12


def test_ballads_are_soft() -> None:
    soft = drums("style: ballad\nCM7 | Am7 | Dm7 | G7", 16, bpm=56)
    loud = drums("CM7 | Am7 | Dm7 | G7", 16, bpm=140)
    assert mean(n.velocity for n in soft) < 0.85 * mean(n.velocity for n in loud if n.pitch != KICK)
    assert not any(note.pitch == CRASH for note in soft)


def test_bossa_has_its_clave() -> None:
    line = [
        note for note in drums("style: bossa\nCm7 | F7 | Bbmaj7 | %", 8) if note.onset < 6 * BAR
    ]
    rim = eighths(line, RIM, bar=2 * BAR)
    assert set(rim) == {0, 3, 6, 10, 13}
    assert len(eighths(line, CLOSED)) >= 8


def test_afro_six_has_its_bell() -> None:
    said = notes(played(chart("afro_six"), 8, players=ALONE), DRUMS)
    bell = {round(note.onset / 240) % 12 for note in said if note.pitch == BELL}
    assert bell == {0, 2, 4, 5, 7, 9, 11}


def test_a_waltz_is_in_three() -> None:
    line = drums("time: 3/4\nCM7 | Am7 | Dm7 | G7", 32, bpm=160)
    assert set(eighths(line, PEDAL, bar=1440)) == {2}
    assert eighths(line, KICK, bar=1440)[0] >= 24


@pytest.mark.parametrize("seed", range(4))
def test_fills_are_where_sections_end(seed: int) -> None:
    changes = chart("minor_tune")
    line = notes(played(changes, 128, seed, ALONE), DRUMS)
    starts = [part.start for part in changes.sections] + [changes.length]
    toms = [note.onset % changes.length for note in line if note.pitch in TOMS]
    assert len(toms) >= 4
    assert all(any(start - BAR <= onset + 20 < start for start in starts) for onset in toms)


def test_a_chorus_begins_with_a_crash() -> None:
    line = notes(played(chart("blues_in_f"), 60, 3, ALONE), DRUMS)
    crashes = [round(note.onset / BAR) for note in line if note.pitch == CRASH]
    assert crashes == [12, 24, 36, 48, 60]
    kicks = [note for note in line if note.pitch == KICK and note.velocity > 60]
    assert all(any(abs(k.onset - bar * BAR) < 30 for k in kicks) for bar in crashes)


def test_the_snare_talks_now_and_then() -> None:
    line = drums("Cm7 | F7 | Bbmaj7 | % | Am7b5 | D7 | Gm6 | %", 64)
    snare = [note for note in line if note.pitch == SNARE]
    assert 20 <= len(snare) <= 128
    said = {note.onset // BAR for note in snare}
    assert 16 <= len(said) <= 52


def test_no_drum_is_struck_twice_at_once() -> None:
    for name in ("blues_in_f", "bossa", "afro_six", "five_four", "slow_twelve_eight"):
        line = notes(played(chart(name), 48, 2, ALONE), DRUMS)
        for drum in {note.pitch for note in line}:
            onsets = [note.onset for note in line if note.pitch == drum]
            assert all(b - a > 30 for a, b in pairwise(onsets))


@pytest.mark.parametrize("key", FILLS)
def test_fills_fill_their_beats(key: tuple[int, int]) -> None:
    beats, each = key
    assert all(len(text) == beats * each for text in FILLS[key])
    assert {sign for text in FILLS[key] for sign in text} <= {*FILL_DRUMS, "."}
