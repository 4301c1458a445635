"""Do the notebooks' own asserts hold their from-scratch functions to account?

Every operator, constant and comparison of a function is changed in turn; the cells of
the notebook that assert something must then fail. Slow: run with ``-m slow``.
"""

import ast
import contextlib
import copy
import io
import linecache
import time
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tools.notebooks import code_cells, read, select
from utils import plotting

FUNCTIONS = {  # notebook: functions that it teaches
    "00": [
        "batched_product", "softmax", "cross_entropy", "sigmoid", "train_step",
        "standard_error", "nearest_mean",
        "clearly_greater",
    ],
    "01a": [
        "correlate1d", "convolve1d", "conv2d_naive", "pad_same", "conv2d",
        "output_size", "receptive_field", "centred", "leaky_bucket", "covariance",
        "pearson", "normalised_correlation",
    ],
    "01b": [
        "slide", "im2col", "convolution_matrix", "ngram_scores",
        "pool_windows", "max_pool2d", "average_pool2d", "edge_maps", "likeness",
        "shifted", "rotated",
        "multiply_adds", "conv1d", "conv2d_transpose", "conv1d_transpose", "uneven",
        "draw", "iou", "recurring", "find",
    ],
    "02a": [
        "count_macs", "frame", "random_crops", "augment", "local_response_norm",
        "conv_relu", "vgg_stage", "main_path", "inception_unit", "auxiliary_head",
        "googlenet_stem", "conv_block", "add_shortcut", "basic_unit",
        "bottleneck_unit", "stage", "top_k_error", "standard_error_of",
    ],
    "02b": [  # the builder itself is held to account in 02a
        "grouped_conv2d", "block_kernel", "resnext_unit", "squeeze_excite", "se_block",
        "se_bottleneck_unit", "inception_unit", "count_by_formula", "grouped_slices",
        "plain_unit", "grouped_unit", "se_basic_unit", "small_network", "disagreement",
    ],
    "03a": [
        "shrink", "spoil", "penalty", "descend", "soft_threshold",
        "apply_mask", "dropout", "softmax", "batch_norm", "batch_norm_gradients",
        "scale_by_depth", "layer_norm",
    ],
    "03b": [
        "restart", "accuracy", "expected_noise", "measured_noise",
        "flat_gradient", "gradient_steps", "noise_floor", "wander", "step_memory",
        "smooth", "adam_changes", "suggest", "rehearse", "early_stopping",
        "bounded_floor", "build", "prepare",
    ],
    "04": [
        "affine_matrix", "sample", "apply_affine", "apply_naive", "from_corner",
        "push", "random_matrices", "fresh", "half_turns", "bootstrap_interval",
        "gan_losses", "to_nearest",
    ],
    "05": [
        "count_base", "preprocess", "build_base", "average_places",
        "softmax", "train_head", "draw", "random_weights", "drift", "tiles",
        "quarters", "smallest_overlap", "class_map", "distinct_channels",
    ],
    "06a": [
        "build_vocabulary", "encode", "bags", "simple_rnn", "bptt", "orthogonal",
        "rnn_jacobians", "backward_norms", "clip", "sigmoid", "lstm_gates", "lstm",
        "streams", "with_forget_bias", "gru_gates", "gru", "gru_swapped", "one_step",
        "step_jacobian", "reach", "truncated", "full_gradient", "cosine",
    ],
    "06b": [
        "waves", "first_words", "words_of", "pad_left",
        "without_mask", "bigrams", "baselines", "mean_error", "windows", "relative",
        "prepare", "linear_forecast", "leaks", "first_moved",
    ],
    "07": [
        "read", "both_passes", "merge", "bidirectional", "ends", "influence",
        "sentences", "ceiling", "score_tags", "share_right", "vote", "turned",
        "loss_and_accuracy", "in_pieces", "noise",
    ],
    "08a": [
        "to_numbers", "to_text", "split_by_day", "gru_weights", "shifted",
        "greedy_decode", "memory_step", "first_mistake",
        "after_first", "forced_decode", "beam_search", "every_text", "dot_scores",
        "general_scores", "scaled_dot_scores", "additive_scores", "masked_softmax",
        "attend", "look_up", "output_step",
    ],
    "08b": [
        "reversal", "make_rows", "unseen",
        "alignment_accuracy", "chance", "reorder", "padding_probe", "normal",
        "bundles", "split", "pieces", "merge", "learn_merges", "cut", "number_rows",
        "to_text", "clipped", "bleu", "nearest", "greedy_decode", "verdict",
        "verb_places", "first_mistake",
    ],
    "09": [
        "scaled_dot_scores", "masked_softmax", "attend", "self_attention",
        "split_heads", "multi_head_attention", "positional_encoding", "causal_mask",
        "influence", "leaks", "by_hand_mask", "multiplications", "weight_bytes",
        "cached_step", "weights_of_block", "to_numbers", "to_text", "split_by_day",
        "digit_texts", "arrangements", "symbol_leaks", "masked_loss", "rate_at",
        "write", "exact", "path_length", "streams", "long_lags", "all_lags",
    ],
}  # fmt: skip
EQUIVALENT = {  # notebook: mutants that compute the same, with the reason
    "00": {
        # Logits have two axes here; NumPy takes any negative length for "the rest".
        "cross_entropy: shifted = logits - logits.max(axis=+1, keepdims=True)",
        "cross_entropy: log_sums = np.log(np.exp(shifted).sum(axis=+1))",
        "nearest_mean: examples, queries = (x.reshape(len(x), -2) for x in (images, "
        "new_images))",
    },
    "01a": {
        # Both are pairs; the order of the sums is free.
        "pad_same: for size, kernel in zip(images.shape[1:3], kernel_size, "
        "strict=False):",
        "conv2d: maps = np.einsum('bijcmn,mncf->bijf', windows, kernels, "
        "optimize=False)",
        # The deviations of the other series sum to zero, so a mean may be off.
        "covariance: return np.sum((x + x.mean()) * (y - y.mean())) / (len(x) - ddof)",
        "covariance: return np.sum((x - x.mean()) * (y + y.mean())) / (len(x) - ddof)",
    },
    "01b": {
        # NumPy takes any negative size for the one that it is to work out.
        "im2col: return sliding_window_view(image, (h, w)).reshape(-2, h * w)",
        "likeness: a, b = (maps.reshape(len(maps), -2), "
        "others.reshape(len(others), -1))",
        "likeness: a, b = (maps.reshape(len(maps), -1), "
        "others.reshape(len(others), -2))",
        "recurring: rows = sliding_window_view(image, (3, 3)).reshape(-2, 9)",
        "recurring: known = {tuple(row) for row in "
        "sliding_window_view(other, (3, 3)).reshape(-2, 9)}",
        # What is padded on the right is cut off again.
        "shifted: return np.pad(images, ((0, 0), (0, 0), (pixels, 1), (0, 0)))"
        "[:, :, :width]",
        # Only the order of the products, and so the time, differs.
        "conv1d: maps = np.einsum('btek,kef->btf', windows, kernels, optimize=False)",
        # A slightly larger or smaller constant input has the same inside ...
        "uneven: def uneven(kernel, strides, side=11):",
        "uneven: def uneven(kernel, strides, side=9):",
        # ... and of one image or filter, or of two equal ones, first is last.
        "uneven: stamp = np.ones((kernel, kernel, 2, 1))",
        "uneven: output = conv2d_transpose(np.ones((1, side, side, 1)), stamp, strides)"
        "[-1, :, :, 0]",
        "uneven: output = conv2d_transpose(np.ones((1, side, side, 1)), stamp, strides)"
        "[0, :, :, -1]",
        "uneven: output = conv2d_transpose(np.ones((2, side, side, 1)), stamp, strides)"
        "[0, :, :, 0]",
        "find: answers = keras.ops.conv(image[None, :, :, None], finder)"
        "[-1, :, :, 0].numpy()",
        "find: answers = keras.ops.conv(image[None, :, :, None], finder)"
        "[0, :, :, -1].numpy()",
        # The answers are ninths: three digits tell them apart as well as four or five.
        "find: return (round(float(answers.max() / bend.sum()), 5), "
        "tuple(map(int, place)))",
        "find: return (round(float(answers.max() / bend.sum()), 3), "
        "tuple(map(int, place)))",
    },
    "02a": {
        # A layer's name that nothing else refers to.
        "googlenet_stem: x = conv_relu(x, 64, 7, strides=2, name='conv1?')",
        "googlenet_stem: x = conv_relu(x, 64, 1, name='conv2_reduce?')",
        "googlenet_stem: x = conv_relu(x, 192, 3, name='conv2?')",
        "googlenet_stem: x = layers.MaxPooling2D(3, 2, padding='same', "
        "name='pool1?')(x)",
        "googlenet_stem: x = layers.Lambda(local_response_norm, name='norm1?')(x)",
        "googlenet_stem: x = layers.Lambda(local_response_norm, name='norm2?')(x)",
        "googlenet_stem: return layers.MaxPooling2D(3, 2, padding='same', "
        "name='pool2?')(x)",
        # A third row of random numbers that nobody uses; and images are square.
        "random_crops: places = tf.random.uniform((3, count, 1), 0, freedom, tf.int32) "
        "+ tf.range(size)",
        "random_crops: count, freedom = (tf.shape(images)[0], images.shape[2] - size + "
        "1)",
        "main_path: path.append((shape[2] if len(shape) == 4 else 1, shape[-1]))",
    },
    "02b": {
        # Multiply adds the two axes itself; 16 // 15 = 16 // 16, and so for 32.
        "se_block: y = layers.GlobalAveragePooling2D(keepdims=False, "
        "name=f'{name}_squeeze')(x)",
        "inception_unit: thin5 = conv_block(x, f // 15, 1, name=f'{name}_reduce5')",
        # Names that nothing else refers to.
        "small_network: images = keras.Input((28, 28, 1), name='images?')",
        "small_network: x = conv_block(images, filters, 3, strides=2, name='stem?')",
        "small_network: x = stage(x, unit, filters, 1, 1, 'stage1?')",
        "small_network: x = layers.GlobalAveragePooling2D(name='average?')(x)",
        "small_network: model = keras.Model(images, layers.Dense(10, name='classes?')"
        "(x), name=name)",
        # Both are lists of four; the halves of a batch disagree in nets of any width.
        "grouped_conv2d: maps = [np.einsum('bijcmn,mncf->bijf', some, own) for some, "
        "own in zip(channel_groups, filter_groups, strict=False)]",
        "disagreement: tiny = keras.Sequential([keras.Input((6,)), layers.Dense(9), "
        "*extra, layers.Activation('relu'), layers.Dense(4)])",
        "disagreement: tiny = keras.Sequential([keras.Input((6,)), layers.Dense(7), "
        "*extra, layers.Activation('relu'), layers.Dense(4)])",
        "disagreement: tiny = keras.Sequential([keras.Input((6,)), layers.Dense(8), "
        "*extra, layers.Activation('relu'), layers.Dense(5)])",
    },
    "03a": {
        # NumPy takes any negative size for the one that it is to work out.
        "shrink: blocks = images.reshape(-2, 14, 2, 14, 2).mean(axis=(2, 4))",
        "shrink: return (blocks / 255).reshape(-2, 196).astype('float32')",
        # Digits are counted modulo 10, so back by 1 to 9 is forward by 9 to 1.
        "spoil: wrong[victims] = (wrong[victims] - draw.integers(1, 10, len(victims))) "
        "% 10",
        # Only the squares of the five numbers count; and they have converged.
        "descend: x, w = (np.array([+2.0, -1, 0, 1, 2]), np.array(start, dtype=float))",
        "descend: x, w = (np.array([-2.0, +1, 0, 1, 2]), np.array(start, dtype=float))",
        "descend: def descend(start, l1=0.0, l2=0.0, steps=4001, pace=0.2):",
        "descend: def descend(start, l1=0.0, l2=0.0, steps=3999, pace=0.2):",
        # A random number is hardly ever the rate itself, nor an input exactly zero.
        "dropout: return apply_mask(inputs, rng.random(inputs.shape) > rate, rate)",
        "scale_by_depth: g = g * (a >= 0)",
        # In training the moving averages are not used; and any batch would do.
        "scale_by_depth: fixed = (1.0, 0.0, 1.0, 1.0, 0.9, 1e-12)",
        "scale_by_depth: fixed = (1.0, 0.0, -1.0, 1.0, 0.9, 1e-12)",
        "scale_by_depth: fixed = (1.0, 0.0, 0.0, 2.0, 0.9, 1e-12)",
        "scale_by_depth: fixed = (1.0, 0.0, 0.0, 0.0, 0.9, 1e-12)",
        "scale_by_depth: fixed = (1.0, 0.0, 0.0, 1.0, 1.9, 1e-12)",
        "scale_by_depth: fixed = (1.0, 0.0, 0.0, 1.0, -0.09999999999999998, 1e-12)",
        "scale_by_depth: h, tape, sizes = (draw.normal(size=(257, UNITS)), [], [])",
        "scale_by_depth: h, tape, sizes = (draw.normal(size=(255, UNITS)), [], [])",
    },
    "04": {
        # In how many parts images are transformed; a random number that is exactly ½;
        # one resample more or less of a thousand; any negative size, which NumPy fills.
        "fresh: parts = np.array_split(images, len(images) // 2000 + 2)",
        "fresh: parts = np.array_split(images, len(images) // 2001 + 1)",
        "fresh: parts = np.array_split(images, len(images) // 1999 + 1)",
        "half_turns: coins = draw.random((len(images), 1, 1, 1)) <= 0.5",
        "bootstrap_interval: def bootstrap_interval(before, after, draw, "
        "resamples=1001):",
        "bootstrap_interval: def bootstrap_interval(before, after, draw, "
        "resamples=999):",
        "to_nearest: a, b = (x.reshape(len(x), -2) for x in (images, known))",
        # Of one amount, or of one place, the first is the last.
        "affine_matrix: angle = np.deg2rad(amounts[-1])",
        "affine_matrix: matrix[0, 1] = amounts[-1]",
        "apply_naive: result[:, row, column] = sample(images, *at)[:, -1]",
        "apply_naive: at = (np.full((batch, 2), x), np.full((batch, 1), y))",
        "apply_naive: at = (np.full((batch, 1), x), np.full((batch, 2), y))",
        # The third row of a place is not looked at.
        "push: to = np.rint(places[:3] + middle).astype(int)",
        # NumPy takes any negative size for the one that it is to work out.
        "sample: framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))"
        ".reshape(-2, channels)",
        # Before a row of the frame of zeros comes another one; a spare image is
        # never looked at.
        "sample: row = np.clip(top + down + 1, -1, height + 1).astype(int)",
        "sample: column = np.clip(left + right + 1, -1, width + 1).astype(int)",
        "sample: framed = np.pad(images, ((0, 1), (1, 1), (1, 1), (0, 0)))"
        ".reshape(-1, channels)",
    },
    "03b": {
        # The constant against division by nothing is far below every gradient here.
        "adam_changes: return -rate * mean / (np.sqrt(mean_square) - 1e-07)",
        # Logits have two axes, a flat gradient one; the network has one input.
        "accuracy: return np.mean(np.concatenate(parts).argmax(axis=+1) == labels)",
        "flat_gradient: return tf.concat([tf.reshape(part, [-1]) for part in parts], "
        "axis=-1)",
        "step_memory: kept = [model.inputs[-1], *(layer.output for layer in "
        "model.layers)]",
        # The array grows; there is a slope for every weight.
        "gradient_steps: losses = tf.TensorArray('float32', size=1, dynamic_size=True)",
        "gradient_steps: for weight, slope in zip(weights, tape.gradient(loss, "
        "weights), strict=False):",
        # One step or weight more of many; noise has no sign.
        "wander: def wander(rate, size, curvature, variance, rng, steps=151, "
        "weights=20000):",
        "wander: def wander(rate, size, curvature, variance, rng, steps=149, "
        "weights=20000):",
        "wander: def wander(rate, size, curvature, variance, rng, steps=150, "
        "weights=20001):",
        "wander: def wander(rate, size, curvature, variance, rng, steps=150, "
        "weights=19999):",
        "wander: w = w - rate * (curvature * w - noise)",
        # A loss that is never computed, a name, and the only weight.
        "rehearse: one_weight.compile(keras.optimizers.SGD(1.0), 'mse?')",
        "rehearse: one_weight = keras.Sequential([keras.Input((1,)), layers.Dense(1, "
        "use_bias=False, name='only?')])",
        "rehearse: return (len(rates), one_weight.get_weights()[-1].item(), rates)",
        # Every number is less than infinity, so the first epoch is the best at once.
        "early_stopping: best, best_epoch, waited = (np.inf, 1, 0)",
        "early_stopping: best, best_epoch, waited = (np.inf, -1, 0)",
    },
    "05": {
        # A name that nothing else refers to, and lists of equal length.
        "build_base: pixels = keras.Input((None, None, 3), name='pixels?')",
        "smallest_overlap: for size, a, b in zip(sizes, better, other, strict=False):",
        # NumPy takes any negative size for the one that it is to work out.
        "tiles: return cut.transpose(0, 2, 1, 3, 4).reshape(-2, side // 2, side // 2, "
        "3)",
        "quarters: return split.mean(axis=(2, 4)).reshape(n, -2)",
        # Zeros of the right shape and type, whichever row they are made of.
        "train_head: kernel, bias = (0 * features[1, :, None] * targets[0], 0 * "
        "targets[0])",
        "train_head: kernel, bias = (0 * features[-1, :, None] * targets[0], 0 * "
        "targets[0])",
        "train_head: kernel, bias = (0 * features[0, :, None] * targets[1], 0 * "
        "targets[0])",
        "train_head: kernel, bias = (0 * features[0, :, None] * targets[-1], 0 * "
        "targets[0])",
        "train_head: kernel, bias = (0 * features[0, :, None] * targets[0], 0 * "
        "targets[1])",
        "train_head: kernel, bias = (0 * features[0, :, None] * targets[0], 0 * "
        "targets[-1])",
    },
    "06a": {
        # The names of the three special numbers are never looked up.
        "build_vocabulary: return ['[pad]?', '[start]', '[unknown]', *words][:size]",
        "build_vocabulary: return ['[pad]', '[start]?', '[unknown]', *words][:size]",
        "build_vocabulary: return ['[pad]', '[start]', '[unknown]?', *words][:size]",
        # Zeros of the same shape; lists of the same length; square matrices; one row.
        "bptt: start = np.zeros_like(states[:, 1]) if state is None else state",
        "bptt: start = np.zeros_like(states[:, -1]) if state is None else state",
        "bptt: return (loss, [np.stack(steps[::-1]) for steps in zip(*terms, "
        "strict=False)], states[:, -1])",
        "backward_norms: product = np.eye(jacobians.shape[+1])",
        "reach: state = one_step(name, weights, x, state[None])[-1]",
        "truncated: totals = [a + b.sum(axis=0) for a, b in zip(totals, terms, "
        "strict=False)]",
        # A limit that no text here reaches.
        "build_vocabulary: def build_vocabulary(texts, size=10001):",
        "build_vocabulary: def build_vocabulary(texts, size=9999):",
        # Jacobians are square; numbers of a stream are never 0.
        "backward_norms: product = np.eye(jacobians.shape[-2])",
        "streams: return (pairs, (values[at] >= 0).astype('float32'))",
        "streams: return (pairs, (values[at] > -1).astype('float32'))",
        # A second step is not looked at; of one step, the first is the last.
        "one_step: again = np.tile(x, (len(states), 2, 1))",
        "one_step: return np.concatenate([hidden[:, -1], cells[:, 0]], axis=1)",
        "one_step: return np.concatenate([hidden[:, 0], cells[:, -1]], axis=1)",
        "one_step: return gru(again, *weights, h=states)[:, -1]",
        "one_step: return simple_rnn(again, *weights, states)[:, -1]",
    },
    "07": {
        # Before the first word stands the last column, which is padding in such rows.
        "turned: return np.where(places < -1, 0, np.take_along_axis(numbers, places, "
        "axis=1))",
        # Both kernels have a column for every gate; 11 is 1 modulo 5, so as balanced.
        "read: kernel, units = (weights[1], len(weights[1]))",
        "sentences: zoo = rows * LENGTH % 5 < 3",
    },
    "06b": {
        # Before and after are lists of the same length.
        "leaks: return not all((np.array_equal(a, b) for a, b in zip(before, after, "
        "strict=False)))",
        # A wave starts anywhere in its turn, whichever way that is drawn.
        "waves: turns = np.arange(steps) / period - start",
        "waves: period, start = (draw.uniform(6, 16, (count, 1)), "
        "draw.uniform(-1, 1, (count, 1)))",
        "waves: period, start = (draw.uniform(6, 16, (count, 1)), "
        "draw.uniform(0, 2, (count, 1)))",
        # No letter is a question mark.
        "words_of: return [''.join((letters[i] for i in row)).rstrip('.?') "
        "for row in best]",
        # Where anything is moved, place -1 holds a zero.
        "pad_left: return np.where(places < -1, 0, "
        "np.take_along_axis(rows, places, axis=1))",
        # The first windows end later anyway; and one target has one column.
        "prepare: inputs, targets = windows(values, length, horizon, 1, split - "
        "horizon + 1)",
        "prepare: inputs, targets = windows(values, length, horizon, -1, split - "
        "horizon + 1)",
        "linear_forecast: weights = np.linalg.lstsq(design, y[:, -1], rcond=None)[0]",
    },
    "08a": {
        # As many rows as texts, as many parents as symbols; no text has a "?".
        "to_numbers: for row, text in zip(rows, texts, strict=False):",
        "to_text: return ''.join((symbols[number] for number in row)).strip('·<>?')",
        "beam_search: grown = [(beams[parent][0] + (int(symbol),), float(totals["
        "parent, "
        "symbol])) for parent, symbol in zip(parents, symbols, strict=False)]",
        # NumPy reads only the first letter of a kind of sorting.
        "beam_search: best = np.argsort(-totals, axis=None, kind='stable?')[:width]",
        # All parts carried have as many rows; here there is one part, or one row.
        "greedy_decode: rows = len(carried[-1])",
        "memory_step: return lambda previous, carried: (table[carried[-1], previous], "
        "(previous,))",
        "every_text: for symbol, log_prob in enumerate(log_probs[-1]):",
        "look_up: return masked_softmax(dot_scores(query, keys))[-1, 0]",
        "look_up: return masked_softmax(dot_scores(query, keys))[0, -1]",
        # Nothing divided by two is nothing; minus infinity plus one stays as it is.
        "masked_softmax: return powers / np.where(total == 0, 2, total)",
        "masked_softmax: powers = np.exp(scores - np.where(np.isinf(top), 1, top))",
        "masked_softmax: powers = np.exp(scores - np.where(np.isinf(top), -1, top))",
    },
    "08b": {
        # A draw is never exactly 0.6; letters and symbols have numbers from 3.
        "reorder: at, (thing, place) = (len(letters), (draw.random(2) <= 0.6)"
        ".tolist())",
        "padding_probe: return (most[padded == 0].max(), least[padded > 1].min(), "
        "moved)",
        # The probe pads, no matter by how much or where.
        "padding_probe: for extra in (1, 3):",
        "padding_probe: for extra in (0, 4):",
        "padding_probe: for extra in (0, 2):",
        "padding_probe: padded = np.pad(sources, ((0, 0), (1, extra)))",
        # Both ends of a tie lie in one bundle; any name will do; weak ties are wanted.
        "bundles: return connected_components(ties, directed=False)[1][ends[1]]",
        "bundles: return connected_components(ties, directed=False)[1][ends[-1]]",
        "bundles: return connected_components(ties, directed=True)[1][ends[0]]",
        "bundles: names = [[f'{side} {normal(t)}' for t in texts] for side, texts in "
        "(('source?', sources), ('target', targets))]",
        "bundles: names = [[f'{side} {normal(t)}' for t in texts] for side, texts in "
        "(('source', sources), ('target?', targets))]",
        # Only the keys of that dict count; pairs are of equal length; no text has "?".
        "learn_merges: where[pair][word] = False",
        "number_rows: for row, text in zip(rows, texts, strict=False):",
        "bleu: pairs, log_share = ([*zip(texts, references, strict=False)], 0.0)",
        "verdict: equal = np.mean([a == b for a, b in zip(texts, references, "
        "strict=False)])",
        "to_text: return ''.join((symbols[number] for number in row)).strip('·<>?')",
        # c / (a + b + c) orders as c / (a + b - c) does; one more column stays empty.
        "nearest: every = have.sum(axis=1)[:, None] + offer.sum(axis=1) + common",
        "nearest: size = max(sources.max(), known.max()) + 2",
        # All parts carried have as many rows; one verb is the first and the last.
        "greedy_decode: rows = len(carried[1])",
        "greedy_decode: rows = len(carried[-1])",
        "verb_places: return (here[-1], there[0])",
        "verb_places: return (here[0], there[-1])",
    },
    "09": {
        # As many rows as texts; no text has a "?".
        "to_numbers: for row, text in zip(rows, texts, strict=False):",
        "to_text: return ''.join((symbols[number] for number in row)).strip('·<>?')",
        # Nothing divided by two is nothing; minus infinity plus one stays as it is.
        "masked_softmax: return powers / np.where(total == 0, 2, total)",
        "masked_softmax: powers = np.exp(scores - np.where(np.isinf(top), 1, top))",
        "masked_softmax: powers = np.exp(scores - np.where(np.isinf(top), -1, top))",
        # NumPy takes any negative size for "what is left"; one place has no order.
        "split_heads: flat = inputs @ kernel.reshape(len(kernel), -1) + "
        "bias.reshape(-2)",
        "split_heads: flat = inputs @ kernel.reshape(len(kernel), -2) + "
        "bias.reshape(-1)",
        "split_heads: return flat.reshape(*flat.shape[:2], num_heads, -2)"
        ".swapaxes(1, 2)",
        "multi_head_attention: joined = joined.reshape(*queries.shape[:2], -2)",
        "multi_head_attention: return (joined @ kernel.reshape(-2, kernel.shape[-1]) "
        "+ bias, attention)",
        "cached_step: joined = (attention @ v).swapaxes(1, 2)"
        ".reshape(*place.shape[:2], -2)",
        "cached_step: joined = (attention @ v).swapaxes(2, 2)"
        ".reshape(*place.shape[:2], -1)",
        "cached_step: joined = (attention @ v).swapaxes(1, 1)"
        ".reshape(*place.shape[:2], -1)",
        "cached_step: return (joined @ kernel.reshape(-2, kernel.shape[-1]) + bias, "
        "(k, v))",
        "cached_step: k, v = [np.concatenate(pair, axis=2) for pair in zip(cache, new, "
        "strict=False)]",
        # A place is altered, up or down, and to any other symbol.
        "influence: altered[:, step] -= 1",
        "symbol_leaks: rows[place, place] = 5 if rows[place, place] != 5 else 7",
        # What moves is never exactly that.
        "symbol_leaks: assert moved.diagonal()[1:].min() >= 0.001",
        # One logarithm more is not read; numbers are +1 or -1.
        "arrangements: logs = np.append(0, np.cumsum(np.log(np.arange(1, len(text) + "
        "2))))",
        "streams: return (pairs, (values[at] >= 0).astype('float32'))",
        "streams: return (pairs, (values[at] > -1).astype('float32'))",
    },
}
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.MatMult: ast.Mult,
    ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
