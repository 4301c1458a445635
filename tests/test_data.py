"""The loaders: what they give, in which form, and what they do without a network."""

import os
import re
import socket
import subprocess
import sys
import traceback
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PIL import Image

from tools import make_pairs, make_reviews, make_vgg_mini
from utils import data, downloads, readers

ROOT = Path(__file__).resolve().parents[1]
REAL = Path(os.environ.get("COURSE_DATA_DIR") or ROOT / "data" / "downloads")
LOADERS = {
    "mnist": data.load_mnist,
    "fashion_mnist": data.load_fashion_mnist,
    "cats_and_dogs": lambda: data.load_cats_and_dogs(size=32),
    "reviews": data.load_reviews,
    "sentence_pairs": data.load_sentence_pairs,
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip


@pytest.fixture(autouse=True)
def quick(tmp_path, monkeypatch):
    """Choose the quick profile, an empty data folder and an empty Keras cache."""
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(downloads, "_answered", set())
    monkeypatch.setattr(downloads, "_dead", {})
    monkeypatch.setattr(downloads, "_waits", [])


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")


@pytest.fixture
def real(full, monkeypatch):
    """Give the folder of real data, if there is one; nothing is downloaded."""
    if not REAL.is_dir():
        pytest.skip("no real data at hand")
    monkeypatch.setenv("COURSE_DATA_DIR", str(REAL))

    def refuse(remote, _):
        pytest.skip(f"{remote.file} is not at hand")

    monkeypatch.setattr(downloads, "_download", refuse)


def no_network(*_, **__):
    raise AssertionError("the network was asked")


def check_images(images, shape, classes):
    for x, y in ((images.x_train, images.y_train), (images.x_test, images.y_test)):
        assert x.dtype == np.uint8 and x.shape == (len(y), *shape)
        assert y.dtype == np.int64 and set(y) == set(range(classes))
    assert images.x_train.min() == 0 and images.x_train.max() == 255
    assert len(images.class_names) == classes
    assert all(isinstance(name, str) for name in images.class_names)


# ---------------------------------------------------------------- real or embedded


@pytest.mark.parametrize("name", LOADERS)
def test_quick_never_asks_the_network(name, monkeypatch, capsys):
    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(downloads, "fetch", no_network)
    assert LOADERS[name]().name
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", LOADERS)
def test_without_the_file_one_line_and_embedded_data(name, full, monkeypatch, capsys):
    def fetch(file):
        raise downloads.DownloadError(file, "no way", "none")

    monkeypatch.setattr(downloads, "fetch", fetch)
    loaded = LOADERS[name]()
    out, errors = capsys.readouterr()
    assert re.fullmatch(r"\S+: no way\. Remedy: none\. Used instead: .*\.\n", out)
    assert loaded.name in out and errors == ""
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    assert LOADERS[name]().source == loaded.source


OFFLINE = """
import socket, time

def hang(*_, **__):
    time.sleep(30)
    raise socket.gaierror

socket.getaddrinfo = hang
from utils import data, downloads

fetch, asked = downloads.fetch, []
def timed(name):
    start = time.monotonic()
    try:
        return fetch(name)
    finally:
        asked.append(time.monotonic() - start)

downloads.fetch, before = timed, time.process_time()
for load in (data.load_mnist, data.load_fashion_mnist, data.load_sentence_pairs):
    load()
print(sum(asked), time.process_time() - before)
"""


def test_without_network_a_new_process_goes_on_within_five_seconds(full):
    command = [sys.executable, "-c", OFFLINE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    *lines, seconds = done.stdout.splitlines()
    waited, worked = map(float, seconds.split())
    assert done.stderr == "" and len(lines) == 3
    assert all("no network" in line and "Used instead: " in line for line in lines)
    # Together less than 5 s: work takes 1.3 s of a processor of its own, and up to
    # twice that where two share a core, as in a full run of the tests.
    assert waited < 3 and worked < 4


def test_a_folder_that_cannot_be_written_is_read(full, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "kor.txt").write_text("Go.\t가.\tsomebody\n" * 1200, encoding="utf-8")

    def refuse(*_, **__):
        raise PermissionError("read-only")

    for name in ("mkdir", "touch", "rename", "unlink"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    pairs = data.load_sentence_pairs()
    assert pairs.sources == ("Go.",) * 1200 and pairs.targets[0] == "가."
    assert "1,200 pairs" in pairs.source and "CC BY 2.0 FR" in pairs.source


# ------------------------------------------------------------- files of text, damaged

TEXTS = {
    "order_reviews.tsv": data.load_reviews,
    "english_korean.tsv": data.load_sentence_pairs,
}
BOM = b"\xef\xbb\xbf"


def spoil(name, change, tmp_path, monkeypatch):
    """Put a changed copy of an embedded file where the loaders look for it."""
    body = change((ROOT / "data" / name).read_bytes())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(body)
    monkeypatch.setattr("utils.session.ROOT", tmp_path)


@pytest.mark.parametrize("name", TEXTS)
def test_an_embedded_text_with_a_byte_order_mark_is_the_same(
    name, tmp_path, monkeypatch
):
    whole = TEXTS[name]()
    windows = lambda body: BOM + body.replace(b"\n", b"\r\n")  # noqa: E731
    spoil(name, windows, tmp_path, monkeypatch)
    for ours, theirs in zip(vars(whole).values(), vars(TEXTS[name]()).values(),
                            strict=True):  # fmt: skip
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (lambda body: b"", "is empty"),
        (lambda body: b"train\n" + body, "line 1 is cut short"),
        (lambda body: body + "가\t0\t나\n".encode("cp949"), "is not text in UTF-8"),
    ],
    ids=["empty", "short row", "CP949"],
)
def test_a_damaged_embedded_text_is_one_line(name, change, flaw, tmp_path, monkeypatch):
    spoil(name, change, tmp_path, monkeypatch)
    with pytest.raises(downloads.DownloadError) as caught:
        TEXTS[name]()
    assert str(caught.value) == f"data/{name}: {flaw}. Remedy: fetch the course again."


@pytest.mark.parametrize("name", TEXTS)
def test_a_missing_embedded_text_is_one_line(name, tmp_path, monkeypatch):
    monkeypatch.setattr("utils.session.ROOT", tmp_path)
    with pytest.raises(downloads.DownloadError) as caught:
        TEXTS[name]()
    start = f"data/{name}: cannot be read (No such file or directory). Remedy: "
    assert str(caught.value).startswith(start)


def test_pairs_with_a_byte_order_mark_and_a_few_short_rows_are_read(full, tmp_path):
    rows = ["Go.\t가."] * 999 + ["Hi.", "Run.\t", ""] * 20 + ["Yes.\t네."]
    (tmp_path / "data").mkdir()
    content = BOM + "\n".join(rows).encode()
    (tmp_path / "data" / "kor.txt").write_bytes(content)
    pairs = data.load_sentence_pairs()
    assert pairs.sources == ("Go.",) * 999 + ("Yes.",)
    assert pairs.targets == ("가.",) * 999 + ("네.",)
    assert "1,000 pairs" in pairs.source  # the least that is taken for the real file


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b"", "has 0 English–Korean lines of 0"),
        (("Go.\t가.\n" * 1200).encode("cp949"), "is not text in UTF-8"),
    ],
    ids=["empty", "CP949"],
)
def test_pairs_brought_by_hand_that_are_no_good_are_one_line(
    full, tmp_path, monkeypatch, capsys, content, flaw
):
    def refuse(remote, _):
        raise downloads.DownloadError(remote.file, "no way", "none")

    monkeypatch.setattr(downloads, "_download", refuse)
    path = tmp_path / "data" / "kor.txt"
    path.parent.mkdir()
    path.write_bytes(content)
    assert "grammar" in data.load_sentence_pairs().name
    out, errors = capsys.readouterr()
    line = f"kor.txt: the copy at hand {flaw}, and no way. Remedy: none. Used instead: "
    assert out.startswith(line) and out.count("\n") == 1 and errors == ""
    assert path.read_bytes() == content


