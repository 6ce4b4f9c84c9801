"""The rows of annotation tools: what Label Studio, doccano and Prodigy have in common.

What a tool has no field for (a unit's id, a code's time) is written where the tool keeps it: in Label Studio in the
task's `data` and the `meta` of a result, in doccano in columns of their own, in Prodigy under the key `framing`.
A coder's name is in such a place too, because Label Studio takes only e-mail addresses of its members.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from framing.errors import LabelsError
from framing.labelrows import LabelRow
from framing.labels import ADJUDICATED, Code, Labels, Unit
from framing.rows import shown

Record = Mapping[str, object]
UNIT_FIELDS = tuple(item.name for item in fields(Unit) if item.name not in ("id", "text", "place"))
CODE_FIELDS = tuple(item.name for item in fields(Code) if item.name not in ("unit", "coder", "place"))
BESIDE_LABELS = tuple(name for name in CODE_FIELDS if name not in ("label", "secondary", "sure", "comment"))
"""What a code says that no tool has a field for."""
UNIT_ID = "unit_id"
"""The unit's id in their files, where `id` is the tool's own number."""
OWN = "framing"
_LINE_ENDS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"})
"""Some readers of JSON Lines end a line at these."""


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for all records of one file."""

    coder: str | None
    """The name of a coder that no record names."""
    notes: Counter[tuple[str, str]]
    """How often something is to be told: noun, rest of the sentence."""
    control: str | None = None
    """Label Studio: the name of the choices that are the labels."""


def task_row(
    where: str, text: object, unit: Record, code: Record, coder: str | None, *, text_name: str = "text"
) -> LabelRow:
    """Return the checked row of a unit and a code; `coder` where the code names none."""
    if not isinstance(text, str) or not text.strip():
        raise LabelsError(f"{where}: {text_name} is missing or empty; it must be the paragraph, as text")
    values: dict[str, object] = {"id": unit.get(UNIT_ID), "text": text}
    values |= {name: unit.get(name) for name in UNIT_FIELDS}
    values |= {name: code.get(name) for name in CODE_FIELDS}
    values["coder"] = code.get("coder") or coder
    if code.get("skip"):
        values["skip"] = True
    row = LabelRow(values, where, True)  # written by people, as a sheet is: capitals and titles will do
    row.prose()
    return row


def is_code(code: Record) -> bool:
    """Say whether a coder gave a label, or a skip."""
    return code.get("label") is not None or code.get("skip") is True


def two_labels(given: Sequence[object], where: str) -> tuple[str | None, str | None]:
    """Return the label and the secondary label."""
    labels = [value for value in given if isinstance(value, str) and value.strip()]
    if len(labels) < len(given):
        wrong = next(value for value in given if value not in labels)
        raise LabelsError(f"{where}: a label must be text, not {shown(wrong)}; only labels of whole texts are read")
    if len(labels) > 2:
        raise LabelsError(
            f"{where}: has {len(labels)} labels ({', '.join(labels)}); keep the label and at most a secondary one"
        )
    label, secondary = [*labels, None, None][:2]
    return label, secondary


def codes_of_unit(labels: Labels, unit: str) -> list[tuple[str, Code]]:
    """Return the codes of a unit by coder, what was adjudicated last."""
    by_coder = {**labels.codes, ADJUDICATED: labels.adjudicated}
    return [(coder, codes[unit]) for coder, codes in by_coder.items() if unit in codes]


def tasks_of_unit(labels: Labels, unit: str) -> list[tuple[str, Code | None]]:
    """Return the codes of a unit by coder, or one task to be done."""
    return [*codes_of_unit(labels, unit)] or [("", None)]


def about_unit(unit: Unit) -> dict[str, object]:
    """Return the fields of a unit beside its id and text."""
    return {name: getattr(unit, name) for name in UNIT_FIELDS}


def present(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values that are there."""
    return {key: value for key, value in values.items() if value is not None}


def as_object(value: object, where: str, name: str = "it") -> Record:
    """Return a value that must be an object; raises LabelsError."""
    if not isinstance(value, dict):
        raise LabelsError(f"{where}: {name} must be an object, not {shown(value)}; export it anew")
    return value


def as_list(value: object, where: str, name: str = "it") -> list[object]:
    """Return a value that must be a list; raises LabelsError."""
    if not isinstance(value, list):
        raise LabelsError(f"{where}: {name} must be a list, not {shown(value)}; export it anew")
    return value


def joined(texts: Sequence[object], where: str) -> str | None:
    """Return comments as one, None where there is none."""
    for text in texts:
        if not isinstance(text, str):
            raise LabelsError(f"{where}: a comment must be text, not {shown(text)}")
    return "\n".join(dict.fromkeys(str(text) for text in texts)) or None


def utc(time: object, where: str) -> str | None:
    """Return an ISO 8601 time in UTC, to the second; one without a zone is in UTC."""
    if time is None:
        return None
    with suppress(ValueError, OverflowError):
        if isinstance(time, str):
            moment = datetime.fromisoformat(time)
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    raise LabelsError(f"{where}: {shown(time)} is no time in ISO 8601, such as 2024-05-01T12:00:00Z")


def time_of(seconds: object, where: str) -> str | None:
    """Return seconds since 1970 as ISO 8601 in UTC."""
    if seconds is None:
        return None
    with suppress(ValueError, OverflowError, OSError):
        if isinstance(seconds, int | float) and not isinstance(seconds, bool):
            return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    raise LabelsError(f"{where}: _timestamp must be seconds since 1970, not {shown(seconds)}")


def seconds_of(time: object) -> int | None:
    """Return an ISO 8601 time as seconds since 1970; None for what is none."""
    with suppress(ValueError, LabelsError):
        text = utc(time, "")
        return None if text is None else int(datetime.fromisoformat(text).timestamp())
    return None


def json_line(value: object) -> str:
    """Return a value as JSON on one line, for every reader's idea of a line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).translate(_LINE_ENDS)


def answers_of(value: object, key: str) -> list[object]:
    """Return the answers of a control: a text, an object with a text or a list under `key`, or a list of these."""
    found: list[object] = []
    for part in value if isinstance(value, list) else [value]:
        held = part.get(key, part) if isinstance(part, dict) else [part]
        found += held if isinstance(held, list) else [held]
    return [answer for answer in found if answer is not None and answer != ""]


def user_name(user: object, where: str) -> str | None:
    """Return the name of a user who is given by number, by e-mail address, or by an object."""
    if isinstance(user, dict):
        user = next((user[key] for key in ("email", "username", "id") if user.get(key)), None)
    if user is None or (isinstance(user, str) and not user.strip()):
        return None
    if isinstance(user, bool) or not isinstance(user, str | int):
        raise LabelsError(f"{where}: the coder must be a number, an e-mail address or an object, not {shown(user)}")
    return str(user).strip()
