"""The review queue: answers that people score, for programs and as a page. Here alone the console shows what users wrote.

Only a reviewer opens it, with a token of their own or by a gateway's word, so that each look has a name; nobody is one by being
on the machine. A look is noted before the texts leave, and no texts leave where it can't be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from proxy.console.api import ApiError, assistant_of, reply, store_away
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.queue import LooksAnswer, QueueAnswer, Scored, Session, TakenAnswer
from proxy.console.readers import READER
from proxy.console.unanswered import Unavailable
from proxy.kpi.agreement import SCORES, Score
from proxy.settings.model import Assistant
from proxy.words import formats
from proxy.words.catalogue import Words

FIELD: Final = "score."
"""How the names of the form's fields begin that hold scores; the answer's id follows."""


class ReviewApi:
    """Handlers of the API's part."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def doors(self) -> Iterator[Door]:
        """Where they are: the texts are for reviewers, who looked is for auditors."""
        shown = Call(answers=(QueueAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/reviews", handler=self.queue, needs="reviewer", call=shown)
        made = Call(answers=(TakenAnswer,), body=Scored)
        yield Door(path="/api/v1/reviews", handler=self.score, needs="reviewer", method="POST", call=made)
        looked = Call(answers=(LooksAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/looks", handler=self.looks, needs="auditor", call=looked)

    async def queue(self, request: web.Request) -> web.Response:
        """The oldest session whose answers this reviewer may score; that it was shown is noted."""
        assistant = self._configured(assistant_of(request.query, self._clerk.settings.assistants))
        try:
            return reply(await self._clerk.queue(assistant, request[READER].name))
        except Unavailable as error:
            raise store_away() from error

    async def score(self, request: web.Request) -> web.Response:
        """Score answers: correct, partly, wrong, or unsure."""
        if request.content_type != "application/json":
            raise ApiError(415, "media_type", "this is no JSON", "send Content-Type: application/json")
        try:
            given = msgspec.json.decode(await request.read(), type=Scored)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ApiError(400, "scores", f"these are no scores: {error}", f"each is one of: {', '.join(SCORES)}") from error
        query = {} if given.assistant is None else {"assistant": given.assistant}
        assistant = self._configured(assistant_of(query, self._clerk.settings.assistants))
        try:
            taken = await self._clerk.score(assistant, request[READER].name, given)
        except Unavailable as error:
            raise store_away() from error
        if taken is None:
            raise ApiError(410, "gone", "this session is no longer kept", "ask for the next one")
        return reply(taken)

    async def looks(self, request: web.Request) -> web.Response:
        """Who was shown texts of the review queue, and when."""
        assistant = self._configured(assistant_of(request.query, self._clerk.settings.assistants))
        try:
            return reply(await self._clerk.looks(assistant))
        except Unavailable as error:
            raise store_away() from error

    def _configured(self, assistant: Assistant) -> Assistant:
        if not assistant.reviews.on:
            raise ApiError(404, "not_configured", "no answers of this assistant are kept to be scored", "set reviews.share")
        return assistant


async def posted(clerk: Clerk, request: web.Request, assistant: Assistant) -> str:
    """Take what the page's form holds; gives what to say of it: a sentence's key, "" where nothing was given."""
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    try:
        scores = msgspec.convert(
            {name.removeprefix(FIELD): value for name, value in form.items() if name.startswith(FIELD)}, dict[str, Score]
        )
    except msgspec.ValidationError:
        return "reviews.none_given"
    if not scores:
        return "reviews.none_given"
    given = Scored(session=form.get("session", ""), scores=scores)
    taken = await clerk.score(assistant, request[READER].name, given)
    return "reviews.gone" if taken is None else "reviews.taken"


async def shown(clerk: Clerk, request: web.Request, assistant: Assistant, words: Words) -> dict[str, Any]:
    """What the page is written from; raises `Unavailable`."""
    if not assistant.reviews.on:
        return {"face": "unset"}
    found = await clerk.queue(assistant, request[READER].name)
    return {
        "face": "none" if found.session is None else "ask",
        "scores": SCORES,
        "field": FIELD,
        "waiting": formats.number(found.waiting, words.language),
        "session": None if found.session is None else _shown(found.session, assistant, words),
        "redacted": assistant.reviews.redact,
    }


def _shown(session: Session, assistant: Assistant, words: Words) -> Mapping[str, Any]:
    begun = datetime.fromisoformat(session.answers[0].at).astimezone(ZoneInfo(assistant.time_zone))
    return {
        "id": session.id,
        "day": formats.full_day(begun.date(), words.language),
        "answers": [(at, each.id, each.question, each.answer) for at, each in enumerate(session.answers, 1)],
    }
