"""Following a MIDI clock: where the song is, and when each of its ticks will be.

Rules (MIDI 1.0 Detailed Specification, "System Real Time Messages" and "Song Position Pointer")
    24 pulses to the quarter. The first pulse after Start is the beginning of the song; the first
    after Continue is at the song position, which is where it stopped or what Song Position has
    said since; Song Position counts sixteenths.

    Senders differ, so more is understood than the rules say: Song Position while playing places
    the next pulse, Start while playing places it at the beginning, Continue alone starts. A clock
    that runs when we come, or while the song is stopped, tells the tempo and not the place.

Faults of the line are heard as little as can be: pulses that fail to come are replaced by the
tempo so far, and when they come back they are counted from where the song must be by now; a
shift of the clock is followed by at most `SLEW` seconds a quarter.
"""

from __future__ import annotations

from enum import Enum

from live_improv.listening.beat_line import PULSES_PER_QUARTER, SHORTEST, BeatLine
from live_improv.music.events import Continue, Event, Pulse, SongPosition, Start, Stop
from live_improv.music.timing import (
    MAX_BPM,
    MIN_BPM,
    PPQ,
    Seconds,
    TempoChange,
    TempoMap,
    Ticks,
)

PULSE_TICKS = PPQ // PULSES_PER_QUARTER
SIXTEENTH_TICKS = PPQ // 4

SLEW = Seconds(0.005)
"""How far the map may be moved in a quarter to follow a shift of the clock."""

JUMP = Seconds(0.050)
"""A shift beyond this is followed at once."""

SILENCE = Seconds(0.140)
"""A gap that no tempo explains: a pulse of the slowest one, and the jitter of a large buffer."""

LOST_AFTER = Seconds(1.0)
"""How long no pulse comes before the clock counts as lost."""


class Move(Enum):
    """What a message meant for the music."""

    NONE = "none"
    STARTED = "started"
    STOPPED = "stopped"
    RELOCATED = "relocated"