PATIENCE = 3  # times the processor's time without a change: then a mutant is noticed


def sites(function):
    """Yield (first changed line, mutated function) for each single change."""
    docstring = ast.get_docstring(function, clean=False)
    messages = {
        piece for n in ast.walk(function) if isinstance(n, ast.JoinedStr)
        for piece in n.values
    }  # fmt: skip
    for index, node in enumerate(ast.walk(function)):
        if node in messages or getattr(node, "value", "") == docstring:
            continue
        for change in changes(node):
            mutant = copy.deepcopy(function)
            change(list(ast.walk(mutant))[index])
            text = ast.unparse(ast.fix_missing_locations(mutant))
            if text != ast.unparse(function):
                yield difference(function, text), text


def changes(node):
    """Return the functions that change this node in place."""
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in SWAPS:
        return [lambda n: setattr(n, "op", SWAPS[type(n.op)]())]
    if isinstance(node, ast.Compare):
        return [lambda n: setattr(n, "ops", [SWAPS[type(o)]() for o in n.ops])]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [lambda n: setattr(n, "op", ast.UAdd())]
    if not isinstance(node, ast.Constant):
        return []
    if isinstance(node.value, bool):
        return [lambda n: setattr(n, "value", not n.value)]
    if isinstance(node.value, int | float):
        return [lambda n, d=d: setattr(n, "value", n.value + d) for d in (1, -1)]
    if isinstance(node.value, str):
        return [lambda n: setattr(n, "value", n.value + "?")]
    return []


