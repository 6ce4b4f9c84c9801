"""How right a set of labels is, with intervals that respect that paragraphs of one article go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.features import Floats
from framing.records import Interval
from framing.tokens import Bools, Ints

RESAMPLES = 1000
BINS = 10


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Precision, recall and F1 of one label, each 0 to 1 with its 95 % interval, and how many units have it."""

    precision: Interval
    recall: Interval
    f1: Interval
    support: int


@dataclass(frozen=True, slots=True)
class Scores:
    """How right the labels of n units in a number of groups are.

    `confusion[i][j]` counts units with gold label i that were given label j. Where a ratio has no cases (a label that
    was never given) it counts as 0.
    """

    n: int
    groups: int
    labels: tuple[str, ...]
    accuracy: Interval
    macro_f1: Interval
    per_label: Mapping[str, LabelScores]
    confusion: tuple[tuple[int, ...], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "n": self.n,
            "groups": self.groups,
            "labels": list(self.labels),
            "accuracy": interval_dict(self.accuracy),
            "macro_f1": interval_dict(self.macro_f1),
            "per_label": {
                label: {
                    "precision": interval_dict(scores.precision),
                    "recall": interval_dict(scores.recall),
                    "f1": interval_dict(scores.f1),
                    "support": scores.support,
                }
                for label, scores in self.per_label.items()
            },
            "confusion": [list(row) for row in self.confusion],
        }


def interval_dict(interval: Interval) -> dict[str, float]:
    """Return an interval as plain JSON values, rounded to six decimals."""
    return {"value": round(interval.value, 6), "low": round(interval.low, 6), "high": round(interval.high, 6)}


def score_labels(gold: Ints, given: Ints, groups: Ints, labels: Sequence[str], *, seed: int) -> Scores:
    """Score given labels against gold labels (both as numbers of `labels`).

    The 95 % intervals are percentiles of 1,000 resamples of whole groups (cluster bootstrap, Davison and Hinkley 1997,
    section 3.8). With a single group there is nothing to resample: the interval is 0 to 1.
    """
    count = len(labels)
    names, group = np.unique(groups, return_inverse=True)
    tables = np.zeros((len(names), count * count))
    np.add.at(tables, (group, gold * count + given), 1)
    total = tables.sum(axis=0).reshape(1, count, count)
    if len(names) > 1:
        drawn = resampled(tables, seed).reshape(-1, count, count)
    else:
        drawn = np.repeat(np.concatenate((np.zeros_like(total), np.eye(count)[None])), RESAMPLES // 2, axis=0)
    (accuracy, macro, precision, recall, f1), spread = _figures(total), _figures(drawn)
    per_label = {
        label: LabelScores(
            _interval(precision[0, i], spread[2][:, i]),
            _interval(recall[0, i], spread[3][:, i]),
            _interval(f1[0, i], spread[4][:, i]),
            int(total[0, i].sum()),
        )
        for i, label in enumerate(labels)
    }
    return Scores(
        n=len(gold),
        groups=len(names),
        labels=tuple(labels),
        accuracy=_interval(accuracy[0], spread[0]),
        macro_f1=_interval(macro[0], spread[1]),
        per_label=per_label,
        confusion=tuple(tuple(int(cell) for cell in row) for row in total[0]),
    )


def macro_f1(gold: Ints, given: Ints, labels: int) -> float:
    """Return the mean of the F1 of all labels, 0 to 1; a label that neither is given nor gold counts as 0."""
    table = np.bincount(gold * labels + given, minlength=labels * labels).astype(np.float64)
    return float(_figures(table.reshape(1, labels, labels))[1][0])


def resampled(tables: Floats, seed: int) -> Floats:
    """Return the sums of RESAMPLES resamples of the groups, whose own sums are the rows of `tables`, (groups, n)."""
    rng = np.random.default_rng(seed)
    size = len(tables)
    drawn = np.zeros((RESAMPLES, tables.shape[1]))
    for index in range(RESAMPLES):
        times = np.bincount(rng.integers(0, size, size), minlength=size)
        drawn[index] = times.astype(np.float64) @ tables
    return drawn


def _figures(tables: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return accuracy (n), macro-F1 (n), precision, recall and F1 (n, K) of n confusion tables (n, K, K)."""
    right = np.einsum("nkk->nk", tables)
    gold, given = tables.sum(axis=2), tables.sum(axis=1)
    accuracy = _ratio(right.sum(axis=1), gold.sum(axis=1))
    f1 = _ratio(2 * right, gold + given)
    return accuracy, f1.mean(axis=1), _ratio(right, given), _ratio(right, gold), f1


def _ratio(top: Floats, bottom: Floats) -> Floats:
    ratio: Floats = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return ratio


def _interval(value: float, spread: Floats) -> Interval:
    low, high = np.percentile(spread, [2.5, 97.5])
    # Where every resample lacks some rare label, all of them may lie below the figure itself.
    return Interval(float(value), min(float(low), float(value)), max(float(high), float(value)))


def probabilities(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return softmax(logits / temperature) by row; (n, K) in and out."""
    scaled = logits / temperature
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: Floats = scaled / scaled.sum(axis=1, keepdims=True)
    return shares


def fit_temperature(logits: Floats, gold: Ints) -> float:
    """Return the temperature that makes softmax(logits / T) likeliest (Guo et al. 2017, section 4.2), 0.05 to 20."""
    from scipy.optimize import minimize_scalar

    if len(gold) == 0:
        return 1.0

    def loss(log_temperature: float) -> float:
        shares = probabilities(logits, float(np.exp(log_temperature)))
        return -float(np.log(np.maximum(shares[np.arange(len(gold)), gold], 1e-300)).mean())

    best = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(best.x))


def calibration_error(shares: Floats, gold: Ints) -> float:
    """Return the expected calibration error of the given label's probability, 0 to 1.

    Ten bins of equal width, weighted by their size (Guo et al. 2017, section 2, equation 3).
    """
    if len(gold) == 0:
        return 0.0
    surest = shares.argmax(axis=1)
    return _distance(shares.max(axis=1), surest == gold)


def chance_calibration_error(shares: Floats, *, seed: int = 0) -> Interval:
    """Return the calibration error that so many units show where every probability is true: median and 95 % range.

    Few units never look calibrated: the share that is right in a bin of few is off by chance. Whether each given label
    is right is drawn from its own probability (after the consistency resampling of Broecker and Smith 2007, "Increasing
    the reliability of reliability diagrams"), each by itself; units of one article, which are right or wrong together,
    show more.
    """
    if len(shares) == 0:
        return Interval(0.0, 0.0, 0.0)
    confidence = shares.max(axis=1)
    rng = np.random.default_rng(seed)
    drawn = [_distance(confidence, rng.random(len(confidence)) < confidence) for _ in range(RESAMPLES)]
    low, median, high = np.quantile(drawn, (0.025, 0.5, 0.975)).tolist()
    return Interval(median, low, high)


def _distance(confidence: Floats, is_right: Bools) -> float:
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    right = np.bincount(bins, is_right, minlength=BINS)
    sure = np.bincount(bins, confidence, minlength=BINS)
    return float(np.abs(right - sure).sum() / len(confidence))
