"""The memory: what a player did often, lately and in the same place comes back first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live_improv.grammar.context import LONGEST_GAP, Past
from live_improv.grammar.values import NOTE_KINDS, Kind
from live_improv.music.timing import GRID_TICKS, Ticks
from live_improv.performance.memory import AGREEMENT, DOUBT, HALF_LIFE, SIZE, Memory

C, L, S, A, X = NOTE_KINDS
EVERY = range(128)


def hear(memory: Memory, pitches: Sequence[int], gaps: Sequence[int], at: int = 0) -> int:
    """Chord tones with these gaps in grid steps after them; the step after the last gap."""
    for pitch, gap in zip(pitches, gaps, strict=True):
        memory.hear(pitch, Ticks(at * GRID_TICKS), C)
        at += gap
    return at


def after(pitches: Sequence[int], gaps: Sequence[int], *, rested: bool = False) -> Past:
    """The past after these chord tones."""
    past = Past()
    for pitch, gap in zip(pitches, gaps, strict=True):
        past = past.then(pitch, C, gap, rested=False)
    if rested:
        past = Past(past.pitches, past.gaps, past.kind, True, 0)
    return past


def pitch_weights(memory: Memory, past: Past, kind: Kind | None = C) -> np.ndarray:
    """For each of the 128 pitches, all of one kind."""
    return memory.pitch_weights(past, EVERY, [kind] * 128)


MOTIF = [60, 64, 67, 71, 69]
RHYTHM = [6, 6, 3, 9, 24]


def steeped(times: int, kept_from: int = 60) -> Memory:
    """A memory of other things, and then of a motif so many times, in several places."""
    memory = Memory()
    at = hear(memory, [72, 74, 72, 70, 69, 72, 74, 76, 77, 74, 60], [4] * 11)
    for i in range(times):
        shifted = [pitch + (kept_from - 60) + 3 * i for pitch in MOTIF]
        at = hear(memory, shifted, RHYTHM, at - at % 12 + 12)
    return memory


def test_nothing_heard_says_nothing() -> None:
    memory = Memory()
    assert len(memory) == 0
    assert memory.centre() is None
    assert memory.confidence() == 0.0
    assert not pitch_weights(memory, after([60, 62], [6, 6])).any()
    assert not memory.gap_weights(Past(), None, 0, 96).any()
    assert memory.gap_weights(Past(), None, 0, 96).shape == (96,)
    memory.released(Ticks(100))
    assert len(memory) == 0


def test_one_note_says_where_and_nothing_more() -> None:
    memory = Memory()
    memory.hear(63, Ticks(400), C)
    assert len(memory) == 1
    assert memory.centre() == 63
    assert not pitch_weights(memory, after([60, 62], [6, 6])).any()
    assert not memory.gap_weights(after([60], [6]), 2, 0, 96).any()


def test_before_the_first_note_there_is_no_interval_to_go_by() -> None:
    assert not pitch_weights(steeped(3), Past()).any()


@pytest.mark.parametrize("transposed", [-14, 0, 5])
def test_a_motif_that_is_begun_is_continued(transposed: int) -> None:
    """Also from another pitch: what is kept are intervals."""
    memory = steeped(3)
    for so_far in range(2, len(MOTIF)):
        begun = [pitch + transposed for pitch in MOTIF[:so_far]]
        weights = pitch_weights(memory, after(begun, RHYTHM[:so_far]))
        expected = MOTIF[so_far] + transposed
        assert weights.argmax() == expected
        # From three notes on clearly: only its neighbours come near.
        others = np.delete(weights, range(expected - 1, expected + 2))
        assert so_far == 2 or weights[expected] > 4 * others.max()


def test_its_rhythm_is_continued_too() -> None:
    memory = steeped(3)
    place = 0
    for i in range(1, len(MOTIF)):
        place += RHYTHM[i - 1]
        if i + 1 == len(MOTIF):
            continue  # what comes after the motif is a matter of where the next one began
        past = after(MOTIF[:i], RHYTHM[:i])
        interval = MOTIF[i] - MOTIF[i - 1]
        weights = memory.gap_weights(past, interval, place % 12, 96)
        assert 1 + int(weights.argmax()) == RHYTHM[i]


def test_the_more_of_a_motif_agrees_the_surer_it_is() -> None:
    memory = steeped(4)
    shares = []
    # Two notes with another gap before them, then as they were, then three notes.
    for past in (
        after([64, 67], [6, 5]),
        after([64, 67], [6, 3]),
        after([60, 64, 67], [6, 6, 3]),
    ):
        weights = pitch_weights(memory, past)
        shares.append(weights[71] / weights.sum())
    assert shares[0] < shares[-1]
    assert shares == sorted(shares)


def test_one_thing_more_that_agrees_counts_so_many_times() -> None:
    memory = Memory()
    hear(memory, [61, 60, 68, 71], [6, 6, 9, 6])
    # A rise by 3 semitones after one by 8 after a fall by 1, heard once.
    lines = {
        0: after([58, 59, 60], [6, 6, 9]),
        1: after([50, 52, 60], [6, 6, 7]),
        2: after([53, 52, 60], [6, 6, 7]),
        3: after([53, 52, 60], [6, 6, 9], rested=True),
        4: after([53, 52, 60], [6, 6, 9]),
    }
    for agreeing, past in lines.items():
        assert pitch_weights(memory, past)[63] == pytest.approx(AGREEMENT**agreeing)


def test_agreement_ends_where_something_does_not_agree() -> None:
    """The intervals count first: that a gap agrees is no help if the line is another."""
    memory = Memory()
    hear(memory, [61, 60, 68, 71], [6, 6, 9, 6])
    weights = [
        pitch_weights(memory, after(line, [6, 6, gap]))[63]
        for line in ([51, 53, 60], [50, 52, 60])
        for gap in (9, 7)
    ]
    assert weights[0] == weights[1]
    assert weights[2] == weights[3]


def test_it_forgets_slowly() -> None:
    memory = Memory()
    at = hear(memory, [60, 67], [6, 6])  # a fifth up, once
    before = pitch_weights(memory, after([50], [6]))[57]
    for _ in range(HALF_LIFE):
        at = hear(memory, [67], [6], at)
    assert pitch_weights(memory, after([50], [6]))[57] == pytest.approx(before / 2)
    for _ in range(SIZE):
        at = hear(memory, [67], [6], at)
    assert pitch_weights(memory, after([50], [6]))[57] == 0.0
    assert len(memory) == SIZE


def test_the_latest_habit_is_the_stronger() -> None:
    def weights(first: int, second: int) -> np.ndarray:
        memory, at = Memory(), 0
        for interval in (first, second):
            for _ in range(20):
                at = hear(memory, [60, 60 + interval], [6, 18], at)
        return pitch_weights(memory, after([60], [6]))

    assert weights(3, 9)[69] > weights(3, 9)[63] > 0
    assert weights(9, 3)[63] > weights(9, 3)[69] > 0


def test_near_intervals_count_a_little() -> None:
    memory = Memory()
    hear(memory, [60, 67], [6, 6])
    weights = pitch_weights(memory, after([50], [6]))
    heard = weights[57]
    assert weights.argmax() == 57
    for apart in (1, 2, 3):
        assert weights[57 - apart] == weights[57 + apart]
        assert 0 < weights[57 + apart] < weights[57 + apart - 1] <= heard
    assert weights[53] == weights[61] == 0.0


def test_kinds_are_kept_apart() -> None:
    for heard in NOTE_KINDS:
        memory = Memory()
        memory.hear(60, Ticks(0), C)
        memory.hear(62, Ticks(240), heard)
        for kind in NOTE_KINDS:
            weights = pitch_weights(memory, after([60], [6]), kind)
            assert bool(weights.any()) == (kind is heard)


def test_a_tone_that_may_resolve_or_not_is_like_both() -> None:
    for heard, alike in ((None, True), (A, True), (X, True), (C, False), (L, False), (S, False)):
        memory = Memory()
        memory.hear(60, Ticks(0), C)
        memory.hear(61, Ticks(240), heard)
        assert bool(pitch_weights(memory, after([60], [6]), None).any()) is alike


def test_candidates_may_be_any_pitches_of_any_kinds() -> None:
    memory = Memory()
    memory.hear(60, Ticks(0), C)
    memory.hear(64, Ticks(240), S)
    weights = memory.pitch_weights(after([50], [6]), [54, 54, 55, 54], [S, C, S, None])
    assert weights[0] > weights[2] > 0
    assert weights[1] == weights[3] == 0.0


# Notes that replace others, and times


@given(st.lists(st.integers(50, 80), min_size=1, max_size=4), st.integers(0, 5))
def test_a_note_at_the_same_onset_replaces_the_last(rising: list[int], before: int) -> None:
    """A chord whose keys come one after the other is one note."""
    final, whole = Memory(), Memory()
    for memory, pitches in ((final, rising), (whole, rising[-1:])):
        at = hear(memory, MOTIF[:before], RHYTHM[:before])
        for pitch in pitches:
            memory.hear(pitch, Ticks(at * GRID_TICKS), C)
        memory.released(Ticks(at * GRID_TICKS + 100))
        hear(memory, [60, 62, 64, 69], [6, 6, 6, 6], at + 6)
    assert len(final) == len(whole) == before + 5
    assert final.centre() == whole.centre()
    for past in (after([60, 62], [6, 6]), after(MOTIF[:2], RHYTHM[:2]), after([62, 64], [6, 6])):
        assert np.array_equal(pitch_weights(final, past), pitch_weights(whole, past))
        for place in (0, 6):
            assert np.array_equal(
                final.gap_weights(past, 2, place, 96), whole.gap_weights(past, 2, place, 96)
            )


def test_after_a_rest_is_another_place_than_inside_a_phrase() -> None:
    memory, at = Memory(), 0
    for rested, interval in ((True, 7), (False, -2)) * 3:
        # The same three notes; the same gap, which is silent in part, or not.
        hear(memory, [60, 62, 65], [6, 6, 24], at)
        memory.released(Ticks((at + (14 if rested else 36)) * GRID_TICKS))
        at = hear(memory, [65 + interval], [6], at + 36)
        at += LONGEST_GAP + 1  # far enough for nothing to be connected
    legato = pitch_weights(memory, after([60, 62, 65], [6, 6, 24]))
    silent = pitch_weights(memory, after([60, 62, 65], [6, 6, 24], rested=True))
    assert legato.argmax() == 63
    assert silent.argmax() == 72


def test_a_long_silence_ends_the_line() -> None:
    memory = Memory()
    hear(memory, [60, 62], [6, LONGEST_GAP])
    memory.hear(69, Ticks((6 + LONGEST_GAP) * GRID_TICKS), C)
    assert pitch_weights(memory, after([60], [6]))[67] > 0
    apart = Memory()
    hear(apart, [60, 62], [6, LONGEST_GAP + 1])
    apart.hear(69, Ticks((7 + LONGEST_GAP) * GRID_TICKS), C)
    assert pitch_weights(apart, after([60], [6]))[67] == 0.0
    assert not apart.gap_weights(Past(), None, 6, LONGEST_GAP)[-1]


def test_a_jump_back_ends_the_line_and_nothing_else() -> None:
    memory = Memory()
    hear(memory, [60, 67], [6, 6], 1000)
    hear(memory, [61, 68], [6, 6], 0)
    weights = pitch_weights(memory, after([50], [6]))
    assert weights[57] > 0
    # From the 67 to the 61 nothing is remembered.
    assert weights[44] == 0.0
    assert len(memory) == 4
    assert np.flatnonzero(memory.gap_weights(Past(), None, 0, 96)).tolist() == [5]


def test_places_tell_rhythms_apart() -> None:
    """On the beat long, off it short: as bossa nova does."""
    memory, at = Memory(), 0
    for _ in range(8):
        at = hear(memory, [60, 64], [18, 6], at)
    on_beat = memory.gap_weights(Past(), None, 0, 96)
    off_beat = memory.gap_weights(Past(), None, 6, 96)
    assert 1 + int(on_beat.argmax()) == 18
    assert 1 + int(off_beat.argmax()) == 6


def test_gaps_longer_than_asked_for_are_left_out() -> None:
    memory = Memory()
    hear(memory, [60, 62, 64, 65], [30, 6, 30, 6])
    weights = memory.gap_weights(Past(), None, 0, 12)
    assert weights.shape == (12,)
    assert np.flatnonzero(weights).tolist() == [5]


def test_confidence_grows_with_what_was_heard() -> None:
    memory, found = Memory(), []
    for i in range(SIZE + 20):
        memory.hear(60 + i % 5, Ticks(i * 240), C)
        found.append(memory.confidence())
    assert found[: SIZE - 1] == sorted(found[: SIZE - 1])
    assert found[int(DOUBT) - 1] == pytest.approx(0.5)
    assert 0.9 < found[-1] < 1.0


def test_the_centre_is_where_the_player_was_lately() -> None:
    memory = Memory()
    at = hear(memory, [50] * HALF_LIFE, [6] * HALF_LIFE)
    assert memory.centre() == pytest.approx(50)
    hear(memory, [80] * HALF_LIFE, [6] * HALF_LIFE, at)
    # The later half counts twice as much as the earlier one.
    assert memory.centre() == pytest.approx(70, abs=0.5)


notes_heard = st.lists(
    st.tuples(
        st.integers(0, 127),
        st.integers(-60, 400),
        st.none() | st.sampled_from(NOTE_KINDS),
        st.integers(1, 3000),
    ),
    max_size=30,
)


@given(notes_heard, st.lists(st.integers(0, 127), max_size=5), st.integers(0, 11))
def test_whatever_was_heard_weights_are_weights(
    heard: list[tuple[int, int, Kind | None, int]], line: list[int], place: int
) -> None:
    memory, step = Memory(), 0
    for pitch, gap, kind, length in heard:
        step += gap
        memory.hear(pitch, Ticks(step * GRID_TICKS), kind)
        memory.released(Ticks(step * GRID_TICKS + length))
    past = after(line, [6] * len(line))
    for kind in (*NOTE_KINDS, None):
        weights = pitch_weights(memory, past, kind)
        assert weights.shape == (128,)
        assert np.isfinite(weights).all()
        assert (weights >= 0).all()
    gaps = memory.gap_weights(past, 1, place, 192)
    assert np.isfinite(gaps).all()
    assert (gaps >= 0).all()
    assert 0.0 <= memory.confidence() < 1.0
    assert len(memory) <= len(heard)
    assert (memory.centre() is None) == (not heard)
