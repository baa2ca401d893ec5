"""Sentences of the monthly report: what a figure means, and what to do next. Each claims only what its interval allows."""

from __future__ import annotations

from typing import Final

REPORT: Final[dict[str, tuple[str, str]]] = {
    "report.topics": (
        "What to improve first: words of unanswered or handed-over questions of {people} people or more, {weeks}",
        "À améliorer d’abord : mots des questions sans réponse ou transférées d’au moins {people} personnes, {weeks}",
    ),
    "report.title": ("{assistant}: how it served people in {month}", "{assistant} : le service rendu en {month}"),
    "report.made": ("kpi-proxy {version}, definitions {definitions}", "kpi-proxy {version}, définitions {definitions}"),
    "report.running": (
        "The month is not over: its figures may still change.",
        "Le mois n’est pas terminé : ses chiffres peuvent encore changer.",
    ),
    "report.open": (
        "{count} sessions of this month are still open or settling and are in no figure.",
        "{count} sessions du mois sont en cours ou en attente de clôture et ne comptent dans aucun chiffre.",
    ),
    "report.nothing": ("No session of this month has settled.", "Aucune session close ce mois-ci."),
    "report.unset.title": ("Not configured", "Non configuré"),
    "report.unset": ("{names}: {hint}.", "{names} : {hint}."),
    "report.pages": ("Pages", "Pages"),
    "opinions.typed": (
        "In the chat itself {numerator} of {denominator} typed ratings were good ({value}); they are no part of satisfaction.",
        "Dans le chat même, {numerator} avis écrits sur {denominator} étaient positifs ({value}) ; ils sont hors satisfaction.",
    ),
    "opinions.sentiment": (
        "{value} of the decided messages sound negative, {undecided} of all are undecided (estimate, right on {accuracy}).",
        "{value} des messages tranchés sont négatifs, {undecided} de tous sont indécis (estimation, juste sur {accuracy}).",
    ),
    # audiences
    "audience.owner": ("For the assistant’s owner: quality", "Pour le responsable de l’assistant : la qualité"),
    "audience.operations": ("For operations: how it ran", "Pour l’exploitation : le fonctionnement"),
    "audience.cio": ("For the CIO: reliability and latency", "Pour le DSI : fiabilité et latence"),
    "audience.cfo": ("For the CFO: cost and value", "Pour le directeur financier : coût et valeur"),
    "audience.manager": ("For managers: use by their people", "Pour les managers : l’usage par leurs équipes"),
    # columns
    "column.figure": ("Figure", "Indicateur"),
    "column.value": ("Value", "Valeur"),
    "column.target": ("Target", "Objectif"),
    "column.state": ("State", "État"),
    "column.interval": ("95% interval", "Intervalle à 95 %"),
    "column.counted": ("Counted", "Base"),
    "column.before": ("Month before", "Mois précédent"),
    "column.change": ("Change", "Évolution"),
    "report.figures": ("The figures of this page", "Les chiffres de cette page"),
    "report.departments": ("By department, {range}", "Par service, {range}"),
    "report.departments.hidden": (
        "No department can be shown: each had too few people in some week of the month.",
        "Aucun service ne peut être montré : chacun a compté trop peu de personnes certaines semaines du mois.",
    ),
    "report.basis": ("What the figures rest on", "Sur quoi reposent les chiffres"),
    "report.next": ("Next:", "À faire :"),
    # change on the month before
    "change.points": ("{points} points", "{points} points"),
    "change.point": ("{points} points", "{points} point"),
    "change.higher": ("{by}, beyond chance", "{by}, au-delà du hasard"),
    "change.lower": ("{by}, beyond chance", "{by}, au-delà du hasard"),
    "change.chance": ("{by}, may be chance", "{by}, hasard possible"),
    "change.unjudged": ("{by}", "{by}"),
    "change.same": ("unchanged", "stable"),
    "change.none": ("no figure for the month before", "pas de chiffre le mois précédent"),
    # what it means
    "means.automation_rate.met": (
        "The assistant brought {value} of its sessions to a good end by itself, inside the band aimed at.",
        "L’assistant a mené seul à bien {value} de ses sessions, dans la fourchette visée.",
    ),
    "means.automation_rate.below": (
        "Only {value} of the sessions came to a good end without a human: less than aimed at.",
        "Seules {value} des sessions ont abouti sans humain : moins que l’objectif.",
    ),
    "means.automation_rate.above": (
        "{value} of the sessions count as automated: more than the band expects.",
        "{value} des sessions comptent comme automatisées : plus que la fourchette ne le prévoit.",
    ),
    "means.response_time.met": (
        "People wait {value} for a whole answer on average; {within} of the answers come within the target.",
        "Une réponse complète prend {value} en moyenne ; {within} des réponses tiennent l’objectif.",
    ),
    "means.response_time.not_met": (
        "People wait {value} for a whole answer on average, longer than aimed at; {within} of the answers come within it.",
        "Une réponse complète prend {value} en moyenne, plus que l’objectif ; {within} des réponses le tiennent.",
    ),
    "means.csat.met": (
        "{value} of the ratings are positive; {rated} of the sessions were rated.",
        "{value} des avis sont positifs ; {rated} des sessions ont été notées.",
    ),
    "means.csat.not_met": (
        "Only {value} of the ratings are positive; {rated} of the sessions were rated.",
        "Seuls {value} des avis sont positifs ; {rated} des sessions ont été notées.",
    ),
    "means.adoption.met": (
        "{value} of the people it is meant for use it in a week.",
        "{value} des personnes concernées l’utilisent chaque semaine.",
    ),
    "means.adoption.not_met": (
        "{value} of the people it is meant for use it in a week: fewer than aimed at.",
        "{value} des personnes concernées l’utilisent chaque semaine : moins que l’objectif.",
    ),
    "means.adoption.not_due": (
        "{value} of the people it is meant for use it in a week; the target is not due yet.",
        "{value} des personnes concernées l’utilisent chaque semaine ; l’échéance de l’objectif est à venir.",
    ),
    "means.handover_rate.met": (
        "{value} of the sessions went to a human, inside the band aimed at.",
        "{value} des sessions sont passées à un humain, dans la fourchette visée.",
    ),
    "means.handover_rate.below": (
        "Only {value} of the sessions went to a human: fewer than expected of an assistant that knows its limits.",
        "Seules {value} des sessions sont passées à un humain : moins qu’attendu d’un assistant qui connaît ses limites.",
    ),
    "means.handover_rate.above": (
        "{value} of the sessions went to a human: more than aimed at.",
        "{value} des sessions sont passées à un humain : plus que l’objectif.",
    ),
    "means.availability": (
        "The assistant was there for {value} of the questions; {count} met an error or no answer in time.",
        "L’assistant a répondu présent pour {value} des questions ; {count} ont rencontré une erreur ou un délai dépassé.",
    ),
    "means.response_time_within_target": (
        "{value} of the whole answers came within the target; {count} took longer.",
        "{value} des réponses complètes tiennent l’objectif ; {count} ont pris plus de temps.",
    ),
    "means.cost_per_automated_session": (
        "Each session that the assistant brought to a good end cost {value}; all taken together, a session cost {session}.",
        "Chaque session que l’assistant a menée à bien a coûté {value} ; toutes confondues, une session a coûté {session}.",
    ),
    "means.roi.gain": (
        "It saved more than it cost: a return of {value}, and between {low} and {high} as the assumptions are read.",
        "Il a fait économiser plus qu’il n’a coûté : retour de {value}, entre {low} et {high} selon la lecture des hypothèses.",
    ),
    "means.roi.loss": (
        "It cost more than it saved: a return of {value}, and between {low} and {high} as the assumptions are read.",
        "Il a coûté plus qu’il n’a fait économiser : retour de {value}, entre {low} et {high} selon la lecture des hypothèses.",
    ),
    "means.inconclusive": (
        "{value} ({counted}): the interval {interval} crosses the target, so this month does not tell whether it is met.",
        "{value} ({counted}) : l’intervalle {interval} chevauche l’objectif, ce mois ne permet pas de conclure.",
    ),
    "means.not_enough_data": (
        "Too little was counted to hold it against a target.",
        "Trop peu de données pour juger de l’objectif.",
    ),
    "means.not_given": ("No figure: {reason}.", "Pas de chiffre : {reason}."),
    # what to do next
    "next.automation_rate.met": (
        "most of what is lost ends as “{cause}” ({count} sessions): there is the most to win.",
        "l’essentiel des pertes finit en « {cause} » ({count} sessions) : c’est là qu’il y a le plus à gagner.",
    ),
    "next.automation_rate.below": (
        "begin with the {count} sessions that ended as “{cause}”, the largest loss.",
        "commencer par les {count} sessions finies en « {cause} », la première perte.",
    ),
    "next.automation_rate.above": (
        "only {confirmed} of the sessions are confirmed by the person; read a sample of the assumed ones before believing them.",
        "seules {confirmed} des sessions sont confirmées par la personne ; relire un échantillon des autres avant d’y croire.",
    ),
    "next.response_time.met": ("nothing; keep watching the slowest answers.", "rien ; surveiller les réponses les plus lentes."),
    "next.response_time.tail": (
        "one answer in twenty takes more than {p95}, beyond the target: look for the route, tool or model behind it.",
        "une réponse sur vingt dépasse {p95}, au-delà de l’objectif : chercher le chemin, l’outil ou le modèle en cause.",
    ),
    "next.response_time.not_met": (
        "half of the answers take {p50}, one in twenty more than {p95}: begin with whichever of the two is out of line.",
        "la moitié des réponses prend {p50}, une sur vingt plus de {p95} : commencer par celle des deux qui détonne.",
    ),
    "next.csat.met": ("nothing; read the bad ratings as they come.", "rien ; lire les mauvais avis au fil de l’eau."),
    "next.csat.not_met": (
        "read the sessions behind the {count} ratings that are not positive.",
        "relire les sessions derrière les {count} avis non positifs.",
    ),
    "next.csat.few": (
        "few people rate, and those who do may not speak for the others: ask for a rating at the end of each chat.",
        "peu de personnes notent, et elles ne parlent peut-être pas pour les autres : demander un avis en fin de conversation.",
    ),
    "next.adoption.met": ("nothing; keep the newcomers coming back.", "rien ; fidéliser les nouveaux venus."),
    "next.adoption.early": (
        "the target is for three months after the launch, on {day}: too early to hold it against the assistant.",
        "l’objectif vaut trois mois après le lancement, au {day} : trop tôt pour en tenir rigueur à l’assistant.",
    ),
    "next.adoption.not_met": (
        "ask the departments that use it least what keeps them away.",
        "demander aux services qui l’utilisent le moins ce qui les retient.",
    ),
    "next.handover_rate.met": (
        "nothing; {asked} of the sessions asked for a human.",
        "rien ; {asked} des sessions ont demandé un humain.",
    ),
    "next.handover_rate.below": (
        "{asked} of the sessions asked for a human: make sure that who asks for one gets one.",
        "{asked} des sessions ont demandé un humain : vérifier que qui en demande un l’obtient.",
    ),
    "next.handover_rate.above": (
        "{asked} of the sessions asked for a human: the rest was the assistant’s own doing and shows what it has to learn.",
        "{asked} des sessions ont demandé un humain : le reste vient de l’assistant et montre ce qu’il doit apprendre.",
    ),
    "next.availability.higher": (
        "nothing; it is better than the month before, beyond chance.",
        "rien ; c’est mieux que le mois précédent, au-delà du hasard.",
    ),
    "next.availability.lower": (
        "it is worse than the month before, beyond chance: look at the errors by class and at the day they began.",
        "c’est moins bien que le mois précédent, au-delà du hasard : voir les erreurs par classe et le jour où elles commencent.",
    ),
    "next.availability.steady": (
        "nothing; the difference from the month before may be chance.",
        "rien ; l’écart avec le mois précédent peut relever du hasard.",
    ),
    "next.availability.first": (
        "nothing yet; there is no month before to hold it against.",
        "rien encore ; il n’y a pas de mois précédent auquel le comparer.",
    ),
    "next.response_time_within_target.higher": (
        "nothing; more answers are in time than the month before, beyond chance.",
        "rien ; plus de réponses tiennent l’objectif que le mois précédent, au-delà du hasard.",
    ),
    "next.response_time_within_target.lower": (
        "fewer answers are in time than the month before, beyond chance: compare models, routes and the load of both months.",
        "moins de réponses le tiennent qu’au mois précédent, au-delà du hasard : comparer modèles, chemins et charge.",
    ),
    "next.response_time_within_target.steady": (
        "nothing; the difference from the month before may be chance.",
        "rien ; l’écart avec le mois précédent peut relever du hasard.",
    ),
    "next.response_time_within_target.first": (
        "nothing yet; there is no month before to hold it against.",
        "rien encore ; il n’y a pas de mois précédent auquel le comparer.",
    ),
    "next.cost.tokens": (
        "tokens are the largest part ({amount}): see which model they go to, and how long its inputs are.",
        "les tokens pèsent le plus ({amount}) : voir à quel modèle ils vont, et la longueur de ses entrées.",
    ),
    "next.cost.platform": (
        "fees by turn and session are the largest part ({amount}): they fall only with the price asked for.",
        "les frais par échange et par session pèsent le plus ({amount}) : ils ne baissent qu’avec le tarif.",
    ),
    "next.cost.fixed": (
        "what is paid by the month is the largest part ({amount}): each further automated session makes all of them cheaper.",
        "le fixe mensuel pèse le plus ({amount}) : chaque session automatisée de plus rend toutes les autres moins chères.",
    ),
    "next.roi.gain": (
        "nothing; it pays even where the assumptions are read at their worst. Have their sources confirmed once a year.",
        "rien ; il rapporte même avec la lecture la plus prudente. Faire confirmer les sources une fois l’an.",
    ),
    "next.roi.doubt": (
        "read at their worst the assumptions make it a loss: have them confirmed before relying on this figure.",
        "la lecture la plus prudente des hypothèses en fait une perte : les faire confirmer avant de s’y fier.",
    ),
    "next.roi.even": (
        "it breaks even at {needed} automated sessions; there were {had}. More people, or a lower cost.",
        "l’équilibre est à {needed} sessions automatisées ; il y en a eu {had}. Plus d’usagers, ou un coût moindre.",
    ),
    "next.roi.loss": (
        "nothing that it avoids is worth its cost yet: look at the assumptions, then at the cost.",
        "rien de ce qu’il évite ne vaut encore son coût : revoir les hypothèses, puis le coût.",
    ),
    "next.inconclusive": (
        "wait for more sessions, or judge over three months.",
        "attendre davantage de sessions, ou juger sur trois mois.",
    ),
    "next.not_enough_data": ("nothing can be concluded yet.", "rien à conclure pour l’instant."),
    # what the report assumes
    "assume.zone": ("Days and months are those of {zone}.", "Jours et mois sont ceux de {zone}."),
    "assume.settled": (
        "Shares of sessions rest on settled sessions of the month of their first message; test sessions are left out.",
        "Les parts de sessions reposent sur les sessions closes, rangées au mois de leur premier message ; tests exclus.",
    ),
    "assume.assumed": (
        "A session with a complete answer and no sign of the contrary counts as resolved; the confirmed share stands beside it.",
        "Une session avec réponse complète et sans signe contraire compte comme résolue ; la part confirmée figure à côté.",
    ),
    "assume.change": (
        "A change is told from chance by the 95% interval of the difference (Newcombe); means and counts are only compared.",
        (
            "Une évolution se distingue du hasard par l’intervalle à 95 % de la différence (Newcombe) ; moyennes et nombres"
            " sont seulement comparés."
        ),
    ),
    "assume.few": (
        "Lines have gaps where a share would rest on fewer than five; such days count in the month.",
        "Les courbes s’interrompent où une part porterait sur moins de cinq cas ; ces jours comptent dans le mois.",
    ),
    "assume.small": (
        "Figures about fewer than five people are not given.",
        "Les chiffres portant sur moins de cinq personnes ne sont pas donnés.",
    ),
}
