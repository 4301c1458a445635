"""The front door: set-up, its troubles told in one line, and how commands start."""

import ast
import base64
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbval.plugin
import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "course.py"
COMMANDS = ["run", "test", "lab", "execute", "check", "format", "bench"]
posix = pytest.mark.skipif(os.name == "nt", reason="needs scripts and signals of POSIX")


def load(folder, name="course"):
    """Import a module of a folder, without leaving it in sys.modules."""
    spec = importlib.util.spec_from_file_location(f"{name}_copy", folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def copy(folder, lock="probe==1.0\n"):
    """Make a small course: the real course.py, a lock, and a command to start."""
    (folder / "tools").mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    (folder / "requirements.lock").write_text(lock, encoding="utf-8")
    (folder / "tools" / "notebooks.py").write_text(
        textwrap.dedent("""
            import importlib.util, json, os, sys
            probe = importlib.util.find_spec("probe")
            compiled = bool(probe) and os.path.exists(probe.cached)
            print(json.dumps([sys.argv[1:], os.getcwd(), compiled, bool(probe)]))
        """),
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def course(tmp_path):
    """Return course.py, imported from a copy in a folder with an awkward name."""
    return load(copy(tmp_path / "딥러닝 course"))


@pytest.fixture
def steps(course, monkeypatch):
    """Replace the steps of the set-up by quick ones; return the list of those done."""
    done = []

    def follow(command, lock):
        step = "venv" if "venv" in command else "install"
        done.append(step)
        if step == "venv":
            course.PYTHON.parent.mkdir(parents=True)
            course.PYTHON.touch()

    monkeypatch.setattr(course, "follow", follow)
    return done


def message(call, *arguments):
    """Return the line with which a call ends the programme."""
    with pytest.raises(SystemExit) as end:
        call(*arguments)
    assert isinstance(end.value.code, str), "an exit with a text has exit code 1"
    assert "\n" not in end.value.code
    return end.value.code


# What the file promises -----------------------------------------------------------


def test_is_short_and_needs_the_standard_library_only():
    text = SOURCE.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_an_older_python_can_read_the_file():
    ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))


def old_pythons():
    """Find Pythons too old for the course, on the PATH and where pyenv has them."""
    names = [f"python3.{minor}" for minor in range(6, 11)]
    found = [shutil.which(name) for name in names]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found += [versions / "bin/python3" for versions in versions.glob("3.*")]
    for python in filter(None, found):
        probe = [python, "-c", "import sys; print(sys.version_info < (3, 11))"]
        if subprocess.run(probe, capture_output=True).stdout.strip() == b"True":
            yield python


