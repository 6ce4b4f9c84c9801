"""The figures of a comparison, each with the table behind it: for the page, and as SVG and CSV files of their own.

Which figures there are depends on what the comparison has: shares by group for each label, among all paragraphs and
among the framed ones; the simplex where there are exactly three framed labels and an audit; who differs from whom,
with an audit and up to ten groups; shares over time; and shares by voice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from framing.comparison import FAMILIES, Comparison, Difference, Estimate, Group, Label, LabelShare, Of
from framing.figures import About, Mark, Row, forest, limit_of, over_time
from framing.matrix import MOST_GROUPS, matrix, points
from framing.simplex import simplex
from framing.terminal import one_line
from framing.wording import CANNOT_TELL, percent, percents

Cell = str | int | float | None
OF = {"all": "share of all paragraphs", "framed": "share of framed paragraphs"}
OVER_TIME = "share of all paragraphs, over time"
BY_VOICE = "share of quoted and of other paragraphs"
_VOICES = {"quoted": "quoted", "own": "own words"}
_SHARE_COLUMNS = (
    *("group", "label", "of", "audited", "articles", "paragraphs", "audited_articles", "audited_paragraphs"),
    *("share", "low", "high", "by_hand", "by_hand_low", "by_hand_high", "naive", "naive_low", "naive_high"),
    *("original", "original_low", "original_high", "check", "note"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the figures behind it: as numbers for a file, and as they are read, for the page."""

    name: str
    """Of a file, and its id in the page: letters, digits and hyphens."""
    title: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heads: tuple[str, ...]
    """The columns of the table that people read."""
    shown: tuple[tuple[str, ...], ...]


def hues(labels: Sequence[Label]) -> dict[str, int | None]:
    """Return the number of each label's colour; the label that means "not framed" has none."""
    framed = [label.id for label in labels if not label.none]
    return {label.id: framed.index(label.id) if label.id in framed else None for label in labels}


def families(comparison: Comparison) -> list[Of]:
    """Return the families of shares that the comparison has."""
    found = {share.of for group in comparison.groups for share in group.shares}
    return [of for of in FAMILIES if of in found]


def compared_families(comparison: Comparison) -> list[Of]:
    """Return the families in which groups are compared."""
    found = {one.of for one in comparison.differences}
    return [of for of in FAMILIES if of in found]


def labels_of(comparison: Comparison, of: Of) -> list[Label]:
    """Return the labels of a family."""
    return [label for label in comparison.labels if of == "all" or not label.none]


def share_figures(comparison: Comparison, of: Of) -> tuple[Figure, ...]:
    """Return a forest plot for each label; all have the same axis."""
    named = [(group.name, group) for group in comparison.groups]
    return _forests(comparison, of, named, f"shares-{of}", OF[of])


def voice_figures(comparison: Comparison) -> tuple[Figure, ...]:
    """Return a forest plot for each framed label with the mostly quoted and the other paragraphs of each group."""
    by_name: dict[str, list[tuple[str, Group]]] = {}
    for voice in comparison.voices:
        for group in voice.groups:
            by_name.setdefault(group.name, []).append((f"{_VOICES[voice.voice]}: {group.name}", group))
    return _forests(comparison, "all", [pair for pairs in by_name.values() for pair in pairs], "voice", BY_VOICE)


def _forests(
    comparison: Comparison, of: Of, named: Sequence[tuple[str, Group]], prefix: str, what: str
) -> tuple[Figure, ...]:
    labels = labels_of(comparison, of) if named else []
    rows = {label.id: [_row(name, group, label.id, of) for name, group in named] for label in labels}
    limit = limit_of(row for some in rows.values() for row in some)
    colours = hues(comparison.labels)
    figures = []
    for number, label in enumerate(labels, 1):
        about = About(f"{prefix}-{number}", label.title, what, colours[label.id], comparison.audited)
        figures.append(_share_figure(comparison, about, forest(about, rows[label.id], limit), label, of, named))
    return tuple(figures)


