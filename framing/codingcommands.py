"""The commands around hand labels: sample, import and agree."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framing.console import Inputs, check_not_read, check_outside, print_json, say, say_of, show_facts, show_lines
from framing.errors import LabelsError, UsageError
from framing.options import (
    CodebookOption,
    SeedOption,
    SourceFrom,
    SourceFromOption,
    Sources,
    TableFormat,
    Way,
)

if TYPE_CHECKING:
    from framing.sampleplan import PlanWish


def sample(
    inputs: Annotated[list[str] | None, typer.Argument(metavar="INPUT...", help="As for `framing score`.")] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR|FILE.csv", help="A labels folder, or a single new sheet."),
    ] = None,
    number: Annotated[
        int,
        typer.Option(
            "-n",
            "--number",
            min=1,
            metavar="N",
            help="How many paragraphs; framing compare needs them of 6 articles a group at least.",
        ),
    ] = 200,
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
        int,
        typer.Option(
            "--per-article", min=1, max=1_000_000, metavar="N", help="At most so many paragraphs of one article."
        ),
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
    seed: Annotated[
        int, typer.Option("--seed", min=0, max=2**31 - 1, metavar="N", help="Another seed draws other articles.")
    ] = 0,
    sources: Sources = None,
    source_from: SourceFromOption = None,
    plan: Annotated[
        float | None,
        typer.Option(
            "--plan",
            metavar="HALF-WIDTH",
            help="Draw nothing: how many articles per group give 95 % intervals of so much to each side (0.08).",
        ),
    ] = None,
    prevalence: Annotated[
        float | None, typer.Option("--prevalence", metavar="SHARE", help="With --plan: how common the frame is.")
    ] = None,
    icc: Annotated[
        float | None, typer.Option("--icc", metavar="R", help="With --plan: how alike paragraphs of an article are.")
    ] = None,
    pilot: Annotated[
        Path | None, typer.Option("--pilot", metavar="AUDIT", help="With --plan: labels that tell both.")
    ] = None,
) -> None:
    """Draw paragraphs to be labelled by hand, at random and with known probabilities, into sheets for coders.

    Drawing again into the same folder adds paragraphs, and never the same ones.
    """
    if plan is not None:
        if next is not None or model is not None or coders or codebook is not None:
            raise UsageError("--plan draws nothing: leave --next, -m, --coders and --codebook out")
        from framing.sampleplan import PlanWish

        pilot_path = None if pilot is None else str(pilot)
        given = tuple(inputs or ())
        _plan(PlanWish(plan, prevalence, icc, pilot_path, per_article, by, seed, given), sources, source_from, output)
        return
    if prevalence is not None or icc is not None or pilot is not None:
        raise UsageError("--prevalence, --icc and --pilot are for --plan HALF-WIDTH")
    if not inputs or output is None:
        raise UsageError(f"{'name INPUTs to draw from' if not inputs else 'name where to write with -o'}")
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
    show_lines(sampled_lines(done, wish, output))
    found.finish()


def _plan(wish: PlanWish, sources: Path | None, source_from: SourceFrom | None, output: Path | None) -> None:
    """Print how many articles an audit needs; of a corpus, where inputs are named."""
    from framing.progress import counted_articles
    from framing.sampleplan import plan_lines

    if output is not None:
        raise UsageError("--plan draws nothing: leave -o out")
    if not wish.inputs:
        show_lines(plan_lines(wish, None))
        return
    found = Inputs(list(wish.inputs), sources, source_from is SourceFrom.folder, None)
    with counted_articles(found.articles()) as articles:
        lines = list(plan_lines(wish, articles))
    show_lines(lines)
    found.finish()


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
    show_lines(imported_lines(done, into))


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
        show_facts(stale_facts(old), stale_lines(old, loaded), format is TableFormat.json)
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
