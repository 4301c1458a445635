"""README's pictures, taken from notebooks' outputs: ``python -m tools.pictures``.

README says which: ``docs/pictures/01a-sliding-figure.png`` is what the cell
``sliding-figure`` of notebook 01a shows.
"""

import base64
import re

from tools import notebooks

NAME = r"docs/pictures/(\w+)-([\w-]+)\.png"


def pictures():
    """Return the pictures that README names, as bytes of PNG files, by path."""
    text = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    found = {}
    for match in re.finditer(NAME, text):
        (path,) = notebooks.select([match[1]])
        cells = {cell.id: cell for cell in notebooks.read(path).cells}
        data = [output.get("data", {}) for output in cells[match[2]].outputs]
        (png,) = [one["image/png"] for one in data if "image/png" in one]
        found[notebooks.ROOT / match[0]] = base64.b64decode(png)
    return found


if __name__ == "__main__":
    for target, png in pictures().items():
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(png)
