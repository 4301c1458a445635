"""Each promise of ``utils.downloads``, kept against a server on loopback."""

import errno
import hashlib
import importlib.util
import io
import os
import re
import socket
import subprocess
import sys
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from utils import downloads, readers
from utils.downloads import DownloadError, Remote, fetch

ROOT = Path(__file__).resolve().parents[1]
BODY = bytes(range(256)) * 2000
DIGEST = "sha256:" + hashlib.sha256(BODY).hexdigest()


class Server(ThreadingHTTPServer):
    """Answers GET by the next of ``answers``; the last one stays."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [("whole", BODY)]
        self.gets = 0
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/file"


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        answers = self.server.answers
        self.server.gets += 1
        kind, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(kind if isinstance(kind, int) else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind in ("cut", "stall"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if kind == "stall":
                self.server.released.wait(20)
        elif kind == "slow":
            for part in np.array_split(np.frombuffer(body, np.uint8), 10):
                self.wfile.write(part.tobytes())
                time.sleep(0.05)
        else:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Give an empty data folder, an empty Keras cache, no proxy and fitting limits."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(downloads, "_answered", set())
    monkeypatch.setattr(downloads, "_dead", {})
    monkeypatch.setattr(downloads, "_waits", [])
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 20)  # for a busy machine
    monkeypatch.setattr(downloads, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(downloads, "STALL_SECONDS", 0.3)
    return tmp_path / "data"


def registry(server, **settings):
    remote = {"file": "part/file.bin", "digest": DIGEST, "keras": "datasets"}
    return {"file": Remote(getattr(server, "url", server), **(remote | settings))}


def failure(known, *words):
    """Fetch, and return the error's line, which must hold the words."""
    with pytest.raises(DownloadError) as caught:
        fetch("file", known)
    line = str(caught.value)
    assert "\n" not in line and "Remedy: " in line and line.endswith(".")
    assert line.startswith(known["file"].file + ": ")
    for word in words:
        assert word in line, line
    return line


def left(folder):
    """Return the files and hidden folders that lie in the data folder."""
    found = folder.rglob("*")
    return [p.name for p in found if p.is_file() or p.name.startswith(".")]


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def zip_of(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def test_a_file_is_downloaded_once(server, folder):
    for _ in range(2):
        path = fetch("file", registry(server))
        assert path == folder / "part" / "file.bin"
        assert path.read_bytes() == BODY
    assert server.gets == 1
    assert left(folder) == ["file.bin"]


def test_the_cache_of_keras_is_used_in_place(server, folder):
    cached = folder.parent / "keras" / "datasets" / "part" / "file.bin"
    put(cached, BODY)
    assert fetch("file", registry(server)) == cached
    assert server.gets == 0 and not folder.exists()
    cached.write_bytes(b"another file")
    assert fetch("file", registry(server)) == folder / "part" / "file.bin"
    assert cached.read_bytes() == b"another file"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("whole", BODY[:-1]), "has the wrong SHA256 hash"),
        (("cut", BODY), "broke off"),
        (("stall", BODY), "has sent nothing for 0.3 s"),
        (("whole", b"\n<!DOCTYPE html><p>Log in"), "a web page instead of the data"),
        ((404, b""), "answered 404"),
        ((503, b""), "answered 503"),
    ],
)
@pytest.mark.parametrize("damaged", [None, b"damaged"])
def test_a_fault_gives_one_line_and_changes_nothing(
    server, folder, answer, words, damaged
):
    server.answers = [answer]
    if damaged:
        put(folder / "part" / "file.bin", damaged)
        words = "the copy at hand has the wrong SHA256 hash, and", words
    failure(registry(server), *(words if damaged else [words]))
    assert left(folder) == (["file.bin"] if damaged else [])
    if damaged:
        assert (folder / "part" / "file.bin").read_bytes() == damaged
    tries = 3 if answer[0] in ("cut", 503) else 1
    assert server.gets == tries


@pytest.mark.parametrize("first", [(500, b""), ("cut", BODY)])
def test_what_tends_to_pass_is_tried_again(server, folder, first):
    server.answers = [first, ("whole", BODY)]
    assert fetch("file", registry(server)).read_bytes() == BODY
    assert server.gets == 2 and left(folder) == ["file.bin"]