def test_an_older_python_says_so_in_one_line(tmp_path):
    copy(tmp_path / "course")
    pythons = list(old_pythons())
    for python in pythons:
        done = subprocess.run(
            [python, "course.py", "run"],
            cwd=tmp_path / "course",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert re.fullmatch(r"Python 3\.\d+ is too old: .*3\.12.*\n", done.stderr)
    if not pythons:
        pytest.skip("no older Python here")


@pytest.mark.parametrize(
    ("version", "age"), [((3, 8), "old"), ((3, 10), "old"), ((3, 14), "new")]
)
def test_python_too_old_or_too_new(course, steps, monkeypatch, version, age):
    monkeypatch.setattr(course, "sys", SimpleNamespace(version_info=(*version, 0)))
    line = message(course.main, ["run"])
    assert line.startswith("Python {}.{} is too {}: ".format(*version, age))
    assert "install 3.12" in line
    assert steps == []


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_pythons_pass(course, monkeypatch, version):
    fake = SimpleNamespace(version_info=(*version, 0), platform="linux")
    monkeypatch.setattr(course, "sys", fake)
    assert course.check_python() is None


@pytest.mark.parametrize(
    ("system", "machine", "fine"),
    [
        ("darwin", "x86_64", False),
        ("win32", "ARM64", False),
        ("darwin", "arm64", True),
        ("win32", "AMD64", True),
        ("linux", "x86_64", True),
        ("linux", "aarch64", True),
    ],
)
def test_machines_without_tensorflow_are_named(
    course, monkeypatch, system, machine, fine
):
    fake = SimpleNamespace(version_info=(3, 12, 0), platform=system)
    monkeypatch.setattr(course, "sys", fake)
    monkeypatch.setattr(course.platform, "machine", lambda: machine)
    if fine:
        assert course.check_python() is None
    else:
        assert re.search("Intel Macs.*Colab", message(course.check_python))


# Help -----------------------------------------------------------------------------


def test_help_names_every_command(course, capsys):
    assert sorted(course.COMMANDS) == sorted(COMMANDS)
    with pytest.raises(SystemExit) as end:
        course.main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert all(f"python3 course.py {command}" in text for command in COMMANDS)


@pytest.mark.parametrize(
    ("command", "word"),
    zip(
        COMMANDS,
        ["pages", "slow", "JupyterLab", "full profile", "conventions", "mend", "Time"],
        strict=True,
    ),
)
def test_each_command_has_its_own_help(course, steps, capsys, command, word):
    with pytest.raises(SystemExit) as end:
        course.main([command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert word in text
    assert text.count("python3 course.py") == 1
    assert steps == [], "help needs no set-up"


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["--profile"]])
def test_other_commands_get_the_help_and_exit_code_2(course, steps, capsys, argv):
    with pytest.raises(SystemExit) as end:
        course.main(argv)
    assert end.value.code == 2
    assert "course.py lab" in capsys.readouterr().err
    assert steps == []


# When the set-up is done, and when it is not --------------------------------------


def test_a_second_start_does_nothing(course, steps):
    course.set_up()
    assert steps == ["venv", "install"]
    course.set_up()
    assert steps == ["venv", "install"]


def test_a_changed_lock_is_installed_into_the_same_venv(course, steps):
    course.set_up()
    course.LOCK.write_text("probe==2.0\n", encoding="utf-8")
    course.set_up()
    course.set_up()
    assert steps == ["venv", "install", "install"]


def damage(course, how):
    """Bring a finished set-up into a state that has to be mended."""
    if how == "no stamp":
        course.STAMP.unlink()
    elif how == "half a stamp":
        course.STAMP.write_text(course.wanted()[:9], encoding="utf-8")
    elif how == "no python":
        course.PYTHON.unlink()
    elif how == "another python":
        text = course.STAMP.read_text(encoding="utf-8")
        course.STAMP.write_text("2" + text[1:], encoding="utf-8")
    elif how == "moved":
        text = course.STAMP.read_text(encoding="utf-8")
        text = text.replace(str(course.VENV), str(course.VENV.parent / "before"))
        course.STAMP.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "how", ["no stamp", "half a stamp", "no python", "another python", "moved"]
)
def test_a_damaged_venv_is_made_again(course, steps, how):
    course.set_up()
    (course.VENV / "left over").touch()
    damage(course, how)
    course.set_up()
    assert steps == ["venv", "install"] * 2
    assert not (course.VENV / "left over").exists()
    course.set_up()
    assert len(steps) == 4


@pytest.mark.parametrize("updating", [False, True])
@pytest.mark.parametrize("trouble", ["NETWORK", "DISK"])
def test_what_a_failure_leaves(course, steps, monkeypatch, trouble, updating):
    if updating:
        course.set_up()
        before = course.STAMP.read_text(encoding="utf-8")
        course.LOCK.write_text("probe==2.0\n", encoding="utf-8")

    def fail(lock):
        raise SystemExit(getattr(course, trouble))

    with monkeypatch.context() as patch:
        patch.setattr(course, "install", fail)
        assert message(course.main, ["check"]) == getattr(course, trouble)
    if updating and trouble == "NETWORK":  # nothing was changed: the old one stays good
        assert course.STAMP.read_text(encoding="utf-8") == before
    else:
        assert not course.STAMP.exists()
    course.set_up()
    assert course.recorded() == course.wanted()


