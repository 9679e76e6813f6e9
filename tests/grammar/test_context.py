"""What the net sees: facts about a moment, relative to the chord and the line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.grammar import context as ctx
from live_improv.grammar.context import Context, ContextError, Past, choice_rows, gap_bin
from live_improv.grammar.recall import History
from live_improv.grammar.values import NOTE_KINDS, Kind
from live_improv.music.timing import Meter, Ticks
from tests.lines import METERS, chart_text, charts


def facts(rows: list[int], groups: dict[str, int] = ctx.GROUPS) -> dict[str, list[int]]:
    """The rows by group, counted from the group's first row."""
    found: dict[str, list[int]] = {}
    for row in rows:
        first = 0
        for name, size in groups.items():
            if first <= row < first + size:
                found.setdefault(name, []).append(row - first)
            first += size
    return {name: sorted(numbers) for name, numbers in found.items()}


def test_the_first_moment() -> None:
    context = Context(parse("C7 | F7"), 120.0, straight=True)
    assert facts(context.rows(Ticks(0), Past())) == {
        "place": [0],
        "meter": [0],
        "bar_of_four": [0],
        "chord_tones": [0, 4, 7, 10],
        "colour_tones": [2, 9],
        "scale": [5],
        "next_root": [5],
        "next_tones": [0, 3, 5, 9],
        "ahead": [5],  # 48 grid steps
        "since": [0],
        "tempo": [2],  # up to 140
        "straight": [0],
        "recall_pitch": [0],
        "recall_move": [0],
        "first": [0],
    }


