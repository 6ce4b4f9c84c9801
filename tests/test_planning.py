"""How many articles an audit needs: the plan keeps what it promises."""

from __future__ import annotations

import numpy as np
import pytest

from framing.errors import UsageError
from framing.planning import articles_needed
from tests.benchmarks.audits import Cell, simulate


def test_a_plan_gives_the_half_width_that_was_asked() -> None:
    plan = articles_needed(0.08, 0.15, 0.2)
    assert plan.low <= plan.median <= plan.high
    assert 0.07 < plan.median <= 0.08
    assert 25 < plan.articles < 45


def test_more_alike_paragraphs_and_unequal_articles_need_more_and_good_predictions_fewer() -> None:
    usual = articles_needed(0.08, 0.15, 0.2).articles
    assert articles_needed(0.08, 0.15, 0.5).articles > usual
    assert articles_needed(0.08, 0.15, 0.2, length_variation=0.8).articles > usual
    assert articles_needed(0.08, 0.15, 0.2, per_article=1).articles > usual
    assert articles_needed(0.08, 0.15, 0.2, correlation=0.7).articles < usual
    assert articles_needed(0.04, 0.15, 0.2).articles > 3 * usual


def test_a_wide_interval_still_needs_the_fewest_articles_that_are_estimated() -> None:
    assert articles_needed(0.4, 0.15, 0.1).articles == 6


def test_an_audit_of_the_planned_size_has_about_the_planned_half_width() -> None:
    shares = np.array([0.15, 0.15, 0.1, 0.6])
    plan = articles_needed(0.1, 0.15, 0.2, length_variation=0.85)
    rng = np.random.default_rng(0)
    halves = []
    for _ in range(60):
        data = simulate(Cell(np.tile(shares, (2, 1)), 0.2, (plan.articles,) * 2), rng)
        halves += [(one.by_hand.all[0].high - one.by_hand.all[0].low) / 2 for one in data.estimate().groups]
    assert np.median(halves) == pytest.approx(plan.median, rel=0.2)


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ((0.0, 0.1, 0.1), "half-width"),
        ((0.08, 1.0, 0.1), "prevalence"),
        ((0.08, 0.1, 1.0), "correlation"),
        ((0.0001, 0.5, 0.1), "more than 5000"),
    ],
)
def test_figures_out_of_range_are_refused(figures: tuple[float, float, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        articles_needed(*figures)