# --------------------------------------------------------------------------- images


def test_embedded_digits_are_like_mnist():
    digits = data.load_mnist()
    check_images(digits, (28, 28, 1), 10)
    assert (len(digits.x_train), len(digits.x_test)) == (1297, 500)
    assert digits.class_names == tuple("0123456789")
    assert np.ptp(np.bincount(digits.y_test)) <= 3  # stratified
    everything = np.concatenate([digits.x_train, digits.x_test])
    inside = everything[:, 4:24, 4:24]
    assert everything.sum() == inside.sum()  # MNIST's border of four pixels
    rows = inside.any(axis=(0, 2, 3))
    assert rows.all()
    assert 0.10 < everything.mean() / 255 < 0.17  # MNIST: 0.13
    again = data.load_mnist()
    np.testing.assert_array_equal(again.x_test, digits.x_test)
    # Smooth: neighbours differ by less than in an enlargement by repetition.
    assert len(np.unique(everything)) > 200


def test_digits_stand_in_for_clothes_and_say_so():
    clothes, digits = data.load_fashion_mnist(), data.load_mnist()
    np.testing.assert_array_equal(clothes.x_train, digits.x_train)
    assert clothes.class_names == digits.class_names
    assert "Fashion-MNIST" in clothes.name and "digits" in clothes.name


