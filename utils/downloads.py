"""Fetch data files: once, checked, and with one clear line where that fails.

pooch does the downloading. What stands here decides where a file comes from (the data
folder, the cache of Keras, the network), checks it, and turns what can go wrong into
one line: file, cause, remedy.
"""

import errno
import os
import pickle
import shutil
import stat
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from urllib.parse import urlsplit

import numpy as np

__all__ = ["REGISTRY", "DownloadError", "Remote", "fetch", "load_object_arrays"]

CONNECT_SECONDS = 3
ANSWER_SECONDS = 3.5  # for name look-up, connection and first answer together
STALL_SECONDS = 10  # without a byte, in the middle of a file
ATTEMPTS, WAIT_SECONDS = 3, 1  # before the third attempt, twice the wait
LEFTOVER_SECONDS = 60  # a live download writes or gives up well within this time
PARTIAL = ".partial-"  # folders of downloads under way

# Some servers turn away the name that the HTTP library gives itself.
HEADERS = {"User-Agent": "Mozilla/5.0 (deep-learning course)"}

# Hosts that have answered, and why the network is dead: without one, it is asked once.
_answered: set[str] = set()
_dead: list[str] = []


class DownloadError(Exception):
    """A file could not be had; ``str`` gives one line: file, cause, remedy."""

    def __init__(self, file, cause, remedy):
        self.cause, self.remedy = cause, remedy
        line = f"{file}: {cause}. Remedy: {remedy}."
        super().__init__(" ".join(line.split()))


@dataclass(frozen=True)
class Remote:
    """Where a file or folder comes from, and how to know that it is right.

    ``file`` is its path below the data folder, ``digest`` such as ``"sha256:…"``, and
    ``keras`` the sub-folder of Keras' cache that may hold it. With ``zipped`` the
    address gives a zip archive that holds ``file``. Where no hash is published,
    ``form`` says what is wrong with a path (``""``: nothing); ``size`` is the number of
    bytes to be downloaded.
    """

    url: str
    file: str
    digest: str = ""
    keras: str = ""
    zipped: bool = False
    size: int = 0
    form: Callable[[Path], str] | None = None


def _photo_folders(path):
    """Say what is wrong with the folder of cat and dog photos."""
    for part in ("train/cats", "train/dogs", "validation/cats", "validation/dogs"):
        if not any((path / part).glob("*.jpg")):
            return f"has no photos in {part}"
    return ""


