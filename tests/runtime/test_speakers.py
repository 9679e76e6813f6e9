"""The speakers: real processes that play into a file, and the pipe in front of them.

There need be no sound card: miniaudio's null device keeps time like one. What was played is in a
file, and beside it when each block was asked for, so that the moment of a frame is known.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random

import numpy as np
import pytest

from live_improv.music.events import ControlChange, Event, NoteOff, NoteOn, Pulse
from live_improv.runtime import speakers as module
from live_improv.runtime.speaker_process import BLOCK_MS, BLOCKS, GONE, NO_DEVICE, RATE
from live_improv.runtime.speaker_stream import FADE, MARGIN, Frames
from live_improv.runtime.speaker_wire import Unpacker
from live_improv.runtime.speakers import Opened, SpeakerError, Speakers, open_speakers
from tests.conftest import ROOT
from tests.jack_server import jack_server, wait_until

realtime = pytest.mark.realtime
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as on POSIX")

CLICKS = (sys.executable, "-m", "tests.runtime.click_speakers")
LATENCY = BLOCKS * BLOCK_MS / 1000 + MARGIN


@contextmanager
def clicking(said: list[str], backend: str = "null") -> Iterator[Speakers]:
    """Speakers whose notes are one sample long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        with open_speakers(said.append, command=(*CLICKS, backend)) as speakers:
            yield speakers


def recorded(path: Path) -> tuple[Frames, float]:
    """All frames, and the moment at which the first one was played."""
    moments = np.fromfile(f"{path}.times", "<f8").reshape(-1, 2)
    return np.fromfile(path, "<f4").reshape(-1, 2), float(moments[0, 0])


def wait(seconds: float) -> None:
    """Let music pass, which takes its time."""
    end = time.perf_counter() + seconds
    wait_until(lambda: time.perf_counter() > end, "the music has passed")


class _Deaf:
    """A process that does not read, and says a line at its end."""

    def __init__(self, last: bytes = b"") -> None:
        self._read_end, into = os.pipe()
        self.stdin = os.fdopen(into, "wb", 0)
        said, self._say = os.pipe()
        self.stdout = os.fdopen(said, "rb")
        self._last = last
        os.write(self._say, b"ready 48000 Null\n")

    def read(self) -> bytes:
        """What is in the pipe."""
        return os.read(self._read_end, 1 << 20)

    def hang_up(self) -> None:
        """Never read again."""
        os.close(self._read_end)
        self._read_end = -1

    def leave(self) -> None:
        """Let go of every pipe."""
        self.stdin.close()
        self.stdout.close()
        for end in (self._read_end, self._say):
            with suppress(OSError):
                os.close(end)

    def kill(self) -> None:
        """It has heard nothing yet."""

    def wait(self, _timeout: float | None = None) -> int:
        """It ends."""
        os.write(self._say, self._last)
        os.close(self._say)
        self._say = -1
        return 0


@pytest.fixture
def deaf() -> Iterator[Callable[..., _Deaf]]:
    """Makes such processes."""
    with ExitStack() as stack:

        def made(last: bytes = b"") -> _Deaf:
            process = _Deaf(last)
            stack.callback(process.leave)
            return process

        yield made


def speakers_of(process: _Deaf, said: list[str]) -> Speakers:
    return Speakers(process, said.append)  # type: ignore[arg-type]


@posix
def test_what_does_not_fit_into_the_pipe_waits_and_no_off_is_lost(
    deaf: Callable[..., _Deaf],
) -> None:
    process = deaf()
    speakers = speakers_of(process, [])
    sent: list[Event] = [
        event
        for number in range(20_000)
        for event in (NoteOn(number % 128, 90, 1), NoteOff(number % 128, 1))
    ]
    for event in sent:
        speakers.send(event)
    unpacker, found = Unpacker(), list[Event]()
    while sum(isinstance(each, NoteOff) for each in found) < 20_000:
        found += [each.event for each in unpacker.feed(process.read())]
        speakers.send(ControlChange(7, 100))  # with the next event the waiting ones go
    assert [each for each in found if isinstance(each, NoteOff)] == sent[1::2]
    ons = [each for each in found if isinstance(each, NoteOn)]
    assert 4000 < len(ons) < 20_000, "ons are given up when nobody reads for minutes"
    assert ons == sent[::2][: len(ons)], "and none of the first ones"


