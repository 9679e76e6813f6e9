"""Solos of ours, made by the program as it is shipped.

They come out of `app.Performance` and the loop under the virtual clock, with the default request
but for what has to be given: a human solo's changes, tempo, number of bars and instrument, and a
seed. What is kept are the notes as written, before the feel plays them, and the same as sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from live_improv.app import Performance
from live_improv.corpus import Solo
from live_improv.evaluation.playing import Rendition, played_by_us
from live_improv.grammar.realization import Register
from live_improv.loop import Script, run
from live_improv.model_folder import Model
from live_improv.music.events import Note, NoteOff, NoteOn, Timed
from live_improv.music.timing import Seconds, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.improviser import Idea, Improviser
from live_improv.performance.instruments import DEFAULT, InstrumentError, instrument
from live_improv.request import Request


class Scribe(Improviser):
    """An improviser whose notes are kept as written.

    Attributes:
        kept: the notes so far, without those that were taken back.
    """

    def __init__(self, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self.kept: list[Note] = []

    def plan(self, *asked: Any, **more: Any) -> Idea:
        """Plan the next note."""
        idea = super().plan(*asked, **more)
        self.kept.append(idea.written.note)
        return idea

    def take_back(self, tick: Ticks) -> None:
        """Forget all that was planned or heard at or after `tick`."""
        super().take_back(tick)
        while self.kept and self.kept[-1].onset >= tick:
            self.kept.pop()


@dataclass(frozen=True, slots=True)
class Performed:
    """A solo of ours.

    Attributes:
        written: its notes as decided, on the grid.
        sent: the same notes as they are played.
    """

    written: tuple[Note, ...]
    sent: tuple[Note, ...]


class _Listener:
    """A sink that makes notes of what is sent.

    Attributes:
        notes: in the order in which they begin.
    """

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self._open: dict[int, int] = {}

    def send(self, timed: Timed) -> None:
        """Take one event."""
        match timed.event:
            case NoteOn(pitch, velocity):
                self._open[pitch] = len(self.notes)
                self.notes.append(Note(timed.tick, Ticks(1), pitch, velocity))
            case NoteOff(pitch) if pitch in self._open:
                place = self._open.pop(pitch)
                length = max(timed.tick - self.notes[place].onset, 1)
                self.notes[place] = replace(self.notes[place], length=Ticks(length))


def perform(request: Request, model: Model) -> Performed:
    """What the program plays on request, under the virtual clock; the request has an end."""
    scribes: list[Scribe] = []

    def scribe(*parts: Any, **more: Any) -> Scribe:
        scribes.append(Scribe(*parts, **more))
        return scribes[-1]

    heard = _Listener()
    session = Performance(request, model=model).session(Seconds(0.0), improviser=scribe)
    run(session, VirtualClock(), heard, Script())
    return Performed(tuple(scribes[0].kept), tuple(heard.notes))


def request_for(solo: Solo, bars: int, seed: int) -> Request:
    """The default request over the changes of a human solo, on its instrument.

    Where there is no such instrument, in the range of the solo and of the default one.
    """
    asked = Request(chart=solo.changes, bpm=solo.bpm, bars=bars, seed=seed)
    try:
        return replace(asked, instrument=instrument(solo.instrument))
    except InstrumentError:
        pitches, usual = [note.pitch for note in solo.notes], DEFAULT.register
        both = Register(min(usual.low, *pitches), max(usual.high, *pitches))
        return replace(asked, register=both)


def range_of(solo: Solo) -> Register:
    """The range that ours has over a solo's changes; others have the same."""
    request = request_for(solo, 1, 0)
    return request.register or request.instrument.register


class Player:
    """A maker of lines that plays with a model.

    Attributes:
        renditions: how it has played so far.
    """

    def __init__(self, model: Model) -> None:
        self.renditions: list[Rendition] = []
        self._model = model

    def __call__(self, solo: Solo, bars: int, seed: int) -> tuple[Note, ...]:
        """The notes of so many bars over a solo's changes, as written."""
        found = perform(request_for(solo, bars, seed), self._model)
        style = solo.changes.style
        self.renditions.append(played_by_us(found.written, found.sent, solo.bpm, style))
        return found.written
