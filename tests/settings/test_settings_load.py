"""From document to settings, or to every fault at once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.settings import load as loading
from proxy.settings.checks import Known
from proxy.settings.load import settings_of
from proxy.settings.model import Settings
from proxy.settings.problem import Problem, SettingsError
from proxy.settings.sources import Given
from proxy.settings.sources import given as overlays

KNOWN = Known(
    presets=frozenset({"openai-chat", "rasa-rest", "generic"}),
    markers=frozenset({"handover-fr", "handover-en", "no-answer", "tickets", "thanks"}),
)
NOWHERE = Path("/nowhere")
NOTHING = Given(values={}, origins={})


def read(text: str, over: Given = NOTHING) -> Settings | tuple[Problem, ...]:
    return settings_of(text, "kpi-proxy.yaml", over, base=NOWHERE, here=NOWHERE, known=KNOWN)


def settings(text: str, over: Given = NOTHING) -> Settings:
    outcome = read(text, over)
    assert isinstance(outcome, Settings), [str(problem) for problem in outcome]
    return outcome


def faults(text: str, over: Given = NOTHING) -> dict[str, str]:
    outcome = read(text, over)
    assert isinstance(outcome, tuple)
    found = {problem.path: f"{problem.what}, {problem.advice}" for problem in outcome}
    assert len(found) == len(outcome), "one problem for each place"
    return found


def test_one_line_is_enough():
    read_settings = settings("assistants: [{upstream: 'http://rasa:5005'}]")
    assert read_settings.assistants[0].upstream == "http://rasa:5005"
    assert read_settings.assistants[0].session.idle == 1800
    assert Path(read_settings.state).is_absolute()


def test_a_number_of_months_below_none_is_refused():
    assert "0 keeps all months" in faults("{reports: {keep: -1}, assistants: [{upstream: 'http://rasa:5005'}]}")["reports.keep"]


def test_values_are_read_as_they_are_written():
    text = """
        workers: 2
        capture: {limit: 64 KiB, total: 1MiB}
        limits: {first_byte_time: 1m30s, keep_alive: 0.5}
        assistants:
          - upstream: https://api.example.org/
            launched: 2026-02-01
            preset: [openai-chat, generic]
            targets: {csat: 85%, automation: [50%, 0.8]}
            people: {eligible: 150}
            ca_file:
            session:
    """
    found = settings(text)
    assistant = found.assistants[0]
    assert (found.capture.limit, found.capture.total) == (65536, 1048576)
    assert (found.limits.first_byte_time, found.limits.keep_alive) == (90, 0.5)
    assert assistant.upstream == "https://api.example.org"
    assert (assistant.launched, assistant.preset) == ("2026-02-01", ("openai-chat", "generic"))
    assert (assistant.targets.csat, assistant.targets.automation) == (0.85, (0.5, 0.8))


def test_every_fault_is_told_at_once_with_its_path_and_advice():
    found = faults("""
        consle: {}
        workers: 0
        state: [a]
        limits: {head: 1 MiBB}
        assistants:
          - upstream: rasa:5005
            name: RH Paris
            preset: openai-chatt
            identity: {usr: [], user: ["headr:x", "jwt:authorization"], trusted: [10.0.0.0/99]}
            session: {idle: 0.5, settle: soon}
            targets: {csat: 80, automation: [0.8, 0.5]}
            people: {directory: people.csv, eligible: 0}
            host: preserv
            verify: "yes"
            markers: {files: [thank], handover_tools: open_ticket}
    """)
    expected = {
        "consle": 'unknown, did you mean "console"?',
        "workers": "0 is not within 1 and 256",
        "state": "a list is not a path",
        "limits.head": 'did you mean "1 MiB"?',
        "assistants[0].upstream": 'did you mean "http://rasa:5005"?',
        "assistants[0].name": 'did you mean "rh-paris"?',
        "assistants[0].preset": 'did you mean "openai-chat"?',
        "assistants[0].identity.usr": 'unknown, did you mean "user"?',
        "assistants[0].identity.user[0]": 'did you mean "header"?',
        "assistants[0].identity.user[1]": "jwt:HEADER#CLAIM",
        "assistants[0].identity.trusted[0]": "is not a network",
        "assistants[0].session.idle": "shorter than 1 s",
        "assistants[0].session.settle": 'write "30m"',
        "assistants[0].targets.csat": 'did you mean "80%"?',
        "assistants[0].targets.automation": "did you mean [0.5, 0.8]?",
        "assistants[0].people.directory": "there is no file /nowhere/people.csv",
        "assistants[0].host": 'did you mean "preserve"?',
        "assistants[0].verify": "write true or false",
        "assistants[0].markers.files[0]": 'did you mean "thanks"?',
        "assistants[0].markers.handover_tools": "did you mean [open_ticket]?",
    }
    assert set(found) == {*expected, "assistants[0].people.eligible"}
    for path, what in expected.items():
        assert what in found[path], path


@pytest.mark.parametrize(
    ("text", "path", "what"),
    [
        ("a: [", "", "kpi-proxy.yaml:1:5"),
        ("workers: 1\nworkers: 2", "", 'kpi-proxy.yaml:2:1: the key "workers" is here twice'),
        ("- a", "the file", "keys and values"),
        ("", "assistants", "give --upstream URL"),
        ("assistants: {upstream: 'http://a'}", "assistants", "a list is wanted"),
        ("assistants: [3]", "assistants[0]", "keys and values"),
        ("assistants: [{}]", "assistants[0].upstream", "missing"),
        (
            "assistants: [{upstream: 'http://127.0.0.1:8080'}]",
            "assistants[0].upstream",
            "the proxy itself (assistants[0].listen)",
        ),
        ("assistants: [{upstream: 'http://localhost:8081'}]", "assistants[0].upstream", "the proxy itself (console.listen)"),
        ("assistants: [{upstream: 'http://a', listen: ':8081'}]", "assistants[0].listen", "taken by console.listen"),
        ("assistants: [{upstream: 'http://a/v1'}]", "assistants[0].upstream", 'did you mean "http://a"?'),
        ("assistants: [{upstream: 'http://u:p@a'}]", "assistants[0].upstream", "would not be sent"),
        ("assistants: [{upstream: 'http://a', listen: 8080}]", "assistants[0].listen", 'did you mean ":8080"?'),
        ("assistants: [{upstream: 'http://a', time_zone: Europe/Pari}]", "assistants[0].time_zone", '"Europe/Paris"'),
        ("assistants: [{upstream: 'http://a', launched: 2026-13-01}]", "assistants[0].launched", "YYYY-MM-DD"),
        (
            "assistants: [{upstream: 'http://a'}]\nconsole: {sign_on: {header: X-User}}",
            "console.sign_on.trusted",
            "nobody's word",
        ),
        (
            "assistants: [{upstream: 'http://a'}]\nconsole: {sign_on: {header: 'X User', trusted: [10.0.0.0/8]}}",
            "console.sign_on.header",
            "no name of a header",
        ),
        (
            "assistants: [{upstream: 'http://a'}]\nconsole: {sign_on: {header: X-User, trusted: [here]}}",
            "console.sign_on.trusted[0]",
            "not a network",
        ),
        (
            "assistants: [{upstream: 'http://a'}]\nconsole: {sign_on: {trusted: [10.0.0.0/8]}}",
            "console.sign_on.header",
            "is missing",
        ),
        (
            """\
