"""Opening ports, against a stand-in for rtmidi that behaves as the systems do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

import pytest

from live_improv.midi import ports
from live_improv.midi.ports import (
    MidiUnavailable,
    PortAmbiguous,
    PortError,
    PortInUse,
    PortNotFound,
    list_ports,
    open_input,
    open_output,
)
from live_improv.music.events import NoteOff, NoteOn, Pulse, Stamped


class FakeRtMidi:
    """The part of the module rtmidi that we use."""

    API_UNSPECIFIED, API_MACOSX_CORE, API_LINUX_ALSA, API_UNIX_JACK, API_WINDOWS_MM = range(5)
    API_RTMIDI_DUMMY = 5

    class RtMidiError(Exception):
        """As in rtmidi, not always an OSError."""

    def __init__(self, compiled: list[int], working: list[int], names: list[str]) -> None:
        self.compiled = compiled
        self.working = working
        self.names = names
        self.busy: set[str] = set()
        self.vanishing = False
        self.devices: list[FakeDevice] = []
        self.environment_while_looking = ""

    def get_compiled_api(self) -> list[int]:
        return self.compiled

    def get_api_display_name(self, api: int) -> str:
        return {2: "ALSA", 3: "Jack", 4: "Windows MultiMedia"}[api]

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        self.environment_while_looking = os.environ.get("JACK_NO_START_SERVER", "")
        os.write(2, b"noise of a library\n")
        if api not in self.working:
            raise self.RtMidiError("no server")
        self.devices.append(FakeDevice(self, api))
        return self.devices[-1]

    MidiIn = MidiOut


class FakeBase:
    """What MidiIn and MidiOut have in common."""

    def __init__(self) -> None:
        self.log: list[str] = []

    def close_port(self) -> None:
        self.log.append("close")


class FakeDevice(FakeBase):
    """An rtmidi client."""

    def __init__(self, rtmidi: FakeRtMidi, api: int) -> None:
        self.rtmidi = rtmidi
        self.api = api
        super().__init__()
        self.sent: list[list[int]] = []
        self.ignored: dict[str, bool] = {}
        self.callback: Callable[[tuple[list[int], float], object], None] | None = None

    def get_current_api(self) -> int:
        return self.api

    def get_ports(self) -> list[str]:
        return self.rtmidi.names

    def open_port(self, index: int, name: str) -> None:
        if self.rtmidi.vanishing:
            self.rtmidi.names = []
            raise self.rtmidi.RtMidiError("invalid port number")
        if self.rtmidi.names[index] in self.rtmidi.busy:
            raise self.rtmidi.RtMidiError("MidiOutWinMM::openPort: error creating\nport")
        self.log.append(f"open {self.rtmidi.names[index]}")

    def open_virtual_port(self, name: str) -> None:
        if len(name) > 50:
            raise self.rtmidi.RtMidiError("port name too long?")
        self.log.append(f"virtual {name}")

    def send_message(self, data: list[int]) -> None:
        if self.rtmidi.vanishing:
            raise self.rtmidi.RtMidiError("gone")
        self.sent.append(data)

    def ignore_types(self, **ignored: bool) -> None:
        self.ignored = ignored

    def set_callback(self, callback: Callable[[tuple[list[int], float], object], None]) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None
        self.log.append("cancel")

    def delete(self) -> None:
        self.log.append("delete")


ALSA, JACK, WINDOWS = (
    FakeRtMidi.API_LINUX_ALSA,
    FakeRtMidi.API_UNIX_JACK,
    FakeRtMidi.API_WINDOWS_MM,
)
Install = Callable[..., FakeRtMidi]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a stand-in in the place of rtmidi."""

    def put(compiled: list[int], working: list[int], *names: str) -> FakeRtMidi:
        fake = FakeRtMidi(compiled, working, list(names))
        monkeypatch.setitem(sys.modules, "rtmidi", fake)
        return fake

    return put


def test_an_existing_port_is_opened_by_its_name(install: Install) -> None:
    fake = install([ALSA, JACK], [ALSA, JACK], "IAC Driver Bus 1", "Synth")
    with open_output("IAC Bus") as port:
        assert (port.name, port.virtual) == ("IAC Driver Bus 1", False)
        port.send(NoteOn(60, 80))
        port.send(NoteOff(60))
    (device,) = fake.devices
    assert device.api == ALSA
    assert device.sent == [[0x90, 60, 80], [0x80, 60, 0]]
    assert device.log == ["open IAC Driver Bus 1", "close", "delete"]


