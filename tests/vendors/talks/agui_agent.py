"""AG-UI: Pydantic AI's server over a model that is a function, and the protocol's own client (agui_client.mjs)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ag_ui.core import BaseEvent, CustomEvent
from both import both
from pydantic_ai import Agent, AgentRunResult
from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel
from pydantic_ai.ui.ag_ui import AGUIAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CLIENT = Path(__file__).with_name("agui_client.mjs")


async def say(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    last = messages[-1]
    assert isinstance(last, ModelRequest)
    if any(isinstance(part, ToolReturnPart) for part in last.parts):
        yield "Someone is coming."
        return
    text = next(str(part.content) for part in last.parts if isinstance(part, UserPromptPart))
    if text == "break":
        raise ValueError("the model is broken")
    if text == "agent":
        yield {0: DeltaToolCall(name="transfer_to_human", json_args="{}", tool_call_id="t1")}
        return
    for word in ("You ", "said ", text):
        yield word


async def hand_over(result: AgentRunResult[Any]) -> AsyncIterator[BaseEvent]:
    if result.output == "You said desk":
        yield CustomEvent(name="handoff", value={"queue": "rh"})


agent: Agent[None, Any] = Agent(FunctionModel(stream_function=say, model_name="told-1"))


async def run(request: Request) -> Response:
    return await AGUIAdapter.dispatch_request(request, agent=agent, on_complete=hand_over, include_usage=True)


def talk(url: str) -> Any:
    ended = subprocess.run(["node", str(CLIENT), f"{url}/agent"], capture_output=True, check=True)
    return json.loads(ended.stdout)


both(Starlette(routes=[Route("/agent", run, methods=["POST"])]), talk)
