"""The two pages on which paragraphs get labels: Code, for one coder, and Adjudicate, for what coders dispute."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from framing.codebook import Codebook, Example, Rule
from framing.codingfolder import CodingFolder, Story
from framing.codingstate import Progress
from framing.disputes import Dispute
from framing.labels import Code, Unit
from framing.markup import escaped, name
from framing.pagestyle import hue_class
from framing.webpages import notices, page
from framing.wording import counted

KEYS = 9
"""Frames that have a key; those beyond are reached with Tab."""
_AROUND = 6_000
"""Characters of the article that are shown before and behind the paragraph."""
_HELP = (
    ("1 – 9", "give the frame, and go on"),
    ("Shift + 1 – 9", "mark a secondary frame first (again: take it away)"),
    ("u", "mark that you are unsure, first"),
    ("s", "skip: looked, and gave none"),
    ("c", "comment (Esc: back to the keys)"),
    ("Enter", "save a changed comment or mark of a paragraph that is coded"),
    ("z or Ctrl + z", "undo the last code"),
    ("← and →", "the paragraph before and behind"),
    ("n", "the next that is not coded"),
    ("r", "the rules: open or close"),
    ("?", "these keys"),
)


def hue_of(label: str, codebook: Codebook) -> str:
    """Return the class that colours a frame, as on every other page."""
    framed = [frame.id for frame in codebook.frames if not frame.none]
    return hue_class(framed.index(label) if label in framed else None)


def unit_markup(folder: CodingFolder, unit: Unit, heading: str) -> str:
    """Return a paragraph with its article around it; the source is not told, because it could sway."""
    story, before, behind = folder.story(unit)
    title = story.title if story else None
    date = (story.date if story else None) or unit.date
    about = " · ".join(filter(None, (escaped(heading), escaped(date) if date else "")))
    target = f'<p class="asked">Asked about: {name(unit.target)}</p>' if unit.target else ""
    called = name(title) if title else "Untitled article" if story else "A single paragraph"
    return f"""<header><p class="kicker">{about}</p>
<h1 class="title">{called}</h1>{target}</header>
<div class="context" id="context" tabindex="0" role="region" aria-label="The paragraph in its article">
{_around(before, story, last=True)}
<p class="unit" id="paragraph" tabindex="-1">{escaped(unit.text)}</p>
{_around(behind, story, last=False)}
</div>"""


def _around(text: str, story: Story | None, *, last: bool) -> str:
    """Return the article before (its end is what counts: `last`) or behind the paragraph."""
    if story is None or not text.strip():
        return ""
    cut = len(text) > _AROUND
    shown = (text[-_AROUND:] if last else text[:_AROUND]) if cut else text
    parts = [part for part in shown.split("\n") if part.strip()]
    if cut:
        parts = ["…", *parts] if last else [*parts, "…"]
    return "\n".join(f'<p class="around">{escaped(part.strip())}</p>' for part in parts)


def _frames(codebook: Codebook, *, kind: str) -> str:
    """Return a button for each frame, with its key."""
    buttons = []
    for number, frame in enumerate(codebook.frames, 1):
        keyed = number <= KEYS
        key = f"<kbd>{number}</kbd>" if keyed else "<kbd></kbd>"
        shortcut = f' aria-keyshortcuts="{number}"' if keyed else ""
        definition = f'<span class="definition">{escaped(frame.definition)}</span>' if frame.definition else ""
        buttons.append(
            f'<li><button type="button" class="frame {hue_of(frame.id, codebook)}" data-label="{escaped(frame.id)}" '
            f'aria-pressed="false"{shortcut}>{key}<span class="name">{escaped(frame.title)}</span>'
            f'<span class="mark" aria-hidden="true"></span>{definition}</button></li>'
        )
    return f'<ol class="frames" id="frames" data-kind="{kind}">{"".join(buttons)}</ol>'


def rules_markup(codebook: Codebook, rules: Sequence[Rule] | None = None) -> str:
    """Return the codebook's rules (or some of them) and notes."""
    shown = codebook.rules if rules is None else rules
    titles = codebook.titles
    items = []
    for rule in shown:
        label = f"<strong>{escaped(titles[rule.label])}</strong>: " if rule.label else ""
        more = "".join(f'<p class="clarification">{escaped(text)}</p>' for text in rule.clarifications)
        items.append(
            f'<li value="{rule.number}" id="rule{rule.number}"><p>{label}{escaped(rule.text)}</p>{more}'
            f"{_examples(rule.examples, titles)}</li>"
        )
    notes = "".join(
        f"<h3>{escaped(note.title)}</h3><p>{escaped(note.text)}</p>{_examples(note.examples, titles)}"
        for note in codebook.notes
    )
    target = (
        '<details class="examples"><summary>What stands for the target</summary>'
        f'<p class="small">{escaped(codebook.target_definition)}</p></details>'
        if codebook.target_definition
        else ""
    )
    frames = _definitions(codebook)
    if not items and not notes:
        return f'{frames}{target}<p class="soft">This codebook has no rules yet; the definitions hold.</p>'
    order = '<p class="soft small">In order: the first rule that applies decides.</p>' if items else ""
    return f'{frames}{target}{order}<ol class="rules">{"".join(items)}</ol>{notes}'


