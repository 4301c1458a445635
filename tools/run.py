"""Run the course: ``python -m tools.run [NN …] [--profile quick|full]``.

Executes copies of the notebooks below ``build/``, so that the source stays as it is;
makes pages of them (``build/html/index.html``); prints a table. A notebook that fails
is named with its cell, the others still run, and the exit status is 1.
"""

import argparse
import contextlib
import os
import shutil
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from tqdm import tqdm

import course
from tools import notebooks

BUILD = notebooks.ROOT / "build"
SAMPLE_SECONDS = 0.2
MEBIBYTE = 2**20


@dataclass
class Result:
    """How one notebook went; ``error`` is empty where it passed."""

    name: str
    cells: int = 0
    seconds: float = 0.0
    peak: float = 0.0  # MiB
    error: str = ""
    stand_in: bool = False  # real data could not be had, so it ran in quick


def set_environment(profile):
    """Set what every kernel started by these tools inherits."""
    os.environ["COURSE_PROFILE"] = profile
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def run_cells(nb, folder, on_cell=lambda cell: None, on_kernel=lambda pid: None):
    """Execute a notebook in a clean kernel, writing the outputs into ``nb``.

    Parameters
    ----------
    nb : NotebookNode
    folder : path
        Working folder of the kernel.
    on_cell, on_kernel : callable
        Called with each cell before it starts, and once with the kernel's process id.

    Raises
    ------
    RuntimeError
        In one line: the id of the cell, and the error in it or that the kernel died.
    """
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    place = "before its first cell"

    def starts(cell, cell_index):
        nonlocal place
        if cell_index == 0:
            on_kernel(client.km.provisioner.pid)
        place = f"cell {cell.id}"
        on_cell(cell)

    client = _client(nb, folder, starts)
    try:
        client.execute(env={**os.environ, "TQDM_DISABLE": "1"})  # bars are no output
    except CellExecutionError as error:
        lines = f"{error.ename}: {error.evalue}".strip().splitlines()
        raise RuntimeError(f"{place}: {lines[0]}") from None
    except (RuntimeError, AssertionError) as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # nbclient was sent Ctrl-C
            raise KeyboardInterrupt from None
        dead = isinstance(error, DeadKernelError)
        raise RuntimeError(f"{place}: {'the kernel died' if dead else error}") from None


def _client(nb, folder, on_cell_start):
    from nbclient import NotebookClient

    return NotebookClient(
        nb,
        timeout=None,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_start=on_cell_start,
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=40"],  # errors only, not its advice on TCP
    )


@contextlib.contextmanager
def progress(name, cells):
    """Show a bar for one notebook; gives the function to call as each cell starts."""
    live = sys.stderr.isatty()  # a log gets a line now and then, not one for each cell
    with tqdm(
        total=cells, desc=name, unit="cell", dynamic_ncols=True,
        mininterval=0.1 if live else 30,
    ) as bar:  # fmt: skip

        def on_cell(cell):
            if bar.postfix:
                bar.update()
            bar.set_postfix_str(cell.id, refresh=live)

        yield on_cell
        bar.update(cells - bar.n)
        bar.set_postfix_str("done", refresh=live)


@contextlib.contextmanager
def peak_memory():
    """Sample a process and its children; gives (start, read the peak in MiB)."""
    peak, stop = 0, threading.Event()

    def sample(pid):
        nonlocal peak
        while True:
            with contextlib.suppress(psutil.Error):  # one of them has just ended
                process = psutil.Process(pid)
                family = [process, *process.children(recursive=True)]
                peak = max(peak, sum(p.memory_info().rss for p in family))
            if stop.wait(SAMPLE_SECONDS):
                return

    def start(pid):
        threading.Thread(target=sample, args=(pid,), daemon=True).start()

    try:
        yield start, lambda: peak / MEBIBYTE
    finally:
        stop.set()


def run_notebook(path, folder):
    """Execute a copy of a notebook in ``folder``; return its `Result`."""
    result = Result(path.stem)
    started = time.perf_counter()
    try:
        nb = notebooks.read(path)
    except ValueError as error:
        result.error = str(error)
        return result
    result.cells = len(notebooks.code_cells(nb))
    with peak_memory() as (on_kernel, peak):
        try:
            with progress(path.stem, len(nb.cells)) as on_cell:
                run_cells(nb, folder, on_cell, on_kernel)
        except RuntimeError as error:
            result.error = str(error)
        result.peak = peak()
    result.stand_in = bool(notebooks.stand_ins(nb))
    result.seconds = time.perf_counter() - started
    notebooks.write(nb, folder / path.name)
    return result


def table(results):
    """Return the table of results as text."""
    width = max([len("notebook"), *(len(result.name) for result in results)])
    lines = [f"{'notebook':{width}}  cells  seconds  peak MiB  status"]
    for r in results:
        status = f"FAILED {r.error}" if r.error else "passed"
        status += ", without the real data: not to be had" * r.stand_in
        lines.append(
            f"{r.name:{width}}  {r.cells:5}  {r.seconds:7.1f}  {r.peak:8.0f}  {status}"
        )
    return "\n".join(lines)


def run(paths, build=BUILD):
    """Execute notebooks, make the pages, print the table; return the exit status."""
    Path(build).mkdir(parents=True, exist_ok=True)
    with (Path(build) / "run.lock").open("w") as lock:
        if not course.taken(lock):
            return _run(paths, build)
    print("another `course.py run` is at work here: wait for its end", file=sys.stderr)
    return 1


def _run(paths, build):
    from tools import pages

    source = Path(build) / "run"
    shutil.rmtree(source, ignore_errors=True)
    folder = source / "notebooks"
    folder.mkdir(parents=True)
    results = [run_notebook(path, folder) for path in paths]
    faults = pages.build(source, Path(build) / "html")
    print(table(results))
    for fault in faults:
        print(f"pages: {fault}", file=sys.stderr)
    print(f"pages: {Path(build) / 'html' / 'index.html'}")
    return 1 if faults or any(result.error for result in results) else 0


def main(arguments=None):
    """Run the command line; return the exit status: 0, 1 (a failure) or 2 (usage)."""
    parser = argparse.ArgumentParser(prog="tools.run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NN", help="which notebooks")
    parser.add_argument("--profile", choices=["full", "quick"])
    profile = ["--profile", os.environ.get("COURSE_PROFILE") or "quick"]
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser.parse_args([*profile, *arguments])  # the later one counts
    try:
        paths = notebooks.select(options.names)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if not paths:
        print(f"there are no notebooks in {notebooks.NOTEBOOKS}", file=sys.stderr)
        return 2
    set_environment(options.profile)
    try:
        return run(paths)
    except OSError as error:  # a folder that may not be written to, a full disk
        line = course.ERRORS.get(error.errno, "{}.").format(error)
        print(line, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
