"""Checks: answers to exercises, and whether a difference is more than luck.

The check of an exercise says what differs first and gives points. It is the last
expression of its cell, so the points are the cell's output, which is what nbgrader
reads. Nothing in it raises for a wrong answer or writes to stderr: nbgrader would take
the one for a crash and the other for a failed test.
"""

import contextlib
import inspect
import io
import logging
import os
import traceback

import numpy as np

__all__ = ["check_function", "check_value", "clearly_greater"]

NOT_ANSWERED = "not answered yet"


def check_function(
    answer, reference, make_input, *, points=1, rounds=5, rtol=1e-5, atol=1e-6
):
    """Compare a function with a reference on random input. Used in every notebook.

    Parameters
    ----------
    answer : callable
        What the student wrote. A stub (``...``, ``pass``, ``raise
        NotImplementedError``) counts as not answered.
    reference : callable
        Returns a number, an array, a string, or a tuple of these. Whole numbers are
        compared more closely than ``rtol``: a count may not be off by one.
    make_input : callable
        ``make_input(rng)`` returns a tuple of arguments. It should vary the shape (not
        always square) and every argument, so that none can be ignored.
    points, rounds : numbers
        What a right answer is worth, and how many random inputs are tried.
    rtol, atol : float
        As in `numpy.isclose`.

    Returns
    -------
    int or float
        ``points`` or 0, an int where it is whole.

    Raises
    ------
    ValueError
        Only for mistakes of the exercise's author: no tuple of arguments, or points or
        rounds that are not above 0.
    """
    points = _whole(points)
    rng = np.random.default_rng()  # new input at every call: it cannot be learnt
    for _ in _range(rounds):
        arguments = _arguments(make_input, rng)
        if problem := _problem(answer, reference, arguments, rtol, atol):
            return _refuse(problem, points, f"input: {_describe(reference, arguments)}")
    tries = "1 random input" if rounds == 1 else f"{rounds} random inputs"
    return _report(f"correct on {tries}: {_score(points, points)}", points)


def _range(rounds):
    """Return the range of the rounds, after a check."""
    if isinstance(rounds, int) and rounds >= 1:
        return range(rounds)
    raise ValueError(f"got rounds={rounds!r}; expected a whole number from 1 on")


def _arguments(make_input, rng):
    """Return random arguments, after a check."""
    with _quiet():
        arguments = make_input(rng)
    if isinstance(arguments, tuple):
        return arguments
    raise ValueError(
        f"make_input returned {_kind(arguments)}; expected a tuple of arguments"
    )


def check_value(answer, expected, *, points=1, rtol=1e-5, atol=1e-6, hint=""):
    """Compare a value with the right one, not giving it away. Used in notebook 00.

    Parameters
    ----------
    answer : number, string, bool, tuple or array
        ``...`` and None count as not answered.
    expected : of the same kind
        Strings are compared without regard to case and outer spaces.
    points, rtol, atol
        As in `check_function`.
    hint : str
        Printed after a wrong answer.

    Returns
    -------
    int or float
        ``points`` or 0, an int where it is whole.

    Raises
    ------
    ValueError
        Only for a mistake of the exercise's author: points are not a number above 0.
    """
    points = _whole(points)
    if _is_stub(answer):
        return _refuse(NOT_ANSWERED, points)
    problem = _difference(expected, answer, rtol, atol, reveal=False)
    if problem:
        return _refuse(problem, points, f"hint: {hint}" if hint else "")
    return _report(f"correct: {_score(points, points)}", points)


def clearly_greater(a, b):
    """Say whether a exceeds b by over two standard errors, paired over the seeds.

    The rule of 00, section 0.4, where it is written from scratch. Used in every
    notebook but 00.

    Parameters
    ----------
    a, b : array-like of float, shape (seeds,)
        What was measured with each seed, in the same order, in one unit; from two seeds
        on. A single number stands for all seeds.

    Returns
    -------
    bool
        Equal measurements, or one "not a number", are no difference.

    Raises
    ------
    ValueError
        Other shapes, or fewer than two seeds: then there is no spread to compare with.
    """
    difference, shapes = None, (np.shape(a), np.shape(b))
    with contextlib.suppress(ValueError):  # unequal lengths
        difference = np.subtract(a, b)
    if difference is None or difference.ndim != 1 or len(difference) < 2:
        raise ValueError(
            f"got shapes {shapes}; expected two of (seeds,), with seeds > 1"
        )
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return bool(difference.mean() > 2 * error)


