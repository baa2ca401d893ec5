"""From exchange to events: what is a turn, what is none, whose it is, and nothing that raises."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.kpi.events import Skipped, Turn
from proxy.meaning.directory import Person
from proxy.meaning.hashing import Keyed
from proxy.meaning.skipping import SKIP_REASONS
from proxy.meaning.tables import RulesError
from proxy.meaning.wanted import wanted
from proxy.settings.model import Markers
from proxy.settings.people import Identity
from proxy.wire.exchange import Body, Exchange
from proxy.wire.polling import QUERY
from tests.meaning.conftest import SECRET

CHAT = "/v1/chat/completions"
ANSWER = {"id": "c1", "choices": [{"message": {"content": "Bonsoir"}, "finish_reason": "stop"}]}
KEYED = Keyed(SECRET)


def asked(text: str = "Bonjour", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


NO_TURNS: dict[str, dict[str, Any]] = {
    "preflight": {"path": CHAT, "method": "OPTIONS"},
    "head": {"path": CHAT, "method": "HEAD"},
    "probe": {"path": "/api/orders", "request": {"sku": 1}, "headers": {"user-agent": "kube-probe/1.30"}},
    "synthetic": {"path": "/feedback", "request": {"rating": "up"}, "headers": {"x-synthetic": "1"}},
    "background": {"path": CHAT, "request": asked("### Task:\nGenerate a title"), "response": ANSWER},
    "polling": {"path": "/v1/responses/resp_1", "method": "GET"},
    "listing": {"path": "/v1/models", "method": "GET"},
    "counting": {"path": "/v1/messages/count_tokens", "request": asked()},
    "not_chat": {"path": "/v1/embeddings", "request": {"input": "x"}, "response": {"data": []}},
    "tools": {"path": "/mcp", "request": {"jsonrpc": "2.0", "method": "tools/list"}, "headers": {"mcp-method": "tools/list"}},
    "redirected": {"path": CHAT, "request": asked(), "status": 307},
    "tunnel": {"path": "/ws", "method": "GET", "status": 101},
    "not_found": {"path": "/wp-login.php", "request": {"log": "x"}, "status": 404},
    "page": {"path": "/index.html", "method": "GET"},
    "unknown": {"path": "/api/orders", "request": {"sku": 1}, "response": {"ok": True}},
    "feedback_refused": {"path": "/feedback", "request": {"rating": "up"}, "status": 500},
    "feedback_unread": {"path": "/feedback", "request": {"comment": "fine"}},
}


@pytest.mark.parametrize("reason", NO_TURNS)
def test_what_is_no_turn(reason, understanding, exchange):
    (event,) = understanding().read(exchange(**NO_TURNS[reason]))
    assert event == Skipped(id="relay:1", assistant="rh", at=1_800_000_000.0, reason=reason)


def test_every_reason_is_shown():
    assert set(NO_TURNS) == set(SKIP_REASONS) - {"fault"}


@pytest.mark.parametrize("path", ["/health", "/healthz", "/metrics", "/favicon.ico"])
def test_probes_by_path(path, understanding, exchange):
    (event,) = understanding().read(exchange(path, method="GET"))
    assert event.reason == "probe"


def test_ids_and_identities_leave_as_hashes_only(understanding, exchange):
    body = asked("Je veux un conseiller", user="Paul@Example.org", metadata={"conversation_id": "conv-77"})
    (turn,) = understanding(channel="web").read(exchange(CHAT, body, ANSWER))
    assert turn.user == KEYED.user("paul@example.org")
    assert turn.conversation == KEYED.conversation("rh", "conv-77")
    assert turn.messages == (KEYED.message("rh", "c1"),)
    assert (turn.channel, turn.derived) == ("web", False)
    assert len(turn.user) == len(turn.conversation) == 22
    assert not any(word in repr(turn) for word in ("aul@", "conv-77", "conseiller"))


def test_a_route_is_the_longest_start_of_the_path(understanding, exchange):
    reader = understanding(routes=("/v1", "/v1/chat", "/it"))
    (turn,) = reader.read(exchange(CHAT, asked(user="u"), ANSWER))
    assert turn.route == "/v1/chat"
    (other,) = understanding(routes=("/it",)).read(exchange(CHAT, asked(user="u"), ANSWER))
    assert other.route == ""


def test_a_conversation_without_id_is_the_users(understanding, exchange):
    reader = understanding()
    answer = {"answer": "Bonsoir"}
    (turn,) = reader.read(exchange("/ask", {"question": "Bonjour", "user": "u"}, answer))
    assert (turn.derived, turn.conversation) == (True, KEYED.derived("rh", KEYED.user("u")))
    (anonymous,) = reader.read(exchange("/ask", {"question": "Bonjour"}, answer))
    assert (anonymous.derived, anonymous.conversation, anonymous.user) == (False, None, None)


def test_an_answer_names_the_one_it_continues(understanding, exchange):
    reader = understanding()
    (first,) = reader.read(exchange("/v1/responses", {"input": "Bonjour"}, {"id": "resp_1", "status": "completed"}))
    (second,) = reader.read(exchange("/v1/responses", {"input": "Et ?", "previous_response_id": "resp_1"}, {"id": "resp_2"}))
    assert (first.parent, second.parent) == (None, first.messages[0])


def test_a_tool_round_trip_continues_and_repeats_no_request(understanding, exchange):
    body = {"messages": [{"role": "user", "content": "Je veux parler à un humain"}, {"role": "tool", "content": "{}"}]}
    (turn,) = understanding().read(exchange(CHAT, body, ANSWER))
    assert (turn.continues, turn.marks) == (True, ())


def test_the_surest_source_wins_and_an_offer_yields(understanding, exchange):
    message = {
        "content": "Je vous mets en relation avec un conseiller. Souhaitez-vous parler à un conseiller en attendant ?",
        "tool_calls": [{"function": {"name": "transferToHuman"}}],
    }
    (turn,) = understanding().read(exchange(CHAT, asked("conseiller"), {"choices": [{"message": message}]}))
    assert [(mark.kind, mark.source) for mark in turn.marks] == [
        ("handover_started", "tool_call"),
        ("handover_requested", "phrase_user"),
    ]


def test_a_gateways_header_beats_the_body_but_only_from_a_trusted_peer(understanding, exchange):
    body = asked(user="forged")
    headers = {"x-forwarded-user": "real"}
    reader = understanding(identity=Identity(trusted=("10.0.0.0/8", "::1/128")))
    for client, user in (
        ("10.1.2.3", "real"),
        ("::ffff:10.1.2.3", "real"),
        ("192.0.2.1", "forged"),
        ("", "real"),
        ("nonsense", "forged"),
    ):
        (turn,) = reader.read(exchange(CHAT, body, ANSWER, client=client, headers=headers))
        assert turn.user == KEYED.user(user), client


def token(claims: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("source", "headers", "query", "user"),
    [
        ("jwt:authorization#sub", {"jwt:authorization": token({"sub": "eve"})}, {}, "eve"),
        ("jwt:authorization#a.b", {"jwt:authorization": token({"a": {"b": "eve"}})}, {}, "eve"),
        ("jwt:authorization#sub", {"jwt:authorization": "%%%"}, {}, None),
        ("jwt:authorization#sub", {"jwt:authorization": token([1])}, {}, None),
        ("cookie:Sid", {"cookie:Sid": "hash"}, {}, "hash"),
        ("hash:x-api-key", {"hash:x-api-key": "hash"}, {}, "hash"),
        ("header:X-Person", {"x-person": " eve "}, {}, "eve"),
        ("query:u", {}, {"u": "eve"}, "eve"),
        ("body:profile.name", {}, {}, "body-eve"),
        ("header:x-none", {}, {}, None),
    ],
)
def test_configured_places(source, headers, query, user, understanding, exchange):
    reader = understanding(identity=Identity(user=(source,)))
    body = asked(profile={"name": "body-eve"}, user="never read")
    (turn,) = reader.read(exchange(CHAT, body, ANSWER, headers=headers, query=query))
    assert turn.user == (KEYED.user(user) if user else None)


def test_service_accounts_are_no_people(understanding, exchange):
    reader = understanding(identity=Identity(exclude=("svc-*", "*@robots.example")))
    for user in ("svc-monitor", "SVC-x", "a.b@Robots.example"):
        (turn,) = reader.read(exchange(CHAT, asked(user=user), ANSWER))
        assert (turn.user, turn.excluded) == (None, True)
    (turn,) = reader.read(exchange(CHAT, asked(user="asvc-monitor"), ANSWER))
    assert turn.user is not None


def test_the_directory_gives_department_and_eligibility(understanding, exchange):
    reader = understanding(directory={KEYED.user("paul@example.org"): Person("RH", "cadre")})
    (turn,) = reader.read(exchange(CHAT, asked(user="PAUL@example.org"), ANSWER))
    assert (turn.eligible, turn.department, turn.profile) == (True, "RH", "cadre")
    (turn,) = reader.read(exchange(CHAT, asked(user="x"), ANSWER))
    assert (turn.eligible, turn.department) == (False, "")


def test_presets_of_one_assistant_compose(understanding, exchange):
    reader = understanding(preset=("openai-chat", "langfuse-score", "chatwoot-status"))
    (turn,) = reader.read(exchange(CHAT, asked(metadata={"conversation_id": "42"}), ANSWER))
    (desk,) = reader.read(exchange("/api/v1/accounts/1/conversations/42/toggle_status", {"status": "open"}, {}))
    score = {"traceId": "c1", "sessionId": "42", "name": "user-feedback", "value": 0}
    (rating,) = reader.read(exchange("/api/public/scores", score, {"id": "s"}))
    assert turn.conversation == desk.conversation == rating.conversation
    assert (desk.continues, desk.aside, desk.result, desk.duration) == (True, True, "ok", None)
    assert [(mark.kind, mark.source) for mark in desk.marks] == [("handover_started", "desk")]
    assert (rating.satisfied, rating.scale, rating.message) == (False, "binary", turn.messages[0])
    (score_of_a_program,) = reader.read(exchange("/api/public/scores", {**score, "name": "hallucination"}, {"id": "s"}))
    assert isinstance(score_of_a_program, Skipped)


@pytest.mark.parametrize("failure", [{"status": 500}, {"status": None, "ending": "upstream_unreachable"}, {"own": True}])
def test_a_desks_call_that_failed_hands_nothing_over(failure, understanding, exchange):
    path = "/v2/apps/a/conversations/c/passControl"
    (event,) = understanding().read(exchange(path, {"switchboardIntegration": "next"}, {}, **failure))
    assert (type(event), event.reason) == (Skipped, "not_chat")


def test_a_poll_that_says_nothing_is_no_event_of_the_conversation(understanding, exchange):
    path = "/v3/directline/conversations/c/activities"
    for activities in ([], [{"type": "message", "id": "1", "from": {"role": "user"}, "text": "Bonsoir"}]):
        (event,) = understanding().read(exchange(path, method="GET", response={"activities": activities}))
        assert event.reason == "polling"


def test_how_a_preset_was_chosen_is_counted(understanding, exchange):
    reader = understanding()
    message = {"id": "c", "messages": [{"role": "user", "parts": [{"type": "text", "text": "Bonjour"}]}]}
    stream = {"events": [{"type": "text-delta", "delta": "Bonsoir"}]}
    kind = {"content-type": "text/event-stream"}
    reader.read(exchange(CHAT, asked(), ANSWER))
    reader.read(exchange("/ask", message, **stream))
    reader.read(exchange("/ask", message, **stream, response_headers={**kind, "x-vercel-ai-ui-message-stream": "v1"}))
    reader.read(exchange("/ask", {"question": "Bonjour"}, {"answer": "Bonsoir"}))
    assert {key[1] for key in reader.counts() if key[0] == "chosen"} == {
        "openai-chat/path_and_shape",
        "vercel-ui/shape",
        "vercel-ui/header",
        "generic/guess",
    }


def test_a_form_is_a_message(understanding, exchange):
    form = {"content-type": "application/x-www-form-urlencoded"}
    (turn,) = understanding().read(exchange("/ask", b"message=Bonjour&session_id=7", {"reply": "Bonsoir"}, headers=form))
    assert (turn.preset, turn.conversation) == ("generic", KEYED.conversation("rh", "7"))


def test_generic_needs_a_text_and_an_answer(understanding, exchange):
    reader = understanding()
    chats: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"message": "Bonjour", "session_id": 7}, {"reply": "Bonsoir"}),
        ({"query": "Bonjour"}, {"output": {"text": "Bonsoir"}}),
        ({"prompt": "Bonjour"}, {"response": "Bonsoir"}),
        ({"messages": [{"role": "user", "content": "Bonjour"}]}, {"choices": [{"message": {"content": "Bonsoir"}}]}),
    ]
    for request, response in chats:
        (turn,) = reader.read(exchange("/chat", request, response))
        assert isinstance(turn, Turn), request
        assert (turn.preset, turn.result) == ("generic", "ok")
    others: list[tuple[dict[str, Any], dict[str, Any], int]] = [
        ({"message": "Bonjour"}, {"status": "queued"}, 200),
        ({"sku": 1}, {"message": "saved"}, 200),
        ({"text": "Bonjour"}, {"id": 1, "text": "Bonjour"}, 200),
        ({"query": "query A { answer }", "variables": {}}, {"data": {"answer": "Bonsoir"}}, 200),
    ]
    for request, response, status in others:
        (event,) = reader.read(exchange("/chat", request, response, status=status))
        assert isinstance(event, Skipped)


def test_failures_of_what_is_guessed_count_once_its_answers_are_understood(understanding, exchange):
    reader = understanding()
    failed = exchange("/chat", {"message": "Bonjour"}, {"message": "Internal server error"}, status=500)
    (event,) = reader.read(failed)
    assert isinstance(event, Skipped)
    (turn,) = reader.read(exchange("/chat", {"message": "Bonjour"}, {"reply": "Bonsoir"}))
    assert turn.result == "ok"
    (turn,) = reader.read(failed)
    assert (turn.preset, turn.result) == ("generic", "error")


def test_a_named_preset_counts_its_failures(understanding, exchange):
    (turn,) = understanding(preset="generic").read(exchange("/chat", {"message": "Bonjour"}, {"error": "x"}, status=500))
    assert (turn.preset, turn.result, turn.error) == ("generic", "error", "server_error")


def test_only_named_presets_are_chosen(understanding, exchange):
    (event,) = understanding(preset=("dify", "rasa-rest")).read(exchange(CHAT, asked(), ANSWER))
    assert event.reason == "unknown"


def test_settings_that_name_what_is_not_there(understanding):
    with pytest.raises(RulesError) as caught:
        understanding(preset="openai-chta", markers=Markers(files=("handover-fr", "handover-enn")))
    assert [(fault.path, fault.suggestion) for fault in caught.value.faults] == [
        ("preset", 'did you mean "openai-chat"?'),
        ("markers.files[1]", 'did you mean "handover-en"?'),
    ]
    with pytest.raises(RulesError) as caught:
        understanding(identity=Identity(user=("header:cookie", "body:a["), trusted=("10.0.0.0/99",), profile=("jwt:x",)))
    assert [fault.path for fault in caught.value.faults] == [
        "identity.user[0]",
        "identity.user[1]",
        "identity.profile[0]",
        "identity.trusted[0]",
    ]


def test_only_what_is_read_leaves_a_relay(presets):
    identity = Identity(user=("jwt:Authorization#sub", "cookie:Sid", "hash:x-api-key", "query:u", "header:X-Me"))
    head = wanted(presets, "auto", identity)
    assert {"content-type", "content-encoding", "user-agent", "x-me", "x-conversation-id"} <= head.headers
    assert not {"authorization", "cookie", "x-api-key", "x-forwarded-user"} & head.headers
    assert head.cookies == {"Sid"}
    assert head.hashed_headers == {"x-api-key"}
    assert {"mcp-method", "x-openwebui-user-id"} <= head.headers
    assert head.response_headers == {"content-type", "content-encoding", "x-vercel-ai-ui-message-stream"}
    assert head.query == {"u", "model", "deployment"} | QUERY
    assert head.jwt_headers == {"authorization"}
    assert "x-forwarded-user" in wanted(presets, "auto", Identity()).headers
    named = wanted(presets, ("openai-chat", "langfuse-score"), Identity())
    assert named.headers < wanted(presets, "auto", Identity()).headers
    assert "mcp-method" not in named.headers


def test_a_credential_is_hashed_for_no_preset_but_a_chosen_one(presets):
    """The README names the presets that know a session by its key."""
    assert wanted(presets, "auto", Identity()).hashed_headers == set()
    hashing = {name: wanted(presets, name, Identity()).hashed_headers for name in presets}
    hashing = {name: headers for name, headers in hashing.items() if headers}
    assert hashing == {"botpress-chat": {"x-user-key"}, "voiceflow": {"authorization"}}
    assert wanted(presets, ["auto", "voiceflow"], Identity()).hashed_headers == {"authorization"}
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8").partition("## What is stored")[2].partition("\n## ")[0]
    for name, headers in hashing.items():
        assert all(f"`{name}` (`{header}`)" in readme for header in headers)


words = st.sampled_from(
    [
        "messages",
        "role",
        "user",
        "content",
        "text",
        "type",
        "choices",
        "delta",
        "error",
        "id",
        "input",
        "output",
        "message",
        "answer",
    ]
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=4)),
    max_leaves=12,
)
bodies = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    st.lists(values, max_size=4).map(lambda items: b"".join(b"data: %b\n\n" % json.dumps(item).encode() for item in items)),
)
paths = st.sampled_from(
    [
        CHAT,
        "/v1/responses",
        "/v1/messages",
        "/webhooks/rest/webhook",
        "/v1/chat-messages",
        "/feedback",
        "/x",
        "/v1/messages/é/feedbacks",
        "/v1beta/models/g:streamGenerateContent",
        "/api/chat",
        "/model/m/converse-stream",
        "/v1/threads/thread_1/runs",
        "/threads/t/runs/stream",
        "/v3/directline/conversations/c/activities",
        "/v3/projects/p/locations/l/agents/a/sessions/s:detectIntent",
        "/api/v1/prediction/f",
        "/message:stream",
        "/v2/apps/a/conversations/c/passControl",
        "/api/public/scores",
    ]
)


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_anything_hostile_is_one_event_and_no_fault(understanding, data):
    draw = data.draw
    reader = understanding()
    headers = draw(
        st.dictionaries(
            st.sampled_from(["content-type", "content-encoding", "user-agent", "x-forwarded-user", "x-session-id"]),
            st.sampled_from(
                [
                    "application/json",
                    "text/event-stream",
                    "application/x-ndjson",
                    "application/vnd.amazon.eventstream",
                    "multipart/form-data; boundary=x",
                    "gzip",
                    "br",
                    "",
                    "\ud800",
                    "x" * 600,
                ]
            ),
        )
    )
    ending = draw(
        st.sampled_from(["complete", "client_gone", "upstream_broken", "upstream_unreachable", "timeout", "refused", "drained"])
    )
    made = Exchange(
        id="r:1",
        assistant="rh",
        at=0.0,
        client=draw(st.sampled_from(["", "127.0.0.1", "::1", "x", "fe80::1%eth0"])),
        method=draw(st.sampled_from(["POST", "GET", "PUT", "DELETE", "BREW"])),
        path=draw(paths) + draw(st.sampled_from(["", "/", "\udcff", "?"])),
        query={},
        headers=headers,
        request=Body(draw(bodies), ((5, 0.1),), chunked=draw(st.booleans()), cut=draw(st.booleans())),
        request_after=0.1,
        status=draw(st.sampled_from([None, 0, 100, 101, 200, 204, 304, 400, 404, 429, 500, 999])),
        answered_after=None,
        response_headers=draw(st.just(headers)),
        response=Body(draw(bodies), (), chunked=draw(st.booleans()), cut=draw(st.booleans())),
        ending=ending,
        ended_after=0.2,
        own=draw(st.booleans()),
    )
    reader._read(made)  # would raise what `read` turns into a fault
    assert len(reader.read(made)) == 1
    assert ("gap", "fault") not in reader.counts()
