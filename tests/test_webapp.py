"""The pages and the JSON interface of `framing serve`: what they give, and the attacks that they turn away."""

from __future__ import annotations

import csv
import gzip
import http.client
import io
import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from framing.errors import LabelsError
from framing.importing import import_codes
from framing.labelfiles import load_labels
from framing.labels import gold
from framing.trainjob import TrainJob
from framing.webapp import make_app
from framing.webcompare import Compared
from framing.webguard import LARGEST, POLICY, Doors
from framing.website import Site, make_site
from tests.coding import HOSTILE, Server, coding_folder, free_port, holding, log_of
from tests.run import run

BASE = "http://127.0.0.1:8383"
EXAMPLE = Path(__file__).parent / "example" / "article.html"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return coding_folder(tmp_path / "tea", 30)


@pytest.fixture
def site(folder: Path) -> Site:
    return make_site(folder)


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    with TestClient(make_app(site, Doors(8383)), base_url=BASE, raise_server_exceptions=False) as found:
        yield found


def units_of(client: TestClient, coder: str = "ann", state: str = "all") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/units?coder={coder}&state={state}&limit=1000").json()["units"]
    return found


def code(client: TestClient, coder: str, unit: str, label: str | None, **more: object) -> Any:
    return client.post("/api/codes", json={"coder": coder, "codes": [{"unit": unit, "label": label, **more}]})


# What is coded.


def test_a_code_is_in_the_log_with_all_that_was_said(client: TestClient, folder: Path) -> None:
    first = units_of(client)[0]["id"]
    answer = code(client, "ann", first, "broker", secondary="none", sure=False, comment=" Two voices. ", key="k1")
    assert answer.status_code == 200
    (row,) = log_of(folder, "ann")
    assert row.pop("time").endswith("Z")
    assert row == {
        "id": first, "label": "broker", "secondary": "none", "sure": False, "comment": "Two voices.",
        "codebook_version": 1, "key": "k1",
    }  # fmt: skip
    assert answer.json()["codes"][0]["label"] == "broker"
    assert (folder / "codebooks" / "1.toml").exists()
    held = load_labels(folder).codes["ann"][first]
    assert (held.label, held.secondary, held.sure, held.comment) == ("broker", "none", False, "Two voices.")


def test_a_skip_is_data_and_an_undone_code_is_not(client: TestClient, folder: Path) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    code(client, "ann", one, None)
    code(client, "ann", two, "broker")
    assert client.post("/api/undo", json={"coder": "ann"}).json()["unit"] == two
    assert load_labels(folder).codes["ann"].keys() == {one}
    assert gold(load_labels(folder)).skips == 1
    assert [unit["id"] for unit in units_of(client, state="coded")] == [one]


def test_undo_goes_back_code_by_code_also_after_a_new_start(client: TestClient, folder: Path) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    for unit, label in ((one, "broker"), (one, "none"), (two, "obstacle")):
        code(client, "ann", unit, label)

    def undone(client: TestClient) -> dict[str, str | None]:
        assert client.post("/api/undo", json={"coder": "ann"}).status_code == 200
        return holding(folder, "ann")

    assert undone(client) == {one: "none"}
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as again:
        assert undone(again) == {one: "broker"}
        assert undone(again) == {}
        assert again.post("/api/undo", json={"coder": "ann"}).json()["unit"] is None


def test_what_is_sent_twice_is_written_once_also_after_a_new_start(client: TestClient, folder: Path) -> None:
    one = units_of(client)[0]["id"]
    code(client, "ann", one, "broker", key="same")
    code(client, "ann", one, "none", key="later")
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as again:
        assert code(again, "ann", one, "broker", key="same").json()["codes"][0]["label"] == "none"
        again.post("/api/undo", json={"coder": "ann", "key": "u"})
        again.post("/api/undo", json={"coder": "ann", "key": "u"})
    assert [row["label"] for row in log_of(folder, "ann")] == ["broker", "none", "broker"]


