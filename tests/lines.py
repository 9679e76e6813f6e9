"""Lines and changes for the tests, by hand and by chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.music.changes import Changes
from live_improv.music.events import Note
from live_improv.music.timing import GRID_TICKS, Ticks

ROOT_NAMES = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")

QUALITIES = (
    "7",
    "M7",
    "m7",
    "m7b5",
    "dim7",
    "7alt",
    "7#11",
    "sus4",
    "+",
    "m6",
    "7(b9,#11)",
)

METERS = ("4/4", "3/4", "5/4", "2/4", "6/8", "12/8", "7/8")


def note(step: int, pitch: int, steps: int = 1, velocity: int = 80) -> Note:
    """A note whose onset and length are in grid steps, 12 to the beat."""
    return Note(Ticks(step * GRID_TICKS), Ticks(steps * GRID_TICKS), pitch, velocity)


def line(*pitches: int, every: int = 6) -> tuple[Note, ...]:
    """Even legato notes, eighths unless told otherwise, from tick 0."""
    return tuple(note(i * every, pitch, every) for i, pitch in enumerate(pitches))


def even_line(pitches: Sequence[int], gaps: Sequence[int]) -> tuple[Note, ...]:
    """Legato notes with these gaps in grid steps between them; the last is as long as its gap."""
    onsets = accumulate(gaps, initial=0)
    return tuple(note(at, p, gap) for at, p, gap in zip(onsets, pitches, gaps, strict=False))


@st.composite
def lines(draw: st.DrawFn, most: int = 24) -> tuple[Note, ...]:
    """One line on the grid: any gaps, played lengths up to and over the next onset."""
    count = draw(st.integers(1, most))
    usual = st.sampled_from((3, 4, 6, 8, 12))
    gaps = draw(
        st.lists(usual | st.integers(1, 60) | st.integers(180, 420), min_size=count, max_size=count)
    )
    pitches = [draw(st.integers(40, 90))]
    for _ in range(count - 1):
        step = draw(st.integers(-3, 3) | st.integers(-36, 36))
        pitches.append(min(max(pitches[-1] + step, 20), 110))
    found, at = [], draw(st.integers(0, 60))
    for pitch, gap in zip(pitches, gaps, strict=True):
        length = draw(st.integers(1, (gap + 6) * GRID_TICKS))
        found.append(Note(Ticks(at * GRID_TICKS), Ticks(length), pitch))
        at += gap
    return tuple(found)


@st.composite
def charts(draw: st.DrawFn) -> tuple[str, list[list[tuple[int, str] | None]]]:
    """A meter and bars of chords (root and quality, or None for no chord), one at least a chord."""
    meter = draw(st.sampled_from(METERS))
    chord = st.tuples(st.integers(0, 11), st.sampled_from(QUALITIES))
    bar = st.lists(st.one_of(chord, chord, chord, st.none()), min_size=1, max_size=4)
    bars = draw(st.lists(bar, min_size=1, max_size=6))
    first = draw(chord)
    return meter, [[first], *bars]


def chart_text(
    meter: str, bars: Sequence[Sequence[tuple[int, str] | None]], transpose: int = 0
) -> str:
    """The text of such a chart, some semitones higher."""
    symbols = [
        [
            "N.C." if each is None else ROOT_NAMES[(each[0] + transpose) % 12] + each[1]
            for each in bar
        ]
        for bar in bars
    ]
    return f"time: {meter}\n" + "|".join(" ".join(bar) for bar in symbols)


def any_changes() -> st.SearchStrategy[Changes]:
    """Changes by chance."""
    return charts().map(lambda chart: parse(chart_text(*chart)))
