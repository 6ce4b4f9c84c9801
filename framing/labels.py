"""Hand-labelled paragraphs: read from a labels folder or a flat file, checked, and turned into gold labels.

A folder holds codebook.toml, paragraphs.jsonl, codes/CODER.jsonl and, where there are any, codes/adjudicated.jsonl,
coders.toml, sentences.jsonl, lexicon.json and held_out.toml. A flat file (JSON Lines, CSV or TSV, also .gz) has a row
for each code, with `text`, `label` and optionally the other fields of `Unit` and `Code` and `coder`; other columns are
ignored, so what `framing export` writes can be read back. Every file is UTF-8 (a byte order mark is allowed).

Every bad row is a LabelsError of one line that names the file and the physical line.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import gzip
import hashlib
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from framing.codebook import Codebook, check_pattern, codebook_from_labels, load_codebook, read_toml
from framing.errors import LabelsError, place

ADJUDICATED = "adjudicated"
"""The name of the codes that settle a difference; no coder can have it."""
UNNAMED = "unnamed"
"""The coder of flat rows that name none."""
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_ISO_DATE = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d:\d\d.*)?)?)?")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_UNGUARDED = re.compile(r"'*[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Unit:
    """One paragraph that was, or is to be, coded."""

    id: str
    text: str
    article: str | None = None
    source: str | None = None
    kind: str | None = None
    date: str | None = None
    """ISO 8601, or None."""
    url: str | None = None
    target: str | None = None
    """The actor that this row asks about, where it is not the codebook's."""
    inclusion: float | None = None
    """The probability with which the unit was drawn, above 0 and at most 1; None where it was not drawn at random."""
    place: str = field(default="", compare=False)
    """Where it was read from, `path:line`."""


@dataclass(frozen=True, slots=True)
class Code:
    """One coder's label of one unit; label None is a skip: the coder looked and gave none."""

    unit: str
    coder: str
    label: str | None
    secondary: str | None = None
    sure: bool | None = None
    comment: str | None = None
    time: str | None = None
    codebook_version: int | None = None
    reason: str | None = None
    adjudicator: str | None = None
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A short labelled sentence that widens the vocabulary: for training only, never in an evaluation."""

    text: str
    label: str
    article: str | None = None
    source: str | None = None
    kind: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Coder:
    """What a coder is: `kind` is "person" or "model"."""

    kind: str
    description: str
    codebook_version: int | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything a labels folder or a flat file says, checked against its codebook."""

    codebook: Codebook
    units: tuple[Unit, ...]
    codes: Mapping[str, Mapping[str, Code]]
    """By coder, then by unit; adjudications are not among them."""
    adjudicated: Mapping[str, Code] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    lexicon: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held_out: frozenset[str] = frozenset()
    """Sources that training never reads."""
    coders: Mapping[str, Coder] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    """What the user must be told about the reading, one line each."""


@dataclass(frozen=True, slots=True)
class Gold:
    """The label of each unit that has one, in the order of the units, and what became of the others."""

    labels: Mapping[str, str]
    disputed: tuple[str, ...]
    """Units whose coders differ and that nobody adjudicated (with "majority", ties)."""
    uncoded: tuple[str, ...]
    """Units without a code, or with skips only."""
    how: Mapping[str, int]
    """How many labels are adjudicated, unanimous, a majority, or a single coder's."""
    skips: int
    """How many codes are skips."""


def load_labels(path: Path, *, codebook: Codebook | Path | None = None) -> Labels:
    """Read a labels folder or a flat file; `codebook` takes the place of the folder's own.

    In a flat file without `codebook` the labels become the frames, and a message says so. An id that a flat row lacks
    is made from its text, target, article and source; rows that are then the same count once, and a message says so.
    In a folder the last row of an id holds in each codes file (a log). Raises LabelsError at the first bad row.
    """
    if isinstance(codebook, Path):
        codebook = load_codebook(codebook)
    if path.is_dir():
        return _load_folder(path, codebook or load_codebook(path))
    if not path.exists():
        raise LabelsError(f"{path}: there is no such file or folder")
    return _load_flat(path, codebook)


