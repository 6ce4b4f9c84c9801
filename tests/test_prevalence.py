"""Shares corrected by an audit: what they are in cases that can be reckoned by hand, and whether intervals hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.effective import adjusted_sizes, beta_interval, design_of
from framing.errors import LabelsError
from framing.prevalence import UNKNOWN, GroupShares, Prevalence, estimate_prevalence, naive_shares
from tests.benchmarks.audits import NONE, SHARES, Cell, Data, simulate
from tests.peers.freeze import FILE


def drawn(
    seed: int = 0, *, shares: np.ndarray = SHARES, audited: tuple[int, ...] = (12, 12), articles: int = 60
) -> Data:
    return simulate(
        Cell(np.tile(shares, (len(audited), 1)), 0.2, audited, articles=articles), np.random.default_rng(seed)
    )


def values(found: Prevalence) -> np.ndarray:
    return np.array([[share.value for share in one.corrected.all] for one in found.groups])


def test_two_articles_of_three_paragraphs_weigh_as_reckoned_by_hand() -> None:
    design = design_of(np.ones(6), np.array([0, 0, 0, 1, 1, 1]))
    assert (design.paragraphs, design.articles) == pytest.approx((1 / 6, 1 / 2))
    # The design effect 1 + (3 - 1) icc, over 6 paragraphs.
    assert design.factor(0.25) == pytest.approx(1.5 / 6)


@given(st.floats(0, 1), st.floats(0, 1e6), st.sampled_from([0.5, 0.95, 0.999]))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(share: float, size: float, level: float) -> None:
    low, high = beta_interval(share, size, level)
    assert 0 <= low <= share <= high <= 1


def test_an_interval_is_the_whole_range_for_nothing_and_a_point_for_everything() -> None:
    assert beta_interval(0.3, 0) == (0, 1)
    assert beta_interval(0.3, np.inf) == (0.3, 0.3)
    assert beta_interval(0.0, 10)[0] == 0 < beta_interval(0.0, 10)[1] < 0.3


def test_few_degrees_of_freedom_make_the_size_smaller() -> None:
    sizes = adjusted_sizes(np.array([100.0, 100.0]), np.array([5.0, 1e7]))
    assert sizes == pytest.approx([100 * (1.959964 / 2.570582) ** 2, 100], rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_shares_are_the_weighted_prediction_plus_the_mean_correction(seed: int) -> None:
    data = drawn(seed, shares=np.array([0.3, 0.2, 0.2, 0.3]))
    found = data.estimate()
    for one in found.groups:
        own = data.group[data.audited] == one.group
        weights = 1 / data.inclusion[own]
        residual = data.codes[own] - one.weight * data.predicted[data.audited[own]]
        raw = one.weight * data.predicted[data.group == one.group].mean(axis=0) + weights @ residual / weights.sum()
        assert one.negative == bool((raw < 0).any())
        if not one.negative:
            assert [share.value for share in one.corrected.all] == pytest.approx(raw)


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_shares_sum_to_one_and_every_interval_holds_its_share(seed: int) -> None:
    found = drawn(seed, audited=(6, 9)).estimate()
    assert values(found).sum(axis=1) == pytest.approx(1)
    for one in found.groups:
        assert 0 <= one.weight <= 1
        assert 0 <= one.icc <= 1
        for shares in (one.corrected, one.by_hand, one.naive):
            assert sum(share.value for share in shares.all) == pytest.approx(1)
            framed = [share for share in shares.framed if share is not None]
            assert len(framed) == NONE
            assert all(0 <= s.low <= s.value <= s.high <= 1 for s in (*shares.all, *framed))


def test_a_negative_estimate_is_set_to_0_and_said() -> None:
    found = [one for seed in range(20) for one in drawn(seed, audited=(8, 8)).estimate().groups]
    negative = [one for one in found if one.negative]
    assert negative
    assert len(negative) < len(found)
    assert all(min(share.value for share in one.corrected.all) == 0 for one in negative)


def test_the_framed_shares_are_the_shares_among_framed_paragraphs() -> None:
    one = drawn(1, shares=np.array([0.3, 0.2, 0.2, 0.3])).estimate().groups[0]
    shares = [share.value for share in one.corrected.all]
    framed = [share.value for share in one.corrected.framed if share is not None]
    assert framed == pytest.approx([share / (1 - shares[NONE]) for share in shares[:NONE]])
    assert one.corrected.framed[NONE] is None


def test_without_a_none_label_nothing_is_said_of_framed_paragraphs() -> None:
    assert set(drawn().estimate(none=None).groups[0].corrected.framed) == {None}


def test_perfect_predictions_leave_nothing_to_correct() -> None:
    data = drawn()
    predicted = data.predicted.copy()
    predicted[data.audited] = data.codes
    found = replace(data, predicted=predicted).estimate(finite=True)
    for one in found.groups:
        assert one.weight == pytest.approx(1)
        share = predicted[data.group == one.group].mean(axis=0)
        assert [own.value for own in one.corrected.all] == pytest.approx(share)
        widths = [own.high - own.low for own in one.corrected.all]
        assert max(widths) < max(own.high - own.low for own in one.by_hand.all) / 2


def test_predictions_that_never_vary_tell_nothing() -> None:
    data = drawn()
    found = replace(data, predicted=np.tile(SHARES, (len(data.group), 1))).estimate()
    for one in found.groups:
        assert one.weight == 0
        assert [share.value for share in one.corrected.all] == pytest.approx([share.value for share in one.by_hand.all])


def test_a_corpus_audited_whole_is_known_exactly() -> None:
    data = drawn(audited=(12, 12), articles=12)
    n = len(data.group)
    codes = np.eye(4)[np.random.default_rng(0).integers(0, 4, n)]
    found = replace(data, audited=np.arange(n), inclusion=np.ones(n), codes=codes)
    for one in found.estimate(finite=True).groups:
        truth = codes[data.group == one.group].mean(axis=0)
        assert [share.value for share in one.corrected.all] == pytest.approx(truth)
        assert all(share.high - share.low < 1e-9 for share in one.corrected.all)
    # The source's output is still only sampled by this corpus.
    assert all(share.high - share.low > 0.01 for one in found.estimate().groups for share in one.corrected.all)


def test_fractional_codes_of_coders_who_disagree_count_in_part() -> None:
    data = drawn()
    codes = np.tile([0.5, 0.0, 0.0, 0.5], (len(data.codes), 1))
    for one in replace(data, codes=codes).estimate().groups:
        assert [share.value for share in one.by_hand.all] == pytest.approx([0.5, 0, 0, 0.5])


def test_groups_with_few_audited_articles_are_named_and_not_estimated() -> None:
    data = drawn(audited=(12, 5, 1, 6))
    found = data.estimate()
    assert [one.group for one in found.groups] == [0, 3]
    assert found.too_few == {1: 5, 2: 1}


def test_no_group_with_enough_articles_gives_no_estimate() -> None:
    assert drawn(audited=(3, 5)).estimate().groups == ()


def test_the_order_of_paragraphs_and_the_articles_numbers_change_nothing() -> None:
    data = drawn()
    order = np.random.default_rng(3).permutation(len(data.group))
    place = np.argsort(order)
    other = replace(
        data,
        group=data.group[order],
        article=1000 - data.article[order],
        predicted=data.predicted[order],
        audited=place[data.audited],
    )
    assert values(other.estimate()) == pytest.approx(values(data.estimate()))


PEERS = json.loads(FILE.read_text(encoding="utf-8"))


def of_one_source(case: dict[str, Any]) -> GroupShares:
    """Estimate a case of ppi-python: one paragraph per article, all drawn alike, the labelled ones first."""
    predicted = np.array(case["predicted"])
    predicted /= predicted.sum(axis=1, keepdims=True)
    n = len(case["codes"])
    places = np.arange(len(predicted))
    codes = np.eye(3)[case["codes"]]
    found = estimate_prevalence(
        np.zeros_like(places), places, predicted, places[:n], np.full(n, n / len(places)), codes
    )
    return found.groups[0]


@pytest.mark.parametrize("case", PEERS["ppi"])
def test_the_estimate_is_that_of_ppi_python(case: dict[str, Any]) -> None:
    one = of_one_source(case)
    # It takes the labelled predictions from the unlabelled ones, we from all: its weight is ours x N / (n + N).
    weight = one.weight * (1 - len(case["codes"]) / len(case["predicted"]))
    fixed = {float(lam): np.array(values) for lam, values in case["fixed"].items()}
    # Its estimate is linear in the weight.
    theirs = fixed[0.0] + weight / 0.8 * (fixed[0.8] - fixed[0.0])
    assert fixed[0.4] == pytest.approx((fixed[0.0] + fixed[0.8]) / 2)
    assert not one.negative
    assert [share.value for share in one.corrected.all] == pytest.approx(theirs, abs=1e-5)


@pytest.mark.parametrize("case", PEERS["ppi"])
def test_the_tuned_weight_and_the_interval_are_nearly_those_of_ppi_python(case: dict[str, Any]) -> None:
    """It takes the predictions' variance from all paragraphs, we from the audited ones; its interval has z and no t."""
    one = of_one_source(case)
    for share, tuned, low, high in zip(one.corrected.all, case["tuned"], case["low"], case["high"], strict=True):
        assert share.value == pytest.approx(tuned, abs=0.01)
        # Its z is too short for small shares in a small audit (plain z in the coverage study).
        if 0.2 < share.value < 0.8:
            assert 0.95 < (share.high - share.low) / (high - low) < 1.25


