"""The directory: any usual CSV, every fault with its line, hashes only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.meaning.directory import Person, RowFault, read_directory
from proxy.meaning.hashing import Keyed

KEYED = Keyed(b"s" * 32)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_usual_files(delimiter):
    text = '\ufeffUser,Department,profile\r\nPaul@Example.org,RH,cadre\r\n\r\nu2,"Ventes, Sud",\r\n'.replace(
        ",", delimiter, 2
    ).replace("org,RH,", f"org{delimiter}RH{delimiter}")
    text = text.replace('u2,"Ventes, Sud",', f'u2{delimiter}"Ventes, Sud"{delimiter}')
    people, faults = read_directory(text, KEYED)
    assert faults == ()
    assert people == {KEYED.user("paul@example.org"): Person("RH", "cadre"), KEYED.user("u2"): Person("Ventes, Sud", "")}


def test_faults_have_lines():
    people, faults = read_directory("user,team\na,x\n,y\na,z\n", KEYED)
    assert len(people) == 1
    assert faults == (
        RowFault(1, 'unknown column "team"'),
        RowFault(3, "no user in this line"),
        RowFault(4, "this user is in an earlier line"),
    )


@pytest.mark.parametrize("text", ["", "\n\n", "name,team\na,b\n"])
def test_without_a_user_column(text):
    people, faults = read_directory(text, KEYED)
    assert people == {}
    assert 'the first line must name the columns, "user" among them' in [fault.message for fault in faults]


@given(st.text(max_size=200))
def test_any_text_no_exception(text):
    read_directory("user,department\n" + text, KEYED)
    read_directory(text, KEYED)