def test_a_code_of_a_closed_page_gives_way_to_a_later_one(client: TestClient, folder: Path) -> None:
    one = units_of(client)[0]["id"]
    code(client, "ann", one, "none")
    code(client, "ann", one, "broker", late="2001-01-01T00:00:00.000Z", key="old")
    assert holding(folder, "ann") == {one: "none"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "nonsense"}, "'nonsense' is not in the codebook"),
        ({"secondary": "broker"}, "the secondary frame is 'broker' like the first"),
        ({"unit": "../../etc/passwd"}, "no paragraph has the id"),
        ({"unit": 7}, "unit must be text"),
        ({"sure": "yes"}, "sure must be true, false or null"),
        ({"comment": "x" * 10_001}, "may have 10,000 characters"),
        ({"comment": "\ud800"}, "half of a character"),
        ({"codebook_version": 9}, "codebook_version 9 is not from 1"),
        ({"key": "a b"}, "the key of a code must be"),
    ],
)
def test_a_code_that_cannot_be_is_refused_in_one_line(
    client: TestClient, folder: Path, change: dict[str, object], message: str
) -> None:
    values = {"unit": units_of(client)[0]["id"], "label": "broker"} | change
    body = json.dumps({"coder": "ann", "codes": [values]})
    answer = client.post("/api/codes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert log_of(folder, "ann") == []


def test_of_several_codes_all_are_written_or_none(client: TestClient, folder: Path) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    codes = [{"unit": one, "label": "broker"}, {"unit": two, "label": "wrong"}]
    assert client.post("/api/codes", json={"coder": "ann", "codes": codes}).status_code == 400
    assert log_of(folder, "ann") == []


@pytest.mark.parametrize(
    "name", ["../../victim", "..", "a/b", "", "x" * 300, "adjudicated", "Ann", "dora", "a\0", "<b>"]
)
def test_only_those_who_have_a_part_can_code(client: TestClient, folder: Path, name: str) -> None:
    before = sorted(path.name for path in folder.parent.rglob("*"))
    assert code(client, name, units_of(client)[0]["id"], "broker").status_code == 400
    assert client.get("/code", params={"coder": name}, follow_redirects=False).status_code in (303, 404)
    assert sorted(path.name for path in folder.parent.rglob("*")) == before


def test_where_nobody_has_a_part_anybody_codes_all_of_it(tmp_path: Path) -> None:
    folder = coding_folder(tmp_path / "tea", 6, ())
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as client:
        assert "Your name" in client.get("/").text
        assert len(units_of(client, "dora")) == 6
        assert code(client, "dora", units_of(client, "dora")[0]["id"], "none").status_code == 200
        assert "write &#x27;Dora&#x27; like that" not in client.get("/code?coder=dora").text
        assert "there is a coder" in client.get("/code?coder=Dora").text


def test_the_order_is_that_of_the_ranks(client: TestClient, folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "paragraphs.jsonl").read_text().splitlines()]
    for number, row in enumerate(rows):
        row["rank"] = len(rows) - number
    (folder / "paragraphs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [unit["id"] for unit in units_of(client)] == [row["id"] for row in reversed(rows)]


def test_the_undo_of_a_code_outside_the_part_names_no_position(client: TestClient, folder: Path) -> None:
    unit = units_of(client)[0]["id"]
    code(client, "ann", unit, "broker")
    file = folder / "paragraphs.jsonl"
    file.write_text(file.read_text().replace('["ann", "bob"]', '["bob"]', 1))
    answer = client.post("/api/undo", json={"coder": "ann"})
    assert (answer.status_code, answer.json()["unit"], answer.json()["position"]) == (200, unit, None)


# What others do meanwhile.


def test_what_others_write_meanwhile_is_seen(client: TestClient, folder: Path, site: Site) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    code(client, "ann", one, "broker")
    known = client.get("/api/state?coder=ann").json()["revision"]
    assert "flags" not in client.get(f"/api/state?coder=ann&revision={known}").json()
    with (folder / "codes" / "ann.jsonl").open("a") as file:
        file.write(json.dumps({"id": two, "label": None}) + "\n")
    told = client.get(f"/api/state?coder=ann&revision={known}").json()
    assert told["flags"].startswith("1s0")
    code(client, "ann", one, "none")
    assert holding(folder, "ann") == {one: "none", two: None}


def test_a_sheet_that_is_imported_meanwhile_is_seen_and_loses_nothing(client: TestClient, folder: Path) -> None:
    units = units_of(client)
    code(client, "ann", units[0]["id"], "broker")
    sheet = folder.parent / "ann.csv"
    with sheet.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "label"])
        writer.writerows((unit["id"], unit["text"], "none" if unit["position"] == 4 else "") for unit in units)
    done = import_codes([sheet], folder, coder="ann", now="2026-01-01T00:00:00Z")
    assert not done.problems
    code(client, "ann", units[1]["id"], "obstacle")
    assert holding(folder, "ann") == {units[0]["id"]: "broker", units[4]["id"]: "none", units[1]["id"]: "obstacle"}
    assert client.get("/api/state?coder=ann").json()["coded"] == 3