def test_embedded_patches():
    patches = data.load_cats_and_dogs(size=40)
    check_images(patches, (40, 40, 3), 2)
    assert patches.class_names == ("face", "other")
    assert np.bincount(patches.y_train).tolist() == [75, 75]
    assert np.bincount(patches.y_test).tolist() == [25, 25]
    assert (patches.x_train[..., 0] == patches.x_train[..., 2]).all()
    from skimage.data import lfw_subset

    means = patches.x_train[patches.y_train == 0].mean(axis=(1, 2, 3)) / 255
    faces = lfw_subset()[:100].mean(axis=(1, 2))
    assert all(np.abs(faces - mean).min() < 0.005 for mean in means)
    assert 0 < patches.y_train[:75].sum() < 75  # shuffled


def test_photos_of_a_part_of_the_folder(full, tmp_path):
    for part, kind, count, colour in (
        ("train", "cats", 5, (250, 0, 0)),
        ("train", "dogs", 4, (0, 0, 250)),
        ("validation", "cats", 3, (250, 0, 0)),
        ("validation", "dogs", 2, (0, 0, 250)),
    ):
        folder = tmp_path / "data" / "cats_and_dogs_filtered" / part / kind
        folder.mkdir(parents=True)
        for number in range(count):
            picture = Image.new("RGB", (60, 40), (0, 255, 0))
            picture.paste(colour, (12, 0, 48, 40))  # the central square, nearly
            picture.save(folder / f"{kind}.{number}.jpg", quality=95)
    photos = data.load_cats_and_dogs(size=24)
    assert photos.x_train.shape == (9, 24, 24, 3) and len(photos.x_test) == 5
    assert photos.class_names == ("cat", "dog") and photos.name == "cats and dogs"
    assert photos.source.startswith("9 + 5 photos, a part of 2,000 + 1,000")
    assert photos.y_train.sum() == 4 and photos.y_test.sum() == 2
    blue = photos.x_train[:, 12, 12, 2] > 128
    np.testing.assert_array_equal(blue, photos.y_train == 1)
    assert (photos.x_train[..., 1].mean(axis=(1, 2)) < 60).all()  # sides cut off
    assert photos.y_train.tolist() != sorted(photos.y_train)


