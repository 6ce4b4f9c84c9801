"""From a pile of articles to paragraphs that coders can label: a labels folder, or a single sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from framing.codebook import FILE_NAME, Codebook, load_codebook
from framing.codebooktext import codebook_toml, skeleton
from framing.errors import LabelsError, ModelError, UsageError
from framing.files import make_folder, replacing_text
from framing.labels import check_coder
from framing.loading import load_model
from framing.model import DEFAULT_MODEL, Model
from framing.picking import pick
from framing.records import Article
from framing.revisions import save_revision
from framing.samplefolder import SHEETS, SampleFolder, open_folder, unit_rows
from framing.sampling import NO_SOURCE, Draw, Drawn, Sample, deal, draw_sample, inclusion
from framing.sheets import CODING, check_sheet, is_sheet, write_sheet
from framing.wording import counted

_CODERS_TOML = """\
# What each coder is, so that whoever reads the agreement knows. Take away the # and fill in.
"""
_CODER = """
# [{name}]
# kind = "person"            # or "model"
# description = "..."        # who: training, languages, ties to the matter
# codebook_version = {version}
"""


@dataclass(frozen=True, slots=True)
class Sampled:
    """What was drawn or picked, and what was written."""

    articles: int
    paragraphs: int
    groups: tuple[tuple[str, int, int, int, int], ...]
    """For each group: articles and paragraphs that could be drawn, articles and paragraphs that were."""
    written: tuple[tuple[str | None, Path], ...]
    """The sheets, each with the coder whose it is."""
    notes: tuple[str, ...]
    """What the user should know, one line each."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be drawn, and for whom."""

    paragraphs: int
    by: str | None = None
    per_article: int = 3
    coders: tuple[str, ...] = ()
    overlap: float = 0.15
    seed: int = 0
    way: str | None = None
    """How to pick for training instead of drawing at random (see framing.picking)."""
    model: str | None = None
    """The model to pick by; None is the default model."""

    def check(self) -> None:
        """Raise UsageError where it cannot be."""
        if not 0 <= self.overlap <= 1:
            raise UsageError(f"--overlap {self.overlap:g} must be a share from 0 to 1")
        for name in self.coders:
            check_coder(name)
        if len({name.casefold() for name in self.coders}) < len(self.coders):
            raise UsageError("--coders names a coder twice (capitals make no difference)")


def find_codebook(name: str | Path) -> tuple[Codebook, str]:
    """Return a codebook and its TOML text: a file, a labels folder, or the codebook of a model.

    Raises LabelsError or ModelError.
    """
    path = Path(name)
    if path.exists():
        codebook = load_codebook(path)
        file = path / FILE_NAME if path.is_dir() else path
        return codebook, file.read_bytes().decode("utf-8-sig")
    try:
        codebook = for_other_texts(load_model(name).codebook)
    except ModelError as error:
        raise LabelsError(f"{name}: is no codebook file, labels folder or model; check the name") from error
    return codebook, codebook_toml(codebook)


def for_other_texts(codebook: Codebook) -> Codebook:
    """Return a model's codebook without what it says of the texts that the model learned from: others are drawn."""
    return replace(codebook, headline=None, notice=None)


def check_wish(wish: Wish, output: Path) -> None:
    """Raise UsageError where a wish cannot be, or cannot go to `output`, before anything is read."""
    wish.check()
    if wish.model is not None and wish.way is None:
        raise UsageError("-m is for --next; a random draw needs no model")
    if is_sheet(output):
        if wish.way is not None:
            raise UsageError("--next writes into a labels folder: name one with -o DIR")
        check_sheet(output)


def sample_to(articles: Iterable[Article], wish: Wish, output: Path, codebook: str | None) -> Sampled:
    """Draw or pick paragraphs into a sheet (a name that ends in .csv) or a labels folder.

    `codebook` is a file, a labels folder or a model, as `find_codebook` takes it. Raises UsageError, LabelsError,
    ModelError, FramingError.
    """
    if is_sheet(output):
        return sample_to_sheet(articles, wish, output, find_codebook(codebook)[0] if codebook else None)
    if wish.way is None:
        return sample_to_folder(articles, wish, output, codebook)
    return pick_to_folder(articles, wish, output, codebook, load_model(wish.model or DEFAULT_MODEL), wish.way)


def sample_to_sheet(articles: Iterable[Article], wish: Wish, path: Path, codebook: Codebook | None) -> Sampled:
    """Draw paragraphs into one sheet in the flat form; with several coders a row for each code that is wanted."""
    check_sheet(path)
    make_folder(path.parent)
    sample = _drawn(articles, wish, codebook, 1, {})
    parts = _parts(sample.drawn, wish, 1)
    rows = [
        _sheet_row(row, one.article.title, codebook)
        | {"inclusion": inclusion([sample.draw], one.group, len(one.spans))}
        for one in sample.drawn
        for row in unit_rows(one, parts[one.article.id])
    ]
    for rank, row in enumerate(rows, 1):
        row["rank"] = rank
    columns = dict(CODING)
    if wish.coders:
        columns["coder"] = str
        rows = [row | {"coder": coder} for coder in wish.coders for row in rows if coder in row["coders"]]
    write_sheet(rows, path, columns)
    return _report(sample, ((None, path),), wish)


