"""How often each frame occurs in each group of articles: predictions of all paragraphs, corrected by an audit.

The corrected share is the mean prediction of all paragraphs times a weight, plus the weighted mean over the audited
ones of (code - weight x prediction): prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic
2023, Science 382; the weight: PPI++, Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453), in survey sampling the
difference estimator (Saerndal, Swensson and Wretman 1992, section 6.3) with inclusion weights. One weight serves all
frames of a group, so that their shares sum to 1. The article is the sampling unit. Predictions by a model that learned
from the audit are cross-predictions (Zrnic and Candes 2024, PNAS 121): audited paragraphs out of fold, all others the
same fold models together (framing/foldmix.py).

Where the source's output is asked, of which the corpus is a sample, the variance (framing/ratios.py) is that of the
correction, less the part of the corpus that was audited, plus that of the corpus's own true share; for the corpus
itself (finite) the latter falls away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from framing.effective import beta_interval, beta_intervals, design_of
from framing.errors import LabelsError
from framing.features import Floats
from framing.pooling import Audited, Pooled, pool
from framing.ratios import Cases, find_ratios
from framing.tokens import Bools, Ints

MIN_ARTICLES = 6
"""Groups with fewer audited articles are not estimated."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share, 0 to 1, with its 95 % interval and the number of independent labels that it is worth."""

    value: float
    low: float
    high: float
    size: float
    sizes: tuple[float, float]
    """The same for its lower and for its upper end, where an estimate may be worth less or more; 0: an open end."""

    def interval(self, level: float) -> tuple[float, float]:
        """Return the interval with another confidence, 0 to 1."""
        return beta_interval(self.value, self.sizes[0], level)[0], beta_interval(self.value, self.sizes[1], level)[1]


UNKNOWN = Share(0.5, 0.0, 1.0, 0.0, (0.0, 0.0))
"""What is said where there is nothing to say: a share of nothing."""
CERTAIN = Share(1.0, 1.0, 1.0, inf, (inf, inf))
"""The share of the only frame among the framed paragraphs."""


@dataclass(frozen=True, slots=True)
class Shares:
    """One way to count: each label's share among all paragraphs, and each frame's among the framed ones (None: the
    label "none" itself, and every label where no label means "not framed").
    """

    all: tuple[Share, ...]
    framed: tuple[Share | None, ...]


@dataclass(frozen=True, slots=True)
class GroupShares:
    """The shares of one group, three ways: corrected by the audit, by hand labels alone, by naive counting."""

    group: int
    paragraphs: int
    articles: int
    audited_paragraphs: int
    audited_articles: int
    corrected: Shares
    by_hand: Shares
    """The weighted hand labels alone, with the same kind of interval."""
    naive: Shares
    """The predicted labels counted as if they were true and each paragraph independent."""
    weight: float
    """Of the predictions, 0 to 1."""
    icc: float
    """Intraclass correlation of corrected codes within articles, 0 to 1."""
    negative: bool
    """A corrected share was below 0; it was set to 0, and the others rescaled to sum to 1."""


@dataclass(frozen=True, slots=True)
class Prevalence:
    """The estimated groups, in ascending order, and the audited articles of those that have too few."""

    groups: tuple[GroupShares, ...]
    too_few: Mapping[int, int]
    none: int | None
    finite: bool


@dataclass(frozen=True, slots=True)
class _Group:
    """A group before it is estimated: predictions (n, K) and articles (n, from 0) of its paragraphs, its audit."""

    number: int
    predicted: Floats
    articles: Ints
    sample: Audited
    pooled: Pooled

    def case(self, *, by_hand: bool, finite: bool) -> tuple[float, ...]:
        """Return weight, paragraphs, articles, icc, icc_codes, corpus and hand of framing.ratios.Cases."""
        pooled, audit = self.pooled, self.sample.design
        weight, icc = (0.0, pooled.icc_codes) if by_hand else (pooled.weight, pooled.icc)
        # Audited articles and paragraphs have no variance left in the corpus itself.
        articles = audit.articles * (1 - self.sample.count / (int(self.articles.max()) + 1))
        paragraphs = audit.paragraphs * (1 - len(self.sample.weights) / len(self.articles))
        corpus = 0.0 if finite else design_of(np.ones(len(self.articles)), self.articles).factor(pooled.icc_codes)
        return weight, paragraphs, articles, icc, pooled.icc_codes, corpus, 1 / audit.factor(icc)

    def raw(self) -> Floats:
        """Return the corrected shares (K), which may be below 0."""
        weight, sample = self.pooled.weight, self.sample
        raw: Floats = weight * self.predicted.mean(axis=0) + sample.mean(sample.codes - weight * sample.predicted)
        return raw


