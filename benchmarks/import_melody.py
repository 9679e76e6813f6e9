"""How often the melody is found in files of several tracks, and the chords in the accompaniment.

    python benchmarks/import_melody.py [--corpus FILE] [--midi FOLDER] [--solos N] [--split valid]

Two measurements.

1. Files of others (`--midi`): which track has the melody was judged by looking at the tracks, their
   names, their sounds and their notes, and written down below (`JUDGED`).
2. Solos of a corpus over our own band: bass, piano and drums are played by the program to the
   chords of the solo, the solo stands where it was played, and the tracks are shuffled. Three ways:
   with what General MIDI sounds say, without them, and (to see what names are worth) with names.
   The chords that are recognised from the band are compared with those that it played, under each
   note: the root, and root and family.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from live_improv.app import Performance
from live_improv.corpus import Solo, read_corpus
from live_improv.importing.imported import Choices, NotUnderstood
from live_improv.importing.midi_export import Manner, line_events
from live_improv.importing.midi_melody import melody_of, named, voices
from live_improv.importing.midi_solos import read_midi
from live_improv.listening.chord_shapes import family_of
from live_improv.midi.files import write_score
from live_improv.midi.parts import read_parts
from live_improv.music.changes import Changes
from live_improv.music.events import ControlChange, ProgramChange, Timed
from live_improv.music.score import IMPROVISER, Part, Score
from live_improv.music.timing import Ticks
from live_improv.offline import performed
from live_improv.performance.band import BandPlayer
from live_improv.request import Request

JUDGED: dict[str, tuple[int, ...]] = {
    # file: the tracks, from 1, that have the melody; several where they double it or take turns
    "impro-visor__BerniesTuneWardellGray.mid": (4,),  # tenor, one line; 2 comps, 3 walks, 5-8 drums
    "impro-visor__afternooninparis.mid": (8, 9, 10, 11, 12, 13),  # theme 8-10, solo 11-13
    "impro-visor__anos_dourados.mid": (9,),  # trombone; 7 comps, 8 is the bass
    "impro-visor__bagsgroove.mid": (8, 9, 10),  # theme 8 and 9, solo 10
    "jazz_transformer__demo.midi": (2,),  # called melody
    "jazzml__Oscar-Peterson-2.mid": (2,),  # the piano; the others are bass and drums
    "mingus__CharlieParker_DonnaLee_Solo.mid": (2,),  # called Tenor Sax; 3 holds chords
    "mingus__DexterGordon_Cheesecake_Solo.mid": (2,),  # as above
    "miditok__d8faddb8596fff7abb24d78666f73e4e.mid": (2, 8, 9, 18),  # one tune, doubled
    "symusic__RunTimeError_unexpected_EOF.mid": (4,),  # called Melody, a flute
    "symusic__ValueError_Control168.mid": (2,),  # called melody
}
"""Files of more than one pitched track that have a melody. `impro-visor__airflow.MID` has none: it
demonstrates a style, and its tracks Melody and Soloist are empty. `pretty-midi__example.mid` is of
format 0: its melody, the voice, is channel 4."""

JUDGED_CHANNELS = {"pretty-midi__example.mid": (4,)}

WAYS = ("named", "sounds", "bare")


@dataclass(frozen=True, slots=True)
class Scene:
    """A file that was made: where its melody is, from 1, and the chords that hold in it."""

    path: Path
    melody: int
    changes: Changes


def accompanied(solo: Solo, seed: int = 0) -> Score:
    """Our band over the changes of a solo."""
    request = Request(
        chart=solo.changes, bpm=solo.bpm, choruses=1, band=frozenset(BandPlayer), seed=seed
    )
    return performed(Performance(request))


def made(solo: Solo, score: Score, folder: Path, way: str) -> Scene:
    """A solo with our band in a file of shuffled tracks."""
    rng = random.Random(f"{solo.id}/{way}")
    band = [part for part in score.parts if part.name not in (IMPROVISER, "Click")]
    line = [Timed(Ticks(max(e.tick, 0)), e.event) for e in line_events(solo, Manner.PLAYED)]
    # Every line gets the sound of a piano, so that in `sounds` only the others speak.
    parts = [Part("Tenor" if way == "named" else "", tuple(sorted(line, key=lambda e: e.tick)))]
    parts += [replace(part, name=part.name if way == "named" else "") for part in band]
    if way == "bare":
        parts = [
            replace(
                part,
                events=tuple(
                    e for e in part.events if not isinstance(e.event, ProgramChange | ControlChange)
                ),
            )
            for part in parts
        ]
    order = list(range(len(parts)))
    rng.shuffle(order)
    path = folder / f"{way}.mid"
    shuffled = tuple(parts[i] for i in order)
    write_score(path, Score(score.length, score.tempo, score.meters, (), shuffled))
    return Scene(path, order.index(0) + 2, solo.changes)


def judged(folder: Path) -> tuple[int, int]:
    """How many of the judged files have their melody found, and how many there are."""
    right = count = 0
    for tracks, word in ((JUDGED, "track"), (JUDGED_CHANNELS, "channel")):
        for name, allowed in tracks.items():
            if not (folder / name).exists():
                continue
            count += 1
            melody = melody_of(voices(read_parts(folder / name)[1]))
            fits = (melody.track if word == "track" else melody.channel) + 1 in allowed
            right += fits
            print(f"    {'found' if fits else 'MISSED':6} {name}: {named(melody)}")
    return right, count


def chords_right(scene: Scene, choices: Choices) -> Counter[str]:
    """Under how many notes the root, and the root and family, are right."""
    counts: Counter[str] = Counter()
    try:
        (understood,) = read_midi(scene.path, choices)
    except (NotUnderstood, ValueError):  # refused, or more than one
        return counts
    solo = understood.solo
    if len(scene.changes.bars) == len(solo.changes.bars):  # no empty ones were left out
        counts["notes"] += len(solo.notes)
        for note in solo.notes:
            want, got = scene.changes.chord_at(note.onset), solo.changes.chord_at(note.onset)
            counts["root"] += want.root == got.root
            counts["family"] += want.root == got.root and family_of(want) == family_of(got)
    return counts


def measure(solos: Sequence[Solo], ways: Sequence[str] = WAYS) -> None:
    chords: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for solo in solos:
        score = accompanied(solo)
        for way in ways:
            with TemporaryDirectory() as folder:
                scene = made(solo, score, Path(folder), way)
                melody = melody_of(voices(read_parts(scene.path)[1]))
                right[way] += melody.track + 1 == scene.melody
                if melody.track + 1 != scene.melody:
                    print(f"    {way} {solo.id}: track {scene.melody}, found {named(melody)}")
                if way == ways[-1]:
                    chords += chords_right(scene, Choices(melody=str(scene.melody)))
    for way in ways:
        share = right[way] / len(solos)
        print(f"{way}: the melody is found in {right[way]} of {len(solos)}: {share:.1%}")
    if chords["notes"]:
        print(
            f"chords of the band, of {chords['notes']} notes: "
            f"root {chords['root'] / chords['notes']:.1%}, "
            f"root and family {chords['family'] / chords['notes']:.1%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--midi", type=Path)
    parser.add_argument("--solos", type=int, default=45)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    options = parser.parse_args()
    if options.midi is not None:
        right, count = judged(options.midi)
        print(f"files of others: the melody is found in {right} of {count}: {right / count:.1%}")
    if options.corpus is not None:
        solos = [s for s in read_corpus(options.corpus) if s.split == options.split]
        measure(solos[: options.solos], options.ways)


if __name__ == "__main__":
    main()
