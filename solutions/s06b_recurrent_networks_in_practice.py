"""Answers to the exercises of 06b Recurrent networks in practice, with reasoning."""

import numpy as np


def count_stack(cell, vocabulary, embedding, units):
    """Exercise 1: table, then layer by layer, then the dense output.

    A simple layer of n units over m inputs has nm + n² weights and n biases; an LSTM
    has four of them. What one layer gives at each step, its n states, is what the next
    one reads, so its m is the n before.
    """
    count, size = vocabulary * embedding, embedding
    for n in units:
        count += (4 if cell == "LSTM" else 1) * (n * (size + n) + n)
        size = n
    return count + size + 1


def last_states(states, rows):
    """Exercise 2: the place of the last word is the number of words less one.

    This works for padding at the end only, and only if the layer reads forwards: the
    states before the padding do not know of it.
    """
    words = np.sum(rows > 0, axis=1)
    return states[np.arange(len(rows)), words - 1]


def trailing_mean(values, width):
    """Exercise 3: a window's sum is the difference of two running sums.

    With a zero in front, ``sums[b] - sums[a]`` is the sum of the values a to b − 1. At
    the beginning a stays 0, and the sum is divided by as many values as there are.
    """
    sums = np.concatenate([[0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - width, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def roll_out(step, window, count):
    """Exercise 4: each forecast becomes the newest value of the next window.

    ``np.append`` makes a new array, so the window that was given stays as it was. The
    errors feed on each other: far ahead the forecasts are worth little.
    """
    forecasts = []
    for _ in range(count):
        forecasts.append(step(window))
        window = np.append(window[1:], forecasts[-1])
    return np.array(forecasts)
