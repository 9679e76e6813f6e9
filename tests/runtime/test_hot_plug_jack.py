"""Ports that go and come back on a real JACK server: programs are killed, and the server too.

The server is asynchronous here, as it is on stage. A synchronous one waits 5 s for a client that
was killed, and shows its ports until then.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live_improv.midi.ports import MidiUnavailable, list_ports
from live_improv.music.events import NoteOn, Stamped
from live_improv.runtime.hot_plug import (
    PortNews,
    PortWatch,
    SteadyOutput,
    open_steady_input,
    open_steady_output,
)
from tests.jack_server import PATIENCE, wait_until

pytestmark = pytest.mark.realtime

SOON = 2.0
"""Seconds within which a change has to be noticed."""

NULL = subprocess.DEVNULL

INSTRUMENT = """
import sys, time
from live_improv.midi.ports import open_input
def hear(stamped):
    print(stamped.event.pitch, flush=True)
with open_input("Grand Piano", hear, client="synth"):
    print("ready", flush=True)
    time.sleep(1000)
"""

KEYBOARD = """
import time
from live_improv.midi.ports import open_output
from live_improv.music.events import NoteOn
with open_output("Keys", client="keyboard") as port:
    print("ready", flush=True)
    while True:
        port.send(NoteOn(60, 80))
        time.sleep(0.01)
"""


class Program:
    """A Python program in a process of its own, and the lines it has written."""

    def __init__(self, source: str) -> None:
        command = [sys.executable, "-c", source]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=NULL, text=True)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def wait_ready(self) -> None:
        """Wait until it has said so."""
        wait_until(lambda: "ready" in self.lines, "the program is ready")

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def running(source: str) -> Iterator[Program]:
    program = Program(source)
    try:
        program.wait_ready()
        yield program
    finally:
        program.kill()


class Server:
    """A JACK server that can be killed and started again."""

    def __init__(self) -> None:
        program = shutil.which("jackd")
        if program is None:
            pytest.skip("jackd is not installed (Debian: apt install jackd2)")
        self.name = f"live_improv_hot_{os.getpid()}"
        driver = ["-d", "dummy", "-r", "48000", "-p", "128"]
        self._command = [program, "-n", self.name, "-r", "-p", "64", *driver]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers a process other than this one."""
        self._process = subprocess.Popen(self._command, stdin=NULL, stdout=NULL, stderr=NULL)
        wait_until(self._answers, "jackd answers")

    def end(self, how: signal.Signals) -> None:
        """End it."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(PATIENCE)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "jackd has ended"
        try:
            return list_ports().api == "Jack"
        except MidiUnavailable:
            return False


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("JACK_DEFAULT_SERVER", server.name)
        environment.setenv("JACK_NO_START_SERVER", "1")
        environment.setenv("ALSA_CONFIG_PATH", os.devnull)
        server.start()
        try:
            yield server
        finally:
            # A server that ends while a client is dead waits for it.
            wait_until(lambda: not list_ports().outputs, "nothing is left")
            server.end(signal.SIGTERM)  # it gives back its place among the eight there can be


class News:
    """What was told, and when."""

    def __init__(self) -> None:
        self.told: list[tuple[float, PortNews]] = []

    def __call__(self, news: PortNews) -> None:
        self.told.append((time.perf_counter(), news))

    def wait_for(self, count: int) -> float:
        """The moment at which the news number `count`, from 1, was told."""
        wait_until(lambda: len(self.told) >= count, f"news {count}")
        return self.told[count - 1][0]


@contextmanager
def playing(port: SteadyOutput) -> Iterator[Callable[[], int]]:
    """Send a note every 10 ms from a thread; how many were sent."""
    stop = threading.Event()
    sent = 0

    def play() -> None:
        nonlocal sent
        while not stop.is_set():
            port.send(NoteOn(60 + sent % 40, 80))
            sent += 1
            time.sleep(0.01)

    player = threading.Thread(target=play)
    player.start()
    try:
        yield lambda: sent
    finally:
        stop.set()
        player.join()


def test_an_instrument_that_is_killed_and_started_again_is_played_on(server: Server) -> None:
    news = News()
    with (
        running(INSTRUMENT) as instrument,
        open_steady_output("piano") as port,
        PortWatch([port], news),
        playing(port) as sent,
    ):
        wait_until(lambda: len(instrument.lines) > 1, "the instrument hears")
        killed = time.perf_counter()
        instrument.kill()
        assert news.wait_for(1) - killed < SOON
        so_far = sent()
        wait_until(lambda: sent() > so_far + 10, "playing goes on")
        with running(INSTRUMENT) as another:
            ready = time.perf_counter()
            assert news.wait_for(2) - ready < SOON
            wait_until(lambda: len(another.lines) > 1, "the instrument hears again")
            assert port.here


def test_a_keyboard_that_is_killed_and_started_again_is_heard(server: Server) -> None:
    news = News()
    heard: list[Stamped] = []
    with running(KEYBOARD) as keyboard, open_steady_input("keys", heard.append) as port:
        with PortWatch([port], news):
            wait_until(lambda: len(heard) > 3, "the keyboard is heard")
            keyboard.kill()
            news.wait_for(1)
            heard.clear()
            with running(KEYBOARD):
                ready = time.perf_counter()
                assert news.wait_for(2) - ready < SOON
                wait_until(lambda: len(heard) > 3, "the keyboard is heard again")
        assert all(stamped.event == NoteOn(60, 80) for stamped in heard)


def test_an_instrument_that_starts_again_between_two_looks_is_noticed(server: Server) -> None:
    news = News()
    with running(INSTRUMENT) as first, open_steady_output("piano") as port:
        watch = PortWatch([port], news)
        watch.look()
        first.kill()
        with running(INSTRUMENT) as second:
            wait_until(lambda: list_ports().outputs == ("synth:Grand Piano",), "one is listed")
            watch.look()
            assert [each.back for _, each in news.told] == [False, True]
            port.send(NoteOn(72, 80))
            wait_until(lambda: "72" in second.lines, "the second one hears")
        watch.close()


def test_a_thousand_looks_take_no_client(server: Server) -> None:
    def threads() -> int:  # each client of JACK has threads of its own in our process
        return len(list(Path("/proc/self/task").iterdir()))

    with (
        running(INSTRUMENT),
        open_steady_output("piano") as port,
        open_steady_input("live_improv", print, client="ear") as ear,
    ):
        news = News()
        watch = PortWatch([port, ear], news)
        watch.look()
        before = threads()
        for _ in range(1000):
            watch.look()
        for _ in range(20):
            list_ports()
        assert threads() == before
        assert news.told == []
        watch.close()


PLAYER = """
import sys, threading, time
from live_improv.music.events import NoteOn
from live_improv.runtime.hot_plug import PortWatch, open_steady_input, open_steady_output

