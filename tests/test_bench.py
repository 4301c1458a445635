"""The parts of the bench; its comparisons themselves take minutes and are not run."""

import numpy as np
import pytest

from tools import bench, bench_training
from utils import downloads


@pytest.fixture
def called(monkeypatch):
    """Return the list of comparisons that were called, none of which runs."""
    names = []
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")  # to be put back: main sets it
    monkeypatch.setattr(bench, "convolution", lambda rounds: names.append(rounds))
    for name in bench.COMPARISONS[1:]:
        monkeypatch.setattr(bench_training, name, lambda name=name: names.append(name))
    return names


@pytest.fixture
def full(monkeypatch, tmp_path):
    """Choose the full profile, with an empty data folder."""
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        ([], 7),
        (["convolution"], 7),
        (["--rounds", "1"], 3),
        (["convolution", "--rounds", "9"], 9),
        (["growth"], "growth"),
    ],
)
def test_the_comparison_that_is_asked_for_runs(called, arguments, call):
    assert bench.main(arguments) == 0
    assert called == [call]


@pytest.mark.parametrize("arguments", [["digits"], ["mnist", "growth"]])
def test_what_is_unknown_is_refused(called, arguments, capsys):
    with pytest.raises(SystemExit) as end:
        bench.main(arguments)
    assert end.value.code == 2 and not called
    assert "course.py bench" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["mnist", "reviews"])
def test_without_real_data_one_line_and_nothing_runs(
    called, name, full, monkeypatch, capsys
):
    def fetch(file):
        raise downloads.DownloadError(file, "cannot be reached", "Try again.")

    monkeypatch.setattr(downloads, "fetch", fetch)
    for profile, reason in [("full", "cannot be reached"), ("quick", "embedded data")]:
        monkeypatch.setenv("COURSE_PROFILE", profile)
        assert bench.main([name]) == 0
        _, *lines = capsys.readouterr().out.splitlines()  # the first names the profile
        assert len(lines) == 1 and reason in lines[0] and "Skipped" in lines[0]
    assert not called


@pytest.mark.parametrize("name", ["mnist", "reviews"])
def test_with_real_data_it_runs(called, name, full, monkeypatch):
    fetched = []
    monkeypatch.setattr(downloads, "fetch", fetched.append)
    assert bench.main([name]) == 0
    assert called == [name] and fetched == list(bench_training.FILES[name])
    assert set(fetched) <= set(downloads.REGISTRY)


def test_slope_of_made_series():
    sizes = np.array(bench_training.SIZES)
    assert bench_training.slope(sizes, 3e-4 * sizes) == pytest.approx(1)
    assert bench_training.slope(sizes, sizes**2.0) == pytest.approx(2)
    assert bench_training.slope(sizes, np.full(len(sizes), 5.0)) == pytest.approx(0)
    assert 0.7 < bench_training.slope(sizes, 1 + 3e-4 * sizes) < 0.9  # a fixed part


@pytest.fixture
def clock(monkeypatch):
    """Return a clock that only moves when it is told to."""
    now = [0.0]
    monkeypatch.setattr(bench_training.time, "process_time", lambda: now[0])
    return now


class Net:
    """A stand-in for a network: an epoch takes as many seconds as there are images."""

    stop_training = False

    def __init__(self, clock, steps=None):
        self.clock, self.steps = clock, steps

    def fit(self, images, labels, size, epochs, verbose, callbacks):
        for epoch in range(epochs):
            callbacks[0].on_epoch_begin(epoch, {})
            self.clock[0] += len(images) + (100 if epoch == 0 else 0)
            callbacks[0].on_epoch_end(epoch, {})
            if self.stop_training:
                break


@pytest.mark.parametrize(("epochs", "reached"), [(9, 3), (2, 2)])
def test_the_clock_rests_while_a_network_is_scored(clock, epochs, reached):
    scores, steps = iter([0.5, 0.9, 0.99, 1.0]), []

    def make(count):
        clock[0] += 7  # making it counts
        steps.append(count)
        return Net(clock)

    def score(net):
        clock[0] += 1_000
        return next(scores)

    images = np.zeros(129)
    found = bench_training.train_to(0.99, (make, 128, epochs), images, images, score)
    assert steps == [2 * epochs]
    expected = [(107 + 129 + 129 * n, s) for n, s in enumerate([0.5, 0.9, 0.99])]
    assert found == expected[:reached]


def test_the_first_epoch_is_no_measure(clock):
    images = np.zeros(40)
    assert bench_training.epoch_seconds(Net(clock), images, images) == 40


def test_growth_without_real_data(clock, monkeypatch, capsys):
    monkeypatch.setattr(bench_training, "our_net", lambda steps: Net(clock))
    bench_training.growth(sizes=(1_000, 2_000, 4_000))  # more than are embedded
    out = capsys.readouterr().out
    assert "4,000 images 4000.00" in out and "slope: 1.00" in out


def test_networks_of_the_comparisons():
    usual, ours = bench_training.usual_net(100), bench_training.our_net(100)
    assert usual.count_params() == 320 + 18_496 + (5 * 5 * 64 * 10 + 10)
    assert ours.input_shape == usual.input_shape and ours.output_shape == (None, 10)
    digits = np.eye(10, dtype="float32")[:, ::-1]
    sure = type("Sure", (), {"predict": lambda *a, **k: digits})()
    assert bench_training.accuracy(sure, None, 9 - np.arange(10)) == 1
    assert bench_training.accuracy(sure, None, np.full(10, 4)) == 0.1


def test_rate_of_our_network_rises_and_falls():
    optimizer, rates = bench_training.our_net(100).optimizer, []
    for step in (0, 5, 10, 55, 100):
        optimizer.iterations.assign(step)
        rates.append(float(optimizer.learning_rate))
    assert rates == pytest.approx(np.array([0, 0.5, 1, 0.5, 0]) * bench_training.RATE)


def test_two_bidirectional_lstms():
    net = bench_training.usual_reader(50, size=4, units=3)
    lstm = [2 * 4 * (inputs + 3 + 1) * 3 for inputs in (4, 6)]
    assert net(np.ones((2, 5), "int32")).shape == (2, 1)
    assert net.count_params() == 50 * 4 + sum(lstm) + 6 + 1


def test_cells_of_06b_run_for_another_size(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    lesson = bench_training.review_lesson(vocabulary=60, words=15)
    assert (lesson["VOCABULARY"], lesson["x_reviews"].shape[1]) == (60, 15)
    assert max(rows.max() for rows in (lesson["x_reviews"], lesson["x_final"])) < 60
    validation, test, parameters, seconds = lesson["table"]["convolution + GRU"]
    assert 0 < validation <= 1 and 0 < test <= 1 and seconds > 0
    table, convolution, gru = 60 * 32, 5 * 32 * 32 + 32, 3 * (32 + 32 + 2) * 32
    assert parameters == table + convolution + gru + 33
