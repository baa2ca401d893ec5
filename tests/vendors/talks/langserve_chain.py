"""LangServe's own server and client, over a chain that answers with a chat model's messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
from both import both
from fastapi import FastAPI
from langchain_core.messages import AIMessageChunk
from langchain_core.runnables import RunnableGenerator
from langserve import RemoteRunnable, add_routes

USAGE = {"input_tokens": 4, "output_tokens": 2, "total_tokens": 6}


async def answer(asked: AsyncIterator[dict[str, Any]]) -> AsyncIterator[AIMessageChunk]:
    async for question in asked:
        text = question["question"]
        if text.startswith("break"):
            raise ValueError("the chain is broken")
        if text == "agent":
            call = {"name": "transfer_to_human", "args": "{}", "id": "t1", "index": 0, "type": "tool_call_chunk"}
            yield AIMessageChunk(content="", tool_call_chunks=[call], usage_metadata=USAGE)
        else:
            yield AIMessageChunk(content="You said ")
            yield AIMessageChunk(content=text, usage_metadata=USAGE)


def application() -> FastAPI:
    app = FastAPI()
    chain = RunnableGenerator(answer).with_types(input_type=dict[str, Any])
    add_routes(app, chain, path="/rh", config_keys=("configurable",), enable_feedback_endpoint=False)
    return app


def talk(url: str) -> list[Any]:
    chain = RemoteRunnable(f"{url}/rh")
    heard: list[Any] = []

    def config(session: str) -> dict[str, Any]:
        return {"configurable": {"session_id": session, "user_id": "ada"}}

    heard.append(chain.invoke({"question": "hello"}, config("l1")).content)
    heard.append([piece.content for piece in chain.stream({"question": "again"}, config("l1"))])
    heard.append([call["name"] for call in chain.invoke({"question": "agent"}, config("l1")).tool_calls])
    try:
        heard.append([piece.content for piece in chain.stream({"question": "break"}, config("l2"))])
    except httpx.HTTPStatusError as error:
        heard.append(error.response.status_code)
    try:
        heard.append(chain.invoke({"question": "break again"}, config("l2")).content)
    except httpx.HTTPStatusError as error:
        heard.append(error.response.status_code)
    return heard


both(application(), talk)
