"""Whether labels can be guessed from what should not matter: the target's name, length, place, style, punctuation.

A model learns such a shortcut where the labels have one. Each cue alone is given to a classifier in folds of whole
articles (with their near-copies); what it reaches beyond the majority rate is what the texts give away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.errors import LabelsError
from framing.features import Floats, prepare, stem_all
from framing.folds import make_folds
from framing.labels import Labels, gold
from framing.metrics import Scores, score_labels
from framing.tokens import Ints, Tokens
from framing.trainingset import TrainingSet, training_set

FOLDS = 5
_BINS = 8
_COMMON_STEMS = 100
_BENT = 50
"""Cues of fewer numbers than this may act in bends, not only in straight lines."""
_MARKS = ",;:.?!()\"'“”‘’–—-%"
_CONTENT_WORDS = """
amount bill bottom call con cry describe detail done empty fill find fire found front full get give go interest keep
made mill mine move name part put see serious show side sincere system take thick thin top un us"""
"""Words that scikit-learn's list of English stop words has though they say something (Nothman, Qin and Yurchak, "Stop
Word Lists in Free Open-source Software Packages", NLP-OSS 2018), and the names that two of them are in capitals."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What one cue alone reaches out of fold: as likely as the labels are, and with all labels weighing the same."""

    cue: str
    plain: Scores
    balanced: Scores


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """What each cue reaches on one kind of text, and what always giving the commonest label does."""

    kind: str
    majority: Scores
    found: tuple[Shortcut, ...]


def find_shortcuts(labels: Labels, *, gold_rule: str = "default", seed: int = 0) -> list[Shortcuts]:
    """Measure every cue on all units and on each kind of text.

    Intervals are from resampling whole articles. Raises LabelsError where no folds can be made.
    """
    data = training_set(labels, gold(labels, gold_rule))
    cues = _cues(data, labels.codebook.stemmer)
    sets = data.sets()
    return [_measure(data, cues, kind, rows, seed) for kind, rows in sets.items()]


def shortcut_facts(found: Sequence[Shortcuts]) -> dict[str, Any]:
    """Return what was found as plain JSON values."""
    return {
        one.kind: {
            "majority": one.majority.to_dict()["accuracy"],
            "cues": {
                cue.cue: {"accuracy": cue.plain.to_dict()["accuracy"], "macro_f1": cue.balanced.to_dict()["macro_f1"]}
                for cue in one.found
            },
        }
        for one in found
    }


def shortcut_lines(found: Sequence[Shortcuts]) -> list[str]:
    """Return what `framing evaluate --shortcuts` prints."""
    from framing.summary import interval, table

    lines = [
        "How well each cue alone tells the label, in folds of whole articles: accuracy beside the majority rate, and"
    ]
    lines += [
        "macro-F1 with all labels weighing the same beside that of random numbers. What a text says should tell it."
    ]
    for one in found:
        majority = one.majority.to_dict()
        rows = [("", "accuracy", "macro-F1")]
        for cue in one.found:
            rows.append(
                (cue.cue, interval(cue.plain.to_dict()["accuracy"]), interval(cue.balanced.to_dict()["macro_f1"]))
            )
        rows.append(("majority label", interval(majority["accuracy"]), interval(majority["macro_f1"])))
        lines += ["", f"{one.kind}: {one.majority.n} paragraphs, {one.majority.groups} articles", *table(rows)]
    return lines


def _cues(data: TrainingSet, language: str) -> dict[str, Floats]:
    """Return the numbers that each cue is made of, (rows, n); only those of units are used."""
    batch = prepare(data.texts, data.names)
    tokens, rows = batch.tokens, len(data.texts)
    lengths = np.bincount(tokens.row, minlength=rows).astype(np.float64)
    per_token = np.maximum(lengths, 1.0)[:, None]
    named = np.bincount(tokens.row[batch.named], minlength=rows).astype(np.float64)
    first = np.full(rows, 2.0)
    at = np.arange(len(tokens.row)) - np.searchsorted(tokens.row, tokens.row)
    np.minimum.at(first, tokens.row[batch.named], at[batch.named] / lengths[tokens.row[batch.named]])
    sentences = np.array([len(set(part.tolist())) for part in _split(tokens.sentence, tokens.row, rows)], np.float64)
    common = _function_words(tokens, language)
    stems = stem_all(tokens.forms, language)
    number = {stem: place for place, stem in enumerate(common)}
    style = np.zeros((rows, len(common)))
    places = np.array([number.get(stem, -1) for stem in stems], np.int64)[tokens.form]
    known = (places >= 0) & ~batch.named
    np.add.at(style, (tokens.row[known], places[known]), 1.0)
    marks = np.array([[text.count(mark) for mark in _MARKS] for text in data.texts], np.float64)
    return {
        "the target's name": np.stack([named, first, named / per_token[:, 0]], axis=1),
        "length": np.stack([lengths, sentences], axis=1),
        "place in the article": _places(data),
        "style: function words": style / per_token,
        "punctuation": np.concatenate((marks, marks / per_token), axis=1),
        "nothing: random numbers": np.random.default_rng(0).random((rows, 3)),
    }


def _function_words(tokens: Tokens, language: str) -> list[str]:
    """Return the stems that tell style: English function words, in other languages the commonest stems."""
    if language == "english":
        from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

        content = stem_all(_CONTENT_WORDS.split(), language)
        return sorted(set(stem_all(sorted(ENGLISH_STOP_WORDS), language)).difference(content))
    stems = stem_all(tokens.forms, language)
    return [stem for stem, _ in Counter(stems[form] for form in tokens.form.tolist()).most_common(_COMMON_STEMS)]


def _split(values: Ints, row: Ints, rows: int) -> list[Ints]:
    return np.split(values, np.searchsorted(row, np.arange(1, rows)))


def _places(data: TrainingSet) -> Floats:
    """Return each unit's place in its article: from the start, from the end, and as a share."""
    seen: Counter[int] = Counter()
    place = np.zeros(len(data.articles))
    for row in np.flatnonzero(data.is_unit).tolist():
        place[row] = seen[int(data.articles[row])]
        seen[int(data.articles[row])] += 1
    size = np.array([max(seen[article], 1) for article in data.articles.tolist()], np.float64)
    return np.stack([place, size - place, place / size, size], axis=1)