def _korean_pairs(path):
    """Say what is wrong with a file of English and Korean sentences."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    good = sum(
        len(row) >= 2 and row[0].isascii() and any("가" <= c <= "힣" for c in row[1])
        for row in rows
    )
    if good < 1000 or good < 0.9 * len(rows):
        return f"has {good} English–Korean lines of {len(rows)}"
    return ""


_TENSORFLOW = "https://storage.googleapis.com/tensorflow/"
_VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
# Files that Keras' own loaders fetch, with the hashes given there. Of Fashion-MNIST and
# of the word index only MD5 is published: these SHA-256 are of files with that MD5.
_DIGESTS = """
mnist.npz 731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1
imdb.npz 69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f
imdb_word_index.json 027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6
fashion-mnist/train-images-idx3-ubyte.gz 3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84
fashion-mnist/train-labels-idx1-ubyte.gz a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845
fashion-mnist/t10k-images-idx3-ubyte.gz 346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073
fashion-mnist/t10k-labels-idx1-ubyte.gz 67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5
"""  # noqa: E501
REGISTRY = {
    file: Remote(
        _TENSORFLOW + "tf-keras-datasets/" + file.split("/")[-1],
        file,
        f"sha256:{digest}",
        "datasets",
    )
    for file, digest in (line.split() for line in _DIGESTS.strip().splitlines())
}
# Keras' loader of VGG16 gives an MD5 and no other hash.
REGISTRY[_VGG16] = Remote(
    _TENSORFLOW + "keras-applications/vgg16/" + _VGG16,
    _VGG16,
    "md5:6d6bbae143d832006294945121d1f1fc",
    "models",
)
# No hash is published of the next two, and the second one is renewed now and then.
REGISTRY["cats_and_dogs_filtered"] = Remote(
    "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip",
    "cats_and_dogs_filtered",
    zipped=True,
    size=68_606_236,
    form=_photo_folders,
)
_KOREAN = "https://www.manythings.org/anki/kor-eng.zip"
REGISTRY["kor.txt"] = Remote(_KOREAN, "kor.txt", zipped=True, form=_korean_pairs)


def fetch(name, registry=None):
    """Return the path of a data file or folder, downloading it where it is missing.

    What lies in the data folder or in Keras' cache is checked and used where it is. A
    file that fails the check is replaced once a good one has arrived, not before.

    Parameters
    ----------
    name : str
        Key of the registry, such as ``"mnist.npz"``.
    registry : dict of str to Remote, optional
        Instead of ``REGISTRY``.

    Raises
    ------
    ValueError
        If the registry has no such name.
    DownloadError
        If the file is not at hand and cannot be downloaded.

    Used by the loaders of ``utils.data``, in all notebooks.
    """
    from utils import session

    registry = REGISTRY if registry is None else registry
    if name not in registry:
        raise ValueError(f"name is {name!r}; expected one of {sorted(registry)}")
    remote, folder = registry[name], Path(session.data_dir())
    _sweep(folder)
    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    cached = [home / remote.keras / remote.file] if remote.keras else []
    for path in (folder / remote.file, *cached):
        if not _flaw(path, remote):
            return path
    return _download_over(folder / remote.file, remote, folder)


def _download_over(target, remote, folder):
    """Download in place of what is missing or damaged, and say so if that fails."""
    try:
        _download(remote, folder)
    except DownloadError as error:
        flaw = _flaw(target, remote)
        if flaw and target.exists():
            cause = f"the copy at hand {flaw}, and {error.cause}"
            raise DownloadError(remote.file, cause, error.remedy) from None
        if flaw:  # else another process was quicker
            raise
    return target


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
    """
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


def _flaw(path, remote):
    """Say why a path is not the wanted file or folder; ``""`` if it is."""
    import pooch

    try:
        if not path.exists():
            return "is missing"
        if remote.digest:
            kind, wanted = remote.digest.split(":")
            same = path.is_file() and pooch.file_hash(str(path), kind) == wanted
            return "" if same else f"has the wrong {kind.upper()} hash"
        return remote.form(path) if remote.form else ""
    except (OSError, UnicodeDecodeError) as error:
        return f"cannot be read ({error})"


def _sweep(folder):
    """Remove what downloads left behind that were killed."""
    for partial in folder.glob(PARTIAL + "*"):
        with suppress(OSError):  # another process may be at work there
            paths = [partial, *partial.rglob("*")]
            latest = max(path.stat().st_mtime for path in paths)
            if time.time() - latest > LEFTOVER_SECONDS:
                shutil.rmtree(partial, ignore_errors=True)


def _download(remote, folder):
    """Download to a folder beside the target, check, then rename."""
    import requests

    _ask_network(remote)
    target = folder / remote.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=PARTIAL, dir=folder, ignore_cleanup_errors=True
        ) as partial:
            path = _retrieve(remote, Path(partial))
            if remote.zipped:
                path = _unpack(path, Path(partial) / "unpacked") / remote.file
            if flaw := _flaw(path, remote):
                raise ValueError(f"what {_host(remote)} sent {flaw}")
            if target.exists() and not _flaw(target, remote):
                return
            if target.is_dir():  # a folder is not replaced, only renamed
                target.rename(Path(partial) / "replaced")
            os.replace(path, target)
    except (requests.RequestException, OSError, ValueError) as error:
        raise DownloadError(remote.file, *_reason(error, remote, folder)) from None


