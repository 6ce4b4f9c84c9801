"""One scored article as a page: its shares, then its paragraphs, labels in the margin and evidence in its place.

What the terminal report says in words (framing.report) stands here in the same words. `article_page` is a file that
stands on its own; `article_body` is what a page of many articles, or a server, puts into its own frame. Nothing of an
article is trusted: all of it is escaped, and only web addresses become links.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from framing.marking import Piece, because, marked, pieces, strongest
from framing.markup import Column, details, escaped, link, name, paragraphs, table
from framing.pagestyle import hue_class, whole_page
from framing.records import LeftOut, ModelFacts, ScoredArticle, ScoredParagraph
from framing.report import asides, hue_of, label_counts, model_line, not_scored, shares_title, status_line
from framing.svg import bars
from framing.terminal import cut
from framing.wording import counted, percent, probability

VOICE = "A label says what the paragraph says, whoever says it: a frame may be a quoted speaker's."
MARKS = "Marked words speak for the label, the stronger the more; point at one to see what it adds, in log odds."
_FIRST_WORDS = 90


def article_page(article: ScoredArticle, facts: ModelFacts, *, back: str | None = None) -> str:
    """Return the whole page of an article; `back` is the relative address of an index, where there is one."""
    home = f'<nav aria-label="Pages"><a href="{escaped(back)}">All articles</a></nav>\n' if back else ""
    body = f'{home}<main id="main">\n{article_body(article, facts)}\n</main>\n{page_footer(facts)}'
    return whole_page(title_of(article), body)


def article_body(article: ScoredArticle, facts: ModelFacts, *, level: int = 1, about: bool = True) -> str:
    """Return an article as markup whose first heading is of `level`, 1 to 4; `about` tells of the model, too."""
    parts = [_header(article, facts, level)]
    if about:
        parts.append(about_model(facts))
    parts += [_shares(article, facts, level + 1), _text(article, facts, level + 1)]
    return f'<article class="one">\n{chr(10).join(parts)}\n</article>'


def title_of(article: ScoredArticle) -> str:
    """Return what an article is called: its title, else the last part of where it was read from, else its id."""
    return article.title or article.origin.rpartition("/")[2] or article.id


def label_name(label: str, facts: ModelFacts) -> str:
    """Return the name of a label for people."""
    return facts.titles.get(label) or label


def about_model(facts: ModelFacts) -> str:
    """Return what must be said of the model, as a note."""
    said = [model_line(facts), *([facts.notice] if facts.notice else []), VOICE]
    return f'<aside class="note" aria-label="About the model">\n{paragraphs(said)}\n</aside>'


def page_footer(facts: ModelFacts) -> str:
    """Return the last lines of a page."""
    made = f"Made by framing with the model {facts.name} ({facts.fingerprint}), codebook {facts.codebook} "
    made += f"version {facts.codebook_version}. Shares are counts of predicted labels: predicted, not corrected."
    return f"<footer>{paragraphs([made])}</footer>"


def _header(article: ScoredArticle, facts: ModelFacts, level: int) -> str:
    source = name(article.source) if article.source else ""
    group = f"({name(article.group)})" if article.group else ""
    date = f'<time datetime="{escaped(article.date)}">{escaped(article.date)}</time>' if article.date else ""
    kicker = " · ".join(filter(None, (f"{source} {group}".strip(), date)))
    lines = [f'<p class="kicker">{kicker}</p>'] if kicker else []
    lines.append(f"<h{level}>{name(title_of(article))}</h{level}>")
    if article.url:
        lines.append(f'<p class="byline">{link(article.url)}</p>')
    if facts.question:
        lines.append(f'<p class="question">{escaped(facts.question)}</p>')
    if article.target:
        lines.append(f'<p class="byline">Asked about: {name(article.target)}</p>')
    return f"<header>\n{chr(10).join(lines)}\n</header>"


def _shares(article: ScoredArticle, facts: ModelFacts, level: int) -> str:
    counts = label_counts(article)
    if not counts.total():
        return f'<section class="alert" aria-label="Not scored"><p>{escaped(not_scored(article))}</p></section>'
    rows = []
    for label in facts.labels:
        share = article.shares.get(label, 0.0)
        hue = hue_class(hue_of(label, facts))
        swatch = f'<span class="swatch {hue}"></span>{name(label_name(label, facts))}'
        rows.append((swatch, str(counts[label]), percent(share), bars([(hue, share)])))
    columns = [Column("Label"), Column("Paragraphs", "number"), Column("Share", "number"), Column("Bar", "bar")]
    heading = f"<h{level}>Labels of the paragraphs</h{level}>"
    return f"<section>\n{heading}\n{table(shares_title(article), columns, rows, kind='shares')}\n</section>"


def _text(article: ScoredArticle, facts: ModelFacts, level: int) -> str:
    """Return all of the text in its order: paragraphs, and between them what was left out."""
    found = {
        paragraph.index: pieces(paragraph.evidence, paragraph.start, paragraph.end) for paragraph in article.paragraphs
    }
    most = strongest(found.values())
    stretches: list[ScoredParagraph | LeftOut] = sorted(
        [*article.paragraphs, *article.left_out], key=lambda one: (one.start, one.end)
    )
    shown = []
    for left_out, some in groupby(stretches, key=lambda one: isinstance(one, LeftOut)):
        if left_out:
            shown.append(_left_out(article, [one for one in some if isinstance(one, LeftOut)]))
        else:
            shown += [
                _paragraph(article, one, found[one.index], most, facts)
                for one in some
                if isinstance(one, ScoredParagraph)
            ]
    said = paragraphs([MARKS], "soft small") if most else ""
    return f"<section>\n<h{level}>The text</h{level}>\n{said}\n{chr(10).join(shown)}\n</section>"


def _paragraph(
    article: ScoredArticle, paragraph: ScoredParagraph, some: Sequence[Piece], most: float, facts: ModelFacts
) -> str:
    number = f'<span class="hidden">Paragraph </span>{paragraph.index + 1}'
    if paragraph.label is None:
        place = f'<p class="place">{number} · {escaped(status_line(article, paragraph))}</p>'
        return _para("hn amiss", place, escaped(paragraph.text), "")
    title = label_name(paragraph.label, facts)
    figure = f'<span class="figure">{probability(paragraph.probabilities[paragraph.label])}</span>'
    margin = f'<p class="label">{name(title)} {figure}</p>'
    aside = ", ".join(asides(paragraph, paragraph.label, facts.titles))
    margin += f'<p class="aside">{escaped(aside)}</p>' if aside else ""
    margin += f'<p class="place">{number}</p>'
    reasons = because(paragraph.evidence, title)
    return _para(hue_class(hue_of(paragraph.label, facts)), margin, marked(paragraph.text, some, most), reasons)


def _para(kind: str, margin: str, text: str, reasons: str) -> str:
    return (
        f'<div class="para {kind}">\n<div class="margin">{margin}</div>\n'
        f'<div class="prose"><p dir="auto">{text}</p>{reasons}</div>\n</div>'
    )


def _left_out(article: ScoredArticle, stretches: Iterable[LeftOut]) -> str:
    """Return neighbouring stretches that are not the article's prose, closed, with their reasons."""
    given = [(one.reason, article.text[one.start : one.end]) for one in stretches]
    reasons = ", ".join(dict.fromkeys(reason for reason, _ in given))
    count = "" if len(given) == 1 else f", {counted(len(given), 'stretch', 'es')}"
    summary = f"Left out ({escaped(reasons)}{count}): <bdi>{escaped(cut(given[0][1], _FIRST_WORDS))}</bdi>"
    inner = "".join(f'<dt>{escaped(reason)}</dt><dd dir="auto">{escaped(text)}</dd>' for reason, text in given)
    return details(summary, f"<dl>{inner}</dl>", "leftout")
