"""What a picture shows: which notes, of which kinds, on which lines."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_improv.corpus import Solo, read_corpus
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.values import Kind
from live_improv.midi.files import write_performance, write_score
from live_improv.midi.reader import BadMidiFile
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.timing import TempoMap, Ticks
from live_improv.performance.take import Take
from live_improv.repertoire import read_chart
from live_improv.view.plot import PlotError, Wanted, picture_of
from live_improv.view.plot_model import Block, ChordName, Picture
from live_improv.view.plot_parts import Who
from tests.view.takes import BAR, Told, blues, take

C, L, S, A, X = Kind.CHORD, Kind.COLOUR, Kind.SCALE, Kind.APPROACH, Kind.OTHER


def blocks(shown: Picture, who: Who = Who.IMPROVISER) -> list[Block]:
    """The blocks of one of them, those that go on from a line before left out."""
    every = (block for system in shown.systems for block in system.blocks)
    return [block for block in every if block.who is who and not block.tied]


def spans(shown: Picture, who: Who = Who.IMPROVISER) -> list[Told]:
    return [(block.start, block.end - block.start, block.pitch) for block in blocks(shown, who)]


def test_every_note_is_shown_where_it_was_played(tmp_path: Path) -> None:
    ours, theirs = [(3, 200, 65), (BAR + 7, 90, 70)], [(BAR * 11, 400, 60), (BAR * 23, 100, 62)]
    path = take(tmp_path / "a.mid", {"Improviser": ours, "Player": theirs}, blues(2), bars=24)
    shown = picture_of(path)
    assert spans(shown) == ours
    assert spans(shown, Who.PLAYER) == theirs
    assert [(system.start, system.end) for system in shown.systems] == [
        *((0, 12 * BAR), (12 * BAR, 24 * BAR)),
    ]
    assert [(player.name, player.count) for player in shown.players] == [
        *(("Improviser", 2), ("Player", 2)),
    ]


def test_kinds_are_those_of_the_language(tmp_path: Path) -> None:
    # Over C: e is in the chord, d is a ninth, f is in the scale, d sharp leads to e, and f sharp
    # nowhere.
    line = [64, 62, 65, 63, 64, 66, 60]
    notes = [(i * 480, 400, pitch) for i, pitch in enumerate(line)]
    shown = picture_of(take(tmp_path / "a.mid", {"Improviser": notes}, [(0, "C")]))
    found = [block.kind for block in blocks(shown)]
    assert found == [C, L, S, A, C, X, C]
    assert dict(shown.shares) == pytest.approx({C: 3 / 7, L: 1 / 7, S: 1 / 7, A: 1 / 7, X: 1 / 7})


@pytest.mark.parametrize(("onset", "kind"), [(BAR - 15, C), (BAR - 240, X), (BAR + 15, C)])
def test_a_note_just_before_the_bar_line_is_of_the_next_chord(
    tmp_path: Path, onset: int, kind: Kind
) -> None:
    path = take(tmp_path / "a.mid", {"Improviser": [(onset, 100, 61)]}, [(0, "C"), (BAR, "A7")])
    assert [block.kind for block in blocks(picture_of(path))] == [kind]


def test_each_player_has_a_line_of_their_own(tmp_path: Path) -> None:
    # The d sharp of one is not resolved by the e of the other.
    tracks = {"Improviser": [(0, 400, 63), (960, 400, 67)], "Player": [(480, 400, 64)]}
    shown = picture_of(take(tmp_path / "a.mid", tracks, [(0, "C")]))
    assert [block.kind for block in blocks(shown)] == [X, C]
    assert [block.kind for block in blocks(shown, Who.PLAYER)] == [C]


def test_the_lower_notes_of_a_chord_lead_nowhere(tmp_path: Path) -> None:
    chord = [(0, 400, 63), (0, 400, 67), (480, 400, 64)]
    shown = picture_of(take(tmp_path / "a.mid", {"Player": chord}, [(0, "C")]))
    assert Counter(block.kind for block in blocks(shown, Who.PLAYER)) == {C: 2, X: 1}


def test_a_note_over_the_end_of_a_line_goes_on_in_the_next(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mid", {"Improviser": [(12 * BAR - 240, 720, 65)]}, blues(2), bars=24)
    first, second = picture_of(path).systems
    assert [(b.start, b.end, b.tied) for b in first.blocks] == [(12 * BAR - 240, 12 * BAR, False)]
    assert [(b.start, b.end, b.tied) for b in second.blocks] == [(12 * BAR, 12 * BAR + 480, True)]


def test_a_note_that_ends_a_hair_late_does_not_go_on(tmp_path: Path) -> None:
    notes = [(12 * BAR - 240, 250, 65)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(2), bars=24)
    assert not picture_of(path).systems[1].blocks


def test_chords_are_named_where_they_change_and_where_a_line_begins(tmp_path: Path) -> None:
    chords = [(0, "Dm7"), (BAR, "Dm7"), (3 * BAR + 960, "Eb7"), (4 * BAR, "Eb7")]
    notes = [(BAR * i, 100, 62) for i in range(24)]
    marks = [(0, "Chorus 1"), (12 * BAR, "Chorus 2")]
    shown = picture_of(take(tmp_path / "a.mid", {"Improviser": notes}, chords, marks=marks))
    assert [system.chords for system in shown.systems] == [
        (ChordName(Ticks(0), "Dm7"), ChordName(Ticks(3 * BAR + 960), "Eb7")),
        (ChordName(Ticks(12 * BAR), "Eb7"),),
    ]


def test_a_pickup_stands_left_of_where_choruses_begin(tmp_path: Path) -> None:
    notes = [(BAR - 240, 200, 64), (BAR, 400, 65), (20 * BAR, 400, 65)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(2, start=1), bars=25)
    first, second = picture_of(path).systems
    assert (first.start, first.top, first.end) == (0, BAR, 13 * BAR)
    assert second.start == second.top == 13 * BAR


@pytest.mark.parametrize(
    ("choruses", "end", "over", "kind"),
    [
        (2, 25, "C7", C),  # e before the first bar lies over the end of the blues
        (1, 13, "F7", X),  # whose form is not known here
    ],
)
def test_a_pickup_lies_over_the_end_of_the_form(
    tmp_path: Path, choruses: int, end: int, over: str, kind: Kind
) -> None:
    notes = [(BAR - 240, 200, 64), (BAR, 400, 69)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(choruses, start=1), bars=end)
    shown = picture_of(path)
    assert shown.systems[0].chords[0] == ChordName(Ticks(0), over)
    assert blocks(shown)[0].kind == kind


def test_the_range_holds_all_notes_with_room(tmp_path: Path) -> None:
    notes = [(0, 100, 40), (480, 100, 90)]
    shown = picture_of(take(tmp_path / "a.mid", {"Improviser": notes}, [(0, "C")]))
    assert shown.low < 40 < 90 < shown.high
    assert (shown.players[0].low, shown.players[0].high) == (40, 90)


@given(pitches=st.lists(st.integers(0, 127), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_any_pitch_has_its_row(tmp_path: Path, pitches: list[int]) -> None:
    notes = [(240 * i, 200, pitch) for i, pitch in enumerate(pitches)]
    shown = picture_of(take(tmp_path / "a.mid", {"Improviser": notes}, [(0, "C")]))
    assert all(shown.low <= block.pitch <= shown.high for block in blocks(shown))
    assert [block.pitch for block in blocks(shown)] == pitches


@pytest.mark.parametrize(
    ("bars", "form", "time"),
    [
        (24, "2 choruses of 12 bars", "0:48"),
        (25, "2 choruses of 12 bars", "0:50"),
        (30, "3 choruses, 30 bars", "1:00"),
        (12, "12 bars", "0:24"),
    ],
)
def test_the_facts_are_told(tmp_path: Path, bars: int, form: str, time: str) -> None:
    notes = [(0, 100, 60), (bars * BAR - 480, 400, 60)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(3)[:bars], title="Bb Blues")
    shown = picture_of(path)
    assert shown.title == "Bb Blues"
    assert shown.facts == ("♩ = 120", "4/4", form, time)


@pytest.mark.parametrize("title", ["", "live_improv"])
def test_a_take_without_a_title_is_called_as_its_file(tmp_path: Path, title: str) -> None:
    path = take(tmp_path / "take 7.mid", {"Improviser": [(0, 9, 60)]}, [(0, "C")], title=title)
    assert picture_of(path).title == "take 7"


def test_the_band_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    tracks = {
        "Improviser": [(0, 400, 72)],
        "Bass": [(0, 400, 36)],
        "Drums": [(0, 20, 51)],
        "Chords": [(0, BAR, 60)],
    }
    path = take(tmp_path / "a.mid", tracks, [(0, "C")])
    alone, band = picture_of(path), picture_of(path, Wanted(band=True))
    assert Counter(b.who for b in alone.systems[0].blocks) == {Who.IMPROVISER: 1}
    assert Counter(b.who for b in band.systems[0].blocks) == {
        **{Who.IMPROVISER: 1, Who.BAND: 2, Who.DRUMS: 1},
    }
    assert alone.low > 36 > band.low
    assert [player.name for player in band.players] == ["Improviser"]


@pytest.mark.parametrize(
    ("tracks", "melody"),
    [
        ({"": [(0, 90, 60)]}, 60),
        ({"Bass": [(0, 90, 40)], "Tenor Sax": [(0, 90, 50)], "Lead me": [(0, 90, 45)]}, 50),
        ({"Bass": [(0, 90, 40)], "Strings": [(0, 90, 70), (0, 90, 74)], "X": [(0, 90, 60)]}, 60),
        ({"Piano": [(0, 90, 70)], "Drums": [(0, 90, 80)]}, 70),
    ],
)
def test_the_melody_of_anybodys_file_is_found(
    tmp_path: Path, tracks: dict[str, list[Told]], melody: int
) -> None:
    shown = picture_of(take(tmp_path / "a.mid", tracks, [(0, "C")]))
    assert [block.pitch for block in blocks(shown)] == [melody]


def test_a_chart_stands_in_for_chords_that_are_not_named(tmp_path: Path) -> None:
    chart = read_chart("blues_in_f")
    path = take(tmp_path / "a.mid", {"Sax": [(0, 90, 65), (23 * BAR, 90, 65)]})
    with pytest.raises(PlotError, match="give its chart with --chart"):
        picture_of(path)
    shown = picture_of(path, Wanted(chart))
    assert [system.chords[0].symbol for system in shown.systems] == ["F7", "F7"]
    assert [bar.section for system in shown.systems for bar in system.bars if bar.section] == [
        *("A", "A"),
    ]


@pytest.mark.parametrize(("bars", "found"), [((3, 4), [65]), ((4, 99), [66])])
def test_some_bars_may_be_asked_for(
    tmp_path: Path, bars: tuple[int, int], found: list[int]
) -> None:
    notes = [(2 * BAR, 90, 65), (11 * BAR, 90, 66)]
    path = take(tmp_path / "a.mid", {"Improviser": notes}, blues(), bars=12)
    shown = picture_of(path, Wanted(bars=bars))
    assert [block.pitch for block in blocks(shown)] == found
    assert shown.systems[0].bars[0].number == bars[0]


def test_bars_that_are_not_there_say_which_are(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mid", {"Improviser": [(0, 90, 65)]}, blues(), bars=12)
    with pytest.raises(PlotError, match="expected bars between 1 and 12"):
        picture_of(path, Wanted(bars=(13, 14)))


def test_what_is_too_long_asks_for_less(tmp_path: Path) -> None:
    path = take(tmp_path / "a.mid", {"Improviser": [(0, 90, 65)]}, [(0, "C")], bars=4000)
    with pytest.raises(PlotError, match="ask for 100 at most with --bars"):
        picture_of(path)
    assert len(picture_of(path, Wanted(bars=(1, 400))).systems) == 25


@pytest.mark.parametrize("tracks", [{}, {"Drums": [(0, 90, 36)]}, {"Chords": [(0, 90, 60)] * 0}])
def test_without_a_melody_there_is_no_picture(
    tmp_path: Path, tracks: dict[str, list[Told]]
) -> None:
    with pytest.raises(PlotError, match="no melody"):
        picture_of(take(tmp_path / "a.mid", tracks, [(0, "C")]))


def test_a_broken_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd")
    with pytest.raises(BadMidiFile, match="breaks off"):
        picture_of(tmp_path / "a.mid")


def written_solo(path: Path, solo: Solo) -> Path:
    """A human solo in a file of ours."""
    events = [
        event
        for note in solo.notes
        for event in (
            Timed(note.onset, NoteOn(note.pitch, note.velocity)),
            Timed(note.end, NoteOff(note.pitch)),
        )
    ]
    # An off before the on of the same tick, as they were played.
    events.sort(key=lambda timed: (timed.tick, isinstance(timed.event, NoteOn)))
    tempo = TempoMap.constant(solo.bpm)
    write_performance(path, events, solo.changes, tempo, solo.changes.length)
    return path


def test_human_solos_have_the_kinds_that_the_net_learns(tmp_path: Path, data_dir: Path) -> None:
    corpus = read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz")
    for solo in islice((solo for solo in corpus if solo.split == "valid"), 5):
        shown = picture_of(written_solo(tmp_path / "a.mid", solo))
        line = [note for note in solo.notes if note.onset >= 0]
        assert [block.start for block in blocks(shown)] == [note.onset for note in line]
        assert [block.kind for block in blocks(shown)] == list(kinds(line, solo.changes))


def test_a_take_of_ours_says_where_its_form_is(tmp_path: Path) -> None:
    changes = read_chart("rhythm_changes")
    played = Take(changes, TempoMap.constant(200.0))
    for onset in (-300, 0, 16 * BAR):
        played.played(Timed(Ticks(onset), NoteOn(60, 80)))
        played.played(Timed(Ticks(onset + 100), NoteOff(60)))
    played.relocated(Ticks(17 * BAR), Ticks(8 * BAR))
    played.played(Timed(Ticks(8 * BAR), NoteOn(64, 80)))
    played.played(Timed(Ticks(33 * BAR), NoteOff(64)))
    write_score(tmp_path / "a.mid", played.score())
    shown = picture_of(tmp_path / "a.mid")
    assert [
        (bar.number, bar.chorus, bar.section)
        for system in shown.systems
        for bar in system.bars
        if bar.section
    ] == [
        (1, 1, "A"),
        (9, None, "A"),
        (17, None, "B"),
        *((18, None, "A"), (26, None, "B"), (34, None, "A")),
    ]
    assert shown.systems[0].bars[0].number == 0
