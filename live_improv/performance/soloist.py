"""The soloist: a line that is planned, played, taken back and taken up again.

It joins the improviser, who decides notes, with the feel, that says how they are played, and the
delivery, that holds them until they sound. Whoever leads it says when its turns are; it decides
when in a turn it comes in, and plans each note at most one horizon before it sounds. What it asks
of the improviser for a note is what the player has set, bent to the plan of the performance.
"""

from __future__ import annotations

from dataclasses import replace
from math import log2

from live_improv.listening.listener import HeardNote, Phrase
from live_improv.music.changes import Changes
from live_improv.music.events import Timed
from live_improv.music.timing import GRID_PER_BEAT, GRID_TICKS, PPQ, Ticks
from live_improv.performance.chance import stream
from live_improv.performance.controls import Knobs
from live_improv.performance.course import DENSITY_OF_DOUBLING, Course
from live_improv.performance.delivery import Delivery
from live_improv.performance.edges import Ending, first_onset
from live_improv.performance.feel import EARLIEST, Feel, swing_ratio
from live_improv.performance.form import Form
from live_improv.performance.improviser import MAX_SILENCE, Improviser
from live_improv.performance.taste import MAX_DENSITY, Taste
from live_improv.performance.turns import JUST_BEGUN, Turn, on_grid

USUAL_DENSITY = 2.2
"""Notes a beat inside the phrases that the net plays by itself."""

LONGEST_IN_ANSWER, LONGEST_IN_TURN = 2 * GRID_PER_BEAT, 4 * GRID_PER_BEAT
"""The longest time from onset to onset, in grid steps: an answer is one phrase, a turn is short."""

LATEST_OPENING = 4
"""The first note comes within the first of so many parts of what is played."""

ENDING_FROM = Ticks(16 * PPQ)
"""How long before the end it is thought of."""


