"""The labels folder that draws are written to: paragraphs, articles, who codes what, and what each draw could reach.

    codebook.toml      copied, or a skeleton to be filled in
    paragraphs.jsonl   the units, each with `start` and `end` in its article, `inclusion`, the `coders` who get it, and
                       the `batch` of sheets that it is in
    articles.jsonl     the articles that units were drawn from, with their texts and numbers of paragraphs
    sheets/CODER.csv   each coder's part, to be filled in (CODER-2.csv for the second batch)
    draws.json         how many articles each draw took of how many, by group
    frame.jsonl        the articles that could be drawn, with their group and the numbers of the draws

All but the sheets are replaced together.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from framing.errors import FramingError, LabelsError
from framing.files import replacing_text
from framing.records import Article
from framing.rows import BadRow, read_rows
from framing.sampling import Draw, Drawn, Sample, Share, inclusion
from framing.scoredjson import to_json

PARAGRAPHS, ARTICLES, FRAME, DRAWS = "paragraphs.jsonl", "articles.jsonl", "frame.jsonl", "draws.json"
SHEETS = "sheets"


@dataclass(slots=True)
class SampleFolder:
    """What such a folder holds; all of it empty where it is yet to be made."""

    path: Path
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows of paragraphs.jsonl by id, with whatever keys they have."""
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    draws: list[Draw] = field(default_factory=list)
    frame: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
    """For each article its group, and the numbers (from 1) of the draws that could take it."""

    @property
    def by(self) -> str | None:
        """What the draws so far were grouped by."""
        return self.draws[0].by if self.draws else None

    def taken(self) -> dict[str, frozenset[int]]:
        """Return the paragraphs that were drawn at random, by article and position."""
        found: dict[str, set[int]] = {}
        for row in self.units.values():
            if row.get("inclusion") is not None and row.get("index") is not None:
                found.setdefault(str(row["article"]), set()).add(row["index"])
        return {article: frozenset(positions) for article, positions in found.items()}

    def next_batch(self) -> int:
        """Return the number of the next sheets: 1, or one more than the last."""
        return max((row.get("batch") or 0 for row in self.units.values()), default=0) + 1

    def coders(self) -> list[str]:
        """Return the coders who have a part, in the order of the units."""
        return list(dict.fromkeys(coder for row in self.units.values() for coder in row.get("coders") or ()))

    def check(self, article: Article) -> Article:
        """Return the article; raise LabelsError where it is not the one of that id that was drawn from before."""
        known = self.articles.get(article.id)
        if known is not None and known.get("text") != article.text:
            raise LabelsError(
                f"{article.origin}: the article {article.id!r} has another text than in {self.path / ARTICLES}; "
                "draw from the corpus as it was, or into a new folder"
            )
        return article

    def add(self, sample: Sample, parts: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
        """Add a draw; return the rows of the units that are new, in the order drawn.

        A unit that was picked for training before (inclusion null) is not put in twice: it gets its probability.
        """
        batch = self.next_batch()
        self.draws.append(sample.draw)
        number = len(self.draws)
        for article, group in sample.frame.items():
            known, draws = self.frame.setdefault(article, (group, []))
            if known != group:
                raise LabelsError(
                    f"{self.path}: the article {article!r} was in group {known!r} and is now in {group!r}; "
                    "draw into a new folder"
                )
            draws.append(number)
        new = []
        for one in sample.drawn:
            self._add_article(one)
            for row in unit_rows(one, parts.get(one.article.id, ()), batch):
                known_row = self.units.get(row["id"])
                if known_row is None:
                    new.append(row)
                    self.units[row["id"]] = row
                else:
                    known_row["index"] = row["index"]
        drawn = {f"{one.article.id}#{index}" for one in sample.drawn for index in one.chosen}
        self._weigh(drawn)
        return new

    def add_picked(self, picked: Sequence[Drawn], parts: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
        """Add units that were not drawn at random; return their rows."""
        batch = self.next_batch()
        new = []
        for one in picked:
            self._add_article(one)
            for row in unit_rows(one, parts.get(one.article.id, ()), batch):
                self.units[row["id"]] = row
                new.append(row)
        return new

    def save(self) -> None:
        """Write all files but the codebook and the sheets, each whole or not at all."""
        frame = ({"article": name, "group": group, "draws": draws} for name, (group, draws) in self.frame.items())
        files = {PARAGRAPHS: self.units.values(), ARTICLES: self.articles.values(), FRAME: frame}
        with ExitStack() as stack:  # all are written before the first is moved into place
            for name, rows in files.items():
                file = stack.enter_context(replacing_text(self.path / name))
                file.writelines(_line(row) for row in rows)
            file = stack.enter_context(replacing_text(self.path / DRAWS))
            file.write(json.dumps([asdict(draw) for draw in self.draws], ensure_ascii=False, indent=1) + "\n")

    def _add_article(self, one: Drawn) -> None:
        article = one.article
        about: dict[str, Any] = {
            "id": article.id,
            "source": article.source,
            "date": article.date,
            "title": article.title,
        }
        about |= {"url": article.url, "group": article.group, "paragraphs": len(one.spans), "text": article.text}
        self.articles.setdefault(article.id, about).setdefault("paragraphs", len(one.spans))

    def _weigh(self, drawn: set[str]) -> None:
        """Give every unit that was drawn at random, now or before, its probability under all draws."""
        for identity, row in self.units.items():
            if identity not in drawn and row.get("inclusion") is None:
                continue
            if row["article"] not in self.frame:  # its probability is not this program's
                continue
            group, numbers = self.frame[row["article"]]
            reached = [self.draws[number - 1] for number in numbers]
            row["inclusion"] = round(inclusion(reached, group, self.articles[row["article"]]["paragraphs"]), 12)


def open_folder(path: Path) -> SampleFolder:
    """Read what a folder holds of earlier draws. Raises LabelsError where its files are not usable."""
    if path.exists() and not path.is_dir():
        raise LabelsError(f"{path}: is a file; name a folder, or a new file that ends in .csv")
    folder = SampleFolder(path)
    for row, where in _rows(path / PARAGRAPHS):
        if not isinstance(row.get("id"), str) or row["id"] in folder.units:
            raise LabelsError(f"{where}: the id is missing or stands twice; correct it")
        folder.units[row["id"]] = row
    folder.articles = {str(row.get("id")): row for row, _ in _rows(path / ARTICLES)}
    try:
        folder.frame = {row["article"]: (row["group"], list(row["draws"])) for row, _ in _rows(path / FRAME)}
        if (path / DRAWS).exists():
            folder.draws = [_draw(values) for values in json.loads((path / DRAWS).read_text(encoding="utf-8"))]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabelsError(
            f"{path}: {DRAWS} or {FRAME} is not as `framing sample` wrote it; draw into a new folder"
        ) from error
    except OSError as error:
        raise LabelsError(f"{path / DRAWS}: cannot be read: {error.strerror or error}") from error
    return folder


def unit_rows(one: Drawn, coders: Sequence[str], batch: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the rows of the paragraphs drawn from an article, without a probability."""
    article = one.article
    for index in one.chosen:
        span = one.spans[index]
        yield {
            "id": f"{article.id}#{index}", "article": article.id, "source": article.source, "date": article.date,
            "url": article.url, "target": article.target, "index": index, "start": span.start, "end": span.end,
            "text": article.text[span.start : span.end], "inclusion": None, "coders": list(coders),
            "batch": batch,
        }  # fmt: skip


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raises FramingError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FramingError(f"cannot make the folder {path}: {error.strerror or error}") from error


def _draw(values: Mapping[str, Any]) -> Draw:
    shares = ({group: Share(**counts) for group, counts in values[stratum].items()} for stratum in ("fresh", "again"))
    return Draw(int(values["seed"]), values["by"], int(values["per_article"]), *shares)


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the rows of a JSON Lines file, none where it is not there."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            for row in read_rows(file, str(path), "jsonl", columns=()):
                if isinstance(row, BadRow):
                    raise LabelsError(f"{row.place}: {row.message}")
                yield dict(row.values), row.place
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _line(row: Mapping[str, object]) -> str:
    return to_json({key: value for key, value in row.items() if value is not None or key == "inclusion"}) + "\n"
