"""Figures of the course: one look, safe for colour-blind readers, read by everybody.

Every plotter takes arrays, draws on ``ax`` or on a figure of its own, and returns the
Axes; `show` displays it with alternative text. Bad input raises a ValueError.
"""

import numpy as np

from utils.figures import (
    LINE_COLOURS,
    OKABE_ITO,
    grid,
    heat_map,
    numbers,
    png,
    pyplot,
    require,
    set_title,
    show,
    sliders,
    text_width,
    use_style,
    write,
)

__all__ = [
    "OKABE_ITO",
    "plot_attention",
    "plot_confusion",
    "plot_history",
    "plot_images",
    "plot_matrix",
    "png",
    "show",
    "sliders",
    "use_style",
]

MARKERS = "osD^vPX"  # beside the colour, so that a grey print still tells curves apart


def plot_images(images, titles=None, columns=None, value_range=None, size=2.0):
    """Draw images side by side, all on the same scale, grey where of one channel.

    Parameters
    ----------
    images : array (n, height, width), (n, height, width, 1) or (n, height, width, 3)
        Or a list of such images of different sizes. Colour: uint8 0-255 or float 0-1.
    titles : sequence of n strings, optional
    columns : int, optional
    value_range : (low, high), optional
        Drawn darkest and brightest. Default: 0-255 for uint8, 0-1 for floats that lie
        there, else the smallest and largest value of all images.
    size : float
        Inches across a panel.

    Returns
    -------
    ndarray (n,) of Axes

    Raises
    ------
    ValueError
        For bad images, or not as many titles as images.

    Used in notebooks 00, 01a, 01b, 02a, 04, 05 and 06b.
    """
    images = _image_list(images)
    low, high = _value_range(images, value_range)
    tallest = max(image.shape[0] / image.shape[1] for image in images)
    axes = grid(len(images), titles, columns, (size, size * tallest))
    for ax, image in zip(axes, images, strict=True):
        if image.ndim == 3:
            image = np.clip((image.astype(float) - low) / (high - low), 0, 1)
        ax.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    return axes


def _image_list(images):
    """Return a list of arrays (height, width) or (height, width, 3), checked."""
    expected = "images of shape (n, height, width), or (n, height, width, 1 or 3)"
    if not isinstance(images, (list, tuple)):
        images = numbers(images, "images", (3, 4), expected)
        photo = images.ndim == 3 and images.shape[2] == 3 and images.shape[1] >= 8
        require(not photo, f"one photo of shape {images.shape}", f"{expected}: x[None]")
    require(len(images), "no images", expected)
    images = [numbers(image, "an image", (2, 3), expected) for image in images]
    for image in images:
        fine = image.shape[2:] in ((), (1,), (3,))
        require(fine, f"an image of shape {image.shape}", expected)
    return [image[..., 0] if image.shape[2:] == (1,) else image for image in images]


def _value_range(images, value_range):
    """Return the values that are drawn darkest and brightest."""
    if value_range is not None:
        expected = "(low, high) with low < high"
        ends = numbers(value_range, "value_range", (1,), expected).tolist()
        require(len(ends) == 2 and ends[0] < ends[1], value_range, expected)
        return ends
    if all(image.dtype == np.uint8 for image in images):
        return 0.0, 255.0
    low = min(float(image.min()) for image in images)
    high = max(float(image.max()) for image in images)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def plot_matrix(matrix, ax=None, title="", highlight=None, colour="orange", cmap=None):
    """Draw a matrix as squares with numbers in them, up to six digits each.

    Parameters
    ----------
    matrix : array (rows, columns), or (columns,) for one row
    ax : Axes, optional
    title : str
    highlight : (row, column, height, width) or a list of them, optional
        Rectangles of cells that get a thick frame and, without ``cmap``, a light fill.
    colour : str, or a list with one for each highlight
        A name of `OKABE_ITO` or any Matplotlib colour.
    cmap : str, optional
        Colours the cells by value; numbers turn white on dark cells.

    Returns
    -------
    Axes
        Cell (row, column) has its centre at x = column, y = row. Minus signs are true
        ones (U+2212).

    Raises
    ------
    ValueError
        For a bad matrix, or a highlight that is not inside it.

    Used in notebooks 00, 01a, 01b, 02b, 03a and 06a.
    """
    expected = "a matrix of shape (rows, columns), or one row (columns,)"
    matrix = np.atleast_2d(numbers(matrix, "a matrix", (1, 2), expected))
    boxes = _boxes(highlight, matrix.shape)
    edges, cells = _colours(colour, len(boxes), cmap)
    texts = np.vectorize(_cell_text, otypes=[object])(matrix)
    ax, size = _cell_axes(ax, matrix.shape, max(map(len, texts.flat)), title)
    _draw_cells(ax, matrix.astype(float), texts, size, cells)
    _draw_frames(ax, boxes, edges, fill=not cmap)
    set_title(ax, title)
    return ax


