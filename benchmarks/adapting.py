"""What a model learns from five solos of a player whom it has never heard, and what it forgets.

    python benchmarks/adapting.py --model DIR --corpus SOLOS.jsonl.gz [MORE.jsonl.gz]
        --general GENERAL.jsonl.gz --player "NAME" [...] [--draws 3] [--notes N] [--own-lines]

Of each player's solos five are drawn and adapted to; the others are measured before and after, but
for other takes of the tunes that were drawn. The model must not have learned from these players:
`train` it on a corpus without them, and give that corpus here as GENERAL, whose `valid` solos are
measured too. Nothing is chosen by the player's solos that are measured.

How to read it: `before` and `after` are bits per note (`evaluation/bits.py`), `general` those of
the `valid` solos of GENERAL; minutes are of learning, with all that `adapt` does but measuring.
`part` is how far it went from the base to what was learned; `habits` what the base gains by the
habits alone, with none of what was learned.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from figures import Table

from live_improv import model_folder
from live_improv.corpus import Solo, read_corpora
from live_improv.evaluation.bits import bits_per_note
from live_improv.training.adapting import adapt
from live_improv.training.adapting_command import own_lines

LEARNED = 5


def drawn(solos: Sequence[Solo], draw: int) -> tuple[list[Solo], list[Solo]]:
    """Five of a player's solos, to learn from, and those of other tunes, to measure."""
    order = list(solos)
    Random(draw).shuffle(order)
    mine = [replace(solo, split="train") for solo in order[:LEARNED]]
    titles = {solo.title for solo in mine}
    others = [solo for solo in order[LEARNED:] if solo.title not in titles]
    return mine, [replace(solo, split="test") for solo in others]


def main() -> None:
    parser = argparse.ArgumentParser(description="Bits a note before and after adapting.")
    add = parser.add_argument
    add("--model", type=Path, required=True, help="that has not learned from the players")
    add("--corpus", type=Path, nargs="+", required=True, help="with the players' solos")
    add("--general", type=Path, required=True, help="what the model knows; valid is measured")
    add("--player", nargs="+", required=True)
    add("--draws", type=int, default=3, help="of five solos of each player (3)")
    add("--notes", type=int, default=10**7, help="of the general solos, at most (all)")
    add("--own-lines", action="store_true", help="choose without GENERAL, as adapt without it")
    add("--json", type=Path)
    options = parser.parse_args()
    base = model_folder.load(options.model).weights
    solos = read_corpora(options.corpus)
    general = read_corpora([options.general])
    valid, room = [], options.notes
    for solo in general:
        if solo.split == "valid" and room > 0:
            valid.append(solo)
            room -= len(solo.notes)
    known = own_lines(base) if options.own_lines else general
    general_before = bits_per_note(base, valid).total
    table = Table(
        f"Adapting {options.model.name} to five solos",
        (
            "player, draw",
            "learned",
            "others",
            "before",
            "after",
            "change",
            "habits",
            "general",
            "part",
            "min",
        ),
    )
    for player in options.player:
        own = [solo for solo in solos if solo.performer == player]
        changes = []
        for draw in range(options.draws):
            mine, others = drawn(own, draw)
            if not others:
                continue
            found = adapt(base, mine, known)
            before = bits_per_note(base, others)
            after = bits_per_note(found.weights, others)
            alone = replace(base, habits=found.weights.habits)
            changes.append(after.total - before.total)
            forgotten = bits_per_note(found.weights, valid).total - general_before
            print(f"{player} {draw}: {changes[-1]:+.3f}, general {forgotten:+.3f}", flush=True)
            table.add(
                f"{player} {draw}",
                found.notes,
                before.notes,
                before.total,
                after.total,
                changes[-1],
                bits_per_note(alone, others).total - before.total,
                forgotten,
                found.part,
                found.minutes,
            )
        if changes:
            mean = sum(changes) / len(changes)
            table.add(f"{player}, mean", "", "", "", "", mean, "", "", "", "")
    table.notes.append(
        f"before, on the {len(valid)} general solos: {general_before:.3f} bits per note"
    )
    table.show()
    if options.json is not None:
        table.write(options.json)


if __name__ == "__main__":
    main()
