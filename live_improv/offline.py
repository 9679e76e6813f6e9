"""Playing into files: the same loop under a virtual clock, and what is made of its take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from live_improv.app import Performance
from live_improv.loop import Script, run
from live_improv.midi import files
from live_improv.midi.reader import Recorded
from live_improv.music.events import Heard, NoteOn, Timed
from live_improv.music.score import IMPROVISER, Score
from live_improv.music.timing import Seconds, TempoMap
from live_improv.performance.band import BandPlayer
from live_improv.performance.clock import VirtualClock
from live_improv.performance.incoming import Incoming
from live_improv.sound.recording import check_sound, write_sound


@dataclass(frozen=True, slots=True)
class Files:
    """Where a performance goes; at least one of the first three.

    Attributes:
        midi, wav, mp3: the files, or None.
        font: a SoundFont file for the sound, or None for our own synthesizer.
    """

    midi: Path | None = None
    wav: Path | None = None
    mp3: Path | None = None
    font: Path | None = None


class Nowhere:
    """A sink for what the take keeps anyway."""

    def send(self, timed: Timed) -> None:
        """Nothing more."""


def play_offline(performance: Performance, out: Files) -> int:
    """Play under the virtual clock into files; the number of notes of the improviser.

    Raises:
        MidiFileError, SoundError: a file cannot be written.
    """
    if out.midi is not None:
        files.check_writable(out.midi)
    check_sound(out.wav, out.mp3, out.font)
    score = performed(performance)
    if out.midi is not None:
        files.write_score(out.midi, score)
    write_sound(score, out.wav, out.mp3, out.font)
    ours = (part for part in score.parts if part.name == IMPROVISER)
    return sum(isinstance(timed.event, NoteOn) for part in ours for timed in part.events)


def performed(performance: Performance) -> Score:
    """A performance that has an end, from beginning to end.

    Where nobody plays the piano, the chords are held on a track of their own.
    """
    piano = BandPlayer.PIANO in performance.request.band
    take = performance.take(Seconds(0.0), chord_track=not piano)
    for timed in performance.opening():
        take.played(timed)
    session = performance.session(Seconds(0.0), take)
    run(session, VirtualClock(), Nowhere(), Script(_of(performance.player, session.tempo)))
    assert session.last is not None, "a file has an end"
    return take.score(session.last)


def _of(player: Recorded | None, tempo: TempoMap) -> list[tuple[Seconds, Incoming]]:
    """What a recorded player does, when it is played with at this tempo."""
    if player is None:
        return []
    moments = ((tempo.seconds_at(timed.tick), timed.event) for timed in player.events)
    return [(at, Heard(at, event)) for at, event in moments]
