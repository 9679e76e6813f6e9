"""The command that plays, live or into a file."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from live_improv.cli.charts import tune_option
from live_improv.cli.instrument import (
    chosen_instrument,
    chosen_program,
    chosen_range,
    instrument_options,
)
from live_improv.cli.parsing import OK, BadOptions, number, one_line, unused
from live_improv.cli.sounding import (
    chosen_band,
    chosen_files,
    chosen_page,
    is_offline,
    page_options,
    sounding_options,
)
from live_improv.performance.controls import CONTROLS, Control, ControlError, Kind, Knobs

if TYPE_CHECKING:
    from live_improv.app import Performance, Request
    from live_improv.performance.constraints import Constraints
    from live_improv.performance.hands import Hands
    from live_improv.performance.partner import Listening
    from live_improv.runtime.learned import Learned
    from live_improv.stage import Gear

DEFAULT_PORT = "live_improv"
DEFAULT_INPUT = "live_improv in"

_OFFLINE_CHORUSES = 2

_NOT_IN_FILES = (
    *("list_ports", "list_charts", "list_manners", "list_keys", "list_constraints"),
    *("offline", "listen", "without", "wav", "mp3"),
)

_AT_THE_START = [
    row
    for row in CONTROLS.values()
    if row.kind not in (Kind.TRIGGER, Kind.TOGGLE, Kind.OFFERED) and row.name != "tempo"
]
"""The controls that are options as well; the tempo is one whose default is the chart's, and the
manner one that only the model can check."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    whole = int
    add = parser.add_argument
    add("--port", metavar="NAME", help="MIDI output; a virtual port of that name if there is none")
    add("--list-ports", action="store_true", help="show the MIDI ports and stop")
    add("--offline", metavar="OUT.mid", type=Path, help="play into a file instead")
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
    _together_options(parser.add_argument_group("playing together"))
    _control_options(parser.add_argument_group("controls, which can be turned while it plays"))


def _together_options(group: argparse._ArgumentGroup) -> None:
    add, whole = group.add_argument, int
    add("--in", dest="player_in", metavar="NAME", help="MIDI input: what you play")
    add("--listen", metavar="PLAYER.mid", type=Path, help="with --offline: who plays along")
    add("--first", choices=("player", "machine"), default="player", help="who trades first")
    add(
        "--count-in",
        metavar="BARS",
        type=number(0, 8, whole),
        help="internal clock (1 before your turn)",
    )
    add("--clock-in", metavar="NAME", help="where a MIDI clock comes from (--in)")
    add("--clock-out", metavar="NAME", help="where ours goes: we lead")
    add("--chords", choices=("chart", "live", "both"), default="chart", help="where they come from")
    add("--chord-in", metavar="NAME", help="MIDI input: chords")
    add("--chord-channel", metavar="N", type=number(1, 16, whole), help="of --in: chords")
    add("--split", metavar="NOTE", type=number(1, 127, whole), help="of --in: chords below it")
    add("--in-channel", metavar="N", type=number(1, 16, whole), help="hear only this one")
    add("--in-low", metavar="N", type=number(0, 127, whole), default=0, help="lowest note heard")
    add("--in-high", metavar="N", type=number(0, 127, whole), default=127, help="highest one")
    add(
        "--horizon",
        metavar="BEATS",
        type=number(0.125, 4, float),
        default=1.0,
        help="how long before it sounds a note is decided (1)",
    )
    add("--take-dir", metavar="DIR", type=Path, default=Path("takes"), help="(takes)")
    add("--no-take", action="store_true", help="do not keep what is played")
    add(
        "--no-guardian",
        action="store_true",
        help="hold the output in this process: nobody ends its notes if it is killed",
    )
    add("--list-keys", action="store_true", help="show what can be turned while it plays, and stop")


def _control_options(group: argparse._ArgumentGroup) -> None:
    for row in _AT_THE_START:
        flag = f"--{row.name.replace('_', '-')}"
        shown = f"{row.about}: {row.expected} ({row.shown(row.default)})"
        if row.choices:
            group.add_argument(flag, choices=row.choices, default=row.default, help=row.about)
        else:
            group.add_argument(flag, metavar="N", type=_value(row), default=row.default, help=shown)