@posix
def test_events_to_nobody_are_not_an_error(deaf: Callable[..., _Deaf]) -> None:
    process = deaf()
    speakers = speakers_of(process, [])
    process.hang_up()
    for _ in range(3):
        speakers.send(NoteOn(60, 90))


@posix
def test_a_clock_is_not_sent(deaf: Callable[..., _Deaf]) -> None:
    process = deaf()
    speakers = speakers_of(process, [])
    speakers.send(Pulse())
    speakers.send(NoteOff(61, 3))
    (found,) = Unpacker().feed(process.read())
    assert found.event == NoteOff(61, 3)


@posix
@pytest.mark.parametrize(
    ("last", "news"),
    [
        (b"late 3\n", "speakers: 3 blocks late"),
        (b"late 1\n", "speakers: 1 block late"),
        (b"", None),
    ],
)
def test_late_blocks_are_told_at_the_end(
    deaf: Callable[..., _Deaf], last: bytes, news: str | None
) -> None:
    said: list[str] = []
    speakers = speakers_of(deaf(last), said)
    speakers.start()
    assert speakers.ready() == Opened("Null", 48_000)
    speakers.close()
    assert said == ([] if news is None else [news])


def test_without_miniaudio_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    with pytest.raises(SpeakerError, match=r"needs miniaudio: pip install"), open_speakers(print):
        pass


@realtime
@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        ("audio4", NO_DEVICE),  # OpenBSD's, which nobody has who has a JACK server
        ("trombone", "no sound system 'trombone': there are "),
        ("file:/nowhere/at/all", "/nowhere/at/all: No such file or directory"),
    ],
)
def test_without_a_device_one_line_says_so(backend: str, reason: str) -> None:
    said: list[str] = []
    with pytest.raises(SpeakerError) as caught, open_speakers(said.append, backend) as speakers:
        speakers.ready()
    assert str(caught.value).startswith(reason)
    assert said == []


@realtime
def test_the_environment_chooses_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(module.SETTING, "null")
    with open_speakers(print) as speakers:
        assert speakers.ready() == Opened("Null", RATE)


@realtime
def test_notes_sound_in_order_a_constant_time_after_they_are_sent(tmp_path: Path) -> None:
    said: list[str] = []
    sent: list[float] = []
    rng = Random(4)
    with clicking(said, f"file:{tmp_path / 'sound'}") as speakers:
        speakers.ready()
        for number in range(40):
            wait(rng.uniform(0.01, 0.04))
            sent.append(time.perf_counter())
            speakers.send(NoteOn(60, 1 + number))
            speakers.send(NoteOff(60))
        wait(0.1)
    sound, began = recorded(tmp_path / "sound")
    (ons,), (offs,) = np.nonzero(sound[:, 0]), np.nonzero(sound[:, 1])
    assert np.rint(128 * sound[ons, 0]).tolist() == list(range(1, 41))
    assert len(offs) == 40
    late = began + ons / RATE - np.array(sent)
    # The middle, as others may keep the machine busy.
    # The device began to count before it asked for the first block, by what its thread took.
    assert LATENCY - 0.002 < np.median(late) < LATENCY + 0.02
    middle = np.quantile(late, [0.1, 0.9])
    assert middle[1] - middle[0] < 0.002


