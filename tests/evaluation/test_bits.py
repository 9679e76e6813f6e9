"""Bits per note: figures that can be worked out by hand, and that nothing later changes."""

from __future__ import annotations

from dataclasses import replace
from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live_improv.charts.text import parse
from live_improv.corpus import Solo
from live_improv.evaluation.bits import Bits, bits_per_note, note_costs
from live_improv.music.events import Note
from live_improv.music.timing import Ticks
from tests.lines import even_line, line, lines, note
from tests.small_nets import random_weights, zero_weights

ZERO = zero_weights()
NET = random_weights(1, 0.7)

GAP = log2(193)
"""What a gap costs a net that knows nothing: 192 gaps, or a longer one."""


def solo(notes: tuple[Note, ...], chart: str) -> Solo:
    """A solo over a chart."""
    return Solo("x", "valid", "", "", notes, parse(chart), 120.0)


def costs(notes: tuple[Note, ...], chart: str = "C7") -> tuple[list[float], list[float]]:
    """What the onsets and the pitches of a line cost the net that knows nothing."""
    found = note_costs(ZERO, solo(notes, chart))
    return [onset for onset, _ in found], [pitch for _, pitch in found]


def test_a_net_that_knows_nothing_pays_for_all_that_may_be() -> None:
    onsets, pitches = costs(line(60, 62, 65, 67))
    assert onsets == pytest.approx([GAP] * 3)
    # Every interval up to three octaves, up and down.
    assert pitches == pytest.approx([log2(73)] * 3)


def test_at_the_edge_of_what_midi_says_there_are_fewer_pitches() -> None:
    _, pitches = costs(line(108, 124, 1))
    assert pitches[0] == pytest.approx(log2(127 - 72 + 1))
    _, pitches = costs(line(12, 0))
    assert pitches == pytest.approx([log2(12 + 36 + 1)])


def test_an_approach_tone_costs_its_kind_and_then_nearly_nothing() -> None:
    # Over C7, Eb goes up to E. Whether it resolves is even odds, a bit, charged to the E, which
    # is the only resolution there is.
    onsets, pitches = costs(line(60, 63, 64, 60))
    assert onsets == pytest.approx([GAP] * 3)
    assert pitches == pytest.approx([log2(73), 1.0, log2(73)])
    # B leads up to C and down to Bb.
    assert costs(line(60, 71, 72))[1] == pytest.approx([log2(73), 1.0 + 1.0])


def test_another_tone_costs_its_kind_and_does_not_resolve() -> None:
    # Db over C7 followed by F: the C below would have been a resolution.
    _, pitches = costs(line(60, 61, 65))
    assert pitches == pytest.approx([log2(73), 1.0 + log2(72)])
    # B: the C above and the Bb below.
    _, pitches = costs(line(60, 71, 65))
    assert pitches == pytest.approx([log2(73), 1.0 + log2(71)])


def test_the_last_note_does_not_pay_for_what_never_comes() -> None:
    assert costs(line(60, 61))[1] == pytest.approx([log2(73)])


def test_an_approach_tone_waits_for_a_chord_it_resolves_into() -> None:
    # Over C7 Eb leads to E, over F7 nowhere: bar by bar 47, none, 48, none, and the last step.
    onsets, pitches = costs(even_line((63, 64, 60), (6, 6, 6)), "C7 | F7")
    assert onsets == pytest.approx([log2(47 + 48 + 1 + 1), GAP])
    assert pitches == pytest.approx([1.0, log2(73)])


def test_over_no_chord_no_kind_is_paid_for() -> None:
    _, pitches = costs(line(60, 61, 60, 71, 72), "N.C.")
    assert pitches == pytest.approx([log2(73)] * 4)


def test_longer_gaps_cost_more_and_more() -> None:
    onsets, _ = costs(even_line((60, 60, 60, 60, 60), (192, 193, 200, 289, 48)))
    tail = log2(96)
    step = log2(96 / 95)
    assert onsets == pytest.approx([GAP, GAP + tail, GAP + tail + 7 * step, GAP + tail + 96 * step])


@pytest.mark.parametrize("interval", [36, -36, 37, -37, 48, -60])
def test_a_leap_beyond_three_octaves_is_impossible(interval: int) -> None:
    for net in (ZERO, NET):
        ((_, pitch),) = note_costs(net, solo(line(64, 64 + interval), "C7"))
        assert (pitch == 20.0) == (abs(interval) > 36)


