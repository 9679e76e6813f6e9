"""Finding the track that has the melody."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from live_improv.app import Performance
from live_improv.corpus import read_corpus
from live_improv.importing.imported import NotUnderstood
from live_improv.importing.midi_export import Manner, line_events
from live_improv.importing.midi_melody import alone, is_drums, melody_of, named, voices
from live_improv.midi.files import write_score
from live_improv.midi.parts import FilePart, read_parts
from live_improv.music.events import Note, ProgramChange, Timed
from live_improv.music.score import IMPROVISER, Part, Score
from live_improv.music.timing import Ticks
from live_improv.offline import performed
from live_improv.performance.band import BandPlayer
from live_improv.request import Request
from tests.importing.midi_making import comping, eighths, midi_file, part, walking

ROOTS = (36, 41, 43, 36, 38, 43, 36, 36)
CHORDS = ((52, 58, 62), (51, 57, 62), (53, 59, 64), (52, 58, 62)) * 2

# Of the 29 files, those of several pitched tracks that have a melody: which tracks (from 1) have
# it, as judged by their names, their sounds and their notes. More than one where it is doubled, or
# where theme and solo are on tracks of their own. `airflow` shows a style and has none.
JUDGED = {
    "impro-visor__BerniesTuneWardellGray.mid": {4},
    "impro-visor__afternooninparis.mid": {8, 9, 10, 11, 12, 13},
    "impro-visor__anos_dourados.mid": {9},
    "impro-visor__bagsgroove.mid": {8, 9, 10},
    "jazz_transformer__demo.midi": {2},
    "jazzml__Oscar-Peterson-2.mid": {2},
    "mingus__CharlieParker_DonnaLee_Solo.mid": {2},
    "mingus__DexterGordon_Cheesecake_Solo.mid": {2},
    "miditok__d8faddb8596fff7abb24d78666f73e4e.mid": {2, 8, 9, 18},
    "symusic__RunTimeError_unexpected_EOF.mid": {4},
    "symusic__ValueError_Control168.mid": {2},
}
# Of format 0: the channel of the voice, from 1.
JUDGED_CHANNELS = {"pretty-midi__example.mid": {4}}


def found(path: Path, choice: str | None = None) -> FilePart:
    """The voice that is taken for the melody."""
    return melody_of(voices(read_parts(path)[1]), choice)


def band() -> list[Part]:
    """A bass, a piano and a line, in this order, with sounds and without names."""
    return [
        part("", walking(ROOTS), 1, 32),
        part("", comping(CHORDS), 2, 0),
        part("", eighths(8), 3, 66),
    ]


@pytest.mark.parametrize("name", JUDGED)
def test_the_melody_of_somebodys_file_is_found(data_dir: Path, name: str) -> None:
    assert found(data_dir / "midi" / name).track + 1 in JUDGED[name]


@pytest.mark.parametrize("name", JUDGED_CHANNELS)
def test_in_one_track_it_is_a_channel(data_dir: Path, name: str) -> None:
    assert found(data_dir / "midi" / name).channel + 1 in JUDGED_CHANNELS[name]


def test_a_style_without_a_melody_has_none(data_dir: Path) -> None:
    with pytest.raises(NotUnderstood, match=r"no track is a melody.*name one"):
        found(data_dir / "midi" / "impro-visor__airflow.MID")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_without_names_the_notes_tell(tmp_path: Path, order: tuple[int, ...]) -> None:
    parts = band()
    path = midi_file(tmp_path / "a.mid", *(parts[i] for i in order))
    assert found(path).channel == 3


def test_a_name_says_more_than_the_notes(tmp_path: Path) -> None:
    bass, piano, line = band()
    low = part("Bass solo", walking(ROOTS), 1)
    assert found(midi_file(tmp_path / "a.mid", bass, piano, line)).channel == 3
    named_solo = midi_file(tmp_path / "b.mid", part("Melody", eighths(8), 4), piano, low)
    assert found(named_solo).name == "Melody"


@pytest.mark.parametrize(("choice", "channel"), [("2", 1), ("piano", 2), ("TENOR", 3), (" 4 ", 3)])
def test_the_track_that_is_asked_for_is_taken(tmp_path: Path, choice: str, channel: int) -> None:
    path = midi_file(
        tmp_path / "a.mid",
        part("Bass", walking(ROOTS), 1),
        part("Grand Piano", comping(CHORDS), 2),
        part("Tenor Sax", eighths(8), 3),
    )
    assert found(path, choice).channel == channel


@pytest.mark.parametrize("choice", ["flute", "9", ""])
def test_a_track_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, choice: str) -> None:
    path = midi_file(tmp_path / "a.mid", part("Tenor Sax", eighths(8), 3))
    with pytest.raises(NotUnderstood, match=r'there is track 2 "Tenor Sax", channel 4'):
        found(path, choice)


def test_drums_are_no_melody(tmp_path: Path) -> None:
    drums = part("", [(i / 2, 0.1, 42) for i in range(64)], 9)
    hats = part("Closed Hi-Hat", [(i / 2, 0.1, 82) for i in range(64)], 3)
    path = midi_file(tmp_path / "a.mid", drums, hats)
    assert all(is_drums(each) for each in read_parts(path)[1])
    with pytest.raises(NotUnderstood, match="not drums"):
        found(path)


def test_the_strings_of_a_guitar_are_one_voice(tmp_path: Path) -> None:
    line = eighths(4)
    low, high = part("Guitar", line[::2], 1), part("", line[1::2], 2)
    both = Part("Guitar", tuple(sorted((*low.events, *high.events), key=lambda timed: timed.tick)))
    path = midi_file(tmp_path / "a.mid", both, part("Bass", walking(ROOTS), 4))
    guitar, _ = voices(read_parts(path)[1])
    assert [note.pitch for note in guitar.notes] == [pitch for _, _, pitch in line]


def test_alone_counts_the_notes_that_begin_by_themselves() -> None:
    notes = [
        Note(Ticks(at), Ticks(100), 60 + i) for i, at in enumerate((0, 10, 480, 960, 965, 970))
    ]
    assert alone(notes) == pytest.approx(1 / 6)
    assert named(FilePart("", 3, tuple(notes), 1)) == "track 2, channel 4"


def test_a_solo_is_found_among_the_tracks_of_our_band(data_dir: Path, tmp_path: Path) -> None:
    corpus = data_dir / "corpus" / "wjazzd_lean.jsonl.gz"
    solos = [s for s in read_corpus(corpus) if s.split == "valid" and len(s.changes.bars) < 40]
    assert len(solos) > 6
    for solo in solos[:4]:
        request = Request(chart=solo.changes, bpm=solo.bpm, choruses=1, band=frozenset(BandPlayer))
        score = performed(Performance(request))
        lowered = [Timed(Ticks(max(e.tick, 0)), e.event) for e in line_events(solo, Manner.PLAYED)]
        line = Part("", tuple(sorted(lowered, key=lambda timed: timed.tick)))
        band = [
            Part("", tuple(e for e in each.events if not isinstance(e.event, ProgramChange)))
            for each in score.parts
            if each.name != IMPROVISER
        ]
        tracks = [line, *band]
        random.Random(solo.id).shuffle(tracks)
        path = tmp_path / "a.mid"
        write_score(path, Score(score.length, score.tempo, score.meters, (), tuple(tracks)))
        assert found(path).track == tracks.index(line) + 1, solo.id
