"""The start of every notebook: versions, device and profile.

This file keeps to syntax that an old Python can read, so that an old Python gets the
one line below and not a traceback.
"""

import contextlib
import importlib.util
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

__all__ = ["ROOT", "choose", "data_dir", "need", "profile", "report", "start"]

ROOT = Path(__file__).resolve().parents[1]
PROFILES = {
    "full": "real data, minutes to train",
    "quick": "embedded data, about a minute in all",
}
# Earlier ones fail: 3.14 at the masks of attention, 3.12 at seeds. Colab may have one.
KERAS = (3, 15, 1)
# What Colab may lack: module -> package, with what it needs beside NumPy. Installing
# them without their dependencies keeps pip away from the NumPy and TensorFlow there.
LIGHT_PACKAGES = {
    "babel": "Babel",
    "colorama": "colorama",
    "koreanize_matplotlib": "koreanize-matplotlib",
    "patsy": "patsy",
    "platformdirs": "platformdirs",
    "pooch": "pooch",
    "portalocker": "portalocker",
    "regex": "regex",
    "sacrebleu": "sacrebleu",
    "statsmodels": "statsmodels",
    "tabulate": "tabulate",
}

# What the notebooks import; requirements.txt says how new each should be.
PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "scipy",
    "matplotlib",
    "pillow",
    "scikit-learn",
    "scikit-image",
    "statsmodels",
    "Babel",
    "sacrebleu",
    "pooch",
    "tqdm",
    "ipywidgets",
)
REAL_DATA = {  # what students call it: its files in the registry of utils.downloads
    "MNIST": "mnist.npz",
    "Fashion-MNIST": "fashion-mnist/",
    "IMDB reviews": "imdb",
    "cat and dog photos": "cats_and_dogs_filtered",
    "English-Korean pairs": "kor.txt",
    "VGG16 weights": "vgg16",
}
EMBEDDED_FILES = ("english_korean.tsv", "order_reviews.tsv", "vgg_mini.weights.h5")
NEEDED_GB = {"full": 4, "quick": 2}

_chosen = "full"
_real = True  # False once real data could not be had: quick from there on


def start(profile="full"):
    """Check the versions, import Keras quietly, set the style; say it in one line.

    Run again, it changes nothing. Used in every notebook, in its set-up cell.

    Parameters
    ----------
    profile : {"full", "quick"}
        Real data, or small embedded data and few epochs. The environment variable
        ``COURSE_PROFILE`` overrides it.

    Raises
    ------
    ValueError
        If the profile, or the one in the environment, is neither of the two.
    SystemExit
        With one line, if Python, Keras or TensorFlow is too old or missing.
    """
    global _chosen
    _chosen = _known(profile)
    name = globals()["profile"]()
    if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
        _install_missing()
    _check_versions()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with _silent_stderr():
        import keras
        import tensorflow as tf

        devices = tf.config.list_physical_devices("GPU")
    # Equality with Keras is checked to six digits: TensorFloat-32 keeps three.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    from utils import plotting

    plotting.use_style()
    print(
        f"Profile {name}: {PROFILES[name]}. Python {sys.version.split()[0]}, TensorFlow"
        f" {tf.__version__}, Keras {keras.__version__}, {'GPU' if devices else 'CPU'}."
    )


def profile():
    """Return the profile in use, ``"full"`` or ``"quick"``.

    ``COURSE_PROFILE`` in the environment comes first, then what ``start`` was given.
    Where `need` could not get the real data, it is ``"quick"``, whatever they say.

    Raises
    ------
    ValueError
        If ``COURSE_PROFILE`` is neither of the two.

    Used in every notebook, and by `choose`.
    """
    name = _known(os.environ.get("COURSE_PROFILE") or _chosen)
    return name if _real else "quick"


def choose(*, full, quick):
    """Return ``full`` or ``quick``, whichever the profile in use is.

    Used in every notebook, as in ``choose(full=10, quick=1)``.
    """
    return full if profile() == "full" else quick


def need(*names):
    """Have a notebook's real data at hand before anything hangs on its size.

    The full profile downloads what is missing. Where that fails, one line says so, and
    the profile is quick from there on: full trainings and claims make no sense on
    embedded data. Run again, it tries again. In the quick profile nothing happens.

    Parameters
    ----------
    *names : str
        Such as ``"MNIST"``: keys of ``REAL_DATA``.

    Raises
    ------
    ValueError
        If there is no real data of that name.

    Used in notebooks 00, 01a, 01b, 02a, 02b, 03a, 03b, 04, 05, 06a, 06b and 07.
    """
    global _real
    from utils import downloads

    files = [file for name in names for file in _files(name)]
    _real = True
    if profile() == "quick":
        return
    try:
        for file in files:
            downloads.fetch(file)
    except downloads.DownloadError as error:
        _real = False
        print(f"{error} Used instead: the quick profile, on embedded data.")


def data_dir():
    """Return the folder of downloaded files (`pathlib.Path`, perhaps not made yet).

    ``COURSE_DATA_DIR`` in the environment, or ``data/downloads`` in the course.
    Used by ``utils.downloads``.
    """
    given = os.environ.get("COURSE_DATA_DIR")
    return Path(os.path.expanduser(given)) if given else ROOT / "data" / "downloads"


