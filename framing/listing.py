"""Many scored articles in a terminal: one line each, as they come or sorted, and what was counted at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from framing.errors import UsageError
from framing.records import ModelFacts, ScoredArticle, ScoredParagraph
from framing.report import WHY, WIDEST, about_model, article_parts, hued, label_counts, label_width, status_of
from framing.scoredjson import Problems
from framing.terminal import Style, columns_of, cut, fit
from framing.wording import counted, probability


@dataclass(slots=True)
class Tally:
    """What the last line counts."""

    scored: int = 0
    paragraphs: int = 0
    ok: int = 0
    left_out: int = 0
    not_scored: Counter[str] = field(default_factory=Counter)

    def add(self, article: ScoredArticle) -> None:
        """Count an article."""
        ok = label_counts(article).total()
        self.ok += ok
        self.paragraphs += len(article.paragraphs)
        self.left_out += len(article.left_out)
        if ok:
            self.scored += 1
        else:
            self.not_scored[status_of(article)] += 1

    def line(self, problems: Problems) -> str:
        """Return one line with all that was counted."""
        shown = [f"{self.scored} scored", f"{self.ok} of {counted(self.paragraphs, 'paragraph')} ok"]
        shown.append(f"{self.left_out} left out")
        if self.not_scored:
            each = ", ".join(f"{count} {status}" for status, count in self.not_scored.most_common())
            shown.append(f"{self.not_scored.total()} not scored ({each})")
        if problems.repeated:
            shown.append(counted(len(problems.repeated), "duplicate"))
        if problems.failed:
            shown.append(f"{len(problems.failed)} failed")
        return ", ".join(shown)


def show_many(
    articles: Iterable[ScoredArticle],
    facts: ModelFacts,
    style: Style,
    width: int,
    *,
    sort: str | None = None,
    full: bool = False,
    problems: Problems | None = None,
) -> Iterator[str]:
    """Yield one line for each article (with `full` all of it), then the model and a last line with what was counted.

    Articles come as they are read, or sorted where `sort` says by what (see `sort_key`, which also checks it, at
    once). `problems` may be filled while the articles are read; its sums stand in the last line.
    """
    key = sort_key(sort, facts) if sort is not None else None
    return _show_many(articles, facts, style, width, key, full, problems or Problems())


def sort_key(sort: str, facts: ModelFacts) -> Callable[[ScoredArticle], tuple[bool, float, str]]:
    """Return the key to sort articles by: source, date (earliest first), title, or a frame's share (highest first).

    Articles that lack it come last. Raises UsageError for anything else.
    """
    if sort in ("source", "date", "title"):

        def by_text(article: ScoredArticle) -> tuple[bool, float, str]:
            value: str | None = getattr(article, sort)
            return value is None, 0.0, (value or "").casefold()

        return by_text
    if sort not in facts.labels:
        raise UsageError(f"cannot sort by {sort!r}; choose one of source, date, title, {', '.join(facts.labels)}")

    def by_share(article: ScoredArticle) -> tuple[bool, float, str]:
        return not article.shares, -article.shares.get(sort, 0.0), ""

    return by_share


def _show_many(
    articles: Iterable[ScoredArticle],
    facts: ModelFacts,
    style: Style,
    width: int,
    key: Callable[[ScoredArticle], tuple[bool, float, str]] | None,
    full: bool,
    problems: Problems,
) -> Iterator[str]:
    columns = min(width, WIDEST) if full else width
    table = _Table.fitting(width, facts)
    tally = Tally()

    def shown(article: ScoredArticle) -> str:
        if full:
            return "\n\n".join([*article_parts(article, facts, style, columns, full), style.dim("─" * columns), ""])
        return table.row(article, facts, style)

    def tallied() -> Iterator[ScoredArticle]:
        for article in articles:
            tally.add(article)
            yield article

    if not full:
        yield table.head(facts, style)
    if key is None:
        yield from map(shown, tallied())
    else:
        # Only what is shown is kept, not the articles.
        waiting = [(key(article), shown(article)) for article in tallied()]
        yield from (line for _, line in sorted(waiting, key=lambda pair: pair[0]))
    if not full:
        yield ""
    yield about_model(facts, style, min(width, WIDEST))
    yield style.bold(tally.line(problems))


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of the line that each of many articles gets."""

    source: int
    title: int
    count: int
    """Columns of one label's count; 0 where there are too many labels, which then show as "3 obstacle, 1 none"."""
    counts: int
    rest: int

    @classmethod
    def fitting(cls, columns: int, facts: ModelFacts) -> _Table:
        widest = max(map(label_width, facts.labels))
        count = min(widest, 4 if columns < 100 else 6 if columns < 140 else 10)
        counts = (count + 1) * len(facts.labels) - 1
        if counts > columns // 3:
            count, counts = 0, columns // 4
        source = min(columns // 7, 20)
        left = columns - source - counts - len("2020-11-09") - 2 * 4
        title = left * 9 // 20
        return cls(source, title, count, counts, left - title)

    def head(self, facts: ModelFacts, style: Style) -> str:
        names = " ".join(hued(style, label, facts, _right(label, self.count)) for label in facts.labels)
        cells = [fit("source", self.source), fit("date", 10), fit("title", self.title)]
        cells += [names if self.count else fit("paragraphs", self.counts), cut("surest frame", self.rest)]
        return "  ".join(cells)

    def row(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        title = article.title or article.origin.rpartition("/")[2] or article.id
        cells = [fit(article.source or "", self.source), fit((article.date or "")[:10], 10), fit(title, self.title)]
        cells += [self._counts(article, facts, style), self._rest(article, facts, style)]
        return "  ".join(cells).rstrip()

    def _counts(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        counts = label_counts(article)
        if not self.count:
            return fit(", ".join(f"{count} {label}" for label, count in counts.most_common()), self.counts)
        cells = [(label, f"{counts[label] or '·':>{self.count}}") for label in facts.labels]
        return " ".join(hued(style, label, facts, cell) if counts[label] else style.dim(cell) for label, cell in cells)

    def _rest(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        """Return the warnings, then the framed paragraph that the model is surest of."""
        if not label_counts(article):
            return style.dim(cut(f"{status_of(article)}: {WHY.get(status_of(article), '')}", self.rest))
        amiss = sum(paragraph.label is None for paragraph in article.paragraphs)
        warnings = f"{amiss} not ok; " if amiss else ""
        surest = _surest(article, facts)
        if surest is None or surest.label is None:
            return cut(f"{warnings}no frame", self.rest)
        label = surest.label
        verdict = f"{label} {probability(surest.probabilities[label])}"
        shown = cut(f"{warnings}{verdict} {surest.text[:400]}", self.rest)
        return shown.replace(verdict, hued(style, label, facts, verdict), 1)


def _right(text: str, columns: int) -> str:
    text = cut(text, columns)
    return " " * (columns - columns_of(text)) + text


def _surest(article: ScoredArticle, facts: ModelFacts) -> ScoredParagraph | None:
    framed = [paragraph for paragraph in article.paragraphs if paragraph.label not in (None, facts.none_label)]
    return max(framed, key=lambda paragraph: paragraph.probabilities[paragraph.label or ""], default=None)