def _definitions(codebook: Codebook) -> str:
    """Return what each frame means, in full: the buttons have room for its beginning only, or for none of it."""
    rows = "".join(
        f"<dt>{escaped(frame.title)}</dt><dd>{escaped(frame.definition)}</dd>"
        for frame in codebook.frames
        if frame.definition
    )
    return (
        f'<details class="examples"><summary>What each frame means</summary><dl>{rows}</dl></details>' if rows else ""
    )


def _examples(examples: Sequence[Example], titles: Mapping[str, str]) -> str:
    if not examples:
        return ""
    shown = "".join(
        f"<li><q>{escaped(one.text)}</q> → {escaped(titles[one.label])}"
        + (f' <span class="soft">({escaped(one.why)})</span>' if one.why else "")
        + "</li>"
        for one in examples
    )
    return f'<details class="examples"><summary>{counted(len(examples), "example")}</summary><ul>{shown}</ul></details>'


def code_page(
    codebook: Codebook,
    progress: Progress,
    data: Mapping[str, object],
    unit: str,
    *,
    messages: Sequence[str],
    suggestions: str,
) -> str:
    """Return the page on which a coder labels one paragraph after another; `data` is what its script needs."""
    keys = "".join(f"<dt><kbd>{escaped(key)}</kbd></dt><dd>{escaped(what)}</dd>" for key, what in _HELP)
    main = f"""<section class="meter" aria-label="Progress">
<progress id="meter" max="{progress.units}" value="{progress.coded}" aria-label="Coded"></progress>
<p id="progress">{progress.coded:,} of {progress.units:,} coded</p></section>
<p id="failure" class="failure" role="alert" hidden></p>
<p id="changed" class="failure" role="status" hidden>The rules or the paragraphs of this folder have changed since this
page was opened. <button type="button" id="reload">Load it again</button></p>
<noscript><p class="failure">This page needs JavaScript; the sheets of framing sample do not.</p></noscript>
<main id="main" class="coding">
<section class="reading" id="unit" aria-label="Paragraph">{unit}</section>
<section class="deciding two" aria-label="Decision">
<div class="choice">
{notices(messages)}
<h2 class="asking">{escaped(codebook.question)}</h2>
{_frames(codebook, kind="code")}
<div class="marks">
<button type="button" id="unsure" aria-pressed="false" aria-keyshortcuts="u"><kbd>u</kbd> unsure</button>
<button type="button" id="skip" aria-pressed="false" aria-keyshortcuts="s"><kbd>s</kbd> skip</button>
<button type="button" id="undo" aria-keyshortcuts="z Control+z"><kbd>z</kbd> undo</button>
<button type="button" id="change" aria-keyshortcuts="Enter" hidden><kbd>Enter</kbd> save the change</button>
</div>
<div class="saying"><label for="comment"><kbd>c</kbd> comment</label>
<textarea id="comment" rows="1" maxlength="10000"></textarea></div>
<p id="model" class="model soft small" hidden></p>
</div>
<details class="rulebook" id="rulebook" open><summary>Rules <kbd>r</kbd></summary>
<div id="rules">{rules_markup(codebook)}</div></details>
</section>
</main>
<footer class="strip">
<div class="steps"><button type="button" id="back"
aria-keyshortcuts="ArrowLeft"><kbd aria-hidden="true">←</kbd> <span class="word">back</span></button><button
type="button" id="forward" aria-keyshortcuts="ArrowRight"><kbd aria-hidden="true">→</kbd> <span
class="hidden">forward</span></button></div>
<p id="saved" role="status" class="saved"></p>
<p id="last" class="last"></p>
<label class="switch"><input type="checkbox" id="suggest">
<span>suggestion<span class="word"> first</span></span></label>
<button type="button" id="help" aria-haspopup="dialog" aria-keyshortcuts="?"><kbd>?</kbd>
<span class="word">keys</span></button>
</footer>
<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2><dl class="keys">{keys}</dl>
<p class="soft small">The model's suggestion is shown when you have given your code, so that it does not sway you.
<span id="why">{escaped(suggestions)}</span></p>
<form method="dialog"><button class="primary">Close</button></form></dialog>
<div id="data" hidden data-values="{escaped(json.dumps(data))}"></div>"""
    return page("Code", "/code", main, script="code.js", coder=progress.coder, kind="working")


