"""The whole way from a pile of articles to a model: sample, code, import, agree, adjudicate, train."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framing.codebook import load_codebook
from framing.errors import LabelsError, UsageError
from framing.labelfiles import load_labels
from framing.labels import gold
from framing.loading import load_fold_models, load_model
from framing.metrics import probabilities
from framing.model import Model
from framing.records import Article
from framing.sample import Wish, pick_to_folder, sample_to_folder
from framing.samplefolder import open_folder
from tests.run import Ran, run
from tests.small import LABELS, TARGET, invented_text

_CODEBOOK = f"""\
name = "tea-house"
version = 1
question = "How is the host framed?"

[target]
names = ["{TARGET}*"]

[[frame]]
id = "broker"
title = "Broker"

[[frame]]
id = "obstacle"
title = "Obstacle"

[[frame]]
id = "none"
title = "Not framed"
none = true

[[rule]]
label = "none"
text = "The host is only named."

[[rule]]
label = "obstacle"
text = "The host is in the way."

[[rule]]
label = "broker"
text = "The host brings others together."
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a codebook and a corpus of 66 invented articles of four sources, the truth beside it."""
    path = tmp_path_factory.mktemp("world")
    rng = random.Random(5)
    rows, truth = [], dict[str, str]()
    for number in range(66):
        marks = [rng.randrange(3) for _ in range(rng.randrange(3, 7))]
        texts = [f"On that day {invented_text(mark, rng, words=45)}" for mark in marks]
        rows.append({"id": f"n{number}", "source": f"paper{number % 4}", "date": f"2021-0{1 + number % 9}-11",
                     "country": "AB"[number % 2], "title": f"Day {number}", "text": "\n\n".join(texts)})  # fmt: skip
        truth |= {f"n{number}#{place}": LABELS[mark] for place, mark in enumerate(marks)}
    (path / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (path / "codebook.toml").write_text(_CODEBOOK, encoding="utf-8")
    (path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    return path


def truth_of(world: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((world / "truth.json").read_text(encoding="utf-8"))
    return found


def corpus(world: Path) -> list[Article]:
    rows = map(json.loads, (world / "corpus.jsonl").read_text(encoding="utf-8").splitlines())
    return [Article(row["id"], row["text"], title=row["title"], source=row["source"], date=row["date"]) for row in rows]


@contextmanager
def filled(path: Path) -> Iterator[list[dict[str, str]]]:
    """Give the rows of a sheet to be filled in, and save them."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    yield rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def other_than(label: str) -> str:
    return LABELS[(LABELS.index(label) + 1) % len(LABELS)]


