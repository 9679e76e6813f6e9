"""The plan of a performance: each seed has its own, small and slow; humans' on average."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.corpus import read_corpus
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.form import SHORT, Aim, Form, human_density

BAR = 4 * PPQ
CHORUS = Ticks(12 * BAR)


def form(seed: int, bars: int | None, begin: int = 0) -> Form:
    end = None if bars is None else Ticks(begin + bars * BAR)
    return Form(seed, Ticks(begin), end, CHORUS)


def at(plan: Form, bar: float) -> Aim:
    return plan.at(Ticks(plan.begin + round(bar * BAR)))


@given(st.integers(0, 10**6), st.sampled_from([None, 24, 48, 128, 1000]), st.integers(-16, 3000))
def test_a_plan_is_a_value(seed: int, bars: int | None, bar: int) -> None:
    """The same for the same values, in whatever order it is asked, and moved with its begin."""
    one, other, moved = form(seed, bars), form(seed, bars), form(seed, bars, begin=7 * BAR)
    other.at(Ticks(5 * BAR))
    assert at(one, bar) == at(other, bar) == at(moved, bar)
    assert one.own() == other.own()


@given(st.integers(0, 10**6), st.sampled_from([24, 64, 128]))
def test_it_moves_slowly_and_not_far(seed: int, bars: int) -> None:
    course = [at(form(seed, bars), bar) for bar in range(bars)]
    assert all(abs(aim.density) < 1.5 and abs(aim.register) < 12.0 for aim in course)
    for one, following in pairwise(course):
        assert abs(following.register - one.register) < 60.0 / bars
        assert abs(following.density - one.density) < 8.0 / bars


@pytest.mark.parametrize("bars", [1, 12, SHORT // 4 - 1])
def test_what_is_short_has_no_arc(bars: int) -> None:
    assert {at(form(seed, bars), bar) for seed in range(5) for bar in range(bars)} == {Aim()}


def test_on_average_it_rises_and_comes_back_as_human_solos_do() -> None:
    """Tenths of a solo: about a semitone up to the seventh, and half of it back."""
    tenths = [
        mean(at(form(seed, 96), 9.6 * k + 4.8).register for seed in range(400)) for k in range(10)
    ]
    humans = (-0.84, -0.86, -0.23, 0.04, 0.16, 0.86, 0.72, 0.64, 0.40, -0.43)
    assert np.corrcoef(tenths, humans)[0, 1] > 0.8
    assert tenths[0] < -1.0
    assert max(tenths) > 0.4
    assert tenths[-1] < max(tenths) - 0.3


def test_seeds_differ() -> None:
    ends = [at(form(seed, 96), 95).register - at(form(seed, 96), 0).register for seed in range(200)]
    assert 1.0 < stdev(ends) < 4.0
    assert 0.2 < stdev(form(seed, 96).own().density for seed in range(200)) < 0.4


@pytest.mark.parametrize("bars", [None, 128])
def test_128_bars_do_not_drift_by_plan(bars: int | None) -> None:
    first, last = (
        mean(2.0 ** at(form(seed, bars), bar).density for seed in range(300) for bar in part)
        for part in (range(0, 32, 8), range(96, 128, 8))
    )
    assert abs(last / first - 1.0) < 0.07


def test_without_an_end_arc_follows_arc_on_chorus_lines() -> None:
    for seed in range(20):
        plan = form(seed, None)
        course = [at(plan, bar / 4).register for bar in range(4 * 500)]
        jumps = [k / 4 for k, (a, b) in enumerate(pairwise(course), 1) if abs(b - a) > 0.4]
        assert all(jump % 12 == 0 for jump in jumps)


def test_human_density_is_that_of_the_solos(data_dir: Path) -> None:
    """Between its fastest and its slowest tempo, on solos it was not fitted to."""
    solos = [
        solo
        for solo in read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz")
        if solo.split == "valid"
    ]
    ratios = [
        len(solo.notes)
        / ((solo.notes[-1].onset - solo.notes[0].onset) / PPQ)
        / human_density(solo.bpm)
        for solo in solos
    ]
    assert 0.9 < float(np.median(ratios)) < 1.15
    assert human_density(10.0) == human_density(50.0) > human_density(140.0)
    assert human_density(900.0) == human_density(320.0) < human_density(200.0)
