"""The networks of 02a against keras.applications, TensorFlow and SciPy."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "02a_cnn_architectures.ipynb"
FEW = settings(max_examples=25)


@pytest.fixture(scope="module")
def scratch():
    import keras
    from keras import layers

    space = definitions(NOTEBOOK)
    space |= {"keras": keras, "layers": layers, "np": np}
    yield space
    keras.utils.clear_session()


# Published numbers of trainable parameters: LeCun 1998 with C3 fully connected; the
# others as torchvision or Caffe have them (no batch normalisation in GoogLeNet).
COUNTS = [
    ("build_lenet5", (), 61_706),
    ("build_alexnet", (), 62_378_344),
    ("build_alexnet", (True,), 60_965_224),
    ("build_vgg", (16,), 138_357_544),
    ("build_vgg", (19,), 143_667_240),
    ("build_googlenet", (), 6_998_552),
    ("build_googlenet", (True,), 13_378_280),
    ("build_resnet", (18,), 11_689_512),
    ("build_resnet", (34,), 21_797_672),
    ("build_resnet", (50,), 25_557_032),
    ("build_resnet", (101,), 44_549_160),
    ("build_resnet", (152,), 60_192_808),
]


@pytest.mark.parametrize(("build", "arguments", "parameters"), COUNTS)
def test_trainable_parameters(scratch, build, arguments, parameters):
    model = scratch["blueprint"](scratch[build], *arguments)
    assert scratch["count_trainable"](model) == parameters


def test_a_blueprint_takes_no_memory(scratch):
    import tracemalloc

    import psutil

    before = psutil.Process().memory_info().rss
    tracemalloc.start()
    model = scratch["blueprint"](scratch["build_vgg"], 19)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.count_params() > 1e8
    assert peak < 50e6 and psutil.Process().memory_info().rss - before < 200e6


@pytest.mark.parametrize("depth", [50, 101])
def test_resnets_have_the_shapes_of_keras_applications(scratch, depth):
    import keras

    theirs = {50: keras.applications.ResNet50, 101: keras.applications.ResNet101}
    ours = scratch["blueprint"](scratch["build_resnet"], depth)
    theirs = scratch["blueprint"](theirs[depth], True, None)

    def convolutions(model):
        return sorted(
            (layer.output.shape[1:], math.prod(layer.kernel.shape))
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D)
        )

    assert convolutions(ours) == convolutions(theirs)
    channels = sum(shape[-1] for shape, _ in convolutions(ours))
    assert theirs.count_params() == ours.count_params() + channels


def test_the_place_of_the_stride_changes_the_work_only(scratch):
    unit = functools.partial(scratch["bottleneck_unit"], stride_in="middle")
    build = scratch["residual_network"]
    later = scratch["blueprint"](build, unit, (3, 4, 6, 3), "later")
    first = scratch["blueprint"](scratch["build_resnet"], 50)
    assert later.count_params() == first.count_params()
    work = [round(scratch["count_macs"](model) / 1e9, 3) for model in (first, later)]
    assert work == [3.858, 4.089]


@FEW
@given(
    side=st.integers(5, 12),
    channels=st.integers(1, 3),
    filters=st.integers(1, 3),
    groups=st.integers(1, 3),
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    strides=st.integers(1, 3),
    padding=st.sampled_from(["same", "valid"]),
)
def test_multiply_adds_of_a_convolution_and_a_dense_layer(
    scratch, side, channels, filters, groups, kernel, strides, padding
):
    import keras

    images = keras.Input((side, side + 2, groups * channels))
    settings_ = {"padding": padding, "groups": groups, "strides": strides}
    maps = keras.layers.Conv2D(groups * filters, kernel, **settings_)(images)
    outputs = keras.layers.Dense(5)(keras.layers.Flatten()(maps))
    height, width = (
        -(-n // strides) if padding == "same" else (n - k) // strides + 1
        for n, k in zip((side, side + 2), kernel, strict=True)
    )
    assert maps.shape[1:3] == (height, width)
    one_value = kernel[0] * kernel[1] * channels
    values = height * width * groups * filters
    got = scratch["count_macs"](keras.Model(images, outputs))
    assert got == values * one_value + values * 5


@FEW
@given(
    shape=st.tuples(*[st.integers(1, 4)] * 3, st.integers(1, 9)),
    radius=st.integers(0, 4),
    bias=st.floats(0.5, 3),
    alpha=st.floats(1e-4, 1),
    beta=st.floats(0.1, 2),
)
def test_local_response_norm_equals_tensorflow(
    scratch, shape, radius, bias, alpha, beta
):
    import tensorflow as tf

    maps = 3 * np.random.default_rng(1).normal(size=shape).astype("float32")
    got = scratch["local_response_norm"](maps, radius, bias, alpha, beta)
    expected = tf.nn.local_response_normalization(maps, radius, bias, alpha, beta)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


@FEW
@given(
    images=st.integers(1, 40),
    classes=st.integers(2, 30),
    k=st.integers(1, 8),
    seed=st.integers(0, 99),
)
def test_top_k_error_equals_a_sort(scratch, images, classes, k, seed):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), images)
    labels = rng.integers(0, classes, images)
    best = np.argsort(-probabilities, axis=1)[:, :k]
    expected = np.mean([label not in row for label, row in zip(labels, best)])  # noqa: B905
    assert scratch["top_k_error"](probabilities, labels, k) == pytest.approx(expected)


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("kind", ["basic_unit", "bottleneck_unit"])
def test_a_unit_whose_branch_is_silent_passes_its_input_on(scratch, kind, strides):
    import keras

    channels = 8 if kind == "basic_unit" else 32
    images = keras.Input((6, 6, channels))
    model = keras.Model(images, scratch[kind](images, 8, strides, "unit"))
    projected = [layer for layer in model.layers if "project" in layer.name]
    assert bool(projected) == (strides == 2)
    last = "unit_2_norm" if kind == "basic_unit" else "unit_3_norm"
    model.get_layer(last).gamma.assign(np.zeros(channels))
    x = np.random.default_rng(0).normal(size=(2, 6, 6, channels)).astype("float32")
    output = keras.ops.convert_to_numpy(model(x))
    assert output.shape == (2, 6 // strides, 6 // strides, channels)
    if strides == 1:
        np.testing.assert_array_equal(output, np.maximum(x, 0))


def test_auxiliary_heads_hang_on_4a_and_4d(scratch):
    model = scratch["blueprint"](scratch["build_googlenet"], True)
    shapes = [tuple(output.shape) for output in model.outputs]
    assert shapes == [(None, 1000)] * 3
    assert model.get_layer("head_4a_conv").input.shape == (None, 4, 4, 512)
    assert model.get_layer("head_4d_conv").input.shape == (None, 4, 4, 528)