@realtime
def test_the_synthesizer_is_heard_and_fades_away(tmp_path: Path) -> None:
    said: list[str] = []
    with open_speakers(said.append, f"file:{tmp_path / 'sound'}") as speakers:
        speakers.ready()
        wait(0.1)
        for pitch in (60, 64, 67):
            speakers.send(NoteOn(pitch, 100, 2))
        wait(0.5)
        ending = time.perf_counter()
    assert time.perf_counter() - ending < 1.0
    sound, _ = recorded(tmp_path / "sound")
    level = np.abs(sound).max(axis=1)
    first = int(np.argmax(level > 0))
    assert 0.1 < first / RATE < 0.4, "silent until the first note"
    assert 0.05 < level.max() <= 1.0
    assert np.sqrt((sound[first:] ** 2).mean()) > 0.01
    fade = round(FADE * RATE)
    last = int(np.flatnonzero(level)[-1])
    assert level[last - fade : last - fade // 2].max() > 4 * level[last - fade // 10 :].max()


@posix
@realtime
def test_when_the_process_dies_the_engine_plays_on_and_one_line_says_so() -> None:
    said: list[str] = []
    with clicking(said) as speakers:
        speakers.ready()
        os.kill(speakers.pid, signal.SIGKILL)
        wait_until(lambda: bool(said), "it is noticed")
        for pitch in range(100):
            speakers.send(NoteOn(pitch, 90))
    assert said == ["the speakers have gone; playing on"]


@realtime
def test_a_fault_of_the_synthesizer_is_told() -> None:
    said: list[str] = []
    with clicking(said) as speakers:
        speakers.ready()
        speakers.send(NoteOn(0, 90))
        wait_until(lambda: bool(said), "it is noticed")
    assert said == ["the speakers have gone (ValueError: no such note); playing on"]


@posix
@realtime
def test_ctrl_c_is_for_the_engine_alone(tmp_path: Path) -> None:
    said: list[str] = []
    with clicking(said, f"file:{tmp_path / 'sound'}") as speakers:
        speakers.ready()
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(speakers.pid, number)
        wait(0.1)
        speakers.send(NoteOn(60, 90))
        wait(0.1)
    sound, _ = recorded(tmp_path / "sound")
    assert np.count_nonzero(sound[:, 0]) == 1
    assert not any("gone" in line for line in said)


@posix
@realtime
def test_who_stops_the_program_for_a_while_has_sound_again(tmp_path: Path) -> None:
    said: list[str] = []
    with clicking(said, f"file:{tmp_path / 'sound'}") as speakers:
        speakers.ready()
        os.kill(speakers.pid, signal.SIGSTOP)
        wait(GONE + 0.1)
        os.kill(speakers.pid, signal.SIGCONT)
        for velocity in (1, 2, 3):
            speakers.send(NoteOn(60, velocity))
            wait(0.1)
    sound, _ = recorded(tmp_path / "sound")
    assert np.rint(128 * sound[sound[:, 0] > 0, 0]).tolist() == [1, 2, 3]
    assert not any("gone" in line for line in said)


ENGINE = """
import time
from live_improv.music.events import NoteOn
from live_improv.runtime.speakers import open_speakers
with open_speakers(print, "file:{path}") as speakers:
    speakers.ready()
    speakers.send(NoteOn(60, 100))
    print(speakers.pid, flush=True)
    time.sleep(60)
"""


@posix
@realtime
def test_when_the_engine_is_killed_the_sound_fades_and_the_process_ends(tmp_path: Path) -> None:
    path = tmp_path / "sound"
    engine = subprocess.Popen(
        [sys.executable, "-c", ENGINE.format(path=path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    with engine:
        assert engine.stdout is not None
        pid = int(engine.stdout.readline())
        wait_until(lambda: bool(np.fromfile(path, "<f4").any()), "the note sounds")
        wait(0.2)
        engine.kill()
        wait_until(lambda: not _runs(pid), "the process of the sound ends")
    sound, _ = recorded(path)
    assert np.abs(sound[-RATE // 1000 :]).max() < 0.01 * np.abs(sound).max()


@realtime
def test_over_a_real_sound_system() -> None:
    said: list[str] = []
    with jack_server(), open_speakers(said.append, "jack") as speakers:
        assert speakers.ready() == Opened("JACK", RATE)
        speakers.send(NoteOn(60, 90))
        wait(0.1)
    assert not any("gone" in line for line in said)


@realtime
def test_a_device_that_goes_is_told() -> None:
    said: list[str] = []
    with ExitStack() as stack:
        with jack_server():
            speakers = stack.enter_context(open_speakers(said.append, "jack"))
            speakers.ready()

        def told() -> bool:
            speakers.send(NoteOn(60, 90))
            return bool(said)

        wait_until(told, "it is noticed")
    assert said == ["the speakers have gone (the sound device has gone); playing on"]


@posix
@realtime
def test_a_device_that_goes_before_its_first_block_is_told() -> None:
    said: list[str] = []
    with clicking(said, "idle") as speakers:
        speakers.ready()

        def told() -> bool:
            speakers.send(NoteOn(60, 90))
            return bool(said)

        wait_until(told, "it is noticed")
    assert said == ["the speakers have gone (the sound device has gone); playing on"]


def _runs(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text().split()[2] != "Z"
    return False
