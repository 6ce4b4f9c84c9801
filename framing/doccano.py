"""doccano: JSON Lines or JSON of text classification, single or in the zip that holds a file for each user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from framing.errors import LabelsError
from framing.labelrows import LabelRow
from framing.labels import Labels
from framing.rows import shown
from framing.taskrows import (
    BESIDE_LABELS,
    CODE_FIELDS,
    UNIT_FIELDS,
    UNIT_ID,
    Context,
    Record,
    about_unit,
    answers_of,
    as_list,
    as_object,
    joined,
    json_line,
    task_row,
    tasks_of_unit,
    two_labels,
    user_name,
)

LABEL_KEYS = ("label", "labels", "annotations", "cats")


def read_doccano(records: Sequence[tuple[Record, str]], context: Context) -> Iterator[LabelRow]:
    """Yield a row for each code of the records, and for each unit without one; raises LabelsError."""
    for record, where in records:
        key = next((key for key in LABEL_KEYS if key in record), None)
        if key is None:
            raise LabelsError(f"{where}: has no `label`, the labels of a doccano row; export the project as JSONL")
        meta = record.get("meta")
        about = {**(meta if isinstance(meta, dict) else {}), **record}
        text = record.get("text", record.get("data"))
        values = {name: _from_text(name, about.get(name), where) for name in (UNIT_ID, *UNIT_FIELDS, *CODE_FIELDS)}
        comments = [_from_text("comment", about.get("comment"), where), *answers_of(record.get("Comments"), "text")]
        for user, given in _doccano_labels(record, key, where):
            code = {name: values[name] for name in ("sure", *BESIDE_LABELS)}
            code["label"], code["secondary"] = _doccano_pair(given, about.get("secondary"), where, context)
            code["comment"] = joined([comment for comment in comments if comment is not None], where)
            code["coder"] = user or user_name(about.get("coder") or about.get("username"), where)
            if code["label"] is None and _from_text("skip", about.get("skip"), where) is True:
                code["skip"] = True
            yield task_row(where, text, values, code, context.coder)


def _doccano_labels(record: Record, key: str, where: str) -> list[tuple[str | None, list[object]]]:
    """Return the labels by user; the older exports have an object for each label, the newer ones do not say whose."""
    given = record[key]
    if key != "annotations":
        return [(None, answers_of(given, key))]
    by_user: dict[str | None, list[object]] = {}
    for value in as_list(given, where, "annotations"):
        item = as_object(value, where, "an annotation")
        label = item.get("label_name", item.get("label"))
        if not isinstance(label, str):
            raise LabelsError(f"{where}: gives a label by number ({shown(label)}); export it as JSONL (text label)")
        user = item.get("user_name", item.get("user"))
        by_user.setdefault(user_name(user, where), []).append(label)
    return list(by_user.items()) or [(None, [])]


def _doccano_pair(
    given: Sequence[object], secondary: object, where: str, context: Context
) -> tuple[str | None, str | None]:
    label, second = two_labels(given, where)
    if second is None:
        return label, None
    if secondary in given:
        return (second if label == secondary else label), str(secondary)
    context.notes["row", "with two labels: doccano sorts them, so the second may have been given first"] += 1
    return label, second


def _from_text(name: str, value: object, where: str) -> object:
    """Undo `_to_text`."""
    if value is None or value == "":
        return None
    if name in ("sure", "skip") and isinstance(value, str):
        if value not in ("true", "false"):
            raise LabelsError(f"{where}: {name} must be true, false or empty, not {shown(value)}")
        return value == "true"
    if name in ("inclusion", "codebook_version") and isinstance(value, str):
        try:
            return float(value) if name == "inclusion" else int(value)
        except ValueError as error:
            raise LabelsError(f"{where}: {name} must be a number, not {shown(value)}") from error
    return value


def _to_text(value: object) -> str:
    """Return a value as text, empty for None: doccano rounds numbers and makes NaN of what a column lacks."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def write_doccano(labels: Labels, file: TextIO) -> None:
    """Write the units with their codes; those without are tasks to be done."""
    for unit in labels.units:
        for coder, code in tasks_of_unit(labels, unit.id):
            pair = [] if code is None else [label for label in (code.label, code.secondary) if label is not None]
            row: dict[str, object] = {"text": unit.text, "label": pair if code and code.label is not None else []}
            columns = {UNIT_ID: unit.id} | about_unit(unit) | {"coder": coder}
            columns |= {name: getattr(code, name, None) for name in CODE_FIELDS if name != "label"}
            columns["skip"] = None if code is None else code.label is None
            file.write(json_line(row | {name: _to_text(value) for name, value in columns.items()}) + "\n")