def _cell_text(value):
    """Write a number with a true minus sign, and zero without any."""
    return format(value + 0, "g").replace("-", "\N{MINUS SIGN}")


def _boxes(highlight, shape):
    """Return the highlighted rectangles as an array (n, 4), each inside the matrix."""
    if highlight is None or (isinstance(highlight, list) and not highlight):
        return []
    expected = f"(row, column, height, width) inside a matrix of shape {shape}"
    boxes = np.atleast_2d(numbers(highlight, "highlight", (1, 2), expected))
    require(boxes.shape[1] == 4, f"highlight={highlight!r}", expected)
    corner, size = boxes[:, :2], boxes[:, 2:]
    inside = (corner >= 0).all() and (corner + size <= shape).all()
    inside = inside and (size >= 1).all() and boxes.dtype.kind in "iu"
    require(inside, f"highlight={highlight!r}", expected)
    return boxes


def _colours(colour, count, cmap):
    """Return the colours of the frames and of the cells."""
    from matplotlib.colors import ListedColormap, to_rgba

    names = colour if isinstance(colour, list) else [colour] * count
    given, expected = f"{len(names)} colours", f"{count}, one for each highlight"
    require(len(names) == count, given, expected)
    edges = [to_rgba(OKABE_ITO.get(name, name)) for name in names]
    return edges, pyplot().get_cmap(cmap or ListedColormap(["white"]))


def _cell_axes(ax, shape, longest, title):
    """Return Axes for a matrix and the font size in points that its cells allow."""
    rows, columns = shape
    if ax is None:
        cell = max(0.65, 0.13 * longest + 0.2)
        width = max(columns * cell, 0.125 * text_width(title)) + 0.2
        height = rows * cell + (0.55 if title else 0.2)
        ax = pyplot().subplots(figsize=(width, height))[1]
    else:
        # Before the layout is made, Axes are about a fifth smaller than after it.
        box = ax.get_window_extent()
        cell = 1.2 * min(box.width / columns, box.height / rows) / ax.figure.dpi
    return ax, float(np.clip(min(26 * cell, 100 * cell / (longest + 1)), 11, 20))


def _draw_cells(ax, matrix, texts, size, cmap):
    """Draw the squares, their borders and the numbers in them."""
    rows, columns = matrix.shape
    across, down = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    border = {"edgecolors": "0.65", "linewidth": 0.8, "zorder": 0}
    cells = ax.pcolormesh(across, down, matrix, cmap=cmap, **border)
    ax.set(xlim=(-0.56, columns - 0.44), ylim=(rows - 0.44, -0.56))
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    write(ax, texts, cells.to_rgba(matrix), size)


def _draw_frames(ax, boxes, edges, fill):
    """Draw a thick frame round each box of cells, with or without a light fill."""
    for (row, column, height, width), edge in zip(boxes, edges, strict=True):
        look = {"ec": edge, "fc": (*edge[:3], 0.28) if fill else "none"}
        look |= {"linewidth": 4, "zorder": 2, "clip_on": False}
        place = (column - 0.5, row - 0.5), width, height
        ax.add_patch(pyplot().Rectangle(*place, **look))


