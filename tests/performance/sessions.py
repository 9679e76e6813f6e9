"""Sessions for the tests: put together by hand, with a player by hand, under virtual time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from live_improv import assets, model_folder
from live_improv.charts.text import parse
from live_improv.grammar.context import Context
from live_improv.loop import Script, run
from live_improv.model import Weights
from live_improv.music.changes import Changes
from live_improv.music.events import (
    Continue,
    Ear,
    Event,
    Heard,
    Note,
    NoteOff,
    NoteOn,
    Pulse,
    SongPosition,
    Start,
    Stop,
    Timed,
)
from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.band import TRACKS, Band, BandChannels, BandPlayer
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import Knobs, Turned
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource, Harmony
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.incoming import Incoming
from live_improv.performance.partner import Listening
from live_improv.performance.parts import Parts, Span
from live_improv.performance.session import Session, State
from live_improv.performance.soloist import Soloist
from live_improv.performance.take import Take
from live_improv.performance.taste import Taste
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import First, Mode, Turns
from tests.small_nets import random_weights

NET = random_weights(7, 0.7)
CHANGES = parse("C7 | F7 | Dm7 G7 | CM7")
BAR = 1920

COMMIT_HORIZON = Ticks(PPQ)
CHANNEL = 3
BAND = BandChannels.beside(CHANNEL)

Item = tuple[Seconds, Incoming]


@cache
def trained() -> Weights:
    """The default model's net."""
    return model_folder.load(assets.default_model()).weights


@dataclass(frozen=True)
class Sent:
    """An event that came out, and when."""

    at: Seconds
    timed: Timed

    @property
    def tick(self) -> Ticks:
        """Where in the song."""
        return self.timed.tick

    @property
    def event(self) -> Event:
        """What it is."""
        return self.timed.event


@dataclass(frozen=True)
class Sounded:
    """A note as it came out: its place and moment, and those of its end."""

    pitch: int
    tick: Ticks
    end: Ticks
    at: Seconds
    until: Seconds


@dataclass(frozen=True)
class Planned:
    """A note as it was planned, when, and the changes it was planned over."""

    note: Note
    at: Seconds
    changes: Changes


