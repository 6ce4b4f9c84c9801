"""The pages of `framing serve` as markup: the frame around them, and the start, reading, comparing and training pages.

Text from outside passes `framing.markup.escaped`. There is no script and no style in a page, only the names of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from framing.codebook import Codebook
from framing.codingstate import Progress
from framing.markup import escaped
from framing.records import ModelFacts
from framing.trainjob import Figures

PAGES = {"/": "Start", "/code": "Code", "/adjudicate": "Adjudicate", "/read": "Read", "/compare": "Compare",
         "/train": "Train"}  # fmt: skip


def page(
    title: str, path: str, main: str, *, script: str | None = None, coder: str | None = None, kind: str = "plain"
) -> str:
    """Return a whole page; `main` is markup, `script` the name of a file of the package."""
    named = f"?coder={quote(coder, safe='')}" if coder else ""
    links = []
    for address, name in PAGES.items():
        current = ' aria-current="page"' if address == path else ""
        target = address + (named if address in ("/", "/code", "/adjudicate") else "")
        links.append(f'<a href="{escaped(target)}"{current}>{name}</a>')
    who = f'<span class="who" title="Who is coding">{escaped(coder)}</span>' if coder else ""
    scripts = f'<script type="module" src="/static/{script}"></script>\n' if script else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escaped(title)} · framing</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/page.css">
<link rel="stylesheet" href="/static/app.css">
{scripts}</head>
<body class="app {kind}">
<a class="skip" href="#main">Skip to the content</a>
<header class="topbar">
<span class="home">framing</span>
<nav aria-label="Pages">{"".join(links)}</nav>
{who}</header>
{main}
</body>
</html>
"""


def problem_page(title: str, message: str, path: str = "") -> str:
    """Return a page that says what is wrong."""
    return page(title, path, f'<main id="main"><h1>{escaped(title)}</h1><p class="lead">{escaped(message)}</p></main>')


def notices(messages: Iterable[str]) -> str:
    """Return messages that must be seen, as a list; nothing where there are none."""
    shown = "".join(f"<li>{escaped(message)}</li>" for message in messages)
    return f'<ul class="alert notices" aria-label="Notices">{shown}</ul>' if shown else ""


def start_page(
    folder: str, codebook: Codebook, coders: Sequence[Progress], *, owned: bool, disputes: int, messages: Sequence[str]
) -> str:
    """Return the first page: who is coding, and how far everybody is."""
    rows = "".join(_coder_row(one) for one in coders)
    table = (
        f'<div class="scroll" role="region" tabindex="0" aria-label="Coders"><table class="coders">'
        f"<caption>Who codes here, and how far they are</caption><thead><tr><th scope='col'>Coder</th>"
        f"<th scope='col'>Progress</th><th scope='col' class='number'>Coded</th>"
        f"<th scope='col' class='number'>Skipped</th></tr></thead><tbody>{rows}</tbody></table></div>"
        if rows
        else "<p>Nobody has coded here yet.</p>"
    )
    ask = (
        ""
        if owned
        else """<form action="/code" method="get" class="ask">
<label for="coder">Your name</label>
<div class="row"><input id="coder" name="coder" required maxlength="100" autocomplete="username" spellcheck="false">
<button class="primary" type="submit">Start coding</button></div>
</form>"""
    )
    what = f"{disputes} in dispute" if disputes else "nothing in dispute"
    main = f"""<main id="main">
<p class="kicker">{escaped(folder)} · codebook {escaped(codebook.name)}, version {codebook.version}</p>
<h1>Who are you?</h1>
<p class="lead">{escaped(codebook.question)}</p>
{notices(messages)}
{table}
{ask}
<h2>Other pages</h2>
<ul class="doors">
<li><a href="/adjudicate">Adjudicate</a> <span class="soft">{what}</span></li>
<li><a href="/read">Read</a> <span class="soft">label an article of your own</span></li>
<li><a href="/compare">Compare</a> <span class="soft">sources of a corpus</span></li>
<li><a href="/train">Train</a> <span class="soft">a model on the codes so far</span></li>
</ul>
</main>"""
    return page("Start", "/", main)


def _coder_row(one: Progress) -> str:
    address = escaped(f"/code?coder={quote(one.coder, safe='')}")
    name = f'<a class="coder" href="{address}">{escaped(one.coder)}</a>'
    meter = (
        f'<progress max="{one.units}" value="{one.coded}" aria-label="{escaped(one.coder)}: coded"></progress>'
        if one.units
        else ""
    )
    count = f"{one.coded:,} of {one.units:,}" if one.units else f"{one.coded:,}"
    return (
        f'<tr><th scope="row">{name}</th><td class="wide">{meter}</td><td class="number">{count}</td>'
        f'<td class="number">{one.skipped:,}</td></tr>'
    )


