"""The A2A project's own server and client: JSON-RPC and REST, 1.0 and 0.3, streamed and whole."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from a2a.client import ClientConfig, ClientFactory
from a2a.helpers.proto_helpers import new_text_message, new_text_part
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes, create_rest_routes
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types.a2a_pb2 import (
    AgentCapabilities,
    AgentCard,
    AgentInterface,
    AgentSkill,
    Role,
    SendMessageRequest,
    StreamResponse,
    Task,
    TaskState,
    TaskStatus,
)
from both import both
from starlette.applications import Starlette

DIALECTS = (("JSONRPC", "1.0"), ("HTTP+JSON", "1.0"), ("JSONRPC", "0.3"), ("HTTP+JSON", "0.3"))


class Agent(AgentExecutor):
    """Echoes by an artifact in two pieces; some words are answered otherwise."""

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        text = context.get_user_input()
        task, conversation = context.task_id or "", context.context_id or ""
        if text == "reply":
            await event_queue.enqueue_event(new_text_message("A reply.", context_id=conversation))
            return
        submitted = TaskStatus(state=TaskState.TASK_STATE_SUBMITTED)
        if context.current_task is None:
            await event_queue.enqueue_event(Task(id=task, context_id=conversation, status=submitted))
        updater = TaskUpdater(event_queue, task, conversation)

        def says(words: str) -> Any:
            return updater.new_agent_message([new_text_part(words)])

        match text:
            case "when":
                await updater.requires_input(says("When?"))
            case "break":
                await updater.failed(says("It broke."))
            case "agent":
                await updater.update_status(
                    TaskState.TASK_STATE_COMPLETED, says("Un conseiller arrive."), metadata={"human_handover": True}
                )
            case _:
                await updater.start_work(says("Looking."))
                await updater.add_artifact([new_text_part("You said ")], artifact_id="a1")
                await updater.add_artifact([new_text_part(text)], artifact_id="a1", append=True, last_chunk=True)
                await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise NotImplementedError


def card(url: str) -> AgentCard:
    return AgentCard(
        name="rh",
        description="Answers.",
        version="1",
        default_input_modes=["text/plain"],
        default_output_modes=["text/plain"],
        capabilities=AgentCapabilities(streaming=True),
        skills=[AgentSkill(id="s", name="s", description="s", tags=["s"])],
        supported_interfaces=[
            AgentInterface(protocol_binding=binding, url=f"{url}/rpc" if binding == "JSONRPC" else url, protocol_version=version)
            for binding, version in DIALECTS
        ],
    )


def application() -> Starlette:
    shown = card("http://127.0.0.1")
    handler = DefaultRequestHandler(agent_executor=Agent(), task_store=InMemoryTaskStore(), agent_card=shown)
    routes = [
        *create_agent_card_routes(shown),
        *create_jsonrpc_routes(handler, "/rpc", enable_v0_3_compat=True),
        *create_rest_routes(handler, enable_v0_3_compat=True),
    ]
    return Starlette(routes=routes)


def words(event: StreamResponse) -> str:
    """What an item of an answer says, without the ids that each task gets anew."""
    kind = event.WhichOneof("payload") or ""
    item = getattr(event, kind)
    match kind:
        case "task":
            parts = [part.text for artifact in item.artifacts for part in artifact.parts]
            parts += [part.text for part in item.status.message.parts]
            return f"task {TaskState.Name(item.status.state)} {parts}"
        case "status_update":
            return f"{TaskState.Name(item.status.state)} {[part.text for part in item.status.message.parts]}"
        case "artifact_update":
            return f"artifact {[part.text for part in item.artifact.parts]}"
        case _:
            return f"message {[part.text for part in item.parts]}"


async def talk_to(url: str) -> list[Any]:
    heard: list[Any] = []
    shown = card(url)
    for at, (binding, version) in enumerate(DIALECTS):
        only = AgentCard()
        only.CopyFrom(shown)
        del only.supported_interfaces[:]
        only.supported_interfaces.append(shown.supported_interfaces[at])
        for streaming in (False, True):
            async with httpx.AsyncClient(timeout=120) as http:
                client = ClientFactory(
                    ClientConfig(streaming=streaming, httpx_client=http, supported_protocol_bindings=[binding])
                ).create(only)
                for text in ("hello", "when", "reply", "agent", "break"):
                    message = new_text_message(text, context_id=f"{binding}-{version}-{streaming}", role=Role.ROLE_USER)
                    message.metadata.update({"user_id": "ada"})
                    events = [event async for event in client.send_message(SendMessageRequest(message=message))]
                    heard.append([binding, version, streaming, text, *map(words, events)])
                await client.close()
    return heard


def talk(url: str) -> list[Any]:
    return asyncio.run(talk_to(url))


both(application(), talk)
