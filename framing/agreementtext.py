"""Agreement for the terminal: the tables, the model beside the coders, and the units to look at again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from framing.agree import Agreement
from framing.agreement import ModelAgreement, Report
from framing.codebook import Rule
from framing.disputes import Dispute, Suspect, rules_for
from framing.errors import LabelsError
from framing.export import Columns
from framing.labels import Code, Labels
from framing.records import Interval
from framing.revisions import StaleCodes
from framing.sheets import write_sheet
from framing.summary import table
from framing.terminal import Style, one_line, wrapped
from framing.wording import counted

SHOWN = 10
"""How many disputes, suspects and pairs of copies the terminal shows unless all are asked for."""
_HEAD = ("", "units", "differ", "alpha", "AC1", "agreement")
_ABOUT = ("id", "text", "article", "source", "date", "url", "target", "inclusion")
_DECISION: Columns = {
    "label": str, "reason": str, "adjudicator": str, "secondary": str, "sure": bool, "article": str, "source": str,
    "date": str, "url": str, "target": str, "inclusion": float, "codebook_version": int,
}  # fmt: skip
_POSITION = {
    "below": "below the coders' own range",
    "inside": "inside the coders' own range",
    "above": "above the coders' own range",
}


def agreement_lines(
    report: Report, style: Style, width: int, *, full: bool = False, why_no_model: str = ""
) -> list[str]:
    """Return what `framing agree` prints. `why_no_model` says why there is no model to compare, if there is none."""
    codebook = report.labels.codebook
    title = f"{codebook.name}, version {codebook.version}: {codebook.question}"
    found = [*map(style.bold, wrapped(title, width)), ""]
    found += [line for text in _coders(report) for line in _hanging(text, width)]
    if not report.coders:
        return found
    found += [""]
    found += _tables(report, style, width)
    found += [
        "",
        *(
            _model(report.model, report, style, width)
            if report.model
            else [f"No model beside the coders: {why_no_model}."]
        ),
    ]
    most = None if full else SHOWN
    found += ["", *_disputes(report, style, width, most)]
    if report.model:
        found += ["", *_suspects(report, style, width, most)]
    if report.copies:
        found += ["", *_copies(report, style, width, most)]
    return found


def stale_lines(found: StaleCodes, labels: Labels) -> list[str]:
    """Return what `framing agree --stale` prints."""
    version = labels.codebook.version
    head = f"{counted(len(found.codes), 'code')} given under an older text of a rule that version {version} changed"
    shown = [head]
    if found.codes:
        rows = [("coder", "unit", "label", "version", "rules changed since")]
        for one in found.codes:
            rules = ", ".join(map(str, one.rules)) or ("not known" if one.version in found.unknown else "removed")
            rows.append((one.code.coder, one.code.unit, str(one.code.label), str(one.version), rules))
        shown += ["", *_left(rows)]
    if found.unknown:
        versions = ", ".join(map(str, found.unknown))
        shown += [
            "",
            f"The rules of version {versions} are not kept (codebooks/N.toml): all codes under them are listed.",
        ]
    if found.undated:
        shown += [
            "",
            f"{counted(found.undated, 'code')} without a codebook version (neither the code nor coders.toml)",
        ]
    return shown


def _coders(report: Report) -> Iterator[str]:
    """Say what the coders are."""
    if not report.coders:
        yield "Nobody has coded yet; framing import brings filled sheets in."
    for name, units in report.coders.items():
        known = report.labels.coders.get(name)
        what = f"{known.kind}: {known.description}" if known else "coders.toml does not say who this is"
        skips = f", {counted(report.skips[name], 'skip')}" if report.skips[name] else ""
        yield f"{name} ({counted(units, 'unit')}{skips}): {what}"
    if report.adjudicated:
        yield f"adjudicated: {counted(report.adjudicated, 'unit')}"


def _tables(report: Report, style: Style, width: int) -> Iterator[str]:
    rows = [("all coders", report.overall)]
    rows += [(f"  {label} against the rest", one) for label, one in report.by_label.items()]
    if len(report.by_pair) > 1:
        rows += [(f"{one} and {other}", found) for (one, other), found in report.by_pair.items() if found.units]
    if report.overall.units:
        yield "Agreement, with 95 % intervals over articles (alpha: Krippendorff, nominal; AC1: Gwet)"
        head, *others = _fitted(rows, width)
        yield style.dim(head)
        yield from others
    reasons = {report.overall.why: "all coders"}
    for label, one in report.by_label.items():
        reasons.setdefault(one.why, label)
    for pair, one in report.by_pair.items():
        if one.units or len(report.by_pair) == 1:
            reasons.setdefault(one.why, " and ".join(pair))
    for why, where in reasons.items():
        if why:
            yield f"{where}: {why}."
    if report.overall.articles == 1:
        yield "All of these units are of one article: an interval cannot be told."


def _row(name: str, found: Agreement, digits: int) -> list[str]:
    figures = (found.alpha, found.ac1, found.percent)
    return [name, str(found.units), str(found.differ), *(_interval(one, digits) if one else "-" for one in figures)]


def _fitted(rows: Sequence[tuple[str, Agreement]], width: int) -> list[str]:
    """Return the table with three digits, with two where the terminal is narrow, and without units where it must be."""
    for digits in (3, 2):
        lines = table([_HEAD, *(_row(name, found, digits) for name, found in rows)])
        if max(map(len, lines)) <= width:
            return lines
    short = table([(row[0], *row[3:]) for row in (_HEAD, *(_row(name, found, 2) for name, found in rows))])
    return short if max(map(len, short)) <= width else [line for row in short for line in wrapped(row, width)]


def _interval(one: Interval, digits: int) -> str:
    return f"{one.value:.{digits}f} ({one.low:.{digits}f} to {one.high:.{digits}f})"


def _model(model: ModelAgreement, report: Report, style: Style, width: int) -> Iterator[str]:
    yield f"The model {model.name} ({model.fingerprint}) as one more coder: {model.units} out-of-fold labels"
    if model.pairs:
        head, *others = _fitted([(f"model and {name}", found) for name, found in model.pairs.items()], width)
        yield style.dim(head)
        yield from others
    if model.position and model.range:
        low, high = model.range
        of = "interval of their alpha" if len(report.by_pair) == 1 else "their lowest to highest alpha"
        yield f"Its mean alpha with the coders lies {_POSITION[model.position]} ({of}, {low:.3f} to {high:.3f})."
    else:
        yield "Whether that is as good as a coder cannot be said: too few units have two coders' codes."


def _disputes(report: Report, style: Style, width: int, most: int | None) -> Iterator[str]:
    if not report.disputes:
        yield "No unit is in dispute."
        return
    yield style.bold(f"In dispute: {counted(len(report.disputes), 'unit')}, most consequential first")
    rules: dict[int, Rule] = {}
    for one in report.disputes[:most]:
        yield ""
        yield from _dispute(one, style, width)
        rules |= {rule.number: rule for rule in one.rules}
    yield from _more(len(report.disputes), most, "--disputed FILE writes all of them as a sheet")
    if rules:
        yield ""
        yield style.bold("The rules in question")
        for number in sorted(rules):
            yield from _indented(f"{number}. {rules[number].label or ''}: {rules[number].text}", width)
            for clarification in rules[number].clarifications:
                yield from _indented(f"   {clarification}", width)


def _dispute(one: Dispute, style: Style, width: int) -> Iterator[str]:
    numbers = ", ".join(str(rule.number) for rule in one.rules)
    rules = f", rules {numbers}" if numbers else ""
    alike = f", {one.alike - 1} more about the same labels" if one.alike > 1 else ""
    yield style.bold(one_line(one.unit.id)) + f"{rules}{alike}"
    yield from _indented(one.unit.text, width)
    for coder, code in one.codes.items():
        yield from _indented(f"{coder}: {code_text(code)}", width, "    ")


def code_text(code: Code) -> str:
    """Return a code in words: the label, a secondary one, whether the coder is sure, and the comment."""
    parts = [code.label or "skipped"]
    if code.secondary:
        parts.append(f"secondary {code.secondary}")
    if code.sure is not None:
        parts.append("sure" if code.sure else "unsure")
    return ", ".join(parts) + (f"; {code.comment}" if code.comment else "")


def _suspects(report: Report, style: Style, width: int, most: int | None) -> Iterator[str]:
    if not report.suspects:
        yield "No gold label is suspect: the model nowhere contradicts one with confidence."
        return
    count = counted(len(report.suspects), "unit")
    yield style.bold(f"Labels to look at again: {count} where the model, out of fold, contradicts gold with confidence")
    for one in report.suspects[:most]:
        yield ""
        yield from _suspect(one, style, width)
    yield from _more(len(report.suspects), most, "--full shows all of them, --format json has them too")


def _suspect(one: Suspect, style: Style, width: int) -> Iterator[str]:
    said = f"gold {one.label} ({one.probability:.2f}), model {one.instead} ({one.instead_probability:.2f})"
    yield f"{style.bold(one_line(one.unit.id))}  {said}"
    yield from _indented(one.unit.text, width)


def _copies(report: Report, style: Style, width: int, most: int | None) -> Iterator[str]:
    pairs = len(report.copies)
    yield style.bold(f"Near-copies with different labels: {counted(pairs, 'pair')}")
    for one in report.copies[:most]:
        yield ""
        yield f"{one_line(one.one.id)}: {one.labels[0]}; {one_line(one.other.id)}: {one.labels[1]}"
        yield from _indented(one.one.text, width)
        yield from _indented(one.other.text, width)
    yield from _more(pairs, most, "--full shows all of them")


def _more(count: int, most: int | None, how: str) -> Iterator[str]:
    if most is not None and count > most:
        yield ""
        yield f"... and {count - most} more; {how}."


def _indented(text: str, width: int, indent: str = "  ") -> Iterator[str]:
    yield from (indent + line for line in wrapped(text, width - len(indent)))


def _hanging(text: str, width: int) -> Iterator[str]:
    first, *others = wrapped(text, width - 2)
    yield first
    yield from ("  " + line for line in others)


def _left(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def disputed_sheet(report: Report) -> tuple[list[dict[str, object]], Columns]:
    """Return the rows and columns of a sheet in which an adjudicator decides every dispute and every suspect label."""
    labels = report.labels
    given = {f"code_{coder}": coder for coder in report.coders}
    columns = {"id": str, "text": str, "why": str, **dict.fromkeys(given, str), "rules": str, **_DECISION}
    asked = [(one.unit, "coders differ", one.rules) for one in report.disputes]
    for two in report.suspects:
        why = f"the model, out of fold, says {two.instead} ({two.instead_probability:.2f})"
        asked.append((two.unit, why, rules_for(labels.codebook, frozenset((two.label, two.instead)))))
    rows = []
    for unit, why, rules in asked:
        row: dict[str, object] = {name: getattr(unit, name) for name in _ABOUT} | {"why": why}
        for name, coder in given.items():
            code = labels.codes[coder].get(unit.id)
            row[name] = code_text(code) if code else None
        text = "\n".join(f"{rule.number}. {rule.label or ''}: {rule.text}" for rule in rules)
        rows.append(row | {"rules": text, "codebook_version": labels.codebook.version})
    return rows, columns


def write_disputed(report: Report, path: Path) -> None:
    """Write the disputes, and the suspect labels after them, as a sheet. Raises LabelsError where there are none."""
    if not report.disputes and not report.suspects:
        raise LabelsError(f"no unit is in dispute and no label suspect: {path} was not written")
    rows, columns = disputed_sheet(report)
    write_sheet(rows, path, columns)


def write_stale(found: StaleCodes, labels: Labels, path: Path) -> None:
    """Write the stale codes as a sheet in which their coders give each unit a label anew, under today's codebook.

    Raises LabelsError where there are none.
    """
    if not found.codes:
        raise LabelsError(f"no code is stale: {path} was not written")
    units = {unit.id: unit for unit in labels.units}
    columns: dict[str, type] = {"id": str, "text": str, "coder": str, "given": str, "rules": str, **_DECISION}
    rows = []
    for one in found.codes:
        row: dict[str, object] = {name: getattr(units[one.code.unit], name) for name in _ABOUT}
        rules = [rule for rule in labels.codebook.rules if rule.number in one.rules]
        text = "\n".join(f"{rule.number}. {rule.label or ''}: {rule.text}" for rule in rules)
        row |= {"coder": one.code.coder, "given": f"{code_text(one.code)} (version {one.version})", "rules": text}
        rows.append(row | {"codebook_version": labels.codebook.version})
    write_sheet(rows, path, columns)


def stale_facts(found: StaleCodes) -> dict[str, Any]:
    """Return stale codes as plain JSON values."""
    codes = [
        {"coder": one.code.coder, "id": one.code.unit, "label": one.code.label, "version": one.version}
        | {"rules": list(one.rules)}
        for one in found.codes
    ]
    return {"codes": codes, "undated": found.undated, "versions_not_kept": list(found.unknown)}
