"""Scored articles for reading: as text in a terminal, and as JSON or JSON Lines.

Everything here returns or yields text, or writes to the file it is given, article by article; the standard library is
all it needs. Shares are counted from predictions: every form says "predicted, not corrected".
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TextIO

from framing.errors import UsageError
from framing.records import (
    Evidence,
    Failed,
    Interval,
    LeftOut,
    ModelFacts,
    Repeated,
    ScoredArticle,
    ScoredParagraph,
)
from framing.terminal import Style, bar, clean, columns_of, cut, fit, lines, one_line

NOT_CORRECTED = "predicted, not corrected"
NO_PARAGRAPHS = "no_paragraphs"
"""What stands for the status of an article of which no paragraph could be scored, though it is not amiss itself."""
_WHY = {
    "no_target": "the article never names the target",
    "off_topic": "too few of its words are known to the model",
    "other_language": "not in the language of the model",
    NO_PARAGRAPHS: "no paragraph could be scored",
}
_WIDEST = 100
"""Columns beyond which prose is hard to read."""
_INDENT = 4
_MOST_WORDS = 6
_LEAST_OF_STRONGEST = 0.25
_LEAST_RUNNER_UP = 0.2
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(slots=True)
class Problems:
    """What went wrong with some of the inputs; whoever reads the inputs fills it while the articles stream by."""

    failed: list[Failed] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)


# JSON.


def to_json(value: object) -> str:
    """Return strict JSON on one line that any reader takes and no terminal obeys.

    Text stays as it is, but for lone surrogates, DEL, C1 controls and Unicode line ends, which are escaped. Raises
    ValueError for NaN and infinities.
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, allow_nan=False))


def article_json(article: ScoredArticle, *, with_text: bool) -> dict[str, object]:
    """Return an article as plain JSON values; `with_text` adds the text that all offsets are for."""
    values: dict[str, object] = {"id": article.id, "title": article.title, "source": article.source}
    if article.group is not None:
        values["group"] = article.group
    values |= {"date": article.date, "url": article.url, "status": article.status}
    if with_text:
        values["text"] = article.text
    values["paragraphs"] = [
        {
            "index": paragraph.index,
            "start": paragraph.start,
            "end": paragraph.end,
            "text": paragraph.text,
            "status": paragraph.status,
            "label": paragraph.label,
            "probabilities": dict(paragraph.probabilities),
            "logit": paragraph.logit,
            "intercept": paragraph.intercept,
            "quoted": paragraph.quoted,
            "evidence": [asdict(entry) for entry in paragraph.evidence],
        }
        for paragraph in article.paragraphs
    ]
    values["left_out"] = [asdict(stretch) for stretch in article.left_out]
    values["shares"] = dict(article.shares)
    return values


def model_json(facts: ModelFacts) -> dict[str, object]:
    """Return what there is to say about the model as plain JSON values; accuracies are shares, 0 to 1."""
    return {
        "name": facts.name,
        "fingerprint": facts.fingerprint,
        "codebook": facts.codebook,
        "version": facts.codebook_version,
        "labels": list(facts.labels),
        "headline_kind": facts.headline_kind,
        "unseen_sources": asdict(facts.unseen_sources) if facts.unseen_sources else None,
        "unseen_articles": asdict(facts.unseen_articles) if facts.unseen_articles else None,
        "majority": facts.majority,
        "shares": NOT_CORRECTED,
        "notice": facts.notice,
    }


def write_json(
    articles: Iterable[ScoredArticle],
    facts: ModelFacts,
    file: TextIO,
    *,
    with_text: bool = False,
    problems: Problems | None = None,
) -> None:
    """Write one JSON object with `articles`, `model`, `failed` and `repeated`; one article is held at a time."""
    file.write('{"articles": [')
    between = "\n"
    for article in articles:
        file.write(between + to_json(article_json(article, with_text=with_text)))
        between = ",\n"
    problems = problems or Problems()
    file.write(f'\n],\n"model": {to_json(model_json(facts))}')
    file.write(f',\n"failed": {to_json([asdict(entry) for entry in problems.failed])}')
    file.write(f',\n"repeated": {to_json([asdict(entry) for entry in problems.repeated])}}}\n')


