"""Reading where a file says that choruses and sections begin."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from live_improv.midi.forms import read_form_marks
from live_improv.midi.reader import BadMidiFile
from live_improv.music.form_marks import FormMark
from live_improv.music.timing import Ticks


def written(path: Path, *texts: tuple[str, str, int], division: int = 480) -> Path:
    """A file with texts: their kind, what they say and the ticks since the one before."""
    track = mido.MidiTrack(mido.MetaMessage(kind, text=text, time=d) for kind, text, d in texts)
    mido.MidiFile(ticks_per_beat=division, tracks=[track]).save(path)
    return path


@pytest.mark.parametrize("kind", ["cue_marker", "marker"])
def test_marks_are_read(tmp_path: Path, kind: str) -> None:
    path = written(
        tmp_path / "a.mid",
        (kind, "Chorus 1: A", 0),
        (kind, "solo!", 0),
        (kind, "Chorus 1: B, bar 9", 96 * 32),
        division=96,
    )
    assert read_form_marks(path) == (
        FormMark(Ticks(0), 1, "A"),
        FormMark(Ticks(480 * 32), 1, "B", 9),
    )


def test_words_of_a_song_are_no_marks(tmp_path: Path) -> None:
    assert read_form_marks(written(tmp_path / "a.mid", ("lyrics", "Chorus 1", 0))) == ()


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd or not")
    with pytest.raises(BadMidiFile, match=r"cannot read .*a\.mid"):
        read_form_marks(tmp_path / "a.mid")
