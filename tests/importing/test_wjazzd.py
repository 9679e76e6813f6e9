"""The Weimar Jazz Database's own schema: filled with solos of the corpus, it has them back."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from live_improv.corpus import Solo, solo_of
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.wjazzd import read_wjazzd
from tests.importing.melospy_files import Record, records, write_database

NAMES = (
    "ArtPepper_Anthropology_FINAL",  # two bars of pickup
    "SteveColeman_Segment_FINAL",  # a bar of three in four
    "DavidMurray_BluesForTwo-1_FINAL",  # a bar of five in four
    "JohnAbercrombie_Ralph'sPianoWaltz_FINAL",
    "SteveColeman_Cross=Fade-1_FINAL",  # nine
    "OrnetteColeman_Ramblin'_FINAL",  # no meter, no form
    "MilesDavis_Agitation_FINAL",  # forty beats at twice the length
    "DonByas_OutOfNowhere_FINAL",  # the last beats are broken
)


@pytest.fixture(scope="module")
def solos(data_dir: Path) -> list[Record]:
    """Solos of the corpus that have something odd."""
    return records(data_dir / "corpus" / "wjazzd_solos.jsonl.gz", NAMES)


def same(found: Solo, wanted: Solo) -> None:
    """That two solos are one, but for what the corpus has rounded: seconds, to four decimals."""
    assert [(note.onset, note.pitch) for note in found.notes] == [
        (note.onset, note.pitch) for note in wanted.notes
    ]
    assert found.changes == wanted.changes
    for mine, theirs in zip(found.notes, wanted.notes, strict=True):
        assert abs(mine.length - theirs.length) <= 10
    assert len(found.played) == len(wanted.played)
    for played, known in zip(found.played, wanted.played, strict=True):
        assert (played is None) == (known is None)
        if played is not None and known is not None:
            assert abs(played.onset - known.onset) <= 2
            assert abs(played.length - known.length) <= 2
            assert played.velocity == known.velocity
    about = ("id", "performer", "title", "bpm", "instrument", "style", "feel", "dropped")
    for name in about:
        assert getattr(found, name) == getattr(wanted, name)


def test_a_database_has_the_solos_of_the_corpus(tmp_path: Path, solos: list[Record]) -> None:
    path = write_database(tmp_path / "wjazzd.db", solos)
    before = path.read_bytes()
    found = list(read_wjazzd(path, Choices()))
    assert [each.solo.id for each in found if isinstance(each, Understood)] == [
        record["id"] for record in sorted(solos, key=lambda record: int(record["melid"]))
    ]
    by_id = {each.solo.id: each for each in found if isinstance(each, Understood)}
    for record in solos:
        same(by_id[record["id"]].solo, solo_of({**record, "split": "train"}))
    assert by_id[NAMES[0]].chords_from == "the beat track"
    assert by_id[NAMES[0]].coverage == 1
    assert any("40 beats" in line for line in by_id[NAMES[6]].dropped)
    # Read only: not a byte of it changes, and nothing appears beside it.
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["wjazzd.db"]


Spoil = Callable[[sqlite3.Connection], object]


def spoiled(tmp_path: Path, solos: list[Record], spoil: Spoil) -> list[Understood | NotUnderstood]:
    """What is read of a database with two solos that was tampered with."""
    path = write_database(tmp_path / "wjazzd.db", solos[:2])
    with closing(sqlite3.connect(path)) as database:
        spoil(database)
        database.commit()
    return list(read_wjazzd(path, Choices()))


def run(*statements: str) -> Spoil:
    return lambda database: [database.execute(statement) for statement in statements]


ONE_SPOILED = {
    "no notes": run("DELETE FROM melody WHERE melid = 1"),
    "no beats": run("DELETE FROM beats WHERE melid = 1"),
    "an onset that is a text": run("UPDATE melody SET onset = 'soon' WHERE eventid = 3"),
    "an onset that is not there": run("UPDATE melody SET onset = NULL WHERE eventid = 3"),
    "an endless onset": run("UPDATE melody SET onset = 9e999 WHERE eventid = 3"),
    "a pitch that MIDI cannot say": run("UPDATE melody SET pitch = 200 WHERE eventid = 3"),
    "a blob for a bar": run("UPDATE beats SET bar = x'00ff' WHERE beatid = 100"),
}


@pytest.mark.parametrize("name", ONE_SPOILED)
def test_a_bad_solo_does_not_spoil_the_others(
    tmp_path: Path, solos: list[Record], name: str
) -> None:
    reason, other = spoiled(tmp_path, solos, ONE_SPOILED[name])
    assert isinstance(reason, NotUnderstood)
    assert str(reason).startswith("Anthropology (Art Pepper): ")
    assert isinstance(other, Understood)
    assert other.solo.id == NAMES[1]


def test_what_is_left_out_is_told(tmp_path: Path, solos: list[Record]) -> None:
    first, _ = spoiled(
        tmp_path,
        solos,
        run(
            "UPDATE melody SET bar = 999 WHERE eventid IN (5, 6)",
            "UPDATE beats SET chord = 'Q7' WHERE beatid = 9",
        ),
    )
    assert isinstance(first, Understood)
    assert len(first.solo.notes) == len(solos[0]["notes"]) - 2
    assert first.dropped == (
        "chords that are not understood: Q7",
        "2 notes at no beat of the beat track",
    )
    assert first.coverage < 1


def test_beats_that_go_back_have_no_times(tmp_path: Path, solos: list[Record]) -> None:
    first, _ = spoiled(tmp_path, solos, run("UPDATE beats SET onset = 1.0 WHERE beatid = 100"))
    assert isinstance(first, Understood)
    wanted = solo_of(solos[0])
    assert [note.onset for note in first.solo.notes] == [note.onset for note in wanted.notes]
    assert first.solo.changes == wanted.changes
    assert first.solo.played == ()
    assert "not later than the one before" in first.dropped[0]


def test_names_that_are_missing(tmp_path: Path, solos: list[Record]) -> None:
    found = spoiled(
        tmp_path, solos, run("DROP TABLE transcription_info", "UPDATE solo_info SET performer=NULL")
    )
    names = [each.solo.id for each in found if isinstance(each, Understood)]
    assert names == [f"solo-{record['melid']}" for record in solos[:2]]
    path = tmp_path / "wjazzd.db"
    by = [
        each for each in read_wjazzd(path, Choices(performer="Me")) if isinstance(each, Understood)
    ]
    assert [each.solo.performer for each in by] == ["Me", "Me"]


REFUSED = {
    "another schema": (run("DROP TABLE beats"), "no table beats"),
    "a column less": (run("ALTER TABLE melody DROP COLUMN tatum"), "no columns tatum in melody"),
    "no solos": (run("DELETE FROM solo_info"), "no solos"),
    "a view that never ends": (
        run(
            "DROP TABLE solo_info",
            "CREATE VIEW solo_info AS WITH RECURSIVE n(melid) AS (VALUES(1) UNION ALL "
            "SELECT melid + 1 FROM n) SELECT melid, '' AS performer FROM n",
        ),
        "no table solo_info",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_such_database(tmp_path: Path, solos: list[Record], name: str) -> None:
    spoil, reason = REFUSED[name]
    with pytest.raises(NotUnderstood, match=reason):
        spoiled(tmp_path, solos, spoil)


@pytest.mark.parametrize(
    "data", [b"", b"SQLite format 3\x00", b"SQLite format 3\x00" * 300, b"x" * 99]
)
def test_what_is_no_database(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "wjazzd.db"
    path.write_bytes(data)
    with pytest.raises(NotUnderstood):
        list(read_wjazzd(path, Choices()))


@pytest.mark.parametrize("kept", [0.2, 0.6, 0.95])
def test_a_database_that_was_cut_off(tmp_path: Path, solos: list[Record], kept: float) -> None:
    path = write_database(tmp_path / "wjazzd.db", solos[:2])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(NotUnderstood, match="cannot be read"):
        list(read_wjazzd(path, Choices()))


BOMBS = {
    "a default": "ALTER TABLE beats ADD COLUMN chord TEXT DEFAULT '" + "C" * 900_000 + "'",
    "a text": "ALTER TABLE beats ADD COLUMN chord TEXT DEFAULT '" + "C" * 90_000 + "'",
    "a blob": "ALTER TABLE beats ADD COLUMN chord DEFAULT x'" + "00" * 90_000 + "'",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_stays_small(tmp_path: Path, solos: list[Record], name: str) -> None:
    """What a row says once for all of them is not kept once for each."""
    spoil = run("ALTER TABLE beats DROP COLUMN chord", BOMBS[name])
    tracemalloc.start()
    try:
        with suppress(NotUnderstood):
            spoiled(tmp_path, solos, spoil)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