def test_from_a_pile_of_articles_to_a_model(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def framing(*arguments: object) -> Ran:
        done = run(monkeypatch, *arguments)
        assert done.code == 0, done.err
        return done

    monkeypatch.chdir(tmp_path)
    truth = truth_of(world)
    labels = Path("tea")
    sampled = framing("sample", world / "corpus.jsonl", "-n", 150, "--coders", "anna,boris", "--overlap", 0.4,
                      "--codebook", world / "codebook.toml", "-o", labels)  # fmt: skip
    assert "framing import tea/sheets/anna.csv --into tea --coder anna" in sampled.out

    folder = open_folder(labels)
    shared = [unit for unit, row in folder.units.items() if len(row["coders"]) == 2]
    assert 0.4 * len(folder.units) <= len(shared) <= 0.4 * len(folder.units) + 3
    articles = {article.id: article.text for article in corpus(world)}
    for row in folder.units.values():
        assert articles[row["article"]][row["start"] : row["end"]] == row["text"]
        assert 0 < row["inclusion"] <= 1

    # Anna codes the truth; Boris errs on nine of the shared paragraphs, and both skip one.
    planted = set(random.Random(8).sample(shared[1:], 9))
    for coder in ("anna", "boris"):
        with filled(labels / "sheets" / f"{coder}.csv") as rows:
            for row in rows:
                wrong = coder == "boris" and row["id"] in planted
                row["label"] = other_than(truth[row["id"]]) if wrong else truth[row["id"]]
                row["label"] = "skip" if row["id"] == shared[0] else row["label"]
                row["comment"] = "in two minds" if wrong else ""
        done = framing("import", labels / "sheets" / f"{coder}.csv", "--into", labels, "--coder", coder)
        assert f"added to tea/codes/{coder}.jsonl" in done.out

    # Both agree but for what was planted.
    found = json.loads(framing("agree", labels, "--format", "json").out)
    assert found["overall"]["units"] == len(shared) - 1
    assert found["overall"]["differ"] == 9
    assert {one["id"] for one in found["disputes"]} == planted
    assert found["overall"]["percent"]["value"] == pytest.approx(1 - 9 / (len(shared) - 1), abs=1e-6)
    assert found["coders"]["anna"]["skips"] == 1
    assert found["model"] is None

    # What is disputed is decided on a sheet, and becomes gold.
    shown = framing("agree", labels, "--disputed", "disputed.csv")
    assert "In dispute: 9 units" in shown.out
    assert "The rules in question" in shown.out
    with filled(Path("disputed.csv")) as rows:
        assert {row["id"] for row in rows} == planted
        for row in rows:
            assert "in two minds" in row["code_boris"]
            assert row["rules"].count("\n") == 1  # two labels, two rules
            row["label"], row["reason"] = truth[row["id"]], "Rule 2: what the host does decides."
    framing("import", "disputed.csv", "--into", labels, "--coder", "adjudicated", "--adjudicator", "clara")
    loaded = load_labels(labels)
    assert {unit: code.label for unit, code in loaded.adjudicated.items()} == {unit: truth[unit] for unit in planted}
    assert {code.adjudicator for code in loaded.adjudicated.values()} == {"clara"}
    given = gold(loaded)
    assert not given.disputed
    assert given.labels == {unit: truth[unit] for unit in folder.units if unit != shared[0]}

    # The model is trained, and stands beside the coders by its out-of-fold labels.
    framing("train", labels)
    beside = json.loads(framing("agree", labels, "--format", "json").out)["model"]
    assert beside["name"] == "tea-house"
    assert beside["units"] >= len(given.labels)
    assert beside["by_coder"]["anna"]["alpha"]["value"] > 0.5
    low, high = beside["coders_range"]
    mean = sum(one["alpha"]["value"] for one in beside["by_coder"].values()) / 2
    assert beside["position"] == ("below" if mean < low else "above" if mean > high else "inside")
    assert "Its mean alpha with the coders lies" in framing("agree", labels).out

    # The codebook is revised: exactly the codes under the changed rule are listed.
    codebook = labels / "codebook.toml"
    text = codebook.read_text(encoding="utf-8")
    assert "0 codes given under an older text" in framing("agree", labels, "--stale").out
    revised = text.replace("version = 1", "version = 2").replace("is in the way", "stands in the way of others")
    codebook.write_text(revised, encoding="utf-8")
    stale = json.loads(framing("agree", labels, "--stale", "--format", "json").out)["codes"]
    loaded = load_labels(labels)
    every = [code for own in (*loaded.codes.values(), loaded.adjudicated) for code in own.values()]
    expected = {(code.coder, code.unit) for code in every if code.label == "obstacle"}
    assert {(one["coder"], one["id"]) for one in stale} == expected
    assert {tuple(one["rules"]) for one in stale} == {(2,)}


def test_a_later_draw_adds_paragraphs_and_new_sheets_and_leaves_the_others(world: Path, tmp_path: Path) -> None:
    labels = tmp_path / "tea"
    wish = Wish(30, "source", coders=("anna", "boris"), seed=2)
    sample_to_folder(corpus(world), wish, labels, str(world / "codebook.toml"))
    first = open_folder(labels)
    sheets = {path: path.read_bytes() for path in (labels / "sheets").iterdir()}
    done = sample_to_folder(corpus(world), Wish(30, "source", seed=2), labels, None)
    second = open_folder(labels)
    assert [(coder, path.name) for coder, path in done.written] == [("anna", "anna-2.csv"), ("boris", "boris-2.csv")]
    assert set(first.units) < set(second.units)
    assert len(second.units) == len(first.units) + done.paragraphs
    assert all(path.read_bytes() == content for path, content in sheets.items())
    assert sorted(row["rank"] for row in second.units.values()) == list(range(1, len(second.units) + 1))
    for unit, row in first.units.items():
        assert second.units[unit]["inclusion"] > row["inclusion"]
        assert second.units[unit] | {"inclusion": None} == row | {"inclusion": None}
    load_labels(labels)


def test_a_corpus_can_be_drawn_until_it_is_used_up(world: Path, tmp_path: Path) -> None:
    labels = tmp_path / "tea"
    total = len(truth_of(world))
    for _ in range(20):
        if labels.exists() and len(open_folder(labels).units) == total:
            break
        sample_to_folder(corpus(world), Wish(90, "source", per_article=2), labels, None)
    with pytest.raises(LabelsError, match="every paragraph was drawn before"):
        sample_to_folder(corpus(world), Wish(90, "source", per_article=2), labels, None)
    units = open_folder(labels).units
    assert len(units) == total
    assert min(row["inclusion"] for row in units.values()) > 0.99


def test_a_folder_keeps_to_its_grouping_and_its_texts(world: Path, tmp_path: Path) -> None:
    labels = tmp_path / "tea"
    sample_to_folder(corpus(world), Wish(12, "source"), labels, None)
    with pytest.raises(UsageError, match="was drawn by source"):
        sample_to_folder(corpus(world), Wish(12, "date:month"), labels, None)
    drawn = next(iter(open_folder(labels).articles))
    changed = [replace(one, text=one.text + "\n\nMore.") if one.id == drawn else one for one in corpus(world)]
    with pytest.raises(LabelsError, match="has another text"):
        sample_to_folder(changed, Wish(12, "source"), labels, None)


def russian(world: Path) -> list[Article]:
    """Return the corpus with a target that the default model knows, a wire copy among it."""
    told = "Moscow hosted the envoys, sold both of them its rockets and blocked the railway that it had promised. "
    found = [
        replace(one, text=one.text.replace(TARGET, "Moscow"), title=None) for one in corpus(world)[:30]
    ]  # fmt: skip
    copy = "\n\n".join(f"{told}{part}" for part in found[0].text.split("\n\n"))
    return [replace(found[0], text=copy), *found[1:], replace(found[0], id="copy", source="copier", text=copy)]


@pytest.mark.parametrize("way", ["uncertain", "disputed"])
def test_what_teaches_most_is_picked_of_many_articles_and_never_counts_as_an_audit(
    world: Path, tmp_path: Path, way: str
) -> None:
    labels = tmp_path / "tea"
    model = load_model(Path(__file__).parent.parent / "models" / "russia-mediator")
    articles = russian(world)
    first = pick_to_folder(articles, Wish(12, per_article=2), labels, None, model, way)
    second = pick_to_folder(articles, Wish(1000, per_article=2), labels, None, model, way)
    rows = open_folder(labels).units
    assert {row["inclusion"] for row in rows.values()} == {None}
    batches = {batch: [unit for unit, row in rows.items() if row["batch"] == batch] for batch in (1, 2)}
    assert (len(batches[1]), len(batches[2])) == (first.paragraphs, second.paragraphs)
    assert first.paragraphs == 12
    for units in batches.values():
        assert max(Counter(rows[unit]["article"] for unit in units).values()) <= 2

    value = values_of(model, articles, way)
    chosen, rest = set(batches[1]), set(value) - set(batches[1])
    full = {
        unit.split("#")[0] for unit in chosen if sum(one.startswith(unit.split("#")[0] + "#") for one in chosen) == 2
    }
    copies = {f"copy#{place}" for place in range(10)} | {f"{articles[0].id}#{place}" for place in range(10)}
    others = {unit for unit in rest if unit.split("#")[0] not in full and unit not in copies}
    assert min(value[unit] for unit in chosen) >= max(value[unit] for unit in others)
    texts = [row["text"] for row in rows.values()]
    assert len(texts) == len(set(texts))
    assert not {unit.replace("copy#", f"{articles[0].id}#") for unit in rows if unit.startswith("copy#")} & set(rows)


def values_of(model: Model, articles: list[Article], way: str) -> dict[str, float]:
    """Return what each paragraph with status ok would teach: entropy, or the mean divergence of the fold models."""
    rows = [
        (f"{scored.id}#{one.index}", one.text, list(one.probabilities.values()))
        for scored in model.score_articles(articles, evidence=0)
        for one in scored.paragraphs
        if one.status == "ok"
    ]
    shares = np.array([share for _, _, share in rows])
    if way == "uncertain":
        value = -(shares * np.log(shares)).sum(axis=1)
    else:
        texts = [text for _, text, _ in rows]
        votes = [probabilities(replace(model, linear=one).predict(texts)[0]) for one in load_fold_models(model)]
        value = np.mean([(vote * np.log(vote / shares)).sum(axis=1) for vote in votes], axis=0)
    return dict(zip((unit for unit, _, _ in rows), value.tolist(), strict=True))


def test_a_model_of_other_frames_picks_nothing(world: Path, tmp_path: Path) -> None:
    labels = tmp_path / "tea"
    sample_to_folder(corpus(world), Wish(12), labels, str(world / "codebook.toml"))
    model = load_model(Path(__file__).parent.parent / "models" / "russia-mediator")
    with pytest.raises(UsageError, match="has other frames"):
        pick_to_folder(russian(world), Wish(10), labels, None, model, "uncertain")
    with pytest.raises(UsageError, match="--by is for a random draw"):
        pick_to_folder(russian(world), Wish(10, "source"), tmp_path / "new", None, model, "uncertain")


def test_a_picked_paragraph_that_is_drawn_later_gets_its_probability_and_no_second_row(
    world: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "tea"
    sample_to_folder(corpus(world), Wish(6), labels, None)
    folder = open_folder(labels)
    taken = {row["article"] for row in folder.units.values()}
    fresh = next(one for one in corpus(world) if one.id not in taken)
    unit = f"{fresh.id}#0"
    row = {"id": unit, "article": fresh.id, "index": 0, "text": fresh.text.split("\n\n")[0], "inclusion": None}
    folder.units[unit] = row | {"coders": ["coder1"], "batch": 2}
    folder.save()
    sample_to_folder(corpus(world), Wish(1000, per_article=50), labels, None)
    after = open_folder(labels)
    assert after.units[unit]["inclusion"] == pytest.approx(1.0)
    assert after.units[unit]["batch"] == 2
    sheet = (labels / "sheets" / "coder1-3.csv").read_text(encoding="utf-8-sig")
    assert f"{unit}," not in sheet


@pytest.mark.parametrize("by", ["source", "country", "date:month"])
def test_a_sheet_has_the_flat_form_and_the_probabilities(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    sheet = tmp_path / "sheet.csv"
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 24, "--by", by, "-o", sheet)
    assert done.code == 0
    with filled(sheet) as rows:
        assert len(rows) >= 20
        for row in rows:
            row["label"] = truth_of(world)[row["id"]]
    loaded = load_labels(sheet)
    assert {unit.id: unit.inclusion for unit in loaded.units} == {row["id"]: float(row["inclusion"]) for row in rows}
    assert len(gold(loaded).labels) == len(rows)


def test_a_sheet_that_is_there_is_never_written_over(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("hours of work")
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 24, "-o", sheet)
    assert done.code == 2
    assert "perhaps with codes in it" in done.err
    assert sheet.read_text() == "hours of work"


def test_units_of_a_draw_that_the_folder_knows_nothing_of_are_not_drawn_again(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, labels = tmp_path / "sheet.csv", tmp_path / "tea"
    run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 12, "--coders", "anna,boris", "-o", sheet)
    with filled(sheet) as rows:
        for row in rows:
            row["label"] = truth_of(world)[row["id"]]
    assert run(monkeypatch, "import", sheet, "--into", labels).code == 0
    before = {path: path.read_bytes() for path in labels.rglob("*") if path.is_file()}
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 12, "-o", labels)
    assert done.code == 1
    assert "a draw that this folder knows nothing of" in done.err
    assert {path: path.read_bytes() for path in labels.rglob("*") if path.is_file()} == before


def test_a_place_inside_the_corpus_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text(
        "The envoys met in the old hall and spoke about the railway until the evening.\n" * 3
    )
    for place in ("audit", "audit.csv"):
        done = run(monkeypatch, "sample", tmp_path, "-o", tmp_path / place)
        assert done.code == 2
        assert "which is read" in done.err


@pytest.mark.parametrize("damage", ["articles.jsonl", "index", "article", "draws.json"])
def test_a_folder_that_was_edited_is_named_in_one_line(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    labels = tmp_path / "tea"
    sample_to_folder(corpus(world), Wish(12), labels, None)
    if damage == "articles.jsonl":
        (labels / damage).unlink()
    elif damage == "draws.json":
        (labels / damage).write_text("[]")
    else:
        rows = map(json.loads, (labels / "paragraphs.jsonl").read_text(encoding="utf-8").splitlines())
        lines = [json.dumps({key: value for key, value in row.items() if key != damage}) + "\n" for row in rows]
        (labels / "paragraphs.jsonl").write_text("".join(lines))
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 12, "-o", labels)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "draw into a new folder" in done.err


def test_the_default_coder_is_one_who_has_no_codes_there(world: Path, tmp_path: Path) -> None:
    labels = tmp_path / "tea"
    (labels / "codes").mkdir(parents=True)
    (labels / "codes" / "coder1.jsonl").touch()
    assert sample_to_folder(corpus(world), Wish(6), labels, None).written[0][0] == "coder2"


def test_before_anybody_has_coded_agree_says_so_and_nothing_else(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = tmp_path / "tea"
    sample_to_folder(corpus(world), Wish(6), labels, str(world / "codebook.toml"))
    done = run(monkeypatch, "agree", labels)
    assert (done.code, done.out.splitlines()[-1]) == (
        0,
        "Nobody has coded yet; framing import brings filled sheets in.",
    )
    assert json.loads(run(monkeypatch, "agree", labels, "--format", "json").out)["overall"]["units"] == 0


def test_the_import_that_is_proposed_names_the_coder_whatever_the_sheet_is_called(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 12, "--coders", "a-2,b c", "-o", "tea")
    assert "framing import tea/sheets/a-2.csv --into tea --coder a-2\n" in done.out
    assert "framing import 'tea/sheets/b c.csv' --into tea --coder 'b c'\n" in done.out


def test_a_draw_without_a_codebook_says_that_its_skeleton_comes_too_late_for_the_target(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "tea/codebook.toml is a skeleton that names no target" in (
        run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 12, "-o", tmp_path / "tea").out
    )
    arguments = ("--codebook", world / "codebook.toml", "-n", 12, "-o", tmp_path / "other")
    given = run(monkeypatch, "sample", world / "corpus.jsonl", *arguments)
    assert "skeleton" not in given.out


def test_where_no_article_names_its_source_a_draw_says_how_to_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "post").mkdir()
    for number in (1, 2):
        text = f"In the year {number} Moscow hosted both ministers for the talks on the road, and they signed a page.\n"
        (tmp_path / "post" / f"{number}.txt").write_text(text)
    drawn = run(monkeypatch, "sample", tmp_path / "post", "-n", 2, "-o", tmp_path / "a.csv")
    assert "note: no article names its source: --source-from folder or --sources FILE does" in drawn.out
    named = run(monkeypatch, "sample", tmp_path / "post", "--source-from", "folder", "-n", 2, "-o", tmp_path / "b.csv")
    assert (named.code, "names its source" in named.out) == (0, False)


def test_the_codebook_of_a_model_is_copied_without_what_it_says_of_the_texts_of_that_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = load_model().codebook
    assert None not in (own.notice, own.headline)
    text = "Moscow hosted both ministers for the talks on the road on Friday, and they signed a page and a half.\n"
    for number in (1, 2):  # the second draw is into a folder that has the codebook
        (tmp_path / f"{number}.txt").write_text(f"In the year {number} {text}")
        arguments = ("-n", 1, "--codebook", "russia-mediator", "-o", tmp_path / "labels")
        done = run(monkeypatch, "sample", tmp_path / "1.txt", tmp_path / f"{number}.txt", *arguments)
        assert done.code == 0, done.err
    copied = load_codebook(tmp_path / "labels")
    assert (copied.notice, copied.headline) == (None, None)
    assert copied == replace(own, notice=None, headline=None)


def test_a_workbook_is_not_written(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-o", tmp_path / "sheet.xlsx")
    assert done.code == 2
    assert "sheets are written as .csv" in done.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--by", "nothing"], 2, "no article has a nothing"),
        (["--by", "date:week"], 2, "year, month or day"),
        (["--overlap", "2"], 2, "share from 0 to 1"),
        (["--coders", "a,A"], 2, "names a coder twice"),
        (["-m", "russia-mediator"], 2, "-m is for --next"),
        (["--coders", "adjudicated"], 2, "cannot be a coder's name"),
        (["--codebook", "nowhere"], 1, "nowhere: is no codebook file, labels folder or model"),
    ],
)
def test_a_wish_that_cannot_be_is_one_line_and_makes_nothing(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, message: str
) -> None:
    done = run(monkeypatch, "sample", world / "corpus.jsonl", "-n", 24, "-o", tmp_path / "tea", *arguments)
    assert done.code == code
    assert message in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "tea").exists()


