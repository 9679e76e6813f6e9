"""The seeds' values as notes: a clean line, without what the seeds did to it."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from live_improv.grammar.realization import is_of_kind
from live_improv.grammar.values import Kind, ValueFormatError, legal_after, parse_value
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.timing import Meter, Ticks
from live_improv.training.seeds_playing import (
    REGISTER,
    cleaned,
    from_first_chord,
    line_over,
    write_line,
)

BAR = 1920

# Triplets, a rest, an approach tone into a chord tone and lengths over a bar line.
LINE = (
    "C,0.500",
    "L,0.333,<+5,-1>",
    "C,0.333,<+4,-2>",
    "L,0.333,<+1,-5>",
    "R,1.000",
    "A,0.500,<+2,-4>",
    "C,1.500,<+2,-4>",
    "L,1.000,<+5,-1>",
    "C,2.500,<+1,-5>",
)


def changes_of(*symbols: str) -> Changes:
    """One chord to a bar of 4/4."""
    starts = [Ticks(i * BAR) for i in range(len(symbols))]
    return Changes(
        chords=tuple(
            ChordSpan(start, Ticks(start + BAR), parse_chord(symbol))
            for start, symbol in zip(starts, symbols, strict=True)
        ),
        bars=tuple(Bar(start, Meter()) for start in starts),
        title="Two five",
    )


II_V_I = changes_of("Dm7", "G7", "Cmaj7")


@pytest.mark.parametrize(
    ("played", "clean"),
    [
        (["C,1.000,<+3,-3>"], ["C,1.000"]),
        (["R,1.000", "C,1.000,<+3,-3>"], ["R,1.000", "C,1.000"]),
        (["C,1.000", "S,1.000"], ["C,1.000", "S,1.000,<+3,-3>"]),
        (["C,1.000", "R,0.333", "R,1.000"], ["C,1.000", "R,1.333"]),
        (["C,1.000", "R,10.000", "R,7.500"], ["C,1.000", "R,16.000", "R,1.500"]),
        (["A,1.000", "C,1.000,<+2,-4>"], ["A,1.000", "C,1.000,<+2,-4>"]),
        (["A,1.000", "R,1.000", "C,1.000,<+2,-4>"], ["A,1.000", "R,1.000", "C,1.000,<+2,-4>"]),
        (["A,1.000", "S,1.000,<+2,-4>"], ["X,1.000", "S,1.000,<+2,-4>"]),
        (["A,1.000", "C,1.000,<+9,+3>"], ["X,1.000", "C,1.000,<+9,+3>"]),
        (["A,1.000", "A,1.000,<+2,-4>"], ["X,1.000", "X,1.000,<+2,-4>"]),
        (["C,0.250,<m2,P-4>", "C,0.250,<m2,P-4>"], ["C,0.250", "C,0.250,<+1,-5>"]),
        ([], []),
    ],
)
def test_what_no_line_says_is_cleaned(played: list[str], clean: list[str]) -> None:
    values = cleaned(played)
    assert [str(value) for value in values] == clean
    assert sum(v.steps for v in values) == sum(parse_value(text).steps for text in played)
    last_note = previous = None
    for value in values:
        assert legal_after(previous, last_note, value)
        previous, last_note = value, last_note if value.is_rest else value


def test_a_text_that_is_no_value_is_named() -> None:
    with pytest.raises(ValueFormatError, match="Q,1"):
        cleaned(["Q,1.000"])


def test_a_clean_line_stays_as_it_is() -> None:
    assert [str(value) for value in cleaned(LINE)] == list(LINE)


@pytest.mark.parametrize("seed", range(8))
def test_notes_start_where_the_values_before_them_end(seed: int) -> None:
    """Not at their end, with no length rounded: triplets stay triplets, silence stays."""
    line = line_over(LINE, II_V_I, seed)
    assert [note.onset for note in line.notes] == [0, 240, 400, 560, 1200, 1440, 2160, 2640]
    assert [note.length for note in line.notes] == [240, 160, 160, 160, 240, 720, 480, 1200]
    assert (line.length, line.loosened) == (3840, 0)


@pytest.mark.parametrize("seed", range(8))
def test_kinds_and_windows_hold_also_over_bar_lines(seed: int) -> None:
    values = [value for value in cleaned(LINE) if not value.is_rest]
    notes = line_over(LINE, II_V_I, seed).notes
    for note, value in zip(notes, values, strict=True):
        assert is_of_kind(note.pitch, value.kind, II_V_I.chord_at(note.onset))
        assert note.pitch in REGISTER
    for (before, note), value in zip(pairwise(notes), values[1:], strict=True):
        assert value.window is not None
        assert note.pitch - before.pitch in value.window


@pytest.mark.parametrize("seed", range(8))
def test_approach_tones_stay_outside_the_chord_and_resolve(seed: int) -> None:
    notes = line_over(LINE, II_V_I, seed).notes
    at = [value.kind for value in cleaned(LINE) if not value.is_rest].index(Kind.APPROACH)
    approach, into = notes[at : at + 2]
    chord = II_V_I.chord_at(approach.onset)
    assert approach.pitch % 12 not in chord.chord_tones | chord.scale
    assert abs(into.pitch - approach.pitch) == 1


def test_the_line_follows_its_seed() -> None:
    assert line_over(LINE, II_V_I, 3) == line_over(LINE, II_V_I, 3)
    pitches = {tuple(note.pitch for note in line_over(LINE, II_V_I, s).notes) for s in range(8)}
    assert len(pitches) > 1


@pytest.mark.parametrize("window", ["<+6,+0>", "<+0,-6>"])
def test_a_line_that_drifts_stays_in_the_register(window: str) -> None:
    line = line_over(["C,1.000", *[f"C,1.000,{window}"] * 40], II_V_I)
    assert len(line.notes) == 41
    assert all(note.pitch in REGISTER for note in line.notes)
    assert line.loosened > 0, "41 steps one way do not fit"


def test_a_value_that_nothing_satisfies_gives_way_and_is_counted() -> None:
    """Over no chord there are no chord tones; the window stays, and so does the length."""
    line = line_over(["X,1.000", "C,1.000,<+5,-1>"], changes_of("N.C."))
    low, high = (note.pitch for note in line.notes)
    assert line.loosened == 1
    assert -1 <= high - low <= 5
    assert line.length == 960


@pytest.mark.parametrize("seed", range(6))
def test_any_values_over_any_chords_make_a_line_of_their_length(seed: int) -> None:
    draw = random.Random(seed)
    changes = changes_of(*draw.choices(["N.C.", "C5", "Dm7", "G7alt", "Bdim7", "F#maj7#5"], k=4))
    lengths, kinds = ("0.250", "0.333", "0.917", "2.000"), "CLSAXC"
    played = []
    for _ in range(30):
        interval = draw.choice((-14, -7, -3, -2, -1, 1, 2, 3, 7, 24))
        tail = f",<{interval + 3:+d},{interval - 3:+d}>"
        played.append(f"{draw.choice(kinds)},{draw.choice(lengths)}{tail}")
    line = line_over(played, changes, seed)
    steps = [parse_value(text).steps for text in played]
    assert [note.length for note in line.notes] == [40 * count for count in steps]
    assert all(before.end == note.onset for before, note in pairwise(line.notes))
    assert all(note.pitch in REGISTER for note in line.notes)


def test_an_approach_tone_with_nowhere_to_go_becomes_another_tone_not_a_chord_tone() -> None:
    changes = changes_of("C7", "N.C.")
    line = line_over(["R,3.000", "A,1.000", "C,1.000,<+3,-3>"], changes)
    assert line.loosened == 2
    chord = changes.chord_at(line.notes[0].onset)
    assert line.notes[0].pitch % 12 not in chord.chord_tones | chord.colour_tones | chord.scale


def test_empty_bars_before_the_first_chord_are_left_out() -> None:
    assert from_first_chord(changes_of("N.C.", "N.C.", "Dm7", "G7")) == changes_of("Dm7", "G7")
    assert from_first_chord(II_V_I) == II_V_I
    nothing = changes_of("N.C.")
    assert from_first_chord(nothing) == nothing


def test_bars_before_the_bar_of_the_first_chord_go_and_the_rest_of_it_stays() -> None:
    late = Changes(
        chords=(
            ChordSpan(Ticks(0), Ticks(BAR + 960), parse_chord("N.C.")),
            ChordSpan(Ticks(BAR + 960), Ticks(2 * BAR), parse_chord("G7")),
        ),
        bars=(Bar(Ticks(0), Meter()), Bar(Ticks(BAR), Meter())),
    )
    kept = from_first_chord(late)
    assert [(span.start, span.end, span.chord.symbol) for span in kept.chords] == [
        (0, 960, "N.C."),
        (960, BAR, "G7"),
    ]


def test_the_file_has_the_line_with_the_chords_under_it(tmp_path: Path) -> None:
    path = tmp_path / "seeds.mid"
    line = write_line(path, LINE, changes_of("N.C.", "Dm7", "G7", "Cmaj7"), bpm=130.0)
    assert line == line_over(LINE, II_V_I)
    shared, solo, chords = mido.MidiFile(path).tracks
    assert [m.text for m in shared if m.type == "marker"] == ["Dm7", "G7"]
    assert [m.tempo for m in shared if m.type == "set_tempo"] == [round(60e6 / 130)]
    assert note_ons(solo) == [(note.onset, note.pitch) for note in line.notes]
    for at, symbol in ((0, "Dm7"), (BAR, "G7")):
        under = {pitch % 12 for onset, pitch in note_ons(chords) if onset == at}
        assert under
        assert under <= parse_chord(symbol).pitch_classes | parse_chord(symbol).scale
    assert [sum(m.time for m in track) for track in (shared, solo, chords)] == [2 * BAR] * 3


def note_ons(track: mido.MidiTrack) -> list[tuple[int, int]]:
    """Tick and pitch of each note-on."""
    found, at = [], 0
    for message in track:
        at += message.time
        if message.type == "note_on" and message.velocity:
            found.append((at, message.note))
    return found
