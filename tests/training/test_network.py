"""Training: solos as arrays, the same net in Keras and in NumPy, and a course that can stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from live_improv.charts.text import parse
from live_improv.corpus import Solo
from live_improv.grammar import context as ctx
from live_improv.grammar.abstraction import kinds
from live_improv.grammar.context import Context, Past, choice_rows
from live_improv.grammar.realization import Register
from live_improv.grammar.recall import recall_gap, recall_pitch
from live_improv.grammar.values import Kind
from live_improv.model import Sizes, initial_state, sounding_logits, step
from live_improv.model_folder import context_sizes
from live_improv.music.timing import Ticks
from live_improv.prediction import Predictor
from tests.lines import chart_text, note
from tests.small_nets import random_weights, sizes

pytest.importorskip("keras", reason="the train extra is not installed")

from live_improv.training import network as net
from live_improv.training.dataset import NO_ROW, Steps, chunk_count, lanes, solo_steps
from live_improv.training.settings import Settings
from live_improv.training.train import Epoch, train

Bars = list[list[tuple[int, str] | None]]

BLUES: Bars = [
    [(5, "7")],
    [(10, "7")],
    [(5, "7")],
    [(0, "m7"), (5, "7")],
    [(10, "7")],
    [(11, "dim7")],
    [(5, "7")],
    [(2, "7alt")],
    [(7, "m7")],
    [(0, "7")],
    [(5, "7"), None],
    [(7, "m7"), (0, "7#11")],
]


def solo(seed: int, notes: int, semitones: int = 0, split: str = "train") -> Solo:
    """A wandering line over a blues: eighths, triplets, leaps, long notes and rests."""
    chance = Random(seed)
    changes = parse(chart_text("4/4", BLUES, semitones))
    line, at, pitch = [], chance.randrange(0, 24), 67
    for _ in range(notes):
        gap = chance.choice((6, 6, 6, 6, 3, 4, 8, 12, 24, 57, 230))
        pitch += chance.choice((-2, -1, 1, 2, -4, 3, 5, -7, 14))
        pitch += 12 * (pitch < 50) - 12 * (pitch > 84)
        played = note(at, pitch + semitones, 1)
        line.append(replace(played, length=Ticks(chance.randint(20, gap * 40))))
        at += gap
    return Solo(
        id=f"s{seed}",
        split=split,
        performer="",
        title="",
        notes=tuple(line),
        changes=changes,
        bpm=168.0,
    )


def test_targets_are_what_the_solo_did() -> None:
    played = solo(1, 60)
    steps = solo_steps(played, straight=False)
    notes = played.notes
    assert len(steps) == len(notes)
    for i, here in enumerate(notes):
        if i:
            assert steps.interval[i] - 36 == here.pitch - notes[i - 1].pitch
            assert steps.last_pitch[i] == notes[i - 1].pitch
        assert steps.interval_weight[i] == (i > 0)
        if i + 1 == len(notes):
            assert steps.gap_weight[i] == steps.sounding_weight[i] == steps.resolved_weight[i] == 0
            break
        after = notes[i + 1]
        gap = (after.onset - here.onset) // 40
        assert steps.gap[i] + 1 == min(gap, 193)
        assert steps.gap_weight[i] == 1
        chord = played.changes.chord_at(here.onset)
        outside = chord.root is not None and here.pitch % 12 not in chord.scale
        assert steps.resolved_weight[i] == outside
        into = played.changes.chord_at(after.onset).chord_tones
        resolves = outside and abs(after.pitch - here.pitch) == 1 and after.pitch % 12 in into
        assert steps.resolved[i] == resolves
        silence = after.onset - here.onset - here.length
        sounds = -(-here.length // 40) if silence >= 240 else 0
        if gap <= 192:
            assert steps.sounding[i] == min(sounds, 48)
        assert steps.sounding_weight[i] == (gap > 6)
    # All of it occurs in the line.
    assert steps.resolved_weight.sum() > 3
    assert steps.resolved.sum() > 0
    assert steps.gap.max() == 192
    assert (steps.sounding > 0).sum() > 3


def test_inputs_are_the_context_of_the_line_so_far() -> None:
    played = solo(2, 40)
    steps = solo_steps(played, straight=False)
    seen = Context(played.changes, played.bpm, straight=False)
    past = Past()
    for i, (here, kind) in enumerate(
        zip(played.notes, kinds(played.notes, played.changes), strict=True)
    ):
        rows = [row for row in steps.rows[i] if row != NO_ROW]
        assert rows == seen.rows(here.onset, past)
        interval = here.pitch - past.pitches[-1] if past.pitches else None
        degree = (here.pitch - seen.root_at(here.onset)) % 12
        choice = [row for row in steps.choice[i] if row != NO_ROW]
        recalled = recall_gap(past.history, here.onset // 40)
        assert choice == choice_rows(interval, degree, kind, recalled.orders[0])
        assert np.abs(steps.gap_recall[i] - recalled.says).max() < 0.01
        assert np.abs(steps.pitch_recall[i] - recall_pitch(past.history).says).max() < 0.01
        assert steps.degree[i] == degree
        last = past.pitches[-1] if past.pitches else here.pitch
        assert steps.last_degree[i] == (last - seen.root_at(here.onset)) % 12
        assert steps.next_degree[i] == (last - seen.next_root_at(here.onset)) % 12
        for gap in (1, 7, 48, 192):
            there = Ticks(here.onset + gap * 40)
            assert steps.places[i, gap - 1] == seen.place_at(there)
        if i + 1 < len(played.notes):
            after = played.notes[i + 1].onset
            silence = after - here.onset - here.length
            gap = (after - here.onset) // 40
            past = past.then(here.pitch, kind, gap, rested=silence >= 240 or gap > 192)


def test_lengths_that_were_not_measured_are_not_learned() -> None:
    unknown = replace(solo(1, 30), lengths_known=False)
    assert not solo_steps(unknown, straight=False).sounding_weight.any()


def test_leaps_beyond_the_widest_interval_are_not_learned() -> None:
    played = solo(1, 4)
    notes = [replace(n, pitch=p) for n, p in zip(played.notes, (40, 80, 70, 106), strict=True)]
    steps = solo_steps(replace(played, notes=tuple(notes)), straight=False)
    assert steps.interval_weight.tolist() == [0, 0, 1, 1]
    assert steps.interval.tolist()[2:] == [26, 72]


def test_written_even_is_another_view_of_a_swung_line() -> None:
    line = [note(at, 60 + at % 5, 4) for beat in range(0, 96, 12) for at in (beat, beat + 8)]
    swung = replace(solo(1, 1), notes=tuple(line))
    played, even = solo_steps(swung, straight=False), solo_steps(swung, straight=True)
    assert played.gap[:4].tolist() == [7, 3, 7, 3]
    assert even.gap[:4].tolist() == [5, 5, 5, 5]
    first = sum(size for name, size in ctx.GROUPS.items() if list(ctx.GROUPS).index(name) < 12)
    assert list(ctx.GROUPS)[12] == "straight"
    assert (even.rows == first).any(axis=1).all()
    assert not (played.rows == first).any()


@pytest.mark.parametrize("semitones", [-5, -2, 1, 3, 6])
def test_a_transposed_solo_is_the_solo_of_the_transposed_notes(semitones: int) -> None:
    for seed in (3, 4):
        moved = solo_steps(solo(seed, 50), straight=False).transposed(semitones)
        expected = solo_steps(solo(seed, 50, semitones), straight=False)
        for field in fields(Steps):
            found, wanted = getattr(moved, field.name), getattr(expected, field.name)
            assert np.array_equal(found, wanted), field.name
            assert found.dtype == wanted.dtype, field.name


def test_transposing_stops_at_the_edges_of_the_register() -> None:
    for pitch, semitones in ((98, 6), (37, -5)):
        high = replace(solo(1, 1), notes=tuple(note(i * 6, pitch, 6) for i in range(3)))
        moved = solo_steps(high, straight=False).transposed(semitones)
        notes = tuple(replace(each, pitch=pitch + semitones) for each in high.notes)
        key = parse(chart_text("4/4", BLUES, semitones))
        expected = solo_steps(replace(high, notes=notes, changes=key), straight=False)
        assert np.array_equal(moved.rows, expected.rows)


def numbered(lengths: Sequence[int]) -> list[Steps]:
    """Solos of these lengths whose steps can be told apart: each has its number as last pitch."""
    found, number = [], 1
    whole = solo_steps(solo(1, max(lengths)), straight=False)
    for length in lengths:
        names = np.arange(number, number + length, dtype=np.int16)
        found.append(replace(whole.cut(0, length), last_pitch=names))
        number += length
    return found


@pytest.mark.parametrize(
    ("lengths", "count", "length"),
    [
        ((7, 3, 12, 5), 2, 4),
        ((1,), 3, 5),
        ((4, 4, 4), 1, 4),
        ((9, 2), 4, 3),
        ((5, 6, 7, 8, 9, 1, 1, 1, 20), 3, 6),
    ],
)
def test_every_step_is_played_once_and_in_order(
    lengths: tuple[int, ...], count: int, length: int
) -> None:
    solos = numbered(lengths)
    first_of = {int(each.last_pitch[0]): len(each) for each in solos}
    on_lane: list[list[int]] = [[] for _ in range(count)]
    begun = []
    chunks = list(lanes(solos, count, length))
    assert len(chunks) == chunk_count(solos, count, length)
    for chunk in chunks:
        assert chunk.begins.shape == (count,)
        assert chunk.steps.rows.shape == (count, length, solos[0].rows.shape[-1])
        for lane in range(count):
            names = [int(name) for name in chunk.steps.last_pitch[lane]]
            real = [name for name in names if name]
            # Padding is at the end and counts for nothing.
            assert names == real + [0] * (length - len(real))
            for field in fields(Steps):
                if field.name.endswith("_weight"):
                    assert not getattr(chunk.steps, field.name)[lane, len(real) :].any()
            if real:
                assert bool(chunk.begins[lane]) == (real[0] in first_of)
                begun += [real[0]] * bool(chunk.begins[lane])
            on_lane[lane] += real
    assert sorted(name for lane in on_lane for name in lane) == list(range(1, sum(lengths) + 1))
    assert begun == sorted(first_of)
    for lane_names in on_lane:
        # Solos one after the other, each whole and in order.
        while lane_names:
            whole = first_of[lane_names[0]]
            expected = list(range(lane_names[0], lane_names[0] + whole))
            assert lane_names[:whole] == expected
            lane_names[:whole] = []


@pytest.mark.parametrize(
    ("shape", "manners"),
    [
        (sizes(10, 8, 7), [None, None]),
        (context_sizes(6, 5, 4, groups=2), [None, None]),
        (context_sizes(6, 5, 4, groups=2, manners=3), [None, 2]),
    ],
    ids=["one net", "two nets", "two nets with manners"],
)
def test_keras_and_numpy_play_the_same_net(shape: Sizes, manners: list[int | None]) -> None:
    """200 steps of carried state, two lanes, all heads, weights that nobody trained."""
    count, length = 2, 50
    network = net.build(shape, count, length, dropout=0.5)
    rng = np.random.default_rng(0)
    network.set_weights([0.4 * rng.standard_normal(w.shape) for w in network.get_weights()])
    weights = net.export(network, shape)

    played = [solo(10, 200), solo(11, 200)]
    tables = [
        solo_steps(each, straight=False).in_manner(manner)
        for each, manner in zip(played, manners, strict=True)
    ]
    chunks = list(lanes(tables, count, length))
    assert len(chunks) == 4
    outputs: dict[str, list[np.ndarray]] = {name: [] for name in net.OUTPUTS}
    for chunk in chunks:
        net.reset(network, chunk.begins)
        inputs, _, _ = net.batch(chunk.steps, shape.manners)
        for name, found in network.predict_on_batch(inputs).items():
            outputs[name].append(np.asarray(found))
    keras_says = {name: np.concatenate(parts, axis=1) for name, parts in outputs.items()}

    for lane, each in enumerate(played):
        seen = Context(each.changes, each.bpm, straight=False, manner=manners[lane])
        predictor = Predictor(weights, seen)
        state, past = initial_state(weights), Past()
        found_kinds = kinds(each.notes, each.changes)
        for i, (here, kind) in enumerate(zip(each.notes, found_kinds, strict=True)):
            at = here.onset
            logits, state = predictor.step(state, at, past)
            says = {name: array[lane, i] for name, array in keras_says.items()}
            if past.pitches:
                # Without a promise to keep, so that no pitch is left out.
                free = replace(past, kind=Kind.CHORD)
                pitches = predictor.pitch_logits(logits, at, free, Register())
                low = past.pitches[-1] - 36
                assert np.abs(pitches[low : low + 73] - says["interval"]).max() < 1e-4
            time = predictor.time_logits(logits, at, past, here.pitch, kind)
            gaps = predictor.gap_logits(time, at, past, here.pitch, Kind.CHORD, Register())
            assert np.abs(gaps - says["gap"]).max() < 1e-4
            degree = (here.pitch - predictor.context.root_at(at)) % 12
            assert abs(logits.approach[degree] - says["resolved"][0]) < 1e-4
            if i + 1 == len(each.notes):
                break
            after = each.notes[i + 1].onset
            gap = (after - at) // 40
            sounds = sounding_logits(weights, time, ctx.gap_bin(gap))
            assert np.abs(sounds - says["sounding"]).max() < 1e-4
            rested = after - at - here.length >= 240 or gap > 192
            past = past.then(here.pitch, kind, gap, rested=rested)


@pytest.mark.parametrize("groups", [1, 2])
def test_what_is_exported_can_be_put_back(groups: int) -> None:
    shape = context_sizes(6, 5, 4, groups=groups, manners=2)
    weights = random_weights(5, shape=shape, recalls=True)
    # A manner speaks to the heads and not to the state.
    for block in np.split(weights.arrays["input"][shape.rows :], groups, axis=1):
        block[:, : 4 * shape.units] = 0.0
    network = net.build(shape, 1, 4)
    net.load_into(network, weights)
    again = net.export(network, shape)
    assert again.arrays.keys() == weights.arrays.keys()
    for name, array in weights.arrays.items():
        assert np.array_equal(again.arrays[name], array), name
    # A net without manners leaves those of the network alone.
    plain = random_weights(6, shape=context_sizes(6, 5, 4, groups=groups), recalls=True)
    net.load_into(network, plain)
    rows = net.export(network, shape).arrays["input"]
    assert np.array_equal(rows[: shape.rows], plain.arrays["input"])
    assert np.array_equal(rows[shape.rows :], weights.arrays["input"][shape.rows :])


def test_a_lane_that_does_not_begin_carries_its_state() -> None:
    shape = sizes()
    network = net.build(shape, 2, 4, dropout=0.0)
    rng = np.random.default_rng(1)
    network.set_weights([0.5 * rng.standard_normal(w.shape) for w in network.get_weights()])
    weights = net.export(network, shape)
    table = solo_steps(solo(5, 8), straight=False)
    (both,) = lanes([table.cut(0, 4)] * 2, 2, 4)
    inputs, _, _ = net.batch(both.steps)
    net.reset(network, np.array([True, True]))
    network.predict_on_batch(inputs)
    # The second lane begins anew, the first goes on.
    net.reset(network, np.array([False, True]))
    says = network.predict_on_batch(inputs)["resolved"]

    state = initial_state(weights)
    for expected in (says[1], says[0]):
        for i in range(4):
            rows = [int(row) for row in table.rows[i] if row != NO_ROW]
            logits, state = step(weights, state, rows)
            assert abs(logits.approach[table.degree[i]] - expected[i, 0]) < 1e-4
    assert np.abs(says[0] - says[1]).max() > 1e-3


def test_the_loss_is_the_code_length() -> None:
    # A net that knows nothing pays for each outcome the logarithm of how many there are.
    network = net.build(sizes(), 1, 30, dropout=0.0)
    network.set_weights([np.zeros_like(w) for w in network.get_weights()])
    table = solo_steps(solo(6, 30), straight=False)
    (chunk,) = lanes([table], 1, 30)
    inputs, targets, weights = net.batch(chunk.steps)
    says = network.predict_on_batch(inputs)
    found = {}
    for name, loss in net.losses().items():
        found[name] = float(loss(targets[name], says[name], sample_weight=weights[name]))
    heads = {"interval": 73, "gap": 193, "resolved": 2, "sounding": 49}
    for name, outcomes in heads.items():
        counted = getattr(table, f"{name}_weight").sum()
        assert counted > 0
        assert found[name] == pytest.approx(counted * np.log(outcomes), rel=1e-5)


SETTINGS = Settings(
    groups=2,
    units=8,
    pitch_units=8,
    time_units=8,
    lanes=2,
    length=16,
    epochs=2,
    patience=2,
    learning_rate=0.02,
    average=0.5,
)


def stepwise(seed: int, notes: int, split: str) -> Solo:
    """A line that is easily learned: scales up and down in eighths."""
    chance = Random(seed)
    pitches, direction = [60 + chance.randrange(12)], 2
    for _ in range(notes - 1):
        direction = -direction if not 55 < pitches[-1] + direction < 80 else direction
        pitches.append(pitches[-1] + direction)
    line = tuple(note(6 * i, pitch, 6) for i, pitch in enumerate(pitches))
    return replace(solo(seed, 1, split=split), notes=line)


class Interrupted(Exception):
    """Somebody pulled the plug."""


@pytest.mark.usefixtures("eagerly")
def test_training_learns_and_goes_on_where_it_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solos = [*(stepwise(i, 60, "train") for i in range(4)), stepwise(9, 30, "valid")]
    told: list[Epoch] = []
    whole = train(solos, SETTINGS, tmp_path / "whole", told.append)
    assert whole.weights.sizes.groups == 2
    for history in whole.histories:
        bits = [entry.total for entry in history]
        # Knowing nothing costs log2(73) + log2(193) = 13.8 bits.
        assert bits[0] < 13.5
        assert bits[1] < bits[0] - 0.1
    assert whole.histories[0] != whole.histories[1]
    assert [(each.group, each.number) for each in told] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert told[0].valid == whole.histories[0][0]
    assert str(told[0]).startswith(f"epoch  1  loss {told[0].loss:.3f}  valid ")

    def pull_the_plug(_epoch: Epoch) -> None:
        raise Interrupted

    folder = tmp_path / "interrupted"
    with pytest.raises(Interrupted):
        train(solos, SETTINGS, folder, pull_the_plug)
    resumed = train(solos, SETTINGS, folder, told.append)
    assert len(told) == 7
    for before, after in zip(whole.histories, resumed.histories, strict=True):
        expected = [entry.total for entry in before]
        assert [entry.total for entry in after] == pytest.approx(expected, abs=1e-6)
    for name, array in whole.weights.arrays.items():
        assert np.abs(array - resumed.weights.arrays[name]).max() < 1e-5, name

    # One that is finished has nothing left to do; one with other settings starts anew.
    assert train(solos, SETTINGS, folder, told.append).histories == resumed.histories
    assert len(told) == 7
    monkeypatch.setattr("live_improv.training.train.walk", lambda *_arguments: 0.0)
    other = train(solos, replace(SETTINGS, epochs=1), folder, told.append)
    assert [len(history) for history in other.histories] == [1, 1]
    assert other.histories[0][0].total > 13.5  # it has learned nothing yet
