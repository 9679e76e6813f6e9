"""Sound files: whole or not at all, and read by others as what they are."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from live_improv.music.changes import Bar
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.score import Part, Score
from live_improv.music.timing import PPQ, Meter, TempoMap, Ticks
from live_improv.sound import recording
from live_improv.sound.recording import check_sound, write_sound
from live_improv.sound.render import RATE, SoundError, find_synth
from tests.sound.hearing import off_pitch, power

NOTES = ((60, 0), (64, 1), (67, 2), (72, 3))


@pytest.fixture
def tune() -> Score:
    events = [
        event
        for pitch, beat in NOTES
        for event in (
            Timed(Ticks(beat * PPQ), NoteOn(pitch, 90, 2)),
            Timed(Ticks((beat + 1) * PPQ), NoteOff(pitch, 2)),
        )
    ]
    meters = (Bar(Ticks(0), Meter(4, 4)),)
    parts = (Part("Piano", tuple(events)),)
    return Score(Ticks(4 * PPQ), TempoMap.constant(120.0), meters, (), parts, title="Für Élise ♯9")


def read(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        data = file.readframes(file.getnframes())
    return np.frombuffer(data, "<i2").reshape(-1, 2) / 32768


def in_tune(sound: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    """The four notes are where they should be."""
    for pitch, beat in NOTES:
        part = sound[round((0.5 * beat + 0.1) * RATE) : round((0.5 * beat + 0.45) * RATE)]
        assert abs(off_pitch(part, 440 * 2 ** ((pitch - 69) / 12))) < 15


def test_a_wav(tune: Score, tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    check_sound(out, None, None)
    assert not out.exists()
    write_sound(tune, out, None, None)
    sound = read(out)
    assert 2.0 * RATE < len(sound) < 4.0 * RATE
    assert -25 < power(sound[: 2 * RATE]) < -10
    in_tune(sound)
    assert list(tmp_path.iterdir()) == [out]


def test_an_mp3_is_the_same_music(tune: Score, tmp_path: Path) -> None:
    pytest.importorskip("lameenc")
    miniaudio = pytest.importorskip("miniaudio")
    wav, mp3 = tmp_path / "a.wav", tmp_path / "a.mp3"
    check_sound(wav, mp3, None)
    write_sound(tune, wav, mp3, None)
    data = mp3.read_bytes()
    assert data.startswith(b"ID3\x03\x00")
    assert "Für Élise ♯9".encode("utf-16") in data
    decoded = miniaudio.decode(data, nchannels=2, sample_rate=RATE)
    sound = np.array(decoded.samples, float).reshape(-1, 2) / 32768
    original = read(wav)
    # An encoder begins with some frames of its own.
    late = int(np.argmax(np.correlate(sound[:8000, 0], original[:4000, 0], "valid")))
    assert late < 3000
    count = min(len(original), len(sound) - late)
    error = sound[late : late + count] - original[:count]
    assert count > 0.95 * len(original)
    assert power(error) < power(original) - 20
    in_tune(sound[late:])


def test_what_stood_there_is_replaced_by_the_whole_file(tune: Score, tmp_path: Path) -> None:
    real, link = tmp_path / "real.wav", tmp_path / "link.wav"
    real.write_bytes(b"before")
    link.symlink_to(real)
    write_sound(tune, link, None, None)
    assert link.is_symlink()
    in_tune(read(real))


def test_what_fails_leaves_what_stood_there(
    tune: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.wav"
    out.write_bytes(b"before")

    def fails(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(recording, "_sixteen_bits", fails)
    with pytest.raises(MemoryError):
        write_sound(tune, out, None, None)
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording, "_sixteen_bits", full)
    with pytest.raises(SoundError, match="No space left on device") as error:
        write_sound(tune, out, None, None)
    assert "\n" not in str(error.value)
    assert out.read_bytes() == b"before"


def test_nothing_to_write(tune: Score) -> None:
    check_sound(None, None, None)
    write_sound(tune, None, None, None)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    for wrong in (tmp_path / "none" / "a.wav", tmp_path, Path("/dev/null")):
        with pytest.raises(SoundError, match="cannot write"):
            check_sound(wrong, None, None)
    with pytest.raises(SoundError, match="two names"):
        check_sound(tmp_path / "a", tmp_path / "a", None)


def test_lame_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lameenc", None)
    check_sound(tmp_path / "a.wav", None, None)
    with pytest.raises(SoundError, match=r"--mp3 needs lameenc: pip install -e '\.\[audio\]'"):
        check_sound(None, tmp_path / "a.mp3", None)


def test_a_sound_font_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"sound font|fluidsynth"):
        check_sound(tmp_path / "a.wav", None, tmp_path / "none.sf2")


def test_a_sound_font(tune: Score, tmp_path: Path) -> None:
    try:
        font = find_synth().font
    except SoundError as error:
        pytest.skip(str(error))
    out = tmp_path / "a.wav"
    check_sound(out, None, font)
    write_sound(tune, out, None, font)
    sound = read(out)
    in_tune(sound)
    assert -25 < power(sound[: 2 * RATE]) < -10
    assert 2.0 * RATE < len(sound) < 5.0 * RATE
