"""Official clients in front of a server that nobody here wrote: LiteLLM's proxy with canned answers."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
import yaml
from aiohttp import web

from tests.e2e.clocks import Clock
from tests.e2e.conftest import Start
from tests.e2e.product import Product, fetch, until
from tests.e2e.servers import HANDOVER, Server, rasa
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEY = "sk-loopback-0123456789abcdef0123456789abcdef"
ANSWER = "Bonjour, voici la réponse."
PEOPLE = 20
CONVERSATIONS = 5  # per person
TURNS = 2  # per conversation
HANDOVERS = 30
RATED_UP, RATED_DOWN = 32, 8
ELIGIBLE = 25


async def feedback(_: web.Request) -> web.StreamResponse:
    """The feedback service of the application, reached through LiteLLM."""
    return web.json_response({"ok": True})


@pytest.fixture(scope="module")
def upstream(litellm: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """LiteLLM's proxy. For `/v1/messages` it calls itself by the chat API, whose answers are canned."""
    directory = tmp_path_factory.mktemp("litellm")
    port = free_port()
    models = [
        *(
            {"model_name": name, "litellm_params": {"model": f"openai/{name}", "api_key": "none", "mock_response": text}}
            for name, text in (("answer", ANSWER), ("handover", HANDOVER), ("judge", '{"score": "partly"}'))
        ),
        *(
            {
                "model_name": f"{name}-messages",
                "litellm_params": {"model": f"hosted_vllm/{name}", "api_base": f"http://127.0.0.1:{port}/v1", "api_key": KEY},
            }
            for name in ("answer", "handover")
        ),
    ]
    with Server(feedback) as service, (directory / "log").open("wb") as log:
        passed = [{"path": "/v1/feedback", "target": f"{service.url}/feedback", "headers": {"content-type": "application/json"}}]
        config = {
            "model_list": models,
            "litellm_settings": {"telemetry": False},
            "general_settings": {"master_key": KEY, "pass_through_endpoints": passed},
        }
        (directory / "config.yaml").write_text(yaml.safe_dump(config))
        command = [litellm, "--config", str(directory / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
        environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=directory)
        try:
            alive = f"http://127.0.0.1:{port}/health/liveliness"
            until(lambda: True if fetch(alive)[0] == 200 else None, "LiteLLM is up", 120)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


class Person:
    """Talks through one of the official clients: even numbers use Anthropic's, every other conversation streams."""

    def __init__(self, number: int, url: str) -> None:
        self.number = number
        self.user = f"person-{number}@example.org"
        self.url = url
        self.openai = openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)
        self.anthropic = anthropic.Anthropic(base_url=url, api_key=KEY, max_retries=0)

    def say(self, text: str, conversation: str, *, handover: bool, stream: bool) -> tuple[str, str]:
        """Say something; gives the id and the text of the answer."""
        if self.number % 2:
            return self._chat(text, conversation, "handover" if handover else "answer", stream=stream)
        return self._message(text, conversation, "handover-messages" if handover else "answer-messages", stream=stream)

    def _chat(self, text: str, conversation: str, model: str, *, stream: bool) -> tuple[str, str]:
        asked: dict[str, Any] = {
            "model": model,
            "messages": [{"role": "user", "content": text}],
            "user": self.user,
            "extra_headers": {"x-conversation-id": conversation},
        }
        if not stream:
            answer = self.openai.chat.completions.create(**asked)
            return answer.id, answer.choices[0].message.content or ""
        chunks = list(self.openai.chat.completions.create(**asked, stream=True))
        return chunks[0].id, "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    def _message(self, text: str, conversation: str, model: str, *, stream: bool) -> tuple[str, str]:
        asked: dict[str, Any] = {
            "model": model,
            "max_tokens": 100,
            "messages": [{"role": "user", "content": text}],
            "metadata": {"user_id": self.user},
            "extra_headers": {"x-conversation-id": conversation},
        }
        if not stream:
            answer = self.anthropic.messages.create(**asked)
            return answer.id, words(answer)
        with self.anthropic.messages.stream(**asked) as events:
            message = events.get_final_message()
            return message.id, words(message)

    def rate(self, message: str, conversation: str, *, up: bool) -> None:
        body = {"message_id": message, "conversation_id": conversation, "user": self.user, "rating": "up" if up else "down"}
        post(f"{self.url}/v1/feedback", body)

    def close(self) -> None:
        self.openai.close()
        self.anthropic.close()


