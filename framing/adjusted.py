"""Shares without an audit: counted predictions, undone by how the classifier errs on its own training articles.

If the classifier errs here as it does out of fold on its training articles, the predicted shares are the true ones
times the confusion's rates, and the true ones follow by solving for them (adjusted counts: Forman 2005, ECML, LNAI
3720; for several labels Hopkins and King 2010), here as least squares among shares that sum to 1. The interval is the
middle 95 % of resamples that draw anew the articles of the confusion and the articles of the group. A second way,
expectation-maximisation on probabilities (Saerens, Latinne and Decaestecker 2002, Neural Computation 14), rests on
other assumptions: where it falls outside the interval, neither is to be trusted. Both assume errors that no audit has
tested on these sources, so groups are not compared, and an interval longer than one half is withheld.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.errors import LabelsError
from framing.features import Floats
from framing.metrics import resampled
from framing.tokens import Ints

_STEPS = 2000
WITHHELD = 0.5
"""An interval longer than this is as good as none."""


@dataclass(frozen=True, slots=True)
class AdjustedShare:
    """A label's share without an audit, 0 to 1. Value and interval are None where the interval was too long."""

    value: float | None
    low: float | None
    high: float | None
    check: float
    """The same share by expectation-maximisation."""

    @property
    def agrees(self) -> bool | None:
        """Whether the check lies in the interval; None where that is withheld."""
        return None if self.low is None or self.high is None else self.low <= self.check <= self.high


@dataclass(frozen=True, slots=True)
class AdjustedShares:
    """The shares of all labels in a group."""

    group: int
    paragraphs: int
    articles: int
    shares: tuple[AdjustedShare, ...]


def adjust_counts(
    group: Ints,
    article: Ints,
    probabilities: Floats,
    gold: Ints,
    given: Ints,
    gold_article: Ints,
    *,
    seed: int = 0,
) -> tuple[AdjustedShares, ...]:
    """Estimate the shares of K labels in each group of n paragraphs from out-of-fold errors on m training paragraphs.

    `group` and `article` (n) are numbers, `probabilities` (n, K) calibrated predictions; `gold`, `given` and
    `gold_article` (m) the training paragraphs' true label, out-of-fold label and article. Raises LabelsError where a
    label has no training paragraph, or fewer than two training articles are left to resample.
    """
    labels = probabilities.shape[1]
    prior = np.bincount(gold, minlength=labels).astype(np.float64)
    if len(prior) > labels or (prior == 0).any():
        missing = [label for label, size in enumerate(prior) if size == 0 or label >= labels]
        raise LabelsError(f"the confusion lacks label {missing[0]}: counts cannot be adjusted for it")
    confusions = _tables(gold_article, gold * labels + given, labels * labels)
    if len(confusions) < 2:
        raise LabelsError("the confusion is of a single article: its own uncertainty cannot be told")
    drawn = resampled(confusions, seed).reshape(-1, labels, labels)
    rates = _rates(confusions.sum(axis=0).reshape(1, labels, labels), drawn)
    predicted = probabilities.argmax(axis=1)
    found = []
    for number in (int(one) for one in np.unique(group)):
        rows = group == number
        counts = _tables(article[rows], predicted[rows], labels)
        total = counts.sum(axis=0)
        value = solve_shares(rates[:1], (total / total.sum())[None])[0]
        again = resampled(counts, seed + 1 + number)
        spread = solve_shares(rates[1:], again / again.sum(axis=1, keepdims=True))
        check = expectation_maximisation(probabilities[rows], prior / prior.sum())
        shares = [_share(value[label], spread[:, label], check[label]) for label in range(labels)]
        found.append(AdjustedShares(number, int(rows.sum()), len(counts), tuple(shares)))
    return tuple(found)


def solve_shares(rates: Floats, observed: Floats) -> Floats:
    """Return the shares (B, K) of true labels that best give the observed shares (B, K) of predicted ones.

    `rates` (B, K, K) are the chances of each predicted label (columns) given the true one (rows). Least squares among
    shares from 0 that sum to 1, by projected gradient steps with momentum (Beck and Teboulle 2009, section 4;
    projection: Duchi et al. 2008, figure 1).
    """
    back = np.swapaxes(rates, 1, 2)
    product, right = rates @ back, np.einsum("bij,bj->bi", rates, observed)
    step = 1 / np.linalg.norm(product, 2, axis=(1, 2))[:, None]
    shares = ahead = np.full_like(observed, 1 / observed.shape[1])
    time = 1.0
    for _ in range(_STEPS):
        after = _to_simplex(ahead - step * (np.einsum("bij,bj->bi", product, ahead) - right))
        later = (1 + (1 + 4 * time**2) ** 0.5) / 2
        ahead = after + (time - 1) / later * (after - shares)
        moved = float(np.abs(after - shares).max())
        shares, time = after, later
        if moved < 1e-9:
            break
    return shares


def expectation_maximisation(probabilities: Floats, prior: Floats) -> Floats:
    """Return the shares (K) that make n calibrated predictions (n, K) likeliest, trained where shares were `prior`.

    Saerens, Latinne and Decaestecker 2002: posterior probabilities at these shares, then their mean, in turn.
    """
    shares = prior
    for _ in range(_STEPS):
        weighted = probabilities * (shares / prior)
        after: Floats = (weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
        if np.abs(after - shares).max() < 1e-8:
            return after
        shares = after
    return shares


def _tables(articles: Ints, cells: Ints, size: int) -> Floats:
    """Return how often each cell occurs in each article (articles, size)."""
    names, places = np.unique(articles, return_inverse=True)
    tables = np.zeros((len(names), size))
    np.add.at(tables, (places, cells), 1)
    return tables


def _rates(all_: Floats, drawn: Floats) -> Floats:
    """Return rates of all articles and of resamples; one more paragraph of a label is predicted as they all are."""
    usual = all_ / all_.sum(axis=2, keepdims=True)
    smoothed = np.concatenate((all_, drawn + usual))
    rates: Floats = smoothed / smoothed.sum(axis=2, keepdims=True)
    return rates


def _to_simplex(points: Floats) -> Floats:
    """Return the nearest points (B, K) whose coordinates are from 0 and sum to 1."""
    ordered = -np.sort(-points, axis=1)
    excess = (ordered.cumsum(axis=1) - 1) / np.arange(1, points.shape[1] + 1)
    last = (ordered > excess).sum(axis=1) - 1
    nearest: Floats = np.maximum(points - excess[np.arange(len(points)), last][:, None], 0)
    return nearest


def _share(value: float, spread: Floats, check: float) -> AdjustedShare:
    low, high = (float(end) for end in np.percentile(spread, [2.5, 97.5]))
    low, high = min(low, float(value)), max(high, float(value))
    if high - low > WITHHELD:
        return AdjustedShare(None, None, None, float(check))
    return AdjustedShare(float(value), low, high, float(check))
