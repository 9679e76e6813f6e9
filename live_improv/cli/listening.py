"""The command of blind listening: make an audition, or count what listeners said."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from live_improv.cli.parsing import OK, BadOptions, check_folder, number, write_json

if TYPE_CHECKING:
    from live_improv.audition.intervals import Estimate
    from live_improv.audition.tally import Verdict

_EXCERPTS = 20


def audition_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", metavar="DIR", type=Path, help="make an audition: a new folder")
    what.add_argument(
        "--tally", metavar="DIR", type=Path, help="count the ratings of that audition"
    )
    add("ratings", metavar="RATINGS.json", type=Path, nargs="*", help="with --tally: what to count")
    add("--corpus", metavar="FILE", type=Path, nargs="+", help="human solos, JSON lines")
    add("--split", metavar="NAME", help="only the solos of this split")
    add(
        "--excerpts",
        metavar="N",
        type=number(2, 200, int),
        default=_EXCERPTS,
        help=f"how many, half of them by humans ({_EXCERPTS})",
    )
    add("--seed", metavar="N", type=number(0, 2**62, int), help="of it all (by chance)")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")
    add("--wav", action="store_true", help="sound files too, by fluidsynth")
    add("--soundfont", metavar="FILE.sf2", type=Path, help="its sounds (the system's)")
    add("--json", metavar="OUT", type=Path, help="with --tally: write the figures here too")


def audition(options: argparse.Namespace) -> int:
    return _tally(options) if options.tally is not None else _make(options)


def _make(options: argparse.Namespace) -> int:
    import secrets

    from live_improv.audition.folder import PAGE_NAME, Plan, make_audition
    from live_improv.audition.key import KEY_NAME
    from live_improv.midi.codec import printable
    from live_improv.sound.render import find_synth

    if options.corpus is None:
        raise BadOptions("--out: expected --corpus FILE, solos by humans")
    if options.ratings:
        raise BadOptions(f"{options.ratings[0]}: ratings are counted with --tally DIR")
    if options.json is not None:
        raise BadOptions("--json: expected together with --tally DIR")
    synth = find_synth(options.soundfont) if options.wav else None
    seed = secrets.randbelow(1 << 62) if options.seed is None else options.seed
    plan = Plan(options.corpus, options.split, options.excerpts, seed, options.model)
    seal = make_audition(plan, options.out, synth)
    print(f"{printable(str(options.out / PAGE_NAME))}: {plan.excerpts} excerpts to rate")
    print(f"{KEY_NAME} says which is which (SHA-256 {seal})")
    return OK


def _tally(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from live_improv.audition.tally import tally

    if not options.ratings:
        raise BadOptions("--tally: expected the files of ratings behind it")
    check_folder(options.json)
    verdicts = tally(options.tally, options.ratings)
    if options.json is not None:
        write_json(options.json, {"verdicts": [asdict(each) for each in verdicts]})
    print("\n".join(line for each in verdicts for line in _lines(each)))
    return OK


def _lines(verdict: Verdict) -> list[str]:
    """What is said of one verdict."""
    from live_improv.midi.codec import printable

    who = (
        f"{verdict.name} ({verdict.listeners} listeners)" if verdict.listeners > 1 else verdict.name
    )
    lines = [
        printable(who),
        f"  ratings, 1 to 5    human {_mean(verdict.human)}, ours {_mean(verdict.ours)}",
        f"  human minus ours   {_mean(verdict.gap, signed=True)}{_of(verdict.gap, 'places')}",
        f"  told apart         {_share(verdict.told)}{_of(verdict.told, 'guesses')} (chance 50 %)",
        f"  called human       human {_share(verdict.human_called)}, "
        f"ours {_share(verdict.ours_called)}",
    ]
    if verdict.known:
        lines.append(f"  left out           {verdict.known} known from a recording")
    return lines


def _mean(found: Estimate | None, *, signed: bool = False) -> str:
    if found is None:
        return "nothing rated"
    sign = "+" if signed else ""
    if found.low is None or found.high is None:
        return f"{found.value:{sign}.2f}"
    return f"{found.value:{sign}.2f} ({found.low:{sign}.2f} to {found.high:{sign}.2f})"


def _share(found: Estimate | None) -> str:
    if found is None or found.low is None or found.high is None:
        return "nothing guessed"
    return f"{found.value:.0%} ({found.low:.0%} to {found.high:.0%})".replace("%", " %")


def _of(found: Estimate | None, what: str) -> str:
    return "" if found is None else f", {found.count} {what}"
