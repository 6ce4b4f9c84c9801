"""The linear model as arrays: logits of a batch of paragraphs, and what each stretch of text adds to them.

Everything is a sum of value x weight over the features of a row, so that the evidence for a label is exact: intercept
and contributions add up to the logit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.features import (
    LEXICON,
    WORDS,
    FeatureSettings,
    Floats,
    FormTable,
    Matrix,
    Part,
    Places,
    block_of,
    forms_of,
    make_cells,
    prepare,
    split_cells,
    tally,
    weigh,
)
from framing.lexicon import Lexicon
from framing.target import Name
from framing.tokens import Bools, Ints, Tokens

LEXICON_SCALE = 0.3
"""What the two lexicon blocks are multiplied by: few and coarse features, which would else outweigh the words."""

FREQUENT = 100
"""How many of the most widespread stems stand for the language of the texts (its function words)."""

OTHER, CONTENT, FUNCTION = range(3)


@dataclass(frozen=True, slots=True)
class Applied:
    """A batch of n texts with its features and logits."""

    tokens: Tokens
    parts: tuple[Part, ...]
    """Where the known features stand; the place of a feature is its column."""
    counts: Ints
    matrix: Matrix
    logits: Floats
    """(n, K)"""
    named: Ints
    """(n): how often the text names its target."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """What each stretch of tokens adds to the logit of its text's label: row, first and last token, weight."""

    row: Ints
    first: Ints
    last: Ints
    weight: Floats


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
    _kept: list[_Kept] = field(default_factory=list, init=False, repr=False, compare=False)
    """What is made at the first batch and kept for those that follow; see `__getstate__`."""

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields without what can be made anew: a process that gets a copy makes its own."""
        return {name.name: getattr(self, name.name) for name in fields(self) if name.name != "_kept"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in {**state, "_kept": []}.items():
            object.__setattr__(self, name, value)

    def _keep(self) -> _Kept:
        if not self._kept:
            numbers = dict(zip(self.forms, range(len(self.forms)), strict=True))
            table = FormTable(self.settings, self.language, lambda form: numbers.get(form, -1), Places(self.keys))
            kinds = column_kinds(self.keys, self.function_words)
            self._kept.append(_Kept(table, block_of(self.keys), kinds, kinds != OTHER))
        return self._kept[0]

    def apply(self, texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Applied:
        """Make the features of `texts` and their logits; `names` as for `framing.target.find_names`."""
        kept = self._keep()
        batch = prepare(texts, names)
        parts = tuple(kept.table.parts(batch, self.lexicon))
        cells = self._cells(batch.tokens, parts, len(texts))
        distinct, counts = tally(cells)
        row, column = split_cells(distinct, len(self.keys))
        value = weigh(row, column, counts, self.idf, kept.blocks, len(texts))
        scale_blocks(value, column, kept.blocks)
        matrix = Matrix(row, column, value, (len(texts), len(self.keys)))
        named = np.bincount(batch.tokens.row[batch.named], minlength=len(texts)).astype(np.int64)
        logits = multiply(matrix, self.weights, self.intercept)
        return Applied(batch.tokens, parts, counts, matrix, logits, named)

    def _cells(self, tokens: Tokens, parts: Sequence[Part], rows: int) -> NDArray[Any]:
        columns = len(self.keys)
        return np.concatenate([make_cells(tokens.row.take(part.first), part.place, rows, columns) for part in parts])

    def vocabulary(self, applied: Applied) -> Vocabulary:
        """Return how well the vocabulary of each text of a batch is known."""
        kept, matrix = self._keep(), applied.matrix
        single = np.flatnonzero(kept.single.take(matrix.column))
        totals = np.bincount(applied.tokens.row, minlength=matrix.shape[0]).astype(np.int64)
        kind = kept.kinds[matrix.column[single]]
        return known_vocabulary(matrix.row[single], kind, applied.counts[single], totals)

    def stretches(self, applied: Applied, labels: Ints) -> Stretches:
        """Return what each stretch adds to the logit of its text's label, in order of first and last token.

        A stretch is a token with all its word, character and lexicon features, or two or more tokens; a feature's
        contribution is split evenly over its occurrences. `labels` has a number below K for each text.
        """
        matrix, rows = applied.matrix, applied.matrix.shape[0]
        each = matrix.value * self.weights[labels[matrix.row], matrix.column] / applied.counts
        cells = make_cells(matrix.row, matrix.column, rows, matrix.shape[1])
        entry = np.searchsorted(cells, self._cells(applied.tokens, applied.parts, rows))
        first = np.concatenate([part.first for part in applied.parts])
        more = np.concatenate([part.last for part in applied.parts]) - first
        size = int(more.max(initial=0)) + 1
        place = first * size + more
        found, inverse = np.unique(place, return_inverse=True)
        weight: Floats = np.bincount(inverse, each[entry], minlength=len(found)).astype(np.float64)
        begin = found // size
        return Stretches(applied.tokens.row[begin], begin, begin + found % size, weight)

    def contributions(self, applied: Applied, labels: Ints, most: int | None = None) -> list[list[Contribution]]:
        """Return for each text its stretches as in `stretches`; with `most`, the strongest ones, the strongest first.

        Of two that are as strong the first is the one that begins, then the one that ends, before the other.
        """
        found: list[list[Contribution]] = [[] for _ in range(applied.matrix.shape[0])]
        if most == 0:
            return found
        all_ = self.stretches(applied, labels)
        row, first, last, weight = all_.row, all_.first, all_.last, all_.weight
        if most is not None:
            order = np.lexsort((last, first, -np.abs(weight), row))
            rank = np.arange(len(order)) - np.searchsorted(row, row)
            order = order[rank < most]
            row, first, last, weight = row[order], first[order], last[order], weight[order]
        for at, *values in zip(row.tolist(), first.tolist(), last.tolist(), weight.tolist(), strict=True):
            found[at].append(Contribution(*values))
        return found


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is made at the first batch: the table of forms, and of each column the block, the kind, if it is a word."""

    table: FormTable
    blocks: Ints
    kinds: Ints
    single: Bools


def block_scales() -> Floats:
    """Return what each block of features is multiplied by, (BLOCKS)."""
    return np.array([1.0, 1.0, 1.0, 1.0, 1.0, LEXICON_SCALE, LEXICON_SCALE])


def scale_blocks(value: Floats, column: Ints, blocks: Ints) -> None:
    """Multiply each value, in place, by what its block of features is multiplied by; `blocks` is ascending."""
    if len(blocks) and blocks[-1] >= LEXICON:  # only the blocks of the dictionary have another scale than 1
        value *= block_scales().take(blocks.take(column))


def multiply(matrix: Matrix, weights: Floats, intercept: Floats) -> Floats:
    """Return the logits (n, K) of the rows: a row's sum runs over its columns in ascending order."""
    rows = matrix.shape[0]
    sums = []
    for of_label in weights:
        added = of_label.take(matrix.column)
        added *= matrix.value
        sums.append(np.bincount(matrix.row, added, minlength=rows))
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
