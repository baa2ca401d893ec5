"""Ratings as applications of seven kinds send them, through one product: late, again, changed and taken back, counted by hand.

That vendors' own clients send what is written here is seen in tests/vendors, for those that have a call for it.
"""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

import msgspec
import pytest
from aiohttp import web

from tests.e2e.conftest import Start
from tests.e2e.product import Product, until
from tests.e2e.servers import Server

pytestmark = pytest.mark.e2e

Verdict = Literal["up", "down", "none"]
Call = tuple[str, str, Any]
"""Method, path and JSON."""


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """How an application talks and rates. An answer's id is its question's text with a dash: "c1 2" is answered by c1-2."""

    preset: str | list[str]
    turn: Callable[[str, str, str], Call]  # conversation, person, text
    rating: Callable[[str, str, str, Verdict], Call]  # conversation, person, id of the answer
    revokes: bool = False  # whether a rating can be taken back
    scale: str = "binary"


def completions(conversation: str, person: str, text: str) -> Call:
    body = {"model": "m", "messages": [{"role": "user", "content": text}], "user": person}
    return "POST", "/v1/chat/completions", {**body, "metadata": {"conversation_id": conversation}}


def webui(conversation: str, person: str, text: str) -> Call:
    body = {"model": "m", "chat_id": conversation, "id": f"ui-{text}", "user": person}
    return "POST", "/api/chat/completions", {**body, "messages": [{"role": "user", "content": text}]}


def webui_rating(conversation: str, _: str, message: str, verdict: Verdict) -> Call:
    meta = {
        "chat_id": conversation,
        "message_id": f"ui-{message}",
    }  # its own id of the answer, which the call to the model has not
    return (
        "POST",
        "/api/v1/evaluations/feedback",
        {"type": "rating", "data": {"rating": 1 if verdict == "up" else -1}, "meta": meta},
    )


def dify(conversation: str, person: str, text: str) -> Call:
    return "POST", "/v1/chat-messages", {"query": text, "user": person, "conversation_id": conversation, "inputs": {}}


def dify_rating(_: str, person: str, message: str, verdict: Verdict) -> Call:
    rating = {"up": "like", "down": "dislike", "none": None}[verdict]
    return "POST", f"/v1/messages/{message}/feedbacks", {"rating": rating, "user": person}


def flowise(conversation: str, person: str, text: str) -> Call:
    override = {"sessionId": conversation, "vars": {"userId": person}}
    return "POST", "/api/v1/prediction/flow-1", {"question": text, "overrideConfig": override}


def flowise_rating(conversation: str, _: str, message: str, verdict: Verdict) -> Call:
    body = {"chatflowid": "flow-1", "chatId": conversation, "messageId": message, "rating": THUMBS[verdict]}
    return "POST", "/api/v1/feedback", body


def dialogflow(conversation: str, person: str, text: str) -> Call:
    said = {"queryInput": {"text": {"text": text}, "languageCode": "fr"}, "queryParams": {"parameters": {"user_id": person}}}
    return "POST", f"{AGENT}/{conversation}:detectIntent", said


def dialogflow_rating(conversation: str, _: str, message: str, verdict: Verdict) -> Call:
    body = {"responseId": message, "answerFeedback": {"rating": THUMBS[verdict]}}
    return "POST", f"{AGENT}/{conversation}:submitAnswerFeedback", body


def intercom_rating(conversation: str, person: str, _: str, verdict: Verdict) -> Call:
    contacts = [{"type": "contact", "id": "i1", "external_id": person}]
    item = {
        "type": "conversation",
        "id": conversation,
        "conversation_rating": {"rating": 5 if verdict == "up" else 1},
        "contacts": {"type": "contact.list", "contacts": contacts},
    }
    data = {"type": "notification_event_data", "item": item}
    return "POST", "/hooks/desk", {"type": "notification_event", "topic": "conversation.rating.added", "data": data}


def langfuse_score(conversation: str, _: str, message: str, verdict: Verdict) -> Call:
    score = {"name": "user-feedback", "value": int(verdict == "up"), "dataType": "BOOLEAN"}
    return "POST", "/api/public/scores", [{"traceId": message, "sessionId": conversation, **score}]


def own_rating(conversation: str, person: str, message: str, verdict: Verdict) -> Call:
    return "POST", "/feedback", {"conversation_id": conversation, "message_id": message, "user_id": person, "rating": verdict}