def sample_to_folder(articles: Iterable[Article], wish: Wish, path: Path, codebook: str | None) -> Sampled:
    """Draw paragraphs into a labels folder, new or from an earlier draw.

    Raises LabelsError, UsageError, FramingError.
    """
    folder = open_folder(path)
    folder.check_drawable()
    scheme, text = _scheme(folder, codebook)
    if folder.draws and wish.by not in (None, folder.by):
        raise UsageError(
            f"{path} was drawn by {folder.by or 'source (the default)'}; leave --by out, or name a new folder"
        )
    wish = replace(wish, by=folder.by) if folder.draws else wish
    number = len(folder.draws) + 1
    checked = (folder.check(article) for article in articles)
    sample = _drawn(checked, wish, scheme if text is None or codebook else None, number, folder.taken())
    parts = _parts(sample.drawn, _with_coders(wish, folder), number)
    rows = folder.add(sample, parts)
    written = _write(folder, rows, scheme, text)
    report = _report(sample, written, wish)
    known = report.paragraphs - len(rows)
    notes = list(report.notes)
    if known:
        notes.append(f"{known} of them had been picked for training and are in sheets already")
    if text is not None and codebook is None:
        notes.append(f"{path / FILE_NAME} is a skeleton that names no target, so that articles on anything were drawn; "
                     "better fill it in first, then draw into a new folder with --codebook")  # fmt: skip
    return replace(report, notes=tuple(notes))


def pick_to_folder(
    articles: Iterable[Article], wish: Wish, path: Path, codebook: str | None, model: Model, way: str
) -> Sampled:
    """Pick paragraphs for training into a labels folder; their probability is null. Raises as `sample_to_folder`."""
    if wish.by is not None:
        raise UsageError("--by is for a random draw; --next picks by what the model says")
    folder = open_folder(path)
    scheme, text = _scheme(folder, codebook, model.codebook)
    if scheme.labels != model.labels:
        raise UsageError(
            f"the model {model.name} has other frames ({', '.join(model.labels)}) than {path}; name one of them with -m"
        )
    texts = [str(row.get("text", "")) for row in folder.units.values()]
    checked = (folder.check(article) for article in articles)
    picked = pick(
        model, checked, wish.paragraphs, way, per_article=wish.per_article, known=folder.units, known_texts=texts
    )
    if not picked:
        raise LabelsError("nothing to pick: no new paragraph with status ok in these articles")
    parts = _parts(picked, _with_coders(wish, folder), folder.next_batch())
    rows = folder.add_picked(picked, parts)
    written = _write(folder, rows, scheme, text)
    notes = ["picked for training, not at random: inclusion is null, and no audit counts them"]
    return Sampled(len(picked), len(rows), (), written, tuple(notes))


def _drawn(
    articles: Iterable[Article],
    wish: Wish,
    codebook: Codebook | None,
    number: int,
    taken: Mapping[str, frozenset[int]],
) -> Sample:
    wish.check()
    sample = draw_sample(
        articles,
        wish.paragraphs,
        by=wish.by,
        per_article=wish.per_article,
        seed=wish.seed,
        number=number,
        taken=taken,
        target=codebook.target if codebook else (),
    )
    if not sample.reach and sample.without and wish.by:
        raise UsageError(f"no article has a {wish.by}; group by another field of the corpus, or leave --by out")
    if not sample.drawn:
        raise LabelsError(f"nothing to draw: {_left_out(sample, wish) or 'every paragraph was drawn before'}")
    return sample


def _with_coders(wish: Wish, folder: SampleFolder) -> Wish:
    """Return the wish with the folder's coders where it names none, else with one who has no codes there yet."""
    if wish.coders:
        return wish
    number, known = 1, _coders_toml(folder.path)
    while (folder.path / "codes" / f"coder{number}.jsonl").exists() or f"[coder{number}]" in known:
        number += 1
    return replace(wish, coders=tuple(folder.coders()) or (f"coder{number}",))


def _parts(drawn: Sequence[Drawn], wish: Wish, number: int) -> dict[str, tuple[str, ...]]:
    return deal(drawn, wish.coders or ("",), wish.overlap, wish.seed, number)


