"""Excerpts: sixteen bars of a human solo, and sixteen of ours at the same place of the same tune.

Conventions
    A place is a stretch of a human solo that begins with a section of the form, but not the solo's
    first bar, where ours always comes in at once. Ours is cut out of a solo that was played from
    the beginning, over the same changes as many bars, at the same tempo and on the same instrument;
    so both are in the middle of something, as far into the tune. Nothing of ours is selected.

    Both are played by the same session with the same feel, which is ours: the human's own timing,
    dynamics and inflections are left out. A listener judges the notes. What the transcription got
    wrong counts against the human.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from random import Random

from live_improv.app import Performance
from live_improv.audition.key import AuditionError, By
from live_improv.audition.reading import Reader
from live_improv.corpus import Solo
from live_improv.evaluation.lines import written
from live_improv.loop import Script, run
from live_improv.midi.files import notes_in
from live_improv.model_folder import Model
from live_improv.music.changes import Bar
from live_improv.music.events import Note, NoteOff, NoteOn, ProgramChange, Timed
from live_improv.music.score import IMPROVISER, Part, Score, chords_between
from live_improv.music.timing import GRID_TICKS, Seconds, TempoMap, Ticks
from live_improv.performance.clicks import Clicks
from live_improv.performance.clock import VirtualClock
from live_improv.performance.harmony import free_form
from live_improv.performance.improviser import Improviser
from live_improv.performance.instruments import Instrument, InstrumentError, instrument
from live_improv.request import Request

BARS = 16
_PART_BARS = 4
"""The human plays in each so many bars of an excerpt; elsewhere the solo pauses or is over."""

_NO_FORM = 8
"""Where no form is marked, every so many bars may begin an excerpt."""

EARLY = Ticks(GRID_TICKS // 2)
"""A note played so much before the first bar line belongs to the excerpt."""

COUNT_IN = "Count-in"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an excerpt is taken from: bars `first` up to `first` + `BARS` of a solo, one meter."""

    solo: Solo
    first: int
    instrument: Instrument

    @property
    def start(self) -> Ticks:
        """The first tick."""
        return self.solo.changes.bars[self.first].start

    @property
    def end(self) -> Ticks:
        """The first tick after it."""
        bar = self.solo.changes.bars[self.first + BARS - 1]
        return Ticks(bar.start + bar.meter.bar_ticks)


def places(solos: Sequence[Solo], count: int, chance: Random) -> list[Place]:
    """Places for that many pairs of excerpts, each in another tune.

    Raises:
        AuditionError: there are not as many tunes with a place.
    """
    by_tune: dict[str, list[Solo]] = {}
    for solo in solos:
        by_tune.setdefault(solo.title, []).append(solo)
    tunes = [by_tune[title] for title in sorted(by_tune)]
    chance.shuffle(tunes)
    found: list[Place] = []
    for tune in tunes:
        candidates = [place for solo in tune for place in _places_of(solo)]
        if candidates and len(found) < count:
            found.append(chance.choice(candidates))
    if len(found) < count:
        raise AuditionError(
            f"{2 * count} excerpts take {count} tunes with {BARS} bars of a solo, "
            f"and there are {len(found)}"
        )
    return found


def _places_of(solo: Solo) -> list[Place]:
    try:
        played_on = instrument(solo.instrument)
    except InstrumentError:  # with a guess ours would be told by its range
        return []
    bars = solo.changes.bars
    starts = {section.start for section in solo.changes.sections}
    found = []
    for first in range(1, len(bars) - BARS + 1):
        place = Place(solo, first, played_on)
        begins = place.start in starts if starts else first % _NO_FORM == 0
        meters = {bar.meter for bar in bars[first - 1 : first + BARS]}
        if begins and len(meters) == 1 and _busy(place):
            found.append(place)
    return found


def _busy(place: Place) -> bool:
    """Whether the human plays in every part of it."""
    bars = place.solo.changes.bars
    parts = range(place.first, place.first + BARS, _PART_BARS)
    edges = [*(bars[each].start for each in parts), place.end]
    onsets = [note.onset for note in place.solo.notes]
    return all(any(low <= onset < high for onset in onsets) for low, high in pairwise(edges))


def excerpt(place: Place, by: By, model: Model, seed: int) -> Score:
    """One excerpt: a bar of clicks, and `BARS` bars of solo over plain chords.

    Nothing in it but the notes depends on who it is by.

    Args:
        model: who plays ours; a human's notes do not ask it.
        seed: of the notes, where they are ours, and of the irregularities of both.
    """
    solo = place.solo
    # The session looks for the style where a chart has it.
    changes = replace(solo.changes, style=solo.feel.lower())
    bars = place.first + BARS
    request = Request(
        chart=changes, bpm=solo.bpm, bars=bars, instrument=place.instrument, seed=seed
    )
    player: Callable[..., Improviser] = Improviser
    if by is By.HUMAN:
        player = partial(Reader, written(solo.notes))
    notes = _played(Performance(request, model=model), player)
    return _score(place, [n for n in notes if place.start - EARLY <= n.onset < place.end - EARLY])


def _played(performance: Performance, player: Callable[..., Improviser]) -> list[Note]:
    """The solo of such a performance, as it is played."""
    kept = _Kept()
    session = performance.session(Seconds(0.0), improviser=player)
    run(session, VirtualClock(), kept, Script())
    assert performance.length is not None, "an excerpt has an end"
    return notes_in(kept.events, performance.length, performance.request.channel)


class _Kept:
    """A sink that keeps what it is sent, by the ticks of the song."""

    def __init__(self) -> None:
        self.events: list[Timed] = []

    def send(self, timed: Timed) -> None:
        """Take one event."""
        self.events.append(timed)


def _score(place: Place, notes: Sequence[Note]) -> Score:
    """The notes of a place with what is heard around them; the file begins with the count-in."""
    changes = place.solo.changes
    meter = changes.bar_at(place.start).meter
    bar = meter.bar_ticks
    moved = Ticks(bar - place.start)
    clicks = Clicks(free_form(meter, place.solo.bpm), Ticks(-bar)).due(Ticks(0))
    solo = [Timed(Ticks(0), ProgramChange(place.instrument.program, 0))]
    for note in notes:
        end = min(note.end, place.end)
        solo.append(Timed(Ticks(note.onset + moved), NoteOn(note.pitch, note.velocity)))
        solo.append(Timed(Ticks(end + moved), NoteOff(note.pitch)))
    solo.sort(key=lambda timed: (timed.tick, isinstance(timed.event, NoteOn)))
    return Score(
        length=Ticks(place.end + moved),
        tempo=TempoMap.constant(place.solo.bpm),
        meters=(Bar(Ticks(0), meter),),
        chords=tuple(
            replace(span, start=Ticks(span.start + moved), end=Ticks(span.end + moved))
            for span in chords_between(changes, place.start, place.end)
        ),
        parts=(
            Part(COUNT_IN, tuple(replace(each, tick=Ticks(each.tick + bar)) for each in clicks)),
            Part(IMPROVISER, tuple(solo)),
        ),
        chord_track=True,
    )
