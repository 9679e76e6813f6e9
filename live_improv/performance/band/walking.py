"""Walking: the run of a bass line over one chord, and the figure that leads it on.

Of all figures that begin where the run does, each with every target in reach, the one is taken that
costs least; a draw is added to each, so that lines differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from live_improv.music.chords import Chord
from live_improv.music.timing import Ticks
from live_improv.performance.band.bass_pitch import (
    HIGHEST,
    LOWEST,
    above,
    bass_class,
    below,
    degrees,
    leading,
    octaves,
    strain,
)
from live_improv.performance.band.bass_tables import FIGURES

_OCTAVE = 12
_INTERVALS = (1.5, 0.0, 0.0, 0.2, 0.25, 0.3, 0.9, 0.5, 1.0, 1.1, 1.8, 2.2, 0.9)
"""What each interval costs, in semitones from 0 to the octave."""

_TURN, _LEAPS, _BACK = 0.15, 0.5, 0.5
_AGAIN = (0.9, 0.6, 0.4)  # a figure of the last runs, the latest first
_DOUBLE, _FOREIGN = 0.15, 0.5  # two semitones that lead on; the first is no passing note
_LIVELY = 0.5  # the deviation of what is drawn
_KEPT = 6  # figures that are led on to a target
_DEGREE_AIMS = ((0, 0.0), (4, 0.1), (2, 0.2))
"""What a run leads to where the chord stays: degrees counted from 0, and what each costs."""


Figures = tuple[tuple[str, ...], ...]

REMEMBERED = len(_AGAIN)
"""So many figures are not to come again soon."""


@dataclass(frozen=True, slots=True)
class Run:
    """So many beats over one chord.

    Attributes:
        end: where the next run begins.
        to: the chord there.
        turns: whether that is another chord.
    """

    beats: int
    end: Ticks
    chord: Chord
    to: Chord
    turns: bool


def walk(
    run: Run, start: int, recent: Figures, chance: Random, came: int | None
) -> tuple[tuple[str, ...], tuple[int, ...], int | None]:
    """A figure, the pitches of the run and what they lead to, None before N.C.

    Args:
        recent: the figures of the runs before, the latest first.
        came: the note before.
    """
    aims = _aims(run, start)
    if run.beats == 1:
        near = sorted((cost + _step(start, pitch), pitch) for pitch, cost in aims)
        return (), (start,), near[0][1] if near else None
    tones = degrees(run.chord)
    table = FIGURES[_degree(start, tones), run.beats]
    begun = []
    for figure in table:
        path = _begun(figure, start, tones)
        if path is not None:
            cost = _cost(path, came) + chance.gauss() * _LIVELY
            cost += sum(price for price, old in zip(_AGAIN, recent, strict=False) if old == figure)
            begun.append((cost, figure, path))
    begun.sort()
    best: tuple[float, tuple[str, ...], tuple[int, ...], int | None] | None = None
    for cost, figure, path in begun[:_KEPT]:
        for aim, more in aims:
            for ending, price in _endings(figure, path, aim, run):
                total = cost + more + price
                if best is None or total < best[0]:
                    best = (total, figure, (*path, *ending), aim)
        if not aims and len(path) == run.beats and best is None:
            best = (cost, figure, path, None)
    if best is None:
        return (), (start,) * run.beats, None
    return best[1:]


def _aims(run: Run, start: int) -> list[tuple[int, float]]:
    """What a run may lead to, and what each costs."""
    under = bass_class(run.to)
    if under is None:
        return []
    classes: tuple[tuple[int, float], ...] = ((under, 0.0),)
    if not run.turns and run.to.bass is None:
        classes = tuple((degrees(run.to)[degree], cost) for degree, cost in _DEGREE_AIMS)
    return [
        (pitch, cost + strain(pitch) + (pitch == start) * 0.3)
        for pitch_class, cost in classes
        for pitch in octaves(pitch_class)
        if abs(pitch - start) <= _OCTAVE
    ]


def _degree(start: int, tones: tuple[int, ...]) -> int:
    """The degree that a run begins on, as the table has it."""
    return {tones[2]: 3, tones[4]: 5}.get(start % 12, 1)


def _begun(figure: tuple[str, ...], start: int, tones: tuple[int, ...]) -> tuple[int, ...] | None:
    """The pitches of a figure up to where it leads on; None where it leaves the range."""
    path = [start]
    for token in figure:
        if token in "ad":
            break
        if token == "=":
            path.append(start)
            continue
        wanted = tones[(int(token[1]) - 1) % 7]
        pitch = above(wanted, path[-1]) if token[0] == "+" else below(wanted, path[-1])
        if not LOWEST <= pitch <= HIGHEST:
            return None
        path.append(pitch)
    return tuple(path)


def _endings(
    figure: tuple[str, ...], path: tuple[int, ...], aim: int, run: Run
) -> list[tuple[tuple[int, ...], float]]:
    """How a figure may come to its target, and what each way costs."""
    missing = run.beats - len(path)
    if missing == 0:
        price = _step(path[-1], aim)
        led = any(pitch == path[-1] for pitch, _ in leading(aim, run.chord, run.to))
        return [((), price + (0.0 if led else 0.7))]
    found = []
    for pitch, cost in leading(aim, run.chord, run.to):
        if missing == 1:
            ways: tuple[int, ...] = (pitch,)
        else:
            step = pitch - aim
            if abs(step) != 1 or not LOWEST <= pitch + step <= HIGHEST:
                continue
            ways = (pitch + step, pitch)
        price = cost + _step(path[-1], ways[0]) + _turned(path, ways[0])
        if missing == 2:
            price += _DOUBLE + _FOREIGN * (ways[0] % 12 not in run.chord.scale)
        found.append((ways, price))
    return found


def _step(a: int, b: int) -> float:
    apart = abs(a - b)
    return _INTERVALS[apart] if apart <= _OCTAVE else 50.0


def _turned(path: tuple[int, ...], pitch: int) -> float:
    """What it costs to go on to a pitch, for the way that the line has taken."""
    if len(path) < 2:
        return 0.0
    came, goes = path[-1] - path[-2], pitch - path[-1]
    cost = _TURN * (came * goes < 0) + _BACK * (pitch == path[-2])
    return cost + _LEAPS * (came * goes > 0 and abs(came) > 4 and abs(goes) > 4)


def _cost(path: tuple[int, ...], came: int | None) -> float:
    whole = path if came is None else (came, *path)
    cost = sum(strain(pitch) for pitch in path)
    for index in range(1, len(whole)):
        cost += _step(whole[index - 1], whole[index])
        if index > 1:
            cost += _turned(whole[:index], whole[index])
    return cost
