"""Answers to the exercises of 06a Recurrent networks, with their reasoning."""

import numpy as np


def count_weights(cell, m, n):
    """Exercise 1: as many blocks as the cell has products, each with its biases.

    A block has ``n`` rows of ``m`` inputs and ``n`` states. Keras' default GRU has two
    biases in each block, one for the input and one for the state.
    """
    blocks = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}[cell]
    biases = 2 if cell == "GRU" else 1
    return blocks * (n * (m + n) + biases * n)


def masked_rnn(inputs, mask, kernel, recurrent_kernel, bias):
    """Exercise 2: take the new state where there is a word, else keep the old one.

    The mask of one step is (batch,); the new axis stretches it over the units.
    """
    state = np.zeros((len(inputs), len(recurrent_kernel)))
    for t in range(inputs.shape[1]):
        new = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
        state = np.where(mask[:, t, None], new, state)
    return state


def forget_bias(lag):
    """Exercise 3: the gate is the lag-th root of one half; then its logit.

    For a long lag the gate is about 1 - ln 2 / lag, so the bias grows like the
    logarithm of the lag: 3.3 for 20 steps, 5.7 for 200.
    """
    gate = 0.5 ** (1 / lag)
    return np.log(gate / (1 - gate))


def to_keras(array):
    """Exercise 4: reorder the blocks, and negate the update gate.

    1 - sigmoid(a) = sigmoid(-a), so a gate and its opposite differ in sign only.
    """
    reset, candidate, update = np.split(array, 3, axis=-1)
    return np.concatenate([-update, reset, candidate], axis=-1)


def recall_weights():
    """Exercise 5: write at the mark, keep for ever, show always.

    Columns: input gate, forget gate, candidate, output gate. At the mark the logit of
    the input gate is 50 - 25, elsewhere it is -25: what leaks in within 300 steps is
    under 1e-8. The candidate is about the sign of the number.
    """
    kernel = np.array([[0.0, 0, 5, 0], [50, 0, 0, 0]])
    return kernel, np.zeros((1, 4)), np.array([-25.0, 25, 0, 25])
