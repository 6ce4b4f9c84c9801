"""Filled sheets and files of annotation tools into the codes of a labels folder: all of what they hold, or nothing.

Every row is checked against the folder before anything is written: its unit must be there with the same text, its
label in the codebook, and no paragraph of a coder's part may have been lost from the sheet. A code that is already in
the coder's log is not written again, so that a sheet can be imported as often as it grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from framing.codebook import FILE_NAME, Codebook, codebook_from_labels, load_codebook
from framing.codebooktext import codebook_toml
from framing.codelog import locked, log_row
from framing.errors import LabelsError, UsageError
from framing.exchange import read_exchange, sniff
from framing.files import make_folder, replacing_text, write_together
from framing.labelfiles import load_labels
from framing.labelrows import SKIP, LabelRow, code_of, unit_of
from framing.labels import ADJUDICATED, UNNAMED, Code, Unit, check_coder
from framing.revisions import check_revision, save_revision
from framing.samplefolder import PARAGRAPHS, SampleFolder, open_folder
from framing.scoredjson import to_json
from framing.sheets import plain_text, read_sheet, same_text


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. With `problems` nothing was written."""

    problems: tuple[str, ...] = ()
    """What is wrong, one line each, with the place."""
    notes: tuple[str, ...] = ()
    written: Mapping[str, int] = field(default_factory=dict)
    """How many codes were added to the log of each coder."""
    known: int = 0
    """Codes that were in the logs already."""
    empty: int = 0
    """Rows that are not coded yet."""


