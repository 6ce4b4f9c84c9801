"""What the model would say of the units that are being coded: found out of fold, beside the coding, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from framing.agreement import model_of
from framing.codingstate import CodingState
from framing.errors import FramingError
from framing.outoffold import predict_out_of_fold

MODELS = "models"
"""Where in a labels folder a model is that was trained from the page."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The likeliest label with its probability, 0 to 1."""

    label: str
    probability: float


@dataclass(slots=True)
class Suggestions:
    """The suggestions of one model for all units of a folder; `start` begins to find them."""

    state: CodingState
    model: str | None = None
    """A model's name or folder; None: one trained from the page, else that of the codebook's name."""
    why_none: str | None = "not asked for yet"
    """Why there are none; None where there are."""
    found: Mapping[str, Suggestion] = field(default_factory=dict)
    _thread: threading.Thread | None = None

    def start(self, *, again: bool = False) -> None:
        """Find the suggestions in the background, once, or `again` with a model that is new."""
        if self._thread is None or again:
            self.why_none = "still being worked out"
            self._thread = threading.Thread(target=self._find, daemon=True, name="suggestions")
            self._thread.start()

    def _find(self) -> None:
        try:
            with self.state.now() as folder:
                labels, own = folder.labels(), folder.path / MODELS / folder.codebook.name
            name = self.model or (str(own) if own.is_dir() else None)
            model, why = model_of(labels, name)
            if model is None:
                self.why_none = why
                return
            told = predict_out_of_fold(model, labels.units)
            best = told.shares.argmax(axis=1)
            rows = zip(labels.units, best.tolist(), told.shares.max(axis=1).tolist(), told.known.tolist(), strict=True)
            self.found = {
                unit.id: Suggestion(model.labels[label], share) for unit, label, share, known in rows if known
            }
            self.why_none = None
        except FramingError as error:
            self.why_none = str(error)
