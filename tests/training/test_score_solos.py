"""Solos in MusicXML: lines, chords and bars as the score has them, what is left out and refused."""

from __future__ import annotations

import random
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_improv.corpus import read_corpus
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.score_export import to_musicxml
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import Meter, Ticks
from tests.charts.musicxml_scores import (
    attributes,
    backward,
    begin,
    close,
    forward,
    harmony,
    rest,
    score,
    tune,
    words,
)
from tests.charts.refusals import is_one_line
from tests.lines import METERS, lines

pytest.importorskip("music21", reason="the train extra is not installed")

from live_improv.training.score_solos import read_score

C7 = harmony("C", "dominant")
F7 = harmony("F", "dominant")

Reader = Callable[..., Understood]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads a score from its bytes."""

    def reader(data: bytes, choices: Choices = Choices(), name: str = "tune.xml") -> Understood:  # noqa: B008
        path = tmp_path / name
        path.write_bytes(data)
        (found,) = read_score(path, choices)
        return found

    return reader


def note(pitch: str, duration: int = 1, more: str = "", attributes: str = "") -> str:
    """A note such as `Bb4`; `more` stands behind its duration."""
    alter = pitch.count("#") - pitch.count("b")
    said = f"<alter>{alter}</alter>" if alter else ""
    return (
        f"<note{attributes}><pitch><step>{pitch[0]}</step>{said}<octave>{pitch[-1]}</octave>"
        f"</pitch><duration>{duration}</duration>{more}</note>"
    )


def tie(*kinds: str) -> str:
    """Ties, such as `start`."""
    return "".join(f'<tie type="{kind}"/>' for kind in kinds)


def voice(number: int) -> str:
    """What a note says of its voice."""
    return f"<voice>{number}</voice>"


def line(found: Understood) -> list[tuple[int, int, int]]:
    """Onset, length and pitch of each note."""
    return [(each.onset, each.length, each.pitch) for each in found.solo.notes]


def spans(found: Understood) -> list[tuple[int, str]]:
    """Where each chord begins."""
    return [(each.start, each.chord.symbol) for each in found.solo.changes.chords]


def test_notes_stand_at_their_places_over_their_chords(read: Reader) -> None:
    bars = C7 + note("C4") + rest(1) + note("F#5", 2), F7 + note("Bb3", 4)
    found = read(tune(*bars))
    assert line(found) == [(0, 480, 60), (960, 960, 78), (1920, 1920, 58)]
    assert spans(found) == [(0, "C7"), (1920, "F7")]
    assert (found.melody, found.chords_from) == ('part 1 "Part 1"', "chord symbols")
    assert (found.coverage, found.dropped) == (1.0, ())


def test_tied_notes_are_one(read: Reader) -> None:
    first = C7 + note("C4", 2) + note("D4", 2, tie("start"))
    found = read(tune(first, note("D4", 4, tie("stop", "start")), note("D4", 1, tie("stop"))))
    assert line(found) == [(0, 960, 60), (960, 960 + 1920 + 480, 62)]


def test_long_scores_go_on_where_they_were(read: Reader) -> None:
    up = "<attributes><transpose><chromatic>2</chromatic></transpose></attributes>"
    bars = [attributes(2) + up + C7 + note("C4", 8, tie("start"))]
    bars += [note("C4", 8, tie("stop", "start"))] * 250 + [note("C4", 4, tie("stop")) + rest(4)]
    found = read(score(bars))
    assert line(found) == [(0, 251 * 1920 + 960, 62)]


def test_only_equal_neighbours_are_tied(read: Reader) -> None:
    odd = C7 + note("C4", 1, tie("start")) + note("D4", 1, tie("stop")) + rest(1)
    found = read(tune(odd + note("C4", 1, tie("stop"))))
    assert [each[:2] for each in line(found)] == [(0, 480), (480, 480), (1440, 480)]


def test_curves_alone_are_ties_too(read: Reader) -> None:
    curved = [f'<notations><tied type="{kind}"/></notations>' for kind in ("start", "stop")]
    found = read(tune(C7 + note("C4", 2, curved[0]) + note("C4", 2, curved[1])))
    assert line(found) == [(0, 1920, 60)]


@pytest.mark.parametrize("divisions", [3, 12, 480, 10080])
def test_triplets_are_exact(read: Reader, divisions: int) -> None:
    triplet = "".join(note(pitch, divisions // 3) for pitch in ("C4", "D4", "E4"))
    found = read(score([attributes(divisions) + C7 + triplet + rest(3 * divisions)]))
    assert line(found) == [(0, 160, 60), (160, 160, 62), (320, 160, 64)]
    assert found.dropped == ()


def test_quintuplets_are_moved_to_the_grid_and_told(read: Reader) -> None:
    five = "".join(note("C4", 2) for _ in range(5))
    found = read(score([attributes(10) + C7 + five + rest(30)]))
    assert [onset for onset, _, _ in line(found)] == [0, 80, 200, 280, 400]
    assert found.dropped == ("onsets moved to the grid of 12 a beat: 4",)


def test_grace_and_cue_notes_are_left_out(read: Reader) -> None:
    grace = note("G4").replace("<note>", "<note><grace/>").replace("<duration>1</duration>", "")
    cue = note("A4", 2).replace("<note>", "<note><cue/>")
    found = read(tune(C7 + grace + note("C4", 2) + cue))
    assert line(found) == [(0, 960, 60)]
    assert found.dropped == ("grace notes: 1", "cue notes: 1")


def test_of_a_chord_the_top_is_the_line(read: Reader) -> None:
    lower = note("E4", 2).replace("<note>", "<note><chord/>")
    higher = note("A5", 2).replace("<note>", "<note><chord/>")
    found = read(tune(C7 + note("C4", 2) + lower + higher + note("D4", 2)))
    assert line(found) == [(0, 960, 81), (960, 960, 62)]
    assert found.dropped == ("lower notes of chords: 2",)


def test_of_voices_the_first_that_plays_is_the_line(read: Reader) -> None:
    back = "<backup><duration>4</duration></backup>"
    both = C7 + note("C5", 4, voice(1)) + back + note("C3", 2, voice(2)) + note("D3", 2, voice(2))
    silent = f"<note><rest/><duration>4</duration>{voice(1)}</note>" + back
    found = read(tune(both, silent + note("E4", 4, voice(2))))
    assert line(found) == [(0, 1920, 72), (1920, 1920, 64)]
    assert found.dropped == ("notes of other voices: 2",)


def test_of_staves_the_upper_is_the_line(read: Reader) -> None:
    back = "<backup><duration>4</duration></backup>"
    upper = note("C5", 4, voice(1) + "<staff>1</staff>")
    lower = note("C3", 4, voice(5) + "<staff>2</staff>")
    found = read(tune("<attributes><staves>2</staves></attributes>" + C7 + upper + back + lower))
    assert line(found) == [(0, 1920, 72)]
    assert found.dropped == ("notes of other staves: 1",)


def parts(*named: tuple[str, str]) -> bytes:
    """A score of one bar in parts of these names."""
    data = score(*([attributes() + bar] for _, bar in named)).decode()
    for i, (name, _) in enumerate(named, 1):
        data = data.replace(f"<part-name>Part {i}<", f"<part-name>{name}<")
    return data.encode()


PIANO = note("C4", 4) + "".join(
    note(pitch, 4).replace("<note>", "<note><chord/>") for pitch in ("E4", "G4")
)


@pytest.mark.parametrize(
    ("names", "melody"),
    [
        (("Piano", "Tenor Sax"), 2),
        (("Trumpet", "Piano"), 1),
        (("Bass", "Solo"), 2),
        (("One", "Two"), 1),
        (("Drumset", "Lead"), 2),
    ],
)
def test_the_melody_is_found_by_its_name(read: Reader, names: tuple[str, ...], melody: int) -> None:
    found = read(parts((names[0], C7 + note("C4", 4)), (names[1], note("D4", 4))))
    assert found.melody == f'part {melody} "{names[melody - 1]}"'
    assert found.solo.notes[0].pitch == (60, 62)[melody - 1]
    assert spans(found) == [(0, "C7")]
    assert found.dropped == ("other parts: 1",)


def test_the_melody_is_found_by_what_it_plays(read: Reader) -> None:
    found = read(parts(("One", C7 + PIANO), ("Two", note("C2", 4)), ("Three", note("D4", 4))))
    assert found.melody == 'part 3 "Three"'


@pytest.mark.parametrize("wanted", ["2", "piano", "PIA"])
def test_the_melody_can_be_named(read: Reader, wanted: str) -> None:
    data = parts(("Sax", C7 + note("C4", 4)), ("Piano", PIANO))
    assert read(data, Choices(melody=wanted)).solo.notes[0].pitch == 67


def test_a_melody_that_is_not_there_is_refused(read: Reader) -> None:
    data = parts(("Sax", C7 + note("C4", 4)), ("Piano", PIANO))
    with pytest.raises(NotUnderstood, match=r"'9'.*part 1 \"Sax\", part 2 \"Piano\""):
        read(data, Choices(melody="9"))


def test_repeats_are_played(read: Reader) -> None:
    bars = (
        forward() + C7 + note("C4", 4),
        begin("1") + F7 + note("D4", 4, tie("start")) + backward(ending="1"),
        begin("2") + note("E4", 4) + close("2"),
    )
    found = read(tune(*bars))
    assert [each[2] for each in line(found)] == [60, 62, 60, 64]
    assert spans(found) == [(0, "C7"), (1920, "F7"), (3840, "C7")]
    assert found.solo.changes.length == 4 * 1920


def test_signs_that_make_no_order_are_told(read: Reader) -> None:
    found = read(tune(C7 + note("C4", 4), words("D.S. al Coda") + note("D4", 4)))
    assert [each[2] for each in line(found)] == [60, 62]
    assert "no segno signs: expected one" in found.dropped[0]


def test_a_pickup_is_the_end_of_a_bar(read: Reader) -> None:
    bars = [attributes() + note("G4"), C7 + note("C5", 4), F7 + note("A4", 3)]
    found = read(score(bars, numbers=("0", "1", "2"), implicit=(0, 2)))
    assert line(found) == [(1440, 480, 67), (1920, 1920, 72), (3840, 1440, 69)]
    assert spans(found) == [(0, "N.C."), (1920, "C7"), (3840, "F7")]
    assert [str(bar.meter) for bar in found.solo.changes.bars[:2]] == ["4/4", "4/4"]
    assert found.coverage == pytest.approx(2 / 3)


def test_a_bar_that_a_repeat_cuts_is_one(read: Reader) -> None:
    bars = (C7 + note("C4", 3) + backward(), note("G4", 1), F7 + note("A4", 4))
    found = read(score([attributes() + bars[0], *bars[1:]], implicit=(0, 1)))
    assert [each[0] for each in line(found)] == [480, 1920, 3360, 3840]


def test_meters_may_change(read: Reader) -> None:
    waltz = "<attributes><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
    found = read(tune(C7 + note("C4", 4), waltz + note("D4", 3), note("E4", 3)))
    assert [each[0] for each in line(found)] == [0, 1920, 3360]
    assert [str(bar.meter) for bar in found.solo.changes.bars] == ["4/4", "3/4", "3/4"]


def test_a_bar_with_too_little_is_filled_up_and_told(read: Reader) -> None:
    found = read(tune(C7 + note("C4", 4), note("D4", 2), note("E4", 4)))
    assert [each[0] for each in line(found)] == [0, 1920, 3840]
    assert found.dropped == ("bars too short, filled up with silence: 1",)


def test_a_bar_with_too_much_has_another_meter(read: Reader) -> None:
    found = read(tune(C7 + note("C4", 4), note("D4", 5), note("E4", 4)))
    assert [str(bar.meter) for bar in found.solo.changes.bars] == ["4/4", "5/4", "4/4"]


@pytest.mark.parametrize(
    ("transpose", "moved", "chord"),
    [
        ("<diatonic>-1</diatonic><chromatic>-2</chromatic>", -2, "Bb7"),
        ("<chromatic>-2</chromatic><octave-change>-1</octave-change>", -14, "Bb7"),
        ("<diatonic>-5</diatonic><chromatic>-9</chromatic>", -9, "Eb7"),
        ("<chromatic>0</chromatic><octave-change>-1</octave-change>", -12, "C7"),
    ],
)
def test_parts_of_transposing_instruments_sound(
    read: Reader, transpose: str, moved: int, chord: str
) -> None:
    first = f"<attributes><transpose>{transpose}</transpose></attributes>" + C7
    found = read(tune(first + note("D5", 2) + note("Bb4", 2)))
    assert [each[2] for each in line(found)] == [74 + moved, 70 + moved]
    assert spans(found) == [(0, chord)]


def test_what_is_written_for_an_instrument_is_moved_when_told(read: Reader) -> None:
    found = read(tune(C7 + note("D5", 4)), Choices(transposed=-2))
    assert line(found) == [(0, 1920, 72)]
    assert spans(found) == [(0, "Bb7")]


@pytest.mark.parametrize("text", ["7alt", "7(b9,#11)", "m7b5", "Δ7"])
def test_chords_are_taken_as_they_are_printed(read: Reader, text: str) -> None:
    found = read(tune(harmony("Bb", "other", text=text) + note("D5", 4)))
    assert spans(found) == [(0, f"Bb{text}")]


def test_a_chord_that_is_none_is_silent_and_told(read: Reader) -> None:
    found = read(tune(harmony("C", "weird") + note("D5", 4), F7 + note("D5", 4)))
    assert spans(found) == [(0, "N.C."), (1920, "F7")]
    assert found.dropped == ("chord symbols taken for N.C. (kind 'weird'): 1",)
    assert found.coverage == 0.5


def test_of_two_chords_at_one_place_the_first_holds(read: Reader) -> None:
    found = read(tune(C7 + F7 + note("D5", 4)))
    assert spans(found) == [(0, "C7")]
    assert found.dropped == ("chord symbols at the place of another: 1",)


def test_notes_without_chords_are_taken_only_where_they_are_meant(read: Reader) -> None:
    data = tune(note("C4", 4))
    with pytest.raises(NotUnderstood, match="no chord symbols"):
        read(data)
    found = read(data, Choices(melody="1"))
    assert (found.coverage, found.chords_from) == (0.0, "")
    assert spans(found) == [(0, "N.C.")]


def test_chords_without_notes_are_refused(read: Reader) -> None:
    with pytest.raises(NotUnderstood, match="no notes with a pitch"):
        read(tune(C7 + rest(4)))


def test_the_head_is_read(read: Reader) -> None:
    key = "<attributes><key><fifths>-3</fifths><mode>minor</mode></key></attributes>"
    mark = words("Medium Swing", 'tempo="144"')
    head = (
        "<work><work-title>Blue  Song</work-title></work><identification>"
        '<creator type="composer">Me</creator><creator type="performer">You</creator>'
        "</identification>"
    )
    data = score([attributes() + key + mark + C7 + note("C4", 4)], head=head)
    solo = read(data).solo
    assert (solo.title, solo.performer, solo.feel, solo.bpm) == ("Blue Song", "You", "SWING", 144)
    assert (solo.changes.key, solo.changes.style) == ("Cmin", "swing")
    assert read(data, Choices(performer="Her")).solo.performer == "You"
    nobody = data.replace(b'"performer"', b'"arranger"')
    assert read(nobody, Choices(performer="Her")).solo.performer == "Her"


def test_swing_may_be_only_heard(read: Reader) -> None:
    ratio = "<swing><first>2</first><second>1</second></swing>"
    heard = f"<direction><direction-type/><sound>{ratio}</sound></direction>"
    assert read(tune(heard + C7 + note("C4", 4))).solo.feel == "SWING"
    even = heard.replace(ratio, "<swing><straight/></swing>")
    assert read(tune(even + C7 + note("C4", 4))).solo.feel == ""


def test_an_accompaniment_that_cannot_be_read_does_no_harm(read: Reader) -> None:
    broken = note("C4", 4).replace("<duration>4<", "<duration>four<")
    found = read(parts(("Sax", C7 + note("C4", 4)), ("Piano", broken)))
    assert line(found) == [(0, 1920, 60)]


def test_a_score_without_a_head_goes_by_its_file(read: Reader) -> None:
    solo = read(tune(C7 + note("C4", 4)), name="My Solo.xml").solo
    assert (solo.id, solo.title, solo.performer, solo.bpm) == ("My Solo", "My Solo", "", 140.0)


def test_packed_and_timewise_scores(read: Reader, tmp_path: Path) -> None:
    plain = tune(C7 + note("C4", 4), note("D4", 4))
    packed = tmp_path / "packed.mxl"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        container = '<container><rootfiles><rootfile full-path="s.xml"/></rootfiles></container>'
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("s.xml", plain)
    timewise = (
        "<score-timewise><part-list><score-part id='P1'><part-name>Part 1</part-name></score-part>"
        f"</part-list><measure number='1'><part id='P1'>{attributes()}{C7}{note('C4', 4)}</part>"
        f"</measure><measure number='2'><part id='P1'>{note('D4', 4)}</part></measure>"
        "</score-timewise>"
    )
    assert line(read_score(packed, Choices())[0]) == line(read(plain))
    assert line(read(timewise.encode())) == line(read(plain))


def test_bombs_and_entities_are_refused(read: Reader, tmp_path: Path) -> None:
    entity = b'<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><score-partwise>&a;'
    with pytest.raises(NotUnderstood, match="declarations"):
        read(entity + b"</score-partwise>")
    bomb = tmp_path / "bomb.mxl"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        container = '<container><rootfiles><rootfile full-path="s.xml"/></rootfiles></container>'
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("s.xml", b" " * 3_900_000)
    with pytest.raises(NotUnderstood, match="packed over"):
        read_score(bomb, Choices())


@pytest.mark.parametrize(
    "data", [b"", b"MThd\x00\x00", b"<html/>", b"<score-partwise/>", b"PK\x03\x04"]
)
def test_what_is_no_score_is_refused(read: Reader, data: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(data)


def test_a_file_that_is_not_there_is_the_callers(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_score(tmp_path / "none.xml", Choices())


def test_without_music21_it_says_what_to_install(
    read: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "music21.musicxml.xmlToM21", None)
    with pytest.raises(NotUnderstood, match=r"live_improv\[train\]"):
        read(tune(C7 + note("C4", 4)))


def test_music21_touches_no_pickle(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object, **__: object) -> None:
        raise AssertionError("a pickle")

    for name in ("load", "loads", "dump", "dumps"):
        monkeypatch.setattr(f"pickle.{name}", touched)
    monkeypatch.setattr("music21.converter.Converter.parseFile", touched)
    assert read(tune(C7 + note("C4", 4))).solo.notes


def over(notes: tuple[Note, ...], rng: random.Random) -> Changes:
    """Changes that last as long as a line, of any meters, with a chord wherever chance will."""
    bars, at = [], 0
    while at <= notes[-1].onset:
        bars.append(Bar(Ticks(at), Meter.parse(rng.choice(METERS))))
        at += bars[-1].meter.bar_ticks
    starts = sorted({0, *(10 * rng.randrange(at // 10) for _ in range(rng.randrange(6)))})
    symbols = [rng.choice(("C7", "F#m7b5/B", "BbM7", "G7alt", "N.C.")) for _ in starts]
    spans = [
        ChordSpan(Ticks(start), Ticks(end), parse_chord(symbol))
        for start, end, symbol in zip(starts, [*starts[1:], at], symbols, strict=True)
    ]
    return Changes(tuple(spans), tuple(bars))


def same(solo: Solo, other: Solo) -> None:
    """That two solos have the same notes over the same changes."""
    assert [(each.onset, each.pitch) for each in other.notes] == [
        (each.onset, each.pitch) for each in solo.notes
    ]
    assert [(e.start, e.chord.root, e.chord.pitch_classes) for e in other.changes.chords] == [
        (e.start, e.chord.root, e.chord.pitch_classes) for e in solo.changes.chords
    ]
    assert other.changes.bars == solo.changes.bars


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines(12), st.booleans(), st.integers(0, 10**6))
def test_what_was_exported_comes_back(
    read: Reader, notes: tuple[Note, ...], measured: bool, seed: int
) -> None:
    rng = random.Random(seed)
    played = tuple(
        Played(Ticks(each.onset + rng.randint(-60, 90)), each.length, rng.randint(1, 127))
        for each in notes
    )
    changes = over(notes, rng)
    solo = Solo("a", "valid", "P", "T", notes, changes, 181.5, played=played if measured else ())
    back = read(to_musicxml(solo)).solo
    same(solo, back)
    assert [each.length for each in back.notes] == [each.length for each in notes]
    assert back.played == solo.played
    assert (back.id, back.split, back.bpm) == ("a", "valid", 181.5)


@pytest.mark.parametrize("corpus", ["wjazzd_lean", "omnibook", "improvisor_transcriptions"])
def test_real_solos_come_back(read: Reader, data_dir: Path, corpus: str) -> None:
    for solo in islice(read_corpus(data_dir / "corpus" / f"{corpus}.jsonl.gz"), 0, 50, 25):
        back = read(to_musicxml(solo)).solo
        same(solo, back)
        assert replace(back, notes=(), played=(), changes=solo.changes) == replace(
            solo, notes=(), played=(), dropped=0
        )
        assert [p and (p.onset, p.velocity) for p in back.played] == [
            p and (p.onset, p.velocity) for p in solo.played
        ]
        close_to = [abs(a.length - b.length) for a, b in zip(solo.notes, back.notes, strict=True)]
        assert sum(each == 0 for each in close_to) >= 0.85 * len(close_to)


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A score with something in it cut out, doubled, swapped or overwritten."""
    cut = data.split(b"<")
    for _ in range(rng.randint(1, 4)):
        at, other = rng.randrange(1, len(cut)), rng.randrange(1, len(cut))
        match rng.randrange(5):
            case 0:
                del cut[at]
            case 1:
                cut.insert(at, cut[other])
            case 2:
                tag, _, _ = cut[at].partition(b">")
                values = (b"0", b"-1", b"999999999999", b"1e9", b"", b"0.001", b"x", b"NaN", b"40")
                cut[at] = tag + b">" + rng.choice(values)
            case 3:
                names = (b"chord/", b"grace/", b"cue/", b"rest/", b"repeat direction='forward'/")
                cut.insert(at, rng.choice(names) + b">")
            case _:
                cut[at] = bytes([*cut[at][:-1], rng.randrange(256)])
    return b"<".join(cut)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_scores_are_understood_or_refused(read: Reader, seed: int) -> None:
    rng = random.Random(seed)
    bars = (
        forward() + C7 + note("C4", 2) + F7 + note("D4", 2, tie("start")),
        note("D4", 1, tie("stop")) + note("E4", 3, voice(1)) + backward(),
        "<attributes><transpose><chromatic>-2</chromatic></transpose></attributes>"
        + harmony("G", "other", text="7alt")
        + note("F5", 4, attributes=' attack="3" release="-1" dynamics="99"'),
    )
    whole = score([attributes(2, "2/4") + bars[0], *bars[1:]], implicit=(0,))
    outcomes = set()
    for _ in range(30):
        start = time.process_time()
        try:
            found = read(damaged(whole, rng), Choices(melody=rng.choice((None, "1"))))
        except NotUnderstood as error:
            outcomes.add("refused" if is_one_line(str(error)) else str(error))
        else:
            outcomes.add("understood")
            notes, changes = found.solo.notes, found.solo.changes
            assert all(0 <= each.pitch <= 127 and each.length > 0 for each in notes)
            assert 0 <= notes[0].onset <= notes[-1].onset < changes.length
        assert time.process_time() - start < 1
    assert outcomes == {"refused", "understood"}