def estimate_prevalence(
    group: Ints,
    article: Ints,
    predicted: Floats,
    audited: Ints,
    inclusion: Floats,
    codes: Floats,
    *,
    none: int | None = None,
    finite: bool = False,
    min_articles: int = MIN_ARTICLES,
) -> Prevalence:
    """Estimate the shares of K labels in each group of a corpus of n paragraphs, from an audit of m of them.

    `group` and `article` (n) number the groups and the articles (near-copies under one number); `predicted` (n, K) are
    probabilities, or rows of 0 and 1 for labels, that no label of the audit had a part in; `audited` (m) are
    the places of the audited paragraphs, `inclusion` (m) their probabilities of being drawn, above 0 and at most 1, and
    `codes` (m, K) what coders said, each row summing to 1, in fractions where they disagree. `none` is the label that
    means "not framed". Without `finite` the source's output is estimated of which the corpus is a sample, with it the
    share in this corpus (where a label that no coder met may not occur: its interval reaches to 0). An article in two
    groups (wire copy) counts in each.

    Raises LabelsError where the arrays do not fit together.
    """
    _check(group, article, predicted, audited, inclusion, codes, none)
    samples, rows_of, too_few = dict[int, Audited](), dict[int, Ints](), dict[int, int]()
    for number in (int(one) for one in np.unique(group)):
        rows_of[number] = np.flatnonzero(group == number)
        own = np.flatnonzero(group[audited] == number)
        names, articles = np.unique(article[audited[own]], return_inverse=True)
        if len(names) < max(min_articles, 2):
            too_few[number] = len(names)
        else:
            samples[number] = Audited(1 / inclusion[own], articles, codes[own], predicted[audited[own]])
    found = []
    for (number, sample), pooled in zip(samples.items(), pool(list(samples.values())), strict=True):
        rows = rows_of[number]
        found.append(_Group(number, predicted[rows], np.unique(article[rows], return_inverse=True)[1], sample, pooled))
    return Prevalence(_estimated(found, none, finite), too_few, none, finite)


def _check(
    group: Ints, article: Ints, predicted: Floats, audited: Ints, inclusion: Floats, codes: Floats, none: int | None
) -> None:
    n, labels = predicted.shape
    if group.shape != (n,) or article.shape != (n,):
        raise LabelsError(f"{len(group)} groups and {len(article)} articles for {n} predicted paragraphs")
    if inclusion.shape != audited.shape or codes.shape != (len(audited), labels):
        raise LabelsError(
            f"the audit's {len(audited)} paragraphs need as many inclusions, and codes of {labels} labels"
        )
    if len(audited) and (audited.min() < 0 or audited.max() >= n or len(np.unique(audited)) < len(audited)):
        raise LabelsError("the audit's paragraphs are not distinct places in the corpus")
    if not ((inclusion > 0) & (inclusion <= 1)).all():
        raise LabelsError(
            "an inclusion probability is not above 0 and at most 1: such a paragraph is no part of an audit"
        )
    for name, rows in (("predicted", predicted), ("coded", codes)):
        if not (np.isfinite(rows).all() and (rows >= 0).all() and np.allclose(rows.sum(axis=1), 1, atol=1e-6)):
            raise LabelsError(f"a paragraph's {name} shares are not numbers from 0 that sum to 1")
    if labels < 2:
        raise LabelsError("shares need two labels or more")
    if none is not None and not 0 <= none < labels:
        raise LabelsError(f"label {none} is not one of the {labels} labels")


