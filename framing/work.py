"""The work on one slice, in any process: read, score, render, and, for a folder of shards, write one file.

What comes back of an article is its key, by which the run drops what was read before, and its rendered rows; of a
shard that was written, where it lies. The model comes by its folder's path and fingerprint, once for each process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from platform import node
from uuid import uuid4

from framing.errors import FramingError, ModelError
from framing.export import Row, csv_header, csv_text, export_columns, export_rows, jsonl_text, write_parquet
from framing.files import replacing
from framing.loading import load_model
from framing.model import Model
from framing.read import known
from framing.records import Article, Failed, ScoredArticle
from framing.scoredjson import jsonl_line
from framing.seen import Key
from framing.slices import Slice, read_slice
from framing.sources import SourceNames, load_sources

Block = str | tuple[Row, ...]
"""What is written of an article: text, or rows for Parquet."""
_READ_AT_ONCE, _MOST_RECORDS = 400_000, 5_000
"""Characters that are read before they are scored, and records, which may be short or none."""
SAME_PATHS = "every machine must see the inputs, the model and the output folder under the same paths"


@dataclass(frozen=True, slots=True)
class Job:
    """What is done with every slice."""

    model: str
    """The model's folder."""
    fingerprint: str
    rows: str
    """articles (`framing score`) or paragraphs (`framing export`)."""
    format: str
    """jsonl, csv or parquet; articles are jsonl."""
    evidence: int | None = 0
    text: bool = True
    """Articles: with the whole text; paragraphs: with their text, not its hash."""
    sources: str | None = None
    sources_sha256: str | None = None
    source_from_folder: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One record of a slice: an article that was scored, or what could not be read."""

    key: Key | None
    failed: Failed | None = None
    rows: int = 0
    length: int = 0
    """Bytes of the rendered text."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A slice that was worked on, with a block for each article, or with the file that holds them."""

    size: int
    items: tuple[Item, ...]
    blocks: tuple[Block, ...] = ()
    file: str = ""


def work(part: Slice, job: Job, shard: str | None = None) -> Done:
    """Do a slice; with `shard`, write it beside that path under a name of its own, with all its articles.

    Raises ModelError where the model is not the one of the job, FramingError where the shard cannot be written or the
    files are not there that the run saw: another machine may not see them.
    """
    if part.size and part.form != "failed" and not any(Path(path).exists() for path in part.paths):
        raise FramingError(f"{part.paths[0]}: is not there for the worker on {node()}; {SAME_PATHS}")
    model = _model(job.model, job.fingerprint)
    items: list[Item] = []

    def blocks() -> Iterator[Block]:
        for item, block in scored(part, job):
            items.append(item)
            if block is not None:
                yield block

    if shard is None:
        found = tuple(blocks())
        return Done(part.size, tuple(items), found)
    path = Path(shard)
    path = path.with_name(f".{path.name}.{uuid4().hex[:12]}.part")
    write_blocks(blocks(), job, model, path)
    return Done(part.size, tuple(items), file=str(path))


@lru_cache(maxsize=2)
def _model(folder: str, fingerprint: str) -> Model:
    model = load_model(folder)
    if model.fingerprint != fingerprint:
        raise ModelError(f"{folder}: the model is another than the run began with; do not change it while it is used")
    return model


@lru_cache(maxsize=2)
def _sources(path: str, sha256: str | None) -> SourceNames:
    return load_sources(Path(path))


def scored(part: Slice, job: Job) -> Iterator[tuple[Item, Block | None]]:
    """Yield the records of a slice in order, with the block of each article.

    Raises ModelError where the model is not the one of the job.
    """
    model = _model(job.model, job.fingerprint)
    for records in _some_records(part, job):
        articles = (record[0] for record in records if not isinstance(record, Failed))
        results = model.score_articles(articles, evidence=job.evidence)
        for record in records:
            if isinstance(record, Failed):
                yield Item(None, record), None
                continue
            article, key = record
            block, rows = _block(next(results), job, model)
            length = len(block.encode()) if isinstance(block, str) else 0
            yield Item(key, rows=rows, length=length, notes=article.notes), block


def _some_records(part: Slice, job: Job) -> Iterator[list[tuple[Article, Key] | Failed]]:
    """Yield the records of a slice, as many at a time as are scored at once."""
    names = _sources(job.sources, job.sources_sha256) if job.sources else SourceNames()
    records: list[tuple[Article, Key] | Failed] = []
    size = 0
    for found in read_slice(part):
        record = found if isinstance(found, Failed) else known(found, names, job.source_from_folder)
        length = 0 if isinstance(record, Failed) else len(record[0].text)
        if records and (size + length > _READ_AT_ONCE or len(records) >= _MOST_RECORDS):
            yield records
            records, size = [], 0
        records.append(record)
        size += length
    if records:
        yield records


def _block(scored: ScoredArticle, job: Job, model: Model) -> tuple[Block, int]:
    if job.rows == "articles":
        return jsonl_line(scored, model.facts, with_text=job.text), 1
    rows = tuple(export_rows(scored, model.facts, text=job.text))
    if job.format == "parquet":
        return rows, len(rows)
    columns = export_columns(model.labels, text=job.text)
    return (csv_text if job.format == "csv" else jsonl_text)(rows, columns), len(rows)


# --- writing


def header(job: Job, labels: Sequence[str]) -> str:
    """Return what a text file begins with."""
    return csv_header(export_columns(labels, text=job.text)) if job.format == "csv" else ""


def write_blocks(blocks: Iterable[Block], job: Job, model: Model, path: Path) -> None:
    """Write a file that appears when it is whole. Raises FramingError."""
    if job.format == "parquet":
        rows = chain.from_iterable(block for block in blocks if not isinstance(block, str))
        write_parquet(rows, path, export_columns(model.labels, text=job.text))
        return
    with replacing(path) as file:
        file.write(header(job, model.labels).encode())
        for block in blocks:
            file.write(block.encode() if isinstance(block, str) else b"")


def without(done: Done, dropped: Mapping[int, object], job: Job, model: Model) -> None:
    """Write the file of a slice anew without the items whose numbers are in `dropped`. Raises FramingError."""
    path = Path(done.file)
    write_blocks(_kept(done, dropped, job, model, path), job, model, path)


def _kept(done: Done, dropped: Mapping[int, object], job: Job, model: Model, path: Path) -> Iterator[Block]:
    scored = [(number, item) for number, item in enumerate(done.items) if item.failed is None]
    if job.format == "parquet":
        from pyarrow import parquet

        rows = (row for batch in parquet.ParquetFile(path).iter_batches(2000) for row in batch.to_pylist())
        for number, item in scored:
            block = tuple(next(rows) for _ in range(item.rows))
            if number not in dropped:
                yield block
        return
    with path.open("rb") as file:
        file.seek(len(header(job, model.labels).encode()))
        for number, item in scored:
            data = file.read(item.length)
            if number not in dropped:
                yield data.decode()
