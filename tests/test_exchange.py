"""The files of Label Studio, doccano and Prodigy: read as documented, written so that they come back the same."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.codebook import Codebook, Frame
from framing.errors import LabelsError, UsageError
from framing.exchange import FORMS, Exchange, read_exchange, sniff, write_exchange
from framing.labelrows import code_of, unit_of
from framing.labels import ADJUDICATED, Code, Labels, Unit
from framing.labelstudio import labelling_config

EXAMPLES = Path(__file__).parent / "exchange"
CODEBOOK = Codebook(
    "mood",
    1,
    "How is it told?",
    (Frame("good", "Good <news>", 'It is "praised"\nby the author.'), Frame("bad", "Bad"), Frame("none", "None")),
)

UNIT = Unit("u1", "The envoy was welcomed.", "a1", "Daily", "news", "2024-05-01", "https://example.org/1", "Rome", 0.25)
UNITS = (UNIT, Unit("u2", "Строка\tодна\nдве\u2028три 🙂"), Unit("u3", "Nobody has looked at this."))
CODES = {
    "anna@example.org": {
        "u1": Code("u1", "anna@example.org", "good", "bad", True, "plain\npraise", "2024-05-01T12:00:00Z", 2),
        "u2": Code("u2", "anna@example.org", None, comment="cannot tell"),
    },
    "Bob Ö.": {"u1": Code("u1", "Bob Ö.", "bad", sure=False), "u2": Code("u2", "Bob Ö.", "none", time="yesterday")},
}
SETTLED = {"u1": Code("u1", ADJUDICATED, "good", reason="rule 1", adjudicator="carol")}
LABELS = Labels(CODEBOOK, UNITS, CODES, SETTLED)


def written(labels: Labels, form: str) -> str:
    file = io.StringIO()
    write_exchange(labels, form, file)
    return file.getvalue()


def read(text: str, form: str, folder: Path, name: str = "all.jsonl", coder: str | None = None) -> Exchange:
    path = folder / name
    path.write_bytes(text.encode())
    return read_exchange(path, form, coder)


def meaning(result: Exchange) -> tuple[dict[str, Unit], dict[tuple[str, str], Code]]:
    """Return units and codes by id, and by coder and unit, as an import makes them of the rows."""
    units: dict[str, Unit] = {}
    codes: dict[tuple[str, str], Code] = {}
    for row in result.rows:
        bad_dates: list[str] = []
        unit = unit_of(row, row.required("id"), bad_dates)
        assert not bad_dates
        assert units.setdefault(unit.id, unit) == unit
        if row.values["label"] is not None or "skip" in row.values:
            coder = row.required("coder")
            code = code_of(row, unit.id, coder, None)
            assert (code.label is None) is ("skip" in row.values)
            assert (coder, unit.id) not in codes
            codes[coder, unit.id] = code
    return units, codes


def expected(labels: Labels) -> tuple[dict[str, Unit], dict[tuple[str, str], Code]]:
    by_coder = {**labels.codes, ADJUDICATED: labels.adjudicated}
    codes = {(coder, unit): code for coder, given in by_coder.items() for unit, code in given.items()}
    return {unit.id: unit for unit in labels.units}, codes


def told(row: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in row.items() if value is not None and key != "text"}


# Round trips.


@pytest.mark.parametrize("form", FORMS)
def test_units_and_codes_come_back_as_they_were_written(form: str, tmp_path: Path) -> None:
    result = read(written(LABELS, form), form, tmp_path)
    assert meaning(result) == expected(LABELS)
    assert result.messages == ()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_written_is_told_by_its_content(form: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(written(LABELS, form), encoding="utf-8")
    assert sniff(path) == form


@pytest.mark.parametrize("form", FORMS)
def test_a_unit_without_codes_is_a_task_to_be_done(form: str, tmp_path: Path) -> None:
    labels = Labels(CODEBOOK, UNITS[2:], {})
    (row,) = read(written(labels, form), form, tmp_path).rows
    assert told(row.values) == {"id": "u3"}


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
texts = words.filter(lambda text: text.strip() != "")
stripped = texts.map(str.strip).filter(bool)
coders = stripped.filter(lambda name: name != ADJUDICATED)
times = st.none() | st.datetimes().map(lambda time: time.replace(microsecond=0).isoformat() + "Z") | stripped


@st.composite
def codes(draw: st.DrawFn, unit: str, coder: str) -> Code:
    first, second, _ = draw(st.permutations(["good", "bad", "none"]))
    label, secondary = draw(st.sampled_from([(first, second), (first, None), (None, None)]))
    return Code(
        unit,
        coder,
        label,
        secondary,
        draw(st.none() | st.booleans()),
        draw(st.none() | stripped),
        draw(times),
        draw(st.none() | st.integers(1, 99)),
        draw(st.none() | stripped),
        draw(st.none() | stripped),
    )


def units_of(id: str) -> st.SearchStrategy[Unit]:
    some = st.none() | stripped
    date = st.none() | st.dates().map(str)
    inclusion = st.none() | st.floats(1e-9, 1)
    return st.builds(Unit, st.just(id), texts, some, some, some, date, some, some, inclusion)


@st.composite
def label_sets(draw: st.DrawFn) -> Labels:
    ids = draw(st.lists(stripped, min_size=1, max_size=3, unique=True))
    units = tuple(draw(units_of(id)) for id in ids)
    names = [*draw(st.lists(coders, max_size=2, unique=True)), ADJUDICATED]
    given = {name: {id: draw(codes(id, name)) for id in ids if draw(st.booleans())} for name in names}
    settled = given.pop(ADJUDICATED)
    return Labels(CODEBOOK, units, given, settled)


@pytest.mark.parametrize("form", FORMS)
@given(labels=label_sets())
@settings(max_examples=60)
def test_any_text_name_and_time_comes_back(form: str, labels: Labels) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = read(written(labels, form), form, Path(folder))
    assert meaning(result) == expected(labels)


@pytest.mark.parametrize("form", FORMS)
def test_no_line_of_a_file_ends_inside_a_text(form: str) -> None:
    text = written(LABELS, form)
    assert text.splitlines() == text.removesuffix("\n").split("\n")


# Label Studio.


def test_label_studio_tasks_are_read_with_coders_skips_and_comments() -> None:
    result = read_exchange(EXAMPLES / "labelstudio.json", "labelstudio")
    assert [told(row.values) for row in result.rows] == [
        {
            "source": "Daily",
            "label": "good",
            "comment": "plain praise",
            "time": "2024-03-09T22:20:08Z",
            "coder": "anna@example.org",
        },
        {"source": "Daily", "coder": "5", "time": "2024-03-09T22:00:00Z", "skip": True},
        {
            "source": "Daily",
            "label": "bad",
            "secondary": "good",
            "time": "2024-03-09T22:16:08Z",
            "coder": "bob@example.org",
        },
        {},
    ]
    assert result.rows[3].values["text"] == "Nobody has looked at this."
    assert result.rows[2].place == f"{EXAMPLES / 'labelstudio.json'}: task 2"
    assert result.messages == ("1 task with predictions: a model's, not read",)


def test_the_minimal_label_studio_export_is_read() -> None:
    result = read_exchange(EXAMPLES / "labelstudio-min.json", "labelstudio")
    time = {"time": "2024-03-09T22:20:08Z"}
    assert [told(row.values) for row in result.rows] == [
        time | {"source": "Daily", "label": "good", "coder": "anna@example.org"},
        time | {"label": "bad", "secondary": "good", "comment": "both, really", "coder": "5"},
    ]


def test_label_studio_gets_an_e_mail_address_as_user_and_no_other_name() -> None:
    first = json.loads(written(LABELS, "labelstudio"))[0]["annotations"]
    assert [annotation.get("completed_by") for annotation in first] == [{"email": "anna@example.org"}, None, None]
    assert [annotation["ground_truth"] for annotation in first] == [False, False, True]


def test_a_coders_name_outlasts_an_import_under_another_user(tmp_path: Path) -> None:
    tasks = json.loads(written(LABELS, "labelstudio"))
    for number, task in enumerate(tasks):  # what Label Studio makes of them
        task |= {"id": number, "meta": {}, "predictions": []}
        for annotation in task["annotations"]:
            annotation |= {"completed_by": 1, "created_at": "2030-01-01T00:00:00.5Z", "parent_annotation": None}
    assert meaning(read(json.dumps(tasks), "labelstudio", tmp_path)) == expected(LABELS)


def test_a_copy_of_an_annotation_is_its_users(tmp_path: Path) -> None:
    tasks = json.loads(written(LABELS, "labelstudio"))[:1]
    del tasks[0]["annotations"][1:]
    tasks[0]["annotations"][0] |= {"completed_by": 4, "parent_annotation": 9}
    (row,) = read(json.dumps(tasks), "labelstudio", tmp_path).rows
    assert (row.values["coder"], row.values["label"], row.values["time"]) == ("4", "good", None)


def test_an_annotation_without_a_choice_is_not_coded(tmp_path: Path) -> None:
    task = {"data": {"text": "A."}, "annotations": [{"completed_by": 1, "result": [], "was_cancelled": False}]}
    result = read(json.dumps([task]), "labelstudio", tmp_path)
    assert told(result.rows[0].values) == {"coder": "1"}
    assert result.messages == ("1 annotation without a choice: not coded",)


def test_of_several_choices_the_one_named_label_is_read(tmp_path: Path) -> None:
    result = [
        {"type": "choices", "from_name": "topic", "value": {"choices": ["war"]}},
        {"type": "choices", "from_name": "label", "value": {"choices": ["good"]}},
    ]
    task = {"data": {"text": "A."}, "annotations": [{"completed_by": 1, "result": result}]}
    (row,) = read(json.dumps([task]), "labelstudio", tmp_path).rows
    assert row.values["label"] == "good"


def test_the_labelling_interface_offers_every_frame_under_its_id() -> None:
    view = ElementTree.fromstring(labelling_config(CODEBOOK))
    assert [tag.get("value") for tag in view.iter("Text")] == ["$text"]
    by_name = {tag.get("name"): tag for tag in view.iter("Choices")}
    assert list(by_name) == ["label", "secondary", "sure"]
    for name in ("label", "secondary"):
        assert [choice.get("value") for choice in by_name[name]] == ["good", "bad", "none"]
    assert by_name["label"][0].attrib == {
        "value": "good",
        "html": "Good &lt;news&gt;",
        "hint": 'It is "praised"\nby the author.',
    }
    tasks = json.loads(written(LABELS, "labelstudio"))
    used = {result["from_name"] for task in tasks for given in task["annotations"] for result in given["result"]}
    assert used == {*by_name, "comment"}


# doccano.


def test_a_doccano_file_is_of_the_user_it_is_named_after() -> None:
    path = EXAMPLES / "anna.jsonl"
    result = read_exchange(path, "doccano")
    assert [told(row.values) for row in result.rows] == [
        {"source": "Daily", "label": "good", "comment": "plain praise\nno doubt", "coder": "anna"},
        {"label": "bad", "secondary": "good", "coder": "anna"},
        {"coder": "anna"},
    ]
    assert [row.place for row in result.rows] == [f"{path}:1", f"{path}:2", f"{path}:3"]
    (message,) = result.messages
    assert message.startswith("1 row with two labels: doccano sorts them")


def test_the_older_doccano_exports_are_read() -> None:
    result = read_exchange(EXAMPLES / "doccano-old.jsonl", "doccano", "dora")
    assert [told(row.values) for row in result.rows] == [
        {"source": "Daily", "label": "good", "coder": "admin"},
        {"source": "Daily", "label": "bad", "coder": "guest"},
        {"label": "bad", "coder": "dora"},
        {"label": "bad", "coder": "guest"},
    ]


def test_the_doccano_export_as_json_is_read() -> None:
    result = read_exchange(EXAMPLES / "doccano.json", "doccano", "dora")
    assert [(row.values["text"], row.values["label"]) for row in result.rows] == [
        ("The envoy was welcomed in the valley.", "good"),
        ("The bridge was blocked.", None),
    ]


def test_the_zip_of_doccano_has_a_file_for_each_user(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name in ("bob", "anna", "all"):
            packed.writestr(f"{name}.jsonl", '{"id": 1, "text": "A.", "label": ["good"]}\n')
        packed.writestr("README.txt", "Hello.")
    assert sniff(path) == "doccano"
    result = read_exchange(path, "doccano", "dora")
    assert [(row.values["coder"], row.place) for row in result.rows] == [
        ("dora", f"{path}/all.jsonl:1"),
        ("anna", f"{path}/anna.jsonl:1"),
        ("bob", f"{path}/bob.jsonl:1"),
    ]


def test_a_code_that_nobody_is_named_for_is_told(tmp_path: Path) -> None:
    result = read('{"id": 1, "text": "A.", "label": ["good"]}', "doccano", tmp_path)
    assert result.rows[0].values["coder"] is None
    assert result.messages == ("1 code without the name of a coder",)


def test_the_second_label_stays_the_second_when_doccano_sorts_them(tmp_path: Path) -> None:
    row = json.loads(written(LABELS, "doccano").splitlines()[0])
    assert row["label"] == ["good", "bad"]
    row |= {"id": 1, "label": sorted(row["label"])}
    result = read(json.dumps(row), "doccano", tmp_path)
    assert (result.rows[0].values["label"], result.rows[0].values["secondary"]) == ("good", "bad")
    assert result.messages == ()


# Prodigy.


def test_prodigy_choices_are_read_with_sessions_times_and_comments() -> None:
    result = read_exchange(EXAMPLES / "prodigy-choice.jsonl", "prodigy", "dora")
    assert [told(row.values) for row in result.rows] == [
        {"label": "good", "comment": "plain praise", "time": "2024-03-09T22:20:08Z", "coder": "mood-anna"},
        {"label": "bad", "secondary": "good", "time": "2024-03-09T22:20:09Z", "coder": "dora"},
        {"time": "2024-03-09T22:20:10Z", "coder": "mood-anna", "skip": True},
        {"coder": "mood-anna"},
    ]
    assert result.messages == ("1 row accepted without a choice: not coded",)


def test_a_rejected_prodigy_label_is_no_code_and_counted() -> None:
    result = read_exchange(EXAMPLES / "prodigy-binary.jsonl", "prodigy", "dora")
    assert [told(row.values) for row in result.rows] == [
        {"label": "good", "comment": "plain praise", "coder": "dora"},
        {"coder": "dora", "skip": True},
    ]
    assert result.messages == ("1 row with the answer reject: it says only what the label is not, and gives no code",)


def test_an_answer_given_anew_in_prodigy_does_not_keep_what_was_said_of_the_old_one(tmp_path: Path) -> None:
    row = json.loads(written(LABELS, "prodigy").splitlines()[0])
    row |= {"accept": ["bad"], "_timestamp": row["_timestamp"] + 60}
    (again,) = read(json.dumps(row), "prodigy", tmp_path).rows
    assert (again.values["label"], again.values["secondary"], again.values["sure"]) == ("bad", None, None)
    assert again.values["time"] == "2024-05-01T12:01:00Z"


# Which form a file has, and files that cannot be read.


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("labelstudio.json", "labelstudio"),
        ("labelstudio-min.json", "labelstudio"),
        ("anna.jsonl", "doccano"),
        ("doccano.json", "doccano"),
        ("doccano-old.jsonl", "doccano"),
        ("prodigy-choice.jsonl", "prodigy"),
        ("prodigy-binary.jsonl", "prodigy"),
    ],
)
def test_a_file_is_told_by_its_content(name: str, form: str) -> None:
    assert sniff(EXAMPLES / name) == form


@pytest.mark.parametrize(
    "content",
    [
        '{"text": "A.", "label": "good"}',
        '{"text": "A.", "label": "good", "coder": "anna"}',
        '{"text": "A.", "label": null, "id": "u1"}',
        '{"id": "u1", "label": "good"}',
        "text,label\nA.,good\n",
        "",
        "[]",
        "[[",
        '{"text": ',
        "\x00\x01",
        '[1, {"data": {}}]',
    ],
)
def test_other_files_have_none_of_the_forms(content: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(content, encoding="utf-8")
    assert sniff(path) is None


def test_a_sheet_has_none_of_the_forms(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text((EXAMPLES / "anna.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
    assert sniff(path) is None


TASK = '[{"data": {"text": "A."}, "annotations": %s}]'
RESULT = TASK % '[{"result": [{"type": "choices", "from_name": "%s", "value": {"choices": %s}}]}]'
FAULTS = {
    ("labelstudio", "[{]"): ":1: is not valid JSON",
    ("labelstudio", '[\n{"data": }\n]'): ":2: is not valid JSON",
    ("labelstudio", "[1]"): ": task 1: it must be an object, not 1",
    ("labelstudio", "[]"): ": has no rows",
    ("labelstudio", '[{"text": "A."}]'): ": task 1: is no Label Studio task",
    ("labelstudio", '[{"data": {"body": "A."}}]'): ": task 1: data.text is missing or empty",
    ("labelstudio", '[{"data": {"text": 3}}]'): ": task 1: data.text is missing or empty",
    ("labelstudio", '[{"data": 3}]'): ": task 1: data must be an object, not 3",
    ("labelstudio", TASK % "[7]"): ": task 1: an annotation must be an object, not 7",
    ("labelstudio", TASK % '[{"result": 3}]'): ": task 1: result must be a list, not 3",
    ("labelstudio", TASK % '[{"completed_by": 1.5}]'): ": task 1: the coder must be a number",
    ("labelstudio", TASK % '[{"created_at": "noon"}]'): ": task 1: 'noon' is no time in ISO 8601",
    ("labelstudio", RESULT % ("label", '["a", "b", "c"]')): ": task 1: has 3 labels (a, b, c)",
    ("labelstudio", RESULT % ("label", "[3]")): ": task 1: a label must be text, not 3",
    ("labelstudio", RESULT % ("sure", '["perhaps"]')): ": task 1: sure must be yes, no or empty",
    ("doccano", '{"text": "A.", "label": []}\n{"text": '): ":2: is not valid JSON",
    ("doccano", '{"text": "A.", "label": []}\n[]'): ":2: must be a JSON object",
    ("doccano", '{"text": "A."}'): ":1: has no `label`",
    ("doccano", '{"text": " ", "label": []}'): ":1: text is missing or empty",
    ("doccano", '{"text": "A.", "label": ["a", "b", "c"]}'): ":1: has 3 labels (a, b, c)",
    ("doccano", '{"text": "A.", "label": [[0, 1, "a"]]}'): ':1: a label must be text, not [0, 1, "a"]',
    ("doccano", '{"text": "A.", "annotations": [{"label": 3, "user": 1}]}'): ":1: gives a label by number (3)",
    ("doccano", '{"text": "A.", "label": ["a"], "inclusion": "half"}'): ":1: inclusion must be a number",
    ("doccano", '{"text": "\\ud800", "label": ["a"]}'): ":1: text holds half of a character",
    ("prodigy", '{"text": "A.", "answer": "yes"}'): ":1: answer must be accept, reject or ignore",
    ("prodigy", '{"text": "A.", "answer": "accept", "spans": []}'): ":1: has neither `accept` nor `label`",
    ("prodigy", '{"text": "A.", "answer": "accept", "accept": ["a", "b", "c"]}'): ":1: has 3 labels (a, b, c)",
    ("prodigy", '{"answer": "reject", "label": "a"}'): ":1: text is missing or empty",
    ("prodigy", '{"text": "A.", "answer": "ignore", "_timestamp": "noon"}'): ":1: _timestamp must be seconds",
    ("prodigy", '{"text": "A.", "answer": "accept", "accept": "a"}'): ":1: accept must be a list",
}  # fmt: skip


@pytest.mark.parametrize(("form", "content"), FAULTS, ids=lambda value: str(value)[:50])
def test_a_bad_file_is_an_error_of_one_line_with_its_place(form: str, content: str, tmp_path: Path) -> None:
    with pytest.raises(LabelsError) as error:
        read(content, form, tmp_path)
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'all.jsonl'}{FAULTS[form, content]}")
    assert "\n" not in message


def places_in(value: object) -> list[tuple[str | int, ...]]:
    """Return the path of every value in a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *path) for key, inner in items for path in places_in(inner))]


