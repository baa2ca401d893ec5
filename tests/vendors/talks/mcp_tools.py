"""The Model Context Protocol's own server and client, in both eras, beside a chat: only the chat is a turn."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from both import both
from mcp.client import Client
from mcp.server.mcpserver import MCPServer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

server = MCPServer("desk")


@server.tool()
def transfer_to_human(queue: str) -> str:
    """Hand over."""
    return f"Handed over to {queue}."


@server.custom_route("/v1/chat/completions", methods=["POST"])
async def chat(request: Request) -> Response:
    await request.body()  # a server that answers before it has read lets the relay drop what comes late
    return JSONResponse({"choices": [{"message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]})


async def talk_to(url: str) -> list[Any]:
    heard: list[Any] = []
    for mode in ("auto", "legacy"):
        async with Client(f"{url}/mcp", mode=mode) as client:
            heard.append([client.protocol_version, [tool.name for tool in (await client.list_tools()).tools]])
            found = await client.call_tool("transfer_to_human", {"queue": "rh"})
            heard.append([part.text for part in found.content])
    async with httpx.AsyncClient(timeout=120) as http:
        body = {"messages": [{"role": "user", "content": "Hi"}], "user": "ada"}
        heard.append((await http.post(f"{url}/v1/chat/completions", json=body)).json())
    return heard


def talk(url: str) -> list[Any]:
    return asyncio.run(talk_to(url))


both(server.streamable_http_app(), talk)