@pytest.mark.parametrize("content", [b"", b"no picture", "cut", "no markers"])
def test_a_photo_that_cannot_be_read_gives_one_line(full, tmp_path, capsys, content):
    for part in ("train/cats", "train/dogs", "validation/cats", "validation/dogs"):
        folder = tmp_path / "data" / "cats_and_dogs_filtered" / part
        folder.mkdir(parents=True)
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(noise).save(folder / "1.jpg")
    path = tmp_path / "data" / "cats_and_dogs_filtered" / "train" / "dogs" / "1.jpg"
    whole = path.read_bytes()
    cut = {"cut": whole[: len(whole) // 2], "no markers": whole[:2] + b"\0" * 99}
    path.write_bytes(cut.get(content, content))
    assert data.load_cats_and_dogs(size=24).class_names == ("face", "other")
    out, errors = capsys.readouterr()
    start = "cats_and_dogs_filtered/train/dogs/1.jpg: cannot be read ("
    assert out.startswith(start) and errors == ""
    assert "Remedy: delete the folder cats_and_dogs_filtered and run" in out
    assert "Used instead: scikit-image" in out and out.count("\n") == 1


@pytest.mark.parametrize("name", readers.PHOTOS)
def test_single_photos_need_no_network(name, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", no_network)
    photo = data.load_photo(name)
    colour = name not in ("brick", "camera", "coins")
    assert photo.image.dtype == np.uint8 and photo.image.std() > 10
    assert photo.image.shape[2:] == ((3,) if colour else ())
    assert min(photo.image.shape[:2]) >= 300
    assert photo.name == name and "scikit" in photo.source


# -------------------------------------------------------------------------- reviews


def words(reviews, row):
    return [reviews.vocabulary[number] for number in row if number]


def test_in_embedded_reviews_order_alone_decides():
    reviews = data.load_reviews(length=25)
    assert reviews.x_train.shape == (2000, 25) and reviews.x_test.shape == (500, 25)
    assert reviews.x_train.dtype == np.int32 and reviews.y_train.dtype == np.int64
    seen = set()
    for x, y in (
        (reviews.x_train, reviews.y_train),
        (reviews.x_test, reviews.y_test),
    ):
        bags = defaultdict(list)
        for row, label in zip(x, y, strict=True):
            bags[tuple(sorted(row))].append(int(label))
        assert all(sorted(labels) == [0, 1] for labels in bags.values())
        texts = {tuple(row) for row in x}
        assert len(texts) == len(x) and not texts & seen
        seen |= texts
    assert set(np.unique(reviews.x_test)) <= set(np.unique(reviews.x_train))
    assert 0 < reviews.y_train[:100].mean() < 1


def test_sentences_in_which_order_decides_can_be_asked_for(full, monkeypatch, capsys):
    monkeypatch.setattr(downloads, "fetch", lambda name: pytest.fail(f"{name} asked"))
    asked = data.load_reviews(order=True)
    assert capsys.readouterr().out == "" and asked.name == "order-decides reviews"
    for part, found in (("train", asked.x_train), ("test", asked.x_test)):
        texts = [text for place, _, text in make_reviews.make() if place == part]
        back = [" ".join(asked.vocabulary[n] for n in row if n > 2) for row in found]
        assert back == texts


def test_no_single_place_decides_embedded_reviews():
    rows = make_reviews.make()
    for place in (0, -1):
        right = 0
        for _, label, text in rows:
            found = [
                w for w in text.split() if w in make_reviews.GOOD + make_reviews.BAD
            ]
            right += (found[place] in make_reviews.GOOD) == label
        assert 0.4 < right / len(rows) < 0.6


def test_nobody_says_for_me_i_found():
    texts = [text for *_, text in make_reviews.make()]
    assert not [text for text in texts if text.startswith("for me i ")]
    for start in ("for me the ", "honestly i ", "i found ", "i had "):
        assert any(text.startswith(start) for text in texts)


def test_numbers_of_reviews():
    reviews = data.load_reviews(length=25)
    text = words(reviews, reviews.x_train[0])
    label, sentence = make_reviews.make()[0][1:]
    assert text == ["<start>", *sentence.split()] and reviews.y_train[0] == label
    assert reviews.vocabulary[:3] == ("<pad>", "<start>", "<unknown>")
    counts = np.bincount(np.concatenate([reviews.x_train, reviews.x_test]).ravel())
    assert (np.diff(counts[3:]) <= 0).all() and len(counts) == len(reviews.vocabulary)
    filled = reviews.x_train > 0
    assert (np.diff(filled.astype(int), axis=1) <= 0).all()  # zeros at the end only

    small = data.load_reviews(vocabulary_size=20, length=25)
    assert small.vocabulary == reviews.vocabulary[:20]
    expected = np.where(reviews.x_train < 20, reviews.x_train, 2)
    np.testing.assert_array_equal(small.x_train, expected)

    short = data.load_reviews(length=4)
    long = [[n for n in row if n][-4:] for row in reviews.x_train]
    np.testing.assert_array_equal(short.x_train, long)


def test_the_file_of_reviews_is_what_the_script_makes():
    assert make_reviews.PATH.read_text(encoding="utf-8") == make_reviews.text()


# --------------------------------------------------------------------------- series


def test_sunspots():
    series = data.load_series("sunspots")
    assert series.values.shape == series.times.shape == (309,)
    assert series.values.dtype == float and series.period == 11
    assert (
        str(series.times[0]) == "1700-01-01" and str(series.times[-1]) == "2008-01-01"
    )
    assert series.values[257] == 190.2  # 1957, the highest
    assert series.values.argmax() == 257


def test_co2():
    import statsmodels.datasets

    series = data.load_series("co2")
    assert series.values.shape == series.times.shape == (2284,)
    assert np.isfinite(series.values).all() and series.period == 52
    assert (np.diff(series.times) == np.timedelta64(7, "D")).all()
    raw = statsmodels.datasets.co2.load_pandas().data["co2"].to_numpy()
    measured = np.isfinite(raw)
    assert (~measured).sum() == 59
    np.testing.assert_array_equal(series.values[measured], raw[measured])
    expected = np.interp(
        np.flatnonzero(~measured), np.flatnonzero(measured), raw[measured]
    )
    np.testing.assert_allclose(series.values[~measured], expected)


# ---------------------------------------------------------------------------- dates


def read_date(text):
    """Read a written date without being told its style."""
    months = [i for i, month in enumerate(MONTHS, 1) if re.search(rf"\b{month}", text)]
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if months:
        (month,), (day, year) = months, numbers
    else:  # of numbers alone: the year comes first, and can be told
        assert re.match(r"\d{4}|\d\d년", text), text
        year, month, day = numbers
    if year < 100:
        year += 1900 if year >= 50 else 2000
    return date(year, month, day).isoformat()


def test_written_dates_can_be_read_in_one_way_only():
    dates = data.load_dates(20_000)
    assert len(set(dates.sources)) == len(dates.sources) == len(dates.targets) == 20_000
    for text, target in zip(dates.sources, dates.targets, strict=True):
        assert read_date(text) == target, text
    years = {int(target[:4]) for target in dates.targets}
    assert years == set(range(1950, 2050))


def test_dates_come_in_many_styles_of_two_languages():
    dates = data.load_dates(3000, seed=5)
    shapes = Counter()
    for text in dates.sources:
        shape = re.sub(r"\d{4}", "Y", text)
        shape = re.sub(r"[A-Za-z]{3,}|[월화수목금토일](?=요일|\))", "word", shape)
        shapes[re.sub(r"\d+", "0", shape)] += 1
    assert len([shape for shape, count in shapes.items() if count > 50]) >= 12
    korean = sum("가" <= max(text) <= "힣" for text in dates.sources)
    assert 0.2 < korean / 3000 < 0.4


def test_dates_depend_on_the_seed_alone():
    first, again = data.load_dates(50, seed=1), data.load_dates(50, seed=1)
    assert first.sources == again.sources and first.targets == again.targets
    assert data.load_dates(50, seed=2).sources != first.sources
    assert data.load_dates(70, seed=1).sources[:50] == first.sources


# -------------------------------------------------------------------- sentence pairs


def test_embedded_pairs():
    pairs = data.load_sentence_pairs()
    assert len(pairs.sources) == len(pairs.targets) >= 3000
    for texts in (pairs.sources, pairs.targets):
        plain = {re.sub(r"[^\w ]", "", text).casefold() for text in texts}
        assert len(plain) == len(texts)
    assert all(re.fullmatch(r"[A-Z][a-zA-Zé ]*\.", text) for text in pairs.sources)
    assert all(re.fullmatch(r"[가-힣 ]+요\.", text) for text in pairs.targets)


def test_particles_follow_the_last_sound():
    assert make_pairs.particle("책", "을", "를") == "책을"
    assert make_pairs.particle("사과", "을", "를") == "사과를"
    pairs = data.load_sentence_pairs()
    found = Counter()
    for word in " ".join(pairs.targets).replace(".", "").split():
        if len(word) > 1 and word[-1] in "은는이가을를":
            closed = (ord(word[-2]) - 0xAC00) % 28 > 0
            assert closed == (word[-1] in "은이을"), word
            found[word[-1]] += 1
    assert min(found[particle] for particle in "은는이가을를") > 100


def test_grammar():
    pairs = dict(make_pairs.actions())
    english = "My friend did not read a book in the library yesterday."
    assert pairs[english] == "제 친구는 어제 도서관에서 책을 읽지 않았어요."
    english = "We are drinking green tea now."
    assert pairs[english] == "우리는 지금 녹차를 마시고 있어요."
    english = "I will make noodles at home tomorrow."
    assert pairs[english] == "저는 내일 집에서 국수를 만들 거예요."
    assert (
        dict(make_pairs.needs())["The cook needs milk."]
        == "그 요리사는 우유가 필요해요."
    )
    there = dict(make_pairs.existences())
    assert there["There are flowers on the desk."] == "책상 위에 꽃이 있어요."
    assert there["There was no bread in the room."] == "방에 빵이 없었어요."
    this = dict(make_pairs.descriptions())
    assert this["Those noodles were not expensive."] == "저 국수는 비싸지 않았어요."


def test_no_word_is_taken_for_another():
    pairs = data.load_sentence_pairs()
    words = {word.rstrip(".") for text in pairs.targets for word in text.split()}
    assert not words & {"차를", "차는", "차가"}  # tea, or a car
    assert {"녹차를", "녹차는", "녹차가"} <= words


def test_who_sells_sells_more_than_one():
    sold = [e for e, _ in make_pairs.actions() if re.search(r"\b(sell|sold)", e)]
    assert not [e for e in sold if re.search(r"\b(sell\w*|sold) an? ", e)]
    for things in ("apples", "bags", "hats", "clocks", "chairs", "flowers", "bread"):
        assert any(f"is selling {things}" in e for e in sold)
    pairs = dict(make_pairs.actions())
    korean = "그 농부는 시장에서 사과를 팔고 있어요."
    assert pairs["The farmer is selling apples at the market."] == korean


def test_one_is_not_coming_oneself():
    moved = "\n".join(english for english, _ in make_pairs.motions())
    assert not re.search(r"\b(I|We) (am|are|will)( not)? com", moved)
    for english in ("I came home", "We do not come", "The child will come",
                    "We are going", "I will not go", "The cook is coming"):  # fmt: skip
        assert english in moved


def test_the_file_of_pairs_is_what_the_script_makes():
    assert make_pairs.PATH.read_text(encoding="utf-8") == make_pairs.text()


# --------------------------------------------------------------------------- weights


def test_the_small_base_is_whole_and_says_what_it_is():
    weights = data.load_vgg16_weights()
    assert weights.path == ROOT / "data" / "vgg_mini.weights.h5"
    assert weights.path.stat().st_size <= 1_000_000
    assert weights.blocks == ((2, 16), (2, 32), (3, 64), (3, 128))
    assert "small" in weights.name and "make_vgg_mini" in weights.source


def test_the_small_base_can_be_asked_for(full, monkeypatch, capsys):
    monkeypatch.setattr(downloads, "fetch", None)  # must not be called
    weights = data.load_vgg16_weights(small=True)
    assert weights.path.name == "vgg_mini.weights.h5"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("spoil", "flaw"),
    [
        (lambda body: None, "is missing"),
        (lambda body: body[:-1], "has the wrong SHA-256 hash"),
        (lambda body: body[:5000] + b"?" + body[5001:], "has the wrong SHA-256 hash"),
    ],
    ids=["missing", "cut short", "one byte"],
)
def test_a_damaged_small_base_is_refused(spoil, flaw, tmp_path, monkeypatch):
    body = spoil((ROOT / "data" / "vgg_mini.weights.h5").read_bytes())
    (tmp_path / "data").mkdir()
    if body is not None:
        (tmp_path / "data" / "vgg_mini.weights.h5").write_bytes(body)
    monkeypatch.setattr("utils.session.ROOT", tmp_path)
    with pytest.raises(downloads.DownloadError) as caught:
        data.load_vgg16_weights()
    line = f"data/vgg_mini.weights.h5: {flaw}. Remedy: fetch the course again."
    assert str(caught.value) == line


def test_no_weights_at_all_is_said_in_one_line(full, monkeypatch):
    def fetch(file):
        raise downloads.DownloadError(file, "no way", "none")

    monkeypatch.setattr(downloads, "fetch", fetch)
    monkeypatch.setattr("utils.readers.VGG_MINI_SHA256", "another")
    with pytest.raises(downloads.DownloadError) as caught:
        data.load_vgg16_weights()
    line = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5: no way. Remedy: none. "
    line += "And data/vgg_mini.weights.h5: has the wrong SHA-256 hash. "
    assert str(caught.value) == line + "Remedy: fetch the course again."
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("Traceback") == 1 and shown.count("no way") == 1


def test_what_is_folded_and_halved_gives_the_same(tmp_path):
    import keras

    blocks = ((1, 3), (2, 4))
    keras.utils.set_random_seed(1)
    trained = make_vgg_mini.build(blocks, normalise=True)
    rng = np.random.default_rng(1)
    trained.set_weights([rng.uniform(0.3, 2, w.shape) for w in trained.get_weights()])
    folded = make_vgg_mini.fold(trained, make_vgg_mini.build(blocks))
    photos = rng.uniform(0, 255, (3, 8, 8, 3)).astype("float32")
    expected = trained(photos, training=False)
    assert float(keras.ops.max(expected)) > 0
    np.testing.assert_allclose(folded(photos), expected, rtol=1e-4)
    path = tmp_path / "half.weights.h5"
    make_vgg_mini.save(folded, path, blocks)
    again = make_vgg_mini.build(blocks)
    again.load_weights(path)
    for kept, before in zip(again.get_weights(), folded.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, before.astype("float16"))
    assert keras.config.dtype_policy().name == "float32"


def test_varied_photos_are_parts_of_the_photo():
    ramp = np.broadcast_to(np.arange(32.0), (50, 32, 32))  # brighter to the right
    photos = np.stack([ramp, ramp.transpose(0, 2, 1), 0 * ramp + 7], axis=-1)
    varied = make_vgg_mini.vary(photos.astype("float32"), 16).numpy()
    assert varied.shape == (50, 16, 16, 3)
    assert varied.min() >= 0 and varied.max() <= 31
    assert np.allclose(varied[..., 2], 7, atol=1e-4)
    rising = varied[:, 3, -1, 0] > varied[:, 3, 0, 0]
    assert 10 < rising.sum() < 40  # about half are mirrored, none is upside down
    assert np.all(varied[:, -1, 3, 1] > varied[:, 0, 3, 1])


# ------------------------------------------------------------------------- real data


def test_real_mnist(real):
    mnist = data.load_mnist()
    check_images(mnist, (28, 28, 1), 10)
    assert (len(mnist.x_train), len(mnist.x_test)) == (60_000, 10_000)
    assert mnist.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert mnist.x_train.mean() / 255 == pytest.approx(0.1307, abs=1e-4)


def test_real_fashion_mnist(real):
    clothes = data.load_fashion_mnist()
    check_images(clothes, (28, 28, 1), 10)
    assert (len(clothes.x_train), len(clothes.x_test)) == (60_000, 10_000)
    names = [clothes.class_names[label] for label in clothes.y_train[:4]]
    assert names == ["ankle boot", "T-shirt/top", "T-shirt/top", "dress"]
    assert clothes.x_train.mean() / 255 == pytest.approx(0.2860, abs=1e-4)


def test_real_cats_and_dogs(real):
    photos = data.load_cats_and_dogs(size=16)
    check_images(photos, (16, 16, 3), 2)
    counts = f"{len(photos.x_train):,} + {len(photos.x_test):,} photos"
    assert photos.source.startswith(counts)


def test_real_reviews_read_properly(real):
    reviews = data.load_reviews(vocabulary_size=100_000, length=250)
    beginning = "<start> this film was just brilliant casting location scenery story"
    assert " ".join(words(reviews, reviews.x_train[0])).startswith(beginning)
    assert reviews.y_train[:10].tolist() == [1, 0, 0, 1, 0, 0, 1, 0, 1, 0]
    assert len(reviews.vocabulary) == 88_584 + 3
    assert reviews.x_train.max() < len(reviews.vocabulary)
    assert reviews.y_train.mean() == reviews.y_test.mean() == 0.5


def test_real_pairs(real):
    pairs = data.load_sentence_pairs()
    assert len(pairs.sources) == len(pairs.targets) > 5000
    assert (pairs.sources[0], pairs.targets[0]) == ("Go.", "가.")


# ------------------------------------------------------------------------- bad input

NO_NUMBER = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=5))
NAMES = st.one_of(NO_NUMBER, st.integers(), st.just(["co2"]))


