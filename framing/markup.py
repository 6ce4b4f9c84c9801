"""HTML from plain values: text made safe, links that lead nowhere dangerous, and tables that can be read aloud.

Everything that comes from outside (articles, titles, names, addresses, the notes of a model) passes `escaped` or
`link`. What this module returns needs no inline style and no script, so that the strictest content policy holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from framing.terminal import clean, one_line

_PER_CENT = re.compile(r"(?<=\d) (?=%)")
_JOINED = "\u00a0"
_SCHEMES = ("http", "https")


def escaped(text: str) -> str:
    """Return text for an element or a quoted attribute; what a screen would obey is made visible first.

    Control characters, lone surrogates and marks that turn the writing direction around become visible signs.
    """
    return escape(clean(text))


def name(text: str) -> str:
    """Return a name or title from outside on one line, apart from the writing direction around it."""
    return f"<bdi>{escape(one_line(text))}</bdi>"


def link(url: str, shown: str | None = None) -> str:
    """Return a link to a web address, or only its text where it is none (`javascript:`, `data:` and the like)."""
    text = name(shown or url)
    if not is_web(url):
        return text
    return f'<a href="{escape(url.strip())}" rel="noopener noreferrer nofollow">{text}</a>'


def is_web(url: str) -> bool:
    """Whether an address is one of the web, with a host; nothing else is ever linked."""
    if clean(url.strip()) != url.strip():
        return False
    try:
        parts = urlsplit(url.strip())
        return parts.scheme.lower() in _SCHEMES and bool(parts.hostname)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading as plain text, and its class ("number", "bar")."""

    heading: str
    kind: str = ""


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[str]], *, kind: str = "data") -> str:
    """Return a table whose first cell of each row is the row's heading; `rows` are markup, the rest is plain text.

    It scrolls inside its own box where it is wider than the page.
    """
    heads = "".join(f'<th scope="col"{_class(column)}>{escaped(column.heading)}</th>' for column in columns)
    lines = []
    for row in rows:
        first, *others = row
        cells = [f'<th scope="row">{first}</th>']
        cells += [f"<td{_class(column)}>{cell}</td>" for column, cell in zip(columns[1:], others, strict=True)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(lines)
    return scrolling(
        caption,
        f'<table class="{kind}">\n<caption>{escaped(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>",
    )


def scrolling(about: str, inner: str) -> str:
    """Return a box that scrolls sideways, by keyboard too, where its content is wider than the page."""
    return f'<div class="scroll" role="group" tabindex="0" aria-label="{escaped(about)}">\n{inner}\n</div>'


def _class(column: Column) -> str:
    return f' class="{column.kind}"' if column.kind else ""


def paragraphs(texts: Iterable[str], kind: str = "") -> str:
    """Return plain texts as paragraphs of a class; a per cent sign stays with its number."""
    given = f' class="{kind}"' if kind else ""
    return "\n".join(f"<p{given}>{_PER_CENT.sub(_JOINED, escaped(text))}</p>" for text in texts)


def details(summary: str, inner: str, kind: str = "") -> str:
    """Return markup that opens on demand; `summary` is markup too."""
    given = f' class="{kind}"' if kind else ""
    return f"<details{given}>\n<summary>{summary}</summary>\n{inner}\n</details>"
