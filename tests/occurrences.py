"""The occurrences of features one by one, as the reference has them: `FormTable` itself never lists them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from framing.features import Batch, FeatureSettings
from framing.formtable import FormNumbers, FormTable
from framing.lexicon import Lexicon
from framing.places import Places, make_cells, split_cells, tally
from framing.tokens import Ints


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Every occurrence of a feature in a batch, in no particular order: its row, key, first and last token."""

    row: Ints
    key: Ints
    first: Ints
    last: Ints


def find_occurrences(
    batch: Batch, settings: FeatureSettings, language: str, lexicon: Lexicon | None, number: FormNumbers
) -> Occurrences:
    """Return the occurrences of all features that `settings` ask for and whose forms have a number."""
    table = FormTable(settings, language, number, lambda keys: keys)
    parts = table.parts(batch, lexicon, *table.look_up(batch))
    first, last = (np.concatenate(tokens) for tokens in zip(*(part.tokens() for part in parts), strict=True))
    return Occurrences(batch.tokens.row[first], np.concatenate([part.place for part in parts]), first, last)


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
