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
from dataclasses import dataclass, field
from threading import Lock
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
KEY_BITS = 2 * _BITS + 3
"""No key has more bits than this."""


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


Place = Callable[[Ints], Ints]
"""What stands for each key: its column when scoring (-1 if the feature is unknown), the key itself when training."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some occurrences of known features: what stands for each, and its first and last token."""

    place: Ints
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


@dataclass(frozen=True, slots=True)
class _Spread:
    """For each form its places: `places[begin : begin + size]`."""

    begin: Ints
    size: Ints
    places: Ints

    def over(self, token: Ints, form: Ints) -> tuple[Ints, Ints]:
        """Return the places of the forms of some tokens, and the token of each place."""
        size = self.size[form]
        to = np.cumsum(size)
        at = np.repeat(self.begin[form] - (to - size), size)
        at += np.arange(len(at))
        return self.places.take(at), np.repeat(token, size)


_NO_PLACES = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of n forms: the number of each stem, the places of each as a single word and of its n-grams."""

    stem: Ints = field(default_factory=lambda: _NO_PLACES)
    single: Ints = field(default_factory=lambda: np.zeros((3, 0), np.int64))
    """(3, n): in the blocks WORDS, BEFORE and AFTER."""
    chars: tuple[_Spread, ...] = (_Spread(*[_NO_PLACES] * 3),) * 2
    """In the blocks CHARS and TARGET_CHARS."""


MOST_KEPT_FORMS = 50_000
"""How many forms a `FormTable` keeps; then it starts anew."""


class FormTable:
    """What the features of each form are: found when a form is first met, and kept for the batches that follow.

    What is kept changes no result, only the time it takes. Safe to use from several threads; a copy starts empty.
    """

    def __init__(self, settings: FeatureSettings, language: str, number: FormNumbers, place: Place) -> None:
        self._settings, self._language, self._number, self.place = settings, language, number, place
        self._index: dict[str, int] = {}
        self._known = _Known()
        self._lock = Lock()

    def look_up(self, forms: Sequence[str]) -> tuple[_Known, Ints]:
        """Return what is known of forms, and where in it each of `forms` (which are distinct) stands."""
        with self._lock:
            if len(self._index) > MOST_KEPT_FORMS:
                self._index, self._known = {}, _Known()
            new = [form for form in forms if form not in self._index]
            if new:
                self._add(new)
            return self._known, np.fromiter(map(self._index.__getitem__, forms), np.int64, len(forms))

    def _add(self, new: list[str]) -> None:
        known, number = self._known, self._number
        stem = np.fromiter(map(number, stem_all(new, self._language)), np.int64, len(new))
        single = np.stack([self._places(np.where(stem >= 0, _key(block, stem), -1)) for block in range(3)])
        self._known = _Known(
            np.concatenate((known.stem, stem)),
            np.concatenate((known.single, single), axis=1),
            tuple(map(_joined, known.chars, self._grams(new))) if self._settings.chars else known.chars,
        )
        self._index.update(zip(new, range(len(self._index), len(self._index) + len(new)), strict=True))

    def _grams(self, forms: Sequence[str]) -> list[_Spread]:
        """Return the character n-grams of each form in the blocks of characters; "^" and "$" mark the word's ends."""
        assert self._settings.chars
        shortest, longest = self._settings.chars
        grams = [
            padded[at : at + size]
            for padded in (f"^{form}$" for form in forms)
            for size in range(shortest, longest + 1)
            for at in range(len(padded) - size + 1)
        ]
        letters = np.fromiter(map(len, forms), np.int64, len(forms)) + 2
        sizes = sum((np.maximum(letters - size + 1, 0) for size in range(shortest, longest + 1)), 0 * letters)
        form = np.repeat(np.arange(len(forms)), sizes)
        gram = np.fromiter(map(self._number, grams), np.int64, len(grams))
        spreads = []
        for block in (CHARS, TARGET_CHARS) if self._settings.target else (CHARS,):
            places = self._places(np.where(gram >= 0, _key(block, gram), -1))
            size = np.bincount(form[places >= 0], minlength=len(forms)).astype(np.int64)
            spreads.append(_Spread(np.cumsum(size) - size, size, places[places >= 0]))
        return spreads

    def _places(self, keys: Ints) -> Ints:
        """Return the places of keys; -1 is no key and has none."""
        places = np.full(len(keys), -1, np.int64)
        inside = keys >= 0
        places[inside] = self.place(keys[inside])
        return places

    def parts(self, batch: Batch, lexicon: Lexicon | None) -> list[Part]:
        """Return the occurrences of all features that the settings ask for and that have a place."""
        tokens, settings = batch.tokens, self._settings
        known, at = self.look_up(tokens.forms)
        form = at[tokens.form] if len(at) else tokens.form
        target = self._number(TARGET_FORM)
        word = np.where(batch.named, target, known.stem[form])
        of_target = self._places(_key(np.arange(3), np.full(3, target)) if target >= 0 else np.full(3, -1))
        single = np.where(batch.named, of_target[WORDS], known.single[WORDS][form])
        parts = [_singles(single, np.arange(len(form))), self._pairs(np.full(len(word), WORDS), word, tokens.sentence)]
        if settings.target:
            sided = np.flatnonzero(batch.side >= 0)
            side = batch.side[sided]
            parts.append(
                _singles(np.where(batch.named[sided], of_target[side], known.single[side, form[sided]]), sided)
            )
            parts.append(self._pairs(batch.side, word, tokens.clause))
        if settings.chars:
            wanted = ~batch.named
            for spread, inside in zip(known.chars, (wanted, wanted & batch.near), strict=False):
                token = np.flatnonzero(inside)
                places, token = spread.over(token, form[token])
                parts.append(Part(places, token, token))
        if settings.lexicon and lexicon is not None:
            parts += self._lexicon(batch, lexicon)
        return parts

    def _pairs(self, block: Ints, word: Ints, unit: Ints) -> Part:
        """Return the pairs of known neighbours in one `unit` (sentence or clause), in the block of the first."""
        usable = (block >= 0) & (word >= 0)
        at = np.flatnonzero(usable[:-1] & (word[1:] >= 0) & (unit[:-1] == unit[1:]) & usable[1:])
        place = self.place(_key(block[at], word[at], word[at + 1]))
        at = at[place >= 0]
        return Part(place[place >= 0], at, at + 1)

    def _lexicon(self, batch: Batch, lexicon: Lexicon) -> list[Part]:
        hits = lexicon.find(batch.tokens)
        numbers = np.fromiter((self._number(f"\u2039{name}\u203a") for name in lexicon.categories), np.int64)
        category = numbers[hits.category] if len(hits.category) else hits.category
        parts = []
        for block, inside in ((LEXICON, category >= 0), (TARGET_LEXICON, (category >= 0) & batch.near[hits.first])):
            if block == LEXICON or self._settings.target:
                place = self.place(_key(block, category[inside]))
                first, last = hits.first[inside], hits.last[inside]
                parts.append(Part(place[place >= 0], first[place >= 0], last[place >= 0]))
        return parts


