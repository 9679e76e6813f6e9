"""The notes of one part of a score, measure by measure, read by music21.

music21 is given trees that we have read and checked ourselves (`score_plain`). It opens no file and
no address, and reads and writes no pickle. Chord symbols, repeats and bars are read by `charts`,
with the rules of every other chart; transposition is ours, as music21 10 fails where a <transpose>
has no <diatonic>.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from xml.etree.ElementTree import Element

from live_improv.charts.musicxml_tree import decimal
from live_improv.charts.text import ChartError
from live_improv.importing.imported import NotUnderstood
from live_improv.music.timing import PPQ, Ticks
from live_improv.training.score_parts import Part
from live_improv.training.score_plain import Plain

_VELOCITY_OF_FORTE = 90


@dataclass(frozen=True, slots=True)
class ScoreNote:
    """A note head.

    Attributes:
        at, length: in ticks, from the beginning of its measure.
        pitch: MIDI, as it sounds.
        tied, ties: it goes on what was tied to it, or is tied to what follows.
        attack, release: how far its played beginning and end lie from the written ones; no attack
            where that is not known.
        velocity: None where it is not known.
    """

    at: Ticks
    length: Ticks
    pitch: int
    tied: bool
    ties: bool
    attack: Ticks | None
    release: Ticks
    velocity: int | None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The notes of each measure, and what was left out: how many of what."""

    measures: Sequence[Sequence[ScoreNote]]
    left_out: Counter[str]


def line_of(part: Part) -> ScoreLine:
    """The top line of a part.

    Raises:
        ChartError: a note cannot be read; the message names the measure.
        NotUnderstood: music21 is not installed, or cannot read the part.
    """
    plain = Plain.of(part)
    measures = [each for tree in plain.scores(part) for each in _parsed(tree)]
    if len(measures) != len(part.measures):
        raise NotUnderstood(f"music21 finds {len(measures)} measures of {len(part.measures)}")
    found = [_notes(measure, plain) for measure in measures]
    return ScoreLine(found, plain.left_out)


def _parsed(tree: Element) -> list[Any]:
    """The measures of the one part of a score, as music21 has them."""
    try:
        from music21.musicxml.xmlToM21 import MusicXMLImporter
    except ImportError:
        raise NotUnderstood(
            "scores are read with music21, which is not installed: pip install 'live_improv[train]'"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader: Any = MusicXMLImporter
            part = reader().xmlRootToScore(tree).parts[0]
            return list(part.getElementsByClass("Measure"))
    # It raises whatever comes to it, and a bad file must not end an import of many.
    except Exception as error:
        said = " ".join(str(error).split())[:120]
        raise NotUnderstood(f"music21 cannot read it: {type(error).__name__}: {said}") from error


def _notes(measure: Any, plain: Plain) -> list[ScoreNote]:
    """The notes of the top line of a measure that music21 has read."""
    voices = [list(voice.notes) for voice in measure.voices] or [list(measure.notes)]
    sounding = [voice for voice in voices if voice]
    if len(sounding) > 1:
        plain.left_out["notes of other voices"] += sum(len(voice) for voice in sounding[1:])
    found = []
    for element in sounding[0] if sounding else ():
        heads = list(element.notes) if element.isChord else [element]
        plain.left_out["lower notes of chords"] += len(heads) - 1
        top = max(heads, key=lambda head: head.pitch.ps)
        head = plain.heads[int(element.lyrics[0].text)]
        pitch = round(top.pitch.ps) + head.transposed
        if not 0 <= pitch <= 127 or element.offset < 0:
            plain.left_out["notes out of all range"] += 1
            continue
        tie = top.tie.type if top.tie is not None else ""
        found.append(
            ScoreNote(
                at=_ticks(element.offset),
                length=_ticks(element.quarterLength),
                pitch=pitch,
                tied=tie in ("stop", "continue"),
                ties=tie in ("start", "continue"),
                attack=head.performed("attack"),
                release=head.performed("release") or Ticks(0),
                velocity=_velocity(head.element.get("dynamics", "")),
            )
        )
    return found


def _ticks(quarters: float | Fraction) -> Ticks:
    return Ticks(round(quarters * PPQ))


def _velocity(dynamics: str) -> int | None:
    """The velocity of a note with these `dynamics`, in percent of forte; None without."""
    try:
        return min(max(round(decimal(dynamics, "dynamics") * _VELOCITY_OF_FORTE / 100), 1), 127)
    except ChartError:
        return None
