"""Logits and contributions: as in the plain reference for any text and weights, and the same in any batch or chunk."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import dataclass
from random import Random
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framing.formtable
import framing.linear
import framing.tokens
from framing import learn
from framing.features import FeatureSettings, Floats
from framing.learn import Counts, Part, count_features, freeze, predict, used_blocks, weighted
from framing.lexicon import Lexicon
from framing.linear import Applied, Linear, block_scales
from framing.places import block_of, make_keys
from framing.target import Name, parse_names
from framing.tokens import Ints
from tests import reference
from tests.reference import Options, Weight
from tests.test_features import names_of_keys

Rows = list[tuple[str, list[str]]]

LABELS = 3
EXACT = 1e-12


@dataclass(frozen=True)
class Case:
    """A batch with a model for it, as the reference has it and as the kernel has it."""

    rows: Rows
    options: Options
    model: dict[str, Weight]
    linear: Linear

    @property
    def intercept(self) -> list[float]:
        return [float(start) for start in self.linear.intercept]

    def applied(self) -> Applied:
        return apply(self.linear, self.rows)


def apply(linear: Linear, rows: Rows) -> Applied:
    return linear.apply([text for text, _ in rows], names_of(rows))


def names_of(rows: Rows) -> list[tuple[Name, ...]]:
    return [parse_names(names) for _, names in rows]


def features(options: Options) -> FeatureSettings:
    return FeatureSettings(options.target, options.chars, options.lexicon)


def lexicon(options: Options) -> Lexicon | None:
    return None if options.entries is None else Lexicon(options.entries)


def linear_of(model: dict[str, Weight], intercept: Floats, options: Options) -> Linear:
    forms = sorted({form for key in model for form in reference.parts_of(key)[1]})
    number = {form: place for place, form in enumerate(forms)}
    parts = [
        (reference.BLOCKS.index(block), number[own[0]], number[own[1]] if len(own) > 1 else -1)
        for block, own in map(reference.parts_of, model)
    ]
    keys = make_keys(*np.array(parts, dtype=np.int64).reshape(-1, 3).T)
    order = np.argsort(keys)
    weights = np.array([weight.labels for weight in model.values()]).reshape(-1, LABELS)
    return Linear(
        forms=tuple(forms),
        keys=keys[order],
        idf=np.array([weight.idf for weight in model.values()], dtype=np.float64)[order],
        weights=weights[order].T.copy(),
        intercept=intercept,
        settings=features(options),
        language=options.language,
        lexicon=lexicon(options),
        function_words=np.flatnonzero(np.arange(len(forms)) % 3 == 0),
    )


@st.composite
def cases(draw: st.DrawFn, most: int = 4) -> Case:
    """Return a batch and a model that knows a part of its features, and some that no text of it has."""
    rows, options = draw(reference.rows(most)), draw(reference.options())
    random, share = Random(draw(st.integers(0, 2**32))), draw(st.sampled_from([0.0, 0.3, 0.8, 1.0]))
    known = {one.key for text, names in rows for one in reference.occurrences_of(text, names, options)}
    known |= {"words: unheard", "words: unheard of", "chars: ^un", "after: of"}
    model = {
        key: Weight(
            idf=0.0 if random.random() < 0.05 else random.uniform(0.5, 9),
            labels=tuple(random.gauss(0, 3) for _ in range(LABELS)),
        )
        for key in sorted(known)
        if random.random() < share
    }
    intercept = np.array([random.gauss(0, 1) for _ in range(LABELS)])
    return Case(rows, options, model, linear_of(model, intercept, options))


def values_by_row(applied: Applied, linear: Linear) -> list[dict[str, float]]:
    keys = names_of_keys(linear.keys, linear.forms)
    found: list[dict[str, float]] = [{} for _ in range(applied.matrix.shape[0])]
    matrix = applied.matrix
    for row, column, value in zip(matrix.row.tolist(), matrix.column.tolist(), matrix.value.tolist(), strict=True):
        found[row][keys[column]] = value
    return found


def given_labels(rows: int, seed: int) -> Ints:
    return (np.arange(rows, dtype=np.int64) + seed) % LABELS


def stretches(applied: Applied, linear: Linear, labels: Ints) -> list[dict[tuple[int, int], float]]:
    """Return the contributions of each row by first and last token, counted within the row."""
    begin = np.searchsorted(applied.tokens.row, np.arange(len(labels))).tolist()
    return [
        {(one.first - first, one.last - first): one.weight for one in found}
        for first, found in zip(begin, linear.contributions(applied, labels), strict=True)
    ]


# Against the reference


@given(cases())
@settings(max_examples=200)
def test_values_and_logits_are_those_of_the_reference(case: Case) -> None:
    applied = case.applied()
    assert applied.matrix.shape == (len(case.rows), len(case.model))
    assert applied.logits.shape == (len(case.rows), LABELS)
    found = values_by_row(applied, case.linear)
    for (text, names), values, logits in zip(case.rows, found, applied.logits.tolist(), strict=True):
        expected = reference.values_of(reference.occurrences_of(text, names, case.options), case.model)
        assert values == pytest.approx(expected, abs=EXACT)
        # Logits are sums of many terms: exact to the last bits of the largest of them.
        wanted = reference.logits_of(expected, case.model, case.intercept)
        assert logits == pytest.approx(wanted, rel=EXACT, abs=1e-11)


@given(cases(), st.integers(0, 2))
@settings(max_examples=150)
def test_contributions_are_those_of_the_reference(case: Case, seed: int) -> None:
    labels = given_labels(len(case.rows), seed)
    found = stretches(case.applied(), case.linear, labels)
    for (text, names), label, mine in zip(case.rows, labels.tolist(), found, strict=True):
        occurrences = reference.occurrences_of(text, names, case.options)
        assert mine == pytest.approx(reference.contributions_of(occurrences, case.model, label), abs=EXACT)


@given(cases())
@settings(max_examples=100)
def test_counts_of_the_target_and_of_known_words_are_those_of_the_reference(case: Case) -> None:
    applied = case.applied()
    vocabulary = applied.vocabulary
    function = {case.linear.forms[number] for number in case.linear.function_words.tolist()}
    for row, (text, names) in enumerate(case.rows):
        tokens = reference.tokens_of(text)
        assert applied.named[row] == sum(reference.named(tokens, names))
        assert vocabulary.tokens[row] == len(tokens)
        known = [
            reference.parts_of(one.key)[1][0]
            for one in reference.occurrences_of(text, names, case.options)
            if one.key.startswith("words") and one.first == one.last and one.key in case.model
        ]
        assert vocabulary.function[row] == sum(form in function for form in known)
        assert vocabulary.known[row] == sum(form not in function for form in known)
    total = vocabulary.total()
    assert total.tokens.tolist() == [len(applied.tokens.form)]
    assert vocabulary.at(slice(0, 1)).known.tolist() == vocabulary.known[:1].tolist()


@pytest.mark.parametrize("times", [2, 7, 50, 51, 400])
def test_a_word_that_comes_again_and_again_counts_as_in_the_reference(times: int) -> None:
    options = Options(True, (3, 4), False, "none", None)
    rows: Rows = [("peace talks and Russia. " * times + "peaceful talk", ["Russia"]), ("peace", [])]
    known = sorted({one.key for text, names in rows for one in reference.occurrences_of(text, names, options)})
    random = Random(3)
    model = {key: Weight(random.uniform(1, 8), tuple(random.gauss(0, 3) for _ in range(LABELS))) for key in known}
    intercept = np.array([0.5, 0.0, -1.0])
    together = apply(linear_of(model, intercept, options), rows).logits
    for (text, names), found in zip(rows, together.tolist(), strict=True):
        values = reference.values_of(reference.occurrences_of(text, names, options), model)
        assert found == pytest.approx(reference.logits_of(values, model, intercept.tolist()), rel=EXACT, abs=1e-12)


# What adds up


@given(cases(), st.integers(0, 2))
@settings(max_examples=100)
def test_the_intercept_and_all_contributions_are_the_logit(case: Case, seed: int) -> None:
    applied, labels = case.applied(), given_labels(len(case.rows), seed)
    for row, found in enumerate(case.linear.contributions(applied, labels)):
        total = case.linear.intercept[labels[row]] + sum(one.weight for one in found)
        assert total == pytest.approx(applied.logits[row, labels[row]], abs=1e-9)


@given(cases())
@settings(max_examples=100)
def test_stretches_are_in_order_and_their_tokens_give_the_surface_back(case: Case) -> None:
    texts = [text for text, _ in case.rows]
    before = list(texts)
    applied = case.linear.apply(texts, names_of(case.rows))
    tokens = applied.tokens
    for row, found in enumerate(case.linear.contributions(applied, given_labels(len(texts), 0))):
        places = [(one.first, one.last) for one in found]
        assert places == sorted(set(places))
        spans = reference.tokens_of(texts[row])
        begin = int((tokens.row < row).sum())
        for first, last in places:
            assert tokens.row[first] == tokens.row[last] == row
            surface = texts[row][tokens.start[first] : tokens.end[last]]
            assert surface == texts[row][spans[first - begin].start : spans[last - begin].end]
            inner = [texts[row][tokens.start[at] : tokens.end[at]] for at in range(first, last + 1)]
            assert surface.startswith(inner[0])
            assert surface.endswith(inner[-1])
    assert texts == before


@pytest.mark.parametrize("label", range(LABELS))
def test_a_contribution_is_split_evenly_over_its_occurrences(label: int) -> None:
    model = {"words: peace": Weight(2.0, (3.0, -1.0, 0.5)), "words: talks": Weight(1.0, (0.0, 0.0, 0.0))}
    linear = linear_of(model, np.zeros(LABELS), Options())
    text = "Peace, war, peace. talks PEACE"
    applied = linear.apply([text], [()])
    (found,) = linear.contributions(applied, np.array([label]))
    spans = [text[applied.tokens.start[one.first] : applied.tokens.end[one.last]] for one in found]
    assert spans == ["Peace", "peace", "talks", "PEACE"]
    weights = [one.weight for one in found]
    assert weights[0] == weights[1] == weights[3]
    assert weights[2] == 0
    assert sum(weights) == pytest.approx(applied.logits[0, label], abs=EXACT)


def test_a_token_carries_its_words_characters_and_category_and_a_pair_is_a_stretch_of_its_own() -> None:
    options = Options(chars=(2, 2), lexicon=True, entries={"m": ["peace"], "p": ["peace talks"], "t": ["talks"]})
    weight = Weight(1.0, (1.0, 0.0, 0.0))
    model = dict.fromkeys(["words: talks", "words: and talks", "chars: ta", "chars: ks", "lexicon: ‹t›"], weight)
    linear = linear_of(model, np.zeros(LABELS), options)
    found = stretches(linear.apply(["and talks"], [()]), linear, np.array([0]))
    assert found == [
        {
            (0, 1): pytest.approx(1 / np.sqrt(2)),
            (1, 1): pytest.approx(1 / np.sqrt(2) + 2 / np.sqrt(2) + 0.3),
        }
    ]


def test_a_phrase_of_the_dictionary_is_a_stretch_of_all_its_tokens() -> None:
    options = Options(lexicon=True, entries={"p": ["a b c d"]})
    linear = linear_of({"lexicon: ‹p›": Weight(1.0, (2.0, 0.0, 0.0))}, np.zeros(LABELS), options)
    assert stretches(linear.apply(["x", "x a b c d"], [()]), linear, np.zeros(2, np.int64)) == [
        {},
        {(1, 4): pytest.approx(0.6)},
    ]


@given(cases(), st.integers(0, 5))
@settings(max_examples=100)
def test_the_strongest_contributions_are_the_first_of_all_when_ranked(case: Case, most: int) -> None:
    applied, labels = case.applied(), given_labels(len(case.rows), 0)
    ranked = [
        sorted(found, key=lambda one: (-abs(one.weight), one.first, one.last))[:most]
        for found in case.linear.contributions(applied, labels)
    ]
    assert case.linear.contributions(applied, labels, most) == ranked


# What may not matter


@given(cases(), st.integers(0, 3))
@settings(max_examples=60)
def test_what_is_kept_of_forms_changes_no_bit(case: Case, kept: int) -> None:
    fresh = case.applied()
    with patch.object(framing.formtable, "MOST_KEPT_FORMS", kept):
        for text, names in case.rows:
            apply(case.linear, [(text, names)])
        again = case.applied()
    copied = apply(pickle.loads(pickle.dumps(case.linear)), case.rows)
    for row in range(len(case.rows)):
        assert same_row(fresh, row, again, row)
        assert same_row(fresh, row, copied, row)


def same_row(one: Applied, row: int, other: Applied, at: int) -> bool:
    """Say whether two rows have the same features, values and logits, bit by bit."""
    mine, theirs = one.matrix.row == row, other.matrix.row == at
    return (
        np.array_equal(one.matrix.column[mine], other.matrix.column[theirs])
        and np.array_equal(one.matrix.value[mine], other.matrix.value[theirs])
        and np.array_equal(one.counts[mine], other.counts[theirs])
        and np.array_equal(one.logits[row], other.logits[at])
        and one.named[row] == other.named[at]
    )


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_batch_and_order_change_no_bit(case: Case, random: Random) -> None:
    together, labels = case.applied(), given_labels(len(case.rows), 1)
    order = random.sample(range(len(case.rows)), len(case.rows))
    shuffled = apply(case.linear, [case.rows[row] for row in order])
    parts = stretches(together, case.linear, labels)
    assert stretches(shuffled, case.linear, labels[order]) == [parts[row] for row in order]
    for at, row in enumerate(order):
        assert same_row(together, row, shuffled, at)
        alone = apply(case.linear, [case.rows[row]])
        assert same_row(together, row, alone, 0)
        assert stretches(alone, case.linear, labels[row : row + 1]) == [parts[row]]


DENSE = Options(True, (3, 5), True, "english", {"m": ["peace*", "peace talks"], "p": ["south*", "and with"]})


def dense_rows() -> Rows:
    """Return 150 texts that have features of every block."""
    random = Random(5)
    return [
        ("".join(random.choice(reference.WORDS) + random.choice(reference.SEPARATORS) for _ in range(60)), ["Russia*"])
        for _ in range(150)
    ]


@given(cases(8), st.integers(1, 30), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_stretches_within_a_batch_and_kept_folds_and_worths_change_no_bit(case: Case, size: int, kept: int) -> None:
    first, second = case.applied(), case.applied()
    with patch.object(framing.linear, "STRETCH", size), patch.object(framing.tokens, "MOST_KEPT", kept):
        for _ in range(3):  # what columns are worth is kept once many have been asked for
            parted = case.applied()
    for row in range(len(case.rows)):
        assert same_row(first, row, second, row)
        assert same_row(first, row, parted, row)


def test_a_large_batch_changes_no_bit_either() -> None:
    random, options, rows = Random(6), DENSE, dense_rows()
    known = {one.key for text, names in rows[:20] for one in reference.occurrences_of(text, names, options)}
    model = {
        key: Weight(random.uniform(1, 8), tuple(random.gauss(0, 1) for _ in range(LABELS))) for key in sorted(known)
    }
    linear = linear_of(model, np.zeros(LABELS), options)
    together = apply(linear, rows)
    one_name_for_all = linear.apply([text for text, _ in rows], [parse_names(["Russia*"])])
    for row in range(0, len(rows), 7):
        assert same_row(together, row, apply(linear, rows[row : row + 1]), 0)
        assert same_row(together, row, apply(linear, rows[row:]), 0)
        assert same_row(together, row, one_name_for_all, row)


def counted(rows: Rows, options: Options, chunk: int) -> Counts:
    with patch.object(learn, "_CHUNK", chunk):
        texts = [text for text, _ in rows]
        return count_features(texts, names_of(rows), features(options), options.language, lexicon(options))


batches = st.lists(st.tuples(reference.any_text(), reference.names()), min_size=1, max_size=8)


@given(batches, reference.options())
@settings(max_examples=150)
def test_training_counts_what_two_rows_have_as_the_reference_does_whatever_the_chunk(
    rows: Rows, options: Options
) -> None:
    counts = counted(rows, options, 2000)
    for chunk in (1, 3):
        again = counted(rows, options, chunk)
        assert again.forms == counts.forms
        for field in ("keys", "row", "column", "count", "tokens"):
            assert np.array_equal(getattr(again, field), getattr(counts, field))
    found = [reference.occurrences_of(text, names, options) for text, names in rows]
    documents = Counter(key for occurrences in found for key in {one.key for one in occurrences})
    expected = {
        (row, key): times
        for row, occurrences in enumerate(found)
        for key, times in Counter(one.key for one in occurrences).items()
        if documents[key] > 1
    }
    keys = names_of_keys(counts.keys, counts.forms)
    cells = zip(counts.row.tolist(), (keys[column] for column in counts.column.tolist()), strict=True)
    assert dict(zip(cells, counts.count.tolist(), strict=True)) == expected
    assert counts.tokens.tolist() == [len(reference.tokens_of(text)) for text, _ in rows]


def check_training_against_scoring(rows: Rows, options: Options, chosen: FeatureSettings, seed: int) -> Linear:
    counts = counted(rows, options, 3)
    random = np.random.default_rng(seed)
    idf = random.uniform(0.5, 9, len(counts.keys)) * (random.random(len(counts.keys)) < 0.8)
    idf[~used_blocks(chosen)[block_of(counts.keys)]] = 0
    weights = random.normal(size=(LABELS, len(counts.keys))).astype(np.float32).astype(np.float64)
    part = Part(idf, weights, random.normal(size=LABELS))
    every = np.arange(len(rows))
    linear, kept = freeze(counts, part, learn.Settings(chosen, 1.0), 1.0)
    trained, scored = weighted(counts, idf, every), apply(linear, rows)
    assert np.array_equal(trained.row, scored.matrix.row)
    assert np.array_equal(trained.column, np.flatnonzero(kept)[scored.matrix.column])
    assert np.array_equal(trained.value, scored.matrix.value)
    assert predict(counts, part, every) == pytest.approx(scored.logits, rel=EXACT, abs=1e-11)
    some = every[::2]
    assert np.array_equal(predict(counts, part, some), predict(counts, part, every)[some])
    return linear


@given(batches, reference.options(), st.integers(0, 2**32), st.booleans())
@settings(max_examples=100)
def test_a_row_of_the_training_matrix_is_the_row_that_is_scored(
    rows: Rows, options: Options, seed: int, fewer: bool
) -> None:
    """`fewer`: the settings that were chosen ask for less than what was counted."""
    chosen = FeatureSettings() if fewer else features(options)
    check_training_against_scoring(rows, options, chosen, seed)


def test_many_rows_with_features_of_every_block_are_trained_on_as_they_are_scored() -> None:
    linear = check_training_against_scoring(dense_rows(), DENSE, features(DENSE), 3)
    assert set(block_of(linear.keys).tolist()) == set(range(len(reference.BLOCKS)))


# Sizes


def small_model() -> Linear:
    weight = Weight(1.0, (1.0, -1.0, 0.0))
    keys = ["words: peace", "words: peace now", "words: now", "chars: ^pe", "chars: aaa", "before: peace"]
    return linear_of(dict.fromkeys(keys, weight), np.array([0.5, 0.25, 0.0]), Options(target=True, chars=(3, 5)))


@pytest.mark.parametrize("texts", [[""], ["", "\0", "\ud800", "..."]])
def test_a_text_without_tokens_has_the_intercept_as_its_logits(texts: list[str]) -> None:
    applied = small_model().apply(texts, [parse_names(["Russia"])])
    assert applied.logits.tolist() == [[0.5, 0.25, 0.0]] * len(texts)
    assert small_model().contributions(applied, np.zeros(len(texts), np.int64)) == [[]] * len(texts)


def test_a_batch_without_texts_has_no_logits() -> None:
    linear = small_model()
    for names in ([], [parse_names(["Russia"])]):
        applied = linear.apply([], names)
        assert applied.logits.shape == (0, LABELS)
        assert linear.contributions(applied, np.zeros(0, np.int64)) == []
        assert applied.vocabulary.total().tokens.tolist() == [0]


def test_a_model_without_features_gives_the_intercept() -> None:
    linear = linear_of({}, np.array([1.0, 2.0, 3.0]), Options(True, (3, 5), True, "english", {"m": ["peace"]}))
    applied = linear.apply(["peace talks", ""], [parse_names(["peace"])])
    assert applied.logits.tolist() == [[1.0, 2.0, 3.0]] * 2
    assert linear.contributions(applied, np.zeros(2, np.int64)) == [[], []]
    assert applied.named.tolist() == [1, 0]


def test_a_token_of_a_million_letters_is_scored() -> None:
    applied = small_model().apply(["a" * 1_000_000], [()])
    assert applied.logits[0] == pytest.approx([1.5, -0.75, 0.0])


def test_a_text_of_a_million_tokens_is_scored_and_explained() -> None:
    linear = small_model()
    applied = linear.apply(["peace of " * 500_000], [parse_names(["Russia"])])
    (found,) = linear.contributions(applied, np.array([0]))
    assert len(applied.tokens.form) == 1_000_000
    assert len(found) == 500_000
    assert linear.intercept[0] + sum(one.weight for one in found) == pytest.approx(applied.logits[0, 0], abs=1e-9)


def test_blocks_are_scaled_as_the_reference_scales_them() -> None:
    assert block_scales().tolist() == list(reference.SCALES.values())
