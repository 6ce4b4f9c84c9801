"""Choosing a model's settings: which features and how much regularisation, by macro-F1 on folds of whole articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from framing.features import FeatureSettings
from framing.folds import make_folds
from framing.learn import Counts, Part, Settings, fit, predict
from framing.loading import feature_settings
from framing.metrics import macro_f1
from framing.tokens import Bools
from framing.trainingset import TrainingSet

INNER_FOLDS = 3
CS = (1.0, 3.0, 10.0)
CHARS = (4, 6)
UNTRIED_C = 3.0
SENTENCE_WEIGHT = 0.15
"""The weight of a short sentence in training, a paragraph's being 1."""
WORTH = 0.005
"""Features that come so close to the best are as good; on 3,000 units a difference has about this standard error.

On labels/ the lexicon has come 0.004 to 0.012 above the same features without it; scoring takes a fifth longer with it.
"""
MOST_SEARCHED = 11_000
"""Settings are chosen on about this many rows at most, paragraphs of whole articles and short sentences together."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Settings with the macro-F1 that they reached out of fold."""

    settings: Settings
    macro_f1: float


def candidates(data: TrainingSet) -> list[FeatureSettings]:
    """Return the feature sets to choose among, simplest first: what the labels have no use for is not tried."""
    target, lexicon = any(data.names), bool(data.lexicon)
    plain = FeatureSettings(target=target)
    sets = [FeatureSettings(), plain, *([FeatureSettings(target=target, lexicon=True)] if lexicon else [])]
    sets += [FeatureSettings(target=target, chars=CHARS)]
    sets += [FeatureSettings(target=target, chars=CHARS, lexicon=True)] if lexicon else []
    return list(dict.fromkeys(sets))


def search(
    counts: Counts, data: TrainingSet, sets: Sequence[FeatureSettings], available: Bools, seed: int
) -> tuple[Settings, list[Tried]]:
    """Choose settings for the available rows by macro-F1 on inner folds of whole articles.

    `sets` come from the simplest to the richest. Where no folds can be made, all the features and C = 3 are chosen,
    untried.
    """
    available = available & _searched(data, available, seed)
    folds = make_folds(
        data.y, data.groups, data.apart, data.is_unit, available,
        most=INNER_FOLDS, labels=len(np.unique(data.y[available])), seed=seed,
    )  # fmt: skip
    if folds is None:
        return Settings(sets[-1], UNTRIED_C), []
    tried = []
    judged = np.flatnonzero(data.headline & available)
    for features in sets:
        for C in CS:
            settings = Settings(features, C)
            logits = np.zeros((len(data.y), len(data.labels)))
            for fold in folds:
                part = learn_rows(counts, data, fold.train, settings, seed)
                rows = np.flatnonzero(fold.test)
                logits[rows] = predict(counts, part, rows)
            tried.append(Tried(settings, macro_f1(data.y[judged], logits[judged].argmax(axis=1), len(data.labels))))
    return choose(tried), tried


def choose(tried: Sequence[Tried]) -> Settings:
    """Return the settings to use: features must be worth what they cost in time and space.

    Of the sets of features, which come from the simplest to the richest, the first is chosen whose best C comes within
    WORTH of the best of all.
    """
    best = max(one.macro_f1 for one in tried)
    worth = next(one.settings.features for one in tried if one.macro_f1 >= best - WORTH)
    return max((one for one in tried if one.settings.features == worth), key=lambda one: one.macro_f1).settings


def _searched(data: TrainingSet, available: Bools, seed: int) -> Bools:
    """Return a mask that keeps about MOST_SEARCHED of the rows at most: units in whole articles drawn at random, and
    the same share of the short sentences."""
    share = MOST_SEARCHED / max(int(available.sum()), 1)
    if share >= 1:
        return available
    rng = np.random.default_rng(seed)
    groups = np.unique(data.groups[data.is_unit & available])
    drawn = rng.permutation(groups)[: max(int(share * len(groups)), 1)]
    kept = np.isin(data.groups, drawn) & data.is_unit
    return kept | (~data.is_unit & (rng.random(len(kept)) < share))


def learn_rows(counts: Counts, data: TrainingSet, train: Bools, settings: Settings, seed: int) -> Part:
    """Learn from the rows of a training part, a short sentence weighing less than a paragraph."""
    weights = np.where(data.is_unit, 1.0, SENTENCE_WEIGHT)
    return fit(counts, data.y, weights, np.flatnonzero(train), len(data.labels), settings, seed)


def settings_dict(settings: Settings) -> dict[str, Any]:
    """Return settings as plain values."""
    features = asdict(settings.features)
    features["chars"] = list(settings.features.chars) if settings.features.chars else None
    return {"features": features, "C": settings.C}


def settings_from_dict(values: Mapping[str, Any]) -> Settings:
    """Return the settings that `settings_dict` described. Raises ValueError, KeyError or TypeError."""
    C = float(values["C"])
    if not 0 < C < np.inf:
        raise ValueError("C must be above 0")
    return Settings(feature_settings(values["features"]), C)
