"""Progress of long work, on stderr: a bar on a terminal, a line for each stage elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from framing.crossval import Progress

if TYPE_CHECKING:
    from framing.records import Article


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a function that shows each stage with its steps done, and the time left on a terminal."""
    if not sys.stderr.isatty():
        yield _line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    times = (TimeElapsedColumn(), TextColumn("elapsed,"), TimeRemainingColumn(), TextColumn("left"))
    with Bars(*columns, *times, console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = int(bars.add_task(stage, total=total))
            bars.update(bars.tasks[tasks[stage]].id, completed=done)

        yield show


@contextmanager
def counted_articles(articles: Iterator[Article]) -> Iterator[Iterator[Article]]:
    """Give the articles again, with their number shown on a terminal while they are read."""
    if not sys.stderr.isatty():
        yield articles
        return
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("reading articles {task.completed:,.0f}"), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield iter(bars.track(articles, total=None))


@contextmanager
def shown_bytes(total: int | None) -> Iterator[Callable[[int], None]]:
    """Give a function that adds bytes of the input to those done; a terminal shows them with rate and time left."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("scoring"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bars(*columns, TextColumn("left"), console=Console(stderr=True), redirect_stdout=False) as bars:
        task = bars.add_task("scoring", total=total)
        yield lambda size: bars.advance(task, size)


def _line(stage: str, done: int, total: int) -> None:
    if done == 0:
        print(f"{stage} ...", file=sys.stderr, flush=True)
