"""The start of a notebook: profile, versions, one line."""

import ast
import hashlib
import os
import socket
import sys
import types
from importlib import metadata

import pytest

from tools import notebooks
from utils import downloads, figures, session


@pytest.fixture(autouse=True)
def no_profile(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.setattr(session, "_chosen", "full")
    monkeypatch.setattr(session, "_real", True)


def test_start_prints_one_line_and_may_run_again(capfd, monkeypatch):
    session.start("quick")
    first = capfd.readouterr()

    import tensorflow as tf

    tf.config.experimental.enable_tensor_float_32_execution(True)
    session.start("quick")
    assert capfd.readouterr() == first
    assert first.err == "" and first.out.count("\n") == 1
    assert first.out.startswith("Profile quick: embedded data")
    assert f"Keras {metadata.version('keras')}" in first.out
    assert session.profile() == "quick"
    assert not tf.config.experimental.tensor_float_32_execution_enabled()
    monkeypatch.setenv("COURSE_PROFILE", "full")
    session.start("quick")
    assert capfd.readouterr().out.startswith("Profile full: real data")


def test_environment_overrides_the_profile(monkeypatch):
    assert (session.profile(), session.choose(full=1, quick=2)) == ("full", 1)
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    assert (session.profile(), session.choose(full=1, quick=2)) == ("quick", 2)
    monkeypatch.setenv("COURSE_PROFILE", "")
    assert session.profile() == "full"


def test_unknown_profiles_are_refused(monkeypatch):
    with pytest.raises(ValueError, match="'fast': expected 'full' or 'quick'"):
        session.start("fast")
    monkeypatch.setenv("COURSE_PROFILE", "slow")
    with pytest.raises(ValueError, match="'slow': expected 'full' or 'quick'"):
        session.profile()


def test_needed_data_is_fetched_in_the_full_profile_only(monkeypatch, capsys):
    fetched = []
    monkeypatch.setattr(downloads, "fetch", fetched.append)
    session.need("MNIST", "IMDB reviews")
    assert sorted(fetched) == ["imdb.npz", "imdb_word_index.json", "mnist.npz"]
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    session.need("MNIST")
    with pytest.raises(ValueError, match="'CIFAR'; expected one of .*'MNIST'"):
        session.need("CIFAR")
    assert len(fetched) == 3 and capsys.readouterr().out == ""


def test_without_its_data_a_notebook_goes_on_in_the_quick_profile(monkeypatch, capsys):
    def fail(name):
        raise downloads.DownloadError(name, "no network", "connect")

    monkeypatch.setattr(downloads, "fetch", fail)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    session.need("Fashion-MNIST", "MNIST")
    (line,) = capsys.readouterr().out.splitlines()
    assert "no network" in line and notebooks.STAND_IN + "the quick profile" in line
    session.start("full")  # the set-up cell once more
    assert session.choose(full=1, quick=2) == 2
    assert capsys.readouterr().out.startswith("Profile quick: embedded data")
    assert "could not be had" in lines()["real data"]
    monkeypatch.setattr(downloads, "fetch", str)  # the network is back
    session.need("MNIST")
    assert session.profile() == "full" and capsys.readouterr().out == ""


def test_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    assert session.data_dir() == session.ROOT / "data" / "downloads"
    assert (session.ROOT / "course.py").parent == notebooks.ROOT
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert session.data_dir() == tmp_path
    monkeypatch.setenv("COURSE_DATA_DIR", "~nobody of that name/data")
    assert session.data_dir().name == "data"


def stop_line(monkeypatch, **versions):
    """Return the one line with which these versions stop the start."""

    def version(name):
        if versions.get(name, "9.9.9") is None:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name, "9.9.9")

    monkeypatch.setattr(session.metadata, "version", version)
    with pytest.raises(SystemExit) as stopped:
        session.start()
    line = str(stopped.value)
    assert line and "\n" not in line
    return line


