"""Scores and settings as plain text tables, for the terminal and the model card alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framing.search import WORTH
from framing.wording import counted

SCHEMES = {
    "unseen_sources": "Sources not seen in training",
    "unseen_articles": "Articles not seen in training",
}


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def interval(value: Mapping[str, float]) -> str:
    """Return a figure with its 95 % interval: "0.62 (0.55-0.69)"."""
    return f"{value['value']:.2f} ({value['low']:.2f}-{value['high']:.2f})"


def ordered_sets(sets: Mapping[str, Any], headline: str | None) -> list[str]:
    """Return the names of the sets, the headline's first and all units together last."""
    return sorted(sets, key=lambda name: (name != headline, name == "all", name))


def training_summary(manifest: Mapping[str, Any]) -> list[str]:
    """Return what `framing train` prints: the data, the scores, the settings and the words of each label."""
    scores = manifest["scores"]
    lines = [f"{manifest['name']}: {manifest['codebook']['question']}", "", *data_lines(manifest), ""]
    for key, title in SCHEMES.items():
        lines += [*scheme_lines(scores[key], title, scores["headline_kind"], nested=scores["nested"]), ""]
    lines += [*settings_lines(manifest), "", *word_lines(manifest)]
    if manifest["messages"]:
        lines += ["", *(f"warning: {message}" for message in manifest["messages"])]
    return lines


def training_facts(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data, scores and settings as plain JSON values: model.json without what only scoring needs."""
    return {key: value for key, value in manifest.items() if key not in ("codebook", "lexicon", "limits", "arrays")}


def data_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Return what the labels hold, and what of them training did not use."""
    data = manifest["data"]
    named = f"from {counted(data['sources'], 'source')}" if data["sources"] else "no source named"
    lines = [f"{data['paragraphs']} labelled paragraphs in {counted(data['articles'], 'article')}, {named}"]
    if data["sentences"]:
        lines.append(f"{data['sentences']} short labelled sentences (training only)")
    labels = list(data["by_label"])
    rows = [["paragraphs by label", *labels]]
    rows += [[kind, *(str(counts[label]) for label in labels)] for kind, counts in data["by_kind"].items()]
    if len(data["by_kind"]) > 1:
        rows.append(["all", *(str(count) for count in data["by_label"].values())])
    lines += ["", *table(rows), ""]
    lines.append("gold labels: " + ", ".join(f"{count} {how}" for how, count in data["gold"].items()))
    if data["skips"]:
        lines.append(f"skips: {data['skips']} codes give no label")
    left_out = {
        "whose coders differ and that nobody adjudicated": data["left_out"]["disputed"],
        "without a code": data["left_out"]["uncoded"],
        "of held-out sources": data["left_out"]["held_out_sources"],
    }
    lines += [f"left out: {count} paragraphs {reason}" for reason, count in left_out.items() if count]
    for name, agreement in data["agreement"].items():
        if agreement:
            coders = ", ".join(agreement["coders"])
            lines.append(
                f"intercoder agreement on {name}: Krippendorff's alpha {agreement['alpha']:.3f} "
                f"({agreement['units']} units, {agreement['differ']} with different codes, coders {coders})"
            )
    return lines


def scheme_lines(found: Mapping[str, Any] | None, title: str, headline: str | None, *, nested: bool) -> list[str]:
    """Return the scores for unseen articles or sources: every kind of text apart, the headline kind first."""
    if found is None:
        return [title, "  no such score (see the warnings)"]
    how = "settings chosen again in each" if nested else "settings given beforehand, so the scores are not nested"
    lines = [f"{title} ({found['folds']} folds, {how})"]
    for name in ordered_sets(found["sets"], headline):
        lines += ["", *(f"  {line}" for line in set_lines(found["sets"][name], name, title.split()[0].lower()))]
    return lines


def set_lines(scores: Mapping[str, Any], name: str, groups: str) -> list[str]:
    """Return the scores of one set of units: beside the baselines, by label, and the confusion matrix.

    `groups` says what was resampled for the intervals: sources or articles.
    """
    lines = [f"{name}: {scores['n']} paragraphs; 95 % intervals from resampling {scores['groups']} {groups}"]
    rows = [["", "accuracy", "macro-F1"]]
    rows.append(["this model", interval(scores["accuracy"]), interval(scores["macro_f1"])])
    for key, baseline in (("plain_tfidf", "plain word 1-2 TF-IDF"), ("majority", "majority label")):
        if key in scores:
            rows.append([baseline, interval(scores[key]["accuracy"]), interval(scores[key]["macro_f1"])])
    lines += [*table(rows), *label_lines(scores)]
    if "calibration_error" in scores:
        error = scores["calibration_error"]
        lines.append(f"calibration error {error['before']:.3f} before, {error['after']:.3f} after the temperature")
    return lines


def label_lines(scores: Mapping[str, Any]) -> list[str]:
    """Return precision, recall and F1 by label, and how often each label was given for each gold label."""
    rows = [["label", "precision", "recall", "F1", "n", "given:", *scores["labels"]]]
    for label, counts in zip(scores["labels"], scores["confusion"], strict=True):
        own = scores["per_label"][label]
        figures = [interval(own[key]) for key in ("precision", "recall", "f1")]
        rows.append([label, *figures, str(own["support"]), "", *map(str, counts)])
    return table(rows)


def settings_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Return the chosen settings, and what they were chosen among."""
    settings = manifest["settings"]
    lines = [f"settings: {describe_settings(settings)}; {manifest['features']} features"]
    if settings["tried"]:
        folds = f"{settings['inner_folds']} folds of whole articles"
        lines.append(f"chosen by macro-F1 on {folds}, the simplest features within {WORTH} of the best, among")
        rows = [[f"  {describe_settings(tried)}", f"{tried['macro_f1']:.3f}"] for tried in settings["tried"]]
        lines += table(rows)
    lines.append(f"temperature {manifest['temperature']:.3f}")
    return lines


def describe_settings(settings: Mapping[str, Any]) -> str:
    """Return settings in words."""
    features = settings["features"]
    parts = ["stems 1-2"]
    if features["target"]:
        parts.append("stems 1-2 near the target")
    if features["chars"]:
        parts.append("characters {}-{}".format(*features["chars"]))
    if features["lexicon"]:
        parts.append("lexicon")
    return " + ".join(parts) + f", C = {settings['C']:g}"


def word_lines(manifest: Mapping[str, Any]) -> list[str]:
    """Return the words that carry each label."""
    lines = ["words that carry each label (stems, strongest first; function words left out)"]
    for label, words in manifest["words"].items():
        lines.append(f"  {label}: {', '.join(words) or 'none'}")
    return lines
