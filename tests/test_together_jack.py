"""The whole program with others: a DAW that leads, and a player, on a real MIDI system.

Places are told by the JACK server itself, moments by the processes that play; what the program
believes of them is not asked.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import mido
import pytest

from live_improv.corpus import read_corpus
from live_improv.midi.ports import open_input
from live_improv.music.events import Event, Note, NoteOff, NoteOn, Stamped
from live_improv.music.timing import PPQ, Ticks
from tests.jack_server import CLOCK_PORT, PATIENCE, Daw, Human, daw, human, jack_server, wait_until

pytestmark = pytest.mark.realtime

CHECKOUT = Path(__file__).parent.parent
BEATS = 4
"""In a bar, of all that is played here."""

INSTRUMENT = "test instrument"
CLICKS = 9
"""The channel on which the count-in is clicked."""

PICKUP = 1.0
"""Beats before its turn in which the machine may begin, where the player leaves room."""

CLOSE = 0.030
"""Seconds by which a place in a take may differ from what was played."""

LOADED = 0.150
"""Seconds that something may take on a machine that does something else as well."""

STUMBLE = 0.400
"""Seconds by which single notes may come late there: the server waits for clients without time."""


@dataclass(frozen=True)
class Arrived:
    """An event of the program as it came to its instrument: when, and where the song was."""

    at: float
    beat: float
    event: Event


class Instrument:
    """What the program plays.

    Attributes:
        arrived: all that came.
    """

    def __init__(self, where: Callable[[], float]) -> None:
        self.arrived: list[Arrived] = []
        self._where = where

    def hear(self, stamped: Stamped) -> None:
        self.arrived.append(Arrived(stamped.at, self._where(), stamped.event))

    def ons(self, since: float = 0.0) -> list[Arrived]:
        """The note-ons that came after a moment, without clicks."""
        return [
            each
            for each in tuple(self.arrived)
            if each.at >= since and isinstance(each.event, NoteOn) and each.event.channel != CLICKS
        ]

    def clicks(self) -> list[Arrived]:
        """The note-ons of the count-in."""
        return [
            each
            for each in tuple(self.arrived)
            if isinstance(each.event, NoteOn) and each.event.channel == CLICKS
        ]

    def sounding(self) -> set[int]:
        """The pitches that have not ended; each was struck only after it had."""
        found: set[int] = set()
        for each in tuple(self.arrived):
            match each.event:
                case NoteOn(pitch, channel=channel) if channel != CLICKS:
                    assert pitch not in found, "a note that sounds ends before it is struck again"
                    found.add(pitch)
                case NoteOff(pitch):
                    found.discard(pitch)
        return found


class Program:
    """The program as it runs."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    def said(self) -> str:
        return self._output.read_text()

    def says(self, what: str) -> None:
        """Wait until it has said something."""
        wait_until(lambda: what in self.said() or self.process.poll() is not None, what)
        assert what in self.said()

    def end(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        self.ended()

    def ended(self, within: float = 0.0) -> None:
        assert self.process.wait(within + PATIENCE) == 0, self.said()

    def take(self) -> mido.MidiFile:
        """Its take."""
        path = self.said().rpartition("take: ")[2].strip()
        return mido.MidiFile(path)


@contextmanager
def program(folder: Path, *options: str) -> Iterator[Program]:
    """Run the program with these options, playing our instrument; it is ready to be played with."""
    output = folder / "said"
    run_live = [sys.executable, str(CHECKOUT / "run_live.py"), "--port", INSTRUMENT]
    takes = ["--take-dir", str(folder / "takes")]
    with (
        output.open("wb") as out,
        subprocess.Popen(
            [*run_live, *takes, *options],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
        ) as process,
    ):
        try:
            found = Program(process, output)
            found.says("playing to")
            yield found
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def instrument(where: Callable[[], float] = lambda: 0.0) -> Iterator[Instrument]:
    found = Instrument(where)
    with open_input(INSTRUMENT, found.hear, client="instrument"):
        yield found


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    with jack_server():
        yield


# With a DAW

BPM = 180.0
BEAT = 60.0 / BPM
SLACK = 0.5
"""Beats by which a note may seem to come earlier or later than its place: feel, the line, and on a
loaded machine the server, whose time is not even."""


def is_ours(beat: float) -> bool:
    """Whether a note may begin at a beat, with turns of one bar and the player first."""
    turn = 2 * BEATS
    return beat % turn >= BEATS - PICKUP - SLACK or beat % turn <= SLACK


def wait_for(song: Daw, beat: float) -> None:
    wait_until(lambda: song.beat() >= beat, f"beat {beat}")


@contextmanager
def trading_with_a_daw(folder: Path) -> Iterator[tuple[Daw, Program, Instrument]]:
    options = ["--clock", "midi", "--clock-in", CLOCK_PORT, "--chart", "rhythm_changes"]
    with (
        daw(BPM) as song,
        instrument(song.beat) as ours,
        program(folder, *options, "--mode", "trade", "--trade", "1") as running,
    ):
        yield song, running, ours


def test_a_daw_starts_anywhere_and_stops(tmp_path: Path) -> None:
    with trading_with_a_daw(tmp_path) as (song, running, ours):
        time.sleep(0.5)  # silence has no end that could be waited for
        assert not [*ours.ons(), *ours.clicks()], "nothing is played before the transport runs"

        song.locate(16 * BEATS)
        song.play()
        wait_for(song, 19 * BEATS + 0.5)
        wait_until(lambda: bool(ours.sounding()), "a note sounds")
        song.stop()
        stopped = time.perf_counter()
        wait_until(lambda: not ours.sounding(), "what sounded has ended")
        assert time.perf_counter() - stopped < LOADED
        time.sleep(1.5 * BEATS * BEAT)
        assert not ours.ons(since=stopped + LOADED), "nothing is played while it stands"
        bridge = ours.ons()
        assert all(is_ours(each.beat) for each in bridge), [each.beat for each in bridge]
        assert {int(each.beat // BEATS) for each in bridge} >= {17, 19}

        song.locate(0.0)
        begun = time.perf_counter()
        song.play()
        wait_for(song, 2 * BEATS + 0.5)
        song.stop()
        head = ours.ons(since=begun)
        assert all(is_ours(each.beat) for each in head), [each.beat for each in head]
        assert {int(each.beat // BEATS) for each in head} >= {1}
        running.end()
        assert not ours.sounding()
        # The take begins at the bar from which it was played: the bridge, and then the head.
        marks = [m.text for m in mido.merge_tracks(running.take().tracks) if m.type == "marker"]
        assert marks[0] == "D7"
        assert "Bb6" in marks


def test_the_music_goes_on_without_the_clock(tmp_path: Path) -> None:
    with trading_with_a_daw(tmp_path) as (song, running, ours):
        song.play()
        wait_for(song, 2 * BEATS + 0.5)
        song.kill_clock()
        killed = song.beat()
        running.says("has gone; playing on")
        wait_for(song, 6 * BEATS + 0.5)
        found = ours.ons()
        assert all(is_ours(each.beat) for each in found), [each.beat for each in found]
        alone = {int(each.beat // BEATS) for each in found if each.beat > killed + 1}
        assert alone >= {3, 5}
        running.end()
        assert not ours.sounding()


# With a player

Key = tuple[float, int, int]


def human_notes(data_dir: Path, bars: int) -> list[list[Note]]:
    """Bars of a human solo, each with a few notes, none before its second beat; ticks in the bar.

    The first beat is left out so that nothing of a take comes before bar 1.
    """
    bar_ticks = BEATS * PPQ
    for solo in read_corpus(data_dir / "corpus" / "wjazzd_lean.jsonl.gz"):
        if solo.split != "valid" or any(b.meter.bar_ticks != bar_ticks for b in solo.changes.bars):
            continue
        found: dict[int, list[Note]] = {}
        for note in solo.notes:
            bar, tick = divmod(note.onset, bar_ticks)
            if tick >= PPQ:
                length = min(note.length, bar_ticks - tick)
                found.setdefault(bar, []).append(Note(Ticks(tick), Ticks(length), note.pitch, 80))
        full = [notes for notes in found.values() if len(notes) >= 4]
        if len(full) >= bars:
            return full[:bars]
    raise AssertionError("a solo with so many bars")


def keys(notes: Sequence[Note], start: float, beat: float) -> list[Key]:
    """Playing notes from a moment on, each key let go before the next goes down."""
    found = []
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        end = note.end if following is None else min(note.end, following.onset)
        on, off = (start + tick / PPQ * beat for tick in (note.onset, end))
        found += [(on, note.pitch, note.velocity), (off - 0.005, note.pitch, 0)]
    return found


def in_take(take: mido.MidiFile, track: str) -> list[tuple[float, int]]:
    """Seconds and pitches of the note-ons of one track."""
    assert take.ticks_per_beat == PPQ
    tempo = [m.tempo for m in mido.merge_tracks(take.tracks) if m.type == "set_tempo"]
    assert len(set(tempo)) == 1, "one tempo"
    tick, found = 0, []
    for message in next(each for each in take.tracks if each.name == track):
        tick += message.time
        if message.type == "note_on" and message.velocity:
            found.append((mido.tick2second(tick, PPQ, tempo[0]), message.note))
    return found


def assert_same_places(
    kept: Sequence[tuple[float, int]], played: Sequence[tuple[float, int]]
) -> None:
    """The same pitches in the same order, at the same seconds; none far away."""
    assert [pitch for _, pitch in kept] == [pitch for _, pitch in played]
    apart = sorted(abs(a - b) for (a, _), (b, _) in zip(kept, played, strict=True))
    assert median(apart) < CLOSE, apart
    assert apart[-1] < STUMBLE, apart


def test_trading_with_a_player_is_kept_in_the_take(tmp_path: Path, data_dir: Path) -> None:
    bars, bpm = 6, 200.0
    beat = 60.0 / bpm
    theirs = human_notes(data_dir, bars // 2)
    options = ["--mode", "trade", "--trade", "1", "--tempo", f"{bpm:g}", "--bars", str(bars)]
    with (
        human() as player,
        instrument() as ours,
        program(tmp_path, *options, "--in", Human.PORT, "--chart", "rhythm_changes") as running,
    ):
        wait_until(lambda: bool(ours.clicks()), "the count-in is heard")
        bar_1 = ours.clicks()[0].at + BEATS * beat
        pressed: list[Key] = []
        for i, notes in enumerate(theirs):
            pressed += keys(notes, bar_1 + 2 * i * BEATS * beat, beat)
        player.play(pressed)
        moments = player.moments()
        running.ended(within=bars * BEATS * beat)
        take = running.take()
    assert len(ours.clicks()) == BEATS
    answers = ours.ons()
    turns = {round((each.at - bar_1) / beat, 3) for each in answers}
    early = PICKUP + SLACK
    assert all(BEATS - early <= place % (2 * BEATS) or place % 8 <= SLACK for place in turns), turns
    assert {int(place // BEATS) for place in turns} >= {1, 3, 5}
    assert not ours.sounding()
    heard = [
        (moment - bar_1, pitch)
        for moment, (_, pitch, velocity) in zip(moments, pressed, strict=True)
        if velocity
    ]
    assert_same_places(in_take(take, "Player"), heard)
    assert_same_places(
        in_take(take, "Improviser"),
        [(e.at - bar_1, e.event.pitch) for e in answers if isinstance(e.event, NoteOn)],
    )
    marks = [m.text for m in mido.merge_tracks(take.tracks) if m.type == "marker"]
    assert marks[:6] == ["Bb6", "G7", "Cm7", "F7", "Dm7", "G7b9"]


def test_an_answer_comes_soon_and_gives_way(tmp_path: Path, data_dir: Path) -> None:
    bars, bpm = 6, 150.0
    beat = 60.0 / bpm
    first, second = human_notes(data_dir, 2)
    options = ["--mode", "answer", "--tempo", f"{bpm:g}", "--bars", str(bars)]
    with (
        human() as player,
        instrument() as ours,
        program(tmp_path, *options, "--in", Human.PORT, "--chart", "rhythm_changes") as running,
    ):
        start = time.perf_counter()
        call = keys(first, start, beat)
        player.play(call)
        called = player.moments()[-1]
        wait_until(lambda: bool(ours.ons()), "an answer")
        # In the middle of the answer the player comes back.
        again = keys(second, time.perf_counter() - second[0].onset / PPQ * beat + 0.2, beat)
        player.play(again)
        moments = player.moments()
        wait_until(lambda: bool(ours.ons(since=moments[-1])), "another answer")
        running.ended(within=bars * BEATS * beat)
        parts = {track.name for track in running.take().tracks}
    assert {"Player", "Improviser"} <= parts
    answer = ours.ons()[0].at - called
    # A phrase is over after 0.3 s of silence; the answer begins within a beat.
    assert 0.3 - CLOSE < answer < 0.3 + beat + LOADED
    came_back, gone = moments[0], moments[-1]
    over = [e.at - came_back for e in ours.ons() if came_back + LOADED < e.at < gone + 0.3 - CLOSE]
    assert not over, "the player has the word"
    again_after = min(e.at for e in ours.ons(since=gone)) - gone
    assert again_after < 0.3 + beat + LOADED
    assert not ours.sounding()
