"""An invented corpus of twelve sources whose true frames are known, audited and compared, for all tests of compare."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from framing.compare import compare
from framing.comparison import Comparison, Group, LabelShare
from framing.errors import MissingExtraError
from framing.export import export_scored
from framing.loading import load_model
from framing.question import Question
from framing.read import read_articles
from framing.records import Article
from framing.sample import Wish, find_codebook, sample_to_sheet
from tests.newsroom import LABELS, fill_sheet, make_newsroom

NEWS = make_newsroom()
ROOT = Path(__file__).parent.parent


def articles_of(inputs: Sequence[str]) -> Iterator[Article]:
    for found in read_articles(list(inputs)):
        assert isinstance(found, Article), found
        yield found


def asked(*inputs: Path, **options: Any) -> Comparison:
    return compare(Question(tuple(map(str, inputs)), **options), articles_of)


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with corpus.jsonl, and sheet.csv: an audit drawn from it and filled in rightly."""
    folder = tmp_path_factory.mktemp("room")
    corpus = NEWS.write(folder)
    wish = Wish(432, None, 3)
    sample_to_sheet(articles_of([str(corpus)]), wish, folder / "sheet.csv", find_codebook("russia-mediator")[0])
    fill_sheet(folder / "sheet.csv", NEWS.truth)
    write_exports(folder)
    return folder


def write_exports(room: Path) -> None:
    """Write the scored corpus in every form; shards have their rows in any order."""
    model = load_model()
    scored = list(model.score_articles(articles_of([str(room / "corpus.jsonl")]), evidence=0))
    for name in ("csv", "jsonl"):
        export_scored(scored, model.facts, room / f"scored.{name}", name)
    with suppress(MissingExtraError):
        export_scored(scored, model.facts, room / "scored.parquet", "parquet")
    export_scored(scored, model.facts, room / "bare.csv", "csv", text=False)
    rows = (room / "scored.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(3).shuffle(rows)
    (room / "shards").mkdir()
    for number in range(3):
        (room / "shards" / f"{number}.jsonl").write_text("".join(rows[number::3]), encoding="utf-8")


@pytest.fixture(scope="session")
def audited(room: Path) -> Comparison:
    return asked(room / "corpus.jsonl", audit=str(room / "sheet.csv"), voice=True)


@pytest.fixture(scope="session")
def unaudited(room: Path) -> Comparison:
    return asked(room / "corpus.jsonl")


def share_of(group: Group, label: str, of: str = "all") -> LabelShare:
    return next(one for one in group.shares if (one.label, one.of) == (label, of))


def true_shares(source: str) -> dict[str, float]:
    ids = {row["id"] for row in NEWS.rows if row.get("source") == source and row.get("date") and row["id"] != "roses"}
    labels = [label for key, label in NEWS.truth.items() if key.rsplit("#")[0] in ids]
    return {label: labels.count(label) / len(labels) for label in LABELS}


def sheet_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
