"""What the tests of the command line share: running it, and live playing without a system."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import mido
import pytest

from live_improv import assets, model_folder, stage
from live_improv.cli import main
from live_improv.midi import connection, ports
from live_improv.midi.codec import decode
from live_improv.music.events import Event, NoteOff, NoteOn
from live_improv.performance.clock import VirtualClock
from live_improv.runtime import guardian
from tests.fake_rtmidi import ALSA, FakeDevice, FakeRtMidi

LOAD = cache(model_folder.load)


@dataclass
class Ran:
    """What a command returned and said."""

    code: int
    out: str
    err: str

    def one_line(self, code: int) -> str:
        """The one line of an error; nothing else was said."""
        assert self.code == code, self
        assert self.out == ""
        assert self.err.endswith("\n")
        (line,) = self.err.splitlines()
        assert line.startswith("live-improv: ")
        assert "Traceback" not in line
        assert line.isprintable()
        return line


Command = Callable[..., Ran]


@pytest.fixture
def user_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's own folder of configuration, empty."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("APPDATA", str(home))
    monkeypatch.setenv("HOME", str(home))
    folder = home / "live_improv"
    folder.mkdir()
    return folder


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    user_folder: Path,
) -> Command:
    """Runs the program in an empty folder, in this process, for a user who has set nothing."""
    assert list(user_folder.iterdir()) == []
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str | Path) -> Ran:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as left:
            code = int(left.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return ran


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is read from disk only once."""
    default = assets.default_model()
    loads = model_folder.load
    monkeypatch.setattr(
        model_folder, "load", lambda path: LOAD(path) if path == default else loads(path)
    )


def messages(path: Path, track: int, kind: str) -> list[tuple[int, Any]]:
    """The messages of one type in a track of a file, with their ticks."""
    at, found = 0, []
    for message in mido.MidiFile(path, charset="utf-8").tracks[track]:
        at += message.time
        if message.type == kind:
            found.append((at, message))
    return found


class Rig(FakeRtMidi):
    """A MIDI system that is none; it can be a nuisance.

    Attributes:
        interrupt_at: with the sending of this message somebody presses Ctrl-C, so nobody plays on
            for ever.
    """

    def __init__(self, *names: str) -> None:
        super().__init__([ALSA], [ALSA], list(names))
        self.interrupt_at: int | None = 3000

    def MidiOut(self, api: int, name: str) -> FakeDevice:
        """A client."""
        if api not in self.working:
            raise self.RtMidiError("no server")
        self.devices.append(RigDevice(self, api))
        return self.devices[-1]

    MidiIn = MidiOut

    @property
    def sent(self) -> list[Event]:
        """What was sent, whoever it was sent to."""
        found = [decode(data) for device in self.devices for data in device.sent]
        return [event for event in found if event is not None]

    @property
    def opened(self) -> list[str]:
        """Which ports were opened or made, in order."""
        return [
            line
            for device in self.devices
            for line in device.log
            if line.startswith(("open", "virtual"))
        ]

    def left_sounding(self) -> set[tuple[int, int]]:
        """What was not ended."""
        left: set[tuple[int, int]] = set()
        for event in self.sent:
            if isinstance(event, NoteOn):
                left.add((event.channel, event.pitch))
            elif isinstance(event, NoteOff):
                left.discard((event.channel, event.pitch))
        return left


class RigDevice(FakeDevice):
    """A client of that."""

    def send_message(self, data: list[int]) -> None:
        """Send, or be interrupted before it."""
        assert isinstance(self.rtmidi, Rig)
        if len(self.sent) == self.rtmidi.interrupt_at:
            self.rtmidi.interrupt_at = None
            raise KeyboardInterrupt
        super().send_message(data)


class QuickClock(VirtualClock):
    """The virtual clock in the place of the real one."""

    def wake(self) -> None:
        """Nobody sleeps."""


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """Lets live playing find this system, and no time pass."""
    found = Rig("IAC Bus")
    monkeypatch.setitem(sys.modules, "rtmidi", found)
    for module in (ports, connection):
        monkeypatch.setattr(module, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(ports, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(stage, "WallClock", QuickClock)
    # A guardian is another process, which would find the real system.
    monkeypatch.setattr(guardian, "guarded_output", lambda port: nullcontext())
    yield found
    assert not found.left_sounding()
    assert all(device.deleted for device in found.devices)
