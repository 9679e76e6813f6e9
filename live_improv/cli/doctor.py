"""The command that tells whether this computer can play, and what to do about what is wrong."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from live_improv.cli import playing
from live_improv.cli.parsing import BAD_INPUT, OK, Parser, number

if TYPE_CHECKING:
    from live_improv.runtime.doctor.findings import Finding
    from live_improv.runtime.doctor.plan import Plan

_PATIENCE = 5.0
"""Seconds that the configuration may take to be read; a folder may be on a network."""


def doctor_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.description = (
        "Looks at all that playing needs, a line each, and says what to do about what is wrong. "
        "It plays nothing and leaves nothing behind. Your home folder is ~ in its lines: "
        "put them into a report. Exit code 0 if it can play, 2 if something keeps it from that."
    )
    add = parser.add_argument
    add("--in", dest="player_in", metavar="NAME", help="MIDI input to listen to (all there are)")
    add("--port", metavar="NAME", help="MIDI output that would be played to (live_improv)")
    add(
        "--seconds",
        metavar="N",
        type=number(0.5, 600, float),
        default=5.0,
        help="how long it listens and measures (5)",
    )
    add("--take-dir", metavar="DIR", type=Path, help="where takes would go (takes)")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")


def doctor(options: argparse.Namespace) -> int:
    """Look at everything."""
    from live_improv.runtime.doctor.examination import examine
    from live_improv.runtime.doctor.findings import Discretion, Level, verdict

    print(
        f"This takes some {2 * options.seconds + 10:.0f} s. To see whether your keyboard and your "
        "clock arrive, play, and start it.",
        file=sys.stderr,
    )
    discretion, all_of_it = Discretion.here(), []
    for finding in _findings(options, examine):
        shown = discretion.of(finding)
        all_of_it.append(shown)
        print(shown.line(), flush=True)
    print(verdict(all_of_it))
    return BAD_INPUT if any(each.level is Level.WRONG for each in all_of_it) else OK


def _findings(
    options: argparse.Namespace, examine: Callable[[Plan], Iterator[Finding]]
) -> Iterator[Finding]:
    """All findings; what the configuration says decides what is looked at."""
    from live_improv.runtime.doctor.asking import within
    from live_improv.runtime.doctor.computer import look
    from live_improv.runtime.doctor.findings import Finding, Level

    settings = _Settings()
    found = within(_PATIENCE, settings.read)
    if found is None:
        found = [Finding(Level.WRONG, "configuration", f"not read in {_PATIENCE:g} s")]
    yield from look()
    yield from found
    yield from examine(settings.plan(options))


class _Settings:
    """What would be played with where no flag says otherwise: the options of `play`."""

    def __init__(self) -> None:
        self._parser = Parser(add_help=False)
        playing.add_options(self._parser)

    def read(self) -> list[Finding]:
        """Read the configuration files; what is found in them."""
        from live_improv.runtime.configuration import ConfigurationError, configuration_paths
        from live_improv.runtime.doctor.findings import Finding, Level

        there = [path for path in configuration_paths() if os.path.lexists(path)]
        try:
            playing.apply_configuration(self._parser, [])
        except ConfigurationError as error:
            advice = "mend that line, or take the file away"
            return [Finding(Level.WRONG, "configuration", str(error), advice), *self._learned()]
        if not there:
            says = f"no file; looked for {' and '.join(map(str, configuration_paths()))}"
            return [Finding(Level.OK, "configuration", says), *self._learned()]
        says = f"{' and '.join(map(str, there))} can be read"
        return [Finding(Level.OK, "configuration", says), *self._learned()]

    def plan(self, options: argparse.Namespace) -> Plan:
        """What is looked at: what is asked for here, else what the files say."""
        from live_improv.runtime.doctor.plan import Plan

        play = self._parser.parse_args([])
        takes = options.take_dir or (None if play.no_take else play.take_dir)
        model = options.model or play.model
        return Plan(
            seconds=options.seconds,
            port=options.port or play.port,
            player_in=options.player_in or play.player_in,
            waits_for_clock=play.clock == "midi",
            takes=None if takes is None else str(takes),
            model=None if model is None else str(model),
        )

    def _learned(self) -> list[Finding]:
        """What has been learned; a copy is read, as a file with faults would be moved."""
        from live_improv.runtime.doctor.findings import Finding, Level
        from live_improv.runtime.learned import learned_path, read_learned

        path = learned_path()
        if not path.is_file():
            return []
        with TemporaryDirectory(prefix="live_improv-") as folder:
            copy = Path(folder) / path.name
            try:
                shutil.copyfile(path, copy)
            except OSError as error:
                why = f"{path}: {error.strerror or error}"
                return [Finding(Level.NOTE, "MIDI learn", why)]
            warning = read_learned(copy).warning
        if warning is None:
            return [Finding(Level.OK, "MIDI learn", f"{path} can be read")]
        fault = warning.replace(str(copy), str(path)).split("; ")[0]
        return [Finding(Level.NOTE, "MIDI learn", fault, "it will be moved aside; learn it again")]
