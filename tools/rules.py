"""What ``python -m tools.notebooks check`` finds fault with.

A rule takes a notebook (as nbformat reads it) and its path, and yields pairs: the id of
a cell and a sentence that says what is wrong there and how to mend it. `RULES` holds
them by name. Most guard against what nbval passes in silence.
"""

import ast
import contextlib
import io
import re
import statistics
from base64 import b64decode
from urllib.parse import unquote

from IPython.core.inputtransformer2 import TransformerManager

from tools import notebooks
from tools.notebooks import code_cells

STRICT_SHARE = 0.70  # of the code cells, compared with what they print
MEDIAN_LINES, USUAL_LINES, USUAL_SHARE, MOST_LINES = 8, 18, 0.90, 40
CODE_CELLS_IN_A_ROW = 2
PROSE_WORDS, SENTENCE_WORDS = 180, 45
ALT_LENGTH = 20
EXERCISES = range(3, 6)
TAGS = {"nbval-ignore-output", "raises-exception", "hide-input", "hide-output"}
SECTIONS = {
    "Before you start", "Exercises", "Further reading", "If it does not work",
    "Imports", "Next", "Set-up", "Summary", "What you will be able to do",
}  # fmt: skip
PICTURES = {"image/png", "image/jpeg", "image/svg+xml"}
EXECUTE = "run `python course.py execute`"
FORMAT = "run `python course.py format`"


# --- form ---------------------------------------------------------------------------


def canonical_form(nb, path):
    """The file is what `format` would write."""
    text = path.read_text(encoding="utf-8")
    wanted = notebooks.canonical(nb).splitlines(keepends=True)
    for number, line in enumerate(text.splitlines(keepends=True)):
        if number >= len(wanted) or line != wanted[number]:
            where = f"line {number + 1} ({line.strip()[:60]})"
            yield "file", f"{where} is not in canonical form: {FORMAT}"
            return
    if "".join(wanted) != text:
        yield "file", f"it ends too early for the canonical form: {FORMAT}"


def cell_ids(nb, path):
    """Ids are readable (not random) and unique."""
    seen = set()
    for cell in nb.cells:
        if not notebooks.READABLE_ID.fullmatch(cell.id):
            yield cell.id, f"the id is not readable words like `conv-by-hand`: {FORMAT}"
        elif cell.id in seen:
            yield cell.id, f"two cells have this id: {FORMAT}"
        seen.add(cell.id)


def generated_cells(nb, path):
    """Badge and bootstrap are, byte for byte, the generated ones."""
    wanted = {
        "badge": notebooks.badge_source(path.name),
        "bootstrap": notebooks.bootstrap_source(),
    }
    for name, source in wanted.items():
        cells = [cell for cell in nb.cells if cell.id == name]
        if not cells:
            yield name, f"this cell is missing: {FORMAT}"
        elif cells[0].source != source:
            yield name, f"the cell differs from the generated text: {FORMAT}"


def sections(nb, path):
    """One title; sections numbered as the chapter, in order, deeper ones (◇) last."""
    titles = [cell.id for cell, level, _ in headings(nb) if level == 1]
    if len(titles) != 1 or nb.cells[0].id != titles[0]:
        yield nb.cells[0].id, "the first cell, and no other, must hold the `# ` title"
    chapter, last = re.match(r"\d*", path.name)[0].lstrip("0") or "0", (False, -1)
    for cell, level, text in headings(nb):
        if level != 2 or text in SECTIONS:
            continue
        number = re.match(r"(\d+)\.(\d+) \S", text)
        if not number or number[1] != chapter:
            expected = f"expected a number, as in `## {chapter}.1 Title`"
            yield cell.id, f"`## {text}`: {expected}"
            continue
        place = ("◇" in text, int(number[2]))
        if place <= last:
            yield cell.id, f"section {chapter}.{number[2]} stands too late, or twice"
        last = place


