"""How the pages look, in one stylesheet, and the frame around their bodies.

A page is one file that asks nothing of any network: the policy in its head forbids it, along with scripts (but for one
that is named by its hash) and forms. Bodies use classes only, so that a server may forbid inline styles and serve
`STYLE` as a file. Colours are near those of the terminal (Okabe and Ito), told apart with every kind of colour vision,
and a colour never stands alone: the label's name is always beside it. `.h0` to `.h7` set a frame's colour, `.hn` the
grey of the label that means "not framed"; `.s1` to `.s5` say how strongly words speak for a label.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from framing.markup import escaped

ON_LIGHT = ("#0069b5", "#b94a00", "#9c2c76", "#0a8a65", "#b08a00", "#3d9bd0", "#6b3a08", "#5a35b8")
ON_DARK = ("#4da6ff", "#f28a30", "#f0b4d8", "#34cca0", "#f0d860", "#3f8fc0", "#a8703a", "#8a66e8")
"""The colours of the frames on light and on dark ground; the first four and the grey are farthest apart."""
GREY_ON_LIGHT, GREY_ON_DARK = "#8e9299", "#7c8188"
HUES = len(ON_LIGHT)
STRENGTHS = 5
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def _variables(hues: Sequence[str], grey: str) -> str:
    """Return colours as variables of red, green and blue, so that they can be made transparent."""
    named = {**{f"h{number}": hue for number, hue in enumerate(hues)}, "hn": grey}
    return " ".join(
        f"--{name}: {' '.join(str(part) for part in bytes.fromhex(hue[1:]))};" for name, hue in named.items()
    )


_LIGHT = f"""\
  --paper: #fdfcfa; --ink: #1d1f22; --soft: #575c63; --line: #d8d5ce; --wash: #f3f1ec; --link: #0b57a4;
  {_variables(ON_LIGHT, GREY_ON_LIGHT)}"""
_DARK = f"""\
  --paper: #15171a; --ink: #e6e4df; --soft: #a5a9af; --line: #363a40; --wash: #1e2125; --link: #8fbcf2;
  {_variables(ON_DARK, GREY_ON_DARK)}"""

_COLOURS = f"""\
:root {{
  color-scheme: light dark;
{_LIGHT}
}}
@media (prefers-color-scheme: dark) {{
  :root {{
{_DARK}
  }}
}}
@media print {{
  :root {{
  color-scheme: light;
{_LIGHT}
  --paper: #fff;
  }}
}}
{chr(10).join(f".h{hue} {{ --hue: var(--h{hue}); }}" for hue in [*range(HUES), "n"])}
"""

_FIGURE = """\
svg.figure { color: var(--ink);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
svg .ink { fill: var(--ink); }
svg .soft { fill: var(--soft); }
svg .grid { stroke: var(--line); }
svg .rule { stroke: var(--soft); }
svg .fill { fill: rgb(var(--hue)); }
svg .stroke { stroke: rgb(var(--hue)); }
svg .area { fill: rgb(var(--hue)); stroke: rgb(var(--hue)); }
svg .hollow { fill: var(--paper); }
svg .plain { fill: none; stroke: var(--soft); }
"""

_PAGE = """\
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: break-word; }
main, body > nav, body > footer { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 1rem; }
body > nav { padding: 1rem 1.25rem 0; margin-bottom: -1rem; font-size: .875rem; }
body > footer { padding: 1rem 1.25rem 3rem; margin-top: 2.5rem; }
body > footer p { max-width: 46rem; }
h1, h2, h3, h4 { line-height: 1.2; text-wrap: balance; margin: 0; }
h1 { font: 600 clamp(1.6rem, 1.2rem + 1.8vw, 2.4rem)/1.15 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia,
  "Liberation Serif", serif; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; font-weight: 650; margin: 3rem 0 .75rem; }
