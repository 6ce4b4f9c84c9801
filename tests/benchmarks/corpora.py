"""Runs over large corpora: `python -m tests.benchmarks.corpora` prints memory and speed, for one process and for two.

The texts are made of the sentences of labels/, with an invented word in each paragraph, so that the vocabulary grows as
that of a real corpus does; pages have the menus, scripts, teasers and comments of a newspaper's. Each corpus is written
first, then `framing export` runs over it into a folder of shards. Memory is the peak of resident memory (VmHWM) of the
process and of the largest worker, as Linux counts it.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from framing import load_model
from framing.labelfiles import load_labels
from framing.page import read_page
from framing.records import Article
from framing.seen import Key, Seen

ROOT = Path(__file__).parent.parent.parent
EACH = 10
"""Paragraphs in an article."""


@dataclass(frozen=True)
class Measured:
    """What a run took."""

    seconds: float
    cpu: float
    """Seconds of all processes: on a machine that does other things as well, the figure to go by."""
    parent: float
    worker: float
    articles: int
    rows: int
    rejects: int


class Texts:
    """Paragraphs and articles without an end."""

    def __init__(self, seed: int) -> None:
        labels = load_labels(ROOT / "labels")
        self._paragraphs = [unit.text for unit in labels.units]
        self._rng = random.Random(seed)

    def paragraph(self) -> str:
        """Return a paragraph that stands nowhere else."""
        first, second = self._rng.choice(self._paragraphs), self._rng.choice(self._paragraphs)
        halves = first[: len(first) // 2].rpartition(" ")[0], second[len(second) // 2 :].partition(" ")[2]
        invented = "".join(self._rng.choice("bdfgklmnprstvz") + self._rng.choice("aeiou") for _ in range(4))
        return f"{halves[0]} {invented} {halves[1]}"

    def article(self) -> str:
        """Return an article."""
        return "\n\n".join(self.paragraph() for _ in range(EACH))

    def page(self, number: int) -> str:
        """Return an article as a newspaper's page, of about 60 KB."""
        body = "".join(f"<p>{text}</p>\n" for text in self.article().split("\n\n"))
        links = "".join(f'<li><a href="/topic/{n}" class="nav-link">Section {n}</a></li>' for n in range(120))
        script = "<script>" + json.dumps({f"slot{n}": self._rng.random() for n in range(600)}) + "</script>"
        teasers = "".join(self._teaser(n) for n in range(30))
        comments = "".join(
            f'<div class="comment"><b>reader{n}</b><p>{self.paragraph()[:160]}</p></div>' for n in range(30)
        )
        return (
            f"<!doctype html><html><head><title>Story {number}</title>{script}</head><body>"
            f"<header><nav><ul>{links}</ul></nav></header>"
            f"<main><article><h1>Story {number}</h1>{body}</article><aside>{teasers}</aside>"
            f'<section id="comments">{comments}</section></main><footer><ul>{links}</ul></footer></body></html>'
        )

    def _teaser(self, number: int) -> str:
        title = f'<a href="/story/{number}"><h3>{self.paragraph()[:70]}</h3></a>'
        return f'<div class="teaser">{title}<p>{self.paragraph()[:120]}</p></div>'


# --- corpora


def lines(folder: Path, texts: Texts, paragraphs: int) -> Path:
    """Write JSON Lines."""
    path = folder / "lines.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": texts.article()}) + "\n" for _ in range(paragraphs // EACH))
    return path


def packed_lines(folder: Path, texts: Texts, paragraphs: int) -> Path:
    """Write packed JSON Lines."""
    path = folder / "lines.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        file.writelines(json.dumps({"text": texts.article()}) + "\n" for _ in range(paragraphs // EACH))
    return path


def long_line(folder: Path, texts: Texts, megabytes: int) -> Path:
    """Write an article, a line of so many megabytes, and another article."""
    path = folder / "long-line.jsonl"
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"text": texts.article()}) + '\n{"text": "')
        for _ in range(megabytes):
            file.write("word " * 200_000)
        file.write('"}\n' + json.dumps({"text": texts.article()}) + "\n")
    return path


