"""Requests to plain values, and plain values, pages and errors to the answers that pages and programs get."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from framing.codingfolder import CodingFolder
from framing.codingpages import unit_markup
from framing.codingstate import LEAST_SHARED, CodingState, Given
from framing.dates import iso_date
from framing.errors import LabelsError, ModelError, UsageError
from framing.labels import Code
from framing.records import Article, article_id
from framing.rows import parse_json
from framing.scoredjson import to_json
from framing.suggestions import Suggestion, Suggestions
from framing.webpages import problem_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

MOST_CODES = 1_000
MOST_UNITS = 1_000
_ABOUT = ("title", "source", "date", "url", "target")


# Requests.


def parsed(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a request. Raises LabelsError for anything else."""
    try:
        values = parse_json(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise LabelsError("the request is not UTF-8") from error
    except ValueError as error:
        raise LabelsError(f"the request is not valid JSON: {error}") from error
    if not isinstance(values, dict):
        raise LabelsError("the request must be a JSON object")
    return values


def text_of(values: Mapping[str, Any], key: str) -> str:
    """Return a text that must be there. Raises LabelsError."""
    value = optional_text(values, key)
    if value is None:
        raise LabelsError(f"{key} is missing")
    return value


def optional_text(values: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None where it is missing. Raises LabelsError."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise LabelsError(f"{key} must be text")
    if value is not None and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise LabelsError(f"{key} holds half of a character (a lone surrogate)")
    return value


def given_codes(values: Mapping[str, Any]) -> list[Given]:
    """Return the codes of a request. Raises LabelsError."""
    codes = values.get("codes")
    if not isinstance(codes, list) or not 0 < len(codes) <= MOST_CODES:
        raise LabelsError(f"codes must be a list of 1 to {MOST_CODES:,} codes")
    return [_given(one) for one in codes]


def _given(values: object) -> Given:
    if not isinstance(values, dict) or "label" not in values:
        raise LabelsError("a code must be an object of unit and label (null: skip)")
    sure, version, shown = values.get("sure"), values.get("codebook_version"), values.get("suggestion_shown", False)
    if sure is not None and not isinstance(sure, bool):
        raise LabelsError("sure must be true, false or null")
    if version is not None and type(version) is not int:
        raise LabelsError("codebook_version must be a whole number")
    texts = {key: optional_text(values, key) for key in ("label", "secondary", "comment", "key", "late")}
    return Given(
        unit=text_of(values, "unit"), sure=sure, codebook_version=version, suggestion_shown=shown is True, **texts
    )


def article_of(values: Mapping[str, Any]) -> Article:
    """Return the article of a request. Raises LabelsError."""
    text = text_of(values, "text")
    if not text.strip():
        raise LabelsError("text is empty")
    title, source, given, url, target = (optional_text(values, key) for key in _ABOUT)
    date = iso_date(given) if given else None
    if given and date is None:
        raise LabelsError(f"date {given[:80]!r} is no date or could be two; write YYYY-MM-DD")
    identity = article_id(text)
    return Article(identity, text, title, source, date, url, target=target, origin="request")


def position_of(given: str | None, units: int, otherwise: int | None = None) -> int:
    """Return a position in a coder's part. Raises LabelsError."""
    if given is None and otherwise is not None:
        return otherwise
    position = whole_number(given or "", "position")
    if position >= units:
        raise LabelsError(f"position must be below {units:,}")
    return position


def whole_number(given: str, name: str) -> int:
    """Return a whole number of a query. Raises LabelsError."""
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise LabelsError(f"{name} must be a whole number")
    return int(given)


# Plain values as JSON.


def code_json(code: Code | None) -> dict[str, Any] | None:
    """Return a code as plain JSON values."""
    if code is None:
        return None
    names = ("unit", "label", "secondary", "sure", "comment", "time", "codebook_version")
    return {name: getattr(code, name) for name in names}


def unit_json(folder: CodingFolder, coder: str, position: int) -> dict[str, Any]:
    """Return a unit of a coder's part as plain JSON values; the source is not told."""
    unit = folder.units[folder.part(coder)[position]]
    values = {"id": unit.id, "position": position, "text": unit.text, "article": unit.article}
    return values | {"date": unit.date, "target": unit.target, "code": code_json(folder.codes(coder).get(unit.id))}


def suggestion_json(found: Suggestion | None) -> dict[str, Any] | None:
    """Return a suggestion as plain JSON values."""
    return None if found is None else {"label": found.label, "probability": round(found.probability, 4)}


def state_json(state: CodingState, coder: str, suggestions: Suggestions, known: str | None) -> dict[str, Any]:
    """Return what a coder's page shows beside the paragraph; short where it is what the page knows already."""
    with state.now() as folder:
        revision = f"{state.started}-{folder.revision}"
        short = {"revision": revision, "problem": folder.problem, "model": suggestions.why_none}
        if revision == known:
            return short
        progress, so_far = state.progress(coder), state.so_far(coder)
        told = so_far.units >= LEAST_SHARED
        return short | {
            "flags": state.flags(coder),
            "version": folder.codebook.version,
            "units": progress.units,
            "coded": progress.coded,
            "skipped": progress.skipped,
            "shared": so_far.units,
            "same": so_far.same if told else None,
            "alpha": round(so_far.alpha, 3) if told and so_far.alpha is not None else None,
            "torn": list(folder.torn()),
        }


def unit_with_markup(
    state: CodingState, suggestions: Suggestions, coder: str, position: int, *, seen: bool = False
) -> dict[str, Any]:
    """Return a unit with its markup; the model's suggestion only where it is coded, or was asked for (`seen`)."""
    with state.now() as folder:
        values = unit_json(folder, coder, position)
        heading = f"{position + 1:,} of {len(folder.part(coder)):,}"
        values["html"] = unit_markup(folder, folder.units[values["id"]], heading)
    told = suggestions.found.get(values["id"]) if values["code"] is not None or seen else None
    return values | {"suggestion": suggestion_json(told)}


# Answers.


def response(text: str, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return text as an answer."""
    from starlette.responses import Response

    return Response(text.encode("utf-8", "replace"), status, headers, kind)


def html(markup: str, status: int = 200) -> Response:
    """Return a page as an answer."""
    return response(markup, "text/html; charset=utf-8", status)


def json_answer(values: object, status: int = 200) -> Response:
    """Return plain values as an answer."""
    return response(to_json(values), "application/json", status)


def redirect(address: str) -> Response:
    """Return the way to another page."""
    from starlette.responses import RedirectResponse

    return RedirectResponse(address, 303)


def gone() -> Response:
    """Return that there is no such page."""
    return html(problem_page("Not here", "There is no such page, or it is held no more."), 404)


def _is_for_program(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def told(request: Request, error: Exception) -> Response:
    """Tell what is wrong with a request; 503 where it is the disk, so that the page tries again."""
    status = 400 if isinstance(error, LabelsError | UsageError | ModelError) else 503
    if _is_for_program(request):
        return json_answer({"error": str(error)}, status)
    return html(problem_page("That cannot be", str(error)), status)


def missing(request: Request, error: Exception) -> Response:
    """Tell that there is no such address, or that it is not asked in this way."""
    status = getattr(error, "status_code", 404)
    if _is_for_program(request):
        return json_answer({"error": str(getattr(error, "detail", "not found"))}, status)
    return gone() if status == 404 else html(problem_page("That cannot be", str(getattr(error, "detail", ""))), status)


def failed(request: Request, error: Exception) -> Response:
    """Answer for a fault of the program; what it was stands on stderr."""
    print("".join(traceback.format_exception(error)), file=sys.stderr)
    message = "The program failed here; its window says how. Nothing that was said to be saved is lost."
    return (
        json_answer({"error": message}, 500) if _is_for_program(request) else html(problem_page("Failed", message), 500)
    )