def _whole(points):
    """Return points as an int where they are whole, after a check."""
    number = isinstance(points, (int, float, np.number)) and points is not True
    if not (number and np.isfinite(points) and points > 0):
        raise ValueError(f"got points={points!r}; expected a number above 0")
    return int(points) if float(points).is_integer() else float(points)


def _report(line, points):
    print(line)
    return points


def _score(earned, points):
    return f"{earned} of {points} {'point' if points == 1 else 'points'}"


def _refuse(problem, points, more=""):
    """Print what is wrong, or that nothing is answered yet; return no points."""
    if problem.startswith(NOT_ANSWERED):
        return _report(f"{problem}: {_score(0, points)}", 0)
    lines = [f"not correct yet: {problem}", more, _score(0, points)]
    return _report("\n  ".join(line for line in lines if line), 0)


def _is_stub(value):
    """Say whether a value is what an untouched stub holds: ``...`` or None."""
    if isinstance(value, (tuple, list)):
        return any(item is ... for item in value)
    return value is None or value is ...


def _kind(value):
    """Name the type and, of an array, the shape."""
    name = type(value).__name__
    return f"{name} of shape {value.shape}" if isinstance(value, np.ndarray) else name


@contextlib.contextmanager
def _quiet():
    """Keep stderr empty: Python's, the loggers' and that of compiled code."""
    level = logging.root.manager.disable
    with contextlib.ExitStack() as stack:
        stack.callback(logging.disable, level)
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        with contextlib.suppress(OSError):  # a process without descriptor 2
            saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, 2)
            os.dup2(null, 2)
            os.close(null)
        logging.disable(logging.CRITICAL)
        yield


def _problem(answer, reference, arguments, rtol, atol):
    """Say what is wrong with the answer to one input; "" where nothing is."""
    if _is_stub(answer):
        return NOT_ANSWERED
    if not callable(answer):
        return f"expected a function, got {_kind(answer)}"
    with _quiet():
        expected = reference(*_copy(arguments))
    given = _copy(arguments)
    got, problem = _call(answer, given)
    if problem:
        return problem
    if got is None:  # `pass`, or a function that computes and forgets to return
        return f"{NOT_ANSWERED} (your function returns None: is a `return` missing?)"
    if _is_stub(got):
        return NOT_ANSWERED
    problem = _difference(expected, got, rtol, atol)
    if not problem and not _same(arguments, given):
        problem = "your function changes its input in place: work on a copy"
    return problem


def _call(answer, arguments):
    """Return what the answer returns, and the problem if it raises."""
    try:
        with _quiet():
            return answer(*arguments), ""
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)[1:]
        text = " ".join(str(error).split())[:200]
        # A stub raises it itself or with no text; a library calls deeper, with a text.
        if isinstance(error, NotImplementedError) and (len(frames) <= 1 or not text):
            return ..., ""
        own = [frame for frame in frames if "site-packages" not in frame.filename]
        where = ", ".join(f"{frame.name} line {frame.lineno}" for frame in own[:3])
        where = f" (in {where})" if own else ""
        return None, f"your function raised {type(error).__name__}: {text}{where}"


def _copy(value):
    """Copy arrays, also inside of tuples, lists and dicts; share all else."""
    if isinstance(value, (tuple, list)):
        return type(value)(_copy(item) for item in value)
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value.copy() if isinstance(value, np.ndarray) else value


def _same(before, after):
    """Say whether what `_copy` copied is unchanged."""
    if isinstance(before, (tuple, list)):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_same(*pair) for pair in pairs)
    if isinstance(before, dict):
        return _same([*before.items()], [*after.items()])
    if not isinstance(before, np.ndarray):
        return True  # shared: a number, a string, a model
    numeric = before.dtype.kind in "fc"
    return np.array_equal(before, after, equal_nan=numeric)


