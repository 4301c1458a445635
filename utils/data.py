"""The data of the course, real or embedded, always in the same form.

In the full profile a loader gives the real data set: from the data folder, from Keras'
cache or from its official address. Where it cannot be had, the loader says so in one
line and gives embedded data, as it always does in the quick profile, which never asks
the network. Images are uint8 from 0 to 255; the notebooks scale them themselves.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from operator import index
from pathlib import Path

import numpy as np

from utils import readers

__all__ = [
    "ImageData", "PairData", "Photo", "ReviewData", "SeriesData", "Weights",
    "load_cats_and_dogs", "load_dates", "load_fashion_mnist", "load_mnist",
    "load_photo", "load_reviews", "load_sentence_pairs", "load_series",
    "load_vgg16_weights",
]  # fmt: skip

# (locale, pattern): a date of numbers alone has the year first, and a year of two
# digits is one of 1950 to 2049, so no written date can be read in two ways.
DATE_STYLES = (
    ("en", "MMMM d, y"), ("en", "MMM d, y"), ("en", "EEEE, MMMM d, y"),
    ("en", "EEE, MMM d, y"), ("en", "d MMM ''yy"),
    ("en_GB", "d MMMM y"), ("en_GB", "EEEE d MMMM y"), ("en_GB", "dd-MMM-y"),
    ("ko", "y년 M월 d일"), ("ko", "y년 M월 d일 EEEE"), ("ko", "y년 M월 d일 (EEE)"),
    ("ko", "yy년 M월 d일"), ("ko", "y. M. d."), ("ko", "y/MM/dd"),
)  # fmt: skip
FIRST_DAY, DAYS = date(1950, 1, 1), 36_525  # a century


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images, uint8 (n, height, width, channels), and labels, int64 (n,)."""

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    class_names: tuple[str, ...]
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class Photo:
    """One photo, uint8 (height, width, 3) or (height, width)."""

    image: np.ndarray = field(repr=False)
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class ReviewData:
    """Reviews as word numbers, int32 (n, length), and labels, int64: 1 is praise.

    ``vocabulary[number]`` is the word: 0 padding, 1 start of the review, 2 an unknown
    word, from 3 on words by falling frequency.
    """

    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    vocabulary: tuple[str, ...] = field(repr=False)
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class SeriesData:
    """A series: values float64 (n,), times datetime64[D] (n,), period in steps."""

    values: np.ndarray = field(repr=False)
    times: np.ndarray = field(repr=False)
    unit: str
    period: int
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class PairData:
    """Texts and what they become: two tuples of equal length."""

    sources: tuple[str, ...] = field(repr=False)
    targets: tuple[str, ...] = field(repr=False)
    name: str
    source: str


@dataclass(frozen=True, eq=False)
class Weights:
    """A file for ``load_weights``; convolutions and filters of each block it fits."""

    path: Path
    blocks: tuple[tuple[int, int], ...]
    name: str
    source: str


def load_mnist():
    """Load handwritten digits, 28×28×1, in ten classes.

    Full: MNIST, 60,000 + 10,000. Quick, or without a network: scikit-learn's 8×8
    digits, enlarged smoothly to MNIST's 20×20 inside 28×28, 1,297 + 500.

    Returns
    -------
    ImageData
        uint8 from 0 (paper) to 255 (ink), shape (n, 28, 28, 1).

    Used in notebooks 00, 01a, 01b, 02a, 03a, 04, 05 and 06b.
    """
    return _real_or_embedded(ImageData, readers.mnist, readers.digits)


def load_fashion_mnist():
    """Load pictures of clothes, 28×28×1, in ten classes.

    Full: Fashion-MNIST, 60,000 + 10,000. Quick, or without a network: the digits of
    ``load_mnist`` stand in; name and class names say so.

    Returns
    -------
    ImageData
        uint8 from 0 to 255, shape (n, 28, 28, 1).

    Used in notebooks 02b and 03b.
    """
    stand_in = partial(readers.digits, "scikit-learn digits, in place of Fashion-MNIST")
    return _real_or_embedded(ImageData, readers.fashion_mnist, stand_in)


