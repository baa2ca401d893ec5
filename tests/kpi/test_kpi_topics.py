"""A theme opens with the parts of enough people, and with nothing less."""

from random import Random

from proxy.kpi.topics import CHECK, PRIME, ROOM, Topic, joined, opened, part_of, sealed

COEFFICIENTS = [Random(7).randrange(PRIME) for _ in range(5)]
LOCK = sealed("conge solde", COEFFICIENTS[0])


def parts(*people: int) -> dict[bytes, bytes]:
    return {person.to_bytes(8): part_of(COEFFICIENTS, person.to_bytes(8)) for person in people}


def test_any_people_open_it_once_they_are_enough():
    assert opened(LOCK, parts(3, 14, 159, 26, 2**64 - 1), 5) == "conge solde"
    assert opened(LOCK, parts(*range(1, 40)), 5) == "conge solde"


def test_too_few_people_open_nothing_even_who_takes_fewer_for_enough():
    assert opened(LOCK, parts(1, 2, 3, 4), 5) is None
    assert opened(LOCK, parts(1, 2, 3, 4), 4) is None


def test_parts_of_another_key_open_nothing():
    wrong = parts(1, 2, 3, 4) | {(5).to_bytes(8): bytes(16)}
    assert opened(LOCK, wrong, 5) is None


def test_what_is_sealed_tells_no_length():
    assert len(LOCK) == len(sealed("x", 1)) == ROOM + CHECK


def test_pairs_of_one_question_are_one_theme_and_others_stay_apart():
    pairs = [("astreinte", "prime"), ("nuit", "prime"), ("badge", "parking"), ("astreinte", "nuit")]
    found = [Topic(words=list(words), people=12, turns=20) for words in pairs]
    found.append(Topic(words=["prime", "vacance"], people=30, turns=31))
    assert [(each.words, each.people) for each in joined(found)] == [
        (["prime", "vacance"], 30),
        (["astreinte", "nuit", "prime"], 12),
        (["badge", "parking"], 12),
    ]
