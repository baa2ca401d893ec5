"""The console as one aiohttp application: routes, guard, and what goes with every answer."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from aiohttp import web

from proxy.access.roles import Reader
from proxy.console import api, assets, openapi
from proxy.console.answers import tagged
from proxy.console.api import Api, ApiError
from proxy.console.choice import MissingError
from proxy.console.cookies import COOKIE
from proxy.console.departments import ElsewhereError
from proxy.console.doors import Call, Door, Handler, table
from proxy.console.downloads import Downloads
from proxy.console.guard import HEADERS, Guard, WaitError
from proxy.console.pages import Pages
from proxy.console.parameters import ParameterError, only
from proxy.console.proofs import ProofApi
from proxy.console.readers import READER
from proxy.console.reading import Patient
from proxy.console.reports import Reports
from proxy.console.sidebyside import SideBySideApi
from proxy.console.sources import Sources
from proxy.console.stream import Stream
from proxy.console.surveys import SurveyApi
from proxy.console.trials import RULE, SAMPLE
from proxy.console.workshop import WorkshopApi

BODY_LIMIT: Final = 6 * (SAMPLE + RULE)
"""Bytes of a request body: the workshop's, each character escaped by a form as two bytes of UTF-8."""

log = logging.getLogger(__name__)


def make_app(sources: Sources) -> web.Application:
    """Build the console. Raises `GuardError` when it would be open to others without a token."""
    return _Console(sources).app()


