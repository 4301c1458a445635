"""The bootstrap cell on a make-believe Colab: an empty folder and a repository.

Keras and TensorFlow are stubs; subprocesses other than git are noted and not started,
but for a newer Keras, which then is there. Of the notebooks, all of them, run the
bootstrap cell and every import; the rest of their cells is the same on Colab as
elsewhere.
"""

import ast
import json
import os
import shutil
import subprocess
import sys

import pytest

from tools import notebooks
from utils import session

FOLDER = "deep-learning-course"
DRIVER = """
import importlib.metadata, importlib.util, json, subprocess, sys

source, times, hidden = json.loads(sys.argv[1])
calls, run, find = [], subprocess.run, importlib.util.find_spec

def note(command, **options):
    if isinstance(command, str):  # NumPy 2.0 asks for the kind of processor
        return run(command, **options)
    calls.append([str(part) for part in command])
    if command[0] == "git":
        return run(command, **options)
    if command[-1].startswith("keras>="):
        folder = importlib.metadata.distribution("keras")._path
        for path in (folder / "METADATA", folder.parent / "keras" / "__init__.py"):
            new = path.read_text().replace("3.10.0", command[-1][len("keras>="):])
            path.write_text(new)
    return subprocess.CompletedProcess(command, 0)

subprocess.run = note
importlib.util.find_spec = lambda name: None if name in hidden else find(name)
space = {}
for _ in range(times):
    exec(source, space)
import utils.session
places = [place for place in sys.path if place.endswith("deep-learning-course")]
print(json.dumps([calls, places, utils.session.__file__]))
"""
TENSORFLOW = """
class config:
    list_physical_devices = staticmethod(lambda kind=None: [])
    class experimental:
        enable_tensor_float_32_execution = staticmethod(lambda value: None)
"""


def git(folder, *arguments):
    names = ["-c", "user.name=Course", "-c", "user.email=course@example.org"]
    command = ["git", *names, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Return the address of a repository with the course as it stands here."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    folder = tmp_path_factory.mktemp("served") / "course"
    skipped = shutil.ignore_patterns("downloads", "__pycache__")
    for part in ("utils", "data", "notebooks"):
        if (notebooks.ROOT / part).is_dir():
            shutil.copytree(notebooks.ROOT / part, folder / part, ignore=skipped)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "The course")
    return folder.as_uri()


