"""The commands that read articles with a model: score and export."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.console import (
    Inputs,
    check_not_read,
    export_to_tool,
    output_file,
    run_to_file,
    run_to_shards,
    show_pages,
    show_scored,
    sources_sha256,
)
from framing.errors import UsageError
from framing.options import (
    TOOLS,
    DaskOption,
    ExportFormat,
    GoldOption,
    GoldRule,
    InputsArgument,
    JobsOption,
    ModelName,
    OutputOption,
    ScoreFormat,
    ShardSizeOption,
    SourceFrom,
    SourceFromOption,
    Sources,
)

if TYPE_CHECKING:
    from framing.model import Model
    from framing.work import Job


def score(
    inputs: InputsArgument,
    model: ModelName = "russia-mediator",
    format: Annotated[ScoreFormat, typer.Option("--format", help="How to write the result.")] = ScoreFormat.table,
    output: OutputOption = None,
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
    jobs: JobsOption = 1,
    dask: DaskOption = None,
    shard_size: ShardSizeOption = 32,
) -> None:
    """Score articles paragraph by paragraph, with the words that decided."""
    from framing.files import is_folder
    from framing.listing import sort_key
    from framing.loading import load_model
    from framing.scoredjson import write_json

    most = _evidence(evidence)
    loaded = load_model(model)
    if sort is not None:
        sort_key(sort, loaded.facts)  # a wrong key is said before anything is read
    path = Path(output) if output is not None else None
    found = Inputs(inputs, sources, source_from is SourceFrom.folder, path)
    if format is ScoreFormat.jsonl:
        wanted = _job(found, loaded, "articles", "jsonl", sources, evidence=most, text=with_text)
        _run(found, wanted, loaded, output, jobs, dask, shard_size)
        return
    if jobs > 1 or dask or (output and is_folder(output) and format is not ScoreFormat.html):
        raise UsageError("--jobs and --dask are for --format jsonl, a folder as the output for jsonl and html")
    scored = loaded.score_articles(found.articles(), evidence=most)
    if format is ScoreFormat.html:
        show_pages(scored, loaded.facts, path, inputs, sort, found.problems)
        found.finish()
        return
    with ExitStack() as stack:
        file = output_file(path, stack)
        if format is ScoreFormat.json:
            write_json(scored, loaded.facts, file, with_text=with_text, problems=found.problems)
        else:
            show_scored(scored, loaded.facts, file, sort, full, found.problems)
    found.finish()


def export(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="INPUT...", help="As for `framing score`.")] = None,
    model: ModelName = "russia-mediator",
    format: Annotated[
        ExportFormat | None, typer.Option("--format", help="By default what FILE ends in, else csv.")
    ] = None,
    output: OutputOption = None,
    no_text: Annotated[bool, typer.Option("--no-text", help="A hash of each paragraph instead of its text.")] = False,
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="DIR", help="Export these hand labels instead of scoring.")
    ] = None,
    gold: GoldOption = GoldRule.default,
    sources: Sources = None,
    source_from: SourceFromOption = None,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
    shard_size: ShardSizeOption = 32,
) -> None:
    """Write one row per paragraph with its label, for spreadsheets and statistics; or hand labels in the flat form."""
    from framing.export import export_labels

    if labels is not None and no_text:
        raise UsageError("--no-text is for scored articles; hand labels are nothing without their texts")
    path = Path(output) if output is not None else None
    chosen = format or _format_of(output)
    if bool(inputs) == (labels is not None):
        raise UsageError("name INPUTs to score and export, or --labels DIR to export hand labels: one of the two")
    if labels is not None:
        from framing.labelfiles import load_labels
        from framing.labels import gold as gold_labels

        loaded_labels = load_labels(labels)
        if path is not None:
            check_not_read(path, [str(labels)])
        if chosen in TOOLS:
            export_to_tool(loaded_labels, chosen.value, path)
        else:
            export_labels(loaded_labels, gold_labels(loaded_labels, gold.value).labels, path, chosen.value)
        return
    if chosen in TOOLS:
        raise UsageError(f"--format {chosen} is for hand labels: name their folder with --labels DIR")
    from framing.loading import load_model

    loaded = load_model(model)
    found = Inputs(inputs or [], sources, source_from is SourceFrom.folder, path)
    if chosen is ExportFormat.parquet and output is None:
        raise UsageError("Parquet is not for a terminal or a pipe: name a file with -o FILE.parquet")
    wanted = _job(found, loaded, "paragraphs", chosen.value, sources, evidence=0, text=not no_text)
    _run(found, wanted, loaded, output, jobs, dask, shard_size)


def _job(
    found: Inputs, model: Model, rows: str, form: str, sources: Path | None, *, evidence: int | None, text: bool
) -> Job:
    from framing.work import Job

    table = str(sources.resolve()) if sources else None
    return Job(
        model=str((model.folder or Path()).resolve()),
        fingerprint=model.fingerprint,
        rows=rows,
        format=form,
        evidence=evidence,
        text=text,
        sources=table,
        sources_sha256=sources_sha256(sources),
        source_from_folder=found.source_from_folder,
    )


def _run(
    found: Inputs, job: Job, model: Model, output: str | None, jobs: int, dask: str | None, shard_size: float
) -> None:
    from framing.files import is_folder
    from framing.run import Workers

    if output is not None and is_folder(output):
        run_to_shards(found, job, model, Workers(jobs, dask), Path(output), shard_size)
    else:
        run_to_file(found, job, model, Workers(jobs, dask), Path(output) if output else None)


def _evidence(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or len(text) > 9:
        raise UsageError(f"--evidence takes a whole number or all, not {text}")
    return int(text)


def _format_of(output: str | None) -> ExportFormat:
    from framing.files import is_folder

    ending = Path(output).suffix.lower().lstrip(".") if output is not None else ""
    if ending in ("csv", "jsonl", "parquet"):
        return ExportFormat(ending)
    if not ending or output is None or is_folder(output):
        return ExportFormat.csv
    raise UsageError(f"{output}: name the format with --format csv, jsonl or parquet, or a folder with a / at its end")
