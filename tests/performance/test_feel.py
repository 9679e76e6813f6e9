"""Feel: swing, laying back, articulation and loudness, and what they must leave alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import mean, median, quantiles, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Bar
from live_improv.music.events import Note
from live_improv.music.timing import Meter, Ticks
from live_improv.performance.feel import EARLIEST, Feel, Written, facts, swing_ratio
from live_improv.performance.feel_tables import (
    ARTICULATION,
    LAG,
    LEVELS,
    LOUDNESS,
    SWING,
    Figure,
    Weight,
)
from live_improv.training.feel_samples import written_line
from tests.lines import even_line, lines

SWUNG = Feel(ratio=1.4, seed=0)
EVEN = Feel(ratio=1.0, seed=0)
HUMAN = Feel(ratio=1.0, seed=0, laid_back=1.0, loose=1.0)
FOUR = parse("C7 | F7 | C7 | C7")
FIGURES = (SWING, LAG, ARTICULATION, LOUDNESS)


def bar_of(here: Note) -> Bar:
    """The bar of 4/4 that a note is in."""
    return Bar(Ticks(here.onset // 1920 * 1920), Meter(4, 4))


def written(line: tuple[Note, ...]) -> list[Written]:
    """A line as the improviser writes it."""
    return written_line(line, FOUR)


def rendered(
    line: list[Written], feel: Feel, since: int | None = None, until: int | None = None
) -> list[Note]:
    """A line as played, by one who knows what comes next."""
    bounds = [None if each is None else Ticks(each) for each in (since, until)]
    return [
        feel.played(each, following, *bounds)
        for each, following in zip(line, [*line[1:], None], strict=True)
    ]


def onsets(steps: tuple[int, ...], feel: Feel = SWUNG) -> list[int]:
    """Where notes at these grid steps are played."""
    return [each.onset for each in rendered(written(even_line(*by_gaps(steps))), feel)]


def by_gaps(steps: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """Pitches and gaps of a line at these steps, which begins at the first of them."""
    return [60] * len(steps), [b - a for a, b in pairwise([*steps, steps[-1] + 12])]


def test_swing_falls_with_the_tempo() -> None:
    ratios = [swing_ratio(bpm) for bpm in range(20, 501, 20)]
    assert all(a >= b >= 1.0 for a, b in pairwise(ratios))
    # The medians of the Weimar Jazz Database, by tempo.
    measured = {100: 1.46, 140: 1.32, 180: 1.34, 220: 1.26, 260: 1.18, 300: 1.13, 340: 1.05}
    for bpm, ratio in measured.items():
        assert swing_ratio(bpm) == pytest.approx(ratio, abs=0.05)
    assert swing_ratio(500) < 1.1
    # Never near the two to one of a triplet.
    assert max(ratios) < 1.6


@pytest.mark.parametrize("style", ["bossa", "Bossa Nova", "LATIN", "latin-swing", "even 8ths"])
def test_some_styles_are_even(style: str) -> None:
    assert swing_ratio(120, style) == 1.0


@pytest.mark.parametrize("style", ["swing", "", "ballad", "medium swing", "jazz waltz", "poppy"])
def test_others_swing(style: str) -> None:
    assert swing_ratio(120, style) == swing_ratio(120) > 1.3


def test_a_meter_in_eighths_has_its_swing_written_out() -> None:
    def played(meter: Meter, start: int) -> int:
        here = Note(Ticks(start + 240), Ticks(240), 60)
        bar = Bar(Ticks(start), meter)
        each = Written(here, Ticks(start), Ticks(start + 480), bar, False, False)
        return SWUNG.played(each).onset - start

    assert played(Meter(12, 8), 0) == played(Meter(6, 8), 1440) == 240
    assert played(Meter(3, 4), 1440) > 250
    # Beats are counted from the bar, also after a bar with an odd number of eighths.
    assert played(Meter(4, 4), 1680) == played(Meter(4, 4), 0) > 250


class TestStrict:
    """On the beat and not loose, every note is where tempo and style put it."""

    def test_the_second_of_two_eighths_comes_late(self) -> None:
        # 1.4 to 1: 7/12 of a beat for the first.
        assert onsets((0, 6, 12, 18, 24)) == [0, 280, 480, 760, 960]
        assert onsets((0, 6, 12, 18, 24), EVEN) == [0, 240, 480, 720, 960]
        for ratio in (1.1, 1.25, 1.6):
            _, second, _ = onsets((0, 6, 12), Feel(ratio, 0))
            assert second / (480 - second) == pytest.approx(ratio, abs=0.02)

    @pytest.mark.parametrize(
        "steps",
        [
            (0, 12, 24),  # quarters
            (0, 4, 8, 12),  # a triplet
            (0, 8, 12),
            (0, 3, 6, 9, 12),  # sixteenths
            (0, 6, 9, 12),
            (0, 3, 6, 12),
            (0, 6, 11, 12),
        ],
    )
    def test_other_beats_are_left_alone(self, steps: tuple[int, ...]) -> None:
        assert onsets(steps) == [step * 40 for step in steps]

    @pytest.mark.parametrize("steps", [(0, 6, 24), (0, 18, 24), (0, 6, 48)])
    def test_an_off_beat_alone_in_its_beat_is_one_of_two_eighths(
        self, steps: tuple[int, ...]
    ) -> None:
        expected = [step * 40 + 40 * (step % 12 == 6) for step in steps]
        assert onsets(steps) == expected

    def test_it_is_the_same_whatever_the_seed(self) -> None:
        line = written(even_line([60, 64, 62, 67] * 12, [6, 6, 4, 4, 4, 12] * 8))
        found = {
            tuple(each.onset for each in rendered(line, replace(SWUNG, seed=s))) for s in range(5)
        }
        assert len(found) == 1


def eighths(
    bars: int, pitches: tuple[int, ...] = (60, 62, 64, 65, 67, 65, 64, 62)
) -> list[Written]:
    """Bars full of eighths."""
    return written(even_line(pitches * bars, [6] * 8 * bars))


def late(feel: Feel, line: list[Written]) -> list[float]:
    """How many beats late the notes on beats are."""
    played = rendered(line, feel)
    pairs = zip(line, played, strict=True)
    return [(b.onset - a.note.onset) / 480 for a, b in pairs if a.note.onset % 480 == 0]


def test_notes_are_late_and_less_so_the_faster_it_is() -> None:
    # The means of the Weimar Jazz Database on the beats of lines of eighths, in milliseconds.
    measured = {100.0: 35, 140.0: 30, 180.0: 21, 220.0: 13, 260.0: 9}
    strict = replace(HUMAN, loose=0.0)
    behind = [mean(late(replace(strict, bpm=bpm), eighths(2))) * 60_000 / bpm for bpm in measured]
    assert all(a > b > 0 for a, b in pairwise(behind))
    assert behind == pytest.approx(list(measured.values()), abs=5)


def test_laid_back_is_how_late_it_is() -> None:
    once, twice, never = (
        mean(late(replace(HUMAN, laid_back=by, loose=0.0), eighths(20))) for by in (1.0, 2.0, 0.0)
    )
    assert never == 0.0
    assert 0.04 < once < 0.09
    assert twice == pytest.approx(2 * once, rel=0.05)


def test_quick_notes_are_hardly_late() -> None:
    slow = replace(HUMAN, bpm=100.0, loose=0.0)
    sixteenths = rendered(written(even_line([60] * 64, [3] * 64)), slow)
    finer = rendered(written(even_line([60] * 48, [2] * 48)), slow)
    on_beats = mean(late(slow, eighths(8)))
    assert mean(each.onset - 120 * i for i, each in enumerate(sixteenths)) / 480 < on_beats * 0.7
    assert mean(each.onset - 80 * i for i, each in enumerate(finer)) / 480 < on_beats * 0.4


def test_the_time_drifts_and_no_two_notes_are_alike() -> None:
    found = late(HUMAN, eighths(250))
    assert 0.04 < stdev(found) < 0.08
    middle = mean(found)

    def alike(apart: int) -> float:
        pairs = list(zip(found, found[apart:], strict=False))
        return mean((a - middle) * (b - middle) for a, b in pairs) / stdev(found) ** 2

    # What neighbouring beats have in common is gone some bars later.
    assert alike(1) > 0.2
    assert abs(alike(16)) < 0.12


def ratios(feel: Feel, line: list[Written]) -> list[float]:
    """Of each pair of eighths the ratio of the first to the second."""
    at = [each.onset for each in rendered(line, feel)]
    return [(b - a) / (c - b) for a, b, c in zip(at[::2], at[1::2], at[2::2], strict=False)]


@pytest.mark.parametrize("bpm", [120.0, 180.0, 240.0, 300.0])
def test_the_ratio_is_the_tempos_and_varies_as_peoples_does(bpm: float) -> None:
    line = eighths(100, (60, 64, 62, 65, 64, 60, 62, 59))
    asked = swing_ratio(bpm)
    found = ratios(replace(HUMAN, bpm=bpm, ratio=asked), line)
    low, middle, high = quantiles(found)
    assert middle == pytest.approx(asked, abs=0.1)
    # In the database, quartiles lie 0.4 to 0.7 apart.
    assert 0.35 < high - low < 0.75


def test_a_low_off_beat_comes_later_than_a_high_one() -> None:
    dips, peaks = (
        median(ratios(replace(HUMAN, ratio=1.3), eighths(60, pitches)))
        for pitches in ((65, 60) * 4, (60, 65) * 4)
    )
    assert dips > peaks + 0.15
    strict = replace(HUMAN, ratio=1.3, loose=0.0)
    assert set(onsets((0, 6, 12, 18), strict)) == set(
        onsets((0, 6, 12, 18), replace(strict, seed=5))
    )


ROUGH = st.builds(
    Feel,
    st.sampled_from([1.0, 1.12, 1.4, 1.9]),
    st.integers(0, 100),
    bpm=st.sampled_from([40.0, 90.0, 150.0, 240.0, 330.0, 500.0]),
    laid_back=st.floats(0, 2),
    loose=st.floats(0, 2),
    articulation=st.floats(-1, 1),
    legato=st.floats(0.8, 0.95),
)


@given(lines(), ROUGH, st.booleans())
def test_which_notes_are_played_and_in_which_order_never_changes(
    line: tuple[Note, ...], feel: Feel, knows: bool
) -> None:
    given_notes = written(line)
    played = rendered(given_notes, feel) if knows else [*map(feel.played, given_notes)]
    assert [each.pitch for each in played] == [each.pitch for each in line]
    assert all(b.onset > a.onset for a, b in pairwise(played))
    for each, there in zip(played, given_notes, strict=True):
        assert 1 <= each.velocity <= 127
        assert each.length >= 1
        # It was planned a horizon before, and is at most as late as the widest swing, a quarter of
        # a beat, half of the gap that this leaves for lag and unevenness, and what is unforeseen.
        assert -EARLIEST <= each.onset - there.note.onset <= 120 + 120 + 15
    # One line: a note has ended when the next begins.
    assert all(a.end <= b.onset for a, b in pairwise(played))


@given(lines(), ROUGH, st.integers(1, 4000))
def test_bounds_are_kept_and_notes_stay_in_order(
    line: tuple[Note, ...], feel: Feel, more: int
) -> None:
    given_notes = written(line)
    since, until = given_notes[0].note.onset, given_notes[-1].note.onset + (more + 39) // 40 * 40
    played = rendered(given_notes, feel, since, until)
    assert all(since <= each.onset < each.end <= until for each in played)
    assert all(b.onset > a.onset for a, b in pairwise(played))


@given(lines(), st.integers(0, 1000))
def test_the_same_seed_plays_the_same(line: tuple[Note, ...], seed: int) -> None:
    """Also in another order, as when something is planned again."""
    feel = replace(HUMAN, ratio=1.4, seed=seed)
    given_notes = written(line)
    pairs = list(zip(given_notes, [*given_notes[1:], None], strict=True))
    once = [feel.played(*each) for each in pairs]
    assert once == [feel.played(*each) for each in reversed(pairs)][::-1]


def lengths(feel: Feel, pitches: tuple[int, ...], bars: int = 60) -> list[float]:
    """Of the time to the next note the share that sounds, of eighths."""
    played = rendered(eighths(bars, pitches), feel)
    return [a.length / (b.onset - a.onset) for a, b in pairwise(played)]


def test_notes_sound_for_as_long_as_peoples_do() -> None:
    """0.86 of the time to the next one, half of them for 0.77 to 0.93."""
    low, middle, high = quantiles(lengths(HUMAN, (60, 64, 62, 62, 67, 65, 60, 62)))
    assert middle == pytest.approx(0.86, abs=0.03)
    assert low == pytest.approx(0.77, abs=0.05)
    assert high == pytest.approx(0.93, abs=0.05)


def test_what_comes_again_is_short_and_a_leap_is_shorter_than_a_step() -> None:
    step, leap, again = (
        mean(lengths(HUMAN, pitches)) for pitches in ((60, 62) * 4, (60, 67) * 4, (60,) * 8)
    )
    assert step > leap + 0.03
    assert leap > again + 0.03


def test_articulation_and_the_instrument_make_notes_longer_or_shorter() -> None:
    pitches = (60, 62, 64, 65, 67, 65, 64, 62)
    staccato, usual, legato = (
        mean(lengths(replace(HUMAN, articulation=by), pitches)) for by in (-1.0, 0.0, 1.0)
    )
    assert staccato == pytest.approx(0.4 * usual, abs=0.03)
    assert legato > 0.97
    trombone, piano = (mean(lengths(replace(HUMAN, legato=by), pitches)) for by in (0.81, 0.95))
    assert trombone < usual < piano


def test_before_a_rest_a_note_ends_within_the_last_step_that_is_its() -> None:
    line = written(even_line([60] * 50, [48] * 50))
    rested = [
        replace(each, rested=True, note=replace(each.note, length=Ticks(240))) for each in line
    ]
    found = [each.length for each in rendered(rested, HUMAN)]
    assert all(200 <= length <= 240 for length in found)
    assert len(set(found)) > 15


def test_what_is_not_known_yet_changes_no_onset_but_the_swung() -> None:
    line = eighths(20)
    alone = [HUMAN.played(each) for each in line]
    for one, two, each in zip(alone, rendered(line, HUMAN), line, strict=True):
        assert one.onset == two.onset or each.swings


def loudness(line: list[Written], feel: Feel = HUMAN) -> list[int]:
    """The velocities of a line."""
    return [each.velocity for each in rendered(line, feel)]


def test_loudness_spreads_as_peoples_does() -> None:
    found = loudness(eighths(100, (60, 62, 64, 65, 69, 65, 70, 66)))
    assert 12.5 < stdev(found) < 15.5
    assert 75 < mean(found) < 86
    assert loudness(eighths(4), replace(HUMAN, louder=20)) != loudness(eighths(4))
    # It does not jump about: neighbours have something in common.
    neighbours = [(a - mean(found)) * (b - mean(found)) for a, b in pairwise(found)]
    assert mean(neighbours) / stdev(found) ** 2 > 0.1


def test_what_is_louder() -> None:
    low, high = (mean(loudness(eighths(40, (at, at + 2) * 4))) for at in (55, 79))
    assert high > low + 9
    turn = loudness(eighths(80, (65, 64, 60, 64) * 2))
    dip, others = turn[2::4], [*turn[1::4], *turn[3::4]]
    assert mean(dip) < mean(others) - 4
    same = loudness(eighths(80, (60,) * 8))
    assert abs(mean(same[2::8]) - mean(same[1::8])) < 3  # off-beats are not softer
    # A phrase ends softer than it begins.
    phrases = written(even_line([60, 62, 64, 65, 64, 62] * 60, [6, 6, 6, 6, 6, 36] * 60))
    ended = [
        replace(each, rested=i % 6 == 5, starts_phrase=i % 6 == 0, phrase=i % 6)
        for i, each in enumerate(phrases)
    ]
    found = loudness(ended)
    assert mean(found[::6]) > mean(found[5::6]) + 3


@pytest.mark.parametrize("pitch", [0, 127])
@pytest.mark.parametrize("louder", [-40, 40])
def test_loudness_stays_in_bounds(pitch: int, louder: int) -> None:
    line = eighths(20, (pitch,) * 8)
    assert all(30 <= each <= 120 for each in loudness(line, replace(HUMAN, louder=louder)))


def test_the_facts_of_a_note() -> None:
    first, second, third, fourth = written(even_line([67, 72, 60, 60], [6, 6, 12, 12]))
    found = facts(second, third, 150.0, 65.0)
    assert (found["slow"], found["height"], found["second"]) == (1.5, 7.0, 1.0)
    assert (found["leapt"], found["leaps"], found["peak"], found["dip"]) == (5, 12, 1.0, 0.0)
    assert (found["beat"], found["bar"], found["repeated"]) == (0.0, 0.0, 0.0)
    assert facts(third, fourth, 150.0, 65.0)["repeated"] == 1.0
    # Nothing is said of what is not known, or lies beyond a rest.
    assert not {"leapt", "repeats", "peak", "dip"} & set(facts(first, second, 150.0, 65.0))
    assert not {"leaps", "repeated", "peak"} & set(facts(second, None, 150.0, 65.0))
    resting = replace(second, rested=True)
    assert "leaps" not in facts(resting, third, 150.0, 65.0)


def test_what_is_not_known_counts_as_usual() -> None:
    figure = Figure("X", 10.0, {"a": Weight(2.0, 0.5), "b": Weight(-1.0, 3.0)})
    assert figure.expected({}) == 10.0
    assert figure.expected({"a": 1.0}) == 11.0
    assert figure.expected({"a": 1.0, "b": 4.0, "c": 100.0}) == 10.0


def test_every_fact_of_the_tables_is_told_of_some_note() -> None:
    line = eighths(1)
    told = set(facts(line[2], line[3], 150.0, 65.0))
    assert {name for figure in FIGURES for name in figure.weights} <= told


@pytest.mark.parametrize("figure", [SWING, ARTICULATION, LOUDNESS], ids=lambda f: f.name)
def test_a_spread_rises_from_its_lowest_to_its_highest(figure: Figure) -> None:
    assert len(figure.spread) == len(LEVELS)
    found = [figure.left_over(share / 1000) for share in range(1001)]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (figure.spread[0], figure.spread[-1])
    assert figure.left_over(0.5) == figure.spread[LEVELS.index(0.5)]
    assert 0 <= figure.near + figure.far < 1
