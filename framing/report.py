"""One scored article as text for a terminal: bars, paragraphs, the words that decided, and what was left out.

Everything here returns text; the standard library is all it needs. What is said of an article in words is said here
for the pages too (framing.articlepage). Shares are counted from predictions, and said to
be "predicted, not corrected".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Protocol

from framing.records import Evidence, Interval, LeftOut, ModelFacts, ScoredArticle, ScoredParagraph
from framing.scoredjson import NOT_CORRECTED
from framing.terminal import Style, bar, clean, columns_of, cut, fit, lines, one_line, wrapped
from framing.wording import counted, percent, percents, probability

NO_PARAGRAPHS = "no_paragraphs"
"""What stands for the status of an article of which no paragraph could be scored, though it is not amiss itself."""
WHY = {
    "no_target": "the article never names the target",
    "off_topic": "too few of its words are known to the model",
    "other_language": "not in the language of the model",
    NO_PARAGRAPHS: "no paragraph could be scored",
}
WIDEST = 100
"""Columns beyond which prose is hard to read."""
_INDENT = 4
_MOST_WORDS = 6
_LEAST_OF_STRONGEST = 0.25
_LEAST_RUNNER_UP = 0.2


def show_article(article: ScoredArticle, facts: ModelFacts, style: Style, width: int, *, full: bool = False) -> str:
    """Return one article as text of at most `width` (40 or more) columns, without a line end behind it.

    `full` lists everything that was left out, not only the first words for each reason.
    """
    columns = min(width, WIDEST)
    parts = article_parts(article, facts, style, columns, full)
    return "\n\n".join([parts[0], about_model(facts, style, columns), *parts[1:]])


def article_parts(article: ScoredArticle, facts: ModelFacts, style: Style, columns: int, full: bool) -> list[str]:
    """Return an article's parts from the top: heading, bars, each paragraph, and what was left out if anything was."""
    parts = [_heading(article, style, columns), _summary(article, facts, style, columns)]
    parts += [_paragraph(article, paragraph, facts, style, columns) for paragraph in article.paragraphs]
    if article.left_out:
        parts.append(_left_out(article, style, columns, full))
    return parts


def _heading(article: ScoredArticle, style: Style, columns: int) -> str:
    title = article.title or article.origin or article.id
    group = f"({article.group})" if article.group else ""
    about = " · ".join(filter(None, (f"{article.source or ''} {group}".strip(), article.date)))
    together = " · ".join(filter(None, (about, article.url)))
    fits = columns_of(one_line(together)) <= columns
    rows = [style.bold(line) for line in wrapped(title, columns)]
    for part in [together] if fits else [about, article.url or ""]:
        rows += wrapped(part, columns)
    return "\n".join(rows)


def about_model(facts: ModelFacts, style: Style, columns: int) -> str:
    """Return the model's name, how often it is right, and its notice."""
    return "\n".join(
        wrapped(model_line(facts), columns) + [style.dim(line) for line in wrapped(facts.notice or "", columns)]
    )


def model_line(facts: ModelFacts) -> str:
    """Return the model's name and how often it is right."""
    return f"Model {facts.name} ({facts.fingerprint}): {how_right(facts)}"


class Measured(Protocol):
    """A model of which it is known, or not, how often it is right on what it has not seen."""

    @property
    def headline_kind(self) -> str | None:
        """The kind of text that the accuracies are for, None for all."""

    @property
    def unseen_sources(self) -> Interval | None:
        """Accuracy on sources not seen in training, 0 to 1."""

    @property
    def unseen_articles(self) -> Interval | None:
        """Accuracy on articles not seen in training, 0 to 1."""

    @property
    def majority(self) -> float | None:
        """Accuracy of always giving the commonest label."""


