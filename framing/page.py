"""A web page as its visible blocks in reading order, with what the page says about itself.

lxml finds the blocks, trafilatura decides which of them are the article. trafilatura does not say what it dropped and
changes white space, so its text is only compared with the blocks: the text that was read is always the page's own.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from framing.errors import InputError
from framing.records import Block
from framing.sources import host_of, original_address, registered_domain

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAX_CHARACTERS = 6_000_000
"""Without what is embedded; a parsed page takes some 30 bytes of memory for each."""
_MAX_TAGS = 100_000
"""The extractor's time grows with their square."""
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{0,100}base64,[A-Za-z0-9+/=]{1000,}")
_INVISIBLE = _words(
    "script style template noscript head title meta link base svg iframe object embed audio video canvas datalist "
    "applet noframes map area param source track"
)
_BLOCKS = _words(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p "
    "pre search section select summary table tbody td textarea tfoot th thead tr ul"
)
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\r\f]+")
_REPEATED_SPACES = re.compile(r" {2,}")
_LINE_END = re.compile(r" *\n *")
_PARAGRAPH_END = re.compile(r"\n{2,}")
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""", re.IGNORECASE)
_SAVED_FROM = re.compile(
    r"<!--(?:\s*saved from url=\(\d+\)|\s*Page saved with SingleFile\s+url:\s*)(https?://[^\s>]+)", re.IGNORECASE
)
# What browsers take these labels for (WHATWG Encoding Standard, section 4.2).
_LABELS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "iso-8859-9": "cp1254",
           "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932",
           "x-sjis": "cp932", "tis-620": "cp874", "unicode": "utf-8"}  # fmt: skip
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SILENT = logging.NullHandler()


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read. `text` is all visible text, its blocks joined by a blank line."""

    text: str
    blocks: tuple[Block, ...]
    title: str | None = None
    source: str | None = None
    """The registered domain of `url`."""
    date: str | None = None
    url: str | None = None


def read_page(data: bytes | str, *, url: str | None = None, content_type_charset: str | None = None) -> Page:
    """Read an HTML page; `url` is where it came from and `content_type_charset` what the server said, where known.

    `text[b.start:b.end]` is the text of block `b`; blocks do not overlap, stand in the order of the page and cover all
    that is not white space. Where the extractor finds no article, no block is marked as one. Raises InputError for a
    page of more than 6 million characters (embedded pictures apart) or 100,000 tags, one that is nested too deeply to
    be parsed, and what is not a page.
    """
    markup = data if isinstance(data, str) else _decoded(data, content_type_charset)
    markup = _EMBEDDED.sub("", markup)
    if len(markup) > _MAX_CHARACTERS:
        raise InputError(
            f"the page has more than {_MAX_CHARACTERS // 1_000_000} million characters; save only the article"
        )
    if markup.count("<") > _MAX_TAGS:
        raise InputError(f"the page has more than {_MAX_TAGS:,} tags; save only the article")
    if "\0" in markup:
        raise InputError("the page holds NUL bytes, so it is not HTML; save it again from a browser")
    tree = _parsed(markup)
    runs = [] if tree is None else list(_runs(tree))
    if tree is None or not runs:
        return Page("", ())
    saved_from = _SAVED_FROM.search(markup[:4000])
    address = _address(tree, url or (unescape(saved_from[1]) if saved_from else None))
    document = _extracted(tree, address)
    title = _one_line(document.title) if document is not None else None
    kept = [] if document is None or document.body is None else list(_units(document.body))
    text, blocks = _joined(runs, _marks([text for _, text in runs], kept))
    date = document.date if document is not None else None
    return Page(text, blocks, title, registered_domain(address) if address else None, date, address)


def read_mhtml(data: bytes) -> Page:
    """Read a page that a browser saved as one MHTML file. Raises InputError as `read_page` does."""
    from email import message_from_bytes

    message = message_from_bytes(data)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            body = part.get_payload(decode=True)
            where = message["Snapshot-Content-Location"] or part["Content-Location"]
            url = "".join(str(where or "").split())
            return read_page(
                body if isinstance(body, bytes) else b"",
                url=url if host_of(url) else None,
                content_type_charset=part.get_content_charset(),
            )
    raise InputError("the MHTML file holds no HTML page; save the page again, or as .html")


