"""An outside benchmark: `python -m tests.benchmarks.newsmtsc FOLDER` trains on train.jsonl and judges on dev.jsonl.

FOLDER holds NewsMTSC (Hamborg and Donnay 2021) as rows of text, target and label. Beside the model stand two peers that
are fitted on the same rows in the same run: word 1-2 TF-IDF with logistic regression on the sentence, and a linear SVM
on characters of the sentence and words in a window around the target. Differences are paired; their 95 % intervals are
from resampling articles (rows that name none are one each).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from framing import load_labels
from framing.folds import number_groups
from framing.labels import Labels, Unit, gold
from framing.metrics import RESAMPLES, macro_f1
from framing.tokens import Ints
from framing.training import train

WINDOW = 12
"""Words on each side of the target that the SVM sees."""


def main() -> None:
    """Train, judge and print."""
    folder = Path(sys.argv[1])
    known, asked = (load_labels(folder / f"{name}.jsonl") for name in ("train", "dev"))
    labels = known.codebook.labels
    y, y_asked = (_numbers(one, labels) for one in (known, asked))
    print(f"NewsMTSC: {len(y)} rows to train on, {len(y_asked)} to judge; macro-F1, accuracy")
    with tempfile.TemporaryDirectory() as place:
        model = train(known).save(Path(place) / "newsmtsc")
        ours = model.predict([unit.text for unit in asked.units], [unit.target for unit in asked.units])[0].argmax(
            axis=1
        )
    guesses = {"framing": ours, **_peers(known.units, y, asked.units)}
    for name, guess in guesses.items():
        print(f"{name:40} {macro_f1(y_asked, guess, len(labels)):.3f}  {(guess == y_asked).mean():.3f}")
    articles = number_groups([unit.article for unit in asked.units])
    for name, guess in guesses.items():
        if guess is not ours:
            print(f"framing less {name}: {_difference(y_asked, ours, guess, articles, len(labels))}")


def _numbers(labels: Labels, names: Sequence[str]) -> Ints:
    given = gold(labels).labels
    return np.array([names.index(given[unit.id]) for unit in labels.units])


def _peers(known: Sequence[Unit], y: Ints, asked: Sequence[Unit]) -> dict[str, Ints]:
    """Return what the peers say of the units that are asked."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union
    from sklearn.svm import LinearSVC

    plain = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(max_iter=2000, class_weight="balanced")
    )
    sentence = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, preprocessor=_sentence)
    window = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, preprocessor=_window)
    svm = make_pipeline(make_union(sentence, window), LinearSVC(C=0.1, class_weight="balanced"))
    plain.fit([unit.text for unit in known], y)
    svm.fit(known, y)
    guess = plain.predict([unit.text for unit in asked])
    return {"word 1-2 TF-IDF + logistic regression": guess, "character and window SVM": svm.predict(asked)}


def _sentence(unit: Unit) -> str:
    return unit.text.lower()


def _window(unit: Unit) -> str:
    """Return the words around the first mention of the target, which is one common word."""
    text, target = unit.text.lower(), (unit.target or "").lower()
    before, _, after = text.partition(target)
    return " ".join([*before.split()[-WINDOW:], "target", *after.split()[:WINDOW]])


def _difference(y: Ints, one: Ints, other: Ints, articles: Ints, labels: int) -> str:
    """Return the difference of macro-F1 with its 95 % interval over articles."""
    rng = np.random.default_rng(0)
    rows = [np.flatnonzero(articles == article) for article in np.unique(articles)]
    drawn = []
    for _ in range(RESAMPLES):
        at = np.concatenate([rows[place] for place in rng.integers(0, len(rows), len(rows))])
        drawn.append(macro_f1(y[at], one[at], labels) - macro_f1(y[at], other[at], labels))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"macro-F1 {macro_f1(y, one, labels) - macro_f1(y, other, labels):+.3f} ({low:+.3f} to {high:+.3f})"


if __name__ == "__main__":
    main()