def how_right(model: Measured, dash: str = "-") -> str:
    """Say how often the model is right on what it has not seen, the hardest case that was measured."""
    for figure, unseen in (
        (model.unseen_sources, "paragraphs from sources it has not seen"),
        (model.unseen_articles, "paragraphs of articles it has not seen (sources: too few to say)"),
    ):
        if figure is not None:
            kind = f"{model.headline_kind} " if model.headline_kind else ""
            always = "" if model.majority is None else f"; the commonest label alone: {percent(model.majority)}"
            return f"right on {percents(figure, dash)} of {kind}{unseen}{always}"
    return "no score on articles it has not seen: how often it is right is not known"


def _summary(article: ScoredArticle, facts: ModelFacts, style: Style, columns: int) -> str:
    """Return a bar for each frame; where no paragraph is ok, the reason."""
    counts = label_counts(article)
    scored = counts.total()
    if not scored:
        return "\n".join(wrapped(not_scored(article), columns))
    rows = [style.bold(line) for line in wrapped(shares_title(article), columns)]
    names = min(max(map(label_width, facts.labels)), columns // 3)
    digits = len(str(scored))
    for label in facts.labels:
        share = article.shares.get(label, 0.0)
        drawn = bar(share, min(columns - names - digits - 13, 50))
        figures = f"{counts[label]:>{digits}}  {percent(share):>5}"
        rows.append(f"  {hued(style, label, facts, fit(label, names))}  {figures}  {hued(style, label, facts, drawn)}")
    return "\n".join(row.rstrip() for row in rows)


def not_scored(article: ScoredArticle) -> str:
    """Say why an article has no labels."""
    status = status_of(article)
    return f"Not scored ({status}): {WHY.get(status, status)}."


def shares_title(article: ScoredArticle) -> str:
    """Return what stands over an article's shares."""
    scored = label_counts(article).total()
    return f"{NOT_CORRECTED.capitalize()} ({scored} of {counted(len(article.paragraphs), 'paragraph')})"


def status_line(article: ScoredArticle, paragraph: ScoredParagraph) -> str:
    """Say why a paragraph has no label; where it has the article's own reason, that is said once above."""
    why = "not scored" if article.status == paragraph.status else WHY.get(paragraph.status, "")
    return f"{paragraph.status}: {why}"


def _paragraph(
    article: ScoredArticle, paragraph: ScoredParagraph, facts: ModelFacts, style: Style, columns: int
) -> str:
    number = f"{paragraph.index + 1:>{_INDENT - 2}}  "
    text = clean(paragraph.text)
    if paragraph.label is None:
        head = cut(status_line(article, paragraph), columns - len(number))
        rows = [number + head, *_indented(text, columns)]
        return "\n".join(style.dim(row) for row in rows)
    strongest = deciding(paragraph.evidence)
    marked = _marks(paragraph, strongest)
    rows = [number + _verdict(paragraph, paragraph.label, facts, style, columns - len(number))]
    hue = hue_of(paragraph.label, facts)
    for stretches in lines(text, columns - _INDENT):
        shown = (_highlighted(text, start, end, marked, style, hue) for start, end in stretches)
        rows.append(" " * _INDENT + " ".join(shown))
    if strongest:
        because = "because: " + ", ".join(f"{words} {weight_text(weight)}" for words, weight in words_of(strongest))
        rows += [style.dim(row) for row in _indented(because, columns)]
    return "\n".join(rows)


def _verdict(paragraph: ScoredParagraph, label: str, facts: ModelFacts, style: Style, columns: int) -> str:
    """Return the label with its probability, a runner-up that comes near, and the share of speech if there is much."""
    name, figure = cut(label, columns - 6), probability(paragraph.probabilities[label])
    aside = cut(", ".join(asides(paragraph, label)), columns - columns_of(f"{name} {figure}  "))
    return f"{style.bold(hued(style, label, facts, name))} {figure}  {style.dim(aside)}".rstrip()


def asides(paragraph: ScoredParagraph, label: str, titles: Mapping[str, str] | None = None) -> list[str]:
    """Return what stands beside a verdict: a runner-up that comes near, and the share of speech if there is much."""
    others = [(share, other) for other, share in paragraph.probabilities.items() if other != label]
    share, other = max(others, default=(0.0, ""))
    found = [f"else {(titles or {}).get(other, other)} {percent(share)}"] if share >= _LEAST_RUNNER_UP else []
    if paragraph.quoted >= 0.005:
        found.append(f"{percent(paragraph.quoted)} in quotation marks")
    return found


def deciding(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Return the strongest evidence for the label, strongest first: none that is weak beside the strongest."""
    ranked = sorted((entry for entry in evidence if entry.weight > 0), key=lambda entry: -entry.weight)
    return [entry for entry in ranked[:_MOST_WORDS] if entry.weight >= _LEAST_OF_STRONGEST * ranked[0].weight]


def _marks(paragraph: ScoredParagraph, deciding: Iterable[Evidence]) -> set[int]:
    """Return the positions in the paragraph's text that deciding words cover."""
    return {
        at - paragraph.start
        for entry in deciding
        if entry.start is not None and entry.end is not None
        for at in range(entry.start, entry.end)
    }


def weight_text(weight: float) -> str:
    """Return a weight with its sign, to as many digits as it deserves."""
    return f"{weight:+.1f}" if weight >= 0.095 else f"{weight:+.2f}"


def words_of(deciding: Iterable[Evidence]) -> list[tuple[str, float]]:
    """Return the deciding words, each once, with the sum of what they add."""
    sums: dict[str, float] = {}
    shown: dict[str, str] = {}
    for entry in deciding:
        words = one_line(entry.text)
        folded = words.casefold()
        shown.setdefault(folded, words)
        sums[folded] = sums.get(folded, 0.0) + entry.weight
    return sorted(((shown[folded], weight) for folded, weight in sums.items()), key=lambda pair: -pair[1])


def _highlighted(text: str, start: int, end: int, marked: set[int], style: Style, hue: int | None) -> str:
    shown = ""
    at = start
    while at < end:
        stop = at + 1
        while stop < end and (stop in marked) == (at in marked):
            stop += 1
        shown += style.hue(text[at:stop], hue, mark=True) if at in marked else text[at:stop]
        at = stop
    return shown


def _left_out(article: ScoredArticle, style: Style, columns: int, full: bool) -> str:
    by_reason: dict[str, list[LeftOut]] = {}
    for stretch in article.left_out:
        by_reason.setdefault(stretch.reason, []).append(stretch)
    count = counted(len(article.left_out), "stretch", "es")
    rows = ["\n".join(wrapped(f"Left out, not the article's prose ({count})", columns))]
    names = min(max(map(label_width, by_reason)), columns // 3)
    for reason, stretches in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        words = [one_line(article.text[stretch.start : min(stretch.end, stretch.start + 400)]) for stretch in stretches]
        head = f"  {fit(reason, names)}  {len(stretches):>3}  "
        shown = words if full else [" | ".join(words)]
        rows += [
            (head if at == 0 else " " * len(head)) + cut(line, columns - columns_of(head))
            for at, line in enumerate(shown)
        ]
    return "\n".join([rows[0], *(style.dim(row) for row in rows[1:])])


# What framing.listing shows too.


def label_counts(article: ScoredArticle) -> Counter[str]:
    """Count the labels of an article's `ok` paragraphs."""
    return Counter(paragraph.label for paragraph in article.paragraphs if paragraph.label is not None)


def status_of(article: ScoredArticle) -> str:
    """Return why an article without a label has none."""
    return article.status if article.paragraphs and article.status != "ok" else NO_PARAGRAPHS


def label_width(label: str) -> int:
    """Return the columns that a label takes."""
    return columns_of(one_line(label))


def hue_of(label: str, facts: ModelFacts) -> int | None:
    """Return the number of the label's colour; the label that means "not framed" has none."""
    framed = [name for name in facts.labels if name != facts.none_label]
    return framed.index(label) if label in framed else None


def hued(style: Style, label: str, facts: ModelFacts, text: str) -> str:
    """Return the text in the colour of a label."""
    hue = hue_of(label, facts)
    return style.dim(text) if hue is None else style.hue(text, hue)


def _indented(text: str, columns: int) -> list[str]:
    return [" " * _INDENT + line for line in wrapped(text, columns - _INDENT)]
