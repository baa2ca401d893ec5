"""Ollama's client; a server that builds its lines from the client's own types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ollama
from both import application, both, said, streamed
from starlette.requests import Request
from starlette.responses import Response

MODEL = "llama3.2"
LINES = "application/x-ndjson"


def chat(content: str, *, done: bool, thinking: str | None = None, tool: str | None = None) -> str:
    calls = [ollama.Message.ToolCall(function=ollama.Message.ToolCall.Function(name=tool, arguments={}))] if tool else None
    message = ollama.Message(role="assistant", content=content, thinking=thinking, tool_calls=calls)
    counts = {"done_reason": "stop", "prompt_eval_count": 26, "eval_count": 5} if done else {}
    return ollama.ChatResponse(model=MODEL, message=message, done=done, **counts).model_dump_json(exclude_none=True)


def serve(request: Request, body: Any) -> Response:
    if request.url.path == "/api/generate":
        answer = ollama.GenerateResponse(model=MODEL, response="Because.", done=True, prompt_eval_count=2, eval_count=3)
        return said(answer.model_dump_json(exclude_none=True))
    match body["messages"][-1]["content"]:
        case "missing":
            return said('{"error":"model \\"none\\" not found"}', 404)
        case "crash":
            return streamed(iter((chat("Well", done=False) + "\n", '{"error":"the model runner has stopped"}\n')), LINES)
        case "agent":
            return said(chat("", done=True, tool="transfer_to_human"))
        case text if body["stream"]:
            return streamed(pieces(text), LINES)
        case text:
            return said(chat(f"You said {text}", done=True))


def pieces(text: str) -> Iterator[str]:
    yield chat("", done=False, thinking="hm") + "\n"
    for word in ("You ", "said ", text):
        yield chat(word, done=False) + "\n"
    yield chat("", done=True) + "\n"


def talk(url: str) -> list[str]:
    client = ollama.Client(url, headers={"x-user": "ada", "x-conversation": "o1"})
    heard: list[str] = []

    def say(text: str, *, stream: bool = False) -> None:
        messages = [{"role": "user", "content": text}]
        try:
            if stream:
                chunks = client.chat(MODEL, messages, stream=True)
                heard.append("".join(chunk.message.content or "" for chunk in chunks))
            else:
                message = client.chat(MODEL, messages).message
                heard.extend([message.content or "", *(call.function.name for call in message.tool_calls or ())])
        except ollama.ResponseError as error:
            heard.append(f"{error.status_code} {error.error}")

    say("hello")
    say("again", stream=True)
    say("agent")
    say("crash", stream=True)
    say("missing")
    heard.append(client.generate(MODEL, "Why?").response)
    return heard


both(application(serve), talk)
