"""Exercise checks: right answers get points, every kind of wrong one is refused."""

import logging
import os
import sys
import warnings

import numpy as np
import pytest

from utils.checks import check_function, check_value, clearly_greater


def reference(image, stride):
    return np.cumsum(image, axis=1)[::stride, ::stride] * 1.5


def make_input(rng):
    """Never square, stride 1 to 3, so that a shortcut shows."""
    rows = int(rng.integers(4, 8))
    image = rng.normal(size=(rows, rows + int(rng.integers(1, 4))))
    return image, int(rng.integers(1, 4))


def run(answer, points=2, **settings):
    return check_function(answer, reference, make_input, points=points, **settings)


@pytest.fixture
def refused(capfd):
    """A function that asserts an answer gets nothing, and returns what was said."""

    def judge(answer, **settings):
        earned = run(answer, **settings)
        out, err = capfd.readouterr()
        assert (earned, type(earned), err) == (0, int, "")
        assert out.endswith("0 of 2 points\n") or out.startswith("not answered yet")
        return out

    return judge


def test_a_right_answer_gets_its_points(capfd):
    assert run(reference) == 2
    assert capfd.readouterr() == ("correct on 5 random inputs: 2 of 2 points\n", "")


@pytest.mark.parametrize(
    ("points", "earned", "kind", "line"),
    [
        (1, 1, int, "1 of 1 point"),
        (2.0, 2, int, "2 of 2 points"),
        (np.float64(3), 3, int, "3 of 3 points"),
        (0.5, 0.5, float, "0.5 of 0.5 points"),
    ],
)
def test_points_are_whole_where_they_can_be(points, earned, kind, line, capsys):
    result = run(reference, points=points, rounds=1)
    assert (result, type(result)) == (earned, kind)
    assert capsys.readouterr().out == f"correct on 1 random input: {line}\n"


@pytest.mark.parametrize("kind", ["list", "float32", "tensor", "tuple of rows"])
def test_other_containers_of_the_right_numbers_are_right(kind):
    def answer(image, stride):
        result = reference(image, stride)
        if kind == "tensor":
            return pytest.importorskip("tensorflow").constant(result)
        if kind == "float32":
            return result.astype("float32")
        return result.tolist() if kind == "list" else tuple(result)

    assert run(answer) == 2


def stub_dots(image, stride):
    return ...


def stub_pass(image, stride):
    pass


def stub_raise(image, stride):
    raise NotImplementedError


@pytest.mark.parametrize("stub", [stub_dots, stub_pass, stub_raise, ..., None])
def test_a_stub_is_not_answered_yet(stub, refused):
    said = refused(stub)
    assert said.startswith("not answered yet")
    assert said.count("0 of 2 points") == 1
    assert ("is a `return` missing?" in said) is (stub is stub_pass)


def test_a_library_s_not_implemented_error_is_no_stub(refused):
    def library():
        raise NotImplementedError("no such layout")

    def answer(image, stride):
        return library()

    assert "raised NotImplementedError: no such layout" in refused(answer)


def test_a_wrong_shape_is_told_before_values(refused):
    said = refused(lambda image, stride: image[1:, :])
    assert "expected shape (" in said and ", got shape (" in said
    said = refused(lambda image, stride: 3.0)
    assert "got a single number" in said


def test_the_first_wrong_value_is_told_with_its_index(capsys):
    def answer(x):
        result = x * 2
        result[1, 2] += 1
        result[2, 0] += 1
        return result

    inputs = [np.arange(12.0).reshape(3, 4)]
    assert check_function(answer, lambda x: x * 2, lambda rng: tuple(inputs)) == 0
    said = capsys.readouterr().out
    assert "at index [1, 2]: expected 12, got 13 (2 of 12 values differ)" in said
    assert "input: x = array of shape (3, 4), float64" in said


def test_input_is_described_by_name_and_small_values_whole(capsys):
    def truth(signal, step):
        return signal * step

    check_function(lambda a, b: a, truth, lambda rng: (np.array([1.5, -2]), 3))
    assert "input: signal = [ 1.5, -2. ]; step = 3" in capsys.readouterr().out


