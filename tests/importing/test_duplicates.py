"""The same line is found in any key, at any tempo, under any title; other lines are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from live_improv.corpus import Solo, read_corpora, read_corpus
from live_improv.importing.duplicates import RELATED, SAME, overlaps
from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.events import Note
from live_improv.music.timing import Meter, Ticks


@pytest.fixture(scope="module")
def parker(data_dir: Path) -> list[Solo]:
    """The Omnibook."""
    return list(read_corpus(data_dir / "corpus" / "omnibook.jsonl.gz"))


def twice_as_slow(solo: Solo) -> Solo:
    """The solo in notes of twice the length, as another transcriber would write it."""
    old = solo.changes
    bars = tuple(Bar(Ticks(i * 1920), Meter()) for i in range(2 * len(old.bars)))
    spans = tuple(
        ChordSpan(Ticks(span.start * 2), Ticks(span.end * 2), span.chord) for span in old.chords
    )
    notes = tuple(
        replace(note, onset=Ticks(note.onset * 2), length=Ticks(note.length * 2))
        for note in solo.notes
    )
    return replace(solo, notes=notes, changes=Changes(spans, bars), bpm=solo.bpm / 2)


COPIES: dict[str, tuple[Callable[[Solo], Solo], int]] = {
    "as it is": (lambda solo: solo, 0),
    "under another name": (lambda solo: replace(solo, title="x", performer="y"), 0),
    "a fourth higher": (
        lambda solo: replace(
            solo, notes=tuple(replace(note, pitch=note.pitch + 5) for note in solo.notes)
        ),
        5,
    ),
    "in other note values": (twice_as_slow, 0),
    "its second half": (
        lambda solo: replace(solo, notes=solo.notes[len(solo.notes) // 2 :]),
        0,
    ),
    "with every twentieth note left out": (
        lambda solo: replace(
            solo, notes=tuple(n for i, n in enumerate(solo.notes) if i % 40 != 20)
        ),
        0,
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found(parker: list[Solo], name: str) -> None:
    change, semitones = COPIES[name]
    original = parker[3]
    (found,) = overlaps([*parker[:6], replace(change(original), id="copy")])[:1]
    assert (found.first, found.second) == (3, 6)
    assert found.is_copy
    assert found.share >= SAME
    assert found.semitones == semitones


def test_the_same_notes_in_another_rhythm_are_no_copy(parker: list[Solo]) -> None:
    """As two players have, who play the same melody in their own way."""
    solo = parker[3]
    gaps = (40, 440, 80, 240, 320)
    at, notes = 0, []
    for i, note in enumerate(solo.notes):
        notes.append(Note(Ticks(at), Ticks(40), note.pitch))
        at += gaps[i % len(gaps)]
    (found,) = overlaps([solo, replace(solo, id="other", notes=tuple(notes))])
    assert found.share == 1
    assert not found.is_copy


def test_scales_and_short_lines_say_nothing(parker: list[Solo]) -> None:
    solo = parker[0]

    def line(pitches: list[int], gap: int = 240) -> Solo:
        notes = [Note(Ticks(i * gap), Ticks(gap), pitch) for i, pitch in enumerate(pitches)]
        return replace(solo, notes=tuple(notes))

    up = line(list(range(60, 90)))
    longer = line([70, *range(50, 100)])
    assert overlaps([up, longer]) == []
    assert overlaps([line([60, 62, 64]), line([60, 62, 64, 65])]) == []
    # But what is the same all along is the same, however short.
    (found,) = overlaps([line([60, 62, 65]), line([65, 67, 70], 480)])
    assert found.is_copy
    assert overlaps([line([60, 62, 65]), line([60])]) == []


def test_transcriptions_of_one_solo_by_several_people(data_dir: Path) -> None:
    """Three sources have solos by Parker; two solos that are different have less in common."""
    names = ("wjazzd_lean", "omnibook", "improvisor_transcriptions")
    solos = read_corpora([data_dir / "corpus" / f"{name}.jsonl.gz" for name in names])
    found = overlaps(solos)
    titles = {
        tuple(
            sorted(solos[i].title.casefold().replace("-", " ") for i in (pair.first, pair.second))
        )
        for pair in found
    }
    copies = [pair for pair in found if pair.is_copy]
    assert 17 <= len(copies) <= 25
    for pair in copies:
        assert solos[pair.first].title.casefold() == solos[pair.second].title.casefold()
    # Of the database itself no solo is there twice.
    ours = [p for p in found if p.second < 379]
    assert not any(pair.is_copy for pair in ours)
    # Under two titles: Anthropology was called Thriving on a Riff; the last is by chance.
    assert {pair for pair in titles if pair[0] != pair[1]} <= {
        ("anthropology", "thriving from a riff"),
        ("anthropology", "thriving on a riff"),
        ("thriving from a riff", "thriving on a riff"),
        ("merry go round", "passport"),
    }
    assert all(pair.share >= RELATED for pair in found)
    # What is held out of the database stands in none of the others.
    held = {i for i, solo in enumerate(solos) if solo.split != "train"}
    assert not [pair for pair in found if len({pair.first, pair.second} & held) == 1]


def test_many_copies_are_copies(parker: list[Solo]) -> None:
    """Each at least of the first, without looking at every two of them."""
    copies = [replace(parker[0], id=str(i), title=f"Tune {i}x") for i in range(200)]
    found = [pair for pair in overlaps(copies) if pair.is_copy]
    assert {pair.second for pair in found if pair.first == 0} == set(range(1, 200))
    assert len(found) < 400
