"""Sentences of the workshop."""

from __future__ import annotations

from typing import Final

WORKSHOP: Final[dict[str, tuple[str, str]]] = {
    "workshop": ("Workshop", "Atelier"),
    "workshop.title": ("Rules of {assistant}", "Les règles de {assistant}"),
    "workshop.unmatched": ("What nothing understood", "Ce que rien n’a compris"),
    "workshop.unmatched.about": (
        "Routes since the observer’s start. A word of a path is shown once it is common; the rest is *.",
        "Chemins depuis le démarrage de l’observateur. Un mot d’un chemin paraît dès qu’il est courant ; le reste est *.",
    ),
    "workshop.unmatched.none": ("Everything was understood.", "Tout a été compris."),
    "workshop.route": ("Route", "Chemin"),
    "workshop.count": ("Exchanges", "Échanges"),
    "workshop.recent": ("Recent exchanges", "Échanges récents"),
    "workshop.recent.about": (
        "One each second at most: names of fields, kinds and sizes. No value is kept.",
        "Un par seconde au plus : noms de champs, types et tailles. Aucune valeur n’est conservée.",
    ),
    "workshop.recent.none": ("Nothing has passed yet.", "Rien n’est encore passé."),
    "workshop.request": ("Request", "Requête"),
    "workshop.answer": ("Answer", "Réponse"),
    "workshop.bytes": ("{count} bytes", "{count} octets"),
    "workshop.field": ("Field", "Champ"),
    "workshop.kind": ("Kind", "Type"),
    "workshop.times": ("Times", "Fois"),
    "workshop.size": ("Characters", "Caractères"),
    "workshop.kind.text": ("text", "texte"),
    "workshop.kind.number": ("number", "nombre"),
    "workshop.kind.flag": ("yes or no", "oui ou non"),
    "workshop.kind.nothing": ("nothing", "vide"),
    "workshop.marks": ("Rules that hit: {rules}", "Règles déclenchées : {rules}"),
    "workshop.outcome.turn": ("turn", "échange"),
    "workshop.outcome.rating": ("rating", "avis"),
    "workshop.outcome.neither": ("not counted: {reason}", "non compté : {reason}"),
    "workshop.try": ("Try a rule", "Essayer une règle"),
    "workshop.try.about": (
        "What you paste is looked at as kpi-proxy explain does, in a process of its own, and kept nowhere.",
        "Ce que vous collez est lu comme le fait kpi-proxy explain, dans un processus à part, et n’est conservé nulle part.",
    ),
    "workshop.try.kind": ("What", "Quoi"),
    "workshop.try.expression": ("an expression (JMESPath) on a body", "une expression (JMESPath) sur un corps"),
    "workshop.try.phrase": ("a phrase, and a pattern (RE2) if you like", "une phrase, et un motif (RE2) au besoin"),
    "workshop.try.exchange": ("a request and its answer", "une requête et sa réponse"),
    "workshop.try.rule": ("Expression, pattern, or method and path", "Expression, motif, ou méthode et chemin"),
    "workshop.try.sample": (
        "Sample (of an exchange: the request’s body, a line of ---, the answer’s body)",
        "Échantillon (d’un échange : corps de la requête, une ligne ---, corps de la réponse)",
    ),
    "workshop.try.go": ("Try", "Essayer"),
    "workshop.result": ("What comes of it", "Ce que cela donne"),
    "workshop.result.none": ("Nothing was found.", "Rien n’a été trouvé."),
}
