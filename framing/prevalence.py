"""How often each frame occurs in each group of articles: predictions of all paragraphs, corrected by an audit.

The corrected share is the mean prediction of all paragraphs times a weight, plus the weighted mean over the audited
ones of (code - weight x prediction): prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic
2023; the weight: PPI++, Angelopoulos, Duchi and Zrnic 2023), in survey sampling the difference estimator
(Saerndal, Swensson and Wretman 1992, section 6.3) with inclusion weights. One weight serves all frames of a group, so
that their shares sum to 1. The article is the sampling unit.

Variances follow from how the audit's weights spread over paragraphs and articles (framing/effective.py) and from how
a single corrected paragraph varies, given the errors of the predictions (framing/pooling.py): a rare frame that a
small audit met once or never has an honest variance too, which its own handful of residuals would not give. It is
taken at the share drawn towards one half by two cases in four (Agresti and Coull 1998). Where the source's output is
asked, of which the corpus is a sample, the variance is that of the correction, less the part of the corpus that was
audited, plus that of the corpus's own true share; for the corpus itself (finite) the latter falls away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isinf

import numpy as np

from framing.effective import Design, adjusted_size, beta_interval, design_of, effective_size
from framing.errors import LabelsError
from framing.features import Floats
from framing.folds import number_groups
from framing.pooling import Audited, Errors, Pooled, pool
from framing.tokens import Ints

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
    """The same at its lower and at its upper end, where an estimate may be worth less."""

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
class _Case:
    """All that one way to count needs for its intervals."""

    audit: Design
    corpus: Design
    left: tuple[float, float]
    """The parts of the group's articles and paragraphs that were not audited."""
    pooled: Pooled
    weight: float
    icc: float
    degrees: float
    finite: bool


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
    share in this corpus. An article in two groups (wire copy) counts in each.

    Raises LabelsError where the arrays do not fit together.
    """
    _check(group, article, predicted, audited, inclusion, codes, none)
    samples, rows_of, too_few = dict[int, Audited](), dict[int, Ints](), dict[int, int]()
    for number in (int(one) for one in np.unique(group)):
        rows_of[number] = np.flatnonzero(group == number)
        own = np.flatnonzero(group[audited] == number)
        articles = number_groups(article[audited[own]].tolist())
        count = len(np.unique(articles))
        if count < max(min_articles, 2):
            too_few[number] = count
        else:
            samples[number] = Audited(1 / inclusion[own], articles, codes[own], predicted[audited[own]])
    pooled = pool(list(samples.values())) if samples else []
    degrees = float(sum(one.count - 1 for one in samples.values()))
    found = []
    for (number, sample), own_pooled in zip(samples.items(), pooled, strict=True):
        rows = rows_of[number]
        places = number_groups(article[rows].tolist())
        found.append(_group_shares(number, predicted[rows], places, sample, own_pooled, degrees, none, finite))
    return Prevalence(tuple(found), too_few, none, finite)


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


def _group_shares(
    number: int,
    predicted: Floats,
    articles: Ints,
    sample: Audited,
    pooled: Pooled,
    degrees: float,
    none: int | None,
    finite: bool,
) -> GroupShares:
    """Estimate one group; the variances have the degrees of freedom of all groups together."""
    n, count = len(predicted), len(np.unique(articles))
    corpus = design_of(np.ones(n), articles)
    left = 1 - sample.count / count, 1 - len(sample.weights) / n
    case = _Case(sample.design, corpus, left, pooled, pooled.weight, pooled.icc, degrees, finite)
    by_hand = _Case(sample.design, corpus, left, pooled, 0.0, pooled.icc_codes, degrees, finite)
    raw = pooled.weight * predicted.mean(axis=0) + sample.mean(sample.codes - pooled.weight * sample.predicted)
    positive = np.maximum(raw, 0.0)
    return GroupShares(
        group=number,
        paragraphs=n,
        articles=count,
        audited_paragraphs=len(sample.weights),
        audited_articles=sample.count,
        corrected=_shares(positive / positive.sum(), case, none),
        by_hand=_shares(sample.mean(sample.codes), by_hand, none),
        naive=naive_shares(predicted, none),
        weight=pooled.weight,
        icc=pooled.icc,
        negative=bool((raw < -1e-12).any()),
    )


def naive_shares(predicted: Floats, none: int | None) -> Shares:
    """Count each paragraph's likeliest label; predictions (n, K). The intervals are binomial, and too short."""
    counts = np.bincount(predicted.argmax(axis=1), minlength=predicted.shape[1])
    total, framed = int(counts.sum()), int(counts.sum() - (counts[none] if none is not None else 0))
    return Shares(
        tuple(_counted(int(one), total) for one in counts),
        tuple(
            None if none is None or label == none else _counted(int(one), framed) for label, one in enumerate(counts)
        ),
    )


