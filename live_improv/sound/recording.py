"""Sound files of a score: WAV and MP3, whole or not at all.

The WAV is 44.1 kHz, 16 bits, stereo. The MP3 is made by LAME, which comes with the extra `audio`:
libsndfile's own MP3 spoils 16-bit stereo.
"""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from live_improv.disk import DiskError, check_writable, replacing
from live_improv.midi import files
from live_improv.midi.codec import printable
from live_improv.music.score import Score
from live_improv.sound import render
from live_improv.sound.partials import Samples
from live_improv.sound.playback import PART, ended, levelled, sounding
from live_improv.sound.render import RATE, SoundError

BIT_RATE = 192
"""Of an MP3, in thousands of bits a second."""

_QUALITY = 5
"""LAME's, 0 (best) to 9; 2 takes twice as long."""

_FONT_GAIN = 0.5
"""Low enough that fluidsynth never clips; the level is set after."""


def check_sound(wav: Path | None, mp3: Path | None, font: Path | None) -> None:
    """See that the files could be written, before anything is played for them.

    Args:
        wav, mp3: what is to be written, if it is.
        font: a SoundFont that is to be played, or None for our own synthesizer.

    Raises:
        SoundError: a file cannot be written, or what makes it is not installed.
    """
    given = [path for path in (wav, mp3) if path is not None]
    for path in given:
        try:
            check_writable(path)
        except DiskError as error:
            raise SoundError(f"cannot write {printable(str(path))}: {error}") from None
    if len({path.resolve() for path in given}) < len(given):
        raise SoundError(f"{wav} is to be a WAV and an MP3: expected two names")
    if mp3 is not None:
        _lame()
    if font is not None:
        render.find_synth(font)


def write_sound(score: Score, wav: Path | None, mp3: Path | None, font: Path | None) -> None:
    """Write what a score sounds like; each file is replaced only by the complete one.

    Args:
        wav, mp3, font: as for `check_sound`.

    Raises:
        SoundError: as for `check_sound`.
    """
    with ExitStack() as stack:
        takers: list[Callable[[bytes], object]] = []
        if wav is not None:
            takers.append(stack.enter_context(_wav(wav)))
        if mp3 is not None:
            takers.append(stack.enter_context(_mp3(mp3, score.title or "live_improv")))
        if not takers:
            return
        parts = sounding(score, RATE) if font is None else _played_by_font(score, font)
        for part in levelled(parts, RATE):
            data = _sixteen_bits(part)
            for take in takers:
                take(data)


def _played_by_font(score: Score, font: Path) -> Iterator[Samples]:
    """What a score sounds like with the sounds of a SoundFont, in stretches."""
    synth = render.find_synth(font)
    with tempfile.TemporaryDirectory(prefix="live_improv-") as folder:
        midi = Path(folder) / "score.mid"
        files.write_score(midi, score)
        pcm = render.played(synth, midi, _FONT_GAIN)
    end = min(round(score.tempo.seconds_at(score.length) * RATE), len(pcm))
    sound = ended(np.ascontiguousarray(pcm.T, np.float32) / np.float32(32768), end, RATE)
    for begin in range(0, sound.shape[1], PART):
        yield sound[:, begin : begin + PART]


def _sixteen_bits(sound: Samples) -> bytes:
    """Interleaved samples of 16 bits."""
    return bytes(np.rint(sound * np.float32(32767)).T.astype("<i2").tobytes())


@contextmanager
def _placed(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of what is at `path` when it is complete."""
    try:
        with replacing(path) as out:
            yield out
    except DiskError as error:
        raise SoundError(f"cannot write {printable(str(path))}: {error}") from None


@contextmanager
def _wav(path: Path) -> Iterator[Callable[[bytes], object]]:
    """What takes the samples of a WAV file."""
    with _placed(path) as out, wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        yield file.writeframesraw


@contextmanager
def _mp3(path: Path, title: str) -> Iterator[Callable[[bytes], object]]:
    """What takes the samples of an MP3 file."""
    encoder = _lame().Encoder()
    encoder.set_bit_rate(BIT_RATE)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(_QUALITY)
    encoder.silence()
    with _placed(path) as out:
        out.write(_tag(title))
        yield lambda data: out.write(encoder.encode(data))
        out.write(encoder.flush())


def _lame() -> Any:
    """LAME's own encoder.

    Raises:
        SoundError: it is not installed.
    """
    try:
        import lameenc
    except ImportError:
        raise SoundError("--mp3 needs lameenc: pip install -e '.[audio]'") from None
    return lameenc


def _tag(title: str) -> bytes:
    """The title as players read it: ID3 version 2.3, one frame, in UTF-16."""
    text = b"\x01" + title.encode("utf-16")
    frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame
