"""What the page says that asks people for a rating."""

from __future__ import annotations

from typing import Final

SURVEY: Final[dict[str, tuple[str, str]]] = {
    "survey.title": ("Your rating", "Votre avis"),
    "survey.binary": ("Was this helpful?", "Cette réponse vous a-t-elle aidé\u202f?"),
    "survey.five": ("How helpful was this?", "Cet échange vous a-t-il été utile\u202f?"),
    "survey.nps": ("How likely are you to recommend it?", "Recommanderiez-vous cet assistant\u202f?"),
    "survey.up": ("Yes", "Oui"),
    "survey.down": ("No", "Non"),
    "survey.of": ("{n} of {most}", "{n} sur {most}"),
    "survey.ends": ("0: certainly not, 10: certainly", "0 : certainement pas, 10 : certainement"),
    "survey.taken": ("Thank you.", "Merci."),
    "survey.used": ("You have answered already. Thank you.", "Vous avez déjà répondu. Merci."),
    "survey.over": ("This link is not good any more.", "Ce lien n’est plus valable."),
    "survey.failed": ("That did not work. Please try again later.", "Cela n’a pas marché. Merci de réessayer plus tard."),
}
