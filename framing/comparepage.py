"""A comparison as a page: what may be taken from it, the figures with their tables, and how they were made.

`comparison_page` is a file that stands on its own; `comparison_body` is what a server puts into its own frame.
Everything a comparison says (names of sources, titles, texts, paths) comes from outside and is escaped. Where there is
no audit every figure says so itself, no difference is called, and nothing is ranked anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from framing.comparefigures import (
    Figure,
    all_figures,
    difference_rows,
    estimated,
    families,
    hues,
    labels_of,
)
from framing.comparewords import (
    NOT_SUPPORTED,
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
from framing.comparison import Comparison, Of, Telling
from framing.figures import NOT_AUDITED
from framing.marking import because, marked, pieces, strongest
from framing.markup import Column, details, escaped, link, name, paragraphs, table
from framing.matrix import MOST_GROUPS
from framing.pagestyle import hue_class, whole_page
from framing.records import Evidence
from framing.report import percent, probability

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
    parts = [_header(comparison), *(section(comparison, figures) for section in sections)]
    return "\n".join(part for part in parts if part)


def figure_markup(figure: Figure, kind: str = "") -> str:
    """Return a figure with its table behind it."""
    columns = [Column(figure.heads[0].removeprefix("date:").capitalize()), *map(Column, figure.heads[1:])]
    rows = [[name(row[0]), *map(escaped, row[1:])] for row in figure.shown]
    behind = details(
        f'As a table<span class="hidden">: {escaped(figure.title)}</span>', table(figure.title, columns, rows)
    )
    return f'<figure class="{kind}">\n{figure.svg}\n{behind}\n</figure>'


def _header(comparison: Comparison) -> str:
    first, *rest = takeaway(comparison)
    corpus = ", ".join(file.path for file in comparison.inputs if file.role == "corpus")
    kicker = f"{comparison.articles:,} articles, {comparison.paragraphs:,} paragraphs"
    parts = [
        f'<p class="kicker">{name(corpus) + " · " if corpus else ""}{kicker}'
        f"{'' if comparison.audited else f' · <strong>{NOT_AUDITED}</strong>'}</p>",
        f"<h1>{name(heading(comparison))}</h1>",
        f'<p class="question">{escaped(comparison.model.question)}</p>' if comparison.model.question else "",
        f'<p class="lead takeaway">{escaped(first)}</p>',
        paragraphs(rest),
        _bullets(comparison.notes),
        f'<aside class="note" aria-label="About the model">\n{paragraphs(about_model(comparison.model))}\n</aside>',
    ]
    return f"<header>\n{chr(10).join(part for part in parts if part)}\n</header>"


def _shares(comparison: Comparison, figures: dict[str, Figure]) -> str:
    parts = ["<h2>How often each label occurs</h2>", paragraphs([how_to_read(comparison)])]
    for of in families(comparison):
        shown = _with_prefix(figures, f"shares-{of}-")
        parts += [f"<h3>{_FAMILY[of]}</h3>" if len(families(comparison)) > 1 else "", _grid(shown)]
    return _section(parts)


def _differences(comparison: Comparison, figures: dict[str, Figure]) -> str:
    many = plural(comparison)
    parts = [f"<h2>Which {escaped(many)} differ</h2>"]
    if not comparison.audited:
        parts += paragraphs([f"No difference is called: {NOT_AUDITED}."]), _sample_command(comparison)
        return _section(parts)
    if not comparison.differences:
        said = f"Fewer than two {many} have enough audited articles, so there is nothing to compare."
        return _section([*parts, paragraphs([said]), _sample_command(comparison)])
    said = (
        f"A difference counts where its interval, taken together with all others, excludes zero; else: {NOT_SUPPORTED}."
    )
    parts.append(paragraphs([said]))
    for of in families(comparison):
        parts.append(f"<h3>{_FAMILY[of]}</h3>" if len(families(comparison)) > 1 else "")
        parts.append(_orders(comparison, of))
        shown = _with_prefix(figures, f"differences-{of}-")
        parts.append(_grid(shown) if shown else _difference_list(comparison, of))
    return _section([*parts, _sample_command(comparison)])


def _orders(comparison: Comparison, of: Of) -> str:
    """Return for each label which groups have more than which, in words: few pairs, or how many there are."""
    items = []
    for label in labels_of(comparison, of):
        pairs = [pair for one in comparison.orders if (one.label, one.of) == (label.id, of) for pair in one.pairs]
        below: dict[str, list[str]] = {}
        for more, less in pairs:
            below.setdefault(more, []).append(less)
        told = "; ".join(f"{name(more)} more than {_and([name(one) for one in less])}" for more, less in below.items())
        swatch = f'<span class="swatch {hue_class(hues(comparison.labels)[label.id])}"></span>'
        items.append(f"<li>{swatch}<strong>{name(label.title)}</strong>: {told or NOT_SUPPORTED}</li>")
    return f'<ul class="orders">{"".join(items)}</ul>'


def _difference_list(comparison: Comparison, of: Of) -> str:
    """Return the supported differences as a list, where there are too many groups for a matrix."""
    columns = [Column("Label"), Column("Has"), Column("Compared with"), Column("Difference in points (95 % interval)")]
    rows = []
    for label in labels_of(comparison, of):
        held = [one for one in comparison.differences if (one.label, one.of, one.supported) == (label.id, of, True)]
        for group, other, figures, verdict in difference_rows(held):
            rows.append([name(label.title), f"{name(group)}: {verdict}", name(other), escaped(figures)])
    count = len(estimated(comparison))
    if not rows:
        return ""
    why = f"Supported differences between {count} {plural(comparison)}"
    why += f" (a matrix is drawn up to {MOST_GROUPS})" if count > MOST_GROUPS else ""
    return table(why, columns, rows)


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
        ["<h2>Between the three frames</h2>", paragraphs([said]), figure_markup(figures["simplex"], "wide")]
    )


def _time(comparison: Comparison, figures: dict[str, Figure]) -> str:
    shown = _with_prefix(figures, "time-")
    if not shown or comparison.series is None:
        return ""
    said = f"All groups together, by {comparison.series.unit}. Where intervals overlap, a rise or fall may be chance."
    said += "" if comparison.audited else f" These shares are {NOT_AUDITED}."
    return _section(["<h2>Over time</h2>", paragraphs([said]), _grid(shown)])


def _voice(comparison: Comparison, figures: dict[str, Figure]) -> str:
    shown = _with_prefix(figures, "voice-")
    if not shown:
        return ""
    said = f"Paragraphs that stand mostly in quotation marks, and the others, apart. {VOICE}"
    return _section(["<h2>Quoted and in their own words</h2>", paragraphs([said]), _grid(shown)])


def _telling(comparison: Comparison, _: dict[str, Figure]) -> str:
    if not comparison.telling:
        return ""
    said = "The paragraphs that the model is surest of, by group; they illustrate a label and prove nothing about a group. "
    said += f"Marked words speak for the label, the stronger the more. {VOICE}"
    parts = ["<h2>Most telling paragraphs</h2>", paragraphs([said])]
    found = [(one, pieces(_evidence(one), 0, len(one.text))) for one in comparison.telling]
    most = strongest(some for _, some in found)
    before = None
    for one, some in found:
        if one.group != before:
            parts.append(f"<h3>{name(one.group)}</h3>")
        parts.append(_quote(comparison, one, marked(one.text, some, most)))
        before = one.group
    return _section(parts)


def _quote(comparison: Comparison, one: Telling, text: str) -> str:
    titles = {label.id: label.title for label in comparison.labels}
    title = titles.get(one.label, one.label)
    coded = f"coded by hand: {', '.join(titles.get(label, label) for label in one.coded)}" if one.coded else ""
    quoted = f"{percent(one.quoted)} in quotation marks" if one.quoted >= 0.005 else ""
    verdict = ", ".join(escaped(part) for part in (f"predicted {probability(one.probability)}", coded, quoted) if part)
    where = one.title or one.paragraph
    about = " · ".join(
        filter(
            None, (name(one.source or ""), escaped(one.date or ""), link(one.url, where) if one.url else name(where))
        )
    )
    return (
        f'<blockquote class="telling {hue_class(hues(comparison.labels).get(one.label))}">\n'
        f'<p class="verdict"><strong>{name(title)}</strong> <span class="soft">{verdict}</span></p>\n'
        f'<p dir="auto">{text}</p>\n{because(_evidence(one), title)}\n<p class="place soft">{about}</p>\n</blockquote>'
    )


def _evidence(one: Telling) -> tuple[Evidence, ...]:
    return tuple(Evidence(one.text[mark.start : mark.end], mark.start, mark.end, mark.weight) for mark in one.evidence)


def _not_counted(comparison: Comparison, _: dict[str, Figure]) -> str:
    parts = ["<h2>What is not counted</h2>"]
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
    return _section(parts)


def _wire(comparison: Comparison) -> list[str]:
    wire = comparison.wire
    if not wire.articles:
        return []
    return [
        f"Wire copy: {wire.articles:,} articles belong to {wire.clusters:,} families of near-copies; {wire.later:,} are not "
        "the earliest of theirs. Shares are of what was published; “original only” in the tables counts a copied article "
        "only where it appeared first."
    ]


def _method(comparison: Comparison, _: dict[str, Figure]) -> str:
    return _section(
        [
            "<h2>How this was made, and what it rests on</h2>",
            paragraphs(method(comparison)),
            "<h3>Assumptions</h3>",
            _bullets(assumptions(comparison)),
        ]
    )


def _files(comparison: Comparison, _: dict[str, Figure]) -> str:
    columns = [Column("File"), Column("What it is"), Column("Bytes", "number"), Column("sha256")]
    rows = [
        [name(one.path), escaped(one.role), f"{one.size:,}", f"<code>{escaped(one.sha256)}</code>"]
        for one in comparison.inputs
    ]
    versions = ", ".join(f"{package} {version}" for package, version in comparison.versions.items())
    inner = f"<p><code>{escaped(comparison.command)}</code></p>\n" + table("Files that were read", columns, rows)
    inner += paragraphs([f"Seed {comparison.seed}; {versions}."])
    return _section(["<h2>To make it again</h2>", details("Command, files and versions", inner)])


def _sample_command(comparison: Comparison) -> str:
    if not comparison.sample_command:
        return ""
    said = "This would draw a random sample to be labelled by hand:"
    return f"{paragraphs([said])}\n<pre><code>{escaped(comparison.sample_command)}</code></pre>"


def _footer(comparison: Comparison) -> str:
    model = comparison.model
    said = f"Made by framing with the model {model.name} ({model.fingerprint}). {model.notice or ''} "
    said += "Corrected by an audit." if comparison.audited else f"These figures are {NOT_AUDITED}."
    return f"<footer>{paragraphs([said])}</footer>"


# Pieces.


def _section(parts: Iterable[str]) -> str:
    return f"<section>\n{chr(10).join(part for part in parts if part)}\n</section>"


def _grid(figures: Iterable[Figure]) -> str:
    return f'<div class="figures">\n{chr(10).join(map(figure_markup, figures))}\n</div>'


def _with_prefix(figures: dict[str, Figure], prefix: str) -> list[Figure]:
    return [figure for found, figure in figures.items() if found.startswith(prefix)]


def _bullets(texts: Iterable[str]) -> str:
    items = "".join(f"<li>{escaped(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
