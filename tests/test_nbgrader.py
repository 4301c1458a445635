"""nbgrader, run as an instructor does: exercises handed out, handed in and graded.

Slow: run with ``-m slow``; nbgrader stands in ``requirements-slow.txt``.
"""

import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from solutions import s00_getting_started as solutions
from tools import notebooks

pytestmark = pytest.mark.slow
NAME = "00_getting_started.ipynb"
KEPT = ("bootstrap", "imports", "constants", "exercise-")  # exercises need no more
ANSWERS = {
    "exercise-1-answer": solutions.standardise,
    "exercise-2-answer": solutions.all_scores,
    "exercise-3-answer": solutions.binary_cross_entropy,
    "exercise-4-answer": solutions.paired,
}


def cells(nb, start):
    return [cell for cell in nb.cells if cell.id.startswith(start)]


def nbgrader(folder, *arguments):
    """Start a command of nbgrader as in an activated environment: it calls alembic."""
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": here},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a course: exercises of 00 to grade, and all notebooks to hand out."""
    pytest.importorskip(
        "nbgrader", reason="nbgrader is not installed: see requirements-slow.txt"
    )
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(notebooks.ROOT / "nbgrader_config.py", folder)
    shutil.copytree(notebooks.ROOT / "utils", folder / "utils")
    shutil.copytree(notebooks.NOTEBOOKS, folder / "source" / "all")
    (folder / "source" / "00").mkdir()
    nb = notebooks.read(notebooks.NOTEBOOKS / NAME)
    nb.cells = [cell for cell in nb.cells if cell.id.startswith(KEPT)]
    notebooks.write(nb, folder / "source" / "00" / NAME)
    for assignment in ("all", "00"):
        nbgrader(folder, "generate_assignment", assignment, "--create")
    return folder


@pytest.fixture(scope="module")
def grades(course):
    """Hand in two notebooks and grade them; return (score, highest score) by name."""
    from nbgrader.api import Gradebook

    released = course / "release" / "00" / NAME
    handed_in = {"untouched": notebooks.read(released), "solved": None}
    handed_in["solved"] = notebooks.read(released)
    for cell in cells(handed_in["solved"], "exercise-"):
        if cell.id in ANSWERS:
            cell.source = inspect.getsource(ANSWERS[cell.id])
    for name, nb in handed_in.items():
        folder = course / "submitted" / name / "00"
        folder.mkdir(parents=True)
        notebooks.nbformat.write(nb, folder / NAME)
    nbgrader(course, "autograde", "00", "--create")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        found = {name: book.find_submission("00", name) for name in handed_in}
        return {name: (one.score, one.max_score) for name, one in found.items()}


@pytest.mark.parametrize("path", notebooks.select(), ids=lambda path: path.stem)
def test_what_is_handed_out_keeps_its_stubs_and_points(course, path):
    before = notebooks.read(path)
    after = notebooks.read(course / "release" / "all" / path.name)
    for old, new in zip(before.cells, after.cells, strict=True):
        assert (new.id, new.source) == (old.id, old.source)
        grading = new.metadata.get("nbgrader", {})
        assert (grading.get("points"), grading.get("grade", False)) == (
            old.metadata.get("nbgrader", {}).get("points"),
            old.metadata.get("nbgrader", {}).get("grade", False),
        )


def test_an_untouched_notebook_scores_nothing(grades):
    score, _ = grades["untouched"]
    assert score == 0


def test_the_solutions_score_full(grades):
    score, highest = grades["solved"]
    nb = notebooks.read(notebooks.NOTEBOOKS / NAME)
    points = [notebooks.grading(cell) for cell in cells(nb, "exercise-")]
    assert score == highest == sum((one or {}).get("points", 0) for one in points) > 0


def test_grading_runs_without_errors(course, grades):
    for name in grades:
        nb = notebooks.read(course / "autograded" / name / "00" / NAME)
        outputs = [
            output for cell in notebooks.code_cells(nb) for output in cell.outputs
        ]
        assert not [one for one in outputs if one.output_type == "error"]
