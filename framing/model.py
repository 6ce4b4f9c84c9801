"""A trained model: scores articles paragraph by paragraph, with the evidence for each label.

import framing
model = framing.load_model("russia-mediator")
article = model.score("Moscow hosted both foreign ministers on Friday. ...")
article.paragraphs[0].label, article.paragraphs[0].evidence
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from framing.codebook import Codebook
from framing.duplicates import SIGNATURE, Signatures
from framing.errors import LabelsError, ModelError
from framing.features import BLOCKS, FeatureSettings, Floats, block_of, forms_of
from framing.lexicon import Lexicon
from framing.linear import Applied, Contribution, Linear, Vocabulary
from framing.metrics import probabilities
from framing.paragraphs import split
from framing.quotes import quoted_share
from framing.records import (
    Article,
    Evidence,
    Interval,
    LeftOut,
    ModelFacts,
    ScoredArticle,
    ScoredParagraph,
    Span,
    article_id,
)
from framing.store import MODEL_JSON, Array, find_model, read_arrays, read_manifest, unpack_forms
from framing.target import Name, parse_names
from framing.tokens import Ints

DEFAULT_MODEL = "russia-mediator"
DEFAULT_EVIDENCE = 10
_BATCH = 200_000
"""Characters of prose that are scored at once."""

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
_SIGNATURES = {"hashes": ("<u4", 1), "offsets": ("<i8", 1), "fold": ("<i2", 1)}
"""The arrays of a model, with their types and numbers of axes."""
_LONGEST_GRAM = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Below which shares a text is not of the kind that the model knows.

    function: function words among all tokens; known: known words among the others. From out-of-fold training texts.
    """

    function: float
    known: float

    def judge(self, vocabulary: Vocabulary) -> list[str]:
        """Return ok, off_topic or other_language for each text.

        A share counts as below only where it is so by two standard errors, so that a short text is not judged on a
        few words.
        """
        content = vocabulary.tokens - vocabulary.function
        foreign = _clearly_below(vocabulary.function, vocabulary.tokens, self.function)
        unknown = _clearly_below(vocabulary.known, content, self.known)
        return [
            "ok" if not is_unknown else "other_language" if is_foreign else "off_topic"
            for is_foreign, is_unknown in zip(foreign.tolist(), unknown.tolist(), strict=True)
        ]


def _clearly_below(part: Ints, whole: Ints, limit: float) -> Any:
    size = np.maximum(whole, 1)
    return (whole > 0) & (part / size + 2 * np.sqrt(limit * (1 - limit) / size) < limit)


@dataclass(frozen=True, slots=True)
class TrainingUnits:
    """The training paragraphs as far as a model keeps them: near-copy signatures and the fold each was predicted in."""

    signatures: Signatures
    fold: Ints


