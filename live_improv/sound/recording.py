"""Sound files of a score: WAV and MP3, whole or not at all.

The WAV is 44.1 kHz, 16 bits, stereo. The MP3 is made by LAME, which comes with the extra `audio`:
libsndfile's own MP3 spoils 16-bit stereo.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from live_improv.midi import files
from live_improv.music.score import Score
from live_improv.sound import render
from live_improv.sound.partials import Samples
from live_improv.sound.playback import ended, levelled, rendered
from live_improv.sound.render import RATE, SoundError

BIT_RATE = 192
"""Of an MP3, in thousands of bits a second."""

_FONT_GAIN = 0.5
"""Low enough that fluidsynth never clips; the level is set after."""

_QUALITY = 2
_AT_ONCE = 1 << 14


def check_sound(wav: Path | None, mp3: Path | None, font: Path | None) -> None:
    """See that the files could be written, before anything is played for them.

    Args:
        wav, mp3: what is to be written, if it is.
        font: a SoundFont that is to be played, or None for our own synthesizer.

    Raises:
        SoundError: a file cannot be written, or what makes it is not installed.
    """
    for path in (wav, mp3):
        if path is None:
            continue
        try:
            files.check_writable(path)
        except files.MidiFileError as error:
            raise SoundError(str(error)) from None
    if wav is not None and mp3 is not None and wav.resolve() == mp3.resolve():
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
    if wav is None and mp3 is None:
        return
    sound = rendered(score, RATE) if font is None else _played_by_font(score, font)
    if wav is not None:
        _replace(wav, lambda file: _write_wav(file, sound))
    if mp3 is not None:
        _replace(mp3, lambda file: _write_mp3(file, sound, score.title or "live_improv"))


def _played_by_font(score: Score, font: Path) -> Samples:
    """What a score sounds like with the sounds of a SoundFont."""
    synth = render.find_synth(font)
    with tempfile.TemporaryDirectory(prefix="live_improv-") as folder:
        midi = Path(folder) / "score.mid"
        files.write_score(midi, score)
        pcm = render.played(synth, midi, _FONT_GAIN)
    sound = np.ascontiguousarray(pcm.T, np.float32) / np.float32(32768)
    end = min(round(score.tempo.seconds_at(score.length) * RATE), len(pcm))
    return ended(levelled(sound, RATE), end, RATE)


def _sixteen_bits(sound: Samples) -> Iterator[bytes]:
    """Stretches of interleaved samples of 16 bits."""
    for begin in range(0, sound.shape[1], _AT_ONCE):
        part = np.rint(sound[:, begin : begin + _AT_ONCE] * np.float32(32767))
        yield part.T.astype("<i2").tobytes()


def _write_wav(out: IO[bytes], sound: Samples) -> None:
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.setnframes(sound.shape[1])
        for part in _sixteen_bits(sound):
            file.writeframesraw(part)


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


def _write_mp3(out: IO[bytes], sound: Samples, title: str) -> None:
    encoder = _lame().Encoder()
    encoder.set_bit_rate(BIT_RATE)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(_QUALITY)
    encoder.silence()
    out.write(_tag(title))
    for part in _sixteen_bits(sound):
        out.write(encoder.encode(part))
    out.write(encoder.flush())


def _tag(title: str) -> bytes:
    """The title as players read it: ID3 version 2.3, one frame, in UTF-16."""
    text = b"\x01" + title.encode("utf-16")
    frame = b"TIT2" + len(text).to_bytes(4, "big") + b"\0\0" + text
    size = len(frame)
    # Seven bits a byte.
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + sizes + frame


def _replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Put a complete file in the place of whatever regular file is at `path`.

    A link is written through.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".live_improv-{secrets.token_hex(6)}.part")
    try:
        try:
            with part.open("xb") as file:
                write(file)
            os.replace(part, target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SoundError(f"cannot write {path}: {error.strerror or error}") from None