def _describe(reference, arguments):
    """Write the arguments with their names: shapes of arrays, small values whole."""
    try:
        names = list(inspect.signature(reference).parameters)
    except (TypeError, ValueError):
        names = []
    parts = []
    for index, value in enumerate(arguments):
        name = f"{names[index]} = " if index < len(names) else ""
        if isinstance(value, np.ndarray) and value.size > 6:
            text = f"array of shape {value.shape}, {value.dtype}"
        elif isinstance(value, np.ndarray):
            text = np.array2string(value, precision=4, separator=", ")
            text = " ".join(text.split())
        else:
            text = repr(value) if len(repr(value)) <= 60 else _kind(value)
        parts.append(name + text)
    return "; ".join(parts) or "none"


def _is_group(value):
    """Say whether a value is several results, to be compared one by one."""
    return (
        isinstance(value, tuple)
        and any(isinstance(item, str) or np.ndim(item) for item in value)
    ) or (isinstance(value, list) and any(isinstance(item, str) for item in value))


def _difference(expected, got, rtol, atol, reveal=True):
    """Say what differs first between two values; "" where nothing does."""
    if _is_group(expected):
        results = got if isinstance(got, (tuple, list)) else _as_numbers(got)[0]
        if not isinstance(results, (tuple, list)) and np.ndim(results) < 2:
            return f"expected {len(expected)} results, got {_kind(got)}"
        if len(results) != len(expected):
            return f"expected {len(expected)} results, got {len(results)}"
        for number, pair in enumerate(zip(expected, results, strict=True), 1):
            problem = _difference(*pair, rtol, atol, reveal)
            if problem:
                return f"result {number} of {len(expected)}: {problem}"
        return ""
    if isinstance(expected, str):
        return _text_difference(expected, got, reveal)
    got, problem = _as_numbers(got)
    if problem:
        return problem
    return _number_difference(np.asarray(expected), got, rtol, atol, reveal)


def _text_difference(expected, got, reveal):
    if not isinstance(got, str):
        return f"expected text in quotes, got {_kind(got)}"
    same = got == expected
    if reveal:
        return "" if same else f"expected {expected!r}, got {got!r}"
    same = got.strip().casefold() == expected.strip().casefold()
    return "" if same else f"{got!r} is not it"


def _as_numbers(got):
    """Return a value (array, tensor, list, number) as an array, or the problem."""
    if isinstance(got, str):
        return None, f"expected numbers, got the text {got[:40]!r}"
    try:
        with _quiet():
            array = np.asarray(got)
    except Exception as error:
        text = " ".join(str(error).split())[:120]
        return None, f"expected numbers, got {_kind(got)} ({text})"
    if array.dtype.kind not in "biufc":
        return None, f"expected numbers, got {_kind(got)} with dtype {array.dtype}"
    return array, ""


def _number_difference(expected, got, rtol, atol, reveal):
    """Compare the shapes of two arrays, then their values."""
    if got.shape != expected.shape:
        return f"expected {_shape(expected)}, got {_shape(got)}"
    wanted, given = (
        array.astype(complex if array.dtype.kind == "c" else float)
        for array in (expected, got)
    )
    with np.errstate(all="ignore"):
        close = np.isclose(given, wanted, rtol=rtol, atol=atol, equal_nan=True)
        if expected.dtype.kind in "biu":  # 1e-5 of a million: a count ten off
            close &= np.abs(given - wanted) < 0.01
    if close.all():
        return ""
    index = tuple(int(i) for i in np.argwhere(~close)[0]) if expected.ndim else ()
    where = f"at index {list(index)}: " if index else ""
    old, new = expected[index], got[index]
    if not reveal:
        return f"{where}{_number(new)} {_direction(old, new)}"
    count = f" ({(~close).sum()} of {close.size} values differ)" if index else ""
    digits = 6 if _number(old) != _number(new) else 17
    pair = f"expected {_number(old, digits)}, got {_number(new, digits)}"
    return f"{where}{pair}{count}"


def _shape(array):
    return f"shape {array.shape}" if array.ndim else "a single number"


def _number(value, digits=6):
    value = value.item()
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _direction(expected, got):
    """Say how a number is wrong without naming the right one."""
    kinds = {expected.dtype.kind, got.dtype.kind}
    if "b" in kinds or "c" in kinds or not np.isfinite(float(got)):
        return "is not it"
    return "is too large" if float(got) > float(expected) else "is too small"
