"""What the commands share at the terminal: the inputs with their failures, the outputs, and what is said on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from framing.errors import UsageError

if TYPE_CHECKING:
    from framing.labels import Labels
    from framing.records import Article, ModelFacts, ScoredArticle
    from framing.scoredjson import Problems


class Inputs:
    """The articles of the inputs; what cannot be read is said on stderr and kept for the end."""

    def __init__(self, inputs: list[str], sources: Path | None, from_folder: bool, output: Path | None) -> None:
        from framing.scoredjson import Problems
        from framing.sources import load_sources

        if output is not None:
            check_not_read(output, inputs)
        self.inputs = inputs
        self.names = load_sources(sources) if sources else None
        self.source_from_folder = from_folder
        self.problems = Problems()

    def articles(self) -> Iterator[Article]:
        """Return the articles, in order. Ends the command where every input failed: nothing is written then."""
        found = self._read()
        first = next(found, None)
        if first is None:
            self.finish()
            return found
        return chain([first], found)

    def _read(self) -> Iterator[Article]:
        from framing.read import read_articles
        from framing.records import Failed, Repeated

        for found in read_articles(
            self.inputs, sources=self.names, source_from_folder=self.source_from_folder, stdin=sys.stdin.buffer
        ):
            if isinstance(found, Failed):
                self.problems.failed.append(found)
                say(found.message)
            elif isinstance(found, Repeated):
                self.problems.repeated.append(found)
                say(f"{found.origin}: the same article as {found.first}, counted once")
            else:
                for note in found.notes:
                    say(note)
                yield found

    def finish(self) -> None:
        """End with exit code 1 where an input failed; the others were written."""
        if self.problems.failed:
            raise SystemExit(1)


def show_scored(
    scored: Iterator[ScoredArticle], facts: ModelFacts, file: TextIO, sort: str | None, full: bool, problems: Problems
) -> None:
    """Write a single article whole, and of several a line each."""
    from framing.listing import show_many
    from framing.report import show_article
    from framing.terminal import style_for, width_for

    style, width = style_for(file, os.environ), width_for(file)
    first = list(islice(scored, 2))
    if len(first) == 1:
        file.write(show_article(first[0], facts, style, width, full=full) + "\n")
        return
    for part in show_many(chain(first, scored), facts, style, width, sort=sort, full=full, problems=problems):
        file.write(part + "\n")


def check_not_read(output: Path, inputs: list[str]) -> None:
    """Raise UsageError where the output is one of the inputs, which it would replace."""
    for given in inputs:
        with suppress(OSError):
            if output.samefile(given):
                raise UsageError(f"{output} is an input as well; name another file with -o")


def check_outside(output: Path, inputs: list[str]) -> None:
    """Raise UsageError where the output lies in a folder that is read: it would be part of the corpus the next time."""
    for given in inputs:
        folder = Path(given)
        if folder.is_dir() and output.resolve().is_relative_to(folder.resolve()):
            raise UsageError(f"{output} lies in {given}, which is read; name a place outside of it with -o")


def output_file(path: Path | None, stack: ExitStack) -> TextIO:
    """Return stdout, or a file that appears when it is whole."""
    from framing.files import replacing_text

    return stack.enter_context(replacing_text(path)) if path else sys.stdout


def export_to_tool(labels: Labels, form: str, output: Path | None) -> None:
    """Write hand labels for an annotation tool; for Label Studio, the interface as well, beside a file."""
    from framing.exchange import write_exchange
    from framing.files import replacing_text
    from framing.labelstudio import labelling_config

    with ExitStack() as stack:
        write_exchange(labels, form, output_file(output, stack))
    if form == "labelstudio" and output is not None:
        config = output.with_suffix(".config.xml")
        with replacing_text(config) as file:
            file.write(labelling_config(labels.codebook))
        say(f"wrote {config} as well: the labelling interface, to be pasted under Settings, Labeling Interface, Code")


def show_facts(facts: object, lines: Iterable[str], as_json: bool) -> None:
    """Print plain values as JSON, or the lines that tell them."""
    if as_json:
        print_json(facts)
    else:
        print("\n".join(lines))


def print_json(values: object) -> None:
    """Print plain values as JSON."""
    import json

    print(json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False))


def say_of(path: Path, messages: Iterable[str]) -> None:
    """Tell what is to be known of a file or folder; a message that names its place stays as it is."""
    for message in messages:
        say(message if message.startswith(str(path)) else f"{path}: {message}")


def say(message: str) -> None:
    """Tell the user something on stderr."""
    print(f"framing: {message}", file=sys.stderr)
