"""Fold models for a comparison whose audit the model learned from.

A model fits the paragraphs that it learned from better than others, so that their residuals correct too little. Where
audited paragraphs (or near-copies of them, or other paragraphs of their articles) were in training, all paragraphs are
predicted by the fold models (cross-prediction: Zrnic and Candes 2024, section 2), which are put together group by group
(framing/foldmix.py). Where no fold model is without a paragraph, nothing is predicted for its article at all: every
label gets the same share, for the labelled and the others alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.features import Floats
from framing.foldmix import SEEN, WHOLE
from framing.labels import Unit
from framing.linear import Linear
from framing.loading import load_fold_models
from framing.metrics import probabilities
from framing.model import Model
from framing.outoffold import fold_of_units
from framing.tokens import Ints


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
        """Return the probabilities (n, F, K) of each of the F fold models."""
        names = [self.model.names(target) for target in targets]
        each = [probabilities(member.apply(texts, names).logits) for member in self.members]
        return np.stack(each, axis=1)

    def unknown_articles(self, units: Sequence[Unit]) -> frozenset[str]:
        """Return the articles for which nothing is predicted."""
        return frozenset(
            unit.article or unit.id for unit, fold in zip(units, self.folds, strict=True) if int(fold) == SEEN
        )


def find_crossing(model: Model, units: Sequence[Unit]) -> Crossing:
    """Say which audited units the model learned from; its fold models are loaded if it did. Raises ModelError."""
    folds = fold_of_units(model, units)
    return Crossing(model, tuple(load_fold_models(model)) if (folds != WHOLE).any() else (), folds)
