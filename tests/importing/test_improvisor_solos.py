"""Solos of Impro-Visor: the notation, several choruses, and the reference's own solos."""

from __future__ import annotations

import gzip
import json
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from live_improv.corpus import Solo, read_corpus
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.improvisor_solos import read_leadsheet
from tests.charts.refusals import is_one_line

HEAD = """(title Our Blues)
(composer Somebody)
(meter 4 4)
(key -1)
(tempo 160.0)
(style swing
    (swing 0.67)
    (chord-base c- e- g-)
)
(part (type chords) (title ) (key -1))
(section (style swing))
F7 | Bb7 | F7 | Cm7 F7 |
"""
BAR = 1920

Reader = Callable[..., Understood]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads a lead sheet from its text."""

    def reader(text: str, choices: Choices = Choices()) -> Understood:  # noqa: B008
        path = tmp_path / "our.ls"
        path.write_text(text, "utf-8")
        (found,) = read_leadsheet(path, choices)
        return found

    return reader


def melody(notes: str, title: str = "", composer: str = "") -> str:
    """A melody part."""
    return f"(part\n  (type melody)\n  (title {title})\n  (composer {composer})\n)\n{notes}\n"


def line(found: Understood) -> list[tuple[int, int, int]]:
    """Onset, length and pitch of each note."""
    return [(each.onset, each.length, each.pitch) for each in found.solo.notes]


@pytest.mark.parametrize(
    ("written", "pitch"),
    [
        ("c4", 60),
        ("c+4", 72),
        ("c--4", 36),
        ("f#8", 66),
        ("bb8", 70),
        ("b8", 71),
        ("eb+2.", 75),
        ("cb8", 71),
        ("b#8", 60),
        ("fb-4", 52),
        ("gs8", 68),
    ],
)
def test_pitches(read: Reader, written: str, pitch: int) -> None:
    assert [each[2] for each in line(read(HEAD + melody(written)))] == [pitch]


@pytest.mark.parametrize(
    ("written", "quarters"),
    [
        ("c4", 1),
        ("c", 1 / 2),
        ("c+", 1 / 2),
        ("c1", 4),
        ("c4+8", 1.5),
        ("c+4+8", 1.5),
        ("c2.", 3),
        ("c4..", 1.75),
        ("c8/3", 1 / 3),
        ("c16/5", 1 / 5),
        ("c2/3+16/3", 1.5),
        ("c1+1+4.", 9.5),
    ],
)
def test_lengths(read: Reader, written: str, quarters: float) -> None:
    found = line(read(HEAD + melody(f"{written} d4")))
    assert found[0][1] == round(quarters * 480)
    assert found[1][0] == round(quarters * 12) * 40


def test_rests_and_bar_lines(read: Reader) -> None:
    found = read(HEAD + melody("r4 c8 d8 | r2\n\n r8/3 e8/3 f8/3 v80 g4+8"))
    onsets = [480, 720, 2080, 2240, 2400]
    assert [each[0] for each in line(found)] == onsets
    assert found.dropped == ()


def test_chords_and_head(read: Reader) -> None:
    found = read(HEAD + melody("c4", composer="Me"))
    solo = found.solo
    assert (solo.title, solo.performer, solo.feel, solo.bpm) == ("Our Blues", "Me", "SWING", 160.0)
    assert solo.changes.key == "F"
    assert [(each.start, each.chord.symbol) for each in solo.changes.chords] == [
        (0, "F7"),
        (BAR, "Bb7"),
        (2 * BAR, "F7"),
        (3 * BAR, "Cm7"),
        (3 * BAR + 960, "F7"),
    ]
    assert (found.melody, found.chords_from) == ("1 melody part", "the lead sheet")
    assert found.coverage == 1.0
    assert read(HEAD + melody("c4"), Choices(performer="Her")).solo.performer == "Her"


def test_each_melody_part_is_a_chorus(read: Reader) -> None:
    first, second, third = melody("c4"), melody("r1+1+1+1 d4"), melody("e1+1+1+1 f4")
    found = read(HEAD + first + second + third)
    bars = [(each[0] / BAR, each[2]) for each in line(found)]
    assert bars == [(0, 60), (8, 62), (12, 64), (16, 65)]
    assert len(found.solo.changes.bars) == (1 + 2 + 2) * 4
    assert found.solo.changes.chord_at(found.solo.notes[1].onset).symbol == "F7"
    assert [each.name for each in found.solo.changes.sections] == ["A"] * 5
    assert found.melody == "3 melody parts"


@pytest.mark.parametrize("wanted", ["2", "Chorus 2", "chorus 2"])
def test_a_melody_part_can_be_named(read: Reader, wanted: str) -> None:
    text = HEAD + melody("c4", "Chorus 1") + melody("d4", "Chorus 2")
    found = read(text, Choices(melody=wanted))
    assert line(found) == [(0, 480, 62)]
    assert found.melody == '1 melody part "Chorus 2"'
    with pytest.raises(NotUnderstood, match="Chorus 1, Chorus 2"):
        read(text, Choices(melody="Head"))


def test_old_files_have_notes_without_a_part(read: Reader) -> None:
    assert line(read("(meter 3 4)\nC | F |\nc2. d4")) == [(0, 1440, 60), (1440, 480, 62)]


def test_notes_may_stand_in_another_key(read: Reader) -> None:
    found = read(HEAD + melody("c4"), Choices(transposed=-2))
    assert line(found) == [(0, 480, 58)]
    assert found.solo.changes.chords[0].chord.symbol == "Eb7"


def test_what_is_no_note_is_told(read: Reader) -> None:
    found = read(HEAD + melody("c4 hello d4 e/ f4x g+++++++8 c------8 c0 a4"))
    assert [each[2] for each in line(found)] == [60, 62, 65, 69]
    assert found.dropped == (
        "words that are no notes: 4",
        "notes of a length that cannot be read, taken for eighths: 1",
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (HEAD, "no melody"),
        (HEAD + melody("r4 r2"), "without notes"),
        (HEAD + "(part (type melody)", "not closed"),
        (melody("c4"), "no chords"),
        (HEAD.replace("Bb7", "Hb7") + melody("c4"), "chord symbol 'Hb7'"),
        (HEAD + melody(" ".join(["c1+1+1+1+1+1+1"] * 4000)), "100000 beats"),
        ("x" * 1_100_000, "no lead sheet"),
        ("", "no chords"),
    ],
)
def test_what_is_refused(read: Reader, text: str, why: str) -> None:
    with pytest.raises(NotUnderstood, match=why):
        read(text)


def as_written(record: dict[str, Any]) -> str:
    """A solo of the reference as the program writes it: lengths in as many values as it takes."""
    names = ("c", "c#", "d", "eb", "e", "f", "f#", "g", "ab", "a", "bb", "b")
    values = [(480, "1"), (240, "2"), (120, "4"), (80, "4/3"), (60, "8"), (40, "8/3"), (30, "16")]
    values += [(24, "16/5"), (20, "16/3"), (15, "32"), (10, "32/3"), (6, "64/5"), (5, "64/3")]
    values += [(4, "120"), (3, "160"), (2, "240"), (1, "480")]

    def length(slots: int) -> str:
        spelled = []
        for value, name in values:
            spelled += [name] * (slots // value)
            slots %= value
        return "+".join(spelled)

    meter = record["signature"].replace("/", " ")
    bar = record["chart_quarters"] / record["n_bars"]
    sharing = 12
    text = f"(title {record['title']})\n(meter {meter})\n(tempo {record['avg_tempo']})\n"
    cells = ["/"] * (record["n_bars"] * sharing)
    for quarter, symbol in record["chords"]:
        cells[round(quarter / bar * sharing)] = symbol
    bars = [" ".join(cells[i : i + sharing]) for i in range(0, len(cells), sharing)]
    text += "(part (type chords))\n" + " | ".join(bars) + " |\n"
    for chorus in record["choruses"]:
        words, at = [], 0
        for onset, quarters, pitch in chorus["notes"]:
            start, slots = round(onset * 120), round(quarters * 120)
            if start > at:
                words.append(f"r{length(start - at)}")
            octave = pitch // 12 - 5
            sign = "+" * octave if octave > 0 else "-" * -octave
            words.append(f"{names[pitch % 12]}{sign}{length(slots)}")
            at = start + slots
        text += melody(" ".join(words))
    return text


def test_the_solos_of_the_reference(read: Reader, data_dir: Path) -> None:
    path = data_dir / "corpus" / "improvisor_transcriptions.jsonl.gz"
    solos = {solo.id: solo for solo in read_corpus(path)}
    with gzip.open(path, "rt", encoding="utf-8") as records:
        for row in list(records)[::3]:
            record = json.loads(row)
            ends = [chorus["notes"] for chorus in record["choruses"]]
            overlap = any(a[0] + a[1] > b[0] + 1e-6 for notes in ends for a, b in pairwise(notes))
            if overlap:
                continue
            same(read(as_written(record)).solo, solos[record["id"]])


def same(found: Solo, expected: Solo) -> None:
    """That a solo is the one of the corpus, which rounds fifths of a beat by way of 48ths."""
    assert [each.pitch for each in found.notes] == [each.pitch for each in expected.notes]
    for a, b in zip(found.notes, expected.notes, strict=True):
        assert abs(a.onset - b.onset) <= 40
        assert abs(a.length - b.length) <= 50
        here, there = found.changes.chord_at(b.onset), expected.changes.chord_at(b.onset)
        assert here == there
    moved = sum(a.onset != b.onset for a, b in zip(found.notes, expected.notes, strict=True))
    assert moved <= 0.02 * len(found.notes)
    assert found.title == expected.title


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9))
def test_damaged_files_are_understood_or_refused(read: Reader, seed: int) -> None:
    rng = random.Random(seed)
    text = list(HEAD + melody("r4 c8/3 d8/3 eb+8/3 g4+8", "One") + melody("a2. b-4", "Two"))
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(text))
        match rng.randrange(3):
            case 0:
                del text[at : at + rng.randint(1, 9)]
            case 1:
                text[at:at] = rng.choice(["(", ")", "+", "/", "0", "9" * 40, "|", "c", "é", " "])
            case _:
                text[at] = chr(rng.randrange(32, 127))
    start = time.process_time()
    try:
        found = read("".join(text))
    except NotUnderstood as error:
        assert is_one_line(str(error))  # noqa: PT017
    else:
        assert found.solo.notes
        assert found.solo.notes[-1].onset < found.solo.changes.length
    assert time.process_time() - start < 1


def test_many_parentheses_take_no_time(read: Reader) -> None:
    """Each is looked at once, however many are in one statement."""
    start = time.process_time()
    found = read(f"{HEAD}(part {'()' * 100_000})\n{melody('c4 d4')}")
    assert [pitch for _, _, pitch in line(found)] == [60, 62]
    assert time.process_time() - start < 1
