"""Google's Dialogflow clients, ES and CX, over REST; a server that builds its answers from the clients' own messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from both import application, both, said, streamed
from google.auth.credentials import AnonymousCredentials
from google.cloud import dialogflow_v2 as es
from google.cloud import dialogflowcx_v3 as cx
from google.cloud.dialogflow_v2.services.sessions.transports import SessionsRestTransport as EsTransport
from google.cloud.dialogflowcx_v3.services.sessions.transports import SessionsRestTransport as CxTransport
from starlette.requests import Request
from starlette.responses import Response

AGENT = "projects/p/locations/europe-west1/agents/a"


def serve(request: Request, body: Any) -> Response:
    path = request.url.path
    if path.endswith(":submitAnswerFeedback"):
        return said(json.dumps(body["answerFeedback"]))
    text = body["queryInput"]["text"]["text"]
    if path.startswith("/v2/"):
        return said(es.DetectIntentResponse.to_json(old(text)))
    if path.endswith(":serverStreamingDetectIntent"):
        return streamed(elements(), "application/json")
    return said(cx.DetectIntentResponse.to_json(new(text)))


def old(text: str) -> es.DetectIntentResponse:
    intent = es.Intent(
        display_name="x", is_fallback=text == "blah", live_agent_handoff=text == "agent", end_interaction=text == "agent"
    )
    found = es.QueryResult(query_text=text, fulfillment_text=f"You said {text}", intent=intent, language_code="fr")
    if text == "blah":
        found.action = "input.unknown"
    return es.DetectIntentResponse(response_id=f"es-{text}", query_result=found)


def new(text: str) -> cx.DetectIntentResponse:
    kinds = cx.Match.MatchType
    messages = [cx.ResponseMessage(text=cx.ResponseMessage.Text(text=[f"You said {text}"]))]
    if text == "agent":
        messages.append(cx.ResponseMessage(live_agent_handoff=cx.ResponseMessage.LiveAgentHandoff()))
    match = cx.Match(match_type=kinds.NO_MATCH if text == "blah" else kinds.INTENT, confidence=1.0)
    found = cx.QueryResult(text=text, language_code="fr", response_messages=messages, match=match)
    return cx.DetectIntentResponse(response_id=f"cx-{text}", query_result=found)


def elements() -> Iterator[str]:
    kinds = cx.DetectIntentResponse.ResponseType
    said_so = cx.ResponseMessage(text=cx.ResponseMessage.Text(text=["De rien."]))
    success = cx.ResponseMessage(conversation_success=cx.ResponseMessage.ConversationSuccess())
    end = cx.ResponseMessage(end_interaction=cx.ResponseMessage.EndInteraction())
    partial = cx.DetectIntentResponse(query_result=cx.QueryResult(response_messages=[said_so]), response_type=kinds.PARTIAL)
    final = cx.DetectIntentResponse(
        response_id="cx-last", query_result=cx.QueryResult(response_messages=[said_so, success, end]), response_type=kinds.FINAL
    )
    yield "[" + cx.DetectIntentResponse.to_json(partial)
    yield ",\n" + cx.DetectIntentResponse.to_json(final)
    yield "]"


def talk(url: str) -> list[str]:
    host = url.removeprefix("http://")
    heard: list[str] = []
    client = cx.SessionsClient(transport=CxTransport(host=host, url_scheme="http", credentials=AnonymousCredentials()))
    session = f"{AGENT}/sessions/s1"

    def asked(text: str, session: str = session) -> cx.DetectIntentRequest:
        query = cx.QueryInput(text=cx.TextInput(text=text), language_code="fr")
        return cx.DetectIntentRequest(session=session, query_input=query, query_params={"parameters": {"user_id": "ada"}})

    for text in ("hello", "blah", "agent"):
        result = client.detect_intent(asked(text)).query_result
        heard += [part for found in result.response_messages for part in found.text.text]
    other = f"{AGENT}/sessions/s2"
    for answer in client.server_streaming_detect_intent(asked("merci", other)):
        heard += [cx.ResponseMessage.to_json(found) for found in answer.query_result.response_messages]
    up = cx.AnswerFeedback(rating=cx.AnswerFeedback.Rating.THUMBS_UP)
    rated = client.submit_answer_feedback(
        cx.SubmitAnswerFeedbackRequest(session=other, response_id="cx-last", answer_feedback=up)
    )
    heard.append(rated.rating.name)
    older = es.SessionsClient(transport=EsTransport(host=host, url_scheme="http", credentials=AnonymousCredentials()))
    for text in ("hello", "blah", "agent"):
        query = es.QueryInput(text=es.TextInput(text=text, language_code="fr"))
        request = es.DetectIntentRequest(
            session="projects/p/agent/sessions/s9", query_input=query, query_params={"payload": {"user_id": "bob"}}
        )
        heard.append(older.detect_intent(request).query_result.fulfillment_text)
    return heard


both(application(serve), talk)
