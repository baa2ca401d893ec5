"""Every sentence of the pages in both languages. A key without one of them can't be written: the pair is the value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from proxy.console.formats import Language

CATALOGUE: Final[Mapping[str, tuple[str, str]]] = {
    # frame
    "title": ("How well {assistant} serves people", "La qualité de service de {assistant}"),
    "skip": ("Skip to the figures", "Aller aux chiffres"),
    "assistants": ("Assistant", "Assistant"),
    "period": ("Period", "Période"),
    "days.7": ("7 days", "7 jours"),
    "days.28": ("28 days", "28 jours"),
    "days.90": ("90 days", "90 jours"),
    "range": ("{first} to {last}", "du {first} au {last}"),
    "language": ("Language", "Langue"),
    "sign.out": ("Sign out", "Se déconnecter"),
    # live strip
    "live": ("Live", "En direct"),
    "live.label": ("The last hour, on this host", "La dernière heure, sur cette machine"),
    "live.rate": ("turns in the last minute", "échanges sur la dernière minute"),
    "live.p95": ("95% answered within", "95 % des réponses sous"),
    "live.errors": ("errors, last 15 min", "erreurs, 15 dernières min"),
    "live.open": ("open sessions", "sessions ouvertes"),
    "live.hour": ("turns per minute, last hour", "échanges par minute, 1 h"),
    "live.ok": (
        "Watching: {relays} of {wanted} relays, {lag} behind",
        "Observation : {relays} relais sur {wanted}, retard {lag}",
    ),
    "live.store": (
        "The store is away: figures wait, {pending} events kept here",
        "Le stockage ne répond pas : chiffres en attente, {pending} événements gardés ici",
    ),
    "live.relays": ("No relay is connected: nothing is seen", "Aucun relais connecté : rien n’est observé"),
    "live.dropped": ("{dropped} copies given up", "{dropped} copies abandonnées"),
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
    # states
    "empty.title": ("Waiting for the first conversation", "En attente de la première conversation"),
    "empty.text": (
        (
            "Point the clients of {assistant} at {listen}. What they say shows here within seconds, and in the figures once"
            " sessions settle."
        ),
        (
            "Dirigez les clients de {assistant} vers {listen}. Leurs échanges apparaissent ici en quelques secondes, et dans"
            " les chiffres une fois les sessions closes."
        ),
    ),
    "down.title": ("The figures can’t be read now", "Les chiffres sont momentanément illisibles"),
    "down.text": (
        (
            "The store does not answer. Traffic passes as always, and what is learned from it waits on this host: nothing is"
            " lost. This page will show the figures again when the store is back."
        ),
        (
            "Le stockage ne répond pas. Le trafic passe normalement et ce qui en est appris attend sur cette machine : rien"
            " n’est perdu. Les chiffres reviendront ici avec le stockage."
        ),
    ),
    "retry": ("Try again", "Réessayer"),
    "missing.title": ("There is nothing here", "Il n’y a rien ici"),
    "missing.text": ("This address belongs to no page of the console.", "Cette adresse ne mène à aucune page de la console."),
    "missing.assistant": ("There is no assistant of this name.", "Aucun assistant ne porte ce nom."),
    "fault.title": ("This page failed", "Cette page a échoué"),
    "fault.text": (
        "The reason is in the log. Traffic and figures are not touched by it.",
        "La raison est dans le journal. Le trafic et les chiffres ne sont pas touchés.",
    ),
    "refused.title": ("Not from this address", "Adresse refusée"),
    "refused.text": (
        "The console answers on loopback under localhost, 127.0.0.1 or [::1] only.",
        "La console ne répond en local que sous localhost, 127.0.0.1 ou [::1].",
    ),
    "home": ("To the first page", "Vers la première page"),
    # sign in
    "login.title": ("Sign in", "Connexion"),
    "login.text": (
        "The token is in the file that the setting console.token_file names.",
        "Le jeton est dans le fichier désigné par le réglage console.token_file.",
    ),
    "login.token": ("Token", "Jeton"),
    "login.go": ("Sign in", "Se connecter"),
    "login.wrong": ("This is not the token.", "Ce n’est pas le bon jeton."),
    # foot
    "foot.json": ("These figures as JSON", "Ces chiffres en JSON"),
    "foot.metrics": ("Metrics", "Métriques"),
    "foot.privacy": ("No message and no name is stored.", "Aucun message ni aucun nom n’est conservé."),
}


class Words:
    """The catalogue in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._at = 0 if language == "en" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The sentence with its values put in."""
        return CATALOGUE[key][self._at].format(**values)

    def reason(self, name: str | None) -> str:
        """Why a figure can't be given."""
        key = f"reason.{name}"
        return self(key if key in CATALOGUE else "reason.other")
