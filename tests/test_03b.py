"""The functions of 03b against enumeration and Keras, and what its page shows."""

import ast
import inspect
import math
import os
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, code_cells, definitions, read

NOTEBOOK = NOTEBOOKS / "03b_training_in_practice.ipynb"
EARLIER = NOTEBOOKS / "02b_what_each_idea_buys.ipynb"
FEW = settings(max_examples=30)


@pytest.fixture(scope="module")
def scratch():
    import keras
    from keras import layers

    space = definitions(NOTEBOOK)
    space |= {"keras": keras, "layers": layers}
    return space


def function(path, name):
    for cell in code_cells(read(path)):
        for node in ast.parse(cell.source).body:
            if getattr(node, "name", "") == name:
                return ast.get_source_segment(cell.source, node)
    raise AssertionError(f"{path.name} has no {name}")


def test_restart_is_word_for_word_that_of_02b():
    assert function(NOTEBOOK, "restart") == function(EARLIER, "restart")


@FEW
@given(n=st.integers(2, 7), weights=st.integers(1, 3), seed=st.integers(0, 99))
def test_expected_noise_is_that_of_all_batches(scratch, n, weights, seed):
    gradients = np.random.default_rng(seed).normal(size=(n, weights))
    for size in range(1, n + 1):
        picks = [list(pick) for pick in combinations(range(n), size)]
        errors = [gradients[p].mean(axis=0) - gradients.mean(axis=0) for p in picks]
        expected = math.sqrt(np.square(errors).sum(axis=1).mean())
        assert math.isclose(
            scratch["expected_noise"](gradients, size), expected, abs_tol=1e-9
        )


def test_measured_noise_does_not_draw_twice(scratch):
    gradients = np.arange(6.0)[:, None]
    rng = np.random.default_rng(0)
    assert scratch["measured_noise"](gradients, 6, 5, rng) < 1e-12


@FEW
@given(
    rate=st.floats(0.01, 0.9), size=st.integers(1, 64),
    curvature=st.floats(0.1, 2), variance=st.floats(0.1, 4),
)  # fmt: skip
def test_noise_floor_is_where_a_step_changes_nothing(
    scratch, rate, size, curvature, variance
):
    floor = scratch["noise_floor"](rate, size, curvature, variance)
    after = (1 - rate * curvature) ** 2 * floor + rate**2 * variance / size
    assert math.isclose(after, floor, rel_tol=1e-9)


@FEW
@given(
    values=st.lists(st.integers(0, 12), min_size=1, max_size=15),
    patience=st.integers(0, 4),
    min_delta=st.sampled_from([0, 0.3, 1.2]),
    baseline=st.sampled_from([0.5, 4.1, 100]),
)
def test_early_stopping_is_that_of_keras(
    scratch, values, patience, min_delta, baseline
):
    import keras

    callback = keras.callbacks.EarlyStopping(
        patience=patience, min_delta=min_delta, baseline=baseline,
        restore_best_weights=True,
    )  # fmt: skip
    run, weight, _ = scratch["rehearse"](callback, values)
    expected = scratch["early_stopping"](values, patience, min_delta, baseline)
    assert (run, weight) == expected


@FEW
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=20), st.floats(0.1, 0.99))
def test_smooth_is_a_weighted_mean(scratch, values, keep):
    for end, got in enumerate(scratch["smooth"](values, keep), start=1):
        weights = keep ** np.arange(end - 1, -1, -1)
        expected = np.average(values[:end], weights=weights)
        assert math.isclose(got, expected, rel_tol=1e-6, abs_tol=1e-9)


@settings(max_examples=10)
@given(steps=st.integers(1, 8), rate=st.floats(1e-3, 1), seed=st.integers(0, 99))
def test_adam_is_that_of_keras(scratch, steps, rate, seed):
    import keras

    gradients = np.random.default_rng(seed).normal(size=(steps, 4)).astype("float32")
    adam, weights = keras.optimizers.Adam(rate), keras.Variable(np.zeros(4))
    for gradient in gradients:
        adam.apply([keras.ops.convert_to_tensor(gradient)], [weights])
    changes = scratch["adam_changes"](gradients, rate)
    np.testing.assert_allclose(
        changes.sum(axis=0), weights, rtol=1e-3, atol=1e-3 * rate
    )
    np.testing.assert_allclose(np.abs(changes[0]), rate, rtol=1e-3)


