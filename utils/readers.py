"""How each data set is read and brought to the form that ``utils.data`` promises.

Every reader returns what its dataclass in ``utils.data`` holds, in the same order. The
readers of real data raise ``DownloadError`` where it cannot be had.
"""

import gzip
import hashlib
import json
import pickle
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

__all__ = [
    "cats_and_dogs", "digits", "face_patches", "fashion_mnist", "grammar_pairs", "imdb",
    "load_object_arrays", "mnist", "order_reviews", "tatoeba", "vgg16", "vgg_mini",
]  # fmt: skip

DIGITS = tuple("0123456789")
FASHION = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat",
    "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
# name: (library that contains it, what it shows)
PHOTOS = {
    "china": ("scikit-learn", "a pagoda, photo by danielbuechele, CC BY 2.0"),
    "flower": ("scikit-learn", "a flower, photo by vultilion, CC BY 2.0"),
    "astronaut": ("scikit-image", "Eileen Collins, photo by NASA, public domain"),
    "brick": ("scikit-image", "a brick wall, CC0"),
    "camera": ("scikit-image", "a man with a camera, photo by Lav Varshney, CC0"),
    "cat": ("scikit-image", "Chelsea, photo by Stéfan van der Walt, CC0"),
    "coffee": ("scikit-image", "a cup, photo by Rachel Michetti, CC0"),
    "coins": ("scikit-image", "coins from Pompeii, Brooklyn Museum"),
    "rocket": ("scikit-image", "a launch, photo by SpaceX, public domain"),
}
SPECIAL = ("<pad>", "<start>", "<unknown>")
# Convolutions and filters of each block, and of the embedded file the hash.
VGG16_BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
VGG_MINI_BLOCKS = ((2, 16), (2, 32), (3, 64), (3, 128))
VGG_MINI_SHA256 = "0b8c71c3d8e73c8738f2a13fb80b6ceb5fbeffc1bf44a4e95d600f92fd22ada5"


def _fetch(name):
    from utils import downloads

    return downloads.fetch(name)


def _embedded(name):
    from utils import session

    return Path(session.ROOT) / "data" / name


def mnist():
    """Read MNIST."""
    with np.load(_fetch("mnist.npz"), allow_pickle=False) as arrays:
        parts = [arrays[f"{a}_{b}"] for b in ("train", "test") for a in "xy"]
    source = "LeCun, Cortes and Burges; CC BY-SA 3.0; 60,000 + 10,000 images"
    return *_images(*parts), DIGITS, "MNIST", source


def fashion_mnist():
    """Read Fashion-MNIST: images and labels, each behind a header of a few bytes."""
    parts = []
    for part in ("train", "t10k"):
        for kind, header in (("images-idx3", 16), ("labels-idx1", 8)):
            path = _fetch(f"fashion-mnist/{part}-{kind}-ubyte.gz")
            content = gzip.decompress(path.read_bytes())
            parts.append(np.frombuffer(content, np.uint8, offset=header))
        parts[-2] = parts[-2].reshape(-1, 28, 28)
    source = "Zalando SE; MIT licence; 60,000 + 10,000 images"
    return *_images(*parts), FASHION, "Fashion-MNIST", source


def _images(x_train, y_train, x_test, y_test):
    """Bring arrays to the common form: channels last, int64 labels."""
    images = [x if x.ndim == 4 else x[..., np.newaxis] for x in (x_train, x_test)]
    labels = [y.astype(np.int64) for y in (y_train, y_test)]
    return images[0], labels[0], images[1], labels[1]


