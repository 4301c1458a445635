"""The functions of 09 against Keras on random input, and their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "09_attention_to_transformer.ipynb"
FEW = settings(max_examples=12)
MORE = settings(max_examples=40)
SIZES = st.integers(1, 5)
MORE_THAN_ONE = st.integers(2, 5)  # with one, Keras adds the bias to the wrong axis
SEEDS = st.integers(0, 99)


@pytest.fixture(scope="module")
def scratch():
    import keras
    import tensorflow as tf
    from keras import layers

    space = definitions(NOTEBOOK)  # updated, since functions look there
    space.update({"np": np, "layers": layers, "keras": keras, "tf": tf})
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def random_heads(seed, width, heads, size):
    shapes = [(width, heads, size), (heads, size)] * 3 + [(heads, size, width), width]
    draw = np.random.default_rng(seed)
    return [draw.normal(size=shape) for shape in shapes]


@FEW
@given(
    batch=SIZES, asking=SIZES, answering=SIZES, width=SIZES, heads=SIZES,
    size=MORE_THAN_ONE, value_size=MORE_THAN_ONE, masked=st.booleans(), seed=SEEDS,
)  # fmt: skip
def test_multi_head_attention_equals_keras(
    scratch, batch, asking, answering, width, heads, size, value_size, masked, seed
):
    from keras import layers

    layer = layers.MultiHeadAttention(heads, size, value_size, dtype="float64")
    q = numbers(seed, batch, asking, width)
    k, v = numbers(seed + 1, 2, batch, answering, width + 1)
    layer.build(q.shape, v.shape, k.shape)
    draw = np.random.default_rng(seed)
    weights = [draw.normal(size=w.shape) for w in layer.get_weights()]
    layer.set_weights(weights)
    mask = draw.random((batch, asking, answering)) < 0.5 if masked else None
    if masked:
        mask[:, :, -1] = True
    wanted = layer(q, v, k, attention_mask=mask, return_attention_scores=True)
    found = scratch["multi_head_attention"](q, k, v, weights, heads, mask)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@MORE
@given(places=st.integers(1, 8), width=SIZES, heads=SIZES, seed=SEEDS)
def test_order_matters_with_a_causal_mask_only(scratch, places, width, heads, seed):
    weights, x = random_heads(seed, width, heads, 3), numbers(seed, 2, places, width)
    order = np.random.default_rng(seed).permutation(places)
    attention = scratch["multi_head_attention"]
    before, _ = attention(x, x, x, weights, heads)
    after, _ = attention(*[x[:, order]] * 3, weights, heads)
    np.testing.assert_allclose(after, before[:, order], atol=1e-10)
    mask = scratch["causal_mask"](places)
    cut, _ = attention(*[x[:, : places // 2 + 1]] * 3, weights, heads,
                       mask[:, : places // 2 + 1, : places // 2 + 1])  # fmt: skip
    full, _ = attention(x, x, x, weights, heads, mask)
    np.testing.assert_allclose(full[:, : places // 2 + 1], cut, atol=1e-10)


@MORE
@given(places=st.integers(1, 8), width=SIZES, heads=SIZES, seed=SEEDS)
def test_steps_with_a_cache_are_one_pass(scratch, places, width, heads, seed):
    weights, x = random_heads(seed, width, heads, 3), numbers(seed, 2, places, width)
    cache, outputs = (np.zeros((2, heads, 0, 3)),) * 2, []
    for t in range(places):
        one, cache = scratch["cached_step"](x[:, t : t + 1], cache, weights, heads)
        outputs.append(one)
    mask = scratch["causal_mask"](places)
    wanted, _ = scratch["multi_head_attention"](x, x, x, weights, heads, mask)
    np.testing.assert_allclose(np.concatenate(outputs, 1), wanted, atol=1e-10)


@MORE
@given(length=st.integers(1, 40), half=st.integers(1, 20), seed=SEEDS)
def test_positions_are_hands_of_clocks(scratch, length, half, seed):
    table = scratch["positional_encoding"](length, 2 * half)
    place, pair = np.random.default_rng(seed).integers(0, [length, half])
    angle = place / 10_000 ** (2 * pair / (2 * half))
    hand = table[place, 2 * pair : 2 * pair + 2]
    np.testing.assert_allclose(hand, [math.sin(angle), math.cos(angle)], atol=1e-9)
    np.testing.assert_allclose((table**2).sum(axis=1), half)


@MORE
@given(seed=SEEDS, steps=st.integers(1, 6))
def test_leaks_are_what_comes_from_behind(scratch, seed, steps):
    matrix = numbers(seed, steps, steps)
    found = scratch["leaks"](
        lambda x: np.einsum("bsf,st->btf", x, matrix), numbers(seed, 3, steps, 1)
    )
    wanted = np.abs(np.tril(matrix, -1)).max() if steps > 1 else 0
    np.testing.assert_allclose(found, wanted)


@MORE
@given(text=st.text("0123", min_size=1, max_size=6))
def test_arrangements_are_counted(scratch, text):
    from itertools import permutations

    assert scratch["arrangements"](text) == len(set(permutations(text)))


@MORE
@given(size=st.integers(1, 30), reach=st.integers(1, 9))
def test_path_lengths_of_bands(scratch, size, reach):
    away = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    assert scratch["path_length"](away <= reach) == math.ceil((size - 1) / reach)


@MORE
@given(steps=st.integers(2, 40), warm=st.integers(1, 40))
def test_the_rate_climbs_and_falls(scratch, steps, warm):
    warm = min(warm, steps)
    rates = [scratch["rate_at"](step, steps, 2.0, warm) for step in range(steps)]
    assert math.isclose(rates[warm - 1], 2.0) and max(rates) == rates[warm - 1]
    assert min(rates) > 0
    assert rates[:warm] == sorted(rates[:warm])
    assert rates[warm - 1 :] == sorted(rates[warm - 1 :], reverse=True)


@MORE
@given(width=st.integers(1, 9))
def test_the_block_formulas(scratch, width):
    count = scratch["weights_of_block"]
    assert count(width) == 12 * width**2 + 13 * width
    assert count(width, True) == 16 * width**2 + 19 * width


def test_the_size_of_gpt_2():
    """The number that exercise 1 tells."""
    from solutions.s09_attention_to_transformer import count_gpt

    assert count_gpt(50_257, 1_024, 768, 12) == 124_439_808
