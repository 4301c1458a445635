"""`course.py run` on tiny notebooks: good, failing, dead; the pages made of them."""

import contextlib
import errno
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat.v4 as v4
import pytest
from lesson import ALT, code, markdown, picture

import course
from tools import notebooks, pages, run

PROSE = """## 1.1 A sum

Inline $x_i^2$, and a matrix that rises:

$$\\sum_i \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$

See [the sum](#1.1-A-sum), or [the other](01y_fails.ipynb)."""
SHOW = f"""import base64
from IPython.display import display

data = {{"image/png": base64.b64decode("{picture()}"), "text/plain": "<Figure>"}}
display(data, metadata={{"image/png": {{"alt": "{ALT}"}}}}, raw=True)"""
GOOD = [
    markdown("title", "# Good"),
    markdown("badge", "![Colab](https://badge.example/x.svg)"),
    markdown("prose", PROSE),
    code("profile", "import os\n\nprint(os.environ['COURSE_PROFILE'], os.getcwd())"),
    code("show", SHOW),
    code("memory", "data = b'x' * (200 << 20)\nimport time; time.sleep(0.5)"),
]
FAILS = [markdown("title", "# Fails"), code("fine", "1"), code("divides", "1 / 0")]
KILL = """import os, signal, time

time.sleep(0.5)
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))"""
DIES = [markdown("title", "# Dies"), code("fine", "1"), code("killed", KILL)]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run three notebooks; return (exit status, stdout, stderr, folder, untouched)."""
    folder = tmp_path_factory.mktemp("run")
    lessons = {"01w_dies": DIES, "01x_good": GOOD, "01y_fails": FAILS}
    for name, cells in lessons.items():
        notebooks.write(v4.new_notebook(cells=cells), folder / f"{name}.ipynb")
    paths = notebooks.select(folder=folder)
    before = [path.read_bytes() for path in paths]
    out, err = io.StringIO(), io.StringIO()
    err.isatty = lambda: True  # so that the bar names every cell
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setenv("COURSE_PROFILE", "quick")
        status = run.run(paths, folder / "build")
    untouched = before == [path.read_bytes() for path in paths]
    return status, out.getvalue(), err.getvalue(), folder / "build", untouched


def test_table_and_status(ran):
    status, out, _, _, untouched = ran
    assert status == 1 and untouched
    heading, *rows = [line for line in out.splitlines() if not line.startswith("pages")]
    assert heading.split() == ["notebook", "cells", "seconds", "peak", "MiB", "status"]
    dies, good, fails = (row.split(maxsplit=4) for row in rows)
    assert (good[0], good[1], good[4]) == ("01x_good", "3", "passed")
    assert 200 < float(good[3]) < 600
    assert fails[4] == "FAILED cell divides: ZeroDivisionError: division by zero"
    assert (dies[0], dies[4]) == ("01w_dies", "FAILED cell killed: the kernel died")
    assert float(dies[2]) < 10  # the start of the kernel included


def test_progress_names_the_notebook_and_its_cell(ran):
    _, _, err, _, _ = ran
    for words in ("01x_good", "show", "01y_fails", "divides"):
        assert re.search(rf"\b{words}\b", err)
    assert re.search(r"01x_good: 100%.*6/6.*done", err)
    assert "pages:" not in err  # neither a warning of Sphinx nor a fault of a page


def test_copies_are_executed_beside_the_source(ran):
    *_, build, _ = ran
    nb = notebooks.read(build / "run" / "notebooks" / "01x_good.ipynb")
    profile = nb.cells[3].outputs[0].text.split(maxsplit=1)
    assert profile == ["quick", f"{build / 'run' / 'notebooks'}\n"]
    failed = notebooks.read(build / "run" / "notebooks" / "01y_fails.ipynb")
    assert failed.cells[-1].outputs[0].ename == "ZeroDivisionError"


def test_pages(ran):
    *_, build, _ = ran
    html = build / "html"
    index = (html / "index.html").read_text(encoding="utf-8")
    assert index.index("Dies") < index.index("Good") < index.index("Fails")
    page = (html / "notebooks" / "01x_good.html").read_text(encoding="utf-8")
    assert f'alt="{ALT}"' in page and "badge.example" not in page
    assert 'rel="next"' in page or 'title="next page"' in page
    assert "../_static/mathjax/MathJax.js" in page and r"\(x_i^2\)" in page
    config = html / "_static" / "mathjax" / "config" / "TeX-AMS-MML_HTMLorMML-full.js"
    assert config.is_file() and config.name in page
    assert 'href="01y_fails.html"' in page
    assert (html / "search.html").is_file()
    assert "01y_fails" in (html / "searchindex.js").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in (html / "notebooks" / "01y_fails.html").read_text(
        encoding="utf-8"
    )
    assert pages.page_faults(html) == []


def test_page_faults_are_found(tmp_path):
    (tmp_path / "page.html").write_text(
        '<script src="https://cdn.example/x.js"></script><img src="a.png">'
        '<link href="//fonts.example/f.css"><a href="https://paper.example">p</a>',
        encoding="utf-8",
    )
    script, link, picture = sorted(pages.page_faults(tmp_path))
    assert "<link> is fetched from //fonts" in script
    assert "<script> is fetched from https://cdn" in link
    assert "picture without alternative text" in picture


def test_sphinx_warnings_are_faults(tmp_path):
    (tmp_path / "notebooks").mkdir()
    cells = [markdown("title", "# One"), markdown("bad", "[there](#Nowhere)")]
    nb = v4.new_notebook(cells=cells)
    notebooks.write(nb, tmp_path / "notebooks" / "01x_one.ipynb")
    faults = pages.build(tmp_path, tmp_path / "html")
    assert any("Nowhere" in fault for fault in faults)


def test_a_link_to_a_notebook_that_was_not_run_is_no_fault(tmp_path):
    (tmp_path / "notebooks").mkdir()
    other = notebooks.select()[0].name
    text = f"# One\n\n[out]({other}) [out, too]({other}#Shapes) [gone](00_gone.ipynb)"
    nb = v4.new_notebook(cells=[markdown("title", text)])
    notebooks.write(nb, tmp_path / "notebooks" / "01x_one.ipynb")
    faults = pages.build(tmp_path, tmp_path / "html")
    assert faults and all("00_gone" in fault for fault in faults), faults
    line = "x.ipynb:1: WARNING: 'myst' cross-reference target not found: '{}.ipynb'"
    first, second = (path.stem for path in notebooks.select()[:2])
    assert not pages.leads_out(line.format(first), {first, second})
    assert not pages.leads_out("x.ipynb:1: WARNING: image file not readable", set())


def test_what_sphinx_says_in_another_encoding_is_read(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    code = r"import sys; sys.stderr.buffer.write(b'it\x92s wrong'); sys.exit(1)"
    real = subprocess.run
    monkeypatch.setattr(
        pages.subprocess, "run", lambda _, **o: real([sys.executable, "-c", code], **o)
    )
    assert pages.build(tmp_path, tmp_path / "html") == [
        "it\N{REPLACEMENT CHARACTER}s wrong"
    ]


def test_a_second_run_at_the_same_time_leaves_the_first_alone(tmp_path, capsys):
    work = tmp_path / "run" / "work of the first"
    work.mkdir(parents=True)
    with (tmp_path / "run.lock").open("w") as lock:
        assert not course.taken(lock)
        assert run.run([], tmp_path) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("another `course.py run` is at work")
    assert work.is_dir()


@pytest.mark.parametrize(
    "number, remedy",
    [
        (errno.EROFS, "move the course to a folder that you may write to"),
        (errno.EACCES, "move the course to a folder that you may write to"),
        (errno.ENOSPC, "is full: free 4 GB."),
    ],
)
def test_a_course_that_cannot_be_written_to_is_one_line(
    lesson, monkeypatch, capsys, number, remedy
):
    def refuse(path, *_, **__):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert run.main([str(lesson)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and remedy in err
    assert number == errno.ENOSPC or str(run.BUILD) in err


@pytest.mark.parametrize(
    "variable, arguments, wanted",
    [
        ("", [], "quick"),
        ("full", [], "full"),
        ("full", ["--profile", "quick"], "quick"),
        ("quick", ["--profile=full"], "full"),
    ],
)
def test_the_profile_of_the_environment_counts(
    lesson, monkeypatch, variable, arguments, wanted
):
    monkeypatch.setenv("COURSE_PROFILE", variable)
    monkeypatch.setattr(run, "run", lambda paths: os.environ["COURSE_PROFILE"])
    assert run.main([str(lesson), *arguments]) == wanted


@pytest.mark.slow
def test_the_full_profile_goes_on_with_no_network(tmp_path, monkeypatch, capsys):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # a port that nobody answers
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("COURSE_DATA_DIR", "KERAS_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("COURSE_PROFILE", "full")
    needy = [path for path in notebooks.select() if "need(" in path.read_text("utf-8")]
    build = run.BUILD / "no-network"  # within the course, which its notebooks look for
    assert len(needy) > 10 and run.run(needy, build) == 0, capsys.readouterr().out
    assert capsys.readouterr().out.count("passed, without the real data") == len(needy)
    for path in (build / "run" / "notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert text.count("Used instead: the quick profile") == 1, path.name
    shutil.rmtree(build)


def test_an_unknown_profile_is_refused(lesson, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROFILE", "fast")
    with pytest.raises(SystemExit) as end:
        run.main([str(lesson)])
    assert end.value.code == 2 and "invalid choice: 'fast'" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="needs signals of POSIX")
@pytest.mark.parametrize("tool", [["run"], ["notebooks", "execute"]])
def test_ctrl_c_stops_it_all(lesson, tool):
    flag = lesson.with_suffix(".flag")
    source = f"from time import sleep\nopen({str(flag)!r}, 'w').close()\nsleep(60)"
    notebooks.write(v4.new_notebook(cells=[code("sleeps", source)]), lesson)
    before = lesson.read_bytes()
    start = (
        "import functools, sys; from tools import notebooks, run; "
        f"run.run = functools.partial(run.run, build={str(lesson.parent)!r}); "
        f"sys.exit({tool[0]}.main(sys.argv[1:]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", start, *tool[1:], str(lesson), str(lesson)],
        cwd=notebooks.ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + 60
    while not flag.exists():
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "stopped"  # a kernel may complain before it
    assert lesson.read_bytes() == before


def test_unknown_notebooks_are_one_line(capsys):
    assert run.main(["77"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("no notebook begins with '77'")
    assert err.count("\n") == 1


def test_execute_writes_outputs_in_canonical_form(lesson, capfd, monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "quick")  # which `execute` sets: put it back
    cells = [markdown("title", "# One"), code("sum", "print(1)\nprint(2)\n3")]
    notebooks.write(v4.new_notebook(cells=cells), lesson)
    assert notebooks.execute([lesson], "quick") == []
    nb = notebooks.read(lesson)
    assert lesson.read_text(encoding="utf-8") == notebooks.canonical(nb)
    stream, value = nb.cells[1].outputs
    assert (stream.text, value.data) == ("1\n2\n", {"text/plain": "3"})
    nb.cells[1].source = "print(nothing)"
    notebooks.write(nb, lesson)
    before = lesson.read_bytes()
    (failure,) = notebooks.execute([lesson], "quick")
    assert failure.startswith("01z_lesson.ipynb: cell sum: NameError")
    assert lesson.read_bytes() == before
    nb.cells[1].source = "print('No network. Used instead: digits.')"
    notebooks.write(nb, lesson)
    before = lesson.read_bytes()
    (failure,) = notebooks.execute([lesson], "full")
    assert "cell sum: the real data could not be had" in failure
    assert lesson.read_bytes() == before
    assert notebooks.execute([lesson], "quick") == []
    capfd.readouterr()
