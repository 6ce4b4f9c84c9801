"""Codebooks: what they may say, and what each mistake is answered with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.codebook import Codebook, Example, Frame, Note, Rule, codebook_from_labels, load_codebook
from framing.errors import LabelsError

WHOLE = """
name = "mood"
version = 3
question = "How does the text speak of the mayor?"
language = "de"
headline = "letters"
notice = "Made up for a test."

[target]
names = ["Bürgermeister*", "New Town* Hall"]
definition = "The mayor and the town hall."

[[frame]]
id = "friend"
title = "A friend"
definition = "Speaks well."

[[frame]]
id = "nothing"
none = true

[[rule]]
label = "friend"
text = \"\"\"
Praise of
any kind.\"\"\"
clarifications = ["Also faint praise."]
[[rule.example]]
text = "She keeps her word."
label = "friend"
why = "Praise."

[[rule]]
text = "Else nothing."

[[note]]
title = "Voice"
text = "Whoever speaks counts."
[[note.example]]
text = "He is no friend of mine."
label = "nothing"
"""

SMALL = """
name = "small"
version = 1
question = "Which?"
[[frame]]
id = "a"
[[frame]]
id = "b"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "codebook.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_part_of_the_file_is_in_the_codebook(tmp_path: Path) -> None:
    codebook = load_codebook(written(tmp_path, WHOLE))
    assert codebook == Codebook(
        name="mood",
        version=3,
        question="How does the text speak of the mayor?",
        frames=(Frame("friend", "A friend", "Speaks well."), Frame("nothing", "nothing", "", none=True)),
        language="de",
        target=("Bürgermeister*", "New Town* Hall"),
        target_definition="The mayor and the town hall.",
        rules=(
            Rule(
                1,
                "friend",
                "Praise of any kind.",
                (Example("She keeps her word.", "friend", "Praise."),),
                ("Also faint praise.",),
            ),
            Rule(2, None, "Else nothing."),
        ),
        notes=(Note("Voice", "Whoever speaks counts.", (Example("He is no friend of mine.", "nothing"),)),),
        headline="letters",
        notice="Made up for a test.",
    )
    assert codebook.labels == ("friend", "nothing")
    assert codebook.none_label == "nothing"
    assert codebook.titles == {"friend": "A friend", "nothing": "nothing"}
    assert codebook.stemmer == "german"


def test_a_folder_stands_for_its_codebook_file(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL)
    assert load_codebook(tmp_path) == load_codebook(path)


def test_what_may_be_left_out_has_a_default(tmp_path: Path) -> None:
    codebook = load_codebook(written(tmp_path, SMALL))
    assert (codebook.stemmer, codebook.target, codebook.rules, codebook.none_label) == ("english", (), (), None)
    assert (codebook.headline, codebook.notice) == (None, None)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load_codebook(written(tmp_path, "\ufeff" + SMALL)).name == "small"


@pytest.mark.parametrize("text", [WHOLE, SMALL])
def test_the_form_kept_in_a_model_gives_the_same_codebook(tmp_path: Path, text: str) -> None:
    codebook = load_codebook(written(tmp_path, text))
    assert Codebook.from_dict(json.loads(json.dumps(codebook.to_dict()))) == codebook


