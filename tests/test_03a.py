"""The functions of 03a against Keras on random input, and their definitions."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "03a_dropout_batchnorm.ipynb"
FEW = settings(max_examples=25)
SHAPES = st.lists(st.integers(2, 5), min_size=2, max_size=4).map(tuple)
RATES = st.floats(0, 0.9)


@pytest.fixture(scope="module")
def scratch():
    return definitions(NOTEBOOK) | {"np": np, "math": math}


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(1, 2, shape)


@FEW
@given(shape=SHAPES, rate=RATES, seed=st.integers(0, 99))
def test_dropout_keeps_or_drops_and_rescales(scratch, shape, rate, seed):
    inputs, rng = numbers(seed, *shape), np.random.default_rng(seed)
    got = scratch["dropout"](inputs, rate, rng, training=True)
    kept = got != 0
    np.testing.assert_allclose(got[kept], inputs[kept] / (1 - rate))
    same = scratch["dropout"](inputs, rate, rng, training=False)
    np.testing.assert_array_equal(same, inputs)
    if rate == 0:
        assert kept.all()


@FEW
@given(size=st.integers(1, 7), rate=st.floats(0.05, 0.9))
def test_the_mean_over_all_masks_is_the_input(scratch, size, rate):
    inputs, mean = numbers(size, size), 0
    for mask in itertools.product([0, 1], repeat=size):
        chance = math.prod(1 - rate if kept else rate for kept in mask)
        mean += chance * scratch["apply_mask"](inputs, np.array(mask), rate)
    np.testing.assert_allclose(mean, inputs)


@FEW
@given(
    shape=SHAPES, momentum=st.floats(0, 0.99), epsilon=st.floats(1e-3, 1),
    steps=st.integers(1, 4),
)  # fmt: skip
def test_batch_norm_equals_keras(scratch, shape, momentum, epsilon, steps):
    from keras import layers

    layer = layers.BatchNormalization(momentum=momentum, epsilon=epsilon)
    layer.build(shape)
    start = [numbers(k, shape[-1]) for k in range(3)] + [np.full(shape[-1], 0.7)]
    layer.set_weights(start)
    gamma, beta, mean, variance = start
    for step in range(steps):
        batch = numbers(step, *shape)
        got, mean, variance = scratch["batch_norm"](
            batch, gamma, beta, mean, variance, momentum, epsilon, training=True
        )
        np.testing.assert_allclose(
            got, layer(batch, training=True), rtol=1e-3, atol=1e-3
        )
    for ours, theirs in zip((mean, variance), layer.get_weights()[2:], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    tail = mean, variance, momentum, epsilon
    got, *same = scratch["batch_norm"](batch, gamma, beta, *tail, training=False)
    np.testing.assert_allclose(got, layer(batch, training=False), rtol=1e-3, atol=1e-2)
    assert same[0] is mean and same[1] is variance


@FEW
@given(shape=SHAPES, epsilon=st.floats(1e-2, 1))
def test_gradients_equal_finite_differences(scratch, shape, epsilon):
    batch, upstream = numbers(1, *shape), numbers(2, *shape)
    gamma, beta = numbers(3, shape[-1]), numbers(4, shape[-1])

    def total(batch, gamma, beta):
        rest = 0, 1, 0.9, epsilon
        return np.sum(
            upstream * scratch["batch_norm"](batch, gamma, beta, *rest, True)[0]
        )

    found = scratch["batch_norm_gradients"](batch, gamma, epsilon, upstream)
    for index, gradient in enumerate(found):
        place = (0,) * gradient.ndim
        sides = []
        for sign in (1, -1):
            moved = [batch.copy(), gamma.copy(), beta.copy()]
            moved[index][place] += sign * 1e-5
            sides.append(total(*moved))
        slope = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose(gradient[place], slope, rtol=1e-3, atol=1e-4)


@FEW
@given(shape=SHAPES, epsilon=st.floats(1e-3, 1))
def test_layer_norm_is_batch_norm_of_the_transpose(scratch, shape, epsilon):
    inputs = numbers(1, *shape).reshape(-1, shape[-1])
    got = scratch["layer_norm"](inputs, 1, 0, epsilon)
    turned, *_ = scratch["batch_norm"](inputs.T, 1, 0, 0, 1, 0.9, epsilon, True)
    np.testing.assert_allclose(got, turned.T)


@FEW
@given(count=st.integers(1, 60), share=st.floats(0, 1))
def test_spoil_spoils_exactly_that_share(scratch, count, share):
    draw = np.random.default_rng(count)
    labels = draw.integers(0, 10, count)
    before = labels.copy()
    wrong = scratch["spoil"](labels, share, draw)
    assert np.sum(wrong != labels) == round(share * count)
    np.testing.assert_array_equal(labels, before)


@FEW
@given(values=st.lists(st.floats(-5, 5), min_size=1), amount=st.floats(0, 3))
def test_soft_threshold_minimises_the_penalised_square(scratch, values, amount):
    got = scratch["soft_threshold"](np.array(values), amount)

    def price(w):
        return (w - np.array(values)) ** 2 / 2 + amount * np.abs(w)

    for other in np.linspace(-6, 6, 41):
        assert (price(got) <= price(other) + 1e-9).all()
