"""Features of a batch of paragraphs: TF-IDF of word, character and lexicon n-grams, as arrays.

The same code makes the features for training and for scoring. A feature is an integer key made of form numbers, so
that a model file holds no strings but its forms. What a row gets depends on that row alone: sums run in a fixed order
within the row, so that batch size, order and the number of jobs change no bit.

The blocks, each scaled to length 1 by itself (BEFORE and AFTER together):
  WORDS          stems and pairs of neighbouring stems of the paragraph; a name of the target is one common form
  BEFORE, AFTER  the same in the clauses that name the target: what stands before the name that is nearest, and the
                 name with what stands behind it, because "Moscow blocked" is not "blocked Moscow"
  CHARS          character n-grams inside the words
  TARGET_CHARS   the same in the sentences that name the target
  LEXICON        categories of the dictionary
  TARGET_LEXICON the same in the sentences that name the target
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.lexicon import Lexicon
from framing.target import Name, find_names
from framing.tokens import Bools, Ints, Tokens, tokenize

Floats = NDArray[np.float64]

WORDS, BEFORE, AFTER, CHARS, TARGET_CHARS, LEXICON, TARGET_LEXICON = range(7)
BLOCKS = 7
SCALED_TOGETHER = np.array([WORDS, BEFORE, BEFORE, CHARS, TARGET_CHARS, LEXICON, TARGET_LEXICON])
"""For each block the one that it is scaled with."""

TARGET_FORM = "\u2039target\u203a"
"""The form that stands for every name of the target; no token can have it."""

_BITS = 24
LARGEST_FORM = (1 << _BITS) - 2


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """Which features are counted."""

    target: bool = False
    """What stands by the target as features of their own."""
    chars: tuple[int, int] | None = None
    """Shortest and longest character n-gram, or None."""
    lexicon: bool = False
    """Categories of the dictionary."""


FormNumbers = Callable[[str], int]
"""The number of a form, -1 if unknown: from a fixed table when scoring, from a growing one when training."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every occurrence of a feature in a batch, in no particular order: its row, key, first and last token."""

    row: Ints
    key: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of paragraphs with its tokens and their relation to the target."""

    tokens: Tokens
    named: Bools
    """Whether a token is part of a name of the target."""
    near: Bools
    """Whether a token stands in a sentence that names the target."""
    side: Ints
    """BEFORE, or AFTER (the name itself too), in a clause that names the target; elsewhere -1."""


def prepare(texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Batch:
    """Tokenize `texts` and find the target in them; `names` as for `framing.target.find_names`."""
    tokens = tokenize(texts)
    named = find_names(tokens, names)
    count = int(tokens.sentence[-1]) + 1 if len(tokens.sentence) else 0
    naming = np.bincount(tokens.sentence[named], minlength=count) > 0
    return Batch(tokens, named, naming[tokens.sentence] if count else named, _sides(tokens.clause, named))


def _sides(clause: Ints, named: Bools) -> Ints:
    """Say on which side of the nearest name in its clause each token stands; as far from two, behind the first."""
    count = len(clause)
    at = np.arange(count)
    last = np.maximum.accumulate(np.where(named, at, -1))
    following = np.minimum.accumulate(np.where(named, at, count)[::-1])[::-1]
    behind = np.where((last >= 0) & (clause[last] == clause), at - last, count + 1)
    named_ahead = (following < count) & (clause[np.minimum(following, count - 1)] == clause)
    ahead = np.where(named_ahead, following - at, count + 1)
    side: Ints = np.where(behind <= ahead, AFTER, BEFORE)
    return np.where(np.minimum(behind, ahead) > count, np.int64(-1), side)


def stem_all(forms: Sequence[str], language: str) -> list[str]:
    """Return the Snowball stem of each form; `language` is a Snowball name (english) or "none"."""
    if language == "none":
        return list(forms)
    import Stemmer

    stems: list[str] = Stemmer.Stemmer(language).stemWords(list(forms))
    return stems


def find_occurrences(
    batch: Batch, settings: FeatureSettings, language: str, lexicon: Lexicon | None, number: FormNumbers
) -> Occurrences:
    """Return the occurrences of all features that `settings` ask for and whose forms have a number."""
    tokens = batch.tokens
    parts = []
    stems = np.fromiter((number(stem) for stem in stem_all(tokens.forms, language)), np.int64, len(tokens.forms))
    word = np.where(batch.named, number(TARGET_FORM), stems[tokens.form]) if len(tokens.form) else tokens.form
    zones = [(np.full(len(word), WORDS), tokens.sentence)] + ([(batch.side, tokens.clause)] if settings.target else [])
    for block, unit in zones:
        parts.append(_singles(tokens, block, word))
        parts.append(_pairs(tokens, block, word, unit))
    if settings.chars:
        chars = _chars(tokens, settings.chars, ~batch.named, number)
        parts.append(chars)
        if settings.target:
            row, key, first, last = (array[batch.near[chars[2]]] for array in chars)
            parts.append((row, make_keys(np.int64(TARGET_CHARS), *forms_of(key)), first, last))
    if settings.lexicon and lexicon is not None:
        parts += _lexicon(batch, lexicon, number, settings.target)
    return Occurrences(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


Part = tuple[Ints, Ints, Ints, Ints]


def _key(block: Ints | int, first: Ints, second: Ints | int = -1) -> Ints:
    return make_keys(np.asarray(block, np.int64), first, np.asarray(second, np.int64))


def block_of(keys: Ints) -> Ints:
    """Return the block of each key."""
    blocks: Ints = keys >> (2 * _BITS)
    return blocks


def forms_of(keys: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of the first and second form of each key; the second is -1 where there is none."""
    mask = (1 << _BITS) - 1
    return ((keys >> _BITS) & mask) - 1, (keys & mask) - 1


