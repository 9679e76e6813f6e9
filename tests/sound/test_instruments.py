"""Every sound there is: in tune, louder and brighter when struck harder, clean, over in time."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from live_improv.music.events import NoteOff, NoteOn, ProgramChange
from live_improv.performance.instruments import INSTRUMENTS
from live_improv.sound.drums import KIT
from live_improv.sound.partials import tuned
from live_improv.sound.programs import DRUM_CHANNEL, name_of
from tests.sound.hearing import RATE, centroid, heard, off_pitch, power, share_near, spectrum

PITCHES = {
    **{
        row.program: (row.register.low, row.usual.high, row.register.high)
        for row in INSTRUMENTS.values()
    },
    0: (36, 60, 84, 96),
    4: (48, 72),
    16: (48, 72),
    32: (28, 36, 45, 55),
    33: (28, 43),
    48: (48, 72),
    73: (65, 89),
}
NOTES = [(program, pitch) for program, pitches in PITCHES.items() for pitch in pitches]


@cache
def note(program: int, pitch: int, velocity: int = 90, seconds: float = 2.8) -> NDArray[np.float32]:
    """A note from 0.05 to 0.85, and what follows it."""
    return heard(
        [
            (0.0, ProgramChange(program, 3)),
            (0.05, NoteOn(pitch, velocity, 3)),
            (0.85, NoteOff(pitch, 3)),
        ],
        seconds,
    )


@cache
def stroke(key: int, velocity: int = 90) -> NDArray[np.float32]:
    return heard([(0.05, NoteOn(key, velocity, DRUM_CHANNEL))], 1.5)


@pytest.mark.parametrize(("program", "pitch"), NOTES)
def test_in_tune(program: int, pitch: int) -> None:
    steady = note(program, pitch)[round(0.2 * RATE) : round(0.8 * RATE)]
    assert abs(off_pitch(steady, tuned(pitch))) < 12
    # The bars of a vibraphone and the stiff strings of a piano are not quite harmonic.
    assert share_near(steady, tuned(pitch)) > 0.9


@pytest.mark.parametrize(("program", "pitch"), NOTES)
def test_harder_is_louder_and_brighter(program: int, pitch: int) -> None:
    soft, usual, hard = (note(program, pitch, v, 0.85) for v in (40, 80, 120))
    assert power(soft) + 4 < power(usual) < power(hard) - 2
    if name_of(program, 3) != "organ" and pitch < 80:  # the highest notes are one partial or two
        assert centroid(soft) < centroid(hard)


@pytest.mark.parametrize(("program", "pitch"), NOTES)
def test_clean(program: int, pitch: int) -> None:
    sound = note(program, pitch)
    assert np.abs(sound.mean(axis=0)).max() < 1e-3  # no direct current
    hertz, found = spectrum(sound[round(0.1 * RATE) : round(0.8 * RATE)])
    assert found[hertz > 18_000].sum() < 1e-6 * found.sum()  # 60 dB
    assert found[hertz < 20].sum() < 1e-3 * found.sum()


@pytest.mark.parametrize(("program", "pitch"), NOTES)
def test_it_sounds_at_once_and_ends(program: int, pitch: int) -> None:
    sound = note(program, pitch)
    begin = round(0.05 * RATE)
    assert not sound[:begin].any()
    loudest = max(power(sound[at : at + 441]) for at in range(begin, begin + 13_230, 441))
    # Strings that are bowed take their time.
    latest = 0.15 if name_of(program, 3) == "strings" else 0.05
    assert power(sound[begin : begin + round(latest * RATE)]) > loudest - 14
    assert power(sound[round(2.6 * RATE) :]) < loudest - 45


@pytest.mark.parametrize("key", KIT)
def test_drums(key: int) -> None:
    soft, usual, hard = (stroke(key, v) for v in (40, 80, 120))
    assert not usual[: round(0.05 * RATE)].any()
    assert power(soft) + 4 < power(usual) < power(hard) - 2
    first = usual[round(0.05 * RATE) : round(0.08 * RATE)]
    assert np.abs(first).max() > 0.4 * np.abs(usual).max()  # a stroke begins with its stick
    assert np.abs(usual.mean(axis=0)).max() < 1e-3
    hertz, found = spectrum(usual)
    assert found[hertz > 18_500].sum() < 0.02 * found.sum()


def test_the_ride_pings_and_washes() -> None:
    ride = heard([(0.05, NoteOn(51, 90, DRUM_CHANNEL))], 2.0)
    ping, wash = ride[round(0.055 * RATE) :][:4410], ride[round(0.8 * RATE) :][:4410]
    assert 10 < power(ping) - power(wash) < 40  # it rings on, well below the stick
    assert centroid(ping) > 1.2 * centroid(wash)


def test_the_kit_from_low_to_high() -> None:
    order = [36, 41, 45, 50, 38, 42, 51]
    centres = [centroid(stroke(key)) for key in order]
    assert centres[:4] == sorted(centres[:4])
    assert max(centres[:4]) < centres[4] < min(centres[5:])


def test_a_closed_hi_hat_ends_the_open_one() -> None:
    opened = [(0.05, NoteOn(46, 100, DRUM_CHANNEL))]
    closed = [*opened, (0.3, NoteOn(44, 60, DRUM_CHANNEL))]
    rings, shut = (heard(each, 1.0)[round(0.55 * RATE) :] for each in (opened, closed))
    assert power(shut) < power(rings) - 15


def test_two_strokes_are_not_the_same() -> None:
    ride = heard([(at, NoteOn(51, 90, DRUM_CHANNEL)) for at in (0.1, 1.6)], 3.1)
    first, second = (ride[round(at * RATE) :][: RATE // 4] for at in (0.1, 1.6))
    assert np.corrcoef(first[:, 0], second[:, 0])[0, 1] < 0.9
    assert abs(power(first) - power(second)) < 2


def test_every_program_and_every_soloist_has_a_sound() -> None:
    for program in range(128):
        assert name_of(program, 0)
        assert name_of(program, DRUM_CHANNEL) == "drums"
    usual = {row.name: name_of(row.program, 0) for row in INSTRUMENTS.values()}
    same = {name for name in usual if usual[name] == name}
    assert {"trumpet", "alto", "tenor", "trombone", "clarinet", "guitar", "vibes", "piano"} <= same
