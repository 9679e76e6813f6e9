"""The commands that try a reader."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from tests.fuzz.checking import quick_folder
from tests.fuzz.plain import SLOW, Tally, campaign
from tests.fuzz.table import TARGETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Try one reader or all of them; returns 1 if a defect was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, "all"], metavar="TARGET")
    parser.add_argument("--list", action="store_true", help="name the targets and stop")
    parser.add_argument("--inputs", type=int, default=10_000, help="how many mutations")
    parser.add_argument("--seconds", type=int, help="guided by coverage for so long (atheris)")
    parser.add_argument("--seed", default="0", help="another one makes other mutations")
    parser.add_argument("--keep", type=Path, help="folder for inputs that show a defect")
    options = parser.parse_args(arguments)
    if options.list or not options.targets:
        for name, make in TARGETS.items():
            print(f"{name:10} {(make.__doc__ or '').splitlines()[0]}")
        return 0
    names = list(TARGETS) if "all" in options.targets else options.targets
    found = 0
    for name in names:
        with quick_folder() as folder:
            if options.seconds is not None:
                from tests.fuzz.guided import guided

                found += guided(name, options.seconds, folder, options.keep)
                continue
            target = TARGETS[name](folder)
            tally = campaign(target, options.inputs, f"{name} {options.seed}")
        print(f"{name:10} {tally.line()}", flush=True)
        found += _report(tally, options.keep)
    return 1 if found else 0


def _report(tally: Tally, keep: Path | None) -> int:
    """Show the defects, and put their inputs into a folder; how many there are."""
    inputs = {place: defect.data for place, defect in tally.defects.items()}
    for place, defect in tally.defects.items():
        print(f"    {place}: {defect.said}\n        {defect.data[:200]!r}", flush=True)
    if tally.slowest > SLOW:
        print(f"    too slow: {tally.slowest:.1f} s: {tally.slow_input[:200]!r}", flush=True)
        inputs["slow"] = tally.slow_input
    if keep is not None and inputs:
        keep.mkdir(parents=True, exist_ok=True)
        for data in inputs.values():
            (keep / sha256(data).hexdigest()[:16]).write_bytes(data)
    return len(inputs)


if __name__ == "__main__":
    sys.exit(main())
