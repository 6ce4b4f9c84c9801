"""Learning the weights: counts of all features once, then TF-IDF and logistic regression for any part of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.errors import LabelsError
from framing.features import (
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
    FeatureSettings,
    Floats,
    FormTable,
    Matrix,
    Places,
    block_of,
    forms_of,
    inverse_document_frequency,
    make_cells,
    make_keys,
    prepare,
    tally,
    weigh,
)
from framing.lexicon import Lexicon
from framing.linear import FREQUENT, Linear, multiply, scale_blocks
from framing.target import Name
from framing.tokens import Bools, Ints

FEWEST_DOCUMENTS = 2
"""A feature is kept when at least this many rows of the training part have it."""
MOST_FEATURES = 400_000
"""With more features than this, the rarest are left out."""
_CHUNK = 2000
"""Rows whose features are counted at once; a row number must fit beside a key, in 63 - KEY_BITS bits."""
_TOLERANCE = 1e-3
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
    row: Ints
    column: Ints
    count: Ints
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


class _GrowingNumbers(dict[str, int]):
    def __call__(self, form: str) -> int:
        return self.setdefault(form, len(self))


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
    numbers = _GrowingNumbers()
    table = FormTable(most, language, numbers, lambda keys: keys)
    rows, keys, counts, tokens = [], [], [], []
    for at in range(0, len(texts), _CHUNK):
        batch = prepare(texts[at : at + _CHUNK], names[at : at + _CHUNK])
        row_of = batch.tokens.row
        # A key and a row of a chunk are one number together, so that one sort counts them.
        cells, times = tally(
            np.concatenate([(row_of[part.first] << KEY_BITS) | part.place for part in table.parts(batch, lexicon)])
        )
        rows.append((cells >> KEY_BITS) + at)
        keys.append(cells & ((1 << KEY_BITS) - 1))
        counts.append(times)
        tokens.append(np.bincount(row_of, minlength=batch.tokens.rows))
    if len(numbers) > LARGEST_FORM:
        raise LabelsError(f"{len(numbers)} different words are more than a model can number; use fewer texts")
    row, key, count = np.concatenate(rows), np.concatenate(keys), np.concatenate(counts)
    distinct, documents = tally(key.copy())
    kept = distinct[documents >= FEWEST_DOCUMENTS]
    forms, renumbered = _renumber(list(numbers), kept)
    order = np.argsort(renumbered)
    column = Places(kept[order])(key)
    inside = column >= 0
    row, column, count = row[inside], column[inside], count[inside]
    by_row = np.argsort(make_cells(row, column, len(texts), len(kept)))
    return Counts(
        forms,
        renumbered[order],
        row[by_row],
        column[by_row],
        count[by_row].astype(np.int64),
        np.concatenate(tokens).astype(np.int64),
        language,
        lexicon,
    )


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
    row, column, count = place[counts.row[inside]], counts.column[inside], counts.count[inside]
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
