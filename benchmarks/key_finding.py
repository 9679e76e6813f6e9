"""How often the key that is heard is the key that the solo is in.

    python benchmarks/key_finding.py CORPUS

`CORPUS` is `wjazzd_solos.jsonl.gz` of the Weimar Jazz Database: solos with a known key. Each solo
is heard note by note by `KeyFinder`, as it is while playing, and asked for the key after so many
bars. Beside it, on the same notes: three published profiles, compared by correlation over all that
was heard so far, with nothing forgotten.

How to read it: `right` is tonic and mode; `relative too` counts the relative major or minor as
right as well, which has nearly the same scale. `none` solos had no key yet and count as wrong.
Tune on `train`, report `valid`.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from figures import Table

from live_improv.listening.key_finding import HALF_LIFE, Key, KeyFinder, Mode
from live_improv.music.chords import parse_chord
from live_improv.music.timing import Seconds

PEERS = {
    "Krumhansl-Kessler 1982": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
    "Temperley 2007": (
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
    "Albrecht-Shanahan 2013": (
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
}
MODES = {"maj": Mode.MAJOR, "min": Mode.MINOR}


@dataclass(frozen=True, slots=True)
class Heard:
    """A note: its end and length in seconds, and its pitch."""

    end: float
    seconds: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Line:
    """A solo in a known key: its notes with the bar, from the first note, that each is in."""

    key: Key
    notes: tuple[tuple[float, Heard], ...]


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="valid")
    parser.add_argument("--half-life", type=float, default=HALF_LIFE, help="seconds")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    options = parser.parse_args()
    lines = read(options.corpus, options.split)

    def ours(notes: Sequence[Heard]) -> Key | None:
        finder = KeyFinder(options.half_life)
        found = None
        for note in notes:
            finder.hear(note.pitch, note.seconds**0.5, Seconds(note.end))
            found = finder.key(Seconds(note.end))
        return found

    finders: dict[str, Callable[[Sequence[Heard]], Key | None]] = {"KeyFinder": ours}
    for name, profiles in PEERS.items():
        finders[name] = correlation(*profiles)
    table = Table(
        f"Keys of {len(lines)} solos ({options.split}), %",
        ("finder", "bars", "right", "relative too", "none"),
        digits=1,
    )
    for name, find in finders.items():
        for bars in (4, 8, 16, 32):
            found = [find([note for bar, note in line.notes if bar < bars]) for line in lines]
            pairs = list(zip(found, lines, strict=True))
            share = 100 / len(lines)
            right = sum(key == line.key for key, line in pairs)
            related = sum(key in (line.key, relative(line.key)) for key, line in pairs)
            table.add(name, bars, right * share, related * share, found.count(None) * share)
    table.show()
    if options.json is not None:
        table.write(options.json)


def read(path: Path, split: str) -> list[Line]:
    """The solos of a split that are in a major or minor key."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            name, _, mode = str(row["key"] or "").partition("-")
            if row["split"] != split or mode not in MODES:
                continue
            tonic = parse_chord(name).root
            assert tonic is not None
            notes = tuple(
                (
                    (note[0] - row["notes"][0][0]) / row["meter"][0][1],
                    Heard(note[3] + note[4], note[4], note[2]),
                )
                for note in row["notes"]
            )
            found.append(Line(Key(tonic, MODES[mode]), notes))
    return found


def relative(key: Key) -> Key:
    """The minor key with the signature of a major one, and the other way round."""
    if key.mode is Mode.MAJOR:
        return Key((key.tonic + 9) % 12, Mode.MINOR)
    return Key((key.tonic + 3) % 12, Mode.MAJOR)


def correlation(
    major: Sequence[float], minor: Sequence[float]
) -> Callable[[Sequence[Heard]], Key | None]:
    """The key-finding of Krumhansl and Schmuckler with the given profiles."""
    keys = [Key(tonic, mode) for mode in (Mode.MAJOR, Mode.MINOR) for tonic in range(12)]
    profiles = {Mode.MAJOR: major, Mode.MINOR: minor}

    def find(notes: Sequence[Heard]) -> Key | None:
        sums = np.zeros(12)
        for note in notes:
            sums[note.pitch % 12] += note.seconds
        fits = [
            np.corrcoef(np.roll(profiles[key.mode], key.tonic), sums)[0, 1] if sums.any() else 0.0
            for key in keys
        ]
        return keys[int(np.argmax(fits))] if notes else None

    return find


if __name__ == "__main__":
    main()
