"""What more labels bring: `python -m tests.benchmarks.learning_curve` trains on parts of labels/ and judges by source.

Macro-F1 on the restated paragraphs of sources that the part knows nothing of, five folds of whole sources, with the
settings that the default model records. The set-aside sources are not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from framing import load_labels
from framing.folds import make_folds
from framing.labels import gold
from framing.learn import count_features, predict
from framing.lexicon import Lexicon
from framing.metrics import score_labels
from framing.search import learn_rows
from framing.tokens import Bools
from framing.training import recorded_settings
from framing.trainingset import TrainingSet, training_set

ROOT = Path(__file__).parent.parent.parent
SHARES = ((0.25, 1.0), (0.5, 1.0), (1.0, 1.0), (1.0, 0.5), (1.0, 0.25), (1.0, 0.0))
"""Of paragraphs (in whole articles) and of sentences (in whole batches)."""


def main() -> None:
    """Train on each part, judge and print."""
    labels = load_labels(ROOT / "labels")
    data = training_set(labels, gold(labels))
    settings = recorded_settings(ROOT / "models" / "russia-mediator")
    counts = count_features(data.texts, data.names, settings.features, labels.codebook.stemmer, Lexicon(data.lexicon))
    every = np.ones(len(data.y), np.bool_)
    folds = make_folds(data.y, data.sources, data.apart, data.is_unit, every, most=5, labels=len(data.labels), seed=0)
    assert folds is not None
    judged = np.flatnonzero(data.headline)
    print("paragraphs  sentences  macro-F1 of restated paragraphs of unseen sources (95 % interval)")
    for share in SHARES:
        kept = _part(data, *share)
        logits = np.zeros((len(data.y), len(data.labels)))
        sizes = []
        for fold in folds:
            train = fold.train & kept
            part = learn_rows(counts, data, train, settings, 0)
            rows = np.flatnonzero(fold.test)
            logits[rows] = predict(counts, part, rows)
            sizes.append(((train & data.is_unit).sum(), (train & ~data.is_unit).sum()))
        found = score_labels(data.y[judged], logits[judged].argmax(axis=1), data.sources[judged], data.labels, seed=0)
        paragraphs, sentences = np.mean(sizes, axis=0)
        value = found.macro_f1
        print(f"{paragraphs:10.0f} {sentences:10.0f}  {value.value:.3f} ({value.low:.3f}-{value.high:.3f})")


def _part(data: TrainingSet, paragraphs: float, sentences: float) -> Bools:
    """Return a random part of the rows, in whole articles."""
    rng = np.random.default_rng(1)
    chance = rng.random(int(data.articles.max()) + 1)[data.articles]
    part: Bools = np.where(data.is_unit, chance < paragraphs, chance < sentences)
    return part


if __name__ == "__main__":
    main()
