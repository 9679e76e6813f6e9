"""The commands that learn and measure: train, evaluate, seeds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from live_improv.cli.parsing import OK, check_folder, number, write_json


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--split", metavar="NAME", help="only the solos of this split")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")


def evaluate(options: argparse.Namespace) -> int:
    from live_improv.app import evaluate

    check_folder(options.json)
    found = evaluate(options.corpus, options.split, options.model)
    bits = found.bits
    figures = {
        "bits": {"onset": bits.onset, "pitch": bits.pitch, "total": bits.total},
        "notes": bits.notes,
        "solos": found.solos,
        "split": found.split,
        "model": found.model,
    }
    if options.json is not None:
        write_json(options.json, figures)
    print(
        f"{found.model} on {found.solos} solos ({found.split}), {bits.notes} notes: "
        f"{bits.total:.3f} bits per note (onset {bits.onset:.3f}, pitch {bits.pitch:.3f})"
    )
    return OK


def train_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--out", metavar="DIR", type=Path, required=True, help="the model folder to write")
    add("--units", metavar="N", type=number(8, 1024, int), help="of the LSTM")
    add("--epochs", metavar="N", type=number(1, 1000, int), help="at most")
    add("--seed", metavar="N", type=number(0, 2**31, int), help="of weights and order")
    add("--overwrite", action="store_true", help="replace a finished model in DIR")


def train(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _needs("tensorflow", "train")
    from live_improv.training.command import train_model

    chosen = {name: getattr(options, name) for name in ("units", "epochs", "seed")}
    settings = {name: value for name, value in chosen.items() if value is not None}
    train_model(options.corpus, options.out, settings, overwrite=options.overwrite)
    return OK


def seeds_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--solo", metavar="ID", help="whose first 250 values are learned")
    add("--epochs", metavar="N", type=number(1, 10_000, int), default=100, help="epochs (100)")
    add("--seed", metavar="N", type=number(0, 2**31, int), default=0, help="of it all (0)")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")
    add("--mid", metavar="OUT.mid", type=Path, help="write what the network plays over the chords")


def seeds(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _needs("tensorflow", "train")
    from live_improv.corpus import read_corpora
    from live_improv.training.seeds_experiment import DEFAULT_SOLO, experiment_on
    from live_improv.training.seeds_playing import write_line

    check_folder(options.json)
    check_folder(options.mid)
    solos = read_corpora(options.corpus)
    found = experiment_on(solos, options.solo or DEFAULT_SOLO, options.epochs, options.seed)
    print(found)
    if options.json is not None:
        write_json(options.json, found.as_json())
    if options.mid is not None:
        solo, values = found.solo, found.piece.by_sampling
        line = write_line(options.mid, values, solo.changes, solo.bpm, options.seed)
        print(f"{options.mid}: {len(line.notes)} notes, {line.loosened} values had to give way")
    return OK


class MissingExtra(RuntimeError):
    """A command needs packages that are not installed."""


def _needs(package: str, extra: str) -> None:
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingExtra(f"{package} is not installed: pip install 'live-improv[{extra}]'")
