"""Labels read from a labels folder or a flat file, and checked.

A folder holds codebook.toml, paragraphs.jsonl, codes/CODER.jsonl and, where there are any, codes/adjudicated.jsonl,
coders.toml, sentences.jsonl, lexicon.json, held_out.toml and checks.jsonl.

A flat file (JSON Lines, CSV or TSV, also .gz) has a row for each code, with `text`, `label` and optionally the other
fields of `Unit` and `Code` and `coder`; other columns are ignored, so what `framing export` writes can be read back.
Every file is UTF-8 (a byte order mark is allowed).

Every bad row is a LabelsError of one line that names the file and the physical line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from framing.codebook import Codebook, check_pattern, codebook_from_labels, load_codebook, read_toml
from framing.errors import LabelsError
from framing.labelrows import LabelRow, code_of, label_rows, unit_of
from framing.labels import ADJUDICATED, UNNAMED, Check, Code, Coder, Labels, Sentence, Unit
from framing.rows import parse_json
from framing.wording import counted

NO_OTHER_LABEL = "(no other label)"
"""The second frame that a codebook made of one label needs."""


TORN = "this row was cut off while it was written, and is ignored: it was never said to be saved"


def load_labels(
    path: str | Path, *, codebook: Codebook | str | Path | None = None, single_label: bool = False
) -> Labels:
    """Read a labels folder or a flat file; `codebook` takes the place of the folder's own.

    In a flat file without `codebook` the labels become the frames, and a message says so. An id that a flat row lacks
    is made from its text, target, article and source; rows that are then the same count once, and a message says so.
    `single_label` lets a flat file have only one label, of which nothing can be learned.
    In a folder the last row of an id holds in each codes file (a log). Raises LabelsError at the first bad row.
    """
    path = Path(path)
    if isinstance(codebook, str | Path):
        codebook = load_codebook(codebook)
    if path.is_dir():
        return _load_folder(path, codebook or load_codebook(path))
    if not path.exists():
        raise LabelsError(f"{path}: there is no such file or folder; name your labels, or begin some: framing sample")
    return _load_flat(path, codebook, single_label=single_label)


# The folder form.


def _load_folder(path: Path, codebook: Codebook) -> Labels:
    messages: list[str] = []
    bad_dates: list[str] = []
    units: dict[str, Unit] = {}
    for row in label_rows(path / "paragraphs.jsonl"):
        unit = unit_of(row, row.required("id"), bad_dates)
        if unit.id in units:
            raise LabelsError(f"{row.place}: the id {unit.id!r} is already at {units[unit.id].place}; rename one")
        units[unit.id] = unit
    if not units:
        raise LabelsError(f"{path / 'paragraphs.jsonl'}: has no rows")
    codes = _read_codes(path / "codes", units, codebook, messages)
    adjudicated = codes.pop(ADJUDICATED, {})
    coders = _read_coders(path / "coders.toml")
    if (path / "coders.toml").exists():
        messages += [
            f"{path / 'coders.toml'}: does not say what {name} is; fill it in" for name in codes if name not in coders
        ]
    held_out, draws = _read_held_out(path / "held_out.toml")
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
        draws=draws,
        coders=coders,
        checks=_read_checks(path / "checks.jsonl", codebook),
        messages=(*messages, *_about_dates(bad_dates)),
    )


def _read_codes(
    folder: Path, units: Mapping[str, Unit], codebook: Codebook, messages: list[str]
) -> dict[str, dict[str, Code]]:
    """Read every log of a codes folder; the last row of an id holds, and one that is withdrawn leaves it uncoded."""
    codes: dict[str, dict[str, Code]] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.name.startswith("."):  # a file that is being written
            continue
        if file.suffix != ".jsonl":
            messages.append(f"{file}: not read; the codes of a coder are in {folder}/CODER.jsonl")
            continue
        log: dict[str, Code] = {}
        torn: list[str] = []
        changed = 0
        for row in label_rows(file, torn):
            code = code_of(row, row.required("id"), file.stem, codebook)
            if code.unit not in units:
                raise LabelsError(f"{row.place}: no paragraph has the id {code.unit!r}; correct it or remove the row")
            if row.withdrawn():
                log.pop(code.unit, None)
                continue
            changed += code.unit in log and log[code.unit] != code
            log[code.unit] = code
        messages += [f"{where}: {TORN}" for where in torn]
        if changed:
            messages.append(f"{file}: {counted(changed, 'row')} replaced an earlier code of the same unit")
        codes[file.stem] = log
    if not codes:
        messages.append(f"{folder}: there are no codes")
    return codes


def _read_sentences(path: Path, codebook: Codebook) -> tuple[Sentence, ...]:
    if not path.exists():
        return ()
    found = []
    for row in label_rows(path):
        label = row.label("label", codebook)
        if label is None:
            raise LabelsError(f"{row.place}: label is missing; give one or remove the row")
        about = [row.optional(key) for key in ("article", "source", "kind", "target")]
        found.append(Sentence(row.prose(), label, *about))
    return tuple(found)


def _read_checks(path: Path, codebook: Codebook) -> tuple[Check, ...]:
    """Read minimal pairs: id, rule, change, and `first` and `second`, each an object of text and label."""
    if not path.exists():
        return ()
    found = []
    for row in label_rows(path):
        halves = []
        for name in ("first", "second"):
            value = row.values.get(name)
            if not isinstance(value, dict):
                raise LabelsError(f"{row.place}: {name} must be an object of text and label")
            half = LabelRow(value, f"{row.place}: {name}", False)
            label = half.label("label", codebook)
            if label is None:
                raise LabelsError(f"{half.place}: label is missing")
            halves.append((half.prose(), label))
        if halves[0][1] == halves[1][1]:
            raise LabelsError(f"{row.place}: both halves have the label {halves[0][1]!r}; a pair is of two labels")
        (first, first_label), (second, second_label) = halves
        identity, rule, change = (row.required(key) for key in ("id", "rule", "change"))
        found.append(Check(identity, rule, change, first, first_label, second, second_label))
    return tuple(found)


def _read_lexicon(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    try:
        values = parse_json(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LabelsError(f"{path}: is not UTF-8; save it as UTF-8") from error
    except ValueError as error:
        raise LabelsError(f"{path}: is not valid JSON: {error}") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error
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


def _read_held_out(path: Path) -> tuple[frozenset[str], dict[str, frozenset[str]]]:
    """Return all sources that are held out, and those of each draw that is named."""
    values = read_toml(path) if path.exists() else {}
    sources, draws = _names(values.pop("sources", [])), values.pop("draws", {})
    drawn = {name: _names(one) for name, one in draws.items()} if isinstance(draws, dict) else {"": None}
    known = {name: one for name, one in drawn.items() if one is not None}
    if values or sources is None or len(known) < len(drawn):
        raise LabelsError(
            f'{path}: must hold only sources = ["...", ...], the names of sources, and perhaps [draws] with such lists'
        )
    return sources.union(*known.values()), known


def _names(value: object) -> frozenset[str] | None:
    """Return the texts of a list of texts, None where it is anything else."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return frozenset(value)
    return None


