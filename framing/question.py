"""What a comparison is asked, and the command line that asks it."""

from __future__ import annotations

import csv
import shlex
from dataclasses import dataclass
from pathlib import Path

from framing.errors import InputError, UsageError, place
from framing.gathering import Grouping
from framing.prevalence import MIN_ARTICLES
from framing.records import Article
from framing.rows import shown
from framing.sampling import group_of
from framing.sources import SourceNames, load_sources


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, and how."""

    inputs: tuple[str, ...]
    audit: str | None = None
    by: str | None = None
    groups: str | None = None
    """A table of sources (pattern, name, group) whose groups are compared."""
    model: str | None = None
    sources: str | None = None
    source_from_folder: bool = False
    finite: bool = False
    min_articles: int = MIN_ARTICLES
    assume_random: bool = False
    voice: bool = False
    seed: int = 0

    def check(self) -> None:
        """Raise UsageError where the options do not fit together."""
        if self.groups and self.by not in (None, "source", "group"):
            raise UsageError(f"--groups merges sources; it does not go with --by {self.by}")
        if self.audit is None and (self.assume_random or self.finite):
            name = "--assume-random" if self.assume_random else "--finite"
            raise UsageError(f"{name} is about an audit: name one with --labels")
        if not 0 <= self.seed < 2**31:
            raise UsageError(f"--seed is a whole number from 0 to {2**31 - 1}")
        if self.min_articles < 2:
            raise UsageError("--min-articles must be 2 or more: one article tells nothing of its likes")

    @property
    def command(self) -> str:
        """The command line that asks this."""
        parts = ["framing", "compare", *self.inputs]
        for name, value in (("--labels", self.audit), ("--by", self.by), ("--groups", self.groups),
                            ("-m", self.model), ("--sources", self.sources)):  # fmt: skip
            parts += [name, value] if value is not None else []
        parts += ["--source-from", "folder"] if self.source_from_folder else []
        for name, on in (("--finite", self.finite), ("--assume-random", self.assume_random), ("--voice", self.voice)):
            parts += [name] if on else []
        parts += ["--min-articles", str(self.min_articles)] if self.min_articles != MIN_ARTICLES else []
        parts += ["--seed", str(self.seed)] if self.seed else []
        return shlex.join(parts)


def grouping_of(question: Question) -> tuple[Grouping, str]:
    """Return what gives an article its group, and the name of that."""
    if question.groups:
        names = load_groups(Path(question.groups))
        return lambda article: _merged(names, article), "group"
    by = question.by or "source"
    return lambda article: group_of(article, by), by


def load_groups(path: Path) -> SourceNames:
    """Read a table of groups: source,group, or pattern,name,group as for --sources. Raises InputError.

    A source that stands in source,group by its very name is in that row's group, whatever patterns match it too.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        return load_sources(path)  # which says what is wrong
    if not rows or sorted(cell.lower() for cell in rows[0][1]) != ["group", "source"]:
        return load_sources(path)
    place_of = {name.lower(): place for place, name in enumerate(rows[0][1])}
    found: dict[str, tuple[int, str, str]] = {}
    for line, row in rows[1:]:
        if not any(row):
            continue
        if len(row) != len(place_of) or not all(row):
            raise InputError(f"{place(path, line)}: a row has a source and the group that it is in")
        source, group = row[place_of["source"]], row[place_of["group"]]
        first, _, known = found.setdefault(source.casefold(), (line, source, group))
        if known != group:
            raise InputError(
                f"{place(path, line)}: {shown(source)} is in the group {shown(group)} here, and in {shown(known)} in "
                f"line {first}; keep one of the two rows"
            )
    return SourceNames([(source, source, group) for _, source, group in found.values()], exact_first=True)


def _merged(names: SourceNames, article: Article) -> str | None:
    """Return the group of an article's source; a source without one stays by itself."""
    name, group = names.name(article.source, article.url)
    return group or name
