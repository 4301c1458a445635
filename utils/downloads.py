"""Fetch data files: once, checked, and with one clear line where that fails.

pooch does the downloading. What stands here decides where a file comes from (the data
folder, the cache of Keras, the network), checks it, and turns what can go wrong into
one line: file, cause, remedy.
"""

import errno
import hashlib
import os
import shutil
import socket
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

__all__ = ["REGISTRY", "DownloadError", "Remote", "at_hand", "fetch"]

CONNECT_SECONDS = 3
# For imports, name look-up, connection and first answer together: with the time that
# the embedded data takes to load, less than five seconds.
ANSWER_SECONDS = 2.5
LEAST_SECONDS = 1  # after slow imports, or after another host has kept us waiting
STALL_SECONDS = 10  # without a byte, in the middle of a file
ATTEMPTS, WAIT_SECONDS = 3, 1  # before the third attempt, twice the wait
UNPACKED_BYTES = 200_000_000  # no archive of the course holds more
LEFTOVER_SECONDS = 60  # a live download writes or gives up well within this time
PARTIAL = ".partial-"  # folders of downloads under way

# Some servers turn away the name that the HTTP library gives itself.
HEADERS = {"User-Agent": "Mozilla/5.0 (deep-learning course)"}

# Each host is asked once: which have answered, and cause and remedy where one has not.
# NETWORK stands for all hosts: without names or a proxy, no other one need be asked.
NETWORK = ""
_answered: set[str] = set()
_dead: dict[str, list[str]] = {}
_waits: list[float] = []  # seconds that the hosts in _dead took
CONNECT = "connect and restart the kernel, or bring the file (data/README.md)"


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
    text = path.read_text("utf-8-sig")  # Windows' editors put a mark at the start
    rows = [line.split("\t") for line in text.splitlines()]
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

    Returns
    -------
    Path
        Of a file or folder that passed its check: not to be changed.

    Raises
    ------
    ValueError
        If the registry has no such name.
    DownloadError
        If the file is not at hand and cannot be downloaded.

    Used by `session.need` and the loaders of ``utils.data``.
    """
    from utils import session

    registry = REGISTRY if registry is None else registry
    if name not in registry:
        raise ValueError(f"name is {name!r}; expected one of {sorted(registry)}")
    remote, folder = registry[name], Path(session.data_dir())
    _sweep(folder)
    return at_hand(remote) or _download_over(folder / remote.file, remote, folder)


def at_hand(remote):
    """Return the path of a good copy, in the data folder or Keras' cache, or None.

    Used by `fetch`, and by ``session.report``.
    """
    from utils import session

    home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    cached = [home / remote.keras / remote.file] if remote.keras else []
    places = [Path(session.data_dir()) / remote.file, *cached]
    return next((path for path in places if not _flaw(path, remote)), None)


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


def _flaw(path, remote):
    """Say why a path is not the wanted file or folder; ``""`` if it is."""
    try:
        if not path.exists():
            return "is missing"
        if remote.digest:
            kind, wanted = remote.digest.split(":")
            with path.open("rb") as stream:
                same = hashlib.file_digest(stream, kind).hexdigest() == wanted
            return "" if same else f"has the wrong {kind.upper()} hash"
        return remote.form(path) if remote.form else ""
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    except OSError as error:
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
    start = time.monotonic()
    import requests

    _ask_network(remote, start)
    target = folder / remote.file
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=PARTIAL, dir=folder, ignore_cleanup_errors=True
        ) as partial:
            path = _retrieve(remote, Path(partial))
            if remote.zipped:
                path = _unpack(path, Path(partial) / "unpacked", remote.file)
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


def _ask_network(remote, start):
    """Raise at once, or ``ANSWER_SECONDS`` after the start, if no answer comes.

    In a thread, because looking up a name knows no time limit of its own.
    """
    host = _host(remote)
    if host in _answered:
        return
    if NETWORK not in _dead and host not in _dead:
        state = [(NETWORK, f"no network (looking up {host} takes too long)", CONNECT)]
        thread = threading.Thread(target=_ask, args=(remote.url, state), daemon=True)
        thread.start()
        left = start + ANSWER_SECONDS - time.monotonic() - sum(_waits)
        thread.join(max(LEAST_SECONDS, left))
        if state[0] is None:
            _answered.add(host)
            return
        place, *reason = state[0]
        _dead[place] = reason
        _waits.append(time.monotonic() - start)
    raise DownloadError(remote.file, *(_dead.get(NETWORK) or _dead[host]))


def _ask(url, state):
    """Ask for a file; ``state[0]`` is what failed, why and the remedy, or None."""
    import requests
    from requests.utils import get_environ_proxies, select_proxy

    host = urlsplit(url).hostname
    try:
        if not select_proxy(url, get_environ_proxies(url)):
            socket.getaddrinfo(host, None)
        state[0] = (host, f"{host} does not answer", CONNECT)
        requests.head(url, timeout=ANSWER_SECONDS, headers=HEADERS)
        state[0] = None
    except requests.exceptions.SSLError:
        state[0] = (host, *_insecure(host))
    except requests.exceptions.ProxyError:
        cause = f"the proxy of HTTPS_PROXY or HTTP_PROXY does not lead to {host}"
        state[0] = (host, cause, CONNECT)
    except requests.RequestException:
        state[0] = (host, f"{host} cannot be reached", CONNECT)
    except OSError:
        state[0] = (NETWORK, f"no network (no address of {host} is found)", CONNECT)


def _insecure(host):
    """Give cause and remedy of a failed TLS connection."""
    return f"no secure connection to {host} (its certificate is not accepted)", (
        "set the clock right; where the campus has a proxy, let REQUESTS_CA_BUNDLE "
        "name the file of its certificate; or bring the file (data/README.md)"
    )


def _retrieve(remote, folder):
    """Download with pooch; again after what tends to pass: server errors, a cut."""
    import pooch
    from requests.exceptions import ChunkedEncodingError, HTTPError
    from tqdm import tqdm

    pooch.get_logger().setLevel("WARNING")
    limits = {"timeout": (CONNECT_SECONDS, STALL_SECONDS), "headers": HEADERS}

    def get_data(url, output_file, _):
        with tqdm(None, remote.file, 1, unit="B", unit_scale=True, delay=0.5) as bar:
            # pooch does so at the end, and the delay would begin anew: a bar at 0 %.
            bar.reset = lambda total=None: bar.update(-bar.n)
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
            path = pooch.retrieve(remote.url, None, "data", folder, None, get_data)
            return Path(path)
        except (ChunkedEncodingError, HTTPError) as error:
            status = error.response.status_code if error.response is not None else 500
            if attempt == ATTEMPTS or status < 500:
                raise
            time.sleep(WAIT_SECONDS * attempt)


def _unpack(archive, folder, wanted):
    """Unpack what is wanted of an archive none of whose members leads out."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = []
            for member in opened.infolist():
                path = PureWindowsPath(member.filename)  # splits at / and \
                link = stat.S_ISLNK(member.external_attr >> 16)
                if link or path.drive or path.root or ".." in path.parts:
                    kind = "link" if link else "path that leads out"
                    raise ValueError(f"{member.filename} in the archive is a {kind}")
                if path.parts[:1] == (wanted,):
                    members.append(member)
            size = sum(member.file_size for member in members)
            if size > UNPACKED_BYTES:
                raise ValueError(f"the archive unpacks to {size:,} bytes: too many")
            opened.extractall(folder, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(f"the archive is damaged ({error})") from None
    return folder / wanted


def _reason(error, remote, folder):
    """Give cause and remedy of an error in a download."""
    from requests import exceptions

    host, again = _host(remote), "run the cell again"
    if isinstance(error, exceptions.HTTPError):
        answer = f"{error.response.status_code} {error.response.reason}"
        return f"{host} answered {answer}", "try again later"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return f"the transfer from {host} broke off", again
    if isinstance(error, exceptions.SSLError):
        return _insecure(host)
    if "timed out" in str(error).lower():
        return f"{host} has sent nothing for {STALL_SECONDS} s", again
    if isinstance(error, exceptions.RequestException):
        return f"the connection to {host} failed", again
    if isinstance(error, ValueError):
        return str(error), "log in where the network asks for it, or try again later"
    if error.errno == errno.ENOSPC:
        remedy = "make room, or set COURSE_DATA_DIR to another folder"
        return f"the disk of {folder} is full", remedy
    cause = f"cannot write to {folder} ({error.strerror or error})"
    return cause, "make it writable, or set COURSE_DATA_DIR to another"
