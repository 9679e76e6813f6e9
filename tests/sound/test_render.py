"""Rendering: as long as was asked for, and one line where it cannot be done."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from live_improv.midi.files import write_score
from live_improv.music.changes import Bar
from live_improv.music.events import NoteOff, NoteOn, Timed
from live_improv.music.score import Part, Score
from live_improv.music.timing import PPQ, Meter, Seconds, TempoMap, Ticks
from live_improv.sound.render import RATE, SoundError, Synth, find_synth, render


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A bar at 120: a note on the third beat, from 1.0 to 1.5 seconds."""
    events = (Timed(Ticks(2 * PPQ), NoteOn(69, 100)), Timed(Ticks(3 * PPQ), NoteOff(69)))
    path = tmp_path / "tone.mid"
    meters = (Bar(Ticks(0), Meter(4, 4)),)
    score = Score(Ticks(4 * PPQ), TempoMap.constant(120.0), meters, (), (Part("Solo", events),))
    write_score(path, score)
    return path


def program(folder: Path, text: str) -> Path:
    """A program in the place of the synthesizer."""
    path = folder / "fluidsynth"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("length", [1.2, 3.0, 20.0])
def test_a_tone_sounds_when_it_should_and_the_file_is_as_long_as_asked(
    tone: Path, tmp_path: Path, length: float
) -> None:
    try:
        synth = find_synth()
    except SoundError as error:
        pytest.skip(str(error))
    out = tmp_path / "tone.wav"
    render(synth, tone, out, Seconds(length))
    with wave.open(str(out)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        assert file.getnframes() == round(length * RATE)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert np.abs(sound[: int(0.98 * RATE)]).max() < 10
    heard = sound[int(1.02 * RATE) : int(min(1.5, length) * RATE)]
    assert np.abs(heard).max() > 1000
    # an A of 440 Hz, which on a piano has its fundamental or an overtone on top
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 17))
    pitch = float(np.argmax(spectrum)) * RATE / (1 << 17)
    assert min(abs(pitch - 440 * overtone) for overtone in (1, 2, 3)) < 6


def test_a_synthesizer_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="fluidsynth is not installed"):
        find_synth(path=str(tmp_path))


def test_sounds_that_are_not_there(tmp_path: Path) -> None:
    program(tmp_path, "true")
    with pytest.raises(SoundError, match="no sound font"):
        find_synth(tmp_path / "none.sf2", path=str(tmp_path))
    with pytest.raises(SoundError, match="has no sound font here"):
        find_synth(fonts=(tmp_path / "none.sf2",), path=str(tmp_path))
    font = tmp_path / "some.sf2"
    font.touch()
    found = Synth(tmp_path / "fluidsynth", font)
    assert find_synth(font, path=str(tmp_path)) == found
    assert find_synth(fonts=(tmp_path / "none.sf2", font), path=str(tmp_path)) == found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("echo loading >&2; echo out of memory >&2; exit 1", "out of memory"),
        ("exit 0", "no reason given"),
        ('for last; do :; done; while [ "$1" != -F ]; do shift; done; echo x > "$2"', "no sound"),
    ],
)
def test_a_synthesizer_that_fails(tone: Path, tmp_path: Path, text: str, told: str) -> None:
    out = tmp_path / "tone.wav"
    with pytest.raises(SoundError, match=told) as error:
        render(Synth(program(tmp_path, text), tmp_path / "x.sf2"), tone, out, Seconds(1.0))
    assert "\n" not in str(error.value)
    assert not out.exists()


def test_a_synthesizer_that_cannot_be_run(tone: Path, tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="fluidsynth"):
        render(Synth(tmp_path / "none", tmp_path / "x"), tone, tmp_path / "x.wav", Seconds(1.0))
