"""Training: from hand labels to a model with its scores for articles and sources that it has not seen."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framing.agree import MISSING, code_table, krippendorff_alpha
from framing.card import model_card
from framing.checks import count_checks_by, halves_of, paired
from framing.crossval import OutOfFold, Progress, describe_scores, find_temperature, no_progress, out_of_fold, workers
from framing.errors import FramingError, LabelsError, ModelError
from framing.folds import Fold, make_folds
from framing.labels import Labels, gold
from framing.learn import Counts, Part, Settings, count_features, freeze, function_words, weighted
from framing.lexicon import Lexicon
from framing.limits import find_limits
from framing.linear import LEXICON_SCALE, Linear
from framing.loading import SIGNATURES_FILE, WEIGHTS_FILE, load_model
from framing.model import Model
from framing.places import AFTER, BEFORE, TARGET_FORM, WORDS, block_of, forms_of
from framing.search import (
    INNER_FOLDS,
    SENTENCE_WEIGHT,
    candidates,
    learn_rows,
    search,
    settings_dict,
    settings_from_dict,
)
from framing.store import MODEL_JSON, Array, check_replaceable, find_model, pack_forms, read_manifest, write_model
from framing.target import parse_names
from framing.tokens import Bools, Ints
from framing.trainingset import TrainingSet, training_set
from framing.version import __version__

ARTICLE_FOLDS = 5
MOST_SOURCE_FOLDS = 10
MANY_UNITS = 4000
"""With so many units there are ARTICLE_FOLDS folds of sources too: what each leaves is enough to learn from."""
FEW_PARAGRAPHS = 200
FEW_OF_A_LABEL = 20
WORDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained model before it is written: what goes into its files."""

    manifest: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Array]]

    def save(self, folder: Path | str, *, force: bool = False) -> Model:
        """Write the model and its card to `folder`, whose name becomes the model's.

        An earlier model there stays until the new one is whole. Raises FramingError where the folder cannot be
        written, where it is no model, and where it is a model of another codebook unless `force`.
        """
        folder = Path(folder)
        check_output(folder, self.manifest["codebook"]["name"], force=force)
        manifest = dict(self.manifest) | {"name": folder.resolve().name}
        write_model(folder, manifest, self.files, model_card(manifest))
        return load_model(folder)


def train(
    labels: Labels,
    *,
    gold_rule: str = "default",
    seed: int = 0,
    settings: Settings | None = None,
    progress: Progress = no_progress,
) -> Trained:
    """Train a model on hand labels; see `framing.load_labels`.

    With `settings` none are searched for, and the scores say that they are not nested. The same labels, seed and
    library versions give the same model. Raises LabelsError where nothing can be learned.
    """
    given = gold(labels, gold_rule)
    data = training_set(labels, given)
    progress("counting features", 0, 1)
    sets = candidates(data) if settings is None else [settings.features]
    lexicon = Lexicon(data.lexicon) if data.lexicon else None
    counts = count_features(data.texts, data.names, sets[-1], labels.codebook.stemmer, lexicon)
    if len(counts.keys) == 0:
        raise LabelsError("nothing to learn: no word stands in two of the texts")
    progress("counting features", 1, 1)

    every = np.ones(len(data.y), dtype=np.bool_)
    by_article = _folds(data, data.groups, every, ARTICLE_FOLDS, seed)
    by_source = _source_folds(data, every, seed)
    scores: dict[str, Any] = {"headline_kind": data.headline_kind, "nested": settings is None}
    asked = None
    found_of: dict[str, OutOfFold] = {}
    for key, folds, by in (("unseen_articles", by_article, data.groups), ("unseen_sources", by_source, data.sources)):
        scores[key] = None
        if folds:
            found = out_of_fold(counts, data, folds, sets, settings, seed, key.replace("_", " "), progress)
            scores[key] = describe_scores(data, found, by, seed)
            asked = folds, found  # of unseen sources, if there are any
            found_of[key] = found
    tried: list[dict[str, Any]] = []
    chosen = settings
    if chosen is None:
        progress("choosing settings", 0, 1)
        chosen, all_tried = search(counts, data, sets, every, seed)
        tried = [settings_dict(one.settings) | {"macro_f1": round(one.macro_f1, 6)} for one in all_tried]
        progress("choosing settings", 1, 1)
        if asked is not None:  # once more with the settings of the final model, which the temperature is for
            found = out_of_fold(counts, data, asked[0], sets, chosen, seed, "temperature", progress)
            asked = asked[0], found
    temperature = find_temperature(data, asked[1].logits, asked[1].fold >= 0) if asked else 1.0
    progress("final model", 0, 1)
    trained = _final(labels, data, counts, chosen, temperature, by_article or [], found_of.get("unseen_articles"), seed)
    progress("final model", 1, 1)
    manifest = dict(trained.manifest) | {
        "name": labels.codebook.name,
        "scores": scores,
        "gold_rule": gold_rule,
        "seed": seed,
        "settings": trained.manifest["settings"] | {"tried": tried},
        "data": dict(data.facts) | {"agreement": _agreement(labels, [*given.labels, *given.disputed])},
        "coders": {coder: {"kind": one.kind, "description": one.description} for coder, one in labels.coders.items()},
        "messages": [*labels.messages, *_warnings(data, by_article, by_source)],
    }
    return Trained(manifest, trained.files)


