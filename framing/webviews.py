"""The addresses of `framing serve` that answer with a page: each a request to plain values, one call, and markup."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from framing.codingpages import adjudicate_page, code_page
from framing.errors import FramingError, UsageError
from framing.labels import ADJUDICATED
from framing.pagestyle import STYLE
from framing.webanswers import gone, html, json_answer, position_of, redirect, response, state_json, unit_with_markup
from framing.webpages import compare_page, problem_page, read_page, start_page, train_page
from framing.website import Site

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


class Views:
    """A method for each page."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def start(self, request: Request, _: bytes) -> Response:
        """Who codes, and how far they are."""
        state = self.site.state
        with state.now() as folder:
            messages = [*([folder.problem] if folder.problem else []), *folder.torn()]
            disputes, coders = len(state.disputes()), state.coders()
            owned = bool(folder.owners)
            shown = start_page(
                str(folder.path), folder.codebook, coders, owned=owned, disputes=disputes, messages=messages
            )
        return html(shown)

    def code(self, request: Request, _: bytes) -> Response:
        """One paragraph after another, for one coder."""
        state, given = self.site.state, request.query_params.get("coder", "")
        if not given.strip():
            return redirect("/")
        try:
            coder = state.check_name(given)
        except UsageError as error:
            return html(problem_page("Who are you?", str(error), "/code"), 404)
        self.site.suggestions.start()
        with state.now() as folder:
            part = folder.part(coder)
            flags = state.flags(coder)
            position = position_of(request.query_params.get("position"), len(part), max(flags.find("0"), 0))
            frames = folder.codebook.frames
            first = unit_with_markup(state, self.site.suggestions, coder, position)
            data = {
                "coder": coder, "folder": _folder_key(folder.path), "total": len(part), "position": position,
                "labels": [frame.id for frame in frames], "titles": [frame.title for frame in frames],
                "suggest": self.site.suggest, "first": first,
                "state": state_json(state, coder, self.site.suggestions, None),
            }  # fmt: skip
            messages = [*([folder.problem] if folder.problem else []), *folder.torn()]
            unit = first.pop("html")
            progress = state.progress(coder)
            shown = code_page(
                folder.codebook, progress, data, unit, messages=messages, suggestions=_about_suggestions(self.site)
            )
        return html(shown)

    def adjudicate(self, request: Request, _: bytes) -> Response:
        """What coders dispute, one unit at a time."""
        state, wanted = self.site.state, request.query_params.get("unit")
        who = (request.query_params.get("adjudicator") or request.query_params.get("coder") or "")[:100]
        with state.now() as folder:
            disputes = state.disputes()
            made = folder.codes(ADJUDICATED)
            decision = made.get(wanted or "")
            shown = next((one for one in disputes if one.unit.id == wanted), disputes[0] if disputes else None)
            shown = state.dispute_of(wanted) if wanted and decision else shown
            last = next((unit for unit, _ in reversed(folder.logs[ADJUDICATED].given)), None) if made else None
            messages = [folder.problem] if folder.problem else []
            markup = adjudicate_page(
                folder, disputes, shown, len(made), adjudicator=who, decision=decision, last=last, messages=messages
            )
        return html(markup)

    def read(self, request: Request, _: bytes) -> Response:
        """Where a text is pasted or a file dropped."""
        return html(read_page(*self.site.reading.facts()))

    def read_posted(self, request: Request, body: bytes) -> Response:
        """Read a pasted text (a form) or the bytes of a file, whose name is in a header."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        name, text = " ".join(unquote(request.headers.get("x-name", "")).split())[:200] or "pasted text", ""
        if kind == "application/x-www-form-urlencoded":
            text = parse_qs(body.decode("utf-8", "replace")).get("text", [""])[0]
            body, name = text.replace("\r\n", "\n").encode("utf-8", "replace"), "pasted text"
        try:
            identity = self.site.reading.read(body, name)
        except FramingError as error:
            if kind != "application/x-www-form-urlencoded":
                return json_answer({"error": str(error)}, 400)
            return html(read_page(*self.site.reading.facts(), problem=str(error), text=text), 400)
        address = f"/read/{identity}"
        return redirect(address) if kind == "application/x-www-form-urlencoded" else json_answer({"address": address})

    def article(self, request: Request, _: bytes) -> Response:
        """An article that was read."""
        shown = self.site.reading.page(request.path_params["identity"])
        return gone() if shown is None else html(shown)

    def download(self, request: Request, _: bytes) -> Response:
        """An article that was read, as a file."""
        form = request.path_params["form"]
        found = self.site.reading.download(request.path_params["identity"], form)
        if found is None:
            return gone()
        name = f'attachment; filename="article.{form}"'
        return response(found[0], f"{found[1]}; charset=utf-8", headers={"content-disposition": name})

    def compare(self, request: Request, _: bytes) -> Response:
        """The sources of the corpus that was named at start."""
        found = self.site.comparison
        found.start(again=found.failed and "again" in request.query_params)
        return html(compare_page(found.body, found.message, working=found.working, failed=found.failed))

    def train(self, request: Request, _: bytes) -> Response:
        """Where a model is trained."""
        job = self.site.training
        count, needed = self.site.state.gold_count()
        return html(train_page(count, needed, (job.before, job.after), str(job.output)))

    def static(self, request: Request, _: bytes) -> Response:
        """The scripts and styles of the package."""
        name = request.path_params["name"]
        if name == "page.css":
            return response(STYLE, "text/css; charset=utf-8")
        path = _STATIC / name
        if name not in {file.name for file in _STATIC.iterdir()} or path.suffix not in _TYPES:
            return gone()
        return response(path.read_text(encoding="utf-8"), f"{_TYPES[path.suffix]}; charset=utf-8")


def _about_suggestions(site: Site) -> str:
    why = site.suggestions.why_none
    return "" if why is None else f"There is none now: {why}."


def _folder_key(path: Path) -> str:
    """Return what a browser keeps unsent codes of this folder under."""
    return sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:12]