@dataclass(slots=True)
class _Import:
    """The state of one import."""

    units: dict[str, Unit]
    codebook: Codebook
    logs: Mapping[str, Mapping[str, Code]]
    now: str
    by_text: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[tuple[str, str], Code] = field(default_factory=dict)
    places: dict[str, dict[str, str]] = field(default_factory=dict)
    """Where the row of each unit stands in sheets, by coder."""
    dated: set[tuple[str, str]] = field(default_factory=set)
    """The codes (coder, unit) whose row says under which version of the codebook they were given."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty: int = 0
    cleared: int = 0
    parts: set[str] = field(default_factory=set)
    """The coders who have a part."""
    owners: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """In whose parts each unit is."""


def import_codes(
    sheets: Sequence[Path], folder: Path, *, coder: str | None, now: str, adjudicator: str | None = None
) -> Imported:
    """Add the codes of filled sheets, or of Label Studio, doccano or Prodigy files, to a labels folder.

    `coder` is whose codes they are; where a file names its coders itself, they keep their names. `now` is the time of
    codes that have none (ISO 8601). A folder that has no paragraphs yet is made from the files. Raises LabelsError
    where a file cannot be read at all; what is wrong with rows is in `Imported.problems`.
    """
    if coder is not None and coder != ADJUDICATED:
        check_coder(coder)
    if adjudicator is not None and coder != ADJUDICATED:
        raise UsageError("--adjudicator names who decided; it goes with --coder adjudicated")
    if not (folder / PARAGRAPHS).exists():
        return _make_folder(sheets, folder, coder, now)
    labels = load_labels(folder)
    units = {unit.id: unit for unit in labels.units}
    state = _Import(units, labels.codebook, {**labels.codes, ADJUDICATED: labels.adjudicated}, now)
    for unit in labels.units:
        state.by_text.setdefault(plain_text(unit.text), []).append(unit.id)
    drawn = open_folder(folder)
    state.owners = {unit: tuple(row.get("coders") or ()) for unit, row in drawn.units.items()}
    state.parts = set(drawn.coders())
    for sheet in sheets:
        _read(state, sheet, coder, adjudicator)
    _check_names(state, folder)
    _find_missing(state, drawn)
    if state.cleared:
        state.notes.append(
            f"{state.cleared} rows are empty now and have a code in the log, which stays; write skip to withdraw one"
        )
    added = {key: code for key, code in state.codes.items() if _is_new(state, *key)}
    if state.problems:
        return Imported(tuple(state.problems), tuple(state.notes))
    settled = any(
        code.codebook_version == labels.codebook.version for own in state.logs.values() for code in own.values()
    )
    if settled:
        check_revision(folder, labels.codebook)
    written = _append(folder, added, labels.codebook, settled=settled)
    known = len(state.codes) - len(added)
    return Imported((), tuple(state.notes), written, known, state.empty)


def _read(state: _Import, sheet: Path, coder: str | None, adjudicator: str | None) -> None:
    rows, encoding, own_names = _rows_of(state, sheet, coder)
    for row in rows:
        try:
            _add_row(state, row, encoding, coder, adjudicator, own_names=own_names)
        except LabelsError as error:
            state.problems.append(str(error))


def _rows_of(state: _Import, sheet: Path, coder: str | None) -> tuple[Sequence[LabelRow], str, bool]:
    """Return the rows of a file, its encoding, and whether it names its coders itself."""
    form = sniff(sheet)
    if form is not None:
        found = read_exchange(sheet, form, coder)
        state.notes += found.messages
        named = sorted({str(row.values["coder"]) for row in found.rows if row.values.get("coder")} - {coder})
        if coder is not None and named:
            state.notes.append(
                f"{sheet}: names its coders itself ({', '.join(named)}); --coder {coder} is not for them"
            )
        return found.rows, "utf-8", True
    rows, encoding = read_sheet(sheet, [unit.text for unit in state.units.values()])
    if coder != ADJUDICATED and any(key.startswith("code_") or key == "why" for key in rows[0].values):
        raise LabelsError(f"{sheet}: is a sheet of disputes; import it with --coder {ADJUDICATED}")
    if coder is None and not any(row.optional("coder") for row in rows):
        raise LabelsError(f"{sheet}: names no coder; say whose codes these are with --coder NAME")
    if not encoding.startswith("utf"):
        state.notes.append(f"{sheet}: read as {encoding}; save sheets as CSV UTF-8, which has every letter")
    return rows, encoding, False


def _add_row(
    state: _Import, row: LabelRow, encoding: str, coder: str | None, adjudicator: str | None, *, own_names: bool
) -> None:
    """Add the code of a row; raises LabelsError for what is wrong with it."""
    unit = _unit_of(state, row)
    named = row.optional("coder")
    name = (named or coder) if own_names else (coder or named)
    uncoded = row.optional("label") is None and not row.skipped(state.codebook)
    if uncoded and (own_names or name is None):  # yet to be done
        state.empty += 1
        return
    if name is None:
        raise LabelsError(f"{row.place}: names no coder; say whose codes these are with --coder NAME")
    if not own_names and named not in (None, name):
        raise LabelsError(
            f"{row.place}: is a row of coder {named!r}, not of {name!r}; leave --coder out for such a sheet"
        )
    if name not in (ADJUDICATED, UNNAMED):
        try:
            check_coder(name)
        except UsageError as error:
            raise LabelsError(f"{row.place}: {error}") from error
    owners = state.owners.get(unit.id, ())
    if name in state.parts and owners and name not in owners:
        raise LabelsError(f"{row.place}: {unit.id!r} is in the part of {', '.join(owners)}, not of {name}")
    if not own_names:  # a tool's file has the tasks that were done, a sheet has the coder's whole part
        state.places.setdefault(name, {})[unit.id] = row.place
    if not same_text(row.prose(), unit, encoding):
        raise LabelsError(
            f"{row.place}: the text of {unit.id!r} was changed; put back the one in {PARAGRAPHS} (the label stays)"
        )
    code = code_of(row, unit.id, name, state.codebook)
    if code.label is None and not row.skipped(state.codebook):
        state.empty += 1
        if state.logs.get(name, {}).get(unit.id):
            state.cleared += 1
        if code.comment or code.secondary:
            state.notes.append(f"{row.place}: has a comment or a secondary label but no label; not imported")
        return
    if code.codebook_version is not None and code.codebook_version > state.codebook.version:
        raise LabelsError(
            f"{row.place}: codebook_version {code.codebook_version} is above the folder's {state.codebook.version}"
        )
    if code.codebook_version is not None:
        state.dated.add((name, unit.id))
    code = replace(
        code,
        time=code.time or state.now,
        codebook_version=code.codebook_version or state.codebook.version,
        adjudicator=code.adjudicator or (adjudicator if name == ADJUDICATED else None),
    )
    if name == ADJUDICATED and not code.reason:
        raise LabelsError(f"{row.place}: the decision has no reason; say in the column reason which rule decides")
    earlier = state.codes.setdefault((name, unit.id), code)
    if not _same_code(earlier, code):
        raise LabelsError(
            f"{row.place}: {name} has {code.label!r} for {unit.id!r} here and {earlier.label!r} at {earlier.place}; "
            "keep one of the two"
        )


def _unit_of(state: _Import, row: LabelRow) -> Unit:
    """Return the unit that a row is about: by its id, or by its text where it has none."""
    identity, text = row.optional("id"), row.prose()
    if identity is None:
        found = state.by_text.get(plain_text(text), [])
        if len(found) == 1:
            return state.units[found[0]]
        what = "no paragraph has this text" if not found else f"{len(found)} paragraphs have this text"
        raise LabelsError(f"{row.place}: {what}, and the row has no id; give it the id that it had in the sheet")
    unit = state.units.get(identity)
    if unit is None and len(found := state.by_text.get(plain_text(text), [])) == 1:
        return state.units[found[0]]  # the id is another program's
    if unit is None:
        raise LabelsError(f"{row.place}: no paragraph has the id {identity!r}; was the sheet made for this folder?")
    return unit


def _check_names(state: _Import, folder: Path) -> None:
    """Tell of coders without a part; name those who differ from a known one by capitals only."""
    known = {name.casefold(): name for name in (*state.parts, *state.logs)}
    for name in dict.fromkeys(coder for coder, _ in state.codes):
        other = known.get(name.casefold(), name)
        if other != name:
            state.problems.append(f"{folder}: there is a coder {other!r} already; write {name!r} like that")
        elif state.parts and name not in state.parts and name != ADJUDICATED:
            state.notes.append(f"{name} has no part in {folder} (those who have: {', '.join(sorted(state.parts))})")


def _find_missing(state: _Import, drawn: SampleFolder) -> None:
    """Name the paragraphs that a coder's sheet had and that no sheet has now, with the line after which they stood."""
    batches: dict[tuple[str, int], list[str]] = {}
    for identity, row in drawn.units.items():
        for name in row.get("coders") or ():
            batches.setdefault((name, row.get("batch") or 0), []).append(identity)
    for (name, _), part in batches.items():
        places = state.places.get(name, {})
        first = next((places[unit] for unit in part if unit in places), None)
        if first is None:  # another sheet, that is not imported now
            continue
        last = f"{first.rpartition(':')[0]}:1"
        for unit in part:
            last = places.get(unit, last)
            if unit not in places and unit not in state.logs.get(name, {}):
                state.problems.append(
                    f"{last}: the row of {unit!r} is missing after this line; put it back (its label may stay empty)"
                )