def test_a_file_that_was_spoiled_meanwhile_is_named_and_coding_goes_on(client: TestClient, folder: Path) -> None:
    units = units_of(client)
    code(client, "ann", units[0]["id"], "broker")
    (folder / "codes" / "bob.jsonl").write_text('{"id" "spoiled"}\n')
    assert "bob.jsonl:1" in client.get("/api/state?coder=ann").json()["problem"]
    assert code(client, "ann", units[1]["id"], "none").status_code == 200
    assert holding(folder, "ann") == {units[0]["id"]: "broker", units[1]["id"]: "none"}
    assert "bob.jsonl:1" in client.get("/").text


def test_a_torn_line_is_told_and_ignored(client: TestClient, folder: Path) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    code(client, "ann", one, "broker")
    with (folder / "codes" / "ann.jsonl").open("a") as file:
        file.write('{"id": "' + two + '", "lab')
    state = client.get("/api/state?coder=ann").json()
    assert (state["coded"], state["problem"]) == (1, None)
    assert "ann.jsonl:2" in state["torn"][0]
    code(client, "ann", two, "none")
    assert load_labels(folder).codes["ann"].keys() == {one, two}


def test_rules_that_change_without_a_new_version_stop_the_coding_until_they_have_one(
    client: TestClient, folder: Path
) -> None:
    one, two = (unit["id"] for unit in units_of(client)[:2])
    code(client, "ann", one, "broker", codebook_version=1)
    book = folder / "codebook.toml"
    book.write_text(book.read_text().replace("only named", "barely named"))
    refused = code(client, "ann", two, "broker")
    assert refused.status_code == 400
    assert "raise version to 2" in refused.json()["error"]
    book.write_text(book.read_text().replace("version = 1", "version = 2"))
    assert code(client, "ann", two, "broker", codebook_version=1).status_code == 200
    assert code(client, "ann", two, "none").status_code == 200
    assert [row["codebook_version"] for row in log_of(folder, "ann")] == [1, 1, 2]
    assert (folder / "codebooks" / "2.toml").exists()


def test_agreement_is_told_from_the_fifth_shared_paragraph_on(client: TestClient) -> None:
    units = [unit["id"] for unit in units_of(client)]
    for place, unit in enumerate(units[:5]):
        code(client, "bob", unit, "broker" if place % 2 else "none")
        state = client.get("/api/state?coder=ann").json()
        assert state["same"] is None
        code(client, "ann", unit, "broker" if place in (1, 2) else "none")
    state = client.get("/api/state?coder=ann").json()
    assert (state["shared"], state["same"]) == (5, 3)
    assert state["alpha"] == pytest.approx(0.1, abs=0.2)


# The model's suggestion.


def test_the_suggestion_is_not_in_a_page_before_the_code_is_given(client: TestClient, site: Site) -> None:
    from framing.suggestions import Suggestion

    unit = units_of(client)[0]["id"]
    site.suggestions.found = {unit: Suggestion("obstacle", 0.8125)}
    page = client.get("/code?coder=ann&position=0").text
    assert "8125" not in page
    assert client.get("/api/unit?coder=ann&position=0").json()["suggestion"] is None
    assert client.get("/api/unit?coder=ann&position=0&suggestion=1").json()["suggestion"]["label"] == "obstacle"
    answer = code(client, "ann", unit, "none").json()
    assert answer["suggestions"] == [{"label": "obstacle", "probability": 0.8125}]
    assert client.get("/api/unit?coder=ann&position=0").json()["suggestion"]["label"] == "obstacle"


def test_the_source_is_not_in_the_page(client: TestClient, folder: Path) -> None:
    for name in ("paragraphs.jsonl", "articles.jsonl"):
        path = folder / name
        path.write_text(path.read_text().replace('"source": "paper"', '"source": "swayingpost"'))
    assert "swayingpost" not in client.get("/code?coder=ann").text
    assert "swayingpost" not in client.get("/api/units?coder=ann").text


# Disputes.


def dispute(client: TestClient) -> str:
    unit: str = units_of(client)[3]["id"]
    code(client, "ann", unit, "broker", comment="Ann's reason")
    code(client, "bob", unit, "obstacle", sure=False)
    return unit


def test_a_dispute_is_shown_with_codes_comments_and_rules_and_decided_with_a_reason(
    client: TestClient, folder: Path
) -> None:
    unit = dispute(client)
    page = client.get("/adjudicate").text
    assert "Ann&#x27;s reason" in page
    assert "unsure" in page
    assert "The host is in the way." in page
    assert "The host is only named." not in page
    values: dict[str, object] = {"unit": unit, "label": "broker", "reason": "Rule 3.", "adjudicator": "eve"}
    assert client.post("/api/decisions", json=values | {"reason": "  "}).status_code == 400
    assert client.post("/api/decisions", json=values | {"adjudicator": ""}).status_code == 400
    assert client.post("/api/decisions", json=values | {"unit": units_of(client)[0]["id"]}).status_code == 400
    assert client.post("/api/decisions", json=values).json() == {"saved": 1, "disputes": 0}
    labels = load_labels(folder)
    settled = labels.adjudicated[unit]
    assert (settled.label, settled.reason, settled.adjudicator, settled.codebook_version) == (
        "broker",
        "Rule 3.",
        "eve",
        1,
    )
    assert gold(labels).labels[unit] == "broker"
    assert "Nothing is in dispute" in client.get("/adjudicate").text


