"""Answers to the exercises of 02a CNN architectures, with reasoning."""

import numpy as np
from keras import layers


def conv_counts(side, channels, filters, kernel, strides, groups):
    """Exercise 1: (parameters, multiply-adds) of a convolution with padding "same".

    A filter has one weight for each place of its window and each channel that it sees,
    which is one group's share, and one bias. Each of those weights is used once at
    each place of the output, of which there are side / strides, rounded up, squared.
    """
    weights = kernel * kernel * (channels // groups) * filters
    places = -(-side // strides)
    return weights + filters, places * places * weights


def vgg_field(repeats):
    """Exercise 2: walk backwards from one value behind the last pooling.

    Two neighbours of the map before give one value behind a 2×2 pooling with stride 2,
    so n values need 2n. A 3×3 convolution needs one more on each side: n + 2. For
    VGG-16 that is 212 of 224 pixels.
    """
    field = 1
    for count in reversed(repeats):
        field = 2 * field + 2 * count
    return field


def shortcut_a(maps, strides, filters):
    """Exercise 3: take every strides-th pixel, and append channels of zeros.

    It equals a projection with the identity matrix as its 1×1 kernel, so what the
    paper's option B adds to it is that this matrix is learned.
    """
    new = filters - maps.shape[-1]
    return np.pad(maps[:, ::strides, ::strides], ((0, 0), (0, 0), (0, 0), (0, new)))


def inception_v2_unit(x, one, three, five, pool, name):
    """Exercise 4: two 3×3 see what one 5×5 sees.

    With as many filters in both, 18 weights take the place of 25, and there is a ReLU
    more. Here the first of the two has fewer channels in than out, which is cheaper
    still.
    """

    def conv(y, filters, size, part):
        settings = {"padding": "same", "activation": "relu", "name": f"{name}_{part}"}
        return layers.Conv2D(filters, size, **settings)(y)

    a = conv(x, one, 1, "1x1")
    b = conv(x, three[0], 1, "3x3_reduce")
    b = conv(b, three[1], 3, "3x3")
    c = conv(x, five[0], 1, "double_reduce")
    c = conv(c, five[1], 3, "double_1")
    c = conv(c, five[1], 3, "double_2")
    d = layers.MaxPooling2D(3, 1, padding="same", name=f"{name}_pool")(x)
    d = conv(d, pool, 1, "pool_project")
    return layers.Concatenate(name=f"{name}_join")([a, b, c, d])


# Exercise 5: a bottleneck has three layers and basic units two, so 33 bottlenecks and
# two layers more are 101: the repeats of ResNet-101. At 64 channels that is 44.5
# million parameters and 7.6 GMACs; both grow with the square of the width, so a third
# of the width brings about a ninth: 20 channels, well within both limits.
design = ("bottleneck", (3, 4, 23, 3), 20)
