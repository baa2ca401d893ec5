"""Fifty people say "bonjour" through one backend that names none of them; OpenAI's client sends again what fails."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest
from aiohttp import web
from openai.types.chat import ChatCompletionMessageParam

from tests.e2e.conftest import Start
from tests.e2e.product import until
from tests.e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PEOPLE, FAILED = 50, 10


def test_people_without_a_name_count_each_and_attempts_of_the_official_client_do_not(start: Start) -> None:
    asked: Counter[str] = Counter()

    async def assistant(request: web.Request) -> web.StreamResponse:
        said = (await request.json())["messages"][-1]["content"]
        attempt = request.headers["x-stainless-retry-count"]
        asked[attempt] += 1
        if said == "panne" and attempt != "2":
            return web.json_response({"error": {"message": "overloaded"}}, status=503, headers={"retry-after-ms": "50"})
        answer = {"index": 0, "message": {"role": "assistant", "content": f"{said} !"}, "finish_reason": "stop"}
        return web.json_response({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [answer]})

    with Server(assistant) as upstream:
        product = start({"assistants": [{"name": "chat", "upstream": upstream.url}]})
        client = openai.OpenAI(base_url=product.url("chat", "/v1"), api_key="none", max_retries=2)

        def say(*history: ChatCompletionMessageParam) -> ChatCompletionMessageParam:
            found = client.chat.completions.create(model="m", messages=history)
            return {"role": "assistant", "content": found.choices[0].message.content}

        def greet(text: str) -> None:
            begun: ChatCompletionMessageParam = {"role": "user", "content": text}
            say(begun, say(begun), {"role": "user", "content": "merci"})

        with ThreadPoolExecutor(10) as people:
            list(people.map(greet, ["bonjour"] * PEOPLE + ["panne"] * FAILED))
        assert asked == {"0": 2 * PEOPLE + 2 * FAILED, "1": FAILED, "2": FAILED}

        def counted() -> tuple[float, float] | None:
            found = product.kpis("chat")
            turns = found["kpis"]["turns"]["value"]
            sessions = found["open_sessions"]
            return (turns, sessions) if turns >= 2 * (PEOPLE + FAILED) else None

        assert until(counted, "all turns") == (2 * (PEOPLE + FAILED), PEOPLE + FAILED)
