"""Fold models put together: what an audited paragraph gets, and what the others of its group get."""

from __future__ import annotations

import numpy as np
import pytest

from framing.foldmix import SEEN, WHOLE, mix_folds
from framing.prevalence import estimate_prevalence

TWO = np.array([[0.9, 0.1], [0.3, 0.7]])
"""What two fold models say of every paragraph."""


def test_a_group_gets_the_fold_models_in_the_parts_of_its_audited_paragraphs() -> None:
    each, group = np.tile(TWO, (8, 1, 1)), np.array([0, 0, 0, 0, 1, 1, 2, 2])
    audited, folds = np.array([0, 1, 2, 4]), np.array([0, 0, 1, 1])
    found = mix_folds(each, group, audited, folds, np.array([1.0, 2.0, 1.0, 5.0]))
    assert found[:3, 0].tolist() == [0.9, 0.9, 0.3]
    assert found[3, 0] == pytest.approx(0.9 * 3 / 4 + 0.3 / 4)
    assert found[5, 0] == pytest.approx(0.3)
    assert found[6:, 0] == pytest.approx([0.6, 0.6])  # not audited: the plain mean


def test_an_audited_paragraph_that_no_model_or_every_model_learned_from_is_no_part_of_the_mixture() -> None:
    found = mix_folds(np.tile(TWO, (4, 1, 1)), np.zeros(4, np.int64), np.arange(3), np.array([1, WHOLE, SEEN]),
                      np.ones(3))  # fmt: skip
    assert found[:, 0] == pytest.approx([0.3, 0.3, 0.5, 0.3])


def test_what_a_fold_model_says_too_often_drops_out_where_a_group_was_audited_in_one_fold() -> None:
    rng = np.random.default_rng(0)
    true = np.eye(2)[(rng.random(400) < 0.4).astype(int)]
    article, group, audited = np.arange(400) // 2, np.zeros(400, np.int64), np.arange(0, 400, 5)
    each = np.stack([0.5 * true + 0.5 * one for one in TWO], axis=1)  # as good, and leaning in other directions
    folds = np.where(np.arange(80) < 70, 0, 1)
    mixed = mix_folds(each, group, audited, folds, np.full(80, 5.0))
    (found,) = estimate_prevalence(group, article, mixed, audited, np.full(80, 0.2), true[audited]).groups
    plain = each.mean(axis=1)
    plain[audited] = mixed[audited]
    (biased,) = estimate_prevalence(group, article, plain, audited, np.full(80, 0.2), true[audited]).groups
    share = true[:, 1].mean()
    assert abs(found.corrected.all[1].value - share) < 0.03
    assert abs(biased.corrected.all[1].value - share) > 0.05
