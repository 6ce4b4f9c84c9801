"""Loading a model: its files are read as plain values, and checked to belong together before they are used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from framing.codebook import Codebook
from framing.duplicates import SIGNATURE, Signatures
from framing.errors import LabelsError, ModelError
from framing.features import FeatureSettings
from framing.forms import PackedForms
from framing.lexicon import Lexicon
from framing.linear import Linear
from framing.model import DEFAULT_MODEL, Limits, Model, share_of
from framing.places import BLOCKS, block_of, forms_of
from framing.store import MODEL_JSON, Array, find_model, read_arrays, read_manifest
from framing.tokens import Ints

WEIGHTS_FILE, SIGNATURES_FILE = "weights.npz", "signatures.npz"
_MAIN = {
    "forms": ("|u1", 1),
    "form_offsets": ("<i8", 1),
    "keys": ("<i8", 1),
    "idf": ("<f4", 1),
    "weights": ("<f4", 2),
    "intercept": ("<f8", 1),
    "function_words": ("<i8", 1),
}
_FOLDS = {"fold_idf": ("<f4", 2), "fold_weights": ("<f4", 3), "fold_intercept": ("<f8", 2)}
_SIGNATURES = {"hashes": ("<u4", 1), "offsets": ("<i8", 1), "fold": ("<i2", 1), "articles": ("<i8", 1)}
"""The arrays of a model, with their types and numbers of axes."""
_LONGEST_GRAM = 20


@dataclass(frozen=True, slots=True)
class TrainingUnits:
    """The training paragraphs as far as a model keeps them: near-copy signatures and the fold each was predicted in."""

    signatures: Signatures
    fold: Ints
    articles: Ints
    """Hashes of the ids of training articles, ascending (framing.duplicates.sign_articles)."""


def load_model(name: str | Path = DEFAULT_MODEL) -> Model:
    """Load a model: a path, or a name in ./models or among framing's own.

    Raises ModelError, in one line, where it is missing, damaged, foreign or newer than this program.
    """
    folder = find_model(name)
    manifest = read_manifest(folder)
    with _naming(folder / MODEL_JSON):
        codebook = Codebook.from_dict(manifest["codebook"])
        settings = feature_settings(manifest["settings"]["features"])
        lexicon = _lexicon(manifest["lexicon"]) if settings.lexicon else None
        article_limits, paragraph_limits = (
            Limits(share_of(manifest["limits"][key]["function"]), share_of(manifest["limits"][key]["known"]))
            for key in ("article", "paragraph")
        )
        _check_texts(manifest, codebook)
    arrays = _read(folder, manifest, WEIGHTS_FILE, _MAIN)
    with _naming(folder / WEIGHTS_FILE):
        linear = Linear(
            forms=PackedForms(arrays["forms"], arrays["form_offsets"]),
            keys=arrays["keys"],
            idf=arrays["idf"].astype(np.float64),
            weights=arrays["weights"].astype(np.float64),
            intercept=arrays["intercept"],
            settings=settings,
            language=codebook.stemmer,
            lexicon=lexicon,
            function_words=arrays["function_words"],
        )
        _check(linear, len(codebook.labels))
    model = Model(manifest["name"], codebook, linear, article_limits, paragraph_limits, manifest, folder)
    with _naming(folder / MODEL_JSON):
        _ = model.facts
    return model


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn whatever unusable content makes Python raise into a ModelError that names the file."""
    try:
        yield
    except (AttributeError, IndexError, KeyError, LabelsError, TypeError, ValueError) as error:
        known = isinstance(error, LabelsError | ValueError)
        reason = str(error) if known else "something in it is missing or of a wrong type"
        raise ModelError(f"{path} is not usable: {reason}; make the model anew with `framing train`") from None


def _read(
    folder: Path, manifest: Mapping[str, Any], file_name: str, kinds: Mapping[str, tuple[str, int]]
) -> dict[str, Array]:
    """Read arrays, and check their types and numbers of axes and that they hold numbers. Raises ModelError."""
    arrays = read_arrays(folder, manifest, file_name, tuple(kinds))
    with _naming(folder / file_name):
        for name, array in arrays.items():
            if (array.dtype.str, array.ndim) != kinds[name]:
                raise ValueError(f"{name} is of a wrong type or shape")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds what is no number")
    return arrays


