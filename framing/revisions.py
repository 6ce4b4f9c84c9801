"""The versions of a codebook under which codes were given, and what has changed since.

`codebooks/N.toml` in a labels folder is the codebook as it was when codes were first given under version N. A rule that
does not stand there word for word (text and clarifications; an example decides nothing) has changed since, and so has
one that stands there and is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from framing.codebook import FILE_NAME, Codebook, Rule, load_codebook
from framing.codebooktext import codebook_toml
from framing.errors import LabelsError
from framing.files import make_folder, replacing_text
from framing.labels import ADJUDICATED, Code, Labels

REVISIONS = "codebooks"


@dataclass(frozen=True, slots=True)
class Stale:
    """A code that was given under an older text of a rule."""

    code: Code
    version: int
    """The codebook version under which it was given."""
    rules: tuple[int, ...]
    """The numbers of the rules of today that have changed since and concern its label; empty where one was removed."""


@dataclass(frozen=True, slots=True)
class StaleCodes:
    """What `stale_codes` found."""

    codes: tuple[Stale, ...]
    undated: int
    """Codes that do not say under which version they were given."""
    unknown: tuple[int, ...]
    """Versions whose text is not kept: every code given under them is listed."""


def revision_file(folder: Path, version: int) -> Path:
    """Return where the text of a version is kept."""
    return folder / REVISIONS / f"{version}.toml"


def check_revision(folder: Path, codebook: Codebook) -> None:
    """Raise LabelsError where the rules are not those under which codes of the same version were given."""
    file = revision_file(folder, codebook.version)
    if file.exists() and _rules(load_codebook(file)) != _rules(codebook):
        raise LabelsError(
            f"{folder / FILE_NAME}: the rules are not those of {file}, under which codes were given; raise version to "
            f"{codebook.version + 1} (or remove that file where only spelling changed)"
        )


def save_revision(folder: Path, codebook: Codebook, *, again: bool = False) -> None:
    """Keep the text of the codebook where none of its version is kept yet, with `again` in any case."""
    file = revision_file(folder, codebook.version)
    if again or not file.exists():
        make_folder(file.parent)
        with replacing_text(file) as opened:
            opened.write(codebook_toml(codebook))


def stale_codes(labels: Labels, folder: Path) -> StaleCodes:
    """Return the codes that were given under an older text of a changed rule of the codebook.

    Which version that was is the code's own, else its coder's (coders.toml). A code is concerned by the rules that
    give its label, and by those that name none. Raises LabelsError where the text of a version cannot be read.
    """
    changed: dict[int, Mapping[str | None, tuple[int, ...]] | None] = {}
    found: list[Stale] = []
    undated = 0
    for code in _all_codes(labels):
        version = _version_of(code, labels)
        if version is None:
            undated += 1
            continue
        if version >= labels.codebook.version or code.label is None:
            continue
        if version not in changed:
            file = revision_file(folder, version)
            changed[version] = _changed(load_codebook(file), labels.codebook) if file.exists() else None
        since = changed[version]
        if since is None:
            rules = [rule.number for rule in labels.codebook.rules if rule.label in (None, code.label)]
            found.append(Stale(code, version, tuple(rules)))
        elif code.label in since or None in since:
            found.append(Stale(code, version, tuple(sorted({*since.get(code.label, ()), *since.get(None, ())}))))
    return StaleCodes(tuple(found), undated, tuple(version for version, since in changed.items() if since is None))


def _all_codes(labels: Labels) -> Iterator[Code]:
    for given in (*labels.codes.values(), labels.adjudicated):
        yield from given.values()


def _version_of(code: Code, labels: Labels) -> int | None:
    if code.codebook_version is not None:
        return code.codebook_version
    name = code.adjudicator if code.coder == ADJUDICATED else code.coder
    coder = labels.coders.get(name or "")
    return coder.codebook_version if coder else None


def _changed(old: Codebook, new: Codebook) -> dict[str | None, tuple[int, ...]]:
    """Return the labels whose rules have changed, with the numbers of today's rules that are not in the old text."""
    before, today = _rules(old), _rules(new)
    found: dict[str | None, tuple[int, ...]] = {}
    for rule in new.rules:
        if _rule(rule) not in before:
            found[rule.label] = (*found.get(rule.label, ()), rule.number)
    for label, text, clarifications in before:
        if (label, text, clarifications) not in today:
            found.setdefault(label, ())
    return found


def _rules(codebook: Codebook) -> list[tuple[str | None, str, tuple[str, ...]]]:
    return [_rule(rule) for rule in codebook.rules]


def _rule(rule: Rule) -> tuple[str | None, str, tuple[str, ...]]:
    return rule.label, rule.text, rule.clarifications