def test_a_tiny_difference_is_shown_with_all_digits(capsys):
    def answer(x):
        return x + 1e-9

    settings = {"rtol": 0, "atol": 1e-12}
    check_function(answer, lambda x: x, lambda rng: (np.float64(1),), **settings)
    assert "expected 1, got 1.00000000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda image, stride: reference(image, stride).astype(object), "dtype object"),
        (lambda image, stride: reference(image, stride).astype(str), "dtype <U"),
        (lambda image, stride: "4.5", "got the text '4.5'"),
        (lambda image, stride: {1, 2}, "got set"),
        (lambda image, stride: [[1, 2], [3]], "expected numbers, got list"),
        (lambda image, stride: reference, "got function"),
        (lambda image, stride: 1 / 0, "raised ZeroDivisionError: division by zero"),
        (lambda image: image, "raised TypeError"),
        (lambda image, stride: sys.exit("bye"), "raised SystemExit: bye"),
        (lambda image, stride: undefined, "raised NameError"),  # noqa: F821
        (lambda image, stride: reference(image, stride) * np.nan, "got nan"),
        (lambda image, stride: reference(image, stride) + 1e-3, "expected"),
        (lambda image, stride: reference(image, stride) + 0.1j, "expected"),
        (42, "expected a function, got int"),
    ],
)
def test_wrong_answers_are_refused_with_the_reason(answer, said, refused):
    assert said in refused(answer)


def test_an_exception_names_the_line_of_the_students_function(refused):
    def answer(image, stride):
        return np.reshape(image, (1, 1))

    line = answer.__code__.co_firstlineno + 1
    assert f"(in answer line {line})\n" in refused(answer)


def test_an_answer_inside_of_another_function_is_followed(refused):
    def wrapper(image, stride):
        return stub_raise(image, stride)

    assert refused(wrapper) == "not answered yet: 0 of 2 points\n"

    def inner(image):
        return image.no_such_method()

    said = refused(lambda image, stride: inner(image))
    assert f", inner line {inner.__code__.co_firstlineno + 1})" in said


def test_endless_recursion_is_reported(refused):
    def answer(image, stride):
        return answer(image, stride)

    assert "raised RecursionError" in refused(answer)


def test_right_only_for_square_input_is_refused(refused):
    refused(lambda image, stride: reference(image[:, : len(image)], stride))


def test_a_random_input_catches_an_ignored_argument():
    """One in three strides is 1, so five rounds miss it once in 243 checks."""

    def answer(image, stride):
        return reference(image, 1)

    assert sum(run(answer) == 0 for _ in range(20)) >= 17


def test_input_is_fresh_at_every_call_and_every_round():
    seen = []

    def answer(image, stride):
        seen.append(image.tobytes())
        return reference(image, stride)

    np.random.seed(0)
    run(answer)
    np.random.seed(0)
    run(answer)
    assert len(set(seen)) == len(seen) == 10


def test_a_change_in_place_cannot_hide_an_error(refused):
    """Shared memory would make both results the same wrong one."""

    def answer(image, stride):
        image *= 0
        return np.zeros_like(reference(image, stride))

    assert "expected" in refused(answer)


def test_a_right_result_that_changes_its_input_is_refused(refused):
    def answer(image, stride):
        result = reference(image, stride)
        image[0, 0] = 7
        return result

    assert "changes its input in place" in refused(answer)


@pytest.mark.parametrize("container", [list, dict, tuple])
def test_changes_inside_containers_are_seen(container, capsys):
    def make(rng):
        arrays = [rng.normal(size=3), rng.normal(size=2)]
        return (dict(enumerate(arrays)) if container is dict else container(arrays),)

    def truth(weights):
        return weights[0].sum()

    def greedy(weights):
        total = weights[0].sum()
        weights[0][0] += 1
        return total

    assert check_function(truth, truth, make) == 1
    assert check_function(greedy, truth, make) == 0
    assert "changes its input" in capsys.readouterr().out


