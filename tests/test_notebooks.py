"""The conventions, on every notebook: what `course.py check` checks."""

import ast
import functools
import inspect
import re

import pytest

from tools import notebooks, pictures, rules
from utils import checks, data, downloads, plotting, session

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


def test_modules_and_functions_are_short():
    modules = [p for d in ("tools", "utils") for p in notebooks.ROOT.glob(f"{d}/*.py")]
    for path in modules:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = node.end_lineno - node.lineno + 1
                assert lines <= 40, f"{path.name}: {node.name} has {lines} lines"
    assert len(modules) > 15


@functools.cache
def uses():
    """Return, for each `module.name` of utils, the notebooks whose code names it."""
    found = {}
    for path in PATHS:
        source = "\n".join(c.source for c in notebooks.code_cells(notebooks.read(path)))
        for node in ast.walk(ast.parse(source)):
            names = []
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names = [f"{node.value.id}.{node.attr}"]
            elif isinstance(node, ast.ImportFrom) and node.module.startswith("utils."):
                names = [f"{node.module[6:]}.{alias.name}" for alias in node.names]
            for name in names:
                found.setdefault(name, []).append(path.stem.split("_")[0])
    return {name: sorted(set(where)) for name, where in found.items()}


def phrase(where):
    """Return how a docstring says in which notebooks a function is used."""
    known = [path.stem.split("_")[0] for path in PATHS]
    lacking = sorted(set(known) - set(where))
    if not where:
        return "Used by"
    if len(lacking) < 2:
        return "Used in every notebook" + "".join(f" but {name}" for name in lacking)
    *others, last = where
    if not others:
        return f"Used in notebook {last}"
    return f"Used in notebooks {', '.join(others)} and {last}"


@pytest.mark.parametrize("module", [checks, data, downloads, plotting, session])
def test_docstrings_say_in_which_notebooks_a_function_is_used(module):
    name = module.__name__.split(".")[-1]
    functions = [f for f in map(vars(module).get, module.__all__) if callable(f)]
    for function in functions:
        if not isinstance(function, type):
            wanted = phrase(uses().get(f"{name}.{function.__name__}", []))
            words = " ".join(function.__doc__.split())
            assert re.search(rf"\b{wanted}\b(?! but)", words), (function, wanted)


NEEDED = {  # loader: what session.need calls its real data
    "load_mnist": "MNIST",
    "load_fashion_mnist": "Fashion-MNIST",
    "load_cats_and_dogs": "cat and dog photos",
    "load_reviews": "IMDB reviews",
    "load_vgg16_weights": "VGG16 weights",
}
FREE = {"load_sentence_pairs"}  # what 08b claims of the real ones hangs on their name
STAND_INS = {"order", "small"}  # keywords that ask for embedded data


def test_every_loader_of_real_data_is_known():
    functions = {f.__name__: f for f in vars(data).values() if inspect.isfunction(f)}
    loaders = {
        name
        for name, function in functions.items()
        if "_real_or_embedded(" in inspect.getsource(function).split("\n", 1)[1]
    }
    assert loaders == {*NEEDED, *FREE} and set(NEEDED.values()) < set(session.REAL_DATA)


def called(tree):
    """Yield the calls of a module's functions in a tree: (name, node)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_real_data_is_at_hand_before_anything_hangs_on_its_size(path):
    cells = notebooks.code_cells(notebooks.read(path))
    whole = ast.parse("\n".join(c.source for c in cells if c.id != "bootstrap"))
    wanted = {
        NEEDED[name]
        for name, call in called(whole)
        if name in NEEDED
        and not any(
            word.arg in STAND_INS and getattr(word.value, "value", False) is True
            for word in call.keywords
        )
    }
    asked = set()
    for statement in whole.body:
        calls = dict(called(statement))
        if "need" in calls:
            assert isinstance(statement, ast.Expr) and not asked
            nodes = ast.walk(calls["need"])
            asked = {n.value for n in nodes if isinstance(n, ast.Constant)}
        elif {"choose", "profile", *NEEDED} & set(calls):
            break
    assert asked == wanted


REPEATED = {  # what a later notebook says again, since notebooks stand alone
    "02a 02b": "conv_block add_shortcut basic_unit bottleneck_unit stage "
    "residual_network count_macs count_trainable blueprint",
    "02a 05": "blueprint",
    "02b 03b 04": "restart",
    "06a 09": "streams",
    "07 09": "influence",
    "08a 08b": "restart to_text gru_weights greedy_decode first_mistake",
    "08a 09": "to_numbers to_text split_by_day dot_scores scaled_dot_scores "
    "masked_softmax attend",
}


@pytest.mark.parametrize("which", REPEATED)
def test_what_notebooks_repeat_is_the_same(which):
    copies = {name: set() for name in REPEATED[which].split()}
    for path in notebooks.select(which.split()):
        for cell in notebooks.code_cells(notebooks.read(path)):
            for node in ast.parse(cell.source).body if cell.id != "bootstrap" else ():
                if getattr(node, "name", "") in copies:
                    copies[node.name].add((path.stem, ast.unparse(node)))
    for name, found in copies.items():
        stems, texts = zip(*found, strict=True)
        assert len(set(stems)) == len(which.split()), name
        assert len(set(texts)) == 1, name


def test_the_pictures_of_readme_are_outputs_of_notebooks():
    found = pictures.pictures()
    assert len(found) > 1
    for path, png in found.items():
        assert path.read_bytes() == png, "run python -m tools.pictures"
        assert len(png) <= 150_000, f"{path.name} is too large for README"
