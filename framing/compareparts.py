"""The pieces of a comparison's page: a figure with its table, verdicts on labels, lists of differences, quotations."""

from __future__ import annotations

from collections.abc import Sequence

from framing.comparefigures import Figure, difference_rows, estimated, hues, labels_of
from framing.comparison import Comparison, Of, Telling
from framing.marking import because
from framing.markup import Column, details, escaped, link, name, paragraphs, table
from framing.matrix import MOST_GROUPS
from framing.pagestyle import hue_class
from framing.records import Evidence
from framing.wording import CANNOT_TELL, counted, percent, probability

_MOST_IN_WORDS = 6


def figure_markup(figure: Figure, kind: str = "") -> str:
    """Return a figure with its table behind it."""
    columns = [Column(figure.heads[0].removeprefix("date:").capitalize()), *map(Column, figure.heads[1:])]
    rows = [[name(row[0]), *map(_cell, row[1:])] for row in figure.shown]
    behind = details(
        f'As a table<span class="hidden">: {escaped(figure.title)}</span>', table(figure.title, columns, rows)
    )
    return f'<figure class="{kind}">\n{figure.svg}\n{behind}\n</figure>'


def _cell(text: str) -> str:
    """Return a cell; a figure with its interval stays on one line."""
    return f'<span class="whole">{escaped(text)}</span>' if text.endswith(")") else escaped(text)


def orders(comparison: Comparison, of: Of) -> str:
    """Return for each label which groups have more than which, in words where they are few, else how many pairs."""
    items = []
    for label in labels_of(comparison, of):
        pairs = [pair for one in comparison.orders if (one.label, one.of) == (label.id, of) for pair in one.pairs]
        below: dict[str, list[str]] = {}
        for more, less in pairs:
            below.setdefault(more, []).append(less)
        told = "; ".join(f"{name(more)} more than {_and([name(one) for one in less])}" for more, less in below.items())
        if len(pairs) > _MOST_IN_WORDS:
            count = len(estimated(comparison))
            told = f"{len(pairs):,} of {count * (count - 1) // 2:,} pairs differ, as shown below"
        swatch = f'<span class="swatch {hue_class(hues(comparison.labels)[label.id])}"></span>'
        items.append(f"<li>{swatch}<strong>{name(label.title)}</strong>: {told or CANNOT_TELL}</li>")
    return f'<ul class="orders">{"".join(items)}</ul>'


def difference_lists(comparison: Comparison, of: Of) -> str:
    """Return the supported differences as a list for each label, where there are too many groups for a matrix."""
    columns = [Column("Group"), Column("Has"), Column("Than"), Column("Difference in points (95 % interval)")]
    lists = []
    for label in labels_of(comparison, of):
        found = [one for one in comparison.differences if (one.label, one.of, one.supported) == (label.id, of, True)]
        rows = [
            [name(group), verdict, name(other), escaped(shown)]
            for group, other, shown, verdict in difference_rows(found)
        ]
        if rows:
            summary = f"{name(label.title)}: {counted(len(rows), 'supported difference')}"
            lists.append(details(summary, table(f"Supported differences: {label.title}", columns, rows)))
    why = f"A matrix is drawn up to {MOST_GROUPS} groups; these are the differences that hold."
    return paragraphs([why], "soft small") + "\n".join(lists) if lists else ""


def quotation(comparison: Comparison, one: Telling, text: str) -> str:
    """Return a telling paragraph (`text` is markup) with its label, its evidence and where it is from."""
    titles = {label.id: label.title for label in comparison.labels}
    title = titles.get(one.label, one.label)
    coded = f"coded by hand: {', '.join(titles.get(label, label) for label in one.coded)}" if one.coded else ""
    quoted = f"{percent(one.quoted)} in quotation marks" if one.quoted >= 0.005 else ""
    verdict = ", ".join(escaped(part) for part in (f"predicted {probability(one.probability)}", coded, quoted) if part)
    where = one.title or one.paragraph
    about = " · ".join(
        filter(
            None, (name(one.source or ""), escaped(one.date or ""), link(one.url, where) if one.url else name(where))
        )
    )
    return (
        f'<blockquote class="telling {hue_class(hues(comparison.labels).get(one.label))}">\n'
        f'<p class="verdict"><strong>{name(title)}</strong> <span class="soft">{verdict}</span></p>\n'
        f'<p dir="auto">{text}</p>\n{because(evidence_of(one), title)}\n'
        f'<p class="place soft">{about}</p>\n</blockquote>'
    )


def evidence_of(one: Telling) -> tuple[Evidence, ...]:
    """Return the evidence of a telling paragraph; its offsets count from the paragraph's start."""
    return tuple(Evidence(one.text[mark.start : mark.end], mark.start, mark.end, mark.weight) for mark in one.evidence)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
