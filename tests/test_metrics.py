"""Scores, intervals and calibration, against scikit-learn, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from framing.metrics import calibration_error, chance_calibration_error, fit_temperature, probabilities, score_labels

LABELS = ("a", "b", "c")


def test_a_small_case_counted_by_hand() -> None:
    scores = score_labels(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 0, 2]), np.arange(6), LABELS, seed=0)
    assert scores.n == scores.groups == 6
    assert scores.accuracy.value == pytest.approx(4 / 6)
    assert scores.confusion == ((2, 1, 0), (1, 1, 0), (0, 0, 1))
    assert scores.per_label["a"].precision.value == pytest.approx(2 / 3)
    assert scores.per_label["a"].recall.value == pytest.approx(2 / 3)
    assert scores.per_label["b"].f1.value == pytest.approx(1 / 2)
    assert [scores.per_label[label].support for label in LABELS] == [3, 2, 1]
    assert scores.macro_f1.value == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)


def test_a_label_that_is_neither_there_nor_given_counts_as_nought_in_macro_f1() -> None:
    scores = score_labels(np.array([0, 1]), np.array([0, 1]), np.arange(2), LABELS, seed=0)
    assert scores.macro_f1.value == pytest.approx(2 / 3)
    assert (scores.per_label["c"].f1.value, scores.per_label["c"].support) == (0, 0)


cases = st.integers(1, 60).flatmap(
    lambda count: st.tuples(
        *(st.lists(st.integers(0, most), min_size=count, max_size=count) for most in (2, 2, max(count // 2, 1)))
    )
)


@given(cases)
@settings(max_examples=40)
def test_scores_are_those_of_scikit_learn_and_lie_inside_their_intervals(
    columns: tuple[list[int], list[int], list[int]],
) -> None:
    gold, given, groups = (np.array(column, np.int64) for column in columns)
    scores = score_labels(gold, given, groups, LABELS, seed=0)
    assert scores.accuracy.value == pytest.approx(accuracy_score(gold, given))
    macro = f1_score(gold, given, labels=[0, 1, 2], average="macro", zero_division=0)
    assert scores.macro_f1.value == pytest.approx(macro)
    assert np.array_equal(scores.confusion, confusion_matrix(gold, given, labels=[0, 1, 2]))
    expected = precision_recall_fscore_support(gold, given, labels=[0, 1, 2], zero_division=0)
    for number, label in enumerate(LABELS):
        mine = scores.per_label[label]
        assert mine.precision.value == pytest.approx(expected[0][number])
        assert mine.recall.value == pytest.approx(expected[1][number])
        assert mine.f1.value == pytest.approx(expected[2][number])
        assert mine.support == expected[3][number]
    every = [scores.accuracy, scores.macro_f1]
    every += [getattr(one, key) for one in scores.per_label.values() for key in ("precision", "recall", "f1")]
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in every)


def test_the_figure_lies_in_its_interval_even_where_nearly_every_resample_lacks_some_label() -> None:
    y = np.arange(9)
    scores = score_labels(y, y, y, [str(number) for number in y], seed=0)
    assert scores.macro_f1.value == scores.macro_f1.high == 1
    assert scores.macro_f1.low < 1


def test_an_interval_over_alike_groups_is_wider_than_one_over_rows() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 10)
    gold = rng.integers(0, 2, 200)
    given = np.where(np.repeat(rng.random(20) < 0.6, 10), gold, 1 - gold)
    by_group = score_labels(gold, given, groups, ("a", "b"), seed=0).accuracy
    by_row = score_labels(gold, given, np.arange(200), ("a", "b"), seed=0).accuracy
    assert by_group.value == by_row.value
    assert by_group.high - by_group.low > 2.5 * (by_row.high - by_row.low)


def test_the_interval_of_an_accuracy_is_about_as_wide_as_the_binomial_one() -> None:
    right = np.arange(400) % 4 > 0
    interval = score_labels(np.zeros(400, int), np.where(right, 0, 1), np.arange(400), ("a", "b"), seed=0).accuracy
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert interval.low == pytest.approx(0.75 - half, abs=0.008)
    assert interval.high == pytest.approx(0.75 + half, abs=0.008)


def test_the_95_percent_interval_holds_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        gold = np.zeros(200, np.int64)
        interval = score_labels(gold, (rng.random(200) > 0.7).astype(int), np.arange(200), ("a", "b"), seed=1).accuracy
        held += interval.low <= 0.7 <= interval.high
    assert 88 <= held <= 100


def test_one_group_alone_says_nothing_about_others() -> None:
    scores = score_labels(np.array([0, 1]), np.array([0, 1]), np.array([4, 4]), ("a", "b"), seed=0)
    assert (scores.accuracy.low, scores.accuracy.value, scores.accuracy.high) == (0, 1, 1)


def test_the_same_seed_gives_the_same_interval_whatever_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    gold, given, groups = rng.integers(0, 3, 90), rng.integers(0, 3, 90), rng.integers(0, 30, 90)
    order = rng.permutation(90)
    one = score_labels(gold, given, groups, LABELS, seed=5)
    assert one == score_labels(gold[order], given[order], groups[order], LABELS, seed=5)
    assert one.accuracy != score_labels(gold, given, groups, LABELS, seed=6).accuracy


def test_the_json_form_has_the_keys_that_were_promised() -> None:
    values = score_labels(np.array([0, 1, 2]), np.array([0, 1, 1]), np.arange(3), LABELS, seed=0).to_dict()
    assert set(values) == {"n", "groups", "labels", "accuracy", "macro_f1", "per_label", "confusion"}
    assert set(values["accuracy"]) == set(values["macro_f1"]) == {"value", "low", "high"}
    assert set(values["per_label"]["a"]) == {"precision", "recall", "f1", "support"}
    assert values["confusion"] == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]


# Calibration.


def simulated(rows: int, *, scale: float = 1.0, labels: int = 4, seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are `scale` times as large as they should be, and labels drawn from the right shares."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (rows, labels))
    drawn = (probabilities(logits).cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1)
    return logits * scale, np.minimum(drawn, labels - 1)


@given(st.lists(st.lists(st.floats(-700, 700), min_size=3, max_size=3), min_size=1), st.floats(0.05, 20))
def test_probabilities_sum_to_one_and_keep_the_order_of_the_logits(rows: list[list[float]], temperature: float) -> None:
    logits = np.array(rows)
    shares = probabilities(logits, temperature)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert (shares[np.arange(len(logits)), logits.argmax(axis=1)] == shares.max(axis=1)).all()


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_the_temperature_recovers_a_known_scale(scale: float) -> None:
    logits, gold = simulated(8000, scale=scale)
    assert fit_temperature(logits, gold) == pytest.approx(scale, rel=0.06)


def test_without_rows_nothing_is_fitted() -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, np.int64)) == 1
    assert calibration_error(np.zeros((0, 3)), np.zeros(0, np.int64)) == 0


def test_rows_that_are_all_right_or_all_wrong_give_a_temperature_within_its_bounds() -> None:
    logits = np.array([[2.0, 0.0], [3.0, 0.0]])
    assert 0.05 <= fit_temperature(logits, np.array([0, 0])) < 0.06
    assert 19 < fit_temperature(logits, np.array([1, 1])) <= 20


def test_the_calibration_error_is_small_where_shares_are_right_and_large_where_they_are_too_sure() -> None:
    logits, gold = simulated(8000)
    assert calibration_error(probabilities(logits), gold) < 0.02
    too_sure, gold = simulated(8000, scale=4)
    assert calibration_error(probabilities(too_sure), gold) > 0.15
    assert calibration_error(probabilities(too_sure, fit_temperature(too_sure, gold)), gold) < 0.02


def test_a_calibration_error_counted_by_hand() -> None:
    shares = np.array([[0.95, 0.05], [0.95, 0.05], [0.35, 0.65], [0.0, 1.0]])
    # Bins 0.9 to 1: sureness 0.95 + 0.95 + 1, two of three right; 0.6 to 0.7: 0.65, right.
    assert calibration_error(shares, np.array([0, 1, 1, 1])) == pytest.approx((abs(2 - 2.9) + abs(1 - 0.65)) / 4)


def test_the_calibration_error_by_chance_is_that_of_labels_drawn_from_their_probabilities() -> None:
    drawn = [
        calibration_error(probabilities(logits), gold) for logits, gold in (simulated(200, seed=s) for s in range(300))
    ]
    by_chance = [chance_calibration_error(probabilities(simulated(200, seed=seed)[0])) for seed in range(5)]
    assert np.mean([one.value for one in by_chance]) == pytest.approx(np.median(drawn), rel=0.1)
    inside = np.mean([by_chance[0].low <= one <= by_chance[0].high for one in drawn])
    assert 0.9 <= inside <= 0.99


def test_the_calibration_error_by_chance_shrinks_with_the_root_of_the_number() -> None:
    few, many = (chance_calibration_error(probabilities(simulated(n)[0])).value for n in (200, 12_800))
    assert many == pytest.approx(few / 8, rel=0.2)
    nothing = chance_calibration_error(np.zeros((0, 3)))
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)
