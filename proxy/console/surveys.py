"""Ratings from outside: the widget's script, invitations, and what people answer (docs/feedback.md).

These doors are open, as the people who rate have no token of the console. What holds instead: an invitation is signed, names one
conversation, is good once and until a day; pages may ask for one only from the origins of the settings; and each address has
so many tries. Nothing of a conversation or of a figure can be read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, assert_never

import msgspec
from aiohttp import web

from proxy.access.invitations import LONGEST, Invitations, Scale, invited
from proxy.console.api import ApiError, failure, reply
from proxy.console.attempts import Attempts
from proxy.console.doors import Call, Door
from proxy.console.pages import Pages
from proxy.console.sources import Sources
from proxy.settings.model import Assistant

TRIES: Final = 60
"""Invitations and ratings of one address in SPAN, each: an office behind one address rates less, a script more."""
SPAN: Final = 600.0
"""Seconds."""
ID_LIMIT: Final = 512
"""Characters of a conversation's or answer's id."""
BODY_LIMIT: Final = 4096
"""Bytes of a call: an invitation is the longest thing in one."""
PREFLIGHT: Final = "600"
"""Seconds for which a browser remembers what a page of an origin may post (Fetch, CORS-preflight cache)."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be rated: a conversation, or one answer in it, by their ids on the wire."""

    assistant: str
    conversation: str
    message: str | None = None


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation: good once, until a Unix second. `link` leads to a page that asks."""

    token: str
    scale: Scale
    until: int
    link: str


class Given(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rating: 0 or 1, 1 to 5, or 0 to 10, as the invitation's scale says."""

    token: str
    score: float


class Thanks(msgspec.Struct, frozen=True):
    """The rating is kept."""

    status: str = "taken"


