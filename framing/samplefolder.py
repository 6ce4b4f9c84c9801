"""The labels folder that draws are written to: paragraphs, articles, who codes what, and what each draw could reach.

    codebook.toml      copied, or a skeleton to be filled in
    paragraphs.jsonl   the units, each with `start` and `end` in its article, `inclusion`, its `rank` in the
                       random order, the `coders` who get it, and the `batch` of sheets that it is in
    articles.jsonl     the articles that units were drawn from, with their texts and numbers of paragraphs
    sheets/CODER.csv   each coder's part, to be filled in (CODER-2.csv for the second batch)
    draws.json         how many articles each draw took of how many, by group
    reach.jsonl        the articles that could be drawn, with their group and the numbers of the draws

All but the sheets are replaced together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from framing.errors import LabelsError, UsageError
from framing.files import write_together
from framing.labels import check_coder
from framing.records import Article
from framing.rows import BadRow, read_rows, shown
from framing.sampling import Draw, Drawn, Sample, Share, inclusion
from framing.scoredjson import to_json

PARAGRAPHS, ARTICLES, REACH, DRAWS = "paragraphs.jsonl", "articles.jsonl", "reach.jsonl", "draws.json"
SHEETS = "sheets"


@dataclass(slots=True)
class SampleFolder:
    """What such a folder holds; all of it empty where it is yet to be made."""

    path: Path
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows of paragraphs.jsonl by id, with whatever keys they have."""
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)
    draws: list[Draw] = field(default_factory=list)
    reach: dict[str, tuple[str, list[int]]] = field(default_factory=dict)
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

    def check_drawable(self) -> None:
        """Raise LabelsError where units were drawn elsewhere: nobody can say what their probability is now."""
        for row in self.units.values():
            if row.get("inclusion") is not None and row["article"] not in self.reach:
                raise LabelsError(
                    f"{self.path}: {row['id']!r} has a probability from a draw that this folder knows nothing of; "
                    "draw into a new folder"
                )

    def next_batch(self) -> int:
        """Return the number of the next sheets: 1, or one more than the last."""
        return max((row.get("batch") or 0 for row in self.units.values()), default=0) + 1

    def next_rank(self) -> int:
        """Return the rank of the next unit that is drawn at random, from 1."""
        return max((row.get("rank") or 0 for row in self.units.values()), default=0) + 1

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
        batch, rank = self.next_batch(), self.next_rank()
        self.draws.append(sample.draw)
        number = len(self.draws)
        for article, group in sample.reach.items():
            known, draws = self.reach.setdefault(article, (group, []))
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
                known_row = self.units.setdefault(row["id"], row)
                if known_row is row:
                    new.append(row)
                known_row |= {"index": row["index"], "rank": rank}
                rank += 1
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
        """Write all files but the codebook and the sheets, together: the units first, what they were drawn by last."""
        reach = ({"article": name, "group": group, "draws": draws} for name, (group, draws) in self.reach.items())
        files = {PARAGRAPHS: self.units.values(), ARTICLES: self.articles.values(), REACH: reach}
        contents: dict[Path, Iterable[str]] = {self.path / name: map(_line, rows) for name, rows in files.items()}
        contents[self.path / DRAWS] = [
            json.dumps([asdict(draw) for draw in self.draws], ensure_ascii=False, indent=1),
            "\n",
        ]
        write_together(contents)

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
            group, numbers = self.reach[row["article"]]
            reached = [self.draws[number - 1] for number in numbers]
            row["inclusion"] = round(inclusion(reached, group, self.articles[row["article"]]["paragraphs"]), 12)


def open_folder(path: Path) -> SampleFolder:
    """Read what a folder holds of earlier draws. Raises LabelsError where its files are not usable."""
    if path.exists() and not path.is_dir():
        raise LabelsError(f"{path}: is a file; name a folder, or a new file that ends in .csv")
    folder = SampleFolder(path)
    for row, where in _rows(path / PARAGRAPHS):
        _check_row(row, where, folder)
        folder.units[row["id"]] = {"article": None} | row
    folder.articles = {str(row.get("id")): row for row, _ in _rows(path / ARTICLES)}
    try:
        folder.reach = {row["article"]: (row["group"], list(row["draws"])) for row, _ in _rows(path / REACH)}
        if (path / DRAWS).exists():
            folder.draws = [_draw(values) for values in json.loads((path / DRAWS).read_text(encoding="utf-8"))]
        _check_draws(folder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LabelsError(
            f"{path}: {DRAWS}, {REACH} or {ARTICLES} is not as `framing sample` wrote it; draw into a new folder"
        ) from error
    except OSError as error:
        raise LabelsError(f"{path / DRAWS}: cannot be read: {error.strerror or error}") from error
    return folder


def _check_row(row: Mapping[str, Any], where: str, folder: SampleFolder) -> None:
    """Raise LabelsError where a paragraph has a value that cannot be."""
    if not isinstance(row.get("id"), str) or row["id"] in folder.units:
        raise LabelsError(f"{where}: the id is missing or stands twice; correct it")
    for name in ("index", "batch", "rank"):
        value = row.get(name)
        if value is not None and (type(value) is not int or value < 0):
            raise LabelsError(f"{where}: {name} must be a whole number, not {shown(value)}")
    coders = row.get("coders") or []
    if not isinstance(coders, list) or not all(isinstance(coder, str) for coder in coders):
        raise LabelsError(f"{where}: coders must be a list of names")
    try:
        for coder in coders:
            check_coder(coder)
    except UsageError as error:
        raise LabelsError(f"{where}: {error}") from error


def _check_draws(folder: SampleFolder) -> None:
    """Raise ValueError or KeyError where the files of the draws do not belong together."""
    reached = {number for _, numbers in folder.reach.values() for number in numbers}
    if reached != set(range(1, len(folder.draws) + 1)):
        raise ValueError("a draw reached nothing, or is not there")
    for _, numbers in folder.reach.values():
        if sorted(set(numbers)) != list(numbers):
            raise ValueError("draws are not in order")
    for row in folder.units.values():
        if (
            row["article"] in folder.reach
            and row.get("inclusion") is not None
            and (
                not isinstance(folder.articles[row["article"]]["paragraphs"], int) or not isinstance(row["index"], int)
            )
        ):
            raise ValueError("an article or a paragraph lacks its numbers")


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
