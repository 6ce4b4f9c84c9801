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
from itertools import repeat
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


FormNumbers = Callable[[Sequence[str]], Ints]
"""The number of each of some forms, -1 if unknown: from a fixed table when scoring, a growing one when training."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every occurrence of a feature in a batch, in no particular order: its row, key, first and last token."""

    row: Ints
    key: Ints
    first: Ints
    last: Ints


Place = Callable[[Ints], NDArray[Any]]
"""What stands for each key: its column when scoring (-1 if the feature is unknown), the key itself when training."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some occurrences of known features: what stands for each, and its first and last token.

    Where `size` is given, `first` and `last` have one entry for each token, whose features are the next `size` places.
    """

    place: NDArray[Any]
    first: Ints
    last: Ints
    size: Ints | None = None

    def __len__(self) -> int:
        return len(self.place)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return for each place the value of its token; `values` are as many as `first`."""
        return values if self.size is None else np.repeat(values, self.size)

    def tokens(self) -> tuple[Ints, Ints]:
        """Return the first and last token of each place."""
        return self.spread(self.first), self.spread(self.last)


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
    sides = np.full(len(clause), -1, np.int64)
    has_name = np.zeros(int(clause[-1]) + 1 if len(clause) else 0, np.bool_)
    has_name[clause[named]] = True
    some = np.flatnonzero(has_name.take(clause))  # mostly few
    sides[some] = _sides_of_naming(clause.take(some), named.take(some))
    return sides


def _sides_of_naming(clause: Ints, named: Bools) -> Ints:
    """Return the sides of the tokens of clauses that all have a name."""
    count = len(clause)
    at = np.arange(count)
    last = np.maximum.accumulate(np.where(named, at, -1))
    following = np.minimum.accumulate(np.where(named, at, count)[::-1])[::-1]
    behind = np.where((last >= 0) & (clause[last] == clause), at - last, count + 1)
    named_ahead = (following < count) & (clause[np.minimum(following, count - 1)] == clause)
    ahead = np.where(named_ahead, following - at, count + 1)
    sides: Ints = np.where(behind <= ahead, AFTER, BEFORE)
    return sides


def stem_all(forms: Sequence[str], language: str) -> list[str]:
    """Return the Snowball stem of each form; `language` is a Snowball name (english) or "none"."""
    if language == "none":
        return list(forms)
    import Stemmer

    stems: list[str] = Stemmer.Stemmer(language).stemWords(list(forms))
    return stems


_UNIT = 4
"""Places of a form that are copied at once; its last ones are filled up with -1."""


@dataclass(frozen=True, slots=True)
class _Units:
    """For each form its places in units: `units[begin : begin + size]`.

    Form n has those of CHARS as number 2n, and as number 2n + 1, for where the target is near, those of both blocks.
    """

    begin: Ints
    size: Ints
    units: NDArray[Any]

    def cells(self, number: Ints, edges: Ints, base: NDArray[Any]) -> NDArray[Any]:
        """Return each place of some tokens with the base of its row, and among them some numbers that are all ones.

        `edges` says where the tokens of each row begin and, at last, end.
        """
        size = self.size.take(number)
        to = np.cumsum(size)
        at = np.repeat(self.begin.take(number) - (to - size), size)
        at += np.arange(len(at))
        cells = self.units.take(at, axis=0).ravel().astype(base.dtype, copy=False)
        # All places of a row are one stretch, so that its base is repeated once for all of them.
        cells |= np.repeat(base, np.diff(np.concatenate(([0], to)).take(edges)) * _UNIT)
        return cells

    def plus(self, far: NDArray[Any], near: NDArray[Any], form: Ints, forms: int) -> _Units:
        """Return this with `forms` more forms: two places, or -1, for each of some n-grams, and whose each is."""
        places = np.concatenate((far, far, near))
        number = np.concatenate((2 * form, 2 * form + 1, 2 * form + 1))
        order = np.argsort(number, kind="stable")
        order = order[places.take(order) >= 0]
        many = np.bincount(number.take(order), minlength=2 * forms).astype(np.int64)
        size = -(-many // _UNIT)
        begin = np.cumsum(size) - size
        units = np.full(int(size.sum()) * _UNIT, -1, places.dtype)
        units[np.repeat(begin * _UNIT - (np.cumsum(many) - many), many) + np.arange(len(order))] = places.take(order)
        more = begin + len(self.units), size, units.reshape(-1, _UNIT)
        return _Units(*map(np.concatenate, zip((self.begin, self.size, self.units), more, strict=True)))


@dataclass(frozen=True, slots=True)
class _Spread:
    """For each form its places: `places[begin : begin + size]`."""

    begin: Ints
    size: Ints
    places: NDArray[Any]

    def over(self, token: Ints, form: Ints) -> Part:
        """Return the places of the forms of some tokens."""
        size = self.size.take(form)
        to = np.cumsum(size)
        at = np.repeat(self.begin.take(form) - (to - size), size)
        at += np.arange(len(at))
        return Part(self.places.take(at), token, token, size)

    def plus(self, places: NDArray[Any], form: Ints, forms: int) -> _Spread:
        """Return this with the places of `forms` more forms, of which `form` says whose each is (-1 is no place)."""
        known = places >= 0
        size = np.bincount(form[known], minlength=forms).astype(np.int64)
        begin = np.cumsum(size) - size + len(self.places)
        joined = map(np.concatenate, ((self.begin, begin), (self.size, size), (self.places, places[known])))
        return _Spread(*joined)


_NOTHING = np.zeros(0, np.int64)
_FIRST_COLUMN = np.zeros(1, np.int64)
SOURCES = 5
"""Where a token's features come from by its form alone: as a word in WORDS, BEFORE and AFTER, its characters twice."""
Worth = Callable[[NDArray[Any]], Floats]
"""What each of some places is worth: (W, n), any numbers that a form's places are summed up in."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of n forms; the first stands for every name of the target."""

    stem: Ints
    """The number of each stem, -1 if unknown."""
    single: NDArray[Any]
    """(3, n): the places as a word in the blocks WORDS, BEFORE and AFTER, -1 if there is none."""
    chars: tuple[_Spread, ...]
    """The places of the character n-grams in the blocks CHARS and TARGET_CHARS."""
    units: _Units
    """The places of the character n-grams once more, to be copied fast; of no forms where nothing is scored."""
    worth: Floats
    """(SOURCES, W, n): the sums over the places of each source."""


