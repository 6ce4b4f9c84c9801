"""The shares of groups, whichever way they are told: corrected by an audit, or adjusted by the confusion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from framing.adjusted import FEWEST_ARTICLES, AdjustedShare, AdjustedShares, adjust_counts
from framing.comparison import FAMILIES, Difference, Estimate, Group, Label, LabelShare, Of, Order
from framing.confusion import Confusion
from framing.differences import Differences, find_differences
from framing.features import Floats
from framing.foldmix import mix_folds
from framing.prevalence import GroupShares, Prevalence, Share, Shares, estimate_prevalence, naive_shares
from framing.tokens import Bools, Ints
from framing.wording import CANNOT_TELL
from framing.wording import counted as told


@dataclass(frozen=True, slots=True)
class Counted:
    """The n counted paragraphs, and the m audited ones among them (m is 0 without an audit)."""

    labels: tuple[Label, ...]
    article: Ints
    family: Ints
    """(n): near-copies of an article have one number."""
    original: Bools
    predicted: Floats
    given: Ints
    """(n): the model's own labels, for the naive count."""
    audited: Ints
    inclusion: Floats
    codes: Floats
    confusion: Confusion | None
    """Where there is no audit."""
    finite: bool
    min_articles: int
    seed: int
    each: Floats | None = None
    """(n, F, K): what each fold model says, where the model learned from the audit."""
    folds: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """(m): the fold of each audited paragraph, or WHOLE or SEEN."""

    def predicted_in(self, group: Ints) -> Floats:
        """Return the predictions (n, K) for an estimate in groups (n)."""
        if self.each is None:
            return self.predicted
        return mix_folds(self.each, group, self.audited, self.folds, 1 / self.inclusion)

    @property
    def none(self) -> int | None:
        """The number of the label that means "not framed"."""
        return next((place for place, label in enumerate(self.labels) if label.none), None)

    def only(self, rows: Bools) -> Counted:
        """Return some of the paragraphs."""
        place = np.cumsum(rows) - 1
        kept = rows[self.audited]
        return replace(
            self, article=self.article[rows], family=self.family[rows], original=self.original[rows],
            predicted=self.predicted[rows], given=self.given[rows], audited=place[self.audited[kept]],
            inclusion=self.inclusion[kept], codes=self.codes[kept],
            each=None if self.each is None else self.each[rows], folds=self.folds[kept] if len(kept) else self.folds,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Estimated:
    """The groups in the order of `names`, and, with an audit, what the differences are found from."""

    names: tuple[str, ...]
    groups: tuple[Group, ...]
    prevalence: Prevalence | None


def estimate_groups(
    counted: Counted, group: Ints, names: Sequence[str], members: Callable[[int], tuple[str, ...]] = lambda _: ()
) -> Estimated:
    """Estimate the shares of every group; `group` (n) numbers `names`. Raises LabelsError."""
    plain, prevalence = _shares(counted, group)
    originals: dict[int, tuple[LabelShare, ...]] = {}
    if not counted.original.all():
        rows = counted.original
        originals, _ = _shares(counted.only(rows), group[rows])
    found = []
    for number, name in enumerate(names):
        mine = group == number
        if mine.any():
            one = _group(counted, mine, name, plain[number], _own(prevalence, number), originals.get(number))
            found.append(replace(one, members=members(number)))
    return Estimated(tuple(names), tuple(found), prevalence)


def differences_of(
    estimated: Estimated, labels: Sequence[Label], seed: int
) -> tuple[tuple[Difference, ...], tuple[Order, ...], dict[str, float]]:
    """Return all differences, the supported orders, and the critical values by family; none without an audit."""
    prevalence = estimated.prevalence
    differences: list[Difference] = []
    orders: list[Order] = []
    critical: dict[str, float] = {}
    for of in FAMILIES if prevalence is not None else ():
        assert prevalence is not None
        found = find_differences(prevalence, framed=of == "framed", seed=seed)
        if not found.found:
            continue
        critical[of] = found.critical
        differences += [
            Difference(
                labels[one.label].id, of, estimated.names[one.group],
                None if one.other is None else estimated.names[one.other], one.value, one.low, one.high,
                one.verdict != CANNOT_TELL,
            )
            for one in found.found
        ]  # fmt: skip
        orders += [
            _order(found, estimated.names, place, label.id, of)
            for place, label in enumerate(labels)
            if of == "all" or place != prevalence.none
        ]
    return tuple(differences), tuple(orders), critical


def _order(found: Differences, names: Sequence[str], place: int, label: str, of: Of) -> Order:
    pairs = tuple((names[more], names[less]) for more, less in sorted(found.order(place)))
    below: dict[str, list[str]] = {}
    for more, less in pairs:
        below.setdefault(more, []).append(less)
    text = "; ".join(f"{more} > {', '.join(less)}" for more, less in below.items())
    return Order(label, of, pairs, text or CANNOT_TELL)


def _own(prevalence: Prevalence | None, number: int) -> GroupShares | None:
    return next((one for one in prevalence.groups if one.group == number), None) if prevalence else None


def _shares(counted: Counted, group: Ints) -> tuple[dict[int, tuple[LabelShare, ...]], Prevalence | None]:
    """Return the shares of each group that occurs."""
    naive = {
        int(number): naive_shares(np.eye(len(counted.labels))[counted.given[group == number]], counted.none)
        for number in np.unique(group)
    }
    found = {number: _lacking(counted, one) for number, one in naive.items()}
    if counted.confusion is not None:
        confusion = counted.confusion
        adjusted = adjust_counts(
            group, counted.family, counted.predicted, confusion.gold, confusion.given, confusion.cluster,
            none=counted.none, seed=counted.seed,
        )  # fmt: skip
        for one in adjusted:
            if one.articles >= FEWEST_ARTICLES:
                found[one.group] = _adjusted(counted, one, naive[one.group])
        return found, None
    prevalence = estimate_prevalence(
        group, counted.family, counted.predicted_in(group), counted.audited, counted.inclusion, counted.codes,
        none=counted.none, finite=counted.finite, min_articles=counted.min_articles,
    )  # fmt: skip
    for own in prevalence.groups:
        mine = group[counted.audited] == own.group
        found[own.group] = _corrected(counted, own, naive[own.group], counted.codes[mine].sum(axis=0))
    return found, prevalence


def _corrected(counted: Counted, one: GroupShares, naive: Shares, coded: Floats) -> tuple[LabelShare, ...]:
    shares = []
    for of in FAMILIES:
        for place, label in enumerate(counted.labels):
            share = getattr(one.corrected, of)[place]
            if share is None:
                continue
            shares.append(
                LabelShare(
                    label.id, of, share.value, share.low, share.high, False, bool(coded[place] <= 0),
                    _estimate(getattr(one.by_hand, of)[place]), _estimate(getattr(naive, of)[place]), None, None,
                )
            )  # fmt: skip
    return tuple(shares)


def _adjusted(counted: Counted, one: AdjustedShares, naive: Shares) -> tuple[LabelShare, ...]:
    families: tuple[tuple[Of, Sequence[AdjustedShare | None]], ...] = (("all", one.shares), ("framed", one.framed))
    return tuple(
        LabelShare(
            label.id, of, share.value, share.low, share.high, share.value is None, False, None,
            _estimate(getattr(naive, of)[place]), None, share.check,
        )
        for of, shares in families
        for place, (label, share) in enumerate(zip(counted.labels, shares, strict=True))
        if share is not None
    )  # fmt: skip


def _lacking(counted: Counted, naive: Shares) -> tuple[LabelShare, ...]:
    """Return the naive counts alone."""
    return tuple(
        LabelShare(label.id, of, None, None, None, False, False, None, _estimate(getattr(naive, of)[place]), None, None)
        for of in FAMILIES
        for place, label in enumerate(counted.labels)
        if getattr(naive, of)[place] is not None
    )


def _estimate(share: Share | None) -> Estimate | None:
    return Estimate(share.value, share.low, share.high) if share is not None and share.size > 0 else None


def _group(
    counted: Counted,
    mine: Bools,
    name: str,
    shares: tuple[LabelShare, ...],
    own: GroupShares | None,
    originals: tuple[LabelShare, ...] | None,
) -> Group:
    audited = counted.audited[mine[counted.audited]]
    audited_articles = len(np.unique(counted.family[audited]))
    lacking = None
    if counted.confusion is None and own is None:
        lacking = told(max(counted.min_articles, 2) - audited_articles, "more audited article")
    elif counted.confusion is not None and (own_articles := len(np.unique(counted.family[mine]))) < FEWEST_ARTICLES:
        lacking = told(FEWEST_ARTICLES - own_articles, "more article")
    by_label = {(one.label, one.of): one for one in originals or ()}
    shares = tuple(
        replace(one, original=_original(by_label.get((one.label, one.of)))) if lacking is None else one
        for one in shares
    )
    kept = mine & counted.original
    return Group(
        name, len(np.unique(counted.article[mine])), int(mine.sum()), len(np.unique(counted.article[kept])),
        audited_articles, len(audited), lacking, shares, own.weight if own else None,
        own.icc if own else None, bool(own and own.negative),
    )  # fmt: skip


def _original(share: LabelShare | None) -> Estimate | None:
    if share is None or share.value is None or share.low is None or share.high is None:
        return None
    return Estimate(share.value, share.low, share.high)