def _estimated(groups: Sequence[_Group], none: int | None, finite: bool) -> tuple[GroupShares, ...]:
    """Estimate all groups, once corrected and once by hand labels alone."""
    if not groups:
        return ()
    raw = np.array([one.raw() for one in groups])
    positive = np.maximum(raw, 0.0)
    by_hand = np.array([one.sample.mean(one.sample.codes) for one in groups])
    shares = np.concatenate((positive / positive.sum(axis=1, keepdims=True), by_hand))
    rows = [one.case(by_hand=alone, finite=finite) for alone in (False, True) for one in groups]
    weight, paragraphs, articles, icc, icc_codes, corpus, hand = np.array(rows).T
    cases = Cases(
        weight=weight,
        paragraphs=paragraphs,
        articles=articles,
        icc=icc,
        icc_codes=icc_codes,
        corpus=corpus,
        hand=hand,
        degrees=np.full(len(rows), sum(len(one.sample.weights) - 1 for one in groups), dtype=np.float64),
        met=np.concatenate((by_hand, by_hand)),
        means=np.array([one.pooled.errors.means for one in groups] * 2),
        covariances=np.array([one.pooled.errors.covariances for one in groups] * 2),
    )
    ways = _shares(shares, cases, none)
    return tuple(
        GroupShares(
            group=one.number,
            paragraphs=len(one.articles),
            articles=int(one.articles.max()) + 1,
            audited_paragraphs=len(one.sample.weights),
            audited_articles=one.sample.count,
            corrected=corrected,
            by_hand=alone,
            naive=naive_shares(one.predicted, none),
            weight=one.pooled.weight,
            icc=one.pooled.icc,
            negative=bool((own < -1e-12).any()),
        )
        for one, corrected, alone, own in zip(groups, ways[: len(groups)], ways[len(groups) :], raw, strict=True)
    )


def _shares(shares: Floats, cases: Cases, none: int | None) -> list[Shares]:
    """Return the shares (R, K) with their intervals, row by row."""
    labels = shares.shape[1]
    everywhere = _rows(shares, cases, np.ones(labels, dtype=np.bool_))
    if none is None:
        return [Shares(tuple(own), (None,) * labels) for own in everywhere]
    framed = _rows(shares, cases, np.arange(labels) != none)
    return [
        Shares(tuple(own), tuple(None if label == none else one for label, one in enumerate(others)))
        for own, others in zip(everywhere, framed, strict=True)
    ]


def _rows(shares: Floats, cases: Cases, base: Bools) -> list[list[Share]]:
    found = find_ratios(shares, cases, base)
    ends = (found.values, found.low, found.high, found.size, found.size_low, found.size_high)
    rows = np.stack(ends, axis=2).tolist()
    if base.sum() == 1:
        rows = [[CERTAIN] * len(base)] * len(shares)
    else:
        rows = [
            [Share(value, low, high, size, (lower, upper)) for value, low, high, size, lower, upper in row]
            for row in rows
        ]
    return [[UNKNOWN] * len(base) if empty else row for row, empty in zip(rows, found.empty.tolist(), strict=True)]


def naive_shares(predicted: Floats, none: int | None) -> Shares:
    """Count each paragraph's likeliest label; predictions (n, K). The intervals are binomial, and too short."""
    counts = np.bincount(predicted.argmax(axis=1), minlength=predicted.shape[1])
    everywhere = _counted(counts, int(counts.sum()))
    if none is None:
        return Shares(everywhere, (None,) * len(counts))
    among = counts * (np.arange(len(counts)) != none)
    framed = _counted(among, int(among.sum()))
    return Shares(everywhere, tuple(None if label == none else one for label, one in enumerate(framed)))


def _counted(counts: Ints, total: int) -> tuple[Share, ...]:
    if not total:
        return (UNKNOWN,) * len(counts)
    values = counts / total
    low, high = beta_intervals(values, np.full(len(counts), float(total)))
    ends = zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    return tuple(Share(*one, float(total), (float(total), float(total))) for one in ends)
