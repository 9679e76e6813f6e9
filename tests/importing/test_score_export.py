"""Solos as MusicXML: what is written is a score that adds up, and says what was played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.musicxml import read
from live_improv.charts.musicxml_harmony import read_harmony
from live_improv.charts.musicxml_kinds import STANDARD
from live_improv.corpus import read_corpus
from live_improv.importing.score_chords import harmony
from live_improv.importing.score_export import to_musicxml
from live_improv.importing.score_keys import fifths_and_mode, spelled
from live_improv.importing.score_notation import NotationError, Stretch, signs
from live_improv.music.changes import Bar, Changes, ChordSpan, Section
from live_improv.music.chords import parse_chord
from live_improv.music.events import Note
from live_improv.music.solos import Played, Solo
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Ticks
from tests.lines import METERS, ROOT_NAMES, lines, note

QUARTERS = {
    "whole": Fraction(4),
    "half": Fraction(2),
    "quarter": Fraction(1),
    "eighth": Fraction(1, 2),
    "16th": Fraction(1, 4),
    "32nd": Fraction(1, 8),
    "64th": Fraction(1, 16),
}

ORDER = [
    "pitch",
    "rest",
    "duration",
    "tie",
    "voice",
    "type",
    "dot",
    "time-modification",
    "notations",
]
"""The children of a <note> in the order that the standard's schema wants."""


def changes(meters: list[str], *chords: tuple[int, str]) -> Changes:
    """Bars of these meters, with chords that begin at these ticks."""
    bars, at = [], 0
    for meter in map(Meter.parse, meters):
        bars.append(Bar(Ticks(at), meter))
        at += meter.bar_ticks
    starts = chords or ((0, "C7"),)
    ends = [*(start for start, _ in starts[1:]), at]
    spans = tuple(
        ChordSpan(Ticks(start), Ticks(end), parse_chord(symbol))
        for (start, symbol), end in zip(starts, ends, strict=True)
    )
    return Changes(spans, tuple(bars), key="Eb-maj")


def solo(notes: tuple[Note, ...], over: Changes, **more: object) -> Solo:
    """A solo of these notes."""
    plain = Solo("x", "train", "Somebody", "A Tune", notes, over, 120.0)
    return replace(plain, **more)  # type: ignore[arg-type]


def measures(data: bytes) -> list[Element]:
    """The measures of a score of one part."""
    return fromstring(data).findall("part/measure")


def quarters(element: Element) -> Fraction:
    """How long a note is by its type, dots and triplet."""
    kind = QUARTERS[element.findtext("type", "")]
    dots = len(element.findall("dot"))
    written = kind * (2 - Fraction(1, 2**dots))
    modified = element.find("time-modification")
    if modified is None:
        return written
    actual, normal = (int(modified.findtext(f"{each}-notes", "")) for each in ("actual", "normal"))
    return written * normal / actual


def check(data: bytes) -> None:
    """That everything in a score adds up: values, bars, ties, triplets, the order of elements."""
    tied: str | None = None
    meter = Meter()
    for measure in measures(data):
        if (time := measure.find("attributes/time")) is not None:
            meter = Meter(int(time.findtext("beats", "")), int(time.findtext("beat-type", "")))
        length = Fraction(0)
        in_triplet = False
        for element in measure.findall("note"):
            assert sorted((c.tag for c in element), key=ORDER.index) == [c.tag for c in element]
            duration = Fraction(int(element.findtext("duration", "")), PPQ)
            length += duration
            rest = element.find("rest")
            if rest is not None and rest.get("measure") == "yes":
                assert tied is None
                continue
            assert quarters(element) == duration > 0
            kinds = [tie.get("type", "") for tie in element.findall("tie")]
            assert kinds == [tie.get("type", "") for tie in element.findall("notations/tied")]
            sounds = "".join(
                element.findtext(f"pitch/{name}") or "" for name in ("step", "alter", "octave")
            )
            assert ("stop" in kinds) == (tied is not None)
            assert tied in (None, sounds)
            tied = sounds if "start" in kinds else None
            brackets = [each.get("type", "") for each in element.findall("notations/tuplet")]
            in_triplet |= "start" in brackets
            assert in_triplet == (element.find("time-modification") is not None)
            in_triplet &= "stop" not in brackets
        assert not in_triplet
        if measure.get("implicit") != "yes":
            assert length * PPQ == meter.bar_ticks
    assert tied is None


