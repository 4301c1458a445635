"""The functions of 04 against SciPy, scikit-image and Keras on random input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "04_data_augmentation.ipynb"
FEW = settings(max_examples=30)
AMOUNT = st.floats(-2, 2).filter(lambda value: abs(value) > 0.3)


@pytest.fixture(scope="module")
def scratch():
    import keras
    import tensorflow as tf

    space = definitions(NOTEBOOK)  # updated, since functions look there
    space.update({"keras": keras, "tf": tf, "math": math, "np": np, "one": np.eye(3)})
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).random(shape).astype("float32")


@FEW
@given(
    shape=st.tuples(
        st.integers(1, 3), st.integers(2, 9), st.integers(2, 9), st.integers(1, 3)
    ),
    degrees=st.floats(-180, 180),
    factors=st.tuples(AMOUNT, AMOUNT),
    lean=st.floats(-1, 1),
    to=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
)
def test_any_matrix_as_scikit_image_has_it(scratch, shape, degrees, factors, lean, to):
    from skimage.transform import warp

    make = scratch["affine_matrix"]
    matrix = (
        make("shift", *to) @ make("rotation", degrees)
        @ make("stretch", *factors) @ make("shear", lean)
    )  # fmt: skip
    images = numbers(1, *shape)
    back = np.linalg.inv(scratch["from_corner"](matrix, *shape[1:3]))
    # Without clip=False it would lift what fades out to the smallest value inside.
    theirs = [warp(image, back, order=1, clip=False) for image in images]
    theirs = np.reshape(theirs, images.shape)
    ours = scratch["apply_affine"](images, matrix)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    each = scratch["apply_affine"](images, np.stack([matrix] * len(images)))
    np.testing.assert_allclose(each, ours, atol=1e-6)


@FEW
@given(degrees=st.floats(-360, 360), to=st.tuples(st.floats(-9, 9), st.floats(-9, 9)))
def test_rotation_and_shift_keep_distances(scratch, degrees, to):
    make = scratch["affine_matrix"]
    matrix = make("shift", *to) @ make("rotation", degrees)
    places = np.array([[3, -1, 1], [0, 2, 1]]) @ matrix.T
    assert np.isclose(np.linalg.norm(places[0] - places[1]), math.sqrt(18))


def test_unknown_kind_is_refused(scratch):
    with pytest.raises(ValueError, match="twist"):
        scratch["affine_matrix"]("twist", 3)


def test_each_image_gets_its_own_matrix(scratch):
    make, images = scratch["affine_matrix"], numbers(2, 2, 6, 5, 1)
    both = np.stack([np.eye(3), make("flip")])
    moved = scratch["apply_affine"](images, both)
    np.testing.assert_allclose(moved[0], images[0], atol=1e-6)
    np.testing.assert_allclose(moved[1], images[1, :, ::-1], atol=1e-6)


def test_interval_covers_as_often_as_it_says(scratch):
    draw, hits = np.random.default_rng(0), 0
    for _ in range(200):
        before = draw.random(300) < 0.7
        after = np.where(draw.random(300) < 0.2, draw.random(300) < 0.8, before)
        gain = 0.2 * (0.8 - 0.7)
        low, high = scratch["bootstrap_interval"](before * 1.0, after * 1.0, draw, 300)
        hits += low <= gain <= high
    assert 0.88 <= hits / 200 <= 0.99


def test_half_turns_turn_half(scratch):
    images = numbers(3, 400, 4, 4, 1)
    turned = scratch["half_turns"](images, np.random.default_rng(0))
    kept = (turned == images).all(axis=(1, 2, 3))
    assert 0.4 < kept.mean() < 0.6
    np.testing.assert_array_equal(turned[~kept], images[~kept, ::-1, ::-1])