def make_keys(blocks: Ints | np.int64, first: Ints, second: Ints) -> Ints:
    """Return the keys of features: the inverse of `block_of` and `forms_of`."""
    keys: Ints = (blocks << (2 * _BITS)) | ((first + 1) << _BITS) | (second + 1)
    return keys


def _singles(tokens: Tokens, block: Ints, word: Ints) -> Part:
    """Return the known words, each in its block (-1: in none)."""
    at = np.flatnonzero((block >= 0) & (word >= 0))
    return tokens.row[at], _key(block[at], word[at]), at, at


def _pairs(tokens: Tokens, block: Ints, word: Ints, unit: Ints) -> Part:
    """Return the pairs of known neighbours in one `unit` (sentence or clause), in the block of the first."""
    known = (block >= 0) & (word >= 0)
    at = np.flatnonzero(known[:-1] & known[1:] & (unit[:-1] == unit[1:]))
    return tokens.row[at], _key(block[at], word[at], word[at + 1]), at, at + 1


def _chars(tokens: Tokens, sizes: tuple[int, int], wanted: Bools, number: FormNumbers) -> Part:
    """Character n-grams of each distinct form, spread over its tokens; "^" and "$" mark the word's ends."""
    grams: list[list[int]] = []
    for form in tokens.forms:
        padded = f"^{form}$"
        numbers = (
            number(padded[at : at + size])
            for size in range(sizes[0], sizes[1] + 1)
            for at in range(len(padded) - size + 1)
        )
        grams.append([gram for gram in numbers if gram >= 0])
    counts = np.fromiter(map(len, grams), np.int64, len(grams))
    flat = np.fromiter((gram for of_form in grams for gram in of_form), np.int64, int(counts.sum()))
    at = np.flatnonzero(wanted)
    size = counts[tokens.form[at]] if len(at) else at
    token = np.repeat(at, size)
    begin = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))[tokens.form[token]] if len(token) else token
    within = np.arange(len(token)) - np.repeat(np.cumsum(size) - size, size)
    return tokens.row[token], _key(CHARS, flat[begin + within]), token, token


def _lexicon(batch: Batch, lexicon: Lexicon, number: FormNumbers, target: bool) -> list[Part]:
    hits = lexicon.find(batch.tokens)
    numbers = np.fromiter((number(f"\u2039{name}\u203a") for name in lexicon.categories), np.int64)
    category = numbers[hits.category] if len(hits.category) else hits.category
    row = batch.tokens.row[hits.first]
    parts = []
    for block, inside in ((LEXICON, category >= 0), (TARGET_LEXICON, (category >= 0) & batch.near[hits.first])):
        if block == LEXICON or target:
            parts.append((row[inside], _key(block, category[inside]), hits.first[inside], hits.last[inside]))
    return parts


@dataclass(frozen=True, slots=True)
class Matrix:
    """A sparse matrix of feature values: one entry for each feature of each row, by row and then by column."""

    row: Ints
    column: Ints
    value: Floats
    shape: tuple[int, int]

    def csr(self) -> Any:
        """Return the matrix as a scipy.sparse CSR array of float64."""
        from scipy.sparse import csr_array

        pointers = np.searchsorted(self.row, np.arange(self.shape[0] + 1))
        return csr_array((self.value, self.column.astype(np.int32), pointers.astype(np.int32)), shape=self.shape)


def count(occurrences: Occurrences, keys: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Count known features: (row, column, count) for each feature of a row, and each occurrence's entry (-1: unknown).

    `keys` are the sorted keys of the known features; a feature's column is its place there.
    """
    if len(keys) == 0:
        none = np.zeros(0, np.int64)
        return none, none, none, np.full(len(occurrences.key), -1, np.int64)
    column = np.minimum(np.searchsorted(keys, occurrences.key), len(keys) - 1)
    known = keys[column] == occurrences.key
    cell = occurrences.row[known] * len(keys) + column[known]
    cells, inverse, counts = np.unique(cell, return_inverse=True, return_counts=True)
    entry = np.full(len(known), -1, dtype=np.int64)
    entry[known] = inverse
    return cells // len(keys), cells % len(keys), counts.astype(np.int64), entry


def weigh(row: Ints, column: Ints, counts: Ints, idf: Floats, blocks: Ints, rows: int) -> Floats:
    """Return (1 + ln count) x idf, each block of each row scaled to Euclidean length 1 (0 where idf is 0).

    Blocks that are scaled together have length 1 together.
    Sublinear term frequency and smoothed idf as in Manning, Raghavan, Schuetze 2008, section 6.4.
    """
    value = (1.0 + np.log(counts)) * idf[column]
    cell = row * BLOCKS + SCALED_TOGETHER[blocks[column]]
    length = np.sqrt(np.bincount(cell, value * value, minlength=rows * BLOCKS))
    length[length == 0] = 1.0
    weighed: Floats = value / length[cell]
    return weighed


def inverse_document_frequency(document_counts: Ints, documents: int) -> Floats:
    """Return ln((1 + n) / (1 + df)) + 1, and 0 for a feature that no document has."""
    idf: Floats = np.log((1.0 + documents) / (1.0 + document_counts)) + 1.0
    return np.where(document_counts > 0, idf, 0.0)
