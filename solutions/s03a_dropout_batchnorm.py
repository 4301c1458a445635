"""Answers to the exercises of 03a Dropout and batch normalisation, with reasoning."""

import numpy as np


def penalty_slope(weights, l1, l2):
    """Exercise 1: a constant pull under L1, one in proportion under L2."""
    return l1 * np.sign(weights) + 2 * l2 * weights


def spatial_dropout(maps, kept, rate):
    """Exercise 2: one entry of the mask for each image and channel.

    The two new axes of length 1 are stretched over height and width. The division is
    the same as ever: a map is kept with probability ``1 - rate``.
    """
    return maps * kept[:, None, None, :] / (1 - rate)


def fold(kernel, bias, gamma, beta, mean, variance, epsilon):
    """Exercise 3: collect what is multiplied and what is added.

    The features are the last axis of the kernel, so the factor is broadcast along it.
    The bias passes through the normalisation like any output: mean off, then scaled.
    """
    factor = gamma / np.sqrt(variance + epsilon)
    return kernel * factor, (bias - mean) * factor + beta


def group_norm(images, groups, epsilon):
    """Exercise 4: split the channels, reduce all but the image and the group.

    One group is what some papers call layer normalisation of an image; as many groups
    as channels is called instance normalisation.
    """
    batch, height, width, channels = images.shape
    split = images.reshape(batch, height, width, groups, channels // groups)
    mean = split.mean(axis=(1, 2, 4), keepdims=True)
    variance = split.var(axis=(1, 2, 4), keepdims=True)
    return ((split - mean) / np.sqrt(variance + epsilon)).reshape(images.shape)


def largest_momentum(steps, share):
    """Exercise 5: momentum ** steps <= share, solved for the momentum."""
    return share ** (1 / steps)