def headings(nb):
    """Return (cell, level, text) of every heading."""
    return [
        (cell, len(marks), text.strip())
        for cell in nb.cells
        if cell.cell_type == "markdown"
        for marks, text in re.findall(r"^(#+) +(.+)$", _no_code(cell.source), re.M)
    ]


# --- outputs ------------------------------------------------------------------------


def execution(nb, path):
    """Cells ran top to bottom, and their outputs are there."""
    cells = code_cells(nb)
    if cells and all(cell.execution_count is None for cell in cells):
        yield "file", f"no cell has a count: never run, or outputs cleared; {EXECUTE}"
        return
    for number, cell in enumerate(cells, start=1):
        if cell.execution_count is None:
            yield cell.id, f"it has no count: never run, or output cleared; {EXECUTE}"
        elif cell.execution_count != number:
            yield (
                cell.id,
                f"it ran as number {cell.execution_count} but is number {number} on "
                f"the page: cells ran out of order; {EXECUTE}",
            )
        elif not cell.outputs and _shows_something(cell.source):
            yield cell.id, f"it prints or shows something, yet has no output; {EXECUTE}"


def _shows_something(source):
    """Tell whether a cell, as far as its code says, must leave an output."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    last = body[-1] if body and source.rstrip()[-1] != ";" else None
    is_value = isinstance(last, ast.Expr) and not isinstance(
        last.value, ast.Call | ast.Constant
    )
    calls = [s.value for s in body if isinstance(s, ast.Expr)]
    names = [ast.unparse(c.func) for c in calls if isinstance(c, ast.Call)]
    shown = {"print", "show", "check_function", "check_value"}
    return is_value or any(name.split(".")[-1] in shown for name in names)


def errors(nb, path):
    """No error but where one is announced, and nothing on stderr."""
    for cell in code_cells(nb):
        failed = [o for o in cell.outputs if o.output_type == "error"]
        announced = "raises-exception" in cell.metadata.get("tags", [])
        if failed and not announced:
            yield cell.id, f"it failed with {failed[0].ename}: mend it, then {EXECUTE}"
        if announced and not failed and cell.execution_count is not None:
            yield cell.id, "it is tagged raises-exception but raised nothing"
        if any(o.get("name") == "stderr" for o in cell.outputs):
            yield cell.id, "it wrote to stderr: silence the cause, or print it"


def real_data(nb, path):
    """The outputs are not those of a run that could not get at the real data."""
    for cell_id in notebooks.stand_ins(nb):
        yield cell_id, f"embedded data stood in here: with a network, {EXECUTE}"


def figures(nb, path):
    """At most one picture a cell, not blank, and each with alternative text."""
    for cell in nb.cells:
        outputs = [
            o for o in cell.get("outputs", []) if PICTURES & set(o.get("data", {}))
        ]
        if len(outputs) > 1:
            yield cell.id, f"{len(outputs)} pictures: one message, one figure a cell"
        for output in outputs:
            mime = min(PICTURES & set(output.data))
            alt = output.metadata.get(mime, {}).get("alt", "")
            if len(alt) < ALT_LENGTH:
                yield (
                    cell.id,
                    f"alternative text of {len(alt)} characters, at least {ALT_LENGTH} "
                    "needed: use `plotting.show(figure, alt)`",
                )
            if mime == "image/png" and _is_blank(output.data[mime]):
                yield cell.id, "the picture is blank: draw before showing it"
        if cell.cell_type == "markdown" and cell.id != "badge":
            for alt in re.findall(r"!\[([^\]]*)\]\(", _no_code(cell.source)):
                if len(alt) < ALT_LENGTH:
                    yield cell.id, f"picture with alternative text {alt!r}: say more"


def _is_blank(data):
    from PIL import Image

    bands = Image.open(io.BytesIO(b64decode(data))).convert("RGB").getextrema()
    return all(low == high for low, high in bands)


# --- code ---------------------------------------------------------------------------


def shell_lines(nb, path):
    """No shell lines and magics: nbval does not see a shell line fail."""
    for cell in code_cells(nb):
        plain = cell.source.rstrip() + "\n"
        changed = TransformerManager().transform_cell(plain)
        if changed != plain or "get_ipython" in plain or "os.system(" in plain:
            lines = set(plain.splitlines()) - set(changed.splitlines())
            shown = min(lines, default="get_ipython or os.system").strip()
            yield (
                cell.id,
                f"shell line or magic `{shown}`, whose failure goes unseen: use "
                "Python, such as `subprocess.run(..., check=True)`",
            )


def tags(nb, path):
    """Only known tags; no marker comments, which are easily misspelt."""
    for cell in nb.cells:
        for tag in set(cell.metadata.get("tags", [])) - TAGS:
            yield cell.id, f"unknown tag {tag!r}: known are {', '.join(sorted(TAGS))}"
        if cell.cell_type == "code" and (
            marker := re.search(r"#\s*((NBVAL|PYTEST_VALIDATE)\w*)", cell.source, re.I)
        ):
            yield cell.id, f"marker comment {marker[1]}: use the cell's tags instead"


def lengths(nb, path):
    """Cells are short, and prose stands between them."""
    cells = [cell for cell in code_cells(nb) if cell.id != "bootstrap"]
    lines = [len(cell.source.splitlines()) for cell in cells]
    if not cells:
        return
    if (median := statistics.median(lines)) > MEDIAN_LINES:
        yield "file", f"median length {median:g} lines, at most {MEDIAN_LINES}: split"
    if (share := sum(n <= USUAL_LINES for n in lines) / len(lines)) < USUAL_SHARE:
        yield (
            "file",
            f"{share:.0%} of the cells have at most {USUAL_LINES} lines, at least "
            f"{USUAL_SHARE:.0%} must: split the longest",
        )
    for cell, count in zip(cells, lines, strict=True):
        if count > MOST_LINES:
            yield cell.id, f"{count} lines, at most {MOST_LINES}: split the cell"
    row = 0
    for cell in nb.cells:
        row = row + 1 if cell.cell_type == "code" else 0
        if row == CODE_CELLS_IN_A_ROW + 1:
            yield cell.id, f"code cell number {row} without prose before it: explain"


def strict_share(nb, path):
    """Most cells are compared with what they printed."""
    strict, total = strictness(nb)
    if total and strict < STRICT_SHARE * total:
        yield (
            "file",
            f"{strict} of {total} code cells are strict, at least {STRICT_SHARE:.0%} "
            "must be: print what is the same everywhere, and drop the tag",
        )


def strictness(nb):
    """Return how many code cells nbval compares, and how many there are."""
    cells = code_cells(nb)
    loose = [c for c in cells if "nbval-ignore-output" in c.metadata.get("tags", [])]
    return len(cells) - len(loose), len(cells)


# --- prose and teaching -------------------------------------------------------------


def prose(nb, path):
    """Prose comes in short portions and short sentences."""
    for cell in nb.cells:
        if cell.cell_type != "markdown" or cell.id == "badge":
            continue
        text = _plain(cell.source)
        if (count := len(_words(text))) > PROSE_WORDS:
            yield cell.id, f"{count} words, at most {PROSE_WORDS}: split the cell"
        parts = re.split(r"(?<=[.!?:;])[\s*_)”\"]+|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s", text)
        for part in parts:
            if (count := len(_words(part))) > SENTENCE_WORDS:
                start = " ".join(part.split()[:6])
                yield cell.id, f"a sentence of {count} words (“{start} …”): shorten it"


def _words(text):
    return re.findall(r"\w[\w’'-]*", text)


def _no_code(source):
    """Return Markdown without its code."""
    return re.sub(r"```.*?```|`[^`\n]*`", "x", source, flags=re.S)


def _plain(source):
    """Return a Markdown cell's prose: no code, formulas, tables, tags, addresses."""
    text = _no_code(source)
    text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", " x ", text, flags=re.S)
    text = re.sub(r"^\s*\|.*$|^#+ .*$", "\n", text, flags=re.M)
    return re.sub(r"<[^>]+>|\]\([^)]*\)", "\n" if "<details" in text else " ", text)


