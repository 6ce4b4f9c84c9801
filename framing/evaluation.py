"""How right a saved model is on other labelled paragraphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from framing.duplicates import clusters, find_near, sign, sign_articles
from framing.errors import LabelsError
from framing.labels import Labels, Unit, gold
from framing.loading import load_training_units
from framing.metrics import (
    Scores,
    calibration_error,
    chance_calibration_error,
    interval_dict,
    probabilities,
    score_labels,
)
from framing.model import Model
from framing.records import Interval
from framing.summary import interval, set_lines
from framing.tokens import Bools
from framing.wording import counted

NAMED = 50
"""How many of the paragraphs that are left out are named."""
SURE = 0.8
"""Labels of at least this probability are counted apart: what may be trusted without a look, if they are right."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of a model on labelled paragraphs, each given a label whatever its status would be.

    left_out: the paragraphs that were not judged, with the reason; status: how many of the judged ones `framing score`
    would give no label; sets: the scores of each kind of text, where there are several; draws: those of the sources
    that were set aside together, for each draw that held_out.toml names.
    """

    scores: Scores
    articles: int
    sets: dict[str, Scores]
    draws: dict[str, Scores]
    calibration_error: Mapping[str, float]
    """Of all units, of each kind and of each draw, 0 to 1."""
    calibration_chance: Mapping[str, Interval]
    """What the same numbers of units would show if every probability were true."""
    majority: Scores
    left_out: tuple[tuple[str, str], ...]
    status: dict[str, int]
    sure: Mapping[str, tuple[int, Interval | None]]
    """For all units, each kind and each draw: how many got a label with probability `SURE` or more, and how often that
    is right."""
    same_article: tuple[str, ...] = ()
    """Judged paragraphs whose article has the id of a training article: perhaps the same article, perhaps only the
    same id in another file, which ids alone cannot tell."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        values = self.scores.to_dict()
        values["articles"] = self.articles
        majority = self.majority.to_dict()
        values["majority"] = {key: majority[key] for key in ("accuracy", "macro_f1")}
        values["calibration_error"] = {kind: round(error, 6) for kind, error in self.calibration_error.items()}
        values["calibration_error_by_chance"] = {
            kind: interval_dict(error) for kind, error in self.calibration_chance.items()
        }
        values["by_kind"] = {kind: scores.to_dict() for kind, scores in self.sets.items()}
        values["by_draw"] = {draw: scores.to_dict() for draw, scores in self.draws.items()}
        values["sure"] = {
            kind: {"probability": SURE, "n": count, "right": right and interval_dict(right)}
            for kind, (count, right) in self.sure.items()
        }
        values["status"] = self.status
        values["same_article"] = list(self.same_article)
        values["left_out"] = [{"id": unit, "reason": reason} for unit, reason in self.left_out]
        return values


def evaluate(model: Model, labels: Labels, *, gold_rule: str = "default", seed: int = 0) -> Evaluation:
    """Score a model on labelled paragraphs; those that were in its training, or near-copies of it, are left out.

    Intervals are from resampling whole articles (with their near-copies). Raises LabelsError where nothing is left or
    where a label is not one of the model's.
    """
    given = gold(labels, gold_rule)
    for unit, label in given.labels.items():
        if label not in model.labels:
            known = ", ".join(model.labels)
            raise LabelsError(f"unit {unit} has the label {label!r}, which the model {model.name} lacks ({known})")
    left_out = [(unit, "coders differ, not adjudicated") for unit in given.disputed]
    left_out += [(unit, "without a code") for unit in given.uncoded]
    coded = [unit for unit in labels.units if unit.id in given.labels]
    training = load_training_units(model)
    copies = find_near(sign([unit.text for unit in coded]), training.signatures)
    judged = [unit for unit, copy in zip(coded, copies, strict=True) if copy is None]
    left_out += [
        (unit.id, "in training, or a near-copy of a training text")
        for unit, copy in zip(coded, copies, strict=True)
        if copy is not None
    ]
    if not judged:
        raise LabelsError(
            f"nothing left to evaluate: of {len(labels.units)} paragraphs {len(left_out)} were left out "
            f"({_reasons(left_out)}); evaluate on labels that the model {model.name} was not trained on"
        )
    found = _score(model, judged, [given.labels[unit.id] for unit in judged], labels.draws, left_out, seed)
    articles = set(training.articles.tolist())
    same = [unit.id for unit in judged if not articles.isdisjoint(sign_articles([unit.article]).tolist())]
    return replace(found, same_article=tuple(same))


