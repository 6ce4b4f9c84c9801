"""TF-IDF: the weighted values of a batch's features as a sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.features import Floats
from framing.places import BLOCKS, SCALED_TOGETHER
from framing.tokens import Ints


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
