"""Presets compile whole or not at all, say everything that is wrong, and keep their own word."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from proxy.meaning.choosing import Call, Choice, Choosing, FeedbackChoice
from proxy.meaning.examples import preset_faults
from proxy.meaning.facts import FactReader
from proxy.meaning.functions import false
from proxy.meaning.presets import compile_presets
from proxy.meaning.tables import RulesError
from proxy.settings.files import known_names, raw_presets

SHIPPED = sorted(known_names().presets)

NOTHING: list[Any] = [
    {},
    [],
    {"error": {"code": "x", "message": "x", "status": "X"}},
    {"message": "x"},
    {"detail": "x"},
    "",
    None,
]


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_and_errors_mark_nothing(name, presets):
    facts = FactReader()
    for document in NOTHING:
        for rules in (presets[name].response, presets[name].event):
            assert [kind for kind, getter in rules.marks if not false(facts.get(getter, document, name))] == []
        wrapped = {"event": "error", "data": document}
        assert [kind for kind, getter in presets[name].event.marks if not false(facts.get(getter, wrapped, name))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_each_preset_keeps_its_word(presets, name):
    assert preset_faults(presets[name]) == ()
    examples = presets[name].examples
    assert examples["match"]
    assert examples["ignore"]


@pytest.mark.parametrize("name", SHIPPED)
def test_each_preset_is_chosen_among_all(name, presets):
    choosing = Choosing(presets, "auto", FactReader())
    for example in presets[name].examples["match"]:
        call = Call(
            example.get("method", "POST"),
            example["path"],
            {} if example.get("socket") else example.get("request", {}),
            example.get("headers", {}),
            example.get("response_headers", {}),
            socket=bool(example.get("socket")),
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


def base(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": "T", "match": [{"path": "/a"}], **more}


def test_a_preset_extends_another():
    raw = {
        "one": base("one", shape="a", request={"text": "t", "user": ["u"]}, results={"x": "error"}, stream={"named": True}),
        "two": base("two", extends="one", request={"user": ["v"]}, event={"text": "e"}),
        "three": base("three", extends="two", shape="b", results={"x": "ok"}),
    }
    presets = compile_presets(raw)
    one, two, three = presets["one"], presets["two"], presets["three"]
    assert [(preset.depth, preset.narrowed) for preset in (one, two, three)] == [(0, False), (1, False), (2, True)]
    assert two.request.text is not None
    assert two.request.text({"t": "said"}) == "said"
    assert three.named
    assert three.shape[0].holds({"b": 1}) == 1
    assert (two.results, three.results) == ({"x": "error"}, {"x": "ok"})
    choosing = Choosing(presets, "auto", FactReader())

    def chosen(body: Any) -> str | None:
        choice = choosing.choose(Call("POST", "/a", body, {}, {}))
        return choice.preset.id if isinstance(choice, Choice) else None

    assert [chosen(body) for body in ({"a": 1, "b": 1}, {"a": 1}, {"c": 1}, None)] == ["three", "two", None, "two"]


def test_a_preset_that_extends_what_is_not_there():
    with pytest.raises(RulesError) as caught:
        compile_presets(
            {
                "one": base("one", extends="twoo"),
                "two": base("two", extends="three"),
                "three": base("three", extends="two"),
                "four": base("four", extends=7),
            }
        )
    assert {(fault.path, fault.suggestion) for fault in caught.value.faults} == {
        ("one.extends", 'did you mean "two"?'),
        ("two.extends", ""),
        ("three.extends", ""),
        ("four.extends", ""),
    }


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
                    "stream": {"mode": "appendd", "named": "yes"},
                    "source": "desktop",
                    "skip": {"header": "X", "reason": "nothing"},
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
        "mine.stream.named",
        "mine.source",
        "mine.skip.reason",
        "mine.feedback.values.like",
        "no-table",
        "no-table.id",
        "no-table.title",
    }
    assert found["mine.reqest"].suggestion == 'did you mean "request"?'
    assert found["mine.stream.mode"].suggestion == 'did you mean "append"?'
    assert sum("credential" in fault.message for fault in caught.value.faults) == 1


def test_the_readme_names_every_preset_with_its_confidence():
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| `")]
    told = {cells[1].strip().strip("`"): cells[4].strip() for cells in rows if len(cells) == 6}
    assert {name for name, confidence in told.items() if confidence} == set(SHIPPED)
