"""A small lesson that keeps every convention, for the tests of the notebook tools."""

import base64
import io

import nbformat.v4 as v4

from tools import notebooks

ALT = "A square whose left half is black and whose right half is white"
EXERCISE = """### Exercise {n}

Double a number.

<details><summary>Hint</summary>

Twice as much.

</details>

[Solution](../solutions/s01z_lesson.py)"""


def picture(blank=False):
    """Return a small PNG in base64."""
    from PIL import Image

    image = Image.new("RGB", (8, 8), "white")
    if not blank:
        image.paste("black", (0, 0, 4, 8))
    buffer = io.BytesIO()
    image.save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def markdown(name, source):
    return v4.new_markdown_cell(source, id=name)


def code(name, source, *outputs, tags=()):
    metadata = {"tags": list(tags)} if tags else {}
    cell = v4.new_code_cell(source, id=name, outputs=list(outputs), metadata=metadata)
    cell.metadata.update({"nbgrader": g} if (g := notebooks.grading(cell)) else {})
    return cell


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def shown(alt=ALT, blank=False):
    data = {"image/png": picture(blank), "text/plain": "<Figure>"}
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return v4.new_output("display_data", data=data, metadata=metadata)


def cells():
    """Return the cells of the lesson, as if they had run."""
    loose = ["nbval-ignore-output"]
    yield markdown("title", "# Lesson\n\nSee [the sum](#1.1-Adding-numbers).")
    yield markdown("badge", notebooks.badge_source("01z_lesson.ipynb"))
    yield code("bootstrap", notebooks.bootstrap_source(), printed("Hi\n"), tags=loose)
    yield markdown("adding", "## 1.1 Adding numbers\n\nWhat is $1 + 1$? Guess first.")
    yield code("sum", "total = 1 + 1\nprint(total)", printed("2\n"))
    yield code("value", "total", v4.new_output("execute_result", {"text/plain": "2"}))
    yield markdown("looking", "The left half is dark.")
    yield code("figure", f'plotting.show(figure, "{ALT}")', shown())
    yield code("slide", "plotting.sliders(frame, k=slider)", tags=loose)
    yield markdown("fails", "Dividing by zero fails.")
    error = v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=[])
    yield code("divide", "1 / 0", error, tags=["raises-exception"])
    yield markdown("deeper", "## 1.3 ◇ Deeper\n\nMore of it.")
    yield markdown("exercises", "## Exercises")
    for n in (1, 2, 3):
        yield markdown(f"exercise-{n}", EXERCISE.format(n=n))
        yield code(f"exercise-{n}-answer", "def double(x):\n    return ...")
        check = "check_function(double, reference, make_input, points=2)"
        yield code(f"exercise-{n}-check", check, printed("not answered yet\n"))


def notebook():
    """Return the lesson as a notebook."""
    nb = v4.new_notebook(cells=list(cells()))
    for number, cell in enumerate(notebooks.code_cells(nb), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
    return nb