def _joined(one: _Spread, other: _Spread) -> _Spread:
    begin = np.concatenate((one.begin, other.begin + len(one.places)))
    return _Spread(begin, np.concatenate((one.size, other.size)), np.concatenate((one.places, other.places)))


def _singles(place: Ints, token: Ints) -> Part:
    token = token[place >= 0]
    return Part(place[place >= 0], token, token)


def find_occurrences(
    batch: Batch, settings: FeatureSettings, language: str, lexicon: Lexicon | None, number: FormNumbers
) -> Occurrences:
    """Return the occurrences of all features that `settings` ask for and whose forms have a number."""
    parts = FormTable(settings, language, number, lambda keys: keys).parts(batch, lexicon)
    key, first, last = (np.concatenate([getattr(part, name) for part in parts]) for name in ("place", "first", "last"))
    return Occurrences(batch.tokens.row[first], key, first, last)


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


class Places:
    """The columns of keys: a hash table in which the keys of one hash stand together, compared one by one."""

    def __init__(self, keys: Ints) -> None:
        self._shift = np.uint64(64 - max(len(keys).bit_length() + 1, 4))
        slot = self._slots(keys)
        order = np.argsort(slot)
        self._columns, self._keys = order, keys[order]
        sizes = np.bincount(slot, minlength=1 << (64 - int(self._shift)))
        self._begin = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))

    def _slots(self, keys: Ints) -> Ints:
        mixed = keys.astype(np.uint64)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> self._shift).astype(np.int64)

    def __call__(self, keys: Ints) -> Ints:
        """Return the column of each key, -1 for a key that is not known."""
        columns = np.full(len(keys), -1, dtype=np.int64)
        slot = self._slots(keys)
        at, end = self._begin[slot], self._begin[slot + 1]
        left = np.flatnonzero(at < end)
        at, end = at[left], end[left]
        while len(left):
            same = self._keys[at] == keys[left]
            columns[left[same]] = self._columns[at[same]]
            at += 1
            going_on = ~same & (at < end)
            left, at, end = left[going_on], at[going_on], end[going_on]
        return columns