class Soloist:
    """One line over changes.

    Args:
        improviser: who decides the notes.
        feel: how they are played; its swing follows the tempo.
        channel: MIDI channel, 0..15.
        horizon: how long before it sounds a note is committed.
        lead: the time before tick 0 in which there is room for a pickup; with None it begins
            where its first turn does, as one who has played before.

    Attributes:
        turn: the turn it plays in or is about to play in; None while it only listens.
        begin: where the performance begins, bar 1 of it.
        end: no note begins here or later, and none sounds on; None without an end.
    """

    def __init__(
        self,
        improviser: Improviser,
        feel: Feel,
        channel: int,
        horizon: Ticks,
        end: Ticks | None = None,
        lead: Ticks | None = None,
    ) -> None:
        self.turn: Turn | None = None
        self.begin = Ticks(0)
        self.end = end
        self._lead = lead
        self._improviser = improviser
        self._feel = feel
        self.channel = channel
        self.horizon = horizon
        self._delivery = Delivery(channel)
        self._knobs = Knobs()
        self._course = Course()
        # Whether nothing has been planned or heard yet.
        self._fresh = True
        # Between which ticks the first note of the turn comes, until it is planned.
        self._bounds: tuple[Ticks, Ticks] | None = None
        # The onset of the first note of the turn, as written: nothing is played before it.
        self._since: Ticks | None = None

    @property
    def taste(self) -> Taste:
        """What is asked of the line."""
        return self._improviser.taste

    def turn_knobs(self, knobs: Knobs) -> None:
        """Play by these knobs from the next note on that is planned."""
        if knobs.mute and not self._knobs.mute:
            self._delivery.cancel()
        if (knobs.density, knobs.register) != (self._knobs.density, self._knobs.register):
            self._course.begin(self._improviser.moment.tick)
        self._knobs = knobs
        self._improviser.context = self._improviser.context.in_manner(knobs.manner_number)
        self._improviser.taste = replace(
            self.taste,
            temperature=knobs.temperature,
            density=knobs.density,
            lift=knobs.register,
            follow=knobs.follow,
        )

    def over(self, changes: Changes, bpm: float) -> None:
        """Other chords hold, or another tempo."""
        improviser = self._improviser
        context = improviser.context.at_tempo(bpm)
        if context.changes is not changes:
            context = context.over(changes)
        improviser.context = context

    def take(self, turn: Turn, tick: Ticks, *, room: bool, grace: Ticks = JUST_BEGUN) -> None:
        """Come in, in `turn`: at once where it has begun, on its first tick if it just has.

        Args:
            tick: now.
            room: whether the player leaves room for a pickup.
            grace: how long ago a turn may have begun that is begun on its first tick.
        """
        start = self.comes_in(turn) if room else turn.start
        earliest = start if tick <= start + grace else on_grid(tick)
        self.turn = turn
        self._bounds = (earliest, Ticks(max(turn.latest, earliest)))
        self._improviser.enter(*self._bounds)
        self._course.begin(earliest)

    def comes_in(self, turn: Turn) -> Ticks:
        """Where it comes in, in `turn`, if the player leaves room: the first tick it may be."""
        lead, opens = self._lead, self._fresh and turn.end is None and turn.phrase is None
        if lead is None or not opens or not self.taste.constraints.opening:
            return Ticks(turn.start - turn.pickup)
        length = PPQ * 16 if self.end is None else (self.end - turn.start) // LATEST_OPENING
        return first_onset(
            stream(self.taste.seed, "opening", turn.start),
            earliest=Ticks(turn.start - lead * (turn.start == 0)),
            latest=Ticks(turn.start + max(length, 0)),
            down=turn.start,
        )

    def reconsider(self, tick: Ticks) -> None:
        """Decide anew when the next note comes, if that is not committed at `tick`."""
        committed = on_grid(Ticks(tick + self.horizon))
        if self.turn is None or self._improviser.moment.tick <= committed:
            return
        earliest, latest = self._bounds or (committed, committed + MAX_SILENCE * GRID_TICKS)
        earliest = Ticks(max(earliest, committed))
        self._improviser.enter(earliest, Ticks(max(earliest, latest)))

    def skip_to(self, tick: Ticks) -> None:
        """Leave out what there was no time to plan: the line goes on a horizon after `tick`."""
        earliest = on_grid(Ticks(tick + self.horizon))
        latest = Ticks(earliest + MAX_SILENCE * GRID_TICKS)
        self._bounds = (earliest, latest)
        self._improviser.enter(earliest, latest)

    def leave(self) -> None:
        """The turn is over; what sounds ends as planned."""
        self.turn = None

    def give_way(self) -> None:
        """Begin no more notes; what sounds ends as planned."""
        cancelled = self._delivery.cancel()
        if cancelled is not None:
            self._improviser.take_back(cancelled)
            self._course.take_back(cancelled)
        self.turn = None

    def hear(self, note: HeardNote) -> None:
        """Take a note of the player into the line; what comes in is decided anew."""
        self.give_way()
        self._fresh = False
        if self.taste.follow > 0.0:
            self._improviser.hear(note.pitch, note.onset)

    def remember(self, note: HeardNote) -> None:
        """Keep a note of the player in mind, whoever's turn it is."""
        self._improviser.remember(note.pitch, note.onset)

    def released(self, end: Ticks) -> None:
        """The player's last note ended."""
        self._improviser.memory.released(end)
        self._improviser.released(end)

    def plan_at(self) -> Ticks | None:
        """When there is a note to be planned; None if there is none in this turn."""
        if self.turn is None:
            return None
        onset = self._improviser.moment.tick
        if any(end is not None and onset >= end for end in (self.turn.end, self.end)):
            return None
        return Ticks(onset - self.horizon)

    def plan(self, bpm: float, style: str) -> None:
        """Plan the next note."""
        assert self.turn is not None, "there is a turn to plan in"
        improviser, asked = self._improviser, self._improviser.taste
        if self._bounds is not None:
            self._since, self._bounds = improviser.moment.tick, None
        improviser.taste = self._bent(asked, self.turn, bpm)
        written = improviser.plan(self._longest()).written
        improviser.taste = asked
        self._course.add(written.note.onset, written.note.pitch, rested=written.rested)
        self._fresh = False
        if self._knobs.mute:
            return
        ends = [end for end in (self.turn.end, self.end) if end is not None]
        self._delivery.add(written, self._felt(bpm, style), self._since, min(ends, default=None))

    def _felt(self, bpm: float, style: str) -> Feel:
        """How it plays at this tempo, as the knobs are set."""
        knobs = self._knobs
        return replace(
            self._feel,
            ratio=1.0 + (swing_ratio(bpm, style) - 1.0) * knobs.swing,
            bpm=bpm,
            louder=knobs.dynamics,
            laid_back=knobs.laid_back,
            loose=knobs.loose,
            articulation=knobs.articulation,
            early=Ticks(min(EARLIEST, self.horizon // 2)),
        )

    def _bent(self, asked: Taste, turn: Turn, bpm: float) -> Taste:
        """What is asked for, bent to the turn, the plan and the course of the line."""
        tick = self._improviser.moment.tick
        taste = replace(asked, blown=self._course.blown(tick, bpm), ending=self._ending(turn, tick))
        if turn.phrase is not None:
            busy = min(max(asked.density + _busyness(turn.phrase), -MAX_DENSITY), MAX_DENSITY)
            return replace(taste, density=busy)
        if turn.end is not None:
            return taste
        form = Form(asked.seed, self.begin, self.end, self._improviser.context.changes.length)
        following = bool(asked.follow) and self._improviser.memory.centre() is not None
        return self._course.bent(taste, form, tick, bpm, following=following)

    def _ending(self, turn: Turn, tick: Ticks) -> Ending | None:
        """The end that the line is to come to, if that is near."""
        end, strength = self.end, min(self.taste.constraints.ending, 1.0)
        if end is None or not strength or end - tick > ENDING_FROM:
            return None
        if turn.end is not None and turn.end < end:
            return None
        downbeat = self._improviser.context.changes.bar_at(Ticks(end - 1)).start
        return Ending(end, downbeat, self.taste.middle, strength)

    def _longest(self) -> int:
        """How long a rest may be in this turn."""
        turn = self.turn
        if turn is None or turn.end is None:
            return MAX_SILENCE
        return LONGEST_IN_TURN if turn.phrase is None else LONGEST_IN_ANSWER

    def next_onset(self) -> Ticks | None:
        """The onset of the note that is to be planned next; None if there is none."""
        plan_at = self.plan_at()
        return None if plan_at is None else Ticks(plan_at + self.horizon)

    def next_tick(self) -> Ticks | None:
        """When the next event is due."""
        return self._delivery.next_tick(held=self._goes_on())

    @property
    def dropped(self) -> int:
        """How many notes were left out because they would have come too late."""
        return self._delivery.dropped

    def due(self, tick: Ticks, since: Ticks | None = None) -> list[Timed]:
        """The events due up to and including `tick`; no note that should have begun by `since`."""
        return self._delivery.due(tick, since, held=self._goes_on())

    def silence(self, tick: Ticks) -> list[Timed]:
        """End everything at `tick`; what was planned is taken back."""
        self.give_way()
        return self._delivery.all_off(tick)

    def relocate(self, left: Ticks, to: Ticks) -> None:
        """What was to be at `left` is at `to`; silence first."""
        self._improviser.take_back(left)
        self._improviser.relocate(left, to)
        self._course.begin(to)

    def has_more(self) -> bool:
        """Whether a note is still to be planned in this turn, or sounds."""
        return self._delivery.next_tick() is not None or self.plan_at() is not None

    def _goes_on(self) -> bool:
        """Whether the note after the one that waits is planned before that can wait no longer.

        It is told by ticks, not by when somebody asks: how a note is played depends on no clock.
        """
        plan_at, until = self.plan_at(), self._delivery.waits_until()
        return plan_at is not None and until is not None and plan_at <= until


def _busyness(phrase: Phrase) -> float:
    """The density at which an answer is as busy as the phrase."""
    beats = max((phrase.end - phrase.start) / PPQ, 0.5)
    return DENSITY_OF_DOUBLING * log2(phrase.notes / beats / USUAL_DENSITY)
