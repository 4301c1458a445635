"""Answers to the exercises of 08a Seq2Seq and attention, with reasoning."""

import numpy as np


def log_probability(log_probs, symbols, end):
    """Exercise 1: pick, mask, add.

    ``cumsum`` counts the end signs up to and with each place; without the place itself
    it must still be zero. So the first end sign counts, and nothing behind it.
    """
    picked = np.take_along_axis(log_probs, symbols[:, :, None], axis=2)[:, :, 0]
    is_end = symbols == end
    before = np.cumsum(is_end, axis=1) - is_end
    return np.where(before == 0, picked, 0).sum(axis=1)


def projected_attention(
    states, annotations, query_weights, key_weights, value_weights, mask
):
    """Exercise 2: the annotations play two roles, each with its own matrix.

    Each text has at least one place that is no padding, so no row is empty.
    """
    queries = states @ query_weights
    keys, values = annotations @ key_weights, annotations @ value_weights
    scores = queries @ keys.swapaxes(1, 2) / np.sqrt(queries.shape[-1])
    scores = np.where(mask[:, None], scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ values


def local_attend(scores, values, centres, width):
    """Exercise 3: a mask with an axis for the queries.

    ``distance`` is (batch, queries, keys): how far each key lies from the centre.
    """
    distance = np.abs(np.arange(scores.shape[-1]) - centres[:, :, None])
    scores = np.where(distance <= width, scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True) @ values


def softmax_jacobian(weights):
    """Exercise 4: the diagonal holds a - a², all else -a_i a_j.

    The trace is the sum of a (1 - a). Where one weight is 1, all entries are zero: the
    softmax is flat there, and no gradient comes through.
    """
    return np.diag(weights) - np.outer(weights, weights)


def mix(true, written, coins, share):
    """Exercise 5: shift what was written, then choose place by place.

    The first column is the start sign in both, so no coin can replace it.
    """
    own = np.concatenate([true[:, :1], written[:, :-1]], axis=1)
    return np.where(coins < share, own, true)
