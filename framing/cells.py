"""Cells of a CSV file that no spreadsheet takes for a formula, and the way back."""

from __future__ import annotations

import re

_IGNORED = r"\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMULA = rf"[{_IGNORED}]*(?:[=+\-@\t\r]|[＝＋－＠﹦﹢﹣﹫−])"
"""What a spreadsheet may take for a formula: a sign that begins one, also wide or small, also behind what it skips."""
_TO_GUARD = re.compile(rf"'*{_FORMULA}")
_GUARDED = re.compile(rf"'+{_FORMULA}")


def guard_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: with an apostrophe in front where it could.

    A text that such an apostrophe, or several, already stand in front of gets one more, so that `restore_cell` gives
    every text back.
    """
    return "'" + text if _TO_GUARD.match(text) else text


def restore_cell(cell: str) -> str:
    """Undo `guard_cell`: take away one apostrophe from those in front of what could be a formula."""
    return cell[1:] if _GUARDED.match(cell) else cell
