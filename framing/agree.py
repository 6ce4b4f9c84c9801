"""How far coders agree: Krippendorff's alpha, Gwet's AC1 and percent agreement, with missing codes and intervals.

alpha is nominal (Krippendorff 2004, "Content Analysis", chapter 11): 1 - observed / expected disagreement, from the
coincidences of codes within units. AC1 is Gwet's (2008, "Computing inter-rater reliability and its variance in the
presence of high agreement", section 4), which keeps its meaning where nearly all codes are one label. Percent agreement
is the share of pairs of codes of one unit that are the same, averaged over units. A unit with a single code, or none,
says nothing about agreement; for AC1 its code still counts among the shares of the labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.features import Floats
from framing.labels import Code
from framing.metrics import interval_dict, resampled
from framing.records import Interval
from framing.tokens import Ints

MISSING = -1
"""In a table of codes: the coder gave the unit no label."""
_LEAST_DEFINED = 0.9
"""The share of resamples in which a figure must be defined for its interval to be given."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement on the `units` that at least two coders labelled; alpha and ac1 are at most 1, percent is 0 to 1.

    What is not defined is None, and `why` says why. An interval that cannot be told (one article, or resamples that
    leave the figure undefined) spans all that is possible.
    """

    units: int
    articles: int
    differ: int
    """Units whose codes are not all the same."""
    alpha: Interval | None = None
    ac1: Interval | None = None
    percent: Interval | None = None
    why: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        figures = {"alpha": self.alpha, "ac1": self.ac1, "percent": self.percent}
        counts = {"units": self.units, "articles": self.articles, "differ": self.differ}
        return counts | {name: one and interval_dict(one) for name, one in figures.items()} | {"why": self.why}


def code_table(codes: Mapping[str, Mapping[str, Code]], units: Sequence[str], labels: Sequence[str]) -> Ints:
    """Return the codes as label numbers, (units, coders) in the order given; MISSING where a coder gave no label."""
    number = {label: index for index, label in enumerate(labels)}
    table = np.full((len(units), len(codes)), MISSING, dtype=np.int64)
    for column, given in enumerate(codes.values()):
        for row, unit in enumerate(units):
            code = given.get(unit)
            if code is not None and code.label is not None:
                table[row, column] = number[code.label]
    return table


def krippendorff_alpha(table: Ints) -> float | None:
    """Return Krippendorff's alpha (nominal) of a table of codes, as nltk has it (metrics.agreement).

    None where it is not defined: no unit has two codes, or all codes of such units are one label.
    """
    from nltk.metrics.agreement import AnnotationTask

    shared = table[(table != MISSING).sum(axis=1) > 1]
    rows, columns = np.nonzero(shared != MISSING)
    given = shared[rows, columns]
    if len(np.unique(given)) < 2:
        return None
    data = zip(columns.tolist(), rows.tolist(), given.tolist(), strict=True)
    return float(AnnotationTask(data=list(data)).alpha())


def point_figures(table: Ints) -> tuple[int, int, float | None]:
    """Return how many units have two codes or more, how many of them differ, and alpha (None: not defined).

    Without intervals and without nltk, for figures that are shown while coding goes on; alpha is the same.
    """
    labels = max(int(table.max(initial=0)) + 1, 2)
    counts = np.stack([(table == label).sum(axis=1) for label in range(labels)], axis=1).astype(np.float64)
    given = counts.sum(axis=1)
    units, differ = int((given > 1).sum()), int(((given > 1) & (counts.max(axis=1) < given)).sum())
    if units == 0:
        return 0, 0, None
    alpha = float(_figures(_sums(counts, given).sum(axis=0, keepdims=True), labels)[0][0])
    return units, differ, None if np.isnan(alpha) else alpha


def measure(table: Ints, labels: int, articles: Ints, *, seed: int = 0) -> Agreement:
    """Measure the agreement of a table of codes (units, coders).

    `articles` numbers each unit's article: the 95 % intervals are percentiles of 1,000 resamples of whole articles
    (cluster bootstrap, Davison and Hinkley 1997, section 3.8).
    """
    counts = np.stack([(table == label).sum(axis=1) for label in range(labels)], axis=1).astype(np.float64)
    given = counts.sum(axis=1)
    shared = given > 1
    units, spread_over = int(shared.sum()), len(np.unique(articles[shared]))
    coders = (table != MISSING).any(axis=0).sum()
    if coders < 2:
        return Agreement(0, 0, 0, why="only one coder has given labels" if coders else "nobody has given a label")
    if units == 0:
        return Agreement(0, 0, 0, why="no unit has the codes of two coders")
    differ = int((shared & (counts.max(axis=1) < given)).sum())
    names, article = np.unique(articles, return_inverse=True)
    sums = _sums(counts, given)
    by_article = np.zeros((len(names), sums.shape[1]))
    np.add.at(by_article, article, sums)
    _, ac1, percent = (float(one[0]) for one in _figures(by_article.sum(axis=0, keepdims=True), labels))
    if spread_over == 1:
        spread = (np.full(1, np.nan),) * 3
    elif differ == 0:
        spread = _figures(_with_differences(by_article.sum(axis=0), spread_over, labels), labels)
    else:
        spread = _figures(resampled(by_article, seed), labels)
    alpha = krippendorff_alpha(table)
    return Agreement(
        units,
        spread_over,
        differ,
        None if alpha is None else _interval(alpha, spread[0], -1.0),
        _interval(ac1, spread[1], -1.0),
        _interval(percent, spread[2], 0.0),
        None if alpha is not None else "every code is the same label, so that nothing was told apart: no alpha",
    )


def one_against_rest(table: Ints, label: int) -> Ints:
    """Return the table with `label` as 1 and every other label as 0."""
    return np.where(table == MISSING, MISSING, (table == label).astype(np.int64))


def _sums(counts: Floats, given: Floats) -> Floats:
    """Return for each unit what the figures are made of, so that articles can be added up and resampled.

    Columns: coincidences (K x K), share of agreeing pairs, shares of the labels (K), whether it has two codes, whether
    it has any.
    """
    labels = counts.shape[1]
    paired = given > 1
    others = np.where(paired, given - 1, 1.0)
    coincidences = counts[:, :, None] * counts[:, None, :]
    coincidences[:, range(labels), range(labels)] -= counts
    coincidences = np.where(paired[:, None, None], coincidences / others[:, None, None], 0.0)
    agreeing = np.where(paired, (counts * (counts - 1)).sum(axis=1) / np.maximum(given * others, 1.0), 0.0)
    shares = counts / np.maximum(given, 1.0)[:, None]
    columns = [coincidences.reshape(len(counts), -1), agreeing[:, None], shares, paired[:, None], (given > 0)[:, None]]
    return np.concatenate(columns, axis=1)


def _with_differences(total: Floats, articles: int, labels: int) -> Floats:
    """Return sums with as many differences as may yet be where none was seen in any article, and with none.

    No resample of articles without a difference has one, so that the lower end comes from the exact (Clopper-Pearson)
    interval of the share of articles with a difference, 0 of `articles`. The differences are spread as by chance.
    """
    share = 1.0 - 0.025 ** (1.0 / articles)
    square = labels * labels
    worse = total.copy()
    by_label = total[:square].reshape(labels, labels).sum(axis=1)
    values = max(float(by_label.sum()), 1.0)
    chance = np.outer(by_label, by_label) / values
    np.fill_diagonal(chance, 0.0)
    others = chance.sum()
    spread = chance / others * share * values if others > 0 else chance
    worse[:square] = (total[:square].reshape(labels, labels) - np.diag(spread.sum(axis=1)) + spread).ravel()
    worse[square] = total[square] * (1.0 - share)
    return np.repeat(np.stack([worse, total]), [5, 95], axis=0)


def _figures(sums: Floats, labels: int) -> tuple[Floats, Floats, Floats]:
    """Return alpha, AC1 and percent agreement of n rows of sums; NaN where one is not defined."""
    square = labels * labels
    coincidences = sums[:, :square].reshape(-1, labels, labels)
    agreeing, shares, paired, coded = sums[:, square], sums[:, square + 1 : -2], sums[:, -2], sums[:, -1]
    values = coincidences.sum(axis=(1, 2))
    differing = values - np.einsum("nkk->n", coincidences)
    expected = values**2 - (coincidences.sum(axis=2) ** 2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Sums of thirds are not exact: what is nearly nothing is nothing.
        alpha = np.where(expected > 1e-9, 1 - (values - 1) * differing / expected, np.nan)
        percent = np.where(paired > 0, agreeing / paired, np.nan)
        share = shares / coded[:, None]
        chance = (share * (1 - share)).sum(axis=1) / (labels - 1)
        ac1 = (percent - chance) / (1 - chance)
    return alpha, ac1, percent


def _interval(value: float, spread: Floats, least: float) -> Interval:
    defined = spread[~np.isnan(spread)]
    if len(defined) < _LEAST_DEFINED * len(spread):
        return Interval(value, least, 1.0)
    low, high = (float(end) for end in np.percentile(defined, [2.5, 97.5]))
    return Interval(value, min(low, value), max(high, value))
