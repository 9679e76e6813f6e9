"""The timekeeper: where the music is, for those who send and for those who hear.

What is sent takes its time to the ears, so it goes out earlier by what the knob `latency_ms` says.
What is heard was played where the music was then. While the music stands still it is where it
stopped, for both.
"""

from __future__ import annotations

from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.controls import Knobs
from live_improv.performance.feel import swing_ratio
from live_improv.performance.harmony import Harmony
from live_improv.performance.transport import Transport
from live_improv.performance.turns import JUST_BEGUN


class Timekeeper:
    """Keeps time.

    Args:
        transport: when the music is.
        harmony: whose bars are counted.
        knobs: as they are set at the beginning.
    """

    def __init__(self, transport: Transport, harmony: Harmony, knobs: Knobs) -> None:
        self._transport = transport
        self._harmony = harmony
        self._knobs = knobs

    def turn_knobs(self, knobs: Knobs) -> None:
        """Keep time by these knobs from now on."""
        self._knobs = knobs

    # Ticks and seconds

    @property
    def tempo(self) -> TempoMap:
        """The tempo map, now."""
        return self._transport.tempo

    def tick(self, now: Seconds) -> Ticks:
        """The last tick whose events are to be sent by `now`."""
        if not self._transport.running:
            return self._transport.position
        return self.tempo.tick_at(Seconds(now + self._knobs.latency_ms / 1000))

    def due_at(self, tick: Ticks) -> Seconds:
        """The moment at which what is due at `tick` is to be sent."""
        return Seconds(self.tempo.seconds_at(tick) - self._knobs.latency_ms / 1000)

    def heard_at(self, at: Seconds) -> Ticks:
        """Where the music is for what is heard at that moment."""
        return self.tempo.tick_at(at) if self._transport.running else self._transport.position

    # Beats and bars

    def beat(self, now: Seconds) -> Seconds:
        """How long a quarter lasts."""
        return Seconds(60.0 / self.tempo.bpm_at(self.tick(now)))

    def swing(self, tick: Ticks) -> float | None:
        """How uneven eighths are at `tick`, see `feel.swing_ratio`; None while it stands still."""
        if not self._transport.running:
            return None
        ratio = swing_ratio(self.tempo.bpm_at(tick), self._harmony.changes.style)
        return 1.0 + (ratio - 1.0) * self._knobs.swing

    def grace(self, tick: Ticks) -> Ticks:
        """How long ago a turn may have begun that is begun on its first tick.

        A followed clock that starts or jumps does so now, and we send ahead of it.
        """
        ahead = max(self._knobs.latency_ms, 0) + max(-self._knobs.clock_offset_ms, 0)
        return Ticks(JUST_BEGUN + round(ahead / 1000 * self.tempo.bpm_at(tick) * PPQ / 60))

    def bar_line(self, tick: Ticks) -> Ticks:
        """The first bar line that is not before `tick`."""
        bar = self._harmony.changes.bar_at(tick)
        return tick if bar.start == tick else Ticks(bar.start + bar.meter.bar_ticks)

    def place(self, now: Seconds) -> str:
        """Where the music is, for people: `chorus 2, bar 5`."""
        tick, changes = self.tick(now), self._harmony.changes
        if tick < 0:
            return "the count-in"
        return f"chorus {changes.chorus_of(tick) + 1}, bar {changes.bar_index(tick) + 1}"
