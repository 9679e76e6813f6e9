"""F31: files to import that are broken or want to hurt are understood or refused, soon."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from live_improv.importing.imported import Choices, NotUnderstood
from live_improv.importing.reading import solos_of
from tests.fuzz.checking import tried
from tests.fuzz.plain import most_memory
from tests.fuzz.seeds import solo_midi
from tests.fuzz.seeds.midi import END, chunk, header
from tests.importing.midi_making import eighths

ENOUGH = {
    "solofile": (4_000, 200),
    "solonotes": (2_000, 800),
    "take": (2_000, 800),
    "wjazzd": (5_000, 1_000),
    "melospy": (10_000, 1_000),
    "sololeads": (10_000, 1_000),
    "corpus": (10_000, 1_000),
    "score": (600, 100),
}
"""How many inputs, and how many of them at least are read as solos; as many as take some ten
seconds. More: `python -m tests.fuzz`."""


@pytest.mark.parametrize("name", ENOUGH)
def test_mutations_are_understood_or_refused(name: str) -> None:
    if name == "score" and find_spec("music21") is None:
        pytest.skip("the train extra is not installed")
    inputs, sound = ENOUGH[name]
    tally = tried(name, inputs)
    assert tally.parsed >= sound, tally.line()
    assert tally.refused >= inputs // 10, tally.line()


def _mid(text: str) -> bytes:
    return solo_midi.file_of(text.encode())


_LINE = solo_midi.notes(eighths(2), human=True)
_TRACK = "d 96\nt 0 450000\nT\n"
CRAFTED = {
    "one note ages behind a band.mid": solo_midi.file_of(
        solo_midi.SOLOS[1] + b"T\nn 3744000 9 40 80 4\n"
    ),
    "a rest of hours in a solo of ours.mid": _mid(
        f"x 1 0 Id: a\n{_TRACK}{_LINE}{solo_midi.notes(eighths(2, 39_000.0), human=True)}"
    ),
    "bars of 32 whole notes.mid": _mid(
        f"s 0 32 0\n{_TRACK}"
        + "".join(solo_midi.notes([(2040.0 * i + 0.1 * (i % 3), 0.5, 60 + i)]) for i in range(19))
    ),
    "bars of a sixteenth.mid": _mid(
        f"s 0 1 4\nx 1 0 Id: a\n{_TRACK}{_LINE}{solo_midi.notes(eighths(2, 20_000.0))}"
    ),
    "solos with hours between them.mid": _mid(
        _TRACK + "".join(solo_midi.notes(eighths(1, 76.0 * i)) for i in range(300))
    ),
    "as many tracks as there may be.mid": header(1, 256, 16)
    + chunk(b"".join(bytes((8, 0x90, i, 80, 8, 0x80, i, 0)) for i in range(40, 88)) + END) * 256,
    "parentheses without end.ls": b"F7 | Bb7\n(part " + b"()" * 400_000 + b")\nc4 d4\n",
    "a melody without end.ls": b"F7 | Bb7\n" + b"c1+1+1+1 " * 100_000,
    "bars without end.csv": b"onset;duration;pitch;bar;beat;tatum;division\n"
    b"1;.2;60;1;1;1;1\n2;.2;62;99999;1;1;1\n",
    "one field.csv": b"onset;duration;pitch;bar;beat;tatum;division\n" + b"1" * 1_000_000,
    "numbers without end.jsonl": b'{"notes":[' + b"1," * 2_000_000 + b"1]}",
    "brackets without end.jsonl": b'{"notes":' + b"[" * 1_000_000,
    "nothing but zeros.db": b"SQLite format 3\0" + bytes(1_000_000),
    "elements without end.musicxml": b"<a>" * 1_000_000,
    "nothing but zeros.musicxml": bytes(1_000_000),
}
LONGEST = 2.0
"""Seconds of the processor. The bound is 1, which each keeps to where nobody else computes; beside
other programs a second of the processor does less."""


@pytest.mark.parametrize("name", CRAFTED)
def test_a_file_made_to_hurt_takes_a_second_at_most(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(CRAFTED[name])
    list(solos_of(tmp_path / f"none{path.suffix}", Choices()))  # its imports do not count
    before, begun = most_memory(), time.process_time()
    for each in solos_of(path, Choices()):
        if isinstance(each, NotUnderstood):
            assert "fault of ours" not in str(each)
    took = time.process_time() - begun
    after = most_memory()
    assert took < LONGEST
    assert before is None or after is None or after - before <= 150.0
