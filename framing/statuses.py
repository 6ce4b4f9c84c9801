"""Whether a model scores what it should and refuses the rest: what is off its topic or in another language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import LabelsError
from framing.labelrows import label_rows
from framing.model import Model
from framing.records import Article

EXPECTED = ("ok", "off_topic", "other_language")
FILE_NAME = "statuses.jsonl"


@dataclass(frozen=True, slots=True)
class StatusCase:
    """An article, the status that it should get, and what it is about."""

    article: Article
    expected: str
    about: str


def load_status_cases(path: Path) -> list[StatusCase]:
    """Read articles with the status that each should get. Raises LabelsError with file and line."""
    if not path.exists():
        raise LabelsError(f"there is no {path}; write articles there with the status that each should get")
    cases = []
    for row in label_rows(path):
        expected = row.required("expected")
        if expected not in EXPECTED:
            raise LabelsError(f"{row.place}: expected {expected!r} is none of {', '.join(EXPECTED)}")
        article = Article(row.required("id"), row.prose(), title=row.optional("title"), origin=row.place)
        cases.append(StatusCase(article, expected, row.optional("about") or ""))
    if not cases:
        raise LabelsError(f"{path}: has no rows")
    return cases


def evaluate_statuses(model: Model, cases: Sequence[StatusCase]) -> dict[str, Any]:
    """Return the statuses that the model gives, by the one expected, as plain values.

    A false alarm is an article on the topic that gets no labels; a miss is one off the topic, or in another language,
    that is scored; what labels its paragraphs get tells what harm that does. That an article never names the target
    (no_target) is a right reason to refuse it.
    """
    scored = list(model.score_articles([case.article for case in cases], evidence=0))
    given = [one.status for one in scored]
    table = {name: Counter(status for case, status in zip(cases, given, strict=True) if case.expected == name)
             for name in EXPECTED}  # fmt: skip
    wrong = [
        {"id": case.article.id, "about": case.about, "expected": case.expected, "given": status}
        for case, status in zip(cases, given, strict=True)
        if (case.expected == "ok") != (status == "ok")
    ]
    missed = {name: Counter[str]() for name in EXPECTED[1:]}
    for case, one in zip(cases, scored, strict=True):
        if case.expected != "ok":
            missed[case.expected].update(paragraph.label for paragraph in one.paragraphs if paragraph.label is not None)
    return {
        "articles": len(cases),
        "given": {name: dict(counts) for name, counts in table.items() if counts},
        "false_alarms": sum(count for status, count in table["ok"].items() if status != "ok"),
        "misses": {name: table[name]["ok"] for name in EXPECTED[1:] if table[name]},
        "labels_of_misses": {
            name: {label: missed[name][label] for label in model.labels} for name in EXPECTED[1:] if table[name]
        },
        "wrong": wrong,
    }


def status_lines(found: dict[str, Any]) -> list[str]:
    """Return what `framing evaluate --statuses` prints."""
    from framing.summary import table

    columns = ("ok", "no_target", "off_topic", "other_language")
    rows: list[Sequence[str]] = [("expected", "articles", *columns)]
    for name, counts in found["given"].items():
        rows.append((name, str(sum(counts.values())), *(str(counts.get(status, 0)) for status in columns)))
    lines = ["Articles that should and should not be scored, by the status that they get", "", *table(rows), ""]
    of_ok = sum(found["given"].get("ok", {}).values())
    lines.append(f"false alarms: {found['false_alarms']} of {of_ok} articles on the topic get no labels")
    for name, count in found["misses"].items():
        lines.append(f"misses: {count} of {sum(found['given'][name].values())} articles {name} are scored")
        if count:
            labels = ", ".join(f"{label} {number}" for label, number in found["labels_of_misses"][name].items())
            lines.append(f"  their paragraphs are labelled: {labels}")
    for one in found["wrong"]:
        lines.append(f"  {one['id']}: {one['given']} instead of {one['expected']} ({one['about']})")
    return lines
