"""Which groups differ in how often a frame occurs, judged together, so that chance alone rarely shows a difference.

The interval of a difference is made of the two shares' own intervals (MOVER: Zou and Donner 2008, Statistics in
Medicine 27; for several shares at once Zou, Huang and Zhang 2009), which need not be symmetric. All pairs of groups,
and each group against all others together, over all frames, are one family: the confidence is raised until all
intervals hold together with 95 %. The critical value is the 95 % point of the largest of all standardised differences,
by simulation of normal errors with the shares' own spreads, independent between groups and between the labels of a
group correlated as counts are (a studentised maximum: Hothorn, Bretz and Westfall 2008, section 3). It is smaller than
Bonferroni's or Sidak's, because the differences share their groups.

Shares among all paragraphs and shares among the framed ones are two families: ask for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from framing.effective import beta_intervals
from framing.features import Floats
from framing.prevalence import GroupShares, Prevalence, Share

DRAWS = 20_000
_CONTRASTS = 200
"""So many differences are looked at together."""
_BATCH = 2_000
_NORMAL = 1.959964

Verdict = Literal["higher", "lower", "cannot tell apart"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A group's share of a label less that of another group (None: of all others together), -1 to 1, with its
    simultaneous interval.
    """

    label: int
    group: int
    other: int | None
    value: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Whether the group's share is higher or lower than the other's, as far as the interval tells."""
        return "higher" if self.low > 0 else "lower" if self.high < 0 else "cannot tell apart"


@dataclass(frozen=True, slots=True)
class Differences:
    """All differences of a family, by label, pairs before the rest, and the critical value that they share."""

    critical: float
    found: tuple[Difference, ...]

    def order(self, label: int) -> tuple[tuple[int, int], ...]:
        """Return the supported pairs (the group with more, the group with less) of a label; none: cannot tell apart."""
        pairs = [one for one in self.found if one.label == label and one.other is not None]
        higher = [(one.group, one.other) for one in pairs if one.verdict == "higher" and one.other is not None]
        lower = [(one.other, one.group) for one in pairs if one.verdict == "lower" and one.other is not None]
        return tuple(higher + lower)


def find_differences(
    found: Prevalence, *, framed: bool = False, level: float = 0.95, seed: int = 0, critical: float | None = None
) -> Differences:
    """Compare the corrected shares of all estimated groups, among all paragraphs or among the framed ones.

    All others together are weighed by their paragraphs (framed: by their framed paragraphs, as estimated). With fewer
    than two groups there is nothing to compare. With `critical` that value is taken, not found for `level`.
    """
    groups = found.groups
    labels = (
        [label for label in range(len(groups[0].corrected.all)) if not framed or label != found.none] if groups else []
    )
    if framed and found.none is None:
        labels = []
    if len(groups) < 2 or not labels:
        return Differences(_NORMAL, ())
    shares = [[_share_of(one, label, framed) for label in labels] for one in groups]
    sizes = np.array([one.paragraphs * _framed_part(one, found.none if framed else None) for one in groups])
    contrasts = _contrasts(np.maximum(sizes, 1e-9))
    if critical is None:
        critical = critical_value(shares, contrasts, level=level, seed=seed)
    confidence = _confidence(critical)
    names = [(a, b) for a in range(len(groups)) for b in range(a + 1, len(groups))]
    asked = [*names, *((a, None) for a in range(len(groups)) if len(groups) > 2)]
    differences = []
    values, lows, highs = _ends(shares, confidence)
    for place, label in enumerate(labels):
        ends = list(zip(values[:, place], lows[:, place], highs[:, place], strict=True))
        for (a, b), contrast in zip(asked, contrasts, strict=True):
            other = None if b is None else groups[b].group
            differences.append(Difference(label, groups[a].group, other, *mover(contrast, ends)))
    return Differences(critical, tuple(differences))


def mover(contrast: Sequence[float] | Floats, ends: Iterable[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return a sum of shares, weighted by `contrast`, with its interval; `ends` are value, low and high of each share.

    Zou, Huang and Zhang 2009; for a difference of two Zou and Donner 2008.
    """
    value = below = above = 0.0
    for times, (share, low, high) in zip(contrast, ends, strict=True):
        down, up = (share - low, high - share) if times > 0 else (high - share, share - low)
        value += times * share
        below += (times * down) ** 2
        above += (times * up) ** 2
    return float(value), float(value - sqrt(below)), float(value + sqrt(above))


def critical_value(
    shares: Sequence[Sequence[Share]], contrasts: Floats, *, level: float = 0.95, seed: int = 0
) -> float:
    """Return the `level` quantile of the largest standardised contrast, over all contrasts (C, G) and labels.

    `shares` are those of each of G groups. Never below the value for a single difference.
    """
    rng = np.random.default_rng(seed)
    values = np.array([[one.value for one in own] for own in shares])
    # Where a share is 0 the interval's length tells its spread; counts of labels are correlated by their shares.
    spread = np.array([[max(one.high - one.low, 1e-9) for one in own] for own in shares]) / (2 * _NORMAL)
    roots = np.stack([_root(own) for own in values])
    scale = np.sqrt(contrasts**2 @ spread**2)
    largest = []
    for _ in range(DRAWS // _BATCH):
        errors = np.einsum("gij,bgj->gib", roots, rng.standard_normal((_BATCH, *values.shape))) * spread[:, :, None]
        highest = np.zeros(_BATCH)
        for at in range(0, len(contrasts), _CONTRASTS):
            some, own = contrasts[at : at + _CONTRASTS], scale[at : at + _CONTRASTS]
            for label in range(values.shape[1]):
                found = np.abs(some @ errors[:, label]) / own[:, label, None]
                highest = np.maximum(highest, found.max(axis=0))
        largest.append(highest)
    return max(float(np.quantile(np.concatenate(largest), level)), _NORMAL)


def _root(shares: Floats) -> Floats:
    """Return a square root of the correlation matrix of counts with these shares (K)."""
    odds = np.clip(shares, 1e-3, 1 - 1e-3)
    odds = np.sqrt(odds / (1 - odds))
    correlation = -np.minimum(odds[:, None] * odds[None, :], 1.0)
    np.fill_diagonal(correlation, 1.0)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    lengths: Floats = np.sqrt((root**2).sum(axis=1, keepdims=True))
    scaled: Floats = root / lengths
    return scaled


def _contrasts(sizes: Floats) -> Floats:
    """Return the contrasts (C, G): all pairs, then each group less the others by size (with two groups: the pair)."""
    count = len(sizes)
    unit = np.eye(count)
    rows = [unit[a] - unit[b] for a in range(count) for b in range(a + 1, count)]
    for a in range(count if count > 2 else 0):
        others = sizes * (1 - unit[a])
        rows.append(unit[a] - others / others.sum())
    return np.array(rows)


def _ends(shares: Sequence[Sequence[Share]], confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return the values and both ends (groups, labels) of what Share.interval gives, all at once."""
    values = np.array([[one.value for one in own] for own in shares])
    sizes = np.array([[one.sizes for one in own] for own in shares])
    low, _ = beta_intervals(values, sizes[..., 0], confidence)
    _, high = beta_intervals(values, sizes[..., 1], confidence)
    return values, low, high


def _confidence(critical: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(critical) - 1)


def _share_of(one: GroupShares, label: int, framed: bool) -> Share:
    share = one.corrected.framed[label] if framed else one.corrected.all[label]
    assert share is not None
    return share


def _framed_part(one: GroupShares, none: int | None) -> float:
    return 1.0 if none is None else 1 - one.corrected.all[none].value
