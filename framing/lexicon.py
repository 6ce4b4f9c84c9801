"""A content-analysis dictionary: categories of words and phrases, found in tokens.

`*` at a word's end stands for any ending. Where several entries begin at the same token, the longest wins, and a token
that a phrase has used begins no other entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from framing.tokens import Bools, Ints, Tokens, tokenize


@dataclass(frozen=True, slots=True)
class Hits:
    """The entries found: the numbers of their first and last token, and of their category."""

    first: Ints
    last: Ints
    category: Ints


MOST_KEPT_FORMS = 50_000
"""How many word forms are kept with what is known of them; then what keeps them starts anew."""


class Lexicon:
    """The entries of a dictionary, ready to be found. `categories` is sorted.

    Entries are numbered by rank: most words first, then most letters, then by their letters and category; of the
    entries that stand at a token, the first by rank wins. The distinct words of all entries are numbered too. An entry
    is looked for where that one of its words stands that all entries together have least often: "in the interest of" at
    "interest".
    """

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.categories = sorted(entries)
        written = [(entry, number) for number, name in enumerate(self.categories) for entry in entries[name]]
        tokens = tokenize([entry for entry, _ in written])
        forms = sorted(tokens.forms)
        number = {form: 2 * place for place, form in enumerate(forms)}  # with any ending it is one more
        ends = zip(tokens.row.tolist(), tokens.end.tolist(), strict=True)
        starred = np.array([written[row][0][end : end + 1] == "*" for row, end in ends], dtype=np.int64)
        words = np.array([number[form] for form in tokens.forms], dtype=np.int64)[tokens.form] + starred
        letters = np.bincount(tokens.row, tokens.end - tokens.start, minlength=len(written))
        size = np.bincount(tokens.row, minlength=len(written)).astype(np.int64)
        within = np.arange(len(words)) - (np.cumsum(size) - size)[tokens.row]
        table = np.full((len(written), int(size.max(initial=1))), -1, dtype=np.int64)
        table[tokens.row, within] = words
        category = np.array([number for _, number in written], dtype=np.int64)
        ranked = np.lexsort((category, *table.T[::-1], -letters, -size))
        ranked = ranked[size[ranked] > 0]
        self._category, self._size, table = category[ranked], size[ranked], table[ranked]
        # The words of all entries in one array, and where those of each entry begin.
        self._words = table[table >= 0]
        self._begin = np.cumsum(self._size) - self._size
        used = np.bincount(self._words, minlength=2 * len(forms))
        self._anchor = np.where(table >= 0, used[table], len(self._words) + 1).argmin(axis=1)
        anchor_word = self._words[self._begin + self._anchor]
        self._anchored = np.argsort(anchor_word, kind="stable")
        self._anchored_begin = np.searchsorted(anchor_word[self._anchored], np.arange(2 * len(forms) + 1))
        self._exact = {form: word for form, word in number.items() if used[word]}
        self._prefix = {form: word + 1 for form, word in number.items() if used[word + 1]}
        self._prefix_sizes = sorted({len(text) for text in self._prefix})
        self._matched: dict[str, tuple[int, ...]] = {}

    def find(self, tokens: Tokens) -> Hits:
        """Return the entries in the tokens of a batch; none reaches over the end of a sentence."""
        form, word = self._words_of(tokens.forms)
        token, entry = self._candidates(tokens, form, word)
        if len(token) == 0:
            return Hits(token, token, token)
        words = _as_columns(form, word, len(tokens.forms))
        position = 0
        standing = np.ones(len(token), dtype=np.bool_)
        going_on = np.flatnonzero(self._size[entry] > 1)
        while len(going_on):
            at = tokens.form.take(token.take(going_on) + position)
            wanted = self._words.take(self._begin.take(entry.take(going_on)) + position)
            same = np.zeros(len(at), dtype=np.bool_)
            for column in words:
                same |= column.take(at) == wanted
            standing[going_on[~same]] = False
            position += 1
            going_on = going_on[same]
            going_on = going_on[self._size[entry[going_on]] > position]
        token, entry = token[standing], entry[standing]
        order = np.lexsort((entry, token))
        token, entry = token[order], entry[order]
        best = np.flatnonzero(np.concatenate(([True], token[1:] != token[:-1]))) if len(token) else token
        first, entry = token[best], entry[best]
        last = first + self._size[entry] - 1
        chosen = _from_the_left(first, last)
        return Hits(first[chosen], last[chosen], self._category[entry[chosen]])

    def _candidates(self, tokens: Tokens, form: Ints, word: Ints) -> tuple[Ints, Ints]:
        """Return tokens, each with an entry that would begin there, be within a sentence, and has its rarest word."""
        counts = self._anchored_begin[word + 1] - self._anchored_begin[word]
        pair = np.repeat(np.arange(len(word)), counts)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        entry = self._anchored[self._anchored_begin[word[pair]] + within]
        edges = np.searchsorted(form[pair], np.arange(len(tokens.forms) + 1))
        count = np.diff(edges)[tokens.form] if len(tokens.form) else tokens.form
        at = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        entry = entry[edges[tokens.form[at]] + within]
        token = at - self._anchor[entry]
        last = token + self._size[entry] - 1
        inside = np.flatnonzero((token >= 0) & (last < len(count)))
        inside = inside[tokens.sentence[last[inside]] == tokens.sentence[token[inside]]]
        return token[inside], entry[inside]

    def _words_of(self, forms: Sequence[str]) -> tuple[Ints, Ints]:
        """Return forms with the words that they match, as numbers, in order of both."""
        if len(self._matched) > MOST_KEPT_FORMS:
            self._matched = {}
        matched = self._matched  # another thread may start anew meanwhile
        for form in forms:
            if form not in matched:
                matched[form] = self._match(form)
        words = [matched[form] for form in forms]
        counts = np.fromiter(map(len, words), np.int64, len(words))
        return np.repeat(np.arange(len(words)), counts), np.fromiter(chain.from_iterable(words), np.int64)

    def _match(self, form: str) -> tuple[int, ...]:
        prefixes = (self._prefix.get(form[:size]) for size in self._prefix_sizes if size <= len(form))
        return tuple(sorted(word for word in (self._exact.get(form), *prefixes) if word is not None))


def _as_columns(form: Ints, word: Ints, forms: int) -> list[Ints]:
    """Return the words of each form, of which most have one or none: the first of each, the second, and so on; or -1.

    `form` is ascending.
    """
    nth = np.arange(len(form)) - np.searchsorted(form, form)
    columns = []
    for number in range(int(nth.max(initial=-1)) + 1):
        column = np.full(forms, -1, dtype=np.int64)
        column[form[nth == number]] = word[nth == number]
        columns.append(column)
    return columns


def _from_the_left(first: Ints, last: Ints) -> Bools:
    """Say which stretches are taken from the left, each that begins behind the last one that was taken.

    Each stretch knows the next that may be taken after it; those that are reached from the first one are found in
    steps of 1, 2, 4 ... stretches.
    """
    count = len(first)
    following = np.append(np.searchsorted(first, last, side="right"), count)
    taken = np.zeros(count + 1, dtype=np.bool_)
    taken[:1] = True
    if (following[:-1] == np.arange(1, count + 1)).all():
        return np.ones(count, dtype=np.bool_)
    while following[0] < count:
        taken[following[taken]] = True
        following = following[following]
    taken[following[taken]] = True
    return taken[:-1]
