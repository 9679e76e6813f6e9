"""What there is to choose from, shown instead of playing: the options `--list-...`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from live_improv.cli.controlling import learned
from live_improv.cli.requesting import DEFAULT_PORT


def asked_for(options: argparse.Namespace) -> Iterator[str] | None:
    """The lines of the first list that is asked for; None where none is."""
    for name, lines in LISTS.items():
        if getattr(options, name):
            return lines(options)
    return None


def _ports(options: argparse.Namespace) -> Iterator[str]:
    from live_improv.midi.codec import printable
    from live_improv.midi.port_names import match_port
    from live_improv.midi.ports import list_ports

    ports = list_ports()
    for title, names in (("outputs", ports.outputs), ("inputs", ports.inputs)):
        yield f"{title} ({ports.api}):"
        for port in names or ("none",):
            yield f"  {printable(port)}"
    wanted = options.port or DEFAULT_PORT
    chosen = match_port(wanted, ports.outputs)
    if chosen is not None:
        yield f"would play to: {printable(ports.outputs[chosen])}"
    elif ports.virtual_possible:
        yield f"would play to: a new virtual port {wanted}"
    else:
        yield "would play to: none, no virtual ports here"


def _keys(options: argparse.Namespace) -> Iterator[str]:
    from live_improv.performance.controls import key_lines

    bound = options.control_map.with_all(learned()).to_dict()
    yield from key_lines()
    yield ""
    for name in bound:
        yield f"{bound[name]:14} {name}"


def _constraints(_options: argparse.Namespace) -> Iterator[str]:
    from live_improv.performance.constraints import CONSTRAINTS

    for row in CONSTRAINTS.values():
        yield f"{row.name:9} {row.strength:<6g}{row.about}; {row.reason}"


def _manners(options: argparse.Namespace) -> Iterator[str]:
    from live_improv.assets import default_model
    from live_improv.model_folder import load

    manners = load(options.model or default_model()).manners
    yield from manners or ("none: this model was not told players or styles",)


def _charts(_options: argparse.Namespace) -> Iterator[str]:
    from live_improv.assets import chart_names

    yield from chart_names()


LISTS: dict[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "list_ports": _ports,
    "list_keys": _keys,
    "list_constraints": _constraints,
    "list_manners": _manners,
    "list_charts": _charts,
}
"""By the name of the option; of several, the first one is shown."""
