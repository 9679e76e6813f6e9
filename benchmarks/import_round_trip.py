"""Export a corpus, import it again, and say how much came back.

    python benchmarks/import_round_trip.py CORPUS... [--format mid musicxml] [--split valid train]

Of every solo the files are written into a folder that is then thrown away and read as anybody's.
An item is equal where it stands in both, one for one:

    onsets     the places of the notes, in ticks from the first bar
    pitches    the pitches in order
    notes      onset and pitch together
    chords     the chord (symbol, root, tones, scale) under each beat of the solo
    sections   start and name

`--as played` exports to .mid what was played instead of what is written, so that importing has to
find the rhythm again.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from tempfile import TemporaryDirectory

from live_improv.corpus import Solo, read_corpus
from live_improv.importing.imported import Choices, NotUnderstood, Understood
from live_improv.importing.midi_export import Manner, to_midi
from live_improv.importing.midi_solos import read_midi
from live_improv.music.chords import Chord
from live_improv.music.timing import PPQ, Ticks

Reader = Callable[[Path, Choices], tuple[Understood, ...]]


def _musicxml() -> tuple[Callable[[Solo], bytes], Reader]:
    from live_improv.importing.score_export import to_musicxml
    from live_improv.training.score_solos import read_score

    return to_musicxml, read_score


ITEMS = ("onsets", "pitches", "notes", "chords", "sections")


def _of(solo: Solo) -> dict[str, list[Hashable]]:
    changes = solo.changes
    return {
        "onsets": [note.onset for note in solo.notes],
        "pitches": [note.pitch for note in solo.notes],
        "notes": [(note.onset, note.pitch) for note in solo.notes],
        "chords": [
            (beat, _named(changes.chord_at(Ticks(beat)))) for beat in range(0, changes.length, PPQ)
        ],
        "sections": [(part.start, part.name) for part in changes.sections],
    }


def _named(chord: Chord) -> Chord | None:
    """A chord as it is compared: no chord is none, however it is spelled."""
    return None if chord.root is None else chord


def _equal(name: str, want: Sequence[Hashable], got: Sequence[Hashable]) -> int:
    if name == "pitches":
        if want == got:
            return len(want)
        matcher = SequenceMatcher(None, want, got, autojunk=False)
        return sum(block.size for block in matcher.get_matching_blocks())
    return sum((Counter(want) & Counter(got)).values())


def round_trip(
    solos: Iterable[Solo], write: Callable[[Solo], bytes], read: Reader, suffix: str, folder: Path
) -> tuple[dict[str, tuple[int, int]], list[str]]:
    """For each item how many were equal, of how many; and what went wrong, a line each."""
    found = dict.fromkeys(ITEMS, (0, 0))
    wrong = []
    for number, solo in enumerate(solos):
        path = folder / f"{number}{suffix}"
        want = _of(solo)
        got: dict[str, list[Hashable]] = {name: [] for name in ITEMS}
        try:
            path.write_bytes(write(solo))
            back = read(path, Choices())
            if len(back) != 1:
                wrong.append(f"{solo.id}: {len(back)} solos came back")
            got = _of(back[0].solo)
        except NotUnderstood as error:
            wrong.append(f"{solo.id}: {error}")
        path.unlink(missing_ok=True)
        for name in ITEMS:
            equal = _equal(name, want[name], got[name])
            most = max(len(want[name]), len(got[name]))
            if equal < most and name in ("notes", "chords"):
                wrong.append(f"{solo.id}: {equal} of {most} {name}")
            was, of = found[name]
            found[name] = was + equal, of + most
    return found, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--format", nargs="+", choices=("mid", "musicxml"), default=["mid"])
    parser.add_argument("--split", nargs="+", default=["valid", "train"])
    parser.add_argument("--as", dest="manner", choices=list(Manner), default=Manner.WRITTEN)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    for corpus in options.corpus:
        every = list(read_corpus(corpus))
        for split in options.split:
            solos = [solo for solo in every if solo.split == split][: options.limit]
            for kind in options.format:
                write, read = (
                    (lambda solo: to_midi(solo, Manner(options.manner)), read_midi)
                    if kind == "mid"
                    else _musicxml()
                )
                if not solos:
                    continue
                began = time.perf_counter()
                with TemporaryDirectory() as folder:
                    found, wrong = round_trip(solos, write, read, f".{kind}", Path(folder))
                took = time.perf_counter() - began
                shares = "  ".join(
                    f"{name} {equal / count:.2%}" for name, (equal, count) in found.items() if count
                )
                print(f"{corpus.name} {split} {kind}: {len(solos)} solos in {took:.0f} s: {shares}")
                for line in wrong[:10]:
                    print(f"    {line}")
                if len(wrong) > 10:
                    print(f"    and {len(wrong) - 10} more")


if __name__ == "__main__":
    main()