@pytest.fixture
def colab(tmp_path, repository):
    """Return what runs the bootstrap cell in a fresh process of the runtime."""
    stubs, content = tmp_path / "stubs", tmp_path / "content"
    content.mkdir()

    def package(name, version, source=""):
        (stubs / name).mkdir(parents=True)
        text = source + f"\n__version__ = {version!r}\n"
        (stubs / name / "__init__.py").write_text(text, encoding="utf-8")
        info = stubs / f"{name}-{version}.dist-info"
        info.mkdir()
        lines = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(lines, encoding="utf-8")

    package("google", "1.0")
    (stubs / "google" / "colab.py").touch()
    package("tensorflow", "2.19.0", TENSORFLOW)

    def runtime(times=1, hidden=(), keras="3.15.1", source=None):
        if not (stubs / "keras").exists():
            package("keras", keras, "layers = ops = None")
        source = source or notebooks.bootstrap_source(repository, "main")
        environment = dict(os.environ, PYTHONPATH=str(stubs), COURSE_PROFILE="")
        return subprocess.run(
            [sys.executable, "-c", DRIVER, json.dumps([source, times, list(hidden)])],
            cwd=content,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    runtime.content = content
    return runtime


def told(done):
    """Return what a run printed, and what the driver noted."""
    assert done.returncode == 0, done.stderr
    *lines, notes = done.stdout.splitlines()
    return lines, json.loads(notes)


COLAB = {  # what a notebook or a module of utils may count on there
    "IPython", "PIL", "h5py", "ipywidgets", "keras", "matplotlib", "numpy", "psutil",
    "requests", "scipy", "skimage", "sklearn", "tensorflow", "tqdm",
}  # fmt: skip


def imports(source):
    """Return the import statements in a source, wherever they stand."""
    nodes = ast.walk(ast.parse(source))
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def code(path):
    return [cell.source for cell in notebooks.code_cells(notebooks.read(path))]


def test_in_each_notebook_the_set_up_cell_and_the_imports_run(colab, repository):
    """Of the committed cells only the address, empty until there is one, differs."""
    paths, lines = notebooks.select(), []
    for path in paths:
        cells = {cell.id: cell.source for cell in notebooks.read(path).cells}
        start = cells["bootstrap"].replace('= "", "main"', f'= "{repository}", "main"')
        lines.append(f"exec({start!r}, {{}})")
        lines += [ast.unparse(node) for node in imports("\n".join(code(path)))]
    printed, (calls, places, file) = told(colab(source="\n".join(lines)))
    assert [call[:2] for call in calls] == [["git", "clone"]] and len(paths) == 15
    assert places == [str(colab.content / FOLDER)] and file.startswith(places[0])
    starts = [line for line in printed if line.startswith("Profile full")]
    assert len(starts) == len(paths) == len(printed)


@pytest.mark.parametrize(
    "path",
    [*notebooks.select(), *sorted((notebooks.ROOT / "utils").glob("*.py"))],
    ids=lambda path: path.stem,
)
def test_what_is_imported_is_there_or_gets_installed(path):
    sources = code(path) if path.suffix == ".ipynb" else [path.read_text("utf-8")]
    names = set()
    for node in imports("\n".join(sources)):
        modules = [name.name for name in node.names]
        modules = [node.module] if isinstance(node, ast.ImportFrom) else modules
        names |= {name.split(".")[0] for name in modules}
    names -= sys.stdlib_module_names | COLAB | {"google", "utils"}
    assert names <= set(session.LIGHT_PACKAGES), names


def test_twice_in_a_row_then_after_a_restart_then_after_a_reset(colab):
    lines, (calls, places, file) = told(colab(times=2))
    root = str(colab.content / FOLDER)
    assert [call[:2] for call in calls] == [["git", "clone"]]  # once, and never pip
    assert places == [root] and file.startswith(root)
    assert lines == 2 * [lines[1]]
    assert lines[1].startswith("Profile full") and "Keras 3.15.1, CPU" in lines[1]
    _, (calls, places, file) = told(colab())  # the runtime restarts: files are there
    assert calls == [] and places == [root] and file.startswith(root)
    shutil.rmtree(root)  # the runtime is reset: the folder is empty again
    _, (calls, places, _) = told(colab())
    assert [call[:2] for call in calls] == [["git", "clone"]] and places == [root]


def test_only_what_lacks_is_installed_and_nothing_it_depends_on(colab):
    hidden = ["sacrebleu", "pooch"]
    _, (calls, _, _) = told(colab(hidden=hidden))
    (command,) = [call for call in calls if "pip" in call]
    options = ["-m", "pip", "install", "--quiet", "--no-deps"]
    assert command[1:] == [*options, "pooch", "sacrebleu"]
    heavy = {"numpy", "tensorflow", "scipy", "matplotlib"}
    assert not heavy & {name.lower() for name in session.LIGHT_PACKAGES.values()}


def test_an_older_keras_is_replaced_once_and_nothing_it_depends_on(colab):
    lines, (calls, _, _) = told(colab(keras="3.10.0", times=2))
    (command,) = [call for call in calls if "pip" in call]
    options = ["-m", "pip", "install", "--quiet", "--no-deps"]
    assert command[1:] == [*options, "keras>=3.15.1"]
    assert len(lines) == 2 and all("Keras 3.15.1, CPU" in line for line in lines)


@pytest.mark.parametrize("before, words", [
    ("", "needs keras 3.15.1 or later, here it is 3.5.0"),  # pip was in vain
    ("import keras\n", "Restart the session"),  # the old one is at work already
])  # fmt: skip
def test_too_old_a_keras_stops_with_one_line(colab, repository, before, words):
    start = notebooks.bootstrap_source(repository, "main")
    done = colab(keras="3.5.0", source=before + start)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()[-1:]
    assert words in line and "Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["", "nowhere"])
def test_without_an_address_or_network_one_line_says_so(colab, address, tmp_path):
    if address:
        address = (tmp_path / "nowhere").as_uri()
    done = colab(source=notebooks.bootstrap_source(address, "main"))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "could not be fetched: open the notebook" in done.stderr.splitlines()[-1]
    assert list(colab.content.iterdir()) == []


@pytest.mark.parametrize("place", [".", "notebooks", "build/run/notebooks"])
def test_in_a_checkout_nothing_is_fetched(colab, place):
    folder = colab.content / place
    shutil.copytree(notebooks.ROOT / "utils", colab.content / "utils")
    folder.mkdir(parents=True, exist_ok=True)
    source = f"import os; os.chdir({str(folder)!r})\n" + notebooks.bootstrap_source()
    _, (calls, _, file) = told(colab(source=source, times=2))
    assert calls == [] and file.startswith(str(colab.content / "utils"))
