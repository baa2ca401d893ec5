import pytest

from proxy.settings.yaml import YamlError, read_yaml


def test_only_json_like_values_come_back():
    text = "a: no\nb: 2026-01-01\nc: 10:30\nd: 1e5\ne: 0x10\nf: 007\ng: true\nh:\ni: -3\nj: 1.5"
    assert read_yaml(text, "x") == {
        "a": "no", "b": "2026-01-01", "c": "10:30", "d": 1e5, "e": "0x10", "f": "007", "g": True, "h": None, "i": -3, "j": 1.5,
    }  # fmt: skip


def test_merge_keys_work_and_may_be_overridden():
    assert read_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}", "x") == {"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3", 3, 1),
        ("a: [1", 1, 6),
        ("a: 1\n b: 2", 2, 3),
        ("a: *b", 1, 4),
        ("a: !!python/object:x 1", 1, 4),
        ("? [a]", 1, 3),
    ],
)
def test_a_fault_has_its_place(text, line, column):
    with pytest.raises(YamlError) as caught:
        read_yaml(text, "x.yaml")
    assert (caught.value.name, caught.value.line, caught.value.column) == ("x.yaml", line, column)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{" * 100_000, "- " * 10_000, "a: " + "9" * 5000, "\0", "!!int x", "!!bool x", "!!map x"]
)
def test_hostile_texts_are_faults_too(text):
    with pytest.raises(YamlError):
        read_yaml(text, "x")
