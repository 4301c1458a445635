"""The conventions, on every notebook: what `course.py check` checks."""

import functools

import pytest

from tools import notebooks, rules

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


def test_modules_are_short():
    modules = [p for d in ("tools", "utils") for p in notebooks.ROOT.glob(f"{d}/*.py")]
    lines = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for p in modules}
    assert {name: count for name, count in lines.items() if count > 400} == {}
