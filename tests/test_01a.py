"""The from-scratch functions of 01a against Keras, NumPy and SciPy on random input."""

import numpy as np
import pytest
import scipy.signal
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "01a_convolution_basics.ipynb"
FUNCTIONS = (
    "correlate1d", "convolve1d", "conv2d_naive", "conv2d", "centred", "output_size",
    "receptive_field", "leaky_bucket", "covariance", "pearson", "spearman",
    "normalised_correlation",
)  # fmt: skip
FEW = settings(max_examples=40)
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


@pytest.fixture(scope="module")
def scratch():
    return definitions(NOTEBOOK, FUNCTIONS)


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@FEW
@given(length=st.integers(1, 30), width=st.integers(1, 30), seed=st.integers(0, 99))
def test_one_dimension(scratch, length, width, seed):
    f, g = numbers(seed, length), numbers(seed + 100, width)
    close = {"rtol": 1e-4, "atol": 1e-4}
    convolved = scratch["convolve1d"](f, g)
    correlated = scratch["correlate1d"](f, g)
    np.testing.assert_allclose(convolved, np.convolve(f, g), **close)
    np.testing.assert_allclose(correlated, scipy.signal.correlate(f, g), **close)
    assert convolved.shape == correlated.shape == (length + width - 1,)


@FEW
@given(
    size=st.tuples(st.integers(5, 14), st.integers(5, 14)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    batch=st.integers(1, 3),
    channels=st.integers(1, 4),
    filters=st.integers(1, 4),
    strides=st.integers(1, 4),
    padding=st.sampled_from(["valid", "same"]),
    with_bias=st.booleans(),
)
def test_conv2d_equals_keras(
    scratch, size, kernel, batch, channels, filters, strides, padding, with_bias
):
    import keras

    images = numbers(1, batch, *size, channels)
    kernels = numbers(2, *kernel, channels, filters)
    bias = numbers(3, filters) if with_bias else None
    expected = keras.ops.conv(images, kernels, strides, padding)
    expected = keras.ops.convert_to_numpy(expected) + (0 if bias is None else bias)
    got = scratch["conv2d"](images, kernels, bias, strides, padding)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


@FEW
@given(
    size=st.tuples(st.integers(5, 14), st.integers(5, 14)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    channels=st.integers(1, 3),
    strides=st.integers(1, 3),
)
def test_conv2d_equals_scipy(scratch, size, kernel, channels, strides):
    image, kernels = numbers(1, *size, channels), numbers(2, *kernel, channels)
    expected = sum(
        scipy.signal.correlate2d(image[..., c], kernels[..., c], mode="valid")
        for c in range(channels)
    )[::strides, ::strides]
    got = scratch["conv2d"](image[None], kernels[..., None], strides=strides)
    np.testing.assert_allclose(got[0, :, :, 0], expected, rtol=1e-4, atol=1e-4)


@FEW
@given(
    size=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.one_of(st.sampled_from(["valid", "same"]), st.integers(0, 4)),
)
def test_output_size_equals_conv2d(scratch, size, kernel, stride, padding):
    zeros = padding if isinstance(padding, int) else 0
    if padding != "same" and size + 2 * zeros < kernel:
        with pytest.raises(ValueError, match="does not fit"):
            scratch["output_size"](size, kernel, stride, padding)
        return
    images = np.pad(np.zeros((1, size, 1, 1)), ((0, 0), (zeros, zeros), (0, 0), (0, 0)))
    mode = "same" if padding == "same" else "valid"
    maps = scratch["conv2d"](images, np.zeros((kernel, 1, 1, 1)), None, stride, mode)
    assert scratch["output_size"](size, kernel, stride, padding) == maps.shape[1]


@settings(max_examples=15)
@given(
    stack=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3)), max_size=4),
)
def test_receptive_field_is_where_a_change_arrives(scratch, stack):
    """Change each input in turn; count those that change the output."""
    field = scratch["receptive_field"](stack)
    signals = np.eye(field + 6)[:, :, None, None]  # one changed input each
    for kernel, stride in stack:
        signals = scratch["conv2d"](signals, np.ones((kernel, 1, 1, 1)), None, stride)
    assert np.count_nonzero(signals[:, 0, 0, 0]) <= field
    reached = np.flatnonzero(signals[:, 0, 0, 0])
    assert reached[0] == 0 and reached[-1] == field - 1


@pytest.mark.parametrize(
    ("channels", "padding"), [(1, "valid"), (3, "valid"), (2, 1), (2, "Same")]
)
def test_conv2d_refuses_what_numpy_would_broadcast(scratch, channels, padding):
    """Two channels fit neither one nor three, and a padding is a known word."""
    with pytest.raises(ValueError, match="padding="):
        scratch["conv2d"](
            np.zeros((1, 5, 5, channels)), np.ones((3, 3, 2, 1)), padding=padding
        )


@FEW
@given(
    size=st.tuples(st.integers(5, 12), st.integers(5, 12)),
    kernel=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    odd=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_loops_equal_scipy(scratch, size, kernel, odd):
    image, weights = numbers(1, *size), numbers(2, *kernel)
    expected = scipy.signal.correlate2d(image, weights, mode="valid")
    got = scratch["conv2d_naive"](image, weights)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)

    weights = numbers(3, 2 * odd[0] + 1, 2 * odd[1] + 1)
    expected = scipy.signal.correlate2d(image, weights, mode="valid")
    got = scratch["centred"](image, weights, *odd)
    np.testing.assert_allclose(got, expected[0, 0], rtol=1e-4, atol=1e-4)


@FEW
@given(
    poured=arrays(float, st.integers(1, 20), elements=st.floats(-9, 9)),
    keep=st.floats(0, 0.95),
)
def test_leaky_bucket_equals_scipy(scratch, poured, keep):
    expected = scipy.signal.lfilter([1], [1, -keep], poured)
    np.testing.assert_allclose(
        scratch["leaky_bucket"](poured, keep), expected, atol=1e-9
    )


@FEW
@given(length=st.integers(3, 40), seed=st.integers(0, 99), ddof=st.integers(0, 1))
def test_correlations_equal_numpy_and_scipy(scratch, length, seed, ddof):
    x, y = np.random.default_rng(seed).normal(size=(2, length))
    got = {name: scratch[name](x, y) for name in ("pearson", "spearman")}
    assert np.isclose(scratch["covariance"](x, y, ddof), np.cov(x, y, ddof=ddof)[0, 1])
    assert np.isclose(got["pearson"], scipy.stats.pearsonr(x, y).statistic)
    assert np.isclose(got["spearman"], scipy.stats.spearmanr(x, y).statistic)
    windows = [scratch["pearson"](w, y[:3]) for w in sliding_window_view(x, 3)]
    np.testing.assert_allclose(
        scratch["normalised_correlation"](x, y[:3]), windows, atol=1e-9
    )