h3 { font-size: 1rem; font-weight: 650; margin: 1.75rem 0 .5rem; }
h4 { font-size: .9rem; font-weight: 650; margin: 1.25rem 0 .35rem; }
p { margin: 0 0 .75rem; max-width: 42rem; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: .06em; overflow-wrap: anywhere; }
a:focus-visible, summary:focus-visible, button:focus-visible, [tabindex]:focus-visible {
  outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
ul, ol { max-width: 42rem; padding-left: 1.2rem; margin: 0 0 .75rem; }
li { margin: 0 0 .3rem; }
.soft, .kicker, .byline, figcaption { color: var(--soft); }
.small, .kicker, .byline, figcaption { font-size: .875rem; }
.kicker { margin: 0 0 .5rem; }
.byline { margin: .6rem 0 0; }
.lead { font-size: 1.125rem; line-height: 1.5; }
.question { margin: 1.25rem 0 0; font-style: italic; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--paper); padding: .5rem .75rem; z-index: 1; }
.skip:focus { top: 1rem; }
.note { border-left: 3px solid var(--line); padding: .1rem 0 .1rem 1rem; margin: 1.5rem 0; font-size: .875rem;
  color: var(--soft); }
.note p { margin: 0 0 .4rem; max-width: 46rem; }
.note strong { color: var(--ink); font-weight: 600; }
.alert { border: 1px solid var(--line); border-left: 3px solid var(--ink); background: var(--wash);
  padding: .75rem 1rem; margin: 1.5rem 0; max-width: 42rem; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 3px; padding: 0 .4em; font-size: .75rem;
  line-height: 1.5; color: var(--soft); white-space: nowrap; }
