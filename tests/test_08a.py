"""The functions of 08a against Keras and naive loops on random input."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "08a_seq2seq_attention.ipynb"
FEW = settings(max_examples=25)
SMALL = st.integers(1, 6)
SEEDS = st.integers(0, 99)
END = 2


@pytest.fixture(scope="module")
def scratch():
    space = definitions(NOTEBOOK)
    space.update({"np": np, "START": 1, "END": END})
    return space


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def some_mask(seed, batch, places):
    """At least one place of each text is no padding."""
    lengths = np.random.default_rng(seed).integers(1, places + 1, (batch, 1))
    return np.arange(places) < lengths


@FEW
@given(batch=SMALL, asks=SMALL, places=SMALL, d=SMALL, e=SMALL, units=SMALL, seed=SEEDS)
def test_the_scores_equal_loops(scratch, batch, asks, places, d, e, units, seed):
    q, k, same = (
        numbers(seed, *shape)
        for shape in [(batch, asks, d), (batch, places, e), (batch, places, d)]
    )
    ways = numbers(1, d, units), numbers(2, e, units), numbers(3, units)
    between = numbers(4, d, e)
    dots = scratch["dot_scores"](q, same)
    scaled = scratch["scaled_dot_scores"](q, same)
    general = scratch["general_scores"](q, k, between)
    additive = scratch["additive_scores"](q, k, *ways)
    for at in itertools.product(range(batch), range(asks), range(places)):
        b, i, j = at
        product = sum(q[b, i] * same[b, j])
        hidden = np.tanh(q[b, i] @ ways[0] + k[b, j] @ ways[1])
        for found, expected in [
            (dots, product), (scaled, product / d**0.5),
            (general, q[b, i] @ between @ k[b, j]), (additive, ways[2] @ hidden),
        ]:  # fmt: skip
            assert found.shape == (batch, asks, places)
            np.testing.assert_allclose(found[at], expected, rtol=1e-4, atol=1e-4)


@FEW
@given(
    batch=SMALL, asks=SMALL, places=st.integers(2, 6), d=SMALL, units=SMALL, seed=SEEDS
)  # fmt: skip
def test_attention_equals_keras(scratch, batch, asks, places, d, units, seed):
    from keras import layers

    q, k = numbers(seed, batch, asks, d), numbers(1, batch, places, d)
    v, mask = numbers(2, batch, places, units), some_mask(seed, batch, places)
    for layer, scores in [
        (layers.Attention(), scratch["dot_scores"](q, k)),
        (
            layers.AdditiveAttention(use_scale=False),
            scratch["additive_scores"](q, k, np.eye(d), np.eye(d), np.ones(d)),
        ),
    ]:
        theirs = layer([q, v, k], mask=[None, mask], return_attention_scores=True)
        ours = scratch["attend"](scores, v, mask)
        for got, expected in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-4)


@FEW
@given(batch=SMALL, asks=SMALL, places=SMALL, seed=SEEDS, size=st.floats(0.1, 1e4))
def test_masked_softmax(scratch, batch, asks, places, seed, size):
    scores = size * numbers(seed, batch, asks, places)
    mask = np.random.default_rng(seed).random((batch, places)) < 0.6
    weights = scratch["masked_softmax"](scores, mask)
    assert np.isfinite(weights).all() and (weights >= 0).all()
    assert (weights[np.repeat(~mask[:, None], asks, axis=1)] == 0).all()
    sums = np.repeat(mask.any(axis=1, keepdims=True), asks, axis=1)
    np.testing.assert_allclose(weights.sum(axis=-1), sums, atol=1e-5)
    shifted = scratch["masked_softmax"](scores + 3, mask)
    np.testing.assert_allclose(weights, shifted, rtol=1e-2, atol=1e-2)


def tables(seed, symbols):
    table = np.random.default_rng(seed).dirichlet(
        np.full(symbols, 0.5), (symbols, symbols)
    )
    return np.log(table + 1e-6)


@FEW
@given(seed=SEEDS, symbols=st.integers(3, 6), length=st.integers(1, 6))
def test_greedy_is_a_beam_of_one(scratch, seed, symbols, length):
    step = scratch["memory_step"](tables(seed, symbols))
    rows = np.arange(symbols)
    together = scratch["greedy_decode"](step, (rows,), 1, END, length)
    assert together.shape == (symbols, length)
    for row in rows:
        text, _ = scratch["beam_search"](step, (rows[[row]],), 1, END, length, 1)[0]
        expected = [*text] + [0] * (length - len(text))
        assert together[row].tolist() == expected


@FEW
@given(seed=SEEDS, symbols=st.integers(3, 5), power=st.floats(0, 1))
def test_a_wide_beam_finds_the_best(scratch, seed, symbols, power):
    step, at = scratch["memory_step"](tables(seed, symbols)), (np.array([0]),)
    table, best = tables(seed, symbols), (-np.inf, ())
    for steps in range(1, 5):
        others = [s for s in range(symbols) if s != END]
        for text in itertools.product(others, repeat=steps - 1):
            text, before, last, total = (*text, END), 0, 1, 0.0
            for symbol in text:
                total += table[before, last, symbol]
                before, last = last, symbol
            best = max(best, (total / steps**power, text))
    found = scratch["beam_search"](step, at, 1, END, 4, 10_000, power)
    assert found[0][0] == best[1]
    assert np.isclose(found[0][1] / len(found[0][0]) ** power, best[0])
    ranked = [total / len(text) ** power for text, total in found]
    assert ranked == sorted(ranked, reverse=True)


@FEW
@given(seed=SEEDS, width=st.integers(1, 6))
def test_a_beam_carries_what_belongs_to_each_text(scratch, seed, width):
    table = tables(seed, 5)
    step = scratch["memory_step"](table)
    for text, total in scratch["beam_search"](step, ([3],), 1, END, 5, width):
        before, last, expected = 3, 1, 0.0
        for symbol in text:
            expected += table[before, last, symbol]
            before, last = last, symbol
        assert np.isclose(total, expected)


@FEW
@given(seed=SEEDS, share=st.floats(0, 1))
def test_whole_days_are_kept(scratch, seed, share):
    draw = np.random.default_rng(seed)
    days = [f"day {n}" for n in draw.integers(0, 12, 40)]
    kept = scratch["split_by_day"](days, share, draw)
    inside = {day for day, is_kept in zip(days, kept, strict=True) if is_kept}
    outside = {day for day, is_kept in zip(days, kept, strict=True) if not is_kept}
    assert not inside & outside
    assert len(inside) == round(share * len(set(days)))


@FEW
@given(seed=SEEDS, rows=SMALL, steps=SMALL)
def test_first_mistake(scratch, seed, rows, steps):
    right = np.random.default_rng(seed).random((rows, steps)) < 0.7
    places = scratch["first_mistake"](right)
    for row, place in zip(right, places, strict=True):
        assert row[:place].all() and (place == steps or not row[place])


def test_text_there_and_back(scratch):
    symbols = "·<>-0123456789"
    texts = ["<2026-09-30>", "<1>", "<>"]
    rows = scratch["to_numbers"](texts, symbols, 14)
    assert rows.shape == (3, 14) and rows.dtype == np.int32
    back = [scratch["to_text"](row, symbols) for row in rows]
    assert back == ["2026-09-30", "1", ""]


def test_forced_decoding_reads_what_is_given(scratch):
    table = tables(5, 5)
    previous = np.array([[1, 3, 4], [1, 0, 2]])
    got = scratch["forced_decode"](
        scratch["memory_step"](table), (np.array([0, 4]),), previous
    )
    for row, (given_, before) in enumerate(zip(previous, (0, 4), strict=True)):
        for place, last in enumerate(given_):
            assert got[row, place] == table[before, last].argmax()
            before = last
