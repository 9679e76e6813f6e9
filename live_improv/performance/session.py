"""A session: what has been heard goes in, what is due comes out.

It never waits, opens or prints. `receive` takes what was heard, `advance` is told the time and
returns what is due; where nothing is, it does the next thing that needs thought, one at a time and
only when there is time for it. It joins the transport (when), the partner and the turns (who), the
harmony (over what), the soloist (which notes) and the ensemble (all that sounds of ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from live_improv.listening.echo import EchoGuard
from live_improv.music.changes import Changes
from live_improv.music.events import (
    ControlChange,
    Ear,
    Event,
    Heard,
    NoteOff,
    NoteOn,
    Timed,
    TransportEvent,
)
from live_improv.music.timing import PPQ, Seconds, TempoMap, Ticks
from live_improv.performance.band import Band, final_chord
from live_improv.performance.clicks import Clicks, Pulses
from live_improv.performance.controls import Knobs, Step, Turned, turned
from live_improv.performance.ensemble import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    PANIC,
    REPLUGGED,
    Ensemble,
)
from live_improv.performance.feel import swing_ratio
from live_improv.performance.glimpse import Glimpse
from live_improv.performance.hands import Hands, Learning
from live_improv.performance.harmony import Harmony
from live_improv.performance.incoming import Charted, Incoming, Key, Plugged, Port
from live_improv.performance.partner import Listening, Partner
from live_improv.performance.soloist import Soloist
from live_improv.performance.take import Take
from live_improv.performance.transport import Beat, ClockSource, Shift, Transport
from live_improv.performance.turns import JUST_BEGUN, Mode, Turns

NEAR = Seconds(0.003)
"""Nothing is thought about when the next event is nearer than this; planning a note takes some
0.6 ms, whatever the memory holds."""

LATE = Seconds(0.06)
"""A note that would begin later than this after its time is left out: people hear it as a stumble,
and several at once as a burst. What ends is never left out."""

STALL = Seconds(1.0)
"""What is later than this is left out: the machine slept, or somebody stopped the program."""

_LONG_AGO = Ticks(-(1 << 62))


class State(Enum):
    """What a session is doing."""

    PLAYING = "playing"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Span:
    """From which tick a session plays, and until which, or without end."""

    start: Ticks
    end: Ticks | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is made of besides the soloist; each is its own.

    Attributes:
        transport: when the music is.
        turns: who plays when.
        harmony: over what.
        span: what is played; a start before 0 is a count-in.
        listening: how the player is listened to.
        knobs: as they are set at the beginning.
        hands: what the player's knobs and keys do.
        leads: whether a MIDI clock is sent.
        band: who accompanies, or None.
        take: where everything is kept, or None.
        looped: whether our own notes may come back; a recorded player brings none.
    """

    transport: Transport
    turns: Turns
    harmony: Harmony
    span: Span
    listening: Listening
    knobs: Knobs
    hands: Hands
    leads: bool = False
    band: Band | None = None
    take: Take | None = None
    looped: bool = True