def test_a_reference_that_changes_its_input_is_harmless():
    def truth(x):
        x += 1
        return x

    assert check_function(lambda x: x + 1, truth, lambda r: (r.normal(size=4),)) == 1


def test_nothing_reaches_stderr(capfd, monkeypatch):
    def write(message, *_):  # as Python does where pytest does not collect warnings
        sys.stderr.write(str(message))

    logger = logging.getLogger("kept")
    handler = logging.StreamHandler(sys.stderr)  # keeps the stream, as TensorFlow's
    logger.addHandler(handler)

    def noisy(image, stride):
        print("print", file=sys.stderr)
        os.write(2, b"descriptor")
        warnings.warn("warning", stacklevel=1)
        logger.error("logger")
        return reference(image, stride)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", write)
        assert run(noisy) == 2
        assert check_function(reference, noisy, make_input) == 1
    logger.removeHandler(handler)
    assert capfd.readouterr().err == ""


def test_stderr_and_logging_work_again_afterwards(capfd, caplog):
    run(reference)
    run(lambda image, stride: 1 / 0)
    os.write(2, b"still here")
    print("and here", file=sys.stderr)
    logging.getLogger("after").error("logged")
    err = capfd.readouterr().err
    assert "still here" in err and "and here" in err
    assert "logged" in caplog.text


def test_what_a_student_prints_stays_visible(capsys):
    def chatty(image, stride):
        print("shape", image.ndim)
        return reference(image, stride)

    assert run(chatty) == 2
    assert capsys.readouterr().out.count("shape 2") == 5


def counts(rng):
    return (int(rng.integers(1_000_000, 9_000_000)),)


@pytest.mark.parametrize(
    ("answer", "points"),
    [
        (lambda n: n, 1),
        (lambda n: float(n), 1),
        (lambda n: n + 1, 0),
        (lambda n: n - 1.0, 0),
        (lambda n: np.int32(n) + 1, 0),
    ],
)
def test_whole_numbers_may_not_be_off_by_one(answer, points):
    assert check_function(answer, lambda n: n, counts) == points


def test_unsigned_numbers_do_not_wrap():
    def truth(x):
        return x

    def make(rng):
        return (rng.integers(1, 9, size=5).astype(np.uint8),)

    assert check_function(lambda x: x.astype(int) - 1, truth, make) == 0
    assert check_function(lambda x: x.astype(int), truth, make) == 1


def test_tolerances_reach_the_comparison():
    assert run(lambda image, stride: reference(image, stride) + 1e-3, atol=1e-2) == 2
    assert run(lambda image, stride: reference(image, stride) * 1.01, rtol=0.1) == 2
    assert run(lambda image, stride: reference(image, stride) * 1.01) == 0


def test_nan_where_nan_is_expected_is_right():
    def truth(x):
        return np.where(x > 0, x, np.nan)

    def make(rng):
        return (np.append(rng.normal(size=4), -1.0),)

    assert check_function(truth, truth, make) == 1
    assert check_function(lambda x: x, truth, make) == 0


def several(x):
    return x.sum(axis=0), x.mean(), "rows"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda x: (x.sum(axis=0), x.mean()), "expected 3 results, got 2"),
        (lambda x: x.sum(axis=0), "expected 3 results, got ndarray of shape (3,)"),
        (lambda x: (x.sum(axis=0), 99.0, "rows"), "result 2 of 3: expected"),
        (lambda x: (x.sum(axis=1), x.mean(), "rows"), "result 1 of 3: expected shape"),
        (lambda x: (*several(x)[:2], "columns"), "expected 'rows', got 'columns'"),
        (lambda x: (*several(x)[:2], 3), "expected text in quotes, got int"),
        (lambda x: (*several(x)[:2], ...), "not answered yet"),
        (lambda x: several(x), "correct"),
        (lambda x: list(several(x)), "correct"),
    ],
)
def test_several_results_are_compared_one_by_one(answer, said, capsys):
    points = check_function(answer, several, lambda r: (r.normal(size=(2, 3)),))
    assert points == (said == "correct")
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "mistake",
    [
        {"points": 0},
        {"points": -1},
        {"points": True},
        {"points": "two"},
        {"rounds": 0},
        {"rounds": 2.5},
    ],
)
def test_mistakes_of_the_author_are_raised(mistake):
    with pytest.raises(ValueError, match="got .*; expected "):
        run(reference, **mistake)


