"""The composition root: the parts are built and joined here, and here is the one loop."""

from __future__ import annotations

import gc
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from live_improv import assets, corpus, model_folder
from live_improv.charts import reading
from live_improv.evaluation.bits import Bits, bits_per_note
from live_improv.grammar.context import Context
from live_improv.grammar.realization import Register
from live_improv.midi.reader import Recorded
from live_improv.model_folder import Model
from live_improv.music.changes import Changes
from live_improv.music.events import Event, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import PPQ, Meter, Seconds, TempoMap, Ticks
from live_improv.music.transposing import transposed
from live_improv.performance.band import PROGRAMS, TRACKS, Band, BandChannels, BandPlayer
from live_improv.performance.clock import Clock
from live_improv.performance.constraints import Constraints
from live_improv.performance.controls import OFF, Knobs
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.hands import Hands
from live_improv.performance.harmony import ChordSource, Harmony, free_form
from live_improv.performance.improviser import Improviser
from live_improv.performance.incoming import Incoming
from live_improv.performance.instruments import DEFAULT, Instrument
from live_improv.performance.partner import Listening
from live_improv.performance.session import Parts, Session, Span, State
from live_improv.performance.soloist import Soloist
from live_improv.performance.take import Take
from live_improv.performance.taste import Taste
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import First, Mode, Turns

DEFAULT_CHART = "blues_in_f"
DEFAULT_BPM = 140.0

COMMIT_HORIZON = Ticks(PPQ)
"""How long before it sounds a note is committed."""

SHORT_TURN = Seconds(0.0005)
"""How long another thread may keep the interpreter; without a word Python allows ten times that."""

LONGEST_WAIT = Seconds(1.0)
"""A session that waits for others is asked at least this often."""


class ChartFileError(ValueError):
    """A chart file that cannot be read."""


class Sink(Protocol):
    """Where the events of a performance go."""

    def send(self, timed: Timed) -> None:
        """Take one event, when it is due."""


class Source(Protocol):
    """Where what is heard comes from.

    Attributes:
        open: more may come.
    """

    open: bool

    def take(self, now: Seconds) -> Sequence[Incoming]:
        """What has come by `now` and was not taken before, in order."""

    def next_at(self) -> Seconds | None:
        """When something will come, if that is known."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a performance is to be.

    Attributes:
        chart: a file, a link, the name of a chart that comes with the program, or changes; None
            for the default one, or for none at all where the chords are played live.
        tune: of a play list, the number or the title of one.
        model: a model folder, or None for the default one.
        bpm: quarters a minute, or None for the chart's own tempo.
        bars, choruses: how long; with neither it does not end.
        instrument: what is played.
        register: the lowest and the highest note, or None for the instrument's.
        seed: of every draw.
        channel: 0..15.
        program: 0..127, the General MIDI sound that is asked for, or None to leave it alone.
        band: who accompanies.
        knobs: what can be turned while it plays, as it is at the beginning.
        manner: the name of one of the model's manners, or None for none.
        first: who trades first.
        count_in: bars that are counted in.
        chords: where they come from.
        listening: how the player is listened to.
        constraints: what the line is held to.
        horizon: how long before it sounds a note is committed.
        hands: what the player's knobs and keys do.
        leads: whether a MIDI clock is sent.
    """

    chart: str | Changes | None = None
    tune: str | None = None
    model: Path | None = None
    bpm: float | None = None
    bars: int | None = None
    choruses: int | None = None
    instrument: Instrument = DEFAULT
    register: Register | None = None
    seed: int = 0
    channel: int = 0
    program: int | None = None
    band: frozenset[BandPlayer] = frozenset()
    knobs: Knobs = Knobs()  # noqa: RUF009
    manner: str | None = None
    first: First = First.PLAYER
    count_in: int = 0
    chords: ChordSource = ChordSource.CHART
    listening: Listening = Listening()  # noqa: RUF009
    constraints: Constraints = Constraints()  # noqa: RUF009
    horizon: Ticks = COMMIT_HORIZON
    hands: Hands = field(default_factory=Hands)
    leads: bool = False


