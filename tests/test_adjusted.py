"""Shares without an audit: predicted counts undone by the confusion, with its uncertainty, and their check."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from framing.adjusted import FEWEST_ARTICLES, AdjustedShares, adjust_counts, expectation_maximisation, solve_shares
from framing.errors import LabelsError
from tests.peers.freeze import FILE

PEERS = json.loads(FILE.read_text(encoding="utf-8"))
SHARES = np.array([0.1, 0.1, 0.2, 0.6])
ERRORS = np.array([[0.7, 0.1, 0.05, 0.15], [0.1, 0.7, 0.05, 0.15], [0.1, 0.1, 0.65, 0.15], [0.03, 0.02, 0.02, 0.93]])
"""The chance of each predicted label (columns) given the true one."""


def adjusted(errors: np.ndarray, *, training: int = 600, seed: int = 0) -> AdjustedShares:
    rng = np.random.default_rng(seed)
    true = rng.choice(4, 1000, p=SHARES)
    given = np.array([rng.choice(4, p=errors[one]) for one in true])
    gold = np.arange(training) % 4
    predicted = np.array([rng.choice(4, p=errors[one]) for one in gold])
    # What a calibrated classifier says, trained where all labels are equally frequent.
    probabilities = (errors / errors.sum(axis=0)).T[given]
    (found,) = adjust_counts(
        np.zeros(1000, np.int64), np.arange(1000) // 5, probabilities, gold, predicted, np.arange(training) // 4
    )
    return found


def test_counts_are_undone_exactly_where_the_rates_are_known() -> None:
    assert solve_shares(ERRORS[None], (SHARES @ ERRORS)[None])[0] == pytest.approx(SHARES, abs=1e-6)


def test_counts_that_no_shares_would_give_are_undone_as_well_as_shares_can() -> None:
    found = solve_shares(ERRORS[None], np.array([[0.0, 0.0, 0.0, 1.0]]))[0]
    assert found == pytest.approx([0, 0, 0, 1], abs=1e-6)


def test_expectation_maximisation_finds_the_shares_of_another_corpus() -> None:
    probabilities = (ERRORS / ERRORS.sum(axis=0)).T
    given = np.random.default_rng(0).choice(4, 20_000, p=SHARES @ ERRORS)
    assert expectation_maximisation(probabilities[given], np.full(4, 0.25)) == pytest.approx(SHARES, abs=0.02)


@pytest.mark.parametrize("case", PEERS["acc"])
def test_adjusted_counts_are_those_of_quapy(case: dict[str, Any]) -> None:
    gold, given, counts = (np.array(case[name]) for name in ("gold", "given", "counts"))
    labels, total = len(counts), int(counts.sum())
    probabilities = np.eye(labels)[np.repeat(np.arange(labels), counts)] * 0.9 + 0.1 / labels
    places = np.arange(total)
    (found,) = adjust_counts(np.zeros_like(places), places, probabilities, gold, given, np.arange(len(gold)))
    # By matrix inversion where that gives shares, else the least squares among shares, which quapy finds roughly.
    exact = min(case["exact"]) >= 0
    theirs = case["exact"] if exact else case["least_squares"]
    values = [(share.value, theirs[label]) for label, share in enumerate(found.shares) if share.value is not None]
    for value, other in values:
        assert value == pytest.approx(other, abs=1e-5 if exact else 2e-3)
    rates = np.array(
        [[((gold == a) & (given == b)).sum() / (gold == a).sum() for b in range(labels)] for a in range(labels)]
    )
    solved = solve_shares(rates[None], counts[None] / total)[0]
    assert solved == pytest.approx(np.array(theirs), abs=1e-5 if exact else 2e-3)
    assert np.abs(solved @ rates - counts / total).max() <= np.abs(theirs @ rates - counts / total).max() + 1e-3


@pytest.mark.parametrize("case", PEERS["em"])
def test_expectation_maximisation_is_that_of_quapy(case: dict[str, Any]) -> None:
    found = expectation_maximisation(np.array(case["probabilities"]), np.array(case["prior"]))
    assert found == pytest.approx(case["shares"], abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_adjusted_shares_are_near_the_true_ones_and_both_ways_agree(seed: int) -> None:
    found = adjusted(ERRORS, seed=seed)
    assert (found.paragraphs, found.articles) == (1000, 200)
    for share, true in zip(found.shares, SHARES, strict=True):
        assert share.value is not None
        assert share.low is not None
        assert share.high is not None
        assert abs(share.value - true) < 0.1
        assert 0 <= share.low <= share.value <= share.high <= 1
        assert share.low <= share.check <= share.high
    assert sum(share.value or 0 for share in found.shares) == pytest.approx(1)


def test_a_smaller_confusion_gives_longer_intervals() -> None:
    large, small = (adjusted(ERRORS, training=size).shares[3] for size in (1200, 80))
    assert large.high is not None
    assert large.low is not None
    assert small.high is None or small.low is None or small.high - small.low > large.high - large.low


def test_what_a_useless_classifier_says_is_withheld() -> None:
    found = adjusted(np.full((4, 4), 0.25))
    withheld = [share for share in found.shares if share.value is None]
    assert withheld
    assert all(share.low is None and share.high is None for share in withheld)


def drawn_groups(
    shares: np.ndarray, articles: int, rng: np.random.Generator, groups: int = 1, alike: float = 0.3
) -> tuple[AdjustedShares, ...]:
    """The shares of groups of few articles whose paragraphs are alike, by a confusion that was drawn as well.

    So often a paragraph has its article's own label: the intraclass correlation is the square of it.
    """
    sizes = rng.integers(2, 8, articles * groups)
    article = np.repeat(np.arange(articles * groups), sizes)
    lean = np.repeat(rng.choice(4, articles * groups, p=shares), sizes)
    true = np.where(rng.random(len(article)) < alike, lean, rng.choice(4, len(article), p=shares))
    gold = np.arange(600) % 4
    given, predicted = (
        (ERRORS.cumsum(axis=1)[of, :-1] < rng.random(len(of))[:, None]).sum(axis=1) for of in (true, gold)
    )
    probabilities = np.eye(4)[given] * 0.8 + 0.05
    return adjust_counts(article // articles, article, probabilities, gold, predicted, np.arange(600) // 4,
                         none=3, seed=int(rng.integers(1000)))  # fmt: skip


@pytest.mark.parametrize("shares", [(0.02, 0.18, 0.2, 0.6), (0.0, 0.1, 0.3, 0.6)])
def test_intervals_of_twenty_articles_hold_near_the_edge_and_never_shrink_to_nothing(shares: tuple[float, ...]) -> None:
    true, rng = np.array(shares), np.random.default_rng(5)
    among = true / (1 - true[3])
    held, told, framed = np.zeros(4), np.zeros(4), []
    for found in (one for _ in range(20) for one in drawn_groups(true, 20, rng, groups=10)):
        for label, (one, other) in enumerate(zip(found.shares, found.framed, strict=True)):
            if one.low is not None and one.high is not None:
                told[label] += 1
                held[label] += one.low <= true[label] <= one.high
                assert one.high - one.low > 0.01
            if other is not None and other.low is not None and other.high is not None:
                framed.append(other.low <= among[label] <= other.high)
    assert (told > 0.9 * 200).all()
    assert (held >= 0.92 * told).all()
    assert np.mean(framed) >= 0.9


def test_a_label_that_is_predicted_in_none_of_twelve_articles_may_yet_be_there() -> None:
    gold = np.arange(600) % 4
    given = np.where(np.arange(600) % 10 < 7, gold, (gold + 1 + np.arange(600) // 4 % 3) % 4)
    found = adjust_counts(np.zeros(60, np.int64), np.arange(60) // 5, np.eye(4)[np.full(60, 3)], gold, given,
                          np.arange(600) // 2)[0]  # fmt: skip
    assert all(one.value is not None and one.value < 0.01 for one in found.shares[:3])
    assert all(one.high is not None and one.high > 0.1 for one in found.shares[:3])


@pytest.mark.parametrize(("articles", "least", "most"), [(6, 0.5, 0.87), (FEWEST_ARTICLES, 0.88, 1.0)])
def test_what_is_told_of_a_frequent_label_holds_from_so_many_articles_on(
    articles: int, least: float, most: float
) -> None:
    """Below the limit it is told only where the articles happen to be alike, and does not hold."""
    true, rng, held = np.array([0.3, 0.1, 0.2, 0.4]), np.random.default_rng(articles), []
    for found in (one for _ in range(40) for one in drawn_groups(true, articles, rng, groups=10, alike=0.45)):
        share = found.shares[3]
        if share.low is not None and share.high is not None:
            held.append(share.low <= true[3] <= share.high)
    assert len(held) > 30
    assert least < np.mean(held) < most


def test_shares_among_framed_paragraphs_sum_to_one_and_need_framed_paragraphs() -> None:
    (found,) = drawn_groups(SHARES, 400, np.random.default_rng(2))
    assert found.framed[3] is None
    assert sum(one.value or 0 for one in found.framed if one) == pytest.approx(1)
    assert all(one is None for one in adjusted(ERRORS).framed)  # where no label means "not framed"


def test_a_label_without_training_paragraphs_is_refused() -> None:
    zeros = np.zeros(4, np.int64)
    with pytest.raises(LabelsError, match="lacks label 1"):
        adjust_counts(zeros, zeros, np.full((4, 2), 0.5), zeros, zeros, np.arange(4))


def test_a_confusion_of_one_article_is_refused() -> None:
    zeros, gold = np.zeros(4, np.int64), np.array([0, 1, 0, 1])
    with pytest.raises(LabelsError, match="single article"):
        adjust_counts(zeros, zeros, np.full((4, 2), 0.5), gold, gold, zeros)
