"""The commands around models: train, evaluate and card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framing.console import print_json, say, say_of, show_facts, show_lines
from framing.errors import UsageError
from framing.options import CodebookOption, GoldOption, GoldRule, ModelName, SeedOption, TableFormat


def train(
    labels: Annotated[
        Path,
        typer.Argument(metavar="[LABELS]", help="A labels folder, or a CSV, JSONL or Parquet file of text and label."),
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
    from framing.store import hidden_model
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
        show_lines(training_summary(model.manifest))
    say(f"wrote {folder}")
    if hidden_model(folder):
        say(f"from here {folder.name} is now this model, not framing's own; for another name: -o models/NAME")


def evaluate(
    labels: Annotated[
        Path, typer.Argument(metavar="[LABELS]", help="Other labels: a labels folder, or a CSV, JSONL or Parquet file.")
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


def card(
    model: Annotated[
        str, typer.Argument(metavar="[MODEL]", help="A model's folder, or its name in ./models or in framing.")
    ] = "russia-mediator",
) -> None:
    """Show a model's card: what it was trained on, how right it is, and its limits."""
    from framing.card import model_card
    from framing.loading import load_model

    print(model_card(load_model(model).manifest), end="")