def load_cats_and_dogs(size=128):
    """Load colour photos in two classes, cut to their central square.

    Full: the filtered cats-and-dogs set, 2,000 + 1,000; ``source`` says how many were
    found. Quick, or without a network: scikit-image's patches of faces and of other
    things, 150 + 50, enlarged from grey 25×25. Both are shuffled, always the same way.

    Parameters
    ----------
    size : int, default 128
        Height and width in pixels, 8 to 512.

    Returns
    -------
    ImageData
        uint8 from 0 to 255, shape (n, size, size, 3).

    Raises
    ------
    ValueError
        If ``size`` is no whole number from 8 to 512.

    Used in notebooks 04 and 05.
    """
    size = _whole("size", size, 8, 512)
    real = partial(readers.cats_and_dogs, size)
    return _real_or_embedded(ImageData, real, partial(readers.face_patches, size))


def load_photo(name):
    """Load one photo that comes inside scikit-learn or scikit-image.

    Parameters
    ----------
    name : str
        In colour: "china", "flower", "astronaut", "cat", "coffee", "rocket". Grey:
        "brick", "camera", "coins".

    Returns
    -------
    Photo
        uint8 from 0 to 255, shape (height, width, 3) or (height, width).

    Raises
    ------
    ValueError
        If there is no photo of this name.

    Used in notebooks 00, 01a, 01b, 04 and 05.
    """
    library, about = readers.PHOTOS[_one_of("name", name, readers.PHOTOS)]
    if library == "scikit-learn":
        from sklearn.datasets import load_sample_image

        image = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        image = getattr(skimage.data, name)()
    return Photo(np.asarray(image), name, f"{about}; in {library}")


def load_reviews(vocabulary_size=10_000, length=200, order=False):
    """Load film reviews as numbers, with labels: 1 for praise, 0 for blame.

    Full: IMDB, 25,000 + 25,000, in the order of Keras' own loader. Quick, or without a
    network: 2,000 + 500 sentences in which word order alone decides: each has a twin of
    the same words with the other label, in the same part. With ``order=True`` these
    sentences in any profile.

    Parameters
    ----------
    vocabulary_size : int, default 10,000
        Numbers run below this limit, 4 to 100,000; rarer words become 2. Small texts
        have fewer words than the limit: see ``len(data.vocabulary)``.
    length : int, default 200
        Numbers per review, 1 to 2,500. A short review is padded with 0 at its end, as
        masking wants it; of a long one the end is kept, where the verdict tends to be.

    Returns
    -------
    ReviewData
        int32 of shape (n, length): 0 padding, 1 start, 2 unknown, words from 3 on.
        (Keras' own loader leaves 3 unused: its words are one higher.)

    Raises
    ------
    ValueError
        If an argument is no whole number in its range.

    Used in notebooks 06a, 06b and 07.
    """
    size = _whole("vocabulary_size", vocabulary_size, 4, 100_000)
    length = _whole("length", length, 1, 2_500)
    embedded = partial(readers.order_reviews, size, length)
    real = embedded if order else partial(readers.imdb, size, length)
    return _real_or_embedded(ReviewData, real, embedded)


def load_series(name):
    """Load a real series of measurements, one that statsmodels contains.

    Parameters
    ----------
    name : {"sunspots", "co2"}
        Yearly mean sunspot numbers from 1700 to 2008, with a period of about 11 years;
        or weekly CO2 in the air over Mauna Loa from 1958 to 2001, with a period of 52
        weeks. Of its 2,284 weeks 59 were not measured and are filled in linearly.

    Returns
    -------
    SeriesData
        float64 values, times in days, both of shape (n,), without gaps.

    Raises
    ------
    ValueError
        If there is no series of this name.

    Used in notebook 06b.
    """
    from statsmodels import datasets

    name = _one_of("name", name, ("co2", "sunspots"))
    frame = getattr(datasets, name).load_pandas().data
    if name == "sunspots":
        years = frame["YEAR"].to_numpy().astype(int)
        times = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        values, unit, period = frame["SUNACTIVITY"], "sunspot number", 11
        source = "yearly means, National Geophysical Data Center; in statsmodels"
    else:
        times = frame.index.to_numpy().astype("datetime64[D]")
        values, unit, period = frame["co2"].interpolate(), "ppm", 52
        source = "weekly means, Keeling and Whorf, Mauna Loa; in statsmodels"
    return SeriesData(values.to_numpy(float), times, unit, period, name, source)


