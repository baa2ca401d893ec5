"""The demo assistant's mind, without its server: request bytes in, the pieces of the answer and their times out.

The server paces these pieces and the history replays them, so that live traffic and history are the same bytes. All
chance comes from the nonce of a request: the same nonce, the same answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from proxy.demo.topics import Language, Topic, find, language

MODEL = "demo-assistant-1"

HANDOVER_TOOL = "transfer_to_human"
_STARTED: Mapping[Language, tuple[str, ...]] = {
    "fr": (
        "Je vous mets en relation avec un conseiller, merci de patienter quelques instants.",
        "Votre demande a été transmise à un conseiller. Un conseiller va prendre le relais.",
    ),
    "en": (
        "I'm transferring you to a human agent now, please stay with us.",
        "Let me connect you with a live agent.",
    ),
}
_CLOSED: Mapping[Language, str] = {
    "fr": "Aucun conseiller n'est disponible pour le moment. Notre équipe répond du lundi au vendredi, de 8 h à 18 h.",
    "en": "No agents are available right now. The desk is open Monday to Friday, from 8 to 18.",
}
_FALLBACK: Mapping[Language, str] = {
    "fr": "Je n'ai pas trouvé de réponse à cette question.",
    "en": "I'm sorry, I couldn't find anything about that.",
}
_OFFER: Mapping[Language, str] = {
    "fr": "Souhaitez-vous être mis en relation avec un conseiller ?",
    "en": "Would you like me to connect you with a human agent?",
}
_WELCOME: Mapping[Language, str] = {"fr": "Avec plaisir, bonne journée !", "en": "You're welcome, have a good day!"}
_NOTED: Mapping[Language, str] = {"fr": "C'est noté, je fais remonter votre avis.", "en": "Noted, I will pass it on."}
_HUMAN = ("conseiller", "humain", "vraie personne", "human agent", "real person", "a human", "live agent", "representative")
_COMPLAINTS = ("aide pas", "c'est nul", "2/5", "pas ma question", "doesn't help", "useless", "doesn't answer")
_THANKS = ("merci", "thank")
_YES = ("oui", "yes")

JSON = "application/json"
STREAM = "text/event-stream"


class Message(msgspec.Struct):
    """A message as clients send it; content is a text or a list of parts."""

    role: str
    content: str | list[dict[str, Any]] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return " ".join(str(part.get("text", "")) for part in self.content)
        return self.content or ""


class Request(msgspec.Struct):
    """What the assistant reads of a chat completion request."""

    messages: list[Message]
    model: str = MODEL
    stream: bool = False
    stream_options: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the assistant decided to say: words, a tool call, or both."""

    text: str = ""
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response: `pieces` are (seconds after the request, bytes), one event each when it streams."""

    status: int
    media: str
    pieces: tuple[tuple[float, bytes], ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What may go wrong with an answer: an HTTP error, an error inside the stream, or a long wait."""

    kind: Literal["http", "stream", "slow"]
    status: int = 200
    code: str = ""


