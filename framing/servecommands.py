"""The command that serves the pages: serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from framing.console import say
from framing.errors import UsageError


def serve(
    labels: Annotated[
        Path, typer.Option("--labels", metavar="DIR", help="The labels folder, made by framing sample.")
    ] = Path("labels"),
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, metavar="N", help="The port.  [default: 8383, or the next free one]"),
    ] = None,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Listen on another address of this machine; needs a token."),
    ] = "127.0.0.1",
    model: Annotated[
        str | None,
        typer.Option(
            "-m",
            "--model",
            metavar="MODEL",
            help="The model that suggests labels and reads articles.  [default: the codebook's]",
        ),
    ] = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option("--corpus", metavar="CORPUS", help="Compare its sources; may be given several times."),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option("--audit", metavar="AUDIT", help="With --corpus: the labels that correct the shares."),
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Show the model's suggestion before the code is given; else after it.")
    ] = False,
) -> None:
    """Code paragraphs, decide disputes, read articles and compare sources in the browser, on this machine."""
    from framing.serving import bind, check_installed
    from framing.serving import serve as serve_site
    from framing.webcompare import Compared
    from framing.website import make_site

    check_installed()
    if audit is not None and not corpus:
        raise UsageError("--audit corrects a comparison; name what is compared with --corpus")
    compared = Compared(tuple(corpus), str(audit) if audit else None) if corpus else None
    site = make_site(labels, model=model, suggest=suggest, compared=compared, say=say)
    serve_site(site, bind(host, port), say, labels)
