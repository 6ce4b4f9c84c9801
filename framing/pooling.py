"""What the audited articles of all groups tell together: the weight of the predictions, likeness, kinds of error.

A group has few audited articles, too few to say by themselves how far to trust the predictions, how alike the
paragraphs of one article are, or what is predicted where a rare frame is true. Each of these is a ratio of two sums,
or a mean; a group's own sums, worth its own number of articles, are added to the means over all groups, worth PRIOR
articles. So a group with PRIOR audited articles stands half on its own, one with 6 mostly on the others, and where
groups are all alike nothing is lost.

- The weight (lambda) of a group is the slope of article totals of the codes on those of the predictions, both over
  all frames together, within 0..1 (PPI++, Angelopoulos, Duchi and Zrnic 2023; where, as here, the mean
  prediction is that of all paragraphs, labelled ones too, their factor 1 / (1 + n / N) falls away).
- The intraclass correlation compares the variance of article totals with that of single paragraphs.
- The errors are described by the mean and the covariance of the predictions given the true label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.effective import Design, design_of
from framing.features import Floats
from framing.tokens import Ints

PRIOR = 20.0
"""How many articles the mean over all groups is worth beside a group's own."""
PRIOR_LIKENESS = 60.0
"""The same for the intraclass correlations, which a few articles hardly tell: what falls below 0 would become 0."""
PRIOR_LABELS = 20.0
"""The same in paragraphs of one true label, for the errors."""
BESIDE = 0.25
"""How many paragraphs the mean over all labels is worth beside those of one label, of which there may be none."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The n audited paragraphs of a group: weights (n), articles (n, from 0), codes and predictions (n, K)."""

    weights: Floats
    articles: Ints
    codes: Floats
    predicted: Floats

    @property
    def count(self) -> int:
        """How many articles were audited."""
        return int(self.articles.max()) + 1

    @property
    def normed(self) -> Floats:
        """The weights, summing to 1."""
        normed: Floats = self.weights / self.weights.sum()
        return normed

    @property
    def design(self) -> Design:
        """How the weights spread."""
        return design_of(self.weights, self.articles)

    def mean(self, values: Floats) -> Floats:
        """Return the weighted mean (K) of values (n, K)."""
        mean: Floats = self.normed @ values
        return mean

    def totals(self, values: Floats) -> Floats:
        """Return the weighted totals of values (n, K) less their mean, by article (articles, K)."""
        totals = np.zeros((self.count, values.shape[1]))
        np.add.at(totals, self.articles, self.normed[:, None] * (values - self.mean(values)))
        return totals


@dataclass(frozen=True, slots=True)
class Errors:
    """What is predicted where a label is true: means (K, K), row by true label, and covariances (K, K, K)."""

    means: Floats
    covariances: Floats


@dataclass(frozen=True, slots=True)
class Pooled:
    """What holds for one group: weight, intraclass correlations of corrected codes and of codes (0 to 1), errors."""

    weight: float
    icc: float
    icc_codes: float
    errors: Errors


def pool(groups: Sequence[Audited]) -> list[Pooled]:
    """Return for each group its own figures drawn towards those of all; each group has two articles or more."""
    if not groups:
        return []
    counts = np.array([one.count for one in groups], dtype=np.float64)
    weights = np.clip(_drawn_ratio(np.array([_slope(one) for one in groups]), counts, PRIOR), 0, 1)
    corrected = [one.codes - weight * one.predicted for one, weight in zip(groups, weights, strict=True)]
    icc = _iccs(groups, corrected, counts)
    icc_codes = _iccs(groups, [one.codes for one in groups], counts)
    return [
        Pooled(float(weight), float(own), float(own_codes), errors)
        for weight, own, own_codes, errors in zip(weights, icc, icc_codes, _errors(groups), strict=True)
    ]


def _drawn_ratio(sums: Floats, counts: Floats, prior: float) -> Floats:
    """Return the ratios (groups) of two sums per article (groups, 2), drawn to the ratio over all; 0 where nothing."""
    everywhere = counts @ sums / counts.sum()
    top, bottom = (counts[:, None] * sums + prior * everywhere).T
    ratio: Floats = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 1e-12)
    return ratio


def _slope(one: Audited) -> tuple[float, float]:
    codes, predicted = one.totals(one.codes), one.totals(one.predicted)
    return float((codes * predicted).sum()) * one.count, float((predicted**2).sum()) * one.count


def _iccs(groups: Sequence[Audited], values: Sequence[Floats], counts: Floats) -> Floats:
    sums = np.array([_likeness(one, own) for one, own in zip(groups, values, strict=True)])
    return np.clip(_drawn_ratio(sums, counts, PRIOR_LIKENESS), 0, 1)


def _likeness(one: Audited, values: Floats) -> tuple[float, float]:
    """Return two sums whose ratio is the intraclass correlation r, by the method of moments over all frames.

    With weights w of paragraphs and W of articles, all summing to 1, S the variance of a paragraph, and v its part
    (1 - r) sum w^2 + r W^2 in an article, the totals t = W (own mean - mean) have squares of the expected sum
    S (sum v (1 - 2 W) + sum W^2 sum v), the weighted mean square within the group is S (1 - sum v). Both are linear in
    r; long articles pull the mean towards themselves, so that 1 - 2 W matters.
    """
    weights = np.bincount(one.articles, one.normed)
    squares = np.bincount(one.articles, one.normed**2)
    paragraphs, articles = float(squares.sum()), float((weights**2).sum())
    pulled = 1 - 2 * weights + articles
    apart, alike = float(squares @ pulled), float(weights**2 @ pulled)
    spread = float(one.normed @ ((values - one.mean(values)) ** 2).sum(axis=1))
    totals = float((one.totals(values) ** 2).sum())
    top = totals * (1 - paragraphs) - spread * apart
    bottom = spread * (alike - apart) + totals * (articles - paragraphs)
    return top * one.count, bottom * one.count


def _errors(groups: Sequence[Audited]) -> list[Errors]:
    """Return the errors of each group; a paragraph with fractional codes counts for each of its labels in part.

    A label that nobody gave anywhere is taken to be predicted as the others are: predictions then tell nothing of it.
    """
    labels = groups[0].codes.shape[1]
    sizes, firsts, seconds = [], [], []
    for one in groups:
        shares = one.codes * (one.normed * len(one.weights))[:, None]
        sizes.append(shares.sum(axis=0))
        firsts.append(shares.T @ one.predicted)
        seconds.append(np.einsum("nj,ni,nk->jik", shares, one.predicted, one.predicted))
    size, first, second = np.array(sizes), np.array(firsts), np.array(seconds)
    total, total_first, total_second = size.sum(axis=0), first.sum(axis=0), second.sum(axis=0)
    overall = total_first.sum(axis=0) / total.sum(), total_second.sum(axis=0) / total.sum()
    # A little of the mean over all labels stands beside the paragraphs of each label.
    mean_first = (total_first + BESIDE * overall[0]) / (total + BESIDE)[:, None]
    mean_second = (total_second + BESIDE * overall[1]) / (total + BESIDE)[:, None, None]
    found = []
    for own, own_first, own_second in zip(size, first, second, strict=True):
        means = (own_first + PRIOR_LABELS * mean_first) / (own + PRIOR_LABELS)[:, None]
        squares = (own_second + PRIOR_LABELS * mean_second) / (own + PRIOR_LABELS)[:, None, None]
        found.append(Errors(means, squares - means[:, :, None] * means[:, None, :]))
    assert first.shape == (len(groups), labels, labels)
    return found
