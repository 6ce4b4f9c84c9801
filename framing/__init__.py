"""Measure how news frames an actor, paragraph by paragraph, with the evidence for every label.

import framing

model = framing.load_model()                      # the default model; or a name or a path
article = model.score(text)                       # framing.ScoredArticle: plain frozen values
labels = framing.load_labels("labels")            # a folder or a flat file
model = framing.train(labels).save("models/mine")
framing.evaluate(model, other_labels)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from framing.codebook import Codebook as Codebook
    from framing.codebook import load_codebook as load_codebook
    from framing.errors import FramingError as FramingError
    from framing.errors import InputError as InputError
    from framing.errors import LabelsError as LabelsError
    from framing.errors import ModelError as ModelError
    from framing.evaluation import Evaluation as Evaluation
    from framing.evaluation import evaluate as evaluate
    from framing.labelfiles import load_labels as load_labels
    from framing.labels import Labels as Labels
    from framing.loading import load_model as load_model
    from framing.model import Model as Model
    from framing.read import read_articles as read_articles
    from framing.records import Article as Article
    from framing.records import Evidence as Evidence
    from framing.records import ScoredArticle as ScoredArticle
    from framing.records import ScoredParagraph as ScoredParagraph
    from framing.training import Trained as Trained
    from framing.training import train as train
    from framing.version import __version__ as __version__

# Names are imported when they are first used, so that `framing --help` and `framing score` load no more than they need.
_HOMES = {
    "Codebook": "codebook",
    "load_codebook": "codebook",
    "FramingError": "errors",
    "InputError": "errors",
    "LabelsError": "errors",
    "ModelError": "errors",
    "Evaluation": "evaluation",
    "evaluate": "evaluation",
    "Labels": "labels",
    "load_labels": "labelfiles",
    "Model": "model",
    "load_model": "loading",
    "read_articles": "read",
    "Article": "records",
    "Evidence": "records",
    "ScoredArticle": "records",
    "ScoredParagraph": "records",
    "Trained": "training",
    "train": "training",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        return import_module("framing.version").__version__
    if name in _HOMES:
        return getattr(import_module(f"framing.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'framing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
