"""Notebook tool: ``python -m tools.notebooks check|format|execute [NN …]``.

``check`` reports what breaks the conventions (their rules stand in `tools.rules`),
``format`` mends what can be mended mechanically, ``execute`` runs notebooks from a
clean kernel and writes their outputs. ``NN`` is the beginning of a file's name
(``01a``), or the path of a notebook; without it, all notebooks and all code are meant.
"""

import __future__

import argparse
import ast
import functools
import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BOOTSTRAP_SOURCE = ROOT / "tools" / "bootstrap_cell.py"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
CELL_METADATA = {"nbgrader", "tags"}
PICTURE_METADATA = {"alt", "height", "width"}
STAND_IN = "Used instead: "  # what is printed where real data cannot be had
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
READABLE_ID = re.compile(r"(?![0-9a-f]{8}$)[a-z0-9]+(-[a-z0-9]+)*")
LIGHT_MODULES = {
    "collections", "dataclasses", "fractions", "functools", "itertools", "math",
    "numpy", "scipy", "typing",
}  # fmt: skip


def read(path):
    """Return the notebook at ``path`` as nbformat's `NotebookNode`.

    Raises
    ------
    ValueError
        If the file is not a notebook of format 4.5.
    """
    try:
        nb = nbformat.reads(Path(path).read_text(encoding="utf-8"), as_version=4)
        nbformat.validate(nb)
    except (OSError, UnicodeDecodeError, nbformat.ValidationError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{path} cannot be read as a notebook: {reason}") from error
    return nb


def write(nb, path):
    """Write a notebook in canonical form, in one step: whole, or not at all."""
    draft = Path(path).with_name(f".{Path(path).name}.{os.getpid()}.new")
    try:
        draft.write_text(canonical(nb), encoding="utf-8", newline="\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def code_cells(nb):
    """Return the code cells of a notebook, in order."""
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def stand_ins(nb):
    """Return the ids of cells that say that embedded data stood in for real data."""
    return [
        cell.id
        for cell in code_cells(nb)
        if any(STAND_IN in output.get("text", "") for output in cell.outputs)
    ]


def select(names=(), folder=NOTEBOOKS):
    """Return the paths of the notebooks that ``names`` begin (all if there are none).

    Parameters
    ----------
    names : sequence of str
        ``"01a"``, ``"1a"`` or ``"01"`` (both parts); or the path of a notebook.

    Raises
    ------
    ValueError
        If a name begins no notebook, with the names that there are.
    """
    known = sorted(Path(folder).glob("*.ipynb"))
    chosen = []
    for name in names:
        if name.endswith(".ipynb") and Path(name).is_file():
            found = [Path(name).resolve()]
        else:
            start = re.sub(r"^(?=\d(\D|$))", "0", Path(name).name)
            found = [path for path in known if path.name.startswith(start)]
        if not found:
            names_known = ", ".join(path.stem.split("_")[0] for path in known)
            raise ValueError(
                f"no notebook begins with {name!r}; there are {names_known}"
            )
        chosen += found
    return list(dict.fromkeys(chosen)) if names else known


# --- canonical form -----------------------------------------------------------------


def canonical(nb):
    """Return the text of a notebook in canonical form: sorted, no noise, no widgets."""
    nb = nbformat.from_dict(nb)
    nb.metadata = nbformat.from_dict(METADATA)
    nb.nbformat, nb.nbformat_minor = 4, 5
    for cell in nb.cells:
        kept = {k: v for k, v in cell.metadata.items() if k in CELL_METADATA and v}
        if "tags" in kept:
            kept["tags"] = sorted(kept["tags"])
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = [_bare(o) for o in cell.outputs if not _is_widget(o)]
    return nbformat.writes(nb).rstrip("\n") + "\n"


def _is_widget(output):
    return WIDGET_VIEW in output.get("data", {})


def _bare(output):
    """Return an output with no metadata but the alt text and size of pictures."""
    if "metadata" in output:
        pictures = {
            mime: {k: v for k, v in values.items() if k in PICTURE_METADATA}
            for mime, values in output.metadata.items()
            if mime.startswith("image/")
        }
        output.metadata = nbformat.from_dict({k: v for k, v in pictures.items() if v})
    return output


# --- cells that are generated -------------------------------------------------------


@functools.cache
def settings():
    """Return the table ``[tool.course]`` of pyproject.toml."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["tool"]["course"]


def bootstrap_source(repository=None, branch=None):
    """Return the text of the cell ``bootstrap``: the same in every notebook."""
    repository = settings()["repository"] if repository is None else repository
    branch = settings()["branch"] if branch is None else branch
    text = BOOTSTRAP_SOURCE.read_text(encoding="utf-8").rstrip("\n")
    line = f'REPOSITORY, BRANCH = "{repository}", "{branch}"'
    return text.replace('REPOSITORY, BRANCH = "", "main"', line)


def badge_source(name, repository=None, branch=None):
    """Return the text of the cell ``badge`` of the notebook with this file name."""
    repository = settings()["repository"] if repository is None else repository
    branch = settings()["branch"] if branch is None else branch
    if not repository:
        return (
            "*Colab:* once the course has a public address, a badge here opens this "
            "notebook there. To set it, write the address as `repository` in "
            "`pyproject.toml` and run `python course.py format`."
        )
    project = repository.removeprefix("https://github.com/").removesuffix(".git")
    return (
        "[![Open this notebook in Colab]"
        "(https://colab.research.google.com/assets/colab-badge.svg)]"
        "(https://colab.research.google.com/github/"
        f"{project}/blob/{branch}/notebooks/{name})"
    )


def with_generated_cells(nb, name):
    """Return the notebook with the cells ``badge`` and ``bootstrap`` as generated."""
    new = {
        "badge": nbformat.v4.new_markdown_cell(badge_source(name), id="badge"),
        "bootstrap": nbformat.v4.new_code_cell(
            bootstrap_source(),
            id="bootstrap",
            metadata={"tags": ["nbval-ignore-output"]},
        ),
    }
    for place, (cell_id, cell) in enumerate(new.items(), start=1):
        old = next((c for c in nb.cells if c.get("id") == cell_id), None)
        if old is None:
            nb.cells.insert(place, cell)
        else:
            old.source, old.metadata = cell.source, cell.metadata
    return nb


def with_readable_ids(nb):
    """Return the notebook with a new id where one is missing, repeated or random."""
    used, section = set(), "cell"
    for cell in nb.cells:
        heading = re.match(r"#+ +(?:[\d.]+ +)?(.+)", cell.source)
        function = re.search(r"^def (\w+)", cell.source, re.M)
        if cell.cell_type == "markdown" and heading:
            section = _slug(heading[1]) or section
        cell_id = cell.get("id", "")
        if not READABLE_ID.fullmatch(cell_id) or cell_id in used:
            is_code = cell.cell_type == "code" and function
            name = _slug(function[1]) if is_code else section
            tries = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
            cell_id = next(one for one in tries if one not in used)
        cell.id = cell_id
        used.add(cell_id)
    return nb


def _slug(text):
    """Return the first words of a text in lower case, joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())[:5])