.swatch { display: inline-block; width: .7em; height: .7em; border-radius: 2px; background: rgb(var(--hue));
  margin-right: .45em; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
footer { color: var(--soft); font-size: .8125rem; }

.scroll { position: relative; overflow-x: auto; max-width: 100%; margin: 0 0 1rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums lining-nums;
  line-height: 1.4; }
caption { text-align: left; color: var(--soft); padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 500; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
.whole { white-space: nowrap; }
td.bar { width: 45%; min-width: 4rem; }
td.bar svg { margin-top: .3rem; }
td:last-child, th:last-child { padding-right: 0; }
th.bar { font-size: 0; }
svg.bar { display: block; width: 100%; height: .7rem; background: var(--wash);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
table.shares { width: 100%; max-width: 36rem; }
table.shares th[scope=row] { overflow-wrap: anywhere; }
table.shares caption { color: var(--ink); font-weight: 600; }
th button { all: unset; cursor: pointer; color: inherit; border-bottom: 1px dotted currentColor; }
th[aria-sort] button::after { content: " \\2195"; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
table.index { width: 100%; }
table.index th[scope=row] { width: 34%; overflow-wrap: anywhere; }
table.index td { overflow-wrap: anywhere; min-width: 7rem; }
table.index td.date, table.index td.number { white-space: nowrap; min-width: 0; }
table.index th.number { white-space: normal; overflow-wrap: normal; }
table.index td.bar { width: 20%; }
.narrow-on { display: none; }

svg.bar .fill { stroke: var(--paper); stroke-width: 1px; vector-effect: non-scaling-stroke; }

details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--soft); font-size: .875rem; }
summary:hover { color: var(--ink); }

.para { display: grid; grid-template-columns: 10.5rem minmax(0, 40rem); column-gap: 2rem; margin: 0 0 1.75rem;
  break-inside: avoid; }
.margin { font-size: .875rem; line-height: 1.35; border-top: 3px solid rgb(var(--hue)); padding-top: .4rem;
  align-self: start; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.margin p { margin: 0 0 .25rem; }
.margin .label { font-weight: 650; overflow-wrap: anywhere; }
.margin .label .figure { font-weight: 400; white-space: nowrap; }
.margin .aside, .margin .place { color: var(--soft); font-size: .8125rem; }
.prose > p, blockquote > p[dir] { font: 1.0625rem/1.6 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia,
  "Liberation Serif", serif; hyphens: auto; margin: 0 0 .5rem; max-width: none; }
.amiss .prose > p { color: var(--soft); }
mark { color: inherit; background: rgb(var(--hue) / var(--strength));
  border-bottom: 1.5px solid rgb(var(--hue) / var(--edge)); border-radius: 1px; padding: 0 .05em;
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.s1 { --strength: .06; --edge: .3; border-bottom-width: 1px; } .s2 { --strength: .13; --edge: .5; }
.s3 { --strength: .2; --edge: .7; } .s4 { --strength: .28; --edge: .85; border-bottom-width: 2px; }
.s5 { --strength: .36; --edge: 1; border-bottom-width: 2px; }
.because { list-style: none; padding: 0; margin: 0; color: var(--soft); font-size: .8125rem; line-height: 1.45; }
.because li { display: inline; }
.because li:not(:last-child)::after { content: " \\b7  "; }
.leftout { margin: 0 0 1.75rem 12.5rem; max-width: 40rem; color: var(--soft); }
.leftout summary { font-size: .8125rem; }
.leftout dl { margin: .5rem 0 0; font-size: .875rem; }
.leftout dt { font-weight: 600; font-size: .8125rem; }
.leftout dd { margin: 0 0 .6rem; padding-left: .75rem; border-left: 2px solid var(--line); }
.one + .one { border-top: 1px solid var(--line); margin-top: 4rem; padding-top: 3rem; }

.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.25rem 2.5rem;
  align-items: start; }
figure { margin: 0 0 1rem; min-width: 0; break-inside: avoid; }
figure.wide { max-width: 30rem; }
figure svg.figure { display: block; width: 100%; height: auto; max-width: 40rem; overflow: visible; }
figcaption { margin: 0 0 .6rem; line-height: 1.4; }
figcaption strong { color: var(--ink); font-size: .9375rem; }
pre { overflow-x: auto; background: var(--wash); padding: .75rem 1rem; font-size: .875rem; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
.contents ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: .6rem 0;
  max-width: none; margin: 1.5rem 0 0; border: solid var(--line); border-width: 1px 0; font-size: .875rem; }
.orders { list-style: none; padding: 0; max-width: 46rem; font-size: .9375rem; }
.takeaway { margin: 1.5rem 0 1rem; max-width: 46rem; }
blockquote .verdict, blockquote .place { margin: 0 0 .35rem; font-size: .875rem; }
blockquote .place { margin-top: .35rem; }
blockquote { margin: 0 0 1.5rem; padding: 0 0 0 1rem; border-left: 3px solid rgb(var(--hue)); max-width: 42rem;
  break-inside: avoid; }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.25rem; padding: 0; list-style: none; font-size: .875rem;
  max-width: none; }
.key svg { vertical-align: middle; margin-right: .4em; }

@media (max-width: 46rem) {
  main { padding: 1.5rem 1rem 1rem; }
  .para { grid-template-columns: minmax(0, 1fr); row-gap: .4rem; }
  .margin { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
  .leftout { margin-left: 0; }
  .narrow-off { display: none; }
  table.shares td.bar { width: 30%; }
  .narrow-on { display: block; color: var(--soft); }
  table.index th[scope=row] { width: 60%; }
}
@media print {
  @page { margin: 16mm 15mm; }
  body { font-size: 10pt; }
  main, body > footer { padding: 0; max-width: none; }
  .skip, body > nav, th button::after, .screen { display: none; }
  a { color: inherit; text-decoration: none; }
  .scroll { overflow: visible; }
  h2, h3, h4 { break-after: avoid; }
  h2 { margin-top: 1.75rem; }
  p, li { orphans: 3; widows: 3; }
  .figures { grid-template-columns: 1fr 1fr; gap: 1rem 1.5rem; }
  figure details:not([open]) { display: none; }
  figure.wide { max-width: 22rem; }
  .para { grid-template-columns: 9rem minmax(0, 1fr); column-gap: 1.5rem; margin-bottom: 1.1rem; }
  .margin { display: block; }
  .leftout { margin: 0 0 1.1rem 10.5rem; }
}
"""

FIGURE_STYLE = _COLOURS + _FIGURE
"""What a figure needs to stand on its own, in light and in dark."""
STYLE = FIGURE_STYLE + _PAGE
"""The whole stylesheet, for all pages."""


def hue_class(number: int | None) -> str:
    """Return the class that sets the colour of the `number`-th frame (from 0); None: the grey of "not framed"."""
    return "hn" if number is None else f"h{number % HUES}"


def whole_page(title: str, body: str, *, script: str = "") -> str:
    """Return a page that stands on its own: `body` is markup, `title` plain text, `script` the only one that may run.

    The body must have the element `main` with the id `main`.
    """
    return head(title, script=script) + body + foot(script)


def head(title: str, *, script: str = "") -> str:
    """Return a page up to its body."""
    allowed = f"{_POLICY}; script-src 'sha256-{_hash(script)}'" if script else _POLICY
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<link rel="icon" href="data:,">\n<title>{escaped(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n'
        '<a class="skip" href="#main">Skip to the content</a>\n'
    )


def foot(script: str = "") -> str:
    """Return what stands behind a page's body."""
    return (f"\n<script>{script}</script>" if script else "") + "\n</body>\n</html>\n"


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
