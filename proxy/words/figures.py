"""Sentences about figures, for page and report alike."""

from __future__ import annotations

from typing import Final

FIGURES: Final[dict[str, tuple[str, str]]] = {
    "range": ("{first} to {last}", "du {first} au {last}"),
    # the five
    "figures": ("The five figures", "Les cinq indicateurs"),
    "automation_rate": ("Automation", "Automatisation"),
    "response_time": ("Mean response time", "Temps de réponse moyen"),
    "csat": ("Satisfaction", "Satisfaction"),
    "adoption": ("Adoption", "Adoption"),
    "handover_rate": ("Handover to a human", "Transfert à un humain"),
    "about.automation_rate": (
        "Settled sessions that no human took over and that did not fail, end without an answer or get abandoned.",
        "Sessions closes sans relais humain, ni échec, ni absence de réponse, ni abandon.",
    ),
    "about.response_time": (
        "From the last byte of the question to the last byte of the answer, answered turns only.",
        "Du dernier octet de la question au dernier octet de la réponse, échanges répondus uniquement.",
    ),
    "about.csat": (
        "Ratings that are positive, among all ratings; neutral ones count in the total.",
        "Part des avis positifs parmi tous les avis ; les avis neutres comptent dans le total.",
    ),
    "about.adoption": (
        "Eligible people who used the assistant, among all who may use it.",
        "Personnes éligibles ayant utilisé l’assistant, parmi toutes celles qui y ont droit.",
    ),
    "about.handover_rate": (
        "Settled sessions with at least one handover to a human. Too few is a warning as well: errors may be hidden.",
        "Sessions closes comptant au moins un transfert à un humain. Trop peu alerte aussi : des erreurs sont peut-être cachées.",
    ),
    "aside.automation_rate": ("{value} confirmed", "{value} confirmés"),
    "aside.response_time": ("{value} within the target", "{value} dans l’objectif"),
    "aside.csat": ("{value} of sessions rated", "{value} des sessions notées"),
    "aside.adoption": ("{value} people in 28 days", "{value} personnes en 28 jours"),
    "aside.handover_rate": ("{value} asked for one", "{value} l’ont demandé"),
    "of.automation_rate": ("{numerator} of {denominator} sessions", "{numerator} sur {denominator} sessions"),
    "of.response_time": ("{n} answers", "{n} réponses"),
    "of.csat": ("{numerator} of {denominator} ratings", "{numerator} sur {denominator} avis"),
    "of.adoption": ("{numerator} of {denominator} people", "{numerator} sur {denominator} personnes"),
    "of.handover_rate": ("{numerator} of {denominator} sessions", "{numerator} sur {denominator} sessions"),
    "interval": ("interval {range}", "intervalle {range}"),
    "percentiles": ("50% in {p50}, 95% in {p95}", "50 % en {p50}, 95 % en {p95}"),
    "provisional": ("{value} with open ones", "{value} avec celles en cours"),
    "running": ("week in progress", "semaine en cours"),
    "target.between": ("target {range}", "objectif {range}"),
    "target.above": ("target {low} or more", "objectif {low} ou plus"),
    "target.below": ("target {high} or less", "objectif {high} ou moins"),
    # status
    "status.met": ("on target", "objectif tenu"),
    "status.not_met": ("off target", "hors objectif"),
    "status.below": ("below the band", "sous la fourchette"),
    "status.above": ("above the band", "au-dessus de la fourchette"),
    "status.inconclusive": ("too close to call", "non concluant"),
    "status.not_enough_data": ("not enough data", "pas assez de données"),
    "status.no_target": ("no target", "sans objectif"),
    # why there is no figure
    "reason.no_people": ("set people.directory or people.eligible", "renseigner people.directory ou people.eligible"),
    "reason.no_data": ("nothing counted in this period yet", "rien de compté sur cette période"),
    "reason.small_group": ("hidden: too few people", "masqué : trop peu de personnes"),
    "reason.other": ("can’t be given for this period", "non calculable sur cette période"),
    # chart and table
    "chart": ("{name}, day by day", "{name}, jour par jour"),
    "chart.soft": ("hollow: may still change", "point vide : peut encore changer"),
    "chart.empty": ("No figure for any day of this period yet.", "Aucun chiffre pour cette période."),
    "table": ("Show as a table", "Voir en tableau"),
    "table.day": ("Day", "Jour"),
    "table.value": ("Value", "Valeur"),
    "table.of": ("Counted", "Compté"),
    "table.state": ("State", "État"),
    "settled": ("settled", "définitif"),
    "soft": ("may still change", "provisoire"),
    # outcomes
    "outcomes": ("How sessions ended", "Comment finissent les sessions"),
    "outcomes.note": (
        "{count} settled sessions; {open} still open or settling.",
        "{count} sessions closes ; {open} en cours ou en attente de clôture.",
    ),
    "outcomes.excluded": ("{count} test sessions left out.", "{count} sessions de test écartées."),
    "outcomes.empty": (
        "No session has settled yet: each one settles some time after its last message.",
        "Aucune session close : chacune l’est quelque temps après son dernier message.",
    ),
    "outcome": ("Outcome", "Issue"),
    "sessions": ("Sessions", "Sessions"),
    "share": ("Share", "Part"),
    "outcome.resolved_confirmed": ("Resolved, confirmed", "Résolue, confirmée"),
    "outcome.resolved_assumed": ("Resolved, assumed", "Résolue, supposée"),
    "outcome.handed_over": ("Handed to a human", "Transférée à un humain"),
    "outcome.no_answer": ("Without an answer", "Sans réponse"),
    "outcome.abandoned": ("Abandoned", "Abandonnée"),
    "outcome.failed": ("Failed", "En échec"),
    # completeness
    "basis": ("What the figures rest on", "Sur quoi reposent les chiffres"),
    "basis.captured": ("turns captured whole", "échanges captés en entier"),
    "basis.decoded": ("understood", "compris"),
    "basis.attributed": ("tied to a conversation", "rattachés à une conversation"),
    "basis.dropped": ("exchanges missed", "échanges manqués"),
    "basis.definitions": ("definitions, version {version}", "définitions, version {version}"),
    "basis.zone": ("days in {zone}", "jours à l’heure de {zone}"),
    "basis.interval": ("intervals at 95%", "intervalles à 95 %"),
    "basis.none": ("no turn yet", "aucun échange"),
}
