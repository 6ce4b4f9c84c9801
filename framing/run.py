"""A run over a corpus: a list of tasks, slice by slice, done by any number of processes, taken in the input's order.

    slices (framing.slices) -> work (framing.work, in the workers) -> in order: drop what was read before, keep the rest

Only the taking in order knows all articles, so the same bytes come out whatever the number of jobs. With a folder as
the output, slice N becomes shard N, which the worker writes and the run moves into place (framing.runfolder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from framing.errors import FramingError, InputError, MissingExtraError, UsageError
from framing.files import make_folder
from framing.kept import forgetting
from framing.model import Model
from framing.records import Failed, Repeated
from framing.runfolder import RunFolder, Summary, locked
from framing.seen import Seen
from framing.slices import Slice, cut, described
from framing.version import __version__
from framing.work import Block, Done, Item, Job, scored, work

STREAMED = 1_000_000
"""Bytes of the input in a slice whose result goes to one file."""
_WINDOW = 16
"""Slices for each process that are given out at once: so much is at most waiting for its turn."""
_PATIENCE = 10
"""Seconds for which a scheduler may be silent at first."""
Advance = Callable[[int], None]
Task = tuple[Slice, Job, str | None]


@dataclass(frozen=True, slots=True)
class Workers:
    """Who does the work: processes of this machine, or those of a dask scheduler."""

    jobs: int = 1
    dask: str | None = None

    @property
    def alone(self) -> bool:
        """Whether it is this process that does the work."""
        return self.jobs == 1 and self.dask is None


def stream(
    inputs: Sequence[str],
    job: Job,
    workers: Workers,
    *,
    tell: Callable[[Failed | Repeated | str], None],
    advance: Advance,
) -> Iterator[Block]:
    """Yield the block of each article that was not read before, in order. `tell` gets all else, in order."""
    with closing(Seen()) as seen:
        for item, block in _records(inputs, job, workers, advance):
            why = item.failed if item.key is None else seen.check(item.key)
            if why is not None:
                tell(why)
            elif block is not None:
                for note in item.notes:
                    tell(note)
                yield block


def _records(
    inputs: Sequence[str], job: Job, workers: Workers, advance: Advance
) -> Iterator[tuple[Item, Block | None]]:
    parts = cut(inputs, STREAMED)
    if workers.alone:  # one by one, since standard input and a single file are slices of any length
        with forgetting():
            for part in parts:
                yield from scored(part, job)
                advance(part.size)
        return
    for done in _results(((part, job, None) for part in parts), workers):
        blocks = iter(done.blocks)
        for item in done.items:
            yield item, next(blocks) if item.failed is None else None
        advance(done.size)


# --- the processes


def _results(tasks: Iterator[Task], workers: Workers) -> Iterator[Done]:
    """Yield the results of the tasks in order. Raises FramingError where the workers are lost."""
    if workers.alone:
        with forgetting():
            for task in tasks:
                yield work(*task)
        return
    import joblib

    with _parallel(workers) as (parallel, jobs), _naming_losses():
        while window := list(islice(tasks, _WINDOW * jobs)):
            yield from parallel(joblib.delayed(work)(*task) for task in window)


@contextmanager
def _parallel(workers: Workers) -> Iterator[tuple[Any, int]]:
    import joblib

    with ExitStack() as stack:
        if workers.dask is None:
            given = joblib.Parallel(n_jobs=workers.jobs, return_as="generator", batch_size=1)
            yield stack.enter_context(given), joblib.effective_n_jobs(workers.jobs)
            return
        try:
            import distributed
            from distributed.comm.addressing import get_address_host_port
        except ImportError as error:
            raise MissingExtraError("--dask needs distributed: pip install 'framing[cluster]'") from error
        try:
            get_address_host_port(workers.dask)  # a client tries in vain without a port, and complains
        except ValueError as error:
            raise UsageError(f"--dask {workers.dask}: is no scheduler's address, such as tcp://HOST:8786") from error
        try:
            connect: Any = distributed.Client
            client = stack.enter_context(connect(workers.dask, timeout=_PATIENCE, set_as_default=False))
        except (OSError, ValueError) as error:
            raise FramingError(
                f"{workers.dask}: no dask scheduler answers; start one (dask scheduler), or check the address"
            ) from error
        stack.enter_context(joblib.parallel_config(backend="dask", client=client, wait_for_workers_timeout=60))
        jobs = max(1, sum(client.ncores().values()))
        yield joblib.Parallel(return_as="generator", batch_size=1, pre_dispatch="all"), jobs


@contextmanager
def _naming_losses() -> Iterator[None]:
    """Turn the loss of workers into one line."""
    try:
        yield
    except FramingError:
        raise
    except Exception as error:
        if type(error).__name__ not in ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker", "TimeoutError"):
            raise
        raise FramingError(
            f"workers were lost ({type(error).__name__}), perhaps for lack of memory; run it again with fewer jobs"
        ) from error


# --- a folder of shards


def run_to_folder(
    inputs: Sequence[str],
    job: Job,
    model: Model,
    folder: Path,
    workers: Workers,
    *,
    size: int,
    tell: Callable[[str], None],
    advance: Advance,
) -> Summary:
    """Run, or go on with a run, into a folder; each shard is what `size` bytes of the inputs give.

    Raises FramingError, in one line, where the folder holds another run or cannot be written.
    """
    head = _head(inputs, job, size)
    make_folder(folder)
    with locked(folder), RunFolder(folder, head) as kept:
        if kept.totals is not None:
            tell(f"{folder}: the run is finished; nothing was left to do")
            return kept.totals
        if kept.shards:
            tell(f"{folder}: going on after shard {kept.shards}")
        parts = cut(inputs, size)
        advance(sum(part.size for part in islice(parts, kept.shards)))
        tasks = (
            (part, job, str(folder / f"shard-{number:05}.{job.format}"))
            for number, part in zip(count(kept.shards + 1), parts, strict=False)
        )
        for done in _results(tasks, workers):
            for note in (note for item in done.items for note in item.notes):
                tell(note)
            kept.take(done, job, model)
            advance(done.size)
        if described(inputs) != head["inputs"]:
            raise InputError("an input changed while it was read; delete the output folder and begin anew")
        return kept.finish()


def _head(inputs: Sequence[str], job: Job, size: int) -> dict[str, Any]:
    options = {name: value for name, value in asdict(job).items() if name not in ("model", "fingerprint", "sources")}
    return {
        "framing": __version__,
        "inputs": described(inputs),
        "model": job.fingerprint,
        "options": options,
        "shard_bytes": size,
    }
