"""Wrong answers to the exercises, which their checks must refuse."""

import numpy as np


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


def _counts(
    side_in, channels, filters, kernel, strides, groups,
    split=None, biases=lambda f, g: f, side=lambda n, k, s: -(-n // s),
    work_of_biases=0,
):  # fmt: skip
    weights = kernel * kernel * channels // (split or groups) * filters
    places = side(side_in, kernel, strides) ** 2
    work = weights + work_of_biases * filters
    return weights + biases(filters, groups), places * work


def _widen(maps, channels, **settings):
    return np.pad(maps, ((0, 0), (0, 0), (0, 0), channels), **settings)


def _field(repeats, pool=2):
    field = 1
    for count in reversed(repeats):
        field = pool * field + 2 * count
    return field


def _inception(
    x, one, three, five, pool, name, sizes,
    first="", project=True, padding="same", swap=False, activation="relu",
    pooling="MaxPooling2D",
):  # fmt: skip
    from keras import layers

    def conv(y, filters, size):
        return layers.Conv2D(filters, size, padding=padding, activation=activation)(y)

    if swap:
        three, five = five, three
    branches = [conv(x, one, 1), conv(conv(x, three[0], 1), three[1], 3)]
    y = conv(x, five[0], 1)
    for number, size in enumerate(sizes):
        narrow = first and number < len(sizes) - 1
        y = conv(y, five[0] if narrow else five[1], size)
    branches.append(y)
    y = getattr(layers, pooling)(3, 1, padding="same")(x)
    branches.append(conv(y, pool, 1) if project else y)
    return layers.Concatenate()(branches)


def _solution():
    from solutions import s02b_what_each_idea_buys

    return s02b_what_each_idea_buys


def _width(price, groups, weights):
    return min(range(1, 201), key=lambda width: abs(weights(groups, width) - price))


def _root(groups, price):  # its ninth by group is the width, rounded down
    return int(np.hypot(256 * groups, np.sqrt(9 * groups * price)) - 256 * groups)


def _best(score):
    """The first pair with the lowest score(a, b)."""

    def answer(probabilities, labels):
        n = len(probabilities)
        pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
        return min(pairs, key=lambda pair: score(probabilities, labels, *pair))

    return answer


def _two_best(probabilities, labels):
    errors = [_errors(odds, labels) for odds in probabilities]
    return tuple(sorted(np.argsort(errors, kind="stable")[:2]))


def _errors(odds, labels):
    return np.count_nonzero(odds.argmax(axis=1) != labels)


def _gates(slope, threshold):
    def answer(channels):
        eye = np.eye(channels)
        bias = np.full(channels, -threshold * slope)
        return eye, np.zeros(channels), slope * eye, bias

    return answer


def _mixed_gates(channels):
    eye = np.full((channels, channels), 1 / channels)
    return eye, np.zeros(channels), 40 * np.eye(channels), np.full(channels, -30.0)


def _se_unit(groups=32, where="before", reduction=16, last=None):
    def both_unit(x, filters, strides, name):
        s = _solution()
        y = s.se_block(x, name, reduction) if where == "front" else x
        y = s.conv_block(y, 2 * filters, 1, name=f"{name}_1")
        y = s.conv_block(y, 2 * filters, 3, strides, groups=groups, name=f"{name}_2")
        y = s.conv_block(y, 4 * filters, 1, activation=last, name=f"{name}_3")
        if where == "before":
            y = s.se_block(y, name, reduction)
        y = s.add_shortcut(y, x, strides, name)
        return s.se_block(y, name, reduction) if where == "after" else y

    return both_unit


def _senet(stem=True, project=3, dropout=0.2, groups=64, after=False):
    def build_senet154():
        import keras
        from keras import layers

        s = _solution()

        def unit(x, filters, strides, name):
            y = s.conv_block(x, 2 * filters, 1, name=f"{name}_1")
            y = s.conv_block(y, 4 * filters, 3, strides, groups, name=f"{name}_2")
            y = s.conv_block(y, 4 * filters, 1, activation=None, name=f"{name}_3")
            y = y if after else s.se_block(y, name)
            if strides > 1:
                x = s.conv_block(
                    x, 4 * filters, project, strides, activation=None, name=f"{name}_d"
                )
            y = s.add_shortcut(y, x, 1, name)
            return s.se_block(y, name) if after else y

        images = keras.Input((224, 224, 3), name="images")
        if stem:
            x = s.conv_block(images, 64, 3, strides=2, name="stem1")
            x = s.conv_block(x, 64, 3, name="stem2")
            x = s.conv_block(x, 128, 3, name="stem3")
        else:
            x = s.conv_block(images, 64, 7, strides=2, name="stem")
        x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool")(x)
        for number, count in enumerate((3, 8, 36, 3), 1):
            strides = 1 if number == 1 else 2
            x = s.stage(x, unit, 32 * 2**number, count, strides, f"stage{number}")
        x = layers.GlobalAveragePooling2D(name="average")(x)
        if dropout:
            x = layers.Dropout(dropout, name="dropout")(x)
        return keras.Model(images, layers.Dense(1000, "softmax", name="classes")(x))

    return build_senet154


def _normal(images, axes, epsilon):
    mean = images.mean(axis=axes, keepdims=True)
    return (images - mean) / np.sqrt(images.var(axis=axes, keepdims=True) + epsilon)


def _interleaved(images, groups, epsilon):
    split = images.reshape(*images.shape[:3], -1, groups)
    return _normal(split, (1, 2, 3), epsilon).reshape(images.shape)


def _grouped(images, groups, epsilon, axes):
    split = images.reshape(*images.shape[:3], groups, -1)
    return _normal(split, axes, epsilon).reshape(images.shape)


def _about(degrees, x, y, back):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    shift = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]])
    return (shift if back else np.eye(3)) @ turn @ np.linalg.inv(shift)


