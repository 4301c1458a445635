"""What plain ``pytest`` needs: the quick profile, and a guard against dead kernels.

It stands in the project's folder so that ``pytest notebooks/05*`` finds it too.
"""

import os
import time
from queue import Empty

import nbval.plugin

# Before a kernel starts. The tests are made for the quick profile, whatever is set for
# other commands; in all else, what the environment says already comes first.
os.environ["COURSE_PROFILE"] = "quick"
for name, value in {
    "CUDA_VISIBLE_DEVICES": "-1",
    "KERAS_BACKEND": "tensorflow",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}.items():
    os.environ.setdefault(name, value)

POLL_SECONDS = 1.0


class GuardedKernel(nbval.plugin.RunningKernel):
    """nbval's kernel, which waits out its whole time limit when the process is dead."""

    def get_message(self, stream, timeout=None):
        """Return the next message, looking now and then whether the kernel lives."""
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            left = end - time.monotonic()
            try:
                return super().get_message(stream, min(POLL_SECONDS, max(left, 0)))
            except Empty:
                if not self.is_alive():
                    raise RuntimeError("the kernel died in this cell") from None
                if left <= POLL_SECONDS:
                    raise


nbval.plugin.RunningKernel = GuardedKernel


def pytest_terminal_summary(terminalreporter):
    """Say how many cells of each notebook that ran are compared with their output."""
    from tools import notebooks, rules

    reports = [r for rs in terminalreporter.stats.values() for r in rs]
    ran = {getattr(report, "nodeid", "").split("::")[0] for report in reports}
    for path in notebooks.select():
        if f"{notebooks.NOTEBOOKS.name}/{path.name}" in ran:
            strict, total = rules.strictness(notebooks.read(path))
            terminalreporter.write_line(
                f"{path.name}: {strict} of {total} code cells are strict "
                f"({strict / total:.0%})"
            )
