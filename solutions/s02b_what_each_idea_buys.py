"""Answers to the exercises of 02b What each idea buys, with reasoning.

Exercises 4 and 5 build with the notebook's own functions. They are repeated below the
answers, word for word, so that this module can be read and run by itself.
"""

import keras
import numpy as np
from keras import layers


def width_at_price(groups, price):
    """Exercise 1: try every width; the three kernels have 512 g w + 9 g w² weights.

    ``groups * width`` channels inside cost 256 weights each on the way down and again
    on the way up; the 3×3 has ``9 * width`` weights for each of them, because it sees
    one group only. At ResNet's 69,632 weights this gives 64, 40, 24, 14 and 4 for 1, 2,
    4, 8 and 32 groups: table 2 of the paper.
    """
    widths = np.arange(1, 201)
    inner = groups * widths
    weights = 2 * 256 * inner + 9 * inner * widths
    return int(widths[np.argmin(np.abs(weights - price))])


def best_pair(probabilities, labels):
    """Exercise 2: try every pair; the sum has the same largest class as the mean.

    ``<`` and not ``<=`` keeps the first of equally good pairs. The best pair need not
    hold the best network: what counts is that the two err on different images.
    """
    best, fewest = (0, 1), len(labels) + 1
    for a in range(len(probabilities)):
        for b in range(a + 1, len(probabilities)):
            guesses = (probabilities[a] + probabilities[b]).argmax(axis=1)
            errors = np.count_nonzero(guesses != labels)
            if errors < fewest:
                best, fewest = (a, b), errors
    return best


def gatekeeper(channels):
    """Exercise 3: pass the means on, then compare each with 0.75, steeply.

    ReLU makes a negative mean 0, which is below 0.75 as well: no harm. The sigmoid is
    0.99 at 4.6 and 0.01 at -4.6, and the means keep a distance of 0.25 from the
    threshold. So the slope must be at least 4.6 / 0.25 = 18.4; 40 is on the safe side.
    """
    slope = 40.0
    one_to_one = np.eye(channels)
    bias = np.full(channels, -0.75 * slope)
    return one_to_one, np.zeros(channels), slope * one_to_one, bias


def both_unit(x, filters, strides, name):
    """Exercise 4: `resnext_unit`, and one more line before the addition."""
    y = conv_block(x, 2 * filters, 1, name=f"{name}_1")
    y = conv_block(y, 2 * filters, 3, strides, groups=32, name=f"{name}_2")
    y = conv_block(y, 4 * filters, 1, activation=None, name=f"{name}_3")
    y = se_block(y, name)
    return add_shortcut(y, x, strides, name)


def senet_unit(x, filters, strides, name):
    """A unit of SENet-154.

    The first 1×1 has half as many channels as the grouped 3×3, and where the resolution
    changes the shortcut is projected by a 3×3. After that projection both ends have one
    shape, so `add_shortcut` only adds; where only the channels change (the first unit
    of all) it projects by 1×1 as always.
    """
    y = conv_block(x, 2 * filters, 1, name=f"{name}_1")
    y = conv_block(y, 4 * filters, 3, strides, groups=64, name=f"{name}_2")
    y = conv_block(y, 4 * filters, 1, activation=None, name=f"{name}_3")
    y = se_block(y, name)
    if strides > 1:
        x = conv_block(x, 4 * filters, 3, strides, activation=None, name=f"{name}_down")
    return add_shortcut(y, x, 1, name)


def build_senet154():
    """Exercise 5: the stem of three 3×3, four stages, dropout before the classes."""
    images = keras.Input((224, 224, 3), name="images")
    x = conv_block(images, 64, 3, strides=2, name="stem1")
    x = conv_block(x, 64, 3, name="stem2")
    x = conv_block(x, 128, 3, name="stem3")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    for number, count in enumerate((3, 8, 36, 3), 1):
        strides = 1 if number == 1 else 2
        x = stage(x, senet_unit, 32 * 2**number, count, strides, f"stage{number}")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    outputs = layers.Dense(1000, activation="softmax", name="classes")(x)
    return keras.Model(images, outputs, name="senet154")


# --- from the notebook --------------------------------------------------------------


def conv_block(x, filters, size, strides=1, groups=1, activation="relu", *, name):
    """Convolution without bias, batch normalisation, activation (None for none)."""
    settings = {"padding": "same", "groups": groups, "use_bias": False}
    x = layers.Conv2D(filters, size, strides, name=f"{name}_conv", **settings)(x)
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    return layers.Activation(activation, name=f"{name}_act")(x) if activation else x


def add_shortcut(y, x, strides, name):
    """ReLU(y + x); where the shapes differ, a 1×1 convolution projects x."""
    if x.shape != y.shape:
        x = conv_block(
            x, y.shape[-1], 1, strides, activation=None, name=f"{name}_project"
        )
    total = layers.Add(name=f"{name}_add")([y, x])
    return layers.Activation("relu", name=f"{name}_out")(total)


def stage(x, unit, filters, repeats, strides, name):
    """Repeat a unit; the first one changes the resolution by its stride."""
    for number in range(1, repeats + 1):
        x = unit(x, filters, strides if number == 1 else 1, f"{name}_unit{number}")
    return x


def se_block(x, name, reduction=16):
    """Scale each channel by a weight between 0 and 1 that depends on the image."""
    channels = x.shape[-1]
    y = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
    y = layers.Dense(channels // reduction, "relu", name=f"{name}_reduce")(y)
    y = layers.Dense(channels, "sigmoid", name=f"{name}_excite")(y)
    return layers.Multiply(name=f"{name}_scale")([x, y])
