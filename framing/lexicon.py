"""A content-analysis dictionary: categories of words and phrases, found in tokens.

`*` at a word's end stands for any ending. Where several entries begin at the same token, the longest wins, and a token
that a phrase has used begins no other entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from framing.target import Name, parse_names
from framing.tokens import Bools, Ints, Tokens


@dataclass(frozen=True, slots=True)
class Hits:
    """The entries found: the numbers of their first and last token, and of their category."""

    first: Ints
    last: Ints
    category: Ints


class Lexicon:
    """The entries of a dictionary, ready to be found. `categories` is sorted.

    Entries are numbered by rank: most words first, then most letters, then by their letters and category; of the
    entries that stand at a token, the first by rank wins. The distinct words of all entries are numbered too.
    """

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.categories = sorted(entries)
        ranked: list[tuple[Name, int]] = sorted(
            (
                (name, number)
                for number, category in enumerate(self.categories)
                for name in parse_names(entries[category])
            ),
            key=lambda entry: (-len(entry[0]), -sum(len(text) for text, _ in entry[0]), entry),
        )
        words = {word: number for number, word in enumerate(dict.fromkeys(word for name, _ in ranked for word in name))}
        self._exact = {text: number for (text, any_ending), number in words.items() if not any_ending}
        self._prefix = {text: number for (text, any_ending), number in words.items() if any_ending}
        self._prefix_sizes = sorted({len(text) for text in self._prefix})
        self._category = np.array([category for _, category in ranked], dtype=np.int64)
        self._size = np.array([len(name) for name, _ in ranked], dtype=np.int64)
        # The words of all entries in one array, and where those of each entry begin.
        self._words = np.array([words[word] for name, _ in ranked for word in name], dtype=np.int64)
        self._begin = np.cumsum(self._size) - self._size
        first_word = self._words[self._begin]
        self._starting = np.argsort(first_word, kind="stable")
        self._starting_begin = np.searchsorted(first_word[self._starting], np.arange(len(words) + 1))

    def find(self, tokens: Tokens) -> Hits:
        """Return the entries in the tokens of a batch; none reaches over the end of a sentence."""
        form, word = self._words_of(tokens.forms)
        token, entry = self._candidates(tokens, form, word)
        if len(token) == 0:
            return Hits(token, token, token)
        known = form * len(self._words) + word
        position = 1
        standing = np.ones(len(token), dtype=np.bool_)
        going_on = np.flatnonzero(self._size[entry] > 1)
        while len(going_on):
            at = token[going_on] + position
            wanted = self._words[self._begin[entry[going_on]] + position]
            asked = tokens.form[at] * len(self._words) + wanted
            place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
            same = known[place] == asked
            standing[going_on[~same]] = False
            position += 1
            going_on = going_on[same]
            going_on = going_on[self._size[entry[going_on]] > position]
        token, entry = token[standing], entry[standing]
        best = np.flatnonzero(np.concatenate(([True], token[1:] != token[:-1]))) if len(token) else token
        first, entry = token[best], entry[best]
        last = first + self._size[entry] - 1
        chosen = _from_the_left(first, last)
        return Hits(first[chosen], last[chosen], self._category[entry[chosen]])

    def _candidates(self, tokens: Tokens, form: Ints, word: Ints) -> tuple[Ints, Ints]:
        """Return tokens, each with an entry whose first word it is and that ends in its sentence; by token and rank."""
        counts = self._starting_begin[word + 1] - self._starting_begin[word]
        pair = np.repeat(np.arange(len(word)), counts)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        entry, form = self._starting[self._starting_begin[word[pair]] + within], form[pair]
        order = np.lexsort((entry, form))
        entry, form = entry[order], form[order]
        edges = np.searchsorted(form, np.arange(len(tokens.forms) + 1))
        count = np.diff(edges)[tokens.form] if len(tokens.form) else tokens.form
        token = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(token)) - np.repeat(np.cumsum(count) - count, count)
        entry = entry[edges[tokens.form[token]] + within]
        last = token + self._size[entry] - 1
        inside = np.flatnonzero(last < len(count))
        inside = inside[tokens.sentence[last[inside]] == tokens.sentence[token[inside]]]
        return token[inside], entry[inside]

    def _words_of(self, forms: Sequence[str]) -> tuple[Ints, Ints]:
        """Return forms with the words that they match, as numbers, in order of both; a loop over distinct forms."""
        pairs = []
        for number, form in enumerate(forms):
            if form in self._exact:
                pairs.append((number, self._exact[form]))
            for size in self._prefix_sizes:
                if size > len(form):
                    break
                if form[:size] in self._prefix:
                    pairs.append((number, self._prefix[form[:size]]))
        both = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]


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
