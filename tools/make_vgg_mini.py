"""Make ``data/vgg_mini.weights.h5``: a small base in the style of VGG16, pre-trained.

Blocks of 3×3 convolutions with max pooling between, as in VGG16, and VGG16's own
preprocessing before them, so that one and the same code takes either base. It learns to
tell ten kinds of small colour photos apart. While it learns, each convolution is
followed by batch normalisation, which is folded into the weights at the end: what is
kept has convolutions alone, in half precision. The classifier is thrown away.

Run as ``python -m tools.make_vgg_mini PHOTOS.npz``, where the file has the arrays
``x_train``, ``y_train``, ``x_val`` and ``y_val``: uint8 images (n, 32, 32, 3) and
labels from 0 to 9. The file used holds 20,000 and 2,000 photos of CIFAR-10's training
set, decoded from JPEG. It takes about ten minutes on a laptop, and says at the end how
often the base is right. The seed is fixed; how the processor adds up is not, so
another machine gives weights that differ a little.
"""

import argparse
import hashlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from utils.readers import VGG_MINI_BLOCKS as BLOCKS

PATH = Path(__file__).resolve().parents[1] / "data" / "vgg_mini.weights.h5"
STAGES = ((16, 7), (24, 3), (32, 2))  # side of the photos, epochs: small ones first
CLASSES = 10
SEED, BATCH, RATE, DECAY = 1, 100, 4e-3, 0.05
SMALLEST_CROP = 0.6  # of the side of a photo


def build(blocks=BLOCKS, normalise=False):
    """Return the base; its layers are named like VGG16's."""
    from keras import Input, Model, layers
    from keras.applications.vgg16 import preprocess_input

    inputs = Input((None, None, 3), name="pixels")
    x = preprocess_input(inputs)
    for number, (convolutions, filters) in enumerate(blocks, start=1):
        for index in range(1, convolutions + 1):
            name = f"block{number}_conv{index}"
            activation = None if normalise else "relu"
            x = layers.Conv2D(
                filters, 3, padding="same", activation=activation, name=name,
                kernel_initializer="he_normal",
            )(x)  # fmt: skip
            if normalise:
                x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
                x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"block{number}_pool")(x)
    return Model(inputs, x, name="vgg_mini")


def vary(images, side):
    """Mirror half of the photos, and bring a random part of each to the side given."""
    import tensorflow as tf

    count = tf.shape(images)[0]
    part = tf.random.uniform((count, 1), SMALLEST_CROP, 1)
    corner = tf.random.uniform((count, 2)) * (1 - part)
    boxes = tf.concat([corner, corner + part], axis=1)
    flip = tf.random.uniform((count, 1)) < 0.5
    boxes = tf.where(flip, tf.gather(boxes, [0, 3, 2, 1], axis=1), boxes)
    return tf.image.crop_and_resize(images, boxes, tf.range(count), (side, side))


def train(x, y, validation, stages=STAGES):
    """Return base and classifier, trained with batch normalisation."""
    import keras
    import tensorflow as tf
    from keras import layers

    keras.utils.set_random_seed(SEED)
    base = build(normalise=True)
    pooled = layers.GlobalAveragePooling2D(name="average")(base.output)
    head = layers.Dense(CLASSES, name="classes")
    model = keras.Model(base.input, head(layers.Dropout(0.2)(pooled)))
    photos = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x))
    photos = photos.batch(BATCH, drop_remainder=True)
    steps = sum(epochs for _, epochs in stages) * len(photos)
    rate = keras.optimizers.schedules.CosineDecay(
        RATE / 20, steps - steps // 10, warmup_target=RATE, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=DECAY),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)
    for side, epochs in stages:
        seen = photos.map(lambda x, y, side=side: (vary(x, side), y)).prefetch(2)
        model.fit(seen, epochs=epochs, validation_data=validation, verbose=2)
    return base, head


def fold(trained, folded):
    """Give the base without batch normalisation weights for the same outputs."""
    for layer in folded.layers:
        if "conv" in layer.name:
            kernel, bias = trained.get_layer(layer.name).get_weights()
            norm = trained.get_layer(f"{layer.name}_norm")
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)
            layer.set_weights([kernel * scale, (bias - mean) * scale + beta])
    return folded


def save(base, path, blocks=BLOCKS):
    """Write the weights in half precision and HDF5's tighter layout of today."""
    import h5py
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float16")
    try:
        half = build(blocks)
        half.set_weights(base.get_weights())
        with tempfile.TemporaryDirectory() as folder:
            loose = Path(folder) / "loose.weights.h5"
            half.save_weights(loose)
            with h5py.File(loose) as old, h5py.File(path, "w", libver="latest") as new:
                for name in old:
                    old.copy(name, new)
    finally:
        keras.config.set_dtype_policy(before)


def main():
    """Read the photos, train, fold, write, and say how often the base is right."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path, help="the .npz file with the photos")
    parser.add_argument("--output", type=Path, default=PATH)
    given = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with np.load(given.photos, allow_pickle=False) as arrays:
        x, y, x_val, y_val = (
            arrays[name] for name in ("x_train", "y_train", "x_val", "y_val")
        )
    start = time.perf_counter()
    trained, head = train(x, y, (x_val, y_val))
    seconds = time.perf_counter() - start
    save(fold(trained, build()), given.output)
    base = build()
    base.load_weights(given.output)  # what is in the file, and not what was trained
    features = base.predict(x_val.astype("float32"), verbose=0).mean(axis=(1, 2))
    right = np.argmax(head(features), axis=1) == y_val
    content = given.output.read_bytes()
    print(f"{base.count_params():,} weights, {len(content):,} bytes,", end=" ")
    print(f"{seconds:.0f} s of training, {right.mean():.1%} of {len(x_val):,} right")
    print("sha256:", hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main()
