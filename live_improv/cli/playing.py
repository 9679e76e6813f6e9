"""The command that plays, live or into a file."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

from live_improv.cli.charts import tune_option
from live_improv.cli.constraining import constraint_options, uncapped
from live_improv.cli.controlling import control_options
from live_improv.cli.instrument import instrument_options
from live_improv.cli.listing import LISTS, asked_for
from live_improv.cli.parsing import OK, BadOptions, file_of, number, one_line, unused
from live_improv.cli.requesting import chosen_gear, chosen_request
from live_improv.cli.sounding import chosen_files, is_offline, page_options, sounding_options
from live_improv.cli.together import idle, together_options

NOT_IN_FILES = (*LISTS, "offline", "listen", "without", "wav", "mp3")
"""What is asked for once, and no configuration can hold."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    whole = int
    add = parser.add_argument
    add("--port", metavar="NAME", help="MIDI output; a virtual port of that name if there is none")
    add("--list-ports", action="store_true", help="show the MIDI ports and stop")
    into = file_of(".mid", ".midi")
    add("--offline", metavar="OUT.mid", type=into, help="play into a file instead")
    add("--chart", metavar="FILE|LINK|NAME", help="a chart, or one of those that come along")
    tune_option(parser)
    add("--list-charts", action="store_true", help="show the charts that come along and stop")
    add("--tempo", metavar="BPM", type=number(20, 500, float), help="20 to 500 (the chart's)")
    how_long = parser.add_mutually_exclusive_group()
    for unit, most in (("choruses", 10_000), ("bars", 100_000)):
        how_long.add_argument(
            f"--{unit}",
            metavar="N",
            type=number(1, most, whole),
            help="how long (live without end, offline 2 choruses)",
        )
    for flag, low, high, default, text in (
        ("--seed", 0, 2**63, 0, "another seed, another solo"),
        ("--channel", 1, 16, 1, "MIDI channel, 1 to 16"),
    ):
        kept = number(low, high, whole)
        add(flag, metavar="N", type=kept, default=default, help=f"{text} ({default})")
    instrument_options(parser)
    sounding_options(parser)
    page_options(parser)
    add("--model", metavar="DIR", type=Path, help="a model folder (the default model)")
    add("--manner", metavar="NAME", help="a player or style that the model tells apart (none)")
    add("--list-manners", action="store_true", help="show the model's manners and stop")
    constraint_options(parser)
    together_options(parser)
    control_options(parser)


def apply_configuration(parser: argparse.ArgumentParser, arguments: list[str]) -> None:
    """Take defaults from the configuration files; what is given on the command line wins."""
    from live_improv.runtime.configuration import (
        apply,
        configuration_paths,
        control_map,
        read_configuration,
    )

    configuration = read_configuration(configuration_paths())
    apply(parser, configuration, arguments, never=NOT_IN_FILES, beside=("chart",))
    parser.set_defaults(control_map=control_map(configuration))


def play(options: argparse.Namespace) -> int:
    """Play, or show what there is."""
    lines = asked_for(options)
    if lines is not None:
        for line in lines:
            print(line)
        return OK
    if is_offline(options):
        return _play_offline(options)
    if options.listen is not None:
        raise BadOptions("--listen: expected together with --offline OUT.mid, --wav or --mp3")
    from live_improv.midi.port_names import MidiUnavailable

    try:
        return _play_live(options)
    except MidiUnavailable as error:
        if options.port is not None or options.speakers:
            raise
        out = unused(Path("solo.mid"))
        print(f"{one_line(error)}\nNo MIDI here, so the solo goes into {out}.")
        options.offline = out
        return _play_offline(options)


def _play_offline(options: argparse.Namespace) -> int:
    from live_improv.app import Performance
    from live_improv.midi.codec import printable
    from live_improv.midi.reader import read_player
    from live_improv.offline import play_offline

    out = chosen_files(options)
    player = None if options.listen is None else read_player(options.listen)
    performance = Performance(chosen_request(options, offline=True), player)
    count = play_offline(performance, out)
    seed = performance.request.seed
    title = printable(performance.changes.title)
    names = ", ".join(str(each) for each in (out.midi, out.wav, out.mp3) if each is not None)
    print(f"{printable(names)}: {title} at {performance.bpm:g}, {count} notes, seed {seed}")
    for line in (*_idle(options), *uncapped(options, performance.model)):
        print(line)
    return OK


def _play_live(options: argparse.Namespace) -> int:
    from live_improv.midi.codec import printable
    from live_improv.runtime.guardian import guarded_output
    from live_improv.runtime.recorder import EarlyProcess
    from live_improv.runtime.speakers import open_speakers
    from live_improv.runtime.stopping import stopping_as_interrupt

    after = _idle(options)

    def say(line: str) -> None:
        print(line, flush=True)
        while after:  # the first line, which says that it plays
            print(after.pop(0), flush=True)

    with stopping_as_interrupt(), ExitStack() as stack:
        gear = chosen_gear(options)
        # Their processes start while the rest of the program is read and the net is loaded.
        guarded = None
        if gear.port is not None and not options.no_guardian:
            guarded = stack.enter_context(guarded_output(gear.port))
        keeper = None
        if gear.takes is not None:
            keeper = stack.enter_context(EarlyProcess(gear.takes))
        speakers = stack.enter_context(open_speakers(say)) if options.speakers else None
        from live_improv.app import Performance
        from live_improv.stage import play_live

        performance = Performance(chosen_request(options, offline=False))
        after += uncapped(options, performance.model)
        take = play_live(performance, gear, say, speakers, guarded, keeper)
    if take is not None:
        print(f"take: {printable(str(take))}")
    return OK


def _idle(options: argparse.Namespace) -> list[str]:
    """Which options have been given for nothing, a line each."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    return idle(options, parser.get_default)
