"""Plain values, pages and errors as the answers that the server sends."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING

from framing.errors import LabelsError, ModelError, UsageError
from framing.scoredjson import to_json
from framing.webpages import problem_page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


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
