"""Rows of labelled data to units and codes: the checked fields of a row.

A bad row is a LabelsError of one line that names the file and the physical line.
"""

from __future__ import annotations

import contextlib
import difflib
import gzip
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import IO, cast

from framing.codebook import Codebook
from framing.dates import iso_date
from framing.errors import InputError, LabelsError
from framing.labels import Code, Unit
from framing.parquet import table_columns, table_rows
from framing.rows import BAD_GZIP, BadRow, Kind, Row, read_rows, shown

SKIP = "skip"
"""What stands in a sheet's label cell where the coder looked and gives no label; an empty cell is not coded yet."""
_FLAGS = {
    "true": True, "yes": True, "y": True, "1": True, "x": True, "wahr": True, "ja": True, "vrai": True, "oui": True,
    "verdadero": True, "vero": True, "verdadeiro": True, "истина": True, "doğru": True, "prawda": True,
    "false": False, "no": False, "n": False, "0": False, "falsch": False, "nein": False, "faux": False, "non": False,
    "falso": False, "ложь": False, "yanlış": False, "fałsz": False,
}  # fmt: skip
"""How spreadsheets of several languages show true and false, and how coders write it."""
_KINDS: dict[str, Kind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
_LEAST_INCLUSION = 1e-9
"""One paragraph of a thousand million: nobody has more, and sums of 1 / p lose their digits."""
SHEET_FIELDS = frozenset(["label", "coder", *(item.name for item in (*fields(Unit), *fields(Code)))])
"""The columns that a sheet may have only once; others are ignored."""


class LabelRow(Row):
    """A row whose fields are checked when they are asked for; each raises LabelsError for a value that cannot be."""

    __slots__ = ()

    def optional(self, key: str) -> str | None:
        """Return a text without the spaces around it, None where it is missing or empty; an id may be a number."""
        value = self.values.get(key)
        if value is None:
            return None
        if key in ("id", "article") and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._text(key, value).strip() or None

    def required(self, key: str) -> str:
        """Return a text as `optional` does; raises LabelsError where there is none."""
        value = self.optional(key)
        if value is None:
            raise LabelsError(f"{self.place}: {key} is missing or empty")
        return value

    def prose(self) -> str:
        """Return the text exactly as it stands."""
        value = self.values.get("text")
        text = "" if value is None else self._text("text", value)
        if not text.strip():
            raise LabelsError(f"{self.place}: text is empty; give the paragraph or remove the row")
        return text

    def label(self, key: str, codebook: Codebook | None) -> str | None:
        """Return a label of the codebook, or any where there is no codebook yet; None where it is empty."""
        value = self.optional(key)
        if value is None:
            return None
        label = " ".join(value.split())
        if codebook is None or label in codebook.labels:
            return label
        meant = _meant(label, codebook) if self.sheet else None
        if meant is None:
            raise LabelsError(f"{self.place}: {_unknown_label(key, label, codebook.labels)}")
        return meant

    def skipped(self, codebook: Codebook | None) -> bool:
        """Say whether the coder looked and gave no label."""
        if self.values.get("skip") is True:
            return True
        value = self.values.get("label")
        is_label = codebook is not None and SKIP in codebook.labels
        return isinstance(value, str) and value.strip().lower() == SKIP and not is_label

    def withdrawn(self) -> bool:
        """Say whether the row takes back the code that the coder gave before: the unit is not coded then."""
        return self.values.get("withdrawn") is True

    def flag(self, key: str) -> bool | None:
        """Return true, false or None (empty)."""
        value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            value = _FLAGS.get(value.strip().lower(), value) if value.strip() else None
        if value is not None and not isinstance(value, bool):
            raise LabelsError(f"{self.place}: {key} must be true, false or empty, not {shown(value)}")
        return value

    def number(self, key: str) -> float | None:
        """Return a number, None where it is empty."""
        given = value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            with contextlib.suppress(ValueError):
                # Spreadsheets of half the world write 0,5.
                value = float(value.replace(",", ".")) if value.strip() else None
        if value is None:
            return None
        # A whole number of JSON may be too large for a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e9 < value < 1e9:
            raise LabelsError(f"{self.place}: {key} must be a number, not {shown(given)}")
        return float(value)

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise LabelsError(f"{self.place}: {key} must be text, not {shown(value)}")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise LabelsError(f"{self.place}: {key} holds half of a character (a lone surrogate); correct it")
        return value


def label_rows(path: Path, torn: list[str] | None = None) -> Iterator[LabelRow]:
    """Yield the rows of a JSON Lines, CSV or TSV file, also .gz, or of a Parquet file; a bad row is a LabelsError.

    Where `torn` is given, a row whose writing was cut off is passed over, and its place goes there.
    """
    if path.suffix.lower() == ".parquet":
        yield from _parquet_rows(path)
        return
    packed = path.suffix.lower() == ".gz"
    kind = _KINDS.get((path.with_suffix("") if packed else path).suffix.lower())
    if kind is None:
        raise LabelsError(
            f"{path}: is no labels folder, JSON Lines (.jsonl), CSV, TSV or Parquet file; convert it to one of these"
        )
    try:
        with ExitStack() as stack:
            file: IO[bytes] = stack.enter_context(path.open("rb"))
            if packed:
                file = cast(IO[bytes], stack.enter_context(gzip.open(file)))
            for row in read_rows(file, str(path), kind, columns=SHEET_FIELDS, required=("text", "label")):
                if isinstance(row, BadRow):
                    if torn is None or not row.torn:
                        raise LabelsError(f"{row.place}: {row.message}")
                    torn.append(row.place)
                    continue
                yield LabelRow(row.values, row.place, row.sheet)
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except BAD_GZIP as error:
        raise LabelsError(f"{path}: is a damaged gzip file; make it anew") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _parquet_rows(path: Path) -> Iterator[LabelRow]:
    """Yield the rows of a Parquet file; a row's place is its number, from 1."""
    if not path.exists():
        raise LabelsError(f"{path}: there is no such file")
    try:
        missing = {"text", "label"} - set(table_columns(path))
        if missing:
            raise LabelsError(f"{path}: there is no column {min(missing)}; the columns are text, label and others")
        for row in table_rows(path):
            yield LabelRow(row.values, row.place, row.sheet)
    except InputError as error:
        raise LabelsError(str(error)) from error


def unit_of(row: LabelRow, identity: str, bad_dates: list[str]) -> Unit:
    """Return the unit of a row; a date that is none or could be two is None, and its place goes to `bad_dates`."""
    article, source, kind, date, url, target = (
        row.optional(key) for key in ("article", "source", "kind", "date", "url", "target")
    )
    inclusion = row.number("inclusion")
    if inclusion is not None and not 0 < inclusion <= 1:
        raise LabelsError(f"{row.place}: inclusion {inclusion:g} must be above 0 and at most 1, or empty")
    if inclusion is not None and inclusion < _LEAST_INCLUSION:
        raise LabelsError(
            f"{row.place}: inclusion {inclusion:g} is one paragraph of more than {1 / _LEAST_INCLUSION:,.0f}, which no "
            "draw was of; give the probability that the sheet was written with"
        )
    if date is not None:
        date = iso_date(date)
        if date is None:
            bad_dates.append(row.place)
    return Unit(identity, row.prose(), article, source, kind, date, url, target, inclusion, row.place)


def code_of(row: LabelRow, unit: str, coder: str, codebook: Codebook | None) -> Code:
    """Return the code of a row; its labels must be the codebook's, where there is one."""
    version = row.number("codebook_version")
    if version is not None and version != int(version):
        raise LabelsError(f"{row.place}: codebook_version must be a whole number, not {version:g}")
    return Code(
        unit=unit,
        coder=coder,
        label=None if row.skipped(codebook) else row.label("label", codebook),
        secondary=row.label("secondary", codebook),
        sure=row.flag("sure"),
        comment=row.optional("comment"),
        time=row.optional("time"),
        codebook_version=None if version is None else int(version),
        reason=row.optional("reason"),
        adjudicator=row.optional("adjudicator"),
        place=row.place,
    )


def _meant(label: str, codebook: Codebook) -> str | None:
    """Return the frame that a cell names by its title or in other capitals, where only one can be meant."""
    folded = label.casefold()
    meant = [one.id for one in codebook.frames if folded in (one.id.casefold(), one.title.casefold())]
    return meant[0] if len(meant) == 1 else None


def _unknown_label(key: str, label: str, known: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(label.casefold(), folded, 1)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return f"{key} {shown(label)} is not in the codebook ({', '.join(known)}){hint}"