# The flat form.


def _load_flat(path: Path, codebook: Codebook | None, *, single_label: bool) -> Labels:
    units: dict[str, Unit] = {}
    codes: dict[str, dict[str, Code]] = {}
    seen: dict[tuple[str, str], Code] = {}
    bad_dates: list[str] = []
    empty = repeated = 0
    predicted: str | None = None
    for row in label_rows(path):
        given = row.optional("id")
        unit = unit_of(row, given or _hashed_id(row), bad_dates)
        code = code_of(row, unit.id, row.optional("coder") or UNNAMED, codebook)
        earlier = seen.setdefault((code.coder, unit.id), code)
        if earlier is not code:
            if given is not None or earlier.label != code.label:
                raise LabelsError(_repeated_row(row, code, earlier, given))
            repeated += 1
            continue
        _check_same(units.setdefault(unit.id, unit), unit)
        predicted = predicted or row.optional("model_fingerprint")
        if code.label is None and not row.skipped(codebook):  # an empty cell is not coded yet
            empty += 1
        else:
            codes.setdefault(code.coder, {})[unit.id] = code
    if not units:
        raise LabelsError(f"{path}: has no rows")
    messages = _about_dates(bad_dates)
    if empty:
        messages.append(f"{counted(empty, 'row')} without a label: not coded")
    if predicted:
        messages.append(f"these labels were given by a model ({predicted}), not by a coder: they are no gold")
    if repeated:
        messages.append(f"{counted(repeated, 'row')} repeated an earlier one and counted once")
    if codebook is None:
        if not codes:
            raise LabelsError(f"{path}: no row has a label yet; fill in the column label")
        labels = [code.label for given in codes.values() for code in given.values() if code.label is not None]
        known = [*labels, NO_OTHER_LABEL] if single_label and len(set(labels)) == 1 else labels
        codebook = _codebook_of(path, known)
        messages.insert(0, f"no codebook: the labels {', '.join(codebook.labels)} became the frames")
    adjudicated = codes.pop(ADJUDICATED, {})
    return Labels(codebook, tuple(units.values()), codes, adjudicated, messages=tuple(messages))


def _codebook_of(path: Path, labels: Sequence[str]) -> Codebook:
    try:
        return codebook_from_labels(path.name.split(".")[0], labels)
    except LabelsError as error:
        known = ", ".join(sorted(set(labels))) or "none"
        raise LabelsError(
            f"{path}: the labels ({known}) make no codebook: it {error.args[0].partition(': ')[2]}"
        ) from error


def _hashed_id(row: LabelRow) -> str:
    content = [row.prose(), *(row.optional(key) for key in ("target", "article", "source"))]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _repeated_row(row: LabelRow, code: Code, earlier: Code, given: str | None) -> str:
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


# What both forms share.


def _about_dates(bad_dates: Sequence[str]) -> list[str]:
    if not bad_dates:
        return []
    return [f"{counted(len(bad_dates), 'date')} left out, not ISO 8601 (2020-11-09); the first is at {bad_dates[0]}"]