def replaced(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(inner, path[1:], new) if key == path[0] else inner for key, inner in value.items()}
    assert isinstance(value, list)
    return [replaced(inner, path[1:], new) if key == path[0] else inner for key, inner in enumerate(value)]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["choices", "text", "id"]), inner),
    max_leaves=4,
)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
@settings(max_examples=150)
def test_a_file_with_any_value_anywhere_is_read_or_named_in_one_line(form: str, data: st.DataObject) -> None:
    text = written(LABELS, form)
    records = json.loads(text) if form == "labelstudio" else [json.loads(line) for line in text.split("\n") if line]
    changed = replaced(records, data.draw(st.sampled_from(places_in(records)[1:])), data.draw(json_values))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.json"
        path.write_text(json.dumps(changed), encoding="utf-8")
        sniff(path)
        message = ""
        try:
            for row in read_exchange(path, form).rows:
                unit_of(row, row.optional("id") or "", [])
                code_of(row, "", row.optional("coder") or "", None)
        except LabelsError as error:
            message = str(error)
    assert "\n" not in message


def test_it_must_be_clear_which_choices_are_the_label(tmp_path: Path) -> None:
    result = [{"type": "choices", "from_name": name, "value": {"choices": ["x"]}} for name in ("topic", "tone")]
    tasks = [{"data": {"text": "A."}, "annotations": [{"result": [part]}]} for part in result]
    with pytest.raises(LabelsError, match="task 2: it is unclear which of topic, tone is the label"):
        read(json.dumps(tasks), "labelstudio", tmp_path)


def test_bytes_that_are_not_utf_8_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    path.write_bytes(b'[{"data": {"text": "\xe9"}}]')
    with pytest.raises(LabelsError, match="is not UTF-8"):
        read_exchange(path, "labelstudio")


def test_a_damaged_zip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "download.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("anna.jsonl", '{"id": 1, "text": "A.", "label": ["good"]}\n' * 50)
    content = bytearray(path.read_bytes())
    content[50:60] = b"\xff" * 10
    path.write_bytes(content)
    with pytest.raises(LabelsError, match="damaged or locked zip"):
        read_exchange(path, "doccano")
    assert sniff(path) is None


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="there is no such file"):
        read_exchange(tmp_path / "none.json", "labelstudio")
    with pytest.raises(LabelsError, match="cannot be read"):
        sniff(tmp_path / "none.json")


def test_an_unknown_form_is_a_mistake_of_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="choose one of labelstudio, doccano, prodigy"):
        read_exchange(tmp_path / "x", "brat")
    with pytest.raises(UsageError, match="choose one of labelstudio, doccano, prodigy"):
        write_exchange(LABELS, "brat", io.StringIO())
