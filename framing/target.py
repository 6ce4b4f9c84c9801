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
    if len(names) == 1:
        spans = [(0, len(tokens.form))]
    else:
        edges = np.searchsorted(tokens.row, np.arange(tokens.rows + 1))
        spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    index: dict[str, list[int]] = {}
    for number, form in enumerate(tokens.forms):
        index.setdefault(_without_possessive(form), []).append(number)
    cache: dict[tuple[str, bool], Ints] = {}
    for (first, last), row_names in zip(spans, names, strict=True):
        here = slice(first, last)
        for name in row_names:
            _mark(found[here], tokens.form[here], tokens.sentence[here], name, tokens.forms, index, cache)
    return found


def _mark(
    found: Bools,
    form: Ints,
    sentence: Ints,
    name: Name,
    forms: list[str],
    index: dict[str, list[int]],
    cache: dict[tuple[str, bool], Ints],
) -> None:
    """Set `found` where `name` stands; all its words must stand in one sentence."""
    size = len(name)
    if len(form) < size:
        return
    here = np.ones(len(form) - size + 1, dtype=np.bool_)
    for position, word in enumerate(name):
        if word not in cache:
            cache[word] = _forms_of(word, forms, index)
        here &= np.isin(form[position : len(form) - size + 1 + position], cache[word])
    here &= sentence[: len(form) - size + 1] == sentence[size - 1 :]
    for position in range(size):
        found[position : len(form) - size + 1 + position] |= here


def _forms_of(word: tuple[str, bool], forms: list[str], index: dict[str, list[int]]) -> Ints:
    text, any_ending = word
    if any_ending:
        return np.array([number for number, form in enumerate(forms) if form.startswith(text)], dtype=np.int64)
    return np.array(index.get(_without_possessive(text), []), dtype=np.int64)


def _without_possessive(form: str) -> str:
    return form.removesuffix("'s")
