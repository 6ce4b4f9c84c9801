"""The application behind `framing serve`: which address is answered by what, and the guard in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from framing.errors import FramingError
from framing.webanswers import failed, missing, told
from framing.webapi import Interface
from framing.webguard import App, Doors, Guard
from framing.website import Site
from framing.webviews import Views

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def make_app(site: Site, doors: Doors) -> App:
    """Return the ASGI application of a site, behind its guard."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        site.training.stop()

    handlers: dict[Any, Callable[[Request, Exception], Response]] = {
        FramingError: told,
        HTTPException: missing,
        Exception: failed,
    }
    routes = _routes(Views(site), Interface(site))
    return Guard(Starlette(routes=routes, exception_handlers=handlers, lifespan=lifespan), doors)


def _routes(pages: Views, interface: Interface) -> list[Route]:
    from starlette.routing import Route

    get = {
        "/": pages.start,
        "/code": pages.code,
        "/adjudicate": pages.adjudicate,
        "/read": pages.read,
        "/read/{identity}.{form}": pages.download,
        "/read/{identity}": pages.article,
        "/compare": pages.compare,
        "/train": pages.train,
        "/static/{name}": pages.static,
        "/openapi.json": interface.openapi,
        "/api/state": interface.state,
        "/api/unit": interface.unit,
        "/api/units": interface.units,
        "/api/train": interface.training,
        "/api/compare": interface.comparing,
    }
    post = {
        "/read": pages.read_posted,
        "/api/codes": interface.codes,
        "/api/undo": interface.undo,
        "/api/decisions": interface.decisions,
        "/api/score": interface.score,
        "/api/train": interface.train_start,
        "/api/train/stop": interface.train_stop,
    }
    routes = [Route(path, _served(handler), methods=["GET"]) for path, handler in get.items()]
    return routes + [Route(path, _served(handler), methods=["POST"]) for path, handler in post.items()]


Handler = Callable[["Request", bytes], "Response"]


def _served(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Run a handler beside the loop, with the whole body: it may wait for the disk or a model."""
    from starlette.concurrency import run_in_threadpool

    async def served(request: Request) -> Response:
        return await run_in_threadpool(handler, request, await request.body())

    return served
