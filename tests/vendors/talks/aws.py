"""Amazon's client (boto3) with its own event-stream reader; a server that answers in the shapes of the service's model."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import boto3
from both import application, both, said, streamed
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from starlette.requests import Request
from starlette.responses import Response

MODEL = "eu.anthropic.claude-sonnet-4-v1:0"
USAGE = {"inputTokens": 4, "outputTokens": 2, "totalTokens": 6}


def message(name: str, payload: Any, kind: str = "event") -> bytes:
    """One message of application/vnd.amazon.eventstream."""
    texts = {f":{kind}-type": name, ":content-type": "application/json", ":message-type": kind}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + len(text).to_bytes(2, "big") + text.encode() for key, text in texts.items()
    )
    data = json.dumps(payload).encode()
    prelude = (16 + len(headers) + len(data)).to_bytes(4, "big") + len(headers).to_bytes(4, "big")
    prelude += zlib.crc32(prelude).to_bytes(4, "big")
    return prelude + headers + data + zlib.crc32(prelude + headers + data).to_bytes(4, "big")


def serve(request: Request, body: Any) -> Response:
    if request.url.path.startswith("/bots/"):
        return lex(body)
    assert unquote(request.url.path).split("/")[2] == MODEL
    text = body["messages"][-1]["content"][0].get("text", "")
    if text == "throttled":
        return Response('{"message": "Too many requests"}', 429, {"x-amzn-errortype": "ThrottlingException"}, "application/json")
    if request.url.path.endswith("/converse-stream"):
        return streamed(events(text), "application/vnd.amazon.eventstream")
    content: list[Any] = [{"text": f"You said {text}"}]
    stop = "end_turn"
    if text == "guarded":
        content, stop = [{"text": "Sorry, I cannot talk about that."}], "guardrail_intervened"
    if text == "agent":
        content, stop = [{"toolUse": {"toolUseId": "t1", "name": "transfer_to_human", "input": {}}}], "tool_use"
    output = {"message": {"role": "assistant", "content": content}}
    return said(json.dumps({"output": output, "stopReason": stop, "usage": USAGE, "metrics": {"latencyMs": 5}}))


def events(text: str) -> Iterator[bytes]:
    yield message("messageStart", {"role": "assistant"})
    if text == "break":
        yield message("modelStreamErrorException", {"message": "The model has failed", "originalStatusCode": 500}, "exception")
        return
    for piece in ("Bon", "soir"):
        yield message("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}})
    yield message("contentBlockStop", {"contentBlockIndex": 0})
    yield message("messageStop", {"stopReason": "end_turn"})
    yield message("metadata", {"usage": USAGE, "metrics": {"latencyMs": 5}})


def lex(body: Any) -> Response:
    intents = {
        "book": ("Book", "InProgress"),
        "tomorrow": ("Book", "Fulfilled"),
        "blah": ("FallbackIntent", "ReadyForFulfillment"),
    }
    intent, state = intents.get(body["text"], ("SpeakToAgent", "InProgress"))
    action = "Close" if state == "Fulfilled" else "ElicitIntent"
    answer = {
        "messages": [{"contentType": "PlainText", "content": f"About {intent}."}],
        "sessionState": {"intent": {"name": intent, "state": state, "slots": {}}, "dialogAction": {"type": action}},
        "sessionId": "s1",
    }
    return said(json.dumps(answer))


def talk(url: str) -> list[Any]:
    session = boto3.Session("key", "secret", region_name="eu-west-1")
    config = Config(retries={"total_max_attempts": 1})
    bedrock = session.client("bedrock-runtime", endpoint_url=url, config=config)
    heard: list[Any] = []

    def asked(text: str) -> dict[str, Any]:
        metadata = {"user_id": "ada", "conversation_id": "b1"}
        return {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": text}]}], "requestMetadata": metadata}

    for text in ("hello", "agent", "guarded", "throttled"):
        try:
            heard.append(bedrock.converse(**asked(text))["output"]["message"]["content"])
        except ClientError as error:
            heard.append(error.response["Error"]["Code"])
    for text in ("again", "break"):
        try:
            heard.append(list(bedrock.converse_stream(**asked(text))["stream"]))
        except EventStreamError as error:
            heard.append(error.response["Error"]["Code"])
    lex = session.client("lexv2-runtime", endpoint_url=url, config=config)
    for who, texts in (("s1", ("book", "tomorrow")), ("s2", ("blah", "agent"))):
        for text in texts:
            found = lex.recognize_text(
                botId="BOT1234567",
                botAliasId="TSTALIASID",
                localeId="fr_FR",
                sessionId=who,
                text=text,
                requestAttributes={"user_id": who},
            )
            heard.append(found["messages"][0]["content"])
    return heard


both(application(serve), talk)
