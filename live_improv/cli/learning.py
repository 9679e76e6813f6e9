"""The commands that learn and measure: train, evaluate, seeds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from live_improv.cli.parsing import OK, BadOptions, NoFolder, check_folder, number, write_json
from live_improv.disk import put_bytes

FAILED = 1
"""The exit code of a check that failed."""

_HELD_OUT = "valid"


def evaluate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--split", metavar="NAME", help="only the solos of this split")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")
    either = parser.add_mutually_exclusive_group()
    either.add_argument(
        "--generate", action="store_true", help="play solos and judge them beside the human ones"
    )
    either.add_argument(
        "--check", action="store_true", help="see that the board notices spoiled human solos"
    )
    more = parser.add_argument_group("with --generate")
    add = more.add_argument
    add("--seeds", metavar="N", type=number(1, 1000, int), help="solos over each of the changes")
    add("--notes", metavar="N", type=number(1, 10**7, int), help="stop at so many notes")
    add("--without-baselines", action="store_true", help="judge no n-grams beside ours")
    add("--midi", metavar="DIR", type=Path, help="judge the .mid files of a folder beside ours")
    add("--chart", metavar="FILE|NAME", help="their chords, where the files bring none")
    add("--plot", metavar="OUT.svg", type=Path, help="draw the board here")


def evaluate(options: argparse.Namespace) -> int:
    check_folder(options.json)
    if options.chart is not None and options.midi is None:
        raise BadOptions("--chart goes with --midi")
    for name in ("seeds", "notes", "plot", "midi", "without_baselines"):
        if getattr(options, name) and not options.generate:
            raise BadOptions(f"--{name.replace('_', '-')} goes with --generate")
    for name in ("json", "model"):
        if getattr(options, name) and options.check:
            raise BadOptions(f"--{name} has no effect with --check")
    if options.check:
        return _check(options)
    return _board(options) if options.generate else _bits(options)


def _check(options: argparse.Namespace) -> int:
    from live_improv.board.checking import check
    from live_improv.board.judging import read_solos

    judge = read_solos(options.corpus, options.split or _HELD_OUT).judge()
    found = list(check(judge))
    for each in found:
        print(each)
    return OK if all(each.right for each in found) else FAILED


def _board(options: argparse.Namespace) -> int:
    from live_improv.board.judging import BASELINES, MidiFolder, board
    from live_improv.board.making import Plan
    from live_improv.board.plot import picture
    from live_improv.board.table import as_json, table
    from live_improv.repertoire import read_chart

    check_folder(options.plot)
    midi = None
    if options.midi is not None:
        if not options.midi.is_dir():
            raise NoFolder(f"{options.midi}: expected a folder of .mid files")
        midi = MidiFolder(options.midi, options.chart and read_chart(options.chart))
    plan = Plan(options.seeds, options.notes)
    split = options.split or _HELD_OUT
    baselines = () if options.without_baselines else BASELINES
    found = board(options.corpus, split, options.model, plan, baselines, midi, print)
    if options.json is not None:
        write_json(options.json, as_json(found))
    if options.plot is not None:
        put_bytes(options.plot, picture(found).encode())
    print(table(found))
    print(f"{found.seconds:.0f} seconds")
    return OK


def _bits(options: argparse.Namespace) -> int:
    from live_improv.evaluation.command import evaluate

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
    add("--groups", metavar="N", type=number(1, 16, int), help="nets, whose logits are averaged")
    add("--units", metavar="N", type=number(8, 1024, int), help="of the LSTM of each")
    add("--epochs", metavar="N", type=number(1, 1000, int), help="at most")
    add("--seed", metavar="N", type=number(0, 2**31, int), help="of weights and order")
    add("--overwrite", action="store_true", help="replace a finished model in DIR")
    add("--logs", metavar="DIR", type=Path, help="write the course for TensorBoard here")
    add(
        "--distributed",
        action="store_true",
        help="on all devices, of several machines too (KERAS_BACKEND=jax, see docs/researcher.md)",
    )
    add = parser.add_argument_group("manners, which can be chosen when it plays").add_argument
    for kind in ("players", "styles"):
        add(
            f"--{kind}",
            metavar="NAMES",
            type=_names,
            default=(),
            help=f"the {kind} it is told apart by, with commas between; all: those of 5 solos",
        )
    add(
        "--manners-of",
        metavar="MODEL",
        type=Path,
        help="teach this model those, in minutes; without them it plays as before",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for each in text.split(",") if (name := each.strip()))


def train(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if options.distributed:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    on_jax = os.environ.get("KERAS_BACKEND") == "jax"
    needs("jax", "train-jax") if on_jax else needs("tensorflow", "train")
    if options.logs is not None:
        needs("tensorflow", "train")
    from live_improv.training.command import Told, teach_model, train_model

    told = Told(options.players, options.styles)
    chosen = {name: getattr(options, name) for name in ("groups", "units", "epochs", "seed")}
    settings = {name: value for name, value in chosen.items() if value is not None}
    if options.manners_of is None:
        train_model(
            options.corpus,
            options.out,
            settings,
            overwrite=options.overwrite,
            told=told,
            distributed=options.distributed,
            logs=options.logs,
        )
        return OK
    for name in ("distributed", "logs"):
        if getattr(options, name):
            raise BadOptions(f"--{name} does not go with --manners-of")
    if settings:
        raise BadOptions(f"--{next(iter(settings))} does not go with --manners-of")
    if told == Told():
        raise BadOptions("--manners-of needs --players NAMES or --styles NAMES, or all")
    teach_model(options.manners_of, options.corpus, options.out, told, overwrite=options.overwrite)
    return OK


def feel_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")


def feel(options: argparse.Namespace) -> int:
    from live_improv.corpus import read_corpora
    from live_improv.training.feel_figures import learn, report, tables

    learned = learn(read_corpora(options.corpus))
    print(tables(learned))
    print(report(learned))
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
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    needs("tensorflow", "train")
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


def needs(package: str, extra: str) -> None:
    """See that a package is installed, which comes with an extra of ours.

    Raises:
        MissingExtra: it is not.
    """
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise MissingExtra(f"{package} is not installed: pip install 'live-improv[{extra}]'")
