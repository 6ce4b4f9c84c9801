"""The matrix of differences: which of up to ten groups has more than which, and where that cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from framing.figures import HEAD, PAD, SMALL, WIDTH, About, Mark, headings
from framing.svg import drawing, group, label, line, width_of
from framing.wording import CANNOT_TELL

MOST_GROUPS = 10
"""Groups beyond which a matrix is too small to read: their differences are a list."""
_CELL = 22.0
Pair = tuple[int, int]


def matrix(
    about: About,
    names: Sequence[str],
    differences: Mapping[Pair, Mark],
    supported: Iterable[Pair],
) -> str:
    """Return which group has more than which: a row for each group, and the same groups as numbered columns.

    `differences` has (row, column) with the row's share less the column's, in one of both directions; `supported` the
    pairs whose difference is (the group with more, the group with less). Up to `MOST_GROUPS` groups.
    """
    more = set(supported)
    left = WIDTH - PAD - _CELL * len(names)
    top = HEAD + 16
    parts = headings(about)
    for column in range(len(names)):
        at = left + _CELL * (column + 0.5)
        parts.append(label(at, top - 5, str(column + 1), kind="soft", size=SMALL, anchor="middle"))
    for row, name in enumerate(names):
        y = top + _CELL * row
        parts.append(line(PAD, y, WIDTH - PAD, y, kind="grid"))
        number = label(PAD + 13, y + 15, str(row + 1), kind="soft", size=SMALL, anchor="end")
        parts += [number, label(PAD + 20, y + 15, name, width=left - PAD - 26)]
        for column, other in enumerate(names):
            if row != column:
                told = _difference(name, other, differences, row, column)
                shown = _comparison((row, column) in more, (column, row) in more, left + _CELL * (column + 0.5), y + 11)
                parts.append(group(shown, title=told))
    bottom = top + _CELL * len(names)
    parts += [line(PAD, bottom, WIDTH - PAD, bottom, kind="grid"), *_key(bottom + 20)]
    pairs = "; ".join(f"{names[one]} has more than {names[other]}" for one, other in sorted(more))
    return drawing(about.id, f"{about.title}: which groups differ", pairs or CANNOT_TELL, WIDTH, bottom + 30, parts)


def _difference(name: str, other: str, differences: Mapping[Pair, Mark], row: int, column: int) -> str:
    found, sign = differences.get((row, column)), 1
    if found is None:
        found, sign = differences.get((column, row)), -1
    if found is None:
        return f"{name} and {other}: not compared"
    low, high = sorted((sign * found.low, sign * found.high))
    return f"{name} less {other}: {points(sign * found.value)} points ({points(low)} to {points(high)})"


def points(difference: float) -> str:
    """Return a difference in percentage points, with its sign."""
    return f"{100 * difference:+.0f}".replace("-", "\u2212")


def _comparison(more: bool, less: bool, x: float, y: float) -> list[str]:
    target = f'<rect x="{x - 11:.1f}" y="{y - 11:.1f}" width="22" height="22" fill="transparent"/>'
    if more:
        return [target, f'<path class="ink" d="M{x - 5:.1f} {y + 4:.1f}h10l-5 -9z" fill="currentColor"/>']
    if less:
        return [
            target,
            f'<path class="plain" d="M{x - 5:.1f} {y - 4:.1f}h10l-5 9z" fill="none" stroke="currentColor"/>',
        ]
    return [target, f'<circle class="soft" cx="{x:.1f}" cy="{y:.1f}" r="1.5" fill="currentColor"/>']


def _key(y: float) -> list[str]:
    parts, at = [], PAD + 5
    meanings = ((True, False, "row has more"), (False, True, "row has less"), (False, False, CANNOT_TELL))
    for more, less, text in meanings:
        parts += [*_comparison(more, less, at, y - 4)[1:], label(at + 10, y, text, kind="soft", size=SMALL)]
        at += 10 + width_of(text, SMALL) + 14
    return parts