class Session:
    """One soloist with their band, one player, one transport.

    Attributes:
        state: what it is doing.
        knobs: as they are now.
        learning: what MIDI learn has come to last.
    """

    def __init__(self, soloist: Soloist, parts: Parts) -> None:
        self._transport = transport = parts.transport
        self.state = State.PLAYING if transport.running else State.STOPPED
        self.knobs = parts.knobs
        self.learning: Learning | None = None
        self._soloist = soloist
        self._turns = parts.turns
        self._harmony = parts.harmony
        self._hands = parts.hands
        self._partner = Partner(soloist, parts.turns, parts.harmony, parts.listening)
        self._ensemble = Ensemble(
            soloist,
            parts.band,
            Clicks(parts.harmony.changes, parts.span.start),
            Pulses(parts.span.start) if parts.leads else None,
            parts.take,
        )
        self._end = self._length = parts.span.end
        self._take = parts.take
        self._looped = parts.looped
        self._held: set[tuple[int, int]] = set()  # keys whose on is in the take
        self._kept_changes = parts.harmony.changes
        self._resumes_at = _LONG_AGO
        self._ensemble.turn_knobs(parts.knobs)
        self._ensemble.over(parts.harmony.changes)

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
        return self._transport.tempo

    @property
    def last(self) -> Ticks | None:
        """When all that is played has ended; None without an end."""
        return self._ensemble.last

    def place(self, now: Seconds) -> str:
        """Where the music is, for people: `chorus 2, bar 5`."""
        tick, changes = self._sending_tick(now), self._harmony.changes
        if tick < 0:
            return "the count-in"
        return f"chorus {changes.chorus_of(tick) + 1}, bar {changes.bar_index(tick) + 1}"

    def next_bar(self, now: Seconds) -> Ticks:
        """The tick of the first bar line that is not before `now`."""
        return self._bar_line(self._sending_tick(now))

    def clock_lost(self, now: Seconds) -> bool:
        """Whether the clock that is followed has fallen silent; the music goes on."""
        return self._transport.lost(now)

    def due_at(self, tick: Ticks) -> Seconds:
        """The moment at which what is due at `tick` is to be sent."""
        return Seconds(self.tempo.seconds_at(tick) - self.knobs.latency_ms / 1000)

    def glimpse(self, now: Seconds) -> Glimpse:
        """How things stand, for those who look on; any thread may ask."""
        tick, turn = self._sending_tick(now), self._soloist.turn
        ours = turn is not None and turn.holds(tick)
        theirs = self._turns.mode is Mode.TRADE or self._partner.playing
        playing = self.state is State.PLAYING
        return Glimpse(
            tick=tick,
            bpm=self.tempo.bpm_at(tick),
            state=self.state.value,
            turn=("machine" if ours else "player" if theirs else "") if playing else "",
            knobs=self.knobs,
            changes=self._harmony.changes,
            end=self._end,
            clock_lost=self._transport.lost(now),
            learning=self.learning,
        )

    # What comes in

    def receive(self, incoming: Incoming, now: Seconds) -> list[Timed]:
        """Take what has come in by `now`; returns what must be sent at once."""
        if self.state is State.ENDED:
            return []
        match incoming:
            case Turned():
                return self.turn(incoming, now)
            case Step():
                moved = turned(incoming, self.knobs)
                return [] if moved is None else self.turn(moved, now)
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
        event, at, ears = heard.event, heard.at, heard.ears
        if not ears & (Ear.PLAYER | Ear.CHORDS):
            return []
        if self._looped and self.echo.ours(event, at):
            return []
        if Ear.PLAYER in ears:
            handled = self._hands.hear(event, self.knobs)
            if handled is not None:
                return self._handled(handled.outcome, now)
        stopped = self.state is State.STOPPED
        tick = self._transport.position if stopped else self.tempo.tick_at(at)
        match event:
            case NoteOn() | NoteOff():
                moving = None if stopped else self._swing(tick)
                self._partner.note(event, ears, at, tick, moving)
                if isinstance(event, NoteOn):
                    self._ensemble.heard(tick)
                self._keep_changes(tick)
            case ControlChange(control) if control in (ALL_SOUND_OFF, ALL_NOTES_OFF):
                self._partner.forget(at)
        if self._take is not None and self._is_kept(event, ears):
            self._take.heard(tick, event)
        return []

    def _is_kept(self, event: Event, ears: Ear) -> bool:
        """Whether an event belongs to the take: what was begun while the music ran does."""
        if isinstance(event, NoteOff):
            key = (event.channel, event.pitch)
            kept = key in self._held
            self._held.discard(key)
            return kept
        if self.state is not State.PLAYING:
            return False
        if isinstance(event, NoteOn):
            if not self._partner.theirs(event, ears):
                return False
            self._held.add((event.channel, event.pitch))
        return True

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
                self.state = State.ENDED
                return []
            case "manner" if turn.value not in self.knobs.row("manner").choices:
                return []  # the page may know another model's
        self.knobs = self.knobs.with_(turn.name, turn.value)
        self._ensemble.turn_knobs(self.knobs)
        tick = self._sending_tick(now)
        match turn.name:
            case "mode":
                self._soloist.give_way()
                self._turns.switch(Mode(self.knobs.mode), tick)
                self._partner.cue_again(tick)
            case "trade":
                self._soloist.give_way()
                self._turns.bars = self.knobs.trade
            case "clock":
                source = ClockSource(self.knobs.clock)
                return self._shifted(self._transport.switch(source, now), now)
            case "tempo":
                self._at_tempo(self.knobs.tempo, now)
            case "transpose":
                self._harmony.transpose(self.knobs.transpose)
                self._keep_changes(tick)
                self._soloist.reconsider(tick)
            case "density" | "temperature" | "manner":
                self._soloist.reconsider(tick)
            case "clock_offset_ms":
                self._transport.offset = Seconds(self.knobs.clock_offset_ms / 1000)
        return []

    def panic(self, now: Seconds) -> list[Timed]:
        """Silence everything that may sound, whoever is to blame; play on at the next bar."""
        tick = self._sending_tick(now)
        self._resumes_at = self._bar_line(Ticks(tick + 1))
        silence = self._ensemble.silence(tick, now)
        self._ensemble.rest_until(self._resumes_at)
        return [*silence, *self._ensemble.controls(PANIC, tick, now)]

    def close(self, now: Seconds) -> list[Timed]:
        """What is sent last: the offs of all that sounds, and Stop to those who follow us."""
        tick = self._sending_tick(now)
        return [*self._ensemble.silence(tick, now), *self._ensemble.stop_followers(tick)]

    # What goes out

    def advance(self, now: Seconds) -> list[Timed]:
        """What is due at `now`, in order. Where nothing is, something may be thought about."""
        if self.state is State.ENDED:
            return []
        if self.state is State.PLAYING:
            tick = self._sending_tick(now)
            owed = self._ensemble.first_owed()
            if owed is not None and owed <= tick:
                if now - self.due_at(owed) > STALL:
                    return self._catch_up(tick, now)
                due = self._ensemble.due(tick, now, self._too_late(tick, now))
                if due:
                    return due
            if self._end is not None and tick >= self._end and not self._ensemble.has_more():
                self._finish(self._end)
                return []
        if self.wake_at(now) == now:
            self._think(now)
        return []

    def _finish(self, end: Ticks) -> None:
        """All that was to be played has been."""
        self.state = State.ENDED
        last = self.last
        if self._take is not None and last is not None and last > end:
            self._take.ended(end, final_chord(self._harmony.changes, end))

    def _catch_up(self, tick: Ticks, now: Seconds) -> list[Timed]:
        """Leave out what a stall has left no time for, and go on from now."""
        offs = self._ensemble.silence(tick, now)
        self._ensemble.skip_to(tick)
        return offs

    def wake_at(self, now: Seconds) -> Seconds | None:
        """When `advance` has something to do, not before `now`; None until more is heard."""
        if self.state is State.ENDED:
            return None
        think_at = self._partner.think_at(self._beat(now))
        event_at = None
        if self.state is State.PLAYING:
            tick = self._sending_tick(now)
            ticks = [each for each in (self._ensemble.next_tick(),) if each is not None]
            end = self._end
            if end is not None and (end > tick or not self._ensemble.has_more()):
                ticks.append(end)
            event_at = self.due_at(min(ticks)) if ticks else None
            plans = (self._plan_at(tick), self._ensemble.band_plans_at())
            plan_at = min((each for each in plans if each is not None), default=None)
            if plan_at is not None:
                at = self.due_at(plan_at)
                think_at = at if think_at is None else min(at, think_at)
        if think_at is not None:
            think_at = max(think_at, now)
            if event_at is None or event_at - think_at > NEAR:
                return think_at
        return None if event_at is None else max(event_at, now)

    # What is thought about

    def _plan_at(self, tick: Ticks) -> Ticks | None:
        """When there is a note to be planned, or a turn to be taken or left, as seen at `tick`."""
        turn = self._turns.turn(tick, self._harmony.changes)
        soloist = self._soloist
        if soloist.turn is not None:
            if soloist.turn != turn:
                return tick
            plan_at = soloist.plan_at()
            return turn.end if plan_at is None else plan_at
        if turn is None or (self._end is not None and turn.start >= self._end):
            return None
        return Ticks(max(soloist.comes_in(turn), self._resumes_at) - soloist.horizon)

    def _think(self, now: Seconds) -> None:
        """Do the one thing that is most pressing."""
        tick = self._sending_tick(now)
        partner_at = self._partner.think_at(self._beat(now))
        if partner_at is not None and partner_at <= now:
            if self._partner.think(now, tick, self._beat(now)):
                self._soloist.reconsider(tick)
                self._keep_changes(tick)
            return
        if self.state is not State.PLAYING:
            return
        soloist, changes = self._soloist, self._harmony.changes
        plan_at, band_at = self._plan_at(tick), self._ensemble.band_plans_at()
        if band_at is not None and (plan_at is None or band_at < plan_at):
            self._ensemble.plan_band(self.tempo.bpm_at(tick))
            return
        turn = self._turns.turn(tick, changes)
        if soloist.turn is None and turn is not None:
            soloist.over(changes, self.tempo.bpm_at(tick))
            room = not self._partner.playing
            at = max(tick, self._resumes_at)
            soloist.take(turn, at, room=room, grace=self._grace(tick))
        elif soloist.turn != turn:
            soloist.leave()
        else:
            bpm = self.tempo.bpm_at(tick)
            soloist.over(changes, bpm)
            onset = soloist.next_onset()
            too_late = self._too_late(tick, now)
            if onset is not None and too_late is not None and onset < too_late:
                # As far behind as it is now it may be again.
                soloist.skip_to(Ticks(2 * tick - onset))
            else:
                soloist.plan(bpm, changes.style)

    def _plugged(self, plugged: Plugged, now: Seconds) -> list[Timed]:
        """What sounded on a port that went sounds there for ever, or is not known any more."""
        match plugged.port:
            case Port.NOTES:
                self.echo.clear()
                tick = self._sending_tick(now)
                return self._ensemble.controls(REPLUGGED, tick, now) if plugged.back else []
            case Port.CLOCK:
                self._ensemble.place_followers()
            case Port.PLAYER:
                self._partner.forget(now)
            case Port.CHORDS:
                self._partner.forget_chords()
        return []

    def _charted(self, changes: Changes, now: Seconds) -> list[Timed]:
        """Another tune: from bar 1 at once, or where a clock that is followed has its place."""
        self._harmony.play(changes)
        self._length = self._end = None
        self._ensemble.ends(None)
        if changes.tempo is not None and self._transport.source is ClockSource.INTERNAL:
            self.knobs = self.knobs.with_("tempo", changes.tempo)
            self._at_tempo(changes.tempo, now)
        shift = self._transport.rewind(now)
        if shift is None:
            # What was played keeps its chords; the start tells the take of these.
            self._kept_changes = self._harmony.changes
            self._ensemble.over(self._kept_changes)
        return self._shifted(shift, now)

    def _at_tempo(self, bpm: float, now: Seconds) -> None:
        if self._transport.at_tempo(bpm, now) and self._take is not None:
            self._take.tempo(self.tempo.changes[-1])

    def _keep_changes(self, tick: Ticks) -> None:
        """Other chords may hold from `tick` on."""
        changes = self._harmony.changes
        if changes is self._kept_changes:
            return
        self._kept_changes = changes
        self._ensemble.over(changes)
        if self._take is not None and self.state is State.PLAYING:
            self._take.over(tick, changes)

    def _grace(self, tick: Ticks) -> Ticks:
        """How long ago a turn may have begun that is begun on its first tick.

        A followed clock that starts or jumps does so now, and we send ahead of it.
        """
        ahead = max(self.knobs.latency_ms, 0) + max(-self.knobs.clock_offset_ms, 0)
        return Ticks(JUST_BEGUN + round(ahead / 1000 * self.tempo.bpm_at(tick) * PPQ / 60))

    def _too_late(self, tick: Ticks, now: Seconds) -> Ticks | None:
        """A note that should have begun before this is left out; None where the music has just
        begun, of which we may hear only when its first notes should have been sent."""
        if self._soloist.begin <= tick <= self._soloist.begin + self._grace(tick):
            return None
        return self._sending_tick(Seconds(now - LATE))

    def _handled(self, outcome: Turned | Learning | None, now: Seconds) -> list[Timed]:
        if isinstance(outcome, Learning):
            self.learning = outcome
        return self.turn(outcome, now) if isinstance(outcome, Turned) else []

    def _shifted(self, shift: Shift | None, now: Seconds) -> list[Timed]:
        """The transport has stopped, started or jumped."""
        take, tempo = self._take, self.tempo
        if take is not None and shift is None:
            take.tempo(tempo.changes[-1])
        if shift is None:
            return []
        offs = self._ensemble.silence(shift.left, now)
        self._resumes_at = _LONG_AGO
        if shift.to is None:
            self.state = State.STOPPED
            self._partner.forget(now)
            return [*offs, *self._ensemble.stop_followers(shift.left)]
        self.state = State.PLAYING
        self._soloist.begin = shift.to
        if self._length is not None and self._transport.source is not ClockSource.INTERNAL:
            # Whoever leads may begin anywhere; so much is played from there.
            self._end = Ticks(shift.to + self._length)
            self._ensemble.ends(self._end)
        self._ensemble.relocate(shift.left, shift.to)
        self._turns.relocate(shift.to)
        self._partner.relocate()
        self._partner.cue_again(shift.to)
        self._kept_changes = changes = self._harmony.changes
        self._ensemble.over(changes)
        if take is not None:
            take.relocated(shift.left, shift.to, changes)
            take.tempo(tempo.changes[-1])
        return offs

    def _bar_line(self, tick: Ticks) -> Ticks:
        """The first bar line that is not before `tick`."""
        bar = self._harmony.changes.bar_at(tick)
        return tick if bar.start == tick else Ticks(bar.start + bar.meter.bar_ticks)

    def _sending_tick(self, now: Seconds) -> Ticks:
        """The last tick whose events are to be sent by now."""
        if self.state is State.STOPPED:
            return self._transport.position
        return self.tempo.tick_at(Seconds(now + self.knobs.latency_ms / 1000))

    def _beat(self, now: Seconds) -> Seconds:
        """How long a quarter lasts."""
        return Seconds(60.0 / self.tempo.bpm_at(self._sending_tick(now)))

    def _swing(self, tick: Ticks) -> float:
        ratio = swing_ratio(self.tempo.bpm_at(tick), self._harmony.changes.style)
        return 1.0 + (ratio - 1.0) * self.knobs.swing
