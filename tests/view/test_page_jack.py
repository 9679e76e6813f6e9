"""The whole program and its page in a real browser, on a real MIDI system."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean

import pytest

from live_improv.midi.ports import list_ports, open_input
from live_improv.music.events import NoteOn, Stamped
from live_improv.music.transposing import transposed
from live_improv.repertoire import read_chart
from tests.jack_server import PATIENCE, jack_server, wait_until
from tests.view.browser import Screen, chromium

pytestmark = pytest.mark.realtime

CHECKOUT = Path(__file__).parent.parent.parent
BPM = 240
BLUES = read_chart("blues_in_f")
CHORDS = [
    {
        span.chord.symbol
        for span in BLUES.chords
        if span.start < bar.start + bar.meter.bar_ticks and bar.start < span.end
    }
    for bar in BLUES.bars
]

HIGHER = {span.chord.symbol for span in transposed(BLUES, 2).chords} - set().union(*CHORDS)
"""What is heard a whole step higher and not where it is written."""


class Program:
    """The program as it runs.

    Attributes:
        heard: how loud each note of its soloist is.
        said: what it has said, a line each.
    """

    def __init__(self, process: subprocess.Popen[str], heard: list[int]) -> None:
        self.process = process
        self.heard = heard
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(iter(self.process.stdout.readline, ""))

    def address(self) -> str:
        """Where its page is."""
        wait_until(lambda: any(line.startswith("page: ") for line in self.said), "the address")
        line = next(line for line in self.said if line.startswith("page: "))
        return line.split()[1]

    def loudness(self, count: int) -> float:
        """The mean velocity of the next so many notes."""
        first = len(self.heard)
        wait_until(lambda: len(self.heard) >= first + count, "notes")
        return mean(self.heard[first : first + count])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with jack_server(), pytest.MonkeyPatch.context() as environment:
        # Whatever this user has set is not tested.
        environment.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    with chromium() as found:
        yield found


@contextmanager
def playing(*options: str) -> Iterator[Program]:
    """The program, playing a blues to us."""
    heard: list[int] = []

    def hear(stamped: Stamped) -> None:
        if isinstance(stamped.event, NoteOn) and stamped.event.channel == 0:
            heard.append(stamped.event.velocity)

    with open_input("test instrument", hear, client="instrument"):
        wait_until(lambda: bool(list_ports().outputs), "our port is there")
        what = ["--chart", "blues_in_f", "--tempo", str(BPM), "--seed", "1", "--no-take"]
        command = [
            sys.executable,
            str(CHECKOUT / "run_live.py"),
            "--port",
            "test instrument",
            *what,
        ]
        with subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                yield Program(process, heard)
            finally:
                process.terminate()
                process.wait(PATIENCE)


def _symbol(screen: Screen) -> str:
    """The chord that is shown."""
    return str(screen.ask("return document.getElementById('now-chord').dataset.symbol"))


def test_it_plays_shows_the_right_bar_and_does_as_it_is_told(
    server: None, screen: Screen, tmp_path: Path
) -> None:
    with playing("--band", "all", "--bars", "400") as program:
        screen.open(program.address())
        screen.until(lambda: screen.text("#link") == "live", "the page is live")
        screen.until(lambda: screen.text("#bars") == "/12", "the form is there")
        # The chord that is shown is one of the bar that is lit.
        seen: set[str] = set()
        while len(seen) < 4:
            bar, chord = screen.ask(
                "return [document.querySelector('.sounding').dataset.bar,"
                " document.getElementById('now-chord').dataset.symbol]"
            )
            assert chord in CHORDS[int(bar)]
            seen.add(bar)
        screen.until(lambda: screen.text("#turn") == "machine", "the machine plays")
        assert re.fullmatch(r"\d+\.\d ms", screen.text("#late")) or screen.text("#late") == "–"
        # A knob that is turned there changes the music.
        before = program.loudness(24)
        screen.touch('[data-name="dynamics"]', 0.04)
        value = '[data-name="dynamics"] .value'
        screen.until(lambda: screen.text(value).startswith("−3"), "it is turned")
        assert program.loudness(40) < before - 15
        screen.press(">>")
        value = '[data-name="transpose"] .value'
        screen.until(lambda: screen.text(value) == "+2 semitones", "it is turned twice")
        screen.until(lambda: re.match("[GCADE](?!b)", _symbol(screen)), "it is transposed")
        # It stops and starts again.
        screen.press("x")
        screen.until(lambda: screen.text("#turn") == "stopped", "it stops")
        screen.press("x")
        screen.until(lambda: screen.text("#turn") == "machine", "it starts")
        screen.picture(tmp_path / "laptop.png")
        assert screen.complaints() == []
    assert not any("Traceback" in line or "page has ended" in line for line in program.said)


def test_another_tune_is_played_when_it_is_chosen(server: None, screen: Screen) -> None:
    with playing("--band", "none") as program:
        screen.open(program.address())
        screen.until(lambda: screen.text("#title") == "Blues in F", "the blues")
        screen.ask(
            "const chart = document.getElementById('chart');"
            "chart.selectedIndex = [...chart.options].findIndex((each) => each.text === 'modal');"
            "chart.onchange()"
        )
        modal = read_chart("modal")
        screen.until(lambda: screen.text("#title") == modal.title, "the other tune")
        screen.until(lambda: screen.text("#bars") == "/32", "its form")
        program.loudness(4)


def test_the_music_plays_on_without_its_page(server: None) -> None:
    with playing() as program:
        program.address()
        found = subprocess.run(
            ["pgrep", "-f", "live_improv.view.server", "-P", str(program.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        subprocess.run(["kill", "-9", found.stdout.strip()], check=True)
        wait_until(lambda: "the page has ended; playing on\n" in program.said, "it is said")
        program.loudness(10)
