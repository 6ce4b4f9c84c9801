"""The simplex: where groups stand between exactly three frames, each with the region that its three intervals allow.

A point of the triangle is three shares that sum to 1; the nearer to a corner, the more of that corner's frame. Each
interval cuts a strip out of the triangle, and the three strips together a region of up to six corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin, sqrt

from framing.figures import SMALL, WIDTH, About, Mark, headings
from framing.pagestyle import hue_class
from framing.svg import drawing, group, hue_fill, label, line, width_of
from framing.wording import percents

Point = tuple[float, float, float]
"""Three shares that sum to 1."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
_SIDE = 300.0
_LEFT = (WIDTH - _SIDE) / 2
_TOP = 62.0
_HEIGHT = _SIDE * sqrt(3) / 2


def region(marks: Sequence[Mark]) -> list[Point]:
    """Return the corners of what three intervals leave of the triangle, in order; empty where they contradict."""
    corners: list[Point] = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    for axis, mark in enumerate(marks):
        corners = _clipped(corners, axis, mark.low, 1)
        corners = _clipped(corners, axis, mark.high, -1)
    return corners


def _clipped(corners: Sequence[Point], axis: int, bound: float, sign: int) -> list[Point]:
    """Return the polygon where sign * (share - bound) >= 0 (Sutherland and Hodgman 1974)."""
    kept: list[Point] = []
    for at, corner in enumerate(corners):
        before = corners[at - 1]
        here, there = sign * (corner[axis] - bound), sign * (before[axis] - bound)
        if (here >= 0) != (there >= 0):
            part = there / (there - here)
            first, second, third = (b + part * (c - b) for b, c in zip(before, corner, strict=True))
            kept.append((first, second, third))
        if here >= 0:
            kept.append(corner)
    return kept


def place(point: Sequence[float]) -> tuple[float, float]:
    """Return where three shares stand in the figure: the first frame's corner is the top, then left, then right."""
    total = sum(point) or 1.0
    top, _, right = (share / total for share in point)
    return _LEFT + _SIDE * (right + top / 2), _TOP + _HEIGHT * (1 - top)


def simplex(about: About, frames: Sequence[tuple[str, int]], groups: Sequence[tuple[str, Sequence[Mark]]]) -> str:
    """Return the figure: `frames` are three titles with their colours' numbers, `groups` have three shares each."""
    parts = [*headings(about), *_triangle(frames)]
    regions, dots, taken = [], [], _titles_of_corners(frames)
    opacity = min(0.2, 1.4 / max(len(groups), 1))
    for name, marks in groups:
        told = f"{name}: " + ", ".join(
            f"{frame} {percents(mark)}" for (frame, _), mark in zip(frames, marks, strict=True)
        )
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, region(marks)))
        grey = f'fill="{hue_fill(None)}" fill-opacity="{opacity:.3f}" stroke="{hue_fill(None)}"'
        shape = f'<polygon class="area" points="{corners}" stroke-opacity="{4 * opacity:.3f}" {grey}/>'
        regions.append(group([shape] if corners else [], kind="hn", title=told))
        x, y = place([mark.value for mark in marks])
        dots.append(group([f'<circle class="ink" cx="{x:.1f}" cy="{y:.1f}" r="3" fill="currentColor"/>'], title=told))
        taken.append((x - 4, y - 4, x + 4, y + 4))
    parts += [*regions, *dots, *_numbers([place([mark.value for mark in marks]) for _, marks in groups], taken)]
    listed, height = _names([name for name, _ in groups], _TOP + _HEIGHT + 52)
    return drawing(
        about.id, f"{about.title}: {about.subtitle}", _told(frames, groups), WIDTH, height, [*parts, *listed]
    )


def _triangle(frames: Sequence[tuple[str, int]]) -> list[str]:
    corners = [place(point) for point in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    parts = [f'<polygon class="plain" points="{outline}" fill="none" stroke="currentColor"/>']
    for share in (0.25, 0.5, 0.75):
        rest = 1 - share
        for one, other in (
            ((share, rest, 0), (share, 0, rest)),
            ((rest, share, 0), (0, share, rest)),
            ((rest, 0, share), (0, rest, share)),
        ):
            parts.append(line(*place(one), *place(other), kind="grid"))
    spots = (
        (WIDTH / 2, _TOP - 9, "middle"),
        (5, _TOP + _HEIGHT + 18, "start"),
        (WIDTH - 5, _TOP + _HEIGHT + 18, "end"),
    )
    for (title, hue), (x, y, anchor), (cx, cy) in zip(frames, spots, corners, strict=True):
        dot = f'<circle class="fill" cx="{cx:.1f}" cy="{cy:.1f}" r="5" fill="{hue_fill(hue)}"/>'
        parts.append(group([dot], kind=hue_class(hue)))
        parts.append(label(x, y, title, anchor=anchor, width=WIDTH / 2 - 20, bold=True))
    return parts


def _titles_of_corners(frames: Sequence[tuple[str, int]]) -> list[Box]:
    """Return the room that the titles under the two lower corners take."""
    top, bottom = _TOP + _HEIGHT + 6, _TOP + _HEIGHT + 22
    left, right = (min(width_of(title), WIDTH / 2 - 20) for title, _ in frames[1:])
    return [(5, top, 5 + left, bottom), (WIDTH - 5 - right, top, WIDTH - 5, bottom)]


def _numbers(places: Sequence[tuple[float, float]], taken: list[Box]) -> list[str]:
    """Return a number for each point, beside it where there is room, else farther off with a line to it."""
    parts = []
    for number, (x, y) in enumerate(places, 1):
        text = str(number)
        wide = width_of(text, SMALL)
        for step in range(8 * 12):
            far, angle = 11 + 7 * (step // 12), pi * (step % 12) / 6 - pi / 4
            cx, cy = x + far * cos(angle), y + far * sin(angle)
            box = (cx - wide / 2 - 1, cy - 6, cx + wide / 2 + 1, cy + 6)
            inside = box[0] >= 0 and box[2] <= WIDTH
            if (inside and not any(_overlap(box, other) for other in taken)) or step == 8 * 12 - 1:
                break
        taken.append(box)
        if far > 11:
            parts.append(line(x, y, x + (far - 6) * cos(angle), y + (far - 6) * sin(angle), width=0.7))
        parts.append(label(cx, cy + 3.7, text, anchor="middle", size=SMALL))
    return parts


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _names(names: Sequence[str], top: float) -> tuple[list[str], float]:
    """Return which number is which group, in two columns, and where the figure ends."""
    rows = (len(names) + 1) // 2
    parts = []
    for number, name in enumerate(names):
        x, y = 10 + (WIDTH / 2) * (number // rows), top + 16 * (number % rows)
        parts.append(label(x + 14, y, str(number + 1), kind="soft", size=SMALL, anchor="end"))
        parts.append(label(x + 20, y, name, width=WIDTH / 2 - 34, size=SMALL))
    return parts, top + 16 * rows


def _told(frames: Sequence[tuple[str, int]], groups: Sequence[tuple[str, Sequence[Mark]]]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{frame} {percents(mark)}" for (frame, _), mark in zip(frames, marks, strict=True))
        for name, marks in groups
    )
