"""Sentences about costs and value, for page and report alike."""

from __future__ import annotations

from typing import Final

VALUE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "value": ("Cost and value", "Coût et valeur"),
    "value.none": (
        "Cost and value are not configured: nothing is claimed about money. docs/value.md says what to set, with an example.",
        "Coût et valeur ne sont pas configurés : rien n’est affirmé sur l’argent. Que régler, et un exemple : docs/value.md.",
    ),
    "value.costs": ("What it cost", "Ce que cela a coûté"),
    "value.cost.tokens": ("Tokens", "Jetons"),
    "value.cost.platform": ("Platform, by turn and session", "Plateforme, par échange et session"),
    "value.cost.fixed": ("By the month", "Au mois"),
    "value.cost.total": ("Total", "Total"),
    "value.amount": ("Amount", "Montant"),
    "value.unset": ("not set", "non renseigné"),
    "value.unknown": (
        "Turns whose cost is not known: {share} ({count} of {turns}). The amounts are without them.",
        "Échanges au coût inconnu : {share} ({count} sur {turns}). Les montants sont sans eux.",
    ),
    "value.models": ("By model", "Par modèle"),
    "value.model": ("Model", "Modèle"),
    "value.turns": ("Turns", "Échanges"),
    "value.tokens.in": ("Input", "Entrée"),
    "value.tokens.cached": ("From a cache", "Lus en cache"),
    "value.tokens.written": ("To a cache", "Écrits en cache"),
    "value.tokens.out": ("Output", "Sortie"),
    "value.tokens.reasoning": ("Reasoning", "Raisonnement"),
    "value.price": ("Price", "Prix"),
    "value.price.table": ("yours", "le vôtre"),
    "value.price.list": ("published", "public"),
    "value.price.none": ("not known", "inconnu"),
    "value.nameless": ("(not named)", "(sans nom)"),
    "value.scenarios": ("What it is worth", "Ce que cela vaut"),
    "value.scenario": ("Scenario", "Scénario"),
    "value.low": ("Low", "Bas"),
    "value.base": ("Base", "Central"),
    "value.high": ("High", "Haut"),
    "value.automated": ("Automated sessions that count", "Sessions automatisées retenues"),
    "value.avoided_contacts": ("Contacts avoided", "Contacts évités"),
    "value.cost_avoided": ("Cost avoided", "Coût évité"),
    "value.triage_credit": ("Triage of handovers", "Tri des transferts"),
    "value.time_saved": ("Time saved", "Temps gagné"),
    "value.people": ("In full-time people", "En équivalents temps plein"),
    "value.net": ("Net", "Net"),
    "value.roi": ("Return on investment", "Retour sur investissement"),
    "value.break_even": ("Automated sessions to break even", "Sessions automatisées pour l’équilibre"),
    "value.note": (
        "Time saved is capacity, not cash. The low scenario counts confirmed resolutions only.",
        "Le temps gagné est de la capacité, pas de l’argent. Le scénario bas ne compte que les résolutions confirmées.",
    ),
    "value.span": (
        "The return is that of {first} to {last}, the days with both costs and assumptions.",
        "Le retour porte du {first} au {last}, les jours ayant coûts et hypothèses.",
    ),
    "value.assumptions": ("What it rests on", "Sur quoi cela repose"),
    "value.assume": (
        "From {day}{version}: {displacement} of automated sessions would have been a human’s, at {contact} a contact{handling}.",
        "Dès le {day}{version} : {displacement} des sessions automatisées évitent un humain, à {contact} le contact{handling}.",
    ),
    "value.assume.version": (" (version {version})", " (version {version})"),
    "value.assume.handling": (" of {time}", " de {time}"),
    "value.assume.triage": (
        "Triage saves {time} of each session handed over, at {amount} a minute.",
        "Le tri épargne {time} par session transférée, à {amount} la minute.",
    ),
    "value.assume.source": ("Source: {source}.", "Source : {source}."),
    "value.assume.scenarios": ("{low}, {base} or {high}", "{low}, {base} ou {high}"),
    "value.paid": (
        "From {day}: {monthly} a month, {turn} a turn, {session} a session.",
        "À partir du {day} : {monthly} par mois, {turn} par échange, {session} par session.",
    ),
}
