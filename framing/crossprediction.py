"""Predictions that no label of the audit had a part in, where the model was trained on audited paragraphs.

A model fits the paragraphs that it learned from better than others, so that their residuals correct too little. Where
audited paragraphs (or near-copies of them, or other paragraphs of their articles) were in training, each gets the
prediction of the fold model that did not learn from it, and every other paragraph the mean of the same fold
models (cross-prediction: Zrnic and Candes 2024, section 2). Where no fold model is without a paragraph, nothing is
predicted for its article at all: every label gets the same share, for the labelled and the others alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.features import Floats
from framing.labels import Unit
from framing.linear import Linear
from framing.loading import load_fold_models
from framing.metrics import probabilities
from framing.model import Model
from framing.outoffold import SEEN, WHOLE, fold_of_units
from framing.tokens import Ints

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Crossing:
    """The fold models, and for each audited unit the fold that did not learn from it (WHOLE: none did; SEEN: all)."""

    model: Model
    members: tuple[Linear, ...]
    folds: Ints

    @property
    def in_training(self) -> int:
        """How many audited units the model learned from."""
        return int((self.folds != WHOLE).sum())

    def predict(self, texts: Sequence[str], targets: Sequence[str | None]) -> Floats:
        """Return the mean of the fold models' probabilities (n, K)."""
        parts = [np.zeros((0, len(self.model.labels)))]
        for at in range(0, len(texts), _BATCH):
            names = [self.model.names(target) for target in targets[at : at + _BATCH]]
            chosen = texts[at : at + _BATCH]
            each = [probabilities(member.apply(chosen, names).logits) for member in self.members]
            parts.append(np.mean(each, axis=0))
        return np.concatenate(parts)

    def predict_audited(self, units: Sequence[Unit]) -> Floats:
        """Return the probabilities (m, K) of the audited units, in the order of `folds`."""
        shares = self.predict([unit.text for unit in units], [unit.target for unit in units])
        for row in np.flatnonzero(self.folds != WHOLE).tolist():
            unit, fold = units[row], int(self.folds[row])
            if fold == SEEN:
                shares[row] = 1 / len(self.model.labels)
            else:
                names = [self.model.names(unit.target)]
                shares[row] = probabilities(self.members[fold].apply([unit.text], names).logits)[0]
        return shares

    def unknown_articles(self, units: Sequence[Unit]) -> frozenset[str]:
        """Return the articles for which nothing is predicted."""
        return frozenset(
            unit.article or unit.id for unit, fold in zip(units, self.folds, strict=True) if int(fold) == SEEN
        )


def find_crossing(model: Model, units: Sequence[Unit]) -> Crossing:
    """Say which audited units the model learned from, and load its fold models. Raises ModelError."""
    return Crossing(model, tuple(load_fold_models(model)), fold_of_units(model, units))
