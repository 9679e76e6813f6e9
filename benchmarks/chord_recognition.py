"""How often the chord that is heard is the chord that was meant.

    python benchmarks/chord_recognition.py CORPUS

`CORPUS` is `wjazzd_lean.jsonl.gz` of the Weimar Jazz Database. The chords of each solo of a split,
in order, N.C. and immediate repetitions left out, are voiced at random by `chord_voicings` (which
says how) and judged one after the other; what came before is the chord that was recognised, not
the one that was meant. The same voicings go to everyone.

When it is right
    same      the root and the quality family (`family_of`) are those of the symbol
    renamed   the basic chords have the same pitch classes (Am7 and C6, the four Cdim7), or all
              tones with the bass do (Dm7/G and G9sus4)
    as played the chord heard names exactly the pitch classes that were played, so that no one
              could tell without context: E-G-B-D meant as a rootless CM9 and heard as Em7
    `right` is the sum of the three; `strict` leaves the last one out.

How to read it: first `recognise` with the chart saying nothing, the chord here, only the next one
(the hand comes in early: the chart still has the chord before), or another chord at random (the
player has left the chart); then `ChordRecogniser` hearing keys go down and up; then the peers.
`template` takes the chord whose tones overlap most with what is sounded (Jaccard), the lowest note
breaking ties. `music21` is `harmony.chordSymbolFigureFromChord` on a sample; it spells out
whatever is played, so that all it can name is right as played: compare its `strict`.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from chord_voicings import FORMS, Voicing, voicing
from figures import Table, quantile

from live_improv.corpus import read_corpus
from live_improv.listening.chord_recognition import ChordRecogniser, recognise
from live_improv.listening.chord_shapes import family_of
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.events import NoteOff, NoteOn
from live_improv.music.timing import Seconds

RULES = ("same", "renamed", "as played", "wrong")
COLUMNS = ("what", "chords", "right", "strict", *RULES)


@dataclass(frozen=True, slots=True)
class Meant:
    """A chord of a solo as it is played, and the chords around it."""

    chord: Chord
    voicing: Voicing
    before: Chord | None
    stranger: Chord


Hear = Callable[[Meant, Chord | None], Chord | None]
"""What is heard, given the chord that was recognised before."""


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sample", type=int, default=500, help="chords for music21 (500; 0: none)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    solos = list(meant(options.corpus, options.split, options.seed))
    table = Table(f"Chords recognised ({options.split}), %", COLUMNS, digits=1)
    context: dict[str, Hear] = {
        "no chart": lambda each, before: recognise(each.voicing.pitches, previous=before),
        "chart": lambda each, before: recognise(
            each.voicing.pitches, previous=before, expected=each.chord
        ),
        "chart, hand early": lambda each, before: recognise(
            each.voicing.pitches, previous=before, expected=each.before, following=each.chord
        ),
        "chart, another chord": lambda each, before: recognise(
            each.voicing.pitches, previous=before, expected=each.stranger
        ),
    }
    results = {name: judged(solos, hear) for name, hear in context.items()}
    for name, found in results.items():
        add(table, name, found)
    alone = results["no chart"]
    for form in FORMS:
        add(table, f"  {form}", [each for each in alone if each[0].voicing.form == form])
    for family in sorted({str(family_of(each.chord)) for each, _ in alone}):
        some = [each for each in alone if str(family_of(each[0].chord)) == family]
        add(table, f"  {family}", some)
    for name, hand in HANDS.items():
        add(table, f"keys: {name}", [pair for solo in solos for pair in heard(solo, hand)])
    add(table, "peer: template", judged(solos, lambda each, _: template(each.voicing.pitches)))
    if options.sample:
        sample = [each for solo in solos for each in solo]
        Random(options.seed).shuffle(sample)
        with_music21(table, sample[: options.sample])
    wrong = Counter(
        f"{each.chord.quality or 'triad'} -> {relation(each.chord, found)}"
        for each, found in alone
        if rule(each, found) in RULES[2:]
    )
    most = ", ".join(f"{name} ({count})" for name, count in wrong.most_common(16))
    table.notes.append(f"no chart, wrong or right as played only: {most}")
    table.notes.append(cost(solos))
    table.show()
    if options.json is not None:
        table.write(options.json)


def meant(path: Path, split: str, seed: int) -> Iterator[list[Meant]]:
    """The voiced chords of each solo of a split."""
    rng = Random(seed)
    for solo in read_corpus(path):
        if solo.split != split:
            continue
        chords: list[Chord] = []
        for span in solo.changes.chords:
            if span.chord.root is not None and (not chords or chords[-1] != span.chord):
                chords.append(span.chord)
        yield [
            Meant(chord, voicing(chord, rng), before, rng.choice(chords))
            for before, chord in zip([None, *chords], chords, strict=False)
        ]


Pair = tuple[Meant, Chord | None]


def judged(solos: Iterable[Sequence[Meant]], hear: Hear) -> list[Pair]:
    """Every chord with what was heard."""
    found: list[Pair] = []
    for solo in solos:
        before: Chord | None = None
        for each in solo:
            chord = hear(each, before)
            found.append((each, chord))
            before = chord or before
    return found


def rule(each: Meant, heard: Chord | None) -> str:
    """The first of `RULES` that applies."""
    if heard is None:
        return "wrong"
    if heard.root == each.chord.root and family_of(heard) == family_of(each.chord):
        return "same"
    if heard.chord_tones == each.chord.chord_tones or tones(heard) == tones(each.chord):
        return "renamed"
    if tones(heard) == {pitch % 12 for pitch in each.voicing.pitches}:
        return "as played"
    return "wrong"


def tones(chord: Chord) -> frozenset[int]:
    """What the symbol names, with its bass."""
    return chord.pitch_classes if chord.bass is None else chord.pitch_classes | {chord.bass}


def relation(meant: Chord, heard: Chord | None) -> str:
    """A wrong chord, counted from the root of the right one."""
    if heard is None or heard.root is None or meant.root is None:
        return "none"
    return f"{heard.quality or 'triad'} on +{(heard.root - meant.root) % 12}"


def add(table: Table, name: str, found: Sequence[Pair]) -> None:
    """A row of the table."""
    add_counts(table, name, Counter(rule(*pair) for pair in found))


def add_counts(table: Table, name: str, counts: Counter[str]) -> None:
    """A row of the table from how often each rule applied."""
    total = counts.total()
    shares = [100 * counts[each] / max(total, 1) for each in RULES]
    table.add(name, total, sum(shares[:3]), sum(shares[:2]), *shares)


@dataclass(frozen=True, slots=True)
class Hand:
    """How keys go down and up: seconds.

    Attributes:
        roll: between the keys of a chord, lowest first.
        overlap: how long the keys of the chord before stay down, negative for a gap.
        strikes: how often each chord is struck, in other voicings.
        melody: whether three notes of the scale are played above the held chord.
        common: whether keys that both voicings have are held on.
    """

    roll: float = 0.004
    overlap: float = -0.1
    strikes: int = 1
    melody: bool = False
    common: bool = False


HANDS = {
    "detached": Hand(),
    "struck twice": Hand(strikes=2),
    "rolled, 40 ms a key": Hand(roll=0.04),
    "melody above": Hand(melody=True),
    "legato 60 ms": Hand(overlap=0.06),
    "legato, common keys held": Hand(overlap=0.06, common=True),
    "pedalled 400 ms": Hand(overlap=0.4),
}


def heard(solo: Sequence[Meant], hand: Hand) -> Iterator[Pair]:
    """What the recogniser holds shortly before each next stroke, a second later."""
    recogniser = ChordRecogniser()
    rng = Random(len(solo))
    now, held = 0.0, frozenset[int]()
    for each in solo:
        for strike in range(hand.strikes):
            played = voicing(each.chord, rng) if strike else each.voicing
            events = keys(played, each.chord, held, now, hand, rng)
            for at, event in sorted(events, key=lambda pair: pair[0]):
                decide(recogniser, at)
                recogniser.receive(event, Seconds(at))
            decide(recogniser, now + 0.89)
            yield Meant(each.chord, played, each.before, each.stranger), recogniser.chord
            held, now = frozenset(played.pitches), now + 1.0


def keys(
    played: Voicing, chord: Chord, held: frozenset[int], now: float, hand: Hand, rng: Random
) -> Iterator[tuple[float, NoteOn | NoteOff]]:
    """The keys of one stroke at `now`, and those of the chord before that come up."""
    kept = held.intersection(played.pitches) if hand.common else frozenset[int]()
    struck = [pitch for pitch in played.pitches if pitch not in kept]
    for pitch in held - kept:
        again = now + hand.roll * struck.index(pitch) - 0.001 if pitch in struck else now + 9
        yield min(now + hand.overlap, again), NoteOff(pitch)
    for place, pitch in enumerate(struck):
        yield now + hand.roll * place, NoteOn(pitch, 80)
    if hand.melody:
        top = played.pitches[-1]
        scale = [pitch for pitch in range(top + 1, top + 10) if pitch % 12 in chord.scale]
        for place in range(3):
            pitch = rng.choice(scale)
            yield now + 0.3 + 0.2 * place, NoteOn(pitch, 80)
            yield now + 0.49 + 0.2 * place, NoteOff(pitch)


def decide(recogniser: ChordRecogniser, until: float) -> None:
    """Let it decide at the moments it asked for."""
    while (wake := recogniser.wake_at()) is not None and wake <= until:
        recogniser.settle(wake)


TEMPLATES = tuple(
    parse_chord(f"{root}{suffix}")
    for suffix in ("7", "m7", "M7", "", "m", "m7b5", "6", "m6", "dim7", "7sus4", "aug", "mM7")
    for root in ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
)


def template(pitches: Sequence[int]) -> Chord:
    """The chord whose tones overlap most."""
    sounded = {pitch % 12 for pitch in pitches}

    def overlap(chord: Chord) -> tuple[float, bool]:
        share = len(chord.chord_tones & sounded) / len(chord.chord_tones | sounded)
        return share, chord.root == min(pitches) % 12

    return max(TEMPLATES, key=overlap)


MUSIC21_FAMILIES = {
    "major": "major",
    "minor": "minor",
    "dominant": "dominant",
    "half-diminished": "half-diminished",
    "diminished": "diminished",
    "augmented": "augmented",
    "augmented-seventh": "dominant",
    "suspended": "suspended",
    "Neapolitan": "major",
    "flat": "dominant",
}


def with_music21(table: Table, sample: Sequence[Meant]) -> None:
    """A row for music21 on some chords, where it is installed."""
    try:
        from music21 import chord, harmony
    except ImportError:
        return
    counts: Counter[str] = Counter()
    for each in sample:
        figure, kind = harmony.chordSymbolFigureFromChord(chord.Chord(each.voicing.pitches), True)
        if "Cannot" in figure:
            counts["wrong"] += 1
            continue
        letter = re.match("[A-G][#b]?", figure.replace("-", "b", 1))
        root = parse_chord(letter[0]).root if letter else None
        stems = sorted(MUSIC21_FAMILIES, key=len, reverse=True)
        stem = next((stem for stem in stems if kind.startswith(stem)), "")
        family = MUSIC21_FAMILIES.get(stem, "")
        same = root == each.chord.root and family == str(family_of(each.chord))
        counts["same" if same else "as played"] += 1
    add_counts(table, "peer: music21 (sample)", counts)


def cost(solos: Sequence[Sequence[Meant]]) -> str:
    """How long one judgement takes."""
    items = [each for solo in solos for each in solo][:2000]
    micros = []
    for one, other in pairwise(items):
        begun = time.perf_counter()
        recognise(other.voicing.pitches, previous=one.chord, expected=other.chord)
        micros.append(1e6 * (time.perf_counter() - begun))
    settled = []
    recogniser = ChordRecogniser()
    for place, each in enumerate(items):
        for pitch in each.voicing.pitches:
            recogniser.receive(NoteOn(pitch, 80), Seconds(place))
        begun = time.perf_counter()
        recogniser.settle(Seconds(place + 0.1))
        settled.append(1e6 * (time.perf_counter() - begun))
        for pitch in each.voicing.pitches[1:]:
            recogniser.receive(NoteOff(pitch), Seconds(place + 0.5))
    return "; ".join(
        f"{name}: median {quantile(some, 0.5):.0f} us, p99 {quantile(some, 0.99):.0f} us"
        for name, some in (("recognise", micros), ("settle", settled))
    )


if __name__ == "__main__":
    main()
