"""Try the course on several Pythons and sets of packages: ``python -m tools.matrix``.

For each Python, the tests run with the lock, with the lowest versions of what
``requirements.txt`` names, and with the newest it admits, each in an environment of
its own (3 GB below ``build/``, removed afterwards). ``--dry-run`` only picks the
versions and shows them. It needs uv and the standard library: any Python can start it.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "matrix"
PYTHONS = ["3.11", "3.12", "3.13"]
SETS = {
    "lock": ["requirements.lock", "--no-deps"],
    "lowest": ["requirements.txt", "--resolution=lowest-direct"],
    "newest": ["requirements.txt", "--resolution=highest"],
}


def uv(*arguments):
    """Run uv; where it fails, RuntimeError holds the last line it says."""
    here = Path(sys.executable).parent / "uv"
    command = [str(here if here.exists() else "uv"), *map(str, arguments)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        raise SystemExit("uv is not installed: see requirements-slow.txt") from None
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1].strip())


def find_python(version):
    """Return the path of a Python, on the PATH or where pyenv keeps it, or None."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        return sys.executable
    places = [shutil.which(f"python{version}"), shutil.which(f"python{version}.exe")]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places += sorted(pyenv.glob(f"{version}.*/bin/python3"), reverse=True)
    for place in filter(None, places):  # what pyenv puts on the PATH may not start
        probe = [str(place), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(probe, capture_output=True, text=True)
        if done.stdout.strip() == version:
            return str(place)
    return None


def pick(version, kind):
    """Return the file that pins every package, for a Python and a set."""
    BUILD.mkdir(parents=True, exist_ok=True)
    target = BUILD / f"{version}-{kind}.txt"
    target.unlink(missing_ok=True)  # uv would keep the versions in it
    options = ["--only-binary=:all:", "--no-header", "--no-annotate"]
    options += [f"--python-version={version}", f"--output-file={target}"]
    uv("pip", "compile", *SETS[kind], *options)
    return target


def pinned(path):
    """Return the versions in a file of pins, by the canonical name of the package."""
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(encoding="utf-8"), re.M)
    return {canonical(name): version for name, version in pins}


def canonical(name):
    """Return the name of a package as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def direct():
    """Return the names in requirements.txt."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [canonical(name) for name in re.findall(r"^([\w-]+)>=", text, re.M)]


def run_tests(python, pins, folder, arguments):
    """Install pins into a new environment and run the tests; return what came of it."""
    started = time.perf_counter()
    shutil.rmtree(folder, ignore_errors=True)
    new = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    try:
        uv("venv", "--quiet", "--python", python, folder)
        install = ["pip", "install", "--quiet", "--compile-bytecode", "--no-deps"]
        uv(*install, "--only-binary=:all:", "--python", new, "-r", pins)
        env = {**os.environ, "PYTHONHASHSEED": "0", "CUDA_VISIBLE_DEVICES": "-1"}
        env["PATH"] = os.pathsep.join([str(new.parent), env["PATH"]])
        status = subprocess.call([new, "-m", "pytest", *arguments], cwd=ROOT, env=env)
    except RuntimeError as error:
        return f"FAILED {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.perf_counter() - started
    return f"{'FAILED' if status else 'passed'} {seconds:.0f} s"


def table(columns, rows):
    """Return a table as text: the rows are lists of the same length."""
    lines = [["", *columns], *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{word:{width}}" for word, width in zip(line, widths, strict=True))
        for line in lines
    )


def main(arguments=None):
    """Run the command line; return the exit status: 0 or 1 (something failed)."""
    parser = argparse.ArgumentParser(prog="tools.matrix", description=__doc__)
    parser.add_argument("--pythons", nargs="+", default=PYTHONS, metavar="3.NN")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--dry-run", action="store_true", help="only pick the versions")
    parser.add_argument("rest", nargs="*", help="for pytest, after --")
    options = parser.parse_args(arguments)
    results, versions = {}, {}
    for version in options.pythons:
        python = find_python(version)
        for kind in options.sets:
            name = f"{version} {kind}"
            try:
                pins = pick(version, kind)
            except RuntimeError as error:
                results[name] = f"FAILED {error}"
                continue
            versions[name] = pinned(pins)
            if python is None:
                results[name] = "FAILED no such Python here"
            elif options.dry_run:
                results[name] = f"versions picked, for {python}"
            else:
                folder = BUILD / f"{version}-{kind}"
                results[name] = run_tests(python, pins, folder, options.rest)
            print(f"{name}: {results[name]}", flush=True)
    if options.dry_run and versions:
        rows = [
            [name, *(pins.get(name, "-") for pins in versions.values())]
            for name in direct()
        ]
        print(table(list(versions), rows))
    failed = [f"{name}: {r}" for name, r in results.items() if r.startswith("FAILED")]
    print("\n".join(failed), file=sys.stderr, end="\n" if failed else "")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