def test_a_damaged_file_is_replaced_in_one_step(server, folder):
    path = folder / "part" / "file.bin"
    put(path, b"damaged")
    os.link(path, folder / "as it was")
    assert fetch("file", registry(server)).read_bytes() == BODY
    # Another file has taken the name; the old one was not written into.
    assert (folder / "as it was").read_bytes() == b"damaged"


def test_dead_proxy(monkeypatch, folder):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("HTTP_PROXY", proxy)
    failure(registry("https://data.invalid/file"), "the proxy of HTTPS_PROXY")
    assert not folder.exists()


def test_the_bar_of_a_slow_download_ends_full(server, capfd, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    server.answers = [("slow", BODY)] * 2  # takes 0.5 s, when the bar begins
    monkeypatch.setattr(time, "sleep", lambda seconds, sleep=time.sleep: sleep(0.2))
    fetch("file", registry(server))
    shown = capfd.readouterr().err
    assert "100%" in shown.split("\r")[-1] and shown.endswith("\n"), shown


def test_a_silent_host_is_asked_once_and_briefly(monkeypatch, folder):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(downloads, "LEAST_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # never accepts
        known = registry(f"http://127.0.0.1:{silent.getsockname()[1]}/file")
        start = time.monotonic()
        line = failure(known, "127.0.0.1 does not answer", "restart the kernel")
        assert 0.4 < time.monotonic() - start < 2
    monkeypatch.setattr(threading.Thread, "start", lambda self: 1 / 0)
    assert failure(known) == line
    assert not folder.exists()


def test_one_bad_host_is_not_the_whole_network(server, monkeypatch):
    def look_up(host, *_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    bad = registry("http://bad.invalid/file")
    failure(bad, "bad.invalid cannot be reached")
    port = server.server_port
    assert fetch("file", registry("http://good.invalid/file")).read_bytes() == BODY
    assert server.gets == 1
    bad["file"] = registry("http://bad.invalid/file", file="other")["file"]
    failure(bad, "bad.invalid cannot be reached")  # not asked a second time


@pytest.mark.parametrize("seconds", [0, 2.5])
def test_without_names_no_other_host_is_asked(server, monkeypatch, seconds):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(downloads, "LEAST_SECONDS", 0.2)

    def no_name(*_, **__):
        time.sleep(seconds)
        raise socket.gaierror("no name")

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    start = time.monotonic()
    line = failure(registry("https://data.invalid/file"), "no network", "data.invalid")
    assert ("takes too long" in line) == (seconds > 0)
    monkeypatch.setattr(socket, "getaddrinfo", real)
    assert failure(registry(server)) == line
    assert server.gets == 0 and time.monotonic() - start < 2


def test_hosts_that_keep_us_waiting_share_the_time(monkeypatch):
    monkeypatch.setattr(downloads, "ANSWER_SECONDS", 1)
    monkeypatch.setattr(downloads, "LEAST_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    monkeypatch.setattr("requests.head", lambda *_, **__: time.sleep(3))
    start = time.monotonic()
    for host in ("one", "two", "three"):
        failure(registry(f"https://{host}.invalid/file"), f"{host}.invalid does not")
    assert 1 < time.monotonic() - start < 1.6


def test_a_refused_certificate_is_not_called_no_network(server, folder):
    line = failure(
        registry(server.url.replace("http:", "https:")),
        "no secure connection to 127.0.0.1",
        "certificate", "clock", "proxy", "REQUESTS_CA_BUNDLE",
    )  # fmt: skip
    assert "no network" not in line and not folder.exists()


def test_a_certificate_refused_after_a_redirect(server, monkeypatch):
    import requests

    def refuse(*_, **__):
        raise requests.exceptions.SSLError("certificate verify failed")

    monkeypatch.setattr(requests, "get", refuse)
    failure(registry(server), "certificate", "REQUESTS_CA_BUNDLE")


def test_a_refused_connection_is_not_tried_again(folder):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/file"
    start = time.monotonic()
    failure(registry(url), "127.0.0.1 cannot be reached")
    assert time.monotonic() - start < 2
    assert not folder.exists()


def test_unwritable_folder(server, folder):
    put(folder, b"a file where the folder should be")
    failure(registry(server), "cannot write to", "COURSE_DATA_DIR")
    assert folder.read_bytes() == b"a file where the folder should be"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EPERM])
@pytest.mark.parametrize(
    "step", ["pathlib.Path.mkdir", "tempfile.mkdtemp", "os.replace"]
)
def test_a_step_that_is_not_permitted(server, folder, monkeypatch, step, number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))  # PermissionError where it should be

    monkeypatch.setattr(step, refuse)
    cause = f"cannot write to {folder} ({os.strerror(number)})"
    failure(registry(server), cause, "make it writable, or set COURSE_DATA_DIR")
    assert left(folder) == []


def test_full_disk(server, folder, monkeypatch):
    class Full(io.FileIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "No space left on device")

    opener = lambda path, *_: Full(path, "wb")  # noqa: E731
    monkeypatch.setattr("pooch.downloaders.open", opener, raising=False)
    failure(registry(server), "is full", "make room")
    assert left(folder) == []


CHILD = """
import sys
from utils.downloads import Remote, fetch
url, file, digest = sys.argv[1:]
zipped, form = not digest, lambda path: "" if path.is_dir() else "is no folder"
print(fetch("file", {"file": Remote(url, file, digest, "", zipped, 0, form)}))
"""


def child(server, file="part/file.bin", digest=DIGEST):
    command = [sys.executable, "-c", CHILD, server.url, file, digest]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


def test_two_processes_at_once(server, folder):
    server.answers = [("slow", BODY)]
    for process in [child(server), child(server)]:
        out, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert Path(out.strip()).read_bytes() == BODY
    assert left(folder) == ["file.bin"]


def test_two_processes_at_once_and_an_archive(server, folder):
    server.answers = [("slow", zip_of(**{"pets/1.txt": "one", "pets/2.txt": "two"}))]
    for process in [child(server, "pets", ""), child(server, "pets", "")]:
        out, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert (Path(out.strip()) / "1.txt").read_text(encoding="utf-8") == "one"
    assert sorted(left(folder)) == ["1.txt", "2.txt"]


def test_a_folder_that_another_process_has_made_meanwhile_is_good(
    server, folder, monkeypatch
):
    def come_second(source, target):
        put(target / "1.txt", b"one")  # between our last look and our renaming
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))

    monkeypatch.setattr("os.replace", come_second)
    server.answers = [("whole", zip_of(**{"pets/1.txt": "one"}))]
    form = lambda path: "" if (path / "1.txt").exists() else "is wrong"  # noqa: E731
    known = registry(server, file="pets", digest="", keras="", zipped=True, form=form)
    assert fetch("file", known) == folder / "pets"
    assert left(folder) == ["1.txt"]


