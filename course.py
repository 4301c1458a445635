#!/usr/bin/env python3
"""The front door of the course: sets everything up, then starts a command.

It needs only Python 3.11, 3.12 or 3.13. On Windows, write py for python3.

python3 course.py run [NN ...] [--profile quick|full]
    Execute the notebooks (all, or those named, as 01a), make browsable pages
    (build/html/index.html), print a table of seconds, peak memory and status.
python3 course.py test [pytest arguments]
    Run the tests: units, notebooks that must fail, and every notebook against its
    outputs. With -m slow: those that take long or need more than Python.
python3 course.py lab [JupyterLab arguments]
    Open the notebooks in JupyterLab.
python3 course.py execute [NN ...]
    For authors: execute notebooks in the full profile and keep their outputs.
python3 course.py check [NN ...]
    For authors: check that the notebooks keep the conventions.
python3 course.py format [NN ...]
    For authors: mend what the check finds and can be mended without a run.
python3 course.py bench [convolution | mnist | reviews | growth]
    Time our convolution against loops, SciPy and Keras, or trainings, in minutes.
"""

import contextlib  # standard library only, and syntax that old Pythons can read
import errno
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

COMMANDS = {name: f"tools.notebooks {name}" for name in ("execute", "check", "format")}
COMMANDS.update(run="tools.run", test="pytest", bench="tools.bench")
COMMANDS.update(lab="jupyterlab -y --LabApp.default_url=/lab/tree/notebooks")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "course-stamp.txt"
LOG = VENV / "course-setup.log"

NETWORK = "No network, or no package index: check the connection and start again."
DISK = "The disk, or the folder for temporary files, is full: free 4 GB."
TROUBLES = {  # what the end of a log says: the trouble; the first that matches counts
    r"not match the hashes|hash mismatch": "A downloaded package is not the one that "
    "requirements.lock names: start again; if it stays so, use another network.",
    r"no space left|not enough space|disk quota": DISK,
    r"long path|(name|path|extension) (is )?too long|os error 206": "Paths are too "
    r"long for this Windows: move the course to a short one, such as C:\course.",
    r"ensurepip|no module named '?venv": "This Python comes without venv: install it "
    "(Debian, Ubuntu: sudo apt install python3-venv) and start again.",
    r"connection|\bconnect\b|timed out|timeout|name resolution|\bdns\b|proxy|\bssl"
    r"|certificate|incompleteread|failed to fetch|\bnetwork\b": NETWORK,
}
RIGHTS = "{}: move the course to a folder that you may write to, or check your rights"
RIGHTS += ", or close what uses it." if os.name == "nt" else "."
ERRORS = {errno.ENOSPC: DISK, errno.ENOENT: "{}: fetch the whole course again."}
ERRORS.update(dict.fromkeys([errno.EACCES, errno.EPERM, errno.EROFS], RIGHTS))


def say(text, end="\n"):
    """Print to stderr: stdout belongs to the command that is started."""
    print(text, end=end, file=sys.stderr, flush=True)


def check_python():
    """Exit where TensorFlow is not made for this Python or machine."""
    version, machine = sys.version_info[:2], platform.machine().lower()
    if not (3, 11) <= version <= (3, 13):
        age = "old" if version < (3, 11) else "new"
        raise SystemExit(
            f"Python {version[0]}.{version[1]} is too {age}: install 3.12 (python.org) "
            "and type python3.12 course.py run (Windows: py -3.12 course.py run)."
        )
    if (sys.platform, machine) in (("darwin", "x86_64"), ("win32", "arm64")):
        raise SystemExit(
            "TensorFlow is not made for Intel Macs, nor for Python on Windows for ARM: "
            "open the notebooks in Colab, or start a Python made for another processor."
        )


def wanted():
    """Return the stamp of a set-up: for which Python and place, and what packages."""
    place = "{}.{} {} {}".format(*sys.version_info[:2], sysconfig.get_platform(), VENV)
    return f"{place}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"


def recorded():
    """Return the stamp in .venv, or "" where no set-up came to its end."""
    done = PYTHON.exists() and STAMP.exists()
    return STAMP.read_text(encoding="utf-8") if done else ""


def record(stamp):
    """Write the stamp in one step, so that there is a whole one or none."""
    draft = STAMP.with_suffix(".new")
    draft.write_text(stamp, encoding="utf-8")
    draft.replace(STAMP)


