"""Harmony: which chords hold, out of a chart, of what is played live, and of the key.

What comes first is a table. Without any chord at all the chord of the key is played over, as far as
one can be told from what is heard, and before that no chord.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, StrEnum

from live_improv.music.changes import Bar, Changes, ChordSpan
from live_improv.music.chords import Chord, parse_chord
from live_improv.music.timing import Meter, Ticks
from live_improv.music.transposing import transposed

NO_CHORD = parse_chord("N.C.")

_FREE_BARS = 4


class ChordSource(StrEnum):
    """Where the chords come from; with `both` the chart wins where it names one."""

    CHART = "chart"
    LIVE = "live"
    BOTH = "both"


class _From(Enum):
    CHART = "chart"
    LIVE = "live"
    KEY = "key"


# Of each span of the chart, the first that has a chord.
PRECEDENCE: dict[ChordSource, tuple[_From, ...]] = {
    ChordSource.CHART: (_From.CHART,),
    ChordSource.LIVE: (_From.LIVE, _From.CHART, _From.KEY),
    ChordSource.BOTH: (_From.CHART, _From.LIVE, _From.KEY),
}


def free_form(meter: Meter, tempo: float | None = None) -> Changes:
    """Bars without a chord, for playing without a chart."""
    bars = tuple(Bar(Ticks(i * meter.bar_ticks), meter) for i in range(_FREE_BARS))
    end = Ticks(_FREE_BARS * meter.bar_ticks)
    return Changes((ChordSpan(Ticks(0), end, NO_CHORD),), bars, title="Free", tempo=tempo)


class Harmony:
    """The chords that hold.

    Attributes:
        changes: as they are now; other chords in the same bars after each change.
    """

    def __init__(self, chart: Changes, source: ChordSource) -> None:
        self.changes = chart
        self._written = self._chart = chart
        self._semitones = 0
        self._source = source
        self._live = NO_CHORD
        self._key = NO_CHORD

    @property
    def listens(self) -> bool:
        """Whether chords that are played can change anything."""
        return self._source is not ChordSource.CHART

    @property
    def needs_key(self) -> bool:
        """Whether the key is to be listened for: nobody has named a chord for some bar."""
        return (
            self.listens
            and self._live.root is None
            and any(span.chord.root is None for span in self._chart.chords)
        )

    def play(self, chart: Changes) -> None:
        """Another chart, as it is written; it is transposed like the one before."""
        self._written = chart
        self._live = self._key = NO_CHORD
        self._sound()

    def transpose(self, semitones: int) -> None:
        """The chart sounds so much higher than it is written; what is played live is meant so."""
        if semitones != self._semitones:
            self._semitones = semitones
            self._sound()

    def expected(self, tick: Ticks) -> Chord | None:
        """What the chart has at `tick`, which makes it likelier to be played; None for nothing."""
        chord = self._chart.chord_at(tick)
        return None if chord.root is None else chord

    def following(self, tick: Ticks) -> Chord | None:
        """What the chart has next; hands often come in ahead of it."""
        _, chord = self._chart.next_chord(tick)
        return None if chord.root is None else chord

    def heard(self, chord: Chord) -> bool:
        """A chord was played; whether other chords hold now."""
        self._live = chord
        return self._decide()

    def in_key(self, chord: Chord) -> bool:
        """The chord of the key is known; whether other chords hold now."""
        self._key = chord
        return self._decide()

    def _sound(self) -> None:
        self._chart = transposed(self._written, self._semitones)
        self.changes = self._chart
        self._decide()

    def _decide(self) -> bool:
        named = {_From.LIVE: self._live, _From.KEY: self._key}
        spans: list[ChordSpan] = []
        for span in self._chart.chords:
            offered = (
                span.chord if each is _From.CHART else named[each]
                for each in PRECEDENCE[self._source]
            )
            chord = next((each for each in offered if each.root is not None), NO_CHORD)
            # Only what the chart did not tell apart is one chord.
            if spans and spans[-1].chord == chord != span.chord:
                spans[-1] = replace(spans[-1], end=span.end)
            else:
                spans.append(ChordSpan(span.start, span.end, chord))
        if tuple(spans) == self.changes.chords:
            return False
        self.changes = replace(self._chart, chords=tuple(spans))
        return True
