"""What stands between the network and the pages of `framing serve`: who may ask, from where, and how much.

A page of another site must not reach the server through the user's browser: a name that was pointed at this machine
(DNS rebinding) is not in the Host header that is asked for here, and a request that another site's page sends says so
in Origin or Sec-Fetch-Site. Where the server listens on more than this machine, every request needs its token. Bodies
are read up to a limit. Every answer carries a content policy under which no script and no style runs but the
package's own files. Plain ASGI: it imports nothing.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 1_000_000
"""Bytes of a body."""
LARGEST_TEXT = 20_000_000
"""Bytes of a body that holds an article."""
PATIENCE = 30.0
"""Seconds in which the next piece of a body must come."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cache-control", b"no-store"),
)
_READING = ("GET", "HEAD")
_WITH_TEXT = ("/read", "/api/score")


@dataclass(frozen=True, slots=True)
class Doors:
    """Under which names the server is asked, and with which token."""

    port: int
    names: tuple[str, ...] = LOOPBACK
    """Host names, addresses of IPv6 in brackets."""
    any_address: bool = False
    """Any numeric address will do: it listens on all of them, and no name can be pointed at it to deceive."""
    token: str | None = None

    def knows(self, host: str) -> bool:
        """Say whether a Host header names this server."""
        name, port = _parted(host.lower())
        if port not in (str(self.port), "" if self.port == 80 else None):
            return False
        return name in self.names or (self.any_address and _is_address(name))


def _parted(host: str) -> tuple[str, str]:
    if host.startswith("["):
        name, _, port = host.partition("]")
        return name + "]", port.removeprefix(":")
    name, _, port = host.partition(":")
    return name, port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


class Guard:
    """An ASGI application that lets through what may pass to another one."""

    def __init__(self, app: App, doors: Doors) -> None:
        self.app = app
        self.doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        shielded = _with_headers(send)
        refused = self._refusal(scope)
        if refused is not None:
            await _answer(shielded, *refused)
            return
        if self.doors.token is not None and (answered := self._token(scope, self.doors.token)) is not None:
            await _answer(shielded, *answered)
            return
        if scope["method"] in _READING:
            await self.app(scope, receive, shielded)
            return
        body = await _body(scope, receive)
        if isinstance(body, bytes):
            await self.app(scope, _replayed(body, receive), shielded)
        else:
            await _answer(shielded, *body)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Return why a request is turned away because of where it comes from."""
        hosts = _all(scope, b"host")
        if len(hosts) != 1 or not self.doors.knows(hosts[0]):
            return 421, "This server is not asked under that name; open the address that framing serve printed."
        origin, site = _one(scope, b"origin"), _one(scope, b"sec-fetch-site")
        if origin is not None and origin.lower() != f"http://{hosts[0].lower()}":
            return 403, "A page of another site may ask nothing here."
        own = site in (None, "same-origin", "none")
        if scope["method"] in _READING:
            opened = _one(scope, b"sec-fetch-mode") == "navigate" and _one(scope, b"sec-fetch-dest") == "document"
            return None if own or opened else (403, "A page of another site may ask nothing here.")
        kind = (_one(scope, b"content-type") or "").partition(";")[0].strip().lower()
        if not own or (origin is None and kind != "application/json"):
            return 403, "A page of another site may send nothing here; a program sends application/json."
        return None

    def _token(self, scope: Scope, token: str) -> tuple[int, str, list[tuple[bytes, bytes]]] | None:
        """Return None where a request has the token; else what it gets: the door shut, or the token as a cookie."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for key, value in query if key == "token"]
        name = f"framing-{self.doors.port}"
        if given and scope["method"] in _READING and _same(given[0], token):
            rest = urlencode([(key, value) for key, value in query if key != "token"])
            path = scope.get("raw_path", b"/").split(b"?")[0]
            target = b"/" + path.lstrip(b"/\\") + (b"?" + rest.encode() if rest else b"")
            cookie = f"{name}={token}; Path=/; HttpOnly; SameSite=Strict".encode()
            return 303, "", [(b"location", target), (b"set-cookie", cookie)]
        bearer = (_one(scope, b"authorization") or "").removeprefix("Bearer ")
        if _same(bearer, token) or _same(_cookie(scope, name), token):
            return None
        return 401, "This server needs its token; open the address that framing serve printed.", []


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode())


def _cookie(scope: Scope, name: str) -> str:
    try:
        found = SimpleCookie(_one(scope, b"cookie") or "").get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _all(scope: Scope, name: bytes) -> list[str]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _one(scope: Scope, name: bytes) -> str | None:
    found = _all(scope, name)
    return found[0] if found else None


async def _body(scope: Scope, receive: Receive) -> bytes | tuple[int, str]:
    """Return the whole body, or why it is not taken."""
    largest = LARGEST_TEXT if scope["path"] in _WITH_TEXT else LARGEST
    too_large = 413, f"That is larger than the {largest // 1_000_000} MB that are taken here."
    stated = _one(scope, b"content-length") or "0"
    if not stated.isdecimal() or int(stated) > largest:
        return too_large
    parts, size, more = [], 0, True
    while more:
        try:
            message = await asyncio.wait_for(receive(), PATIENCE)
        except TimeoutError:
            return 408, "The rest of that did not come."
        if message["type"] != "http.request":
            return 400, "The connection was closed before all of that came."
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > largest:
            return too_large
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body that was read, once."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in _HEADERS}
            kept = [(name, value) for name, value in message.get("headers", []) if name.lower() not in own]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return sent


async def _answer(send: Send, status: int, text: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    body = (text + "\n").encode() if text else b""
    about = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status in (408, 413):
        about.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": [*about, *headers]})
    await send({"type": "http.response.body", "body": body})
