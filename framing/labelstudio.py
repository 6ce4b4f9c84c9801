"""Label Studio: the JSON export (tasks with annotations), the flat JSON-MIN export, and the JSON that it imports."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TextIO
from xml.etree import ElementTree

from framing.codebook import Codebook
from framing.errors import LabelsError
from framing.labelrows import LabelRow
from framing.labels import ADJUDICATED, Code, Labels
from framing.rows import shown
from framing.taskrows import (
    BESIDE_LABELS,
    OWN,
    UNIT_ID,
    Context,
    Record,
    about_unit,
    answers_of,
    as_list,
    as_object,
    codes_of_unit,
    is_code,
    joined,
    json_line,
    present,
    task_row,
    two_labels,
    user_name,
    utc,
)

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SURE = {"yes": True, "no": False}


def read_labelstudio(records: Sequence[tuple[Record, str]], context: Context) -> Iterator[LabelRow]:
    """Yield a row for each code of the records, and for each unit without one; raises LabelsError."""
    named = [(name, where) for record, where in records for name in _controls(record, where)]
    context = Context(context.coder, context.notes, _labels_control(named))
    for record, where in records:
        if "data" in record:
            yield from _task_rows(record, where, context)
        elif _is_minimal(record):
            yield _minimal_row(record, where, context)
        else:
            raise LabelsError(f"{where}: is no Label Studio task: it has no `data`; export the project as JSON")


def _is_minimal(record: Record) -> bool:
    return "annotator" in record


def _controls(record: Record, where: str) -> Iterator[str]:
    """Yield the names of the controls that may hold the label."""
    if "data" in record:
        for annotation in as_list(record.get("annotations") or [], where, "annotations"):
            for result in _results(as_object(annotation, where, "an annotation"), where):
                if result.get("type") == "choices":
                    yield str(result.get("from_name"))
    elif _is_minimal(record):
        # The answers stand between the task's number and who gave them.
        keys = list(record)
        answers = keys[keys.index("id") + 1 if "id" in keys else 0 : keys.index("annotator")]
        yield from ("label",) if record.get("label") else (key for key in answers if key != "comment")


def _labels_control(named: Iterable[tuple[str, str]]) -> str | None:
    """Return the control that holds the labels: `label`, else the only one there is."""
    places: dict[str, str] = {}
    for name, where in named:
        if name not in ("secondary", "sure"):
            places.setdefault(name, where)
    if "label" in places or not places:
        return "label"
    if len(places) > 1:
        names = ", ".join(places)
        raise LabelsError(
            f"{list(places.values())[1]}: it is unclear which of {names} is the label; "
            "name that one `label` (from_name) and export the project as JSON"
        )
    return next(iter(places))


def _task_rows(task: Record, where: str, context: Context) -> Iterator[LabelRow]:
    data = as_object(task["data"], where, "data")
    annotations = [as_object(value, where, "an annotation") for value in as_list(task.get("annotations") or [], where)]
    if task.get("predictions"):
        context.notes["task", "with predictions: a model's, not read"] += 1
    for annotation in annotations:
        code = _annotation_code(annotation, where, context)
        if not is_code(code):
            context.notes["annotation", "without a choice: not coded"] += 1
        yield task_row(where, data.get("text"), data, code, context.coder, text_name="data.text")
    if not annotations:
        yield task_row(where, data.get("text"), data, {}, context.coder, text_name="data.text")


def _results(annotation: Record, where: str) -> list[Record]:
    return [as_object(value, where, "a result") for value in as_list(annotation.get("result") or [], where, "result")]


def _annotation_code(annotation: Record, where: str, context: Context) -> dict[str, object]:
    chosen: dict[str, list[object]] = {}
    texts: list[object] = []
    remarks: list[object] = []
    own: Record = {}
    for result in _results(annotation, where):
        value, meta = result.get("value"), result.get("meta")
        value = value if isinstance(value, dict) else {}
        if result.get("type") == "choices":
            chosen.setdefault(str(result.get("from_name")), []).extend(answers_of(value.get("choices"), "choices"))
        elif result.get("type") == "textarea":
            texts += answers_of(value.get("text"), "text")
        if isinstance(meta, dict):
            remarks += answers_of(meta.get("text"), "text")
            own = meta[OWN] if isinstance(meta.get(OWN), dict) else own
    code = _choices_code(chosen, texts or remarks, where, context)
    if annotation.get("was_cancelled") is True:
        code |= {"label": None, "secondary": None, "skip": True}
    code["coder"] = user_name(annotation.get("completed_by"), where)
    code["time"] = utc(annotation.get("updated_at") or annotation.get("created_at"), where)
    # A copy that a person made of an annotation is that person's.
    if own and annotation.get("parent_annotation") is None:
        code |= {name: own.get(name) for name in BESIDE_LABELS}
        code["coder"] = own.get("coder") or code["coder"]
    return code


def _choices_code(
    chosen: Mapping[str, Sequence[object]], texts: Sequence[object], where: str, context: Context
) -> dict[str, object]:
    label, secondary = two_labels([*chosen.get(context.control or "label", ()), *chosen.get("secondary", ())], where)
    sure = list(chosen.get("sure", ()))
    if sure not in ([], *([answer] for answer in _SURE)):
        raise LabelsError(f"{where}: sure must be yes, no or empty, not {shown(sure)}")
    return {
        "label": label,
        "secondary": secondary,
        "sure": _SURE[str(sure[0])] if sure else None,
        "comment": joined(texts, where),
    }


def _minimal_row(record: Record, where: str, context: Context) -> LabelRow:
    """Return the row of a record of the JSON-MIN export, which has no skips."""
    names = (context.control or "label", "secondary", "sure")
    chosen = {name: answers_of(record.get(name), "choices") for name in names}
    code = _choices_code(chosen, answers_of(record.get("comment"), "text"), where, context)
    code["coder"] = user_name(record.get("annotator"), where)
    code["time"] = utc(record.get("updated_at") or record.get("created_at"), where)
    return task_row(where, record.get("text"), record, code, context.coder)


def write_labelstudio(labels: Labels, file: TextIO) -> None:
    """Write the units with their codes; those without are tasks to be done."""
    separator = "[\n"
    for unit in labels.units:
        data = {"text": unit.text, UNIT_ID: unit.id} | present(about_unit(unit))
        annotations = [_annotation(code, coder) for coder, code in codes_of_unit(labels, unit.id)]
        file.write(separator + json_line({"data": data, "annotations": annotations}))
        separator = ",\n"
    file.write("\n]\n" if labels.units else "[]\n")


def _annotation(code: Code, coder: str) -> dict[str, object]:
    own = {"coder": coder} | present({name: getattr(code, name) for name in BESIDE_LABELS})
    label = _result("label", "choices", [] if code.label is None else [code.label])
    results = [label | {"meta": {OWN: own}}]
    if code.label is not None and code.secondary is not None:
        results.append(_result("secondary", "choices", [code.secondary]))
    if code.sure is not None:
        results.append(_result("sure", "choices", [answer for answer, sure in _SURE.items() if sure == code.sure]))
    if code.comment is not None:
        results.append(_result("comment", "textarea", [code.comment]))
    annotation: dict[str, object] = {
        "was_cancelled": code.label is None,
        "ground_truth": coder == ADJUDICATED,  # its import takes a missing one for true
        "result": results,
    }
    # Its import refuses a name that is not an e-mail address, and takes the importing user where there is none.
    return annotation | ({"completed_by": {"email": coder}} if _EMAIL.fullmatch(coder) else {})


def _result(name: str, kind: str, answers: list[str]) -> dict[str, object]:
    value = {"choices" if kind == "choices" else "text": answers}
    return {"id": name, "from_name": name, "to_name": "text", "type": kind, "value": value, "origin": "manual"}


def labelling_config(codebook: Codebook) -> str:
    """Return the labelling interface (XML) of a Label Studio project for the tasks that `write_exchange` writes."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Text", name="text", value="$text")
    ElementTree.SubElement(view, "Header", value=codebook.question)
    _add_frames(view, codebook, "label", required="true")
    ElementTree.SubElement(view, "Header", value="A second label, only where the paragraph has one", size="5")
    _add_frames(view, codebook, "secondary", required="false")
    ElementTree.SubElement(view, "Header", value="Are you sure?", size="5")
    sure = ElementTree.SubElement(view, "Choices", name="sure", toName="text", choice="single", showInline="true")
    for answer in _SURE:
        ElementTree.SubElement(sure, "Choice", value=answer)
    ElementTree.SubElement(
        view, "TextArea", name="comment", toName="text", placeholder="Comment", rows="2", maxSubmissions="1"
    )
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _add_frames(view: ElementTree.Element, codebook: Codebook, name: str, *, required: str) -> None:
    choices = ElementTree.SubElement(
        view, "Choices", name=name, toName="text", choice="single", required=required, showInline="false"
    )
    for frame in codebook.frames:
        # `html` is what the coder sees; `value` is what is exported.
        choice = ElementTree.SubElement(choices, "Choice", value=frame.id, html=escape(frame.title))
        if frame.definition:
            choice.set("hint", frame.definition)
