"""Answers to the exercises of 00 Getting started, each with its reasoning."""

import numpy as np


def standardise(images):
    """Exercise 1: one mean and one standard deviation for each channel.

    Reducing the axes batch, height and width leaves (channels,). Aligned at the right
    with (batch, height, width, channels) it meets the last axis and is repeated over
    the three others.
    """
    mean = images.mean(axis=(0, 1, 2))
    deviation = images.std(axis=(0, 1, 2))
    return (images - mean) / deviation


def all_scores(queries, keys):
    """Exercise 2: b stays, because queries only meet keys of their own batch entry.

    The features f are multiplied and summed, so f is missing after the arrow; q and k
    stand there both: every query meets every key.
    """
    return np.einsum("bqf,bkf->bqk", queries, keys)


def binary_cross_entropy(labels, logits):
    """Exercise 3: the loss of one example is ln(1 + e^z) − y z.

    For y = 1 the probability is 1 / (1 + e^−z), and −ln of it is
    ln(1 + e^−z) = ln(1 + e^z) − z; for y = 0 it is ln(1 + e^z). ``logaddexp(0, z)`` is
    ln(e^0 + e^z), computed without ever forming e^500. With `cross_entropy` of the
    notebook: ``cross_entropy(labels, np.stack([0 * logits, logits], axis=1))``.
    """
    return np.mean(np.logaddexp(0, logits) - labels * logits)


def paired(correct_a, correct_b):
    """Exercise 4: the differences of the single images carry it all.

    Images that both models get right, or both wrong, contribute 0 and no spread. Adding
    up two separate standard errors would count the shared difficulty twice.
    """
    difference = correct_a.astype(float) - correct_b
    return difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))