def adjudicate_page(
    folder: CodingFolder,
    disputes: Sequence[Dispute],
    shown: Dispute | None,
    decided: int,
    *,
    adjudicator: str,
    decision: Code | None = None,
    last: str | None = None,
    messages: Sequence[str] = (),
) -> str:
    """Return the page on which disputes are decided, one at a time.

    `decision` is what was decided about the unit that is shown, `last` the unit that was decided last.
    """
    change = (
        f'<p class="soft small"><a href="{escaped(_address(last, adjudicator))}">Change the last decision</a> '
        f"({decided:,} so far)</p>"
        if last is not None and decision is None
        else ""
    )
    if shown is None:
        done = f"{decided:,} decided so far." if decided else "Nobody's codes differ."
        main = f"""<main id="main"><h1>Nothing is in dispute</h1><p class="lead">{done}</p>
{notices(messages)}{change}
<p>A unit is in dispute when two coders gave it different frames and nobody decided. <a href="/">Start
page</a></p></main>"""
        return page("Adjudicate", "/adjudicate", main)
    codebook, open_ones = folder.codebook, [one.unit.id for one in disputes]
    place = open_ones.index(shown.unit.id) if shown.unit.id in open_ones else -1
    after = open_ones[(place + 1) % len(open_ones)] if open_ones else None
    before = open_ones[place - 1 if place >= 0 else 0] if open_ones else None
    heading = "Decided already" if place < 0 else f"{place + 1} of {len(disputes):,} in dispute"
    codes = "".join(_code_row(coder, code, codebook) for coder, code in shown.codes.items())
    alike = f"{shown.alike - 1} more are about the same frames." if shown.alike > 1 else ""
    data: dict[str, object] = {"decided": decision is not None, "label": decision.label if decision else None}
    data |= {"unit": shown.unit.id, "next": _address(after, adjudicator), "back": _address(before, adjudicator)}
    reason = escaped(decision.reason or "") if decision else ""
    main = f"""<p id="failure" class="failure" role="alert" hidden></p>
<main id="main" class="coding">
<section class="reading" id="unit" aria-label="Paragraph">{unit_markup(folder, shown.unit, heading)}</section>
<section class="deciding" aria-label="Decision">
{notices(messages)}
<h2>The codes</h2>
<div class="scroll" role="region" tabindex="0" aria-label="The codes"><table class="codes">
<thead><tr><th scope="col">Coder</th><th scope="col">Frame</th><th scope="col">Comment</th></tr></thead>
<tbody>{codes}</tbody></table></div><p class="soft small">{alike}</p>{change}
<form id="decision">
<h2 class="asking">{escaped(codebook.question)}</h2>
{_frames(codebook, kind="decide")}
<div class="marks"><button type="button" id="aside" aria-pressed="false" aria-keyshortcuts="s"><kbd>s</kbd> set aside
(no frame fits)</button></div>
<div class="saying"><label for="reason"><kbd>c</kbd> reason: which rule decides</label>
<textarea id="reason" rows="3" maxlength="10000" required>{reason}</textarea></div>
<div class="saying"><label for="adjudicator">adjudicator</label>
<input id="adjudicator" value="{escaped(adjudicator)}" maxlength="100" required autocomplete="username"></div>
<div class="row"><button class="primary" type="submit" id="decide">Decide <kbd>Ctrl + Enter</kbd></button>
<a class="button" id="later" href="{escaped(_address(after, adjudicator))}">Later <kbd>→</kbd></a>
<span id="saved" role="status" class="saved"></span></div>
</form>
<h2>The rules in question</h2>
{rules_markup(codebook, shown.rules)}
</section>
</main>
<div id="data" hidden data-values="{escaped(json.dumps(data))}"></div>"""
    return page("Adjudicate", "/adjudicate", main, script="adjudicate.js", kind="working")


def _address(unit: str | None, adjudicator: str) -> str:
    asked = ({"unit": unit} if unit is not None else {}) | ({"adjudicator": adjudicator} if adjudicator else {})
    return f"/adjudicate?{urlencode(asked)}"


def _code_row(coder: str, code: Code, codebook: Codebook) -> str:
    label = codebook.titles.get(code.label or "", "skipped")
    secondary = f"secondary {codebook.titles[code.secondary]}" if code.secondary else ""
    asides = ", ".join(filter(None, (secondary, {True: "sure", False: "unsure", None: ""}[code.sure])))
    swatch = f'<span class="swatch {hue_of(code.label or "", codebook)}"></span>'
    more = f' <span class="soft">{escaped(asides)}</span>' if asides else ""
    return (
        f'<tr><th scope="row">{escaped(coder)}</th><td>{swatch}{escaped(label)}{more}</td>'
        f"<td>{escaped(code.comment or '')}</td></tr>"
    )
