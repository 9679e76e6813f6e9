"""The trainings behind `models/README.md`: each row is trained and measured, and its line printed.

    python benchmarks/sweep.py --corpus wjazzd_lean.jsonl.gz wjazzd_solos.jsonl.gz \
        omnibook.jsonl.gz improvisor_transcriptions.jsonl.gz --out DIR [NAME...]

A row that is interrupted goes on where it stopped; one that is finished is not trained again. A
net takes some 10 minutes of one core; the bits are those of `evaluate` on the `valid` solos of the
first corpus.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from live_improv import model_folder
from live_improv.corpus import read_corpora, read_corpus
from live_improv.evaluation.bits import bits_per_note
from live_improv.grammar.vocabulary import Vocabulary
from live_improv.training.settings import Settings
from live_improv.training.train import train

ALONE = Settings(groups=1, epochs=14)

ROWS = {
    "wide": replace(ALONE, units=512, pitch_units=256, dropout=0.45, recurrent_dropout=0.0),
    "narrow": replace(ALONE, recurrent_dropout=0.0, straight=0.3, seed=1),
    "narrow, again": replace(ALONE, recurrent_dropout=0.0, straight=0.3, seed=2),
    "thinned": replace(ALONE, straight=0.3, seed=3),
    "default": Settings(),
}
"""What is tried, by name."""


def main() -> None:
    """Train the rows that are named, or all, and print their table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ROWS)}")
    options = parser.parse_args()
    names = options.names or list(ROWS)
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"{unknown[0]!r}: expected some of {', '.join(ROWS)}")
    solos = read_corpora(options.corpus)
    held = [solo for solo in read_corpus(options.corpus[0]) if solo.split == "valid"]
    print("| name | onset | pitch | total | minutes |\n|---|---|---|---|---|")
    for name in names:
        folder = options.out / name.replace(", ", "-")
        trained = train(solos, ROWS[name], folder / "checkpoint", lambda _line: None)
        bits = bits_per_note(trained.weights, held)
        model_folder.save(folder, trained.weights, Vocabulary(), f"# {name}\n\n{ROWS[name]}\n")
        print(
            f"| {name} | {bits.onset:.3f} | {bits.pitch:.3f} | {bits.total:.3f} "
            f"| {trained.minutes:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