def time_figures(comparison: Comparison) -> tuple[Figure, ...]:
    """Return shares of all paragraphs over time, a figure for each label."""
    if comparison.series is None:
        return ()
    named = [(point.when, point.group) for point in comparison.series.points]
    places = [_place(when) for when, _ in named]
    rows = {label.id: [_row(name, group, label.id, "all") for name, group in named] for label in comparison.labels}
    limit = limit_of(row for some in rows.values() for row in some)
    colours = hues(comparison.labels)
    figures = []
    for number, label in enumerate(comparison.labels, 1):
        about = About(f"time-{number}", label.title, OVER_TIME, colours[label.id], comparison.audited)
        svg = over_time(about, rows[label.id], places, limit)
        figures.append(_share_figure(comparison, about, svg, label, "all", named))
    return tuple(figures)


def _place(when: str) -> int:
    """Return where a year, month or day stands in time, in years, months or days."""
    parts = [int(part) for part in when.split("-")[:3]]
    if len(parts) == 3:
        return date(parts[0], parts[1], parts[2]).toordinal()
    return parts[0] * 12 + parts[1] if len(parts) == 2 else parts[0]


def simplex_figure(comparison: Comparison) -> Figure | None:
    """Return where the groups stand between exactly three framed labels; None without an audit, or other labels."""
    framed = [label for label in comparison.labels if not label.none]
    if len(framed) != 3 or not comparison.audited:
        return None
    of: Of = "framed" if any(label.none for label in comparison.labels) else "all"
    placed = []
    for group in comparison.groups:
        marks = [mark for label in framed if (mark := _mark(_share(group, label.id, of))) is not None]
        if len(marks) == 3:
            placed.append((group.name, marks))
    if not placed:
        return None
    about = About("simplex", "Between the three frames", OF[of], None, True)
    colours = hues(comparison.labels)
    titles = [(label.title, colours[label.id] or 0) for label in framed]
    rows: list[tuple[Cell, ...]] = [
        (name, *(end for mark in marks for end in (mark.value, mark.low, mark.high))) for name, marks in placed
    ]
    columns = ("group", *(f"{label.id}{end}" for label in framed for end in ("", "_low", "_high")))
    shown = tuple((name, *map(percents, marks)) for name, marks in placed)
    svg = simplex(about, titles, placed)
    return Figure(about.id, about.title, svg, columns, tuple(rows), (comparison.by, *(t for t, _ in titles)), shown)


def difference_figures(comparison: Comparison, of: Of) -> tuple[Figure, ...]:
    """Return a matrix for each label, empty without an audit, with fewer than two groups, or with too many."""
    names = estimated(comparison)
    if not comparison.differences or not 2 <= len(names) <= MOST_GROUPS:
        return ()
    colours = hues(comparison.labels)
    figures = []
    for number, label in enumerate(labels_of(comparison, of), 1):
        found = [one for one in comparison.differences if (one.label, one.of) == (label.id, of)]
        pairs = [one for one in found if one.other is not None]
        if not pairs:
            continue
        at = {(names.index(one.group), names.index(str(one.other))): _span(one) for one in pairs}
        more = [
            pair if mark.value > 0 else (pair[1], pair[0])
            for pair, mark in at.items()
            if _supported(pairs, names, pair)
        ]
        about = About(
            f"differences-{of}-{number}", label.title, OF[of] + ", all pairs at once", colours[label.id], True
        )
        figures.append(_difference_figure(comparison, about, matrix(about, names, at, more), found))
    return tuple(figures)


def _supported(pairs: Iterable[Difference], names: Sequence[str], pair: tuple[int, int]) -> bool:
    return any(one.supported for one in pairs if (one.group, one.other) == (names[pair[0]], names[pair[1]]))


def _difference_figure(comparison: Comparison, about: About, svg: str, found: Sequence[Difference]) -> Figure:
    columns = ("group", "other", "label", "of", "difference", "low", "high", "supported")
    rows = tuple(
        (one.group, one.other, one.label, one.of, one.value, one.low, one.high, str(one.supported).lower())
        for one in found
    )
    heads = (comparison.by, "Compared with", "Difference in points (95 % interval)", "Verdict")
    return Figure(about.id, about.title, svg, columns, rows, heads, difference_rows(found))