def _host(remote):
    return urlsplit(remote.url).hostname


def _ask_network(remote):
    """Raise at once, or within ``ANSWER_SECONDS``, if there is no network.

    In a thread, because looking up a name knows no time limit of its own.
    """
    import requests

    host, outcome = _host(remote), []
    remedy = "connect and restart the kernel, or bring the file (data/README.md)"

    def ask():
        try:
            requests.head(remote.url, timeout=ANSWER_SECONDS, headers=HEADERS)
            outcome.append("")
        except requests.exceptions.ProxyError:
            outcome.append("the proxy of HTTPS_PROXY or HTTP_PROXY does not answer")
        except requests.RequestException:
            outcome.append(f"no network ({host} cannot be reached)")

    if host in _answered:
        return
    if not _dead:
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(ANSWER_SECONDS)
        cause = outcome[0] if outcome else f"no network ({host} does not answer)"
        if not cause:
            _answered.add(host)
            return
        _dead.append(cause)
    raise DownloadError(remote.file, _dead[0], remedy)


def _retrieve(remote, folder):
    """Download with pooch; again after what tends to pass: server errors, a cut."""
    import pooch
    from requests.exceptions import ChunkedEncodingError, HTTPError
    from tqdm import tqdm

    pooch.get_logger().setLevel("WARNING")
    limits = {"timeout": (CONNECT_SECONDS, STALL_SECONDS), "headers": HEADERS}

    def get_data(url, output_file, _):
        with tqdm(None, remote.file, 1, unit="B", unit_scale=True, delay=0.5) as bar:
            pooch.HTTPDownloader(bar, 2**16, **limits)(url, output_file, None)
        path = Path(output_file)
        with path.open("rb") as stream:
            start = stream.read(512).lstrip().lower()
        if start.startswith((b"<!doctype html", b"<html")):
            raise ValueError(f"{_host(remote)} sent a web page instead of the data")
        size = path.stat().st_size
        if remote.size not in (0, size):
            raise ValueError(f"{size:,} bytes came instead of {remote.size:,}")

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return Path(
                pooch.retrieve(remote.url, None, "data", folder, None, get_data)
            )
        except (ChunkedEncodingError, HTTPError) as error:
            status = error.response.status_code if error.response is not None else 500
            if attempt == ATTEMPTS or status < 500:
                raise
            time.sleep(WAIT_SECONDS * attempt)


def _unpack(archive, folder):
    """Unpack a zip archive none of whose members leads out of the folder."""
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                path = PureWindowsPath(member.filename)  # splits at / and \
                link = stat.S_ISLNK(member.external_attr >> 16)
                if link or path.drive or path.root or ".." in path.parts:
                    kind = "link" if link else "path that leads out"
                    raise ValueError(f"{member.filename} in the archive is a {kind}")
            opened.extractall(folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(f"the archive is damaged ({error})") from None
    return folder


def _reason(error, remote, folder):
    """Give cause and remedy of an error in a download."""
    from requests import exceptions

    host, again = _host(remote), "run the cell again"
    if isinstance(error, exceptions.HTTPError):
        answer = f"{error.response.status_code} {error.response.reason}"
        return f"{host} answered {answer}", "try again later"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return f"the transfer from {host} broke off", again
    if "timed out" in str(error).lower():
        return f"{host} has sent nothing for {STALL_SECONDS} s", again
    if isinstance(error, exceptions.RequestException):
        return f"the connection to {host} failed", again
    if isinstance(error, ValueError):
        return str(error), "log in where the network asks for it, or try again later"
    if error.errno == errno.ENOSPC:
        return (
            f"the disk of {folder} is full",
            "make room, or set COURSE_DATA_DIR to another folder",
        )
    cause = f"cannot write to {folder} ({error.strerror})"
    return cause, "make it writable, or set COURSE_DATA_DIR to another"
