"""The command that goes on from a model with somebody's own solos: adapt."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from live_improv.cli.learning import needs
from live_improv.cli.parsing import OK, number


def adapt_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--model", metavar="DIR", type=Path, help="the model to go on from (the default model)")
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="your solos")
    add("--out", metavar="DIR", type=Path, required=True, help="the model folder to write")
    add(
        "--general",
        metavar="FILE",
        type=Path,
        nargs="+",
        default=[],
        help="solos that must not be forgotten; without, lines that the model itself makes up",
    )
    add("--seed", metavar="N", type=number(0, 2**31, int), default=0, help="of order and keys (0)")
    add("--overwrite", action="store_true", help="replace a model in the --out folder")


def adapt(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    needs("tensorflow", "train")
    from live_improv.assets import default_model
    from live_improv.training.adapting_command import adapt_model

    adapt_model(
        options.model or default_model(),
        options.corpus,
        options.out,
        options.general,
        seed=options.seed,
        overwrite=options.overwrite,
    )
    return OK
