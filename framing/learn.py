"""Learning the weights: counts of all features once, then TF-IDF and logistic regression for any part of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framing.errors import LabelsError
from framing.features import Batch, FeatureSettings, Floats, prepare
from framing.features import Part as FoundPart
from framing.formtable import FormTable
from framing.lexicon import Lexicon
from framing.linear import FREQUENT, Linear, multiply, scale_blocks
from framing.places import (
    AFTER,
    BEFORE,
    BLOCKS,
    CHARS,
    KEY_BITS,
    LARGEST_FORM,
    LEXICON,
    TARGET_CHARS,
    TARGET_FORM,
    TARGET_LEXICON,
    WORDS,
    Place,
    Places,
    block_of,
    forms_of,
    make_keys,
    repeated,
    tally,
)
from framing.target import Name
from framing.tokens import Bools, Ints
from framing.weighing import Matrix, inverse_document_frequency, weigh

FEWEST_DOCUMENTS = 2
"""A feature is kept when at least this many rows of the training part have it."""
MOST_FEATURES = 300_000
"""With more features than this, the rarest are left out: they add size and loading time, and hardly any macro-F1."""
_CHUNK = 2000
"""Rows whose features are counted at once; a row number must fit beside a key, in 63 - KEY_BITS bits."""
Small = NDArray[np.int32]
_TOLERANCE = 1e-2
"""Where liblinear stops: a tenth of it moves no logit of the default model by more than 0.002."""
_MOST_ITERATIONS = 5000


@dataclass(frozen=True, slots=True)
class Settings:
    """What is chosen for a model: its features and the inverse strength of regularisation (scikit-learn's C)."""

    features: FeatureSettings
    C: float


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each row has each feature, for all features that any settings may ask for.

    One entry for each feature of each row, by row and column; `tokens` is each row's number of tokens.
    """

    forms: tuple[str, ...]
    keys: Ints
    row: Small
    column: Small
    count: Small
    tokens: Ints
    language: str
    lexicon: Lexicon | None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Part:
    """What was learned from some rows: idf (F), 0 for features that are not used; weights (K, F); intercept (K)."""

    idf: Floats
    weights: Floats
    intercept: Floats


class GrowingNumbers(dict[str, int]):
    """Numbers for forms, given when a form is first asked for."""

    def __call__(self, forms: Sequence[str]) -> Ints:
        """Return the number of each form."""
        return np.array([self.setdefault(form, len(self)) for form in forms], dtype=np.int64)


def count_features(
    texts: Sequence[str],
    names: Sequence[tuple[Name, ...]],
    most: FeatureSettings,
    language: str,
    lexicon: Lexicon | None,
) -> Counts:
    """Count the features of all rows; what fewer than two rows have is left out, as no training part would keep it.

    `names` has one entry for each row.
    """
    numbers = GrowingNumbers()
    table = FormTable(most, language, numbers, lambda keys: keys)
    chunks = [_Chunk(np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))] if not texts else []
    seen: list[Ints] = []
    for at in range(0, len(texts), _CHUNK):
        batch = prepare(texts[at : at + _CHUNK], names[at : at + _CHUNK])
        chunk = _count_chunk(batch, table.parts(batch, lexicon, *table.look_up(batch)))
        distinct, rows = tally(chunk.cells & _KEY)
        # A key that two rows of a chunk have is here twice, as one is that two chunks have.
        seen += [distinct, distinct[rows >= FEWEST_DOCUMENTS]]
        chunks.append(chunk)
    if len(numbers) > LARGEST_FORM:
        raise LabelsError(f"{len(numbers)} different words are more than a model can number; use fewer texts")
    kept, _ = repeated(np.sort(np.concatenate(seen or [np.zeros(0, np.int64)])))
    seen.clear()
    forms, renumbered = _renumber(list(numbers), kept)
    order = np.argsort(renumbered)
    columns = np.full(len(kept) + 1, -1, dtype=np.int64)  # the last is for a key that is left out, -1
    columns[order] = np.arange(len(order))
    tokens = np.concatenate([chunk.tokens for chunk in chunks])
    row, column, count = _joined(chunks, Places(kept), columns)
    return Counts(forms, renumbered[order], row, column, count, tokens, language, lexicon)


_KEY = (1 << KEY_BITS) - 1


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some rows: row and key of each feature of each row as one number, ascending, and the counts of these."""

    cells: Ints
    counts: Small
    tokens: Ints
    """Each row's number of tokens."""


def _count_chunk(batch: Batch, parts: Sequence[FoundPart]) -> _Chunk:
    row = batch.tokens.row
    cells, counts = tally(np.concatenate([part.spread(row[part.first] << KEY_BITS) | part.place for part in parts]))
    tokens = np.bincount(row, minlength=batch.tokens.rows).astype(np.int64)
    return _Chunk(cells, counts.astype(np.int32), tokens)


def _joined(chunks: list[_Chunk], place: Place, columns: Ints) -> tuple[Small, Small, Small]:
    """Return row, column and count of all entries whose key has a column, by row and column; `chunks` is emptied."""
    parts, first_row = [], 0
    chunks.reverse()
    while chunks:
        chunk = chunks.pop()  # so that what is done with is not held twice
        column = columns.take(place(chunk.cells & _KEY))
        inside = np.flatnonzero(column >= 0)
        row = chunk.cells.take(inside) >> KEY_BITS
        cells = (row * len(columns)) + column.take(inside)
        order = np.argsort(cells)
        cells = cells.take(order)
        rows = (cells // len(columns) + first_row).astype(np.int32)
        parts.append((rows, (cells % len(columns)).astype(np.int32), chunk.counts.take(inside.take(order))))
        first_row += len(chunk.tokens)
    rows, found, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return rows, found, counts


def _renumber(forms: Sequence[str], keys: Ints) -> tuple[tuple[str, ...], Ints]:
    """Return the forms that `keys` use, sorted, and the keys made of their new numbers."""
    first, second = forms_of(keys)
    used = np.unique(np.concatenate((first, second[second >= 0])))
    ranked = sorted(used.tolist(), key=lambda number: forms[number])
    new = np.full(len(forms) + 1, -1, dtype=np.int64)  # the last stands for "no second form", -1
    new[ranked] = np.arange(len(ranked))
    return tuple(forms[number] for number in ranked), make_keys(block_of(keys), new[first], new[second])


def used_blocks(settings: FeatureSettings) -> Bools:
    """Say of each block of features whether the settings use it."""
    used = np.zeros(BLOCKS, dtype=np.bool_)
    used[WORDS] = True
    used[[BEFORE, AFTER]] = settings.target
    used[CHARS] = settings.chars is not None
    used[TARGET_CHARS] = settings.chars is not None and settings.target
    used[LEXICON] = settings.lexicon
    used[TARGET_LEXICON] = settings.lexicon and settings.target
    return used


def weighted(counts: Counts, idf: Floats, rows: Ints) -> Matrix:
    """Return the feature values of some rows (ascending row numbers), as a matrix of just these rows."""
    place = np.full(counts.rows, -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    inside = (place[counts.row] >= 0) & (idf[counts.column] > 0)
    row = place[counts.row[inside]]
    column, count = counts.column[inside].astype(np.int64), counts.count[inside].astype(np.int64)
    blocks = block_of(counts.keys)
    value = weigh(row, column, count, idf, blocks, len(rows))
    scale_blocks(value, column, blocks)
    return Matrix(row, column, value, (len(rows), len(counts.keys)))


def fit(counts: Counts, y: Ints, row_weights: Floats, rows: Ints, labels: int, settings: Settings, seed: int) -> Part:
    """Learn from some rows: idf, then one logistic regression per label against the rest.

    The dual solver of liblinear gives the same bits with any number of threads; classes weigh the same in each of the
    regressions, and `row_weights` multiplies each row's loss. A label that the rows lack gets zero weights and the
    lowest intercept.
    """
    from sklearn.linear_model import LogisticRegression

    inside = np.zeros(counts.rows, dtype=np.bool_)
    inside[rows] = True
    used = used_blocks(settings.features)[block_of(counts.keys)]
    documents = np.bincount(counts.column[inside[counts.row]], minlength=len(counts.keys))
    documents[(documents < _fewest_documents(documents[used])) | ~used] = 0
    idf = inverse_document_frequency(documents, len(rows)).astype(np.float32).astype(np.float64)
    X = weighted(counts, idf, rows).csr()
    weights = np.zeros((labels, len(counts.keys)))
    intercept = np.full(labels, -20.0)
    for label in range(labels):
        is_label = y[rows] == label
        if is_label.all() or not is_label.any():
            intercept[label] = 20.0 if is_label.any() else -20.0
            continue
        regression = LogisticRegression(
            C=settings.C,
            solver="liblinear",
            dual=True,
            class_weight="balanced",
            tol=_TOLERANCE,
            max_iter=_MOST_ITERATIONS,
            random_state=seed,
        )
        regression.fit(X, is_label, sample_weight=row_weights[rows])
        weights[label] = regression.coef_[0]
        intercept[label] = regression.intercept_[0]
    return Part(idf, weights, intercept)


def _fewest_documents(documents: Ints) -> int:
    """Return the document frequency that a feature needs, so that at most MOST_FEATURES are kept."""
    fewest = FEWEST_DOCUMENTS
    while int((documents >= fewest).sum()) > MOST_FEATURES:
        fewest += 1
    return fewest


def predict(counts: Counts, part: Part, rows: Ints) -> Floats:
    """Return the logits (len(rows), K) of some rows."""
    return multiply(weighted(counts, part.idf, rows), part.weights, part.intercept)


def function_words(counts: Counts) -> Ints:
    """Return the form numbers of the stems that the most rows have, ascending; the target is none of them.

    They are at most a tenth of all stems: of a small vocabulary the 100 most widespread would leave no content words.
    """
    first, second = forms_of(counts.keys)
    single = (block_of(counts.keys) == WORDS) & (second < 0)
    target = [number for number, form in enumerate(counts.forms) if form == TARGET_FORM]
    single &= ~np.isin(first, target)
    documents = np.bincount(counts.column, minlength=len(counts.keys)) * single
    widest = np.argsort(-documents, kind="stable")[: min(FREQUENT, int(single.sum()) // 10)]
    return np.sort(first[widest[documents[widest] > 0]])


def freeze(counts: Counts, part: Part, settings: Settings, temperature: float) -> tuple[Linear, Bools]:
    """Return the model that scores, with just the features it uses, and which of the counted features these are.

    Weights and idf are rounded to what a model file keeps (32-bit floats); the temperature is divided out.
    """
    kept = part.idf > 0
    forms, keys = _renumber(counts.forms, counts.keys[kept])
    numbers = {form: number for number, form in enumerate(forms)}
    words = [numbers.get(counts.forms[number], -1) for number in function_words(counts).tolist()]
    linear = Linear(
        forms=forms,
        keys=keys,
        idf=part.idf[kept],
        weights=(part.weights[:, kept] / temperature).astype(np.float32).astype(np.float64),
        intercept=part.intercept / temperature,
        settings=settings.features,
        language=counts.language,
        lexicon=counts.lexicon,
        function_words=np.array(sorted(word for word in words if word >= 0), dtype=np.int64),
    )
    return linear, kept
