"""The pieces of a drawing: figures as SVG text with a name and a description, made of plain values.

Colours come as classes (framing.pagestyle) with presentation attributes under them, so that a figure has its colours
without any stylesheet, in a page under a strict policy, and as a file of its own (`standalone`). Text is laid out by an
estimate of its width that is rather too wide; what does not fit is cut, and its `title` has it whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from framing.pagestyle import FIGURE_STYLE, GREY_ON_LIGHT, HUES, ON_LIGHT
from framing.terminal import columns_of, one_line

SVG = "http://www.w3.org/2000/svg"
SIZE = 12.0
"""Font size of figures, in their units; a figure is 360 units wide and is shown about as many pixels wide."""
_NARROW = frozenset("iIjlftr.,:;'|!()[]{}- ·‘’“”")
_BROAD = frozenset("mwMW%@—…<=>+~#ЖШЩЮжшщюфмՄՊՋՌ")


def hue_fill(number: int | None) -> str:
    """Return the colour of the `number`-th frame for light ground; None: the grey of "not framed"."""
    return GREY_ON_LIGHT if number is None else ON_LIGHT[number % HUES]


def width_of(text: str, size: float = SIZE) -> float:
    """Return about how wide a text is in a sans serif, rather too wide than too narrow."""
    return size * sum(_width(character) for character in text)


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.39
    if character in _BROAD:
        return 0.98
    if columns_of(character) != 1:
        return 0.5 * columns_of(character) + (0.05 if columns_of(character) else 0)
    return 0.72 if character.isupper() else 0.63


def shortened(text: str, width: float, size: float = SIZE) -> str:
    """Return the text on one line, cut to at most `width` with an ellipsis."""
    text = one_line(text)
    if width_of(text, size) <= width:
        return text
    kept, used = "", width_of("…", size)
    for character in text:
        used += width_of(character, size)
        if used > width:
            break
        kept += character
    return kept.rstrip() + "…"


def label(
    x: float,
    y: float,
    text: str,
    *,
    width: float = 1e9,
    anchor: str = "start",
    kind: str = "ink",
    size: float = SIZE,
    bold: bool = False,
) -> str:
    """Return text with its base line at `y`, cut to `width`; where it was cut, pointing at it shows it whole."""
    whole = one_line(text)
    shown = shortened(text, width, size)
    weight = ' font-weight="600"' if bold else ""
    title = f"<title>{escape(whole)}</title>" if shown != whole else ""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{weight} fill="currentColor" '
        f'text-anchor="{anchor}">{title}{escape(shown)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str = "rule", width: float = 1, dash: str = "") -> str:
    """Return a straight line of a class; without a stylesheet it has the colour of the text."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    faint = ' stroke-opacity=".35"' if kind == "grid" else ""
    return (
        f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor"{faint} '
        f'stroke-width="{width:g}"{dashes}/>'
    )


def stroke(x1: float, y1: float, x2: float, y2: float, hue: int | None) -> str:
    """Return a thick line in a frame's colour; it stands in a `group` of the frame's class."""
    return (
        f'<line class="stroke" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{hue_fill(hue)}" '
        'stroke-width="2.5" stroke-linecap="round"/>'
    )


def group(inner: Iterable[str], *, kind: str = "", title: str = "") -> str:
    """Return elements together; pointing at them shows the title."""
    given = f' class="{kind}"' if kind else ""
    return f"<g{given}>{f'<title>{escape(one_line(title))}</title>' if title else ''}{''.join(inner)}</g>"


def drawing(id: str, title: str, about: str, width: float, height: float, inner: Iterable[str]) -> str:
    """Return a figure that is named and described; `id` tells it from the others on a page."""
    return (
        f'<svg xmlns="{SVG}" class="figure" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'role="img" aria-labelledby="{id}-t {id}-d" font-family="system-ui, Liberation Sans, sans-serif">'
        f'<title id="{id}-t">{escape(one_line(title))}</title><desc id="{id}-d">{escape(one_line(about))}</desc>'
        f"{''.join(inner)}</svg>"
    )


def standalone(figure: str) -> str:
    """Return a figure of `drawing` as a file of its own, with its colours in light and in dark."""
    style = f"<style>{escape(FIGURE_STYLE)}svg:root {{ background: var(--paper); }}</style>"
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + figure.replace("</desc>", f"</desc>{style}", 1) + "\n"


def bars(parts: Iterable[tuple[str, float]]) -> str:
    """Return shares (class of the colour, 0 to 1) side by side in one bar; what it says stands in text beside it."""
    shown, at = "", 0.0
    for kind, share in parts:
        if share > 0:
            hue = hue_fill(None if kind == "hn" else int(kind[1:]))
            shown += (
                f'<rect class="{kind} fill" x="{100 * at:.2f}" y="0" width="{100 * share:.2f}" height="8" '
                f'fill="{hue}"/>'
            )
            at += share
    return f'<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{shown}</svg>'