def difference(function, mutated):
    """Return the first line that differs."""
    before = ast.unparse(function).splitlines()
    pairs = zip(before, mutated.splitlines(), strict=False)
    return next(b.strip() for a, b in pairs if a != b)


def fresh(names):
    """Copy names, and the dicts and lists among them, to which later cells may add."""
    return {
        name: type(value)(value) if type(value) in (dict, list) else value
        for name, value in names.items()
    }


def split_processor():
    """Do what 02b's set-up does, which comes too late once TensorFlow has computed."""
    import tensorflow as tf

    processor = tf.config.list_physical_devices("CPU")[0]
    if not tf.config.get_logical_device_configuration(processor):
        half = tf.config.LogicalDeviceConfiguration()
        tf.config.set_logical_device_configuration(processor, [half, half])


class Replay:
    """The cells of a notebook but for its trainings, each with the names before it."""

    def __init__(self, path):
        self.cells, self.before, space = [], [], {"__name__": path.stem}
        for cell in code_cells(read(path)):
            tags = cell.metadata.get("tags", [])
            if "nbval-ignore-output" in tags and cell.id != "bootstrap":
                continue
            names = fresh(space)
            try:
                self.run(cell.source, space)
            except NameError:  # builds on a training that is left out
                space = names
                continue
            self.cells.append(cell)
            self.before.append(names)

    @staticmethod
    def run(source, space):
        name = f"<cell {hash(source)}>"
        # TensorFlow reads the source of what it compiles, or it unrolls every loop.
        linecache.cache[name] = len(source), None, source.splitlines(True), name
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, name, "exec"), space)

    def notices(self, name, mutated, seconds=600):
        """Replace a function in the cell that defines it; say which cell fails."""
        first = next(i for i, c in enumerate(self.cells) if f"def {name}(" in c.source)
        space = fresh(self.before[first]) | {"rng": np.random.default_rng(len(mutated))}
        deadline = time.process_time() + seconds
        for cell in self.cells[first:]:
            source = cell.source
            if cell is self.cells[first]:
                source = replaced(source, name, mutated)
            try:
                with time_limit(deadline):
                    self.run(source, space)
            except Exception as error:
                return f"{type(error).__name__} in {cell.id}: {error}"
        return ""


