"""Scored articles written as pages: a file for one article or many, or a folder with an index and a page for each.

Articles are written as they come. One file for many has the index in front, so the articles wait in a temporary file.
A folder has `index.html` and `articles/NUMBER-TITLE.html`; the index is written last.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from framing.articlepage import article_body, article_page, page_footer, title_of
from framing.errors import UsageError
from framing.files import is_folder, make_folder, replacing_text
from framing.indexpage import SORTING, IndexRow, index_body, index_row
from framing.listing import Tally, sort_key
from framing.pagestyle import foot, head, whole_page
from framing.records import ModelFacts, ScoredArticle
from framing.scoredjson import Problems

INDEX = "index.html"
ARTICLES = "articles"
_TITLE = "Scored articles"
_HEAD_BYTES = 8192
"""Enough of a page to hold its title, which stands before the stylesheet."""
_LONGEST = 60
_Key = Callable[[ScoredArticle], tuple[bool, float, str]]


def write_pages(
    articles: Iterable[ScoredArticle],
    facts: ModelFacts,
    output: Path | None,
    *,
    sort: str | None = None,
    problems: Problems | None = None,
) -> int:
    """Write scored articles as pages to a folder, a file, or stdout where `output` is None.

    `sort` is the order of the index (see framing.listing.sort_key, which raises UsageError). Returns how many pages of
    an earlier run, which the new index does not know, are still in the folder. Raises UsageError where the folder has
    an index that is not of an earlier run, FramingError where something cannot be written.
    """
    key = sort_key(sort, facts) if sort is not None else _as_read
    found = problems or Problems()
    if output is not None and is_folder(output):
        _check_folder(output)
        return _write_folder(articles, facts, output, key, found)
    with ExitStack() as stack:
        file = stack.enter_context(replacing_text(output)) if output is not None else sys.stdout
        first = list(islice(articles, 2))
        if len(first) == 1:
            file.write(article_page(first[0], facts))
        else:
            _write_one(chain(first, articles), facts, file, key, found)
    return 0


def _check_folder(folder: Path) -> None:
    """Raise UsageError where the folder has an index that is not of an earlier run: it is not written over."""
    index = folder / INDEX
    if not index.exists():
        return
    try:
        with index.open("rb") as file:
            ours = f"<title>{_TITLE}</title>".encode() in file.read(_HEAD_BYTES)
    except OSError:
        ours = False
    if not (ours and (folder / ARTICLES).is_dir()):
        raise UsageError(f"{index} is of something else and would be replaced; name a new folder with -o")


def _as_read(_: ScoredArticle) -> tuple[bool, float, str]:
    return False, 0.0, ""


def _write_one(
    articles: Iterable[ScoredArticle], facts: ModelFacts, file: TextIO, key: _Key, problems: Problems
) -> None:
    """Write one page with the index and all articles."""
    rows: list[IndexRow] = []
    tally = Tally()
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as waiting:
        for number, article in enumerate(articles, 1):
            tally.add(article)
            rows.append(index_row(article, facts, f"#article-{number}", key(article)))
            waiting.write(
                f'<div id="article-{number}">\n{article_body(article, facts, level=2, about=False)}\n</div>\n'
            )
        waiting.seek(0)
        file.write(head(_TITLE, script=SORTING))
        file.write(f'<main id="main">\n{index_body(rows, facts, tally, problems)}\n')
        shutil.copyfileobj(waiting, file)
    file.write(f"</main>\n{page_footer(facts)}{foot(SORTING)}")


def _write_folder(
    articles: Iterable[ScoredArticle], facts: ModelFacts, folder: Path, key: _Key, problems: Problems
) -> int:
    """Write a page for each article, then the index; return how many other pages are there."""
    rows: list[IndexRow] = []
    tally = Tally()
    make_folder(folder / ARTICLES)
    for number, article in enumerate(articles, 1):
        tally.add(article)
        page = f"{ARTICLES}/{page_name(article, number)}"
        with replacing_text(folder / page) as file:
            file.write(article_page(article, facts, back=f"../{INDEX}"))
        rows.append(index_row(article, facts, page, key(article)))
    body = f'<main id="main">\n{index_body(rows, facts, tally, problems)}\n</main>\n{page_footer(facts)}'
    with replacing_text(folder / INDEX) as file:
        file.write(whole_page(_TITLE, body, script=SORTING))
    written = {Path(row.href).name for row in rows}
    return sum(page.name not in written for page in (folder / ARTICLES).glob("*.html"))


def page_name(article: ScoredArticle, number: int) -> str:
    """Return a file name that any system takes, nothing of which can leave the folder: 0001-after-the-talks.html."""
    plain = unicodedata.normalize("NFKD", title_of(article)).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST].strip("-")
    return f"{number:04}-{words or 'article'}.html"
