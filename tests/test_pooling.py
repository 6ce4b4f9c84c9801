"""What all groups tell together: likeness within articles, the weight of the predictions, kinds of error."""

from __future__ import annotations

import numpy as np
import pytest

from framing.pooling import Audited, pool


def groups_of(icc: float, *, count: int = 400, articles: int = 6, useful: bool = True) -> list[Audited]:
    """Draw audits of three paragraphs of each of a few articles, some of which speak for six times as many others."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(count):
        number = np.repeat(np.arange(articles), 3)
        own = rng.beta(0.4 * (1 / icc - 1), 0.6 * (1 / icc - 1), articles) if icc else np.full(articles, 0.4)
        true = (rng.random(3 * articles) < own[number]).astype(np.int64)
        given = np.where(rng.random(3 * articles) < 0.2, 1 - true, true)
        predicted = given if useful else rng.integers(0, 2, 3 * articles)
        lengths = rng.choice([1.0, 2.0, 6.0], articles)
        found.append(Audited(lengths[number], number, np.eye(2)[true], np.eye(2)[predicted]))
    return found


@pytest.mark.parametrize("icc", [0.05, 0.2, 0.5])
def test_the_likeness_of_articles_is_found_where_few_of_them_are_long(icc: float) -> None:
    found = pool(groups_of(icc, count=1500))
    assert np.mean([one.icc_codes for one in found]) == pytest.approx(icc, abs=0.03)


def test_independent_paragraphs_are_hardly_found_alike() -> None:
    assert np.mean([one.icc_codes for one in pool(groups_of(0.0))]) < 0.03


def test_the_weight_is_the_slope_of_codes_on_predictions_and_0_where_they_tell_nothing() -> None:
    # Four of five labels are right either way: codes rise by 0.6 of a prediction's rise, 0.6 being 1 less twice 0.2.
    weights = [one.weight for one in pool(groups_of(0.0))]
    assert np.mean(weights) == pytest.approx(0.59, abs=0.06)
    assert np.mean([one.weight for one in pool(groups_of(0.0, useful=False))]) < 0.05


def test_a_group_is_drawn_to_the_others_and_alone_stands_for_itself() -> None:
    useful, useless = groups_of(0.0, count=1)[0], groups_of(0.0, count=30, useful=False)
    alone, together = pool([useful])[0].weight, pool([useful, *useless])[0].weight
    assert 0 < together < alone / 2


def test_the_errors_are_the_mean_predictions_by_label() -> None:
    found = pool(groups_of(0.0))[0].errors
    assert found.means == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8]]), abs=0.12)
    assert found.covariances[0, 0, 0] == pytest.approx(-found.covariances[0, 0, 1])


def test_a_label_that_nobody_gave_is_taken_to_be_predicted_as_the_others_are() -> None:
    group = groups_of(0.0, count=1)[0]
    codes, predicted = (np.hstack((rows, np.zeros((len(rows), 1)))) for rows in (group.codes, group.predicted))
    errors = pool([Audited(group.weights, group.articles, codes, predicted)])[0].errors
    assert errors.means[2] == pytest.approx([*group.mean(group.predicted).tolist(), 0.0])


def test_without_groups_there_is_nothing_to_pool() -> None:
    assert pool([]) == []
