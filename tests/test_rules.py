"""The rules of `check`: silent on a good lesson, each red for its own reason."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from lesson import code, markdown, printed, shown

from tools import notebooks, rules
from utils import data, downloads


def cell(nb, name):
    return next(cell for cell in nb.cells if cell.id == name)


def put(nb, after, *cells):
    """Insert cells; code cells get their counts."""
    place = nb.cells.index(cell(nb, after)) + 1
    nb.cells[place:place] = cells
    for number, one in enumerate(notebooks.code_cells(nb), start=1):
        one.execution_count = number
        for output in one.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number


def change(name, **values):
    """Return what sets attributes of one cell."""

    def mutate(nb):
        for key, value in values.items():
            setattr(cell(nb, name), key, value)

    return mutate


def insert(after, *cells):
    """Return what inserts cells after the named one."""
    return lambda nb: put(nb, after, *[type(c)(c) for c in cells])


def remove(name):
    """Return what removes one cell."""

    def mutate(nb):
        nb.cells.remove(cell(nb, name))
        put(nb, "title")

    return mutate


def tagged(name, *tags):
    return change(name, metadata={"tags": list(tags)})


def text(name, source):
    return insert("adding", markdown(name, source))


FALLBACK = "mnist.npz: no network. Remedy: connect. Used instead: digits.\n"
LONG = " ".join(["word"] * 46)
MANY = "Short words here. " * 61
LINES_41 = "\n".join(f"a{n} = {n}" for n in range(41))
LINES_19 = "\n".join(f"a{n} = {n}" for n in range(19))
LINES_9 = "\n".join(f"a{n} = {n}" for n in range(9))


def long_cells(count, source):
    pairs = [(markdown(f"m-{n}", "Why?"), code(f"c-{n}", source)) for n in range(count)]
    return insert("sum", *[c for pair in pairs for c in pair])


def loose_cells(count):
    pairs = [
        (markdown(f"m-{n}", "Why?"), code(f"c-{n}", "1", tags=["nbval-ignore-output"]))
        for n in range(count)
    ]
    return insert("sum", *[c for pair in pairs for c in pair])


FAULTS = [
    ("cell_ids", change("sum", id="1a2b3c4d"), "not readable"),
    ("cell_ids", change("sum", id="Sum_1"), "not readable"),
    ("generated_cells", change("bootstrap", source="PROFILE = 1"), "differs"),
    ("generated_cells", change("badge", source="Colab"), "differs"),
    ("generated_cells", remove("badge"), "missing"),
    ("sections", text("two", "# Another title"), "first cell"),
    ("sections", text("a", "## Adding more"), "expected a number"),
    ("sections", text("a", "## 2.2 Other chapter"), "expected a number"),
    ("sections", text("a", "## 1.1 Again"), "too late, or twice"),
    ("sections", insert("deeper", markdown("a", "## 1.2 Shallow")), "too late"),
    ("execution", change("sum", execution_count=None), "output cleared"),
    ("execution", change("value", execution_count=9, outputs=[]), "out of order"),
    ("execution", change("sum", outputs=[]), "has no output"),
    ("execution", change("value", outputs=[]), "has no output"),
    ("errors", tagged("divide"), "failed with ZeroDivisionError"),
    ("errors", tagged("sum", "raises-exception"), "raised nothing"),
    ("errors", change("sum", outputs=[printed("oh", "stderr")]), "wrote to stderr"),
    ("real_data", change("sum", outputs=[printed(FALLBACK)]), "embedded data stood in"),
    ("figures", change("figure", outputs=[shown(), shown()]), "2 pictures"),
    ("figures", change("figure", outputs=[shown(alt="")]), "text of 0 characters"),
    ("figures", change("figure", outputs=[shown(alt="Too short")]), "of 9 characters"),
    ("figures", change("figure", outputs=[shown(blank=True)]), "blank"),
    ("figures", text("a", "![Short](https://a.example/x.png)"), "'Short'"),
    ("shell_lines", change("slide", source="!false"), "`!false`"),
    ("shell_lines", change("slide", source="%time x = 1"), "`%time x = 1`"),
    ("shell_lines", change("slide", source="%%bash\nls"), "shell line or magic"),
    ("shell_lines", change("slide", source="x = !ls"), "`x = !ls`"),
    ("shell_lines", change("slide", source="get_ipython().system('ls')"), "magic"),
    ("tags", tagged("slide", "nbval-ignore-output", "nbval-ignore-ouput"), "unknown"),
    ("tags", change("slide", source="# NBVAL_IGNORE_OUTPUT\nsliders()"), "marker"),
    ("lengths", insert("value", code("third", "1")), "number 3 without prose"),
    ("lengths", long_cells(1, LINES_41), "41 lines, at most 40"),
    ("lengths", long_cells(2, LINES_19), "85% of the cells"),
    ("lengths", long_cells(13, LINES_9), "median length 9 lines"),
    ("strict_share", loose_cells(5), "10 of 17 code cells"),
    ("prose", text("a", MANY), "183 words"),
    ("prose", text("a", LONG + "."), "sentence of 46 words"),
    ("links", text("a", "[there](../solutions/none.py)"), "no such file"),
    ("links", text("a", "[there](#1.9-Nowhere)"), "no such heading"),
    ("links", text("a", "[there](01z_lesson.ipynb#Nowhere)"), "no such heading"),
    ("sliders", change("slide", source="1"), "no slider"),
    ("exercises", remove("exercise-2-check"), "no cell `exercise-2-check`"),
    ("exercises", change("exercise-2-answer", metadata={}), "nbgrader"),
    ("exercises", change("exercise-2", source="[s](../solutions/)"), "no hint"),
    ("exercises", change("exercise-2", source="<details>"), "no link"),
    ("exercises", change("exercise-2", id="second"), "2 exercises"),
]


def test_a_good_lesson_has_no_faults(lesson):
    assert rules.check_notebook(lesson) == []
    assert rules.strictness(notebooks.read(lesson)) == (10, 12)


@pytest.mark.parametrize("rule, mutate, reason", FAULTS)
def test_each_fault_is_found_by_its_own_rule(lesson, rule, mutate, reason):
    nb = notebooks.read(lesson)
    mutate(nb)
    notebooks.write(nb, lesson)
    found = {name: rules.check_notebook(lesson, [name]) for name in rules.RULES}
    assert any(reason in fault for fault in found[rule]), found[rule]
    beside = {"sliders"} if rule in {"shell_lines", "lengths"} else set()
    beside |= {"strict_share"} if rule == "tags" else set()
    others = {name for name, faults in found.items() if faults} - {rule}
    assert others <= beside | {"execution"}, {name: found[name] for name in others}


def test_every_rule_is_tried():
    tried = {rule for rule, _, _ in FAULTS}
    assert tried | {"canonical_form"} == set(rules.RULES)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["metadata"].update(author="me"),
        lambda data: data["cells"][2]["metadata"].update(collapsed=True),
        lambda data: data["metadata"]["kernelspec"].update(name="mine"),
        lambda data: data["metadata"].update(widgets={"state": {}}),
        lambda data: data["cells"][8]["outputs"].append(
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {notebooks.WIDGET_VIEW: {"model_id": "1"}},
            }
        ),
    ],
)
def test_noise_is_not_canonical_and_format_removes_it(lesson, spoil):
    good = lesson.read_text(encoding="utf-8")
    data = json.loads(good)
    spoil(data)
    lesson.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")
    (fault,) = rules.check_notebook(lesson)
    assert "not in canonical form" in fault
    notebooks.format_all([lesson])
    assert lesson.read_text(encoding="utf-8") == good


def test_form_of_the_file_counts_to_the_byte(lesson):
    good = lesson.read_text(encoding="utf-8")
    for bad in (good[:-1], good + "\n", good.replace(" ", "  ", 1)):
        lesson.write_text(bad, encoding="utf-8")
        assert "canonical" in rules.check_notebook(lesson)[0]
    assert "◇" in good


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(lesson, monkeypatch, capsys, error):
    good = lesson.read_bytes()
    write_text = Path.write_text

    def half(path, text, **options):
        write_text(path, text[: len(text) // 2], **options)
        raise error

    monkeypatch.setattr(Path, "write_text", half)
    assert notebooks.main(["format", str(lesson)]) == (1 if error.args else 130)
    assert capsys.readouterr().err.count("\n") == 1
    assert lesson.read_bytes() == good
    assert [path.name for path in lesson.parent.iterdir()] == [lesson.name]


def test_what_the_loaders_say_without_a_network_is_what_the_rule_looks_for(
    monkeypatch, capsys
):
    def unreachable():
        raise downloads.DownloadError("mnist.npz", "no network", "connect")

    monkeypatch.setenv("COURSE_PROFILE", "full")
    stand_in = SimpleNamespace(name="digits")
    assert data._real_or_embedded(lambda: stand_in, unreachable, tuple) is stand_in
    assert notebooks.STAND_IN in capsys.readouterr().out


def test_a_broken_file_is_one_line(lesson, capsys):
    lesson.write_text("{", encoding="utf-8")
    (fault,) = rules.check_notebook(lesson)
    assert "cannot be read as a notebook" in fault
    faults = rules.check_all([lesson, *notebooks.select()[:1]])
    assert fault in faults and "00_" in capsys.readouterr().out  # the others go on


def test_format_mends_ids_generated_cells_and_code(lesson):
    nb = notebooks.read(lesson)
    good = notebooks.canonical(nb)
    cell(nb, "bootstrap").source = "edited"
    cell(nb, "sum").source = "total=1+1\nprint( total )"
    cell(nb, "exercise-2-check").metadata = {}
    nb.cells.remove(cell(nb, "badge"))
    notebooks.write(nb, lesson)
    notebooks.format_all([lesson])
    assert lesson.read_text(encoding="utf-8") == good
    cell(nb, "value").id = "0badf00d"
    notebooks.write(nb, lesson)
    notebooks.format_all([lesson])
    ids = [c.id for c in notebooks.read(lesson).cells]
    assert "adding-numbers" in ids and "0badf00d" not in ids


def test_generated_cells_follow_the_settings():
    source = notebooks.bootstrap_source("https://github.com/a/b", "dev")
    assert 'REPOSITORY, BRANCH = "https://github.com/a/b", "dev"' in source
    assert len(source.splitlines()) <= 25
    badge = notebooks.badge_source("01a_x.ipynb", "https://github.com/a/b", "dev")
    assert "github/a/b/blob/dev/notebooks/01a_x.ipynb" in badge
    assert "pyproject.toml" in notebooks.badge_source("01a_x.ipynb", "")


def test_definitions_run_nothing_else(lesson):
    nb = notebooks.read(lesson)
    source = (
        "import math\nimport keras\n\nSIZE = 3\nmodel = keras.Sequential()\n"
        "def area(r: np.ndarray):\n    return math.pi * r * SIZE"
    )
    put(nb, "adding", code("area", source))
    notebooks.write(nb, lesson)
    found = notebooks.definitions(lesson, ["area"])
    assert found["area"](2) == pytest.approx(18.85, abs=0.01)
    assert "model" not in notebooks.definitions(lesson)
    with pytest.raises(ValueError, match="does not define nothing"):
        notebooks.definitions(lesson, ["nothing"])


def test_select_by_the_beginning_of_the_name(tmp_path):
    for name in ("00_start", "01a_one", "01b_two", "02a_three"):
        (tmp_path / f"{name}.ipynb").touch()

    def names(*given):
        return [p.stem for p in notebooks.select(given, tmp_path)]

    assert names("1a") == names("01a") == names("01a_one.ipynb") == ["01a_one"]
    assert names("1") == ["01a_one", "01b_two"]
    assert names("02", "01b", "2a") == ["02a_three", "01b_two"]
    assert len(names()) == 4
    with pytest.raises(ValueError, match="no notebook begins with '07'; there are 00,"):
        names("07")


def test_a_sanitise_rule_that_nbval_drops_is_counted():
    good = "regex: a\nreplace: b\n"
    assert rules.sanitise_faults(good) == []
    assert "nbval keeps 1" in rules.sanitise_faults(good + "regex: c\nreplace:\n")[0]


@pytest.mark.parametrize(
    "source, reason",
    [
        ("from math import *", "F403"),
        ("x = 1  # " + "w " * 50, "E501"),
        ("import os", "F401"),
        ("x=1", "would be reformatted"),
    ],
)
def test_ruff_reads_notebooks(lesson, source, reason):
    nb = notebooks.read(lesson)
    cell(nb, "sum").source = source
    notebooks.write(nb, lesson)
    assert any(reason in fault for fault in notebooks.ruff_faults([lesson]))


def test_command_line(lesson, capsys):
    assert notebooks.main(["check", str(lesson)]) == 1  # names that ruff cannot know
    out, err = capsys.readouterr()
    assert "10 of 12 code cells are strict" in out
    assert all(line.startswith("ruff check: ") for line in err.splitlines())
    assert notebooks.main(["check", "77"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