def test_the_only_frame_is_all_of_the_framed_paragraphs() -> None:
    data = drawn()
    two = [np.stack([rows[:, :NONE].sum(axis=1), rows[:, NONE]], axis=1) for rows in (data.predicted, data.codes)]
    found = estimate_prevalence(data.group, data.article, two[0], data.audited, data.inclusion, two[1], none=1)
    for one in found.groups:
        assert one.corrected.framed[0] is not None
        assert one.corrected.framed[0].interval(0.99) == (1, 1)


def test_where_nothing_is_framed_nothing_is_known_of_the_framed_paragraphs() -> None:
    data = drawn()
    nothing = np.tile(np.eye(4)[NONE], (len(data.group), 1))
    found = replace(data, predicted=nothing, codes=nothing[: len(data.codes)]).estimate()
    for one in found.groups:
        for shares in (one.corrected, one.by_hand, one.naive):
            assert set(shares.framed) == {UNKNOWN, None}
            assert shares.all[NONE].value == 1
            assert shares.all[0].value == shares.all[0].low == 0
        # Nobody met the frame, and still it may be there.
        assert 0.02 < one.corrected.all[0].high < 0.3


def test_a_coder_in_three_counts_for_a_third_of_a_label() -> None:
    data = drawn(shares=np.array([0.3, 0.2, 0.2, 0.3]))
    codes = data.codes.copy()
    codes[0] = [1 / 3, 0, 0, 2 / 3]
    before, after = (replace(data, codes=own).estimate().groups[0].by_hand.all for own in (data.codes, codes))
    weights = 1 / data.inclusion[data.group[data.audited] == 0]
    moved = (codes[0] - data.codes[0]) * weights[0] / weights.sum()
    assert [b.value - a.value for a, b in zip(before, after, strict=True)] == pytest.approx(moved)


