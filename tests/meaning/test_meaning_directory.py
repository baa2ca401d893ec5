"""The directory: any usual CSV, every fault with its line, hashes only."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Turn
from proxy.meaning.directory import Person, RowFault, read_absences, read_aliases, read_directory
from proxy.meaning.hashing import Keyed
from proxy.relay.curtain import Curtain
from proxy.relay.plan import Wanted
from proxy.settings.people import Identity
from tests.meaning.conftest import SECRET

KEYED = Keyed(b"s" * 32)
ASKED = {"messages": [{"role": "user", "content": "Bonjour"}]}
ANSWER = {"choices": [{"message": {"content": "Bonsoir"}, "finish_reason": "stop"}]}


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


def test_aliases_make_several_ids_one_person():
    aliases, faults = read_aliases("alias;user\nP123;paul@x.org\npaul.old@x.org;paul@x.org\n", KEYED)
    assert faults == ()
    known = Keyed(b"s" * 32, aliases)
    assert known.user("P123") == known.user("Paul.Old@x.org") == known.user("paul@x.org") == KEYED.user("paul@x.org")
    assert known.user("p124") == KEYED.user("p124")


def shown(**head: str) -> dict[str, str]:
    """What a relay ships of some headers."""
    curtain = Curtain(Wanted(hashed_headers=frozenset({"x-api-key"}), cookies=frozenset({"sid"})), SECRET)
    return dict(curtain.request([(name.replace("_", "-").encode(), value.encode()) for name, value in head.items()]))


def test_people_of_whom_only_a_hash_is_seen_are_listed_by_what_is_hashed(understanding, exchange):
    listed = "user,department\ncookie:c=é1,HR\nhash:Key 2,IT\nc=é1,Sales\n"
    people, faults = read_directory(listed, Keyed(SECRET))
    assert (len(people), faults) == (3, ()), "as a cookie it is another than as a name"
    identity = Identity(user=("cookie:sid", "hash:x-api-key"), exclude=("cookie:robot*", "hash:ops"))
    reader = understanding(people, identity=identity)

    def turn(**head: str) -> Turn:
        (found,) = reader.read(exchange("/v1/chat/completions", ASKED, ANSWER, headers=shown(**head)))
        assert isinstance(found, Turn)
        return found

    assert (turn(cookie="a=b; sid=c=é1").department, turn(x_api_key="Key 2").department) == ("HR", "IT")
    assert (turn(cookie="sid=robot*").excluded, turn(x_api_key="ops").excluded) == (True, True)
    assert (turn(cookie="sid=robot1").excluded, turn(x_api_key="Key 3").department) == (False, ""), "a hash has no pattern"


def test_a_directory_may_list_people_by_an_alias():
    aliases, _ = read_aliases("alias,user\nP123,paul@x.org\n", KEYED)
    people, _ = read_directory("user,department\nP123,RH\n", Keyed(b"s" * 32, aliases))
    assert people == {KEYED.user("paul@x.org"): Person("RH", "")}


def test_aliases_that_can_not_be_followed_are_faults():
    aliases, faults = read_aliases("alias,user\na,a\nb,c\nb,d\ne,b\n,x\n", KEYED)
    assert aliases == {KEYED.user("b"): KEYED.user("c")}
    assert [(fault.line, fault.whole) for fault in faults] == [(2, False), (4, False), (6, False), (1, False)]
    assert read_aliases("user\na\n", KEYED)[1][-1].whole


def test_a_reader_goes_by_a_new_directory_at_once(understanding, exchange):
    reader = understanding()
    keyed = Keyed(b"0123456789abcdef0123456789abcdef")
    asked = {"messages": [{"role": "user", "content": "Bonjour"}], "user": "P123"}
    answer = {"choices": [{"message": {"content": "Bonsoir"}, "finish_reason": "stop"}]}
    (before,) = reader.read(exchange("/v1/chat/completions", asked, answer))
    paul = keyed.user("paul@x.org")
    reader.know({paul: Person("RH", "cadre")}, {keyed.user("P123"): paul})
    (after,) = reader.read(exchange("/v1/chat/completions", asked, answer))
    assert (before.user, before.eligible) == (keyed.user("P123"), False)
    assert (after.user, after.eligible, after.department) == (paul, True, "RH")


def test_days_that_can_not_be_read_are_faults_and_not_known():
    people, faults = read_directory("user,joined,left\nann,2026-10-14,31/12/2026\n", KEYED)
    assert people == {KEYED.user("ann"): Person(joined=date(2026, 10, 14))}
    assert faults == (RowFault(2, '"left" is no date like 2026-10-31'),)
    away = (
        "user,from,to\nann,2026-10-19,2026-10-23\nann,x,2026-10-23\nann,2026-10-23,2026-10-19\nstranger,2026-10-19,2026-10-23\n"
    )
    people, faults = read_absences(away, people, KEYED)
    assert [fault.line for fault in faults] == [3, 4]
    (ann,) = people.values()
    assert (ann.away(date(2026, 10, 19)), ann.away(date(2026, 10, 26))) == (True, False)
