"""Trainings of the course beside the usual ones, in CPU seconds (see `tools.bench`).

CPU seconds, so that a busy machine changes little: those of training, the compiling of
its steps included. Scoring a network is left out, for all alike.
"""

import math
import statistics
import time

import numpy as np

from tools.notebooks import NOTEBOOKS, code_cells, read
from utils import data, downloads, session

GOAL, SEEDS = 0.99, (1, 2, 3)
USUAL_BATCH, USUAL_EPOCHS = 128, 20  # at most: it stops at the goal
OUR_BATCH, OUR_EPOCHS, RATE = 64, 3, 0.01  # chosen on the images kept to validate
SIZES = (3_750, 7_500, 15_000, 30_000, 60_000)
FILES = {
    "mnist": ("mnist.npz",),
    "reviews": ("imdb.npz", "imdb_word_index.json"),
}
REVIEW_CELLS = (  # of 06b: from the imports to its best recurrent network
    "imports", "constants", "trainer", "train", "predict", "losses", "reviews",
    "pad-left", "text-net", "accuracy", "split", "race", "race-conv",
)  # fmt: skip


def lacking(name):
    """Return why the real data of a comparison cannot be had, or None."""
    if name in FILES and session.profile() == "quick":
        return "The quick profile has embedded data only."
    try:
        for file in FILES.get(name, ()):
            downloads.fetch(file)
    except downloads.DownloadError as error:
        return str(error)
    return None


# --- MNIST ------------------------------------------------------------------------


def usual_net(_):
    """The small network of many introductions, compiled for Adam."""
    import keras
    from keras import layers

    net = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    net.compile("adam", "sparse_categorical_crossentropy")
    return net