def _scheme(folder: SampleFolder, wanted: str | None, fallback: Codebook | None = None) -> tuple[Codebook, str | None]:
    """Return the folder's codebook, and the text of one that is yet to be written there."""
    file = folder.path / FILE_NAME
    if file.exists():
        if wanted is not None and for_other_texts(find_codebook(wanted)[0]) != for_other_texts(load_codebook(file)):
            raise UsageError(f"{file} is there already and is another codebook; leave --codebook out")
        return load_codebook(file), None
    if wanted is not None:
        return find_codebook(wanted)
    if fallback is not None:
        fallback = for_other_texts(fallback)
        return fallback, codebook_toml(fallback)
    text = skeleton(folder.path.resolve().name)
    return Codebook.from_dict(_parsed(text)), text


def _parsed(text: str) -> dict[str, object]:
    import tomllib

    return tomllib.loads(text)


def _sheet_row(row: Mapping[str, Any], title: str | None, codebook: Codebook | None) -> dict[str, Any]:
    return dict(row) | {"title": title, "codebook_version": codebook.version if codebook else None}


def _write(
    folder: SampleFolder, rows: Sequence[dict[str, Any]], codebook: Codebook, text: str | None
) -> tuple[tuple[str | None, Path], ...]:
    """Write the sheets of new rows, then the folder."""
    make_folder(folder.path / SHEETS)
    make_folder(folder.path / "codes")
    if text is not None:
        with replacing_text(folder.path / FILE_NAME) as file:
            file.write(text)
    coders = list(dict.fromkeys(coder for row in rows for coder in row["coders"]))
    batch = max((row["batch"] for row in rows), default=1)
    if not (folder.path / "coders.toml").exists():
        with replacing_text(folder.path / "coders.toml") as file:
            file.write(
                _CODERS_TOML + "".join(_CODER.format(name=_key(name), version=codebook.version) for name in coders)
            )
    save_revision(folder.path, codebook)
    sheets: list[tuple[str | None, Path]] = []
    for coder in coders:
        sheet = _free_name(folder.path / SHEETS, coder, batch)
        part = (row for row in rows if coder in row["coders"])
        write_sheet((_sheet_row(row, folder.articles[row["article"]].get("title"), codebook) for row in part), sheet)
        sheets.append((coder, sheet))
    folder.save()
    return tuple(sheets)


def _coders_toml(folder: Path) -> str:
    """Return the text of a folder's coders.toml, as it is begun where there is none."""
    path = folder / "coders.toml"
    return path.read_text(encoding="utf-8") if path.exists() else _CODERS_TOML


def _key(name: str) -> str:
    """Return a name as a TOML key."""
    return name if name.isascii() and name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _free_name(folder: Path, coder: str, batch: int) -> Path:
    """Return the name of a sheet that is not there yet: what a coder has filled in is never written over."""
    path = folder / (f"{coder}.csv" if batch == 1 else f"{coder}-{batch}.csv")
    return path if not path.exists() else _free_name(folder, coder, batch + 1)


def _report(sample: Sample, written: tuple[tuple[str | None, Path], ...], wish: Wish) -> Sampled:
    drawn = sample.drawn
    articles: dict[str, int] = {}
    for group in sample.reach.values():
        articles[group] = articles.get(group, 0) + 1
    groups = []
    for group in sorted(articles):
        mine = [one for one in drawn if one.group == group]
        counts = (articles[group], sample.paragraphs[group], len(mine), sum(len(one.chosen) for one in mine))
        groups.append((group, *counts))
    total = sum(len(one.chosen) for one in drawn)
    notes = [note for note in (_left_out(sample, wish), _short(sample.draw, total, wish)) if note]
    nothing = sum(not paragraphs for *_, paragraphs in groups)
    if nothing:
        notes.append(
            f"{nothing} of {len(groups)} groups got no paragraph; ask for more with -n, or group more coarsely"
        )
    if set(articles) == {NO_SOURCE}:
        notes.append("no article names its source: --source-from folder or --sources FILE does, and only then can "
                     "sources be compared")  # fmt: skip
    return Sampled(len(drawn), total, tuple(groups), written, tuple(notes))


def _short(draw: Draw, total: int, wish: Wish) -> str:
    if total < wish.paragraphs:
        left = sum(share.free - share.whole - (share.rest > 0) for share in draw.fresh.values())
        short = f"some articles have fewer than {wish.per_article}; ask for more with -n"
        reason = short if left else "there are no more to draw"
        return f"{total} of the {wish.paragraphs} paragraphs asked for: {reason}"
    return ""


def _left_out(sample: Sample, wish: Wish) -> str:
    parts = [
        (sample.without, f"without a {wish.by}"),
        (sample.unnamed, f"that never name{'s' * (sample.unnamed == 1)} the target"),
        (sample.empty, "without prose"),
    ]
    return ", ".join(f"{counted(count, 'article')} {what} left out" for count, what in parts if count)