def _agreement(labels: Labels, coded: Sequence[str]) -> dict[str, Any]:
    """Return Krippendorff's alpha of the coders over all coded units, and for each kind where there are several."""
    kind_of = {unit.id: unit.kind or "unnamed" for unit in labels.units}
    sets = {"all": list(coded)}
    kinds = sorted({kind_of[unit] for unit in coded})
    if len(kinds) > 1:
        sets = {kind: [unit for unit in coded if kind_of[unit] == kind] for kind in kinds} | sets
    return {name: _alpha(labels, units) for name, units in sets.items()}


def _alpha(labels: Labels, units: Sequence[str]) -> dict[str, Any] | None:
    """Return the alpha of the units that two coders labelled, None where it is not defined."""
    table = code_table(labels.codes, units, labels.codebook.labels)
    table = table[(table != MISSING).sum(axis=1) > 1]
    alpha = krippendorff_alpha(table)
    if alpha is None:
        return None
    coders = [coder for coder, given in zip(labels.codes, (table != MISSING).any(axis=0), strict=True) if given]
    differ = sum(len(set(row) - {MISSING}) > 1 for row in table.tolist())
    return {"alpha": round(alpha, 6), "coders": sorted(coders), "units": len(table), "differ": differ}


def _folds(data: TrainingSet, groups: Ints, available: Bools, most: int, seed: int) -> list[Fold] | None:
    return make_folds(
        data.y, groups, data.apart, data.is_unit, available, most=most, labels=len(np.unique(data.y)), seed=seed
    )


def _source_folds(data: TrainingSet, available: Bools, seed: int) -> list[Fold] | None:
    """Paragraphs whose source nobody named are in no part: theirs might be the very source that is held out."""
    named = data.sources >= 0
    if data.facts["sources"] < 2 or not (data.headline & named).any():
        return None
    most = MOST_SOURCE_FOLDS if data.is_unit.sum() < MANY_UNITS else ARTICLE_FOLDS
    return _folds(data, data.sources, available & (named | ~data.is_unit), most, seed)