@pytest.mark.parametrize(("code", "stemmer"), [("hy", "armenian"), ("russian", "russian"), ("none", "none")])
def test_a_language_is_an_iso_code_a_stemmer_or_none(tmp_path: Path, code: str, stemmer: str) -> None:
    text = SMALL.replace("version = 1", f'version = 1\nlanguage = "{code}"')
    assert load_codebook(written(tmp_path, text)).stemmer == stemmer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("version = 1", "version = "), "is not valid TOML: Invalid value (at line 3"),
        (lambda text: text.replace("version = 1", "version = 0"), "version must be a whole number from 1"),
        (lambda text: text.replace("version = 1", "version = true"), "version must be a whole number from 1"),
        (lambda text: text.replace('"small"', '"../small"'), "name '../small': use letters"),
        (lambda text: text.replace('name = "small"\n', ""), "name is missing or empty"),
        (lambda text: text.replace('question = "Which?"', "question = 5"), "question must be text"),
        (lambda text: text.replace('id = "b"', 'id = "a"'), "needs at least two frames"),
        (lambda text: text + '[[frame]]\nid = "a"\n', "two frames have the id 'a'"),
        (lambda text: text.replace('id = "b"', 'title = "B"'), "frame 2: id is missing or empty"),
        (lambda text: text.replace('id = "b"', 'id = "b"\nnon = true'), "frame 2: unknown key 'non'; the keys are id"),
        (lambda text: text.replace('id = "b"', 'id = "b"\nnone = "yes"'), "frame 2: none must be true or false"),
        (lambda text: text.replace('id = "', 'none = true\nid = "'), "more than one frame has none = true"),
        (lambda text: text.replace("[[frame]]", "[frame]", 1).replace('[[frame]]\nid = "b"', ""), "list of tables"),
        (lambda text: "langage = 'en'\n" + text, "unknown key 'langage'"),
        (lambda text: "language = 'xx'\n" + text, "no stemmer for language 'xx'; use one of ar"),
        (lambda text: text + "[target]\nnames = 'Rome'\n", "target: names must be a list of texts"),
        (lambda text: text + "[target]\nnames = ['Ro*me']\n", "`*` stands only at the end of a word"),
        (lambda text: text + "[target]\nnames = ['*']\n", "`*` stands only at the end of a word"),
        (lambda text: text + "[target]\nnames = ['']\n", "'' has no letter and no digit; remove it"),
        (lambda text: text + "[target]\nname = ['Rome']\n", "target: unknown key 'name'"),
        (lambda text: text + "[[rule]]\ntext = 'x'\nlabel = 'c'\n", "rule 1: 'c' is no frame; the frames are a, b"),
        (
            lambda text: text + "[[rule]]\ntext = 'x'\n[[rule.example]]\ntext = 'y'\nlabel = 'c'\n",
            "rule 1: example 1: 'c' is no frame",
        ),
        (lambda text: "x = " + "[" * 5000 + text, "is not valid TOML"),
    ],
)
def test_a_mistake_is_one_line_with_the_file(tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    path = written(tmp_path, change(SMALL))
    with pytest.raises(LabelsError) as caught:
        load_codebook(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert said in message
    assert "\n" not in message


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "codebook.toml"
    path.write_bytes(SMALL.encode() + b"# caf\xe9\n")
    with pytest.raises(LabelsError, match="is not UTF-8"):
        load_codebook(path)


def test_a_missing_codebook_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="a labels folder needs a codebook"):
        load_codebook(tmp_path)
    with pytest.raises(LabelsError, match="there is no such file"):
        load_codebook(tmp_path / "other.toml")


@pytest.mark.parametrize(
    "values",
    [None, [], "text", {"name": []}, {"frame": [1]}, {"target": []}, {"name": "a\x1bb"}, {"question": "\ud800"}],
)
def test_foreign_values_are_no_codebook(values: object) -> None:
    with pytest.raises(LabelsError, match=r"^model: "):
        Codebook.from_dict(values, "model")


def test_labels_of_a_flat_file_become_frames_in_sorted_order() -> None:
    codebook = codebook_from_labels("my labels (2)", ["yes", "no", "none", "yes"])
    assert codebook.labels == ("no", "none", "yes")
    assert codebook.name == "my-labels-2"
    assert codebook.none_label is None, "no frame is the one for not framed unless a codebook says so"


def test_one_label_is_no_codebook() -> None:
    with pytest.raises(LabelsError, match="at least two frames"):
        codebook_from_labels("x", ["yes", "yes"])


@given(st.text(), st.sets(st.text(min_size=1, max_size=5), max_size=5))
def test_any_labels_give_a_codebook_that_can_be_kept_or_one_line(name: str, labels: set[str]) -> None:
    try:
        codebook = codebook_from_labels(name, sorted(labels))
    except LabelsError as error:
        message = str(error)
        assert message.isprintable()
        return
    assert Codebook.from_dict(codebook.to_dict()) == codebook
