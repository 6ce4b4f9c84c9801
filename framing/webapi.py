"""The addresses of `framing serve` that answer with JSON: each a request to plain values, one call, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framing.errors import LabelsError
from framing.openapi import document
from framing.scoredjson import article_json, model_json
from framing.webanswers import (
    MOST_UNITS,
    article_of,
    code_json,
    given_codes,
    json_answer,
    optional_text,
    parsed,
    position_of,
    state_json,
    suggestion_json,
    text_of,
    unit_json,
    unit_with_markup,
    whole_number,
)
from framing.webpages import figures_of_facts
from framing.website import Site

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class Interface:
    """A method for each address."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def openapi(self, request: Request, _: bytes) -> Response:
        """The document of the interface."""
        return json_answer(document())

    def state(self, request: Request, _: bytes) -> Response:
        """How far a coder is, and what others did meanwhile."""
        coder = self._coder(request)
        return json_answer(
            state_json(self.site.state, coder, self.site.suggestions, request.query_params.get("revision"))
        )

    def unit(self, request: Request, _: bytes) -> Response:
        """A unit with its markup, for the page."""
        coder = self._coder(request)
        with self.site.state.now() as folder:
            position = position_of(request.query_params.get("position"), len(folder.part(coder)))
            seen = request.query_params.get("suggestion") == "1"
            return json_answer(unit_with_markup(self.site.state, self.site.suggestions, coder, position, seen=seen))

    def units(self, request: Request, _: bytes) -> Response:
        """The units of a coder."""
        coder, query = self._coder(request), request.query_params
        wanted = query.get("state", "all")
        if wanted not in ("all", "coded", "uncoded"):
            raise LabelsError("state must be all, coded or uncoded")
        offset, limit = (
            whole_number(query.get("offset", "0"), "offset"),
            whole_number(query.get("limit", "100"), "limit"),
        )
        if not 1 <= limit <= MOST_UNITS:
            raise LabelsError(f"limit must be from 1 to {MOST_UNITS:,}")
        with self.site.state.now() as folder:
            flags = self.site.state.flags(coder)
            places = [
                place for place, flag in enumerate(flags) if wanted == "all" or (flag != "0") == (wanted == "coded")
            ]
            found = [unit_json(folder, coder, place) for place in places[offset : offset + limit]]
        return json_answer({"total": len(places), "units": found})

    def codes(self, request: Request, body: bytes) -> Response:
        """Add codes."""
        values = parsed(body)
        coder, given = text_of(values, "coder"), given_codes(values)
        state = self.site.state
        with state.now():
            held = state.save(coder, given)
            coder = state.check_name(coder)
            answer = {"saved": len(given), "codes": [code_json(code) for code in held]}
            answer["suggestions"] = [suggestion_json(self.site.suggestions.found.get(one.unit)) for one in given]
            answer["state"] = state_json(state, coder, self.site.suggestions, None)
        return json_answer(answer)

    def undo(self, request: Request, body: bytes) -> Response:
        """Take a code back."""
        values = parsed(body)
        coder, state = text_of(values, "coder"), self.site.state
        with state.now() as folder:
            unit = state.undo(coder, optional_text(values, "key"))
            coder = state.check_name(coder)
            part = folder.part(coder)
            position = part.index(unit) if unit in part else None
            told = state_json(state, coder, self.site.suggestions, None)
        return json_answer({"unit": unit, "position": position, "state": told})

    def decisions(self, request: Request, body: bytes) -> Response:
        """Decide a dispute."""
        values = parsed(body)
        if "label" not in values:
            raise LabelsError("label is missing (null: set aside)")
        self.site.state.decide(
            text_of(values, "unit"),
            optional_text(values, "label"),
            reason=text_of(values, "reason"),
            adjudicator=text_of(values, "adjudicator"),
            secondary=optional_text(values, "secondary"),
        )
        return json_answer({"saved": 1, "disputes": len(self.site.state.disputes())})

    def score(self, request: Request, body: bytes) -> Response:
        """Score a text."""
        article = article_of(parsed(body))
        model = self.site.reading.model()
        scored = next(iter(model.score_articles([article])))
        return json_answer(article_json(scored, with_text=False) | {"model": model_json(model.facts)})

    def training(self, request: Request, _: bytes) -> Response:
        """How far a training is."""
        facts = self.site.training.facts()
        return json_answer(facts | {"html": figures_of_facts(facts)})

    def train_start(self, request: Request, _: bytes) -> Response:
        """Begin a training."""
        if needed := self.site.state.gold_count()[1]:
            raise LabelsError(needed)
        if not self.site.training.start():
            raise LabelsError("a training is under way")
        return json_answer(self.site.training.facts())

    def train_stop(self, request: Request, _: bytes) -> Response:
        """End a training."""
        self.site.training.stop()
        return json_answer(self.site.training.facts())

    def comparing(self, request: Request, _: bytes) -> Response:
        """Whether the comparison is being made."""
        found = self.site.comparison
        return json_answer({"working": found.working, "message": found.message})

    def _coder(self, request: Request) -> str:
        """Return who asks. Raises UsageError for somebody who may not."""
        return self.site.state.check_name(request.query_params.get("coder", ""))
