"""A session: what has been heard goes in, what is due comes out.

It never waits, opens or prints. `receive` takes what was heard, `advance` is told the time and
returns what is due; where nothing is, it does the next thing that needs thought, one at a time and
only when there is time for it.

It joins the parts and does little itself: the transport and the timekeeper (when), the partner (who
else plays), the harmony (over what), the bandleader (who of ours plays when), the ensemble (all
that sounds of ours) and the chronicler (what goes into the take).
"""

from __future__ import annotations

from enum import Enum

from live_improv.listening.echo import EchoGuard
from live_improv.music.changes import Changes
from live_improv.music.events import (
    ControlChange,
    Ear,
    Heard,
    NoteOff,
    NoteOn,
    Timed,
    TransportEvent,
)
from live_improv.music.timing import Seconds, TempoMap, Ticks
from live_improv.performance.bandleader import Bandleader
from live_improv.performance.chronicler import Chronicler
from live_improv.performance.clicks import Clicks, Pulses
from live_improv.performance.controls import Step, Turned, turned
from live_improv.performance.ensemble import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    PANIC,
    REPLUGGED,
    Ensemble,
)
from live_improv.performance.glimpse import Glimpse
from live_improv.performance.hands import Learning
from live_improv.performance.incoming import Charted, Incoming, Key, Plugged, Port
from live_improv.performance.partner import Partner
from live_improv.performance.parts import Parts
from live_improv.performance.soloist import Soloist
from live_improv.performance.timekeeper import Timekeeper
from live_improv.performance.transport import Beat, ClockSource, Shift
from live_improv.performance.turns import Mode

NEAR = Seconds(0.003)
"""Nothing is thought about when the next event is nearer than this; planning a note takes some
0.6 ms, whatever the memory holds."""


class State(Enum):
    """What a session is doing."""

    PLAYING = "playing"
    STOPPED = "stopped"
    ENDED = "ended"


