"""What the pages of `framing serve` are about: one labels folder, and what works beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from framing.codingstate import CodingState
from framing.errors import ModelError
from framing.store import find_model, find_model_by_name
from framing.suggestions import MODELS, Suggestions
from framing.trainjob import TrainJob
from framing.webcompare import Compared, ComparePage, comparison_of
from framing.webreading import Reading


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages are about."""

    state: CodingState
    suggestions: Suggestions
    reading: Reading
    training: TrainJob
    comparison: ComparePage
    suggest: bool = False
    """Whether the model's suggestion is shown before the code is given."""


def make_site(
    labels: Path,
    *,
    model: str | None = None,
    suggest: bool = False,
    compared: Compared | None = None,
    say: Callable[[str], None] = print,
) -> Site:
    """Return what the pages of a labels folder need.

    Raises LabelsError where there is nothing to be coded, ModelError where there is no such model.
    """
    state = CodingState(labels)
    if model is not None:
        find_model(model)
    own = labels / MODELS / state.folder.codebook.name

    def model_to_read_with() -> str | None:
        if model is not None or own.is_dir():
            return model or str(own)
        try:
            return str(find_model_by_name(state.folder.codebook.name))
        except ModelError:
            return None

    def compare() -> str:
        assert compared is not None
        return comparison_of(compared, model or (str(own) if own.is_dir() else None), say)

    suggestions, reading = Suggestions(state, model), Reading(model_to_read_with)
    comparison = ComparePage(compare if compared else None)

    def use_new_model() -> None:
        reading.forget_models()
        comparison.forget()
        suggestions.start(again=True)

    return Site(state, suggestions, reading, TrainJob(labels, own, use_new_model), comparison, suggest)