def test_too_old_versions_stop_with_one_line(monkeypatch):
    for old in ("2.15", "3.8.0", "3.15.0"):
        line = stop_line(monkeypatch, keras=old)
        assert f"keras 3.15.1 or later, here it is {old}" in line
    assert "here it is missing" in stop_line(monkeypatch, keras=None)
    assert "tensorflow 2.18" in stop_line(monkeypatch, tensorflow="2.17.1")
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert "Python 3.11 or later, this is 3.10" in stop_line(monkeypatch)


def test_the_lowest_keras_is_that_of_the_requirements():
    text = (session.ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "keras>=" + ".".join(map(str, session.KERAS)) + "," in text


def test_an_old_python_can_read_what_must_tell_it_so():
    for name in ("tools/bootstrap_cell.py", "utils/session.py", "utils/__init__.py"):
        source = (notebooks.ROOT / name).read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 7))


# --- the report of notebook 00 --------------------------------------------------------


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """No data, and a network that must not be asked."""

    def connect(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


def lines():
    """Return the report as a mapping, after what must hold for each line."""
    report = session.report()
    assert all("\n" not in line and line == line.strip() for line in report)
    found = dict(line.split(": ", 1) for line in report)
    assert list(found) == [
        "Python", "packages", "memory", "processor", "GPU", "real data",
        "embedded data", "Hangul font",
    ]  # fmt: skip
    return found


def memory(monkeypatch, gigabytes):
    said = types.SimpleNamespace(available=gigabytes * 2**30)
    fake = types.SimpleNamespace(virtual_memory=lambda: said)
    monkeypatch.setitem(sys.modules, "psutil", fake)


def test_report_where_all_is_well(monkeypatch, elsewhere):
    monkeypatch.setattr(downloads, "at_hand", lambda remote: elsewhere)
    monkeypatch.setattr(figures, "hangul_font", lambda: "NanumGothic")
    memory(monkeypatch, 8)
    monkeypatch.setattr(session.Path, "read_text", without_limit(monkeypatch))
    found = lines()
    assert not [line for line in found.values() if "Remedy" in line]
    assert found["Python"] == f"{sys.version.split()[0]}, new enough"
    assert f"keras {metadata.version('keras')}" in found["packages"]
    assert found["memory"] == "8 GB free, enough"
    assert found["processor"] == f"{os.cpu_count()} cores"
    assert found["embedded data"] == "complete"
    assert found["Hangul font"] == "NanumGothic, found"
    assert found["real data"] == f"at hand: {', '.join(session.REAL_DATA)}"


def without_limit(monkeypatch, limit="max"):
    """Return a `Path.read_text` to which the container's limit is ``limit``."""
    original = session.Path.read_text

    def read_text(path, *args, **options):
        if path.name == "memory.max":
            if limit is None:
                raise FileNotFoundError(path)
            return f"{limit}\n"
        return original(path, *args, **options)

    return read_text


@pytest.mark.parametrize(
    "free, limit, profile, expected",
    [
        (3, "max", "full", "3.0 GB free, 4 GB needed in the full profile. Remedy: "
         "close other programs and notebooks, or choose the quick profile."),
        (3, "max", "quick", "3 GB free, enough"),
        (1, None, "quick", "1.0 GB free, 2 GB needed in the quick profile. Remedy: "
         "close other programs and notebooks."),
        (30, 2 * 2**30, "full", "2.0 GB free, 4 GB needed"),
        (30, 20 * 2**30, "full", "20 GB free, enough"),
        (5, 20 * 2**30, "full", "5 GB free, enough"),
    ],
)  # fmt: skip
def test_report_of_memory(monkeypatch, elsewhere, free, limit, profile, expected):
    memory(monkeypatch, free)
    monkeypatch.setattr(session.Path, "read_text", without_limit(monkeypatch, limit))
    monkeypatch.setenv("COURSE_PROFILE", profile)
    assert lines()["memory"].startswith(expected)


def test_report_of_memory_without_psutil(monkeypatch, elsewhere):
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.setattr(session.Path, "read_text", without_limit(monkeypatch))
    sizes = {"SC_PHYS_PAGES": 3 * 2**20, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(session.os, "sysconf", sizes.get, raising=False)
    assert lines()["memory"] == "12 GB free, enough"
    monkeypatch.delattr(session.os, "sysconf")  # Windows
    assert lines()["memory"].startswith("could not be found out (AttributeError")


def test_report_of_old_and_missing_packages(monkeypatch, elsewhere):
    real = metadata.version
    fake = {"numpy": "1.26.4", "keras": "3.15.1", "scipy": "99.0"}

    def version(name):
        if name == "pooch":
            raise metadata.PackageNotFoundError(name)
        return fake.get(name) or real(name)

    monkeypatch.setattr(session.metadata, "version", version)
    line = lines()["packages"]
    assert line.startswith("numpy 1.26.4 is older than 2.0.2, pooch is missing. Remedy")
    fake["keras"] = "3.15.0"
    assert "keras 3.15.0 is older than 3.15.1" in lines()["packages"]
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert lines()["Python"].startswith("3.10.4, too old. Remedy: start with Python")


def test_every_package_of_the_report_has_a_lower_bound():
    text = (session.ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert [name for name in session.PACKAGES if f"\n{name}>=" not in text] == []


def test_report_of_the_device(monkeypatch, elsewhere):
    import tensorflow as tf

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    assert lines()["GPU"].startswith("none found, and none needed")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a", "b"])
    assert lines()["GPU"] == "2 found; Keras uses it by itself"


def test_report_of_real_data(monkeypatch, elsewhere):
    assert lines()["real data"].startswith("at hand: nothing yet; not yet: MNIST, Fas")
    content = b"digits"
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    known = dict(downloads.REGISTRY)
    known["mnist.npz"] = downloads.Remote("https://x.test", "mnist.npz", digest, "d")
    monkeypatch.setattr(downloads, "REGISTRY", known)
    for folder in (elsewhere / "data", elsewhere / "keras" / "d"):
        folder.mkdir(parents=True)
        path = folder / "mnist.npz"
        path.write_bytes(b"damaged")
        assert "at hand: nothing yet" in lines()["real data"]
        path.write_bytes(content)
        assert downloads.at_hand(known["mnist.npz"]) == path
        assert "at hand: MNIST; not yet: Fashion-MNIST, " in lines()["real data"]
        path.unlink()
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    assert lines()["real data"].endswith("the quick profile uses embedded data")


def test_real_data_of_the_report_is_all_of_the_registry():
    starts = tuple(session.REAL_DATA.values())
    assert all(file.startswith(starts) for file in downloads.REGISTRY)
    for start in starts:
        assert any(file.startswith(start) for file in downloads.REGISTRY)


def test_every_file_of_data_is_named_where_it_must_be():
    folder = session.ROOT / "data"
    text = (folder / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in folder.glob("[!.]*.*")} - {"README.md"}
    assert files == set(session.EMBEDDED_FILES)
    assert [name for name in files if f"| `{name}` |" not in text] == []
    known = {file.split("/")[0] for file in downloads.REGISTRY}
    assert [name for name in known if f"`{name}" not in text] == []


def test_report_of_embedded_data(monkeypatch, elsewhere):
    monkeypatch.setattr(session, "EMBEDDED_FILES", ("order_reviews.tsv", "gone.tsv"))
    wanted = "no data/gone.tsv. Remedy: fetch the course again."
    assert lines()["embedded data"] == wanted


def test_report_of_the_font(monkeypatch, elsewhere):
    monkeypatch.setattr(figures, "hangul_font", lambda: None)
    assert lines()["Hangul font"].startswith("none found: Korean labels show as boxes.")
    assert "Remedy: pip install koreanize-matplotlib" in lines()["Hangul font"]


def test_report_never_raises(monkeypatch, elsewhere):
    def broken(*_, **__):
        raise OSError("out of\norder")

    for name in [name for name in vars(session) if name.startswith("_about_")]:
        monkeypatch.setattr(session, name, broken)
    for text in lines().values():
        assert text == "could not be found out (OSError: out of order)"