def _value(row: Control) -> Any:
    def read(text: str) -> object:
        try:
            return row.parsed(text)
        except ControlError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


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


def _constraints(options: argparse.Namespace) -> Constraints:
    """What the line is held to."""
    from live_improv.performance.constraints import Constraints

    quotes = {} if options.max_quote is None else {"quotes": options.max_quote}
    return Constraints(**quotes).without(options.without)


def apply_configuration(parser: argparse.ArgumentParser, arguments: list[str]) -> None:
    """Take defaults from the configuration files; what is given on the command line wins."""
    from live_improv.runtime.configuration import (
        apply,
        configuration_paths,
        control_map,
        read_configuration,
    )

    configuration = read_configuration(configuration_paths())
    apply(parser, configuration, arguments, never=_NOT_IN_FILES, beside=("chart",))
    parser.set_defaults(control_map=control_map(configuration))


def play(options: argparse.Namespace) -> int:
    """Play, or show what there is."""
    if options.list_ports:
        return _list_ports(options.port)
    if options.list_keys:
        from live_improv.performance.controls import key_lines

        bound = options.control_map.with_all(_learned().map).to_dict()
        print("\n".join([*key_lines(), "", *(f"{bound[name]:14} {name}" for name in bound)]))
        return OK
    if options.list_constraints:
        from live_improv.performance.constraints import CONSTRAINTS

        for row in CONSTRAINTS.values():
            print(f"{row.name:9} {row.strength:<6g}{row.about}; {row.reason}")
        return OK
    if options.list_manners:
        return _list_manners(options.model)
    if options.list_charts:
        from live_improv.assets import chart_names

        print("\n".join(chart_names()))
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


def _request(options: argparse.Namespace, *, offline: bool) -> Request:
    from live_improv.app import Request
    from live_improv.grammar.realization import Register
    from live_improv.music.timing import PPQ, Ticks
    from live_improv.performance.harmony import ChordSource
    from live_improv.performance.turns import First

    band = chosen_band(options)
    if band and options.channel == 10:
        raise BadOptions("--channel 10 is the drums': expected another one, or --band none")
    knobs = Knobs(**{row.name: getattr(options, row.name) for row in _AT_THE_START})
    if offline:  # where nobody else beats time, and nothing takes any
        knobs = replace(knobs, clock="internal", clock_offset_ms=0, latency_ms=0)
    ends = options.choruses is not None or options.bars is not None or options.listen is not None
    choruses = _OFFLINE_CHORUSES if offline and not ends else options.choruses
    waits = knobs.mode == "trade" and options.first == "player" and knobs.clock == "internal"
    count_in = options.count_in
    if count_in is None:
        count_in = 1 if waits and not offline else 0
    return Request(
        chart=options.chart,
        tune=options.tune,
        model=options.model,
        bpm=options.tempo,
        bars=options.bars,
        choruses=choruses,
        instrument=chosen_instrument(options),
        register=Register(*chosen_range(options)),
        seed=options.seed,
        channel=options.channel - 1,
        program=chosen_program(options, needed=offline or options.speakers),
        band=band,
        knobs=knobs,
        manner=options.manner,
        first=First(options.first),
        count_in=count_in,
        chords=ChordSource(options.chords),
        listening=_listening(options),
        horizon=Ticks(round(options.horizon * PPQ)),
        constraints=_constraints(options),
        hands=_hands(options),
        leads=options.clock_out is not None,
    )


def _listening(options: argparse.Namespace) -> Listening:
    from live_improv.listening.listener import Filter
    from live_improv.performance.partner import Listening

    channel, chords = options.in_channel, options.chord_channel
    apart = (options.split, chords, options.chord_in)
    return Listening(
        Filter(None if channel is None else channel - 1, options.in_low, options.in_high),
        options.split,
        None if chords is None else chords - 1,
        both_hands=all(each is None for each in apart),
    )


def _hands(options: argparse.Namespace) -> Hands:
    from live_improv.performance.hands import Hands

    return Hands(options.control_map, _learned().map)


def _learned() -> Learned:
    from live_improv.runtime.learned import learned_path, read_learned

    learned = read_learned(learned_path())
    if learned.warning is not None:
        print(learned.warning)
    return learned


