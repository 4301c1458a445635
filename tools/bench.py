"""Time what the course builds beside what it could be compared with (CPU).

``python course.py bench`` times 01a's convolution beside loops, SciPy and Keras. It
prints ratios: all contenders run in turn, in one process, in each of several rounds, so
that a busy machine slows all of them alike. The other comparisons train networks; they
stand in `tools.bench_training`.
"""

import argparse
import os
import statistics
import sys
import time

import numpy as np

from tools.notebooks import NOTEBOOKS, definitions

CASES = {  # name: images (batch, height, width, channels), filters, side of the kernel
    "one grey photo 256×256, 5×5": ((1, 256, 256, 1), 1, 5),
    "batch 32×28×28×32 → 64, 3×3": ((32, 28, 28, 32), 64, 3),
}
COMPARISONS = ("convolution", "mnist", "reviews", "growth")
SLOW_SHARE = 32  # loops and SciPy take this fraction of a batch; their time is scaled


def naive_loop(images, kernels):
    """The formula with one Python loop for each axis of the output."""
    h, w, _, filters = kernels.shape
    batch, height, width, _ = images.shape
    maps = np.zeros((batch, height - h + 1, width - w + 1, filters))
    for b, i, j, f in np.ndindex(maps.shape):
        window = images[b, i : i + h, j : j + w]
        maps[b, i, j, f] = np.sum(window * kernels[..., f])
    return maps


def scipy_loop(images, kernels):
    """`scipy.signal.correlate2d` for each image, channel and filter."""
    from scipy.signal import correlate2d

    return np.stack([
        np.stack([
            sum(
                correlate2d(image[..., c], kernels[..., c, f], mode="valid")
                for c in range(kernels.shape[2])
            )
            for f in range(kernels.shape[3])
        ], axis=-1)
        for image in images
    ])  # fmt: skip


def contenders(images, kernels):
    """Return name: (function without arguments, factor that scales its time)."""
    import keras

    conv2d = definitions(NOTEBOOKS / "01a_convolution_basics.ipynb", ["conv2d"])[
        "conv2d"
    ]
    few = images[: max(1, len(images) // SLOW_SHARE)]
    factor = len(images) / len(few)
    return {
        "Keras": (
            lambda: keras.ops.convert_to_numpy(keras.ops.conv(images, kernels)),
            1,
        ),
        "from scratch": (lambda: conv2d(images, kernels), 1),
        "SciPy": (lambda: scipy_loop(few, kernels), factor),
        "naive loop": (lambda: naive_loop(few, kernels), factor),
    }


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure(shape, filters, side, rounds):
    """Return the seconds of each contender, one for each round, after agreement."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=shape).astype("float32")
    kernels = rng.normal(size=(side, side, shape[-1], filters)).astype("float32")
    entries = contenders(images, kernels)
    reference = entries["Keras"][0]()
    for function, _ in entries.values():  # also warms up
        maps = function()
        np.testing.assert_allclose(maps, reference[: len(maps)], rtol=1e-3, atol=1e-3)
    times = {name: [] for name in entries}
    names = list(entries)
    for turn in range(rounds):
        for name in names[turn % 4 :] + names[: turn % 4]:  # nobody is always second
            function, factor = entries[name]
            repeats = 1 if factor > 1 else 3  # the best of three: caches are warm
            times[name].append(factor * min(seconds(function) for _ in range(repeats)))
    return times


def convolution(rounds):
    """Print how long each way of convolving takes, over Keras' time."""
    print(
        "Keras' time includes copying from and to NumPy. In the batch, loops take one"
    )
    print(f"image of {SLOW_SHARE}, and their time is multiplied.")
    for name, (shape, filters, side) in CASES.items():
        times = measure(shape, filters, side, rounds)
        print(f"\n{name}: times over Keras, {rounds} rounds (lowest to highest)")
        for contender, values in times.items():
            ratios = [a / b for a, b in zip(values, times["Keras"], strict=True)]
            print(
                f"  {contender:13} {statistics.median(ratios):8.1f}×"
                f"  ({min(ratios):.1f} to {max(ratios):.1f};"
                f" median {1e3 * statistics.median(values):.1f} ms)"
            )


def main(arguments=None):
    """Run the comparison that is asked for."""
    parser = argparse.ArgumentParser(prog="course.py bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=COMPARISONS, default=COMPARISONS[0])
    parser.add_argument("--rounds", type=int, default=7, help="of the convolution")
    asked = parser.parse_args(arguments)
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from tools import bench_training
    from utils import session

    session.start("quick" if asked.name == "convolution" else "full")
    if asked.name == "convolution":
        convolution(max(3, asked.rounds))
    elif reason := bench_training.lacking(asked.name):
        print(f"{reason} Skipped: {asked.name} needs real data.")
    else:
        getattr(bench_training, asked.name)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
