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

__all__ = ["ROOT", "choose", "data_dir", "profile", "start"]

ROOT = Path(__file__).resolve().parents[1]
PROFILES = {
    "full": "real data, minutes to train",
    "quick": "embedded data, about a minute in all",
}
# What Colab may lack: module -> package, with what it needs beside NumPy. Installing
# them without their dependencies keeps pip away from the NumPy, Keras and TensorFlow
# that are there.
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

_chosen = "full"


def start(profile="full"):
    """Check the versions, import Keras quietly, set the style; say it in one line.

    Run again, it changes nothing. Used in the first cell of every notebook.

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
    _check_versions()
    if importlib.util.find_spec("google") and importlib.util.find_spec("google.colab"):
        _install_missing()
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
    python = ".".join(map(str, sys.version_info[:3]))
    print(
        f"Profile {name}: {PROFILES[name]}. Python {python}, TensorFlow "
        f"{tf.__version__}, Keras {keras.__version__}, {'GPU' if devices else 'CPU'}."
    )


def profile():
    """Return the profile in use, ``"full"`` or ``"quick"``.

    ``COURSE_PROFILE`` in the environment comes first, then what ``start`` was given.

    Raises
    ------
    ValueError
        If ``COURSE_PROFILE`` is neither of the two.
    """
    return _known(os.environ.get("COURSE_PROFILE") or _chosen)


def choose(*, full, quick):
    """Return ``full`` or ``quick``, whichever the profile in use is.

    Used in every notebook's cell of constants, as in ``choose(full=10, quick=1)``.
    """
    return full if profile() == "full" else quick


def data_dir():
    """Return the folder of downloaded files (`pathlib.Path`, perhaps not made yet).

    ``COURSE_DATA_DIR`` in the environment, or ``data/downloads`` in the course.
    """
    given = os.environ.get("COURSE_DATA_DIR")
    return Path(given).expanduser() if given else ROOT / "data" / "downloads"


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
    for package, lowest in (("keras", (3, 8)), ("tensorflow", (2, 18))):
        needed = ".".join(map(str, lowest))
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            found = "missing"
        if found == "missing" or _version(found) < lowest:
            raise SystemExit(
                f"This course needs {package} {needed} or later, here it is {found}: "
                "install what requirements.txt lists, then restart the kernel."
            )
        if package == "keras" and _version(found) < (3, 15, 1):
            print(
                f"Keras {found} works here; the course was made with 3.15.1 or later."
            )


def _install_missing():
    """Install the light packages that lack, with nothing they depend on."""
    find = importlib.util.find_spec
    lacking = [
        package for name, package in LIGHT_PACKAGES.items() if find(name) is None
    ]
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
