"""The composition root: the parts are built and joined here, and here is the one loop."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from live_improv import assets, corpus, evaluation, model_folder
from live_improv.charts import text
from live_improv.grammar.context import Context
from live_improv.midi import files
from live_improv.midi.ports import OutputPort
from live_improv.music.changes import Changes
from live_improv.music.events import Event, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.timing import Seconds, TempoMap, Ticks
from live_improv.performance.clock import Clock, VirtualClock, WallClock
from live_improv.performance.feel import Feel, swing_ratio
from live_improv.performance.improviser import Improviser, Taste
from live_improv.performance.session import Mode, Session, Span
from live_improv.runtime.priority import realtime

DEFAULT_CHART = "blues_in_f"
DEFAULT_BPM = 140.0
MAX_CHART_BYTES = 1 << 20

LEAD_IN = Seconds(0.05)
"""Between the opening of a port and the first note: time to plan it."""

STOPPED_POLL = Seconds(0.01)
"""How often a session that is stopped is asked whether it plays again."""


class ChartFileError(ValueError):
    """A chart file that cannot be read."""


class Sink(Protocol):
    """Where the events of a performance go."""

    def send(self, timed: Timed) -> None:
        """Take one event, when it is due."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a performance is to be.

    Attributes:
        chart: a file, or the name of a chart that comes with the program.
        model: a model folder, or None for the default one.
        bpm: quarters a minute, or None for the chart's own tempo.
        bars, choruses: how long; with neither it does not end.
        channel: 0..15.
        program: 0..127, the General MIDI sound that is asked for, or None to leave it alone.
    """

    chart: str = DEFAULT_CHART
    model: Path | None = None
    bpm: float | None = None
    bars: int | None = None
    choruses: int | None = None
    taste: Taste = Taste()  # noqa: RUF009
    channel: int = 0
    program: int | None = None


class Performance:
    """A session that is ready to begin: the parts, put together.

    Raises:
        AssetError, ChartFileError, ChartError, ChordSymbolError, ModelFormatError, TimingError:
            something that was asked for cannot be used.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.changes = read_chart(request.chart)
        self.bpm = request.bpm or self.changes.tempo or DEFAULT_BPM
        self.tempo = TempoMap.constant(self.bpm)
        self.model = model_folder.load(request.model or assets.default_model())
        self.length = self._length()

    def _length(self) -> Ticks | None:
        if self.request.bars is not None:
            return self.changes.bars_ticks(self.request.bars)
        if self.request.choruses is not None:
            return Ticks(self.changes.length * self.request.choruses)
        return None

    def session(self, start: Seconds) -> Session:
        """A session whose first bar begins at the moment `start`."""
        taste = self.request.taste
        ratio = swing_ratio(self.bpm, self.changes.style)
        context = Context(self.changes, self.bpm, straight=True)
        return Session(
            Improviser(self.model.weights, context, taste, start=Ticks(0)),
            Feel(ratio, taste.seed),
            self.tempo.delayed(start),
            Span(Ticks(0), self.length),
            self.request.channel,
        )

    def opening(self) -> list[Timed]:
        """What is sent before the first note."""
        if self.request.program is None:
            return []
        return [Timed(Ticks(0), ProgramChange(self.request.program, self.request.channel))]


def run(session: Session, clock: Clock, sink: Sink) -> None:
    """The loop, live and offline: send what is due, plan what is next, wait.

    When it is interrupted it silences what sounds before it lets the interruption pass.
    """
    # What the sink is owed. It can be more than the session knows of: an interruption may come
    # after the session has handed out an off and before it is sent.
    owed: set[Event] = set()
    try:
        while session.mode is not Mode.ENDED:
            now = clock.now()
            due = session.advance(now)
            for timed in due:
                if isinstance(timed.event, NoteOn):
                    owed.add(NoteOff(timed.event.pitch, timed.event.channel))
                sink.send(timed)
                owed.discard(timed.event)
            if not due:
                moment = session.wake_at(clock.now())
                clock.wait(Seconds(now + STOPPED_POLL) if moment is None else moment)
    finally:
        now = clock.now()
        owed.update(timed.event for timed in session.silence(now))
        for event in owed:
            sink.send(Timed(session.tempo.tick_at(now), event))


class _Recording:
    """A sink that keeps everything, for a file."""

    def __init__(self) -> None:
        self.events: list[Timed] = []

    def send(self, timed: Timed) -> None:
        """Keep one event."""
        self.events.append(timed)


def play_offline(performance: Performance, out: Path) -> int:
    """Play under the virtual clock into a .mid file; the number of notes.

    Raises:
        MidiFileError: the file cannot be written.
    """
    files.check_writable(out)
    recording = _Recording()
    for timed in performance.opening():
        recording.send(timed)
    run(performance.session(Seconds(0.0)), VirtualClock(), recording)
    assert performance.length is not None, "a file has an end"
    files.write_performance(
        out, recording.events, performance.changes, performance.tempo, performance.length
    )
    return len(files.notes_in(recording.events, performance.length, performance.request.channel))


class _Port:
    """A sink that sends at once."""

    def __init__(self, port: OutputPort) -> None:
        self._port = port

    def send(self, timed: Timed) -> None:
        """Send one event."""
        self._port.send(timed.event)


def play_live(performance: Performance, port: OutputPort) -> None:
    """Play in real time to an open port until the performance ends or is interrupted."""
    sink = _Port(port)
    for timed in performance.opening():
        sink.send(timed)
    # A full collection would be heard; what exists now stays, and little is made from here on.
    gc.collect()
    gc.freeze()
    clock = WallClock()
    with realtime():
        run(performance.session(Seconds(clock.now() + LEAD_IN)), clock, sink)


def read_chart(chart: str) -> Changes:
    """The changes of a chart given by path or name.

    Raises:
        AssetError: there is no such chart.
        ChartFileError: the file cannot be read.
        ChartError, ChordSymbolError: it is not a chart.
    """
    path = assets.chart_path(chart)
    try:
        if path.stat().st_size > MAX_CHART_BYTES:
            raise ChartFileError(f"{path}: larger than 1 MB, not a chart")
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ChartFileError(f"{path}: {error}") from None
    changes = text.parse(content)
    return changes if changes.title else replace(changes, title=path.stem)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The figures of one evaluation."""

    bits: evaluation.Bits
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
    bits = evaluation.bits_per_note(loaded.weights, chosen)
    return Evaluated(bits, len(chosen), split or "all", loaded.name)