def links(nb, path):
    """Links lead to files and headings that exist (the network is not asked)."""
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        text = _no_code(cell.source)
        found = re.findall(r"\]\(<?([^)\s>]+)", text)
        for link in found + re.findall(r"(?:href|src)=[\"']([^\"']+)", text):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = unquote(link).partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists():
                yield cell.id, f"link to {link}: there is no such file"
            elif anchor and anchor not in _anchors(nb if target == path else target):
                yield cell.id, f"link to {link}: there is no such heading"


def _anchors(nb):
    """Return the anchors that Jupyter gives to headings: blanks become hyphens."""
    if not hasattr(nb, "cells"):
        if nb.suffix != ".ipynb":
            return set()
        nb = notebooks.read(nb)
    return {re.sub(r"[`*]", "", text).replace(" ", "-") for _, _, text in headings(nb)}


def sliders(nb, path):
    """There is something to play with."""
    if not any(re.search(r"sliders\(|Slider\(", c.source) for c in code_cells(nb)):
        yield "file", "no slider: add a demonstration with `plotting.sliders`"


def exercises(nb, path):
    """Each exercise has a hint, a link to its solution, an answer and a check."""
    cells = {cell.id: cell for cell in nb.cells}
    found = [i for i in cells if re.fullmatch(r"exercise-\d+", i)]
    if len(found) not in EXERCISES:
        yield "file", f"{len(found)} exercises (cells `exercise-1` …), not 3 to 5"
    for name in found:
        if "<details>" not in cells[name].source:
            yield name, "no hint: fold one in <details> under the statement"
        if "../solutions/" not in cells[name].source:
            yield name, "no link to the solution in ../solutions/"
        for part in (f"{name}-answer", f"{name}-check"):
            if part not in cells:
                yield name, f"there is no cell `{part}`"
            elif cells[part].metadata.get("nbgrader") != notebooks.grading(cells[part]):
                yield part, f"its nbgrader metadata is not as it should be: {FORMAT}"


