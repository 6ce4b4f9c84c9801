"""Predictions of fold models put together so that no label of the audit had a part in them (Zrnic and Candes 2024).

An audited paragraph gets the fold model that did not learn from it. Every other paragraph of its group gets the fold
models in the parts in which the group's audited paragraphs (by their weights) have them: a fold model that says a
label too often then does so by the same part on both sides, and drops out of the correction. With a plain mean it
would not in a group that was audited mostly in one fold.
"""

from __future__ import annotations

import numpy as np

from framing.features import Floats
from framing.tokens import Ints

SEEN, WHOLE = -2, -1
"""Instead of a fold: every model at hand learned from the unit, or the model as a whole did not."""


def mix_folds(each: Floats, group: Ints, audited: Ints, folds: Ints, weights: Floats) -> Floats:
    """Return the predictions (n, K) of n paragraphs in groups (n), of which F fold models say `each` (n, F, K).

    `audited` (m) are places among them, `folds` (m) their folds, SEEN (every label is as likely) or WHOLE (predicted
    like unlabelled ones), `weights` (m) the inverses of their inclusion probabilities. A group without any audited
    paragraph in a fold gets the plain mean.
    """
    _, models, labels = each.shape
    learned = folds >= 0
    rows, own = audited[learned], folds[learned]
    size = (int(group.max(initial=0)) + 1) * models
    parts = np.bincount(group[rows] * models + own, weights[learned], size).reshape(-1, models)
    parts[parts.sum(axis=1) == 0] = 1
    parts = parts / parts.sum(axis=1, keepdims=True)
    predicted: Floats = np.einsum("nfk,nf->nk", each, parts[group])
    predicted[rows] = each[rows, own]
    predicted[audited[folds == SEEN]] = 1 / labels
    return predicted
