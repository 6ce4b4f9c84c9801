"""The model card, written from the facts that training recorded (after Mitchell et al. 2019)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framing.checks import check_lines
from framing.errors import ModelError
from framing.summary import SCHEMES, data_lines, interval, scheme_lines, settings_lines, word_lines


def model_card(manifest: Mapping[str, Any]) -> str:
    """Return the card as Markdown. Raises ModelError where the manifest lacks what a card tells."""
    try:
        return "\n".join(_card_lines(manifest)).rstrip() + "\n"
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"model.json lacks what a card tells ({error}); make the model anew") from None


def _card_lines(manifest: Mapping[str, Any]) -> list[str]:
    codebook, scores, name = manifest["codebook"], manifest["scores"], manifest["name"]
    notice = [f"> {codebook['notice']}", ""] if codebook["notice"] else []
    lines = [
        f"# {name}",
        "",
        f"A target-aware TF-IDF model for paragraphs of news, made by `framing train` (framing {manifest['framing']}).",
        f"It answers: *{codebook['question']}* (codebook {codebook['name']}, version {codebook['version']})",
        "",
        *notice,
        _headline(manifest),
        "",
        "## Labels",
        "",
        *(f"- **{frame['id']}**: {frame['definition'] or frame['title']}" for frame in codebook["frame"]),
        "",
        "## Training data",
        "",
        *_fenced(data_lines(manifest)),
        *_coders(manifest["coders"]),
        f"Fingerprint of the labels: `{manifest['data']['fingerprint']}`.",
        "",
        "## How right it is",
        "",
        "Every score is for paragraphs that the scored model had not seen: neither their article nor a near-copy was",
        "in its training part; for unseen sources, nothing of their source was. `framing train` prints these tables.",
        "",
    ]
    for key, title in SCHEMES.items():
        lines += _fenced(scheme_lines(scores[key], title, scores["headline_kind"], nested=scores["nested"]))
    if manifest["checks"]:
        lines += ["## Minimal pairs", "", *_fenced(check_lines(manifest["checks"]))]
    lines += ["## Settings", "", *_fenced(settings_lines(manifest)), "## Words", "", *_fenced(word_lines(manifest))]
    return lines + _limits(manifest)


def _fenced(lines: Sequence[str]) -> list[str]:
    return ["```text", *lines, "```", ""]


def _headline(manifest: Mapping[str, Any]) -> str:
    scores = manifest["scores"]
    for key, unseen in (("unseen_sources", "sources"), ("unseen_articles", "articles")):
        if scores[key]:
            name = scores["headline_kind"] or "all"
            found = scores[key]["sets"][name]
            kind = f"{name} paragraphs" if scores["headline_kind"] else "paragraphs"
            return (
                f"On {kind} of {unseen} it has not seen: accuracy {interval(found['accuracy'])}, "
                f"macro-F1 {interval(found['macro_f1'])} (95 % intervals)."
            )
    return "There is no score for text that it has not seen; do not rely on it."


def _coders(coders: Mapping[str, Any]) -> list[str]:
    if not coders:
        return []
    return ["The coders:", "", *(f"- {name} ({one['kind']}): {one['description']}" for name, one in coders.items()), ""]


def _limits(manifest: Mapping[str, Any]) -> list[str]:
    limits = manifest["limits"]
    lines = ["## Limits", ""]
    lines += [f"- {message}" for message in manifest["messages"]]
    lines += [
        "- Its labels are of single paragraphs and often wrong; a share counted from them is predicted, not corrected "
        "for the model's errors.",
        "- How it does on your sources is known only from a hand-labelled random sample of them "
        "(`framing evaluate LABELS`).",
        f"- An article is taken to be off topic when less than {limits['article']['known']:.0%} of its content words "
        f"are known, and in another language when also less than {limits['article']['function']:.0%} of its words are "
        "the frequent ones of the training texts (with two standard errors to spare).",
        "",
    ]
    return lines
