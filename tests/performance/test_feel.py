"""Feel: swing, articulation and loudness, and what they must leave alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.abstraction import sounding_steps
from live_improv.music.changes import Bar
from live_improv.music.events import Note
from live_improv.music.timing import Meter, Ticks
from live_improv.performance.feel import Feel, Written, swing_ratio
from tests.lines import even_line, lines, note

SWUNG = Feel(ratio=1.4, seed=0)
EVEN = Feel(ratio=1.0, seed=0)


def bar_of(here: Note) -> Bar:
    """The bar of 4/4 that a note is in."""
    return Bar(Ticks(here.onset // 1920 * 1920), Meter(4, 4))


def written(line: tuple[Note, ...]) -> list[Written]:
    """A line as the improviser writes it: lengths up to the next onset or to a rest."""
    found: list[Written] = []
    for i, here in enumerate(line):
        after = line[i + 1].onset if i + 1 < len(line) else Ticks(here.onset + 1920)
        gap = (after - here.onset) // 40
        steps = sounding_steps(here, gap)
        found.append(
            Written(
                Note(here.onset, Ticks(steps * 40), here.pitch),
                before=line[i - 1].onset if i else None,
                after=after,
                bar=bar_of(here),
                rested=steps < gap,
                starts_phrase=i == 0 or found[-1].rested,
            )
        )
    return found


def onsets(steps: tuple[int, ...], feel: Feel = SWUNG) -> list[int]:
    """Where notes at these grid steps are played."""
    line = tuple(note(step, 60, 1) for step in steps)
    return [feel.played(each).onset for each in written(line)]


def test_swing_falls_with_the_tempo() -> None:
    ratios = [swing_ratio(bpm) for bpm in range(20, 501, 20)]
    assert all(a >= b >= 1.0 for a, b in pairwise(ratios))
    # The means of the Weimar Jazz Database, by tempo.
    for bpm, measured in ((100, 1.47), (160, 1.32), (220, 1.24), (260, 1.18), (300, 1.12)):
        assert swing_ratio(bpm) == pytest.approx(measured, abs=0.04)
    assert swing_ratio(500) == 1.0
    # Never near the two to one of a triplet.
    assert max(ratios) < 1.7


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


def test_the_second_of_two_eighths_comes_late() -> None:
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
        (4, 8, 12),
        (0, 8, 12),
        (0, 3, 6, 9, 12),  # sixteenths
        (0, 6, 9, 12),
        (0, 3, 6, 12),
        (3, 6, 12),
        (6, 9, 12),
        (0, 6, 11, 12),
    ],
)
def test_other_beats_are_left_alone(steps: tuple[int, ...]) -> None:
    assert onsets(steps) == [step * 40 for step in steps]


@pytest.mark.parametrize("steps", [(6, 12), (6, 24), (0, 6, 24), (0, 18, 24), (0, 6, 48)])
def test_an_off_beat_alone_in_its_beat_is_one_of_two_eighths(steps: tuple[int, ...]) -> None:
    expected = [step * 40 + 40 * (step % 12 == 6) for step in steps]
    assert onsets(steps) == expected


def test_a_note_ends_where_it_would_have_without_swing() -> None:
    pair = written(even_line((60, 62, 64), (6, 6, 12)))
    swung = [SWUNG.played(each) for each in pair]
    even = [EVEN.played(each) for each in pair]
    assert [each.end for each in swung] == [each.end for each in even]
    assert swung[1].length < even[1].length


FEELS = st.builds(Feel, st.sampled_from([1.0, 1.12, 1.4, 1.62]), st.integers(0, 100))


@given(lines(), FEELS)
def test_which_notes_are_played_and_in_which_order_never_changes(
    line: tuple[Note, ...], feel: Feel
) -> None:
    given_notes = written(line)
    played = [feel.played(each) for each in given_notes]
    assert [each.pitch for each in played] == [each.pitch for each in line]
    assert all(b.onset > a.onset for a, b in pairwise(played))
    for each, after in zip(played, given_notes, strict=True):
        assert 1 <= each.velocity <= 127
        assert each.length >= 20  # a 24th of a beat, or nothing is heard
        delay = each.onset - after.note.onset
        assert delay == 0 or (0 < delay < 80 and after.note.onset % 480 == 240)
    # One line: a note has ended when the next begins.
    assert all(a.end <= b.onset for a, b in pairwise(played))


@given(lines(), st.integers(0, 1000))
def test_the_same_seed_plays_the_same(line: tuple[Note, ...], seed: int) -> None:
    once = [Feel(1.4, seed).played(each) for each in written(line)]
    feel = Feel(1.4, seed)
    again = [feel.played(each) for each in reversed(written(line))]
    assert once == again[::-1]


def test_loudness_and_length_vary_with_the_seed_and_from_note_to_note() -> None:
    line = written(even_line([60] * 64, [12] * 64))
    first, second = ([Feel(1.4, seed).played(each) for each in line] for seed in (1, 2))
    assert [each.velocity for each in first] != [each.velocity for each in second]
    assert len({each.velocity for each in first}) > 8
    lengths = sorted(each.length / 480 for each in first)
    # Human lines sound for 0.86 of the time to the next note, half of them for 0.76 to 0.93.
    assert 0.76 < lengths[16] < lengths[48] <= 1.0
    assert 0.84 < sum(lengths) / 64 < 0.95


def mean_velocity(onset_steps: range, pitch: int = 67, **changed: bool) -> float:
    """How loud notes at these steps are on average."""
    found = []
    for step in onset_steps:
        here = note(step, pitch, 6)
        flags = {"rested": False, "starts_phrase": False, **changed}
        each = Written(here, None, Ticks(here.onset + 240), bar_of(here), **flags)
        found.append(EVEN.played(each).velocity)
    return sum(found) / len(found)


def test_what_is_louder() -> None:
    strong, weak, off = (mean_velocity(range(at, 48 * 200, 48)) for at in (0, 12, 6))
    assert strong > weak + 2
    assert abs(off - weak) < 1.5  # off-beats are not louder
    assert mean_velocity(range(12, 4800, 24), pitch=79) > weak + 4
    assert mean_velocity(range(12, 4800, 24), starts_phrase=True) > weak + 3
    assert mean_velocity(range(12, 4800, 24), rested=True) < weak - 4


@pytest.mark.parametrize("pitch", [0, 127])
def test_loudness_stays_in_bounds_at_the_ends_of_the_keyboard(pitch: int) -> None:
    for step in range(0, 2400, 12):
        here = note(step, pitch, 6)
        loud = Written(
            here, None, Ticks(here.onset + 240), bar_of(here), rested=False, starts_phrase=True
        )
        soft = Written(
            here, None, Ticks(here.onset + 240), bar_of(here), rested=True, starts_phrase=False
        )
        assert all(30 <= EVEN.played(each).velocity <= 120 for each in (loud, soft))