def test_a_good_folder_is_not_moved_away_from_who_reads_it(server, folder, monkeypatch):
    unpack = downloads._unpack

    def come_second(*arguments):
        put(folder / "pets" / "1.txt", b"made by the first")
        return unpack(*arguments)

    monkeypatch.setattr(downloads, "_unpack", come_second)
    server.answers = [("whole", zip_of(**{"pets/1.txt": "one"}))]
    form = lambda path: "" if (path / "1.txt").exists() else "is wrong"  # noqa: E731
    known = registry(server, file="pets", digest="", keras="", zipped=True, form=form)
    assert (fetch("file", known) / "1.txt").read_bytes() == b"made by the first"
    assert left(folder) == ["1.txt"]


def test_killed_in_mid_download(server, folder):
    server.answers = [("stall", BODY), ("whole", BODY)]
    process = child(server)
    end = time.monotonic() + 20
    while not any(p.stat().st_size for p in folder.glob(".partial-*/*")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate()
    (leftover,) = folder.glob(".partial-*")
    assert fetch("file", registry(server)).read_bytes() == BODY
    assert leftover.exists()  # might belong to a download that is alive
    for path in (*leftover.iterdir(), leftover):
        os.utime(path, (0, 0))
    fetch("file", registry(server))
    assert left(folder) == ["file.bin"]


def test_only_old_leftovers_are_swept(server, folder):
    put(folder / "part" / "file.bin", BODY)
    for name in (".partial-old", ".partial-slow", "other"):
        put(folder / name / "unpacked" / "half.bin", b"half")
        for part in ("unpacked/half.bin", "unpacked", ""):  # the outermost comes last
            os.utime(folder / name / part, (0, 0))
    os.utime(folder / ".partial-slow" / "unpacked" / "half.bin")  # grew just now
    fetch("file", registry(server))
    found = sorted(path.name for path in folder.iterdir())
    assert found == [".partial-slow", "other", "part"]


def test_of_an_archive_only_what_is_wanted_is_unpacked(server, folder, monkeypatch):
    unpacked = []
    extract = zipfile.ZipFile._extract_member
    monkeypatch.setattr(
        zipfile.ZipFile, "_extract_member",
        lambda self, member, *rest: unpacked.append(member.filename)
        or extract(self, member, *rest),
    )  # fmt: skip
    monkeypatch.setattr(downloads, "UNPACKED_BYTES", 1000)
    settings = {"file": "kor.txt", "digest": "", "zipped": True}
    for count in (1000, 1001):
        body = zip_of(**{"kor.txt": "a" * count, "kor.txt.old": "b" * 5000})
        server.answers = [("whole", body)]
        if count == 1000:
            assert fetch("file", registry(server, **settings)).read_text() == "a" * 1000
            (folder / "kor.txt").unlink()
    failure(registry(server, **settings), "unpacks to 1,001 bytes")
    assert unpacked == ["kor.txt"] and left(folder) == []


def test_an_archive_becomes_a_folder(server, folder):
    body = zip_of(**{"pets/a/1.txt": "one", "pets/b/2.txt": "two", "notes.txt": "n"})
    server.answers = [("whole", body)]
    form = lambda path: "" if (path / "a" / "1.txt").exists() else "is wrong"  # noqa: E731
    settings = {"file": "pets", "digest": "", "keras": "", "zipped": True, "form": form}
    put(folder / "pets" / "half.txt", b"")
    path = fetch("file", registry(server, size=len(body), **settings))
    assert sorted(p.name for p in path.rglob("*")) == ["1.txt", "2.txt", "a", "b"]
    assert sorted(p.name for p in folder.iterdir()) == ["pets"]
    (path / "a" / "1.txt").unlink()
    known = registry(server, size=len(body) + 1, **settings)
    failure(known, f"{len(body)} bytes came instead of {len(body) + 1}")
    assert (path / "b" / "2.txt").exists()


@pytest.mark.parametrize(
    "name", ["../evil", "pets/../../evil", "/evil", "C:evil", "..\\evil", "link"]
)
def test_an_archive_may_not_lead_out(server, folder, name):
    member = zipfile.ZipInfo("x")
    member.filename = name
    if name == "link":
        member.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("pets/1.txt", "one")
        archive.writestr(member, "/etc")
    server.answers = [("whole", stream.getvalue())]
    known = registry(server, file="pets", digest="", zipped=True)
    failure(known, "in the archive is a", "link" if name == "link" else "leads out")
    assert left(folder) == []
    assert sorted(p.name for p in folder.parent.iterdir()) == ["data"]


def test_damaged_archive(server, folder):
    body = bytearray(zip_of(**{"pets/1.txt": "one " * 99}))
    body[45] ^= 255
    for sent in (bytes(body), BODY):
        server.answers = [("whole", sent)]
        failure(registry(server, file="pets", digest="", zipped=True), "damaged")
    assert left(folder) == []


def test_forms_without_a_hash(tmp_path):
    path = tmp_path / "kor.txt"
    korean = downloads.REGISTRY["kor.txt"]
    path.write_text("Go.\t가.\tsomebody\n" * 1500, encoding="utf-8")
    assert downloads._flaw(path, korean) == ""
    path.write_text("Go.\tVa.\tsomebody\n" * 1500, encoding="utf-8")
    assert downloads._flaw(path, korean) == "has 0 English–Korean lines of 1500"
    path.write_text("Go.\t가.\n" * 900, encoding="utf-8")
    assert downloads._flaw(path, korean) == "has 900 English–Korean lines of 900"
    path.write_text("Go.\t가.\n" * 1100 + "Go.\n" * 900, encoding="utf-8")
    assert downloads._flaw(path, korean) == "has 1100 English–Korean lines of 2000"
    path.write_bytes("가".encode("cp949") * 10)
    assert downloads._flaw(path, korean) == "is not text in UTF-8"
    pets = downloads.REGISTRY["cats_and_dogs_filtered"]
    for part in ("train/cats", "train/dogs", "validation/cats"):
        put(tmp_path / part / "1.jpg", b"")
    assert downloads._flaw(tmp_path, pets) == "has no photos in validation/dogs"


def test_unknown_name():
    with pytest.raises(ValueError, match=r"'minst.npz'; expected one of .*mnist.npz"):
        fetch("minst.npz")


def test_addresses_and_hashes_are_those_of_keras():
    # Read, not imported: TensorFlow takes many seconds.
    keras = Path(importlib.util.find_spec("keras").origin).parent / "src"

    def source(path):
        return re.sub(r'"\s+"', "", (keras / path).read_text(encoding="utf-8"))

    base = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
    known = downloads.REGISTRY
    for name in ("mnist.npz", "imdb.npz"):
        text = source(f"datasets/{name.removesuffix('.npz')}.py")
        assert base in text and known[name].url == base + name
        assert known[name].digest.removeprefix("sha256:") in text
    names = [name for name in known if name.startswith("fashion-mnist/")]
    assert len(names) == 4
    for name in names:
        short = name.removeprefix("fashion-mnist/")
        assert short in source("datasets/fashion_mnist.py")
        assert known[name].url == base + short
    assert known["imdb_word_index.json"].url == base + "imdb_word_index.json"
    weights = known["vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"]
    text = source("applications/vgg16.py")
    assert weights.url in text and weights.keras == "models"
    assert weights.digest.removeprefix("md5:") in text


def test_object_arrays_are_read_without_running_anything(tmp_path):
    path = tmp_path / "reviews.npz"
    ragged = np.array([[1, 2, 3], [4]], dtype=object)
    np.savez(path, x=ragged, y=np.arange(6).reshape(2, 3).T)
    arrays = readers.load_object_arrays(path)
    assert arrays["x"].tolist() == [[1, 2, 3], [4]]
    np.testing.assert_array_equal(arrays["y"], [[0, 3], [1, 4], [2, 5]])

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "evil"),)

    np.savez(path, x=np.array([Evil()], dtype=object))
    with pytest.raises(
        DownloadError, match=r"reviews.npz: its pickle asks for .*mkdir"
    ):
        readers.load_object_arrays(path)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "name",
    [
        "builtins eval", "numpy load", "numpy fromfile", "numpy save", "os ndarray",
        "numpy.core.multiarray fromfile", "numpy._core.multiarray scalar",
        "numpy.core.multiarray ndarray", "numpy._core.numeric _reconstruct",
        "numpy _reconstruct", "numpy.lib dtype", "numpy ndarray.tofile",
    ],
)  # fmt: skip
def test_the_unpickler_lets_nothing_else_through(tmp_path, name):
    module, attribute = name.split()
    short = [
        b"\x8c" + bytes([len(part)]) + part.encode() for part in (module, attribute)
    ]
    stream = b"\x80\x04" + b"".join(short) + b"\x93."  # protocol 4, STACK_GLOBAL
    asked = re.escape(f"its pickle asks for {module}.{attribute}: refused")
    with pytest.raises(DownloadError, match=asked):
        load_pickle(tmp_path / "reviews.npz", stream)


