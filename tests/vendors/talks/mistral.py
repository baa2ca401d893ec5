"""Mistral's client: chat and conversations; a server that builds its answers from the client's own types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from both import application, both, said, streamed
from mistralai.client import Mistral, errors, models
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

MODEL = "mistral-small-latest"
USAGE = models.UsageInfo(prompt_tokens=4, completion_tokens=2, total_tokens=6)
TALLY = models.ConversationUsageInfo(prompt_tokens=10, completion_tokens=3, total_tokens=13)
AGENT = {"next_agent_id": "ag_2", "next_agent_name": "billing"}


def serve(request: Request, body: Any) -> Response:
    if "/conversations" in request.url.path:
        return conversation(body)
    text = body["messages"][-1]["content"]
    if text == "bad":
        fault = '{"object":"error","message":"Invalid model","type":"invalid_model","param":null,"code":"1500"}'
        return said(fault, 400)
    if body.get("stream"):
        return streamed(chunks())
    tool = models.ToolCall(id="t1", function=models.FunctionCall(name="escalate_to_live_agent", arguments="{}"))
    message = models.AssistantMessage(
        content="" if text == "agent" else f"You said {text}", tool_calls=[tool] if text == "agent" else None
    )
    choice = models.ChatCompletionChoice(index=0, message=message, finish_reason="tool_calls" if text == "agent" else "stop")
    answer = models.ChatCompletionResponse(
        id="m1", object="chat.completion", model=MODEL, usage=USAGE, created=1, choices=[choice]
    )
    return said(answer.model_dump_json(by_alias=True))


def chunks() -> Iterator[str]:
    thinking = models.ThinkChunk(thinking=[models.TextChunk(text="hm")])
    contents: tuple[Any, ...] = ("", [thinking], [models.TextChunk(text="Bon")], "soir")
    for at, content in enumerate(contents):
        last = at == len(contents) - 1
        choice = models.CompletionResponseStreamChoice(
            index=0, delta=models.DeltaMessage(role="assistant", content=content), finish_reason="stop" if last else None
        )
        chunk = models.CompletionChunk(id="m2", model=MODEL, choices=[choice], usage=USAGE if last else None)
        yield f"data: {chunk.model_dump_json(by_alias=True)}\n\n"
    yield "data: [DONE]\n\n"


def conversation(body: Any) -> Response:
    if body["inputs"] == "fail":
        return streamed(events(started(), models.ResponseErrorEvent(message="overloaded", code=3505)))
    if body.get("stream"):
        deltas = (
            models.MessageOutputEvent(id="msg_1", content=text, model=MODEL) for text in ("Bon", models.TextChunk(text="soir"))
        )
        handoff = models.AgentHandoffDoneEvent(id="h1", **AGENT)
        return streamed(events(started(), handoff, *deltas, models.ResponseDoneEvent(usage=TALLY)))
    output = models.MessageOutputEntry(id="msg_2", content=[models.TextChunk(text="Aussi.")], model=MODEL)
    return said(
        models.ConversationResponse(conversation_id="conv_1", outputs=[output], usage=TALLY).model_dump_json(by_alias=True)
    )


def started() -> BaseModel:
    return models.ResponseStartedEvent(conversation_id="conv_1")


def events(*found: BaseModel) -> Iterator[str]:
    for event in found:
        yield f"event: {event.model_dump()['type']}\ndata: {event.model_dump_json(by_alias=True)}\n\n"


def talk(url: str) -> list[Any]:
    client = Mistral(api_key="none", server_url=url)
    heard: list[Any] = []
    user = {"x-user": "ada"}

    def asked(text: str) -> dict[str, Any]:
        return {"model": MODEL, "messages": [{"role": "user", "content": text}], "http_headers": {**user, "x-conversation": "m1"}}

    for text in ("hello", "agent", "bad"):
        try:
            message = client.chat.complete(**asked(text)).choices[0].message
            heard += [message.content, *(call.function.name for call in message.tool_calls or ())]
        except errors.SDKError as error:
            heard.append(error.status_code)
    heard.append(
        [event.data.choices[0].delta.model_dump(mode="json")["content"] for event in client.chat.stream(**asked("again"))]
    )

    def live(inputs: str) -> list[Any]:
        stream = client.beta.conversations.start_stream(inputs=inputs, model=MODEL, http_headers=user)
        return [event.data.model_dump(mode="json") for event in stream]

    heard.append(live("bonjour"))
    more = client.beta.conversations.append(
        conversation_id="conv_1", inputs=[{"role": "user", "content": "et demain ?"}], http_headers=user
    )
    heard.append(more.model_dump(mode="json")["outputs"])
    heard.append(live("fail"))
    return heard


both(application(serve), talk)
