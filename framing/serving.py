"""Runs the pages: a free port on this machine, the address that is told, and an end without noise."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from framing.errors import FramingError, MissingExtraError, UsageError
from framing.webapp import make_app
from framing.webguard import LOOPBACK, Doors
from framing.website import Site

DEFAULT_PORT = 8383
_TRIED = 20
"""How many ports are tried, from the default one."""
_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
_EVERY = ("0.0.0.0", "::")
_SECONDS_TO_END = 3


@dataclass(frozen=True, slots=True)
class Bound:
    """A socket that listens, and what is to be told of it."""

    socket: socket.socket
    doors: Doors
    address: str
    """The address to be opened, with the token where one is needed."""
    notes: tuple[str, ...]


def check_installed() -> None:
    """Raise MissingExtraError where the packages of the extra `app` are not there."""
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("the pages need starlette and uvicorn: pip install 'framing[app]'") from error


def bind(host: str, port: int | None) -> Bound:
    """Listen on a port: the one that is named, else the first free one from the default on.

    Raises FramingError where that cannot be, UsageError for a host that is none.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _TRIED)
    listening = None
    for number in wanted:
        try:
            listening = _listen(family, host, number)
            break
        except socket.gaierror as error:
            raise UsageError(f"--host {host}: is no address of this machine; 127.0.0.1 is one") from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise UsageError(f"--host {host}: is no address of this machine") from error
            if error.errno == errno.EACCES:
                raise FramingError(f"port {number} may not be used; name one above 1023 with --port") from error
            if port is not None or error.errno != errno.EADDRINUSE:
                raise FramingError(
                    f"port {number} is in use; name another with --port, or leave it out and a free one is taken"
                ) from error
    if listening is None:
        last = DEFAULT_PORT + _TRIED - 1
        raise FramingError(f"the ports {DEFAULT_PORT} to {last} are all in use; name another with --port")
    number = listening.getsockname()[1]
    notes = () if port is not None or number == DEFAULT_PORT else (f"port {DEFAULT_PORT} is in use; {number} is taken",)
    return _told(listening, host, number, notes)


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _told(listening: socket.socket, host: str, port: int, notes: tuple[str, ...]) -> Bound:
    if host in _LOOPBACK_HOSTS:
        shown = "[::1]" if host == "::1" else "127.0.0.1"
        return Bound(listening, Doors(port), f"http://{shown}:{port}/", notes)
    token = secrets.token_urlsafe(24)
    name = socket.gethostname().lower()
    shown = name if host in _EVERY else f"[{host}]" if ":" in host else host
    names = (*LOOPBACK, name, f"{name}.local", shown.lower())
    doors = Doors(port, names, host in _EVERY, token)
    warning = (
        "WARNING: other machines can reach this server, and the connection is not encrypted: whoever has the address "
        "below can read the texts and write codes. Give it to coders only."
    )
    return Bound(listening, doors, f"http://{shown}:{port}/?token={token}", (*notes, warning))


def serve(site: Site, bound: Bound, say: Callable[[str], None], folder: Path) -> None:
    """Answer until Ctrl-C; then end the requests that are under way, and a training."""
    import uvicorn

    for note in bound.notes:
        say(note)
    for line in site.state.folder.torn():
        say(line)
    print(f"Coding in {folder}: {bound.address}  (Ctrl-C ends it)", flush=True)
    config = uvicorn.Config(
        make_app(site, bound.doors),
        log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none", lifespan="on",
        http="h11", loop="asyncio", timeout_graceful_shutdown=_SECONDS_TO_END,
    )  # fmt: skip
    try:
        uvicorn.Server(config).run(sockets=[bound.socket])
    except KeyboardInterrupt:
        pass
    finally:
        bound.socket.close()
        site.training.stop()
    say("ended; every code that was said to be saved is on the disk")
