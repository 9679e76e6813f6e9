"""The course of a line: it is measured as it was planned, and pulled back towards the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.realization import Register
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.constraints import Constraints
from live_improv.performance.course import WINDOW, Course
from live_improv.performance.form import Aim, Form, human_density
from live_improv.performance.taste import MAX_DENSITY, Taste

BPM = 160.0
REGISTER = Register(50, 80)
STEADY = Constraints().without(["arc"])
FORM = Form(3, Ticks(0), None, Ticks(12 * 4 * PPQ))


def taste(**asked: float) -> Taste:
    return Taste(REGISTER, constraints=STEADY, **asked)  # type: ignore[arg-type]


def playing(notes_a_beat: float, pitch: int, beats: int) -> Course:
    """A line that plays one pitch, evenly, from tick 0."""
    course = Course()
    course.begin(Ticks(0))
    for number in range(round(notes_a_beat * beats)):
        course.add(Ticks(round(number / notes_a_beat * PPQ)), pitch, rested=False)
    return course


def test_before_the_first_note_a_line_is_where_it_should_be() -> None:
    off = Course().off(Ticks(0), BPM, taste(), Aim())
    assert off.density == pytest.approx(0.0)
    assert off.register == pytest.approx(0.0)
    assert Course().blown(Ticks(480), BPM) == 0.0


@pytest.mark.parametrize("times", [0.5, 1.0, 2.0])
def test_density_is_in_octaves_of_what_is_usual(times: float) -> None:
    beats = 2 * WINDOW
    course = playing(times * human_density(BPM), 64, beats)
    off = course.off(Ticks(beats * PPQ), BPM, taste(), Aim())
    octaves = {0.5: -1.0, 1.0: 0.0, 2.0: 1.0}[times]
    # What is put before the line, an eighth of the window, is as it should be.
    assert off.density == pytest.approx(octaves, abs=0.2)
    assert abs(off.density) <= abs(octaves) + 0.02


def test_register_is_in_semitones_from_the_middle_that_is_asked_for() -> None:
    beats = 2 * WINDOW
    course = playing(human_density(BPM), 70, beats)
    high = course.off(Ticks(beats * PPQ), BPM, taste(), Aim()).register
    assert high == pytest.approx(70 - taste().middle, abs=0.8)
    lifted = course.off(Ticks(beats * PPQ), BPM, taste(), Aim(0.0, 3.0)).register
    assert high - lifted == pytest.approx(3.0 * WINDOW / (WINDOW + 16), abs=0.1)


@given(st.floats(0.3, 6.0), st.integers(50, 80), st.integers(1, 300))
def test_it_is_asked_back_and_never_further_than_taste_goes(
    notes: float, pitch: int, beats: int
) -> None:
    course, asked = playing(notes, pitch, beats), taste()
    now = Ticks(beats * PPQ)
    off, bent = course.off(now, BPM, asked, Aim()), course.bent(asked, FORM, now, BPM)
    assert abs(bent.pace) <= MAX_DENSITY
    assert abs(bent.lift) <= 1.0
    assert off.density * bent.pace <= 0.0
    assert off.register * bent.lift <= 0.0
    assert replace(bent, pace=0.0, lift=0.0) == asked


def test_where_the_player_is_followed_the_register_is_theirs() -> None:
    course, asked = playing(3.0, 79, 64), taste()
    followed = course.bent(asked, FORM, Ticks(64 * PPQ), BPM, following=True)
    assert followed.lift == 0.0
    assert followed.pace == course.bent(asked, FORM, Ticks(64 * PPQ), BPM).pace != 0.0


def test_without_the_plan_and_the_controller_nothing_is_bent() -> None:
    free = Taste(REGISTER, constraints=Constraints().without(["arc", "steady"]), density=0.3)
    assert playing(5.0, 79, 64).bent(free, FORM, Ticks(64 * PPQ), BPM) == free


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(50, 80), st.booleans()), max_size=60))
def test_what_is_taken_back_has_not_been(line: list[tuple[int, int, bool]]) -> None:
    """Planning on from there is as if it had never been planned."""
    whole, cut, onset = Course(), Course(), 0
    half = len(line) // 2
    back = None
    for number, (gap, pitch, rested) in enumerate(line):
        if number == half:
            back = onset
        whole.add(Ticks(onset), pitch, rested=rested)
        if number < half:
            cut.add(Ticks(onset), pitch, rested=rested)
        onset += gap * 40
    if back is not None:
        whole.take_back(Ticks(back))
    for course in (whole, cut):
        course.add(Ticks(onset), 60, rested=False)
    later = Ticks(onset + 240)
    assert whole.blown(later, BPM) == cut.blown(later, BPM)
    assert whole.off(later, BPM, taste(), Aim()) == cut.off(later, BPM, taste(), Aim())


def test_a_phrase_blows_from_its_first_note_until_its_rest() -> None:
    course = Course()
    course.begin(Ticks(0))
    course.add(Ticks(480), 60, rested=False)
    course.add(Ticks(960), 62, rested=False)
    assert course.blown(Ticks(1440), 120.0) == Seconds(1.0)
    course.add(Ticks(1440), 64, rested=True)
    assert course.blown(Ticks(2400), 120.0) == 0.0
    course.add(Ticks(2400), 65, rested=False)
    assert course.blown(Ticks(2640), 60.0) == Seconds(0.5)


def test_what_is_long_ago_does_not_count() -> None:
    course = playing(8.0, 80, 16)
    gone = Ticks((16 + WINDOW) * PPQ)
    quiet = Course()
    quiet.begin(Ticks(0))
    assert course.off(gone, BPM, taste(), Aim()) == quiet.off(gone, BPM, taste(), Aim())
