"""The conventions, on every notebook: what `course.py check` checks."""

import ast
import functools
import re

import pytest

from tools import notebooks, pictures, rules

PATHS = notebooks.select()


@functools.cache
def faults(path):
    return {rule: rules.check_notebook(path, [rule]) for rule in rules.RULES}


@pytest.mark.parametrize("rule", rules.RULES)
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_convention(path, rule):
    assert not faults(path)[rule], "\n".join(faults(path)[rule])


def test_ruff_finds_nothing():
    assert notebooks.ruff_faults([notebooks.ROOT]) == []


def test_no_file_may_bring_its_own_code():
    """Of models, arrays and pickles: what reads them refuses code if left as it is."""
    doors = r"safe_mode|unsafe|allow_pickle=True|pickle\.loads?\b|marshal|joblib|dill"
    sources = {}
    for path in PATHS:
        cells = notebooks.code_cells(notebooks.read(path))
        sources[path.name] = "\n".join(cell.source for cell in cells)
    for path in notebooks.ROOT.glob("[stu]*/*.py"):
        if path.parent.name in ("solutions", "tools", "utils"):
            sources[path.name] = path.read_text(encoding="utf-8")
    opened = {name: re.findall(doors, text) for name, text in sources.items()}
    assert len(opened) > 30 and not any(opened.values()), opened


def test_modules_are_short():
    modules = [p for d in ("tools", "utils") for p in notebooks.ROOT.glob(f"{d}/*.py")]
    lines = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for p in modules}
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_the_rule_of_measuring_is_one():
    """Notebooks stand alone, so each that measures repeats the function of 0.4."""
    texts = {
        path.stem: ast.unparse(function)
        for path in PATHS
        for cell in notebooks.read(path).cells
        if cell.cell_type == "code" and "def clearly_greater" in cell.source
        for function in ast.parse(cell.source).body
        if getattr(function, "name", "") == "clearly_greater"
    }
    assert len(texts) > 1 and len(set(texts.values())) == 1, texts


def test_the_pictures_of_readme_are_outputs_of_notebooks():
    found = pictures.pictures()
    assert len(found) > 1
    for path, png in found.items():
        assert path.read_bytes() == png, "run python -m tools.pictures"
        assert len(png) <= 150_000, f"{path.name} is too large for README"
