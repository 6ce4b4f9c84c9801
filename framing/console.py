"""What the commands share at the terminal: the inputs with their failures, the outputs, and what is said on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from framing.errors import UsageError
from framing.terminal import clean
from framing.wording import counted

if TYPE_CHECKING:
    from framing.labels import Labels
    from framing.model import Model
    from framing.records import Article, Failed, ModelFacts, Repeated, ScoredArticle
    from framing.run import Workers
    from framing.scoredjson import Problems
    from framing.work import Job


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
            if isinstance(found, Failed | Repeated):
                self.report(found)
            else:
                for note in found.notes:
                    say(note)
                yield found

    def report(self, found: Failed | Repeated | str) -> None:
        """Say what was not read, and keep it for the end; or say a note."""
        from framing.records import Failed

        if isinstance(found, str):
            say(found)
        elif isinstance(found, Failed):
            self.problems.failed.append(found)
            say(found.message)
        else:
            self.problems.repeated.append(found)
            say(f"{found.origin}: the same article as {found.first}, counted once")

    def finish(self) -> None:
        """End with exit code 1 where an input failed; the others were written."""
        if self.problems.failed:
            raise SystemExit(1)


def sources_sha256(sources: Path | None) -> str | None:
    """Return the sha256 of a table of sources, so that a run knows it from a changed one."""
    from framing.files import sha256_of

    return sha256_of(sources) if sources else None


def run_to_file(found: Inputs, job: Job, model: Model, workers: Workers, output: Path | None) -> None:
    """Do a job, by any number of processes, into one file or stdout; what cannot be read is said at once."""
    from framing.progress import shown_bytes
    from framing.run import stream
    from framing.slices import input_bytes
    from framing.work import header, write_blocks

    if "-" in found.inputs and not workers.alone:
        raise UsageError("standard input is read by one process; save it as a file, or leave --jobs out")

    def tell(what: Failed | Repeated | str) -> None:
        found.report(what)
        del found.problems.failed[1:], found.problems.repeated[:]  # they were said; there may be millions

    with shown_bytes(input_bytes(found.inputs)) as advance:
        blocks = stream(found.inputs, job, workers, tell=tell, advance=advance)
        first = next(blocks, None)
        if first is None:
            found.finish()
        whole = chain([] if first is None else [first], blocks)
        if output is not None:
            write_blocks(whole, job, model, output)
        else:
            sys.stdout.write(header(job, model.labels))
            for block in whole:
                sys.stdout.write(block if isinstance(block, str) else "")
    found.finish()


def run_to_shards(found: Inputs, job: Job, model: Model, workers: Workers, output: Path, megabytes: float) -> None:
    """Do a job into a folder of shards, or go on with it. Raises UsageError, FramingError."""
    from framing.progress import shown_bytes
    from framing.run import run_to_folder
    from framing.runfolder import REJECTS
    from framing.slices import input_bytes

    check_outside(output, found.inputs)
    if not isfinite(megabytes * 1_000_000):
        raise UsageError(f"--shard-size is a number of megabytes, not {megabytes:g}")
    size = max(1, round(megabytes * 1_000_000))
    try:
        with shown_bytes(input_bytes(found.inputs)) as advance:
            done = run_to_folder(
                found.inputs, job, model, output, workers, size=size, tell=found.report, advance=advance
            )
    except KeyboardInterrupt:
        say(f"stopped; the shards in {output} are whole, and the same command goes on after them")
        raise SystemExit(130) from None
    dropped = f"; {done.rejects:,} could not be read and {done.repeated:,} were read before, see {REJECTS}"
    scored = f"{counted(done.articles, 'article')} in {counted(done.shards, 'shard')}"
    say(f"{output}: {scored}{dropped if done.rejects or done.repeated else ''}")


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


def show_pages(
    scored: Iterator[ScoredArticle],
    facts: ModelFacts,
    output: Path | None,
    inputs: list[str],
    sort: str | None,
    problems: Problems,
) -> None:
    """Write articles as pages to a file, a folder or stdout, outside of all folders that are read."""
    from framing.files import is_folder
    from framing.pagefiles import ARTICLES, INDEX, write_pages

    if output is not None:
        check_outside(output, inputs)
    folder = output is not None and is_folder(output)
    older = write_pages(scored, facts, output, sort=sort, problems=problems)
    if output is not None and folder:
        say(f"wrote {output / INDEX} and a page for each article")
        if older:
            say(f"{output / ARTICLES}: {older} of its pages are from an earlier run and not in the index")


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
        show_lines(lines)


def show_lines(lines: Iterable[str]) -> None:
    """Print plain lines; what others named (files, sources, coders) cannot move the cursor."""
    for line in lines:
        print(clean(line))


def print_json(values: object) -> None:
    """Print plain values as JSON."""
    import json

    print(json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False))


def say_of(path: Path, messages: Iterable[str]) -> None:
    """Tell what is to be known of a file or folder; a message that names its place stays as it is."""
    for message in messages:
        say(message if message.startswith(str(path)) else f"{path}: {message}")


def say(message: str) -> None:
    """Tell the user something on stderr, in one line; the name of a file cannot move the cursor there."""
    print(f"framing: {clean(message)}", file=sys.stderr)