def write_jsonl(articles: Iterable[ScoredArticle], facts: ModelFacts, file: TextIO, *, with_text: bool = False) -> None:
    """Write one article a line, each with the name, fingerprint and notice of the model."""
    model = {"name": facts.name, "fingerprint": facts.fingerprint, "notice": facts.notice}
    for article in articles:
        file.write(to_json(article_json(article, with_text=with_text) | {"model": model}) + "\n")


# One article in a terminal.


def show_article(article: ScoredArticle, facts: ModelFacts, style: Style, width: int, *, full: bool = False) -> str:
    """Return one article as text of at most `width` (40 or more) columns, without a line end behind it.

    `full` lists everything that was left out, not only the first words for each reason.
    """
    columns = min(width, _WIDEST)
    parts = _parts(article, facts, style, columns, full)
    return "\n\n".join([parts[0], _about_model(facts, style, columns), *parts[1:]])


def _parts(article: ScoredArticle, facts: ModelFacts, style: Style, columns: int, full: bool) -> list[str]:
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
    rows = [style.bold(line) for line in _wrapped(title, columns)]
    for part in [together] if fits else [about, article.url or ""]:
        rows += _wrapped(part, columns)
    return "\n".join(rows)


def _about_model(facts: ModelFacts, style: Style, columns: int) -> str:
    about = [f"Model {facts.name} ({facts.fingerprint}): {_how_right(facts)}"]
    return "\n".join(
        [line for text in about for line in _wrapped(text, columns)]
        + [style.dim(line) for line in _wrapped(facts.notice or "", columns)]
    )


def _how_right(facts: ModelFacts) -> str:
    """Say how often the model is right on what it has not seen, the hardest case that was measured."""
    for figure, unseen in (
        (facts.unseen_sources, "paragraphs from sources it has not seen"),
        (facts.unseen_articles, "paragraphs of articles it has not seen (sources: too few to say)"),
    ):
        if figure is not None:
            kind = f"{facts.headline_kind} " if facts.headline_kind else ""
            always = "" if facts.majority is None else f"; the commonest label alone: {_percent(facts.majority)}"
            return f"right on {_with_interval(figure)} of {kind}{unseen}{always}"
    return "no score on articles it has not seen: how often it is right is not known"


def _with_interval(figure: Interval) -> str:
    return f"{_percent(figure.value)} ({100 * figure.low:.0f}-{100 * figure.high:.0f})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _probability(share: float) -> str:
    """Return a probability in percent; none is ever shown as certain."""
    return ">99 %" if share > 0.995 else _percent(share)


