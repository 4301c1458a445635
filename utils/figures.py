"""The look of the course's figures, and how they reach the page.

`utils.plotting` draws with what stands here and offers all of it again, so that a
notebook needs that one import.
"""

import base64
import importlib.util
import io
import logging
import math
import textwrap
import unicodedata
import warnings
from pathlib import Path

import numpy as np

__all__ = ["OKABE_ITO", "png", "show", "sliders", "use_style"]

# Okabe and Ito, "Color Universal Design" (2008): eight colours that readers with any
# kind of colour blindness tell apart.
OKABE_ITO = {
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "black": "#000000",
}

# Lines need contrast with white paper: strong colours first, and no yellow at all.
_ORDER = ["blue", "vermilion", "green", "purple", "orange", "sky blue", "black"]
LINE_COLOURS = [OKABE_ITO[name] for name in _ORDER]

HANGUL_FONTS = [
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "AppleGothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "NanumBarunGothic",
    "UnDotum",
]
PAGE_WIDTH = 10.0  # inches: about what a notebook shows without shrinking


def use_style():
    """Give Matplotlib the look of the course; calling it again changes nothing.

    Text of 12 points and more, the palette of Okabe and Ito for lines, viridis for
    images, a layout that keeps labels apart, and a Hangul font behind DejaVu Sans.
    Without any Hangul font, one printed line says so. Used by ``session.start``.
    """
    import matplotlib.pyplot as plt

    hangul = hangul_font()
    if hangul is None:
        _tell_of_boxes()
    style = {
        "font.family": ["DejaVu Sans"] + ([hangul] if hangul else []),
        "font.size": 13,
        "axes.titlesize": 14,
        "axes.labelsize": 13,
        "xtick.labelsize": 12,
        "ytick.labelsize": 12,
        "legend.fontsize": 12,
        "figure.titlesize": 15,
        "mathtext.fontset": "dejavusans",
        "axes.unicode_minus": True,  # DejaVu Sans, asked first, has the glyph
        "axes.prop_cycle": plt.cycler(color=LINE_COLOURS),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 2.5,
        "lines.markersize": 7,
        "image.cmap": "viridis",
        "figure.figsize": (8, 4.5),
        "figure.dpi": 100,
        "savefig.dpi": "figure",
        "figure.constrained_layout.use": True,
        "figure.constrained_layout.w_pad": 0.08,
        "figure.constrained_layout.h_pad": 0.08,
    }
    plt.rcParams.update(style)


def _tell_of_boxes():
    """Say in one line that no Hangul font is there, and let Matplotlib say no more."""
    print("No Hangul font: Korean labels show as boxes.", end=" ")
    print("Remedy: pip install koreanize-matplotlib")
    # Neither of texts, nor of texts that hold a formula.
    warnings.filterwarnings("ignore", message="Glyph .* missing from")
    logging.getLogger("matplotlib.mathtext").setLevel(logging.ERROR)


def hangul_font():
    """Return the name of a font with Hangul that Matplotlib can use, or None."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    # The package is looked up and not imported: its import needs distutils, which
    # Python 3.12 no longer has.
    package = importlib.util.find_spec("koreanize_matplotlib")
    if "NanumGothic" not in known and package is not None:
        for folder in package.submodule_search_locations or []:
            for weight in ("", "Bold"):
                path = Path(folder, "fonts", f"NanumGothic{weight}.ttf")
                if path.is_file():
                    font_manager.fontManager.addfont(path)
                    known.add("NanumGothic")
    return next((name for name in HANGUL_FONTS if name in known), None)


def pyplot():
    """Return pyplot with the style on; settings changed since then are kept."""
    import matplotlib.pyplot as plt

    if plt.rcParams["axes.prop_cycle"].by_key().get("color") != LINE_COLOURS:
        use_style()
    return plt


def require(condition, given, expected):
    """Raise the one kind of error that plotters raise, unless the condition holds."""
    if not condition:
        raise ValueError(f"got {given}; expected {expected}")


def numbers(values, name, ranks, expected):
    """Return ``values`` as a non-empty array of finite numbers of an allowed rank."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError):
        raise ValueError(
            f"got {name} of unequal lengths or no numbers; expected {expected}"
        ) from None
    require(array.dtype.kind in "biuf", f"{name} of dtype {array.dtype}", expected)
    require(array.ndim in ranks, f"{name} of shape {array.shape}", expected)
    require(array.size > 0, f"empty {name} of shape {array.shape}", expected)
    bad = array.size - int(np.isfinite(array).sum())
    require(not bad, f"{name} with {bad} NaN or infinite values", "finite numbers")
    return array


