"""A content-analysis dictionary: categories of words and phrases, found in tokens.

`*` at a word's end stands for any ending. Where several entries begin at the same token, the longest wins, and a token
that a phrase has used begins no other entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from framing.target import Name, parse_names
from framing.tokens import Ints, Tokens


@dataclass(frozen=True, slots=True)
class Hits:
    """The entries found: the numbers of their first and last token, and of their category."""

    first: Ints
    last: Ints
    category: Ints


class Lexicon:
    """The entries of a dictionary, ready to be found. `categories` is sorted."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self.categories = sorted(entries)
        self._exact: dict[str, list[tuple[Name, int]]] = {}
        self._prefix: dict[str, list[tuple[Name, int]]] = {}
        for number, category in enumerate(self.categories):
            for name in parse_names(entries[category]):
                text, any_ending = name[0]
                (self._prefix if any_ending else self._exact).setdefault(text, []).append((name, number))
        self._prefix_sizes = sorted({len(text) for text in self._prefix})

    def find(self, tokens: Tokens) -> Hits:
        """Return the entries in the tokens of a batch; none reaches over the end of a sentence."""
        starts = [self._beginning_with(form) for form in tokens.forms]
        may_start = np.fromiter((bool(entries) for entries in starts), dtype=np.bool_, count=len(starts))
        form, sentence = tokens.form.tolist(), tokens.sentence.tolist()
        hits: list[tuple[int, int, int]] = []
        free = 0
        for first in np.flatnonzero(may_start[tokens.form]).tolist() if len(form) else ():
            if first < free:
                continue
            for name, category in starts[form[first]]:
                last = first + len(name) - 1
                if last >= len(form) or sentence[last] != sentence[first]:
                    continue
                words = zip(name[1:], form[first + 1 : last + 1], strict=True)
                if all(_matches(word, tokens.forms[number]) for word, number in words):
                    hits.append((first, last, category))
                    free = last + 1
                    break
        array = np.array(hits, dtype=np.int64).reshape(-1, 3)
        return Hits(array[:, 0], array[:, 1], array[:, 2])

    def _beginning_with(self, form: str) -> list[tuple[Name, int]]:
        """Return the entries whose first word `form` matches: longest first, then by its letters, then category."""
        entries = list(self._exact.get(form, ()))
        for size in self._prefix_sizes:
            if size > len(form):
                break
            entries += self._prefix.get(form[:size], ())
        return sorted(entries, key=lambda entry: (-len(entry[0]), -sum(len(text) for text, _ in entry[0]), entry))


def _matches(word: tuple[str, bool], form: str) -> bool:
    text, any_ending = word
    return form.startswith(text) if any_ending else form == text
