"""The command line: a command is its options, one library call and one print.

Data goes to stdout, everything else to stderr. `main` is the one gate where an error becomes one line and an exit code:
1 for bad input, 2 for wrong usage.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from framing.console import (
    Inputs,
    check_not_read,
    check_outside,
    export_to_tool,
    output_file,
    print_json,
    say,
    say_of,
    show_facts,
    show_scored,
)
from framing.errors import FramingError, LabelsError, UsageError
from framing.options import (
    TOOLS,
    CodebookOption,
    ExportFormat,
    GoldOption,
    GoldRule,
    InputsArgument,
    ModelName,
    ScoreFormat,
    SeedOption,
    SourceFrom,
    SourceFromOption,
    Sources,
    TableFormat,
    Way,
)

app = typer.Typer(
    help="Measure how news frames an actor, paragraph by paragraph, with the evidence for every label.",
    epilog="Start with: framing score ARTICLE.html",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


def _version(wanted: bool) -> None:
    if wanted:
        from framing.version import __version__

        print(f"framing {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command(short_help="Score articles paragraph by paragraph.")
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


@app.command(short_help="Write labels as CSV, JSON Lines, Parquet ...")
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


@app.command(short_help="Draw paragraphs to be labelled by hand.")
def sample(
    inputs: InputsArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR|FILE.csv", help="A labels folder, or a single new sheet.")
    ],
    number: Annotated[int, typer.Option("-n", "--number", min=1, metavar="N", help="How many paragraphs.")] = 200,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="Draw evenly over these groups: source (the default), group, target, date:year, date:month, date:day, "
            "or another column of the corpus.",
        ),
    ] = None,
    per_article: Annotated[
        int, typer.Option("--per-article", min=1, metavar="N", help="At most so many paragraphs of one article.")
    ] = 3,
    coders: Annotated[
        str, typer.Option("--coders", metavar="A,B", help="Who codes: each gets a part, with a sheet of its own.")
    ] = "",
    overlap: Annotated[
        float, typer.Option("--overlap", metavar="SHARE", help="Share of the paragraphs that all coders get.")
    ] = 0.15,
    codebook: Annotated[
        str | None,
        typer.Option(
            "--codebook", metavar="FILE|MODEL", help="Copied to DIR (of a model: its own); else a skeleton to fill in."
        ),
    ] = None,
    next: Annotated[
        Way | None,
        typer.Option("--next", help="Pick what would teach the model most instead; for training, never for an audit."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("-m", "--model", metavar="MODEL", help="With --next: the model.  [default: russia-mediator]"),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Another seed draws other articles.")] = 0,
    sources: Sources = None,
    source_from: SourceFromOption = None,
) -> None:
    """Draw paragraphs to be labelled by hand, at random and with known probabilities, into sheets for coders.

    Drawing again into the same folder adds paragraphs, and never the same ones.
    """
    from framing.progress import counted_articles
    from framing.sample import Wish, check_wish, sample_to
    from framing.sampletext import sampled_lines

    names = tuple(name.strip() for name in coders.split(",") if name.strip())
    wish = Wish(number, by, per_article, names, overlap, seed, next.value if next else None, model)
    check_wish(wish, output)
    check_outside(output, inputs)
    found = Inputs(inputs, sources, source_from is SourceFrom.folder, output)
    with counted_articles(found.articles()) as articles:
        done = sample_to(articles, wish, output, codebook)
    print("\n".join(sampled_lines(done, wish, output)))
    found.finish()


@app.command(name="import", short_help="Bring filled sheets into a labels folder.")
def import_command(
    sheets: Annotated[
        list[Path],
        typer.Argument(metavar="SHEET...", help="Filled sheets (CSV), or Label Studio, doccano, Prodigy files."),
    ],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="The labels folder.")],
    coder: Annotated[
        str | None,
        typer.Option("--coder", metavar="NAME", help="Whose codes these are; adjudicated: decisions on disputes."),
    ] = None,
    adjudicator: Annotated[
        str | None, typer.Option("--adjudicator", metavar="NAME", help="Who decided, with --coder adjudicated.")
    ] = None,
) -> None:
    """Add the codes of filled sheets to a labels folder: all of them, or none where something is wrong."""
    from datetime import UTC, datetime

    from framing.importing import import_codes
    from framing.sampletext import MOST_PROBLEMS, imported_lines

    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    done = import_codes(sheets, into, coder=coder, now=now, adjudicator=adjudicator)
    count = len(done.problems)
    for line in (*done.notes, *done.problems[:MOST_PROBLEMS]):
        say(line)
    if count > MOST_PROBLEMS:
        say(f"... and {count - MOST_PROBLEMS:,} more")
    if done.problems:
        raise LabelsError(f"nothing was imported: {count} row{'s are' if count > 1 else ' is'} not right (named above)")
    print("\n".join(imported_lines(done, into)))


@app.command(short_help="Say how far coders agree; show disputes.")
def agree(
    labels: Annotated[
        Path, typer.Argument(metavar="[LABELS]", help="A labels folder, or a flat file with a column coder.")
    ] = Path("labels"),
    codebook: CodebookOption = None,
    model: Annotated[
        str | None,
        typer.Option(
            "-m", "--model", metavar="MODEL", help="Compare this model; by default that of the codebook's name."
        ),
    ] = None,
    disputed: Annotated[
        Path | None,
        typer.Option(
            "--disputed", metavar="FILE", help="Write disputes and suspect labels (or stale codes) to FILE.csv."
        ),
    ] = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="List the codes that were given under an older text of a changed rule.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show every dispute and every suspect label.")] = False,
    seed: SeedOption = 0,
    format: Annotated[TableFormat, typer.Option("--format", help="How to print it.")] = TableFormat.table,
) -> None:
    """Say how far coders agree, and the model beside them; show what they dispute and which labels look wrong."""
    from framing.labelfiles import load_labels
    from framing.sheets import check_sheet, is_sheet

    loaded = load_labels(labels, codebook=codebook, single_label=True)
    say_of(labels, loaded.messages)
    if disputed is not None:
        check_not_read(disputed, [str(labels)])
        if not is_sheet(disputed):
            raise UsageError(f"{disputed}: the disputes are written as a sheet; name a file that ends in .csv")
        check_sheet(disputed)
    if stale:
        from framing.agreementtext import stale_facts, stale_lines, write_stale
        from framing.revisions import stale_codes

        old = stale_codes(loaded, labels)
        print_json(stale_facts(old)) if format is TableFormat.json else print("\n".join(stale_lines(old, loaded)))
        if disputed is not None:
            write_stale(old, loaded, disputed)
            say(f"wrote {disputed}: give each a label anew, then framing import {disputed} --into {labels}")
        return
    from framing.agreement import agreement_report, model_of
    from framing.agreementtext import agreement_lines, write_disputed
    from framing.terminal import style_for, width_for

    compared, why = model_of(loaded, model)
    report = agreement_report(loaded, compared, seed=seed)
    if format is TableFormat.json:
        print_json(report.to_dict())
    else:
        style, width = style_for(sys.stdout, os.environ), width_for(sys.stdout)
        print("\n".join(agreement_lines(report, style, width, full=full, why_no_model=why)))
    if disputed is not None:
        write_disputed(report, disputed)
        into = (
            f"--into {labels}"
            if labels.is_dir()
            else "--into a labels folder with these codes (framing import makes one)"
        )
        say(f"wrote {disputed}: decide each, then framing import {disputed} {into} --coder adjudicated")


@app.command(short_help="Train a model on hand labels.")
def train(
    labels: Annotated[
        Path, typer.Argument(metavar="[LABELS]", help="A labels folder, or a JSONL or CSV file of text and label.")
    ] = Path("labels"),
    codebook: CodebookOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="By default models/<codebook's name>.")
    ] = None,
    gold: GoldOption = GoldRule.default,
    seed: SeedOption = 0,
    settings: Annotated[
        str | None,
        typer.Option("--settings", metavar="MODEL", help="Use the settings that this model records; search for none."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a model of another codebook.")] = False,
    format: Annotated[TableFormat, typer.Option("--format", help="How to print the scores.")] = TableFormat.table,
) -> None:
    """Train a model on hand labels, and say how right it is on articles and sources that it has not seen."""
    from framing.labelfiles import load_labels
    from framing.progress import shown_progress
    from framing.summary import training_facts, training_summary
    from framing.training import check_output, recorded_settings
    from framing.training import train as train_model

    loaded = load_labels(labels, codebook=codebook)
    folder = output or Path("models") / loaded.codebook.name
    check_output(folder, loaded.codebook.name, force=force)
    given = recorded_settings(settings) if settings else None
    with shown_progress() as progress:
        trained = train_model(loaded, gold_rule=gold.value, seed=seed, settings=given, progress=progress)
    model = trained.save(folder, force=force)
    if format is TableFormat.json:
        print_json(training_facts(model.manifest))
    else:
        print("\n".join(training_summary(model.manifest)))
    print(f"wrote {folder}", file=sys.stderr)


@app.command(short_help="Score a model on other labelled data.")
def evaluate(
    labels: Annotated[
        Path, typer.Argument(metavar="[LABELS]", help="Other labelled data, JSONL or CSV, or a labels folder.")
    ] = Path("labels"),
    model: ModelName = "russia-mediator",
    checks: Annotated[
        bool, typer.Option("--checks", help="The folder's minimal pairs instead: how often both halves are right.")
    ] = False,
    statuses: Annotated[
        bool, typer.Option("--statuses", help="The folder's statuses.jsonl instead: what is scored, what is refused.")
    ] = False,
    shortcuts: Annotated[
        bool, typer.Option("--shortcuts", help="How well length, style and the like alone tell the labels (no model).")
    ] = False,
    gold: GoldOption = GoldRule.default,
    seed: SeedOption = 0,
    format: Annotated[TableFormat, typer.Option("--format", help="How to print the scores.")] = TableFormat.table,
) -> None:
    """Say how right a saved model is on other labelled data; what was in its training is left out and named.

    Of a labels folder that the model was trained on, that leaves the sources of held_out.toml.
    """
    from framing.evaluation import evaluate as evaluate_model
    from framing.evaluation import evaluation_lines
    from framing.labelfiles import load_labels
    from framing.loading import load_model

    if checks + statuses + shortcuts > 1:
        raise UsageError("--checks, --statuses and --shortcuts are three questions; ask one at a time")
    if shortcuts:
        from framing.shortcuts import find_shortcuts, shortcut_facts, shortcut_lines

        told = find_shortcuts(load_labels(labels), gold_rule=gold.value, seed=seed)
        show_facts(shortcut_facts(told), shortcut_lines(told), format is TableFormat.json)
        return
    loaded = load_model(model)
    if statuses:
        from framing.statuses import FILE_NAME, evaluate_statuses, load_status_cases, status_lines

        given_statuses = evaluate_statuses(loaded, load_status_cases(labels / FILE_NAME))
        show_facts(given_statuses, status_lines(given_statuses), format is TableFormat.json)
        return
    given = load_labels(labels, codebook=loaded.codebook)
    if checks:
        from framing.checks import check_lines, evaluate_checks

        right = evaluate_checks(loaded, given.checks)
        show_facts(right, check_lines(right), format is TableFormat.json)
        return
    say_of(labels, given.messages)
    found = evaluate_model(loaded, given, gold_rule=gold.value, seed=seed)
    show_facts(found.to_dict(), evaluation_lines(found, loaded), format is TableFormat.json)


@app.command(short_help="Show a model's card.")
def card(model: Annotated[str, typer.Argument(metavar="[MODEL]", help="As for -m.")] = "russia-mediator") -> None:
    """Show a model's card: what it was trained on, how right it is, and its limits."""
    from framing.card import model_card
    from framing.loading import load_model

    print(model_card(load_model(model).manifest), end="")


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


def _silence_stdout() -> None:
    """Drop what is still to be written: Python would try once more at exit, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> None:
    """Run the command line; every error that a user can cause ends here, in one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except UsageError as error:
        say(f"{error} (see framing --help)")
        raise SystemExit(2) from None
    except FramingError as error:
        say(str(error))
        raise SystemExit(1) from None
    except BrokenPipeError:  # whoever read the output has seen enough
        _silence_stdout()
        raise SystemExit(1) from None
    except OSError as error:
        say(f"cannot write to standard output: {error.strerror or error}")
        _silence_stdout()
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("stopped; what was not finished was not written")
        raise SystemExit(130) from None
