"""Features: the occurrences, counts and values of any text against the plain reference, and what keys are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.features import FeatureSettings, prepare, stem_all
from framing.lexicon import Lexicon
from framing.places import BLOCKS, LARGEST_FORM, TARGET_FORM, block_of, forms_of, make_keys
from framing.target import parse_names
from framing.tokens import Ints
from framing.weighing import Matrix, inverse_document_frequency, weigh
from tests import reference
from tests.occurrences import count, find_occurrences
from tests.reference import Occurrence, Options

Rows = list[tuple[str, list[str]]]


class Numbers(dict[str, int]):
    """Numbers for forms, given when a form is first asked for."""

    def __call__(self, forms: Sequence[str]) -> Ints:
        return np.array([self.setdefault(form, len(self)) for form in forms], dtype=np.int64)


@dataclass(frozen=True)
class Kernel:
    """What the kernel found in each row: its occurrences (keys as strings, tokens counted in the row), what is near."""

    rows: list[list[Occurrence]]
    near: list[list[bool]]


def names_of_keys(keys: Ints, forms: Sequence[str]) -> list[str]:
    first, second = forms_of(keys)
    return [
        reference.key_of(reference.BLOCKS[block], forms[a], None if b < 0 else forms[b])
        for block, a, b in zip(block_of(keys).tolist(), first.tolist(), second.tolist(), strict=True)
    ]


def kernel(rows: Rows, options: Options, numbers: Numbers | None = None) -> Kernel:
    number = Numbers() if numbers is None else numbers
    batch = prepare([text for text, _ in rows], [parse_names(names) for _, names in rows])
    wanted = FeatureSettings(options.target, options.chars, options.lexicon)
    lexicon = None if options.entries is None else Lexicon(options.entries)
    found = find_occurrences(batch, wanted, options.language, lexicon, number)
    keys = names_of_keys(found.key, list(number))
    begin = np.searchsorted(batch.tokens.row, np.arange(len(rows)))
    of_rows: list[list[Occurrence]] = [[] for _ in rows]
    for row, key, first, last in zip(found.row.tolist(), keys, found.first.tolist(), found.last.tolist(), strict=True):
        of_rows[row].append(Occurrence(key, first - int(begin[row]), last - int(begin[row])))
    return Kernel(of_rows, [batch.near[batch.tokens.row == row].tolist() for row in range(len(rows))])


def keys_in(text: str, *names: str, options: Options) -> list[str]:
    return sorted(one.key for one in kernel([(text, list(names))], options).rows[0])


@given(reference.rows(), reference.options())
@settings(max_examples=500)
def test_any_text_has_the_features_of_the_reference(rows: Rows, options: Options) -> None:
    found = kernel(rows, options).rows
    assert len(found) == len(rows)
    for mine, (text, names) in zip(found, rows, strict=True):
        assert Counter(mine) == Counter(reference.occurrences_of(text, names, options))


@given(reference.rows(), reference.options())
@settings(max_examples=100)
def test_the_features_of_a_row_do_not_depend_on_the_rows_beside_it(rows: Rows, options: Options) -> None:
    together = kernel(rows, options).rows
    assert [Counter(found) for found in together] == [Counter(kernel([row], options).rows[0]) for row in rows]


@given(reference.rows(), reference.options())
@settings(max_examples=100)
def test_a_form_without_a_number_takes_just_its_own_features_away(rows: Rows, options: Options) -> None:
    numbers = Numbers()
    every = kernel(rows, options, numbers).rows
    known = {form for form in numbers if len(form) % 2}

    class Few(Numbers):
        def __call__(self, forms: Sequence[str]) -> Ints:
            return np.where([form in known for form in forms], super().__call__(forms), -1).astype(np.int64)

    few = kernel(rows, options, Few()).rows
    for mine, full in zip(few, every, strict=True):
        kept = [one for one in full if known.issuperset(reference.parts_of(one.key)[1])]
        assert Counter(mine) == Counter(kept)


# Cases


def test_words_and_pairs_of_neighbours_within_a_sentence() -> None:
    assert keys_in("Talks on peace. Talks", options=Options()) == [
        "words: on",
        "words: on peace",
        "words: peace",
        "words: talks",
        "words: talks",
        "words: talks on",
    ]


def test_a_name_is_one_form_and_what_stands_by_it_has_features_of_its_own() -> None:
    text = "They met. After talks South Ossetia’s envoys left, others stayed"
    found = keys_in(text, "South Ossetia", options=Options(target=True, chars=(7, 8)))
    assert [key for key in found if key.startswith(("before", "after"))] == [
        "after: envoys",
        "after: envoys left",
        "after: left",
        f"after: {TARGET_FORM}",
        f"after: {TARGET_FORM}",
        f"after: {TARGET_FORM} envoys",
        f"after: {TARGET_FORM} {TARGET_FORM}",
        "before: after",
        "before: after talks",
        "before: talks",
        f"before: talks {TARGET_FORM}",
    ]
    assert "words: they met" in found
    assert not any("ossetia" in key for key in found)
    assert [key for key in found if key.startswith("target chars")] == [
        "target chars: ^after$",
        "target chars: ^envoys",
        "target chars: ^envoys$",
        "target chars: ^others",
        "target chars: ^others$",
        "target chars: ^stayed",
        "target chars: ^stayed$",
        "target chars: ^talks$",
        "target chars: envoys$",
        "target chars: others$",
        "target chars: stayed$",
    ]


def test_what_stands_between_two_names_is_behind_the_nearer_one() -> None:
    found = keys_in("Moscow a b c d Moscow", "Moscow", options=Options(target=True))
    assert [key for key in found if key.startswith(("before", "after")) and TARGET_FORM not in key] == [
        "after: a",
        "after: a b",
        "after: b",
        "after: b c",
        "before: c",
        "before: c d",
        "before: d",
    ]
    assert "after: b" in keys_in("Moscow a b c Moscow", "Moscow", options=Options(target=True))


def test_without_target_features_a_name_is_still_one_form() -> None:
    assert keys_in("Russia's talks", "Russia", options=Options()) == [
        "words: talks",
        f"words: {TARGET_FORM}",
        f"words: {TARGET_FORM} talks",
    ]


def test_character_n_grams_mark_the_ends_of_the_word_and_are_as_many_as_they_stand_there() -> None:
    found = [key for key in keys_in("aaa", options=Options(chars=(2, 3))) if key.startswith("chars")]
    assert found == ["chars: ^a", "chars: ^aa", "chars: a$", "chars: aa", "chars: aa", "chars: aa$", "chars: aaa"]


def test_categories_are_counted_again_in_the_sentences_that_name_the_target() -> None:
    entries = {"m": ["peace talks"], "target": ["talks"]}
    text = "Russia and peace talks. Talks went on"
    options = Options(target=True, lexicon=True, entries=entries)
    assert [key for key in keys_in(text, "Russia", options=options) if "lexicon" in key] == [
        "lexicon: ‹m›",
        "lexicon: ‹target›",
        "target lexicon: ‹m›",
    ]
    untargeted = Options(lexicon=True, entries=entries)
    assert [key for key in keys_in(text, "Russia", options=untargeted) if "lexicon" in key] == [
        "lexicon: ‹m›",
        "lexicon: ‹target›",
    ]


def test_a_category_without_a_number_is_no_feature() -> None:
    class Known(Numbers):
        def __call__(self, forms: Sequence[str]) -> Ints:
            return np.where([form == "‹p›" for form in forms], -1, super().__call__(forms)).astype(np.int64)

    options = Options(target=True, lexicon=True, entries={"m": ["peace"], "p": ["talks"]})
    found = kernel([("Russia, peace and talks", ["Russia"])], options, Known()).rows[0]
    assert sorted(one.key for one in found if "lexicon" in one.key) == ["lexicon: ‹m›", "target lexicon: ‹m›"]


def test_a_sentence_is_near_the_target_of_its_own_row_only() -> None:
    text = "Russia left. Iran stayed"
    near = kernel([(text, ["Russia"]), (text, ["Iran"]), (text, []), ("", ["Russia"])], Options()).near
    assert near == [[True, True, False, False], [False, False, True, True], [False] * 4, []]


def test_stems_are_those_of_the_language_and_none_means_the_forms() -> None:
    assert stem_all(["talks", "talking", "don't"], "english") == ["talk", "talk", "don't"]
    assert stem_all(["москвы", "москве"], "russian") == ["москв", "москв"]
    assert stem_all(["talks"], "none") == ["talks"]
    assert stem_all([], "english") == []


# Keys, counts and values

key_parts = st.tuples(
    st.integers(0, BLOCKS - 1), st.integers(0, LARGEST_FORM), st.one_of(st.just(-1), st.integers(0, LARGEST_FORM))
)


@given(st.lists(key_parts, max_size=20))
def test_a_key_is_made_of_its_block_and_forms_and_is_ordered_by_them(parts: list[tuple[int, int, int]]) -> None:
    columns = np.array(parts, dtype=np.int64).reshape(-1, 3)
    keys = make_keys(columns[:, 0], columns[:, 1], columns[:, 2])
    assert (keys >= 0).all()
    assert [*zip(block_of(keys).tolist(), *(form.tolist() for form in forms_of(keys)), strict=True)] == parts
    assert [parts[at] for at in np.argsort(keys, kind="stable")] == sorted(parts)


@given(reference.rows(), reference.options(), st.integers(0, 3))
@settings(max_examples=100)
def test_counts_are_by_row_and_column_and_every_known_occurrence_has_its_entry(
    rows: Rows, options: Options, kept: int
) -> None:
    batch = prepare([text for text, _ in rows], [parse_names(names) for _, names in rows])
    wanted = FeatureSettings(options.target, options.chars, False)
    found = find_occurrences(batch, wanted, options.language, None, Numbers())
    keys = np.unique(found.key)
    keys = keys[keys % 4 <= kept]
    row, column, counts, entry = count(found, keys)
    expected = Counter(
        (at, key) for at, key in zip(found.row.tolist(), found.key.tolist(), strict=True) if key in set(keys.tolist())
    )
    assert dict(zip(zip(row.tolist(), keys[column].tolist(), strict=True), counts.tolist(), strict=True)) == expected
    assert np.array_equal(np.lexsort((column, row)), np.arange(len(row)))
    known = entry >= 0
    assert np.array_equal(known, np.isin(found.key, keys))
    assert np.array_equal(row[entry[known]], found.row[known])
    assert np.array_equal(keys[column[entry[known]]], found.key[known])


def test_values_are_sublinear_counts_by_idf_with_every_block_of_every_row_of_length_one() -> None:
    row, column = np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1])
    blocks, idf = np.array([0, 0, 2]), np.array([2.0, 1.0, 5.0])
    values = weigh(row, column, np.array([1, 3, 7, 2]), idf, blocks, 2)
    a, b = 2.0, 1 + np.log(3)
    assert values == pytest.approx([a / np.hypot(a, b), b / np.hypot(a, b), 1, 1], abs=1e-15)


def test_a_block_whose_idf_is_nought_has_no_value_and_divides_by_nothing() -> None:
    values = weigh(np.array([0, 0]), np.array([0, 1]), np.array([1, 2]), np.array([0.0, 3.0]), np.array([0, 1]), 1)
    assert values.tolist() == [0, 1]


def test_idf_is_smoothed_and_nought_for_what_no_document_has() -> None:
    idf = inverse_document_frequency(np.array([0, 1, 9]), 9)
    assert idf == pytest.approx([0, np.log(10 / 2) + 1, 1])


def test_a_matrix_is_the_same_in_scipy() -> None:
    matrix = Matrix(np.array([0, 2, 2]), np.array([1, 0, 2]), np.array([0.5, 1.5, 2.5]), (4, 3))
    expected = np.zeros((4, 3))
    expected[matrix.row, matrix.column] = matrix.value
    assert np.array_equal(matrix.csr().toarray(), expected)


def test_a_batch_without_texts_has_no_features() -> None:
    options = Options(True, (3, 5), True, "english", {"m": ["peace"]})
    assert kernel([], options).rows == []
    assert kernel([("", ["Russia"]), ("\0\ud800", [])], options).rows == [[], []]
