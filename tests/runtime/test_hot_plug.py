"""Ports that go and come back, against a stand-in for rtmidi; nobody waits."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.midi import connection, ports
from live_improv.midi.systems import SystemWatch
from live_improv.music.events import Event, NoteOff, NoteOn, Stamped
from live_improv.runtime.hot_plug import (
    PortNews,
    PortWatch,
    SteadyOutput,
    open_steady_input,
    open_steady_output,
)
from tests.fake_rtmidi import ALSA, WINDOWS, FakeRtMidi

Install = Callable[..., FakeRtMidi]
NOTE = NoteOn(60, 80)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a stand-in in the place of rtmidi."""

    def put(api: int, *names: str) -> FakeRtMidi:
        fake = FakeRtMidi([api], [api], list(names))
        monkeypatch.setitem(sys.modules, "rtmidi", fake)
        return fake

    monkeypatch.setattr(ports, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(ports, "SETTLE_SECONDS", 0.0)
    return put


def gone(wanted: str, name: str, *, output: bool = True) -> PortNews:
    return PortNews(wanted, name, output=output, back=False)


def back(wanted: str, name: str, *, output: bool = True) -> PortNews:
    return PortNews(wanted, name, output=output, back=True)


def test_an_output_that_goes_and_comes_back_plays_again(install: Install) -> None:
    fake = install(ALSA, "Synth 128:0")
    news: list[PortNews] = []
    with open_steady_output("synth") as port:
        watch = PortWatch([port], news.append)
        watch.look()
        assert news == []
        fake.unplug("Synth 128:0")
        port.send(NOTE)
        watch.look()
        watch.look()
        assert news == [gone("synth", "Synth 128:0")]
        assert not port.here
        port.send(NOTE)
        assert fake.heard == []
        assert port.dropped == 1
        fake.plug("Synth 128:0")
        watch.look()
        watch.look()
        assert news[1:] == [back("synth", "Synth 128:0")]
        port.send(NOTE)
    assert fake.heard == [("Synth 128:0", [0x90, 60, 80])]
    assert len(fake.devices) == 1, "no client is made for it"


# What was asked for; the system with the port, without it, and with it again; which is it then.
RETURNS: dict[str, tuple[int, str, list[str], list[str], list[str], str | None]] = {
    "another ALSA number": (
        ALSA,
        "synth",
        ["Synth:port 128:0"],
        [],
        ["Synth:port 131:0"],
        "Synth:port 131:0",
    ),
    "asked for by its whole name": (
        ALSA,
        "Synth:port 128:0",
        ["Synth:port 128:0"],
        [],
        ["Synth:port 131:0"],
        "Synth:port 131:0",
    ),
    "another process number": (
        ALSA,
        "fluid",
        ["FLUID Synth (71):in 128:0"],
        [],
        ["FLUID Synth (972):in 128:0"],
        "FLUID Synth (972):in 128:0",
    ),
    "another place on Windows": (
        WINDOWS,
        "loopMIDI Port 1",
        ["GS Synth 0", "loopMIDI Port 1 1"],
        ["GS Synth 0"],
        ["GS Synth 0", "Keys 1", "loopMIDI Port 1 2"],
        "loopMIDI Port 1 2",
    ),
    "its twin is still there": (
        ALSA,
        "Keys:port 24:0",
        ["Keys:port 20:0", "Keys:port 24:0"],
        ["Keys:port 20:0"],
        ["Keys:port 20:0", "Keys:port 28:0"],
        "Keys:port 28:0",
    ),
    "only its twin is there": (
        ALSA,
        "Keys:port 24:0",
        ["Keys:port 20:0", "Keys:port 24:0"],
        ["Keys:port 20:0"],
        ["Keys:port 20:0"],
        None,
    ),
    "something else comes": (ALSA, "synth", ["Synth 128:0"], [], ["Drums 128:0"], None),
    "two that could be meant": (
        ALSA,
        "synth",
        ["My Synth 128:0"],
        [],
        ["Synth A 129:0", "Synth B 130:0"],
        None,
    ),
    "two come, and one has its name": (
        ALSA,
        "synth",
        ["Synth A 128:0"],
        [],
        ["Synth A 129:0", "Synth B 130:0"],
        "Synth A 129:0",
    ),
    "Port 10 is not Port 1": (
        WINDOWS,
        "loopMIDI Port 1",
        ["loopMIDI Port 1 0"],
        [],
        ["loopMIDI Port 10 0"],
        None,
    ),
}


@pytest.mark.parametrize("case", RETURNS)
def test_the_port_that_is_meant_is_found_again(install: Install, case: str) -> None:
    api, wanted, before, without, after, found = RETURNS[case]
    fake = install(api, *before)
    news: list[PortNews] = []
    with open_steady_output(wanted) as port:
        was = port.name
        watch = PortWatch([port], news.append)
        for names in (before, without, after):
            fake.names = list(names)
            watch.look()
        assert news == [
            gone(wanted, was),
            *([] if found is None else [back(wanted, found)]),
        ]
        assert port.here is (found is not None)


def test_a_device_that_moves_on_windows_has_not_gone(install: Install) -> None:
    fake = install(WINDOWS, "Other 0", "Synth 1")
    with open_steady_output("synth") as port:
        news: list[PortNews] = []
        watch = PortWatch([port], news.append)
        watch.look()
        fake.names = ["Synth 0"]
        watch.look()
        assert port.here
        assert news == []


def test_inputs_and_outputs_are_told_apart(install: Install) -> None:
    fake = install(ALSA, "loop")
    news: list[PortNews] = []
    heard: list[Stamped] = []
    with open_steady_output("loop") as output, open_steady_input("loop", heard.append) as listening:
        watch = PortWatch([output, listening], news.append)
        fake.unplug("loop")
        watch.look()
        fake.plug("loop")
        watch.look()
        assert news == [
            gone("loop", "loop"),
            gone("loop", "loop", output=False),
            back("loop", "loop"),
            back("loop", "loop", output=False),
        ]
        callback = fake.devices[1].callback
        assert callback is not None
        callback(([0x80, 60, 0], 0.0), None)
        assert listening.faults == 0
    assert [stamped.event for stamped in heard] == [NoteOff(60)]


def test_a_virtual_port_of_ours_never_goes(install: Install) -> None:
    install(ALSA)
    with open_steady_output("live_improv") as port:
        news: list[PortNews] = []
        watch = PortWatch([port], news.append)
        watch.look()
        assert port.virtual
        assert port.here
        assert news == []


def test_a_port_that_refuses_a_message_is_connected_anew(install: Install) -> None:
    fake = install(WINDOWS, "Synth 0")
    news: list[PortNews] = []
    with open_steady_output("synth") as port:
        watch = PortWatch([port], news.append)
        watch.look()
        fake.vanishing = True  # every call fails
        port.send(NOTE)
        port.send(NOTE)
        assert port.dropped == 2
        fake.vanishing = False
        watch.look()
        assert [each.back for each in news] == [False, True]
        port.send(NOTE)
    assert fake.heard == [("Synth 0", [0x90, 60, 80])]


def test_a_number_that_midi_cannot_say_is_still_an_error(install: Install) -> None:
    install(ALSA, "Synth")
    with open_steady_output("synth") as port, pytest.raises(ValueError, match="128"):
        port.send(NoteOn(128, 80))


def test_a_port_that_is_taken_when_it_comes_back_is_tried_again(install: Install) -> None:
    fake = install(WINDOWS, "Synth 0")
    news: list[PortNews] = []
    with open_steady_output("synth") as port:
        watch = PortWatch([port], news.append)
        fake.unplug("Synth 0")
        watch.look()
        fake.busy = {"Synth 0"}
        fake.plug("Synth 0")
        watch.look()
        assert not port.here
        fake.busy = set()
        watch.look()
        assert port.here
    assert [each.back for each in news] == [False, True]


def test_a_system_that_does_not_list_has_no_ports(install: Install) -> None:
    fake = install(ALSA, "Synth")
    news: list[PortNews] = []
    with open_steady_output("synth") as port:
        watch = PortWatch([port], news.append)
        fake.listing_fails = True
        watch.look()
        fake.listing_fails = False
        watch.look()
    assert [each.back for each in news] == [False, True]


def test_a_closed_port_is_let_alone(install: Install) -> None:
    fake = install(ALSA, "Synth")
    port = open_steady_output("synth")
    news: list[PortNews] = []
    watch = PortWatch([port], news.append)
    watch.look()
    port.close()
    port.close()
    fake.unplug("Synth")
    watch.look()
    port.send(NOTE)
    assert news == []
    assert fake.devices[0].log == ["open Synth", "close", "delete"]


class MortalSystem(SystemWatch):
    """A system that can be made to die, and whose ports have owners."""

    def __init__(self, owners: dict[str, str]) -> None:
        self.alive = True
        self.owners = owners

    def answers(self) -> bool:
        return self.alive

    def owner(self, port: str) -> str:
        return self.owners.get(port, "")


@pytest.fixture
def systems(monkeypatch: pytest.MonkeyPatch) -> list[MortalSystem]:
    """The systems that are watched, the newest last."""
    made: list[MortalSystem] = []

    def watched(*_: object) -> SystemWatch:
        made.append(MortalSystem({"Synth": "1"}))
        return made[-1]

    monkeypatch.setattr(connection, "system_watch", watched)
    return made


def test_a_dead_system_is_left_alone_and_a_new_one_joined(
    install: Install, systems: list[MortalSystem]
) -> None:
    fake = install(ALSA, "Synth")
    news: list[PortNews] = []
    with open_steady_output("synth") as port, open_steady_output("own") as own:
        watch = PortWatch([port, own], news.append)
        watch.look()
        systems[-1].alive = False
        fake.working = []
        for _ in range(3):
            watch.look()
        assert news == [gone("synth", "Synth"), gone("own", "own")]
        dead = [list(device.log) for device in fake.devices]
        port.send(NOTE)
        own.send(NOTE)
        fake.working = [ALSA]
        fake.unplug("Synth")
        watch.look()  # the system is back, the synth is not
        assert news[2:] == [back("own", "own")]
        fake.plug("Synth")
        watch.look()
        assert news[3:] == [back("synth", "Synth")]
        assert len(systems) == 2
        port.send(NOTE)
        own.send(NOTE)
    assert fake.heard == [("Synth", [0x90, 60, 80])]
    assert [device.log for device in fake.devices[:2]] == dead
    assert all(device.deleted for device in fake.devices[2:])


def test_a_port_that_is_another_of_the_same_name_is_connected_anew(
    install: Install, systems: list[MortalSystem]
) -> None:
    fake = install(ALSA, "Synth")
    news: list[PortNews] = []
    with open_steady_output("synth") as port:
        watch = PortWatch([port], news.append)
        watch.look()
        fake.unplug("Synth")
        fake.plug("Synth")
        systems[-1].owners["Synth"] = "2"
        watch.look()
        watch.look()
        assert [each.back for each in news] == [False, True]
        port.send(NOTE)
    assert fake.heard == [("Synth", [0x90, 60, 80])]


STEPS = st.lists(st.sampled_from(["unplug", "plug", "look", "send"]), max_size=30)


@given(steps=STEPS)
def test_whatever_happens_a_port_that_was_seen_to_be_there_plays(steps: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ports, "DRAIN_SECONDS", 0.0)
        patch.setattr(ports, "SETTLE_SECONDS", 0.0)
        fake = FakeRtMidi([ALSA], [ALSA], ["Other 20:0", "Synth 128:0"])
        patch.setitem(sys.modules, "rtmidi", fake)
        news: list[PortNews] = []
        number, there, looked = 128, True, True
        with open_steady_output("synth") as port:
            watch = PortWatch([port], news.append)
            for step in [*steps, "look", "send"]:
                if step == "look":
                    watch.look()
                    looked = True
                    assert port.here is there
                elif step == "send":
                    count = len(fake.heard)
                    port.send(NOTE)
                    if looked:
                        assert len(fake.heard) == count + there
                elif step == "plug" and not there:
                    number, there, looked = number + 1, True, False
                    fake.plug(f"Synth {number}:0")
                elif step == "unplug" and there:
                    there, looked = False, False
                    fake.unplug(f"Synth {number}:0")
        assert [each.back for each in news] == [index % 2 == 1 for index in range(len(news))]
        assert len(fake.devices) == 1


def test_the_watch_looks_in_its_own_thread_until_it_is_closed(install: Install) -> None:
    fake = install(ALSA, "Synth")
    told = threading.Event()
    threads: list[str] = []

    def tell(_news: PortNews) -> None:
        threads.append(threading.current_thread().name)
        told.set()

    with open_steady_output("synth") as port:
        fake.unplug("Synth")
        with PortWatch([port], tell, every=1e-3):
            assert told.wait(20)
            told.clear()
            fake.plug("Synth")
            assert told.wait(20)
        assert not any(thread.name == "port watch" for thread in threading.enumerate())
    assert threads == ["port watch", "port watch"]


def test_an_error_of_the_receiver_of_news_does_not_end_the_watch(install: Install) -> None:
    fake = install(ALSA, "Synth")
    told = threading.Event()
    news: list[bool] = []

    def tell(each: PortNews) -> None:
        news.append(each.back)
        told.set()
        raise ZeroDivisionError

    with open_steady_output("synth") as port:
        fake.unplug("Synth")
        with PortWatch([port], tell, every=1e-3) as watch:
            assert told.wait(20)
            told.clear()
            fake.plug("Synth")
            assert told.wait(20)
        assert watch.faults == 2
    assert news == [False, True]


def test_a_look_that_never_returns_is_left_behind(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(ALSA, "Synth")
    monkeypatch.setattr("live_improv.runtime.hot_plug.CLOSE_SECONDS", 0.01)
    release, entered = threading.Event(), threading.Event()

    def hang(_port: SteadyOutput, _system: SystemWatch) -> list[PortNews]:
        entered.set()
        release.wait(20)
        return []

    monkeypatch.setattr(SteadyOutput, "look", hang)
    with open_steady_output("synth") as port:
        news: list[PortNews] = []
        watch = PortWatch([port], news.append)
        watch.start()
        assert entered.wait(20)
        watch.close()
        assert not release.is_set()
        release.set()
    assert news == []


def test_sending_goes_on_in_other_threads_while_the_port_comes_and_goes(install: Install) -> None:
    fake = install(ALSA, "Synth")
    sent = 0
    stop = threading.Event()
    errors: list[BaseException] = []
    events: list[Event] = [NOTE, NoteOff(60)]

    def send_all(port: SteadyOutput) -> None:
        nonlocal sent
        try:
            while not stop.is_set():
                port.send(events[sent % 2])
                sent += 1
        except BaseException as error:
            errors.append(error)

    with open_steady_output("synth") as port:
        watch = PortWatch([port], lambda _: None)
        sender = threading.Thread(target=send_all, args=(port,))
        sender.start()
        for _ in range(50):
            fake.unplug("Synth")
            watch.look()
            fake.plug("Synth")
            watch.look()
        count, so_far = len(fake.heard), sent
        while sent < so_far + 10 and not errors:
            pass
        stop.set()
        sender.join()
        assert not errors
        assert len(fake.heard) > count
        assert sent > 10
