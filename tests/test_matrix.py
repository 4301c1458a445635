"""The Pythons and sets of packages that the course is tried on, here and in CI."""

import re
import sys

import pytest

import course
from tools import matrix

WORKFLOW = matrix.ROOT / ".github" / "workflows" / "tests.yml"


def test_pins_and_names_are_read(tmp_path):
    path = tmp_path / "pins.txt"
    path.write_text("# made by\nPy_One==1.2 \\\n    --hash=x\ntwo.b==3 ; x\n")
    assert matrix.pinned(path) == {"py-one": "1.2", "two-b": "3"}
    assert {"keras", "scikit-learn", "babel"} <= set(matrix.direct())


def test_the_python_at_work_is_found_and_no_other():
    here = "{}.{}".format(*sys.version_info[:2])
    assert matrix.find_python(here) == sys.executable
    assert matrix.find_python("3.99") is None


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """Replace uv and the tests; return what was asked of them."""
    asked = []

    def uv(*arguments):
        if "--python-version=3.13" in arguments:
            raise RuntimeError("no wheels")
        asked.append(arguments[1])
        for word in map(str, arguments):
            if word.startswith("--output-file="):
                path = matrix.Path(word.partition("=")[2])
                path.write_text("keras==3.99\n", encoding="utf-8")

    monkeypatch.setattr(matrix, "BUILD", tmp_path / "matrix")
    monkeypatch.setattr(matrix, "find_python", lambda version: sys.executable)
    monkeypatch.setattr(matrix, "uv", uv)
    monkeypatch.setattr(matrix.subprocess, "call", lambda line, **_: "-x" in line)
    return asked


def test_a_dry_run_shows_versions_and_installs_nothing(quick, capsys):
    assert matrix.main(["--dry-run", "--pythons", "3.11", "3.12"]) == 0
    out = capsys.readouterr().out
    assert set(quick) == {"compile"}
    assert len(re.findall(r"3\.99", out)) == 6 and "3.12 lowest" in out


@pytest.mark.parametrize(
    ("pythons", "rest", "word"),
    [("3.12", [], "passed"), ("3.12", ["--", "-x"], "FAILED"), ("3.13", [], "no whee")],
)
def test_each_set_is_installed_and_tested(quick, capsys, pythons, rest, word):
    status = matrix.main(["--pythons", pythons, "--sets", "lowest", *rest])
    out, err = capsys.readouterr()
    assert word in out + err
    assert status == (word != "passed") == bool(err)
    assert not list(matrix.BUILD.glob("*/"))


def test_continuous_integration_tries_every_python_that_the_front_door_admits():
    text = WORKFLOW.read_text(encoding="utf-8")
    lists = re.findall(r"python: \[(.+)\]", text)
    assert lists and all(re.findall(r"3\.\d+", one) == matrix.PYTHONS for one in lists)
    for version in matrix.PYTHONS:
        assert version in course.__doc__
    assert "run: python course.py test\n" in text
    assert all(one in matrix.SETS for one in ("lock", "lowest", "newest"))
    assert "set: [lowest, newest]" in text
    for system in ("ubuntu", "macos", "windows"):
        assert f"{system}-latest" in text
