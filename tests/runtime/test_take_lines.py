"""A take as lines: told whole, read whole, and nothing else is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.assets import chart_names
from live_improv.midi.files import score_bytes
from live_improv.music.chords import parse_chord
from live_improv.music.events import (
    ControlChange,
    Event,
    NoteOff,
    NoteOn,
    ProgramChange,
    Pulse,
    Start,
    Timed,
)
from live_improv.music.timing import Seconds, TempoChange, TempoMap, Ticks
from live_improv.performance.take import Take
from live_improv.repertoire import read_chart
from live_improv.runtime.take_lines import Reader, TakeLineError, ending, header, lines

CHARTS = chart_names()
DATA, CHANNELS = st.integers(0, 127), st.integers(0, 15)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(NoteOn, DATA, st.integers(1, 127), CHANNELS),
    st.builds(NoteOff, DATA, CHANNELS),
    st.builds(ControlChange, DATA, DATA, CHANNELS),
    st.builds(ProgramChange, DATA, CHANNELS),
    st.sampled_from([Pulse(), Start()]),
)
TICKS = st.integers(0, 40_000).map(Ticks)
CHOSEN = st.sampled_from(CHARTS).map(read_chart)
TEMPI = st.builds(TempoChange, TICKS, st.floats(0, 100).map(Seconds), st.floats(40, 300))
CALLS = st.one_of(
    st.tuples(st.just("played"), st.builds(Timed, TICKS, EVENTS)),
    st.tuples(st.just("heard"), TICKS, EVENTS),
    st.tuples(st.just("tempo"), TEMPI),
    st.tuples(st.just("over"), TICKS, CHOSEN),
    st.tuples(st.just("relocated"), TICKS, TICKS, st.none() | CHOSEN),
    st.tuples(st.just("ended"), TICKS, st.sampled_from(["C7", "F#m7b5", "N.C."]).map(parse_chord)),
)


def a_take(chart: str = CHARTS[0]) -> Take:
    return Take(read_chart(chart), TempoMap.constant(120), band={1: "Bass"}, chord_track=True)


def read(data: bytes) -> Reader:
    reader = Reader()
    for line in data.splitlines():
        reader.read(line)
    return reader


def content(take: Take | None, end: Ticks | None = None) -> bytes:
    """The file of a take; what is wrong with it where it makes none."""
    assert take is not None
    try:
        return score_bytes(take.score(end))
    except ValueError as error:
        return str(error).encode()


@given(st.lists(CALLS, max_size=12), st.none() | TICKS)
def test_a_take_that_is_told_makes_the_same_file(
    calls: list[tuple[str, object]], end: Ticks | None
) -> None:
    take = a_take()
    told = header(take, "Stem")
    for name, *arguments in calls:
        size = len(take)
        getattr(take, name)(*arguments)
        told += lines(take.entries(size, 99), take.latest)
    reader = read(told + ending(end))
    assert (reader.stem, reader.end) == ("Stem", end)
    assert content(reader.take, reader.end) == content(take, end)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_told(chart: str) -> None:
    take = a_take(chart)
    take.played(Timed(Ticks(0), NoteOn(60, 80)))
    reader = read(header(take, "") + lines(take.entries(0, 9)))
    assert content(reader.take) == content(take)


GOOD = json.loads(header(a_take(), "x"))
BAD: tuple[object, ...] = (
    ["played", 0, "on", 128, 1, 0],
    ["played", 0, "on", 1, 1, 16],
    ["played", 0, "on", 1, True, 0],
    ["played", 0.5, "on", 1, 1, 0],
    ["played", 10**12, "on", 1, 1, 0],
    ["played", 0, "on", 1, 1],
    ["played", 0, "pulse"],
    ["tempo", 0, float("nan"), 120],
    ["tempo", 0, 0, 0],
    ["over", 0, [[], [], [], "", ""]],
    ["ended", 0, ["C", 12, "", None, [], [], [], []]],
    ["wrote", 3],
    ["take"],
    ["nothing"],
    [],
    7,
)


@pytest.mark.parametrize("line", BAD, ids=repr)
def test_what_no_take_tells_is_refused(line: object) -> None:
    reader = read(header(a_take(), ""))
    with pytest.raises(TakeLineError):
        reader.read(json.dumps(line).encode())
    assert reader.take is not None
    assert len(reader.take) == 0


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_nothing_else_is_raised(line: bytes) -> None:
    for reader in (Reader(), read(header(a_take(), ""))):
        try:
            reader.read(line)
        except TakeLineError:
            continue
        assert reader.take is not None


def test_the_first_line_is_the_header() -> None:
    with pytest.raises(TakeLineError, match="no header"):
        Reader().read(b'["played",0,"on",60,80,0]')
    with pytest.raises(TakeLineError, match="another kind"):
        Reader().read(json.dumps([GOOD[0], 2, *GOOD[2:]]).encode())
