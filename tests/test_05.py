"""The functions of 05 against Keras on random input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions
from utils import checks

NOTEBOOK = NOTEBOOKS / "05_transfer_learning_vgg16.ipynb"
FEW = settings(max_examples=20)
BLOCKS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 9)), min_size=1, max_size=4
)


@pytest.fixture(scope="module")
def scratch():
    import keras
    import tensorflow as tf
    from keras import layers

    space = definitions(NOTEBOOK)  # updated, since functions look there
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    space.update({"keras": keras, "tf": tf, "layers": layers, "np": np, "math": math})
    space.update({"from_logits": loss, "SEEDS": (1, 2, 3)})
    space["clearly_greater"] = checks.clearly_greater
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@FEW
@given(blocks=BLOCKS, exponent=st.integers(4, 6))
def test_counts_are_those_of_the_base(scratch, blocks, exponent):
    counts = scratch["count_base"](blocks, 2**exponent)
    base = scratch["build_base"](blocks)
    for number, (weights, work) in enumerate(counts, start=1):
        kept = [x for x in base.layers if x.name.startswith(f"block{number}_conv")]
        assert weights == sum(layer.count_params() for layer in kept)
        side = 2 ** (exponent - number + 1)
        assert work == sum(math.prod(x.kernel.shape) * side**2 for x in kept)
    shape = base.compute_output_shape((None, 2**exponent, 2**exponent, 3))
    side = 2 ** (exponent - len(blocks))
    assert shape == (None, side, side, blocks[-1][1])


def test_preprocessing_stands_in_the_base(scratch):
    import keras

    keras.utils.set_random_seed(1)
    base = scratch["build_base"](((1, 4),))
    photos = np.random.default_rng(1).integers(0, 256, (2, 6, 8, 3))
    ready = keras.applications.vgg16.preprocess_input(photos.astype("float32"))
    kernel, bias = base.get_weights()
    expected = keras.ops.relu(keras.ops.conv(ready, kernel, padding="same") + bias)
    expected = keras.ops.max_pool(expected, 2, 2)
    np.testing.assert_allclose(base(photos.astype("uint8")), expected, atol=1e-3)


@FEW
@given(
    st.integers(2, 12), st.integers(1, 6), st.integers(2, 4), st.integers(0, 30),
    st.integers(0, 9),
)  # fmt: skip
def test_head_is_plain_gradient_descent(scratch, n, features, classes, steps, seed):
    import tensorflow as tf

    x = numbers(seed, n, features)
    y = np.random.default_rng(seed).integers(0, classes, n)
    kernel, bias = tf.Variable(tf.zeros((features, classes))), tf.zeros(classes)
    bias = tf.Variable(bias)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = scratch["from_logits"](y, x @ kernel + bias)
        slopes = tape.gradient(loss, [kernel, bias])
        for weight, slope in zip((kernel, bias), slopes, strict=True):
            weight.assign_sub(scratch["HEAD_RATE"] * slope)
    ours = scratch["train_head"](x, y, classes, steps)
    np.testing.assert_allclose(ours[0], kernel, atol=1e-4)
    np.testing.assert_allclose(ours[1], bias, atol=1e-4)


@FEW
@given(st.integers(1, 5), st.integers(2, 4), st.integers(0, 99))
def test_draw_takes_as_many_of_each_class(scratch, per_class, classes, seed):
    labels = np.random.default_rng(7).permutation(np.repeat(range(classes), 6))
    places = scratch["draw"](labels, per_class, seed)
    assert len(set(places)) == len(places) == per_class * classes
    assert np.bincount(labels[places]).tolist() == [per_class] * classes
    again = scratch["draw"](labels, per_class, seed)
    np.testing.assert_array_equal(places, again)


def test_other_seeds_draw_others(scratch):
    labels = np.repeat((0, 1), 500)
    first, second = (set(scratch["draw"](labels, 50, seed)) for seed in (1, 2))
    assert len(first & second) < 30
    order = labels[scratch["draw"](labels, 50, 1)]
    assert 20 < np.abs(np.diff(order)).sum() < 80  # the classes are mixed


@FEW
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 5))
def test_quarters_are_pooled_maps(scratch, n, half_height, half_width, channels):
    from keras import layers

    maps = numbers(3, n, 2 * half_height, 2 * half_width, channels)
    expected = layers.AveragePooling2D((half_height, half_width))(maps)
    ours = scratch["quarters"](maps)
    np.testing.assert_allclose(ours, np.reshape(expected, (n, -1)), atol=1e-5)


@FEW
@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6), st.integers(1, 5))
def test_class_map_is_a_convolution(scratch, n, height, width, channels):
    import keras

    maps, weights = numbers(1, n, height, width, channels), numbers(2, channels)
    expected = keras.ops.conv(maps, weights.reshape(1, 1, channels, 1))[..., 0]
    ours = scratch["class_map"](maps, weights)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_drift_of_each_block(scratch):
    blocks = ((1, 2), (2, 3))
    before = [numbers(i, 4, i + 1) for i in range(6)]
    after = [array.copy() for array in before]
    after[4] *= 3  # the kernel of the last convolution
    first, second = scratch["drift"](before, after, blocks)
    length = math.sqrt(sum(float(np.sum(array**2)) for array in before[2:]))
    assert first == 0
    assert second == pytest.approx(2 * np.linalg.norm(before[4]) / length, rel=1e-5)


def test_trainer_trains_what_it_is_given(scratch):
    import keras
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)  # a function without a file has no graph
    try:
        check_trainer(scratch, keras)
    finally:
        tf.config.run_functions_eagerly(False)


def check_trainer(scratch, keras):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, name="a"), keras.layers.Dense(2)]
    )
    start = model.get_weights()
    x, y = numbers(1, 8, 3), np.arange(8) % 2
    epoch, restart = scratch["trainer"](model, model.layers[1].trainable_variables)
    batches = np.arange(8).reshape(2, 4)

    def run():
        model.set_weights(start)
        restart(0.01)
        epoch(x, y, batches)
        return model.get_weights()

    once = run()
    for kept, before in zip(once[:2], start[:2], strict=True):
        np.testing.assert_array_equal(kept, before)
    # Adam's first step is the rate itself, whatever the gradient; two are at most two.
    moved = np.abs(once[2] - start[2])
    assert 0.005 < moved.max() <= 0.0201
    for first, second in zip(once, run(), strict=True):  # nothing is remembered
        np.testing.assert_allclose(first, second, atol=1e-7)


def test_random_weights_have_he_variance(scratch):
    like = [np.zeros((3, 3, 16, 200)), np.ones(200)]
    kernel, bias = scratch["random_weights"](like, 1)
    assert kernel.shape == like[0].shape and not bias.any()
    assert kernel.std() == pytest.approx(math.sqrt(2 / (9 * 16)), rel=0.02)
    other = scratch["random_weights"](like, 2)[0]
    assert abs(np.corrcoef(kernel.ravel(), other.ravel())[0, 1]) < 0.05


def test_smallest_overlap(scratch):
    find, zero = scratch["smallest_overlap"], np.zeros(3)
    far, near = np.array([1, 1.1, 0.9]), np.array([0.1, -0.1, 0])
    assert find((5, 10, 20), (far, near, far), (zero,) * 3) == 10
    assert find((5, 10), (far, far), (zero,) * 2) is None
    assert find((5, 10), (-far, far), (zero,) * 2) == 5