def _share(value: float, size_at: Callable[[float], float], middle: float) -> Share:
    """Return a share with its interval, given what it would be worth if the true share were this or that.

    Where a frame is rare, an estimate is spoilt by false alarms and worth less the rarer it is: each end of the
    interval is taken with the size there, where that is smaller than in the middle.
    """
    size = size_at(middle)
    low, high = beta_interval(value, size)
    sizes = min(size, size_at(low)), min(size, size_at(high))
    return Share(value, beta_interval(value, sizes[0])[0], beta_interval(value, sizes[1])[1], size, sizes)


def _counted(count: int, total: int) -> Share:
    return _share(count / total, lambda _: float(total), count / total) if total else UNKNOWN


def _shares(shares: Floats, case: _Case, none: int | None) -> Shares:
    labels = len(shares)
    everywhere = [_one_share(shares, np.eye(labels)[label], case) for label in range(labels)]
    if none is None:
        return Shares(tuple(everywhere), (None,) * labels)
    framed = [None if label == none else _framed_share(shares, label, case, none) for label in range(labels)]
    return Shares(tuple(everywhere), tuple(framed))


def _one_share(shares: Floats, contrast: Floats, case: _Case) -> Share:
    """Return the share of one label (`contrast` is 1 there) among all paragraphs."""
    value = float(np.clip(shares @ contrast, 0, 1))
    hand = 1 / case.audit.factor(case.icc)
    middle = (hand * value + 2) / (hand + 4)
    rest = shares * (1 - contrast)
    rest = rest if rest.sum() > 1e-9 else 1 - contrast

    def size_at(true: float) -> float:
        around = true * contrast + (1 - true) * rest / rest.sum()
        return _size(true, _variance(contrast, around, case), case)

    return _share(value, size_at, middle)


def _framed_share(shares: Floats, label: int, case: _Case, none: int) -> Share:
    """Return the share of one label among the framed paragraphs, a ratio of two shares, by its linearisation.

    The ratio q of a frame to all framed paragraphs F varies as the mean of (frame - q framed) / F does (Woodruff 1971;
    Saerndal, Swensson and Wretman 1992, section 5.6).
    """
    framed = 1 - np.eye(len(shares))[none]
    total = float(shares @ framed)
    if total <= 1e-9:
        return UNKNOWN
    value = float(min(shares[label] / total, 1.0))
    hand = total / case.audit.factor(case.icc)
    middle = (hand * value + 2) / (hand + 4)
    others = framed.copy()
    others[label] = 0
    if not others.any():
        return CERTAIN
    rest = shares * others
    rest = rest if rest.sum() > 1e-9 else others

    def size_at(true: float) -> float:
        around = shares * (1 - framed) + total * (1 - true) * rest / max(rest.sum(), 1e-9)
        around[label] = total * true
        contrast = (np.eye(len(shares))[label] - true * framed) / total
        return _size(true, _variance(contrast, around / around.sum(), case), case)

    return _share(value, size_at, middle)


def _size(share: float, variance: float, case: _Case) -> float:
    size = effective_size(share, variance)
    return size if isinf(size) else adjusted_size(size, case.degrees)


def _variance(contrast: Floats, shares: Floats, case: _Case) -> float:
    """Return the variance of a contrast of the estimated shares, where the shares are so."""
    errors: Errors = case.pooled.errors
    single = errors.variance(contrast, shares, case.weight)
    between = case.icc * case.audit.articles * case.left[0]
    within = (1 - case.icc) * case.audit.paragraphs * case.left[1]
    variance = single * (between + within)
    if not case.finite:
        variance += errors.variance(contrast, shares, 0.0) * case.corpus.factor(case.pooled.icc_codes)
    return variance
