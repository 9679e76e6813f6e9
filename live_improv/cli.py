"""The command line: `run_live.py`, `live-improv` and `python -m live_improv` are this one parser.

Importing this module imports nothing heavy: what a command needs is imported when it runs, after
the number of threads of NumPy's linear algebra has been set, which works only before.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from live_improv.app import Performance, Request

PROGRAM = "live-improv"
DEFAULT_PORT = "live_improv"
OK, BAD_INPUT, NO_MIDI = 0, 2, 3

# With two threads a step of the net takes twenty times as long as with one.
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

_OFFLINE_CHORUSES = 2
_FILE_PROGRAM = 65  # General MIDI's alto saxophone, for files, where nobody has chosen a sound


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
    parser = _Parser(prog=PROGRAM if name == "play" else f"{PROGRAM} {name}", description=summary)
    if name == "play":
        others = "\n".join(f"  {other:10} {_COMMANDS[other][2]}" for other in _COMMANDS)
        parser.epilog = (
            f"commands (each has its own --help; play is meant if none is named):\n{others}"
        )
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_options(parser)
    try:
        return run(parser.parse_args(given))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return BAD_INPUT
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        print(f"{PROGRAM}: {_one_line(error)}", file=sys.stderr)
        return code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave."""
        self.exit(BAD_INPUT, f"{PROGRAM}: {message}\n")


def _exit_code(error: Exception) -> int | None:
    """The exit code of an error of the domain; None for a fault of the program's own."""
    from live_improv.midi.port_names import PortAmbiguous, PortError

    if isinstance(error, PortError) and not isinstance(error, PortAmbiguous):
        return NO_MIDI
    ours = type(error).__module__.startswith("live_improv.")
    return BAD_INPUT if ours or isinstance(error, OSError) else None


def _one_line(error: Exception) -> str:
    # What came from outside may hold control characters, which a terminal would obey.
    from live_improv.midi.codec import printable

    return printable(str(error))