def _measure(data: TrainingSet, cues: dict[str, Floats], kind: str, rows: Ints, seed: int) -> Shortcuts:
    chosen = np.zeros(len(data.y), np.bool_)
    chosen[rows] = True
    count = len(np.unique(data.y[rows]))
    folds = make_folds(data.y, data.groups, (), chosen, chosen, most=FOLDS, labels=count, seed=seed)
    if folds is None:
        raise LabelsError(f"{kind}: too few articles for folds that have every label in training")
    given: dict[tuple[str, bool], Ints] = {}
    majority = np.zeros(len(data.y), np.int64)
    for fold in folds:
        train, test = np.flatnonzero(fold.train), np.flatnonzero(fold.test)
        majority[test] = np.bincount(data.y[train]).argmax()
        for cue, numbers in cues.items():
            for balanced in (False, True):
                labels = given.setdefault((cue, balanced), np.zeros(len(data.y), np.int64))
                labels[test] = _guess(numbers[train], data.y[train], numbers[test], seed, balanced=balanced)

    def score(guess: Ints) -> Scores:
        return score_labels(data.y[rows], guess[rows], data.groups[rows], data.labels, seed=seed)

    found = (Shortcut(cue, score(given[cue, False]), score(given[cue, True])) for cue in cues)
    return Shortcuts(kind, score(majority), tuple(found))


def _guess(numbers: Floats, y: Ints, asked: Floats, seed: int, *, balanced: bool) -> Ints:
    """Return the labels that a logistic regression on binned numbers gives: it may bend as the data does."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer, StandardScaler

    weight = "balanced" if balanced else None
    regression = LogisticRegression(C=0.1, solver="liblinear", class_weight=weight, random_state=seed)
    bend = SplineTransformer(n_knots=_BINS // 2, degree=2, knots="quantile", extrapolation="constant")
    steps = [bend] if numbers.shape[1] < _BENT else []
    spread = numbers.max(axis=0) > numbers.min(axis=0)
    if not spread.any():  # no paragraph has it, or all have the same
        return np.full(len(asked), np.bincount(y).argmax())
    pipeline = make_pipeline(*steps, StandardScaler(), OneVsRestClassifier(regression))
    guess: Ints = pipeline.fit(numbers[:, spread], y).predict(asked[:, spread])
    return guess