def _final(
    labels: Labels,
    data: TrainingSet,
    counts: Counts,
    settings: Settings,
    temperature: float,
    folds: Sequence[Fold],
    found: OutOfFold | None,
    seed: int,
) -> Trained:
    """Learn from all rows, and from all but each fold for the limits and the fold models.

    What was learned without a fold to predict it is taken from `found` where the settings are the same.
    """
    from joblib import Parallel, delayed

    earlier = zip(found.settings, found.parts, strict=True) if found else ()
    known = {number: part for number, (one, part) in enumerate(earlier) if one == settings}
    missing = [number for number in range(len(folds)) if number not in known]
    trains = [np.ones(len(data.y), dtype=np.bool_), *(folds[number].train for number in missing)]
    jobs = (delayed(learn_rows)(counts, data, train, settings, seed) for train in trains)
    whole, *learned = Parallel(n_jobs=workers(counts, len(trains)))(jobs)
    known |= zip(missing, learned, strict=True)
    parts = [known[number] for number in range(len(folds))]
    fold_of = np.full(len(data.y), -1, dtype=np.int64)
    for number, fold in enumerate(folds):
        fold_of[fold.test] = number
    linear, kept = freeze(counts, whole, settings, temperature)
    limits = find_limits(counts, data, parts, fold_of)
    manifest = {
        "framing": __version__,
        "libraries": {
            name: importlib.metadata.version(name) for name in ("numpy", "scikit-learn", "PyStemmer", "nltk")
        },
        "codebook": labels.codebook.to_dict(),
        "language": counts.language,
        "settings": settings_dict(settings)
        | {
            "sentence_weight": SENTENCE_WEIGHT,
            "lexicon_scale": LEXICON_SCALE,
            "inner_folds": INNER_FOLDS,
        },
        "temperature": round(temperature, 6),
        "limits": {key: {"function": one.function, "known": one.known} for key, one in limits.items()},
        "lexicon": {category: list(entries) for category, entries in data.lexicon.items()}
        if settings.features.lexicon
        else None,
        "words": _words(data, counts, whole),
        "checks": _checks(labels, linear),
        "features": len(linear.keys),
    }
    return Trained(
        manifest,
        {
            WEIGHTS_FILE: _weight_arrays(linear) | _fold_arrays(parts, kept, temperature, len(data.labels)),
            SIGNATURES_FILE: _signature_arrays(data, fold_of),
        },
    )


def _checks(labels: Labels, linear: Linear) -> dict[str, Any] | None:
    """Return how the model does on the minimal pairs, if there are any: they are in no part of its training."""
    if not labels.checks:
        return None
    logits = linear.apply(halves_of(labels.checks), [parse_names(labels.codebook.target)]).logits
    given = [labels.codebook.labels[number] for number in logits.argmax(axis=1).tolist()]
    return count_checks_by(labels.checks, paired(given))


def _weight_arrays(linear: Linear) -> dict[str, Array]:
    buffer, offsets = pack_forms(linear.forms)
    return {
        "forms": buffer,
        "form_offsets": offsets,
        "keys": linear.keys,
        "idf": linear.idf.astype(np.float32),
        "weights": linear.weights.astype(np.float32),
        "intercept": linear.intercept,
        "function_words": linear.function_words,
    }


def _fold_arrays(parts: Sequence[Part], kept: Bools, temperature: float, labels: int) -> dict[str, Array]:
    """Return the fold models over the columns of the final one, which has every feature that a fold model has."""
    features = int(kept.sum())
    idf = np.array([part.idf[kept] for part in parts], dtype=np.float32).reshape(len(parts), features)
    weights = np.array([part.weights[:, kept] / temperature for part in parts], dtype=np.float32)
    intercept = np.array([part.intercept / temperature for part in parts], dtype=np.float64)
    return {
        "fold_idf": idf,
        "fold_weights": weights.reshape(len(parts), labels, features),
        "fold_intercept": intercept.reshape(len(parts), labels),
    }


def _signature_arrays(data: TrainingSet, fold_of: Ints) -> dict[str, Array]:
    return {
        "hashes": data.signatures.hashes,
        "offsets": data.signatures.offsets,
        "fold": fold_of.astype(np.int16),
        "articles": data.article_hashes,
    }


