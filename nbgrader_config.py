"""Settings for grading exercises with nbgrader, run in the course's folder.

For example for notebook 00, with the notebooks handed in below ``submitted/NAME/00/``:

mkdir -p source/00 && cp notebooks/00*.ipynb source/00/
nbgrader generate_assignment 00 --create
nbgrader autograde 00 --create
"""

import os

# Answers are graded in seconds on embedded data; every kernel inherits this.
os.environ["COURSE_PROFILE"] = "quick"

c = get_config()  # noqa: F821 (nbgrader defines it)

c.ClearSolutions.enabled = False  # the notebooks hold stubs: solutions stand elsewhere
c.Execute.timeout = 600  # seconds for a cell: one that trains takes longer than 30
