"""Chords out of held keys: voicings with one meaning, context, and keys going down and up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.listening.chord_judgement import AS_PLAYED, certain, judge
from live_improv.listening.chord_recognition import (
    EXPIRES,
    LEGATO,
    SETTLE,
    ChordRecogniser,
    recognise,
)
from live_improv.listening.chord_shapes import (
    PROGRESSIONS,
    SHAPES,
    Kind,
    QualityFamily,
    family_of,
    kind_of,
)
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import Seconds


def symbol(chord: Chord | None) -> str | None:
    return None if chord is None else chord.symbol


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.suffix or "triad")
def test_every_shape_is_what_its_symbol_says(shape: object) -> None:
    row = next(row for row in SHAPES if row is shape)
    chord = parse_chord(f"C{row.suffix}")
    assert (family_of(chord), kind_of(chord)) == (row.family, row.kind)
    assert row.needed <= chord.pitch_classes | chord.colour_tones
    assert row.usual | row.standing | row.rare <= chord.scale


def test_every_row_of_progressions_has_twelve_motions_and_no_pair_stands_twice() -> None:
    assert all(len(row.shares) == 12 and min(row.shares) >= 0 for row in PROGRESSIONS)
    assert len({(row.before, row.after) for row in PROGRESSIONS}) == len(PROGRESSIONS)
    assert {row.before for row in PROGRESSIONS} == set(Kind)


@pytest.mark.parametrize(
    ("written", "family"),
    [
        ("C", QualityFamily.MAJOR),
        ("CM7#11", QualityFamily.MAJOR),
        ("C7#5", QualityFamily.DOMINANT),
        ("C7alt", QualityFamily.DOMINANT),
        ("Cm6", QualityFamily.MINOR),
        ("CmM7", QualityFamily.MINOR),
        ("Cm7b5", QualityFamily.HALF_DIMINISHED),
        ("Cdim", QualityFamily.DIMINISHED),
        ("Cdim7", QualityFamily.DIMINISHED),
        ("C+", QualityFamily.AUGMENTED),
        ("C9sus4", QualityFamily.SUSPENDED),
        ("C5", QualityFamily.OPEN),
        ("N.C.", None),
    ],
)
def test_families(written: str, family: QualityFamily | None) -> None:
    assert family_of(parse_chord(written)) == family


@pytest.mark.parametrize(
    ("pitches", "expected"),
    [
        ((48, 52, 55), "C"),
        ((52, 55, 60), "C/E"),
        ((45, 48, 52), "Am"),
        ((48, 52, 55, 59), "CM7"),
        ((48, 52, 55, 57), "C6"),
        ((45, 48, 52, 55), "Am7"),
        ((43, 53, 59), "G7"),
        ((43, 53, 59, 64), "G7"),
        ((43, 47, 53, 56), "G7b9"),
        ((43, 53, 59, 58), "G7#9"),
        ((43, 53, 59, 63, 70), "G7#5#9"),
        ((41, 53, 56, 59, 62), "Fdim7"),
        ((50, 53, 56, 60, 67), "Dm7b5"),
        ((43, 48, 53, 57, 62), "G9sus4"),
        ((36, 48, 55, 63, 71), "CmM7"),
        ((48, 52, 56), "Caug"),
        ((53, 57, 59, 64), "G7"),
        ((48, 52, 55, 60, 64, 67), "C"),
    ],
)
def test_voicings_with_one_meaning(pitches: tuple[int, ...], expected: str) -> None:
    assert symbol(recognise(pitches)) == expected


@pytest.mark.parametrize("pitches", [(), (48,), (48, 60), (48, 55), (60, 61, 62), (60, 61, 62, 63)])
def test_what_is_no_chord(pitches: tuple[int, ...]) -> None:
    assert recognise(pitches) is None


def test_a_rootless_voicing_is_judged_by_what_came_before() -> None:
    voicing = (53, 57, 60, 64)  # F A C E
    assert symbol(recognise(voicing)) == "FM7"
    assert symbol(recognise(voicing, previous=parse_chord("A7"))) == "Dm7"
    assert symbol(recognise(voicing, previous=parse_chord("C7"))) == "FM7"


def test_the_chart_tells_what_a_voicing_means() -> None:
    voicing = (52, 55, 59, 62)  # E G B D
    assert symbol(recognise(voicing)) == "Em7"
    chart = parse_chord("Cmaj9")
    assert recognise(voicing, expected=chart) is chart
    assert recognise(voicing, expected=parse_chord("G7"), following=chart) is chart


def test_the_chart_does_not_drown_what_is_played() -> None:
    assert symbol(recognise((50, 53, 57, 60), expected=parse_chord("Ab7"))) == "Dm7"


def test_the_charts_own_chord_is_given_where_it_fits_and_only_there() -> None:
    altered = parse_chord("G7alt")
    assert recognise((43, 53, 59), expected=altered) is altered
    assert symbol(recognise((43, 53, 57, 59, 62), expected=altered)) == "G7"


@given(
    st.sets(st.integers(36, 84), min_size=1, max_size=8),
    st.sampled_from([None, "Dm7", "G7", "Cm6", "F#dim7", "C5", "N.C."]),
)
def test_any_keys_are_named_or_nothing_and_octaves_move_nothing(
    pitches: set[int], before: str | None
) -> None:
    previous = None if before is None else parse_chord(before)
    chord = recognise(pitches, previous=previous)
    if chord is not None:
        assert chord == parse_chord(chord.symbol)
        foreign = {pitch % 12 for pitch in pitches} - chord.scale - {chord.bass}
        assert len(foreign) <= 1
    judgement = judge(pitches, AS_PLAYED, certain(previous))
    if judgement.possible.any():
        assert judgement.belief().sum() == pytest.approx(1.0)


@given(st.sets(st.integers(48, 70), min_size=3, max_size=6), st.integers(1, 11))
def test_transposed_keys_are_the_transposed_chord(pitches: set[int], by: int) -> None:
    names = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
    high = {pitch + 24 for pitch in pitches}
    here = recognise(high, previous=parse_chord("C7"))
    there = recognise({pitch + by for pitch in high}, previous=parse_chord(f"{names[by]}7"))
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        one = judge(high, AS_PLAYED, certain(parse_chord("C7")))
        other = judge(
            {pitch + by for pitch in high}, AS_PLAYED, certain(parse_chord(f"{names[by]}7"))
        )
        assert one.weight[one.possible].max() == pytest.approx(
            other.weight[other.possible].max(), abs=1e-6
        )


class Keyboard:
    """Keys for a recogniser, which decides at the moments it asks for."""

    def __init__(self) -> None:
        self.recogniser = ChordRecogniser()
        self.new: list[tuple[float, str]] = []

    def to(self, at: float, expected: Chord | None = None) -> None:
        while (wake := self.recogniser.wake_at()) is not None and wake <= at:
            chord = self.recogniser.settle(wake, expected=expected)
            if chord is not None:
                self.new.append((round(wake, 3), chord.symbol))

    def down(self, at: float, *pitches: int, roll: float = 0.0) -> None:
        for place, pitch in enumerate(pitches):
            self.to(at + place * roll)
            self.recogniser.receive(NoteOn(pitch, 80), Seconds(at + place * roll))

    def up(self, at: float, *pitches: int) -> None:
        self.to(at)
        for pitch in pitches:
            self.recogniser.receive(NoteOff(pitch), Seconds(at))

    def names(self, until: float) -> list[str]:
        self.to(until)
        return [name for _, name in self.new]


def test_a_voicing_is_decided_once_it_has_settled() -> None:
    keyboard = Keyboard()
    keyboard.down(1.0, 50, 53, 57, 60, roll=0.01)
    assert keyboard.recogniser.wake_at() == pytest.approx(1.03 + SETTLE)
    assert keyboard.recogniser.settle(Seconds(1.05)) is None
    keyboard.to(2.0)
    assert keyboard.new == [(round(1.03 + SETTLE, 3), "Dm7")]
    assert keyboard.recogniser.wake_at() is None
    assert keyboard.recogniser.settle(Seconds(3.0)) is None


def test_a_chord_holds_after_its_keys_are_up_and_a_stab_is_heard() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 50, 53, 57, 60)
    keyboard.up(0.02, 50, 53, 57, 60)
    assert keyboard.names(9.0) == ["Dm7"]
    assert symbol(keyboard.recogniser.chord) == "Dm7"


def test_a_slowly_rolled_chord_is_one_and_ends_as_what_it_is() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 48, 52, 55, 58, roll=0.05)
    assert keyboard.names(1.0)[-1] == "C7"


def test_the_same_chord_again_is_not_new_in_any_inversion_or_colour() -> None:
    keyboard = Keyboard()
    for at, pitches in enumerate([(48, 52, 58), (52, 55, 58, 60), (48, 52, 55, 58, 62)]):
        keyboard.down(at, *pitches)
        keyboard.up(at + 0.8, *pitches)
    assert keyboard.names(5.0) == ["C7"]


def test_a_tone_outside_the_scale_is_new_and_so_is_a_seventh_on_a_triad() -> None:
    keyboard = Keyboard()
    for at, pitches in enumerate([(48, 52, 55), (48, 52, 55, 58), (48, 52, 58, 61)]):
        keyboard.down(at, *pitches)
        keyboard.up(at + 0.8, *pitches)
    assert keyboard.names(5.0) == ["C", "C7", "C7b9"]


def test_one_moving_key_changes_the_chord_where_the_evidence_is_clear() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 50, 53, 57, 60)
    keyboard.up(0.5, 50)
    keyboard.down(1.0, 59)  # F A B over the C that comes up: G7 without its root
    keyboard.up(1.02, 60)
    keyboard.down(1.02, 64)
    assert keyboard.names(2.0) == ["Dm7", "G7"]


def test_passing_notes_and_lifted_fingers_change_nothing() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 48, 52, 55, 59)
    for place, pitch in enumerate([62, 64, 65, 67, 69, 71]):
        keyboard.down(0.5 + 0.2 * place, pitch)
        keyboard.up(0.65 + 0.2 * place, pitch)
    keyboard.up(2.0, 48)
    keyboard.up(2.5, 59, 52)
    assert keyboard.names(5.0) == ["CM7"]


def test_keys_of_the_chord_before_that_come_up_late_do_not_count() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 50, 53, 57, 60)
    keyboard.down(1.0, 43, 47, 52, 54)  # D F A C still down
    keyboard.up(1.0 + LEGATO / 2, 50, 53, 57, 60)
    keyboard.down(2.0, 48, 55, 59, 64)
    assert keyboard.names(3.0)[0] == "Dm7"
    assert keyboard.names(3.0)[-1] == "CM7"


def test_a_line_is_no_chord() -> None:
    keyboard = Keyboard()
    for place, pitch in enumerate([60, 64, 67, 71, 72, 71, 67]):
        keyboard.down(0.1 * place, pitch)
        keyboard.up(0.1 * place + 0.09, pitch)
    assert keyboard.names(5.0) == []


def test_a_shell_names_a_chord_only_low_and_only_over_its_root() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 43, 53)
    assert keyboard.names(1.0) == ["G7"]
    keyboard.up(1.0, 43, 53)
    keyboard.down(2.0, 64, 71)
    keyboard.up(3.0, 64, 71)
    keyboard.down(4.0, 47, 53)  # third and seventh of the chord that holds
    assert keyboard.names(5.0) == ["G7"]


@pytest.mark.parametrize(("later", "heard"), [(EXPIRES - 1, "Am7"), (EXPIRES + 1, "C")])
def test_a_key_that_never_comes_up_is_forgotten(later: float, heard: str) -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 45)
    keyboard.down(later, 48, 52, 55)
    assert keyboard.names(later + 1) == [heard]


def test_release_all_forgets_the_keys_and_keeps_the_chord() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 50, 53, 57, 60)
    keyboard.to(1.0)
    keyboard.down(1.0, 49)
    keyboard.recogniser.release_all()
    assert keyboard.recogniser.wake_at() is None
    assert symbol(keyboard.recogniser.chord) == "Dm7"


def test_the_chart_speaks_when_the_voicing_is_judged() -> None:
    keyboard = Keyboard()
    keyboard.down(0.0, 52, 55, 59, 62)
    keyboard.to(1.0, expected=parse_chord("C69"))
    assert [name for _, name in keyboard.new] == ["C69"]


@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.booleans(), st.integers(36, 72)), min_size=1, max_size=60
    )
)
def test_any_keys_leave_a_chord_only_by_saying_so(keys: list[tuple[int, bool, int]]) -> None:
    recogniser, at = ChordRecogniser(), 0.0
    for wait, down, pitch in keys:
        at += wait / 1000
        held = recogniser.chord
        told = recogniser.settle(Seconds(at))
        assert recogniser.chord == (held if told is None else told)
        assert told is None or told != held
        recogniser.receive(NoteOn(pitch, 80) if down else NoteOff(pitch), Seconds(at))
        wake = recogniser.wake_at()
        assert wake is None or wake <= at + SETTLE
    recogniser.settle(Seconds(at + SETTLE))
    assert recogniser.wake_at() is None