class SurveyApi:
    """Handlers. `sources.surveys` keeps what is given."""

    def __init__(self, sources: Sources, pages: Pages, client: Callable[[web.Request], str]) -> None:
        self._sources = sources
        self._pages = pages
        self._client = client
        self._invitations = Invitations(sources.key)
        self._asking, self._giving, self._forged = Attempts(TRIES, SPAN), Attempts(TRIES, SPAN), Attempts()
        self._assistants: Mapping[str, Assistant] = {each.name: each for each in sources.settings.assistants}

    def doors(self) -> Iterator[Door]:
        """Where they are. A backend makes invitations with a role of its own; pages of the named origins ask for their own."""
        made = Call(answers=(Offered,), body=Asked)
        yield Door(path="/api/v1/invitations", method="POST", handler=self.invite, needs="surveys", call=made)
        yield Door(path="/feedback/offer", method="POST", handler=self.offer, needs=None, outside=True)
        yield Door(path="/feedback/offer", method="OPTIONS", handler=self.preflight, needs=None, outside=True)
        yield Door(path="/feedback", method="POST", handler=self.give, needs=None, outside=True)
        yield Door(path="/feedback", handler=self.ask, needs=None)
        yield Door(path="/feedback", method="OPTIONS", handler=self.preflight, needs=None, outside=True)

    async def invite(self, request: web.Request) -> web.Response:
        """An invitation for a mail, a chat or a page of the caller's."""
        return reply(self._offered(request, _read(await _body(request), Asked)))

    async def offer(self, request: web.Request) -> web.Response:
        """An invitation for a page of one of the assistant's origins."""
        try:
            asked = _read(await _body(request), Asked)
            self._from_page(request, asked.assistant)
            self._tally(self._asking, request)
            answer = reply(self._offered(request, asked))
        except ApiError as error:
            answer = failure(error)
        return _shared(answer, self._origin(request))

    async def give(self, request: web.Request) -> web.Response:
        """A rating, once for each invitation: by a script as JSON, or by our own page as a form."""
        if request.content_type == "application/x-www-form-urlencoded":
            return await self._from_form(request)
        try:
            given = _read(await _body(request), Given)
            await self._take(request, given)
            answer = reply(Thanks(), 202)
        except ApiError as error:
            answer = failure(error)
        return _shared(answer, self._origin(request))

    async def ask(self, request: web.Request) -> web.Response:
        """The page that a link leads to. It changes nothing: programs that look at links must not rate."""
        token = request.query.get("token", "")
        invitation = self._invitations.read(token)
        good = invitation is not None and invitation.until > self._sources.now().timestamp()
        if invitation is None or not good:
            return self._pages.survey(request, "over", 410)
        return self._pages.survey(request, "ask", scale=invitation.scale, token=token)

    async def _from_form(self, request: web.Request) -> web.Response:
        form = await request.post() if (request.content_length or 0) <= BODY_LIMIT else {}
        try:
            await self._take(request, Given(token=str(form.get("token", "")), score=float(str(form.get("score", "")))))
        except ValueError:
            return self._pages.survey(request, "failed", 400)
        except ApiError as error:
            return self._pages.survey(request, {409: "used", 403: "over", 410: "over"}.get(error.status, "failed"), error.status)
        return self._pages.survey(request, "taken")

    async def _take(self, request: web.Request, given: Given) -> None:
        now = self._sources.now().timestamp()
        if self._forged.wait(self._client(request), now):
            raise ApiError(429, "attempts", "too many tokens of this address were none", "wait some minutes")
        self._tally(self._giving, request)
        invitation = self._invitations.read(given.token)
        if invitation is None or invitation.assistant not in self._assistants:
            self._forged.failed(self._client(request), now)
            raise ApiError(403, "invitation", "this is no invitation of ours", "ask for a new one")
        if invitation.until <= now:
            raise ApiError(410, "over", "this invitation is over", "ask for a new one")
        match await self._sources.surveys.rate(invitation, given.score, now):
            case "taken":
                return
            case "used":
                raise ApiError(409, "used", "this invitation was used", "one rating for each")
            case "no_score":
                raise ApiError(400, "score", f"{given.score:g} is not on the scale {invitation.scale}", "0-1, 1-5 or 0-10")
            case "unwritable":
                raise ApiError(503, "unwritable", "the rating can't be kept now", "try again")
            case verdict:
                assert_never(verdict)

    async def preflight(self, request: web.Request) -> web.Response:
        """What a page of an allowed origin may post."""
        response = _shared(web.Response(status=204), self._origin(request))
        response.headers["Access-Control-Allow-Methods"] = "POST"
        response.headers["Access-Control-Allow-Headers"] = "content-type"
        response.headers["Access-Control-Max-Age"] = PREFLIGHT
        return response

    def _offered(self, request: web.Request, asked: Asked) -> Offered:
        assistant = self._assistants.get(asked.assistant)
        if assistant is None:
            raise ApiError(404, "assistant_unknown", "there is no assistant of this name", "as in the settings")
        if not 0 < len(asked.conversation) <= ID_LIMIT or not 0 < len(asked.message or "-") <= ID_LIMIT:
            raise ApiError(400, "conversation", f"an id has 1 to {ID_LIMIT} characters", "as it is on the wire")
        surveys, survey = self._sources.surveys, assistant.survey
        until = int(self._sources.now().timestamp() + survey.valid)
        message = None if asked.message is None else surveys.message(asked.assistant, asked.message)
        conversation = surveys.conversation(asked.assistant, asked.conversation)
        token = self._invitations.token(invited(asked.assistant, conversation, survey.scale, until, message))
        return Offered(
            token=token, scale=survey.scale, until=until, link=f"{request.scheme}://{request.host}/feedback?token={token}"
        )

    def _origin(self, request: web.Request) -> str | None:
        """The origin of a page, where it is one of some assistant's."""
        origin = request.headers.get("Origin", "")
        return origin if any(origin in each.survey.origins for each in self._assistants.values()) else None

    def _from_page(self, request: web.Request, assistant: str) -> None:
        known = self._assistants.get(assistant)
        if known is None or request.headers.get("Origin", "") not in known.survey.origins:
            raise ApiError(403, "origin", "pages of this origin get no invitation", "name it in survey.origins")

    def _tally(self, attempts: Attempts, request: web.Request) -> None:
        now = self._sources.now().timestamp()
        if attempts.wait(self._client(request), now):
            raise ApiError(429, "attempts", "too many ratings from this address", "wait some minutes")
        attempts.failed(self._client(request), now)


async def _body(request: web.Request) -> bytes:
    if request.content_length is None or request.content_length > BODY_LIMIT:
        raise ApiError(413, "body", f"a body has a length, of at most {BODY_LIMIT} bytes", "an id or an invitation is no longer")
    return await request.read()


def _read(body: bytes, kind: Any) -> Any:
    try:
        found = msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise ApiError(400, "body", f"this is not what is asked for: {error}", "JSON, as docs/feedback.md has it") from error
    if isinstance(found, Given) and len(found.token) > LONGEST:
        raise ApiError(403, "invitation", "this is no invitation of ours", "ask for a new one")
    return found


def _shared(response: web.Response, origin: str | None) -> web.Response:
    """Let a page of this origin read the answer (Fetch, CORS protocol)."""
    response.headers["Vary"] = "Origin"
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
    return response
