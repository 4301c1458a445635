"""What plain ``pytest`` needs: the quick profile, and a guard against dead kernels.

It stands in the project's folder so that ``pytest notebooks/05*`` finds it too.
"""

import contextlib
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
    """Say what a whole run showed, whichever process ran its parts."""
    results = [r for rs in terminalreporter.stats.values() for r in rs]
    reports = [r for r in results if hasattr(r, "outcome")]  # not the deselected
    strict_shares(terminalreporter, reports)
    mutants(terminalreporter, reports)


def strict_shares(terminalreporter, reports):
    """Say how many cells of each notebook that ran are compared with their output."""
    from tools import notebooks, rules

    ran = {report.nodeid.split("::")[0] for report in reports}
    for path in notebooks.select():
        if f"{notebooks.NOTEBOOKS.name}/{path.name}" in ran:
            with contextlib.suppress(ValueError):  # cannot be read: a test says so
                strict, total = rules.strictness(notebooks.read(path))
                terminalreporter.write_line(
                    f"{path.name}: {strict} of {total} code cells are strict "
                    f"({strict / total:.0%})"
                )


def mutants(terminalreporter, reports):
    """Say how many mutants each notebook noticed, and which survived."""
    tallies = {}
    for report in reports:
        tallies.update(getattr(report, "user_properties", ()))
    tallies = {k: v for k, v in tallies.items() if k.startswith("mutants of ")}
    for name, (noticed, total, *survivors) in sorted(tallies.items()):
        terminalreporter.write_line(f"{name}: {noticed} of {total} noticed")
        for survivor in survivors:
            terminalreporter.write_line(f"    survives: {survivor}")
    if tallies:
        noticed, total = (sum(tally[k] for tally in tallies.values()) for k in (0, 1))
        share = f"{noticed} of {total} noticed, {noticed / total:.1%}"
        terminalreporter.write_line(f"mutants of all that ran: {share}")