class ClockFollower:
    """Hears a clock and its transport messages, each with its time on one monotonic clock.

    It does no I/O and reads no clock.

    Attributes:
        playing: the transport runs and the place in the song is known.
        tempo: song ticks and seconds as now believed; tick 0 is the first beat of bar 1. None
            until a tempo is known, and from a start out of silence until its first pulse. While
            stopped it says when `position` would be, if the song went on with the next pulse.
        position: the tick of the last pulse; while stopped, and after a start or a new place until
            the first pulse, that of the next one to be played.
    """

    def __init__(self) -> None:
        self.playing = False
        self.tempo: TempoMap | None = None
        self.position = Ticks(0)
        self._line = BeatLine()
        self._heard: Seconds | None = None  # the last pulse, or a start after it
        self._pulse_at: Seconds | None = None
        # Tick of the pulse of index 0, if all had been at one tempo; only its labels matter.
        self._origin = 0
        self._fresh = False  # no pulse since the song was started or placed
        self._anew = False  # the sender may begin its row of pulses anew with the next one
        self._slew = 0.0  # how much later than the line the map still is
        self._owed = 0  # pulses taken for lost that may only be late

    @property
    def bpm(self) -> float | None:
        """Quarters a minute, `MIN_BPM` to `MAX_BPM`; None until it is known."""
        interval = self._line.interval
        if interval is None:
            return None
        return min(max(60.0 / (PULSES_PER_QUARTER * interval), MIN_BPM), MAX_BPM)

    def receive(self, event: Event, at: Seconds) -> Move:
        """Take one event; those that are not of the clock or the transport are ignored.

        Args:
            event: what was heard.
            at: when, in seconds; never earlier than the event before.
        """
        match event:
            case Pulse():
                self._pulse(at)
            case Start():
                return self._go(Ticks(0), at)
            case Continue():
                return Move.NONE if self.playing else self._go(self.position, at)
            case SongPosition(sixteenths):
                return self._place(Ticks(sixteenths * SIXTEENTH_TICKS), at)
            case Stop() if self.playing:
                self.position = self._next()
                self.playing = self._fresh = self._anew = False
                self._owed = 0
                self._publish()
                return Move.STOPPED
        return Move.NONE

    def lost(self, now: Seconds) -> bool:
        """Whether no pulse has come for over a second while playing; the map goes on."""
        return self.playing and self._heard is not None and now - self._heard > LOST_AFTER

    def downbeat(self, at: Seconds) -> Move:
        """The player's tap: the pulse nearest to `at` is the first of the song.

        Nothing happens while there is no clock to count from.
        """
        line = self._line
        if line.interval is None or self._pulse_at is None:
            return Move.NONE
        if not self.playing and at - self._pulse_at > LOST_AFTER:
            return Move.NONE
        nearest = line.index + round((at - line.at(line.index)) / line.interval)
        was, self.playing = self.playing, True
        self._origin = -nearest * PULSE_TICKS
        self._fresh = False
        self.position = self._label(line.index)
        self._heard = self._pulse_at
        self._publish()
        return Move.RELOCATED if was else Move.STARTED

    def _go(self, tick: Ticks, at: Seconds) -> Move:
        """Play from `tick` with the next pulse."""
        if self.playing:
            return self._place(tick, at)
        self.playing = self._anew = True
        self._slew = 0.0
        self._heard = at
        self._set_next(tick, at)
        return Move.STARTED

    def _place(self, tick: Ticks, at: Seconds) -> Move:
        """The next pulse that is played is at `tick`."""
        if not self.playing:
            moved = tick != self.position
            self.position = tick
            self._publish()
        else:
            moved = tick != self._next()
            if moved:
                self._set_next(tick, at)
        return Move.RELOCATED if moved else Move.NONE

    def _set_next(self, tick: Ticks, at: Seconds) -> None:
        self.position = tick
        self._origin = tick - (self._line.index + 1) * PULSE_TICKS
        self._fresh = True
        self._owed = 0
        self._publish()
        interval, last = self._line.interval, self._pulse_at
        if interval is not None and (last is None or at - last > 2.0 * interval):
            self.tempo = None  # the clock does not run: its first pulse decides

    def _next(self) -> Ticks:
        """The tick of the next pulse to be played."""
        if not self.playing or self._fresh:
            return self.position
        return self._label(self._line.index + 1)

    def _label(self, index: int) -> Ticks:
        return Ticks(self._origin + index * PULSE_TICKS)

    def _pulse(self, at: Seconds) -> None:
        line, last = self._line, self._pulse_at
        gap = 0.0 if last is None else at - last
        self._heard = self._pulse_at = at
        if self._owed and gap < min(SHORTEST, 0.5 * (line.interval or 0.0)):
            self._owed -= 1
            return
        self._owed = 0
        if self._fresh and (gap > SILENCE or (self._anew and not line.expects(at))):
            line.restart(at)
            self._slew = 0.0
        elif gap > SILENCE:
            self._after_silence(at)
        else:
            self._shift(line.add(at))
        self._fresh = self._anew = False
        if self.playing:
            self.position = self._label(line.index)
        self._publish()

    def _after_silence(self, at: Seconds) -> None:
        """The first pulse after a silence that no tempo can explain."""
        line = self._line
        if not self.playing or line.interval is None:
            line.restart(at)
            return
        late = (at - line.at(line.index + 1)) / line.interval
        self._owed = max(round(late), 0)
        if self._owed:
            self._shift(line.restart(at, self._owed))
        else:  # at the slowest tempi
            self._shift(line.add(at))

    def _shift(self, by: Seconds) -> None:
        """Hide a shift of the line, and give in to the last ones little by little."""
        step = SLEW / PULSES_PER_QUARTER
        self._slew += by
        if abs(self._slew) > JUMP:
            self._slew = 0.0
        self._slew -= min(max(self._slew, -step), step)

    def _publish(self) -> None:
        """Make the map of what is now believed."""
        line, bpm = self._line, self.bpm
        if bpm is None:
            return
        index = line.index if self.playing and not self._fresh else line.index + 1
        self.tempo = TempoMap(
            (TempoChange(self.position, Seconds(line.at(index) + self._slew), bpm),)
        )