def test_input_that_is_no_tuple_is_the_author_s_mistake():
    with pytest.raises(ValueError, match="ndarray of shape .* expected a tuple"):
        check_function(reference, reference, lambda rng: rng.normal(size=3))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (61_706, 61_706),
        (61_706.0, 61_706),
        (0.1 + 0.2, 0.3),
        ((26, 26, 32), (26, 26, 32)),
        ([26, 26, 32], (26, 26, 32)),
        (np.eye(2), [[1, 0], [0, 1]]),
        (np.eye(2), ((1, 0), (0, 1))),
        ([[28, 28], (3,)], ((28, 28), (3,))),
        (" Valid ", "valid"),
        (True, True),
        (np.False_, False),
        (("same", 3), ("same", 3)),
        (float("inf"), np.inf),
    ],
)
def test_right_values(answer, expected, capfd):
    assert check_value(answer, expected, points=3, hint="no") == 3
    assert capfd.readouterr() == ("correct: 3 of 3 points\n", "")


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (61_707, 61_706, "61707 is too large"),
        (61_705, 61_706, "61705 is too small"),
        (2.5, 3.25, "2.5 is too small"),
        ((26, 27, 32), (26, 26, 32), "at index [1]: 27 is too large"),
        ((26, 26), (26, 26, 32), "expected shape (3,), got shape (2,)"),
        (26, (26, 26), "expected shape (2,), got a single number"),
        ("same", "valid", "'same' is not it"),
        (3, "valid", "expected text in quotes, got int"),
        ("61706", 61_706, "expected numbers, got the text '61706'"),
        (False, True, "False is not it"),
        (float("nan"), 3, "nan is not it"),
        (1 + 2j, 3, "(1+2j) is not it"),
        (len, 3, "got builtin_function_or_method"),
        (("same", 3), ("valid", 3), "result 1 of 2: 'same' is not it"),
    ],
)
def test_wrong_values_are_refused_without_the_answer(answer, expected, said, capfd):
    assert check_value(answer, expected, hint="count the bias") == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.startswith("not correct yet: ") and said in out
    assert "\n  hint: count the bias\n  0 of 1 point\n" in out
    if not isinstance(expected, tuple):
        told = out.replace(str(answer), "")
        assert str(expected) not in told.replace("hint", "").replace("0 of 1", "")


@pytest.mark.parametrize("answer", [..., None, (3, ...)])
def test_untouched_values_are_not_answered_yet(answer, capsys):
    assert check_value(answer, (3, 3), points=2, hint="unseen") == 0
    assert capsys.readouterr().out == "not answered yet: 0 of 2 points\n"


def test_equal_measurements_are_no_difference():
    assert not clearly_greater([2, 2, 2], [2, 2, 2])
    assert not clearly_greater([3, np.nan], [1, 2])
    assert clearly_greater([3, 3], [2, 2])  # no spread at all


def test_one_number_stands_for_all_seeds():
    assert clearly_greater([1.2, 2.2, 3.2], 1) and clearly_greater(3, [1, 2])
    assert not clearly_greater([1.1, 2.1, 3.1], 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1, 2], [1, 2, 3]), ([2], [1]), ([], []), (2, 1), ([[1, 2]] * 2, [[0, 1]] * 2),
     ([[1, 2]] * 2, [0, 1])],
)  # fmt: skip
def test_a_difference_needs_pairs_and_a_spread(a, b):
    with pytest.raises(ValueError, match=r"got shapes .*; expected two of \(seeds,\)"):
        clearly_greater(a, b)