def text_width(text):
    """Return how many Latin letters wide a text is: a Hangul syllable counts two."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in str(text))


def wrap(text, inches, points):
    """Break a title into lines that fit a panel of the given width."""
    letters = max(6.0, inches * 72 / (0.6 * points))
    share = len(text) / text_width(text) if text else 1
    return textwrap.fill(text, max(1, int(letters * share)), break_on_hyphens=False)


def set_title(ax, text, **style):
    """Set a title, also one that holds both Hangul and a formula."""
    title = ax.set_title(text, **style)
    # A text with a formula takes all its letters from one font: no font behind it
    # is asked, as it is for texts without.
    if "$" in text and text_width(text) > len(text) and hangul_font():
        title.set_fontfamily(hangul_font())
    return title


def grid(count, titles, columns, panel):
    """Return the first ``count`` Axes of a grid of bare panels; the rest is hidden.

    ``panel`` is the (width, height) of a picture in inches.
    """
    width, height = panel
    titles = [""] * count if titles is None else [str(title) for title in titles]
    require(len(titles) == count, f"{len(titles)} titles", f"{count}, one a panel")
    titles = [wrap(title, width, 12) for title in titles]
    height += max(0.2 * (1 + t.count("\n")) + 0.1 if t else 0 for t in titles)
    if columns is None:
        rows = math.ceil(count / max(1, PAGE_WIDTH // width))
        columns = math.ceil(count / rows)
    whole = isinstance(columns, (int, np.integer)) and columns >= 1
    require(whole, f"columns={columns!r}", "a whole number from 1 on")
    columns = min(int(columns), count)
    rows = math.ceil(count / columns)
    size = (max(columns * (width + 0.1), 2), rows * (height + 0.1))
    axes = pyplot().subplots(rows, columns, figsize=size, squeeze=False)[1].ravel()
    for spare in axes[count:]:
        spare.set_visible(False)
    for ax, title in zip(axes, titles, strict=False):
        ax.axis("off")
        set_title(ax, title, fontsize=12)
    return axes[:count]


def heat_map(shares, row_names, column_names, ax, label):
    """Draw a matrix of shares 0-1 with named rows and columns and a colour bar."""
    rows, columns = shares.shape
    if ax is None:
        size = (max(0.5 * columns, 1.5) + 3, max(0.5 * rows, 2) + 1.4)
        ax = pyplot().subplots(figsize=size)[1]
    image = ax.imshow(shares, vmin=0, vmax=1, cmap="viridis", aspect="equal")
    ax.figure.colorbar(image, ax=ax, label=label)
    slanted = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    wide = max(map(text_width, column_names)) > 3
    ax.set_xticks(range(columns), map(str, column_names), **(slanted if wide else {}))
    ax.set_yticks(range(rows), map(str, row_names))
    ax.tick_params(length=0)
    return ax


def write(ax, texts, faces, size):
    """Write a text into each cell, black or white, whichever reads better on it."""
    linear = np.where(faces <= 0.04045, faces / 12.92, ((faces + 0.055) / 1.055) ** 2.4)
    luminance = linear[..., :3] @ [0.2126, 0.7152, 0.0722]
    # At 0.179 black and white have the same contrast ratio (WCAG 2.1).
    inks = np.where(luminance > 0.179, "black", "white")
    for (row, column), text in np.ndenumerate(texts):
        style = {"fontsize": size, "color": str(inks[row, column]), "zorder": 3}
        ax.text(column, row, text, ha="center", va="center", **style)


def _figure(drawing):
    """Return the Figure of a Figure, an Axes or an array of Axes."""
    first = np.asarray(drawing, dtype=object).ravel()[:1]
    figure = getattr(first[0], "figure", None) if len(first) else None
    given = f"{type(drawing).__name__}"
    require(hasattr(figure, "savefig"), given, "a Figure, an Axes or an array of them")
    return figure


def png(figure):
    """Turn a figure into the bytes of a PNG file and close it.

    Parameters
    ----------
    figure : Figure, Axes or array of Axes

    Returns
    -------
    bytes
        The same bytes for the same figure: no date and no version stands in them.

    Raises
    ------
    ValueError
        If ``figure`` is none.

    Used in every notebook but 06b.
    """
    import matplotlib.pyplot as plt

    figure = _figure(figure)
    buffer = io.BytesIO()
    try:
        figure.savefig(buffer, format="png", metadata={"Software": None})
    finally:
        plt.close(figure)
    return buffer.getvalue()


def show(figure, alt):
    """Display a figure with its alternative text, and close it.

    Used in every notebook.

    Parameters
    ----------
    figure : Figure, Axes or array of Axes
    alt : str
        What a reader who cannot see the figure should know: at least 20 characters
        and more than the title says. It is also the output's plain text, so a strict
        comparison of the notebook's outputs covers it.

    Raises
    ------
    ValueError
        If ``alt`` is missing, too short, or only repeats a title.
    """
    from IPython.display import display

    figure = _figure(figure)
    words = " ".join(alt.split()) if isinstance(alt, str) else ""
    require(len(words) >= 20, f"alt={alt!r}", "a description, 20 characters or more")
    titles = [figure.get_suptitle()] + [ax.get_title() for ax in figure.axes]
    titles = {" ".join(title.split()).casefold() for title in titles}
    new = words.casefold() not in titles
    require(new, f"alt={alt!r}, which is the title", "what the figure shows")
    picture = base64.b64encode(png(figure)).decode("ascii")
    display(
        {"image/png": picture, "text/plain": words},
        metadata={"image/png": {"alt": words}},
        raw=True,
    )


def sliders(frame, **controls):
    """Join controls to a picture that they draw anew. Used in every notebook.

    Parameters
    ----------
    frame : callable
        ``frame(**values)`` returns a Figure (or Axes). The text of a ValueError that
        it raises, for an impossible stride say, is shown in the picture's place.
    **controls : ipywidgets widgets with a value
        Named like the parameters of ``frame``. A widget without a description gets
        its name.

    Returns
    -------
    ipywidgets.VBox
        The controls in order, then the picture: ``demo.children[0].value = 7``
        moves the first, and ``demo.children[-1].value`` holds the PNG.

    Raises
    ------
    ValueError
        If there is no control, or one has no value.
    """
    import ipywidgets as widgets

    require(controls, "no control", "at least one, as in stride=IntSlider(1, 1, 3)")
    for name, control in controls.items():
        fine = isinstance(control, widgets.Widget) and control.has_trait("value")
        require(fine, f"{name}={control!r}", "a widget with a value")
        if not control.description:
            control.description = name.replace("_", " ")

    def draw():
        return _draw_frame(frame, {name: c.value for name, c in controls.items()})

    picture = widgets.Image(value=draw(), format="png")
    for control in controls.values():
        control.observe(lambda _: picture.set_trait("value", draw()), "value")
    return widgets.VBox([*controls.values(), picture])


def _draw_frame(frame, values):
    """Return the PNG of ``frame(**values)``, or of the message of its ValueError."""
    plt = pyplot()
    open_before = set(plt.get_fignums())
    try:
        return png(frame(**values))
    except ValueError as error:
        for number in set(plt.get_fignums()) - open_before:  # half-drawn
            plt.close(number)
        figure = plt.figure(figsize=(8, 2.5))
        style = {"fontsize": 15, "color": OKABE_ITO["vermilion"], "parse_math": False}
        message = wrap(str(error), 7.4, 15)
        figure.text(0.5, 0.5, message, ha="center", va="center", **style)
        return png(figure)
