"""The commands that compare groups of articles: compare, and verify what it wrote."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.console import Inputs, check_not_read, check_outside, output_file, say, show_lines
from framing.errors import FramingError, UsageError
from framing.options import CompareFormat, SeedOption, SourceFrom, SourceFromOption, Sources

if TYPE_CHECKING:
    from framing.comparison import Comparison
    from framing.question import Question
    from framing.records import Article

_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".txt": "table"}


def compare(
    corpus: Annotated[
        list[str],
        typer.Argument(
            metavar="CORPUS...", help="Exports of framing export (CSV, JSONL, Parquet, or a folder), or articles."
        ),
    ],
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="AUDIT", help="A filled sheet or folder of framing sample: the audit."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="FIELD", help="source (the default), group, date:month, or another column of the corpus."
        ),
    ] = None,
    groups: Annotated[
        Path | None, typer.Option("--groups", metavar="FILE", help="CSV of source,group that merges sources.")
    ] = None,
    format: Annotated[
        CompareFormat | None, typer.Option("--format", help="By default what FILE ends in, else table.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE|DIR",
            help="A file (.html, .json, .txt), or a folder for the page, all figures and the methods.",
        ),
    ] = None,
    finite: Annotated[
        bool, typer.Option("--finite", help="The share in this very corpus, not in the sources' output.")
    ] = False,
    min_articles: Annotated[
        int,
        typer.Option(
            "--min-articles", min=2, metavar="N", help="Groups with fewer audited articles are not estimated."
        ),
    ] = 6,
    voice: Annotated[
        bool, typer.Option("--voice", help="Mostly quoted paragraphs and the others apart as well.")
    ] = False,
    assume_random: Annotated[
        bool, typer.Option("--assume-random", help="Take labels without probabilities for a random sample.")
    ] = False,
    model: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--model",
            metavar="MODEL",
            help="The model that scores.  [default: the export's, else russia-mediator]",
        ),
    ] = None,
    seed: SeedOption = 0,
    sources: Sources = None,
    source_from: SourceFromOption = None,
) -> None:
    """Compare how groups of articles frame, corrected by a hand-labelled random sample, with error bars that hold.

    Without one (--labels), what stands there is marked "not audited": it rests on the model's own training.
    """
    from framing.compare import compare as compare_groups
    from framing.question import Question

    question = Question(
        tuple(corpus), _text(labels), by, _text(groups), model, _text(sources), source_from is SourceFrom.folder,
        finite, min_articles, assume_random, voice, seed,
    )  # fmt: skip
    question.check()
    folder = _checked_output(output, format, question)
    reader = _Reader(question)
    found = compare_groups(question, reader.articles)
    if folder is None:
        _show(found, Path(output) if output is not None else None, format)
    else:
        from framing.comparefolder import write_folder

        written = write_folder(found, question, folder)
        say(f"wrote {folder} ({len(written)} files); to check it: framing verify {folder}")
        _show(found, None, CompareFormat.table)  # last: whoever reads it may close the pipe
    reader.finish()


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that framing compare -o DIR wrote.")],
) -> None:
    """Recompute every number of a comparison's folder, and say which differ."""
    from framing.verify import verify_folder

    done = verify_folder(folder, lambda question: _Reader(question).articles)
    for note in done.notes:
        say(note)
    show_lines(done.differences)
    if done.differences:
        differ = "1 thing differs" if len(done.differences) == 1 else f"{len(done.differences):,} things differ"
        raise FramingError(f"{folder}: {differ} from what is recomputed (named above)")
    show_lines([f"{folder}: {done.numbers:,} numbers recomputed, and {done.files} files; all are the same"])


class _Reader:
    """Reads articles as a question says; failures are told at the end."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._found: Inputs | None = None

    def articles(self, inputs: Sequence[str]) -> Iterator[Article]:
        """Yield the articles of the inputs, with their number shown on a terminal."""
        from framing.progress import counted_articles

        sources = Path(self._question.sources) if self._question.sources else None
        self._found = Inputs(list(inputs), sources, self._question.source_from_folder, None)
        with counted_articles(self._found.articles()) as articles:
            yield from articles

    def finish(self) -> None:
        """End with exit code 1 where an input failed; the others were counted."""
        if self._found is not None:
            self._found.finish()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _checked_output(asked: str | None, format: CompareFormat | None, question: Question) -> Path | None:
    """Return the folder to write, None for a file or the terminal. Raises UsageError before anything is read."""
    if asked is None:
        return None
    output = Path(asked)  # a Path forgets the slash that names a folder
    read = [*question.inputs, *(one for one in (question.audit, question.groups, question.sources) if one)]
    check_not_read(output, read)
    check_outside(output, [one for one in read if Path(one).is_dir()])
    from framing.files import is_folder

    if not is_folder(asked):
        if format is None and output.suffix.lower() not in _ENDINGS:
            raise UsageError(f"{output}: a file ends in .html, .json or .txt, a folder in /")
        return None
    from framing.comparefolder import check_folder

    check_folder(output)
    return output


def _show(found: Comparison, output: Path | None, format: CompareFormat | None) -> None:
    """Write a comparison to a file or to stdout."""
    from framing.comparetext import comparison_lines
    from framing.terminal import style_for, width_for

    chosen = format or CompareFormat(_ENDINGS.get(output.suffix.lower(), "table") if output else "table")
    with ExitStack() as stack:
        file = output_file(output, stack)
        if chosen is CompareFormat.json:
            from framing.comparefolder import json_text

            file.write(json_text(found.to_dict()))
        elif chosen is CompareFormat.html:
            from framing.comparepage import comparison_page

            file.write(comparison_page(found))
        else:
            style, width = style_for(file, os.environ), width_for(file)
            file.writelines(line + "\n" for line in comparison_lines(found, style, width))
    if output is not None and file is not sys.stdout:
        say(f"wrote {output}")
