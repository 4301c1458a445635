"""Every exercise: the untouched stub earns nothing, the solution everything, and wrong
answers (those of `wrong_answers.py`) are refused."""

import ast
import importlib
import re

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from wrong_answers import WRONG

from tools.notebooks import definitions, read, select
from utils import checks


def notebook(path):
    return path.stem.split("_")[0]


def exercises():
    for path in select():
        for cell in read(path).cells:
            if match := re.fullmatch(r"exercise-(\d+)-check", cell.id):
                yield pytest.param(
                    path, int(match[1]), id=f"{notebook(path)}-{match[1]}"
                )


@pytest.fixture(scope="module")
def space():
    """The notebook's own functions, and what its import cell imports."""
    spaces = {}

    def build(path):
        if path not in spaces:
            import keras
            import sacrebleu
            import scipy
            import tensorflow as tf
            from keras import layers

            spaces[path] = definitions(path)  # updated, since functions look there
            spaces[path].update({
                "keras": keras, "layers": layers, "scipy": scipy, "np": np,
                "tf": tf, "sacrebleu": sacrebleu,
                "checks": checks, "sliding_window_view": sliding_window_view,
            })  # fmt: skip
        return dict(spaces[path])

    return build


def run_cell(source, space):
    """Execute a cell as Jupyter does: return the value of its last expression."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    return last and eval(compile(ast.Expression(last.value), "cell", "eval"), space)


def cell(path, cell_id):
    return next(c for c in read(path).cells if c.id == cell_id)


@pytest.mark.parametrize(("path", "number"), exercises())
def test_untouched_stub_earns_nothing(path, number, space, capsys):
    names = space(path)
    run_cell(cell(path, f"exercise-{number}-answer").source, names)
    assert run_cell(cell(path, f"exercise-{number}-check").source, names) == 0
    assert "not answered yet" in capsys.readouterr().out


@pytest.mark.parametrize(("path", "number"), exercises())
def test_solution_earns_all_points(path, number, space, capsys):
    check = cell(path, f"exercise-{number}-check")
    names = space(path)
    run_cell(cell(path, f"exercise-{number}-answer").source, names)
    solution = vars(importlib.import_module(f"solutions.s{path.stem}"))
    answers = WRONG[notebook(path)][number]
    assert set(answers) <= set(solution)
    names |= {name: solution[name] for name in answers}
    points = run_cell(check.source, names)
    captured = capsys.readouterr()
    assert points == check.metadata.nbgrader.points > 0, captured.out
    assert not captured.err


@pytest.mark.parametrize(("path", "number"), exercises())
def test_wrong_answers_are_refused(path, number, space, capsys):
    check = cell(path, f"exercise-{number}-check").source
    for name, answers in WRONG[notebook(path)][number].items():
        assert len(answers) >= 3
        for index, answer in enumerate(answers):
            points = run_cell(check, space(path) | {name: answer})
            captured = capsys.readouterr()
            assert points == 0, f"{name}, wrong answer {index}: {captured.out}"
            assert captured.out and not captured.err
