"""CSV files of MeloSpySuite: with their beat track they are the solo, without it nearly."""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from pathlib import Path
from time import process_time

import pytest

from live_improv.corpus import Solo, solo_of
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.melospy_csv import read_melospy_csv
from tests.importing.melospy_files import Record, records, write_csv

NAMES = (
    "ArtPepper_Anthropology_FINAL",
    "ArtPepper_BluesForBlanche_FINAL",
    "SteveColeman_Segment_FINAL",
    "ChetBaker_IFallInLoveTooEasily_FINAL",
    "JohnAbercrombie_Ralph'sPianoWaltz_FINAL",
)

MCSV2 = """\
onset;duration;period;division;bar;beat;tatum;beat_duration;signature;pitch;chord
1.0;0.2;4;2;1;1;1;0.5;"4/4";60;C7
1.25;0.1;4;2;1;1;2;0.5;"4/4";62;C7
3.0;0.4;4;1;2;1;1;0.5;"4/4";65;F7
"""

MCSV1 = """\
Signature: 3/4, Ticks per Beat: 12
onset;onsetics;takt;beat;ticks;pitch;durs;durtic;dur16;
1,0;0;1;1;0;60;0,2;4;1
1,25;0;1;1;6;62;0,25;4;1
1,5;0;1;2;0;64;0,5;4;1
2,5;0;2;1;0;65;0,5;4;1
"""


@pytest.fixture(scope="module")
def solos(data_dir: Path) -> list[Record]:
    """Solos of the corpus."""
    return records(data_dir / "corpus" / "wjazzd_solos.jsonl.gz", NAMES)


def read(path: Path, **choices: str | int) -> Understood:
    """The one solo of a file."""
    (found,) = read_melospy_csv(path, Choices(**choices))  # type: ignore[arg-type]
    return found