def load_dates(count, seed=0):
    """Make dates as people write them, in English and Korean, and their ISO form.

    Fourteen styles; days from 1950 to 2049; no written date stands there twice, and
    none can be read in two ways: where the month is a number, the year comes first.

    Parameters
    ----------
    count : int
        Number of pairs, 1 to 100,000.
    seed : int, default 0
        The same seed gives the same pairs; 0 or more.

    Returns
    -------
    PairData
        Such as ("2024년 3월 1일 금요일", "2024-03-01"), from Babel.

    Raises
    ------
    ValueError
        If an argument is no whole number in its range.

    Used in notebooks 08a and 09.
    """
    from babel.dates import format_date

    count = _whole("count", count, 1, 100_000)
    rng = random.Random(_whole("seed", seed, 0, 2**63))
    pairs = {}
    while len(pairs) < count:
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        locale, pattern = DATE_STYLES[rng.randrange(len(DATE_STYLES))]
        pairs.setdefault(format_date(day, pattern, locale=locale), day.isoformat())
    source = f"{len(DATE_STYLES)} styles of writing, from Babel; seed {seed}"
    return PairData(tuple(pairs), tuple(pairs.values()), "written dates", source)


def load_sentence_pairs(grammar=False):
    """Load English sentences with their Korean translations.

    Full: thousands of pairs of the Tatoeba project, some sentences several times.
    Quick, or without a network: 4,000 polite pairs of a grammar, each sentence once.
    With ``grammar=True`` the grammar's pairs in any profile.

    Returns
    -------
    PairData
        English sources and Korean targets, in the order of the file.

    Used in notebook 08b.
    """
    real = readers.grammar_pairs if grammar else readers.tatoeba
    return _real_or_embedded(PairData, real, readers.grammar_pairs)


def load_vgg16_weights(small=False):
    """Find the weights of VGG16's convolutional base, or of the small stand-in.

    Full: those of ``keras.applications``, from ImageNet. Quick, or without a network:
    a small base of the same style, pre-trained for this course.

    Parameters
    ----------
    small : bool, default False
        The small base in any profile: VGG16 is slow without a GPU.

    Returns
    -------
    Weights
        ``path`` of the file, its hash checked; ``name`` says which of the two it is.

    Raises
    ------
    DownloadError
        If the stand-in is wanted and is missing or damaged.

    Used in notebook 05.
    """
    real = readers.vgg_mini if small else readers.vgg16
    return _real_or_embedded(Weights, real, readers.vgg_mini)


def _real_or_embedded(form, real, embedded):
    """Return the real data, or the embedded, in the form of the dataclass given."""
    from utils import session
    from utils.downloads import DownloadError

    if session.profile() == "quick" or real is embedded:
        return form(*embedded())
    try:
        return form(*real())
    except DownloadError as error:
        failure = str(error)
    try:
        data = form(*embedded())
    except DownloadError as error:
        error.args = (f"{failure} And {error}",)
        raise
    print(f"{failure} Used instead: {data.name}.")
    return data


def _whole(name, value, low, high):
    """Return a whole number within limits, or raise ValueError."""
    try:
        good = not isinstance(value, bool) and low <= index(value) <= high
    except TypeError:
        good = False
    if not good:
        limits = f"{low} to {high}, a whole number"
        raise ValueError(f"{name} is {value!r}; expected {limits}")
    return index(value)


def _one_of(name, value, known):
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} is {value!r}; expected one of {sorted(known)}")
    return value
