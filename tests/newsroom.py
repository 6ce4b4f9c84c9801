"""An invented corpus of twelve sources whose true frames are known, so that a whole comparison can be checked.

`python -m tests.newsroom FOLDER` writes corpus.jsonl, truth.json (label by paragraph id), and audit.csv: a sheet of
`framing sample`, filled in by a coder who is always right. Nothing in it is a
fact: the sentences are drawn at random from fragments, a seed gives the same corpus on every machine, and every source
mixes the frames in its own way. Some articles are wire copy, one lacks its source, one its date, one is about roses.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LABELS = ("neutral_broker", "obstacle", "opportunist", "none")
MIXES: Mapping[str, Sequence[float]] = {
    "Aras Courier": (0.60, 0.10, 0.10, 0.20),
    "Borderland Post": (0.55, 0.10, 0.10, 0.25),
    "Caspian Daily": (0.15, 0.50, 0.15, 0.20),
    "Dawn Wire": (0.30, 0.25, 0.20, 0.25),
    "Eastern Ledger": (0.10, 0.15, 0.55, 0.20),
    "Free Hour": (0.25, 0.25, 0.25, 0.25),
    "Gorge Gazette": (0.20, 0.20, 0.20, 0.40),
    "Highland Radio": (0.10, 0.45, 0.20, 0.25),
    "Istanbul Notes": (0.15, 0.20, 0.45, 0.20),
    "Jubilee Press": (0.30, 0.15, 0.15, 0.40),
    "Kura Review": (0.05, 0.10, 0.15, 0.70),
    "Lowland Mail": (0.40, 0.20, 0.10, 0.30),
}
_ACTORS = (
    "Moscow", "The Kremlin", "Russia", "Russian diplomats", "Sergei Lavrov", "President Putin", "The Russian side",
    "Russian officials", "Moscow's envoy", "The Russian ministry", "Russia's president", "The Kremlin spokesman",
)  # fmt: skip
_VERBS = {
    "neutral_broker": (
        "hosted both ministers", "brokered the ceasefire", "mediated the talks", "convened the negotiators",
        "invited both leaders", "carried proposals across", "chaired the meeting", "reconciled the drafts",
        "urged mutual restraint", "facilitated the exchange", "received both delegations", "offered its mediation",
    ),
    "obstacle": (
        "failed to intervene", "ignored the pleas", "abandoned its ally", "blocked the resolution",
        "refused its guarantee", "stalled the mission", "did nothing while", "let the attack",
        "broke its promise", "watched the blockade", "vetoed the monitors", "betrayed the treaty",
    ),
    "opportunist": (
        "secured its base", "extended its lease", "sold arms to", "tightened its grip", "expanded its influence",
        "profited from the", "gained a foothold", "exploited the war", "demanded a price", "wanted leverage over",
        "pocketed the contracts", "cemented its presence",
    ),
    "none": (
        "reported the harvest", "published the schedule", "was mentioned in", "counted the visitors",
        "opened a consulate", "printed the stamps", "marked the anniversary", "announced the weather",
        "listed the flights", "played the qualifier", "translated the novel", "measured the river",
    ),
}  # fmt: skip
_TAILS = {
    "neutral_broker": (
        "for peace", "between the parties", "with equal distance", "as a mediator", "toward a truce",
        "around one table", "without taking sides", "to calm tempers", "after long consultations", "on neutral ground",
    ),
    "obstacle": (
        "despite its obligations", "while soldiers died", "and lost trust", "against the agreement",
        "as villages burned", "in its weakness", "though bound to", "leaving people alone", "when it mattered",
        "and delayed peace",
    ),
    "opportunist": (
        "for its own", "in the Caucasus", "at both expenses", "for lasting influence", "as the price",
        "to its advantage", "with its soldiers", "over the corridor", "in exchange for", "for strategic gain",
    ),
    "none": (
        "on a page", "during the festival", "for the tourists", "in small print", "before the concert",
        "among other news", "of the season", "near the museum", "in the afternoon", "for the record",
    ),
}  # fmt: skip
_PLACES = (
    "in Sochi", "near Lachin", "at Stepanakert", "from Yerevan", "in Baku", "by Shusha", "around Goris", "over Agdam",
    "in Geneva", "at Prague", "near Kelbajar", "by Martuni",
)  # fmt: skip
_TIMES = (
    "on Monday", "last Tuesday", "that week", "in autumn", "before dawn", "at midnight", "this morning", "in November",
    "on Friday", "two days", "since spring", "by evening",
)  # fmt: skip
_LINKS = (
    "as villagers", "while farmers", "and shopkeepers", "where teachers", "because drivers", "until refugees",
    "so pensioners", "before students", "though nurses", "when officers", "after families", "since traders",
)  # fmt: skip
_DOINGS = (
    "waited outside", "packed their", "read papers", "lit candles", "kept quiet", "asked neighbours", "queued for",
    "watched buses", "mended roofs", "counted days", "went home", "spoke softly",
)  # fmt: skip
_THINGS = (
    "old bridges", "cold kitchens", "wet roads", "school yards", "empty stations", "mountain passes", "market halls",
    "stone walls", "apple crates", "hospital beds", "border posts", "power lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Newsroom:
    """The rows of the corpus, and the true label of each paragraph by its id."""

    rows: tuple[dict[str, str], ...]
    truth: Mapping[str, str]

    def write(self, folder: Path) -> Path:
        """Write corpus.jsonl and truth.json; return the corpus."""
        path = folder / "corpus.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in self.rows), encoding="utf-8")
        (folder / "truth.json").write_text(json.dumps(self.truth), encoding="utf-8")
        return path


def paragraph(label: str, rng: random.Random) -> str:
    """Return an invented paragraph of two sentences that frames Russia in one way; one in four quotes someone."""
    sentences = []
    for _ in range(2):
        parts = [
            rng.choice(_ACTORS), rng.choice(_VERBS[label]), rng.choice(_TAILS[label]), rng.choice(_PLACES),
            rng.choice(_TIMES), rng.choice(_LINKS), rng.choice(_DOINGS), rng.choice(_THINGS),
        ]  # fmt: skip
        sentences.append(" ".join(parts) + ".")
    text = " ".join(sentences)
    return f"\u201c{text}\u201d {rng.choice(_TIMES)}, a deputy said." if rng.random() < 0.25 else text


def make_newsroom(*, articles: int = 20, seed: int = 1) -> Newsroom:
    """Return a corpus of about 12 x `articles` articles."""
    rng = random.Random(seed)
    rows: list[dict[str, str]] = []
    truth: dict[str, str] = {}
    for source, mix in MIXES.items():
        for number in range(articles):
            identity = f"{source.split()[0].lower()}-{number:02}"
            lean = rng.choices(LABELS, mix)[0]  # paragraphs of one article are alike
            labels = [lean if rng.random() < 0.3 else rng.choices(LABELS, mix)[0] for _ in range(rng.randint(2, 7))]
            row = {"id": identity, "source": source, "date": f"2020-{10 + number % 3}-{1 + number % 28:02}",
                   "title": f"{rng.choice(_PLACES)} {rng.choice(_TIMES)}".capitalize(),
                   "country": "north" if source < "G" else "south",
                   "text": "\n\n".join(paragraph(label, rng) for label in labels)}  # fmt: skip
            rows.append(row)
            truth |= {f"{identity}#{index}": label for index, label in enumerate(labels)}
    for number, source in enumerate(["Free Hour", "Gorge Gazette", "Lowland Mail"]):  # a later copy of Dawn Wire's
        first = next(row for row in rows if row["source"] == "Dawn Wire" and row["id"].endswith(f"{number:02}"))
        copy = f"copy-{number}"
        rows.append(first | {"id": copy, "source": source, "date": "2020-12-31", "text": first["text"] + "\n\nDawn."})
        truth |= {f"{copy}#{key.rsplit('#')[1]}": label for key, label in truth.items()
                  if key.startswith(f"{first['id']}#")}  # fmt: skip
    for name, missing in (("nowhere", "source"), ("never", "date")):
        row = {"id": name, "source": "Free Hour", "date": "2020-10-02", "title": "A page",
               "text": paragraph("obstacle", rng)}  # fmt: skip
        truth[f"{name}#0"] = "obstacle"
        rows.append({key: value for key, value in row.items() if key != missing})
    roses = "The gardener cut the roses in the afternoon and put them into a vase near the window."
    rows.append({"id": "roses", "source": "Kura Review", "date": "2020-10-03", "title": "Roses", "text": roses})
    return Newsroom(tuple(rows), truth)


def fill_sheet(sheet: Path, truth: Mapping[str, str], *, most: int | None = None) -> None:
    """Fill in a sheet as a coder who is always right would; `most` rows of it, from the top."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names, rows = list(reader.fieldnames or ()), list(reader)
    for row in rows[:most]:
        row["label"] = truth.get(row["id"], "none")
    with sheet.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path) -> None:
    """Write the corpus and an audit of it."""
    from framing.read import read_articles
    from framing.records import Article
    from framing.sample import Wish, find_codebook, sample_to_sheet

    folder.mkdir(parents=True, exist_ok=True)
    news, sheet = make_newsroom(), folder / "audit.csv"
    corpus = news.write(folder)
    sheet.unlink(missing_ok=True)
    articles = (found for found in read_articles([str(corpus)]) if isinstance(found, Article))
    sample_to_sheet(articles, Wish(432, None, 3), sheet, find_codebook("russia-mediator")[0])
    fill_sheet(sheet, news.truth)
    print(f"wrote {corpus} and {sheet}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