class _Console:
    """Routes requests to pages, API and stream."""

    def __init__(self, sources: Sources) -> None:
        sources = msgspec.structs.replace(sources, ledger=Patient(sources.ledger))
        self._sources = sources
        self._guard = Guard(sources.settings, sources.key, sources.now)
        self._assets = assets.load()
        self._pages = Pages(sources, self._assets)
        self._api = Api(sources)
        self._proofs = ProofApi(sources)
        self._workshop_api = WorkshopApi(sources)
        self._stream = Stream(sources)
        self._reports = Reports(sources)
        self._downloads = Downloads(sources)
        self._surveys = SurveyApi(sources, self._pages, self._guard.client)
        self._doors = table(self._table())
        self._description = msgspec.json.encode(openapi.description(self._doors.values()))

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._dress, self._judge], client_max_size=BODY_LIMIT)
        for (method, path), door in self._doors.items():
            app.router.add_route(method, path, door.handler)
        app.on_response_prepare.append(_harden)
        app.on_shutdown.append(self._close)
        return app

    def _table(self) -> Iterator[Door]:
        """Every path there is. What is not said of a door: viewers open it, those of a department do not."""
        yield Door(path="/", handler=self._first, page=True, department=True)
        yield Door(path="/realtime", handler=self._realtime, page=True, department=True)
        yield Door(path="/quality", handler=self._quality, page=True, department=True)
        yield Door(path="/strategic", handler=self._strategic, page=True, department=True)
        yield Door(path="/overview", handler=self._overview, page=True, department=True)
        yield Door(path="/groups", handler=self._groups, page=True, department=True)
        yield Door(path="/value", handler=self._value, page=True)
        yield Door(path="/compare", handler=self._compare, page=True)
        yield Door(path="/events", handler=self._events, endless=True)
        yield Door(path="/report", handler=self._report, page=True)
        yield Door(path="/workshop", handler=self._workshop, page=True, needs="admin")
        yield Door(path="/workshop", handler=self._workshop, page=True, needs="admin", method="POST")
        yield Door(path="/chart.svg", handler=self._chart)
        yield Door(path="/table.csv", handler=self._table_of)
        yield from self._api.doors()
        yield from self._proofs.doors()
        yield from self._surveys.doors()
        yield Door(path="/widget.js", handler=self._widget, needs=None)
        yield from SideBySideApi(self._sources).doors()
        yield from self._workshop_api.doors()
        yield Door(path=openapi.ADDRESS, handler=self._openapi, department=True, call=Call(answers=(dict[str, Any],)))
        yield Door(path="/healthz", handler=self._healthz, needs=None)
        yield Door(path="/readyz", handler=self._readyz, needs=None)
        yield Door(path="/login", handler=self._login, needs=None)
        yield Door(path="/login", handler=self._sign_in, needs=None, method="POST")
        yield Door(path="/logout", handler=self._sign_out, needs=None, method="POST")
        yield Door(path="/static/{name}", handler=self._static, needs=None)
        if self._sources.settings.export.prometheus:
            yield Door(path="/metrics", handler=self._metrics)

    @web.middleware
    async def _dress(self, request: web.Request, handler: Handler) -> web.StreamResponse:
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
    async def _judge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
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
        return None if resource is None else self._doors.get((request.method, resource.canonical))

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
            return self._pages.problem(request, 403, "denied")
        needed = "of the whole assistant" if door is None or door.needs == "viewer" else f"of an {door.needs}"
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

    async def _first(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "glance", signed_in=COOKIE in request.cookies)

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "realtime", signed_in=COOKIE in request.cookies)

    async def _quality(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "quality", signed_in=COOKIE in request.cookies)

    async def _strategic(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "strategic", signed_in=COOKIE in request.cookies)

    async def _overview(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.overview(request, signed_in=COOKIE in request.cookies)

    async def _groups(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.groups(request, signed_in=COOKIE in request.cookies)

    async def _value(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.value(request, signed_in=COOKIE in request.cookies)

    async def _compare(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.compare(request, signed_in=COOKIE in request.cookies)

    async def _workshop(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.workshop(request, signed_in=COOKIE in request.cookies)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        def admitted() -> bool:
            try:
                return self._guard.reader(request) == request[READER]
            except WaitError:
                return False

        return await self._stream.run(request, self._pages.choice(request), self._pages.words(request), admitted)

    async def _chart(self, request: web.Request) -> web.StreamResponse:
        return await self._downloads.chart(self._pages.choice(request), request.query.get("panel"), self._pages.words(request))

    async def _table_of(self, request: web.Request) -> web.StreamResponse:
        return await self._downloads.table(self._pages.choice(request), request.query.get("panel"), self._pages.words(request))

    async def _report(self, request: web.Request) -> web.StreamResponse:
        return await self._reports.report(request, self._pages.words(request).language)

    async def _openapi(self, _: web.Request) -> web.StreamResponse:
        """This description."""
        return web.Response(body=self._description, content_type="application/json")

    async def _metrics(self, _: web.Request) -> web.StreamResponse:
        body, content_type = await self._sources.scrape()
        return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    async def _healthz(self, _: web.Request) -> web.StreamResponse:
        return api.reply({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.StreamResponse:
        """Ready while a relay passes traffic; without the store, what is learned waits in the outbox."""
        health = self._sources.health()
        ready = health.relays > 0
        content = {
            "status": "ready" if ready else "not ready",
            "relays": {"connected": health.relays, "wanted": health.relays_wanted},
            "store": "up" if health.store_up else "down, outbox in use",
            "outbox": health.books,
        }
        return api.reply(content, 200 if ready else 503)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        return self._pages.login(request)

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        given = (await request.post()).get("token", "")
        try:
            token = self._guard.token(request, given.strip() if isinstance(given, str) else "")
        except WaitError as wait:
            return _later(self._pages.login(request, "wait", 429), wait)
        if token is None:
            return self._pages.login(request, "wrong", 401)
        response = web.Response(status=303, headers={"Location": "/"})
        self._guard.sign_in(request, response, token)
        return response

    async def _sign_out(self, _: web.Request) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/login"})
        self._guard.sign_out(response)
        return response

    async def _static(self, request: web.Request) -> web.StreamResponse:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return assets.respond(request, asset)

    async def _widget(self, request: web.Request) -> web.StreamResponse:
        """The script for pages of others: the one file that they may load (Cross-Origin-Resource-Policy)."""
        response = assets.respond(request, self._assets["widget.js"])
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def _close(self, _: web.Application) -> None:
        await self._stream.end()


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a report has a policy of its own
    response.headers.pop("Server", None)


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
