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
from tests.fake_rtmidi import ALSA, JACK, WINDOWS, FakeRtMidi

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
    # A call that has begun ends before the port closes, and nothing that it uses is freed.
    assert device.log == ["open Keyboard", "cancel", "close", "delete"]


def test_a_call_that_has_begun_ends_before_an_input_closes(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = install([ALSA], [ALSA])
    heard: list[Stamped] = []
    port = open_input("x", heard.append)
    (device,) = fake.devices
    begun = device.callback
    pauses: list[list[str]] = []

    def pause(seconds: float) -> None:
        assert seconds == ports.SETTLE_SECONDS
        if not pauses and begun is not None:
            begun(([0xF8], 0.0), None)
        pauses.append(list(device.log))

    monkeypatch.setattr(time, "sleep", pause)
    port.close()
    port.close()
    assert [stamped.event for stamped in heard] == [Pulse()]
    opened = ["virtual x", "cancel"]
    assert pauses == [opened, [*opened, "close"]]


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


def test_a_port_keeps_its_client_from_one_connection_to_the_next(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Synth 20:0", "Other")
    with open_output("synth") as port:
        fake.unplug("Synth 20:0")
        assert port.names() == ("Other",)
        port.disconnect()
        fake.plug("Synth 24:0")
        port.reconnect("Synth 24:0")
        assert port.name == "Synth 24:0"
        port.send(NoteOff(60))
    assert fake.heard == [("Synth 24:0", [0x80, 60, 0])]
    assert len(fake.devices) == 1


def test_an_input_goes_on_listening_after_it_reconnects(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Keyboard")
    heard: list[Stamped] = []
    with open_input("key", heard.append) as port:
        port.disconnect()
        port.reconnect("Keyboard")
        callback = fake.devices[0].callback
        assert callback is not None, "close_port of MidiIn itself would have taken it away"
        callback(([0xF8], 0.0), None)
    assert [stamped.event for stamped in heard] == [Pulse()]


def test_a_port_that_has_gone_again_or_is_taken_does_not_reconnect(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Synth")
    with open_output("synth") as port:
        port.disconnect()
        with pytest.raises(PortNotFound, match="'Other'"):
            port.reconnect("Other")
        fake.busy = {"Synth"}
        with pytest.raises(PortInUse, match="'Synth'"):
            port.reconnect("Synth")


def test_a_system_that_does_not_list_is_named(install: Install) -> None:
    fake = install([ALSA], [ALSA], "Synth")
    with open_output("synth") as port:
        fake.listing_fails = True
        with pytest.raises(MidiUnavailable, match="no list"):
            port.names()


@pytest.mark.parametrize(
    ("api", "name", "same"),
    [
        (ALSA, "loopMIDI Port 1 2", True),
        (ALSA, "loopMIDI Port 1 3", False),
        (WINDOWS, "loopMIDI Port 1 3", True),
        (WINDOWS, "loopMIDI Port 1 13", True),
        (WINDOWS, "loopMIDI Port 10 2", False),
        (WINDOWS, "loopMIDI Port 1", False),
    ],
)
def test_only_windows_moves_the_number_of_a_port(
    install: Install, api: int, name: str, same: bool
) -> None:
    install([api], [api], "loopMIDI Port 1 2")
    with open_output("loopmidi") as port:
        assert port.stands_for(name) is same


def test_an_abandoned_client_is_never_touched_and_a_new_one_takes_its_place(
    install: Install,
) -> None:
    fake = install([ALSA], [ALSA])
    port = open_output("live_improv")
    port.abandon()
    with pytest.raises(PortError, match="closed"):
        port.send(NoteOff(60))
    fake.working = []
    with pytest.raises(MidiUnavailable):
        port.renew()
    fake.working = [ALSA]
    port.renew()
    port.close()
    old, new = fake.devices
    assert old.log == ["virtual live_improv"]
    assert new.log == ["virtual live_improv", "close", "delete"]


def test_a_virtual_port_that_cannot_be_made_again_leaves_no_client(install: Install) -> None:
    fake = install([ALSA], [ALSA])
    port = open_output("live_improv")
    port.abandon()
    fake.no_virtual = True
    with pytest.raises(PortError, match="'live_improv'"):
        port.renew()
    assert fake.devices[-1].deleted
    port.close()


def test_a_system_other_than_jack_is_taken_to_live_for_ever(install: Install) -> None:
    install([ALSA], [ALSA])
    with open_output("x") as port:
        system = port.watch(pytest.fail)
        assert system.answers()
        assert system.owner("Synth:1") == ""
        system.close()
