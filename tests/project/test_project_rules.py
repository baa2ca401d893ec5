"""Faults of rules are told with those of the settings."""

from proxy.cli import main
from proxy.rules import rules_problems
from proxy.settings.files import config_dir
from proxy.settings.load import load


def test_a_marker_file_of_the_operator_is_checked_too(tmp_path, capsys):
    (tmp_path / "mine.yaml").write_text("phrasez: {}\n")
    (tmp_path / "torn.yaml").write_text("a: [\n")
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("workers: 0\nassistants: [{upstream: 'http://a', markers: {files: [./mine.yaml]}}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "workers: 0 is not within" in capsys.readouterr().err
    settings.write_text("assistants: [{upstream: 'http://a', markers: {files: [./mine.yaml]}}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "phrasez" in capsys.readouterr().err
    settings.write_text("assistants: [{upstream: 'http://a', markers: {files: [./torn.yaml]}}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "torn.yaml:2:1" in capsys.readouterr().err


def test_what_ships_has_no_fault(capsys):
    assert main(["check", "--upstream", "http://assistant"]) == 0
    assert capsys.readouterr().out.startswith("assistant: 127.0.0.1:8080 -> http://assistant (preset auto)\n")


def test_an_example_that_comes_out_otherwise_is_a_fault(tmp_path, capsys):
    shipped = (config_dir() / "markers" / "thanks.yaml").read_text("utf-8")
    (tmp_path / "thanks.yaml").write_text(shipped.replace('["merci", true]', '["merci", false]'))
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("assistants: [{upstream: 'http://a', markers: {files: [./thanks.yaml]}}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "'merci' is judged True, not False" in capsys.readouterr().err


OWN = """\
id: front-desk
title: Our front desk
match: {path: ^/desk/say$}
shape: words
request: {text: words, conversation: [visit]}
response: {text: reply}
examples:
  match:
    - path: /desk/say
      request: {words: Bonjour, visit: v1}
      response: {reply: Bonjour !}
      expect: {user_text: Bonjour, conversation: v1, text: Bonjour !}
"""


def test_a_preset_of_the_operator_is_named_by_path_and_checked(tmp_path, capsys):
    (tmp_path / "front-desk.yaml").write_text(OWN)
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("assistants: [{upstream: 'http://a', preset: ./front-desk.yaml}]\n")
    assert main(["check", "--config", str(settings)]) == 0
    (tmp_path / "front-desk.yaml").write_text(OWN.replace("text: reply}", "text: answer}"))
    assert main(["check", "--config", str(settings)]) == 2
    assert "presets/front-desk.examples.match[0].expect.text: '' was read" in capsys.readouterr().err
    settings.write_text("assistants: [{upstream: 'http://a', preset: [generic, ./gone.yaml]}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "assistants[0].preset[1]: there is no file" in capsys.readouterr().err


def test_an_own_preset_may_not_be_called_as_one_that_ships(tmp_path, capsys):
    (tmp_path / "generic.yaml").write_text(OWN.replace("front-desk", "generic"))
    settings = tmp_path / "kpi-proxy.yaml"
    settings.write_text("assistants: [{upstream: 'http://a', preset: ./generic.yaml}]\n")
    assert main(["check", "--config", str(settings)]) == 2
    assert "give the file another name" in capsys.readouterr().err


def test_an_own_preset_on_the_command_line_starts_at_the_working_directory(tmp_path):
    (tmp_path / "front-desk.yaml").write_text(OWN)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "kpi-proxy.yaml").write_text("assistants: [{upstream: 'http://a'}]\n")
    found = load({"--config": "etc/kpi-proxy.yaml", "--preset": "./front-desk.yaml"}, {}, tmp_path)
    assert found.assistants[0].preset == str(tmp_path / "front-desk.yaml")
    assert rules_problems(found) == []
