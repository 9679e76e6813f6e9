"""Bands for the tests: played through as a session plays them, and read back as notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from live_improv.assets import chart_path
from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Ticks
from live_improv.performance.band import QUARTET, Band, BandPlayer
from tests.charts.test_text import records, written

FILES = ("leadsheets.jsonl.gz", "leadsheets_jazzstandards.jsonl.gz")
COUNT = 1966
"""How many reference charts there are."""

BASS, PIANO, DRUMS = 1, 2, 9
BPM = 140.0


def chart(name: str) -> Changes:
    """One of the charts that come with the program."""
    return parse(chart_path(name).read_text("utf-8"))


def reference(data_dir: Path, every: int = 1) -> Iterator[Changes]:
    """Every so many of the reference charts."""
    found = (record for name in FILES for record in records(data_dir, name))
    for number, record in enumerate(found):
        if number % every == 0:
            yield parse(written(record))


@dataclass
class Stand:
    """A band that is played through, tick by tick, and what it has said."""

    band: Band
    bpm: float = BPM

    @classmethod
    def of(
        cls,
        changes: Changes,
        bars: int | None,
        seed: int = 1,
        players: frozenset[BandPlayer] = QUARTET,
        bpm: float = BPM,
    ) -> Stand:
        """A band over changes, for so many bars; without an end where that is None."""
        end = None if bars is None else changes.bars_ticks(bars)
        band = Band(players, seed, end=end)
        band.over(changes)
        return cls(band, bpm)

    def until(self, tick: int, at_each: Callable[[Ticks], None] | None = None) -> list[Timed]:
        """What is due up to and including `tick`, each beat planned when it is to be.

        Args:
            at_each: called before each beat is planned.
        """
        said: list[Timed] = []
        while True:
            plan_at, due_at = self.band.plan_at(), self.band.next_tick()
            times = [at for at in (plan_at, due_at) if at is not None and at <= tick]
            if not times:
                return said + self.band.due(Ticks(tick))
            if plan_at is not None and plan_at == min(times):
                if at_each is not None:
                    at_each(plan_at)
                self.band.plan(self.bpm)
            else:
                said += self.band.due(min(times))

    def through(self) -> list[Timed]:
        """All that is said up to the end."""
        assert self.band.last is not None
        return self.until(self.band.last)


def played(
    changes: Changes,
    bars: int,
    seed: int = 1,
    players: frozenset[BandPlayer] = QUARTET,
    bpm: float = BPM,
) -> list[Timed]:
    """What a band says over so many bars, its ending included."""
    return Stand.of(changes, bars, seed, players, bpm).through()


def notes(events: list[Timed], channel: int) -> list[Note]:
    """The notes of one channel, by onset; each must end, and end once."""
    begun: dict[int, tuple[Ticks, int]] = {}
    found = []
    for timed in events:
        event = timed.event
        assert isinstance(event, NoteOn | NoteOff)
        if event.channel != channel:
            continue
        if isinstance(event, NoteOn):
            assert event.pitch not in begun, "a note that sounds is struck"
            assert 1 <= event.velocity <= 127
            begun[event.pitch] = (timed.tick, event.velocity)
        else:
            onset, velocity = begun.pop(event.pitch)
            found.append(Note(onset, Ticks(timed.tick - onset), event.pitch, velocity))
    assert not begun, "a note never ends"
    return sorted(found, key=lambda note: (note.onset, note.pitch))


def chords(line: list[Note]) -> list[list[Note]]:
    """The notes of a piano, those that are struck together in one list, by pitch."""
    found: list[list[Note]] = []
    for note in line:
        if found and note.onset - found[-1][0].onset < 90:
            found[-1].append(note)
        else:
            found.append([note])
    return [sorted(chord, key=lambda note: note.pitch) for chord in found]
