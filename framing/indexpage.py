"""The index over the pages of many articles: a table with the shares of each, and what was counted and not read.

Only the rows of the table are held, not the articles. The table can be sorted by its headings where scripts run; the
one script is part of the page and allowed by its hash, and without it the table stands as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from framing.articlepage import about_model, label_name, title_of
from framing.listing import Tally
from framing.markup import Column, escaped, name, paragraphs, table
from framing.pagestyle import hue_class
from framing.records import Failed, ModelFacts, Repeated, ScoredArticle
from framing.report import hue_of, label_counts, status_of
from framing.scoredjson import NOT_CORRECTED, Problems
from framing.svg import bars

SORTING = """
for (const table of document.querySelectorAll("table.index")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    if (head.classList.contains("bar")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    const numbers = head.classList.contains("number");
    const compare = new Intl.Collator(undefined, {numeric: numbers}).compare;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === (numbers ? "none" : "ascending") ||
        (numbers && head.getAttribute("aria-sort") === "ascending");
      for (const other of heads) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      const text = row => (row.cells[at].querySelector("a") || row.cells[at]).textContent.trim();
      rows.sort((a, b) => !text(a) - !text(b) || (down ? -1 : 1) * compare(text(a), text(b)));
      table.tBodies[0].append(...rows);
    });
  });
}
"""
_MOST_COUNTS = 8
"""Labels beyond which a column for each is too many; the bar shows them still."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What the index says of one article."""

    href: str
    title: str
    source: str | None
    date: str | None
    counts: tuple[int, ...]
    """Paragraphs by label, in the model's order."""
    amiss: int
    """Paragraphs that are not ok."""
    status: str
    """Why there are no labels; empty where there are."""
    key: tuple[bool, float, str]
    """What the rows are sorted by."""


def index_row(article: ScoredArticle, facts: ModelFacts, href: str, key: tuple[bool, float, str]) -> IndexRow:
    """Return the row of an article whose page is at `href`, a relative address or a place in the same page."""
    counts = label_counts(article)
    return IndexRow(
        href=href,
        title=title_of(article),
        source=article.source,
        date=article.date,
        counts=tuple(counts[label] for label in facts.labels),
        amiss=len(article.paragraphs) - counts.total(),
        status="" if counts.total() else status_of(article),
        key=key,
    )


def index_body(rows: Iterable[IndexRow], facts: ModelFacts, tally: Tally, problems: Problems) -> str:
    """Return the index as markup; its heading is an h1."""
    parts = [
        "<h1>Scored articles</h1>",
        f'<p class="question">{escaped(facts.question)}</p>',
        paragraphs([f"Articles: {tally.line(problems)}."], "lead takeaway"),
        about_model(facts),
        _key(facts),
        _table(sorted(rows, key=lambda row: row.key), facts),
        _problems(problems),
    ]
    return "\n".join(part for part in parts if part)


def _key(facts: ModelFacts) -> str:
    items = "".join(
        f'<li><span class="swatch {hue_class(hue_of(label, facts))}"></span>{name(label_name(label, facts))}</li>'
        for label in facts.labels
    )
    return f'<ul class="key" aria-label="Colours of the labels">{items}</ul>'


def _table(rows: Sequence[IndexRow], facts: ModelFacts) -> str:
    few = len(facts.labels) <= _MOST_COUNTS
    columns = [
        Column("Article"),
        Column("Source", "narrow-off"),
        Column("Date", "date narrow-off"),
        Column("Shares", "bar"),
    ]
    columns += [Column(label_name(label, facts), "number narrow-off") for label in facts.labels if few]
    columns.append(Column("Not ok", "number narrow-off"))
    cells = [_cells(row, facts, few) for row in rows]
    return table(f"Paragraphs of each article by label: {NOT_CORRECTED}", columns, cells, kind="index")


def _cells(row: IndexRow, facts: ModelFacts, few: bool) -> list[str]:
    total = sum(row.counts)
    shares = [
        (hue_class(hue_of(label, facts)), count / total)
        for label, count in zip(facts.labels, row.counts, strict=True)
        if total
    ]
    told = ", ".join(
        f"{count} {label_name(label, facts)}" for label, count in zip(facts.labels, row.counts, strict=True) if count
    )
    drawn = f'{bars(shares)}<span class="hidden">{escaped(told)}</span>' if total else escaped(row.status)
    under = " · ".join(name(part) for part in (row.source, row.date) if part)
    title = f'<a href="{escaped(row.href)}">{name(row.title)}</a><span class="narrow-on">{under}</span>'
    cells = [title, name(row.source or ""), escaped((row.date or "")[:10])]
    counts = [str(count) if total else "" for count in row.counts if few]
    return [*cells, drawn, *counts, str(row.amiss)]


def _problems(problems: Problems) -> str:
    if not problems.failed and not problems.repeated:
        return ""
    parts = ["<section>", "<h2>Not scored</h2>"]
    if problems.failed:
        parts += ["<h3>Could not be read</h3>", _listed(_failed(one) for one in problems.failed)]
    if problems.repeated:
        parts += ["<h3>The same article again, counted once</h3>", _listed(_repeated(one) for one in problems.repeated)]
    return "\n".join([*parts, "</section>"])


def _failed(one: Failed) -> str:
    return one.message


def _repeated(one: Repeated) -> str:
    return f"{one.origin}: the same article as {one.first}"


def _listed(texts: Iterable[str]) -> str:
    return paragraphs(texts, "small")
