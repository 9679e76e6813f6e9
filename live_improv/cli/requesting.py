"""What the options of a performance come to: a request, and the gear it is played through."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from live_improv.cli.constraining import chosen_constraints
from live_improv.cli.controlling import chosen_hands, chosen_knobs
from live_improv.cli.instrument import chosen_instrument, chosen_program, chosen_range
from live_improv.cli.parsing import BadOptions
from live_improv.cli.sounding import chosen_band, chosen_page
from live_improv.cli.together import chosen_count_in, chosen_input, chosen_listening

if TYPE_CHECKING:
    from live_improv.request import Request
    from live_improv.runtime.gear import Gear

DEFAULT_PORT = "live_improv"

_OFFLINE_CHORUSES = 2


def chosen_request(options: argparse.Namespace, *, offline: bool) -> Request:
    """What the performance is to be.

    Args:
        offline: it goes into files, so it has an end and a time of its own.

    Raises:
        BadOptions: the band's drums and the soloist are to share a channel.
        RegisterError: the range is none.
    """
    from live_improv.grammar.realization import Register
    from live_improv.music.timing import PPQ, Ticks
    from live_improv.performance.harmony import ChordSource
    from live_improv.performance.turns import First
    from live_improv.request import Request

    band = chosen_band(options)
    if band and options.channel == 10:
        raise BadOptions("--channel 10 is the drums': expected another one, or --band none")
    knobs = chosen_knobs(options, offline=offline)
    ends = options.choruses is not None or options.bars is not None or options.listen is not None
    return Request(
        chart=options.chart,
        tune=options.tune,
        model=options.model,
        bpm=options.tempo,
        bars=options.bars,
        choruses=_OFFLINE_CHORUSES if offline and not ends else options.choruses,
        instrument=chosen_instrument(options),
        register=Register(*chosen_range(options)),
        seed=options.seed,
        channel=options.channel - 1,
        program=chosen_program(options, needed=offline or options.speakers),
        band=band,
        knobs=knobs,
        manner=options.manner,
        first=First(options.first),
        count_in=chosen_count_in(options, knobs, offline=offline),
        chords=ChordSource(options.chords),
        listening=chosen_listening(options),
        horizon=Ticks(round(options.horizon * PPQ)),
        constraints=chosen_constraints(options),
        hands=chosen_hands(options),
        leads=options.clock_out is not None,
    )


def chosen_gear(options: argparse.Namespace) -> Gear:
    """What it is played through, live.

    Raises:
        PageError: the page's address cannot be one.
    """
    from live_improv.runtime import playing_to
    from live_improv.runtime.configuration import user_folder
    from live_improv.runtime.gear import Gear
    from live_improv.runtime.learned import learned_path

    port = options.port
    if port is None and not options.speakers:
        port = DEFAULT_PORT
    return Gear(
        port=port,
        player_in=chosen_input(options),
        clock_in=options.clock_in,
        clock_out=options.clock_out,
        chord_in=options.chord_in,
        takes=None if options.no_take else options.take_dir,
        learned=learned_path(),
        playing=user_folder() / playing_to.FOLDER,
        page=chosen_page(options),
    )
