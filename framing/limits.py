"""Below which shares of known words a text is off topic or in another language: from out-of-fold training texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framing.learn import Counts, Part, function_words
from framing.linear import column_kinds, known_vocabulary
from framing.model import Limits
from framing.tokens import Ints
from framing.trainingset import TrainingSet

LIMIT_QUANTILE = 0.005
"""The share of out-of-fold training texts that the limits of off_topic and other_language may cut off."""
_FEWEST_TOKENS = 10


def find_limits(counts: Counts, data: TrainingSet, parts: Sequence[Part], fold_of: Ints) -> dict[str, Limits]:
    """Return the limits of function words and known words, from training units judged without their own fold.

    Which words are function words is read off all rows: a list of the most widespread stems, not of their labels.
    """
    words = function_words(counts)
    known, function = np.zeros(counts.rows, np.int64), np.zeros(counts.rows, np.int64)
    kinds = column_kinds(counts.keys, words)
    for fold, part in enumerate(parts):
        here = (fold_of[counts.row] == fold) & (part.idf[counts.column] > 0)
        row, kind, count = counts.row[here], kinds[counts.column[here]], counts.count[here]
        vocabulary = known_vocabulary(row, kind, count, counts.tokens)
        known += vocabulary.known
        function += vocabulary.function
    units = fold_of >= 0
    return {
        "article": _limits(*(_by_group(part[units], data.groups[units]) for part in (counts.tokens, function, known))),
        "paragraph": _limits(counts.tokens[units], function[units], known[units]),
    }


def _by_group(values: Ints, groups: Ints) -> Ints:
    sums: Ints = np.bincount(groups, values).astype(np.int64)[np.unique(groups)]
    return sums


def _limits(tokens: Ints, function: Ints, known: Ints) -> Limits:
    long_enough = tokens >= _FEWEST_TOKENS
    if not long_enough.any():
        return Limits(0.0, 0.0)
    tokens, function, known = tokens[long_enough], function[long_enough], known[long_enough]
    function_share = np.quantile(function / tokens, LIMIT_QUANTILE)
    known_share = np.quantile(known / np.maximum(tokens - function, 1), LIMIT_QUANTILE)
    return Limits(round(float(function_share), 6), round(float(known_share), 6))