def written(tmp_path: Path, text: str, name: str = "My_Own_Blues.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def notes(solo: Solo) -> list[tuple[int, int]]:
    return [(note.onset, note.pitch) for note in solo.notes]


@pytest.mark.parametrize("between", [";", ",", "\t"])
@pytest.mark.parametrize("number", range(len(NAMES)))
def test_with_its_beat_track_it_is_the_solo(
    tmp_path: Path, solos: list[Record], number: int, between: str
) -> None:
    record = solos[number]
    found = read(write_csv(tmp_path, record, between=between, comma=between != ","))
    wanted = solo_of(record)
    assert notes(found.solo) == notes(wanted)
    assert found.solo.changes.chords == wanted.changes.chords
    assert found.solo.changes.bars == wanted.changes.bars
    # The corpus has one `A1` for all choruses that are one part.
    ours = [part for part, _ in groupby(part.name for part in found.solo.changes.sections)]
    assert ours == [part for part, _ in groupby(part.name for part in wanted.changes.sections)]
    for mine, theirs in zip(found.solo.played, wanted.played, strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            assert abs(mine.onset - theirs.onset) <= 2
            assert mine.velocity == theirs.velocity
    assert (found.solo.id, found.chords_from) == (record["id"], "the beat track")
    assert found.solo.performer == record["performer"]
    assert found.solo.bpm == pytest.approx(wanted.bpm, rel=0.02)


def test_its_beat_track_may_lie_in_a_folder_beside_it(tmp_path: Path, solos: list[Record]) -> None:
    for folder in ("beats", "melodies"):
        (tmp_path / folder).mkdir()
    path = write_csv(tmp_path / "melodies", solos[0])
    track = path.with_name(f"{path.stem}_beattrack.csv")
    track.rename(tmp_path / "beats" / track.name)
    assert read(path).chords_from == "the beat track"


def test_without_its_beat_track_the_chords_are_guessed(tmp_path: Path, solos: list[Record]) -> None:
    beats = right = under = total = 0
    folder = tmp_path / "alone" / "melodies"
    folder.mkdir(parents=True)
    for record in solos:
        found = read(write_csv(folder, record, track=False)).solo
        wanted = solo_of(record)
        shift = wanted.notes[0].onset - found.notes[0].onset
        assert [at + shift for at, _ in notes(found)] == [at for at, _ in notes(wanted)]
        assert found.played == ()
        for mine, theirs in zip(found.notes, wanted.notes, strict=True):
            total += 1
            one, other = found.changes.chord_at(mine.onset), wanted.changes.chord_at(theirs.onset)
            under += one == other
        for at in range(0, wanted.changes.length, 480):
            beats += 1
            here = found.changes.chord_at(at - shift)  # type: ignore[arg-type]
            right += here == wanted.changes.chord_at(at)  # type: ignore[arg-type]
    assert under > 0.98 * total
    assert right > 0.9 * beats


def test_by_hand(tmp_path: Path) -> None:
    found = read(written(tmp_path, MCSV2), performer="Me", transposed=-2)
    assert notes(found.solo) == [(0, 58), (240, 60), (1920, 63)]
    assert [note.length for note in found.solo.notes] == [190, 100, 380]
    assert [(span.start, span.chord.symbol) for span in found.solo.changes.chords] == [
        (0, "C7"),
        (1920, "F7"),
    ]
    assert (found.solo.title, found.solo.performer, found.solo.bpm) == ("My Own Blues", "Me", 120)
    assert (found.coverage, len(found.dropped)) == (1, 1)
    assert "no My_Own_Blues_beattrack.csv beside it" in found.dropped[0]


def test_the_old_format(tmp_path: Path) -> None:
    found = read(written(tmp_path, MCSV1))
    assert notes(found.solo) == [(0, 60), (240, 62), (480, 64), (1440, 65)]
    assert [note.length for note in found.solo.notes] == [190, 240, 480, 480]
    assert [str(bar.meter) for bar in found.solo.changes.bars] == ["3/4", "3/4"]
    assert (found.solo.bpm, found.coverage, found.chords_from) == (120, 0, "")


REFUSED = {
    "nothing": "",
    "a header alone": MCSV2.splitlines()[0],
    "another table": "name;price\nreed;3\n",
    "a beat track": "onset;bar;beat\n1;1;1\n",
    "a text for a number": MCSV2.replace("1.25", "soon"),
    "no number": MCSV2.replace("1.25", "nan"),
    "a short row": MCSV2 + "4.0;0.1\n",
    "a bar in the next century": MCSV2.replace(";2;1;1;0.5", ";999999999;1;1;0.5"),
    "no division": MCSV2.replace("4;2;1;1;1", "4;0;1;1;1").replace("4;2;", "4;0;"),
    "a bar of no beats": MCSV2.replace(";4;", ";0;"),
    "a pitch that MIDI cannot say": MCSV2.replace('"4/4";62', '"4/4";162'),
    "no ticks": MCSV1.replace("Beat: 12", "Beat: 0"),
    "more ticks than there are": MCSV1.replace("Beat: 12", "Beat: " + "9" * 5000),
    "a quote that never ends": MCSV2 + '"' + "x" * 200_000,
    "a nul": "onset;\0\n1\n",
    "a row of the old format that is cut off": MCSV1.replace("65;0,5;4;1", "65"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_solo(tmp_path: Path, name: str) -> None:
    text = REFUSED[name]
    if name == "no division":
        text = text.replace("4;1;2;1;1", "4;0;2;1;1")
    with pytest.raises(NotUnderstood):
        read(written(tmp_path, text))


@pytest.mark.parametrize("tatum", ["-99999", "0", "99999"])
def test_a_tatum_that_is_none_is_no_fault(tmp_path: Path, tatum: str) -> None:
    """Without a beat track the chords begin somewhere in the bars that there are."""
    found = read(written(tmp_path, MCSV2.replace("2;1;1;2;0.5", f"2;1;1;{tatum};0.5")))
    assert found.solo.changes.chord_at(found.solo.notes[-1].onset).symbol in ("C7", "F7")


def test_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for data in (b"\xff\xfe\x00\x01", b"onset;\xe9\n1;2\n", bytes(range(256)) * 9):
        path.write_bytes(data)
        with pytest.raises(NotUnderstood):
            read(path)


def test_small_files_do_not_take_long(tmp_path: Path) -> None:
    """Work and memory grow with the notes, whatever the notes say."""
    head, rows = MCSV2.splitlines()[0], []
    wide = [f"{i};0.2;32;2;{bar};1;1;0.5;32/4;60;C7" for i, bar in enumerate((1, 99_999))]
    empty = written(tmp_path, "\n".join((head, *wide)), "empty.csv")
    for i in range(1000):
        bar, chord = (3000, "G7") if i % 2 else (1, "C7")
        rows.append(f"{i};0.2;32;2;{bar};1;1;0.5;32/4;60;{chord}")
    far = written(tmp_path, "\n".join((head, *rows)))
    same = [f"{i / 4};0;1;1;0;60;0.2;4;1" for i in range(20_000)]
    heap = written(tmp_path, "\n".join((*MCSV1.splitlines()[:2], *same)), "heap.csv")
    for path in (empty, far, heap):
        began = process_time()
        with suppress(NotUnderstood):
            read(path)
        assert process_time() - began < 2