def report():
    """Say in plain words what this machine offers, what is missing and the remedy.

    It asks no network and raises nothing: what cannot be found out is said to be so.
    Used in notebook 00.

    Returns
    -------
    list of str
        One line each for Python, packages, memory, processor, GPU, real data,
        embedded data and the Hangul font; a line with a remedy contains "Remedy: ".
    """
    topics = {
        "Python": _about_python,
        "packages": _about_packages,
        "memory": _about_memory,
        "processor": _about_processor,
        "GPU": _about_gpu,
        "real data": _about_real_data,
        "embedded data": _about_embedded_data,
        "Hangul font": _about_font,
    }
    lines = []
    for topic, about in topics.items():
        try:
            text = about()
        except Exception as error:  # a report that fails helps nobody
            text = f"could not be found out ({type(error).__name__}: {error})"
        lines.append(" ".join(f"{topic}: {text}".split()))
    return lines


def _about_python():
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036
        return f"{found}, too old. Remedy: start with Python 3.11, 3.12 or 3.13."
    return f"{found}, new enough"


def _about_packages():
    """Compare what is installed with the lower bounds of requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    bounds = dict(re.findall(r"^([\w-]+)>=([\d.]+)", text, re.M))
    problems, found = [], {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            problems.append(f"{package} is missing")
            continue
        lowest = bounds.get(package, "0")
        if _version(found[package]) < _version(lowest):
            problems.append(f"{package} {found[package]} is older than {lowest}")
    if problems:
        return (
            f"{', '.join(problems)}. Remedy: python3 course.py lab sets up all that is "
            "needed; in Colab go on, and pip install a package when a cell asks for it."
        )
    main = ", ".join(f"{name} {found[name]}" for name in PACKAGES[:3])
    return f"all {len(PACKAGES)} are there and new enough ({main})"


def _about_memory():
    needed = NEEDED_GB[profile()]
    free = _free_bytes() / 2**30
    if free < needed:
        other = ", or choose the quick profile" if profile() == "full" else ""
        return (
            f"{free:.1f} GB free, {needed} GB needed in the {profile()} profile. "
            f"Remedy: close other programs and notebooks{other}."
        )
    return f"{free:.0f} GB free, enough"


def _free_bytes():
    """Return the free memory, or the container's limit where that is lower."""
    try:
        import psutil

        free = psutil.virtual_memory().available
    except ImportError:  # then how much there is at all: Linux and macOS tell
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")
        return min(free, int(limit))
    except (OSError, ValueError):  # no container, or "max": no limit
        return free


def _about_processor():
    return f"{os.cpu_count() or 'unknown number of'} cores"


def _about_gpu():
    import tensorflow as tf

    count = len(tf.config.list_physical_devices("GPU"))
    if count:
        return f"{count} found; Keras uses it by itself"
    return (
        "none found, and none needed: every notebook is made for a processor. "
        "In Colab: Runtime, Change runtime type, to get one."
    )


def _about_real_data():
    from utils import downloads

    here, missing = [], []
    for name in REAL_DATA:
        good = all(downloads.at_hand(downloads.REGISTRY[f]) for f in _files(name))
        (here if good else missing).append(name)
    text = f"at hand: {', '.join(here) or 'nothing yet'}"
    if not _real:
        why = "what is needed here could not be had"
        return f"{text}; quick, as {why}. Remedy: connect, and restart the kernel."
    if profile() == "quick":
        return f"{text}; the quick profile uses embedded data"
    if not missing:
        return text
    return (
        f"{text}; not yet: {', '.join(missing)}. Remedy: none needed with a network, "
        "they come at a notebook's start; without one, it runs in the quick profile."
    )


def _files(name):
    """Return the files that real data consists of, by their keys in the registry."""
    from utils import downloads

    if name not in REAL_DATA:
        raise ValueError(f"name is {name!r}; expected one of {sorted(REAL_DATA)}")
    return [file for file in downloads.REGISTRY if file.startswith(REAL_DATA[name])]


def _about_embedded_data():
    lacking = [f for f in EMBEDDED_FILES if not (ROOT / "data" / f).is_file()]
    if lacking:
        return f"no data/{', data/'.join(lacking)}. Remedy: fetch the course again."
    return "complete"


def _about_font():
    from utils import figures

    font = figures.hangul_font()
    if font is None:
        return (
            "none found: Korean labels show as boxes. Remedy: pip install "
            "koreanize-matplotlib, then restart the kernel."
        )
    return f"{font}, found"


def _known(name):
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}: expected 'full' or 'quick'")
    return name


def _version(text):
    """Return the leading numbers of a version, e.g. (3, 15, 1) of "3.15.1rc0"."""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _check_versions():
    if sys.version_info < (3, 11):  # noqa: UP036 (that is what it is for)
        found = ".".join(map(str, sys.version_info[:2]))
        raise SystemExit(
            f"This course needs Python 3.11 or later, this is {found}: start it with a "
            "newer Python."
        )
    for package, lowest in (("keras", KERAS), ("tensorflow", (2, 18))):
        needed = ".".join(map(str, lowest))
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            found = "missing"
        if found == "missing" or _version(found) < lowest:
            raise SystemExit(
                f"This course needs {package} {needed} or later, here it is {found}: "
                "start it with course.py lab or, on Colab, choose a newer runtime."
            )


def _install_missing():
    """Install the light packages that lack, with nothing they depend on."""
    find = importlib.util.find_spec
    lacking = [
        package for name, package in LIGHT_PACKAGES.items() if find(name) is None
    ]
    if find("keras") is None or _version(metadata.version("keras")) < KERAS:
        if "keras" in sys.modules:
            raise SystemExit("Restart the session, then run this cell before others.")
        lacking.append("keras>=" + ".".join(map(str, KERAS)))
    if not lacking:
        return
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    if subprocess.run([*command, *lacking], check=False).returncode:
        print(
            f"Could not install {', '.join(lacking)}: cells that need them will fail."
        )
    importlib.invalidate_caches()


@contextlib.contextmanager
def _silent_stderr():
    """Silence file descriptor 2: TensorFlow's libraries write to it at import."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
