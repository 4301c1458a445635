"""The functions of 06a against Keras and finite differences on random input."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "06a_rnn_lstm_gru.ipynb"
FEW = settings(max_examples=20)
SIZES = st.tuples(*[st.integers(1, 5)] * 4)  # batch, steps, features, units


@pytest.fixture(scope="module")
def scratch():
    space = definitions(NOTEBOOK)
    space.update({"np": np, "Counter": Counter, "UNITS": 6})
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def keras_states(name, inputs, weights, start=None, **settings):
    """All outputs of a Keras layer in 64 bits, and its last states."""
    import keras

    layer = getattr(keras.layers, name)(
        len(weights[1]), return_sequences=True, return_state=True, dtype="float64",
        **settings,
    )  # fmt: skip
    layer.build(inputs.shape)
    layer.set_weights(weights)
    return [np.array(found) for found in layer(inputs, initial_state=start)]


@FEW
@given(sizes=SIZES)
def test_simple_rnn_equals_keras(scratch, sizes):
    b, steps, m, n = sizes
    inputs, start = numbers(1, b, steps, m), numbers(2, b, n)
    weights = numbers(3, m, n), numbers(4, n, n), numbers(5, n)
    for state in (None, start):
        got = scratch["simple_rnn"](inputs, *weights, state)
        theirs, _ = keras_states("SimpleRNN", inputs, weights, state)
        np.testing.assert_allclose(got, theirs, atol=1e-12)


@FEW
@given(sizes=SIZES)
def test_lstm_equals_keras(scratch, sizes):
    b, steps, m, n = sizes
    inputs = numbers(1, b, steps, m)
    weights = numbers(3, m, 4 * n), numbers(4, n, 4 * n), numbers(5, 4 * n)
    for start in (None, [numbers(6, b, n), numbers(7, b, n)]):
        hidden, cells = scratch["lstm"](inputs, *weights, *(start or []))
        theirs, h, c = keras_states("LSTM", inputs, weights, start)
        np.testing.assert_allclose(hidden, theirs, atol=1e-12)
        np.testing.assert_allclose(hidden[:, -1], h, atol=1e-12)
        np.testing.assert_allclose(cells[:, -1], c, atol=1e-12)


@FEW
@given(sizes=SIZES, reset_after=st.booleans())
def test_gru_equals_keras(scratch, sizes, reset_after):
    b, steps, m, n = sizes
    inputs = numbers(1, b, steps, m)
    bias = numbers(5, 2, 3 * n) if reset_after else numbers(5, 3 * n)
    weights = numbers(3, m, 3 * n), numbers(4, n, 3 * n), bias
    for start in (None, numbers(6, b, n)):
        got = scratch["gru"](inputs, *weights, reset_after, start)
        settings = {"reset_after": reset_after}
        theirs, _ = keras_states("GRU", inputs, weights, start, **settings)
        np.testing.assert_allclose(got, theirs, atol=1e-12)


@FEW
@given(sizes=SIZES, outputs=st.integers(1, 3))
def test_bptt_equals_finite_differences(scratch, sizes, outputs):
    b, steps, m, n = sizes
    inputs, targets = numbers(1, b, steps, m), numbers(2, b, steps, outputs)
    weights = [
        numbers(3, m, n),
        numbers(4, n, n),
        numbers(5, n),
        numbers(6, n, outputs),
    ]
    state = numbers(7, b, n)
    loss, terms, last = scratch["bptt"](inputs, targets, *weights, state)
    states = scratch["simple_rnn"](inputs, *weights[:3], state)
    np.testing.assert_allclose(last, states[:, -1])
    wrong = states @ weights[3] - targets
    np.testing.assert_allclose(loss, np.sum(wrong**2) / 2 / b)
    for index, gradient in enumerate(terms):
        assert gradient.shape == (steps, *weights[index].shape)
        place = (-1,) * weights[index].ndim
        sides = []
        for shift in (1e-5, -1e-5):
            moved = [weight.copy() for weight in weights]
            moved[index][place] += shift
            sides.append(scratch["bptt"](inputs, targets, *moved, state)[0])
        slope = (sides[0] - sides[1]) / 2e-5
        found = gradient.sum(axis=0)[place]
        np.testing.assert_allclose(found, slope, rtol=1e-4, atol=1e-6)


@FEW
@given(sizes=SIZES, piece=st.integers(1, 6))
def test_truncation_stops_errors_at_the_pieces(scratch, sizes, piece):
    b, steps, m, n = sizes
    inputs, targets = numbers(1, b, steps, m), numbers(2, b, steps, 1)
    weights = [numbers(3, m, n), numbers(4, n, n), numbers(5, n), numbers(6, n, 1)]
    got = scratch["truncated"](inputs, targets, *weights, piece=piece)
    states = scratch["simple_rnn"](inputs, *weights[:3])
    total = 0
    for begin in range(0, steps, piece):
        part = slice(begin, begin + piece)
        state = states[:, begin - 1] if begin else np.zeros((b, n))
        terms = scratch["bptt"](inputs[:, part], targets[:, part], *weights, state)[1]
        total = total + terms[1].sum(axis=0)
    np.testing.assert_allclose(got[1], total, atol=1e-12)


@FEW
@given(size=st.integers(1, 5), steps=st.integers(1, 6))
def test_backward_norms_follow_the_product(scratch, size, steps):
    jacobians = numbers(1, steps, size, size)
    norms = scratch["backward_norms"](jacobians)
    product = np.eye(size)
    for k in range(steps):
        product = product @ jacobians[-1 - k]
        np.testing.assert_allclose(norms[k + 1], np.linalg.norm(product, 2))
    assert norms[0] == 1 and len(norms) == steps + 1


@FEW
@given(limit=st.floats(0.01, 20), counts=st.lists(st.integers(1, 4), min_size=1))
def test_clip_keeps_direction_and_limit(scratch, limit, counts):
    gradients = [numbers(k, k + 1, count) for k, count in enumerate(counts)]
    clipped = scratch["clip"](gradients, limit)
    before = math.sqrt(sum(np.sum(g**2) for g in gradients))
    after = math.sqrt(sum(np.sum(g**2) for g in clipped))
    np.testing.assert_allclose(after, min(before, limit))
    for old, new in zip(gradients, clipped, strict=True):
        np.testing.assert_allclose(new * before, old * after)


@FEW
@given(
    words=st.lists(st.sampled_from("abcd"), min_size=1, max_size=6),
    spare=st.integers(0, 3),
)
def test_encode_round_trip(scratch, words, spare):
    vocabulary = scratch["build_vocabulary"]([" ".join(words)])
    row = scratch["encode"](" ".join([*words, "z"]), vocabulary, len(words) + 2 + spare)
    assert [vocabulary[n] for n in row] == [
        "[start]", *words, "[unknown]", *["[pad]"] * spare,
    ]  # fmt: skip
    counts = [words.count(word) for word in vocabulary[3:]]
    assert counts == sorted(counts, reverse=True)


@FEW
@given(steps=st.integers(1, 9), seed=st.integers(0, 99))
def test_streams_mark_the_number_asked_for(scratch, steps, seed):
    draw = np.random.default_rng(seed)
    lags = draw.integers(0, steps, 7)
    pairs, labels = scratch["streams"](steps, lags, draw)
    assert set(np.unique(pairs[:, :, 0])) <= {-1, 1}
    assert (pairs[:, :, 1].sum(axis=1) == 1).all()
    np.testing.assert_array_equal(pairs[:, :, 1].argmax(axis=1), steps - 1 - lags)
    marked = (pairs[:, :, 0] * pairs[:, :, 1]).sum(axis=1)
    np.testing.assert_array_equal(labels, marked > 0)
