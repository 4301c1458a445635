"""Plotters: what the artists hold (data, texts, sizes, colours), never pixels."""

import base64
import logging
import re
import warnings
from types import SimpleNamespace

import hypothesis.extra.numpy as arrays
import IPython.display
import ipywidgets as widgets
import matplotlib
import matplotlib.colors as colors
import matplotlib.font_manager as font_manager
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from utils import figures, plotting  # noqa: E402
from utils.plotting import OKABE_ITO  # noqa: E402

RNG = np.random.default_rng(0)
CLASSES = ["T-shirt/top", "Trouser", "Pullover"]


@pytest.fixture(autouse=True)
def style(caplog):
    """Set the style, allow no warning, and leave neither figures nor settings."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("error")
        # An old Matplotlib meets a new pyparsing: nothing that a figure shows.
        warnings.filterwarnings("ignore", ".*deprecated", DeprecationWarning)
        plotting.use_style()
        yield
        plt.close("all")
    logging.getLogger("matplotlib.mathtext").setLevel(logging.NOTSET)
    records = caplog.get_records("call")
    assert not [r for r in records if r.name.startswith("matplotlib")]


def finish(drawing):
    """Draw a figure (which lays it out) and assert what holds for every figure."""
    figure = drawing if hasattr(drawing, "savefig") else np.ravel(drawing)[0].figure
    figure.canvas.draw()
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_visible() and text.get_text():
            assert text.get_fontsize() >= 11, text
    return figure


def panels_are_inside(figure):
    """Assert that no text sticks out of the figure or over another title."""
    frame = figure.bbox
    titles = []
    for ax in figure.axes:
        if not ax.get_visible():
            continue
        box = ax.get_tightbbox()
        assert box.x0 >= frame.x0 - 1 and box.x1 <= frame.x1 + 1, ax
        assert box.y0 >= frame.y0 - 1 and box.y1 <= frame.y1 + 1, ax
        if ax.get_title():
            titles.append(ax.title.get_window_extent())
    for index, box in enumerate(titles):
        assert not any(box.overlaps(other) for other in titles[:index])


def colour_bars(figure):
    return [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]


# Style -----------------------------------------------------------------------------


def test_the_style_is_large_and_safe_for_colour_blind_readers():
    settings_ = plt.rcParams
    for key in settings_:
        if re.search(r"(font\.size|titlesize|labelsize|legend\.fontsize)$", key):
            size = font_manager.FontProperties(size=settings_[key]).get_size_in_points()
            assert size >= 12, key
    cycle = settings_["axes.prop_cycle"].by_key()["color"]
    assert set(cycle) == set(OKABE_ITO.values()) - {OKABE_ITO["yellow"]}
    assert len(set(cycle)) == len(cycle) == 7
    assert settings_["image.cmap"] == "viridis"


def test_the_palette_is_that_of_okabe_and_ito():
    """Their published RGB values, 0-255."""
    published = {
        "black": (0, 0, 0),
        "orange": (230, 159, 0),
        "sky blue": (86, 180, 233),
        "green": (0, 158, 115),
        "yellow": (240, 228, 66),
        "blue": (0, 114, 178),
        "vermilion": (213, 94, 0),
        "purple": (204, 121, 167),
    }
    rgb = {
        name: tuple(int(round(255 * part)) for part in colors.to_rgb(code))
        for name, code in OKABE_ITO.items()
    }
    assert rgb == published


def test_setting_the_style_again_changes_nothing(capsys):
    before = dict(plt.rcParams), len(font_manager.fontManager.ttflist)
    plotting.use_style()
    assert (dict(plt.rcParams), len(font_manager.fontManager.ttflist)) == before
    assert capsys.readouterr().out == ""


def test_a_lecturer_s_own_settings_are_kept():
    plt.rcParams["font.size"] = 20
    plotting.plot_matrix(np.eye(2), title="larger")
    assert plt.rcParams["font.size"] == 20


def test_a_plotter_called_without_the_style_sets_it():
    matplotlib.rcdefaults()
    matplotlib.use("Agg")
    finish(plotting.plot_history({"net": {"loss": [2.0, 1.0]}}, "loss"))
    assert plt.rcParams["font.size"] >= 12


def test_hangul_minus_and_formulas_have_glyphs():
    """Missing glyphs warn, and warnings are errors here."""
    assert figures.hangul_font() == "NanumGothic"
    figure, ax = plt.subplots()
    ax.plot([-1, 1], [-2, 2], label="합성곱 필터 − ×")
    ax.set(xlabel="특징 맵", ylabel=r"$\sum_i w_i x_i - b$")
    ax.legend()
    finish(figure)
    assert "\N{MINUS SIGN}" in ax.get_xticklabels()[0].get_text()


def test_a_title_may_hold_both_hangul_and_a_formula(caplog):
    """Without its own font for it, Matplotlib logs each missing syllable."""
    finish(plotting.plot_matrix(np.eye(2), title="합성곱 $x * w$ 출력"))
    assert not caplog.records


def test_another_hangul_font_is_found_without_the_package(monkeypatch):
    monkeypatch.setattr(figures.importlib.util, "find_spec", lambda name: None)
    fonts = [SimpleNamespace(name="Arial"), SimpleNamespace(name="Malgun Gothic")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    assert figures.hangul_font() == "Malgun Gothic"


def test_without_any_hangul_font_one_line_says_so(monkeypatch, capsys, caplog):
    monkeypatch.setattr(figures, "hangul_font", lambda: None)
    plotting.use_style()
    assert plt.rcParams["font.family"] == ["DejaVu Sans"]
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and "pip install koreanize-matplotlib" in out
    plt.figure().text(0.5, 0.5, "한글")
    plt.gcf().canvas.draw()  # warns no more: the line has told
    ax = plotting.plot_matrix(np.eye(2), title="합성곱 $x * w$ 출력")
    ax.set_xlabel("필터 $w$")
    finish(ax)
    assert not caplog.records and capsys.readouterr() == ("", "")


# show, png -------------------------------------------------------------------------


@pytest.fixture
def displayed(monkeypatch):
    calls = []
    monkeypatch.setattr(
        IPython.display, "display", lambda *args, **kw: calls.append((args, kw))
    )
    return calls


@pytest.mark.parametrize("wrap", ["figure", "axes", "array"])
def test_show_displays_one_picture_with_its_alternative_text(wrap, displayed):
    axes = plotting.plot_images(np.zeros((2, 4, 4)))
    drawing = {"figure": axes[0].figure, "axes": axes[0], "array": axes}[wrap]
    assert plotting.show(drawing, "Two black squares,\n   side by side") is None
    (((bundle,), settings_),) = displayed
    alt = "Two black squares, side by side"
    assert settings_ == {"raw": True, "metadata": {"image/png": {"alt": alt}}}
    assert bundle.keys() == {"image/png", "text/plain"}
    assert bundle["text/plain"] == alt  # no object ids: compared strictly
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert plt.get_fignums() == []  # or the notebook shows it a second time


@pytest.mark.parametrize(
    "alt",
    [
        "",
        "short",
        " " * 40,
        None,
        3,
        "the sobel filter in  numbers",
        "A suptitle, long",
    ],
)
def test_show_refuses_poor_alternative_text(alt, displayed):
    ax = plotting.plot_matrix(np.eye(3), title="The Sobel filter in numbers")
    with pytest.raises(ValueError, match="got alt=.*expected"):
        plotting.show(ax, alt)
    assert displayed == []


def test_show_refuses_the_title_of_the_whole_figure(displayed):
    figure = plt.figure()
    figure.suptitle("Feature maps of a photo")
    with pytest.raises(ValueError, match="which is the title"):
        plotting.show(figure, "feature maps of a photo")


@pytest.mark.parametrize("thing", [None, 3, "figure", [], np.zeros(3)])
def test_only_figures_are_shown(thing, displayed):
    with pytest.raises(ValueError, match="expected a Figure"):
        plotting.show(thing, "A text that is long enough to be one")
    with pytest.raises(ValueError, match="expected a Figure"):
        plotting.png(thing)


def test_png_is_the_same_every_time_and_closes():
    def draw():
        return plotting.plot_matrix([[1, -2], [3, 4]], title="same 같은")

    first = plotting.png(draw())
    assert first == plotting.png(draw())
    assert first.startswith(b"\x89PNG") and b"Software" not in first
    assert first != plotting.png(plotting.plot_matrix([[1, 2], [3, 4]]))
    assert plt.get_fignums() == []


# sliders ---------------------------------------------------------------------------


def frame(k, stride=1):
    if stride > k:
        plt.figure()
        raise ValueError(
            f"got stride={stride}; expected at most {k} of the $k_size$ 크기"
        )
    return plotting.plot_matrix([[k, stride]])


def test_sliders_replace_the_picture():
    slider, box = widgets.IntSlider(3, 1, 9), widgets.Dropdown(options=[1, 2], value=1)
    demo = plotting.sliders(frame, k=slider, stride=box)
    assert isinstance(demo, widgets.VBox)
    assert demo.children[:-1] == (slider, box)
    picture = demo.children[-1]
    assert isinstance(picture, widgets.Image) and picture.format == "png"
    assert picture.value == plotting.png(frame(3, 1))
    demo.children[0].value = 7
    assert picture.value == plotting.png(frame(7, 1))
    demo.children[1].value = 2
    assert picture.value == plotting.png(frame(7, 2)) != plotting.png(frame(7, 1))
    assert plt.get_fignums() == []


def test_sliders_describe_controls_that_have_no_description():
    named = widgets.IntSlider(1, description="Stride s")
    demo = plotting.sliders(
        lambda **v: frame(5), kernel_size=widgets.IntText(3), s=named
    )
    assert [c.description for c in demo.children[:-1]] == ["kernel size", "Stride s"]


def test_an_impossible_setting_shows_its_message(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        figures, "png", lambda fig, real=figures.png: drawn.append(fig) or real(fig)
    )
    stride = widgets.IntSlider(1, 1, 5)
    demo = plotting.sliders(frame, k=widgets.IntSlider(3, 1, 9), stride=stride)
    fine = demo.children[-1].value
    stride.value = 5
    assert demo.children[-1].value != fine
    (text,) = drawn[-1].texts
    assert " ".join(text.get_text().split()) == (
        "got stride=5; expected at most 3 of the $k_size$ 크기"
    )
    assert text.get_fontsize() >= 11
    stride.value = 1
    assert demo.children[-1].value == fine
    assert plt.get_fignums() == []  # the half-drawn figure is closed too


def test_other_errors_of_a_frame_are_not_hidden():
    with pytest.raises(ZeroDivisionError):
        plotting.sliders(lambda k: 1 / 0, k=widgets.IntSlider(3))


@pytest.mark.parametrize("controls", [{}, {"k": 3}, {"k": widgets.Layout()}])
def test_sliders_need_controls_with_a_value(controls):
    with pytest.raises(ValueError, match="expected"):
        plotting.sliders(frame, **controls)


# plot_images -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 4, 5), (3, 4, 5, 1), (3, 4, 5, 3)])
def test_images_are_drawn_as_they_are(shape):
    images = RNG.random(shape)
    axes = plotting.plot_images(images, titles=["a", "b", "고양이"])
    assert [ax.get_title() for ax in axes] == ["a", "b", "고양이"]
    for ax, image in zip(axes, images, strict=True):
        drawn = ax.images[0].get_array()
        np.testing.assert_allclose(drawn, np.squeeze(image))
        assert ax.images[0].get_clim() == (0, 1)
        assert ax.images[0].get_interpolation() == "nearest"
        assert not ax.axison
    panels_are_inside(finish(axes))


@pytest.mark.parametrize(
    ("images", "value_range", "limits"),
    [
        (np.array([[[10, 20]]], dtype=np.uint8), None, (0, 255)),
        (np.array([[[0.1, 0.9]]]), None, (0, 1)),
        (np.array([[[-2.0, 1]], [[0, 5]]]), None, (-2, 5)),
        (np.array([[[3, 3]]]), None, (2.5, 3.5)),
        (np.array([[[0.1, 0.9]]]), (-1, 3), (-1, 3)),
    ],
)
def test_all_images_share_one_scale(images, value_range, limits):
    axes = plotting.plot_images(images, value_range=value_range)
    assert {ax.images[0].get_clim() for ax in axes} == {limits}


def test_colours_of_uint8_photos_are_kept():
    photo = RNG.integers(0, 256, (1, 5, 6, 3), dtype=np.uint8)
    drawn = plotting.plot_images(photo)[0].images[0].get_array()
    np.testing.assert_allclose(drawn, photo[0] / 255)


def test_images_of_different_sizes_come_as_a_list():
    axes = plotting.plot_images([np.zeros((9, 12)), np.zeros((4, 5, 3))], ["in", "out"])
    assert axes[0].images[0].get_array().shape == (9, 12)
    panels_are_inside(finish(axes))


@pytest.mark.parametrize(
    ("count", "columns", "grid"),
    [(1, None, (1, 1)), (7, None, (2, 4)), (16, None, (4, 4)), (7, 3, (3, 3)),
     (2, 5, (1, 2))],
)  # fmt: skip
def test_spare_panels_are_hidden(count, columns, grid):
    titles = [f"a rather long title, 조금 긴 제목 {i}" for i in range(count)]
    axes = plotting.plot_images(np.zeros((count, 8, 8)), titles, columns=columns)
    figure = finish(axes)
    assert len(axes) == count
    assert len(figure.axes) == grid[0] * grid[1]
    assert [ax.get_visible() for ax in figure.axes] == (
        [True] * count + [False] * (grid[0] * grid[1] - count)
    )
    assert figure.axes[0].get_gridspec().get_geometry() == grid
    panels_are_inside(figure)


@pytest.mark.parametrize(
    ("images", "settings_", "told"),
    [
        (np.zeros((28, 28)), {}, "(28, 28)"),
        (np.zeros((3, 4, 5, 2)), {}, "(4, 5, 2)"),
        (np.zeros((64, 48, 3)), {}, "one photo of shape (64, 48, 3)"),
        (np.zeros((0, 4, 4)), {}, "empty"),
        ([], {}, "no images"),
        (np.zeros((2, 4, 4)), {"titles": ["one"]}, "1 titles; expected 2"),
        (np.zeros((2, 4, 4)), {"columns": 0}, "columns=0"),
        (np.zeros((2, 4, 4)), {"value_range": (1, 1)}, "low < high"),
        (np.full((1, 2, 2), np.nan), {}, "4 NaN or infinite"),
        (None, {}, "dtype object"),
    ],
)
def test_bad_images_are_refused(images, settings_, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        plotting.plot_images(images, **settings_)
    assert plt.get_fignums() == []


# plot_matrix -----------------------------------------------------------------------


def cell_texts(ax):
    return {
        (int(t.get_position()[1]), int(t.get_position()[0])): t.get_text()
        for t in ax.texts
    }


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (4, 2), (8, 8)])
def test_every_cell_of_a_matrix_holds_its_number(shape):
    matrix = RNG.integers(-9, 100, shape)
    ax = plotting.plot_matrix(matrix, title="input 4×4")
    expected = {
        index: str(value).replace("-", "\N{MINUS SIGN}")
        for index, value in np.ndenumerate(matrix)
    }
    assert cell_texts(ax) == expected
    np.testing.assert_array_equal(ax.collections[0].get_array(), matrix)
    assert ax.get_aspect() == 1  # square cells
    assert ax.yaxis_inverted() and not ax.xaxis_inverted()
    assert ax.get_title() == "input 4×4"
    assert list(ax.get_xticks()) == list(ax.get_yticks()) == []
    panels_are_inside(finish(ax))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-1, "−1"), (0.1 + 0.2, "0.3"), (-0.0, "0"), (2.5, "2.5"), (True, "1"),
        (1e-7, "1e−07"), (np.uint8(255), "255"), (-2 / 3, "−0.666667"),
    ],
)  # fmt: skip
def test_numbers_are_written_short_and_with_a_true_minus(value, text):
    assert cell_texts(plotting.plot_matrix([[value]])) == {(0, 0): text}


@pytest.mark.parametrize("own_axes", [True, False])
def test_numbers_stay_inside_their_cells(own_axes):
    matrix = np.round(RNG.normal(size=(8, 8)) * 10, 1)
    ax = None if own_axes else plt.subplots(1, 2, figsize=(12, 6))[1][0]
    ax = plotting.plot_matrix(matrix, ax)
    finish(ax)
    cell = ax.transData.transform([(0, 0), (1, 1)])
    width, height = np.abs(cell[1] - cell[0])
    for text in ax.texts:
        box = text.get_window_extent()
        assert box.width < width and box.height < height, text


def test_a_highlight_frames_and_fills_its_cells():
    boxes = [(0, 1, 3, 3), (2, 0, 1, 2)]
    ax = plotting.plot_matrix(np.eye(4), highlight=boxes, colour="sky blue")
    drawn = [
        (p.get_y() + 0.5, p.get_x() + 0.5, p.get_height(), p.get_width())
        for p in ax.patches
    ]
    assert drawn == boxes
    for patch in ax.patches:
        assert colors.to_hex(patch.get_edgecolor()).upper() == OKABE_ITO["sky blue"]
        assert 0.1 < patch.get_facecolor()[3] < 0.5
        assert patch.get_linewidth() >= 3
        assert patch.get_zorder() < ax.texts[0].get_zorder()
    panels_are_inside(finish(ax))


def test_each_highlight_may_have_its_own_colour():
    boxes, names = [(0, 0, 2, 2), (1, 1, 2, 2)], ["green", "purple"]
    ax = plotting.plot_matrix(np.eye(4), highlight=boxes, colour=names)
    drawn = [colors.to_hex(patch.get_edgecolor()).upper() for patch in ax.patches]
    assert drawn == [OKABE_ITO[name] for name in names]
    fills = [colors.to_hex(patch.get_facecolor()).upper() for patch in ax.patches]
    assert fills == drawn
    with pytest.raises(ValueError, match="got 1 colours; expected 2"):
        plotting.plot_matrix(np.eye(4), highlight=boxes, colour=["green"])


def test_one_highlight_needs_no_list_and_orange_is_that_of_the_palette():
    ax = plotting.plot_matrix(np.eye(4), highlight=(1, 1, 2, 2))
    (patch,) = ax.patches
    assert colors.to_hex(patch.get_edgecolor()).upper() == OKABE_ITO["orange"]
    assert plotting.plot_matrix(np.eye(2), highlight=[]).patches[:] == []
    boxes = np.array([[0, 0, 1, 1], [1, 1, 1, 1]])
    assert len(plotting.plot_matrix(np.eye(2), highlight=boxes).patches) == 2


def test_coloured_cells_have_readable_numbers():
    ax = plotting.plot_matrix([[0, 9]], cmap="viridis", highlight=(0, 0, 1, 1))
    assert [t.get_color() for t in ax.texts] == ["white", "black"]
    assert ax.collections[0].get_cmap().name == "viridis"
    assert ax.patches[0].get_facecolor()[3] == 0  # a fill would change the colours
    assert {t.get_color() for t in plotting.plot_matrix(np.eye(3)).texts} == {"black"}


def test_a_row_is_a_matrix_and_given_axes_are_used():
    figure, (left, right) = plt.subplots(1, 2)
    assert plotting.plot_matrix([1, 2, 3], right) is right
    assert cell_texts(right) == {(0, 0): "1", (0, 1): "2", (0, 2): "3"}
    assert not left.texts
    assert plt.get_fignums() == [figure.number]


@pytest.mark.parametrize(
    "highlight",
    [(0, 0, 5, 1), (0, 0, 1, 5), (-1, 0, 1, 1), (0, 0, 0, 1), (0, 0, 1), 3,
     [(0, 0, 1, 1), (4, 0, 1, 1)], (0, 0, 1.5, 1), "all", [(0, 0, 1), (1, 1)]],
)  # fmt: skip
def test_a_highlight_outside_of_the_matrix_is_refused(highlight):
    with pytest.raises(ValueError, match="expected .*row, column, height, width"):
        plotting.plot_matrix(np.eye(4), highlight=highlight)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("settings_", [{"colour": "no"}, {"cmap": "no"}])
def test_bad_settings_of_a_matrix_are_refused(settings_):
    with pytest.raises(ValueError):
        plotting.plot_matrix(np.eye(4), highlight=(0, 0, 1, 1), **settings_)
    assert plt.get_fignums() == []


# plot_history ----------------------------------------------------------------------


def test_training_is_solid_and_validation_dashed():
    first = {"accuracy": [0.5, 0.7, 0.8], "val_accuracy": [0.4, 0.6, 0.7]}
    keras_history = SimpleNamespace(history={"accuracy": [0.3, 0.2]})
    ax = plotting.plot_history({"plain": first, "드롭아웃": keras_history})
    lines = [line for line in ax.lines if len(line.get_xdata())]
    assert [line.get_linestyle() for line in lines] == ["-", "--", "-"]
    expected = [first["accuracy"], first["val_accuracy"], [0.3, 0.2]]
    assert [list(line.get_ydata()) for line in lines] == expected
    assert list(lines[0].get_xdata()) == [1, 2, 3]
    assert lines[0].get_color() == lines[1].get_color() == OKABE_ITO["blue"]
    assert lines[2].get_color() == OKABE_ITO["vermilion"]
    assert lines[0].get_marker() == lines[1].get_marker() != lines[2].get_marker()
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["plain", "드롭아웃", "training", "validation"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "accuracy")
    finish(ax)
    assert all(tick == int(tick) for tick in ax.get_xticks())


def test_a_metric_without_validation_has_a_short_legend():
    ax = plotting.plot_history({"net": {"learning_rate": [0.1]}}, "learning_rate")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["net"]
    assert ax.get_ylabel() == "learning rate"
    finish(ax)
    low, high = ax.get_xlim()  # ticks out of sight are not drawn
    assert [t for t in ax.get_xticks() if low <= t <= high] == [1]


def test_validation_alone_is_drawn_under_its_name():
    ax = plotting.plot_history({"net": {"val_loss": [2.0, 1.0]}}, "loss")
    assert ax.lines[0].get_linestyle() == "--"
    assert ax.get_legend().get_texts()[0].get_text() == "net"


def test_seven_histories_differ_in_colour_and_marker_with_the_legend_outside():
    rising = {
        "accuracy": np.linspace(0, 1, 30),
        "val_accuracy": np.linspace(0, 0.9, 30),
    }
    ax = plotting.plot_history({f"model {i}": rising for i in range(7)})
    lines = [line for line in ax.lines if len(line.get_xdata())][::2]
    assert len({line.get_color() for line in lines}) == 7
    assert len({line.get_marker() for line in lines}) == 7
    panels_are_inside(finish(ax))
    assert ax.get_legend().get_window_extent().x0 >= ax.bbox.x1


@pytest.mark.parametrize(
    ("histories", "told"),
    [
        ({}, "expected a mapping"),
        ([{"accuracy": [1]}], "got [{"),
        ({"a": {"loss": [1.0]}}, "'a' with the keys ['loss']; expected the key 'acc"),
        ({"a": {"accuracy": []}}, "empty"),
        ({"a": {"accuracy": [0.1, float("nan")]}}, "'accuracy' of 'a' with 1 NaN"),
        ({"a": {"accuracy": [[1, 2]]}}, "shape (1, 2)"),
        ({"a": [1, 2]}, "list"),
    ],
)
def test_bad_histories_are_refused(histories, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        plotting.plot_history(histories)
    assert plt.get_fignums() == []


# Heat maps -------------------------------------------------------------------------

SENTENCES = """나는 어제 도서관에서 한국어 책 을 두 권 빌려 왔습니다 . <끝>
yesterday I borrowed two internationally known Korean books . <end>"""
KOREAN, ENGLISH = (line.split() for line in SENTENCES.splitlines())


def test_attention_has_targets_down_and_sources_across():
    weights = RNG.dirichlet(np.ones(len(KOREAN)), len(ENGLISH))
    ax = plotting.plot_attention(weights, KOREAN, ENGLISH)
    np.testing.assert_array_equal(ax.images[0].get_array(), weights)
    assert ax.images[0].get_clim() == (0, 1)
    assert ax.images[0].get_cmap().name == "viridis"
    assert [t.get_text() for t in ax.get_xticklabels()] == KOREAN
    assert [t.get_text() for t in ax.get_yticklabels()] == ENGLISH
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("source", "target")
    figure = finish(ax)
    (bar,) = colour_bars(figure)
    assert bar.get_ylabel() == "attention weight"
    panels_are_inside(figure)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (np.zeros((3, 2)), "shape (3, 2); expected weights of shape (2, 3)"),
        (np.zeros(6), "shape (6,)"),
        (np.full((2, 3), 1.5), "from 1.5 to 1.5; expected values from 0 to 1"),
        (np.full((2, 3), -0.5), "from -0.5"),
        (np.full((2, 3), np.nan), "NaN"),
    ],
)
def test_bad_attention_is_refused(weights, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        plotting.plot_attention(weights, ["a", "b", "c"], ["x", "y"])
    assert plt.get_fignums() == []


def test_attention_of_a_float32_softmax_passes():
    weights = np.array([[1.0000001, -1e-9]], dtype=np.float32)
    plotting.plot_attention(weights, ["a", "b"], ["x"])


def test_confusion_counts_truth_down_and_prediction_across():
    labels, predictions = [0, 0, 0, 0, 1, 1], [0, 0, 0, 2, 1, 0]
    ax = plotting.plot_confusion(labels, predictions, CLASSES)
    counts = [["3", "0", "1"], ["1", "1", "0"], ["0", "0", "0"]]
    assert cell_texts(ax) == {
        (row, column): counts[row][column] for row, column in np.ndindex(3, 3)
    }
    shares = [[0.75, 0, 0.25], [0.5, 0.5, 0], [0, 0, 0]]
    np.testing.assert_allclose(ax.images[0].get_array(), shares)
    assert [t.get_text() for t in ax.get_xticklabels()] == CLASSES
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    texts = {t.get_text(): t.get_color() for t in ax.texts}
    assert texts["3"] == "black" and texts["0"] == "white"
    figure = finish(ax)
    assert colour_bars(figure)[0].get_ylabel() == "share of the true class"
    panels_are_inside(figure)


@pytest.mark.parametrize("names", [["고양이 cat", "강아지 dog"], list(range(10))])
def test_confusion_fits_two_and_ten_classes(names):
    labels = np.arange(40_000) % len(names)
    ax = plotting.plot_confusion(labels, labels[::-1], names)
    panels_are_inside(finish(ax))


@pytest.mark.parametrize(
    ("labels", "predictions", "told"),
    [
        ([0, 1], [0], "2 labels and 1 predictions"),
        ([0, 3], [0, 1], "labels from 0 to 3; expected whole numbers from 0 to 2"),
        ([0, 1], [-1, 1], "predictions from -1"),
        ([0, 1], [[0.2, 0.8], [0.5, 0.5]], "argmax(axis=-1)"),
        ([0, 1], [0.2, 0.8], "predictions of dtype float64"),
        ([], [], "empty labels"),
    ],
)
def test_bad_confusions_are_refused(labels, predictions, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        plotting.plot_confusion(labels, predictions, CLASSES)
    assert plt.get_fignums() == []


# Any bad input ---------------------------------------------------------------------

PLOTTERS = {
    "images": (plotting.plot_images, {3, 4}),
    "matrix": (plotting.plot_matrix, {1, 2}),
    "history": (lambda x: plotting.plot_history({"a": {"accuracy": x}}), {1}),
    "attention": (lambda x: plotting.plot_attention(x, "ab", "xyz"), {2}),
    "confusion": (lambda x: plotting.plot_confusion(x, x, CLASSES), {1}),
}


@pytest.mark.parametrize("name", PLOTTERS)
@given(data=st.data())
@settings(max_examples=25, derandomize=True)
def test_a_wrong_rank_no_values_or_nan_raise_value_error(name, data):
    plot, ranks = PLOTTERS[name]
    rank = data.draw(st.integers(0, 5), "rank")
    kind = data.draw(
        st.sampled_from(["rank", "empty", "nan", "text", "ragged"]), "kind"
    )
    sides = arrays.array_shapes(min_dims=rank, max_dims=rank, min_side=1, max_side=3)
    shape = list(data.draw(sides, "shape")) if rank else []
    if kind == "rank" and rank in ranks:
        kind = "nan"
    if kind == "empty" and shape:
        shape[data.draw(st.integers(0, rank - 1))] = 0
    values = np.zeros(shape)
    if kind == "nan" or (kind == "empty" and not shape):
        values = values + data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    if kind == "text":
        values = np.full(shape, "a")
    if kind == "ragged":
        values = [[1.0, 2.0], [3.0]]
    with pytest.raises(ValueError, match="got .*; expected "):
        plot(values)
    assert plt.get_fignums() == []


def test_all_public_names_exist():
    for module in (plotting, figures):
        assert sorted(module.__all__) == module.__all__ or module is figures
        assert all(getattr(module, name).__doc__ for name in module.__all__)


def test_matplotlib_s_own_messages_would_be_seen(caplog):
    """The fixture above looks at the log, so the log must reach it."""
    logging.getLogger("matplotlib.probe").warning("seen")
    assert caplog.records
    caplog.clear()
