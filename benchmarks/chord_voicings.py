"""Chord symbols as a left hand would play them, drawn at random: the material of
`chord_recognition.py`.

The tones
    The basic chord (`chord.chord_tones`) and the tensions that its symbol names, each with
    probability `NAMED`; with probability `UNNAMED` one more out of its other colour tones. (The
    eleventh that the tables put in every m6 is not written there by anyone: it counts as unnamed.)

The forms, all between `LOWEST` and `HIGHEST`, of 3 to 6 notes
    root          root lowest, close position
    inversion     another tone of the basic chord lowest, close position, the root within
    drop 2        four tones in close position in any inversion, the second from the top an octave
                  down; a triad doubles its lowest tone
    shell         root, third and seventh (or sixth; of a triad its fifth) above in any order,
                  a perfect fifth left out, and up to two tensions on top
    rootless      Evans's forms: 3-5-7-9 and 7-9-3-5, of a dominant as often 3-13-7-9 and 7-9-3-13;
                  in a quarter of cases only three notes, 3-7-9 or 7-3-9 (of a dominant as often
                  3-7-13 or 7-3-13). A sixth stands for the seventh where the chord has one, the
                  fourth for the third, the named alterations for 5, 9 and 13. Triads,
                  half-diminished and diminished chords have no such form: they are inverted.
    A bass that the symbol names lies below all of it, except in the rootless forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from live_improv.listening.chord_shapes import QualityFamily, family_of
from live_improv.music.chords import Chord

LOWEST, HIGHEST = 36, 66
NAMED, UNNAMED = 0.7, 0.25
FORMS = {"root": 20, "inversion": 25, "drop 2": 15, "shell": 20, "rootless": 20}
"""The forms and how many of a hundred chords are drawn in each."""

_ROOTLESS_LOWEST = 43
_UNWRITTEN = {"m6": {5}, "6b5": {6}}
_TRIADS = ("", "m", "o", "M#5", "sus4")


@dataclass(frozen=True, slots=True)
class Voicing:
    """Some keys, ascending, in a form of `FORMS`."""

    form: str
    pitches: tuple[int, ...]


def voicing(chord: Chord, rng: Random) -> Voicing:
    """One voicing of a chord that is not N.C."""
    form = rng.choices(list(FORMS), list(FORMS.values()))[0]
    family = family_of(chord)
    bare = family in (QualityFamily.HALF_DIMINISHED, QualityFamily.DIMINISHED)
    if form == "rootless" and (bare or chord.quality in _TRIADS):
        form = "inversion"
    for _ in range(1000):
        pitches = _in_register(_stack(form, chord, rng), form, rng)
        if pitches and 3 <= len(pitches) <= 6 and len({pitch % 12 for pitch in pitches}) >= 3:
            return Voicing(form, pitches)
    raise ValueError(f"{chord.symbol}: no voicing in the form {form}")


def _stack(form: str, chord: Chord, rng: Random) -> list[int]:
    """Semitones above some C, ascending, in the given form."""
    root = chord.root or 0
    basic = sorted((tone - root) % 12 for tone in chord.chord_tones)
    tensions = _tensions(chord, rng)
    bass = None if chord.bass is None else (chord.bass - root) % 12
    if form == "rootless":
        steps = _rootless(chord, basic, rng)
    elif form == "shell":
        without_fifth = [tone for tone in basic if tone not in (0, 7)]
        kept = without_fifth if len(without_fifth) > 1 else basic[1:]
        rng.shuffle(kept)
        steps = _upwards([0, *kept, *tensions[:2]])
    elif form == "drop 2":
        turn = rng.randrange(len(basic))
        turned = [*basic[turn:], *basic[:turn]]
        close = _upwards([*turned, turned[0]][:4])
        steps = sorted([*close[:2], close[2] - 12, close[3]])
    else:
        turn = 0 if form == "root" else rng.randrange(1, len(basic))
        steps = _upwards([*basic[turn:], *basic[:turn], *tensions])
    if bass is not None and form != "rootless":
        steps = [step for step in steps if step % 12 != bass]
        low = steps[0] - (steps[0] - bass) % 12
        steps = [low, *steps]
    return [root + step for step in steps]


def _tensions(chord: Chord, rng: Random) -> list[int]:
    """The tensions to be played, semitones above the root, ascending."""
    root = chord.root or 0
    unwritten = _UNWRITTEN.get(chord.quality, set())
    named = {(tone - root) % 12 for tone in chord.pitch_classes - chord.chord_tones} - unwritten
    played = [tone for tone in sorted(named) if rng.random() < NAMED]
    others = sorted({(tone - root) % 12 for tone in chord.colour_tones} - named)
    if others and rng.random() < UNNAMED:
        played.append(rng.choice(others))
    return sorted(played)


def _rootless(chord: Chord, basic: list[int], rng: Random) -> list[int]:
    root = chord.root or 0
    named = {(tone - root) % 12 for tone in chord.pitch_classes}

    def pick(*candidates: int) -> int:
        return next((tone for tone in candidates if tone in named), candidates[-1])

    third = pick(4, 3, 5)
    fifth = pick(8, 6, 7) if 7 not in named else 7
    seventh = pick(11, 10, 9)
    ninths = sorted(named & {1, 3} - {third}) or [2]
    ninth = rng.choice(ninths)
    thirteenth = pick(8, 9)
    dominant = family_of(chord) == QualityFamily.DOMINANT
    middle = thirteenth if dominant and rng.random() < 0.5 else fifth
    if rng.random() < 0.25:
        top = thirteenth if dominant and rng.random() < 0.5 else ninth
        return _upwards(rng.choice(([third, seventh, top], [seventh, third, top])))
    return _upwards(rng.choice(([third, middle, seventh, ninth], [seventh, ninth, third, middle])))


def _upwards(tones: list[int]) -> list[int]:
    """Each tone in the first octave above the one before it."""
    steps = [tones[0]]
    for tone in tones[1:]:
        steps.append(steps[-1] + ((tone - steps[-1]) % 12 or 12))
    return steps


def _in_register(steps: list[int], form: str, rng: Random) -> tuple[int, ...]:
    """The steps in a random octave that fits; nothing where none does."""
    lowest = _ROOTLESS_LOWEST if form == "rootless" else LOWEST
    octaves = [
        octave
        for octave in range(-24, 96, 12)
        if steps[0] + octave >= lowest and steps[-1] + octave <= HIGHEST
    ]
    if not octaves:
        return ()
    octave = rng.choice(octaves)
    return tuple(step + octave for step in steps)
