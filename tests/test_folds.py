"""Folds: whole groups, no shared article and no near-copy, every label in every training part, or none at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from framing.folds import Fold, make_folds, number_groups
from framing.labels import Sentence, Unit, gold
from framing.tokens import Ints
from framing.trainingset import TrainingSet, training_set
from tests.small import edited, invented_labels, invented_units, labels_of


def folds_of(
    y: list[int],
    groups: list[int],
    *,
    families: list[int] | None = None,
    evaluated: list[bool] | None = None,
    most: int = 5,
) -> list[Fold] | None:
    count = len(y)
    return make_folds(
        np.array(y),
        np.array(groups),
        (np.array(families if families is not None else range(count)),),
        np.ones(count, np.bool_),
        np.ones(count, np.bool_),
        most=most,
        labels=len(set(y)),
        seed=0,
    )


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[bool], list[bool]]:
    count = draw(st.integers(4, 40))

    def column(most: int) -> list[int]:
        return draw(st.lists(st.integers(0, most), min_size=count, max_size=count))

    bools = st.lists(st.booleans(), min_size=count, max_size=count)
    return column(2), column(12), column(25), draw(bools), draw(bools)


@given(rows(), st.integers(2, 10), st.integers(0, 3))
@settings(max_examples=60)
def test_folds_split_whole_groups_and_training_parts_share_nothing_with_them(
    columns: tuple[list[int], list[int], list[int], list[bool], list[bool]], most: int, seed: int
) -> None:
    y, groups, families = (np.array(column, np.int64) for column in columns[:3])
    evaluated, available = (np.array(column) for column in columns[3:])
    assume((evaluated & available).any())
    labels = len(np.unique(y[available]))
    folds = make_folds(y, groups, (families,), evaluated, available, most=most, labels=labels, seed=seed)
    if folds is None:
        return
    assert 2 <= len(folds) <= most
    assert np.array_equal(sum(fold.test.astype(int) for fold in folds), (evaluated & available).astype(int))
    for fold in folds:
        assert fold.test.any()
        assert not (fold.train & ~available).any()
        assert set(np.unique(y[fold.train])) == set(np.unique(y[available]))
        for numbers in (groups, families):
            assert not set(numbers[fold.train]) & set(numbers[fold.test])
        unrelated = ~np.isin(groups, groups[fold.test]) & ~np.isin(families, families[fold.test])
        assert np.array_equal(fold.train, available & unrelated)


def test_the_same_seed_gives_the_same_folds_and_another_seed_others() -> None:
    y, groups = [number % 3 for number in range(60)], [number // 2 for number in range(60)]
    tests = []
    for seed in (0, 0, 1):
        folds = make_folds(
            np.array(y),
            np.array(groups),
            (),
            np.ones(60, np.bool_),
            np.ones(60, np.bool_),
            most=5,
            labels=3,
            seed=seed,
        )
        assert folds is not None
        tests.append([fold.test.tolist() for fold in folds])
    assert tests[0] == tests[1] != tests[2]


def test_labels_are_spread_evenly() -> None:
    folds = folds_of([number % 2 for number in range(100)], [number // 2 for number in range(100)])
    assert folds is not None
    assert [int(fold.test.sum()) for fold in folds] == [20] * 5


@pytest.mark.parametrize(
    ("y", "groups"),
    [
        ([0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 4, 4]),
        ([0, 1, 0, 1], [0, 0, 0, 0]),
        ([0, 0, 0, 1], [0, 1, 2, 3]),
    ],
    ids=["a label in one article only", "one article only", "a label of one paragraph"],
)
def test_there_are_no_folds_where_some_training_part_would_lack_a_label(y: list[int], groups: list[int]) -> None:
    assert folds_of(y, groups) is None


def test_fewer_folds_are_made_where_as_many_as_asked_for_cannot_be() -> None:
    folds = folds_of([0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2], most=10)
    assert folds is not None
    assert len(folds) == 3


def test_a_label_in_two_groups_is_enough() -> None:
    folds = folds_of([0] * 20 + [1, 1], list(range(22)), most=5)
    assert folds is not None
    assert all(fold.train[20:].any() for fold in folds)


def test_near_copies_of_all_paragraphs_of_a_label_make_folds_impossible() -> None:
    families = [*range(6), 9, 9]
    assert folds_of([0, 0, 0, 0, 0, 0, 1, 1], list(range(8)), families=families) is None


def test_groups_are_numbered_by_first_appearance_and_none_is_its_own() -> None:
    assert number_groups(["b", "a", None, "b", None]).tolist() == [0, 1, 2, 0, 3]
    assert number_groups([None, 0, "0"]).tolist() == [0, 1, 2]


# The rows of real training sets.


def _training_set(units: list[Unit], given: dict[str, str], sentences: tuple[Sentence, ...] = ()) -> TrainingSet:
    labels = labels_of(units, given, sentences=sentences)
    return training_set(labels, gold(labels))


def _folds(data: TrainingSet, groups: Ints) -> list[Fold]:
    every = np.ones(len(data.y), np.bool_)
    folds = make_folds(data.y, groups, data.apart, data.is_unit, every, most=5, labels=len(np.unique(data.y)), seed=0)
    assert folds is not None
    return folds


@pytest.mark.parametrize("scheme", ["groups", "sources"])
def test_no_training_part_has_an_article_a_near_copy_or_a_copied_sentence_of_what_it_predicts(scheme: str) -> None:
    units, given = invented_units(60)
    planted = []
    for number in range(0, 40, 4):
        copy = Unit(f"copy{number}", edited(units[number].text), f"copies{number}", units[(number + 7) % 60].source)
        planted.append(copy)
        given[copy.id] = given[units[number].id]
    texts = [*units, *planted]
    sentences = tuple(Sentence(" ".join(unit.text.split()[4:16]), given[unit.id]) for unit in units[::3])
    data = _training_set(texts, given, sentences)
    for fold in _folds(data, getattr(data, scheme)):
        tested = {texts[row].id for row in np.flatnonzero(fold.test)}
        learned = {texts[row].id for row in np.flatnonzero(fold.train & data.is_unit)}
        assert not {unit.article for unit in texts if unit.id in tested} & {
            unit.article for unit in texts if unit.id in learned
        }
        for number in range(0, 40, 4):
            assert not ({f"u{number}", f"copy{number}"} & tested and {f"u{number}", f"copy{number}"} & learned)
        for place, number in enumerate(range(0, 60, 3)):
            if f"u{number}" in tested:
                assert not fold.train[len(texts) + place]
        if scheme == "sources":
            assert not set(data.sources[fold.test]) & set(data.sources[fold.train])
    assert any(fold.train[len(texts) :].any() for fold in _folds(data, getattr(data, scheme)))


def test_a_sentence_of_the_tested_article_or_source_is_not_learned_from() -> None:
    units, given = invented_units(60)
    sentences = (
        Sentence("Orvania hosted nobody whatever in that season.", "broker", article="a0"),
        Sentence("Orvania blocked everything else in that year.", "obstacle", source="s0"),
    )
    data = _training_set(units, given, sentences)
    for fold in _folds(data, data.groups):
        assert fold.train[60] != any(units[row].article == "a0" for row in np.flatnonzero(fold.test))
        assert fold.train[61]
    for fold in _folds(data, data.sources):
        of_source = any(units[row].source == "s0" for row in np.flatnonzero(fold.test))
        assert fold.train[61] != of_source


def test_an_article_that_two_sources_carry_is_not_learned_from_while_one_of_them_is_tested() -> None:
    units, given = invented_units(60, per_article=0)
    units = [Unit(unit.id, unit.text, f"a{number % 29}", unit.source) for number, unit in enumerate(units)]
    data = _training_set(units, given)
    for fold in _folds(data, data.sources):
        assert not {units[row].article for row in np.flatnonzero(fold.test)} & {
            units[row].article for row in np.flatnonzero(fold.train)
        }


def test_the_same_text_asked_about_two_targets_is_in_one_fold() -> None:
    units, given = invented_units(40, per_article=0)
    twice = [
        Unit(f"{unit.id}-{target}", unit.text, target=target) for unit in units for target in ("Orvania", "Selmark")
    ]
    data = _training_set(twice, {unit.id: given[unit.id.split("-")[0]] for unit in twice})
    assert (data.groups[::2] == data.groups[1::2]).all()
    for fold in _folds(data, data.groups):
        assert (fold.test[::2] == fold.test[1::2]).all()
    assert data.names[0] != data.names[1]


def test_a_row_without_an_article_is_its_own_article() -> None:
    labels = invented_labels(30, per_article=0)
    data = training_set(labels, gold(labels))
    assert data.facts["articles"] == 30
    assert len(set(data.groups.tolist())) == 30
