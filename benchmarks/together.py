"""Playing with somebody: when our turn begins, when an answer comes, when a live chord counts.

    python benchmarks/together.py --corpus SOLOS.jsonl.gz [--split valid]

The player is made of human solos; the soloist is the default model.

    trade       in real time, a bar each and four bars each in turn at 240: how late the first notes
                of our turns leave, and all others. Another process plays, over JACK without sound
                hardware. Under virtual time, over each solo's own changes: where the first note of
                each of our turns lies.
    answer      under virtual time at 120: from the player's last note-off to the first note of the
                answer. Calls are phrases, between rests of a beat and more, each from a bar line
                on, with room for an answer after each.
    live chord  under virtual time at 120, without a chart: the chords of the solos are struck in
                voicings of 3 to 6 notes on a channel of their own while we play, rolled by up to
                20 ms. From the last key of each voicing that changes the harmony: until a note is
                planned with it, until that note sounds, and until the last note of those that were
                planned before it has begun, less the commit horizon.

How to read it: `bar` is what the figure in the column that it names is not to exceed. Under
virtual time the machine takes no time; how late notes leave is in the rows of real time and in
`lateness.py`. A phrase counts as over after 0.3 s of silence (`listener.PHRASE_SILENCE`), which is
0.6 beats at 120, and most of what an answer waits for.
"""

from __future__ import annotations

import argparse
import os

# Before NumPy is imported, as the command line does.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
)

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import jack
from chord_voicings import voicing
from figures import Table, quantile
from stamped import Sent, Stamping, play_stamped

from live_improv.app import Performance
from live_improv.corpus import Solo, read_corpora
from live_improv.loop import Script, run
from live_improv.midi.ports import list_ports, match_port, open_output
from live_improv.music.changes import Changes
from live_improv.music.events import Heard, Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import GRID_TICKS, PPQ, Meter, Seconds, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import Knobs, Turned
from live_improv.performance.harmony import ChordSource
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.incoming import Incoming
from live_improv.performance.partner import Listening
from live_improv.performance.scheduler import Scheduler
from live_improv.performance.turns import PICKUP
from live_improv.request import Request

LIVE_BPM, BPM = 240.0, 120.0
TURNS = (1, 4)
MOST_BARS = 64
"""Of each solo."""

RESTED = Ticks(PPQ)
FEWEST = 4
"""Notes of a phrase."""

ROLLED = 0.020
CHORD_CHANNEL = 15
HORIZONS = (1.0, 0.125)
"""In beats."""

PLAYER = "live_improv_benchmark_player"
_PATIENCE = 20.0
_FOUR_FOUR = Meter(4, 4)