RULES = {
    rule.__name__: rule
    for rule in (
        canonical_form, cell_ids, generated_cells, sections,
        execution, errors, real_data, figures,
        shell_lines, tags, lengths, strict_share,
        prose, links, sliders, exercises,
    )
}  # fmt: skip


# --- all together -------------------------------------------------------------------


def check_notebook(path, names=tuple(RULES)):
    """Return the faults of one notebook, a line each: file, cell, fault and remedy."""
    try:
        nb = notebooks.read(path)
    except ValueError as error:
        return [str(error)]
    found = [fault for name in names for fault in RULES[name](nb, path)]
    return [f"{path.name}: {cell_id}: {fault}" for cell_id, fault in found]


def sanitise_faults(text):
    """Return a fault if nbval would drop a rule of a sanitise file in silence."""
    from nbval.plugin import get_sanitize_patterns

    written = len(re.findall(r"^regex:", text, re.M))
    parsed = len([p for p in get_sanitize_patterns(text) if p[1]])
    fault = f"{written} sanitise rules are written, nbval keeps {parsed}"
    return [fault] if written != parsed else []


def check_all(paths, code=()):
    """Return all faults of notebooks (and code); print each notebook's strict share."""
    faults = []
    for path in paths:
        faults += check_notebook(path)
        with contextlib.suppress(ValueError):  # cannot be read: a fault already
            strict, total = strictness(notebooks.read(path))
            print(f"{path.name}: {strict} of {total} code cells are strict")
    for file in (notebooks.ROOT / "tests").glob("*sanitize*"):
        faults += sanitise_faults(file.read_text(encoding="utf-8"))
    return faults + (notebooks.ruff_faults((*code, *paths)) if paths or code else [])