def difference_rows(found: Iterable[Difference]) -> tuple[tuple[str, ...], ...]:
    """Return differences as they are read: group, other group, difference, verdict."""
    return tuple(
        (
            one.group,
            one.other if one.other is not None else "all others together",
            f"{points(one.value)} ({points(one.low)} to {points(one.high)})",
            ("more" if one.value > 0 else "less") if one.supported else CANNOT_TELL,
        )
        for one in found
    )


def estimated(comparison: Comparison) -> list[str]:
    """Return the names of the groups that have differences."""
    compared = {name for one in comparison.differences for name in (one.group, one.other)}
    return [group.name for group in comparison.groups if group.name in compared]


def all_figures(comparison: Comparison) -> Iterator[Figure]:
    """Yield all figures that the page shows, in its order."""
    for of in families(comparison):
        yield from share_figures(comparison, of)
    if (found := simplex_figure(comparison)) is not None:
        yield found
    for of in families(comparison):
        yield from difference_figures(comparison, of)
    yield from time_figures(comparison)
    yield from voice_figures(comparison)


# Rows and cells.


def _share(group: Group, label: str, of: Of) -> LabelShare | None:
    return next((share for share in group.shares if (share.label, share.of) == (label, of)), None)


def _mark(share: LabelShare | None) -> Mark | None:
    if share is None or share.value is None or share.low is None or share.high is None:
        return None
    return Mark(share.value, share.low, share.high)


def _of_estimate(found: Estimate | None) -> Mark | None:
    return None if found is None else Mark(found.value, found.low, found.high)


def _span(one: Difference) -> Mark:
    return Mark(one.value, one.low, one.high)


def _note(group: Group, share: LabelShare | None) -> str:
    if group.lacking:
        return f"not estimated: needs {group.lacking}"
    if share is not None and share.withheld:
        return "withheld, not audited: its interval is longer than one half"
    return "not estimated" if _mark(share) is None else ""


def _row(name: str, group: Group, label: str, of: Of) -> Row:
    share = _share(group, label, of)
    if share is None:
        return Row(name, None, note=_note(group, None))
    return Row(name, _mark(share), _of_estimate(share.by_hand), _of_estimate(share.naive), _note(group, share))


def _share_figure(
    comparison: Comparison, about: About, svg: str, label: Label, of: Of, named: Sequence[tuple[str, Group]]
) -> Figure:
    rows, shown = [], []
    for name, group in named:
        share = _share(group, label.id, of)
        marks = [_mark(share)]
        marks += [
            _of_estimate(found) for found in ((share.by_hand, share.naive, share.original) if share else (None,) * 3)
        ]
        note = _note(group, share)
        size: list[Cell] = [group.articles, group.paragraphs, group.audited_articles, group.audited_paragraphs]
        cells: list[Cell] = [name, label.id, of, str(comparison.audited).lower(), *size]
        for mark in marks:
            cells += [None, None, None] if mark is None else [mark.value, mark.low, mark.high]
        rows.append((*cells, share.check if share else None, note))
        figures = [
            note if mark is None and at == 0 else percents(mark) if mark else "" for at, mark in enumerate(marks)
        ]
        counts = f"{group.audited_articles:,} of {group.articles:,}" if comparison.audited else f"{group.articles:,}"
        check = percent(share.check) if share is not None and share.check is not None else ""
        shown.append((name, *figures, check, counts))
    kind = "Corrected" if comparison.audited else "Adjusted, not audited"
    heads = (comparison.by, kind, "Hand labels alone", "Naive count", "Original only", "Check", _articles(comparison))
    keep = [at for at, _ in enumerate(heads) if at in (0, 1, 6) or any(row[at] for row in shown)]
    return Figure(
        about.id, f"{one_line(about.title)}: {about.subtitle}", svg, _SHARE_COLUMNS, tuple(rows),
        tuple(heads[at] for at in keep), tuple(tuple(row[at] for at in keep) for row in shown),
    )  # fmt: skip


def _articles(comparison: Comparison) -> str:
    return "Audited articles" if comparison.audited else "Articles"
