"""What the doctor makes of MIDI systems and ports, against scripted ones. No time passes."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from itertools import accumulate, repeat

import pytest

from live_improv.midi import connection, ports
from live_improv.midi.codec import decode
from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    Pulse,
    Stamped,
    Start,
)
from live_improv.music.timing import Seconds
from live_improv.runtime.doctor import listening
from live_improv.runtime.doctor import ports as there
from live_improv.runtime.doctor.__main__ import CHECKS
from live_improv.runtime.doctor.findings import Finding, Level
from live_improv.runtime.doctor.listening import Heard, Probe
from live_improv.runtime.doctor.plan import Plan
from tests.fake_rtmidi import ALSA, WINDOWS, FakeDevice, FakeRtMidi


class Cable(FakeRtMidi):
    """A MIDI system with a cable: what is sent to one port comes in at another."""

    def __init__(self, api: int, *names: str, cable: tuple[str, str] | None = None) -> None:
        super().__init__([api], [api], list(names))
        self.cable = cable

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        """A client."""
        if api not in self.working:
            raise self.RtMidiError("no server")
        self.devices.append(CableDevice(self, api))
        return self.devices[-1]

    MidiIn = MidiOut

    def come(self, name: str, data: list[int]) -> None:
        """A message comes in at a port."""
        for device in self.devices:
            if device.connected and device.connected[0] == name and device.callback is not None:
                device.callback((data, 0.0), None)

    @property
    def sent(self) -> list[Event | None]:
        """What was sent, wherever to."""
        return [decode(data) for device in self.devices for data in device.sent]


class CableDevice(FakeDevice):
    """A client of that."""

    def send_message(self, data: list[int]) -> None:
        """Send, through the cable too."""
        super().send_message(data)
        assert isinstance(self.rtmidi, Cable)
        name = self.connected[0] if self.connected else self.log[0].removeprefix("virtual ")
        if self.rtmidi.cable and self.rtmidi.cable[0] == name:
            self.rtmidi.come(self.rtmidi.cable[1], data)


Lay = Callable[..., Cable]


@pytest.fixture
def lay(monkeypatch: pytest.MonkeyPatch) -> Lay:
    """Put a cable in the place of rtmidi."""
    for module in (ports, connection):
        monkeypatch.setattr(module, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(ports, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)

    def put(api: int, *names: str, cable: tuple[str, str] | None = None) -> Cable:
        laid = Cable(api, *names, cable=cable)
        monkeypatch.setitem(sys.modules, "rtmidi", laid)
        return laid

    return put


def examined(plan: Plan | None = None) -> dict[str, Finding]:
    """What the two checks of MIDI find, by what was looked at."""
    plan = plan or Plan(seconds=0.0)
    found = [*CHECKS["systems"](plan), *CHECKS["listening"](plan)]
    assert all(finding.says.isprintable() for finding in found)
    return {finding.what: finding for finding in found}


def test_everything_is_well_and_no_note_is_sent(lay: Lay) -> None:
    laid = lay(ALSA, "Synth", "Keyboard")
    found = examined()
    assert {each.level for each in found.values()} <= {Level.OK, Level.INFO}
    assert found["MIDI outputs"].says == "2: Synth, Keyboard"
    assert found["virtual port"].says == "can be made"
    assert laid.sent
    for event in laid.sent:
        assert isinstance(event, ControlChange)
        assert event.channel == 15
        assert 102 <= event.control <= 119, "undefined in MIDI 1.0"
    assert all(device.deleted for device in laid.devices)


def test_nothing_is_sent_to_a_port_that_nobody_named(lay: Lay) -> None:
    laid = lay(ALSA, "Synth", "Keyboard")
    examined()
    assert laid.heard == []
    examined(Plan(seconds=0.0, port="synth"))
    assert {name for name, _ in laid.heard} == {"Synth"}


def test_a_loop_is_named(lay: Lay) -> None:
    laid = lay(WINDOWS, "loopMIDI Port 1", "Keyboard 2", cable=("loopMIDI Port 1",) * 2)
    found = examined(Plan(seconds=0.0, port="loopMIDI Port"))
    assert found["loop"].level is Level.NOTE
    assert "loopMIDI Port 1 comes back on loopMIDI Port 1" in found["loop"].says
    assert found["MIDI heard"].level is Level.INFO, "what comes back is nobody's playing"
    laid.cable = None
    assert examined(Plan(seconds=0.0, port="loopMIDI Port"))["loop"].level is Level.OK


def test_another_process_s_probe_is_not_ours(lay: Lay) -> None:
    probe, other = Probe.of(4321), Probe.of(4322)
    assert probe != other
    assert all(1 <= value <= 127 for value in (*probe.values, *Probe.of(4_194_304).values))
    stamped = [Stamped(Seconds(1.0), event) for event in probe.events()]
    assert probe.came_back(stamped) == 1.0
    assert probe.came_back(stamped[::-1]) == 1.0
    assert probe.came_back(stamped[:-1]) is None
    assert other.came_back(stamped) is None


def test_only_the_input_that_was_named_is_listened_to(lay: Lay) -> None:
    laid = lay(ALSA, "Synth", "Keyboard")
    plan = Plan(seconds=0.0, player_in="key")
    found = examined(plan)
    assert found["--in"].says == "'key' is Keyboard"
    opened = [line for device in laid.devices for line in device.log if line.startswith("open")]
    assert opened == ["open Keyboard"]


def test_what_is_played_and_a_clock_are_heard(lay: Lay) -> None:
    laid = lay(ALSA, "Keyboard", "DAW")
    waits = 0

    def wait(_seconds: float) -> None:
        nonlocal waits
        waits += 1
        laid.come("DAW", [0xFA])
        for _ in range(24):
            laid.come("DAW", [0xF8])
        laid.come("Keyboard", [0x93, 60, 80])
        laid.come("Keyboard", [0x83, 60, 0])
        laid.come("Keyboard", [0xB3, 1, 80])

    found = {
        each.what: each for each in listening.listen(Plan(seconds=0.0), ports.list_ports(), wait)
    }
    assert waits == listening.PROBES
    assert found["MIDI heard"].says == "3 notes, 3 controllers on channel 4 from Keyboard"
    assert "on DAW" in found["MIDI clock"].says
    assert found["MIDI clock"].says.endswith("started")


def test_the_tempo_of_a_clock() -> None:
    daw = Heard("DAW")
    gaps = [0.0200, 0.0217, *repeat(0.5 / 24, 97)]
    daw.events.append(Stamped(Seconds(0.0), Start()))
    for at in accumulate(gaps, initial=1.0):
        daw.events.append(Stamped(Seconds(at), Pulse()))
    found = listening.clock(Plan(), [Heard("Keyboard"), daw])
    assert found.level is Level.OK
    assert found.says == "120.0 on DAW, 99 of 100 pulses within 0.8 ms, started"


def test_pulses_all_at_once_divide_nothing_by_zero() -> None:
    daw = Heard("DAW")
    daw.events.extend([Stamped(Seconds(1.0), Pulse())] * 100)
    assert re.match(r"(no tempo|\d+\.\d) on DAW", listening.clock(Plan(), [daw]).says)


@pytest.mark.parametrize(("waits", "level"), [(True, Level.NOTE), (False, Level.INFO)])
def test_no_clock_matters_to_who_waits_for_one(waits: bool, level: Level) -> None:
    few = Heard("DAW")
    few.events.extend([Stamped(Seconds(1.0), Pulse())] * 3)
    found = listening.clock(Plan(waits_for_clock=waits), [few])
    assert found.level is level
    assert found.says == "none heard in 5 s"


def test_held_notes_and_their_ends_count_once() -> None:
    keyboard = Heard("Keyboard")
    events: list[Event] = [NoteOn(60, 80, 9), NoteOff(60, 9), NoteOn(62, 80, 0), NoteOff(62, 0)]
    keyboard.events.extend(Stamped(Seconds(1.0), event) for event in events)
    found = listening.notes(Plan(), [keyboard])
    assert found.says == "2 notes on channel 1, 10 from Keyboard"


def test_more_inputs_than_anybody_has_are_not_all_opened(lay: Lay) -> None:
    names = [f"Input {number}" for number in range(40)]
    laid = lay(ALSA, *names)
    found = examined()
    opened = [line for device in laid.devices for line in device.log if line.startswith("open")]
    assert len(opened) == listening.MOST_INPUTS
    assert "40: Input 0," in found["MIDI outputs"].says
    assert found["MIDI outputs"].says.endswith("and 28 more")


# --- what goes wrong -------------------------------------------------------------------------


def test_an_output_in_use_keeps_it_from_playing(lay: Lay) -> None:
    laid = lay(WINDOWS, "Synth 0", "Keyboard 1")
    laid.busy = {"Synth 0"}
    found = examined(Plan(seconds=0.0, port="Synth", player_in="Keyboard"))
    assert found["MIDI output"].level is Level.WRONG
    assert "another program" in found["MIDI output"].says


def test_an_input_in_use_is_noted_and_the_others_are_heard(lay: Lay) -> None:
    laid = lay(ALSA, "Synth", "Keyboard")
    laid.busy = {"Keyboard"}
    found = examined()
    assert found["MIDI input"].level is Level.NOTE
    assert found["MIDI clock"].says == "none heard in 0 s"


def test_a_name_that_means_several_ports_keeps_it_from_playing(lay: Lay) -> None:
    lay(ALSA, "IAC Driver Bus 1", "IAC Driver Bus 2")
    found = examined(Plan(seconds=0.0, port="IAC", player_in="IAC"))
    assert {found[what].level for what in ("--port", "--in", "MIDI output")} == {Level.WRONG}


def test_a_name_that_no_port_has_is_noted(lay: Lay) -> None:
    lay(ALSA, "IAC Driver Bus 1")
    found = examined(Plan(seconds=0.0, port="IAC Buss"))
    assert found["--port"].level is Level.NOTE
    assert "one of that name will be made" in found["--port"].says


def test_a_port_that_goes_while_it_is_listened_to(lay: Lay) -> None:
    laid = lay(ALSA, "Synth")

    def wait(_seconds: float) -> None:
        laid.vanishing = True

    plan = Plan(seconds=0.0, port="Synth")
    found = {each.what: each for each in listening.listen(plan, ports.list_ports(), wait)}
    assert found["MIDI output"].level is Level.WRONG
    assert all(device.deleted for device in laid.devices)


def test_virtual_ports_that_cannot_be_made_keep_it_from_playing(lay: Lay) -> None:
    lay(ALSA).no_virtual = True
    assert examined()["virtual port"].level is Level.WRONG


def test_escape_sequences_in_names_of_ports_do_not_get_out(lay: Lay) -> None:
    from live_improv.runtime.doctor.findings import Discretion

    lay(ALSA, "\x1b]0;gotcha\x07Synth", "Key\u202eboard")
    plan = Plan(seconds=0.0)
    lines = [
        Discretion("/home/ann").of(finding).line()
        for finding in (*CHECKS["systems"](plan), *CHECKS["listening"](plan))
    ]
    assert all(line.isprintable() for line in lines)
    assert any("gotcha" in line for line in lines)


def test_windows_without_a_port_says_what_makes_one(
    lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    lay(WINDOWS)
    found = examined()["virtual port"]
    assert found.level is Level.WRONG
    assert "loopMIDI" in found.says


def test_windows_with_a_port_is_well(lay: Lay) -> None:
    lay(WINDOWS, "loopMIDI Port 1")
    plan = Plan(seconds=0.0, port="loopMIDI Port")
    assert examined(plan)["virtual port"].level is Level.INFO


def test_listed_ports_are_none_where_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", FakeRtMidi([ALSA], [], []))
    assert there.listed() is None
    assert list(CHECKS["listening"](Plan())) == []
    (found,) = CHECKS["systems"](Plan())
    assert found.level is Level.WRONG
