"""Prodigy: JSON Lines of choice and of binary text classification."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TextIO

from framing.errors import LabelsError
from framing.labelrows import LabelRow
from framing.labels import Labels
from framing.rows import shown
from framing.taskrows import (
    BESIDE_LABELS,
    OWN,
    UNIT_ID,
    Context,
    Record,
    about_unit,
    as_list,
    as_object,
    joined,
    json_line,
    present,
    seconds_of,
    task_row,
    tasks_of_unit,
    time_of,
    two_labels,
    user_name,
)

_UNNAMED_SESSION = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")


def read_prodigy(records: Sequence[tuple[Record, str]], context: Context) -> Iterator[LabelRow]:
    """Yield a row for each code of the records, and for each unit without one; raises LabelsError."""
    for record, where in records:
        answer = record.get("answer")
        if answer not in (None, "accept", "reject", "ignore"):
            raise LabelsError(f"{where}: answer must be accept, reject or ignore, not {shown(answer)}")
        if answer == "reject":
            task_row(where, record.get("text"), {}, {}, None)
            context.notes["row", "with the answer reject: it says only what the label is not, and gives no code"] += 1
            continue
        own = record.get(OWN)
        own = own if isinstance(own, dict) else {}
        unit, code = (as_object(own.get(key) or {}, where, f"{OWN}.{key}") for key in ("unit", "code"))
        given = {} if answer is None else _prodigy_code(record, code, where)
        if answer == "accept" and given["label"] is None:
            context.notes["row", "accepted without a choice: not coded"] += 1
        yield task_row(where, record.get("text"), unit, given, context.coder)


def _prodigy_code(record: Record, own: Record, where: str) -> dict[str, object]:
    code: dict[str, object] = {"label": None, "secondary": None}
    if record["answer"] == "ignore":
        code["skip"] = True
    else:
        code["label"], code["secondary"] = two_labels(_accepted(record, where), where)
    meta = record.get("meta")
    remarks = [record.get(key) for key in ("user_comment", "comment", "user_input")]
    remarks.append(meta.get("comment") if isinstance(meta, dict) else None)
    code["comment"] = joined([remark for remark in remarks if remark][:1], where)
    names = (user_name(record.get(key), where) for key in ("_annotator_id", "_session_id"))
    code["coder"] = next((name for name in names if name and not _UNNAMED_SESSION.fullmatch(name)), None)
    code["time"] = time_of(record.get("_timestamp"), where)
    # What was written with a code holds only as long as nobody has answered anew.
    if own.get("coder") == code["coder"] and seconds_of(own.get("time")) == record.get("_timestamp"):
        code |= {key: value for key, value in own.items() if key in ("sure", *BESIDE_LABELS)}
    return code


def _accepted(record: Record, where: str) -> list[object]:
    options = [as_object(value, where, "an option") for value in as_list(record.get("options") or [], where, "options")]
    if "accept" in record:
        # An option's id may be a number; what the coder saw is then its text.
        texts = {option.get("id"): option.get("text") for option in options if isinstance(option.get("id"), int)}
        accepted = as_list(record["accept"] or [], where, "accept")
        return [texts.get(value, value) if isinstance(value, int) else value for value in accepted]
    if "label" in record:
        return [record["label"]]
    if options:
        return []
    raise LabelsError(f"{where}: has neither `accept` nor `label`; only choices and text classification are read")


def write_prodigy(labels: Labels, file: TextIO) -> None:
    """Write the units with their codes; those without are tasks to be done."""
    options = [{"id": frame.id, "text": frame.title} for frame in labels.codebook.frames]
    for unit in labels.units:
        about = {UNIT_ID: unit.id} | present(about_unit(unit))
        for coder, code in tasks_of_unit(labels, unit.id):
            task: dict[str, object] = {"text": unit.text, "options": options, OWN: {"unit": about}}
            if code is not None:
                pair = [] if code.label is None else [code.label, code.secondary]
                task |= {"accept": [label for label in pair if label is not None]}
                task |= {"answer": "ignore" if code.label is None else "accept", "_view_id": "choice"}
                task |= {"_annotator_id": coder, "_session_id": coder}
                task |= present({"_timestamp": seconds_of(code.time), "user_comment": code.comment})
                own = {"coder": coder} | {name: getattr(code, name) for name in ("sure", *BESIDE_LABELS)}
                task[OWN] = {"unit": about, "code": present(own)}
            file.write(json_line(task) + "\n")
