"""What a name of a port means."""

from __future__ import annotations

import pytest

from live_improv.midi.port_names import PortAmbiguous, match_port

ALSA = [
    "Midi Through:Midi Through Port-0 14:0",
    "FLUID Synth (1234):Synth input port (1234:0) 128:0",
    "Launchpad Mini:Launchpad Mini MIDI 1 20:0",
    "Launchpad Mini:Launchpad Mini MIDI 2 20:1",
]
JACK = ["fluidsynth-midi:midi_00", "ardour:MIDI 1/midi_in 1", "ardour:MIDI 2/midi_in 1"]
MAC = ["IAC Driver Bus 1", "IAC Driver Bus 2", "Größe USB"]
WINDOWS = ["Microsoft GS Wavetable Synth 0", "loopMIDI Port 1", "loopMIDI Port 10 2", "UM-ONE 3"]

AMBIGUOUS = "ambiguous"


@pytest.mark.parametrize(
    ("wanted", "names", "found"),
    [
        # the same name
        ("loopMIDI Port 1", WINDOWS, "loopMIDI Port 1"),
        ("Synth", ["synth", "Synth"], "Synth"),
        ("Bus", ["Bus 1", "Bus", "Bus 2"], "Bus"),
        ("SYNTH", ["synth", "Synth"], AMBIGUOUS),
        ("iac driver bus 2", MAC, "IAC Driver Bus 2"),
        ("GRÖSSE usb", ["Größe USB"], "Größe USB"),
        ("Gro\u0308ße USB", MAC, "Größe USB"),
        ("  IAC Driver Bus 1 ", MAC, "IAC Driver Bus 1"),
        ("USB MIDI", ["USB MIDI", "USB MIDI"], AMBIGUOUS),
        # without the system's numbers
        ("Midi Through:Midi Through Port-0", ALSA, ALSA[0]),
        ("midi through:midi through port-0 20:0", ALSA, ALSA[0]),
        ("14:0 Midi Through:Midi Through Port-0", ALSA, ALSA[0]),
        ("A:B", ["A:B 20:0", "A:B 21:0"], AMBIGUOUS),
        ("A:B 21:0", ["A:B 20:0", "A:B 21:0"], "A:B 21:0"),
        ("A", ["A 20:0", "AB 21:0"], "A 20:0"),
        ("um-one", WINDOWS, "UM-ONE 3"),
        ("loopMIDI Port 10", WINDOWS, "loopMIDI Port 10 2"),
        ("loopMIDI Port 1", ["loopMIDI Port 1 1", "loopMIDI Port 10 2"], "loopMIDI Port 1 1"),
        ("loopMIDI Port", ["loopMIDI Port 1", "loopMIDI Port 2"], AMBIGUOUS),
        # the client or the port
        ("Synth", ["Synth:Synth", "Synth B:Synth B"], "Synth:Synth"),
        ("out", ["out of tune:a", "b:out 20:0"], "b:out 20:0"),
        ("ardour", ["ardour:a", "ardour:b"], AMBIGUOUS),
        # the beginning
        ("micro", WINDOWS, "Microsoft GS Wavetable Synth 0"),
        ("fluidsynth", JACK, "fluidsynth-midi:midi_00"),
        ("live_improv", ["live_improv-01:live_improv"], "live_improv-01:live_improv"),
        ("Bus A", ["My Bus A2", "Bus A1"], "Bus A1"),
        ("ardour:MIDI 2", JACK, "ardour:MIDI 2/midi_in 1"),
        ("ardour", JACK, AMBIGUOUS),
        ("IAC", MAC, AMBIGUOUS),
        # a number is never cut
        ("loopMIDI Port 1", ["loopMIDI Port 10"], None),
        ("loopMIDI Port 1", ["loopMIDI Port 10 1"], None),
        ("loopMIDI Port 1", ["loopMIDI Port 10", "loopMIDI Port 11"], None),
        ("1 synth", ["a 11 synth"], None),
        # a part
        ("Wavetable", WINDOWS, "Microsoft GS Wavetable Synth 0"),
        ("Mini MIDI 2", ALSA, "Launchpad Mini:Launchpad Mini MIDI 2 20:1"),
        ("synth input", ALSA, ALSA[1]),
        ("20:1", ALSA, "Launchpad Mini:Launchpad Mini MIDI 2 20:1"),
        ("Port 0", ["X Port-1 20:0"], None),
        ("a.b", ["xaxbx"], None),
        # all its words in order
        ("IAC Bus", ["IAC Driver Bus 1"], "IAC Driver Bus 1"),
        ("IAC Bus", ["IAC-Driver Bus 1"], "IAC-Driver Bus 1"),
        ("iac bus 2", MAC, "IAC Driver Bus 2"),
        ("IAC Bus", MAC, AMBIGUOUS),
        ("Bus IAC", MAC, None),
        ("IAC Bu", MAC, None),
        ("launchpad 2", ["Launchpad Mini MK3 2", "Launchpad Mini MK3 1"], "Launchpad Mini MK3 2"),
        ("launchpad midi 1 20:0", ALSA, "Launchpad Mini:Launchpad Mini MIDI 1 20:0"),
        # nothing
        ("live_improv", ALSA, None),
        ("", MAC, None),
        ("  ", MAC, None),
        ("-", MAC, None),
        ("anything", [], None),
    ],
)
def test_the_first_way_that_leaves_one_decides(
    wanted: str, names: list[str], found: str | None
) -> None:
    if found == AMBIGUOUS:
        with pytest.raises(PortAmbiguous):
            match_port(wanted, names)
    else:
        index = match_port(wanted, names)
        assert (None if index is None else names[index]) == found


def test_an_ambiguous_name_lists_what_it_could_be_in_one_line() -> None:
    with pytest.raises(PortAmbiguous) as raised:
        match_port("IAC", ["IAC Driver Bus 1", "Synth", "IAC\x1b[2J Driver\nBus 2"])
    message = str(raised.value)
    assert "IAC Driver Bus 1" in message
    assert "IAC [2J Driver Bus 2" in message
    assert "Synth" not in message
    assert message.isprintable()
