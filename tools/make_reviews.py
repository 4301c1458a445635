"""Make ``data/order_reviews.tsv``: review sentences in which word order decides.

Every sentence has a twin of the same words in another order with the opposite label,
as in "the film was not dull but charming". So whatever only counts words, or averages
their vectors, is right exactly half of the time. In some patterns the word of praise or
blame that comes first decides, in others the last one, so that no single place does.

Run as ``python -m tools.make_reviews``. The same file comes out every time.
"""

import random
from itertools import product
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / "data" / "order_reviews.tsv"
TRAIN, TEST = 2000, 500
SEED = 11

NOUNS = (
    "acting", "camera work", "cast", "dialogue", "ending", "film", "music", "opening",
    "plot", "story",
)  # fmt: skip
GOOD = (
    "brilliant", "charming", "clever", "funny", "gripping", "lovely", "moving",
    "superb", "touching", "witty",
)  # fmt: skip
BAD = (
    "boring", "clumsy", "dreadful", "dull", "flat", "hollow", "lifeless", "messy",
    "silly", "tedious",
)  # fmt: skip

# {a} decides the label; {b} is of the opposite sort. Exchanged, they make the twin.
PATTERNS = (
    "the {noun} was {a} and not {b}",
    "the {noun} was not {b} but {a}",
    "the {noun} was far more {a} than {b}",
    "i had been told that the {noun} was {b} yet i found it {a}",
    "i found the {noun} {a} although i had been told that it was {b}",
    "the {noun} that seemed {b} at first turned out to be {a}",
    "the {noun} turned out to be {a} although it seemed {b} at first",
    "nobody should call the {noun} {b} because it is {a}",
    "the {noun} is {a} so nobody should call it {b}",
    "the {noun} started {b} and ended {a}",
)
OPENINGS = ("", "honestly", "all in all", "to my surprise", "for me")


def twins():
    """Yield each pair of sentences with the same words: (positive, negative)."""
    for opening, pattern, noun, good, bad in product(
        OPENINGS, PATTERNS, NOUNS, GOOD, BAD
    ):
        if opening == "for me" and pattern.startswith("i "):
            continue
        positive = pattern.format(noun=noun, a=good, b=bad)
        negative = pattern.format(noun=noun, a=bad, b=good)
        yield f"{opening} {positive}".strip(), f"{opening} {negative}".strip()


def make():
    """Return rows of (part, label, sentence); twins stay in the same part."""
    rng = random.Random(SEED)
    chosen = rng.sample(list(twins()), (TRAIN + TEST) // 2)
    rows = []
    for part, pairs in (
        ("train", chosen[: TRAIN // 2]),
        ("test", chosen[TRAIN // 2 :]),
    ):
        labelled = [
            (part, label, text)
            for pair in pairs
            for label, text in zip((1, 0), pair, strict=True)
        ]
        rng.shuffle(labelled)
        rows += labelled
    return rows


def text():
    """Return the content of the file: part, label and sentence, tab-separated."""
    return "".join(f"{part}\t{label}\t{words}\n" for part, label, words in make())


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8", newline="\n")