def test_little_free_space_is_told_beforehand(course, steps, monkeypatch):
    usage = SimpleNamespace(free=1.26e9)
    monkeypatch.setattr(course.shutil, "disk_usage", lambda path: usage)
    line = message(course.main, ["test"])
    assert re.search(r"Only 1\.3 GB are free in .*: make that 4 GB\.", line)
    assert steps == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (
            errno.ENOSPC,
            "The disk, or the folder for temporary files, is full: free 4 GB.",
        ),
        (errno.ENOENT, "some/file': fetch the whole course again."),
        (errno.EACCES, "some/file': move the course to a folder that you may write"),
        (errno.EPERM, "move the course to a folder that you may write"),
        (errno.EROFS, "move the course to a folder that you may write"),
        (errno.EIO, "some/file'."),
    ],
)
def test_errors_of_the_file_system_are_one_line(
    course, steps, monkeypatch, number, words
):
    def fail(stamp):
        raise OSError(number, os.strerror(number), "some/file")

    monkeypatch.setattr(course, "record", fail)
    line = message(course.main, ["test"])
    assert words in line
    assert ("close what uses it" in line) == (os.name == "nt" and "move" in line)


def test_ctrl_c_is_one_line(course, steps, monkeypatch, capsys):
    def interrupt(lock):
        raise KeyboardInterrupt

    monkeypatch.setattr(course, "install", interrupt)
    assert course.main(["test"]) == 130
    assert "Interrupted: the next start mends" in capsys.readouterr().err
    assert not course.STAMP.exists()


# Installers -----------------------------------------------------------------------


@pytest.mark.parametrize("uv", [None, "/somewhere/uv"])
def test_uv_is_preferred_and_both_demand_hashes(course, monkeypatch, uv):
    commands = []
    monkeypatch.setattr(course.shutil, "which", lambda name: uv)
    monkeypatch.setattr(
        course, "follow", lambda command, lock: commands.append(command)
    )
    course.install(None)
    (command,) = commands
    wanted = {"--require-hashes", "--no-deps", "--only-binary=:all:", course.LOCK.name}
    assert wanted < set(command)
    if uv:
        assert command[:5] == [uv, "pip", "install", "--python", str(course.PYTHON)]
        assert "--compile-bytecode" in command
    else:
        assert command[:4] == [str(course.PYTHON), "-Iu", "-m", "pip"]
        assert "--compile" in command


LOGS = {
    "network, pip": (
        "WARNING: Retrying (Retry(total=0)) after connection broken by '...: Failed to "
        "establish a new connection: [Errno 111] Connection refused')': /simple/x/\n"
        "ERROR: Could not find a version that satisfies the requirement absl-py\n"
        "ERROR: No matching distribution found for absl-py\n",
        "No network",
    ),
    "network, uv": (
        "error: Request failed after 3 retries in 8.5s\n  cause: Failed to fetch: x\n"
        "  cause: client error (Connect)\n  cause: tcp connect error\n",
        "No network",
    ),
    "stall, pip": (
        "ReadTimeoutError: HTTPSPool: Read timed out.",
        "No network",
    ),
    "hash, pip": (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"
        "    Expected sha256 28\n         Got        72\n",
        "A downloaded package is not the one",
    ),
    "hash, uv": (
        "error: Failed to download `absl-py`\n  cause: Hash mismatch for `absl-py`\n",
        "A downloaded package is not the one",
    ),
    "disk, pip": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space "
        "left on device\n",
        "The disk, or the folder for temporary files, is full",
    ),
    "long paths, pip": (
        "ERROR: Could not install packages due to an OSError: [Errno 2] No such file\n"
        "HINT: This error might have occurred since this system does not have Windows "
        "Long Path support enabled.\n",
        r"such as C:\course",
    ),
    "long paths, uv": (
        "error: Failed to install\n  cause: (in Windows' language) (os error 206)\n",
        r"such as C:\course",
    ),
    "no venv": (
        "The virtual environment was not created successfully because ensurepip is\n"
        "not available.  On Debian, you need to install the python3-venv package\n",
        "python3-venv",
    ),
    "other": (
        "Collecting networkx\n\nERROR: something else\n",
        "ERROR: something else",
    ),
}


@pytest.mark.parametrize("name", LOGS)
def test_what_the_log_says_is_told_in_one_line(course, tmp_path, name):
    log, words = LOGS[name]
    course.VENV.mkdir()
    command = [sys.executable, "-c", f"print({log!r}); raise SystemExit(3)"]
    with (tmp_path / "lock").open("w") as lock:
        assert words in message(course.follow, command, lock)