class Session:
    """One soloist with their band, one player, one transport.

    Attributes:
        knobs: as they are now.
        learning: what MIDI learn has come to last.
    """

    def __init__(self, soloist: Soloist, parts: Parts) -> None:
        self.knobs = parts.knobs
        self.learning: Learning | None = None
        self._ended = False
        self._looped = parts.looped
        self._hands = parts.hands
        self._transport = parts.transport
        self._harmony = harmony = parts.harmony
        self._soloist = soloist
        self._time = Timekeeper(parts.transport, harmony, parts.knobs)
        self._chronicler = Chronicler(parts.take, harmony.changes)
        self._partner = Partner(soloist, parts.turns, harmony, parts.listening)
        self._ensemble = Ensemble(
            soloist,
            parts.band,
            Clicks(harmony.changes, parts.span.start),
            Pulses(parts.span.start) if parts.leads else None,
            parts.take,
        )
        self._leader = Bandleader(
            soloist, self._ensemble, parts.turns, harmony, self._time, parts.span.end
        )
        self._ensemble.turn_knobs(parts.knobs)
        self._ensemble.over(harmony.changes)

    # What comes in

    def receive(self, incoming: Incoming, now: Seconds) -> list[Timed]:
        """Take what has come in by `now`; returns what must be sent at once."""
        if self._ended:
            return []
        match incoming:
            case Turned():
                return self.turn(incoming, now)
            case Step():
                return self._handled(turned(incoming, self.knobs), now)
            case Key(char):
                return self._handled(self._hands.press(char, self.knobs), now)
            case Beat():
                return self._shifted(self._transport.follow(incoming, now), now)
            case Plugged():
                return self._plugged(incoming, now)
            case Charted(changes):
                return self._charted(changes, now)
            case Heard(at, event, ears) if isinstance(event, TransportEvent):
                if Ear.CLOCK not in ears:
                    return []
                return self._shifted(self._transport.hear(event, at), at)
        return self._heard(incoming, now)

    def _heard(self, heard: Heard, now: Seconds) -> list[Timed]:
        """What is no clock's is our own, of a control, or music, in this order."""
        event, at, ears = heard.event, heard.at, heard.ears
        if not ears & (Ear.PLAYER | Ear.CHORDS):
            return []
        if self._looped and self.echo.ours(event, at):
            return []
        if Ear.PLAYER in ears:
            handled = self._hands.hear(event, self.knobs)
            if handled is not None:
                return self._handled(handled.outcome, now)
        tick = self._time.heard_at(at)
        match event:
            case NoteOn() | NoteOff():
                self._partner.note(event, ears, at, tick, self._time.swing(tick))
                if isinstance(event, NoteOn):
                    self._ensemble.heard(tick)
                self._over(tick)
            case ControlChange(control) if control in (ALL_SOUND_OFF, ALL_NOTES_OFF):
                self._partner.forget(at)
        theirs = not isinstance(event, NoteOn) or self._partner.theirs(event, ears)
        self._chronicler.heard(tick, event, counts=theirs and self.state is State.PLAYING)
        return []

    def _handled(self, outcome: Turned | Learning | None, now: Seconds) -> list[Timed]:
        """What hands have done: turned a control, gone a step in learning, or nothing."""
        if isinstance(outcome, Learning):
            self.learning = outcome
        return self.turn(outcome, now) if isinstance(outcome, Turned) else []

    def turn(self, turn: Turned, now: Seconds) -> list[Timed]:
        """Set a control, or let a trigger happen."""
        match turn.name:
            case "panic":
                return self.panic(now)
            case "downbeat":
                bar = self._harmony.changes.bars[0].meter.bar_ticks
                return self._shifted(self._transport.downbeat(now, bar), now)
            case "start_stop":
                return self._shifted(self._transport.start_stop(now), now)
            case "quit":
                self._ended = True
                return []
            case "manner" if turn.value not in self.knobs.row("manner").choices:
                return []  # the page may know another model's
        self.knobs = self.knobs.with_(turn.name, turn.value)
        self._ensemble.turn_knobs(self.knobs)
        self._time.turn_knobs(self.knobs)
        tick = self._time.tick(now)
        match turn.name:
            case "mode":
                self._leader.switch(Mode(self.knobs.mode), tick)
                self._partner.cue_again(tick)
            case "trade":
                self._leader.trade(self.knobs.trade)
            case "clock":
                source = ClockSource(self.knobs.clock)
                return self._shifted(self._transport.switch(source, now), now)
            case "clock_offset_ms":
                self._transport.offset = Seconds(self.knobs.clock_offset_ms / 1000)
            case "tempo":
                self._at_tempo(now)
            case "transpose":
                self._harmony.transpose(self.knobs.transpose)
                self._over(tick)
                self._soloist.reconsider(tick)
            case "density" | "temperature" | "manner":
                self._soloist.reconsider(tick)
        return []

    def _at_tempo(self, now: Seconds) -> None:
        if self._transport.at_tempo(self.knobs.tempo, now):
            self._chronicler.tempo(self.tempo)

    def _over(self, tick: Ticks) -> None:
        """Other chords may hold from `tick` on."""
        changes = self._harmony.changes
        self._ensemble.over(changes)
        if self.state is State.PLAYING:
            self._chronicler.over(tick, changes)

    def _charted(self, changes: Changes, now: Seconds) -> list[Timed]:
        """Another tune: from bar 1 at once, or where a clock that is followed has its place."""
        self._harmony.play(changes)
        self._leader.play_on()
        if changes.tempo is not None and self._transport.source is ClockSource.INTERNAL:
            self.knobs = self.knobs.with_("tempo", changes.tempo)
            self._at_tempo(now)
        shift = self._transport.rewind(now)
        if shift is None:
            # What was played keeps its chords; the start tells the take of these.
            self._ensemble.over(self._harmony.changes)
        return self._shifted(shift, now)

    def _shifted(self, shift: Shift | None, now: Seconds) -> list[Timed]:
        """The transport has stopped, started or jumped; or only the tempo may be another."""
        if shift is None:
            self._chronicler.tempo(self.tempo)
            return []
        offs = self._ensemble.silence(shift.left, now)
        if shift.to is None:
            self._partner.forget(now)
            return [*offs, *self._ensemble.stop_followers(shift.left)]
        led = self._transport.source is not ClockSource.INTERNAL
        self._leader.relocate(shift.left, shift.to, led=led)
        self._partner.relocate()
        self._partner.cue_again(shift.to)
        changes = self._harmony.changes
        self._ensemble.over(changes)
        self._chronicler.relocated(shift.left, shift.to, changes, self.tempo)
        return offs

    def _plugged(self, plugged: Plugged, now: Seconds) -> list[Timed]:
        """What sounded on a port that went sounds there for ever, or is not known any more."""
        match plugged.port:
            case Port.NOTES:
                self.echo.clear()
                tick = self._time.tick(now)
                return self._ensemble.controls(REPLUGGED, tick, now) if plugged.back else []
            case Port.CLOCK:
                self._ensemble.place_followers()
            case Port.PLAYER:
                self._partner.forget(now)
            case Port.CHORDS:
                self._partner.forget_chords()
        return []

    def panic(self, now: Seconds) -> list[Timed]:
        """Silence everything that may sound, whoever is to blame; play on at the next bar."""
        tick = self._time.tick(now)
        silence = self._ensemble.silence(tick, now)
        self._leader.rest_until(self._time.bar_line(Ticks(tick + 1)))
        return [*silence, *self._ensemble.controls(PANIC, tick, now)]

    def close(self, now: Seconds) -> list[Timed]:
        """What is sent last: the offs of all that sounds, and Stop to those who follow us."""
        tick = self._time.tick(now)
        return [*self._ensemble.silence(tick, now), *self._ensemble.stop_followers(tick)]

    # What goes out

    def advance(self, now: Seconds) -> list[Timed]:
        """What is due at `now`, in order. Where nothing is, something may be thought about."""
        if self._ended:
            return []
        if self.state is State.PLAYING:
            due = self._leader.due(now)
            if due is not None:
                return due
            if self._leader.is_over(now):
                self._ended = True
                self._chronicler.ended(self._leader.end, self.last)
                return []
        if self.wake_at(now) == now:
            self._think(now)
        return []

    def wake_at(self, now: Seconds) -> Seconds | None:
        """When `advance` has something to do, not before `now`; None until more is heard."""
        if self._ended:
            return None
        think_at = self._partner.think_at(self._time.beat(now))
        event_at = None
        if self.state is State.PLAYING:
            event_at, plan_at = self._leader.next_at(now), self._leader.plan_at(now)
            think_at = min((at for at in (think_at, plan_at) if at is not None), default=None)
        if think_at is not None:
            think_at = max(think_at, now)
            if event_at is None or event_at - think_at > NEAR:
                return think_at
        return None if event_at is None else max(event_at, now)

    def _think(self, now: Seconds) -> None:
        """Do the one thing that is most pressing."""
        tick, beat = self._time.tick(now), self._time.beat(now)
        partner_at = self._partner.think_at(beat)
        if partner_at is not None and partner_at <= now:
            if self._partner.think(now, tick, beat):
                self._soloist.reconsider(tick)
                self._over(tick)
        elif self.state is State.PLAYING:
            self._leader.plan(now, room=not self._partner.playing)

    # What can be seen from outside

    @property
    def state(self) -> State:
        """What it is doing."""
        if self._ended:
            return State.ENDED
        return State.PLAYING if self._transport.running else State.STOPPED

    @property
    def echo(self) -> EchoGuard:
        """What knows our own notes when they come back."""
        return self._ensemble.echo

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._ensemble.dropped

    @property
    def tempo(self) -> TempoMap:
        """The tempo map, now."""
        return self._time.tempo

    @property
    def last(self) -> Ticks | None:
        """When all that is played has ended; None without an end."""
        return self._ensemble.last

    def due_at(self, tick: Ticks) -> Seconds:
        """The moment at which what is due at `tick` is to be sent."""
        return self._time.due_at(tick)

    def place(self, now: Seconds) -> str:
        """Where the music is, for people: `chorus 2, bar 5`."""
        return self._time.place(now)

    def next_bar(self, now: Seconds) -> Ticks:
        """The tick of the first bar line that is not before `now`."""
        return self._time.bar_line(self._time.tick(now))

    def clock_lost(self, now: Seconds) -> bool:
        """Whether the clock that is followed has fallen silent; the music goes on."""
        return self._transport.lost(now)

    def glimpse(self, now: Seconds) -> Glimpse:
        """How things stand, for those who look on; any thread may ask."""
        tick, playing = self._time.tick(now), self.state is State.PLAYING
        turn = self._soloist.turn
        ours = turn is not None and turn.holds(tick)
        theirs = self.knobs.mode == Mode.TRADE or self._partner.playing
        return Glimpse(
            tick=tick,
            bpm=self.tempo.bpm_at(tick),
            state=self.state.value,
            turn=("machine" if ours else "player" if theirs else "") if playing else "",
            knobs=self.knobs,
            changes=self._harmony.changes,
            end=self._leader.end,
            clock_lost=self._transport.lost(now),
            learning=self.learning,
        )
