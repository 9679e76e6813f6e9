"""The composition root: a request becomes a performance, whose parts are built and joined here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from live_improv import assets, model_folder
from live_improv.grammar.context import Context
from live_improv.midi.reader import Recorded
from live_improv.model_folder import Model
from live_improv.music.changes import Changes
from live_improv.music.events import ProgramChange, Timed
from live_improv.music.timing import Meter, Seconds, TempoMap, Ticks
from live_improv.music.transposing import transposed
from live_improv.performance.band import PROGRAMS, TRACKS, Band, BandChannels, BandPlayer
from live_improv.performance.controls import OFF
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.harmony import ChordSource, Harmony, free_form
from live_improv.performance.improviser import Improviser
from live_improv.performance.parts import Parts, Span
from live_improv.performance.session import Session
from live_improv.performance.soloist import Soloist
from live_improv.performance.take import Take
from live_improv.performance.taste import Taste
from live_improv.performance.transport import ClockSource, Transport
from live_improv.performance.turns import Mode, Turns
from live_improv.repertoire import DEFAULT_BPM, DEFAULT_CHART, read_chart
from live_improv.request import Request


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


def _changes(request: Request) -> Changes:
    if request.chart is None and request.chords is ChordSource.LIVE:
        return free_form(Meter(4, 4), request.bpm)
    if isinstance(request.chart, Changes):
        return request.chart
    return read_chart(request.chart or DEFAULT_CHART, request.tune)
