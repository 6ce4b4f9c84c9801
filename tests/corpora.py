"""Makers of small corpora in every form that a run reads."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

from tests.small import invented_text


def article(number: int, paragraphs: int = 3) -> str:
    """Return the text of an article; the same number gives the same text."""
    rng = random.Random(number)
    return "\n\n".join(invented_text(rng.randrange(9), rng, target="Russia") for _ in range(paragraphs))


def page(number: int) -> str:
    """Return an article as a page."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in article(number).split("\n\n"))
    return f"<html><head><title>Page {number}</title></head><body><article>{body}</article></body></html>"


def write_lines(path: Path, numbers: range, *, packed: bool = False) -> Path:
    """Write a corpus of JSON Lines, one article for each number."""
    data = "".join(json.dumps({"text": article(number), "source": f"s{number % 3}"}) + "\n" for number in numbers)
    path.write_bytes(gzip.compress(data.encode()) if packed else data.encode())
    return path


def write_sheet(path: Path, numbers: range) -> Path:
    """Write a corpus of CSV, whose texts have line ends in them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "date"])
        writer.writerows([article(number), "2023-09-19"] for number in numbers)
    return path


def write_parquet(path: Path, numbers: range, *, group: int = 10) -> Path:
    """Write a corpus of Parquet with row groups of `group` articles."""
    import pyarrow as arrow
    from pyarrow import parquet

    table = arrow.table({"text": [article(number) for number in numbers], "n": list(numbers)})
    parquet.write_table(table, path, row_group_size=group)
    return path


def write_warc(path: Path, numbers: range) -> Path:
    """Write the pages of a crawl, with records between them that are no pages."""
    with path.open("wb") as file:

        def add(url: str, status: str, content_type: str, body: bytes) -> None:
            http = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
            facts = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2023-09-20T12:00:00Z\r\n"
            facts += f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
            record = facts.encode() + http + b"\r\n\r\n"
            file.write(gzip.compress(record) if path.suffix == ".gz" else record)

        for number in numbers:
            url = f"https://news.example.org/{number}"
            add(url + ".png", "200 OK", "image/png", b"\x1f\x8b\x08 no page WARC/1.0")
            add(url, "200 OK", "text/html; charset=utf-8", page(number).encode())
            add(url + "/gone", "404 Not Found", "text/html", page(number + 10_000).encode())
    return path


def write_pages(folder: Path, numbers: range) -> Path:
    """Write a folder of pages and texts."""
    folder.mkdir()
    for number in numbers:
        if number % 2:
            (folder / f"{number:05}.html").write_text(page(number), encoding="utf-8")
        else:
            (folder / f"{number:05}.txt").write_text(article(number), encoding="utf-8")
    return folder
