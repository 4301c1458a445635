"""The start of a notebook: profile, versions, one line."""

import ast
import sys
from importlib import metadata

import pytest

from tools import notebooks
from utils import session


@pytest.fixture(autouse=True)
def no_profile(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.setattr(session, "_chosen", "full")


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


def test_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    assert session.data_dir() == session.ROOT / "data" / "downloads"
    assert (session.ROOT / "course.py").parent == notebooks.ROOT
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert session.data_dir() == tmp_path


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
    assert "keras 3.8 or later, here it is 3.7.0" in stop_line(
        monkeypatch, keras="3.7.0"
    )
    assert "keras 3.8 or later, here it is 2.15" in stop_line(monkeypatch, keras="2.15")
    assert "here it is missing" in stop_line(monkeypatch, keras=None)
    assert "tensorflow 2.18" in stop_line(monkeypatch, tensorflow="2.17.1")
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert "Python 3.11 or later, this is 3.10" in stop_line(monkeypatch)


@pytest.mark.parametrize("found, lines", [("3.8.0", 1), ("3.15.0", 1), ("3.15.1", 0)])
def test_an_older_keras_is_said_in_one_line(monkeypatch, capsys, found, lines):
    versions = {"keras": found, "tensorflow": "2.18.0"}
    monkeypatch.setattr(session.metadata, "version", versions.get)
    session._check_versions()
    out = capsys.readouterr().out
    assert out.count("\n") == lines and (not lines or f"Keras {found} works" in out)


def test_an_old_python_can_read_what_must_tell_it_so():
    for name in ("tools/bootstrap_cell.py", "utils/session.py", "utils/__init__.py"):
        source = (notebooks.ROOT / name).read_text(encoding="utf-8")
        ast.parse(source, feature_version=(3, 7))
