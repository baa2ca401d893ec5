"""A marker file of the operator's own is known by its stem: evidence names rules, not directories."""

from __future__ import annotations

from proxy.kpi.events import Mark, Turn
from proxy.kpi.trace import TracedTurn
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import Markers
from proxy.meaning.understanding import Understanding
from proxy.settings.model import Assistant
from proxy.settings.model import Markers as MarkerSettings

PATH = "/etc/kpi-proxy/markers/desk.yaml"
RAW: dict[str, object] = {"title": "Our desk", "assistant": {"handover_started": {"desk": "la permanence prend la suite"}}}


def test_its_rules_are_named_by_the_stem():
    files = compile_markers({PATH: RAW})
    assert files[PATH].id == "desk"
    marks = Markers(files.values()).assistant("La permanence prend la suite.")
    assert marks == (Mark("handover_started", "phrase_assistant", "desk/desk"),)


def test_a_turn_carries_no_path(presets, exchange):
    settings = Assistant(upstream="http://assistant", markers=MarkerSettings(files=(PATH,)))
    reader = Understanding(settings, presets, compile_markers({PATH: RAW}), {}, b"s" * 32)
    answer = {"choices": [{"message": {"content": "La permanence prend la suite."}}]}
    (turn,) = reader.read(exchange("/v1/chat/completions", {"messages": [{"role": "user", "content": "Bonjour"}]}, answer))
    assert isinstance(turn, Turn)
    assert [mark.rule for mark in turn.marks] == ["desk/desk"]


def test_a_file_on_trial_marks_what_it_would_and_changes_nothing(presets, exchange):
    settings = Assistant(upstream="http://assistant", markers=MarkerSettings(files=(), trial=(PATH,)))
    reader = Understanding(settings, presets, compile_markers({PATH: RAW}), {}, b"s" * 32)
    answer = {"choices": [{"message": {"content": "La permanence prend la suite."}}]}
    (turn,) = reader.read(exchange("/v1/chat/completions", {"messages": [{"role": "user", "content": "Bonjour"}]}, answer))
    assert isinstance(turn, Turn)
    assert (turn.marks, [mark.rule for mark in turn.trial]) == ((), ["desk/desk"])
    kept = TracedTurn.of(turn, "c")
    assert kept.again().marks == ()
    assert [mark.kind for mark in kept.again(trial=True).marks] == ["handover_started"]
