"""What is said before the first note: what is played, where, and who else plays there."""

from __future__ import annotations

from live_improv.app import Performance
from live_improv.midi.codec import printable
from live_improv.performance.controls import OFF
from live_improv.performance.turns import Mode
from live_improv.runtime.gear import Output, Ports
from live_improv.runtime.hot_plug import SteadyInput
from live_improv.runtime.speakers import Speakers

WAITS = "waiting for the clock to start (b: bar 1 is now)"


def playing(performance: Performance, ports: Ports, speakers: Speakers | None) -> str:
    """That it plays: what, how and where."""
    return f"{_title(performance)}, {_opened(ports, speakers)}. Ctrl-C stops."


def shared(output: Output) -> str:
    """That somebody else of us plays to this port too."""
    does = "has a port of this name" if output.virtual else "plays to this port"
    return f"another live_improv {does} as well; --port chooses another"


def _title(performance: Performance) -> str:
    knobs = performance.knobs
    how = "" if knobs.mode == Mode.SOLO else f", {knobs.mode}"
    how += "" if knobs.manner == OFF else f", in the manner of {printable(knobs.manner)}"
    return f"{printable(performance.changes.title)} at {performance.bpm:g}{how}"


def _opened(ports: Ports, speakers: Speakers | None) -> str:
    def named(port: Output | SteadyInput) -> str:
        return f"{'virtual port ' if port.virtual else ''}{printable(port.name)}"

    heard = f", listening to {', '.join(map(named, ports.inputs))}" if ports.inputs else ""
    to = [] if ports.notes is None else [named(ports.notes)]
    to += [] if speakers is None else ["the speakers"]
    return f"playing to {' and '.join(to)}{heard}"