def taken(file):
    """Lock a file; return whether another start holds it already.

    It is freed with the last process that holds it, so never stale. Installers hold it
    too, but on Windows: there a start after a kill does not wait for one still at work.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:  # another one: a file system without locks, go on
        return error.errno in (errno.EAGAIN, errno.EACCES)
    return False


def tail(count):
    """Return the last lines of the log that are not empty, as one text."""
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([line.strip() for line in lines if line.strip()][-count:])


def follow(command, lock):
    """Do a step of the set-up, showing where its log is; exit if it fails."""
    live, begin, shown = sys.stderr.isatty(), time.monotonic(), 0.0
    extra = {} if os.name == "nt" else {"pass_fds": [lock.fileno()]}
    with LOG.open("w") as log, contextlib.ExitStack() as stack:
        extra.update(stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        process = subprocess.Popen(command, cwd=ROOT, **extra)
        stack.callback(process.wait)
        stack.callback(process.terminate)  # does nothing where it has ended
        while process.poll() is None:
            time.sleep(0.1)
            seconds = time.monotonic() - begin
            if seconds - shown > (0.5 if live else 15):
                shown = seconds
                line = f"{seconds:5.0f} s  {tail(1):.60}"
                say(f"\r{line:<70}\r" if live else line, end="" if live else "\n")
    if process.returncode:
        text, other = tail(15).lower(), f"The set-up failed: {tail(1)} (see {LOG})."
        known = [line for pattern, line in TROUBLES.items() if re.search(pattern, text)]
        raise SystemExit([*known, other][0])


def make_venv(lock):
    """Make an empty .venv in the place of whatever stands there."""
    if VENV.exists():
        shutil.rmtree(VENV)
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < 4:  # the packages, and what unpacking them needs
        raise SystemExit(f"Only {free:.1f} GB are free in {ROOT}: make that 4 GB.")
    VENV.mkdir()
    # not sys.executable: it may be the one of the .venv that was just removed
    python = getattr(sys, "_base_executable", None) or sys.executable
    follow([python, "-I", "-m", "venv", str(VENV)], lock)


def install(lock):
    """Install the locked packages, byte-compiled: it halves TensorFlow's start."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
    else:
        command = [str(PYTHON), "-Iu", "-m", "pip", "install", "--no-user", "--compile"]
        command += ["--no-input", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--require-hashes", "--no-deps", "--only-binary=:all:", "-r", LOCK.name]
    say(f"Setting up the course with {'uv' if uv else 'pip'}, once: 3 GB on disk,")
    say("about two minutes, more where the network is slow (0.7 GB to download).")
    follow(command, lock)


def set_up():
    """Make .venv hold what requirements.lock names; nothing to do where it does."""
    if recorded() == wanted():
        return
    with (ROOT / ".venv.lock").open("w") as lock:
        if taken(lock):
            say("Another start is setting up the course: waiting for it.")
            while taken(lock):
                time.sleep(0.2)
        old, new = recorded(), wanted()
        if old == new:  # another start has done it meanwhile
            return
        fresh = old.split("\n")[0] != new.split("\n")[0]
        STAMP.unlink(missing_ok=True)
        if fresh:
            make_venv(lock)
        try:
            install(lock)
        except SystemExit as end:
            if end.code == NETWORK and not fresh:  # so nothing was changed
                record(old)
            raise
        record(new)
        say(f"{'The course is set up.':<70}")


def start(command, arguments):
    """Start a command in .venv; return its exit code."""
    line = [str(PYTHON), "-m", *COMMANDS[command].split(), *arguments]
    fixed = dict(TF_CPP_MIN_LOG_LEVEL="3", KERAS_BACKEND="tensorflow", PYTHONUTF8="1")
    same = {**fixed, "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": "-1"}
    env = {**fixed, **os.environ} if command == "lab" else {**os.environ, **same}
    for stray in ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH"):  # bring in other code
        env.pop(stray, None)
    os.chdir(ROOT)
    if os.name != "nt":
        os.execve(line[0], line, env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command
    return subprocess.call(line, env=env)


def parse(argv):
    """Return the command and its arguments, or exit with the help."""
    asked, known = {"-h", "--help"} & set(argv), argv[:1] and argv[0] in COMMANDS
    if known and not asked:
        return argv[0], argv[1:]
    parts = re.split(r"\n(?=python3)", __doc__.strip())
    parts = [part for part in parts if not known or f"course.py {argv[0]}" in part]
    print("\n".join(parts), file=sys.stdout if asked else sys.stderr)
    raise SystemExit(0 if asked else 2)


def main(argv):
    """Do what the command line says; return the exit code."""
    command, arguments = parse(argv)
    try:
        check_python()
        set_up()
        return start(command, arguments)
    except KeyboardInterrupt:
        say("\nInterrupted: the next start mends what is half done.")
        return 130
    except OSError as error:
        raise SystemExit(ERRORS.get(error.errno, "{}.").format(error)) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
