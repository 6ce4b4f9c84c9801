"""The comparison of sources for the corpus that was named at start: made once, when the page is first opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from framing.errors import FramingError, InputError
from framing.read import read_articles
from framing.records import Article, Failed

NO_CORPUS = (
    "No corpus was named. Start again with a corpus to compare its sources, and with an audit (a labels folder or "
    "sheet that framing sample drew from it) to correct the shares: framing serve --corpus ARTICLES --audit AUDIT"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was named at start: a corpus, and the audit that corrects its shares."""

    corpus: tuple[str, ...]
    audit: str | None = None


def comparison_of(named: Compared, model: str | None, say: Callable[[str], None]) -> str:
    """Return the comparison of the sources of a corpus as markup; what cannot be read of it is said.

    Raises FramingError.
    """
    from framing.compare import compare  # what most who serve never need
    from framing.comparepage import comparison_body
    from framing.question import Question

    def articles(inputs: Sequence[str]) -> Iterator[Article]:
        count = 0
        for found in read_articles(inputs):
            if isinstance(found, Failed):
                say(found.message)
            elif isinstance(found, Article):
                count += 1
                yield found
        if not count:
            raise InputError(f"{' '.join(inputs)}: no article could be read")

    return comparison_body(compare(Question(named.corpus, named.audit, model=model), articles))


@dataclass(slots=True)
class ComparePage:
    """The body of the page, made in a thread; `message` says how it stands while there is none."""

    make: Callable[[], str] | None = None
    """Makes the body; None where no corpus was named."""
    body: str | None = None
    message: str = NO_CORPUS
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, *, again: bool = False) -> None:
        """Begin to make the page, once, or `again` where it is not under way."""
        with self._lock:
            if self.make is None or self.working or (self._thread is not None and not again):
                return
            self.message = "The articles are being scored and compared; this page shows the result when it is there."
            self._thread = threading.Thread(target=self._work, args=(self.make,), daemon=True, name="comparison")
            self._thread.start()

    def forget(self) -> None:
        """Make the page anew when it is opened again: the model is another one."""
        with self._lock:
            if not self.working:
                self.body, self._thread = None, None

    @property
    def failed(self) -> bool:
        """Whether it was tried and there is no page."""
        return self._thread is not None and not self.working and self.body is None

    @property
    def working(self) -> bool:
        """Whether the page will come by itself."""
        return self._thread is not None and self._thread.is_alive()

    def _work(self, make: Callable[[], str]) -> None:
        try:
            self.body = make()
        except FramingError as error:
            self.message = str(error)
        except Exception as error:  # what goes wrong in a thread would be seen by nobody
            self.message = f"the comparison failed: {type(error).__name__}: {error}"
            raise