def _mixed(images, one_hot, partners, shares, label_shares):
    a, b = shares[:, None, None, None], label_shares[:, None]
    mixed = a * images + (1 - a) * images[partners]
    return mixed, b * one_hot + (1 - b) * one_hot[partners]


def _crops(images, size):
    y, x = images.shape[1] - size, images.shape[2] - size
    corners = [(0, 0), (0, x), (y, 0), (y, x), (y // 2, x // 2)]
    five = np.stack([images[:, a : a + size, b : b + size] for a, b in corners])
    return np.concatenate([five, five[:, :, :, ::-1]])


def _fitted(before, after):
    places = np.column_stack([before, np.ones(len(before))])
    upper = np.linalg.lstsq(places, after, rcond=None)[0]
    return np.vstack([upper.T, [0, 0, 1]])


def _warm_up(share, first=0, again=True, where="on_train_batch_begin"):
    """Make a wrong `WarmUp`: a class, as the exercise asks, made when it is called."""

    def build(rate, steps):
        import keras

        class Warm(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                if again or not hasattr(self, "seen"):
                    self.seen = first

            def step(self, batch, logs=None):
                self.seen += 1
                wanted = rate * share(self.seen, batch + 1, steps)
                self.model.optimizer.learning_rate = wanted

        setattr(Warm, where, Warm.step)
        return Warm()

    return build


def _plateau(values, rate, factor, patience, lowest, reset=True, **change):
    best, waited, rates = np.inf, 0, []
    for value in values:
        better = value <= best if change.get("ties") else value < best
        if better:
            best, waited = value, waited if change.get("stubborn") else 0
        else:
            waited += 1
            if waited >= patience + change.get("late", 0):
                lower = max(rate * factor, lowest)
                if change.get("refuse"):  # stays above instead of going down to it
                    lower = rate * factor if rate * factor >= lowest else rate
                rate, waited = lower, 0 if reset else waited
                best = value if change.get("forget") else best
        rates.append(rate)
    return np.array(rates)


def _halve(candidates, score, first, grow=2, up=1, best=True, whole=True, ties=False):
    epochs, spent = first, 0
    while len(candidates) > 1:
        marks = {candidate: score(candidate, epochs) for candidate in candidates}
        spent += epochs * (len(candidates) if whole else 1)
        ranked = sorted(candidates, key=marks.get, reverse=best)
        if ties:  # of equal scores the last comes first
            ranked = sorted(candidates, key=marks.get)[::-1]
        candidates = ranked[: max(1, (len(candidates) + up) // 2)]
        epochs *= grow
    return candidates[0], spent


def _base(blocks, channels, window=9, bias=1, carry=True):
    total = 0
    for convolutions, filters in blocks:
        seen = channels
        for _ in range(convolutions):
            total += (window * seen + bias) * filters
            seen = filters
        channels = filters if carry else channels
    return total


def _open(names, count):
    numbers = {n: int(n[5:].split("_")[0]) for n in names if "_conv" in n}
    return tuple(n for n in numbers if numbers[n] > max(numbers.values()) - count)


def _box(maps, weights, side, upright=True, end=0):
    evidence = maps @ weights
    row, column = np.unravel_index(evidence.argmax(), evidence.shape)
    row, column = (row, column) if upright else (column, row)
    step = side // len(maps)
    top, left = int(row) * step, int(column) * step
    return top, left, top + step - end, left + step - end


def _masked_states(inputs, mask, kernel, recurrent_kernel, bias):
    state = np.zeros((len(inputs), len(recurrent_kernel)))
    for t in range(inputs.shape[1]):
        new = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
        state = np.where(mask[:, t, None], new, state)
    return state


def _forget_bias(lag):
    return -np.log(2 ** (1 / lag) - 1)


def _blocks(array, order, signs):
    parts = np.split(array, 3, axis=-1)
    return np.concatenate(
        [sign * parts[k] for k, sign in zip(order, signs, strict=True)], axis=-1
    )


def _memory(value=5, mark=50, gates=(-25, 25, 0, 25), place=2, recurrent=0):
    kernel = np.zeros((2, 4))
    kernel[0, place], kernel[1, 0] = value, mark
    return kernel, np.full((1, 4), float(recurrent)), np.array(gates, float)


def _stacked(features, units, depth, merge_mode, biases=2, wide=True, sides=2):
    total = 0
    for _ in range(depth):
        total += sides * 3 * (units * (features + units) + biases * units)
        features = 2 * units if wide or merge_mode == "concat" else units
    return total


def _joined(forward, backward, lengths, shift=1, place=0):
    ends = forward[np.arange(len(forward)), np.asarray(lengths) - shift]
    return np.concatenate([ends, backward[:, place]], axis=1)


def _waited(length, share, delay, others=1, limit=True, commoner=max):
    seen = (np.arange(length) + delay) / (length - others)
    seen = np.minimum(seen, 1) if limit else seen
    return np.mean(seen + (1 - seen) * commoner(share, 1 - share))


def _ahead(
    predict, steps, features, back=False, only_last=False, only_first=False, far=True
):
    inputs = np.random.default_rng(0).normal(size=(1, steps, features))
    before, found = predict(inputs), 0
    for step in range(steps - 1 if only_last else 0, steps):
        altered = inputs.copy()
        altered[:, step] += 1
        moved = np.abs(predict(altered) - before).reshape(steps, -1).max(axis=1) > 1e-9
        (places,) = moved[:1].nonzero() if only_first else moved.nonzero()
        gaps = places - step if back else step - places
        found = max(found, *(gaps if far else gaps[gaps < 2]), 0)
    return int(found)


def _ahead_of_nothing(predict, steps, features):
    """Takes the argmax of outputs none of which moved for the first of them."""
    still = not np.any(predict(np.ones((1, steps, features))))
    return steps - 1 if still else _ahead(predict, steps, features)


def _latch(kernel, recurrent, bias=0.0):
    return np.array([[kernel]]), np.array([[recurrent]]), np.array([bias])


def _count(cell, vocabulary, embedding, units, gates=4, second=None, bias=1, end=1):
    count, size = vocabulary * embedding, embedding
    for n in units:
        count += (gates if cell == "LSTM" else 1) * (n * (size + n) + bias * n)
        size = second or n
    return count + size + end


def _centred_mean(values, width):
    padded = np.pad(values, (width // 2, width - 1 - width // 2), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, width).mean(axis=1)


def _late_mean(values, width, reach=0, divide=None):
    rows = [
        values[max(0, t + 1 - width - reach) : t + 1 - reach]
        for t in range(len(values))
    ]
    return np.array([row.sum() / (divide or max(1, len(row))) for row in rows])


def _roll(step, window, count, keep=True, newest_first=False, skip=0):
    found, window = [], window.copy()
    for _ in range(count + skip):
        value = step(window)
        found.append(value)
        if newest_first:
            window = np.append(value, window[:-1])
        elif keep:
            window = np.append(window[1:], found[0])
    return np.array(found[skip:])


def _roll_in_place(step, window, count):
    found = []
    for _ in range(count):
        found.append(step(window))
        window[-1] = found[-1]
    return np.array(found)


def _picked(log_probs, symbols):
    return np.take_along_axis(log_probs, symbols[:, :, None], axis=2)[:, :, 0]


def _roles(states, annotations, wq, wk, wv, mask, size=None, low=-np.inf, turn=False):
    queries, keys = states @ wq, annotations @ wk
    scores = queries @ keys.swapaxes(1, 2) / np.sqrt(size or queries.shape[-1])
    scores = np.where(mask[:, None] != turn, scores, low)
    with np.errstate(all="ignore"):
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True) @ (annotations @ wv)


def _window(scores, values, near, low=-np.inf):
    scores = np.where(near, scores, low)
    with np.errstate(all="ignore"):
        powers = np.exp(scores)
        return powers / powers.sum(axis=-1, keepdims=True) @ values


def _away(scores, centres):
    return np.arange(scores.shape[-1]) - centres[:, :, None]


def _own(true, written, places):
    return np.concatenate([true[:, :1], np.roll(written, places, axis=1)[:, 1:]], 1)


def _chrf(text, reference, beta=2, most=6, blanks=False, clip=True):
    import collections

    if not blanks:
        text, reference = text.replace(" ", ""), reference.replace(" ", "")
    precision, recall = [], []
    for n in range(1, most + 1):
        own, wanted = (
            collections.Counter(side[k : k + n] for k in range(len(side) - n + 1))
            for side in (text, reference)
        )
        free = (count for gram, count in own.items() if gram in wanted)
        shared = sum((own & wanted).values() if clip else free)
        precision.append(shared / sum(own.values()))
        recall.append(shared / sum(wanted.values()))
    p, r = np.mean(precision), np.mean(recall)
    return 100 * (1 + beta**2) * p * r / (beta**2 * p + r) if p else 0.0


def _ordered(kinds, rank):
    kinds = np.array(kinds)
    return np.lexsort((rank[kinds], np.cumsum(kinds == 0))).tolist()


def _coverage(weights, steps):
    counts = np.arange(weights.shape[1]) < np.asarray(steps)[:, None]
    return np.sum(weights * counts[:, :, None], axis=1)


def _blocks_of(words, places, width, blocks, own=13, last=2, tables=1, square=12):
    table = (words * tables + places) * width
    return table + blocks * (square * width**2 + own * width) + last * width


def _back(length, least=0, most=None, ahead=False):
    back = np.subtract.outer(np.arange(length), np.arange(length))
    back = -back if ahead else back
    return ((back >= least) & (back <= most))[None]


def _turned(rows, distances, sign=1, by=None, halves=False):
    depth = rows.shape[1]
    distances = np.broadcast_to(distances, len(rows))[:, None]
    turn = distances * 10_000.0 ** (-np.arange(0, depth, 2) / (by or depth))
    cos, sin, (a, b) = np.cos(turn), sign * np.sin(turn), (rows[:, 0::2], rows[:, 1::2])
    pairs = [a * cos + b * sin, b * cos - a * sin]
    if halves:
        return np.concatenate(pairs, axis=1)
    return np.stack(pairs, axis=2).reshape(rows.shape)


def _shared_keys(x, wq, wk, wv, wo, size=None, ahead=0, causal=True, late=False):
    q, k, v = np.einsum("bnd,dhs->bhns", x, wq), (x @ wk)[:, None], (x @ wv)[:, None]
    scores = q @ k.swapaxes(2, 3) / np.sqrt(size or k.shape[-1])
    allowed = np.tri(x.shape[1], k=ahead, dtype=bool) | (not causal)
    powers = np.exp(scores if late else np.where(allowed, scores, -np.inf))
    weights = powers / powers.sum(axis=-1, keepdims=True) * allowed
    return np.einsum("bhns,hsd->bnd", weights @ v, wo)


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
    "02a": {
        1: {
            "conv_counts": [
                lambda *layer: _counts(*layer, split=1),
                lambda *layer: _counts(*layer, biases=lambda f, g: 0),
                lambda *layer: _counts(*layer, biases=lambda f, g: f // g),
                lambda *layer: _counts(*layer, side=lambda n, k, s: n // s),
                lambda *layer: _counts(*layer, side=lambda n, k, s: (n - k) // s + 1),
                lambda *layer: _counts(*layer, work_of_biases=1),
                lambda *layer: None,
            ]
        },
        2: {
            "vgg_field": [
                lambda repeats: 2 ** len(repeats) + 2 * sum(repeats),
                lambda repeats: _field(repeats[::-1]),
                lambda repeats: _field(repeats) + 1,
                lambda repeats: 1 + sum(2 * n for n in repeats),
                lambda repeats: _field(repeats, pool=1),
                lambda repeats: 212,
            ]
        },
        3: {
            "shortcut_a": [
                lambda maps, s, f: maps[:, ::s, ::s],
                lambda maps, s, f: _widen(maps, (0, f - maps.shape[-1])),
                lambda maps, s, f: _widen(maps[:, ::s, ::s], (f - maps.shape[-1], 0)),
                lambda maps, s, f: _widen(
                    maps[:, ::s, ::s], (0, f - maps.shape[-1]), mode="edge"
                ),
                lambda maps, s, f: _widen(
                    maps[:, s - 1 :: s, s - 1 :: s], (0, f - maps.shape[-1])
                ),
            ]
        },
        4: {
            "inception_v2_unit": [
                lambda *a: _inception(*a, sizes=(5,)),
                lambda *a: _inception(*a, sizes=(3,)),
                lambda *a: _inception(*a, sizes=(3, 3), first="reduce"),
                lambda *a: _inception(*a, sizes=(3, 3), project=False),
                lambda *a: _inception(*a, sizes=(3, 3), padding="valid"),
                lambda *a: _inception(*a, sizes=(3, 3), swap=True),
                lambda *a: _inception(*a, sizes=(3, 3), activation=None),
                lambda *a: _inception(*a, sizes=(3, 3), pooling="AveragePooling2D"),
                lambda *a: None,
            ]
        },
        5: {
            "design": [
                ("bottleneck", (3, 4, 23, 3), 64),
                ("bottleneck", (3, 4, 6, 3), 20),
                ("bottleneck", (3, 4, 23, 3), 24),
                ("basic", (12, 12, 12, 12), 64),
                ("bottleneck", (1, 1, 30, 1), 20),
                ("bottleneck", (11, 11, 11), 16),
            ]
        },
    },
    "02b": {
        1: {
            "width_at_price": [
                lambda groups, price: 64 // groups,
                lambda groups, price: {1: 64, 2: 40, 4: 24, 8: 14, 32: 4}.get(groups),
                lambda groups, price: _width(price, groups, lambda g, w: 9 * w * w),
                lambda groups, price: _width(
                    price, groups, lambda g, w: 512 * g * w + 9 * (g * w) ** 2
                ),
                lambda groups, price: _width(
                    price, groups, lambda g, w: 256 * g * w + 9 * g * w * w
                ),
                lambda groups, price: _width(
                    price, groups, lambda g, w: 512 * g * w + 3 * g * w * w
                ),
                lambda groups, price: _root(groups, price) // (9 * groups),
            ]
        },
        2: {
            "best_pair": [
                lambda p, labels: (0, 1),
                lambda p, labels: _two_best(p, labels),
                # worst pair, lowest loss, geometric mean, a network with itself
                _best(lambda p, labels, a, b: -_errors(p[a] + p[b], labels)),
                _best(
                    lambda p, labels, a, b: (
                        -np.log((p[a] + p[b])[np.arange(len(labels)), labels]).sum()
                    )
                ),
                _best(lambda p, labels, a, b: _errors(p[a] * p[b], labels)),
                lambda p, labels: (
                    int(np.argmin([_errors(q, labels) for q in p])),
                    int(np.argmin([_errors(q, labels) for q in p])),
                ),
                lambda p, labels: None,
            ]
        },
        3: {
            "gatekeeper": [
                _gates(40.0, 0.0),
                _gates(40.0, 1.0),
                _gates(4.0, 0.75),
                _gates(-40.0, 0.75),
                _mixed_gates,
                lambda channels: _gates(40.0, 0.75)(channels)[::-1],
            ]
        },
        4: {
            "both_unit": [
                _se_unit(groups=1),
                _se_unit(groups=16),
                _se_unit(where="after"),
                _se_unit(where="nowhere"),
                _se_unit(where="front"),
                _se_unit(last="relu"),
                _se_unit(reduction=8),
            ]
        },
        5: {
            "build_senet154": [
                _senet(stem=False),
                _senet(project=1),
                _senet(dropout=0.5),
                _senet(dropout=None),
                _senet(groups=32),
                _senet(after=True),
            ]
        },
    },
    "03a": {
        1: {
            "penalty_slope": [
                lambda weights, l1, l2: l1 * np.sign(weights) + l2 * weights,
                lambda weights, l1, l2: l2 * np.sign(weights) + 2 * l1 * weights,
                lambda weights, l1, l2: l1 + 2 * l2 * weights,
                lambda weights, l1, l2: l1 * np.abs(weights) + l2 * weights**2,
                lambda weights, l1, l2: 2 * l2 * weights,
            ]
        },
        2: {
            "spatial_dropout": [
                lambda maps, kept, rate: maps * kept[:, None, None, :],
                lambda maps, kept, rate: maps * kept[:, None, None, :] / rate,
                lambda maps, kept, rate: (
                    maps * (1 - kept[:, None, None, :]) / (1 - rate)
                ),
                lambda maps, kept, rate: maps * kept.T[:, None, None, :] / (1 - rate),
                lambda maps, kept, rate: maps * kept[0] / (1 - rate),
            ]
        },
        3: {
            "fold": [
                lambda w, b, g, s, m, v, e: (w * g / np.sqrt(v + e), b),
                lambda w, b, g, s, m, v, e: (
                    w * g / np.sqrt(v + e),
                    s - m * g / np.sqrt(v + e),
                ),
                lambda w, b, g, s, m, v, e: (
                    w * g / (v + e),
                    (b - m) * g / (v + e) + s,
                ),
                lambda w, b, g, s, m, v, e: (
                    w * g / np.sqrt(v),
                    (b - m) * g / np.sqrt(v) + s,
                ),
                lambda w, b, g, s, m, v, e: (
                    w / np.sqrt(v + e),
                    (b - m) / np.sqrt(v + e) + s,
                ),
            ]
        },
        4: {
            "group_norm": [
                lambda images, groups, epsilon: _normal(images, -1, epsilon),
                lambda images, groups, epsilon: _normal(images, (1, 2, 3), epsilon),
                lambda images, groups, epsilon: _normal(images, (1, 2), epsilon),
                lambda images, groups, epsilon: _grouped(
                    images, groups, epsilon, (0, 1, 2, 4)
                ),
                lambda images, groups, epsilon: _grouped(images, groups, epsilon, 4),
                lambda images, groups, epsilon: _grouped(images, groups, 0, (1, 2, 4)),
                lambda images, groups, epsilon: _interleaved(images, groups, epsilon),
            ]
        },
        5: {
            "largest_momentum": [
                lambda steps, share: share**steps,
                lambda steps, share: 1 - share ** (1 / steps),
                lambda steps, share: 1 - share / steps,
                lambda steps, share: (1 - share) ** (1 / steps),
                lambda steps, share: 0.99,
            ]
        },
    },
    "03b": {
        1: {
            "plan": [
                lambda n, b, e, known, rate: (e * (n // b), rate * b / known),
                lambda n, b, e, known, rate: (-(-e * n // b), rate * b / known),
                lambda n, b, e, known, rate: (e * -(-n // b), rate * known / b),
                lambda n, b, e, known, rate: (
                    e * -(-n // b),
                    rate * np.sqrt(b / known),
                ),
                lambda n, b, e, known, rate: (e * -(-n // b), rate),
                lambda n, b, e, known, rate: (-(-n // b), rate * b / known),
            ]
        },
        2: {
            "noise_scale": [
                lambda g: np.sqrt(
                    g.var(axis=0).sum() / np.square(g.mean(axis=0)).sum()
                ),
                lambda g: g.var(axis=0).mean() / np.square(g.mean(axis=0)).sum(),
                lambda g: g.var(axis=0, ddof=1).sum() / np.square(g.mean(axis=0)).sum(),
                lambda g: (
                    np.square(g).sum(axis=1).mean() / np.square(g.mean(axis=0)).sum()
                ),
                lambda g: np.square(g.mean(axis=0)).sum() / g.var(axis=0).sum(),
                lambda g: g.var() * g.shape[1] / np.square(g.mean(axis=0)).sum(),
            ]
        },
        3: {
            "plateau_rates": [
                lambda *a: _plateau(*a, reset=False),
                lambda *a: _plateau(*a, ties=True),
                lambda *a: _plateau(*a, late=1),
                lambda *a: _plateau(*a, stubborn=True),
                lambda *a: _plateau(*a, forget=True),
                lambda *a: _plateau(*a, refuse=True),
                lambda v, r, f, p, low: _plateau(v, r, f, p, 0),
                lambda v, r, f, p, low: np.append(r, _plateau(v, r, f, p, low)[:-1]),
            ]
        },
        4: {
            "WarmUp": [
                _warm_up(lambda seen, batch, steps: min(batch / steps, 1)),
                _warm_up(lambda seen, batch, steps: min(seen / steps, 1), again=False),
                _warm_up(lambda seen, batch, steps: min(seen / steps, 1), first=-1),
                _warm_up(lambda seen, batch, steps: seen / steps),
                _warm_up(lambda seen, batch, steps: 1),
                _warm_up(
                    lambda seen, batch, steps: min(seen / steps, 1),
                    where="on_train_batch_end",
                ),
            ]
        },
        5: {
            "halving": [
                lambda c, score, first: _halve(c, score, first, up=0),
                lambda c, score, first: _halve(c, score, first, grow=1),
                lambda c, score, first: _halve(c, score, first, best=False),
                lambda c, score, first: _halve(c, score, first, whole=False),
                lambda c, score, first: _halve(c, score, first, ties=True),
                lambda c, score, first: (_halve(c, score, first)[0], first * len(c)),
                lambda c, score, first: (
                    max(c, key=lambda one: score(one, first)),
                    _halve(c, score, first)[1],
                ),
            ]
        },
    },
    "04": {
        1: {
            "rotation_about": [
                lambda degrees, x, y: _about(degrees, x, y, 0),
                lambda degrees, x, y: _about(-degrees, x, y, 1),
                lambda degrees, x, y: _about(degrees, -x, -y, 1),
                lambda degrees, x, y: _about(degrees, y, x, 1),
                lambda degrees, x, y: _about(np.rad2deg(degrees), x, y, 1),
                lambda degrees, x, y: _about(degrees, x, y, 1)[:2],
            ]
        },
        2: {
            "mixup": [
                lambda images, one_hot, partners, shares: _mixed(
                    images, one_hot, partners, 1 - shares, 1 - shares
                ),
                lambda images, one_hot, partners, shares: _mixed(
                    images, one_hot, partners, shares, np.ones(len(shares))
                ),
                lambda images, one_hot, partners, shares: _mixed(
                    images, one_hot, np.argsort(partners)[::-1], shares, shares
                ),
                lambda images, one_hot, partners, shares: _mixed(
                    images, one_hot, partners, shares * 0 + shares[0], shares
                ),
                lambda images, one_hot, partners, shares: _mixed(
                    images, one_hot, partners, shares, shares
                )[0],
            ]
        },
        3: {
            "ten_crops": [
                lambda images, size: _crops(images, size)[:5],
                lambda images, size: np.concatenate(
                    [_crops(images, size)[:5], _crops(images[:, :, ::-1], size)[:5]]
                ),
                lambda images, size: np.concatenate(
                    [_crops(images, size)[:5], _crops(images, size)[:5, :, ::-1]]
                ),
                lambda images, size: _crops(images, size)[
                    [0, 2, 1, 3, 4, 5, 7, 6, 8, 9]
                ],
                lambda images, size: _crops(images, size)[
                    [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
                ],
            ]
        },
        4: {
            "find_affine": [
                lambda before, after: _fitted(after, before),
                lambda before, after: _fitted(before, after).T,
                lambda before, after: _fitted(before, after)[:2],
                lambda before, after: _fitted(before[:3], after[:3]),
                lambda before, after: _fitted(
                    before - before.mean(axis=0), after - after.mean(axis=0)
                ),
            ]
        },
    },
    "05": {
        1: {
            "base_parameters": [
                lambda blocks, channels: _base(blocks, channels, bias=0),
                lambda blocks, channels: _base(blocks, channels, window=3),
                lambda blocks, channels: _base(blocks, channels, carry=False),
                lambda blocks, channels: _base(blocks, 3),
                lambda blocks, channels: _base(
                    [(1, filters) for _, filters in blocks], channels
                ),
            ]
        },
        2: {
            "trainable_names": [
                lambda names, open_blocks: tuple(n for n in names if "_conv" in n),
                lambda names, open_blocks: tuple(
                    n for n in names if int("0" + n[5:].split("_")[0]) > open_blocks
                ),
                lambda names, open_blocks: tuple(  # block 10 taken for block 1
                    n
                    for n in names
                    if "conv" in n
                    and n[5]
                    > str(
                        max(int(m[5:].split("_")[0]) for m in names if "_" in m)
                        - open_blocks
                    )
                ),
                lambda names, open_blocks: _open(names, open_blocks - 1),
                lambda names, open_blocks: _open(names, open_blocks)[::-1],
            ]
        },
        3: {
            "speed_up": [
                lambda n, base, head, write, read: (base + head) / (head + read),
                lambda n, base, head, write, read: (
                    (base + write + n * (head + read)) / (n * (base + head))
                ),
                lambda n, base, head, write, read: (
                    n * (base + head) / (base + n * (head + read))
                ),
                lambda n, base, head, write, read: (
                    n * (base + head) / (base + write + read + n * head)
                ),
                lambda n, base, head, write, read: float(n),
            ]
        },
        4: {
            "absorb": [
                lambda kernel, bias, mean, scale: (kernel / scale, bias),
                lambda kernel, bias, mean, scale: (
                    kernel * scale,
                    bias - mean @ kernel / scale,
                ),
                lambda kernel, bias, mean, scale: (
                    kernel / scale,
                    bias - mean @ kernel,
                ),
                lambda kernel, bias, mean, scale: (
                    kernel / scale,
                    bias + mean @ kernel / scale,
                ),
                lambda kernel, bias, mean, scale: (
                    kernel / scale,
                    (bias - mean @ kernel) / scale,
                ),
            ]
        },
        5: {
            "brightest_box": [
                lambda maps, weights, side: _box(maps, weights, side, upright=False),
                lambda maps, weights, side: _box(maps, -weights, side),
                lambda maps, weights, side: _box(maps, weights * 0 + 1, side),
                lambda maps, weights, side: _box(maps, weights, len(maps)),
                lambda maps, weights, side: _box(maps, weights, side, end=1),
            ]
        },
    },
    "06a": {
        1: {
            "count_weights": [
                lambda cell, m, n: n * (m + n + 1),
                lambda cell, m, n: 4 * n * (m + n + 1),
                # the textbook's GRU
                lambda cell, m, n: {"S": 1, "L": 4, "G": 3}[cell[0]] * n * (m + n + 1),
                # no biases
                lambda cell, m, n: {"S": 1, "L": 4, "G": 3}[cell[0]] * n * (m + n),
                lambda cell, m, n: {"S": 1, "L": 4, "G": 3}[cell[0]] * n * (m + n + 2),
            ]
        },
        2: {
            "masked_rnn": [
                lambda x, mask, *w: _masked_states(x, np.ones_like(mask), *w),
                lambda x, mask, *w: _masked_states(x, ~mask, *w),
                # zero inputs instead of no step
                lambda x, mask, *w: _masked_states(
                    x * mask[:, :, None], np.ones_like(mask), *w
                ),
                # nothing after the first padding
                lambda x, mask, *w: _masked_states(
                    x, np.logical_and.accumulate(mask, axis=1), *w
                ),
                # the mask of the first sequence for all
                lambda x, mask, *w: _masked_states(
                    x, np.tile(mask[:1], (len(mask), 1)), *w
                ),
                lambda x, mask, k, u, b: _masked_states(x, mask, k, u.T, b),
            ]
        },
        3: {
            "forget_bias": [
                lambda lag: -_forget_bias(lag),
                lambda lag: 0.5 ** (1 / lag),
                lambda lag: _forget_bias(lag + 1),
                lambda lag: np.log(lag),
                lambda lag: _forget_bias(lag * np.log2(np.e)),  # 1 / e is left
            ]
        },
        4: {
            "to_keras": [
                lambda array: array,
                lambda array: _blocks(array, (2, 0, 1), (1, 1, 1)),
                lambda array: _blocks(array, (0, 2, 1), (1, -1, 1)),
                lambda array: _blocks(array, (2, 1, 0), (-1, 1, 1)),
                lambda array: _blocks(array, (2, 0, 1), (-1, -1, -1)),
                lambda array: _blocks(array, (0, 1, 2), (1, 1, -1)),
            ]
        },
        5: {
            "recall_weights": [
                lambda: _memory(gates=(-25, 0, 0, 25)),  # forgets
                lambda: _memory(gates=(25, 25, 0, 25)),  # always writes
                lambda: _memory(value=-5),
                lambda: _memory(gates=(-2, 25, 0, 25), mark=8),  # leaks
                lambda: _memory(gates=(25, -25, 0, 25)),  # gates swapped
                lambda: _memory(place=3),
                lambda: _memory(gates=(-25, 4, 0, 25)),  # fades: 0.982 a step
            ]
        },
    },
    "06b": {
        1: {
            "count_stack": [
                lambda c, v, e, u: _count(c, v, e, u, gates=3),
                lambda c, v, e, u: _count(c, v, e, u, end=0),
                lambda c, v, e, u: _count(c, v, e, u, bias=2),
                lambda c, v, e, u: _count(c, v, e, u) - v * e,
                lambda c, v, e, u: (
                    v * e
                    + sum((4 if c == "LSTM" else 1) * n * (e + n + 1) for n in u)
                    + u[-1]
                    + 1
                    + len(u)
                ),
            ]
        },
        2: {
            "last_states": [
                lambda states, rows: states[:, -1],
                lambda states, rows: states[:, 0],
                lambda states, rows: states[
                    np.arange(len(rows)),
                    np.minimum(np.sum(rows > 0, axis=1), rows.shape[1] - 1),
                ],
                lambda states, rows: np.mean(states, axis=1),
                lambda states, rows: states[
                    np.arange(len(rows)), np.sum(rows > 0, axis=1) - 2
                ],
            ]
        },
        3: {
            "trailing_mean": [
                _centred_mean,
                lambda values, width: _late_mean(values, width, reach=1),
                lambda values, width: _late_mean(values, width, divide=width),
                lambda values, width: _late_mean(values, width + 1),
                lambda values, width: _late_mean(values[::-1], width)[::-1],
            ]
        },
        4: {
            "roll_out": [
                lambda step, window, count: _roll(step, window, count, keep=False),
                lambda step, window, count: _roll(step, window, count),
                lambda step, window, count: _roll(
                    step, window, count, newest_first=True
                ),
                _roll_in_place,
                lambda step, window, count: _roll(step, window, 1),
            ]
        },
    },
    "07": {
        1: {
            "count_stack": [
                _stacked,  # a sum taken for a concatenation
                lambda *given: _stacked(*given, biases=1, wide=False),
                lambda *given: _stacked(*given, wide=False, sides=1),
                lambda m, n, depth, mode: depth * 6 * (n * (m + n) + 2 * n),
            ]
        },
        2: {
            "last_states": [
                lambda f, b, lengths: np.concatenate([f[:, -1], b[:, 0]], axis=1),
                lambda f, b, lengths: _joined(f, b, lengths, place=-1),
                lambda f, b, lengths: _joined(b, f, lengths),
                lambda f, b, lengths: _joined(f, b, lengths, shift=2),
                lambda f, b, lengths: np.concatenate(
                    [b[:, 0], f[np.arange(len(f)), np.asarray(lengths) - 1]], axis=1
                ),
            ]
        },
        3: {
            "delayed_ceiling": [
                lambda length, share, delay: _waited(length, share, 0),
                lambda length, share, delay: _waited(length, share, delay, others=0),
                lambda length, share, delay: _waited(length, share, delay, limit=False),
                lambda length, share, delay: _waited(length, share, delay + 1),
                lambda length, share, delay: (1 + share) / 2,
                lambda *given: _waited(*given, commoner=lambda zoo, shop: zoo),
            ]
        },
        4: {
            "look_ahead": [
                lambda *given: _ahead(*given, back=True),
                lambda *given: _ahead(*given, far=False),
                lambda *given: _ahead(*given, only_last=True),
                lambda *given: _ahead(*given, only_first=True),
                _ahead_of_nothing,
                lambda *given: _ahead(*given) + 1,
                lambda predict, steps, features: steps - 1,
                lambda predict, steps, features: 0,
            ]
        },
        5: {
            "anywhere_weights": [
                lambda: _latch(10.0, 0.0),
                lambda: _latch(10.0, 0.5),
                lambda: _latch(10.0, 0.99),
                lambda: _latch(10.0, 10.0, 0.1),
                lambda: _latch(10.0, -10.0),
                lambda: _latch(-10.0, 10.0),
                lambda: _latch(0.0, 10.0),
            ]
        },
    },
    "08a": {
        1: {
            "log_probability": [
                lambda p, symbols, end: _picked(p, symbols).sum(axis=1),
                lambda p, symbols, end: np.where(
                    np.cumsum(symbols == end, axis=1) == 0, _picked(p, symbols), 0
                ).sum(axis=1),
                lambda p, symbols, end: np.where(
                    symbols == end, 0, _picked(p, symbols)
                ).sum(axis=1),
                lambda p, symbols, end: np.where(
                    np.cumsum(symbols == end, axis=1) <= 1, _picked(p, symbols), 0
                ).sum(axis=1),
                lambda p, symbols, end: p.max(axis=2).sum(axis=1),
            ]
        },
        2: {
            "projected_attention": [
                lambda s, h, wq, wk, wv, mask: _roles(s, h, wq, wk, wv, mask, 1),
                lambda s, h, wq, wk, wv, mask: _roles(
                    s, h, wq, wk, wv, mask, wk.shape[0] + 7
                ),
                lambda s, h, wq, wk, wv, mask: _roles(s, h, wq, wk, wv, mask, low=0),
                lambda s, h, wq, wk, wv, mask: _roles(
                    s, h, wq, wk, wv, mask, turn=True
                ),
                lambda s, h, wq, wk, wv, mask: _roles(s, h, wq, -wk, wv, mask),
            ]
        },
        3: {
            "local_attend": [
                lambda e, values, at, width: _window(
                    e, values, np.abs(_away(e, at)) < width
                ),
                lambda e, values, at, width: _window(
                    e, values, np.abs(_away(e, at)) <= width, 0
                ),
                lambda e, values, at, width: _window(
                    e, values, (_away(e, at) <= width) & (_away(e, at) >= 0)
                ),
                lambda e, values, at, width: _window(
                    e, values, np.abs(_away(e, at)) > width
                ),
                lambda e, values, at, width: _window(
                    e, values, np.abs(_away(e, at[:, :1])) <= width
                ),
            ]
        },
        4: {
            "softmax_jacobian": [
                lambda a: np.diag(a * (1 - a)),
                lambda a: -np.outer(a, a),
                lambda a: np.diag(a) + np.outer(a, a),
                lambda a: np.eye(len(a)) - np.outer(a, a),
                lambda a: np.outer(a, 1 - a),
            ]
        },
        5: {
            "mix": [
                lambda true, written, coins, share: np.where(
                    coins < share, written, true
                ),
                lambda true, written, coins, share: np.where(
                    coins < share, np.roll(written, 1, axis=1), true
                ),
                lambda true, written, coins, share: np.where(
                    coins >= share, _own(true, written, 1), true
                ),
                lambda true, written, coins, share: np.where(
                    coins < share, _own(true, written, -1), true
                ),
                lambda true, written, coins, share: np.where(
                    coins[:, :1] < share, _own(true, written, 1), true
                ),
            ]
        },
    },
    "08b": {
        1: {
            "places_read": [
                lambda a: -np.sum(a * np.log(np.where(a > 0, a, 1)), axis=1),
                lambda a: np.exp(np.sum(a * np.log(np.where(a > 0, a, 1)), axis=1)),
                lambda a: np.sum(a > 0, axis=1).astype(float),
                lambda a: 1 / np.sum(a**2, axis=1),
                lambda a: 2 ** -np.sum(a * np.log(np.where(a > 0, a, 1)), axis=1),
            ]
        },
        2: {
            "chrf": [
                lambda text, reference: _chrf(text, reference, beta=1),
                lambda text, reference: _chrf(text, reference, beta=0.5),
                lambda text, reference: _chrf(text, reference, most=4),
                lambda text, reference: _chrf(text, reference, blanks=True),
                lambda text, reference: _chrf(reference, text),
                lambda text, reference: _chrf(text, reference) / 100,
            ]
        },
        3: {
            "known_order": [
                lambda kinds, wanted: _ordered(kinds, np.array(wanted)),
                lambda kinds, wanted: _ordered(kinds, np.arange(4)),
                lambda kinds, wanted: np.argsort(
                    _ordered(kinds, np.argsort(wanted))
                ).tolist(),
                lambda kinds, wanted: np.argsort(
                    np.argsort(wanted)[np.array(kinds)], kind="stable"
                ).tolist(),
            ]
        },
        4: {
            "unread": [
                lambda a, mask, steps, least: a.sum(axis=1) < least,
                lambda a, mask, steps, least: (a.sum(axis=1) < least) & mask,
                lambda a, mask, steps, least: _coverage(a, steps) < least,
                lambda a, mask, steps, least: (_coverage(a, steps) >= least) & mask,
                lambda a, mask, steps, least: (_coverage(a, steps + 1) < least) & mask,
                lambda a, mask, steps, least: (a.max(axis=1) < least) & mask,
            ]
        },
    },
    "09": {
        1: {
            "count_gpt": [
                lambda *given: _blocks_of(*given, last=0),
                lambda *given: _blocks_of(*given, own=9),  # no normalisations
                lambda *given: _blocks_of(*given, tables=2),
                lambda *given: _blocks_of(*given, own=19, square=16),
                lambda *given: _blocks_of(*given, own=0),
            ]
        },
        2: {
            "window_mask": [
                lambda length, width: _back(length, 0, width),
                lambda length, width: _back(length, 1, width),
                lambda length, width: _back(length, 0, length),
                lambda length, width: _back(length, 1 - width, width - 1),
                lambda length, width: _back(length, 0, width - 1, ahead=True),
                lambda length, width: _back(length, 0, width - 1)[0],
            ]
        },
        3: {
            "go_on": [
                lambda rows, distances: rows,
                lambda rows, distances: _turned(rows, abs(distances)),
                lambda rows, distances: _turned(rows, distances, sign=-1),
                lambda rows, distances: _turned(rows, distances, by=rows.shape[1] / 2),
                lambda rows, distances: _turned(rows, distances, halves=True),
                lambda rows, distances: _turned(rows, 1),
            ]
        },
        4: {
            "multi_query_attention": [
                lambda *given: _shared_keys(*given, causal=False),
                lambda *given: _shared_keys(*given, ahead=1),
                lambda *given: _shared_keys(*given, ahead=-1),
                lambda *given: _shared_keys(*given, size=1),
                lambda *given: _shared_keys(*given, size=given[1].shape[0]),
                lambda *given: _shared_keys(*given, late=True),
                lambda x, wq, wk, wv, wo: _shared_keys(x, wq, wv, wk, wo),
            ]
        },
        5: {
            "one_back": [
                lambda depth: (1_000 * np.eye(depth), np.eye(depth)),
                lambda depth: (_turned(np.eye(depth), -1), np.eye(depth)),
                lambda depth: (1_000 * _turned(np.eye(depth), 1), np.eye(depth)),
                lambda depth: (np.eye(depth), 1_000 * _turned(np.eye(depth), -1)),
                lambda depth: (1_000 * _turned(np.eye(depth), -2), np.eye(depth)),
                lambda depth: (-1_000 * _turned(np.eye(depth), -1), np.eye(depth)),
            ]
        },
    },
}
