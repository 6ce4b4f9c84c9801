"""The commands that read articles with a model: score and export."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from framing.console import Inputs, check_not_read, export_to_tool, output_file, show_scored
from framing.errors import UsageError
from framing.options import (
    TOOLS,
    ExportFormat,
    GoldOption,
    GoldRule,
    InputsArgument,
    ModelName,
    ScoreFormat,
    SourceFrom,
    SourceFromOption,
    Sources,
)


def score(
    inputs: InputsArgument,
    model: ModelName = "russia-mediator",
    format: Annotated[ScoreFormat, typer.Option("--format", help="How to write the result.")] = ScoreFormat.table,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.")] = None,
    evidence: Annotated[
        str, typer.Option("--evidence", metavar="N|all", help="How many stretches of evidence each paragraph gets.")
    ] = "10",
    with_text: Annotated[bool, typer.Option("--with-text", help="JSON with the whole text that was read.")] = False,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="KEY", help="Of many: source, date, title, or a frame's share.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Of many: every paragraph of every article.")] = False,
    sources: Sources = None,
    source_from: SourceFromOption = None,
) -> None:
    """Score articles paragraph by paragraph, with the words that decided."""
    from framing.listing import sort_key
    from framing.loading import load_model
    from framing.scoredjson import write_json, write_jsonl

    most = _evidence(evidence)
    loaded = load_model(model)
    if sort is not None:
        sort_key(sort, loaded.facts)  # a wrong key is said before anything is read
    found = Inputs(inputs, sources, source_from is SourceFrom.folder, output)
    scored = loaded.score_articles(found.articles(), evidence=most)
    with ExitStack() as stack:
        file = output_file(output, stack)
        if format is ScoreFormat.json:
            write_json(scored, loaded.facts, file, with_text=with_text, problems=found.problems)
        elif format is ScoreFormat.jsonl:
            write_jsonl(scored, loaded.facts, file, with_text=with_text)
        else:
            show_scored(scored, loaded.facts, file, sort, full, found.problems)
    found.finish()


def export(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="INPUT...", help="As for `framing score`.")] = None,
    model: ModelName = "russia-mediator",
    format: Annotated[
        ExportFormat | None, typer.Option("--format", help="By default what FILE ends in, else csv.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.")] = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="A hash of each paragraph instead of its text.")] = False,
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="DIR", help="Export these hand labels instead of scoring.")
    ] = None,
    gold: GoldOption = GoldRule.default,
    sources: Sources = None,
    source_from: SourceFromOption = None,
) -> None:
    """Write one row per paragraph with its label, for spreadsheets and statistics; or hand labels in the flat form."""
    from framing.export import export_labels, export_scored

    if labels is not None and no_text:
        raise UsageError("--no-text is for scored articles; hand labels are nothing without their texts")
    chosen = format or _format_of(output)
    if bool(inputs) == (labels is not None):
        raise UsageError("name INPUTs to score and export, or --labels DIR to export hand labels: one of the two")
    if labels is not None:
        from framing.labelfiles import load_labels
        from framing.labels import gold as gold_labels

        loaded_labels = load_labels(labels)
        if output is not None:
            check_not_read(output, [str(labels)])
        if chosen in TOOLS:
            export_to_tool(loaded_labels, chosen.value, output)
        else:
            export_labels(loaded_labels, gold_labels(loaded_labels, gold.value).labels, output, chosen.value)
        return
    if chosen in TOOLS:
        raise UsageError(f"--format {chosen} is for hand labels: name their folder with --labels DIR")
    from framing.loading import load_model

    loaded = load_model(model)
    found = Inputs(inputs or [], sources, source_from is SourceFrom.folder, output)
    scored = loaded.score_articles(found.articles(), evidence=0)
    export_scored(scored, loaded.facts, output, chosen.value, text=not no_text)
    found.finish()


def _evidence(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise UsageError(f"--evidence takes a whole number or all, not {text}")
    return int(text)


def _format_of(output: Path | None) -> ExportFormat:
    ending = (output.suffix.lower().lstrip(".") if output else "") or "csv"
    if ending not in ("csv", "jsonl", "parquet"):
        raise UsageError(f"{output}: name the format with --format csv, jsonl or parquet")
    return ExportFormat(ending)