# --- from bytes to a tree


def _decoded(data: bytes, declared: str | None) -> str:
    """Decode a page as browsers do, except that bytes which are valid UTF-8 are UTF-8 whatever is declared."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, errors="replace")
    try:
        if not data.isascii():
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    head = data[:4096]
    found = _META_CHARSET.search(head) or _XML_CHARSET.search(head)
    for label in (declared, found[1].decode("ascii") if found else None):
        encoding = _LABELS.get(label.lower(), label.lower()) if label else ""
        if encoding and not encoding.startswith(("utf-16", "utf-32")) and _is_text_encoding(encoding):
            return data.decode(encoding, errors="replace")
    if data.isascii():
        return data.decode("ascii")
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return data.decode("cp1252", errors="replace") if best is None else str(best)


def _is_text_encoding(name: str) -> bool:
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except LookupError:
        return False


def _parsed(markup: str) -> HtmlElement | None:
    """Parse a page; None for one without an element."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    # huge_tree raises the parser's limit on depth from 256 to 2048; the page's size is limited above.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = document_fromstring(markup.encode("utf-8", errors="replace"), parser=parser)
    except etree.ParserError:
        return None
    except etree.LxmlError as error:
        raise InputError(f"the page cannot be parsed ({error}); save it again from a browser") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise InputError("the page is nested too deeply to be parsed whole; save its text as .txt")
    return tree


# --- from a tree to runs of text