def our_net(steps):
    """A network of what 01a, 02a and 03a teach, compiled for a training of some steps.

    A convolution with stride 2 does a quarter of the work of one that is pooled after
    it; normalisation bears a high rate; one that falls to nothing needs few epochs.
    """
    import keras
    from keras import layers

    net = keras.Sequential([keras.Input((28, 28, 1))])
    for filters, side in ((16, 5), (32, 3), (64, 3)):
        net.add(layers.Conv2D(filters, side, 2, padding="same", use_bias=False))
        net.add(layers.BatchNormalization(momentum=0.9))
        net.add(layers.Activation("relu"))
    net.add(layers.Flatten())
    net.add(layers.Dense(10, activation="softmax"))
    rising = {"warmup_target": RATE, "warmup_steps": steps // 10}
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - steps // 10, **rising)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-2)
    net.compile(optimizer, "sparse_categorical_crossentropy", steps_per_execution=10)
    optimizer.build(net.trainable_variables)  # else the first step is traced twice
    return net


def train_to(goal, recipe, images, labels, score):
    """Train until the score reaches a goal.

    Parameters
    ----------
    recipe : (callable, int, int)
        What takes the number of steps and returns a compiled network; the size of
        batches; the number of epochs, at most.
    score : callable
        Takes the network; called after each epoch while the clock is stopped.

    Returns
    -------
    list of (float, float)
        CPU seconds so far and score, after each epoch.
    """
    import keras

    make, size, epochs = recipe
    found, spent, start = [], 0.0, time.process_time()

    def look(epoch, logs):
        nonlocal spent, start
        spent += time.process_time() - start
        found.append((spent, score(net)))
        net.stop_training = found[-1][1] >= goal
        start = time.process_time()

    net = make(epochs * math.ceil(len(images) / size))
    watch = keras.callbacks.LambdaCallback(on_epoch_end=look)
    net.fit(images, labels, size, epochs, verbose=0, callbacks=[watch])
    return found


def accuracy(net, images, labels):
    """Share of images whose largest output is that of their class."""
    return np.mean(net.predict(images, 1_000, verbose=0).argmax(axis=1) == labels)


def mnist():
    """Print the CPU seconds to 99.0 % on MNIST's test set: the usual net, and ours."""
    import keras

    digits = data.load_mnist()
    kept = len(digits.x_train) * 9 // 10  # the usual recipe keeps a tenth to validate
    images, labels = digits.x_train[:kept] / np.float32(255), digits.y_train[:kept]
    test = digits.x_test / np.float32(255), digits.y_test
    recipes = {
        "usual": (usual_net, USUAL_BATCH, USUAL_EPOCHS),
        "ours": (our_net, OUR_BATCH, OUR_EPOCHS),
    }
    print(f"{digits.name}, {kept:,} images: CPU seconds until a network that is scored")
    print(f"after each epoch has {GOAL:.1%} of {len(test[1]):,} test images right")
    ratios = []
    for turn, seed in enumerate(SEEDS):
        seconds = {}
        for name in sorted(recipes, reverse=turn % 2):  # nobody is always second
            keras.utils.set_random_seed(seed)
            found = train_to(
                GOAL, recipes[name], images, labels, lambda net: accuracy(net, *test)
            )
            spent, best = found[-1]
            reached = best >= GOAL
            seconds[name] = spent if reached else math.inf
            print(
                f"  seed {seed}, {name:5} {len(found):3} epochs {spent:6.0f} CPU s"
                f"  {best:.2%}{'' if reached else ', not reached'}",
                flush=True,
            )
        ratios.append(seconds["usual"] / seconds["ours"])
    print("usual over ours:", ", ".join(f"{ratio:.1f}×" for ratio in ratios), end="; ")
    print(f"median {statistics.median(ratios):.1f}×")


# --- reviews ----------------------------------------------------------------------


def review_lesson(vocabulary, words):
    """Run the cells of 06b that race its best recurrent network; return their names."""
    path = NOTEBOOKS / "06b_recurrent_networks_in_practice.ipynb"
    sources = {cell.id: cell.source for cell in code_cells(read(path))}
    names = {"__name__": path.stem}
    for cell in REVIEW_CELLS:
        exec(compile(sources[cell], f"{path.name}, {cell}", "exec"), names)
        if cell == "constants":  # as the usual network has it
            names.update(VOCABULARY=vocabulary, WORDS=words)
            names["epochs"] = session.choose(full=3, quick=1)
    return names


def usual_reader(vocabulary, size=128, units=64):
    """Two bidirectional LSTMs on embeddings, compiled for Adam."""
    import keras
    from keras import layers

    net = keras.Sequential([
        keras.Input((None,), dtype="int32"),
        layers.Embedding(vocabulary, size),
        layers.Bidirectional(layers.LSTM(units, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(units)),
        layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip
    net.compile("adam", "binary_crossentropy")
    return net


def reviews(vocabulary=20_000, words=200):
    """Print test accuracy and CPU seconds on film reviews: the usual net, and 06b's."""
    import keras

    lesson = review_lesson(vocabulary, words)
    _, ours, _, our_seconds = lesson["table"]["convolution + GRU"]
    rows = np.concatenate([lesson["x_reviews"], lesson["x_valid"]])
    labels = np.concatenate([lesson["y_reviews"], lesson["y_valid"]])
    keras.utils.set_random_seed(lesson["SEED"])
    net = usual_reader(vocabulary)
    start = time.process_time()
    net.fit(rows, labels, 32, 2, verbose=2)
    seconds = time.process_time() - start
    praise = net.predict(lesson["x_final"], 500, verbose=0)[:, 0] > 0.5
    usual = np.mean(praise == lesson["y_final"])
    print(
        f"\n{vocabulary:,} words, {words} steps, one seed: test accuracy, CPU seconds"
    )
    print(f"  two bidirectional LSTMs      {usual:6.1%} {seconds:6.0f}")
    print(f"  convolution + GRU, of 06b    {ours:6.1%} {our_seconds:6.0f}")
    print(f"usual over ours: {seconds / our_seconds:.1f}×")


# --- growth -----------------------------------------------------------------------


def slope(sizes, seconds):
    """Slope of the line through the logarithms; 1: twice the data, twice the time."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def epoch_seconds(net, images, labels, epochs=3):
    """CPU seconds of the fastest epoch: the first also compiles."""
    import keras

    clock = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: clock.append(time.process_time()),
        on_epoch_end=lambda epoch, logs: clock.append(time.process_time()),
    )
    net.fit(images, labels, OUR_BATCH, epochs, verbose=0, callbacks=[watch])
    return float(np.diff(clock)[::2].min())


def growth(sizes=SIZES):
    """Print how an epoch of our MNIST network grows with the number of images."""
    import keras

    digits = data.load_mnist()
    rows = np.arange(max(sizes)) % len(digits.x_train)  # time cares for numbers only
    images = digits.x_train[rows] / np.float32(255)
    labels = digits.y_train[rows]
    keras.utils.set_random_seed(SEEDS[0])
    net = our_net(steps=1_000)
    seconds = [epoch_seconds(net, images[:n], labels[:n]) for n in sizes]
    print(f"{digits.name}: CPU seconds of an epoch of our network")
    for size, value in zip(sizes, seconds, strict=True):
        print(f"  {size:7,} images {value:7.2f}")
    print(f"log-log slope: {slope(sizes, seconds):.2f} (1: in proportion)")
