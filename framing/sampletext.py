"""What `framing sample` and `framing import` print."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from framing.importing import Imported
from framing.sample import Sampled, Wish
from framing.sheets import is_sheet
from framing.summary import table
from framing.wording import counted

MOST_PROBLEMS = 20
"""How many wrong rows of sheets are named."""
_MOST_GROUPS = 30


def sampled_lines(done: Sampled, wish: Wish, output: Path) -> Iterator[str]:
    """Say what was drawn of what, what was left out, and what to do next."""
    yield f"{counted(done.paragraphs, 'paragraph')} of {counted(done.articles, 'article')}"
    if done.groups:
        head = (wish.by or "source", "articles", "paragraphs", "drawn articles", "drawn paragraphs")
        shown = done.groups[:_MOST_GROUPS]
        yield from table([head, *((name, *(f"{count:,}" for count in counts)) for name, *counts in shown)])
        if len(done.groups) > len(shown):
            yield f"... and {len(done.groups) - len(shown)} more groups"
    for note in done.notes:
        yield f"note: {note}"
    for _, path in done.written:
        yield f"wrote {path}"
    if is_sheet(output):
        yield f"Fill in the column label (skip: looked and gave none), then: framing train {output}"
        yield f"or, to correct what a model says of the corpus: framing compare CORPUS --labels {output}"
        return
    yield f"Next: read {output / 'codebook.toml'}, fill in the column label of each sheet (skip: looked and gave none),"
    yield "and bring them back:"
    for coder, path in done.written:
        yield f"  framing import {shlex.join([str(path), '--into', str(output), '--coder', coder or ''])}"
    yield f"Or code in the browser: framing serve {shlex.join(['--labels', str(output)])}"


def imported_lines(done: Imported, folder: Path) -> Iterator[str]:
    """Say what was imported, what was known, and what is still to be coded."""
    for coder, count in done.written.items():
        yield f"{counted(count, 'code')} added to {folder / 'codes' / coder}.jsonl"
    if done.known:
        yield f"{counted(done.known, 'code')} there already"
    if done.empty:
        yield f"{counted(done.empty, 'row')} not coded yet"
    if not done.written and not done.known:
        yield "no codes: no row has a label"