def _score(
    model: Model,
    judged: list[Unit],
    labels: list[str],
    draws: Mapping[str, frozenset[str]],
    left_out: list[tuple[str, str]],
    seed: int,
) -> Evaluation:
    texts = [unit.text for unit in judged]
    logits, status = model.predict(texts, [unit.target for unit in judged])
    y = np.array([model.labels.index(label) for label in labels], dtype=np.int64)
    articles = [unit.article or f"\0{unit.id}" for unit in judged]
    groups = clusters(sign(texts), articles)
    guess = logits.argmax(axis=1)
    kinds = np.array([unit.kind or "unnamed" for unit in judged])
    distinct = sorted(set(kinds.tolist()))
    shares = probabilities(logits)
    by_kind = {kind: kinds == kind for kind in distinct if len(distinct) > 1}
    by_draw = {f"draw {name}": np.array([unit.source in drawn for unit in judged]) for name, drawn in draws.items()}
    by_draw = {name: mask for name, mask in by_draw.items() if mask.any()}
    masks = {"all": np.ones(len(y), np.bool_)} | by_kind | by_draw

    def scores(mask: Bools) -> Scores:
        return score_labels(y[mask], guess[mask], groups[mask], model.labels, seed=seed)

    def surely(mask: Bools) -> tuple[int, Interval | None]:
        rows = np.flatnonzero(mask & (shares.max(axis=1) >= SURE))
        if len(rows) == 0:
            return 0, None
        return len(rows), score_labels(y[rows], guess[rows], groups[rows], model.labels, seed=seed).accuracy

    return Evaluation(
        scores=scores(masks["all"]),
        sets={kind: scores(mask) for kind, mask in by_kind.items()},
        draws={name: scores(mask) for name, mask in by_draw.items()},
        calibration_error={kind: calibration_error(shares[mask], y[mask]) for kind, mask in masks.items()},
        calibration_chance={kind: chance_calibration_error(shares[mask], seed=seed) for kind, mask in masks.items()},
        sure={kind: surely(mask) for kind, mask in masks.items()},
        left_out=tuple(left_out),
        articles=len(set(articles)),
        majority=score_labels(y, np.full(len(y), _commonest(model)), groups, model.labels, seed=seed),
        status=dict(Counter(status)),
    )


def _commonest(model: Model) -> int:
    """Return the number of the label that the most training paragraphs have."""
    counts = model.manifest["data"]["by_label"]
    return model.labels.index(max(model.labels, key=lambda label: counts.get(label, 0)))


def _reasons(left_out: list[tuple[str, str]]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in Counter(reason for _, reason in left_out).items())


def _sure_lines(found: Evaluation, kind: str, n: int) -> list[str]:
    count, right = found.sure[kind]
    told = f", right in {interval(interval_dict(right))} of cases" if right else ""
    chance = found.calibration_chance[kind]
    return [
        f"calibration error {found.calibration_error[kind]:.3f}; {counted(n, 'independent paragraph')} with true "
        f"probabilities would show {chance.value:.3f} ({chance.low:.3f}-{chance.high:.3f})",
        f"labels with probability {SURE} or more: {count} of {n} ({count / n:.0%}){told}",
    ]


def evaluation_lines(found: Evaluation, model: Model) -> list[str]:
    """Return what `framing evaluate` prints."""
    articles = counted(found.articles, "article")
    lines = [f"{model.name} ({model.fingerprint}): {found.scores.n} paragraphs of {articles}", ""]
    majority = found.majority.to_dict()
    lines += set_lines(found.scores.to_dict() | {"majority": majority}, "all", "articles")
    lines += _sure_lines(found, "all", found.scores.n)
    for name, scores in (found.sets | found.draws).items():
        lines += ["", *set_lines(scores.to_dict(), name, "articles"), *_sure_lines(found, name, scores.n)]
    refused = {status: count for status, count in found.status.items() if status != "ok"}
    if refused:
        counts = ", ".join(f"{count} {status}" for status, count in refused.items())
        lines += ["", f"`framing score` would give no label to {counts}"]
    if found.same_article:
        count = len(found.same_article)
        lines += ["", f"{count} judged paragraphs are of articles with the id of a training article: are they unseen?"]
    for reason, count in Counter(reason for _, reason in found.left_out).items():
        named = [unit for unit, why in found.left_out if why == reason]
        more = f" and {count - NAMED} more (--format json has all)" if count > NAMED else ""
        lines += ["", f"left out: {count} {reason}: {', '.join(named[:NAMED])}{more}"]
    return lines
