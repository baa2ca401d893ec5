"""The demo's people: who they are, how often they come, and since when.

780 people of one company, of whom a few contractors are not in its directory, and some who never try the assistant: the
directory lists 900. Most come about once a week: people who came twice a day with a question would be back so soon that no
resolution could be seen to last.
"""

from __future__ import annotations

import csv
import io
import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from proxy.demo.answers import dice
from proxy.demo.topics import Language

WEEKS: Final = 8
"""How long ago the demo's assistant was launched."""

VISITORS: Final = 780
CONTRACTORS: Final = 25
LISTED: Final = 900

_FIRST = """
    Adèle Amine Anaïs Antoine Aurore Basile Béatrice Bilal Camille Céline Clément Coline Damien Diane Élise Émile Fanny Farid
    Flore Gaspard Hélène Hugo Inès Ismaël Jade Jonas Karim Léa Léon Lina Malik Manon Maxence Nadia Nils Odile Oscar Pauline
    Quentin Rania
"""
_LAST = """
    Aubry Barbier Benali Besson Blanchet Carlier Chauvin Costa Delmas Diallo Esteve Faure Ferrand Garnier Guillot Haddad
    Jacquet Kessler Lacombe Lefort Maillard Mendes Nguyen Ollivier Pasquier Perrot Rolland Sabatier Tessier Vidal
"""
_DEPARTMENTS = (
    "Commerce",
    "Production",
    "Logistique",
    "Informatique",
    "Finance",
    "Ressources humaines",
    "Recherche",
)
_SHARES = (26, 34, 22, 18, 14, 12, 24)
_PROFILES = ("employee", "manager", "apprentice")


@dataclass(frozen=True, slots=True)
class Person:
    """`visits` a week once they come at all, `since` in weeks after launch; `stars` rate 1..5 instead of a thumb."""

    user: str
    department: str
    profile: str
    language: Language
    visits: float
    since: float
    listed: bool
    streams: bool
    stars: bool


def everyone() -> tuple[Person, ...]:
    """All people: first those who visit, then those who are only listed."""
    chance = dice("people")
    names = [(first, last) for first in _FIRST.split() for last in _LAST.split()]
    people = []
    for at, (first, last) in enumerate(chance.sample(names, LISTED + CONTRACTORS)):
        contractor = at < CONTRACTORS
        people.append(
            Person(
                user=_address(first, last, "partner.example" if contractor else "company.example"),
                department="" if contractor else chance.choices(_DEPARTMENTS, _SHARES)[0],
                profile="" if contractor else chance.choices(_PROFILES, (80, 12, 8))[0],
                language="fr" if chance.random() < 0.75 else "en",
                visits=chance.lognormvariate(-0.1, 0.5) if at < VISITORS else 0.0,
                # Many come in the first weeks, the last of them a week before the history ends.
                since=0.0 if chance.random() < 0.2 else chance.triangular(0, 7, 1),
                listed=not contractor,
                streams=chance.random() < 0.7,
                stars=chance.random() < 0.35,
            )
        )
    return tuple(people)


def _address(first: str, last: str, domain: str) -> str:
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode()
    return f"{plain.lower()}@{domain}"


def visitors() -> tuple[Person, ...]:
    """Those who come, sooner or later."""
    return tuple(person for person in everyone() if person.visits)


def write_directory(path: Path) -> None:
    """Write the directory of eligible people as CSV: user, department, profile. Readable by the owner alone."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("user", "department", "profile"))
    lines.writerows((person.user, person.department, person.profile) for person in everyone() if person.listed)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text.getvalue())
    part.replace(path)
