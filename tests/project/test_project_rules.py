"""Faults of rules are told with those of the settings."""

from proxy.cli import main
from proxy.settings.files import config_dir


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
