"""One assistant with a chat, its feedback and three desks: OpenAI's, Langfuse's, Sunshine's, Intercom's, a Chatwoot client."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import sunshine_conversations_client as sunco
from both import application, both, said
from intercom.ai_agent.types.ai_agent import AiAgent
from intercom.conversations.types.conversation import Conversation
from intercom.types import ConversationContacts, ConversationRating
from langfuse import Langfuse
from openai import OpenAI
from openai.types.chat import ChatCompletion
from starlette.requests import Request
from starlette.responses import Response

CHATWOOT = Path(__file__).with_name("chatwoot_client.mjs")


def serve(request: Request, body: Any) -> Response:
    path = request.url.path
    if path == "/v1/chat/completions":
        conversation = body["metadata"]["conversation_id"]
        message = {"role": "assistant", "content": f"You said {body['messages'][-1]['content']}"}
        answer = ChatCompletion.model_validate(
            {
                "id": f"chatcmpl-{conversation}",
                "object": "chat.completion",
                "created": 1,
                "model": "gpt-4o-mini",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7},
            }
        )
        return said(answer.model_dump_json(exclude_none=True))
    if path == "/api/public/scores":
        return said(json.dumps({"successes": [], "errors": []}), 207)
    return said("{}")


def webhook(kind: str, conversation: str, name: str | None) -> dict[str, Any]:
    """What Sunshine Conversations sends to a bot, built from its own models."""
    integration = sunco.SwitchboardIntegrationWebhook(id="i1", name=name) if name else None
    payload = {"conversation": sunco.ConversationTruncated(id=conversation, activeSwitchboardIntegration=integration).to_dict()}
    event = {"id": "e1", "createdAt": "2026-11-23T14:00:00.000Z", "type": kind, "payload": payload}
    return {"app": {"id": "a1"}, "webhook": {"id": "w1", "version": "v2"}, "events": [event]}


def notification(topic: str, conversation: Conversation) -> dict[str, Any]:
    """What Intercom sends of a conversation, which is built from its own models."""
    item = conversation.model_dump(mode="json", exclude_none=True)
    return {
        "type": "notification_event",
        "app_id": "a1",
        "topic": topic,
        "data": {"type": "notification_event_data", "item": item},
    }


def talk(url: str) -> list[Any]:
    heard: list[Any] = []
    chat = OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    for conversation in ("41", "42", "43", "44", "45", "46", "47"):
        answer = chat.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": f"question {conversation}"}],
            user=f"person-{conversation}",
            metadata={"conversation_id": conversation},
        )
        heard.append(answer.choices[0].message.content)

    langfuse = Langfuse(public_key=f"pk-{url}", secret_key="sk", base_url=url)  # one instance for each key
    langfuse.create_score(name="user-feedback", value=1, trace_id="chatcmpl-41", session_id="41", data_type="BOOLEAN")
    langfuse.create_score(name="csat", value=2, trace_id="chatcmpl-45", session_id="45")
    langfuse.create_score(name="hallucination", value=0.1, trace_id="chatcmpl-42", session_id="42")
    langfuse.flush()

    desk = subprocess.run(["node", str(CHATWOOT), url, "42", "open"], capture_output=True, check=True, env=os.environ)
    heard.append(json.loads(desk.stdout))

    switchboard = sunco.SwitchboardActionsApi(sunco.ApiClient(sunco.Configuration(host=url, username="key", password="secret")))
    switchboard.pass_control("a1", "43", sunco.PassControlBody(switchboardIntegration="next"))
    for kind, name in (("switchboard:passControl", "zd-agentWorkspace"), ("switchboard:releaseControl", None)):
        heard.append(httpx.post(f"{url}/hooks/bot", json=webhook(kind, "44", name), timeout=120).status_code)

    routed = Conversation(type="conversation", id="46", ai_agent=AiAgent(resolution_state="routed_to_team"))
    contacts = ConversationContacts.model_validate({"type": "contact.list", "contacts": [{"type": "contact", "id": "person-47"}]})
    rated = Conversation(type="conversation", id="47", conversation_rating=ConversationRating(rating=5), contacts=contacts)
    for topic, conversation in (("conversation.admin.assigned", routed), ("conversation.rating.added", rated)):
        heard.append(httpx.post(f"{url}/hooks/desk", json=notification(topic, conversation), timeout=120).status_code)
    return heard


both(application(serve), talk)
