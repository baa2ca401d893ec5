"""Tickets become days and numbers; what is wrong is told with its line."""

from datetime import date

import pytest

from proxy.cli import main
from proxy.settings.baseline import BaselineError, contacts, counted, written
from proxy.settings.model import Settings
from tests.settings.test_settings_value import load

EXPORT = """\ufeffid;Créé le;sujet
1;2026-09-01T08:00:00Z;"un mot; un autre
sur deux lignes"
2;2026-09-01 23:59;secret
3;03/09/2026;x
"""


def test_an_export_is_counted_by_day_and_nothing_else_is_kept():
    days = counted(EXPORT, None)
    assert days == {date(2026, 9, 1): {"": 2}, date(2026, 9, 2): {"": 0}, date(2026, 9, 3): {"": 1}}
    assert written(days) == "date,contacts\n2026-09-01,2\n2026-09-02,0\n2026-09-03,1\n"
    assert contacts(written(days)) == days


def test_departments_are_kept_apart_where_they_are_asked_for():
    export = 'date,team\n2026-09-01,HR\n2026-09-01,HR\n2026-09-03,"IT, North"\n'
    days = counted(export, None, "Team")
    assert days[date(2026, 9, 2)] == {"HR": 0, "IT, North": 0}
    assert written(days).splitlines()[:3] == ["date,contacts,department", "2026-09-01,2,HR", '2026-09-01,0,"IT, North"']
    assert contacts(written(days)) == days
    with pytest.raises(BaselineError, match="name one with --department"):
        counted(export, None, "desk")


def test_phases_need_contacts():
    found = load("{phases: [{from: 2026-09-01, departments: [HR]}, {from: 2026-09-01, departments: []}]}")
    assert isinstance(found, dict)
    assert "no contacts" in found["phases"]
    assert "names none" in found["phases[1].departments"]
    assert "phases[0]" in found["phases[1].from"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,when\n1,2026-09-01\n", "no such column; there are: id, when; name one with --date"),
        ("date\nsoon\n", 'line 2: "soon" is no date'),
        ("date\n2026-02-30\n", "line 2"),
        ("date\n", "no row"),
        ("", "line 1"),
        ('date\n"2026-09-01\n', "line"),
    ],
)
def test_an_export_that_can_not_be_counted(text, said):
    with pytest.raises(BaselineError, match=said):
        counted(text, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day,n\n", "line 1: the columns must be date,contacts"),
        ("date,contacts\n2026-09-01,-1\n", "line 2"),
        ("date,contacts\n2026-09-01,1\n2026-09-01,2\n", "line 3: 2026-09-01 is here twice"),
        ("date,contacts\n", "no day"),
    ],
)
def test_a_baseline_that_can_not_be_read(tmp_path, text, said):
    file = tmp_path / "baseline.csv"
    file.write_text(text)
    found = load(f"{{baseline: '{file}'}}")
    assert isinstance(found, dict)
    assert said in found["baseline"]


def test_a_file_that_is_not_there_is_told():
    found = load("{baseline: '/nowhere/baseline.csv'}")
    assert isinstance(found, dict)
    assert "No such file" in found["baseline"]


def test_the_command_makes_what_the_setting_reads(tmp_path, capsys):
    export, made = tmp_path / "tickets.csv", tmp_path / "made.csv"
    export.write_text(EXPORT.replace("Créé le", "Anlage"))
    assert main(["baseline", "import", str(export), "--output", str(made)]) == 1
    assert "name one with --date" in capsys.readouterr().err
    assert main(["baseline", "import", str(export), "--date", "anlage", "--output", str(made)]) == 0
    assert "3 contacts, 2026-09-01 to 2026-09-03" in capsys.readouterr().err
    assert "secret" not in made.read_text()
    assert isinstance(load(f"{{baseline: '{made}'}}"), Settings)
    assert main(["baseline", "import", str(tmp_path / "none.csv"), "--output", str(made)]) == 1
