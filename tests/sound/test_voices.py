"""Voices: they begin where they should, end at nothing, and do not care about blocks."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.sound.blowing import Air, Blown, Breath
from live_improv.sound.partials import Samples, Tone, tuned
from live_improv.sound.strings import PLUCKED
from live_improv.sound.voices import Ringing, Voice
from live_improv.sound.winds import WAVE_BITS, WINDS, waves

RATE = 44_100
PIANO = Tone(PLUCKED["piano"].make(60, 0.6, RATE), RATE)
ALTO = WINDS["alto"]
ALTO_WAVES, ALTO_AIR = waves(ALTO, 65, RATE), Air(ALTO, RATE)


def ringing(start: int = 0, release: float | None = 0.05) -> Ringing:
    return Ringing(PIANO, start, 0.5, release, RATE)


def blown(start: int = 0, slurred: float | None = None) -> Blown:
    step = tuned(65) / RATE * (1 << WAVE_BITS)
    breath = Breath(ALTO, step, 0.7, slurred, RATE, Random(1))
    return Blown(ALTO_WAVES, breath, ALTO_AIR, start, 0.2)


MADE: dict[str, Callable[..., Voice]] = {"ringing": ringing, "blown": blown}


def sounded(voice: Voice, lengths: list[int], off: int | None = None) -> Samples:
    """The voice in stretches of these lengths, let go in the one in which `off` is."""
    out = np.zeros(sum(lengths), np.float32)
    now = 0
    for length in lengths:
        if off is not None and now <= off < now + length:
            voice.let_go(off)
        if not voice.done:
            voice.add_to(out[now : now + length], now, 1.0)
        now += length
    return out


@pytest.mark.parametrize("kind", MADE)
@given(
    cuts=st.lists(st.integers(1, 9000), max_size=12),
    start=st.integers(0, 2000),
    off=st.integers(0, 12_000),
)
def test_blocks_do_not_change_what_is_heard(
    kind: str, cuts: list[int], start: int, off: int
) -> None:
    places = sorted({0, start, 15_000, *(c for c in np.cumsum(cuts) if start < c < 15_000)})
    lengths = np.diff(places).tolist()
    whole = sounded(MADE[kind](start), [start, 15_000 - start] if start else [15_000], off)
    pieces = sounded(MADE[kind](start), lengths, off)
    assert np.abs(whole - pieces).max() < 2e-3 * max(np.abs(whole).max(), 0.05)


@pytest.mark.parametrize("kind", MADE)
def test_nothing_sounds_before_the_beginning_or_after_the_end(kind: str) -> None:
    voice = MADE[kind](300)
    sound = sounded(voice, [256] * 200, off=20_000)
    assert not sound[:300].any()
    assert np.abs(sound[300:1500]).max() > 0.01
    assert voice.done
    assert not sound[40_000:].any()
    assert np.abs(sound[19_000:20_000]).max() > 0.01


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("off", [441, 5000, 20_000, 20_013])
def test_no_click_where_a_note_ends(kind: str, off: int) -> None:
    """How sharply the sound bends nowhere exceeds what it does by itself while it is held."""
    held = sounded(MADE[kind](), [256] * 120)
    ended = sounded(MADE[kind](), [256] * 120, off)
    bend = np.abs(np.diff(ended, 3))
    natural = np.abs(np.diff(held, 3))
    assert bend[off - 10 : off + 12_000].max() <= 1.25 * natural[max(off - 400, 0) :].max() + 1e-5


@pytest.mark.parametrize("kind", MADE)
def test_a_voice_that_is_let_go_twice_falls_on(kind: str) -> None:
    once, twice = MADE[kind](), MADE[kind]()
    once.let_go(8000)
    twice.let_go(8000)
    twice.let_go(8500)  # its key again: nothing new
    one, two = sounded(once, [512] * 40), sounded(twice, [512] * 40)
    np.testing.assert_array_equal(one, two)
    needed = MADE[kind]()
    needed.let_go(8000)
    needed.let_go(9000, 0.002)
    sound = sounded(needed, [512] * 40)
    np.testing.assert_allclose(sound[:8900], one[:8900], atol=1e-5)
    assert np.abs(sound[9000:]).max() <= np.abs(one[9000:]).max()
    assert not sound[10_000:].any()
    assert needed.done


def test_what_no_key_holds_rings_on() -> None:
    free = ringing(release=None)
    free.let_go(1000)
    np.testing.assert_array_equal(sounded(free, [20_000]), sounded(ringing(), [20_000]))
    free.let_go(20_000, 0.001)
    out = np.zeros(4000, np.float32)
    free.add_to(out, 20_000, 1.0)
    assert free.done


def test_a_tongued_note_begins_with_breath_and_from_below() -> None:
    tongued, slurred = sounded(blown(), [22_050]), sounded(blown(slurred=2.0), [22_050])
    onset = [float(np.abs(each[:600]).max()) for each in (tongued, slurred)]
    assert onset[0] < onset[1]
    settled = [each[15_000:] for each in (tongued, slurred)]
    levels = [float(np.sqrt(np.mean(each**2))) for each in settled]
    assert levels[0] == pytest.approx(levels[1], rel=0.05)


def test_a_held_note_swells_into_vibrato_late() -> None:
    told = blown()._breath.told(0, 700)[0]
    time = np.arange(700) * 128 / RATE
    early = told[(time > 0.15) & (time < ALTO.straight * 0.8)]
    late = told[time > 1.2]
    cents = [1200 * np.log2(each.max() / each.min()) for each in (early, late)]
    assert cents[0] < 1.0
    assert ALTO.vibrato < cents[1] < 3 * ALTO.vibrato