MOST_KEPT_FORMS = 50_000
"""How many forms a `FormTable` keeps; then it starts anew. Each takes about 0.6 kB, all some 30 MB."""


class FormTable:
    """What the features of each form are: found when a form is first met, and kept for the batches that follow.

    What is kept changes no result, only the time it takes. Safe to use from several threads.
    """

    def __init__(
        self, settings: FeatureSettings, language: str, number: FormNumbers, place: Place, worth: Worth | None = None
    ) -> None:
        self._settings, self._language, self._number, self.place = settings, language, number, place
        self._scores = worth is not None
        self._worth = worth or (lambda places: np.zeros((0, len(places))))
        self._index: dict[str, int] = {}
        self._known = self._none()
        self._lock = Lock()

    def _none(self) -> Known:
        places = self.place(_NOTHING)
        spread = _Spread(_NOTHING, _NOTHING, places)
        units = _Units(_NOTHING, _NOTHING, places.reshape(0, _UNIT))
        worth = np.zeros((SOURCES, len(self._worth(places)), 0))
        return Known(_NOTHING, np.zeros((3, 0), places.dtype), (spread, spread), units, worth)

    def look_up(self, batch: Batch) -> tuple[Known, Ints]:
        """Return what is known of the forms of a batch, and where in it the form of each token stands."""
        forms = batch.tokens.forms
        with self._lock:
            if len(self._index) > MOST_KEPT_FORMS:
                self._index, self._known = {}, self._none()
            if not self._index:
                self._add([TARGET_FORM])
            at = np.fromiter(map(self._index.get, forms, repeat(-1)), np.int64, len(forms))
            new = np.flatnonzero(at < 0)
            if len(new):
                at[new] = np.arange(len(new)) + len(self._index)
                self._add([forms[number] for number in new.tolist()])
            known = self._known
        form = at.take(batch.tokens.form) if len(at) else batch.tokens.form.copy()
        form[batch.named] = 0
        return known, form

    def _add(self, new: list[str]) -> None:
        known, number, forms = self._known, self._number, np.arange(len(new))
        stems = [form if form == TARGET_FORM else stem for form, stem in zip(new, self._stems(new), strict=True)]
        stem = number(stems)
        single = np.stack([self._places(np.where(stem >= 0, _key(block, stem), -1)) for block in range(3)])
        worth = [self._sums(places, forms, len(new)) for places in single]
        gram, form = self._grams(new)
        chars, found = [], []
        for block, spread in zip((CHARS, TARGET_CHARS), known.chars, strict=True):
            wanted = block == CHARS or self._settings.target
            places = self._places(np.where(gram >= 0 if wanted else False, _key(block, gram), -1))
            worth.append(self._sums(places, form, len(new)))
            chars.append(spread.plus(places, form, len(new)))
            found.append(places)
        self._known = Known(
            np.concatenate((known.stem, stem)),
            np.concatenate((known.single, single), axis=1),
            tuple(chars),
            known.units.plus(found[0], found[1], form, len(new)) if self._scores else known.units,
            np.concatenate((known.worth, np.stack(worth)), axis=2),
        )
        self._index.update(zip(new, range(len(self._index), len(self._index) + len(new)), strict=True))

    def _stems(self, forms: Sequence[str]) -> list[str]:
        return stem_all(forms, self._language)

    def _sums(self, places: NDArray[Any], form: Ints, forms: int) -> Floats:
        """Return what the places of each form are worth together, (W, forms)."""
        inside = places >= 0
        worth, form = self._worth(places[inside]), form[inside]
        return np.array([np.bincount(form, one, minlength=forms) for one in worth]).reshape(len(worth), forms)

    def _grams(self, forms: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the numbers of the character n-grams of forms, each with its form; "^" and "$" mark a word's ends."""
        if not self._settings.chars:
            return _NOTHING, _NOTHING
        shortest, longest = self._settings.chars
        grams = [
            padded[at : at + size]
            for padded in ("" if form == TARGET_FORM else f"^{form}$" for form in forms)
            for size in range(shortest, longest + 1)
            for at in range(len(padded) - size + 1)
        ]
        letters = np.array([0 if form == TARGET_FORM else len(form) + 2 for form in forms], dtype=np.int64)
        sizes = sum((np.maximum(letters - size + 1, 0) for size in range(shortest, longest + 1)), 0 * letters)
        return self._number(grams), np.repeat(np.arange(len(forms)), sizes)

    def _places(self, keys: Ints) -> NDArray[Any]:
        """Return the places of keys; -1 is no key and has none."""
        inside = keys >= 0
        found = self.place(keys[inside])
        places = np.full(len(keys), -1, found.dtype)
        places[inside] = found
        return places

    def sources(self, batch: Batch) -> tuple[Bools | None, ...]:
        """Say of each of the SOURCES which tokens have its features; None for all tokens."""
        target, chars = self._settings.target, self._settings.chars is not None
        nowhere = np.zeros(len(batch.named), np.bool_)
        before, after = (batch.side == side if target else nowhere for side in (BEFORE, AFTER))
        return None, before, after, None if chars else nowhere, batch.near if chars and target else nowhere

    def parts(self, batch: Batch, lexicon: Lexicon | None, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of all features that the settings ask for and that have a place."""
        return self.words(batch, lexicon, known, form) + self.chars(batch, known, form)

    def words(self, batch: Batch, lexicon: Lexicon | None, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of single words (three parts), then of pairs and categories."""
        parts = []
        for source, inside in enumerate(self.sources(batch)[:CHARS]):
            token = np.arange(len(form)) if inside is None else np.flatnonzero(inside)
            parts.append(_kept(known.single[source].take(form if inside is None else form.take(token)), token, token))
        parts += self.pairs(batch, known.stem.take(form))
        return parts + (self._lexicon(batch, lexicon) if lexicon is not None else [])

    def chars(self, batch: Batch, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of character n-grams."""
        parts = []
        for spread, inside in zip(known.chars, self.sources(batch)[CHARS:], strict=True):
            token = np.arange(len(form)) if inside is None else np.flatnonzero(inside)
            parts.append(spread.over(token, form.take(token)))
        return parts

    def cells_of_chars(
        self, batch: Batch, known: Known, form: Ints, stretch: slice, rows: int, columns: int
    ) -> NDArray[Any]:
        """Return the cells of all character n-grams of a stretch of tokens, ascending; places are columns."""
        row, number = batch.tokens.row[stretch], 2 * form[stretch] + batch.near[stretch]
        every = np.arange(int(row[0]), int(row[-1]) + 2)
        base = make_cells(every[:-1], _FIRST_COLUMN, rows, columns)
        cells = known.units.cells(number, np.searchsorted(row, every), base)
        cells.sort()
        # The last number of all is no cell; it is the first where numbers have a sign.
        if cells.dtype == np.uint32:
            return cells[: np.searchsorted(cells, np.uint32(0xFFFFFFFF))]
        kept: NDArray[Any] = cells[np.searchsorted(cells, 0) :]
        return kept

    def pairs(self, batch: Batch, word: Ints) -> list[Part]:
        """Return the pairs of neighbouring words; `word` is the number of each token's stem."""
        known = (word[:-1] >= 0) & (word[1:] >= 0)
        parts = [self._pairs(WORDS, word, known & (batch.tokens.sentence[:-1] == batch.tokens.sentence[1:]))]
        if self._settings.target:
            clause, side = batch.tokens.clause, batch.side[:-1]
            parts.append(self._pairs(side, word, known & (side >= 0) & (clause[:-1] == clause[1:])))
        return parts

    def _pairs(self, block: Ints | int, word: Ints, inside: Bools) -> Part:
        """Return the pairs whose first token is said to be inside, in the block of that token."""
        at = np.flatnonzero(inside)
        blocks = block if isinstance(block, int) else block.take(at)
        return _kept(self.place(_key(blocks, word.take(at), word.take(at + 1))), at, at + 1)

    def _lexicon(self, batch: Batch, lexicon: Lexicon) -> list[Part]:
        if not self._settings.lexicon:
            return []
        hits = lexicon.find(batch.tokens)
        numbers = self._number([f"\u2039{name}\u203a" for name in lexicon.categories])
        category = numbers[hits.category] if len(hits.category) else hits.category
        parts = []
        for block, inside in ((LEXICON, category >= 0), (TARGET_LEXICON, (category >= 0) & batch.near[hits.first])):
            if block == LEXICON or self._settings.target:
                place = self.place(_key(block, category[inside]))
                parts.append(_kept(place, hits.first[inside], hits.last[inside]))
        return parts


def _kept(place: NDArray[Any], first: Ints, last: Ints) -> Part:
    """Return the occurrences that have a place."""
    has = place >= 0
    return Part(place[has], first[has], last[has])


def find_occurrences(
    batch: Batch, settings: FeatureSettings, language: str, lexicon: Lexicon | None, number: FormNumbers
) -> Occurrences:
    """Return the occurrences of all features that `settings` ask for and whose forms have a number."""
    table = FormTable(settings, language, number, lambda keys: keys)
    parts = table.parts(batch, lexicon, *table.look_up(batch))
    first, last = (np.concatenate(tokens) for tokens in zip(*(part.tokens() for part in parts), strict=True))
    return Occurrences(batch.tokens.row[first], np.concatenate([part.place for part in parts]), first, last)


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


Columns = NDArray[np.int32]
"""Columns in half the bytes of others: there are many of them, and moving them is what takes the time."""


class Places:
    """The columns of keys, which are sorted: the place of each key among them.

    A few keys are searched for. Once more than FEW have been asked for, a table is made: the slot of a key's hash holds
    a column, whose key is compared. Of keys with one slot the first has it, and the others are searched for too. Safe
    to use from several threads.
    """

    FEW = 50_000

    def __init__(self, keys: Ints) -> None:
        self._keys, self._asked = keys, 0
        self._table: _Slots | None = None

    def __call__(self, keys: Ints) -> Columns:
        """Return the column of each key, -1 for a key that is not known."""
        if len(self._keys) == 0:
            return np.full(len(keys), -1, dtype=np.int32)
        self._asked += len(keys)
        if self._asked <= self.FEW:
            return self._search(keys)
        if self._table is None:
            self._table = _Slots(self._keys)
        return self._table.columns(keys, self._search)

    def _search(self, keys: Ints) -> Columns:
        # Sorted keys are found faster, because what was read for one is still at hand for the next.
        order = np.argsort(keys)
        asked = keys.take(order)
        place = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
        columns = np.empty(len(keys), dtype=np.int32)
        columns[order] = np.where(self._keys.take(place) == asked, place, -1)
        return columns


class _Slots:
    """A hash table with one column in each slot, -1 in an empty one, and a mark where several keys have the slot."""

    _MIX = np.uint64(0x9E3779B97F4A7C15)

    def __init__(self, keys: Ints) -> None:
        self._keys = keys
        self._shift = np.uint64(64 - max(len(keys).bit_length() + 2, 4))
        slot = self._slots(keys)
        self._columns = np.full(1 << (64 - int(self._shift)), -1, dtype=np.int32)
        self._columns[slot[::-1]] = np.arange(len(keys), dtype=np.int32)[::-1]
        self._shared = np.zeros(len(self._columns), dtype=np.bool_)
        self._shared[slot[self._columns.take(slot) != np.arange(len(keys))]] = True

    def _slots(self, keys: Ints) -> Ints:
        mixed = keys.view(np.uint64)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * self._MIX
        mixed >>= self._shift
        return mixed.view(np.int64)

    def columns(self, keys: Ints, search: Place) -> Columns:
        """Return the column of each key, -1 for a key that is not known; `search` finds those that share a slot."""
        slot = self._slots(keys)
        columns = self._columns.take(slot)
        other = self._keys.take(columns) != keys  # an empty slot is compared with the last key, and stays -1
        columns[other] = -1
        left = np.flatnonzero(other)
        left = left[self._shared.take(slot[left])]
        if len(left):
            columns[left] = search(keys[left])
        return columns


def make_cells(row: Ints, column: Ints | Columns, rows: int, columns: int) -> NDArray[Any]:
    """Return row and column as one number each, which is in order of row and then column; see `split_cells`."""
    bits = columns.bit_length()
    kind = np.uint32 if bits + rows.bit_length() < 32 else np.int64
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


def repeated(cells: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the values that come more than once among sorted ones, ascending, and how often each comes."""
    again = np.flatnonzero(cells[1:] == cells[:-1])
    first = np.ones(len(again), dtype=np.bool_)
    np.not_equal(again[1:], again[:-1] + 1, out=first[1:])
    first[1:] |= cells[again[1:]] != cells[again[:-1]]
    begin = np.flatnonzero(first)
    return cells[again[begin]], np.diff(np.append(begin, len(again))) + 1


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
