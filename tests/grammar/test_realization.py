"""Realization: which pitches a value leaves, and who may choose among them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar.abstraction import abstract, kinds
from live_improv.grammar.realization import (
    Last,
    RealizationError,
    Register,
    RegisterError,
    can_resolve,
    candidates,
    is_of_kind,
    keeps_promise,
    realize,
)
from live_improv.grammar.values import (
    NOTE_KINDS,
    GrammarValue,
    Kind,
    Window,
    legal_after,
    parse_value,
    rests,
)
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import any_changes

C7, F7 = parse_chord("C7"), parse_chord("F7")
NOTHING = parse_chord("N.C.")


def values(*texts: str) -> list[GrammarValue]:
    """Values from their texts."""
    return [parse_value(text) for text in texts]


def lowest(_onset: Ticks, offered: list[int]) -> int:
    """Choose the lowest."""
    return offered[0]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # Around middle C over C7, three semitones each way from a last note of 60.
        ("C,1,<+3,-3>", [58, 60]),
        ("L,1,<+3,-3>", [57, 62]),
        ("S,1,<+3,-3>", []),
        ("S,1,<+5,-1>", [65]),
        ("A,1,<+3,-3>", [59, 61, 63]),
        ("X,1,<+3,-3>", [59, 61, 63]),
        ("C,1,<+12,+0>", [60, 64, 67, 70, 72]),
    ],
)
def test_a_value_leaves_the_pitches_of_its_kind_in_its_window(
    value: str, expected: list[int]
) -> None:
    last = Last(60, Kind.CHORD)
    assert candidates(parse_value(value), C7, last, C7, Register()) == expected


def test_the_first_note_may_be_anywhere_in_the_register() -> None:
    value = parse_value("C,1")
    assert candidates(value, C7, None, C7, Register(60, 72)) == [60, 64, 67, 70, 72]
    assert len(candidates(value, C7, None, C7, Register())) == 43


def test_the_register_bounds_every_window() -> None:
    last = Last(60, Kind.CHORD)
    value = parse_value("C,1,<+12,-12>")
    assert candidates(value, C7, last, C7, Register(58, 67)) == [58, 60, 64, 67]
    assert candidates(value, C7, last, C7, Register(61, 63)) == []
    assert candidates(value, C7, last, C7, Register(100, 110)) == []


@pytest.mark.parametrize("bounds", [(-1, 60), (60, 128), (61, 60), (128, 128)])
def test_a_register_has_bounds(bounds: tuple[int, int]) -> None:
    with pytest.raises(RegisterError, match="expected 0 to 127"):
        Register(*bounds)


def test_over_no_chord_everything_is_another_tone() -> None:
    last = Last(60, Kind.CHORD)
    around = [57, 58, 59, 60, 61, 62, 63]
    assert candidates(parse_value("X,1,<+3,-3>"), NOTHING, last, C7, Register()) == around
    for kind in "CLS":
        value = parse_value(f"{kind},1,<+3,-3>")
        assert candidates(value, NOTHING, last, C7, Register()) == []


def test_kinds_outside_the_scale_are_two() -> None:
    fits = {kind for kind in NOTE_KINDS if is_of_kind(61, kind, C7)}
    assert fits == {Kind.APPROACH, Kind.OTHER}
    assert {kind for kind in NOTE_KINDS if is_of_kind(60, kind, C7)} == {Kind.CHORD}


@pytest.mark.parametrize(
    ("kind", "before", "pitch", "chord", "kept"),
    [
        # Ab, outside C7: what may follow it over F7 (F A C Eb) and over C7 (C E G Bb).
        (Kind.APPROACH, C7, 69, F7, True),
        (Kind.APPROACH, C7, 67, C7, True),
        (Kind.APPROACH, C7, 67, F7, False),
        (Kind.APPROACH, C7, 69, C7, False),
        (Kind.APPROACH, C7, 81, F7, False),
        (Kind.OTHER, C7, 69, F7, False),
        (Kind.OTHER, C7, 67, C7, False),
        (Kind.OTHER, C7, 67, F7, True),
        (Kind.OTHER, C7, 72, C7, True),
        (Kind.OTHER, NOTHING, 69, F7, True),  # over no chord nothing is promised
        (Kind.CHORD, C7, 69, F7, True),
        (Kind.SCALE, C7, 67, C7, True),
    ],
)
def test_promises(kind: Kind, before: Chord, pitch: int, chord: Chord, kept: bool) -> None:
    assert keeps_promise(Last(68, kind), before, pitch, chord) is kept
    assert keeps_promise(None, before, pitch, chord)


def test_a_tone_can_resolve_only_inside_the_register() -> None:
    assert can_resolve(68, F7, Register())  # up to A
    assert can_resolve(68, C7, Register())  # down to G
    assert not can_resolve(68, F7, Register(60, 68))
    assert not can_resolve(68, C7, Register(68, 80))
    assert not can_resolve(66, parse_chord("Bb"), Register(66, 80))
    assert not can_resolve(62, C7, Register())


def test_each_value_starts_where_those_before_it_end() -> None:
    found = realize(
        values("R,0.5", "C,0.333", "C,0.667,<+5,+0>", "R,1.0", "C,2.5,<+5,+0>"),
        parse("C7"),
        lowest,
        Register(60, 100),
        Ticks(1920),
    )
    assert [(n.onset - 1920, n.length, n.pitch) for n in found] == [
        (240, 160, 60),
        (400, 320, 60),
        (1200, 1200, 60),
    ]


def test_who_chooses_is_told_the_onset_and_all_that_is_allowed() -> None:
    asked = []

    def choose(onset: Ticks, offered: list[int]) -> int:
        asked.append((onset, offered))
        return offered[-1]

    found = realize(values("C,1", "C,1,<+3,-3>"), parse("C7"), choose, Register(60, 71))
    assert asked == [(0, [60, 64, 67, 70]), (480, [67, 70])]
    assert [each.pitch for each in found] == [70, 70]


@pytest.mark.parametrize(
    ("following", "expected"),
    [("AbM7", [61]), ("A7", [63]), ("Dm7", [61, 63]), ("BM7", [])],
)
def test_an_approach_tone_is_one_that_can_resolve_when_it_must(
    following: str, expected: list[int]
) -> None:
    # Db and Eb are outside C7; it is the chord of the next note that one of them must lead to.
    line = values("C,3.5", "A,0.5,<+3,-3>", "C,4,<+3,-3>")
    asked: dict[int, list[int]] = {}

    def choose(onset: Ticks, offered: list[int]) -> int:
        asked[onset] = offered
        return offered[0]

    changes = parse(f"C7 | {following}")
    if expected:
        realize(line, changes, choose, Register(60, 64))
    else:
        with pytest.raises(RealizationError):
            realize(line, changes, choose, Register(60, 64))
    assert asked.get(1680, []) == expected


def test_rests_alone_are_no_notes() -> None:
    assert realize(values("R,0.5", "R,4"), parse("C7"), lowest) == ()
    assert realize([], parse("C7"), lowest) == ()


def test_a_value_that_nothing_satisfies_is_named() -> None:
    with pytest.raises(RealizationError, match=r"S,1\.000,<\+1,-1> over C7 at tick 480"):
        realize(values("C,1", "S,1,<+1,-1>"), parse("C7"), lowest, Register(60, 60))


def test_an_approach_tone_that_cannot_resolve_is_refused() -> None:
    # In this register there is no tone of C7 a semitone from Db but C, which is too low.
    with pytest.raises(RealizationError, match=r"A,1\.000 over C7 at tick 0"):
        realize(values("A,1", "C,1,<+3,-3>"), parse("C7"), lowest, Register(61, 62))


@st.composite
def legal_lines(draw: st.DrawFn) -> list[GrammarValue]:
    """Values that may follow each other; rests of half a beat or more after a note."""
    found: list[GrammarValue] = []
    last_note: GrammarValue | None = None
    for _ in range(draw(st.integers(1, 16))):
        kind = draw(st.sampled_from([*NOTE_KINDS, Kind.CHORD, Kind.REST]))
        if last_note is not None and last_note.kind is Kind.APPROACH:
            kind = Kind.CHORD
        if kind is Kind.REST:
            if found and found[-1].is_rest:
                continue
            found += rests(draw(st.integers(6, 60)))
            continue
        interval = draw(st.integers(-4, 4))
        window = None if last_note is None else Window.around(interval)
        value = GrammarValue(kind, draw(st.integers(1, 36)), window)
        if not legal_after(found[-1] if found else None, last_note, value):
            continue
        found.append(value)
        last_note = value
    return found


@given(legal_lines(), any_changes(), st.integers(0, 2**32))
def test_what_values_say_is_what_is_played(
    line: list[GrammarValue], changes: Changes, seed: int
) -> None:
    register = Register(48, 84)

    def realized() -> tuple[Note, ...]:
        chance = Random(seed)

        def choose(_onset: Ticks, offered: list[int]) -> int:
            assert offered == sorted(set(offered))
            assert register.low <= offered[0] <= offered[-1] <= register.high
            return chance.choice(offered)

        try:
            return realize(line, changes, choose, register)
        except RealizationError:
            # Legal values may still lead where no pitch is: as much of the line as can be played.
            line.pop()
            return realized()

    played = realized()
    notes = [value for value in line if not value.is_rest]
    assert len(played) == len(notes)
    said = [value.kind for value in notes]
    if said and said[-1] is Kind.APPROACH:
        said[-1] = Kind.OTHER  # nothing comes for it to resolve into
    assert list(kinds(played, changes)) == said
    for value, before, after in zip(notes[1:], played, played[1:], strict=False):
        assert value.window is not None
        assert value.window.down <= after.pitch - before.pitch <= value.window.up
    end = Ticks(sum(value.steps for value in line) * 40)
    again = abstract(played, changes, end=end)
    assert [value.steps for value in again] == [value.steps for value in line]
