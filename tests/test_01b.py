"""The from-scratch functions of 01b against Keras and SciPy on random input."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "01b_pooling_and_other_convolutions.ipynb"
FEW = settings(max_examples=30)
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture(scope="module")
def scratch():
    return definitions(NOTEBOOK)


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def as_numpy(tensor):
    import keras

    return keras.ops.convert_to_numpy(tensor)


@FEW
@given(
    size=st.tuples(st.integers(4, 12), st.integers(4, 12)),
    window=st.integers(1, 4),
    strides=st.one_of(st.none(), st.integers(1, 4)),
    batch=st.integers(1, 3),
    channels=st.integers(1, 4),
)
def test_pooling_equals_keras(scratch, size, window, strides, batch, channels):
    import keras

    images = numbers(1, batch, *size, channels)
    largest = keras.layers.MaxPooling2D(window, strides)(images)
    mean = keras.layers.AveragePooling2D(window, strides)(images)
    got = scratch["max_pool2d"](images, window, strides)
    np.testing.assert_array_equal(got, as_numpy(largest))
    got = scratch["average_pool2d"](images, window, strides)
    np.testing.assert_allclose(got, as_numpy(mean), **CLOSE)


@FEW
@given(size=st.tuples(st.integers(3, 12), st.integers(3, 12)), seed=st.integers(0, 99))
def test_pooling_equals_scipy(scratch, size, seed):
    image = numbers(seed, *size)
    largest = scipy.ndimage.maximum_filter(image, 3)[1:-1, 1:-1]
    mean = scipy.ndimage.uniform_filter(image.astype(float), 3)[1:-1, 1:-1]
    batch = image[None, :, :, None]
    got = scratch["max_pool2d"](batch, 3, 1)[0, :, :, 0]
    np.testing.assert_array_equal(got, largest)
    got = scratch["average_pool2d"](batch, 3, 1)[0, :, :, 0]
    np.testing.assert_allclose(got, mean, **CLOSE)


@FEW
@given(
    steps=st.integers(5, 14),
    size=st.integers(1, 5),
    features=st.integers(1, 5),
    filters=st.integers(1, 4),
    with_bias=st.booleans(),
)
def test_conv1d_equals_keras_and_scipy(
    scratch, steps, size, features, filters, with_bias
):
    import keras

    sequences = numbers(1, 2, steps, features)
    kernels = numbers(2, size, features, filters)
    bias = numbers(3, filters) if with_bias else None
    got = scratch["conv1d"](sequences, kernels, bias)
    added = 0 if bias is None else bias
    expected = as_numpy(keras.ops.conv(sequences, kernels)) + added
    np.testing.assert_allclose(got, expected, **CLOSE)
    by_scipy = sum(
        scipy.signal.correlate(sequences[0, :, e], kernels[:, e, 0], "valid")
        for e in range(features)
    )
    by_scipy = by_scipy + (0 if bias is None else bias[0])
    np.testing.assert_allclose(got[0, :, 0], by_scipy, **CLOSE)


@FEW
@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    strides=st.integers(1, 4),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
)
def test_conv2d_transpose_equals_keras(
    scratch, size, kernel, strides, channels, filters
):
    import keras

    images = numbers(1, 2, *size, channels)
    kernels = numbers(2, *kernel, filters, channels)
    layer = keras.layers.Conv2DTranspose(filters, kernel, strides, use_bias=False)
    layer.build(images.shape)
    layer.set_weights([kernels])
    got = scratch["conv2d_transpose"](images, kernels, strides)
    np.testing.assert_allclose(got, as_numpy(layer(images)), **CLOSE)


@FEW
@given(
    steps=st.integers(1, 8),
    size=st.integers(1, 5),
    strides=st.integers(1, 4),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
)
def test_conv1d_transpose_equals_keras(
    scratch, steps, size, strides, channels, filters
):
    import keras

    sequences = numbers(1, 2, steps, channels)
    kernels = numbers(2, size, filters, channels)
    layer = keras.layers.Conv1DTranspose(filters, size, strides, use_bias=False)
    layer.build(sequences.shape)
    layer.set_weights([kernels])
    got = scratch["conv1d_transpose"](sequences, kernels, strides)
    np.testing.assert_allclose(got, as_numpy(layer(sequences)), **CLOSE)


@FEW
@given(
    size=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
)
def test_conv2d_transpose_at_stride_1_is_scipys_full_convolution(scratch, size, kernel):
    image, stamp = numbers(1, *size), numbers(2, *kernel)
    got = scratch["conv2d_transpose"](image[None, :, :, None], stamp[:, :, None, None])
    expected = scipy.signal.convolve2d(image, stamp)
    np.testing.assert_allclose(got[0, :, :, 0], expected, **CLOSE)


@FEW
@given(
    size=st.tuples(st.integers(5, 9), st.integers(5, 9)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    strides=st.integers(1, 3),
)
def test_matrix_convolves_and_its_transpose_scatters(scratch, size, kernel, strides):
    image, weights = numbers(1, *size), numbers(2, *kernel)
    matrix = scratch["convolution_matrix"](weights, *size, strides)
    expected = scipy.signal.correlate2d(image, weights, "valid")[::strides, ::strides]
    np.testing.assert_allclose(matrix @ image.ravel(), expected.ravel(), **CLOSE)
    got = scratch["conv2d_transpose"](
        expected[None, :, :, None], weights[:, :, None, None], strides
    )[0, :, :, 0]
    scattered = (matrix.T @ expected.ravel()).reshape(size)
    rows, columns = got.shape  # rows that no window reached get nothing
    rows, columns = min(rows, size[0]), min(columns, size[1])
    np.testing.assert_allclose(
        scattered[:rows, :columns], got[:rows, :columns], **CLOSE
    )
    assert not scattered[rows:].any() and not scattered[:, columns:].any()
