"""The seeds' programs: shapes, sharing, feedback, and that they learn."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("keras", reason="the train extra is not installed")
# One thread: the networks are tiny, and the machine may be busy. Read when TensorFlow starts.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np

from live_improv.training import seeds

N_A = 8
VALUES = [f"C,{length},<+3,-3>" for length in ("0.250", "0.333", "0.500", "1.000", "2.000")]
LINE = [VALUES[index] for index in np.random.default_rng(3).integers(0, len(VALUES), 40)]


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    keras.utils.set_random_seed(0)


def inference(
    model: keras.Model, n_values: int = 5, Ty: int = 12, temperature: float = 0.0
) -> keras.Model:
    cell, densor = model.get_layer(seeds.LSTM_NAME), model.get_layer(seeds.DENSE_NAME)
    return seeds.music_inference_model(cell, densor, n_values, N_A, Ty, temperature)


def test_windows_are_encoded_and_shifted_by_one() -> None:
    windows = seeds.windows_of(LINE, m=7, Tx=6)
    assert windows.X.shape == (7, 6, 5)
    assert windows.Y.shape == (6, 7, 5)
    assert not windows.X[:, 0].any(), "before the first value nothing was heard"
    np.testing.assert_array_equal(windows.X[:, 1:].swapaxes(0, 1), windows.Y[:-1])
    np.testing.assert_array_equal(windows.Y.sum(axis=-1), 1.0)
    for window in windows.Y.argmax(axis=-1).T:
        texts = [windows.indices_values[int(index)] for index in window]
        assert any(LINE[at : at + 6] == texts for at in range(len(LINE))), "a piece of the line"


def test_the_known_experiment_has_its_sizes() -> None:
    windows = seeds.windows_of([f"R,{i}" for i in range(250)])
    assert windows.X.shape == (60, 30, 250)
    assert windows.Y.shape == (30, 60, 250)
    assert (windows.n_values, seeds.N_A, seeds.TY) == (250, 64, 50)


def test_the_vocabulary_is_sorted_and_goes_both_ways() -> None:
    windows = seeds.windows_of(list(reversed(LINE)), m=2, Tx=6)
    assert list(windows.indices_values.values()) == sorted(set(LINE))
    assert windows.n_values == 5
    for index, value in windows.indices_values.items():
        assert windows.values_indices[value] == index


def test_windows_are_the_same_for_a_seed_and_reach_both_ends() -> None:
    first, again, other = (seeds.windows_of(LINE, m=9, Tx=6, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.X, again.X)
    assert (first.X != other.X).any()
    only = seeds.windows_of(LINE, m=3, Tx=len(LINE))
    assert [only.indices_values[int(i)] for i in only.Y[:, 0].argmax(axis=-1)] == LINE


def test_too_few_values_are_named() -> None:
    with pytest.raises(seeds.SeedsError, match="29 values: expected at least 30"):
        seeds.windows_of(["R,1.000"] * 29)


def test_the_training_network_gives_a_softmax_per_step() -> None:
    model = seeds.djmodel(4, N_A, 5)
    assert [tuple(tensor.shape) for tensor in model.inputs] == [(None, 4, 5), (None, 8), (None, 8)]
    windows = seeds.windows_of(LINE, m=3, Tx=4)
    chances = seeds.probabilities(model, windows)
    assert chances.shape == (4, 3, 5)
    np.testing.assert_allclose(chances.sum(axis=-1), 1.0, atol=1e-5)


def test_layers_are_shared_over_time() -> None:
    short, long = (seeds.djmodel(Tx, N_A, 5).count_params() for Tx in (2, 9))
    # The exercise's own count at its sizes is 45,530 for 90 values and 64 units.
    assert short == long == 4 * N_A * (5 + N_A + 1) + (N_A + 1) * 5
    assert seeds.djmodel(2, 64, 90).count_params() == 45_530


def test_state_runs_through_the_steps() -> None:
    """The unrolled network is one LSTM over the whole window."""
    model = seeds.djmodel(6, N_A, 5)
    windows = seeds.windows_of(LINE, m=3, Tx=6)
    whole = keras.layers.LSTM(N_A, return_sequences=True)
    whole.build((None, 6, 5))
    whole.set_weights(model.get_layer(seeds.LSTM_NAME).get_weights())
    expected = model.get_layer(seeds.DENSE_NAME)(whole(windows.X))
    np.testing.assert_allclose(
        seeds.probabilities(model, windows).swapaxes(0, 1), expected, atol=1e-5
    )


def test_one_hot_is_the_likeliest_value_as_an_input() -> None:
    chances = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]], np.float32)
    encoded = keras.ops.convert_to_numpy(seeds.one_hot(chances))
    assert encoded.tolist() == [[[0, 1, 0]], [[1, 0, 0]]]


def test_the_likeliest_value_is_fed_back() -> None:
    model = seeds.djmodel(2, N_A, 5)
    results, indices = seeds.predict_and_sample(
        inference(model), np.zeros((1, 1, 5)), np.zeros((1, N_A)), np.zeros((1, N_A))
    )
    assert (results.shape, indices.shape) == ((12, 5), (12, 1))
    x, a, c = np.zeros((1, 1, 5), np.float32), np.zeros((1, N_A)), np.zeros((1, N_A))
    for step in range(12):
        a, _, c = model.get_layer(seeds.LSTM_NAME)(x, initial_state=[a, c])
        chosen = int(np.argmax(model.get_layer(seeds.DENSE_NAME)(a)))
        assert indices[step, 0] == chosen
        assert results[step].tolist() == np.eye(5)[chosen].tolist()
        x = np.eye(5, dtype=np.float32)[chosen].reshape(1, 1, 5)


def test_the_likeliest_line_is_one_line_and_zero_is_the_default_start() -> None:
    player = inference(seeds.djmodel(2, N_A, 5))
    zeros = (np.zeros((1, 1, 5)), np.zeros((1, N_A)), np.zeros((1, N_A)))
    _, given = seeds.predict_and_sample(player, *zeros, seed=1)
    _, default = seeds.predict_and_sample(player, seed=2)
    np.testing.assert_array_equal(given, default)


def test_what_is_drawn_follows_the_seed_and_is_fed_back() -> None:
    model = seeds.djmodel(2, N_A, 5)
    player = inference(model, temperature=1.0)
    results, indices = seeds.predict_and_sample(player, seed=4)
    np.testing.assert_array_equal(seeds.predict_and_sample(player, seed=4)[1], indices)
    assert (seeds.predict_and_sample(player, seed=5)[1] != indices).any()
    noise = np.random.default_rng(4).gumbel(size=(1, 12, 5))[0]
    x, a, c = np.zeros((1, 1, 5), np.float32), np.zeros((1, N_A)), np.zeros((1, N_A))
    for step in range(12):
        a, _, c = model.get_layer(seeds.LSTM_NAME)(x, initial_state=[a, c])
        logits = np.log(model.get_layer(seeds.DENSE_NAME)(a))
        chosen = int(np.argmax(logits + noise[step]))
        assert (indices[step, 0], int(results[step].argmax())) == (chosen, chosen)
        x = np.eye(5, dtype=np.float32)[chosen].reshape(1, 1, 5)


@pytest.mark.parametrize(("temperature", "expected"), [(1.0, 0.2), (0.5, 1 / 17)])
def test_draws_have_the_probabilities_of_the_network(temperature: float, expected: float) -> None:
    """4 : 1 at temperature 1 is 16 : 1 at temperature 0.5."""
    model = seeds.djmodel(2, N_A, 2)
    bias = np.log(np.array([0.8, 0.2], np.float32))
    model.get_layer(seeds.DENSE_NAME).set_weights([np.zeros((N_A, 2)), bias])
    player = inference(model, n_values=2, Ty=40, temperature=temperature)
    drawn = [seeds.predict_and_sample(player, seed=seed)[1] for seed in range(15)]
    share = float(np.mean(drawn))
    deviation = (expected * (1 - expected) / 600) ** 0.5
    assert abs(share - expected) < 4 * deviation


def test_layers_of_other_sizes_are_named() -> None:
    model = seeds.djmodel(2, N_A, 5)
    with pytest.raises(seeds.SeedsError, match="n_values 78: the layers have 8 and 5"):
        inference(model, n_values=78)
    with pytest.raises(seeds.SeedsError, match="temperature -1"):
        inference(model, temperature=-1.0)
    with pytest.raises(seeds.SeedsError, match=r"x0 of shape \(1, 5\)"):
        seeds.predict_and_sample(inference(model), np.zeros((1, 5)))


def test_the_loss_is_summed_over_the_steps_and_falls() -> None:
    windows = seeds.windows_of(LINE, m=8, Tx=3)
    model = seeds.djmodel(3, N_A, 5)
    chances = seeds.probabilities(model, windows)
    before = -np.log((chances * windows.Y).sum(axis=-1)).mean(axis=1).sum()
    seeds.compile_as_seeds(model)
    losses = seeds.fit(model, windows, epochs=3)
    assert len(losses) == 3
    assert losses[0] == pytest.approx(before, rel=1e-4), "one batch: the loss before the update"
    assert losses[2] < losses[1] < losses[0]


def test_the_rate_decays_with_every_update() -> None:
    model = seeds.djmodel(2, N_A, 5)
    seeds.compile_as_seeds(model)
    rates = []
    for updates in (0, 100, 200):
        model.optimizer.iterations.assign(updates)
        rates.append(float(model.optimizer.learning_rate))
    assert rates == pytest.approx([0.01, 0.01 / 2, 0.01 / 3])