def _split(images, labels, test_size):
    """Split into training and test, stratified, shuffled, always the same way."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(
        np.arange(len(labels)), test_size=test_size, stratify=labels, random_state=0
    )
    return _images(images[train], labels[train], images[test], labels[test])


def digits(name="scikit-learn digits, enlarged"):
    """Enlarge scikit-learn's digits to the size and border of MNIST's."""
    from PIL import Image
    from sklearn.datasets import load_digits

    data = load_digits()
    images = np.zeros((len(data.images), 28, 28), np.uint8)
    for image, small in zip(images, data.images, strict=True):
        grey = Image.fromarray(np.uint8(np.rint(small * 255 / 16)))
        image[4:24, 4:24] = grey.resize((20, 20), Image.Resampling.BICUBIC)
    source = "1,297 + 500 handwritten digits, 8×8, of scikit-learn (UCI)"
    return *_split(images, data.target, 500), DIGITS, name, source


def cats_and_dogs(size):
    """Read the cat and dog photos, as many as the folder holds."""
    folder, parts = _fetch("cats_and_dogs_filtered"), []
    for part in ("train", "validation"):
        paths = [
            sorted((folder / part / kind).glob("*.jpg")) for kind in ("cats", "dogs")
        ]
        labels = np.repeat((0, 1), [len(found) for found in paths])
        images = np.empty((len(labels), size, size, 3), np.uint8)
        for image, path in zip(images, paths[0] + paths[1], strict=True):
            image[...] = _photo(path, size)
        # RandomState, because its stream is promised never to change.
        order = np.random.RandomState(0).permutation(len(labels))
        parts += [images[order], labels[order]]
    found = f"{len(parts[1]):,} + {len(parts[3]):,} photos"
    if (len(parts[1]), len(parts[3])) != (2000, 1000):
        found += ", a part of 2,000 + 1,000"
    source = f"{found}; from Kaggle's Dogs vs. Cats"
    return *_images(*parts), ("cat", "dog"), "cats and dogs", source


def _photo(path, size):
    """Return the central square of a photo, enlarged or reduced."""
    from PIL import Image, ImageOps

    from utils.downloads import DownloadError

    try:
        with Image.open(path) as photo:
            photo.draft("RGB", (2 * size, 2 * size))  # decodes no more than needed
            return ImageOps.fit(photo.convert("RGB"), (size, size))
    except (OSError, SyntaxError, ValueError) as error:  # what PIL may raise
        file = "/".join(path.parts[-4:])
        remedy = f"delete the folder {path.parts[-4]} and run the cell again"
        cause = f"cannot be read ({type(error).__name__})"
        raise DownloadError(file, cause, remedy) from None


def face_patches(size):
    """Enlarge scikit-image's patches of faces and of other things."""
    import skimage.data
    from PIL import Image

    patches = np.uint8(np.rint(skimage.data.lfw_subset() * 255))
    labels = np.repeat((0, 1), 100)  # the faces come first
    images = np.empty((len(patches), size, size, 3), np.uint8)
    for image, patch in zip(images, patches, strict=True):
        grey = Image.fromarray(patch).resize((size, size), Image.Resampling.BICUBIC)
        image[...] = grey.convert("RGB")
    source = "150 + 50 grey patches, 25×25, of scikit-image (from LFW)"
    name = "scikit-image faces and other things"
    return *_split(images, labels, 50), ("face", "other"), name, source


def imdb(vocabulary_size, length):
    """Read IMDB's reviews, in the order in which Keras' loader gives them."""
    arrays = load_object_arrays(_fetch("imdb.npz"))
    ranks = json.loads(_fetch("imdb_word_index.json").read_text(encoding="utf-8"))
    words = sorted(ranks, key=ranks.get)  # ranks count from 1 without a gap
    rng, parts = np.random.RandomState(113), []
    for part in ("train", "test"):
        order = np.arange(len(arrays[f"y_{part}"]))
        rng.shuffle(order)
        rows = [np.asarray(review) + 2 for review in arrays[f"x_{part}"][order]]
        parts += [
            _pad(rows, vocabulary_size, length),
            arrays[f"y_{part}"][order].astype(np.int64),
        ]
    vocabulary = (*SPECIAL, *words)[:vocabulary_size]
    source = "Maas et al. 2011; 25,000 + 25,000 reviews"
    return *parts, vocabulary, "IMDB reviews", source


def load_object_arrays(path):
    """Read an ``.npz`` file whose arrays may hold lists, and nothing else.

    NumPy reads such arrays only by a pickle, which may run any code. This reader
    refuses every global other than NumPy's own reconstruction of arrays.

    Parameters
    ----------
    path : path-like
        File whose hash has been checked.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DownloadError
        If the file is damaged or its pickle asks for anything else.

    Used by ``imdb``, in notebooks 06a, 06b and 07.
    """
    from utils.downloads import DownloadError

    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as stream:
                    arrays[member.removesuffix(".npy")] = _read_array(stream)
    except Exception as error:  # a pickle may raise anything
        remedy = "delete it and run the cell again"
        raise DownloadError(Path(path).name, error, remedy) from None
    return arrays


