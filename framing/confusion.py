"""What model.json tells of how the model errs: its cross-validated confusion, as labelled paragraphs in clusters.

The confusion counts paragraphs, and its accuracy has an interval over resampled sources or articles. How much longer
that is than for independent paragraphs (the design effect, Kish 1965, section 8.2) says into clusters of which size
the paragraphs belong: clusters of paragraphs that err alike, so that resampling them gives that uncertainty back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.errors import ModelError
from framing.tokens import Ints

_NORMAL = 1.959964


@dataclass(frozen=True, slots=True)
class Confusion:
    """The m evaluated paragraphs: true label, predicted label and cluster of each, and of what they are."""

    gold: Ints
    given: Ints
    cluster: Ints
    of: str


def training_confusion(manifest: Mapping[str, Any]) -> Confusion:
    """Return the confusion on sources, else articles, that the model had not seen. Raises ModelError."""
    try:
        scores = manifest["scores"]
        scheme = "unseen_sources" if scores["unseen_sources"] else "unseen_articles"
        found = scores[scheme]["sets"][scores["headline_kind"] or "all"]
        table = np.array(found["confusion"], dtype=np.int64)
        accuracy = found["accuracy"]
        if table.ndim != 2 or table.shape[0] != table.shape[1] or (table < 0).any() or table.sum() < 2:
            raise ValueError
        half = (float(accuracy["high"]) - float(accuracy["low"])) / 2
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("model.json holds no cross-validated confusion; make the model anew") from error
    labels, total = len(table), int(table.sum())
    right = min(max(float(np.trace(table)) / total, 1e-6), 1 - 1e-6)
    effect = max((half / _NORMAL) ** 2 / (right * (1 - right) / total), 1.0)
    cells = np.repeat(np.arange(labels * labels), table.ravel())
    # Never fewer than two clusters, or nothing could be resampled.
    clusters = np.minimum((np.arange(total) / min(effect, total / 2)).astype(np.int64), total - 1)
    of = "sources" if scheme == "unseen_sources" else "articles"
    return Confusion(cells // labels, cells % labels, clusters, of)
