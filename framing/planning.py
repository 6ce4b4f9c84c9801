"""How many articles an audit needs, so that its intervals become as short as asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.effective import beta_interval
from framing.errors import UsageError
from framing.features import Floats

RUNS = 500
MOST = 5000
"""Articles per group; a plan that needs more is none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many articles of each group to audit, and the half-widths (0 to 0.5) that this gives.

    Half of all audits come out below the median, 80 % between low and high.
    """

    articles: int
    median: float
    low: float
    high: float


def articles_needed(
    half_width: float,
    prevalence: float,
    icc: float,
    *,
    per_article: int = 3,
    correlation: float = 0.0,
    length_variation: float = 0.0,
    at_least: int = 6,
    seed: int = 0,
) -> Plan:
    """Return the fewest articles per group whose audit gives a median half-width of `half_width` (above 0, below 0.5).

    `prevalence` (above 0, below 1) and `icc` (0 to below 1) are known from a pilot or stated; `per_article` paragraphs
    of each article are labelled; `correlation` (0 to below 1) is that of predictions with codes: predictions explain
    its square of a paragraph's variance (Angelopoulos, Duchi and Zrnic 2023), 0 plans for hand labels alone;
    `length_variation` is the standard deviation of the articles' lengths over their mean (a long article speaks for
    more paragraphs, and unequal weights cost 1 plus its square: Kish 1965, section 11.7), 0 where all are alike.
    Audits are simulated with beta-binomial articles (Prentice 1986), and each gets the interval of
    framing.effective. Raises UsageError where a figure is out of range, or more than 5,000 articles would be needed.
    """
    _check(half_width, prevalence, icc, correlation)
    # What one label is worth less by unequal weights, and more by predictions.
    cost = (1 - correlation**2) * (1 + length_variation**2)
    if per_article < 1 or at_least < 2:
        raise UsageError("a plan needs at least one paragraph per article and two articles")
    low, high = at_least, at_least
    while np.median(_half_widths(high, prevalence, icc, per_article, cost, seed)) > half_width:
        if high >= MOST:
            raise UsageError(f"a half-width of {half_width:g} needs more than {MOST} articles per group: ask for less")
        low, high = high + 1, min(high * 2, MOST)
    while low < high:
        middle = (low + high) // 2
        enough = np.median(_half_widths(middle, prevalence, icc, per_article, cost, seed)) <= half_width
        low, high = (low, middle) if enough else (middle + 1, high)
    found = _half_widths(high, prevalence, icc, per_article, cost, seed)
    ends = np.percentile(found, [50, 10, 90])
    return Plan(high, float(ends[0]), float(ends[1]), float(ends[2]))


def _half_widths(articles: int, prevalence: float, icc: float, per_article: int, cost: float, seed: int) -> Floats:
    """Return the half-widths of RUNS simulated audits."""
    rng = np.random.default_rng(seed)
    shares = np.full((RUNS, articles), prevalence)
    if icc > 0:
        times = 1 / icc - 1
        shares = rng.beta(prevalence * times, (1 - prevalence) * times, (RUNS, articles))
    hand = rng.binomial(per_article, shares).mean(axis=1) / per_article
    values = np.clip(prevalence + (hand - prevalence) * cost**0.5, 0, 1)
    size = articles * per_article / (1 + (per_article - 1) * icc) / cost
    ends = [beta_interval(float(value), size) for value in values]
    return np.array([(high - low) / 2 for low, high in ends])


def _check(half_width: float, prevalence: float, icc: float, correlation: float) -> None:
    if not 0 < half_width < 0.5:
        raise UsageError(f"a half-width is above 0 and below 0.5, not {half_width:g}")
    if not 0 < prevalence < 1:
        raise UsageError(f"a prevalence to plan for is above 0 and below 1, not {prevalence:g}")
    if not (0 <= icc < 1 and 0 <= correlation < 1):
        raise UsageError("an intraclass correlation and a correlation are from 0 to below 1")