def dice(*parts: object) -> random.Random:
    """Chance that depends on these words alone."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311 - behaviour of a demo, no secret


def trouble(chance: random.Random) -> Trouble | None:
    """Some 5 requests in 100 do not go as they should."""
    roll = chance.random()
    if roll < 0.007:
        return Trouble("http", 500, "server_error")
    if roll < 0.012:
        return Trouble("http", 429, "rate_limit_exceeded")
    if roll < 0.020:
        return Trouble("stream", 200, "server_error")
    return Trouble("slow") if roll < 0.045 else None


def decide(messages: Sequence[Message], chance: random.Random) -> Said:
    """What to say to the last message."""
    asked = [message.text for message in messages if message.role == "user"]
    text = asked[-1] if asked else ""
    before = next((message.text for message in reversed(messages) if message.role == "assistant" and message.text), "")
    tongue = language(text)
    lowered = text.lower()
    topic = find(text)
    offered = before.endswith(_OFFER[tongue])
    if any(word in lowered for word in _HUMAN) or (offered and lowered.startswith(_YES)):
        return Said(_CLOSED[tongue]) if chance.random() < 0.1 else _hand_over(tongue, chance)
    if topic is not None:
        return _answer(topic, tongue, after_tool=messages[-1].role == "tool", chance=chance)
    if any(word in lowered for word in _COMPLAINTS):
        return Said(_NOTED[tongue])
    if any(word in lowered for word in _THANKS):
        return Said(_WELCOME[tongue])
    if before.startswith(_FALLBACK[tongue]):  # twice in a row: a person is better placed
        return _hand_over(tongue, chance)
    return Said(_FALLBACK[tongue] + (" " + _OFFER[tongue] if chance.random() < 0.5 else ""))


def _hand_over(tongue: Language, chance: random.Random) -> Said:
    return Said(tool=HANDOVER_TOOL) if chance.random() < 0.45 else Said(chance.choice(_STARTED[tongue]))


def _answer(topic: Topic, tongue: Language, *, after_tool: bool, chance: random.Random) -> Said:
    if topic.sensitive:
        return Said(f"{topic.answer[tongue]} {chance.choice(_STARTED[tongue])}")
    if topic.tool and not after_tool:
        return Said(tool=topic.tool)
    return Said(topic.answer[tongue])


def reply(body: bytes, nonce: str, at: float) -> Reply:
    """The answer to the bytes of a chat completion request; `at` is its time in Unix seconds."""
    try:
        request = msgspec.json.decode(body, type=Request)
    except msgspec.MsgspecError:
        return _error(400, "invalid_request_error", after=0.0)
    if not request.messages:
        return _error(400, "invalid_request_error", after=0.0)
    chance = dice(nonce)
    wrong = trouble(chance)
    if wrong is not None and wrong.kind == "http":
        return _error(wrong.status, wrong.code, after=0.05 + chance.random())
    said = decide(request.messages, chance)
    first = chance.lognormvariate(-0.6, 0.4)  # median 0.55 s to the first word
    if wrong is not None and wrong.kind == "slow":
        first += chance.uniform(8, 16)
    head: dict[str, Any] = {
        "id": f"chatcmpl-{dice('message', nonce).randbytes(12).hex()}",
        "created": int(at),
        "model": request.model,
    }
    usage = _usage(request, said)
    step = chance.uniform(0.04, 0.11)  # seconds between two pieces of text
    if not request.stream:
        return _whole(head, said, usage, first + step * len(_split(said.text)))
    failing = wrong.code if wrong is not None and wrong.kind == "stream" else ""
    with_usage = bool((request.stream_options or {}).get("include_usage"))
    return _streamed(head, said, usage if with_usage else None, first=first, step=step, failing=failing)


def _error(status: int, code: str, *, after: float) -> Reply:
    body = {"error": {"message": "The demo assistant could not answer.", "type": code, "param": None, "code": code}}
    return Reply(status, JSON, ((after, msgspec.json.encode(body)),))


def _usage(request: Request, said: Said) -> dict[str, int]:
    """Tokens, at four characters each."""
    sent = sum(len(message.text) for message in request.messages) // 4 + 8
    got = len(said.text or said.tool) // 4 + 4
    return {"prompt_tokens": sent, "completion_tokens": got, "total_tokens": sent + got}


def _call(head: Mapping[str, Any], said: Said) -> dict[str, Any]:
    return {"id": "call_" + str(head["id"])[9:25], "type": "function", "function": {"name": said.tool, "arguments": "{}"}}


def _whole(head: Mapping[str, Any], said: Said, usage: Mapping[str, int], after: float) -> Reply:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.tool:
        message["tool_calls"] = [_call(head, said)]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if said.tool else "stop"}
    body = {"object": "chat.completion", **head, "choices": [choice], "usage": usage}
    return Reply(200, JSON, ((after, msgspec.json.encode(body)),))


def _split(text: str) -> list[str]:
    """Text in pieces of three words, spaces kept."""
    words = text.split(" ")
    pieces = [" ".join(words[at : at + 3]) for at in range(0, len(words), 3)] if text else []
    return [piece if at == 0 else " " + piece for at, piece in enumerate(pieces)]


def _streamed(
    head: Mapping[str, Any], said: Said, usage: Mapping[str, int] | None, *, first: float, step: float, failing: str
) -> Reply:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if said.text else None}]
    deltas += [{"content": piece} for piece in _split(said.text)]
    if said.tool:
        deltas.append({"tool_calls": [{"index": 0, **_call(head, said)}]})
    chunk = {"object": "chat.completion.chunk", **head}
    events: list[dict[str, Any]] = [
        {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    if failing:
        del events[len(events) // 2 + 1 :]
        events.append({"error": {"message": "The demo assistant broke off.", "type": failing, "code": failing}})
    else:
        reason = "tool_calls" if said.tool else "stop"
        events.append({**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if usage is not None:
            events.append({**chunk, "choices": [], "usage": usage})
    pieces = [(first + step * at, b"data: " + msgspec.json.encode(event) + b"\n\n") for at, event in enumerate(events)]
    if not failing:
        pieces.append((pieces[-1][0], b"data: [DONE]\n\n"))
    return Reply(200, STREAM, tuple(pieces))