def load_pickle(path, stream):
    """Read an .npz file whose one object array is the given pickle."""
    header = io.BytesIO()
    fields = {"descr": "|O", "fortran_order": False, "shape": (1,)}
    np.lib.format.write_array_header_1_0(header, fields)
    path.write_bytes(zip_of(**{"x.npy": header.getvalue() + stream}))
    return readers.load_object_arrays(path)


VGG16 = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture(scope="module")
def vgg16_file():
    """Random weights in the layout of the published file, which Keras 1 wrote."""
    import h5py

    rng, buffer = np.random.default_rng(1), io.BytesIO()
    with h5py.File(buffer, "w") as file:
        names, channels = ["input_1"], 3
        for block, (convolutions, filters) in enumerate(readers.VGG16_BLOCKS, 1):
            for number in range(1, convolutions + 1):
                name = f"block{block}_conv{number}"
                group = file.create_group(name)
                kernel = rng.random((3, 3, channels, filters), "float32")
                group[f"{name}_W_1:0"] = (kernel - 0.5) / np.float32(2 * channels)
                group[f"{name}_b_1:0"] = rng.random(filters, "float32")
                group.attrs["weight_names"] = [
                    f"{name}_{kind}_1:0".encode() for kind in "Wb"
                ]
                names, channels = [*names, name], filters
            names.append(f"block{block}_pool")
        for name in set(names) - set(file):
            file.create_group(name).attrs["weight_names"] = np.array([], "S1")
        file.attrs["layer_names"] = [name.encode() for name in names]
    return buffer.getvalue()