@dataclass(frozen=True)
class Model:
    """A trained model. Make one with `framing.load_model` or `framing.train`."""

    name: str
    codebook: Codebook
    linear: Linear
    article_limits: Limits
    paragraph_limits: Limits
    manifest: Mapping[str, Any]
    """model.json: settings, data, scores, versions."""
    folder: Path | None = None
    _names: dict[str | None, tuple[Name, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The codebook's labels, in its order."""
        return self.codebook.labels

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the model's sha256."""
        return str(self.manifest.get("sha256", ""))[:12]

    @property
    def facts(self) -> ModelFacts:
        """What reports and exports say about this model."""
        scores = self.manifest["scores"]
        return ModelFacts(
            name=self.name,
            fingerprint=self.fingerprint,
            codebook=self.codebook.name,
            codebook_version=self.codebook.version,
            question=self.codebook.question,
            labels=self.labels,
            titles=self.codebook.titles,
            none_label=self.codebook.none_label,
            headline_kind=scores["headline_kind"],
            unseen_articles=_accuracy(scores, "unseen_articles"),
            unseen_sources=_accuracy(scores, "unseen_sources"),
            notice=self.codebook.notice,
            majority=_majority(scores),
        )

    def names(self, target: str | None) -> tuple[Name, ...]:
        """Return the names of a row's target, or the codebook's where the row has none."""
        if target not in self._names:
            self._names[target] = parse_names([target] if target else self.codebook.target)
        return self._names[target]

    def score(self, text: str, *, target: str | None = None, evidence: int | None = DEFAULT_EVIDENCE) -> ScoredArticle:
        """Score one article given as plain text; see `score_articles`."""
        article = Article(id=article_id(text), text=text, target=target)
        return next(iter(self.score_articles([article], evidence=evidence)))

    def score_articles(
        self, articles: Iterable[Article], *, evidence: int | None = DEFAULT_EVIDENCE
    ) -> Iterator[ScoredArticle]:
        """Score articles, lazily and in order.

        `evidence` is how many of the strongest stretches each paragraph gets, None for all. What an article gets does
        not depend on the articles beside it.
        """
        waiting: list[tuple[Article, tuple[Span, ...], tuple[LeftOut, ...]]] = []
        size = 0
        for article in articles:
            waiting.append((article, *split(article)))
            size += len(article.text)
            if size >= _BATCH:
                yield from self._score_batch(waiting, evidence)
                waiting, size = [], 0
        yield from self._score_batch(waiting, evidence)

    def predict(
        self, texts: Sequence[str], targets: Sequence[str | None] | None = None
    ) -> tuple[Floats, tuple[str, ...]]:
        """Return the calibrated logits (n, K) of paragraphs out of any article, and the status of each.

        `targets` gives each paragraph its target; None is the codebook's. The status is by vocabulary alone: ok,
        off_topic or other_language.
        """
        logits, status = [np.zeros((0, len(self.labels)))], list[str]()
        for at in range(0, len(texts), 1000):
            names = [self.names(target) for target in targets[at : at + 1000]] if targets else [self.names(None)]
            applied = self.linear.apply(texts[at : at + 1000], names)
            logits.append(applied.logits)
            status += self.paragraph_limits.judge(self.linear.vocabulary(applied))
        return np.concatenate(logits), tuple(status)

    def _score_batch(
        self, waiting: list[tuple[Article, tuple[Span, ...], tuple[LeftOut, ...]]], evidence: int | None
    ) -> Iterator[ScoredArticle]:
        texts = [article.text[span.start : span.end] for article, spans, _ in waiting for span in spans]
        names = [self.names(article.target) for article, spans, _ in waiting for _ in spans]
        if len(set(names)) == 1:
            names = names[:1]
        applied = self.linear.apply(texts, names) if texts else None
        scored = _Scored(self, applied, texts) if applied else None
        first = 0
        for article, spans, left_out in waiting:
            rows = range(first, first + len(spans))
            first = rows.stop
            yield _scored_article(self, article, spans, left_out, scored, rows, evidence)


class _Scored:
    """The figures of a batch of paragraphs, ready to be dealt out to their articles."""

    def __init__(self, model: Model, applied: Applied, texts: list[str]) -> None:
        self.applied = applied
        self.texts = texts
        self.shares = probabilities(applied.logits)
        self.given = applied.logits.argmax(axis=1)
        self.vocabulary = model.linear.vocabulary(applied)
        self.status = model.paragraph_limits.judge(self.vocabulary)
        self.contributions = model.linear.contributions(applied, self.given)


def _scored_article(
    model: Model,
    article: Article,
    spans: tuple[Span, ...],
    left_out: tuple[LeftOut, ...],
    scored: _Scored | None,
    rows: range,
    evidence: int | None,
) -> ScoredArticle:
    status = _article_status(model, article, scored, rows)
    paragraphs = tuple(
        _paragraph(model, article, index, span, scored, row, status, evidence)
        for index, (span, row) in enumerate(zip(spans, rows, strict=True))
        if scored
    )
    given = [paragraph.label for paragraph in paragraphs if paragraph.label]
    return ScoredArticle(
        id=article.id,
        text=article.text,
        title=article.title,
        source=article.source,
        date=article.date,
        url=article.url,
        group=article.group,
        origin=article.origin,
        status=status,
        paragraphs=paragraphs,
        left_out=left_out,
        shares={label: given.count(label) / len(given) for label in model.labels} if given else {},
    )


def _article_status(model: Model, article: Article, scored: _Scored | None, rows: range) -> str:
    """Judge the article as a whole: its language, then whether it names the target, then its vocabulary."""
    if scored is None or not rows:
        return "ok"
    part = slice(rows.start, rows.stop)
    judged = model.article_limits.judge(scored.vocabulary.at(part).total())[0]
    if judged == "other_language":
        return judged
    names = model.names(article.target)
    if names and not scored.applied.named[part].any() and not _names_in_title(model, article, names):
        return "no_target"
    return judged


def _names_in_title(model: Model, article: Article, names: tuple[Name, ...]) -> bool:
    """Say whether the title or anything else of the text names the target; a headline is not scored but is read."""
    return bool(model.linear.apply([article.text, article.title or ""], [names]).named.any())


def _paragraph(
    model: Model,
    article: Article,
    index: int,
    span: Span,
    scored: _Scored,
    row: int,
    article_status: str,
    evidence: int | None,
) -> ScoredParagraph:
    text = scored.texts[row]
    status = article_status if article_status != "ok" else scored.status[row]
    plain = ScoredParagraph(
        index=index,
        start=span.start,
        end=span.end,
        text=text,
        status=status,
        label=None,
        probabilities={},
        logit=None,
        intercept=None,
        quoted=quoted_share(text),
    )
    if status != "ok":
        return plain
    given = int(scored.given[row])
    return replace(
        plain,
        label=model.labels[given],
        probabilities=dict(zip(model.labels, scored.shares[row].tolist(), strict=True)),
        logit=float(scored.applied.logits[row, given]),
        intercept=float(model.linear.intercept[given]),
        evidence=_evidence(scored.applied, scored.contributions[row], text, span.start, evidence),
    )


def _evidence(
    applied: Applied, contributions: list[Contribution], text: str, offset: int, most: int | None
) -> tuple[Evidence, ...]:
    """Return the strongest contributions with their surface text, strongest first; all of them where `most` is None."""
    ranked = sorted(contributions, key=lambda found: (-abs(found.weight), found.first, found.last))
    entries = []
    for found in ranked[:most]:
        start, end = int(applied.tokens.start[found.first]), int(applied.tokens.end[found.last])
        entries.append(Evidence(text[start:end], offset + start, offset + end, found.weight))
    return tuple(entries)


def _headline(scores: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the scores that are shown first, of unseen articles or sources; None where there are no such scores."""
    found = scores[name]
    return None if found is None else found["sets"][scores["headline_kind"] or "all"]


def _accuracy(scores: Mapping[str, Any], name: str) -> Interval | None:
    headline = _headline(scores, name)
    return Interval(*(_share(headline["accuracy"][key]) for key in ("value", "low", "high"))) if headline else None


def _majority(scores: Mapping[str, Any]) -> float | None:
    headline = _headline(scores, "unseen_articles")
    return _share(headline["majority"]["accuracy"]["value"]) if headline else None


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
            Limits(_share(manifest["limits"][key]["function"]), _share(manifest["limits"][key]["known"]))
            for key in ("article", "paragraph")
        )
        _check_texts(manifest, codebook)
    arrays = _read(folder, manifest, WEIGHTS_FILE, _MAIN)
    with _naming(folder / WEIGHTS_FILE):
        linear = Linear(
            forms=unpack_forms(arrays["forms"], arrays["form_offsets"]),
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


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a limit or score is not a number from 0 to 1")
    return float(value)


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
    rising = (np.diff(linear.keys) > 0).all() and all(one < other for one, other in pairwise(linear.forms))
    if not rising or ((blocks < 0) | (blocks >= BLOCKS) | (first < 0)).any():
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
    return TrainingUnits(Signatures(hashes, offsets), fold.astype(np.int64))


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
