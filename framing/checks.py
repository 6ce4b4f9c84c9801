"""Minimal pairs: two paragraphs that differ in a few words, and by one rule of the codebook get different labels.

A model that has learned the words of a frame and not what is said of the target gets one half of a pair right and the
other wrong. Pairs are never trained on (after Gardner et al. 2020, "Evaluating Models' Local Decision Boundaries via
Contrast Sets").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from framing.errors import LabelsError
from framing.labels import Check
from framing.model import Model


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many of `pairs` the model gets right: both halves, the first, the second; and where it tells them apart."""

    pairs: int
    both: int
    first: int
    second: int
    apart: int

    def to_dict(self) -> dict[str, int]:
        """Return plain JSON values."""
        return {name: getattr(self, name) for name in CheckCounts.__slots__}


def count_checks(checks: Sequence[Check], given: Sequence[tuple[str, str]]) -> CheckCounts:
    """Count pairs; `given` are the labels that the model gives the two halves of each."""
    right = [
        (one == check.first_label, two == check.second_label) for check, (one, two) in zip(checks, given, strict=True)
    ]
    return CheckCounts(
        len(checks),
        sum(one and two for one, two in right),
        sum(one for one, _ in right),
        sum(two for _, two in right),
        sum(one != two for one, two in given),
    )


def count_checks_by(checks: Sequence[Check], given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the counts of all pairs, by rule and by kind of change, as plain values; `given` as in `count_checks`."""

    def counted(keys: Sequence[str]) -> dict[str, dict[str, int]]:
        parts: dict[str, list[int]] = {}
        for place, key in enumerate(keys):
            parts.setdefault(key, []).append(place)
        return {
            key: count_checks([checks[place] for place in places], [given[place] for place in places]).to_dict()
            for key, places in parts.items()
        }

    return {
        "all": count_checks(checks, given).to_dict(),
        "by_rule": counted([check.rule for check in checks]),
        "by_change": counted([check.change for check in checks]),
    }


def halves_of(checks: Sequence[Check]) -> list[str]:
    """Return the texts of all pairs: the first and the second half of each in turn."""
    return [text for check in checks for text in (check.first, check.second)]


def paired(labels: Sequence[str]) -> list[tuple[str, str]]:
    """Return the labels given to `halves_of`, two by two."""
    return list(zip(labels[::2], labels[1::2], strict=True))


def evaluate_checks(model: Model, checks: Sequence[Check]) -> dict[str, Any]:
    """Return how often a model gets both halves right (see `count_checks_by`).

    Raises LabelsError where there are no pairs, or where a label is not the model's.
    """
    if not checks:
        raise LabelsError("there is no checks.jsonl in these labels; write minimal pairs for each rule there")
    unknown = {label for check in checks for label in (check.first_label, check.second_label)} - set(model.labels)
    if unknown:
        raise LabelsError(f"the pairs have the label {min(unknown)!r}, which the model {model.name} lacks")
    logits, _ = model.predict(halves_of(checks))
    return count_checks_by(checks, paired([model.labels[number] for number in logits.argmax(axis=1).tolist()]))


def check_lines(found: dict[str, Any]) -> list[str]:
    """Return what `framing evaluate --checks` prints."""
    from framing.summary import table

    head = ("", "pairs", "both right", "first right", "second right", "told apart")
    lines = ["Minimal pairs, never trained on: how often the model gets both halves right"]
    for title, parts in (("rule", found["by_rule"]), ("change", found["by_change"])):
        rows = [(title, *head[1:]), *((name, *_cells(counts)) for name, counts in parts.items())]
        rows += [("all", *_cells(found["all"]))] if title == "rule" else []
        lines += ["", *table(rows)]
    return lines


def _cells(counts: dict[str, int]) -> tuple[str, ...]:
    pairs = counts["pairs"]
    shares = (f"{counts[name]} ({counts[name] / pairs:.0%})" for name in ("both", "first", "second", "apart"))
    return (str(pairs), *shares)