def _is_new(state: _Import, coder: str, unit: str) -> bool:
    known, code = state.logs.get(coder, {}).get(unit), state.codes[coder, unit]
    if known is None or not _same_code(known, code):
        return True
    return (coder, unit) in state.dated and known.codebook_version != code.codebook_version


def _same_code(one: Code, other: Code) -> bool:
    """Say whether two codes say the same; when they were given is not part of it."""
    names = ("label", "secondary", "sure", "comment", "reason")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _append(
    folder: Path, codes: Mapping[tuple[str, str], Code], codebook: Codebook, *, settled: bool = False
) -> dict[str, int]:
    """Append codes to the logs of their coders, all of them or none, and keep the codebook that they were given under.

    `settled`: codes were given under this version before, and its text is kept already.
    """
    rows: dict[str, list[str]] = {}
    for (coder, unit), code in codes.items():
        rows.setdefault(coder, []).append(to_json({"id": unit} | log_row(code)) + "\n")
    make_folder(folder / "codes")
    save_revision(folder, codebook, again=not settled)
    logs: dict[Path, list[str]] = {}
    with locked(folder / "codes"):  # what a coder saves in the browser meanwhile is not lost
        for coder, lines in rows.items():
            path = folder / "codes" / f"{coder}.jsonl"
            before = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
            logs[path] = [before if before.endswith("\n") or not before else before + "\n", *lines]
        write_together(logs)
    return {coder: len(lines) for coder, lines in rows.items()}


def _make_folder(sheets: Sequence[Path], folder: Path, coder: str | None, now: str) -> Imported:
    """Make a labels folder from the files: their texts are its paragraphs, their labels its frames."""
    has_codebook = (folder / FILE_NAME).exists()
    state = _Import({}, load_codebook(folder) if has_codebook else Codebook("", 1, "", ()), {}, now)
    read: list[tuple[Sequence[LabelRow], str, bool]] = []
    labels: list[str] = []
    bad_dates: list[str] = []
    for sheet in sheets:
        rows, encoding, own_names = _rows_of(state, sheet, coder)
        read.append((rows, encoding, own_names))
        for row in rows:
            known = state.by_text.setdefault(plain_text(row.prose()), [])
            identity = row.optional("id") or (known[0] if known else f"u{len(state.units) + 1}")
            if identity not in state.units:
                state.units[identity] = unit_of(row, identity, bad_dates)
                known.append(identity)
            labels += [label for label in (row.optional("label"), row.optional("secondary")) if label]
    if not has_codebook:
        state.codebook = _codebook_of(folder, [label for label in labels if label.lower() != SKIP])
        state.notes.append(f"{folder / FILE_NAME}: made from the labels; write down what they mean and the rules")
    for rows, encoding, own_names in read:
        for row in rows:
            try:
                _add_row(state, row, encoding, coder, None, own_names=own_names)
            except LabelsError as error:
                state.problems.append(str(error))
    if state.problems:
        return Imported(tuple(state.problems), tuple(state.notes))
    make_folder(folder)
    if not has_codebook:
        with replacing_text(folder / FILE_NAME) as file:
            file.write(codebook_toml(state.codebook))
    with replacing_text(folder / PARAGRAPHS) as file:
        for unit in state.units.values():
            names = ("id", "article", "source", "kind", "date", "url", "target", "text", "inclusion")
            values = {name: getattr(unit, name) for name in names}
            file.write(to_json({name: value for name, value in values.items() if value is not None}) + "\n")
    written = _append(folder, state.codes, state.codebook)
    return Imported((), tuple(state.notes), written, 0, state.empty)


def _codebook_of(folder: Path, labels: Sequence[str]) -> Codebook:
    try:
        return codebook_from_labels(folder.resolve().name, labels)
    except LabelsError as error:
        raise LabelsError(
            f"{folder}: has no codebook, and the labels of these files make none: they are "
            f"{', '.join(sorted(set(labels))) or 'all empty'}; write {folder / FILE_NAME} first"
        ) from error
