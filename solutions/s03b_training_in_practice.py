"""Answers to the exercises of 03b Training in practice, with reasoning."""

import math

import keras
import numpy as np


def plan(images, size, epochs, known_size, known_rate):
    """Exercise 1: (changes of the weights, learning rate).

    An epoch has ``images / size`` batches, and one more if some images are left over.
    ``-(-a // b)`` rounds up. The rule: a batch four times as large, a rate four times
    as high. It is a rule of thumb and fails when the rate comes near the limit that the
    curvature sets.
    """
    return epochs * -(-images // size), known_rate * size / known_size


def noise_scale(gradients):
    """Exercise 2: V / b = |mean|², solved for b.

    V is the mean square *distance*, a sum over the weights: one number for all of them,
    not a mean per weight. The squares matter: twice the noise asks for four times the
    batch.
    """
    mean = gradients.mean(axis=0)
    spread = np.square(gradients - mean).sum(axis=1).mean()
    return spread / np.square(mean).sum()


def plateau_rates(values, rate, factor, patience, lowest):
    """Exercise 3: as early stopping, but go on with a lower rate.

    After a reduction the count starts anew while the best value stays: the next
    reduction needs ``patience`` further epochs without improvement.
    """
    best, waited, rates = math.inf, 0, []
    for value in values:
        if value < best:
            best, waited = value, 0
        else:
            waited += 1
            if waited >= patience:
                rate, waited = max(rate * factor, lowest), 0
        rates.append(rate)
    return np.array(rates)


class WarmUp(keras.callbacks.Callback):
    """Exercise 4: count batches over all epochs, set the rate before each.

    ``on_train_begin`` is the place for everything that a new ``fit`` must forget.
    """

    def __init__(self, rate, steps):
        super().__init__()
        self.rate, self.steps = rate, steps

    def on_train_begin(self, logs=None):
        self.seen = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.seen += 1
        share = min(self.seen / self.steps, 1)
        self.model.optimizer.learning_rate = share * self.rate


def halving(candidates, score, first):
    """Exercise 5: each round costs about the same: half as many, twice as long.

    The danger: a candidate that starts slowly (a low learning rate, much dropout) is
    sent home before it could show what it can do. Hence the choice of ``first``.
    """
    epochs, spent = first, 0
    while len(candidates) > 1:
        spent += epochs * len(candidates)
        marks = {candidate: score(candidate, epochs) for candidate in candidates}
        ranked = sorted(candidates, key=marks.get, reverse=True)
        candidates, epochs = ranked[: -(-len(candidates) // 2)], 2 * epochs
    return candidates[0], spent