def long_row(folder: Path, texts: Texts, megabytes: int) -> Path:
    """Write a sheet with a cell of so many megabytes between two articles."""
    path = folder / "long-row.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(f'text\n"{texts.article().replace(chr(34), "")}"\n"')
        for _ in range(megabytes):
            file.write("word " * 200_000)
        file.write(f'"\n"{texts.article().replace(chr(34), "")}"\n')
    return path


def one_group(folder: Path, texts: Texts, megabytes: int) -> Path:
    """Write a Parquet file of one row group."""
    import pyarrow as arrow
    from pyarrow import parquet

    path = folder / "one-group.parquet"
    pool = [texts.article() for _ in range(2000)]

    def rows() -> Iterator[str]:
        size, number = 0, 0
        while size < megabytes * 1_000_000:
            text = f"{pool[number % len(pool)]} {number}"
            size, number = size + len(text), number + 1
            yield text

    table = arrow.table({"text": arrow.array(rows(), arrow.large_string())})
    parquet.write_table(table, path, row_group_size=1 << 40)
    return path


def one_cell(folder: Path, texts: Texts, megabytes: int) -> Path:
    """Write a Parquet file with one cell of so many megabytes among a thousand articles."""
    import pyarrow as arrow
    from pyarrow import parquet

    path = folder / "one-cell.parquet"
    cells = [texts.article() for _ in range(1000)]
    cells[500] = "word " * (megabytes * 200_000)
    parquet.write_table(arrow.table({"text": arrow.array(cells, arrow.large_string())}), path, row_group_size=1 << 40)
    return path


def page_folder(folder: Path, texts: Texts, pages: int) -> Path:
    """Write a folder of pages."""
    path = folder / "pages"
    path.mkdir()
    for number in range(pages):
        (path / f"{number:07}.html").write_text(texts.page(number), encoding="utf-8")
    return path


def crawl(folder: Path, texts: Texts, pages: int) -> Path:
    """Write a WARC file, its records packed one by one."""
    path = folder / "crawl.warc.gz"
    with path.open("wb") as file:
        for number in range(pages):
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + texts.page(number).encode()
            head = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/{number}\r\n"
                f"WARC-Date: 2023-09-20T12:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            )
            file.write(gzip.compress(head.encode() + body + b"\r\n\r\n", 1))
    return path


# --- measuring


def measured(corpus: Path, jobs: int, out: Path) -> Measured:
    """Run an export and watch it."""
    command = [sys.executable, "-m", "framing", "export", str(corpus), "--format", "jsonl", "--no-text"]
    # A shard is what one process works on: of the default size, so small a corpus would be one or two.
    command += ["--shard-size", "2"]
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([*command, "-o", f"{out}/", "--jobs", str(jobs)], stderr=subprocess.PIPE, text=True)
    parent = worker = 0.0
    while process.poll() is None:
        parent = max(parent, _memory("VmHWM", process.pid))
        worker = max([worker, *(_memory("VmHWM", child) for child in _children(process.pid))])
        time.sleep(0.05)
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert process.stderr is not None
    said = process.stderr.read()
    if process.returncode:
        raise SystemExit(f"{corpus.name}: {said}")
    total = json.loads((out / "manifest.jsonl").read_text().splitlines()[-1])["total"]
    return Measured(seconds, cpu, parent, worker, total["articles"], total["rows"], total["rejects"])


