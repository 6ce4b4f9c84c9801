"""Figures of shares with intervals, as pure functions from plain values: by group, and over time.

All are 360 units wide, so that several stand beside each other on a wide screen and one fills a narrow one. A figure
says in itself what its shares are of and whether an audit corrected them; what a mark means stands in its own last
line. Shares are 0 to 1, intervals 95 %. The table behind each figure is the page's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from framing.pagestyle import hue_class
from framing.svg import drawing, group, hue_fill, label, line, stroke, width_of
from framing.wording import NOT_AUDITED, percents

_Scale = Callable[[float], float]

WIDTH = 360.0
PAD = 5.0
"""Room at the sides."""
HEAD = 44.0
"""Height of the two lines of heading."""
SMALL = 10.5
_ROW = 43.0
_LIMITS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A share with the ends of its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """A group (or stretch of time) with its estimate, what stands beside it, and why there is none."""

    name: str
    estimate: Mark | None
    by_hand: Mark | None = None
    naive: Mark | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What every figure is told."""

    id: str
    """Of the figure in its page."""
    title: str
    of: str
    """What the shares are of: "share of all paragraphs"."""
    hue: int | None
    """The number of the frame's colour; None for "not framed"."""
    audited: bool

    @property
    def subtitle(self) -> str:
        """Return the line under the title."""
        return f"{self.of}, 95 % intervals{'' if self.audited else f' · {NOT_AUDITED}'}"


def limit_of(rows: Iterable[Row]) -> float:
    """Return a round share that no mark exceeds, for the end of an axis."""
    ends = [mark.high for row in rows for mark in (row.estimate, row.by_hand, row.naive) if mark is not None]
    return next((limit for limit in _LIMITS if limit >= max(ends, default=1.0) - 1e-9), 1.0)


def forest(about: About, rows: Sequence[Row], limit: float = 1.0) -> str:
    """Return each group's share with its interval, one under the other; `limit` is where the axis ends."""
    bottom = HEAD + _ROW * len(rows)

    def x(share: float) -> float:
        return PAD + (WIDTH - 2 * PAD) * min(share / limit, 1.0)

    parts = headings(about)
    for step in range(5):
        at = x(limit * step / 4)
        parts.append(line(at, HEAD - 4, at, bottom + 2, kind="grid"))
        anchor = "start" if step == 0 else "end" if step == 4 else "middle"
        parts.append(label(at, bottom + 15, f"{100 * limit * step / 4:g} %", kind="soft", size=SMALL, anchor=anchor))
    for number, row in enumerate(rows):
        parts.append(_forest_row(about, row, HEAD + _ROW * number, x))
    parts += _key(about, rows, bottom + 36)
    told = "; ".join(_told(row) for row in rows)
    return drawing(about.id, f"{about.title}: {about.subtitle}", told, WIDTH, bottom + 46, parts)


def _forest_row(about: About, row: Row, top: float, x: _Scale) -> str:
    if row.estimate is None:
        parts = [label(PAD, top + 12, row.name, width=WIDTH - 2 * PAD)]
        parts.append(label(PAD, top + 27, row.note, kind="soft", size=SMALL, width=WIDTH - 2 * PAD))
        return group(parts)
    figures = percents(row.estimate)
    parts = [
        label(PAD, top + 12, row.name, width=WIDTH - 2 * PAD - width_of(figures) - 10),
        label(WIDTH - PAD, top + 12, figures, anchor="end"),
    ]
    lane = top + 30
    if row.by_hand is not None:
        shown = [line(x(row.by_hand.low), lane, x(row.by_hand.high), lane), _square(x(row.by_hand.value), lane)]
        parts.append(group(shown, title=f"hand labels alone: {percents(row.by_hand)}"))
    if row.naive is not None:
        parts.append(group(_cross(x(row.naive.value), lane), title=f"naive count: {percents(row.naive)}"))
    parts.append(_estimate(about, x(row.estimate.low), x(row.estimate.high), x(row.estimate.value), top + 21, figures))
    return group(parts)


def _estimate(about: About, low: float, high: float, value: float, y: float, title: str) -> str:
    bar = stroke(low, y, high, y, about.hue)
    return group([bar, _dot(about, value, y)], kind=hue_class(about.hue), title=f"{_kind(about)}: {title}")


def _dot(about: About, x: float, y: float) -> str:
    """Return the mark of an estimate: filled where an audit corrected it, else hollow."""
    if about.audited:
        return f'<circle class="fill" cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{hue_fill(about.hue)}"/>'
    return (
        f'<circle class="hollow stroke" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#fff" '
        f'stroke="{hue_fill(about.hue)}" stroke-width="1.5"/>'
    )


def _kind(about: About) -> str:
    return "corrected" if about.audited else f"adjusted, {NOT_AUDITED}"