def grading(cell):
    """Return the nbgrader metadata of an exercise's cell, or None for other cells.

    The points are those that the cell's own calls name (``points=2``), or 1.
    """
    match = re.fullmatch(r"exercise-\d+-(answer|check)", cell.id)
    if not match:
        return None
    common = {"grade_id": cell.id, "schema_version": 3, "task": False}
    if match[1] == "answer":
        return {**common, "grade": False, "locked": False, "solution": True}
    points = sum(int(n) for n in re.findall(r"\bpoints=(\d+)", cell.source)) or 1
    return {
        **common,
        "grade": True,
        "locked": True,
        "points": points,
        "solution": False,
    }


# --- execution ---------------------------------------------------------------------


def execute(paths, profile="full"):
    """Run notebooks where they are and write their outputs; return the failures."""
    from tools.run import progress, run_cells, set_environment

    set_environment(profile)
    failures = []
    for path in paths:
        nb = read(path)
        try:
            with progress(path.stem, len(nb.cells)) as on_cell:
                run_cells(nb, path.parent, on_cell)
            if profile == "full" and (cells := stand_ins(nb)):
                raise RuntimeError(
                    f"cell {cells[0]}: the real data could not be had, and outputs of "
                    "embedded data are not kept: try again with a network"
                )
        except RuntimeError as error:
            failures.append(f"{path.name}: {error}")
        else:
            write(nb, path)
    return failures