assistants: [{upstream: 'http://a'}]
console: {sign_on: {header: X-User, trusted: [10.0.0.0/8], role: admin, department_header: X-D}}
""",
            "console.sign_on.role",
            "is not viewer",
        ),
        ("assistants: [{upstream: 'http://a'}]\nstore: {url: redis}", "store.url", "redis://"),
        ("assistants: [{upstream: 'http://a'}]\ncapture: {limit: 1GiB}", "capture.limit", "more than capture.total"),
        ("assistants: [{upstream: 'http://a'}]\nworkers: 1.5", "workers", "a whole number"),
        ("assistants: [{upstream: 'http://a'}]\nlimits: {pool: -1}", "limits.pool", "negative"),
    ],
)
def test_a_fault(text, path, what):
    found = faults(text)
    assert list(found) == [path]
    assert what in found[path]


def test_two_assistants_need_two_names_and_two_addresses():
    found = faults("assistants: [{upstream: 'http://a'}, {upstream: 'http://b'}]")
    assert set(found) == {"assistants[1].name", "assistants[1].listen"}


def test_a_wildcard_takes_the_port_on_every_interface():
    text = "assistants: [{upstream: 'http://a', name: a, listen: ':90'}, {upstream: 'http://b', name: b, listen: '10.0.0.1:90'}]"
    assert set(faults(text)) == {"assistants[1].listen"}


def test_two_marker_files_of_one_name_can_not_be_told_apart(tmp_path):
    (tmp_path / "thanks.yaml").write_text("title: mine")
    text = f"assistants: [{{upstream: 'http://a', markers: {{files: [thanks, {tmp_path}/thanks.yaml]}}}}]"
    assert "each marker file needs its own" in faults(text)["assistants[0].markers.files[1]"]


def test_the_command_line_wins_over_the_environment_and_that_over_the_file():
    over = overlays(
        {"--upstream": "http://option", "--listen": None},
        {"KPI_PROXY_UPSTREAM": "http://variable", "KPI_PROXY_LISTEN": ":9", "KPI_PROXY_WORKERS": "3", "KPI_PROXY_PRESET": ""},
    )
    found = settings("assistants: [{upstream: 'http://file', listen: ':7', preset: generic}]", over)
    assert (found.assistants[0].upstream, found.assistants[0].listen, found.workers) == ("http://option", ":9", 3)
    assert found.assistants[0].preset == "generic"


def test_a_fault_of_an_option_bears_the_name_of_the_option():
    over = overlays({"--upstream": "nope", "--workers": "many"}, {"KPI_PROXY_CONSOLE": "8081"})
    assert set(faults("", over)) == {"--upstream", "--workers", "KPI_PROXY_CONSOLE"}


def test_an_option_does_not_guess_among_assistants():
    text = "assistants: [{upstream: 'http://a', name: a}, {upstream: 'http://b', name: b, listen: ':9'}]"
    assert "does not say which" in faults(text, overlays({"--listen": ":1"}, {}))["--listen"]


def test_relative_paths_start_at_the_file_those_of_options_at_the_working_directory(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "people.csv").write_text("user\nann\n")
    file = tmp_path / "etc" / "kpi-proxy.yaml"
    file.write_text("assistants: [{upstream: 'http://a', people: {directory: people.csv}}]")
    found = loading.load({"--config": "etc/kpi-proxy.yaml", "--state": "state"}, {}, tmp_path, KNOWN)
    assert found.assistants[0].people.directory == str(tmp_path / "etc" / "people.csv")
    assert found.state == str(tmp_path / "state")


@pytest.mark.parametrize("content", [None, b"\xff", b"#" * (loading.FILE_LIMIT + 1)], ids=["absent", "not UTF-8", "too large"])
def test_a_file_that_can_not_be_read_is_a_fault(tmp_path, content):
    file = tmp_path / "kpi-proxy.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        loading.load({}, {"KPI_PROXY_CONFIG": str(file)}, tmp_path, KNOWN)
    assert [problem.path for problem in caught.value.problems] == ["--config"]


def test_off_loopback_a_token_opens_the_console(tmp_path):
    token = tmp_path / "token"
    text = f"assistants: [{{upstream: 'http://a'}}]\nconsole: {{listen: ':8081', token_file: {token}}}"
    assert "there is no file" in faults(text)["console.token_file"]
    token.write_text("short")
    assert "shorter than 16" in faults(text)["console.token_file"]
    token.write_text("0123456789abcdef\n")
    assert settings(text).console.token_file == str(token)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(
    ["assistants", "upstream", "session", "idle", "identity", "user", "people", "targets", "automation", "markers", "files",
     "console", "listen", "capture", "limits", "workers", "state", "store", "url", "preset", "launched", "name"]
)  # fmt: skip
documents = st.recursive(
    scalars | st.sampled_from(["http://a", "unix:/a", ":80", "10%", "30m", "1MiB", "[::1]:1", "~x/y", "http://[a", "\0", "a/b"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6),
    max_leaves=30,
)


@given(documents, st.sampled_from([NOTHING, overlays({"--upstream": "http://a", "--console": ":1", "--state": "s"}, {})]))
def test_any_document_becomes_settings_or_faults(document, over):
    text = json.dumps(document)  # JSON is YAML, but for the names of infinities
    outcome = read(text, over)
    assert isinstance(outcome, Settings) or (
        outcome and all(isinstance(problem, Problem) and str(problem) for problem in outcome)
    )


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>%@\"'#?,. \n\t\0é<"), max_size=60) | st.text(max_size=60))
def test_any_text_becomes_settings_or_faults(text):
    outcome = read(text)
    assert isinstance(outcome, Settings) or outcome
