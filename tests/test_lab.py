"""`course.py lab`: JupyterLab as a student meets it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

import course


def answered(server, path):
    """Return the address that a server leads to, or "" where it does not answer."""
    try:
        with urllib.request.urlopen(f"{server}{path}?token=x") as answer:
            return answer.geturl()
    except OSError:
        return ""


@pytest.mark.skipif(os.name == "nt", reason="needs a terminal of POSIX")
def test_lab_shows_the_notebooks_reaches_the_solutions_and_ends_at_ctrl_c(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", *course.COMMANDS["lab"].split(), "--no-browser"]
    options = ["--allow-root", f"--port={port}", "--IdentityProvider.token=x"]
    keyboard, terminal = os.openpty()  # started from one, Jupyter would ask: y or n?
    lab = subprocess.Popen(
        [*command, *options],
        cwd=course.ROOT,
        env=dict(os.environ, HOME=str(tmp_path)),
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while not (opened := answered(server, "/")) and time.monotonic() < end:
            time.sleep(0.2)
        assert opened.startswith(f"{server}/lab/tree/notebooks")
        solution = next(course.ROOT.glob("solutions/s00*.py")).name
        assert answered(server, f"/api/contents/solutions/{solution}")
        lab.send_signal(signal.SIGINT)
        assert lab.wait(20) == 0
    finally:
        lab.kill()
        os.close(keyboard)
        os.close(terminal)
