"""Turns: when it is the improviser's turn to play, in each mode.

`solo`: always. `trade`: every other so many bars, by the place in the song alone, so a transport
that jumps is in the right turn at once. `answer`: when the player's phrase is over, for as long as
it was. `duet`: while the player rests. What the player does leads from one to the other by a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from live_improv.listening.listener import Phrase
from live_improv.music.changes import Changes
from live_improv.music.timing import GRID_TICKS, PPQ, Ticks

SHORTEST_ANSWER = Ticks(2 * PPQ)
LONGEST_ANSWER = Ticks(64 * PPQ)

LATEST = Ticks(2 * PPQ)
"""How long after the bar line of its turn an answer begins at the latest, when trading."""

PICKUP = Ticks(PPQ)
"""How long before its turn an answer may begin, where the player leaves room."""


JUST_BEGUN = Ticks(GRID_TICKS // 2)
"""What began no longer ago is begun on its first tick: a clock's pulse, or a tap, has passed by
the time anybody thinks about it."""


class Mode(StrEnum):
    """How the improviser plays with the player."""

    SOLO = "solo"
    TRADE = "trade"
    ANSWER = "answer"
    DUET = "duet"


class First(StrEnum):
    """Who plays first when trading."""

    PLAYER = "player"
    MACHINE = "machine"


class Cue(Enum):
    """What the player does."""

    PLAYS = "plays"
    RESTS = "rests"


class Action(Enum):
    """What the improviser does about it."""

    NOTHING = "nothing"
    GIVE_WAY = "give way"
    ANSWER = "answer"
    JOIN = "join"


RULES: dict[tuple[Mode, Cue], Action] = {
    (Mode.SOLO, Cue.PLAYS): Action.NOTHING,
    (Mode.SOLO, Cue.RESTS): Action.NOTHING,
    (Mode.TRADE, Cue.PLAYS): Action.NOTHING,
    (Mode.TRADE, Cue.RESTS): Action.NOTHING,
    (Mode.ANSWER, Cue.PLAYS): Action.GIVE_WAY,
    (Mode.ANSWER, Cue.RESTS): Action.ANSWER,
    (Mode.DUET, Cue.PLAYS): Action.GIVE_WAY,
    (Mode.DUET, Cue.RESTS): Action.JOIN,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A time in which the improviser may begin notes.

    Attributes:
        start: its first tick, on the grid.
        end: the first tick after it, or None where it is open.
        pickup: it may begin this long before `start`, where the player leaves room.
        latest: the first note begins at this tick at the latest.
        phrase: the phrase that it answers.
    """

    start: Ticks
    end: Ticks | None
    latest: Ticks
    pickup: Ticks = Ticks(0)  # noqa: RUF009
    phrase: Phrase | None = None

    def holds(self, tick: Ticks) -> bool:
        """Whether a note may begin at `tick`, apart from the pickup."""
        return self.start <= tick and (self.end is None or tick < self.end)


class Turns:
    """Whose turn it is.

    Attributes:
        bars: of a turn when trading; may be set at any time.
        first: who trades first.
    """

    def __init__(self, mode: Mode, bars: int, first: First, start: Ticks) -> None:
        self.bars = bars
        self.first = first
        self._start = Ticks(max(on_grid(start), 0))
        self._given: Turn | None = None
        self._mode = mode
        self.switch(mode, start)

    @property
    def mode(self) -> Mode:
        """How the improviser plays with the player."""
        return self._mode

    def switch(self, mode: Mode, tick: Ticks) -> None:
        """Play in another mode from `tick` on."""
        self._mode = mode
        self._given = _open_from(tick) if mode is Mode.DUET else None

    def relocate(self, tick: Ticks) -> None:
        """The music goes on at `tick`: a turn that was given does not hold there."""
        self._start = Ticks(max(on_grid(Ticks(tick - JUST_BEGUN)), 0))
        self.switch(self._mode, tick)

    def cue(self, cue: Cue, tick: Ticks, phrase: Phrase | None = None) -> Action:
        """The player plays or rests at `tick`, after `phrase`; what is to be done about it."""
        action = RULES[self._mode, cue]
        match action:
            case Action.GIVE_WAY:
                self._given = None
            case Action.ANSWER if phrase is not None:
                self._given = _answer_to(phrase, tick)
            case Action.JOIN:
                self._given = _open_from(tick)
        return action

    def turn(self, tick: Ticks, changes: Changes) -> Turn | None:
        """The improviser's present turn, or the next one, as far as it is known at `tick`."""
        match self._mode:
            case Mode.SOLO:
                return Turn(self._start, None, latest=self._start)
            case Mode.TRADE:
                return self._trade(tick, changes)
        given = self._given
        over = given is None or (given.end is not None and tick >= given.end)
        return None if over else given

    def _trade(self, tick: Ticks, changes: Changes) -> Turn:
        """The improviser's turn that has not ended at `tick`: the bars are counted from bar 1."""
        count = len(changes.bars)
        bar = changes.chorus_of(tick) * count + changes.bar_index(tick)
        number = bar // self.bars
        ours = number % 2 == (0 if self.first is First.MACHINE else 1)
        # Before bar 1, in a count-in, nobody has a turn.
        number = max(number if ours else number + 1, 0 if self.first is First.MACHINE else 1)
        start = _bar_tick(changes, number * self.bars)
        end = _bar_tick(changes, (number + 1) * self.bars)
        second = _bar_tick(changes, number * self.bars + 1)
        pickup = PICKUP if start > 0 else Ticks(0)
        return Turn(start, end, min(Ticks(start + LATEST), Ticks(second - GRID_TICKS)), pickup)


def _bar_tick(changes: Changes, number: int) -> Ticks:
    """Where a bar starts on the grid; bars are counted from 0 through the choruses."""
    chorus, bar = divmod(number, len(changes.bars))
    return on_grid(Ticks(chorus * changes.length + changes.bars[bar].start))


def _answer_to(phrase: Phrase, tick: Ticks) -> Turn:
    """A turn as long as the phrase, in whole beats, from the next place of the grid."""
    start = Ticks(max(on_grid(tick), 0))
    beats = -(-(phrase.end - phrase.start) // PPQ)
    length = Ticks(min(max(beats * PPQ, SHORTEST_ANSWER), LONGEST_ANSWER))
    return Turn(start, Ticks(start + length), Ticks(start + PPQ // 2), phrase=phrase)


def _open_from(tick: Ticks) -> Turn:
    start = Ticks(max(on_grid(tick), 0))
    return Turn(start, None, Ticks(start + PPQ))


def on_grid(tick: Ticks) -> Ticks:
    """The first place of the grid that is not before `tick`."""
    return Ticks(-(-tick // GRID_TICKS) * GRID_TICKS)
