"""The porter: lets requests in by the table of doors, leads people to the sign-in, and dresses whatever goes wrong."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping

from aiohttp import web

from proxy.access.roles import Reader
from proxy.console import api
from proxy.console.answers import tagged
from proxy.console.api import ApiError
from proxy.console.choice import MissingError
from proxy.console.departments import ElsewhereError
from proxy.console.doors import Door, Handler
from proxy.console.guard import Guard, WaitError
from proxy.console.pages import Pages
from proxy.console.parameters import ParameterError, only
from proxy.console.readers import READER

log = logging.getLogger(__name__)


class Porter:
    """Two middlewares and the sign-in. `doors` is filled once all handlers are known, the porter's own among them."""

    def __init__(self, guard: Guard, pages: Pages) -> None:
        self._guard = guard
        self._pages = pages
        self.doors: Mapping[tuple[str, str], Door] = {}

    @web.middleware
    async def dress(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn whatever goes wrong into JSON for programs and a page for people."""
        try:
            return await handler(request)
        except ApiError as error:
            return api.failure(error)
        except ParameterError as error:
            return api.failure(ApiError(400, error.code, str(error), error.hint))
        except ElsewhereError:
            return self._denied(request, self._door(request))
        except MissingError:
            return self._pages.problem(request, 404, "missing", "assistant")
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return self._refused(request, error)
        except Exception:
            log.exception("a console request failed: %s", request.rel_url.path)
            if _wants_json(request):
                return api.failure(ApiError(500, "fault", "this request failed", "the reason is in the log"))
            return self._pages.problem(request, 500, "fault")

    @web.middleware
    async def judge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request in, or say why not; leave for handlers who asks."""
        if not self._guard.right_host(request):
            if _wants_json(request):
                hint = "use localhost, 127.0.0.1 or [::1]"
                raise ApiError(421, "host", "the console does not answer under this name", hint)
            return self._pages.problem(request, 421, "refused")
        door = self._door(request)
        if request.method == "POST" and not (door is not None and door.outside) and not self._guard.from_here(request):
            raise ApiError(403, "origin", "this was posted from a page elsewhere", "post from the console's own pages")
        if door is not None and door.needs is None:
            return await handler(request)
        try:
            reader = self._guard.reader(request)
        except WaitError as wait:
            return _wait(wait)
        if reader is None:
            return self._unknown(request, door)
        request[READER] = reader
        if door is not None and door.needs is not None and not (reader.may(door.needs) and _within(reader, door)):
            return self._denied(request, door)
        if door is None or door.call is None:
            return await handler(request)
        only(request.query, door.call.parameters)
        return tagged(request, await handler(request)) if door.method == "GET" else await handler(request)

    def _door(self, request: web.Request) -> Door | None:
        resource = request.match_info.route.resource
        return None if resource is None else self.doors.get((request.method, resource.canonical))

    def _unknown(self, request: web.Request, door: Door | None) -> web.StreamResponse:
        """Lead people to the sign-in, and tell programs what to send."""
        if door is not None and door.page:
            return web.Response(status=303, headers={"Location": str(request.rel_url.with_path("/login", keep_query=True))})
        hint = "send Authorization: Bearer with a token of kpi-proxy token add, or the one of console.token_file"
        response = api.failure(ApiError(401, "token", "a token is needed", hint))
        response.headers["WWW-Authenticate"] = 'Bearer realm="kpi-proxy"'
        return response

    def _denied(self, request: web.Request, door: Door | None) -> web.StreamResponse:
        """Who it is, is known; that it may not, too."""
        if door is not None and door.page and not _wants_json(request):
            return self._pages.problem(request, 403, "denied", "text" if _within(request[READER], door) else "department")
        if door is not None and door.instead and not _within(request[READER], door):
            return api.failure(
                ApiError(403, "department", "this is of the whole assistant, and the token of a department", door.instead)
            )
        needed = "of the whole assistant" if door is None or door.needs == "viewer" else f"of the role {door.needs}"
        return api.failure(ApiError(403, "role", "this token does not open this", f"it takes a token {needed}"))

    def _refused(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        if not _wants_json(request):
            return self._pages.problem(request, error.status, "missing")
        hint = "the paths are those of /api/v1/openapi.json"
        large = isinstance(error, web.HTTPRequestEntityTooLarge)
        response = api.failure(ApiError(error.status, "size" if large else "path", error.reason, hint))
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response

    def admitted(self, request: web.Request) -> bool:
        """Whether who asked once is still the same: for what is answered over hours."""
        try:
            return self._guard.reader(request) == request[READER]
        except WaitError:
            return False

    async def login(self, request: web.Request) -> web.StreamResponse:
        """The form that asks for a token."""
        return self._pages.login(request)

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """What the form sends."""
        given = (await request.post()).get("token", "")
        try:
            token = self._guard.token(request, given.strip() if isinstance(given, str) else "")
        except WaitError as wait:
            return _later(self._pages.login(request, "wait", 429), wait)
        if token is None:
            return self._pages.login(request, "wrong", 401)
        response = web.Response(status=303, headers={"Location": str(request.rel_url.with_path("/", keep_query=True))})
        self._guard.sign_in(request, response, token)
        return response

    async def sign_out(self, _: web.Request) -> web.StreamResponse:
        """Forget the reader; the token stays good."""
        response = web.Response(status=303, headers={"Location": "/login"})
        self._guard.sign_out(response)
        return response


def _within(reader: Reader, door: Door) -> bool:
    return reader.department is None or door.department


def _wait(wait: WaitError) -> web.StreamResponse:
    hint = "wrong tokens have come from this address; wait, or sign in from another"
    return _later(api.failure(ApiError(429, "attempts", "too many wrong tokens", hint)), wait)


def _later(response: web.StreamResponse, wait: WaitError) -> web.StreamResponse:
    response.headers["Retry-After"] = str(math.ceil(wait.seconds))
    return response


def _wants_json(request: web.Request) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")
