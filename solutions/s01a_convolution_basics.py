"""Answers to the exercises of 01a Convolution basics, each with its reasoning."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def describe(side, channels, filters, kernel, stride):
    """Exercise 1: (side of the output, number of parameters) of a valid `Conv2D`.

    The first place leaves ``side - kernel`` pixels to move over, ``stride`` at a time.
    Each filter is a volume of kernel × kernel × channels weights and has one bias; the
    size of the image plays no part in the parameters.
    """
    output = (side - kernel) // stride + 1
    parameters = (kernel * kernel * channels + 1) * filters
    return output, parameters


def true_convolution(image, kernel):
    """Exercise 2: turn the kernel around in both directions, then slide it.

    In one dimension a flip is ``kernel[::-1]``; in two dimensions it is a half-turn.
    With `conv2d` of the notebook the last two lines would be
    ``conv2d(image[None, :, :, None], turned[:, :, None, None])[0, :, :, 0]``.
    """
    turned = kernel[::-1, ::-1]
    windows = sliding_window_view(image, turned.shape)
    return np.einsum("ijmn,mn->ij", windows, turned)


def dilate(kernels, rate):
    """Exercise 3: write the weights into every ``rate``-th place of a field of zeros.

    Between k weights there are k − 1 gaps, each ``rate`` wide from weight to weight:
    (k − 1) · rate + 1 places in all. The receptive field grows, the number of weights
    that are learned does not.
    """
    h, w, channels, filters = kernels.shape
    spread_out = np.zeros(
        ((h - 1) * rate + 1, (w - 1) * rate + 1, channels, filters), kernels.dtype
    )
    spread_out[::rate, ::rate] = kernels
    return spread_out


# Exercise 4: the weights sum to zero, so that an even patch and any background give
# nothing. On the stroke itself: 3 · 2 = 6. Each of the other three strokes meets one 2
# and two −1, which is zero. Many other answers are right.
rising = np.array([[-1, -1, 2], [-1, 2, -1], [2, -1, -1]])
