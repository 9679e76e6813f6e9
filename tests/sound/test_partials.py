"""Tones made of matrices are the sums of sinusoids that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.sound.partials import HIGHEST, PIECE, Partials, Recipe, Samples, Tone, noise, tuned

RATE = 44_100
SILENT = np.zeros(0, np.float32)


def partials(*rows: tuple[float, float, float, float]) -> Partials:
    frequency, amplitude, decay, phase = (np.array(column, float) for column in zip(*rows))  # noqa: B905
    return Partials(frequency, amplitude, decay, phase)


def by_sines(what: Partials, count: int) -> Samples:
    time = np.arange(count)[:, None] / RATE
    wave = np.cos(2 * np.pi * what.frequencies * time + what.phases)
    return np.asarray((what.amplitudes * np.exp(-time / what.decays) * wave).sum(axis=1))


def test_a_tone_is_the_sum_of_its_partials() -> None:
    what = partials((110.0, 1.0, 0.5, 0.3), (331.7, 0.5, 0.1, 2.0), (9000.0, 0.1, 0.02, -1.0))
    tone = Tone(Recipe(what, SILENT, 0.0, 1.0), RATE)
    count = round(0.9 * RATE)
    # What is 90 dB down is left out on the way.
    assert np.abs(tone.read(1, count) - by_sines(what, count)[1:]).max() < 2e-4


@given(st.lists(st.integers(1, 3 * PIECE), min_size=1, max_size=8))
def test_it_does_not_matter_how_a_tone_is_read(lengths: list[int]) -> None:
    what = partials((200.0, 1.0, 0.03, 0.3), (2000.0, 0.5, 0.2, 2.0))
    burst = noise(RATE, 0.05, 500.0, 5000.0, 0.01, 3)
    recipe = Recipe(what, burst, 0.01, 0.3)
    whole = Tone(recipe, RATE).read(0, round(0.3 * RATE))
    tone, start = Tone(recipe, RATE), 0
    for length in lengths:
        part = tone.read(start, start + length)
        np.testing.assert_array_equal(part, whole[start : start + length])
        start += length


def test_a_tone_begins_and_ends_at_nothing() -> None:
    what = partials((200.0, 1.0, 5.0, 0.0))
    sound = Tone(Recipe(what, SILENT, 0.002, 0.5), RATE).read(0, RATE)
    assert len(sound) == round(0.5 * RATE)
    assert sound[0] == 0.0
    assert abs(sound[-1]) < 0.002
    assert np.abs(sound[-3000:-1500]).max() > 0.85


def test_partials_that_would_fold_back_are_left_out() -> None:
    high = partials(
        (440.0, 1.0, 1.0, 0.0), (HIGHEST + 10, 1.0, 1.0, 0.0), (30_000.0, 9.0, 1.0, 0.0)
    )
    low = partials((440.0, 1.0, 1.0, 0.0))
    both = [Tone(Recipe(each, SILENT, 0.001, 1.0), RATE).read(0, 4000) for each in (high, low)]
    np.testing.assert_array_equal(both[0], both[1])


def test_a_tone_of_noise_alone() -> None:
    burst = noise(RATE, 0.1, 1000.0, 4000.0, 0.02, 1)
    nothing = Partials(*(np.zeros(0) for _ in range(4)))
    sound = Tone(Recipe(nothing, burst, 0.001, 0.2), RATE).read(0, RATE)
    np.testing.assert_allclose(sound[: len(burst)], burst, atol=1e-6)
    assert not sound[len(burst) :].any()


def test_noise_keeps_to_its_band_and_dies_away() -> None:
    burst = noise(RATE, 1.0, 1000.0, 3000.0, 0.1, 1)
    hertz = np.fft.rfftfreq(len(burst), 1 / RATE)
    power = np.abs(np.fft.rfft(burst)) ** 2
    within = power[(hertz > 700) & (hertz < 4500)].sum() / power.sum()
    assert within > 0.95
    early, late = burst[: RATE // 10], burst[RATE // 10 : RATE // 5]
    # One life later it is at 1/e: 8.7 dB.
    assert 10 * np.log10(np.mean(early**2) / np.mean(late**2)) == pytest.approx(8.7, abs=1.5)


def test_concert_pitch() -> None:
    assert tuned(69) == pytest.approx(440.0)
    assert tuned(60) == pytest.approx(261.6256, abs=1e-3)