def _runs(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield tag and text of every maximal run of inline content, in reading order."""
    from lxml.etree import iterwalk

    tags = ["body"]
    run: list[str] = []
    walk = iterwalk(tree, events=("start", "end"))
    hidden: _Element | None = None
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if _is_hidden(element):
                hidden = element
                walk.skip_subtree()
                continue
            if tag in _BLOCKS:
                yield from _paragraphs(run, tags)
                tags.append(tag)
            if tag == "br":
                run.append("\n")
            _add(run, element.text, tags)
            continue
        if element is hidden:
            hidden = None
        elif tag in _BLOCKS:
            yield from _paragraphs(run, tags)
            tags.pop()
        if element is not tree:
            _add(run, element.tail, tags)
    yield from _paragraphs(run, tags)


def _is_hidden(element: _Element) -> bool:
    tag = element.tag
    if tag in ("html", "body"):  # scripts show what such pages hide until they have loaded
        return False
    if tag in _INVISIBLE or "hidden" in element.attrib or (tag == "dialog" and "open" not in element.attrib):
        return True
    return bool(_HIDING_STYLE.search(element.get("style", "")))


def _add(run: list[str], text: str | None, tags: Sequence[str]) -> None:
    if text:
        run.append(text if tags[-1] == "pre" else _SPACES.sub(" ", text))


def _paragraphs(run: list[str], tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what has gathered in `run`, cut where two line breaks stand together, and empty it."""
    if not run:
        return
    text = "".join(run)
    run.clear()
    if tags[-1] != "pre":
        text = _LINE_END.sub("\n", _REPEATED_SPACES.sub(" ", text))
    for part in [text] if tags[-1] == "pre" else _PARAGRAPH_END.split(text):
        if stripped := part.strip():
            yield tags[-1], stripped


def _joined(runs: Sequence[tuple[str, str]], marks: Sequence[bool]) -> tuple[str, tuple[Block, ...]]:
    blocks: list[Block] = []
    start = 0
    for (tag, text), article in zip(runs, marks, strict=True):
        blocks.append(Block(start, start + len(text), tag, article))
        start += len(text) + 2
    return "\n\n".join(text for _, text in runs), tuple(blocks)


# --- what the page says about itself


def _address(tree: HtmlElement, known: str | None) -> str | None:
    """Return the page's address: the one it declares, unless that is another outlet's (syndicated copies do so)."""
    declared = None
    for query in (".//link[@rel='canonical']/@href", ".//meta[@property='og:url']/@content"):
        for value in tree.xpath(query):
            absolute = _absolute(known, str(value))
            declared = declared or absolute
    known = original_address(known) if known else None
    if known is None or declared is None:
        return declared or known
    same_outlet = registered_domain(declared) == registered_domain(known)
    is_front_page = urlsplit(declared).path in ("", "/")
    return declared if same_outlet and not is_front_page else known


def _absolute(base: str | None, value: str) -> str | None:
    try:
        address = original_address(urljoin(base or "", value.strip()))
    except ValueError:
        return None
    return address if host_of(address) else None


def _extracted(tree: HtmlElement, url: str | None) -> Any:
    """Return trafilatura's document, or None where it finds no article."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "justext", "readability"):
        logging.getLogger(name).addHandler(_SILENT)  # else its warnings go to stderr
    try:
        return trafilatura.bare_extraction(
            tree,
            url=url,
            with_metadata=True,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            # An extensive search takes any year on the page, such as the copyright's, for the date.
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except RecursionError as error:
        raise InputError("the page is nested too deeply for the article to be found; save its text as .txt") from error


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


# --- which blocks are the article

_INLINE = _words("hi ref del lb graphic span a b i em strong sub sup u code")
_SURE = 25  # letters and digits: shorter texts ("Russia") stand in menus as well
_SHINGLE = 5
_MIN_SHARED = 0.6


def _units(body: _Element) -> Iterator[str]:
    """Yield the texts that trafilatura kept: one for each run of inline content in its tree, in order."""
    from lxml.etree import iterwalk

    run: list[str] = []
    for event, element in iterwalk(body, events=("start", "end")):
        if element.tag not in _INLINE:
            yield from _flushed(run)
        elif element.tag == "lb" and event == "start":
            run.append("\n")
        run.append((element.text if event == "start" else element.tail) or "")
    yield from _flushed(run)


def _flushed(run: list[str]) -> Iterator[str]:
    text = "".join(run)
    run.clear()
    if text.strip():
        yield text


def _key(text: str) -> str:
    """Return the letters and digits of a text: what trafilatura's clean-up cannot have changed."""
    return "".join(filter(str.isalnum, text))


def _marks(texts: Sequence[str], kept: Sequence[str]) -> list[bool]:
    """Decide for each block of the page whether it is among the texts that were kept.

    First the blocks that were kept as they are, then those that are one line of what was kept, and last those whose
    words mostly stand in what is left (trafilatura dropped a part of them, or joined them to others).
    """
    keys = [_key(text) for text in texts]
    marks = [False] * len(texts)
    left = _mark_equal(marks, keys, kept)
    left = _mark_equal(marks, keys, [line for unit in left for line in unit.split("\n")])
    shingles = {shingle for text in left for shingle in _shingles(text)}
    for index, text in enumerate(texts):
        if not marks[index] and shingles:
            own = list(_shingles(text))
            shared = sum(shingle in shingles for shingle in own)
            marks[index] = len(own) >= _SHINGLE and shared >= _MIN_SHARED * len(own)
    return marks


def _mark_equal(marks: list[bool], keys: Sequence[str], kept: Sequence[str]) -> list[str]:
    """Mark the blocks that equal a kept text; return the kept texts that no block equals.

    A text that stands on the page more often than it was kept is the article's where it stands nearest to the article:
    between, or next to, the long blocks that were kept.
    """
    wanted = Counter(_key(text) for text in kept)
    places: dict[str, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        if key and not marks[index] and key in wanted:
            places[key].append(index)
    sure = [index for index, mark in enumerate(marks) if mark]
    sure += [where[0] for key, where in places.items() if len(where) == 1 and len(key) >= _SURE]
    first, last = min(sure, default=0), max(sure, default=len(marks))
    for key, where in places.items():
        where.sort(key=lambda index: max(first - index, index - last, 0))
        for index in where[: wanted[key]]:
            marks[index] = True
    return [text for text in kept if (key := _key(text)) and key not in places]


def _shingles(text: str) -> Iterator[tuple[str, ...]]:
    """Yield all runs of five words."""
    words = [key for word in text.split() if (key := _key(word))]
    return zip(*(words[start:] for start in range(_SHINGLE)), strict=False)