def test_a_promise_that_could_not_be_meant_is_impossible() -> None:
    # Eb at the end of a bar of C7, five bars of F7, and then E over C7: a resolution from
    # further away than the net can plan, so its kind has probability 0.
    late = (note(47, 63), note(47 + 241, 64))
    onsets, pitches = costs(late, "C7 |" + "F7 |" * 5)
    assert pitches == [20.0]
    assert onsets == pytest.approx([log2(96) + 48 * log2(96 / 95)])


def test_the_first_note_is_not_counted() -> None:
    assert note_costs(NET, solo(line(60), "C7")) == []
    assert len(note_costs(NET, solo(line(60, 62, 64), "C7"))) == 2
    late, early = (note_costs(ZERO, solo((note(at, 60), note(48, 62)), "C7")) for at in (0, 6))
    assert late == early


def test_bits_are_the_mean_over_all_notes() -> None:
    short, long = solo(line(60, 97), "C7"), solo(line(60, 62, 65, 67), "C7")
    found = bits_per_note(ZERO, [short, long])
    assert found.notes == 4
    assert found.onset == pytest.approx(GAP)
    assert found.pitch == pytest.approx((20.0 + 3 * log2(73)) / 4)
    assert found.total == pytest.approx(found.onset + found.pitch)
    assert Bits(1.5, 2.25, 7).total == 3.75


def test_nothing_to_count_is_an_error() -> None:
    for solos in ([], [solo(line(60), "C7")]):
        with pytest.raises(ValueError, match="no notes"):
            bits_per_note(ZERO, solos)


def test_solos_do_not_know_of_each_other() -> None:
    one, two = solo(line(60, 62, 65), "C7"), solo(line(70, 67, 64), "F7")
    alone = [*note_costs(NET, one), *note_costs(NET, two)]
    both = bits_per_note(NET, [one, two])
    assert both.pitch == pytest.approx(sum(pitch for _, pitch in alone) / 4)


CHART = "C7 | F7 | Dm7 G7 | Ebdim7"


@settings(max_examples=60)
@given(lines(most=10), st.data())
def test_a_later_note_never_changes_what_an_earlier_one_cost(
    played: tuple[Note, ...], data: st.DataObject
) -> None:
    """Every cost is known when its note is: what a decoder needs comes first."""
    before = note_costs(NET, solo(played, CHART))
    changed = data.draw(st.integers(0, len(played) - 1))
    here = played[changed]
    pitch = data.draw(st.integers(40, 90))
    latest = played[changed + 1].onset - 40 if changed + 1 < len(played) else here.onset + 4000
    earliest = played[changed - 1].onset + 40 if changed else 0
    onset = data.draw(st.integers(earliest // 40, latest // 40)) * 40
    other = Note(Ticks(onset), Ticks(data.draw(st.integers(1, 400))), pitch)
    after = note_costs(NET, solo((*played[:changed], other, *played[changed + 1 :]), CHART))
    # Entry i is the cost of note i + 1.
    known = max(changed - 1, 0)
    assert after[:known] == before[:known]


def test_what_follows_decides_a_kind_and_pays_for_it() -> None:
    chance = Random(3)
    for _ in range(20):
        start = [chance.randrange(55, 75) for _ in range(4)]
        resolving = note_costs(NET, solo(line(*start, 63, 64), "C7"))
        leaving = note_costs(NET, solo(line(*start, 63, 66), "C7"))
        # The cost of Eb itself and of all before it is the same, whatever it turns out to be.
        assert resolving[:4] == leaving[:4]
        assert resolving[4] != leaving[4]


def test_state_is_carried() -> None:
    # The same last two notes after different beginnings long ago.
    ends = [(60, 62, 64, 65, 67, 69)] * 2
    starts = [(50, 52, 54, 55), (80, 70, 60, 50)]
    found = [
        note_costs(NET, solo(line(*s, *e), "C7"))[-1] for s, e in zip(starts, ends, strict=True)
    ]
    assert found[0] != found[1]


def test_the_tempo_and_the_chart_matter() -> None:
    here = solo(line(60, 62, 64, 65), "C7 | F7")
    base = note_costs(NET, here)
    assert note_costs(NET, replace(here, bpm=260.0)) != base
    assert note_costs(NET, replace(here, changes=parse("Am7 | F7"))) != base
    assert note_costs(NET, replace(here, changes=parse("C7 | Bb7"))) != base
