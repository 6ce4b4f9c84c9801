"""How many independent hand labels an estimate is worth, and the interval that follows.

An estimated share p with variance V is worth n* = p (1 - p) / V independent labels, the effective sample size (Kish
1965, section 8.2). Its interval is that of n* p cases in n* (Korn and Graubard 1998, Survey Methodology 24): beta
quantiles, so that it never leaves 0..1 and stays wide where a frame was not found at all. The quantiles are not Clopper
and Pearson's but Jeffreys' (half a case and half a non-case more; Brown, Cai and DasGupta 2001; for complex samples
Franco, Little, Louis and Slud 2019): corrected shares are hardly discrete, and the former held in 98 to 99 % where 95
were asked. Also after those authors, a variance that is modelled (framing/pooling.py) keeps the level better than one
from a group's own few articles.

Paragraphs of one article are alike; with the intraclass correlation r, normed weights w of paragraphs and W of
articles, the variance of a weighted mean is that of one paragraph times (1 - r) sum w^2 + r sum W^2 (Kish 1965, section
5.4, for unequal weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.features import Floats
from framing.tokens import Ints

_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Design:
    """How weights spread over paragraphs and articles: sums of squared normed weights, each above 0 and at most 1."""

    paragraphs: float
    articles: float

    def factor(self, icc: float) -> float:
        """Return the variance of the weighted mean in units of one paragraph's variance; `icc` 0 to 1."""
        return (1 - icc) * self.paragraphs + icc * self.articles


def design_of(weights: Floats, articles: Ints) -> Design:
    """Return the design of n paragraphs with positive weights (n) and article numbers (n) from 0."""
    normed = weights / weights.sum()
    return Design(float((normed**2).sum()), float((np.bincount(articles, normed) ** 2).sum()))


def beta_interval(share: float, size: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share (0 to 1) that is worth `size` labels, with confidence `level` (0 to 1).

    Beta quantiles with size and cases in fractions; 0 and 1 at the ends are in the interval where no or only such cases
    were found (Brown, Cai and DasGupta 2001, section 3.1.2). Size 0 gives 0 to 1, an infinite one the share alone.
    """
    low, high = beta_intervals(np.array(share), np.array(size), level)
    return float(low), float(high)


def beta_intervals(shares: Floats, sizes: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the lower and the upper ends of many such intervals; shares and sizes of the same shape."""
    from scipy.special import betaincinv

    tail, known = (1 - level) / 2, np.isinf(sizes)
    finite = np.where(known, 1.0, sizes)
    cases, others = finite * shares, finite * (1 - shares)
    low = np.where(cases > _NOTHING, betaincinv(cases + 0.5, others + 0.5, tail), 0.0)
    high = np.where(others > _NOTHING, betaincinv(cases + 0.5, others + 0.5, 1 - tail), 1.0)
    return np.where(known, shares, np.minimum(low, shares)), np.where(known, shares, np.maximum(high, shares))


def adjusted_sizes(sizes: Floats, degrees: Floats, level: float = 0.95) -> Floats:
    """Return sizes made smaller because their variances are estimated, with so many degrees of freedom; same shapes.

    By the squared ratio of the normal to the t quantile: Korn and Graubard (1998) have the t quantile of all
    observations above, which is nearly the normal one. An infinite size has no variance and stays.
    """
    from scipy.special import ndtri, stdtrit

    tail = 1 - (1 - level) / 2
    smaller: Floats = sizes * (ndtri(tail) / stdtrit(degrees, tail)) ** 2
    return smaller