_WITHOUT_EFFECT = (
    ("trade", "mode", "trade"),
    ("first", "mode", "trade"),
    ("split", "chords", "live"),
    ("chord_channel", "chords", "live"),
    ("chord_in", "chords", "live"),
    ("clock_in", "clock", "midi"),
)
"""An option, and what it takes for it to mean anything."""


def _idle(options: argparse.Namespace) -> list[str]:
    """Which options have been given for nothing, a line each."""
    parser, lines = argparse.ArgumentParser(), []
    add_options(parser)
    for name, needs, value in _WITHOUT_EFFECT:
        idle = getattr(options, needs) == parser.get_default(needs)
        if idle and getattr(options, name) != parser.get_default(name):
            flag, other = (each.replace("_", "-") for each in (name, needs))
            lines.append(f"--{flag} does nothing without --{other} {value}")
    return lines


def _uncapped(options: argparse.Namespace, performance: Performance) -> list[str]:
    """That a cap on quoting was asked for and cannot be kept."""
    if not options.max_quote or performance.model.quotes is not None:
        return []
    return ["--max-quote does nothing: the model has no index; `live-improv quotes` makes one"]


def _gear(options: argparse.Namespace) -> Gear:
    from live_improv.runtime import playing_to
    from live_improv.runtime.configuration import user_folder
    from live_improv.runtime.learned import learned_path
    from live_improv.stage import Gear

    alone = options.mode == "solo" and options.chords == "chart" and options.clock != "midi"
    apart = options.clock_in is not None and options.mode == "solo" and options.chords == "chart"
    player_in = options.player_in
    if player_in is None and not alone and not apart:
        player_in = DEFAULT_INPUT
    port = options.port
    if port is None and not options.speakers:
        port = DEFAULT_PORT
    return Gear(
        port=port,
        player_in=player_in,
        clock_in=options.clock_in,
        clock_out=options.clock_out,
        chord_in=options.chord_in,
        takes=None if options.no_take else options.take_dir,
        learned=learned_path(),
        playing=user_folder() / playing_to.FOLDER,
        page=chosen_page(options),
    )


def _play_offline(options: argparse.Namespace) -> int:
    from live_improv.app import Performance
    from live_improv.midi.codec import printable
    from live_improv.midi.reader import read_player
    from live_improv.offline import play_offline

    out = chosen_files(options)
    for each in (out.midi, out.wav, out.mp3):
        heard = options.listen
        if heard is not None and each is not None and each.exists() and each.samefile(heard):
            raise BadOptions(f"{each}: the file of --listen would be overwritten")
    player = None if options.listen is None else read_player(options.listen)
    performance = Performance(_request(options, offline=True), player)
    count = play_offline(performance, out)
    seed = performance.request.seed
    title = printable(performance.changes.title)
    names = ", ".join(str(each) for each in (out.midi, out.wav, out.mp3) if each is not None)
    print(f"{printable(names)}: {title} at {performance.bpm:g}, {count} notes, seed {seed}")
    for line in (*_idle(options), *_uncapped(options, performance)):
        print(line)
    return OK


def _play_live(options: argparse.Namespace) -> int:
    from live_improv.midi.codec import printable
    from live_improv.runtime.guardian import guarded_output
    from live_improv.runtime.recorder import EarlyProcess
    from live_improv.runtime.speakers import open_speakers
    from live_improv.runtime.stopping import stopping_as_interrupt

    idle = _idle(options)

    def say(line: str) -> None:
        print(line, flush=True)
        while idle:  # after the first line, which says that it plays
            print(idle.pop(0), flush=True)

    with stopping_as_interrupt(), ExitStack() as stack:
        gear = _gear(options)
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

        performance = Performance(_request(options, offline=False))
        idle += _uncapped(options, performance)
        take = play_live(performance, gear, say, speakers, guarded, keeper)
    if take is not None:
        print(f"take: {printable(str(take))}")
    return OK


def _list_manners(folder: Path | None) -> int:
    from live_improv.assets import default_model
    from live_improv.model_folder import load

    manners = load(folder or default_model()).manners
    print("\n".join(manners) or "none: this model was not told players or styles")
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
