"""A stand-in for the module rtmidi that behaves as the MIDI systems do."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable


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
        self.listing_fails = False
        self.no_virtual = False
        self.plugged: Counter[str] = Counter()
        self.heard: list[tuple[str, list[int]]] = []

    def unplug(self, name: str) -> None:
        """A port goes, and connections to it are dead for ever."""
        self.names.remove(name)

    def plug(self, name: str) -> None:
        """A port comes, a new one though it may have a name that was there before."""
        self.names.append(name)
        self.plugged[name] += 1

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
        self.connected: tuple[str, int] | None = None

    def close_port(self) -> None:
        self.connected = None
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
        self.deleted = False

    def close_port(self) -> None:
        if self.callback is not None:
            self.cancel_callback()
        super().close_port()

    def get_current_api(self) -> int:
        return self.api

    def get_ports(self) -> list[str]:
        if self.rtmidi.listing_fails:
            raise self.rtmidi.RtMidiError("no list")
        return list(self.rtmidi.names)

    def open_port(self, index: int, name: str) -> None:
        if self.rtmidi.vanishing:
            self.rtmidi.names = []
            raise self.rtmidi.RtMidiError("invalid port number")
        if self.rtmidi.names[index] in self.rtmidi.busy:
            raise self.rtmidi.RtMidiError("MidiOutWinMM::openPort: error creating\nport")
        assert self.connected is None
        name = self.rtmidi.names[index]
        self.connected = (name, self.rtmidi.plugged[name])
        self.log.append(f"open {name}")

    def open_virtual_port(self, name: str) -> None:
        if len(name) > 50 or self.rtmidi.no_virtual:
            raise self.rtmidi.RtMidiError("port name too long?")
        self.log.append(f"virtual {name}")

    def send_message(self, data: list[int]) -> None:
        if self.rtmidi.vanishing:
            raise self.rtmidi.RtMidiError("gone")
        self.sent.append(data)
        if self.connected is not None:
            name, plugged = self.connected
            # What is sent over a dead connection is lost, and nothing says so.
            if name in self.rtmidi.names and plugged == self.rtmidi.plugged[name]:
                self.rtmidi.heard.append((name, data))

    def ignore_types(self, **ignored: bool) -> None:
        self.ignored = ignored

    def set_callback(self, callback: Callable[[tuple[list[int], float], object], None]) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None
        self.log.append("cancel")

    def delete(self) -> None:
        self.deleted = True
        self.log.append("delete")


ALSA, JACK, WINDOWS = (
    FakeRtMidi.API_LINUX_ALSA,
    FakeRtMidi.API_UNIX_JACK,
    FakeRtMidi.API_WINDOWS_MM,
)