@pytest.fixture
def vgg16(server, monkeypatch, vgg16_file):
    """Serve the file at the address of VGG16's weights, in the full profile."""
    digest = "md5:" + hashlib.md5(vgg16_file, usedforsecurity=False).hexdigest()
    remote = Remote(server.url, VGG16, digest, "models")
    monkeypatch.setitem(downloads.REGISTRY, VGG16, remote)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    server.answers = [("whole", vgg16_file)]
    return server


def test_vgg16_weights_come_over_the_network_into_the_network(
    vgg16, vgg16_file, folder, capsys
):
    import h5py
    import keras

    from tools.notebooks import NOTEBOOKS, definitions
    from utils import data

    weights = data.load_vgg16_weights()
    assert weights.path == folder / VGG16 and weights.path.read_bytes() == vgg16_file
    assert weights.name == "VGG16, ImageNet"
    assert capsys.readouterr().out == ""
    space = definitions(NOTEBOOKS / "05_transfer_learning_vgg16.ipynb")
    space.update({"keras": keras, "layers": keras.layers, "data": data, "np": np})
    assert weights.blocks == space["VGG16_BLOCKS"]
    base, blocks = space["load_vgg16_base"](True)
    assert "VGG16, ImageNet: 14,714,688 weights" in capsys.readouterr().out
    assert blocks == weights.blocks and vgg16.gets == 1
    with h5py.File(weights.path) as file:
        for layer in base.layers:
            for kind, weight in zip("Wb", layer.weights, strict=False):
                stored = file[layer.name][f"{layer.name}_{kind}_1:0"]
                np.testing.assert_array_equal(weight, stored)