def make_cells(row: Ints, column: Ints, rows: int, columns: int) -> NDArray[Any]:
    """Return row and column as one number each, which is in order of row and then column; see `split_cells`."""
    bits = columns.bit_length()
    kind = np.uint32 if bits + rows.bit_length() <= 32 else np.int64
    cells: NDArray[Any] = (row << bits).astype(kind)
    cells |= column.astype(kind)
    return cells


def split_cells(cells: NDArray[Any], columns: int) -> tuple[Ints, Ints]:
    """Return the rows and columns of cells."""
    bits = columns.bit_length()
    return (cells >> bits).astype(np.int64), (cells & ((1 << bits) - 1)).astype(np.int64)


def tally(cells: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the distinct values, ascending, and how often each comes; `cells` itself is sorted by this."""
    cells.sort()
    new = np.ones(len(cells) + 1, dtype=np.bool_)
    np.not_equal(cells[1:], cells[:-1], out=new[1:-1])
    at = np.flatnonzero(new)
    return cells.take(at[:-1]), at[1:] - at[:-1]


def count(occurrences: Occurrences, keys: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Count known features: (row, column, count) for each feature of a row, and each occurrence's entry (-1: unknown).

    `keys` are the sorted keys of the known features; a feature's column is its place there.
    """
    column = Places(keys)(occurrences.key)
    known = column >= 0
    rows = int(occurrences.row.max(initial=-1)) + 1
    cells = make_cells(occurrences.row[known], column[known], rows, len(keys))
    distinct, counts = tally(cells.copy())
    entry = np.full(len(known), -1, dtype=np.int64)
    entry[known] = np.searchsorted(distinct, cells)
    return *split_cells(distinct, len(keys)), counts, entry


def weigh(row: Ints, column: Ints, counts: Ints, idf: Floats, blocks: Ints, rows: int) -> Floats:
    """Return (1 + ln count) x idf, each block of each row scaled to Euclidean length 1 (0 where idf is 0).

    Blocks that are scaled together have length 1 together.
    Sublinear term frequency and smoothed idf as in Manning, Raghavan, Schuetze 2008, section 6.4.
    """
    value = idf.take(column)
    several = np.flatnonzero(counts > 1)
    value[several] *= 1.0 + np.log(counts[several])
    cell = SCALED_TOGETHER.take(blocks.take(column))
    cell += row * BLOCKS
    length = np.sqrt(np.bincount(cell, value * value, minlength=rows * BLOCKS))
    length[length == 0] = 1.0
    value /= length.take(cell)
    return value


def inverse_document_frequency(document_counts: Ints, documents: int) -> Floats:
    """Return ln((1 + n) / (1 + df)) + 1, and 0 for a feature that no document has."""
    idf: Floats = np.log((1.0 + documents) / (1.0 + document_counts)) + 1.0
    return np.where(document_counts > 0, idf, 0.0)
