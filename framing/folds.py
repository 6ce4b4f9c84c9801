"""Folds that keep groups together: what is predicted is always from groups that were not in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.tokens import Bools, Ints

_SEEDS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Fold:
    """The rows that are predicted, and the rows that are learned from: masks over all rows."""

    test: Bools
    train: Bools


def make_folds(
    y: Ints,
    groups: Ints,
    apart: Sequence[Ints],
    evaluated: Bools,
    available: Bools,
    *,
    most: int,
    labels: int,
    seed: int,
) -> list[Fold] | None:
    """Split the evaluated ones of the available rows into at most `most` folds of whole groups, labels spread evenly.

    `apart` numbers the rows in other ways (by family of near-copies, by article): a row that shares its group or one of
    these numbers with a row of the test part leaves the training part, also where it is itself not evaluated (a short
    sentence). Every training part has every label; None where no such folds were found.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    rows = np.flatnonzero(evaluated & available)
    distinct = len(np.unique(groups[rows]))
    for count in range(min(most, distinct), 1, -1):
        for attempt in range(_SEEDS_TRIED):
            splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed + attempt)
            parts = splitter.split(np.zeros(len(rows)), _stratum(y[rows], count), groups[rows])
            folds = [_fold(rows[test], (groups, *apart), available) for _, test in parts if len(test)]
            if len(folds) > 1 and all(len(np.unique(y[fold.train])) == labels for fold in folds):
                return folds
    return None


def _stratum(y: Ints, count: int) -> Ints:
    """Return the labels to spread; those rarer than the number of folds (the splitter's limit) join the commonest."""
    sizes = np.bincount(y)
    if sizes.max() < count:
        return np.zeros_like(y)
    stratum: Ints = np.where(sizes[y] < count, sizes.argmax(), y)
    return stratum


def _fold(test_rows: Ints, apart: Sequence[Ints], available: Bools) -> Fold:
    test = np.zeros(len(available), dtype=np.bool_)
    test[test_rows] = True
    train = available & ~test
    for numbers in apart:
        train &= ~np.isin(numbers, numbers[test_rows])
    return Fold(test, train)


def number_groups(values: Sequence[object]) -> Ints:
    """Number groups by first appearance; None is a group of its own each time."""
    numbers: dict[object, int] = {}
    return np.array(
        [numbers.setdefault(("", index) if value is None else ("=", value), len(numbers))
         for index, value in enumerate(values)],
        dtype=np.int64,
    )  # fmt: skip