class Watched(Improviser):
    """An improviser whose plans are kept."""

    def __init__(self, clock: VirtualClock, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._clock = clock
        self.planned: list[Planned] = []

    def plan(self, *arguments: Any) -> Idea:
        """Plan a note and keep it."""
        idea = super().plan(*arguments)
        self.planned.append(Planned(idea.written.note, self._clock.now(), self.context.changes))
        return idea


class Rehearsal:
    """A session whose parts can be looked at.

    Args:
        bars: how long; without end if it is not said.
        start: the moment of its beginning.
        count_in: ticks before bar 1.
        net: random, or one that was trained.
        knobs: the other controls, at the beginning.
    """

    def __init__(
        self,
        mode: str = "solo",
        *,
        bars: int | None = None,
        bpm: float = 200.0,
        seed: int = 0,
        start: float = 0.0,
        changes: Changes = CHANGES,
        count_in: int = 0,
        first: First = First.PLAYER,
        chords: ChordSource = ChordSource.CHART,
        listening: Listening | None = None,
        horizon: int = COMMIT_HORIZON,
        leads: bool = False,
        keep: bool = False,
        net: Weights = NET,
        hands: Hands | None = None,
        band: frozenset[BandPlayer] = frozenset(),
        **knobs: Any,
    ) -> None:
        # Where notes come is looked at to the tick, so they come where they are written.
        turned = replace(Knobs(laid_back=0.0, loose=0.0), mode=mode, **knobs)
        self.changes = changes
        self.clock = VirtualClock()
        self.improviser = Watched(
            self.clock, net, Context(changes, bpm, straight=True), Taste(seed=seed), 0
        )
        self.end = None if bars is None else changes.bars_ticks(bars)
        plain = TempoMap.constant(bpm)
        begin = Ticks(-count_in)
        self.tempo = plain.delayed(Seconds(start - plain.seconds_at(begin)))
        feel = Feel(swing_ratio(bpm), seed)
        self.soloist = Soloist(
            self.improviser, feel, CHANNEL, Ticks(horizon), None if bars is None else self.end
        )
        self.transport = Transport(ClockSource(turned.clock), self.tempo)
        self.transport.offset = Seconds(turned.clock_offset_ms / 1000)
        self.turns = Turns(Mode(mode), turned.trade, first, Ticks(0))
        self.harmony = Harmony(changes, chords)
        names = {BAND.of(player): TRACKS[player] for player in BandPlayer if player in band}
        self.take = Take(changes, self.tempo, begin, band=names) if keep else None
        self.hands = hands or Hands()
        self.session = Session(
            self.soloist,
            Parts(
                transport=self.transport,
                turns=self.turns,
                harmony=self.harmony,
                span=Span(begin, self.end),
                listening=listening or Listening(),
                knobs=turned,
                hands=self.hands,
                leads=leads,
                band=Band(band, seed, BAND, Ticks(0), self.end) if band else None,
                take=self.take,
            ),
        )

    @property
    def planned(self) -> list[Planned]:
        """What has been planned so far."""
        return self.improviser.planned

    def play(self, script: Iterable[Item] = (), until: float | None = None) -> list[Sent]:
        """What comes out, to the end or up to a moment, with the silence that ends it."""
        items = list(script)
        if until is not None:
            items = [item for item in items if item[0] < until]
            items.append((Seconds(until), turned("quit", True)))
        sink = Sink(self.clock)
        run(self.session, sink.clock, sink, Script(items))
        return sink.sent

    def played(self, until: float = 1e9) -> list[Sent]:
        """What comes out with nobody there, up to a moment; it can go on after."""
        clock, found = self.clock, list[Sent]()
        while self.session.state is State.PLAYING:
            due = self.session.advance(clock.now())
            found += [Sent(clock.now(), timed) for timed in due]
            moment = self.session.wake_at(clock.now())
            if moment is None or moment > until:
                break
            clock.wait(moment)
        return found


class Sink:
    """Keeps what it is sent, and when."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.sent: list[Sent] = []

    def send(self, timed: Timed) -> None:
        """Keep one event."""
        self.sent.append(Sent(self.clock.now(), timed))


def turned(name: str, value: bool | float | str) -> Incoming:
    """A control is turned."""
    return Turned(name, value)


def press(at: float, pitch: int, ears: Ear = Ear.PLAYER, channel: int = 0) -> Item:
    """A key goes down."""
    return Seconds(at), Heard(Seconds(at), NoteOn(pitch, 80, channel), ears)


def lift(at: float, pitch: int, ears: Ear = Ear.PLAYER, channel: int = 0) -> Item:
    """A key comes up."""
    return Seconds(at), Heard(Seconds(at), NoteOff(pitch, channel), ears)


def phrase(
    start: float, pitches: Sequence[int], every: float = 0.15, held: float = 0.9
) -> list[Item]:
    """A line of the player's: each key is held for a share of the time to the next."""
    found = []
    for i, pitch in enumerate(pitches):
        at = start + i * every
        found += [press(at, pitch), lift(at + held * every, pitch)]
    return found


def chord(at: float, pitches: Sequence[int], length: float, ears: Ear = Ear.PLAYER) -> list[Item]:
    """Keys that go down and come up together."""
    return [
        *(press(at, pitch, ears) for pitch in pitches),
        *(lift(at + length, pitch, ears) for pitch in pitches),
    ]


class Master:
    """A clock master by hand: what it sends, and where its song is.

    Args:
        at: when it begins.
        bpm: its tempo; may be set at any time.
    """

    def __init__(self, at: float = 0.0, bpm: float = 120.0) -> None:
        self.items: list[Item] = []
        self.bpm = bpm
        self.at = at
        self.tick = 0
        self.running = False
        # From which moment on which tick, quarters a minute; 0 where it stands.
        self._places: list[tuple[float, int, float]] = []

    def _say(self, event: Event) -> None:
        self.items.append((Seconds(self.at), Heard(Seconds(self.at), event, Ear.CLOCK)))

    def start(self) -> None:
        """From the beginning, with the next pulse."""
        self.tick = 0
        self._run(Start())

    def go_on(self) -> None:
        """From here, with the next pulse."""
        self._run(Continue())

    def _run(self, event: Event) -> None:
        self._say(event)
        self.running = True

    def place(self, sixteenths: int) -> None:
        """Be there with the next pulse."""
        self._say(SongPosition(sixteenths))
        self.tick = sixteenths * PPQ // 4

    def stop(self) -> None:
        """Stand."""
        self._say(Stop())
        self.running = False
        self._places.append((self.at, self.tick, 0.0))

    def pulses(self, count: int, *, silent: bool = False) -> None:
        """Send so many, the first now; time is then that of the next one."""
        for _ in range(count):
            if self.running:
                self._places.append((self.at, self.tick, self.bpm))
                self.tick += PPQ // 24
            if not silent:
                self._say(Pulse())
            self.at += 60.0 / self.bpm / 24

    def place_at(self, at: float) -> float | None:
        """The exact tick of its song at a moment; None where it stands or has not begun."""
        before = [place for place in self._places if place[0] <= at]
        if not before or not before[-1][2]:
            return None
        since, tick, bpm = before[-1]
        return tick + (at - since) * bpm / 60.0 * PPQ

    def away(self, at: float, tick: int) -> float | None:
        """How far its song is from a tick, at a moment or a rounding error off; None if it stands.

        Positive where it is further on.
        """
        around = (self.place_at(at - 1e-6), self.place_at(at + 1e-6))
        found = [place - tick for place in around if place is not None]
        return min(found, key=abs, default=None)

    def standing(self) -> list[tuple[float, float]]:
        """The times in which it stands, between its first and its last place."""
        found, since = [], None
        for at, _, bpm in self._places:
            if not bpm and since is None:
                since = at
            elif bpm and since is not None:
                found.append((since, at))
                since = None
        return found


def sounded(sent: Iterable[Sent], channel: int = CHANNEL) -> list[Sounded]:
    """The notes that came out on a channel, each on with the one off that it has.

    Raises:
        AssertionError: an on without an off, an off too many, or a pitch struck while it sounds.
    """
    found: list[Sounded] = []
    down: dict[int, Sent] = {}
    for each in sent:
        match each.event:
            case NoteOn(pitch, _, on) if on == channel:
                assert pitch not in down, f"{pitch} is struck while it sounds, at {each.at}"
                down[pitch] = each
            case NoteOff(pitch, on) if on == channel:
                assert pitch in down, f"{pitch} ends twice, at {each.at}"
                start = down.pop(pitch)
                found.append(Sounded(pitch, start.tick, each.tick, start.at, each.at))
    assert not down, f"left sounding: {down}"
    return sorted(found, key=lambda note: (note.at, note.pitch))


def events(sent: Iterable[Sent]) -> list[Timed]:
    """The events alone."""
    return [each.timed for each in sent]


def ons(sent: Iterable[Sent], channel: int = CHANNEL) -> list[Sent]:
    """The note-ons that came out on a channel."""
    return [e for e in sent if isinstance(e.event, NoteOn) and e.event.channel == channel]