def test_long_articles_speak_for_all_their_paragraphs() -> None:
    """Short articles all have frame 0 and long ones never; three paragraphs of each are drawn."""
    lengths = np.tile([3, 27], 20)
    article = np.repeat(np.arange(40), lengths)
    true = np.where(lengths[article] == 3, 0, 1)
    first = np.arange(len(article)) - (lengths.cumsum() - lengths)[article]
    audited = np.flatnonzero((article < 20) & (first < 3))
    inclusion = 0.5 * 3 / lengths[article[audited]]
    flat = np.full((len(article), 2), 0.5)
    found = estimate_prevalence(np.zeros_like(article), article, flat, audited, inclusion, np.eye(2)[true[audited]])
    assert found.groups[0].corrected.all[0].value == pytest.approx(0.1)
    alike = estimate_prevalence(
        np.zeros_like(article), article, flat, audited, np.full(60, 0.1), np.eye(2)[true[audited]]
    )
    assert alike.groups[0].corrected.all[0].value == pytest.approx(0.5)


def test_naive_counting_is_binomial() -> None:
    shares = naive_shares(np.eye(2)[[0, 0, 0, 1]], none=1)
    assert [share.value for share in shares.all] == [0.75, 0.25]
    assert (shares.all[0].low, shares.all[0].high) == beta_interval(0.75, 4)
    assert shares.framed[0] is not None
    assert shares.framed[0].value == 1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"inclusion": lambda d: d.inclusion * 0}, "inclusion probability"),
        ({"inclusion": lambda d: d.inclusion[1:]}, "as many inclusions"),
        ({"codes": lambda d: d.codes * 2}, "coded shares"),
        ({"predicted": lambda d: d.predicted - 0.5}, "predicted shares"),
        ({"audited": lambda d: d.audited * 0}, "distinct places"),
        ({"article": lambda d: d.article[1:]}, "articles for"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changed: dict, message: str) -> None:  # type: ignore[type-arg]
    data = drawn()
    with pytest.raises(LabelsError, match=message):
        replace(data, **{name: change(data) for name, change in changed.items()}).estimate()