def test_a_corpus_without_prose_has_nothing_to_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "menu.txt").write_text("Menu\nHome\nNews\n")
    done = run(monkeypatch, "sample", tmp_path / "menu.txt", "-o", tmp_path / "tea")
    assert (done.code, done.out) == (1, "")
    assert "nothing to draw: 1 article without prose left out" in done.err


@pytest.mark.parametrize("form", ["labelstudio", "doccano", "prodigy"])
def test_codes_go_to_an_annotation_tool_and_come_back_with_their_coders(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    labels, copy = tmp_path / "tea", tmp_path / "copy"
    wish = Wish(18, coders=("anna", "boris"), overlap=0.5)
    for path in (labels, copy):
        sample_to_folder(corpus(world), wish, path, str(world / "codebook.toml"))
    for coder in ("anna", "boris"):
        with filled(labels / "sheets" / f"{coder}.csv") as rows:
            for row in rows[:-1]:
                row["label"], row["comment"] = truth_of(world)[row["id"]], f"by {coder}"
            rows[0]["label"] = "skip"
        sheet = labels / "sheets" / f"{coder}.csv"
        assert run(monkeypatch, "import", sheet, "--into", labels, "--coder", coder).code == 0
    file = tmp_path / "tool.json"
    assert run(monkeypatch, "export", "--labels", labels, "--format", form, "-o", file).code == 0
    assert file.with_suffix(".config.xml").exists() == (form == "labelstudio")
    done = run(monkeypatch, "import", file, "--into", copy)
    assert done.code == 0, done.err
    sent, back = load_labels(labels), load_labels(copy)
    for coder in ("anna", "boris"):
        assert {unit: (code.label, code.comment, code.time) for unit, code in sent.codes[coder].items()} == {
            unit: (code.label, code.comment, code.time) for unit, code in back.codes[coder].items()
        }


def test_the_formats_of_annotation_tools_are_for_hand_labels(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, "export", world / "corpus.jsonl", "--format", "doccano")
    assert done.code == 2
    assert "--labels DIR" in done.err