class Performance:
    """A session that is ready to begin: the parts, put together.

    Args:
        request: what it is to be.
        player: who was recorded before, and is to be played with.
        model: the request's model, where it has been loaded before.

    Raises:
        AssetError, ChartFileError, ChartError, ChordSymbolError, MannerError, ModelFormatError,
        TimingError: something that was asked for cannot be used.
    """

    def __init__(
        self, request: Request, player: Recorded | None = None, model: Model | None = None
    ) -> None:
        self.request = request
        self.player = player
        self.written = _changes(request)
        self.changes = transposed(self.written, request.knobs.transpose)
        self.tempo = self._tempo()
        self.model = model or model_folder.load(request.model or assets.default_model())
        self.length = self._length()
        self.start = self._start()
        self.knobs = replace(
            request.knobs, tempo=self.bpm, manner=self._manner(), manners=self.model.manners
        )
        self.channels = BandChannels.beside(request.channel)

    @property
    def bpm(self) -> float:
        """Quarters a minute, at bar 1."""
        return self.tempo.bpm_at(Ticks(0))

    @property
    def shares_beat(self) -> bool:
        """Whether it begins by a beat that is shared over the network."""
        return self.request.knobs.clock == ClockSource.LINK

    def session(
        self,
        start: Seconds,
        take: Take | None = None,
        improviser: Callable[..., Improviser] = Improviser,
    ) -> Session:
        """A session that begins at the moment `start`, with its count-in if it has one.

        Args:
            take: where it is kept.
            improviser: who decides the notes, made of what an `Improviser` is made of.
        """
        request, knobs = self.request, self.knobs
        taste = Taste(
            request.register or request.instrument.register,
            seed=self._own_seed(),
            constraints=request.constraints,
            breath=request.instrument.breath,
        )
        context = Context(self.changes, self.bpm, straight=True)
        soloist = Soloist(
            improviser(
                self.model.weights, context, taste, start=Ticks(0), quotes=self.model.quotes
            ),
            self._feel(taste.seed),
            request.channel,
            request.horizon,
            self.length,
            lead=Ticks(-self.start),
        )
        harmony = Harmony(self.written, request.chords)
        harmony.transpose(knobs.transpose)
        transport = Transport(ClockSource(knobs.clock), self._from(start))
        transport.offset = Seconds(knobs.clock_offset_ms / 1000)
        parts = Parts(
            transport=transport,
            turns=Turns(Mode(knobs.mode), knobs.trade, request.first, Ticks(0)),
            harmony=harmony,
            span=Span(self.start, self.length),
            listening=request.listening,
            knobs=knobs,
            hands=request.hands,
            leads=request.leads,
            band=self._band(taste.seed),
            take=take,
            looped=self.player is None,
        )
        return Session(soloist, parts)

    def _own_seed(self) -> int:
        """The seed of every draw: the request's, made the chart's own.

        Draws are keyed by their place, so with the request's alone every tune would begin alike.
        """
        symbols = "|".join(span.chord.symbol for span in self.written.chords)
        digest = hashlib.sha256(f"{self.request.seed}/{symbols}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def _band(self, seed: int) -> Band | None:
        """Who accompanies."""
        if not self.request.band:
            return None
        return Band(self.request.band, seed, self.channels, Ticks(0), self.length)

    def _feel(self, seed: int) -> Feel:
        """How the instrument is played."""
        instrument = self.request.instrument
        centre = (instrument.usual.low + instrument.usual.high) / 2
        return Feel(
            swing_ratio(self.bpm), seed, bpm=self.bpm, legato=instrument.legato, centre=centre
        )

    def _from(self, start: Seconds) -> TempoMap:
        """The tempo of a session that begins to send at the moment `start`."""
        latency = max(self.request.knobs.latency_ms, 0) / 1000
        return self.tempo.delayed(Seconds(start + latency - self.tempo.seconds_at(self.start)))

    def take(self, start: Seconds, *, chord_track: bool = False) -> Take:
        """Where such a session is kept."""
        band = self.request.band
        names = {self.channels.of(each): TRACKS[each] for each in BandPlayer if each in band}
        return Take(
            self.changes, self._from(start), self.start, chord_track=chord_track, band=names
        )

    def opening(self) -> list[Timed]:
        """What is sent before the first note."""
        programs = [
            ProgramChange(PROGRAMS[player], self.channels.of(player))
            for player in sorted(self.request.band & PROGRAMS.keys())
        ]
        if self.request.program is not None:
            programs.insert(0, ProgramChange(self.request.program, self.request.channel))
        return [Timed(self.start, program) for program in programs]

    def _tempo(self) -> TempoMap:
        if self.request.bpm is None and self.player is not None:
            return self.player.tempo
        return TempoMap.constant(self.request.bpm or self.changes.tempo or DEFAULT_BPM)

    def _manner(self) -> str:
        asked = self.request.manner
        return OFF if asked is None or asked.casefold() == OFF else self.model.manner(asked)

    def _length(self) -> Ticks | None:
        if self.request.bars is not None:
            return self.changes.bars_ticks(self.request.bars)
        if self.request.choruses is not None:
            return Ticks(self.changes.length * self.request.choruses)
        if self.player is not None:
            # To the end of the bar in which the player ends, and as long again as a turn.
            bar = self.changes.bar_at(self.player.end)
            turn = self.changes.bars_ticks(self.request.knobs.trade)
            return Ticks(bar.start + bar.meter.bar_ticks + turn)
        return None

    def _start(self) -> Ticks:
        tick = 0
        for _ in range(self.request.count_in):
            tick = self.changes.bar_at(Ticks(tick - 1)).start
        return Ticks(tick)


def run(session: Session, clock: Clock, sink: Sink, source: Source) -> None:
    """The loop, live and offline: hear, send what is due, think about what is next, wait.

    When it is interrupted it silences what sounds before it lets the interruption pass.
    """
    # What the sink is owed. It can be more than the session knows of: an interruption may come
    # after the session has handed out an off and before it is sent.
    owed: set[Event] = set()

    def send(due: Iterable[Timed]) -> None:
        for timed in due:
            if isinstance(timed.event, NoteOn):
                owed.add(NoteOff(timed.event.pitch, timed.event.channel))
            sink.send(timed)
            owed.discard(timed.event)

    try:
        while not _is_over(session):
            now = clock.now()
            for incoming in source.take(now):
                send(session.receive(incoming, now))
            due = session.advance(now)
            send(due)
            if due or _is_over(session):
                continue
            moments = [session.wake_at(clock.now()), source.next_at()]
            known = [moment for moment in moments if moment is not None]
            if not known and not source.open:
                break
            clock.wait(min(known, default=Seconds(now + LONGEST_WAIT)))
    finally:
        now = clock.now()
        for timed in session.close(now):
            owed.discard(timed.event)
            sink.send(timed)
        for event in owed:
            sink.send(Timed(session.tempo.tick_at(now), event))


def _is_over(session: Session) -> bool:
    return session.state is State.ENDED


class Script:
    """A source of what is known beforehand: a recorded player, or nobody."""

    open = False

    def __init__(self, items: Iterable[tuple[Seconds, Incoming]] = ()) -> None:
        self._items = sorted(items, key=lambda item: item[0])
        self._next = 0

    def take(self, now: Seconds) -> list[Incoming]:
        """What has come by `now`."""
        found = []
        while self._next < len(self._items) and self._items[self._next][0] <= now:
            found.append(self._items[self._next][1])
            self._next += 1
        return found

    def next_at(self) -> Seconds | None:
        """When the next one comes."""
        return self._items[self._next][0] if self._next < len(self._items) else None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within the block no garbage is collected, a full collection would be heard, and a busy thread
    keeps the interpreter for a short turn only.

    What is made while playing refers to nothing that refers back to it, and needs no collector.
    """
    turn = sys.getswitchinterval()
    sys.setswitchinterval(SHORT_TURN)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        sys.setswitchinterval(turn)


def _changes(request: Request) -> Changes:
    if request.chart is None and request.chords is ChordSource.LIVE:
        return free_form(Meter(4, 4), request.bpm)
    if isinstance(request.chart, Changes):
        return request.chart
    return read_chart(request.chart or DEFAULT_CHART, request.tune)


def read_chart(chart: str, tune: str | None = None) -> Changes:
    """The changes of a chart given by link, path or name.

    Args:
        tune: of several, the number or the title of one.

    Raises:
        AssetError: there is no such chart.
        ChartFileError: the file cannot be read.
        ChartError, ChordSymbolError: it is not a chart.
    """
    try:
        changes = reading.read_chart(chart, tune)
    except OSError as error:
        raise ChartFileError(f"{chart}: {error.strerror or error}") from None
    return changes if changes.title else replace(changes, title=Path(chart).stem)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures of one evaluation."""

    bits: Bits
    solos: int
    split: str
    model: str


def evaluate(paths: Sequence[Path], split: str | None, model: Path | None) -> Evaluated:
    """Bits per note of a model on the solos of a corpus, of one split or of all.

    Raises:
        CorpusError: a file cannot be read, or no solo of the split is in it.
        ModelFormatError: the model cannot be used.
    """
    loaded = model_folder.load(model or assets.default_model())
    solos = corpus.read_corpora(paths)
    chosen = [solo for solo in solos if split is None or solo.split == split]
    if not chosen:
        there = ", ".join(sorted({solo.split for solo in solos})) or "none"
        raise corpus.CorpusError(f"no solos of split {split!r}: the corpus has {there}")
    bits = bits_per_note(loaded.weights, chosen)
    return Evaluated(bits, len(chosen), split or "all", loaded.name)
