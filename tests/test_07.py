"""The functions of 07 against Keras on random input, and their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "07_bidirectional_rnn.ipynb"
FEW = settings(max_examples=8)
MORE = settings(max_examples=40)
SIZES = st.integers(1, 4)
MODES = st.sampled_from(["concat", "sum", "ave", "mul", None])


@pytest.fixture(scope="module")
def scratch():
    from keras import layers

    space = definitions(NOTEBOOK)  # updated, since functions look there
    space.update({"np": np, "layers": layers})
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


@FEW
@given(
    cell=st.sampled_from(["SimpleRNN", "GRU", "LSTM"]), batch=SIZES, steps=SIZES,
    features=SIZES, units=SIZES, mode=MODES, seed=st.integers(0, 99),
)  # fmt: skip
def test_bidirectional_equals_keras(
    scratch, cell, batch, steps, features, units, mode, seed
):
    from keras import layers

    inputs, weights = numbers(seed, batch, steps, features), None
    for sequences, name in [(True, "bidirectional"), (False, "ends")]:
        inner = getattr(layers, cell)(
            units, return_sequences=sequences, dtype="float64"
        )
        layer = layers.Bidirectional(inner, merge_mode=mode, dtype="float64")
        layer.build(inputs.shape)
        if weights is None:
            weights = [numbers(k, *w.shape) for k, w in enumerate(layer.get_weights())]
        layer.set_weights(weights)
        half = len(weights) // 2
        got = scratch[name](inputs, weights[:half], weights[half:], mode)
        for ours, theirs in zip(got, layer(inputs), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@MORE
@given(rows=SIZES, steps=st.integers(1, 9), seed=st.integers(0, 99))
def test_turned_twice_is_the_same_and_keeps_the_padding(scratch, rows, steps, seed):
    draw = np.random.default_rng(seed)
    lengths = draw.integers(0, steps + 1, rows)
    texts = draw.integers(1, 9, (rows, steps)) * (np.arange(steps) < lengths[:, None])
    back = scratch["turned"](texts)
    np.testing.assert_array_equal(scratch["turned"](back), texts)
    for row, there, length in zip(texts, back, lengths, strict=True):
        assert there.tolist() == [*row[:length][::-1], *[0] * (steps - length)]


@MORE
@given(count=st.integers(1, 150), first=st.booleans(), seed=st.integers(0, 99))
def test_every_sentence_has_one_key_that_decides(scratch, count, first, seed):
    words, tags, keys = scratch["sentences"](count, np.random.default_rng(seed), first)
    assert words.shape == tags.shape == (count, 11)
    for row, marks, key in zip(words, tags, keys, strict=True):
        assert (row < 2).nonzero()[0].tolist() == [key]
        animals = {6, 7} | ({2, 3, 4, 5} if row[key] == 0 else set())
        assert marks.tolist() == [float(word in animals) for word in row]
    assert not first or not keys.any()


@MORE
@given(length=st.integers(2, 20), share=st.floats(0, 1))
def test_the_ceiling_runs_from_guessing_to_knowing(scratch, length, share):
    found = scratch["ceiling"](length, share)
    guess = max(share, 1 - share)
    np.testing.assert_allclose(found[[0, -1]], [guess, 1])
    np.testing.assert_allclose(found.mean(), (1 + guess) / 2)


@MORE
@given(steps=st.integers(1, 6), seed=st.integers(0, 99))
def test_influence_of_a_linear_map_is_its_matrix(scratch, steps, seed):
    matrix = numbers(seed, steps, steps)
    found = scratch["influence"](
        lambda x: np.einsum("bsf,st->btf", x, matrix), numbers(seed, 3, steps, 1)
    )
    np.testing.assert_allclose(found, np.abs(matrix))


@MORE
@given(sentences=st.integers(2, 30), seed=st.integers(0, 99))
def test_share_right_is_the_mean_where_all_words_count(scratch, sentences, seed):
    right = np.random.default_rng(seed).integers(0, 2, (sentences, 1))
    share, error = scratch["share_right"](right, np.ones_like(right))
    np.testing.assert_allclose(share, right.mean())
    np.testing.assert_allclose(error, right.std() / np.sqrt(sentences))


@MORE
@given(count=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_vote_is_between_its_readers(scratch, count, seed):
    logits = numbers(seed, count, 7)
    found = scratch["vote"](*logits)
    chances = 1 / (1 + np.exp(-logits))
    assert np.all(found >= chances.min(axis=0) - 1e-12)
    assert np.all(found <= chances.max(axis=0) + 1e-12)
    np.testing.assert_allclose(scratch["vote"](logits[0]), chances[0])