def words(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def post(url: str, body: object) -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
        return json.loads(answer.read())


def live(person: Person) -> list[str]:
    """One person's five conversations; the global number of a conversation decides what happens in it."""
    heard = []
    for index in range(CONVERSATIONS):
        number = person.number * CONVERSATIONS + index
        conversation = f"conversation-{number}"
        for turn in range(TURNS):
            handover = number < HANDOVERS and turn == TURNS - 1
            message, text = person.say(f"question {turn}", conversation, handover=handover, stream=number % 2 == 0)
            heard.append(text)
        rating = number - HANDOVERS
        if 0 <= rating < RATED_UP + RATED_DOWN:
            person.rate(message, conversation, up=rating < RATED_UP)
    person.close()
    return heard


def test_the_official_clients_hear_the_same_as_direct(upstream: str, start: Start) -> None:
    product = start({"assistants": [{"name": "chat", "upstream": upstream}]})
    for number in (0, 1):
        for stream in (False, True):
            direct = Person(number, upstream)
            proxied = Person(number, product.url("chat"))
            for handover in (False, True):
                heard = [each.say("question", "c", handover=handover, stream=stream)[1] for each in (direct, proxied)]
                assert heard[0] == heard[1] == (HANDOVER if handover else ANSWER)
            direct.close()
            proxied.close()


def test_it_judges_answers_within_a_budget(upstream: str, start: Start, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    judge = {"share": 1, "url": f"{upstream}/v1", "model": "judge", "key_file": str(tmp_path / "key"), "day_cost": 0.009}
    value = {"prices": [{"from": "2026-01-01", "model": "judge", "input": 10, "output": 10}]}
    product = start({"assistants": [{"name": "chat", "upstream": upstream, "judge": judge, "value": value}]})
    person = Person(1, product.url("chat"))
    for number in range(20):
        person.say(f"question {number}", f"c{number}", handover=False, stream=number % 2 == 0)
    person.close()

    def state() -> Any:
        found = json.loads(product.get("/api/v1/status"))["assistants"][0]["judge"]
        return found if sum(found["verdicts"].values()) + found["lost"]["budget"] == 20 else None

    found = until(state, "each answer is judged, or the budget is used up")
    assert found["stopped"] == "day_cost"
    assert found["verdicts"]["partly"] == 20 - found["lost"]["budget"] >= 2
    assert 0 < found["cost_today"] <= 0.009
    assert found["cost_today"] == pytest.approx(found["tokens_today"] * 10 / 1e6, abs=2e-5)
    precision = until(lambda: product.kpis("chat")["kpis"]["answer_precision_judge"], "the figure")
    assert (precision["numerator"], precision["denominator"]) == (0, found["verdicts"]["partly"])


def test_two_hundred_turns_of_twenty_people_equal_a_hand_count(upstream: str, start: Start, tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    with Server(rasa) as other:
        product = start(
            {
                "assistants": [
                    {
                        "name": "chat",
                        "upstream": upstream,
                        "people": {"eligible": ELIGIBLE},
                        "identity": {"conversation": ["header:x-conversation-id"]},
                    },
                    {"name": "rasa", "upstream": other.url},
                ]
            },
            clock.environment,
        )
        people = [Person(number, product.url("chat")) for number in range(PEOPLE)]
        with ThreadPoolExecutor(4) as pool:
            heard = [text for texts in pool.map(live, people) for text in texts]
        assert heard.count(HANDOVER) == HANDOVERS
        assert heard.count(ANSWER) == PEOPLE * CONVERSATIONS * TURNS - HANDOVERS
        for number in range(10):
            message = "un conseiller" if number < 3 else "bonjour"
            assert post(f"{product.url('rasa')}/webhooks/rest/webhook", {"sender": f"r{number}", "message": message})
        until(lambda: _told(product), "every turn and every rating is counted")
        clock.set(3 * 86400.0)  # past the end of each session, and of the day in which it settles
        _hand_count(product)


def _told(product: Product) -> bool | None:
    kpis, rasa = product.kpis("chat")["kpis"], product.kpis("rasa")["kpis"]
    counted = kpis["turns"]["value"], kpis["csat"]["denominator"], rasa["turns"]["value"]
    return counted == (PEOPLE * CONVERSATIONS * TURNS, RATED_UP + RATED_DOWN, 10) or None


def _hand_count(product: Product) -> None:
    sessions = PEOPLE * CONVERSATIONS

    def settled() -> dict[str, Any] | None:
        found = product.kpis("chat")
        return found if sum(found["outcomes"].values()) == sessions else None

    figures = until(settled, "all sessions are settled")
    kpis = figures["kpis"]
    assumed = sessions - HANDOVERS - RATED_UP - RATED_DOWN
    assert {name: count for name, count in figures["outcomes"].items() if count} == {
        "handed_over": HANDOVERS,
        "abandoned": RATED_DOWN,
        "resolved_confirmed": RATED_UP,
        "resolved_assumed": assumed,
    }
    assert (kpis["automation_rate"]["numerator"], kpis["automation_rate"]["denominator"]) == (RATED_UP + assumed, sessions)
    assert kpis["automation_rate_confirmed"]["numerator"] == RATED_UP
    assert (kpis["handover_rate"]["numerator"], kpis["handover_rate"]["denominator"]) == (HANDOVERS, sessions)
    assert (kpis["csat"]["numerator"], kpis["csat"]["denominator"]) == (RATED_UP, RATED_UP + RATED_DOWN)
    assert kpis["turns"]["value"] == sessions * TURNS
    assert kpis["sessions"]["value"] == sessions
    assert kpis["response_time"]["n"] == sessions * TURNS
    assert kpis["response_time_within_target"]["value"] == 1.0
    assert kpis["wau"]["value"] == PEOPLE
    assert kpis["mau"]["value"] == PEOPLE
    assert (kpis["adoption"]["numerator"], kpis["adoption"]["denominator"]) == (PEOPLE, ELIGIBLE)
    shares = {"captured": 1.0, "decoded": 1.0, "attributed": 1.0, "derived": 0.0, "identified": 1.0}
    assert figures["completeness"] == {**shares, "dropped": 0}

    other = until(lambda: found if sum((found := product.kpis("rasa"))["outcomes"].values()) == 10 else None, "Rasa's sessions")
    assert {name: count for name, count in other["outcomes"].items() if count} == {"handed_over": 3, "resolved_assumed": 7}
    assert other["kpis"]["turns"]["value"] == 10
    assert other["kpis"]["adoption"]["value"] is None
    assert other["kpis"]["adoption"]["reason"]