def _summary(article: ScoredArticle, facts: ModelFacts, style: Style, columns: int) -> str:
    """Return a bar for each frame; where no paragraph is ok, the reason."""
    counts = _counts(article)
    scored, all_paragraphs = counts.total(), len(article.paragraphs)
    if not scored:
        status = _status(article)
        return "\n".join(_wrapped(f"Not scored ({status}): {_WHY.get(status, status)}.", columns))
    head = f"{NOT_CORRECTED.capitalize()} ({scored} of {_count(all_paragraphs, 'paragraph')})"
    rows = [style.bold(line) for line in _wrapped(head, columns)]
    names = min(max(map(_label_width, facts.labels)), columns // 3)
    digits = len(str(scored))
    for label in facts.labels:
        share = article.shares.get(label, 0.0)
        drawn = bar(share, min(columns - names - digits - 13, 50))
        figures = f"{counts[label]:>{digits}}  {_percent(share):>5}"
        rows.append(
            f"  {_hued(style, label, facts, fit(label, names))}  {figures}  {_hued(style, label, facts, drawn)}"
        )
    return "\n".join(row.rstrip() for row in rows)


def _paragraph(
    article: ScoredArticle, paragraph: ScoredParagraph, facts: ModelFacts, style: Style, columns: int
) -> str:
    number = f"{paragraph.index + 1:>{_INDENT - 2}}  "
    text = clean(paragraph.text)
    if paragraph.label is None:
        status = "not scored" if article.status == paragraph.status else _WHY.get(paragraph.status, "")
        head = cut(f"{paragraph.status}: {status}", columns - len(number))
        rows = [number + head, *_indented(text, columns)]
        return "\n".join(style.dim(row) for row in rows)
    deciding = _deciding(paragraph)
    marked = _marks(paragraph, deciding)
    rows = [number + _verdict(paragraph, paragraph.label, facts, style, columns - len(number))]
    hue = _hue(paragraph.label, facts)
    for stretches in lines(text, columns - _INDENT):
        shown = (_highlighted(text, start, end, marked, style, hue) for start, end in stretches)
        rows.append(" " * _INDENT + " ".join(shown))
    if deciding:
        because = "because: " + ", ".join(f"{words} {_weight(weight)}" for words, weight in _words(deciding))
        rows += [style.dim(row) for row in _indented(because, columns)]
    return "\n".join(rows)


def _verdict(paragraph: ScoredParagraph, label: str, facts: ModelFacts, style: Style, columns: int) -> str:
    """Return the label with its probability, a runner-up that comes near, and the share of speech if there is much."""
    shares = paragraph.probabilities
    name, figure = cut(label, columns - 6), _probability(shares[label])
    others = [(share, other) for other, share in shares.items() if other != label]
    share, other = max(others, default=(0.0, ""))
    asides = [f"else {other} {_percent(share)}"] if share >= _LEAST_RUNNER_UP else []
    if paragraph.quoted >= 0.005:
        asides.append(f"{_percent(paragraph.quoted)} in quotation marks")
    aside = cut(", ".join(asides), columns - columns_of(f"{name} {figure}  "))
    return f"{style.bold(_hued(style, label, facts, name))} {figure}  {style.dim(aside)}".rstrip()


def _deciding(paragraph: ScoredParagraph) -> list[Evidence]:
    """Return the strongest evidence for the label, strongest first: none that is weak beside the strongest."""
    ranked = sorted((entry for entry in paragraph.evidence if entry.weight > 0), key=lambda entry: -entry.weight)
    return [entry for entry in ranked[:_MOST_WORDS] if entry.weight >= _LEAST_OF_STRONGEST * ranked[0].weight]


def _marks(paragraph: ScoredParagraph, deciding: Iterable[Evidence]) -> set[int]:
    """Return the positions in the paragraph's text that deciding words cover."""
    return {
        at - paragraph.start
        for entry in deciding
        if entry.start is not None and entry.end is not None
        for at in range(entry.start, entry.end)
    }


def _weight(weight: float) -> str:
    return f"{weight:+.1f}" if weight >= 0.095 else f"{weight:+.2f}"


def _words(deciding: Iterable[Evidence]) -> list[tuple[str, float]]:
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
    count = _count(len(article.left_out), "stretch", "es")
    rows = ["\n".join(_wrapped(f"Left out, not the article's prose ({count})", columns))]
    names = min(max(map(_label_width, by_reason)), columns // 3)
    for reason, stretches in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        words = [one_line(article.text[stretch.start : min(stretch.end, stretch.start + 400)]) for stretch in stretches]
        head = f"  {fit(reason, names)}  {len(stretches):>3}  "
        shown = words if full else [" | ".join(words)]
        rows += [
            (head if at == 0 else " " * len(head)) + cut(line, columns - columns_of(head))
            for at, line in enumerate(shown)
        ]
    return "\n".join([rows[0], *(style.dim(row) for row in rows[1:])])


# Many articles in a terminal.


@dataclass(slots=True)
class _Tally:
    """What the last line counts."""

    scored: int = 0
    paragraphs: int = 0
    ok: int = 0
    left_out: int = 0
    not_scored: Counter[str] = field(default_factory=Counter)

    def add(self, article: ScoredArticle) -> None:
        ok = _counts(article).total()
        self.ok += ok
        self.paragraphs += len(article.paragraphs)
        self.left_out += len(article.left_out)
        if ok:
            self.scored += 1
        else:
            self.not_scored[_status(article)] += 1

    def line(self, problems: Problems) -> str:
        shown = [f"{self.scored} scored", f"{self.ok} of {_count(self.paragraphs, 'paragraph')} ok"]
        shown.append(f"{self.left_out} left out")
        if self.not_scored:
            each = ", ".join(f"{count} {status}" for status, count in self.not_scored.most_common())
            shown.append(f"{self.not_scored.total()} not scored ({each})")
        if problems.repeated:
            shown.append(_count(len(problems.repeated), "duplicate"))
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
    columns = min(width, _WIDEST) if full else width
    table = _Table.fitting(width, facts)
    tally = _Tally()

    def shown(article: ScoredArticle) -> str:
        if full:
            return "\n\n".join([*_parts(article, facts, style, columns, full), style.dim("─" * columns), ""])
        return table.row(article, facts, style)

    def counted() -> Iterator[ScoredArticle]:
        for article in articles:
            tally.add(article)
            yield article

    if not full:
        yield table.head(facts, style)
    if key is None:
        yield from map(shown, counted())
    else:
        # Only what is shown is kept, not the articles.
        waiting = [(key(article), shown(article)) for article in counted()]
        yield from (line for _, line in sorted(waiting, key=lambda pair: pair[0]))
    if not full:
        yield ""
    yield _about_model(facts, style, min(width, _WIDEST))
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
        widest = max(map(_label_width, facts.labels))
        count = min(widest, 4 if columns < 100 else 6 if columns < 140 else 10)
        counts = (count + 1) * len(facts.labels) - 1
        if counts > columns // 3:
            count, counts = 0, columns // 4
        source = min(columns // 7, 20)
        left = columns - source - counts - len("2020-11-09") - 2 * 4
        title = left * 9 // 20
        return cls(source, title, count, counts, left - title)

    def head(self, facts: ModelFacts, style: Style) -> str:
        names = " ".join(_hued(style, label, facts, _right(label, self.count)) for label in facts.labels)
        cells = [fit("source", self.source), fit("date", 10), fit("title", self.title)]
        cells += [names if self.count else fit("paragraphs", self.counts), cut("surest frame", self.rest)]
        return "  ".join(cells)

    def row(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        title = article.title or article.origin.rpartition("/")[2] or article.id
        cells = [fit(article.source or "", self.source), fit((article.date or "")[:10], 10), fit(title, self.title)]
        cells += [self._counts(article, facts, style), self._rest(article, facts, style)]
        return "  ".join(cells).rstrip()

    def _counts(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        counts = _counts(article)
        if not self.count:
            return fit(", ".join(f"{count} {label}" for label, count in counts.most_common()), self.counts)
        cells = [(label, f"{counts[label] or '·':>{self.count}}") for label in facts.labels]
        return " ".join(_hued(style, label, facts, cell) if counts[label] else style.dim(cell) for label, cell in cells)

    def _rest(self, article: ScoredArticle, facts: ModelFacts, style: Style) -> str:
        """Return the warnings, then the framed paragraph that the model is surest of."""
        if not _counts(article):
            return style.dim(cut(f"{_status(article)}: {_WHY.get(_status(article), '')}", self.rest))
        amiss = sum(paragraph.label is None for paragraph in article.paragraphs)
        warnings = f"{amiss} not ok; " if amiss else ""
        surest = _surest(article, facts)
        if surest is None or surest.label is None:
            return cut(f"{warnings}no frame", self.rest)
        label = surest.label
        verdict = f"{label} {_probability(surest.probabilities[label])}"
        shown = cut(f"{warnings}{verdict} {surest.text[:400]}", self.rest)
        return shown.replace(verdict, _hued(style, label, facts, verdict), 1)


def _right(text: str, columns: int) -> str:
    text = cut(text, columns)
    return " " * (columns - columns_of(text)) + text


def _surest(article: ScoredArticle, facts: ModelFacts) -> ScoredParagraph | None:
    framed = [paragraph for paragraph in article.paragraphs if paragraph.label not in (None, facts.none_label)]
    return max(framed, key=lambda paragraph: paragraph.probabilities[paragraph.label or ""], default=None)


# What both share.


def _counts(article: ScoredArticle) -> Counter[str]:
    return Counter(paragraph.label for paragraph in article.paragraphs if paragraph.label is not None)


def _status(article: ScoredArticle) -> str:
    """Return why an article without a label has none."""
    return article.status if article.status != "ok" else NO_PARAGRAPHS


def _label_width(label: str) -> int:
    return columns_of(one_line(label))


def _hue(label: str, facts: ModelFacts) -> int | None:
    """Return the number of the label's colour; the label that means "not framed" has none."""
    framed = [name for name in facts.labels if name != facts.none_label]
    return framed.index(label) if label in framed else None


def _hued(style: Style, label: str, facts: ModelFacts, text: str) -> str:
    hue = _hue(label, facts)
    return style.dim(text) if hue is None else style.hue(text, hue)


def _wrapped(text: str, columns: int) -> list[str]:
    shown = clean(text)
    return [" ".join(shown[start:end] for start, end in line) for line in lines(shown, columns)]


def _indented(text: str, columns: int) -> list[str]:
    return [" " * _INDENT + line for line in _wrapped(text, columns - _INDENT)]


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else plural)