def test_a_virtual_port_is_made_where_no_name_fits(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Synth")
    with open_output("live_improv") as port:
        assert (port.name, port.virtual) == ("live_improv", True)
    assert fake.devices[0].log == ["virtual live_improv", "close", "delete"]


def test_an_ambiguous_name_opens_nothing(install: Install) -> None:
    fake = install([ALSA], [ALSA], "IAC Driver Bus 1", "IAC Driver Bus 2")
    with pytest.raises(PortAmbiguous):
        open_output("IAC")
    assert fake.devices[0].log == ["delete"]


@pytest.mark.parametrize("compiled", [[ALSA, JACK], [JACK, ALSA]])
@pytest.mark.parametrize(("working", "used"), [([ALSA, JACK], ALSA), ([JACK], JACK)])
def test_alsa_comes_first_and_jack_next(
    install: Install, compiled: list[int], working: list[int], used: int
) -> None:
    fake = install(compiled, working)
    open_output("x").close()
    assert [device.api for device in fake.devices] == [used]


def test_windows_names_what_makes_a_virtual_port(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    install([WINDOWS], [WINDOWS], "Microsoft GS Wavetable Synth 0")
    with pytest.raises(PortNotFound) as raised:
        open_output("live_improv")
    message = str(raised.value)
    assert all(part in message for part in ("live_improv", "Wavetable", "loopMIDI", "Windows MIDI"))
    assert message.isprintable()
    assert not list_ports().virtual_possible


def test_a_port_that_does_not_open_is_in_use(install: Install) -> None:
    fake = install([WINDOWS], [WINDOWS], "Synth 0")
    fake.busy = {"Synth 0"}
    with pytest.raises(PortInUse, match=r"'Synth 0'.*another program") as raised:
        open_output("synth")
    assert str(raised.value).isprintable()
    assert fake.devices[0].log == ["delete"]


def test_a_port_that_goes_while_it_is_opened_is_not_found(install: Install) -> None:
    install([ALSA], [ALSA], "Synth").vanishing = True
    with pytest.raises(PortNotFound, match="Synth"):
        open_output("synth")


@pytest.mark.parametrize("name", ["x" * 60, "", " \x1b "])
def test_a_name_that_no_port_can_have_is_an_error(install: Install, name: str) -> None:
    fake = install([ALSA], [ALSA])
    with pytest.raises(PortError):
        open_output(name)
    assert fake.devices[0].log == ["delete"]


def test_no_system_that_answers_is_one_line(
    install: Install, capfd: pytest.CaptureFixture[str]
) -> None:
    install([ALSA, JACK, FakeRtMidi.API_RTMIDI_DUMMY], [FakeRtMidi.API_RTMIDI_DUMMY])
    for look in (list_ports, lambda: open_output("x"), lambda: open_input("x", print)):
        with pytest.raises(MidiUnavailable) as raised:
            look()
        assert str(raised.value).isprintable()
    os.write(2, b"and what comes after is seen\n")
    assert capfd.readouterr().err == "and what comes after is seen\n"


@pytest.mark.parametrize(
    ("system", "advice"), [("linux", "ALSA"), ("darwin", "IAC Driver"), ("win32", "loopMIDI")]
)
def test_the_advice_is_for_this_system(
    install: Install, monkeypatch: pytest.MonkeyPatch, system: str, advice: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    install([], [])
    with pytest.raises(MidiUnavailable, match=advice):
        open_output("x")


def test_rtmidi_that_does_not_load_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    with pytest.raises(MidiUnavailable, match=r"python-rtmidi.*--offline") as raised:
        open_output("x")
    assert str(raised.value).isprintable()


def test_looking_for_jack_starts_no_server_and_leaves_the_environment(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = install([JACK], [JACK])
    monkeypatch.delenv("JACK_NO_START_SERVER", raising=False)
    open_output("x").close()
    assert fake.environment_while_looking == "1"
    assert "JACK_NO_START_SERVER" not in os.environ
    monkeypatch.setenv("JACK_NO_START_SERVER", "0")
    open_output("x").close()
    assert os.environ["JACK_NO_START_SERVER"] == "0"


def test_no_standard_error_is_no_obstacle(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_descriptor: int) -> int:
        raise OSError("bad file descriptor")

    install([ALSA], [ALSA])
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(os, "dup", closed)
    assert list_ports().api == "ALSA"


def test_ports_are_listed_in_the_order_of_the_system(install: Install) -> None:
    fake = install([ALSA], [ALSA], "b", "a")
    listed = list_ports()
    assert (listed.outputs, listed.inputs) == (("b", "a"), ("b", "a"))
    assert listed.virtual_possible
    assert [device.log for device in fake.devices] == [["delete"], ["delete"]]


def test_closing_lets_the_last_message_leave(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install([ALSA], [ALSA])
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "perf_counter", lambda: 10.0)
    open_output("nothing sent").close()
    port = open_output("x")
    port.send(NoteOff(60))
    monkeypatch.setattr(time, "perf_counter", lambda: 10.02)
    port.close()
    port.close()
    settle = ports.SETTLE_SECONDS
    assert slept == [0.0, settle, pytest.approx(ports.DRAIN_SECONDS - 0.02), settle]


def test_a_port_that_is_closed_or_gone_does_not_send(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Synth")
    port = open_output("synth")
    fake.vanishing = True
    with pytest.raises(PortError, match=r"'Synth'.*gone"):
        port.send(NoteOff(60))
    port.close()
    with pytest.raises(PortError, match="closed"):
        port.send(NoteOff(60))


def test_an_input_stamps_what_we_use(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Keyboard")
    heard: list[Stamped] = []
    with open_input("key", heard.append) as port:
        (device,) = fake.devices
        assert (port.name, port.virtual) == ("Keyboard", False)
        assert device.ignored == {"sysex": True, "timing": False, "active_sense": True}
        assert device.callback is not None
        before = time.perf_counter()
        for data in ([0x90, 60, 0], [0xF8], [0xE0, 0, 64], [0x90]):
            device.callback((data, 0.0), None)
        assert [stamped.event for stamped in heard] == [NoteOff(60), Pulse()]
        assert all(before <= stamped.at <= time.perf_counter() for stamped in heard)
        assert port.faults == 0
    assert device.callback is None
    # The callback is freed only after the port is closed and the last call over.
    assert device.log == ["open Keyboard", "close", "cancel", "delete"]


def test_an_input_outlives_a_fault_of_its_receiver(install: Install) -> None:
    def broken(_stamped: Stamped) -> None:
        raise ZeroDivisionError

    fake = install([ALSA], [ALSA])
    with open_input("x", broken) as port:
        callback = fake.devices[0].callback
        assert callback is not None
        callback(([0xF8], 0.0), None)
        callback(([0xF8], 0.0), None)
        assert port.faults == 2
