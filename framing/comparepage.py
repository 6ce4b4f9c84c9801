"""A comparison as a page: what may be taken from it, the figures with their tables, and how they were made.

`comparison_page` is a file that stands on its own; `comparison_body` is what a server puts into its own frame.
Everything a comparison says (names of sources, titles, texts, paths) comes from outside and is escaped. Where there is
no audit every figure says so itself, no difference is called, and nothing is ranked anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from framing.comparefigures import Figure, all_figures, compared_families, families
from framing.compareparts import difference_lists, evidence_of, figure_markup, orders, quotation
from framing.comparewords import (
    VOICE,
    about_model,
    assumptions,
    audit_losses,
    heading,
    how_to_read,
    method,
    plural,
    reason,
    takeaway,
)
from framing.comparison import Comparison
from framing.marking import marked, pieces, strongest
from framing.markup import Column, details, escaped, name, paragraphs, table
from framing.pagestyle import whole_page
from framing.wording import CANNOT_TELL, NOT_AUDITED, TOUCHES_NOTHING

_HEADED = re.compile(r'<section aria-labelledby="[^"]*">\n<h2 id="(?P<id>[^"]*)">(?P<heading>.*?)</h2>')
_FAMILY = {"all": "Among all paragraphs", "framed": "Among framed paragraphs"}


def comparison_page(comparison: Comparison) -> str:
    """Return the whole page of a comparison."""
    body = f'<main id="main">\n{comparison_body(comparison)}\n</main>\n{_footer(comparison)}'
    return whole_page(f"{heading(comparison)}: {comparison.model.question or comparison.model.name}", body)


def comparison_body(comparison: Comparison) -> str:
    """Return a comparison as markup; its first heading is an h1."""
    figures = {figure.name: figure for figure in all_figures(comparison)}
    sections: Sequence[Callable[[Comparison, dict[str, Figure]], str]] = (
        _shares, _differences, _between, _time, _voice, _telling, _not_counted, _method, _files,
    )  # fmt: skip
    shown = [part for section in sections if (part := section(comparison, figures))]
    return "\n".join([_header(comparison), _contents(shown), *shown])


def _contents(sections: Iterable[str]) -> str:
    """Return links to the sections, by the ids and headings that they have."""
    found = (_HEADED.match(section) for section in sections)
    links = (f'<li><a href="#{one["id"]}">{one["heading"]}</a></li>' for one in found if one is not None)
    return f'<nav class="contents screen" aria-label="On this page"><ul>{"".join(links)}</ul></nav>'


def _header(comparison: Comparison) -> str:
    first, *rest = takeaway(comparison)
    corpus = ", ".join(file.path for file in comparison.inputs if file.role == "corpus")
    kicker = f"{comparison.articles:,} articles, {comparison.paragraphs:,} paragraphs"
    parts = [
        f'<p class="kicker">{name(corpus) + " · " if corpus else ""}{kicker}'
        f"{'' if comparison.audited else f' · <strong>{NOT_AUDITED}</strong>'}</p>",
        f"<h1>{name(heading(comparison))}</h1>",
        f'<p class="question">{escaped(comparison.model.question)}</p>' if comparison.model.question else "",
        paragraphs([first], "lead takeaway"),
        paragraphs(rest),
        _bullets(comparison.notes),
        f'<aside class="note" aria-label="About the model">\n{paragraphs(about_model(comparison.model))}\n</aside>',
    ]
    return f"<header>\n{chr(10).join(part for part in parts if part)}\n</header>"


def _shares(comparison: Comparison, figures: dict[str, Figure]) -> str:
    parts = [paragraphs([how_to_read(comparison)])]
    for of in families(comparison):
        shown = _with_prefix(figures, f"shares-{of}-")
        parts += [f"<h3>{_FAMILY[of]}</h3>" if len(families(comparison)) > 1 else "", _grid(shown)]
    return _section("shares", "How often each label occurs", parts)


def _differences(comparison: Comparison, figures: dict[str, Figure]) -> str:
    many = plural(comparison)
    title = f"Which {many} differ"
    if not comparison.audited:
        parts = [paragraphs([f"No difference is called: {NOT_AUDITED}."]), _sample_command(comparison)]
        return _section("differences", title, parts)
    if not comparison.differences:
        said = f"Fewer than two {many} have enough audited articles, so there is nothing to compare."
        return _section("differences", title, [paragraphs([said]), _sample_command(comparison)])
    said = (
        f"A difference counts where its interval, taken together with all others, excludes zero; else: {CANNOT_TELL}."
    )
    parts = [paragraphs([said])]
    for of in compared_families(comparison):
        parts.append(f"<h3>{_FAMILY[of]}</h3>" if len(families(comparison)) > 1 else "")
        shown = _with_prefix(figures, f"differences-{of}-")
        parts.append(orders(comparison, of))
        parts.append(_grid(shown) if shown else difference_lists(comparison, of))
    return _section("differences", title, [*parts, _sample_command(comparison)])


def _between(comparison: Comparison, figures: dict[str, Figure]) -> str:
    if "simplex" not in figures:
        return ""
    said = (
        "Each point is one of the numbered groups: the nearer to a corner, the more of that corner's frame among its "
    )
    said += (
        "framed paragraphs. The region around a point is what the three intervals allow; where regions overlap, the "
    )
    said += "groups may be alike."
    return _section(
        "between", "Between the three frames", [paragraphs([said]), figure_markup(figures["simplex"], "wide")]
    )


def _time(comparison: Comparison, figures: dict[str, Figure]) -> str:
    shown = _with_prefix(figures, "time-")
    if not shown or comparison.series is None:
        return ""
    said = f"All groups together, by {comparison.series.unit}. Where intervals overlap, a rise or fall may be chance."
    said += "" if comparison.audited else f" These shares are {NOT_AUDITED}."
    return _section("time", "Over time", [paragraphs([said]), _grid(shown)])


def _voice(comparison: Comparison, figures: dict[str, Figure]) -> str:
    shown = _with_prefix(figures, "voice-")
    if not shown:
        return ""
    said = f"Paragraphs that stand mostly in quotation marks, and the others, apart. {VOICE}"
    return _section("voice", "Quoted and in their own words", [paragraphs([said]), _grid(shown)])


def _telling(comparison: Comparison, _: dict[str, Figure]) -> str:
    if not comparison.telling:
        return ""
    said = "The paragraphs that the model is surest of, by group; they illustrate a label and prove nothing about a "
    said += f"group. Marked words speak for the label, the stronger the more. {VOICE}"
    parts = [paragraphs([said])]
    found = [(one, pieces(evidence_of(one), 0, len(one.text))) for one in comparison.telling]
    most = strongest(some for _, some in found)
    before = None
    for one, some in found:
        if one.group != before:
            parts.append(f"<h3>{name(one.group)}</h3>")
        parts.append(quotation(comparison, one, marked(one.text, some, most)))
        before = one.group
    return _section("telling", "Most telling paragraphs", parts)


def _not_counted(comparison: Comparison, _: dict[str, Figure]) -> str:
    parts = []
    if comparison.remainder:
        columns = [Column("Why"), Column("Articles", "number"), Column("Paragraphs", "number")]
        rows = [
            [escaped(reason(one.reason)), f"{one.articles:,}", f"{one.paragraphs:,}"] for one in comparison.remainder
        ]
        parts.append(table("In no share", columns, rows))
    else:
        parts.append(paragraphs(["Every article and paragraph is counted."]))
    short = [group for group in comparison.groups if group.lacking]
    if short:
        columns = [Column("Not estimated"), Column("Needs"), Column("Articles", "number")]
        rows = [[name(one.name), escaped(one.lacking or ""), f"{one.articles:,}"] for one in short]
        parts.append(table(f"Groups with too few audited articles (at least {comparison.min_articles})", columns, rows))
    parts.append(paragraphs(_wire(comparison)))
    if comparison.audit is not None:
        parts.append(_bullets(audit_losses(comparison.audit)))
    return _section("remainder", "What is not counted", parts)


def _wire(comparison: Comparison) -> list[str]:
    wire = comparison.wire
    if not wire.articles:
        return []
    return [
        f"Wire copy: {wire.articles:,} articles belong to {wire.clusters:,} families of near-copies; {wire.later:,} "
        "are not the earliest of theirs. Shares are of what was published; “original only” in the tables counts a "
        "copied article only where it appeared first."
    ]


def _method(comparison: Comparison, _: dict[str, Figure]) -> str:
    parts = [paragraphs(method(comparison)), "<h3>Assumptions</h3>", _bullets(assumptions(comparison))]
    return _section("method", "How this was made, and what it rests on", parts)


def _files(comparison: Comparison, _: dict[str, Figure]) -> str:
    columns = [Column("File"), Column("What it is"), Column("Bytes", "number"), Column("sha256")]
    rows = [
        [name(one.path), escaped(one.role), f"{one.size:,}", f"<code>{escaped(one.sha256)}</code>"]
        for one in comparison.inputs
    ]
    versions = ", ".join(f"{package} {version}" for package, version in comparison.versions.items())
    inner = f"<p><code>{escaped(comparison.command)}</code></p>\n" + table("Files that were read", columns, rows)
    inner += paragraphs([f"Seed {comparison.seed}; {versions}."])
    return _section("again", "To make it again", [details("Command, files and versions", inner)])


def _sample_command(comparison: Comparison) -> str:
    if not comparison.sample_command:
        return ""
    more = "more paragraphs" if comparison.audited else "a random sample"
    said = f"This would draw {more} to be labelled by hand:"
    return f"{paragraphs([said])}\n<pre><code>{escaped(comparison.sample_command)}</code></pre>"


def _footer(comparison: Comparison) -> str:
    model = comparison.model
    said = f"Made by framing with the model {model.name} ({model.fingerprint}). {model.notice or ''} "
    if comparison.audit is None:
        said += f"These figures are {NOT_AUDITED}."
    else:
        said += "Corrected by an audit." if comparison.audit.paragraphs else TOUCHES_NOTHING
    return f"<footer>{paragraphs([said])}</footer>"


# Pieces.


def _section(id: str, heading: str, parts: Iterable[str]) -> str:
    inner = "\n".join(part for part in parts if part)
    return f'<section aria-labelledby="{id}">\n<h2 id="{id}">{escaped(heading)}</h2>\n{inner}\n</section>'


def _grid(figures: Iterable[Figure]) -> str:
    return f'<div class="figures">\n{chr(10).join(map(figure_markup, figures))}\n</div>'


def _with_prefix(figures: dict[str, Figure], prefix: str) -> list[Figure]:
    return [figure for found, figure in figures.items() if found.startswith(prefix)]


def _bullets(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escaped(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""