def test_suggestion_is_a_third_of_the_rate_with_the_lowest_loss(scratch):
    rates = np.geomspace(1e-3, 10, 60)
    losses = np.where(np.arange(60) < 40, 2.0, 9.0)
    losses[30:40] = 1.0  # the running mean is lowest at the end of the valley
    for divisor in (1, 3, 10):
        assert scratch["suggest"](rates, losses, divisor) == rates[39] / divisor
    assert scratch["suggest"](rates, losses) == rates[39] / 3


def test_memory_counts_real_arrays(scratch):
    import keras
    from keras import layers

    model = keras.Sequential(
        [keras.Input((6, 5, 2)), layers.Conv2D(3, 2), layers.BatchNormalization(),
         layers.Flatten(), layers.Dense(4)]
    )  # fmt: skip
    weights = sum(math.prod(w.shape) for w in model.trainable_weights)
    tell_all = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    images = np.zeros((7, 6, 5, 2), "float32")
    outputs = images.nbytes + sum(np.asarray(a).nbytes for a in tell_all(images))
    for slots in (0, 2):
        expected = outputs + 4 * (2 + slots) * weights
        assert scratch["step_memory"](model, 7, slots) == expected


def test_floor_of_outputs_from_0_to_1(scratch):
    for classes in (2, 5, 10):
        grid = np.random.default_rng(classes).dirichlet(np.ones(classes) / 9, 400)
        losses = np.log(np.exp(grid).sum(axis=1)) - grid[:, 0]
        floor = scratch["bounded_floor"](classes)
        assert floor - 1e-9 <= losses.min() < floor + 0.3


def test_family_has_the_blocks_it_says(scratch):
    for blocks, norm in [(1, True), (2, False), (3, True)]:
        model = scratch["build"](blocks, 4, norm, 0.2, 8)
        kinds = [type(layer).__name__ for layer in model.layers]
        assert kinds.count("Conv2D") == kinds.count("MaxPooling2D") == blocks
        assert kinds.count("BatchNormalization") == blocks * norm
        filters = [x.filters for x in model.layers if hasattr(x, "filters")]
        assert filters == [4 * 2**n for n in range(blocks)]
        assert model.output_shape == (None, 10)


def outputs(cell_id):
    cell = next(cell for cell in read(NOTEBOOK).cells if cell.id == cell_id)
    if not cell.outputs:
        pytest.skip("not executed yet")
    return cell.outputs


@pytest.mark.parametrize("cell_id", ["together", "final"])
def test_progress_leaves_one_picture_with_a_text(cell_id):
    shown = [o for o in outputs(cell_id) if "image/png" in o.get("data", {})]
    assert len(shown) == 1
    assert "validation (dashed)" in shown[0].metadata["image/png"]["alt"]


def test_page_shows_a_training_within_five_minutes():
    text = "".join(o.get("text", "") for o in outputs("final-test"))
    assert "within five minutes" in text


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_a_model_with_code_in_it_is_refused(name, tmp_path, monkeypatch):
    import keras

    path = tmp_path / name
    evil = lambda x: (__import__("os").environ.update(IT_RAN="yes"), x)[1]  # noqa: E731
    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(evil)]).save(path)
    monkeypatch.setenv("IT_RAN", "no")
    with pytest.raises(ValueError, match="arbitrary code"):
        keras.models.load_model(path)  # as the notebook calls it
    assert os.environ["IT_RAN"] == "no"
    keras.models.load_model(path, safe_mode=False)  # nothing else stood in its way
    assert os.environ["IT_RAN"] == "yes"


def test_solution_of_the_callback_is_a_callback():
    import keras

    from solutions import s03b_training_in_practice as solutions

    assert issubclass(solutions.WarmUp, keras.callbacks.Callback)
    assert inspect.getdoc(solutions.halving)