def test_a_disputed_unit_can_be_set_aside(client: TestClient, folder: Path) -> None:
    unit = dispute(client)
    values = {"unit": unit, "label": None, "reason": "No frame fits.", "adjudicator": "eve"}
    assert client.post("/api/decisions", json=values).status_code == 200
    assert unit in gold(load_labels(folder)).uncoded


def test_a_decision_can_be_changed(client: TestClient, folder: Path) -> None:
    unit = dispute(client)
    values = {"unit": unit, "label": None, "reason": "No frame fits.", "adjudicator": "eve"}
    client.post("/api/decisions", json=values)
    assert "Change the last decision" in client.get("/adjudicate").text
    page = client.get("/adjudicate", params={"unit": unit}).text
    assert "Decided already" in page
    assert "No frame fits." in page
    client.post("/api/decisions", json=values | {"label": "broker", "reason": "Rule 3, after all."})
    assert gold(load_labels(folder)).labels[unit] == "broker"


# Reading.


def test_a_pasted_text_is_read_and_downloaded(client: TestClient) -> None:
    text = "In return for its soldiers Russia obtained a lease on the base, which suits the Kremlin well.\n\n" * 2
    own = {"origin": BASE, "sec-fetch-site": "same-origin"}
    shown = client.post("/read", data={"text": text}, headers=own)
    assert shown.status_code == 200
    assert "Opportunist" in shown.text
    assert "<mark" in shown.text
    rows = list(csv.DictReader(io.StringIO(client.get(f"{shown.url}.csv").text.removeprefix("\ufeff"))))
    assert rows[0]["label"] == "opportunist"
    assert json.loads(client.get(f"{shown.url}.jsonl").text.splitlines()[0])["label"] == "opportunist"
    whole = client.get(f"{shown.url}.html")
    assert whole.text.startswith("<!DOCTYPE html>")
    assert whole.headers["content-disposition"] == 'attachment; filename="article.html"'
    for name in ("nothing", "nothing.csv", "..%2f..%2fetc%2fpasswd"):
        assert client.get(f"/read/{name}").status_code == 404


def test_a_file_is_read_as_what_it_is(client: TestClient) -> None:
    headers = {"origin": BASE, "content-type": "application/octet-stream", "x-name": "article.html"}
    answer = client.post("/read", content=EXAMPLE.read_bytes(), headers=headers)
    page = client.get(answer.json()["address"]).text
    assert "After the talks, the same road" in page
    refused = client.post("/read", content=b"%PDF-1.7 ...", headers=headers)
    assert refused.status_code == 400
    assert "pdftotext" in refused.json()["error"]


