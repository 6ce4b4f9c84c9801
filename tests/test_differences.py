"""Differences between groups: their intervals, and that chance alone rarely shows one."""

from __future__ import annotations

import numpy as np
import pytest

from framing.differences import find_differences, mover
from framing.prevalence import Prevalence
from tests.benchmarks.audits import NONE, SHARES, Cell, simulate

APART = np.array([[0.02, 0.02, 0.02, 0.94], [0.3, 0.1, 0.1, 0.5], [0.6, 0.05, 0.05, 0.3]])


def estimated(shares: np.ndarray, audited: int, seed: int = 1) -> Prevalence:
    cell = Cell(shares, 0.1, (audited,) * len(shares), articles=100)
    return simulate(cell, np.random.default_rng(seed)).estimate()


def test_the_interval_of_a_difference_is_made_of_the_two_intervals() -> None:
    value, low, high = mover((1, -1), [(0.5, 0.4, 0.7), (0.2, 0.1, 0.24)])
    assert value == pytest.approx(0.3)
    assert low == pytest.approx(0.3 - (0.1**2 + 0.04**2) ** 0.5)
    assert high == pytest.approx(0.3 + (0.2**2 + 0.1**2) ** 0.5)


def test_groups_that_are_far_apart_are_ordered() -> None:
    found = find_differences(estimated(APART, 30))
    assert set(found.order(0)) == {(1, 0), (2, 0), (2, 1)}
    for one in found.found:
        if one.verdict == "higher":
            assert one.low > 0
        assert one.low <= one.value <= one.high


def test_groups_that_are_alike_cannot_be_told_apart() -> None:
    found = find_differences(estimated(np.tile(SHARES, (4, 1)), 12))
    assert {one.verdict for one in found.found} == {"cannot tell apart"}
    assert all(found.order(label) == () for label in range(4))


def test_chance_alone_rarely_shows_a_difference_anywhere() -> None:
    false = 0
    for seed in range(60):
        found = find_differences(estimated(np.tile(SHARES, (3, 1)), 10, seed))
        false += any(one.verdict != "cannot tell apart" for one in found.found)
    assert false <= 7


def test_every_pair_and_every_group_against_the_rest_is_asked_once() -> None:
    found = find_differences(estimated(APART, 12))
    asked = [(one.group, one.other) for one in found.found if one.label == 0]
    assert asked == [(0, 1), (0, 2), (1, 2), (0, None), (1, None), (2, None)]
    assert {one.label for one in found.found} == {0, 1, 2, NONE}


def test_framed_shares_are_compared_without_the_none_label() -> None:
    found = find_differences(estimated(APART, 12), framed=True)
    assert {one.label for one in found.found} == {0, 1, 2}


def test_two_groups_are_one_pair_and_one_group_is_none() -> None:
    assert len(find_differences(estimated(APART[:2], 12)).found) == 4
    assert find_differences(estimated(APART[:1], 12)).found == ()


def test_more_comparisons_need_a_higher_critical_value_below_bonferroni() -> None:
    few, many = (find_differences(estimated(np.tile(SHARES, (count, 1)), 8)).critical for count in (2, 6))
    assert 1.96 < few < many
    # Bonferroni for 21 differences of 4 labels.
    assert many < 3.44


def test_the_same_seed_gives_the_same_differences() -> None:
    found = estimated(APART, 12)
    assert find_differences(found) == find_differences(found)
