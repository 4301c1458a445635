"""The functions of 08b against naive loops and sacrebleu on random input."""

import unicodedata
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tools.notebooks import NOTEBOOKS, definitions

NOTEBOOK = NOTEBOOKS / "08b_attention_at_work.ipynb"
FEW = settings(max_examples=25)
SMALL = st.integers(1, 6)
SEEDS = st.integers(0, 99)
TEXTS = st.lists(st.text("ab c요어.", min_size=1, max_size=9), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def scratch():
    import re

    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    space = definitions(NOTEBOOK)
    space.update({
        "np": np, "re": re, "unicodedata": unicodedata, "Counter": Counter,
        "defaultdict": defaultdict, "coo_array": coo_array, "START": 1, "END": 2,
        "connected_components": connected_components, "UNKNOWN": 3, "LONGEST": 12,
    })  # fmt: skip
    return space


@FEW
@given(seed=SEEDS)
def test_the_alignment_says_where_each_letter_comes_from(scratch, seed):
    for task in ("reversal", "reorder"):
        draw = np.random.default_rng(seed)
        sources, targets, places = scratch["make_rows"](scratch[task], 5, draw)
        for source, target, at in zip(sources, targets, places, strict=True):
            size = np.sum(source > 0)
            assert sorted(at[:size]) == [*range(size)] and (at[size:] == -1).all()
            assert target[0] == 1 and target[size + 1] == 2
            assert (target[1 : size + 1] == source[at[:size]]).all()
            assert (target[size + 2 :] == 0).all() and (source[size:] == 0).all()


@FEW
@given(seed=SEEDS)
def test_verbs_end_up_last(scratch, seed):
    letters, order = scratch["reorder"](np.random.default_rng(seed))
    kinds = [(letters[place] - 3) // 3 for place in order]
    for at, kind in enumerate(kinds):
        assert (kind == 1) == (at + 1 == len(kinds) or kinds[at + 1] == 0)
        if kind == 2 and at and kinds[at - 1] == 3:
            assert order[at] < order[at - 1]
    starts = [place for place, kind in zip(order, kinds, strict=True) if kind == 0]
    assert starts == sorted(starts)


@FEW
@given(seed=SEEDS, rows=SMALL, steps=SMALL, places=st.integers(2, 6))
def test_alignment_accuracy_and_chance(scratch, seed, rows, steps, places):
    draw = np.random.default_rng(seed)
    weights = draw.dirichlet(np.ones(places), (rows, steps))
    true = draw.integers(-1, places, (rows, steps))
    true[0, 0] = 0
    hits = [
        weights[r, t].argmax() == true[r, t] for r, t in np.argwhere(true >= 0)
    ]  # fmt: skip
    assert np.isclose(scratch["alignment_accuracy"](weights, true), np.mean(hits))
    lengths = draw.integers(1, places + 1, rows)
    sources = np.where(np.arange(places) < lengths[:, None], 5, 0)
    guesses = [1 / lengths[r] for r, _ in np.argwhere(true >= 0)]
    assert np.isclose(scratch["chance"](sources, true), np.mean(guesses))


@FEW
@given(sources=TEXTS, seed=SEEDS)
def test_bundles_are_closed(scratch, sources, seed):
    draw = np.random.default_rng(seed)
    targets = [str(draw.integers(4)) for _ in sources]
    found = scratch["bundles"](sources, targets)
    names = [
        (scratch["normal"](s), t) for s, t in zip(sources, targets, strict=True)
    ]  # fmt: skip
    label = [*range(len(names))]
    for _ in names:  # the smallest label spreads
        for i, one in enumerate(names):
            for j, other in enumerate(names):
                if one[0] == other[0] or one[1] == other[1]:
                    label[i] = label[j] = min(label[i], label[j])
    same = np.array(label)[:, None] == label
    assert np.array_equal(same, found[:, None] == found)


@FEW
@given(seed=SEEDS)
def test_no_sentence_stands_on_two_sides(scratch, seed):
    draw = np.random.default_rng(seed)
    sources = [f"s{n}" for n in draw.integers(0, 60, 80)]
    targets = [f"t{n}" for n in draw.integers(0, 400, 80)]
    part = scratch["split"](sources, targets, draw)
    assert set(part) == {"train", "validation", "test"}
    for texts in (sources, targets):
        for text in set(texts):
            sides = {p for t, p in zip(texts, part, strict=True) if t == text}
            assert len(sides) == 1


@FEW
@given(texts=TEXTS, most=st.integers(0, 6))
def test_each_merge_joins_a_commonest_pair(scratch, texts, most):
    ranks = scratch["learn_merges"](texts, most)
    assert [*ranks.values()] == [*range(len(ranks))]
    words = [[*word] for text in texts for word in scratch["pieces"](text)]
    for pair in [*ranks, None]:
        pairs = Counter(p for w in words for p in zip(w, w[1:], strict=False))
        if pair is None:  # stopped for a reason
            assert len(ranks) == most or max(pairs.values(), default=0) < 2
        else:
            assert pairs[pair] == max(pairs.values()) > 1
            words = [scratch["merge"](word, pair) for word in words]


@FEW
@given(texts=TEXTS)
def test_cut_is_the_merges_one_after_the_other(scratch, texts):
    ranks = scratch["learn_merges"](texts, 10)
    for text in texts:
        expected = []
        for word in scratch["pieces"](text):
            parts = [*word]
            for pair in ranks:
                parts = scratch["merge"](parts, pair)
            expected += parts
        assert scratch["cut"](text, ranks) == expected


@FEW
@given(texts=TEXTS)
def test_numbers_there_and_back(scratch, texts):
    symbols = ["·", "<", ">", "□", *sorted(set("".join(texts)))]
    rows = scratch["number_rows"]([["<", *text, ">"] for text in texts], symbols)
    assert rows.dtype == np.int32 and (rows[:, 0] == 1).all()
    assert [scratch["to_text"](row, symbols) for row in rows] == texts
    strange = scratch["number_rows"]([["x", *texts[0]]], symbols)
    assert strange[0, 0] == 3


@FEW
@given(seed=SEEDS)
def test_bleu_equals_sacrebleu(scratch, seed):
    import sacrebleu

    draw = np.random.default_rng(seed)
    texts, references = (
        ["".join(draw.choice([*"가나다"], draw.integers(5, 15))) for _ in range(12)]
        for _ in range(2)
    )
    theirs = sacrebleu.BLEU(tokenize="char").corpus_score(texts, [references]).score
    ours = scratch["bleu"](texts, references)
    assume(ours > 0)  # sacrebleu smooths where four-grams have nothing in common
    assert np.isclose(ours, theirs)


@FEW
@given(seed=SEEDS, rows=SMALL, known=SMALL)
def test_nearest_shares_most(scratch, seed, rows, known):
    draw = np.random.default_rng(seed)
    have, offer = draw.integers(1, 6, (rows, 4)), draw.integers(1, 6, (known, 4))
    offer[:, 2:] *= draw.integers(0, 2, (known, 1))
    for row, found in zip(have, scratch["nearest"](have, offer), strict=True):
        shares = [
            len({*row} & {*other} - {0}) / len(({*row} | {*other}) - {0})
            for other in offer
        ]
        assert np.isclose(shares[found], max(shares))


def test_the_verb_is_found_only_where_it_is_certain(scratch):
    places = scratch["verb_places"]
    assert places(["We", " read"], ["우리는", " 읽어요", "."]) == (1, 1)
    assert places(["We", " read", " read"], ["우리는", " 읽어요", "."]) is None
    assert places(["We", " read"], ["읽어요"]) is None


@FEW
@given(seed=SEEDS, rows=SMALL, steps=SMALL)
def test_first_mistake(scratch, seed, rows, steps):
    right = np.random.default_rng(seed).random((rows, steps)) < 0.7
    for row, place in zip(right, scratch["first_mistake"](right), strict=True):
        assert row[:place].all() and (place == steps or not row[place])