def feature_settings(values: Mapping[str, Any]) -> FeatureSettings:
    """Return the features that plain values (of model.json) describe. Raises ValueError, KeyError or TypeError."""
    target, chars, lexicon = values["target"], values["chars"], values["lexicon"]
    if not isinstance(target, bool) or not isinstance(lexicon, bool):
        raise ValueError("the features are neither used nor unused")
    if chars is not None:
        shortest, longest = chars
        if type(shortest) is not int or type(longest) is not int or not 1 <= shortest <= longest <= _LONGEST_GRAM:
            raise ValueError("the sizes of the character n-grams are impossible")
        chars = (shortest, longest)
    return FeatureSettings(target, chars, lexicon)


def _lexicon(values: Mapping[str, Any]) -> Lexicon:
    for entries in values.values():
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise ValueError("the lexicon is not made of lists of words")
    return Lexicon(values)


def _check_texts(manifest: Mapping[str, Any], codebook: Codebook) -> None:
    """Raise ValueError where a text of the manifest is not one."""
    name, kind = manifest["name"], manifest["scores"]["headline_kind"]
    if not isinstance(name, str) or not name.isprintable():
        raise ValueError("the name is not printable text")
    if kind is not None and not isinstance(kind, str):
        raise ValueError("the headline kind is no text")
    if manifest["language"] != codebook.stemmer:
        raise ValueError("its language is not the codebook's")


def _check(linear: Linear, labels: int) -> None:
    """Raise ValueError where the arrays do not belong together."""
    count, forms = len(linear.keys), len(linear.forms)
    if linear.idf.shape != (count,) or linear.weights.shape != (labels, count) or linear.intercept.shape != (labels,):
        raise ValueError("the arrays do not belong together")
    blocks, (first, second) = block_of(linear.keys), forms_of(linear.keys)
    if not (np.diff(linear.keys) > 0).all() or ((blocks < 0) | (blocks >= BLOCKS) | (first < 0)).any():
        raise ValueError("the keys or forms are not in order")
    if (np.maximum(first, second) >= forms).any():
        raise ValueError("a key points outside the forms")
    if ((linear.function_words < 0) | (linear.function_words >= forms)).any():
        raise ValueError("a function word points outside the forms")


def load_training_units(model: Model) -> TrainingUnits:
    """Read the signatures of the model's training paragraphs. Raises ModelError."""
    if model.folder is None:
        raise ModelError("the model was not loaded from a folder")
    arrays = _read(model.folder, model.manifest, SIGNATURES_FILE, _SIGNATURES)
    hashes, offsets, fold = arrays["hashes"], arrays["offsets"], arrays["fold"]
    with _naming(model.folder / SIGNATURES_FILE):
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(hashes) or len(fold) != len(offsets) - 1:
            raise ValueError("the arrays do not belong together")
        sizes = np.diff(offsets)
        if ((sizes < 0) | (sizes > SIGNATURE)).any():
            raise ValueError("a signature has an impossible length")
        rising = np.diff(hashes.astype(np.int64)) > 0
        rising[offsets[(offsets > 0) & (offsets < len(hashes))] - 1] = True
        if not rising.all():
            raise ValueError("the hashes of a signature are not in order")
        folds = model.manifest["arrays"][WEIGHTS_FILE]["fold_idf"]["shape"][0]
        if ((fold < -1) | (fold >= folds)).any():
            raise ValueError("a paragraph is of a fold that is not there")
        if (np.diff(arrays["articles"]) <= 0).any():
            raise ValueError("the articles are not in order")
    return TrainingUnits(Signatures(hashes, offsets), fold.astype(np.int64), arrays["articles"])


def load_fold_models(model: Model) -> list[Linear]:
    """Read the models that predicted the training paragraphs out of fold, in the order of TrainingUnits.fold.

    Raises ModelError.
    """
    if model.folder is None:
        raise ModelError("the model was not loaded from a folder")
    arrays = _read(model.folder, model.manifest, WEIGHTS_FILE, _FOLDS)
    idf, weights, intercept = (arrays[name].astype(np.float64) for name in _FOLDS)
    labels, features = model.linear.weights.shape
    right = idf.shape == (len(idf), features) and weights.shape == (len(idf), labels, features)
    with _naming(model.folder / WEIGHTS_FILE):
        if not right or intercept.shape != (len(idf), labels):
            raise ValueError("the fold models do not belong to the model")
    parts = zip(idf, weights, intercept, strict=True)
    return [replace(model.linear, idf=one, weights=two, intercept=three) for one, two, three in parts]
