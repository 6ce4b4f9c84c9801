"""The intervals of corrected shares, for all groups and labels at once.

A share is that of one label among the paragraphs of a base: of all labels, or of all but "none" (the framed ones). The
ratio q of a label to a base of share F varies as the mean of (label - q base) / F does (Woodruff 1971; Saerndal,
Swensson and Wretman 1992, section 5.6); with all labels in the base, F is 1 and the ratio is the share itself.

Variances follow from how the audit's weights spread over paragraphs and articles (framing/effective.py) and from how
a single corrected paragraph varies, given the errors of the predictions (framing/pooling.py): a rare frame that a
small audit met once or never has an honest variance too, which its own handful of residuals would not give. It is
taken at the share drawn towards one half by two cases in four (Agresti and Coull 1998), and anew half way to each
end of the interval: where a frame is rare, an estimate is spoilt by false alarms and worth less the rarer it is.

Everything here has one row for each group and way to count (R), and one column for each label (K).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.effective import adjusted_sizes, beta_intervals
from framing.features import Floats
from framing.tokens import Bools

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Cases:
    """What the intervals of R rows need: R numbers each, unless said."""

    weight: Floats
    """Of the predictions; 0 for hand labels alone."""
    paragraphs: Floats
    """The audit's sum of squared normed weights of paragraphs, less the part of the corpus that was audited."""
    articles: Floats
    """The same of articles."""
    icc: Floats
    """Intraclass correlation of corrected codes within articles."""
    icc_codes: Floats
    """The same of codes."""
    corpus: Floats
    """What the variance of a true label is multiplied by: the corpus's design; 0 where its own share is asked."""
    hand: Floats
    """How many independent labels the audit's hand labels are worth."""
    degrees: Floats
    """The degrees of freedom of a paragraph's variance: the audited paragraphs of all groups, as it is pooled."""
    met: Floats
    """The shares by hand labels alone, (R, K)."""
    means: Floats
    """Mean predictions by true label, (R, K, K)."""
    covariances: Floats
    """Their covariances within each true label, (R, K, K, K)."""


@dataclass(frozen=True, slots=True)
class Ratios:
    """Shares with their intervals and sizes (in the middle, at the low and at the high end), (R, K) each."""

    values: Floats
    low: Floats
    high: Floats
    size: Floats
    size_low: Floats
    size_high: Floats
    empty: Bools
    """Rows (R) whose base has no share: nothing is known of them."""


def find_ratios(shares: Floats, cases: Cases, base: Bools) -> Ratios:
    """Return the share of each label among those of the base (K), given the shares (R, K) of all labels.

    What stands in the columns of labels outside the base, and in empty rows, means nothing.
    """
    inside = base.astype(np.float64)
    total = shares @ inside
    empty = total <= _NOTHING
    total = np.where(empty, 1.0, total)
    values = np.clip(shares * inside / total[:, None], 0, 1)
    hand = (total * cases.hand)[:, None]
    middle = (hand * values + 2) / (hand + 4)
    # What the others of the base share what a label leaves: as they do now, or evenly where they have nothing.
    others = inside * (1 - np.eye(len(base)))
    rest = shares[:, None, :] * others
    rest = np.where(rest.sum(axis=2, keepdims=True) > _NOTHING, rest, others)
    rest = rest / np.maximum(rest.sum(axis=2, keepdims=True), _NOTHING)

    def sizes_at(true: Floats) -> Floats:
        ratio, whole = true[:, :, None], total[:, None, None]
        inner = ratio * np.eye(len(base)) + (1 - ratio) * rest
        around = (shares * (1 - inside))[:, None, :] + whole * inner
        around = around / np.maximum(around.sum(axis=2, keepdims=True), _NOTHING)
        contrast = (np.eye(len(base)) - ratio * inside) / whole
        return _sizes(true, _variances(contrast, around, cases), cases)

    size = sizes_at(middle)
    low, high = beta_intervals(values, size)
    at_low, at_high = sizes_at((middle + low) / 2), sizes_at((middle + high) / 2)
    # In the corpus itself a label that no coder met may not occur, and one beside which no other was met may be all.
    found, itself = cases.met * inside, (cases.corpus == 0)[:, None]
    at_low = np.where(itself & (found <= _NOTHING), 0.0, at_low)
    at_high = np.where(itself & (found.sum(axis=1, keepdims=True) - found <= _NOTHING), 0.0, at_high)
    low, high = beta_intervals(values, at_low)[0], beta_intervals(values, at_high)[1]
    return Ratios(values, low, high, size, at_low, at_high, empty)


def _sizes(shares: Floats, variances: Floats, cases: Cases) -> Floats:
    sizes = np.divide(shares * (1 - shares), variances, out=np.full_like(shares, np.inf), where=variances > 0)
    return adjusted_sizes(sizes, cases.degrees[:, None])


def _variances(contrast: Floats, shares: Floats, cases: Cases) -> Floats:
    """Return the variances (R, K) of contrasts (R, K, K) of the estimated shares, where the shares are (R, K, K).

    A corrected code, code - weight x prediction, varies by the law of total variance within each true label and between
    them. What lies between is as alike in an article as the codes are; the correlation of corrected codes, itself
    estimated, is used where it says more, as when predictions err alike in all of an article.
    """
    weight = cases.weight[:, None, None]
    rows, labels = contrast.shape[:2]
    pairs = (contrast[:, :, :, None] * contrast[:, :, None, :]).reshape(rows, labels, -1)
    spread = pairs @ np.swapaxes(cases.covariances.reshape(rows, labels, -1), 1, 2)
    within = weight[:, :, 0] ** 2 * (shares * spread).sum(axis=2)
    between = _spread(contrast - weight * (contrast @ np.swapaxes(cases.means, 1, 2)), shares)
    alike = np.maximum(cases.icc[:, None] * (within + between), cases.icc_codes[:, None] * between)
    corrected = (within + between - alike) * cases.paragraphs[:, None] + alike * cases.articles[:, None]
    variances: Floats = corrected + _spread(contrast, shares) * cases.corpus[:, None]
    return variances


def _spread(values: Floats, shares: Floats) -> Floats:
    """Return the variances (R, K) of values (R, K, K) that occur by shares (R, K, K)."""
    mean = (shares * values).sum(axis=2, keepdims=True)
    spread: Floats = (shares * (values - mean) ** 2).sum(axis=2)
    return spread