def definitions(path, names=None):
    """Return functions and constants that a notebook defines, without running it.

    Only imports of light modules (NumPy, SciPy, the standard library's few), constants
    in capitals with literal values, functions and classes are executed.

    Parameters
    ----------
    path : path
    names : sequence of str, optional
        Return only these.

    Raises
    ------
    ValueError
        If the notebook does not define one of ``names``.
    """
    kept = []
    for cell in code_cells(read(path)):
        kept += [s for s in ast.parse(cell.source).body if _is_definition(s)]
    space = {"__name__": Path(path).stem}
    flags = __future__.annotations.compiler_flag
    module = ast.Module(kept, type_ignores=[])
    exec(compile(module, str(path), "exec", flags, dont_inherit=True), space)
    if names is None:
        return space
    if missing := [name for name in names if name not in space]:
        raise ValueError(f"{Path(path).name} does not define {', '.join(missing)}")
    return {name: space[name] for name in names}


def _is_definition(statement):
    if isinstance(statement, ast.Import):
        return all(a.name.split(".")[0] in LIGHT_MODULES for a in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] in LIGHT_MODULES
    if isinstance(statement, ast.Assign):
        try:
            ast.literal_eval(statement.value)
        except ValueError:
            return False
        return all(
            isinstance(t, ast.Name) and t.id.isupper() for t in statement.targets
        )
    if isinstance(statement, ast.ClassDef):
        return not statement.bases and not statement.decorator_list
    return isinstance(statement, ast.FunctionDef) and not statement.decorator_list


# --- commands -----------------------------------------------------------------------


def ruff(*arguments):
    """Run ruff in the project's folder; return its exit status and its lines."""
    command = [sys.executable, "-m", "ruff", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    return done.returncode, (done.stdout + done.stderr).strip().splitlines()


def ruff_faults(paths):
    """Return what ruff finds in files and folders, a line each."""
    faults = []
    for arguments in (("check",), ("format", "--check")):
        options = ("--quiet", "--output-format=concise")
        status, lines = ruff(*arguments, *options, *paths)
        faults += [f"ruff {arguments[0]}: {line}" for line in lines] if status else []
    return faults


def format_all(paths, code=()):
    """Mend notebooks (generated cells, ids, form), and with ruff them and the code."""
    for path in paths:
        nb = with_readable_ids(with_generated_cells(read(path), path.name))
        for cell in nb.cells:
            cell.metadata.pop("nbgrader", None)
            if grades := grading(cell):
                cell.metadata["nbgrader"] = grades
        write(nb, path)
    if paths or code:
        ruff("check", "--fix", "--quiet", *code, *paths)
        ruff("format", "--quiet", *code, *paths)
    for path in paths:  # ruff writes JSON in its own way
        write(read(path), path)


def main(arguments=None):
    """Run the command line; return the exit status: 0, 1 (faults) or 2 (usage)."""
    parser = argparse.ArgumentParser(prog="tools.notebooks", description=__doc__)
    parser.add_argument("command", choices=["check", "format", "execute"])
    parser.add_argument("names", nargs="*", metavar="NN", help="which notebooks")
    parser.add_argument("--profile", choices=["full", "quick"], default="full")
    options = parser.parse_args(arguments)
    try:
        paths = select(options.names)
        code = [] if options.names else [ROOT]
        if options.command == "format":
            format_all(paths, code)
            faults = []
        elif options.command == "execute":
            faults = execute(paths, options.profile)
        else:
            from tools import rules

            faults = rules.check_all(paths, code)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
