"""The functions of 02b against Keras on random input, and the builder against 02a's."""

import ast
import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, code_cells, definitions, read

NOTEBOOK = NOTEBOOKS / "02b_what_each_idea_buys.ipynb"
EARLIER = NOTEBOOKS / "02a_cnn_architectures.ipynb"
FEW = settings(max_examples=30)
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
BUILDER = (
    "conv_block", "add_shortcut", "basic_unit", "bottleneck_unit", "stage",
    "residual_network", "blueprint", "count_trainable", "count_macs",
)  # fmt: skip


@pytest.fixture(scope="module")
def scratch():
    import keras
    from keras import layers

    space = definitions(NOTEBOOK)
    space |= {"keras": keras, "layers": layers}
    return space


def sources(path):
    """Return the text of every function that a notebook defines at top level."""
    found = {}
    for cell in code_cells(read(path)):
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = ast.get_source_segment(cell.source, node)
    return found


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.mark.parametrize("name", BUILDER)
def test_builder_is_word_for_word_that_of_02a(name):
    if not EARLIER.is_file():
        pytest.skip("02a is not there")
    assert sources(NOTEBOOK)[name] == sources(EARLIER)[name]


@pytest.mark.parametrize("name", ["conv_block", "add_shortcut", "stage", "se_block"])
def test_solutions_repeat_the_notebook_word_for_word(name):
    from solutions import s02b_what_each_idea_buys as solutions

    assert (
        inspect.getsource(getattr(solutions, name)).strip() == sources(NOTEBOOK)[name]
    )


@FEW
@given(
    size=st.tuples(st.integers(4, 8), st.integers(4, 8)),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    per_group=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    groups=st.integers(1, 4),
)
def test_grouped_convolution_is_one_convolution_a_group(
    scratch, size, kernel, per_group, groups
):
    from keras import ops

    channels, filters = per_group
    images = numbers(1, 2, *size, groups * channels)
    kernels = numbers(2, *kernel, channels, groups * filters)
    got = scratch["grouped_conv2d"](images, kernels, groups)
    for g in range(groups):
        part = images[..., g * channels : (g + 1) * channels]
        own = kernels[..., g * filters : (g + 1) * filters]
        expected = ops.convert_to_numpy(ops.conv(part, own))
        here = got[..., g * filters : (g + 1) * filters]
        np.testing.assert_allclose(here, expected, **CLOSE)
    full = scratch["block_kernel"](kernels, groups)
    assert full.shape == (*kernel, groups * channels, groups * filters)
    ordinary = ops.convert_to_numpy(ops.conv(images, full.astype("float32")))
    np.testing.assert_allclose(got, ordinary, **CLOSE)


@FEW
@given(
    shape=st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5)),
    channels=st.integers(1, 8),
    hidden=st.integers(1, 4),
)
def test_squeeze_and_excitation_pixel_by_pixel(scratch, shape, channels, hidden):
    maps = numbers(1, *shape, channels)
    down, up = numbers(2, channels, hidden), numbers(3, hidden, channels)
    down_bias, up_bias = numbers(4, hidden), numbers(5, channels)
    scaled, excited = scratch["squeeze_excite"](maps, down, down_bias, up, up_bias)
    assert excited.shape == (shape[0], channels) and scaled.shape == maps.shape
    for image, weights, result in zip(maps, excited, scaled, strict=True):
        mean = np.array([image[..., c].mean() for c in range(channels)])
        reduced = np.clip(mean @ down + down_bias, 0, None)
        expected = 1 / (1 + np.exp(-(reduced @ up + up_bias)))
        np.testing.assert_allclose(weights, expected, **CLOSE)
        np.testing.assert_allclose(result, image * expected, **CLOSE)


@settings(max_examples=5)
@given(
    repeats=st.tuples(*[st.integers(1, 2)] * 4),
    groups=st.sampled_from([1, 2, 16, 32]),
    width=st.integers(1, 8),
    reduction=st.sampled_from([0, 4, 16]),
)
def test_formula_counts_what_keras_builds(scratch, repeats, groups, width, reduction):
    def unit(x, filters, strides, name):
        inner = groups * width * filters // 64
        y = scratch["conv_block"](x, inner, 1, name=f"{name}_1")
        y = scratch["conv_block"](y, inner, 3, strides, groups, name=f"{name}_2")
        y = scratch["conv_block"](y, 4 * filters, 1, activation=None, name=f"{name}_3")
        y = scratch["se_block"](y, name, reduction) if reduction else y
        return scratch["add_shortcut"](y, x, strides, name)

    model = scratch["blueprint"](scratch["residual_network"], unit, repeats, "any")
    built = scratch["count_trainable"](model), scratch["count_macs"](model)
    assert scratch["count_by_formula"](repeats, groups, width, reduction) == built


def test_published_numbers(scratch):
    for build, parameters in [
        ("build_resnext50", 25_028_904), ("build_se_resnet50", 28_088_024)
    ]:  # fmt: skip
        model = scratch["blueprint"](scratch[build])
        assert scratch["count_trainable"](model) == parameters
        moving = [w for w in model.weights if "moving" in w.name]
        stored = parameters + sum(math.prod(w.shape) for w in moving)
        assert model.count_params() == stored


def test_senet154_is_the_published_one(scratch):
    from solutions import s02b_what_each_idea_buys as solutions

    model = scratch["blueprint"](solutions.build_senet154)
    assert scratch["count_trainable"](model) == 115_088_984
    assert scratch["count_macs"](model) == 20_688_363_520
    assert model.output.shape == (None, 1000)


def test_every_group_of_slices_sees_its_own_channels(scratch):
    import keras

    entrance = keras.Input((5, 5, 8))
    model = keras.Model(entrance, scratch["grouped_slices"](entrance, 8, 3, 1, 4, "s"))
    base = numbers(1, 1, 5, 5, 8)
    before = model.predict_on_batch(base)
    for channel in range(8):
        changed = base.copy()
        changed[..., channel] += 1
        moved = np.abs(model.predict_on_batch(changed) - before).max(axis=(0, 1, 2)) > 0
        group = channel // 2
        assert set(np.flatnonzero(moved)) <= {2 * group, 2 * group + 1} and moved.any()
