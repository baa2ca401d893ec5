from pathlib import Path

from proxy.settings.checks import Known
from proxy.settings.load import settings_of
from proxy.settings.model import Settings
from proxy.settings.sources import Given
from proxy.settings.summary import summary

TEXT = """
assistants:
  - upstream: http://rasa:5005
    name: rh
    preset: [rasa-rest, generic]
    session: {settle: 90s}
    targets: {csat: 85%}
    probes: [{name: home}, {name: canary, interval: 5m}]
capture: {limit: 64KiB}
store: {url: "rediss://user:hunter2@redis:6379/0"}
"""
KNOWN = Known(
    presets=frozenset({"rasa-rest", "generic"}),
    markers=frozenset({"handover-fr", "handover-en", "no-answer", "tickets", "thanks"}),
)


def lines() -> list[str]:
    here = Path("/nowhere")
    settings = settings_of(TEXT, "x", Given(values={}, origins={}), base=here, here=here, known=KNOWN)
    assert isinstance(settings, Settings)
    return summary(settings).splitlines()


def test_what_matters_first_then_what_is_not_the_default():
    assert lines() == [
        "rh: 127.0.0.1:8080 -> http://rasa:5005 (preset rasa-rest, generic)",
        "  session.settle = 90s",
        "  targets.csat = 0.85",
        "  probes[0].name = home",
        "  probes[1].name = canary",
        "  probes[1].interval = 5m",
        "console: 127.0.0.1:8081",
        "store: rediss://redis:6379/0",
        f"state: {Path('~/.local/state/kpi-proxy').expanduser()}",
        "capture.limit = 64KiB",
    ]


def test_the_password_of_the_store_is_not_shown():
    assert "hunter2" not in "\n".join(lines())
