"""Wrong answers to the exercises, which their checks must refuse."""

import numpy as np

WRONG = {  # notebook: exercise: the student's name: answers that must earn nothing
    "00": {
        1: {
            "standardise": [
                lambda images: (images - images.mean()) / images.std(),
                lambda images: images - images.mean(axis=(0, 1, 2)),
                lambda images: (images - images.mean(axis=0)) / images.std(axis=0),
                lambda images: (
                    (images - images.mean(axis=(0, 1, 2))) / images.var(axis=(0, 1, 2))
                ),
                lambda images: None,
            ]
        },
        2: {
            "all_scores": [
                lambda queries, keys: np.einsum("bqf,bkf->bkq", queries, keys),
                lambda queries, keys: np.einsum("bqf,akf->bqk", queries, keys),
                lambda queries, keys: np.einsum("bqf,bkf->qk", queries, keys),
                lambda queries, keys: np.einsum("bqf,bkg->bqk", queries, keys),
                lambda queries, keys: queries @ keys,
            ]
        },
        3: {
            "binary_cross_entropy": [
                lambda labels, logits: _naive_binary(labels, logits),
                lambda labels, logits: np.sum(_binary(labels, logits)),
                lambda labels, logits: np.mean(_binary(1 - labels, logits)),
                lambda labels, logits: np.mean(_binary(labels, logits)) / np.log(2),
                lambda labels, logits: _binary(labels, logits),
            ]
        },
        4: {
            "paired": [
                lambda a, b: (a.mean() - b.mean(), _unpaired(a, b)),
                lambda a, b: (b.mean() - a.mean(), _paired_error(a, b)),
                lambda a, b: (abs(a.mean() - b.mean()), _paired_error(a, b)),
                lambda a, b: (a.mean() - b.mean(), (a * 1.0 - b).std(ddof=1)),
                lambda a, b: _paired_error(a, b),
                lambda a, b: (a.mean() - b.mean(), (a ^ b).std() / np.sqrt(len(a))),
            ]
        },
    },
    "01b": {
        1: {
            "trace": [
                lambda side, f, k, p: (side, side // p, (side // p) ** 2 * f),
                lambda side, f, k, p: (
                    side - k + 1,
                    -(-(side - k + 1) // p),
                    (-(-(side - k + 1) // p)) ** 2 * f,
                ),
                lambda side, f, k, p: (
                    side - k + 1,
                    (side - k + 1) // p,
                    (side - k + 1) // p * f,
                ),
                lambda side, f, k, p: (
                    side - k + 1,
                    (side - k + 1) // p,
                    ((side - k + 1) // p) ** 2,
                ),
                lambda side, f, k, p: (
                    side - k,
                    (side - k) // p,
                    ((side - k) // p) ** 2 * f,
                ),
            ]
        },
        2: {
            "min_pool2d": [
                lambda images, size: -_minimum(-images, size, size),
                lambda images, size: _minimum(images, size, 1),
                lambda images, size: _minimum(-images, size, size),
                lambda images, size: images[:, ::size, ::size],
                lambda images, size: _minimum(images, 2, 2),
                lambda images, size: None,
            ]
        },
        3: {
            "trigram_detector": [
                lambda e, t: (e[t][:, :, None], np.array([2.5])),
                lambda e, t: (e[t][:, :, None], np.array([0.0])),
                lambda e, t: (e[t[::-1]][:, :, None], np.array([-2.5])),
                lambda e, t: (np.repeat(e[t[:1]], 3, 0)[:, :, None], np.array([-2.5])),
                lambda e, t: (e[t][:, :, None], np.array([-3.0])),
                *(
                    lambda e, t, k=k: (
                        np.where(np.arange(3)[:, None] == k, 0, e[t])[:, :, None],
                        np.array([-1.5]),
                    )
                    for k in range(3)
                ),
            ]
        },
        4: {
            "spread": [
                lambda images, size, strides: images,
                lambda images, size, strides: _framed(images, size - 1),
                lambda images, size, strides: _framed(_apart(images, strides), size),
                lambda images, size, strides: _framed(
                    _apart(images, strides + 1), size - 1
                ),
                lambda images, size, strides: _framed(
                    np.repeat(np.repeat(images, strides, 1), strides, 2), size - 1
                ),
            ]
        },
        5: {
            "decoder": [
                [(3, 2), (4, 2)],
                [(4, 2), (4, 2)],
                [(26, 1), (1, 1)],
                [(20, 2), (1, 1)],
                [(2, 2), (2, 2)],
                [(8, 4)],
            ]
        },
    },
    "01a": {
        1: {
            "describe": [
                lambda side, c, f, k, s: ((side - k) // s, (k * k * c + 1) * f),
                lambda side, c, f, k, s: ((side - k) // s + 1, k * k * c * f),
                lambda side, c, f, k, s: (-(-side // s), (k * k * c + 1) * f),
                lambda side, c, f, k, s: (side - k + 1, k * k * c * f + f),
            ]
        },
        2: {
            "true_convolution": [
                lambda image, kernel: _correlate(image, kernel),
                lambda image, kernel: _correlate(image, kernel[::-1]),
                lambda image, kernel: _correlate(image, kernel[:, ::-1]),
                lambda image, kernel: np.pad(_correlate(image, kernel[::-1, ::-1]), 1),
                lambda image, kernel: None,
            ]
        },
        3: {
            "dilate": [
                lambda kernels, rate: kernels,
                lambda kernels, rate: np.repeat(np.repeat(kernels, rate, 0), rate, 1),
                lambda kernels, rate: _spread(kernels, rate, 1),
                lambda kernels, rate: _spread(kernels, 2, 2),
            ]
        },
        4: {
            "rising": [
                np.eye(3),
                np.eye(3)[::-1],
                3 * np.eye(3) - 1,
                np.ones((3, 3)),
                np.zeros((3, 3)),
                -(3 * np.eye(3)[::-1] - 1),
            ]
        },
    },
}


def _correlate(image, kernel):
    import scipy.signal

    return scipy.signal.correlate2d(image, kernel, mode="valid")


def _spread(kernels, rate, columns):
    h, w, channels, filters = kernels.shape
    out = np.zeros(((h - 1) * rate + 1, (w - 1) * columns + 1, channels, filters))
    out[::rate, ::columns] = kernels
    return out


def _binary(labels, logits):
    return np.logaddexp(0, logits) - labels * logits


def _naive_binary(labels, logits):
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-logits))
        return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))


def _unpaired(a, b):
    return np.sqrt((a.var() + b.var()) / len(a))


def _paired_error(a, b):
    return (a * 1.0 - b).std(ddof=1) / np.sqrt(len(a))


def _minimum(images, size, step):
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), (1, 2))
    return windows[:, ::step, ::step].min(axis=(-2, -1))


def _apart(images, strides):
    b, height, width, c = images.shape
    out = np.zeros((b, (height - 1) * strides + 1, (width - 1) * strides + 1, c))
    out[:, ::strides, ::strides] = images
    return out


def _framed(images, frame):
    return np.pad(images, ((0, 0), (frame, frame), (frame, frame), (0, 0)))
