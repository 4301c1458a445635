"""Pages of executed notebooks, made by Sphinx (its settings: ``docs/conf.py``).

They need no network: MathJax is served with them, and `page_faults` looks for anything
that would be fetched from elsewhere, and for pictures without alternative text.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools import notebooks

DOCS = notebooks.ROOT / "docs"
TITLE = "Deep learning, hands on"
INDEX = """# {title}

Convolutional and recurrent networks, sequence-to-sequence models, attention and the
Transformer: what the lectures claim, run, measured and asserted. Each page is a
notebook as it ran.

```{{toctree}}
:maxdepth: 2

{names}
```
"""


def build(source, target):
    """Make pages of the notebooks in ``source/notebooks``; return the faults found.

    Parameters
    ----------
    source : path
        A folder that may be written to: an index and copies for Sphinx are put there.
    target : path
        Where the pages go, ``index.html`` first; what was there is removed.
    """
    source, target = Path(source), Path(target)
    docs = source / "pages"
    for folder in (docs, target):
        shutil.rmtree(folder, ignore_errors=True)
    (docs / "notebooks").mkdir(parents=True)
    names = []
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        names.append(f"notebooks/{path.stem}")
        text = notebooks.nbformat.writes(for_pages(notebooks.read(path)))
        (docs / "notebooks" / path.name).write_text(text, encoding="utf-8")
    solutions = notebooks.ROOT / "solutions"
    if solutions.is_dir():  # the exercises link to them
        shutil.copytree(solutions, docs / "solutions")
    index = INDEX.format(title=TITLE, names="\n".join(names))
    (docs / "index.md").write_text(index, encoding="utf-8")
    if faults := copy_mathjax(target / "_static" / "mathjax"):
        return faults
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-c", str(DOCS)]
    done = subprocess.run(
        [*command, str(docs), str(target)],
        cwd=notebooks.ROOT,
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # Windows: what a library says may be in another encoding
    )
    warnings = done.stderr.strip().splitlines()
    if done.returncode and not warnings:
        warnings = [f"Sphinx stopped with status {done.returncode}"]
    shown = {Path(name).name for name in names}
    return [w for w in warnings if not leads_out(w, shown)] + page_faults(target)


def leads_out(warning, shown):
    """Say whether a link is missing only since part of the course was made."""
    target = re.search(r"target not found: '(\w+)\.ipynb", warning)
    return bool(target) and target[1] in {p.stem for p in notebooks.select()} - shown


def for_pages(nb):
    """Return a notebook as the pages show it.

    Alternative text goes where myst-nb looks for it (it drops that of the output); the
    badge is left out, as each page has its own button; the set-up cell is folded.
    """
    for cell in nb.cells:
        tags = set(cell.metadata.get("tags", []))
        for output in cell.get("outputs", []):
            if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
                cell.metadata["mystnb"] = {"image": {"alt": alt}}
        if cell.id == "badge":
            tags.add("remove-cell")
        if cell.id == "bootstrap":
            tags.add("hide-input")
        cell.metadata["tags"] = sorted(tags)
    return nb


def copy_mathjax(target):
    """Copy MathJax (2.7, as jupyter-server-mathjax ships it); return the faults."""
    found = importlib.util.find_spec("jupyter_server_mathjax")
    if found is None:
        return ["jupyter-server-mathjax is not installed: install requirements.txt"]
    source = Path(found.submodule_search_locations[0]) / "static"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("localization"))
    return []


def jupyter_slug(title):
    """Return the anchor that Jupyter gives to a heading: blanks become hyphens."""
    return title.strip().replace(" ", "-")


def page_faults(target):
    """Return what pages would fetch from elsewhere, and pictures without words."""
    from bs4 import BeautifulSoup

    faults = []
    for path in sorted(Path(target).rglob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        name = path.relative_to(target).as_posix()
        for tag in page.find_all(["script", "link", "img", "iframe", "source"]):
            address = tag.get("src") or tag.get("href") or ""
            if re.match(r"(https?:)?//", address) and tag.get("rel") != ["canonical"]:
                faults.append(f"{name}: <{tag.name}> is fetched from {address}")
        for picture in page.find_all("img"):
            if not picture.get("alt") and "logo" not in str(picture.get("class")):
                faults.append(f"{name}: picture without alternative text")
    return faults