def test_a_moment_in_a_line() -> None:
    # A waltz, third bar of four, the last off-beat; E F A and now after A, a rest in between.
    changes = parse("time: 3/4\n[A] C7 | C7 | Gm7 C7 | F7")
    past = Past()
    past = past.then(64, Kind.CHORD, 6, rested=False)
    past = past.then(65, Kind.SCALE, 30, rested=True)
    past = past.then(57, Kind.OTHER, 3, rested=False)
    tick = Ticks((2 * 36 + 30) * 40)
    assert facts(Context(changes, 200.5, straight=False).rows(tick, past)) == {
        "place": [42],  # the third quarter of a waltz leads on like the fourth of a bar of four
        "meter": [1],
        "bar_of_four": [2],
        "chord_tones": [0, 4, 7, 10],
        "colour_tones": [2, 9],
        "scale": [5],
        "next_root": [5],
        "next_tones": [0, 3, 5, 9],
        "ahead": [0],  # 6 steps
        "since": [3],  # 12 steps
        "tempo": [5],  # 200 to 235
        "degree": [9],
        "degree_2": [5],
        "degree_3": [4],
        "interval": [36 - 8],
        "interval_2": [12 - 7],
        "kind": [4],
        "gap": [2],
        "gap_2": [29],
        "register": [(57 - 36) // 2],
        "phrase": [0],
        "recall_pitch": [0],
        "recall_move": [0],
    }


def test_after_a_rest_a_phrase_begins() -> None:
    context = Context(parse("C7"), 120.0, straight=False)
    past = Past()
    for expected in range(1, 9):
        past = past.then(60, Kind.CHORD, 6, rested=False)
        assert past.phrase == expected
    rested = past.then(62, Kind.COLOUR, 12, rested=True)
    assert rested.phrase == 0
    assert rested.rested
    assert facts(context.rows(Ticks(480), rested))["rested"] == [0]
    assert facts(context.rows(Ticks(480), rested))["phrase"] == [0]
    assert "rested" not in facts(context.rows(Ticks(480), past))


def test_a_past_is_as_long_as_it_needs_and_a_value() -> None:
    past = Past()
    for pitch in range(60, 70):
        before = past
        past = past.then(pitch, Kind.CHORD, pitch - 50, rested=False)
        assert before != past
    assert past.pitches == (66, 67, 68, 69)
    assert past.gaps == (18, 19)
    assert past.history == History(bytes(range(60, 70)), bytes(range(10, 20)))
    assert Past() == Past((), (), None, False, 0, History())


def test_over_no_chord_degrees_count_from_the_next_root() -> None:
    context = Context(parse("N.C. | Eb7"), 120.0, straight=False)
    past = Past().then(65, Kind.OTHER, 6, rested=False)
    found = facts(context.rows(Ticks(240), past))
    assert found["no_chord"] == [0]
    assert found["degree"] == [2]
    assert "chord_tones" not in found
    assert found["next_root"] == [0]
    assert found["next_tones"] == [0, 4, 7, 10]
    assert context.root_at(Ticks(0)) == context.next_root_at(Ticks(0)) == 3


def test_the_form_counts_from_its_sections() -> None:
    changes = parse("[A] C | C | C | C | C | C\n[B] F | F | F")
    context = Context(changes, 120.0, straight=False)
    bars = [facts(context.rows(bar.start, Past()))["bar_of_four"][0] for bar in changes.bars]
    assert bars == [0, 1, 2, 3, 0, 1, 0, 1, 2]


FELT = {
    "4/4": [0, 12, 24, 36],
    "2/4": [0, 12],
    "3/4": [0, 12, 36],
    "6/4": [0, 12, 36, 24, 12, 36],
    "5/4": [0, 12, 36, 24, 36],
    "7/4": [0, 12, 24, 36, 24, 12, 36],
    "12/8": [0, 12, 36, 24, 12, 36],
    "6/8": [0, 12, 36],
    "7/8": [0, 12, 24, 36],
    "8/4": [0, 12, 24, 36] * 2,
}


@pytest.mark.parametrize("meter", FELT)
def test_quarters_are_felt_as_beats_of_a_bar_of_four(meter: str) -> None:
    context = Context(parse(f"time: {meter}\nC7"), 120.0, straight=False)
    quarters = -(-Meter.parse(meter).bar_ticks // 480)
    assert [context.place_at(Ticks(480 * i)) for i in range(quarters)] == FELT[meter]
    assert context.place_at(Ticks(80)) == 2
    assert context.place_at(Ticks(80 + context.changes.length)) == 2


@pytest.mark.parametrize(
    ("meter", "expected"),
    [("4/4", 0), ("2/4", 0), ("3/4", 1), ("6/8", 1), ("12/8", 1), ("5/4", 2), ("7/8", 2)],
)
def test_meters_are_of_three_classes(meter: str, expected: int) -> None:
    context = Context(parse(f"time: {meter}\nC7"), 120.0, straight=False)
    assert facts(context.rows(Ticks(0), Past()))["meter"] == [expected]


def test_every_gap_has_a_bin() -> None:
    bins = [gap_bin(gap) for gap in range(1, 1000)]
    assert bins[:48] == list(range(48))
    assert bins == sorted(bins)
    assert set(bins) == set(range(ctx.GAP_BINS))
    # The last bin is everything beyond the longest gap, and nothing else.
    assert bins.index(ctx.GAP_BINS - 1) == 192


def test_a_chosen_pitch() -> None:
    rows = choice_rows(-5, 7, Kind.APPROACH)
    assert facts(rows, ctx.CHOICE_GROUPS) == {
        "interval": [31],
        "degree": [7],
        "kind": [3],
        "recall_gap": [0],
    }
    first = facts(choice_rows(None, 0, Kind.CHORD), ctx.CHOICE_GROUPS)
    assert first == {"degree": [0], "kind": [0], "recall_gap": [0]}
    recalled = facts(choice_rows(None, 0, Kind.CHORD, 3), ctx.CHOICE_GROUPS)
    assert recalled["recall_gap"] == [3]
    wide = facts(choice_rows(50, 0, Kind.CHORD), ctx.CHOICE_GROUPS)
    assert wide["interval"] == [72]


def test_a_chorus_must_fit_the_grid() -> None:
    with pytest.raises(ContextError, match=r"a chorus of 0\.875 beats"):
        Context(parse("time: 7/32\nC7"), 120.0, straight=False)
    assert Context(parse("time: 7/32\nC7 | C7"), 120.0, straight=False).steps == 21


pasts = st.lists(
    st.tuples(
        st.integers(20, 110), st.sampled_from(NOTE_KINDS), st.integers(1, 300), st.booleans()
    ),
    max_size=6,
)


def past_of(notes: list[tuple[int, Kind, int, bool]], semitones: int = 0) -> Past:
    """The past after these notes, transposed."""
    past = Past()
    for pitch, kind, gap, rested in notes:
        past = past.then(pitch + semitones, kind, gap, rested=rested)
    return past


@given(charts(), pasts, st.integers(0, 400), st.integers(-11, 11), st.booleans())
def test_a_transposed_line_over_transposed_changes_gives_the_same_rows(
    chart: tuple[str, list[list[tuple[int, str] | None]]],
    notes: list[tuple[int, Kind, int, bool]],
    step: int,
    semitones: int,
    straight: bool,
) -> None:
    meter, bars = chart
    here = Context(parse(chart_text(meter, bars)), 120.0, straight=straight)
    there = Context(parse(chart_text(meter, bars, semitones)), 120.0, straight=straight)
    tick = Ticks(step * 40)
    before = facts(here.rows(tick, past_of(notes)))
    after = facts(there.rows(tick, past_of(notes, semitones)))
    registers = before.pop("register", None), after.pop("register", None)
    assert before == after
    if notes:
        clipped = [min(max(notes[-1][0] + away, 36), 99) for away in (0, semitones)]
        assert registers == tuple([(pitch - 36) // 2] for pitch in clipped)


@given(charts(), pasts, st.integers(0, 2000))
def test_rows_are_few_and_different_and_in_range(
    chart: tuple[str, list[list[tuple[int, str] | None]]],
    notes: list[tuple[int, Kind, int, bool]],
    step: int,
) -> None:
    context = Context(parse(chart_text(*chart)), 120.0, straight=True)
    rows = context.rows(Ticks(step * 40), past_of(notes))
    assert len(set(rows)) == len(rows) <= 56
    assert all(0 <= row < ctx.ROWS for row in rows)
    single = {"place", "meter", "bar_of_four", "ahead", "since", "tempo", "next_root"}
    assert all(len(facts(rows)[name]) == 1 for name in single)


@pytest.mark.parametrize("meter", METERS)
def test_the_tune_goes_round(meter: str) -> None:
    context = Context(parse(f"time: {meter}\nC7 | F7 | Dm7 G7"), 120.0, straight=True)
    length = context.changes.length
    for step in range(context.steps):
        tick = Ticks(step * 40)
        assert context.rows(tick, Past()) == context.rows(Ticks(tick + 3 * length), Past())


def test_the_contract_has_a_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    # Golden: weights are trained for this layout and no other.
    assert ctx.layout_hash() == "5939e05438b45959"
    monkeypatch.setitem(ctx.GROUPS, "first", 2)
    assert ctx.layout_hash() != "5939e05438b45959"


# The same context at another tempo, or over other chords


@given(charts(), pasts, st.integers(0, 400), st.floats(30, 400), st.floats(30, 400), st.booleans())
def test_another_tempo_is_as_if_it_had_been_the_first(
    chart: tuple[str, list[list[tuple[int, str] | None]]],
    notes: list[tuple[int, Kind, int, bool]],
    step: int,
    bpm: float,
    other_bpm: float,
    straight: bool,
) -> None:
    changes = parse(chart_text(*chart))
    context = Context(changes, bpm, straight=straight)
    tick, past = Ticks(step * 40), past_of(notes)
    before = context.rows(tick, past)
    other = context.at_tempo(other_bpm)
    fresh = Context(changes, other_bpm, straight=straight)
    assert other.rows(tick, past) == fresh.rows(tick, past)
    assert context.rows(tick, past) == before, "what it was made from is as it was"
    assert (other is context) == (before == other.rows(tick, past))
    assert other.changes is changes
    assert other.places is context.places


@pytest.mark.parametrize(("bpm", "same"), [(111.0, True), (140.0, True), (140.1, False)])
def test_a_tempo_that_nobody_can_tell_apart_is_the_same_context(bpm: float, same: bool) -> None:
    context = Context(parse("C7"), 120.0, straight=True)
    assert (context.at_tempo(bpm) is context) is same


def test_tempi_that_creep_are_told_apart_in_the_end() -> None:
    context = Context(parse("C7"), 60.0, straight=True)
    for bpm in range(60, 320):
        context = context.at_tempo(float(bpm))
        fresh = Context(parse("C7"), float(bpm), straight=True)
        assert context.rows(Ticks(0), Past()) == fresh.rows(Ticks(0), Past())


chord_names = st.sampled_from(["C7", "F#m7b5", "N.C.", "Bb7alt", "EbM7", "G7sus4"])


@given(
    st.sampled_from(METERS),
    st.lists(st.tuples(chord_names, chord_names), min_size=1, max_size=6),
    pasts,
    st.integers(0, 400),
)
def test_other_chords_are_as_if_they_had_been_the_first(
    meter: str,
    names: list[tuple[str, str]],
    notes: list[tuple[int, Kind, int, bool]],
    step: int,
) -> None:
    one, two = (parse(f"time: {meter}\n" + " | ".join(pair[i] for pair in names)) for i in (0, 1))
    context = Context(one, 120.0, straight=True)
    tick, past = Ticks(step * 40), past_of(notes)
    before = context.rows(tick, past)
    other = context.over(two)
    assert other.changes is two
    assert other.rows(tick, past) == Context(two, 120.0, straight=True).rows(tick, past)
    assert other.root_at(tick) == Context(two, 120.0, straight=True).root_at(tick)
    assert context.rows(tick, past) == before
    assert context.changes is one
    # There and back, in either order, and with another tempo.
    assert other.over(one).rows(tick, past) == before
    fast = Context(two, 290.0, straight=True).rows(tick, past)
    assert context.at_tempo(290.0).over(two).rows(tick, past) == fast
    assert context.over(two).at_tempo(290.0).rows(tick, past) == fast


@pytest.mark.parametrize("other", ["C7 | F7 | C7", "C7", "time: 3/4\nC7 | F7"])
def test_another_tune_has_its_own_bars(other: str) -> None:
    two = parse(other)
    moved = Context(parse("C7 | F7"), 120.0, straight=True).over(two)
    fresh = Context(two, 120.0, straight=True)
    assert moved.places == fresh.places
    for tick in range(0, 2 * two.length, 40):
        assert moved.rows(Ticks(tick), Past()) == fresh.rows(Ticks(tick), Past())


def test_a_tune_that_is_no_whole_number_of_steps_is_refused() -> None:
    context, odd = Context(parse("C7 | F7"), 120.0, straight=True), parse("time: 1/32\nC7")
    with pytest.raises(ContextError, match="twelfths"):
        context.over(odd)


def test_bars_may_begin_off_the_grid() -> None:
    """Two bars of 7/32 are 21 steps, of which the eleventh belongs to the first bar."""
    context = Context(parse("time: 7/32\nC7 | F7"), 120.0, straight=True)
    assert context.places == (*range(11), *range(10))
    assert [context.place_at(Ticks(40 * step)) for step in range(21)] == list(context.places)


@pytest.mark.parametrize("manner", [0, 5])
def test_a_manner_is_one_more_row_that_always_holds(manner: int) -> None:
    plain = Context(parse("C7 | F7"), 120.0, straight=True)
    told = plain.in_manner(manner)
    for context in (told, told.at_tempo(250.0).at_tempo(120.0), told.over(parse("C7 | F7"))):
        assert set(context.rows(Ticks(480), Past())) - set(plain.rows(Ticks(480), Past())) == {
            ctx.ROWS + manner
        }
    assert told.in_manner(None).rows(Ticks(0), Past()) == plain.rows(Ticks(0), Past())
    assert told.in_manner(manner) is told