TEXT = "In return for its soldiers Russia obtained a lease on the base, which suits the Kremlin well."


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("a.txt", TEXT.encode(), TEXT[:30]),
        ("a.txt", TEXT.encode("utf-16"), TEXT[:30]),
        ("a.html", f"<html><body><article><p>{TEXT}</p></article></body></html>".encode(), TEXT[:30]),
        ("a.jsonl", json.dumps({"text": TEXT}).encode(), TEXT[:30]),
        ("a.csv", f'text,id\n"{TEXT}",1\n'.encode(), TEXT[:30]),
        ("a.txt.gz", gzip.compress(TEXT.encode(), mtime=0), TEXT[:30]),
        ("a", gzip.compress(json.dumps({"text": TEXT}).encode(), mtime=0), TEXT[:30]),
    ],
)
def test_a_file_of_any_kind_that_can_be_read_is_shown(client: TestClient, name: str, data: bytes, shown: str) -> None:
    headers = {"origin": BASE, "content-type": "application/octet-stream", "x-name": name}
    answer = client.post("/read", content=data, headers=headers)
    assert answer.status_code == 200
    page = client.get(answer.json()["address"]).text
    assert shown in "".join(re.split(r"<[^>]*>", page))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.parquet", b"PAR1....", "a.parquet: is a Parquet file, which only the command line reads: framing score"),
        (
            "a.warc.gz",
            gzip.compress(b"WARC/1.0", mtime=0),
            "a.warc.gz: is a WARC file, which only the command line reads",
        ),
        ("a.pdf", b"%PDF-1.4", "a.pdf: is a PDF; turn it into text first"),
        ("a.docx", b"PK\x03\x04word/", "a.docx: is a Word document"),
        ("a.json", b'[{"text": "x"}]', "a.json: is JSON, not JSON Lines"),
        ("a.jsonl", b'{"no": 1}', "a.jsonl:1: no text in `text`"),
        ("a.csv", b"a,b\n1,2\n", "a.csv:1: there is no column `text`"),
        ("a.gz", gzip.compress(TEXT.encode(), mtime=0)[:40], "a.gz: damaged gzip data"),
        ("bomb.txt.gz", gzip.compress(bytes(50_000_000), mtime=0), "bomb.txt.gz: more than 40 MB for one article"),
        ("a.txt", bytes(range(256)), "a.txt: a binary file, not text"),
        ("a.txt", b"", "a.txt: holds no text"),
        ("a%0d%0aX:%20b.pdf", b"%PDF-1.4", "a X: b.pdf: is a PDF"),
        ("", b"", "pasted text: holds no text"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line(
    client: TestClient, name: str, data: bytes, message: str
) -> None:
    headers = {"origin": BASE, "content-type": "application/octet-stream", "x-name": name}
    answer = client.post("/read", content=data, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)
    assert len(answer.json()["error"].splitlines()) == 1


def test_a_form_of_many_fields_is_read_like_any_other(client: TestClient) -> None:
    fields = {f"field{number}": "x" for number in range(100)} | {"text": TEXT}
    answer = client.post("/read", data=fields, headers={"origin": BASE}, follow_redirects=False)
    assert answer.status_code == 303


def test_nothing_is_fetched_and_no_file_opened_for_what_is_pasted(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret words")
    for text in (f"{tmp_path}/secret.txt", "http://127.0.0.1:1/", "file:///etc/passwd", "-"):
        page = client.post("/read", data={"text": text}, headers={"origin": BASE}).text
        assert "the secret words" not in page
        assert "root:" not in page
    headers = {"origin": BASE, "content-type": "application/octet-stream", "x-name": f"{tmp_path}/secret.txt"}
    address = client.post("/read", content=b"Only this is read.", headers=headers).json()["address"]
    assert "the secret words" not in client.get(address).text


def test_a_text_is_scored_as_the_command_line_scores_it(client: TestClient) -> None:
    answer = client.post(
        "/api/score", json={"text": "Moscow hosted both ministers and offered to host the next round."}
    )
    assert answer.json()["paragraphs"][0]["label"] == "neutral_broker"
    assert answer.json()["model"]["shares"] == "predicted, not corrected"
    assert client.post("/api/score", json={"text": " "}).status_code == 400
    assert client.post("/api/score", content=b"{", headers={"content-type": "application/json"}).status_code == 400


# The document.


def test_a_date_that_is_none_is_refused(client: TestClient) -> None:
    assert client.post("/api/score", json={"text": TEXT, "date": "2 March 2021"}).json()["date"] == "2021-03-02"
    answer = client.post("/api/score", json={"text": TEXT, "date": "yesterday"})
    assert (answer.status_code, answer.json()["error"]) == (
        400,
        "date 'yesterday' is no date or could be two; write YYYY-MM-DD",
    )


def test_the_document_names_every_address_of_the_interface(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {"/api/score", "/api/units", "/api/codes", "/api/undo", "/api/decisions"}
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert refs <= set(document["components"]["schemas"])
    unit = units_of(client)[0]
    assert set(unit) == set(document["components"]["schemas"]["Unit"]["properties"])


# Attacks.


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8383",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1.evil.example:8383",
        "localhost:1",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/state?coder=ann", "/static/code.js"])
def test_a_name_that_was_pointed_here_is_refused(client: TestClient, host: str, path: str) -> None:
    assert client.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8383"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_can_neither_send_nor_ask(
    client: TestClient, folder: Path, headers: dict[str, str]
) -> None:
    body = {"coder": "ann", "codes": [{"unit": "n0#1", "label": "broker"}]}
    assert client.post("/api/codes", json=body, headers=headers).status_code == 403
    assert client.get("/api/state?coder=ann", headers=headers).status_code == 403
    assert log_of(folder, "ann") == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_form_of_another_site_that_hides_its_origin_is_refused(client: TestClient, folder: Path, kind: str) -> None:
    body = json.dumps({"coder": "ann", "codes": [{"unit": "n0#1", "label": "broker"}]})
    assert client.post("/api/codes", content=body, headers={"content-type": kind}).status_code == 403
    assert client.post("/read", content="text=x", headers={"content-type": kind}).status_code == 403
    assert log_of(folder, "ann") == []


def test_a_link_from_another_page_may_be_followed(client: TestClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/", headers=headers).status_code == 200
    assert client.get("/", headers=headers | {"sec-fetch-dest": "iframe"}).status_code == 403


def test_every_answer_has_the_policy_and_no_page_has_a_script_or_style_in_it(client: TestClient) -> None:
    dispute(client)
    paths = ["/", "/code?coder=ann", "/adjudicate", "/read", "/compare", "/train", "/nothing", "/static/app.css",
             "/api/state?coder=ann", "/api/nothing", "/code?coder=nobody"]  # fmt: skip
    for path in paths:
        answer = client.get(path)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        if "html" in answer.headers["content-type"]:
            assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
            own = r'<script type="module" src="/static/\w+\.js"></script>'
            assert len(re.findall(own, answer.text)) == answer.text.count("<script")
            assert not re.search(r"(?:src|href)=\"(?:https?:)?//", answer.text)
    assert "unsafe" not in POLICY
    assert client.get("/", headers={"host": "evil.example"}).headers["content-security-policy"] == POLICY


def test_everything_from_the_folder_is_escaped(tmp_path: Path) -> None:
    folder = coding_folder(tmp_path / "tea", 6, hostile=True)
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as client:
        unit = units_of(client)[0]["id"]
        code(client, "ann", unit, "broker", comment=HOSTILE)
        code(client, "bob", unit, "obstacle")
        pages = [client.get(path).text for path in ("/", "/code?coder=ann", "/adjudicate", "/train")]
        pages.append(client.get("/api/unit?coder=ann&position=0").json()["html"])
        pages.append(client.get("/adjudicate", params={"adjudicator": HOSTILE}).text)
        pages.append(client.get("/code", params={"coder": HOSTILE}).text)
        pages.append(
            client.post("/read", data={"text": f"{HOSTILE} Moscow hosted them."}, headers={"origin": BASE}).text
        )
        pages.append(client.post("/read", data={"text": HOSTILE + "\0%PDF-"}, headers={"origin": BASE}).text)
        for page in pages:
            assert "<script>window" not in page
            assert "<img" not in page
            assert "<b>" not in page


def test_large_bodies_are_refused(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/api/codes", content=b" " * (LARGEST + 1), headers=headers).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(30):
            yield b"x" * 100_000

    assert client.post("/api/codes", content=endless(), headers=headers).status_code == 413
    many = {"coder": "ann", "codes": [{"unit": "n0#1", "label": None}] * 1001}
    assert client.post("/api/codes", json=many).status_code == 400
    deep = b'{"coder": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert client.post("/api/codes", content=deep, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/static/../webapp.py", "/static/%2e%2e/webapp.py", "/static/..%2f..%2fpyproject.toml",
        "/static/%2fetc%2fpasswd", "/static/nothing.js", "/api/unit?coder=ann&position=-1",
        "/api/unit?coder=ann&position=99", "/api/units?coder=ann&limit=0",
        "/api/units?coder=ann&offset=x", "/code?coder=ann&position=1e9", "/read/../../etc/passwd",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere_end_in_one_line(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "Traceback" not in answer.text
    assert "root:" not in answer.text


def test_elsewhere_than_on_this_machine_every_request_needs_the_token(site: Site) -> None:
    doors = Doors(8383, ("127.0.0.1", "desk"), True, "s3cret-token")
    with TestClient(make_app(site, doors), base_url="http://desk:8383", follow_redirects=False) as client:
        for path in ("/", "/api/state?coder=ann", "/static/code.js", "/openapi.json", "/?token=wrong"):
            assert client.get(path).status_code == 401
        assert client.get("/", headers={"host": "evil.example:8383"}).status_code == 421
        bearer = {"authorization": "Bearer s3cret-token"}
        assert client.get("/api/state?coder=ann", headers=bearer).status_code == 200
        entered = client.get("/code?coder=ann&token=s3cret-token")
        assert (entered.status_code, entered.headers["location"]) == (303, "/code?coder=ann")
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert "SameSite=Strict" in entered.headers["set-cookie"]
        assert client.get("/").status_code == 200  # by its cookie now
        for path in ("//evil.example/", "/%2fevil.example/", "/\\evil.example/"):
            assert not client.get(f"{path}?token=s3cret-token").headers["location"].startswith(("//", "/\\", "http"))
        client.cookies.clear()
        assert client.get("/", headers={"host": "192.168.1.7:8383"} | bearer).status_code == 200


# Comparing.


def test_the_corpus_that_was_named_at_start_is_compared(folder: Path) -> None:
    site = make_site(folder, compared=Compared((str(EXAMPLE),)), say=lambda line: None)
    with TestClient(make_app(site, Doors(8383)), base_url=BASE) as client:
        assert "being scored and compared" in client.get("/compare").text
        while client.get("/api/compare").json()["working"]:
            time.sleep(0.05)
        page = client.get("/compare").text
        assert "lessercaucasusreview.example" in page
        assert "script-src 'self'" in client.get("/compare").headers["content-security-policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=", page)


def test_what_is_wrong_with_the_corpus_stands_on_the_page(client: TestClient, folder: Path) -> None:
    assert "framing serve --corpus ARTICLES --audit AUDIT" in client.get("/compare").text
    site = make_site(folder, compared=Compared(("nowhere.jsonl",)), say=lambda line: None)
    with TestClient(make_app(site, Doors(8383)), base_url=BASE) as other:
        other.get("/compare")
        while other.get("/api/compare").json()["working"]:
            time.sleep(0.05)
        page = other.get("/compare").text
        assert "nowhere.jsonl" in page
        assert "Try again" in page


# Training.


def test_a_model_is_trained_from_the_page_with_scores_before_and_after(tmp_path: Path) -> None:
    folder = coding_folder(tmp_path / "tea", 60)
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as client:
        assert client.post("/api/train", json={}).status_code == 400
        from tests.small import _MARKS

        codes = []
        for unit in units_of(client):
            verb = unit["text"].split()[1]
            number = next(place for place, verbs in enumerate(_MARKS) if verb in verbs.split())
            codes.append({"unit": unit["id"], "label": ("broker", "obstacle", "none")[number]})
        client.post("/api/codes", json={"coder": "ann", "codes": codes})
        assert client.post("/api/train", json={}).json()["status"] == "running"
        assert client.post("/api/train", json={}).status_code == 400
        seen = set()
        for _ in range(600):
            facts = client.get("/api/train").json()
            seen.add(facts["stage"])
            if facts["status"] != "running":
                break
            time.sleep(0.1)
        assert facts["status"] == "done", facts
        assert facts["before"] is None
        assert facts["after"]["paragraphs"] == 60
        assert "Articles not seen in training: macro-F1" in facts["after"]["scores"]
        assert (folder / "models" / "tea-house" / "model.json").exists()
        client.post("/api/train", json={})
        stopped = client.post("/api/train/stop", json={}).json()
        assert stopped["status"] == "stopped"
        assert stopped["before"] == facts["after"]
        assert len(seen) > 1


# The command.


def test_a_training_ends_with_its_server_also_where_that_is_killed(tmp_path: Path) -> None:
    folder = coding_folder(tmp_path / "tea", 60)
    rows = [
        {"id": unit.id, "label": ("broker", "obstacle", "none")[number % 3]}
        for number, unit in enumerate(load_labels(folder).units)
    ]
    (folder / "codes" / "ann.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    job = TrainJob(folder, folder / "models" / "tea-house")
    job.start()
    process = job._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()  # as it is closed when the server is gone
    assert process.wait(20) == -signal.SIGKILL
    assert not (folder / "models").exists()


@pytest.mark.parametrize("missing", ["folder", "codebook.toml", "paragraphs.jsonl"])
def test_a_folder_that_cannot_be_coded_in_is_told_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    path = folder
    if missing == "folder":
        path = folder / "nowhere"
    else:
        (folder / missing).unlink()
    done = run(monkeypatch, "serve", "--labels", path)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "framing sample ARTICLES -o" in done.err
    assert ("name yours with --labels DIR" in done.err) == (missing == "folder")


def test_a_port_in_use_is_one_line_or_the_next_one_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from framing import serving

    first = serving.bind("127.0.0.1", free_port())
    done = run(monkeypatch, "serve", "--labels", folder, "--port", first.doors.port)
    assert done.code == 1
    assert done.err.startswith(f"framing: port {first.doors.port} is in use; name another with --port")
    assert done.err.count("\n") == 1
    monkeypatch.setattr(serving, "DEFAULT_PORT", first.doors.port)
    second = serving.bind("127.0.0.1", None)
    assert second.doors.port > first.doors.port
    assert f"{second.doors.port} is taken" in second.notes[0]
    first.socket.close()
    second.socket.close()


def test_another_host_is_warned_of_and_has_a_token() -> None:
    from framing import serving

    bound = serving.bind("0.0.0.0", free_port())
    bound.socket.close()
    assert bound.doors.token
    assert bound.address.endswith(f"?token={bound.doors.token}")
    assert "WARNING: other machines can reach this server" in bound.notes[-1]
    alone = serving.bind("127.0.0.1", 0)
    alone.socket.close()
    assert alone.doors.token is None


def test_a_model_that_is_not_there_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, "serve", "--labels", folder, "-m", "nosuch")
    assert done.code == 1
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("codebook.toml", "name = ", "codebook.toml: is not valid TOML"),
        ("paragraphs.jsonl", "{", "paragraphs.jsonl:1: is not valid JSON"),
        ("paragraphs.jsonl", '{"id": "a", "text": "b", "coders": ["../x"]}', "cannot be a coder's name"),
        ("codes/ann.jsonl", '{"id": "elsewhere", "label": "broker"}\n', "no paragraph has the id 'elsewhere'"),
        ("codes/ann.jsonl", '{"id": "n0#1", "label": "gone"}\n', "label 'gone' is not in the codebook"),
    ],
)
def test_a_folder_that_is_spoiled_is_told_in_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, message: str
) -> None:
    (folder / file).write_text(text)
    done = run(monkeypatch, "serve", "--labels", folder)
    assert done.code == 1
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "name", ["codebook.toml", "paragraphs.jsonl", "articles.jsonl", "codebooks", "codes", "models"]
)
def test_a_link_that_leads_out_of_the_folder_is_not_followed(client: TestClient, folder: Path, name: str) -> None:
    unit = units_of(client)[0]["id"]
    outside, path = folder.parent / f"outside-{name}", folder / name
    if path.exists():
        path.rename(outside)
    else:
        outside.mkdir()
    before = sorted(path.name for path in outside.glob("*"))
    path.symlink_to(outside)
    code(client, "ann", unit, "broker")
    client.post("/api/train", json={})
    assert sorted(path.name for path in outside.glob("*")) == before
    with pytest.raises(LabelsError) as told:
        make_site(folder)
    assert str(told.value) == f"{path}: is a link that leads out of {folder}; put what it leads to there itself"


def test_no_host_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, "serve", "--labels", folder, "--host", "no.such.host.invalid")
    assert done.code == 2
    assert done.err.count("\n") == 1


