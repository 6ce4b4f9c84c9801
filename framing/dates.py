"""Dates as people write them, to ISO 8601."""

from __future__ import annotations

import re
from datetime import date, datetime

_MONTH_NAMES = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sep sept", "october oct", "november nov", "december dec",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY_FIRST = re.compile(_WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+(?:of )?([a-z]+)\.?,?[ -]+(\d{4})", re.IGNORECASE)
_MONTH_FIRST = re.compile(_WEEKDAY + r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"([a-z]+)\.?,? (\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(?::?\d\d.*)?", re.IGNORECASE)


def iso_date(text: str) -> str | None:
    """Return a date in ISO 8601, or None where `text` is no date or could be two (`03/04/2020`).

    A year, a year and month, and a full timestamp stay what they are.
    """
    text = " ".join(text.split()).removesuffix(".")
    if not text.isascii():
        return None
    if re.fullmatch(r"\d{4}", text):
        return text
    if re.fullmatch(r"\d{4}-\d\d", text):
        return text if 1 <= int(text[5:]) <= 12 else None
    if (match := _MONTH_YEAR.fullmatch(text)) and (month := _MONTHS.get(match[1].lower())):
        return f"{match[2]}-{month:02}"
    if _ISO_TIME.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        return text.replace(" ", "T", 1)
    parts = _date_parts(text)
    try:
        return date(*parts).isoformat() if parts else None
    except ValueError:
        return None


def _date_parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day as they are written."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text) or _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _DAY_FIRST.fullmatch(text):
        return int(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1])
    if match := _MONTH_FIRST.fullmatch(text):
        return int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2])
    if match := _NUMBERS.fullmatch(text):
        one, two, year = int(match[1]), int(match[3]), int(match[4])
        if one > 12 or one == two:
            return year, two, one
        if two > 12:
            return year, one, two
    return None