def first_half(body):
    return body[: len(body) // 2]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("cut", None), "the transfer from 127.0.0.1 broke off"),
        (("whole", first_half), "has the wrong MD5 hash"),
        (("whole", lambda body: body[:-1] + b"?"), "has the wrong MD5 hash"),
        (("whole", lambda body: b"<!DOCTYPE html><p>Log in"), "a web page instead"),
        ((404, lambda body: b""), "127.0.0.1 answered 404"),
        ((None, None), "127.0.0.1"),
    ],
    ids=["cut off", "truncated", "wrong", "web page", "gone", "unreachable"],
)
def test_without_vgg16_the_small_base_stands_in(
    answer, words, vgg16, vgg16_file, folder, monkeypatch, capsys
):
    from utils import data

    kind, change = answer
    vgg16.answers = [(kind, change(vgg16_file) if change else vgg16_file)]
    if kind is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/file"
        remote = Remote(url, VGG16, downloads.REGISTRY[VGG16].digest, "models")
        monkeypatch.setitem(downloads.REGISTRY, VGG16, remote)
    weights = data.load_vgg16_weights()
    assert weights.path.name == "vgg_mini.weights.h5" and len(weights.blocks) == 4
    out = capsys.readouterr().out
    assert out.startswith(VGG16 + ": ") and words in out and "Remedy: " in out
    assert out.endswith("Used instead: small VGG-style base.\n")
    assert out.count("\n") == 1
    assert left(folder) == []