def _square(x: float, y: float) -> str:
    return (
        f'<rect class="hollow rule" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="#fff" '
        'stroke="currentColor" stroke-width="1"/>'
    )


def _cross(x: float, y: float) -> list[str]:
    return [
        line(x - 3.2, y - 3.2, x + 3.2, y + 3.2, width=1.4),
        line(x - 3.2, y + 3.2, x + 3.2, y - 3.2, width=1.4),
    ]


def headings(about: About) -> list[str]:
    """Return a figure's title and the line under it."""
    return [
        label(PAD, 15, about.title, width=WIDTH - 2 * PAD, size=13.5, bold=True),
        label(PAD, 31, about.subtitle, width=WIDTH - 2 * PAD, kind="soft", size=SMALL),
    ]


def _key(about: About, rows: Sequence[Row], y: float) -> list[str]:
    """Return what the marks mean, as far as they are there."""
    marks: list[tuple[str, str]] = []
    if any(row.estimate is not None for row in rows):
        marks.append((group([_dot(about, PAD + 4, y - 4)], kind=hue_class(about.hue)), _kind(about)))
    if any(row.by_hand is not None for row in rows):
        marks.append((_square(PAD + 4, y - 4), "hand labels alone"))
    if any(row.naive is not None and row.estimate is not None for row in rows):
        marks.append((group(_cross(PAD + 4, y - 4)), "naive count"))
    parts, at = [], 0.0
    for mark, text in marks:
        parts.append(
            f'<g transform="translate({at:.1f} 0)">{mark}{label(PAD + 13, y, text, kind="soft", size=SMALL)}</g>'
        )
        at += 13 + width_of(text, SMALL) + 8
    return parts


def _told(row: Row) -> str:
    return f"{row.name}: {percents(row.estimate) if row.estimate else row.note or 'no estimate'}"


# Over time.


def over_time(about: About, rows: Sequence[Row], places: Sequence[int], limit: float = 1.0) -> str:
    """Return shares over time; `places` gives each row's place in time (equal steps, rising), so that gaps show."""
    left, right, top, bottom = 40.0, WIDTH - PAD, HEAD + 4, 200.0
    first, last = (places[0], places[-1]) if places else (0, 0)

    def x(place: int) -> float:
        return left + 8 + (right - left - 16) * ((place - first) / (last - first) if last > first else 0.5)

    def y(share: float) -> float:
        return bottom - (bottom - top) * min(share / limit, 1.0)

    parts = headings(about)
    for step in range(5):
        at = y(limit * step / 4)
        parts.append(line(left, at, right, at, kind="grid"))
        parts.append(label(left - 6, at + 3.5, f"{100 * limit * step / 4:g} %", kind="soft", size=SMALL, anchor="end"))
    points = [(row, place) for row, place in zip(rows, places, strict=True) if row.estimate is not None]
    for (row, place), (after, next_place) in pairwise(points):
        if next_place == place + 1 and row.estimate and after.estimate:
            parts.append(line(x(place), y(row.estimate.value), x(next_place), y(after.estimate.value)))
    aside = min((right - left) / (last - first + 1) / 3, 6.0)
    for row, place in zip(rows, places, strict=True):
        parts.append(_point(about, row, x(place), y, aside))
    parts += _dates(rows, [x(place) for place in places], bottom)
    parts += _key(about, rows, bottom + 40)
    told = "; ".join(_told(row) for row in rows)
    return drawing(about.id, f"{about.title}: {about.subtitle}", told, WIDTH, bottom + 50, parts)


def _point(about: About, row: Row, x: float, y: _Scale, aside: float) -> str:
    if row.estimate is None:
        return group([line(x, y(0) - 3, x, y(0) + 3)], title=f"{row.name}: {row.note}")
    parts = []
    if row.naive is not None:
        parts.append(
            group(_cross(x + aside, y(row.naive.value)), title=f"{row.name}, naive count: {percents(row.naive)}")
        )
    if row.by_hand is not None:
        parts.append(
            group(
                [_square(x + aside, y(row.by_hand.value))],
                title=f"{row.name}, hand labels alone: {percents(row.by_hand)}",
            )
        )
    bar = stroke(x, y(row.estimate.low), x, y(row.estimate.high), about.hue)
    inner = [bar, _dot(about, x, y(row.estimate.value))]
    parts.append(group(inner, kind=hue_class(about.hue), title=f"{row.name}: {percents(row.estimate)}"))
    return group(parts)


def _dates(rows: Sequence[Row], xs: Sequence[float], bottom: float) -> list[str]:
    """Return as many dates under the axis as have room, the first among them."""
    parts, free = [], -1e9
    for row, x in zip(rows, xs, strict=True):
        half = width_of(row.name, SMALL) / 2
        if x - half >= free and x + half <= WIDTH:
            parts.append(label(x, bottom + 17, row.name, kind="soft", size=SMALL, anchor="middle"))
            free = x + half + 6
    return parts