def _memory(name: str, pid: int) -> float:
    """Return a process's resident memory in MB (VmRSS: now, VmHWM: at its peak); 0 when it has gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1000
    except OSError:
        pass
    return 0.0


def _children(pid: int) -> list[int]:
    try:
        found = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return found + [below for child in found for below in _children(child)]


def report(name: str, make: Callable[[Path, Texts, int], Path], size: int, jobs: tuple[int, ...]) -> None:
    """Make a corpus, run over it and print a line for each number of jobs."""
    with tempfile.TemporaryDirectory(prefix="framing-corpora-") as place:
        corpus = make(Path(place), Texts(len(name)), size)
        files = [corpus] if corpus.is_file() else list(corpus.iterdir())
        megabytes = sum(file.stat().st_size for file in files) / 1e6
        for number in jobs:
            one = measured(corpus, number, Path(place) / f"out{number}")
            print(
                f"{name:<30}{megabytes:8,.0f} {one.articles:9,} {one.rows:10,} {one.rejects:8} {number:5}"
                f"{one.seconds:9.1f} {one.cpu:7.1f} {one.rows / one.seconds:12,.0f} {megabytes / one.seconds:7.2f}"
                f"{one.articles / one.seconds * 3600:15,.0f} {one.parent:8.0f} {one.worker:8.0f}",
                flush=True,
            )


def report_pages(pages: int) -> None:
    """Print what reading a page takes, beside scoring it."""
    texts, model = Texts(7), load_model("russia-mediator")
    made = [texts.page(number) for number in range(pages)]
    read_page(made[0])
    begun = time.process_time()
    read = [read_page(page) for page in made]
    reading = time.process_time() - begun
    articles = [Article(str(number), page.text, blocks=page.blocks) for number, page in enumerate(read)]
    begun = time.process_time()
    rows = sum(len(scored.paragraphs) for scored in model.score_articles(articles, evidence=0))
    scoring = time.process_time() - begun
    size = sum(map(len, made)) / 1000 / pages
    print(
        f"\na page of {size:.0f} KB, {rows / pages:.1f} paragraphs: read in {1000 * reading / pages:.1f} ms, scored in "
        f"{1000 * scoring / pages:.1f} ms ({reading / (reading + scoring):.0%} of the time is reading)"
    )


def report_seen(articles: int) -> None:
    """Print what knowing each article again takes."""
    rng, begun = random.Random(1), time.process_time()
    print("articles known again  MB")
    with closing(Seen()) as seen:
        for number in range(articles + 1):
            if number % max(1, articles // 10) == 0:
                print(f"{number:20,} {_memory('VmRSS', os.getpid()):3.0f}", flush=True)
            seen.check(Key(rng.getrandbits(64), rng.getrandbits(64), "id", f"corpus.jsonl:{number}"))
    print(f"{1e6 * (time.process_time() - begun) / max(1, articles):.1f} microseconds an article")


def main() -> None:
    """Make, run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--paragraphs", type=int, default=100_000, help="of the corpora of JSON Lines")
    options.add_argument("--pages", type=int, default=500, help="of the folder and of the crawl")
    options.add_argument("--line-mb", type=int, default=1000, help="of the longest line and cell")
    options.add_argument("--group-mb", type=int, default=200, help="of the row group")
    options.add_argument("--articles", type=int, default=1_000_000, help="that are known again")
    options.add_argument("--only", default="", help="only what has this word in its name")
    given = options.parse_args()
    if not given.only:
        report_seen(given.articles)
        print()
    print(
        f"{'corpus':<30}{'MB':>8} {'articles':>9} {'paragraphs':>10} {'rejected':>8} {'jobs':>5}{'seconds':>9}"
        f" {'CPU s':>7}"
        f" {'paragraphs/s':>12} {'MB/s':>7}{'articles/hour':>15} {'MB run':>8} {'worker':>8}"
    )
    for name, make, size, jobs in (
        ("a long line (JSON Lines)", long_line, given.line_mb, (1, 2)),
        ("a long cell (CSV)", long_row, given.line_mb, (1, 2)),
        ("a long cell (Parquet)", one_cell, given.line_mb, (1, 2)),
        ("pages in a folder", page_folder, given.pages, (1, 2)),
        ("pages of a crawl (WARC)", crawl, given.pages, (1, 2)),
        ("one row group (Parquet)", one_group, given.group_mb, (2,)),
        ("packed JSON Lines (.gz)", packed_lines, given.paragraphs // 10, (1, 2)),
        ("JSON Lines", lines, given.paragraphs, (1, 2)),
    ):
        if given.only in name:
            report(name, make, size, jobs)
    if not given.only:
        report_pages(min(200, given.pages))


if __name__ == "__main__":
    main()
