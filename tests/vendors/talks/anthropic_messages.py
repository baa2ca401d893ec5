"""Anthropic's client: what a mock cannot be made to say, by a server that the client's own types accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from anthropic import Anthropic, APIStatusError
from anthropic.types import Message
from both import application, both, said, streamed
from starlette.requests import Request
from starlette.responses import Response

MODEL = "claude-0"
USAGE = {"input_tokens": 3, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 2, "output_tokens": 5}


def message(*content: Any, stop: str | None = "end_turn") -> dict[str, Any]:
    found = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": list(content)}
    return Message.model_validate({**found, "stop_reason": stop, "stop_sequence": None, "usage": USAGE}).model_dump(mode="json")


def serve(request: Request, body: Any) -> Response:
    if request.url.path.endswith("/count_tokens"):
        return said('{"input_tokens": 15}')
    last = body["messages"][-1]["content"]
    text = last if isinstance(last, str) else "after the tool"
    if text == "busy":
        return said('{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}', 529)
    if body.get("stream"):
        return streamed(events(text))
    if text == "agent":
        call = {"type": "tool_use", "id": "toolu_1", "name": "escalate_to_human", "input": {}}
        return said(json.dumps(message(call, stop="tool_use")))
    if text == "refuse":
        return said(json.dumps(message(stop="refusal")))
    return said(
        json.dumps(
            message({"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": f"You said {text}"})
        )
    )


def events(text: str) -> Iterator[str]:
    def event(kind: str, **more: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"

    yield event("message_start", message=message(stop=None))
    yield event("ping")
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in ("You ", "said ", text):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    if text == "break":
        yield event("error", error={"type": "overloaded_error", "message": "Overloaded"})
        return
    yield event("content_block_stop", index=0)
    yield event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 6})
    yield event("message_stop")


def talk(url: str) -> list[Any]:
    client = Anthropic(base_url=url, api_key="none", max_retries=0)
    heard: list[Any] = []

    def asked(content: Any, conversation: str) -> dict[str, Any]:
        return {
            "model": MODEL,
            "max_tokens": 100,
            "messages": [{"role": "user", "content": content}],
            "metadata": {"user_id": "ada"},
            "extra_headers": {"x-conversation": conversation},
        }

    heard.append(client.messages.count_tokens(model=MODEL, messages=[{"role": "user", "content": "hello"}]).input_tokens)
    result = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}]
    for content, conversation in (("hello", "c1"), ("agent", "c1"), (result, "c1"), ("refuse", "c2"), ("busy", "c3")):
        try:
            heard.append([block.type for block in client.messages.create(**asked(content, conversation)).content])
        except APIStatusError as error:
            heard.append(error.status_code)
    for text, conversation in (("again", "c1"), ("break", "c4")):
        try:
            with client.messages.stream(**asked(text, conversation)) as stream:
                heard.append("".join(stream.text_stream))
        except APIStatusError as error:
            heard.append(str(error))
    return heard


both(application(serve), talk)
