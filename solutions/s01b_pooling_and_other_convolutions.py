"""Answers to the exercises of 01b Pooling and other convolutions, with reasoning."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def trace(side, filters, kernel, pool):
    """Exercise 1: (side after the convolution, after the pooling, values flattened).

    A valid convolution loses ``kernel - 1`` pixels. Pooling keeps whole blocks only,
    so the division is rounded down. Each filter gives one map, whatever the number of
    channels that went in.
    """
    convolved = side - kernel + 1
    pooled = convolved // pool
    return convolved, pooled, pooled * pooled * filters


def min_pool2d(images, pool_size):
    """Exercise 2: the smallest number is the largest of the negative, negated.

    With `max_pool2d` of the notebook: ``-max_pool2d(-images, pool_size)``.
    """
    size = (pool_size, pool_size)
    windows = sliding_window_view(-images, size, axis=(1, 2))
    return -windows[:, ::pool_size, ::pool_size].max(axis=(-2, -1))


def trigram_detector(embeddings, trigram):
    """Exercise 3: the three embeddings as filter, and 2.5 as threshold.

    A unit vector times itself is 1, so the trigram scores 3 and 3 - 2.5 = 0.5 is left.
    The axis at the end is that of the filters.
    """
    kernels = embeddings[np.asarray(trigram)][:, :, None]
    return kernels, np.array([-2.5])


def spread(images, size, strides):
    """Exercise 4: zeros between the pixels, and a frame that lets the kernel out.

    In the spread-out image every pixel is alone in the reach of one copy of the kernel.
    The frame of ``size - 1`` makes the convolution a full one, as scattering is.
    """
    batch, height, width, channels = images.shape
    rows, columns = (height - 1) * strides + 1, (width - 1) * strides + 1
    field = np.zeros((batch, rows, columns, channels), images.dtype)
    field[:, ::strides, ::strides] = images
    frame = (size - 1, size - 1)
    return np.pad(field, ((0, 0), frame, frame, (0, 0)))


# Exercise 5: an even inside needs k = m · s, and then n becomes (n - 1 + m) · s. Two
# strides of 2 with multiples m and m' make 2 (6 + m) of 7, and 2 (2 (6 + m) - 1 + m')
# of that. It is 32 if 2 m + m' = 5: kernels 4 and 2 (7, 16, 32), or 2 and 6.
decoder = [(4, 2), (2, 2)]