def onsets(data: bytes) -> list[tuple[int, int]]:
    """Where notes begin, and their pitches, as anybody would count them."""
    found, at = [], 0
    names = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    for measure in measures(data):
        for element in measure.findall("note"):
            pitch = element.find("pitch")
            if pitch is not None and "stop" not in [t.get("type") for t in element.findall("tie")]:
                octave = int(pitch.findtext("octave", ""))
                alter = int(pitch.findtext("alter", "0"))
                step = names[pitch.findtext("step", "")]
                found.append((at, 12 * octave + 12 + step + alter))
            at += int(element.findtext("duration", ""))
    return found


@settings(max_examples=60)
@given(lines(), st.lists(st.sampled_from(METERS), min_size=1, max_size=5), st.data())
def test_any_line_adds_up(line: tuple[Note, ...], meters: list[str], data: st.DataObject) -> None:
    end = 0
    bars: list[str] = []
    while end <= line[-1].onset:
        bars.append(meters[len(bars) % len(meters)])
        end += Meter.parse(bars[-1]).bar_ticks
    places = data.draw(st.sets(st.integers(1, end // 10 - 1), max_size=6))
    chords = [(0, "C7"), *((10 * at, "F#m7b5/B") for at in sorted(places))]
    over = changes(bars, *chords)
    written = to_musicxml(solo(line, over))
    check(written)
    assert onsets(written) == [(each.onset, each.pitch) for each in line]
    spans = [(each.start, each.chord) for each in read(written, "x").chords]
    assert spans == [(each.start, each.chord) for each in over.chords]


def test_real_solos_add_up(data_dir: Path) -> None:
    for name in ("wjazzd_solos", "omnibook"):
        for each in islice(read_corpus(data_dir / "corpus" / f"{name}.jsonl.gz"), 0, 60, 20):
            written = to_musicxml(each)
            check(written)
            assert len(onsets(written)) == len(each.notes)
            assert {pitch for _, pitch in onsets(written)} == {n.pitch for n in each.notes}


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([0, 1920], ["whole"]),
        ([0, 720, 1920], ["quarter.", "eighth", "half"]),
        ([0, 240, 1200, 1920], ["eighth", "eighth", "quarter.", "eighth", "quarter"]),
        ([0, 160, 320, 480], ["eighth3", "eighth3", "eighth3"]),
        ([0, 320, 480], ["quarter3", "eighth3"]),
        ([0, 240, 320, 400, 480], ["eighth", "16th3", "16th3", "16th3"]),
        ([0, 200, 480], ["eighth3", "32nd3", "eighth.3", "32nd3"]),
        ([0, 360, 480], ["eighth.", "16th"]),
        ([0, 40, 60, 480], ["32nd3", "64th3", "quarter3", "16th3", "64th3"]),
    ],
)
def test_values_are_written_as_musicians_do(edges: list[int], expected: list[str]) -> None:
    bar = [Stretch(Ticks(start), Ticks(end)) for start, end in pairwise(edges)]
    found = [
        sign.type + "." * sign.dots + "3" * sign.triplet for each in signs(bar) for sign in each
    ]
    assert found == expected


def test_what_no_value_leads_to_is_refused() -> None:
    with pytest.raises(NotationError):
        signs([Stretch(Ticks(0), Ticks(7)), Stretch(Ticks(7), Ticks(480))])


def test_notes_last_to_the_next_one_but_for_half_a_beat_of_silence() -> None:
    legato = note(0, 60, 5), note(6, 62, 4), note(12, 64, 5), note(30, 65, 6)
    written = to_musicxml(solo(legato, changes(["4/4"])))
    there = [
        (element.findtext("pitch/step", "rest"), element.findtext("duration"))
        for element in measures(written)[0].findall("note")
    ]
    assert there[:5] == [("C", "240"), ("D", "240"), ("E", "240"), ("rest", "240"), ("rest", "240")]


def test_what_was_played_stands_beside_what_is_written() -> None:
    played = (Played(Ticks(-20), Ticks(200), 96), None, Played(Ticks(500), Ticks(1500), None))
    written = to_musicxml(
        solo((note(0, 60, 5), note(6, 62, 6), note(12, 64, 36)), changes(["4/4"]), played=played)
    )
    said = [dict(element.attrib) for element in measures(written)[0].findall("note")]
    assert said == [
        {"attack": "-20", "dynamics": "106.67", "release": "-60"},
        {},
        {"attack": "20", "release": "80"},
    ]


def test_ends_of_tied_notes_stand_at_their_last_head() -> None:
    over = changes(["2/4", "2/4"])
    written = to_musicxml(
        solo((note(18, 60, 20),), over, played=(Played(Ticks(750), Ticks(700), 90),))
    )
    heads = [
        element for element in fromstring(written).iter("note") if element.find("tie") is not None
    ]
    assert [dict(each.attrib) for each in heads] == [
        {"attack": "30", "dynamics": "100.00"},
        {},
        {"release": str(750 + 700 - 1560)},
    ]


def test_a_pickup_is_a_part_of_a_bar() -> None:
    over = changes(["4/4"] * 3, (0, "NC"), (1920, "F7"))
    written = to_musicxml(solo((note(42, 60), note(48, 62)), over))
    first, second, _ = measures(written)
    assert (first.get("number"), first.get("implicit")) == ("0", "yes")
    assert sum(int(each.findtext("duration", "")) for each in first.findall("note")) == 480
    assert second.get("number") == "1"
    check(written)
    early = changes(["4/4"] * 3, (0, "NC"), (960, "C7"), (1920, "F7"))
    first = measures(to_musicxml(solo((note(42, 60),), early)))[0]
    assert sum(int(each.findtext("duration", "")) for each in first.findall("note")) == 960
    assert first[-1].tag == "note"
    later = changes(["4/4"] * 3, (0, "C7"), (1920, "F7"))
    assert measures(to_musicxml(solo((note(42, 60),), later)))[0].get("implicit") is None


def test_meters_and_sections_stand_where_they_change() -> None:
    over = replace(
        changes(["4/4", "4/4", "3/4"]),
        sections=(Section(Ticks(0), "A"), Section(Ticks(3840), "B")),
    )
    written = to_musicxml(solo((note(0, 60), note(120, 62)), over))
    times = [measure.findtext("attributes/time/beats") for measure in measures(written)]
    names = [
        measure.findtext("direction/direction-type/rehearsal") for measure in measures(written)
    ]
    assert times == ["4", None, "3"]
    assert names[1:] == [None, "B"]
    assert [(each.start, each.name) for each in read(written, "x").sections] == [
        (0, "A"),
        (3840, "B"),
    ]


def test_the_head_says_who_plays_what() -> None:
    root = fromstring(
        to_musicxml(solo((note(0, 60),), changes(["4/4"]), title="A & <B>\x07", feel="LATIN/SWING"))
    )
    assert root.findtext("work/work-title") == "A & <B>"
    assert root.findtext("identification/creator") == "Somebody"
    assert root.findtext("part/measure/attributes/key/fifths") == "-3"
    assert root.findtext("part/measure/direction/direction-type/words") == "Latin/swing"
    sound = root.find("part/measure/direction/sound")
    assert sound is not None
    assert sound.get("tempo") == "120"


def symbols(data_dir: Path) -> Iterator[str]:
    """Every spelling of the oracle on a few roots, and what else charts have."""
    spellings = json.loads((data_dir / "charts" / "chord_spellings.json").read_text("utf-8"))
    for i, spelling in enumerate(spellings):
        suffix = spelling if isinstance(spelling, str) else spelling["name"]
        yield f"{ROOT_NAMES[i % 12]}{suffix.removeprefix('C')}"
    yield from ("N.C.", "NC", "C/E", "Bb6/9/F", "E\\FM7", "Fm7/Bb7", "F♯m7♭5", "D7/f#", "C7alt")


def test_every_chord_comes_back(data_dir: Path) -> None:
    for symbol in symbols(data_dir):
        try:
            chord = parse_chord(symbol)
        except ValueError:
            continue
        element = harmony(chord)
        back = parse_chord(read_harmony(element, 0))
        assert (back.root, back.bass) == (chord.root, chord.bass), symbol
        assert back.pitch_classes == chord.pitch_classes, symbol
        assert back.chord_tones == chord.chord_tones, symbol
        assert all(kind.text in (*STANDARD, "none") for kind in element.iter("kind")), symbol


@pytest.mark.parametrize(
    ("symbol", "kind", "degrees"),
    [
        ("C7", "dominant", []),
        ("C", "major", []),
        ("Cm7b5", "half-diminished", []),
        ("C13", "dominant-ninth", ["add 13"]),
        ("C7b9", "dominant", ["add -9"]),
        ("CmM7", "major-minor", []),
        ("Csus4", "suspended-fourth", []),
    ],
)
def test_chords_are_spelled_by_the_standard(symbol: str, kind: str, degrees: list[str]) -> None:
    element = harmony(parse_chord(symbol))
    assert element.findtext("kind") == kind
    found = []
    for degree in element.findall("degree"):
        alter = int(degree.findtext("degree-alter", "0"))
        sign = {-1: "-", 0: "", 1: "+"}[alter]
        found.append(f"{degree.findtext('degree-type')} {sign}{degree.findtext('degree-value')}")
    assert found == degrees


@pytest.mark.parametrize(
    ("key", "fifths", "mode"),
    [
        ("Bb-maj", -2, "major"),
        ("C-min", -3, "minor"),
        ("D-dor", 0, "dorian"),
        ("Ab-mix", -5, "mixolydian"),
        ("F#-chrom", 6, "none"),
        ("D#-maj", -3, "major"),
        ("Cmin", -3, "minor"),
        ("G", 1, "major"),
    ],
)
def test_signatures(key: str, fifths: int, mode: str) -> None:
    assert fifths_and_mode(key) == (fifths, mode)


@pytest.mark.parametrize("key", ["", "?", "H-maj", "C-major-ish"])
def test_what_is_no_key_has_no_signature(key: str) -> None:
    assert fifths_and_mode(key) is None


@given(st.integers(0, 127), st.sampled_from(["", "C-maj", "Gb-maj", "B-maj", "C#-maj", "Ab-min"]))
def test_pitches_are_spelled_with_at_most_one_accidental(pitch: int, key: str) -> None:
    found = spelled(pitch, key)
    natural = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[found.step]
    assert 12 * (found.octave + 1) + natural + found.alter == pitch
    assert abs(found.alter) <= 1


def test_pitches_are_spelled_as_their_key_asks() -> None:
    def name(pitch: int, key: str) -> str:
        found = spelled(pitch, key)
        return f"{found.step}{'b' * -found.alter}{'#' * found.alter}{found.octave}"

    assert [name(pitch, "Eb-maj") for pitch in (61, 63, 66, 70)] == ["Db4", "Eb4", "Gb4", "Bb4"]
    assert [name(pitch, "A-maj") for pitch in (61, 63, 66, 70)] == ["C#4", "D#4", "F#4", "Bb4"]
    assert name(71, "Gb-maj") == "Cb5"


def test_the_grid_is_the_finest_that_is_written() -> None:
    off = Note(Ticks(GRID_TICKS // 4), Ticks(480), 60)
    with pytest.raises(NotationError):
        to_musicxml(solo((off,), changes(["4/4"])))