AGENT: Final = "/v3/projects/p/locations/l/agents/a/sessions"
THUMBS: Final = {"up": "THUMBS_UP", "down": "THUMBS_DOWN"}
WIRES: Final = {
    "dify": Wire(preset="dify", turn=dify, rating=dify_rating, revokes=True),
    "flowise": Wire(preset="flowise", turn=flowise, rating=flowise_rating),
    "openwebui": Wire(preset="openwebui", turn=webui, rating=webui_rating),
    "dialogflow": Wire(preset="dialogflow-cx", turn=dialogflow, rating=dialogflow_rating),
    "langfuse": Wire(preset=["openai-chat", "langfuse-score"], turn=completions, rating=langfuse_score),
    "intercom": Wire(preset=["openai-chat", "intercom-webhook"], turn=completions, rating=intercom_rating, scale="five"),
    "house": Wire(preset="openai-chat", turn=completions, rating=own_rating),
}


async def everybody(request: web.Request) -> web.Response:
    """Every application at once: answers "c1 2" with the id c1-2, and takes each rating."""
    body = await request.json()
    path = request.path
    if path.endswith("chat-messages"):
        text = body["query"]
        ids = {"message_id": _id(text), "conversation_id": body["conversation_id"]}
        return web.json_response({"event": "message", "answer": f"You said {text}", **ids})
    if "/prediction/" in path:
        chat = body["overrideConfig"]["sessionId"]
        return web.json_response({"text": "So", "chatId": chat, "sessionId": chat, "chatMessageId": _id(body["question"])})
    if path.endswith(":detectIntent"):
        said = {"responseMessages": [{"text": {"text": ["So"]}}], "match": {"matchType": "INTENT"}}
        return web.json_response({"responseId": _id(body["queryInput"]["text"]["text"]), "queryResult": said})
    if path.endswith("/completions"):
        message = {"role": "assistant", "content": "So"}
        answer = {"id": _id(body["messages"][-1]["content"]), "object": "chat.completion", "model": "m"}
        return web.json_response({**answer, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    return web.json_response({"result": "success"})


def _id(text: str) -> str:
    return text.replace(" ", "-")


def send(port: int, call: Call) -> None:
    method, path, body = call
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            assert answer.status == 200, (path, answer.read())
    finally:
        connection.close()


def talk(port: int, wire: Wire) -> None:
    """Five people: one rates twice the same, one changes their mind, one takes it back, one is late, one says nothing."""
    for number in range(1, 6):
        for turn in (1, 2):
            send(port, wire.turn(f"c{number}", f"person-{number}", f"c{number} {turn}"))
    given: list[tuple[int, int, Verdict]] = [(1, 2, "up"), (1, 2, "up"), (2, 2, "up"), (2, 2, "down"), (3, 2, "down")]
    given += [(3, 2, "none" if wire.revokes else "up"), (4, 1, "up")]  # the fourth rates the answer before the last
    for number, turn, verdict in given:
        send(port, wire.rating(f"c{number}", f"person-{number}", f"c{number}-{turn}", verdict))


def seen(product: Product, name: str) -> dict[str, Any]:
    """Good and all ratings, rated and all sessions, turns, people, as the API has them."""
    found = product.kpis(name)
    csat, rated = found["kpis"]["csat"], found["provisional"]["csat_response_rate"]
    return {
        "ratings": (csat["numerator"], csat["denominator"]),
        "sessions": (rated["numerator"], rated["denominator"]),
        "turns": found["kpis"]["turns"]["value"],
        "people": found["kpis"]["mau"]["value"],
    }


def counted(product: Product, name: str, wanted: dict[str, Any]) -> bool | None:
    return True if seen(product, name) == wanted else None


def test_ratings_of_seven_kinds_of_applications_are_what_was_meant(start: Start) -> None:
    with Server(everybody) as upstream:
        assistants = [{"name": name, "upstream": upstream.url, "preset": wire.preset} for name, wire in WIRES.items()]
        product = start({"assistants": assistants})
        for name, wire in WIRES.items():
            talk(product.listen[name], wire)
        said = {"name": "nps", "value": 9, "sessionId": "c5"}
        send(product.listen["langfuse"], ("POST", "/api/public/scores", said))  # a recommendation is no satisfaction
        for name, wire in WIRES.items():
            good, every = (2, 3) if wire.revokes else (3, 4)
            wanted = {"ratings": (good, every), "sessions": (every, 5), "turns": 10, "people": 5}
            until(partial(counted, product, name, wanted), f"{name}: {wanted}")
        until(lambda: product.kpis("langfuse")["kpis"]["nps"]["n"] == 1 or None, "the recommendation")
        samples = [line for line in product.get("/metrics").decode().splitlines() if line.startswith("assistant_feedback_total")]
        for name, wire in WIRES.items():
            scales = {re.findall(r'scale="(\w+)"', line)[0] for line in samples if f'assistant="{name}"' in line}
            assert scales - {"nps"} == {wire.scale}, name
