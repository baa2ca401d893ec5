"""Google's client; a server that builds its answers from the client's own types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from both import application, both, said, streamed
from google import genai
from google.genai import errors, types
from starlette.requests import Request
from starlette.responses import Response

MODEL = "gemini-2.5-flash"


def answer(*parts: types.Part, finish: str | None = "STOP", tokens: int = 7) -> str:
    return types.GenerateContentResponse(
        candidates=[
            types.Candidate(content=types.Content(role="model", parts=list(parts)), finish_reason=finish, index=0),
        ],
        usage_metadata=types.GenerateContentResponseUsageMetadata(
            prompt_token_count=4, candidates_token_count=tokens, total_token_count=4 + tokens
        ),
        model_version=MODEL,
        response_id="r1",
    ).model_dump_json(by_alias=True, exclude_none=True)


def serve(request: Request, body: Any) -> Response:
    text = body["contents"][-1]["parts"][0].get("text", "")
    if text == "blocked":
        feedback = types.GenerateContentResponsePromptFeedback(block_reason="SAFETY")
        blocked = types.GenerateContentResponse(prompt_feedback=feedback, model_version=MODEL)
        return said(blocked.model_dump_json(by_alias=True, exclude_none=True))
    if text == "busy":
        return said('{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}', 503)
    if text == "an agent, please":
        return said(answer(types.Part(function_call=types.FunctionCall(name="transfer_to_human", args={"queue": "rh"}))))
    if request.url.path.endswith(":streamGenerateContent"):
        assert request.query_params["alt"] == "sse"
        return streamed(pieces())
    return said(answer(types.Part(text="(thinking)", thought=True), types.Part(text=f"You said {text}")))


def pieces() -> Iterator[str]:
    parts = ((types.Part(text="hm", thought=True), None), (types.Part(text="Bon"), None), (types.Part(text="soir"), "STOP"))
    for part, finish in parts:
        yield f"data: {answer(part, finish=finish)}\r\n\r\n"


def talk(url: str) -> list[str]:
    headers = {"x-user": "ada", "x-conversation": "g1"}
    client = genai.Client(api_key="none", http_options=types.HttpOptions(base_url=url, headers=headers))
    heard: list[str] = []
    chat = client.chats.create(model=MODEL)
    heard.append(chat.send_message("hello").text or "")
    heard.append("".join(chunk.text or "" for chunk in chat.send_message_stream("again")))
    called = client.models.generate_content(model=MODEL, contents="an agent, please")
    heard += [call.name or "" for call in called.function_calls or []]
    for text in ("blocked", "busy"):
        try:
            refused = client.models.generate_content(model=MODEL, contents=text)
            heard.append(str(refused.prompt_feedback and refused.prompt_feedback.block_reason))
        except errors.APIError as error:
            heard.append(f"{error.code} {error.status}")
    return heard


both(application(serve), talk)
