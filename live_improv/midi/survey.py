"""Which MIDI systems python-rtmidi was built for here, and which of them answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from live_improv.midi.codec import printable
from live_improv.midi.systems import first_client


@dataclass(frozen=True, slots=True)
class MidiSystem:
    """A MIDI system.

    Attributes:
        name: as rtmidi calls it.
        answers: it takes a client.
        first: it is the one that is played through.
    """

    name: str
    answers: bool
    first: bool


def survey(client: str) -> tuple[MidiSystem, ...]:
    """Every MIDI system, the one that is played through first.

    The libraries of systems that do not answer may write to the standard error of the process.

    Raises:
        MidiUnavailable: python-rtmidi cannot be loaded, or nothing answers.
    """
    rtmidi, device = first_client("MidiOut", client)
    used = device.get_current_api()
    device.delete()
    found = [MidiSystem(_name(rtmidi.get_api_display_name(used)), True, True)]
    for api in rtmidi.get_compiled_api():
        if api not in (used, rtmidi.API_RTMIDI_DUMMY):
            answers = False
            with suppress(rtmidi.RtMidiError):
                rtmidi.MidiOut(api, name=client).delete()
                answers = True
            found.append(MidiSystem(_name(rtmidi.get_api_display_name(api)), answers, False))
    return tuple(found)


def _name(shown: str) -> str:
    return printable(shown)
