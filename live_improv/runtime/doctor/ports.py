"""MIDI systems and ports: what there is, and whether it opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from live_improv.midi.port_names import MidiUnavailable, PortError, match_port
from live_improv.midi.ports import Ports, list_ports, open_output
from live_improv.midi.survey import survey
from live_improv.midi.systems import way_out
from live_improv.runtime.doctor.findings import Finding, Level

CLIENT = "live_improv_doctor"
PORT = "live_improv doctor"
"""The virtual port that is made and closed again; no program looks for one of that name."""

MOST_NAMES = 12
"""Of a list of ports, so many are named."""


def systems() -> Iterator[Finding]:
    """The MIDI systems, the one that is played through first."""
    try:
        found = survey(CLIENT)
    except MidiUnavailable as error:
        yield Finding(Level.WRONG, "MIDI systems", str(error))
        return
    says = [f"{each.name} answers and is played through" for each in found if each.first]
    says += [
        f"{each.name} {'answers too' if each.answers else 'does not answer'}"
        for each in found
        if not each.first
    ]
    yield Finding(Level.OK, "MIDI systems", "; ".join(says))


def ports(listed: Ports) -> Iterator[Finding]:
    """What there is to play to and to listen to, and whether a port of our own can be made."""
    yield Finding(Level.OK, "MIDI outputs", _names(listed.outputs))
    yield Finding(Level.OK, "MIDI inputs", _names(listed.inputs))
    if listed.virtual_possible:
        yield virtual()
    elif listed.outputs:
        says = "not on this system: name one of the outputs with --port"
        yield Finding(Level.INFO, "virtual port", says)
    else:
        yield Finding(Level.WRONG, "virtual port", f"no output, and none can be made{way_out()}")


def virtual() -> Finding:
    """Make a virtual port, and close it."""
    try:
        with open_output(PORT, client=CLIENT) as port:
            made = port.virtual
    except PortError as error:
        return Finding(Level.WRONG, "virtual port", str(error))
    says = "can be made" if made else f"not tried: {PORT!r} is there already"
    return Finding(Level.OK, "virtual port", says)


def chosen(wanted: str | None, names: Sequence[str], flag: str) -> Finding | None:
    """Which port is meant by a name that was asked for; nothing is opened."""
    if wanted is None:
        return None
    try:
        index = match_port(wanted, names)
    except PortError as error:
        return Finding(Level.WRONG, flag, str(error), f"say more of the name with {flag}")
    if index is not None:
        return Finding(Level.OK, flag, f"{wanted!r} is {names[index]}")
    return Finding(
        Level.NOTE,
        flag,
        f"no port is called {wanted!r}, so one of that name will be made",
        "if it is not meant to be, see the names above, and plug in what is missing",
    )


def listed() -> Ports | None:
    """The ports of this computer; None where no MIDI system answers."""
    try:
        return list_ports(client=CLIENT)
    except MidiUnavailable:
        return None


def _names(names: Sequence[str]) -> str:
    if not names:
        return "none"
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{len(names)}: {shown}{f' and {more} more' if more > 0 else ''}"
