"""The linear model as arrays: logits of a batch of paragraphs, and what each stretch of text adds to them.

Everything is a sum of value x weight over the features of a row, so that the evidence for a label is exact: intercept
and contributions add up to the logit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.features import Batch, FeatureSettings, Floats, Part, prepare
from framing.forms import PackedForms
from framing.formtable import FormNumbers, FormTable, Known, Worth
from framing.lexicon import Lexicon
from framing.places import (
    BLOCKS,
    CHARS,
    LEXICON,
    SCALED_TOGETHER,
    WORDS,
    Places,
    block_of,
    forms_of,
    make_cells,
    repeated,
    split_cells,
    tally,
)
from framing.target import Name
from framing.tokens import Bools, Ints, Tokens
from framing.weighing import Matrix, weigh

LEXICON_SCALE = 0.3
"""What the two lexicon blocks are multiplied by: few and coarse features, which would else outweigh the words."""

FREQUENT = 100
"""How many of the most widespread stems stand for the language of the texts (its function words)."""

OTHER, CONTENT, FUNCTION = range(3)

MOST_REPEATED = 50
"""A row that has a feature more often is summed up feature by feature: a sum of c times its worth, less the excess over
1 + ln c times, would lose digits."""

_DAMPED = 1.0 + np.log(np.maximum(np.arange(MOST_REPEATED + 1), 1))
"""1 + ln c for each c."""

STRETCH = 8_000
"""Tokens whose character n-grams are looked at at once: few enough that all of these stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How well the vocabulary of a text is known: numbers of tokens, function words and known content words, (n)."""

    tokens: Ints
    function: Ints
    known: Ints

    def at(self, rows: Sequence[int] | slice) -> Vocabulary:
        """Return the numbers of some texts."""
        return Vocabulary(self.tokens[rows], self.function[rows], self.known[rows])

    @classmethod
    def joined(cls, parts: Sequence[Vocabulary]) -> Vocabulary:
        """Return the numbers of texts that come in parts."""
        return cls(*(np.concatenate([getattr(part, name.name) for part in parts]) for name in fields(cls)))

    def total(self) -> Vocabulary:
        """Return the sums over all texts, as one text."""
        return Vocabulary(*(np.array([part.sum()]) for part in (self.tokens, self.function, self.known)))


@dataclass(frozen=True)
class Applied:
    """A batch of n texts with its known features and logits."""

    tokens: Tokens
    logits: Floats
    """(n, K)"""
    named: Ints
    """(n): how often the text names its target."""
    vocabulary: Vocabulary
    _idf: Floats
    _blocks: Ints
    _find: Callable[[], tuple[Part, ...]]

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Where the known features stand; the place of a feature is its column. Labels alone need none of them."""
        return self._find()

    @cached_property
    def cells(self) -> NDArray[Any]:
        """Row and column of every occurrence as one number, in the order of the parts."""
        return _cells(self.tokens, self.parts, len(self.logits), len(self._idf))

    @cached_property
    def _entries(self) -> tuple[Ints, Ints, Ints]:
        cells, counts = tally(self.cells.copy())
        return *split_cells(cells, len(self._idf)), counts

    @property
    def counts(self) -> Ints:
        """How often the row of each entry of `matrix` has its feature."""
        return self._entries[2]

    @cached_property
    def matrix(self) -> Matrix:
        """The values of the features; made when it is asked for, because labels alone need no matrix."""
        row, column, counts = self._entries
        rows = len(self.logits)
        value = weigh(row, column, counts, self._idf, self._blocks, rows)
        scale_blocks(value, column, self._blocks)
        return Matrix(row, column, value, (rows, len(self._idf)))


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
class Linear:
    """A linear model over F features for K labels.

    forms: the known word forms, sorted; keys (F): the features, sorted (see framing.features); idf (F); weights (K, F)
    and intercept (K) in logits, the temperature divided out.
    """

    forms: Sequence[str]
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
            numbers = self.forms.numbers if isinstance(self.forms, PackedForms) else _numbers(self.forms)
            table = FormTable(self.settings, self.language, numbers, Places(self.keys), self._worth)
            is_function = np.zeros(len(self.forms) + 1, dtype=np.bool_)
            is_function[self.function_words] = True
            self._kept.append(_Kept(table, block_of(self.keys), is_function))
        return self._kept[0]

    def _worth(self, places: NDArray[Any]) -> Floats:
        """Return idf x weight for each label, and idf squared, of some columns: (K + 1, n)."""
        if self._kept:
            every = self._kept[0].worth_of_all(len(places), self._worth_of)
            if every is not None:
                return every.take(places, axis=1)
        return self._worth_of(places)

    def _worth_of(self, places: NDArray[Any]) -> Floats:
        idf = self.idf.take(places)
        worth = np.empty((len(self.weights) + 1, len(places)))
        for of_label, weights in zip(worth, self.weights, strict=False):
            np.multiply(weights.take(places), idf, out=of_label)
        np.multiply(idf, idf, out=worth[-1])
        return worth

    def apply(self, texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Applied:
        """Make the features of `texts` and their logits; `names` as for `framing.target.find_names`."""
        kept, rows = self._keep(), len(texts)
        batch = prepare(texts, names)
        row = batch.tokens.row
        known, form = kept.table.look_up(batch)
        words = kept.table.words(batch, self.lexicon, known, form)
        sums = self._sums_of_forms(batch, known, form, rows)
        edges = np.searchsorted(row, np.arange(rows + 1))
        for part in words[CHARS:]:
            if len(part):  # the blocks of one part are scaled together
                group = SCALED_TOGETHER[kept.blocks[part.place[0]]]
                _add_rows(sums, group, np.searchsorted(part.first, edges), self._worth(part.place))
        cells = _cells(batch.tokens, words, rows, len(self.keys))
        cells.sort()
        crowded = [self._damp(sums, cells)]
        for stretch in _stretches(row):
            cells = kept.table.cells_of_chars(batch, known, form, stretch, rows, len(self.keys))
            crowded.append(self._damp(sums, cells))
        logits = self._logits(sums)
        named = np.bincount(row[batch.named], minlength=rows).astype(np.int64)
        vocabulary = self._vocabulary(row, known, form, rows)

        def find() -> tuple[Part, ...]:
            return (*words, *kept.table.chars(batch, known, form))

        applied = Applied(batch.tokens, logits, named, vocabulary, self.idf, kept.blocks, find)
        for one in np.unique(np.concatenate(crowded)).tolist():
            logits[one] = self._logits_by_matrix(applied, one)
        return applied

    def _sums_of_forms(self, batch: Batch, known: Known, form: Ints, rows: int) -> Floats:
        """Return what the features of single tokens are worth in each row and block: (K + 1, rows x BLOCKS)."""
        sums = np.zeros((len(self.weights) + 1, rows * BLOCKS))
        edges = np.searchsorted(batch.tokens.row, np.arange(rows + 1))
        for worth, inside, group in zip(known.worth, self._keep().table.sources(batch), SCALED_TOGETHER, strict=False):
            token = None if inside is None else np.flatnonzero(inside)
            begin, of = (edges, form) if token is None else (np.searchsorted(token, edges), form.take(token))
            _add_rows(sums, group, begin, worth, of)
        return sums

    def _damp(self, sums: Floats, cells: NDArray[Any]) -> Ints:
        """Let a feature that stands c times in a row count 1 + ln c times in its sum instead of c times.

        `cells` are all cells of some features, ascending. Returns the rows that have one more than MOST_REPEATED times.
        """
        several, counts = repeated(cells)
        row, column = split_cells(several, len(self.keys))
        worth, damped = self._worth(column), _DAMPED.take(np.minimum(counts, MOST_REPEATED))
        worth[:-1] *= damped - counts
        worth[-1] *= damped * damped - counts
        _add(sums, row * BLOCKS + SCALED_TOGETHER.take(self._keep().blocks.take(column)), worth)
        return row[counts > MOST_REPEATED]

    def _logits(self, sums: Floats) -> Floats:
        """Return the logits of what the features of each row and block are worth."""
        by_block = sums.reshape(len(sums), -1, BLOCKS)
        length = np.sqrt(np.maximum(by_block[-1], 0.0))
        length[length == 0] = 1.0
        scaled = by_block[:-1] * (block_scales() / length)
        logits: Floats = np.tile(self.intercept, (scaled.shape[1], 1))
        for block in range(BLOCKS):
            logits += scaled[:, :, block].T
        return logits

    def _logits_by_matrix(self, applied: Applied, row: int) -> Floats:
        """Return the logits of one row by the values of its features."""
        begin, end = np.searchsorted(applied.matrix.row, (row, row + 1)).tolist()
        column, value = applied.matrix.column[begin:end], applied.matrix.value[begin:end]
        one = Matrix(np.zeros(len(column), np.int64), column, value, (1, len(self.keys)))
        logits: Floats = multiply(one, self.weights, self.intercept)[0]
        return logits

    def _vocabulary(self, row: Ints, known: Known, form: Ints, rows: int) -> Vocabulary:
        """Return how well the vocabulary of each text of a batch is known."""
        has_place = known.single[WORDS] >= 0
        function = has_place & self._keep().is_function.take(known.stem)
        # Of each form two numbers in one, so that they are summed up at once; no batch has 2 ** 31 tokens.
        both = np.zeros(rows, np.int64)
        _add(both[None], row, ((has_place.astype(np.int64) << 32) + function)[None], form)
        words, functions = both >> 32, both & 0xFFFFFFFF
        return Vocabulary(np.bincount(row, minlength=rows).astype(np.int64), functions, words - functions)

    def stretches(self, applied: Applied, labels: Ints) -> Stretches:
        """Return what each stretch adds to the logit of its text's label, in order of first and last token.

        A stretch is a token with all its word, character and lexicon features, or two or more tokens; a feature's
        contribution is split evenly over its occurrences. `labels` has a number below K for each text.
        """
        matrix, rows = applied.matrix, applied.matrix.shape[0]
        each = matrix.value * self.weights[labels[matrix.row], matrix.column] / applied.counts
        cells = make_cells(matrix.row, matrix.column, rows, matrix.shape[1])
        tokens = [part.tokens() for part in applied.parts]
        entry = np.searchsorted(cells, applied.cells)
        first = np.concatenate([of_part[0] for of_part in tokens])
        more = np.concatenate([of_part[1] for of_part in tokens]) - first
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
    """What is made at the first batch: the table of forms, the block of each column, which forms are function words.

    The last of `is_function` is for a form that is not known, -1.
    """

    table: FormTable
    blocks: Ints
    is_function: Bools
    _asked: list[int] = field(default_factory=lambda: [0])
    _worth: list[Floats] = field(default_factory=list)

    def worth_of_all(self, asked: int, make: Worth) -> Floats | None:
        """Return what each column is worth once more have been asked for than there are; before, it would not pay.

        It is as large as the weights of the model and a quarter more, with four labels.
        """
        if not self._worth:
            self._asked[0] += asked
            if self._asked[0] > len(self.blocks):
                self._worth.append(make(np.arange(len(self.blocks))))
        return self._worth[0] if self._worth else None


def _numbers(forms: Sequence[str]) -> FormNumbers:
    known = dict(zip(forms, range(len(forms)), strict=True))
    return lambda asked: np.array([known.get(form, -1) for form in asked], dtype=np.int64)


def _cells(tokens: Tokens, parts: Sequence[Part], rows: int, columns: int) -> NDArray[Any]:
    """Return row and column (`framing.places.make_cells`) of every occurrence of the parts, in their order."""
    return np.concatenate(
        [
            part.spread(base) | part.place.astype(base.dtype, copy=False)
            for part in parts
            for base in [make_cells(tokens.row.take(part.first), np.zeros(1, np.int64), rows, columns)]
        ]
    )


def _stretches(row: Ints) -> Iterator[slice]:
    """Yield stretches of about STRETCH tokens that hold all tokens of their rows."""
    begin = 0
    while begin < len(row):
        last = min(begin + STRETCH, len(row)) - 1
        end = int(np.searchsorted(row, row[last], side="right"))
        yield slice(begin, end)
        begin = end


def _add(sums: NDArray[Any], cell: Ints, worth: NDArray[Any], of: Ints | None = None) -> None:
    """Add to the sums of cells, in place, what stands there is worth: each of `worth`, or those that `of` says.

    The cells are ascending, so that each is one stretch, whose sum depends on nothing beside it.
    """
    if len(cell) == 0:
        return
    begin = np.concatenate(([0], np.flatnonzero(cell[1:] != cell[:-1]) + 1))
    _add_stretches(sums, cell.take(begin), begin, worth, of)


def _add_rows(sums: Floats, group: int, edges: Ints, worth: Floats, of: Ints | None = None) -> None:
    """Add to a block of each row what is worth what stands between the edges of the row."""
    some = np.flatnonzero(edges[1:] > edges[:-1])
    _add_stretches(sums, some * BLOCKS + group, edges.take(some), worth, of)


def _add_stretches(sums: NDArray[Any], cell: Ints, begin: Ints, worth: NDArray[Any], of: Ints | None) -> None:
    """Add to the sums of distinct cells what the stretch of each is worth, from where it begins to the next."""
    if len(cell):
        for total, one in zip(sums, worth, strict=True):
            total[cell] += np.add.reduceat(one if of is None else one.take(of), begin)


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