def refused(load, argument, value, **others):
    with pytest.raises(ValueError) as caught:
        load(**{argument: value}, **others)
    text = str(caught.value)
    assert text.startswith(f"{argument} is {value!r}; expected ")
    assert re.search(r"expected (\d+ to \d+, a whole number|one of \[)", text)


@pytest.mark.parametrize(
    ("load", "argument", "low", "high"),
    [
        (data.load_cats_and_dogs, "size", 8, 512),
        (data.load_reviews, "vocabulary_size", 4, 100_000),
        (data.load_reviews, "length", 1, 2500),
        (data.load_dates, "count", 1, 100_000),
    ],
)
@given(draw=st.data())
def test_numbers_out_of_range_are_refused(load, argument, low, high, draw):
    too_small, too_large = st.integers(max_value=low - 1), st.integers(high + 1)
    refused(load, argument, draw.draw(NO_NUMBER | too_small | too_large))


@given(seed=NO_NUMBER | st.integers(max_value=-1))
def test_bad_seeds_are_refused(seed):
    refused(data.load_dates, "seed", seed, count=1)


@pytest.mark.parametrize("load", [data.load_photo, data.load_series])
@given(name=NAMES)
def test_unknown_names_are_refused(load, name):
    assume(
        not isinstance(name, str) or name not in {*readers.PHOTOS, "co2", "sunspots"}
    )
    refused(load, "name", name)


def test_whole_numbers_of_numpy_are_taken():
    assert data.load_cats_and_dogs(np.int64(8)).x_test.shape == (50, 8, 8, 3)
    assert len(data.load_dates(np.int32(3)).sources) == 3
