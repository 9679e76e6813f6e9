"""The command line: `run_live.py`, `live-improv` and `python -m live_improv` are this one parser.

Importing this module imports nothing heavy: what a command needs is imported when it runs, after
the number of threads of NumPy's linear algebra has been set, which works only before.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from live_improv.cli import (
    adapting,
    charts,
    doctor,
    exporting,
    importing,
    learning,
    listening,
    novelty,
    pages,
    playing,
    plotting,
)
from live_improv.cli.parsing import BAD_INPUT, NO_MIDI, PROGRAM, Parser, one_line

# With two threads a step of the net takes twenty times as long as with one.
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code.

    0: done. 2: something that was given cannot be used; one line on standard error says what,
    and what can. 3: there is no MIDI, or not this port.
    """
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")
    for stream in (sys.stdout, sys.stderr):
        # A title may hold what this terminal cannot write; that is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in _COMMANDS else "play"
    add_options, run, summary = _COMMANDS[name]
    parser = Parser(prog=PROGRAM if name == "play" else f"{PROGRAM} {name}", description=summary)
    parser.epilog = f"more: {pages.page_of(name)}"
    if name == "play":
        others = "\n".join(f"  {other:10} {_COMMANDS[other][2]}" for other in _COMMANDS)
        more = "\n".join(f"  {page:20} {about}" for page, about in pages.READERS)
        parser.epilog = (
            f"commands (each has its own --help; play is meant if none is named):\n{others}\n\n"
            f"pages to read on:\n{more}"
        )
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_options(parser)
    try:
        if name == "play" and not {"-h", "--help"}.intersection(given):
            playing.apply_configuration(parser, given)
        return run(parser.parse_args(given))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return BAD_INPUT
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        more = pages.page_of(name, error)
        print(f"{PROGRAM}: {one_line(error)} (more: {more})", file=sys.stderr)
        return code


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error of the domain; None for a fault of the program's own."""
    from live_improv.midi.port_names import PortAmbiguous, PortError

    if isinstance(error, PortError) and not isinstance(error, PortAmbiguous):
        return NO_MIDI
    ours = type(error).__module__.startswith("live_improv.")
    return BAD_INPUT if ours or isinstance(error, OSError) else None


_Command = tuple[
    Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int], str
]

_COMMANDS: dict[str, _Command] = {
    "play": (playing.add_options, playing.play, "A jazz soloist in the MIDI chain."),
    "chart": (
        charts.chart_options,
        charts.chart,
        "A chart of any format, shown and written as text.",
    ),
    "plot": (
        plotting.plot_options,
        plotting.plot,
        "The picture of a take: a piano roll with its chords.",
    ),
    "import": (
        importing.import_options,
        importing.import_,
        "A corpus out of your own files: MIDI, scores, databases.",
    ),
    "export": (
        exporting.export_options,
        exporting.export,
        "The solos of a corpus as files for a DAW or a notation program.",
    ),
    "train": (learning.train_options, learning.train, "Train a model on solos."),
    "adapt": (
        adapting.adapt_options,
        adapting.adapt,
        "Go on from a model with your own solos.",
    ),
    "seeds": (
        learning.seeds_options,
        learning.seeds,
        "The programs this grew out of.",
    ),
    "evaluate": (
        learning.evaluate_options,
        learning.evaluate,
        "Bits per note, and the scoreboard.",
    ),
    "feel": (learning.feel_options, learning.feel, "How people play what is written, in figures."),
    "audition": (
        listening.audition_options,
        listening.audition,
        "A blind test of ours beside humans.",
    ),
    "novelty": (
        novelty.novelty_options,
        novelty.novelty,
        "What of a take stands note for note in a corpus, and where.",
    ),
    "quotes": (
        novelty.quotes_options,
        novelty.quotes,
        "A model's index of what it learned from, for --max-quote.",
    ),
    "doctor": (
        doctor.doctor_options,
        doctor.doctor,
        "What this computer can do for it, to read and to paste into a report.",
    ),
}
