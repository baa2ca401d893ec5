"""OpenAI's client: Responses, Assistants and Azure's chat; a server whose answers the client's own types accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from both import application, both, said, streamed
from openai import APIError, AzureOpenAI, BadRequestError, OpenAI
from openai.types.beta.threads import Message, Run
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response as Answer
from starlette.requests import Request
from starlette.responses import Response

MODEL = "gpt-5-mini"


def serve(request: Request, body: Any) -> Response:
    path, streams = request.url.path, bool(body and body.get("stream"))
    if path.startswith("/openai/deployments/"):
        return azure(body["messages"][-1]["content"], streams=streams)
    if path.startswith("/v1/threads"):
        return threads(request.method, path, body, streams=streams)
    if request.method == "GET":  # of an answer in the background
        return said(response("resp_bg", "Later.").model_dump_json())
    text = body["input"] if isinstance(body["input"], str) else body["input"][-1].get("output", "")
    if body.get("background"):
        return said(response("resp_bg", "", status="queued").model_dump_json())
    if streams:
        return streamed(responses(text))
    tool = {"type": "function_call", "call_id": "call_1", "name": "transfer_to_human", "arguments": "{}", "id": "fc_1"}
    found = response("resp_tool", "", extra=tool) if text == "agent" else response(f"resp_{text}", f"You said {text}")
    return said(found.model_dump_json())


def response(identifier: str, text: str, *, status: str = "completed", extra: Any = None, error: Any = None) -> Answer:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}
    counts = {"input_tokens": 4, "output_tokens": 3, "total_tokens": 7}
    details = {
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    return Answer.model_validate(
        {
            "id": identifier,
            "object": "response",
            "created_at": 1,
            "model": MODEL,
            "status": status,
            "error": error,
            "output": [found for found in (message if text else None, extra) if found],
            "usage": None if status in ("queued", "failed") else {**counts, **details},
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
        }
    )


def responses(text: str) -> Iterator[str]:
    def event(kind: str, **more: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 1, **more})}\n\n"

    def whole(answer: Answer) -> Any:
        return answer.model_dump(mode="json")

    identifier = f"resp_{text}"
    yield event("response.created", response=whole(response(identifier, "", status="in_progress")))
    if text == "break":
        error = {"code": "server_error", "message": "The model has failed."}
        yield event("response.failed", response=whole(response(identifier, "", status="failed", error=error)))
        return
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "logprobs": []}
    part = {"type": "output_text", "text": "", "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress", "content": []}
    yield event("response.output_item.added", output_index=0, item=message)
    yield event("response.content_part.added", part=part, **place)
    for delta in ("You ", "said ", text):
        yield event("response.output_text.delta", delta=delta, **place)
    yield event("response.output_text.done", text=f"You said {text}", **place)
    yield event("response.completed", response=whole(response(identifier, f"You said {text}")))


def threads(method: str, path: str, body: Any, *, streams: bool) -> Response:
    content = [{"type": "text", "text": {"value": "You said hello", "annotations": []}}]
    message = Message.model_construct(
        id="msg_2", object="thread.message", thread_id="thread_1", role="user", content=content, created_at=1
    )
    if path == "/v1/threads":
        return said('{"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}, "tool_resources": null}')
    if path.endswith("/messages") and method == "GET":
        answer = message.model_copy(update={"role": "assistant"})
        return said(json.dumps({"object": "list", "data": [answer.model_dump(mode="json", warnings=False)], "has_more": False}))
    if path.endswith("/messages"):
        return said(message.model_dump_json(warnings=False))
    if streams:
        return streamed(run_events())
    return said(run("completed" if method == "GET" else "queued").model_dump_json(warnings=False))


def run(status: str) -> Run:
    usage = {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7} if status == "completed" else None
    return Run.model_construct(
        id="run_1",
        object="thread.run",
        thread_id="thread_1",
        assistant_id="asst_1",
        status=status,
        model=MODEL,
        created_at=1,
        usage=usage,
    )


def run_events() -> Iterator[str]:
    def event(kind: str, data: str) -> str:
        return f"event: {kind}\ndata: {data}\n\n"

    started = {
        "id": "msg_3",
        "object": "thread.message",
        "thread_id": "thread_1",
        "role": "assistant",
        "content": [],
        "created_at": 1,
    }
    yield event("thread.run.created", run("queued").model_dump_json(warnings=False))
    yield event("thread.message.created", json.dumps(started))
    for value in ("You ", "said ", "hello"):
        delta = {"content": [{"index": 0, "type": "text", "text": {"value": value, "annotations": []}}]}
        yield event("thread.message.delta", json.dumps({"id": "msg_3", "object": "thread.message.delta", "delta": delta}))
    yield event("thread.run.completed", run("completed").model_dump_json(warnings=False))
    yield event("done", "[DONE]")


def azure(text: str, *, streams: bool) -> Response:
    if text == "filtered":
        fault = {"message": "The prompt was filtered.", "type": None, "param": "prompt", "code": "content_filter", "status": 400}
        return said(json.dumps({"error": fault}), 400)
    base = {"id": "chatcmpl-1", "created": 1, "model": "gpt-4o-mini"}
    if not streams:
        message = {"role": "assistant", "content": f"You said {text}"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7}
        whole = ChatCompletion.model_validate({**base, "object": "chat.completion", "choices": [choice], "usage": usage})
        return said(whole.model_dump_json(exclude_none=True))

    def chunk(*choices: Any, **more: Any) -> str:
        found = ChatCompletionChunk.model_validate({**base, "object": "chat.completion.chunk", "choices": choices, **more})
        return f"data: {found.model_dump_json(exclude_none=True)}\n\n"

    filtered = {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"hate": {"filtered": False}}}]}
    pieces = [chunk({"index": 0, "delta": {"content": word}}) for word in ("You ", "said ", text)]
    last = chunk({"index": 0, "delta": {}, "finish_reason": "stop"})
    return streamed(iter([chunk(**filtered), *pieces, last, "data: [DONE]\n\n"]))


def talk(url: str) -> list[Any]:
    heard: list[Any] = []
    client = OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)

    def asked(text: Any, **more: Any) -> dict[str, Any]:
        return {"model": MODEL, "input": text, "safety_identifier": "ada", **more}

    first = client.responses.create(**asked("hello", conversation="conv_1"))
    heard.append(first.output_text)
    with client.responses.stream(
        **asked("again", previous_response_id=first.id, metadata={"conversation_id": "conv_1"})
    ) as stream:
        stream.until_done()
        heard.append(stream.get_final_response().output_text)
    called = client.responses.create(**asked("agent", conversation="conv_2"))
    heard.append([item.name for item in called.output if item.type == "function_call"])
    result = {"type": "function_call_output", "call_id": "call_1", "output": "someone comes"}
    heard.append(client.responses.create(**asked([result], conversation="conv_2")).output_text)
    heard.append([event.type for event in client.responses.create(**asked("break", conversation="conv_3", stream=True))])
    later = client.responses.create(**asked("later", conversation="conv_4", background=True))
    heard.append(client.responses.retrieve(later.id).output_text)

    thread = client.beta.threads.create()
    client.beta.threads.messages.create(thread.id, role="user", content="hello", metadata={"user_id": "ada"})
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id="asst_1") as events:
        heard.append("".join(events.text_deltas))
    client.beta.threads.messages.create(thread.id, role="user", content="again", metadata={"user_id": "ada"})
    polled = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id="asst_1")
    heard.append([polled.status, client.beta.threads.messages.list(thread.id).data[0].id])

    other = AzureOpenAI(azure_endpoint=url, api_key="none", api_version="2024-10-21", azure_deployment="rh", max_retries=0)

    def chat(text: str) -> dict[str, Any]:
        metadata = {"conversation_id": "az1"}
        return {"model": "rh", "messages": [{"role": "user", "content": text}], "user": "bob", "metadata": metadata}

    heard.append(other.chat.completions.create(**chat("hello")).choices[0].message.content)
    chunks = other.chat.completions.create(**chat("again"), stream=True)
    heard.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
    try:
        other.chat.completions.create(**chat("filtered"))
    except BadRequestError as error:
        heard.append(error.code)
    except APIError as error:
        heard.append(str(error))
    return heard


both(application(serve), talk)
