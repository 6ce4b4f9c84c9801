"""Out-of-fold predictions and the scores that are made of them, beside the majority label and plain word TF-IDF.

What is scored is nested: inside each outer training part the settings are chosen again, so that no paragraph has a say
in the settings that predict it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.features import FeatureSettings, Floats
from framing.folds import Fold
from framing.learn import Counts, Part, Settings, predict
from framing.metrics import calibration_error, fit_temperature, probabilities, score_labels
from framing.search import learn_rows, search
from framing.tokens import Bools, Ints
from framing.trainingset import TrainingSet

FEWEST_OF_HEADLINE = 100
"""With fewer units of the headline kind, the temperature is fitted on all units."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class _FoldResult:
    rows: Ints
    logits: Floats
    settings: Settings
    part: Part
    plain: Ints
    majority: int


def _run_fold(
    counts: Counts,
    words: Any,
    data: TrainingSet,
    fold: Fold,
    sets: Sequence[FeatureSettings],
    settings: Settings | None,
    seed: int,
) -> _FoldResult:
    """Predict a fold from its training part, its settings chosen there unless given, with the baselines beside it."""
    rows = np.flatnonzero(fold.test)
    chosen = settings or search(counts, data, sets, fold.train, seed)[0]
    part = learn_rows(counts, data, fold.train, chosen, seed)
    units = np.flatnonzero(fold.train & data.is_unit)
    majority = int(np.bincount(data.y[units], minlength=len(data.labels)).argmax())
    return _FoldResult(rows, predict(counts, part, rows), chosen, part, _plain_tfidf(words, data, fold, seed), majority)


def _count_words(data: TrainingSet) -> Any:
    """Return the counts of words and pairs of words of all rows, which the folds of plain TF-IDF share."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b").fit_transform(data.texts)


def _plain_tfidf(words: Any, data: TrainingSet, fold: Fold, seed: int) -> Ints:
    """Return what plain word 1-2 TF-IDF with logistic regression gives in the same fold, from the same rows."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    train, test = np.flatnonzero(fold.train), np.flatnonzero(fold.test)
    known = np.flatnonzero(np.bincount(words[train].indices, minlength=words.shape[1]))
    tfidf = TfidfTransformer()
    X, X_test = tfidf.fit_transform(words[train][:, known]), tfidf.transform(words[test][:, known])
    logits = np.full((len(test), len(data.labels)), -np.inf)
    for label in np.unique(data.y[train]).tolist():
        regression = LogisticRegression(
            C=1.0, solver="liblinear", dual=True, class_weight="balanced", random_state=seed, max_iter=5000
        )
        logits[:, label] = regression.fit(X, data.y[train] == label).decision_function(X_test)
    given: Ints = logits.argmax(axis=1)
    return given


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Out-of-fold predictions of the units: logits (rows, K), and the fold of each row (-1: in none).

    `settings` and `parts` are what was chosen for and learned without each fold.
    """

    logits: Floats
    fold: Ints
    plain: Ints
    majority: Ints
    settings: tuple[Settings, ...]
    parts: tuple[Part, ...]


def workers(counts: Counts, tasks: int) -> int:
    """Return how many processes fit models side by side: starting them is worth it only for long work."""
    from joblib import cpu_count

    return 1 if len(counts.row) < 100_000 else min(int(cpu_count()), tasks)


def out_of_fold(
    counts: Counts,
    data: TrainingSet,
    folds: Sequence[Fold],
    sets: Sequence[FeatureSettings],
    settings: Settings | None,
    seed: int,
    stage: str,
    progress: Progress,
) -> OutOfFold:
    """Predict every fold from its own training part, in parallel."""
    from joblib import Parallel, delayed

    rows = len(data.y)
    logits, fold_of = np.zeros((rows, len(data.labels))), np.full(rows, -1, dtype=np.int64)
    plain, majority = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    chosen: list[Settings] = []
    parts: list[Part] = []
    words = _count_words(data)
    jobs = (delayed(_run_fold)(counts, words, data, fold, sets, settings, seed) for fold in folds)
    progress(stage, 0, len(folds))
    results = Parallel(n_jobs=workers(counts, len(folds)), return_as="generator")(jobs)
    for number, result in enumerate(results):
        logits[result.rows], fold_of[result.rows] = result.logits, number
        plain[result.rows], majority[result.rows] = result.plain, result.majority
        chosen.append(result.settings)
        parts.append(result.part)
        progress(stage, number + 1, len(folds))
    return OutOfFold(logits, fold_of, plain, majority, tuple(chosen), tuple(parts))


def describe_scores(data: TrainingSet, found: OutOfFold, by: Ints, seed: int) -> dict[str, Any]:
    """Return the scores of out-of-fold predictions as plain values, for all units and for each kind of text.

    Intervals are from resampling whole groups, numbered by `by` (articles or sources).
    """
    shares = _crossfitted(data, found)
    raw = probabilities(found.logits)
    sets: dict[str, Any] = {}
    for name, every in data.sets().items():
        rows = every[found.fold[every] >= 0]
        if len(rows) == 0:
            continue
        gold = data.y[rows]
        given = found.logits[rows].argmax(axis=1)
        scores = score_labels(gold, given, by[rows], data.labels, seed=seed).to_dict()
        scores["calibration_error"] = {
            "before": round(calibration_error(raw[rows], gold), 6),
            "after": round(calibration_error(shares[rows], gold), 6),
        }
        for baseline, labels in (("majority", found.majority), ("plain_tfidf", found.plain)):
            other = score_labels(gold, labels[rows], by[rows], data.labels, seed=seed).to_dict()
            scores[baseline] = {key: other[key] for key in ("accuracy", "macro_f1")}
        sets[name] = scores
    return {"folds": int(found.fold.max()) + 1, "sets": sets}


def _crossfitted(data: TrainingSet, found: OutOfFold) -> Floats:
    """Return calibrated probabilities, each fold's with the temperature of the other folds."""
    shares = np.zeros_like(found.logits)
    for fold in range(int(found.fold.max()) + 1):
        here, others = found.fold == fold, (found.fold >= 0) & (found.fold != fold)
        shares[here] = probabilities(found.logits[here], find_temperature(data, found.logits, others))
    return shares


def find_temperature(data: TrainingSet, logits: Floats, available: Bools) -> float:
    """Return the temperature of out-of-fold logits (rows, K), fitted on the available units of the headline kind.

    That kind is the closest to what will be scored. Texts that were easier to label have surer logits than it bears
    out, and would make the model claim too much.
    """
    headline = available & data.headline
    rows = headline if headline.sum() >= FEWEST_OF_HEADLINE else available
    return fit_temperature(logits[rows], data.y[rows])
