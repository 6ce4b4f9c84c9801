"""What `framing agree` finds: how far the coders, and the model beside them, agree, and what to look at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from framing.agree import MISSING, Agreement, code_table, measure, one_against_rest
from framing.disputes import (
    Copies,
    Dispute,
    Suspect,
    find_disputes,
    find_suspects,
    find_unlike_copies,
)
from framing.errors import ModelError
from framing.folds import number_groups
from framing.labels import Code, Labels, gold
from framing.loading import load_model
from framing.model import Model
from framing.outoffold import OutOfFold, predict_out_of_fold
from framing.records import Interval
from framing.store import find_model_by_name
from framing.tokens import Ints


@dataclass(frozen=True, slots=True)
class ModelAgreement:
    """The model as one more coder, by its out-of-fold labels."""

    name: str
    fingerprint: str
    units: int
    """Units that it labelled."""
    pairs: Mapping[str, Agreement]
    """Its agreement with each coder."""
    range: tuple[float, float] | None
    """The lowest and the highest alpha of two coders; with one pair only, the 95 % interval of its alpha."""
    position: str | None
    """Whether its mean alpha with the coders lies "below", "inside" or "above" that range; None: cannot be said."""


@dataclass(frozen=True, slots=True)
class Report:
    """Agreement in all, for each label against the rest, for each pair of coders, and what to look at again."""

    labels: Labels
    coders: Mapping[str, int]
    """How many units each coder labelled."""
    skips: Mapping[str, int]
    overall: Agreement
    by_label: Mapping[str, Agreement]
    by_pair: Mapping[tuple[str, str], Agreement]
    model: ModelAgreement | None
    disputes: tuple[Dispute, ...]
    suspects: tuple[Suspect, ...]
    """Empty without a model."""
    copies: tuple[Copies, ...]
    adjudicated: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "codebook": {"name": self.labels.codebook.name, "version": self.labels.codebook.version},
            "coders": {name: self._coder(name) for name in self.coders},
            "overall": self.overall.to_dict(),
            "by_label": {label: one.to_dict() for label, one in self.by_label.items()},
            "by_pair": [{"coders": list(pair)} | one.to_dict() for pair, one in self.by_pair.items()],
            "model": _model_dict(self.model),
            "adjudicated": self.adjudicated,
            "disputes": [_dispute_dict(one) for one in self.disputes],
            "suspects": [_suspect_dict(one) for one in self.suspects],
            "copies": [
                {"units": [one.one.id, one.other.id], "labels": list(one.labels), "text": one.one.text}
                for one in self.copies
            ],
        }

    def _coder(self, name: str) -> dict[str, Any]:
        known = self.labels.coders.get(name)
        about = {"kind": known.kind, "description": known.description} if known else {"kind": None, "description": None}
        version = known.codebook_version if known else None
        return about | {"codebook_version": version, "units": self.coders[name], "skips": self.skips[name]}


def agreement_report(labels: Labels, model: Model | None, *, seed: int = 0) -> Report:
    """Measure the agreement of the coders of `labels`, and of the model where there is one.

    Raises LabelsError where nobody has coded, ModelError where the model's files are damaged.
    """
    order = labels.codebook.labels
    units = [unit for unit in labels.units if any(unit.id in given for given in labels.codes.values())]
    articles = number_groups([unit.article or f"\0{unit.id}" for unit in units])
    table = code_table(labels.codes, [unit.id for unit in units], order)
    names = list(labels.codes)
    by_pair = {
        (names[a], names[b]): measure(table[:, [a, b]], len(order), articles, seed=seed)
        for a, b in combinations(range(len(names)), 2)
    }
    given = gold(labels)
    found = predict_out_of_fold(model, units) if model and units else None
    suspects: list[Suspect] = []
    compared = None
    if model is not None and found is not None:
        compared = _model_agreement(model, found, table, names, articles, by_pair, seed)
        number = {label: index for index, label in enumerate(order)}
        rows = [row for row, unit in enumerate(units) if unit.id in given.labels]
        y = np.array([number[given.labels[units[row].id]] for row in rows], dtype=np.int64)
        if rows:
            judged = [units[row] for row in rows]
            suspects = find_suspects(judged, y, found.shares[rows], found.known[rows], order)
    return Report(
        labels,
        {name: int((table[:, column] != MISSING).sum()) for column, name in enumerate(names)},
        {name: sum(code.label is None for code in labels.codes[name].values()) for name in names},
        measure(table, len(order), articles, seed=seed),
        {label: measure(one_against_rest(table, place), 2, articles, seed=seed) for place, label in enumerate(order)},
        by_pair,
        compared,
        tuple(find_disputes(labels, given)),
        tuple(suspects),
        tuple(find_unlike_copies(labels, given)),
        sum(code.label is not None for code in labels.adjudicated.values()),
    )


def model_of(labels: Labels, name: str | None) -> tuple[Model | None, str]:
    """Return the model to compare: the one named, else that of the codebook's name; None with the reason.

    Raises ModelError where a named one cannot be loaded, or has other labels.
    """
    try:
        model = load_model(name or find_model_by_name(labels.codebook.name))
    except ModelError as error:
        if name is not None:
            raise
        return None, str(error)
    if model.labels == labels.codebook.labels:
        return model, ""
    why = f"the model {model.name} has other labels ({', '.join(model.labels)})"
    if name is not None:
        raise ModelError(f"{why} than {', '.join(labels.codebook.labels)}; train one on these labels")
    return None, why


def _model_agreement(
    model: Model,
    found: OutOfFold,
    table: Ints,
    names: Sequence[str],
    articles: Ints,
    by_pair: Mapping[tuple[str, str], Agreement],
    seed: int,
) -> ModelAgreement:
    """Compare the model with each coder; its range is that of the coders' pairs."""
    own = np.where(found.known, found.shares.argmax(axis=1), MISSING)
    pairs = {
        name: measure(np.stack([own, table[:, column]], axis=1), len(model.labels), articles, seed=seed)
        for column, name in enumerate(names)
    }
    between = [one.alpha for one in by_pair.values() if one.alpha]
    mine = [one.alpha.value for one in pairs.values() if one.alpha]
    ends = _range(between)
    position = None
    if ends and mine:
        mean = sum(mine) / len(mine)
        position = "below" if mean < ends[0] else "above" if mean > ends[1] else "inside"
    return ModelAgreement(model.name, model.fingerprint, int(found.known.sum()), pairs, ends, position)


