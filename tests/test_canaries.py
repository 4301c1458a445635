"""Notebooks that must fail, each for its own reason; and one that must pass.

Most of them pass nbval: what they show is caught by `check` alone.
"""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import notebooks, rules

FOLDER = Path(__file__).parent / "canaries"
# A canary is no lesson: it has no sections, exercises or sliders.
APPLIED = [
    "canonical_form", "cell_ids", "execution", "errors", "figures", "shell_lines",
    "tags", "lengths", "strict_share", "prose", "links",
]  # fmt: skip
# canary: (rule, cell, words of the fault)
CHECKED = {
    "outputs_cleared": ("execution", "file", "outputs cleared"),
    "out_of_order": ("execution", "sum", "out of order"),
    "stray_stderr": ("errors", "word", "wrote to stderr"),
    "failed_shell_line": ("shell_lines", "word", "shell line"),
    "raises_nothing": ("errors", "divide", "raised nothing"),
    "unknown_marker": ("tags", "loose", "'nbval-ignore-ouput'"),
    "edited_bootstrap": ("generated_cells", "bootstrap", "differs from the generated"),
    "missing_alt": ("figures", "figure", "alternative text of 0 characters"),
}
# canary: (number of the cell, words of the failure)
COMPARED = {
    "wrong_number": ("Cell 0", "reference_output == test_output failed"),
    "wrong_text": ("Cell 1", "reference_output == test_output failed"),
    "dead_kernel": ("Cell 1", "the kernel died in this cell"),
}
SECONDS_TO_SEE_A_DEAD_KERNEL = 10


@pytest.mark.parametrize("name", CHECKED)
def test_check_catches(name):
    rule, cell, words = CHECKED[name]
    names = APPLIED + (["generated_cells"] if rule == "generated_cells" else [])
    faults = rules.check_notebook(FOLDER / f"{name}.ipynb", names)
    assert faults and faults == rules.check_notebook(FOLDER / f"{name}.ipynb", [rule])
    assert f": {cell}: " in faults[0] and words in faults[0]


def test_an_edited_bootstrap_is_all_that_is_wrong_there(tmp_path):
    nb = notebooks.read(FOLDER / "edited_bootstrap.ipynb")
    notebooks.write(notebooks.with_generated_cells(nb, "x.ipynb"), tmp_path / "x.ipynb")
    assert not rules.check_notebook(tmp_path / "x.ipynb", [*APPLIED, "generated_cells"])


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Run nbval once over the canaries for it: failure and seconds of each cell."""
    report = tmp_path_factory.mktemp("canaries") / "report.xml"
    files = [str(FOLDER / f"{name}.ipynb") for name in ("control", *COMPARED)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
    ]
    subprocess.run(
        [*command, "--color=no", f"--junitxml={report}", *files],
        cwd=notebooks.ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        capture_output=True,
        timeout=120,
    )
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        failure = case.find("failure")
        words = "" if failure is None else failure.get("message") + (failure.text or "")
        key = (case.get("classname").split(".")[-2], case.get("name"))
        found[key] = (words, float(case.get("time")))
    return found


@pytest.mark.parametrize("name", COMPARED)
def test_nbval_catches(verdicts, name):
    cell, words = COMPARED[name]
    found = {where: what for (n, where), (what, _) in verdicts.items() if n == name}
    first = next(where for where, failure in found.items() if failure)
    assert first == cell and words in found[cell], found


def test_a_dead_kernel_is_seen_soon(verdicts):
    _, seconds = verdicts["dead_kernel", COMPARED["dead_kernel"][0]]
    assert seconds < SECONDS_TO_SEE_A_DEAD_KERNEL


def test_the_control_passes_both(verdicts):
    assert rules.check_notebook(FOLDER / "control.ipynb", APPLIED) == []
    control = [what for (name, _), (what, _) in verdicts.items() if name == "control"]
    assert len(control) == 5 and not any(control), control


def test_every_canary_is_tried():
    there = {path.stem for path in FOLDER.glob("*.ipynb")}
    assert there == {"control", *CHECKED, *COMPARED}
