"""Answers to the exercises of 05 Transfer learning with VGG16, with reasoning."""

import numpy as np


def base_parameters(blocks, channels):
    """Exercise 1: nine weights per pair of channels, and a bias per filter.

    Behind the first convolution of a block, its own filters are the channels.
    """
    total = 0
    for convolutions, filters in blocks:
        total += (9 * channels + 1) * filters
        total += (convolutions - 1) * (9 * filters + 1) * filters
        channels = filters
    return total


def trainable_names(names, open_blocks):
    """Exercise 2: the number is all between the word and the underscore.

    Comparing numbers and not texts puts block 10 behind block 9.
    """
    convolutions = [name for name in names if "_conv" in name]
    numbers = [int(name.split("_")[0].removeprefix("block")) for name in convolutions]
    closed = max(numbers) - open_blocks
    pairs = zip(convolutions, numbers, strict=True)
    return tuple(name for name, number in pairs if number > closed)


def speed_up(epochs, base_seconds, head_seconds, write_seconds, read_seconds):
    """Exercise 3: what is paid once is left out of the product with the epochs.

    For many epochs it tends to (base + head) / (head + reading): a slow disk can eat
    the gain. For one epoch it is below 1.
    """
    without = epochs * (base_seconds + head_seconds)
    cached = base_seconds + write_seconds + epochs * (head_seconds + read_seconds)
    return without / cached


def absorb(kernel, bias, mean, scale):
    """Exercise 4: divide the kernel, and let the bias take the mean along.

    The mean goes through the kernel like any features; it is taken off at the end.
    """
    return kernel / scale, bias - mean @ kernel / scale


def brightest_box(maps, weights, side):
    """Exercise 5: weigh the channels, find the largest place, scale it up."""
    evidence = maps @ weights
    row, column = np.unravel_index(evidence.argmax(), evidence.shape)
    step = side // len(maps)
    top, left = int(row) * step, int(column) * step
    return top, left, top + step, left + step
