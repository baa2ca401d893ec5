"""The workbench's verbs as an operator types them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from proxy.cli import main
from proxy.meaning.hashing import Keyed
from proxy.settings.secret import secret
from proxy.workbench.captures import heading, line
from tests.workbench.conftest import START

DAY = datetime.fromtimestamp(START, UTC).date()


@pytest.fixture
def recording(tmp_path, exchange):
    """Two questions of one person, five minutes apart, a call that nobody knows, and a torn line."""
    asked = {
        "model": "m",
        "user": "ann@x.org",
        "metadata": {"conversation_id": "c1"},
        "messages": [{"role": "user", "content": "Je veux parler à un conseiller"}],
    }
    answer = {"choices": [{"message": {"content": "Je vous mets en relation avec un conseiller."}, "finish_reason": "stop"}]}
    hello = {"model": "m", "user": "ann@x.org", "metadata": {"conversation_id": "c1"}, "messages": [
        {"role": "system", "content": "Be kind to the people who write."}, {"role": "user", "content": "Bonjour"},
    ]}  # fmt: skip
    well = {"choices": [{"message": {"content": "Bonjour !"}, "finish_reason": "stop"}]}
    file = tmp_path / "recording.jsonl"
    lines = [
        line(exchange("/v1/chat/completions", hello, well, at=0)),
        line(exchange("/v1/chat/completions", asked, answer, at=300)),
        line(exchange("/odd/ann@x.org/call", {"alpha": 1, "beta": {}}, {"gamma": "see you at the next meeting"}, at=301)),
        b'{"id": ',
    ]
    file.write_bytes(heading(redacted=False, begun="") + b"".join(lines))
    return file


def test_explain_says_what_was_read_and_what_was_not(recording, capsys):
    assert main(["explain", str(recording)]) == 0
    out, err = capsys.readouterr()
    assert "openai-chat (path_and_shape): turn, ok" in out
    assert "handover_started by phrase_assistant: handover-fr/je-vous-mets" in out
    assert "texts that no rule read: request messages[*].content" in out
    assert "no turn: unknown (no preset knows it)" in out
    assert "     1  POST {alpha,beta} -> {gamma}" in out
    assert "answer gamma" in out
    assert "line 5: not taken: Input data was truncated" in err
    assert "Bonjour" not in out
    assert "ann@x.org" not in out


def test_explain_shows_texts_when_asked_to(recording, capsys):
    assert main(["explain", str(recording), "--texts"]) == 0
    out = capsys.readouterr().out
    assert "asked 'Je veux parler à un conseiller'" in out
    assert "/odd/ann@x.org/call" in out


def test_explain_joins_what_the_client_says_again_and_tells_who_is_no_person(tmp_path, exchange, capsys):
    talk: list[dict[str, str]] = []
    made = []
    for at, words in enumerate(["Bonjour", "Combien de jours ?", "Merci"]):
        talk.append({"role": "user", "content": words})
        answer = {"role": "assistant", "content": f"Voilà pour « {words} »."}
        made.append(
            exchange("/v1/chat/completions", {"model": "m", "messages": list(talk)}, {"choices": [{"message": answer}]}, at=at)
        )
        talk.append(answer)
    other = {"model": "m", "messages": [{"role": "user", "content": "Un autre sujet"}]}
    made.append(exchange("/v1/chat/completions", other, {"choices": []}, at=9, headers={"x-synthetic": "1"}))
    file = tmp_path / "recording.jsonl"
    file.write_bytes(heading(redacted=False, begun="") + b"".join(map(line, made)))
    assert main(["explain", str(file)]) == 0
    out = capsys.readouterr().out
    told = [each.partition("conversation ")[2] for each in out.splitlines() if "user none, conversation " in each]
    assert len(told) == 4
    assert all("(by what was said before)" in each for each in told)
    assert len(set(told[:3])) == 1
    assert told[3] != told[0]
    assert out.count("made by no person (excluded)") == 1


def test_explain_says_what_messages_tell_of_an_opinion(tmp_path, exchange, capsys):
    settings = tmp_path / "own.yaml"
    settings.write_text("assistants: [{upstream: 'http://127.0.0.1:9', opinions: {sentiment: true}}]")
    made = [
        exchange(
            "/v1/chat/completions",
            {"model": "m", "messages": [{"role": "user", "content": words}]},
            {"choices": [{"message": {"role": "assistant", "content": answer}}]},
            at=at,
        )
        for at, (words, answer) in enumerate(
            [("3/5", "Noté."), ("nul", "Désolé."), ("oui", "Notez-moi de 1 à 5."), ("4", "Bien.")]
        )
    ]
    file = tmp_path / "recording.jsonl"
    file.write_bytes(heading(redacted=False, begun="") + b"".join(map(line, made)))
    assert main(["explain", str(file), "--config", str(settings)]) == 0
    out = capsys.readouterr().out
    for said in ("neutral, 3 of five", "bad", "yes or no", "4, where one was asked for"):
        assert f"may rate the answer before: {said}\n" in out
    assert "its answer ends with a question: five" in out
    assert "sounds negative (-0.83)" in out


def test_explain_as_json_and_only_what_is_unknown(recording, capsys):
    assert main(["explain", str(recording), "--json", "--unknown"]) == 0
    (told,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert (told["number"], told["path"], told["shape"]) == (3, "/odd/*/call", "POST {alpha,beta} -> {gamma}")
    assert told["events"][0]["reason"] == "unknown"


def test_explain_with_a_preset_by_name(recording, capsys):
    assert main(["explain", str(recording), "--preset", "rasa-rest"]) == 0
    assert "3  unknown" in capsys.readouterr().out


def test_a_variable_meant_for_serve_changes_nothing(recording, capsys, monkeypatch):
    monkeypatch.setenv("KPI_PROXY_PRESET", "rasa-rest")
    assert main(["explain", str(recording)]) == 0
    assert "2  openai-chat (path_and_shape)" in capsys.readouterr().out


def test_replay_under_a_shorter_idle_time(recording, tmp_path, capsys):
    new = tmp_path / "new.yaml"
    new.write_text("assistants: [{upstream: 'http://a', session: {idle: 1m}}]\n")
    assert main(["replay", str(recording), "--config", str(new)]) == 0
    out = capsys.readouterr().out
    rows = {cells[0]: cells[1:] for each in out.splitlines() if (cells := each.split())}
    assert rows["handover_rate"] == ["100.0%", "50.0%", "-0.5"]
    assert rows["abandonment_rate"] == ["0.0%", "50.0%", "+0.5"]  # the person came back
    assert rows["turns"] == ["2", "2"]
    assert "1 conversation came out otherwise:" in out
    assert f"    old: handed_over from {DAY} 12:00:00, exchanges 1..2 (handover-fr/je-vous-mets" in out
    assert f"    new: abandoned from {DAY} 12:00:00, exchanges 1; handed_over from {DAY} 12:05:00, exchanges 2" in out


def test_replay_under_the_same_rules_changes_nothing(recording, tmp_path, capsys):
    new = tmp_path / "new.yaml"
    new.write_text("assistants: [{upstream: 'http://a', name: rh}]\n")
    assert main(["replay", str(recording), "--config", str(new), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changed"] == []
    assert told["old"]["kpis"]["turns"] == told["new"]["kpis"]["turns"]


def test_faults_of_the_new_settings_are_told_first(recording, tmp_path, capsys):
    new = tmp_path / "new.yaml"
    new.write_text("assistants: [{upstream: 'http://a', sesion: {}}]\n")
    assert main(["replay", str(recording), "--config", str(new)]) == 2
    assert 'assistants[0].sesion: unknown, did you mean "session"?' in capsys.readouterr().err


def test_which_of_several_assistants_must_be_said(recording, tmp_path, capsys):
    file = tmp_path / "two.yaml"
    file.write_text("assistants: [{upstream: 'http://a', name: rh}, {upstream: 'http://b', name: it, listen: ':9'}]\n")
    assert main(["explain", str(recording), "--config", str(file)]) == 1
    assert "which assistant? --assistant rh, it" in capsys.readouterr().err
    assert main(["explain", str(recording), "--config", str(file), "--assistant", "hr"]) == 1
    assert 'no assistant is called "hr": rh, it' in capsys.readouterr().err
    assert main(["explain", str(recording), "--config", str(file), "--assistant", "it"]) == 0


def judged(lines: list[str], capfdbinary: Any, monkeypatch: Any, *options: str) -> tuple[int, list[Any], str]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode())))
    status = main(["markers", "-", *options])
    out, err = capfdbinary.readouterr()
    return status, [json.loads(each) for each in out.splitlines()], err.decode()


def test_markers_line_by_line(capfdbinary, monkeypatch):
    lines = [
        '{"side": "assistant", "text": "Je passe la main à un collègue.", "n": 1}',
        "",
        '{"side": "assistant", "text": "Would you like me to connect you with a human agent?"}',
        '{"side": "assistant", "text": "No agents are available right now."}',
        '{"side": "assistant", "text": "Le transfert de fichiers est en cours."}',
        '{"side": "user", "text": "talk to a human"}',
        '{"side": "user", "text": "merci"}',
    ]
    status, out, _ = judged(lines, capfdbinary, monkeypatch)
    assert status == 0
    assert out[0] == {"side": "assistant", "text": "Je passe la main à un collègue.", "n": 1,
                      "class": "started", "rule": "handover-fr/je-vous-mets"}  # fmt: skip
    assert [each["class"] for each in out] == ["started", "offered", "refused", "none", "requested", "none"]
    assert out[-1]["rule"] == ""


@pytest.mark.parametrize("line", ['{"side": "assistant"}', '{"side": "bot", "text": ""}', "[1]", "{"])
def test_a_line_that_cannot_be_judged_is_told_by_number(line, capfdbinary, monkeypatch):
    status, out, err = judged(['{"side": "user", "text": "agent"}', line], capfdbinary, monkeypatch)
    assert (status, len(out)) == (1, 1)
    assert err.startswith("error: line 2: ")


def test_markers_of_the_operator(tmp_path, capfdbinary, monkeypatch):
    (tmp_path / "own.yaml").write_text("title: Own\nassistant: {handover_started: {desk: 'la permanence prend la suite'}}\n")
    (tmp_path / "kpi-proxy.yaml").write_text("assistants: [{upstream: 'http://a', markers: {files: [./own.yaml]}}]\n")
    lines = ['{"side": "assistant", "text": "La permanence prend la suite."}']
    _, out, _ = judged(lines, capfdbinary, monkeypatch, "--config", str(tmp_path / "kpi-proxy.yaml"))
    assert (out[0]["class"], out[0]["rule"]) == ("started", "own/desk")


def test_record_without_a_proxy_says_what_to_do(tmp_path, capsys):
    assert main(["record", str(tmp_path / "new.jsonl"), "--state", str(tmp_path)]) == 1
    assert "no proxy runs with the state directory" in capsys.readouterr().err
    assert not (tmp_path / "new.jsonl").exists()


@pytest.mark.parametrize("verb", ["record", "explain", "replay", "learn", "markers"])
def test_each_verb_explains_itself(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help"])
    assert not ended.value.code
    assert len(capsys.readouterr().out.splitlines()) > 8


def test_who_is_known_by_a_cookie_is_known_with_the_installations_secret_alone(tmp_path, exchange, capsys):
    state = tmp_path / "state"
    key = secret(state, {})
    headers = {"cookie:sid": str(Keyed(key).veiled("cookie:robot"))}
    asked = {"model": "m", "messages": [{"role": "user", "content": "Bonjour"}]}
    answer = {"choices": [{"message": {"content": "Bonjour !"}}]}
    file, settings = tmp_path / "recording.jsonl", tmp_path / "kpi-proxy.yaml"
    called = exchange("/v1/chat/completions", asked, answer, headers=headers)
    file.write_bytes(heading(redacted=False, begun="") + line(called))
    identity = "identity: {user: ['cookie:sid'], exclude: ['cookie:robot']}"
    settings.write_text(f"assistants: [{{upstream: 'http://a', {identity}}}]\n")

    assert main(["explain", str(file), "--config", str(settings)]) == 0
    out, err = capsys.readouterr()
    assert "made by no person" not in out
    assert "with --state DIR alone" in err
    assert main(["explain", str(file), "--config", str(settings), "--state", str(state)]) == 0
    out, err = capsys.readouterr()
    assert "made by no person (excluded)" in out
    assert err == ""
    assert main(["replay", str(file), "--config", str(settings), "--state", str(state), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["old"]["outcomes"]["excluded"], figures["new"]["outcomes"]["excluded"]) == (0, 1)
    assert main(["explain", str(file), "--state", str(tmp_path)]) == 1
    assert f"there is no secret in {tmp_path}" in capsys.readouterr().err
