"""OpenAI's client over Realtime's WebSocket; a server by its specification: text, speech, a tool with its result, a failure."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from both import both
from openai import OpenAI
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

MODEL = "gpt-realtime"


async def serve(socket: WebSocket) -> None:
    await socket.accept()
    session = {"type": "realtime", "model": socket.query_params["model"], "output_modalities": ["text"]}
    await socket.send_json({"type": "session.created", "event_id": "e0", "session": session})
    await socket.send_json({"type": "conversation.created", "event_id": "e1", "conversation": {"id": "conv_r"}})
    asked, number = "", 0
    async for event in socket.iter_json():
        match event["type"]:
            case "conversation.item.create" if event["item"]["type"] == "message":
                asked = event["item"]["content"][0]["text"]
            case "conversation.item.create":
                asked = event["item"]["output"]
            case "input_audio_buffer.commit":
                asked = "speech"
            case "response.create":
                number += 1
                for each in answer(asked, f"resp_{number}"):
                    await socket.send_json({"event_id": "e2", **each})


def answer(asked: str, identifier: str) -> Iterator[dict[str, Any]]:
    usage = {"total_tokens": 7, "input_tokens": 4, "output_tokens": 3}
    base = {"id": identifier, "object": "realtime.response", "conversation_id": "conv_r"}
    place = {"response_id": identifier, "item_id": f"item_{identifier}", "output_index": 0, "content_index": 0}
    yield {"type": "response.created", "response": {**base, "status": "in_progress", "output": []}}
    if asked == "break":
        details = {"type": "failed", "error": {"type": "server_error", "code": "internal_error"}}
        yield {"type": "response.done", "response": {**base, "status": "failed", "status_details": details, "output": []}}
        return
    if asked == "agent":
        call = {"type": "function_call", "name": "transfer_to_human", "call_id": "call_1", "arguments": "{}"}
        yield {"type": "response.done", "response": {**base, "status": "completed", "output": [call], "usage": usage}}
        return
    kind = "response.output_text"
    if asked == "speech":
        heard = {"item_id": "item_u", "content_index": 0, "transcript": "hello"}
        yield {"type": "conversation.item.input_audio_transcription.completed", **heard}
        kind = "response.output_audio_transcript"
    for delta in ("You ", "said ", asked):
        yield {"type": f"{kind}.delta", "delta": delta, **place}
    yield {"type": "response.done", "response": {**base, "status": "completed", "output": [], "usage": usage}}


def talk(url: str) -> list[Any]:
    heard: list[Any] = []
    client = OpenAI(api_key="none", websocket_base_url=f"{url.replace('http', 'ws', 1)}/v1", max_retries=0)
    with client.realtime.connect(model=MODEL) as connection:

        def answered() -> None:
            connection.response.create()
            text = ""
            for event in connection:
                if event.type in ("response.output_text.delta", "response.output_audio_transcript.delta"):
                    text += event.delta
                elif event.type == "response.done":
                    heard.append([event.response.status, text])
                    return

        def said(text: str) -> None:
            content: Any = [{"type": "input_text", "text": text}]
            connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
            answered()

        said("hello")
        connection.input_audio_buffer.append(audio=base64.b64encode(bytes(480)).decode())
        connection.input_audio_buffer.commit()
        answered()
        said("agent")
        connection.conversation.item.create(item={"type": "function_call_output", "call_id": "call_1", "output": "someone comes"})
        answered()
        said("break")
    return heard


if __name__ == "__main__":
    both(Starlette(routes=[WebSocketRoute("/v1/realtime", serve)]), talk)