def test_two_programs_on_one_folder_see_each_other(client: TestClient, folder: Path) -> None:
    one, two, three = (unit["id"] for unit in units_of(client)[:3])
    with TestClient(make_app(make_site(folder), Doors(8383)), base_url=BASE) as other:
        code(client, "ann", one, "broker")
        code(other, "ann", two, "none")
        code(client, "ann", three, "obstacle")
        code(other, "ann", one, "none")
        for asked in (client, other):
            assert asked.get("/api/state?coder=ann").json()["flags"].startswith("1110")
        assert other.post("/api/undo", json={"coder": "ann"}).json()["unit"] == one
        assert client.post("/api/undo", json={"coder": "ann"}).json()["unit"] == three
    assert holding(folder, "ann") == {one: "broker", two: "none"}


def test_a_folder_that_cannot_be_written_to_saves_nothing_and_says_so(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("framing.codelog.os.fsync", full)
    answer = code(client, "ann", units_of(client)[0]["id"], "broker")
    assert answer.status_code == 503
    assert "No space left on device" in answer.json()["error"]
    monkeypatch.undo()
    assert log_of(folder, "ann") == []
    assert client.get("/api/state?coder=ann").json()["coded"] == 0


def test_it_ends_cleanly_with_ctrl_c(folder: Path) -> None:
    command = [sys.executable, "-m", "framing", "serve", "--labels", str(folder), "--port", str(free_port())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(f"Coding in {folder}: http://127.0.0.1:")
    time.sleep(0.5)
    process.send_signal(2)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert err == "framing: ended; every code that was said to be saved is on the disk\n"


def test_a_session_of_a_hundred_codes_with_kills_in_it_loses_nothing(tmp_path: Path) -> None:
    rng = random.Random(11)
    folder = coding_folder(tmp_path / "tea", 100)
    server = Server(folder, free_port()).start()
    assert server.process is not None
    units = [f"n{number // 2}#{(1, 3)[number % 2]}" for number in range(100)]
    wanted = {unit: rng.choice(["broker", "obstacle", "none", None]) for unit in units}
    said = {}
    kills = sorted(rng.sample(range(100), 3))
    for number, (unit, label) in enumerate(wanted.items()):
        body = {"coder": "ann", "codes": [{"unit": unit, "label": label, "key": f"k{number}"}]}
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{server.address}/api/codes", data, {"content-type": "application/json"})
        if number in kills:  # in the middle of this save, or just before or behind it
            threading.Timer(rng.random() * 0.01, server.process.kill).start()
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    assert json.load(answer)["saved"] == 1
                said[unit] = label
                break
            except (urllib.error.URLError, http.client.HTTPException, OSError):
                server.kill()
                for who, held in said.items():
                    assert holding(folder, "ann")[who] == held
                server.start()
    server.kill()
    assert holding(folder, "ann") == wanted
    assert len(log_of(folder, "ann")) == 100