def _number(low: float, high: float, kind: type[int] | type[float]) -> Callable[[str], float]:
    """An argparse type: a number of that kind from `low` to `high`."""

    def read(text: str) -> float:
        try:
            number = kind(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: expected {low:g} to {high:g}")
        return number

    return read


def _play_options(parser: argparse.ArgumentParser) -> None:
    whole, real = int, float
    add = parser.add_argument
    add("--port", metavar="NAME", help="MIDI output; a virtual port of that name if there is none")
    add("--list-ports", action="store_true", help="show the MIDI ports and stop")
    add("--offline", metavar="OUT.mid", type=Path, help="play into a file instead")
    add("--chart", metavar="FILE|NAME", help="a chart file, or one of those that come along")
    add("--list-charts", action="store_true", help="show the charts that come along and stop")
    add("--tempo", metavar="BPM", type=_number(20, 500, real), help="20 to 500 (the chart's)")
    how_long = parser.add_mutually_exclusive_group()
    for unit, most in (("choruses", 10_000), ("bars", 100_000)):
        how_long.add_argument(
            f"--{unit}",
            metavar="N",
            type=_number(1, most, whole),
            help="how long (live without end, offline 2 choruses)",
        )
    for flag, metavar, kind, low, high, default, text in (
        ("--seed", "N", whole, 0, 2**63, 0, "another seed, another solo"),
        ("--temperature", "T", real, 0.05, 4, 1.0, "0.05 tame to 4 wild"),
        ("--channel", "N", whole, 1, 16, 1, "MIDI channel, 1 to 16"),
        ("--low", "N", whole, 0, 127, 55, "lowest note, middle C is 60"),
        ("--high", "N", whole, 0, 127, 84, "highest note"),
    ):
        kept = _number(low, high, kind)
        add(flag, metavar=metavar, type=kept, default=default, help=f"{text} ({default})")
    add("--program", metavar="N", type=_number(0, 127, whole), help="General MIDI sound, 0 to 127")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")


def _play(options: argparse.Namespace) -> int:
    if options.list_ports:
        return _list_ports(options.port)
    if options.list_charts:
        from live_improv.assets import chart_names

        print("\n".join(chart_names()))
        return OK
    from live_improv.app import Performance

    if options.offline is not None:
        return _play_offline(Performance(_request(options, offline=True)), options.offline)
    performance = Performance(_request(options, offline=False))
    from live_improv.midi.port_names import MidiUnavailable

    try:
        return _play_live(performance, DEFAULT_PORT if options.port is None else options.port)
    except MidiUnavailable as error:
        if options.port is not None:
            raise
        out = _unused(Path("solo.mid"))
        print(f"{_one_line(error)}\nNo MIDI here, so the solo goes into {out}.")
        return _play_offline(Performance(_request(options, offline=True)), out)


def _request(options: argparse.Namespace, *, offline: bool) -> Request:
    from live_improv.app import DEFAULT_CHART, Request
    from live_improv.grammar.realization import Register
    from live_improv.performance.improviser import Taste

    ends = options.choruses is not None or options.bars is not None
    choruses = _OFFLINE_CHORUSES if offline and not ends else options.choruses
    program = options.program
    return Request(
        chart=DEFAULT_CHART if options.chart is None else options.chart,
        model=options.model,
        bpm=options.tempo,
        bars=options.bars,
        choruses=choruses,
        taste=Taste(Register(options.low, options.high), options.temperature, options.seed),
        channel=options.channel - 1,
        program=_FILE_PROGRAM if offline and program is None else program,
    )


def _play_offline(performance: Performance, out: Path) -> int:
    from live_improv.app import play_offline
    from live_improv.midi.codec import printable

    count = play_offline(performance, out)
    seed = performance.request.taste.seed
    title = printable(performance.changes.title)
    print(f"{printable(str(out))}: {title} at {performance.bpm:g}, {count} notes, seed {seed}")
    return OK


def _play_live(performance: Performance, wanted: str) -> int:
    from live_improv.app import play_live
    from live_improv.midi.codec import printable
    from live_improv.midi.ports import open_output
    from live_improv.runtime.stopping import stopping_as_interrupt

    with stopping_as_interrupt(), open_output(wanted) as port:
        made = "virtual port " if port.virtual else ""
        title = printable(performance.changes.title)
        print(
            f"{title} at {performance.bpm:g} to {made}{printable(port.name)}. Ctrl-C stops.",
            flush=True,
        )
        try:
            play_live(performance, port)
        except KeyboardInterrupt:
            print()
    return OK


def _list_ports(wanted: str | None) -> int:
    from live_improv.midi.codec import printable
    from live_improv.midi.port_names import match_port
    from live_improv.midi.ports import list_ports

    ports = list_ports()
    for title, names in (("outputs", ports.outputs), ("inputs", ports.inputs)):
        print(f"{title} ({ports.api}):")
        for port in names or ("none",):
            print(f"  {printable(port)}")
    chosen = match_port(wanted or DEFAULT_PORT, ports.outputs)
    if chosen is not None:
        print(f"would play to: {printable(ports.outputs[chosen])}")
    elif ports.virtual_possible:
        print(f"would play to: a new virtual port {wanted or DEFAULT_PORT}")
    else:
        print("would play to: none, no virtual ports here")
    return OK


def _unused(path: Path) -> Path:
    """`path`, or the first of `NAME-2`, `NAME-3`, ... that is free."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--split", metavar="NAME", help="only the solos of this split")
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")


class NoFolder(ValueError):
    """A file is to be written into a folder that does not exist."""


def _check_folder(out: Path | None) -> None:
    """See that a file could be written, before the work for it begins."""
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise NoFolder(f"cannot write {out}: expected a file in a folder that exists")


def _write_json(out: Path, figures: dict[str, object]) -> None:
    """Write figures; what stood there is replaced only by the complete file."""
    part = out.with_name(f".{out.name}.part")
    part.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    part.replace(out)


def _evaluate(options: argparse.Namespace) -> int:
    from live_improv.app import evaluate

    _check_folder(options.json)
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
        _write_json(options.json, figures)
    print(
        f"{found.model} on {found.solos} solos ({found.split}), {bits.notes} notes: "
        f"{bits.total:.3f} bits per note (onset {bits.onset:.3f}, pitch {bits.pitch:.3f})"
    )
    return OK


def _train_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--out", metavar="DIR", type=Path, required=True, help="the model folder to write")
    add("--units", metavar="N", type=_number(8, 1024, int), help="of the LSTM")
    add("--epochs", metavar="N", type=_number(1, 1000, int), help="at most")
    add("--seed", metavar="N", type=_number(0, 2**31, int), help="of weights and order")
    add("--overwrite", action="store_true", help="replace a finished model in DIR")


def _train(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _needs("tensorflow", "train")
    from live_improv.training.command import train_model

    chosen = {name: getattr(options, name) for name in ("units", "epochs", "seed")}
    settings = {name: value for name, value in chosen.items() if value is not None}
    train_model(options.corpus, options.out, settings, overwrite=options.overwrite)
    return OK


def _seeds_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", metavar="FILE", type=Path, nargs="+", required=True, help="solos, JSON lines")
    add("--solo", metavar="ID", help="whose first 250 values are learned")
    add("--epochs", metavar="N", type=_number(1, 10_000, int), default=100, help="epochs (100)")
    add("--seed", metavar="N", type=_number(0, 2**31, int), default=0, help="of it all (0)")
    add("--json", metavar="OUT", type=Path, help="write the figures here too")
    add("--mid", metavar="OUT.mid", type=Path, help="write what the network plays over the chords")


def _seeds(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    _needs("tensorflow", "train")
    from live_improv.corpus import read_corpora
    from live_improv.training.seeds_experiment import DEFAULT_SOLO, experiment_on
    from live_improv.training.seeds_playing import write_line

    _check_folder(options.json)
    _check_folder(options.mid)
    solos = read_corpora(options.corpus)
    found = experiment_on(solos, options.solo or DEFAULT_SOLO, options.epochs, options.seed)
    print(found)
    if options.json is not None:
        _write_json(options.json, found.as_json())
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


_Command = tuple[
    Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int], str
]

_COMMANDS: dict[str, _Command] = {
    "play": (_play_options, _play, "A jazz soloist in the MIDI chain."),
    "train": (_train_options, _train, "Train a model on solos."),
    "seeds": (_seeds_options, _seeds, "The programs this grew out of, and their known result."),
    "evaluate": (_evaluate_options, _evaluate, "Bits per note of a model on solos."),
}
