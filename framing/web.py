"""Fetching an address that the user typed, within limits of time and size.

The user may type any host. A redirect may not lead to a host that is not public (it could make this machine read
its own network), except back to the very host and port that was typed. The addresses of a host are resolved once and
the connection goes to an address that was checked, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from framing.errors import InputError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.connection import HTTPConnection

_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
_TYPES = (
    "text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown",
    "multipart/related", "message/rfc822", "application/x-mimearchive",
)  # fmt: skip
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; framing; reads single articles)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "close",
}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_Origin = tuple[str, int]
_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: the address after redirects, the decompressed body and its declared form."""

    url: str
    body: bytes
    charset: str | None
    content_type: str
    """In lower case without parameters; empty where the server gives none."""


@dataclass(slots=True)
class _Visit:
    """One fetch: what was typed, when it must be done, and the addresses of the hosts met so far."""

    typed: str
    deadline: float
    seconds: float
    max_bytes: int
    typed_origin: _Origin | None = None
    resolved: dict[_Origin, list[str]] = field(default_factory=dict)

    def left(self) -> float:
        """Return the seconds that are left; raises InputError where there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self.error(f"no complete answer within {self.seconds:g} seconds; {_SAVE}")
        return left

    def error(self, message: str) -> InputError:
        return InputError(f"{self.typed}: {message}")


_SAVE = "try again, or save the page in a browser and give the saved file"


def fetch(address: str, *, timeout: float = 20.0, max_bytes: int = 10_000_000) -> Fetched:
    """Fetch the page at an http(s) address.

    `timeout` is in seconds and holds for the whole answer with all redirects (at most 5); `max_bytes` holds for the
    body before and after decompression. Raises InputError for every failure: a bad address, no such host, no answer
    in time, a status of 400 or more, a content type that is not text, a body too large, a redirect to a private host.
    """
    visit = _Visit(address, time.monotonic() + timeout, timeout, max_bytes)
    url = address
    for _ in range(_MAX_REDIRECTS + 1):
        parts, origin = _parsed(visit, url)
        visit.typed_origin = visit.typed_origin or origin
        answer = _get(visit, parts, origin)
        if isinstance(answer, Fetched):
            return answer
        url = urljoin(url, answer)
    raise visit.error(f"more than {_MAX_REDIRECTS} redirects; {_SAVE}")


def _parsed(visit: _Visit, url: str) -> tuple[SplitResult, _Origin]:
    """Return the parts of an address, ready to be sent, and its host and port."""
    try:
        parts = urlsplit(url.strip())
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError as error:  # UnicodeError, from the host's name, is one
        raise visit.error(f"`{url}` is not a web address ({error}); correct it") from error
    if scheme not in ("http", "https") or not ascii_host:
        raise visit.error(f"`{url}` is not an http or https address; give one, or a file")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    sent = SplitResult(scheme, parts.netloc, path, query, "")
    return sent, (ascii_host.lower(), port or (443 if scheme == "https" else 80))


def _get(visit: _Visit, parts: SplitResult, origin: _Origin) -> Fetched | str:
    """Return the page, or the address that it redirects to."""
    from urllib3.exceptions import HTTPError

    host, port = origin
    addresses = _addresses(visit, origin)
    target = urlunsplit(("", "", parts.path, parts.query, ""))
    headers = {**_HEADERS, "Host": _host_header(host, port, parts.scheme)}
    try:
        with _connected(visit, parts.scheme, host, port, addresses) as connection:
            connection.request("GET", target, headers=headers, preload_content=False)
            response = connection.getresponse()
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                return location
            return _body(visit, urlunsplit(parts), response)
    except ssl.SSLError as error:
        raise visit.error(f"no secure connection to {host} ({error.reason or error}); {_SAVE}") from error
    except (HTTPError, OSError, ValueError) as error:
        visit.left()
        raise visit.error(f"the connection to {host} failed ({_reason(error)}); {_SAVE}") from error


def _reason(error: BaseException) -> str:
    """Return the innermost reason of a network error in one line: the system's own words where there are any."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.strerror:
            return found.strerror.lower()
        found = found.__cause__ or found.__context__
    return " ".join(str(error).split()) or type(error).__name__


def _host_header(host: str, port: int, scheme: str) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port == (443 if scheme == "https" else 80) else f"{shown}:{port}"


def _addresses(visit: _Visit, origin: _Origin) -> list[str]:
    """Resolve a host once per fetch; raises InputError for a host that may not be visited."""
    if origin in visit.resolved:
        return visit.resolved[origin]
    host, port = origin
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise visit.error(f"no host of the name {host} ({_reason(error)}); check the address") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if origin != visit.typed_origin and not all(is_public(address) for address in addresses):
        raise visit.error(f"redirects to {host}:{port}, which is not a public host; type that address if you mean it")
    visit.resolved[origin] = addresses
    return addresses


def is_public(address: str) -> bool:
    """Return whether an IP address, and any IPv4 address inside it, belongs to the public internet."""
    try:
        ip: _IpAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner: list[_IpAddress] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        inner += [v4 for v4 in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if v4 is not None]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped is not None:
            inner.remove(ip)  # its own flags say nothing in Python before 3.13
    return all(one.is_global and not one.is_multicast for one in inner)


@contextmanager
def _connected(visit: _Visit, scheme: str, host: str, port: int, addresses: list[str]) -> Iterator[HTTPConnection]:
    """Connect to the first address that answers; the connection is cut when the time is over."""
    connection = _connect(visit, scheme, host, port, addresses)
    sock = connection.sock
    assert isinstance(sock, socket.socket)
    # A server that sends a byte now and then never runs into the socket's own time limit.
    watchdog = threading.Timer(visit.left(), _cut, (sock,))
    watchdog.daemon = True
    watchdog.start()
    try:
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


def _cut(sock: socket.socket) -> None:
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # it was closed meanwhile, which is what was wanted


def _connect(visit: _Visit, scheme: str, host: str, port: int, addresses: list[str]) -> HTTPConnection:
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import HTTPError

    for number, address in enumerate(addresses, start=1):
        seconds = visit.left()
        connection = (
            HTTPSConnection(address, port, timeout=seconds, server_hostname=host, assert_hostname=host)
            if scheme == "https"
            else HTTPConnection(address, port, timeout=seconds)
        )
        try:
            connection.connect()
        except (HTTPError, OSError):
            connection.close()
            if number == len(addresses):
                raise
        else:
            return connection
    raise visit.error(f"no address of {host} answers; {_SAVE}")


def _body(visit: _Visit, url: str, response: BaseHTTPResponse) -> Fetched:
    """Read the body of the last answer within the limits."""
    if response.status >= 300:
        raise visit.error(f"the server answers {response.status} {response.reason or ''}".rstrip() + f"; {_SAVE}")
    content_type, charset = _declared(response.headers)
    if content_type and content_type not in _TYPES:
        raise visit.error(f"is {content_type}, not a web page or text; {_CONVERT}")
    body = bytearray()
    for chunk in response.stream(_CHUNK, decode_content=True):
        visit.left()
        body += chunk
        if len(body) > visit.max_bytes:
            raise visit.error(f"more than {visit.max_bytes / 1e6:g} MB; save the article itself and give the file")
    visit.left()
    return Fetched(url, bytes(body), charset, content_type)


_CONVERT = "save it, turn it into text and give the file"


def _declared(headers: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the content type and the charset of the Content-Type header."""
    from email.message import Message

    message = Message()
    message["Content-Type"] = headers.get("Content-Type") or "application/x-none"
    content_type = message.get_content_type()
    return "" if content_type == "application/x-none" else content_type, message.get_content_charset()
