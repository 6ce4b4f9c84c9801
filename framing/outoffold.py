"""What a model says of labelled units without having learned from them, or from anything like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from framing.duplicates import clusters, find_all_near, sign, sign_articles
from framing.features import Floats
from framing.foldmix import SEEN, WHOLE
from framing.labels import Unit
from framing.loading import load_fold_models, load_training_units
from framing.metrics import probabilities
from framing.model import Model
from framing.tokens import Bools, Ints


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Calibrated probabilities (n, K) of n units; rows where `known` is False have none."""

    shares: Floats
    known: Bools


def predict_out_of_fold(model: Model, units: Sequence[Unit]) -> OutOfFold:
    """Return what the model says of units that it may have been trained on.

    A unit that was in training (or a near-copy of it, or another paragraph of its article) gets the prediction of the
    model that was trained without its fold; a unit that has nothing to do with the training gets the model's own. Where
    neither can be had (the folds of its copies and of its article differ, the fold of its article is not known, or it
    stands among the short sentences), it gets none. Raises ModelError.
    """
    folds = fold_of_units(model, units)
    shares = np.full((len(units), len(model.labels)), 1.0 / len(model.labels))
    members = load_fold_models(model)
    for fold in sorted(set(folds.tolist()) - {SEEN}):
        member = model if fold == WHOLE else replace(model, linear=members[fold])
        rows = np.flatnonzero(folds == fold)
        chosen = [units[row] for row in rows.tolist()]
        logits, _ = member.predict([unit.text for unit in chosen], [unit.target for unit in chosen])
        shares[rows] = probabilities(logits)
    return OutOfFold(shares, folds != SEEN)


def fold_of_units(model: Model, units: Sequence[Unit]) -> Ints:
    """Return the fold of the model that did not learn from each unit; WHOLE: the model itself; SEEN: none."""
    training = load_training_units(model)
    signatures = sign([unit.text for unit in units])
    family = clusters(signatures, [unit.article for unit in units]).tolist()
    of_family: dict[int, set[int]] = {}
    met: set[str] = set()  # articles of which a training paragraph is here, so that their fold is the family's
    copied = find_all_near(signatures, training.signatures)
    for number, (unit, mine, copies) in enumerate(zip(units, family, copied, strict=True)):
        signature = signatures[number]
        of_family.setdefault(mine, set()).update(training.fold[copies].tolist())
        if any(np.array_equal(signature, training.signatures[copy]) for copy in copies):
            met.add(unit.article or "")
    articles = set(training.articles.tolist())
    folds = []
    for unit, mine in zip(units, family, strict=True):
        found = of_family.get(mine, set())
        in_training = not articles.isdisjoint(sign_articles([unit.article]).tolist())
        if (in_training and unit.article not in met) or len(found) > 1 or -1 in found:
            folds.append(SEEN)
        else:
            folds.append(min(found, default=WHOLE))
    return np.array(folds, dtype=np.int64)
