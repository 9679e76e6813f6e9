"""Edges: how a performance begins and how it ends, as human solos do.

Figures are from 336 solos in 4/4, the `train` split of the Weimar Jazz Database. "The last bar" of
a solo is the one whose downbeat its last note is nearest to: from a beat before it (18 % just
before the downbeat, 7 % a beat before) to three after it. Of the solos with several choruses half
end in the bar after the last one, a third in the last bar. 66 % of the last notes are chord tones,
and they lie 4.6 semitones below the mean of their solo; of the first ones 55 %, and 1.1.

Nothing here writes a note. An end is odds: what the net thinks of a long silence after a note is
kept, and raised by how much likelier the last note falls there than any note is followed by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from random import Random

import numpy as np
from numpy.typing import NDArray

from live_improv.grammar.realization import Register
from live_improv.model import Array
from live_improv.music.changes import Changes
from live_improv.music.chords import Chord
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, PPQ, Ticks

Pitches = NDArray[np.int64]

# Beats from bar 1, beat 1 to the beat of the first note: in how many solos.
_FIRST_BEATS = {
    **{-8: 11, -7: 6, -6: 3, -5: 4, -4: 17, -3: 32, -2: 42, -1: 42},
    **{0: 60, 1: 28, 2: 20, 3: 14, 4: 10, 5: 9, 6: 5, 7: 4},
}
# Where in the beat, in grid steps.
_FIRST_PLACES = {0: 127, 6: 102, 9: 59, 3: 23, 4: 13, 8: 6}

FIRST_DEGREES = (18.3, 1.8, 11.0, 4.9, 7.3, 8.0, 4.0, 22.0, 2.8, 8.0, 5.2, 6.7)
"""Of 100 first notes, how many are so many semitones above the root of their chord."""

FIRST_IN_CHORD = 1.15
"""How many times likelier chord tones are than by their degree alone: 55 % of first notes are."""

FIRST_BELOW, FIRST_SPREAD = 1.1, 5.7
"""Semitones below the mean, and their standard deviation."""

LAST_ODDS = {
    (-1, True): 0.118,
    (-1, False): 0.135,
    (0, True): 0.431,
    (0, False): 0.222,
    (1, True): 0.352,
    (1, False): 0.295,
    (2, True): 0.609,
    (2, False): 0.737,
}
"""How likely a note is the last one, by its beat from the last downbeat, on the beat or off it."""

LATER_ODDS = 0.97

LAST_DEGREES = (2.26, 0.53, 0.53, 0.45, 1.01, 1.08, 0.50, 1.18, 0.50, 0.91, 0.66, 0.82)
"""How many times as often last notes have this degree of their chord as all notes."""

FALL, FALL_BEATS = 0.17, 6
"""For each semitone that it is higher a pitch's logit falls by this much in the last bar, and by
less and less over so many beats before it. Humans are 1 semitone below the mean of their solo four
beats before the last downbeat, 1.6 two and 3.2 after it."""

SILENCE = 4 * GRID_PER_BEAT
"""Grid steps: what goes on for as long after a note is an end."""

SILENCES = 0.0158
"""How many notes are followed by such a silence."""

BELIEVED = 0.07
"""How much of what the net thinks of a silence here, against usual ones, counts: of notes that may
be the last one it prefers those that sound like it, and it cannot put the end off for ever."""

NOT_YET = 3.0
"""What is taken off the logit of a silence that would swallow the last bar."""

NEVER = 20.0
"""What is taken off a logit that is not meant to win while there is any other."""


def first_onset(chance: Random, earliest: Ticks, latest: Ticks, down: Ticks) -> Ticks:
    """Where the first note falls, as those of humans do within these ticks, on the grid.

    Args:
        down: beat 1 of bar 1, not before `earliest` nor after `latest`.
    """
    onsets, odds = [], []
    for beat, solos in _FIRST_BEATS.items():
        for place, share in _FIRST_PLACES.items():
            onset = Ticks(down + beat * PPQ + place * GRID_TICKS)
            if earliest <= onset <= latest:
                onsets.append(onset)
                odds.append(solos * share)
    return chance.choices(onsets, odds)[0] if onsets else down


def first_odds(register: Register, middle: float, chord: Chord) -> Array:
    """The logits of a first note's pitch, lowest first; the net is never taught it."""
    pitches = np.arange(register.low, register.high + 1)
    centre = min(max(middle - FIRST_BELOW, register.low), register.high)
    odds: Array = -0.5 * ((pitches - centre) / FIRST_SPREAD) ** 2
    if chord.root is not None:
        classes = (pitches - chord.root) % 12
        odds += np.log(np.array(FIRST_DEGREES))[classes]
        odds += np.log(FIRST_IN_CHORD) * np.isin(pitches % 12, list(chord.chord_tones))
    return odds.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Ending:
    """An end that the line is to come to.

    Attributes:
        end: no note begins here or later.
        downbeat: of the last bar.
        middle: the usual mean pitch.
        strength: 0..1, how much of the way is gone from the net's odds to those of humans.
    """

    end: Ticks
    downbeat: Ticks
    middle: float
    strength: float = 1.0

    def pitch_gain(self, pitches: Pitches, onset: Ticks, changes: Changes) -> Array:
        """What is added to the logits of the pitches of a note at `onset`."""
        near = 1.0 - (self.downbeat - onset) / (FALL_BEATS * PPQ)
        gain = -FALL * min(max(near, 0.0), 1.0) * (pitches - self.middle)
        odds = self._odds(onset)
        if odds is not None:
            gain += np.log(1.0 - odds + odds * self._ratio(pitches, onset, changes))
        return (self.strength * gain).astype(np.float32)

    def gap_gain(self, logits: Array, onset: Ticks, pitch: int, changes: Changes) -> Array | None:
        """What is added to the logits of the gaps from 1 grid step on, or None.

        Args:
            logits: of these gaps, shape (gaps,); those beyond the end are silence for good.
        """
        left = -(-(self.end - onset) // GRID_TICKS)
        gaps = len(logits)
        if left > gaps:
            return None
        gain: Array = np.zeros(gaps, np.float32)
        odds = self._odds(onset)
        if odds is None:
            gain[left - 1 :] = -NOT_YET * self.strength
            return gain
        # What goes on beyond the end is an end, so it is as long as one.
        silence = max(min(SILENCE, gaps), left)
        gain[left - 1 : silence - 1] = -NEVER * self.strength
        ratio = float(self._ratio(np.array([pitch]), onset, changes)[0])
        last = odds * ratio / (1.0 - odds + odds * ratio)
        thought = _log_total(logits[silence - 1 :]) - _log_total(logits[: left - 1])
        usual = BELIEVED * _logit(SILENCES) + (1.0 - BELIEVED) * thought
        gain[silence - 1 :] = self.strength * (_logit(last) - usual)
        return gain

    def _odds(self, onset: Ticks) -> float | None:
        """How likely a note at `onset` is the last one; None where it is too early to ask."""
        beats, within = divmod(onset - self.downbeat, PPQ)
        if beats < -1:
            return None
        return LAST_ODDS.get((beats, within == 0), LATER_ODDS)

    def _ratio(self, pitches: Pitches, onset: Ticks, changes: Changes) -> Array:
        """How many times as often last notes are at these pitches as all notes."""
        # Just before the last bar it is the last bar's chord that is meant.
        early = self.downbeat - PPQ // 2 <= onset < self.downbeat
        chord = changes.chord_at(self.downbeat if early else onset)
        if chord.root is None:
            return np.ones(len(pitches), np.float32)
        ratio: Array = np.array(LAST_DEGREES, np.float32)[(pitches - chord.root) % 12]
        return ratio


def _logit(chance: float) -> float:
    return log(chance / (1.0 - chance))


def _log_total(logits: Array) -> float:
    """The logarithm of what the logits stand for together, not below -20 nor above 20."""
    if not len(logits):
        return -20.0
    peak = float(logits.max())
    if not np.isfinite(peak):
        return -20.0
    return min(max(peak + log(float(np.exp(logits - peak).sum())), -20.0), 20.0)
