"""Lines made over the changes of human solos, by whoever makes them.

Seeds are fixed: the place of the solo among those asked for, and 1,000 more for each further take.
They differ from solo to solo because chance is keyed by seed and tick: with one seed all solos
would draw the same numbers. Nothing that was made is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from live_improv.corpus import Solo
from live_improv.evaluation.lines import Line, written
from live_improv.evaluation.phrasing import RUN_BARS
from live_improv.music.events import Note

Maker = Callable[[Solo, int, int], Sequence[Note]]
"""Makes the notes of so many bars over a solo's changes, on its instrument, with a seed."""

ENOUGH_SOLOS, ENOUGH_NOTES = 64, 25_000
"""With fewer, only gross faults show."""

SEEDS_APART = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is made.

    Attributes:
        takes: solos over the changes of each human one; None for as many as are enough.
        notes: stop at the end of the solo that reaches as many; None for whole rounds.
    """

    takes: int | None = None
    notes: int | None = None


def make_lines(make: Maker, solos: Sequence[Solo], plan: Plan) -> Iterator[Line]:
    """Lines over the changes of each solo, take after take, until there are enough."""
    made = notes = take = 0
    # Not in the order of the corpus, in which players stand together: a few are a mixture too.
    order = Random(0).sample(range(len(solos)), len(solos))
    while take != plan.takes:
        for number in order:
            solo, seed = solos[number], number + SEEDS_APART * take
            line = _made(make, solo, len(solo.changes.bars), seed)
            yield line
            made, notes = made + 1, notes + len(line.notes)
            if plan.notes is not None and notes >= plan.notes:
                return
        take += 1
        enough = made >= ENOUGH_SOLOS and notes >= ENOUGH_NOTES
        if plan.takes is None and plan.notes is None and enough:
            return


def make_runs(make: Maker, solos: Sequence[Solo]) -> Iterator[Line]:
    """Runs of `RUN_BARS` over the changes of each solo, which go round as often as needed."""
    for number, solo in enumerate(solos):
        yield _made(make, solo, RUN_BARS, number)


def _made(make: Maker, solo: Solo, bars: int, seed: int) -> Line:
    notes = written(make(solo, bars, seed))
    return Line(f"{solo.id} {seed}", notes, solo.changes, solo.bpm, solo.title, bars)