def plot_history(histories, metric="accuracy", ax=None):
    """Draw training curves: solid for training, dashed for validation.

    Parameters
    ----------
    histories : mapping from a name to a Keras History, or to its dict of lists
    metric : str
        As Keras names it; ``"val_" + metric`` is drawn too where it is present.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no history, or one lacks the metric or is not finite.

    Used in notebooks 02a and 03b.
    """
    expected = "a mapping of one or more histories, as {'LeNet': model.fit(...)}"
    require(hasattr(histories, "items") and len(histories), histories, expected)
    curves = {name: _curves(name, run, metric) for name, run in histories.items()}
    ax = pyplot().subplots()[1] if ax is None else ax
    for index, (name, pair) in enumerate(curves.items()):
        look = {"color": LINE_COLOURS[index % len(LINE_COLOURS)], "label": str(name)}
        look["marker"] = MARKERS[index % len(MARKERS)]
        for style, values in pair.items():
            epochs = range(1, len(values) + 1)
            ax.plot(epochs, values, style, markevery=len(values) // 15 + 1, **look)
            look["label"] = "_"  # one entry of the legend for both curves
    if any("--" in pair for pair in curves.values()):
        ax.plot([], [], "-", color="0.3", label="training")
        ax.plot([], [], "--", color="0.3", label="validation")
    ax.set(xlabel="epoch", ylabel=metric.replace("_", " "))
    ax.xaxis.set_major_locator(pyplot().MaxNLocator(integer=True, min_n_ticks=1))
    many = len(curves) > 4
    ax.legend(**({"loc": "center left", "bbox_to_anchor": (1, 0.5)} if many else {}))
    return ax


def _curves(name, history, metric):
    """Return the curves of one history by line style."""
    history = getattr(history, "history", history)
    require(hasattr(history, "keys"), type(history).__name__, f"a history for {name!r}")
    keys = {"-": metric, "--": f"val_{metric}"}
    keys = {style: key for style, key in keys.items() if key in history}
    given = f"history {name!r} with the keys {sorted(history)}"
    require(keys, given, f"the key {metric!r}")
    return {
        style: numbers(history[key], f"{key!r} of {name!r}", (1,), "one value an epoch")
        for style, key in keys.items()
    }


def plot_attention(weights, source, target, ax=None):
    """Draw which source token each target token attends to.

    Parameters
    ----------
    weights : array (len(target), len(source)), values 0-1
    source, target : sequences of strings
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the weights have another shape or lie outside 0-1.

    Used in notebooks 08a and 08b.
    """
    shape = (len(target), len(source))
    expected = f"weights of shape {shape}: (target tokens, source tokens)"
    weights = numbers(weights, "weights", (2,), expected)
    require(weights.shape == shape, f"weights of shape {weights.shape}", expected)
    low, high = float(weights.min()), float(weights.max())
    near = low > -1e-5 and high < 1 + 1e-5  # as near as a softmax in float32 comes
    require(near, f"weights from {low:g} to {high:g}", "values from 0 to 1")
    ax = heat_map(weights, target, source, ax, "attention weight")
    ax.set(xlabel="source", ylabel="target")
    return ax


def plot_confusion(labels, predictions, class_names, ax=None):
    """Draw how often each class was taken for which.

    Parameters
    ----------
    labels, predictions : int arrays (n,), indices of class_names
    class_names : sequence of strings
    ax : Axes, optional

    Returns
    -------
    Axes
        Numbers are counts, colours are shares of the true class.

    Raises
    ------
    ValueError
        If lengths differ, a class has no name, or predictions are probabilities.

    Used in notebooks 01b and 04.
    """
    count = len(class_names)
    expected = f"whole numbers from 0 to {count - 1}, as argmax(axis=-1) gives them"
    pair = {"labels": labels, "predictions": predictions}
    for name, values in pair.items():
        values = pair[name] = numbers(values, name, (1,), expected)
        require(values.dtype.kind in "iu", f"{name} of dtype {values.dtype}", expected)
        low, high = values.min(), values.max()
        require(low >= 0 and high < count, f"{name} from {low} to {high}", expected)
    given = " and ".join(f"{len(values)} {name}" for name, values in pair.items())
    require(len({*map(len, pair.values())}) == 1, given, "as many of each")
    counts = np.zeros((count, count), dtype=int)
    np.add.at(counts, tuple(pair.values()), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax = heat_map(shares, class_names, class_names, ax, "share of the true class")
    ax.set(xlabel="predicted class", ylabel="true class")
    write(ax, counts.astype(str), ax.images[0].to_rgba(shares), 12)
    return ax
