"""Lines of a net's own: what it plays over some changes when nobody interferes.

They stand in for the corpus a net learned from where nobody has it. How many more bits a note they
cost another net is how far that net has moved away: the mean over such lines is the
Kullback-Leibler divergence between the two, in bits a note.

Unlike the improviser's these lines are held to nothing: temperature 1, no constraints, no
instrument.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from live_improv.corpus import Solo
from live_improv.grammar.abstraction import sounding_steps
from live_improv.grammar.context import LONGEST_GAP, Context, Past
from live_improv.grammar.realization import Register
from live_improv.grammar.values import Kind, settled_kind
from live_improv.model import Array, Weights, initial_state
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.prediction import Predictor

_ALL = Register()
_USUAL_BPM = 140.0


def own_line(weights: Weights, changes: Changes, notes: int, seed: int, split: str) -> Solo:
    """A line of so many notes, or fewer where the net sees no way on, from the first beat.

    Args:
        changes: over which it goes, again and again.
        seed: of every draw.
        split: what the solo is said to be for.
    """
    bpm = changes.tempo or _USUAL_BPM
    predictor = Predictor(weights, Context(changes, bpm, straight=False))
    rng = np.random.default_rng(seed)
    state, past, at = initial_state(weights), Past(), Ticks(0)
    line: list[Note] = []
    for _ in range(notes):
        logits, state = predictor.step(state, at, past)
        pitches = predictor.pitch_logits(logits, at, past, _ALL)
        if not np.isfinite(pitches).any():
            break
        pitch = _drawn(pitches, rng)
        kind = settled_kind(pitch, changes.chord_at(at))
        chance = predictor.approach_chance(logits, at, pitch, _ALL)
        if kind is None:
            kind = Kind.APPROACH if chance and rng.random() < chance else Kind.OTHER
        time = predictor.time_logits(logits, at, past, pitch, kind)
        gap = 1 + _drawn(predictor.gap_logits(time, at, past, pitch, kind, _ALL), rng)
        gap = min(gap, LONGEST_GAP)
        sounds = _drawn(predictor.sounding_logits(time, gap), rng) or gap
        note = Note(at, Ticks(sounds * GRID_TICKS), pitch)
        line.append(note)
        past = past.then(pitch, kind, gap, rested=sounding_steps(note, gap) < gap)
        at = Ticks(at + gap * GRID_TICKS)
    return Solo(
        id=f"own {seed} {changes.title}",
        split=split,
        performer="",
        title=changes.title,
        notes=tuple(line),
        changes=changes,
        bpm=bpm,
    )


def _drawn(logits: Array, rng: np.random.Generator) -> int:
    """One entry, each as likely as the net finds it."""
    wide: NDArray[np.float64] = logits.astype(np.float64)
    odds = np.exp(wide - wide.max())
    return int(rng.choice(len(odds), p=odds / odds.sum()))
