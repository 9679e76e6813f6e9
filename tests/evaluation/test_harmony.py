"""Following the chords, counted by hand and on spoiled lines."""

from __future__ import annotations

import pytest

from live_improv.charts.text import parse
from live_improv.evaluation.harmony import HARMONY
from live_improv.evaluation.lines import Line
from live_improv.music.events import Note
from tests.lines import note

C, A, B = 60, 69, 71


def figures(notes: tuple[Note, ...], chart: str) -> dict[str, float]:
    """The figures of one line."""
    changes = parse(f"time: 4/4\n{chart}")
    counts = HARMONY.count(Line("x", notes, changes, 120.0, bars=len(changes.bars)))
    return dict(zip(HARMONY.names, HARMONY.figures(counts), strict=True))


def test_chord_tones_are_counted_on_strong_beats_and_off_the_beat() -> None:
    # On beats 1, 2 and 3 of C: two of the chord, then one off the beat that is not.
    found = figures((note(0, C), note(12, B - 12), note(24, C + 4), note(30, A)), "C")
    assert found["chord_tones"] == pytest.approx(0.5)
    assert found["strong_minus_off"] == pytest.approx(100.0)


def test_other_tones_are_resolved_by_a_step_into_a_tone_of_the_next_chord() -> None:
    def resolved(*notes: Note, chart: str = "C|F|C|C") -> float:
        return figures(notes, chart)["resolved"]

    assert resolved(note(0, B), note(6, C + 12)) == 1.0
    # A leap, a repeated note, a step to another tone outside, and a step that comes too late.
    assert resolved(note(0, B), note(6, C)) == 0.0
    assert resolved(note(0, A), note(6, A)) == 0.0
    assert resolved(note(0, 62), note(6, 61)) == 0.0
    assert resolved(note(0, B), note(25, C + 12)) == 0.0
    assert resolved(note(0, B), note(24, C + 12)) == 1.0
    # The chord that sounds then counts: Bb is outside C, and A is in F.
    assert resolved(note(42, 70), note(48, A)) == 1.0
    assert resolved(note(36, 70), note(42, A)) == 0.0


def test_a_last_note_outside_the_chord_is_not_resolved() -> None:
    assert figures((note(0, C), note(6, B)), "C")["resolved"] == 0.0


def test_lift_needs_the_right_chord_at_the_right_time() -> None:
    # Each chord lasts a bar; only its own third is played, which the others have not.
    chart = "C|Eb|Gb|A|C|Eb|Gb|A"
    thirds = {0: 64, 1: 67, 2: 70, 3: 61}
    right = tuple(note(48 * bar, thirds[bar % 4]) for bar in range(8))
    assert figures(right, chart)["lift"] > 50.0
    # The tonic over one chord all the way is right at any time.
    found = figures(tuple(note(48 * bar, C) for bar in range(8)), "|".join(["C"] * 8))
    assert (found["chord_tones"], found["lift"]) == (1.0, 0.0)


def test_where_there_is_no_chord_nothing_is_counted() -> None:
    found = figures((note(0, C), note(48, C)), "N.C.|C")
    assert found["chord_tones"] == 1.0
    assert all(x != x for x in figures((note(0, C),), "N.C.").values())