def gold(labels: Labels, rule: str = "default") -> Gold:
    """Return the gold label of each unit.

    Rule "default": adjudicated, else unanimous, else the only code. Rule "majority": adjudicated, else the commonest of
    three or more codes (ties are left out); with fewer codes as "default". A skip is no code here.
    """
    if rule not in ("default", "majority"):
        raise LabelsError(f"no gold rule {rule!r}; use default or majority")
    found: dict[str, str] = {}
    disputed: list[str] = []
    uncoded: list[str] = []
    how = Counter[str]()
    for unit in labels.units:
        given = [codes[unit.id].label for codes in labels.codes.values() if unit.id in codes]
        settled = labels.adjudicated.get(unit.id)
        if settled is not None and settled.label is not None:
            found[unit.id] = settled.label
            how[ADJUDICATED] += 1
            continue
        label, reached = _agreed([label for label in given if label is not None], rule)
        if label is not None:
            found[unit.id] = label
            how[reached] += 1
        else:
            (disputed if reached == "disputed" else uncoded).append(unit.id)
    skips = sum(code.label is None for codes in labels.codes.values() for code in codes.values())
    return Gold(found, tuple(disputed), tuple(uncoded), dict(how), skips)


def labels_hash(labels: Labels) -> str:
    """Return the sha256 (hex) of all that training uses: the data fingerprint.

    The order of units and sentences counts, because training reads them in order; the order of coders does not, nor do
    places, messages and what coders wrote beside their labels.
    """
    codes = {coder: {code.unit: code.label for code in given.values()} for coder, given in labels.codes.items()}
    settled = {code.unit: code.label for code in labels.adjudicated.values()}
    units = [(unit.id, unit.text, unit.article, unit.source, unit.kind, unit.target) for unit in labels.units]
    sentences = [[getattr(entry, item.name) for item in fields(Sentence)] for entry in labels.sentences]
    lexicon = {category: sorted(set(entries)) for category, entries in labels.lexicon.items()}
    content = [labels.codebook.to_dict(), units, codes, settled, sentences, lexicon, sorted(labels.held_out)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def guard_cell(text: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@`, tab or CR."""
    return "'" + text if _UNGUARDED.match(text) else text


def unguard_cell(cell: str) -> str:
    """Undo `guard_cell`."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _agreed(given: Sequence[str], rule: str) -> tuple[str | None, str]:
    """Return the label that codes agree on, or None, and how it came about."""
    if not given:
        return None, "uncoded"
    ranked = Counter(given).most_common(2)
    label, times = ranked[0]
    if len(ranked) == 1:
        return label, "unanimous" if times > 1 else "single"
    if rule == "majority" and len(given) > 2 and times > ranked[1][1]:
        return label, "majority"
    return None, "disputed"


# The folder form.


def _load_folder(path: Path, codebook: Codebook) -> Labels:
    messages: list[str] = []
    bad_dates: list[str] = []
    units: dict[str, Unit] = {}
    for row in _read_rows(path / "paragraphs.jsonl"):
        unit = _unit(row, row.required("id"), bad_dates)
        if unit.id in units:
            raise LabelsError(f"{row.place}: the id {unit.id!r} is already at {units[unit.id].place}; rename one")
        units[unit.id] = unit
    if not units:
        raise LabelsError(f"{path / 'paragraphs.jsonl'}: has no rows")
    codes = _read_codes(path / "codes", units, codebook, messages)
    adjudicated = codes.pop(ADJUDICATED, {})
    coders = _read_coders(path / "coders.toml")
    if (path / "coders.toml").exists():
        messages += [f"{path / 'coders.toml'}: does not say what {name} is" for name in codes if name not in coders]
    held_out = _read_held_out(path / "held_out.toml")
    sources = {unit.source for unit in units.values()}
    messages += [f"held_out.toml: no paragraph is from {name!r}" for name in sorted(held_out - sources)]
    return Labels(
        codebook=codebook,
        units=tuple(units.values()),
        codes=codes,
        adjudicated=adjudicated,
        sentences=_read_sentences(path / "sentences.jsonl", codebook),
        lexicon=_read_lexicon(path / "lexicon.json"),
        held_out=held_out,
        coders=coders,
        messages=(*messages, *_about_dates(bad_dates)),
    )


def _read_codes(
    folder: Path, units: Mapping[str, Unit], codebook: Codebook, messages: list[str]
) -> dict[str, dict[str, Code]]:
    """Read every log of a codes folder; the last row of an id holds."""
    codes: dict[str, dict[str, Code]] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix != ".jsonl":
            messages.append(f"{file}: not read; the codes of a coder are in {folder}/CODER.jsonl")
            continue
        log: dict[str, Code] = {}
        changed = 0
        for row in _read_rows(file):
            code = _code(row, row.required("id"), file.stem, codebook)
            if code.unit not in units:
                raise LabelsError(f"{row.place}: no paragraph has the id {code.unit!r}; correct it or remove the row")
            changed += code.unit in log and log[code.unit] != code
            log[code.unit] = code
        if changed:
            messages.append(f"{file}: {_count(changed, 'row')} replaced an earlier code of the same unit")
        codes[file.stem] = log
    if not codes:
        messages.append(f"{folder}: there are no codes")
    return codes


def _read_sentences(path: Path, codebook: Codebook) -> tuple[Sentence, ...]:
    if not path.exists():
        return ()
    found = []
    for row in _read_rows(path):
        label = row.label("label", codebook)
        if label is None:
            raise LabelsError(f"{row.place}: label is missing; give one or remove the row")
        about = [row.optional(key) for key in ("article", "source", "kind", "target")]
        found.append(Sentence(row.prose(), label, *about))
    return tuple(found)


def _read_lexicon(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    try:
        values = _parse_json(_decode(_read_bytes(path), path))
    except ValueError as error:
        raise LabelsError(f"{path}: is not valid JSON: {error}") from error
    if not isinstance(values, dict):
        raise LabelsError(f"{path}: must be an object of categories, each a list of words and phrases")
    lexicon = {}
    for category, entries in values.items():
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            raise LabelsError(f"{path}: {category!r} must be a list of words and phrases, each in quotes")
        lexicon[category] = tuple(check_pattern(entry, f"{path}: {category}") for entry in entries)
    return lexicon


def _read_coders(path: Path) -> dict[str, Coder]:
    coders = {}
    for name, about in read_toml(path).items() if path.exists() else ():
        known = {"kind", "description", "codebook_version"}
        if not isinstance(about, dict) or set(about) - known:
            raise LabelsError(f"{path}: [{name}] must be a table of kind, description and codebook_version")
        kind, description, version = about.get("kind"), about.get("description"), about.get("codebook_version")
        if kind not in ("person", "model") or not isinstance(description, str):
            raise LabelsError(f'{path}: [{name}] needs kind = "person" or "model", and a description')
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            raise LabelsError(f"{path}: [{name}] codebook_version must be a whole number")
        coders[name] = Coder(kind, " ".join(description.split()), version)
    return coders


def _read_held_out(path: Path) -> frozenset[str]:
    values = read_toml(path) if path.exists() else {}
    sources = values.pop("sources", [])
    if values or not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        raise LabelsError(f'{path}: must hold only sources = ["...", ...], the names of sources')
    return frozenset(sources)


# The flat form.


def _load_flat(path: Path, codebook: Codebook | None) -> Labels:
    units: dict[str, Unit] = {}
    codes: dict[str, dict[str, Code]] = {}
    seen: dict[tuple[str, str], Code] = {}
    bad_dates: list[str] = []
    empty = repeated = 0
    for row in _read_rows(path):
        given = row.optional("id")
        unit = _unit(row, given or _hashed_id(row), bad_dates)
        code = _code(row, unit.id, row.optional("coder") or UNNAMED, codebook)
        earlier = seen.setdefault((code.coder, unit.id), code)
        if earlier is not code:
            if given is not None or earlier.label != code.label:
                raise LabelsError(_repeated_row(row, code, earlier, given))
            repeated += 1
            continue
        _check_same(units.setdefault(unit.id, unit), unit)
        if code.label is None:
            empty += 1
        else:
            codes.setdefault(code.coder, {})[unit.id] = code
    if not units:
        raise LabelsError(f"{path}: has no rows")
    messages = _about_dates(bad_dates)
    if empty:
        messages.append(f"{_count(empty, 'row')} without a label: not coded")
    if repeated:
        messages.append(f"{_count(repeated, 'row')} repeated an earlier one and counted once")
    if codebook is None:
        labels = [code.label for given in codes.values() for code in given.values() if code.label is not None]
        codebook = _codebook_of(path, labels)
        messages.insert(0, f"no codebook: the labels {', '.join(codebook.labels)} became the frames")
    adjudicated = codes.pop(ADJUDICATED, {})
    return Labels(codebook, tuple(units.values()), codes, adjudicated, messages=tuple(messages))


def _codebook_of(path: Path, labels: Sequence[str]) -> Codebook:
    try:
        return codebook_from_labels(path.name.split(".")[0], labels)
    except LabelsError as error:
        raise LabelsError(f"{path}: {error}; or name a codebook") from error


def _hashed_id(row: _Row) -> str:
    content = [row.prose(), *(row.optional(key) for key in ("target", "article", "source"))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _repeated_row(row: _Row, code: Code, earlier: Code, given: str | None) -> str:
    who = "" if code.coder == UNNAMED else f" of coder {code.coder!r}"
    if given is not None:
        return f"{row.place}: the id {given!r}{who} is already at {earlier.place}; keep one of the two"
    labels = f"the label {code.label!r}, and {earlier.label!r} at {earlier.place}"
    return f"{row.place}: the same text{who} has {labels}; keep one, or name the coders in a column coder"


def _check_same(first: Unit, unit: Unit) -> None:
    """Raise LabelsError where two coders' rows of one id are not the same unit."""
    for item in fields(Unit):
        if item.compare and getattr(first, item.name) != getattr(unit, item.name):
            raise LabelsError(
                f"{unit.place}: the id {unit.id!r} has another {item.name} than at {first.place}; make them the same"
            )


# What both forms share: the fields of a row.


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: JSON values, or the cells of a sheet (all of them text)."""

    values: Mapping[str, object]
    place: str
    sheet: bool

    def optional(self, key: str) -> str | None:
        """Return a text without the spaces around it, None where it is missing or empty; an id may be a number."""
        value = self.values.get(key)
        if value is None:
            return None
        if key in ("id", "article") and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._text(key, value).strip() or None

    def required(self, key: str) -> str:
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
        value = self.optional(key)
        if value is None:
            return None
        label = " ".join(value.split())
        if codebook is not None and label not in codebook.labels:
            raise LabelsError(f"{self.place}: {_unknown_label(key, label, codebook.labels)}")
        return label

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            value = {"": None, "true": True, "false": False}.get(value.strip().lower(), value)
        if value is not None and not isinstance(value, bool):
            raise LabelsError(f"{self.place}: {key} must be true, false or empty, not {_shown(value)}")
        return value

    def number(self, key: str) -> float | None:
        given = value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            with contextlib.suppress(ValueError):
                # Spreadsheets of half the world write 0,5.
                value = float(value.replace(",", ".")) if value.strip() else None
        if value is None:
            return None
        # A whole number of JSON may be too large for a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e9 < value < 1e9:
            raise LabelsError(f"{self.place}: {key} must be a number, not {_shown(given)}")
        return float(value)

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise LabelsError(f"{self.place}: {key} must be text, not {_shown(value)}")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise LabelsError(f"{self.place}: {key} holds half of a character (a lone surrogate); correct it")
        return value


def _unit(row: _Row, identity: str, bad_dates: list[str]) -> Unit:
    article, source, kind, date, url, target = (
        row.optional(key) for key in ("article", "source", "kind", "date", "url", "target")
    )
    inclusion = row.number("inclusion")
    if inclusion is not None and not 0 < inclusion <= 1:
        raise LabelsError(f"{row.place}: inclusion {inclusion:g} must be above 0 and at most 1, or empty")
    if date is not None and not _ISO_DATE.fullmatch(date):
        bad_dates.append(row.place)
        date = None
    return Unit(identity, row.prose(), article, source, kind, date, url, target, inclusion, row.place)


def _code(row: _Row, unit: str, coder: str, codebook: Codebook | None) -> Code:
    version = row.number("codebook_version")
    if version is not None and version != int(version):
        raise LabelsError(f"{row.place}: codebook_version must be a whole number, not {version:g}")
    return Code(
        unit=unit,
        coder=coder,
        label=row.label("label", codebook),
        secondary=row.label("secondary", codebook),
        sure=row.flag("sure"),
        comment=row.optional("comment"),
        time=row.optional("time"),
        codebook_version=None if version is None else int(version),
        reason=row.optional("reason"),
        adjudicator=row.optional("adjudicator"),
        place=row.place,
    )


def _about_dates(bad_dates: Sequence[str]) -> list[str]:
    if not bad_dates:
        return []
    return [f"{_count(len(bad_dates), 'date')} left out, not ISO 8601 (2020-11-09); the first is at {bad_dates[0]}"]


def _unknown_label(key: str, label: str, known: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(label.casefold(), folded, 1)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return f"{key} {_shown(label)} is not in the codebook ({', '.join(known)}){hint}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


# Reading rows from files.


def _read_rows(path: Path) -> Iterator[_Row]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    suffix = (suffixes[:-1] if packed else suffixes)[-1:]
    kind = suffix[0] if suffix else ""
    if kind not in _JSON_LINES and kind not in _DELIMITERS:
        raise LabelsError(
            f"{path}: is no labels folder, JSON Lines (.jsonl), CSV or TSV file; convert it to one of these"
        )
    data = _read_bytes(path, packed)
    return _json_rows(data, path) if kind in _JSON_LINES else _sheet_rows(data, path, _DELIMITERS[kind])


def _read_bytes(path: Path, packed: bool = False) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if packed else data
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise LabelsError(f"{path}: is a damaged gzip file; make it anew") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _decode(data: bytes, path: Path, line: int = 1) -> str:
    """Decode UTF-8; a byte order mark at the beginning is dropped. `line` is the line that `data` begins at."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and line == 1:
        raise LabelsError(f"{place(path, 1)}: is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line += data.count(b"\n", 0, error.start)
        raise LabelsError(f"{place(path, line)}: is not UTF-8; save the file as UTF-8 (CSV UTF-8)") from error


def _json_rows(data: bytes, path: Path) -> Iterator[_Row]:
    for number, line in enumerate(data.split(b"\n"), 1):
        where = place(path, number)
        text = _decode(line, path, number)
        if not text.strip():
            continue
        try:
            values = _parse_json(text)
        except ValueError as error:
            raise LabelsError(f"{where}: is not valid JSON: {error}; each line must be one object") from error
        if not isinstance(values, dict):
            raise LabelsError(f'{where}: must be an object such as {{"text": "...", "label": "..."}}')
        yield _Row(values, where, sheet=False)


def _parse_json(text: str) -> object:
    """Parse JSON strictly: no key twice in an object, no NaN or Infinity. Raises ValueError, one line."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {_shown(key)} stands twice")
    return values


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _sheet_rows(data: bytes, path: Path, delimiters: str) -> Iterator[_Row]:
    text = _decode(data, path)
    delimiter = _delimiter(text, path, delimiters)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise LabelsError(f"{place(path, line)}: {error}; is a quotation mark missing or too many?") from error
        if cells is None:
            return
        where, line = place(path, line), reader.line_num + 1
        if not any(cells):
            continue
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            _check_header(header, where)
            continue
        if any(cells[len(header) :]):
            raise LabelsError(f"{where}: has {len(cells)} cells, the header has {len(header)}; quote the text")
        yield _Row(dict(zip(header, map(unguard_cell, cells), strict=False)), where, sheet=True)


def _delimiter(text: str, path: Path, delimiters: str) -> str:
    """Return the delimiter by which the first line has a column `text`."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    for delimiter in delimiters:
        if "text" in (cell.strip().strip('"').strip().lower() for cell in first.split(delimiter)):
            return delimiter
    raise LabelsError(
        f"{place(path, 1)}: there is no column text in the header; its first line is {_shown(first.strip())}"
    )


def _check_header(header: Sequence[str], where: str) -> None:
    known = {"label", "coder", *(item.name for item in fields(Unit)), *(item.name for item in fields(Code))}
    for column, times in Counter(header).items():
        if times > 1 and column in known:
            raise LabelsError(f"{where}: the column {column} stands twice; rename one")
    if "label" not in header:
        raise LabelsError(f"{where}: there is no column label; add it (an empty cell means not coded)")
