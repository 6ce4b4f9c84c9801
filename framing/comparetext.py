"""A comparison for the terminal: for each label a compact table of the groups with bars that show the intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from framing.comparewords import labelled
from framing.comparison import Comparison, Estimate, Group, LabelShare, Of, Order, is_by_date
from framing.terminal import Style, columns_of, fit, one_line, wrapped
from framing.wording import CANNOT_TELL, NOT_AUDITED, TOUCHES_NOTHING, counted

_SHARE = len("100 % (100-100)")
_MOST_NAME, _LEAST_BAR = 24, 10


def comparison_lines(found: Comparison, style: Style, width: int) -> Iterator[str]:
    """Yield the lines of the table, each at most `width` columns."""
    yield from _head(found, style, width)
    yield from _tables(found, found.groups, style, width)
    if found.series is not None and not is_by_date(found.by):
        yield from _heading(f"Over time, all groups together (by {found.series.unit})", style, width)
        yield from _tables(found, [point.group for point in found.series.points], style, width, orders=False)
    for voice in found.voices:
        what = "Mostly quoted paragraphs" if voice.voice == "quoted" else "Paragraphs in the article's own voice"
        yield from _heading(what, style, width)
        yield from _tables(found, voice.groups, style, width, orders=False)
    if found.voices:
        yield from wrapped("A frame in a quoted paragraph may be the quoted speaker's, not the source's.", width)
    yield from _foot(found, style, width)


def _heading(text: str, style: Style, width: int) -> Iterator[str]:
    yield ""
    yield from (style.bold(line) for line in wrapped(text, width))


def _head(found: Comparison, style: Style, width: int) -> Iterator[str]:
    if found.model.question:
        yield from (style.bold(line) for line in wrapped(found.model.question, width))
    paragraphs = sum(one.paragraphs for one in found.groups)
    yield from wrapped(
        f"{counted(paragraphs, 'paragraph')} of {counted(found.articles, 'article')}, by {found.by}; scored by the "
        f"model {found.model.name} ({found.model.fingerprint})",
        width,
    )
    if found.audit is not None:
        audit = found.audit
        touched = f"{counted(audit.paragraphs, 'paragraph')} in {counted(audit.articles, 'article')}"
        said = f"Corrected by an audit of {touched}, {labelled(audit)}{_agreement(found)}"
        yield from wrapped(said if audit.paragraphs else TOUCHES_NOTHING, width)
        if audit.assumed_random:
            yield from wrapped("The audit is ASSUMED to be a random sample (--assume-random).", width)
    else:
        yield from wrapped("NOT AUDITED: counts adjusted by the errors that the model made in training.", width)
    yield from wrapped(found.estimand, width)
    if found.model.notice:
        yield from (style.dim(line) for line in wrapped(found.model.notice, width))


def _agreement(found: Comparison) -> str:
    agreement = found.audit.agreement if found.audit else None
    if agreement is None or agreement.alpha is None:
        return ""
    alpha = agreement.alpha
    return f" (alpha {alpha.value:.2f}, {alpha.low:.2f} to {alpha.high:.2f}, on {agreement.units} of both)"


def _tables(
    found: Comparison, groups: Sequence[Group], style: Style, width: int, *, orders: bool = True
) -> Iterator[str]:
    """Yield a table for each label."""
    names = [*(one.name for one in groups), *(one.title for one in found.labels)]
    longest = max(columns_of(one_line(name)) for name in names)
    name_width = min(longest, _MOST_NAME, max(width // 4, 8))
    framed = any(one.of == "framed" for group in groups for one in group.shares)
    for place, label in enumerate(found.labels):
        yield ""
        yield from _table(found, groups, place, framed and not label.none, name_width, style, width)
        if orders:
            yield from _orders(found, label.id, width)


def _table(
    found: Comparison, groups: Sequence[Group], place: int, framed: bool, name_width: int, style: Style, width: int
) -> Iterator[str]:
    label = found.labels[place]
    share_width = _SHARE if found.audited else _SHARE + len(NOT_AUDITED) + 1
    beside = f"{'of framed':<{share_width}}  " if framed else ""
    tail = f"{'hand':>4}  {'naive':>5}" if found.audited else f"{'naive':>5}"
    gaps = name_width + 2 + share_width + 2 + len(beside) + 2 + len(tail)
    if framed and width < gaps:  # a narrow terminal shows the shares of all paragraphs only
        yield from _table(found, groups, place, False, name_width, style, width)
        return
    tailed = width >= gaps
    if not tailed:
        tail = ""
    bar = width - gaps
    drawn = bar >= _LEAST_BAR
    bar = min(bar, 50) if drawn else 0
    scale = _scale(bar) + "  " if drawn else ""
    head = f"{fit(label.title, name_width)}  {'of all':<{share_width}}  {scale}{beside}{tail}"
    yield style.hue(style.bold(cut_keep(head, width)), None if label.none else place)
    for group in groups:
        one = _find(group, label.id, "all")
        shown = one.lacking_text if isinstance(one, _Lacking) else _share_text(one, found.audited)
        line = f"{fit(group.name, name_width)}  {shown:<{share_width}}  "
        if drawn:
            line += (interval_bar(one, bar) if isinstance(one, LabelShare) else " " * bar) + "  "
        if framed:
            other = _find(group, label.id, "framed")
            line += f"{_share_text(other, found.audited) if isinstance(other, LabelShare) else '':<{share_width}}  "
        naive = group_naive(group, label.id)
        hand = one.by_hand if isinstance(one, LabelShare) else None
        if tailed:
            line += f"{_percent(hand):>4}  {_percent(naive):>5}" if found.audited else f"{_percent(naive):>5}"
        yield line.rstrip()
    yield from _originals(groups, label.id, width, audited=found.audited)


class _Lacking:
    """What stands in the place of a share that was not estimated."""

    def __init__(self, what: str) -> None:
        self.lacking_text = f"lacks {what.split()[0]} more" if what[:1].isdigit() else ""


def _find(group: Group, label: str, of: Of) -> LabelShare | _Lacking:
    one = next((one for one in group.shares if one.label == label and one.of == of), None)
    if group.lacking:
        return _Lacking(group.lacking)
    return one if one is not None else _Lacking("")


def group_naive(group: Group, label: str) -> Estimate | None:
    """Return the naive count of a label among all paragraphs of a group."""
    return next((one.naive for one in group.shares if one.label == label and one.of == "all"), None)


def _share_text(one: LabelShare, audited: bool) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "withheld" if audited else f"withheld, {NOT_AUDITED}"
    text = f"{100 * one.value:3.0f} % ({100 * one.low:.0f}-{100 * one.high:.0f})"
    return text if audited else f"{text:<{_SHARE}} {NOT_AUDITED}"


def _percent(share: Estimate | None) -> str:
    return "" if share is None else f"{100 * share.value:.0f}"


def interval_bar(one: LabelShare, columns: int) -> str:
    """Return an interval as a line with the estimate in it, and the naive count as a cross, from 0 to 100 %."""
    cells = [" "] * columns
    if one.value is not None and one.low is not None and one.high is not None:
        low, high = _cell(one.low, columns), _cell(one.high, columns)
        cells[low : high + 1] = "─" * (high - low + 1)
    if one.naive is not None:
        cells[_cell(one.naive.value, columns)] = "×"
    if one.value is not None:
        cells[_cell(one.value, columns)] = "●"
    return "".join(cells)


def _cell(share: float, columns: int) -> int:
    return min(int(share * columns), columns - 1)


def _scale(columns: int) -> str:
    """Return 0 to 100 % as the heading of a bar."""
    middle = "50" if columns >= 14 else ""
    left = f"0{middle:>{columns // 2}}"
    return left + f"{'100':>{columns - len(left)}}"


def cut_keep(text: str, width: int) -> str:
    """Return a heading with its spaces, cut to the width."""
    return text[:width].rstrip()


def _originals(groups: Sequence[Group], label: str, width: int, *, audited: bool) -> Iterator[str]:
    """Say where leaving out later wire copies changes a share by a per cent or more."""
    changed = []
    for group in groups:
        one = next((one for one in group.shares if one.label == label and one.of == "all"), None)
        if one is not None and one.original is not None and one.value is not None:
            before, after = round(100 * one.value), round(100 * one.original.value)
            if before != after and group.original_articles < group.articles:
                changed.append(f"{one_line(group.name)} {after} %")
    if changed:
        told = "" if audited else f", {NOT_AUDITED}"
        yield from wrapped(f"original only{told}: {', '.join(changed)}", width)


def _orders(found: Comparison, label: str, width: int) -> Iterator[str]:
    if not found.audited:
        return
    for order in found.orders:
        if order.label == label:
            of = "of all" if order.of == "all" else "of framed"
            yield from wrapped(f"{of}: {one_line(_order_text(found, order))}", width)


def _order_text(found: Comparison, order: Order) -> str:
    """Return the supported pairs, and what holds of all others."""
    groups = sum(1 for one in found.groups if not one.lacking)
    others = groups * (groups - 1) // 2 - len(order.pairs)
    if not order.pairs or not others:
        return order.text
    return f"{order.text}; {counted(others, 'other pair')}: {CANNOT_TELL}"


def _foot(found: Comparison, style: Style, width: int) -> Iterator[str]:
    yield ""
    legend = "● estimate, ─ its 95 % interval, × naive: predicted labels counted as if they were true"
    yield from (style.dim(line) for line in wrapped(legend, width))
    if found.audited:
        legend = "hand: the hand labels alone; A > B: supported with all differences taken together (95 %)"
        yield from (style.dim(line) for line in wrapped(legend, width))
    if found.wire.later:
        yield from wrapped(
            f"Wire copy: {found.wire.later} of {counted(found.articles, 'article')} are later copies of another; "
            "the shares are as published",
            width,
        )
    if found.remainder:
        parts = [
            f"{one.reason} {counted(one.paragraphs, 'paragraph')} ({counted(one.articles, 'whole article')})"
            for one in found.remainder
        ]
        yield from wrapped(f"In no share: {'; '.join(parts)}", width)
    for note in found.notes:
        yield from wrapped(f"note: {note}", width)
    if found.sample_command:
        yield "An audit that would do:" if not found.audited else "More of an audit:"
        yield f"  {found.sample_command}"
