"""The from-scratch functions of 00 against Keras, SciPy and scikit-learn."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions
from utils import checks

NOTEBOOK = NOTEBOOKS / "00_getting_started.ipynb"
FUNCTIONS = (
    "batched_product", "softmax", "cross_entropy", "sigmoid", "train_step",
    "split_indices", "standard_error", "majority_class", "nearest_mean",
    "clearly_greater",
)  # fmt: skip
FEW = settings(max_examples=40)
pytestmark = [
    pytest.mark.filterwarnings("error::RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:You are using a softmax over axis"),
]


@pytest.fixture(scope="module")
def scratch():
    return definitions(NOTEBOOK, FUNCTIONS)


def numbers(seed, *shape, scale=1.0):
    values = np.random.default_rng(seed).normal(size=shape) * scale
    return values.astype("float32")


@FEW
@given(
    shape=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    scale=st.sampled_from([0.1, 1, 30, 1e4]),
    seed=st.integers(0, 99),
)
def test_softmax_equals_scipy_and_keras(scratch, shape, scale, seed):
    import keras

    logits = numbers(seed, *shape, scale=scale)
    got = scratch["softmax"](logits)
    assert got.shape == logits.shape
    close = {"rtol": 1e-4, "atol": 1e-6}
    np.testing.assert_allclose(got, scipy.special.softmax(logits, axis=-1), **close)
    np.testing.assert_allclose(got, keras.ops.softmax(logits), **close)
    np.testing.assert_allclose(got.sum(axis=-1), 1, rtol=1e-5)


@FEW
@given(
    count=st.integers(1, 12),
    classes=st.integers(1, 6),
    scale=st.sampled_from([0.1, 1, 30, 1e3]),
    seed=st.integers(0, 99),
)
def test_cross_entropy_equals_scipy_and_keras(scratch, count, classes, scale, seed):
    import keras

    logits = numbers(seed, count, classes, scale=scale)
    labels = np.random.default_rng(seed).integers(classes, size=count)
    got = scratch["cross_entropy"](labels, logits)
    by_scipy = -scipy.special.log_softmax(logits.astype(float), axis=1)
    expected = by_scipy[np.arange(count), labels].mean()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(got, loss(labels, logits), rtol=1e-4, atol=1e-5)


@FEW
@given(seed=st.integers(0, 999), scale=st.sampled_from([0.1, 1, 10]))
def test_two_class_softmax_is_a_sigmoid(scratch, seed, scale):
    pairs = numbers(seed, 9, 2, scale=scale).astype(float)
    got = scratch["sigmoid"](pairs[:, 1] - pairs[:, 0])
    np.testing.assert_allclose(got, scratch["softmax"](pairs)[:, 1], rtol=1e-6)
    np.testing.assert_allclose(got, scipy.special.expit(np.diff(pairs)[:, 0]))


@settings(max_examples=15)
@given(
    count=st.integers(1, 9),
    features=st.integers(1, 5),
    classes=st.integers(2, 5),
    rate=st.floats(0.01, 2),
    seed=st.integers(0, 99),
)
def test_train_step_equals_a_gradient(scratch, count, features, classes, rate, seed):
    import tensorflow as tf

    inputs, labels = numbers(seed, count, features), np.arange(count) % classes
    weights = numbers(seed + 1, features, classes), numbers(seed + 2, classes)
    variables = [tf.Variable(w) for w in weights]
    with tf.GradientTape() as tape:
        logits = inputs @ variables[0] + variables[1]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss = tf.reduce_mean(losses)
    gradients = tape.gradient(loss, variables)
    got = scratch["train_step"](*weights, inputs, labels, rate)
    for new, old, gradient in zip(got, weights, gradients, strict=True):
        assert new.shape == old.shape
        expected = old - rate * gradient.numpy()
        np.testing.assert_allclose(new, expected, rtol=1e-4, atol=1e-5)


@FEW
@given(sizes=st.tuples(*[st.integers(1, 5)] * 4), seed=st.integers(0, 99))
def test_batched_product(scratch, sizes, seed):
    batch, rows, inner, columns = sizes
    left, right = numbers(seed, batch, rows, inner), numbers(1, batch, inner, columns)
    got = scratch["batched_product"](left, right)
    np.testing.assert_allclose(got, left @ right, rtol=1e-4, atol=1e-5)


@FEW
@given(data=st.data(), count=st.integers(1, 60), seed=st.integers(0, 99))
def test_split_has_every_index_once(scratch, data, count, seed):
    held_out = data.draw(st.integers(0, count))
    first, second = scratch["split_indices"](count, held_out, seed)
    assert (len(first), len(second)) == (count - held_out, held_out)
    assert sorted([*first, *second]) == list(range(count))
    again = scratch["split_indices"](count, held_out, seed)
    assert np.array_equal(first, again[0]) and np.array_equal(second, again[1])


@FEW
@given(right=st.integers(0, 50), wrong=st.integers(0, 50))
def test_standard_error_is_that_of_a_mean(scratch, right, wrong):
    if right + wrong == 0:
        return
    correct = np.arange(right + wrong) < right
    expected = scipy.stats.sem(correct.astype(float), ddof=0)
    assert np.isclose(scratch["standard_error"](correct), expected)


@settings(max_examples=20)
@given(
    classes=st.integers(2, 4),
    shape=st.sampled_from([(3,), (2, 2), (2, 3, 1)]),
    seed=st.integers(0, 99),
)
def test_baselines_equal_scikit_learn(scratch, classes, shape, seed):
    from sklearn.dummy import DummyClassifier
    from sklearn.neighbors import NearestCentroid

    images, new = numbers(seed, 30, *shape), numbers(seed + 1, 20, *shape)
    labels = np.r_[np.arange(classes), np.zeros(30 - classes, int)]
    labels[10:16] = np.arange(6) % classes
    flat, new_flat = images.reshape(30, -1), new.reshape(20, -1)
    expected = NearestCentroid().fit(flat, labels).predict(new_flat)
    got = scratch["nearest_mean"](images, labels, new)
    assert np.array_equal(got, expected)
    dummy = DummyClassifier(strategy="most_frequent").fit(flat, labels)
    assert scratch["majority_class"](labels) == dummy.predict(flat)[0]


@FEW
@given(count=st.integers(3, 40), shift=st.floats(-3, 3), seed=st.integers(0, 99))
def test_clearly_greater_is_a_paired_test(scratch, count, shift, seed):
    a, b = numbers(seed, count) + shift, numbers(seed + 1, count)
    t = scipy.stats.ttest_rel(a, b).statistic
    if abs(abs(t) - 2) > 1e-3:
        for greater in (scratch["clearly_greater"], checks.clearly_greater):
            assert greater(a, b) == (t > 2)
            assert greater(b, a) == (t < -2)