def _range(alphas: Sequence[Interval]) -> tuple[float, float] | None:
    """Return the lowest and the highest of several alphas, the interval of a single one.

    Pairs whose interval cannot be told share too little to say where the coders stand.
    """
    told = [one for one in alphas if one.low > -1]
    if len(told) == 1:
        return told[0].low, told[0].high
    values = [one.value for one in told]
    return (min(values), max(values)) if values else None


def _model_dict(model: ModelAgreement | None) -> dict[str, Any] | None:
    if model is None:
        return None
    return {
        "name": model.name,
        "fingerprint": model.fingerprint,
        "units": model.units,
        "by_coder": {name: one.to_dict() for name, one in model.pairs.items()},
        "coders_range": list(model.range) if model.range else None,
        "position": model.position,
    }


def _dispute_dict(one: Dispute) -> dict[str, Any]:
    return {
        "id": one.unit.id,
        "text": one.unit.text,
        "inclusion": one.unit.inclusion,
        "codes": {coder: _code_dict(code) for coder, code in one.codes.items()},
        "rules": [{"number": rule.number, "label": rule.label, "text": rule.text} for rule in one.rules],
        "alike": one.alike,
    }


def _code_dict(code: Code) -> dict[str, Any]:
    return {"label": code.label, "secondary": code.secondary, "sure": code.sure, "comment": code.comment}


def _suspect_dict(one: Suspect) -> dict[str, Any]:
    return {
        "id": one.unit.id,
        "text": one.unit.text,
        "label": one.label,
        "probability": round(one.probability, 6),
        "instead": one.instead,
        "instead_probability": round(one.instead_probability, 6),
    }
