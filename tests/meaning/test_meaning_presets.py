"""Presets compile whole or not at all, say everything that is wrong, and keep their own word."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from proxy.meaning.choosing import Call, Choice, Choosing, FeedbackChoice
from proxy.meaning.examples import preset_faults
from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.paths import compile_expression
from proxy.meaning.presets import compile_presets
from proxy.meaning.tables import RulesError
from proxy.settings.files import raw_presets

VECTORS: list[tuple[str, str, str, Any, Any]] = [
    (
        "openai-chat",
        "request",
        "text",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Bonjour"}, {"type": "image_url"}]}]},
        "Bonjour",
    ),
    (
        "openai-chat",
        "response",
        "tools",
        {"choices": [{"message": {"tool_calls": [{"function": {"name": "transfer_to_human"}}]}}]},
        ["transfer_to_human"],
    ),
    ("openai-chat", "event", "text", {"choices": [], "usage": {"prompt_tokens": 1}}, None),
    ("openai-chat", "response", "error", {"error": {"message": "m", "type": "t", "code": None}}, "t"),
    (
        "openai-responses",
        "request",
        "text",
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "yo"}]}]},
        "yo",
    ),
    ("openai-responses", "request", "text", {"input": "yo"}, "yo"),
    ("openai-responses", "request", "continues", {"input": "yo"}, None),
    ("openai-responses", "request", "continues", {"input": [{"type": "function_call_output"}]}, True),
    ("openai-responses", "event", "text", {"type": "response.function_call_arguments.delta", "delta": "{"}, None),
    (
        "openai-responses",
        "event",
        "final",
        {"type": "response.failed", "response": {"error": {"code": "x"}}},
        {"error": {"code": "x"}},
    ),
    (
        "anthropic-messages",
        "event",
        "text",
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "z"}},
        None,
    ),
    ("anthropic-messages", "event", "error", {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded_error"),
    ("rasa-rest", "response", "text", [{"text": "a"}, {"image": "i"}, {"text": "b"}], "a b"),
    ("dify", "event", "error", {"event": "error", "status": 400, "code": "x"}, "x"),
    ("dify", "event", "error", {"event": "node_finished", "data": {"status": "failed"}}, "node_failed"),
]


@pytest.mark.parametrize(("preset", "section", "field", "document", "expected"), VECTORS)
def test_an_expression_reads_what_it_should(preset, section, field, document, expected):
    raw: Any = raw_presets()[preset]
    found = compile_expression(raw[section][field])(document)
    assert found == expected if expected is not None else false(found)


@pytest.mark.parametrize("name", sorted(raw_presets()))
def test_each_preset_keeps_its_word(presets, name):
    assert preset_faults(presets[name]) == ()
    examples = presets[name].examples
    assert examples["match"]
    assert examples["ignore"]


@pytest.mark.parametrize("name", sorted(raw_presets()))
def test_each_preset_is_chosen_among_all(name, presets):
    choosing = Choosing(presets, "auto", FactReader())
    for example in presets[name].examples["match"]:
        call = Call(
            example.get("method", "POST"),
            example["path"],
            example.get("request", {}),
            example.get("headers", {}),
            example.get("response_headers", {}),
        )
        match choosing.choose(call):
            case Choice(preset=preset):
                assert preset.id == name or name in SHADOWED, example["name"]
            case FeedbackChoice(preset=chosen):
                assert chosen == name, example["name"]
            case reason:
                assert reason == example["expect"]["skip"], example["name"]


SHADOWED = {"generic"}  # its examples are written like other APIs


def test_a_broken_example_is_a_fault():
    raw: Any = copy.deepcopy(raw_presets()["rasa-rest"])
    raw["examples"]["match"][0]["expect"] = {"user_text": "other", "nonsense": 1}
    raw["examples"]["ignore"].append({"path": "/webhooks/rest/webhook", "request": {"message": "Hi"}})
    faults = preset_faults(compile_presets({"rasa-rest": raw})["rasa-rest"])
    assert [fault.path for fault in faults] == [
        "rasa-rest.examples.match[0].expect.user_text",
        "rasa-rest.examples.match[0].expect.nonsense",
        "rasa-rest.examples.ignore[2]",
    ]


def test_every_fault_at_once_with_path_and_advice():
    with pytest.raises(RulesError) as caught:
        compile_presets(
            {
                "mine": {
                    "id": "other",
                    "match": [{"method": "FETCH", "path": "("}],
                    "reqest": {},
                    "request": {"user": ["header:authorization", "jwt:x"], "txt": "a", "text": "a["},
                    "response": {"marks": {"handover": "a"}, "model": 3},
                    "results": {"stop": "fine"},
                    "stream": {"mode": "appendd"},
                    "feedback": {"match": {"path": "/f"}, "score": "rating", "values": {"like": "upp"}},
                },
                "no-table": [],
            }
        )
    found = {fault.path: fault for fault in caught.value.faults}
    assert set(found) == {
        "mine.id",
        "mine.title",
        "mine.match[0].method",
        "mine.match[0].path",
        "mine.reqest",
        "mine.request.user",
        "mine.request.txt",
        "mine.request.text",
        "mine.response.marks.handover",
        "mine.response.model",
        "mine.results.stop",
        "mine.stream.mode",
        "mine.feedback.values.like",
        "no-table",
        "no-table.id",
        "no-table.title",
    }
    assert found["mine.reqest"].suggestion == 'did you mean "request"?'
    assert found["mine.stream.mode"].suggestion == 'did you mean "append"?'
    assert sum("credential" in fault.message for fault in caught.value.faults) == 1