def _read_array(stream):
    """Read one ``.npy`` stream; what NumPy refuses goes to the narrow unpickler."""
    major, _ = np.lib.format.read_magic(stream)
    header = getattr(np.lib.format, f"read_array_header_{major}_0")
    shape, fortran, dtype = header(stream)
    if dtype.hasobject:
        return _ArrayUnpickler(stream).load().reshape(shape)
    values = np.frombuffer(stream.read(), dtype)
    return values.reshape(shape, order="F" if fortran else "C")


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        modules = ("numpy.core.multiarray", "numpy._core.multiarray")
        if module in modules and name == "_reconstruct":
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"its pickle asks for {module}.{name}: refused")


def order_reviews(vocabulary_size, length):
    """Read the embedded sentences; words are ranked by use, then by the alphabet."""
    rows = _table("order_reviews.tsv", 3)
    counts = Counter(word for row in rows for word in row[2].split())
    words = sorted(counts, key=lambda word: (-counts[word], word))
    numbers = {word: number for number, word in enumerate(words, 3)}
    parts = []
    for part in ("train", "test"):
        chosen = [row for row in rows if row[0] == part]
        texts = [np.array([numbers[w] for w in row[2].split()]) for row in chosen]
        labels = np.array([int(row[1]) for row in chosen], np.int64)
        parts += [_pad(texts, vocabulary_size, length), labels]
    vocabulary = (*SPECIAL, *words)[:vocabulary_size]
    source = "2,000 + 500 sentences made by tools/make_reviews.py"
    return *parts, vocabulary, "order-decides reviews", source


def _pad(rows, vocabulary_size, length):
    """Put rows of numbers into one array: a start, the words, zeros to the end."""
    padded = np.zeros((len(rows), length), np.int32)
    for line, row in zip(padded, rows, strict=True):
        row = np.concatenate([[1], np.where(row < vocabulary_size, row, 2)])[-length:]
        line[: len(row)] = row
    return padded


def tatoeba():
    """Read the pairs of Tatoeba, with a third column that says who wrote them."""
    source = "Tatoeba, through manythings.org/anki; CC BY 2.0 FR"
    return _pairs(_rows(_fetch("kor.txt")), "Tatoeba English–Korean", source)


def grammar_pairs():
    """Read the embedded pairs."""
    source = "made by tools/make_pairs.py"
    rows = _table("english_korean.tsv", 2)
    return _pairs(rows, "English–Korean of a small grammar", source)


def _pairs(rows, name, source):
    """Give English and Korean apart; what else a row holds is left out."""
    rows = [row for row in rows if len(row) >= 2 and all(row[:2])]
    english, korean = (tuple(row[column] for row in rows) for column in (0, 1))
    return english, korean, name, f"{source}; {len(rows):,} pairs"


def _rows(path):
    """Split the lines of a text at their tabs, whether or not a mark stands first."""
    return [line.split("\t") for line in path.read_text("utf-8-sig").splitlines()]


def _table(name, columns):
    """Read the rows of an embedded text; each must have all its columns."""
    from utils.downloads import DownloadError

    try:
        rows = _rows(_embedded(name))
    except UnicodeDecodeError:
        flaw = "is not text in UTF-8"
    except OSError as error:
        flaw = f"cannot be read ({error.strerror})"
    else:
        short = [n for n, row in enumerate(rows, 1) if len(row) < columns]
        if rows and not short:
            return rows
        flaw = f"line {short[0]} is cut short" if short else "is empty"
    raise DownloadError(f"data/{name}", flaw, "fetch the course again")


def vgg16():
    """Find the ImageNet weights of VGG16's base."""
    path = _fetch("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")
    source = "Simonyan and Zisserman, CC BY 4.0; through keras.applications"
    return path, VGG16_BLOCKS, "VGG16, ImageNet", source


def vgg_mini():
    """Find the weights of the small stand-in; they must be whole."""
    from utils.downloads import DownloadError

    path, flaw = _embedded("vgg_mini.weights.h5"), "is missing"
    if path.is_file():
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        flaw = "" if digest == VGG_MINI_SHA256 else "has the wrong SHA-256 hash"
    if flaw:
        raise DownloadError(f"data/{path.name}", flaw, "fetch the course again")
    source = "made by tools/make_vgg_mini.py from 20,000 photos of 32×32"
    return path, VGG_MINI_BLOCKS, "small VGG-style base", source