def read_page(facts: ModelFacts | None, why: str, *, problem: str = "", text: str = "") -> str:
    """Return the page where a text is pasted or a file dropped."""
    alert = f'<p class="alert failed" role="alert">{escaped(problem)}</p>' if problem else ""
    about = (
        f"Labels of the model {facts.name} ({facts.fingerprint}): {facts.question}"
        if facts
        else f"There is no model to read with: {why}"
    )
    main = f"""<main id="main">
<h1>Read an article</h1>
<p class="lead">{escaped(about)}</p>
{alert}
<form id="read" action="/read" method="post" class="reading">
<div id="drop" class="drop">
<label for="text">Paste the text of an article, or drop a file (text, HTML, MHTML)</label>
<textarea id="text" name="text" rows="12" spellcheck="false">{escaped(text)}</textarea>
</div>
<div class="row">
<button class="primary" type="submit">Read it</button>
<label class="file">or choose a file <input id="file" type="file"></label>
<span id="state" class="soft" role="status"></span>
</div>
</form>
<p class="soft small">It stays on this machine: nothing is sent or fetched, and nothing is kept when the program
ends.</p>
</main>"""
    return page("Read", "/read", main, script="read.js")


def article_frame(identity: str, title: str, body: str, notes: Sequence[str]) -> str:
    """Return the page around a scored article, with its downloads."""
    links = " ".join(
        f'<a href="/read/{identity}.{form}" download>{form.upper()}</a>' for form in ("csv", "jsonl", "html")
    )
    main = f"""<main id="main">
<nav class="downloads" aria-label="Downloads"><a href="/read">Read another</a> <span class="soft">Download:</span>
{links}</nav>
{notices(notes)}
{body}
</main>"""
    return page(title, "/read", main)


def compare_page(body: str | None, message: str, *, working: bool = False, failed: bool = False) -> str:
    """Return the comparison of sources, or what must be done to have one."""
    waiting = ' id="waiting" role="status"' if working else ""
    again = '<p><a class="button" href="/compare?again=1">Try again</a></p>' if failed else ""
    if body is None:
        return page(
            "Compare",
            "/compare",
            f'<main id="main"><h1>Compare sources</h1><p class="lead"{waiting}>{escaped(message)}</p>{again}</main>',
            script="compare.js",
        )
    return page("Compare", "/compare", f'<main id="main">\n{body}\n</main>', script="compare.js")


def train_page(codes: int, needed: str, figures: tuple[Figures | None, Figures | None], output: str) -> str:
    """Return the page on which a model is trained: its progress, and the scores before and after."""
    start = "" if not needed else " disabled"
    found = "1 paragraph has" if codes == 1 else f"{codes:,} paragraphs have"
    main = f"""<main id="main">
<h1>Train a model on the codes so far</h1>
<p class="lead">{found} a gold label: adjudicated, else unanimous, else of the only coder.</p>
{notices([needed] if needed else [])}
<p>The model is written to <code>{escaped(output)}</code>; the scores are for articles and sources that it has not
seen.</p>
<div class="row">
<button id="start" class="primary" type="button"{start}>Train</button>
<button id="stop" type="button" hidden>Stop</button>
</div>
<div id="work" class="work" hidden><progress id="meter" aria-label="Training"></progress>
<p id="stage"></p></div>
<p id="state" role="status"></p>
<section id="scores" aria-live="polite">{figures_table(*figures)}</section>
</main>"""
    return page("Train", "/train", main, script="train.js")


def figures_table(before: Figures | None, after: Figures | None) -> str:
    """Return the scores before and after as a table."""
    if before is None and after is None:
        return '<p class="soft">There is no model in this folder yet.</p>'
    shown = [one for one in (before, after) if one is not None]
    heads = ["before", "now"] if len(shown) == 2 else ["now" if after else "before"]
    names = list(dict.fromkeys(name for one in shown for name in one.scores))
    rows = [("labelled paragraphs", [f"{one.paragraphs:,}" for one in shown])]
    rows += [(name, [one.scores.get(name, "no such score") for one in shown]) for name in names]
    rows.append(("model", [one.fingerprint for one in shown]))
    body = "".join(
        f'<tr><th scope="row">{escaped(name)}</th>'
        + "".join(f'<td class="number">{escaped(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    columns = "".join(f'<th scope="col" class="number">{head}</th>' for head in heads)
    return (
        '<div class="scroll" role="region" tabindex="0" aria-label="Scores"><table><caption>Scores, with 95 % '
        f"intervals</caption><thead><tr><th scope='col'>Figure</th>{columns}</tr></thead><tbody>{body}</tbody>"
        "</table></div>"
    )


def figures_of_facts(facts: Mapping[str, Any]) -> str:
    """Return the table of scores from the facts of a training."""
    return figures_table(*(Figures(**facts[key]) if facts[key] else None for key in ("before", "after")))