def test_progress_is_shown(course, tmp_path, monkeypatch, capsys):
    course.VENV.mkdir()
    code = "import time; print('Collecting probe', flush=True); time.sleep(1.2)"
    fake = SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(course, "sys", fake)
    lines = []
    monkeypatch.setattr(course, "say", lambda text, end="\n": lines.append(text))
    with (tmp_path / "lock").open("w") as lock:
        course.follow([sys.executable, "-c", code], lock)
    assert any(re.match(r"\r +1 s  Collecting probe +\r", line) for line in lines)


# How commands start ---------------------------------------------------------------


@pytest.fixture
def started(course, monkeypatch):
    """Return a function that starts a command and gives its line and environment."""
    monkeypatch.chdir(course.ROOT)  # so that it is restored

    class Replaced(Exception):
        """Says that another programme has taken the place of this one."""

    def execve(*arguments):
        raise Replaced(*arguments)

    monkeypatch.setattr(course.os, "execve", execve)

    def start(*argv):
        with pytest.raises(Replaced) as end:
            course.start(argv[0], list(argv[1:]))
        path, line, env = end.value.args
        assert path == line[0] == str(course.PYTHON)
        return line[1:], env

    return start


@posix
@pytest.mark.parametrize(
    ("argv", "line"),
    [
        ("run", "-m tools.run"),
        ("run 01a 05 --profile full", "-m tools.run 01a 05 --profile full"),
        ("run --profile=full", "-m tools.run --profile=full"),
        ("test -m slow -k x", "-m pytest -m slow -k x"),
        (
            "lab --no-browser",
            "-m jupyterlab -y --LabApp.default_url=/lab/tree/notebooks --no-browser",
        ),
        ("execute 01a", "-m tools.notebooks execute 01a"),
        ("check 01a --new", "-m tools.notebooks check 01a --new"),
        ("format", "-m tools.notebooks format"),
        ("bench", "-m tools.bench"),
    ],
)
def test_arguments_are_passed_on(started, argv, line):
    assert started(*argv.split())[0] == line.split()


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_environment(started, monkeypatch, command):
    for name in ("CUDA_VISIBLE_DEVICES", "PYTHONHASHSEED", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.setenv(name, "1")
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "elsewhere")
    for name in ("KERAS_BACKEND", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    env = started(command)[1]
    names = "CUDA_VISIBLE_DEVICES PYTHONHASHSEED TF_CPP_MIN_LOG_LEVEL KERAS_BACKEND"
    values = "1 1 1 tensorflow" if command == "lab" else "-1 0 3 tensorflow"
    assert [env[name] for name in names.split()] == values.split()
    assert env["PYTHONUTF8"] == "1"
    assert not {"PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH"} & set(env)


def test_tests_run_in_the_quick_profile_whatever_is_set(monkeypatch):
    monkeypatch.setattr(nbval.plugin, "RunningKernel", nbval.plugin.RunningKernel)
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    monkeypatch.setenv("KERAS_BACKEND", "x")  # so that it is put back
    monkeypatch.delenv("KERAS_BACKEND")
    load(ROOT, "conftest")  # as pytest does at its start
    names = ("COURSE_PROFILE", "PYTHONHASHSEED", "KERAS_BACKEND")
    assert [os.environ[name] for name in names] == ["quick", "7", "tensorflow"]


# The real thing, with a package of our own in the place of 3 GB -------------------


def wheel(folder, version="1.0"):
    """Make a wheel of one module; return its line for a lock."""
    folder.mkdir(exist_ok=True)
    info = f"probe-{version}.dist-info"
    files = {
        "probe.py": f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: probe\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
    }
    record = ""
    path = folder / f"probe-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            digest = hashlib.sha256(text.encode()).digest()
            code = base64.urlsafe_b64encode(digest).decode().rstrip("=")
            record += f"{name},sha256={code},{len(text)}\n"
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"probe=={version} --hash=sha256:{digest}\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return a course that was really set up with pip, and how to start a command."""
    base = tmp_path_factory.mktemp("real")
    folder = copy(base / "course", wheel(base / "wheels"))
    (base / "no uv here").mkdir()
    settings = {
        "PATH": str(base / "no uv here"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": (base / "wheels").as_uri(),
        "PIP_NO_INDEX": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def start(*argv, **changes):
        env = {**os.environ, **settings, **changes}
        env = {name: value for name, value in env.items() if value}
        done = subprocess.run(
            [sys.executable, str(folder / "course.py"), *argv],
            cwd=base,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        return done

    first = start("check", "01a", "--strict")
    assert first.returncode == 0, first.stderr
    return SimpleNamespace(folder=folder, start=start, first=first, base=base)


def test_pip_installs_compiles_and_starts_the_command(real):
    argv, cwd, compiled, found = json.loads(real.first.stdout)
    assert argv == ["check", "01a", "--strict"]
    assert Path(cwd) == real.folder
    assert compiled and found
    assert "Setting up the course with pip" in real.first.stderr


def test_the_second_start_is_quick_and_silent(real):
    begin = time.monotonic()
    second = real.start("check")
    assert time.monotonic() - begin < 2
    assert (second.returncode, second.stderr) == (0, "")


def test_pip_troubles_are_one_line_and_mended(real):
    lock = real.folder / "requirements.lock"
    good = lock.read_text(encoding="utf-8")
    new = wheel(real.base / "wheels", "2.0")
    unreachable = {
        "PIP_NO_INDEX": "",
        "PIP_FIND_LINKS": "",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_RETRIES": "1",
    }
    try:
        lock.write_text(new, encoding="utf-8")
        done = real.start("check", **unreachable)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("No network")

        lock.write_text(good, encoding="utf-8")  # what it names is still there
        assert real.start("check", **unreachable).stderr == ""

        lock.write_text(new[:-9] + "12345678\n", encoding="utf-8")
        done = real.start("check")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].startswith("A downloaded package is not")
    finally:
        lock.write_text(good, encoding="utf-8")
    done = real.start("check")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[3]


# Interruptions and two starts at once ---------------------------------------------

UV = """#!{python}
import os, pathlib, sys, time
calls = pathlib.Path(__file__).with_name("calls")
with calls.open("a") as file:
    file.write(f"begin {{os.getpid()}}\\n")
time.sleep(float(os.environ["FAKE_UV_SECONDS"]))
with calls.open("a") as file:
    file.write("end\\n")
"""
DRIVER = """
import signal, sys
import course
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by background jobs
follow = course.follow
def without_pip(command, lock):  # pip takes seconds, and is not needed here
    follow(command + ["--without-pip"] if "venv" in command else command, lock)
course.follow = without_pip
sys.exit(course.main(["check"]))
"""


@pytest.fixture
def slow_uv(tmp_path):
    """Return how to start a course whose installer takes as long as is said."""
    folder = copy(tmp_path / "course")
    (folder / "driver.py").write_text(DRIVER, encoding="utf-8")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV.format(python=sys.executable), encoding="utf-8")
    uv.chmod(0o755)
    calls = uv.with_name("calls")
    calls.touch()
    processes = []

    def start(seconds):
        env = {**os.environ, "FAKE_UV_SECONDS": str(seconds), "PATH": str(uv.parent)}
        process = subprocess.Popen(
            [sys.executable, "driver.py"],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    def wait(text, count=1):
        end = time.monotonic() + 30
        while calls.read_text().count(text) < count:
            assert time.monotonic() < end, f"no {text!r} of the installer"
            time.sleep(0.02)

    yield SimpleNamespace(start=start, wait=wait, calls=calls, folder=folder)
    for process in processes:
        process.kill()
        process.communicate()


@posix
def test_ctrl_c_stops_the_installer_and_the_next_start_mends(slow_uv):
    first = slow_uv.start(60)
    slow_uv.wait("begin")
    first.send_signal(signal.SIGINT)
    errors = first.communicate(timeout=30)[1]
    assert first.returncode == 130
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith("Interrupted")
    installer = int(slow_uv.calls.read_text().split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(installer, 0)

    second = slow_uv.start(0)
    errors = second.communicate(timeout=30)[1]
    assert second.returncode == 0, errors
    assert "waiting" not in errors
    assert slow_uv.calls.read_text().count("end") == 1


@posix
def test_after_a_kill_the_next_start_waits_for_the_installer_and_mends(slow_uv):
    first = slow_uv.start(2)
    slow_uv.wait("begin")
    first.kill()
    second = slow_uv.start(0)
    errors = second.communicate(timeout=30)[1]
    assert second.returncode == 0, errors
    assert "waiting for it" in errors
    lines = [line.split()[0] for line in slow_uv.calls.read_text().splitlines()]
    assert lines == ["begin", "end"] * 2, "one after the other"


@posix
def test_two_starts_at_once_install_once(slow_uv):
    first = slow_uv.start(1)
    slow_uv.wait("begin")
    second = slow_uv.start(1)
    for process in (first, second):
        errors = process.communicate(timeout=30)[1]
        assert process.returncode == 0, errors
    assert slow_uv.calls.read_text().count("begin") == 1


# Packages -------------------------------------------------------------------------


def requirements(name="requirements.txt"):
    """Return the lines of a file of requirements that name a package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


SLOW = "requirements-slow.txt"  # what tests may import, but only slow ones


@pytest.mark.parametrize("line", requirements() + requirements(SLOW))
def test_every_requirement_has_a_range_and_a_reason(line):
    assert re.fullmatch(r"[\w-]+>=[\d.]+,<\d+  # \w.{10,}", line)


def test_what_is_imported_is_required():
    own = {"course", "solutions", "tools", "utils"}
    own |= {path.stem for path in (ROOT / "tests").glob("*.py")}
    names = {  # where the package is called otherwise
        "bs4": "beautifulsoup4",
        "PIL": "pillow",
        "skimage": "scikit-image",
        "sklearn": "scikit-learn",
    }
    sources = {}
    for pattern in ("*.py", "[dstu]*/*.py"):  # docs, solutions, tests, tools, utils
        for path in ROOT.glob(pattern):
            sources[path] = path.read_text(encoding="utf-8")
    for path in ROOT.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        sources[path] = "\n".join(code)
    assert len(sources) > 30
    required, slow = (
        {canonical(re.match(r"[\w-]+", line)[0]) for line in lines}
        for lines in (requirements(), requirements(SLOW))
    )
    for path, source in sources.items():
        modules = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                modules |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module.split(".")[0])
        modules -= own | sys.stdlib_module_names
        lacking = {canonical(names.get(name, name)) for name in modules} - required
        lacking -= slow if path.parent.name == "tests" else set()
        assert not lacking, f"{path.name} imports {lacking}"


def test_the_lock_covers_every_requirement_with_hashes_and_no_address():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    head, *pins = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert "uv pip compile --universal --python-version 3.11 --generate-hashes" in head
    assert "requirements.txt -o requirements.lock" in head
    pinned = {}
    for pin in pins:
        assert re.match(
            r"[\w.-]+==\S+( ; .*)? \\\n +--hash=sha256:[0-9a-f]{64}", pin
        ), pin
        name, version = re.match(r"([\w.-]+)==([\d.]+)", pin).groups()
        pinned[canonical(name)] = [int(part) for part in version.strip(".").split(".")]
    for line in requirements():
        name, lowest = re.match(r"([\w-]+)>=([\d.]+)", line).groups()
        assert pinned[canonical(name)] >= [int(part) for part in lowest.split(".")]
    assert not re.search(r"://|index-url|find-links|\.(org|com|io)\b", "".join(pins))
    assert "://" not in head


def test_continuous_integration_does_what_a_user_does():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert lines[-1] == "python3 course.py test"
    assert len(lines) == 3 and lines[1].startswith("cd ")


@pytest.mark.slow
def test_the_real_set_up_in_an_empty_folder(tmp_path):
    """Installs everything (3 GB); the second start takes under 2 s."""
    shutil.copy(SOURCE, tmp_path)
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    try:
        for _ in range(2):
            begin = time.monotonic()
            done = subprocess.run(
                [sys.executable, "course.py", "test", "--version"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        assert time.monotonic() - begin < 2
        python = load(tmp_path).PYTHON
        code = "import tensorflow, keras; print(keras.__version__)"
        subprocess.run([python, "-c", code], check=True, capture_output=True)
    finally:
        shutil.rmtree(tmp_path / ".venv", ignore_errors=True)
