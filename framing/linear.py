"""The linear model as arrays: logits of a batch of paragraphs, and what each stretch of text adds to them.

Everything is a sum of value x weight over the features of a row, so that the evidence for a label is exact: intercept
and contributions add up to the logit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from framing.features import (
    WORDS,
    FeatureSettings,
    Floats,
    Matrix,
    Occurrences,
    block_of,
    count,
    find_occurrences,
    forms_of,
    prepare,
    weigh,
)
from framing.lexicon import Lexicon
from framing.target import Name
from framing.tokens import Ints, Tokens

LEXICON_SCALE = 0.3
"""What the two lexicon blocks are multiplied by: few and coarse features, which would else outweigh the words."""

FREQUENT = 100
"""How many of the most widespread stems stand for the language of the texts (its function words)."""

OTHER, CONTENT, FUNCTION = range(3)


@dataclass(frozen=True, slots=True)
class Applied:
    """A batch of n texts with its features and logits."""

    tokens: Tokens
    occurrences: Occurrences
    entry: Ints
    """The matrix entry of each occurrence, -1 where the feature is unknown."""
    counts: Ints
    matrix: Matrix
    logits: Floats
    """(n, K)"""
    named: Ints
    """(n): how often the text names its target."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What the features of the tokens `first` to `last` of a batch add to a logit."""

    first: int
    last: int
    weight: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How well the vocabulary of a text is known: numbers of tokens, function words and known content words, (n)."""

    tokens: Ints
    function: Ints
    known: Ints

    def at(self, rows: Sequence[int] | slice) -> Vocabulary:
        """Return the numbers of some texts."""
        return Vocabulary(self.tokens[rows], self.function[rows], self.known[rows])

    def total(self) -> Vocabulary:
        """Return the sums over all texts, as one text."""
        return Vocabulary(*(np.array([part.sum()]) for part in (self.tokens, self.function, self.known)))


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear model over F features for K labels.

    forms: the known word forms, sorted; keys (F): the features, sorted (see framing.features); idf (F); weights (K, F)
    and intercept (K) in logits, the temperature divided out.
    """

    forms: tuple[str, ...]
    keys: Ints
    idf: Floats
    weights: Floats
    intercept: Floats
    settings: FeatureSettings
    language: str
    lexicon: Lexicon | None
    function_words: Ints
    """The form numbers of the most widespread stems of the training texts."""
    _numbers: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def number(self, form: str) -> int:
        """Return the number of a form, -1 if it is not known."""
        if not self._numbers:
            self._numbers.update(zip(self.forms, range(len(self.forms)), strict=True))
        return self._numbers.get(form, -1)

    def apply(self, texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Applied:
        """Make the features of `texts` and their logits; `names` as for `framing.target.find_names`."""
        batch = prepare(texts, names)
        occurrences = find_occurrences(batch, self.settings, self.language, self.lexicon, self.number)
        row, column, counts, entry = count(occurrences, self.keys)
        blocks = block_of(self.keys)
        value = weigh(row, column, counts, self.idf, blocks, len(texts)) * block_scales()[blocks[column]]
        matrix = Matrix(row, column, value, (len(texts), len(self.keys)))
        named = np.bincount(batch.tokens.row[batch.named], minlength=len(texts)).astype(np.int64)
        logits = multiply(matrix, self.weights, self.intercept)
        return Applied(batch.tokens, occurrences, entry, counts, matrix, logits, named)

    def vocabulary(self, applied: Applied) -> Vocabulary:
        """Return how well the vocabulary of each text of a batch is known."""
        kinds = column_kinds(self.keys, self.function_words)
        totals = np.bincount(applied.tokens.row, minlength=applied.matrix.shape[0]).astype(np.int64)
        return known_vocabulary(applied.matrix.row, kinds[applied.matrix.column], applied.counts, totals)

    def contributions(self, applied: Applied, labels: Ints) -> list[list[Contribution]]:
        """Return for each text what its stretches add to the logit of its label (a number below K).

        A stretch is a token with all its word, character and lexicon features, or two or more tokens; a feature's
        contribution is split evenly over its occurrences. Stretches are in order of their first and last token.
        """
        known = applied.entry >= 0
        entry = applied.entry[known]
        first, last = applied.occurrences.first[known], applied.occurrences.last[known]
        each = applied.matrix.value * self.weights[labels[applied.matrix.row], applied.matrix.column] / applied.counts
        size = int((last - first).max()) + 1 if len(first) else 1
        stretches, inverse = np.unique(first * size + (last - first), return_inverse=True)
        weight = np.bincount(inverse, each[entry], minlength=len(stretches))
        found: list[list[Contribution]] = [[] for _ in range(applied.matrix.shape[0])]
        begin, end = stretches // size, stretches // size + stretches % size
        rows = applied.tokens.row[begin] if len(begin) else begin
        for row, a, b, w in zip(rows.tolist(), begin.tolist(), end.tolist(), weight.tolist(), strict=True):
            found[row].append(Contribution(a, b, w))
        return found


def block_scales() -> Floats:
    """Return what each block of features is multiplied by, (BLOCKS)."""
    return np.array([1.0, 1.0, 1.0, 1.0, 1.0, LEXICON_SCALE, LEXICON_SCALE])


def multiply(matrix: Matrix, weights: Floats, intercept: Floats) -> Floats:
    """Return the logits (n, K) of the rows: a row's sum runs over its columns in ascending order."""
    rows = matrix.shape[0]
    sums = [np.bincount(matrix.row, matrix.value * of_label[matrix.column], minlength=rows) for of_label in weights]
    return np.stack(sums, axis=1) + intercept


def column_kinds(keys: Ints, function_words: Ints) -> Ints:
    """Say of each feature whether it is a function word, another single word, or something else."""
    first, second = forms_of(keys)
    single = (block_of(keys) == WORDS) & (second < 0)
    kinds: Ints = np.where(single, np.where(np.isin(first, function_words), FUNCTION, CONTENT), OTHER)
    return kinds


def known_vocabulary(row: Ints, kind: Ints, counts: Ints, tokens: Ints) -> Vocabulary:
    """Return the vocabulary numbers of texts from the entries of their count matrix and their numbers of tokens."""
    function = np.bincount(row, np.where(kind == FUNCTION, counts, 0), minlength=len(tokens))
    known = np.bincount(row, np.where(kind == CONTENT, counts, 0), minlength=len(tokens))
    return Vocabulary(tokens, function.astype(np.int64), known.astype(np.int64))