def tell(news):
    print(news.wanted, "back" if news.back else "gone", flush=True)

with (
    open_steady_output("piano") as port,
    open_steady_input("own ear", lambda _: None) as ear,
    PortWatch([port, ear], tell),
):
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            port.send(NoteOn(60, 80))
        print("sent", flush=True)
print("closed", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_death_of_the_server_is_survived_and_the_next_server_joined(
    server: Server, how: signal.Signals
) -> None:
    command = [sys.executable, "-c", PLAYER]
    pipe = subprocess.PIPE
    with running(INSTRUMENT):
        player = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=NULL, text=True)
        assert player.stdin is not None
        assert player.stdout is not None

        def send(count: int) -> None:
            assert player.stdin is not None
            player.stdin.write(f"{count}\n")
            player.stdin.flush()

        def lines(count: int) -> list[str]:
            assert player.stdout is not None
            return sorted(player.stdout.readline().strip() for _ in range(count))

        try:
            assert lines(1) == ["ready"]
            server.end(how)
            died = time.perf_counter()
            assert lines(2) == ["own ear gone", "piano gone"]
            assert time.perf_counter() - died < SOON
            send(10_000)  # into a dead connection it would wait for ever
            assert lines(1) == ["sent"]
        except BaseException:
            player.kill()
            raise
    server.start()
    started = time.perf_counter()
    try:
        assert lines(1) == ["own ear back"]
        assert time.perf_counter() - started < SOON
        with running(INSTRUMENT) as instrument:
            assert lines(1) == ["piano back"]
            send(5)
            assert lines(1) == ["sent"]
            wait_until(lambda: len(instrument.lines) >= 6, "the instrument hears")
            rest = player.communicate(timeout=PATIENCE)[0]
            assert rest.split() == ["closed"]
        assert player.returncode == 0
    finally:
        player.kill()
        player.communicate()
