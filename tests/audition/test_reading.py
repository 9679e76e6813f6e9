"""Reading: a session plays what is written, as it plays what it improvises."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from live_improv.app import Performance
from live_improv.audition.reading import Reader
from live_improv.corpus import Solo, read_corpus
from live_improv.evaluation.lines import written
from live_improv.loop import Script, run
from live_improv.midi.files import notes_in
from live_improv.model_folder import Model
from live_improv.music.events import Note, Timed
from live_improv.music.timing import PPQ, Seconds, Ticks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.controls import Knobs
from live_improv.performance.improviser import Idea, Improviser
from live_improv.request import Request


class Kept:
    """A sink that keeps what it is sent."""

    def __init__(self) -> None:
        self.events: list[Timed] = []

    def send(self, timed: Timed) -> None:
        self.events.append(timed)


class Copy(Improviser):
    """An improviser whose ideas are kept."""

    ideas: list[Idea]

    def plan(self, longest: int = 96) -> Idea:
        self.ideas.append(super().plan(longest))
        return self.ideas[-1]


@pytest.fixture(scope="module")
def solo(held_out: Path) -> Solo:
    """One that swings, of several choruses."""
    return next(each for each in read_corpus(held_out) if len(each.notes) > 300)


def played(request: Request, player: object, model: Model) -> list[Note]:
    """What comes out of a whole performance, as played."""
    performance = Performance(request, model=model)
    kept = Kept()
    run(performance.session(Seconds(0.0), None, player), VirtualClock(), kept, Script())  # type: ignore[arg-type]
    assert performance.length is not None
    return notes_in(kept.events, performance.length, 0)


def asked(solo: Solo, **more: object) -> Request:
    bars = len(solo.changes.bars)
    return Request(chart=solo.changes, bpm=solo.bpm, bars=bars, **more)  # type: ignore[arg-type]


def test_what_is_played_is_what_is_written(solo: Solo, default_model: Model) -> None:
    page = written(solo.notes)
    line = played(asked(solo), partial(Reader, page), default_model)
    assert [note.pitch for note in line] == [note.pitch for note in page]
    # Swing and feel move a note by less than half a beat, and never past its neighbours.
    assert all(abs(a.onset - b.onset) < PPQ // 2 for a, b in zip(line, page, strict=True))


def test_a_line_of_ours_that_is_read_sounds_as_it_did(solo: Solo, default_model: Model) -> None:
    """Same notes, same seed: the same velocities, moments and lengths, to the tick."""
    copies: list[Copy] = []

    def copying(*parts: object, **more: object) -> Improviser:
        copies.append(Copy(*parts, **more))  # type: ignore[arg-type]
        copies[-1].ideas = []
        return copies[-1]

    improvised = played(asked(solo, seed=7), copying, default_model)
    page = [idea.written.note for idea in copies[0].ideas]
    read = played(asked(solo, seed=7), partial(Reader, page), default_model)
    assert len(page) > 100
    assert read[:-1] == improvised[:-1]
    assert read[-1].onset == improvised[-1].onset


def test_the_page_may_begin_with_a_rest_and_end_early(solo: Solo, default_model: Model) -> None:
    page = [note for note in written(solo.notes) if 4 * PPQ <= note.onset < 40 * PPQ]
    knobs = Knobs(swing=0.0)
    line = played(asked(solo, knobs=knobs), partial(Reader, page), default_model)
    assert [note.pitch for note in line] == [note.pitch for note in page]
    assert line[0].onset >= page[0].onset - Ticks(PPQ // 2)


def test_an_empty_page_is_silence(solo: Solo, default_model: Model) -> None:
    assert played(asked(solo), partial(Reader, []), default_model) == []
