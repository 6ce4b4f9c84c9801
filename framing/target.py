"""Where a text names the target: the actor whose framing is measured.

A name is one or more words; `*` at a word's end stands for any ending (`Russia*` is also "Russian"). Names are compared
with folded tokens, so case and the kind of apostrophe do not matter, and a possessive ending ('s) is no part of a name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from framing.tokens import Bools, Ints, Tokens, tokenize

Name = tuple[tuple[str, bool], ...]
"""The words of a name, folded, each with whether it may have any ending."""


def parse_names(names: Sequence[str]) -> tuple[Name, ...]:
    """Return the words of each name; a name without letters or digits ("***") gives none and is left out."""
    tokens = tokenize(names)
    words: list[list[tuple[str, bool]]] = [[] for _ in names]
    for row, end, form in zip(tokens.row.tolist(), tokens.end.tolist(), tokens.form.tolist(), strict=True):
        words[row].append((tokens.forms[form], names[row][end : end + 1] == "*"))
    return tuple(dict.fromkeys(tuple(name) for name in words if name))


def find_names(tokens: Tokens, names: Sequence[tuple[Name, ...]]) -> Bools:
    """Say of each token whether it is part of a name of its row's target.

    `names` has one entry for each row, or a single entry for all rows.
    """
    found = np.zeros(len(tokens.form), dtype=np.bool_)
    asking: dict[Name, list[int]] = {}
    for_all = len(names) == 1
    for row, row_names in zip(range(1 if for_all else tokens.rows), names, strict=True):
        for name in row_names:
            asking.setdefault(name, []).append(row)
    if not asking or not len(found):
        return found
    forms = FormFinder(tokens.forms)
    words = {word: forms.find(*word) for name in asking for word in name}
    begins = np.zeros(len(tokens.forms), dtype=np.bool_)
    for name in asking:
        begins[words[name[0]]] = True
    candidates = np.flatnonzero(begins[tokens.form])
    wanted = np.zeros(len(tokens.forms), dtype=np.bool_)
    for name, rows in asking.items():
        at = candidates
        if not for_all:
            edges = np.searchsorted(tokens.row[candidates], np.array(rows)[:, None] + np.arange(2))
            at = np.concatenate([candidates[first:last] for first, last in edges.tolist()])
        for position, word in enumerate(name):
            at = at[: np.searchsorted(at, len(found) - position)]
            wanted[words[word]] = True
            at = at[wanted[tokens.form[at + position]]]
            wanted[words[word]] = False
        last = at + len(name) - 1
        at = at[tokens.sentence[at] == tokens.sentence[last]]
        for position in range(len(name)):
            found[at + position] = True
    return found


class FormFinder:
    """Finds words among the distinct forms of a batch by a search in all of them as one string."""

    def __init__(self, forms: Sequence[str]) -> None:
        # No form holds a line end.
        self._all = "\n" + "\n".join(forms) + "\n"
        sizes = np.fromiter(map(len, forms), dtype=np.int64, count=len(forms))
        self._begin = np.cumsum(sizes + 1) - sizes - 1

    def find(self, text: str, any_ending: bool) -> Ints:
        """Return the numbers of the forms that are `text` or begin with it, but for a possessive ending."""
        if any_ending:
            return self._places("\n" + text)
        base = text.removesuffix("'s")
        found = self._places(f"\n{base}'s\n")
        # A form that ends in 's would have lost this ending before it is compared.
        return found if base.endswith("'s") else np.concatenate((self._places(f"\n{base}\n"), found))

    def _places(self, text: str) -> Ints:
        places = []
        at = self._all.find(text)
        while at >= 0:
            places.append(at)
            at = self._all.find(text, at + 1)
        return np.searchsorted(self._begin, np.array(places, dtype=np.int64)).astype(np.int64)