def _words(data: TrainingSet, counts: Counts, part: Part) -> dict[str, list[str]]:
    """Return for each label the stems that add the most to its logit in its own paragraphs beyond what they add in
    those of the other labels, on average; what is made of function words and the target's name alone is left out."""
    blocks = block_of(counts.keys)
    plain = np.append(function_words(counts), -1)
    target = [number for number, form in enumerate(counts.forms) if form == TARGET_FORM]
    empty = np.isin(np.stack(forms_of(counts.keys)), np.append(plain, target)).all(axis=0)
    spelled = np.isin(blocks, [WORDS, BEFORE, AFTER]) & ~empty
    units = np.flatnonzero(data.is_unit)
    matrix = weighted(counts, part.idf, units)
    words: dict[str, list[str]] = {}
    for number, label in enumerate(data.labels):
        own = data.y[units] == number
        share = np.where(own, 1.0 / max(own.sum(), 1), -1.0 / max((~own).sum(), 1))
        beyond = np.bincount(matrix.column, matrix.value * share[matrix.row], minlength=len(counts.keys))
        adds = np.where(spelled & (part.weights[number] > 0), beyond * part.weights[number], 0.0)
        ranked = [column for column in np.argsort(-adds, kind="stable")[: 3 * WORDS_SHOWN].tolist() if adds[column] > 0]
        words[label] = list(dict.fromkeys(_spell(counts, column) for column in ranked))[:WORDS_SHOWN]
    return words


def _spell(counts: Counts, column: int) -> str:
    """Return a word feature for people: its stems, and on which side of the target it counts."""
    key = counts.keys[column : column + 1]
    first, second = (int(numbers[0]) for numbers in forms_of(key))
    text = counts.forms[first] + (f" {counts.forms[second]}" if second >= 0 else "")
    side = {BEFORE: " (before the target)", AFTER: " (after the target)"}.get(int(block_of(key)[0]), "")
    return text + side


def _warnings(data: TrainingSet, by_article: object, by_source: object) -> list[str]:
    """Return what the user must be told about the labels, one line each."""
    found = []
    count = int(data.is_unit.sum())
    if count < FEW_PARAGRAPHS:
        found.append(f"only {count} labelled paragraphs: expect wide intervals; {FEW_PARAGRAPHS} or more is a start")
    for label, times in data.facts["by_label"].items():
        if times == 0:
            found.append(f"no paragraph has the label {label}: the model can never give it")
        elif times < FEW_OF_A_LABEL:
            found.append(f"only {times} paragraph{'s' * (times > 1)} with the label {label}: its scores say little")
    if not by_article:
        found.append("no score for unseen articles: no folds give every training part every label; label more articles")
    if data.facts["sources"] < 2:
        found.append("no score for unseen sources: fewer than two sources are named (field `source`)")
    elif by_source and (nameless := int((data.is_unit & (data.sources < 0)).sum())):
        some = "1 paragraph without a source is" if nameless == 1 else f"{nameless} paragraphs without a source are"
        found.append(f"{some} in no score for unseen sources (field `source`)")
    elif not by_source:
        found.append("no score for unseen sources: some label stands in one source only, or in near-copies of it")
    return found


def check_output(folder: Path, codebook: str, *, force: bool) -> None:
    """Raise FramingError where a model at `folder` would replace something that it must not.

    A folder that is no model is never replaced; a model of another codebook, or a damaged one, only with `force`.
    """
    check_replaceable(folder)
    if not (folder / MODEL_JSON).is_file():
        return
    try:
        there = read_manifest(folder)["codebook"]["name"]
    except (ModelError, KeyError, TypeError) as error:
        there = f"an unknown codebook ({error})"
    if there != codebook and not force:
        raise FramingError(
            f"{folder} holds a model of {there}, not of {codebook}; name another place with -o, or add --force"
        )


def recorded_settings(name: str | Path) -> Settings:
    """Return the settings of an earlier model. Raises ModelError."""
    folder = find_model(name)
    try:
        return settings_from_dict(read_manifest(folder)["settings"])
    except (KeyError, TypeError, ValueError, IndexError):
        raise ModelError(f"{folder} records no usable settings; train without --settings") from None
