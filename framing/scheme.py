"""The labels of a comparison and the model that predicted: at hand, or as far as an export and an audit tell of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from framing.codebook import Codebook, Frame
from framing.comparison import Label, ModelAbout
from framing.errors import ModelError
from framing.loading import load_model
from framing.model import DEFAULT_MODEL, Model
from framing.predicted import Corpus
from framing.question import Question


@dataclass(frozen=True, slots=True)
class Scheme:
    """The labels, and the model where it is at hand."""

    labels: tuple[Label, ...]
    codebook: Codebook
    model: Model | None
    about: ModelAbout


def find_scheme(question: Question, corpus: Corpus) -> Scheme:
    """Find the model and the labels."""
    exported = corpus.exported
    model: Model | None = None
    if exported is None:
        model = load_model(question.model or DEFAULT_MODEL)
    else:
        try:
            model = load_model(question.model or exported.model)
        except ModelError:
            if question.model is not None:
                raise
        if model is not None and model.fingerprint != exported.fingerprint:
            if question.model is not None:
                raise ModelError(
                    f"{question.inputs[0]} was scored by the model {exported.model} ({exported.fingerprint}), not by "
                    f"{question.model} ({model.fingerprint}); leave -m out, or score anew"
                )
            model = None
    if model is not None:
        facts = model.facts
        about = ModelAbout(
            facts.name, facts.fingerprint, facts.codebook, facts.codebook_version, facts.question, facts.headline_kind,
            facts.unseen_sources, facts.unseen_articles, facts.majority, facts.notice, at_hand=True,
        )  # fmt: skip
        return Scheme(_labels_of(model.codebook), model.codebook, model, about)
    assert exported is not None
    about = ModelAbout(
        exported.model, exported.fingerprint, None, None, None, None, None, None, None, exported.notice, at_hand=False
    )
    codebook = Codebook("labels", 1, "Which label does this text get?", tuple(Frame(n, n) for n in exported.labels))
    return Scheme(_labels_of(codebook), codebook, None, about)


def _labels_of(codebook: Codebook) -> tuple[Label, ...]:
    return tuple(Label(one, codebook.titles[one], one == codebook.none_label) for one in codebook.labels)


def with_codebook(scheme: Scheme, codebook: Codebook) -> Scheme:
    """Return the scheme with the titles and the none label of the audit's codebook, where the model is not at hand."""
    known = {label.id for label in scheme.labels}
    if scheme.model is not None or codebook is scheme.codebook or set(codebook.labels) != known:
        return scheme
    labels = tuple(Label(one.id, codebook.titles[one.id], one.id == codebook.none_label) for one in scheme.labels)
    about = replace(scheme.about, codebook=codebook.name, codebook_version=codebook.version, question=codebook.question)
    return replace(scheme, labels=labels, about=about)