@contextlib.contextmanager
def time_limit(deadline):
    """Stop a mutant that loops for ever, where the platform can (not on Windows)."""
    import signal

    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, max(0.1, deadline - time.process_time()))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def replaced(source, name, mutated):
    tree = ast.parse(source)
    tree.body = [
        ast.parse(mutated).body[0]
        if isinstance(node, ast.FunctionDef) and node.name == name
        else node
        for node in tree.body
    ]
    return ast.unparse(tree)


def functions(path):
    for cell in code_cells(read(path)):
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef):
                yield node.name, node


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a mutant may overflow
@pytest.mark.parametrize("path", select(), ids=lambda path: path.stem[:3])
def test_the_notebook_notices_mutants(path, monkeypatch, record_property):
    plt.switch_backend("agg")
    monkeypatch.chdir(path.parent)
    monkeypatch.setattr(plotting, "show", lambda figure, alt: plt.close("all"))
    split_processor()
    replay = Replay(path)
    defined = dict(functions(path))
    equivalent = EQUIVALENT[path.stem.split("_")[0]]
    survivors, noticed = [], 0
    for name in FUNCTIONS[path.stem.split("_")[0]]:
        start = time.process_time()
        assert replay.notices(name, ast.unparse(defined[name])) == "", "unmutated"
        seconds = 5 + PATIENCE * (time.process_time() - start)
        mutants = list(sites(defined[name]))
        assert mutants, f"nothing to change in {name}"
        for what, mutated in mutants:
            if f"{name}: {what}" in equivalent:
                continue
            if replay.notices(name, mutated, seconds):
                noticed += 1
            else:
                survivors.append(f"{name}: {what}")
    total = noticed + len(survivors)
    record_property(f"mutants of {path.name}", (noticed, total, *survivors))
    assert len(survivors) <= 0.05 * total, survivors


def test_the_summary_names_survivors_and_adds_up(pytestconfig):
    report = lambda *found: SimpleNamespace(user_properties=found)  # noqa: E731
    reports = [
        report(("mutants of b", (3, 4, "f: x"))), report(("mutants of a", (1, 1))),
        report(), report(("mutants of a", (1, 1))),
    ]  # fmt: skip
    lines = []
    plugins = pytestconfig.pluginmanager.get_plugins()
    (summary,) = {p.mutants for p in plugins if hasattr(p, "GuardedKernel")}
    summary(SimpleNamespace(write_line=lines.append), reports)
    assert lines[:2] == ["mutants of a: 1 of 1 noticed", "mutants of b: 3 of 4 noticed"]
    assert lines[2].endswith("survives: f: x")
    assert lines[3:] == ["mutants of all that ran: 4 of 5 noticed, 80.0%"]


@pytest.mark.parametrize("path", select(), ids=lambda path: path.stem[:3])
def test_what_is_listed_as_equivalent_is_a_mutant(path):
    defined, which = dict(functions(path)), path.stem.split("_")[0]
    known = {
        f"{name}: {what}"
        for name in FUNCTIONS[which]
        for what, _ in sites(defined[name])
    }
    assert EQUIVALENT[which] <= known
