"""The options that say what the line is held to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from live_improv.cli.parsing import number

if TYPE_CHECKING:
    from live_improv.model_folder import Model
    from live_improv.performance.constraints import Constraints


def constraint_options(parser: argparse.ArgumentParser) -> None:
    """Which constraints hold, and how much may be quoted."""
    add = parser.add_argument
    add(
        "--without",
        metavar="NAMES",
        type=_without,
        default=(),
        help="constraints to switch off, with commas between, or all (--list-constraints)",
    )
    add("--list-constraints", action="store_true", help="show what the line is held to, and stop")
    add(
        "--max-quote",
        metavar="N",
        type=_max_quote,
        help="notes in a row at most that stand in what the model learned from, 0 for any (16)",
    )


def chosen_constraints(options: argparse.Namespace) -> Constraints:
    """What the line is held to."""
    from live_improv.performance.constraints import Constraints

    quotes = {} if options.max_quote is None else {"quotes": options.max_quote}
    return Constraints(**quotes).without(options.without)


def uncapped(options: argparse.Namespace, model: Model) -> list[str]:
    """That a cap on quoting was asked for and cannot be kept."""
    if not options.max_quote or model.quotes is not None:
        return []
    return ["--max-quote does nothing: the model has no index; `live-improv quotes` makes one"]


def _without(text: str) -> tuple[str, ...]:
    from live_improv.performance.constraints import ConstraintError, Constraints

    names = tuple(name.strip() for name in text.split(","))
    try:
        Constraints().without(names)
    except ConstraintError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return names


def _max_quote(text: str) -> float:
    from live_improv.performance.constraints import ConstraintError, Constraints

    try:
        return Constraints(quotes=number(0, 1000, int)(text)).quotes
    except ConstraintError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
