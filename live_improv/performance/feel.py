"""Feel: what a player does to the written line. It never changes which notes are played.

Figures are from the Weimar Jazz Database: the swing ratio (the first of two eighths over the
second) falls with the tempo, about 1.62 - 0.0017 bpm, and is far from a triplet's 2; notes
last some 0.86 of the time to the next one (quartiles 0.76 and 0.93); off-beats are not louder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from live_improv.music.changes import Bar
from live_improv.music.events import Note
from live_improv.music.timing import PPQ, Ticks
from live_improv.performance.chance import stream

_HALF = PPQ // 2
_LAST_SWUNG = 4  # a meter in eighths has its swing written out

EVEN_STYLES = frozenset(
    {"afro", "baiao", "bossa", "bossanova", "cuban", "even", "funk", "fusion", "latin"}
    | {"mambo", "nova", "pop", "rock", "samba", "straight", "tango"}
)
"""Words of a style that ask for even eighths."""

# Loudness, in MIDI velocity.
_BASE = 78
_PER_SEMITONE = 0.6  # a line grows louder as it rises
_CENTRE_PITCH = 67
_DOWNBEAT = 4
_PHRASE_START = 5
_PHRASE_END = -7
_SPREAD = 5.0
_SOFTEST, _LOUDEST = 30, 120

# Articulation: the share of the written length that sounds.
_LEGATO = 0.9
_LEGATO_SPREAD = 0.06


@dataclass(frozen=True, slots=True)
class Written:
    """A note of the line and what its feel depends on.

    Attributes:
        note: as written, onset on the grid.
        before: the onset of the note before, or None.
        after: the onset of the note after.
        bar: the bar it is in, from which its beats are counted.
        rested: whether a rest follows it.
        starts_phrase: whether a rest, or nothing, came before it.
    """

    note: Note
    before: Ticks | None
    after: Ticks
    bar: Bar
    rested: bool
    starts_phrase: bool


def swing_ratio(bpm: float, style: str = "") -> float:
    """How much longer the first of two swung eighths is than the second; 1 is even.

    Styles that are played even are known by a word in their name.
    """
    words = set(re.findall(r"[a-z]+", style.lower()))
    if words & EVEN_STYLES:
        return 1.0
    return max(1.62 - 0.0017 * bpm, 1.0)


@dataclass(frozen=True, slots=True)
class Feel:
    """How a line is played.

    Attributes:
        ratio: of swung eighths, see `swing_ratio`.
        seed: of the small irregularities.
        louder: added to every velocity.
    """

    ratio: float
    seed: int
    louder: int = 0

    def played(self, written: Written) -> Note:
        """The note in ticks as played, with its loudness."""
        note = written.note
        onset = Ticks(note.onset + self._delay(written))
        chance = stream(self.seed, "feel", note.onset)
        share = min(max(chance.gauss(_LEGATO, _LEGATO_SPREAD), 0.6), 1.0)
        # The end is a share of the written length, so a delayed note ends where it would have.
        end = note.onset + round(note.length * share)
        length = Ticks(max(end - onset, PPQ // 24))
        return Note(onset, length, note.pitch, self._velocity(written, chance.gauss(0.0, _SPREAD)))

    def _delay(self, written: Written) -> int:
        """How many ticks late a note comes for being the second of two swung eighths."""
        onset, bar = written.note.onset, written.bar
        if bar.meter.denominator > _LAST_SWUNG:
            return 0
        beat = onset - (onset - bar.start) % PPQ
        pair = (
            onset - beat == _HALF
            and (written.before is None or written.before <= beat)
            and written.after >= beat + PPQ
        )
        return round(PPQ * self.ratio / (1 + self.ratio)) - _HALF if pair else 0

    def _velocity(self, written: Written, spread: float) -> int:
        note = written.note
        loud = _BASE + self.louder + _PER_SEMITONE * (note.pitch - _CENTRE_PITCH) + spread
        loud += _DOWNBEAT * (note.onset == written.bar.start)
        loud += _PHRASE_START * written.starts_phrase + _PHRASE_END * written.rested
        return min(max(round(loud), _SOFTEST), _LOUDEST)
