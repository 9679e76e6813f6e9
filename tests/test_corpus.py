"""Solos on disk: each schema by hand, the real files, and lines that are no solos."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest

from live_improv import corpus
from live_improv.corpus import CorpusError, Solo, read_corpora, read_corpus, solo_of
from live_improv.corpus_writing import line_of

INTEGERS: dict[str, Any] = {
    "id": "one",
    "split": "valid",
    "performer": "A Player",
    "title": "A Tune",
    "key": "F-maj",
    "meter": "4/4",
    "tempo": 132.0,
    "first_bar_tick": 0,
    "chords": [[0, "F7"], [192, "Bb7"], [288, "F7"]],
    "form": [[0, "A1"], [192, "B1"]],
    "notes": [[0, 20, 65, 70, 1], [24, 24, 69, 0, -2], [192, 50, 70, 64, 0]],
}

BEATS: dict[str, Any] = {
    "id": "two",
    "split": "train",
    "performer": "A Player",
    "title": "A Tune",
    "key": "F-maj",
    "avg_tempo": 132.0,
    "meter": [[0, 4]],
    "chords": [[0, "F7", "F7"], [4, "Bb7", "Bb7"], [6, "F7", "F7"]],
    "form": [[0, "A1"], [4, "B1"]],
    "notes": [
        [0.0, 0.41667, 65, 1.0, 0.2, 66.0, 0.01, 1, 1],
        [0.5, 0.5, 69, None, None, None, None, 2, 1],
        [4.0, 1.041667, 70, None, None, None, None, 1, 1],
    ],
}

TRANSCRIPTION: dict[str, Any] = {
    "id": "three",
    "title": "A Tune",
    "key": "C",
    "signature": "4/4",
    "avg_tempo": 180.0,
    "chart_quarters": 8.0,
    "chords": [[0.0, "Dm7"], [2.0, "G7"], [4.0, "CM7"]],
    "choruses": [
        {"quarters": 8.0, "notes": [[0.0, 0.5, 62], [0.33333, 0.33333, 64], [4.0, 1.0, 67]]},
        {"quarters": 16.0, "notes": [[1.0, 0.5, 60], [12.0, 4.0, 64]]},
        {"quarters": 6.0, "notes": [[5.0, 1.0, 72]]},
    ],
}


def written(path: Path, *records: Any) -> Path:
    """A corpus file of these records, gzipped if its name says so."""
    text = "".join(f"{json.dumps(record)}\n" for record in records)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def read(tmp_path: Path, record: dict[str, Any]) -> Solo:
    """The one solo of a file with this record."""
    (solo,) = read_corpus(written(tmp_path / "solos.jsonl", record))
    return solo


def notes(solo: Solo) -> list[tuple[int, int, int]]:
    """Onset, length and pitch of every note."""
    return [(each.onset, each.length, each.pitch) for each in solo.notes]


def chords(solo: Solo) -> list[tuple[int, int, str]]:
    """Start, end and symbol of every chord."""
    return [(span.start, span.end, span.chord.symbol) for span in solo.changes.chords]


def bars(solo: Solo) -> list[tuple[int, str]]:
    """Start and meter of every bar."""
    return [(bar.start, str(bar.meter)) for bar in solo.changes.bars]


def sections(solo: Solo) -> list[tuple[int, str]]:
    """Start and name of every section."""
    return [(part.start, part.name) for part in solo.changes.sections]


@pytest.mark.parametrize("record", [INTEGERS, BEATS], ids=["integers", "beats"])
def test_the_same_solo_in_integers_and_in_beats(tmp_path: Path, record: dict[str, Any]) -> None:
    solo = read(tmp_path, record)
    assert notes(solo) == [(0, 200, 65), (240, 240, 69), (1920, 500, 70)]
    assert chords(solo) == [(0, 1920, "F7"), (1920, 2880, "Bb7"), (2880, 3840, "F7")]
    assert bars(solo) == [(0, "4/4"), (1920, "4/4")]
    assert sections(solo) == [(0, "A1"), (1920, "B1")]
    assert (solo.id, solo.split) == (record["id"], record["split"])
    assert (solo.performer, solo.title, solo.bpm) == ("A Player", "A Tune", 132.0)
    assert (solo.changes.title, solo.changes.key, solo.changes.tempo) == ("A Tune", "F-maj", 132.0)
    assert (solo.lengths_known, solo.dropped) == (True, 0)


def test_a_transcription_goes_round_its_chorus(tmp_path: Path) -> None:
    solo = read(tmp_path, TRANSCRIPTION)
    # A third of a beat is a place of the grid; the second chorus is twice as long as the chart.
    assert notes(solo) == [
        (0, 240, 62),
        (160, 160, 64),
        (1920, 480, 67),
        (3840 + 480, 240, 60),
        (3840 + 5760, 1920, 64),
        (11520 + 2400, 480, 72),
    ]
    cycle = [(0, 960, "Dm7"), (960, 1920, "G7"), (1920, 3840, "CM7")]
    expected = [(at + s, at + e, c) for at in (0, 3840, 7680, 11520) for s, e, c in cycle]
    assert chords(solo) == expected
    assert len(bars(solo)) == 8
    assert sections(solo) == [(at, "A") for at in (0, 3840, 7680, 11520)]
    assert (solo.split, solo.performer, solo.bpm) == ("train", "", 180.0)


def played(solo: Solo) -> list[tuple[int, int, int | None] | None]:
    """Onset, length and velocity of every note as played."""
    return [
        None if each is None else (each.onset, each.length, each.velocity) for each in solo.played
    ]


def test_how_the_notes_were_played(tmp_path: Path) -> None:
    about = {"instrument": "ts", "style": "HARDBOP"}
    integers = read(tmp_path, {**INTEGERS, **about, "feel": "SWING"})
    assert played(integers) == [(10, 200, 70), (220, 240, None), (1920, 500, 64)]
    beats = read(tmp_path, {**BEATS, **about, "rhythm_feel": "SWING"})
    # Of two notes nothing is known but what was written; one loudness says nothing about another.
    assert played(beats) == [(5, 200, None), None, None]
    for solo in (integers, beats):
        assert (solo.instrument, solo.style, solo.feel) == ("ts", "HARDBOP", "SWING")
        assert solo.changes.style == "swing"
        assert solo.played[0] is not None
        assert solo.played[0].end == solo.played[0].onset + 200
    nothing = read(tmp_path, TRANSCRIPTION)
    assert (nothing.played, nothing.instrument, nothing.style, nothing.feel) == ((), "", "", "")
    # The style of a lead sheet is how it is played, not when.
    latin = read(tmp_path, {**TRANSCRIPTION, "style": "latin-fast"})
    assert (latin.style, latin.feel, latin.changes.style) == ("", "latin-fast", "latin-fast")


def test_what_was_played_goes_with_its_note(tmp_path: Path) -> None:
    """Through pickups, double stops and crowded places."""
    record = {
        **INTEGERS,
        "notes": [
            *([-3, 12, 60, 61, -2], [0, 12, 60, 62, 5], [0, 12, 72, 63, 6]),
            *([1, 6, 50, 64, -1], [30, 6, 55, 65, 0]),
        ],
    }
    solo = read(tmp_path, record)
    assert [(each.onset, each.pitch) for each in solo.notes] == [
        *((1880, 60), (1920, 72), (1960, 50), (2240, 55))
    ]
    assert played(solo) == [*((1870, 120, 61), (1980, 120, 63), (1920, 60, 64), (2220, 60, 65))]


def test_velocities_are_relative_to_the_solo(tmp_path: Path) -> None:
    levels = [60.0, 62.0, 64.0, 66.0, 68.0, None, 10.0, 118.0, 64.0]
    line = [
        [float(i), 1.0, 60 + i, 0.0, 0.1, level, i + 0.02, 1, 1] for i, level in enumerate(levels)
    ]
    solo = read(tmp_path, {**BEATS, "notes": line, "bad_beats": [1, 7]})
    found = played(solo)
    assert found[1] is found[7] is None  # the beat was not tracked
    velocities = [each and each[2] for each in found]
    # Quartiles 61.5 and 66.5 lie 14 * 1.349 apart, around a median of 64 that is 84.
    assert velocities == [69, None, 84, 92, 99, None, 36, None, 84]
    assert [each and each[0] for each in found] == [
        None if i in (1, 7) else 480 * i + 10 for i in range(9)
    ]
    flat = [[*each[:5], 64.0, *each[6:]] for each in line]
    same = read(tmp_path, {**BEATS, "notes": flat})
    assert {each and each[2] for each in played(same)} == {84}


@pytest.mark.parametrize(
    ("first", "start", "onset"),
    [
        (0, 0, 0),
        (100, 0, 1000),
        (-1, 0, 0),  # on the grid it is the first beat of bar 1
        (-3, -192, 1880),
        (-48, -192, 1440),
        (-192, -192, 0),
        (-195, -384, 1880),
    ],
)
def test_a_pickup_is_moved_on_by_whole_bars(
    tmp_path: Path, first: int, start: int, onset: int
) -> None:
    record = {
        **INTEGERS,
        "chords": [[-384, "NC"], [0, "F7"], [192, "Bb7"]],
        "form": [[-384, "I1"], [0, "A1"]],
        "notes": [[first, 12, 60, 0, 0], [200, 12, 62, 0, 0]],
    }
    solo = read(tmp_path, record)
    assert [each.onset for each in solo.notes] == [onset, 2000 - start * 10]
    bar_one = -start * 10
    found = chords(solo)
    assert (bar_one, bar_one + 1920, "F7") in found
    assert found[0][0] == 0
    if bar_one:
        assert found[0] == (0, bar_one, "NC")
        assert sections(solo) == [(0, "I1"), (bar_one, "A1")]
    else:
        assert sections(solo)[-1] == (0, "A1")
        assert solo.changes.section_at(solo.notes[0].onset).name == "A1"  # type: ignore[union-attr]
    assert all(at % 1920 == 0 for at, _ in bars(solo))


def test_the_first_bar_may_begin_anywhere(tmp_path: Path) -> None:
    record = {**INTEGERS, "first_bar_tick": 24, "notes": [[24, 12, 60, 0, 0], [216, 12, 62, 0, 0]]}
    solo = read(tmp_path, record)
    assert [each.onset for each in solo.notes] == [0, 1920]
    assert chords(solo)[:2] == [(0, 1680, "F7"), (1680, 2640, "Bb7")]


def test_before_the_first_chord_there_is_none(tmp_path: Path) -> None:
    solo = read(tmp_path, {**INTEGERS, "chords": [[96, "F7"]]})
    assert chords(solo) == [(0, 960, "N.C."), (960, 3840, "F7")]
    assert chords(read(tmp_path, {**INTEGERS, "chords": []})) == [(0, 3840, "N.C.")]


def test_meters_change(tmp_path: Path) -> None:
    record = {
        **BEATS,
        "meter": [[-4, 4], [4, 3], [10, 4]],
        "notes": [[-1.0, 0.5, 60], [4.0, 0.5, 62], [7.0, 1.0, 64], [14.0, 1.0, 65]],
    }
    solo = read(tmp_path, record)
    assert bars(solo) == [
        *((0, "4/4"), (1920, "4/4"), (3840, "3/4"), (5280, "3/4")),
        *((6720, "4/4"), (8640, "4/4")),
    ]
    assert [each.onset for each in solo.notes] == [1440, 3840, 5280, 8640]


def test_a_waltz_with_a_pickup(tmp_path: Path) -> None:
    record = {**INTEGERS, "meter": "3/4", "notes": [[-48, 12, 60, 0, 0], [150, 12, 62, 0, 0]]}
    solo = read(tmp_path, record)
    assert bars(solo) == [(0, "3/4"), (1440, "3/4"), (2880, "3/4")]
    assert [each.onset for each in solo.notes] == [960, 1440 + 1520]


def test_double_stops_and_crowded_places(tmp_path: Path) -> None:
    crowd = [[0, 12, 60, 0, 0], [0, 12, 72, 0, 0], [0, 12, 67, 0, 0], [1, 6, 50, 0, 0]]
    solo = read(tmp_path, {**INTEGERS, "notes": crowd})
    assert notes(solo) == [(0, 120, 72), (40, 30, 50)]
    assert solo.dropped == 2


def test_notes_in_any_order_and_of_no_length(tmp_path: Path) -> None:
    solo = read(tmp_path, {**INTEGERS, "notes": [[96, 0, 62, 0, 0], [0, -5, 60, 0, 0]]})
    assert notes(solo) == [(0, 1, 60), (960, 1, 62)]


def test_what_a_line_leaves_out(tmp_path: Path) -> None:
    record = {key: value for key, value in INTEGERS.items() if key not in ("split", "performer")}
    solo = read(tmp_path, {**record, "tempo": None, "form": None, "key": None})
    assert (solo.split, solo.performer, solo.bpm) == ("train", "", 140.0)
    assert solo.changes.tempo is None
    assert solo.changes.sections == ()
    assert not read(tmp_path, {**BEATS, "durations_from": "ioi"}).lengths_known


def test_a_solo_that_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", INTEGERS, BEATS)
    second = written(tmp_path / "b.jsonl.gz", {**INTEGERS, "title": "Other"}, TRANSCRIPTION)
    solos = read_corpora([first, second])
    assert [solo.id for solo in solos] == ["one", "two", "three"]
    assert solos[0].title == "A Tune"
    assert read_corpora([second, first])[0].title == "Other"


def test_empty_lines_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"\n{json.dumps(INTEGERS)}\n\n  \n")
    assert len(list(read_corpus(path))) == 1
    path.write_text("")
    assert list(read_corpus(path)) == []


BROKEN: dict[str, Any] = {
    "no notes": {**INTEGERS, "notes": []},
    "an unknown chord": {**INTEGERS, "chords": [[0, "Hm7"]]},
    "a chord that is no text": {**INTEGERS, "chords": [[0, 7]]},
    "a chord that is a list": {**INTEGERS, "chords": [[0, ["F7"]]]},
    "a meter that cannot be": {**INTEGERS, "meter": "4/5"},
    "a meter that is no text": {**INTEGERS, "meter": 4},
    "a missing field": {key: value for key, value in INTEGERS.items() if key != "chords"},
    "a short note": {**INTEGERS, "notes": [[0, 12]]},
    "a note that is no list": {**INTEGERS, "notes": [5]},
    "a note without a pitch": {**INTEGERS, "notes": [[0, 12, None]]},
    "a pitch that MIDI cannot say": {**INTEGERS, "notes": [[0, 12, 128]]},
    "a negative pitch": {**INTEGERS, "notes": [[0, 12, -1]]},
    "a place that is no number": {**INTEGERS, "notes": [["x", 12, 60]]},
    "a place between ticks": {**INTEGERS, "notes": [[0.55, 12, 60], [9.13, 12, 60]]},
    "an endless place": {**BEATS, "notes": [[float("inf"), 1.0, 60]]},
    "a place that is not one": {**BEATS, "notes": [[float("nan"), 1.0, 60]]},
    "a place in the next century": {**BEATS, "notes": [[0.0, 1.0, 60], [1e12, 1.0, 60]]},
    "no meters": {**BEATS, "meter": []},
    "a meter of no beats": {**BEATS, "meter": [[0, 0]]},
    "a tempo that is none": {**INTEGERS, "tempo": "fast"},
    "a loudness that is none": {**BEATS, "notes": [[0.0, 1.0, 60, 0, 0, "x", 0.1, 1, 1]] * 2},
    "an offset that is none": {**INTEGERS, "notes": [[0, 12, 60, 64, "x"]]},
    "a broken beat that is none": {**INTEGERS, "bad_beats": ["x"]},
    "an empty chart": {**TRANSCRIPTION, "chart_quarters": 0},
    "a list": [],
    "a list of names": ["first_bar_tick"],
    "a number": 5,
    "a text": "choruses",
    "nothing": None,
}


def fault(path: Path, line: int | None = None) -> str:
    """The one line with which a corpus is refused."""
    with pytest.raises(CorpusError) as caught:
        list(read_corpus(path))
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    if line is not None:
        assert f"line {line}:" in message
    return message


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_line_is_named(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "solos.jsonl.gz", INTEGERS, BROKEN[name], BEATS)
    fault(path, line=2)


@pytest.mark.parametrize("text", ["{", "x", '{"id": 1', "[" * 100_000, '{"notes": [[1, 2, 3'])
def test_a_line_that_is_not_json_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "solos.jsonl"
    path.write_text(f"{json.dumps(INTEGERS)}\n\n{text}\n")
    fault(path, line=3)


def test_an_unknown_chord_is_named(tmp_path: Path) -> None:
    assert "'Hm7'" in fault(written(tmp_path / "s.jsonl", BROKEN["an unknown chord"]), line=1)


@pytest.mark.parametrize("name", ["solos.jsonl", "solos.jsonl.gz"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    fault(path)
    path.mkdir()
    fault(path)
    path.rmdir()
    path.write_bytes(b"\xff\xfe\x00")
    fault(path)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive(tmp_path: Path, damage: str) -> None:
    path = written(tmp_path / "solos.jsonl.gz", *[INTEGERS, BEATS, TRANSCRIPTION] * 20)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
        fault(path)
        return
    for place in range(12, len(content) - 8, 7):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        fault(path)


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MAX_LINE", 5000)
    path = tmp_path / "solos.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(INTEGERS).encode() + b"\n" + b" " * 10**6))
    assert "5000 characters or more" in fault(path, line=2)


REAL = {
    "wjazzd_lean": (379, 166_285, {"train": 334, "valid": 45}),
    "wjazzd_solos": (406, 179_955, {"train": 357, "valid": 49}),
    "omnibook": (56, 18_569, {"train": 56}),
    "improvisor_transcriptions": (69, 29_726, {"train": 69}),
}


@pytest.fixture(scope="module")
def real(data_dir: Path) -> dict[str, list[Solo]]:
    """The real files, each read once."""
    return {name: list(read_corpus(data_dir / "corpus" / f"{name}.jsonl.gz")) for name in REAL}


@pytest.mark.parametrize("name", REAL)
def test_the_real_files_come_back_as_we_write_them(real: dict[str, list[Solo]], name: str) -> None:
    for solo in real[name]:
        assert solo_of(json.loads(line_of(solo))) == solo


@pytest.mark.parametrize("name", REAL)
def test_the_real_files(real: dict[str, list[Solo]], name: str) -> None:
    found = real[name]
    count, total, splits = REAL[name]
    assert len(found) == count == len({solo.id for solo in found})
    assert sum(len(solo.notes) for solo in found) == total
    assert {split: sum(s.split == split for s in found) for split in splits} == splits
    assert sum(splits.values()) == count
    assert all(solo.lengths_known == (name != "omnibook") for solo in found)
    for solo in found:
        onsets = [each.onset for each in solo.notes]
        assert onsets[0] >= 0
        assert onsets[-1] < solo.changes.length
        assert all(at % 40 == 0 for at in onsets)
        assert all(b > a for a, b in pairwise(onsets))
        assert all(each.length >= 1 and 0 <= each.pitch <= 127 for each in solo.notes)


def test_the_two_views_of_the_database_agree(real: dict[str, list[Solo]]) -> None:
    """The lean file is the whole one on integers: the same notes over the same chords."""
    whole = {solo.id: solo for solo in real["wjazzd_solos"]}
    for lean in real["wjazzd_lean"]:
        other = whole[lean.id]
        for a, b in zip(lean.notes, other.notes, strict=True):
            assert (a.onset, a.pitch) == (b.onset, b.pitch)
            here, there = lean.changes.chord_at(a.onset), other.changes.chord_at(b.onset)
            assert here.pitch_classes == there.pitch_classes
        assert (lean.instrument, lean.style, lean.feel) == (
            *(other.instrument, other.style, other.feel),
        )
        for mine, theirs in zip(lean.played, other.played, strict=True):
            assert (mine is None) == (theirs is None)
            if mine is not None and theirs is not None:
                # Both 48ths may be rounded, the place and how far off it was.
                assert abs(mine.onset - theirs.onset) <= 10
                # None is shorter than a 48th, or longer than 16 beats.
                assert abs(mine.length - min(theirs.length, 7680)) <= 9
                assert (mine.velocity is None) == (theirs.velocity is None)


def test_what_is_known_of_the_playing(real: dict[str, list[Solo]]) -> None:
    """The figures of the database's own account: microtiming and loudness of `train`."""
    late, velocities, unknown, total = [], [], 0, 0
    for solo in real["wjazzd_lean"]:
        assert len(solo.played) == len(solo.notes)
        for note, how in zip(solo.notes, solo.played, strict=True):
            total += 1
            unknown += how is None
            if how is not None and solo.split == "train":
                late.append((how.onset - note.onset) / 480)
                velocities.append(how.velocity)
    assert unknown < total * 0.01
    assert median(late) == pytest.approx(0.03, abs=0.012)
    assert 0.01 < velocities.count(None) / len(velocities) < 0.03
    low, middle, high = quantiles(each for each in velocities if each is not None)
    assert (round(low), round(middle), round(high)) == pytest.approx((74, 84, 93), abs=1.5)
    for name in ("omnibook", "improvisor_transcriptions"):
        assert not any(solo.played for solo in real[name])


def test_two_ways_to_the_same_velocity(real: dict[str, list[Solo]]) -> None:
    """The lean file has velocities, the whole one dB: what we make of those is the same."""
    whole = {solo.id: solo for solo in real["wjazzd_solos"]}
    apart = [
        abs(mine.velocity - theirs.velocity)
        for lean in real["wjazzd_lean"]
        for mine, theirs in zip(lean.played, whole[lean.id].played, strict=True)
        if mine is not None and theirs is not None
        if mine.velocity is not None and theirs.velocity is not None
    ]
    assert len(apart) > 160_000
    assert sum(each <= 1 for each in apart) > 0.99 * len(apart)
    assert max(apart) <= 6


def test_what_is_no_corpus_is_told_from_one(tmp_path: Path) -> None:
    (tmp_path / "take.mid").write_bytes(b"MThd\xe0\xff")
    for name in (".", "take.mid"):
        with pytest.raises(CorpusError, match="`import` makes"):
            list(read_corpus(tmp_path / name))
