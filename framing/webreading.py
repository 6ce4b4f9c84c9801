"""Articles that are read in the browser: scored, held in memory for their downloads, and forgotten with the program."""

from __future__ import annotations

import io
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from framing.articlepage import article_body, article_page, title_of
from framing.errors import InputError, ModelError
from framing.export import export_columns, export_rows, write_csv, write_jsonl
from framing.loading import load_model
from framing.model import DEFAULT_MODEL, Model
from framing.read import read_data
from framing.records import Article, Failed, ModelFacts, ScoredArticle
from framing.webpages import article_frame

_HELD = 20
"""Articles that are held for their downloads."""
_TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson", "html": "text/html"}


@dataclass(frozen=True, slots=True)
class Held:
    """A scored article, with what is to be known of how it was read."""

    article: ScoredArticle
    notes: tuple[str, ...]


class Reading:
    """The model to read with, loaded when it is first asked for, and the articles that were read last."""

    def __init__(self, find: Callable[[], str | None]) -> None:
        """`find` returns the model's name or folder; None: the default model."""
        self._find = find
        self._models: dict[str, Model] = {}
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = threading.Lock()

    def model(self) -> Model:
        """Return the model. Raises ModelError."""
        name = self._find() or DEFAULT_MODEL
        with self._lock:
            if name not in self._models:
                self._models[name] = load_model(name)
            return self._models[name]

    def facts(self) -> tuple[ModelFacts | None, str]:
        """Return what there is to say of the model; None with the reason."""
        try:
            return self.model().facts, ""
        except ModelError as error:
            return None, str(error)

    def forget_models(self) -> None:
        """Load the model anew when it is asked for again."""
        with self._lock:
            self._models.clear()

    def read(self, data: bytes, name: str) -> str:
        """Score the article of a text or file, and return the id under which it is held.

        Raises InputError for what holds no article, ModelError.
        """
        article, notes = _first_article(data, name)
        model = self.model()
        scored = next(iter(model.score_articles([article])))
        identity = secrets.token_urlsafe(12)
        with self._lock:
            self._held[identity] = Held(scored, (*article.notes, *notes))
            while len(self._held) > _HELD:
                self._held.popitem(last=False)
        return identity

    def page(self, identity: str) -> str | None:
        """Return the page of an article that was read; None where it is held no more."""
        held = self._held.get(identity)
        if held is None:
            return None
        body = article_body(held.article, self.model().facts)
        return article_frame(identity, title_of(held.article), body, held.notes)

    def download(self, identity: str, form: str) -> tuple[str, str] | None:
        """Return an article that was read as csv, jsonl or html, with its media type; None where there is none."""
        held = self._held.get(identity)
        if held is None or form not in _TYPES:
            return None
        facts = self.model().facts
        if form == "html":
            return article_page(held.article, facts), _TYPES[form]
        file = io.StringIO(newline="")
        write = write_csv if form == "csv" else write_jsonl
        write(export_rows(held.article, facts, text=True), file, export_columns(facts.labels, text=True))
        return file.getvalue(), _TYPES[form]


def _first_article(data: bytes, name: str) -> tuple[Article, tuple[str, ...]]:
    found = list(islice(read_data(data, name), 2))
    if not found:
        raise InputError(f"{name}: holds no article")
    first = found[0]
    if isinstance(first, Failed):
        raise InputError(first.message)
    if not isinstance(first, Article):
        raise InputError(f"{name}: holds no article")
    more = ("This file holds more articles; only the first is shown. framing score reads all of them.",)
    return first, more if len(found) > 1 else ()
