"""The options that several commands share, each with its help text, and the values that an option can have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ScoreFormat(StrEnum):
    """Formats of scored articles."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    html = "html"


class TableFormat(StrEnum):
    """Formats of scores."""

    table = "table"
    json = "json"


class ExportFormat(StrEnum):
    """Formats of exported rows."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"
    labelstudio = "labelstudio"
    doccano = "doccano"
    prodigy = "prodigy"


class CompareFormat(StrEnum):
    """Formats of a comparison."""

    table = "table"
    json = "json"
    html = "html"


TOOLS = (ExportFormat.labelstudio, ExportFormat.doccano, ExportFormat.prodigy)
"""The formats of annotation tools, for hand labels only."""


class GoldRule(StrEnum):
    """How gold labels are made of codes."""

    default = "default"
    majority = "majority"


class Way(StrEnum):
    """How paragraphs are picked for training."""

    uncertain = "uncertain"
    disputed = "disputed"


class SourceFrom(StrEnum):
    """Where a source's name may come from when the article names none."""

    folder = "folder"


InputsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files (.txt .md .html .mhtml .jsonl .csv .parquet .warc, also .gz), folders, addresses, or - for stdin.",
    ),
]
ModelName = Annotated[
    str, typer.Option("-m", "--model", metavar="MODEL", help="A model's folder, or its name in ./models or in framing.")
]
Sources = Annotated[
    Path | None,
    typer.Option("--sources", metavar="FILE", help="CSV of pattern,name,group that names sources and groups them."),
]
SourceFromOption = Annotated[
    SourceFrom | None, typer.Option("--source-from", help="Take the folder's name where an article has no source.")
]
GoldOption = Annotated[
    GoldRule,
    typer.Option(
        "--gold",
        help="default: adjudicated, else unanimous, else the only code; majority: of three coders or more.",
    ),
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, max=2**31 - 1, metavar="N", help="Seed of folds and intervals.")
]
CodebookOption = Annotated[
    Path | None,
    typer.Option("--codebook", metavar="FILE", help="A codebook for a flat file, or in the place of the folder's own."),
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE|DIR/",
        help="Write to FILE, or to numbered shards in a folder DIR/: the same command goes on with a run that was "
        "stopped; what cannot be read is in DIR/rejects.jsonl, and the exit code is 0 all the same.",
    ),
]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        min=1,
        max=1024,
        metavar="N",
        help="Processes, which take some seconds to start; the same bytes come out of any number.",
    ),
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Work on the cluster of this scheduler, tcp://HOST:8786; all its machines see the same paths.",
    ),
]
ShardSizeOption = Annotated[
    float,
    typer.Option(
        "--shard-size",
        min=0.000001,
        metavar="MB",
        help="Megabytes of the input in a shard, which one process works on: smaller for few files.",
    ),
]