def test_a_none_label_that_is_none_of_the_labels_is_refused() -> None:
    data = drawn()
    with pytest.raises(LabelsError, match="label 4"):
        estimate_prevalence(data.group, data.article, data.predicted, data.audited, data.inclusion, data.codes, none=4)


def test_a_label_that_no_coder_met_may_be_absent_from_the_corpus_itself() -> None:
    data = drawn(1, shares=np.array([0.3, 0.2, 0.2, 0.3]))
    codes = data.codes.copy()
    codes[:, 1] += codes[:, 0]
    codes[:, 0] = 0
    found, finite = (replace(data, codes=codes).estimate(finite=one).groups[0].corrected for one in (False, True))
    assert finite.all[0].value == found.all[0].value > 0
    assert finite.all[0].low == finite.all[0].interval(0.5)[0] == 0 < finite.all[0].high
    assert finite.all[1].low > 0


def test_a_label_beside_which_no_other_was_met_may_be_all_of_the_corpus_itself() -> None:
    data = drawn(1, shares=np.array([0.3, 0.2, 0.2, 0.3]))
    codes = np.tile(np.eye(4)[2], (len(data.codes), 1))
    one = replace(data, codes=codes).estimate(finite=True).groups[0].corrected
    assert one.all[2].high == 1
    assert one.framed[2] is not None
    assert one.framed[2].high == 1


def test_predictions_that_err_alike_in_an_article_make_the_intervals_longer() -> None:
    """Two classifiers with as many false alarms, spread over paragraphs or gathered in some articles."""
    rng = np.random.default_rng(4)
    article = np.repeat(np.arange(200), 5)
    true = (rng.random(1000) < 0.5).astype(np.int64)
    scattered, gathered = rng.random(1000) < 0.2, (rng.random(200) < 0.2)[article]
    audited = np.flatnonzero(article < 40)
    halves = []
    for wrong in (scattered, gathered):
        predicted = np.eye(2)[np.where(wrong, 0, true)]
        found = estimate_prevalence(
            article * 0, article, predicted, audited, np.full(200, 0.2), np.eye(2)[true[audited]], finite=True
        )
        share = found.groups[0].corrected.all[0]
        halves.append(share.high - share.low)
    assert halves[1] > 1.15 * halves[0]