Item = tuple[Seconds, Incoming]


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--corpus", type=Path, nargs="+", metavar="FILE", default=[])
    add("--split", default="valid", help="of the solos that are played (valid)")
    add("--solos", type=int, default=20, help="at most (20)")
    add("--seconds", type=float, default=60.0, help="in real time, for each length of turns (60)")
    add("--seed", type=int, default=0)
    add("--json", type=Path, metavar="OUT", help="write the figures here too")
    add("--play", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.play:
        play_what_is_told()
        return
    if not options.corpus:
        parser.error("--corpus is required")

    every = [
        replace(solo, notes=one_at_a_time(solo.notes))
        for solo in read_corpora(options.corpus)
        if solo.split == options.split
    ]
    solos = [solo for solo in every if all(b.meter == _FOUR_FOUR for b in solo.changes.bars)]
    Random(options.seed).shuffle(solos)
    solos = solos[: options.solos]
    if not solos:
        raise SystemExit(f"no solos in 4/4 of split {options.split!r}")
    table = Table(
        f"Playing with somebody: {len(solos)} solos in 4/4 ({options.split})",
        ("what", "unit", "count", "median", "p90", "p99", "max", "bar"),
    )
    for bars in TURNS:
        where_turns_begin(table, solos, bars, options.seed)
    answers(table, solos, options.seed)
    for horizon in HORIZONS:
        live_chords(table, solos, horizon, options.seed)
    live_trades(table, solos, options)
    table.show()
    if options.json is not None:
        table.write(options.json)


def add_row(table: Table, what: str, unit: str, values: Sequence[float], bar: str = "") -> None:
    """A row of quantiles."""
    if not values:
        table.add(what, unit, 0, "-", "-", "-", "-", bar)
        return
    shares = [quantile(values, share) for share in (0.5, 0.9, 0.99)]
    table.add(what, unit, len(values), *shares, max(values), bar)


# Under virtual time


@dataclass(frozen=True, slots=True)
class Planned:
    """A note as it was planned: when, as written, over which changes."""

    at: Seconds
    written: Ticks
    changes: Changes


@dataclass(frozen=True, slots=True)
class Played:
    """A note-on of ours: when it sounded and how it was planned."""

    at: Seconds
    planned: Planned


class Rehearsal:
    """A session under virtual time whose plans are kept.

    Attributes:
        played: our note-ons, in order.
        planned: all that was planned, also what was taken back.
    """

    def __init__(self, request: Request, changes: Changes | None = None) -> None:
        self.played: list[Played] = []
        self.planned: list[Planned] = []
        self._performance = Performance(request)
        if changes is not None:
            self._performance.changes = changes
        self._clock = VirtualClock()
        self._over: Changes | None = None
        self._of: dict[tuple[Ticks, int], Planned] = {}

    def play(self, items: Sequence[Item], until: float) -> None:
        """Play from 0 to a moment, with a player who does all this."""
        end = (Seconds(until), Turned("quit", True))
        session = self._performance.session(Seconds(0.0))
        with self._watching():
            run(session, self._clock, self, Script([*items, end]))

    def send(self, timed: Timed) -> None:
        """Keep a note-on."""
        if isinstance(timed.event, NoteOn):
            planned = self._of[timed.tick, timed.event.pitch]
            self.played.append(Played(self._clock.now(), planned))

    @contextmanager
    def _watching(self) -> Iterator[None]:
        plan, add = Improviser.plan, Scheduler.add

        def watched_plan(improviser: Improviser, *arguments: Any) -> Idea:
            self._over = improviser.context.changes
            return plan(improviser, *arguments)

        def watched_add(scheduler: Scheduler, note: Note, written: Ticks | None = None) -> None:
            assert self._over is not None
            assert written is not None
            planned = Planned(self._clock.now(), written, self._over)
            self.planned.append(planned)
            self._of[note.onset, note.pitch] = planned
            add(scheduler, note, written)

        with (
            mock.patch.object(Improviser, "plan", watched_plan),
            mock.patch.object(Scheduler, "add", watched_add),
        ):
            yield


def one_at_a_time(notes: Sequence[Note]) -> tuple[Note, ...]:
    """A line in which a note ends where the next one begins: on one key MIDI cannot say more."""
    ends = [*(note.onset for note in notes[1:]), None]
    return tuple(
        note if end is None or note.end <= end else replace(note, length=Ticks(end - note.onset))
        for note, end in zip(notes, ends, strict=True)
    )


def seconds(tick: float, bpm: float) -> Seconds:
    """When a tick is, from bar 1 on."""
    return Seconds(tick / PPQ * 60.0 / bpm)


def keys(notes: Sequence[Note], bpm: float, channel: int = 0) -> list[Item]:
    """What somebody does who plays these notes."""
    found: list[Item] = []
    for note in notes:
        on, off = seconds(note.onset, bpm), seconds(note.end, bpm)
        found.append((on, Heard(on, NoteOn(note.pitch, note.velocity or 80, channel))))
        found.append((off, Heard(off, NoteOff(note.pitch, channel))))
    # A key that comes up at the moment at which another goes down comes up first.
    return sorted(found, key=lambda item: (item[0], isinstance(_event(item), NoteOn)))


def _event(item: Item) -> object:
    return item[1].event if isinstance(item[1], Heard) else None


def where_turns_begin(table: Table, solos: Sequence[Solo], bars: int, seed: int) -> None:
    """Where the first note of each of our turns lies, as written."""
    places: list[float] = []
    without = 0
    for number, solo in enumerate(solos):
        edges = [bar.start for bar in solo.changes.bars][: MOST_BARS + 1]
        turns = list(pairwise(edges[::bars]))
        theirs, ours = turns[::2], turns[1::2]
        notes = [n for n in solo.notes if any(a <= n.onset < b for a, b in theirs)]
        knobs = Knobs(mode="trade", trade=bars)
        rehearsal = Rehearsal(Request(bpm=solo.bpm, seed=seed + number, knobs=knobs), solo.changes)
        rehearsal.play(keys(notes, solo.bpm), seconds(edges[-1], solo.bpm))
        written = [each.planned.written for each in rehearsal.played]
        for start, end in ours:
            onset = next((each for each in written if start - PICKUP <= each < end), None)
            if onset is None:
                without += 1
            else:
                places.append((onset - start) / PPQ)
    what = f"trade {bars}: first note after the turn's downbeat"
    add_row(table, what, "beats", places, "max < 4, none before -1")
    share = Counter(
        "before the turn"
        if place < 0
        else "on its downbeat"
        if place == 0
        else "later in its first beat"
        if place < 1
        else "later in its first bar"
        if place < 4
        else "later than its first bar"
        for place in places
    )
    shares = ", ".join(f"{n / len(places):.0%} {name}" for name, n in share.most_common())
    earliest = min(places, default=0.0)
    table.notes.append(
        f"trade {bars}: the first note is {shares}; the earliest at {earliest:g} beats; "
        f"{without} turns without a note"
    )


def phrases(solo: Solo) -> list[list[Note]]:
    """The phrases of a solo, by their rests."""
    found: list[list[Note]] = [[]]
    for note, after in zip(solo.notes, [*solo.notes[1:], None], strict=True):
        found[-1].append(note)
        if after is None or after.onset - note.end >= RESTED:
            found.append([])
    return [phrase for phrase in found if len(phrase) >= FEWEST]


def answers(table: Table, solos: Sequence[Solo], seed: int) -> None:
    """How soon an answer comes."""
    waits: list[float] = []
    held = on_grid = count = calls = unanswered = 0
    bar_ticks = _FOUR_FOUR.bar_ticks
    for number, solo in enumerate(solos):
        at, notes, ends = 0, [], []
        for phrase in phrases(solo):
            within = phrase[0].onset % bar_ticks
            by = at + within - phrase[0].onset
            moved = [Note(Ticks(n.onset + by), n.length, n.pitch, n.velocity) for n in phrase]
            end = max(note.end for note in moved)
            # As long again for the answer, and two bars.
            at = -(-(2 * end - moved[0].onset) // bar_ticks) * bar_ticks + 2 * bar_ticks
            notes += moved
            ends.append((end, at))
        knobs = Knobs(mode="answer")
        rehearsal = Rehearsal(Request(bpm=BPM, seed=seed + number, knobs=knobs), solo.changes)
        rehearsal.play(keys(notes, BPM), seconds(at, BPM))
        onsets = [each.at for each in rehearsal.played]
        for end, until in ends:
            off = seconds(end, BPM)
            first = next((each for each in onsets if off <= each < seconds(until, BPM)), None)
            calls += 1
            if first is None:
                unanswered += 1
            else:
                waits.append((first - off) * BPM / 60)
        down = [(seconds(n.onset, BPM), seconds(n.end, BPM)) for n in notes]
        held += sum(any(a <= each < b for a, b in down) for each in onsets)
        on_grid += sum(each.planned.written % GRID_TICKS == 0 for each in rehearsal.played)
        count += len(onsets)
    add_row(table, "answer: last note-off to first note", "beats", waits, "median <= 1")
    table.notes.append(
        f"answer: {unanswered} of {calls} calls without an answer; {on_grid / count:.1%} of "
        f"{count:,} notes on the grid as written (bar: all); {held} note-ons while a key of the "
        "player was down (bar: 0)"
    )


def live_chords(table: Table, solos: Sequence[Solo], horizon: float, seed: int) -> None:
    """How soon a chord that is struck counts."""
    decided: list[float] = []
    sounded: list[float] = []
    old: list[float] = []
    rng = Random(seed)
    strokes = 0
    ticks = Ticks(round(horizon * PPQ))
    for number, solo in enumerate(solos):
        items: list[Item] = []
        last: list[Seconds] = []
        held: tuple[int, ...] = ()
        edge = solo.changes.bars[min(MOST_BARS, len(solo.changes.bars) - 1)].start
        spans = [s for s in solo.changes.chords if s.start < edge and s.chord.root is not None]
        for span in spans:
            at = seconds(span.start, BPM) + 0.001
            items += [(Seconds(at), Heard(Seconds(at), NoteOff(p, CHORD_CHANNEL))) for p in held]
            held = voicing(span.chord, rng).pitches
            gaps = [rng.random() * ROLLED / len(held) for _ in held[1:]]
            for pitch, after in zip(held, accumulate([at, *gaps]), strict=True):
                moment = Seconds(after)
                items.append((moment, Heard(moment, NoteOn(pitch, 70, CHORD_CHANNEL))))
            last.append(items[-1][0])
        strokes += len(last)
        request = Request(
            bpm=BPM,
            seed=seed + number,
            chords=ChordSource.LIVE,
            listening=Listening(chord_channel=CHORD_CHANNEL),
            horizon=ticks,
        )
        rehearsal = Rehearsal(request)
        rehearsal.play(items, seconds(edge, BPM))
        for moment, following in zip(last, [*last[1:], seconds(edge, BPM)], strict=True):
            before = [each.changes for each in rehearsal.planned if each.at < moment][-1:]
            new = next(
                (
                    each
                    for each in rehearsal.planned
                    if moment <= each.at < following and [each.changes] != before
                ),
                None,
            )
            if new is None:
                continue  # the same chord, or the next one came before a note was planned
            decided.append(1e3 * (new.at - moment))
            ours = [each for each in rehearsal.played if each.at >= moment]
            first = next((each.at for each in ours if each.planned.changes == new.changes), None)
            if first is not None:
                sounded.append(1e3 * (first - moment))
            late = [each.at for each in ours if each.planned.at < new.at]
            wait = 60e3 / BPM * horizon
            old.append(1e3 * (max(late, default=moment) - moment) - wait)
    name = f"live chord, horizon {horizon:g}"
    add_row(table, f"{name}: until a note is planned with it", "ms", decided)
    add_row(table, f"{name}: until that note sounds", "ms", sounded)
    add_row(table, f"{name}: last note without it, less the horizon", "ms", old, "max <= 50")
    table.notes.append(
        f"{name}: {len(decided)} of {strokes} voicings changed the harmony before a note was "
        "planned, and before the next came"
    )


# In real time


def live_trades(table: Table, solos: Sequence[Solo], options: argparse.Namespace) -> None:
    """How late the first notes of our turns leave."""
    with jack.server() as jack_runs:
        if not jack_runs:
            table.notes.append(
                "trade, live: skipped, no JACK server runs (Debian: apt install jackd2)"
            )
            return
        for bars in TURNS:
            sent = live_trade(solos, bars, options)
            starts = first_notes(sent, bars)
            others = [each for each in sent if each not in starts]
            lead = f"trade {bars}, live"
            late = [1e3 * each.late for each in others]
            add_row(table, f"{lead}: other notes, late by", "ms", late)
            p99 = f"{quantile(late, 0.99):.3f}" if late else "-"
            firsts = [1e3 * each.late for each in starts]
            add_row(table, f"{lead}: first notes, late by", "ms", firsts, f"p99 as others: {p99}")


def live_trade(solos: Sequence[Solo], bars: int, options: argparse.Namespace) -> list[Sent]:
    """Trade for so many seconds; every note of ours."""
    length = round(options.seconds * LIVE_BPM / 60 / 4 / (2 * bars)) * 2 * bars
    knobs = Knobs(mode="trade", trade=bars)
    performance = Stamping(Request(bpm=LIVE_BPM, bars=length, seed=options.seed, knobs=knobs))
    line = medley(solos, length)
    turn = bars * _FOUR_FOUR.bar_ticks
    theirs = [note for note in line if note.onset // turn % 2 == 0]
    with _player() as player:

        def started(bar_1: Seconds) -> None:
            told = [
                [bar_1 + at, *_spoken(item)] for item in keys(theirs, LIVE_BPM) for at in item[:1]
            ]
            assert player.stdin is not None
            player.stdin.write(json.dumps(told).encode() + b"\n")
            player.stdin.flush()

        performance.started = started
        return play_stamped(performance, player_in=PLAYER)


def medley(solos: Sequence[Solo], bars: int) -> list[Note]:
    """One solo after another, until so many bars are full."""
    found: list[Note] = []
    at, end = 0, bars * _FOUR_FOUR.bar_ticks
    while at < end:
        for solo in solos:
            found += [
                Note(Ticks(n.onset + at), n.length, n.pitch, n.velocity)
                for n in solo.notes
                if n.onset + at < end
            ]
            at += solo.changes.length
    return found


def first_notes(sent: Sequence[Sent], bars: int) -> list[Sent]:
    """The first note of each of our turns; a pickup belongs to the turn after it."""
    turn = bars * _FOUR_FOUR.bar_ticks
    found: dict[int, Sent] = {}
    for each in sent:
        found.setdefault((each.tick + PICKUP + GRID_TICKS) // turn // 2, each)
    return list(found.values())


def _spoken(item: Item) -> tuple[int, int]:
    """A key: its pitch, and its velocity or 0 as it comes up."""
    event = _event(item)
    assert isinstance(event, NoteOn | NoteOff)
    return event.pitch, event.velocity if isinstance(event, NoteOn) else 0


@contextmanager
def _player() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, __file__, "--play"], stdin=subprocess.PIPE)
    try:
        end = time.monotonic() + _PATIENCE
        while match_port(PLAYER, list_ports().inputs) is None:
            if time.monotonic() > end:
                raise SystemExit(f"the player did not come in {_PATIENCE:g} s")
            time.sleep(0.05)
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        # It ends by itself, and closes its port: the server would wait for it.
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        jack.stop(process)


def play_what_is_told() -> None:
    """Play keys that standard input tells, at their moments, until this process is ended."""
    with open_output(PLAYER, client="benchmark_player") as port:
        for line in sys.stdin:
            for at, pitch, velocity in json.loads(line):
                time.sleep(max(at - time.perf_counter(), 0.0))
                port.send(NoteOn(pitch, velocity) if velocity else NoteOff(pitch))


if __name__ == "__main__":
    main()
